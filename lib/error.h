/*
 * Filling in the caller's flat_error.  The place that knows most does it; the first failure wins.
 */
#ifndef FL_ERROR_H
#define FL_ERROR_H

#include "fault.h"
#include "flatload.h"

#if defined __GNUC__
#define FL_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define FL_PRINTF(string, first)
#endif

/* Where in the input a record went wrong, and with which bytes. */
struct fl_place {
	const char *source;	  /* name of the input, for the message */
	uint64_t record;	  /* from 1; 0 for the header */
	uint64_t line;		  /* from 1; 0 when the record is not of an input */
	uint64_t byte;		  /* offset from 0 */
	uint64_t field;		  /* from 1; 0 when the fault is not one field's */
	const flat_field *schema; /* of that field, or NULL */
	const char *text;	  /* the field's bytes; NULL when the fault is not in a value */
	size_t text_nbytes;
	size_t expected; /* fields a record has, or bytes it may have: for the faults that count */
	size_t found;
};

void fl_error_clear(flat_error *error);

/* All return 'status', or the status the fault stands for, so that a failing function can return the call. */
flat_status fl_error_set(flat_error *error, flat_status status, const char *reason, ...) FL_PRINTF(3, 4);
flat_status fl_error_os(flat_error *error, flat_status status, int os, const char *what, const char *source);

/* Adds to an output's failure the last record that was written whole, 0 if none was. */
void fl_error_behind(flat_error *error, uint64_t record);
flat_status fl_error_fault(flat_error *error, fl_fault fault, const struct fl_place *place);

/* The bytes of a text as people can read them: no control characters, no broken UTF-8, an end that shows a cut. */
void fl_printable(char *out, size_t out_nbytes, const char *text, size_t text_nbytes);

#endif
