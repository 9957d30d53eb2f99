/*
 * lib/calendar.c against a slow walk through the calendar, the C library's timegm() and gmtime_r(),
 * instants whose texts were computed elsewhere with integers of any size, and its own general
 * parsers.
 */
#include "config.h"

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* timegm, MAP_ANONYMOUS */
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "calendar.h"

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof *(a))
#define UNTOUCHED INT64_C(0x5a5a5a5a5a5a5a5a)

static const int64_t units[] = {1, 1000, 1000000, 1000000000};

/* xorshift64: the same sequence in every run */
static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t random_bits(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* All magnitudes are equally likely, so that years of few digits are met as well. */
static int64_t random_count(void)
{
	const uint64_t bits = random_bits() >> random_bits() % 64;
	const int64_t count = (int64_t)(bits >> 1);

	return random_bits() & 1 ? -count : count;
}

/* Both parsers on the same text: they agree, and a fault stores nothing. */

static fl_fault parse_date(const char *p, size_t length, int64_t *days)
{
	int64_t quick = UNTOUCHED, general = UNTOUCHED;
	const fl_fault fault = fl_parse_date(p, p + length, &quick);

	if (fault != fl_parse_date_general(p, p + length, &general) || quick != general)
		fail_msg("the two parsers of dates differ on \"%.*s\"", (int)length, p);
	if (fault != FL_FINE && quick != UNTOUCHED)
		fail_msg("\"%.*s\" is a fault and stored something", (int)length, p);
	*days = quick;
	return fault;
}

static fl_fault parse_timestamp(const char *p, size_t length, int64_t per_second, int64_t *ticks)
{
	int64_t quick = UNTOUCHED, general = UNTOUCHED;
	const fl_fault fault = fl_parse_timestamp(p, p + length, per_second, &quick);
	const fl_fault reference = fl_parse_timestamp_general(p, p + length, per_second, &general);

	if (fault != reference || quick != general)
		fail_msg("the two parsers of instants differ on \"%.*s\"", (int)length, p);
	if (fault != FL_FINE && quick != UNTOUCHED)
		fail_msg("\"%.*s\" is a fault and stored something", (int)length, p);
	*ticks = quick;
	return fault;
}

static void date_is(const char *text, int64_t expected)
{
	int64_t days;

	if (parse_date(text, strlen(text), &days) != FL_FINE || days != expected)
		fail_msg("\"%s\" is not day %lld", text, (long long)expected);
}

static void date_fails(const char *text, fl_fault expected)
{
	int64_t days;
	const fl_fault fault = parse_date(text, strlen(text), &days);

	if (fault != expected)
		fail_msg("\"%s\" is fault %d, not %d", text, (int)fault, (int)expected);
}

static void instant_is(const char *text, int64_t per_second, int64_t expected)
{
	int64_t ticks;

	if (parse_timestamp(text, strlen(text), per_second, &ticks) != FL_FINE || ticks != expected)
		fail_msg("\"%s\" is not instant %lld", text, (long long)expected);
}

static void instant_fails(const char *text, int64_t per_second, fl_fault expected)
{
	int64_t ticks;
	const fl_fault fault = parse_timestamp(text, strlen(text), per_second, &ticks);

	if (fault != expected)
		fail_msg("\"%s\" is fault %d, not %d", text, (int)fault, (int)expected);
}

static void fails_in_all_units(const char *const *texts, size_t ntexts, fl_fault expected)
{
	for (size_t i = 0; i < ntexts; i++)
		for (size_t u = 0; u < ARRAY_LENGTH(units); u++)
			instant_fails(texts[i], units[u], expected);
}

static void date_is_written(int64_t days, const char *expected)
{
	char text[FL_DATE_MAX + 8];

	memset(text, '#', sizeof text);
	const size_t length = fl_format_date(text, days);

	assert_in_range(length, 10, FL_DATE_MAX);
	assert_memory_equal(text + FL_DATE_MAX, "########", 8);
	text[length] = 0;
	assert_string_equal(text, expected);
}

static void instant_is_written(int64_t ticks, int64_t per_second, const char *expected)
{
	char text[FL_TIMESTAMP_MAX + 8];

	memset(text, '#', sizeof text);
	const size_t length = fl_format_timestamp(text, ticks, per_second);

	assert_in_range(length, 20, 30);
	assert_memory_equal(text + FL_TIMESTAMP_MAX, "########", 8);
	text[length] = 0;
	assert_string_equal(text, expected);
}

/* The calendar, as it is taught. */

static bool is_leap_year(int year)
{
	return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

static void spell_date(char *text, int year, int month, int day)
{
	char *sign = text;

	if (year < 0 || year > 9999)
		*text++ = '+';
	if (year < 0) {
		*sign = '-';
		year = -year;
	}
	sprintf(text, "%04d-%02d-%02d", year, month, day);
}

static int64_t check_month(int year, int month, int64_t days)
{
	char text[40];

	for (int day = 1; day <= days_in_month(year, month); day++) {
		spell_date(text, year, month, day);
		date_is(text, days);
		date_is_written(days++, text);
	}
	for (int day = days_in_month(year, month) + 1; day < 40; day++) {
		spell_date(text, year, month, day);
		date_fails(text, FL_NO_SUCH_DAY);
	}
	return days;
}

static void every_day_of_years_minus_400_to_10500_is_where_a_walk_finds_it(void **state)
{
	int64_t days = 0;

	(void)state;
	for (int year = -400; year < 1970; year++)
		days -= is_leap_year(year) ? 366 : 365;
	for (int year = -400; year <= 10500; year++) {
		for (int month = 1; month <= 12; month++)
			days = check_month(year, month, days);
	}
}

static void the_29th_of_february_exists_in_leap_years_only(void **state)
{
	(void)state;
	date_is("2000-02-29", 11016);
	date_is("0000-02-29", -719469);
	date_is("-0000-02-29", -719469);
	date_is("+0000-02-29", -719469);
	date_is("1972-02-29", 789);
	date_is("-0004-02-29", -719469 - 1461);
	date_is("-0400-02-29", -719469 - 146097);
	date_fails("1900-02-29", FL_NO_SUCH_DAY);
	date_fails("2100-02-29", FL_NO_SUCH_DAY);
	date_fails("2023-02-29", FL_NO_SUCH_DAY);
	date_fails("-0001-02-29", FL_NO_SUCH_DAY);
	date_fails("-0100-02-29", FL_NO_SUCH_DAY);
	date_fails("+10100-02-29", FL_NO_SUCH_DAY);
	instant_is("0000-02-29T00:00:00Z", 1, INT64_C(-719469) * 86400);
	instant_fails("1900-02-29 00:00:00", 1, FL_NO_SUCH_DAY);
	instant_fails("2100-02-29", 1, FL_NO_SUCH_DAY);
}

static void a_year_may_have_a_sign_and_4_to_18_digits(void **state)
{
	(void)state;
	date_is("+1970-01-01", 0);
	date_is("+01970-01-02", 1);
	date_is("+000000000000001970-01-02", 1);
	date_is("-0001-12-31", -719529);
	date_is("-000000000000000001-12-31", -719529);
	date_is("+10000-01-01", 2932897);
	date_is("+12345-01-01", 3789391);
	date_is("-0044-03-15", -735525);
	date_fails("+0000000000000001970-01-02", FL_TIME_RANGE);
	date_fails("+970-01-01", FL_NOT_DATE);
	date_fails("-44-03-15", FL_NOT_DATE);
	date_fails("12345-01-01", FL_NOT_DATE);
	date_fails("01970-01-01", FL_NOT_DATE);
}

static void the_greatest_and_the_least_day_are_expressible_and_no_other(void **state)
{
	(void)state;
	date_is("+25252734927768524-07-27", INT64_MAX);
	date_is("+25252734927768524-07-26", INT64_MAX - 1);
	date_is("-25252734927764585-06-08", -INT64_MAX);
	date_is("-25252734927764585-06-09", -INT64_MAX + 1);
	date_is_written(INT64_MAX, "+25252734927768524-07-27");
	date_is_written(INT64_MAX - 1, "+25252734927768524-07-26");
	date_is_written(-INT64_MAX, "-25252734927764585-06-08");
	date_is_written(INT64_MIN, "-25252734927764585-06-07");
	date_fails("+25252734927768524-07-28", FL_TIME_RANGE);
	date_fails("+25252734927768525-01-01", FL_TIME_RANGE);
	date_fails("-25252734927764585-06-07", FL_TIME_RANGE);
	date_fails("-25252734927764585-06-06", FL_TIME_RANGE);
	date_fails("-25252734927764586-12-31", FL_TIME_RANGE);
	date_fails("+999999999999999999-12-31", FL_TIME_RANGE);
	date_fails("-999999999999999999-01-01", FL_TIME_RANGE);
	date_fails("+123456789012345678901234567890-12-31", FL_TIME_RANGE);
	date_fails("-123456789012345678901234567890-12-31", FL_TIME_RANGE);
	date_fails("+9999999999999999999999999-02-29", FL_NO_SUCH_DAY);
	date_fails("-9999999999999999999999996-02-29", FL_TIME_RANGE);
	date_fails("+1000000000000000000100-02-29", FL_NO_SUCH_DAY);
	date_fails("+1000000000000000000400-02-29", FL_TIME_RANGE);
}

/* Texts of the instants around each limit; the count of 'text' is 'ticks'. */
static const struct limit {
	int64_t per_second, ticks;
	const char *text, *beyond;
} limits[] = {
	{1, INT64_MAX, "+292277026596-12-04T15:30:07Z", "+292277026596-12-04T15:30:08Z"},
	{1, INT64_MAX - 1, "+292277026596-12-04T15:30:06Z", "+292277026596-12-05"},
	{1, -INT64_MAX, "-292277022657-01-27T08:29:53Z", "-292277022657-01-27T08:29:52Z"},
	{1, -INT64_MAX + 1, "-292277022657-01-27T08:29:54Z", "-292277022657-01-27T08:29:51Z"},
	{1000, INT64_MAX, "+292278994-08-17T07:12:55.807Z", "+292278994-08-17T07:12:55.808Z"},
	{1000, INT64_MAX - 7, "+292278994-08-17T07:12:55.8Z", "+292278994-08-17T07:12:56Z"},
	{1000, -INT64_MAX, "-292275055-05-16T16:47:04.193Z", "-292275055-05-16T16:47:04.192Z"},
	{1000, -INT64_MAX + 7, "-292275055-05-16T16:47:04.2Z", "-292275055-05-16T16:47:04.191Z"},
	{1000000, INT64_MAX, "+294247-01-10T04:00:54.775807Z", "+294247-01-10T04:00:54.775808Z"},
	{1000000, INT64_MAX - 7, "+294247-01-10T04:00:54.7758Z", "+294247-01-10T04:00:55Z"},
	{1000000, -INT64_MAX, "-290308-12-21T19:59:05.224193Z", "-290308-12-21T19:59:05.224192Z"},
	{1000000, -INT64_MAX + 7, "-290308-12-21T19:59:05.2242Z", "-290308-12-21T19:59:05.22Z"},
	{1000000000, INT64_MAX, "2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775808Z"},
	{1000000000, INT64_MAX - 7, "2262-04-11T23:47:16.8547758Z", "2262-04-11T23:47:17Z"},
	{1000000000, -INT64_MAX, "1677-09-21T00:12:43.145224193Z", "1677-09-21T00:12:43.14522419Z"},
	{1000000000, -INT64_MAX + 7, "1677-09-21T00:12:43.1452242Z", "1677-09-21T00:12:43Z"},
};

static void the_limits_of_each_unit_are_expressible_and_nothing_beyond(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
		const struct limit *l = &limits[i];

		instant_is(l->text, l->per_second, l->ticks);
		instant_is_written(l->ticks, l->per_second, l->text);
		instant_fails(l->beyond, l->per_second, FL_TIME_RANGE);
	}
	instant_is_written(INT64_MIN, 1, "-292277022657-01-27T08:29:52Z");
	instant_is_written(INT64_MIN, 1000000000, "1677-09-21T00:12:43.145224192Z");
}

static void an_offset_can_bring_an_instant_into_range_or_out_of_it(void **state)
{
	(void)state;
	instant_is("+292277026596-12-05T15:29:07+23:59", 1, INT64_MAX);
	instant_fails("+292277026596-12-05T15:29:08+23:59", 1, FL_TIME_RANGE);
	instant_fails("+292277026596-12-04T15:30:07-00:01", 1, FL_TIME_RANGE);
	instant_is("-292277022657-01-26T08:30:53-23:59", 1, -INT64_MAX);
	instant_fails("-292277022657-01-26T08:30:52-23:59", 1, FL_TIME_RANGE);
	instant_fails("-292277022657-01-27T08:29:53+00:01", 1, FL_TIME_RANGE);
	instant_is("2262-04-12T00:47:16.854775807+01", 1000000000, INT64_MAX);
	instant_is("1677-09-20T23:12:43.145224193-0100", 1000000000, -INT64_MAX);
	instant_fails("1677-09-20T23:12:43.145224192-01", 1000000000, FL_TIME_RANGE);
}

static void a_day_out_of_range_is_an_instant_out_of_range(void **state)
{
	static const char *const texts[] = {
		"+25252734927768524-07-27", "+25252734927768524-07-28",
		"-25252734927764585-06-08", "-25252734927764585-06-08T00:00+23:59",
		"+25252734927768524-07-27T23:59:59-23:59", "+999999999999999999-12-31T23:59:59Z",
		"-1234567890123456789012345-01-01 00:00",
	};

	(void)state;
	fails_in_all_units(texts, ARRAY_LENGTH(texts), FL_TIME_RANGE);
	instant_fails("1677-09-21", 1000000000, FL_TIME_RANGE);
	instant_is("1677-09-22", 1000000000, INT64_C(-106751) * 86400 * 1000000000);
	instant_is("2262-04-11", 1000000000, INT64_C(106751) * 86400 * 1000000000);
	instant_fails("2262-04-12", 1000000000, FL_TIME_RANGE);
	instant_fails("0000-01-01T00:00:00Z", 1000000000, FL_TIME_RANGE);
	instant_fails("9999-12-31T23:59:59.999999999Z", 1000000000, FL_TIME_RANGE);
}

static void all_forms_of_an_instant_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ticks; /* milliseconds */
	} forms[] = {
		{"1970-01-02", 86400000},
		{"1970-01-01T00:01", 60000},
		{"1970-01-01t00:01", 60000},
		{"1970-01-01 00:01", 60000},
		{"1970-01-01 00:01Z", 60000},
		{"1970-01-01 00:01z", 60000},
		{"1970-01-01 01:01+01", 60000},
		{"1970-01-01T00:00:02", 2000},
		{"1970-01-01t00:00:02", 2000},
		{"1970-01-01 00:00:02Z", 2000},
		{"1970-01-01T00:00:02z", 2000},
		{"1970-01-01T00:00:02.5", 2500},
		{"1970-01-01T00:00:02,5", 2500},
		{"1970-01-01T00:00:02.25Z", 2250},
		{"1970-01-01T00:00:02.125z", 2125},
		{"1970-01-01T00:00:02.001", 2001},
		{"1970-01-01T00:00:02.125000000", 2125},
		{"1970-01-01T00:00:02.125000000000000000000000000000Z", 2125},
		{"1970-01-01T00:00:02.5+00:00", 2500},
		{"1970-01-01T00:00:02.5-00:00", 2500},
		{"1970-01-01T00:00:02.5-0000", 2500},
		{"1970-01-01T00:00:02.5-00", 2500},
		{"1969-12-31T23:59:59.999", -1},
		{"1969-12-31T23:59:59", -1000},
		{"-0001-12-31T23:59:59.5Z", INT64_C(-62167219200500)},
		{"+10000-01-01T00:00:00Z", INT64_C(253402300800000)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++)
		instant_is(forms[i].text, 1000, forms[i].ticks);
}

