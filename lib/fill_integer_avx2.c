/*
 * The loops that write integers, with AVX2: four values at a time, all of their 16 or 20 digits, whatever they have, so that
 * nothing is jumped over where lengths are mixed.
 */
#include "config.h"

#include "fill.h"
#include "integer.h"

#if defined __x86_64__ && defined __GNUC__

#include "fill_avx2.h"

/* 10^16 = 5^16 x 2^16, and 5^16 in two words of 32 bits. */
#define SIXTEEN INT64_C(10000000000000000)
#define FIVES_HIGH 35
#define FIVES_LOW 2264035265

/*
 * What four numbers have before their last 16 digits, at most 1844, which is taken from them.  2^32 / 10^16 =
 * 3868562622.77 / 2^53; with that and the 32 bits the quotient is 1 too small at most.
 */
AVX2 FL_INLINE __m256i take_top(__m256i *value)
{
	const __m256i sixteen = each(SIXTEEN);
	__m256i top = _mm256_srli_epi64(_mm256_mul_epu32(_mm256_srli_epi64(*value, 32), each(3868562622)), 53);
	__m256i fives = _mm256_add_epi64(_mm256_mul_epu32(top, each(FIVES_LOW)),
					 _mm256_slli_epi64(_mm256_mul_epu32(top, each(FIVES_HIGH)), 32));
	__m256i rest = _mm256_sub_epi64(*value, _mm256_slli_epi64(fives, 16));
	__m256i more = _mm256_cmpgt_epi64(rest, each(SIXTEEN - 1));

	*value = _mm256_sub_epi64(rest, _mm256_and_si256(more, sixteen));
	return _mm256_sub_epi64(top, more);
}

/* Numbers below 10^4 as four digits, the last four bytes of each being 0. */
AVX2 FL_INLINE __m256i four_digits_of(__m256i value)
{
	__m256i hundreds = _mm256_srli_epi16(_mm256_mulhi_epu16(value, _mm256_set1_epi16(5243)), 3);
	__m256i ones = _mm256_sub_epi16(value, _mm256_mullo_epi16(hundreds, _mm256_set1_epi16(100)));

	return _mm256_or_si256(split_two(hundreds), _mm256_slli_epi64(split_two(ones), 16));
}

/* Four magnitudes, with a bit for each of them that is negative. */
AVX2 FL_INLINE void put_short(struct fl_cell *cells, size_t step, __m256i value, unsigned negative)
{
	struct sixteen last[4];

	digits_of(value, last);
	put_integer(cells, last[0], 0, 16, negative & 1);
	put_integer(cells + step, last[1], 0, 16, negative >> 1 & 1);
	put_integer(cells + 2 * step, last[2], 0, 16, negative >> 2 & 1);
	put_integer(cells + 3 * step, last[3], 0, 16, negative >> 3);
}

/* What stands behind the first four of 20 digits is overwritten. */
AVX2 FL_INLINE void put_long(struct fl_cell *cells, size_t step, __m256i value, unsigned negative)
{
	__m256i top = four_digits_of(take_top(&value));
	unsigned before = not_zero(top);
	struct sixteen last[4];
	uint64_t tops[4];

	digits_of(value, last);
	_mm256_storeu_si256((__m256i *)(void *)tops, _mm256_or_si256(top, _mm256_set1_epi8('0')));
	for (unsigned i = 0; i < 4; i++)
		fl_store64(cells[i * step].text + FL_INTEGER_END - 20, tops[i]);
	put_integer(cells, last[0], before & 15, 20, negative & 1);
	put_integer(cells + step, last[1], before >> 8 & 15, 20, negative >> 1 & 1);
	put_integer(cells + 2 * step, last[2], before >> 16 & 15, 20, negative >> 2 & 1);
	put_integer(cells + 3 * step, last[3], before >> 24, 20, negative >> 3);
}

#define LOAD(type, name)  \
	type name;        \
                          \
	memcpy(&name, p, sizeof name); \
	p += elements->stride

#define FILL(name, type, is_signed, put)                                                                                  \
	AVX2 void fl_fill_##name##_avx2(const struct fl_elements *elements, struct fl_cell *cells, size_t step)        \
	{                                                                                                               \
		const char *p = elements->base;                                                                         \
		struct fl_elements rest = *elements;                                                                    \
                                                                                                                        \
		for (; rest.n >= 4; rest.n -= 4, cells += 4 * step) {                                                   \
			LOAD(type, a);                                                                                  \
			LOAD(type, b);                                                                                  \
			LOAD(type, c);                                                                                  \
			LOAD(type, d);                                                                                  \
			__m256i value = _mm256_set_epi64x((int64_t)d, (int64_t)c, (int64_t)b, (int64_t)a);              \
			__m256i negative = is_signed ? _mm256_cmpgt_epi64(_mm256_setzero_si256(), value) : each(0);     \
                                                                                                                        \
			value = _mm256_sub_epi64(_mm256_xor_si256(value, negative), negative);                          \
			put(cells, step, value, top_bits(negative));                                                    \
		}                                                                                                       \
		rest.base = p;                                                                                          \
		fl_fill_##name(&rest, cells, step);                                                                     \
	}

FILL(i32, int32_t, true, put_short)
FILL(i64, int64_t, true, put_long)
FILL(u32, uint32_t, false, put_short)
FILL(u64, uint64_t, false, put_long)

#endif
