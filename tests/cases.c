/*
 * Runs tests/cases/: each folder is an input, a schema and what must come of it, whichever way it is read.
 *
 * The folders' format is described in tests/cases/README.md.  What is too large for a file is made here.
 */
#include "config.h"

#include "support/drive.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_NULLS = 8, MAX_FIELDS = 64, MAX_WORD = 64 };

/* -------------------------------------------------------------------------------------- a case, from files */

struct field_nulls {
	char field[MAX_WORD];
	char spelling[MAX_WORD];
};

struct test_case {
	struct text input, schema, expect, error;
	flat_dialect dialect;
	char nulls[MAX_NULLS][MAX_WORD];
	const char *null_pointers[MAX_NULLS];
	struct field_nulls field_nulls[MAX_NULLS];
	size_t nfield_nulls;
	const char *field_null_pointers[MAX_FIELDS][MAX_NULLS];
	flat_reader_options options;
	bool validity_given;
	flat_validity validity;
	bool lengths;
	size_t arena;
	bool bound[MAX_FIELDS];
	const char *bind; /* names, separated by blanks; NULL: all */
	flat_format *format;
};

/* \t \s \\ \xHH, so that any byte can be written, and seen. */
static void unescape(char *out, size_t out_nbytes, const char *p)
{
	unsigned byte;

	for (; *p && out_nbytes > 1; p++, out_nbytes--) {
		char c = *p;

		if (c == '\\' && sscanf(p, "\\x%2x", &byte) == 1) {
			c = (char)byte;
			p += 3;
		} else if (c == '\\' && p[1]) {
			p++;
			c = *p == 't' ? '\t' : *p == 's' ? ' ' : *p;
		}
		*out++ = c;
	}
	*out = '\0';
}

static int byte_of(const char *value)
{
	char byte[MAX_WORD];

	if (strcmp(value, "none") == 0)
		return FLAT_NONE;
	unescape(byte, sizeof byte, value);
	return (unsigned char)byte[0];
}

static bool set_validity(struct test_case *test, const char *value)
{
	static const char *const names[] = {"none", "bitmap", "byte", "sentinel"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(value, names[i]) == 0) {
			test->validity = (flat_validity)i;
			test->validity_given = true;
			return true;
		}
	}
	return false;
}

/* FIELD SPELLING; without a spelling the field has an empty list of its own. */
static bool set_field_null(struct test_case *test, const char *value)
{
	struct field_nulls *nulls = &test->field_nulls[test->nfield_nulls++];
	size_t n = strcspn(value, " ");

	if (test->nfield_nulls > MAX_NULLS || n >= sizeof nulls->field)
		return false;
	memcpy(nulls->field, value, n);
	unescape(nulls->spelling, sizeof nulls->spelling, value + n + (value[n] == ' '));
	return true;
}

static bool set_null(struct test_case *test, const char *value)
{
	size_t n = test->dialect.nnulls++;

	if (n >= MAX_NULLS)
		return false;
	unescape(test->nulls[n], sizeof test->nulls[n], value);
	test->null_pointers[n] = test->nulls[n];
	test->dialect.nulls = test->null_pointers;
	return true;
}

static bool set_option(struct test_case *test, const char *key, const char *value)
{
	if (strcmp(key, "delimiter") == 0)
		test->dialect.delimiter = byte_of(value);
	else if (strcmp(key, "quote") == 0)
		test->dialect.quote = byte_of(value);
	else if (strcmp(key, "header") == 0)
		test->dialect.header = strcmp(value, "absent") == 0 ? FLAT_HEADER_ABSENT : FLAT_HEADER_NAMES;
	else if (strcmp(key, "trim") == 0)
		test->dialect.trim = true;
	else if (strcmp(key, "null") == 0)
		return set_null(test, value);
	else if (strcmp(key, "field-null") == 0)
		return set_field_null(test, value);
	else if (strcmp(key, "validity") == 0)
		return set_validity(test, value);
	else if (strcmp(key, "lengths") == 0)
		test->lengths = true;
	else if (strcmp(key, "max_record") == 0)
		test->options.max_record = strtoul(value, NULL, 10);
	else if (strcmp(key, "max_fields") == 0)
		test->options.max_fields = strtoul(value, NULL, 10);
	else if (strcmp(key, "arena") == 0)
		test->arena = strtoul(value, NULL, 10);
	else if (strcmp(key, "bind") == 0)
		test->bind = value;
	else
		return false;
	return true;
}

