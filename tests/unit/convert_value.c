/*
 * lib/convert_value.c: texts into elements of every type, at any stride and address, and not a byte beside them.
 */
#include "config.h"

#include "column.h"
#include "support.h"

#include <math.h>
#include <stdio.h>

#define BYTES(type, ...) sizeof(type), (const char *)(const type[]){__VA_ARGS__}, LENGTH(((const type[]){__VA_ARGS__}))

static const struct {
	const char *schema, *texts;
	size_t width;
	const char *values;
	size_t n;
} examples[] = {
	{"x:bool", "true|0|F|T|1", BYTES(uint8_t, 1, 0, 0, 1, 1)},
	{"x:i8", "-128|127|+5|0", BYTES(int8_t, -128, 127, 5, 0)},
	{"x:i16", "-32768|32767|007", BYTES(int16_t, -32768, 32767, 7)},
	{"x:i32", "-2147483648|2147483647|1", BYTES(int32_t, INT32_MIN, INT32_MAX, 1)},
	{"x:i64", "-9223372036854775808|9223372036854775807", BYTES(int64_t, INT64_MIN, INT64_MAX)},
	{"x:u8", "255|0|\"17\"", BYTES(uint8_t, 255, 0, 17)},
	{"x:u16", "65535|1", BYTES(uint16_t, 65535, 1)},
	{"x:u32", "4294967295|1", BYTES(uint32_t, UINT32_MAX, 1)},
	{"x:u64", "18446744073709551615|1", BYTES(uint64_t, UINT64_MAX, 1)},
	{"x:f32", "0.1|-1e30|16777217", BYTES(float, 0.1f, -1e30f, 16777216.0f)},
	{"x:f64", "0.1|-1e300|.5|3.|\"-0\"", BYTES(double, 0.1, -1e300, 0.5, 3.0, -0.0)},
	{"x:date", "1970-01-01|2000-03-01|1969-12-31", BYTES(int64_t, 0, 11017, -1)},
	{"x:timestamp[s]", "1970-01-01T00:00:01|1970-01-02", BYTES(int64_t, 1, 86400)},
	{"x:timestamp[ms]", "1970-01-01T00:00:01.5Z|1970-01-02", BYTES(int64_t, 1500, 86400000)},
	{"x:timestamp[us]", "1970-01-01T01:00+01:00|1969-12-31T23:59:59.999999", BYTES(int64_t, 0, -1)},
	{"x:timestamp[ns]", "1970-01-01 00:00:00.000000001|1970-01-01", BYTES(int64_t, 1, 0)},
};

/* One at a time. */
static struct fl_column bind(const flat_format *format, flat_column cells)
{
	static flat_column kept;
	struct fl_column column;

	assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, fl_cpu_choose(NULL), NULL), FLAT_OK);
	return column;
}

static void every_element_is_stored_and_no_byte_beside_it(void **state)
{
	(void)state;
	for (size_t e = 0; e < LENGTH(examples); e++) {
		flat_format *format = flat_format_parse(examples[e].schema, NULL, NULL);
		const size_t width = examples[e].width;
		const size_t strides[] = {0, width, width + 1, width + 3, 24};

		for (size_t s = 0; s < LENGTH(strides); s++) {
			for (size_t place = 0; place < 9; place++) {
				const size_t stride = strides[s] ? strides[s] : width, first = place % 3;
				unsigned char found[300], expected[300];
				struct fl_column column = bind(format, (flat_column){.base = found + place, .stride = strides[s]});

				memset(found, CANARY, sizeof found);
				memset(expected, CANARY, sizeof expected);
				for (size_t i = 0; i < examples[e].n; i++)
					memcpy(expected + place + (first + i) * stride, examples[e].values + i * width, width);
				fill_all(&column, first, examples[e].texts);
				assert_memory_equal(found, expected, sizeof found);
			}
		}
		flat_format_free(format);
	}
}

