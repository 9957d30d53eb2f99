/*
 * Arrays for all fields of a format, in one block full of canaries.
 */
#include "config.h"

#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CANARY 0xC3
#define GUARD 16

/* Stands for null where there is a sentinel.  Bytes, so that it fits every type. */
static const unsigned char sentinel_byte = 0x5A;

static bool is_string(const flat_field *field)
{
	return field->type == FLAT_STR || field->type == FLAT_TEXT;
}

/* ------------------------------------------------------------------------------------------------ layout */

/* A run of cells: 'n' of 'width' bytes.  Places are given out twice: to learn the size, then for good. */
struct placer {
	struct table *table;
	size_t at;	   /* next free byte of the block, or of a struct */
	size_t struct_end; /* bytes of one struct; 0: separate arrays */
};

static void own(struct table *table, size_t offset, size_t nbytes)
{
	if (table->owned)
		memset(table->owned + offset, 1, nbytes);
}

static void *place(struct placer *placer, size_t n, size_t width, size_t *stride)
{
	struct table *table = placer->table;
	bool packed = placer->struct_end == 0;
	size_t start = placer->at;

	*stride = packed ? width : placer->struct_end;
	for (size_t i = 0; i < n; i++)
		own(table, start + i * *stride, width);
	/* An odd gap, so that what follows is not aligned. */
	placer->at += packed ? n * width + GUARD : width + 3;
	return table->block ? table->block + start : NULL;
}

static void place_validity(struct placer *placer, const flat_field *field, flat_column *column)
{
	size_t capacity = placer->table->plan.capacity, stride;

	column->validity = placer->table->plan.validity;
	if (column->validity == FLAT_VALIDITY_SENTINEL && field->type == FLAT_TEXT)
		column->validity = FLAT_VALIDITY_BITMAP;
	if (column->validity == FLAT_VALIDITY_BYTE)
		column->valid = place(placer, capacity, 1, &column->valid_stride);
	if (column->validity != FLAT_VALIDITY_BITMAP)
		return;
	/* Bits have no stride: behind all else. */
	if (placer->struct_end)
		return;
	column->valid = place(placer, (capacity + 7) / 8, 1, &stride);
}

static void place_field(struct placer *placer, const flat_field *field, flat_column *column)
{
	struct table *table = placer->table;
	bool text = field->type == FLAT_TEXT;
	size_t width = flat_field_width(field), capacity = table->plan.capacity;

	column->base = place(placer, capacity + text, width, &column->stride);
	place_validity(placer, field, column);
	if (table->plan.lengths && field->type == FLAT_STR)
		column->lengths = place(placer, capacity, sizeof *column->lengths, &column->lengths_stride);
}

static bool is_bound(const struct table *table, size_t field)
{
	return !table->plan.bound || table->plan.bound[field];
}

static void place_fields(struct placer *placer)
{
	struct table *table = placer->table;

	for (size_t i = 0; i < table->nfields; i++)
		if (is_bound(table, i))
			place_field(placer, flat_format_field(table->format, i), &table->columns[i]);
}

/* Gives the bytes of the block; the columns get their addresses if there is a block. */
static size_t place_all(struct table *table)
{
	struct placer placer = {.table = table, .at = GUARD};
	size_t stride;

	if (table->plan.layout == LAYOUT_SEPARATE) {
		place_fields(&placer);
		return placer.at;
	}
	/* Twice: the stride is known once all members are. */
	placer.struct_end = 1;
	placer.table = &(struct table){.format = table->format,
				       .plan = table->plan,
				       .nfields = table->nfields,
				       .columns = table->columns};
	place_fields(&placer);
	placer = (struct placer){.table = table, .at = GUARD, .struct_end = placer.at - GUARD};
	place_fields(&placer);
	placer.at = GUARD + (table->plan.capacity + 1) * placer.struct_end + GUARD;
	placer.struct_end = 0;
	for (size_t i = 0; i < table->nfields; i++)
		if (table->columns[i].validity == FLAT_VALIDITY_BITMAP)
			table->columns[i].valid = place(&placer, (table->plan.capacity + 7) / 8, 1, &stride);
	return placer.at;
}

/* The arena of field i is of this size, and GUARD bytes on both sides are not part of it. */
static unsigned char *new_arena(size_t nbytes)
{
	unsigned char *arena = test_allocate(nbytes + 2 * GUARD);

	memset(arena, CANARY, nbytes + 2 * GUARD);
	return arena;
}

