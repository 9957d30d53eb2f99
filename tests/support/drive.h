/*
 * Reads one input to its end in one of the many ways in which it can be read, and writes down all that came of it.
 *
 * The records and errors must be the same whatever the way.  Promises that can be checked along the way are.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "flatload.h"
#include "table.h"
#include "text.h"

enum drive_source { FROM_MEMORY, FROM_CALLBACK, FROM_PIPE, FROM_FILE, NSOURCES };

enum drive_mode {
	READ_ALL,    /* into arrays that have room for everything */
	READ_ONE,    /* one record at a time, into element 0 */
	READ_ONE_AT, /* one record at a time, each behind the last */
	READ_SOME,   /* flat_read_some() */
	NMODES
};

struct drive {
	enum drive_source source;
	enum drive_mode mode;
	size_t chunk; /* of FROM_CALLBACK: the most bytes it hands over at a time */
	flat_reader_options options;
	struct table_plan table; /* its capacity is chosen here */
	bool own_memory;	 /* the reader allocates its memory itself */
	bool interrupted;	 /* of FROM_CALLBACK: every other call says EINTR */
	const char *cpu;	 /* implementation of the fast parts; NULL: the best */
};

struct outcome {
	struct text records; /* one a line, as table_print() has them */
	struct text errors;  /* one a line: STATUS RECORD LINE FIELD BYTE MESSAGE */
	const char *broken;  /* what promise was broken, or NULL */
	flat_counts counts;
};

void drive(const flat_format *format, const char *input, size_t nbytes, const struct drive *way, struct outcome *outcome);
void outcome_clear(struct outcome *outcome);
void outcome_free(struct outcome *outcome);

/* Gives the names of all implementations that run here, one after the other as 'turn' grows. */
const char *drive_cpu(unsigned turn);

/* "callback of 3 bytes, window 7, one at a time, structs" */
void drive_describe(const struct drive *way, struct text *text);

#endif
