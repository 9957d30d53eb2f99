/*
 * The npz sink: a zip archive of one .npy a field, stored, and NAME.valid for integers and bools
 * that have a null.
 *
 * All fields arrive together, and the members of a zip lie one after the other: so batches, and null marks, are kept in
 * unlinked files beside the output, and each member is gathered from them at the end.
 */
#include "config.h"

#include "files.h"
#include "marks.h"
#include "npy_header.h"
#include "pieces.h"
#include "sink.h"

#ifdef HAVE_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_NBYTES ((size_t)64 << 10) /* at a time */

struct npz {
	struct output *output;
	struct pieces pieces;
	struct marks marks;
	struct archive *archive;
};

static enum status check(const struct schema *schema, const struct options *options)
{
	(void)options;
	for (size_t i = 0; i < schema->nwanted; i++) {
		enum status status = npy_check_field(flat_format_field(schema->format, schema->wanted[i]), "npz");

		if (status != DONE)
			return status;
	}
	return DONE;
}

static enum status open_npz(void **state, const struct batch *batch, struct output *output,
			    const struct options *options)
{
	struct npz *npz = calloc(1, sizeof *npz);
	enum status status;

	(void)options;
	*state = npz;
	if (!npz)
		return complain_memory();
	npz->output = output;
	npz->marks.spool = -1;
	status = marks_open(&npz->marks, batch, output->directory);
	return status == DONE ? pieces_open(&npz->pieces, batch, output) : status;
}

static enum status write_npz(void *state, const struct batch *batch, uint64_t first)
{
	struct npz *npz = state;
	enum status status = pieces_add(&npz->pieces, batch, first);

	if (status != DONE || marks_write(&npz->marks, batch, first))
		return status;
	return complain_os(npz->output->path, "its temporary file cannot be written");
}

/* -------------------------------------------------------------------------------------- archive */

static enum status complain_archive(const struct npz *npz)
{
	const char *words = archive_error_string(npz->archive);

	errno = archive_errno(npz->archive);
	if (errno > 0)
		return complain_os(npz->output->path, "cannot be written");
	return complain(IO_FAILED, "%s: cannot be written: %s", npz->output->path, words ? words : "out of memory");
}

static bool put(const struct npz *npz, const void *bytes, size_t nbytes)
{
	/* A member is as long as its header says: fewer bytes taken are a failure too. */
	return nbytes == 0 || archive_write_data(npz->archive, bytes, nbytes) == (la_ssize_t)nbytes;
}

static char *concatenate(const char *name, const char *ending)
{
	size_t nbytes = strlen(name), ending_nbytes = strlen(ending) + 1;
	char *both = malloc(nbytes + ending_nbytes);

	if (!both)
		return NULL;
	memcpy(both, name, nbytes);
	memcpy(both + nbytes, ending, ending_nbytes);
	return both;
}

/* No time and no owner: the same input gives the same bytes. */
static bool begin_member(const struct npz *npz, const char *name, const char *ending, uint64_t nbytes)
{
	struct archive_entry *entry = archive_entry_new();
	char *path = concatenate(name, ending);
	bool fine = entry && path;

	if (fine) {
		archive_entry_set_pathname(entry, path);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, (la_int64_t)nbytes);
		fine = archive_write_header(npz->archive, entry) == ARCHIVE_OK;
	}
	free(path);
	archive_entry_free(entry);
	return fine;
}

static enum status begin_array(const struct npz *npz, const char *name, const char *ending, char *header,
			       size_t header_nbytes, uint64_t nbytes)
{
	bool fine =
		header && begin_member(npz, name, ending, header_nbytes + nbytes) && put(npz, header, header_nbytes);

	if (!header)
		return complain_memory();
	free(header);
	return fine ? DONE : complain_archive(npz);
}

static enum status put_values(struct npz *npz, const struct batch *batch, size_t index, uint64_t nrecords)
{
	for (uint64_t first = 0; first < nrecords;) {
		size_t n = 0;
		const char *values = pieces_values(&npz->pieces, batch, index, first, &n);

		if (!values)
			return complain_os(npz->output->path, "its temporary file cannot be read");
		if (!put(npz, values, n * batch->columns[index].width))
			return complain_archive(npz);
		first += n;
	}
	return DONE;
}

static enum status put_validity(const struct npz *npz, size_t index, uint64_t nrecords)
{
	unsigned char valid[MARKS_NBYTES];

