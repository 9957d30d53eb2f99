/*
 * The writer: emits bound columns as records, through one buffer, which leaves it at the ends of records.
 *
 * Only a record longer than the buffer leaves it in parts; all of it is looked through first, so that no part of a
 * record that cannot be written is.
 */
#include "config.h"

#include "emit.h"
#include "error.h"
#include "format.h"
#include "sink.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_DEFAULT ((size_t)256 << 10)
#define BUFFER_LEAST ((size_t)4 << 10) /* several of the longest numbers */
#define BUFFER_MOST ((size_t)1 << 30)
#define ALIGNMENT 64
#define NCELLS ((size_t)512) /* 16 KiB: half of a first-level cache; more if there would be fewer than */
#define RECORDS_LEAST 4      /* which the fast loops take at a time */
#define HEADER SIZE_MAX /* in place of an element: names are written */

struct flat_writer {
	const flat_format *format;
	const struct fl_cpu *cpu;
	struct fl_sink sink;
	struct fl_quoting quoting;
	flat_quoting when;	     /* to quote */
	struct fl_emitter *emitters; /* one a field; bound if it has a base */
	struct fl_cell *cells;	     /* of as many records as there is room for, one behind the other */
	size_t ncells;
	char *text;
	size_t capacity, used;
	size_t mark;	     /* where the record that is being written starts; what is before it is whole records */
	size_t element;	     /* of that record */
	bool looked_through; /* that record can be written, and some of it may have left the buffer */
	bool inside;	     /* text[0] lies between quotes */
	bool ready;	     /* all fields are bound */
	bool broken;	     /* no going on */
	bool sink_failed;    /* ... and no byte more to be handed over */
	bool allocated;	     /* this struct is ours to free */
	uint64_t taken;	     /* records */
	uint64_t whole;	     /* records, and the header, that are complete in the buffer or beyond it */
	uint64_t lines;	     /* of those, the ones that the sink has taken whole */
	flat_error error;    /* of the last call */
};

/* --------------------------------------------------------------------------------------------- buffer */

/* Records that end in the first n bytes of the buffer: only asked when a write failed. */
static uint64_t lines_in(const flat_writer *writer, size_t n)
{
	bool inside = writer->inside;
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++) {
		inside ^= (unsigned char)writer->text[i] == writer->quoting.quote;
		lines += !inside && writer->text[i] == '\n';
	}
	return lines;
}

/* Hands the first n bytes over, and moves the others to the front. */
static bool hand_over(flat_writer *writer, size_t n)
{
	uint64_t before = writer->sink.taken;
	bool first = writer->error.status == FLAT_OK;
	flat_status status = fl_sink_write(&writer->sink, writer->text, n, &writer->error);

	if (status != FLAT_OK) {
		writer->lines += lines_in(writer, (size_t)(writer->sink.taken - before));
		writer->broken = true;
		writer->sink_failed = true;
		if (first)
			fl_error_behind(&writer->error, flat_writer_counts(writer).records);
		return false;
	}
	memmove(writer->text, writer->text + n, writer->used - n);
	writer->used -= n;
	return true;
}

static uint64_t headers(const flat_writer *writer)
{
	return writer->format->dialect.header != FLAT_HEADER_ABSENT;
}

static bool hand_over_records(flat_writer *writer)
{
	if (!hand_over(writer, writer->mark))
		return false;
	if (writer->mark)
		writer->inside = false;
	writer->mark = 0;
	writer->lines = writer->whole;
	return true;
}

static bool hand_over_part(flat_writer *writer)
{
	bool inside = writer->inside;

	for (size_t i = 0; i < writer->used; i++)
		inside ^= (unsigned char)writer->text[i] == writer->quoting.quote;
	if (!hand_over(writer, writer->used))
		return false;
	writer->inside = inside;
	return true;
}

static bool look_through(flat_writer *writer);

/* Sees to it that there is room for n bytes, n being far below the capacity. */
static bool make_room(flat_writer *writer, size_t n)
{
	if (writer->capacity - writer->used >= n)
		return true;
	if (!hand_over_records(writer))
		return false;
	if (writer->capacity - writer->used >= n)
		return true;
	if (!writer->looked_through && !look_through(writer))
		return false;
	writer->looked_through = true;
	return hand_over_part(writer);
}

