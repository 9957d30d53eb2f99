/*
 * Random numbers for tests, the same ones in every run (xorshift64*, Vigna 2016), and how many a
 * test takes.
 */
#ifndef FL_TEST_RANDOM_H
#define FL_TEST_RANDOM_H

#include <stdint.h>
#include <stdlib.h>

static uint64_t random_state = UINT64_C(88172645463325252);

static inline uint64_t random_word(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline unsigned random_below(unsigned n)
{
	return (unsigned)((random_word() >> 32) * n >> 32);
}

/*
 * FLATLOAD_TEST_COUNT replaces a test's own number of rounds; FLATLOAD_TEST_MOST, for slow builds, only ever lowers it.
 */
static inline uint64_t test_count(uint64_t usual)
{
	const char *count = getenv("FLATLOAD_TEST_COUNT"), *most = getenv("FLATLOAD_TEST_MOST");
	uint64_t n = count != NULL ? strtoull(count, NULL, 10) : usual;
	uint64_t limit = most != NULL ? strtoull(most, NULL, 10) : n;

	return n < limit ? n : limit;
}

static inline int test_long(void)
{
	const char *text = getenv("FLATLOAD_TEST_LONG");

	return text != NULL && *text == '1';
}

#endif
