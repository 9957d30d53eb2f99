/*
 * What the loops with AVX2 share: they take a text by loading what ends where it ends, and leave all that is not as
 * most texts are to the plain loop, one at a time.
 */
#ifndef FL_CONVERT_AVX2_H
#define FL_CONVERT_AVX2_H

#include "column.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))

/* What lies before a text, up to 32 bytes from its end on, is loaded with it. */
_Static_assert(FL_MARGIN >= 32, "the first text of a window has this before it");

AVX2 FL_INLINE __m128i load_16(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

AVX2 FL_INLINE __m256i load_32(const void *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

/*
 * What stays the same in a loop: compilers would rather make it anew for each value, and cannot where they do not know
 * what it is.
 */
AVX2 FL_INLINE __m128i in_register_16(__m128i constant)
{
	__asm__("" : "+x"(constant));
	return constant;
}

AVX2 FL_INLINE __m256i in_register(__m256i constant)
{
	__asm__("" : "+x"(constant));
	return constant;
}

/* Fills elements [first + i, first + n) up to the first text that is not of the kind that it takes; gives which. */
typedef size_t run_function(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t i,
			    size_t n);

/* Elements [first + i, first + n) by the plain loop. */
FL_INLINE size_t convert_plainly(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t i,
				 size_t n, fl_fault *fault)
{
	struct fl_slices rest = *slices;

	rest.before += (ptrdiff_t)i * rest.before_step;
	rest.end += (ptrdiff_t)i * rest.end_step;
	return i + fl_loops_plain.of[column->field->type](column, &rest, first + i, n - i, fault);
}

/* The kinds of texts that a loop takes, the most frequent first; NULL ends them. */
#define NRUNS_MOST 5
typedef run_function *const run_list[NRUNS_MOST];

/*
 * Elements [first + i, first + n): where a kind ends the next is tried, and behind texts of that the first again.  What is of
 * none is for the plain loop, and more and more texts with it where that happens again and again.
 */
FL_INLINE size_t convert_singly(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t i,
				size_t n, fl_fault *fault, const run_list runs)
{
	size_t plainly = 1;

	while (i < n) {
		const size_t from = i;
		size_t stop;

		for (size_t kind = 0; i < n && runs[kind];) {
			const size_t before = i;

			i = runs[kind](column, slices, first, i, n);
			kind = kind > 0 && i > before ? 0 : kind + 1;
		}
		plainly = i == from ? 2 * plainly : 1;
		stop = n - i < plainly ? n : i + plainly;
		i = convert_plainly(column, slices, first, i, stop, fault);
		if (i < stop)
			return i;
	}
	return n;
}

/*
 * The same four at a time.  Where fours fail soon, again and again, more and more are tried singly before the next four.
 */
FL_INLINE size_t convert_by_four(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
				 fl_fault *fault, run_function *run_four, const run_list runs)
{
	size_t i = 0, singly = 8;

	while (n - i >= 4) {
		const size_t before = i;
		size_t stop;

		i = run_four(column, slices, first, i, n);
		if (n - i < 4)
			break;
		/* What was tried in vain costs as much as it saves elsewhere where less than about 16 come through. */
		singly = i - before < 16 ? 2 * singly : 8;
		stop = n - i < singly ? n : i + singly;
		i = convert_singly(column, slices, first, i, stop, fault, runs);
		if (i < stop)
			return i;
	}
	return convert_singly(column, slices, first, i, n, fault, runs);
}

/*
 * run_NAME(), with 'call' for each text [p, end): it gives whether there is a 'value'.  'k' are the file's constants.
 * The loop calls nothing, so that what it needs stays in registers.
 */
#define RUN(name, type, wide, call)                                                                               \
	AVX2 FL_NOINLINE static size_t run_##name(const struct fl_column *column, const struct fl_slices *slices, \
						  size_t first, size_t i, size_t n)                               \
	{                                                                                                         \
		const struct constants constants = make_constants(column), *k = &constants;                       \
		const struct fl_slices from = *slices;                                                            \
		const size_t stride = column->stride;                                                             \
		char *element = fl_element(column, first + i);                                                    \
                                                                                                                  \
		for (; i < n; i++, element += stride) {                                                           \
			const char *p = fl_slice_start(&from, i), *end = fl_slice_end(&from, i);                  \
			wide value;                                                                               \
			type narrow;                                                                              \
                                                                                                                  \
			if (!(call))                                                                              \
				break;                                                                            \
			narrow = (type)value;                                                                     \
			memcpy(element, &narrow, sizeof narrow);                                                  \
		}                                                                                                 \
		return i;                                                                                         \
	}

#endif
