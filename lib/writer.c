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
#define HEADER SIZE_MAX /* in place of an element: names are written */

struct flat_writer {
	const flat_format *format;
	struct fl_sink sink;
	struct fl_quoting quoting;
	flat_quoting when;	     /* to quote */
	struct fl_emitter *emitters; /* one a field; bound if it has a base */
	char *text;
	size_t capacity, used;
	size_t mark;	     /* where the record that is being written starts; what is before it is whole records */
	size_t element;	     /* of that record */
	bool looked_through; /* that record can be written, and some of it may have left the buffer */
	bool inside;	     /* text[0] lies between quotes */
	size_t simple_max;   /* see there */
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

/* Puts a cell of which there is no doubt; gives where it ends, or NULL if there is one. */
static inline char *put_simple(const flat_writer *writer, const struct fl_emitter *emitter, size_t element, char *out)
{
	size_t nbytes;

	if (emitter->simple)
		return out + emitter->format(emitter, fl_emitter_element(emitter, element), out);
	nbytes = fl_emit_str(emitter, &writer->quoting, element, out);
	return nbytes == FL_NOT_SIMPLE ? NULL : out + nbytes;
}

/* Of the cells that have doubts beside them: what their place asks for, it asks of the first record, or the only field. */
static bool put_simple_cell(flat_writer *writer, size_t field)
{
	const struct fl_emitter *emitter = &writer->emitters[field];
	char *end;

	if (!(emitter->simple || emitter->simple_str) || writer->taken == 0 || writer->format->nfields == 1 ||
	    writer->when == FLAT_QUOTE_ALWAYS || writer->capacity - writer->used <= emitter->format_max)
		return false;
	end = put_simple(writer, emitter, writer->element, writer->text + writer->used);
	if (end)
		writer->used = (size_t)(end - writer->text);
	return end != NULL;
}

static bool put_fields(flat_writer *writer)
{
	for (size_t i = 0; i < writer->format->nfields; i++) {
		if (!put_simple_cell(writer, i) && (!put_cell(writer, i) || !make_room(writer, 1)))
			return false;
		writer->text[writer->used++] = (char)writer->format->dialect.delimiter;
	}
	writer->used--;
	return true;
}

/* A record that cannot be written leaves no trace. */
static bool put_record(flat_writer *writer, size_t element)
{
	bool crlf = writer->format->dialect.newline == FLAT_CRLF;

	writer->element = element;
	writer->looked_through = false;
	if (!put_fields(writer) || !put(writer, crlf ? "\r\n" : "\n", crlf ? 2 : 1)) {
		writer->used = writer->mark;
		return false;
	}
	writer->mark = writer->used;
	writer->whole++;
	return true;
}

/* A record of such cells, for which there is room; gives its end, or NULL. */
static inline char *put_simple_fields(const flat_writer *writer, size_t element, char *out)
{
	const struct fl_emitter *emitter = writer->emitters, *end = emitter + writer->format->nfields;
	char delimiter = (char)writer->format->dialect.delimiter;

	for (; emitter < end; emitter++) {
		out = put_simple(writer, emitter, element, out);
		if (!out)
			return NULL;
		*out++ = delimiter;
	}
	out--; /* over the last delimiter */
	if (writer->format->dialect.newline == FLAT_CRLF)
		*out++ = '\r';
	*out++ = '\n';
	return out;
}

/*
 * Puts records as long as there is room for the longest and no doubt in any; gives how many.  The same as put_record() would,
 * with nothing looked up twice.
 */
static size_t put_simple_records(flat_writer *writer, size_t first, size_t nrecords)
{
	size_t n = 0;

	/* What the place of a cell asks for, it asks of the first record. */
	if (!writer->simple_max || writer->taken == 0)
		return 0;
	while (n < nrecords && writer->capacity - writer->used >= writer->simple_max) {
		char *end = put_simple_fields(writer, first + n, writer->text + writer->used);

		if (!end)
			break;
		writer->used = (size_t)(end - writer->text);
		n++;
	}
	writer->mark = writer->used;
	writer->whole += n;
	writer->taken += n;
	return n;
}

/* The bytes that a record of simple cells may touch; 0 if not all are simple, or blank lines have to be kept off. */
static size_t simple_max(const flat_writer *writer)
{
	size_t nbytes = 2;

	if (writer->when == FLAT_QUOTE_ALWAYS || writer->format->nfields == 1)
		return 0;
	for (size_t i = 0; i < writer->format->nfields; i++) {
		const struct fl_emitter *emitter = &writer->emitters[i];

		if (!emitter->simple && !emitter->simple_str)
			return 0;
		nbytes += emitter->format_max + 1;
	}
	return nbytes;
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
	if (!writer->ready)
		writer->simple_max = simple_max(writer);
	writer->ready = true;
	return true;
}

size_t flat_write_at(flat_writer *writer, size_t first, size_t nrecords)
{
	size_t n = 0;

	if (writer->broken)
		return 0;
	if (writer->error.status != FLAT_OK)
		fl_error_clear(&writer->error);
	if (!writer->ready && !is_ready(writer))
		return 0;
	while (n < nrecords) {
		n += put_simple_records(writer, first + n, nrecords - n);
		if (n == nrecords || !put_record(writer, first + n))
			break;
		writer->taken++;
		n++;
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
	size_t emitters, text, capacity, total;
};

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
	at.emitters = (sizeof(flat_writer) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	/* put_quoted() may touch, and mend, the byte before the text. */
	at.text = at.emitters + format->nfields * sizeof(struct fl_emitter) + ALIGNMENT;
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
	flat_writer *writer;
	char *block;

	fl_error_clear(error);
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
		.sink = {.to = *sink},
		.when = given.quoting,
		.emitters = (struct fl_emitter *)(void *)(block + at.emitters),
		.text = block + at.text,
		.capacity = at.capacity,
		.allocated = !given.memory,
	};
	memset(writer->emitters, 0, format->nfields * sizeof *writer->emitters);
	fl_quoting_open(&writer->quoting, &format->dialect);
	/* A file that is there is emptied by opening it: not for a header that cannot be written. */
	if (can_write_header(writer) && fl_sink_open(&writer->sink, sink, &writer->error) == FLAT_OK &&
	    (!headers(writer) || put_record(writer, HEADER)))
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
					 &error);
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
