/*
 * The reader: calls source, buffer, index and column loops in order, and keeps account of where it stands.
 *
 * A batch is what the index found in one window.  It is converted a field at a time, as many records as the caller
 * asked for.
 */
#include "config.h"

#include "buffer.h"
#include "column.h"
#include "error.h"
#include "format.h"
#include "index.h"
#include "measure.h"
#include "reader.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_DEFAULT ((size_t)128 << 10)
#define WINDOW_MOST ((size_t)2 << 20) /* that it grows to, for long records */
#define RECORDS_WANTED 8	      /* in it: a loop called for one record alone takes three times as long for it */
#define RECORD_DEFAULT ((size_t)16 << 20)
#define RECORD_MAX ((size_t)1 << 30)
#define FIELDS_DEFAULT ((size_t)131072)
#define ALIGNMENT 64

#define ABSENT UINT32_MAX /* as a position */

struct flat_reader {
	const flat_format *format;
	const struct fl_cpu *cpu;
	struct fl_source source;
	struct fl_buffer buffer;
	struct fl_index index;
	struct fl_column *columns,
		*own;	     /* by field; its own, unless and as long as it shares those of another reader */
	flat_column *kept;   /* what few of them have, see fl_column_bind() */
	uint32_t *positions; /* by field: in the record; ABSENT until found in the header */
	uint32_t *in_order;  /* the indexes of the fields in the order in which records have them */
	size_t nfound;	     /* of those: all, once the header is read */
	size_t stride;	     /* records to convert at a time: fewer behind one that failed */
	uint32_t counted_to; /* how far in the batch lines were counted, and how many end before that */
	uint64_t counted;
	size_t next; /* record of the batch that is to be stored next */
	uint64_t stored, skipped;
	flat_error error;	/* of the last call */
	bool bad_record;	/* ... which is about record 'next' */
	bool unfinished;	/* ... whose end has not been seen */
	bool finished;		/* a failure without a way on */
	bool widens;		/* the window does, for long records */
	bool passing;		/* nothing is converted */
	bool measuring;		/* some columns are measured */
	bool allocated;		/* this struct is ours to free */
	struct fl_start behind; /* what was lent; FLAT_NOWHERE before that */
};

/* ---------------------------------------------------------------------------------------------- memory */

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
	size_t columns, kept, positions, in_order, before, ends, text, entries, capacity, total;
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
	at.before = at.in_order + aligned(format->nfields * sizeof(uint32_t));
	at.entries = most(given->max_fields, RECORDS_WANTED * format->nfields) + FL_BLOCK;
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

/* ----------------------------------------------------------------------------------------------- errors */

/* The field at a position, or NULL.  O(log n). */
static const flat_field *field_at(const flat_reader *reader, size_t position)
{
	size_t first = 0, last = reader->nfound;

	while (first < last) {
		size_t middle = first + (last - first) / 2, field = reader->in_order[middle];

		if (reader->positions[field] == position)
			return &reader->format->fields[field];
		if (reader->positions[field] > position)
			last = middle;
		else
			first = middle + 1;
	}
	return NULL;
}

/* Lines that end before text[at], which is in the batch.  Counts on from where it last did: bad records may be many. */
static uint64_t lines_before(flat_reader *reader, uint32_t at)
{
	const char *text = reader->buffer.text;

	if (at < reader->counted_to) {
		reader->counted_to = reader->index.batch_start;
		reader->counted = reader->index.batch_line;
	}
	reader->counted += fl_lines_in(text + reader->counted_to, text + at);
	reader->counted_to = at;
	return reader->counted;
}

/* 'record' is 0 for the header. */
static struct fl_place place_of(const flat_reader *reader, uint64_t record, uint64_t lines, uint32_t at)
{
	return (struct fl_place){.source = reader->source.from.name,
				 .record = record,
				 .line = lines + 1,
				 .byte = reader->buffer.offset + at};
}

static uint64_t record_number(const flat_reader *reader)
{
	return reader->stored + reader->skipped + 1;
}

/* The value of a field, in a record of the batch, is at fault. */
static void fail_in_value(flat_reader *reader, fl_fault fault, size_t field, const char *p, const char *end)
{
	const struct fl_column *column = &reader->columns[field];
	uint32_t at = (uint32_t)(p - reader->buffer.text);
	struct fl_place place = place_of(reader, record_number(reader), lines_before(reader, at), at);

	if (column->trim)
		fl_trim(&p, &end);
	if (fl_is_quoted(column, p, end)) {
		p++;
		end--;
	}
	place.field = (uint64_t)reader->positions[field] + 1;
	place.schema = column->field;
	place.text = p;
	place.text_nbytes = (size_t)(end - p);
	place.expected = fault == FL_NO_ROOM ? column->cells->arena_nbytes : column->width;
	fl_error_fault(&reader->error, fault, &place);
	reader->bad_record = true;
}