	for (uint64_t first = 0; first < nrecords; first += sizeof valid) {
		const size_t n = nrecords - first < sizeof valid ? (size_t)(nrecords - first) : sizeof valid;

		if (!marks_read(&npz->marks, index, first, n, valid))
			return complain_os(npz->output->path, "its temporary file cannot be read");
		if (!put(npz, valid, n))
			return complain_archive(npz);
	}
	return DONE;
}

static enum status put_column(struct npz *npz, const struct batch *batch, size_t index, uint64_t nrecords)
{
	const struct column *column = &batch->columns[index];
	const char *name = column->field->name;
	size_t nbytes = 0;
	char *header = npy_header(NPY_VECTOR, &column->field, 1, nrecords, &nbytes);
	enum status status = begin_array(npz, name, ".npy", header, nbytes, nrecords * column->width);

	if (status == DONE)
		status = put_values(npz, batch, index, nrecords);
	if (status != DONE || !column->nulls)
		return status;
	header = npy_header_of_bools(nrecords, &nbytes);
	status = begin_array(npz, name, ".valid.npy", header, nbytes, nrecords);
	return status == DONE ? put_validity(npz, index, nrecords) : status;
}

static bool is_wanted(const struct batch *batch, size_t field)
{
	for (size_t i = 0; i < batch->ncolumns; i++)
		if (batch->columns[i].index == field)
			return true;
	return false;
}

/* NAME.valid may be the name of another field. */
static enum status check_name(const struct batch *batch, const char *name)
{
	char *valid = concatenate(name, ".valid");
	size_t field = valid ? flat_format_find(batch->format, valid) : FLAT_NO_FIELD;

	if (!valid)
		return complain_memory();
	free(valid);
	if (field == FLAT_NO_FIELD || !is_wanted(batch, field))
		return DONE;
	return complain(BAD_COMMAND,
			"field \"%s\" has nulls, and the array that says which would take the name "
			"of field \"%s.valid\"; "
			"leave one of them out with --columns",
			name, name);
}

static enum status check_names(const struct batch *batch)
{
	enum status status = DONE;

	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++)
		if (batch->columns[i].nulls)
			status = check_name(batch, batch->columns[i].field->name);
	return status;
}

static bool begin_archive(struct npz *npz)
{
	use_utf8_names();
	npz->archive = archive_write_new();
	return npz->archive && archive_write_set_format_zip(npz->archive) == ARCHIVE_OK &&
	       archive_write_zip_set_compression_store(npz->archive) == ARCHIVE_OK &&
	       archive_write_set_bytes_per_block(npz->archive, 64 << 10) == ARCHIVE_OK &&
	       archive_write_set_bytes_in_last_block(npz->archive, 1) == ARCHIVE_OK &&
	       archive_write_open_fd(npz->archive, npz->output->descriptor) == ARCHIVE_OK;
}

static enum status finish_npz(void *state, const struct batch *batch, uint64_t nrecords)
{
	struct npz *npz = state;
	enum status status = check_names(batch);

	if (status == DONE)
		status = pieces_end(&npz->pieces, nrecords);
	if (status != DONE)
		return status;
	if (!begin_archive(npz))
		return npz->archive ? complain_archive(npz) : complain_memory();
	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++)
		status = put_column(npz, batch, i, nrecords);
	if (status == DONE && archive_write_close(npz->archive) != ARCHIVE_OK)
		status = complain_archive(npz);
	return status;
}

static void close_npz(void *state)
{
	struct npz *npz = state;

	if (!npz)
		return;
	if (npz->archive)
		archive_write_free(npz->archive);
	pieces_close(&npz->pieces);
	marks_close(&npz->marks);
	free(npz);
}

#else

static enum status check(const struct schema *schema, const struct options *options)
{
	(void)schema;
	(void)options;
	return complain(BAD_COMMAND, "npz: this flatload was built without libarchive, which "
				     "writes it; use --to npy or --to raw");
}

#define open_npz NULL
#define write_npz NULL
#define finish_npz NULL
#define close_npz NULL

#endif

const struct sink sink_npz = {
	.kind = "npz",
	.ending = ".npz",
	.validity = VALIDITY_NEEDED,
	.check = check,
	.open = open_npz,
	.write = write_npz,
	.finish = finish_npz,
	.close = close_npz,
};
