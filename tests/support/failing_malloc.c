/*
 * To be loaded before a program (LD_PRELOAD): allocation FAIL_AT, counted from 1, fails, and no other.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define SEEN __attribute__((visibility("default")))

void *__libc_malloc(size_t nbytes);
void *__libc_calloc(size_t n, size_t nbytes);
void *__libc_realloc(void *memory, size_t nbytes);

static int fails(void)
{
	static long at = -1, n;

	if (at < 0) {
		const char *given = getenv("FAIL_AT");

		at = given ? strtol(given, NULL, 10) : 0;
	}
	if (++n != at)
		return 0;
	errno = ENOMEM;
	return 1;
}

SEEN void *malloc(size_t nbytes)
{
	return fails() ? NULL : __libc_malloc(nbytes);
}

SEEN void *calloc(size_t n, size_t nbytes)
{
	return fails() ? NULL : __libc_calloc(n, nbytes);
}

SEEN void *realloc(void *memory, size_t nbytes)
{
	return fails() ? NULL : __libc_realloc(memory, nbytes);
}
