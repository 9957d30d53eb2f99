/*
 * Allocates, binds and counts the arrays of a batch.  Reading into them and writing them out are
 * left to others.
 */
#include "config.h"

#include "batch.h"

#include <stdlib.h>
#include <string.h>

/* Values of a batch stay in the second-level cache between being stored and being written. */
#define COLUMN_NBYTES ((size_t)64 << 10)
#define BLOCK_NBYTES ((size_t)1 << 20)
/*
 * With very many columns, so many bytes each: a smaller piece a column costs more to write than to
 * convert.
 */
#define PIECE_NBYTES ((size_t)256)
#define RECORDS_MAX ((size_t)65536)

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static bool has_null_of_its_own(flat_type type)
{
	return type == FLAT_F32 || type == FLAT_F64 || type == FLAT_STR || type == FLAT_TEXT || type >= FLAT_DATE;
}

static bool is_text(const struct column *column)
{
	return column->field->type == FLAT_TEXT;
}

static size_t choose_capacity(const struct batch *batch, size_t row_nbytes)
{
	size_t nbytes = min(batch->ncolumns * COLUMN_NBYTES, BLOCK_NBYTES);

	nbytes = max(nbytes, batch->ncolumns * PIECE_NBYTES);
	return max(1, min(nbytes / max(row_nbytes, 1), RECORDS_MAX));
}

/* Gives the bytes of a record with its texts' offsets, which do not lie in the block. */
static size_t describe(struct batch *batch, const struct schema *schema)
{
	size_t row_nbytes = 0;

	for (size_t i = 0; i < batch->ncolumns; i++) {
		struct column *column = &batch->columns[i];

		column->index = schema->wanted[i];
		column->field = flat_format_field(schema->format, column->index);
		column->width = flat_field_width(column->field);
		column->offset = batch->record_nbytes;
		column->needs_valid = !has_null_of_its_own(column->field->type);
		row_nbytes += column->width;
		if (is_text(column))
			batch->has_texts = true;
		else
			batch->record_nbytes += column->width;
	}
	return row_nbytes;
}

static bool allocate_text(struct batch *batch, struct column *column)
{
	column->cells.base = calloc(batch->capacity + 1, sizeof(uint64_t));
	column->cells.arena_nbytes = max(PIECE_NBYTES, min(COLUMN_NBYTES, BLOCK_NBYTES / batch->ncolumns));
	column->cells.arena = malloc(column->cells.arena_nbytes);
	return column->cells.base && column->cells.arena;
}

static bool allocate_column(struct batch *batch, struct column *column, enum validity validity)
{
	if (validity == VALIDITY_ALL || (validity == VALIDITY_NEEDED && column->needs_valid)) {
		column->valid = malloc(batch->capacity);
		if (!column->valid)
			return false;
		column->cells.validity = FLAT_VALIDITY_BYTE;
		column->cells.valid = column->valid;
	}
	if (is_text(column))
		return allocate_text(batch, column);
	column->cells.base = batch->block + (batch->by_rows ? column->offset : column->offset * batch->capacity);
	column->cells.stride = batch->by_rows ? batch->record_nbytes : column->width;
	return true;
}

enum status batch_open(struct batch *batch, const struct schema *schema, bool by_rows, enum validity validity)
{
	*batch = (struct batch){.format = schema->format, .ncolumns = schema->nwanted, .by_rows = by_rows};
	batch->columns = calloc(batch->ncolumns, sizeof *batch->columns);
	if (!batch->columns)
		return complain_memory();
	batch->capacity = choose_capacity(batch, describe(batch, schema));
	if (batch->record_nbytes > SIZE_MAX / batch->capacity)
		return complain_memory();
	batch->block = malloc(max(1, batch->capacity * batch->record_nbytes));
	if (!batch->block)
		return complain(LIMIT_REACHED, "out of memory: a record takes %zu bytes", batch->record_nbytes);
	for (size_t i = 0; i < batch->ncolumns; i++)
		if (!allocate_column(batch, &batch->columns[i], validity))
			return complain_memory();
	return DONE;
}

void batch_free(struct batch *batch)
{
	for (size_t i = 0; batch->columns && i < batch->ncolumns; i++) {
		struct column *column = &batch->columns[i];

		free(column->valid);
		if (column->field && is_text(column)) {
			free(column->cells.base);
			free(column->cells.arena);
		}
	}
	free(batch->columns);
	free(batch->block);
	*batch = (struct batch){.columns = NULL};
}

enum status batch_bind(const struct batch *batch, flat_reader *reader)
{
	flat_error error;

	for (size_t i = 0; i < batch->ncolumns; i++)
		flat_bind_column(reader, batch->columns[i].index, &batch->columns[i].cells);
	if (flat_reader_failed(reader, &error) && error.status == FLAT_BAD_ARGUMENT)
		return complain_error(&error);
	return DONE;
}

static enum status enlarge(struct column *column)
{
	size_t nbytes = column->cells.arena_nbytes;
	char *arena = nbytes <= SIZE_MAX / 2 ? realloc(column->cells.arena, 2 * nbytes) : NULL;

	if (!arena)
		return complain_memory();
	column->cells.arena = arena;
	column->cells.arena_nbytes = 2 * nbytes;
	return DONE;
}

enum status batch_enlarge(struct batch *batch, const char *name)
{
	enum status status = DONE;
	size_t nfound = 0;

	for (size_t i = 0; i < batch->ncolumns; i++)
		nfound += is_text(&batch->columns[i]) && strcmp(batch->columns[i].field->name, name) == 0;
	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++)
		if (is_text(&batch->columns[i]) && (!nfound || strcmp(batch->columns[i].field->name, name) == 0))
			status = enlarge(&batch->columns[i]);
	return status;
}

void batch_count(struct batch *batch)
{
	for (size_t i = 0; i < batch->ncolumns; i++) {
		struct column *column = &batch->columns[i];

		if (is_text(column))
			batch->text_nbytes += ((const uint64_t *)column->cells.base)[batch->nrecords];
		if (!column->valid)
			continue;
		column->batch_nulls = batch->nrecords;
		for (size_t k = 0; k < batch->nrecords; k++)
			column->batch_nulls -= column->valid[k];
		column->nulls += column->batch_nulls;
	}
}
