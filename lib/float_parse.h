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
 * Here stands what most values need: up to 16 characters, no exponent.
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

/*
 * Takes the point out of a word of digits: the digits before it move up by one byte, over it, and
 * 'carry' comes in below. 'marks' is fl_not_digits() of the word, not 0.  Its lowest byte must be
 * the point and the only one.
 */
static inline bool fl_drop_point(uint64_t *word, uint64_t marks, uint64_t carry, unsigned *decimals)
{
	unsigned shift = fl_low_zeros(marks) - 7;
	uint64_t below = (UINT64_C(1) << shift) - 1;

	if ((marks & (marks - 1)) != 0 || (*word >> shift & 0xff) != ('.' ^ '0'))
		return false;
	*decimals = 7 - shift / 8;
	*word = (*word & ~(below << 8 | 0xff)) | (*word & below) << 8 | carry;
	return true;
}

/* 1 to 16 characters, digits and at most one point; false for all else. */
static inline bool fl_read_short(const char *p, size_t n, fl_decimal *d)
{
	uint64_t first = 0, last, first_marks = 0, last_marks;

	d->decimals = 0;
	if (n - 1 >= 16)
		return false;
	if (n <= 8) {
		last = fl_load_digits(p, n);
	} else {
		first = fl_load_digits(p, n - 8);
		last = fl_load64(p + n - 8) ^ FL_ZEROS;
		first_marks = fl_not_digits(first);
	}
	last_marks = fl_not_digits(last);
	if (last_marks != 0) {
		if (n == 1 || first_marks != 0 ||
		    !fl_drop_point(&last, last_marks, first >> 56, &d->decimals))
			return false;
		first <<= 8;
	} else if (first_marks != 0) {
		if (!fl_drop_point(&first, first_marks, 0, &d->decimals))
			return false;
		d->decimals += 8;
	}
	d->digits = fl_digits_value(last);
	if (n > 8)
		d->digits += fl_digits_value(first) * 100000000;
	return true;
}

/*
 * A short decimal as the quotient of two doubles that are exact, so that the one rounding is that
 * of the division (Clinger 1990, "How to read floating point numbers accurately").
 */
static inline bool fl_quotient(const char *p, size_t n, double *value)
{
	fl_decimal d;

	if (!FL_QUOTIENT_IS_ROUNDED || !fl_read_short(p, n, &d) || d.digits > UINT64_C(1) << 53)
		return false;
	*value = (double)(int64_t)d.digits / fl_ten_f64[d.decimals];
	return true;
}

static inline fl_fault fl_parse_f64(const char *p, const char *end, double *value)
{
	bool negative;
	const char *digits = fl_skip_sign(p, end, &negative);
	double magnitude;

	if (!fl_quotient(digits, (size_t)(end - digits), &magnitude))
		return fl_parse_f64_any(p, end, value);
	*value = negative ? -magnitude : magnitude;
	return FL_FINE;
}

/*
 * A double half-way between two floats (its 29 lower bits are one and zeros) may have been rounded
 * to there from either side.  Any other is on the same side of each such point as the text is, and
 * rounds to the same float: a short decimal is 0 or from 1e-15 to 1e16, where floats are normal.
 */
static inline fl_fault fl_parse_f32(const char *p, const char *end, float *value)
{
	bool negative;
	const char *digits = fl_skip_sign(p, end, &negative);
	double magnitude;

	if (!fl_quotient(digits, (size_t)(end - digits), &magnitude) ||
	    (fl_bits_f64(magnitude) & 0x1fffffff) == 0x10000000)
		return fl_parse_f32_any(p, end, value);
	*value = (float)(negative ? -magnitude : magnitude);
	return FL_FINE;
}

#endif
