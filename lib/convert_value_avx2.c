/*
 * The loops that fill columns of numbers, with AVX2: up to 16 or 32 characters of a text at once, and four short texts
 * at once (convert_four_avx2.c) where there are.
 *
 * Columns of real files mix lengths, signs and places of the point, and a jump for each is a guess that fails half of
 * the time.  Here a text takes the same steps whatever its length: load what ends where it ends, drop the point by
 * moving what is before it up by one, make what is not of the text zeros, join neighbours.  All but plain digits with
 * a '-' before and a point among them is left to the plain loops.
 */
#include "config.h"

#include "column.h"
#include "cpu.h"
#include "float_parse.h"
#include "nearest.h"

#if defined __x86_64__ && defined __GNUC__

#include "convert_number_avx2.h"

/* A mask for a blend, which looks at the top bit of a byte: compilers that know what it is compare it with 0 first. */
AVX2 FL_INLINE __m128i mask_16(const int8_t *p)
{
	return in_register_16(load_16(p));
}

AVX2 FL_INLINE __m256i mask_32(const int8_t *p)
{
	return in_register(load_32(p));
}

/* The lower half of a constant. */
AVX2 FL_INLINE __m128i low(__m256i constant)
{
	return _mm256_castsi256_si128(constant);
}

/* The value of eight digits each, in the lower half of each 128 bits: the digits before it, the digits behind. */
AVX2 FL_INLINE __m128i join_16(__m128i digits, const struct constants *k)
{
	__m128i fours = _mm_madd_epi16(_mm_maddubs_epi16(digits, low(k->twos)), low(k->fours));

	return _mm_madd_epi16(_mm_packus_epi32(fours, fours), low(k->eights));
}

AVX2 FL_INLINE __m256i join_32(__m256i digits, const struct constants *k)
{
	__m256i fours = _mm256_madd_epi16(_mm256_maddubs_epi16(digits, k->twos), k->fours);

	return _mm256_madd_epi16(_mm256_packus_epi32(fours, fours), k->eights);
}

AVX2 FL_INLINE uint64_t sixteen(__m128i eights)
{
	uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);

	return (both & UINT32_MAX) * 100000000 + (both >> 32);
}

/*
 * The digits of a text, one a byte, behind zeros; false if it is anything but 1 to 16 characters, digits with a '-'
 * before them and, if 'decimal', a point, which is taken out: '*behind' says how many digits stood behind it.
 *
 * What no step waits for is computed with, not jumped over: whether there is a sign or a point, and where.
 */
AVX2 FL_INLINE bool read_16(const char *p, const char *end, const struct constants *k, bool decimal, __m128i *digits,
			    unsigned *behind, unsigned *negative)
{
	size_t n = (size_t)(end - p);
	__m128i text, minus;
	unsigned zeros = 32;

	if (n - 1 >= 16)
		return false;
	text = _mm_and_si128(_mm_sub_epi8(load_16(end - 16), low(k->zero)), load_16(k->tables->last + 16 + n));
	minus = _mm_cmpeq_epi8(text, low(k->minus));
	*negative = (unsigned)_mm_movemask_epi8(minus) >> (16 - n);
	*digits = _mm_andnot_si128(minus, text);
	if (decimal) {
		/* Zeros before the last point: 16, and one for each byte behind it; 32 without a point. */
		zeros = _lzcnt_u32((uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, low(k->point))));
		*digits = _mm_blendv_epi8(*digits, _mm_slli_si128(*digits, 1), mask_16(k->tables->first + zeros));
		*behind = zeros & 15;
	}
	text = _mm_subs_epu8(*digits, low(k->nine));
	return _mm_testz_si128(text, text) && *negative <= 1 && n - *negative != (zeros == 16);
}

/* Like read_16(), but for up to 32 characters. */
AVX2 FL_INLINE bool read_32(const char *p, const char *end, const struct constants *k, bool decimal, __m256i *digits,
			    unsigned *behind, unsigned *negative)
{
	size_t n = (size_t)(end - p);
	__m256i text, minus, moved;
	unsigned zeros = 32;

	if (n - 1 >= 32)
		return false;
	text = _mm256_and_si256(_mm256_sub_epi8(load_32(end - 32), k->zero), load_32(k->tables->last + n));
	minus = _mm256_cmpeq_epi8(text, k->minus);
	*negative = (unsigned)_mm256_movemask_epi8(minus) >> (32 - n);
	*digits = _mm256_andnot_si256(minus, text);
	if (decimal) {
		zeros = _lzcnt_u32((uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, k->point)));
		moved = _mm256_alignr_epi8(*digits, _mm256_permute2x128_si256(*digits, *digits, 0x08), 15);
		*digits = _mm256_blendv_epi8(*digits, moved, mask_32(k->tables->first + zeros));
		*behind = zeros & 31;
	}
	text = _mm256_subs_epu8(*digits, k->nine);
	return _mm256_testz_si256(text, text) && *negative <= 1 && n - *negative != (zeros == 0);
}

