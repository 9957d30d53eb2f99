/*
 * What a worker does: takes the next range of bytes, has a reader of its own find the records in it, is told by the one
 * before where in the sum of all before it stands, tells the next, and loads its range.
 *
 * Which bytes are records depends on the bytes before: it is guessed, and the range is surveyed if the guess was wrong.
 *
 * Texts wait for a second turn: where the arena is filled from is known when those of all ranges before were noted.
 *
 * A range is read from the file once, as it is still in the cache when it is loaded.  To survey all ranges first and to
 * read them again would take half as long as the load itself.
 */
#include "config.h"

#include "column.h"
#include "error.h"
#include "format.h"
#include "grammar.h"
#include "guess.h"
#include "ranges.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DOUBT_MOST 64u
#define AHEAD_NBYTES ((size_t)4 << 10)

/* A part of the input.  Its records are those that start behind the first end of a record in it. */
struct range {
	size_t index;
	uint64_t byte, end;
	const char *bytes; /* of it, up to 'end' */
	flat_survey survey;
	uint64_t guessed;     /* offset of what was thought to be the start of its records, */
	flat_passage passage; /* what it is if that is right, and in the end what it is, */
	uint64_t lines;	      /* with so many lines */
	int os;		      /* why not all of it could be read, */
	bool cut;	      /* or it was not there any more: then 'end' is where that was */
	uint64_t first;	      /* elements that it fills */
	uint64_t behind;
	struct fl_start start; /* of its records; FLAT_NOWHERE if that was not found in what was read */
};

/* ------------------------------------------------------------------------------------------------- input */

/* Reads a range and what lies behind it: a callback's context. */
struct cursor {
	const struct fl_load *load;
	const struct range *range;
	uint64_t at;
	size_t ahead;	   /* bytes to read at a time behind it, where only a few records are wanted */
	bool became_short; /* the input */
};

static ptrdiff_t read_some(const struct fl_load *load, uint64_t at, void *buffer, size_t nbytes)
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
		n = read_some(cursor->load, cursor->at, buffer, (size_t)fl_least(nbytes, end - cursor->at));
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
static size_t lendable(const struct fl_load *load, const struct range *range, uint64_t start)
{
	bool inside = range->byte >= FL_MARGIN && range->end + FL_MARGIN <= load->nbytes;

	return (!load->source->bytes || inside) && start < range->end ? (size_t)(range->end - start) : 0;
}

/* Gives 'nbytes' bytes of the input, in 'buffer' if need be; fewer if that is where it cannot be read. */
static const char *view(const struct fl_load *load, struct range *range, uint64_t at, size_t *nbytes, char *buffer)
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

/* Takes the next range, in order; FL_NOBODY if there is none, or if those before it end the load. */
static size_t take_range(struct fl_load *load)
{
	size_t range = atomic_fetch_add_explicit(&load->next, 1, memory_order_relaxed);

	return range < load->nranges && range < atomic_load_explicit(&load->stopped_in, memory_order_relaxed)
		       ? range
		       : FL_NOBODY;
}

/* There is nothing behind this range. */
static void stop_in(struct fl_load *load, size_t range)
{
	size_t least = atomic_load_explicit(&load->stopped_in, memory_order_relaxed);

	while (range < least && !atomic_compare_exchange_weak_explicit(&load->stopped_in, &least, range,
								       memory_order_relaxed, memory_order_relaxed))
		;
}

/* ----------------------------------------------------------------------------------------------- survey */

/* Where it cannot be read it ends. */
static void read_bytes(const struct fl_load *load, struct range *range, char *buffer)
{
	size_t nbytes = (size_t)(range->end - range->byte);

	range->bytes = view(load, range, range->byte, &nbytes, buffer);
	range->end = range->byte + nbytes;
}

static void survey_range(const struct fl_load *load, struct range *range)
{
	range->survey = flat_survey_bytes(&load->format->dialect, range->bytes, (size_t)(range->end - range->byte));
}

/* The reader has nothing to do with the ranges before, but for what is bound. */
static bool make_reader(const struct fl_load *load, struct fl_worker *worker)
{
	if (worker->reader)
		return true;
	worker->reader = fl_reader_like(load->first, &load->options->reader, worker->memory);
	if (fl_have_their_own(load) && !fl_bind_columns(load, worker->reader, worker->index)) {
		flat_reader_failed(worker->reader, &worker->error);
		worker->reader = NULL;
		return false;
	}
	if (load->ntexts)
		fl_reader_bind_texts(worker->reader, worker->texts);
	return true;
}

/* What is behind the records that a reader found, if they are not all, is surveyed. */
static void add_rest(const struct fl_load *load, struct range *range, const char *bytes, size_t nbytes)
{
	flat_survey rest = flat_survey_bytes(&load->format->dialect, bytes, nbytes);

	range->lines += rest.lines;
	range->passage.records += rest.from[load->at_record].records;
	range->passage.leads_to = rest.from[load->at_record].leads_to;
}

/*
 * Guesses where the records of a range start, and has them found from there, which tells what a survey would, in passing.
 * Gives whether that was worth a try.
 */
