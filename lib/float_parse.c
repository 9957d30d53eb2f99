/*
 * Text to f64 and f32, any text: the grammar, the nearest binary number by one or two long
 * products, and by exact arithmetic where more than 19 digits leave that open.
 *
 * D. Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51(8),
 * 2021; N. Mushtak and D. Lemire, "Fast number parsing without fallback", ibid. 53(7), 2023: with
 * 128 bits of the power, the product of up to 19 digits is never too close to call.
 */
#include "config.h"

#include "bigint.h"
#include "float_parse.h"

/* An exponent beyond any text's length: no point can bring it back, and sums with it do not
 * overflow. */
#define FAR_AWAY INT64_C(1000000000000000000)

/* A half-way value of doubles has at most 768 significant digits; behind 800 only zero or not
 * matters. */
#define MAX_DIGITS 800

#define WORD_DIGITS 19 /* always fit 64 bits */

/* A binary format: bits of the stored fraction, exponent bias, greatest exponent field. */
struct kind {
	int fraction, bias, special;
	int least_tie, greatest_tie; /* the powers of ten with which up to 64 bits can give an exact
					half */
};

static const struct kind f64_kind = {52, 1023, 2047, -4, 23};
static const struct kind f32_kind = {23, 127, 255, -17, 10};

/* The text of a number, split; the mantissa is [p, mantissa_end), its point at 'point'
 * (mantissa_end if it has none). */
struct number {
	const char *p, *point, *mantissa_end;
	int64_t exponent;
};

/* digits x 10^exponent; 'cut' when digits other than 0 follow, so that the truth lies between
 * digits and digits + 1 */
struct decimal {
	uint64_t digits;
	int64_t exponent;
	bool cut;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p, const char *end)
{
	while (end - p >= 8 && !fl_not_digits(fl_load_eight(p)))
		p += 8;
	while (p < end && is_digit(*p))
		p++;
	return p;
}

/* What stands behind the e: all of [p, end). */
static bool read_exponent(const char *p, const char *end, int64_t *exponent)
{
	int64_t value = 0;
	bool negative;

	p = fl_skip_sign(p, end, &negative);
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return false;
		if (value < FAR_AWAY / 10)
			value = value * 10 + (*p - '0');
	}
	*exponent = negative ? -value : value;
	return true;
}

static bool split_number(const char *p, const char *end, struct number *number)
{
	const char *q = skip_digits(p, end);
	ptrdiff_t ndigits = q - p;

	*number = (struct number){p, q, q, 0};
	if (q < end && *q == '.') {
		number->mantissa_end = skip_digits(q + 1, end);
		ndigits += number->mantissa_end - q - 1;
		q = number->mantissa_end;
	}
	if (ndigits == 0)
		return false;
	if (q == end)
		return true;
	return (*q == 'e' || *q == 'E') && read_exponent(q + 1, end, &number->exponent);
}

/* Moves to the first digit that is not 0.  Returns its power of ten, or that of the end when there
 * is none. */
static int64_t skip_zeros(struct number *number)
{
	const char *p = number->p;

	while (p < number->mantissa_end && (*p == '0' || *p == '.'))
		p++;
	number->p = p;
	return number->exponent + (p < number->point ? number->point - p - 1 : number->point - p);
}

static bool any_digit_left(const struct number *number)
{
	for (const char *p = number->p; p < number->mantissa_end; p++)
		if (*p != '0' && *p != '.')
			return true;
	return false;
}

/* The next eight characters are digits of the mantissa, without a point. */
static inline bool eight_ahead(const struct number *number, const char *p)
{
	return number->mantissa_end - p >= 8 && (number->point < p || number->point - p >= 8);
}

/* Takes up to 'most' <= 19 digits and returns how many there were. */
static unsigned take_digits(struct number *number, unsigned most, uint64_t *digits)
{
	const char *p = number->p;
	uint64_t value = 0;
	unsigned n = 0;

	while (p < number->mantissa_end && n < most) {
		if (most - n >= 8 && eight_ahead(number, p)) {
			value = value * 100000000 + fl_digits_value(fl_load_eight(p));
			p += 8;
			n += 8;
			continue;
		}
		if (*p != '.') {
			value = value * 10 + (uint64_t)(*p - '0');
			n++;
		}
		p++;
	}
	number->p = p;
	*digits = value;
	return n;
}

/* Any number; the work is linear in the text. */
static struct decimal first_digits(struct number number)
{
	struct decimal d;
	int64_t power = skip_zeros(&number);
	unsigned n = take_digits(&number, WORD_DIGITS, &d.digits);

