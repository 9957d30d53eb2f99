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

/* Of --schema.  schema_free() also after a failure. */
enum status schema_load(struct schema *schema, const struct options *options);

/* The same, of the names and types that 'fields' has; the dialect is that of the options. */
enum status schema_make(struct schema *schema, const flat_format *fields, const struct options *options);
void schema_free(struct schema *schema);

/* Does the path end in .tsv?  Then a tab is the delimiter, unless another one is given. */
bool is_tsv(const char *path);

#endif
