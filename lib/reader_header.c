/*
 * Finds where in its records a reader has the fields of its format: by the names in the header, or by position.
 */
#include "config.h"

#include "reader_state.h"

#include <string.h>

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

/* Gives the name at a position of the header, unquoted in place: the header is not needed again. */
static char *header_name(flat_reader *reader, size_t position, size_t *nbytes)
{
	struct fl_slices slices = fl_reader_slices(reader, 0, position);
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

/* A name is there a second time, at 'position'. */
static flat_status fail_twice(flat_reader *reader, size_t field, uint64_t line, uint32_t at, size_t position)
{
	struct fl_place place = fl_reader_place(reader, 0, line - 1, at);

	place.field = position + 1;
	place.schema = &reader->format->fields[field];
	return fl_error_fault(&reader->error, FL_NAME_TWICE, &place);
}

/* 'header' is what people are told to be there instead. */
static flat_status find_missing(flat_reader *reader, uint64_t line, const char *header)
{
	const flat_format *format = reader->format;

	for (size_t field = 0; reader->nfound < format->nfields && field < format->nfields; field++) {
		struct fl_place place;

		if (reader->positions[field] != FL_ABSENT)
			continue;
		place = fl_reader_place(reader, 0, line - 1, reader->index.before[0] + 1);
		place.schema = &format->fields[field];
		place.text = header;
		place.text_nbytes = strlen(header);
		return fl_error_fault(&reader->error, FL_NAME_MISSING, &place);
	}
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
	uint64_t line = fl_reader_lines_before(reader, start) + 1;
	char header[sizeof reader->error.text];

	/* Lines are counted, and the header is kept for a message, while they are there: names are unquoted in place. */
	fl_printable(header, sizeof header, reader->buffer.text + start, end - start);
	index->batch_line = fl_reader_lines_before(reader, end);
	index->batch_start = end;
	for (size_t position = 0; position < index->nfields; position++) {
		struct fl_slices slices = fl_reader_slices(reader, 0, position);
		uint32_t at = (uint32_t)(fl_slice_start(&slices, 0) - reader->buffer.text);
		size_t field = field_in_header(reader, position);

		if (field == FLAT_NO_FIELD)
			continue;
		if (reader->positions[field] != FL_ABSENT)
			return fail_twice(reader, field, line, at, position);
		reader->positions[field] = (uint32_t)position;
		reader->in_order[reader->nfound++] = (uint32_t)field;
	}
	reader->next = 1;
	return find_missing(reader, line, header);
}

flat_status fl_reader_find_fields(flat_reader *reader, size_t max_fields)
{
	const flat_format *format = reader->format;
	bool header = format->dialect.header != FLAT_HEADER_ABSENT;
	flat_status status;

	for (size_t i = 0; i < format->nfields; i++) {
		reader->positions[i] = header ? FL_ABSENT : (uint32_t)i;
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
	if (fl_reader_next_batch(reader, true))
		return find_fields(reader);
	if (reader->index.stopped)
		fl_reader_fail_in_shape(reader);
	return reader->error.status;
}