/* Lines behind the first of 'schema': KEY or KEY VALUE.  Cuts the text up in place. */
static bool parse_options(struct test_case *test, char *line)
{
	while (line && *line) {
		char *end = strchr(line, '\n');
		char *value = line + strcspn(line, " \n");

		if (end)
			*end = '\0';
		if (*value)
			*value++ = '\0';
		if (!set_option(test, line, value)) {
			printf("# schema: \"%s %s\" is not understood\n", line, value);
			return false;
		}
		line = end ? end + 1 : NULL;
	}
	return true;
}

static bool is_listed(const char *list, const char *name)
{
	size_t nbytes = strlen(name);

	for (; *list; list += strcspn(list, " "), list += *list == ' ')
		if (strcspn(list, " ") == nbytes && memcmp(list, name, nbytes) == 0)
			return true;
	return false;
}

/* The line's fields, and the options' nulls of each. */
static bool make_format(struct test_case *test)
{
	flat_field fields[MAX_FIELDS];
	flat_error error;
	flat_format *parsed = flat_format_parse(test->schema.bytes, &test->dialect, &error);
	size_t n;

	if (!parsed) {
		printf("# %s\n", error.message);
		return false;
	}
	n = flat_format_nfields(parsed);
	for (size_t i = 0; i < n && i < MAX_FIELDS; i++) {
		flat_field *field = &fields[i];

		*field = *flat_format_field(parsed, i);
		field->nulls = NULL;
		field->nnulls = 0;
		for (size_t k = 0; k < test->nfield_nulls; k++) {
			if (strcmp(test->field_nulls[k].field, field->name) != 0)
				continue;
			field->nulls = test->field_null_pointers[i];
			test->field_null_pointers[i][field->nnulls] = test->field_nulls[k].spelling;
			field->nnulls += test->field_nulls[k].spelling[0] != '\0';
		}
		test->bound[i] = !test->bind || is_listed(test->bind, field->name);
	}
	test->format = flat_format_new(&test->dialect, fields, n, &error);
	flat_format_free(parsed);
	return test->format != NULL;
}

static bool load_part(struct text *text, const char *folder, const char *name, const char *part)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s/%s", folder, name, part);
	text_add(text, "", 0);
	return text_load(text, path);
}

static bool load_case(struct test_case *test, const char *folder, const char *name)
{
	char *options;

	*test = (struct test_case){.arena = 0};
	if (!load_part(&test->input, folder, name, "input") || !load_part(&test->schema, folder, name, "schema") ||
	    !load_part(&test->expect, folder, name, "expect")) {
		printf("# the folder lacks input, schema or expect\n");
		return false;
	}
	load_part(&test->error, folder, name, "error");
	options = strchr(test->schema.bytes, '\n');
	if (options)
		*options++ = '\0';
	return parse_options(test, options) && make_format(test);
}

static void free_case(struct test_case *test)
{
	text_free(&test->input);
	text_free(&test->schema);
	text_free(&test->expect);
	text_free(&test->error);
	flat_format_free(test->format);
}

/* ------------------------------------------------------------------------------------------------ all ways */

static void show(const char *what, const struct text *text)
{
	const char *p = text->bytes ? text->bytes : "";

	printf("# %s:\n", what);
	while (*p) {
		size_t n = strcspn(p, "\n");

		printf("#     %.*s\n", (int)n, p);
		p += n + (p[n] == '\n');
	}
}

