/*
 * What a value of each type costs, through the interface: from text to array by a reader, and back by a writer.
 *
 *   values [-n ROUNDS] [WORD]     only the cases whose name has WORD in it; one line of JSON for each
 *
 * A case is a file of one column, in memory that stays in cache.  'find' is the time to find the values, in a reader with
 * nothing bound; 'read' all of it, 'convert' what is left.  Each is the median of the rounds, in nanoseconds a value.
 */
#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include "bench.h"
#include "flatload.h"
#include "unit/random.h"

#define NVALUES 16384 /* more than a branch predictor learns by heart */
#define VALUE_NBYTES 64
#define NROUNDS_MAX 1001

static char text[NVALUES * VALUE_NBYTES], written[NVALUES * VALUE_NBYTES * 2];
static size_t text_nbytes;
static uint64_t elements[NVALUES * 8 + 1];
static char arena[sizeof text];
static void *memory;
static size_t memory_nbytes;

static char *put_digits(char *out, int ndigits)
{
	*out++ = (char)('1' + random_below(9));
	while (--ndigits > 0)
		*out++ = (char)('0' + random_below(10));
	return out;
}

/* From 1 digit to as many, each length as frequent as the others. */
static char *put_up_to(char *out, int ndigits)
{
	return put_digits(out, 1 + (int)random_below((unsigned)ndigits));
}

static char *put_signed(char *out, int ndigits)
{
	*out = '-';
	return put_up_to(out + random_below(2), ndigits);
}

static char *put_bool(char *out, int as_word)
{
	static const char *const words[] = {"false", "true"};
	unsigned value = random_below(2);

	return out + (as_word ? sprintf(out, "%s", words[value]) : sprintf(out, "%u", value));
}

static char *put_fraction(char *out, int ndigits)
{
	return out + sprintf(out, "%.*g", ndigits, (double)(random_word() >> 11) * 0x1p-53);
}

static char *put_any_f64(char *out, int ndigits)
{
	double value;

	do {
		uint64_t bits = random_word();

		memcpy(&value, &bits, sizeof value);
	} while (value - value != 0); /* not a number, or infinite */
	return out + sprintf(out, "%.*g", ndigits, value);
}

static char *put_decimal(char *out, int places)
{
	return out + sprintf(out, "%u.%0*u", random_below(10000), places, random_below(places == 2 ? 100 : 10000));
}

static char *put_letters(char *out, int nbytes)
{
	for (unsigned n = random_below((unsigned)nbytes) + 1; n > 0; n--)
		*out++ = (char)('a' + random_below(26));
	return out;
}

static char *put_date(char *out, int digits)
{
	(void)digits;
	return out +
	       sprintf(out, "%04u-%02u-%02u", 1900 + random_below(200), 1 + random_below(12), 1 + random_below(28));
}

static char *put_instant(char *out, int places)
{
	out = put_date(out, 0);
	out += sprintf(out, " %02u:%02u:%02u", random_below(24), random_below(60), random_below(60));
	if (places == 0)
		return out;
	*out = '.';
	return put_digits(out + 1, places);
}

static char *put_instant_with_zone(char *out, int places)
{
	out = put_instant(out, places);
	return out + sprintf(out, "+%02u:00", random_below(12));
}

static char *put_minutes(char *out, int digits)
{
	return put_instant(out, digits) - strlen(":59");
}

typedef char *put_function(char *out, int digits);

static char *in_quotes(char *out, put_function *put, int digits)
{
	*out = '"';
	out = put(out + 1, digits);
	*out = '"';
	return out + 1;
}

static char *put_quoted(char *out, int nbytes)
{
	return in_quotes(out, put_letters, nbytes);
}

static char *put_quoted_integer(char *out, int ndigits)
{
	return in_quotes(out, put_signed, ndigits);
}

static char *put_quoted_decimal(char *out, int places)
{
	return in_quotes(out, put_decimal, places);
}

static char *put_nothing(char *out, int digits)
{
	(void)digits;
	return out;
}

