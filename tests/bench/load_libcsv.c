/*
 * The usual loop in C: fields from libcsv, numbers by strtod() and its relatives, into arrays.
 *
 *   load_libcsv FILE NRECORDS
 */
#include "arrays.h"

#include <csv.h>

static struct arrays to;
static size_t field, nlines; /* the header among the lines */

/* libcsv ends each field with a zero, if asked to. */
static void store_field(const struct array *array, size_t i, const char *text, size_t nbytes)
{
	double number;
	int64_t integer;
	uint64_t natural;

	switch (array->type) {
	case 'f':
		number = nbytes ? strtod(text, NULL) : (double)NAN;
		store(array, i, &number);
		break;
	case 'u':
		natural = strtoull(text, NULL, 10);
		store(array, i, &natural);
		break;
	case 'w':
		store_instant(array, i, text, nbytes);
		break;
	case 's':
		store_string(array, i, text, nbytes);
		break;
	case 't':
		store_text(array, i, text, nbytes);
		break;
	default: /* shorter ones in the first bytes of the longest: little-endian */
		integer = strtoll(text, NULL, 10);
		store(array, i, &integer);
	}
}

static void take_field(void *text, size_t nbytes, void *context)
{
	(void)context;
	if (nlines > 0 && nlines <= to.nrecords && field < to.n)
		store_field(&to.of[field], nlines - 1, text ? (const char *)text : "", nbytes);
	field++;
}

static void end_line(int byte, void *context)
{
	(void)byte;
	(void)context;
	field = 0;
	nlines++;
}

int main(int argc, char **argv)
{
	static char buffer[1 << 18];
	struct csv_parser parser;
	double started;
	FILE *file;
	size_t n;

	must(argc == 3, "usage: load_libcsv FILE NRECORDS");
	to = make_arrays(argv[1], (size_t)strtoull(argv[2], NULL, 10));
	file = fopen(argv[1], "rb");
	must(file != NULL && csv_init(&parser, CSV_STRICT | CSV_APPEND_NULL) == 0, "libcsv does not start");
	started = wall_now();
	while ((n = fread(buffer, 1, sizeof buffer, file)) > 0)
		must(csv_parse(&parser, buffer, n, take_field, end_line, NULL) == n, "libcsv finds a fault");
	csv_fini(&parser, take_field, end_line, NULL);
	report_load(started, nlines - 1);
	return 0;
}
