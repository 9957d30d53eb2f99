/*
 * f64 and f32 to text: by hand, against the obvious slow way to shortest digits, and against
 * printf().
 */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fill.h"
#include "float_format.h"
#include "float_parse.h"
#include "guard.h"
#include "random.h"
#include "words.h"

#define EACH(i, table) \
	size_t i = 0; \
	i < sizeof(table) / sizeof *(table); \
	i++

/* The text of one element, read and written against guard pages. */
static const char *text_of(fl_fill_function *fill, const void *value, size_t width)
{
	static char text[FL_CELL_MAX + 1];
	struct fl_cell *cell = (struct fl_cell *)(void *)(guard_end() - sizeof *cell);
	struct fl_elements one = {.base = value, .stride = width, .n = 1};

	fill(&one, cell, 1);
	assert_in_range(cell->nbytes, 1, 24);
	assert_in_range(cell->begin + cell->nbytes, 1, FL_CELL_MAX);
	memcpy(text, cell->text + cell->begin, cell->nbytes);
	text[cell->nbytes] = 0;
	return text;
}

static const char *f64_text(double value)
{
	return text_of(fl_fill_f64, &value, sizeof value);
}

static const char *f32_text(float value)
{
	return text_of(fl_fill_f32, &value, sizeof value);
}

static double f64_of_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static float f32_of_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static void whole_numbers_have_no_point(void **state)
{
	(void)state;
	assert_string_equal(f64_text(0), "0");
	assert_string_equal(f64_text(-0.0), "-0");
	assert_string_equal(f64_text(1), "1");
	assert_string_equal(f64_text(-10), "-10");
	assert_string_equal(f64_text(9007199254740991), "9007199254740991");
	assert_string_equal(f64_text(9007199254740994), "9007199254740994");
	assert_string_equal(f32_text(0), "0");
	assert_string_equal(f32_text(-0.0f), "-0");
	assert_string_equal(f32_text(16777216), "16777216");
	assert_string_equal(f32_text(33554436), "33554436");
	assert_string_equal(f32_text(1e15f), "1000000000000000");
}

static void the_exponent_form_starts_where_plain_digits_grow_long(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {{0.0001, "0.0001"},
		     {0.00099999999999999999, "0.001"},
		     {0.000123, "0.000123"},
		     {0.00001, "1e-05"},
		     {9.9999e-5, "9.9999e-05"},
		     {0.25, "0.25"},
		     {-0.1, "-0.1"},
		     {1234.5678, "1234.5678"},
		     {123456789.125, "123456789.125"},
		     {12345678.5, "12345678.5"},
		     {1e15, "1000000000000000"},
		     {1e16, "1e+16"},
		     {9999999999999998, "9999999999999998"},
		     {1.5e16, "1.5e+16"},
		     {1e22, "1e+22"},
		     {1e23, "1e+23"},
		     {1.5e300, "1.5e+300"},
		     {1e100, "1e+100"},
		     {1e-100, "1e-100"},
		     {123456.789e-10, "1.23456789e-05"},
		     {0.00012345678901234567, "0.00012345678901234567"},
		     {0.1 + 0.2, "0.30000000000000004"},
		     {5e-324, "5e-324"},
		     {-2.2250738585072014e-308, "-2.2250738585072014e-308"},
		     {1.7976931348623157e308, "1.7976931348623157e+308"},
		     {1234567890123456.5, "1234567890123456.5"},
		     {4503599627370495.5, "4503599627370495.5"},
		     {9.5367431640625e-07, "9.5367431640625e-07"}};

	(void)state;
	for (EACH(i, cases))
		assert_string_equal(f64_text(cases[i].value), cases[i].text);
	assert_string_equal(f32_text(0.1f), "0.1");
	assert_string_equal(f32_text(3.4028235e38f), "3.4028235e+38");
	assert_string_equal(f32_text(1e-45f), "1e-45");
	assert_string_equal(f32_text(1.17549435e-38f), "1.1754944e-38");
	assert_string_equal(f32_text(16777216.0f * 1e10f), "1.6777216e+17");
}

/* The neighbour below 2^-44 is half as far away as the one above: the nearest 16 digits do not read
 * back, others do. */
static void digits_are_the_shortest_even_beside_an_uneven_gap(void **state)
{
	(void)state;
	assert_string_equal(f64_text(0x1p-44), "5.684341886080802e-14");
	assert_string_equal(f64_text(9007199254740992.0 * 1024), "9.223372036854776e+18");
	assert_string_equal(f64_text(2e-323), "2e-323");
	assert_string_equal(f64_text(9.5e-323), "9.4e-323");
}