static bool look_ahead(const struct fl_load *load, struct range *range, struct fl_worker *worker)
{
	size_t nbytes = lendable(load, range, range->byte), at = 0;
	struct fl_ahead found;

	if (range->cut || !nbytes || worker->doubt || !make_reader(load, worker))
		return false;
	if (range->index > 0)
		at = fl_guess_start(load->class_of, load->format->dialect.quote, range->bytes, nbytes);
	if (at >= nbytes)
		return false;
	fl_reader_look_ahead(worker->reader, range->byte + at, range->bytes + at, nbytes - at, &found);
	range->guessed = at;
	range->lines = fl_lines_in(range->bytes, range->bytes + at) + found.lines;
	/* The states of surveys that are the grammar's follow each other as those do. */
	range->passage = (flat_passage){.records = (range->index > 0) + found.records,
					.first = at,
					.leads_to = load->at_record + found.state - FL_AT_RECORD};
	if (found.nbytes < nbytes - at)
		add_rest(load, range, range->bytes + at + found.nbytes, nbytes - at - found.nbytes);
	return true;
}

static void survey_or_look_ahead(const struct fl_load *load, struct range *range, struct fl_worker *worker)
{
	read_bytes(load, range, worker->bytes);
	worker->ahead = look_ahead(load, range, worker);
	if (!worker->ahead)
		survey_range(load, range);
}

/* In the range's turn. */
static bool was_right(const struct fl_load *load, const struct range *range)
{
	enum fl_state state = (enum fl_state)(load->sum.state - load->at_record + FL_AT_RECORD);

	return range->index == 0 || fl_find_start(load->class_of, load->format->dialect.quote, state, range->bytes,
						  (size_t)range->guessed) == range->guessed;
}

/*
 * In its turn.  Where a guess was wrong some ranges that follow are surveyed beforehand, twice as many each time: if most
 * were wrong, threads would wait for each other's surveys.
 */
static void pass_range(const struct fl_load *load, struct range *range, struct fl_worker *worker)
{
	if (worker->ahead && was_right(load, range)) {
		worker->doubts = 0;
		return;
	}
	if (worker->ahead) {
		survey_range(load, range);
		worker->ahead = false;
		worker->doubts = worker->doubts ? (unsigned)fl_least(2 * worker->doubts, DOUBT_MOST) : 1;
		worker->doubt = worker->doubts;
	} else if (worker->doubt) {
		worker->doubt--;
	}
	range->passage = range->survey.from[load->sum.state];
	range->lines = range->survey.lines;
}

/*
 * Tells a range where its records start and which elements they fill, and adds it to the sum.
 *
 * Of the bits of a bitmap eight share a byte, which must not be written by two: if there is one, the records of a range up to
 * the next multiple of eight are left to the one before.
 */
static void add_range(const struct fl_load *load, struct range *range, struct fl_sum *sum)
{
	const flat_passage *passage = &range->passage;

	range->start = sum->start;
	range->first = sum->first;
	if (range->index > 0) {
		uint64_t nowhere = range->cut ? FLAT_NOWHERE : range->end;

		range->start.record++;
		range->start.byte = passage->first == FLAT_NOWHERE ? nowhere : range->byte + passage->first;
	}
	sum->start.byte += range->end - range->byte;
	sum->start.line += range->lines;
	sum->start.record += passage->records;
	sum->state = passage->leads_to;
	sum->first = fl_least((sum->start.record + load->step) / load->step * load->step, load->max_records);
	/* The last one's reader goes on to the end, and so meets by itself what cannot be read. */
	if (range->cut || range->end == load->nbytes)
		sum->first = load->max_records;
	range->behind = sum->first;
}

/*
 * A turn comes soon, or, with more threads than processors, when others have run, whom yields of many would only hold
 * up: then it is slept for.
 */
static void wait_a_little(unsigned *times)
{
	const struct timespec nap = {.tv_nsec = 50000};

	if (++*times < 16)
		sched_yield();
	else
		nanosleep(&nap, NULL);
}

/*
 * Waits for the range's turn: for threads that have taken a range, never for any that have not run yet.  False if
 * there is nothing behind one of the ranges before.
 */