/* ------------------------------------------------------------------------------------------ one value each */

#define TEN_TO_16 UINT64_C(10000000000000000)

/* Up to 32 digits; false if they may not fit 64 bits, which is when those before the last 16 are more than 'most'. */
AVX2 FL_INLINE bool join_long(__m256i digits, const struct constants *k, uint64_t most, uint64_t *magnitude)
{
	__m256i eights = join_32(digits, k);
	uint64_t high = sixteen(low(eights));

	*magnitude = high * TEN_TO_16 + sixteen(_mm256_extracti128_si256(eights, 1));
	return high <= most;
}

FL_INLINE int64_t with_sign(uint64_t magnitude, unsigned negative)
{
	return (int64_t)((magnitude ^ (0 - (uint64_t)negative)) + negative);
}

/* Types of up to 32 bits: what does not fit them needs no more than 16 digits. */
AVX2 FL_INLINE bool read_signed(const char *p, const char *end, const struct constants *k, uint64_t greatest,
				int64_t *value)
{
	__m128i digits;
	unsigned negative, none;
	uint64_t magnitude;

	if (!read_16(p, end, k, false, &digits, &none, &negative))
		return false;
	magnitude = sixteen(join_16(digits, k));
	*value = with_sign(magnitude, negative);
	return magnitude <= greatest + negative;
}

AVX2 FL_INLINE bool read_unsigned(const char *p, const char *end, const struct constants *k, uint64_t greatest,
				  uint64_t *value)
{
	__m128i digits;
	unsigned negative, none;

	if (!read_16(p, end, k, false, &digits, &none, &negative))
		return false;
	*value = sixteen(join_16(digits, k));
	return *value <= greatest && !negative;
}

AVX2 FL_INLINE bool read_i64(const char *p, const char *end, const struct constants *k, int64_t *value)
{
	__m256i digits;
	unsigned negative, none;
	uint64_t magnitude;

	if (!read_32(p, end, k, false, &digits, &none, &negative) ||
	    !join_long(digits, k, INT64_MAX / TEN_TO_16 - 1, &magnitude))
		return false;
	*value = with_sign(magnitude, negative);
	return true;
}

AVX2 FL_INLINE bool read_u64(const char *p, const char *end, const struct constants *k, uint64_t *value)
{
	__m256i digits;
	unsigned negative, none;

	return read_32(p, end, k, false, &digits, &none, &negative) && !negative &&
	       join_long(digits, k, UINT64_MAX / TEN_TO_16 - 1, value);
}

/*
 * A decimal of up to 16 digits below 2^53 as the quotient of two doubles that are exact: see fl_quotient().  Its two
 * eights become doubles before they are joined, which takes fewer steps than to leave the vector.  What is not below
 * 2^53 cannot come out below.
 */
AVX2 FL_INLINE bool read_quotient(const char *p, const char *end, const struct constants *k, double *value)
{
	__m128i digits;
	__m128d eights;
	unsigned behind, negative;
	double whole;

	if (!read_16(p, end, k, true, &digits, &behind, &negative))
		return false;
	eights = _mm_cvtepi32_pd(join_16(digits, k));
	whole = _mm_cvtsd_f64(eights) * 1e8 + _mm_cvtsd_f64(_mm_unpackhi_pd(eights, eights));
	*value = whole / k->tables->tens[negative][behind];
	return whole < 0x1p53;
}

/* Up to 32 characters, which make a number of about 64 bits at most. */
AVX2 FL_INLINE bool read_nearest(const char *p, const char *end, const struct constants *k,
				 const struct fl_float_kind *kind, uint64_t *bits, unsigned *negative)
{
	__m256i digits;
	unsigned behind;
	uint64_t magnitude;

	if (!read_32(p, end, k, true, &digits, &behind, negative) ||
	    !join_long(digits, k, UINT64_MAX / TEN_TO_16 - 1, &magnitude))
		return false;
	*bits = fl_nearest_normal(kind, magnitude, behind);
	return true;
}

