/*
 * lib/fill.c: the loops of every CPU variant that runs here fill cells as the plain loops do, whatever the values, their
 * distance, the number of them; they read nothing beside the elements, and write nothing beside the cells.  What the plain
 * loops write is compared with printf() and Python elsewhere (integer.c, float_format.c, python_repr.py).
 */
#include "config.h"

#include "cpu.h"
#include "quote.h"
#include "random.h"
#include "support.h"
#include "type.h"
#include "words.h"

#include <float.h>
#include <stdio.h>

#define MOST 23 /* elements: a few groups and what is left of one */
#define STEP_MOST 3
#define STRIDE_MORE 5

#define NBYTES (MOST * (FL_CELL_MAX + STRIDE_MORE))

static struct fl_quoting quoting;
static char given[NBYTES];
static char *room; /* of NBYTES, where memory ends */

/* ------------------------------------------------------------------------------------------------- values */

/* What numbers of 17 digits, prices, counts and ids are like, and what is next to where a decision changes. */
static double random_f64(void)
{
	char text[40];

	switch (random_below(12)) {
	case 0: /* any bits: also NaN, infinite, subnormal */
		return fl_f64_of_bits(random_word());
	case 1: /* any exponent, few digits in binary */
		return fl_f64_of_bits(random_word() & ~UINT64_C(0) << random_below(53));
	case 2:
		return (double)(random_word() >> 11) * 0x1p-53;
	case 3: /* whole numbers, next to 2^53 too */
		return (double)(random_word() >> random_below(64));
	case 4: /* ties and what is near them */
		return (double)(random_word() >> random_below(64)) * fl_f64_of_bits((uint64_t)(1023 - random_below(80)) << 52);
	case 5: /* next to a short decimal */
		snprintf(text, sizeof text, "%u.%ue%d", random_below(1000), random_below(100000), (int)random_below(40) - 20);
		return fl_f64_of_bits(fl_bits_f64(strtod(text, NULL)) + random_below(3) - 1);
	case 6: /* next to a power of ten, or of two */
		snprintf(text, sizeof text, "1e%d", (int)random_below(632) - 323);
		return fl_f64_of_bits(fl_bits_f64(strtod(text, NULL)) + random_below(7) - 3);
	case 7:
		return fl_f64_of_bits(((uint64_t)random_below(2048) << 52) + random_below(7) - 3);
	case 8: /* any number of digits, any exponent */
		snprintf(text, sizeof text, "%.*e", (int)random_below(17), fl_f64_of_bits(random_word()));
		return strtod(text, NULL);
	default: /* -0.0001 to -123456789.12, most of them */
		snprintf(text, sizeof text, "%s%u.%0*u", random_below(4) ? "" : "-", random_below(1u << random_below(31)),
			 1 + (int)random_below(6), random_below(1u << random_below(20)));
		return strtod(text, NULL);
	}
}

static void random_element(flat_type type, size_t width, char *element)
{
	double value = random_f64();
	uint64_t word = random_word() >> random_below(64);

	if (type == FLAT_F64) {
		memcpy(element, &value, sizeof value);
	} else if (type == FLAT_F32) {
		float narrow = value <= (double)FLT_MAX && value >= -(double)FLT_MAX ? (float)value : 0;

		memcpy(element, &narrow, sizeof narrow);
	} else if (type == FLAT_STR) {
		static const char bytes[] = "abc\0\0,\"\n\r ;\xFF";

		memset(element, 0, width);
		for (size_t i = 0, n = random_below((unsigned)width + 1), kinds = random_below(8) ? 5 : 12; i < n; i++)
			element[i] = bytes[random_below((unsigned)kinds)];
	} else {
		if (random_below(4) == 0) { /* next to a power of ten, or to the limits */
			char text[32];

			snprintf(text, sizeof text, "1e%u", random_below(20));
			word = (uint64_t)strtod(text, NULL) + random_below(5) - 2;
		}
		if (random_below(2))
			word = 0 - word;
		memcpy(element, &word, width);
	}
}

/* -------------------------------------------------------------------------------------------------- compare */

static bool is_same(const struct fl_cell *a, const struct fl_cell *b)
{
	if (a->nbytes == FL_CELL_NONE || b->nbytes == FL_CELL_NONE)
		return a->nbytes == b->nbytes;
	return a->nbytes == b->nbytes && a->begin + a->nbytes <= FL_CELL_MAX && b->begin + b->nbytes <= FL_CELL_MAX &&
	       memcmp(a->text + a->begin, b->text + b->begin, a->nbytes) == 0;
}

static void tell(flat_type type, const struct fl_elements *elements, size_t i, const struct fl_cell *plain,
		 const struct fl_cell *other)
{
	fprintf(stderr, "type %d, width %zu, stride %zu, element %zu of %zu:", (int)type, elements->width, elements->stride, i,
		elements->n);
	for (size_t k = 0; k < elements->width; k++)
		fprintf(stderr, " %02x", (unsigned char)elements->base[i * elements->stride + k]);
	fprintf(stderr, "\nplain [%.*s], other [%.*s]\n", plain->nbytes, plain->text + plain->begin, other->nbytes,
		other->text + other->begin);
}

