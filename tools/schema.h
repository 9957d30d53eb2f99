/*
 * The fields of a conversion: the format that the options describe, and which of its fields are
 * wanted, in which order.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "options.h"

struct schema {
	flat_format *format;
	size_t *wanted; /* indexes in the format, in the order of the output */
	size_t nwanted;
};

/* schema_free() also after a failure. */
enum status schema_load(struct schema *schema, const struct options *options);
void schema_free(struct schema *schema);

#endif