static bool take_turn(struct fl_load *load, atomic_size_t *turn, const struct range *range)
{
	unsigned times = 0;

	while (atomic_load_explicit(turn, memory_order_acquire) != range->index) {
		if (atomic_load_explicit(&load->stopped_in, memory_order_relaxed) < range->index)
			return false;
		wait_a_little(&times);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------- read */

static void bind_measures(const struct fl_load *load, flat_reader *reader, size_t worker)
{
	flat_measure *measures = load->options->measures + worker * load->format->nfields;

	for (size_t i = 0; i < load->format->nfields; i++)
		if (!load->columns || load->columns[i].base)
			flat_bind_measure(reader, i, &measures[i]);
}

bool fl_bind_columns(const struct fl_load *load, flat_reader *reader, size_t worker)
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
static uint64_t read_pieces(const struct fl_load *load, struct fl_worker *worker, flat_reader *reader, uint64_t first,
			    uint64_t behind)
{
	const flat_load_options *options = load->options;
	flat_piece piece = {.worker = worker->index, .first = first};
	bool more = true;

	while (more && piece.first < behind) {
		size_t asked = (size_t)fl_least(behind - piece.first, options->batch);
		bool full;

		piece.n = flat_read_at(reader, 0, asked);
		full = flat_reader_failed(reader, &worker->error) && worker->error.status == FLAT_ARENA_FULL;
		piece.nbytes = flat_reader_counts(reader).bytes;
		piece.error = piece.n ? NULL : &worker->error;
		worker->refused = (piece.n || full) && !options->take(options->taker, &piece);
		if (worker->refused)
			break;
		more = full ? piece.n || fl_bind_columns(load, reader, worker->index) : piece.n == asked;
		piece.first += piece.n;
	}
	return piece.first - first;
}

uint64_t fl_read_elements(const struct fl_load *load, struct fl_worker *worker, flat_reader *reader, uint64_t first,
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

static void fail_to_read(const struct fl_load *load, flat_error *error, int os)
{
	fl_error_clear(error);
	if (os)
		fl_error_os(error, FLAT_BAD_INPUT, os, "cannot be read", load->source->name);
	else
		fl_error_set(error, FLAT_BAD_INPUT, "%s: it became shorter while it was loaded", load->source->name);
}

/* Fills elements [first, behind) of a range, from 'start' on; gives how many. */
static uint64_t read_range(const struct fl_load *load, const struct range *range, struct fl_worker *worker,
			   const struct fl_start *start, uint64_t first)
{
	size_t nlent = lendable(load, range, start->byte);
	const char *lent = nlent ? range->bytes + (start->byte - range->byte) : NULL;
	struct cursor cursor = {.load = load, .range = range, .at = start->byte + nlent, .ahead = AHEAD_NBYTES};
	flat_source source = flat_source_callback(read_on, &cursor, load->source->name);
	uint64_t passing = first - start->record, stored = 0;

	if (worker->ahead)
		fl_reader_go_on(worker->reader, &source, start);
	else
		fl_reader_go_to(worker->reader, &source, start, lent, nlent);
	worker->ahead = false;
	if (fl_reader_pass(worker->reader, (size_t)passing) == passing)
		stored = fl_read_elements(load, worker, worker->reader, first, range->behind);
	else
		flat_reader_failed(worker->reader, &worker->error);
	if (cursor.became_short && !worker->refused)
		fail_to_read(load, &worker->error, 0);
	return stored;
}

/* ------------------------------------------------------------------------------------------------ texts */

static void begin_texts(const struct fl_load *load, const struct range *range, const struct fl_worker *worker)
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
static bool add_texts(const struct fl_load *load, const struct fl_worker *worker)
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
static uint64_t store_noted(const struct fl_load *load, const struct range *range, struct fl_worker *worker)
{
	struct fl_start behind = fl_reader_start_behind(worker->reader);
	uint64_t nnoted = range->behind - range->first;

	if (behind.byte != FLAT_NOWHERE)
		nnoted = behind.record < range->first ? 0 : fl_least(behind.record - range->first, nnoted);
	fl_reader_store_noted(worker->reader, (size_t)nnoted);
	if (range->first + nnoted == range->behind)
		return nnoted;
	fl_reader_note_texts(worker->reader, false);
	return nnoted + read_range(load, range, worker, &behind, range->first + nnoted);
}

/* Reads a range that is the last: once it is known where its texts go they are converted as they come. */
static uint64_t read_last_texts(const struct fl_load *load, const struct range *range, struct fl_worker *worker)
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
static uint64_t read_texts(struct fl_load *load, const struct range *range, struct fl_worker *worker)
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
static void pass_texts(struct fl_load *load, const struct range *range)
{
	if (load->ntexts && take_turn(load, &load->texts_turn, range))
		atomic_store_explicit(&load->texts_turn, range->index + 1, memory_order_release);
}

/* ---------------------------------------------------------------------------------------------- a range */

static uint64_t fill_range(struct fl_load *load, struct range *range, struct fl_worker *worker)
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

static void load_range(struct fl_load *load, struct range *range, struct fl_worker *worker)
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

void fl_load_task(void *context, size_t index)
{
	struct fl_load *load = context;
	struct fl_worker *worker = &load->workers[index];
	size_t taken;

	while (worker->stopped_in == FL_NOBODY && (taken = take_range(load)) != FL_NOBODY) {
		uint64_t byte = load->start + (uint64_t)taken * load->range_nbytes;
		struct range range = {
			.index = taken, .byte = byte, .end = fl_least(byte + load->range_nbytes, load->nbytes)};

		survey_or_look_ahead(load, &range, worker);
		if (!take_turn(load, &load->turn, &range))
			return;
		pass_range(load, &range, worker);
		add_range(load, &range, &load->sum);
		if (range.behind == load->max_records)
			stop_in(load, taken);
		atomic_store_explicit(&load->turn, taken + 1, memory_order_release);
		load_range(load, &range, worker);
	}
}
