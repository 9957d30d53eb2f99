/*
 * lib/reader_lanes.c: columns filled across fields hold what they hold filled one by one, whatever is bound where, and
 * the same records fail; which fields make a lane.
 */
#include "config.h"

#include "random.h"
#include "reader_state.h"
#include "support.h"

#include <stdio.h>

#define FIELDS_MAX 300
#define RECORDS_MAX 40
#define CELL_MAX 24 /* bytes, with the gap behind it */
#define RECORD_MAX (FIELDS_MAX * CELL_MAX)
#define TEXT_MAX (RECORDS_MAX * FIELDS_MAX * 2 * 24)

/* ------------------------------------------------------------------------------------------------- files */

static const struct kind {
	flat_type type;
	uint32_t width;
	const char *good[4], *bad;
} kinds[] = {
	{FLAT_I32, 0, {"7", "-123456", "\"42\"", "2147483647"}, "2147483648"},
	{FLAT_F64, 0, {"1.5", "", "0.30000000000000004", "-1e-7"}, "1.5.5"},
	{FLAT_U8, 0, {"7", "255", "\"12\"", "9"}, "-1"},
	{FLAT_I64, 0, {"1", "-9223372036854775808", "12345678901234567", "0"}, "x"},
	{FLAT_F32, 0, {"0.1", "\"\"", "16777217", "3e3"}, "--1"},
	{FLAT_BOOL, 0, {"true", "0", "False", "1"}, "2"},
	{FLAT_DATE, 0, {"2024-02-29", "", "\"1970-01-01\"", "0000-01-01"}, "2023-02-29"},
	{FLAT_TIMESTAMP_S, 0, {"2024-02-29 12:00:00", "", "2024-02-29", "2024-02-29T12:00:00Z"}, "24:00"},
	{FLAT_TIMESTAMP_MS, 0, {"2024-02-29 12:00:00.5", "", "2024-02-29", "2024-02-29T12:00:00Z"}, "24:00"},
	{FLAT_STR, 3, {"abc", "", "\"a\"", "\"\"\"\""}, "abcd"},
	{FLAT_STR, 9, {"abc", "\"a,b\"", "NA", "abcdefghi"}, "abcdefghij"},
};

/* A few kinds in turn, here and there another one; at times strings alone. */
static void choose_kinds(const struct kind **fields, size_t n)
{
	const size_t period = 1 + random_below(5), least = random_below(8) ? 0 : LENGTH(kinds) - 2;
	const unsigned seldom = random_below(2) ? 40 : 1000;

	for (size_t i = 0; i < n; i++)
		fields[i] = i < period || random_below(seldom) == 0
				    ? &kinds[least + random_below((unsigned)(LENGTH(kinds) - least))]
				    : fields[i - period];
}

/* Fields that are spelled null in their own way are seldom; names stand in the schema in any order. */
static flat_format *make_format(const struct kind **kinds_of, size_t n, bool header)
{
	static const char *const words[] = {"NA"}, *const others[] = {"7", "1.5", "abc", "2024-02-29"};
	static char names[FIELDS_MAX][8];
	const flat_dialect dialect = {.header = header ? FLAT_HEADER_NAMES : FLAT_HEADER_ABSENT,
				      .nulls = words,
				      .nnulls = random_below(2),
				      .trim = random_below(8) == 0};
	const bool own_nulls = random_below(4) == 0;
	flat_field fields[FIELDS_MAX];
	flat_format *format;
	flat_error error;

	for (size_t i = 0; i < n; i++) {
		sprintf(names[i], "f%zu", i);
		fields[i] = (flat_field){.name = names[i], .type = kinds_of[i]->type, .width = kinds_of[i]->width};
		if (own_nulls && random_below(20) == 0) {
			fields[i].nulls = others + random_below(2);
			fields[i].nnulls = 1 + random_below(3);
		}
	}
	format = flat_format_new(&dialect, fields, n, &error);
	if (!format)
		fail_msg("%s", error.message);
	return format;
}