static void infinity_and_nan_are_words_with_their_sign(void **state)
{
	(void)state;
	assert_string_equal(f64_text((double)INFINITY), "inf");
	assert_string_equal(f64_text(-(double)INFINITY), "-inf");
	assert_string_equal(f64_text(f64_of_bits(UINT64_C(0x7ff8) << 48)), "nan");
	assert_string_equal(f64_text(f64_of_bits(UINT64_C(0xfff8) << 48 | 5)), "-nan");
	assert_string_equal(f32_text(INFINITY), "inf");
	assert_string_equal(f32_text(-INFINITY), "-inf");
	assert_string_equal(f32_text(f32_of_bits(UINT32_C(0x7fc00000))), "nan");
	assert_string_equal(f32_text(f32_of_bits(UINT32_C(0xffc00000))), "-nan");
}

/* The significant digits of a text, without zeros at the end.  Returns how many. */
static int significant(const char *text, char *digits)
{
	int n = 0;

	for (const char *p = text; *p && *p != 'e'; p++)
		if (*p >= '0' && *p <= '9' && (n > 0 || *p != '0'))
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = 0;
	return n;
}

/* To the next greater number of as many digits, d.ddde+xx; nothing for 9.99. */
static void bump(char *text)
{
	char *p = strchr(text, 'e') - 1;

	for (; p >= text && (*p == '9' || *p == '.'); p--)
		if (*p == '9')
			*p = '0';
	if (p >= text)
		++*p;
	else
		strcpy(text, "nan");
}

static int same_f64(const char *text, double value)
{
	return strtod(text, NULL) == value;
}

static int same_f32(const char *text, double value)
{
	return strtof(text, NULL) == (float)value;
}

/*
 * 'text' must have the digits of the nearest decimal that is as long, and no shorter one may read
 * back: if one did, so would the nearest that is one digit shorter.  Where the gap is 'uneven',
 * that may also be the one above.
 */
static void assert_shortest(const char *text, double value, int uneven,
			    int (*same)(const char *, double))
{
	char digits[64], other[64], expected[64];
	int n = significant(text, digits);

	if (n > 1) {
		snprintf(other, sizeof other, "%.*e", n - 2, value);
		if (same(other, value))
			fail_msg("%s is longer than %s", text, other);
		bump(other);
		if (uneven && same(other, value))
			fail_msg("%s is longer than %s", text, other);
	}
	snprintf(other, sizeof other, "%.*e", n - 1, value);
	if (uneven && !same(other, value))
		bump(other);
	significant(other, expected);
	if (strcmp(digits, expected) != 0)
		fail_msg("%s has not the digits of %s", text, other);
}

static void assert_comes_back_f64(double value)
{
	const char *text = f64_text(value), *p = guarded(text, strlen(text));
	double own = 77;

	assert_int_equal(fl_parse_f64(p, p + strlen(text), &own), FL_FINE);
	if (fl_bits_f64(own) != fl_bits_f64(value) ||
	    fl_bits_f64(strtod(text, NULL)) != fl_bits_f64(value))
		fail_msg("%a became %s", value, text);
}

static void assert_comes_back_f32(float value)
{
	const char *text = f32_text(value), *p = guarded(text, strlen(text));
	float own = 77;

	assert_int_equal(fl_parse_f32(p, p + strlen(text), &own), FL_FINE);
	if (fl_bits_f32(own) != fl_bits_f32(value))
		fail_msg("%a became %s", (double)value, text);
}

static void check_f64(uint64_t bits)
{
	double value = f64_of_bits(bits & INT64_MAX);

	if (!(value > 0 && value < (double)INFINITY))
		return;
	assert_comes_back_f64(value);
	assert_comes_back_f64(-value);
	assert_shortest(f64_text(value), value, bits << 12 == 0, same_f64);
}

static void check_f32(uint32_t bits)
{
	float value = f32_of_bits(bits & INT32_MAX);

	if (!(value > 0 && value < (float)INFINITY))
		return;
	assert_comes_back_f32(value);
	assert_shortest(f32_text(value), (double)value, bits << 9 == 0, same_f32);
}

static void powers_of_two_and_their_neighbours_are_shortest(void **state)
{
	(void)state;
	for (uint64_t field = 0; field < 2047; field++)
		for (uint64_t i = 0; i < 3; i++)
			check_f64((field << 52) + i - 1);
	for (uint32_t field = 0; field < 255; field++)
		for (uint32_t i = 0; i < 3; i++)
			check_f32((field << 23) + i - 1);
	for (unsigned i = 0; i < 52; i++)
		check_f64(UINT64_C(1) << i); /* subnormal */
}

static void powers_of_ten_and_their_neighbours_are_shortest(void **state)
{
	char text[16];

	(void)state;
	for (int q = -323; q <= 308; q++) {
		snprintf(text, sizeof text, "1e%d", q);
		for (uint64_t i = 0; i < 3; i++)
			check_f64(fl_bits_f64(strtod(text, NULL)) + i - 1);
		for (uint32_t i = 0; i < 3; i++)
			check_f32(fl_bits_f32(strtof(text, NULL)) + i - 1);
	}
}

