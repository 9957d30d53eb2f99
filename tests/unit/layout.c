/*
 * lib/layout.c: parts that lie beside each other, aligned, in as many bytes as were told.
 */
#include "config.h"

#include "flatload.h"
#include "support.h"

enum { MOST = 32 };

static flat_format *parse(const char *schema)
{
	flat_format *format = flat_format_parse(schema, NULL, NULL);

	assert_non_null(format);
	return format;
}

/* A part of the block. */
struct part {
	const char *start;
	size_t nbytes;
};

static size_t parts_of(const flat_format *format, size_t nrecords, const flat_column *columns, struct part *parts)
{
	size_t n = 0;

	for (size_t i = 0; i < flat_format_nfields(format); i++) {
		const flat_field *field = flat_format_field(format, i);
		const flat_column *column = &columns[i];

		assert_int_equal(column->stride, 0);
		assert_null(column->lengths);
		parts[n++] = (struct part){column->base, (nrecords + (field->type == FLAT_TEXT)) * flat_field_width(field)};
		if (column->validity != FLAT_VALIDITY_NONE)
			parts[n++] = (struct part){column->valid, (nrecords + 7) / 8};
		if (field->type == FLAT_TEXT)
			parts[n++] = (struct part){column->arena, column->arena_nbytes};
		else
			assert_null(column->arena);
	}
	return n;
}

static void assert_beside_each_other(const struct part *parts, size_t n, const char *block, size_t nbytes)
{
	for (size_t i = 0; i < n; i++) {
		const size_t start = (size_t)(parts[i].start - block);

		assert_int_equal(start % 64, 0);
		assert_true(start <= nbytes && parts[i].nbytes <= nbytes - start);
		for (size_t k = 0; k < n; k++)
			assert_true(k == i || parts[i].nbytes == 0 || parts[k].nbytes == 0 || parts[i].start + parts[i].nbytes <= parts[k].start ||
				    parts[k].start + parts[k].nbytes <= parts[i].start);
	}
}

static const char every_type[] = "a:bool,b:i8,c:i16,d:i32,e:i64,f:u8,g:u16,h:u32,i:u64,j:f32,k:f64,l:str3,m:text,n:date,o:timestamp[ns]";

static void parts_are_aligned_and_beside_each_other(void **state)
{
	static const size_t numbers[] = {0, 1, 7, 8, 9, 63, 64, 65, 512, 513, 1000};
	flat_format *format = parse(every_type);
	flat_measure measures[MOST] = {{.texts = 0}};
	flat_column columns[MOST];
	struct part parts[3 * MOST];

	(void)state;
	for (size_t i = 0; i < LENGTH(numbers) * 2; i++) {
		const size_t nrecords = numbers[i / 2];
		size_t nbytes;
		char *block;

		for (size_t k = 0; k < MOST; k++)
			measures[k] = (flat_measure){.texts = nrecords, .empty = i % 2, .nbytes = 3 * nrecords};
		nbytes = flat_lay_out(format, nrecords, measures, NULL, NULL);
		assert_true(nbytes > 0);
		block = aligned_alloc(64, (nbytes + 63) / 64 * 64);
		assert_non_null(block);
		assert_int_equal(flat_lay_out(format, nrecords, measures, block, columns), nbytes);
		assert_beside_each_other(parts, parts_of(format, nrecords, columns, parts), block, nbytes);
		free(block);
	}
	flat_format_free(format);
}

static void only_what_has_no_null_of_its_own_gets_a_bitmap(void **state)
{
	_Alignas(64) static char block[8192];
	flat_format *format = parse(every_type);
	flat_measure measures[MOST];
	flat_column columns[MOST];

	(void)state;
	for (int nulls = 0; nulls < 4; nulls++) {
		for (size_t k = 0; k < MOST; k++)
			measures[k] = (flat_measure){.texts = 9, .empty = nulls == 1, .nulls_spelled = nulls == 2, .nulls_quoted = nulls == 3};
		assert_in_range(flat_lay_out(format, 9, measures, block, columns), 1, sizeof block);
		for (size_t i = 0; i < flat_format_nfields(format); i++) {
			const bool bitmap = nulls && flat_format_field(format, i)->type <= FLAT_U64;

			assert_int_equal(columns[i].validity, bitmap ? FLAT_VALIDITY_BITMAP : FLAT_VALIDITY_NONE);
			assert_int_equal(columns[i].valid != NULL, bitmap);
		}
	}
	flat_format_free(format);
}

static void nothing_is_written_to_the_memory(void **state)
{
	_Alignas(64) static char block[4096];
	flat_format *format = parse(every_type);
	const flat_measure measures[MOST] = {{.empty = 1}, {.empty = 1}};
	flat_column columns[MOST];

	(void)state;
	memset(block, CANARY, sizeof block);
	assert_in_range(flat_lay_out(format, 3, measures, block, columns), 1, sizeof block);
	for (size_t i = 0; i < sizeof block; i++)
		assert_int_equal((unsigned char)block[i], CANARY);
	flat_format_free(format);
}

