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

/* 16 digits as characters, and a bit for each that is not '0'. */
struct sixteen {
	__m128i digits;
	unsigned not_zero;
};

/* A bit for each byte that is not 0; of digits. */
AVX2 FL_INLINE unsigned not_zero(__m256i digits)
{
	return (unsigned)_mm256_movemask_epi8(_mm256_cmpgt_epi8(digits, _mm256_setzero_si256()));
}

/*
 * Four numbers below 10^16.  10^8 goes 2^22 / 10^8 = 2882303761.5 / 2^36 times into each 2^22; that and the 22 bits make the
 * quotient 1 too small at most.
 */
AVX2 FL_INLINE void digits_of(__m256i value, struct sixteen out[4])
{
	const __m256i eight = each(100000000), zeros = _mm256_set1_epi8('0');
	__m256i high = _mm256_srli_epi64(_mm256_mul_epu32(_mm256_srli_epi64(value, 22), each(2882303761)), 36);
	__m256i low = _mm256_sub_epi64(value, _mm256_mul_epu32(high, eight));
	__m256i more = _mm256_cmpgt_epi64(low, each(99999999));
	__m256i fours, hundreds, ones, first_third, second_fourth;
	unsigned bits_first_third, bits_second_fourth;

	high = _mm256_sub_epi64(high, more);
	low = _mm256_sub_epi64(low, _mm256_and_si256(more, eight));
	fours = _mm256_or_si256(split_eight(high), _mm256_slli_epi64(split_eight(low), 32));
	hundreds = _mm256_srli_epi16(_mm256_mulhi_epu16(fours, _mm256_set1_epi16(5243)), 3);
	ones = _mm256_sub_epi16(fours, _mm256_mullo_epi16(hundreds, _mm256_set1_epi16(100)));
	hundreds = split_two(hundreds);
	ones = split_two(ones);
	first_third = _mm256_unpacklo_epi16(hundreds, ones);
	second_fourth = _mm256_unpackhi_epi16(hundreds, ones);
	bits_first_third = not_zero(first_third);
	bits_second_fourth = not_zero(second_fourth);
	first_third = _mm256_or_si256(first_third, zeros);
	second_fourth = _mm256_or_si256(second_fourth, zeros);
	out[0] = (struct sixteen){_mm256_castsi256_si128(first_third), bits_first_third & 0xffff};
	out[1] = (struct sixteen){_mm256_castsi256_si128(second_fourth), bits_second_fourth & 0xffff};
	out[2] = (struct sixteen){_mm256_extracti128_si256(first_third, 1), bits_first_third >> 16};
	out[3] = (struct sixteen){_mm256_extracti128_si256(second_fourth, 1), bits_second_fourth >> 16};
}

AVX2 FL_INLINE unsigned top_bits(__m256i lanes)
{
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(lanes));
}

/* Puts the last 16 of 'most' digits, and a sign; of 'before', the first ones, there is a bit for each that is not 0. */
AVX2 FL_INLINE void put_integer(struct fl_cell *cell, struct sixteen last, unsigned before, unsigned most, unsigned negative)
{
	unsigned ndigits = most - _tzcnt_u32(before | last.not_zero << (most - 16) | 1u << (most - 1));

	_mm_storeu_si128((__m128i *)(void *)(cell->text + FL_INTEGER_END - 16), last.digits);
	fl_put_sign(cell, FL_INTEGER_END - ndigits, FL_INTEGER_END, negative);
}

#endif
