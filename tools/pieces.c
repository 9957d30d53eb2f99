#include "config.h"

#include "pieces.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOGETHER ((size_t)1 << 20) /* bytes of columns that are gathered together */

enum status pieces_open(struct pieces *pieces, const struct batch *batch, const struct output *output)
{
	size_t widest = 1, piece_nbytes;

	*pieces = (struct pieces){.output = output, .spool = -1};
	pthread_mutex_init(&pieces->lock, NULL);
	for (size_t i = 0; i < batch->ncolumns; i++)
		if (batch->columns[i].width > widest)
			widest = batch->columns[i].width;
	piece_nbytes = batch->capacity * widest;
	pieces->piece = malloc(piece_nbytes > TOGETHER ? piece_nbytes : TOGETHER);
	pieces->columns = malloc(TOGETHER);
	if (!pieces->piece || !pieces->columns)
		return complain_memory();
	pieces->spool = spool_open(output->directory);
	return pieces->spool >= 0 ? DONE : complain_os(output->directory, "no temporary file can be made");
}

void pieces_close(struct pieces *pieces)
{
	if (!pieces->output)
		return;
	if (pieces->spool >= 0)
		close(pieces->spool);
	pthread_mutex_destroy(&pieces->lock);
	free(pieces->all);
	free(pieces->piece);
	free(pieces->columns);
	*pieces = (struct pieces){.output = NULL};
}

/* Bytes of a record in the columns before 'column'. */
static size_t offset_of(const struct batch *batch, size_t column)
{
	return column < batch->ncolumns ? batch->columns[column].offset : batch->record_nbytes;
}

/* Bytes of a value in the batch's block, where texts have none. */
static size_t width_of(const struct batch *batch, size_t column)
{
	return offset_of(batch, column + 1) - offset_of(batch, column);
}

/* ------------------------------------------------------------------------------------------ add */

static bool make_room(struct pieces *pieces)
{
	size_t room = pieces->room ? 2 * pieces->room : 64;
	struct piece *all;

	if (pieces->n < pieces->room)
		return true;
	all = realloc(pieces->all, room * sizeof *all);
	if (!all)
		return false;
	pieces->all = all;
	pieces->room = room;
	return true;
}

/* Notes a piece, and gives where it goes. */
static bool note(struct pieces *pieces, const struct batch *batch, uint64_t first, uint64_t *at)
{
	bool fine;

	pthread_mutex_lock(&pieces->lock);
	*at = pieces->nbytes;
	fine = make_room(pieces);
	if (fine) {
		pieces->all[pieces->n++] = (struct piece){.first = first, .at = *at, .nrecords = batch->nrecords};
		pieces->nbytes += batch->nrecords * batch->record_nbytes;
	}
	pthread_mutex_unlock(&pieces->lock);
	return fine;
}

/* Of a batch that is not full, columns are moved together, to be one write. */
static void close_up(const struct batch *batch)
{
	if (batch->nrecords == batch->capacity)
		return;
	for (size_t i = 0; i < batch->ncolumns; i++)
		memmove(batch->block + offset_of(batch, i) * batch->nrecords,
			batch->block + offset_of(batch, i) * batch->capacity, width_of(batch, i) * batch->nrecords);
}

enum status pieces_add(struct pieces *pieces, const struct batch *batch, uint64_t first)
{
	uint64_t at;

	if (!note(pieces, batch, first, &at))
		return complain_memory();
	close_up(batch);
	if (write_all_at(pieces->spool, batch->block, batch->nrecords * batch->record_nbytes, at))
		return DONE;
	return complain_os(pieces->output->path, "its temporary file cannot be written");
}

static int compare(const void *a, const void *b)
{
	const struct piece *one = a, *other = b;

	return (one->first > other->first) - (one->first < other->first);
}

enum status pieces_end(struct pieces *pieces, uint64_t nrecords)
{
	uint64_t sum = 0;

	if (pieces->n)
		qsort(pieces->all, pieces->n, sizeof *pieces->all, compare);
	for (size_t i = 0; i < pieces->n && pieces->all[i].first == sum; i++)
		sum += pieces->all[i].nrecords;
	pieces->nrecords = nrecords;
	if (sum == nrecords)
		return DONE;
	return complain(IO_FAILED, "%s: its temporary file has not all records", pieces->output->path);
}

/* --------------------------------------------------------------------------------------- gather */

/* The columns from 'first' on that can be gathered together: none, if the first is too long by itself. */
static size_t gathered_behind(const struct pieces *pieces, const struct batch *batch, size_t first)
{
	const size_t most = pieces->nrecords < TOGETHER ? TOGETHER / ((size_t)pieces->nrecords + !pieces->nrecords) : 0;
	size_t behind = first;

	while (behind < batch->ncolumns && offset_of(batch, behind + 1) - offset_of(batch, first) <= most)
		behind++;
	return behind;
}

/* Columns [first, behind) of a piece, which lie there together, go to their places among those of all records. */
static bool gather_piece(const struct pieces *pieces, const struct batch *batch, size_t first, size_t behind,
			 const struct piece *piece)
{
	const size_t start = offset_of(batch, first), width = offset_of(batch, behind) - start;

	if (!read_all_at(pieces->spool, pieces->piece, width * piece->nrecords, piece->at + start * piece->nrecords))
		return false;
	for (size_t i = first; i < behind; i++) {
		const size_t before = offset_of(batch, i) - start, each = width_of(batch, i);

		memcpy(pieces->columns + before * pieces->nrecords + each * piece->first,
		       pieces->piece + before * piece->nrecords, each * piece->nrecords);
	}
	return true;
}

/* Few records of many columns would else be a read of a few bytes for each column of each piece. */
static bool gather(struct pieces *pieces, const struct batch *batch, size_t first, size_t behind)
{
	pieces->gathered = pieces->behind = first;
	for (size_t i = 0; i < pieces->n; i++)
		if (!gather_piece(pieces, batch, first, behind, &pieces->all[i]))
			return false;
	pieces->behind = behind;
	return true;
}

static const char *read_piece(struct pieces *pieces, const struct column *column, uint64_t first, size_t *n)
{
	const struct piece key = {.first = first};
	const struct piece *piece = bsearch(&key, pieces->all, pieces->n, sizeof key, compare);

	*n = piece->nrecords;
	if (!read_all_at(pieces->spool, pieces->piece, column->width * piece->nrecords,
			 piece->at + column->offset * piece->nrecords))
		return NULL;
	return pieces->piece;
}

const char *pieces_values(struct pieces *pieces, const struct batch *batch, size_t column, uint64_t first, size_t *n)
{
	size_t behind;

	if (column < pieces->gathered || column >= pieces->behind) {
		behind = gathered_behind(pieces, batch, column);
		if (behind == column)
			return read_piece(pieces, &batch->columns[column], first, n);
		if (!gather(pieces, batch, column, behind))
			return NULL;
	}
	*n = (size_t)pieces->nrecords;
	return pieces->columns + (offset_of(batch, column) - offset_of(batch, pieces->gathered)) * pieces->nrecords;
}