/* The index stopped at a record that is not well-formed. */
static void fail_in_shape(flat_reader *reader)
{
	const struct fl_index *index = &reader->index;
	const char *text = reader->buffer.text;
	uint64_t lines = index->record_line + fl_lines_in(text + index->record_start, text + index->fault_at);
	struct fl_place place = place_of(reader, index->any_shape ? 0 : record_number(reader), lines, index->fault_at);
	fl_fault fault = index->fault;

	place.expected = fault == FL_TOO_LONG ? index->max_record : index->nfields;
	place.found = index->nfound;
	if (fault != FL_TOO_LONG) {
		place.field = index->fault_field + 1;
		place.schema = field_at(reader, index->fault_field);
	}
	if (index->any_shape && fault == FL_TOO_MANY)
		fault = FL_TOO_WIDE_HEADER;
	fl_error_fault(&reader->error, fault, &place);
	reader->bad_record = true;
}

/* ----------------------------------------------------------------------------------------------- window */

/* Reads once more, and scans what came.  Only when all records of the batch are dealt with. */
static flat_status fill(flat_reader *reader)
{
	struct fl_index *index = &reader->index;
	size_t dropped = index->record_start;
	flat_status status;

	if (fl_buffer_show(&reader->buffer))
		return FLAT_OK;
	if (reader->buffer.lent)
		reader->behind = (struct fl_start){.byte = reader->buffer.offset + dropped,
						   .line = index->record_line,
						   .record = reader->stored + reader->skipped};
	status = fl_buffer_fill(&reader->buffer, &reader->source, dropped, &reader->error);
	reader->finished = status != FLAT_OK;
	fl_index_shift(index, dropped);
	return status;
}

/* Few records, with as many fields as they like, in a batch: from now on there are to be more. */
static void widen(flat_reader *reader)
{
	const struct fl_index *index = &reader->index;
	size_t nbytes = index->record_start - index->batch_start;

	if (reader->widens && nbytes > index->nrecords * (reader->buffer.window / RECORDS_WANTED) &&
	    reader->buffer.window < WINDOW_MOST)
		reader->buffer.window *= 2;
}

/*
 * Finds the next batch: in what is left of the window, else, if 'patient', in more input.  Gives whether there is one.
 */
static bool next_batch(flat_reader *reader, bool patient)
{
	struct fl_index *index = &reader->index;
	struct fl_buffer *buffer = &reader->buffer;

	reader->next = 0;
	widen(reader);
	for (;;) {
		fl_index_begin(index);
		reader->counted_to = index->batch_start;
		reader->counted = index->batch_line;
		fl_index_scan(index, buffer->text, buffer->used, buffer->ended);
		if (index->nrecords || index->stopped || buffer->ended)
			return index->nrecords > 0;
		/* A carriage return at the end may yet be part of the line break. */
		if (index->at - index->record_start > index->max_record + 1) {
			fl_index_too_long(index);
			index->stopped = true;
			reader->unfinished = true;
			return false;
		}
		if (!patient || fill(reader) != FLAT_OK)
			return false;
	}
}

/* Passes the rest of a record that was given up as too long before its end was seen. */
static void pass_unfinished(flat_reader *reader)
{
	struct fl_index *index = &reader->index;
	struct fl_buffer *buffer = &reader->buffer;

	reader->unfinished = false;
	index->stopped = false;
	for (;;) {
		fl_index_drop(index);
		if (fill(reader) != FLAT_OK)
			return;
		fl_index_scan(index, buffer->text, buffer->used, buffer->ended);
		if (index->stopped || buffer->ended)
			return;
	}
}

/* ----------------------------------------------------------------------------------------------- header */

static const char byte_order_mark[] = "\xEF\xBB\xBF";

