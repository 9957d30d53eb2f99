/*
 * Tells from a measure which type holds all that was measured.
 */
#include "config.h"

#include "field.h"
#include "measure_parts.h"

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
	int64_t limit = INT64_MAX / fl_units[measure->finest] - 1, days = limit / 86400 - 1;

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
