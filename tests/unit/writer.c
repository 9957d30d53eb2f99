/*
 * lib/writer.c: records whole or not at all, the same bytes through any buffer, and exact counts whenever a sink fails.
 */
#include "config.h"

#define SUPPORT_COUNTS_ALLOCATIONS
#include "cpu.h"
#include "random.h"
#include "support.h"

#include <csv.h>
#include <errno.h>
#include <stdio.h>

#define LEAST 4096 /* bytes of the smallest buffer */

/* ------------------------------------------------------------------------------------------------- output */

/* What came out; takes 'chunk' bytes a call, 0: all, until it has taken 'room'; then says 'no space'. */
struct output {
	char *bytes;
	size_t nbytes, room, chunk, calls, largest;
};

static struct output output_of(size_t room)
{
	struct output output = {.bytes = malloc(room + 1), .room = room};

	assert_non_null(output.bytes);
	return output;
}

static ptrdiff_t take(void *context, const void *buffer, size_t nbytes)
{
	struct output *output = context;

	output->calls++;
	if (output->nbytes == output->room) {
		errno = ENOSPC;
		return -1;
	}
	if (output->chunk && nbytes > output->chunk)
		nbytes = output->chunk;
	if (nbytes > output->room - output->nbytes)
		nbytes = output->room - output->nbytes;
	memcpy(output->bytes + output->nbytes, buffer, nbytes);
	output->nbytes += nbytes;
	if (nbytes > output->largest)
		output->largest = nbytes;
	return (ptrdiff_t)nbytes;
}

static flat_writer *open_to(const flat_format *format, struct output *output, const flat_writer_options *options)
{
	flat_sink sink = flat_sink_callback(take, output, "out.csv");
	flat_error error;
	flat_writer *writer = flat_writer_open_sink(format, &sink, options, &error);

	assert_non_null(writer);
	assert_int_equal(error.status, FLAT_OK);
	return writer;
}

static void closes(flat_writer *writer)
{
	flat_error error;

	assert_int_equal(flat_writer_close(writer, &error), FLAT_OK);
	assert_int_equal(error.status, FLAT_OK);
}

static void holds(const struct output *output, const char *expected)
{
	assert_int_equal(output->nbytes, strlen(expected));
	assert_memory_equal(output->bytes, expected, output->nbytes);
}

static flat_format *parse(const char *schema, const flat_dialect *dialect)
{
	flat_error error;
	flat_format *format = flat_format_parse(schema, dialect, &error);

	assert_non_null(format);
	return format;
}

static void fails_with(const flat_writer *writer, flat_status status, const char *words)
{
	flat_error error;

	assert_true(flat_writer_failed(writer, &error));
	assert_int_equal(error.status, status);
	if (!strstr(error.message, words))
		fail_msg("\"%s\" is not in \"%s\"", words, error.message);
}

/* Texts of a format whose fields are all str8, row after row, and what is written of them. */
static void strings_give(const char *schema, const flat_dialect *dialect, flat_quoting quoting, const char *cells,
			 size_t nrecords, const char *expected)
{
	flat_format *format = parse(schema, dialect);
	size_t nfields = flat_format_nfields(format);
	struct output output = output_of(4096);
	flat_writer *writer = open_to(format, &output, &(flat_writer_options){.quoting = quoting});

	for (size_t i = 0; i < nfields; i++) {
		const flat_column column = {.base = (void *)(uintptr_t)(cells + 8 * i), .stride = 8 * nfields};

		assert_int_equal(flat_writer_bind_column(writer, i, &column), FLAT_OK);
	}
	assert_int_equal(flat_write(writer, nrecords), nrecords);
	assert_false(flat_writer_failed(writer, NULL));
	closes(writer);
	holds(&output, expected);
	free(output.bytes);
	flat_format_free(format);
}

/* ------------------------------------------------------------------------------------------------ dialects */

static void the_header_comes_first_and_lines_end_as_asked(void **state)
{
	static const char cells[] = "1\0\0\0\0\0\0\0" "2\0\0\0\0\0\0\0" "3\0\0\0\0\0\0\0" "4\0\0\0\0\0\0";
	const flat_dialect crlf = {.newline = FLAT_CRLF}, tab = {.delimiter = '\t'}, high = {.delimiter = 0xFE, .quote = 0xFF};
	const flat_dialect headless = {.header = FLAT_HEADER_ABSENT}, semicolon = {.delimiter = ';', .header = FLAT_HEADER_ABSENT};

	(void)state;
	strings_give("a:str8,b:str8", NULL, FLAT_QUOTE_NEEDED, cells, 2, "a,b\n1,2\n3,4\n");
	strings_give("a:str8,b:str8", NULL, FLAT_QUOTE_NEEDED, cells, 0, "a,b\n");
	strings_give("a:str8,b:str8", &crlf, FLAT_QUOTE_NEEDED, cells, 2, "a,b\r\n1,2\r\n3,4\r\n");
	strings_give("a:str8,b:str8", &tab, FLAT_QUOTE_NEEDED, cells, 2, "a\tb\n1\t2\n3\t4\n");
	strings_give("a:str8,b:str8", &high, FLAT_QUOTE_ALWAYS, cells, 1, "\xFF" "a\xFF\xFE\xFF" "b\xFF\n\xFF" "1\xFF\xFE\xFF" "2\xFF\n");
	strings_give("a:str8,b:str8", &headless, FLAT_QUOTE_NEEDED, cells, 2, "1,2\n3,4\n");
	strings_give("a:str8,b:str8", &headless, FLAT_QUOTE_NEEDED, cells, 0, "");
	strings_give("a:str8,b:str8", &semicolon, FLAT_QUOTE_NEVER, cells, 2, "1;2\n3;4\n");
}

static void names_are_quoted_like_texts(void **state)
{
	static const char cells[8] = "1";
	const flat_dialect trim = {.trim = true}, single = {.quote = '\''};

	(void)state;
	strings_give("\"a, b\":str8", NULL, FLAT_QUOTE_NEEDED, cells, 1, "\"a, b\"\n1\n");
	strings_give("\"a\"\"b\":str8", NULL, FLAT_QUOTE_NEEDED, cells, 1, "\"a\"\"b\"\n1\n");
	strings_give("\" a\":str8", NULL, FLAT_QUOTE_NEEDED, cells, 1, " a\n1\n");
	strings_give("\" a\":str8", &trim, FLAT_QUOTE_NEEDED, cells, 1, "\" a\"\n1\n");
	strings_give("a'b:str8", &single, FLAT_QUOTE_NEEDED, cells, 1, "'a''b'\n1\n");
	strings_give("a:str8", NULL, FLAT_QUOTE_ALWAYS, cells, 1, "\"a\"\n\"1\"\n");
	strings_give("\xEF\xBB\xBFx:str8", NULL, FLAT_QUOTE_NEEDED, cells, 1, "\"\xEF\xBB\xBFx\"\n1\n");
}