void table_open(struct table *table, const flat_format *format, const struct table_plan *plan)
{
	size_t widest = 8;

	*table = (struct table){.format = format, .plan = *plan, .nfields = flat_format_nfields(format)};
	table->columns = test_allocate(table->nfields * sizeof *table->columns);
	table->arenas = test_allocate(table->nfields * sizeof *table->arenas);
	memset(table->columns, 0, table->nfields * sizeof *table->columns);
	memset(table->arenas, 0, table->nfields * sizeof *table->arenas);
	table->block_nbytes = place_all(table);
	table->block = test_allocate(table->block_nbytes);
	table->owned = test_allocate(table->block_nbytes);
	memset(table->block, CANARY, table->block_nbytes);
	memset(table->owned, 0, table->block_nbytes);
	place_all(table);
	for (size_t i = 0; i < table->nfields; i++)
		if (flat_field_width(flat_format_field(format, i)) > widest)
			widest = flat_field_width(flat_format_field(format, i));
	table->sentinel = test_allocate(widest);
	memset(table->sentinel, sentinel_byte, widest);
	for (size_t i = 0; i < table->nfields; i++) {
		table->columns[i].sentinel = table->sentinel;
		if (flat_format_field(format, i)->type == FLAT_TEXT && is_bound(table, i))
			table->arenas[i] = new_arena(plan->arena_nbytes);
	}
	table_grow_arenas(table, plan->arena_nbytes);
}

void table_grow_arenas(struct table *table, size_t nbytes)
{
	for (size_t i = 0; i < table->nfields; i++) {
		unsigned char *arena;

		if (!table->arenas[i])
			continue;
		arena = new_arena(nbytes);
		memcpy(arena + GUARD, table->arenas[i] + GUARD, table->plan.arena_nbytes);
		free(table->arenas[i]);
		table->arenas[i] = arena;
		table->columns[i].arena = (char *)arena + GUARD;
		table->columns[i].arena_nbytes = nbytes;
	}
	table->plan.arena_nbytes = nbytes;
}

void table_close(struct table *table)
{
	for (size_t i = 0; i < table->nfields; i++)
		free(table->arenas[i]);
	free(table->arenas);
	free(table->columns);
	free(table->block);
	free(table->owned);
	free(table->sentinel);
}

flat_status table_bind(const struct table *table, flat_reader *reader)
{
	flat_status status = FLAT_OK;

	for (size_t i = 0; i < table->nfields && status == FLAT_OK; i++)
		if (is_bound(table, i))
			status = flat_bind_column(reader, i, &table->columns[i]);
	return status;
}

/* ------------------------------------------------------------------------------------------------- print */

static void print_value(struct text *text, flat_type type, const void *element)
{
	union {
		int8_t i8;
		int16_t i16;
		int32_t i32;
		int64_t i64;
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
		float f32;
		double f64;
	} value = {.u64 = 0};

	memcpy(&value, element, flat_field_width(&(flat_field){.type = type}));
	if (type == FLAT_BOOL || type == FLAT_U8)
		text_print(text, "%u", (unsigned)value.u8);
	else if (type == FLAT_I8)
		text_print(text, "%d", (int)value.i8);
	else if (type == FLAT_I16)
		text_print(text, "%d", (int)value.i16);
	else if (type == FLAT_I32)
		text_print(text, "%ld", (long)value.i32);
	else if (type == FLAT_U16)
		text_print(text, "%u", (unsigned)value.u16);
	else if (type == FLAT_U32)
		text_print(text, "%lu", (unsigned long)value.u32);
	else if (type == FLAT_U64)
		text_print(text, "%llu", (unsigned long long)value.u64);
	else if (type == FLAT_F32)
		text_print(text, "%a", (double)value.f32);
	else if (type == FLAT_F64)
		text_print(text, "%a", value.f64);
	else
		text_print(text, "%lld", (long long)value.i64);
}

static const char *print_text(const flat_column *column, size_t element, struct text *text)
{
	uint64_t start, end;

	memcpy(&start, (const char *)column->base + element * column->stride, sizeof start);
	memcpy(&end, (const char *)column->base + (element + 1) * column->stride, sizeof end);
	if (start > end || end > column->arena_nbytes)
		return "the offsets of a text are out of order, or out of its arena";
	text_add_quoted(text, column->arena + start, (size_t)(end - start));
	return NULL;
}

static const char *print_str(const flat_field *field, const flat_column *column, size_t element, struct text *text)
{
	const char *cell = (const char *)column->base + element * column->stride;
	size_t used = field->width;
	uint32_t length;

	while (used > 0 && cell[used - 1] == '\0')
		used--;
	if (column->lengths) {
		memcpy(&length, (const char *)column->lengths + element * column->lengths_stride, sizeof length);
		if (length < used || length > field->width)
			return "the length of a str leaves out bytes of it, or is more than its width";
		used = length;
	}
	text_add_quoted(text, cell, used);
	return NULL;
}

