/*
 * Integers and booleans, both ways, by hand and against the C library.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "fill.h"
#include "integer.h"
#include "random.h"

/* One call for each type, the value widened, so that tests can be tables. */
#define READER(type, wide) \
	static fl_fault read_##type(const char *text, wide *value) \
	{ \
		size_t n = strlen(text); \
		const char *p = guarded(text, n); \
		type##_t v = 77; \
		fl_fault fault = fl_parse_##type(p, p + n, &v); \
		*value = v; \
		return fault; \
	}
#define fl_parse_int8 fl_parse_i8
#define fl_parse_int16 fl_parse_i16
#define fl_parse_int32 fl_parse_i32
#define fl_parse_int64 fl_parse_i64
#define fl_parse_uint8 fl_parse_u8
#define fl_parse_uint16 fl_parse_u16
#define fl_parse_uint32 fl_parse_u32
#define fl_parse_uint64 fl_parse_u64
READER(int8, int64_t)
READER(int16, int64_t)
READER(int32, int64_t)
READER(int64, int64_t)
READER(uint8, uint64_t)
READER(uint16, uint64_t)
READER(uint32, uint64_t)
READER(uint64, uint64_t)

typedef fl_fault (*signed_reader)(const char *text, int64_t *value);
typedef fl_fault (*unsigned_reader)(const char *text, uint64_t *value);

static const struct {
	signed_reader read;
	int64_t least, greatest;
} signed_types[] = {{read_int8, INT8_MIN, INT8_MAX},
		    {read_int16, INT16_MIN, INT16_MAX},
		    {read_int32, INT32_MIN, INT32_MAX},
		    {read_int64, INT64_MIN, INT64_MAX}};

static const struct {
	unsigned_reader read;
	uint64_t greatest;
} unsigned_types[] = {{read_uint8, UINT8_MAX},
		      {read_uint16, UINT16_MAX},
		      {read_uint32, UINT32_MAX},
		      {read_uint64, UINT64_MAX}};

#define EACH(i, table) \
	size_t i = 0; \
	i < sizeof(table) / sizeof *(table); \
	i++

static void assert_every_type_says(const char *text, fl_fault fault, int value)
{
	for (EACH(i, signed_types)) {
		int64_t v;

		assert_int_equal(signed_types[i].read(text, &v), fault);
		assert_true(v == value);
	}
	for (EACH(i, unsigned_types)) {
		uint64_t v;

		assert_int_equal(unsigned_types[i].read(text, &v), fault);
		assert_true(v == (uint64_t)value);
	}
}

static void digits_with_or_without_a_sign_are_a_number(void **state)
{
	(void)state;
	assert_every_type_says("0", FL_FINE, 0);
	assert_every_type_says("7", FL_FINE, 7);
	assert_every_type_says("+7", FL_FINE, 7);
	assert_every_type_says("127", FL_FINE, 127);
}

static void minus_zero_is_zero_for_every_type(void **state)
{
	(void)state;
	assert_every_type_says("-0", FL_FINE, 0);
	assert_every_type_says("-00000000000000000000000000000", FL_FINE, 0);
}

static void leading_zeros_do_not_count(void **state)
{
	char text[300];

	(void)state;
	for (int n = 1; n < 290; n++) {
		snprintf(text, sizeof text, "%0*d", n + 2, 99);
		assert_every_type_says(text, FL_FINE, 99);
	}
}

static void anything_else_is_no_number_and_stores_nothing(void **state)
{
	static const char *const texts[] = {"",
					    "+",
					    "-",
					    "+-1",
					    "--1",
					    " 1",
					    "1 ",
					    "1.",
					    "0x1",
					    "1e3",
					    "a",
					    "12a",
					    "a12",
					    "1234567a",
					    "a2345678",
					    "12345678a",
					    "1234567812345678a",
					    "12345678123456789012345678901234567890a",
					    "1-",
					    "/",
					    ":",
					    "1/",
					    "1:",
					    "\xb1",
					    "1\xff\x80z",
					    "99999999999999999999999x",
					    "-99999999999999999999999x",
					    "000000000000000000000x"};

	(void)state;
	for (EACH(i, texts))
		assert_every_type_says(texts[i], FL_NOT_NUMBER, 77);
}

