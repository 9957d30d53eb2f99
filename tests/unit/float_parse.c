/*
 * Text to f64 and f32: by hand, and bit for bit against strtod() and strtof() of the C locale.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "float_parse.h"
#include "guard.h"
#include "random.h"
#include "words.h"

#define EACH(i, table) \
	size_t i = 0; \
	i < sizeof(table) / sizeof *(table); \
	i++

static double f64_of(const char *text, size_t n)
{
	const char *p = guarded(text, n);
	double value = 77;

	if (fl_parse_f64(p, p + n, &value) != FL_FINE)
		fail_msg("\"%.*s\" was not read", (int)n, text);
	return value;
}

static float f32_of(const char *text, size_t n)
{
	const char *p = guarded(text, n);
	float value = 77;

	if (fl_parse_f32(p, p + n, &value) != FL_FINE)
		fail_msg("\"%.*s\" was not read", (int)n, text);
	return value;
}

static void assert_f64_as_strtod(const char *text)
{
	double expected = strtod(text, NULL), value = f64_of(text, strlen(text));

	if (fl_bits_f64(value) != fl_bits_f64(expected))
		fail_msg("%s: %a, not %a", text, value, expected);
}

static void assert_f32_as_strtof(const char *text)
{
	float expected = strtof(text, NULL), value = f32_of(text, strlen(text));

	if (fl_bits_f32(value) != fl_bits_f32(expected))
		fail_msg("%s: %a, not %a", text, (double)value, (double)expected);
}

static void assert_both(const char *text)
{
	assert_f64_as_strtod(text);
	assert_f32_as_strtof(text);
}

static void assert_no_number(const char *text, size_t n)
{
	const char *p = guarded(text, n);
	double d = 77;
	float f = 77;

	if (fl_parse_f64(p, p + n, &d) != FL_NOT_NUMBER ||
	    fl_parse_f32(p, p + n, &f) != FL_NOT_NUMBER)
		fail_msg("\"%.*s\" was read", (int)n, text);
	assert_true(d == 77 && f == 77);
}

static void decimals_of_every_form_are_numbers(void **state)
{
	static const struct {
		const char *text;
		double value;
	} cases[] = {{"0", 0},
		     {"1", 1},
		     {"+1", 1},
		     {"-1.5", -1.5},
		     {"1.", 1},
		     {".5", 0.5},
		     {"-.5", -0.5},
		     {"+.5e1", 5},
		     {"1.e1", 10},
		     {"1e5", 1e5},
		     {"1E+05", 1e5},
		     {"25e-2", 0.25},
		     {"0001.25000", 1.25},
		     {"1234.5678", 1234.5678},
		     {"12345678.5", 12345678.5},
		     {"1234567812345678", 1234567812345678},
		     {"0.12345678901234567", 0.12345678901234567},
		     {"1.2345678901234567e-05", 1.2345678901234567e-05},
		     {"00000000000000000000000000000000000001.5", 1.5}};

	(void)state;
	for (EACH(i, cases)) {
		assert_true(f64_of(cases[i].text, strlen(cases[i].text)) == cases[i].value);
		assert_true(f32_of(cases[i].text, strlen(cases[i].text)) == (float)cases[i].value);
	}
}

static void infinity_and_nan_are_read_in_any_case(void **state)
{
	static const char *const texts[] = {"inf",	"INF",	     "+Inf",	  "-inf",
					    "infinity", "-INFINITY", "+InFiNiTy", "nan",
					    "NaN",	"+nan",	     "-nan",	  "-NAN"};

	(void)state;
	for (EACH(i, texts))
		assert_both(texts[i]);
}

static void the_sign_of_zero_and_nan_is_kept(void **state)
{
	(void)state;
	assert_true(fl_bits_f64(f64_of("-0", 2)) == UINT64_C(1) << 63);
	assert_true(fl_bits_f64(f64_of("-0.0e99", 7)) == UINT64_C(1) << 63);
	assert_true(fl_bits_f64(f64_of("-nan", 4)) == UINT64_C(0xfff8) << 48);
	assert_true(fl_bits_f64(f64_of("nan", 3)) == UINT64_C(0x7ff8) << 48);
	assert_true(fl_bits_f32(f32_of("-nan", 4)) == UINT32_C(0xffc00000));
}

static void anything_else_is_no_number_and_stores_nothing(void **state)
{
	static const char *const texts[] = {"",
					    ".",
					    "+",
					    "-",
					    "+.",
					    "-.",
					    "+-1",
					    "--1",
					    "..",
					    "1..2",
					    "1.2.3",
					    "e",
					    "e5",
					    ".e5",
					    "1e",
					    "1e+",
					    "1e-",
					    "1e5.",
					    "1e5e5",
					    " 1",
					    "1 ",
					    "1,5",
					    "0x1p3",
					    "0x10",
					    "1f",
					    "1.5d",
					    "in",
					    "infi",
					    "infinit",
					    "infinityx",
					    "inf ",
					    "+-inf",
					    "nan(1)",
					    "nan()",
					    "na",
					    "nanx",
					    "1_000",
					    "12345678x",
					    "123456789.x",
					    "1234567890123456x",
					    "1.23456789012345678x",
					    "0.1234567890.2345678",
					    ".1234567890123456789.",
					    "1.5e3x",
					    "123456789012345678901234567890x",
					    "1e99999999999999999999x",
					    "1e1 ",
					    "--nan",
					    "\xb1",
					    "\x11z",
					    ".........",
					    ".......................",
					    "1.2345678901234e.",
					    "1.23456789012345e"};

	(void)state;
	for (EACH(i, texts))
		assert_no_number(texts[i], strlen(texts[i]));
	assert_no_number("1\0", 2);
	assert_no_number("1.5\0z", 5);
}

static void a_wrong_byte_is_found_at_any_place(void **state)
{
	char text[40];

	(void)state;
	for (size_t n = 1; n <= 40; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++) {
				if ((c >= '0' && c <= '9') || (c == '.' && n > 2) ||
				    (at == 0 && (c == '-' || c == '+')) ||
				    (at > 0 && at + 1 < n && (c == 'e' || c == 'E')))
					continue;
				memset(text, '1', n);
				if (n > 2)
					text[n / 2] = '.';
				text[at] = (char)c;
				if (c == '.' && n <= 2)
					continue;
				assert_no_number(text, n);
			}
}

/* Without a point, which would be another byte that is no digit. */
static void a_byte_that_is_neither_digit_nor_point_is_found_at_any_place(void **state)
{
	char text[26];

	(void)state;
	for (size_t n = 1; n <= 26; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++) {
				memset(text, '0' + (int)(n + at) % 10, n);
				text[at] = (char)c;
				if ((c >= '0' && c <= '9') || (c == '.' && n > 1) ||
				    (at == 0 && n > 1 && (c == '-' || c == '+')) ||
				    (at > 0 && at + 1 < n && (c == 'e' || c == 'E')))
					continue;
				assert_no_number(text, n);
			}
}