static void a_name_that_needs_quotes_where_there_are_none_is_told_at_open(void **state)
{
	const flat_dialect dialect = {.quote = FLAT_NONE};
	flat_format *quoted = parse("a:i8,\"b,c\":i8", NULL), *unquoted = parse("\"b,c\":i8", &dialect);
	struct output output = output_of(100);
	flat_sink sink = flat_sink_callback(take, &output, NULL);
	flat_error error;

	(void)state;
	assert_null(flat_writer_open_sink(quoted, &sink, &(flat_writer_options){.quoting = FLAT_QUOTE_NEVER}, &error));
	assert_int_equal(error.status, FLAT_NEEDS_QUOTES);
	assert_int_equal(error.field, 2);
	assert_int_equal(error.record, 0);
	assert_string_equal(error.text, "b,c");
	assert_non_null(strstr(error.message, "header"));
	assert_null(flat_writer_open_sink(unquoted, &sink, NULL, &error));
	assert_int_equal(error.status, FLAT_NEEDS_QUOTES);
	assert_null(flat_writer_open_sink(unquoted, &sink, NULL, NULL));
	assert_int_equal(output.nbytes, 0);
	free(output.bytes);
	flat_format_free(quoted);
	flat_format_free(unquoted);
}

static void texts_are_quoted_where_they_have_to_be(void **state)
{
	static const char cells[] = "a,b\0\0\0\0\0" "a\"b\0\0\0\0\0" "a\nb\0\0\0\0\0" "a\rb\0\0\0\0\0"
				    " a \0\0\0\0\0" "a b\0\0\0\0\0" "\0\0\0\0\0\0\0\0" "NA\0\0\0\0\0";
	const char *const nulls[] = {"NA"};
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT, .nulls = nulls, .nnulls = 1};
	const flat_dialect trim = {.header = FLAT_HEADER_ABSENT, .trim = true};

	(void)state;
	strings_give("a:str8,b:str8,c:str8,d:str8", &dialect, FLAT_QUOTE_NEEDED, cells, 2,
		     "\"a,b\",\"a\"\"b\",\"a\nb\",\"a\rb\"\n a ,a b,,\"NA\"\n");
	strings_give("a:str8,b:str8,c:str8,d:str8", &trim, FLAT_QUOTE_NEEDED, cells, 2,
		     "\"a,b\",\"a\"\"b\",\"a\nb\",\"a\rb\"\n\" a \",a b,,NA\n");
	strings_give("a:str8,b:str8,c:str8,d:str8", &dialect, FLAT_QUOTE_ALWAYS, cells, 2,
		     "\"a,b\",\"a\"\"b\",\"a\nb\",\"a\rb\"\n\" a \",\"a b\",\"\",\"NA\"\n");
}

static void everything_but_nulls_is_quoted_if_asked(void **state)
{
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	flat_format *format = parse("a:i32,b:f64,c:date,d:bool", &dialect);
	int32_t integers[] = {-5, 6};
	double floats[] = {0.5, 1};
	int64_t dates[] = {0, INT64_MIN};
	uint8_t bools[] = {1, 0};
	char valid[] = {1, 0};
	struct output output = output_of(100);
	flat_writer *writer = open_to(format, &output, &(flat_writer_options){.quoting = FLAT_QUOTE_ALWAYS});

	(void)state;
	flat_writer_bind_column(writer, 0, &(flat_column){.base = integers, .validity = FLAT_VALIDITY_BYTE, .valid = valid});
	flat_writer_bind(writer, "b", floats, 0);
	flat_writer_bind(writer, "c", dates, 0);
	flat_writer_bind(writer, "d", bools, 0);
	assert_int_equal(flat_write(writer, 2), 2);
	closes(writer);
	holds(&output, "\"-5\",\"0.5\",\"1970-01-01\",\"true\"\n,\"1\",,\"false\"\n");
	free(output.bytes);
	flat_format_free(format);
}

static void without_quotes_a_value_that_needs_them_is_an_error(void **state)
{
	static const char cells[] = "ab\0\0\0\0\0\0" "a,b\0\0\0\0\0" "c\0\0\0\0\0\0\0" "a\nb\0\0\0\0\0" "\"d\"\0\0\0\0";
	static const struct {
		int quote;
		flat_quoting quoting;
		const char *expected;
	} cases[] = {
		{'"', FLAT_QUOTE_NEVER, "x\nab\nc\n"},
		{FLAT_NONE, FLAT_QUOTE_NEEDED, "x\nab\nc\n\"d\"\n"},
		{FLAT_NONE, FLAT_QUOTE_NEVER, "x\nab\nc\n\"d\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const flat_dialect dialect = {.quote = cases[i].quote};
		flat_format *format = parse("x:str8", &dialect);
		struct output output = output_of(100);
		flat_writer *writer = open_to(format, &output, &(flat_writer_options){.quoting = cases[i].quoting});

		flat_writer_bind(writer, "x", cells, 0);
		for (size_t element = 0; element < 5; element++)
			if (flat_write_at(writer, element, 1) == 0)
				fails_with(writer, FLAT_NEEDS_QUOTES, "out.csv");
		closes(writer);
		holds(&output, cases[i].expected);
		free(output.bytes);
		flat_format_free(format);
	}
}

static void quotes_always_and_no_quote_character_do_not_go_together(void **state)
{
	const flat_dialect headless = {.header = FLAT_HEADER_ABSENT, .quote = FLAT_NONE}, named = {.quote = FLAT_NONE};
	flat_format *format = parse("x:i32", &headless), *with_header = parse("x:i32", &named);
	const flat_writer_options always = {.quoting = FLAT_QUOTE_ALWAYS};
	struct output output = output_of(100);
	flat_sink sink = flat_sink_callback(take, &output, NULL);
	flat_writer *writer = open_to(format, &output, &always);
	int32_t one = 1;
	flat_error error;

	(void)state;
	flat_writer_bind(writer, "x", &one, 0);
	assert_int_equal(flat_write(writer, 1), 0);
	fails_with(writer, FLAT_NEEDS_QUOTES, "record 1, field 1 \"x\"");
	closes(writer);
	assert_null(flat_writer_open_sink(with_header, &sink, &always, &error));
	assert_int_equal(error.status, FLAT_NEEDS_QUOTES);
	assert_int_equal(output.nbytes, 0);
	free(output.bytes);
	flat_format_free(format);
	flat_format_free(with_header);
}

/* An empty line would be no record. */
static void an_only_field_that_is_empty_is_quoted(void **state)
{
	static const char cells[16] = "\0\0\0\0\0\0\0\0a";
	const flat_dialect headless = {.header = FLAT_HEADER_ABSENT};
	flat_format *format = parse("x:i32", &headless);
	int32_t integers[] = {5, 6};
	char valid[] = {0, 1};
	struct output output = output_of(100);
	flat_writer *writer = open_to(format, &output, NULL);

	(void)state;
	flat_writer_bind_column(writer, 0, &(flat_column){.base = integers, .validity = FLAT_VALIDITY_BYTE, .valid = valid});
	assert_int_equal(flat_write(writer, 2), 2);
	closes(writer);
	holds(&output, "\"\"\n6\n");
	free(output.bytes);
	flat_format_free(format);
	strings_give("x:str8", &headless, FLAT_QUOTE_NEEDED, cells, 2, "\"\"\na\n");
	strings_give("x:str8,y:str8", &headless, FLAT_QUOTE_NEEDED, cells, 1, ",a\n");
}

/* Quoted it would be an empty string, unquoted no record at all. */
static void an_only_field_that_is_a_null_string_spelled_as_nothing_cannot_be_written(void **state)
{
	const char *const nulls[] = {""};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 1};
	flat_format *format = parse("x:str8", &dialect);
	char valid[] = {0, 1}, cells[16] = "a";
	struct output output = output_of(100);
	flat_writer *writer = open_to(format, &output, NULL);

	(void)state;
	flat_writer_bind_column(writer, 0, &(flat_column){.base = cells, .validity = FLAT_VALIDITY_BYTE, .valid = valid});
	assert_int_equal(flat_write(writer, 2), 0);
	fails_with(writer, FLAT_BAD_NULL, "record 1, field 1 \"x\"");
	assert_int_equal(flat_write_at(writer, 1, 1), 1);
	closes(writer);
	holds(&output, "x\n\"\"\n");
	free(output.bytes);
	flat_format_free(format);
}

