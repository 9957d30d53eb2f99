/*
 * The shape of an input's records, as far as its start tells.
 *
 * How bytes become fields is known to the library alone: a delimiter is tried by reading records
 * of one field, which fail, and say how many fields there are.
 */
#include "config.h"

#include "record.h"
#include "schema.h"
#include "shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_NBYTES ((size_t)256 << 10)
#define SAMPLE_RECORDS ((size_t)100)
#define RECORD_DEFAULT ((size_t)16 << 20) /* the reader's */
#define RENAMED_SHOWN 5

/* Whole records at the start of an input. */
struct sample {
	const char *bytes;
	size_t nbytes;
	uint64_t nrecords;
	bool is_all;
	const char *name; /* of the input */
};

/* -------------------------------------------------------------------------------------- sample */

static struct sample sample_of(const struct input *input, const flat_dialect *dialect)
{
	flat_survey survey = flat_survey_bytes(dialect, input->head, input->head_nbytes);
	uint64_t nrecords =
		input->head_is_all ? flat_survey_records(&survey) : survey.from[FLAT_STATE_OF_INPUT].records;

	return (struct sample){.bytes = input->head,
			       .nbytes = input->head_nbytes,
			       .nrecords = nrecords < SAMPLE_RECORDS ? nrecords : SAMPLE_RECORDS,
			       .is_all = input->head_is_all && nrecords <= SAMPLE_RECORDS,
			       .name = input->name};
}

/* Looks far enough for a header and a record, as long as they may be. */
static enum status take_sample(struct sample *sample, struct input *input, const flat_dialect *dialect,
			       size_t max_record)
{
	size_t most = 2 * (max_record ? max_record : RECORD_DEFAULT) + 8;

	for (size_t nbytes = SAMPLE_NBYTES;; nbytes *= 2) {
		enum status status = input_look(input, nbytes < most ? nbytes : most);

		if (status == DONE)
			status = input_check_text(input);
		if (status != DONE)
			return status;
		*sample = sample_of(input, dialect);
		if (sample->nrecords >= 2 || input->head_is_all || nbytes >= most)
			return DONE;
	}
}

static flat_reader *open_sample(const struct sample *sample, const flat_format *format, size_t max_record,
				flat_error *error)
{
	flat_source source = flat_source_memory(sample->bytes, sample->nbytes, sample->name);
	flat_reader_options limits = limits_for(sample->nbytes);

	limits.max_record = max_record;
	return flat_reader_open_source(format, &source, &limits, error);
}

/* ----------------------------------------------------------------------------------- delimiter */

/* The fields of the next record of a reader of one field; 0 at the end or if it is bad otherwise. */
static size_t count_fields(flat_reader *reader, flat_error *error)
{
	if (flat_read(reader, 1) == 1) {
		*error = (flat_error){.status = FLAT_OK};
		return 1;
	}
	flat_reader_failed(reader, error);
	if (error->status != FLAT_BAD_SHAPE)
		return 0;
	flat_skip_record(reader);
	return (size_t)error->found;
}

/* The number of fields that all records of the sample have; 0: they differ, or are bad. */
static size_t common_fields(const struct sample *sample, const flat_dialect *dialect, size_t max_record)
{
	flat_error error;
	flat_format *format = texts_format(dialect, 1, &error);
	flat_reader *reader = format ? open_sample(sample, format, max_record, &error) : NULL;
	size_t nfields = 0;

	for (uint64_t i = 0; reader && i < sample->nrecords; i++) {
		size_t found = count_fields(reader, &error);

		if (i == 0)
			nfields = found;
		if (found != nfields)
			nfields = 0;
		if (!nfields)
			break;
	}
	flat_reader_close(reader);
	flat_format_free(format);
	return nfields;
}

