/*
 * What blocks with AVX2 and with AVX-512 share.
 */
#ifndef FL_BLOCKS_X86_H
#define FL_BLOCKS_X86_H

#include "words.h"

#include <immintrin.h>

#define X86 __attribute__((target("bmi,pclmul")))

/* A product without carries, by all ones: bit i is the sum of bits 0 to i. */
X86 FL_INLINE uint64_t fl_parities_by_product(uint64_t bits)
{
	__m128i sums = _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)bits), _mm_set1_epi8(-1), 0);

	return (uint64_t)_mm_cvtsi128_si64(sums);
}

/*
 * Four at a time whether they are there or not: fewer branches, and those there are go one way.  As a loop, unrolled late,
 * or GCC gathers the four in a vector first, which takes longer.
 */
X86 FL_INLINE void fl_flatten_by_four(uint32_t *out, uint32_t base, uint64_t bits, unsigned n)
{
	for (unsigned i = 0; i < n; i += 4) {
#pragma GCC unroll 4
		for (unsigned k = 0; k < 4; k++) {
			out[i + k] = base + (uint32_t)_tzcnt_u64(bits);
			bits = _blsr_u64(bits);
		}
	}
}

#endif
