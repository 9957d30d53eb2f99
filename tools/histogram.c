/*
 * How the numbers of each field are distributed, by a second pass that knows the least and the
 * greatest one.
 */
#include "config.h"

#include "batch.h"
#include "histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool shows_bars(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *terminal = getenv("TERM");

	if (!isatty(STDOUT_FILENO) || (terminal && strcmp(terminal, "dumb") == 0))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *locale = getenv(names[i]);

		if (locale && *locale)
			return strstr(locale, "UTF-8") || strstr(locale, "utf8") || strstr(locale, "UTF8") ||
			       strstr(locale, "utf-8");
	}
	return false;
}

static bool is_number(flat_type type)
{
	return type >= FLAT_I8 && type <= FLAT_F64;
}

/* fmin() and fmax() would want the library of mathematics, for NaNs that are not here. */
static double lesser(double a, double b)
{
	return b < a ? b : a;
}

static double greater(double a, double b)
{
	return b > a ? b : a;
}

/* The reach of a field, as numbers that bars can be made of. */
static void find_reach(const flat_measure *measure, double *least, double *greatest)
{
	*least = HUGE_VAL;
	*greatest = -HUGE_VAL;
	if (measure->negatives) {
		*least = lesser(*least, (double)measure->least_negative);
		*greatest = greater(*greatest, (double)measure->greatest_negative);
	}
	if (measure->integers > measure->negatives) {
		*least = lesser(*least, (double)measure->least_natural);
		*greatest = greater(*greatest, (double)measure->greatest_natural);
	}
	if (measure->floats) {
		*least = lesser(*least, measure->least_float);
		*greatest = greater(*greatest, measure->greatest_float);
	}
}

/* A format of the numbers, all as f64; texts, which are not bound, hold the places of the rest. */
static enum status make_schema(struct schema *schema, const struct inspection *inspection)
{
	size_t n = inspection->shape.nfields;
	flat_field *fields = calloc(n, sizeof *fields);
	flat_format *format;
	flat_error error;
	struct options options = inspection->options;
	enum status status;

	if (!fields)
		return complain_memory();
	for (size_t i = 0; i < n; i++) {
		fields[i] = inspection->fields[i];
		fields[i].type = is_number(fields[i].type) ? FLAT_F64 : FLAT_TEXT;
		fields[i].width = 0;
	}
	format = flat_format_new(NULL, fields, n, &error);
	free(fields);
	if (!format)
		return complain_error(&error);
	options.columns = NULL;
	status = schema_make(schema, format, &options);
	flat_format_free(format);
	if (status != DONE)
		return status;
	schema->nwanted = 0;
	for (size_t i = 0; i < n; i++)
		if (is_number(inspection->fields[i].type))
			schema->wanted[schema->nwanted++] = i;
	return DONE;
}

static void count(struct histogram *histogram, const struct column *column, size_t n)
{
	const double *values = column->cells.base;
	double least = histogram->fields[column->index].least;
	/* Half of each, so that no difference is beyond an f64. */
	double reach = histogram->fields[column->index].greatest / 2 - least / 2;

	for (size_t i = 0; i < n; i++) {
		double at = (values[i] / 2 - least / 2) / reach * HISTOGRAM_BARS;

		if (!(at >= 0 && at <= HISTOGRAM_BARS))
			continue;
		histogram->fields[column->index].counts[at < HISTOGRAM_BARS ? (size_t)at : HISTOGRAM_BARS - 1]++;
	}
}

static enum status read_input(struct histogram *histogram, const struct batch *batch, const struct options *options,
			      size_t index)
{
	flat_reader_options limits = {.window = options->buffer, .max_record = options->max_record};
	struct input input;
	enum status status = input_open(&input, options, index);
	flat_source source = input_source(&input);
	flat_reader *reader = NULL;
	flat_error error;
	size_t n;

	if (status == DONE) {
		reader = flat_reader_open_source(batch->format, &source, &limits, &error);
		status = reader ? batch_bind(batch, reader) : complain_error(&error);
	}
	while (status == DONE && (n = flat_read(reader, batch->capacity)) > 0)
		for (size_t i = 0; i < batch->ncolumns; i++)
			count(histogram, &batch->columns[i], n);
	if (status == DONE && flat_reader_failed(reader, &error))
		status = complain_error(&error);
	flat_reader_close(reader);
	input_close(&input);
	return status;
}

static enum status take(struct histogram *histogram, const struct inspection *inspection)
{
	struct schema schema;
	struct batch batch = {.columns = NULL};
	enum status status = make_schema(&schema, inspection);

	if (status == DONE && schema.nwanted)
		status = batch_open(&batch, &schema, false, VALIDITY_NONE);
	for (size_t i = 0; schema.nwanted && i < inspection->options.ninputs && status == DONE; i++)
		status = read_input(histogram, &batch, &inspection->options, i);
	batch_free(&batch);
	schema_free(&schema);
	return status;
}

enum status histogram_take(struct histogram *histogram, const struct inspection *inspection)
{
	size_t n = inspection->shape.nfields;

	*histogram = (struct histogram){.nfields = 0};
	if (!n || !shows_bars() || !are_seekable(&inspection->options))
		return DONE;
	histogram->fields = calloc(n, sizeof *histogram->fields);
	if (!histogram->fields)
		return complain_memory();
	histogram->nfields = n;
	for (size_t i = 0; i < n; i++)
		find_reach(&inspection->measures[i], &histogram->fields[i].least, &histogram->fields[i].greatest);
	return take(histogram, inspection);
}

void histogram_free(struct histogram *histogram)
{
	free(histogram->fields);
	*histogram = (struct histogram){.nfields = 0};
}

/* The lowest bar is for some, a blank for none. */
void histogram_print(const struct histogram *histogram, size_t field, char *bars)
{
	uint64_t most = 0;

	*bars = '\0';
	if (!histogram->nfields)
		return;
	for (size_t i = 0; i < HISTOGRAM_BARS; i++)
		if (histogram->fields[field].counts[i] > most)
			most = histogram->fields[field].counts[i];
	for (size_t i = 0; most && i < HISTOGRAM_BARS; i++) {
		double share = (double)histogram->fields[field].counts[i] / (double)most;
		/* U+2581 is one eighth of a block, U+2588 all of it. */
		char block[] = {'\xE2', '\x96', (char)(0x81 + (int)(share * 7)), '\0'};

		strcat(bars, histogram->fields[field].counts[i] ? block : " ");
	}
}
