/*
 * The shape of an input's records, as far as its start tells: delimiter, header, names of fields.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "input.h"
#include "options.h"

struct shape {
	int delimiter;	    /* as in flat_dialect */
	flat_header header; /* FLAT_HEADER_SKIPPED: its names cannot all be told apart */
	size_t nfields;	    /* 0: the input has no records, and no header */
	char **names;
	flat_measure *sample; /* of the first records, one a field */
	uint64_t nsample;     /* how many */
	bool sample_is_all;
};

/*
 * Looks at the start of an input.  What the options do not say about delimiter and header is
 * detected, unless they forbid it, and said on standard error.
 *
 *	delimiter	the one of , ; tab | that gives each of the first 100 records the same
 *			number of fields, at least 2, and of several the one that gives the most.
 *			In doubt, and for none, the comma.  In a .tsv the tab, undetected
 *	header		there is none if a field of the first record is of the type that the
 *			other ones of its column have, and no string, and if no field is of
 *			another type than they are.  In doubt there is one
 *
 * A field without a name, or a header, is called c0, c1 and so on, by its place; the second one
 * called x is called x.2.  shape_free() also after a failure.
 */
enum status shape_find(struct shape *shape, struct input *input, const struct options *options);
void shape_free(struct shape *shape);

/*
 * Complains if another input has a field that is not in the shape: it would be lost in silence.  If none of its fields are,
 * readers say more about it.
 */
enum status shape_check(const struct shape *shape, struct input *input, const struct options *options);

/* The options, completed by what was found. */
struct options shape_options(const struct shape *shape, const struct options *options);

#endif
