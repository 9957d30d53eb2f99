/*
 * The csv and tsv sinks: the flat format itself, by the library's writer, from the arrays of the
 * batch.
 *
 * The batch marks the nulls of all fields beside their values, so that an empty number stays empty
 * and nan stays nan.
 */
#include "config.h"

#include "sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct text {
	struct output *output;
	flat_format *format;
	flat_writer *writer;
};

static enum status check(const struct schema *schema, const struct options *options)
{
	(void)schema;
	if (options->out_quote != FLAT_NONE || options->out_quoting != FLAT_QUOTE_ALWAYS)
		return DONE;
	return complain(BAD_COMMAND, "--out-quoting always: with --out-quote none there are no "
				     "quotes");
}

/* The fields that are wanted, in their order, in the dialect of the output. */
static enum status make_format(struct text *text, const struct batch *batch, const struct options *options,
			       int delimiter)
{
	flat_dialect dialect = {
		.delimiter = options->out_delimiter ? options->out_delimiter : delimiter,
		.quote = options->out_quote,
		.header = options->out_no_header ? FLAT_HEADER_ABSENT : FLAT_HEADER_NAMES,
		.newline = options->crlf ? FLAT_CRLF : FLAT_LF,
		.nulls = &options->out_null,
		.nnulls = options->out_null ? 1 : 0,
	};
	flat_field *fields = calloc(batch->ncolumns, sizeof *fields);
	flat_error error;

	if (!fields)
		return complain_memory();
	for (size_t i = 0; i < batch->ncolumns; i++) {
		fields[i] = *batch->columns[i].field;
		if (!options->out_null)
			continue;
		fields[i].nulls = NULL;
		fields[i].nnulls = 0;
	}
	text->format = flat_format_new(&dialect, fields, batch->ncolumns, &error);
	free(fields);
	return text->format ? DONE : complain_error(&error);
}

static enum status fail(const flat_error *error)
{
	if (error->status != FLAT_BAD_OUTPUT)
		return complain_writing(error);
	return complain(IO_FAILED, "%s; nothing is kept", error->message);
}

static enum status open_text(void **state, const struct batch *batch, struct output *output,
			     const struct options *options, int delimiter)
{
	const flat_writer_options how = {.quoting = options->out_quoting};
	const char *name = strcmp(output->path, "-") == 0 ? "standard output" : output->path;
	flat_sink sink = flat_sink_descriptor(output->descriptor, name);
	struct text *text = calloc(1, sizeof *text);
	enum status status;
	flat_error error;

	*state = text;
	if (!text)
		return complain_memory();
	text->output = output;
	status = make_format(text, batch, options, delimiter);
	if (status != DONE)
		return status;
	text->writer = flat_writer_open_sink(text->format, &sink, &how, &error);
	return text->writer ? DONE : complain_writing(&error);
}

static enum status open_csv(void **state, const struct batch *batch, struct output *output,
			    const struct options *options)
{
	return open_text(state, batch, output, options, ',');
}

static enum status open_tsv(void **state, const struct batch *batch, struct output *output,
			    const struct options *options)
{
	return open_text(state, batch, output, options, '\t');
}

static enum status write_text(void *state, const struct batch *batch, uint64_t first)
{
	const struct text *text = state;
	flat_error error;

	(void)first;
	/* Each time: an arena that was too small has moved. */
	for (size_t i = 0; i < batch->ncolumns; i++)
		flat_writer_bind_column(text->writer, i, &batch->columns[i].cells);
	if (flat_write(text->writer, batch->nrecords) == batch->nrecords)
		return DONE;
	flat_writer_failed(text->writer, &error);
	return fail(&error);
}

static enum status finish_text(void *state, const struct batch *batch, uint64_t nrecords)
{
	struct text *text = state;
	flat_error error;

	(void)batch;
	(void)nrecords;
	if (flat_writer_flush(text->writer) == FLAT_OK)
		return DONE;
	flat_writer_failed(text->writer, &error);
	return fail(&error);
}

static void close_text(void *state)
{
	struct text *text = state;

	if (!text)
		return;
	flat_writer_close(text->writer, NULL);
	flat_format_free(text->format);
	free(text);
}

const struct sink sink_csv = {
	.kind = "csv",
	.ending = ".csv",
	.is_text = true,
	.in_order = true,
	.validity = VALIDITY_ALL,
	.check = check,
	.open = open_csv,
	.write = write_text,
	.finish = finish_text,
	.close = close_text,
};

const struct sink sink_tsv = {
	.kind = "tsv",
	.ending = ".tsv",
	.is_text = true,
	.in_order = true,
	.validity = VALIDITY_ALL,
	.check = check,
	.open = open_tsv,
	.write = write_text,
	.finish = finish_text,
	.close = close_text,
};