	d.exponent = power - n + 1;
	d.cut = any_digit_left(&number);
	return d;
}

/* The letter e, E in the last 8 of at least 8 characters, or 'end'.  The lowest mark of a zero byte
 * is always right. */
static const char *find_exponent(const char *end)
{
	uint64_t others = (fl_load64(end - 8) | UINT64_C(0x2020202020202020)) ^ UINT64_C(0x6565656565656565);
	uint64_t marks = (others - UINT64_C(0x0101010101010101)) & ~others & FL_TOPS;

	return marks ? end - 8 + fl_low_zeros(marks) / 8 : end;
}

/* The usual with an exponent behind it; false: look again, more slowly. */
FL_INLINE bool read_scientific(const char *p, const char *end, bool *negative, fl_decimal *d, int64_t *exponent)
{
	const char *e;

	if (end - p < 8)
		return false;
	e = find_exponent(end);
	if (e == end || fl_read_usual(p, e, negative, d) == 0 || !read_exponent(e + 1, end, exponent))
		return false;
	*exponent -= d->decimals;
	return true;
}

FL_INLINE uint64_t infinity_of(const struct kind *kind)
{
	return (uint64_t)kind->special << kind->fraction;
}

/*
 * The upper 128 bits of (digits x g), g the 128 bits of 10^exponent.  The lower half of g can
 * matter only where the product with the upper half has ones in all places below the rounding bit.
 */
FL_INLINE fl_wide scale(uint64_t digits, int exponent, int fraction)
{
	const fl_wide *g = &fl_powers[exponent - FL_POWER_MIN];
	fl_wide product = fl_multiply(digits, g->high);
	uint64_t below = UINT64_MAX >> (fraction + 3);

	if ((product.high & below) == below) {
		uint64_t more = fl_multiply(digits, g->low).high;

		product.low += more;
		product.high += product.low < more;
	}
	return product;
}

/*
 * The bits of the number nearest to digits x 10^exponent, without sign.  0 < digits < 2^64 - 1, the
 * exponent one of those tabulated.  'wild' when the number may be subnormal or too great.
 *
 * 'top' holds the value's first 63 or 64 bits; 'rounded' keeps those of the fraction, the implied
 * one above and a rounding bit below.  The implied one, added to the exponent field less 1, makes
 * it right; a carry out of the fraction does the same.  Below the normal range the field is 0, and
 * what is missing to it shifts the bits down.
 */
FL_INLINE uint64_t nearest_of(const struct kind *kind, uint64_t digits, int exponent, bool wild)
{
	unsigned zeros = fl_high_zeros(digits), upper, shift;
	int64_t field;
	uint64_t rounded, bits;
	fl_wide top = scale(digits << zeros, exponent, kind->fraction);

	upper = (unsigned)(top.high >> 63);
	shift = 61 - (unsigned)kind->fraction + upper;
	field = fl_log2_ten(exponent) + 63 + (int)upper - (int)zeros + kind->bias;
	rounded = top.high >> shift;
	if (wild && field < 1) {
		rounded >>= 1 - field > 63 ? 63 : 1 - field;
		field = 1;
	}
	/*
	 * An exact half has nothing but zeros below; top.low is 1 for the + 1 in the powers
	 * below 1.  The rarest condition stands first: the lowest bits of 'rounded' are a coin that
	 * no branch predicts.
	 */
	if (top.low <= 1 && (rounded & 3) == 1 && exponent >= kind->least_tie && exponent <= kind->greatest_tie &&
	    rounded << shift == top.high)
		rounded--;
	rounded = (rounded + (rounded & 1)) >> 1;
	bits = ((uint64_t)(field - 1) << kind->fraction) + rounded;
	return wild && bits > infinity_of(kind) ? infinity_of(kind) : bits;
}

static uint64_t nearest(const struct kind *kind, uint64_t digits, int64_t exponent)
{
	if (digits == 0 || exponent < FL_POWER_MIN)
		return 0; /* 10^19 x 10^-343 is less than half of the least double */
	if (exponent > 308)
		return infinity_of(kind);
	return nearest_of(kind, digits, (int)exponent, true);
}

/* Of 10^-23 to 10^19, which are normal as doubles and as floats. */
FL_INLINE uint64_t nearest_normal(const struct kind *kind, uint64_t digits, unsigned decimals)
{
	return digits == 0 ? 0 : nearest_of(kind, digits, -(int)decimals, false);
}

double fl_nearest_f64(uint64_t digits, unsigned decimals, bool negative)
{
	uint64_t bits = nearest_normal(&f64_kind, digits, decimals);

	return fl_f64_of_bits(bits | (uint64_t)negative << 63);
}

