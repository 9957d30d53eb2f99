/*
 * Integers and booleans: text to value, value to text.  What runs once a value stands here to be
 * inlined into a column's loop; texts longer than 16 digits, which are rare, are in integer.c.
 *
 * Reading.  The text is [p, end); nothing at or past 'end' is read.  All of it must be the value:
 * an optional sign and one or more digits, leading zeros as many as you like.  '*value' is written
 * only when FL_FINE comes back.  Faults: FL_NOT_NUMBER, FL_TOO_GREAT, FL_TOO_SMALL; for booleans
 * FL_NOT_BOOL.  "-0" is 0 for every type.
 *
 * Writing.  The functions return how many bytes the text has; it is not terminated.  'out' has room
 * for FL_INTEGER_MAX bytes, all of which may be overwritten.
 */
#ifndef FL_INTEGER_H
#define FL_INTEGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digits.h"
#include "fault.h"

#define FL_INTEGER_MAX 24 /* sign and 20 digits, in words of eight */

/* Like fl_parse_magnitude(), but for any number of digits. */
fl_fault fl_parse_magnitude_long(const char *p, size_t n, uint64_t *magnitude);

/* true false t f 1 0, in any case */
fl_fault fl_parse_bool(const char *p, const char *end, uint8_t *value);

size_t fl_format_i64(char *out, int64_t value);
size_t fl_format_u64(char *out, uint64_t value);
size_t fl_format_bool(char *out, uint8_t value); /* "true" for all but 0 */

/* The digits behind the sign.  FL_TOO_GREAT: above UINT64_MAX. */
static inline fl_fault fl_parse_magnitude(const char *p, size_t n, uint64_t *magnitude)
{
	uint64_t first, last;

	if (n - 1 >= 16) /* 0 or more than 16 */
		return fl_parse_magnitude_long(p, n, magnitude);
	if (n <= 8) {
		last = fl_load_digits(p, n);
		if (fl_not_digits(last))
			return FL_NOT_NUMBER;
		*magnitude = fl_digits_value(last);
		return FL_FINE;
	}
	first = fl_load_digits(p, n - 8);
	last = fl_load64(p + n - 8) ^ FL_ZEROS;
	if (fl_not_digits(first) | fl_not_digits(last))
		return FL_NOT_NUMBER;
	*magnitude = fl_digits_value(first) * 100000000 + fl_digits_value(last);
	return FL_FINE;
}

/* 'negative' says whether there was a '-'.  Returns where the digits start. */
static inline const char *fl_skip_sign(const char *p, const char *end, bool *negative)
{
	*negative = p < end && *p == '-';
	return p + (*negative || (p < end && *p == '+'));
}

/* 'greatest' is the type's greatest value; its least is -greatest - 1. */
static inline fl_fault fl_parse_signed(const char *p, const char *end, uint64_t greatest,
				       int64_t *value)
{
	uint64_t magnitude;
	bool negative;
	const char *digits = fl_skip_sign(p, end, &negative);
	fl_fault fault = fl_parse_magnitude(digits, (size_t)(end - digits), &magnitude);

	if (fault == FL_NOT_NUMBER)
		return fault;
	if (fault != FL_FINE || magnitude > greatest + negative)
		return negative ? FL_TOO_SMALL : FL_TOO_GREAT;
	*value = (int64_t)(negative ? 0 - magnitude : magnitude);
	return FL_FINE;
}

static inline fl_fault fl_parse_unsigned(const char *p, const char *end, uint64_t greatest,
					 uint64_t *value)
{
	uint64_t magnitude;
	bool negative;
	const char *digits = fl_skip_sign(p, end, &negative);
	fl_fault fault = fl_parse_magnitude(digits, (size_t)(end - digits), &magnitude);

	if (fault == FL_NOT_NUMBER)
		return fault;
	if (negative && (fault != FL_FINE || magnitude > 0))
		return FL_TOO_SMALL;
	if (fault != FL_FINE || magnitude > greatest)
		return FL_TOO_GREAT;
	*value = magnitude;
	return FL_FINE;
}

static inline fl_fault fl_parse_i64(const char *p, const char *end, int64_t *value)
{
	return fl_parse_signed(p, end, INT64_MAX, value);
}

static inline fl_fault fl_parse_i32(const char *p, const char *end, int32_t *value)
{
	int64_t wide;
	fl_fault fault = fl_parse_signed(p, end, INT32_MAX, &wide);

	if (fault == FL_FINE)
		*value = (int32_t)wide;
	return fault;
}

static inline fl_fault fl_parse_i16(const char *p, const char *end, int16_t *value)
{
	int64_t wide;
	fl_fault fault = fl_parse_signed(p, end, INT16_MAX, &wide);

	if (fault == FL_FINE)
		*value = (int16_t)wide;
	return fault;
}

static inline fl_fault fl_parse_i8(const char *p, const char *end, int8_t *value)
{
	int64_t wide;
	fl_fault fault = fl_parse_signed(p, end, INT8_MAX, &wide);

	if (fault == FL_FINE)
		*value = (int8_t)wide;
	return fault;
}

static inline fl_fault fl_parse_u64(const char *p, const char *end, uint64_t *value)
{
	return fl_parse_unsigned(p, end, UINT64_MAX, value);
}

static inline fl_fault fl_parse_u32(const char *p, const char *end, uint32_t *value)
{
	uint64_t wide;
	fl_fault fault = fl_parse_unsigned(p, end, UINT32_MAX, &wide);

	if (fault == FL_FINE)
		*value = (uint32_t)wide;
	return fault;
}

static inline fl_fault fl_parse_u16(const char *p, const char *end, uint16_t *value)
{
	uint64_t wide;
	fl_fault fault = fl_parse_unsigned(p, end, UINT16_MAX, &wide);

	if (fault == FL_FINE)
		*value = (uint16_t)wide;
	return fault;
}

static inline fl_fault fl_parse_u8(const char *p, const char *end, uint8_t *value)
{
	uint64_t wide;
	fl_fault fault = fl_parse_unsigned(p, end, UINT8_MAX, &wide);

	if (fault == FL_FINE)
		*value = (uint8_t)wide;
	return fault;
}

#endif
