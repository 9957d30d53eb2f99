/*
 * The loop that notes texts, with AVX2: the quotes of up to 64 bytes are counted at once.
 *
 * Fields with nulls or blanks to trim are for the plain loop.
 */
#include "config.h"

#include "column.h"
#include "cpu.h"

#if defined __x86_64__ && defined __GNUC__

#include "convert_avx2.h"

_Static_assert(FL_MARGIN >= 64, "what lies before a text is loaded with it");

/* Bit i: there is a quote at p[i]. */
AVX2 FL_INLINE uint64_t quotes_at(const char *p, __m256i quotes)
{
	const uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(load_32(p), quotes));
	const uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(load_32(p + 32), quotes));

	return low | (uint64_t)high << 32;
}

/* What is loaded last ends where the text ends, so that short texts of any length are alike. */
AVX2 FL_INLINE size_t count_quotes(const char *p, const char *end, __m256i quotes)
{
	size_t n = 0;

	for (; end - p > 64; p += 64)
		n += (size_t)_mm_popcnt_u64(quotes_at(p, quotes));
	return p == end ? n : n + (size_t)_mm_popcnt_u64(quotes_at(end - 64, quotes) >> (64 - (end - p)));
}

AVX2 size_t fl_note_text_avx2(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			      fl_fault *fault)
{
	const struct fl_slices from = *slices;
	struct fl_texts texts = *column->texts;
	const size_t stride = column->stride;
	const int quote = column->quote;
	const __m256i quotes = in_register(_mm256_set1_epi8((char)quote));
	char *element = fl_element(column, first);

	if (column->trim || column->field->nnulls)
		return fl_note_text(column, slices, first, n, fault);
	for (size_t i = 0; i < n; i++, element += stride) {
		const char *p = fl_slice_start(&from, i), *end = fl_slice_end(&from, i);
		const bool quoted = p < end && (unsigned char)*p == quote;
		uint64_t noted;

		noted = fl_note(&texts, p + quoted, end - quoted,
				quoted ? count_quotes(p + quoted, end - quoted, quotes) : 0);
		memcpy(element, &noted, sizeof noted);
	}
	column->texts->nbytes = texts.nbytes;
	return n;
}

#endif
