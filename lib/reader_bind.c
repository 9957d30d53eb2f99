/*
 * Binds columns and measures to the fields of a reader.
 */
#include "config.h"

#include "measure.h"
#include "reader_state.h"

#include <string.h>

void fl_reader_claim_columns(flat_reader *reader)
{
	if (reader->columns == reader->own)
		return;
	memcpy(reader->own, reader->columns, reader->format->nfields * sizeof *reader->own);
	reader->columns = reader->own;
}

/* Before and after a column changes: what has validity, lengths or an arena is in no lane. */
static void note_lanes(flat_reader *reader, size_t field)
{
	if (reader->columns[field].base && reader->columns[field].cells == &fl_bare)
		reader->lanes_known = false;
}

flat_status flat_bind_column(flat_reader *reader, size_t field, const flat_column *column)
{
	flat_status status;

	if (reader->finished)
		return reader->error.status;
	fl_reader_claim_columns(reader);
	if (field >= reader->format->nfields) {
		fl_error_clear(&reader->error);
		status = fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "the format has no field of index %zu", field);
	} else if (!column) {
		note_lanes(reader, field);
		reader->columns[field].base = NULL;
		return FLAT_OK;
	} else {
		flat_error error = {.status = FLAT_OK};

		note_lanes(reader, field);
		status = fl_column_bind(&reader->columns[field], &reader->kept[field], reader->format, field, column,
					reader->cpu, &error);
		note_lanes(reader, field);
		if (status == FLAT_OK)
			return FLAT_OK;
		reader->error = error;
	}
	reader->finished = true;
	return status;
}

flat_status flat_bind_measure(flat_reader *reader, size_t field, flat_measure *measure)
{
	if (reader->finished)
		return reader->error.status;
	if (field < reader->format->nfields && measure) {
		fl_reader_claim_columns(reader);
		note_lanes(reader, field);
		fl_measure_bind(&reader->columns[field], reader->format, field, measure);
		reader->measuring = true;
		return FLAT_OK;
	}
	reader->finished = true;
	fl_error_clear(&reader->error);
	if (!measure)
		return fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "measure is NULL");
	return fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "the format has no field of index %zu", field);
}

flat_status flat_bind(flat_reader *reader, const char *name, void *base, size_t stride)
{
	const flat_column column = {.base = base, .stride = stride};
	size_t field = flat_format_find(reader->format, name);
	char printable[64];

	if (field != FLAT_NO_FIELD || reader->finished)
		return flat_bind_column(reader, field, &column);
	fl_printable(printable, sizeof printable, name, strlen(name));
	fl_error_clear(&reader->error);
	reader->finished = true;
	return fl_error_set(&reader->error, FLAT_BAD_ARGUMENT, "the format has no field \"%s\"", printable);
}
