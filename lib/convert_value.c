/*
 * The loops that fill columns of numbers, bools, dates and timestamps: one for each type, all of one shape.
 *
 * A loop parses straight from the window into the element.  Only a text that does not parse as it stands is looked at
 * more closely: it may be quoted, surrounded by blanks, or null.
 */
#include "config.h"

#include "calendar.h"
#include "column.h"
#include "float_parse.h"
#include "integer.h"

#include <string.h>

/* Not in the hot loop: 'fault' is what came of parsing the text as it stands. */
static fl_fault store_odd(const struct fl_column *column, const char *p, const char *end, size_t element,
			  fl_fault fault)
{
	const char *start = p, *stop = end;

	if (column->trim)
		fl_trim(&p, &end);
	if (fl_is_quoted(column, p, end)) {
		p++;
		end--;
	}
	if (fl_is_null(column->field, p, end))
		return fl_column_store_null(column, element);
	if (p == start && end == stop && !column->nulls_first)
		return fault;
	return fl_parsers[column->field->type](column, p, end, fl_element(column, element));
}

FL_INLINE fl_fault convert_one(const struct fl_column *column, const char *p, const char *end, size_t element,
			       fl_parse_function *parse)
{
	fl_fault fault = FL_NOT_NUMBER;

	if (p == end)
		return fl_column_store_null(column, element);
	if (!column->nulls_first)
		fault = parse(column, p, end, fl_element(column, element));
	return fault == FL_FINE ? fault : store_odd(column, p, end, element, fault);
}

FL_INLINE size_t convert(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			 fl_fault *fault, fl_parse_function *parse)
{
	for (size_t i = 0; i < n; i++) {
		fl_fault found =
			convert_one(column, fl_slice_start(slices, i), fl_slice_end(slices, i), first + i, parse);

		if (found != FL_FINE) {
			*fault = found;
			return i;
		}
	}
	return n;
}

/*
 * For a type: parse_TYPE() for one text, and convert_TYPE(), the loop with it inside.  Elements need not be aligned.
 */
#define VALUE(name, type, call)                                                                                        \
	FL_INLINE fl_fault parse_##name(const struct fl_column *column, const char *p, const char *end, void *element) \
	{                                                                                                              \
		type value = 0;                                                                                        \
		fl_fault fault = call;                                                                                 \
                                                                                                                       \
		(void)column;                                                                                          \
		if (fault == FL_FINE)                                                                                  \
			memcpy(element, &value, sizeof value);                                                         \
		return fault;                                                                                          \
	}                                                                                                              \
	static size_t convert_##name(const struct fl_column *column, const struct fl_slices *slices, size_t first,     \
				     size_t n, fl_fault *fault)                                                        \
	{                                                                                                              \
		return convert(column, slices, first, n, fault, parse_##name);                                         \
	}

VALUE(bool, uint8_t, fl_parse_bool(p, end, &value))
VALUE(i8, int8_t, fl_parse_i8(p, end, &value))
VALUE(i16, int16_t, fl_parse_i16(p, end, &value))
VALUE(i32, int32_t, fl_parse_i32(p, end, &value))
VALUE(i64, int64_t, fl_parse_i64(p, end, &value))
VALUE(u8, uint8_t, fl_parse_u8(p, end, &value))
VALUE(u16, uint16_t, fl_parse_u16(p, end, &value))
VALUE(u32, uint32_t, fl_parse_u32(p, end, &value))
VALUE(u64, uint64_t, fl_parse_u64(p, end, &value))
VALUE(f32, float, fl_parse_f32(p, end, &value))
VALUE(f64, double, fl_parse_f64(p, end, &value))
VALUE(date, int64_t, fl_parse_date(p, end, &value))
VALUE(timestamp, int64_t, fl_parse_timestamp(p, end, column->per_second, &value))

fl_parse_function *const fl_parsers[] = {
	[FLAT_BOOL] = parse_bool,
	[FLAT_I8] = parse_i8,
	[FLAT_I16] = parse_i16,
	[FLAT_I32] = parse_i32,
	[FLAT_I64] = parse_i64,
	[FLAT_U8] = parse_u8,
	[FLAT_U16] = parse_u16,
	[FLAT_U32] = parse_u32,
	[FLAT_U64] = parse_u64,
	[FLAT_F32] = parse_f32,
	[FLAT_F64] = parse_f64,
	[FLAT_DATE] = parse_date,
	[FLAT_TIMESTAMP_S] = parse_timestamp,
	[FLAT_TIMESTAMP_MS] = parse_timestamp,
	[FLAT_TIMESTAMP_US] = parse_timestamp,
	[FLAT_TIMESTAMP_NS] = parse_timestamp,
};

const struct fl_loops fl_loops_plain = {
	.store_noted = fl_store_noted,
	.note_text = fl_note_text,
	.of =
		{
			[FLAT_BOOL] = convert_bool,
			[FLAT_I8] = convert_i8,
			[FLAT_I16] = convert_i16,
			[FLAT_I32] = convert_i32,
			[FLAT_I64] = convert_i64,
			[FLAT_U8] = convert_u8,
			[FLAT_U16] = convert_u16,
			[FLAT_U32] = convert_u32,
			[FLAT_U64] = convert_u64,
			[FLAT_F32] = convert_f32,
			[FLAT_F64] = convert_f64,
			[FLAT_STR] = fl_convert_str,
			[FLAT_TEXT] = fl_convert_text,
			[FLAT_DATE] = convert_date,
			[FLAT_TIMESTAMP_S] = convert_timestamp,
			[FLAT_TIMESTAMP_MS] = convert_timestamp,
			[FLAT_TIMESTAMP_US] = convert_timestamp,
			[FLAT_TIMESTAMP_NS] = convert_timestamp,
		},
};
