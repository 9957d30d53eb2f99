/*
 * Blocks with SSE2, which every x86-64 has.
 */
#include "config.h"

#include "cpu.h"
#include "index_blocks.h"
#include "survey_blocks.h"

#if defined __x86_64__ && defined __GNUC__

#include <emmintrin.h>

FL_INLINE uint64_t equal(const __m128i parts[4], char byte)
{
	const __m128i each = _mm_set1_epi8(byte);
	uint64_t bits = 0;

	for (unsigned i = 0; i < 4; i++)
		bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(parts[i], each)) << 16 * i;
	return bits;
}

FL_INLINE struct fl_masks masks_of(const char *block, struct fl_bytes bytes)
{
	__m128i parts[4];

	for (unsigned i = 0; i < 4; i++)
		parts[i] = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
	return (struct fl_masks){
		.delimiter = equal(parts, bytes.delimiter),
		.quote = equal(parts, bytes.quote),
		.lf = equal(parts, '\n'),
		.cr = equal(parts, '\r'),
	};
}

FL_INLINE bool is_special(const char *block, struct fl_bytes bytes)
{
	const __m128i quote = _mm_set1_epi8(bytes.quote), cr = _mm_set1_epi8('\r');
	__m128i found = _mm_setzero_si128();

	for (unsigned i = 0; i < 4; i++) {
		__m128i part = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));

		found = _mm_or_si128(found, _mm_or_si128(_mm_cmpeq_epi8(part, quote), _mm_cmpeq_epi8(part, cr)));
	}
	return _mm_movemask_epi8(found) != 0;
}

void fl_index_sse2(struct fl_index *index, const char *text, size_t nbytes)
{
	fl_scan_blocks(index, text, nbytes, masks_of, is_special, fl_parities, fl_flatten_bits);
}

void fl_tally_sse2(struct fl_tally *tally, const char *text, size_t nbytes)
{
	fl_tally_blocks(tally, text, nbytes, masks_of, fl_parities);
}

#endif