static int detect_delimiter(const struct input *input, flat_dialect dialect, size_t max_record)
{
	static const char candidates[] = ",;\t|";
	size_t most = 1;
	int best = ',';

	for (const char *candidate = candidates; *candidate; candidate++) {
		struct sample sample;
		size_t nfields;

		dialect.delimiter = *candidate;
		if (dialect.delimiter == dialect.quote)
			continue;
		sample = sample_of(input, &dialect);
		nfields = common_fields(&sample, &dialect, max_record);
		if (nfields <= most)
			continue;
		most = nfields;
		best = *candidate;
	}
	return best;
}

/* --------------------------------------------------------------------------------- first record */

/* What is wrong with the first record is told of the header, if that is what it may be. */
static void tell_of_header(const struct sample *sample, const flat_dialect *dialect, size_t max_record,
			   flat_error *error)
{
	const flat_field field = {.name = "c0", .type = FLAT_TEXT};
	const flat_reader_options limits = {.max_record = max_record};
	flat_source source = flat_source_memory(sample->bytes, sample->nbytes, sample->name);
	flat_dialect with_header = *dialect;
	flat_format *format;
	flat_error told = {.status = FLAT_OK};

	with_header.header = FLAT_HEADER_SKIPPED;
	format = flat_format_new(&with_header, &field, 1, &told);
	if (format)
		flat_reader_close(flat_reader_open_source(format, &source, &limits, &told));
	flat_format_free(format);
	if (told.status == error->status)
		*error = told;
}

static enum status count_first(struct shape *shape, const struct sample *sample, const flat_dialect *dialect,
			       size_t max_record)
{
	flat_error error;
	flat_format *format = texts_format(dialect, 1, &error);
	flat_reader *reader = format ? open_sample(sample, format, max_record, &error) : NULL;

	if (reader)
		shape->nfields = count_fields(reader, &error);
	flat_reader_close(reader);
	flat_format_free(format);
	if (shape->nfields || error.status == FLAT_OK)
		return DONE;
	if (shape->header != FLAT_HEADER_ABSENT)
		tell_of_header(sample, dialect, max_record, &error);
	return complain_error(&error);
}

/* Measures the first record, and those of the sample that follow up to a bad one. */
static enum status measure_sample(const struct shape *shape, const struct sample *sample, const flat_dialect *dialect,
				  size_t max_record, flat_measure *first, flat_measure *rest, uint64_t *nrest)
{
	flat_error error;
	flat_format *format = texts_format(dialect, shape->nfields, &error);
	flat_reader *reader = format ? open_sample(sample, format, max_record, &error) : NULL;

	*nrest = 0;
	if (reader) {
		for (size_t i = 0; i < shape->nfields; i++)
			flat_bind_measure(reader, i, &first[i]);
		if (flat_read(reader, 1) == 1 && sample->nrecords > 1) {
			for (size_t i = 0; i < shape->nfields; i++)
				flat_bind_measure(reader, i, &rest[i]);
			*nrest = flat_read(reader, (size_t)sample->nrecords - 1);
		}
	}
	flat_reader_close(reader);
	flat_format_free(format);
	return reader ? DONE : complain_error(&error);
}

static bool is_string(flat_type type)
{
	return type == FLAT_STR || type == FLAT_TEXT;
}

static bool has_values(const flat_measure *measure)
{
	return flat_measure_nulls(measure, FLAT_F64) < measure->texts;
}

/* Is the first record a header?  By the columns that hold anything but strings below it. */
static bool is_header(const flat_measure *first, const flat_measure *rest, size_t nfields)
{
	bool fits = false;

	for (size_t i = 0; i < nfields; i++) {
		flat_measure both = flat_measure_join(&first[i], &rest[i]);

		if (!has_values(&first[i]) || !has_values(&rest[i]) ||
		    is_string(flat_measure_type(&rest[i], false).type))
			continue;
		if (is_string(flat_measure_type(&both, false).type))
			return true;
		fits = true;
	}
	return !fits;
}

/* --------------------------------------------------------------------------------------- names */

