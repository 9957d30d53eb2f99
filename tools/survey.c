/*
 * flatload survey: what is in the inputs, as a table for people or (--json) for programs.
 */
#include "config.h"

#include "commands.h"
#include "histogram.h"
#include "inspect.h"
#include "strays.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ least, greatest */

/* An end of what a field holds: one of the numbers, or a text without quotes; else there is none. */
struct reach {
	enum { NOTHING, NEGATIVE, NATURAL, FLOAT, TIME } form;
	int64_t negative;
	uint64_t natural;
	double number;
	char time[48];
};

/*
 * The calendar of days since 1970, proleptic Gregorian, by the 400 years that it repeats in
 * (146097 days), counted from a 1 March so that the leap day comes last.
 */
static int print_day(char *out, size_t nbytes, int64_t days)
{
	int64_t day = days + 719468, era = (day >= 0 ? day : day - 146096) / 146097;
	int64_t of_era = day - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* 0 is March */
	int64_t of_month = of_year - (153 * month + 2) / 5 + 1;

	year += era * 400 + (month >= 10);
	return snprintf(out, nbytes, year < 0 ? "%05" PRId64 "-%02d-%02d" : "%04" PRId64 "-%02d-%02d", year,
			(int)(month < 10 ? month + 3 : month - 9), (int)of_month);
}

/* The fraction is as long as the unit has digits. */
static void print_instant(char *out, size_t nbytes, int64_t second, uint64_t fraction, flat_type type)
{
	int64_t days = (second >= 0 ? second : second - 86399) / 86400;
	int64_t left = second - days * 86400;
	int used = print_day(out, nbytes, days), digits = 3 * (int)(type - FLAT_TIMESTAMP_S);

	used += snprintf(out + used, nbytes - (size_t)used, "T%02d:%02d:%02d", (int)(left / 3600),
			 (int)(left / 60 % 60), (int)(left % 60));
	if (digits) {
		char nanoseconds[16];

		snprintf(nanoseconds, sizeof nanoseconds, "%09" PRIu64, fraction);
		used += snprintf(out + used, nbytes - (size_t)used, ".%.*s", digits, nanoseconds);
	}
	snprintf(out + used, nbytes - (size_t)used, "Z");
}

static bool is_integer(flat_type type)
{
	return type >= FLAT_I8 && type <= FLAT_U64;
}

static bool is_float(flat_type type)
{
	return type == FLAT_F32 || type == FLAT_F64;
}

static bool is_timestamp(flat_type type)
{
	return type >= FLAT_TIMESTAMP_S;
}

static uint64_t naturals(const flat_measure *measure)
{
	return measure->integers - measure->negatives;
}

static struct reach integer_reach(const flat_measure *measure, bool greatest)
{
	if (naturals(measure) && (greatest || !measure->negatives))
		return (struct reach){.form = NATURAL,
				      .natural = greatest ? measure->greatest_natural : measure->least_natural};
	if (measure->negatives)
		return (struct reach){.form = NEGATIVE,
				      .negative = greatest ? measure->greatest_negative : measure->least_negative};
	return (struct reach){.form = NOTHING};
}

/* Of the finite ones.  Integers among them are no more than an f64 holds. */
static struct reach float_reach(const flat_measure *measure, bool greatest)
{
	struct reach whole = integer_reach(measure, greatest);
	struct reach reach = {.form = FLOAT, .number = greatest ? measure->greatest_float : measure->least_float};
	double number = whole.form == NATURAL ? (double)whole.natural : (double)whole.negative;

	if (whole.form == NOTHING && !measure->floats)
		return whole;
	if (whole.form != NOTHING && (!measure->floats || (greatest ? number > reach.number : number < reach.number)))
		reach.number = number;
	return reach;
}

static struct reach date_reach(const flat_measure *measure, bool greatest)
{
	struct reach reach = {.form = measure->dates ? TIME : NOTHING};

	print_day(reach.time, sizeof reach.time, greatest ? measure->greatest_date : measure->least_date);
	return reach;
}

/* Days among them count as their midnights. */
static struct reach instant_reach(const flat_measure *measure, flat_type type, bool greatest)
{
	struct reach reach = {.form = TIME};
	int64_t second = greatest ? measure->greatest_second : measure->least_second;
	uint64_t fraction = greatest ? measure->greatest_fraction : measure->least_fraction;
	int64_t midnight = (greatest ? measure->greatest_date : measure->least_date) * 86400;

	if (measure->dates && (greatest ? midnight > second : midnight <= second)) {
		second = midnight;
		fraction = 0;
	}
	print_instant(reach.time, sizeof reach.time, second, fraction, type);
	return reach;
}

