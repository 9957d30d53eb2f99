/*
 * The threads of a conversion: each has a batch of its own, which it fills from a range of the input and hands to the sink.
 *
 * What comes out, and what is said, does not depend on how many there are.
 */
#ifndef WORKERS_H
#define WORKERS_H

#include "sink.h"
#include "stats.h"

/* One of them, and why it gave up. */
struct worker {
	struct batch batch;
	enum status status;
	char *complaint;    /* NULL: none */
	uint64_t failed_at; /* record of the load whose piece could not be written */
};

struct workers {
	const struct sink *sink;
	void *sink_state;
	const flat_format *format;
	struct worker *items;
	size_t n;
	flat_column *columns;	 /* of all fields of the format, worker after worker */
	uint64_t records, bytes; /* of the inputs before */
	struct progress progress;
};

/*
 * As many workers as 'threads', or as the sink and the columns allow.  The sink is to be opened with the batch of the first
 * of them.  workers_close() also after a failure; it takes a struct that is all zero.
 */
enum status workers_open(struct workers *workers, const struct schema *schema, const struct sink *sink, size_t threads);
void workers_close(struct workers *workers);

/* Converts an input, 'records' of it at most, and adds to the counts. */
enum status workers_load(struct workers *workers, const flat_source *source, const flat_reader_options *limits,
			 uint64_t records);

/* Writes the batch of the first worker, behind all records so far. */
enum status workers_flush(struct workers *workers);

/* The batch of the first worker, with the counts of all. */
const struct batch *workers_sum(struct workers *workers);

#endif
