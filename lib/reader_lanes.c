/*
 * Fills columns across fields, where records have many.
 *
 * A window holds few records of many fields.  Then a loop over the records of one field has hardly begun when it ends, and
 * each field's column and cells are brought into the cache for a few values.  But where cells of neighbouring fields are
 * as far from each other as those of the next, as in a matrix or in arrays of one size one after the other, the texts of
 * one record can be given to the loop as if they were those of one field.
 *
 * A lane is such a row of fields: one type, one distance between texts, one between cells.  It is short enough for its
 * cells to stay in the cache until all records of the window are done.
 */
#include "config.h"

#include "reader_state.h"
#include "unquote.h"

#include <string.h>

#define FIELDS_MOST 128 /* in a lane */
#define STEPS 4		/* fields among which the next one of a lane is, so that four types may alternate */

/*
 * Fields whose columns differ in nothing but where their cells are.  They have no validity, lengths or arena, so that a loop
 * writes nothing else.
 */
static bool are_alike(const struct fl_column *a, const struct fl_column *b)
{
	return b->base && !b->measured && b->cells == &fl_bare && b->stride == a->stride && b->width == a->width &&
	       b->field->type == a->field->type && b->field->nulls == a->field->nulls &&
	       b->field->nnulls == a->field->nnulls;
}

static const struct fl_column *column_at(const flat_reader *reader, size_t i)
{
	return &reader->columns[reader->in_order[i]];
}

static uint32_t position_at(const flat_reader *reader, size_t i)
{
	return reader->positions[reader->in_order[i]];
}

/* The lane that begins at the i-th field, and has every 'step'-th behind it that is not in another. */
static struct fl_lane lane_from(const flat_reader *reader, const uint32_t *taken, size_t i, size_t step)
{
	const struct fl_column *first = column_at(reader, i), *last = first;
	struct fl_lane lane = {.field = reader->in_order[i], .position = position_at(reader, i), .n = 1};

	for (size_t k = i + step; k < reader->nfound && lane.n < FIELDS_MOST && !taken[k]; k += step, lane.n++) {
		const struct fl_column *next = column_at(reader, k);
		const int32_t distance = (int32_t)(position_at(reader, k) - position_at(reader, k - step));
		const ptrdiff_t gap = (ptrdiff_t)((uintptr_t)next->base - (uintptr_t)last->base);

		if (lane.n == 1) {
			lane.gap = gap;
			lane.step = distance;
		}
		if (!are_alike(first, next) || gap == 0 || gap != lane.gap || distance != lane.step)
			break;
		last = next;
	}
	return lane;
}

/* Of arrays that were allocated one by one each may lie before the one before it: then the last field is the first. */
static struct fl_lane upwards(const flat_reader *reader, struct fl_lane lane, size_t last)
{
	if (lane.gap > 0)
		return lane;
	return (struct fl_lane){.field = reader->in_order[last],
				.position = position_at(reader, last),
				.n = lane.n,
				.step = -lane.step,
				.gap = -lane.gap};
}

/* Finds the lanes, and which fields are in none.  As no field is in two, there is room for all lanes. */
static void find_lanes(flat_reader *reader)
{
	uint32_t *taken = reader->rest;
	size_t nrest = 0;

	reader->nlanes = 0;
	memset(taken, 0, reader->nfound * sizeof *taken);
	for (size_t i = 0; i < reader->nfound; i++) {
		struct fl_lane best = {.n = 0};
		size_t best_step = 0;

		/* Before a record's first text is no other one of it. */
		if (taken[i] || position_at(reader, i) == 0 || !are_alike(column_at(reader, i), column_at(reader, i)))
			continue;
		for (size_t step = 1; step <= STEPS && best.n < FIELDS_MOST; step++) {
			const struct fl_lane lane = lane_from(reader, taken, i, step);

			if (lane.n > best.n) {
				best = lane;
				best_step = step;
			}
		}
		if (best.n < FL_LANE_FIELDS)
			continue;
		for (size_t k = 0; k < best.n; k++)
			taken[i + k * best_step] = 1;
		reader->lanes[reader->nlanes++] = upwards(reader, best, i + (best.n - 1) * best_step);
	}
	/* No more are kept than were looked at. */
	for (size_t i = 0; i < reader->nfound; i++)
		if (!taken[i])
			reader->rest[nrest++] = reader->in_order[i];
	reader->nrest = nrest;
	reader->lanes_known = true;
}

static void fetch_cells(const struct fl_column *column, const struct fl_lane *lane, size_t first)
{
	const char *cell = fl_element(column, first);

	for (size_t k = 0; k < lane->n; k++, cell += lane->gap)
		fl_fetch_to_write(cell);
}

/* Of a lane's fields some may have quotes around their values, and others none. */
static bool any_quoted(const struct fl_column *column, const struct fl_slices *slices, size_t n)
{
	for (size_t k = 0; k < n && column->unquotes; k++)
		if (fl_is_quoted(column, fl_slice_start(slices, k), fl_slice_end(slices, k)))
			return true;
	return false;
}

/* The texts of a lane's fields in a record of the batch: before each is another one, as none is a record's first. */
static struct fl_slices slices_across(const flat_reader *reader, const struct fl_lane *lane, size_t record)
{
	struct fl_slices slices = fl_reader_slices(reader, record, lane->position);

	slices.before_step = slices.end_step = lane->step;
	return slices;
}

/* Fills elements [first, first + n) of a lane's fields; false if a value is at fault. */
static bool fill_lane(const flat_reader *reader, const struct fl_lane *lane, size_t first, size_t n)
{
	const struct fl_column *column = &reader->columns[lane->field];
	struct fl_slices slices = slices_across(reader, lane, reader->next);
	fl_convert_function *convert = any_quoted(column, &slices, lane->n) ? fl_convert_unquoted : column->convert;
	struct fl_column across = *column;
	fl_fault fault;

	across.stride = (size_t)lane->gap;
	fetch_cells(column, lane, first);
	for (size_t i = 0; i < n; i++) {
		slices = slices_across(reader, lane, reader->next + i);
		across.base = fl_element(column, first + i);
		if (convert(&across, &slices, 0, lane->n, &fault) < lane->n)
			return false;
	}
	return true;
}

bool fl_reader_fill_lanes(flat_reader *reader, size_t first, size_t n)
{
	if (!reader->lanes_known)
		find_lanes(reader);
	for (size_t i = 0; i < reader->nlanes; i++)
		if (!fill_lane(reader, &reader->lanes[i], first, n))
			return false;
	return true;
}
