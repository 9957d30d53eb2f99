/*
 * The types: each is found by its name, and has the width of the C type that the manual names.
 */
#include "config.h"

#include "type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	flat_type type;
	const char *name;
	size_t width;
} expected[] = {
	{FLAT_BOOL, "bool", 1},
	{FLAT_I8, "i8", sizeof(int8_t)},
	{FLAT_I16, "i16", sizeof(int16_t)},
	{FLAT_I32, "i32", sizeof(int32_t)},
	{FLAT_I64, "i64", sizeof(int64_t)},
	{FLAT_U8, "u8", sizeof(uint8_t)},
	{FLAT_U16, "u16", sizeof(uint16_t)},
	{FLAT_U32, "u32", sizeof(uint32_t)},
	{FLAT_U64, "u64", sizeof(uint64_t)},
	{FLAT_F32, "f32", sizeof(float)},
	{FLAT_F64, "f64", sizeof(double)},
	{FLAT_STR, "str", 20},
	{FLAT_TEXT, "text", sizeof(uint64_t)},
	{FLAT_DATE, "date", sizeof(int64_t)},
	{FLAT_TIMESTAMP_S, "timestamp[s]", sizeof(int64_t)},
	{FLAT_TIMESTAMP_MS, "timestamp[ms]", sizeof(int64_t)},
	{FLAT_TIMESTAMP_US, "timestamp[us]", sizeof(int64_t)},
	{FLAT_TIMESTAMP_NS, "timestamp[ns]", sizeof(int64_t)},
};
#define NEXPECTED (sizeof expected / sizeof *expected)

static void each_type_has_the_name_and_width_of_the_manual(void **state)
{
	(void)state;
	for (size_t i = 0; i < NEXPECTED; i++) {
		const flat_field field = {.name = "x", .type = expected[i].type, .width = expected[i].type == FLAT_STR ? 20 : 0};

		assert_string_equal(flat_type_name(expected[i].type), expected[i].name);
		assert_int_equal(flat_field_width(&field), expected[i].width);
		assert_int_equal(fl_type_named(expected[i].name, strlen(expected[i].name)), expected[i].type);
	}
}

static void what_is_no_type_is_found_out(void **state)
{
	const flat_field none = {.name = "x"}, beyond = {.name = "x", .type = (flat_type)(FLAT_TIMESTAMP_NS + 1)};

	(void)state;
	assert_int_equal(flat_field_width(&none), 0);
	assert_int_equal(flat_field_width(&beyond), 0);
	assert_string_equal(flat_type_name(beyond.type), "unknown type");
	assert_int_equal(fl_type_named("i6", 2), 0);
	assert_int_equal(fl_type_named("i64 ", 4), 0);
	assert_int_equal(fl_type_named("", 0), 0);
}

static void a_null_needs_a_place_in_bools_and_integers_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < NEXPECTED; i++)
		assert_int_equal(fl_has_null(expected[i].type), expected[i].type >= FLAT_F32);
	assert_true(fl_is_string(FLAT_STR) && fl_is_string(FLAT_TEXT) && !fl_is_string(FLAT_DATE));
	assert_int_equal(fl_per_second(FLAT_TIMESTAMP_US), 1000000);
	assert_int_equal(fl_per_second(FLAT_DATE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_has_the_name_and_width_of_the_manual),
		cmocka_unit_test(what_is_no_type_is_found_out),
		cmocka_unit_test(a_null_needs_a_place_in_bools_and_integers_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
