/*
 * How the numbers of each field are distributed: a few bars, where the terminal can show them.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include "inspect.h"

#define HISTOGRAM_BARS 12
#define HISTOGRAM_NBYTES (3 * HISTOGRAM_BARS + 1) /* of UTF-8 */

struct histogram {
	size_t nfields; /* 0: there is none */
	struct {
		double least, greatest;
		uint64_t counts[HISTOGRAM_BARS];
	} * fields;
};

/*
 * Reads the inputs once more, if standard output is a terminal that shows UTF-8 and they can be
 * read again.
 */
enum status histogram_take(struct histogram *histogram, const struct inspection *inspection);
void histogram_free(struct histogram *histogram);

/* The bars of a field, with a terminating zero: none, if there are no two different numbers. */
void histogram_print(const struct histogram *histogram, size_t field, char *bars);

#endif
