/*
 * Inputs that hold arrays: .npy, .npz, and directories with a schema.json, as the sinks write them.
 *
 * Whatever the kind, an array is a stretch of a file with one value a record, so that any of its
 * records can be read into a batch.  Each kind has a file that finds these stretches.
 */
#ifndef ARRAYS_H
#define ARRAYS_H

#include "batch.h"

struct stretch {
	size_t stride;	/* from record to record; 0: there is no such stretch */
	size_t offset;	/* of the value in it */
	uint64_t start; /* of record 0 in the file */
	char *path;	/* of a file of its own; NULL: that of the arrays */
	int descriptor; /* of that file; -1: opened for each read */

	/* Of a member of an archive: where it is, from 1, and the bytes before record 0. */
	size_t member;
	size_t header_nbytes;
};

struct array {
	char *name;
	flat_type type;
	uint32_t width; /* of str */
	unsigned fixed; /* as in flat_field */
	bool swapped;	/* big-endian */
	bool nan_is_null;
	struct stretch values;
	struct stretch valid;	/* a byte each, 0 for null */
	struct stretch offsets; /* of a text, and one more at the end */
	uint64_t text_nbytes;	/* of its values */
};

struct arrays {
	const char *path;
	struct array *items;
	size_t nitems, room;
	uint64_t nrecords;
	uint64_t nbytes; /* read so far */
	int descriptor;	 /* of the file, or of what was taken out of an archive; -1: there is none */
	size_t nmembers; /* of an archive; 0: it is none */
	size_t may_open; /* more files to be kept open */

	/* The columns of the batch, as found by arrays_want(). */
	struct array **wanted;
	size_t nwanted;
	unsigned char *marks; /* which records of a piece have a value */
	char *block;	      /* the bytes read last */
	size_t block_room;
};

/* By the ending, or by the directory's schema.json. */
bool arrays_are_in(const char *path);

/* Finds out what is in an input.  arrays_close() also after a failure. */
enum status arrays_open(struct arrays *arrays, const char *path);
void arrays_close(struct arrays *arrays);

/* Makes the fields of a conversion of the arrays, or takes those of --schema. */
enum status arrays_schema(const struct arrays *arrays, struct schema *schema, const struct options *options);

/*
 * Finds the columns of a batch in the arrays.  What has to be taken out of an archive goes to an
 * unlinked file in 'directory'.
 */
enum status arrays_want(struct arrays *arrays, const struct batch *batch, const struct options *options,
			const char *directory);

/*
 * Reads up to *n records, from record 'first' on, behind those in the batch, and says in *n how many
 * they were: 0 if an arena of the batch is too full for one.
 */
enum status arrays_read(struct arrays *arrays, struct batch *batch, uint64_t first, size_t *n);

/* For those who find the stretches. */

/* A new array, all zero; it is valid until the next is added.  NULL: no memory. */
struct array *arrays_add(struct arrays *arrays);
enum status arrays_open_npy(struct arrays *arrays);
enum status arrays_open_npz(struct arrays *arrays);
enum status arrays_open_raw(struct arrays *arrays);

/* Takes the wanted members out of the archive. */
enum status arrays_spool_npz(struct arrays *arrays, const char *directory);

/* Bytes of a value in its array. */
size_t array_width(const struct array *array);

#endif
