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

/* All bytes that a text of the type may hold. */
static const char *const alphabets[FLAT_TIMESTAMP_NS + 1] = {
	[FLAT_BOOL] = "truefalse",
	[FLAT_I8] = "-0123456789",
	[FLAT_I16] = "-0123456789",
	[FLAT_I32] = "-0123456789",
	[FLAT_I64] = "-0123456789",
	[FLAT_U8] = "0123456789",
	[FLAT_U16] = "0123456789",
	[FLAT_U32] = "0123456789",
	[FLAT_U64] = "0123456789",
	[FLAT_F32] = "+-.0123456789einfa",
	[FLAT_F64] = "+-.0123456789einfa",
	[FLAT_DATE] = "+-0123456789",
	[FLAT_TIMESTAMP_S] = "+-:.0123456789TZ",
	[FLAT_TIMESTAMP_MS] = "+-:.0123456789TZ",
	[FLAT_TIMESTAMP_US] = "+-:.0123456789TZ",
	[FLAT_TIMESTAMP_NS] = "+-:.0123456789TZ",
};

/* A float with as many decimals as its field asks for. */
static size_t format_fixed(const struct fl_emitter *emitter, const char *element, char *out)
{
	unsigned decimals = emitter->field->fixed - FLAT_FIXED(0);
	double value;
	float narrow;

	if (emitter->field->type == FLAT_F64) {
		memcpy(&value, element, sizeof value);
		return fl_format_f64_fixed(out, value, decimals);
	}
	memcpy(&narrow, element, sizeof narrow);
	return fl_format_f64_fixed(out, (double)narrow, decimals);
}

/* No text of the type can need quotes, or be one that stands for null. */
static bool is_plain(flat_type type, const flat_field *field, const struct fl_quoting *quoting)
{
	const char *alphabet = alphabets[type];

	for (size_t i = 0; i < field->nnulls; i++)
		if (field->nulls[i][0] && field->nulls[i][strspn(field->nulls[i], alphabet)] == '\0')
			return false;
	return !fl_needs_quotes(quoting, alphabet, strlen(alphabet));
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

/* Strings of which none has a length of its own, is too long for a cell, could be trimmed or read as a null. */
static bool are_short(const struct fl_emitter *emitter, const struct fl_quoting *quoting)
{
	return emitter->width <= FL_CELL_MAX && !emitter->cells.lengths && !emitter->field->nnulls && !quoting->trim;
}

static fl_fill_function *choose_fill(const struct fl_emitter *emitter, const struct fl_quoting *quoting,
				     const struct fl_cpu *cpu)
{
	flat_type type = emitter->field->type;

	if (type == FLAT_STR && !are_short(emitter, quoting))
		return NULL;
	return cpu->fills->of[type] ? cpu->fills->of[type] : fl_fills_plain.of[type];
}

static struct fl_cell null_cell(const struct fl_emitter *emitter, const struct fl_quoting *quoting)
{
	struct fl_cell cell = {.nbytes = FL_CELL_NONE};
	struct fl_text text = {.p = NULL};

	if (emit_null(emitter, quoting, &text) != FL_FINE || text.quoted || text.nbytes > FL_CELL_MAX)
		return cell;
	memcpy(cell.text, text.p, text.nbytes);
	cell.nbytes = (uint8_t)text.nbytes;
	return cell;
}

flat_status fl_emitter_bind(struct fl_emitter *emitter, const flat_format *format, const struct fl_quoting *quoting,
			    size_t index, const flat_column *cells, const struct fl_cpu *cpu, flat_error *error)
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
	};
	emitter->plain = fl_is_string(field->type) || is_plain(field->type, field, quoting);
	emitter->fill = choose_fill(emitter, quoting, cpu);
	emitter->null = null_cell(emitter, quoting);
	return FLAT_OK;
}

static const char *element_of(const struct fl_emitter *emitter, size_t element)
{
	return (const char *)emitter->cells.base + element * emitter->cells.stride;
}

static bool is_not_a_time(const struct fl_emitter *emitter, size_t element)
{
	const int64_t not_a_time = INT64_MIN;

	return emitter->field->type >= FLAT_DATE &&
	       memcmp(element_of(emitter, element), &not_a_time, sizeof not_a_time) == 0;
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
		return memcmp(element_of(emitter, element), emitter->cells.sentinel, emitter->width) == 0;
	case FLAT_VALIDITY_NONE:
		break;
	}
	return is_not_a_time(emitter, element);
}

