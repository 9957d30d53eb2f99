/*
 * Which implementation of the fast parts runs on this machine.
 */
#ifndef FL_CPU_H
#define FL_CPU_H

#include "fault.h"
#include "fill.h"
#include "flatload.h"
#include "grammar.h"

#define FL_BLOCK 64 /* bytes that the fast variants take at a time */

struct fl_index;
struct fl_column;
struct fl_slices;

/*
 * The bytes that the dialect gives meaning to.  Without a quote character, 'quote' is a carriage return, which is looked
 * for anyway, and 'quotes' is 0.
 */
struct fl_bytes {
	char delimiter, quote;
	uint64_t quotes; /* all ones if there is a quote character */
};

/* Records counted from some byte on. */
struct fl_tally {
	struct fl_bytes bytes;
	enum fl_state state;
	size_t at;	  /* next byte to look at */
	uint64_t lines;	  /* that ended, inside quotes too */
	uint64_t records; /* that ended */
	uint64_t first;	  /* offset behind the first of these ends, or FLAT_NOWHERE */
};

/*
 * Go on in whole blocks of text[0, nbytes), as far as they hold nothing rare: see index_blocks.h and survey_blocks.h.
 */
typedef void fl_index_function(struct fl_index *index, const char *text, size_t nbytes);
typedef void fl_tally_function(struct fl_tally *tally, const char *text, size_t nbytes);

fl_index_function fl_index_portable, fl_index_sse2, fl_index_avx2, fl_index_avx512, fl_index_avx512vbmi2, fl_index_neon;
fl_tally_function fl_tally_portable, fl_tally_sse2, fl_tally_avx2, fl_tally_avx512, fl_tally_neon;

/* Fills elements [first, first + n) of a column; gives how many until the first fault, which goes to *fault. */
typedef size_t fl_convert_function(const struct fl_column *column, const struct fl_slices *slices, size_t first,
				   size_t n, fl_fault *fault);

/* Stores texts that were noted: see fl_store_noted(). */
typedef void fl_store_function(const struct fl_column *column, size_t n);

/* By type; NULL, and all types behind the last one: the plain loop is the best.  Texts may also be noted, and stored later. */
struct fl_loops {
	fl_convert_function *of[FLAT_TIMESTAMP_NS + 1];
	fl_convert_function *note_text;
	fl_store_function *store_noted;
};
extern const struct fl_loops fl_loops_plain, fl_loops_avx2;

/* The same for what is written. */
struct fl_fills {
	fl_fill_function *of[FLAT_TIMESTAMP_NS + 1];
};
extern const struct fl_fills fl_fills_plain, fl_fills_avx2;

struct fl_cpu {
	const char *name;
	bool (*runs_here)(void);
	fl_index_function *index; /* NULL, both: byte by byte, the reference */
	fl_tally_function *tally;
	const struct fl_loops *loops;
	const struct fl_fills *fills;
};

struct fl_bytes fl_bytes_of(const flat_dialect *dialect);

/* All that this build has, best first; the one whose name is NULL ends them. */
extern const struct fl_cpu fl_cpus[];

/*
 * Gives the best that runs here, or the one that the environment variable FLATLOAD_CPU names; NULL if that one is
 * unknown or does not run here.
 */
const struct fl_cpu *fl_cpu_choose(flat_error *error);

#endif
