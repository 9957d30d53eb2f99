/*
 * How the digits of a float stand in a cell: what the plain loops and the others share.
 */
#ifndef FL_FLOAT_CELL_H
#define FL_FLOAT_CELL_H

#include "cell.h"
#include "digits.h"

/* Powers of ten of the first digit for which there is no exponent. */
#define FL_PLAIN_LEAST (-4)
#define FL_PLAIN_COUNT 20

#define FL_FLOAT_FIRST 8 /* where digits start, if there is none: zeros and a sign have room before them */

/* e-05 to e+308: eight bytes are written.  No jump depends on whether there are three digits. */
FL_INLINE size_t fl_put_exponent(char *out, int exponent)
{
	unsigned negative = exponent < 0, e = (unsigned)(negative ? -exponent : exponent);
	unsigned ndigits = 2 + (e >= 100);
	uint64_t digits = (fl_four_digits_of(e) | (uint32_t)FL_ZEROS) >> 8 * (4 - ndigits);

	fl_store64(out, 'e' | ('+' + 2 * negative) << 8 | digits << 16); /* '+' + 2 is '-' */
	return 2 + ndigits;
}

/* One element, at any address, by the plain way: for those that a faster one leaves. */
void fl_put_f64(struct fl_cell *cell, const char *element);
void fl_put_f32(struct fl_cell *cell, const char *element);

#endif
