/*
 * All records of the inputs, looked at once: measured, never stored.
 */
#include "config.h"

#include "inspect.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Between two looks at the clock. */
#define RECORDS_AT_A_TIME ((size_t)4096)

static int look(const struct options *options, size_t input, struct stat *there)
{
	const char *path = options->inputs[input];

	if (options->spools && options->spools[input] >= 0)
		return fstat(options->spools[input], there);
	return is_standard(path) ? fstat(0, there) : stat(path, there);
}

uint64_t total_nbytes(const struct options *options)
{
	uint64_t total = 0;

	for (size_t i = 0; i < options->ninputs; i++) {
		struct stat there;

		if (look(options, i, &there) != 0 || !S_ISREG(there.st_mode))
			return 0;
		total += (uint64_t)there.st_size;
	}
	return total;
}

/* ---------------------------------------------------------------------------------------- start */

/* The names as texts, in the dialect that the options and the shape describe. */
static enum status make_schema(struct inspection *inspection)
{
	size_t n = inspection->shape.nfields;
	flat_field *fields = calloc(n, sizeof *fields);
	flat_format *format;
	flat_error error;
	enum status status;

	if (!fields)
		return complain_memory();
	for (size_t i = 0; i < n; i++)
		fields[i] = (flat_field){.name = inspection->shape.names[i], .type = FLAT_TEXT};
	format = flat_format_new(NULL, fields, n, &error);
	free(fields);
	if (!format)
		return complain_error(&error);
	status = schema_make(&inspection->schema, format, &inspection->options);
	flat_format_free(format);
	return status;
}

/* The first input that has a record, or a header, gives the shape of all. */
static enum status begin(struct inspection *inspection, struct input *input)
{
	enum status status = shape_find(&inspection->shape, input, &inspection->options);
	size_t n = inspection->shape.nfields;

	if (status != DONE || !n)
		return status;
	inspection->options = shape_options(&inspection->shape, &inspection->options);
	status = make_schema(inspection);
	if (status != DONE)
		return status;
	inspection->measures = calloc(n, sizeof *inspection->measures);
	inspection->measured = calloc(n, sizeof *inspection->measured);
	/* Where there are fields there are the others. */
	if (inspection->measures && inspection->measured)
		inspection->fields = calloc(n, sizeof *inspection->fields);
	if (!inspection->fields)
		return complain_memory();
	for (size_t i = 0; i < inspection->schema.nwanted; i++)
		inspection->measured[inspection->schema.wanted[i]] = true;
	return DONE;
}

/* ----------------------------------------------------------------------------------------- read */

static enum status see_failure(struct inspection *inspection, flat_reader *reader, const struct input *input,
			       const flat_error *error, bad_record_function *bad, void *context)
{
	enum status status;

	progress_erase(&inspection->progress);
	if (!bad || error->status == FLAT_BAD_INPUT)
		return complain_error(error);
	status = bad(context, input->name, error);
	if (status == DONE)
		flat_skip_record(reader);
	return status;
}

static enum status read_records(struct inspection *inspection, flat_reader *reader, const struct input *input,
				bad_record_function *bad, void *context)
{
	enum status status = DONE;

	while (status == DONE) {
		uint64_t done = inspection->records + inspection->skipped;
		uint64_t left = inspection->options.rows - done;
		uint64_t taken = inspection->bytes + flat_reader_counts(reader).bytes;
		size_t asked = left < RECORDS_AT_A_TIME ? (size_t)left : RECORDS_AT_A_TIME;
		size_t n = flat_read(reader, asked);
		flat_error error;

		inspection->records += n;
		progress_show(&inspection->progress, taken);
		if (flat_reader_failed(reader, &error)) {
			status = see_failure(inspection, reader, input, &error, bad, context);
			inspection->skipped += status == DONE;
		} else if (n < asked || asked == 0) {
			break;
		}
	}
	return status;
}

