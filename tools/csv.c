/*
 * The csv and tsv sinks: the flat format itself, by the library's writer, from the arrays of the
 * batch.
 *
 * Each worker has a writer of its own, whose text is kept until its turn comes to be appended.
 *
 * The batch marks the nulls of all fields beside their values, so that an empty number stays empty
 * and nan stays nan.
 */
#include "config.h"

#include "files.h"
#include "sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beside the arrays of a batch and the text made of them it should stay in the second-level cache. */
#define BUFFER_NBYTES ((size_t)64 << 10)

/* Of a worker: records that are to be appended. */
struct part {
	flat_writer *writer; /* NULL: not used yet */
	char *bytes;
	size_t nbytes, room;
	bool no_memory;
};

struct text {
	struct output *output;
	const char *name;    /* of the output, in messages */
	flat_format *format;
	flat_quoting quoting;
	struct part *parts;
	size_t nparts;
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

/* A flat_write_function(). */
static ptrdiff_t keep(void *context, const void *bytes, size_t nbytes)
{
	struct part *part = context;

	if (part->room - part->nbytes < nbytes) {
		size_t room = 2 * part->room > part->nbytes + nbytes ? 2 * part->room : part->nbytes + nbytes;
		char *larger = realloc(part->bytes, room);

		part->no_memory = !larger;
		if (!larger) {
			errno = ENOMEM;
			return -1;
		}
		part->bytes = larger;
		part->room = room;
	}
	memcpy(part->bytes + part->nbytes, bytes, nbytes);
	part->nbytes += nbytes;
	return (ptrdiff_t)nbytes;
}

static enum status fail(const struct part *part, const flat_error *error)
{
	return part->no_memory ? complain_memory() : complain_writing(error);
}

/* What it then holds is the header. */
static enum status open_part(const struct text *text, struct part *part)
{
	const flat_writer_options how = {.quoting = text->quoting, .buffer = BUFFER_NBYTES};
	flat_sink sink = flat_sink_callback(keep, part, text->name);
	flat_error error;

	part->writer = flat_writer_open_sink(text->format, &sink, &how, &error);
	if (!part->writer)
		return fail(part, &error);
	if (flat_writer_flush(part->writer) == FLAT_OK)
		return DONE;
	flat_writer_failed(part->writer, &error);
	return fail(part, &error);
}

static enum status append_part(const struct text *text, struct part *part)
{
	if (!write_all(text->output->descriptor, part->bytes, part->nbytes))
		return complain_os(text->name, "cannot be written");
	part->nbytes = 0;
	return DONE;
}

static enum status open_text(void **state, const struct batch *batch, struct output *output,
			     const struct options *options, int delimiter)
{
	struct text *text = calloc(1, sizeof *text);
	enum status status;

	*state = text;
	if (!text)
		return complain_memory();
	text->output = output;
	text->name = strcmp(output->path, "-") == 0 ? "standard output" : output->path;
	text->quoting = options->out_quoting;
	text->nparts = options->threads;
	text->parts = calloc(text->nparts, sizeof *text->parts);
	if (!text->parts)
		return complain_memory();
	status = make_format(text, batch, options, delimiter);
	if (status == DONE)
		status = open_part(text, text->parts);
	return status == DONE ? append_part(text, text->parts) : status;
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

/* Of the headers that all writers begin with the first one's was taken. */
static enum status open_next_part(const struct text *text, struct part *part)
{
	enum status status = open_part(text, part);

	part->nbytes = 0;
	return status;
}

static enum status write_text(void *state, const struct batch *batch, uint64_t first)
{
	const struct text *text = state;
	struct part *part = &text->parts[batch->worker];
	enum status status = part->writer ? DONE : open_next_part(text, part);
	flat_error error;

	if (status != DONE)
		return status;
	/* Each time: an arena that was too small has moved. */
	for (size_t i = 0; i < batch->ncolumns; i++)
		flat_writer_bind_column(part->writer, i, &batch->columns[i].cells);
	if (flat_writer_follow(part->writer, first) == FLAT_OK &&
	    flat_write(part->writer, batch->nrecords) == batch->nrecords && flat_writer_flush(part->writer) == FLAT_OK)
		return DONE;
	flat_writer_failed(part->writer, &error);
	return fail(part, &error);
}

static enum status append_text(void *state, const struct batch *batch)
{
	const struct text *text = state;

	return append_part(text, &text->parts[batch->worker]);
}

static void close_text(void *state)
{
	struct text *text = state;

	if (!text)
		return;
	for (size_t i = 0; text->parts && i < text->nparts; i++) {
		flat_writer_close(text->parts[i].writer, NULL);
		free(text->parts[i].bytes);
	}
	free(text->parts);
	flat_format_free(text->format);
	free(text);
}

const struct sink sink_csv = {
	.kind = "csv",
	.ending = ".csv",
	.is_text = true,
	.validity = VALIDITY_ALL,
	.check = check,
	.open = open_csv,
	.write = write_text,
	.append = append_text,
	.close = close_text,
};

const struct sink sink_tsv = {
	.kind = "tsv",
	.ending = ".tsv",
	.is_text = true,
	.validity = VALIDITY_ALL,
	.check = check,
	.open = open_tsv,
	.write = write_text,
	.append = append_text,
	.close = close_text,
};
