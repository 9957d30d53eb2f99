/*
 * Loads a whole source with several threads.  Each takes the next range of bytes, surveys it, is told by the one before
 * where in the sum of all before it stands, tells the next, and loads its range with a reader of its own.
 *
 * Texts wait for a second turn: where the arena is filled from is known when those of all ranges before were noted.
 *
 * A range is read from the file once, as it is still in the cache when it is loaded.  To survey all ranges first and to
 * read them again would take half as long as the load itself.  What cannot be split is read by one reader.
 */
#include "config.h"

#include "error.h"
#include "format.h"
#include "grammar.h"
#include "column.h"
#include "reader.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RANGE_DEFAULT \
	((size_t)512 << 10)	       /* stays in the second-level cache, and is large beside what it costs to start */
#define RANGE_MOST ((size_t)512 << 20) /* a reader has offsets of 32 bits */
#define PIECE_NBYTES ((size_t)128 << 10)
#define MARGIN 64 /* what vector code may look at beside what it was given */
#define AHEAD_NBYTES ((size_t)4 << 10)
#define NTHREADS_MOST ((size_t)4096)
#define NOBODY SIZE_MAX

/* Where the ranges before leave off. */
struct sum {
	struct fl_start start;
	uint64_t state; /* of the survey */
	uint64_t first; /* element that the next range is to fill */
};

/* A part of the input.  Its records are those that start behind the first end of a record in it. */
struct range {
	size_t index;
	uint64_t byte, end;
	const char *bytes; /* of it, up to 'end' */
	flat_survey survey;
	int os;		/* why not all of it could be read, */
	bool cut;	/* or it was not there any more: then 'end' is where that was */
	uint64_t first; /* elements that it fills */
	uint64_t behind;
	struct fl_start start; /* of its records; FLAT_NOWHERE if that was not found in what was read */
};

/* What one thread uses. */
struct worker {
	size_t index;
	char *memory;
	flat_reader *reader;	/* NULL: it has read nothing yet */
	struct fl_texts *texts; /* of the range, for each column of texts */
	char *bytes;		/* of a range */
	size_t stopped_in;	/* range that had fewer records than it should; NOBODY: none */
	uint64_t stored;	/* elements that were filled up to then */
	bool refused;		/* by whom the next were to be taken */
	bool read_last;		/* of the records that were asked for */
	uint64_t nbytes;	/* of the input, up to the end of what was stored last */
	flat_error error;
};

