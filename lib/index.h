/*
 * The index of a window: where each field of each whole record in it starts and ends.
 *
 * It knows bytes, delimiters, quotes and line breaks; no types, no columns, no source.  The portable implementation is
 * the reference for every other one.
 *
 *	"ab,\"c\"\n\n1,2\n" with two fields a record gives two records:
 *
 *	before	 -1		  7	byte before the first field of each record
 *	ends	  2   6		  9  11	one past the last byte of each field, quotes included
 *
 * Offsets are 32 bits wide: the buffer is below 2 GiB (checked when the reader is opened).
 */
#ifndef FL_INDEX_H
#define FL_INDEX_H

#include "cpu.h"
#include "fault.h"
#include "flatload.h"
#include "grammar.h"

/* A few blocks, so that what is done once a run costs little; not more, as all may have to be done again. */
#define FL_RUN (8 * FL_BLOCK)

struct fl_index {
	/* Fixed when opened. */
	unsigned char class_of[256];
	size_t nfields;	   /* fields a record must have, or may have */
	bool any_shape;	   /* may: until the first record is known */
	size_t max_record; /* bytes, without the line break */
	uint32_t *before;  /* one a record */
	uint32_t *ends;	   /* nfields a record */
	size_t capacity;   /* elements of each of the two arrays, at least nfields */
	struct fl_bytes bytes;
	fl_index_function *blocks; /* the fast way through 64 bytes; NULL: there is none */

	/* The batch: whole, well-formed records found so far. */
	size_t nrecords;
	uint32_t batch_start; /* offset of what the batch was found in, and the lines that end before it */
	uint64_t batch_line;

	/* The record that the scan is in.  All offsets are into the text given to fl_index_scan(). */
	uint32_t record_start;
	uint32_t field_start;
	uint32_t at;   /* next byte to look at */
	size_t nfound; /* fields of it that have ended */
	enum fl_state state;
	uint32_t run;	      /* bytes that the blocks try to take at once: FL_RUN or less */
	uint32_t odd_to;      /* bytes before it are not for blocks, which found something rare among them */
	uint64_t record_line; /* lines that have ended before record_start, and before 'at' */
	uint64_t line;

	/* The first fault in that record; FL_FINE while there is none. */
	fl_fault fault;
	uint32_t fault_at;  /* offset of the byte at which it shows */
	size_t fault_field; /* index */
	bool stopped;	    /* the faulty record is over: the scan stands behind it */
};

/*
 * 'before' and 'ends' stay the caller's.  A shape has to be set or taken before the first scan.  Near the end of
 * their capacity the scan is slow: some FL_BLOCK more than a record needs keep it fast.
 */
void fl_index_open(struct fl_index *index, const flat_dialect *dialect, const struct fl_cpu *cpu, size_t max_record,
		   uint32_t *before, uint32_t *ends, size_t capacity);

/* For records like those of 'index', whose shape is known, with 'line' lines before the first byte. */
void fl_index_open_like(struct fl_index *like, const struct fl_index *index, uint32_t *before, uint32_t *ends,
			uint64_t line);

/* The first record says how many fields all others have: 'most' at most, which is within the capacity. */
void fl_index_take_shape(struct fl_index *index, size_t most);

/* Records have 'nfields' fields each, which is within the capacity. */
void fl_index_set_shape(struct fl_index *index, size_t nfields);

/* The first record starts behind 'nbytes' bytes, which a byte order mark takes. */
void fl_index_start(struct fl_index *index, size_t nbytes);

/* Starts a new batch; what the scan knows of an unfinished record is kept. */
void fl_index_begin(struct fl_index *index);

/*
 * Scans on in text[0, nbytes), 'final' when the input ends there, and adds to the batch until the text is used up,
 * the batch has no more room, or a record is not well-formed: then 'stopped' is set, 'fault' says why, and
 * fl_index_pass() goes on behind it.  Linear: no byte is looked at more than five times, and few more than
 * once, however the text grows.
 */
void fl_index_scan(struct fl_index *index, const char *text, size_t nbytes, bool final);

/* The unfinished record is too long, whatever is still to come of it. */
void fl_index_too_long(struct fl_index *index);

/*
 * What the scan has seen of that record so far need not be kept: it ends where the scan stands, as far as offsets tell.
 */
void fl_index_drop(struct fl_index *index);

/* Forgets the fault and the faulty record. */
void fl_index_pass(struct fl_index *index);

/* So many more lines lie before the text than was said. */
void fl_index_add_lines(struct fl_index *index, uint64_t nlines);

/* The text's first 'nbytes' bytes are gone: moves all offsets of the unfinished record.  Between batches only. */
void fl_index_shift(struct fl_index *index, size_t nbytes);

#endif
