/*
 * Binds a field to the caller's array: checks it, chooses the loop that fills it, and keeps account of nulls.
 */
#include "config.h"

#include "column.h"
#include "error.h"
#include "format.h"
#include "type.h"

#include <math.h>
#include <string.h>

/* Gives why the cells cannot be bound, or NULL. */
static const char *objection(const flat_field *field, const flat_column *cells, size_t width)
{
	if (!cells->base)
		return "base is NULL";
	if (cells->stride && cells->stride < width)
		return "the stride is less than the width of an element";
	if ((cells->validity == FLAT_VALIDITY_BITMAP || cells->validity == FLAT_VALIDITY_BYTE) && !cells->valid)
		return "its validity has no memory: 'valid' is NULL";
	if ((unsigned)cells->validity > FLAT_VALIDITY_SENTINEL)
		return "its validity is none of flat_validity";
	if (cells->validity == FLAT_VALIDITY_SENTINEL && !cells->sentinel)
		return "'sentinel' is NULL";
	if (cells->validity == FLAT_VALIDITY_SENTINEL && field->type == FLAT_TEXT)
		return "a text has no sentinel; use a bitmap or bytes";
	if (cells->lengths && field->type != FLAT_STR)
		return "only a str has lengths";
	if (cells->lengths && cells->lengths_stride && cells->lengths_stride < sizeof *cells->lengths)
		return "the stride of the lengths is less than their width";
	if (field->type == FLAT_TEXT && !cells->arena)
		return "a text needs an arena";
	return NULL;
}

const flat_column fl_bare;

static bool is_bare(const flat_column *cells)
{
	return cells->validity == FLAT_VALIDITY_NONE && !cells->lengths && !cells->arena;
}

static bool some_null_is_a_value(const struct fl_column *column)
{
	const flat_field *field = column->field;
	fl_parse_function *parse = fl_parsers[field->type];
	unsigned char element[8];

	for (size_t i = 0; parse && i < field->nnulls; i++)
		if (parse(column, field->nulls[i], field->nulls[i] + strlen(field->nulls[i]), element) == FL_FINE)
			return true;
	return false;
}

flat_status fl_column_check(flat_column *complete, const flat_format *format, size_t index, const flat_column *cells,
			    flat_error *error)
{
	const flat_field *field = &format->fields[index];
	size_t width = flat_field_width(field);
	const char *reason = objection(field, cells, width);
	char name[64];

	if (reason) {
		fl_printable(name, sizeof name, field->name, strlen(field->name));
		return fl_error_set(error, FLAT_BAD_ARGUMENT, "column of field %zu \"%s\": %s", index + 1, name,
				    reason);
	}
	*complete = *cells;
	if (!cells->stride)
		complete->stride = width;
	if (!cells->valid_stride)
		complete->valid_stride = 1;
	if (!cells->lengths_stride)
		complete->lengths_stride = sizeof *cells->lengths;
	return FLAT_OK;
}

flat_status fl_column_bind(struct fl_column *column, flat_column *kept, const flat_format *format, size_t index,
			   const flat_column *cells, const struct fl_cpu *cpu, flat_error *error)
{
	const flat_field *field = &format->fields[index];
	fl_convert_function *best = cpu->loops->of[field->type], *plain = fl_loops_plain.of[field->type];
	flat_column complete;
	flat_status status = fl_column_check(&complete, format, index, cells, error);

	if (status != FLAT_OK)
		return status;
	*column = (struct fl_column){
		.base = complete.base,
		.stride = complete.stride,
		.cells = is_bare(&complete) ? &fl_bare : kept,
		.field = field,
		.width = (uint32_t)flat_field_width(field),
		.per_second = (uint32_t)fl_per_second(field->type),
		.quote = (int16_t)format->dialect.quote,
		.trim = format->dialect.trim,
	};
	if (column->cells == kept)
		*kept = complete;
	column->nulls_first = some_null_is_a_value(column);
	column->convert = best && !column->nulls_first ? best : plain;
	return FLAT_OK;
}

static void set_bits(unsigned char *bits, size_t first, size_t n)
{
	size_t end = first + n;

	for (; first < end && first % 8; first++)
		bits[first / 8] |= (unsigned char)(1u << first % 8);
	memset(bits + first / 8, 0xFF, (end - first) / 8);
	for (first += (end - first) / 8 * 8; first < end; first++)
		bits[first / 8] |= (unsigned char)(1u << first % 8);
}

void fl_column_mark_valid(const struct fl_column *column, size_t first, size_t n)
{
	const flat_column *cells = column->cells;
	unsigned char *valid = cells->valid;

	if (cells->validity == FLAT_VALIDITY_BITMAP)
		set_bits(valid, first, n);
	else if (cells->validity == FLAT_VALIDITY_BYTE)
		for (size_t i = 0; i < n; i++)
			valid[(first + i) * cells->valid_stride] = 1;
}

/* What an element without a value holds: a NaN, NaT, or zeros. */
static void clear_element(const struct fl_column *column, char *cell)
{
	const float f32 = (float)NAN;
	const double f64 = (double)NAN;
	const int64_t not_a_time = INT64_MIN;

	if (column->field->type == FLAT_F32)
		memcpy(cell, &f32, sizeof f32);
	else if (column->field->type == FLAT_F64)
		memcpy(cell, &f64, sizeof f64);
	else if (column->field->type >= FLAT_DATE)
		memcpy(cell, &not_a_time, sizeof not_a_time);
	else
		memset(cell, 0, column->width);
}

fl_fault fl_column_store_null(const struct fl_column *column, size_t element)
{
	const flat_column *cells = column->cells;
	unsigned char *valid = cells->valid;
	char *cell = fl_element(column, element);

	if (cells->validity == FLAT_VALIDITY_NONE && !fl_has_null(column->field->type))
		return FL_NO_NULL;
	if (cells->validity == FLAT_VALIDITY_BITMAP)
		valid[element / 8] &= (unsigned char)~(1u << element % 8);
	else if (cells->validity == FLAT_VALIDITY_BYTE)
		valid[element * cells->valid_stride] = 0;
	if (column->field->type == FLAT_TEXT)
		return FL_FINE;
	if (cells->validity == FLAT_VALIDITY_SENTINEL)
		memcpy(cell, cells->sentinel, column->width);
	else
		clear_element(column, cell);
	return FL_FINE;
}

bool fl_is_null(const flat_field *field, const char *p, const char *end)
{
	return (p == end && !fl_is_string(field->type)) || fl_is_spelled_null(field, p, end);
}

bool fl_is_spelled_null(const flat_field *field, const char *p, const char *end)
{
	size_t nbytes = (size_t)(end - p);

	for (size_t i = 0; i < field->nnulls; i++)
		if (strlen(field->nulls[i]) == nbytes && memcmp(field->nulls[i], p, nbytes) == 0)
			return true;
	return false;
}

void fl_trim(const char **p, const char **end)
{
	while (*p < *end && (**p == ' ' || **p == '\t'))
		++*p;
	while (*p < *end && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
		--*end;
}
