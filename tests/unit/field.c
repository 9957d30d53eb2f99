/*
 * lib/field.c: types by name and width, and the grammar of a schema, one field at a time.
 */
#include "config.h"

#include "error.h"
#include "field.h"
#include "support.h"

#include <stdio.h>

static const struct {
	flat_type type;
	const char *name;
	size_t width;
} types[] = {
	{FLAT_BOOL, "bool", 1},		     {FLAT_I8, "i8", 1},
	{FLAT_I16, "i16", 2},		     {FLAT_I32, "i32", 4},
	{FLAT_I64, "i64", 8},		     {FLAT_U8, "u8", 1},
	{FLAT_U16, "u16", 2},		     {FLAT_U32, "u32", 4},
	{FLAT_U64, "u64", 8},		     {FLAT_F32, "f32", 4},
	{FLAT_F64, "f64", 8},		     {FLAT_TEXT, "text", 8},
	{FLAT_DATE, "date", 8},		     {FLAT_TIMESTAMP_S, "timestamp[s]", 8},
	{FLAT_TIMESTAMP_MS, "timestamp[ms]", 8}, {FLAT_TIMESTAMP_US, "timestamp[us]", 8},
	{FLAT_TIMESTAMP_NS, "timestamp[ns]", 8},
};

/* The first field of a schema; *used is how much of the schema it took. */
static flat_status parse(const char *schema, size_t index, flat_field *field, char *name, size_t *used, flat_error *error)
{
	const char *at = schema;
	char *name_end = NULL;
	flat_status status;

	fl_error_clear(error);
	status = fl_field_parse(schema, &at, index, field, name, &name_end, error);
	*used = (size_t)(at - schema);
	if (status == FLAT_OK)
		assert_ptr_equal(name_end, name + strlen(name) + 1);
	return status;
}

static void every_type_has_a_name_and_a_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(types); i++) {
		flat_field field = {.name = "x", .type = types[i].type};
		char schema[40], name[40];
		flat_error error;
		size_t used;

		assert_string_equal(flat_type_name(types[i].type), types[i].name);
		assert_int_equal(flat_field_width(&field), types[i].width);
		assert_int_equal(fl_field_check(&field, 0, &error), FLAT_OK);
		snprintf(schema, sizeof schema, "x:%s", types[i].name);
		assert_int_equal(parse(schema, 0, &field, name, &used, &error), FLAT_OK);
		assert_int_equal(field.type, types[i].type);
		assert_int_equal(field.width, 0);
		assert_int_equal(used, strlen(schema));
	}
	assert_string_equal(flat_type_name(FLAT_STR), "str");
}

static void what_is_no_type_has_no_width(void **state)
{
	(void)state;
	for (int type = -1; type < 1000; type++) {
		flat_field field = {.name = "x", .type = (flat_type)type};

		if (type >= FLAT_BOOL && type <= FLAT_TIMESTAMP_NS)
			continue;
		assert_string_equal(flat_type_name((flat_type)type), "unknown type");
		assert_int_equal(flat_field_width(&field), 0);
		assert_int_equal(fl_field_check(&field, 0, NULL), FLAT_BAD_SCHEMA);
	}
}

static void a_str_is_as_wide_as_it_says(void **state)
{
	static const uint32_t widths[] = {1, 9, 20, 16777215, 16777216};

	(void)state;
	for (size_t i = 0; i < LENGTH(widths); i++) {
		char schema[40], name[40];
		flat_field field;
		flat_error error;
		size_t used;

		snprintf(schema, sizeof schema, "x:str%lu", (unsigned long)widths[i]);
		assert_int_equal(parse(schema, 0, &field, name, &used, &error), FLAT_OK);
		assert_int_equal(field.type, FLAT_STR);
		assert_int_equal(flat_field_width(&field), widths[i]);
		assert_int_equal(fl_field_check(&field, 0, &error), FLAT_OK);
	}
}

static void a_number_too_great_for_any_width_is_never_wrapped(void **state)
{
	static const char *const schemas[] = {
		"x:str16777217", "x:str4294967296", "x:str4294967297", "x:str18446744073709551617",
		"x:f64[.351]", "x:f64[.4294967296]", "x:f64[.18446744073709551618]",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(schemas); i++) {
		flat_field field;
		flat_error error;
		char name[40];
		size_t used;

		if (parse(schemas[i], 0, &field, name, &used, &error) == FLAT_OK)
			assert_int_equal(fl_field_check(&field, 0, &error), FLAT_BAD_SCHEMA);
	}
}

