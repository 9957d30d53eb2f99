/*
 * Text to f64 and f32, any text: the grammar, the nearest binary number (nearest.h), and exact arithmetic
 * where more than 19 digits leave open which that is.
 */
#include "config.h"

#include "bigint.h"
#include "float_parse.h"
#include "nearest.h"

/* An exponent beyond any text's length: no point can bring it back, and sums with it do not
 * overflow. */
#define FAR_AWAY INT64_C(1000000000000000000)

/* A half-way value of doubles has at most 768 significant digits; behind 800 only zero or not
 * matters. */
#define MAX_DIGITS 800

#define WORD_DIGITS 19 /* always fit 64 bits */

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

/* The usual with an exponent behind it; false: look again, more slowly. */
FL_INLINE bool read_scientific(const char *p, const char *end, bool *negative, fl_decimal *d, int64_t *exponent)
{
	const char *e;

	if (end - p < 8)
		return false;
	e = fl_find_exponent(end);
	if (e == end || fl_read_usual(p, e, negative, d) == 0 || !read_exponent(e + 1, end, exponent))
		return false;
	*exponent -= d->decimals;
	return true;
}

double fl_nearest_f64(uint64_t digits, unsigned decimals, bool negative)
{
	uint64_t bits = fl_nearest_normal(&fl_f64_kind, digits, decimals);

	return fl_f64_of_bits(bits | (uint64_t)negative << 63);
}

float fl_nearest_f32(uint64_t digits, unsigned decimals, bool negative)
{
	uint64_t bits = fl_nearest_normal(&fl_f32_kind, digits, decimals);

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
static uint64_t exact(const struct fl_float_kind *kind, const struct number *number, uint64_t lower)
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

static bool read_name(const struct fl_float_kind *kind, const char *p, const char *end, uint64_t *bits)
{
	*bits = fl_infinity_of(kind);
	if (is_word(p, end, "inf", 3) || is_word(p, end, "infinity", 8))
		return true;
	*bits |= UINT64_C(1) << (kind->fraction - 1);
	return is_word(p, end, "nan", 3);
}

/* The slow way for any text: the grammar first. */
static bool read_any(const struct fl_float_kind *kind, const char *p, const char *end, uint64_t *bits)
{
	struct number number;
	struct decimal d;

	if (!split_number(p, end, &number))
		return read_name(kind, p, end, bits);
	d = first_digits(number);
	*bits = fl_nearest(kind, d.digits, d.exponent);
	if (d.cut && *bits != fl_nearest(kind, d.digits + 1, d.exponent))
		*bits = exact(kind, &number, *bits);
	return true;
}

FL_INLINE bool read_float(const struct fl_float_kind *kind, const char *p, const char *end, bool *negative,
			  uint64_t *bits)
{
	fl_decimal d;
	int64_t exponent;

	if (read_scientific(p, end, negative, &d, &exponent)) {
		*bits = fl_nearest(kind, d.digits, exponent);
		return true;
	}
	return read_any(kind, fl_skip_sign(p, end, negative), end, bits);
}

fl_fault fl_parse_f64_any(const char *p, const char *end, double *value)
{
	uint64_t bits;
	bool negative;

	if (!read_float(&fl_f64_kind, p, end, &negative, &bits))
		return FL_NOT_NUMBER;
	*value = fl_f64_of_bits(bits | (uint64_t)negative << 63);
	return FL_FINE;
}

fl_fault fl_parse_f32_any(const char *p, const char *end, float *value)
{
	uint64_t bits;
	bool negative;

	if (!read_float(&fl_f32_kind, p, end, &negative, &bits))
		return FL_NOT_NUMBER;
	*value = fl_f32_of_bits((uint32_t)bits | (uint32_t)negative << 31);
	return FL_FINE;
}