static void two_bytes_that_are_no_digits_are_found_at_any_places(void **state)
{
	static const char odd[] = {'.', '/', ':', '\x1e', '\x80', '\x8a', '\xba', '\xff', '+'};
	char text[26];

	(void)state;
	for (size_t n = 2; n <= 26; n++)
		for (size_t at = 1; at < n; at++)
			for (size_t other = 0; other < at; other++)
				for (EACH(i, odd))
					for (EACH(j, odd)) {
						memset(text, '1', n);
						text[at] = odd[i];
						text[other] = odd[j];
						if (odd[j] == '+' && odd[i] == '.' && n > 2)
							continue;
						assert_no_number(text, n);
					}
}

/* The grammar first, then the digits one by one, is what fl_parse_f64_any() does without an e. */
static void the_short_ways_agree_with_the_plain_one(void **state)
{
	char text[32];

	(void)state;
	for (uint64_t i = 0, rounds = test_count(2000000); i < rounds; i++) {
		size_t n = 1 + random_below(26), zeros = random_below(2) ? random_below(26) : 0;
		size_t point = random_below(30);
		const char *p;
		double d = 77, plain_d = 77;
		float f = 77, plain_f = 77;

		for (size_t at = 0; at < n; at++)
			text[at] = at < zeros ? '0' : (char)('0' + random_below(10));
		if (point < n)
			text[point] = '.';
		if (random_below(4) == 0)
			*text = '-';
		p = guarded(text, n);
		assert_int_equal(fl_parse_f64(p, p + n, &d), fl_parse_f64_any(p, p + n, &plain_d));
		assert_int_equal(fl_parse_f32(p, p + n, &f), fl_parse_f32_any(p, p + n, &plain_f));
		if (fl_bits_f64(d) != fl_bits_f64(plain_d) ||
		    fl_bits_f32(f) != fl_bits_f32(plain_f))
			fail_msg("%.*s: %a and %a, plainly %a and %a", (int)n, text, d, (double)f,
				 plain_d, (double)plain_f);
	}
}

