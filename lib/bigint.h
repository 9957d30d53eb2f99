/*
 * Whole numbers of up to 4096 bits on the stack, for the few decimal conversions that 128 bits
 * cannot decide: 800 digits, or 10^350 times the least double, stay below 2800.
 */
#ifndef FL_BIGINT_H
#define FL_BIGINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FL_BIGINT_LIMBS 128

/* Sum of limb[i] x 2^(32 i) for i < nlimbs.  The highest limb is not 0; the number 0 has none. */
typedef struct fl_bigint {
	size_t nlimbs;
	uint32_t limb[FL_BIGINT_LIMBS];
} fl_bigint;

void fl_bigint_set(fl_bigint *a, uint64_t value);
void fl_bigint_multiply_add(fl_bigint *a, uint32_t factor, uint32_t term); /* a = a x factor + term */
void fl_bigint_multiply_five(fl_bigint *a, unsigned power);		   /* a = a x 5^power */
void fl_bigint_shift_left(fl_bigint *a, unsigned nbits);
int fl_bigint_compare(const fl_bigint *a, const fl_bigint *b); /* as memcmp() */

/* a = a / 2^nbits, rounded to the nearest whole number, a half to the even one */
void fl_bigint_shift_right_rounded(fl_bigint *a, unsigned nbits);

/* Divides by 'divisor' and returns the remainder. */
uint32_t fl_bigint_divide(fl_bigint *a, uint32_t divisor);

#endif