/*
 * Up to 32 characters and as many digits, of which the first 19 or more tell the number, if the next greater 19 would give
 * the same; false if not, which is rare.
 */
AVX2 FL_INLINE bool read_long(const char *p, const char *end, const struct constants *k,
			      const struct fl_float_kind *kind, uint64_t *bits, unsigned *negative)
{
	__m256i digits, eights;
	unsigned behind, left_out;
	uint64_t high, last, first;
	int exponent;

	if (!read_32(p, end, k, true, &digits, &behind, negative))
		return false;
	eights = join_32(digits, k);
	high = sixteen(low(eights));
	last = sixteen(_mm256_extracti128_si256(eights, 1));
	/* Of the last 16. */
	left_out = high < 1000 ? 0 : fl_count_digits(high) - 3;
	first = high * fl_ten[16 - left_out] + last / fl_ten[left_out];
	if (first == 0) {
		*bits = 0;
		return true;
	}
	exponent = (int)left_out - (int)behind;
	*bits = fl_nearest_of(kind, first, exponent, false);
	return last % fl_ten[left_out] == 0 || fl_nearest_of(kind, first + 1, exponent, false) == *bits;
}

/* What stands behind the e: a sign or none, and 1 to 4 digits.  There are four bytes before 'end'. */
FL_INLINE bool read_exponent(const char *p, const char *end, int *exponent)
{
	uint32_t negative = *p == '-', digits;
	size_t n;

	p += negative | (*p == '+');
	n = (size_t)(end - p);
	if (n - 1 >= 4)
		return false;
	digits = (fl_load32(end - 4) ^ UINT32_C(0x30303030)) & (UINT32_MAX << 8 * (4 - n));
	*exponent = (int)((fl_four_digits_value(digits) ^ (0 - negative)) + negative);
	return !fl_not_digits(digits);
}

/* At least 8 characters: up to 32 that read_nearest() takes, an e, an exponent. */
AVX2 FL_INLINE bool read_scientific(const char *p, const char *end, const struct constants *k,
				    const struct fl_float_kind *kind, uint64_t *bits, unsigned *negative)
{
	__m256i digits;
	unsigned behind;
	uint64_t magnitude;
	const char *e;
	int exponent;

	if (end - p < 8)
		return false;
	e = fl_find_exponent(end);
	if (end - e < 2 || !read_exponent(e + 1, end, &exponent) || !read_32(p, e, k, true, &digits, &behind, negative))
		return false;
	if (!join_long(digits, k, UINT64_MAX / TEN_TO_16 - 1, &magnitude))
		return false;
	*bits = fl_nearest(kind, magnitude, exponent - (int)behind);
	return true;
}

FL_INLINE double f64_of(uint64_t bits, unsigned negative)
{
	return fl_f64_of_bits(bits | (uint64_t)negative << 63);
}

FL_INLINE float f32_of(uint64_t bits, unsigned negative)
{
	return fl_f32_of_bits((uint32_t)bits | (uint32_t)negative << 31);
}

AVX2 FL_INLINE bool read_scientific_f64(const char *p, const char *end, const struct constants *k, double *value)
{
	uint64_t bits;
	unsigned negative;

	if (!read_scientific(p, end, k, &fl_f64_kind, &bits, &negative))
		return false;
	*value = f64_of(bits, negative);
	return true;
}

AVX2 FL_INLINE bool read_scientific_f32(const char *p, const char *end, const struct constants *k, float *value)
{
	uint64_t bits;
	unsigned negative;

	if (!read_scientific(p, end, k, &fl_f32_kind, &bits, &negative))
		return false;
	*value = f32_of(bits, negative);
	return true;
}

AVX2 FL_INLINE bool read_long_f64(const char *p, const char *end, const struct constants *k, double *value)
{
	uint64_t bits;
	unsigned negative;

	if (!read_long(p, end, k, &fl_f64_kind, &bits, &negative))
		return false;
	*value = f64_of(bits, negative);
	return true;
}

AVX2 FL_INLINE bool read_long_f32(const char *p, const char *end, const struct constants *k, float *value)
{
	uint64_t bits;
	unsigned negative;

	if (!read_long(p, end, k, &fl_f32_kind, &bits, &negative))
		return false;
	*value = f32_of(bits, negative);
	return true;
}

