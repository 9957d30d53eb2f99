/*
 * All records of the inputs, looked at once: how many there are, and what their fields are like.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include "schema.h"
#include "shape.h"
#include "stats.h"

/* What is to be done about a record that is not well-formed; anything but DONE ends it. */
typedef enum status bad_record_function(void *context, const char *input, const flat_error *error);

struct inspection {
	struct options options; /* completed by what was detected */
	struct shape shape;	/* nfields is 0 if there is neither a record nor a header */
	struct schema schema;	/* texts: names and dialect; which fields are wanted */
	flat_measure *measures; /* of the wanted fields, by index in the format */
	bool *measured;
	flat_field *fields; /* what the measures say; text for what is not measured */
	uint64_t records, skipped, lines, bytes;
	struct progress progress;
};

/*
 * Reads all inputs.  'bad' NULL: the first bad record ends it, and complains.  inspect_free() also
 * after a failure.
 */
enum status inspect(struct inspection *inspection, const struct options *options, bad_record_function *bad,
		    void *context);
void inspect_free(struct inspection *inspection);

/* A line of schema.  Free it; NULL: no memory. */
char *inspect_schema(const struct inspection *inspection);

/* Bytes of the arrays that convert makes of the wanted fields, as --stats counts them. */
uint64_t inspect_array_nbytes(const struct inspection *inspection);

/* Bytes of all inputs; 0 if one is no plain file. */
uint64_t total_nbytes(const struct options *options);

#endif
