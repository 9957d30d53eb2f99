/*
 * lib/dialect.c: what a zero stands for, and which dialects contradict themselves.
 */
#include "config.h"

#include "dialect.h"
#include "error.h"
#include "support.h"

static flat_status check(flat_dialect dialect, flat_error *error)
{
	const flat_dialect complete = fl_dialect_complete(&dialect);

	fl_error_clear(error);
	return fl_dialect_check(&complete, error);
}

static void nothing_given_is_rfc_4180(void **state)
{
	const flat_dialect zero = {.delimiter = 0};
	const flat_dialect complete[] = {fl_dialect_complete(NULL), fl_dialect_complete(&zero)};

	(void)state;
	for (size_t i = 0; i < LENGTH(complete); i++) {
		assert_int_equal(complete[i].delimiter, ',');
		assert_int_equal(complete[i].quote, '"');
		assert_int_equal(complete[i].header, FLAT_HEADER_NAMES);
		assert_int_equal(complete[i].newline, FLAT_LF);
		assert_false(complete[i].trim);
		assert_int_equal(complete[i].nnulls, 0);
		assert_int_equal(fl_dialect_check(&complete[i], NULL), FLAT_OK);
	}
}

static void what_is_given_is_kept(void **state)
{
	static const char *const nulls[] = {"NA"};
	const flat_dialect given = {
		.delimiter = '\t', .quote = FLAT_NONE, .header = FLAT_HEADER_ABSENT, .newline = FLAT_CRLF, .trim = true,
		.nulls = nulls, .nnulls = 1,
	};
	const flat_dialect complete = fl_dialect_complete(&given);

	(void)state;
	assert_int_equal(complete.delimiter, '\t');
	assert_int_equal(complete.quote, FLAT_NONE);
	assert_int_equal(complete.header, FLAT_HEADER_ABSENT);
	assert_int_equal(complete.newline, FLAT_CRLF);
	assert_true(complete.trim);
	assert_ptr_equal(complete.nulls, nulls);
	assert_int_equal(complete.nnulls, 1);
	assert_int_equal(fl_dialect_check(&complete, NULL), FLAT_OK);
}

static void every_byte_but_a_line_break_can_be_delimiter(void **state)
{
	(void)state;
	for (int c = -300; c <= 600; c++) {
		const bool byte = c >= 0 && c <= 255 && c != '\n' && c != '\r';
		flat_error error;

		assert_int_equal(check((flat_dialect){.delimiter = c, .quote = FLAT_NONE}, &error), byte ? FLAT_OK : FLAT_BAD_SCHEMA);
		assert_int_equal(error.status, byte ? FLAT_OK : FLAT_BAD_SCHEMA);
	}
}

static void a_quote_is_no_byte_of_a_value(void **state)
{
	(void)state;
	for (int c = -300; c <= 600; c++) {
		const bool byte = c >= 0 && c <= 255 && c != '\n' && c != '\r' && c != 1;
		const bool of_value = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
				      c == '.' || c == ':';
		flat_error error;

		assert_int_equal(check((flat_dialect){.delimiter = 1, .quote = c}, &error),
				 (byte && !of_value) || c == FLAT_NONE ? FLAT_OK : FLAT_BAD_SCHEMA);
	}
}

static void each_contradiction_is_told(void **state)
{
	const struct {
		flat_dialect dialect;
		const char *message;
	} bad[] = {
		{{.delimiter = '\n'}, "the delimiter is one byte, and no line break; it is 10"},
		{{.delimiter = 256}, "the delimiter is one byte, and no line break; it is 256"},
		{{.delimiter = FLAT_NONE}, "the delimiter is one byte, and no line break; it is -1"},
		{{.quote = '\r'}, "the quote is one byte, and no line break, or none; it is 13"},
		{{.quote = -2}, "the quote is one byte, and no line break, or none; it is -2"},
		{{.quote = ','}, "the quote and the delimiter are the same byte, 44"},
		{{.delimiter = '"'}, "the quote and the delimiter are the same byte, 34"},
		{{.trim = true, .delimiter = ' '}, "blanks are trimmed, so neither the quote nor the delimiter can be one, but for a "
						   "tab between fields"},
		{{.trim = true, .quote = '\t'}, "blanks are trimmed, so neither the quote nor the delimiter can be one, but for a "
						"tab between fields"},
		{{.trim = true, .quote = ' '}, "blanks are trimmed, so neither the quote nor the delimiter can be one, but for a "
					       "tab between fields"},
		{{.header = (flat_header)3}, "header is 3, which is no flat_header"},
		{{.newline = (flat_newline)7}, "newline is 7, which is no flat_newline"},
		{{.nnulls = 1}, "nnulls is not 0, and nulls is NULL"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		const flat_field field = {.name = "x", .type = FLAT_F64};
		flat_error error;

		assert_int_equal(check(bad[i].dialect, &error), FLAT_BAD_SCHEMA);
		assert_string_equal(error.message, bad[i].message);
		memset(&error, CANARY, sizeof error);
		assert_null(flat_format_new(&bad[i].dialect, &field, 1, &error));
		assert_int_equal(error.status, FLAT_BAD_SCHEMA);
		assert_string_equal(error.message, bad[i].message);
	}
}

static void a_tab_between_trimmed_fields_is_no_blank(void **state)
{
	flat_error error;

	(void)state;
	assert_int_equal(check((flat_dialect){.delimiter = '\t', .trim = true}, &error), FLAT_OK);
	assert_int_equal(check((flat_dialect){.delimiter = ' '}, &error), FLAT_OK);
	assert_int_equal(check((flat_dialect){.quote = ' '}, &error), FLAT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_is_rfc_4180),
		cmocka_unit_test(what_is_given_is_kept),
		cmocka_unit_test(every_byte_but_a_line_break_can_be_delimiter),
		cmocka_unit_test(a_quote_is_no_byte_of_a_value),
		cmocka_unit_test(each_contradiction_is_told),
		cmocka_unit_test(a_tab_between_trimmed_fields_is_no_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
