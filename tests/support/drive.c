/*
 * Reads one input to its end in one of the many ways in which it can be read, and writes down all that came of it.
 */
#include "config.h"

#include "cpu.h"
#include "drive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More errors than that are not written down, to bound the steps of a fuzz target; they are still counted. */
enum { ERRORS_WRITTEN = 1000 };

/* ---------------------------------------------------------------------------------------------- sources */

struct feed {
	const char *bytes;
	size_t nbytes, at, chunk, ncalls;
	bool interrupted, turn, ended;
	const char *broken;
};

static ptrdiff_t hand_over(void *context, void *buffer, size_t nbytes)
{
	struct feed *feed = context;

	if (feed->ended)
		feed->broken = "the source was called again after its end";
	if (nbytes == 0)
		feed->broken = "the source was asked for no bytes";
	/* Each call gives a byte, the end, or is interrupted once. */
	if (feed->ncalls++ > 2 * feed->nbytes + 2)
		feed->broken = "the source was called more often than it has bytes";
	feed->turn = feed->interrupted && !feed->turn;
	if (feed->turn) {
		errno = EINTR;
		return -1;
	}
	if (nbytes > feed->chunk)
		nbytes = feed->chunk;
	if (nbytes > feed->nbytes - feed->at)
		nbytes = feed->nbytes - feed->at;
	if (nbytes)
		memcpy(buffer, feed->bytes + feed->at, nbytes);
	feed->at += nbytes;
	feed->ended = nbytes == 0;
	return (ptrdiff_t)nbytes;
}

static int open_pipe(const char *input, size_t nbytes)
{
	int ends[2];

	if (pipe(ends) != 0)
		abort();
	if (write(ends[1], input, nbytes) != (ssize_t)nbytes)
		abort();
	close(ends[1]);
	return ends[0];
}

static int open_file(const char *input, size_t nbytes)
{
	FILE *file = tmpfile();
	int descriptor;

	if (!file || fwrite(input, 1, nbytes, file) != nbytes || fflush(file) != 0)
		abort();
	descriptor = dup(fileno(file));
	fclose(file);
	if (descriptor < 0 || lseek(descriptor, 0, SEEK_SET) != 0)
		abort();
	return descriptor;
}

static flat_source open_source(const struct drive *way, struct feed *feed, int *descriptor)
{
	*descriptor = -1;
	if (way->source == FROM_MEMORY)
		return flat_source_memory(feed->bytes, feed->nbytes, "input");
	if (way->source == FROM_CALLBACK)
		return flat_source_callback(hand_over, feed, "input");
	*descriptor = way->source == FROM_PIPE ? open_pipe(feed->bytes, feed->nbytes) : open_file(feed->bytes, feed->nbytes);
	return flat_source_descriptor(*descriptor, "input");
}

/* ----------------------------------------------------------------------------------------------- reading */

struct session {
	const struct drive *way;
	struct outcome *outcome;
	struct table table;
	flat_reader *reader;
	struct feed feed;
	uint64_t stored, skipped, nerrors;
};

static void breaks(struct session *session, const char *promise)
{
	if (promise && !session->outcome->broken)
		session->outcome->broken = promise;
}

static void write_error(struct session *session, const flat_error *error)
{
	if (session->nerrors++ >= ERRORS_WRITTEN)
		return;
	text_print(&session->outcome->errors, "%s %llu %llu %llu %llu %s\n", flat_status_name(error->status),
		   (unsigned long long)error->record, (unsigned long long)error->line, (unsigned long long)error->field,
		   (unsigned long long)error->byte, error->message);
	if (!strstr(error->message, error->reason))
		breaks(session, "an error's message lacks its reason");
	if (!strstr(error->message, error->text))
		breaks(session, "an error's message lacks its text");
}

/* Where the next record goes, and how many are asked for. */
static size_t element(const struct session *session)
{
	return session->way->mode == READ_ONE ? 0 : (size_t)session->stored;
}

static size_t read_more(struct session *session)
{
	size_t first = element(session), room = session->table.plan.capacity - first;

	if (session->way->mode == READ_ONE)
		return flat_read(session->reader, 1);
	if (session->way->mode == READ_ONE_AT)
		return flat_read_at(session->reader, first, room ? 1 : 0);
	if (session->way->mode == READ_SOME)
		return flat_read_some(session->reader, first, room);
	return flat_read_at(session->reader, first, room);
}

static void write_records(struct session *session, size_t n)
{
	size_t first = element(session);

	if (n > session->table.plan.capacity - first) {
		breaks(session, "more records were stored than asked for");
		return;
	}
	for (size_t i = 0; i < n; i++)
		breaks(session, table_print(&session->table, first + i, &session->outcome->records));
	session->stored += n;
}

/* With a source of single bytes it can be seen that none was taken that is not needed. */
static void check_patience(struct session *session, size_t n)
{
	const struct feed *feed = &session->feed;
	bool by_bytes = session->way->source == FROM_CALLBACK && feed->chunk == 1 && session->way->mode != READ_ALL;

	if (by_bytes && n == 1 && !feed->ended && feed->bytes[feed->at - 1] != '\n')
		breaks(session, "a byte was waited for that a whole record does not need");
}

static void check_counts(struct session *session, bool bad_record)
{
	flat_counts counts = flat_reader_counts(session->reader);

	if (counts.stored != session->stored || counts.skipped != session->skipped ||
	    counts.records != session->stored + session->skipped + bad_record)
		breaks(session, "the counts of records are wrong");
	session->outcome->counts = counts;
}

