/*
 * A reader from inside: what its parts, the files reader_*.c, share.
 *
 *	reader_open.c	  its memory; open, close
 *	reader_header.c	  which field is where
 *	reader_bind.c	  columns
 *	reader_window.c	  the next batch of records
 *	reader.c	  the batch into the columns
 *	reader_lanes.c	  ... across fields, where there are many
 *	reader_fault.c	  what failed, and where
 *	reader_part.c	  for a load by several threads: from the middle of an input on
 */
#ifndef FL_READER_STATE_H
#define FL_READER_STATE_H

#include "buffer.h"
#include "column.h"
#include "error.h"
#include "format.h"
#include "index.h"
#include "reader.h"
#include "source.h"

#define FL_RECORDS_WANTED 8  /* in a window: a loop called for one record alone takes three times as long for it */
#define FL_ABSENT UINT32_MAX /* as a position */
#define FL_LANE_FIELDS 16    /* in a lane, at least */

/* Fields of which a record's texts can be given to one loop, as if they were one field's: see reader_lanes.c */
struct fl_lane {
	uint32_t field, position; /* of the one whose cells are first in memory */
	uint32_t n;
	int32_t step;  /* positions from a field to the next one */
	ptrdiff_t gap; /* bytes from its cell to the next one's */
};

struct flat_reader {
	const flat_format *format;
	const struct fl_cpu *cpu;
	struct fl_source source;
	struct fl_buffer buffer;
	struct fl_index index;
	struct fl_column *columns,
		*own;	     /* by field; its own, unless and as long as it shares those of another reader */
	flat_column *kept;   /* what few of them have, see fl_column_bind() */
	uint32_t *positions; /* by field: in the record; FL_ABSENT until found in the header */
	uint32_t *in_order;  /* the indexes of the fields in the order in which records have them */
	size_t nfound;	     /* of those: all, once the header is read */
	struct fl_lane *lanes;
	uint32_t *rest; /* the fields that are in none, in their order */
	size_t nlanes, nrest;
	bool lanes_known;    /* for the columns as they are bound */
	size_t stride;	     /* records to convert at a time: fewer behind one that failed */
	uint32_t counted_to; /* how far in the batch lines were counted, and how many end before that */
	uint64_t counted;
	size_t next; /* record of the batch that is to be stored next */
	uint64_t stored, skipped;
	flat_error error;	/* of the last call */
	bool bad_record;	/* ... which is about record 'next' */
	bool unfinished;	/* ... whose end has not been seen */
	bool finished;		/* a failure without a way on */
	bool widens;		/* the window does, for long records */
	bool passing;		/* nothing is converted */
	bool measuring;		/* some columns are measured */
	bool allocated;		/* this struct is ours to free */
	struct fl_start behind; /* what was lent; FLAT_NOWHERE before that */
};

/* The texts of the field at a position, from a record of the batch on. */
static inline struct fl_slices fl_reader_slices(const flat_reader *reader, size_t record, size_t position)
{
	const struct fl_index *index = &reader->index;
	const uint32_t *ends = index->ends + record * index->nfields + position;
	struct fl_slices slices = {
		.text = reader->buffer.text,
		.before = ends - 1,
		.before_step = (ptrdiff_t)index->nfields,
		.end = ends,
		.end_step = (ptrdiff_t)index->nfields,
	};

	if (position == 0) {
		slices.before = index->before + record;
		slices.before_step = 1;
	}
	return slices;
}

/* The number of the record that is to be stored next, from 1. */
static inline uint64_t fl_reader_record(const flat_reader *reader)
{
	return reader->stored + reader->skipped + 1;
}

/* -------------------------------------------------------------------------------------- reader_header.c */

/* Passes a byte order mark, finds the fields in the header, if there is one, and sets the shape of records. */
flat_status fl_reader_find_fields(flat_reader *reader, size_t max_fields);

/* ---------------------------------------------------------------------------------------- reader_bind.c */

/* Before anything of a column changes: others that share it go on with what it was. */
void fl_reader_claim_columns(flat_reader *reader);

/* --------------------------------------------------------------------------------------- reader_lanes.c */

/*
 * Stores records [next, next + n) of the batch in the fields that are in lanes, which leaves reader->rest.  False if a value is
 * at fault: then what these fields hold is not to be relied on.
 */
bool fl_reader_fill_lanes(flat_reader *reader, size_t first, size_t n);

/* -------------------------------------------------------------------------------------- reader_window.c */

/*
 * Finds the next batch: in what is left of the window, else, if 'patient', in more input.  Gives whether there is one.
 */
bool fl_reader_next_batch(flat_reader *reader, bool patient);

/* Passes the rest of a record that was given up as too long before its end was seen. */
void fl_reader_pass_unfinished(flat_reader *reader);

/* --------------------------------------------------------------------------------------- reader_fault.c */

/* Lines that end before text[at], which is in the batch.  Counts on from where it last did: bad records may be many. */
uint64_t fl_reader_lines_before(flat_reader *reader, uint32_t at);

/* 'record' is 0 for the header. */
struct fl_place fl_reader_place(const flat_reader *reader, uint64_t record, uint64_t lines, uint32_t at);

/* The value of a field, in a record of the batch, is at fault. */
void fl_reader_fail_in_value(flat_reader *reader, fl_fault fault, size_t field, const char *p, const char *end);

/* The index stopped at a record that is not well-formed. */
void fl_reader_fail_in_shape(flat_reader *reader);

#endif
