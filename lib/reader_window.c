/*
 * Gets the next batch of a reader: what the index finds in what the window holds, or in what is read into it.
 */
#include "config.h"

#include "reader_state.h"

#define WINDOW_MOST ((size_t)2 << 20) /* that it grows to, for long records */

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

	if (reader->widens && nbytes > index->nrecords * (reader->buffer.window / FL_RECORDS_WANTED) &&
	    reader->buffer.window < WINDOW_MOST)
		reader->buffer.window *= 2;
}

bool fl_reader_next_batch(flat_reader *reader, bool patient)
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

void fl_reader_pass_unfinished(flat_reader *reader)
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
