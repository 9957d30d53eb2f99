/*
 * Tells what the texts of a field are like, and from that which type holds them all.
 *
 * Each text is of one class, whatever came before it; all that is kept is how many of each there are and how far they
 * reach.  So measures of parts join to the measure of the whole.
 */
#include "config.h"

#include "calendar.h"
#include "field.h"
#include "float_parse.h"
#include "format.h"
#include "integer.h"
#include "measure.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------- classes */

/* Does the text belong to a class?  If so, it is counted. */
typedef bool try_function(flat_measure *measure, const char *p, const char *end);

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What is a code rather than a number: 007, +49, -012.5 */
static bool is_code(const char *p, const char *end)
{
	if (*p == '+')
		return true;
	p += *p == '-';
	return end - p > 1 && p[0] == '0' && is_digit(p[1]);
}

static const uint64_t exact_f64 = UINT64_C(1) << 53, exact_f32 = UINT64_C(1) << 24;

/* Without the zeros at its end, has the number no more bits than the type? */
static bool fits_bits(uint64_t magnitude, uint64_t exact)
{
	return magnitude <= exact || magnitude >> fl_low_zeros(magnitude) <= exact;
}

static void count_integer(flat_measure *measure, uint64_t magnitude)
{
	measure->integers++;
	if (!fits_bits(magnitude, exact_f32))
		measure->inexact_f32++;
	if (!fits_bits(magnitude, exact_f64))
		measure->inexact_f64++;
}

static bool try_negative(flat_measure *measure, const char *p, const char *end)
{
	int64_t value;

	/* -0 is a float: no integer keeps its sign. */
	if (fl_parse_i64(p, end, &value) != FL_FINE || value == 0)
		return false;
	if (!measure->negatives || value < measure->least_negative)
		measure->least_negative = value;
	if (!measure->negatives || value > measure->greatest_negative)
		measure->greatest_negative = value;
	measure->negatives++;
	count_integer(measure, 0 - (uint64_t)value);
	return true;
}

static bool try_integer(flat_measure *measure, const char *p, const char *end)
{
	uint64_t value;

	if (p == end || is_code(p, end))
		return false;
	if (*p == '-')
		return try_negative(measure, p, end);
	if (fl_parse_u64(p, end, &value) != FL_FINE)
		return false;
	if (measure->integers == measure->negatives || value < measure->least_natural)
		measure->least_natural = value;
	if (measure->integers == measure->negatives || value > measure->greatest_natural)
		measure->greatest_natural = value;
	count_integer(measure, value);
	return true;
}

/* Digits alone would be an integer, and one beyond 64 bits is none that a float holds. */
static bool is_all_digits(const char *p, const char *end)
{
	for (p += p < end && *p == '-'; p < end; p++)
		if (!is_digit(*p))
			return false;
	return true;
}

static bool has_digit_but_zero(const char *p, const char *end)
{
	for (; p < end && *p != 'e' && *p != 'E'; p++)
		if (*p >= '1' && *p <= '9')
			return true;
	return false;
}

/* With -0 below 0: else it would depend on which came first. */
static bool is_below(double a, double b)
{
	return a < b || (a == b && signbit(a) && !signbit(b));
}

/* Before the floats that reach from 'least' to 'greatest' are counted. */
static void reach_float(flat_measure *measure, double least, double greatest)
{
	if (!measure->floats || is_below(least, measure->least_float))
		measure->least_float = least;
	if (!measure->floats || is_below(measure->greatest_float, greatest))
		measure->greatest_float = greatest;
}

static bool may_be_float(const char *p, const char *end)
{
	return p < end && (is_digit(*p) || *p == '-' || *p == '.') && !is_code(p, end);
}

/* What the text [p, end) was read as. */
static bool count_float(flat_measure *measure, const char *p, const char *end, double value)
{
	if (isinf(value) || isnan(value) || (value == 0 && has_digit_but_zero(p, end)))
		return false;
	if (is_all_digits(p, end) && !(*p == '-' && value == 0))
		return false;
	reach_float(measure, value, value);
	measure->floats++;
	measure->inexact_f32 += fabs(value) > (double)3.4028234663852886e38f || (double)(float)value != value;
	return true;
}

static bool try_float(flat_measure *measure, const char *p, const char *end)
{
	double value;

	return may_be_float(p, end) && fl_parse_f64(p, end, &value) == FL_FINE && count_float(measure, p, end, value);
}

