/*
 * Text that grows, for what tests print and compare.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is the empty text.  'bytes' is NULL or terminated. */
struct text {
	char *bytes;
	size_t nbytes, room;
};

void text_add(struct text *text, const char *bytes, size_t nbytes);
void text_clear(struct text *text);
void text_free(struct text *text);
bool text_equals(const struct text *a, const struct text *b);

#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void text_print(struct text *text, const char *format, ...);

/* As a string of C: "a \"b\"\n\x01"; bytes above 127 as they are. */
void text_add_quoted(struct text *text, const char *bytes, size_t nbytes);

/* Appends the whole file; false if it cannot be read. */
bool text_load(struct text *text, const char *path);

/* Stops the program when there is no memory. */
void *test_allocate(size_t nbytes);

#endif