static void only_the_start_of_the_output_is_kept_from_looking_like_a_byte_order_mark(void **state)
{
	static const char mark[] = "\xEF\xBB\xBF" "a\0\0\0\0" "\xEF\xBB\xBF\0\0\0\0\0" "\xEF\xBB\xBF\0\0\0\0\0" "\xEF\xBB\0\0\0\0\0";
	static const char half[] = "\xEF\xBB\0\0\0\0\0\0" "\xBF\0\0\0\0\0\0";
	const flat_dialect headless = {.header = FLAT_HEADER_ABSENT};

	(void)state;
	strings_give("x:str8,y:str8", &headless, FLAT_QUOTE_NEEDED, mark, 2,
		     "\"\xEF\xBB\xBF" "a\",\xEF\xBB\xBF\n\xEF\xBB\xBF,\xEF\xBB\n");
	strings_give("x:str8,y:str8", NULL, FLAT_QUOTE_NEEDED, mark, 1, "x,y\n\xEF\xBB\xBF" "a,\xEF\xBB\xBF\n");
	strings_give("x:str8,y:str8", &headless, FLAT_QUOTE_NEEDED, half, 1, "\xEF\xBB,\xBF\n");
}

/* A delimiter, or a quote, may be a byte of the mark. */
static void no_delimiter_completes_a_byte_order_mark(void **state)
{
	static const char nothing[] = "\0\0\0\0\0\0\0\0" "\xBB\xBF\0\0\0\0\0", one[] = "\xEF\0\0\0\0\0\0\0" "\xBF\0\0\0\0\0\0",
			  two[] = "\xEF\xBB\0\0\0\0\0\0" "a\0\0\0\0\0\0", other[] = "a\0\0\0\0\0\0\0" "\xBB\xBF\0\0\0\0\0";
	flat_dialect dialect = {.header = FLAT_HEADER_ABSENT, .delimiter = 0xEF};

	(void)state;
	strings_give("x:str8,y:str8", &dialect, FLAT_QUOTE_NEEDED, nothing, 1, "\"\"\xEF\xBB\xBF\n");
	strings_give("x:str8,y:str8", &dialect, FLAT_QUOTE_NEEDED, other, 1, "a\xEF\xBB\xBF\n");
	dialect.delimiter = 0xBB;
	strings_give("x:str8,y:str8", &dialect, FLAT_QUOTE_NEEDED, one, 1, "\"\xEF\"\xBB\xBF\n");
	dialect.delimiter = 0xBF;
	strings_give("x:str8,y:str8", &dialect, FLAT_QUOTE_NEEDED, two, 1, "\"\xEF\xBB\"\xBF" "a\n");
}

static void a_text_whose_quote_completes_a_byte_order_mark_is_an_error(void **state)
{
	static const char cells[] = "\xBB\xBF,\0\0\0\0\0" "a,\0\0\0\0\0\0" "\xBB\xBF,\0\0\0\0";
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT, .quote = 0xEF};
	flat_format *format = parse("x:str8", &dialect);
	struct output output = output_of(100);
	flat_writer *writer = open_to(format, &output, NULL);

	(void)state;
	flat_writer_bind(writer, "x", cells, 0);
	assert_int_equal(flat_write(writer, 3), 0);
	fails_with(writer, FLAT_NEEDS_QUOTES, "record 1, field 1");
	assert_int_equal(flat_write_at(writer, 1, 2), 2);
	closes(writer);
	holds(&output, "\xEF" "a,\xEF\n\xEF\xBB\xBF,\xEF\n");
	free(output.bytes);
	flat_format_free(format);
}

/* ------------------------------------------------------------------------------------------------- binding */

static void a_field_that_is_not_bound_is_told_and_can_still_be_bound(void **state)
{
	flat_format *format = parse("a:i8,b:i8", NULL);
	struct output output = output_of(100);
	flat_writer *writer = open_to(format, &output, NULL);
	int8_t cells[] = {1, 2};

	(void)state;
	assert_int_equal(flat_writer_bind(writer, "a", cells, 0), FLAT_OK);
	assert_int_equal(flat_write(writer, 2), 0);
	fails_with(writer, FLAT_BAD_ARGUMENT, "field 2 \"b\" is not bound");
	assert_int_equal(flat_writer_bind(writer, "b", cells, 0), FLAT_OK);
	assert_int_equal(flat_write(writer, 2), 2);
	assert_false(flat_writer_failed(writer, NULL));
	closes(writer);
	holds(&output, "a,b\n1,1\n2,2\n");
	free(output.bytes);
	flat_format_free(format);
}

static void a_failure_to_bind_is_what_the_next_write_fails_with(void **state)
{
	const flat_column column = {.base = NULL};
	flat_format *format = parse("a:i8,t:text", NULL);
	struct output output = output_of(100);
	int8_t cell = 1;

	(void)state;
	for (int i = 0; i < 5; i++) {
		flat_writer *writer = open_to(format, &output, NULL);
		flat_error error;
		flat_status status = i == 0   ? flat_writer_bind(writer, "no\tsuch", &cell, 0)
				     : i == 1 ? flat_writer_bind(writer, "a", NULL, 0)
				     : i == 2 ? flat_writer_bind(writer, "t", &cell, 0)
				     : i == 3 ? flat_writer_bind_column(writer, 2, &column)
					      : flat_writer_bind_column(writer, 0, NULL);

		assert_int_equal(status, FLAT_BAD_ARGUMENT);
		assert_int_equal(flat_writer_bind(writer, "a", &cell, 0), FLAT_BAD_ARGUMENT);
		assert_int_equal(flat_write(writer, 1), 0);
		fails_with(writer, FLAT_BAD_ARGUMENT, i == 0 ? "no field \"no\\x09such\"" : "");
		assert_int_equal(flat_writer_flush(writer), FLAT_BAD_ARGUMENT);
		assert_int_equal(flat_writer_close(writer, &error), FLAT_BAD_ARGUMENT);
		assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
	}
	free(output.bytes);
	flat_format_free(format);
}

static void columns_can_be_bound_anew_between_writes(void **state)
{
	flat_format *format = parse("a:i8", NULL);
	struct output output = output_of(100);
	flat_writer *writer = open_to(format, &output, NULL);
	int8_t first[] = {1, 2}, second[] = {3, 0, 0, 4};

	(void)state;
	flat_writer_bind(writer, "a", first, 0);
	assert_int_equal(flat_write(writer, 2), 2);
	flat_writer_bind(writer, "a", second, 3);
	assert_int_equal(flat_write(writer, 2), 2);
	closes(writer);
	holds(&output, "a\n1\n2\n3\n4\n");
	free(output.bytes);
	flat_format_free(format);
}

/* ---------------------------------------------------------------------------------------------- bad values */

