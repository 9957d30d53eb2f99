/*
 * Arrays for all fields of a format, in one block full of canaries: what a reader may write in it is known byte by byte.
 *
 * A table prints its records, and tells whether anything outside its cells was touched.
 */
#ifndef TABLE_H
#define TABLE_H

#include "flatload.h"
#include "text.h"

enum layout {
	LAYOUT_SEPARATE, /* an array a field, packed */
	LAYOUT_STRUCT,	 /* an array of structs, members at odd addresses, bytes between them that nobody owns */
};

struct table_plan {
	size_t capacity; /* elements */
	enum layout layout;
	flat_validity validity; /* a text, which has no sentinel, gets a bitmap instead */
	bool lengths;		/* of str */
	size_t arena_nbytes;	/* of each text */
	const bool *bound;	/* by field; NULL: all */
};

struct table {
	const flat_format *format;
	struct table_plan plan;
	size_t nfields;
	flat_column *columns; /* base is NULL if not bound */
	unsigned char **arenas; /* the arena of each text, with canaries around it */
	unsigned char *block, *owned; /* owned: 1 for each byte of the block that belongs to a cell */
	size_t block_nbytes;
	unsigned char *sentinel;
};

void table_open(struct table *table, const flat_format *format, const struct table_plan *plan);
void table_close(struct table *table);

flat_status table_bind(const struct table *table, flat_reader *reader);

/* Makes the arenas of all texts larger, as a caller would: what they hold stays. */
void table_grow_arenas(struct table *table, size_t nbytes);

/*
 * One line: the elements of the bound fields, separated by a blank: 12 -0x1.8p+1 "a\nb" null
 *
 * Gives what is wrong with an element that breaks a promise of flatload.h, else NULL.
 */
const char *table_print(const struct table *table, size_t element, struct text *text);

/* Whether nothing was written but cells, and of bitmaps only the bits of elements. */
bool table_is_intact(const struct table *table);

#endif
