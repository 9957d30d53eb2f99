/*
 * The loop that copies short strings to cells, with AVX2: a string at a time.
 */
#include "config.h"

#include "fill.h"
#include "quote.h"

#if defined __x86_64__ && defined __GNUC__

#include "fill_avx2.h"

#define LOADED 32

/*
 * Strings without gaps alone, as with each one what lies behind it is loaded; of the last ones that is not the caller's
 * column any more.
 */
AVX2 void fl_fill_str_avx2(const struct fl_elements *elements, struct fl_cell *cells, size_t step)
{
	const __m256i delimiter = _mm256_set1_epi64x((int64_t)elements->quoting->delimiters);
	const __m256i quote = _mm256_set1_epi64x((int64_t)elements->quoting->quotes);
	const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r'), zero = _mm256_setzero_si256();
	struct fl_elements rest = *elements;
	unsigned of_string = _bzhi_u32(UINT32_MAX, (unsigned)rest.width);

	for (; rest.stride == rest.width && rest.n * rest.width >= LOADED; rest.n--, cells += step) {
		__m256i text = _mm256_loadu_si256((const __m256i *)(const void *)rest.base);
		__m256i special = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(text, lf), _mm256_cmpeq_epi8(text, cr)),
						  _mm256_or_si256(_mm256_cmpeq_epi8(text, delimiter),
								  _mm256_cmpeq_epi8(text, quote)));
		unsigned nul = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, zero));
		unsigned nbytes = 32 - _lzcnt_u32(~nul & of_string);

		_mm256_storeu_si256((__m256i *)(void *)cells, text);
		cells->begin = 0;
		cells->nbytes = (uint8_t)((unsigned)_mm256_movemask_epi8(special) & of_string ? FL_CELL_NONE : nbytes);
		rest.base += rest.stride;
	}
	fl_fill_str(&rest, cells, step);
}

#endif