static void a_bad_value_leaves_no_byte_of_its_record_and_others_can_follow(void **state)
{
	flat_format *format = parse("a:i32,day:date,b:i32", NULL);
	int32_t cells[] = {1, 2, 3, 4};
	int64_t days[] = {0, INT64_MIN, 1, INT64_MIN};
	char valid[] = {1, 1, 1, 0};
	struct output output = output_of(200);
	flat_writer *writer = open_to(format, &output, NULL);

	(void)state;
	flat_writer_bind(writer, "a", cells, 0);
	flat_writer_bind(writer, "b", cells, 0);
	flat_writer_bind_column(writer, 1, &(flat_column){.base = days, .validity = FLAT_VALIDITY_BYTE, .valid = valid});
	assert_int_equal(flat_write(writer, 4), 1);
	fails_with(writer, FLAT_OUT_OF_RANGE, "out.csv: record 2, field 2 \"day\"");
	assert_int_equal(flat_writer_counts(writer).taken, 1);
	assert_int_equal(flat_write_at(writer, 1, 1), 0);
	assert_int_equal(flat_write_at(writer, 2, 2), 2);
	assert_false(flat_writer_failed(writer, NULL));
	assert_int_equal(flat_writer_counts(writer).taken, 3);
	assert_int_equal(flat_write_at(writer, 1, 1), 0);
	assert_int_equal(flat_writer_flush(writer), FLAT_OK);
	assert_int_equal(flat_writer_counts(writer).records, 3);
	closes(writer);
	holds(&output, "a,day,b\n1,1970-01-01,1\n3,1970-01-02,3\n4,,4\n");
	free(output.bytes);
	flat_format_free(format);
}

static void a_column_that_contradicts_itself_is_a_bad_cell(void **state)
{
	flat_format *format = parse("s:str4,t:text", NULL);
	char cells[8] = "abcdefg", arena[4] = "xyz";
	uint32_t lengths[] = {4, 5};
	uint64_t offsets[] = {0, 3, 2};
	struct output output = output_of(200);
	flat_writer *writer = open_to(format, &output, NULL);

	(void)state;
	flat_writer_bind_column(writer, 0, &(flat_column){.base = cells, .lengths = lengths});
	flat_writer_bind_column(writer, 1, &(flat_column){.base = offsets, .arena = arena, .arena_nbytes = 3});
	assert_int_equal(flat_write(writer, 2), 1);
	fails_with(writer, FLAT_BAD_CELL, "record 2, field 1 \"s\"");
	lengths[1] = 0;
	assert_int_equal(flat_write_at(writer, 1, 1), 0);
	fails_with(writer, FLAT_BAD_CELL, "record 2, field 2 \"t\"");
	closes(writer);
	holds(&output, "s,t\nabcd,xyz\n");
	free(output.bytes);
	flat_format_free(format);
}

/* -------------------------------------------------------------------------------------------- long records */

/* A text of one record, with quotes, delimiters and line breaks all over it. */
static char *long_text(size_t nbytes)
{
	char *text = malloc(nbytes + 1);

	assert_non_null(text);
	for (size_t i = 0; i < nbytes; i++)
		text[i] = i % 7 == 0 || i % 11 < 3 ? '"' : i % 101 == 50 ? '\n' : i % 13 == 0 ? ',' : (char)('a' + i % 26);
	return text;
}

static void bind_text(flat_writer *writer, size_t field, uint64_t *offsets, const char *arena, size_t nbytes)
{
	const flat_column column = {.base = offsets, .arena = (char *)(uintptr_t)arena, .arena_nbytes = nbytes};

	assert_int_equal(flat_writer_bind_column(writer, field, &column), FLAT_OK);
}

static void a_text_of_any_length_is_quoted_as_libcsv_quotes_it(void **state)
{
	static const size_t lengths[] = {0,    1,    500,  1000, 1340, 1341, 1342, 2040, 2041, 2042, 2043, 2044, 2045,   2046,  2047,	   2048,
					 2049, 2050, 3000, 4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097, 8192, 100000, 65536, 3500000};
	static const size_t buffers[] = {LEAST, LEAST + 1, LEAST + 513, 65536};
	flat_format *format = parse("t:text,i:i32", &(flat_dialect){.header = FLAT_HEADER_ABSENT});
	int32_t number = 7;

	(void)state;
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		size_t room = 2 * lengths[i] + 2, nbytes;
		char *text = long_text(lengths[i]), *expected = malloc(room + 5);
		uint64_t offsets[] = {0, lengths[i]};

		assert_non_null(expected);
		nbytes = csv_write2(expected, room, text, lengths[i], '"');
		memcpy(expected + nbytes, ",\"7\"\n", 5);
		for (size_t k = 0; k < LENGTH(buffers); k++) {
			const flat_writer_options options = {.buffer = buffers[k], .quoting = FLAT_QUOTE_ALWAYS};
			struct output output = output_of(room + 10);
			flat_writer *writer = open_to(format, &output, &options);

			bind_text(writer, 0, offsets, text, lengths[i]);
			flat_writer_bind(writer, "i", &number, 0);
			assert_int_equal(flat_write(writer, 1), 1);
			closes(writer);
			assert_int_equal(output.nbytes, nbytes + 5);
			assert_memory_equal(output.bytes, expected, nbytes + 5);
			assert_true(output.largest <= buffers[k]);
			free(output.bytes);
		}
		free(expected);
		free(text);
	}
	flat_format_free(format);
}

static void a_plain_text_longer_than_the_buffer_goes_through_whole(void **state)
{
	const size_t nbytes = 1000000;
	flat_format *format = parse("t:text", NULL);
	char *text = malloc(nbytes);
	uint64_t offsets[] = {0, 10, nbytes};
	struct output output = output_of(nbytes + 100);
	flat_writer *writer = open_to(format, &output, &(flat_writer_options){.buffer = LEAST});

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < nbytes; i++)
		text[i] = (char)('a' + i % 26);
	bind_text(writer, 0, offsets, text, nbytes);
	assert_int_equal(flat_write(writer, 2), 2);
	closes(writer);
	assert_int_equal(output.nbytes, 2 + 10 + 1 + nbytes - 10 + 1);
	assert_memory_equal(output.bytes, "t\nabcdefghij\n", 13);
	assert_memory_equal(output.bytes + 13, text + 10, nbytes - 10);
	free(output.bytes);
	free(text);
	flat_format_free(format);
}

static void a_bad_value_behind_a_text_longer_than_the_buffer_leaves_no_byte_of_the_record(void **state)
{
	const size_t nbytes = 3 * LEAST + 100;
	flat_format *format = parse("t:text,day:date", NULL);
	char *text = long_text(nbytes), valid[] = {1, 1, 0};
	int64_t days[] = {0, INT64_MIN, 0};
	uint64_t offsets[] = {0, 1, nbytes - 1, nbytes};
	struct output output = output_of(2 * nbytes);
	flat_writer *writer = open_to(format, &output, &(flat_writer_options){.buffer = LEAST});

	(void)state;
	text[0] = 'x';
	text[nbytes - 1] = 'y';
	bind_text(writer, 0, offsets, text, nbytes);
	flat_writer_bind_column(writer, 1, &(flat_column){.base = days, .validity = FLAT_VALIDITY_BYTE, .valid = valid});
	assert_int_equal(flat_write(writer, 3), 1);
	fails_with(writer, FLAT_OUT_OF_RANGE, "record 2, field 2");
	assert_int_equal(flat_write_at(writer, 2, 1), 1);
	closes(writer);
	holds(&output, "t,day\nx,1970-01-01\ny,\n");
	free(output.bytes);
	free(text);
	flat_format_free(format);
}