float fl_nearest_f32(uint64_t digits, unsigned decimals, bool negative)
{
	uint64_t bits = nearest_normal(&f32_kind, digits, decimals);

	return fl_f32_of_bits((uint32_t)bits | (uint32_t)negative << 31);
}

/* Up to MAX_DIGITS digits as a whole number; returns their exponent, and whether digits other than
 * 0 are left. */
static int64_t read_bigint(struct number number, fl_bigint *value, bool *more)
{
	int64_t power = skip_zeros(&number);
	unsigned n, total = 0;
	uint64_t digits;

	fl_bigint_set(value, 0);
	while (total < MAX_DIGITS && (n = take_digits(&number, 9, &digits)) > 0) {
		fl_bigint_multiply_add(value, (uint32_t)fl_ten[n], (uint32_t)digits);
		total += n;
	}
	*more = any_digit_left(&number);
	return power - total + 1;
}

/* value x 10^exponent against half x 2^power, both made whole */
static int compare(fl_bigint *value, int exponent, fl_bigint *half, int power)
{
	if (exponent >= 0)
		fl_bigint_multiply_five(value, (unsigned)exponent);
	else
		fl_bigint_multiply_five(half, (unsigned)-exponent);
	if (exponent >= power)
		fl_bigint_shift_left(value, (unsigned)(exponent - power));
	else
		fl_bigint_shift_left(half, (unsigned)(power - exponent));
	return fl_bigint_compare(value, half);
}

/*
 * The truth lies between 'lower' and its upper neighbour: the exact text against the point
 * half-way.  Digits left out behind MAX_DIGITS only decide what else would be a tie.
 */
static uint64_t exact(const struct kind *kind, const struct number *number, uint64_t lower)
{
	uint64_t fraction = lower & ((UINT64_C(1) << kind->fraction) - 1);
	int field = (int)(lower >> kind->fraction);
	fl_bigint value, half;
	bool more;
	int64_t exponent = read_bigint(*number, &value, &more);
	int order;

	if (field > 0)
		fraction |= UINT64_C(1) << kind->fraction;
	else
		field = 1;
	fl_bigint_set(&half, 2 * fraction + 1);
	order = compare(&value, (int)exponent, &half, field - kind->bias - kind->fraction - 1);
	if (order == 0)
		order = more || (lower & 1) ? 1 : -1;
	return order > 0 ? lower + 1 : lower;
}

static inline bool is_word(const char *p, const char *end, const char *word, size_t n)
{
	if ((size_t)(end - p) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] != word[i] && p[i] != word[i] - 'a' + 'A')
			return false;
	return true;
}

static bool read_name(const struct kind *kind, const char *p, const char *end, uint64_t *bits)
{
	*bits = infinity_of(kind);
	if (is_word(p, end, "inf", 3) || is_word(p, end, "infinity", 8))
		return true;
	*bits |= UINT64_C(1) << (kind->fraction - 1);
	return is_word(p, end, "nan", 3);
}

/* The slow way for any text: the grammar first. */
static bool read_any(const struct kind *kind, const char *p, const char *end, uint64_t *bits)
{
	struct number number;
	struct decimal d;

	if (!split_number(p, end, &number))
		return read_name(kind, p, end, bits);
	d = first_digits(number);
	*bits = nearest(kind, d.digits, d.exponent);
	if (d.cut && *bits != nearest(kind, d.digits + 1, d.exponent))
		*bits = exact(kind, &number, *bits);
	return true;
}

FL_INLINE bool read_float(const struct kind *kind, const char *p, const char *end, bool *negative, uint64_t *bits)
{
	fl_decimal d;
	int64_t exponent;

	if (read_scientific(p, end, negative, &d, &exponent)) {
		*bits = nearest(kind, d.digits, exponent);
		return true;
	}
	return read_any(kind, fl_skip_sign(p, end, negative), end, bits);
}

fl_fault fl_parse_f64_any(const char *p, const char *end, double *value)
{
	uint64_t bits;
	bool negative;

	if (!read_float(&f64_kind, p, end, &negative, &bits))
		return FL_NOT_NUMBER;
	*value = fl_f64_of_bits(bits | (uint64_t)negative << 63);
	return FL_FINE;
}

fl_fault fl_parse_f32_any(const char *p, const char *end, float *value)
{
	uint64_t bits;
	bool negative;

	if (!read_float(&f32_kind, p, end, &negative, &bits))
		return FL_NOT_NUMBER;
	*value = fl_f32_of_bits((uint32_t)bits | (uint32_t)negative << 31);
	return FL_FINE;
}