/* Without the zeros behind it: eight at a time, since most of a wide field is zeros. */
static size_t length_of_str(const char *p, size_t width)
{
	size_t n = width;

	for (; n >= 8; n -= 8) {
		uint64_t word = fl_load64(p + n - 8);

		if (word)
			return n - fl_high_zeros(word) / 8;
	}
	while (n && p[n - 1] == '\0')
		n--;
	return n;
}

static fl_fault text_of_str(const struct fl_emitter *emitter, size_t element, struct fl_text *text)
{
	text->p = element_of(emitter, element);
	if (emitter->cells.lengths) {
		uint32_t length;

		memcpy(&length, (const char *)emitter->cells.lengths + element * emitter->cells.lengths_stride,
		       sizeof length);
		text->nbytes = length;
		return length > emitter->width ? FL_BAD_LENGTH : FL_FINE;
	}
	text->nbytes = length_of_str(text->p, emitter->width);
	return FL_FINE;
}

static fl_fault text_of_text(const struct fl_emitter *emitter, size_t element, struct fl_text *text)
{
	uint64_t start, end;

	memcpy(&start, element_of(emitter, element), sizeof start);
	memcpy(&end, element_of(emitter, element + 1), sizeof end);
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

static void fill_cells(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t first, size_t n,
		       struct fl_cell *cells, size_t step)
{
	struct fl_elements elements = {
		.base = element_of(emitter, first),
		.stride = emitter->cells.stride,
		.n = n,
		.per_second = fl_per_second(emitter->field->type),
		.width = emitter->width,
		.quoting = quoting,
	};

	emitter->fill(&elements, cells, step);
}

static size_t format_value(const struct fl_emitter *emitter, size_t element, char *out)
{
	struct fl_cell cell;

	if (emitter->field->fixed)
		return format_fixed(emitter, element_of(emitter, element), out);
	fill_cells(emitter, NULL, element, 1, &cell, 1);
	memcpy(out, cell.text + cell.begin, cell.nbytes);
	return cell.nbytes;
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
		text->nbytes = format_value(emitter, element, scratch);
	return fault == FL_FINE ? emit_value(emitter, quoting, text) : fault;
}

static void fill_fixed(const struct fl_emitter *emitter, size_t first, size_t n, struct fl_cell *cells, size_t step)
{
	for (size_t i = 0; i < n; i++, cells += step) {
		char text[FL_EMIT_MAX];
		size_t nbytes = format_fixed(emitter, element_of(emitter, first + i), text);

		memcpy(cells->text, text, FL_CELL_MAX);
		cells->begin = 0;
		cells->nbytes = nbytes <= FL_CELL_MAX ? (uint8_t)nbytes : FL_CELL_NONE;
	}
}

static void fill_strings(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t first, size_t n,
			 struct fl_cell *cells, size_t step)
{
	bool str = emitter->field->type == FLAT_STR;

	for (size_t i = 0; i < n; i++, cells += step) {
		struct fl_text text;
		fl_fault fault = str ? text_of_str(emitter, first + i, &text) : text_of_text(emitter, first + i, &text);

		cells->nbytes = FL_CELL_NONE;
		if (fault != FL_FINE || text.nbytes > FL_CELL_MAX || fl_is_null(emitter->field, text.p, text.p + text.nbytes) ||
		    fl_needs_quotes(quoting, text.p, text.nbytes))
			continue;
		memcpy(cells->text, text.p, text.nbytes);
		cells->begin = 0;
		cells->nbytes = (uint8_t)text.nbytes;
	}
}

/* An element that is null has a text, too, or none: it does not matter. */
static void fill_nulls(const struct fl_emitter *emitter, size_t first, size_t n, struct fl_cell *cells, size_t step)
{
	for (size_t i = 0; i < n; i++, cells += step) {
		if (is_null(emitter, first + i))
			*cells = emitter->null;
		else if (is_not_a_time(emitter, first + i))
			cells->nbytes = FL_CELL_NONE;
	}
}

void fl_emit_cells(const struct fl_emitter *emitter, const struct fl_quoting *quoting, size_t first, size_t n,
		   struct fl_cell *cells, size_t step)
{
	if (!emitter->plain) {
		for (size_t i = 0; i < n; i++)
			cells[i * step].nbytes = FL_CELL_NONE;
		return;
	}
	if (!emitter->fill)
		fill_strings(emitter, quoting, first, n, cells, step);
	else if (emitter->field->fixed)
		fill_fixed(emitter, first, n, cells, step);
	else
		fill_cells(emitter, quoting, first, n, cells, step);
	if (emitter->cells.validity != FLAT_VALIDITY_NONE || emitter->field->type >= FLAT_DATE)
		fill_nulls(emitter, first, n, cells, step);
}