/* A whole call. */
struct load {
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
	struct worker *workers;
	size_t nworkers;
	atomic_size_t next;	  /* range that nobody has taken yet */
	atomic_size_t stopped_in; /* the least range behind which there is nothing more */
	atomic_size_t turn;	  /* range whose worker may use the sum */
	struct sum sum;
	size_t ntexts;		  /* columns of texts, but of pieces */
	atomic_size_t texts_turn; /* range whose worker may use the next */
	uint64_t *texts_used;	  /* bytes of the arenas that are taken by the ranges before */
	uint64_t at_record;	  /* state of a survey */
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ------------------------------------------------------------------------------------------------- input */

/* Reads a range and what lies behind it: a callback's context. */
struct cursor {
	const struct load *load;
	const struct range *range;
	uint64_t at;
	size_t ahead;	   /* bytes to read at a time behind it, where only a few records are wanted */
	bool became_short; /* the input */
};

static ptrdiff_t read_some(const struct load *load, uint64_t at, void *buffer, size_t nbytes)
{
	uint64_t left = at < load->nbytes ? load->nbytes - at : 0;

	if (!load->source->bytes)
		return pread(load->source->descriptor, buffer, nbytes, (off_t)(load->origin + at));
	if (nbytes > left)
		nbytes = (size_t)left;
	memcpy(buffer, (const char *)load->source->bytes + at, nbytes);
	return (ptrdiff_t)nbytes;
}

/* More each time, so that a long record takes few steps. */
static ptrdiff_t read_ahead(struct cursor *cursor, void *buffer, size_t nbytes)
{
	size_t wanted = nbytes < cursor->ahead ? nbytes : cursor->ahead;

	if (cursor->ahead < nbytes)
		cursor->ahead *= 2;
	return read_some(cursor->load, cursor->at, buffer, wanted);
}

static ptrdiff_t read_on(void *context, void *buffer, size_t nbytes)
{
	struct cursor *cursor = context;
	uint64_t end = cursor->range->end;
	ptrdiff_t n;

	if (cursor->at < end)
		n = read_some(cursor->load, cursor->at, buffer, (size_t)least(nbytes, end - cursor->at));
	else
		n = read_ahead(cursor, buffer, nbytes);
	if (n > 0)
		cursor->at += (uint64_t)n;
	/* Behind what there was at first, what has been added since is read like the rest. */
	if (n != 0 || cursor->at >= cursor->load->nbytes)
		return n;
	cursor->became_short = true;
	errno = EIO;
	return -1;
}

/*
 * How many bytes of a range are there from 'start' on for a reader to use where they are.  Of memory that is not ours
 * what lies beside the input must not be looked at.
 */
static size_t lendable(const struct load *load, const struct range *range, uint64_t start)
{
	bool inside = range->byte >= MARGIN && range->end + MARGIN <= load->nbytes;

	return (!load->source->bytes || inside) && start < range->end ? (size_t)(range->end - start) : 0;
}

/* Gives 'nbytes' bytes of the input, in 'buffer' if need be; fewer if that is where it cannot be read. */
static const char *view(const struct load *load, struct range *range, uint64_t at, size_t *nbytes, char *buffer)
{
	size_t have = 0;

	if (load->source->bytes)
		return (const char *)load->source->bytes + at;
	while (have < *nbytes) {
		ptrdiff_t n = read_some(load, at + have, buffer + have, *nbytes - have);

		if (n < 0 && errno == EINTR)
			continue;
		range->os = n < 0 ? errno : 0;
		range->cut = n <= 0;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	*nbytes = have;
	return buffer;
}

/* ---------------------------------------------------------------------------------------------- workers */

/* Takes the next range, in order; NOBODY if there is none, or if those before it end the load. */
static size_t take_range(struct load *load)
{
	size_t range = atomic_fetch_add_explicit(&load->next, 1, memory_order_relaxed);

	return range < load->nranges && range < atomic_load_explicit(&load->stopped_in, memory_order_relaxed) ? range
													      : NOBODY;
}

/* There is nothing behind this range. */
static void stop_in(struct load *load, size_t range)
{
	size_t least = atomic_load_explicit(&load->stopped_in, memory_order_relaxed);

	while (range < least && !atomic_compare_exchange_weak_explicit(&load->stopped_in, &least, range,
								       memory_order_relaxed, memory_order_relaxed))
		;
}

static void run(struct load *load, struct fl_thread *threads, flat_task_function *task)
{
	if (load->options->run)
		load->options->run(load->options->runner, task, load, load->nworkers);
	else
		fl_run_threads(threads, task, load, load->nworkers);
}

/* ----------------------------------------------------------------------------------------------- survey */

/* Reads it and surveys what was read, a piece at a time.  Where it cannot be read it ends. */
static void survey_range(const struct load *load, struct range *range, char *buffer)
{
	const flat_dialect *dialect = &load->format->dialect;

	range->survey = flat_survey_bytes(dialect, "", 0);
	range->bytes = load->source->bytes ? (const char *)load->source->bytes + range->byte : buffer;
	for (uint64_t at = range->byte; at < range->end && !range->cut;) {
		size_t nbytes = range->end - at < PIECE_NBYTES ? (size_t)(range->end - at) : PIECE_NBYTES;
		const char *bytes = view(load, range, at, &nbytes, buffer + (at - range->byte));
		flat_survey survey = flat_survey_bytes(dialect, bytes, nbytes);

		range->survey = flat_survey_join(&range->survey, &survey);
		at += nbytes;
		if (range->cut)
			range->end = at;
	}
}

/*
 * Tells a range where its records start and which elements they fill, and adds it to the sum.
 *
 * Of the bits of a bitmap eight share a byte, which must not be written by two: up to the next multiple of eight the
 * records of a range are left to the one before.
 */
static void add_range(const struct load *load, struct range *range, struct sum *sum)
{
	const struct flat_passage *passage = &range->survey.from[sum->state];

	range->start = sum->start;
	range->first = sum->first;
	if (range->index > 0) {
		uint64_t nowhere = range->cut ? FLAT_NOWHERE : range->end;

		range->start.record++;
		range->start.byte = passage->first == FLAT_NOWHERE ? nowhere : range->byte + passage->first;
	}
	sum->start.byte += range->survey.nbytes;
	sum->start.line += range->survey.lines;
	sum->start.record += passage->records;
	sum->state = passage->leads_to;
	sum->first = least((sum->start.record + 1 + 7) / 8 * 8, load->max_records);
	/* The last one's reader goes on to the end, and so meets by itself what cannot be read. */
	if (range->cut || range->end == load->nbytes)
		sum->first = load->max_records;
	range->behind = sum->first;
}

/*
 * Waits for the range's turn: for threads that have taken a range, never for any that have not run yet.  False if
 * there is nothing behind one of the ranges before.
 */
static bool take_turn(struct load *load, atomic_size_t *turn, const struct range *range)
{
	while (atomic_load_explicit(turn, memory_order_acquire) != range->index) {
		if (atomic_load_explicit(&load->stopped_in, memory_order_relaxed) < range->index)
			return false;
		sched_yield();
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------- read */

static void bind_measures(const struct load *load, flat_reader *reader, size_t worker)
{
	flat_measure *measures = load->options->measures + worker * load->format->nfields;

	for (size_t i = 0; i < load->format->nfields; i++)
		if (!load->columns || load->columns[i].base)
			flat_bind_measure(reader, i, &measures[i]);
}

/* Gives whether all columns of a worker were bound. */
static bool bind_columns(const struct load *load, flat_reader *reader, size_t worker)
{
	const flat_column *columns;

	if (load->options->measures) {
		bind_measures(load, reader, worker);
		return true;
	}
	columns = load->columns + worker * load->format->nfields;
	for (size_t i = 0; i < load->format->nfields; i++)
		if (columns[i].base && flat_bind_column(reader, i, &columns[i]) != FLAT_OK)
			return false;
	return true;
}

/* Reads elements [first, behind) a piece at a time, each into the worker's own; gives how many were taken. */
static uint64_t read_pieces(const struct load *load, struct worker *worker, flat_reader *reader, uint64_t first,
			    uint64_t behind)
{
	const flat_load_options *options = load->options;
	flat_piece piece = {.worker = worker->index, .first = first};
	bool more = true;

	while (more && piece.first < behind) {
		size_t asked = (size_t)least(behind - piece.first, options->batch);
		bool full;

		piece.n = flat_read_at(reader, 0, asked);
		full = flat_reader_failed(reader, &worker->error) && worker->error.status == FLAT_ARENA_FULL;
		piece.nbytes = flat_reader_counts(reader).bytes;
		piece.error = piece.n ? NULL : &worker->error;
		worker->refused = (piece.n || full) && !options->take(options->taker, &piece);
		if (worker->refused)
			break;
		more = full ? piece.n || bind_columns(load, reader, worker->index) : piece.n == asked;
		piece.first += piece.n;
	}
	return piece.first - first;
}

/* Gives how many of elements [first, behind) were stored, or taken. */
static uint64_t read_elements(const struct load *load, struct worker *worker, flat_reader *reader, uint64_t first,
			      uint64_t behind)
{
	uint64_t stored;

	if (load->options->take)
		stored = read_pieces(load, worker, reader, first, behind);
	else
		stored = flat_read_at(reader, (size_t)first, (size_t)(behind - first));
	worker->nbytes = fl_reader_nbytes_stored(reader);
	flat_reader_failed(reader, &worker->error);
	if (worker->refused)
		fl_error_clear(&worker->error);
	return stored;
}

/* ------------------------------------------------------------------------------------------------- load */

static void fail_to_read(const struct load *load, flat_error *error, int os)
{
	fl_error_clear(error);
	if (os)
		fl_error_os(error, FLAT_BAD_INPUT, os, "cannot be read", load->source->name);
	else
		fl_error_set(error, FLAT_BAD_INPUT, "%s: it became shorter while it was loaded", load->source->name);
}

/* Do workers fill what is theirs alone? */
static bool have_their_own(const struct load *load)
{
	return load->options->take || load->options->measures;
}

/* The reader has nothing to do with the ranges before, but for what is bound. */
static bool make_reader(const struct load *load, struct worker *worker)
{
	if (worker->reader)
		return true;
	worker->reader = fl_reader_like(load->first, &load->options->reader, worker->memory);
	if (have_their_own(load) && !bind_columns(load, worker->reader, worker->index)) {
		flat_reader_failed(worker->reader, &worker->error);
		return false;
	}
	if (load->ntexts)
		fl_reader_bind_texts(worker->reader, worker->texts);
	return true;
}

/* Fills elements [first, behind) of a range, from 'start' on; gives how many. */
static uint64_t read_range(const struct load *load, const struct range *range, struct worker *worker,
			   const struct fl_start *start, uint64_t first)
{
	size_t nlent = lendable(load, range, start->byte);
	const char *lent = nlent ? range->bytes + (start->byte - range->byte) : NULL;
	struct cursor cursor = {.load = load, .range = range, .at = start->byte + nlent, .ahead = AHEAD_NBYTES};
	flat_source source = flat_source_callback(read_on, &cursor, load->source->name);
	uint64_t passing = first - start->record, stored = 0;

	fl_reader_go_to(worker->reader, &source, start, lent, nlent);
	if (fl_reader_pass(worker->reader, (size_t)passing) == passing)
		stored = read_elements(load, worker, worker->reader, first, range->behind);
	else
		flat_reader_failed(worker->reader, &worker->error);
	if (cursor.became_short && !worker->refused)
		fail_to_read(load, &worker->error, 0);
	return stored;
}

/* ------------------------------------------------------------------------------------------------ texts */

static void begin_texts(const struct load *load, const struct range *range, const struct worker *worker)
{
	for (size_t i = 0; i < load->ntexts; i++)
		worker->texts[i] = (struct fl_texts){
			.text = range->bytes,
			.first = range->first,
			.behind = range->behind,
			.is_last = range->behind == load->max_records,
		};
}

/* Adds the texts to those of the ranges before, if there is room for them. */
static bool add_texts(const struct load *load, const struct worker *worker)
{
	const flat_field *fields = load->format->fields;
	bool fit = true;

	for (size_t i = 0, k = 0; k < load->ntexts; i++) {
		if (!load->columns[i].base || fields[i].type != FLAT_TEXT)
			continue;
		worker->texts[k].start = load->texts_used[k];
		load->texts_used[k] += worker->texts[k].nbytes;
		fit = fit && load->texts_used[k] <= load->columns[i].arena_nbytes;
		k++;
	}
	return fit;
}

/* What was read behind the range is not kept: its few records are read again. */
static uint64_t store_noted(const struct load *load, const struct range *range, struct worker *worker)
{
	struct fl_start behind = fl_reader_start_behind(worker->reader);
	uint64_t nnoted = range->behind - range->first;

	if (behind.byte != FLAT_NOWHERE)
		nnoted = behind.record < range->first ? 0 : least(behind.record - range->first, nnoted);
	fl_reader_store_noted(worker->reader, (size_t)nnoted);
	if (range->first + nnoted == range->behind)
		return nnoted;
	fl_reader_note_texts(worker->reader, false);
	return nnoted + read_range(load, range, worker, &behind, range->first + nnoted);
}

/* Reads a range that is the last: once it is known where its texts go they are converted as they come. */
static uint64_t read_last_texts(const struct load *load, const struct range *range, struct worker *worker)
{
	uint64_t stored = 0;

	fl_reader_store_noted(worker->reader, 0);
	fl_reader_note_texts(worker->reader, false);
	if (range->start.byte != FLAT_NOWHERE)
		stored = read_range(load, range, worker, &range->start, range->first);
	/* Others rely on it, even if the file has become another meanwhile. */
	worker->stopped_in = range->index;
	worker->stored = range->first + stored;
	return stored;
}

/* Like read_range(), with columns of texts.  A range with an error, or more texts than there is room for, is the last one. */
static uint64_t read_texts(struct load *load, const struct range *range, struct worker *worker)
{
	bool whole = range->start.byte != FLAT_NOWHERE;

	begin_texts(load, range, worker);
	fl_reader_note_texts(worker->reader, true);
	if (whole)
		whole = read_range(load, range, worker, &range->start, range->first) == range->behind - range->first;
	if (!whole)
		stop_in(load, range->index);
	if (!take_turn(load, &load->texts_turn, range))
		return 0;
	if (!add_texts(load, worker) || !whole) {
		stop_in(load, range->index);
		return read_last_texts(load, range, worker);
	}
	atomic_store_explicit(&load->texts_turn, range->index + 1, memory_order_release);
	return store_noted(load, range, worker);
}

/* A range without records has its turns as all have. */
static void pass_texts(struct load *load, const struct range *range)
{
	if (load->ntexts && take_turn(load, &load->texts_turn, range))
		atomic_store_explicit(&load->texts_turn, range->index + 1, memory_order_release);
}

/* ---------------------------------------------------------------------------------------------- a range */

static uint64_t fill_range(struct load *load, struct range *range, struct worker *worker)
{
	uint64_t stored = 0;

	if (!make_reader(load, worker))
		return 0;
	if (range->start.byte != FLAT_NOWHERE)
		range->start.line += fl_lines_in(range->bytes, range->bytes + (range->start.byte - range->byte));
	if (load->ntexts)
		stored = read_texts(load, range, worker);
	else if (range->start.byte != FLAT_NOWHERE)
		stored = read_range(load, range, worker, &range->start, range->first);
	if (range->start.byte == FLAT_NOWHERE)
		fail_to_read(load, &worker->error, range->os);
	return stored;
}

static void load_range(struct load *load, struct range *range, struct worker *worker)
{
	uint64_t stored;

	if (range->first >= range->behind) {
		pass_texts(load, range);
		return;
	}
	stored = fill_range(load, range, worker);
	worker->read_last = stored == range->behind - range->first && range->behind == load->max_records;
	if (stored == range->behind - range->first)
		return;
	worker->stopped_in = range->index;
	worker->stored = range->first + stored;
	stop_in(load, range->index);
}

static void load_task(void *context, size_t index)
{
	struct load *load = context;
	struct worker *worker = &load->workers[index];
	size_t taken;

	while (worker->stopped_in == NOBODY && (taken = take_range(load)) != NOBODY) {
		uint64_t byte = load->start + (uint64_t)taken * load->range_nbytes;
		struct range range = {
			.index = taken, .byte = byte, .end = least(byte + load->range_nbytes, load->nbytes)};

		survey_range(load, &range, worker->bytes);
		if (!take_turn(load, &load->turn, &range))
			return;
		add_range(load, &range, &load->sum);
		if (range.behind == load->max_records)
			stop_in(load, taken);
		atomic_store_explicit(&load->turn, taken + 1, memory_order_release);
		load_range(load, &range, worker);
	}
}

/* Records of the whole input, if it was surveyed to its end. */
static uint64_t expected(const struct load *load)
{
	if (atomic_load_explicit(&load->turn, memory_order_relaxed) < load->nranges)
		return 0;
	return least(load->sum.start.record + (load->sum.state != load->at_record), load->max_records);
}

/*
 * 'position' is behind the last record stored.  Ranges count as a whole, whether the input was split or not.
 */
static void tell_counts(const struct load *load, bool all, uint64_t position, uint64_t nlines)
{
	uint64_t nbytes = flat_reader_counts(load->first).bytes;

	if (load->options->nlines)
		*load->options->nlines = nlines;
	if (!load->options->nbytes)
		return;
	if (load->nranges) {
		uint64_t in_ranges = (position - load->start + load->range_nbytes - 1) / load->range_nbytes;

		nbytes = all ? load->nbytes : least(load->start + in_ranges * load->range_nbytes, load->nbytes);
	}
	*load->options->nbytes = nbytes;
}

/* Behind the last record that was asked for. */
static uint64_t nbytes_asked_for(const struct load *load)
{
	for (size_t i = 0; i < load->nworkers; i++)
		if (load->workers[i].read_last)
			return load->workers[i].nbytes;
	return load->nbytes;
}

/* Who stopped in the least range has the last record, or the first error: all ranges before it were filled. */
static uint64_t conclude(const struct load *load, flat_error *error)
{
	const struct worker *first = NULL;

	for (size_t i = 0; i < load->nworkers; i++) {
		const struct worker *worker = &load->workers[i];

		if (worker->stopped_in != NOBODY && (!first || worker->stopped_in < first->stopped_in))
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
static bool measure_input(struct load *load, const struct fl_start *start, uint64_t origin)
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

/* With one range, or no records, there is nothing to split. */
static bool choose_ranges(struct load *load)
{
	uint64_t nranges;

	load->range_nbytes = load->options->range ? (size_t)least(load->options->range, RANGE_MOST) : RANGE_DEFAULT;
	if (load->nbytes <= load->start || !load->max_records)
		return false;
	nranges = (load->nbytes - load->start - 1) / load->range_nbytes + 1;
	load->nranges = nranges < NOBODY ? (size_t)nranges : NOBODY;
	return nranges > 1 && nranges < NOBODY;
}

static size_t choose_threads(const struct load *load)
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
static bool make_workers(struct load *load, struct worker *workers, size_t wanted)
{
	size_t texts_at = aligned(flat_reader_nbytes(load->format, &load->options->reader));
	size_t bytes_at = texts_at + aligned(load->ntexts * sizeof *workers->texts);
	size_t bytes_nbytes = load->source->bytes ? 0 : load->range_nbytes + MARGIN;

	load->workers = workers;
	if (bytes_nbytes > SIZE_MAX - bytes_at)
		return false;
	for (size_t i = 0; i < wanted; i++) {
		workers[i] =
			(struct worker){.index = i, .memory = malloc(bytes_at + bytes_nbytes), .stopped_in = NOBODY};
		if (!workers[i].memory)
			break;
		workers[i].texts = (struct fl_texts *)(void *)(workers[i].memory + texts_at);
		workers[i].bytes = workers[i].memory + bytes_at;
		load->nworkers++;
	}
	return load->nworkers > 1;
}

static size_t count_texts(const struct load *load)
{
	size_t n = 0;

	for (size_t i = 0; i < load->format->nfields && !have_their_own(load); i++)
		n += load->columns[i].base && load->format->fields[i].type == FLAT_TEXT;
	return n;
}

/* Gives false if the load is for one reader after all: then nothing was stored. */
static bool load_split(struct load *load, const struct fl_start *start, uint64_t *stored, flat_error *error)
{
	size_t wanted = choose_threads(load);
	struct fl_thread *threads = malloc(wanted * (sizeof *threads + sizeof *load->workers));
	flat_survey line_break = flat_survey_bytes(&load->format->dialect, "\n", 1);
	bool split;

	/* The state at a record's start is known to surveys alone. */
	load->at_record = line_break.from[FLAT_STATE_OF_INPUT].leads_to;
	load->sum = (struct sum){.start = *start, .state = load->at_record};
	load->ntexts = count_texts(load);
	load->texts_used = load->ntexts ? calloc(load->ntexts, sizeof *load->texts_used) : NULL;
	atomic_init(&load->next, 0);
	atomic_init(&load->turn, 0);
	atomic_init(&load->texts_turn, 0);
	atomic_init(&load->stopped_in, NOBODY);
	split = threads && (load->texts_used || !load->ntexts) &&
		make_workers(load, (struct worker *)(void *)(threads + wanted), wanted);
	if (split) {
		run(load, threads, load_task);
		*stored = conclude(load, error);
	}
	for (size_t i = 0; i < load->nworkers; i++)
		free(load->workers[i].memory);
	free(load->texts_used);
	free(threads);
	return split;
}

/* ------------------------------------------------------------------------------------------------- call */

static uint64_t read_alone(const struct load *load, flat_error *error)
{
	struct worker worker = {.index = 0};
	uint64_t stored = read_elements(load, &worker, load->first, 0, load->max_records);

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

static bool options_are_good(flat_load_options *options, flat_error *error)
{
	options->reader.memory = NULL;
	if (!options->threads && (options->take || options->measures))
		options->threads = 1;
	if (!options->take)
		return true;
	fl_error_clear(error);
	return options->batch ||
	       !fl_error_set(error, FLAT_BAD_ARGUMENT, "a piece has to have room for a record: batch is 0");
}

uint64_t flat_load(const flat_format *format, const flat_source *source, const flat_column *columns,
		   uint64_t max_records, const flat_load_options *options, flat_error *error)
{
	flat_load_options given = options ? *options : (flat_load_options){.threads = 0};
	struct load load = {
		.format = format, .options = &given, .columns = columns, .max_records = least(max_records, SIZE_MAX)};
	uint64_t origin = origin_of(source), stored = 0;
	struct fl_start start;

	if (!options_are_good(&given, error))
		return 0;
	load.first = flat_reader_open_source(format, source, &given.reader, error);
	if (!load.first)
		return 0;
	load.source = fl_reader_source(load.first);
	if (!bind_columns(&load, load.first, 0) || !fl_reader_start(load.first, &start) ||
	    !measure_input(&load, &start, origin) || !choose_ranges(&load) ||
	    !load_split(&load, &start, &stored, error))
		stored = read_alone(&load, error);
	flat_reader_close(load.first);
	return stored;
}
