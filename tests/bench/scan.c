/*
 * The least that loading can cost: reads a file, finds its delimiters, quotes and line breaks by vectors, and touches as
 * much memory as its arrays take.
 *
 *   scan FILE NBYTES small|huge     into NBYTES of fresh memory, in pages of that kind
 */
#include "bench.h"

#include <fcntl.h>
#include <unistd.h>

#define WINDOW ((size_t)128 << 10)
#define LANES 32

/* The compiler makes of it what the machine has. */
typedef unsigned char vector __attribute__((vector_size(LANES)));

/* Up to 255 vectors: more than a lane can count. */
static uint64_t count_in_lanes(const char *bytes, size_t nvectors)
{
	const vector delimiter = (vector){0} + ',', quote = (vector){0} + '"', newline = (vector){0} + '\n';
	vector counts = {0};
	uint64_t sum = 0;

	for (size_t i = 0; i < nvectors; i++) {
		vector v;

		memcpy(&v, bytes + i * LANES, sizeof v);
		counts -= (vector)(v == delimiter) | (vector)(v == quote) | (vector)(v == newline);
	}
	for (size_t i = 0; i < LANES; i++)
		sum += counts[i];
	return sum;
}

/* What is left behind the last whole vector is not worth counting. */
static uint64_t count_marks(const char *bytes, size_t nbytes)
{
	uint64_t sum = 0;

	for (size_t i = 0, left = nbytes / LANES; left > 0;) {
		size_t n = left < 255 ? left : 255;

		sum += count_in_lanes(bytes + i, n);
		i += n * LANES;
		left -= n;
	}
	return sum;
}

/* As much of the window as the arrays would get from it; gives where they then end. */
static size_t touch(char *memory, size_t done, size_t due, const char *window)
{
	while (done < due) {
		size_t piece = due - done < WINDOW ? due - done : WINDOW;

		memcpy(memory + done, window, piece);
		done += piece;
	}
	return done;
}

int main(int argc, char **argv)
{
	static char window[WINDOW] __attribute__((aligned(LANES)));
	uint64_t marks = 0, nread = 0, nbytes, size;
	size_t done = 0;
	double started;
	char *memory;
	ssize_t n;
	int file;

	must(argc == 4, "usage: scan FILE NBYTES small|huge");
	file = open(argv[1], O_RDONLY);
	size = (uint64_t)lseek(file, 0, SEEK_END);
	must(file >= 0 && size > 0 && lseek(file, 0, SEEK_SET) == 0, "no such file, or an empty one");
	nbytes = strtoull(argv[2], NULL, 10);
	memory = (char *)fresh_memory((size_t)nbytes, argv[3][0] == 'h');
	started = wall_now();
	while ((n = read(file, window, sizeof window)) > 0) {
		marks += count_marks(window, (size_t)n);
		nread += (uint64_t)n;
		done = touch(memory, done, (size_t)((double)nbytes * ((double)nread / (double)size)), window);
	}
	printf("{\"seconds\": %.6f, \"marks\": %llu}\n", wall_now() - started, (unsigned long long)marks);
	return 0;
}