static struct reach reach_of(const flat_measure *measure, flat_type type, bool greatest)
{
	if (is_integer(type))
		return integer_reach(measure, greatest);
	if (is_float(type))
		return float_reach(measure, greatest);
	if (type == FLAT_DATE)
		return date_reach(measure, greatest);
	if (is_timestamp(type))
		return instant_reach(measure, type, greatest);
	return (struct reach){.form = NOTHING};
}

static void put_reach(FILE *out, const struct reach *reach, const char *nothing, const char *quote)
{
	switch (reach->form) {
	case NOTHING:
		fputs(nothing, out);
		break;
	case NEGATIVE:
		fprintf(out, "%" PRId64, reach->negative);
		break;
	case NATURAL:
		fprintf(out, "%" PRIu64, reach->natural);
		break;
	case FLOAT:
		put_json_number(out, reach->number);
		break;
	case TIME:
		fprintf(out, "%s%s%s", quote, reach->time, quote);
		break;
	}
}

/* ----------------------------------------------------------------------------------------- JSON */

static void put_json_field(FILE *out, const flat_field *field, const flat_measure *measure)
{
	struct reach least = reach_of(measure, field->type, false);
	struct reach greatest = reach_of(measure, field->type, true);

	fputs("{\"name\":", out);
	put_json_string(out, field->name);
	fputs(",\"type\":\"", out);
	put_type(out, field);
	fprintf(out, "\",\"nulls\":%" PRIu64 ",\"min\":", flat_measure_nulls(measure, field->type));
	put_reach(out, &least, "null", "\"");
	fputs(",\"max\":", out);
	put_reach(out, &greatest, "null", "\"");
	fprintf(out, ",\"width\":%" PRIu64 "}", measure->greatest_nbytes);
}

/* The keys are an interface. */
static void put_json(const struct inspection *inspection, const char *schema)
{
	printf("{\"records\":%" PRIu64 ",\"lines\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"array_bytes\":%" PRIu64
	       ",\"fields\":[",
	       inspection->records, inspection->lines, inspection->bytes, inspect_array_nbytes(inspection));
	for (size_t i = 0; i < inspection->schema.nwanted; i++) {
		size_t field = inspection->schema.wanted[i];

		fputs(i ? "," : "", stdout);
		put_json_field(stdout, &inspection->fields[field], &inspection->measures[field]);
	}
	fputs("],\"schema\":", stdout);
	put_json_string(stdout, schema);
	fputs("}\n", stdout);
}

/* ---------------------------------------------------------------------------------------- table */

enum { FIELD, TYPE, WIDTH, NULLS, LEAST, GREATEST, NCELLS };
#define NAME_COLUMNS 40

struct row {
	char *cells[NCELLS];
};

static const struct {
	const char *title;
	bool right;
} titles[NCELLS] = {
	[FIELD] = {"field", false}, [TYPE] = {"type", false},  [WIDTH] = {"width", true},
	[NULLS] = {"nulls", true},  [LEAST] = {"least", true}, [GREATEST] = {"greatest", true},
};

/* Writes one cell, as text that is the caller's to free; NULL: no memory. */
static char *cell_of(int cell, const flat_field *field, const flat_measure *measure)
{
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);
	struct reach reach = {.form = NOTHING};

	if (!out)
		return NULL;
	if (cell == FIELD)
		fputs(field->name, out);
	else if (cell == TYPE)
		put_type(out, field);
	else if (cell == WIDTH)
		fprintf(out, "%" PRIu64, measure->greatest_nbytes);
	else if (cell == NULLS)
		fprintf(out, "%" PRIu64, flat_measure_nulls(measure, field->type));
	else
		reach = reach_of(measure, field->type, cell == GREATEST);
	put_reach(out, &reach, "", "");
	close_text(out, &text);
	return text;
}

static bool fill_rows(const struct inspection *inspection, struct row *rows)
{
	bool fine = true;

	for (size_t i = 0; i < inspection->schema.nwanted; i++) {
		size_t field = inspection->schema.wanted[i];

		for (int cell = 0; cell < NCELLS; cell++) {
			rows[i].cells[cell] = cell_of(cell, &inspection->fields[field], &inspection->measures[field]);
			fine = fine && rows[i].cells[cell];
		}
	}
	return fine;
}

static void put_row(const char *const *cells, const size_t *columns, const char *bars)
{
	int last = NCELLS - 1;

	/* No blanks at the end of a line. */
	while (!bars && last > 0 && !*cells[last])
		last--;
	for (int cell = 0; cell <= last; cell++) {
		fputs(cell ? "  " : "", stdout);
		put_cell(stdout, cells[cell], strlen(cells[cell]), columns[cell], titles[cell].right);
	}
	if (bars)
		printf("  %s", bars);
	putchar('\n');
}

