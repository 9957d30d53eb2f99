/*
 * The loops that fill columns of numbers four at a time, with AVX2: texts of up to 16 characters lie in the halves of
 * two registers, and take the steps of those in convert_value_avx2.c together.
 *
 * Of four texts none is taken if one is anything but 1 to 16 characters, digits with a '-' before them and a point among
 * them; nor if one ends with a point, or may not fit its type.
 */
#include "config.h"

#include "column.h"
#include "words.h"

#if defined __x86_64__ && defined __GNUC__

#include "convert_number_avx2.h"

/* Texts 0 and 2 lie in the halves of one, 1 and 3 in those of the other: what is joined of both is in order. */
struct pairs {
	__m256i even, odd;
};

/* What was found in four texts. */
struct four {
	struct pairs digits; /* one a byte, behind zeros */
	__m256i minus;	     /* 64 bits for each: not 0 if it is negative */
	uint32_t behind[4];  /* in its lower four bits: digits behind the point */
};

/* Bytes of a text, and of the delimiter before it. */
FL_INLINE uint32_t slice_nbytes(const struct fl_slices *slices, size_t i)
{
	return fl_slice_behind(slices, i) - fl_slice_before(slices, i);
}

AVX2 FL_INLINE __m256i load_both(const void *low, const void *high)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(load_16(low)), load_16(high), 1);
}

/* Digits where there are some, zeros before the text. */
AVX2 FL_INLINE __m256i load_texts(const char *low, const char *high, __m256i mask, const struct constants *k)
{
	return _mm256_and_si256(_mm256_sub_epi8(load_both(low - 16, high - 16), k->zero), mask);
}

/* Moves what is before a point over it.  'low' and 'high': 16 and the bytes behind it; 32 if there is none. */
AVX2 FL_INLINE __m256i take_point(__m256i digits, uint32_t low, uint32_t high, const struct constants *k)
{
	const int8_t *first = k->tables->first;
	__m256i mask = in_register(load_both(first + low, first + high));

	return _mm256_blendv_epi8(digits, _mm256_slli_si256(digits, 1), mask);
}

AVX2 FL_INLINE void take_points(struct four *four, const struct pairs *points, const struct constants *k)
{
	uint32_t even = (uint32_t)_mm256_movemask_epi8(points->even);
	uint32_t odd = (uint32_t)_mm256_movemask_epi8(points->odd);

	four->behind[0] = _lzcnt_u32(even & 0xffff);
	four->behind[1] = _lzcnt_u32(odd & 0xffff);
	four->behind[2] = _lzcnt_u32(even >> 16);
	four->behind[3] = _lzcnt_u32(odd >> 16);
	four->digits.even = take_point(four->digits.even, four->behind[0], four->behind[2], k);
	four->digits.odd = take_point(four->digits.odd, four->behind[1], four->behind[3], k);
}

AVX2 FL_INLINE __m256i either(__m256i a, __m256i b)
{
	return _mm256_or_si256(a, b);
}

AVX2 FL_INLINE bool all_zero(__m256i bits)
{
	return _mm256_testz_si256(bits, bits);
}

/*
 * False if the texts are not all of the kind.  A '-' may stand at the start alone; and none, nor a point, at the end: "5."
 * is a number, but rare, while "-", "." and "-." are none.
 */
AVX2 FL_INLINE bool read_four(const struct fl_slices *slices, size_t i, const struct constants *k, bool decimal,
			      struct four *four)
{
	const uint32_t a = slice_nbytes(slices, i), b = slice_nbytes(slices, i + 1);
	const uint32_t c = slice_nbytes(slices, i + 2), d = slice_nbytes(slices, i + 3);
	const int8_t *last = k->tables->last + 16 - 1;
	const char *a_end = fl_slice_end(slices, i), *b_end = fl_slice_end(slices, i + 1);
	const char *c_end = fl_slice_end(slices, i + 2), *d_end = fl_slice_end(slices, i + 3);
	struct pairs mask, minus, points;
	__m256i marks, bad;

