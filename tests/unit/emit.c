/*
 * lib/emit.c: the text of every type as flatload.h has it, each way of saying null, and columns that contradict themselves.
 */
#include "config.h"

#include "emit.h"
#include "format.h"
#include "support.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

/* A format of one field, a column bound to it, and the last text. */
struct fixture {
	flat_format *format;
	struct fl_quoting quoting;
	struct fl_emitter emitter;
	struct fl_text text;
	char scratch[FL_EMIT_MAX];
};

static void begin_dialect(struct fixture *f, const flat_dialect *dialect, const flat_field *field, const flat_column *column)
{
	flat_error error;

	f->format = flat_format_new(dialect, field, 1, &error);
	assert_non_null(f->format);
	fl_quoting_open(&f->quoting, &f->format->dialect);
	assert_int_equal(fl_emitter_bind(&f->emitter, f->format, &f->quoting, 0, column, fl_cpu_choose(NULL), &error), FLAT_OK);
}

static void begin(struct fixture *f, const flat_field *field, const flat_column *column)
{
	begin_dialect(f, NULL, field, column);
}

static void end(struct fixture *f)
{
	flat_format_free(f->format);
}

static fl_fault emit(struct fixture *f, size_t element)
{
	return fl_emit(&f->emitter, &f->quoting, element, f->scratch, &f->text);
}

static void gives(struct fixture *f, size_t element, const char *expected)
{
	assert_int_equal(emit(f, element), FL_FINE);
	assert_int_equal(f->text.nbytes, strlen(expected));
	assert_memory_equal(f->text.p, expected, f->text.nbytes);
	assert_false(f->text.null);
}

static void gives_null(struct fixture *f, size_t element, const char *expected)
{
	assert_int_equal(emit(f, element), FL_FINE);
	assert_int_equal(f->text.nbytes, strlen(expected));
	assert_memory_equal(f->text.p, expected, f->text.nbytes);
	assert_true(f->text.null);
}

#define NAMED(...) (&(flat_field){.name = "x", __VA_ARGS__})
#define CELLS(...) (&(flat_column){__VA_ARGS__})

/* ------------------------------------------------------------------------------------------------ values */

/* One element, at an odd address that ends where memory ends. */
static void value_gives(const flat_field *field, const void *value, const char *expected)
{
	size_t width = flat_field_width(field);
	char *cell = guarded(2 * width + 1);
	struct fixture f;

	memcpy(cell + width + 1, value, width);
	begin(&f, field, CELLS(.base = cell + 1, .stride = width));
	gives(&f, 1, expected);
	assert_false(f.text.quoted);
	end(&f);
	release(cell, 2 * width + 1);
}

#define INTEGER(id, ctype, value, text)                     \
	do {                                                \
		const ctype one = value;                    \
                                                            \
		value_gives(NAMED(.type = id), &one, text); \
	} while (0)

static void integers_are_digits_and_a_minus(void **state)
{
	(void)state;
	INTEGER(FLAT_I8, int8_t, INT8_MIN, "-128");
	INTEGER(FLAT_I8, int8_t, INT8_MAX, "127");
	INTEGER(FLAT_I16, int16_t, INT16_MIN, "-32768");
	INTEGER(FLAT_I16, int16_t, INT16_MAX, "32767");
	INTEGER(FLAT_I32, int32_t, INT32_MIN, "-2147483648");
	INTEGER(FLAT_I32, int32_t, INT32_MAX, "2147483647");
	INTEGER(FLAT_I64, int64_t, INT64_MIN, "-9223372036854775808");
	INTEGER(FLAT_I64, int64_t, INT64_MAX, "9223372036854775807");
	INTEGER(FLAT_I64, int64_t, 0, "0");
	INTEGER(FLAT_I64, int64_t, -1, "-1");
	INTEGER(FLAT_U8, uint8_t, UINT8_MAX, "255");
	INTEGER(FLAT_U16, uint16_t, UINT16_MAX, "65535");
	INTEGER(FLAT_U32, uint32_t, UINT32_MAX, "4294967295");
	INTEGER(FLAT_U64, uint64_t, UINT64_MAX, "18446744073709551615");
	INTEGER(FLAT_U64, uint64_t, 0, "0");
}

static void bools_are_true_and_false(void **state)
{
	(void)state;
	INTEGER(FLAT_BOOL, uint8_t, 0, "false");
	INTEGER(FLAT_BOOL, uint8_t, 1, "true");
}