static bool all_bytes_are(const unsigned char *p, unsigned char byte, size_t nbytes)
{
	while (nbytes > 0 && *p == byte) {
		p++;
		nbytes--;
	}
	return nbytes == 0;
}

static bool is_null(const flat_field *field, const flat_column *column, size_t element)
{
	const unsigned char *valid = column->valid;

	if (column->validity == FLAT_VALIDITY_BITMAP)
		return !(valid[element / 8] >> element % 8 & 1);
	if (column->validity == FLAT_VALIDITY_BYTE)
		return valid[element * column->valid_stride] == 0;
	return column->validity == FLAT_VALIDITY_SENTINEL &&
	       all_bytes_are((const unsigned char *)column->base + element * column->stride, sentinel_byte,
			     flat_field_width(field));
}

/* A null element holds the sentinel; else NaN, INT64_MIN, the empty string, or 0. */
static const char *check_null(const flat_field *field, const flat_column *column, size_t element)
{
	const unsigned char *cell = (const unsigned char *)column->base + element * column->stride;
	struct text content = {.bytes = NULL};
	const char *wrong = NULL;

	if (column->validity == FLAT_VALIDITY_SENTINEL)
		return NULL;
	if (field->type == FLAT_TEXT)
		wrong = print_text(column, element, &content);
	else if (field->type == FLAT_STR)
		wrong = print_str(field, column, element, &content);
	else
		print_value(&content, field->type, cell);
	if (!wrong && is_string(field) && strcmp(content.bytes, "\"\"") != 0)
		wrong = "a null string is not empty";
	else if (!wrong && (field->type == FLAT_F32 || field->type == FLAT_F64) && !strstr(content.bytes, "nan"))
		wrong = "a null number is not NaN";
	else if (!wrong && field->type >= FLAT_DATE && strcmp(content.bytes, "-9223372036854775808") != 0)
		wrong = "a null time is not INT64_MIN";
	else if (!wrong && field->type <= FLAT_U64 && strcmp(content.bytes, "0") != 0)
		wrong = "a null integer is not 0";
	text_free(&content);
	return wrong;
}

static const char *print_element(const flat_field *field, const flat_column *column, size_t element, struct text *text)
{
	const unsigned char *cell = (const unsigned char *)column->base + element * column->stride;

	if (column->validity == FLAT_VALIDITY_BYTE && ((unsigned char *)column->valid)[element * column->valid_stride] > 1)
		return "a byte of validity is neither 0 nor 1";
	if (is_null(field, column, element)) {
		text_print(text, "null");
		return check_null(field, column, element);
	}
	if (field->type == FLAT_STR)
		return print_str(field, column, element, text);
	if (field->type == FLAT_TEXT)
		return print_text(column, element, text);
	print_value(text, field->type, cell);
	return NULL;
}

const char *table_print(const struct table *table, size_t element, struct text *text)
{
	const char *wrong = NULL, *separator = "";

	for (size_t i = 0; i < table->nfields && !wrong; i++) {
		if (!is_bound(table, i))
			continue;
		text_print(text, "%s", separator);
		separator = " ";
		wrong = print_element(flat_format_field(table->format, i), &table->columns[i], element, text);
	}
	text_print(text, "\n");
	return wrong;
}

/* ---------------------------------------------------------------------------------------------- canaries */

/* The bits of the last byte of a bitmap that no element has. */
static bool spare_bits_are_intact(const struct table *table, const flat_column *column)
{
	size_t capacity = table->plan.capacity;
	const unsigned char *valid = column->valid;

	if (column->validity != FLAT_VALIDITY_BITMAP || capacity % 8 == 0)
		return true;
	return valid[capacity / 8] >> capacity % 8 == CANARY >> capacity % 8;
}

bool table_is_intact(const struct table *table)
{
	for (size_t i = 0; i < table->block_nbytes; i++)
		if (!table->owned[i] && table->block[i] != CANARY)
			return false;
	for (size_t i = 0; i < table->nfields; i++) {
		const unsigned char *arena = table->arenas[i];

		if (!is_bound(table, i))
			continue;
		if (!spare_bits_are_intact(table, &table->columns[i]))
			return false;
		if (arena && (!all_bytes_are(arena, CANARY, GUARD) ||
			      !all_bytes_are(arena + GUARD + table->plan.arena_nbytes, CANARY, GUARD)))
			return false;
	}
	return true;
}
