/*
 * Fuzz target: the records read from any bytes, written and read again, are the same records; written once more, the same bytes.
 *
 * The first bytes of the data choose format and columns, the rest is the input.
 */
#include "config.h"

#include "../support/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

/* What each of the first bytes chooses; in this order, so that a corpus stays what it was. */
enum { DIALECT, SCHEMA, NULLS, COLUMNS, NCHOICES };

/* Longer inputs find nothing that shorter ones do not; a double of few characters may be written with hundreds. */
enum { MAX_INPUT = 8192, MAX_OUTPUT = 1 << 20 };

struct format {
	flat_format *format;
	bool exact; /* no value is rounded when it is written */
	size_t max_record;
	flat_quoting quoting;
};

static struct format choose_format(const uint8_t *data, size_t nbytes)
{
	static const char *const schemas[] = {
		"a:i64,b:text",
		("a:bool,b:i8,c:i16,d:i32,e:i64,f:u8,g:u16,h:u32,i:u64,j:f32,k:f64,l:str5,m:text,n:date,"
		 "o:timestamp[s],p:timestamp[ms],q:timestamp[us],r:timestamp[ns]"),
		"a:text",
		"x:f64,name:str20,id:u64",
		"a:str1,b:str3",
		"a:date,b:timestamp[ns]",
		"a:f32,\" \"\"b,\":bool",
		"c:f64[.2],d:f32[.0]",
	};
	static const int delimiters[] = {0, ';', '\t', ' ', '.', '0', 0xEF, 0xBB}, quotes[] = {0, '\'', FLAT_NONE, 0xEF};
	static const char *const nulls[] = {"NA", "", "0", "a,b", "nan"};
	size_t skipped = data[NULLS] / 8 % 5;
	const flat_dialect dialect = {
		.delimiter = delimiters[data[DIALECT] % 8],
		.quote = quotes[data[DIALECT] / 8 % 4],
		.header = data[DIALECT] & 32 ? FLAT_HEADER_ABSENT : FLAT_HEADER_NAMES,
		.trim = data[DIALECT] & 64,
		.newline = data[DIALECT] & 128 ? FLAT_CRLF : FLAT_LF,
		.nulls = nulls + skipped,
		.nnulls = data[NULLS] % 8 % (6 - skipped),
	};

	return (struct format){
		.format = flat_format_parse(schemas[data[SCHEMA] % 8], &dialect, NULL),
		.exact = data[SCHEMA] % 8 != 7,
		/* Room for the header, and 8 for one: 0, may become "false", with its quotes. */
		.max_record = data[SCHEMA] % 8 != 7 ? 8 * nbytes + 1024 : MAX_OUTPUT,
		.quoting = (flat_quoting)(data[SCHEMA] / 8 % 2),
	};
}

static struct table_plan choose_columns(const uint8_t *data, size_t nbytes)
{
	size_t nlines = 2;

	for (size_t i = NCHOICES; i < nbytes; i++)
		nlines += data[i] == '\n';
	return (struct table_plan){
		.capacity = nlines,
		.layout = data[COLUMNS] & 1 ? LAYOUT_STRUCT : LAYOUT_SEPARATE,
		.validity = (flat_validity)(data[COLUMNS] / 2 % 4),
		.lengths = data[COLUMNS] & 8,
		.arena_nbytes = nbytes,
	};
}

static void stop(const char *why, const struct text *detail)
{
	fprintf(stderr, "%s\n%s\n", why, detail && detail->bytes ? detail->bytes : "");
	abort();
}

/* ------------------------------------------------------------------------------------------------- reading */

/* Fills the table with all records that can be read; gives how many. */
static size_t read_records(const struct format *format, const char *input, size_t nbytes, struct table *table, bool all)
{
	flat_source source = flat_source_memory(input, nbytes, "input");
	const flat_reader_options options = {.max_record = format->max_record, .max_fields = 64};
	flat_reader *reader = flat_reader_open_source(format->format, &source, &options, NULL);
	size_t n = 0;
	flat_error error;

	if (!reader) {
		if (all)
			stop("what was written cannot be opened", NULL);
		return 0;
	}
	table_bind(table, reader);
	for (;;) {
		n += flat_read_at(reader, n, table->plan.capacity - n);
		if (!flat_reader_failed(reader, &error))
			break;
		if (all)
			stop("what was written cannot be read", &(struct text){.bytes = error.message});
		if (error.record == 0 || flat_skip_record(reader) != FLAT_OK)
			break;
	}
	flat_reader_close(reader);
	return n;
}

