/*
 * The portable forms in words.h, and whatever this compiler uses instead.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "words.h"

static void the_byte_at_the_lowest_address_is_the_lowest_of_the_word(void **state)
{
	const char bytes[8] = {1, 2, 3, 4, 5, 6, 7, (char)0xf8};
	char back[8];

	(void)state;
	assert_true(fl_load64(bytes) == UINT64_C(0xf807060504030201));
	assert_true(fl_load64_portable(bytes) == UINT64_C(0xf807060504030201));
	assert_true(fl_load32(bytes) == 0x04030201);
	assert_true(fl_load32_portable(bytes) == 0x04030201);
	fl_store64(back, UINT64_C(0xf807060504030201));
	assert_memory_equal(back, bytes, 8);
	fl_store64_portable(back, UINT64_C(0x0102030405060708));
	assert_memory_equal(back, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
}

static void zero_bits_are_counted_above_and_below(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		uint64_t one = UINT64_C(1) << i, above = one | random_word() << i,
			 below = one | (one - 1);

		assert_int_equal(fl_low_zeros(above), i);
		assert_int_equal(fl_low_zeros_portable(above), i);
		assert_int_equal(fl_high_zeros(below), 63 - i);
		assert_int_equal(fl_high_zeros_portable(below), 63 - i);
	}
}

static void a_product_has_all_its_128_bits(void **state)
{
	fl_wide most = fl_multiply_portable(UINT64_MAX, UINT64_MAX);

	(void)state;
	assert_true(most.high == UINT64_MAX - 1 && most.low == 1);
	for (int i = 0; i < 100000; i++) {
		uint64_t a = random_word() >> random_below(64),
			 b = random_word() >> random_below(64);
		fl_wide p = fl_multiply(a, b), q = fl_multiply_portable(a, b);

		assert_true(p.high == q.high && p.low == q.low);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_byte_at_the_lowest_address_is_the_lowest_of_the_word),
		cmocka_unit_test(zero_bits_are_counted_above_and_below),
		cmocka_unit_test(a_product_has_all_its_128_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
