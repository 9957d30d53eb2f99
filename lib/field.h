/*
 * One field, and its place in the line of text that a schema is.
 */
#ifndef FL_FIELD_H
#define FL_FIELD_H

#include "flatload.h"
#include "type.h"

#define FL_STR_MAX (1u << 24)

/* Checks name, type and width of field 'index' alone. */
flat_status fl_field_check(const flat_field *field, size_t index, flat_error *error);

/*
 * Reads the next "NAME:TYPE" of a schema at *at, past the comma behind it.  The name, unquoted and terminated, is
 * stored in 'name', which has room for all that is left of the schema, and field->name points there; *name_end is the
 * first byte not used.  At the end of the schema *at points at its terminator.
 */
flat_status fl_field_parse(const char *schema, const char **at, size_t index, flat_field *field, char *name,
			   char **name_end, flat_error *error);

#endif
