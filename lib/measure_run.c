/*
 * Measures texts of one kind, as long as they go on: what most columns are.  What is not as it should be is left to
 * measure_text.c.
 */
#include "config.h"

#include "calendar.h"
#include "float_parse.h"
#include "integer.h"
#include "measure_parts.h"

/*
 * What a run of texts of one kind adds to a measure.  Apart from it, and with nothing decided by what is in it, so that
 * loops have it in registers.
 */
struct run {
	uint64_t texts, empty, nbytes, greatest_nbytes, end_in_nul;
	uint64_t bools, integers, negatives, floats, inexact_f64, inexact_f32;
	int64_t least_negative, greatest_negative;
	uint64_t least_natural, greatest_natural;
	int64_t least_float, greatest_float; /* by order_of() */
	uint64_t times;
	int64_t least_time, greatest_time; /* days, or ticks of the measure's finest unit */
};

static const struct run no_run = {
	.least_negative = INT64_MAX,
	.greatest_negative = INT64_MIN,
	.least_natural = UINT64_MAX,
	.least_float = INT64_MAX,
	.greatest_float = INT64_MIN,
	.least_time = INT64_MAX,
	.greatest_time = INT64_MIN,
};

/* Doubles as integers of the same order, with -0 below 0; twice is the same again. */
static inline int64_t order_of(int64_t bits)
{
	return bits ^ (int64_t)((uint64_t)(bits >> 63) >> 1);
}

FL_INLINE void run_text(struct run *run, size_t nbytes)
{
	run->texts++;
	run->nbytes += nbytes;
	run->greatest_nbytes = nbytes > run->greatest_nbytes ? nbytes : run->greatest_nbytes;
}

FL_INLINE void run_integer(struct run *run, uint64_t magnitude, bool negative)
{
	int64_t value = (int64_t)(0 - magnitude);

	run->integers++;
	if (magnitude > FL_EXACT_F32) {
		run->inexact_f32 += !fl_fits_bits(magnitude, FL_EXACT_F32);
		run->inexact_f64 += !fl_fits_bits(magnitude, FL_EXACT_F64);
	}
	if (negative) {
		run->negatives++;
		run->least_negative = value < run->least_negative ? value : run->least_negative;
		run->greatest_negative = value > run->greatest_negative ? value : run->greatest_negative;
	} else {
		run->least_natural = magnitude < run->least_natural ? magnitude : run->least_natural;
		run->greatest_natural = magnitude > run->greatest_natural ? magnitude : run->greatest_natural;
	}
}

FL_INLINE void run_float(struct run *run, double value)
{
	int64_t order = order_of((int64_t)fl_bits_f64(value));

	run->floats++;
	run->inexact_f32 += (double)(float)value != value;
	run->least_float = order < run->least_float ? order : run->least_float;
	run->greatest_float = order > run->greatest_float ? order : run->greatest_float;
}

/* Can 'magnitude' be negative, and an integer? */
static inline bool fits_i64(uint64_t magnitude, bool negative)
{
	return !negative || magnitude - 1 <= (uint64_t)INT64_MAX;
}

/* Each gives where the run ends: before the first text that is of another kind, or not plain. */
typedef size_t run_function(struct run *run, const struct fl_slices *slices, size_t i, size_t n);

FL_INLINE size_t run_integers(struct run *run, const struct fl_slices *slices, size_t i, size_t n)
{
	for (; i < n; i++) {
		const char *p = fl_slice_start(slices, i), *end = fl_slice_end(slices, i);
		size_t nbytes = (size_t)(end - p), ndigits = nbytes;
		uint64_t magnitude;
		bool negative;

		if (nbytes == 0) {
			run->texts++;
			run->empty++;
			continue;
		}
		negative = *p == '-';
		p += negative;
		ndigits -= negative;
		if ((ndigits > 1 && *p == '0') || fl_parse_magnitude(p, ndigits, &magnitude) != FL_FINE ||
		    !fits_i64(magnitude, negative))
			break;
		run_text(run, nbytes);
		run_integer(run, magnitude, negative);
	}
	return i;
}

/*
 * Integers and floats.  Those that the short way reads have at most 19 digits and 24 decimals: none is turned into 0, or
 * too great for an f32.
 */
FL_INLINE size_t run_numbers(flat_measure *measure, struct run *run, const struct fl_slices *slices, size_t i, size_t n)
{
	for (; i < n; i++) {
		const char *p = fl_slice_start(slices, i), *end = fl_slice_end(slices, i);
		size_t nbytes = (size_t)(end - p), left;
		fl_decimal d;
		double value;
		bool negative, whole;

		if (nbytes == 0) {
			run->texts++;
			run->empty++;
			continue;
		}
		left = fl_read_usual(p, end, &negative, &d);
		if (left == 0 && fl_count_unusual_float(measure, p, end)) {
			run_text(run, nbytes);
			continue;
		}
		if (left == 0 || fl_is_code(p, end))
			break;
		whole = d.decimals == 0 && end[-1] != '.' && !(negative && d.digits == 0);
		if (whole && !fits_i64(d.digits, negative))
			break;
		run_text(run, nbytes);
		if (whole) {
			run_integer(run, d.digits, negative);
			continue;
		}
		if (left > 16 || !fl_quotient(&d, negative, &value))
			value = fl_nearest_f64(d.digits, d.decimals, negative);
		run_float(run, value);
	}
	return i;
}

