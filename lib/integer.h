/*
 * Integers and booleans: text to value, value to text.  What runs once a value stands here to be
 * inlined into a column's loop; texts longer than 16 digits, which are rare, are in integer.c.
 *
 * Reading.  The text is [p, end); nothing at or past 'end' is read.  All of it must be the value:
 * an optional sign and one or more digits, leading zeros as many as you like.  '*value' is written
 * only when FL_FINE comes back.  Faults: FL_NOT_NUMBER, FL_TOO_GREAT, FL_TOO_SMALL; for booleans
 * FL_NOT_BOOL.  "-0" is 0 for every type.
 *
 * Writing.  A cell's last digit stands at FL_INTEGER_END - 1, whatever their number, so that words of eight digits are
 * stored where they are and nothing has to be shifted.
 */
#ifndef FL_INTEGER_H
#define FL_INTEGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cell.h"
#include "digits.h"
#include "fault.h"
#include "powers.h"

#define FL_INTEGER_END 24 /* three words: sign and 20 digits */
#define FL_EIGHT UINT64_C(100000000) /* 10^8, what a word of digits counts up to */

/* Like fl_parse_magnitude(), but for any number of digits. */
fl_fault fl_parse_magnitude_long(const char *p, size_t n, uint64_t *magnitude);

/*
 * true false t f 1 0, in any case: two bytes that differ in bit 5 alone are letters.  A word is known by its length and its
 * last four letters, and by the first if there are five.  Which one it is decides no jump: it would be a guess.
 */
FL_INLINE fl_fault fl_parse_bool(const char *p, const char *end, uint8_t *value)
{
	static const uint8_t of_byte[256] = {['0'] = 1, ['f'] = 1, ['F'] = 1, ['1'] = 2, ['t'] = 2, ['T'] = 2};
	const size_t n = (size_t)(end - p);
	unsigned found;

	if (n == 1) {
		found = of_byte[(unsigned char)*p];
	} else if (n == 4 || n == 5) {
		const uint32_t letters = fl_load32(end - 4) | UINT32_C(0x20202020);
		const unsigned is_true = letters == UINT32_C(0x65757274), is_alse = letters == UINT32_C(0x65736c61);

		found = 2 * ((n == 4) & is_true) + ((n == 5) & is_alse & ((*p | 0x20) == 'f'));
	} else {
		return FL_NOT_BOOL;
	}
	if (!found)
		return FL_NOT_BOOL;
	*value = (uint8_t)(found - 1);
	return FL_FINE;
}

/*
 * One to three digits; false if a byte is none.  What a digit counts is looked up, since of the
 * three bytes that are loaded some may be the same: 42 is 10 x 4 + 0 x 2 + 2.
 */
FL_INLINE bool fl_join_1_to_3(const char *p, size_t n, uint64_t *magnitude)
{
	static const uint8_t places[4][2] = {{0, 0}, {0, 0}, {10, 0}, {100, 10}};
	unsigned first = (unsigned char)*p ^ '0';
	unsigned middle = (unsigned char)p[n / 2] ^ '0';
	unsigned last = (unsigned char)p[n - 1] ^ '0';

	*magnitude = first * places[n][0] + middle * places[n][1] + last;
	return ((first + 6) | (middle + 6) | (last + 6)) < 16; /* 9 + 6 is the last without a 16 */
}

/* The digits behind the sign.  FL_TOO_GREAT: above UINT64_MAX. */
FL_INLINE fl_fault fl_parse_magnitude(const char *p, size_t n, uint64_t *magnitude)
{
	uint64_t first, last;

	if (n - 1 >= 16) /* 0 or more than 16 */
		return fl_parse_magnitude_long(p, n, magnitude);
	if (n <= 3)
		return fl_join_1_to_3(p, n, magnitude) ? FL_FINE : FL_NOT_NUMBER;
	if (n <= 8) {
		last = fl_load_4_to_8(p, n);
		*magnitude = fl_digits_value(last);
		return fl_not_digits(last) ? FL_NOT_NUMBER : FL_FINE;
	}
	first = fl_load_head(p, n);
	last = fl_load_eight(p + n - 8);
	*magnitude = fl_digits_value(first) * 100000000 + fl_digits_value(last);
	return fl_not_digits(first) | fl_not_digits(last) ? FL_NOT_NUMBER : FL_FINE;
}

