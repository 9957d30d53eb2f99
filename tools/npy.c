/*
 * The npy sink: one array, of one field, of records, or a matrix.
 *
 * The reader stores records in a batch as the file has them, so that each batch is one write.  The
 * header is written first with no records and again, as long, when their number is known: a pipe goes
 * the same way as a file.
 */
#include "config.h"

#include "files.h"
#include "npy_header.h"
#include "sink.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct npy {
	struct output *output;
	enum npy_shape shape;
	const flat_field **fields;
	size_t header_nbytes;
};

static enum status check_matrix(const flat_field *first, const flat_field *field)
{
	if (field->type == first->type && field->width == first->width)
		return DONE;
	return complain(BAD_COMMAND,
			"--matrix: all fields must be of one type, and \"%s\" and \"%s\" are not; "
			"pick some with --columns",
			first->name, field->name);
}

static enum status check(const struct schema *schema, const struct options *options)
{
	const flat_field *first = flat_format_field(schema->format, schema->wanted[0]);
	size_t record_nbytes = 0;

	for (size_t i = 0; i < schema->nwanted; i++) {
		const flat_field *field = flat_format_field(schema->format, schema->wanted[i]);
		enum status status = npy_check_field(field, "npy");

		if (status == DONE && options->matrix)
			status = check_matrix(first, field);
		if (status != DONE)
			return status;
		record_nbytes += flat_field_width(field);
		/* NumPy counts the bytes of an element in an int. */
		if (!options->matrix && record_nbytes > INT_MAX)
			return complain(BAD_COMMAND, "NumPy's records hold 2147483647 bytes at most; use --to npz");
	}
	return DONE;
}

static enum status put_header(struct npy *npy, size_t nfields, uint64_t nrecords)
{
	char *header = npy_header(npy->shape, npy->fields, nfields, nrecords, &npy->header_nbytes);
	bool fine;

	if (!header)
		return complain_memory();
	fine = write_all_at(npy->output->descriptor, header, npy->header_nbytes, 0);
	free(header);
	return fine ? DONE : complain_os(npy->output->path, "cannot be written");
}

static enum status open_npy(void **state, const struct batch *batch, struct output *output,
			    const struct options *options)
{
	struct npy *npy = calloc(1, sizeof *npy);

	*state = npy;
	if (!npy)
		return complain_memory();
	npy->output = output;
	npy->shape = options->matrix ? NPY_MATRIX : batch->ncolumns == 1 ? NPY_VECTOR : NPY_RECORDS;
	npy->fields = calloc(batch->ncolumns, sizeof *npy->fields);
	if (!npy->fields)
		return complain_memory();
	for (size_t i = 0; i < batch->ncolumns; i++)
		npy->fields[i] = batch->columns[i].field;
	return put_header(npy, batch->ncolumns, 0);
}

static enum status write_npy(void *state, const struct batch *batch, uint64_t first)
{
	const struct npy *npy = state;

	if (write_all_at(npy->output->descriptor, batch->block, batch->nrecords * batch->record_nbytes,
			 npy->header_nbytes + first * batch->record_nbytes))
		return DONE;
	return complain_os(npy->output->path, "cannot be written");
}

static enum status finish_npy(void *state, const struct batch *batch, uint64_t nrecords)
{
	return put_header(state, batch->ncolumns, nrecords);
}

static void close_npy(void *state)
{
	struct npy *npy = state;

	if (npy)
		free(npy->fields);
	free(npy);
}

const struct sink sink_npy = {
	.kind = "npy",
	.ending = ".npy",
	.by_rows = true,
	.takes_matrix = true,
	.validity = VALIDITY_NONE,
	.check = check,
	.open = open_npy,
	.write = write_npy,
	.finish = finish_npy,
	.close = close_npy,
};