static void a_column_may_end_with_its_last_element(void **state)
{
	(void)state;
	for (size_t e = 0; e < LENGTH(examples); e++) {
		flat_format *format = flat_format_parse(examples[e].schema, NULL, NULL);
		const size_t stride = examples[e].width + 5, nbytes = (examples[e].n - 1) * stride + examples[e].width;
		char *elements = guarded(nbytes);
		struct fl_column column = bind(format, (flat_column){.base = elements, .stride = stride});

		fill_all(&column, 0, examples[e].texts);
		release(elements, nbytes);
		flat_format_free(format);
	}
}

static void a_matrix_is_filled_column_by_column(void **state)
{
	static const char *const texts[] = {"1|5|9", "2|6|10", "3|7|11", "4|8|12"};
	flat_format *format = flat_format_parse("x:f64", NULL, NULL);
	double matrix[3][4];

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct fl_column column = bind(format, (flat_column){.base = &matrix[0][k], .stride = sizeof *matrix});

		fill_all(&column, 0, texts[k]);
	}
	for (size_t i = 0; i < 12; i++)
		assert_true(matrix[i / 4][i % 4] == (double)(i + 1));
	flat_format_free(format);
}

static void members_of_structs_are_filled_in_place(void **state)
{
	struct record {
		int64_t when;
		char gap[3];
		uint8_t size;
		float price;
	} records[3];
	static const char *const schemas[] = {"x:timestamp[s]", "x:u8", "x:f32"};
	static const char *const texts[] = {"1970-01-01|1970-01-02|1970-01-03", "1|2|3", "0.5|1.5|2.5"};
	void *const bases[] = {&records->when, &records->size, &records->price};

	(void)state;
	memset(records, CANARY, sizeof records);
	for (size_t k = 0; k < 3; k++) {
		flat_format *format = flat_format_parse(schemas[k], NULL, NULL);
		struct fl_column column = bind(format, (flat_column){.base = bases[k], .stride = sizeof *records});

		fill_all(&column, 0, texts[k]);
		flat_format_free(format);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(records[i].when, i * 86400);
		assert_int_equal(records[i].size, i + 1);
		assert_true(records[i].price == (float)i + 0.5f);
		assert_memory_equal(records[i].gap, "\xA5\xA5\xA5", 3);
	}
}

/* ------------------------------------------------------------------------------------------------- faults */