static bool put(flat_writer *writer, const char *p, size_t nbytes)
{
	while (nbytes > 0) {
		size_t n;

		if (!make_room(writer, nbytes < BUFFER_LEAST / 2 ? nbytes : BUFFER_LEAST / 2))
			return false;
		n = writer->capacity - writer->used;
		if (n > nbytes)
			n = nbytes;
		memcpy(writer->text + writer->used, p, n);
		writer->used += n;
		p += n;
		nbytes -= n;
	}
	return true;
}

/*
 * libcsv writes a whole field, with a quote at both ends.  Of a field that is written in parts, the quotes between
 * parts are taken back: the one in front by writing over the byte before it, which is then mended.
 */
static bool put_quoted(flat_writer *writer, const char *p, size_t nbytes)
{
	char quote = (char)writer->quoting.quote;

	if (!put(writer, &quote, 1))
		return false;
	while (nbytes > 0) {
		size_t n, least = nbytes < BUFFER_LEAST / 8 ? nbytes : BUFFER_LEAST / 8;
		char *out, mended;

		if (!make_room(writer, 2 * least + 1))
			return false;
		n = (writer->capacity - writer->used - 1) / 2;
		if (n > nbytes)
			n = nbytes;
		out = writer->text + writer->used - 1;
		mended = *out;
		writer->used += csv_write2(out, 2 * n + 2, p, n, (unsigned char)quote) - 2;
		*out = mended;
		p += n;
		nbytes -= n;
	}
	return put(writer, &quote, 1);
}

/* ---------------------------------------------------------------------------------------------- cells */

static const unsigned char byte_order_mark[] = {0xEF, 0xBB, 0xBF};

/* Of a dialect whose delimiter is a byte of the mark, the first field and the delimiter may already be too much. */
static bool starts_like_mark(const struct fl_text *text, int next)
{
	for (size_t i = 0; i < sizeof byte_order_mark; i++) {
		int byte = i < text->nbytes ? (unsigned char)text->p[i] : next;

		if (byte != byte_order_mark[i])
			return false;
		if (i == text->nbytes)
			return true;
	}
	return true;
}

/* The next text is the first thing to be read. */
static bool is_first(const flat_writer *writer, size_t field)
{
	return field == 0 && writer->taken == 0 && (writer->element == HEADER || !headers(writer));
}

/* What a text in this place of the output must not be, without quotes. */
static bool place_needs_quotes(const flat_writer *writer, size_t field, const struct fl_text *text)
{
	if (text->nbytes == 0 && writer->format->nfields == 1)
		return true;
	return is_first(writer, field) && starts_like_mark(text, writer->format->dialect.delimiter);
}

/* There may be none, or none may be wanted; and a quote that is the mark's first byte can complete one. */
static bool quotes_can_be_put(const flat_writer *writer, size_t field, const struct fl_text *text)
{
	if (writer->when == FLAT_QUOTE_NEVER || writer->quoting.quote == FLAT_NONE)
		return false;
	return !(is_first(writer, field) && writer->quoting.quote == byte_order_mark[0] && text->nbytes >= 2 &&
		 memcmp(text->p, byte_order_mark + 1, 2) == 0);
}

/* Gives the text of a cell, with all that is to be known about its quotes. */
static fl_fault text_of(const flat_writer *writer, size_t field, char *scratch, struct fl_text *text)
{
	bool string = writer->format->fields[field].type == FLAT_STR || writer->format->fields[field].type == FLAT_TEXT;
	fl_fault fault = FL_FINE;

	if (writer->element == HEADER) {
		const char *name = writer->format->fields[field].name;

		*text = (struct fl_text){.p = name, .nbytes = strlen(name)};
		text->quoted = fl_needs_quotes(&writer->quoting, name, text->nbytes);
	} else {
		fault = fl_emit(&writer->emitters[field], &writer->quoting, writer->element, scratch, text);
	}
	if (fault != FL_FINE)
		return fault;
	if (place_needs_quotes(writer, field, text)) {
		if (text->null && string)
			return FL_NO_SPELLING;
		text->quoted = true;
	}
	if (writer->when == FLAT_QUOTE_ALWAYS && !text->null)
		text->quoted = true;
	return text->quoted && !quotes_can_be_put(writer, field, text) ? FL_NEEDS_QUOTES : FL_FINE;
}