/* Where in a record the fields are: as they are, or in another order, with others between them. */
static size_t make_order(size_t *order, size_t nfields, bool header)
{
	const size_t others = header ? random_below(20) : 0;
	size_t n = 0;

	for (size_t i = 0; i < nfields; i++) {
		if (others && random_below(20) < others)
			order[n++] = SIZE_MAX;
		order[n++] = i;
		if (header && random_below(60) == 0) {
			const size_t k = random_below((unsigned)n), swapped = order[k];

			order[k] = order[n - 1];
			order[n - 1] = swapped;
		}
	}
	return n;
}

/* Values of which one in 'seldom' is bad. */
static size_t make_text(char *text, const struct kind **fields, const size_t *order, size_t n, size_t nrecords,
			bool header, unsigned seldom)
{
	const bool varied = random_below(2);
	char *out = text;

	for (size_t i = 0; i < n && header; i++)
		out += sprintf(out, order[i] == SIZE_MAX ? "x%zu%c" : "f%zu%c", order[i] == SIZE_MAX ? i : order[i],
			       i + 1 < n ? ',' : '\n');
	for (size_t r = 0; r < nrecords; r++)
		for (size_t i = 0; i < n; i++) {
			const struct kind *kind = order[i] == SIZE_MAX ? kinds : fields[order[i]];
			const char *value = kind->good[varied ? random_below(4) : 0];

			if (seldom && random_below(seldom) == 0)
				value = kind->bad;
			out += sprintf(out, "%s%c", value, i + 1 < n ? ',' : '\n');
		}
	assert_true(out < text + TEXT_MAX);
	return (size_t)(out - text);
}

/* ----------------------------------------------------------------------------------------------- columns */

/* Where the cells of every field are: in 'cells', or nowhere. */
struct layout {
	size_t offset[FIELDS_MAX], stride[FIELDS_MAX];
	bool bound[FIELDS_MAX], valid[FIELDS_MAX];
};

struct cells {
	char bytes[RECORDS_MAX * RECORD_MAX];
	unsigned char valid[FIELDS_MAX][RECORDS_MAX];
};

/* As records, or as arrays; one behind the other, or before it, with gaps or without. */
static void lay_evenly(struct layout *layout, const flat_format *format, size_t nfields)
{
	const bool records = random_below(2);
	const size_t gap = random_below(3) ? 0 : 1 + random_below(8);
	const bool backwards = random_below(3) == 0;
	size_t total = 0, at = 0;

	for (size_t i = 0; i < nfields; i++)
		total += flat_field_width(flat_format_field(format, i)) + gap;
	for (size_t k = 0; k < nfields; k++) {
		const size_t i = backwards ? nfields - 1 - k : k;
		const size_t width = flat_field_width(flat_format_field(format, i)) + gap;

		layout->offset[i] = records ? at : at * RECORDS_MAX;
		layout->stride[i] = records ? total : width;
		at += width;
	}
}

/* In no order: no gap is like the next one. */
static void lay_oddly(struct layout *layout, size_t nfields)
{
	size_t slots[FIELDS_MAX];

	for (size_t i = 0; i < nfields; i++)
		slots[i] = i;
	for (size_t i = nfields; i > 1; i--) {
		const size_t k = random_below((unsigned)i), slot = slots[k];

		slots[k] = slots[i - 1];
		slots[i - 1] = slot;
	}
	for (size_t i = 0; i < nfields; i++) {
		layout->offset[i] = slots[i] * CELL_MAX * RECORDS_MAX;
		layout->stride[i] = CELL_MAX;
	}
}

static void bind_all(flat_reader *reader, const struct layout *layout, struct cells *cells, size_t nfields)
{
	memset(cells, CANARY, sizeof *cells);
	for (size_t i = 0; i < nfields; i++) {
		const flat_column column = {
			.base = cells->bytes + layout->offset[i],
			.stride = layout->stride[i],
			.validity = layout->valid[i] ? FLAT_VALIDITY_BYTE : FLAT_VALIDITY_NONE,
			.valid = cells->valid[i],
		};

		if (layout->bound[i])
			assert_int_equal(flat_bind_column(reader, i, &column), FLAT_OK);
	}
}