/* Nothing is null. */
static char *put_quoted_or_nothing(char *out, int places)
{
	return in_quotes(out, random_below(10) < 3 ? put_nothing : put_decimal, places);
}

static char *put_quoted_instant(char *out, int places)
{
	return in_quotes(out, put_instant, places);
}

static const struct bench {
	const char *name, *type;
	put_function *put;
	int digits;
} benches[] = {
	{"0 1", "bool", put_bool, 0},
	{"true false", "bool", put_bool, 1},
	{"1 to 2 digits", "i8", put_signed, 2},
	{"1 to 4 digits", "i16", put_signed, 4},
	{"1 to 9 digits", "i32", put_signed, 9},
	{"1 to 9 digits in quotes", "i32", put_quoted_integer, 9},
	{"1 to 4 digits", "i64", put_signed, 4},
	{"8 digits", "i64", put_digits, 8},
	{"18 digits", "i64", put_digits, 18},
	{"1 to 18 digits", "i64", put_signed, 18},
	{"1 to 2 digits", "u8", put_up_to, 2},
	{"1 to 4 digits", "u16", put_up_to, 4},
	{"1 to 9 digits", "u32", put_up_to, 9},
	{"1 to 19 digits", "u64", put_up_to, 19},
	{"9 digits", "f32", put_fraction, 9},
	{"12.34", "f32", put_decimal, 2},
	{"12.34", "f64", put_decimal, 2},
	{"1234.5678", "f64", put_decimal, 4},
	{"1234.5678 in quotes", "f64", put_quoted_decimal, 4},
	{"1234.5678 or nothing in quotes", "f64", put_quoted_or_nothing, 4},
	{"6 digits", "f64", put_fraction, 6},
	{"15 digits", "f64", put_fraction, 15},
	{"17 digits", "f64", put_fraction, 17},
	{"21 digits", "f64", put_fraction, 21},
	{"17 digits, any exponent", "f64", put_any_f64, 17},
	{"whole numbers", "f64", put_up_to, 6},
	{"1 to 8 letters", "str8", put_letters, 8},
	{"1 to 20 letters", "str20", put_letters, 20},
	{"1 to 20 letters in quotes", "str20", put_quoted, 20},
	{"1 to 20 letters", "str64", put_letters, 20},
	{"1 to 60 letters", "str64", put_letters, 60},
	{"1 to 60 letters in quotes", "str64", put_quoted, 60},
	{"1 to 20 letters", "text", put_letters, 20},
	{"1 to 20 letters in quotes", "text", put_quoted, 20},
	{"2024-12-31", "date", put_date, 0},
	{"2024-12-31 23:59", "timestamp[s]", put_minutes, 0},
	{"2024-12-31 23:59:59", "timestamp[s]", put_instant, 0},
	{"2024-12-31 23:59:59 in quotes", "timestamp[s]", put_quoted_instant, 0},
	{"2024-12-31 23:59:59.123", "timestamp[ms]", put_instant, 3},
	{"2024-12-31 23:59:59.123456", "timestamp[us]", put_instant, 6},
	{"2024-12-31 23:59:59.123456789", "timestamp[ns]", put_instant, 9},
	{"2024-12-31 23:59:59+01:00", "timestamp[s]", put_instant_with_zone, 0},
	{"2024-12-31 23:59:59.123456+01:00", "timestamp[us]", put_instant_with_zone, 6},
};

static void make_text(const struct bench *bench)
{
	char *out = text;

	for (size_t i = 0; i < NVALUES; i++) {
		out = bench->put(out, bench->digits);
		*out++ = '\n';
	}
	text_nbytes = (size_t)(out - text);
}

static flat_format *format_of(const char *type)
{
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	char schema[64];
	flat_error error;
	flat_format *format;

	snprintf(schema, sizeof schema, "x:%s", type);
	format = flat_format_parse(schema, &dialect, &error);
	must(format != NULL, error.message);
	return format;
}

