/*
 * Bytes of an input, names and types as text: for programs (JSON, a line of schema) and for people.
 */
#ifndef TEXT_H
#define TEXT_H

#include "flatload.h"

#include <stdio.h>

/*
 * Bytes of the well-formed UTF-8 sequence (RFC 3629) of more than one byte at p, 0 if there is
 * none.
 */
size_t utf8_sequence(const char *p, const char *end);

/* Stores a character, of up to 4 bytes; gives where the next one goes. */
char *store_utf8(char *out, unsigned long code);

/* A JSON string (RFC 8259), with its quotes.  A byte that is not UTF-8 becomes a lone \udcXX. */
void put_json_text(FILE *out, const char *text, size_t nbytes);
void put_json_string(FILE *out, const char *string);

/* The fewest digits that read back to the same value; null for what JSON has no number for. */
void put_json_number(FILE *out, double value);

/* "i64", "str20", "f64[.2]" */
void put_type(FILE *out, const flat_field *field);

/* A name as --schema takes it: a  "b, ""c""" */
void put_schema_name(FILE *out, const char *name);

/* What a text takes on the screen, and the text: control characters and broken UTF-8 as \xNN. */
size_t text_columns(const char *text, size_t nbytes);

/* Puts a text into just 'columns' columns: cut ("abc..."), or filled up with blanks on one side. */
void put_cell(FILE *out, const char *text, size_t nbytes, size_t columns, bool right);

/* Closes what open_memstream() opened for *text.  If there was no memory for it, *text is NULL then. */
void close_text(FILE *out, char **text);

#endif