static void floats_are_the_fewest_digits(void **state)
{
	static const struct {
		double value;
		const char *text;
	} doubles[] = {
		{0.1, "0.1"},
		{1, "1"},
		{0, "0"},
		{-0.0, "-0"},
		{1e-5, "1e-05"},
		{1e-4, "0.0001"},
		{1.5e300, "1.5e+300"},
		{1e15, "1000000000000000"},
		{1e16, "1e+16"},
		{9999999999999998, "9999999999999998"},
		{5e-324, "5e-324"},
		{DBL_MAX, "1.7976931348623157e+308"},
		{DBL_MIN, "2.2250738585072014e-308"},
		{INFINITY, "inf"},
		{-INFINITY, "-inf"},
	};
	static const struct {
		float value;
		const char *text;
	} floats[] = {{0.1f, "0.1"}, {16777216, "16777216"}, {FLT_MAX, "3.4028235e+38"}, {-1e-5f, "-1e-05"}, {-0.0f, "-0"}};

	(void)state;
	for (size_t i = 0; i < LENGTH(doubles); i++)
		value_gives(NAMED(.type = FLAT_F64), &doubles[i].value, doubles[i].text);
	for (size_t i = 0; i < LENGTH(floats); i++)
		value_gives(NAMED(.type = FLAT_F32), &floats[i].value, floats[i].text);
}

static void a_nan_keeps_its_sign_not_its_payload(void **state)
{
	static const struct {
		uint64_t bits;
		const char *text;
	} doubles[] = {{UINT64_C(0x7FF8000000000000), "nan"},
		       {UINT64_C(0xFFF8000000000000), "-nan"},
		       {UINT64_C(0x7FF0000000000001), "nan"},
		       {UINT64_C(0xFFFFFFFFFFFFFFFF), "-nan"}};
	static const struct {
		uint32_t bits;
		const char *text;
	} floats[] = {{0x7FC00000, "nan"}, {0xFFC00000, "-nan"}, {0x7F800001, "nan"}};

	(void)state;
	for (size_t i = 0; i < LENGTH(doubles); i++)
		value_gives(NAMED(.type = FLAT_F64), &doubles[i].bits, doubles[i].text);
	for (size_t i = 0; i < LENGTH(floats); i++)
		value_gives(NAMED(.type = FLAT_F32), &floats[i].bits, floats[i].text);
}

static void fixed_digits_are_as_many_as_asked_for(void **state)
{
	const double values[] = {2.675, -1, 1e22, -0.0, DBL_MAX, (double)NAN};
	const float tenth = 0.1f;
	char expected[FL_EMIT_MAX];

	(void)state;
	value_gives(NAMED(.type = FLAT_F64, .fixed = FLAT_FIXED(2)), &values[0], "2.67");
	value_gives(NAMED(.type = FLAT_F64, .fixed = FLAT_FIXED(2)), &values[1], "-1.00");
	value_gives(NAMED(.type = FLAT_F64, .fixed = FLAT_FIXED(0)), &values[2], "10000000000000000000000");
	value_gives(NAMED(.type = FLAT_F64, .fixed = FLAT_FIXED(1)), &values[3], "-0.0");
	value_gives(NAMED(.type = FLAT_F64, .fixed = FLAT_FIXED(1)), &values[5], "nan");
	value_gives(NAMED(.type = FLAT_F32, .fixed = FLAT_FIXED(10)), &tenth, "0.1000000015");
	snprintf(expected, sizeof expected, "%.350f", DBL_MAX);
	value_gives(NAMED(.type = FLAT_F64, .fixed = FLAT_FIXED(350)), &values[4], expected);
}

