/*
 * Finds the first text of another kind in fields that a survey gave to strings.  Three readers go over an input, one
 * after the other: one measures some records at a time, one those among which a stray is, one by one; and one reads it
 * into an arena without room, so that the library says where it is.
 */
#include "config.h"

#include "strays.h"

#include <inttypes.h>
#include <stdio.h>

#define STRAYS_MOST 5
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
	{numbers, "numbers",
	 "no type holds all of its numbers exactly; give convert a --schema with f64, if they may be rounded"},
	{times, "dates or times",
	 "64 bits do not hold all of its times in the finest unit that one of them needs; give convert a --schema with "
	 "another unit, or mend them"},
	{bools, "true or false", ""},
};
#define NKINDS (sizeof kinds / sizeof *kinds)

struct stray {
	size_t field;
	const struct kind *kind;
	uint64_t nkind;	   /* texts of the kind */
	uint64_t at;	   /* record of the input, with what is looked for at or behind it */
	bool found;	   /* by the reader that goes over the input */
	bool placed;	   /* in this input or one before */
	const char *input; /* ... which, */
	flat_error place;  /* and where */
};

struct strays {
	const struct inspection *inspection;
	struct stray items[STRAYS_MOST];
	size_t n;
	struct progress progress;
	uint64_t bytes; /* of the inputs before */
};

static uint64_t values_of(const flat_measure *measure)
{
	return measure->texts - measure->empty - measure->nulls_spelled - measure->nulls_quoted;
}

static bool has_stray(const flat_measure *measure, const struct kind *kind)
{
	return values_of(measure) > kind->count(measure);
}

/* What three of four texts are, at least; NULL: there is no such kind.  inf and nan are numbers beside others alone. */
static const struct kind *main_kind(const flat_measure *measure)
{
	uint64_t values = values_of(measure);

	for (size_t i = 0; i < NKINDS; i++)
		if (kinds[i].count(measure) >= values - values / 4 && measure->words < values)
			return &kinds[i];
	return NULL;
}

/* ----------------------------------------------------------------------------------------- find */

static flat_reader *open_reader(const struct strays *strays, struct input *input)
{
	flat_source source = input_source(input);
	const struct options *options = &strays->inspection->options;
	flat_reader_options limits = {.window = options->buffer, .max_record = options->max_record};

	return flat_reader_open_source(strays->inspection->schema.format, &source, &limits, NULL);
}

/* The least record at which one is still to be found; UINT64_MAX: all are. */
static uint64_t next_place(const struct strays *strays)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < strays->n; i++)
		if (!strays->items[i].found && strays->items[i].at < least)
			least = strays->items[i].at;
	return least;
}

/* Goes on to a record, without looking at those before.  Gives whether it is there. */
static bool pass(const struct strays *strays, flat_reader *reader, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < strays->n; i++)
		flat_bind_column(reader, strays->items[i].field, NULL);
	return from == to || (from < to && flat_read(reader, (size_t)(to - from)) == to - from);
}

/* Measures 'step' records at a time, from where each stray may be on: then it is among the 'step' from its 'at' on. */
static void search(struct strays *strays, struct input *input, size_t step)
{
	flat_reader *reader = open_reader(strays, input);
	uint64_t done = 0, at;
	size_t n = step;

	while (reader && n == step && (at = next_place(strays)) != UINT64_MAX && pass(strays, reader, done, at)) {
		flat_measure measures[STRAYS_MOST] = {{.texts = 0}};

		for (size_t i = 0; i < strays->n; i++)
			if (!strays->items[i].found && strays->items[i].at == at)
				flat_bind_measure(reader, strays->items[i].field, &measures[i]);
		n = flat_read(reader, step);
		done = at + n;
		for (size_t i = 0; i < strays->n; i++) {
			struct stray *stray = &strays->items[i];

			if (stray->found || stray->at != at)
				continue;
			stray->found = has_stray(&measures[i], stray->kind);
			stray->at += stray->found ? 0 : n;
		}
		progress_show(&strays->progress, strays->bytes + flat_reader_counts(reader).bytes);
	}
	flat_reader_close(reader);
}

