/*
 * The reader: has the next batch found, and converts it a field at a time, as many records as the caller asked for.
 * It keeps account of where it stands.
 *
 * A batch is what the index found in one window.
 */
#include "config.h"

#include "reader_state.h"
#include "unquote.h"

/* A field in which a record of the batch failed. */
struct failure {
	fl_fault fault;
	size_t field;
};

/* Fields ahead of which cells are fetched: to convert as many takes as long as a line takes to come from the memory. */
#define AHEAD 8

/* Records to convert at once, at most, and fields in a record, at least, for fields to be filled in lanes. */
#define LANES_RECORDS 64
#define LANES_FIELDS ((size_t)2 * FL_LANE_FIELDS)

/* Fields in the order in which records have them. */
struct fields {
	const uint32_t *in_order;
	size_t n;
};

FL_INLINE void fetch_cell(const flat_reader *reader, const struct fields *fields, size_t i, size_t first)
{
	const struct fl_column *column;

	if (i >= fields->n)
		return;
	column = &reader->columns[fields->in_order[i]];
	if (column->base)
		fl_fetch_to_write(fl_element(column, first));
}

/*
 * Has those fields that are measured, or those that are not, of records [next, next + n) of the batch converted; gives
 * how many came through.  A batch has few records of many fields, and then what is done once a field counts.
 */
static size_t convert_fields(flat_reader *reader, struct fields fields, size_t first, size_t n, bool measured,
			     struct failure *failure)
{
	fl_fault fault = FL_FINE;

	for (size_t i = 0; i < fields.n && n > 0; i++) {
		size_t field = fields.in_order[i], done;
		const struct fl_column *column = &reader->columns[field];
		struct fl_slices slices;

		fetch_cell(reader, &fields, i + AHEAD, first);
		if (!column->base || column->measured != measured)
			continue;
		slices = fl_reader_slices(reader, reader->next, reader->positions[field]);
		if (column->cells->validity != FLAT_VALIDITY_NONE)
			fl_column_mark_valid(column, first, n);
		done = fl_fill_column(column, &slices, first, n, &fault);
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
	struct fields fields = {reader->in_order, reader->nfound};

	/* Which value of several lanes is the first at fault is not known: then all are filled anew. */
	if (n <= LANES_RECORDS && reader->nfound >= LANES_FIELDS && fl_reader_fill_lanes(reader, first, n))
		fields = (struct fields){reader->rest, reader->nrest};
	n = convert_fields(reader, fields, first, n, false, failure);
	return reader->measuring ? convert_fields(reader, fields, first, n, true, failure) : n;
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
		struct fl_slices slices = fl_reader_slices(reader, reader->next, reader->positions[failure.field]);

		fl_reader_fail_in_value(reader, failure.fault, failure.field, fl_slice_start(&slices, 0),
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
			fl_reader_fail_in_shape(reader);
		else if (!fl_reader_next_batch(reader, !some || stored == 0) && !reader->index.stopped)
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
		fl_reader_pass_unfinished(reader);
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
	return fl_reader_lines_before(reader, (uint32_t)reader->buffer.used);
}