/* Reads as far as it takes to know whether the input starts with a byte order mark, and passes it. */
static flat_status pass_byte_order_mark(flat_reader *reader)
{
	struct fl_buffer *buffer = &reader->buffer;
	size_t mark = sizeof byte_order_mark - 1;

	while (buffer->used < mark && !buffer->ended && memcmp(buffer->text, byte_order_mark, buffer->used) == 0) {
		flat_status status = fl_buffer_fill(buffer, &reader->source, 0, &reader->error);

		if (status != FLAT_OK)
			return status;
	}
	if (buffer->used >= mark && memcmp(buffer->text, byte_order_mark, mark) == 0)
		fl_index_start(&reader->index, mark);
	return FLAT_OK;
}

static struct fl_slices slices_of(const flat_reader *reader, size_t record, size_t position)
{
	const struct fl_index *index = &reader->index;
	const uint32_t *ends = index->ends + record * index->nfields + position;
	struct fl_slices slices = {
		.text = reader->buffer.text,
		.before = ends - 1,
		.before_step = index->nfields,
		.end = ends,
		.end_step = index->nfields,
	};

	if (position == 0) {
		slices.before = index->before + record;
		slices.before_step = 1;
	}
	return slices;
}

/* Gives the name at a position of the header, unquoted in place: the header is not needed again. */
static char *header_name(flat_reader *reader, size_t position, size_t *nbytes)
{
	struct fl_slices slices = slices_of(reader, 0, position);
	const char *p = fl_slice_start(&slices, 0), *end = fl_slice_end(&slices, 0);
	int quote = reader->format->dialect.quote;
	char *name, *out;

	if (reader->format->dialect.trim)
		fl_trim(&p, &end);
	name = reader->buffer.text + (p - reader->buffer.text);
	*nbytes = (size_t)(end - p);
	if (p == end || (unsigned char)*p != quote)
		return name;
	out = name;
	for (p++, end--; p < end; p++) {
		*out++ = *p;
		p += (unsigned char)*p == quote;
	}
	*nbytes = (size_t)(out - name);
	return name;
}

/* A name that the format wants is missing, or is there a second time at 'position'. */
static flat_status fail_in_header(flat_reader *reader, fl_fault fault, size_t field, uint64_t line, uint32_t at,
				  size_t position)
{
	struct fl_place place = place_of(reader, 0, line - 1, at);

	place.field = fault == FL_NAME_TWICE ? position + 1 : 0;
	place.schema = &reader->format->fields[field];
	return fl_error_fault(&reader->error, fault, &place);
}

static flat_status find_missing(flat_reader *reader, uint64_t line)
{
	for (size_t field = 0; reader->nfound < reader->format->nfields && field < reader->format->nfields; field++)
		if (reader->positions[field] == ABSENT)
			return fail_in_header(reader, FL_NAME_MISSING, field, line, reader->index.before[0] + 1, 0);
	return FLAT_OK;
}

/* The field of the format that a position of the header is of. */
static size_t field_in_header(flat_reader *reader, size_t position)
{
	const flat_format *format = reader->format;
	size_t nbytes;
	const char *name;

	if (format->dialect.header == FLAT_HEADER_SKIPPED)
		return position < format->nfields ? position : FLAT_NO_FIELD;
	name = header_name(reader, position, &nbytes);
	return fl_format_find(format, name, nbytes, position);
}

/* The header is the first record of the first batch. */
static flat_status find_fields(flat_reader *reader)
{
	struct fl_index *index = &reader->index;
	uint32_t start = index->before[0] + 1, end = index->ends[index->nfields - 1];
	uint64_t line = lines_before(reader, start) + 1;

	/* Lines are counted while they are there, and from here on never again: names are unquoted in place. */
	index->batch_line = lines_before(reader, end);
	index->batch_start = end;
	for (size_t position = 0; position < index->nfields; position++) {
		struct fl_slices slices = slices_of(reader, 0, position);
		uint32_t at = (uint32_t)(fl_slice_start(&slices, 0) - reader->buffer.text);
		size_t field = field_in_header(reader, position);

		if (field == FLAT_NO_FIELD)
			continue;
		if (reader->positions[field] != ABSENT)
			return fail_in_header(reader, FL_NAME_TWICE, field, line, at, position);
		reader->positions[field] = (uint32_t)position;
		reader->in_order[reader->nfound++] = (uint32_t)field;
	}
	reader->next = 1;
	return find_missing(reader, line);
}

