/*
 * lib/error.c: every message in full, texts made printable, and whose failure is told.
 */
#include "config.h"

#include "error.h"
#include "support.h"

static const flat_field price = {.name = "price", .type = FLAT_F64};
static const flat_field size = {.name = "size", .type = FLAT_U8};
static const flat_field day = {.name = "day", .type = FLAT_DATE};
static const flat_field venue = {.name = "venue", .type = FLAT_STR, .width = 4};
static const flat_field note = {.name = "note", .type = FLAT_TEXT};

static const struct {
	fl_fault fault;
	flat_status status;
	const flat_field *field;
	const char *text;
	size_t expected, found;
	const char *message;
} faults[] = {
	{FL_NOT_NUMBER, FLAT_BAD_VALUE, &price, "12.5.1", 0, 0,
	 "a.csv:8: record 7, field 2 \"price\" (byte 99): \"12.5.1\" is not an f64: it is not a number of this type"},
	{FL_TOO_GREAT, FLAT_OUT_OF_RANGE, &size, "256", 0, 0,
	 "a.csv:8: record 7, field 2 \"size\" (byte 99): \"256\" is not a u8: the greatest is 255"},
	{FL_TOO_SMALL, FLAT_OUT_OF_RANGE, &size, "-1", 0, 0,
	 "a.csv:8: record 7, field 2 \"size\" (byte 99): \"-1\" is not a u8: the least is 0"},
	{FL_NOT_BOOL, FLAT_BAD_VALUE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): it is none of true, false, t, f, 1, 0"},
	{FL_NOT_DATE, FLAT_BAD_VALUE, &day, "1/2/3", 0, 0,
	 "a.csv:8: record 7, field 2 \"day\" (byte 99): \"1/2/3\" is not a date: a date is written like 2024-12-31"},
	{FL_NOT_TIME, FLAT_BAD_VALUE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): a time is written like 2024-12-31T23:59:59.5+01:00"},
	{FL_NO_SUCH_DAY, FLAT_BAD_VALUE, &day, "2023-02-29", 0, 0,
	 "a.csv:8: record 7, field 2 \"day\" (byte 99): \"2023-02-29\" is not a date: the calendar has no such day"},
	{FL_NO_SUCH_TIME, FLAT_BAD_VALUE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): the clock has no such time"},
	{FL_LEAP_SECOND, FLAT_OUT_OF_RANGE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): Unix time has no number for second 60"},
	{FL_TOO_FINE, FLAT_OUT_OF_RANGE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): its fraction is finer than the unit; use a finer unit"},
	{FL_TIME_RANGE, FLAT_OUT_OF_RANGE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): it is too far from 1970 for 64 bits; use a coarser unit"},
	{FL_TOO_WIDE, FLAT_OUT_OF_RANGE, &venue, "NASDAQ", 4, 0,
	 "a.csv:8: record 7, field 2 \"venue\" (byte 99): \"NASDAQ\" is not a str4: the field holds 4 bytes, the text has more; "
	 "use a wider str"},
	{FL_ENDS_IN_NUL, FLAT_OUT_OF_RANGE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): it ends in a zero byte, which padding would hide; ask for lengths"},
	{FL_NO_NULL, FLAT_BAD_NULL, &size, "", 0, 0,
	 "a.csv:8: record 7, field 2 \"size\" (byte 99): \"\" is not a u8: it is null, and the column has no place for a null"},
	{FL_NO_ROOM, FLAT_ARENA_FULL, &note, "a\tb", 10, 0,
	 "a.csv:8: record 7, field 2 \"note\" (byte 99): \"a\\x09b\": the arena of 10 bytes is full; "
	 "give a larger one and read again"},
	{FL_STRAY_QUOTE, FLAT_BAD_QUOTE, &price, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 \"price\" (byte 99): a quote inside a field that does not start with one; "
	 "quote the whole field"},
	{FL_AFTER_QUOTE, FLAT_BAD_QUOTE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): something follows a closing quote; double the quotes inside a quoted field"},
	{FL_BARE_CR, FLAT_BAD_NEWLINE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): a carriage return that no line feed follows; quote the field, or end lines "
	 "with LF or CRLF"},
	{FL_OPEN_QUOTE, FLAT_OPEN_QUOTE, NULL, NULL, 0, 0,
	 "a.csv:8: record 7, field 2 (byte 99): the input ends inside this quoted field; it is cut off, or a quote is missing"},
	{FL_TOO_FEW, FLAT_BAD_SHAPE, NULL, NULL, 3, 2,
	 "a.csv:8: record 7, field 2 (byte 99): a record has 3 fields, this one ends after 2"},
	{FL_TOO_MANY, FLAT_BAD_SHAPE, NULL, NULL, 3, 4,
	 "a.csv:8: record 7, field 2 (byte 99): a record has 3 fields, this one has 4"},
	{FL_TOO_LONG, FLAT_TOO_LONG, NULL, NULL, 100, 0,
	 "a.csv:8: record 7, field 2 (byte 99): the record is longer than max_record, 100 bytes; a quote is missing, or raise "
	 "the limit"},
	{FL_TOO_WIDE_HEADER, FLAT_TOO_LONG, NULL, NULL, 100, 0,
	 "a.csv:8: record 7, field 2 (byte 99): the header has more fields than max_fields, 100; raise the limit"},
};

