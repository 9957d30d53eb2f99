/*
 * How long flat_load() takes to fill arrays with a file.
 *
 *   load [OPTION]... SCHEMA FILE     prints what it found as one line of JSON
 *
 *   -j THREADS   0, the default: as many as there are processors
 *   -d C         the delimiter
 *   -H           the first record is data
 *   -b           a bitmap of nulls for every bool and integer
 *   -T           the arrays are touched beforehand; else they are fresh, and the time is theirs too
 *   -c           with a checksum of all that was stored
 *
 * SCHEMA is a line as flat_format_parse() takes it, or @PATH of a file that holds it.  The arrays lie in one block, in
 * huge pages if there are any.
 *
 * 'cpu_seconds' are those of all threads: on a machine that others use, twice those of one thread over those of two
 * tells what two processors of one's own would gain.
 */
#include "config.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "flatload.h"

struct job {
	flat_dialect dialect;
	flat_load_options options;
	const char *path;
	bool bitmaps, touched, checksum;

	flat_format *format;
	flat_column *columns;
	uint64_t file_nbytes, capacity;
};

static char *contents(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	char *text;

	must(file != NULL && fstat(fileno(file), &status) == 0, "the schema cannot be read");
	text = calloc(1, (size_t)status.st_size + 1);
	must(text != NULL, "no memory");
	must(fread(text, 1, (size_t)status.st_size, file) == (size_t)status.st_size, "the schema cannot be read");
	fclose(file);
	return text;
}

static flat_format *format_of(const char *schema, const flat_dialect *dialect)
{
	char *text = *schema == '@' ? contents(schema + 1) : NULL;
	flat_error error;
	flat_format *format = flat_format_parse(text ? text : schema, dialect, &error);

	must(format != NULL, error.message);
	free(text);
	return format;
}

/* The header is counted with them: one element too many does no harm. */
static uint64_t count_records(const char *path, const flat_dialect *dialect)
{
	flat_survey sum = flat_survey_bytes(dialect, "", 0);
	FILE *file = fopen(path, "rb");
	static char bytes[64 << 10];
	size_t n;

	must(file != NULL, "the file cannot be opened");
	while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
		flat_survey survey = flat_survey_bytes(dialect, bytes, n);

		sum = flat_survey_join(&sum, &survey);
	}
	fclose(file);
	return flat_survey_records(&sum);
}

/* What texts need is measured, so that nothing is left over but parts of pages. */
static void measure_texts(const struct job *job, flat_measure *measures)
{
	const size_t n = flat_format_nfields(job->format);
	flat_column *texts = calloc(n, sizeof *texts);
	const flat_load_options options = {.threads = 1, .measures = measures};
	flat_source source = flat_source_path(job->path);
	bool any = false;
	flat_error error = {.status = FLAT_OK};

	must(texts != NULL, "no memory");
	for (size_t i = 0; i < n; i++)
		if (flat_format_field(job->format, i)->type == FLAT_TEXT) {
			texts[i].base = texts;
			any = true;
		}
	if (any)
		flat_load(job->format, &source, texts, job->capacity, &options, &error);
	must(error.status == FLAT_OK, error.message);
	free(texts);
}

/* Of other fields nothing has to be known, but where there is to be a bitmap. */
static flat_measure *measures_of(const struct job *job)
{
	size_t n = flat_format_nfields(job->format);
	flat_measure *measures = calloc(n, sizeof *measures);

	must(measures != NULL, "no memory");
	measure_texts(job, measures);
	for (size_t i = 0; i < n; i++)
		measures[i].empty = job->bitmaps;
	return measures;
}

static void make_columns(struct job *job)
{
	flat_measure *measures = measures_of(job);
	size_t nbytes = flat_lay_out(job->format, job->capacity, measures, NULL, NULL);
	void *memory = fresh_memory(nbytes, true);

	job->columns = calloc(flat_format_nfields(job->format), sizeof *job->columns);
	must(nbytes > 0 && job->columns != NULL, "no memory");
	if (job->touched)
		memset(memory, 1, nbytes);
	flat_lay_out(job->format, job->capacity, measures, memory, job->columns);
	free(measures);
}