static char *made_name(const char *base, uint64_t number, const char *format)
{
	size_t nbytes = strlen(base) + 24;
	char *name = malloc(nbytes);

	if (name)
		snprintf(name, nbytes, "%s%s%llu", base, format, (unsigned long long)number);
	return name;
}

/* A name and the field that has it. */
struct named {
	const char *name;
	size_t field;
};

static int compare_names(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->field > y->field) - (x->field < y->field);
}

static bool is_taken(const struct named *sorted, size_t n, const char *name)
{
	size_t first = 0, last = n;

	while (first < last) {
		size_t middle = first + (last - first) / 2;
		int order = strcmp(name, sorted[middle].name);

		if (order == 0)
			return true;
		if (order < 0)
			last = middle;
		else
			first = middle + 1;
	}
	return false;
}

/* c3, or c3_ if that is taken.  What this makes has no point, what numbered() makes has one. */
static char *by_place(const struct named *sorted, size_t n, size_t field)
{
	char *name = made_name("c", field, "");

	while (name && is_taken(sorted, n, name)) {
		char *longer = malloc(strlen(name) + 2);

		if (longer)
			sprintf(longer, "%s_", name);
		free(name);
		name = longer;
	}
	return name;
}

/* x.2 or the next one free; '*number' goes on from call to call. */
static char *numbered(const struct named *sorted, size_t n, const char *base, uint64_t *number)
{
	char *name = made_name(base, ++*number, ".");

	while (name && is_taken(sorted, n, name)) {
		free(name);
		name = made_name(base, ++*number, ".");
	}
	return name;
}

static void say_renamed(const struct input *input, size_t field, const char *old, const char *new, size_t n)
{
	if (n > RENAMED_SHOWN)
		return;
	if (n == RENAMED_SHOWN)
		complain(DONE, "%s: and so on", input->name);
	else if (*old)
		complain(DONE, "%s: field %zu is called \"%s\" as another is; here \"%s\"", input->name, field + 1, old,
			 new);
	else
		complain(DONE, "%s: field %zu has no name; here \"%s\"", input->name, field + 1, new);
}

/* Gives names to fields that have none of their own. */
static enum status make_unique(struct shape *shape, const struct input *input)
{
	struct named *sorted = calloc(shape->nfields, sizeof *sorted);
	char **made = calloc(shape->nfields, sizeof *made);
	enum status status = sorted && made ? DONE : complain_memory();
	uint64_t number = 1;
	size_t n = 0;

	for (size_t i = 0; status == DONE && i < shape->nfields; i++)
		sorted[i] = (struct named){.name = shape->names[i], .field = i};
	if (status == DONE)
		qsort(sorted, shape->nfields, sizeof *sorted, compare_names);
	for (size_t i = 0; status == DONE && i < shape->nfields; i++) {
		const char *name = sorted[i].name;
		size_t field = sorted[i].field;

		if (i == 0 || strcmp(name, sorted[i - 1].name) != 0)
			number = 1;
		else if (*name)
			made[field] = numbered(sorted, shape->nfields, name, &number);
		if (!*name)
			made[field] = by_place(sorted, shape->nfields, field);
		if (!made[field] && (!*name || number > 1))
			status = complain_memory();
	}
	for (size_t i = 0; status == DONE && i < shape->nfields; i++) {
		if (!made[i])
			continue;
		if (shape->header != FLAT_HEADER_ABSENT)
			say_renamed(input, i, shape->names[i], made[i], n++);
		free(shape->names[i]);
		shape->names[i] = made[i];
		made[i] = NULL;
	}
	if (n)
		shape->header = FLAT_HEADER_SKIPPED;
	for (size_t i = 0; made && i < shape->nfields; i++)
		free(made[i]);
	free(made);
	free(sorted);
	return status;
}

/* A name with a zero byte in it is none that the library could find. */
static char *copy_name(const char *text, size_t nbytes)
{
	return memchr(text, '\0', nbytes) ? strdup("") : strndup(text, nbytes);
}

