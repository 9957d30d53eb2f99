/*
 * Finds fields and records in a window of bytes: byte by byte with the table of the grammar, which is the reference,
 * and in blocks where they are regular.
 */
#include "config.h"

#include "index.h"

#include <string.h>

void fl_index_set_shape(struct fl_index *index, size_t nfields)
{
	index->nfields = nfields;
	index->any_shape = false;
}

void fl_index_take_shape(struct fl_index *index, size_t most)
{
	index->nfields = most;
	index->any_shape = true;
}

void fl_index_open(struct fl_index *index, const flat_dialect *dialect, const struct fl_cpu *cpu, size_t max_record,
		   uint32_t *before, uint32_t *ends, size_t capacity)
{
	*index = (struct fl_index){.max_record = max_record, .before = before, .ends = ends, .capacity = capacity,
				   .run = FL_RUN};
	index->bytes = fl_bytes_of(dialect);
	/* Blocks know nothing of blanks. */
	index->blocks = dialect->trim ? NULL : cpu->index;
	fl_classify(index->class_of, dialect);
}

void fl_index_open_like(struct fl_index *like, const struct fl_index *index, uint32_t *before, uint32_t *ends,
			uint64_t line)
{
	*like = (struct fl_index){
		.nfields = index->nfields,
		.max_record = index->max_record,
		.before = before,
		.ends = ends,
		.capacity = index->capacity,
		.bytes = index->bytes,
		.blocks = index->blocks,
		.run = FL_RUN,
		.state = FL_AT_RECORD,
		.batch_line = line,
		.record_line = line,
		.line = line,
	};
	memcpy(like->class_of, index->class_of, sizeof like->class_of);
}

void fl_index_begin(struct fl_index *index)
{
	size_t found = index->nfound < index->nfields ? index->nfound : index->nfields;

	/* Short reads of one wide record must not touch all its fields again and again. */
	if (index->nrecords)
		memmove(index->ends, index->ends + index->nrecords * index->nfields, found * sizeof *index->ends);
	index->nrecords = 0;
	index->batch_start = index->record_start;
	index->batch_line = index->record_line;
}

void fl_index_shift(struct fl_index *index, size_t nbytes)
{
	uint32_t shift = (uint32_t)nbytes;
	size_t found = index->nfound < index->nfields ? index->nfound : index->nfields;

	if (!shift)
		return;
	for (size_t i = 0; i < found; i++)
		index->ends[i] -= shift;
	index->record_start -= shift;
	index->batch_start -= shift;
	index->field_start -= shift;
	index->at -= shift;
	index->odd_to = index->odd_to > shift ? index->odd_to - shift : 0;
	index->fault_at -= shift;
}

void fl_index_add_lines(struct fl_index *index, uint64_t nlines)
{
	index->batch_line += nlines;
	index->record_line += nlines;
	index->line += nlines;
}

/* The first fault of a record is the one that is told. */
static void note_fault(struct fl_index *index, fl_fault fault, uint32_t at)
{
	if (index->fault != FL_FINE)
		return;
	index->fault = fault;
	index->fault_at = at;
	index->fault_field = index->nfound;
}

/*
 * Whatever else is wrong with the record: otherwise it would depend on the size of the buffer which fault is seen
 * first.
 */
void fl_index_too_long(struct fl_index *index)
{
	index->fault = FL_TOO_LONG;
	index->fault_at = index->record_start;
	index->fault_field = 0;
}

static void end_field(struct fl_index *index, uint32_t end)
{
	if (index->nfound < index->nfields)
		index->ends[index->nrecords * index->nfields + index->nfound] = end;
	else
		note_fault(index, FL_TOO_MANY, index->field_start);
	index->nfound++;
	index->field_start = end + 1;
}

static void start_record(struct fl_index *index, uint32_t at)
{
	index->record_start = at;
	index->field_start = at;
	index->record_line = index->line;
	index->nfound = 0;
	index->state = FL_AT_RECORD;
}

static bool is_too_long(const struct fl_index *index, uint32_t end)
{
	return end - index->record_start > index->max_record;
}

/* The record's last field ends at 'end', the next record starts at 'next'. */
static void end_record(struct fl_index *index, uint32_t end, uint32_t next)
{
	bool too_long = is_too_long(index, end);

	end_field(index, end);
	if (index->nfound < index->nfields && !index->any_shape)
		note_fault(index, FL_TOO_FEW, end);
	if (too_long)
		fl_index_too_long(index);
	if (index->fault != FL_FINE) {
		index->stopped = true;
		return;
	}
	if (index->any_shape)
		fl_index_set_shape(index, index->nfound);
	index->before[index->nrecords++] = index->record_start - 1;
	start_record(index, next);
}