static void times_are_iso_8601_with_as_much_fraction_as_needed(void **state)
{
	static const struct {
		flat_type type;
		int64_t value;
		const char *text;
	} times[] = {
		{FLAT_DATE, 0, "1970-01-01"},
		{FLAT_DATE, 20088, "2024-12-31"},
		{FLAT_DATE, -719528, "0000-01-01"},
		{FLAT_DATE, -719529, "-0001-12-31"},
		{FLAT_DATE, 2932896, "9999-12-31"},
		{FLAT_DATE, 2932897, "+10000-01-01"},
		{FLAT_TIMESTAMP_S, 1735689599, "2024-12-31T23:59:59Z"},
		{FLAT_TIMESTAMP_MS, 1735689599250, "2024-12-31T23:59:59.25Z"},
		{FLAT_TIMESTAMP_US, 1735689599000001, "2024-12-31T23:59:59.000001Z"},
		{FLAT_TIMESTAMP_NS, 1735689599000000000, "2024-12-31T23:59:59Z"},
		{FLAT_TIMESTAMP_NS, -1, "1969-12-31T23:59:59.999999999Z"},
		{FLAT_TIMESTAMP_NS, INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
		{FLAT_TIMESTAMP_S, 253402300800, "+10000-01-01T00:00:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(times); i++)
		value_gives(NAMED(.type = times[i].type), &times[i].value, times[i].text);
}

/* ----------------------------------------------------------------------------------------------- strings */

static void a_str_is_its_bytes_up_to_the_padding(void **state)
{
	static const char cells[] = "\0\0\0\0a\0\0\0abcda\0b\0\0\0\0d";
	static const struct {
		const char *bytes;
		size_t nbytes;
	} expected[] = {{"", 0}, {"a", 1}, {"abcd", 4}, {"a\0b", 3}, {"\0\0\0d", 4}};
	char *guarded_cells = guarded_copy(cells, sizeof cells - 1);
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_STR, .width = 4), CELLS(.base = guarded_cells));
	for (size_t i = 0; i < LENGTH(expected); i++) {
		assert_int_equal(emit(&f, i), FL_FINE);
		assert_int_equal(f.text.nbytes, expected[i].nbytes);
		assert_memory_equal(f.text.p, expected[i].bytes, expected[i].nbytes);
		assert_ptr_equal(f.text.p, guarded_cells + 4 * i);
		assert_false(f.text.null || f.text.quoted);
	}
	end(&f);
	release(guarded_cells, sizeof cells - 1);
}

/* All widths around words of eight, filled up to any byte, with zeros within. */
static void a_str_of_any_width_ends_with_its_last_byte(void **state)
{
	char cell[40];
	struct fixture f;

	(void)state;
	for (uint32_t width = 1; width <= sizeof cell; width++) {
		char *guarded_cell = guarded(width);

		begin(&f, NAMED(.type = FLAT_STR, .width = width), CELLS(.base = guarded_cell));
		for (size_t n = 0; n <= width; n++) {
			memset(cell, 0, sizeof cell);
			if (n)
				cell[n - 1] = '\x01';
			if (n > 9)
				cell[n - 9] = 'a';
			memcpy(guarded_cell, cell, width);
			assert_int_equal(emit(&f, 0), FL_FINE);
			assert_int_equal(f.text.nbytes, n);
		}
		end(&f);
		release(guarded_cell, width);
	}
}

static void lengths_say_how_long_a_str_is(void **state)
{
	static const struct {
		char pad; /* so that lengths are not aligned */
		char length[4];
	} lengths[] = {{0, {0, 0, 0, 0}}, {0, {1, 0, 0, 0}}, {0, {4, 0, 0, 0}}, {0, {5, 0, 0, 0}}, {0, {1, 0, 0, 1}}};
	char cells[] = "abcdabcda\0\0\0abcdabcd";
	static const fl_fault faults[] = {FL_FINE, FL_FINE, FL_FINE, FL_BAD_LENGTH, FL_BAD_LENGTH};
	static const size_t expected[] = {0, 1, 4};
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_STR, .width = 4),
	      CELLS(.base = cells, .lengths = (uint32_t *)(uintptr_t)lengths[0].length, .lengths_stride = sizeof *lengths));
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		assert_int_equal(emit(&f, i), faults[i]);
		if (faults[i] == FL_FINE)
			assert_int_equal(f.text.nbytes, expected[i]);
	}
	end(&f);
}

static void a_text_lies_between_two_offsets(void **state)
{
	char *arena = guarded_copy("abcdef", 6);
	uint64_t offsets[] = {0, 3, 3, 6};
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_TEXT), CELLS(.base = offsets, .arena = arena, .arena_nbytes = 6));
	gives(&f, 0, "abc");
	gives(&f, 1, "");
	gives(&f, 2, "def");
	assert_ptr_equal(f.text.p, arena + 3);
	end(&f);
	release(arena, 6);
}

static void offsets_that_run_backwards_or_out_of_the_arena_are_bad(void **state)
{
	static const struct {
		uint64_t offsets[2];
		fl_fault fault;
	} cases[] = {
		{{3, 2}, FL_BAD_OFFSETS},
		{{0, 7}, FL_BAD_OFFSETS},
		{{7, 7}, FL_BAD_OFFSETS},
		{{0, UINT64_MAX}, FL_BAD_OFFSETS},
		{{UINT64_MAX, 0}, FL_BAD_OFFSETS},
		{{UINT64_MAX, UINT64_MAX}, FL_BAD_OFFSETS},
		{{0, 6}, FL_FINE},
		{{6, 6}, FL_FINE},
	};
	char *arena = guarded_copy("abcdef", 6);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		uint64_t offsets[2];
		struct fixture f;

		memcpy(offsets, cases[i].offsets, sizeof offsets);
		begin(&f, NAMED(.type = FLAT_TEXT), CELLS(.base = offsets, .arena = arena, .arena_nbytes = 6));
		assert_int_equal(emit(&f, 0), cases[i].fault);
		end(&f);
	}
	release(arena, 6);
}

/* ------------------------------------------------------------------------------------------------- nulls */

static void a_bit_of_0_is_null(void **state)
{
	int32_t cells[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	unsigned char *bits = (unsigned char *)guarded_copy("\xAA\x02", 2);
	char expected[2] = "0";
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_I32), CELLS(.base = cells, .validity = FLAT_VALIDITY_BITMAP, .valid = bits));
	for (size_t i = 0; i < LENGTH(cells); i++) {
		expected[0] = (char)('0' + i);
		if (i % 2)
			gives(&f, i, expected);
		else
			gives_null(&f, i, "");
		assert_false(f.text.quoted);
	}
	end(&f);
	release((char *)bits, 2);
}

