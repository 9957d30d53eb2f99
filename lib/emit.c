/*
 * Turns elements of columns into texts that read back to the same elements.
 */
#include "config.h"

#include "calendar.h"
#include "column.h"
#include "emit.h"
#include "format.h"
#include "integer.h"
#include "type.h"

#include <string.h>

/* For a type: how its element is loaded, which need not be aligned, and written. */
#define FORMAT(name, type, call)                                                                      \
	static size_t format_##name(const struct fl_emitter *emitter, const void *element, char *out) \
	{                                                                                             \
		type value;                                                                           \
                                                                                                      \
		(void)emitter;                                                                        \
		memcpy(&value, element, sizeof value);                                                \
		return call;                                                                          \
	}

FORMAT(bool, uint8_t, fl_format_bool(out, value))
FORMAT(i8, int8_t, fl_format_i64(out, value))
FORMAT(i16, int16_t, fl_format_i64(out, value))
FORMAT(i32, int32_t, fl_format_i64(out, value))
FORMAT(i64, int64_t, fl_format_i64(out, value))
FORMAT(u8, uint8_t, fl_format_u64(out, value))
FORMAT(u16, uint16_t, fl_format_u64(out, value))
FORMAT(u32, uint32_t, fl_format_u64(out, value))
FORMAT(u64, uint64_t, fl_format_u64(out, value))
FORMAT(f32, float, fl_format_f32(out, value))
FORMAT(f64, double, fl_format_f64(out, value))
FORMAT(f32_fixed, float, fl_format_f64_fixed(out, (double)value, emitter->field->fixed - FLAT_FIXED(0)))
FORMAT(f64_fixed, double, fl_format_f64_fixed(out, value, emitter->field->fixed - FLAT_FIXED(0)))
FORMAT(date, int64_t, fl_format_date(out, value))
FORMAT(timestamp, int64_t, fl_format_timestamp(out, value, emitter->per_second))

/* By type, with the bytes that the text of one may have. */
static const struct {
	fl_format_function *format, *fixed;
	const char *alphabet; /* all bytes that a text may hold */
	size_t max;
} formats[] = {
	[FLAT_BOOL] = {format_bool, NULL, "truefalse", FL_INTEGER_MAX},
	[FLAT_I8] = {format_i8, NULL, "-0123456789", FL_INTEGER_MAX},
	[FLAT_I16] = {format_i16, NULL, "-0123456789", FL_INTEGER_MAX},
	[FLAT_I32] = {format_i32, NULL, "-0123456789", FL_INTEGER_MAX},
	[FLAT_I64] = {format_i64, NULL, "-0123456789", FL_INTEGER_MAX},
	[FLAT_U8] = {format_u8, NULL, "0123456789", FL_INTEGER_MAX},
	[FLAT_U16] = {format_u16, NULL, "0123456789", FL_INTEGER_MAX},
	[FLAT_U32] = {format_u32, NULL, "0123456789", FL_INTEGER_MAX},
	[FLAT_U64] = {format_u64, NULL, "0123456789", FL_INTEGER_MAX},
	[FLAT_F32] = {format_f32, format_f32_fixed, "+-.0123456789einfa", FL_FLOAT_MAX},
	[FLAT_F64] = {format_f64, format_f64_fixed, "+-.0123456789einfa", FL_FLOAT_MAX},
	[FLAT_DATE] = {format_date, NULL, "+-0123456789", FL_DATE_MAX},
	[FLAT_TIMESTAMP_S] = {format_timestamp, NULL, "+-:.0123456789TZ", FL_TIMESTAMP_MAX},
	[FLAT_TIMESTAMP_MS] = {format_timestamp, NULL, "+-:.0123456789TZ", FL_TIMESTAMP_MAX},
	[FLAT_TIMESTAMP_US] = {format_timestamp, NULL, "+-:.0123456789TZ", FL_TIMESTAMP_MAX},
	[FLAT_TIMESTAMP_NS] = {format_timestamp, NULL, "+-:.0123456789TZ", FL_TIMESTAMP_MAX},
};

/* No text of the type can need quotes, or be one that stands for null. */
static bool is_plain(flat_type type, const flat_field *field, const struct fl_quoting *quoting)
{
	const char *alphabet = formats[type].alphabet;

	for (size_t i = 0; i < field->nnulls; i++)
		if (field->nulls[i][0] && field->nulls[i][strspn(field->nulls[i], alphabet)] == '\0')
			return false;
	return !fl_needs_quotes(quoting, alphabet, strlen(alphabet));
}

flat_status fl_emitter_bind(struct fl_emitter *emitter, const flat_format *format, const struct fl_quoting *quoting,
			    size_t index, const flat_column *cells, flat_error *error)
{
	const flat_field *field = &format->fields[index];
	flat_column complete;
	flat_status status = fl_column_check(&complete, format, index, cells, error);

	if (status != FLAT_OK)
		return status;
	*emitter = (struct fl_emitter){
		.cells = complete,
		.field = field,
		.width = flat_field_width(field),
		.per_second = fl_per_second(field->type),
	};
	if (fl_is_string(field->type)) {
		emitter->format_max = emitter->width;
		emitter->simple_str = field->type == FLAT_STR && cells->validity == FLAT_VALIDITY_NONE &&
				      field->nnulls == 0 && !quoting->trim && emitter->width <= FL_SIMPLE_STR_MAX;
		return FLAT_OK;
	}
	emitter->format = field->fixed ? formats[field->type].fixed : formats[field->type].format;
	emitter->format_max = field->fixed ? FL_FIXED_MAX : formats[field->type].max;
	emitter->simple = cells->validity == FLAT_VALIDITY_NONE && field->type < FLAT_DATE &&
			  is_plain(field->type, field, quoting);
	return FLAT_OK;
}

