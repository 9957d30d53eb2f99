/*
 * Bytes to and from descriptors, all of them or a failure with errno set.
 */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool write_all(int descriptor, const void *bytes, size_t nbytes);
bool write_all_at(int descriptor, const void *bytes, size_t nbytes, uint64_t offset);

/* What lies past the end of the file reads as zeros, as a hole does. */
bool read_all_at(int descriptor, void *bytes, size_t nbytes, uint64_t offset);

/* Opens an unlinked file in a directory, for reading and writing.  Gives its descriptor, or -1. */
int spool_open(const char *directory);

bool ends_in(const char *path, const char *ending);

/* libarchive takes and gives members' names as UTF-8 only if the locale has that character set. */
void use_utf8_names(void);

/* The directory in which PATH lies; NULL: no memory.  Free it. */
char *directory_of(const char *path);

/* DIRECTORY/NAME; NULL: no memory.  Free it. */
char *join_path(const char *directory, const char *name);

#endif
