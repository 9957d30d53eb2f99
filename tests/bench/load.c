/*
 * How long it takes to load a file into arrays that are allocated and touched beforehand.
 *
 *   load SCHEMA THREADS FILE     prints records, bytes, seconds, megabytes a second and peak memory, as JSON
 *
 * 'cpu_seconds' are those of all threads: on a machine that others use, twice those of one thread over those of two
 * tells what two processors of one's own would gain.
 *
 * A text field is refused: its arena would have to be guessed.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "flatload.h"

#define ALIGNMENT ((size_t)2 << 20) /* of a huge page */

static void must(int fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "load: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec time;

	must(clock_gettime(CLOCK_MONOTONIC, &time) == 0, "no clock");
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double cpu_now(void)
{
	struct timespec time;

	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0, "no clock");
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static uint64_t count_records(const char *path)
{
	flat_survey sum = flat_survey_bytes(NULL, "", 0);
	FILE *file = fopen(path, "rb");
	static char bytes[256 << 10];
	size_t n;

	must(file != NULL, "the file cannot be opened");
	while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
		flat_survey survey = flat_survey_bytes(NULL, bytes, n);

		sum = flat_survey_join(&sum, &survey);
	}
	fclose(file);
	return flat_survey_records(&sum);
}

static void *touched(size_t nbytes)
{
	size_t rounded = (nbytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	void *memory = aligned_alloc(ALIGNMENT, rounded);

	must(memory != NULL, "no memory");
#ifdef MADV_HUGEPAGE
	madvise(memory, rounded, MADV_HUGEPAGE);
#endif
	memset(memory, 1, rounded);
	return memory;
}

/* Bitmaps for all, as far as a type has no null of its own. */
static flat_column column_for(const flat_field *field, uint64_t nrecords)
{
	flat_column column = {.base = touched((size_t)nrecords * flat_field_width(field))};

	must(field->type != FLAT_TEXT, "text needs an arena; use a str");
	if (field->type <= FLAT_U64) {
		column.validity = FLAT_VALIDITY_BITMAP;
		column.valid = touched((size_t)nrecords / 8 + 1);
	}
	return column;
}

int main(int argc, char **argv)
{
	flat_load_options options = {.threads = 0};
	flat_column columns[64] = {{.base = NULL}};
	flat_format *format;
	flat_source source;
	flat_error error;
	struct rusage usage;
	struct stat status;
	uint64_t nrecords, stored;
	double started, seconds, cpu_seconds;

	must(argc == 4, "usage: load SCHEMA THREADS FILE");
	format = flat_format_parse(argv[1], NULL, &error);
	must(format != NULL, error.message);
	must(flat_format_nfields(format) <= sizeof columns / sizeof *columns, "too many fields");
	must(stat(argv[3], &status) == 0, "the file cannot be found");
	options.threads = (unsigned)strtoul(argv[2], NULL, 10);
	source = flat_source_path(argv[3]);
	nrecords = count_records(argv[3]);
	for (size_t i = 0; i < flat_format_nfields(format); i++)
		columns[i] = column_for(flat_format_field(format, i), nrecords);
	started = now();
	cpu_seconds = cpu_now();
	stored = flat_load(format, &source, columns, nrecords, &options, &error);
	seconds = now() - started;
	cpu_seconds = cpu_now() - cpu_seconds;
	must(error.status == FLAT_OK, error.message);
	must(getrusage(RUSAGE_SELF, &usage) == 0, "no account of memory");
	printf("{\"records\": %" PRIu64 ", \"bytes\": %lld, \"seconds\": %.6f, \"cpu_seconds\": %.6f, "
	       "\"mb_per_second\": %.1f, \"peak_bytes\": %lld}\n",
	       stored, (long long)status.st_size, seconds, cpu_seconds, (double)status.st_size / seconds / 1e6,
	       (long long)usage.ru_maxrss * 1024);
	flat_format_free(format);
	return 0;
}