/* 0 is kept for what cannot be; and memory of some bytes is never NULL, which no column can be bound to. */
static void no_records_take_some_memory_too(void **state)
{
	static const char *const schemas[] = {"a:i64", "a:str5", "a:text", "a:bool,b:text,c:f64"};
	_Alignas(64) static char block[1024];
	const flat_measure measures[3] = {{.texts = 0}};

	(void)state;
	for (size_t i = 0; i < LENGTH(schemas); i++) {
		flat_format *format = parse(schemas[i]);
		const flat_source source = flat_source_memory("", 0, NULL);
		flat_reader *reader = flat_reader_open_source(format, &source, NULL, NULL);
		flat_column columns[3];

		assert_non_null(reader);
		assert_in_range(flat_lay_out(format, 0, measures, block, columns), 1, sizeof block);
		for (size_t k = 0; k < flat_format_nfields(format); k++)
			assert_int_equal(flat_bind_column(reader, k, &columns[k]), FLAT_OK);
		assert_int_equal(flat_read(reader, 1), 0);
		assert_false(flat_reader_failed(reader, NULL));
		flat_reader_close(reader);
		flat_format_free(format);
	}
}

static void the_arena_has_the_bytes_that_were_measured(void **state)
{
	static const char input[] = "t\nabc\n\"\"\"\"\"\"\n\n\"x\ny\"\n\"\"\n";
	_Alignas(64) static char block[1024];
	flat_format *format = parse("t:text");
	flat_measure measure = {.texts = 0};
	flat_column column;
	size_t nbytes;

	(void)state;
	for (int loading = 0; loading < 2; loading++) {
		const flat_source source = flat_source_memory(input, sizeof input - 1, NULL);
		flat_reader *reader = flat_reader_open_source(format, &source, NULL, NULL);

		assert_non_null(reader);
		if (!loading) {
			assert_int_equal(flat_bind_measure(reader, 0, &measure), FLAT_OK);
		} else {
			memset(block, CANARY, sizeof block);
			nbytes = flat_lay_out(format, measure.texts, &measure, block, &column);
			assert_int_equal(column.arena_nbytes, 8);
			assert_int_equal(flat_bind_column(reader, 0, &column), FLAT_OK);
		}
		assert_int_equal(flat_read(reader, 99), 4);
		assert_false(flat_reader_failed(reader, NULL));
		flat_reader_close(reader);
	}
	assert_memory_equal(column.arena, "abc\"\"x\ny", 8);
	for (size_t i = nbytes; i < sizeof block; i++)
		assert_int_equal((unsigned char)block[i], CANARY);
	flat_format_free(format);
}

/* Every sum and product is looked at before it is made. */
static void what_cannot_be_addressed_is_told(void **state)
{
	static const char *const schemas[] = {"a:i8", "a:f64", "a:str16777216", "a:text", "a:bool,b:u64,c:text"};
	const uint64_t most = SIZE_MAX;

	(void)state;
	for (size_t i = 0; i < LENGTH(schemas); i++) {
		flat_format *format = parse(schemas[i]);
		flat_measure measures[3] = {{.empty = 1, .nbytes = 5}, {.nbytes = 5}, {.nbytes = 5}};

		assert_int_equal(flat_lay_out(format, UINT64_MAX, measures, NULL, NULL), 0);
		assert_int_equal(flat_lay_out(format, most, measures, NULL, NULL), 0);
		assert_int_equal(flat_lay_out(format, most - 63, measures, NULL, NULL), 0);
		if (i > 0)
			assert_int_equal(flat_lay_out(format, most / 8 + 1, measures, NULL, NULL), 0);
		assert_true(flat_lay_out(format, 5, measures, NULL, NULL) > 0);
		flat_format_free(format);
	}
}

static void an_arena_that_cannot_be_is_told(void **state)
{
	flat_format *format = parse("a:text,b:text");
	flat_measure measures[2] = {{.nbytes = UINT64_MAX}, {.nbytes = 1}};

	(void)state;
	for (uint64_t less = 0; less < 200; less++) {
		measures[0].nbytes = UINT64_MAX - less;
		assert_int_equal(flat_lay_out(format, 1, measures, NULL, NULL), 0);
	}
	measures[0].nbytes = measures[1].nbytes = SIZE_MAX / 2;
	assert_int_equal(flat_lay_out(format, 1, measures, NULL, NULL), 0);
	flat_format_free(format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_aligned_and_beside_each_other),
		cmocka_unit_test(only_what_has_no_null_of_its_own_gets_a_bitmap),
		cmocka_unit_test(nothing_is_written_to_the_memory),
		cmocka_unit_test(no_records_take_some_memory_too),
		cmocka_unit_test(the_arena_has_the_bytes_that_were_measured),
		cmocka_unit_test(what_cannot_be_addressed_is_told),
		cmocka_unit_test(an_arena_that_cannot_be_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
