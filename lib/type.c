/*
 * The table of types.
 */
#include "config.h"

#include "type.h"

#include <string.h>

static const struct {
	const char *name;
	size_t width;
	int64_t per_second;
} types[] = {
	[FLAT_BOOL] = {"bool", 1, 0},
	[FLAT_I8] = {"i8", 1, 0},
	[FLAT_I16] = {"i16", 2, 0},
	[FLAT_I32] = {"i32", 4, 0},
	[FLAT_I64] = {"i64", 8, 0},
	[FLAT_U8] = {"u8", 1, 0},
	[FLAT_U16] = {"u16", 2, 0},
	[FLAT_U32] = {"u32", 4, 0},
	[FLAT_U64] = {"u64", 8, 0},
	[FLAT_F32] = {"f32", 4, 0},
	[FLAT_F64] = {"f64", 8, 0},
	[FLAT_STR] = {"str", 0, 0},
	[FLAT_TEXT] = {"text", 8, 0},
	[FLAT_DATE] = {"date", 8, 0},
	[FLAT_TIMESTAMP_S] = {"timestamp[s]", 8, 1},
	[FLAT_TIMESTAMP_MS] = {"timestamp[ms]", 8, 1000},
	[FLAT_TIMESTAMP_US] = {"timestamp[us]", 8, 1000000},
	[FLAT_TIMESTAMP_NS] = {"timestamp[ns]", 8, 1000000000},
};
#define NTYPES (sizeof types / sizeof *types)

bool fl_is_type(flat_type type)
{
	return (size_t)type >= FLAT_BOOL && (size_t)type < NTYPES;
}

const char *flat_type_name(flat_type type)
{
	return fl_is_type(type) ? types[type].name : "unknown type";
}

size_t flat_field_width(const flat_field *field)
{
	if (!fl_is_type(field->type))
		return 0;
	return field->type == FLAT_STR ? field->width : types[field->type].width;
}

int64_t fl_per_second(flat_type type)
{
	return types[type].per_second;
}

flat_type fl_type_named(const char *name, size_t nbytes)
{
	for (size_t i = FLAT_BOOL; i < NTYPES; i++)
		if (strlen(types[i].name) == nbytes && memcmp(types[i].name, name, nbytes) == 0)
			return (flat_type)i;
	return (flat_type)0;
}
