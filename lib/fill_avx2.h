/*
 * What the loops with AVX2 that fill cells share: four numbers of 16 digits at a time.
 */
#ifndef FL_FILL_AVX2_H
#define FL_FILL_AVX2_H

#include "cell.h"
#include "integer.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))

AVX2 FL_INLINE __m256i each(int64_t value)
{
	return _mm256_set1_epi64x(value);
}

/* Numbers below 10^8 as two of four digits, of 16 bits each: see fl_digits_of(). */
AVX2 FL_INLINE __m256i split_eight(__m256i value)
{
	__m256i high = _mm256_srli_epi64(_mm256_mul_epu32(value, each(3518437209)), 45);

	return _mm256_sub_epi64(_mm256_slli_epi64(value, 16), _mm256_mul_epu32(high, each((10000 << 16) - 1)));
}

/* Numbers below 100 as two digits, of 8 bits each; 6554 / 2^16 is just above 1 / 10. */
AVX2 FL_INLINE __m256i split_two(__m256i value)
{
	__m256i high = _mm256_mulhi_epu16(value, _mm256_set1_epi16(6554));

	return _mm256_sub_epi16(_mm256_slli_epi16(value, 8), _mm256_mullo_epi16(high, _mm256_set1_epi16((10 << 8) - 1)));
}

/*
 * Four numbers below 10^16 as 16 digits each, 0 to 9: of the first and the third, and of the second and the fourth.
 * 10^8 goes 2^22 / 10^8 = 2882303761.5 / 2^36 times into each 2^22; that and the 22 bits make the quotient 1 too small at most.
 */
AVX2 FL_INLINE void digits_of(__m256i value, __m256i *first_third, __m256i *second_fourth)
{
	const __m256i eight = each(100000000);
	__m256i high = _mm256_srli_epi64(_mm256_mul_epu32(_mm256_srli_epi64(value, 22), each(2882303761)), 36);
	__m256i low = _mm256_sub_epi64(value, _mm256_mul_epu32(high, eight));
	__m256i more = _mm256_cmpgt_epi64(low, each(99999999));
	__m256i fours, hundreds, ones;

	high = _mm256_sub_epi64(high, more);
	low = _mm256_sub_epi64(low, _mm256_and_si256(more, eight));
	fours = _mm256_or_si256(split_eight(high), _mm256_slli_epi64(split_eight(low), 32));
	hundreds = _mm256_srli_epi16(_mm256_mulhi_epu16(fours, _mm256_set1_epi16(5243)), 3);
	ones = _mm256_sub_epi16(fours, _mm256_mullo_epi16(hundreds, _mm256_set1_epi16(100)));
	hundreds = split_two(hundreds);
	ones = split_two(ones);
	*first_third = _mm256_unpacklo_epi16(hundreds, ones);
	*second_fourth = _mm256_unpackhi_epi16(hundreds, ones);
}

/* A bit for each digit of the first and the third that is not 0, or of the others. */
AVX2 FL_INLINE unsigned not_zero(__m256i digits)
{
	return (unsigned)_mm256_movemask_epi8(_mm256_cmpgt_epi8(digits, _mm256_setzero_si256()));
}

AVX2 FL_INLINE unsigned top_bits(__m256i lanes)
{
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(lanes));
}

/* Puts the last 16 of 'most' digits, of which 'digits_not_zero' has a bit each, and a sign. */
AVX2 FL_INLINE void put_integer(struct fl_cell *cell, __m128i digits, unsigned digits_not_zero, unsigned most, unsigned negative)
{
	unsigned ndigits = most - _tzcnt_u32(digits_not_zero | 1u << (most - 1));

	_mm_storeu_si128((__m128i *)(void *)(cell->text + FL_INTEGER_END - 16), digits);
	fl_put_sign(cell, FL_INTEGER_END - ndigits, FL_INTEGER_END, negative);
}

#endif
