/*
 * Blocks with AVX-512: a comparison gives the word of bits itself, and VBMI2, where it is there, packs their positions.
 */
#include "config.h"

#include "cpu.h"
#include "index_blocks.h"
#include "survey_blocks.h"

#if defined __x86_64__ && defined __GNUC__

#include "blocks_x86.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,bmi,popcnt,pclmul")))
#define AVX512VBMI2 __attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt,pclmul")))

AVX512 FL_INLINE struct fl_masks masks_of(const char *block, struct fl_bytes bytes)
{
	__m512i all = _mm512_loadu_si512(block);

	return (struct fl_masks){
		.delimiter = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(bytes.delimiter)),
		.quote = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(bytes.quote)),
		.lf = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('\n')),
		.cr = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('\r')),
	};
}

AVX512 FL_INLINE bool is_special(const char *block, struct fl_bytes bytes)
{
	__m512i all = _mm512_loadu_si512(block);

	return (_mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(bytes.quote)) |
		_mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('\r'))) != 0;
}

static const unsigned char positions[FL_BLOCK] = {
	0,  1,	2,  3,	4,  5,	6,  7,	8,  9,	10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
	22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
	44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

AVX512VBMI2 FL_INLINE void flatten(uint32_t *out, uint32_t base, uint64_t bits, unsigned n)
{
	__m512i packed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(positions));
	__m512i bases = _mm512_set1_epi32((int)base);

	_mm512_storeu_si512(out, _mm512_add_epi32(bases, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
	if (n <= 16)
		return;
	_mm512_storeu_si512(out + 16,
			    _mm512_add_epi32(bases, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1))));
	if (n <= 32)
		return;
	_mm512_storeu_si512(out + 32,
			    _mm512_add_epi32(bases, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2))));
	_mm512_storeu_si512(out + 48,
			    _mm512_add_epi32(bases, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3))));
}

AVX512 void fl_index_avx512(struct fl_index *index, const char *text, size_t nbytes)
{
	fl_scan_blocks(index, text, nbytes, masks_of, is_special, fl_parities_by_product, fl_flatten_by_four);
}

AVX512VBMI2 void fl_index_avx512vbmi2(struct fl_index *index, const char *text, size_t nbytes)
{
	fl_scan_blocks(index, text, nbytes, masks_of, is_special, fl_parities_by_product, flatten);
}

AVX512 void fl_tally_avx512(struct fl_tally *tally, const char *text, size_t nbytes)
{
	fl_tally_blocks(tally, text, nbytes, masks_of, fl_parities_by_product);
}

#endif
