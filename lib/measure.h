/*
 * Measuring instead of converting: what takes the place of a column's loop.
 */
#ifndef FL_MEASURE_H
#define FL_MEASURE_H

#include "column.h"

/* Makes a column whose loop adds to '*measure' and stores nothing. */
void fl_measure_bind(struct fl_column *column, const flat_format *format, size_t field, flat_measure *measure);

#endif
