/*
 * The raw sink: a directory with NAME.bin for each field and schema.json to say what they are.
 *
 *	NAME.bin		values, packed, little-endian; of a text its bytes
 *	NAME.offsets.bin	of a text: uint64, one more than there are records
 *	NAME.valid.bin		one byte a record, 1 for a value; only if there are nulls and
 *				the type has no value for them
 */
#include "config.h"

#include "files.h"
#include "marks.h"
#include "pieces.h"
#include "sink.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Files beyond so many are opened for each write: of fields that are not texts there is one at the end, or a few. */
#define OPEN_MAX_FILES 256
#define VALID_NBYTES ((size_t)16 << 10)

struct file {
	char *name;	/* NULL: not made yet */
	int descriptor; /* -1: not kept open */
};

/* The files of one field. */
struct field_files {
	struct file values, offsets, valid;
	uint64_t text_nbytes; /* so far */
};

struct raw {
	struct output *output;
	struct field_files *fields;
	size_t nfields;
	size_t may_open; /* more files to be kept open */
	struct marks marks;
	bool gathers; /* what is not text: there are more fields than can be kept open */
	struct pieces pieces;
};

static enum status check(const struct schema *schema, const struct options *options)
{
	(void)schema;
	(void)options;
	return DONE;
}

/* ---------------------------------------------------------------------------------------- files */

/*
 * What is not in [A-Za-z0-9._-], and a dot in front, becomes %2F: no name leaves the directory, or
 * is hidden in it.
 */
static char *file_name(const char *field, const char *ending)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	char *name = malloc(3 * strlen(field) + strlen(ending) + 1), *out = name;

	if (!name)
		return NULL;
	for (const char *p = field; *p; p++) {
		if (strchr(plain, *p) && !(*p == '.' && p == field))
			*out++ = *p;
		else
			out += snprintf(out, 4, "%%%02X", (unsigned)(unsigned char)*p);
	}
	memcpy(out, ending, strlen(ending) + 1);
	return name;
}

static enum status complain_file(const struct raw *raw, const char *name)
{
	int saved = errno;

	if (saved == EEXIST)
		return complain(BAD_COMMAND, "two fields would both be stored in %s; leave one out with --columns",
				name);
	return complain(IO_FAILED, "%s/%s: cannot be written: %s", raw->output->path, name, strerror(saved));
}

static enum status make(struct raw *raw, struct file *file, const char *field, const char *ending)
{
	int descriptor;

	file->descriptor = -1;
	file->name = file_name(field, ending);
	if (!file->name)
		return complain_memory();
	descriptor = output_add_file(raw->output, file->name);
	if (descriptor < 0)
		return complain_file(raw, file->name);
	if (raw->may_open) {
		raw->may_open--;
		file->descriptor = descriptor;
	} else if (close(descriptor) != 0) {
		return complain_file(raw, file->name);
	}
	return DONE;
}

static enum status put(const struct raw *raw, const struct file *file, const void *bytes, size_t nbytes, uint64_t at)
{
	int descriptor = file->descriptor;
	bool fine;

	if (descriptor < 0)
		descriptor = openat(raw->output->descriptor, file->name, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0)
		return complain_file(raw, file->name);
	fine = write_all_at(descriptor, bytes, nbytes, at);
	if (!fine)
		complain_file(raw, file->name);
	if (file->descriptor < 0 && close(descriptor) != 0 && fine) {
		complain_file(raw, file->name);
		fine = false;
	}
	return fine ? DONE : IO_FAILED;
}

static size_t open_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 2 > OPEN_MAX_FILES)
		return OPEN_MAX_FILES;
	return (size_t)limit.rlim_cur / 2;
}

static enum status make_field(struct raw *raw, struct field_files *files, const flat_field *field)
{
	static const uint64_t first_offset = 0;
	enum status status = make(raw, &files->values, field->name, ".bin");

	if (status != DONE || field->type != FLAT_TEXT)
		return status;
	status = make(raw, &files->offsets, field->name, ".offsets.bin");
	return status == DONE ? put(raw, &files->offsets, &first_offset, sizeof first_offset, 0) : status;
}

