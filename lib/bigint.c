/*
 * Whole numbers of a fixed greatest size: just what exact conversion of floats needs, in 32-bit
 * limbs so that every product fits a word.  Callers keep within FL_BIGINT_LIMBS; bigint.h says why
 * they can.
 */
#include "config.h"

#include <string.h>

#include "bigint.h"

static void push(fl_bigint *a, uint32_t limb)
{
	if (limb != 0)
		a->limb[a->nlimbs++] = limb;
}

static void trim(fl_bigint *a)
{
	while (a->nlimbs > 0 && a->limb[a->nlimbs - 1] == 0)
		a->nlimbs--;
}

void fl_bigint_set(fl_bigint *a, uint64_t value)
{
	a->limb[0] = (uint32_t)value;
	a->limb[1] = (uint32_t)(value >> 32);
	a->nlimbs = 2;
	trim(a);
}

void fl_bigint_multiply_add(fl_bigint *a, uint32_t factor, uint32_t term)
{
	uint64_t carry = term;

	for (size_t i = 0; i < a->nlimbs; i++) {
		carry += (uint64_t)a->limb[i] * factor;
		a->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	push(a, (uint32_t)carry);
}

void fl_bigint_multiply_five(fl_bigint *a, unsigned power)
{
	for (; power >= 13; power -= 13)
		fl_bigint_multiply_add(a, 1220703125, 0); /* 5^13, the last below 2^32 */
	for (; power > 0; power--)
		fl_bigint_multiply_add(a, 5, 0);
}

void fl_bigint_shift_left(fl_bigint *a, unsigned nbits)
{
	size_t whole = nbits / 32;

	fl_bigint_multiply_add(a, UINT32_C(1) << nbits % 32, 0);
	if (a->nlimbs == 0)
		return;
	memmove(a->limb + whole, a->limb, a->nlimbs * sizeof *a->limb);
	memset(a->limb, 0, whole * sizeof *a->limb);
	a->nlimbs += whole;
}

int fl_bigint_compare(const fl_bigint *a, const fl_bigint *b)
{
	if (a->nlimbs != b->nlimbs)
		return a->nlimbs < b->nlimbs ? -1 : 1;
	for (size_t i = a->nlimbs; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	return 0;
}

static bool bit_at(const fl_bigint *a, unsigned n)
{
	return n / 32 < a->nlimbs && (a->limb[n / 32] >> n % 32 & 1);
}

static bool any_below(const fl_bigint *a, unsigned n)
{
	for (size_t i = 0; i < n / 32 && i < a->nlimbs; i++)
		if (a->limb[i] != 0)
			return true;
	return n / 32 < a->nlimbs && (a->limb[n / 32] & ((UINT32_C(1) << n % 32) - 1)) != 0;
}

static void add_one(fl_bigint *a)
{
	for (size_t i = 0; i < a->nlimbs; i++)
		if (++a->limb[i] != 0)
			return;
	push(a, 1);
}

static void shift_right(fl_bigint *a, unsigned nbits)
{
	size_t whole = nbits / 32;

	if (whole >= a->nlimbs) {
		a->nlimbs = 0;
		return;
	}
	a->nlimbs -= whole;
	memmove(a->limb, a->limb + whole, a->nlimbs * sizeof *a->limb);
	fl_bigint_divide(a, UINT32_C(1) << nbits % 32);
}

void fl_bigint_shift_right_rounded(fl_bigint *a, unsigned nbits)
{
	bool up = nbits > 0 && bit_at(a, nbits - 1) && (any_below(a, nbits - 1) || bit_at(a, nbits));

	shift_right(a, nbits);
	if (up)
		add_one(a);
}

uint32_t fl_bigint_divide(fl_bigint *a, uint32_t divisor)
{
	uint64_t rest = 0;

	for (size_t i = a->nlimbs; i-- > 0;) {
		rest = rest << 32 | a->limb[i];
		a->limb[i] = (uint32_t)(rest / divisor);
		rest %= divisor;
	}
	trim(a);
	return (uint32_t)rest;
}