static void a_text_that_is_no_value_stops_and_stores_nothing(void **state)
{
	static const struct {
		const char *schema, *texts;
		size_t stored;
		fl_fault fault;
	} bad[] = {
		{"x:bool", "1|yes|0", 1, FL_NOT_BOOL},
		{"x:i8", "1|2|128|3", 2, FL_TOO_GREAT},
		{"x:i8", "-129", 0, FL_TOO_SMALL},
		{"x:i16", "32768", 0, FL_TOO_GREAT},
		{"x:i32", "1|-2147483649", 1, FL_TOO_SMALL},
		{"x:i64", "9223372036854775808", 0, FL_TOO_GREAT},
		{"x:u8", "256", 0, FL_TOO_GREAT},
		{"x:u8", "-1", 0, FL_TOO_SMALL},
		{"x:u16", "65536", 0, FL_TOO_GREAT},
		{"x:u32", "4294967296", 0, FL_TOO_GREAT},
		{"x:u64", "18446744073709551616", 0, FL_TOO_GREAT},
		{"x:i32", "1.5", 0, FL_NOT_NUMBER},
		{"x:i32", " 1", 0, FL_NOT_NUMBER},
		{"x:i32", "1 ", 0, FL_NOT_NUMBER},
		{"x:i32", "\" 1\"", 0, FL_NOT_NUMBER},
		{"x:i32", "\"1\"\"2\"", 0, FL_NOT_NUMBER},
		{"x:f32", "1|x", 1, FL_NOT_NUMBER},
		{"x:f64", "12.5.1", 0, FL_NOT_NUMBER},
		{"x:date", "2023-02-29", 0, FL_NO_SUCH_DAY},
		{"x:date", "1/2/2023", 0, FL_NOT_DATE},
		{"x:timestamp[s]", "2023-01-01T25:00", 0, FL_NO_SUCH_TIME},
		{"x:timestamp[s]", "2023-01-01T00:00:00.5", 0, FL_TOO_FINE},
		{"x:timestamp[ns]", "9999-01-01", 0, FL_TIME_RANGE},
		{"x:bool", "", 0, FL_NO_NULL},
		{"x:u64", "1|\"\"", 1, FL_NO_NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		flat_format *format = flat_format_parse(bad[i].schema, NULL, NULL);
		unsigned char elements[64];
		struct fl_column column = bind(format, (flat_column){.base = elements});
		fl_fault fault;

		memset(elements, CANARY, sizeof elements);
		assert_int_equal(fill(&column, 0, bad[i].texts, &fault), bad[i].stored);
		assert_int_equal(fault, bad[i].fault);
		for (size_t k = bad[i].stored * column.width; k < sizeof elements; k++)
			assert_int_equal(elements[k], CANARY);
		flat_format_free(format);
	}
}

/* --------------------------------------------------------------------------------------- nulls and quotes */

static void quotes_around_a_value_do_not_count(void **state)
{
	flat_format *format = flat_format_parse("x:i32", NULL, NULL);
	int32_t elements[4];
	struct fl_column column = bind(format, (flat_column){.base = elements});
	fl_fault fault;

	(void)state;
	fill_all(&column, 0, "\"12\"|34|\"-5\"");
	assert_int_equal(elements[0], 12);
	assert_int_equal(elements[1], 34);
	assert_int_equal(elements[2], -5);
	flat_format_free(format);

	format = flat_format_parse("x:i32", &(flat_dialect){.quote = '\''}, NULL);
	column = bind(format, (flat_column){.base = elements});
	fill_all(&column, 0, "'7'");
	assert_int_equal(elements[0], 7);
	assert_int_equal(fill(&column, 0, "\"7\"", &fault), 0);
	assert_int_equal(fault, FL_NOT_NUMBER);
	flat_format_free(format);

	format = flat_format_parse("x:i32", &(flat_dialect){.quote = FLAT_NONE}, NULL);
	column = bind(format, (flat_column){.base = elements});
	assert_int_equal(fill(&column, 0, "\"7\"", &fault), 0);
	assert_int_equal(fault, FL_NOT_NUMBER);
	flat_format_free(format);
}

static void blanks_around_a_value_count_unless_trimmed(void **state)
{
	flat_format *format = flat_format_parse("x:f64", &(flat_dialect){.trim = true}, NULL);
	double elements[6];
	unsigned char valid[1];
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BITMAP, .valid = valid});
	fl_fault fault;

	(void)state;
	fill_all(&column, 0, " 1|2\t| \"3\" |4|  |\t\"\"");
	assert_int_equal(valid[0] & 0x3F, 0x0F);
	for (int i = 0; i < 4; i++)
		assert_true(elements[i] == i + 1);
	assert_true(isnan(elements[4]) && isnan(elements[5]));
	assert_int_equal(fill(&column, 0, "1|\" 2\"", &fault), 1);
	assert_int_equal(fault, FL_NOT_NUMBER);
	flat_format_free(format);

	format = flat_format_parse("x:f64", NULL, NULL);
	column = bind(format, (flat_column){.base = elements});
	assert_int_equal(fill(&column, 0, "1|2 ", &fault), 1);
	assert_int_equal(fault, FL_NOT_NUMBER);
	flat_format_free(format);
}

