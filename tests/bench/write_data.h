/*
 * The arrays that writers are timed on, and their account; both in C and in C++.
 *
 * A set is a number of columns, each of 8-byte values or of strings of 20 bytes, filled with random
 * values that are the same for everyone.
 */
#ifndef WRITE_DATA_H
#define WRITE_DATA_H

#include "bench.h"

#include <inttypes.h>

#define NCOLUMNS_MAX 10
#define STRING_NBYTES 20

/*
 * d: doubles of 17 digits; p: prices, two digits after the point; i: integers of all lengths; s:
 * strings
 */
struct write_set {
	const char *name, *columns;
};

static const struct write_set write_sets[] = {
	{"floats", "dddddddd"}, {"prices", "pppppppp"}, {"integers", "iiiiiiiiii"}, {"mixed", "dspsii"}};

static inline const char *write_set_columns(const char *name)
{
	for (size_t i = 0; i < sizeof write_sets / sizeof *write_sets; i++)
		if (strcmp(write_sets[i].name, name) == 0)
			return write_sets[i].columns;
	fprintf(stderr, "there is no set '%s'\n", name);
	exit(2);
}

/* Steele, Lea and Flood (2014), SplitMix64. */
static inline uint64_t write_random(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static inline void write_fill_value(char *at, char type, uint64_t *state)
{
	uint64_t bits = write_random(state);
	double d = (double)(bits >> 11) / 9007199254740992.0;
	int64_t i = (int64_t)(bits >> (write_random(state) & 63));

	if (type == 'p')
		d = (double)(bits % 10000000) / 100;
	if (type == 'i')
		memcpy(at, &i, sizeof i);
	else
		memcpy(at, &d, sizeof d);
}

static inline size_t write_width(char type)
{
	return type == 's' ? STRING_NBYTES : 8;
}

static inline char *write_column(char type, size_t nrecords, uint64_t seed)
{
	size_t width = write_width(type);
	char *column = (char *)calloc(nrecords, width);

	if (!column) {
		fputs("out of memory\n", stderr);
		exit(5);
	}
	for (size_t k = 0; k < nrecords; k++) {
		uint64_t bits;

		if (type != 's') {
			write_fill_value(column + k * width, type, &seed);
			continue;
		}
		bits = write_random(&seed);
		for (size_t n = 3 + bits % (STRING_NBYTES - 3), i = 0; i < n; i++)
			column[k * width + i] = (char)('a' + (write_random(&seed) % 26));
	}
	return column;
}

/* What the driver reads. */
static inline void write_report_numbers(double started, size_t nrecords, unsigned long long nbytes)
{
	printf("{\"seconds\": %.6f, \"records\": %zu, \"bytes\": %llu}\n", wall_now() - started, nrecords, nbytes);
}

static inline int write_report(FILE *out, double started, size_t nrecords)
{
	long nbytes;

	if (fflush(out) != 0 || (nbytes = ftell(out)) < 0) {
		perror("write");
		return 1;
	}
	write_report_numbers(started, nrecords, (unsigned long long)nbytes);
	return fclose(out) != 0;
}

#endif
