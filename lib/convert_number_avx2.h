/*
 * What the loops that read numbers with AVX2 share: masks, constants, and how digits are joined.
 *
 * W. Mula, "SIMD-ized faster parse of integers", 2018, joins the digits in the same way.
 */
#ifndef FL_CONVERT_NUMBER_AVX2_H
#define FL_CONVERT_NUMBER_AVX2_H

#include "convert_avx2.h"

#define ZEROS_16 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define ONES_16 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1

/* Masks: of the first n bytes at first + 32 - n; of its last n at last + n, or last + 16 + n if it has 16. */
struct tables {
	int8_t first[64], last[64];
	double tens[2][16]; /* 10^0 to 10^15, and the same negative */
};

static const struct tables __attribute__((aligned(64))) all_tables = {
	.first = {ONES_16, ONES_16, ZEROS_16, ZEROS_16},
	.last = {ZEROS_16, ZEROS_16, ONES_16, ONES_16},
	.tens = {{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15},
		 {-1e0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7, -1e8, -1e9, -1e10, -1e11, -1e12, -1e13, -1e14,
		  -1e15}},
};

/* A loop keeps those in registers that it uses. */
struct constants {
	const struct tables *tables;
	__m256i zero, minus, point, nine, twos, fours, eights;
	__m256i top_byte; /* of 16 */
	__m256i ten_to_8;
	__m256i sign;	     /* of a double */
	__m256i e52, not_52; /* a double, 2^52, with the bits of a lesser integer is the sum; the bits that none has */
	__m256i below_f32, half_f32; /* bits of a double that a float does not have; of these, what is in the middle */
};

AVX2 FL_INLINE struct constants make_constants(const struct fl_column *column)
{
	const struct tables *address = &all_tables;

	(void)column;
	__asm__("" : "+r"(address));
	return (struct constants){
		.tables = address,
		.zero = in_register(_mm256_set1_epi8('0')),
		.minus = in_register(_mm256_set1_epi8('-' - '0')),
		.point = in_register(_mm256_set1_epi8('.' - '0')),
		.nine = in_register(_mm256_set1_epi8(9)),
		.twos = in_register(_mm256_set1_epi16(1 << 8 | 10)),
		.fours = in_register(_mm256_set1_epi32(1 << 16 | 100)),
		.eights = in_register(_mm256_set1_epi32(1 << 16 | 10000)),
		.top_byte = in_register(_mm256_set_epi64x(-(INT64_C(1) << 56), 0, -(INT64_C(1) << 56), 0)),
		.ten_to_8 = in_register(_mm256_set1_epi64x(100000000)),
		.sign = in_register(_mm256_set1_epi64x(INT64_MIN)),
		.e52 = in_register(_mm256_castpd_si256(_mm256_set1_pd(0x1p52))),
		.not_52 = in_register(_mm256_set1_epi64x(-(INT64_C(1) << 52))),
		.below_f32 = in_register(_mm256_set1_epi64x(0x1fffffff)),
		.half_f32 = in_register(_mm256_set1_epi64x(0x10000000)),
	};
}

/* Go in steps of four, up to the first four of which one is not of the kind that they take.  In convert_four_avx2.c */
run_function fl_run_four_i8, fl_run_four_i16, fl_run_four_i32, fl_run_four_i64;
run_function fl_run_four_u8, fl_run_four_u16, fl_run_four_u32, fl_run_four_u64;
run_function fl_run_four_f32, fl_run_four_f64;

#endif
