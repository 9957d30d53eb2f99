/*
 * Integers and booleans, the parts that are not worth inlining: long digit strings, and the way
 * back to text.
 */
#include "config.h"

#include <string.h>

#include "integer.h"

#define EIGHT 100000000 /* 10^8, what a word of digits counts up to */

static bool all_digits(const char *p, size_t n)
{
	for (; n >= 8; p += 8, n -= 8)
		if (fl_not_digits(fl_load64(p) ^ FL_ZEROS))
			return false;
	return n == 0 || !fl_not_digits(fl_load_digits(p, n));
}

/* 17 to 20 digits; *magnitude is set only when it fits. */
static fl_fault join_digits(const char *p, size_t n, uint64_t *magnitude)
{
	uint64_t a = fl_load_head(p, n), b = fl_load_eight(p + n - 16);
	uint64_t c = fl_load_eight(p + n - 8), head, tail;

	if (fl_not_digits(a) | fl_not_digits(b) | fl_not_digits(c))
		return FL_NOT_NUMBER;
	tail = fl_digits_value(b) * EIGHT + fl_digits_value(c);
	a = fl_digits_value(a);
	if (a > 1844) /* the product would not fit */
		return FL_TOO_GREAT;
	head = a * EIGHT * EIGHT;
	if (head > UINT64_MAX - tail)
		return FL_TOO_GREAT;
	*magnitude = head + tail;
	return FL_FINE;
}

fl_fault fl_parse_magnitude_long(const char *p, size_t n, uint64_t *magnitude)
{
	if (n - 17 <= 3)
		return join_digits(p, n, magnitude);
	if (n == 0 || !all_digits(p, n))
		return FL_NOT_NUMBER;
	while (n > 20 && *p == '0') {
		p++;
		n--;
	}
	if (n > 20)
		return FL_TOO_GREAT;
	if (n <= 16)
		return fl_parse_magnitude(p, n, magnitude);
	return join_digits(p, n, magnitude);
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(const char *p, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (fold(p[i]) != word[i])
			return false;
	return true;
}

fl_fault fl_parse_bool(const char *p, const char *end, uint8_t *value)
{
	static const struct {
		char word[6];
		uint8_t nbytes, value;
	} words[] = {{"1", 1, 1}, {"0", 1, 0}, {"t", 1, 1}, {"f", 1, 0}, {"true", 4, 1}, {"false", 5, 0}};
	size_t n = (size_t)(end - p);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].nbytes != n || !same_word(p, n, words[i].word))
			continue;
		*value = words[i].value;
		return FL_FINE;
	}
	return FL_NOT_BOOL;
}

/* Below 100.  The short ones are told apart by jumps, and each is then done without. */
FL_INLINE size_t put_two(char *out, uint32_t value)
{
	uint32_t high = value * 103 >> 10, one = value < 10;
	uint32_t text = (high | (value - high * 10) << 8 | 0x3030) >> 8 * one;

	out[0] = (char)(text & 0xff);
	out[1] = (char)(text >> 8);
	return 2 - one;
}

/* From 1 to 10^4 - 1, without leading zeros: their bytes are shifted out of the word. */
FL_INLINE size_t put_four(char *out, uint32_t value)
{
	uint32_t word = fl_four_digits_of(value);
	unsigned zeros = fl_low_zeros(word) / 8;

	fl_store64(out, (word | (uint32_t)FL_ZEROS) >> 8 * zeros);
	return 4 - zeros;
}

/* From 1 to 10^8 - 1. */
FL_INLINE size_t put_head(char *out, uint32_t value)
{
	uint64_t word = fl_digits_of(value);
	unsigned zeros = fl_low_zeros(word) / 8;

	fl_store64(out, (word | FL_ZEROS) >> 8 * zeros);
	return 8 - zeros;
}

FL_INLINE size_t put_eight(char *out, uint32_t value)
{
	fl_store64(out, fl_digits_of(value) | FL_ZEROS);
	return 8;
}

FL_INLINE size_t put_magnitude(char *out, uint64_t value)
{
	uint64_t head;
	uint32_t last;
	size_t n;

	if (value < 100)
		return put_two(out, (uint32_t)value);
	if (value < 10000)
		return put_four(out, (uint32_t)value);
	if (value < EIGHT)
		return put_head(out, (uint32_t)value);
	head = value / EIGHT;
	last = (uint32_t)(value % EIGHT);
	if (head < 100) {
		n = put_two(out, (uint32_t)head);
	} else if (head < EIGHT) {
		n = put_head(out, (uint32_t)head);
	} else {
		n = put_four(out, (uint32_t)(head / EIGHT)); /* at most 1844 */
		n += put_eight(out + n, (uint32_t)(head % EIGHT));
	}
	return n + put_eight(out + n, last);
}

size_t fl_format_u64(char *out, uint64_t value)
{
	return put_magnitude(out, value);
}

size_t fl_format_i64(char *out, int64_t value)
{
	uint64_t negative = value < 0;
	uint64_t magnitude = (uint64_t)value;

	*out = '-';
	return negative + put_magnitude(out + negative, (magnitude ^ (0 - negative)) + negative);
}

size_t fl_format_bool(char *out, uint8_t value)
{
	memcpy(out, value ? "true" : "false", 5);
	return value ? 4 : 5;
}
