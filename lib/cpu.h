/*
 * Which implementation of the fast parts runs on this machine.
 */
#ifndef FL_CPU_H
#define FL_CPU_H

#include "flatload.h"

struct fl_index;

/* Scans on in whole blocks of text[0, nbytes), as far as they hold nothing rare; see index_blocks.h. */
typedef void fl_blocks_function(struct fl_index *index, const char *text, size_t nbytes);

fl_blocks_function fl_blocks_portable, fl_blocks_sse2, fl_blocks_avx2, fl_blocks_avx512, fl_blocks_neon;

struct fl_cpu {
	const char *name;
	bool (*runs_here)(void);
	fl_blocks_function *blocks; /* NULL: byte by byte, the reference */
};

/* All that this build has, best first; the one whose name is NULL ends them. */
extern const struct fl_cpu fl_cpus[];

/*
 * Gives the best that runs here, or the one that the environment variable FLATLOAD_CPU names; NULL if that one is unknown or
 * does not run here.
 */
const struct fl_cpu *fl_cpu_choose(flat_error *error);

#endif
