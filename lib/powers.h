/*
 * Powers of ten, for reading floats (float_parse.c) and writing them (float_format.c).
 */
#ifndef FL_POWERS_H
#define FL_POWERS_H

#include <stdint.h>

#include "words.h"

#define FL_POWER_MIN (-342)
#define FL_POWER_MAX 324

/*
 * 10^q for FL_POWER_MIN <= q <= FL_POWER_MAX is about g x 2^(fl_log2_ten(q) - 127), where 2^127 <=
 * g < 2^128 is fl_powers[q - FL_POWER_MIN].  Rounding, as Eisel-Lemire needs it: for q >= 0, g is
 * the floor (and exact up to q = 55); for q < 0 it is the floor + 1, and never exact.  No g ends in
 * 64 ones: adding 1 never carries.
 */
extern const fl_wide fl_powers[FL_POWER_MAX - FL_POWER_MIN + 1];

extern const uint64_t fl_ten[20];   /* 10^0 to 10^19 */
extern const double fl_ten_f64[23]; /* 10^0 to 10^22: a double holds no greater one exactly */

/*
 * floor(log2(10^q)), for |q| <= 400: 217706 / 2^16 is just above log2(10), and 4096 keeps what is
 * shifted positive, where a shift is a floor on every machine.
 */
static inline int fl_log2_ten(int q)
{
	return ((217706 * q + (4096 << 16)) >> 16) - 4096;
}

#endif