static bool fail(flat_writer *writer, fl_fault fault, size_t field, const struct fl_text *text)
{
	const flat_field *schema = &writer->format->fields[field];
	struct fl_place place = {
		.source = writer->sink.to.name,
		.record = writer->element == HEADER ? 0 : writer->taken + 1,
		.field = field + 1,
		.schema = schema,
		.expected = fault == FL_BAD_OFFSETS ? writer->emitters[field].cells.arena_nbytes : schema->width,
	};

	if (fault == FL_NEEDS_QUOTES || fault == FL_LOOKS_NULL) {
		place.text = text->p;
		place.text_nbytes = text->nbytes;
	}
	fl_error_fault(&writer->error, fault, &place);
	return false;
}

/* The record, or the header, that is longer than the buffer: can all of it be written? */
static bool look_through(flat_writer *writer)
{
	for (size_t i = 0; i < writer->format->nfields; i++) {
		char scratch[FL_EMIT_MAX];
		struct fl_text text;
		fl_fault fault = text_of(writer, i, scratch, &text);

		if (fault != FL_FINE)
			return fail(writer, fault, i, &text);
	}
	return true;
}

static bool can_write_header(flat_writer *writer)
{
	writer->element = HEADER;
	return !headers(writer) || look_through(writer);
}

static bool put_cell(flat_writer *writer, size_t field)
{
	char scratch[FL_EMIT_MAX];
	struct fl_text text;
	fl_fault fault = text_of(writer, field, scratch, &text);

	if (fault != FL_FINE)
		return fail(writer, fault, field, &text);
	return text.quoted ? put_quoted(writer, text.p, text.nbytes) : put(writer, text.p, text.nbytes);
}

/* ---------------------------------------------------------------------------------------------- records */

/*
 * Puts fields as long as their texts are in cells and there is room; gives the first cell of which it did not.  The same as
 * put_cell() would, with nothing looked up twice.
 */
static const struct fl_cell *copy_cells(flat_writer *writer, const struct fl_cell *cell, const struct fl_cell *end)
{
	char delimiter = (char)writer->format->dialect.delimiter;
	char *out = writer->text + writer->used;
	const char *out_end = writer->text + writer->capacity - FL_CELL_COPIED;

	for (; cell < end && cell->nbytes != FL_CELL_NONE && out < out_end; cell++) {
		out = fl_cell_copy(cell, out);
		*out++ = delimiter;
	}
	writer->used = (size_t)(out - writer->text);
	return cell;
}

/* 'cells' of the record, or NULL: a record whose place asks for more than its texts do.  Each field has a delimiter behind it. */
static bool put_fields(flat_writer *writer, const struct fl_cell *cells)
{
	size_t nfields = writer->format->nfields;

	for (size_t i = 0; i < nfields; i++) {
		if (cells)
			i = (size_t)(copy_cells(writer, cells + i, cells + nfields) - cells);
		if (i == nfields)
			break;
		if (!put_cell(writer, i) || !make_room(writer, 1))
			return false;
		writer->text[writer->used++] = (char)writer->format->dialect.delimiter;
	}
	return true;
}

/* In place of the last delimiter. */
static bool put_line_break(flat_writer *writer)
{
	bool crlf = writer->format->dialect.newline == FLAT_CRLF;

	writer->used--;
	if (!make_room(writer, 2))
		return false;
	writer->text[writer->used] = '\r';
	writer->text[writer->used + crlf] = '\n';
	writer->used += crlf + 1u;
	return true;
}

/* A record that cannot be written leaves no trace. */
static bool put_record(flat_writer *writer, size_t element, const struct fl_cell *cells)
{
	writer->element = element;
	writer->looked_through = false;
	if (!put_fields(writer, cells) || !put_line_break(writer)) {
		writer->used = writer->mark;
		return false;
	}
	writer->mark = writer->used;
	writer->whole++;
	return true;
}

static bool is_ready(flat_writer *writer)
{
	for (size_t i = 0; i < writer->format->nfields && !writer->ready; i++) {
		char name[64];

		if (writer->emitters[i].cells.base)
			continue;
		fl_printable(name, sizeof name, writer->format->fields[i].name, strlen(writer->format->fields[i].name));
		fl_error_set(&writer->error, FLAT_BAD_ARGUMENT,
			     "field %zu \"%s\" is not bound, and so cannot be written", i + 1, name);
		return false;
	}
	writer->ready = true;
	return true;
}

