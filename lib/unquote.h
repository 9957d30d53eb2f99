/*
 * Numbers, bools and times in quotes: what the loops get are the texts between them, so that none of them has to know of
 * quotes.
 */
#ifndef FL_UNQUOTE_H
#define FL_UNQUOTE_H

#include "column.h"

#define FL_UNQUOTED_MOST 256 /* at a time */

/* The slices of up to so many texts, without the quotes of those that are in quotes. */
struct fl_unquoted {
	struct fl_slices slices;
	uint32_t before[FL_UNQUOTED_MOST], end[FL_UNQUOTED_MOST];
};

/* Text [i, i + n) of 'slices' become texts [0, n) of 'unquoted'. */
void fl_unquote(struct fl_unquoted *unquoted, const struct fl_slices *slices, size_t i, size_t n, int quote);

/* column->convert for texts in quotes, or most of them. */
fl_convert_function fl_convert_unquoted;

/* Are there texts in quotes?  A few are looked at, as a column has quotes around all of its values or around none. */
static inline bool fl_seem_quoted(const struct fl_column *column, const struct fl_slices *slices, size_t n)
{
	for (size_t i = 0; i < n; i += n / 4 + 16)
		if (fl_is_quoted(column, fl_slice_start(slices, i), fl_slice_end(slices, i)))
			return true;
	return false;
}

/* Fills elements [first, first + n) in the way that suits the texts. */
static inline size_t fl_fill_column(const struct fl_column *column, const struct fl_slices *slices, size_t first,
				    size_t n, fl_fault *fault)
{
	if (column->unquotes && fl_seem_quoted(column, slices, n))
		return fl_convert_unquoted(column, slices, first, n, fault);
	return column->convert(column, slices, first, n, fault);
}

#endif