static void a_float_may_have_fixed_digits(void **state)
{
	flat_field field;
	flat_error error;
	char name[40];
	size_t used;

	(void)state;
	assert_int_equal(parse("x:f64[.2]", 0, &field, name, &used, &error), FLAT_OK);
	assert_int_equal(field.type, FLAT_F64);
	assert_int_equal(field.fixed, FLAT_FIXED(2));
	assert_int_equal(parse("x:f32[.350]", 0, &field, name, &used, &error), FLAT_OK);
	assert_int_equal(field.type, FLAT_F32);
	assert_int_equal(field.fixed, FLAT_FIXED(350));
	assert_int_equal(fl_field_check(&field, 0, &error), FLAT_OK);
}

static void a_field_reads_as_name_and_type(void **state)
{
	static const struct {
		const char *schema, *name;
		flat_type type;
		size_t used;
	} good[] = {
		{"x:f64", "x", FLAT_F64, 5},
		{"x:f64,y:i8", "x", FLAT_F64, 6},
		{" \t\r\n x \n : \r f64 \n , y:i8", "x", FLAT_F64, 20},
		{"two words:i8", "two words", FLAT_I8, 12},
		{"\"a, b\":i32", "a, b", FLAT_I32, 10},
		{"\"a\"\"b\":i32", "a\"b", FLAT_I32, 10},
		{"\"\"\"\":i32", "\"", FLAT_I32, 8},
		{"\" blanks \":text", " blanks ", FLAT_TEXT, 15},
		{"\"a:b\" : date", "a:b", FLAT_DATE, 12},
		{"\"line\nbreak\":i8", "line\nbreak", FLAT_I8, 15},
		{"\xC3\xA9t\xC3\xA9:u8", "\xC3\xA9t\xC3\xA9", FLAT_U8, 8},
		{"t:timestamp[us] ", "t", FLAT_TIMESTAMP_US, 16},
		{"str:str3", "str", FLAT_STR, 8},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		flat_field field;
		flat_error error;
		char name[40];
		size_t used;

		assert_int_equal(parse(good[i].schema, 3, &field, name, &used, &error), FLAT_OK);
		assert_string_equal(field.name, good[i].name);
		assert_ptr_equal(field.name, name);
		assert_int_equal(field.type, good[i].type);
		assert_int_equal(used, good[i].used);
		assert_int_equal(error.status, FLAT_OK);
	}
}

