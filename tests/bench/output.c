/*
 * Which way values get into a file fastest, if they come out of a small array that stays in the cache.
 *
 *   output DIRECTORY [MIB]     prints for each way the seconds and the processor's seconds, the least of several turns
 *
 * The ways take turns in one run.  "array" writes to memory that is touched already, and is what cannot be beaten.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)
#define TURNS 7

static char *piece, *array;
static size_t nbytes;

static void must(int fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "output: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(clockid_t clock)
{
	struct timespec time;

	must(clock_gettime(clock, &time) == 0, "no clock");
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Stands for the conversion: new values in the same place. */
static void fill(char *values, size_t at)
{
	memset(values, (int)(at / PIECE) + 1, PIECE);
}

static void to_array(int file)
{
	(void)file;
	for (size_t at = 0; at < nbytes; at += PIECE)
		fill(array + at, at);
}

static void write_pieces(int file)
{
	for (size_t at = 0; at < nbytes; at += PIECE) {
		fill(piece, at);
		must(pwrite(file, piece, PIECE, (off_t)at) == (ssize_t)PIECE, "a piece cannot be written");
	}
}

static void reserve(int file)
{
	errno = posix_fallocate(file, 0, (off_t)nbytes);
	must(errno == 0, "no room in the file system");
}

static void reserve_and_write(int file)
{
	reserve(file);
	write_pieces(file);
}

/* As it would have to be where the number of records is not known. */
static void reserve_ahead_and_write(int file)
{
	const size_t step = (size_t)32 << 20;

	for (size_t at = 0; at < nbytes; at += PIECE) {
		if (at % step == 0) {
			errno = posix_fallocate(file, (off_t)at, (off_t)(nbytes - at < step ? nbytes - at : step));
			must(errno == 0, "no room in the file system");
		}
		fill(piece, at);
		must(pwrite(file, piece, PIECE, (off_t)at) == (ssize_t)PIECE, "a piece cannot be written");
	}
}

static void map(int file)
{
	char *there = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	must(there != MAP_FAILED, "the file cannot be mapped");
	for (size_t at = 0; at < nbytes; at += PIECE)
		fill(there + at, at);
	munmap(there, nbytes);
}

static void extend_and_map(int file)
{
	must(ftruncate(file, (off_t)nbytes) == 0, "the file cannot be extended");
	map(file);
}

static void reserve_and_map(int file)
{
	reserve(file);
	map(file);
}

static void write_at_once(int file)
{
	to_array(file);
	for (size_t at = 0; at < nbytes; at += (size_t)64 << 20) {
		size_t n = nbytes - at < (size_t)64 << 20 ? nbytes - at : (size_t)64 << 20;

		must(pwrite(file, array + at, n, (off_t)at) == (ssize_t)n, "it cannot be written");
	}
}

static const struct {
	const char *name;
	void (*run)(int file);
} ways[] = {
	{"array", to_array},
	{"pieces", write_pieces},
	{"reserved, pieces", reserve_and_write},
	{"reserved ahead, pieces", reserve_ahead_and_write},
	{"mapped", extend_and_map},
	{"reserved, mapped", reserve_and_map},
	{"all in memory, then written", write_at_once},
};
#define NWAYS (sizeof ways / sizeof *ways)

int main(int argc, char **argv)
{
	double seconds[NWAYS], cpu_seconds[NWAYS];
	char path[4096];

	must(argc == 2 || argc == 3, "usage: output DIRECTORY [MIB]");
	nbytes = (size_t)(argc > 2 ? strtoul(argv[2], NULL, 10) : 288) << 20;
	piece = malloc(PIECE);
	array = malloc(nbytes);
	must(nbytes && piece && array, "no memory");
	memset(array, 1, nbytes);
	for (size_t turn = 0; turn < TURNS; turn++)
		for (size_t i = 0; i < NWAYS; i++) {
			double started, cpu_started;
			int file;

			snprintf(path, sizeof path, "%s/output-XXXXXX", argv[1]);
			file = mkstemp(path);
			must(file >= 0, path);
			unlink(path);
			started = now(CLOCK_MONOTONIC);
			cpu_started = now(CLOCK_PROCESS_CPUTIME_ID);
			ways[i].run(file);
			started = now(CLOCK_MONOTONIC) - started;
			cpu_started = now(CLOCK_PROCESS_CPUTIME_ID) - cpu_started;
			close(file);
			if (turn == 0 || started < seconds[i])
				seconds[i] = started;
			if (turn == 0 || cpu_started < cpu_seconds[i])
				cpu_seconds[i] = cpu_started;
		}
	for (size_t i = 0; i < NWAYS; i++)
		printf("%-28s %6.3f s %6.3f s of the processor %6.0f MB/s\n", ways[i].name, seconds[i], cpu_seconds[i],
		       (double)nbytes / cpu_seconds[i] / 1e6);
	return 0;
}