static void a_header_longer_than_the_buffer_is_written_whole(void **state)
{
	enum { NFIELDS = 300, NAME = 40 };
	static char names[NFIELDS][NAME], expected[2 * NFIELDS * NAME];
	flat_field fields[NFIELDS];
	size_t at = 0;
	flat_format *format;
	struct output output = output_of(2 * sizeof expected);

	(void)state;
	for (size_t i = 0; i < NFIELDS; i++) {
		snprintf(names[i], NAME, "a name, the %zuth, of %d", i, NFIELDS);
		fields[i] = (flat_field){.name = names[i], .type = FLAT_I8};
		at += (size_t)sprintf(expected + at, "\"%s\"%c", names[i], i + 1 < NFIELDS ? ',' : '\n');
	}
	format = flat_format_new(NULL, fields, NFIELDS, NULL);
	closes(open_to(format, &output, &(flat_writer_options){.buffer = LEAST}));
	holds(&output, expected);
	free(output.bytes);
	flat_format_free(format);
}

/* -------------------------------------------------------------------------------------- buffers and counts */

enum { NRECORDS = 60 };

/* Records of all sorts: short and long, plain and with line breaks, one longer than the least buffer. */
struct records {
	double numbers[NRECORDS];
	uint64_t offsets[NRECORDS + 1];
	char *arena;
	size_t nbytes;
};

static struct records mixed_records(void)
{
	struct records records = {.nbytes = 0};

	records.arena = long_text(20000);
	for (size_t i = 0; i < NRECORDS; i++) {
		records.numbers[i] = 1.0 / (double)(i + 3);
		records.offsets[i] = records.nbytes;
		records.nbytes += i == 40 ? 4500 : i % 5 == 0 ? 0 : i % 7 == 0 ? 300 : i % 9;
	}
	records.offsets[NRECORDS] = records.nbytes;
	assert_true(records.nbytes <= 20000);
	return records;
}

static flat_writer *open_for(const flat_format *format, struct output *output, size_t buffer, struct records *records)
{
	flat_writer *writer = open_to(format, output, &(flat_writer_options){.buffer = buffer});

	assert_int_equal(flat_writer_bind(writer, "x", records->numbers, 0), FLAT_OK);
	bind_text(writer, 1, records->offsets, records->arena, records->nbytes);
	return writer;
}

static void the_bytes_do_not_depend_on_buffers_sinks_or_calls(void **state)
{
	static const size_t buffers[] = {LEAST, 1, LEAST + 1, 5000, 8191, 65536, 0}, chunks[] = {0, 1, 7, 4095},
			    steps[] = {1, 2, 7, NRECORDS};
	flat_format *format = parse("x:f64,t:text", &(flat_dialect){.newline = FLAT_CRLF});
	struct records records = mixed_records();
	struct output expected = output_of(50000);
	flat_writer *writer = open_for(format, &expected, 1 << 20, &records);

	(void)state;
	assert_int_equal(flat_write(writer, NRECORDS), NRECORDS);
	closes(writer);
	assert_int_equal(expected.calls, 1);
	for (size_t i = 0; i < LENGTH(buffers) * LENGTH(chunks) * LENGTH(steps); i++) {
		size_t step = steps[i / LENGTH(buffers) / LENGTH(chunks)];
		struct output output = output_of(50000);

		output.chunk = chunks[i / LENGTH(buffers) % LENGTH(chunks)];
		writer = open_for(format, &output, buffers[i % LENGTH(buffers)], &records);
		for (size_t at = 0; at < NRECORDS; at += step) {
			size_t n = step < NRECORDS - at ? step : NRECORDS - at;

			assert_int_equal(flat_write_at(writer, at, n), n);
		}
		closes(writer);
		assert_int_equal(output.nbytes, expected.nbytes);
		assert_memory_equal(output.bytes, expected.bytes, expected.nbytes);
		free(output.bytes);
	}
	free(expected.bytes);
	free(records.arena);
	flat_format_free(format);
}

/* Elements of all types and three kinds of null, some of them strings that need quotes or are long. */
struct of_all_types {
	struct {
		char number[8], name[20], place[40];
	} rows[NRECORDS];
	unsigned char bits[NRECORDS / 8 + 1], bytes[NRECORDS];
	int64_t times[NRECORDS];
};

static void fill_of_all_types(struct of_all_types *all)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN,\"\r\n";

	for (size_t i = 0; i < NRECORDS; i++) {
		double number = random_below(4) ? (double)random_below(1000000) / 100 : 1.0 / (double)(1 + i);

		memcpy(all->rows[i].number, &number, sizeof number);
		memset(all->rows[i].name, 0, sizeof all->rows[i].name);
		memset(all->rows[i].place, 0, sizeof all->rows[i].place);
		for (size_t n = random_below(21); n > 0; n--)
			all->rows[i].name[n - 1] = letters[random_below(random_below(3) ? 40 : 44)];
		for (size_t n = random_below(41); n > 0; n--)
			all->rows[i].place[n - 1] = letters[random_below(40)];
		all->bytes[i] = (unsigned char)random_below(2);
		all->times[i] = i % 7 == 0 ? INT64_MIN : (int64_t)(random_word() >> random_below(64));
	}
	for (size_t i = 0; i < sizeof all->bits; i++)
		all->bits[i] = (unsigned char)random_word();
}

static const flat_type all_types[] = {FLAT_BOOL, FLAT_I8,  FLAT_I16, FLAT_I32, FLAT_I64, FLAT_U8,   FLAT_U16,	   FLAT_U32,
				      FLAT_U64,	 FLAT_F32, FLAT_F64, FLAT_STR, FLAT_STR, FLAT_DATE, FLAT_TIMESTAMP_MS};

/* Numbers are the first bytes of each row, whatever their type. */
static flat_writer *open_for_all_types(const flat_format *format, struct output *output, struct of_all_types *all)
{
	static const double sentinel = 1234.5;
	flat_writer *writer = open_to(format, output, NULL);

	for (size_t i = 0; i < LENGTH(all_types); i++) {
		flat_column column = {.base = all->rows[0].number, .stride = sizeof *all->rows};

		if (all_types[i] == FLAT_STR)
			column.base = i % 2 ? all->rows[0].name : all->rows[0].place;
		else if (all_types[i] >= FLAT_DATE)
			column = (flat_column){.base = all->times};
		else if (i % 4 == 0)
			column.validity = FLAT_VALIDITY_BITMAP, column.valid = all->bits;
		else if (i % 4 == 1)
			column.validity = FLAT_VALIDITY_BYTE, column.valid = all->bytes;
		else if (i % 4 == 2)
			column.validity = FLAT_VALIDITY_SENTINEL, column.sentinel = &sentinel;
		assert_int_equal(flat_writer_bind_column(writer, i, &column), FLAT_OK);
	}
	return writer;
}

