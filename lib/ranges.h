/*
 * What a load is made of: ranges of the input, workers that take them in turn, and the sums that are passed on from range to
 * range.  load.c sets it up and draws the conclusions; ranges.c is what a worker does.
 */
#ifndef FL_RANGES_H
#define FL_RANGES_H

#include "reader.h"

#include <stdatomic.h>

#define FL_NOBODY SIZE_MAX

/* Where the ranges before leave off. */
struct fl_sum {
	struct fl_start start;
	uint64_t state; /* of the survey */
	uint64_t first; /* element that the next range is to fill */
};

/* What one thread uses. */
struct fl_worker {
	size_t index;
	char *memory;
	flat_reader *reader;	/* NULL: it has read nothing yet */
	struct fl_texts *texts; /* of the range, for each column of texts */
	char *bytes;		/* of a range */
	bool ahead;		/* the reader has looked ahead in it */
	unsigned doubt;		/* ranges in which nothing is to be guessed */
	unsigned doubts;	/* as many were those behind the last wrong guess; 0: one has been right since */
	size_t stopped_in;	/* range that had fewer records than it should; FL_NOBODY: none */
	uint64_t stored;	/* elements that were filled up to then */
	bool refused;		/* by whom the next were to be taken */
	bool read_last;		/* of the records that were asked for */
	uint64_t nbytes;	/* of the input, up to the end of what was stored last */
	flat_error error;
};

/* A whole call. */
struct fl_load {
	const flat_format *format;
	const flat_load_options *options;
	const flat_column *columns;
	flat_reader *first; /* that found the header; all others are like it */
	const flat_source *source;
	uint64_t origin; /* where the input starts in the file */
	uint64_t nbytes; /* of the input */
	uint64_t start;	 /* of the records */
	uint64_t max_records;
	size_t range_nbytes;
	size_t nranges;
	struct fl_worker *workers;
	size_t nworkers;
	atomic_size_t next;	  /* range that nobody has taken yet */
	atomic_size_t stopped_in; /* the least range behind which there is nothing more */
	atomic_size_t turn;	  /* range whose worker may use the sum */
	struct fl_sum sum;
	size_t step;		  /* of elements: ranges start to fill at a multiple of it */
	size_t ntexts;		  /* columns of texts, but of pieces */
	atomic_size_t texts_turn; /* range whose worker may use the next */
	uint64_t *texts_used;	  /* bytes of the arenas that are taken by the ranges before */
	uint64_t at_record;	  /* state of a survey */
	unsigned char class_of[256];
};

static inline uint64_t fl_least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Do workers fill what is theirs alone? */
static inline bool fl_have_their_own(const struct fl_load *load)
{
	return load->options->take || load->options->measures;
}

/* A flat_task_function(): takes range after range, until there is none. */
void fl_load_task(void *context, size_t index);

/* Gives whether all columns of a worker were bound. */
bool fl_bind_columns(const struct fl_load *load, flat_reader *reader, size_t worker);

/* Gives how many of elements [first, behind) were stored, or taken. */
uint64_t fl_read_elements(const struct fl_load *load, struct fl_worker *worker, flat_reader *reader, uint64_t first,
			  uint64_t behind);

#endif