static void an_offset_is_subtracted_across_midnight_and_the_end_of_a_year(void **state)
{
	(void)state;
	instant_is("1970-01-01T00:30:00+01:00", 1, -1800);
	instant_is("1970-01-01T00:30+0100", 1, -1800);
	instant_is("1970-01-01T00:30:00.5+01", 1000, -1799500);
	instant_is("1969-12-31T23:30:00-01:00", 1, 1800);
	instant_is("1969-12-31T23:30:00.25-01:00", 1000, 1800250);
	instant_is("1970-01-01T00:00:00+23:59", 1, -86340);
	instant_is("1969-12-31T23:59:59-23:59", 1, 86339);
	instant_is("2001-01-01T00:00:00+05:30", 1, INT64_C(978287400));
	instant_is("2000-12-31T23:00:00-08:00", 1, INT64_C(978332400));
	instant_is("2000-03-01T00:00:00.000001+00:01", 1000000, INT64_C(951868740000001));
	instant_is("0000-01-01T00:00:00+00:01", 1, INT64_C(-62167219260));
}

static void other_forms_are_no_dates(void **state)
{
	static const char *const texts[] = {
		"", "-", "+", "2024", "2024-", "2024-12", "2024-12-", "2024-12-3", "2024-12-311",
		"2024-12-31 ", " 2024-12-31", "2024-12-31T", "20241231", "2024/12/31",
		"2024-12/31", "2024-1-01", "2024-012-01", "24-12-31", "2024-12-3a", "2024-a2-31",
		"a024-12-31", "2O24-12-31", "--2024-12-1", "++2024-12-31", "+-2024-12-1",
		"2024--12-31", "2024-12-+1", "2024-+1-01", "31-12-2024", "2024-W01-1", "2024-366",
		"NaT", "null", "2024-12-31Z", "2024:12:31", "202412-31-", "2024-12-/1",
		"2024-12-:1", "2024-:1-01", "/024-12-31", ":024-12-31", "2024-12-\xb1",
		"\262024-12-31", "2024-12-31T00:00:00", "+2024-12-31 00:00",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		date_fails(texts[i], FL_NOT_DATE);
	int64_t days;
	assert_int_equal(parse_date("2024-12-31\0", 11, &days), FL_NOT_DATE);
	assert_int_equal(parse_date("2024-12-3\0", 10, &days), FL_NOT_DATE);
}

static void days_the_calendar_does_not_have_are_faults(void **state)
{
	static const char *const texts[] = {
		"2024-00-01", "2024-13-01", "2024-19-01", "2024-20-01", "2024-99-01",
		"2024-01-00", "2024-01-32", "2024-04-31", "2024-06-31", "2024-09-31",
		"2024-11-31", "2024-02-30", "2023-02-29", "2024-01-40", "2024-01-99",
		"0000-00-00", "+2024-00-01", "-0001-12-32", "+123456-13-01",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		date_fails(texts[i], FL_NO_SUCH_DAY);
		instant_fails(texts[i], 1, FL_NO_SUCH_DAY);
	}
	instant_fails("2023-02-29T12:00:00Z", 1, FL_NO_SUCH_DAY);
	instant_fails("2024-13-01 12:00:00", 1000, FL_NO_SUCH_DAY);
	instant_fails("2024-04-31T25:00:60+99", 1000000, FL_NO_SUCH_DAY);
}

static void other_forms_are_no_instants(void **state)
{
	static const char *const texts[] = {
		"", "NaT", "1735689599", "2024-12-3", "2024-12-31T", "2024-12-31 ", "2024-12-31Z",
		"2024-12-31+01:00", "2024-12-31T23", "2024-12-31T23Z", "2024-12-31T2359",
		"2024-12-31T23:5", "2024-12-31T23:59:", "2024-12-31T23:59:5",
		"2024-12-31T23:59:599", "2024-12-31T23:59:59.", "2024-12-31T23:59:59,",
		"2024-12-31T23:59:59.Z", "2024-12-31T23:59:59.+01", "2024-12-31T23:59:59.5.",
		"2024-12-31T23:59:59.5 ", "2024-12-31T23:59:59.5a",
		"2024-12-31T23:59:59.12345678a", "2024-12-31T23:59:59.a2345678Z",
		"2024-12-31T23:59:59.12345678/", "2024-12-31T23:59:59 Z", "2024-12-31T23:59:59ZZ",
		"2024-12-31T23:59:59zZ", "2024-12-31T23:59:59.5ZZ", "2024-12-31T23:59:59UTC",
		"2024-12-31T23:59.5", "2024-12-31  23:59:59", "2024-12-31_23:59:59",
		"2024-12-31T23:59:59+", "2024-12-31T23:59:59+1", "2024-12-31T23:59:59+01:",
		"2024-12-31T23:59:59+01:0", "2024-12-31T23:59:59+010",
		"2024-12-31T23:59:59+01:000", "2024-12-31T23:59:59+01:00Z",
		"2024-12-31T23:59:59Z+01:00", "2024-12-31T23:59:59++1:00",
		"2024-12-31T23:59:59 +01:00", "2024-12-31T-1:59:59", "2024-12-31T23.59.59",
		"12345-12-31T23:59:59", " 2024-12-31T23:59:59",
	};

	(void)state;
	fails_in_all_units(texts, ARRAY_LENGTH(texts), FL_NOT_TIME);
}

static void times_the_clock_does_not_have_are_faults(void **state)
{
	static const char *const texts[] = {
		"2024-12-31T24:00", "2024-12-31T24:00:00", "2024-12-31T29:00:00Z",
		"2024-12-31T99:00:00", "2024-12-31T23:60", "2024-12-31T23:60:00",
		"2024-12-31T23:99:00", "2024-12-31T23:59:61", "2024-12-31T23:59:99",
		"2024-12-31T23:59:59+24:00", "2024-12-31T23:59:59-24",
		"2024-12-31T23:59:59+00:60", "2024-12-31T23:59:59-9999", "2024-12-31T24:00:60Z",
		"2024-12-31T23:59:60+24:00", "2024-12-31T24:00:00.5Z",
		"+99999999999999999-01-01T24:00",
	};

	(void)state;
	fails_in_all_units(texts, ARRAY_LENGTH(texts), FL_NO_SUCH_TIME);
}

static void second_60_is_a_leap_second(void **state)
{
	static const char *const texts[] = {
		"2016-12-31T23:59:60", "2016-12-31T23:59:60Z",
		"2016-12-31T23:59:60.123456789123Z", "2017-01-01T00:59:60+01:00",
		"2016-12-31 12:00:60.0", "+99999999999999999-01-01T00:00:60",
	};

	(void)state;
	fails_in_all_units(texts, ARRAY_LENGTH(texts), FL_LEAP_SECOND);
}

static void a_fraction_below_the_unit_is_never_cut(void **state)
{
	(void)state;
	instant_fails("2024-12-31T23:59:59.1", 1, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59.000000001Z", 1, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59.0001", 1000, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59.99999999", 1000, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59.000000001", 1000, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59.0000001", 1000000, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59.000000001", 1000000, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59.0000000001", 1000000000, FL_TOO_FINE);
	instant_fails("2024-12-31T23:59:59,00000000000000000001Z", 1000000000, FL_TOO_FINE);
	instant_fails("+99999999999999999-01-01T00:00:00.5", 1, FL_TOO_FINE);
	instant_is("1970-01-01T00:00:01.000000000", 1, 1);
	instant_is("1970-01-01T00:00:01.00000000000000000000", 1, 1);
	instant_is("1970-01-01T00:00:01.123000000", 1000, 1123);
	instant_is("1970-01-01T00:00:01.123456000", 1000000, 1123456);
	instant_is("1970-01-01T00:00:01.123456789000", 1000000000, 1123456789);
}

static void a_fraction_of_any_length_weighs_its_digits_right(void **state)
{
	static const char digits[] = "987654321000";

	(void)state;
	for (size_t u = 0; u < ARRAY_LENGTH(units); u++) {
		for (size_t n = 1; n <= 12; n++) {
			char text[40] = "1970-01-01T00:00:07.";
			int64_t weight = units[u], expected = 7 * units[u];

			memcpy(text + 20, digits, n); /* the rest of text is NUL */
			for (size_t i = 0; i < n && weight > 1; i++)
				expected += (digits[i] - '0') * (weight /= 10);
			if (units[u] == 1 || (n > 3 * u && units[u] < 1000000000))
				instant_fails(text, units[u], FL_TOO_FINE);
			else
				instant_is(text, units[u], expected);
		}
	}
}

static void an_instant_is_written_with_no_more_digits_than_it_needs(void **state)
{
	(void)state;
	instant_is_written(0, 1, "1970-01-01T00:00:00Z");
	instant_is_written(0, 1000000000, "1970-01-01T00:00:00Z");
	instant_is_written(-1, 1000000000, "1969-12-31T23:59:59.999999999Z");
	instant_is_written(-1, 1, "1969-12-31T23:59:59Z");
	instant_is_written(1500, 1000, "1970-01-01T00:00:01.5Z");
	instant_is_written(-1500, 1000, "1969-12-31T23:59:58.5Z");
	instant_is_written(1000001, 1000000, "1970-01-01T00:00:01.000001Z");
	instant_is_written(100, 1000000000, "1970-01-01T00:00:00.0000001Z");
	instant_is_written(INT64_C(253402300800), 1, "+10000-01-01T00:00:00Z");
	instant_is_written(INT64_C(-62167219201), 1, "-0001-12-31T23:59:59Z");
	instant_is_written(INT64_C(-62167219200), 1, "0000-01-01T00:00:00Z");
}

static void every_count_is_read_back(void **state)
{
	char text[FL_TIMESTAMP_MAX];
	int64_t back;

	(void)state;
	for (int i = 0; i < 400000; i++) {
		const int64_t count = random_count();
		const int64_t per_second = units[i & 3];

		size_t length = fl_format_timestamp(text, count, per_second);
		assert_in_range(length, 20, 30);
		assert_int_equal(parse_timestamp(text, length, per_second, &back), FL_FINE);
		assert_true(back == count);

		length = fl_format_date(text, count);
		assert_in_range(length, 10, FL_DATE_MAX);
		assert_int_equal(parse_date(text, length, &back), FL_FINE);
		assert_true(back == count);
	}
}

static void counts_next_to_the_limits_are_read_back(void **state)
{
	char text[FL_TIMESTAMP_MAX];
	int64_t back;

	(void)state;
	for (int64_t i = 0; i < 5000; i++) {
		const int64_t count = i & 1 ? INT64_MAX - i / 2 : -INT64_MAX + i / 2;

		for (size_t u = 0; u < ARRAY_LENGTH(units); u++) {
			const size_t length = fl_format_timestamp(text, count, units[u]);

			assert_int_equal(parse_timestamp(text, length, units[u], &back), FL_FINE);
			assert_true(back == count);
		}
		assert_int_equal(parse_date(text, fl_format_date(text, count), &back), FL_FINE);
		assert_true(back == count);
	}
}

static void the_c_library_agrees(void **state)
{
	char text[40], ours[FL_TIMESTAMP_MAX + 1];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		/* years -6060..9999 */
		const int64_t seconds = random_count() % INT64_C(253402300800);
		const time_t when = (time_t)seconds;
		struct tm tm;

		assert_non_null(gmtime_r(&when, &tm));
		assert_true(timegm(&tm) == when);
		spell_date(text, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
		sprintf(text + strlen(text), "T%02d:%02d:%02dZ", tm.tm_hour, tm.tm_min, tm.tm_sec);

		ours[fl_format_timestamp(ours, seconds, 1)] = 0;
		assert_string_equal(ours, text);
		instant_is(text, 1, seconds);
		instant_is(text, 1000, seconds * 1000);
	}
}

/* What follows changes valid texts; parse_date() and parse_timestamp() compare the parsers. */

static const char *const valid[] = {
	"2024-02-29",
	"2024-02-29T23:59",
	"2024-02-29T23:59:59",
	"1999-12-31 00:00:00Z",
	"2024-02-29T23:59:59.5",
	"2024-02-29T23:59:59.125Z",
	"1970-01-01 23:59:59.123456",
	"1969-07-20t20:17:40.12345678z",
	"2262-04-11T23:47:16.854775807Z",
	"1677-09-21T00:12:43.145224193",
	"2024-02-29T23:59:59.1234567891",
	"2024-02-29T23:59:59+05:30",
	"2024-02-29T23:59:59.123456789+05:30",
	"2024-02-29T23:59:59-0530",
	"1970-01-01 00:00:00.5-00:00",
	"-0044-03-15T12:00:00.000Z",
	"+292277026596-12-04T15:30:07Z",
};

static void compare_parsers(const char *text, size_t length)
{
	int64_t value;

	parse_date(text, length, &value);
	for (size_t u = 0; u < ARRAY_LENGTH(units); u++)
		parse_timestamp(text, length, units[u], &value);
}

static void both_parsers_agree_on_every_change_of_one_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(valid); i++) {
		const size_t length = strlen(valid[i]);
		char text[64];

		memcpy(text, valid[i], length + 1);
		for (size_t at = 0; at < length; at++) {
			for (int byte = 0; byte < 256; byte++) {
				text[at] = (char)byte;
				compare_parsers(text, length);
			}
			text[at] = valid[i][at];
		}
	}
}