static void any_byte_that_is_no_digit_is_found_at_any_place(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 40; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++) {
				char text[40];
				const char *p;
				uint64_t v;

				memset(text, '0', n);
				text[at] = (char)c;
				if ((c >= '0' && c <= '9') ||
				    (n > 1 && at == 0 && (c == '+' || c == '-')))
					continue;
				p = guarded(text, n);
				assert_int_equal(fl_parse_u64(p, p + n, &v), FL_NOT_NUMBER);
			}
}

static void signed_types_end_at_their_bounds(void **state)
{
	char text[64];
	int64_t v;

	(void)state;
	for (EACH(i, signed_types)) {
		uint64_t beyond = (uint64_t)signed_types[i].greatest + 1;

		snprintf(text, sizeof text, "%" PRId64, signed_types[i].greatest);
		assert_int_equal(signed_types[i].read(text, &v), FL_FINE);
		assert_true(v == signed_types[i].greatest);
		snprintf(text, sizeof text, "%" PRId64, signed_types[i].least);
		assert_int_equal(signed_types[i].read(text, &v), FL_FINE);
		assert_true(v == signed_types[i].least);
		snprintf(text, sizeof text, "%" PRIu64, beyond);
		assert_int_equal(signed_types[i].read(text, &v), FL_TOO_GREAT);
		snprintf(text, sizeof text, "-%" PRIu64, beyond + 1);
		assert_int_equal(signed_types[i].read(text, &v), FL_TOO_SMALL);
		assert_true(v == 77);
	}
}

static void unsigned_types_end_at_their_bounds(void **state)
{
	static const char *const beyond[] = {"256", "65536", "4294967296", "18446744073709551616"};
	char text[64];
	uint64_t v;

	(void)state;
	for (EACH(i, unsigned_types)) {
		snprintf(text, sizeof text, "%" PRIu64, unsigned_types[i].greatest);
		assert_int_equal(unsigned_types[i].read(text, &v), FL_FINE);
		assert_true(v == unsigned_types[i].greatest);
		assert_int_equal(unsigned_types[i].read(beyond[i], &v), FL_TOO_GREAT);
		assert_int_equal(unsigned_types[i].read("-1", &v), FL_TOO_SMALL);
		assert_true(v == 77);
	}
}

static void far_out_of_range_is_too_great_or_too_small(void **state)
{
	(void)state;
	assert_every_type_says("20000000000000000000", FL_TOO_GREAT, 77);
	assert_every_type_says("99999999999999999999", FL_TOO_GREAT, 77);
	assert_every_type_says("-99999999999999999999", FL_TOO_SMALL, 77);
	assert_every_type_says("00000000100000000000000000000", FL_TOO_GREAT, 77);
	assert_every_type_says("-100000000000000000000000000000000000", FL_TOO_SMALL, 77);
}

static void random_digits_agree_with_the_c_library(void **state)
{
	char text[64];

	(void)state;
	for (uint64_t i = 0, n = test_count(1000000); i < n; i++) {
		size_t length = 0, ndigits = 1 + random_below(22);
		const char *p;
		long long s;
		unsigned long long u;
		int64_t v;
		uint64_t w;
		fl_fault fault;

		if (random_below(2))
			text[length++] = "+-"[random_below(2)];
		while (ndigits-- > 0)
			text[length++] = (char)('0' + random_below(10));
		text[length] = 0;
		p = guarded(text, length);
		errno = 0;
		s = strtoll(text, NULL, 10);
		fault = fl_parse_i64(p, p + length, &v);
		if (errno != 0)
			assert_int_equal(fault, s < 0 ? FL_TOO_SMALL : FL_TOO_GREAT);
		else
			assert_true(fault == FL_FINE && v == s);
		if (*text == '-')
			continue;
		errno = 0;
		u = strtoull(text, NULL, 10);
		fault = fl_parse_u64(p, p + length, &w);
		assert_true(errno != 0 ? fault == FL_TOO_GREAT : fault == FL_FINE && w == u);
	}
}

