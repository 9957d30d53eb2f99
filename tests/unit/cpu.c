/*
 * Every variant that runs here gives the same index, and the same survey, as the reference: on regular text, on broken text, cut anywhere, with
 * any capacity.  So that nothing is overlooked, all of the index's state is compared, not only its records.
 */
#include "config.h"

#include "cpu.h"
#include "index.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define TEXT_MAX 1024
#define CAPACITY_MAX 512

struct side {
	struct fl_index index;
	uint32_t before[CAPACITY_MAX], ends[CAPACITY_MAX];
};

/* What one text is scanned with. */
struct setting {
	flat_dialect dialect;
	size_t nfields, capacity, max_record;
	unsigned longest; /* fields that make_text() makes: short ones for blocks with a separator at nearly every byte */
};

static void open_side(struct side *side, const struct setting *setting, const struct fl_cpu *cpu)
{
	fl_index_open(&side->index, &setting->dialect, cpu, setting->max_record, side->before, side->ends, setting->capacity);
	fl_index_set_shape(&side->index, setting->nfields);
}

/* With its batch full, the reference stops behind a record; a block may go on into the next one. */
static void assert_same(const struct side *reference, const struct side *side)
{
	const struct fl_index *a = &reference->index, *b = &side->index;
	size_t partial = a->nfound < a->nfields ? a->nfound : a->nfields;

	assert_int_equal(a->nrecords, b->nrecords);
	assert_memory_equal(reference->before, side->before, a->nrecords * sizeof *side->before);
	assert_memory_equal(reference->ends, side->ends, a->nrecords * a->nfields * sizeof *side->ends);
	if ((a->nrecords + 1) * a->nfields > a->capacity)
		return;
	assert_int_equal(a->nfound, b->nfound);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->at, b->at);
	assert_int_equal(a->record_start, b->record_start);
	assert_int_equal(a->field_start, b->field_start);
	assert_int_equal(a->record_line, b->record_line);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->stopped, b->stopped);
	assert_int_equal(a->fault, b->fault);
	if (a->fault != FL_FINE) {
		assert_int_equal(a->fault_at, b->fault_at);
		assert_int_equal(a->fault_field, b->fault_field);
	}
	assert_memory_equal(reference->ends, side->ends, (a->nrecords * a->nfields + partial) * sizeof *side->ends);
}

/* Steps both through the whole text, which grows by 'piece' bytes at a time. */
static void scan_both(const char *text, size_t nbytes, const struct setting *setting, const struct fl_cpu *cpu, size_t piece)
{
	static const struct fl_cpu reference_cpu = {.name = "reference"};
	static struct side reference, side;

	open_side(&reference, setting, &reference_cpu);
	open_side(&side, setting, cpu);
	for (size_t seen = 0; seen < nbytes || reference.index.at < nbytes;) {
		uint32_t was = reference.index.at;

		seen = seen + piece < nbytes ? seen + piece : nbytes;
		fl_index_begin(&reference.index);
		fl_index_begin(&side.index);
		fl_index_scan(&reference.index, text, seen, seen == nbytes);
		fl_index_scan(&side.index, text, seen, seen == nbytes);
		assert_same(&reference, &side);
		if (reference.index.stopped) {
			fl_index_pass(&reference.index);
			fl_index_pass(&side.index);
		}
		assert_true(reference.index.at > was || seen < nbytes || reference.index.nrecords == 0);
	}
}

/* Records of the right shape, for the most part, with quotes, line breaks and blank lines where they may be. */
static size_t make_text(char *text, size_t nbytes, const struct setting *setting)
{
	char delimiter = (char)setting->dialect.delimiter;
	size_t used = 0, field = 0;

	while (used + 40 < nbytes) {
		unsigned length = random_below(setting->longest + 1);
		bool quoted = random_below(setting->longest < 4 ? 40 : 4) == 0 && setting->dialect.quote != FLAT_NONE;

		if (quoted)
			text[used++] = '"';
		for (unsigned i = 0; i < length; i++) {
			unsigned kind = quoted ? random_below(12) : 11;

			if (kind == 0) {
				text[used++] = '"';
				text[used++] = '"';
			} else {
				text[used++] = kind == 1 ? '\n' : kind == 2 ? '\r' : kind == 3 ? delimiter : kind == 4 ? ' ' : 'x';
			}
		}
		if (quoted)
			text[used++] = '"';
		if (++field < setting->nfields) {
			text[used++] = delimiter;
			continue;
		}
		field = 0;
		if (random_below(3) == 0)
			text[used++] = '\r';
		text[used++] = '\n';
		if (random_below(20) == 0)
			text[used++] = ' ';
		if (random_below(20) == 0)
			text[used++] = '\n';
	}
	return used;
}

