/*
 * Batches in an unlinked file beside the output, as they are and as they come, from which columns are gathered at the end.
 *
 * Where a batch is takes 24 bytes of memory; nothing else depends on the number of records or fields.
 */
#ifndef PIECES_H
#define PIECES_H

#include "batch.h"
#include "output.h"

#include <pthread.h>

/* A batch in the file: its records' values, but texts, column after column. */
struct piece {
	uint64_t first; /* record */
	uint64_t at;	/* byte of the file */
	size_t nrecords;
};

struct pieces {
	const struct output *output;
	int spool;
	struct piece *all;
	size_t n, room;
	uint64_t nbytes;
	pthread_mutex_t lock; /* of the three above */

	uint64_t nrecords;
	char *piece;   /* what is read at once: columns of a batch */
	char *columns; /* [gathered, behind), each whole */
	size_t gathered, behind;
};

/* pieces_close() also after a failure, and of what is all zero. */
enum status pieces_open(struct pieces *pieces, const struct batch *batch, const struct output *output);
void pieces_close(struct pieces *pieces);

/* Adds a batch that begins with record 'first', and may move its columns.  From several threads at once. */
enum status pieces_add(struct pieces *pieces, const struct batch *batch, uint64_t first);

/* No more are added: there have to be 'nrecords' in them, each once. */
enum status pieces_end(struct pieces *pieces, uint64_t nrecords);

/*
 * The values of a column from record 'first' on: '*n' of them, until the next call.  'first' is 0, or where the last call for
 * that column left off.  NULL with errno set.
 */
const char *pieces_values(struct pieces *pieces, const struct batch *batch, size_t column, uint64_t first, size_t *n);

#endif