static bool is_not_a_time(const struct fl_emitter *emitter, size_t element)
{
	const int64_t not_a_time = INT64_MIN;

	return emitter->field->type >= FLAT_DATE &&
	       memcmp(fl_emitter_element(emitter, element), &not_a_time, sizeof not_a_time) == 0;
}

static bool is_null(const struct fl_emitter *emitter, size_t element)
{
	const unsigned char *valid = emitter->cells.valid;

	switch (emitter->cells.validity) {
	case FLAT_VALIDITY_BITMAP:
		return !(valid[element / 8] >> element % 8 & 1);
	case FLAT_VALIDITY_BYTE:
		return !valid[element * emitter->cells.valid_stride];
	case FLAT_VALIDITY_SENTINEL:
		return memcmp(fl_emitter_element(emitter, element), emitter->cells.sentinel, emitter->width) == 0;
	case FLAT_VALIDITY_NONE:
		break;
	}
	return is_not_a_time(emitter, element);
}

/* The first spelling; nothing, where nothing is null. */
static fl_fault emit_null(const struct fl_emitter *emitter, const struct fl_quoting *quoting, struct fl_text *text)
{
	const flat_field *field = emitter->field;
	bool string = fl_is_string(field->type);

	if (string && !field->nnulls)
		return FL_NO_SPELLING;
	text->null = true;
	text->p = field->nnulls ? field->nulls[0] : "";
	text->nbytes = strlen(text->p);
	text->quoted = fl_needs_quotes(quoting, text->p, text->nbytes);
	return string && text->quoted ? FL_NO_SPELLING : FL_FINE;
}

static fl_fault text_of_str(const struct fl_emitter *emitter, size_t element, struct fl_text *text)
{
	text->p = fl_emitter_element(emitter, element);
	text->nbytes = emitter->width;
	if (emitter->cells.lengths) {
		uint32_t length;

		memcpy(&length, (const char *)emitter->cells.lengths + element * emitter->cells.lengths_stride,
		       sizeof length);
		text->nbytes = length;
		return length > emitter->width ? FL_BAD_LENGTH : FL_FINE;
	}
	while (text->nbytes && text->p[text->nbytes - 1] == '\0')
		text->nbytes--;
	return FL_FINE;
}

size_t fl_emit_str(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t element, char *out)
{
	struct fl_text text;

	if (text_of_str(emitter, element, &text) != FL_FINE || fl_copy_needs_quotes(quoting, out, text.p, text.nbytes))
		return FL_NOT_SIMPLE;
	return text.nbytes;
}

static fl_fault text_of_text(const struct fl_emitter *emitter, size_t element, struct fl_text *text)
{
	uint64_t start, end;

	memcpy(&start, fl_emitter_element(emitter, element), sizeof start);
	memcpy(&end, fl_emitter_element(emitter, element + 1), sizeof end);
	if (start > end || end > emitter->cells.arena_nbytes)
		return FL_BAD_OFFSETS;
	text->p = emitter->cells.arena + start;
	text->nbytes = (size_t)(end - start);
	return FL_FINE;
}

/* Where null is stored as NaN, it does not matter which of the two is meant. */
static bool is_nan_for_null(const struct fl_emitter *emitter, const struct fl_text *text)
{
	bool is_float = emitter->field->type == FLAT_F32 || emitter->field->type == FLAT_F64;

	return is_float && emitter->cells.validity == FLAT_VALIDITY_NONE && text->nbytes == 3 &&
	       memcmp(text->p, "nan", 3) == 0;
}

/* A string spelled like a null is none between quotes.  A value of another type is one with and without. */
static fl_fault emit_value(const struct fl_emitter *emitter, const struct fl_quoting *quoting, struct fl_text *text)
{
	bool looks_null = fl_is_null(emitter->field, text->p, text->p + text->nbytes);
	bool string = fl_is_string(emitter->field->type);

	if (looks_null && !string && !is_nan_for_null(emitter, text))
		return FL_LOOKS_NULL;
	text->quoted = (looks_null && string) || fl_needs_quotes(quoting, text->p, text->nbytes);
	return FL_FINE;
}

fl_fault fl_emit(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t element, char *scratch,
		 struct fl_text *text)
{
	fl_fault fault = FL_FINE;

	*text = (struct fl_text){.p = scratch};
	if (is_null(emitter, element))
		return emit_null(emitter, quoting, text);
	if (emitter->field->type == FLAT_STR)
		fault = text_of_str(emitter, element, text);
	else if (emitter->field->type == FLAT_TEXT)
		fault = text_of_text(emitter, element, text);
	else if (is_not_a_time(emitter, element))
		return FL_TIME_RANGE;
	else
		text->nbytes = emitter->format(emitter, fl_emitter_element(emitter, element), scratch);
	return fault == FL_FINE ? emit_value(emitter, quoting, text) : fault;
}
