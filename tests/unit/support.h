/*
 * What several unit tests share: text that ends at an inaccessible page, columns filled without a reader, and an
 * account of memory that can be made to run out.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof *(a))
#define CANARY 0xA5

/* ------------------------------------------------------------------------------------------- guard pages */

static inline size_t page_rounded(size_t nbytes)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (nbytes + page - 1) / page * page;
}

/* Memory of 'nbytes' bytes behind which nothing can be read or written. */
static inline char *guarded(size_t nbytes)
{
	const size_t inside = page_rounded(nbytes), page = page_rounded(1);
	char *pages = mmap(NULL, inside + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(pages != MAP_FAILED);
	assert_int_equal(mprotect(pages + inside, page, PROT_NONE), 0);
	return pages + inside - nbytes;
}

static inline char *guarded_copy(const void *bytes, size_t nbytes)
{
	char *copy = guarded(nbytes);

	memcpy(copy, bytes, nbytes);
	return copy;
}

static inline void release(char *memory, size_t nbytes)
{
	const size_t inside = page_rounded(nbytes);

	assert_int_equal(munmap(memory + nbytes - inside, inside + page_rounded(1)), 0);
}

/*
 * The same memory again and again, as a mapping takes longer than most tests; what is in it, and 64 bytes before it, is what
 * was there.  There are three: 'which' is 0 to 2.
 */
static inline char *guarded_again(size_t which, size_t nbytes)
{
	enum { MOST = 1 << 16 };
	static char *memory[3];

	assert_true(nbytes + 64 <= MOST);
	if (!memory[which])
		memory[which] = guarded(MOST);
	return memory[which] + MOST - nbytes;
}

/* ----------------------------------------------------------------------------------------------- columns */

#ifdef FL_COLUMN_H
/*
 * Fills elements of a column, from 'first' on, with the texts between the bars of 'line'; gives how many.
 * The last text ends at a guard page.
 */
static inline size_t fill_bytes(const struct fl_column *column, size_t first, const char *line, size_t nbytes, fl_fault *fault)
{
	uint32_t before[64] = {UINT32_MAX}, ends[64];
	char *text = guarded_again(0, nbytes);
	const struct fl_slices slices = {.text = text, .before = before, .end = ends, .before_step = 1, .end_step = 1};
	size_t n = 0, done;

	memcpy(text, line, nbytes);
	for (uint32_t at = 0; at < nbytes; at++) {
		if (text[at] != '|')
			continue;
		assert_true(n + 1 < LENGTH(ends));
		ends[n++] = at;
		before[n] = at;
	}
	ends[n++] = (uint32_t)nbytes;
	/* A loop that goes on too long finds more of them. */
	for (size_t i = n; i < LENGTH(ends); i++) {
		before[i] = before[n - 1];
		ends[i] = ends[n - 1];
	}
	*fault = FL_FINE;
	fl_column_mark_valid(column, first, n);
	done = column->convert(column, &slices, first, n, fault);
	return done;
}

static inline size_t fill(const struct fl_column *column, size_t first, const char *line, fl_fault *fault)
{
	return fill_bytes(column, first, line, strlen(line), fault);
}

/* All texts of the line must be stored. */
static inline void fill_all(const struct fl_column *column, size_t first, const char *line)
{
	fl_fault fault;
	size_t n = 1;

	for (const char *p = line; (p = strchr(p, '|')) != NULL; p++)
		n++;
	assert_int_equal(fill(column, first, line, &fault), n);
	assert_int_equal(fault, FL_FINE);
}
#endif

/* --------------------------------------------------------------------------------------------- allocation */

/* For programs linked with -Wl,--wrap: all calls from the library and the test pass here, under sanitizers too. */
#ifdef SUPPORT_COUNTS_ALLOCATIONS
static atomic_size_t allocations, releases; /* so far; callbacks in threads allocate, too */
static size_t failing_allocation;    /* from 1; 0: none */

void *__real_malloc(size_t nbytes);
void *__real_calloc(size_t n, size_t nbytes);
void *__real_realloc(void *memory, size_t nbytes);
void __real_free(void *memory);
void *__wrap_malloc(size_t nbytes);
void *__wrap_calloc(size_t n, size_t nbytes);
void *__wrap_realloc(void *memory, size_t nbytes);
void __wrap_free(void *memory);

static void count_allocations(size_t failing)
{
	allocations = 0;
	releases = 0;
	failing_allocation = failing;
}

void *__wrap_malloc(size_t nbytes)
{
	return ++allocations == failing_allocation ? NULL : __real_malloc(nbytes);
}

void *__wrap_calloc(size_t n, size_t nbytes)
{
	return ++allocations == failing_allocation ? NULL : __real_calloc(n, nbytes);
}

void *__wrap_realloc(void *memory, size_t nbytes)
{
	return ++allocations == failing_allocation ? NULL : __real_realloc(memory, nbytes);
}

void __wrap_free(void *memory)
{
	releases += memory != NULL;
	__real_free(memory);
}
#endif

#endif
