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
#include "fill.h"
#include "float_cell.h"
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

/*
 * How 17 digits stand in a cell, by the power of ten of the first of them.  They are 8 + 8 + 1, in three words at FL_FLOAT_FIRST, as
 * they are or, behind the point, one byte further:
 *
 *	 power 1	12.345...	'keep' has ones for what stands before the point
 *	 power -3	0.0012345...	and for all, where the zeros before them are another word
 */
struct place {
	uint64_t keep[3];
	uint8_t begin, point; /* of the text in the cell, of the point */
	uint8_t whole;	      /* bytes that the text has at least */
	uint8_t more;	      /* if it has more digits than that, bytes that it has more than digits */
};

#define ONES UINT64_MAX
#define BYTES(n) ((UINT64_C(1) << 8 * (n)) - 1)
#define SMALL(power) {{ONES, ONES, ONES}, FL_FLOAT_FIRST - 1 + (power), FL_FLOAT_FIRST + (power), 0, 1 - (power)}
#define LOW(power) {{BYTES((power) + 1), 0, 0}, FL_FLOAT_FIRST, FL_FLOAT_FIRST + 1 + (power), 1 + (power), 1}
#define HIGH(power) {{ONES, BYTES((power) - 7), 0}, FL_FLOAT_FIRST, FL_FLOAT_FIRST + 1 + (power), 1 + (power), 1}
static const struct place places[FL_PLAIN_COUNT] = {
	SMALL(-4), SMALL(-3), SMALL(-2), SMALL(-1), LOW(0),   LOW(1),   LOW(2),	  LOW(3),   LOW(4),   LOW(5),
	LOW(6),	   HIGH(7),   HIGH(8),	 HIGH(9),   HIGH(10), HIGH(11), HIGH(12), HIGH(13), HIGH(14), {{ONES, ONES, 0}, FL_FLOAT_FIRST, FL_FLOAT_FIRST + 16, 16, 1},
};

/* 17 digits, the first not 0, in words of characters; 'n' without the zeros at their end. */
struct digits {
	uint64_t a, b, last;
	unsigned n;
};

FL_INLINE struct digits digits_of(uint64_t value)
{
	uint64_t head = value / 1000000000, tail = value % 1000000000;
	uint64_t a = fl_digits_of((uint32_t)head), b = fl_digits_of((uint32_t)(tail / 10)), last = tail % 10;
	unsigned n = b ? 16 - fl_high_zeros(b) / 8 : 8 - fl_high_zeros(a) / 8;

	n += (17 - n) & (0 - (unsigned)(last != 0)); /* 17 if there is a last one, without a jump */
	return (struct digits){a | FL_ZEROS, b | FL_ZEROS, last | '0', n};
}

/* 0.0001234 to 1234567890123456: nothing is jumped over. */
FL_INLINE void put_plain(struct fl_cell *cell, const struct digits *digits, int power, unsigned negative)
{
	const struct place *place = &places[power - FL_PLAIN_LEAST];
	uint64_t a = digits->a, b = digits->b, last = digits->last;
	uint64_t further[3] = {a << 8, b << 8 | a >> 56, last << 8 | b >> 56};
	uint64_t words[3];

	words[0] = further[0] ^ ((further[0] ^ a) & place->keep[0]);
	words[1] = further[1] ^ ((further[1] ^ b) & place->keep[1]);
	words[2] = further[2] ^ ((further[2] ^ last) & place->keep[2]);
	fl_store64(cell->text, FL_ZEROS);
	fl_store64(cell->text + FL_FLOAT_FIRST, words[0]);
	fl_store64(cell->text + FL_FLOAT_FIRST + 8, words[1]);
	cell->text[FL_FLOAT_FIRST + 16] = (char)(words[2] & 0xff);
	cell->text[FL_FLOAT_FIRST + 17] = (char)(words[2] >> 8 & 0xff);
	cell->text[place->point] = '.';
	cell->text[place->begin - 1] = '-';
	cell->begin = (uint8_t)(place->begin - negative);
	cell->nbytes = (uint8_t)(negative + (digits->n > place->whole ? digits->n + place->more : place->whole));
}

