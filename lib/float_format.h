/*
 * f64 and f32 to text.
 *
 * Shortest: the fewest decimal digits that read back to the same bits (as the type that was
 * written), of those the nearest to the value.  With E the power of ten of the first digit, they
 * are written
 *
 *   plainly for -4 <= E < 16        0.0001  0.25  1  -0  1234.5678  1000000000000000
 *   with an exponent otherwise      1e-05  1.5e+300  1e+16  2.2250738585072014e-308
 *
 * the exponent with its sign and at least two digits, a whole number without a point.  inf, -inf,
 * nan, and -nan when the sign bit is set; what else a NaN carries is not kept.  fl_fill_f64() and fl_fill_f32() do that.
 */
#ifndef FL_FLOAT_FORMAT_H
#define FL_FLOAT_FORMAT_H

#include <stddef.h>

#define FL_FIXED_DECIMALS 350
#define FL_FIXED_MAX \
	(1 + 309 + 1 + FL_FIXED_DECIMALS + 27) /* sign, whole part, point, decimals, room to work in words */

/*
 * Exactly what printf("%.*f", decimals, value) gives: the exact binary value, rounded to that many
 * decimals, a tie to the even digit.  More than FL_FIXED_DECIMALS are cut down to it.  An f32 is
 * passed as the double it equals.
 */
size_t fl_format_f64_fixed(char *out, double value, unsigned decimals);

#endif
