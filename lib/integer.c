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

/* 17 to 20 digits, known to be digits; *magnitude is set only when it fits. */
static fl_fault join_digits(const char *p, size_t n, uint64_t *magnitude)
{
	uint64_t a = fl_digits_value(fl_load_digits(p, n - 16));
	uint64_t b = fl_digits_value(fl_load64(p + n - 16) ^ FL_ZEROS);
	uint64_t c = fl_digits_value(fl_load64(p + n - 8) ^ FL_ZEROS);
	uint64_t tail = b * EIGHT + c;
	uint64_t head = a * EIGHT *
			EIGHT; /* a has at most 4 digits: below 10^20, so look before the product */

	if (a > 1844 || head > UINT64_MAX - tail)
		return FL_TOO_GREAT;
	*magnitude = head + tail;
	return FL_FINE;
}

fl_fault fl_parse_magnitude_long(const char *p, size_t n, uint64_t *magnitude)
{
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
	} words[] = {{"1", 1, 1}, {"0", 1, 0},	  {"t", 1, 1},
		     {"f", 1, 0}, {"true", 4, 1}, {"false", 5, 0}};
	size_t n = (size_t)(end - p);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].nbytes != n || !same_word(p, n, words[i].word))
			continue;
		*value = words[i].value;
		return FL_FINE;
	}
	return FL_NOT_BOOL;
}

/* Below 10^8, without leading zeros: the bytes of leading zeros are shifted out of the word. */
static size_t put_head(char *out, uint32_t value)
{
	uint64_t word = fl_digits_of(value);
	unsigned zeros = word ? fl_low_zeros(word) / 8 : 7;

	fl_store64(out, (word | FL_ZEROS) >> 8 * zeros);
	return 8 - zeros;
}

static size_t put_eight(char *out, uint32_t value)
{
	fl_store64(out, fl_digits_of(value) | FL_ZEROS);
	return 8;
}

size_t fl_format_u64(char *out, uint64_t value)
{
	uint64_t head = value / EIGHT;
	uint32_t last = (uint32_t)(value % EIGHT), middle;
	size_t n;

	if (head == 0)
		return put_head(out, last);
	if (head < EIGHT) {
		n = put_head(out, (uint32_t)head);
		return n + put_eight(out + n, last);
	}
	middle = (uint32_t)(head % EIGHT);
	n = put_head(out, (uint32_t)(head / EIGHT));
	n += put_eight(out + n, middle);
	return n + put_eight(out + n, last);
}

size_t fl_format_i64(char *out, int64_t value)
{
	size_t negative = value < 0;
	uint64_t magnitude = (uint64_t)value;

	*out = '-';
	return negative + fl_format_u64(out + negative, negative ? 0 - magnitude : magnitude);
}

size_t fl_format_bool(char *out, uint8_t value)
{
	memcpy(out, value ? "true" : "false", 5);
	return value ? 4 : 5;
}