/* ------------------------------------------------------------------------------------------------- compare */

static flat_reader *open_reader(const flat_format *format, const char *text, size_t nbytes, size_t window)
{
	const flat_source source = flat_source_memory(text, nbytes, "t.csv");
	const flat_reader_options options = {.window = window, .max_record = nbytes + 1};
	flat_error error;
	flat_reader *reader = flat_reader_open_source(format, &source, &options, &error);

	if (!reader)
		fail_msg("%s", error.message);
	return reader;
}

/* By any of the variants that run here, and with windows of any size. */
static flat_reader *open_any(const flat_format *format, const char *text, size_t nbytes)
{
	const struct fl_cpu *cpu = fl_cpus;
	flat_reader *reader;
	size_t n = 0;

	while (fl_cpus[n].name)
		n++;
	do
		cpu = &fl_cpus[random_below((unsigned)n)];
	while (!cpu->runs_here());
	assert_int_equal(setenv("FLATLOAD_CPU", cpu->name, 1), 0);
	reader = open_reader(format, text, nbytes, random_below(2) ? 0 : 1 + random_below(5000));
	assert_int_equal(unsetenv("FLATLOAD_CPU"), 0);
	return reader;
}

static void compare_cells(const flat_format *format, const struct layout *even, const struct cells *a,
			  const struct layout *odd, const struct cells *b, size_t nfields, size_t nrecords)
{
	static char written[sizeof a->bytes];

	memset(written, 0, sizeof written);
	for (size_t i = 0; i < nfields; i++) {
		const size_t width = flat_field_width(flat_format_field(format, i));

		for (size_t r = 0; r < RECORDS_MAX && even->bound[i]; r++) {
			const size_t at = even->offset[i] + r * even->stride[i];

			memset(written + at, 1, width);
			if (r < nrecords)
				assert_memory_equal(a->bytes + at, b->bytes + odd->offset[i] + r * odd->stride[i],
						    width);
		}
		if (even->valid[i])
			assert_memory_equal(a->valid[i], b->valid[i], nrecords);
	}
	for (size_t at = 0; at < sizeof written; at++)
		if (!written[at])
			assert_int_equal((unsigned char)a->bytes[at], CANARY);
}

/* Both read the same, some records at a time, and pass the bad ones. */
static void compare_readers(flat_reader *even, flat_reader *odd, size_t nrecords)
{
	size_t stored = 0;

	for (;;) {
		const size_t some = 1 + random_below((unsigned)nrecords + 4);
		const size_t n = flat_read_at(even, stored, some);
		flat_error a, b;

		assert_int_equal(n, flat_read_at(odd, stored, some));
		stored += n;
		if (flat_reader_failed(even, &a) != flat_reader_failed(odd, &b))
			fail_msg("%s%s", a.message, b.message);
		assert_int_equal(a.status, b.status);
		assert_string_equal(a.message, b.message);
		if (n == 0 && a.status == FLAT_OK)
			return;
		if (a.status == FLAT_OK)
			continue;
		assert_int_equal(flat_skip_record(even), FLAT_OK);
		assert_int_equal(flat_skip_record(odd), FLAT_OK);
	}
}