/* What fails to be stored is told with its place; and it can be tried again with another field. */
static void place(struct strays *strays, struct input *input)
{
	static char arena[1];
	flat_reader *reader = open_reader(strays, input);
	uint64_t offsets[2], done = 0, at;
	const flat_column column = {.base = offsets, .arena = arena};

	while (reader && (at = next_place(strays)) != UINT64_MAX && pass(strays, reader, done, at)) {
		done = at;
		for (size_t i = 0; i < strays->n; i++) {
			struct stray *stray = &strays->items[i];

			if (stray->found || stray->at != at)
				continue;
			stray->found = true;
			stray->input = input->name;
			flat_bind_column(reader, stray->field, &column);
			flat_read(reader, 1);
			stray->placed =
				flat_reader_failed(reader, &stray->place) && stray->place.status == FLAT_ARENA_FULL;
			flat_bind_column(reader, stray->field, NULL);
		}
	}
	flat_reader_close(reader);
}

/* For the next reader those are left that this one found. */
static bool go_on(struct strays *strays, struct input *input)
{
	bool any = false;

	for (size_t i = 0; i < strays->n; i++) {
		struct stray *stray = &strays->items[i];

		any |= !stray->placed && stray->found;
		stray->found = stray->placed || !stray->found;
	}
	return any && input_rewind(input);
}

static void find_in(struct strays *strays, size_t index)
{
	struct input input;

	for (size_t i = 0; i < strays->n; i++) {
		strays->items[i].at = 0;
		strays->items[i].found = strays->items[i].placed;
	}
	if (input_open(&input, &strays->inspection->options, index) == DONE) {
		search(strays, &input, RECORDS_AT_A_TIME);
		if (go_on(strays, &input)) {
			search(strays, &input, 1);
			if (go_on(strays, &input))
				place(strays, &input);
		}
	}
	strays->bytes += input.nbytes;
	input_close(&input);
}

/* ----------------------------------------------------------------------------------------- tell */

static void tell_place(const struct stray *stray)
{
	const flat_error *at = &stray->place;

	complain(DONE,
		 "%s:%" PRIu64 ": record %" PRIu64 ", field %" PRIu64 " \"%s\" (byte %" PRIu64
		 "): \"%s\" makes strings of a field with %" PRIu64 " texts that are %s",
		 stray->input, at->line, at->record, at->field, at->name, at->byte, at->text, stray->nkind,
		 stray->kind->plural);
}

static void tell(const struct strays *strays)
{
	bool any = false;

	for (size_t i = 0; i < strays->n; i++)
		if (strays->items[i].placed) {
			tell_place(&strays->items[i]);
			any = true;
		}
	if (any)
		complain(DONE, "--null TEXT, if such a text stands for no value; --trim, if blanks around it do not "
			       "count; else mend it, or take strings");
}

static bool is_string(flat_type type)
{
	return type == FLAT_STR || type == FLAT_TEXT;
}

/* Takes those fields that have some; of the others that hold strings for no such reason says which. */
static void choose_fields(struct strays *strays)
{
	const struct inspection *inspection = strays->inspection;

	for (size_t i = 0; i < inspection->schema.nwanted && strays->n < STRAYS_MOST; i++) {
		const size_t field = inspection->schema.wanted[i];
		const flat_measure *measure = &inspection->measures[field];
		const struct kind *kind = main_kind(measure);

		if (!kind || !is_string(inspection->fields[field].type))
			continue;
		if (has_stray(measure, kind))
			strays->items[strays->n++] =
				(struct stray){.field = field, .kind = kind, .nkind = kind->count(measure)};
		else
			complain(DONE, "field %zu \"%s\" holds strings: %s", field + 1, inspection->fields[field].name,
				 kind->misfit);
	}
}

void strays_tell(const struct inspection *inspection)
{
	struct strays strays = {.inspection = inspection};

	choose_fields(&strays);
	if (!strays.n || !are_seekable(&inspection->options))
		return;
	progress_begin(&strays.progress, inspection->options.progress, total_nbytes(&inspection->options));
	for (size_t i = 0; i < inspection->options.ninputs; i++)
		find_in(&strays, i);
	progress_erase(&strays.progress);
	tell(&strays);
}
