/*
 * Blocks with AVX2.
 */
#include "config.h"

#include "cpu.h"
#include "index_blocks.h"
#include "survey_blocks.h"

#if defined __x86_64__ && defined __GNUC__

#include "blocks_x86.h"

#define AVX2 __attribute__((target("avx2,bmi,popcnt,pclmul")))

AVX2 FL_INLINE uint64_t equal(__m256i low, __m256i high, char byte)
{
	const __m256i each = _mm256_set1_epi8(byte);
	uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, each));
	uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, each));

	return first | (uint64_t)second << 32;
}

AVX2 FL_INLINE struct fl_masks masks_of(const char *block, struct fl_bytes bytes)
{
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)block);
	__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));

	return (struct fl_masks){
		.delimiter = equal(low, high, bytes.delimiter),
		.quote = equal(low, high, bytes.quote),
		.lf = equal(low, high, '\n'),
		.cr = equal(low, high, '\r'),
	};
}

AVX2 FL_INLINE bool is_special(const char *block, struct fl_bytes bytes)
{
	const __m256i quote = _mm256_set1_epi8(bytes.quote), cr = _mm256_set1_epi8('\r');
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)block);
	__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));
	__m256i quotes = _mm256_or_si256(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote));
	__m256i crs = _mm256_or_si256(_mm256_cmpeq_epi8(low, cr), _mm256_cmpeq_epi8(high, cr));

	return _mm256_movemask_epi8(_mm256_or_si256(quotes, crs));
}

AVX2 void fl_index_avx2(struct fl_index *index, const char *text, size_t nbytes)
{
	fl_scan_blocks(index, text, nbytes, masks_of, is_special, fl_parities_by_product, fl_flatten_by_four);
}

AVX2 void fl_tally_avx2(struct fl_tally *tally, const char *text, size_t nbytes)
{
	fl_tally_blocks(tally, text, nbytes, masks_of, fl_parities_by_product);
}

#endif