/* 1.234e+56 */
FL_INLINE void put_scientific(struct fl_cell *cell, const struct digits *digits, int power, unsigned negative)
{
	char *out = cell->text + 1;
	size_t n = digits->n + (digits->n > 1);

	cell->text[0] = '-';
	fl_store64(out + 1, digits->a);
	fl_store64(out + 9, digits->b);
	out[17] = (char)digits->last;
	out[0] = out[1];
	out[1] = '.';
	n += fl_put_exponent(out + n, power);
	cell->begin = (uint8_t)(1 - negative);
	cell->nbytes = (uint8_t)(n + negative);
}

/* "nan", "inf", and "0". */
static FL_NOINLINE void put_name(struct fl_cell *cell, const char *name, unsigned negative)
{
	size_t nbytes = strlen(name);

	memcpy(cell->text + 1, name, nbytes);
	fl_put_sign(cell, 1, (unsigned)nbytes + 1, negative);
}

FL_INLINE void put_finite(struct fl_cell *cell, struct binary v, unsigned negative)
{
	struct decimal d;
	struct digits digits;
	unsigned n;
	int power;

	/* A whole number below 2^53 is its own shortest text: its neighbours are at most 1 away. */
	if (v.q <= 0 && v.q > -53 && (v.c & ((UINT64_C(1) << -v.q) - 1)) == 0) {
		fl_put_magnitude(cell, v.c >> -v.q, negative, UINT64_C(1) << 53);
		return;
	}
	d = shortest(v);
	n = fl_count_digits(d.digits);
	digits = digits_of(d.digits * fl_ten[17 - n]);
	power = d.exponent + (int)n - 1;
	if ((unsigned)(power - FL_PLAIN_LEAST) < FL_PLAIN_COUNT)
		put_plain(cell, &digits, power, negative);
	else
		put_scientific(cell, &digits, power, negative);
}

/* 'bits' of the value and how many of them are its fraction and exponent; its greatest exponent is that of inf and nan. */
FL_INLINE void put_float(struct fl_cell *cell, uint64_t bits, unsigned negative, int fraction, int bias)
{
	uint64_t infinite = (2 * (uint64_t)bias + 1) << fraction;

	if (bits - 1 < infinite - 1)
		put_finite(cell, unpack(bits, fraction, bias), negative);
	else
		put_name(cell, bits == 0 ? "0" : bits == infinite ? "inf" : "nan", negative);
}

void fl_put_f64(struct fl_cell *cell, const char *element)
{
	uint64_t bits;

	memcpy(&bits, element, sizeof bits);
	put_float(cell, bits << 1 >> 1, (unsigned)(bits >> 63), 52, 1023);
}

void fl_put_f32(struct fl_cell *cell, const char *element)
{
	uint32_t bits;

	memcpy(&bits, element, sizeof bits);
	put_float(cell, bits << 1 >> 1, bits >> 31, 23, 127);
}

void fl_fill_f64(const struct fl_elements *elements, struct fl_cell *cells, size_t step)
{
	for (size_t i = 0; i < elements->n; i++)
		fl_put_f64(&cells[i * step], elements->base + i * elements->stride);
}

void fl_fill_f32(const struct fl_elements *elements, struct fl_cell *cells, size_t step)
{
	for (size_t i = 0; i < elements->n; i++)
		fl_put_f32(&cells[i * step], elements->base + i * elements->stride);
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
	struct fl_cell cell;
	size_t pad;

	fl_put_magnitude(&cell, value, 0, UINT64_MAX);
	pad = cell.nbytes < least ? least - cell.nbytes : 0;
	memset(out, '0', pad);
	memcpy(out + pad, cell.text + cell.begin, cell.nbytes);
	return pad + cell.nbytes;
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
	if (magnitude >> 52 == 2047) {
		memcpy(out, magnitude << 12 ? "nan" : "inf", 3);
		return negative + 3;
	}
	decimals = decimals < FL_FIXED_DECIMALS ? decimals : FL_FIXED_DECIMALS;
	v = unpack(magnitude, 52, 1023);
	if (scale_small(v, decimals, &scaled))
		n = put_padded(out, scaled, decimals + 1);
	else
		n = put_exact(out, v, decimals);
	return negative + put_point(out, n, decimals);
}