static flat_status start(flat_reader *reader, size_t max_fields)
{
	const flat_format *format = reader->format;
	bool header = format->dialect.header != FLAT_HEADER_ABSENT;
	flat_status status;

	for (size_t i = 0; i < format->nfields; i++) {
		reader->positions[i] = header ? ABSENT : (uint32_t)i;
		reader->in_order[i] = (uint32_t)i;
	}
	reader->nfound = header ? 0 : format->nfields;
	if (header)
		fl_index_take_shape(&reader->index, max_fields);
	else
		fl_index_set_shape(&reader->index, format->nfields);
	status = pass_byte_order_mark(reader);
	if (!header || status != FLAT_OK)
		return status;
	if (next_batch(reader, true))
		return find_fields(reader);
	if (reader->index.stopped)
		fail_in_shape(reader);
	return reader->error.status;
}

/* ------------------------------------------------------------------------------------------ open, close */

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
	    start(reader, given.max_fields) == FLAT_OK)
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

/* -------------------------------------------------------------------------------------- start elsewhere */

const flat_source *fl_reader_source(const flat_reader *reader)
{
	return &reader->source.from;
}

bool fl_reader_start(const flat_reader *reader, struct fl_start *start)
{
	const struct fl_index *index = &reader->index;

	/* The header's own line break is then a blank line. */
	*start = (struct fl_start){.byte = reader->buffer.offset + index->batch_start, .line = index->batch_line};
	if (!index->nrecords)
		*start = (struct fl_start){.byte = reader->buffer.offset + index->record_start,
					   .line = index->record_line};
	return !index->any_shape;
}

size_t fl_reader_nfields(const flat_reader *reader)
{
	return reader->index.nfields;
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

void fl_reader_go_to(flat_reader *reader, const flat_source *source, const struct fl_start *start, const char *lent,
		     size_t nlent)
{
	const flat_reader before = *reader;

	*reader = (flat_reader){
		.format = before.format,
		.cpu = before.cpu,
		.source = {.from = *source},
		.buffer = {.text = before.buffer.lent ? before.buffer.own : before.buffer.text,
			   .capacity = before.buffer.capacity,
			   .window = before.buffer.window,
			   .offset = start->byte},
		.columns = before.columns,
		.own = before.own,
		.kept = before.kept,
		.positions = before.positions,
		.in_order = before.in_order,
		.widens = before.widens,
		.measuring = before.measuring,
		.nfound = before.nfound,
		.stride = SIZE_MAX,
		.stored = start->record,
	};
	fl_index_open_like(&reader->index, &before.index, before.index.before, before.index.ends, start->line);
	reader->behind = *start;
	if (!nlent)
		return;
	reader->behind.byte = FLAT_NOWHERE;
	fl_buffer_lend(&reader->buffer, lent, nlent);
}

void fl_reader_look_ahead(flat_reader *reader, uint64_t byte, const char *lent, size_t nlent, struct fl_ahead *found)
{
	const flat_source none = {.name = ""};
	const struct fl_start start = {.byte = byte};
	struct fl_index *index = &reader->index;
	bool all;

	fl_reader_go_to(reader, &none, &start, lent, nlent);
	fl_buffer_show_all(&reader->buffer);
	fl_index_scan(index, lent, nlent, false);
	all = index->at == nlent && !index->stopped;
	*found = (struct fl_ahead){.records = index->nrecords,
				   .lines = all ? index->line : index->record_line,
				   .nbytes = all ? nlent : index->record_start,
				   .state = index->state};
}

void fl_reader_go_on(flat_reader *reader, const flat_source *source, const struct fl_start *start)
{
	reader->source.from = *source;
	reader->stored = start->record;
	reader->counted += start->line;
	fl_index_add_lines(&reader->index, start->line);
}

/* Before anything of a column changes: others that share it go on with what it was. */
static void claim_columns(flat_reader *reader)
{
	if (reader->columns == reader->own)
		return;
	memcpy(reader->own, reader->columns, reader->format->nfields * sizeof *reader->own);
	reader->columns = reader->own;
}

struct fl_start fl_reader_start_behind(const flat_reader *reader)
{
	return reader->behind;
}

static struct fl_column *texts_at(flat_reader *reader, size_t field)
{
	struct fl_column *column = &reader->columns[field];

	return column->base && column->field->type == FLAT_TEXT ? column : NULL;
}

size_t fl_reader_bind_texts(flat_reader *reader, struct fl_texts *texts)
{
	size_t n = 0;

	claim_columns(reader);
	for (size_t i = 0; i < reader->format->nfields; i++)
		if (texts_at(reader, i))
			texts_at(reader, i)->texts = &texts[n++];
	return n;
}

void fl_reader_note_texts(flat_reader *reader, bool noted)
{
	for (size_t i = 0; i < reader->format->nfields; i++)
		if (texts_at(reader, i))
			texts_at(reader, i)->convert = noted ? reader->cpu->loops->note_text : fl_convert_text;
}

void fl_reader_store_noted(flat_reader *reader, size_t n)
{
	for (size_t i = 0; i < reader->format->nfields; i++)
		if (texts_at(reader, i))
			fl_store_noted(texts_at(reader, i), n);
}

/* -------------------------------------------------------------------------------------------------- bind */

flat_status flat_bind_column(flat_reader *reader, size_t field, const flat_column *column)
{
	flat_status status;

	if (reader->finished)
		return reader->error.status;
	claim_columns(reader);
	if (field >= reader->format->nfields) {
		fl_error_clear(&reader->error);
		status = fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "the format has no field of index %zu", field);
	} else if (!column) {
		reader->columns[field].base = NULL;
		return FLAT_OK;
	} else {
		flat_error error = {.status = FLAT_OK};

		status = fl_column_bind(&reader->columns[field], &reader->kept[field], reader->format, field, column,
					reader->cpu, &error);
		if (status == FLAT_OK)
			return FLAT_OK;
		reader->error = error;
	}
	reader->finished = true;
	return status;
}