static void random_doubles_are_shortest_and_come_back(void **state)
{
	(void)state;
	for (uint64_t i = 0, n = test_long() ? 100000000 : test_count(1000000); i < n; i++)
		check_f64(random_word());
}

static void short_decimals_are_shortest_and_come_back(void **state)
{
	(void)state;
	for (uint64_t i = 0, n = test_count(1000000) / 2; i < n; i++)
		check_f64(fl_bits_f64((double)(random_word() >> (20 + random_below(40))) /
				      fl_ten_f64[random_below(10)]));
}

static void floats_are_shortest_and_come_back(void **state)
{
	uint64_t stride = test_long() ? 1 : 2053; /* the sign is of no interest here */

	(void)state;
	for (uint64_t bits = 0; bits <= INT32_MAX; bits += stride)
		check_f32((uint32_t)bits);
}

static void assert_fixed(double value, unsigned decimals)
{
	static char expected[2048];
	char *out = guard_end() - FL_FIXED_MAX;
	size_t n = fl_format_f64_fixed(out, value, decimals);
	size_t length = (size_t)snprintf(expected, sizeof expected, "%.*f", (int)decimals, value);

	if (n != length || memcmp(out, expected, n) != 0)
		fail_msg("%a with %u decimals: %.*s, not %s", value, decimals, (int)n, out,
			 expected);
}

static void fixed_decimals_are_those_of_printf(void **state)
{
	static const double values[] = {0,
					1,
					0.5,
					1.5,
					2.5,
					0.125,
					0.375,
					1e-5,
					0.05,
					0.15,
					0.95,
					0.995,
					9.995,
					99.5,
					1e15,
					1e22,
					1e23,
					1e300,
					5e-324,
					2.2250738585072014e-308,
					1.7976931348623157e308,
					9007199254740994,
					18446744073709551615.0,
					1844674407370955161.5,
					0.1,
					123456.789,
					4503599627370495.5,
					0x1p-128,
					0x1p-129,
					0x1.fffffffffffffp-76,
					0x1p-64,
					0x1.8p-64,
					0x1p63,
					0x1p64,
					0x1p-1};

	(void)state;
	for (EACH(i, values))
		for (unsigned d = 0; d <= FL_FIXED_DECIMALS; d++) {
			assert_fixed(values[i], d);
			assert_fixed(-values[i], d);
		}
	assert_fixed((double)INFINITY, 2);
	assert_fixed(-(double)INFINITY, 2);
	assert_fixed(f64_of_bits(UINT64_C(0x7ff8) << 48), 2);
	assert_fixed(f64_of_bits(UINT64_C(0xfff8) << 48), 2);
}

static void more_decimals_than_there_is_room_for_are_cut_down(void **state)
{
	char *out = guard_end() - FL_FIXED_MAX;

	(void)state;
	assert_int_equal(fl_format_f64_fixed(out, -1.7976931348623157e308, 4000000000u),
			 1 + 309 + 1 + FL_FIXED_DECIMALS);
}

static void ties_at_the_last_decimal_go_to_the_even_digit(void **state)
{
	(void)state;
	for (int i = 0; i < 4096; i++)
		for (unsigned d = 0; d < 12; d++)
			assert_fixed((double)i / 1024, d);
}

static void random_fixed_decimals_are_those_of_printf(void **state)
{
	(void)state;
	for (uint64_t i = 0, n = test_count(1000000); i < n; i++) {
		uint64_t bits = random_word();
		double tame = (double)(bits >> 11) * 0x1p-53 * fl_ten_f64[random_below(18)];

		assert_fixed(tame, random_below(20));
		if (i % 16 == 0 && (bits >> 52 & 2047) != 2047)
			assert_fixed(f64_of_bits(bits), random_below(FL_FIXED_DECIMALS + 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_have_no_point),
		cmocka_unit_test(the_exponent_form_starts_where_plain_digits_grow_long),
		cmocka_unit_test(digits_are_the_shortest_even_beside_an_uneven_gap),
		cmocka_unit_test(infinity_and_nan_are_words_with_their_sign),
		cmocka_unit_test(powers_of_two_and_their_neighbours_are_shortest),
		cmocka_unit_test(powers_of_ten_and_their_neighbours_are_shortest),
		cmocka_unit_test(random_doubles_are_shortest_and_come_back),
		cmocka_unit_test(short_decimals_are_shortest_and_come_back),
		cmocka_unit_test(floats_are_shortest_and_come_back),
		cmocka_unit_test(fixed_decimals_are_those_of_printf),
		cmocka_unit_test(more_decimals_than_there_is_room_for_are_cut_down),
		cmocka_unit_test(ties_at_the_last_decimal_go_to_the_even_digit),
		cmocka_unit_test(random_fixed_decimals_are_those_of_printf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
