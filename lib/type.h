/*
 * The types: their names, and what an element of each takes.
 */
#ifndef FL_TYPE_H
#define FL_TYPE_H

#include "flatload.h"

bool fl_is_type(flat_type type);

/* The type of that name, without what stands behind it: "str" for str20; 0 if there is none. */
flat_type fl_type_named(const char *name, size_t nbytes);

/* Units of a timestamp in a second; 0 for other types. */
int64_t fl_per_second(flat_type type);

static inline bool fl_is_string(flat_type type)
{
	return type == FLAT_STR || type == FLAT_TEXT;
}

/* A bool or an integer has no value to spare: a null needs a place beside it, or a sentinel. */
static inline bool fl_has_null(flat_type type)
{
	return type > FLAT_U64;
}

#endif