static enum status read_names(struct shape *shape, const struct sample *sample, const flat_dialect *dialect)
{
	flat_dialect plain = *dialect;
	flat_format *format;
	struct record record = {.nfields = 0};
	flat_error error;
	enum status status = DONE;

	plain.nnulls = 0;
	format = texts_format(&plain, shape->nfields, &error);
	if (format)
		record_read(&record, format, sample->bytes, sample->nbytes, &error);
	if (error.status != FLAT_OK) {
		tell_of_header(sample, dialect, limits_for(sample->nbytes).max_record, &error);
		status = complain_error(&error);
	}
	for (size_t i = 0; status == DONE && i < record.nfields; i++) {
		size_t nbytes;
		const char *text = record_text(&record, i, &nbytes);

		shape->names[i] = copy_name(text, nbytes);
		if (!shape->names[i])
			status = complain_memory();
	}
	record_free(&record);
	flat_format_free(format);
	return status;
}

static enum status no_names(struct shape *shape)
{
	for (size_t i = 0; i < shape->nfields; i++) {
		shape->names[i] = strdup("");
		if (!shape->names[i])
			return complain_memory();
	}
	return DONE;
}

/* ---------------------------------------------------------------------------------------- shape */

static void say_detected(const struct input *input, const struct shape *shape, bool delimiter, bool header)
{
	const char *is = shape->header == FLAT_HEADER_ABSENT ? "no header" : "a header";
	char what[32] = "";

	if (delimiter && shape->delimiter == '\t')
		snprintf(what, sizeof what, "delimiter '\\t'");
	else if (delimiter)
		snprintf(what, sizeof what, "delimiter '%c'", shape->delimiter);
	if (delimiter || header)
		complain(DONE, "%s: detected: %s%s%s", input->name, what, delimiter && header ? ", " : "",
			 header ? is : "");
}

/* What the sample tells once the delimiter is known. */
static enum status look_at_records(struct shape *shape, const struct sample *sample, const flat_dialect *dialect,
				   const struct options *options)
{
	size_t n = shape->nfields;
	flat_measure *rest = calloc(n, sizeof *rest);
	enum status status;

	shape->sample = calloc(n, sizeof *shape->sample);
	shape->names = calloc(n, sizeof *shape->names);
	status = rest && shape->sample && shape->names ? DONE : complain_memory();
	if (status == DONE)
		status = measure_sample(shape, sample, dialect, options->max_record, shape->sample, rest,
					&shape->nsample);
	if (status == DONE && !options->no_header && !options->by_position && !options->no_detect &&
	    !is_header(shape->sample, rest, n))
		shape->header = FLAT_HEADER_ABSENT;
	for (size_t i = 0; status == DONE && i < n; i++)
		shape->sample[i] =
			shape->header == FLAT_HEADER_ABSENT ? flat_measure_join(&shape->sample[i], &rest[i]) : rest[i];
	/* Up to a bad one they are measured, the first aside. */
	shape->sample_is_all = sample->is_all && shape->nsample + 1 == sample->nrecords;
	shape->nsample += shape->header == FLAT_HEADER_ABSENT;
	free(rest);
	if (status != DONE)
		return status;
	return shape->header == FLAT_HEADER_ABSENT ? no_names(shape) : read_names(shape, sample, dialect);
}

enum status shape_find(struct shape *shape, struct input *input, const struct options *options)
{
	bool detect = !options->no_detect && !options->delimiter && !is_tsv(input->name);
	bool asks = !options->no_detect && !options->no_header && !options->by_position;
	flat_dialect dialect = {
		.quote = options->quote, .trim = options->trim, .nulls = options->nulls, .nnulls = options->nnulls};
	struct sample sample;
	enum status status;