static size_t change_somewhere(char *text, size_t length)
{
	static const char likely[] = "0123456789012356-+:.,TtZz /;";
	const size_t at = random_bits() % length;
	const char byte = likely[random_bits() % (sizeof likely - 1)];

	switch (random_bits() % 4) {
	case 0:
		memmove(text + at + 1, text + at, length - at);
		text[at] = byte;
		return length + 1;
	case 1:
		memmove(text + at, text + at + 1, length - at - 1);
		return length - 1;
	default:
		text[at] = byte;
		return length;
	}
}

static void both_parsers_agree_on_random_changes(void **state)
{
	char text[64];

	(void)state;
	for (int i = 0; i < 300000; i++) {
		const char *origin = valid[random_bits() % ARRAY_LENGTH(valid)];
		size_t length = strlen(origin);

		memcpy(text, origin, length);
		for (uint64_t n = 1 + random_bits() % 4; n > 0; n--)
			length = change_somewhere(text, length);
		compare_parsers(text, length);
	}
}

static void both_parsers_agree_on_random_forms(void **state)
{
	char text[80];

	(void)state;
	for (int i = 0; i < 300000; i++) {
		const uint64_t r = random_bits(), s = random_bits();
		int length = sprintf(text, "%04u-%02u-%02u%c%02u:%02u:%02u", (unsigned)(r % 10000),
				     (unsigned)((r >> 16) % 14), (unsigned)((r >> 24) % 33),
				     "T t"[(r >> 32) % 3], (unsigned)((r >> 34) % 25),
				     (unsigned)((r >> 40) % 61), (unsigned)((r >> 48) % 61));

		if (s & 1)
			length += sprintf(text + length, ".%0*llu", (int)((s >> 1) % 11) + 1,
					  (unsigned long long)(s >> (20 + (s >> 5) % 40)));
		if (s & 2)
			text[length++] = 'Z';
		else if (s & 4)
			length += sprintf(text + length, "%c%02u:%02u", "+-"[s >> 63],
					  (unsigned)(s >> 56 & 31), (unsigned)(s >> 50 & 63));
		compare_parsers(text, (size_t)length);
	}
}

