/*
 * Loads a whole source with several threads: divides it into ranges, which workers take (ranges.c), and draws the
 * conclusions.  What cannot be split is read by one reader.
 */
#include "config.h"

#include "column.h"
#include "error.h"
#include "format.h"
#include "grammar.h"
#include "ranges.h"
#include "threads.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Stays in the second-level cache, and is large beside what it costs to start. */
#define RANGE_DEFAULT ((size_t)512 << 10)
#define RANGE_MOST ((size_t)512 << 20) /* a reader has offsets of 32 bits */
/* What is read behind a range is read again by the next one: it should be little beside the records of a range. */
#define RECORDS_LEAST 8
#define FIELD_NBYTES 6 /* of a short number and its delimiter */
#define NTHREADS_MOST ((size_t)4096)

/* --------------------------------------------------------------------------------------------- conclude */

/* Records of the whole input, if it was surveyed to its end. */
static uint64_t expected(const struct fl_load *load)
{
	if (atomic_load_explicit(&load->turn, memory_order_relaxed) < load->nranges)
		return 0;
	return fl_least(load->sum.start.record + (load->sum.state != load->at_record), load->max_records);
}

/*
 * 'position' is behind the last record stored.  Ranges count as a whole, whether the input was split or not.
 */
static void tell_counts(const struct fl_load *load, bool all, uint64_t position, uint64_t nlines)
{
	uint64_t nbytes = flat_reader_counts(load->first).bytes;

	if (load->options->nlines)
		*load->options->nlines = nlines;
	if (!load->options->nbytes)
		return;
	if (load->nranges) {
		uint64_t in_ranges = (position - load->start + load->range_nbytes - 1) / load->range_nbytes;

		nbytes = all ? load->nbytes : fl_least(load->start + in_ranges * load->range_nbytes, load->nbytes);
	}
	*load->options->nbytes = nbytes;
}

/* Behind the last record that was asked for. */
static uint64_t nbytes_asked_for(const struct fl_load *load)
{
	for (size_t i = 0; i < load->nworkers; i++)
		if (load->workers[i].read_last)
			return load->workers[i].nbytes;
	return load->nbytes;
}

/* Who stopped in the least range has the last record, or the first error: all ranges before it were filled. */
static uint64_t conclude(const struct fl_load *load, flat_error *error)
{
	const struct fl_worker *first = NULL;

	for (size_t i = 0; i < load->nworkers; i++) {
		const struct fl_worker *worker = &load->workers[i];

		if (worker->stopped_in != FL_NOBODY && (!first || worker->stopped_in < first->stopped_in))
			first = worker;
	}
	tell_counts(load, first != NULL, nbytes_asked_for(load),
		    first && first->reader ? fl_reader_nlines(first->reader) : 0);
	if (!first)
		return load->max_records;
	if (first->error.status == FLAT_OK && !first->refused && first->stored < expected(load))
		fl_error_set(error, FLAT_BAD_INPUT, "%s: it changed while it was loaded", load->source->name);
	else if (first->error.status != FLAT_OK && error)
		*error = first->error;
	return first->stored;
}

/* ------------------------------------------------------------------------------------------------- split */

