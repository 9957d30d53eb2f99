/*
 * The binary number nearest to digits x 10^exponent, by one or two long products.
 *
 * D. Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51(8),
 * 2021; N. Mushtak and D. Lemire, "Fast number parsing without fallback", ibid. 53(7), 2023: with
 * 128 bits of the power, the product of up to 19 digits is never too close to call.
 */
#ifndef FL_NEAREST_H
#define FL_NEAREST_H

#include <stdbool.h>
#include <stdint.h>

#include "powers.h"

/* A binary format: bits of the stored fraction, exponent bias, greatest exponent field. */
struct fl_float_kind {
	int fraction, bias, special;
	int least_tie, greatest_tie; /* the powers of ten with which up to 64 bits can give an exact
					half */
};

static const struct fl_float_kind fl_f64_kind = {52, 1023, 2047, -4, 23};
static const struct fl_float_kind fl_f32_kind = {23, 127, 255, -17, 10};

FL_INLINE uint64_t fl_infinity_of(const struct fl_float_kind *kind)
{
	return (uint64_t)kind->special << kind->fraction;
}

/*
 * The upper 128 bits of (digits x g), g the 128 bits of 10^exponent.  The lower half of g can
 * matter only where the product with the upper half has ones in all places below the rounding bit.
 */
FL_INLINE fl_wide fl_scale(uint64_t digits, int exponent, int fraction)
{
	const fl_wide *g = &fl_powers[exponent - FL_POWER_MIN];
	fl_wide product = fl_multiply(digits, g->high);
	uint64_t below = UINT64_MAX >> (fraction + 3);

	if ((product.high & below) == below) {
		uint64_t more = fl_multiply(digits, g->low).high;

		product.low += more;
		product.high += product.low < more;
	}
	return product;
}

/*
 * The bits of the number nearest to digits x 10^exponent, without sign.  0 < digits < 2^64 - 1, the
 * exponent one of those tabulated.  'wild' when the number may be subnormal or too great.
 *
 * 'top' holds the value's first 63 or 64 bits; 'rounded' keeps those of the fraction, the implied
 * one above and a rounding bit below.  The implied one, added to the exponent field less 1, makes
 * it right; a carry out of the fraction does the same.  Below the normal range the field is 0, and
 * what is missing to it shifts the bits down.
 */
FL_INLINE uint64_t fl_nearest_of(const struct fl_float_kind *kind, uint64_t digits, int exponent, bool wild)
{
	unsigned zeros = fl_high_zeros(digits), upper, shift;
	int64_t field;
	uint64_t rounded, bits;
	fl_wide top = fl_scale(digits << zeros, exponent, kind->fraction);

	upper = (unsigned)(top.high >> 63);
	shift = 61 - (unsigned)kind->fraction + upper;
	field = fl_log2_ten(exponent) + 63 + (int)upper - (int)zeros + kind->bias;
	rounded = top.high >> shift;
	if (wild && field < 1) {
		rounded >>= 1 - field > 63 ? 63 : 1 - field;
		field = 1;
	}
	/*
	 * An exact half has nothing but zeros below; top.low is 1 for the + 1 in the powers
	 * below 1.  The rarest condition stands first: the lowest bits of 'rounded' are a coin that
	 * no branch predicts.
	 */
	if (top.low <= 1 && (rounded & 3) == 1 && exponent >= kind->least_tie && exponent <= kind->greatest_tie &&
	    rounded << shift == top.high)
		rounded--;
	rounded = (rounded + (rounded & 1)) >> 1;
	bits = ((uint64_t)(field - 1) << kind->fraction) + rounded;
	return wild && bits > fl_infinity_of(kind) ? fl_infinity_of(kind) : bits;
}

/* Of any power. */
FL_INLINE uint64_t fl_nearest(const struct fl_float_kind *kind, uint64_t digits, int64_t exponent)
{
	if (digits == 0 || exponent < FL_POWER_MIN)
		return 0; /* 10^19 x 10^-343 is less than half of the least double */
	if (exponent > 308)
		return fl_infinity_of(kind);
	return fl_nearest_of(kind, digits, (int)exponent, true);
}

/* Of 10^-31 to 10^19, which are normal as doubles and as floats. */
FL_INLINE uint64_t fl_nearest_normal(const struct fl_float_kind *kind, uint64_t digits, unsigned decimals)
{
	return digits == 0 ? 0 : fl_nearest_of(kind, digits, -(int)decimals, false);
}

#endif