static bool try_way(const struct test_case *test, const struct drive *way, struct outcome *outcome)
{
	struct text description = {.bytes = NULL};

	outcome_clear(outcome);
	drive(test->format, test->input.bytes, test->input.nbytes, way, outcome);
	if (!outcome->broken && text_equals(&outcome->records, &test->expect) && text_equals(&outcome->errors, &test->error))
		return true;
	drive_describe(way, &description);
	printf("# %s%s%s\n", description.bytes, outcome->broken ? ": " : "", outcome->broken ? outcome->broken : "");
	text_free(&description);
	if (!text_equals(&outcome->records, &test->expect)) {
		show("expected records", &test->expect);
		show("got", &outcome->records);
	}
	if (!text_equals(&outcome->errors, &test->error)) {
		show("expected errors", &test->error);
		show("got", &outcome->errors);
	}
	return false;
}

/* Columns of their own with bitmaps, structs with bytes of validity, structs with sentinels. */
static void choose_table(const struct test_case *test, struct drive *way, unsigned kind)
{
	static const struct table_plan plans[] = {
		{.layout = LAYOUT_SEPARATE, .validity = FLAT_VALIDITY_BITMAP, .lengths = true},
		{.layout = LAYOUT_STRUCT, .validity = FLAT_VALIDITY_BYTE},
		{.layout = LAYOUT_STRUCT, .validity = FLAT_VALIDITY_SENTINEL},
		{.layout = LAYOUT_SEPARATE, .validity = FLAT_VALIDITY_BYTE},
		{.layout = LAYOUT_STRUCT, .validity = FLAT_VALIDITY_BITMAP, .lengths = true},
	};

	way->table = plans[kind % (sizeof plans / sizeof *plans)];
	if (test->validity_given)
		way->table.validity = test->validity;
	way->table.lengths = way->table.lengths || test->lengths;
	way->table.arena_nbytes = test->arena ? test->arena : test->input.nbytes;
	way->table.bound = test->bound;
}

/* Starting anew at element 0 starts the arena anew, so that it is never full where it would be otherwise. */
static bool makes_sense(const struct test_case *test, const struct drive *way)
{
	return !(test->arena && way->mode == READ_ONE) && !(way->source == FROM_PIPE && test->input.nbytes > 60000);
}

static bool try_modes(const struct test_case *test, struct drive *way, struct outcome *outcome)
{
	static unsigned turn;

	for (way->mode = 0; way->mode < NMODES; way->mode++) {
		turn++;
		choose_table(test, way, turn);
		way->own_memory = turn % 32 == 0;
		way->interrupted = turn % 2 == 0;
		way->cpu = drive_cpu(turn / 4);
		if (makes_sense(test, way) && !try_way(test, way, outcome))
			return false;
	}
	return true;
}

static bool try_chunks(const struct test_case *test, struct drive *way, struct outcome *outcome)
{
	way->source = FROM_CALLBACK;
	for (way->chunk = 1; way->chunk <= 24 && way->chunk <= test->input.nbytes + 1; way->chunk++)
		if (!try_modes(test, way, outcome))
			return false;
	way->chunk = SIZE_MAX;
	return try_modes(test, way, outcome);
}

static bool try_all(const struct test_case *test)
{
	static const size_t windows[] = {0, 1, 2, 3, 7, 64};
	struct drive way = {.options = test->options};
	struct outcome outcome = {.broken = NULL};
	bool fine = true;

	for (size_t i = 0; i < sizeof windows / sizeof *windows && fine; i++) {
		way.options.window = windows[i];
		fine = try_chunks(test, &way, &outcome);
		for (way.source = 0; way.source < NSOURCES && fine; way.source++)
			fine = way.source == FROM_CALLBACK || try_modes(test, &way, &outcome);
	}
	/* Each kind of table, at ease. */
	way = (struct drive){.source = FROM_MEMORY, .mode = READ_ALL, .options = test->options};
	for (unsigned kind = 0; kind < 5 && fine; kind++) {
		choose_table(test, &way, kind);
		fine = try_way(test, &way, &outcome);
	}
	outcome_free(&outcome);
	return fine;
}

