/*
 * A dialect with its defaults filled in, and what of it is certain to contradict itself.
 */
#ifndef FL_DIALECT_H
#define FL_DIALECT_H

#include "flatload.h"

/* Gives 'dialect' (NULL: the default) with ',' for delimiter 0 and '"' for quote 0; the strings stay the caller's. */
flat_dialect fl_dialect_complete(const flat_dialect *dialect);

/* Checks a complete dialect. */
flat_status fl_dialect_check(const flat_dialect *dialect, flat_error *error);

/* Checks spellings of null, the dialect's or a field's. */
flat_status fl_nulls_check(const flat_dialect *dialect, const char *const *nulls, size_t nnulls, flat_error *error);

#endif