static void a_fault_of_a_record_is_told_in_full(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(faults); i++) {
		const struct fl_place place = {
			.source = "a.csv", .record = 7, .line = 8, .byte = 99, .field = 2, .schema = faults[i].field,
			.text = faults[i].text, .text_nbytes = faults[i].text ? strlen(faults[i].text) : 0,
			.expected = faults[i].expected, .found = faults[i].found,
		};
		flat_error error;

		fl_error_clear(&error);
		assert_int_equal(fl_error_fault(&error, faults[i].fault, &place), faults[i].status);
		assert_int_equal(error.status, faults[i].status);
		assert_string_equal(error.message, faults[i].message);
		assert_non_null(strstr(error.message, error.reason));
		assert_true(*error.reason);
		assert_int_equal(error.record, 7);
		assert_int_equal(error.line, 8);
		assert_int_equal(error.byte, 99);
		assert_int_equal(error.field, 2);
		assert_int_equal(error.os, 0);
		assert_string_equal(error.name, faults[i].field ? faults[i].field->name : "");
		assert_int_equal(fl_error_fault(NULL, faults[i].fault, &place), faults[i].status);
	}
}

static void the_limits_of_every_integer_type_are_told(void **state)
{
	static const struct {
		flat_type type;
		const char *least, *greatest;
	} limits[] = {
		{FLAT_I8, "the least is -128", "the greatest is 127"},
		{FLAT_I16, "the least is -32768", "the greatest is 32767"},
		{FLAT_I32, "the least is -2147483648", "the greatest is 2147483647"},
		{FLAT_I64, "the least is -9223372036854775808", "the greatest is 9223372036854775807"},
		{FLAT_U8, "the least is 0", "the greatest is 255"},
		{FLAT_U16, "the least is 0", "the greatest is 65535"},
		{FLAT_U32, "the least is 0", "the greatest is 4294967295"},
		{FLAT_U64, "the least is 0", "the greatest is 18446744073709551615"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(limits); i++) {
		const flat_field field = {.name = "n", .type = limits[i].type};
		const struct fl_place place = {.source = "s", .record = 1, .line = 1, .field = 1, .schema = &field, .text = ""};
		flat_error error;

		fl_error_clear(&error);
		fl_error_fault(&error, FL_TOO_SMALL, &place);
		assert_string_equal(error.reason, limits[i].least);
		fl_error_clear(&error);
		fl_error_fault(&error, FL_TOO_GREAT, &place);
		assert_string_equal(error.reason, limits[i].greatest);
	}
}

static void a_fault_in_the_header_has_no_record(void **state)
{
	const struct fl_place place = {.source = "<memory>", .line = 1, .byte = 3, .field = 1};
	flat_error error;

	(void)state;
	fl_error_clear(&error);
	fl_error_fault(&error, FL_OPEN_QUOTE, &place);
	assert_string_equal(error.message, "<memory>:1: header, field 1 (byte 3): the input ends inside this quoted field; it is "
					   "cut off, or a quote is missing");
}

static void a_fault_of_the_whole_record_has_no_field(void **state)
{
	const struct fl_place place = {.source = "s", .record = 2, .line = 3, .byte = 4, .expected = 5};
	flat_error error;

	(void)state;
	fl_error_clear(&error);
	fl_error_fault(&error, FL_TOO_LONG, &place);
	assert_string_equal(error.message, "s:3: record 2 (byte 4): the record is longer than max_record, 5 bytes; a quote is "
					   "missing, or raise the limit");
}

static void every_fault_has_a_message_that_is_whole_with_the_longest_parts(void **state)
{
	char long_text[5000], name[5000];
	flat_field field = {.name = name, .type = FLAT_STR, .width = 1u << 24};
	struct fl_place place = {
		.source = long_text, .record = UINT64_MAX, .line = UINT64_MAX, .byte = UINT64_MAX, .field = UINT64_MAX,
		.schema = &field, .text = long_text, .text_nbytes = sizeof long_text - 1,
	};

	(void)state;
	memset(long_text, 'x', sizeof long_text);
	long_text[sizeof long_text - 1] = '\0';
	memcpy(name, long_text, sizeof name);
	for (size_t i = 1; i < FL_NFAULTS; i++) {
		flat_error error;
		size_t reason, message;

		memset(&error, CANARY, sizeof error);
		fl_error_clear(&error);
		place.expected = SIZE_MAX;
		place.found = SIZE_MAX;
		assert_int_not_equal(fl_error_fault(&error, (fl_fault)i, &place), FLAT_OK);
		reason = strlen(error.reason);
		message = strlen(error.message);
		assert_in_range(reason, 1, sizeof error.reason - 2);
		assert_in_range(message, reason, sizeof error.message - 2);
		assert_string_equal(error.message + message - reason, error.reason);
	}
}

static void every_status_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(flat_status_name(FLAT_OK), "FLAT_OK");
	assert_string_equal(flat_status_name(FLAT_BAD_VALUE), "FLAT_BAD_VALUE");
	assert_string_equal(flat_status_name(FLAT_TOO_LONG), "FLAT_TOO_LONG");
	for (int i = 0; i <= FLAT_TOO_LONG; i++)
		assert_memory_equal(flat_status_name((flat_status)i), "FLAT_", 5);
	assert_string_equal(flat_status_name((flat_status)(1000)), "unknown status");
	assert_string_equal(flat_status_name((flat_status)-1), "unknown status");
}

