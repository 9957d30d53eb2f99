/*
 * A checked dialect and fields, in one block of memory.
 */
#ifndef FL_FORMAT_H
#define FL_FORMAT_H

#include "flatload.h"

struct flat_format {
	flat_dialect dialect; /* complete: no zero stands for a default */
	size_t nfields;
	flat_field *fields; /* nulls and nnulls of each are its own or the dialect's: never NULL for "see there" */
	size_t *by_name;    /* the indexes of the fields in the order of their names */
};

/* Like flat_format_find(), for a name that is not terminated, and is 'likely' that of the field of this index. */
size_t fl_format_find(const flat_format *format, const char *name, size_t name_nbytes, size_t likely);

#endif
