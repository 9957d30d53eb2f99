/*
 * A sink: what writes batches of records as one kind of output.
 *
 * The driver opens it once the batch's columns are known, hands it each batch with the place of its records in the
 * output, and finishes it; a sink that is closed without being finished leaves its output to be removed by
 * output_close().
 */
#ifndef SINK_H
#define SINK_H

#include "batch.h"
#include "options.h"
#include "output.h"

struct sink {
	const char *kind;   /* as --to calls it */
	const char *ending; /* of a path; NULL: none, it is a directory */
	bool by_rows;
	bool takes_matrix;
	bool is_text;  /* takes the options about text that comes out */
	bool in_order; /* batches have to come as their records do */
	enum validity validity;

	/* Checks the fields, before anything is read or made.  'options' for --matrix. */
	enum status (*check)(const struct schema *schema, const struct options *options);

	/* Makes *state, also if it fails. */
	enum status (*open)(void **state, const struct batch *batch, struct output *output,
			    const struct options *options);
	/*
	 * Batches come in any order, and from several threads at once, unless the sink is 'in_order' or they have texts.  Each
	 * is like the one that the sink was opened with; the capacity too.  What it holds is not needed any more.
	 */
	enum status (*write)(void *state, const struct batch *batch, uint64_t first);
	/* 'batch' has the counts of all. */
	enum status (*finish)(void *state, const struct batch *batch, uint64_t nrecords);
	void (*close)(void *state); /* takes NULL */
};

extern const struct sink sink_npy, sink_npz, sink_raw, sink_csv, sink_tsv;

/* The sink for --to KIND (NULL: not given) or else by the path's ending; NULL after complaining. */
const struct sink *sink_choose(const char *kind, const char *path);

#endif