/* Days if 'unit' is 0, else instants. */
FL_INLINE size_t run_times(struct run *run, const struct fl_slices *slices, size_t i, size_t n, int64_t unit)
{
	for (; i < n; i++) {
		const char *p = fl_slice_start(slices, i), *end = fl_slice_end(slices, i);
		size_t nbytes = (size_t)(end - p);
		int64_t time = 0;

		if (nbytes == 0) {
			run->texts++;
			run->empty++;
			continue;
		}
		if (!fl_is_digit(*p) || (unit ? nbytes <= 10 : nbytes != 10) ||
		    (unit ? fl_parse_timestamp(p, end, unit, &time) : fl_parse_date(p, end, &time)) != FL_FINE)
			break;
		run_text(run, nbytes);
		run->times++;
		run->least_time = time < run->least_time ? time : run->least_time;
		run->greatest_time = time > run->greatest_time ? time : run->greatest_time;
	}
	return i;
}

FL_INLINE size_t run_bools(struct run *run, const struct fl_slices *slices, size_t i, size_t n)
{
	for (; i < n; i++) {
		const char *p = fl_slice_start(slices, i), *end = fl_slice_end(slices, i);
		size_t nbytes = (size_t)(end - p);
		uint8_t value;

		if (nbytes == 0) {
			run->texts++;
			run->empty++;
			continue;
		}
		if (nbytes < 4 || fl_parse_bool(p, end, &value) != FL_FINE)
			break;
		run_text(run, nbytes);
		run->bools++;
	}
	return i;
}

/* Texts of which the first byte tells that they are strings. */
FL_INLINE size_t run_strings(struct run *run, const struct fl_slices *slices, size_t i, size_t n, int quote)
{
	for (; i < n; i++) {
		const char *p = fl_slice_start(slices, i), *end = fl_slice_end(slices, i);
		size_t nbytes = (size_t)(end - p);

		if (nbytes && (fl_may_be_value(*p) || (unsigned char)*p == quote))
			break;
		run_text(run, nbytes);
		run->empty += nbytes == 0;
		run->end_in_nul += nbytes && end[-1] == '\0';
	}
	return i;
}

static double float_of(int64_t order)
{
	return fl_f64_of_bits((uint64_t)order_of(order));
}

static void add_dates(flat_measure *measure, const struct run *run)
{
	if (run->times && (!measure->dates || run->least_time < measure->least_date))
		measure->least_date = run->least_time;
	if (run->times && (!measure->dates || run->greatest_time > measure->greatest_date))
		measure->greatest_date = run->greatest_time;
	measure->dates += run->times;
}

static void add_instants(flat_measure *measure, const struct run *run, int64_t unit)
{
	if (run->times) {
		fl_reach_instant(measure, fl_instant_of(run->least_time, unit), !measure->instants);
		fl_reach_instant(measure, fl_instant_of(run->greatest_time, unit), false);
	}
	measure->instants += run->times;
}

static void add_run(flat_measure *measure, const struct run *run)
{
	uint64_t naturals = measure->integers - measure->negatives;

	FL_JOIN_REACH(measure, run, least_negative, greatest_negative, measure->negatives, run->negatives);
	FL_JOIN_REACH(measure, run, least_natural, greatest_natural, naturals, run->integers - run->negatives);
	if (run->floats)
		fl_reach_float(measure, float_of(run->least_float), float_of(run->greatest_float));
	measure->texts += run->texts;
	measure->empty += run->empty;
	measure->nbytes += run->nbytes;
	if (run->greatest_nbytes > measure->greatest_nbytes)
		measure->greatest_nbytes = run->greatest_nbytes;
	measure->end_in_nul += run->end_in_nul;
	measure->bools += run->bools;
	measure->integers += run->integers;
	measure->negatives += run->negatives;
	measure->floats += run->floats;
	measure->inexact_f64 += run->inexact_f64;
	measure->inexact_f32 += run->inexact_f32;
}

size_t fl_measure_run(const struct fl_column *column, const struct fl_slices *slices, size_t i, size_t n,
		      enum fl_kind kind)
{
	flat_measure *measure = (flat_measure *)(void *)column->base;
	struct run run = no_run;

	if (kind == FL_INTEGERS) {
		i = run_integers(&run, slices, i, n);
	} else if (kind == FL_NUMBERS) {
		i = run_numbers(measure, &run, slices, i, n);
	} else if (kind == FL_DATES) {
		i = run_times(&run, slices, i, n, 0);
		add_dates(measure, &run);
	} else if (kind == FL_INSTANTS) {
		i = run_times(&run, slices, i, n, fl_units[measure->finest]);
		add_instants(measure, &run, fl_units[measure->finest]);
	} else if (kind == FL_BOOLS) {
		i = run_bools(&run, slices, i, n);
	} else {
		i = run_strings(&run, slices, i, n, column->quote);
	}
	add_run(measure, &run);
	return i;
}