/* A blank line is no record; but of one that is too long, who knows what it is. */
static void end_blank(struct fl_index *index, uint32_t end, uint32_t next)
{
	if (is_too_long(index, end) || index->fault != FL_FINE)
		end_record(index, end, next);
	else
		start_record(index, next);
}

/* What is left of the input has no line break behind it. */
static void end_input(struct fl_index *index)
{
	enum fl_state state = index->state;
	uint32_t end = index->at;

	if (index->record_start == end)
		return;
	if (state == FL_IN_QUOTES)
		note_fault(index, FL_OPEN_QUOTE, index->field_start);
	if (state == FL_BLANK_CR || state == FL_OTHER_CR)
		note_fault(index, FL_BARE_CR, end - 1);
	if (state == FL_AT_RECORD)
		end_blank(index, end, end);
	else
		end_record(index, end, end);
}

static bool is_full(const struct fl_index *index)
{
	return (index->nrecords + 1) * index->nfields > index->capacity;
}

/* A step of the table at the byte 'at'. */
static void act(struct fl_index *index, enum fl_action action, enum fl_state was, uint32_t at)
{
	uint32_t end = at - (was == FL_BLANK_CR || was == FL_OTHER_CR); /* of a line */

	switch (action) {
	case FL_END_FIELD:
		end_field(index, at);
		break;
	case FL_END_RECORD:
		index->line++;
		end_record(index, end, at + 1);
		break;
	case FL_END_BLANK:
		index->line++;
		end_blank(index, end, at + 1);
		break;
	case FL_END_LINE:
		index->line++;
		break;
	case FL_SEE_STRAY_QUOTE:
		note_fault(index, FL_STRAY_QUOTE, at);
		break;
	case FL_SEE_AFTER_QUOTE:
		note_fault(index, FL_AFTER_QUOTE, at);
		break;
	case FL_SEE_BARE_CR:
		note_fault(index, FL_BARE_CR, at - 1);
		if (index->state == FL_AT_FIELD)
			end_field(index, at);
		break;
	case FL_NOTHING:
		break;
	}
}

static bool is_at_rest(const struct fl_index *index)
{
	return index->stopped || is_full(index);
}

/* The reference: byte by byte up to text[end], or until the index is at rest. */
static void scan_bytes(struct fl_index *index, const char *text, size_t end)
{
	/* The two that change with every byte are kept out of memory. */
	enum fl_state state = index->state;
	uint32_t at = index->at;

	while (at < end) {
		enum fl_state was = state;
		struct fl_step step = fl_steps[was][index->class_of[(unsigned char)text[at++]]];

		state = (enum fl_state)step.next;
		if (step.action == FL_NOTHING)
			continue;
		index->at = at;
		index->state = state;
		act(index, (enum fl_action)step.action, was, at - 1);
		if (is_at_rest(index))
			return;
	}
	index->at = at;
	index->state = state;
}

/* Blocks take what is regular; what they leave goes byte by byte. */
static bool is_for_blocks(const struct fl_index *index, size_t nbytes)
{
	return index->blocks && nbytes - index->at >= FL_BLOCK && index->at >= index->odd_to &&
	       index->fault == FL_FINE && !index->any_shape;
}

void fl_index_scan(struct fl_index *index, const char *text, size_t nbytes, bool final)
{
	while (index->at < nbytes && !is_at_rest(index)) {
		size_t left = nbytes - index->at;

		if (is_for_blocks(index, nbytes))
			index->blocks(index, text, nbytes);
		else
			scan_bytes(index, text, index->at + (left < FL_BLOCK ? left : FL_BLOCK));
	}
	if (final && index->at == nbytes && !is_at_rest(index))
		end_input(index);
}

void fl_index_drop(struct fl_index *index)
{
	index->record_start = index->at;
	index->field_start = index->at;
	index->nfound = 0;
}

void fl_index_start(struct fl_index *index, size_t nbytes)
{
	index->at = (uint32_t)nbytes;
	start_record(index, index->at);
}

void fl_index_pass(struct fl_index *index)
{
	index->stopped = false;
	index->fault = FL_FINE;
	start_record(index, index->at);
}