static void the_point_may_stand_anywhere(void **state)
{
	char text[64];

	(void)state;
	for (size_t n = 2; n < 60; n++)
		for (size_t at = 0; at < n; at++) {
			for (size_t i = 0; i < n; i++)
				text[i] = (char)('1' + i % 9);
			text[at] = '.';
			text[n] = 0;
			assert_both(text);
			if (n > 5) {
				memcpy(text + n - 4, at < n - 4 ? "e-12" : ".e12", 5);
				assert_both(text);
			}
		}
}

static void exponents_saturate(void **state)
{
	static const char *const texts[] = {"1e400",
					    "1e-400",
					    "-1e400",
					    "1e99999999999999999999",
					    "1e-99999999999999999999",
					    "0e99999999999999999999",
					    "0.0e-99999999999999999999",
					    "-0e400",
					    "1e9223372036854775807",
					    "1e-9223372036854775808",
					    "1e18446744073709551617",
					    "1e4294967297",
					    "0.00000000000000000000000000000000000000000000001e47",
					    "1e0000000000000000000000000000000005",
					    "1e-0000000000000000000000000000000005",
					    "1000000000000000000000000000000e-30",
					    "1e308",
					    "1e309",
					    "1e310",
					    "1.7976931348623157e308",
					    "1.7976931348623158e308",
					    "1.7976931348623159e308",
					    "179769313486231580793e289",
					    "3.4028235e38",
					    "3.4028236e38",
					    "3.40282357e38",
					    "1e38",
					    "1e39"};

	(void)state;
	for (EACH(i, texts))
		assert_both(texts[i]);
}

static void known_hard_cases_are_exact(void **state)
{
	static const char *const texts[] = {
		/* around whole numbers that 53, or 24, bits cannot hold */
		"9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994",
		"9007199254740995", "9007199254740993.0",
		"9007199254740993.00000000000000000000000000000000000000000000000000000001",
		"9007199254740992.99999999999999999999999999999999999", "9007199254740993e0",
		"900719925474099300e-2", "16777217", "16777219",
		"16777217.0000000000000000000000000000001", "16777216.99999999999",
		"16777217.0000001", "33554435", "1.00000005960464477539062500",
		"1.00000005960464477539062501", "1.00000005960464477539062499",
		"1.00000017881393432617187499", "1.000000178813934326171875",
		"1.00000017881393432617187501",
		/* least and subnormal numbers, and halves of the least */
		"5e-324", "4.9406564584124654e-324", "2.4703282292062327e-324",
		"2.4703282292062328e-324", "2.4703282292062327208e-324", "7.4e-324",
		"2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308",
		"2.225073858507201136057409796709131975934819546351645e-308", "1.4e-45",
		"7.0064923216240853e-46", "7.0064923216240854e-46", "7.006492321624086e-46",
		"1.17549435e-38", "1.1754943e-38", "1.17549421e-38",
		"1."
		"1754942807573642917278829910357665133228589927589904276829631184250030649651730385"
		"58532425668090581893920898437499999e-38",
		/* long products that come close to a half */
		"1.2345678901234567e22", "8.5e22", "1e23", "9.5e22", "6.631236846766476e-316",
		"3.2378839133029012895883524125015321748630094e-319", "104110013277974872254e-225",
		"123456789012345678901234567890", "1.8011670033376514e-308", "4503599627370496.5",
		"4503599627370497.5", "0.500000000000000166533453693773481063544750213623046875",
		"0.5000000000000001665334536937734810635447502136230468750000001",
		"3.518437208883201171875e13", "62.5364939768271845828", "8.10109172351e-10",
		"1.50000000000000011102230246251565", "6929495644600919.5", "3.7455744005952583e15",
		"2.2222222222223e-322", "89255e-22",
		"5708990770823839207320493820740630171355185e-20",
		"74210000000000000000000000000000000000000e-5", "7120190517612959703e120", "0.1e-6",
		"9355950000000000000."
		"0000000000000000000000000000000000184467440737095516160000018446744073709551616184"
		"4674407370955161407370955161618446744073709551616000184467440737095"};

	(void)state;
	for (EACH(i, texts))
		assert_both(texts[i]);
}