/* For those that fl_read_usual() is known to leave. */
static bool try_unusual_float(flat_measure *measure, const char *p, const char *end)
{
	double value;

	return may_be_float(p, end) && fl_parse_f64_any(p, end, &value) == FL_FINE &&
	       count_float(measure, p, end, value);
}

/* inf and nan, which are values beside numbers, and only words alone. */
static bool try_word(flat_measure *measure, const char *p, const char *end)
{
	double value;

	if (p == end || *p == '+' || fl_parse_f64(p, end, &value) != FL_FINE || !(isinf(value) || isnan(value)))
		return false;
	/* 1e999 is infinite too, but not what it says. */
	for (const char *c = p; c < end; c++)
		if (is_digit(*c))
			return false;
	measure->words++;
	return true;
}

static bool try_bool(flat_measure *measure, const char *p, const char *end)
{
	uint8_t value;

	if (end - p < 4 || end - p > 5 || fl_parse_bool(p, end, &value) != FL_FINE)
		return false;
	measure->bools++;
	return true;
}

static bool try_date(flat_measure *measure, const char *p, const char *end)
{
	int64_t day;

	if (fl_parse_date(p, end, &day) != FL_FINE)
		return false;
	if (!measure->dates || day < measure->least_date)
		measure->least_date = day;
	if (!measure->dates || day > measure->greatest_date)
		measure->greatest_date = day;
	measure->dates++;
	return true;
}

static const int64_t units[] = {1, 1000, 1000000, 1000000000};

/* A point in time: no integer holds nanoseconds as far as seconds. */
struct instant {
	int64_t second; /* rounded down */
	uint64_t fraction;
};

static struct instant instant_of(int64_t ticks, int64_t unit)
{
	int64_t left = ticks % unit, second = ticks / unit - (left < 0);

	return (struct instant){.second = second,
				.fraction = (uint64_t)((left < 0 ? left + unit : left) * (1000000000 / unit))};
}

static bool is_before(int64_t second, uint64_t fraction, int64_t other_second, uint64_t other_fraction)
{
	return second != other_second ? second < other_second : fraction < other_fraction;
}

/* Takes the point as the least or the greatest, if it is. */
static void reach(flat_measure *measure, struct instant point, bool first)
{
	if (first || is_before(point.second, point.fraction, measure->least_second, measure->least_fraction)) {
		measure->least_second = point.second;
		measure->least_fraction = point.fraction;
	}
	if (first || is_before(measure->greatest_second, measure->greatest_fraction, point.second, point.fraction)) {
		measure->greatest_second = point.second;
		measure->greatest_fraction = point.fraction;
	}
}

/* A date alone can be read as an instant, but is a date: for other texts. */
static bool try_instant(flat_measure *measure, const char *p, const char *end)
{
	/* No unit below the finest that was needed so far changes anything. */
	uint64_t finest = measure->finest;
	int64_t ticks;
	fl_fault fault = fl_parse_timestamp(p, end, units[finest], &ticks);

	/* But coarser ones reach further. */
	if (fault == FL_TIME_RANGE && finest > 0)
		fault = fl_parse_timestamp(p, end, units[finest = 0], &ticks);
	while (fault == FL_TOO_FINE && finest < 3)
		fault = fl_parse_timestamp(p, end, units[++finest], &ticks);
	if (fault != FL_FINE)
		return false;
	reach(measure, instant_of(ticks, units[finest]), !measure->instants);
	if (finest > measure->finest)
		measure->finest = finest;
	measure->instants++;
	return true;
}

/* What a run of texts most likely goes on with. */
enum kind { INTEGERS, NUMBERS, DATES, INSTANTS, BOOLS, STRINGS, OTHERS };

/* Most strings are told by their first byte: numbers, dates, true, false, inf and nan start with one of these. */
static bool may_be_value(char c)
{
	char lower = c | 0x20;

	return is_digit(c) || c == '+' || c == '-' || c == '.' || lower == 't' || lower == 'f' || lower == 'i' ||
	       lower == 'n';
}

/* Letters in front: true, false, inf, nan. */
static enum kind count_letters(flat_measure *measure, const char *p, const char *end)
{
	char lower = *p | 0x20;