flat_status flat_bind_measure(flat_reader *reader, size_t field, flat_measure *measure)
{
	if (reader->finished)
		return reader->error.status;
	if (field < reader->format->nfields && measure) {
		claim_columns(reader);
		fl_measure_bind(&reader->columns[field], reader->format, field, measure);
		reader->measuring = true;
		return FLAT_OK;
	}
	reader->finished = true;
	fl_error_clear(&reader->error);
	if (!measure)
		return fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "measure is NULL");
	return fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "the format has no field of index %zu", field);
}

flat_status flat_bind(flat_reader *reader, const char *name, void *base, size_t stride)
{
	const flat_column column = {.base = base, .stride = stride};
	size_t field = flat_format_find(reader->format, name);
	char printable[64];

	if (field != FLAT_NO_FIELD || reader->finished)
		return flat_bind_column(reader, field, &column);
	fl_printable(printable, sizeof printable, name, strlen(name));
	fl_error_clear(&reader->error);
	reader->finished = true;
	return fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "the format has no field \"%s\"", printable);
}

/* -------------------------------------------------------------------------------------------------- read */

/* A field in which a record of the batch failed. */
struct failure {
	fl_fault fault;
	size_t field;
};

/* Fields ahead of which cells are fetched: to convert as many takes as long as a line takes to come from the memory. */
#define AHEAD 8

FL_INLINE void fetch_cell(const flat_reader *reader, size_t i, size_t first)
{
	const struct fl_column *column;

	if (i >= reader->nfound)
		return;
	column = &reader->columns[reader->in_order[i]];
	if (column->base)
		fl_fetch_to_write(fl_element(column, first));
}

/*
 * Has those fields that are measured, or those that are not, of records [next, next + n) of the batch converted; gives
 * how many came through.  A batch has few records of many fields, and then what is done once a field counts.
 */
static size_t convert_fields(flat_reader *reader, size_t first, size_t n, bool measured, struct failure *failure)
{
	fl_fault fault = FL_FINE;

	for (size_t i = 0; i < reader->nfound && n > 0; i++) {
		size_t field = reader->in_order[i], done;
		const struct fl_column *column = &reader->columns[field];
		struct fl_slices slices;

		fetch_cell(reader, i + AHEAD, first);
		if (!column->base || column->measured != measured)
			continue;
		slices = slices_of(reader, reader->next, reader->positions[field]);
		if (column->cells->validity != FLAT_VALIDITY_NONE)
			fl_column_mark_valid(column, first, n);
		done = column->convert(column, &slices, first, n, &fault);
		if (done < n)
			*failure = (struct failure){.fault = fault, .field = field};
		n = done;
	}
	return n;
}

/*
 * Stores records [next, next + n) of the batch, as far as all fields of each can be: gives how many.  Of several
 * failing records the first counts, of several failing fields the first of that record, whatever the size of the
 * batch.  Measures, which cannot be taken back, come last.
 */