/* The elements end where memory ends. */
static void check(const struct fl_cpu *cpu, flat_type type, size_t width, size_t stride, size_t n, size_t step)
{
	struct fl_cell plain[MOST * STEP_MOST + 1], other[MOST * STEP_MOST + 1], untouched;
	size_t nbytes = n ? (n - 1) * stride + width : 0;
	struct fl_elements elements = {
		.base = memcpy(room + NBYTES - nbytes, given, nbytes),
		.stride = stride,
		.n = n,
		.per_second = fl_per_second(type),
		.width = width,
		.quoting = &quoting,
	};

	memset(&untouched, 0x5A, sizeof untouched);
	for (size_t i = 0; i < LENGTH(other); i++)
		other[i] = untouched;
	fl_fills_plain.of[type](&elements, plain, step);
	cpu->fills->of[type](&elements, other, step);
	for (size_t i = 0; i < LENGTH(other); i++) {
		bool filled = i % step == 0 && i / step < n;

		if (!filled) {
			assert_memory_equal(&other[i], &untouched, sizeof untouched);
		} else if (!is_same(&plain[i], &other[i])) {
			tell(type, &elements, i / step, &plain[i], &other[i]);
			fail_msg("%s differs", cpu->name);
		}
	}
}

static void check_type(const struct fl_cpu *cpu, flat_type type, size_t width, uint64_t nrounds)
{
	for (uint64_t round = 0; round < nrounds; round++) {
		size_t n = random_below(8) ? MOST : random_below(MOST + 1);
		size_t stride = width + (random_below(3) ? 0 : random_below(STRIDE_MORE + 1));

		for (size_t i = 0; i < n; i++)
			random_element(type, width, given + i * stride);
		check(cpu, type, width, stride, n, 1 + random_below(STEP_MOST));
	}
}

static void check_types(bool strings, const flat_dialect *dialect)
{
	fl_quoting_open(&quoting, dialect);
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		for (flat_type type = FLAT_BOOL; cpu->runs_here() && type <= FLAT_TIMESTAMP_NS; type++) {
			flat_field field = {.type = type};

			if (!cpu->fills->of[type] || cpu->fills == &fl_fills_plain || (type == FLAT_STR) != strings)
				continue;
			if (!strings)
				check_type(cpu, type, flat_field_width(&field), test_count(40000));
			for (size_t width = 1; strings && width <= FL_CELL_MAX; width++)
				check_type(cpu, type, width, test_count(400));
		}
}

static void numbers_are_written_as_the_plain_loops_do(void **state)
{
	(void)state;
	check_types(false, &(flat_dialect){.delimiter = ',', .quote = '"'});
}

static void strings_are_written_as_the_plain_loop_does(void **state)
{
	static const flat_dialect dialects[] = {
		{.delimiter = ',', .quote = '"'}, {.delimiter = ';', .quote = FLAT_NONE}, {.delimiter = 0xFF, .quote = 'a'}};

	(void)state;
	for (size_t i = 0; i < LENGTH(dialects); i++)
		check_types(true, &dialects[i]);
}

/* Few fractions, but all exponents. */
static void floats_of_every_exponent_are_written_as_the_plain_loops_do(void **state)
{
	(void)state;
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		for (uint64_t field = 0; cpu->runs_here() && cpu->fills != &fl_fills_plain && field < 2048; field++)
			for (unsigned round = 0; round < 40; round++) {
				for (size_t i = 0; i < 8; i++) {
					uint64_t bits = field << 52 | (random_word() >> 12 & ~UINT64_C(0) << random_below(53));

					memcpy(given + i * sizeof bits, &bits, sizeof bits);
				}
				check(cpu, FLAT_F64, sizeof(double), sizeof(double), 8, 1);
			}
}

/* All of them if asked for. */
static void every_f32_is_written_as_the_plain_loop_does(void **state)
{
	const uint32_t step = test_long() ? 1 : 9973;

	(void)state;
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		for (uint64_t first = 0; cpu->runs_here() && cpu->fills != &fl_fills_plain && first <= UINT32_MAX;
		     first += 16 * (uint64_t)step) {
			for (uint32_t i = 0; i < 16; i++) {
				uint32_t bits = (uint32_t)first + i * step;

				memcpy(given + i * sizeof bits, &bits, sizeof bits);
			}
			check(cpu, FLAT_F32, sizeof(float), sizeof(float), 16, 1);
		}
}

static int begin(void **state)
{
	(void)state;
	room = guarded(NBYTES);
	return 0;
}

static int end(void **state)
{
	(void)state;
	release(room, NBYTES);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_written_as_the_plain_loops_do),
		cmocka_unit_test(floats_of_every_exponent_are_written_as_the_plain_loops_do),
		cmocka_unit_test(every_f32_is_written_as_the_plain_loop_does),
		cmocka_unit_test(strings_are_written_as_the_plain_loop_does),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
