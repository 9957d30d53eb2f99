/*
 * The loops that fill columns of dates and timestamps, with AVX2: all digits of a text at once.
 *
 * Taken are 2024-12-31, and 2024-12-31?23:59 with T or a blank between; also with seconds, then a fraction of up to nine
 * digits or none, then a Z, an offset as +01:00, or nothing.
 */
#include "config.h"

#include "column.h"
#include "cpu.h"
#include "days.h"
#include "digits.h"

#if defined __x86_64__ && defined __GNUC__

#include "convert_avx2.h"

struct constants {
	__m128i zeros, with_t, with_blank, twos, seconds;
	__m128i date_digits, digits, last_digits; /* where they are in what was loaded */
	__m128i most;				  /* that each can be */
	int64_t per_second;
	uint32_t nanoseconds; /* in a unit */
	int64_t safe;	      /* seconds that fit the unit for certain: years of four digits fit all but nanoseconds */
};

AVX2 FL_INLINE struct constants make_constants(const struct fl_column *column)
{
	return (struct constants){
		.zeros = in_register_16(_mm_set1_epi8('0')),
		.with_t = in_register_16(_mm_setr_epi8(0, 0, 0, 0, '-', 0, 0, '-', 0, 0, 'T', 0, 0, ':', 0, 0)),
		.with_blank = in_register_16(_mm_setr_epi8(0, 0, 0, 0, '-', 0, 0, '-', 0, 0, ' ', 0, 0, ':', 0, 0)),
		.twos = in_register_16(_mm_set1_epi16(1 << 8 | 10)),
		.seconds = in_register_16(_mm_setr_epi16(0, 0, 0, 0, 3600, 60, 1, 0)),
		.date_digits =
			in_register_16(_mm_setr_epi8(6, 7, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1)),
		.digits = in_register_16(_mm_setr_epi8(0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1)),
		.last_digits =
			in_register_16(_mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 14, 15, -1, -1)),
		.most = in_register_16(_mm_setr_epi8(9, 9, 9, 9, 1, 9, 3, 9, 2, 9, 5, 9, 5, 9, 0, 0)),
		.per_second = column->per_second,
		.nanoseconds = column->per_second ? 1000000000 / column->per_second : 0,
		.safe = column->per_second == 1000000000 ? INT64_MAX / 1000000000 : INT64_MAX,
	};
}

/* 'pairs' are century, year in it, month and day, 16 bits each, the century lowest. */
FL_INLINE bool read_day(uint64_t pairs, int64_t *days)
{
	const uint32_t century = (uint32_t)pairs & 0xff, in_century = (uint32_t)(pairs >> 16) & 0xff;
	const uint32_t month = (uint32_t)(pairs >> 32) & 0xff, day = (uint32_t)(pairs >> 48);
	const uint32_t leap = ((in_century ? in_century : century) & 3) == 0;

	*days = fl_day_number(century * 100 + in_century, month, day);
	return day - 1 < fl_last_day[leap][month];
}

AVX2 FL_INLINE bool read_date(const char *p, const char *end, const struct constants *k, int64_t *days)
{
	__m128i text, digits, above;

	if (end - p != 10 || p[4] != '-' || p[7] != '-')
		return false;
	text = _mm_sub_epi8(load_16(end - 16), k->zeros);
	digits = _mm_shuffle_epi8(text, k->date_digits);
	above = _mm_subs_epu8(digits, k->most);
	return _mm_testz_si128(above, above) &&
	       read_day((uint64_t)_mm_cvtsi128_si64(_mm_maddubs_epi16(digits, k->twos)), days);
}

#define SEPARATORS 0x2490 /* bits of those that with_t and with_blank have */

/* 'text' is 2024-12-31?23:59, 'last' the digits of the second, where k->last_digits puts them. */
AVX2 FL_INLINE bool join_clock(__m128i text, __m128i last, const struct constants *k, int64_t *seconds)
{
	const int found =
		_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(text, k->with_t), _mm_cmpeq_epi8(text, k->with_blank)));
	const __m128i digits = _mm_or_si128(_mm_shuffle_epi8(_mm_sub_epi8(text, k->zeros), k->digits), last);
	const __m128i above = _mm_subs_epu8(digits, k->most);
	__m128i pairs;
	uint64_t clock;
	int64_t days;

	if ((found & SEPARATORS) != SEPARATORS || !_mm_testz_si128(above, above))
		return false;
	pairs = _mm_maddubs_epi16(digits, k->twos);
	clock = (uint64_t)_mm_extract_epi64(_mm_madd_epi16(pairs, k->seconds), 1);
	clock = (clock & UINT32_MAX) + (clock >> 32);
	if (!read_day((uint64_t)_mm_cvtsi128_si64(pairs), &days) || clock >= FL_DAY_SECONDS)
		return false;
	*seconds = days * FL_DAY_SECONDS + (int64_t)clock;
	return true;
}

