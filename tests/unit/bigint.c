/*
 * Whole numbers on the stack, against words and against each other.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bigint.h"

static uint64_t word_of(const fl_bigint *a)
{
	uint64_t word = 0;

	assert_true(a->nlimbs <= 2);
	for (size_t i = a->nlimbs; i-- > 0;)
		word = word << 32 | a->limb[i];
	return word;
}

static void zero_has_no_limbs(void **state)
{
	fl_bigint a;

	(void)state;
	fl_bigint_set(&a, 0);
	assert_int_equal(a.nlimbs, 0);
	fl_bigint_shift_left(&a, 500);
	fl_bigint_multiply_five(&a, 20);
	assert_int_equal(a.nlimbs, 0);
}

static void nine_digits_at_a_time_make_the_number_they_spell(void **state)
{
	fl_bigint a;

	(void)state;
	fl_bigint_set(&a, 0);
	fl_bigint_multiply_add(&a, 1000000000, 123456789);
	fl_bigint_multiply_add(&a, 1000000000, 12345678);
	assert_true(word_of(&a) == UINT64_C(123456789012345678));
	assert_int_equal(fl_bigint_divide(&a, 1000000000), 12345678);
	assert_true(word_of(&a) == 123456789);
}

static void powers_of_ten_are_the_same_by_either_way(void **state)
{
	fl_bigint a, b;

	(void)state;
	fl_bigint_set(&b, 1);
	for (unsigned i = 0; i < 1200; i++) {
		fl_bigint_set(&a, 1);
		fl_bigint_multiply_five(&a, i);
		fl_bigint_shift_left(&a, i);
		assert_int_equal(fl_bigint_compare(&a, &b), 0);
		fl_bigint_multiply_add(&b, 10, 0);
		assert_int_equal(fl_bigint_compare(&a, &b), -1);
		assert_int_equal(fl_bigint_compare(&b, &a), 1);
	}
}

static void shifting_right_rounds_to_nearest_and_ties_to_even(void **state)
{
	fl_bigint a;

	(void)state;
	for (uint64_t value = 0; value < 1024; value++)
		for (unsigned n = 1; n < 8; n++)
			for (unsigned limbs = 0; limbs < 3; limbs++) {
				uint64_t half = UINT64_C(1) << (n - 1),
					 rest = value & (2 * half - 1);
				uint64_t whole = value >> n;

				fl_bigint_set(&a, value);
				fl_bigint_shift_left(&a, 29 * limbs);
				fl_bigint_shift_right_rounded(&a, n + 29 * limbs);
				whole += rest > half || (rest == half && whole % 2 == 1);
				assert_true(word_of(&a) == whole);
			}
}

static void a_carry_may_make_the_number_longer(void **state)
{
	fl_bigint a;

	(void)state;
	fl_bigint_set(&a, UINT64_MAX);
	fl_bigint_shift_right_rounded(&a, 32);
	assert_true(word_of(&a) == UINT64_C(1) << 32);
	fl_bigint_set(&a, UINT64_MAX);
	fl_bigint_shift_right_rounded(&a, 65);
	assert_true(word_of(&a) == 0);
	fl_bigint_set(&a, UINT64_MAX);
	fl_bigint_shift_right_rounded(&a, 64);
	assert_true(word_of(&a) == 1);
	fl_bigint_set(&a, 3);
	fl_bigint_shift_right_rounded(&a, 4000);
	assert_true(word_of(&a) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_has_no_limbs),
		cmocka_unit_test(nine_digits_at_a_time_make_the_number_they_spell),
		cmocka_unit_test(powers_of_ten_are_the_same_by_either_way),
		cmocka_unit_test(shifting_right_rounds_to_nearest_and_ties_to_even),
		cmocka_unit_test(a_carry_may_make_the_number_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
