/*
 * A reader's memory, in one block; opens and closes it.
 */
#include "config.h"

#include "reader_state.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_DEFAULT ((size_t)128 << 10)
#define RECORD_DEFAULT ((size_t)16 << 20)
#define RECORD_MAX ((size_t)1 << 30)
#define FIELDS_DEFAULT ((size_t)131072)
#define ALIGNMENT 64

static flat_reader_options complete(const flat_format *format, const flat_reader_options *options)
{
	flat_reader_options given = options ? *options : (flat_reader_options){.window = 0};

	if (!given.window)
		given.window = WINDOW_DEFAULT;
	if (!given.max_record)
		given.max_record = RECORD_DEFAULT;
	if (!given.max_fields)
		given.max_fields = FIELDS_DEFAULT;
	if (given.max_fields < format->nfields)
		given.max_fields = format->nfields;
	return given;
}

static size_t aligned(size_t nbytes)
{
	return (nbytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Where the parts lie in the one block. */
struct layout {
	size_t columns, kept, positions, in_order, lanes, rest, before, ends, text, entries, capacity, total;
};

/* Total is 0 if the limits are out of range. */
static struct layout lay_out(const flat_format *format, const flat_reader_options *given)
{
	struct layout at = {.total = 0};

	if (given->window > RECORD_MAX || given->max_record > RECORD_MAX ||
	    given->max_fields > RECORD_MAX / sizeof(uint32_t))
		return at;
	/* The line break is two bytes at most. */
	at.capacity = given->max_record + 2 > given->window ? given->max_record + 2 : given->window;
	at.columns = aligned(sizeof(flat_reader));
	at.kept = at.columns + aligned(format->nfields * sizeof(struct fl_column));
	at.positions = at.kept + aligned(format->nfields * sizeof(flat_column));
	at.in_order = at.positions + aligned(format->nfields * sizeof(uint32_t));
	at.lanes = at.in_order + aligned(format->nfields * sizeof(uint32_t));
	at.rest = at.lanes + aligned(format->nfields / FL_LANE_FIELDS * sizeof(struct fl_lane));
	at.before = at.rest + aligned(format->nfields * sizeof(uint32_t));
	at.entries = most(given->max_fields, FL_RECORDS_WANTED * format->nfields) + FL_BLOCK;
	at.ends = at.before + aligned(at.entries * sizeof(uint32_t));
	at.text = at.ends + aligned(at.entries * sizeof(uint32_t)) + FL_MARGIN;
	at.total = at.text + at.capacity;
	return at;
}

size_t flat_reader_nbytes(const flat_format *format, const flat_reader_options *options)
{
	flat_reader_options given = complete(format, options);

	return lay_out(format, &given).total;
}

/* All but the source and the index, which is yet to be opened. */
static flat_reader *place_reader(const flat_format *format, const struct fl_cpu *cpu, const flat_reader_options *given,
				 const struct layout *at, char *block)
{
	flat_reader *reader = (flat_reader *)(void *)block;

	*reader = (flat_reader){
		.format = format,
		.cpu = cpu,
		.columns = (struct fl_column *)(void *)(block + at->columns),
		.own = (struct fl_column *)(void *)(block + at->columns),
		.kept = (flat_column *)(void *)(block + at->kept),
		.positions = (uint32_t *)(void *)(block + at->positions),
		.in_order = (uint32_t *)(void *)(block + at->in_order),
		.lanes = (struct fl_lane *)(void *)(block + at->lanes),
		.rest = (uint32_t *)(void *)(block + at->rest),
		.buffer = {.text = block + at->text, .capacity = at->capacity, .window = given->window},
		.stride = SIZE_MAX,
	};
	memset(reader->buffer.text - FL_MARGIN, 0, FL_MARGIN);
	return reader;
}

flat_reader *flat_reader_open_source(const flat_format *format, const flat_source *source,
				     const flat_reader_options *options, flat_error *error)
{
	flat_reader_options given = complete(format, options);
	struct layout at = lay_out(format, &given);
	const struct fl_cpu *cpu;
	flat_reader *reader;
	char *block;

	fl_error_clear(error);
	cpu = fl_cpu_choose(error);
	if (!cpu)
		return NULL;
	if (!at.total || (uintptr_t)given.memory % 16 != 0) {
		fl_error_set(error, FLAT_BAD_ARGUMENT,
			     "a limit of the reader is out of range, or its memory not aligned to 16");
		return NULL;
	}
	if (given.memory && given.memory_nbytes < at.total) {
		fl_error_set(error, FLAT_NO_MEMORY, "the reader needs %zu bytes of memory and was given %zu", at.total,
			     given.memory_nbytes);
		return NULL;
	}
	block = given.memory ? given.memory : malloc(at.total);
	if (!block) {
		fl_error_set(error, FLAT_NO_MEMORY, "no memory for a reader of %zu bytes; lower max_record", at.total);
		return NULL;
	}
	reader = place_reader(format, cpu, &given, &at, block);
	reader->allocated = !given.memory;
	reader->widens = !options || !options->window;
	memset(reader->columns, 0, format->nfields * sizeof *reader->columns);
	fl_index_open(&reader->index, &format->dialect, cpu, given.max_record, (uint32_t *)(void *)(block + at.before),
		      (uint32_t *)(void *)(block + at.ends), at.entries);
	if (fl_source_open(&reader->source, source, &reader->error) == FLAT_OK &&
	    fl_reader_find_fields(reader, given.max_fields) == FLAT_OK)
		return reader;
	if (error)
		*error = reader->error;
	flat_reader_close(reader);
	return NULL;
}

flat_reader *flat_reader_open(const flat_format *format, const char *path, flat_error *error)
{
	flat_source source = flat_source_path(path);

	return flat_reader_open_source(format, &source, NULL, error);
}

void flat_reader_close(flat_reader *reader)
{
	if (!reader)
		return;
	fl_source_close(&reader->source);
	if (reader->allocated)
		free(reader);
}

flat_reader *fl_reader_like(const flat_reader *first, const flat_reader_options *options, void *memory)
{
	const flat_format *format = first->format;
	flat_reader_options given = complete(format, options);
	struct layout at = lay_out(format, &given);
	char *block = memory;
	flat_reader *reader = place_reader(format, first->cpu, &given, &at, block);

	reader->columns = first->columns;
	reader->positions = first->positions;
	reader->in_order = first->in_order;
	reader->nfound = first->nfound;
	reader->measuring = first->measuring;
	reader->widens = first->widens;
	fl_index_open_like(&reader->index, &first->index, (uint32_t *)(void *)(block + at.before),
			   (uint32_t *)(void *)(block + at.ends), 0);
	return reader;
}
