/*
 * A bound column, ready to be written: the text of each of its elements.
 *
 * Knows types and nulls; no buffer, no delimiter, no quotes but for whether a text needs them.
 */
#ifndef FL_EMIT_H
#define FL_EMIT_H

#include "fault.h"
#include "flatload.h"
#include "float_format.h"
#include "quote.h"

#define FL_EMIT_MAX FL_FIXED_MAX /* bytes of the longest text that is not a string's */

struct fl_emitter;

/* Writes the text of an element, its null aside; gives its bytes. */
typedef size_t fl_format_function(const struct fl_emitter *emitter, const void *element, char *out);

struct fl_emitter {
	flat_column cells; /* as bound, with all strides filled in */
	const flat_field *field;
	size_t width; /* bytes of an element */
	int64_t per_second;
	fl_format_function *format; /* NULL for strings */
	size_t format_max;	    /* bytes it may touch */
	bool simple;	 /* no element is null, and no text of one needs a look: format() is all there is to do */
	bool simple_str; /* no element is null, and fl_emit_str() may be all there is to do */
};

/* The text of one cell, as it will be read: what goes between the quotes, if there are to be some. */
struct fl_text {
	const char *p;
	size_t nbytes;
	bool null;
	bool quoted; /* must be */
};

/* Checks 'cells' and makes an emitter of them.  It does not keep 'quoting'. */
flat_status fl_emitter_bind(struct fl_emitter *emitter, const flat_format *format, const struct fl_quoting *quoting,
			    size_t field, const flat_column *cells, flat_error *error);

/*
 * Gives the text of an element: in the column itself, in the format, or in 'scratch', which has room for FL_EMIT_MAX
 * bytes.
 */
fl_fault fl_emit(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t element, char *scratch,
		 struct fl_text *text);

/*
 * Copies the text of a simple string to 'out', which has room for its width, and gives its bytes; FL_NOT_SIMPLE if
 * there is more to it than that.
 */
size_t fl_emit_str(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t element, char *out);
#define FL_NOT_SIMPLE SIZE_MAX
#define FL_SIMPLE_STR_MAX 1024 /* bytes */

static inline const char *fl_emitter_element(const struct fl_emitter *emitter, size_t element)
{
	return (const char *)emitter->cells.base + element * emitter->cells.stride;
}

#endif
