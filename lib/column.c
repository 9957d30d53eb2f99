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
	column->unquotes = column->quote != FLAT_NONE && !column->trim && !fl_is_string(field->type);
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

/* What an element without a value holds: the sentinel, a NaN, NaT, or zeros; NULL: zeros of any width. */
static const void *null_value(const struct fl_column *column)
{
	static const float f32 = (float)NAN;
	static const double f64 = (double)NAN;
	static const int64_t not_a_time = INT64_MIN;
	static const uint64_t zero = 0;
	const flat_type type = column->field->type;

	if (column->cells->validity == FLAT_VALIDITY_SENTINEL)
		return column->cells->sentinel;
	if (fl_is_string(type))
		return NULL;
	if (type == FLAT_F32)
		return &f32;
	if (type == FLAT_F64)
		return &f64;
	return type >= FLAT_DATE ? (const void *)&not_a_time : &zero;
}

static void mark_null(const flat_column *cells, size_t element)
{
	unsigned char *valid = cells->valid;

	if (cells->validity == FLAT_VALIDITY_BITMAP)
		valid[element / 8] &= (unsigned char)~(1u << element % 8);
	else if (cells->validity == FLAT_VALIDITY_BYTE)
		valid[element * cells->valid_stride] = 0;
}

static bool can_be_null(const struct fl_column *column)
{
	return column->cells->validity != FLAT_VALIDITY_NONE || fl_has_null(column->field->type);
}

/* memcpy() of the width of a number, without a call. */
FL_INLINE void copy_number(char *cell, const void *value, size_t width)
{
	if (width == 8)
		memcpy(cell, value, 8);
	else if (width == 4)
		memcpy(cell, value, 4);
	else if (width == 2)
		memcpy(cell, value, 2);
	else
		*cell = *(const char *)value;
}

static void store_null_str(const struct fl_column *column, size_t element, const void *value)
{
	if (value)
		memcpy(fl_element(column, element), value, column->width);
	else if (column->field->type == FLAT_STR)
		memset(fl_element(column, element), 0, column->width);
}

fl_fault fl_column_store_null(const struct fl_column *column, size_t element)
{
	const void *value = null_value(column);

	if (!can_be_null(column))
		return FL_NO_NULL;
	mark_null(column->cells, element);
	if (fl_is_string(column->field->type))
		store_null_str(column, element, value);
	else
		copy_number(fl_element(column, element), value, column->width);
	return FL_FINE;
}

size_t fl_column_store_empty(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t i,
			     size_t n)
{
	const void *value = null_value(column);

	if (!can_be_null(column))
		return i;
	for (; i < n && fl_slice_start(slices, i) == fl_slice_end(slices, i); i++) {
		mark_null(column->cells, first + i);
		copy_number(fl_element(column, first + i), value, column->width);
	}
	return i;
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
