/*
 * Finds fields and records in a window of bytes, portably, one byte at a time: the reference.
 *
 * The grammar is RFC 4180's, with LF or CRLF, as a table of states and byte classes.  A record that breaks it is
 * still followed to its end, so that the scan can go on behind it.
 */
#include "config.h"

#include "index.h"

#include <string.h>

enum class { OTHER, DELIMITER, QUOTE, CR, LF, BLANK, NCLASSES };

/* What a byte does besides leading to the next state. */
enum action { NOTHING, END_FIELD, END_RECORD, COUNT_LINE, STRAY_QUOTE, AFTER_QUOTE, BARE_CR, NACTIONS };

struct step {
	unsigned char next, action;
};

/* BLANK is a class of its own only when blanks are trimmed. */
static const struct step steps[FL_NSTATES][NCLASSES] = {
	[FL_AT_START] = {
		[OTHER] = {FL_IN_PLAIN, NOTHING},
		[DELIMITER] = {FL_AT_START, END_FIELD},
		[QUOTE] = {FL_IN_QUOTES, NOTHING},
		[CR] = {FL_START_CR, NOTHING},
		[LF] = {FL_AT_START, END_RECORD},
		[BLANK] = {FL_AT_START, NOTHING},
	},
	[FL_IN_PLAIN] = {
		[OTHER] = {FL_IN_PLAIN, NOTHING},
		[DELIMITER] = {FL_AT_START, END_FIELD},
		[QUOTE] = {FL_IN_PLAIN, STRAY_QUOTE},
		[CR] = {FL_OTHER_CR, NOTHING},
		[LF] = {FL_AT_START, END_RECORD},
		[BLANK] = {FL_IN_PLAIN, NOTHING},
	},
	[FL_IN_QUOTES] = {
		[OTHER] = {FL_IN_QUOTES, NOTHING},
		[DELIMITER] = {FL_IN_QUOTES, NOTHING},
		[QUOTE] = {FL_IN_CLOSED, NOTHING},
		[CR] = {FL_IN_QUOTES, NOTHING},
		[LF] = {FL_IN_QUOTES, COUNT_LINE},
		[BLANK] = {FL_IN_QUOTES, NOTHING},
	},
	[FL_IN_CLOSED] = {
		[OTHER] = {FL_IN_PLAIN, AFTER_QUOTE},
		[DELIMITER] = {FL_AT_START, END_FIELD},
		[QUOTE] = {FL_IN_QUOTES, NOTHING},
		[CR] = {FL_OTHER_CR, NOTHING},
		[LF] = {FL_AT_START, END_RECORD},
		[BLANK] = {FL_AFTER, NOTHING},
	},
	[FL_AFTER] = {
		[OTHER] = {FL_IN_PLAIN, AFTER_QUOTE},
		[DELIMITER] = {FL_AT_START, END_FIELD},
		[QUOTE] = {FL_IN_PLAIN, AFTER_QUOTE},
		[CR] = {FL_OTHER_CR, NOTHING},
		[LF] = {FL_AT_START, END_RECORD},
		[BLANK] = {FL_AFTER, NOTHING},
	},
	/* A carriage return without a line feed is a byte of a field: what comes behind it is seen as in FL_IN_PLAIN. */
	[FL_START_CR] = {
		[OTHER] = {FL_IN_PLAIN, BARE_CR},
		[DELIMITER] = {FL_AT_START, BARE_CR},
		[QUOTE] = {FL_IN_PLAIN, BARE_CR},
		[CR] = {FL_OTHER_CR, BARE_CR},
		[LF] = {FL_AT_START, END_RECORD},
		[BLANK] = {FL_IN_PLAIN, BARE_CR},
	},
	[FL_OTHER_CR] = {
		[OTHER] = {FL_IN_PLAIN, BARE_CR},
		[DELIMITER] = {FL_AT_START, BARE_CR},
		[QUOTE] = {FL_IN_PLAIN, BARE_CR},
		[CR] = {FL_OTHER_CR, BARE_CR},
		[LF] = {FL_AT_START, END_RECORD},
		[BLANK] = {FL_IN_PLAIN, BARE_CR},
	},
};

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
	bool quotes = dialect->quote != FLAT_NONE;

	*index = (struct fl_index){.max_record = max_record, .before = before, .ends = ends, .capacity = capacity};
	index->bytes.delimiter = (char)dialect->delimiter;
	index->bytes.quote = (char)(quotes ? dialect->quote : dialect->delimiter);
	index->bytes.quotes = quotes ? ~UINT64_C(0) : 0;
	/* Blocks know nothing of blanks around quotes. */
	index->blocks = dialect->trim && quotes ? NULL : cpu->blocks;
	index->class_of['\n'] = LF;
	index->class_of['\r'] = CR;
	if (dialect->trim) {
		index->class_of[' '] = BLANK;
		index->class_of['\t'] = BLANK;
	}
	index->class_of[(unsigned char)dialect->delimiter] = DELIMITER;
	if (quotes)
		index->class_of[(unsigned char)dialect->quote] = QUOTE;
}