static bool compare_once(void)
{
	static char text[TEXT_MAX];
	static struct cells a, b;
	static struct layout even, odd;
	const struct kind *fields[FIELDS_MAX];
	const size_t nfields = 30 + random_below(FIELDS_MAX - 30), nrecords = 1 + random_below(RECORDS_MAX);
	const unsigned seldom[] = {0, 0, 20000, 500}, holes = random_below(3) ? 0 : 30;
	const bool header = random_below(2);
	size_t order[2 * FIELDS_MAX], n = make_order(order, nfields, header), nbytes, in_lanes = 0;
	flat_reader *reader, *other;
	flat_format *format;
	bool lanes;

	choose_kinds(fields, nfields);
	format = make_format(fields, nfields, header);
	nbytes = make_text(text, fields, order, n, nrecords, header, seldom[random_below(LENGTH(seldom))]);
	lay_evenly(&even, format, nfields);
	lay_oddly(&odd, nfields);
	for (size_t i = 0; i < nfields; i++) {
		even.bound[i] = odd.bound[i] = !holes || random_below(holes) > 0;
		even.valid[i] = odd.valid[i] = even.bound[i] && holes && random_below(holes) == 0;
	}
	reader = open_any(format, text, nbytes);
	other = open_any(format, text, nbytes);
	bind_all(reader, &even, &a, nfields);
	bind_all(other, &odd, &b, nfields);
	compare_readers(reader, other, nrecords);
	compare_cells(format, &even, &a, &odd, &b, nfields, (size_t)flat_reader_counts(reader).stored);
	lanes = reader->nlanes > 0;
	/* Each field is in one lane or in the rest. */
	for (size_t i = 0; i < reader->nlanes; i++)
		in_lanes += reader->lanes[i].n;
	if (reader->lanes_known)
		assert_int_equal(in_lanes + reader->nrest, nfields);
	assert_int_equal(other->nlanes, 0);
	flat_reader_close(reader);
	flat_reader_close(other);
	flat_format_free(format);
	return lanes;
}

static void filled_across_or_one_by_one_columns_hold_the_same(void **state)
{
	const uint64_t rounds = test_count(60000) / 100;
	uint64_t with_lanes = 0;

	(void)state;
	for (uint64_t round = 0; round < rounds; round++)
		with_lanes += compare_once();
	assert_true(with_lanes >= rounds / 4);
}

/* -------------------------------------------------------------------------------------------------- lanes */

/* Four types in turn, 'period' fields of each, in one block, but for what 'spoil' does to the columns. */
static flat_reader *reader_of(flat_format **format, size_t nfields, size_t period, void (*spoil)(flat_column *columns))
{
	static const char *const types[] = {"i32", "f64", "u8", "i64"};
	static char cells[FIELDS_MAX * 8 * 4], text[FIELDS_MAX * 2 + 1], schema[FIELDS_MAX * 16];
	flat_column columns[FIELDS_MAX] = {{.base = NULL}};
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	flat_reader *reader;
	char *out = schema;

	for (size_t i = 0; i < nfields; i++) {
		out += sprintf(out, "%sf%zu:%s", i ? "," : "", i, types[i / period % LENGTH(types)]);
		columns[i] = (flat_column){.base = cells + i * 32, .stride = 8};
		text[2 * i] = '1';
		text[2 * i + 1] = i + 1 < nfields ? ',' : '\n';
	}
	*format = flat_format_parse(schema, &dialect, NULL);
	assert_non_null(*format);
	if (spoil)
		spoil(columns);
	reader = open_reader(*format, text, 2 * nfields, 0);
	for (size_t i = 0; i < nfields; i++)
		assert_int_equal(flat_bind_column(reader, i, columns[i].base ? &columns[i] : NULL), FLAT_OK);
	assert_int_equal(flat_read(reader, 1), 1);
	return reader;
}

static void assert_lanes(size_t nfields, size_t period, void (*spoil)(flat_column *), size_t nlanes, size_t nrest)
{
	flat_format *format;
	flat_reader *reader = reader_of(&format, nfields, period, spoil);

	assert_int_equal(reader->nlanes, nlanes);
	if (nlanes)
		assert_int_equal(reader->nrest, nrest);
	flat_reader_close(reader);
	flat_format_free(format);
}

static void turn_around(flat_column *columns)
{
	for (size_t i = 0, k = 100; i < k; i++, k--) {
		const flat_column column = columns[i];

		columns[i] = columns[k];
		columns[k] = column;
	}
}

static void put_together(flat_column *columns)
{
	for (size_t i = 0; i <= 100; i++)
		columns[i].base = columns[0].base;
}

static void unbind_one(flat_column *columns)
{
	columns[51].base = NULL;
}

static void mark_nulls_of_one(flat_column *columns)
{
	static unsigned char valid[8];

	columns[51].validity = FLAT_VALIDITY_BYTE;
	columns[51].valid = valid;
}

