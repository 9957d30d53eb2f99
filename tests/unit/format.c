/*
 * lib/format.c: fields that go together, found by name, owned by the format alone.
 */
#include "config.h"

#define SUPPORT_COUNTS_ALLOCATIONS
#include "format.h"
#include "support.h"

#include <stdio.h>
#include <time.h>

static void the_example_of_the_header_is_a_format(void **state)
{
	static const char schema[] = "x:f64,name:str20,id:u64,\"a, b\":i32,when:timestamp[us],day:date,ok:bool,note:text";
	static const struct {
		const char *name;
		flat_type type;
		uint32_t width;
	} expected[] = {
		{"x", FLAT_F64, 0},	{"name", FLAT_STR, 20},		   {"id", FLAT_U64, 0},	  {"a, b", FLAT_I32, 0},
		{"when", FLAT_TIMESTAMP_US, 0}, {"day", FLAT_DATE, 0}, {"ok", FLAT_BOOL, 0}, {"note", FLAT_TEXT, 0},
	};
	flat_format *format = flat_format_parse(schema, NULL, NULL);

	(void)state;
	assert_non_null(format);
	assert_int_equal(flat_format_nfields(format), LENGTH(expected));
	for (size_t i = 0; i < LENGTH(expected); i++) {
		const flat_field *field = flat_format_field(format, i);

		assert_string_equal(field->name, expected[i].name);
		assert_int_equal(field->type, expected[i].type);
		assert_int_equal(field->width, expected[i].width);
		assert_int_equal(field->nnulls, 0);
		assert_int_equal(flat_format_find(format, expected[i].name), i);
	}
	assert_null(flat_format_field(format, LENGTH(expected)));
	assert_null(flat_format_field(format, SIZE_MAX));
	assert_int_equal(flat_format_dialect(format)->delimiter, ',');
	assert_int_equal(flat_format_dialect(format)->quote, '"');
	flat_format_free(format);
}

static void names_are_found_whole_and_in_their_case(void **state)
{
	flat_format *format = flat_format_parse("b:i8,a:i8,ab:i8,B:i8,\xC3\xA9:i8,abc:i8", NULL, NULL);

	(void)state;
	assert_int_equal(flat_format_find(format, "b"), 0);
	assert_int_equal(flat_format_find(format, "a"), 1);
	assert_int_equal(flat_format_find(format, "ab"), 2);
	assert_int_equal(flat_format_find(format, "B"), 3);
	assert_int_equal(flat_format_find(format, "\xC3\xA9"), 4);
	assert_int_equal(flat_format_find(format, "abc"), 5);
	assert_true(flat_format_find(format, "") == FLAT_NO_FIELD);
	assert_true(flat_format_find(format, "A") == FLAT_NO_FIELD);
	assert_true(flat_format_find(format, "abcd") == FLAT_NO_FIELD);
	assert_true(flat_format_find(format, "z") == FLAT_NO_FIELD);
	assert_true(flat_format_find(format, "\xFF") == FLAT_NO_FIELD);
	for (size_t likely = 0; likely <= flat_format_nfields(format); likely++) {
		assert_int_equal(fl_format_find(format, "abcd", 3, likely), 5);
		assert_int_equal(fl_format_find(format, "abcd", 2, likely), 2);
		assert_true(fl_format_find(format, "ab\0", 3, likely) == FLAT_NO_FIELD);
		assert_true(fl_format_find(format, "", 0, likely) == FLAT_NO_FIELD);
	}
	flat_format_free(format);
}

