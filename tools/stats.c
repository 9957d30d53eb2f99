/*
 * What a conversion took, and how far it is: on standard error, for people or (--stats=json) for
 * programs.
 */
#include "config.h"

#include "stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_SECONDS 0.25

double stats_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/*
 * Linux counts in ru_maxrss what the program held that called exec(), such as a large Python; VmHWM
 * is of this one alone.
 */
static uint64_t high_water_nbytes(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	uint64_t kib = 0;
	char line[256];

	while (status && fgets(line, sizeof line, status))
		if (sscanf(line, "VmHWM: %" SCNu64 " kB", &kib) == 1)
			break;
	if (status)
		fclose(status);
	return kib * 1024;
}

static uint64_t peak_nbytes(void)
{
	uint64_t nbytes = high_water_nbytes();
	struct rusage usage;

	if (nbytes)
		return nbytes;
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
#ifdef __APPLE__
	return (uint64_t)usage.ru_maxrss;
#else
	return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

/* The keys are an interface. */
static const char *const json =
	"{\"records\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"seconds\":%.6f,\"mb_per_second\":%.1f,"
	"\"array_bytes\":%" PRIu64 ",\"buffer_bytes\":%" PRIu64 ",\"peak_bytes\":%" PRIu64 "}\n";
static const char *const text = "records        %" PRIu64 "\n"
				"bytes          %" PRIu64 "\n"
				"seconds        %.3f\n"
				"MB/s           %.1f\n"
				"array bytes    %" PRIu64 "\n"
				"buffer bytes   %" PRIu64 "\n"
				"peak bytes     %" PRIu64 "\n";

void stats_print(const struct stats *stats, enum stats_form form)
{
	double seconds = stats_now() - stats->started;
	double rate = seconds > 0 ? (double)stats->bytes / seconds * 1e-6 : 0;

	if (form == STATS_NONE)
		return;
		/* The two formats above are the only ones. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(stderr, form == STATS_JSON ? json : text, stats->records, stats->bytes, seconds, rate,
		stats->array_nbytes, stats->buffer_nbytes, peak_nbytes());
#pragma GCC diagnostic pop
}

void progress_begin(struct progress *progress, enum progress_form form, uint64_t total)
{
	*progress = (struct progress){
		.shown = form == PROGRESS_ALWAYS || (form == PROGRESS_AUTO && isatty(STDERR_FILENO)),
		.total = total,
		.next = stats_now() + PROGRESS_SECONDS,
	};
}

void progress_show(struct progress *progress, uint64_t bytes)
{
	double now;

	if (!progress->shown || (now = stats_now()) < progress->next)
		return;
	progress->next = now + PROGRESS_SECONDS;
	progress->line = true;
	if (progress->total)
		fprintf(stderr, "\r%3.0f%% of %.1f MB ", 100 * (double)bytes / (double)progress->total,
			(double)progress->total * 1e-6);
	else
		fprintf(stderr, "\r%.1f MB ", (double)bytes * 1e-6);
}

void progress_erase(struct progress *progress)
{
	if (progress->line)
		fputs("\r                              \r", stderr);
	progress->line = false;
}
