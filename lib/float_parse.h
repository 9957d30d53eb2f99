/*
 * Text to f64 and f32: the double, or the float, nearest to the decimal number, a tie going to the
 * even one.
 *
 * The text is [p, end); nothing at or past 'end' is read.  All of it must be the value: an optional
 * sign; then digits with at most one '.' among, before or behind them, and at least one digit; then
 * optionally e or E, an optional sign and digits.  Or, in any case and with an optional sign, inf,
 * infinity or nan.  Otherwise FL_NOT_NUMBER; '*value' is written only when FL_FINE comes back.
 *
 * Too great is infinity, too small is 0 or subnormal, "-0" and "-nan" have their sign bit set, just
 * as strtod() and strtof() do in the C locale.  The arithmetic supposes the rounding mode a program
 * starts with, to nearest.
 *
 * Here stands what most values need: up to 24 characters, no exponent.
 */
#ifndef FL_FLOAT_PARSE_H
#define FL_FLOAT_PARSE_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digits.h"
#include "fault.h"
#include "integer.h"
#include "powers.h"

/* A quotient is rounded once only where the machine computes in the type itself. */
#define FL_QUOTIENT_IS_ROUNDED (FLT_EVAL_METHOD == 0)

/* Like fl_parse_f64() and fl_parse_f32(), but for any text, and never inlined. */
fl_fault fl_parse_f64_any(const char *p, const char *end, double *value);
fl_fault fl_parse_f32_any(const char *p, const char *end, float *value);

/* digits / 10^decimals */
typedef struct fl_decimal {
	uint64_t digits;
	unsigned decimals;
} fl_decimal;

/* The number nearest to a decimal of up to 19 digits and 24 decimals.  See nearest.h for more. */
double fl_nearest_f64(uint64_t digits, unsigned decimals, bool negative);
float fl_nearest_f32(uint64_t digits, unsigned decimals, bool negative);

/*
 * Takes the point out of a word of digits: the digits before it move up by one byte, over it, and
 * 'carry' comes in below.  'marks' is fl_not_digits() of the word; one alone must be marked.  'end'
 * is where the word's text ends: it says whether the byte marked is a point.
 */
FL_INLINE bool fl_drop_point(uint64_t *word, uint64_t marks, uint64_t carry, const char *end, unsigned *decimals)
{
	uint64_t up_to_point = marks - 1, moved = *word & up_to_point;
	unsigned behind = fl_high_zeros(marks) / 8;

	*word = (*word ^ moved) | (moved << 8 & up_to_point) | carry;
	*decimals += behind;
	return (marks & up_to_point) == 0 && *(end - behind - 1) == '.';
}

/*
 * The digits of a text of which at most one character is a point: of 1 to 8, 9 to 16, 17 to 24
 * characters, in words of eight that end where the text ends.  False for all else, and for more
 * than 19 digits; leading zeros do not count.
 */
FL_INLINE bool fl_read_to_8(const char *p, const char *end, fl_decimal *d)
{
	uint64_t a = fl_load_digits(p, (size_t)(end - p)), marks = fl_not_digits(a);

	d->decimals = 0;
	if (marks != 0 && (!fl_drop_point(&a, marks, 0, end, &d->decimals) || end - p == 1))
		return false;
	d->digits = fl_digits_value(a);
	return true;
}

FL_INLINE bool fl_read_9_to_16(const char *p, const char *end, fl_decimal *d)
{
	uint64_t a = fl_load_head(p, (size_t)(end - p)), a_marks = fl_not_digits(a);
	uint64_t b = fl_load_eight(end - 8), b_marks = fl_not_digits(b);

	d->decimals = 0;
	if (b_marks != 0) {
		if (a_marks != 0 || !fl_drop_point(&b, b_marks, a >> 56, end, &d->decimals))
			return false;
		a <<= 8;
	} else if (a_marks != 0) {
		d->decimals = 8;
		if (!fl_drop_point(&a, a_marks, 0, end - 8, &d->decimals))
			return false;
	}
	d->digits = fl_digits_value(a) * 100000000 + fl_digits_value(b);
	return true;
}