/* The first record of an output is looked at cell by cell, the others are put together from cells that were filled in a loop. */
static void a_record_is_the_same_first_or_later_on_every_processor(void **state)
{
	flat_field fields[LENGTH(all_types)] = {{.name = NULL}};
	char names[LENGTH(all_types)][2];
	struct of_all_types *all = malloc(sizeof *all);
	struct output each = output_of(100000);
	flat_format *format;

	(void)state;
	for (size_t i = 0; i < LENGTH(all_types); i++) {
		memcpy(names[i], (char[]){(char)('a' + i), 0}, 2);
		fields[i] = (flat_field){.name = names[i], .type = all_types[i]};
		if (all_types[i] == FLAT_STR)
			fields[i].width = i % 2 ? sizeof all->rows->name : sizeof all->rows->place;
	}
	format = flat_format_new(&(flat_dialect){.header = FLAT_HEADER_ABSENT}, fields, LENGTH(fields), NULL);
	assert_non_null(format);
	fill_of_all_types(all);
	for (size_t i = 0; i < NRECORDS; i++) {
		flat_writer *writer = open_for_all_types(format, &each, all);

		assert_int_equal(flat_write_at(writer, i, 1), 1);
		closes(writer);
	}
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++) {
		struct output together;
		flat_writer *writer;

		if (!cpu->runs_here())
			continue;
		together = output_of(100000);
		setenv("FLATLOAD_CPU", cpu->name, 1);
		writer = open_for_all_types(format, &together, all);
		unsetenv("FLATLOAD_CPU");
		assert_int_equal(flat_write(writer, NRECORDS), NRECORDS);
		closes(writer);
		assert_int_equal(together.nbytes, each.nbytes);
		assert_memory_equal(together.bytes, each.bytes, each.nbytes);
		free(together.bytes);
	}
	flat_format_free(format);
	free(each.bytes);
	free(all);
}

static void a_processor_that_is_unknown_is_an_error(void **state)
{
	flat_format *format = parse("x:f64", NULL);
	struct output output = output_of(10);
	flat_sink sink = flat_sink_callback(take, &output, "out.csv");
	flat_error error;

	(void)state;
	setenv("FLATLOAD_CPU", "abacus", 1);
	assert_null(flat_writer_open_sink(format, &sink, NULL, &error));
	assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
	unsetenv("FLATLOAD_CPU");
	assert_int_equal(output.nbytes, 0);
	free(output.bytes);
	flat_format_free(format);
}

/* Where each record ends, learned by flushing after each; ends[0] is the end of the header. */
static void learn_ends(const flat_format *format, struct records *records, size_t *ends)
{
	struct output output = output_of(50000);
	flat_writer *writer = open_for(format, &output, 0, records);

	assert_int_equal(flat_writer_flush(writer), FLAT_OK);
	ends[0] = output.nbytes;
	for (size_t i = 0; i < NRECORDS; i++) {
		flat_written counts;

		assert_int_equal(flat_write_at(writer, i, 1), 1);
		assert_int_equal(flat_writer_flush(writer), FLAT_OK);
		ends[i + 1] = output.nbytes;
		counts = flat_writer_counts(writer);
		assert_int_equal(counts.taken, i + 1);
		assert_int_equal(counts.records, i + 1);
		assert_int_equal(counts.bytes, output.nbytes);
	}
	closes(writer);
	free(output.bytes);
}

static void check_counts_of_every_failure(const flat_dialect *dialect, size_t buffer)
{
	flat_format *format = parse("x:f64,t:text", dialect);
	struct records records = mixed_records();
	size_t ends[NRECORDS + 1], whole = 0;

	learn_ends(format, &records, ends);
	for (size_t room = 0; room < ends[NRECORDS]; room++) {
		struct output output = output_of(room);
		flat_writer *writer = open_for(format, &output, buffer, &records);
		flat_written counts;
		size_t taken = flat_write(writer, NRECORDS);
		flat_error error;
		char behind[48];

		if (taken == NRECORDS)
			assert_int_equal(flat_writer_flush(writer), FLAT_BAD_OUTPUT);
		fails_with(writer, FLAT_BAD_OUTPUT, "out.csv: cannot be written");
		while (whole < NRECORDS && ends[whole + 1] <= room)
			whole++;
		counts = flat_writer_counts(writer);
		assert_int_equal(counts.records, whole);
		assert_int_equal(counts.bytes, room);
		assert_int_equal(counts.taken, taken);
		/* There is no going on. */
		assert_int_equal(flat_write(writer, 1), 0);
		assert_int_equal(flat_writer_flush(writer), FLAT_BAD_OUTPUT);
		assert_int_equal(flat_writer_counts(writer).records, whole);
		assert_int_equal(flat_writer_close(writer, &error), FLAT_BAD_OUTPUT);
		assert_int_equal(error.os, ENOSPC);
		assert_int_equal(error.record, whole);
		snprintf(behind, sizeof behind, ", behind record %zu", whole);
		assert_non_null(strstr(error.message, whole ? behind : ", before the end of a first record"));
		free(output.bytes);
	}
	free(records.arena);
	flat_format_free(format);
}

static void a_sink_that_fails_after_any_byte_has_taken_as_many_records_as_are_told(void **state)
{
	(void)state;
	check_counts_of_every_failure(NULL, LEAST);
	check_counts_of_every_failure(&(flat_dialect){.newline = FLAT_CRLF, .header = FLAT_HEADER_ABSENT}, LEAST);
	check_counts_of_every_failure(&(flat_dialect){.quote = '\'', .delimiter = '"'}, 0);
}

static void a_sink_that_fails_while_the_header_is_written_has_taken_no_record(void **state)
{
	flat_format *format = parse("a:i8,b:i8", NULL);
	int8_t cells[] = {1};

	(void)state;
	for (size_t room = 0; room <= 4; room++) {
		struct output output = output_of(room);
		flat_writer *writer = open_to(format, &output, NULL);

		flat_writer_bind(writer, "a", cells, 0);
		flat_writer_bind(writer, "b", cells, 0);
		assert_int_equal(flat_write(writer, 1), 1);
		assert_int_equal(flat_writer_flush(writer), FLAT_BAD_OUTPUT);
		assert_int_equal(flat_writer_counts(writer).records, 0);
		assert_int_equal(flat_writer_counts(writer).bytes, room);
		assert_int_equal(flat_writer_close(writer, NULL), FLAT_BAD_OUTPUT);
		free(output.bytes);
	}
	flat_format_free(format);
}

static void records_stay_in_the_buffer_until_it_is_full_or_flushed(void **state)
{
	flat_format *format = parse("a:i8", NULL);
	int8_t cells[] = {1, 2, 3};
	struct output output = output_of(100);
	flat_writer *writer = open_to(format, &output, NULL);

	(void)state;
	flat_writer_bind(writer, "a", cells, 0);
	assert_int_equal(flat_write(writer, 3), 3);
	assert_int_equal(output.calls, 0);
	assert_int_equal(flat_writer_counts(writer).taken, 3);
	assert_int_equal(flat_writer_counts(writer).records, 0);
	assert_int_equal(flat_writer_flush(writer), FLAT_OK);
	assert_int_equal(flat_writer_flush(writer), FLAT_OK);
	assert_int_equal(output.calls, 1);
	assert_int_equal(flat_writer_counts(writer).records, 3);
	assert_int_equal(flat_write(writer, 0), 0);
	assert_false(flat_writer_failed(writer, NULL));
	closes(writer);
	assert_int_equal(output.calls, 1);
	free(output.bytes);
	flat_format_free(format);
}

static void closing_tells_late_errors(void **state)
{
	flat_format *format = parse("a:i8", NULL);
	int8_t cells[] = {1, 2, 3};
	struct output output = output_of(4);
	flat_writer *writer = open_to(format, &output, NULL);
	flat_error error;

	(void)state;
	flat_writer_bind(writer, "a", cells, 0);
	assert_int_equal(flat_write(writer, 3), 3);
	assert_false(flat_writer_failed(writer, NULL));
	assert_int_equal(flat_writer_close(writer, &error), FLAT_BAD_OUTPUT);
	assert_int_equal(error.status, FLAT_BAD_OUTPUT);
	assert_int_equal(error.os, ENOSPC);
	free(output.bytes);
	if (access("/dev/full", W_OK) == 0) {
		writer = flat_writer_open(format, "/dev/full", &error);
		assert_non_null(writer);
		assert_int_equal(flat_writer_close(writer, &error), FLAT_BAD_OUTPUT);
		assert_int_equal(error.os, ENOSPC);
		assert_non_null(strstr(error.message, "/dev/full: cannot be written"));
	}
	assert_int_equal(flat_writer_close(NULL, &error), FLAT_OK);
	assert_int_equal(error.status, FLAT_OK);
	flat_format_free(format);
}