/* 0.0...01 and 1.0...01, a half and its neighbours, with tails far longer than what is kept. */
static void long_tails_decide_ties(void **state)
{
	static const char *const heads[] = {
		"9007199254740993", "16777217", "0.", "1.", "1.00000005960464477539062500",
		"9007199254740992."};
	static const int lengths[] = {1,   10,	100, 700, 760, 767, 768,  769,
				      790, 799, 800, 801, 802, 810, 2000, 20000};
	char text[GUARD_ROOM];

	(void)state;
	for (EACH(h, heads))
		for (EACH(l, lengths))
			for (int tail = 0; tail < 3; tail++) {
				int n = sprintf(text, "%s%s", heads[h],
						strchr(heads[h], '.') ? "" : ".");

				memset(text + n, tail == 2 ? '9' : '0', (size_t)lengths[l]);
				strcpy(text + n + lengths[l], tail ? "1" : "");
				assert_both(text);
				strcat(text, "e-30");
				assert_both(text);
			}
}

static void many_zeros_may_be_undone_by_the_exponent(void **state)
{
	char text[GUARD_ROOM];

	(void)state;
	for (int n = 1; n < 3000; n += 37) {
		sprintf(text, "0.%0*d1234567890123456789e%d", n, 0, n);
		assert_both(text);
		sprintf(text, "12345%0*de-%d", n, 0, n);
		assert_both(text);
	}
}

/* 'digits' is a half-way point, exactly, up to its last digit, a 5; then a little more and a little
 * less. */
static void assert_around_half(char *digits, const char *exponent,
			       void (*assert_as)(const char *text))
{
	static const char *const tails[] = {"", "000000000000000000000000001", "9999999"};
	size_t n = strlen(digits);

	for (int i = 0; i < 3; i++) {
		if (i == 2)
			digits[n - 1]--;
		sprintf(digits + n, "%s%s", tails[i], exponent);
		assert_as(digits);
	}
}

/* Splits d.ddd000e+xx, as printf() made it with more digits than needed, and tries its
 * surroundings. */
static void assert_around_printed(char *text, void (*assert_as)(const char *text))
{
	char *e = strchr(text, 'e'), exponent[16];

	strcpy(exponent, e);
	while (e[-1] == '0')
		e--;
	*e = 0;
	if (e[-1] != '.')
		assert_around_half(text, exponent, assert_as);
}

static double random_f64(void)
{
	uint64_t bits;
	double value;

	do
		bits = random_word();
	while ((bits >> 52 & 2047) == 2047);
	memcpy(&value, &bits, sizeof value);
	return value;
}

static float random_f32(void)
{
	uint32_t bits;
	float value;

	do
		bits = (uint32_t)(random_word() >> 32);
	while ((bits >> 23 & 255) == 255);
	memcpy(&value, &bits, sizeof value);
	return value;
}

/* A half-way point of doubles has 54 bits: here a whole number, or one with the last bits behind
 * the point. */
static void exact_halves_of_doubles_go_to_even(void **state)
{
	static const char *const tails[] = {"", "0000000000000", "00000000000000000000001"};
	static const char *const fractions[] = {".0", ".5", ".25"};
	char text[64];

	(void)state;
	for (uint64_t i = 0, n = test_count(100000); i < n; i++) {
		uint64_t odd = UINT64_C(1) << 53 | random_word() >> 11 | 1;
		unsigned behind = random_below(3);

		snprintf(text, sizeof text, "%llu%s%s", (unsigned long long)(odd >> behind),
			 fractions[behind], tails[random_below(3)]);
		assert_both(text);
		snprintf(text, sizeof text, "%llu", (unsigned long long)(odd << random_below(11)));
		assert_both(text);
	}
}

