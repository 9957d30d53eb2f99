/*
 * The npz sink: a zip archive of one .npy a field, stored, and NAME.valid for integers and bools
 * that have a null.
 *
 * All fields arrive together, and the members of a zip lie one after the other: so the batches are
 * spooled to one unlinked file beside the output, null marks to another, and each member is gathered
 * from them at the end.  Where a batch is takes 24 bytes of memory; nothing else, nor the number of
 * descriptors, depends on that of records or fields.
 */
#include "config.h"

#include "files.h"
#include "marks.h"
#include "npy_header.h"
#include "sink.h"

#ifdef HAVE_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A batch in the spool: its records' values, column after column.  Several threads may write their batches at once. */
struct piece {
	uint64_t first; /* record */
	uint64_t at;	/* byte of the spool */
	size_t nrecords;
};

struct npz {
	struct output *output;
	int spool;
	struct piece *pieces;
	size_t npieces, room;
	uint64_t nspooled;    /* bytes */
	pthread_mutex_t lock; /* of pieces, npieces, room, nspooled */
	struct marks marks;
	unsigned char *values; /* of one column of a batch */
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
	size_t widest = 1;
	enum status status;

	(void)options;
	*state = npz;
	if (!npz)
		return complain_memory();
	*npz = (struct npz){.output = output, .spool = -1};
	pthread_mutex_init(&npz->lock, NULL);
	status = marks_open(&npz->marks, batch, output->directory);
	if (status != DONE)
		return status;
	for (size_t i = 0; i < batch->ncolumns; i++)
		if (batch->columns[i].width > widest)
			widest = batch->columns[i].width;
	npz->values = malloc(batch->capacity * widest);
	if (!npz->values)
		return complain_memory();
	npz->spool = spool_open(output->directory);
	return npz->spool >= 0 ? DONE : complain_os(output->directory, "no temporary file can be made");
}

static bool make_room(struct npz *npz)
{
	size_t room = npz->room ? 2 * npz->room : 64;
	struct piece *pieces;

	if (npz->npieces < npz->room)
		return true;
	pieces = realloc(npz->pieces, room * sizeof *pieces);
	if (!pieces)
		return false;
	npz->pieces = pieces;
	npz->room = room;
	return true;
}

/* Notes a piece, and gives where it goes. */
static bool add_piece(struct npz *npz, const struct batch *batch, uint64_t first, uint64_t *at)
{
	bool fine;

	pthread_mutex_lock(&npz->lock);
	*at = npz->nspooled;
	fine = make_room(npz);
	if (fine) {
		npz->pieces[npz->npieces++] = (struct piece){.first = first, .at = *at, .nrecords = batch->nrecords};
		npz->nspooled += batch->nrecords * batch->record_nbytes;
	}
	pthread_mutex_unlock(&npz->lock);
	return fine;
}

/* Of a batch that is not full, columns are moved together, to be one write. */
static void close_up(const struct batch *batch)
{
	if (batch->nrecords == batch->capacity)
		return;
	for (size_t i = 0; i < batch->ncolumns; i++) {
		const struct column *column = &batch->columns[i];

		memmove(batch->block + column->offset * batch->nrecords, column->cells.base,
			column->width * batch->nrecords);
	}
}

static enum status write_npz(void *state, const struct batch *batch, uint64_t first)
{
	struct npz *npz = state;
	uint64_t at;

	if (!add_piece(npz, batch, first, &at))
		return complain_memory();
	close_up(batch);
	if (write_all_at(npz->spool, batch->block, batch->nrecords * batch->record_nbytes, at) &&
	    marks_write(&npz->marks, batch, first))
		return DONE;
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

/* A column's values, or its validity. */
struct run {
	const struct batch *batch;
	size_t column;
	uint64_t nrecords;
	bool valid;
};

static bool read_piece(const struct npz *npz, const struct run *run, const struct piece *piece)
{
	const struct column *column = &run->batch->columns[run->column];

	if (run->valid)
		return marks_read(&npz->marks, run->column, piece->first, piece->nrecords, npz->values);
	return read_all_at(npz->spool, npz->values, piece->nrecords * column->width,
			   piece->at + column->offset * piece->nrecords);
}

static size_t run_width(const struct run *run)
{
	return run->valid ? 1 : run->batch->columns[run->column].width;
}

static enum status put_run(const struct npz *npz, const struct run *run)
{
	for (size_t i = 0; i < npz->npieces; i++) {
		if (!read_piece(npz, run, &npz->pieces[i]))
			return complain_os(npz->output->path, "its temporary file cannot be read");
		if (!put(npz, npz->values, npz->pieces[i].nrecords * run_width(run)))
			return complain_archive(npz);
	}
	return DONE;
}

static enum status put_member(const struct npz *npz, const char *name, const char *ending, char *header,
			      size_t header_nbytes, const struct run *run)
{
	bool fine = header && begin_member(npz, name, ending, header_nbytes + run->nrecords * run_width(run)) &&
		    put(npz, header, header_nbytes);

	if (!header)
		return complain_memory();
	free(header);
	return fine ? put_run(npz, run) : complain_archive(npz);
}

static enum status put_column(const struct npz *npz, const struct batch *batch, size_t index, uint64_t nrecords)
{
	const struct column *column = &batch->columns[index];
	struct run run = {.batch = batch, .column = index, .nrecords = nrecords};
	size_t nbytes = 0;
	char *header = npy_header(NPY_VECTOR, &column->field, 1, nrecords, &nbytes);
	enum status status = put_member(npz, column->field->name, ".npy", header, nbytes, &run);

	if (status != DONE || !column->nulls)
		return status;
	run.valid = true;
	header = npy_header_of_bools(nrecords, &nbytes);
	return put_member(npz, column->field->name, ".valid.npy", header, nbytes, &run);
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

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *one = a, *other = b;

	return (one->first > other->first) - (one->first < other->first);
}

/* False if there is not each record once. */
static bool sort_pieces(struct npz *npz, uint64_t nrecords)
{
	uint64_t sum = 0;

	if (npz->npieces)
		qsort(npz->pieces, npz->npieces, sizeof *npz->pieces, compare_pieces);
	for (size_t i = 0; i < npz->npieces && npz->pieces[i].first == sum; i++)
		sum += npz->pieces[i].nrecords;
	return sum == nrecords;
}

static enum status finish_npz(void *state, const struct batch *batch, uint64_t nrecords)
{
	struct npz *npz = state;
	enum status status = check_names(batch);

	if (status != DONE)
		return status;
	if (!begin_archive(npz))
		return npz->archive ? complain_archive(npz) : complain_memory();
	if (!sort_pieces(npz, nrecords))
		return complain(IO_FAILED, "%s: its temporary file has not all records", npz->output->path);
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
	if (npz->spool >= 0)
		close(npz->spool);
	marks_close(&npz->marks);
	pthread_mutex_destroy(&npz->lock);
	free(npz->pieces);
	free(npz->values);
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
