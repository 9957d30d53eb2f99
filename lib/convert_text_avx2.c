/*
 * The loops for texts, with AVX2: 32 bytes are copied, or the quotes of up to 64 counted, at once.
 *
 * Fields with nulls or blanks to trim are for the plain loops, but for what was noted of them.
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

/*
 * Copies a text, 32 bytes at a time: as many may be read behind it, and written behind what it takes.  Of two quotes the
 * second is passed.  Gives where the copy ends.
 */
AVX2 FL_INLINE char *copy_text(char *out, const char *p, const char *end, bool quoted, __m256i quotes)
{
	while (p < end) {
		const __m256i bytes = load_32(p);
		const uint32_t left = end - p < 32 ? (uint32_t)(end - p) : 32;
		uint32_t found = 0;

		_mm256_storeu_si256((__m256i *)(void *)out, bytes);
		if (quoted)
			found = _bzhi_u32((uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, quotes)), left);
		out += found ? _tzcnt_u32(found) + 1 : left;
		p += found ? _tzcnt_u32(found) + 2 : left;
	}
	return out;
}

/*
 * A run_function(), of at least one text, that goes on as long as there is room in the arena, and in the window behind: there
 * the texts of the records that follow are.
 */
AVX2 FL_NOINLINE static size_t run_text(const struct fl_column *column, const struct fl_slices *slices, size_t first,
					size_t i, size_t n)
{
	const struct fl_slices from = *slices;
	const char *window_end = fl_slice_end(&from, n - 1);
	const int quote = column->quote;
	const __m256i quotes = in_register(_mm256_set1_epi8((char)quote));
	const uint64_t used = fl_texts_begin(column, first + i), arena_nbytes = column->cells->arena_nbytes;
	char *const arena = column->cells->arena, *out, *arena_end;

	if (arena_nbytes < 32 || used > arena_nbytes - 32)
		return i;
	out = arena + used;
	arena_end = arena + arena_nbytes;
	fl_store_offset(column, first + i, used);
	for (; i < n; i++) {
		const char *p = fl_slice_start(&from, i), *end = fl_slice_end(&from, i);
		const bool quoted = p < end && (unsigned char)*p == quote;

		if (window_end - end < 32 || arena_end - out < end - p + 32)
			break;
		out = copy_text(out, p + quoted, end - quoted, quoted, quotes);
		fl_texts_end(column, first + i + 1, (uint64_t)(out - arena));
	}
	return i;
}

size_t fl_convert_text_avx2(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			    fl_fault *fault)
{
	if (column->trim || column->field->nnulls)
		return fl_convert_text(column, slices, first, n, fault);
	return convert_singly(column, slices, first, 0, n, fault, (run_list){run_text});
}

/* Where the text ends that is last of n notes; nulls, whose note is 0, are nowhere. */
static const char *last_end(const struct fl_column *column, size_t n)
{
	const struct fl_texts *texts = column->texts;
	uint64_t noted = 0;

	while (n > 0 && noted == 0)
		noted = fl_load_offset(column, (size_t)texts->first + --n);
	return fl_noted_end(texts, noted);
}

/*
 * Behind the texts of a range those of the next one may have been stored: near the end they are for the plain loop.  The
 * last ones that were noted may have been somewhere else: so what can be read is seen from those that are stored.
 */
AVX2 void fl_store_noted_avx2(const struct fl_column *column, size_t n)
{
	struct fl_texts rest = *column->texts;
	const __m256i quotes = in_register(_mm256_set1_epi8((char)column->quote));
	const char *last = last_end(column, n);
	size_t i = 0;

	for (; i < n; i++) {
		const uint64_t noted = fl_load_offset(column, (size_t)rest.first);
		const char *p = fl_noted_start(&rest, noted), *end = fl_noted_end(&rest, noted);
		char *out;

		if (last - end < 32 || rest.nbytes < (uint64_t)(end - p) + 32)
			break;
		out = column->cells->arena + rest.start;
		fl_store_offset(column, (size_t)rest.first++, rest.start);
		rest.start += (uint64_t)(copy_text(out, p, end, fl_is_doubled(noted), quotes) - out);
		rest.nbytes = column->texts->nbytes - (rest.start - column->texts->start);
	}
	*column->texts = rest;
	fl_store_noted(column, n - i);
}

#endif