static void put_rows(const struct inspection *inspection, const struct row *rows, const struct histogram *histogram)
{
	size_t columns[NCELLS];
	const char *heads[NCELLS];

	for (int cell = 0; cell < NCELLS; cell++) {
		heads[cell] = titles[cell].title;
		columns[cell] = strlen(heads[cell]);
		for (size_t i = 0; i < inspection->schema.nwanted; i++) {
			size_t needed = text_columns(rows[i].cells[cell], strlen(rows[i].cells[cell]));

			if (needed > columns[cell])
				columns[cell] = needed;
		}
	}
	if (columns[FIELD] > NAME_COLUMNS)
		columns[FIELD] = NAME_COLUMNS;
	put_row(heads, columns, NULL);
	for (size_t i = 0; i < inspection->schema.nwanted; i++) {
		char bars[HISTOGRAM_NBYTES];

		histogram_print(histogram, inspection->schema.wanted[i], bars);
		put_row((const char *const *)rows[i].cells, columns, *bars ? bars : NULL);
	}
}

static enum status put_table(const struct inspection *inspection, const struct histogram *histogram)
{
	size_t n = inspection->schema.nwanted;
	struct row *rows = calloc(n + 1, sizeof *rows);
	bool fine = rows && fill_rows(inspection, rows);

	if (fine)
		put_rows(inspection, rows, histogram);
	for (size_t i = 0; rows && i < n; i++)
		for (int cell = 0; cell < NCELLS; cell++)
			free(rows[i].cells[cell]);
	free(rows);
	return fine ? DONE : complain_memory();
}

/* In single quotes, as a shell takes it. */
static void put_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
	putchar('\'');
}

static void put_option(const char *option, const char *value)
{
	printf("%s ", option);
	put_quoted(value);
	putchar(' ');
}

/* A byte as an option takes it. */
static void put_byte(const char *option, int byte)
{
	char text[8] = {(char)byte};

	if (byte == '\t')
		strcpy(text, "\\t");
	else if (byte <= ' ' || byte >= 0x7F || byte == '\\')
		snprintf(text, sizeof text, "\\x%02x", (unsigned)byte);
	put_option(option, byte == FLAT_NONE ? "none" : text);
}

/* What to give to convert, so that it finds the same: all that was given or detected, unless it would be so anyway. */
static void put_options(const struct inspection *inspection, const char *schema)
{
	const struct options *options = &inspection->options;

	if (options->delimiter != (is_tsv(options->inputs[0]) ? '\t' : ','))
		put_byte("-d", options->delimiter);
	if (options->quote)
		put_byte("-q", options->quote);
	fputs(options->no_header ? "-H " : "", stdout);
	fputs(options->by_position ? "--by-position " : "", stdout);
	for (size_t i = 0; i < options->nnulls; i++)
		put_option("--null", options->nulls[i]);
	fputs(options->trim ? "--trim " : "", stdout);
	if (options->max_record)
		printf("--max-record %zu ", options->max_record);
	if (options->columns)
		put_option("-c", options->columns);
	fputs("-s ", stdout);
	put_quoted(schema);
	putchar('\n');
}

static enum status put_all(const struct inspection *inspection, const struct histogram *histogram, const char *schema)
{
	enum status status = put_table(inspection, histogram);

	if (status != DONE)
		return status;
	printf("\nrecords  %" PRIu64 "\nlines    %" PRIu64 "\nbytes    %" PRIu64 "\narrays   %" PRIu64 " bytes\n",
	       inspection->records, inspection->lines, inspection->bytes, inspect_array_nbytes(inspection));
	if (*schema)
		put_options(inspection, schema);
	return DONE;
}

/* ----------------------------------------------------------------------------------------- run */

static enum status answer(const struct inspection *inspection, const struct options *options)
{
	struct histogram histogram = {.nfields = 0};
	char *schema = inspect_schema(inspection);
	enum status status = schema ? DONE : complain_memory();

	if (status == DONE && options->json) {
		put_json(inspection, schema);
	} else if (status == DONE) {
		status = histogram_take(&histogram, inspection);
		if (status == DONE)
			status = put_all(inspection, &histogram, schema);
		if (status == DONE)
			status = finish_output();
		if (status == DONE)
			strays_tell(inspection);
	}
	histogram_free(&histogram);
	free(schema);
	return status == DONE ? finish_output() : status;
}

enum status survey(int argc, char **argv)
{
	struct options options;
	struct inspection inspection = {.records = 0};
	enum status status = options_parse(&options, argc, argv);

	if (status == DONE && options.help)
		status = help_survey();
	else if (status == DONE)
		status = inspect(&inspection, &options, NULL, NULL);
	if (status == DONE && !options.help)
		status = answer(&inspection, &options);
	inspect_free(&inspection);
	options_free(&options);
	return status;
}