/* The texts of up to 'nrecords' records; gives of how many. */
static size_t fill_cells(flat_writer *writer, size_t first, size_t nrecords)
{
	size_t nfields = writer->format->nfields, most = writer->ncells / nfields;
	size_t n = nrecords < most ? nrecords : most;

	for (size_t i = 0; i < nfields && writer->when != FLAT_QUOTE_ALWAYS; i++)
		fl_emit_cells(&writer->emitters[i], &writer->quoting, first, n, writer->cells + i, nfields);
	return n;
}

/*
 * Records of which the place of a cell may ask more than its text does: the first, if it is the start of the output;
 * those of one field, which must not be blank lines; all, if all is to be quoted.
 */
static bool needs_a_look(const flat_writer *writer, const struct fl_cell *cells)
{
	return writer->when == FLAT_QUOTE_ALWAYS || writer->taken == 0 ||
	       (writer->format->nfields == 1 && cells->nbytes == 0);
}

size_t flat_write_at(flat_writer *writer, size_t first, size_t nrecords)
{
	size_t nfields = writer->format->nfields, n = 0;

	if (writer->broken)
		return 0;
	if (writer->error.status != FLAT_OK)
		fl_error_clear(&writer->error);
	if (!writer->ready && !is_ready(writer))
		return 0;
	while (n < nrecords) {
		size_t end = n + fill_cells(writer, first + n, nrecords - n);

		for (const struct fl_cell *cells = writer->cells; n < end; cells += nfields) {
			if (!put_record(writer, first + n, needs_a_look(writer, cells) ? NULL : cells))
				return n;
			writer->taken++;
			n++;
		}
	}
	return n;
}

size_t flat_write(flat_writer *writer, size_t nrecords)
{
	return flat_write_at(writer, 0, nrecords);
}

flat_status flat_writer_flush(flat_writer *writer)
{
	if (writer->broken)
		return writer->error.status;
	fl_error_clear(&writer->error);
	hand_over_records(writer);
	return writer->broken ? writer->error.status : FLAT_OK;
}

bool flat_writer_failed(const flat_writer *writer, flat_error *error)
{
	if (error)
		*error = writer->error;
	return writer->error.status != FLAT_OK;
}

flat_written flat_writer_counts(const flat_writer *writer)
{
	uint64_t header = writer->lines ? headers(writer) : 0;

	return (flat_written){.taken = writer->taken, .records = writer->lines - header, .bytes = writer->sink.taken};
}

/* ----------------------------------------------------------------------------------------- open, close */

struct layout {
	size_t emitters, cells, ncells, text, capacity, total;
};

