/*
 * f64 and f32 to text: the shortest digits by Schubfach, a fixed number of decimals by whole-number
 * arithmetic.
 *
 * R. Giulietti, "The Schubfach way to render doubles", 2020-2022.  The powers of ten are those of
 * the reader, with 128 bits instead of the paper's 126.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "bigint.h"
#include "digits.h"
#include "float_format.h"
#include "integer.h"
#include "powers.h"

/* A finite, positive number: c x 2^q; 'closer' when the neighbour below is half as far away as the
 * one above. */
struct binary {
	uint64_t c;
	int q;
	bool closer;
};

/* digits x 10^exponent, 0 < digits < 10^17 */
struct decimal {
	uint64_t digits;
	int exponent;
};

static inline struct binary unpack(uint64_t bits, int fraction, int bias)
{
	uint64_t one = UINT64_C(1) << fraction, c = bits & (one - 1);
	int field = (int)(bits >> fraction);

	if (field == 0)
		return (struct binary){c, 1 - bias - fraction, false};
	return (struct binary){c | one, field - bias - fraction, c == 0 && field > 1};
}

/*
 * floor(g x n / 2^128), its lowest bit set if anything is left: the paper's rounding to odd, after
 * which comparisons with whole numbers are those of the exact value.
 *
 * g is off by less than one unit, and n < 2^60, so the product by less than 2^-68.  Where 10^-k has
 * k > 0, g is too great: where the exact product is whole, the 64 bits of fraction are still 0.
 * Where k <= 0, g is exact or too small, and then the exact product is never whole.  Elsewhere the
 * fraction is not 0, and not carried over a whole number: by a search of all exponents with
 * continued fractions it is from 2^-62.5 to 1 - 2^-63.5 for k <= 0 (so that the paper's floor + 1
 * throughout would change nothing), up to 1 - 2^-62.2 for k > 0, and there at least 2^-63.6 but for
 * one n with 2^664, whose whole part is odd, so that no comparison changes.
 */
FL_INLINE uint64_t scale_to_odd(fl_wide g, uint64_t n)
{
	fl_wide upper = fl_multiply(n, g.high);
	uint64_t fraction = upper.low + fl_multiply(n, g.low).high;

	return (upper.high + (fraction < upper.low)) | (fraction != 0);
}

/*
 * 1262611 / 2^22 is just above log10(2), 524031 / 2^22 just below log10(4/3).  The floors of
 * log10(2^q), and of log10(3/4 x 2^q) if 'closer'; 512 keeps what is shifted positive.
 */
static inline int log10_of(int q, bool closer)
{
	int64_t scaled = INT64_C(1262611) * q - (closer ? 524031 : 0) + (INT64_C(512) << 22);

	return (int)(scaled >> 22) - 512;
}

/*
 * The values that round to c x 2^q reach from (4c - 2) to (4c + 2), in units of 2^(q-2), or from 4c
 * - 1 if closer; the ends belong to them if c is even.  With k such that they span 1 to 10 units of
 * 10^k, at most one multiple of 10^(k+1) lies between; it is shorter than anything else.  If there
 * is none, one of the two multiples of 10^k around the value is in, and if both are the nearer is
 * taken.  All in quarters of 10^k.
 *
 * Unless closer, the nearer multiple of 10^k is in if any is.  There, what random values decide
 * either way is computed, not jumped over.
 */
FL_INLINE struct decimal shortest_of(struct binary v, bool closer)
{
	int k = log10_of(v.q, closer);
	unsigned shift = (unsigned)(v.q + fl_log2_ten(-k) + 1);
	fl_wide g = fl_powers[-k - FL_POWER_MIN];
	uint64_t odd = v.c & 1, low, high, value, unit, ten, digits, shorter;
	bool below_ten, above_ten;

	low = scale_to_odd(g, (4 * v.c - 2 + closer) << shift) + odd;
	value = scale_to_odd(g, 4 * v.c << shift);
	high = scale_to_odd(g, (4 * v.c + 2) << shift) - odd;

	unit = value / 4;
	ten = unit / 10;
	below_ten = low <= 40 * ten;
	above_ten = 40 * ten + 40 <= high;
	digits = unit + ((value & 3) + (unit & 1) > 2);
	if (closer && low > 4 * unit)
		digits = unit + 1;
	shorter = 10 * (ten + above_ten);
	digits ^= (digits ^ shorter) & (0 - (uint64_t)(below_ten | above_ten));
	return (struct decimal){digits, k};
}

/* A power of two: not worth its place among the others. */
static FL_NOINLINE struct decimal shortest_uneven(struct binary v)
{
	return shortest_of(v, true);
}

