/*
 * The loops that write elements of a column to cells.
 *
 * A loop knows one type, not how a null is said or spelled, and not which texts need quotes, but for strings.
 */
#ifndef FL_FILL_H
#define FL_FILL_H

#include "cell.h"

struct fl_quoting;

struct fl_elements {
	const char *base; /* of the first, at any address */
	size_t stride, n;
	int64_t per_second;		  /* of timestamps */
	size_t width;			  /* of strings, at most FL_CELL_MAX */
	const struct fl_quoting *quoting; /* for strings: what needs quotes is in no cell */
};

/* Writes the text of element i to cells[i * step], for all of them; no null is known here. */
typedef void fl_fill_function(const struct fl_elements *elements, struct fl_cell *cells, size_t step);

fl_fill_function fl_fill_i8, fl_fill_i16, fl_fill_i32, fl_fill_i64; /* integer.c */
fl_fill_function fl_fill_u8, fl_fill_u16, fl_fill_u32, fl_fill_u64;
fl_fill_function fl_fill_bool;			  /* "true" for all but 0 */
fl_fill_function fl_fill_f32, fl_fill_f64;	  /* float_format.c */
fl_fill_function fl_fill_date, fl_fill_timestamp; /* calendar.c */
fl_fill_function fl_fill_str;			  /* up to FL_CELL_MAX bytes, padded with zeros, not trimmed */

/* Give the same. */
fl_fill_function fl_fill_i32_avx2, fl_fill_i64_avx2, fl_fill_u32_avx2, fl_fill_u64_avx2;
fl_fill_function fl_fill_f32_avx2, fl_fill_f64_avx2, fl_fill_str_avx2;

#endif