	if (((a - 2) | (b - 2) | (c - 2) | (d - 2)) >= 16)
		return false;
	mask = (struct pairs){load_both(last + a, last + c), load_both(last + b, last + d)};
	four->digits.even = load_texts(a_end, c_end, mask.even, k);
	four->digits.odd = load_texts(b_end, d_end, mask.odd, k);
	minus.even = _mm256_cmpeq_epi8(four->digits.even, k->minus);
	minus.odd = _mm256_cmpeq_epi8(four->digits.odd, k->minus);
	four->digits.even = _mm256_andnot_si256(minus.even, four->digits.even);
	four->digits.odd = _mm256_andnot_si256(minus.odd, four->digits.odd);
	/* What is not 0 in 16 bits is not in the 8 that are made of them: they take the value that is nearest. */
	four->minus = _mm256_packs_epi16(minus.even, minus.odd);
	marks = either(minus.even, minus.odd);
	if (decimal) {
		points.even = _mm256_cmpeq_epi8(four->digits.even, k->point);
		points.odd = _mm256_cmpeq_epi8(four->digits.odd, k->point);
		marks = either(marks, either(points.even, points.odd));
		take_points(four, &points, k);
	}
	bad = either(_mm256_and_si256(minus.even, _mm256_slli_si256(mask.even, 1)),
		     _mm256_and_si256(minus.odd, _mm256_slli_si256(mask.odd, 1)));
	bad = either(bad, _mm256_and_si256(marks, k->top_byte));
	bad = either(bad, _mm256_subs_epu8(four->digits.even, k->nine));
	bad = either(bad, _mm256_subs_epu8(four->digits.odd, k->nine));
	return all_zero(bad);
}

/* The four values, in 64 bits each. */
AVX2 FL_INLINE __m256i join_four(const struct pairs *digits, const struct constants *k)
{
	__m256i even = _mm256_madd_epi16(_mm256_maddubs_epi16(digits->even, k->twos), k->fours);
	__m256i odd = _mm256_madd_epi16(_mm256_maddubs_epi16(digits->odd, k->twos), k->fours);
	__m256i eights = _mm256_madd_epi16(_mm256_packus_epi32(even, odd), k->eights);

	return _mm256_add_epi64(_mm256_mul_epu32(eights, k->ten_to_8), _mm256_srli_epi64(eights, 32));
}

/* All ones for each that is not negative. */
AVX2 FL_INLINE __m256i not_negative(const struct four *four)
{
	return _mm256_cmpeq_epi64(four->minus, _mm256_setzero_si256());
}

/* What may not fit is left to others, as is a '-' where there is to be none.  All texts fit 64 bits. */
AVX2 FL_INLINE bool read_four_integers(const struct fl_slices *slices, size_t i, const struct constants *k,
				       int64_t least, int64_t greatest, __m256i *values)
{
	struct four four;
	__m256i negative, beyond = _mm256_setzero_si256();

	if (!read_four(slices, i, k, false, &four))
		return false;
	*values = join_four(&four.digits, k);
	if (greatest < INT64_MAX)
		beyond = _mm256_cmpgt_epi64(*values, _mm256_set1_epi64x(greatest));
	if (least == 0)
		return all_zero(either(beyond, four.minus));
	/* (x ^ -1) - -1 = -x */
	negative = _mm256_xor_si256(not_negative(&four), _mm256_set1_epi64x(-1));
	*values = _mm256_sub_epi64(_mm256_xor_si256(*values, negative), negative);
	return all_zero(beyond);
}

