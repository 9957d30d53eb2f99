/*
 * What a conversion took, and how far it is.
 */
#ifndef STATS_H
#define STATS_H

#include "options.h"

#include <stdbool.h>
#include <stdint.h>

struct stats {
	uint64_t records, bytes; /* of input */
	uint64_t array_nbytes;	 /* of all that came out, without headers */
	uint64_t buffer_nbytes;	 /* what one reader reserves */
	double started;
};

/* Seconds of a clock that never goes back. */
double stats_now(void);

/* Prints what --stats asks for, on standard error. */
void stats_print(const struct stats *stats, enum stats_form form);

struct progress {
	bool shown;	/* at all */
	bool line;	/* one stands on the screen */
	uint64_t total; /* bytes of input, 0 if not known */
	double next;
};

void progress_begin(struct progress *progress, enum progress_form form, uint64_t total);
void progress_show(struct progress *progress, uint64_t bytes);
void progress_erase(struct progress *progress);

#endif