static enum status read_input(struct inspection *inspection, struct input *input, bad_record_function *bad,
			      void *context)
{
	flat_source source = input_source(input);
	flat_reader_options limits = {.window = inspection->options.buffer,
				      .max_record = inspection->options.max_record};
	flat_error error;
	flat_reader *reader = flat_reader_open_source(inspection->schema.format, &source, &limits, &error);
	enum status status;

	if (!reader)
		return complain_error(&error);
	for (size_t i = 0; i < inspection->schema.nwanted; i++)
		flat_bind_measure(reader, inspection->schema.wanted[i],
				  &inspection->measures[inspection->schema.wanted[i]]);
	status = read_records(inspection, reader, input, bad, context);
	flat_reader_close(reader);
	return status;
}

/* ------------------------------------------------------------------------------- by several threads */

/* What a thread takes at a time; with less there is nothing to divide. */
#define PIECE_NBYTES ((uint64_t)512 << 10)

static size_t choose_threads(const struct inspection *inspection, const struct input *input)
{
	struct stat there;
	uint64_t most;

	if (inspection->options.rows_given || !input->seekable || fstat(input->descriptor, &there) != 0 ||
	    !S_ISREG(there.st_mode) || there.st_size <= input->start)
		return 1;
	most = (uint64_t)(there.st_size - input->start) / PIECE_NBYTES + 1;
	return inspection->options.threads < most ? inspection->options.threads : (size_t)most;
}

/* A flat_take_function(): the first worker is the calling thread. */
static bool show(void *taker, const flat_piece *piece)
{
	struct inspection *inspection = taker;

	if (piece->worker == 0)
		progress_show(&inspection->progress, inspection->bytes + piece->nbytes);
	return true;
}

static void join(struct inspection *inspection, const flat_measure *measures, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		flat_measure *sum = &inspection->measures[i % inspection->shape.nfields];

		*sum = flat_measure_join(sum, &measures[i]);
	}
}

/* The measures of all threads; 'columns' are but to say which fields are wanted. */
static void load(struct inspection *inspection, struct input *input, size_t threads, flat_measure *measures,
		 flat_column *columns, flat_error *error)
{
	flat_source source = flat_source_descriptor(input->descriptor, input->name);
	uint64_t nbytes = 0, nlines = 0, n;
	flat_load_options options = {
		.threads = (unsigned)threads,
		.reader = {.window = inspection->options.buffer, .max_record = inspection->options.max_record},
		.take = show,
		.taker = inspection,
		.batch = RECORDS_AT_A_TIME,
		.nbytes = &nbytes,
		.nlines = &nlines,
		.measures = measures,
	};

	for (size_t i = 0; i < inspection->schema.nwanted; i++)
		columns[inspection->schema.wanted[i]].base = columns;
	n = flat_load(inspection->schema.format, &source, columns, UINT64_MAX, &options, error);
	progress_erase(&inspection->progress);
	if (error->status != FLAT_OK)
		return;
	join(inspection, measures, threads * inspection->shape.nfields);
	inspection->records += n;
	input->nbytes = nbytes;
	input->lines = nlines;
}

/*
 * Gives false if the input has to be read by one reader: it cannot be divided, there is no memory, or there are bad records to
 * be told one by one.
 */
static bool read_divided(struct inspection *inspection, struct input *input, bool tell_all, enum status *status)
{
	size_t threads = choose_threads(inspection, input), n = inspection->shape.nfields;
	flat_measure *measures = threads > 1 ? calloc(threads, n * sizeof *measures) : NULL;
	flat_column *columns = measures ? calloc(n, sizeof *columns) : NULL;
	flat_error error = {.status = FLAT_NO_MEMORY};
	bool done;

	if (columns && lseek(input->descriptor, input->start, SEEK_SET) >= 0)
		load(inspection, input, threads, measures, columns, &error);
	done = error.status == FLAT_OK || (error.status != FLAT_NO_MEMORY && !tell_all);
	if (done && error.status != FLAT_OK)
		*status = complain_error(&error);
	free(measures);
	free(columns);
	if (!done && columns)
		input_rewind(input);
	return done;
}