/* FNV-1a, Fowler, Noll and Vo, but eight bytes at a time. */
static uint64_t add_to_sum(uint64_t sum, const void *bytes, size_t nbytes)
{
	const char *p = bytes;

	for (; nbytes > 0; p += nbytes < 8 ? nbytes : 8, nbytes -= nbytes < 8 ? nbytes : 8) {
		uint64_t word = 0;

		memcpy(&word, p, nbytes < 8 ? nbytes : 8);
		sum = (sum ^ word) * UINT64_C(0x100000001B3);
		sum ^= sum >> 32;
	}
	return sum;
}

static uint64_t text_nbytes(const flat_column *column, uint64_t nrecords)
{
	return nrecords ? ((const uint64_t *)column->base)[nrecords] : 0;
}

static uint64_t column_sum(uint64_t sum, const flat_field *field, const flat_column *column, uint64_t nrecords)
{
	const unsigned char *valid = column->valid;

	sum = add_to_sum(sum, column->base, (size_t)nrecords * flat_field_width(field));
	if (field->type == FLAT_TEXT)
		sum = add_to_sum(sum, column->arena, (size_t)text_nbytes(column, nrecords));
	if (!valid)
		return sum;
	sum = add_to_sum(sum, valid, (size_t)nrecords / 8);
	for (uint64_t i = nrecords / 8 * 8; i < nrecords; i++)
		sum = add_to_sum(sum, valid[i / 8] >> i % 8 & 1 ? "1" : "0", 1);
	return sum;
}

static uint64_t checksum(const struct job *job, uint64_t nrecords)
{
	uint64_t sum = UINT64_C(0xCBF29CE484222325);

	for (size_t i = 0; i < flat_format_nfields(job->format); i++)
		sum = column_sum(sum, flat_format_field(job->format, i), &job->columns[i], nrecords);
	return sum;
}

/* What arrays of these values need, without the room that was left. */
static uint64_t array_nbytes(const struct job *job, uint64_t nrecords)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < flat_format_nfields(job->format); i++) {
		const flat_field *field = flat_format_field(job->format, i);

		sum += nrecords * flat_field_width(field);
		if (field->type == FLAT_TEXT)
			sum += flat_field_width(field) + text_nbytes(&job->columns[i], nrecords);
		if (job->columns[i].valid)
			sum += nrecords / 8 + 1;
	}
	return sum;
}

static void load(const struct job *job)
{
	flat_source source = flat_source_path(job->path);
	flat_error error;
	double started = wall_now(), cpu_started = cpu_now(), seconds, cpu_seconds;
	uint64_t stored = flat_load(job->format, &source, job->columns, job->capacity, &job->options, &error);

	seconds = wall_now() - started;
	cpu_seconds = cpu_now() - cpu_started;
	must(error.status == FLAT_OK, error.message);
	printf("{\"records\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"array_bytes\": %" PRIu64 ", \"seconds\": %.6f, "
	       "\"cpu_seconds\": %.6f, \"megabytes_per_second\": %.1f, \"peak_bytes\": %llu",
	       stored, job->file_nbytes, array_nbytes(job, stored), seconds, cpu_seconds,
	       (double)job->file_nbytes / seconds / 1e6, peak_nbytes());
	if (job->checksum)
		printf(", \"checksum\": \"%016" PRIx64 "\"", checksum(job, stored));
	printf("}\n");
}

static struct job parse_options(int argc, char **argv)
{
	struct job job = {.options.threads = 0};
	int option;

	while ((option = getopt(argc, argv, "j:d:HbTc")) != -1) {
		if (option == 'j')
			job.options.threads = (unsigned)strtoul(optarg, NULL, 10);
		job.dialect.delimiter = option == 'd' ? (unsigned char)*optarg : job.dialect.delimiter;
		job.dialect.header = option == 'H' ? FLAT_HEADER_ABSENT : job.dialect.header;
		job.bitmaps |= option == 'b';
		job.touched |= option == 'T';
		job.checksum |= option == 'c';
		must(option != '?', "an option that there is not");
	}
	must(argc - optind == 2, "usage: load [-j THREADS] [-d C] [-H] [-b] [-T] [-c] SCHEMA FILE");
	return job;
}

int main(int argc, char **argv)
{
	struct job job = parse_options(argc, argv);
	struct stat status;

	job.path = argv[optind + 1];
	job.format = format_of(argv[optind], &job.dialect);
	must(stat(job.path, &status) == 0, "the file cannot be found");
	job.file_nbytes = (uint64_t)status.st_size;
	job.capacity = count_records(job.path, &job.dialect);
	make_columns(&job);
	load(&job);
	free(job.columns);
	flat_format_free(job.format);
	return 0;
}
