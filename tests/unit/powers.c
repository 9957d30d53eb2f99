/*
 * Every entry of the powers of ten, computed again with numbers of 1200 bits.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "powers.h"

#define LIMBS 38 /* 10^342 has 1137 bits */

static void times_ten(uint32_t *a)
{
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)a[i] * 10;
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

static void ten_to(uint32_t *a, int power)
{
	memset(a, 0, LIMBS * sizeof *a);
	a[0] = 1;
	while (power-- > 0)
		times_ten(a);
}

static int bit(const uint32_t *a, int i)
{
	return i < 0 ? 0 : (int)(a[i / 32] >> i % 32 & 1);
}

static int length(const uint32_t *a)
{
	int n = LIMBS * 32;

	while (!bit(a, n - 1))
		n--;
	return n;
}

static fl_wide append(fl_wide w, int b)
{
	return (fl_wide){w.high << 1 | w.low >> 63, w.low << 1 | (uint64_t)b};
}

static fl_wide top_bits(const uint32_t *a)
{
	fl_wide w = {0, 0};

	for (int i = 0; i < 128; i++)
		w = append(w, bit(a, length(a) - 1 - i));
	return w;
}

/* a = 2a - d if that is not negative, otherwise 2a; returns the quotient's bit */
static int divide_step(uint32_t *a, const uint32_t *d)
{
	uint32_t twice[LIMBS], rest[LIMBS];
	uint64_t borrow = 0;

	for (int i = 0; i < LIMBS; i++)
		twice[i] = a[i] << 1 | (i > 0 ? a[i - 1] >> 31 : 0);
	for (int i = 0; i < LIMBS; i++) {
		uint64_t difference = (uint64_t)twice[i] - d[i] - borrow;

		rest[i] = (uint32_t)difference;
		borrow = difference >> 63;
	}
	memcpy(a, borrow ? twice : rest, sizeof rest);
	return !borrow;
}

/* floor(2^s / d) + 1, with the s that gives 128 bits */
static fl_wide reciprocal(const uint32_t *d)
{
	uint32_t rest[LIMBS] = {1};
	fl_wide w = {0, 0};

	while (w.high >> 63 == 0)
		w = append(w, divide_step(rest, d));
	w.low++;
	w.high += w.low == 0;
	return w;
}

static void assert_entry(int q, fl_wide expected)
{
	fl_wide entry = fl_powers[q - FL_POWER_MIN];

	if (entry.high != expected.high || entry.low != expected.low)
		fail_msg("10^%d is wrong", q);
}

static void powers_from_one_up_are_cut_off(void **state)
{
	uint32_t a[LIMBS];

	(void)state;
	for (int q = 0; q <= FL_POWER_MAX; q++) {
		ten_to(a, q);
		assert_entry(q, top_bits(a));
		assert_int_equal(fl_log2_ten(q), length(a) - 1);
	}
}

static void powers_below_one_are_the_floor_and_one(void **state)
{
	uint32_t a[LIMBS];

	(void)state;
	for (int q = FL_POWER_MIN; q < 0; q++) {
		ten_to(a, -q);
		assert_entry(q, reciprocal(a));
		assert_int_equal(fl_log2_ten(q),
				 -length(a)); /* no power of ten but 1 is one of two */
	}
}

static void one_can_be_added_without_a_carry(void **state)
{
	(void)state;
	for (int q = FL_POWER_MIN; q <= FL_POWER_MAX; q++)
		assert_true(fl_powers[q - FL_POWER_MIN].low != UINT64_MAX);
}

static void small_powers_are_exact(void **state)
{
	uint64_t ten = 1;

	(void)state;
	for (int i = 0; i < 20; i++, ten *= 10)
		assert_true(fl_ten[i] == ten);
	assert_true(fl_ten_f64[0] == 1);
	for (int i = 1; i < 23; i++)
		assert_true(fl_ten_f64[i] == fl_ten_f64[i - 1] * 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(powers_from_one_up_are_cut_off),
		cmocka_unit_test(powers_below_one_are_the_floor_and_one),
		cmocka_unit_test(one_can_be_added_without_a_carry),
		cmocka_unit_test(small_powers_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
