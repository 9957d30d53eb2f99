/*
 * Which values are null, of the columns whose types have no value for it: one byte a record, beside the output until it is
 * finished.
 *
 * A mark is 1 for a null, and is written only where a batch has one: the rest are holes, and read as 0.  So a column
 * without nulls costs nothing, and batches may come in any order.
 */
#ifndef MARKS_H
#define MARKS_H

#include "batch.h"

struct marks {
	int spool;	/* an unlinked file; -1: no column can have marks */
	size_t *places; /* of the columns' marks among those of all */
	size_t nplaces;
};

/* marks_close() also after a failure. */
enum status marks_open(struct marks *marks, const struct batch *batch, const char *directory);
void marks_close(struct marks *marks);

/*
 * Marks the nulls of a batch, which starts with record 'first', and turns its validity over.  Any threads, with batches of
 * their own.  False with errno set.
 */
bool marks_write(const struct marks *marks, const struct batch *batch, uint64_t first);

/* The validity of records [first, first + n).  False with errno set. */
bool marks_read(const struct marks *marks, size_t column, uint64_t first, size_t n, unsigned char *valid);

#endif