static void a_byte_of_0_is_null(void **state)
{
	double cells[] = {1.5, 2.5, 3.5};
	char packed[] = {1, 0, 1}, apart[] = {0, 7, 7, 1, 7, 7, 0};
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_F64), CELLS(.base = cells, .validity = FLAT_VALIDITY_BYTE, .valid = packed));
	gives(&f, 0, "1.5");
	gives_null(&f, 1, "");
	gives(&f, 2, "3.5");
	end(&f);
	begin(&f, NAMED(.type = FLAT_F64),
	      CELLS(.base = cells, .validity = FLAT_VALIDITY_BYTE, .valid = apart, .valid_stride = 3));
	gives_null(&f, 0, "");
	gives(&f, 1, "2.5");
	gives_null(&f, 2, "");
	end(&f);
}

static void a_sentinel_is_null_for_every_type_by_its_bytes(void **state)
{
	static const char sentinel[] = "\x5A\x5A\x5A\x5A\x5A\x5A\x5A\x5A";
	static const flat_type types[] = {FLAT_BOOL, FLAT_I8,  FLAT_I16, FLAT_I32,  FLAT_I64,	      FLAT_U8, FLAT_U16,
					  FLAT_U32,  FLAT_U64, FLAT_F32, FLAT_F64, FLAT_STR, FLAT_DATE, FLAT_TIMESTAMP_NS};
	const char *const nulls[] = {"NA"};

	(void)state;
	for (size_t i = 0; i < LENGTH(types); i++) {
		flat_field *field = NAMED(.type = types[i], .nulls = nulls, .nnulls = 1);
		char cells[16];
		struct fixture f;

		field->width = types[i] == FLAT_STR ? 5 : 0;
		memcpy(cells, sentinel, 8);
		memcpy(cells + flat_field_width(field), sentinel, 8);
		cells[2 * flat_field_width(field) - 1] = 0; /* the last byte of the second */
		begin(&f, field, CELLS(.base = cells, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = sentinel));
		gives_null(&f, 0, "NA");
		assert_int_equal(emit(&f, 1), FL_FINE);
		assert_false(f.text.null);
		end(&f);
	}
}

/* A NaN is a sentinel like any other bits: -0 is not 0, one NaN is not another. */
static void sentinels_are_bits_not_values(void **state)
{
	double cells[] = {0.0, -0.0, (double)NAN, 1};
	double zero = 0, not_a_number = (double)NAN;
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_F64), CELLS(.base = cells, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = &zero));
	gives_null(&f, 0, "");
	gives(&f, 1, "-0");
	gives(&f, 2, "nan");
	end(&f);
	begin(&f, NAMED(.type = FLAT_F64),
	      CELLS(.base = cells, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = &not_a_number));
	gives_null(&f, 2, "");
	gives(&f, 3, "1");
	end(&f);
}

static void only_not_a_time_is_null_by_its_value_alone(void **state)
{
	static const flat_type times[] = {FLAT_DATE, FLAT_TIMESTAMP_S, FLAT_TIMESTAMP_MS, FLAT_TIMESTAMP_US, FLAT_TIMESTAMP_NS};
	int64_t least = INT64_MIN;
	double not_a_number = (double)NAN;
	char empty[4] = "";
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < LENGTH(times); i++) {
		begin(&f, NAMED(.type = times[i]), CELLS(.base = &least));
		gives_null(&f, 0, "");
		end(&f);
	}
	begin(&f, NAMED(.type = FLAT_I64), CELLS(.base = &least));
	gives(&f, 0, "-9223372036854775808");
	end(&f);
	begin(&f, NAMED(.type = FLAT_F64), CELLS(.base = &not_a_number));
	gives(&f, 0, "nan");
	end(&f);
	begin(&f, NAMED(.type = FLAT_STR, .width = 4), CELLS(.base = empty));
	gives(&f, 0, "");
	end(&f);
}

static void not_a_time_that_is_not_null_has_no_text(void **state)
{
	int64_t cells[] = {INT64_MIN, 0}, sentinel = 0;
	char valid[] = {1, 1}, bits = 3;
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_DATE), CELLS(.base = cells, .validity = FLAT_VALIDITY_BYTE, .valid = valid));
	assert_int_equal(emit(&f, 0), FL_TIME_RANGE);
	end(&f);
	begin(&f, NAMED(.type = FLAT_TIMESTAMP_US), CELLS(.base = cells, .validity = FLAT_VALIDITY_BITMAP, .valid = &bits));
	assert_int_equal(emit(&f, 0), FL_TIME_RANGE);
	end(&f);
	begin(&f, NAMED(.type = FLAT_DATE),
	      CELLS(.base = cells, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = &sentinel));
	assert_int_equal(emit(&f, 0), FL_TIME_RANGE);
	gives_null(&f, 1, "");
	end(&f);
}

static void a_null_is_the_first_spelling_of_its_field(void **state)
{
	const char *const spellings[] = {"NULL", "NA"}, *const odd[] = {"n,a"}, *const nothing[] = {""};
	const flat_dialect dialect = {.nulls = nothing, .nnulls = 1};
	uint64_t cells[2] = {0, 0};
	char valid = 0;
	flat_column *column = CELLS(.base = cells, .validity = FLAT_VALIDITY_BYTE, .valid = &valid);
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_U64, .nulls = spellings, .nnulls = 2), column);
	gives_null(&f, 0, "NULL");
	assert_false(f.text.quoted);
	end(&f);
	begin(&f, NAMED(.type = FLAT_U64, .nulls = odd, .nnulls = 1), column);
	gives_null(&f, 0, "n,a");
	assert_true(f.text.quoted);
	end(&f);
	begin_dialect(&f, &dialect, NAMED(.type = FLAT_U64), column);
	gives_null(&f, 0, "");
	end(&f);
	begin_dialect(&f, &dialect, NAMED(.type = FLAT_U64, .nulls = spellings + 1, .nnulls = 1), column);
	gives_null(&f, 0, "NA");
	end(&f);
}