/* All that the shortcuts for few digits see, and what they leave to others. */
static void every_short_text_is_its_value_or_out_of_range(void **state)
{
	static const char *const forms[] = {"%d", "+%d", "-%d", "%02d", "%03d", "-%03d", "%04d"};
	char text[16];

	(void)state;
	for (int i = 0; i <= 2000; i++)
		for (EACH(f, forms)) {
			int value = *forms[f] == '-' ? -i : i;

			snprintf(text, sizeof text, forms[f], i);
			for (EACH(t, signed_types)) {
				int64_t v;
				fl_fault fault = signed_types[t].read(text, &v);

				if (value < signed_types[t].least)
					assert_int_equal(fault, FL_TOO_SMALL);
				else if (value > signed_types[t].greatest)
					assert_int_equal(fault, FL_TOO_GREAT);
				else
					assert_true(fault == FL_FINE && v == value);
			}
			for (EACH(t, unsigned_types)) {
				uint64_t v;
				fl_fault fault = unsigned_types[t].read(text, &v);

				if (value < 0)
					assert_int_equal(fault, FL_TOO_SMALL);
				else if ((uint64_t)value > unsigned_types[t].greatest)
					assert_int_equal(fault, FL_TOO_GREAT);
				else
					assert_true(fault == FL_FINE && v == (uint64_t)value);
			}
		}
}

static void of_up_to_three_bytes_only_digits_and_a_sign_are_a_number(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 3; n++)
		for (unsigned i = 0; i < 1u << 8 * n; i += n < 3 ? 1 : 1 + random_below(64)) {
			char text[3] = {(char)(i & 0xff), (char)(i >> 8 & 0xff), (char)(i >> 16)};
			const char *p = guarded(text, n);
			bool number = true;
			uint8_t u;
			int64_t v;

			for (size_t at = 0; at < n; at++)
				number &= (text[at] >= '0' && text[at] <= '9') ||
					  (at == 0 && n > 1 && (*text == '+' || *text == '-'));
			assert_true((fl_parse_i64(p, p + n, &v) == FL_FINE) == number);
			assert_true((fl_parse_u8(p, p + n, &u) != FL_NOT_NUMBER) == number);
		}
}

static fl_fault read_bool(const char *text, size_t n, uint8_t *value)
{
	const char *p = guarded(text, n);

	return fl_parse_bool(p, p + n, value);
}

static void six_words_are_booleans_in_any_case(void **state)
{
	static const char *const yes[] = {"1", "t", "T", "true", "True", "TRUE", "tRuE"};
	static const char *const no[] = {"0", "f", "F", "false", "False", "FALSE", "fAlSe"};
	uint8_t v;

	(void)state;
	for (EACH(i, yes)) {
		v = 9;
		assert_int_equal(read_bool(yes[i], strlen(yes[i]), &v), FL_FINE);
		assert_int_equal(v, 1);
		v = 9;
		assert_int_equal(read_bool(no[i], strlen(no[i]), &v), FL_FINE);
		assert_int_equal(v, 0);
	}
}

/* Any byte in any place of a word, against words folded one by one. */
static void every_letter_of_a_boolean_is_looked_at(void **state)
{
	static const char *const words[] = {"0", "1", "t", "f", "true", "false"};

	(void)state;
	for (EACH(i, words))
		for (size_t at = 0; at < strlen(words[i]); at++)
			for (int byte = 0; byte < 256; byte++) {
				char text[8], folded[8];
				bool known = false;
				uint8_t v = 9;

				memset(text, 0, sizeof text);
				memcpy(text, words[i], strlen(words[i]));
				text[at] = (char)byte;
				for (size_t k = 0; k < sizeof text; k++)
					folded[k] = (char)(text[k] >= 'A' && text[k] <= 'Z' ? text[k] - 'A' + 'a'
											    : text[k]);
				for (EACH(k, words))
					known |= strcmp(folded, words[k]) == 0;
				assert_int_equal(read_bool(text, strlen(words[i]), &v),
						 known && byte ? FL_FINE : FL_NOT_BOOL);
				assert_true(known && byte ? v == (*folded == 't' || *folded == '1') : v == 9);
			}
}

