/*
 * lib/column.c: which cells can be bound, and how elements say that they are null.
 */
#include "config.h"

#include "column.h"
#include "support.h"

#include <math.h>
#include <stdio.h>

/* One at a time. */
static struct fl_column bind(const flat_format *format, flat_column cells)
{
	static flat_column kept;
	struct fl_column column;

	assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, fl_cpu_choose(NULL), NULL), FLAT_OK);
	return column;
}

/* --------------------------------------------------------------------------------------------------- bind */

static void cells_that_cannot_be_right_are_refused(void **state)
{
	static char memory[64];
	static const struct {
		const char *schema;
		flat_column cells;
		const char *message;
	} bad[] = {
		{"x:f64", {.base = NULL}, "column of field 1 \"x\": base is NULL"},
		{"x:f64", {.base = memory, .stride = 7}, "column of field 1 \"x\": the stride is less than the width of an element"},
		{"x:str9", {.base = memory, .stride = 8}, "column of field 1 \"x\": the stride is less than the width of an element"},
		{"x:i8", {.base = memory, .validity = FLAT_VALIDITY_BITMAP},
		 "column of field 1 \"x\": its validity has no memory: 'valid' is NULL"},
		{"x:i8", {.base = memory, .validity = FLAT_VALIDITY_BYTE},
		 "column of field 1 \"x\": its validity has no memory: 'valid' is NULL"},
		{"x:i8", {.base = memory, .validity = (flat_validity)4}, "column of field 1 \"x\": its validity is none of flat_validity"},
		{"x:i8", {.base = memory, .validity = (flat_validity)-1}, "column of field 1 \"x\": its validity is none of flat_validity"},
		{"x:i8", {.base = memory, .validity = FLAT_VALIDITY_SENTINEL}, "column of field 1 \"x\": 'sentinel' is NULL"},
		{"x:text", {.base = memory, .arena = memory, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = ""},
		 "column of field 1 \"x\": a text has no sentinel; use a bitmap or bytes"},
		{"x:i8", {.base = memory, .lengths = (uint32_t *)(void *)memory}, "column of field 1 \"x\": only a str has lengths"},
		{"x:str1", {.base = memory, .lengths = (uint32_t *)(void *)memory, .lengths_stride = 3},
		 "column of field 1 \"x\": the stride of the lengths is less than their width"},
		{"x:text", {.base = memory}, "column of field 1 \"x\": a text needs an arena"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		flat_format *format = flat_format_parse(bad[i].schema, NULL, NULL);
		struct fl_column column, untouched;
		flat_error error = {.status = FLAT_OK};

		memset(&column, CANARY, sizeof column);
		memset(&untouched, CANARY, sizeof untouched);
		assert_int_equal(fl_column_bind(&column, NULL, format, 0, &bad[i].cells, fl_cpu_choose(NULL), &error), FLAT_BAD_ARGUMENT);
		assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
		assert_string_equal(error.message, bad[i].message);
		assert_memory_equal(&column, &untouched, sizeof column);
		assert_int_equal(fl_column_bind(&column, NULL, format, 0, &bad[i].cells, fl_cpu_choose(NULL), NULL), FLAT_BAD_ARGUMENT);
		flat_format_free(format);
	}
}

static void a_stride_of_zero_is_packed(void **state)
{
	flat_format *format = flat_format_parse("x:str5", NULL, NULL);
	uint32_t lengths[1];
	char memory[8];
	struct fl_column column = bind(format, (flat_column){.base = memory, .lengths = lengths});

	(void)state;
	assert_int_equal(column.stride, 5);
	assert_int_equal(column.cells->valid_stride, 1);
	assert_int_equal(column.cells->lengths_stride, 4);
	column = bind(format, (flat_column){.base = memory, .stride = 7, .valid_stride = 3, .lengths = lengths, .lengths_stride = 9});
	assert_int_equal(column.stride, 7);
	assert_int_equal(column.cells->valid_stride, 3);
	assert_int_equal(column.cells->lengths_stride, 9);
	flat_format_free(format);
}

static void a_column_of_base_and_stride_keeps_nothing_else(void **state)
{
	flat_format *format = flat_format_parse("x:f64", NULL, NULL);
	double memory[2];
	const flat_column cells = {.base = memory, .stride = 16};
	struct fl_column column;

	(void)state;
	assert_int_equal(fl_column_bind(&column, NULL, format, 0, &cells, fl_cpu_choose(NULL), NULL), FLAT_OK);
	assert_ptr_equal(column.base, memory);
	assert_int_equal(column.stride, 16);
	assert_ptr_equal(column.cells, &fl_bare);
	assert_true(sizeof column <= 64);
	flat_format_free(format);
}

/* ----------------------------------------------------------------------------------------------- validity */

static void a_bitmap_is_set_bit_by_bit_and_no_further(void **state)
{
	flat_format *format = flat_format_parse("x:i8", NULL, NULL);
	unsigned char bits[8], expected[8];
	char element[1];
	struct fl_column column = bind(format, (flat_column){.base = element, .validity = FLAT_VALIDITY_BITMAP, .valid = bits});

	(void)state;
	for (int before = 0; before < 2; before++) {
		for (size_t first = 0; first < 40; first++) {
			for (size_t n = 0; first + n <= 64; n++) {
				memset(bits, before ? CANARY : 0, sizeof bits);
				memcpy(expected, bits, sizeof bits);
				for (size_t i = first; i < first + n; i++)
					expected[i / 8] |= (unsigned char)(1u << i % 8);
				fl_column_mark_valid(&column, first, n);
				assert_memory_equal(bits, expected, sizeof bits);
			}
		}
	}
	flat_format_free(format);
}

static void a_bitmap_may_end_with_its_last_byte(void **state)
{
	flat_format *format = flat_format_parse("x:i8", NULL, NULL);
	char element[1];

	(void)state;
	for (size_t nbytes = 1; nbytes < 4; nbytes++) {
		char *bits = guarded(nbytes);
		struct fl_column column = bind(format, (flat_column){.base = element, .validity = FLAT_VALIDITY_BITMAP, .valid = bits});

		fl_column_mark_valid(&column, 3, nbytes * 8 - 3);
		assert_int_equal((unsigned char)bits[0], 0xF8);
		assert_int_equal((unsigned char)bits[nbytes - 1], nbytes == 1 ? 0xF8 : 0xFF);
		fl_column_mark_valid(&column, nbytes * 8, 0);
		release(bits, nbytes);
	}
	flat_format_free(format);
}

static void a_null_clears_its_bit_alone(void **state)
{
	flat_format *format = flat_format_parse("x:i8", NULL, NULL);
	unsigned char bits[3];
	char elements[24];
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BITMAP, .valid = bits});

	(void)state;
	for (size_t i = 0; i < 24; i++) {
		memset(bits, 0xFF, sizeof bits);
		memset(elements, CANARY, sizeof elements);
		assert_int_equal(fl_column_store_null(&column, i), FL_FINE);
		for (size_t k = 0; k < 24; k++) {
			assert_int_equal(bits[k / 8] >> k % 8 & 1, k != i);
			assert_int_equal((unsigned char)elements[k], k == i ? 0 : CANARY);
		}
	}
	flat_format_free(format);
}

