/*
 * flatload check: every record that would not load, and why, to the end of the inputs.
 *
 * With a schema records are converted, and what comes out is thrown away.  Without one they are
 * measured: any of them that is well-formed loads as the schema that the measures give.
 */
#include "config.h"

#include "batch.h"
#include "commands.h"
#include "inspect.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check {
	const struct options *options;
	uint64_t records, bad, nfields;
	bool cut_off; /* a quote never closes */
	struct progress progress;
	uint64_t bytes; /* of the inputs before */
};

/* ----------------------------------------------------------------------------------------- report */

static void put_number(const char *key, uint64_t number)
{
	printf(",\"%s\":%" PRIu64, key, number);
}

static void put_string(const char *key, const char *string)
{
	printf(",\"%s\":", key);
	put_json_string(stdout, string);
}

static void put_json_error(const struct check *check, const char *input, const flat_error *error)
{
	printf("%s\n{\"status\":\"%s\"", check->bad ? "," : "", flat_status_name(error->status));
	put_string("file", input);
	put_number("line", error->line);
	put_number("record", error->record);
	put_number("byte", error->byte);
	put_number("field", error->field);
	put_string("name", error->name);
	put_string("text", error->text);
	put_string("reason", error->reason);
	put_string("message", error->message);
	putchar('}');
}

static enum status report(void *context, const char *input, const flat_error *error)
{
	struct check *check = context;

	if (check->options->json)
		put_json_error(check, input, error);
	else
		puts(error->message);
	check->bad++;
	check->cut_off |= error->status == FLAT_OPEN_QUOTE;
	if (check->bad < check->options->max_errors)
		return DONE;
	return complain(LIMIT_REACHED, "gave up after %" PRIu64 " bad record%s (--max-errors)", check->bad,
			check->bad == 1 ? "" : "s");
}

static enum status sum_up(const struct check *check, enum status status, const char *schema)
{
	uint64_t all = check->records + check->bad;

	if (check->options->json) {
		printf("%s]", check->bad ? "\n" : "");
		put_number("records", all);
		put_number("bad", check->bad);
		put_number("fields", check->nfields);
		put_string("schema", schema);
		puts("}");
	} else if (!check->bad && status == DONE && check->nfields == 0) {
		puts("no records, and no fields");
	} else if (!check->bad && status == DONE) {
		printf("%" PRIu64 " record%s of %" PRIu64 " field%s: all load as %s\n", all, all == 1 ? "" : "s", check->nfields,
		       check->nfields == 1 ? "" : "s", schema);
	}
	if (finish_output() != DONE)
		return IO_FAILED;
	if (status != DONE || !check->bad)
		return status;
	complain(DONE, "%" PRIu64 " of %" PRIu64 " record%s would not load", check->bad, all, all == 1 ? "" : "s");
	return check->cut_off ? IO_FAILED : SOME_BAD;
}

/* ------------------------------------------------------------------------------------ with schema */

static enum status see_failure(struct check *check, struct batch *batch, flat_reader *reader, const char *input,
			       const flat_error *error, size_t n)
{
	enum status status;

	progress_erase(&check->progress);
	if (error->status == FLAT_BAD_INPUT)
		return complain_error(error);
	if (error->status == FLAT_ARENA_FULL) {
		/* The next read starts the arena anew. */
		status = n ? DONE : batch_enlarge(batch, error->name);
		return status == DONE ? batch_bind(batch, reader) : status;
	}
	status = report(check, input, error);
	if (status == DONE)
		flat_skip_record(reader);
	return status;
}

static enum status read_records(struct check *check, struct batch *batch, flat_reader *reader, const char *input)
{
	enum status status = DONE;

	while (status == DONE) {
		uint64_t left = check->options->rows - check->records - check->bad;
		size_t asked = left < batch->capacity ? (size_t)left : batch->capacity;
		size_t n = flat_read(reader, asked);
		flat_error error;

		check->records += n;
		progress_show(&check->progress, check->bytes + flat_reader_counts(reader).bytes);
		if (flat_reader_failed(reader, &error))
			status = see_failure(check, batch, reader, input, &error, n);
		else if (n < asked || asked == 0)
			break;
	}
	return status;
}

static enum status read_input(struct check *check, struct batch *batch, size_t index)
{
	flat_reader_options limits = {.window = check->options->buffer, .max_record = check->options->max_record};
	flat_reader *reader = NULL;
	struct input input;
	flat_error error;
	enum status status = input_open(&input, check->options, index);
	flat_source source = input_source(&input);

	if (status == DONE) {
		reader = flat_reader_open_source(batch->format, &source, &limits, &error);
		status = reader ? batch_bind(batch, reader) : complain_error(&error);
		if (!reader && error.status == FLAT_BAD_HEADER)
			tell_if_no_text(check->options, index);
	}
	if (status == DONE)
		status = read_records(check, batch, reader, input.name);
	flat_reader_close(reader);
	check->bytes += input.nbytes;
	input_close(&input);
	return status;
}

static char *schema_of(const struct schema *schema)
{
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	if (!out)
		return NULL;
	for (size_t i = 0; i < schema->nwanted; i++) {
		const flat_field *field = flat_format_field(schema->format, schema->wanted[i]);

		fputs(i ? "," : "", out);
		put_schema_name(out, field->name);
		fputc(':', out);
		put_type(out, field);
	}
	close_text(out, &text);
	return text;
}

static enum status check_schema(struct check *check)
{
	struct schema schema = {.format = NULL};
	struct batch batch = {.columns = NULL};
	enum status status = schema_load(&schema, check->options);
	char *text = NULL;

	if (status == DONE)
		status = batch_open(&batch, &schema, false, VALIDITY_NEEDED);
	if (status == DONE)
		text = schema_of(&schema);
	if (status == DONE && !text)
		status = complain_memory();
	if (status == DONE) {
		check->nfields = schema.nwanted;
		progress_begin(&check->progress, check->options->progress, total_nbytes(check->options));
		fputs(check->options->json ? "{\"errors\":[" : "", stdout);
		for (size_t i = 0; i < check->options->ninputs && status == DONE; i++)
			status = read_input(check, &batch, i);
		progress_erase(&check->progress);
		status = sum_up(check, status, text);
	}
	free(text);
	batch_free(&batch);
	schema_free(&schema);
	return status;
}

/* --------------------------------------------------------------------------------- without schema */

static enum status check_shape(struct check *check)
{
	struct inspection inspection;
	enum status status;
	char *text = NULL;

	fputs(check->options->json ? "{\"errors\":[" : "", stdout);
	status = inspect(&inspection, check->options, report, check);
	check->records = inspection.records;
	check->nfields = inspection.schema.nwanted;
	if (inspection.fields || status == DONE)
		text = inspect_schema(&inspection);
	if (status == DONE && !text)
		status = complain_memory();
	status = sum_up(check, status, text ? text : "");
	free(text);
	inspect_free(&inspection);
	return status;
}

enum status check(int argc, char **argv)
{
	struct options options;
	struct check check = {.options = &options};
	enum status status = options_parse(&options, argc, argv);

	if (status == DONE && options.help)
		status = help_check();
	else if (status == DONE)
		status = options.schema ? check_schema(&check) : check_shape(&check);
	options_free(&options);
	return status;
}
