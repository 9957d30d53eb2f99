/*
 * What measuring is made of, the files measure*.c:
 *
 *	measure.c	the loop of a column; measures are joined
 *	measure_text.c	one text, of whatever class
 *	measure_run.c	texts of one class, as long as they go on
 *	measure_type.c	from a measure to the type that holds all
 */
#ifndef FL_MEASURE_PARTS_H
#define FL_MEASURE_PARTS_H

#include "column.h"
#include "measure.h"

#include <math.h>

static inline bool fl_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What is a code rather than a number: 007, +49, -012.5 */
static inline bool fl_is_code(const char *p, const char *end)
{
	if (*p == '+')
		return true;
	p += *p == '-';
	return end - p > 1 && p[0] == '0' && fl_is_digit(p[1]);
}

/* Up to this each integer has a place in the type. */
#define FL_EXACT_F64 (UINT64_C(1) << 53)
#define FL_EXACT_F32 (UINT64_C(1) << 24)

/* Without the zeros at its end, has the number no more bits than the type? */
static inline bool fl_fits_bits(uint64_t magnitude, uint64_t exact)
{
	return magnitude <= exact || magnitude >> fl_low_zeros(magnitude) <= exact;
}

/* Most strings are told by their first byte: numbers, dates, true, false, inf and nan start with one of these. */
static inline bool fl_may_be_value(char c)
{
	char lower = c | 0x20;

	return fl_is_digit(c) || c == '+' || c == '-' || c == '.' || lower == 't' || lower == 'f' || lower == 'i' ||
	       lower == 'n';
}

/* With -0 below 0: else it would depend on which came first. */
static inline bool fl_is_below(double a, double b)
{
	return a < b || (a == b && signbit(a) && !signbit(b));
}

/* Before the floats that reach from 'least' to 'greatest' are counted. */
static inline void fl_reach_float(flat_measure *measure, double least, double greatest)
{
	if (!measure->floats || fl_is_below(least, measure->least_float))
		measure->least_float = least;
	if (!measure->floats || fl_is_below(measure->greatest_float, greatest))
		measure->greatest_float = greatest;
}

/* Ticks of a second: those of the four timestamps. */
static const int64_t fl_units[] = {1, 1000, 1000000, 1000000000};

/* A point in time: no integer holds nanoseconds as far as seconds. */
struct fl_instant {
	int64_t second; /* rounded down */
	uint64_t fraction;
};

static inline struct fl_instant fl_instant_of(int64_t ticks, int64_t unit)
{
	int64_t left = ticks % unit, second = ticks / unit - (left < 0);

	return (struct fl_instant){.second = second,
				   .fraction = (uint64_t)((left < 0 ? left + unit : left) * (1000000000 / unit))};
}

static inline bool fl_is_before(int64_t second, uint64_t fraction, int64_t other_second, uint64_t other_fraction)
{
	return second != other_second ? second < other_second : fraction < other_fraction;
}

/* Takes the point as the least or the greatest, if it is. */
static inline void fl_reach_instant(flat_measure *measure, struct fl_instant point, bool first)
{
	if (first || fl_is_before(point.second, point.fraction, measure->least_second, measure->least_fraction)) {
		measure->least_second = point.second;
		measure->least_fraction = point.fraction;
	}
	if (first || fl_is_before(measure->greatest_second, measure->greatest_fraction, point.second, point.fraction)) {
		measure->greatest_second = point.second;
		measure->greatest_fraction = point.fraction;
	}
}

/* The reach of something of which 'both' has counted so many as yet, and 'b' so many more. */
#define FL_JOIN_REACH(both, b, least, greatest, count, b_count)                          \
	do {                                                                             \
		if ((b_count) > 0 && ((count) == 0 || (b)->least < (both)->least))       \
			(both)->least = (b)->least;                                      \
		if ((b_count) > 0 && ((count) == 0 || (b)->greatest > (both)->greatest)) \
			(both)->greatest = (b)->greatest;                                \
	} while (0)

/* What a run of texts most likely goes on with. */
enum fl_kind { FL_INTEGERS, FL_NUMBERS, FL_DATES, FL_INSTANTS, FL_BOOLS, FL_STRINGS, FL_OTHERS };

/* Counts a text, whatever it is, in the measure that is the column's base; gives its kind. */
enum fl_kind fl_measure_text(const struct fl_column *column, const char *p, const char *end);

/* Counts a float that fl_read_usual() is known to leave; false if it is none. */
bool fl_count_unusual_float(flat_measure *measure, const char *p, const char *end);

/* Measures the texts from i on that are of a kind; gives where they end. */
size_t fl_measure_run(const struct fl_column *column, const struct fl_slices *slices, size_t i, size_t n,
		      enum fl_kind kind);

#endif