/* ------------------------------------------------------------------------------------------------- writing */

/* Whether a record that was read may be refused: null may have another spelling than the first, and a value may be one. */
static bool is_justified(const struct format *format, const flat_error *error)
{
	int quote = flat_format_dialect(format->format)->quote;

	return error->status == FLAT_BAD_NULL || (error->status == FLAT_NEEDS_QUOTES && (quote == FLAT_NONE || quote == 0xEF));
}

/* NULL: the names cannot be written. */
static flat_writer *open_writer(const struct format *format, const struct table *table, char *output)
{
	flat_sink sink = flat_sink_memory(output, MAX_OUTPUT, "output");
	const flat_writer_options options = {.quoting = format->quoting, .buffer = 1};
	flat_error error;
	flat_writer *writer = flat_writer_open_sink(format->format, &sink, &options, &error);

	if (!writer && !is_justified(format, &error))
		stop("a writer cannot be opened", &(struct text){.bytes = error.message});
	for (size_t i = 0; writer && i < table->nfields; i++)
		flat_writer_bind_column(writer, i, &table->columns[i]);
	return writer;
}

/* Writes what can be, and prints it; gives its bytes. */
static size_t write_records(const struct format *format, const struct table *table, size_t nrecords, char *output, struct text *print,
			    size_t *nwritten)
{
	flat_writer *writer = open_writer(format, table, output);
	flat_error error;
	size_t nbytes;

	*nwritten = 0;
	if (!writer)
		return SIZE_MAX;
	for (size_t i = 0; i < nrecords; i++) {
		if (flat_write_at(writer, i, 1) == 1) {
			table_print(table, i, print);
			++*nwritten;
		} else if (flat_writer_failed(writer, &error) && !is_justified(format, &error)) {
			stop("a record that was read cannot be written", &(struct text){.bytes = error.message});
		}
	}
	flat_writer_flush(writer);
	nbytes = (size_t)flat_writer_counts(writer).bytes;
	if (flat_writer_counts(writer).records != *nwritten)
		stop("the counts are wrong", NULL);
	if (flat_writer_close(writer, &error) != FLAT_OK)
		stop("a writer cannot be closed", &(struct text){.bytes = error.message});
	return nbytes;
}

static void go_round(const struct format *format, const uint8_t *data, size_t nbytes)
{
	static char first[MAX_OUTPUT], second[MAX_OUTPUT];
	const struct table_plan plan = choose_columns(data, nbytes);
	struct text before = {.bytes = NULL}, after = {.bytes = NULL};
	struct table table, again;
	size_t n, first_nbytes, nagain;

	table_open(&table, format->format, &plan);
	n = read_records(format, (const char *)data + NCHOICES, nbytes - NCHOICES, &table, false);
	first_nbytes = write_records(format, &table, n, first, &before, &n);
	table_close(&table);
	if (first_nbytes == SIZE_MAX)
		return;
	table_open(&again, format->format, &plan);
	if (read_records(format, first, first_nbytes, &again, true) != n)
		stop("not as many records are read as were written", &before);
	if (write_records(format, &again, n, second, &after, &nagain) != first_nbytes || nagain != n ||
	    memcmp(first, second, first_nbytes) != 0)
		stop("written once more it is another text", &before);
	if (format->exact && !text_equals(&before, &after))
		stop("other records are read than were written", &before);
	if (!table_is_intact(&again))
		stop("bytes were written that are no cell", NULL);
	table_close(&again);
	text_free(&before);
	text_free(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
	struct format format;

	if (nbytes < NCHOICES || nbytes > MAX_INPUT)
		return 0;
	format = choose_format(data, nbytes);
	if (!format.format)
		return 0;
	go_round(&format, data, nbytes);
	flat_format_free(format.format);
	return 0;
}