static void a_failure_in_a_value_does_not_make_closing_fail(void **state)
{
	flat_format *format = parse("a:date", NULL);
	int64_t cell = INT64_MIN;
	char valid = 1;
	struct output output = output_of(10);
	flat_writer *writer = open_to(format, &output, NULL);

	(void)state;
	flat_writer_bind_column(writer, 0, &(flat_column){.base = &cell, .validity = FLAT_VALIDITY_BYTE, .valid = &valid});
	assert_int_equal(flat_write(writer, 1), 0);
	assert_true(flat_writer_failed(writer, NULL));
	closes(writer);
	holds(&output, "a\n");
	free(output.bytes);
	flat_format_free(format);
}

/* -------------------------------------------------------------------------------------------------- memory */

static void one_allocation_at_open_and_none_after(void **state)
{
	flat_format *format = parse("x:f64,t:text", NULL);
	struct records records = mixed_records();
	struct output output = output_of(50000);
	flat_writer *writer;

	(void)state;
	count_allocations(0);
	writer = open_for(format, &output, LEAST, &records);
	assert_int_equal(allocations, 1);
	assert_int_equal(flat_write(writer, NRECORDS), NRECORDS);
	assert_int_equal(flat_writer_flush(writer), FLAT_OK);
	assert_int_equal(allocations, 1);
	closes(writer);
	assert_int_equal(allocations, 1);
	assert_int_equal(releases, 1);
	free(output.bytes);
	free(records.arena);
	flat_format_free(format);
}

static void no_memory_is_an_error_that_touches_no_file(void **state)
{
	flat_format *format = parse("x:f64", NULL);
	flat_error error;

	(void)state;
	count_allocations(1);
	assert_null(flat_writer_open(format, "writer-test-never-made.csv", &error));
	assert_int_equal(allocations, 1);
	assert_int_equal(error.status, FLAT_NO_MEMORY);
	count_allocations(1);
	assert_null(flat_writer_open(format, "writer-test-never-made.csv", NULL));
	count_allocations(0);
	assert_int_equal(access("writer-test-never-made.csv", F_OK), -1);
	flat_format_free(format);
}

static void a_failure_to_open_releases_what_was_allocated(void **state)
{
	flat_format *format = parse("x:f64", NULL), *name = parse("\"a,b\":f64", NULL);
	flat_sink sink = flat_sink_memory(NULL, 0, NULL);
	flat_error error;

	(void)state;
	count_allocations(0);
	assert_null(flat_writer_open(format, "no-such-folder/a.csv", &error));
	assert_int_equal(error.status, FLAT_BAD_OUTPUT);
	assert_int_equal(error.os, ENOENT);
	assert_null(flat_writer_open_sink(name, &sink, &(flat_writer_options){.quoting = FLAT_QUOTE_NEVER}, &error));
	assert_int_equal(allocations, 2);
	assert_int_equal(releases, 2);
	flat_format_free(format);
	flat_format_free(name);
}

static void with_memory_given_nothing_is_allocated_and_nothing_beyond_it_touched(void **state)
{
	flat_format *format = parse("x:f64,t:text", NULL);
	struct records records = mixed_records();
	size_t nbytes = flat_writer_nbytes(format, &(flat_writer_options){.buffer = LEAST});
	size_t room = (nbytes + 15) / 16 * 16; /* so that both ends are aligned */
	char *memory = guarded(room);
	flat_writer_options options = {.buffer = LEAST, .memory = memory + room - nbytes / 16 * 16, .memory_nbytes = nbytes};
	struct output output = output_of(50000), expected = output_of(50000);
	flat_writer *writer = open_for(format, &expected, 0, &records);

	(void)state;
	assert_int_equal(nbytes % 16, 0);
	flat_write(writer, NRECORDS);
	closes(writer);
	memset(memory, CANARY, room);
	count_allocations(0);
	writer = open_to(format, &output, &options);
	assert_ptr_equal(writer, options.memory);
	flat_writer_bind(writer, "x", records.numbers, 0);
	bind_text(writer, 1, records.offsets, records.arena, records.nbytes);
	assert_int_equal(flat_write(writer, NRECORDS), NRECORDS);
	closes(writer);
	assert_int_equal(allocations, 0);
	assert_int_equal(releases, 0);
	assert_int_equal(output.nbytes, expected.nbytes);
	assert_memory_equal(output.bytes, expected.bytes, expected.nbytes);
	release(memory, room);
	free(output.bytes);
	free(expected.bytes);
	free(records.arena);
	flat_format_free(format);
}

static void options_out_of_range_are_refused(void **state)
{
	flat_format *format = parse("x:f64", NULL);
	static char memory[64];
	const struct {
		flat_writer_options options;
		flat_status status;
	} cases[] = {
		{{.buffer = ((size_t)1 << 30) + 1}, FLAT_BAD_ARGUMENT},
		{{.buffer = SIZE_MAX}, FLAT_BAD_ARGUMENT},
		{{.quoting = (flat_quoting)3}, FLAT_BAD_ARGUMENT},
		{{.quoting = (flat_quoting)-1}, FLAT_BAD_ARGUMENT},
		{{.memory = memory, .memory_nbytes = sizeof memory}, FLAT_NO_MEMORY},
	};
	flat_sink sink = flat_sink_memory(NULL, 0, NULL);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		flat_error error;

		assert_null(flat_writer_open_sink(format, &sink, &cases[i].options, &error));
		assert_int_equal(error.status, cases[i].status);
	}
	assert_int_equal(flat_writer_nbytes(format, &cases[0].options), 0);
	assert_int_equal(flat_writer_nbytes(format, &cases[1].options), 0);
	assert_int_equal(flat_writer_nbytes(format, NULL), flat_writer_nbytes(format, &(flat_writer_options){.buffer = 256 << 10}));
	assert_true(flat_writer_nbytes(format, NULL) > 256 << 10);
	flat_format_free(format);
}

/* --------------------------------------------------------------------------------------------------- sinks */

static void a_file_is_made_emptied_and_closed(void **state)
{
	char path[] = "writer-test.XXXXXX", content[100];
	int descriptor = mkstemp(path);
	flat_format *format = parse("a:i8", NULL);
	int8_t cells[] = {1, 2, 3};
	flat_error error;
	FILE *file;

	(void)state;
	assert_int_equal(write(descriptor, "what was there before, longer", 29), 29);
	close(descriptor);
	for (size_t n = 4; n-- > 0;) {
		flat_writer *writer = flat_writer_open(format, path, &error);

		assert_non_null(writer);
		assert_int_equal(flat_writer_bind(writer, "a", cells, 0), FLAT_OK);
		assert_int_equal(flat_write(writer, n), n);
		closes(writer);
		file = fopen(path, "rb");
		assert_int_equal(fread(content, 1, sizeof content, file), 2 + 2 * n);
		assert_memory_equal(content, "a\n1\n2\n3\n", 2 + 2 * n);
		fclose(file);
	}
	unlink(path);
	flat_format_free(format);
}