static void two_fields_of_one_name_are_refused(void **state)
{
	flat_error error;

	(void)state;
	assert_null(flat_format_parse("a:i8,b:i8,c:i8,\"b\":f64,d:i8", NULL, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	assert_int_equal(error.field, 4);
	assert_string_equal(error.message, "fields 2 and 4 are both called \"b\"");
}

static void an_error_tells_the_field_of_the_schema(void **state)
{
	flat_error error;

	(void)state;
	assert_null(flat_format_parse("a:i8,\nb:i9", NULL, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	assert_int_equal(error.field, 2);
	assert_int_equal(error.byte, 8);
	assert_null(flat_format_parse("a:i8,b:str0", NULL, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	assert_int_equal(error.field, 2);
	assert_null(flat_format_parse("a:i8,b:str16777217", NULL, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	assert_null(flat_format_parse("", NULL, &error));
	assert_int_equal(error.field, 1);
	assert_null(flat_format_parse("a:i8,", NULL, &error));
	assert_int_equal(error.field, 2);
	assert_null(flat_format_parse("a:i8,,b:i8", NULL, &error));
	assert_int_equal(error.field, 2);
	assert_int_equal(error.byte, 5);
	assert_null(flat_format_parse("a:i9", NULL, NULL));
}

static void a_format_has_at_least_one_field(void **state)
{
	const flat_field field = {.name = "x", .type = FLAT_F64};
	flat_error error;

	(void)state;
	assert_null(flat_format_new(NULL, &field, 0, &error));
	assert_string_equal(error.message, "a format has at least one field");
	assert_null(flat_format_new(NULL, NULL, 1, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	flat_format_free(NULL);
}

static void nothing_of_the_caller_s_is_kept(void **state)
{
	char name[] = "price", na[] = "NA", none[] = "none", dash[] = "-";
	const char *nulls[] = {na, none}, *own[] = {dash};
	flat_dialect dialect = {.delimiter = ';', .trim = true, .nulls = nulls, .nnulls = 2};
	flat_field fields[] = {{.name = name, .type = FLAT_F64}, {.name = "own", .type = FLAT_I8, .nulls = own, .nnulls = 1}};
	flat_format *format = flat_format_new(&dialect, fields, 2, NULL);
	const flat_field *field = flat_format_field(format, 0);

	(void)state;
	memset(name, 'x', sizeof name - 1);
	memset(na, 'x', sizeof na - 1);
	memset(none, 'x', sizeof none - 1);
	memset(dash, 'x', sizeof dash - 1);
	nulls[0] = nulls[1] = own[0] = NULL;
	memset(&dialect, CANARY, sizeof dialect);
	memset(fields, CANARY, sizeof fields);

	assert_int_equal(flat_format_find(format, "price"), 0);
	assert_string_equal(field->name, "price");
	assert_int_equal(field->nnulls, 2);
	assert_string_equal(field->nulls[0], "NA");
	assert_string_equal(field->nulls[1], "none");
	assert_int_equal(flat_format_dialect(format)->delimiter, ';');
	assert_true(flat_format_dialect(format)->trim);
	assert_int_equal(flat_format_dialect(format)->nnulls, 2);
	assert_string_equal(flat_format_dialect(format)->nulls[1], "none");
	assert_int_equal(flat_format_field(format, 1)->nnulls, 1);
	assert_string_equal(flat_format_field(format, 1)->nulls[0], "-");
	flat_format_free(format);
}

static void a_field_may_have_no_spelling_of_null_though_the_dialect_has(void **state)
{
	static const char *const nulls[] = {"NA"};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 1};
	const flat_field field = {.name = "x", .type = FLAT_F64, .nulls = nulls, .nnulls = 0};
	flat_format *format = flat_format_new(&dialect, &field, 1, NULL);

	(void)state;
	assert_int_equal(flat_format_field(format, 0)->nnulls, 0);
	flat_format_free(format);
}

/* ------------------------------------------------------------------------------------------- many fields */

enum { MANY = 100000 };

static double seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* In order, backwards, and neither; all names start alike. */
static void name_of(char *name, size_t nbytes, int order, unsigned i)
{
	const unsigned number = order == 0 ? i : order == 1 ? MANY - i : i * 7919u % MANY;

	snprintf(name, nbytes, "a name that starts alike %06u", number);
}

static void a_hundred_thousand_fields_are_quick_in_any_order(void **state)
{
	static char names[MANY][40];
	static flat_field fields[MANY];

	(void)state;
	for (int order = 0; order < 3; order++) {
		const double start = seconds();
		flat_format *format;

		for (unsigned i = 0; i < MANY; i++) {
			name_of(names[i], sizeof names[i], order, i);
			fields[i] = (flat_field){.name = names[i], .type = FLAT_F64};
		}
		format = flat_format_new(NULL, fields, MANY, NULL);
		assert_non_null(format);
		for (unsigned i = 0; i < MANY; i++)
			assert_int_equal(flat_format_find(format, names[i]), i);
		flat_format_free(format);
		/* Quadratic work would take minutes. */
		assert_true(seconds() - start < 20);
	}
}

static void a_schema_of_a_hundred_thousand_fields_is_quick(void **state)
{
	static char schema[MANY * 40];
	const double start = seconds();
	flat_format *format;
	flat_error error;
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		at += (size_t)snprintf(schema + at, sizeof schema - at, "%s\"field, %u\":f64", i ? "," : "", i);
	format = flat_format_parse(schema, NULL, &error);
	assert_non_null(format);
	assert_int_equal(flat_format_nfields(format), MANY);
	assert_int_equal(flat_format_find(format, "field, 77777"), 77777);
	flat_format_free(format);
	snprintf(schema + at, sizeof schema - at, ",\"field, 5\":i8");
	assert_null(flat_format_parse(schema, NULL, &error));
	assert_int_equal(error.field, MANY + 1);
	assert_string_equal(error.message, "fields 6 and 100001 are both called \"field, 5\"");
	assert_true(seconds() - start < 20);
}

/* ------------------------------------------------------------------------------------------------ memory */

static void an_allocation_that_fails_leaves_nothing_behind(void **state)
{
	static const char *const nulls[] = {"NA"};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 1};
	size_t failing = 1;
	flat_format *format;

	(void)state;
	for (;; failing++) {
		flat_error error;

		assert_true(failing < 100);
		memset(&error, CANARY, sizeof error);
		count_allocations(failing);
		format = flat_format_parse("x:f64,y:str8", &dialect, &error);
		failing_allocation = 0;
		if (format)
			break;
		assert_int_equal(error.status, FLAT_NO_MEMORY);
		assert_true(*error.message);
		assert_int_equal(allocations - 1, releases);
		count_allocations(failing);
		assert_null(flat_format_parse("x:f64,y:str8", &dialect, NULL));
		failing_allocation = 0;
	}
	assert_true(failing > 1);
	flat_format_free(format);
	assert_int_equal(allocations, releases);
}

static void a_refused_schema_leaves_nothing_behind(void **state)
{
	static const char *const schemas[] = {"x:f64,x:f64", "x:f64,y", "x:f64,y:str0", ""};

	(void)state;
	for (size_t i = 0; i < LENGTH(schemas); i++) {
		count_allocations(0);
		assert_null(flat_format_parse(schemas[i], NULL, NULL));
		assert_int_equal(allocations, releases);
	}
}

static void a_format_is_one_block(void **state)
{
	const flat_field field = {.name = "x", .type = FLAT_F64};
	flat_format *format;

	(void)state;
	count_allocations(0);
	format = flat_format_new(NULL, &field, 1, NULL);
	assert_int_equal(allocations, 1);
	flat_format_free(format);
	assert_int_equal(releases, 1);
}

static void a_spelling_of_null_that_holds_a_quote_is_refused(void **state)
{
	const char *const spelling = "\"NA\"";
	const flat_field field = {.name = "x", .type = FLAT_F64, .nulls = &spelling, .nnulls = 1};
	const flat_dialect of_all = {.nulls = &spelling, .nnulls = 1}, without_quotes = {.quote = FLAT_NONE, .nulls = &spelling, .nnulls = 1};
	flat_format *format;
	flat_error error;

	(void)state;
	assert_null(flat_format_new(NULL, &field, 1, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	assert_null(flat_format_parse("x:f64", &of_all, &error));
	assert_int_equal(error.status, FLAT_BAD_SCHEMA);
	format = flat_format_parse("x:f64", &without_quotes, &error);
	assert_non_null(format);
	flat_format_free(format);
}

static void a_fault_seen_late_is_still_placed_in_the_schema(void **state)
{
	static const struct {
		const char *schema;
		uint64_t field, byte;
	} cases[] = {
		{"a:i8, b:str0", 2, 6},
		{"a:i8,b:i8,\"a\":f64", 3, 10},
		{"a:f64[.351]", 1, 0},
	};
	flat_error error;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_null(flat_format_parse(cases[i].schema, NULL, &error));
		assert_int_equal(error.field, cases[i].field);
		assert_int_equal(error.byte, cases[i].byte);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_header_is_a_format),
		cmocka_unit_test(names_are_found_whole_and_in_their_case),
		cmocka_unit_test(two_fields_of_one_name_are_refused),
		cmocka_unit_test(an_error_tells_the_field_of_the_schema),
		cmocka_unit_test(a_format_has_at_least_one_field),
		cmocka_unit_test(freeing_nothing_is_fine),
		cmocka_unit_test(nothing_of_the_caller_s_is_kept),
		cmocka_unit_test(a_field_may_have_no_spelling_of_null_though_the_dialect_has),
		cmocka_unit_test(a_hundred_thousand_fields_are_quick_in_any_order),
		cmocka_unit_test(a_schema_of_a_hundred_thousand_fields_is_quick),
		cmocka_unit_test(an_allocation_that_fails_leaves_nothing_behind),
		cmocka_unit_test(a_refused_schema_leaves_nothing_behind),
		cmocka_unit_test(a_format_is_one_block),
		cmocka_unit_test(a_spelling_of_null_that_holds_a_quote_is_refused),
		cmocka_unit_test(a_fault_seen_late_is_still_placed_in_the_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