/* Whether the input can be read in any order; gives its bytes. */
static bool measure_input(struct fl_load *load, const struct fl_start *start, uint64_t origin)
{
	struct stat status;

	load->start = start->byte;
	if (load->source->bytes) {
		load->nbytes = load->source->nbytes;
		return true;
	}
	if (load->source->read || fstat(load->source->descriptor, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	load->origin = origin;
	load->nbytes = (uint64_t)status.st_size > origin ? (uint64_t)status.st_size - origin : 0;
	return true;
}

static size_t default_range(const struct fl_load *load)
{
	size_t nbytes = fl_reader_nfields(load->first) * FIELD_NBYTES * RECORDS_LEAST;

	return nbytes > RANGE_DEFAULT ? nbytes : RANGE_DEFAULT;
}

/* With one range, or no records, there is nothing to split. */
static bool choose_ranges(struct fl_load *load)
{
	uint64_t nranges;

	load->range_nbytes = (size_t)fl_least(load->options->range ? load->options->range : default_range(load), RANGE_MOST);
	if (load->nbytes <= load->start || !load->max_records)
		return false;
	nranges = (load->nbytes - load->start - 1) / load->range_nbytes + 1;
	load->nranges = nranges < FL_NOBODY ? (size_t)nranges : FL_NOBODY;
	return nranges > 1 && nranges < FL_NOBODY;
}

static size_t choose_threads(const struct fl_load *load)
{
	long nprocessors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t nthreads = load->options->threads;

	if (!nthreads)
		nthreads = nprocessors > 0 ? (size_t)nprocessors : 1;
	if (nthreads > NTHREADS_MOST)
		nthreads = NTHREADS_MOST;
	return nthreads < load->nranges ? nthreads : load->nranges;
}

static size_t aligned(size_t nbytes)
{
	return (nbytes + 63) / 64 * 64;
}

/* Allocates for as many workers as there is memory for; one alone would but survey in vain. */
static bool make_workers(struct fl_load *load, struct fl_worker *workers, size_t wanted)
{
	size_t texts_at = aligned(flat_reader_nbytes(load->format, &load->options->reader));
	size_t bytes_at = texts_at + aligned(load->ntexts * sizeof *workers->texts);
	size_t bytes_nbytes = load->source->bytes ? 0 : load->range_nbytes + FL_MARGIN;

	load->workers = workers;
	if (bytes_nbytes > SIZE_MAX - bytes_at)
		return false;
	for (size_t i = 0; i < wanted; i++) {
		workers[i] = (struct fl_worker){
			.index = i, .memory = malloc(bytes_at + bytes_nbytes), .stopped_in = FL_NOBODY};
		if (!workers[i].memory)
			break;
		workers[i].texts = (struct fl_texts *)(void *)(workers[i].memory + texts_at);
		workers[i].bytes = workers[i].memory + bytes_at;
		load->nworkers++;
	}
	return load->nworkers > 1;
}

static size_t count_texts(const struct fl_load *load)
{
	size_t n = 0;

	for (size_t i = 0; i < load->format->nfields && !fl_have_their_own(load); i++)
		n += load->columns[i].base && load->format->fields[i].type == FLAT_TEXT;
	return n;
}

static bool any_bitmap(const struct fl_load *load)
{
	for (size_t i = 0; i < load->format->nfields && !fl_have_their_own(load); i++)
		if (load->columns[i].base && load->columns[i].validity == FLAT_VALIDITY_BITMAP)
			return true;
	return false;
}

static void run(struct fl_load *load, struct fl_thread *threads, flat_task_function *task)
{
	if (load->options->run)
		load->options->run(load->options->runner, task, load, load->nworkers);
	else
		fl_run_threads(threads, task, load, load->nworkers);
}

/* Gives false if the load is for one reader after all: then nothing was stored. */
static bool load_split(struct fl_load *load, const struct fl_start *start, uint64_t *stored, flat_error *error)
{
	size_t wanted = choose_threads(load);
	struct fl_thread *threads = malloc(wanted * (sizeof *threads + sizeof *load->workers));
	flat_survey line_break = flat_survey_bytes(&load->format->dialect, "\n", 1);
	bool split;

	fl_classify(load->class_of, &load->format->dialect);
	/* The state at a record's start is known to surveys alone. */
	load->at_record = line_break.from[FLAT_STATE_OF_INPUT].leads_to;
	load->sum = (struct fl_sum){.start = *start, .state = load->at_record};
	load->step = any_bitmap(load) ? 8 : 1;
	load->ntexts = count_texts(load);
	load->texts_used = load->ntexts ? calloc(load->ntexts, sizeof *load->texts_used) : NULL;
	atomic_init(&load->next, 0);
	atomic_init(&load->turn, 0);
	atomic_init(&load->texts_turn, 0);
	atomic_init(&load->stopped_in, FL_NOBODY);
	split = threads && (load->texts_used || !load->ntexts) &&
		make_workers(load, (struct fl_worker *)(void *)(threads + wanted), wanted);
	if (split) {
		run(load, threads, fl_load_task);
		*stored = conclude(load, error);
	}
	for (size_t i = 0; i < load->nworkers; i++)
		free(load->workers[i].memory);
	free(load->texts_used);
	free(threads);
	return split;
}

/* ------------------------------------------------------------------------------------------------- call */

static uint64_t read_alone(const struct fl_load *load, flat_error *error)
{
	struct fl_worker worker = {.index = 0};
	uint64_t stored = fl_read_elements(load, &worker, load->first, 0, load->max_records);

	if (error)
		*error = worker.error;
	tell_counts(load, stored < load->max_records, worker.nbytes, fl_reader_nlines(load->first));
	return stored;
}

/* Where a descriptor stands; what has no such place is no file. */
static uint64_t origin_of(const flat_source *source)
{
	off_t at = source->path || source->bytes || source->read ? 0 : lseek(source->descriptor, 0, SEEK_CUR);

	return at > 0 ? (uint64_t)at : 0;
}

static bool options_are_good(flat_load_options *options, const flat_column *columns, flat_error *error)
{
	options->reader.memory = NULL;
	if (!options->threads && (options->take || options->measures))
		options->threads = 1;
	fl_error_clear(error);
	if (!columns && !options->measures)
		fl_error_set(error, FLAT_BAD_ARGUMENT, "there are no columns to load");
	else if (options->take && !options->batch)
		fl_error_set(error, FLAT_BAD_ARGUMENT, "a piece has to have room for a record: batch is 0");
	else
		return true;
	return false;
}

uint64_t flat_load(const flat_format *format, const flat_source *source, const flat_column *columns,
		   uint64_t max_records, const flat_load_options *options, flat_error *error)
{
	flat_load_options given = options ? *options : (flat_load_options){.threads = 0};
	struct fl_load load = {.format = format,
			       .options = &given,
			       .columns = columns,
			       .max_records = fl_least(max_records, SIZE_MAX)};
	uint64_t origin = origin_of(source), stored = 0;
	struct fl_start start;

	if (!options_are_good(&given, columns, error))
		return 0;
	load.first = flat_reader_open_source(format, source, &given.reader, error);
	if (!load.first)
		return 0;
	load.source = fl_reader_source(load.first);
	if (!fl_bind_columns(&load, load.first, 0) || !fl_reader_start(load.first, &start) ||
	    !measure_input(&load, &start, origin) || !choose_ranges(&load) ||
	    !load_split(&load, &start, &stored, error))
		stored = read_alone(&load, error);
	flat_reader_close(load.first);
	return stored;
}
