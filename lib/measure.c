/*
 * Tells what the texts of a field are like, in place of a loop that converts them.
 *
 * All that is kept is how many of each class there are and how far they reach.  So measures of parts join to the measure of
 * the whole.
 */
#include "config.h"

#include "format.h"
#include "measure_parts.h"
#include "unquote.h"

/* May texts of a kind be taken without looking for nulls?  NA is no number; 0 is one, and nothing is in all kinds. */
static bool has_no_nulls(const flat_field *field, enum fl_kind kind)
{
	for (size_t i = 0; i < field->nnulls; i++) {
		const char c = *field->nulls[i];

		if (kind == FL_STRINGS || kind == FL_BOOLS || c == '\0' || fl_is_digit(c) || c == '.' || c == '-' ||
		    c == '+')
			return false;
	}
	return true;
}

/* A run of texts in quotes.  Few are tried at first, as what is tried in vain is lost. */
static size_t measure_quoted_run(const struct fl_column *column, const struct fl_slices *slices, size_t i, size_t n,
				 enum fl_kind kind)
{
	struct fl_unquoted unquoted;
	size_t some = 4, done;

	do {
		some = 2 * some < FL_UNQUOTED_MOST ? 2 * some : FL_UNQUOTED_MOST;
		some = n - i < some ? n - i : some;
		fl_unquote(&unquoted, slices, i, some, column->quote);
		done = fl_measure_run(column, &unquoted.slices, 0, some, kind);
		i += done;
	} while (done == some && i < n);
	return i;
}

/* Strings may hold quotes that are doubled. */
static size_t measure_run(const struct fl_column *column, const struct fl_slices *slices, size_t i, size_t n,
			  enum fl_kind kind)
{
	if (kind != FL_STRINGS && fl_is_quoted(column, fl_slice_start(slices, i), fl_slice_end(slices, i)))
		return measure_quoted_run(column, slices, i, n, kind);
	return fl_measure_run(column, slices, i, n, kind);
}

static size_t measure_slices(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			     fl_fault *fault)
{
	enum fl_kind kind = FL_OTHERS;

	(void)first;
	(void)fault;
	for (size_t i = 0; i < n; i++) {
		if (kind != FL_OTHERS && !column->trim && has_no_nulls(column->field, kind))
			i = measure_run(column, slices, i, n, kind);
		if (i < n)
			kind = fl_measure_text(column, fl_slice_start(slices, i), fl_slice_end(slices, i));
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

flat_measure flat_measure_join(const flat_measure *a, const flat_measure *b)
{
	flat_measure both = *a;

	FL_JOIN_REACH(&both, b, least_negative, greatest_negative, a->negatives, b->negatives);
	FL_JOIN_REACH(&both, b, least_natural, greatest_natural, a->integers - a->negatives,
		      b->integers - b->negatives);
	if (b->floats)
		fl_reach_float(&both, b->least_float, b->greatest_float);
	FL_JOIN_REACH(&both, b, least_date, greatest_date, a->dates, b->dates);
	if (b->instants) {
		fl_reach_instant(&both, (struct fl_instant){b->least_second, b->least_fraction}, !a->instants);
		fl_reach_instant(&both, (struct fl_instant){b->greatest_second, b->greatest_fraction}, false);
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