/*
 * 'negative' says whether there was a '-'.  Returns where the digits start.  The sign is computed
 * with, as is that of the value: where both are frequent a jump would be a guess.
 */
FL_INLINE const char *fl_skip_sign(const char *p, const char *end, bool *negative)
{
	*negative = false;
	if (p == end)
		return p;
	*negative = *p == '-';
	return p + (*negative | (*p == '+'));
}

/*
 * One to three digits without a sign, as columns of codes and counts are full of.  Mixed lengths
 * cost less without the jump for a single digit, but a column of those alone is more frequent.
 */
FL_INLINE bool fl_parse_small(const char *p, const char *end, uint64_t *magnitude)
{
	size_t n = (size_t)(end - p);

	if (n == 1) {
		*magnitude = (unsigned char)*p ^ '0';
		return *magnitude < 10;
	}
	return n - 1 < 3 && fl_join_1_to_3(p, n, magnitude);
}

/* 'greatest' is the type's greatest value; its least is -greatest - 1. */
FL_INLINE fl_fault fl_parse_signed(const char *p, const char *end, uint64_t greatest, int64_t *value)
{
	uint64_t magnitude;
	const char *digits;
	fl_fault fault;
	bool negative;

	if (fl_parse_small(p, end, &magnitude) && magnitude <= greatest) {
		*value = (int64_t)magnitude;
		return FL_FINE;
	}
	digits = fl_skip_sign(p, end, &negative);
	fault = fl_parse_magnitude(digits, (size_t)(end - digits), &magnitude);
	if (fault == FL_NOT_NUMBER)
		return fault;
	if (fault != FL_FINE || magnitude > greatest + negative)
		return negative ? FL_TOO_SMALL : FL_TOO_GREAT;
	*value = (int64_t)((magnitude ^ (0 - (uint64_t)negative)) + negative);
	return FL_FINE;
}

FL_INLINE fl_fault fl_parse_unsigned(const char *p, const char *end, uint64_t greatest, uint64_t *value)
{
	uint64_t magnitude;
	const char *digits;
	fl_fault fault;
	bool negative;

	if (fl_parse_small(p, end, &magnitude) && magnitude <= greatest) {
		*value = magnitude;
		return FL_FINE;
	}
	digits = fl_skip_sign(p, end, &negative);
	fault = fl_parse_magnitude(digits, (size_t)(end - digits), &magnitude);
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

/* How many digits a number has; at least one. */
FL_INLINE unsigned fl_count_digits(uint64_t value)
{
	uint64_t odd = value | 1; /* has as many, and is not 0 */
	unsigned n = (64 - fl_high_zeros(odd)) * 1233 >> 12; /* 1233 / 2^12 is just above log10(2) */

	return n + (odd >= fl_ten[n]);
}

/* Puts a sign before the digits, and it is part of the text if there is one: without a jump. */
FL_INLINE void fl_put_sign(struct fl_cell *cell, unsigned begin, unsigned end, uint64_t negative)
{
	cell->text[begin - 1] = '-';
	cell->begin = (uint8_t)(begin - negative);
	cell->nbytes = (uint8_t)(end - begin + negative);
}

/* A magnitude of at most 'greatest', which says at compile time how many words can be needed. */
FL_INLINE void fl_put_magnitude(struct fl_cell *cell, uint64_t value, uint64_t negative, uint64_t greatest)
{
	unsigned ndigits = fl_count_digits(value);

	if (greatest >= FL_EIGHT) {
		uint64_t head = value / FL_EIGHT;

		if (greatest / FL_EIGHT >= FL_EIGHT && head >= FL_EIGHT) {
			fl_store64(cell->text, fl_digits_of((uint32_t)(head / FL_EIGHT)) | FL_ZEROS);
			head %= FL_EIGHT;
		}
		fl_store64(cell->text + 8, fl_digits_of((uint32_t)head) | FL_ZEROS);
		value %= FL_EIGHT;
	}
	fl_store64(cell->text + 16, fl_digits_of((uint32_t)value) | FL_ZEROS);
	fl_put_sign(cell, FL_INTEGER_END - ndigits, FL_INTEGER_END, negative);
}

#endif