FL_INLINE bool fl_read_17_to_24(const char *p, const char *end, fl_decimal *d)
{
	uint64_t a = fl_load_head(p, (size_t)(end - p)), a_marks = fl_not_digits(a);
	uint64_t b = fl_load_eight(end - 16), b_marks = fl_not_digits(b);
	uint64_t c = fl_load_eight(end - 8), c_marks = fl_not_digits(c);

	d->decimals = 0;
	if (c_marks != 0) {
		if ((a_marks | b_marks) != 0 || !fl_drop_point(&c, c_marks, b >> 56, end, &d->decimals))
			return false;
		b = b << 8 | a >> 56;
		a <<= 8;
	} else if (b_marks != 0) {
		d->decimals = 8;
		if (a_marks != 0 || !fl_drop_point(&b, b_marks, a >> 56, end - 8, &d->decimals))
			return false;
		a <<= 8;
	} else if (a_marks != 0) {
		d->decimals = 16;
		if (!fl_drop_point(&a, a_marks, 0, end - 16, &d->decimals))
			return false;
	}
	if ((a & (UINT64_MAX >> 24)) != 0)
		return false;
	a = fl_four_digits_value((uint32_t)(a >> 32));
	d->digits = (a * 100000000 + fl_digits_value(b)) * 100000000 + fl_digits_value(c);
	return true;
}

/*
 * A decimal of up to 16 digits as the quotient of two doubles that are exact, so that the one
 * rounding is that of the division (Clinger 1990, "How to read floating point numbers accurately").
 * The divisor takes the sign, which is known before the digits are; 0 / -1 is -0.
 */
FL_INLINE bool fl_quotient(const fl_decimal *d, bool negative, double *value)
{
	uint64_t sign = (uint64_t)negative << 63;

	if (!FL_QUOTIENT_IS_ROUNDED || d->digits > UINT64_C(1) << 53)
		return false;
	*value = (double)(int64_t)d->digits / fl_f64_of_bits(fl_bits_f64(fl_ten_f64[d->decimals]) | sign);
	return true;
}

/*
 * The usual texts: 1 to 24 characters, digits and at most one point, before them nothing or a '-'.
 * Returns how many characters stand behind the sign; 0 for all else.
 */
FL_INLINE size_t fl_read_usual(const char *p, const char *end, bool *negative, fl_decimal *d)
{
	size_t n = (size_t)(end - p);

	if (n - 1 >= 24)
		return 0;
	*negative = *p == '-';
	p += *negative;
	n -= *negative;
	if (n > 16)
		return fl_read_17_to_24(p, end, d) ? n : 0;
	if (n > 8)
		return fl_read_9_to_16(p, end, d) ? n : 0;
	return n > 0 && fl_read_to_8(p, end, d) ? n : 0;
}

/*
 * By way of another variable: that of the caller can then be a register, its address is not taken.
 */
FL_INLINE fl_fault fl_parse_f64_else(const char *p, const char *end, double *value)
{
	double any = 0;
	fl_fault fault = fl_parse_f64_any(p, end, &any);

	if (fault == FL_FINE)
		*value = any;
	return fault;
}

FL_INLINE fl_fault fl_parse_f64(const char *p, const char *end, double *value)
{
	fl_decimal d;
	bool negative;
	size_t n = fl_read_usual(p, end, &negative, &d);

	if (n == 0)
		return fl_parse_f64_else(p, end, value);
	if (n > 16 || !fl_quotient(&d, negative, value))
		*value = fl_nearest_f64(d.digits, d.decimals, negative);
	return FL_FINE;
}

FL_INLINE fl_fault fl_parse_f32_else(const char *p, const char *end, float *value)
{
	float any = 0;
	fl_fault fault = fl_parse_f32_any(p, end, &any);

	if (fault == FL_FINE)
		*value = any;
	return fault;
}

/*
 * A double half-way between two floats (its 29 lower bits are one and zeros) may have been rounded
 * to there from either side.  Any other is on the same side of each such point as the text is, and
 * rounds to the same float: a short decimal is 0 or from 1e-15 to 1e16, where floats are normal.
 */
FL_INLINE fl_fault fl_parse_f32(const char *p, const char *end, float *value)
{
	fl_decimal d;
	double wide;
	bool negative;
	size_t n = fl_read_usual(p, end, &negative, &d);

	if (n == 0)
		return fl_parse_f32_else(p, end, value);
	if (n <= 16 && fl_quotient(&d, negative, &wide) && (fl_bits_f64(wide) & 0x1fffffff) != 0x10000000)
		*value = (float)wide;
	else
		*value = fl_nearest_f32(d.digits, d.decimals, negative);
	return FL_FINE;
}

/* The letter e, E in the last 8 of at least 8 characters, or 'end'.  The lowest mark of a zero byte
 * is always right. */
static inline const char *fl_find_exponent(const char *end)
{
	uint64_t others = (fl_load64(end - 8) | UINT64_C(0x2020202020202020)) ^ UINT64_C(0x6565656565656565);
	uint64_t marks = (others - UINT64_C(0x0101010101010101)) & ~others & FL_TOPS;

	return marks ? end - 8 + fl_low_zeros(marks) / 8 : end;
}

#endif