/* --------------------------------------------------------------------------------------- what is made here */

/* Of this process's own time: what else the machine does is of no account. */
static double now(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* Reads all of the input, skipping what is bad.  Gives the seconds it took, less than 0 if the counts are wrong. */
static double time_reading(const flat_format *format, const struct text *input, size_t chunk, uint64_t stored, uint64_t skipped)
{
	struct drive way = {.source = FROM_CALLBACK, .chunk = chunk, .table = {.validity = FLAT_VALIDITY_BYTE}};
	struct outcome outcome = {.broken = NULL};
	double best = 1e9;
	bool fine = true;

	for (int i = 0; i < 3 && best > 0.02; i++) {
		double start = now();

		outcome_clear(&outcome);
		drive(format, input->bytes, input->nbytes, &way, &outcome);
		start = now() - start;
		best = start < best ? start : best;
		fine = fine && !outcome.broken && outcome.counts.stored == stored && outcome.counts.skipped == skipped;
	}
	if (!fine)
		printf("# stored %llu, skipped %llu; %s\n", (unsigned long long)outcome.counts.stored,
		       (unsigned long long)outcome.counts.skipped, outcome.broken ? outcome.broken : "");
	outcome_free(&outcome);
	return fine ? best : -1;
}

/* Four times as much in four times the time; 16 times would be quadratic.  Too quick to tell is fine. */
static bool grows_linearly(double small, double large)
{
	if (small < 0 || large < 0 || small > 1e8 || large > 1e8)
		return false;
	printf("# %.1f ms, and four times as much in %.1f ms\n", 1e3 * small, 1e3 * large);
	return large < 0.25 || large < 11 * small;
}

/* c0,c1,... then 'nrecords' records with the number of the column in each field. */
static double time_wide(size_t nfields, size_t chunk)
{
	struct text input = {.bytes = NULL}, schema = {.bytes = NULL};
	flat_format *format;
	double seconds;

	for (size_t record = 0; record < 3; record++) {
		for (size_t i = 0; i < nfields; i++) {
			text_print(&input, "%s%s%zu", i ? "," : "", record ? "" : "c", i);
			if (record == 0)
				text_print(&schema, "%sc%zu:u32", i ? "," : "", i);
		}
		text_print(&input, "\n");
	}
	format = flat_format_parse(schema.bytes, NULL, NULL);
	if (!format)
		return -1;
	seconds = time_reading(format, &input, chunk, 2, 0);
	flat_format_free(format);
	text_free(&input);
	text_free(&schema);
	return seconds;
}

static bool a_hundred_thousand_columns(void)
{
	return grows_linearly(time_wide(25000, SIZE_MAX), time_wide(100000, SIZE_MAX));
}

static bool a_hundred_thousand_columns_in_short_reads(void)
{
	return grows_linearly(time_wide(25000, 16), time_wide(100000, 16));
}

static double time_repeated(const char *schema, const char *record, size_t nrecords, bool good)
{
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	flat_format *format = flat_format_parse(schema, &dialect, NULL);
	struct text input = {.bytes = NULL};
	double seconds;

	for (size_t i = 0; i < nrecords; i++)
		text_print(&input, "%s", record);
	seconds = time_reading(format, &input, SIZE_MAX, good ? nrecords : 0, good ? 0 : nrecords);
	flat_format_free(format);
	text_free(&input);
	return seconds;
}

static bool nothing_but_bad_values(void)
{
	return grows_linearly(time_repeated("a:u8", "x\n", 5000, false), time_repeated("a:u8", "x\n", 20000, false));
}

static bool nothing_but_bad_values_behind_good_ones(void)
{
	return grows_linearly(time_repeated("a:u8,b:u8", "1,x\n", 5000, false),
			      time_repeated("a:u8,b:u8", "1,x\n", 20000, false));
}

static bool nothing_but_bad_shapes(void)
{
	return grows_linearly(time_repeated("a:u8,b:u8", "1\n", 15000, false), time_repeated("a:u8,b:u8", "1\n", 60000, false));
}

static bool one_by_one_is_linear(void)
{
	return grows_linearly(time_repeated("a:u8", "7\n", 15000, true), time_repeated("a:u8", "7\n", 60000, true));
}

/* A record far longer than the window, given in small pieces. */
static double time_long(size_t nbytes)
{
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	flat_format *format = flat_format_parse("a:text", &dialect, NULL);
	struct drive way = {.source = FROM_CALLBACK, .chunk = 64, .options = {.window = 64}};
	struct outcome outcome = {.broken = NULL};
	struct text input = {.bytes = NULL};
	double start;

	for (size_t i = 0; i < nbytes; i++)
		text_add(&input, i % 2 ? "\n" : ",", 1);
	input.bytes[0] = input.bytes[nbytes - 1] = '"';
	way.table.arena_nbytes = nbytes;
	way.mode = READ_ONE;
	start = now();
	drive(format, input.bytes, input.nbytes, &way, &outcome);
	start = now() - start;
	if (outcome.broken || outcome.counts.stored != 1)
		start = -1;
	outcome_free(&outcome);
	flat_format_free(format);
	text_free(&input);
	return start;
}

static bool one_long_record(void)
{
	return grows_linearly(time_long(1000000), time_long(4000000));
}

static const struct {
	const char *name;
	bool (*run)(void);
} made[] = {
	{"a-hundred-thousand-columns", a_hundred_thousand_columns},
	{"a-hundred-thousand-columns-in-short-reads", a_hundred_thousand_columns_in_short_reads},
	{"nothing-but-bad-values-in-linear-time", nothing_but_bad_values},
	{"nothing-but-bad-values-behind-good-ones-in-linear-time", nothing_but_bad_values_behind_good_ones},
	{"nothing-but-bad-shapes-in-linear-time", nothing_but_bad_shapes},
	{"good-records-in-linear-time", one_by_one_is_linear},
	{"one-long-record-in-linear-time", one_long_record},
};
enum { NMADE = sizeof made / sizeof *made };

/* ------------------------------------------------------------------------------------------------- running */

static bool run_folder(const char *folder, const char *name)
{
	struct test_case test;
	bool fine = load_case(&test, folder, name) && try_all(&test);

	free_case(&test);
	return fine;
}

static int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && !strchr(entry->d_name, '.');
}

