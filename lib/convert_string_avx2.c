/*
 * The loops that fill columns of strings, with AVX2: a text is moved to the front of a vector, with zeros behind it, and
 * stored in two parts that overlap in the middle of the cell and end where it ends.
 *
 *	width 5, text "abc":  bytes 0..3 are [a b c 0], bytes 1..4 are [b c 0 0]
 *
 * In cells of more than 32 bytes zeros are stored from where the text's last vector starts, then whole vectors of the text,
 * then the last one in that way.
 *
 * Taken are texts in quotes too, if there are none within.  Cells with lengths, and fields with nulls or blanks to trim are
 * for the plain loop.
 */
#include "config.h"

#include "column.h"
#include "cpu.h"

#if defined __x86_64__ && defined __GNUC__

#include "convert_avx2.h"

#define NOTHING_16 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1

/* A shuffle by what is at moves + n moves a vector down by n bytes and brings in zeros. */
static const int8_t moves[48] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, NOTHING_16, NOTHING_16};

/* Both parts of a cell: its first 16 bytes, and its last, as if zeros stood behind the text [p, end). */
struct parts {
	__m128i first, last;
};

/*
 * What is loaded ends where the text ends, but for the first part of one of more than 16 bytes.  The last part starts
 * 'width' - 'size' bytes behind the first.
 */
AVX2 FL_INLINE struct parts take_parts(const char *p, const char *end, size_t width, size_t size)
{
	const size_t n = (size_t)(end - p), missing = n < 16 ? 16 - n : 0;
	const __m128i from_end = load_16(end - 16);

	return (struct parts){
		.first = _mm_shuffle_epi8(load_16(n < 16 ? end - 16 : p), load_16(moves + missing)),
		.last = _mm_shuffle_epi8(from_end, load_16(moves + (16 - n + width - size))),
	};
}

AVX2 FL_INLINE bool has_any(struct parts parts, __m128i quotes)
{
	return _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(parts.first, quotes), _mm_cmpeq_epi8(parts.last, quotes)));
}

/* Stores the first 'size' bytes of a part. */
AVX2 FL_INLINE void store(char *out, __m128i part, size_t size)
{
	uint64_t word = (uint64_t)_mm_cvtsi128_si64(part);

	if (size == 16)
		_mm_storeu_si128((__m128i *)(void *)out, part);
	else
		memcpy(out, &word, size);
}

/*
 * For cells of 'size' to 2 x 'size' bytes, a constant of 1, 2, 4, 8 or 16.  A text that ends in a zero byte is not
 * taken: whether it may is for the plain loop to say.
 */
AVX2 FL_INLINE size_t run(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t i,
			  size_t n, size_t size)
{
	const struct fl_slices from = *slices;
	const size_t stride = column->stride, width = column->width;
	const int quote = column->quote;
	const __m128i quotes = _mm_set1_epi8((char)quote);
	char *cell = fl_element(column, first + i);

	for (; i < n; i++, cell += stride) {
		const char *p = fl_slice_start(&from, i), *end = fl_slice_end(&from, i);
		const bool quoted = p < end && (unsigned char)*p == quote;
		struct parts parts;

		p += quoted;
		end -= quoted;
		if ((size_t)(end - p) > width)
			break;
		parts = take_parts(p, end, width, size);
		if (quoted && has_any(parts, quotes))
			break;
		if (end[-1] == '\0')
			break;
		store(cell, parts.first, size);
		store(cell + width - size, parts.last, size);
	}
	return i;
}

#define RUN_OF(size)                                                                                              \
	AVX2 FL_NOINLINE static size_t run_##size(const struct fl_column *column, const struct fl_slices *slices, \
						  size_t first, size_t i, size_t n)                               \
	{                                                                                                         \
		return run(column, slices, first, i, n, size);                                                    \
	}

RUN_OF(1)
RUN_OF(2)
RUN_OF(4)
RUN_OF(8)
RUN_OF(16)

/* Copies the text [p, end) to a cell of more than 32 bytes that it fits in; gives whether there are no quotes in it. */
AVX2 FL_INLINE bool take_wide(char *cell, size_t width, const char *p, const char *end, __m128i quotes)
{
	const size_t n = (size_t)(end - p), whole = n / 32 * 32, last = width - 32, tail = whole < last ? whole : last;
	__m256i found = _mm256_setzero_si256();
	struct parts parts;

	for (size_t at = whole; at < last; at += 32)
		_mm256_storeu_si256((__m256i *)(void *)(cell + at), _mm256_setzero_si256());
	_mm256_storeu_si256((__m256i *)(void *)(cell + last), _mm256_setzero_si256());
	for (size_t at = 0; at < whole; at += 32) {
		__m256i part = load_32(p + at);

		found = _mm256_or_si256(found, _mm256_cmpeq_epi8(part, _mm256_broadcastsi128_si256(quotes)));
		_mm256_storeu_si256((__m256i *)(void *)(cell + at), part);
	}
	parts = take_parts(p + tail, end, 32, 16);
	store(cell + tail, parts.first, 16);
	store(cell + tail + 16, parts.last, 16);
	return _mm256_testz_si256(found, found) && !has_any(parts, quotes);
}

AVX2 FL_NOINLINE static size_t run_wide(const struct fl_column *column, const struct fl_slices *slices, size_t first,
					size_t i, size_t n)
{
	const struct fl_slices from = *slices;
	const size_t stride = column->stride, width = column->width;
	const int quote = column->quote;
	const __m128i quotes = _mm_set1_epi8((char)quote);
	char *cell = fl_element(column, first + i);

	for (; i < n; i++, cell += stride) {
		const char *p = fl_slice_start(&from, i), *end = fl_slice_end(&from, i);
		const bool quoted = p < end && (unsigned char)*p == quote;

		p += quoted;
		end -= quoted;
		if ((size_t)(end - p) > width || end[-1] == '\0')
			break;
		if (!take_wide(cell, width, p, end, quotes) && quoted)
			break;
	}
	return i;
}

static run_function *run_for(size_t width)
{
	if (width > 32)
		return run_wide;
	return width < 2 ? run_1 : width < 4 ? run_2 : width < 8 ? run_4 : width < 16 ? run_8 : run_16;
}

size_t fl_convert_str_avx2(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			   fl_fault *fault)
{
	if (column->trim || column->field->nnulls || column->cells->lengths)
		return fl_convert_str(column, slices, first, n, fault);
	return convert_singly(column, slices, first, 0, n, fault, (run_list){run_for(column->width)});
}

#endif