static void a_null_string_needs_a_spelling_that_needs_no_quotes(void **state)
{
	static const struct {
		const char *spelling;
		bool trim;
		fl_fault fault;
	} cases[] = {
		{NULL, false, FL_NO_SPELLING},	 {"", false, FL_FINE},	 {"NA", false, FL_FINE},    {"a,b", false, FL_NO_SPELLING},
		{"a\nb", false, FL_NO_SPELLING}, {" ", false, FL_FINE}, {" ", true, FL_NO_SPELLING},
	};
	char valid = 0, cell[8] = "abc", arena[1] = "";
	uint64_t offsets[2] = {0, 0};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const flat_dialect dialect = {
			.nulls = &cases[i].spelling, .nnulls = cases[i].spelling != NULL, .trim = cases[i].trim};
		struct fixture f;

		begin_dialect(&f, &dialect, NAMED(.type = FLAT_STR, .width = 4),
			      CELLS(.base = cell, .validity = FLAT_VALIDITY_BYTE, .valid = &valid));
		assert_int_equal(emit(&f, 0), cases[i].fault);
		end(&f);
		begin_dialect(&f, &dialect, NAMED(.type = FLAT_TEXT),
			      CELLS(.base = offsets, .validity = FLAT_VALIDITY_BYTE, .valid = &valid, .arena = arena));
		assert_int_equal(emit(&f, 0), cases[i].fault);
		end(&f);
	}
}

static void what_a_null_element_holds_does_not_matter(void **state)
{
	uint64_t backwards[] = {9, 3};
	uint32_t length = 99;
	int64_t least = INT64_MIN;
	char valid = 0, cell[4] = "abc", arena[1];
	const char *const nulls[] = {"NA"};
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_TEXT, .nulls = nulls, .nnulls = 1),
	      CELLS(.base = backwards, .validity = FLAT_VALIDITY_BYTE, .valid = &valid, .arena = arena));
	gives_null(&f, 0, "NA");
	end(&f);
	begin(&f, NAMED(.type = FLAT_STR, .width = 4, .nulls = nulls, .nnulls = 1),
	      CELLS(.base = cell, .validity = FLAT_VALIDITY_BYTE, .valid = &valid, .lengths = &length));
	gives_null(&f, 0, "NA");
	end(&f);
	begin(&f, NAMED(.type = FLAT_DATE), CELLS(.base = &least, .validity = FLAT_VALIDITY_BYTE, .valid = &valid));
	gives_null(&f, 0, "");
	end(&f);
}

/* --------------------------------------------------------------------------------- values that look like nulls */

static void a_string_spelled_like_a_null_is_quoted(void **state)
{
	const char *const nulls[] = {"NA", ""};
	char cells[] = "NA\0\0NAN\0\0\0\0\0na\0\0";
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_STR, .width = 4, .nulls = nulls, .nnulls = 2), CELLS(.base = cells));
	gives(&f, 0, "NA");
	assert_true(f.text.quoted);
	gives(&f, 1, "NAN");
	assert_false(f.text.quoted);
	gives(&f, 2, "");
	assert_true(f.text.quoted);
	gives(&f, 3, "na");
	assert_false(f.text.quoted);
	end(&f);
}

static void a_value_spelled_like_a_null_has_no_text(void **state)
{
	const char *const nulls[] = {"NA", "-999", "0.5", "true", "1970-01-01", "inf"};
	int32_t integers[] = {-999, 999};
	double floats[] = {-999, 0.5, (double)INFINITY, -0.5};
	uint8_t bools[] = {1, 0};
	int64_t dates[] = {0, 1};
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_I32, .nulls = nulls, .nnulls = LENGTH(nulls)), CELLS(.base = integers));
	assert_false(f.emitter.plain);
	assert_int_equal(emit(&f, 0), FL_LOOKS_NULL);
	gives(&f, 1, "999");
	end(&f);
	begin(&f, NAMED(.type = FLAT_F64, .nulls = nulls, .nnulls = LENGTH(nulls)), CELLS(.base = floats));
	assert_int_equal(emit(&f, 0), FL_LOOKS_NULL);
	assert_int_equal(emit(&f, 1), FL_LOOKS_NULL);
	assert_int_equal(emit(&f, 2), FL_LOOKS_NULL);
	gives(&f, 3, "-0.5");
	end(&f);
	begin(&f, NAMED(.type = FLAT_BOOL, .nulls = nulls, .nnulls = LENGTH(nulls)), CELLS(.base = bools));
	assert_int_equal(emit(&f, 0), FL_LOOKS_NULL);
	gives(&f, 1, "false");
	end(&f);
	begin(&f, NAMED(.type = FLAT_DATE, .nulls = nulls, .nnulls = LENGTH(nulls)), CELLS(.base = dates));
	assert_int_equal(emit(&f, 0), FL_LOOKS_NULL);
	gives(&f, 1, "1970-01-02");
	end(&f);
}

