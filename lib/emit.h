/*
 * A bound column, ready to be written: the text of each of its elements.
 *
 * Knows types and nulls; no buffer, no delimiter, no quotes but for whether a text needs them.
 */
#ifndef FL_EMIT_H
#define FL_EMIT_H

#include "cpu.h"
#include "fault.h"
#include "flatload.h"
#include "float_format.h"
#include "quote.h"

#define FL_EMIT_MAX FL_FIXED_MAX /* bytes of the longest text that is not a string's */

struct fl_emitter {
	flat_column cells; /* as bound, with all strides filled in */
	const flat_field *field;
	size_t width;		/* bytes of an element */
	fl_fill_function *fill; /* NULL: strings that are looked at one by one */
	bool plain;		/* no text of a value needs a look: fill() is all there is to do */
	struct fl_cell null;	/* its text, if it needs no look either */
};

/* The text of one cell, as it will be read: what goes between the quotes, if there are to be some. */
struct fl_text {
	const char *p;
	size_t nbytes;
	bool null;
	bool quoted; /* must be */
};

/* Checks 'cells' and makes an emitter of them, that uses the loops for this CPU.  It does not keep 'quoting'. */
flat_status fl_emitter_bind(struct fl_emitter *emitter, const flat_format *format, const struct fl_quoting *quoting,
			    size_t field, const flat_column *cells, const struct fl_cpu *cpu, flat_error *error);

/*
 * Gives the text of an element: in the column itself, in the format, or in 'scratch', which has room for FL_EMIT_MAX
 * bytes.
 */
fl_fault fl_emit(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t element, char *scratch,
		 struct fl_text *text);

/*
 * Gives the same for elements [first, first + n), element i of them in cells[i * step], but for those whose text, or null,
 * is quoted, too long for a cell, a fault, or not known without a look: FL_CELL_NONE stands there.
 */
void fl_emit_cells(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t first, size_t n,
		   struct fl_cell *cells, size_t step);

#endif