static void validity_bytes_lie_their_stride_apart(void **state)
{
	flat_format *format = flat_format_parse("x:i8", NULL, NULL);

	(void)state;
	for (size_t stride = 0; stride < 5; stride++) {
		const size_t apart = stride ? stride : 1;
		unsigned char valid[50], expected[50];
		char elements[8];
		struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BYTE,
								      .valid = valid, .valid_stride = stride});

		memset(valid, CANARY, sizeof valid);
		memset(expected, CANARY, sizeof expected);
		fl_column_mark_valid(&column, 2, 5);
		for (size_t i = 2; i < 7; i++)
			expected[i * apart] = 1;
		assert_memory_equal(valid, expected, sizeof valid);
		assert_int_equal(fl_column_store_null(&column, 4), FL_FINE);
		expected[4 * apart] = 0;
		assert_memory_equal(valid, expected, sizeof valid);
	}
	flat_format_free(format);
}

/* --------------------------------------------------------------------------------------------------- null */

static const struct {
	const char *schema;
	size_t width;
	bool own; /* has an element that is null without more being said */
} types[] = {
	{"x:bool", 1, false}, {"x:i8", 1, false},  {"x:i16", 2, false}, {"x:i32", 4, false},
	{"x:i64", 8, false},  {"x:u8", 1, false},  {"x:u16", 2, false}, {"x:u32", 4, false},
	{"x:u64", 8, false},  {"x:f32", 4, true},  {"x:f64", 8, true},  {"x:str5", 5, true},
	{"x:date", 8, true},  {"x:timestamp[s]", 8, true}, {"x:timestamp[ms]", 8, true},
	{"x:timestamp[us]", 8, true}, {"x:timestamp[ns]", 8, true},
};

static void assert_null_element(const char *schema, const char *element, size_t width)
{
	static const char zeros[8] = {0};
	int64_t not_a_time = INT64_MIN;
	float f32;
	double f64;

	if (strcmp(schema, "x:f32") == 0) {
		memcpy(&f32, element, sizeof f32);
		assert_true(isnan(f32));
	} else if (strcmp(schema, "x:f64") == 0) {
		memcpy(&f64, element, sizeof f64);
		assert_true(isnan(f64));
	} else if (strcmp(schema, "x:date") == 0 || strncmp(schema, "x:timestamp", 11) == 0) {
		assert_memory_equal(element, &not_a_time, sizeof not_a_time);
	} else {
		assert_memory_equal(element, zeros, width);
	}
}