/* Gives whether to go on. */
static bool deal_with(struct session *session, const flat_error *error)
{
	flat_error again;

	write_error(session, error);
	if (error->record != session->stored + session->skipped + 1)
		breaks(session, "the number of a bad record is not that of those before it plus 1");
	check_counts(session, true);
	if (read_more(session) != 0 || !flat_reader_failed(session->reader, &again) || memcmp(&again, error, sizeof again) != 0)
		breaks(session, "reading a bad record again gives something else");
	if (error->status == FLAT_ARENA_FULL && session->way->mode != READ_ONE && session->table.plan.arena_nbytes < 1u << 20) {
		table_grow_arenas(&session->table, 2 * session->table.plan.arena_nbytes + 1);
		return table_bind(&session->table, session->reader) == FLAT_OK;
	}
	session->skipped++;
	if (flat_skip_record(session->reader) != FLAT_OK)
		breaks(session, "a bad record cannot be skipped");
	if (flat_skip_record(session->reader) != FLAT_BAD_ARGUMENT)
		breaks(session, "a record that was not bad could be skipped");
	return true;
}

static void read_to_the_end(struct session *session)
{
	flat_error error;
	size_t n;
	bool going = true;

	while (going && !session->outcome->broken) {
		n = read_more(session);
		write_records(session, n);
		check_patience(session, n);
		if (flat_reader_failed(session->reader, &error))
			going = error.record > 0 && deal_with(session, &error);
		else if (n == 0)
			going = false;
		else
			check_counts(session, false);
		/* All that the table has room for, with more to come: capacity says that this cannot be. */
		if (session->way->mode != READ_ONE && session->stored >= session->table.plan.capacity)
			breaks(session, "there are more records than line breaks");
	}
	check_counts(session, false);
	if (read_more(session) != 0)
		breaks(session, "there is something behind the end");
}

/* A record takes a byte of its own and a line break, but the last one. */
static size_t most_records(const char *input, size_t nbytes)
{
	size_t n = 2;

	for (size_t i = 0; i < nbytes; i++)
		n += input[i] == '\n';
	return n;
}

/* One block for all readers that get their memory from here, never cleared: a reader must not rely on zeros. */
static void *dirty_memory(size_t nbytes)
{
	static void *memory;
	static size_t room;

	if (room < nbytes) {
		free(memory);
		room = nbytes;
		memory = test_allocate(nbytes);
	}
	memset(memory, 0xA5, nbytes < 8192 ? nbytes : 8192);
	return memory;
}

const char *drive_cpu(unsigned turn)
{
	unsigned n = 0;

	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		n += cpu->runs_here();
	turn %= n;
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		if (cpu->runs_here() && turn-- == 0)
			return cpu->name;
	return NULL;
}

static void choose_cpu(const char *name)
{
	if (name)
		setenv("FLATLOAD_CPU", name, 1);
	else
		unsetenv("FLATLOAD_CPU");
}

void drive(const flat_format *format, const char *input, size_t nbytes, const struct drive *way, struct outcome *outcome)
{
	struct session session = {.way = way, .outcome = outcome};
	struct table_plan plan = way->table;
	flat_reader_options options = way->options;
	flat_source source;
	flat_error error;
	int descriptor;

	session.feed =
		(struct feed){.bytes = input, .nbytes = nbytes, .chunk = way->chunk, .interrupted = way->interrupted};
	choose_cpu(way->cpu);
	source = open_source(way, &session.feed, &descriptor);
	if (!way->own_memory) {
		options.memory_nbytes = flat_reader_nbytes(format, &options);
		options.memory = dirty_memory(options.memory_nbytes);
	}
	session.reader = flat_reader_open_source(format, &source, &options, &error);
	if (!session.reader) {
		write_error(&session, &error);
	} else {
		plan.capacity = way->mode == READ_ONE ? 1 : most_records(input, nbytes);
		table_open(&session.table, format, &plan);
		if (table_bind(&session.table, session.reader) != FLAT_OK)
			breaks(&session, "the columns cannot be bound");
		else
			read_to_the_end(&session);
		flat_reader_close(session.reader);
		if (!table_is_intact(&session.table))
			breaks(&session, "bytes were written that are no cell");
		table_close(&session.table);
	}
	breaks(&session, session.feed.broken);
	if (descriptor >= 0)
		close(descriptor);
}

void outcome_clear(struct outcome *outcome)
{
	text_clear(&outcome->records);
	text_clear(&outcome->errors);
	outcome->broken = NULL;
	outcome->counts = (flat_counts){.records = 0};
}

void outcome_free(struct outcome *outcome)
{
	text_free(&outcome->records);
	text_free(&outcome->errors);
}

void drive_describe(const struct drive *way, struct text *text)
{
	static const char *const sources[] = {"memory", "callback", "pipe", "file"};
	static const char *const modes[] = {"all at once", "one by one", "one by one into larger arrays", "some at a time"};

	text_print(text, "%s", sources[way->source]);
	if (way->source == FROM_CALLBACK)
		text_print(text, " of %zu bytes%s", way->chunk, way->interrupted ? ", interrupted" : "");
	text_print(text, ", window %zu, %s, %s, %s, %s", way->options.window, modes[way->mode],
		   way->table.layout == LAYOUT_STRUCT ? "structs" : "separate arrays",
		   way->own_memory ? "memory of the reader's" : "memory given", way->cpu ? way->cpu : "best CPU");
}
