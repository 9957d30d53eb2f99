/*
 * Strays: the few texts that make strings of a field whose other texts are all of one kind.
 */
#ifndef STRAYS_H
#define STRAYS_H

#include "inspect.h"

/*
 * Says on standard error where the first stray of each such field is, for the first fields that have some.  Reads the
 * inputs again, as far as that takes; says nothing of inputs that can be read only once.
 */
void strays_tell(const struct inspection *inspection);

#endif
