/*
 * Tells what one text is like.  It is of one class, whatever came before it.
 */
#include "config.h"

#include "calendar.h"
#include "float_parse.h"
#include "integer.h"
#include "measure_parts.h"

#include <string.h>

/* Does the text belong to a class?  If so, it is counted. */
typedef bool try_function(flat_measure *measure, const char *p, const char *end);

static void count_integer(flat_measure *measure, uint64_t magnitude)
{
	measure->integers++;
	if (!fl_fits_bits(magnitude, FL_EXACT_F32))
		measure->inexact_f32++;
	if (!fl_fits_bits(magnitude, FL_EXACT_F64))
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

	if (p == end || fl_is_code(p, end))
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
		if (!fl_is_digit(*p))
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

static bool may_be_float(const char *p, const char *end)
{
	return p < end && (fl_is_digit(*p) || *p == '-' || *p == '.') && !fl_is_code(p, end);
}

/* What the text [p, end) was read as. */
static bool count_float(flat_measure *measure, const char *p, const char *end, double value)
{
	if (isinf(value) || isnan(value) || (value == 0 && has_digit_but_zero(p, end)))
		return false;
	if (is_all_digits(p, end) && !(*p == '-' && value == 0))
		return false;
	fl_reach_float(measure, value, value);
	measure->floats++;
	measure->inexact_f32 += fabs(value) > (double)3.4028234663852886e38f || (double)(float)value != value;
	return true;
}

static bool try_float(flat_measure *measure, const char *p, const char *end)
{
	double value;

	return may_be_float(p, end) && fl_parse_f64(p, end, &value) == FL_FINE && count_float(measure, p, end, value);
}

bool fl_count_unusual_float(flat_measure *measure, const char *p, const char *end)
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
		if (fl_is_digit(*c))
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

/* A date alone can be read as an instant, but is a date: for other texts. */
static bool try_instant(flat_measure *measure, const char *p, const char *end)
{
	/* No unit below the finest that was needed so far changes anything. */
	uint64_t finest = measure->finest;
	int64_t ticks;
	fl_fault fault = fl_parse_timestamp(p, end, fl_units[finest], &ticks);

	/* But coarser ones reach further. */
	if (fault == FL_TIME_RANGE && finest > 0)
		fault = fl_parse_timestamp(p, end, fl_units[finest = 0], &ticks);
	while (fault == FL_TOO_FINE && finest < 3)
		fault = fl_parse_timestamp(p, end, fl_units[++finest], &ticks);
	if (fault != FL_FINE)
		return false;
	fl_reach_instant(measure, fl_instant_of(ticks, fl_units[finest]), !measure->instants);
	if (finest > measure->finest)
		measure->finest = finest;
	measure->instants++;
	return true;
}

/* Letters in front: true, false, inf, nan. */
static enum fl_kind count_letters(flat_measure *measure, const char *p, const char *end)
{
	char lower = *p | 0x20;

	if (lower == 't' || lower == 'f')
		return try_bool(measure, p, end) ? FL_BOOLS : FL_OTHERS;
	try_word(measure, p, end);
	return FL_OTHERS;
}

static enum fl_kind count_number(flat_measure *measure, const char *p, const char *end)
{
	if (!fl_is_digit(end[-1]) && end[-1] != '.')
		return FL_OTHERS;
	if (try_integer(measure, p, end))
		return FL_INTEGERS;
	return try_float(measure, p, end) ? FL_NUMBERS : FL_OTHERS;
}

/* 2024-12-31 and what goes on like it; 123e-5 is a number. */
static bool is_like_date(const char *p, const char *end)
{
	return end - p >= 10 && p[4] == '-' && fl_is_digit(p[3]);
}

static enum fl_kind count_time(flat_measure *measure, const char *p, const char *end)
{
	if (end - p == 10)
		return try_date(measure, p, end) ? FL_DATES : FL_OTHERS;
	return try_instant(measure, p, end) ? FL_INSTANTS : FL_OTHERS;
}

/* Years with a sign: +12345-01-01 */
static bool try_far_time(flat_measure *measure, const char *p, const char *end)
{
	if (end - p <= 10)
		return false;
	return memchr(p, ':', (size_t)(end - p)) ? try_instant(measure, p, end) : try_date(measure, p, end);
}

/* No text is of two classes: where several are tried, the order is of no account. */
static enum fl_kind count_value(flat_measure *measure, const char *p, const char *end)
{
	enum fl_kind kind = FL_OTHERS;

	if (!fl_may_be_value(*p))
		return FL_STRINGS;
	if (fl_is_digit(*p) && is_like_date(p, end)) {
		kind = count_time(measure, p, end);
	} else if (fl_is_digit(*p) || *p == '.') {
		kind = count_number(measure, p, end);
	} else if (*p == '+' || *p == '-') {
		kind = count_number(measure, p, end);
		if (kind == FL_OTHERS && !try_far_time(measure, p, end))
			try_word(measure, p, end);
	} else {
		kind = count_letters(measure, p, end);
	}
	return kind;
}

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

enum fl_kind fl_measure_text(const struct fl_column *column, const char *p, const char *end)
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
		return FL_OTHERS;
	measure->nbytes += nbytes;
	if (nbytes > measure->greatest_nbytes)
		measure->greatest_nbytes = nbytes;
	measure->end_in_nul += nbytes && end[-1] == '\0';
	return nbytes && !null ? count_value(measure, p, end) : FL_OTHERS;
}