/* ---------------------------------------------------------------------------------------------- printable */

static void assert_printable(const char *text, size_t nbytes, size_t room, const char *expected)
{
	char out[80], *bounded = guarded_copy(text, nbytes);

	memset(out, CANARY, sizeof out);
	fl_printable(out, room, bounded, nbytes);
	assert_string_equal(out, expected);
	for (size_t i = room; i < sizeof out; i++)
		assert_int_equal((unsigned char)out[i], CANARY);
	release(bounded, nbytes);
}

#define assert_shown(text, expected) assert_printable(text, sizeof(text) - 1, 64, expected)

static void what_can_be_read_is_left_alone(void **state)
{
	(void)state;
	assert_shown("", "");
	assert_shown(" a~\"\\%s", " a~\"\\%s");
	assert_shown("\xC2\x80\xDF\xBF", "\xC2\x80\xDF\xBF");
	assert_shown("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF");
	assert_shown("\xF0\x90\x80\x80\xF3\xBF\xBF\xBF\xF4\x8F\xBF\xBF", "\xF0\x90\x80\x80\xF3\xBF\xBF\xBF\xF4\x8F\xBF\xBF");
}

static void control_bytes_are_spelled_out(void **state)
{
	(void)state;
	assert_shown("a\0b", "a\\x00b");
	assert_shown("\n\r\t\x1b[2J\x1f\x7f", "\\x0a\\x0d\\x09\\x1b[2J\\x1f\\x7f");
}

