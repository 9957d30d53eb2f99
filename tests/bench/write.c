/*
 * How long it takes to write arrays as text: by the library, or by fprintf("%.17g").
 *
 *   write flatload|fprintf SET NRECORDS FILE     prints seconds and bytes, as one line of JSON
 *   write schema SET                             prints the schema of what is written
 *
 * bench.py runs it in turn with others and compares.
 */
#include "config.h"

#include "flatload.h"
#include "write_data.h"

static const char *columns;
static size_t ncolumns, nrecords;
static char *values[NCOLUMNS_MAX];

static void with_fprintf(FILE *out)
{
	for (size_t i = 0; i < ncolumns; i++)
		fprintf(out, "c%zu%c", i, i + 1 < ncolumns ? ',' : '\n');
	for (size_t k = 0; k < nrecords; k++)
		for (size_t i = 0; i < ncolumns; i++) {
			const char *at = values[i] + k * write_width(columns[i]);
			char end = i + 1 < ncolumns ? ',' : '\n';
			double d;
			int64_t n;

			memcpy(&d, at, sizeof d);
			memcpy(&n, at, sizeof n);
			if (columns[i] == 's')
				fprintf(out, "%.*s%c", STRING_NBYTES, at, end);
			else if (columns[i] == 'i')
				fprintf(out, "%" PRId64 "%c", n, end);
			else
				fprintf(out, "%.17g%c", d, end);
		}
}

static int fail(const flat_error *error)
{
	fprintf(stderr, "write: %s\n", error->message);
	return 1;
}

static int with_flatload(const char *path)
{
	static const char *const names[NCOLUMNS_MAX] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"};
	flat_field fields[NCOLUMNS_MAX] = {{.name = NULL}};
	double started = wall_now();
	flat_writer *writer;
	flat_format *format;
	flat_written written;
	flat_error error;

	for (size_t i = 0; i < ncolumns; i++) {
		fields[i].name = names[i];
		fields[i].type = columns[i] == 's' ? FLAT_STR : columns[i] == 'i' ? FLAT_I64 : FLAT_F64;
		fields[i].width = columns[i] == 's' ? STRING_NBYTES : 0;
	}
	format = flat_format_new(NULL, fields, ncolumns, &error);
	if (!format)
		return fail(&error);
	writer = flat_writer_open(format, path, &error);
	if (!writer)
		return fail(&error);
	for (size_t i = 0; i < ncolumns; i++)
		flat_writer_bind(writer, names[i], values[i], 0);
	flat_write(writer, nrecords);
	if (flat_writer_failed(writer, &error))
		return fail(&error);
	flat_writer_flush(writer);
	written = flat_writer_counts(writer);
	if (flat_writer_close(writer, &error) != FLAT_OK)
		return fail(&error);
	write_report_numbers(started, nrecords, written.bytes);
	flat_format_free(format);
	return 0;
}

static int print_schema(void)
{
	for (size_t i = 0; i < ncolumns; i++) {
		printf("%sc%zu:", i ? "," : "", i);
		if (columns[i] == 's')
			printf("str%d", STRING_NBYTES);
		else
			fputs(columns[i] == 'i' ? "i64" : "f64", stdout);
	}
	puts("");
	return 0;
}

int main(int argc, char **argv)
{
	double started;
	FILE *out;

	if (argc != 5 && (argc != 3 || strcmp(argv[1], "schema") != 0)) {
		fputs("write flatload|fprintf SET NRECORDS FILE, or write schema SET\n", stderr);
		return 2;
	}
	columns = write_set_columns(argv[2]);
	ncolumns = strlen(columns);
	if (argc == 3)
		return print_schema();
	nrecords = (size_t)strtoul(argv[3], NULL, 10);
	for (size_t i = 0; i < ncolumns; i++)
		values[i] = write_column(columns[i], nrecords, i);
	if (strcmp(argv[1], "flatload") == 0)
		return with_flatload(argv[4]);
	started = wall_now();
	out = fopen(argv[4], "wb");
	if (!out) {
		perror(argv[4]);
		return 1;
	}
	setvbuf(out, NULL, _IOFBF, 1 << 18);
	with_fprintf(out);
	return write_report(out, started, nrecords);
}