/* It reads back as null, and null is stored as the same NaN. */
static void a_nan_spelled_like_a_null_is_written_where_null_is_nan(void **state)
{
	const char *const nulls[] = {"nan", "-nan"};
	double cells[] = {(double)NAN, -(double)NAN};
	float small[] = {NAN};
	char valid[] = {1, 1};
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_F64, .nulls = nulls, .nnulls = 2), CELLS(.base = cells));
	gives(&f, 0, "nan");
	assert_false(f.text.quoted);
	assert_int_equal(emit(&f, 1), FL_LOOKS_NULL);
	end(&f);
	begin(&f, NAMED(.type = FLAT_F32, .nulls = nulls, .nnulls = 2), CELLS(.base = small));
	gives(&f, 0, "nan");
	end(&f);
	begin(&f, NAMED(.type = FLAT_F64, .nulls = nulls, .nnulls = 2),
	      CELLS(.base = cells, .validity = FLAT_VALIDITY_BYTE, .valid = valid));
	assert_int_equal(emit(&f, 0), FL_LOOKS_NULL);
	end(&f);
}

static void a_value_with_the_delimiter_in_it_is_quoted(void **state)
{
	static const struct {
		int delimiter;
		flat_type type;
		double value;
		const char *text;
		bool quoted;
	} cases[] = {
		{'.', FLAT_F64, 1.5, "1.5", true},   {'.', FLAT_F64, 15, "15", false},	  {'e', FLAT_F64, 1e300, "1e+300", true},
		{'-', FLAT_F64, -1, "-1", true},     {'5', FLAT_F64, 1.25, "1.25", true}, {'n', FLAT_F64, (double)INFINITY, "inf", true},
		{'x', FLAT_F64, 1.25, "1.25", false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const flat_dialect dialect = {.delimiter = cases[i].delimiter};
		double value = cases[i].value;
		struct fixture f;

		begin_dialect(&f, &dialect, NAMED(.type = cases[i].type), CELLS(.base = &value));
		gives(&f, 0, cases[i].text);
		assert_int_equal(f.text.quoted, cases[i].quoted);
		end(&f);
	}
}

/* ------------------------------------------------------------------------------------------------- cells */

/* A cell has what fl_emit() gives, or nothing. */
static bool is_in_a_cell(struct fixture *f, size_t element)
{
	struct fl_cell cells[2];

	fl_emit_cells(&f->emitter, &f->quoting, element, 1, cells, 1);
	if (cells->nbytes == FL_CELL_NONE)
		return false;
	assert_int_equal(emit(f, element), FL_FINE);
	assert_false(f->text.quoted);
	assert_int_equal(cells->nbytes, f->text.nbytes);
	assert_memory_equal(cells->text + cells->begin, f->text.p, f->text.nbytes);
	return true;
}

static void values_whose_texts_need_a_look_are_in_no_cell(void **state)
{
	static const char *const words[] = {"NA"}, *const numbers[] = {"-1"}, *const nothing[] = {""};
	static const struct {
		flat_type type;
		flat_dialect dialect;
		bool in_a_cell;
	} cases[] = {
		{FLAT_I64, {.delimiter = 0}, true},
		{FLAT_BOOL, {.delimiter = 0}, true},
		{FLAT_F64, {.delimiter = ';'}, true},
		{FLAT_DATE, {.delimiter = 0}, true},
		{FLAT_DATE, {.delimiter = '-'}, false},
		{FLAT_TIMESTAMP_S, {.delimiter = 0}, true},
		{FLAT_TIMESTAMP_S, {.delimiter = ':'}, false},
		{FLAT_I64, {.nulls = words, .nnulls = 1}, true},
		{FLAT_I64, {.nulls = nothing, .nnulls = 1}, true},
		{FLAT_I64, {.nulls = numbers, .nnulls = 1}, false},
		{FLAT_U64, {.nulls = numbers, .nnulls = 1}, true},
		{FLAT_I64, {.delimiter = '-'}, false},
		{FLAT_U64, {.delimiter = '-'}, true},
		{FLAT_F32, {.delimiter = 'e'}, false},
	};
	uint64_t cells[2] = {0, 0};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		begin_dialect(&f, &cases[i].dialect, NAMED(.type = cases[i].type), CELLS(.base = cells));
		assert_int_equal(is_in_a_cell(&f, 0), cases[i].in_a_cell);
		end(&f);
	}
}

