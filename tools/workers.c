/*
 * Lets flat_load() fill the batches of several threads, and hands each to the sink.
 */
#include "config.h"

#include "workers.h"

#include <stdio.h>
#include <stdlib.h>

/* All columns of the batch, by field; the others are not bound. */
static void lay_columns(const struct workers *workers, size_t index)
{
	const struct batch *batch = &workers->items[index].batch;
	flat_column *columns = workers->columns + index * flat_format_nfields(workers->format);

	for (size_t i = 0; i < batch->ncolumns; i++)
		columns[batch->columns[i].index] = batch->columns[i].cells;
}

static enum status open_worker(struct workers *workers, const struct schema *schema, size_t index)
{
	enum status status =
		batch_open(&workers->items[index].batch, schema, workers->sink->by_rows, workers->sink->validity);

	if (status == DONE)
		lay_columns(workers, index);
	return status;
}

static bool keeps_order(const struct workers *workers)
{
	return workers->sink->in_order || workers->items[0].batch.has_texts;
}

enum status workers_open(struct workers *workers, const struct schema *schema, const struct sink *sink, size_t threads)
{
	enum status status;

	*workers = (struct workers){
		.sink = sink,
		.format = schema->format,
		.n = 1,
		.items = calloc(threads, sizeof *workers->items),
		.columns = calloc(threads, flat_format_nfields(schema->format) * sizeof *workers->columns),
	};
	if (!workers->items || !workers->columns)
		return complain_memory();
	status = open_worker(workers, schema, 0);
	while (status == DONE && workers->n < threads && !keeps_order(workers))
		status = open_worker(workers, schema, workers->n++);
	return status;
}

void workers_close(struct workers *workers)
{
	for (size_t i = 0; workers->items && i < workers->n; i++) {
		batch_free(&workers->items[i].batch);
		free(workers->items[i].complaint);
	}
	free(workers->items);
	free(workers->columns);
	*workers = (struct workers){.n = 0};
}

/* ---------------------------------------------------------------------------------------- write */

static enum status write_batch(const struct workers *workers, struct batch *batch, uint64_t first)
{
	batch_count(batch);
	return workers->sink->write(workers->sink_state, batch, first);
}

enum status workers_flush(struct workers *workers)
{
	struct batch *batch = &workers->items[0].batch;
	enum status status;

	if (!batch->nrecords)
		return DONE;
	status = write_batch(workers, batch, workers->records);
	workers->records += batch->nrecords;
	batch->nrecords = 0;
	return status;
}

/* A text that is longer than its arena. */
static enum status enlarge(const struct workers *workers, size_t index, const char *name)
{
	enum status status = batch_enlarge(&workers->items[index].batch, name);

	lay_columns(workers, index);
	return status;
}

/* A flat_take_function(). */
static bool take(void *taker, const flat_piece *piece)
{
	struct workers *workers = taker;
	struct worker *worker = &workers->items[piece->worker];

	worker->batch.nrecords = piece->n;
	complaints_hold(&worker->complaint);
	worker->status = piece->n ? write_batch(workers, &worker->batch, workers->records + piece->first)
				  : enlarge(workers, piece->worker, piece->error->name);
	complaints_hold(NULL);
	worker->failed_at = piece->first;
	/* The first worker is the calling thread. */
	if (piece->worker == 0)
		progress_show(&workers->progress, workers->bytes + piece->nbytes);
	return worker->status == DONE;
}

/* ----------------------------------------------------------------------------------------- load */

/* Of several that gave up, the one that did at the first record is heard. */
static enum status first_failure(const struct workers *workers, uint64_t nloaded)
{
	for (size_t i = 0; i < workers->n; i++) {
		const struct worker *worker = &workers->items[i];

		if (worker->status == DONE || worker->failed_at != nloaded)
			continue;
		complaint_release(worker->complaint);
		return worker->status;
	}
	return DONE;
}

enum status workers_load(struct workers *workers, const flat_source *source, const flat_reader_options *limits,
			 uint64_t records)
{
	uint64_t nbytes = 0, nloaded;
	flat_load_options options = {
		.threads = (unsigned)workers->n,
		.reader = *limits,
		.take = take,
		.taker = workers,
		.batch = workers->items[0].batch.capacity,
		.nbytes = &nbytes,
	};
	enum status status;
	flat_error error;

	nloaded = flat_load(workers->format, source, workers->columns, records, &options, &error);
	progress_erase(&workers->progress);
	workers->items[0].batch.nrecords = 0;
	if (error.status != FLAT_OK)
		return complain_error(&error);
	status = first_failure(workers, nloaded);
	workers->records += nloaded;
	workers->bytes += nbytes;
	return status;
}

const struct batch *workers_sum(struct workers *workers)
{
	struct batch *sum = &workers->items[0].batch;

	for (size_t i = 1; i < workers->n; i++)
		for (size_t k = 0; k < sum->ncolumns; k++) {
			sum->columns[k].nulls += workers->items[i].batch.columns[k].nulls;
			workers->items[i].batch.columns[k].nulls = 0;
		}
	return sum;
}