	*shape = (struct shape){.header = options->no_header	 ? FLAT_HEADER_ABSENT
					  : options->by_position ? FLAT_HEADER_SKIPPED
								 : FLAT_HEADER_NAMES};
	dialect.delimiter = options->delimiter ? options->delimiter : is_tsv(input->name) ? '\t' : ',';
	status = take_sample(&sample, input, &dialect, options->max_record);
	if (status == DONE && detect) {
		dialect.delimiter = detect_delimiter(input, dialect, options->max_record);
		status = take_sample(&sample, input, &dialect, options->max_record);
	}
	shape->delimiter = dialect.delimiter;
	if (status == DONE)
		status = count_first(shape, &sample, &dialect, options->max_record);
	if (status != DONE || !shape->nfields)
		return status;
	status = look_at_records(shape, &sample, &dialect, options);
	if (status == DONE)
		say_detected(input, shape, detect, asks);
	return status == DONE ? make_unique(shape, input) : status;
}

/* Gives the first field of another input that the shape has not; as many as it has if there is none, or if all are. */
static size_t extra_field(const struct shape *shape, const struct shape *other, enum status *status)
{
	struct named *sorted = calloc(shape->nfields, sizeof *sorted);
	size_t extra = other->nfields, nextra = 0;

	*status = sorted ? DONE : complain_memory();
	for (size_t i = 0; sorted && i < shape->nfields; i++)
		sorted[i] = (struct named){.name = shape->names[i], .field = i};
	if (sorted)
		qsort(sorted, shape->nfields, sizeof *sorted, compare_names);
	for (size_t i = 0; sorted && i < other->nfields; i++)
		if (!is_taken(sorted, shape->nfields, other->names[i]) && nextra++ == 0)
			extra = i;
	free(sorted);
	return nextra < other->nfields ? extra : other->nfields;
}

static enum status check_names(const struct shape *shape, struct shape *other, const struct sample *sample,
			       const flat_dialect *dialect)
{
	enum status status = DONE;
	size_t extra;

	other->names = calloc(other->nfields, sizeof *other->names);
	if (!other->names)
		return complain_memory();
	status = read_names(other, sample, dialect);
	if (status != DONE)
		return status;
	extra = extra_field(shape, other, &status);
	if (status != DONE || extra == other->nfields)
		return status;
	return complain(BAD_COMMAND,
			"%s: the first input has no field \"%s\", as field %zu here is called; say with --columns which "
			"are wanted",
			sample->name, other->names[extra], extra + 1);
}

enum status shape_check(const struct shape *shape, struct input *input, const struct options *options)
{
	flat_dialect dialect = {.delimiter = shape->delimiter, .quote = options->quote, .trim = options->trim};
	struct shape other = {.header = shape->header};
	struct sample sample;
	enum status status;

	/* Without a header nothing can be lost: a record of another number of fields is a bad one. */
	if (shape->header == FLAT_HEADER_ABSENT)
		return DONE;
	status = take_sample(&sample, input, &dialect, options->max_record);
	if (status == DONE)
		status = count_first(&other, &sample, &dialect, options->max_record);
	if (status == DONE && other.nfields && shape->header == FLAT_HEADER_NAMES)
		status = check_names(shape, &other, &sample, &dialect);
	else if (status == DONE && other.nfields > shape->nfields)
		status = complain(BAD_COMMAND, "%s: it has %zu fields, the first input %zu; say with --columns which are wanted",
				  input->name, other.nfields, shape->nfields);
	shape_free(&other);
	return status;
}

void shape_free(struct shape *shape)
{
	for (size_t i = 0; shape->names && i < shape->nfields; i++)
		free(shape->names[i]);
	free(shape->names);
	free(shape->sample);
	*shape = (struct shape){.nfields = 0};
}

struct options shape_options(const struct shape *shape, const struct options *options)
{
	struct options completed = *options;

	completed.delimiter = shape->delimiter;
	completed.no_header = shape->header == FLAT_HEADER_ABSENT;
	completed.by_position = shape->header == FLAT_HEADER_SKIPPED;
	return completed;
}