static void nulls_are_found_quoted_or_not(void **state)
{
	static const char *const nulls[] = {"NA", "n/a"};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 2};
	flat_format *format = flat_format_parse("x:i16", &dialect, NULL);
	int16_t elements[8];
	unsigned char valid[2] = {0, 0xFF};
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BITMAP, .valid = valid});
	fl_fault fault;

	(void)state;
	fill_all(&column, 0, "1|NA|\"NA\"||\"\"|n/a|7|8");
	assert_int_equal(valid[0], 0xC1);
	assert_int_equal(valid[1], 0xFF);
	for (size_t i = 1; i < 6; i++)
		assert_int_equal(elements[i], 0);
	assert_int_equal(fill(&column, 0, "na", &fault), 0);
	assert_int_equal(fault, FL_NOT_NUMBER);
	flat_format_free(format);
}

static void a_null_may_be_spelled_like_a_value(void **state)
{
	static const char *const nulls[] = {"NA", "-999"};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 2};
	flat_format *format = flat_format_parse("x:i16", &dialect, NULL);
	const int16_t sentinel = 99;
	int16_t elements[7];
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = &sentinel});
	const int16_t expected[] = {-998, 99, 99, -999, 99, 5, 99};
	fl_fault fault;

	(void)state;
	fill_all(&column, 0, "-998|-999|\"-999\"|-0999|NA|\"5\"|");
	assert_memory_equal(elements, expected, sizeof expected);
	assert_int_equal(fill(&column, 0, "1|40000", &fault), 1);
	assert_int_equal(fault, FL_TOO_GREAT);
	flat_format_free(format);

	format = flat_format_parse("x:f64", &dialect, NULL);
	{
		double values[3];

		column = bind(format, (flat_column){.base = values});
		fill_all(&column, 0, "-999|-999.0|nan");
		assert_true(isnan(values[0]));
		assert_true(values[1] == -999.0);
	}
	flat_format_free(format);

	format = flat_format_parse("x:u8", &dialect, NULL);
	{
		uint8_t values[2], zero = 0;

		column = bind(format, (flat_column){.base = values, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = &zero});
		fill_all(&column, 0, "-999|1");
		assert_int_equal(values[0], 0);
		assert_int_equal(values[1], 1);
	}
	flat_format_free(format);
}

static void a_field_s_own_nulls_replace_the_dialect_s(void **state)
{
	static const char *const nulls[] = {"NA"}, *const own[] = {"?"};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 1};
	const flat_field field = {.name = "x", .type = FLAT_F64, .nulls = own, .nnulls = 1};
	flat_format *format = flat_format_new(&dialect, &field, 1, NULL);
	double elements[2];
	struct fl_column column = bind(format, (flat_column){.base = elements});
	fl_fault fault;

	(void)state;
	assert_int_equal(fill(&column, 0, "?|NA", &fault), 1);
	assert_int_equal(fault, FL_NOT_NUMBER);
	flat_format_free(format);
}

static void nan_is_a_value_where_nulls_are_marked(void **state)
{
	flat_format *format = flat_format_parse("x:f64", NULL, NULL);
	double elements[3];
	unsigned char valid[3];
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BYTE, .valid = valid});

	(void)state;
	fill_all(&column, 0, "nan||inf");
	assert_true(isnan(elements[0]) && isnan(elements[1]) && isinf(elements[2]));
	assert_memory_equal(valid, "\1\0\1", 3);
	flat_format_free(format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_element_is_stored_and_no_byte_beside_it),
		cmocka_unit_test(a_column_may_end_with_its_last_element),
		cmocka_unit_test(a_matrix_is_filled_column_by_column),
		cmocka_unit_test(members_of_structs_are_filled_in_place),
		cmocka_unit_test(a_text_that_is_no_value_stops_and_stores_nothing),
		cmocka_unit_test(quotes_around_a_value_do_not_count),
		cmocka_unit_test(blanks_around_a_value_count_unless_trimmed),
		cmocka_unit_test(nulls_are_found_quoted_or_not),
		cmocka_unit_test(a_null_may_be_spelled_like_a_value),
		cmocka_unit_test(a_field_s_own_nulls_replace_the_dialect_s),
		cmocka_unit_test(nan_is_a_value_where_nulls_are_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