AVX2 FL_INLINE bool read_f64(const char *p, const char *end, const struct constants *k, double *value)
{
	uint64_t bits;
	unsigned negative;

	if (end - p <= 16)
		return read_quotient(p, end, k, value);
	if (!read_nearest(p, end, k, &fl_f64_kind, &bits, &negative))
		return false;
	*value = f64_of(bits, negative);
	return true;
}

/* See fl_parse_f32(). */
AVX2 FL_INLINE bool read_f32(const char *p, const char *end, const struct constants *k, float *value)
{
	uint64_t bits;
	unsigned negative;
	double wide;

	if (end - p <= 16) {
		if (!read_quotient(p, end, k, &wide))
			return false;
		*value = (float)wide;
		return (fl_bits_f64(wide) & 0x1fffffff) != 0x10000000;
	}
	if (!read_nearest(p, end, k, &fl_f32_kind, &bits, &negative))
		return false;
	*value = f32_of(bits, negative);
	return true;
}

/* ----------------------------------------------------------------------------------------------------- loops */

RUN(i8, int8_t, int64_t, read_signed(p, end, k, INT8_MAX, &value))
RUN(i16, int16_t, int64_t, read_signed(p, end, k, INT16_MAX, &value))
RUN(i32, int32_t, int64_t, read_signed(p, end, k, INT32_MAX, &value))
RUN(i64, int64_t, int64_t, read_i64(p, end, k, &value))
RUN(u8, uint8_t, uint64_t, read_unsigned(p, end, k, UINT8_MAX, &value))
RUN(u16, uint16_t, uint64_t, read_unsigned(p, end, k, UINT16_MAX, &value))
RUN(u32, uint32_t, uint64_t, read_unsigned(p, end, k, UINT32_MAX, &value))
RUN(u64, uint64_t, uint64_t, read_u64(p, end, k, &value))
RUN(f32, float, float, read_f32(p, end, k, &value))
RUN(f64, double, double, read_f64(p, end, k, &value))
RUN(long_f32, float, float, read_long_f32(p, end, k, &value))
RUN(long_f64, double, double, read_long_f64(p, end, k, &value))
RUN(scientific_f32, float, float, read_scientific_f32(p, end, k, &value))
RUN(scientific_f64, double, double, read_scientific_f64(p, end, k, &value))

/* convert_NAME() */
#define LOOP(name, ...)                                                                                               \
	static size_t convert_##name(const struct fl_column *column, const struct fl_slices *slices, size_t first,    \
				     size_t n, fl_fault *fault)                                                       \
	{                                                                                                             \
		return convert_by_four(column, slices, first, n, fault, fl_run_four_##name, (run_list){__VA_ARGS__}); \
	}

LOOP(i8, run_i8, fl_column_store_empty)
LOOP(i16, run_i16, fl_column_store_empty)
LOOP(i32, run_i32, fl_column_store_empty)
LOOP(i64, run_i64, fl_column_store_empty)
LOOP(u8, run_u8, fl_column_store_empty)
LOOP(u16, run_u16, fl_column_store_empty)
LOOP(u32, run_u32, fl_column_store_empty)
LOOP(u64, run_u64, fl_column_store_empty)
LOOP(f32, run_f32, fl_column_store_empty, run_scientific_f32, run_long_f32)
LOOP(f64, run_f64, fl_column_store_empty, run_scientific_f64, run_long_f64)

const struct fl_loops fl_loops_avx2 = {
	.store_noted = fl_store_noted_avx2,
	.note_text = fl_note_text_avx2,
	.of =
		{
			[FLAT_I8] = convert_i8,
			[FLAT_I16] = convert_i16,
			[FLAT_I32] = convert_i32,
			[FLAT_I64] = convert_i64,
			[FLAT_U8] = convert_u8,
			[FLAT_U16] = convert_u16,
			[FLAT_U32] = convert_u32,
			[FLAT_U64] = convert_u64,
			[FLAT_F32] = convert_f32,
			[FLAT_F64] = convert_f64,
			[FLAT_STR] = fl_convert_str_avx2,
			[FLAT_TEXT] = fl_convert_text_avx2,
			[FLAT_DATE] = fl_convert_date_avx2,
			[FLAT_TIMESTAMP_S] = fl_convert_timestamp_avx2,
			[FLAT_TIMESTAMP_MS] = fl_convert_timestamp_avx2,
			[FLAT_TIMESTAMP_US] = fl_convert_timestamp_avx2,
			[FLAT_TIMESTAMP_NS] = fl_convert_timestamp_avx2,
		},
};

#endif