FL_INLINE struct decimal shortest(struct binary v)
{
	return v.closer ? shortest_uneven(v) : shortest_of(v, false);
}

/* The characters of 'word' up to index 'last', then those of 'next'. */
static inline uint64_t join(uint64_t word, uint64_t next, unsigned last)
{
	uint64_t keep = UINT64_MAX >> (56 - 8 * last);

	return (word & keep) | (next & ~keep);
}

/* e-05 to e+308: eight bytes are written.  No jump depends on whether there are three digits. */
FL_INLINE size_t put_exponent(char *out, int exponent)
{
	unsigned negative = exponent < 0, e = (unsigned)(negative ? -exponent : exponent);
	unsigned ndigits = 2 + (e >= 100);
	uint64_t digits = (fl_four_digits_of(e) | (uint32_t)FL_ZEROS) >> 8 * (4 - ndigits);

	fl_store64(out, 'e' | ('+' + 2 * negative) << 8 | digits << 16); /* '+' + 2 is '-' */
	return 2 + ndigits;
}

/*
 * 17 digits, the first not 0: two words of eight characters and the last.  They are stored one byte
 * further than the digits before the point belong, and those then again where they do, so nothing
 * is read back from memory.
 */
FL_INLINE size_t put_digits(char *out, uint64_t digits, int power)
{
	uint64_t tail = digits % 1000000000;
	uint64_t a = fl_digits_of((uint32_t)(digits / 1000000000)), b = fl_digits_of((uint32_t)(tail / 10));
	unsigned last = (unsigned)(tail % 10);
	size_t n = b ? 16 - fl_high_zeros(b) / 8 : 8 - fl_high_zeros(a) / 8;
	char *shifted = power < 0 && power >= -4 ? out + 1 - power : out + 1;

	n += (17 - n) & (0 - (size_t)(last != 0)); /* 17 if there is a last one, without a jump */
	a |= FL_ZEROS;
	b |= FL_ZEROS;
	if (shifted != out + 1)
		fl_store64(out, FL_ZEROS);
	fl_store64(shifted, a);
	fl_store64(shifted + 8, b);
	shifted[16] = (char)('0' + last);
	if (power < -4 || power >= 16) {
		out[0] = (char)(a & 0xff);
		out[1] = '.';
		n += n > 1;
		return n + put_exponent(out + n, power);
	}
	if (power < 0) {
		out[1] = '.';
		return n + 1 + (size_t)-power;
	}
	if (power < 8) {
		fl_store64(out, join(a, a << 8, (unsigned)power));
	} else {
		fl_store64(out, a);
		fl_store64(out + 8, join(b, b << 8, (unsigned)power - 8));
	}
	out[power + 1] = '.';
	return n > (size_t)power + 1 ? n + 1 : (size_t)power + 1;
}

static inline unsigned count_digits(uint64_t value)
{
	unsigned n = (64 - fl_high_zeros(value)) * 1233 >> 12; /* 1233 / 2^12 is just above log10(2) */

	return n + (value >= fl_ten[n]);
}

static size_t put_name(char *out, bool nan)
{
	memcpy(out, nan ? "nan" : "inf", 3);
	return 3;
}

FL_INLINE size_t put_shortest(char *out, struct binary v)
{
	struct decimal d;
	unsigned n;

	/* A whole number below 2^53 is its own shortest text: its neighbours are at most 1 away. */
	if (v.q <= 0 && v.q > -53 && (v.c & ((UINT64_C(1) << -v.q) - 1)) == 0)
		return fl_format_u64(out, v.c >> -v.q);
	d = shortest(v);
	n = count_digits(d.digits);
	return put_digits(out, d.digits * fl_ten[17 - n], d.exponent + (int)n - 1);
}

size_t fl_format_f64(char *out, double value)
{
	uint64_t bits = fl_bits_f64(value), magnitude = bits << 1 >> 1;
	size_t negative = bits >> 63;

	*out = '-';
	out += negative;
	if (magnitude == 0) {
		*out = '0';
		return negative + 1;
	}
	if (magnitude >> 52 == 2047)
		return negative + put_name(out, magnitude << 12 != 0);
	return negative + put_shortest(out, unpack(magnitude, 52, 1023));
}

size_t fl_format_f32(char *out, float value)
{
	uint32_t bits = fl_bits_f32(value), magnitude = bits << 1 >> 1;
	size_t negative = bits >> 31;

	*out = '-';
	out += negative;
	if (magnitude == 0) {
		*out = '0';
		return negative + 1;
	}
	if (magnitude >> 23 == 255)
		return negative + put_name(out, magnitude << 9 != 0);
	return negative + put_shortest(out, unpack(magnitude, 23, 127));
}