/* Of any width, and any length: up to FL_CELL_MAX bytes, if none needs quotes or is spelled like a null. */
static void strings_are_in_cells_if_they_fit_and_need_no_quotes(void **state)
{
	static const char special[] = ",\"\n\r";
	static const char *const nulls[] = {"aaa"};
	char cell[48], *guarded_cell;
	struct fixture f;

	(void)state;
	for (uint32_t width = 1; width <= sizeof cell; width++)
		for (uint32_t nbytes = 0; nbytes <= width; nbytes++) {
			memset(cell, 'a', nbytes);
			memset(cell + nbytes, 0, width - nbytes);
			guarded_cell = guarded_copy(cell, width);
			begin(&f, NAMED(.type = FLAT_STR, .width = width, .nulls = nulls, .nnulls = 1), CELLS(.base = guarded_cell));
			assert_int_equal(is_in_a_cell(&f, 0), nbytes <= FL_CELL_MAX && nbytes != 3);
			for (uint32_t at = 0; at < nbytes; at++) {
				guarded_cell[at] = special[(at + nbytes) % 4];
				assert_false(is_in_a_cell(&f, 0));
				guarded_cell[at] = 'b';
			}
			assert_int_equal(is_in_a_cell(&f, 0), nbytes <= FL_CELL_MAX);
			end(&f);
			release(guarded_cell, width);
		}
}

static void blanks_that_would_be_trimmed_are_in_no_cell(void **state)
{
	const flat_dialect trimming = {.trim = true};
	char cells[][4] = {" a", "a ", "a b", "\tab", "ab\t"};
	struct fixture f;

	(void)state;
	begin_dialect(&f, &trimming, NAMED(.type = FLAT_STR, .width = 4), CELLS(.base = cells));
	for (size_t i = 0; i < LENGTH(cells); i++)
		assert_int_equal(is_in_a_cell(&f, i), i == 2);
	end(&f);
	begin(&f, NAMED(.type = FLAT_STR, .width = 4), CELLS(.base = cells));
	for (size_t i = 0; i < LENGTH(cells); i++)
		assert_true(is_in_a_cell(&f, i));
	end(&f);
}

static void texts_and_lengths_at_fault_are_in_no_cell(void **state)
{
	uint64_t offsets[] = {0, 3, 2, 7, 6};
	uint32_t lengths[] = {4, 5, 0};
	char arena[] = "abcdef", strings[] = "abcdabcdabcd";
	struct fixture f;

	(void)state;
	begin(&f, NAMED(.type = FLAT_TEXT), CELLS(.base = offsets, .arena = arena, .arena_nbytes = 6));
	assert_true(is_in_a_cell(&f, 0));
	for (size_t i = 1; i < 4; i++)
		assert_false(is_in_a_cell(&f, i));
	end(&f);
	begin(&f, NAMED(.type = FLAT_STR, .width = 4), CELLS(.base = strings, .lengths = lengths));
	assert_true(is_in_a_cell(&f, 0));
	assert_false(is_in_a_cell(&f, 1));
	assert_true(is_in_a_cell(&f, 2));
	end(&f);
}

/* Of each type and each way of saying null; a time that is none, and no null either, is a fault. */
static void nulls_are_in_cells_if_they_can_be_spelled(void **state)
{
	static const char long_name[] = "a spelling that is longer than a cell";
	static const char *const spelled[] = {"NA"}, *const quoted[] = {"N,A"}, *const longer[] = {long_name};
	static const struct {
		const char *const *nulls;
		bool in_a_cell;
	} cases[] = {{NULL, true}, {spelled, true}, {quoted, false}, {longer, false}};
	static const flat_type types[] = {FLAT_I32, FLAT_F64, FLAT_DATE, FLAT_TIMESTAMP_MS, FLAT_STR};
	const int64_t least = INT64_MIN;
	unsigned char valid = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		for (size_t t = 0; t < LENGTH(types); t++) {
			flat_field *field = NAMED(.type = types[t], .nulls = cases[i].nulls, .nnulls = cases[i].nulls != NULL,
						  .width = types[t] == FLAT_STR ? 8 : 0);
			bool no_spelling = types[t] == FLAT_STR && !cases[i].nulls;
			int64_t cell = least;
			struct fixture f;

			begin(&f, field, CELLS(.base = &cell, .validity = FLAT_VALIDITY_BITMAP, .valid = &valid));
			assert_int_equal(is_in_a_cell(&f, 0), cases[i].in_a_cell && !no_spelling);
			end(&f);
			begin(&f, field, CELLS(.base = &cell, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = &least));
			assert_int_equal(is_in_a_cell(&f, 0), cases[i].in_a_cell && !no_spelling);
			end(&f);
			if (types[t] < FLAT_DATE)
				continue;
			begin(&f, field, CELLS(.base = &cell));
			assert_int_equal(is_in_a_cell(&f, 0), cases[i].in_a_cell);
			end(&f);
			valid = 1;
			begin(&f, field, CELLS(.base = &cell, .validity = FLAT_VALIDITY_BITMAP, .valid = &valid));
			assert_false(is_in_a_cell(&f, 0));
			end(&f);
			valid = 0;
		}
}

