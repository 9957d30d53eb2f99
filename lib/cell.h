/*
 * The texts of many elements of a column, each in a cell of its own, to be put together to records.
 *
 * A cell is 32 bytes, whatever its text has, so that it is copied by the same few instructions and nothing is decided by
 * how long it is; and the text starts where it is least work to have it start: the digits of a number end in the same
 * place, those of a float begin in one.
 */
#ifndef FL_CELL_H
#define FL_CELL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FL_CELL_MAX 30 /* bytes of a text */
#define FL_CELL_COPIED 32
#define FL_CELL_NONE 255 /* in place of 'nbytes': there is more to this text than bytes that are copied */

struct fl_cell {
	char text[FL_CELL_MAX];
	uint8_t begin, nbytes; /* the text is text[begin, begin + nbytes) */
};

/* FL_CELL_COPIED bytes are written at 'out', and some behind the cell read, so there is one more cell behind the last. */
static inline char *fl_cell_copy(const struct fl_cell *cell, char *out)
{
	memcpy(out, (const char *)cell + cell->begin, FL_CELL_COPIED);
	return out + cell->nbytes;
}

#endif