	if (lower == 't' || lower == 'f')
		return try_bool(measure, p, end) ? BOOLS : OTHERS;
	try_word(measure, p, end);
	return OTHERS;
}

static enum kind count_number(flat_measure *measure, const char *p, const char *end)
{
	if (!is_digit(end[-1]) && end[-1] != '.')
		return OTHERS;
	if (try_integer(measure, p, end))
		return INTEGERS;
	return try_float(measure, p, end) ? NUMBERS : OTHERS;
}

/* 2024-12-31 and what goes on like it; 123e-5 is a number. */
static bool is_like_date(const char *p, const char *end)
{
	return end - p >= 10 && p[4] == '-' && is_digit(p[3]);
}

static enum kind count_time(flat_measure *measure, const char *p, const char *end)
{
	if (end - p == 10)
		return try_date(measure, p, end) ? DATES : OTHERS;
	return try_instant(measure, p, end) ? INSTANTS : OTHERS;
}

/* Years with a sign: +12345-01-01 */
static bool try_far_time(flat_measure *measure, const char *p, const char *end)
{
	if (end - p <= 10)
		return false;
	return memchr(p, ':', (size_t)(end - p)) ? try_instant(measure, p, end) : try_date(measure, p, end);
}

/* No text is of two classes: where several are tried, the order is of no account. */
static enum kind count_value(flat_measure *measure, const char *p, const char *end)
{
	enum kind kind = OTHERS;

	if (!may_be_value(*p))
		return STRINGS;
	if (is_digit(*p) && is_like_date(p, end)) {
		kind = count_time(measure, p, end);
	} else if (is_digit(*p) || *p == '.') {
		kind = count_number(measure, p, end);
	} else if (*p == '+' || *p == '-') {
		kind = count_number(measure, p, end);
		if (kind == OTHERS && !try_far_time(measure, p, end))
			try_word(measure, p, end);
	} else {
		kind = count_letters(measure, p, end);
	}
	return kind;
}

/* ------------------------------------------------------------------------------------------------- loop */

/* Two quotes in a quoted field are one byte of its text. */
static size_t doubled_quotes(const char *p, const char *end, int quote)
{
	size_t n = 0;

	while ((p = memchr(p, quote, (size_t)(end - p))) != NULL) {
		n++;
		p += 2;
	}
	return n;
}

static enum kind measure_text(const struct fl_column *column, const char *p, const char *end)
{
	flat_measure *measure = (flat_measure *)(void *)column->base;
	bool quoted, null;
	size_t nbytes;

	if (column->trim)
		fl_trim(&p, &end);
	quoted = fl_is_quoted(column, p, end);
	p += quoted;
	end -= quoted;
	nbytes = (size_t)(end - p) - (quoted ? doubled_quotes(p, end, column->quote) : 0);
	null = column->field->nnulls && fl_is_spelled_null(column->field, p, end);
	measure->texts++;
	measure->empty += nbytes == 0 && (quoted || !null);
	measure->nulls_spelled += null && !quoted;
	measure->nulls_quoted += null && quoted && nbytes > 0;
	if (null && !quoted)
		return OTHERS;
	measure->nbytes += nbytes;
	if (nbytes > measure->greatest_nbytes)
		measure->greatest_nbytes = nbytes;
	measure->end_in_nul += nbytes && end[-1] == '\0';
	return nbytes && !null ? count_value(measure, p, end) : OTHERS;
}

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
	if (magnitude > exact_f32) {
		run->inexact_f32 += !fits_bits(magnitude, exact_f32);
		run->inexact_f64 += !fits_bits(magnitude, exact_f64);
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
		if (left == 0 && try_unusual_float(measure, p, end)) {
			run_text(run, nbytes);
			continue;
		}
		if (left == 0 || is_code(p, end))
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
		if (!is_digit(*p) || (unit ? nbytes <= 10 : nbytes != 10) ||
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

		if (nbytes && (may_be_value(*p) || (unsigned char)*p == quote))
			break;
		run_text(run, nbytes);
		run->empty += nbytes == 0;
		run->end_in_nul += nbytes && end[-1] == '\0';
	}
	return i;
}