static void broken_utf_8_is_spelled_out(void **state)
{
	(void)state;
	assert_shown("\x80", "\\x80");
	assert_shown("a\xBF" "b", "a\\xbfb");
	assert_shown("\xC0\x80", "\\xc0\\x80");
	assert_shown("\xC1\xBF", "\\xc1\\xbf");
	assert_shown("\xE0\x9F\xBF", "\\xe0\\x9f\\xbf");
	assert_shown("\xED\xA0\x80", "\\xed\\xa0\\x80");
	assert_shown("\xF0\x8F\xBF\xBF", "\\xf0\\x8f\\xbf\\xbf");
	assert_shown("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	assert_shown("\xF5\xFE\xFF", "\\xf5\\xfe\\xff");
	assert_shown("\xE2\x82" "a", "\\xe2\\x82a");
	assert_shown("\xF0\x9F\x98" "a", "\\xf0\\x9f\\x98a");
	assert_shown("\xE2\xE2\x82\xAC", "\\xe2\xE2\x82\xAC");
}

static void a_sequence_cut_by_the_end_is_spelled_out(void **state)
{
	(void)state;
	assert_shown("\xC3", "\\xc3");
	assert_shown("a\xE2\x82", "a\\xe2\\x82");
	assert_shown("\xF0\x9F\x98", "\\xf0\\x9f\\x98");
}

static void a_cut_shows_at_the_end(void **state)
{
	(void)state;
	assert_printable("1234567890", 10, 16, "1234567890");
	assert_printable("123456789012", 12, 16, "123456789012");
	assert_printable("1234567890123", 13, 16, "123456789012...");
	assert_printable("12345678901234567890", 20, 16, "123456789012...");
}

static void a_cut_never_goes_through_a_character(void **state)
{
	(void)state;
	assert_printable("12345678901\xC3\xA9", 13, 16, "12345678901...");
	assert_printable("1234567890\xC3\xA9", 12, 16, "1234567890\xC3\xA9");
	assert_printable("1234567890\xE2\x82\xAC", 13, 16, "1234567890...");
	assert_printable("123456789\n", 10, 16, "123456789...");
	assert_printable("12345678\n", 9, 16, "12345678\\x0a");
	assert_printable("123456789\xF0\x9F\x98\x80", 13, 16, "123456789...");
	assert_printable("12345678\xF0\x9F\x98\x80", 12, 16, "12345678\xF0\x9F\x98\x80");
}

/* ----------------------------------------------------------------------------------------- whose failure */

static void the_first_failure_wins(void **state)
{
	const struct fl_place place = {.source = "later", .record = 1, .line = 1};
	flat_error error;

	(void)state;
	fl_error_clear(&error);
	assert_int_equal(fl_error_set(&error, FLAT_BAD_SCHEMA, "first %d", 1), FLAT_BAD_SCHEMA);
	assert_int_equal(fl_error_set(&error, FLAT_NO_MEMORY, "second"), FLAT_NO_MEMORY);
	assert_int_equal(fl_error_fault(&error, FL_NOT_BOOL, &place), FLAT_BAD_VALUE);
	assert_int_equal(fl_error_os(&error, FLAT_BAD_INPUT, 2, "cannot be opened", "x"), FLAT_BAD_INPUT);
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	assert_string_equal(error.message, "first 1");
	assert_string_equal(error.reason, "first 1");
	assert_int_equal(error.os, 0);
	assert_int_equal(error.record, 0);
}

static void a_struct_that_was_never_set_is_cleared(void **state)
{
	flat_error error, zero;
	flat_format *format;

	(void)state;
	memset(&zero, 0, sizeof zero);
	memset(&error, CANARY, sizeof error);
	format = flat_format_parse("x:f64", NULL, &error);
	assert_non_null(format);
	assert_int_equal(error.status, FLAT_OK);
	assert_string_equal(error.message, "");
	assert_int_equal(error.record, 0);
	assert_int_equal(error.field, 0);

	memset(&error, CANARY, sizeof error);
	assert_null(flat_reader_open(format, "/nowhere/at/all", &error));
	assert_int_equal(error.status, FLAT_BAD_INPUT);
	flat_format_free(format);

	memset(&error, CANARY, sizeof error);
	assert_null(flat_format_parse("x:f65", NULL, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	assert_int_equal(error.os, 0);
	assert_int_equal(error.record, 0);
	assert_int_equal(error.field, 1);
	assert_int_equal(error.byte, 2);
	assert_string_equal(error.name, "");
	assert_string_equal(error.text, "");
}

static void a_null_error_is_no_error(void **state)
{
	(void)state;
	fl_error_clear(NULL);
	assert_int_equal(fl_error_set(NULL, FLAT_BAD_SCHEMA, "x"), FLAT_BAD_SCHEMA);
	assert_int_equal(fl_error_os(NULL, FLAT_BAD_INPUT, 2, "x", "y"), FLAT_BAD_INPUT);
}

static void a_failure_of_the_system_has_its_number_and_words(void **state)
{
	flat_error error;

	(void)state;
	fl_error_clear(&error);
	assert_int_equal(fl_error_os(&error, FLAT_BAD_INPUT, 2, "cannot be opened", "a.csv"), FLAT_BAD_INPUT);
	assert_int_equal(error.os, 2);
	assert_string_equal(error.message, "a.csv: cannot be opened: No such file or directory");
	fl_error_clear(&error);
	fl_error_os(&error, FLAT_BAD_INPUT, 99999, "cannot be read", "a.csv");
	assert_int_equal(error.os, 99999);
	assert_memory_equal(error.message, "a.csv: cannot be read: ", 23);
	assert_non_null(strstr(error.message, "99999"));
}

static void a_reason_longer_than_its_place_is_cut(void **state)
{
	flat_error error;
	char words[1000];

	(void)state;
	memset(words, 'w', sizeof words);
	words[sizeof words - 1] = '\0';
	fl_error_clear(&error);
	fl_error_set(&error, FLAT_BAD_SCHEMA, "%s", words);
	assert_int_equal(strlen(error.reason), sizeof error.reason - 1);
	assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_of_a_record_is_told_in_full),
		cmocka_unit_test(the_limits_of_every_integer_type_are_told),
		cmocka_unit_test(a_fault_in_the_header_has_no_record),
		cmocka_unit_test(a_fault_of_the_whole_record_has_no_field),
		cmocka_unit_test(every_fault_has_a_message_that_is_whole_with_the_longest_parts),
		cmocka_unit_test(every_status_has_its_name),
		cmocka_unit_test(what_can_be_read_is_left_alone),
		cmocka_unit_test(control_bytes_are_spelled_out),
		cmocka_unit_test(broken_utf_8_is_spelled_out),
		cmocka_unit_test(a_sequence_cut_by_the_end_is_spelled_out),
		cmocka_unit_test(a_cut_shows_at_the_end),
		cmocka_unit_test(a_cut_never_goes_through_a_character),
		cmocka_unit_test(the_first_failure_wins),
		cmocka_unit_test(a_struct_that_was_never_set_is_cleared),
		cmocka_unit_test(a_null_error_is_no_error),
		cmocka_unit_test(a_failure_of_the_system_has_its_number_and_words),
		cmocka_unit_test(a_reason_longer_than_its_place_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