/* There are 19 characters. */
AVX2 FL_INLINE bool read_seconds(const char *p, const struct constants *k, int64_t *seconds)
{
	const __m128i last = _mm_shuffle_epi8(_mm_sub_epi8(load_16(p + 3), k->zeros), k->last_digits);

	return p[16] == ':' && join_clock(load_16(p), last, k, seconds);
}

AVX2 FL_INLINE bool in_ticks(int64_t seconds, const struct constants *k, int64_t *ticks)
{
	if (seconds >= k->safe || seconds <= -k->safe)
		return false;
	*ticks = seconds * k->per_second;
	return true;
}

AVX2 FL_INLINE bool read_timestamp(const char *p, const char *end, const struct constants *k, int64_t *ticks)
{
	int64_t seconds;

	return end - p - (end[-1] == 'Z') == 19 && read_seconds(p, k, &seconds) && in_ticks(seconds, k, ticks);
}

/* Without seconds, or a day alone, which begins at midnight. */
AVX2 FL_INLINE bool read_short_timestamp(const char *p, const char *end, const struct constants *k, int64_t *ticks)
{
	int64_t seconds, days;

	if (end - p == 16) {
		if (!join_clock(load_16(p), _mm_setzero_si128(), k, &seconds))
			return false;
	} else {
		if (!read_date(p, end, k, &days))
			return false;
		seconds = days * FL_DAY_SECONDS;
	}
	return in_ticks(seconds, k, ticks);
}

/* A point and 1 to 9 digits, or nothing.  There are eight bytes before 'end'. */
FL_INLINE bool read_fraction(const char *p, const char *end, uint32_t *nanoseconds)
{
	const size_t n = (size_t)(end - p);
	const bool nine = n == 10;
	uint64_t eight;
	uint32_t ninth;

	*nanoseconds = 0;
	if (n == 0)
		return true;
	if (n < 2 || n > 10 || *p != '.')
		return false;
	/* Zeros come in behind the digits of a shorter one, as the first has the lowest byte. */
	eight = fl_load_eight(end - 8 - nine) >> 8 * (9 - n + nine);
	ninth = nine ? (unsigned char)end[-1] - (uint32_t)'0' : 0;
	*nanoseconds = (uint32_t)fl_digits_value(eight) * 10 + ninth;
	return !fl_not_digits(eight) && ninth <= 9;
}

/* +01:00 or -01:00, whose colon has been seen. */
FL_INLINE bool read_offset(const char *p, int64_t *seconds)
{
	/* All but the sign and the colon. */
	const uint32_t digits =
		((fl_load32(p + 1) & 0x0000ffff) | (fl_load32(p + 2) & 0xffff0000)) ^ UINT32_C(0x30303030);
	const uint32_t value = fl_four_digits_value(digits), hours = value / 100, minutes = value % 100;
	const int64_t magnitude = (hours * 60 + minutes) * 60;

	*seconds = *p == '-' ? -magnitude : magnitude;
	return (*p == '-' || *p == '+') && !fl_not_digits(digits) && hours < 24 && minutes < 60;
}

/* With a fraction, an offset, both, or none: columns mix them. */
AVX2 FL_INLINE bool read_long_timestamp(const char *p, const char *end, const struct constants *k, int64_t *ticks)
{
	const ptrdiff_t n = end - p;
	int64_t seconds, offset = 0;
	uint32_t nanoseconds, fraction;

	if (n < 19)
		return false;
	if (end[-1] == 'Z') {
		end--;
	} else if (n >= 25 && end[-3] == ':') {
		end -= 6;
		if (!read_offset(end, &offset))
			return false;
	}
	if (!read_seconds(p, k, &seconds) || !read_fraction(p + 19, end, &nanoseconds))
		return false;
	seconds -= offset;
	fraction = nanoseconds / k->nanoseconds;
	if (seconds >= k->safe || seconds <= -k->safe || fraction * k->nanoseconds != nanoseconds)
		return false;
	*ticks = seconds * k->per_second + fraction;
	return true;
}

RUN(date, int64_t, int64_t, read_date(p, end, k, &value))
RUN(timestamp, int64_t, int64_t, read_timestamp(p, end, k, &value))
RUN(short_timestamp, int64_t, int64_t, read_short_timestamp(p, end, k, &value))
RUN(long_timestamp, int64_t, int64_t, read_long_timestamp(p, end, k, &value))

size_t fl_convert_date_avx2(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			    fl_fault *fault)
{
	return convert_singly(column, slices, first, 0, n, fault, (run_list){run_date, fl_column_store_empty});
}

size_t fl_convert_timestamp_avx2(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
				 fl_fault *fault)
{
	return convert_singly(
		column, slices, first, 0, n, fault,
		(run_list){run_timestamp, fl_column_store_empty, run_long_timestamp, run_short_timestamp});
}

#endif