/* See fl_quotient(): here below 2^52, which become doubles without more ado. */
AVX2 FL_INLINE bool read_four_f64(const struct fl_slices *slices, size_t i, const struct constants *k, __m256i *values)
{
	const double *tens = k->tables->tens[0];
	struct four four;
	__m256i whole, signs;
	__m256d powers, e52 = _mm256_castsi256_pd(k->e52);

	if (!read_four(slices, i, k, true, &four))
		return false;
	whole = join_four(&four.digits, k);
	powers = _mm256_set_pd(tens[four.behind[3] & 15], tens[four.behind[2] & 15], tens[four.behind[1] & 15],
			       tens[four.behind[0] & 15]);
	signs = _mm256_andnot_si256(not_negative(&four), k->sign);
	powers = _mm256_or_pd(powers, _mm256_castsi256_pd(signs));
	*values = _mm256_castpd_si256(
		_mm256_div_pd(_mm256_sub_pd(_mm256_castsi256_pd(either(whole, k->e52)), e52), powers));
	return _mm256_testz_si256(whole, k->not_52);
}

/* See fl_parse_f32(). */
AVX2 FL_INLINE bool read_four_f32(const struct fl_slices *slices, size_t i, const struct constants *k, __m256i *values)
{
	__m256i wide, below;

	if (!read_four_f64(slices, i, k, &wide))
		return false;
	*values = _mm256_cvtepu32_epi64(_mm_castps_si128(_mm256_cvtpd_ps(_mm256_castsi256_pd(wide))));
	below = _mm256_and_si256(wide, k->below_f32);
	return all_zero(_mm256_cmpeq_epi64(below, k->half_f32));
}

/* The lower bytes of 64 bits each; gives where the next four go. */
AVX2 FL_INLINE char *store_four(char *element, size_t stride, __m256i values, size_t width)
{
	const __m128i low = _mm256_castsi256_si128(values), high = _mm256_extracti128_si256(values, 1);
	const int64_t a = _mm_cvtsi128_si64(low), b = _mm_extract_epi64(low, 1);
	const int64_t c = _mm_cvtsi128_si64(high), d = _mm_extract_epi64(high, 1);

	memcpy(element, &a, width);
	memcpy(element += stride, &b, width);
	memcpy(element += stride, &c, width);
	memcpy(element += stride, &d, width);
	return element + stride;
}

/* fl_run_four_NAME(), with 'call' for each four: it gives whether there are 'values', of 'width' bytes. */
#define RUN_FOUR(name, width, call)                                                                                  \
	AVX2 size_t fl_run_four_##name(const struct fl_column *column, const struct fl_slices *slices, size_t first, \
				       size_t i, size_t n)                                                           \
	{                                                                                                            \
		const struct constants constants = make_constants(column), *k = &constants;                          \
		const size_t stride = column->stride;                                                                \
		const struct fl_slices from = *slices;                                                               \
		char *element = fl_element(column, first + i);                                                       \
                                                                                                                     \
		for (; n - i >= 4; i += 4) {                                                                         \
			__m256i values;                                                                              \
                                                                                                                     \
			if (!(call))                                                                                 \
				break;                                                                               \
			element = store_four(element, stride, values, width);                                        \
		}                                                                                                    \
		return i;                                                                                            \
	}

RUN_FOUR(i8, 1, read_four_integers(&from, i, k, INT8_MIN, INT8_MAX, &values))
RUN_FOUR(i16, 2, read_four_integers(&from, i, k, INT16_MIN, INT16_MAX, &values))
RUN_FOUR(i32, 4, read_four_integers(&from, i, k, INT32_MIN, INT32_MAX, &values))
RUN_FOUR(i64, 8, read_four_integers(&from, i, k, INT64_MIN, INT64_MAX, &values))
RUN_FOUR(u8, 1, read_four_integers(&from, i, k, 0, UINT8_MAX, &values))
RUN_FOUR(u16, 2, read_four_integers(&from, i, k, 0, UINT16_MAX, &values))
RUN_FOUR(u32, 4, read_four_integers(&from, i, k, 0, UINT32_MAX, &values))
RUN_FOUR(u64, 8, read_four_integers(&from, i, k, 0, INT64_MAX, &values))
RUN_FOUR(f32, 4, read_four_f32(&from, i, k, &values))
RUN_FOUR(f64, 8, read_four_f64(&from, i, k, &values))

#endif
