/*
 * Null marks in a file of stretches: of so many records the marks of one column, then those of the next.
 */
#include "config.h"

#include "files.h"
#include "marks.h"

#include <stdlib.h>
#include <unistd.h>

#define STRETCH ((size_t)65536)

enum status marks_open(struct marks *marks, const struct batch *batch, const char *directory)
{
	*marks = (struct marks){.spool = -1, .places = calloc(batch->ncolumns, sizeof *marks->places)};
	if (!marks->places)
		return complain_memory();
	for (size_t i = 0; i < batch->ncolumns; i++) {
		marks->places[i] = marks->nplaces;
		marks->nplaces += batch->columns[i].needs_valid;
	}
	if (!marks->nplaces)
		return DONE;
	marks->spool = spool_open(directory);
	return marks->spool >= 0 ? DONE : complain_os(directory, "no temporary file can be made");
}

void marks_close(struct marks *marks)
{
	if (marks->places && marks->spool >= 0)
		close(marks->spool);
	free(marks->places);
	*marks = (struct marks){.spool = -1};
}

/* From a record's mark on, those of as many records follow as its stretch has. */
static uint64_t find(const struct marks *marks, size_t column, uint64_t record)
{
	return (record / STRETCH * marks->nplaces + marks->places[column]) * STRETCH + record % STRETCH;
}

static size_t least(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

bool marks_write(const struct marks *marks, const struct batch *batch, uint64_t first)
{
	for (size_t i = 0; i < batch->ncolumns; i++) {
		const struct column *column = &batch->columns[i];

		if (!column->needs_valid || !column->batch_nulls)
			continue;
		for (size_t k = 0; k < batch->nrecords; k++)
			column->valid[k] ^= 1;
		for (size_t k = 0, n; k < batch->nrecords; k += n) {
			n = least(STRETCH - (first + k) % STRETCH, batch->nrecords - k);
			if (!write_all_at(marks->spool, column->valid + k, n, find(marks, i, first + k)))
				return false;
		}
	}
	return true;
}

bool marks_read(const struct marks *marks, size_t column, uint64_t first, size_t n, unsigned char *valid)
{
	for (size_t k = 0, piece; k < n; k += piece) {
		piece = least(STRETCH - (first + k) % STRETCH, n - k);
		if (!read_all_at(marks->spool, valid + k, piece, find(marks, column, first + k)))
			return false;
	}
	for (size_t k = 0; k < n; k++)
		valid[k] ^= 1;
	return true;
}
