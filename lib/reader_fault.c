/*
 * What failed in a reader, told with its place in the input.
 */
#include "config.h"

#include "reader_state.h"

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

uint64_t fl_reader_lines_before(flat_reader *reader, uint32_t at)
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

struct fl_place fl_reader_place(const flat_reader *reader, uint64_t record, uint64_t lines, uint32_t at)
{
	return (struct fl_place){.source = reader->source.from.name,
				 .record = record,
				 .line = lines + 1,
				 .byte = reader->buffer.offset + at};
}

void fl_reader_fail_in_value(flat_reader *reader, fl_fault fault, size_t field, const char *p, const char *end)
{
	const struct fl_column *column = &reader->columns[field];
	uint32_t at = (uint32_t)(p - reader->buffer.text);
	struct fl_place place =
		fl_reader_place(reader, fl_reader_record(reader), fl_reader_lines_before(reader, at), at);

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

void fl_reader_fail_in_shape(flat_reader *reader)
{
	const struct fl_index *index = &reader->index;
	const char *text = reader->buffer.text;
	uint64_t lines = index->record_line + fl_lines_in(text + index->record_start, text + index->fault_at);
	struct fl_place place =
		fl_reader_place(reader, index->any_shape ? 0 : fl_reader_record(reader), lines, index->fault_at);
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