static size_t convert_batch(flat_reader *reader, size_t first, size_t n, struct failure *failure)
{
	n = convert_fields(reader, first, n, false, failure);
	return reader->measuring ? convert_fields(reader, first, n, true, failure) : n;
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Fields in front of the one that fails are converted for records behind the failing one, in vain.  So that many bad
 * records do not make that many times as much work, after each one no more records are converted than came through
 * since, and one.
 */
static size_t read_batch(flat_reader *reader, size_t first, size_t max_records)
{
	size_t n = min(min(reader->index.nrecords - reader->next, max_records), reader->stride);
	struct failure failure = {.fault = FL_FINE};
	size_t done = reader->passing ? n : convert_batch(reader, first, n, &failure);

	reader->next += done;
	reader->stored += done;
	reader->stride = done < n ? 1 : reader->stride <= SIZE_MAX / 2 ? 2 * reader->stride : SIZE_MAX;
	if (done < n) {
		struct fl_slices slices = slices_of(reader, reader->next, reader->positions[failure.field]);

		fail_in_value(reader, failure.fault, failure.field, fl_slice_start(&slices, 0),
			      fl_slice_end(&slices, 0));
	}
	return done;
}

static size_t read_records(flat_reader *reader, size_t first, size_t max_records, bool some)
{
	size_t stored = 0;

	if (reader->finished)
		return 0;
	if (reader->error.status != FLAT_OK)
		fl_error_clear(&reader->error);
	reader->bad_record = false;
	while (stored < max_records && reader->error.status == FLAT_OK) {
		if (reader->next < reader->index.nrecords)
			stored += read_batch(reader, first + stored, max_records - stored);
		else if (reader->index.stopped)
			fail_in_shape(reader);
		else if (!next_batch(reader, !some || stored == 0) && !reader->index.stopped)
			break;
	}
	return stored;
}

size_t flat_read(flat_reader *reader, size_t max_records)
{
	return read_records(reader, 0, max_records, false);
}

size_t flat_read_at(flat_reader *reader, size_t first, size_t max_records)
{
	return read_records(reader, first, max_records, false);
}

size_t flat_read_some(flat_reader *reader, size_t first, size_t max_records)
{
	return read_records(reader, first, max_records, true);
}

size_t fl_reader_pass(flat_reader *reader, size_t nrecords)
{
	size_t passed;

	reader->passing = true;
	passed = read_records(reader, 0, nrecords, false);
	reader->passing = false;
	return passed;
}

bool flat_reader_failed(const flat_reader *reader, flat_error *error)
{
	if (error)
		*error = reader->error;
	return reader->error.status != FLAT_OK;
}

flat_status flat_skip_record(flat_reader *reader)
{
	if (!reader->bad_record || reader->finished)
		return FLAT_BAD_ARGUMENT;
	fl_error_clear(&reader->error);
	reader->bad_record = false;
	reader->skipped++;
	if (reader->next < reader->index.nrecords) {
		reader->next++;
		return FLAT_OK;
	}
	if (reader->unfinished)
		pass_unfinished(reader);
	fl_index_pass(&reader->index);
	return reader->error.status;
}

/* Behind the line break at text[at]; 'at', if the input ends there.  Blank lines behind it may not have been read yet. */
static uint32_t end_of_line(const flat_reader *reader, uint32_t at)
{
	const struct fl_buffer *buffer = &reader->buffer;

	at += at < buffer->used && buffer->text[at] == '\r';
	at += at < buffer->used && buffer->text[at] == '\n';
	return at;
}

const char *flat_failed_record(const flat_reader *reader, size_t *nbytes)
{
	const struct fl_index *index = &reader->index;
	size_t next = reader->next;
	uint32_t start = index->record_start, end = index->at;

	*nbytes = 0;
	if (!reader->bad_record)
		return NULL;
	if (next < index->nrecords) {
		start = index->before[next] + 1;
		end = end_of_line(reader, index->ends[(next + 1) * index->nfields - 1]);
	}
	*nbytes = end - start;
	return reader->buffer.text + start;
}

flat_counts flat_reader_counts(const flat_reader *reader)
{
	return (flat_counts){
		.records = reader->stored + reader->skipped + reader->bad_record,
		.stored = reader->stored,
		.skipped = reader->skipped,
		.bytes = reader->buffer.offset + reader->buffer.used,
	};
}

uint64_t fl_reader_nbytes_stored(const flat_reader *reader)
{
	const struct fl_index *index = &reader->index;
	uint32_t end = index->batch_start;

	if (reader->next > 0)
		end = end_of_line(reader, index->ends[reader->next * index->nfields - 1]);
	return reader->buffer.offset + end;
}

uint64_t fl_reader_nlines(flat_reader *reader)
{
	return lines_before(reader, (uint32_t)reader->buffer.used);
}
