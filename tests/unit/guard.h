/*
 * Text that ends where memory ends: a byte read behind it stops the test.
 */
#ifndef FL_TEST_GUARD_H
#define FL_TEST_GUARD_H

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_ROOM 65536

/* Returns the first byte of the page behind GUARD_ROOM bytes, which may not be touched. */
static inline char *guard_end(void)
{
	static char *end;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (GUARD_ROOM + page - 1) / page * page;
	char *base;

	if (end != NULL)
		return end;
	base = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert(base != MAP_FAILED);
	end = base + room;
	assert(mprotect(end, page, PROT_NONE) == 0);
	return end;
}

/* Puts 'n' bytes before the guard and returns where they start. */
static inline const char *guarded(const char *text, size_t n)
{
	assert(n <= GUARD_ROOM);
	return memcpy(guard_end() - n, text, n);
}

#endif