static enum status open_raw(void **state, const struct batch *batch, struct output *output,
			    const struct options *options)
{
	struct raw *raw = calloc(1, sizeof *raw);
	enum status status = DONE;

	(void)options;
	*state = raw;
	if (!raw)
		return complain_memory();
	*raw = (struct raw){.output = output, .may_open = open_limit()};
	status = marks_open(&raw->marks, batch, output->directory);
	if (status != DONE)
		return status;
	raw->fields = calloc(batch->ncolumns, sizeof *raw->fields);
	if (!raw->fields)
		return complain_memory();
	raw->nfields = batch->ncolumns;
	for (size_t i = 0; i < raw->nfields; i++)
		raw->fields[i].values.descriptor = raw->fields[i].offsets.descriptor = raw->fields[i].valid.descriptor =
			-1;
	raw->gathers = raw->nfields > raw->may_open;
	if (raw->gathers)
		status = pieces_open(&raw->pieces, batch, output);
	for (size_t i = 0; i < raw->nfields && status == DONE; i++)
		status = make_field(raw, &raw->fields[i], batch->columns[i].field);
	return status;
}

/* ---------------------------------------------------------------------------------------- write */

/* The offsets of a batch count from its arena's start, those of the file from the file's. */
static enum status write_texts(const struct raw *raw, struct field_files *files, const struct column *column,
			       size_t nrecords, uint64_t first)
{
	uint64_t *offsets = column->cells.base, before = files->text_nbytes;
	size_t nbytes = (size_t)offsets[nrecords];
	enum status status;

	for (size_t i = 1; i <= nrecords; i++)
		offsets[i] += before;
	files->text_nbytes += nbytes;
	status = put(raw, &files->offsets, offsets + 1, nrecords * sizeof *offsets, (first + 1) * sizeof *offsets);
	return status == DONE ? put(raw, &files->values, column->cells.arena, nbytes, before) : status;
}

static enum status write_raw(void *state, const struct batch *batch, uint64_t first)
{
	struct raw *raw = state;
	enum status status = DONE;

	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++) {
		const struct column *column = &batch->columns[i];
		struct field_files *files = &raw->fields[i];

		if (column->field->type == FLAT_TEXT)
			status = write_texts(raw, files, column, batch->nrecords, first);
		else if (!raw->gathers)
			status = put(raw, &files->values, column->cells.base, batch->nrecords * column->width,
				     first * column->width);
	}
	if (status != DONE)
		return status;
	if (!marks_write(&raw->marks, batch, first))
		return complain_os(raw->output->path, "its temporary file cannot be written");
	return raw->gathers ? pieces_add(&raw->pieces, batch, first) : DONE;
}

static enum status put_gathered(struct raw *raw, const struct batch *batch, size_t index, uint64_t nrecords)
{
	const size_t width = batch->columns[index].width;
	enum status status = DONE;

	for (uint64_t first = 0; first < nrecords && status == DONE;) {
		size_t n = 0;
		const char *values = pieces_values(&raw->pieces, batch, index, first, &n);

		if (!values)
			return complain_os(raw->output->path, "its temporary file cannot be read");
		status = put(raw, &raw->fields[index].values, values, n * width, first * width);
		first += n;
	}
	return status;
}

static enum status put_all_gathered(struct raw *raw, const struct batch *batch, uint64_t nrecords)
{
	enum status status = pieces_end(&raw->pieces, nrecords);

	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++)
		if (batch->columns[i].field->type != FLAT_TEXT)
			status = put_gathered(raw, batch, i, nrecords);
	return status;
}

/* ---------------------------------------------------------------------------------------- valid */

static enum status put_valid(struct raw *raw, struct file *file, size_t index, uint64_t nrecords)
{
	unsigned char valid[VALID_NBYTES];
	enum status status = DONE;
	size_t n;

	for (uint64_t at = 0; at < nrecords && status == DONE; at += n) {
		n = nrecords - at < sizeof valid ? (size_t)(nrecords - at) : sizeof valid;
		if (!marks_read(&raw->marks, index, at, n, valid))
			return complain_os(raw->output->path, "its temporary file cannot be read");
		status = put(raw, file, valid, n, at);
	}
	return status;
}

static enum status put_all_valid(struct raw *raw, const struct batch *batch, uint64_t nrecords)
{
	enum status status = DONE;

	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++) {
		const struct column *column = &batch->columns[i];

		if (!column->needs_valid || !column->nulls)
			continue;
		status = make(raw, &raw->fields[i].valid, column->field->name, ".valid.bin");
		if (status == DONE)
			status = put_valid(raw, &raw->fields[i].valid, i, nrecords);
	}
	return status;
}

/* --------------------------------------------------------------------------------------- schema */