static void other_words_are_no_booleans(void **state)
{
	static const char *const texts[] = {"",	     "2",  "tr",   "truE ", " true",  "yes",
					    "falsy", "00", "\x11", "\x10",  "tru\x05"};
	uint8_t v = 9;

	(void)state;
	for (EACH(i, texts))
		assert_int_equal(read_bool(texts[i], strlen(texts[i]), &v), FL_NOT_BOOL);
	assert_int_equal(read_bool("t\0", 2, &v), FL_NOT_BOOL);
	assert_int_equal(v, 9);
}

static void is_written(fl_fill_function *fill, const void *value, size_t width, const char *expected)
{
	struct fl_cell *cell = (struct fl_cell *)(void *)(guard_end() - sizeof *cell);
	struct fl_elements one = {.base = value, .stride = width, .n = 1};

	fill(&one, cell, 1);
	assert_int_equal(cell->nbytes, strlen(expected));
	assert_memory_equal(cell->text + cell->begin, expected, cell->nbytes);
}

static void booleans_are_written_as_words(void **state)
{
	static const uint8_t values[] = {1, 255, 0};

	(void)state;
	is_written(fl_fill_bool, &values[0], 1, "true");
	is_written(fl_fill_bool, &values[1], 1, "true");
	is_written(fl_fill_bool, &values[2], 1, "false");
}

/* The lowest bytes of the word are the value of each narrower type. */
static void assert_written(uint64_t word)
{
#define WRITTEN(name, type, format)                                                     \
	do {                                                                            \
		const type value = (type)word;                                          \
		char expected[32];                                                      \
                                                                                        \
		snprintf(expected, sizeof expected, "%" format, value);                 \
		is_written(fl_fill_##name, &value, sizeof value, expected);             \
	} while (0)
	WRITTEN(u64, uint64_t, PRIu64);
	WRITTEN(i64, int64_t, PRId64);
	WRITTEN(u32, uint32_t, PRIu32);
	WRITTEN(i32, int32_t, PRId32);
	WRITTEN(u16, uint16_t, PRIu16);
	WRITTEN(i16, int16_t, PRId16);
	WRITTEN(u8, uint8_t, PRIu8);
	WRITTEN(i8, int8_t, PRId8);
#undef WRITTEN
}

static void integers_are_written_as_printf_does(void **state)
{
	uint64_t ten = 1;

	(void)state;
	assert_written(0);
	assert_written(UINT64_MAX);
	assert_written((uint64_t)INT64_MAX);
	assert_written((uint64_t)INT64_MIN);
	for (int i = 0; i < 20; i++, ten *= 10) {
		assert_written(ten);
		assert_written(ten - 1);
		assert_written(0 - ten);
	}
	for (uint64_t i = 0; i <= UINT16_MAX; i++)
		assert_written(i);
	for (uint64_t i = 0, n = test_count(1000000); i < n; i++)
		assert_written(random_word() >> random_below(64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_with_or_without_a_sign_are_a_number),
		cmocka_unit_test(minus_zero_is_zero_for_every_type),
		cmocka_unit_test(leading_zeros_do_not_count),
		cmocka_unit_test(anything_else_is_no_number_and_stores_nothing),
		cmocka_unit_test(any_byte_that_is_no_digit_is_found_at_any_place),
		cmocka_unit_test(signed_types_end_at_their_bounds),
		cmocka_unit_test(unsigned_types_end_at_their_bounds),
		cmocka_unit_test(far_out_of_range_is_too_great_or_too_small),
		cmocka_unit_test(random_digits_agree_with_the_c_library),
		cmocka_unit_test(every_short_text_is_its_value_or_out_of_range),
		cmocka_unit_test(of_up_to_three_bytes_only_digits_and_a_sign_are_a_number),
		cmocka_unit_test(six_words_are_booleans_in_any_case),
		cmocka_unit_test(every_letter_of_a_boolean_is_looked_at),
		cmocka_unit_test(other_words_are_no_booleans),
		cmocka_unit_test(booleans_are_written_as_words),
		cmocka_unit_test(integers_are_written_as_printf_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