static void a_null_element_is_nan_not_a_time_or_zeros(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(types); i++) {
		flat_format *format = flat_format_parse(types[i].schema, NULL, NULL);

		for (int validity = FLAT_VALIDITY_NONE; validity <= FLAT_VALIDITY_BYTE; validity++) {
			unsigned char elements[40], valid[4] = {0xFF, 0xFF, 0xFF, 0xFF};
			struct fl_column column = bind(format, (flat_column){.base = elements + 1, .stride = 11,
									      .validity = (flat_validity)validity, .valid = valid});
			const bool can = types[i].own || validity != FLAT_VALIDITY_NONE;

			memset(elements, CANARY, sizeof elements);
			assert_int_equal(fl_column_store_null(&column, 2), can ? FL_FINE : FL_NO_NULL);
			if (can)
				assert_null_element(types[i].schema, (char *)elements + 23, types[i].width);
			for (size_t k = 0; k < sizeof elements; k++)
				if (!can || k < 23 || k >= 23 + types[i].width)
					assert_int_equal(elements[k], CANARY);
			assert_int_equal(valid[0], validity == FLAT_VALIDITY_BITMAP ? 0xFB : 0xFF);
			assert_int_equal(valid[2], validity == FLAT_VALIDITY_BYTE ? 0 : 0xFF);
		}
		flat_format_free(format);
	}
}

static void a_sentinel_is_stored_as_it_is(void **state)
{
	static const char sentinel[] = "\x91\x92\x93\x94\x95\x96\x97\x98";

	(void)state;
	for (size_t i = 0; i < LENGTH(types); i++) {
		flat_format *format = flat_format_parse(types[i].schema, NULL, NULL);
		unsigned char elements[40];
		char *bounded = guarded_copy(sentinel, types[i].width);
		struct fl_column column = bind(format, (flat_column){.base = elements + 1, .stride = 11,
								      .validity = FLAT_VALIDITY_SENTINEL, .sentinel = bounded});

		memset(elements, CANARY, sizeof elements);
		assert_int_equal(fl_column_store_null(&column, 1), FL_FINE);
		assert_memory_equal(elements + 12, sentinel, types[i].width);
		for (size_t k = 0; k < sizeof elements; k++)
			if (k < 12 || k >= 12 + types[i].width)
				assert_int_equal(elements[k], CANARY);
		release(bounded, types[i].width);
		flat_format_free(format);
	}
}

static bool is_null(const flat_format *format, const char *text)
{
	return fl_is_null(flat_format_field(format, 0), text, text + strlen(text));
}

static void empty_is_null_but_for_strings(void **state)
{
	static const char *const nulls[] = {"NA", "-"}, *const empty[] = {""};
	const flat_dialect with_nulls = {.nulls = nulls, .nnulls = 2}, with_empty = {.nulls = empty, .nnulls = 1};
	static const struct {
		const char *schema;
		bool string;
	} all[] = {{"x:f64", false}, {"x:bool", false}, {"x:date", false}, {"x:str2", true}, {"x:text", true}};

	(void)state;
	for (size_t i = 0; i < LENGTH(all); i++) {
		flat_format *format = flat_format_parse(all[i].schema, &with_nulls, NULL);

		assert_int_equal(is_null(format, ""), !all[i].string);
		assert_true(is_null(format, "NA"));
		assert_true(is_null(format, "-"));
		assert_false(is_null(format, "N"));
		assert_false(is_null(format, "NAN"));
		assert_false(is_null(format, "na"));
		flat_format_free(format);
		format = flat_format_parse(all[i].schema, &with_empty, NULL);
		assert_true(is_null(format, ""));
		assert_false(is_null(format, "NA"));
		flat_format_free(format);
	}
}

static void blanks_are_trimmed_from_both_ends(void **state)
{
	static const char *const texts[][2] = {
		{"", ""}, {" ", ""}, {"\t \t", ""}, {"a", "a"}, {" a", "a"}, {"a\t", "a"}, {" \ta b\t ", "a b"}, {"\na\r", "\na\r"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		const size_t nbytes = strlen(texts[i][0]);
		char *bounded = guarded_copy(texts[i][0], nbytes);
		const char *p = bounded, *end = bounded + nbytes;

		fl_trim(&p, &end);
		assert_int_equal(end - p, strlen(texts[i][1]));
		assert_memory_equal(p, texts[i][1], (size_t)(end - p));
		release(bounded, nbytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_that_cannot_be_right_are_refused),
		cmocka_unit_test(a_stride_of_zero_is_packed),
		cmocka_unit_test(a_column_of_base_and_stride_keeps_nothing_else),
		cmocka_unit_test(a_bitmap_is_set_bit_by_bit_and_no_further),
		cmocka_unit_test(a_bitmap_may_end_with_its_last_byte),
		cmocka_unit_test(a_null_clears_its_bit_alone),
		cmocka_unit_test(validity_bytes_lie_their_stride_apart),
		cmocka_unit_test(a_null_element_is_nan_not_a_time_or_zeros),
		cmocka_unit_test(a_sentinel_is_stored_as_it_is),
		cmocka_unit_test(empty_is_null_but_for_strings),
		cmocka_unit_test(blanks_are_trimmed_from_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