void fl_index_begin(struct fl_index *index)
{
	size_t found = index->nfound < index->nfields ? index->nfound : index->nfields;

	memmove(index->ends, index->ends + index->nrecords * index->nfields, found * sizeof *index->ends);
	index->nrecords = 0;
	index->batch_start = index->record_start;
	index->batch_line = index->record_line;
}

void fl_index_shift(struct fl_index *index, size_t nbytes)
{
	uint32_t shift = (uint32_t)nbytes;
	size_t found = index->nfound < index->nfields ? index->nfound : index->nfields;

	for (size_t i = 0; i < found; i++)
		index->ends[i] -= shift;
	index->record_start -= shift;
	index->batch_start -= shift;
	index->field_start -= shift;
	index->at -= shift;
	index->fault_at -= shift;
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
 * Whatever else is wrong with the record: otherwise it would depend on the size of the buffer which fault is seen first.
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
	index->state = FL_AT_START;
}

/*
 * The record's last field ends at 'end', the next record starts at 'next'.  A blank line is no record.
 */
static void end_record(struct fl_index *index, uint32_t end, uint32_t next, bool blank)
{
	bool too_long = end - index->record_start > index->max_record;

	if (blank && !too_long && index->fault == FL_FINE) {
		start_record(index, next);
		return;
	}
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

/* What is left of the input has no line break behind it. */
static void end_input(struct fl_index *index)
{
	uint32_t end = index->at;

	if (index->record_start == end)
		return;
	if (index->state == FL_IN_QUOTES)
		note_fault(index, FL_OPEN_QUOTE, index->field_start);
	if (index->state == FL_START_CR || index->state == FL_OTHER_CR)
		note_fault(index, FL_BARE_CR, end - 1);
	end_record(index, end, end, index->state == FL_AT_START && index->nfound == 0);
}

static bool is_full(const struct fl_index *index)
{
	return (index->nrecords + 1) * index->nfields > index->capacity;
}

static void act(struct fl_index *index, enum action action, enum fl_state was, uint32_t at)
{
	bool cr = was == FL_START_CR || was == FL_OTHER_CR;
	bool blank = index->nfound == 0 && (was == FL_AT_START || was == FL_START_CR);

	switch (action) {
	case END_FIELD:
		end_field(index, at);
		break;
	case END_RECORD:
		index->line++;
		end_record(index, at - cr, at + 1, blank);
		break;
	case COUNT_LINE:
		index->line++;
		break;
	case STRAY_QUOTE:
		note_fault(index, FL_STRAY_QUOTE, at);
		break;
	case AFTER_QUOTE:
		note_fault(index, FL_AFTER_QUOTE, at);
		break;
	case BARE_CR:
		note_fault(index, FL_BARE_CR, at - 1);
		if (index->state == FL_AT_START)
			end_field(index, at);
		break;
	case NOTHING:
	case NACTIONS:
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
		struct step step = steps[was][index->class_of[(unsigned char)text[at++]]];

		state = (enum fl_state)step.next;
		if (step.action == NOTHING)
			continue;
		index->at = at;
		index->state = state;
		act(index, (enum action)step.action, was, at - 1);
		if (is_at_rest(index))
			return;
	}
	index->at = at;
	index->state = state;
}

/* Blocks take what is regular; what they leave goes byte by byte, for as many bytes as a block has. */
void fl_index_scan(struct fl_index *index, const char *text, size_t nbytes, bool final)
{
	while (index->at < nbytes && !is_at_rest(index)) {
		size_t left = nbytes - index->at;

		if (index->blocks && left >= FL_BLOCK && index->fault == FL_FINE && !index->any_shape) {
			index->blocks(index, text, nbytes);
			left = nbytes - index->at;
		}
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
