/*
 * How long numbers take from text to value and back, beside the functions of the C library.
 *
 *   convert [WORD]     only the cases whose name has WORD in it
 *
 * Texts are random and lie one behind the other, as in the window of a reader.  Runs of the library
 * and of its peer take turns, and the median of each counts: other work on the machine then slows
 * both alike, so the quotient is what to compare from day to day.
 */
#include "config.h"

#include <inttypes.h>

#include "bench.h"
#include "fill.h"
#include "float_format.h"
#include "float_parse.h"
#include "integer.h"
#include "unit/random.h"

#define NVALUES 16384 /* more than a branch predictor learns by heart; the texts stay in cache */
#define NROUNDS 31    /* odd: one is in the middle */
#define WIDTH 40      /* bytes of the longest text, and room for the formatters to work in words */

static char text[NVALUES * WIDTH];
static size_t ends[NVALUES]; /* of each text; behind it stands a comma */
static char written[NVALUES * WIDTH + WIDTH];
static union {
	double f64[NVALUES];
	float f32[NVALUES];
	int64_t i64[NVALUES];
} values;

/* Converts all texts to values, or all values to texts. */
typedef void run_function(void);

#define READ(name, parse) \
	static void name(void) \
	{ \
		const char *p = text; \
\
		for (size_t i = 0; i < NVALUES; i++) { \
			const char *end = text + ends[i]; \
\
			must(parse == FL_FINE, #parse); \
			p = end + 1; \
		} \
	}
READ(read_f64, fl_parse_f64(p, end, &values.f64[i]))
READ(read_f32, fl_parse_f32(p, end, &values.f32[i]))
READ(read_i64, fl_parse_i64(p, end, &values.i64[i]))

#define READ_LIBC(name, array, call) \
	static void name(void) \
	{ \
		char *p = text; \
\
		for (size_t i = 0; i < NVALUES; i++, p++) \
			array[i] = call; \
	}
READ_LIBC(libc_read_f64, values.f64, strtod(p, &p))
READ_LIBC(libc_read_f32, values.f32, strtof(p, &p))
READ_LIBC(libc_read_i64, values.i64, strtoll(p, &p, 10))

/* Into cells that stay in cache, as the writer has them. */
#define NCELLS 512
#define WRITE(name, fill, array) \
	static void name(void) \
	{ \
		static struct fl_cell cells[NCELLS]; \
		struct fl_elements some = {.stride = sizeof *array, .n = NCELLS}; \
\
		for (size_t i = 0; i < NVALUES; i += NCELLS) { \
			some.base = (const char *)(array + i); \
			fill(&some, cells, 1); \
		} \
	}
WRITE(write_f64, fl_fill_f64, values.f64)
WRITE(write_f32, fl_fill_f32, values.f32)
WRITE(write_i64, fl_fill_i64, values.i64)

#define WRITE_LIBC(name, call) \
	static void name(void) \
	{ \
		char *out = written; \
\
		for (size_t i = 0; i < NVALUES; i++) { \
			out += call; \
			*out++ = ','; \
		} \
	}
WRITE_LIBC(libc_write_f64, snprintf(out, WIDTH, "%.17g", values.f64[i]))
WRITE_LIBC(libc_write_f32, snprintf(out, WIDTH, "%.9g", (double)values.f32[i]))
WRITE_LIBC(libc_write_i64, snprintf(out, WIDTH, "%" PRId64, values.i64[i]))

static const struct type {
	run_function *read, *libc_read, *write, *libc_write;
} f64 = {read_f64, libc_read_f64, write_f64, libc_write_f64},
  f32 = {read_f32, libc_read_f32, write_f32, libc_write_f32},
  i64 = {read_i64, libc_read_i64, write_i64, libc_write_i64};

/* Each gives one text; 'a' and 'b' are the case's. */
typedef int text_function(char *out, int a, int b);

static double uniform(void)
{
	return (double)(random_word() >> 11) * 0x1p-53;
}

/* 'a' digits of a number below 10^b */
static int digits_text(char *out, int a, int b)
{
	return snprintf(out, WIDTH, "%.*g", a, uniform() * fl_ten_f64[b]);
}

static int decimals_text(char *out, int a, int b)
{
	return snprintf(out, WIDTH, "%.*f", a, uniform() * fl_ten_f64[b]);
}

static int any_text(char *out, int a, int b)
{
	double value;

	(void)b;
	do
		value = fl_f64_of_bits(random_word());
	while (value - value != 0); /* not a number, or infinite */
	return snprintf(out, WIDTH, "%.*g", a, value);
}

static int any_f32_text(char *out, int a, int b)
{
	float value;

	(void)b;
	do
		value = fl_f32_of_bits((uint32_t)(random_word() >> 32));
	while (value - value != 0);
	return snprintf(out, WIDTH, "%.*g", a, (double)value);
}

/* From 'a' to 'b' digits, each length as frequent as the others */
static int integer_text(char *out, int a, int b)
{
	int n = a + (int)random_below((unsigned)(b - a) + 1);

	out[0] = (char)('1' + random_below(n < 19 ? 9 : 8)); /* 9 x 10^18 is nearly too great */
	for (int i = 1; i < n; i++)
		out[i] = (char)('0' + random_below(10));
	return n;
}

static const struct bench {
	const char *name;
	const struct type *type;
	text_function *text;
	int a, b;
} benches[] = {
	{"f64, 17 digits in [0, 1)", &f64, digits_text, 17, 0},
	{"f64, 17 digits below 10^6", &f64, digits_text, 17, 6},
	{"f64, 17 digits of any", &f64, any_text, 17, 0},
	{"f64, 99.99", &f64, decimals_text, 2, 2},
	{"f64, 9999.9999", &f64, decimals_text, 4, 4},
	{"f64, whole, below 10^6", &f64, decimals_text, 0, 6},
	{"f32, 9 digits in [0, 1)", &f32, digits_text, 9, 0},
	{"f32, 9 digits of any", &f32, any_f32_text, 9, 0},
	{"f32, 17 digits in [0, 1)", &f32, digits_text, 17, 0},
	{"i64, 1 digit", &i64, integer_text, 1, 1},
	{"i64, 2 digits", &i64, integer_text, 2, 2},
	{"i64, 3 digits", &i64, integer_text, 3, 3},
	{"i64, 4 digits", &i64, integer_text, 4, 4},
	{"i64, 6 digits", &i64, integer_text, 6, 6},
	{"i64, 8 digits", &i64, integer_text, 8, 8},
	{"i64, 10 digits", &i64, integer_text, 10, 10},
	{"i64, 16 digits", &i64, integer_text, 16, 16},
	{"i64, 19 digits", &i64, integer_text, 19, 19},
	{"i64, 1 to 4 digits", &i64, integer_text, 1, 4},
	{"i64, 1 to 19 digits", &i64, integer_text, 1, 19},
};

static size_t make_texts(const struct bench *bench)
{
	size_t n = 0;

	for (size_t i = 0; i < NVALUES; i++) {
		n += (size_t)bench->text(text + n, bench->a, bench->b);
		ends[i] = n;
		text[n++] = ',';
	}
	return n;
}

static double seconds(run_function *run)
{
	double started = wall_now();

	run();
	return wall_now() - started;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Prints nanoseconds a value, and how many times as long the peer takes. */
static void compare(run_function *run, run_function *peer)
{
	double own[NROUNDS], other[NROUNDS];

	for (int i = 0; i < NROUNDS; i++) {
		own[i] = seconds(run);
		other[i] = seconds(peer);
	}
	qsort(own, NROUNDS, sizeof *own, ascending);
	qsort(other, NROUNDS, sizeof *other, ascending);
	printf(" %8.1f %6.1f", own[NROUNDS / 2] * 1e9 / NVALUES,
	       other[NROUNDS / 2] / own[NROUNDS / 2]);
}

int main(int argc, char **argv)
{
	printf("%-28s    bytes  read ns x libc write ns x libc\n", "");
	for (size_t i = 0; i < sizeof benches / sizeof *benches; i++) {
		const struct bench *bench = &benches[i];

		if (argc > 1 && !strstr(bench->name, argv[1]))
			continue;
		printf("%-28s %8.1f", bench->name, (double)make_texts(bench) / NVALUES - 1);
		compare(bench->type->read, bench->type->libc_read);
		compare(bench->type->write, bench->type->libc_write);
		printf("\n");
	}
	return 0;
}