static void a_name_that_cannot_be_written_leaves_the_file_as_it_was(void **state)
{
	const flat_dialect dialect = {.quote = FLAT_NONE};
	char path[] = "writer-test.XXXXXX", content[100];
	int descriptor = mkstemp(path);
	flat_format *format = parse("a:i8,\"b,c\":i8", &dialect);
	flat_error error;

	(void)state;
	assert_int_equal(write(descriptor, "what was there before", 21), 21);
	assert_null(flat_writer_open(format, path, &error));
	assert_int_equal(error.status, FLAT_NEEDS_QUOTES);
	assert_non_null(strstr(error.message, path));
	assert_int_equal(pread(descriptor, content, sizeof content, 0), 21);
	assert_memory_equal(content, "what was there before", 21);
	close(descriptor);
	unlink(path);
	flat_format_free(format);
}

static void memory_is_filled_from_its_start(void **state)
{
	flat_format *format = parse("a:i8", NULL);
	int8_t cells[] = {1, 2};
	char memory[8] = "zzzzzzz";
	flat_sink sink = flat_sink_memory(memory, sizeof memory, NULL);
	flat_writer *writer = flat_writer_open_sink(format, &sink, NULL, NULL);

	(void)state;
	assert_non_null(writer);
	flat_writer_bind(writer, "a", cells, 0);
	assert_int_equal(flat_write(writer, 2), 2);
	assert_int_equal(flat_writer_flush(writer), FLAT_OK);
	assert_int_equal(flat_writer_counts(writer).bytes, 6);
	closes(writer);
	assert_memory_equal(memory, "a\n1\n2\nz", 8);
	flat_format_free(format);
}

static void a_column_bound_anew_is_written_as_it_is_now(void **state)
{
	static const int32_t numbers[] = {1, 2, 3};
	static const unsigned char valid = 5; /* the second is null */
	char out[64] = "";
	flat_sink sink = flat_sink_memory(out, sizeof out - 1, NULL);
	flat_format *format = flat_format_parse("a:i32,b:i32", &(flat_dialect){.header = FLAT_HEADER_ABSENT}, NULL);
	flat_writer *writer = flat_writer_open_sink(format, &sink, NULL, NULL);
	const flat_column nullable = {
		.base = (void *)(uintptr_t)numbers, .validity = FLAT_VALIDITY_BITMAP, .valid = (void *)(uintptr_t)&valid};

	(void)state;
	assert_int_equal(flat_writer_bind(writer, "a", numbers, 0), FLAT_OK);
	assert_int_equal(flat_writer_bind(writer, "b", numbers, 0), FLAT_OK);
	assert_int_equal(flat_write(writer, 3), 3);
	assert_int_equal(flat_writer_bind_column(writer, 1, &nullable), FLAT_OK);
	assert_int_equal(flat_write(writer, 3), 3);
	assert_int_equal(flat_writer_close(writer, NULL), FLAT_OK);
	assert_string_equal(out, "1,1\n2,2\n3,3\n1,1\n2,\n3,3\n");
	flat_format_free(format);
}

static void a_bind_that_fails_loses_no_record_taken_before(void **state)
{
	static const int32_t numbers[] = {1, 2, 3};
	char out[64] = "";
	flat_sink sink = flat_sink_memory(out, sizeof out - 1, NULL);
	flat_format *format = flat_format_parse("a:i32", NULL, NULL);
	flat_writer *writer = flat_writer_open_sink(format, &sink, NULL, NULL);

	(void)state;
	assert_int_equal(flat_writer_bind(writer, "a", numbers, 0), FLAT_OK);
	assert_int_equal(flat_write(writer, 3), 3);
	assert_int_equal(flat_writer_bind(writer, "b", numbers, 0), FLAT_BAD_ARGUMENT);
	assert_int_equal(flat_write(writer, 3), 0);
	assert_int_equal(flat_writer_close(writer, NULL), FLAT_BAD_ARGUMENT);
	assert_string_equal(out, "a\n1\n2\n3\n");
	flat_format_free(format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_comes_first_and_lines_end_as_asked),
		cmocka_unit_test(names_are_quoted_like_texts),
		cmocka_unit_test(a_name_that_needs_quotes_where_there_are_none_is_told_at_open),
		cmocka_unit_test(texts_are_quoted_where_they_have_to_be),
		cmocka_unit_test(everything_but_nulls_is_quoted_if_asked),
		cmocka_unit_test(without_quotes_a_value_that_needs_them_is_an_error),
		cmocka_unit_test(quotes_always_and_no_quote_character_do_not_go_together),
		cmocka_unit_test(an_only_field_that_is_empty_is_quoted),
		cmocka_unit_test(an_only_field_that_is_a_null_string_spelled_as_nothing_cannot_be_written),
		cmocka_unit_test(only_the_start_of_the_output_is_kept_from_looking_like_a_byte_order_mark),
		cmocka_unit_test(no_delimiter_completes_a_byte_order_mark),
		cmocka_unit_test(a_text_whose_quote_completes_a_byte_order_mark_is_an_error),
		cmocka_unit_test(a_field_that_is_not_bound_is_told_and_can_still_be_bound),
		cmocka_unit_test(a_failure_to_bind_is_what_the_next_write_fails_with),
		cmocka_unit_test(columns_can_be_bound_anew_between_writes),
		cmocka_unit_test(a_bad_value_leaves_no_byte_of_its_record_and_others_can_follow),
		cmocka_unit_test(a_column_that_contradicts_itself_is_a_bad_cell),
		cmocka_unit_test(a_text_of_any_length_is_quoted_as_libcsv_quotes_it),
		cmocka_unit_test(a_plain_text_longer_than_the_buffer_goes_through_whole),
		cmocka_unit_test(a_bad_value_behind_a_text_longer_than_the_buffer_leaves_no_byte_of_the_record),
		cmocka_unit_test(a_header_longer_than_the_buffer_is_written_whole),
		cmocka_unit_test(the_bytes_do_not_depend_on_buffers_sinks_or_calls),
		cmocka_unit_test(a_record_is_the_same_first_or_later_on_every_processor),
		cmocka_unit_test(a_processor_that_is_unknown_is_an_error),
		cmocka_unit_test(a_sink_that_fails_after_any_byte_has_taken_as_many_records_as_are_told),
		cmocka_unit_test(a_sink_that_fails_while_the_header_is_written_has_taken_no_record),
		cmocka_unit_test(records_stay_in_the_buffer_until_it_is_full_or_flushed),
		cmocka_unit_test(closing_tells_late_errors),
		cmocka_unit_test(a_failure_in_a_value_does_not_make_closing_fail),
		cmocka_unit_test(one_allocation_at_open_and_none_after),
		cmocka_unit_test(no_memory_is_an_error_that_touches_no_file),
		cmocka_unit_test(a_failure_to_open_releases_what_was_allocated),
		cmocka_unit_test(with_memory_given_nothing_is_allocated_and_nothing_beyond_it_touched),
		cmocka_unit_test(options_out_of_range_are_refused),
		cmocka_unit_test(a_file_is_made_emptied_and_closed),
		cmocka_unit_test(a_name_that_cannot_be_written_leaves_the_file_as_it_was),
		cmocka_unit_test(memory_is_filled_from_its_start),
		cmocka_unit_test(a_column_bound_anew_is_written_as_it_is_now),
		cmocka_unit_test(a_bind_that_fails_loses_no_record_taken_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