/* Opening is not timed: a reader is opened once for many values. */
static double time_to_read(const flat_format *format, const flat_column *column)
{
	const flat_source source = flat_source_memory(text, text_nbytes, NULL);
	const flat_reader_options options = {.max_record = 1024, .memory = memory, .memory_nbytes = memory_nbytes};
	flat_error error;
	flat_reader *reader = flat_reader_open_source(format, &source, &options, &error);
	double started, seconds;
	size_t n;

	must(reader != NULL, error.message);
	must(flat_bind_column(reader, 0, column) == FLAT_OK, "a column cannot be bound");
	started = wall_now();
	n = flat_read(reader, NVALUES);
	seconds = wall_now() - started;
	if (flat_reader_failed(reader, &error))
		must(0, error.message);
	must(n == NVALUES, "records are missing");
	flat_reader_close(reader);
	return seconds;
}

static double time_to_find(const flat_format *format, const flat_column *column)
{
	(void)column;
	return time_to_read(format, NULL);
}

static double time_to_write(const flat_format *format, const flat_column *column)
{
	const flat_sink sink = flat_sink_memory(written, sizeof written, NULL);
	const flat_writer_options options = {.memory = memory, .memory_nbytes = memory_nbytes};
	flat_error error;
	flat_writer *writer = flat_writer_open_sink(format, &sink, &options, &error);
	double started, seconds;

	must(writer != NULL, error.message);
	must(flat_writer_bind_column(writer, 0, column) == FLAT_OK, "a column cannot be bound");
	started = wall_now();
	flat_write(writer, NVALUES);
	flat_writer_flush(writer);
	seconds = wall_now() - started;
	must(flat_writer_close(writer, &error) == FLAT_OK, error.message);
	return seconds;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

typedef double time_function(const flat_format *format, const flat_column *column);

static double nanoseconds(time_function *time, const flat_format *format, const flat_column *column, size_t nrounds)
{
	double seconds[NROUNDS_MAX];

	for (size_t i = 0; i < nrounds; i++)
		seconds[i] = time(format, column);
	qsort(seconds, nrounds, sizeof *seconds, ascending);
	return seconds[nrounds / 2] * 1e9 / NVALUES;
}

static void make_memory(const flat_format *format)
{
	const flat_reader_options options = {.max_record = 1024};
	size_t reading = flat_reader_nbytes(format, &options), writing = flat_writer_nbytes(format, NULL);

	free(memory);
	memory_nbytes = ((reading > writing ? reading : writing) + 63) / 64 * 64;
	memory = aligned_alloc(64, memory_nbytes);
	must(memory != NULL, "no memory");
}

static void run(const struct bench *bench, size_t nrounds)
{
	const flat_column column = {.base = elements, .arena = arena, .arena_nbytes = sizeof arena};
	flat_format *format = format_of(bench->type);
	double find, read;

	make_text(bench);
	make_memory(format);
	find = nanoseconds(time_to_find, format, &column, nrounds);
	read = nanoseconds(time_to_read, format, &column, nrounds);
	printf("{\"type\": \"%s\", \"text\": \"%s\", \"bytes\": %.1f, \"find\": %.2f, \"read\": %.2f, \"convert\": "
	       "%.2f, "
	       "\"write\": %.2f}\n",
	       bench->type, bench->name, (double)text_nbytes / NVALUES - 1, find, read, read > find ? read - find : 0,
	       nanoseconds(time_to_write, format, &column, nrounds));
	flat_format_free(format);
}

int main(int argc, char **argv)
{
	size_t nrounds = 31;
	int option;

	while ((option = getopt(argc, argv, "n:")) != -1) {
		must(option == 'n', "usage: values [-n ROUNDS] [WORD]");
		nrounds = (size_t)strtoul(optarg, NULL, 10);
	}
	must(nrounds > 0 && nrounds <= NROUNDS_MAX, "1 to 1001 rounds");
	for (size_t i = 0; i < sizeof benches / sizeof *benches; i++)
		if (optind >= argc || strstr(benches[i].name, argv[optind]) || strstr(benches[i].type, argv[optind]))
			run(&benches[i], nrounds);
	free(memory);
	return 0;
}