static void a_broken_field_tells_where(void **state)
{
	static const struct {
		const char *schema;
		uint64_t byte;
		const char *reason;
	} bad[] = {
		{"", 0, "a name is missing"},
		{"  ", 2, "a name is missing"},
		{":f64", 0, "a name is missing"},
		{" :f64", 1, "a name is missing"},
		{"\"\":f64", 0, "a name is missing"},
		{"\"x:f64", 0, "the quote around the name never closes"},
		{" \"x\"\":f64", 1, "the quote around the name never closes"},
		{"x", 1, "a colon and a type are missing"},
		{"x ,y:f64", 2, "a colon and a type are missing"},
		{"x\"y\":f64", 1, "a colon and a type are missing"},
		{"\"x\"y:f64", 3, "a colon and a type are missing"},
		{"x:", 2, "not a type"},
		{"x: ,", 3, "not a type"},
		{"x:f65", 2, "\"f65\" is not a type"},
		{"x:F64", 2, "not a type"},
		{"x:microseconds-since-the-epoch", 2, "\"microseconds-sin...\" is not a type"},
		{"x:microseconds-since-the-epoch", 2, "timestamp[s], [ms], [us], [ns]"},
		{"x:f64x", 2, "not a type"},
		{"x:f6", 2, "not a type"},
		{"x:str", 2, "not a type"},
		{"x:str-1", 2, "not a type"},
		{"x:str+1", 2, "not a type"},
		{"x:str1x", 2, "not a type"},
		{"x:str 8", 2, "not a type"},
		{"x:f64[.]", 2, "not a type"},
		{"x:f64[.2", 2, "\"f64[.2\" is not a type"},
		{"x:f64[.2]x", 2, "not a type"},
		{"x:f64[.-2]", 2, "not a type"},
		{"x:f64[2]", 2, "not a type"},
		{"x:timestamp", 2, "not a type"},
		{"x:timestamp[s", 2, "not a type"},
		{"x:f64 y:f64", 6, "a comma is missing"},
		{"x:f64,", 5, "a field is missing behind the last comma"},
		{"x:f64 , \n", 6, "a field is missing behind the last comma"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		const bool last = strstr(bad[i].reason, "last comma") != NULL;
		flat_field field;
		flat_error error;
		char name[40];
		size_t used;

		assert_int_equal(parse(bad[i].schema, 3, &field, name, &used, &error), FLAT_BAD_SCHEMA);
		assert_int_equal(error.status, FLAT_BAD_SCHEMA);
		assert_int_equal(error.field, last ? 5 : 4);
		assert_int_equal(error.byte, bad[i].byte);
		if (!strstr(error.message, bad[i].reason))
			fail_msg("\"%s\": %s", bad[i].schema, error.message);
		assert_int_equal(parse(bad[i].schema, 3, &field, name, &used, NULL), FLAT_BAD_SCHEMA);
	}
}

static void the_message_names_the_field_and_the_byte(void **state)
{
	flat_field field;
	flat_error error;
	char name[40];
	size_t used;

	(void)state;
	parse("price f64", 1, &field, name, &used, &error);
	assert_string_equal(error.message, "schema, field 2 (byte 9): a colon and a type are missing behind the name; a field is "
					   "written NAME:TYPE, such as price:f64");
}

static void a_name_never_needs_more_room_than_the_schema_has(void **state)
{
	static const char *const schemas[] = {"abc:f64", "\"abc\":f64", "abc", "\"\"\"\"\"\":f64", "\"abc", "abc\""};

	(void)state;
	for (size_t i = 0; i < LENGTH(schemas); i++) {
		const size_t nbytes = strlen(schemas[i]) + 1;
		char *name = guarded(nbytes), *schema = guarded_copy(schemas[i], nbytes);
		flat_field field;
		size_t used;

		parse(schema, 0, &field, name, &used, NULL);
		release(name, nbytes);
		release(schema, nbytes);
	}
}

static void a_field_that_contradicts_itself_is_refused(void **state)
{
	const struct {
		flat_field field;
		const char *message;
	} bad[] = {
		{{.type = FLAT_F64}, "field 8 \"\": it has no name"},
		{{.name = "", .type = FLAT_F64}, "field 8 \"\": it has no name"},
		{{.name = "x"}, "field 8 \"x\": its type is none of flat_type"},
		{{.name = "x", .type = (flat_type)-1}, "field 8 \"x\": its type is none of flat_type"},
		{{.name = "x", .type = FLAT_STR}, "field 8 \"x\": a str has from 1 to 16777216 bytes, as in str20"},
		{{.name = "x", .type = FLAT_STR, .width = (1u << 24) + 1},
		 "field 8 \"x\": a str has from 1 to 16777216 bytes, as in str20"},
		{{.name = "x\n", .type = FLAT_F64, .width = 8}, "field 8 \"x\\x0a\": only a str has a width"},
		{{.name = "x", .type = FLAT_TEXT, .width = 1}, "field 8 \"x\": only a str has a width"},
		{{.name = "x", .type = FLAT_I8, .fixed = 1}, "field 8 \"x\": only f32 and f64 are written with fixed digits"},
		{{.name = "x", .type = FLAT_F64, .fixed = FLAT_FIXED(351)},
		 "field 8 \"x\": at most 350 digits stand behind the point, as in f64[.2]"},
		{{.name = "x", .type = FLAT_F64, .nnulls = 1}, "field 8 \"x\": nnulls is not 0, and nulls is NULL"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		flat_error error;

		fl_error_clear(&error);
		assert_int_equal(fl_field_check(&bad[i].field, 7, &error), FLAT_BAD_SCHEMA);
		assert_int_equal(error.field, 8);
		assert_string_equal(error.message, bad[i].message);
		assert_int_equal(fl_field_check(&bad[i].field, 7, NULL), FLAT_BAD_SCHEMA);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_name_and_a_width),
		cmocka_unit_test(what_is_no_type_has_no_width),
		cmocka_unit_test(a_str_is_as_wide_as_it_says),
		cmocka_unit_test(a_number_too_great_for_any_width_is_never_wrapped),
		cmocka_unit_test(a_float_may_have_fixed_digits),
		cmocka_unit_test(a_field_reads_as_name_and_type),
		cmocka_unit_test(a_broken_field_tells_where),
		cmocka_unit_test(the_message_names_the_field_and_the_byte),
		cmocka_unit_test(a_name_never_needs_more_room_than_the_schema_has),
		cmocka_unit_test(a_field_that_contradicts_itself_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