static bool report(int number, bool fine, const char *name)
{
	printf("%s %d - %s\n", fine ? "ok" : "not ok", number, name);
	fflush(stdout);
	return fine;
}

/* Without arguments all cases; else those named. */
int main(int argc, char **argv)
{
	const char *source = getenv("srcdir");
	char folder[2048];
	struct dirent **entries;
	bool fine = true;
	int n, number = 0;

	snprintf(folder, sizeof folder, "%s/tests/cases", source ? source : ".");
	if (argc > 1) {
		printf("1..%d\n", argc - 1);
		for (int i = 1; i < argc; i++)
			fine = report(i, run_folder(folder, argv[i]), argv[i]) && fine;
		return fine ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	n = scandir(folder, &entries, is_case, alphasort);
	if (n <= 0) {
		printf("Bail out! no cases in %s\n", folder);
		return EXIT_FAILURE;
	}
	printf("1..%d\n", n + NMADE);
	for (int i = 0; i < n; i++) {
		number++;
		fine = report(number, run_folder(folder, entries[i]->d_name), entries[i]->d_name) && fine;
		free(entries[i]);
	}
	free(entries);
	for (int i = 0; i < NMADE; i++) {
		number++;
		fine = report(number, made[i].run(), made[i].name) && fine;
	}
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
