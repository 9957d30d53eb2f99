/*
 * What the benchmarks share, those in C and those in C++: clocks, memory that costs as little as it can, the account.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define HUGE_PAGE ((size_t)2 << 20)

static inline void must(int fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static inline double bench_clock(clockid_t clock)
{
	struct timespec time;

	must(clock_gettime(clock, &time) == 0, "no clock");
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static inline double wall_now(void)
{
	return bench_clock(CLOCK_MONOTONIC);
}

/* Of all threads. */
static inline double cpu_now(void)
{
	return bench_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* Memory that nobody has touched; if 'huge', asked for in huge pages, whose first touch costs a fifth. */
static inline void *fresh_memory(size_t nbytes, int huge)
{
	size_t rounded = (nbytes + 2 * HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	void *block = mmap(NULL, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t past;

	must(block != MAP_FAILED, "no memory");
	past = (uintptr_t)block % HUGE_PAGE;
	block = (char *)block + (past ? HUGE_PAGE - past : 0);
#ifdef MADV_HUGEPAGE
	if (huge)
		madvise(block, nbytes, MADV_HUGEPAGE);
#endif
	return block;
}

/* The most memory this program has had so far; 0 where the system does not tell.  Not getrusage(): that knows its parent's. */
static inline unsigned long long peak_nbytes(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long long kibibytes = 0;
	char line[256];

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmHWM: %llu", &kibibytes) == 1)
			break;
	if (file)
		fclose(file);
	return kibibytes * 1024;
}

#endif