/* Many at once, in every third cell, with a stride; the cells between are as they were. */
static void cells_are_filled_at_a_step(void **state)
{
	struct {
		char pad;
		char value[8];
	} elements[100];
	struct fl_cell cells[3 * LENGTH(elements) + 1], untouched;
	struct fixture f;

	(void)state;
	memset(&untouched, 0x5A, sizeof untouched);
	for (size_t i = 0; i < LENGTH(cells); i++)
		cells[i] = untouched;
	for (size_t i = 0; i < LENGTH(elements); i++)
		memcpy(elements[i].value, &(double){(double)i / 7}, sizeof elements[i].value);
	begin(&f, NAMED(.type = FLAT_F64), CELLS(.base = elements[0].value, .stride = sizeof *elements));
	fl_emit_cells(&f.emitter, &f.quoting, 2, LENGTH(elements) - 2, cells, 3);
	for (size_t i = 2; i < LENGTH(elements); i++) {
		const struct fl_cell *cell = &cells[3 * (i - 2)];

		assert_int_equal(emit(&f, i), FL_FINE);
		assert_int_equal(cell->nbytes, f.text.nbytes);
		assert_memory_equal(cell->text + cell->begin, f.text.p, f.text.nbytes);
		assert_memory_equal(cell + 1, &untouched, sizeof untouched);
		assert_memory_equal(cell + 2, &untouched, sizeof untouched);
	}
	end(&f);
}

/* ----------------------------------------------------------------------------------------------- binding */

static void a_column_that_cannot_be_is_refused(void **state)
{
	int32_t cells[2] = {0, 0};
	uint32_t lengths[2];
	const flat_column columns[] = {
		{.base = NULL},
		{.base = cells, .stride = 3},
		{.base = cells, .validity = FLAT_VALIDITY_BITMAP},
		{.base = cells, .validity = FLAT_VALIDITY_BYTE},
		{.base = cells, .validity = FLAT_VALIDITY_SENTINEL},
		{.base = cells, .validity = (flat_validity)99},
		{.base = cells, .lengths = lengths},
	};
	flat_format *format = flat_format_new(NULL, NAMED(.type = FLAT_I32), 1, NULL);
	struct fl_quoting quoting;
	struct fl_emitter emitter;

	(void)state;
	fl_quoting_open(&quoting, &format->dialect);
	for (size_t i = 0; i < LENGTH(columns); i++) {
		flat_error error = {.status = FLAT_OK};

		assert_int_equal(fl_emitter_bind(&emitter, format, &quoting, 0, &columns[i], fl_cpu_choose(NULL), &error), FLAT_BAD_ARGUMENT);
		assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
		assert_non_null(strstr(error.message, "column of field 1 \"x\""));
	}
	flat_format_free(format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_digits_and_a_minus),
		cmocka_unit_test(bools_are_true_and_false),
		cmocka_unit_test(floats_are_the_fewest_digits),
		cmocka_unit_test(a_nan_keeps_its_sign_not_its_payload),
		cmocka_unit_test(fixed_digits_are_as_many_as_asked_for),
		cmocka_unit_test(times_are_iso_8601_with_as_much_fraction_as_needed),
		cmocka_unit_test(a_str_is_its_bytes_up_to_the_padding),
		cmocka_unit_test(a_str_of_any_width_ends_with_its_last_byte),
		cmocka_unit_test(lengths_say_how_long_a_str_is),
		cmocka_unit_test(a_text_lies_between_two_offsets),
		cmocka_unit_test(offsets_that_run_backwards_or_out_of_the_arena_are_bad),
		cmocka_unit_test(a_bit_of_0_is_null),
		cmocka_unit_test(a_byte_of_0_is_null),
		cmocka_unit_test(a_sentinel_is_null_for_every_type_by_its_bytes),
		cmocka_unit_test(sentinels_are_bits_not_values),
		cmocka_unit_test(only_not_a_time_is_null_by_its_value_alone),
		cmocka_unit_test(not_a_time_that_is_not_null_has_no_text),
		cmocka_unit_test(a_null_is_the_first_spelling_of_its_field),
		cmocka_unit_test(a_null_string_needs_a_spelling_that_needs_no_quotes),
		cmocka_unit_test(what_a_null_element_holds_does_not_matter),
		cmocka_unit_test(a_string_spelled_like_a_null_is_quoted),
		cmocka_unit_test(a_value_spelled_like_a_null_has_no_text),
		cmocka_unit_test(a_nan_spelled_like_a_null_is_written_where_null_is_nan),
		cmocka_unit_test(a_value_with_the_delimiter_in_it_is_quoted),
		cmocka_unit_test(values_whose_texts_need_a_look_are_in_no_cell),
		cmocka_unit_test(strings_are_in_cells_if_they_fit_and_need_no_quotes),
		cmocka_unit_test(blanks_that_would_be_trimmed_are_in_no_cell),
		cmocka_unit_test(texts_and_lengths_at_fault_are_in_no_cell),
		cmocka_unit_test(nulls_are_in_cells_if_they_can_be_spelled),
		cmocka_unit_test(cells_are_filled_at_a_step),
		cmocka_unit_test(a_column_that_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
