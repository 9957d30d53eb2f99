/*
 * Lays the columns of a format out in one block of memory.
 */
#include "config.h"

#include "format.h"
#include "type.h"

#define ALIGNMENT 64

/* A multiple of the alignment, as all that is given out: rounding up goes no further than this. */
#define LIMIT (SIZE_MAX / ALIGNMENT * ALIGNMENT)

/* 'used' is what has been given out so far; LIMIT once there can be no more. */
static size_t give_out(size_t *used, uint64_t n, size_t width)
{
	size_t start = *used, nbytes;

	if (n > (LIMIT - start) / (width ? width : 1)) {
		*used = LIMIT;
		return 0;
	}
	nbytes = (size_t)n * width;
	*used = start + (nbytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	return start;
}

/* At least one, so that it lies in the block. */
static uint64_t arena_nbytes(const flat_measure *measure)
{
	return measure->nbytes ? measure->nbytes : 1;
}

size_t flat_lay_out(const flat_format *format, uint64_t nrecords, const flat_measure *measures, void *memory,
		    flat_column *columns)
{
	size_t used = 0;

	if (nrecords > SIZE_MAX / 2)
		return 0;
	for (size_t i = 0; i < format->nfields; i++) {
		const flat_field *field = &format->fields[i];
		bool bitmap = !fl_has_null(field->type) && flat_measure_nulls(&measures[i], field->type) > 0;
		size_t base = give_out(&used, nrecords + (field->type == FLAT_TEXT), flat_field_width(field));
		size_t valid = bitmap ? give_out(&used, nrecords / 8 + 1, 1) : 0;
		size_t arena = field->type == FLAT_TEXT ? give_out(&used, arena_nbytes(&measures[i]), 1) : 0;
		char *block = memory;

		if (!memory)
			continue;
		columns[i] = (flat_column){.base = block + base};
		if (bitmap) {
			columns[i].validity = FLAT_VALIDITY_BITMAP;
			columns[i].valid = block + valid;
		}
		if (field->type == FLAT_TEXT) {
			columns[i].arena = block + arena;
			columns[i].arena_nbytes = (size_t)arena_nbytes(&measures[i]);
		}
	}
	if (used == LIMIT)
		return 0;
	/* 0 says that it cannot be done, and no column may be bound to NULL: no records take some memory too. */
	return used ? used : ALIGNMENT;
}
