/*
 * Finds the first text of another kind in fields that a survey gave to strings: by measuring some records at a time, then
 * those one by one; and then it is read into an arena without room, so that the library says where it is.
 */
#include "config.h"

#include "strays.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TOLD_MOST 5
#define RECORDS_AT_A_TIME ((size_t)4096)

static uint64_t numbers(const flat_measure *measure)
{
	return measure->integers + measure->floats + measure->words;
}

static uint64_t times(const flat_measure *measure)
{
	return measure->dates + measure->instants;
}

static uint64_t bools(const flat_measure *measure)
{
	return measure->bools;
}

static const struct kind {
	uint64_t (*count)(const flat_measure *measure);
	const char *plural;
	const char *misfit; /* all are of the kind, and still no type holds them */
} kinds[] = {
	{numbers, "numbers", "no type holds all of its numbers exactly"},
	{times, "dates or times", "64 bits do not hold all of its times in the finest unit that one of them needs"},
	{bools, "true or false", ""},
};
#define NKINDS (sizeof kinds / sizeof *kinds)

struct stray {
	size_t field;
	const struct kind *kind;
	uint64_t nkind; /* texts of the kind */
};

static uint64_t values_of(const flat_measure *measure)
{
	return measure->texts - measure->empty - measure->nulls_spelled - measure->nulls_quoted;
}

static bool has_stray(const flat_measure *measure, const struct kind *kind)
{
	return values_of(measure) > kind->count(measure);
}

/* What more than half of the texts are; NULL: of no kind there are so many. */
static const struct kind *main_kind(const flat_measure *measure)
{
	for (size_t i = 0; i < NKINDS; i++)
		if (kinds[i].count(measure) > values_of(measure) / 2)
			return &kinds[i];
	return NULL;
}

/* ----------------------------------------------------------------------------------------- find */

static flat_reader *open_reader(const struct inspection *inspection, struct input *input)
{
	flat_source source = input_source(input);
	flat_reader_options limits = {.window = inspection->options.buffer,
				      .max_record = inspection->options.max_record};

	return flat_reader_open_source(inspection->schema.format, &source, &limits, NULL);
}

/* Measures 'step' records at a time, from record '*at' on, and leaves there those that a stray is among.  False: none is. */
static bool search(const struct inspection *inspection, struct input *input, const struct stray *stray, uint64_t *at,
		   size_t step)
{
	flat_reader *reader = open_reader(inspection, input);
	flat_measure measure;
	bool found = false;
	size_t n = step;

	if (reader && *at)
		flat_read(reader, (size_t)*at);
	while (reader && !found && n == step) {
		measure = (flat_measure){.texts = 0};
		flat_bind_measure(reader, stray->field, &measure);
		n = flat_read(reader, step);
		found = has_stray(&measure, stray->kind);
		*at += found ? 0 : n;
	}
	flat_reader_close(reader);
	return found;
}

/* Record 'at' is there: what fails to be stored is told with its place. */
static bool fail_at(const struct inspection *inspection, struct input *input, const struct stray *stray, uint64_t at,
		    flat_error *error)
{
	flat_reader *reader = open_reader(inspection, input);
	uint64_t offsets[2];
	char arena[1];
	const flat_column column = {.base = offsets, .arena = arena};
	bool failed = false;

	if (reader) {
		flat_read(reader, (size_t)at);
		flat_bind_column(reader, stray->field, &column);
		flat_read(reader, 1);
		failed = flat_reader_failed(reader, error) && error->status == FLAT_ARENA_FULL;
	}
	flat_reader_close(reader);
	return failed;
}

static bool find(const struct inspection *inspection, struct input *input, const struct stray *stray, flat_error *error)
{
	uint64_t at = 0;

	return search(inspection, input, stray, &at, RECORDS_AT_A_TIME) && input_rewind(input) &&
	       search(inspection, input, stray, &at, 1) && input_rewind(input) &&
	       fail_at(inspection, input, stray, at, error);
}

/* ----------------------------------------------------------------------------------------- tell */

static void tell_place(const char *input, const struct stray *stray, const flat_error *error)
{
	complain(DONE,
		 "%s:%" PRIu64 ": record %" PRIu64 ", field %" PRIu64 " \"%s\" (byte %" PRIu64
		 "): \"%s\" makes strings of a field with %" PRIu64 " texts that are %s",
		 input, error->line, error->record, error->field, error->name, error->byte, error->text,
		 stray->nkind, stray->kind->plural);
}

static bool tell(const struct inspection *inspection, const struct stray *stray)
{
	bool found = false;

	for (size_t i = 0; i < inspection->options.ninputs && !found; i++) {
		struct input input;
		flat_error error;

		if (input_open(&input, &inspection->options, i) == DONE && input.seekable)
			found = find(inspection, &input, stray, &error);
		if (found)
			tell_place(input.name, stray, &error);
		input_close(&input);
	}
	return found;
}

void strays_tell(const struct inspection *inspection)
{
	size_t ntold = 0;
	bool found = false;

	for (size_t i = 0; i < inspection->schema.nwanted && ntold < TOLD_MOST; i++) {
		size_t field = inspection->schema.wanted[i];
		const flat_measure *measure = &inspection->measures[field];
		const flat_type type = inspection->fields[field].type;
		struct stray stray = {.field = field, .kind = main_kind(measure)};

		if ((type != FLAT_STR && type != FLAT_TEXT) || !stray.kind)
			continue;
		stray.nkind = stray.kind->count(measure);
		if (has_stray(measure, stray.kind))
			found |= tell(inspection, &stray);
		else
			complain(DONE, "field %zu \"%s\": it holds strings, as %s", field + 1, inspection->fields[field].name,
				 stray.kind->misfit);
		ntold++;
	}
	if (found)
		complain(DONE, "--null TEXT, if such a text stands for no value; --trim, if blanks around it do not "
			       "count; --schema, if it is to be a value");
}