static size_t aligned(size_t nbytes)
{
	return (nbytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Total is 0 if the limits are out of range. */
static struct layout lay_out(const flat_format *format, const flat_writer_options *options)
{
	struct layout at = {.capacity = BUFFER_DEFAULT};

	if (options && options->buffer)
		at.capacity = options->buffer;
	if (at.capacity < BUFFER_LEAST)
		at.capacity = BUFFER_LEAST;
	if (at.capacity > BUFFER_MOST)
		return at;
	at.emitters = aligned(sizeof(flat_writer));
	at.cells = at.emitters + aligned(format->nfields * sizeof(struct fl_emitter));
	at.ncells = format->nfields * RECORDS_LEAST > NCELLS ? format->nfields * RECORDS_LEAST : NCELLS;
	/* put_quoted() may touch, and mend, the byte before the text: there is a cell of which nothing else is. */
	at.text = at.cells + aligned((at.ncells + 1) * sizeof(struct fl_cell));
	at.total = at.text + at.capacity;
	return at;
}

size_t flat_writer_nbytes(const flat_format *format, const flat_writer_options *options)
{
	return lay_out(format, options).total;
}

flat_writer *flat_writer_open_sink(const flat_format *format, const flat_sink *sink, const flat_writer_options *options,
				   flat_error *error)
{
	flat_writer_options given = options ? *options : (flat_writer_options){.buffer = 0};
	struct layout at = lay_out(format, options);
	const struct fl_cpu *cpu;
	flat_writer *writer;
	char *block;

	fl_error_clear(error);
	cpu = fl_cpu_choose(error);
	if (!cpu)
		return NULL;
	if (!at.total || (unsigned)given.quoting > FLAT_QUOTE_NEVER || (uintptr_t)given.memory % 16 != 0) {
		fl_error_set(error, FLAT_BAD_ARGUMENT,
			     "an option of the writer is out of range, or its memory not aligned to 16");
		return NULL;
	}
	if (given.memory && given.memory_nbytes < at.total) {
		fl_error_set(error, FLAT_NO_MEMORY, "the writer needs %zu bytes of memory and was given %zu", at.total,
			     given.memory_nbytes);
		return NULL;
	}
	block = given.memory ? given.memory : malloc(at.total);
	if (!block) {
		fl_error_set(error, FLAT_NO_MEMORY, "no memory for a writer of %zu bytes", at.total);
		return NULL;
	}
	writer = (flat_writer *)(void *)block;
	*writer = (flat_writer){
		.format = format,
		.cpu = cpu,
		.sink = {.to = *sink},
		.when = given.quoting,
		.emitters = (struct fl_emitter *)(void *)(block + at.emitters),
		.cells = (struct fl_cell *)(void *)(block + at.cells),
		.ncells = at.ncells,
		.text = block + at.text,
		.capacity = at.capacity,
		.allocated = !given.memory,
	};
	memset(writer->emitters, 0, format->nfields * sizeof *writer->emitters);
	fl_quoting_open(&writer->quoting, &format->dialect);
	/* A file that is there is emptied by opening it: not for a header that cannot be written. */
	if (can_write_header(writer) && fl_sink_open(&writer->sink, sink, &writer->error) == FLAT_OK &&
	    (!headers(writer) || put_record(writer, HEADER, NULL)))
		return writer;
	writer->broken = true;
	writer->sink_failed = true;
	flat_writer_close(writer, error);
	return NULL;
}

flat_writer *flat_writer_open(const flat_format *format, const char *path, flat_error *error)
{
	flat_sink sink = flat_sink_path(path);

	return flat_writer_open_sink(format, &sink, NULL, error);
}

flat_status flat_writer_bind_column(flat_writer *writer, size_t field, const flat_column *column)
{
	flat_error error = {.status = FLAT_OK};
	flat_status status;

	if (writer->broken)
		return writer->error.status;
	if (field >= writer->format->nfields)
		status = fl_error_set(&error, FLAT_BAD_ARGUMENT, "the format has no field of index %zu", field);
	else if (!column)
		status = fl_error_set(&error, FLAT_BAD_ARGUMENT, "a field that is written has a column, not NULL");
	else
		status = fl_emitter_bind(&writer->emitters[field], writer->format, &writer->quoting, field, column,
					 writer->cpu, &error);
	writer->ready = false;
	if (status == FLAT_OK)
		return FLAT_OK;
	writer->error = error;
	writer->broken = true;
	return status;
}

flat_status flat_writer_bind(flat_writer *writer, const char *name, const void *base, size_t stride)
{
	/* A column is the same for reading and writing; a writer only reads from it. */
	const flat_column column = {.base = (void *)(uintptr_t)base, .stride = stride};
	size_t field = flat_format_find(writer->format, name);
	char printable[64];

	if (field != FLAT_NO_FIELD || writer->broken)
		return flat_writer_bind_column(writer, field, &column);
	fl_error_clear(&writer->error);
	writer->broken = true;
	fl_printable(printable, sizeof printable, name, strlen(name));
	return fl_error_set(&writer->error, FLAT_BAD_ARGUMENT, "the format has no field \"%s\"", printable);
}

flat_status flat_writer_close(flat_writer *writer, flat_error *error)
{
	flat_error last;

	fl_error_clear(error);
	if (!writer)
		return FLAT_OK;
	/* A bind that failed takes nothing from the records that were taken before. */
	if (writer->broken && !writer->sink_failed)
		hand_over_records(writer);
	else
		flat_writer_flush(writer);
	fl_sink_close(&writer->sink, &writer->error);
	last = writer->error;
	if (writer->allocated)
		free(writer);
	if (error)
		*error = last;
	return last.status;
}