static void put_field(FILE *out, const struct column *column, const struct field_files *files)
{
	flat_field plain = *column->field; /* how it is written is no matter of the array */

	plain.fixed = 0;
	fputs("    {\"name\": ", out);
	put_json_string(out, column->field->name);
	fputs(", \"type\": \"", out);
	put_type(out, &plain);
	fprintf(out, "\", \"nulls\": %" PRIu64, column->nulls);
	if (column->field->type == FLAT_STR)
		fprintf(out, ", \"width\": %zu", column->width);
	fprintf(out, ", \"file\": \"%s\"", files->values.name);
	if (files->offsets.name)
		fprintf(out, ", \"offsets\": \"%s\"", files->offsets.name);
	if (files->valid.name)
		fprintf(out, ", \"valid\": \"%s\"", files->valid.name);
	fputc('}', out);
}

/* A line of schema as a JSON string; gives false if there is no memory for it. */
static bool put_line(FILE *out, const struct batch *batch)
{
	char *text = NULL;
	size_t nbytes = 0;
	FILE *line = open_memstream(&text, &nbytes);

	if (!line)
		return false;
	for (size_t i = 0; i < batch->ncolumns; i++) {
		fputs(i ? "," : "", line);
		put_schema_name(line, batch->columns[i].field->name);
		fputc(':', line);
		put_type(line, batch->columns[i].field);
	}
	close_text(line, &text);
	if (!text)
		return false;
	put_json_text(out, text, nbytes);
	free(text);
	return true;
}

static bool put_schema(FILE *out, const struct raw *raw, const struct batch *batch, uint64_t nrecords)
{
	fprintf(out, "{\n  \"records\": %" PRIu64 ",\n  \"fields\": [\n", nrecords);
	for (size_t i = 0; i < batch->ncolumns; i++) {
		put_field(out, &batch->columns[i], &raw->fields[i]);
		fputs(i + 1 < batch->ncolumns ? ",\n" : "\n", out);
	}
	fputs("  ],\n  \"schema\": ", out);
	if (!put_line(out, batch))
		return false;
	fputs("\n}\n", out);
	return true;
}

static enum status close_file(const struct raw *raw, struct file *file)
{
	int descriptor = file->descriptor;

	file->descriptor = -1;
	return descriptor < 0 || close(descriptor) == 0 ? DONE : complain_file(raw, file->name);
}

static enum status close_files(const struct raw *raw)
{
	enum status status = DONE;

	for (size_t i = 0; i < raw->nfields && status == DONE; i++) {
		status = close_file(raw, &raw->fields[i].values);
		if (status == DONE)
			status = close_file(raw, &raw->fields[i].offsets);
		if (status == DONE)
			status = close_file(raw, &raw->fields[i].valid);
	}
	return status;
}

static enum status finish_raw(void *state, const struct batch *batch, uint64_t nrecords)
{
	struct raw *raw = state;
	enum status status = raw->gathers ? put_all_gathered(raw, batch, nrecords) : DONE;
	int descriptor;
	bool fine;
	FILE *out;

	if (status == DONE)
		status = put_all_valid(raw, batch, nrecords);
	if (status == DONE)
		status = close_files(raw);
	if (status != DONE)
		return status;
	descriptor = output_add_file(raw->output, "schema.json");
	out = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
	if (!out) {
		if (descriptor >= 0)
			close(descriptor);
		return complain_file(raw, "schema.json");
	}
	fine = put_schema(out, raw, batch, nrecords) && !ferror(out);
	fine = fclose(out) == 0 && fine;
	return fine ? DONE : complain_file(raw, "schema.json");
}

static void free_file(struct file *file)
{
	if (file->descriptor >= 0)
		close(file->descriptor);
	free(file->name);
}

static void close_raw(void *state)
{
	struct raw *raw = state;

	if (!raw)
		return;
	marks_close(&raw->marks);
	pieces_close(&raw->pieces);
	for (size_t i = 0; i < raw->nfields; i++) {
		free_file(&raw->fields[i].values);
		free_file(&raw->fields[i].offsets);
		free_file(&raw->fields[i].valid);
	}
	free(raw->fields);
	free(raw);
}

const struct sink sink_raw = {
	.kind = "raw",
	.ending = NULL,
	.validity = VALIDITY_ALL,
	.check = check,
	.open = open_raw,
	.write = write_raw,
	.finish = finish_raw,
	.close = close_raw,
};