static void exact_halves_of_floats_go_to_even(void **state)
{
	char text[1200];

	(void)state;
	for (uint64_t i = 0, n = test_count(10000); i < n; i++) {
		uint32_t bits = fl_bits_f32(random_f32()) & 0x7fffffff, next = bits + 1;
		float low, high;

		if (next >= UINT32_C(0x7f800000))
			continue;
		memcpy(&low, &bits, sizeof low);
		memcpy(&high, &next, sizeof high);
		snprintf(text, sizeof text, "%.160e", ((double)low + (double)high) / 2);
		assert_around_printed(text, assert_f32_as_strtof);
	}
}

/* Over the whole range, subnormal numbers included; where a long double has the 54 bits of a
 * half-way point. */
static void exact_halves_of_all_doubles_go_to_even(void **state)
{
	char text[1200];

	(void)state;
	for (uint64_t i = 0, n = test_count(10000); LDBL_MANT_DIG >= 64 && i < n; i++) {
		uint64_t bits = (fl_bits_f64(random_f64()) & INT64_MAX) >> random_below(2) * 11,
			 next = bits + 1;
		double low, high;

		if (next >= UINT64_C(0x7ff) << 52)
			continue;
		memcpy(&low, &bits, sizeof low);
		memcpy(&high, &next, sizeof high);
		snprintf(text, sizeof text, "%.780Le", ((long double)low + (long double)high) / 2);
		assert_around_printed(text, assert_f64_as_strtod);
	}
}

/* Texts of many shapes */
static void random_text(char *text)
{
	int n = 0, ndigits = 1 + (int)random_below(random_below(4) ? 20 : 40),
	    point = (int)random_below(40) - 10;

	if (random_below(4) == 0)
		text[n++] = "+-"[random_below(2)];
	for (int i = 0; i < ndigits; i++) {
		if (i == point)
			text[n++] = '.';
		text[n++] = (char)('0' + (random_below(8) ? random_below(10) : 0));
	}
	if (random_below(4) == 0)
		n += sprintf(text + n, "e%d", (int)random_below(700) - 350);
	else if (random_below(3) == 0)
		n += sprintf(text + n, "E%+03d", (int)random_below(100) - 60);
	text[n] = 0;
}

static void random_texts_agree_with_the_c_library(void **state)
{
	char text[128];

	(void)state;
	for (uint64_t i = 0, n = test_count(10000000) / 10 * 7 / 2; i < n; i++) {
		random_text(text);
		assert_f64_as_strtod(text);
		random_text(text);
		assert_f32_as_strtof(text);
	}
}

static void random_bits_printed_with_enough_digits_come_back(void **state)
{
	char text[64];

	(void)state;
	for (uint64_t i = 0, n = test_count(10000000) / 10 * 3 / 2; i < n; i++) {
		double d = random_f64();
		float f = random_f32();
		int length = snprintf(text, sizeof text, "%.17g", d);

		assert_true(fl_bits_f64(f64_of(text, (size_t)length)) == fl_bits_f64(d));
		length = snprintf(text, sizeof text, "%.9g", (double)f);
		assert_true(fl_bits_f32(f32_of(text, (size_t)length)) == fl_bits_f32(f));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_of_every_form_are_numbers),
		cmocka_unit_test(infinity_and_nan_are_read_in_any_case),
		cmocka_unit_test(the_sign_of_zero_and_nan_is_kept),
		cmocka_unit_test(anything_else_is_no_number_and_stores_nothing),
		cmocka_unit_test(a_wrong_byte_is_found_at_any_place),
		cmocka_unit_test(a_byte_that_is_neither_digit_nor_point_is_found_at_any_place),
		cmocka_unit_test(two_bytes_that_are_no_digits_are_found_at_any_places),
		cmocka_unit_test(the_short_ways_agree_with_the_plain_one),
		cmocka_unit_test(the_point_may_stand_anywhere),
		cmocka_unit_test(exponents_saturate),
		cmocka_unit_test(known_hard_cases_are_exact),
		cmocka_unit_test(long_tails_decide_ties),
		cmocka_unit_test(many_zeros_may_be_undone_by_the_exponent),
		cmocka_unit_test(exact_halves_of_doubles_go_to_even),
		cmocka_unit_test(exact_halves_of_floats_go_to_even),
		cmocka_unit_test(exact_halves_of_all_doubles_go_to_even),
		cmocka_unit_test(random_texts_agree_with_the_c_library),
		cmocka_unit_test(random_bits_printed_with_enough_digits_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