/* a / 2^nbits, 0 < nbits < 128, rounded to the nearest, ties to even; false when it does not fit a
 * word. */
static bool round_off(fl_wide a, unsigned nbits, uint64_t *quotient)
{
	uint64_t rest_high, rest_low, half_high, half_low;
	bool up;

	if (nbits >= 64) {
		unsigned over = nbits - 64;

		*quotient = a.high >> over;
		rest_high = a.high & ((UINT64_C(1) << over) - 1);
		rest_low = a.low;
		half_high = over ? UINT64_C(1) << (over - 1) : 0;
		half_low = over ? 0 : UINT64_C(1) << 63;
	} else {
		if (a.high >> nbits != 0)
			return false;
		*quotient = a.high << (64 - nbits) | a.low >> nbits;
		rest_high = half_high = 0;
		rest_low = a.low & ((UINT64_C(1) << nbits) - 1);
		half_low = UINT64_C(1) << (nbits - 1);
	}
	up = rest_high > half_high || (rest_high == half_high && rest_low > half_low);
	if (rest_high == half_high && rest_low == half_low)
		up = *quotient & 1;
	*quotient += up;
	return *quotient != 0 || !up;
}

/* v x 10^decimals as a whole number, for what fits 128 bits on the way and 64 in the end */
static bool scale_small(struct binary v, unsigned decimals, uint64_t *scaled)
{
	if (decimals > 19 || v.q > 0)
		return false;
	if (v.q <= -128) { /* below 2^53 x 10^19 / 2^128, so far below a half: zero, too */
		*scaled = 0;
		return true;
	}
	if (v.q == 0) {
		fl_wide product = fl_multiply(v.c, fl_ten[decimals]);

		*scaled = product.low;
		return product.high == 0;
	}
	return round_off(fl_multiply(v.c, fl_ten[decimals]), (unsigned)-v.q, scaled);
}

/* Puts the point before the last 'decimals' of the n > decimals digits at 'out'. */
static size_t put_point(char *out, size_t n, unsigned decimals)
{
	if (decimals == 0)
		return n;
	memmove(out + n - decimals + 1, out + n - decimals, decimals);
	out[n - decimals] = '.';
	return n + 1;
}

/* At least 'least' digits, zeros in front where the number has fewer. */
static size_t put_padded(char *out, uint64_t value, size_t least)
{
	char text[FL_INTEGER_MAX];
	size_t n = fl_format_u64(text, value), pad = n < least ? least - n : 0;

	memset(out, '0', pad);
	memcpy(out + pad, text, sizeof text);
	return pad + n;
}

static size_t put_bigint(char *out, fl_bigint *value, size_t least)
{
	uint32_t chunk[FL_BIGINT_LIMBS * 32 / 29 + 1]; /* nine digits each, and 10^9 > 2^29 */
	size_t n = 0, used;

	do
		chunk[n++] = fl_bigint_divide(value, 1000000000);
	while (value->nlimbs > 0);
	used = n * 9 < least ? (least - n * 9) : 0;
	memset(out, '0', used);
	used += put_padded(out + used, chunk[n - 1], used ? 9 : least > (n - 1) * 9 ? least - (n - 1) * 9 : 1);
	while (--n > 0)
		used += put_padded(out + used, chunk[n - 1], 9);
	return used;
}

static size_t put_exact(char *out, struct binary v, unsigned decimals)
{
	int power = v.q + (int)decimals;
	fl_bigint scaled;

	fl_bigint_set(&scaled, v.c);
	fl_bigint_multiply_five(&scaled, decimals);
	if (power >= 0)
		fl_bigint_shift_left(&scaled, (unsigned)power);
	else
		fl_bigint_shift_right_rounded(&scaled, (unsigned)-power);
	return put_bigint(out, &scaled, decimals + 1);
}

size_t fl_format_f64_fixed(char *out, double value, unsigned decimals)
{
	uint64_t bits = fl_bits_f64(value), magnitude = bits << 1 >> 1, scaled;
	size_t negative = bits >> 63, n;
	struct binary v;

	*out = '-';
	out += negative;
	if (magnitude >> 52 == 2047)
		return negative + put_name(out, magnitude << 12 != 0);
	decimals = decimals < FL_FIXED_DECIMALS ? decimals : FL_FIXED_DECIMALS;
	v = unpack(magnitude, 52, 1023);
	if (scale_small(v, decimals, &scaled))
		n = put_padded(out, scaled, decimals + 1);
	else
		n = put_exact(out, v, decimals);
	return negative + put_point(out, n, decimals);
}