static bool is_instant_of_length(size_t length)
{
	/* 2024-02-29 | T23:59 | :59 | .1 to .123456789 | +05 | :30 */
	return length == 10 || length == 16 || length == 19 || (length >= 21 && length <= 29) ||
	       length == 32 || length == 35;
}

static void a_text_cut_anywhere_is_a_shorter_form_or_a_fault(void **state)
{
	static const char text[] = "2024-02-29T23:59:59.123456789+05:30";
	int64_t value;

	(void)state;
	for (size_t length = 0; length < sizeof text; length++) {
		const fl_fault expected = is_instant_of_length(length) ? FL_FINE : FL_NOT_TIME;

		assert_int_equal(parse_timestamp(text, length, 1000000000, &value), expected);
		assert_int_equal(parse_date(text, length, &value),
				 length == 10 ? FL_FINE : FL_NOT_DATE);
	}
}

static void nothing_at_or_past_the_end_is_read(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	(void)state;
	assert_true(pages != MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(valid); i++) {
		for (size_t length = 0; length <= strlen(valid[i]); length++) {
			char *text = pages + page - length;

			memcpy(text, valid[i], length);
			compare_parsers(text, length);
		}
	}
	munmap(pages, 2 * page);
}

static void nothing_before_the_text_counts(void **state)
{
	/* The quick parser of fractions loads bytes before the fraction. */
	char text[] = "99999999999999991970-01-01T00:00:01.5";
	int64_t ticks;

	(void)state;
	assert_int_equal(parse_timestamp(text + 16, strlen(text + 16), 1000, &ticks), FL_FINE);
	assert_int_equal(ticks, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_years_minus_400_to_10500_is_where_a_walk_finds_it),
		cmocka_unit_test(the_29th_of_february_exists_in_leap_years_only),
		cmocka_unit_test(a_year_may_have_a_sign_and_4_to_18_digits),
		cmocka_unit_test(the_greatest_and_the_least_day_are_expressible_and_no_other),
		cmocka_unit_test(the_limits_of_each_unit_are_expressible_and_nothing_beyond),
		cmocka_unit_test(an_offset_can_bring_an_instant_into_range_or_out_of_it),
		cmocka_unit_test(a_day_out_of_range_is_an_instant_out_of_range),
		cmocka_unit_test(all_forms_of_an_instant_are_read),
		cmocka_unit_test(an_offset_is_subtracted_across_midnight_and_the_end_of_a_year),
		cmocka_unit_test(other_forms_are_no_dates),
		cmocka_unit_test(days_the_calendar_does_not_have_are_faults),
		cmocka_unit_test(other_forms_are_no_instants),
		cmocka_unit_test(times_the_clock_does_not_have_are_faults),
		cmocka_unit_test(second_60_is_a_leap_second),
		cmocka_unit_test(a_fraction_below_the_unit_is_never_cut),
		cmocka_unit_test(a_fraction_of_any_length_weighs_its_digits_right),
		cmocka_unit_test(an_instant_is_written_with_no_more_digits_than_it_needs),
		cmocka_unit_test(every_count_is_read_back),
		cmocka_unit_test(counts_next_to_the_limits_are_read_back),
		cmocka_unit_test(the_c_library_agrees),
		cmocka_unit_test(both_parsers_agree_on_every_change_of_one_byte),
		cmocka_unit_test(both_parsers_agree_on_random_changes),
		cmocka_unit_test(both_parsers_agree_on_random_forms),
		cmocka_unit_test(a_text_cut_anywhere_is_a_shorter_form_or_a_fault),
		cmocka_unit_test(nothing_at_or_past_the_end_is_read),
		cmocka_unit_test(nothing_before_the_text_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