static enum status read_all(struct inspection *inspection, struct input *input, bad_record_function *bad, void *context)
{
	enum status status = DONE;

	if (!read_divided(inspection, input, bad != NULL, &status))
		status = read_input(inspection, input, bad, context);
	return status;
}

static enum status see_input(struct inspection *inspection, size_t index, bad_record_function *bad, void *context)
{
	struct input input;
	enum status status = input_open(&input, &inspection->options, index);

	if (status == DONE && !inspection->shape.nfields)
		status = begin(inspection, &input);
	else if (status == DONE && !inspection->options.columns && inspection->records < inspection->options.rows)
		status = shape_check(&inspection->shape, &input, &inspection->options);
	if (status == DONE && inspection->shape.nfields)
		status = read_all(inspection, &input, bad, context);
	if (!inspection->shape.nfields)
		input_count_head(&input);
	inspection->bytes += input.nbytes;
	inspection->lines += input.lines;
	input_close(&input);
	return status;
}

enum status inspect(struct inspection *inspection, const struct options *options, bad_record_function *bad,
		    void *context)
{
	enum status status = DONE;

	*inspection = (struct inspection){.options = *options};
	progress_begin(&inspection->progress, options->progress, total_nbytes(options));
	for (size_t i = 0; i < options->ninputs && status == DONE; i++)
		status = see_input(inspection, i, bad, context);
	progress_erase(&inspection->progress);
	for (size_t i = 0; inspection->fields && i < inspection->shape.nfields; i++) {
		inspection->fields[i] = inspection->measured[i]
						? flat_measure_type(&inspection->measures[i], options->narrow)
						: (flat_field){.type = FLAT_TEXT};
		inspection->fields[i].name = inspection->shape.names[i];
	}
	return status;
}

void inspect_free(struct inspection *inspection)
{
	free(inspection->measures);
	free(inspection->measured);
	free(inspection->fields);
	schema_free(&inspection->schema);
	shape_free(&inspection->shape);
	*inspection = (struct inspection){.records = 0};
}

/* --------------------------------------------------------------------------------------- answer */

/*
 * By name, what is not wanted need not be there; by position, all have to be, up to the last one
 * wanted.
 */
static bool belongs(const struct inspection *inspection, size_t field)
{
	return inspection->measured[field] || inspection->shape.header != FLAT_HEADER_NAMES;
}

char *inspect_schema(const struct inspection *inspection)
{
	char *text = NULL;
	size_t nbytes = 0;
	FILE *out = open_memstream(&text, &nbytes);
	bool first = true;

	if (!out)
		return NULL;
	for (size_t i = 0; i < inspection->shape.nfields; i++) {
		if (!belongs(inspection, i))
			continue;
		fputs(first ? "" : ",", out);
		put_schema_name(out, inspection->fields[i].name);
		fputc(':', out);
		put_type(out, &inspection->fields[i]);
		first = false;
	}
	close_text(out, &text);
	return text;
}

uint64_t inspect_array_nbytes(const struct inspection *inspection)
{
	uint64_t nbytes = 0, records = inspection->records;

	for (size_t i = 0; i < inspection->shape.nfields; i++) {
		const flat_field *field = &inspection->fields[i];
		const flat_measure *measure = &inspection->measures[i];

		if (!inspection->measured[i])
			continue;
		nbytes += records * flat_field_width(field);
		if (field->type == FLAT_TEXT)
			nbytes += measure->nbytes + sizeof(uint64_t);
		if (field->type <= FLAT_U64 && flat_measure_nulls(measure, field->type))
			nbytes += records;
	}
	return nbytes;
}
