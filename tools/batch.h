/*
 * The fixed set of arrays that a thread fills and a sink takes, over and over.
 *
 * All values lie in one block, in the form in which the sink writes them: record after record (by
 * rows), or column after column, column c at columns[c].offset * capacity.  So a sink can hand the
 * whole block to one write. Texts are beside it: offsets and arenas of their own.
 */
#ifndef BATCH_H
#define BATCH_H

#include "schema.h"

/* Where a sink wants to be told what is null, besides the value that stands for it. */
enum validity {
	VALIDITY_NONE,	 /* nowhere: a null without a value of its own is an error */
	VALIDITY_NEEDED, /* for types that have no value for null */
	VALIDITY_ALL,
};

struct column {
	const flat_field *field;
	size_t index; /* in the format */
	size_t width;
	size_t offset; /* of its value in a record, of all columns but texts */
	flat_column cells;
	unsigned char *valid; /* one byte a record, 1 for a value; NULL: not wanted */
	bool needs_valid;     /* its type has no value that stands for null */
	uint64_t nulls;	      /* so far; counted where 'valid' is */
	size_t batch_nulls;   /* in this batch */
};

struct batch {
	const flat_format *format;
	struct column *columns;
	size_t ncolumns;
	size_t capacity; /* in records */
	size_t nrecords; /* filled */
	size_t record_nbytes;
	char *block;
	bool by_rows;
	bool has_texts;
	uint64_t text_nbytes; /* so far, in all batches */
};

/* batch_free() also after a failure. */
enum status batch_open(struct batch *batch, const struct schema *schema, bool by_rows, enum validity validity);
void batch_free(struct batch *batch);

enum status batch_bind(const struct batch *batch, flat_reader *reader);

/*
 * Doubles the arena of the text field of that name; of all, if the name is cut or not to be told.
 */
enum status batch_enlarge(struct batch *batch, const char *name);

/* Counts what is in the batch, before a sink takes it. */
void batch_count(struct batch *batch);

#endif