static void break_text(char *text, size_t nbytes, unsigned times)
{
	static const char bytes[] = "\"\n\r,;x ";

	while (times-- > 0 && nbytes > 0)
		text[random_below((unsigned)nbytes)] = bytes[random_below(sizeof bytes - 1)];
}

/* From every state in which the text can be entered. */
static void survey_both(const char *text, size_t nbytes, const flat_dialect *dialect, const struct fl_cpu *cpu)
{
	flat_survey reference, survey;
	size_t skipped = random_below(FL_BLOCK);

	skipped = skipped < nbytes ? skipped : 0;
	setenv("FLATLOAD_CPU", "reference", 1);
	reference = flat_survey_bytes(dialect, text + skipped, nbytes - skipped);
	setenv("FLATLOAD_CPU", cpu->name, 1);
	survey = flat_survey_bytes(dialect, text + skipped, nbytes - skipped);
	unsetenv("FLATLOAD_CPU");
	assert_memory_equal(&reference, &survey, sizeof survey);
}

static void random_round(const struct fl_cpu *cpu)
{
	static char text[TEXT_MAX];
	struct setting setting = {
		.dialect = {.delimiter = random_below(2) ? ',' : ';', .quote = random_below(8) ? '"' : FLAT_NONE},
		.nfields = 1 + random_below(random_below(4) ? 6 : 80),
		.max_record = random_below(6) ? 1000 : random_below(60) + 1,
		.longest = random_below(3) ? 11 : random_below(4),
	};
	size_t nbytes;

	setting.dialect.trim = random_below(10) == 0;
	setting.capacity = setting.nfields + random_below((unsigned)(CAPACITY_MAX - setting.nfields));
	nbytes = make_text(text, 80 + random_below(TEXT_MAX - 80), &setting);
	break_text(text, nbytes, random_below(3) ? 0 : random_below(4));
	scan_both(text, nbytes, &setting, cpu, random_below(3) ? TEXT_MAX : 1 + random_below(200));
	survey_both(text, nbytes, &setting.dialect, cpu);
}

static void every_variant_gives_the_index_of_the_reference(void **state)
{
	uint64_t rounds = test_count(100000);

	(void)state;
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++) {
		if (!cpu->runs_here())
			continue;
		print_message("# %s\n", cpu->name);
		for (uint64_t i = 0; i < rounds; i++)
			random_round(cpu);
	}
}

/* All texts of five bytes that mean something, at every place of two blocks. */
static void every_variant_sees_each_byte_at_each_place_of_a_block(void **state)
{
	static const char bytes[] = ",\"\n\rx";
	const struct setting setting = {.dialect = {.delimiter = ',', .quote = '"'}, .nfields = 3, .capacity = 200, .max_record = 500};
	char text[4 * FL_BLOCK];

	(void)state;
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		for (size_t place = 0; cpu->runs_here() && place < 2 * FL_BLOCK; place++)
			for (unsigned choice = 0; choice < 5 * 5 * 5 * 5; choice++) {
				for (size_t i = 0; i < sizeof text; i++)
					text[i] = "aa,bb,c\n"[i % 8];
				for (unsigned i = 0, left = choice; i < 4; i++, left /= 5)
					text[place + i] = bytes[left % 5];
				scan_both(text, sizeof text, &setting, cpu, sizeof text);
			}
}

static void the_environment_names_a_variant(void **state)
{
	(void)state;
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++) {
		if (!cpu->runs_here())
			continue;
		setenv("FLATLOAD_CPU", cpu->name, 1);
		assert_ptr_equal(fl_cpu_choose(NULL), cpu);
	}
	unsetenv("FLATLOAD_CPU");
	assert_non_null(fl_cpu_choose(NULL));
}

static void an_unknown_variant_is_an_error_and_not_another_variant(void **state)
{
	flat_error error = {.status = FLAT_OK};

	(void)state;
	setenv("FLATLOAD_CPU", "abacus", 1);
	assert_null(fl_cpu_choose(&error));
	assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
	assert_string_equal(error.message, "FLATLOAD_CPU is \"abacus\", which this machine has not");
	unsetenv("FLATLOAD_CPU");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_variant_gives_the_index_of_the_reference),
		cmocka_unit_test(every_variant_sees_each_byte_at_each_place_of_a_block),
		cmocka_unit_test(the_environment_names_a_variant),
		cmocka_unit_test(an_unknown_variant_is_an_error_and_not_another_variant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