/* The reach of something of which 'both' has counted so many as yet, and 'b' so many more. */
#define JOIN_REACH(both, b, least, greatest, count, b_count)                             \
	do {                                                                             \
		if ((b_count) > 0 && ((count) == 0 || (b)->least < (both)->least))       \
			(both)->least = (b)->least;                                      \
		if ((b_count) > 0 && ((count) == 0 || (b)->greatest > (both)->greatest)) \
			(both)->greatest = (b)->greatest;                                \
	} while (0)

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
		reach(measure, instant_of(run->least_time, unit), !measure->instants);
		reach(measure, instant_of(run->greatest_time, unit), false);
	}
	measure->instants += run->times;
}

static void add_run(flat_measure *measure, const struct run *run)
{
	uint64_t naturals = measure->integers - measure->negatives;

	JOIN_REACH(measure, run, least_negative, greatest_negative, measure->negatives, run->negatives);
	JOIN_REACH(measure, run, least_natural, greatest_natural, naturals, run->integers - run->negatives);
	if (run->floats)
		reach_float(measure, float_of(run->least_float), float_of(run->greatest_float));
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

/* Measures the texts from i on that are of a kind; gives where they end. */
static size_t measure_run(const struct fl_column *column, const struct fl_slices *slices, size_t i, size_t n,
			  enum kind kind)
{
	flat_measure *measure = (flat_measure *)(void *)column->base;
	struct run run = no_run;

	if (kind == INTEGERS) {
		i = run_integers(&run, slices, i, n);
	} else if (kind == NUMBERS) {
		i = run_numbers(measure, &run, slices, i, n);
	} else if (kind == DATES) {
		i = run_times(&run, slices, i, n, 0);
		add_dates(measure, &run);
	} else if (kind == INSTANTS) {
		i = run_times(&run, slices, i, n, units[measure->finest]);
		add_instants(measure, &run, units[measure->finest]);
	} else if (kind == BOOLS) {
		i = run_bools(&run, slices, i, n);
	} else {
		i = run_strings(&run, slices, i, n, column->quote);
	}
	add_run(measure, &run);
	return i;
}

/* May texts of a kind be taken without looking for nulls?  NA is no number; 0 is one, and nothing is in all kinds. */
static bool has_no_nulls(const flat_field *field, enum kind kind)
{
	for (size_t i = 0; i < field->nnulls; i++) {
		const char c = *field->nulls[i];

		if (kind == STRINGS || kind == BOOLS || c == '\0' || is_digit(c) || c == '.' || c == '-' || c == '+')
			return false;
	}
	return true;
}

static size_t measure_slices(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			     fl_fault *fault)
{
	enum kind kind = OTHERS;

	(void)first;
	(void)fault;
	for (size_t i = 0; i < n; i++) {
		if (kind != OTHERS && !column->trim && has_no_nulls(column->field, kind))
			i = measure_run(column, slices, i, n, kind);
		if (i < n)
			kind = measure_text(column, fl_slice_start(slices, i), fl_slice_end(slices, i));
	}
	return n;
}

void fl_measure_bind(struct fl_column *column, const flat_format *format, size_t field, flat_measure *measure)
{
	*column = (struct fl_column){
		.base = (char *)measure,
		.cells = &fl_bare,
		.field = &format->fields[field],
		.quote = (int16_t)format->dialect.quote,
		.trim = format->dialect.trim,
		.measured = true,
		.convert = measure_slices,
	};
}

/* ------------------------------------------------------------------------------------------------- join */

flat_measure flat_measure_join(const flat_measure *a, const flat_measure *b)
{
	flat_measure both = *a;

	JOIN_REACH(&both, b, least_negative, greatest_negative, a->negatives, b->negatives);
	JOIN_REACH(&both, b, least_natural, greatest_natural, a->integers - a->negatives, b->integers - b->negatives);
	if (b->floats)
		reach_float(&both, b->least_float, b->greatest_float);
	JOIN_REACH(&both, b, least_date, greatest_date, a->dates, b->dates);
	if (b->instants) {
		reach(&both, (struct instant){b->least_second, b->least_fraction}, !a->instants);
		reach(&both, (struct instant){b->greatest_second, b->greatest_fraction}, false);
	}
	both.texts += b->texts;
	both.empty += b->empty;
	both.nulls_spelled += b->nulls_spelled;
	both.nulls_quoted += b->nulls_quoted;
	both.nbytes += b->nbytes;
	both.end_in_nul += b->end_in_nul;
	both.bools += b->bools;
	both.integers += b->integers;
	both.floats += b->floats;
	both.words += b->words;
	both.dates += b->dates;
	both.instants += b->instants;
	both.negatives += b->negatives;
	both.inexact_f64 += b->inexact_f64;
	both.inexact_f32 += b->inexact_f32;
	if (b->greatest_nbytes > both.greatest_nbytes)
		both.greatest_nbytes = b->greatest_nbytes;
	if (b->finest > both.finest)
		both.finest = b->finest;
	return both;
}

/* ------------------------------------------------------------------------------------------------- type */

static uint64_t values_of(const flat_measure *measure)
{
	return measure->texts - measure->empty - measure->nulls_spelled - measure->nulls_quoted;
}

static bool has_naturals(const flat_measure *measure)
{
	return measure->integers > measure->negatives;
}

/* Smallest first; of two of one size the signed one. */
static const struct {
	flat_type type;
	int64_t least;
	uint64_t greatest;
} integers[] = {
	{FLAT_I8, INT8_MIN, INT8_MAX},	  {FLAT_U8, 0, UINT8_MAX},	    {FLAT_I16, INT16_MIN, INT16_MAX},
	{FLAT_U16, 0, UINT16_MAX},	  {FLAT_I32, INT32_MIN, INT32_MAX}, {FLAT_U32, 0, UINT32_MAX},
	{FLAT_I64, INT64_MIN, INT64_MAX}, {FLAT_U64, 0, UINT64_MAX},
};
#define NINTEGERS (sizeof integers / sizeof *integers)
#define WIDE (NINTEGERS - 2) /* i64 and u64 */

/* Gives 0 if there is none: negatives beside naturals beyond i64. */
static flat_type integer_type(const flat_measure *measure, bool narrow)
{
	for (size_t i = narrow ? 0 : WIDE; i < NINTEGERS; i++)
		if ((!measure->negatives || measure->least_negative >= integers[i].least) &&
		    (!has_naturals(measure) || measure->greatest_natural <= integers[i].greatest))
			return integers[i].type;
	return (flat_type)0;
}

static flat_type number_type(const flat_measure *measure, bool narrow)
{
	flat_type type = (flat_type)0;

	if (!measure->floats && !measure->words)
		type = integer_type(measure, narrow);
	if (type || measure->inexact_f64 || !(measure->floats || measure->integers))
		return type;
	return narrow && !measure->inexact_f32 ? FLAT_F32 : FLAT_F64;
}

/*
 * A day counts as its midnight.  The seconds a unit can hold are rounded towards 0: a few at either end are given away.
 */
static flat_type instant_type(const flat_measure *measure)
{
	int64_t limit = INT64_MAX / units[measure->finest] - 1, days = limit / 86400 - 1;

	if (measure->least_second < -limit || measure->greatest_second > limit)
		return (flat_type)0;
	if (measure->dates && (measure->least_date < -days || measure->greatest_date > days))
		return (flat_type)0;
	return (flat_type)(FLAT_TIMESTAMP_S + measure->finest);
}

/* The type of values of which none is a string; 0 if there is none. */
static flat_type value_type(const flat_measure *measure, bool narrow)
{
	uint64_t values = values_of(measure);

	if (values == 0)
		return (flat_type)0;
	if (measure->bools == values)
		return FLAT_BOOL;
	if (measure->integers + measure->floats + measure->words == values)
		return number_type(measure, narrow);
	if (measure->dates == values)
		return FLAT_DATE;
	if (measure->dates + measure->instants == values)
		return instant_type(measure);
	return (flat_type)0;
}

flat_field flat_measure_type(const flat_measure *measure, bool narrow)
{
	flat_field field = {.type = value_type(measure, narrow)};

	if (field.type)
		return field;
	if (measure->end_in_nul || measure->greatest_nbytes > FL_STR_MAX) {
		field.type = FLAT_TEXT;
		return field;
	}
	field.type = FLAT_STR;
	field.width = measure->greatest_nbytes ? (uint32_t)measure->greatest_nbytes : 1;
	return field;
}

uint64_t flat_measure_nulls(const flat_measure *measure, flat_type type)
{
	if (fl_is_string(type))
		return measure->nulls_spelled;
	return measure->empty + measure->nulls_spelled + measure->nulls_quoted;
}