static void move_one(flat_column *columns)
{
	columns[51].base = (char *)columns[51].base + 1;
}

static void stretch_one(flat_column *columns)
{
	columns[51].stride = 9;
}

/* The first field is in none, as what is before its text is no other text. */
static void fields_of_a_type_are_in_lanes_as_long_as_gaps_are_the_same(void **state)
{
	(void)state;
	assert_lanes(17, FIELDS_MAX, NULL, 0, 0); /* too few */
	assert_lanes(101, FIELDS_MAX, NULL, 1, 1);
	assert_lanes(129, FIELDS_MAX, NULL, 1, 1);
	assert_lanes(145, FIELDS_MAX, NULL, 2, 1); /* 128 and 16 */
	assert_lanes(144, FIELDS_MAX, NULL, 1, 16);
	assert_lanes(101, 1, NULL, 4, 1);  /* in turn */
	assert_lanes(101, 20, NULL, 5, 2); /* one after the other, the first without its first, the last too few */
	assert_lanes(101, FIELDS_MAX, turn_around, 1, 1);
	assert_lanes(101, 1, turn_around, 4, 1);
	assert_lanes(101, FIELDS_MAX, put_together, 0, 0);
	assert_lanes(101, FIELDS_MAX, unbind_one, 2, 2);
	assert_lanes(101, FIELDS_MAX, mark_nulls_of_one, 2, 2);
	assert_lanes(101, FIELDS_MAX, move_one, 2, 2);
	assert_lanes(101, FIELDS_MAX, stretch_one, 2, 2);
}

static void a_column_that_is_bound_anew_makes_new_lanes(void **state)
{
	static int32_t elsewhere;
	static unsigned char valid[8];
	const flat_column column = {.base = &elsewhere};
	const flat_column marked = {.base = &elsewhere, .validity = FLAT_VALIDITY_BYTE, .valid = valid};
	flat_format *format;
	flat_reader *reader = reader_of(&format, 101, FIELDS_MAX, NULL);

	(void)state;
	assert_true(reader->lanes_known);
	assert_int_equal(flat_bind_column(reader, 50, &column), FLAT_OK);
	assert_false(reader->lanes_known);
	flat_reader_close(reader);
	flat_format_free(format);
	/* But not one that is in none, before and after. */
	reader = reader_of(&format, 101, FIELDS_MAX, mark_nulls_of_one);
	assert_int_equal(flat_bind_column(reader, 51, &marked), FLAT_OK);
	assert_true(reader->lanes_known);
	assert_int_equal(flat_bind_column(reader, 51, &column), FLAT_OK);
	assert_false(reader->lanes_known);
	flat_reader_close(reader);
	flat_format_free(format);
}

static void what_is_measured_is_in_no_lane(void **state)
{
	static char text[FIELDS_MAX * 2 + 1];
	static flat_measure measures[FIELDS_MAX];
	flat_format *format;
	flat_reader *reader = reader_of(&format, 101, FIELDS_MAX, NULL), *measuring;

	(void)state;
	flat_reader_close(reader);
	for (size_t i = 0; i < 101; i++)
		memcpy(text + 2 * i, i < 100 ? "1," : "1\n", 2);
	measuring = open_reader(format, text, 202, 0);
	for (size_t i = 0; i < 101; i++)
		assert_int_equal(flat_bind_measure(measuring, i, &measures[i]), FLAT_OK);
	assert_int_equal(flat_read(measuring, 1), 1);
	assert_int_equal(measuring->nlanes, 0);
	for (size_t i = 0; i < 101; i++)
		assert_int_equal(measures[i].integers, 1);
	flat_reader_close(measuring);
	flat_format_free(format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filled_across_or_one_by_one_columns_hold_the_same),
		cmocka_unit_test(fields_of_a_type_are_in_lanes_as_long_as_gaps_are_the_same),
		cmocka_unit_test(what_is_measured_is_in_no_lane),
		cmocka_unit_test(a_column_that_is_bound_anew_makes_new_lanes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
