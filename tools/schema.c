/*
 * Makes a format of --schema, --null and the dialect's options, and finds the fields that --columns
 * names.
 */
#include "config.h"

#include "files.h"
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A schema's text: 100,000 fields take about 2 MiB. */
#define SCHEMA_MAX ((size_t)256 << 20)

/* -------------------------------------------------------------------------------- schema's text */

/* Gives the whole of a file as a string; NULL after complaining. */
static char *read_text(FILE *file, const char *path, enum status *status)
{
	size_t used = 0, room = 4096;
	char *text = malloc(room), *larger;

	while (text && (used += fread(text + used, 1, room - used, file)) == room && room < SCHEMA_MAX) {
		room *= 2;
		larger = realloc(text, room);
		if (!larger)
			free(text);
		text = larger;
	}
	*status = DONE;
	if (!text)
		*status = complain_memory();
	else if (ferror(file))
		*status = complain_os(path, "cannot be read");
	else if (used == room)
		*status = complain(BAD_COMMAND, "%s: it is too long for a schema", path);
	else if (memchr(text, '\0', used))
		*status = complain(BAD_COMMAND, "%s: it is not a schema: it holds a zero byte", path);
	if (*status == DONE) {
		text[used] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

static char *read_file(const char *path, enum status *status)
{
	FILE *file = fopen(path, "rb");
	char *text;

	if (!file) {
		complain(BAD_COMMAND, "--schema: %s: it cannot be opened: %s", path, strerror(errno));
		*status = BAD_COMMAND;
		return NULL;
	}
	text = read_text(file, path, status);
	fclose(file);
	return text;
}

/* The fields as --schema has them, with no dialect yet. */
static enum status parse_schema(flat_format **fields, const char *schema)
{
	enum status status = DONE;
	flat_error error;
	char *text = NULL;

	if (*schema == '@') {
		text = read_file(schema + 1, &status);
		if (!text)
			return status;
	}
	*fields = flat_format_parse(text ? text : schema, NULL, &error);
	free(text);
	if (*fields)
		return DONE;
	if (error.status == FLAT_NO_MEMORY)
		return complain_memory();
	return complain(BAD_COMMAND, "--schema: %s", error.message);
}

/* ---------------------------------------------------------------------------------------- nulls */

/* NAME=TEXT is about one field if there is a field of that name; else the whole is a text. */
static size_t field_of_null(const flat_format *fields, const char *null, const char **text)
{
	size_t field = FLAT_NO_FIELD;

	*text = null;
	/* A name may hold '=' itself: the longest one counts. */
	for (const char *sign = strchr(null, '='); sign; sign = strchr(sign + 1, '=')) {
		char *name = strndup(null, (size_t)(sign - null));
		size_t found = name ? flat_format_find(fields, name) : FLAT_NO_FIELD;

		free(name);
		if (found == FLAT_NO_FIELD)
			continue;
		field = found;
		*text = sign + 1;
	}
	return field;
}

/* One spelling, of one field or (FLAT_NO_FIELD) of all that have none of their own. */
struct null {
	size_t field;
	const char *text;
};

static int compare_nulls(const void *a, const void *b)
{
	const struct null *x = a, *y = b;

	return (x->field > y->field) - (x->field < y->field);
}

/*
 * Builds the format of fields, nulls and dialect; both copy what they are given.  'nulls' sorted by
 * field, so that each field's spellings lie together in 'texts', those of the dialect at the end.
 */
static enum status build(struct schema *schema, const flat_format *parsed, const struct options *options,
			 struct null *nulls, const char **texts, flat_field *fields)
{
	size_t nfields = flat_format_nfields(parsed), at = 0;
	flat_dialect dialect = {
		.delimiter = options->delimiter,
		.quote = options->quote,
		.header = options->no_header	 ? FLAT_HEADER_ABSENT
			  : options->by_position ? FLAT_HEADER_SKIPPED
						 : FLAT_HEADER_NAMES,
		.trim = options->trim,
	};
	flat_error error;

	for (size_t i = 0; i < options->nnulls; i++)
		nulls[i].field = field_of_null(parsed, options->nulls[i], &nulls[i].text);
	if (options->nnulls)
		qsort(nulls, options->nnulls, sizeof *nulls, compare_nulls);
	for (size_t i = 0; i < options->nnulls; i++)
		texts[i] = nulls[i].text;
	for (size_t i = 0; i < nfields; i++) {
		fields[i] = *flat_format_field(parsed, i);
		/*
		 * A format's own fields have their nulls filled in; here they are to be the new
		 * dialect's.
		 */
		fields[i].nulls = NULL;
		fields[i].nnulls = 0;
		for (; at < options->nnulls && nulls[at].field == i; at++) {
			if (!fields[i].nnulls++)
				fields[i].nulls = texts + at;
		}
	}
	dialect.nulls = texts + at;
	dialect.nnulls = options->nnulls - at;
	schema->format = flat_format_new(&dialect, fields, nfields, &error);
	if (schema->format)
		return DONE;
	return error.status == FLAT_NO_MEMORY ? complain_memory() : complain(BAD_COMMAND, "%s", error.message);
}

bool is_tsv(const char *path)
{
	return ends_in(path, ".tsv");
}

static enum status make_format(struct schema *schema, const flat_format *parsed, const struct options *options)
{
	struct options given = *options;
	struct null *nulls = calloc(options->nnulls + 1, sizeof *nulls);
	const char **texts = calloc(options->nnulls + 1, sizeof *texts);
	flat_field *fields = calloc(flat_format_nfields(parsed), sizeof *fields);
	enum status status;

	if (!given.delimiter && is_tsv(options->inputs[0]))
		given.delimiter = '\t';
	if (nulls && texts && fields)
		status = build(schema, parsed, &given, nulls, texts, fields);
	else
		status = complain_memory();
	free(nulls);
	free(texts);
	free(fields);
	return status;
}

/* -------------------------------------------------------------------------------------- columns */

/*
 * The number of bytes to change, add or drop to make b of a, by the two-row method of Wagner and
 * Fischer (1974).
 */
static size_t distance(const char *a, const char *b)
{
	size_t row[64 + 1], nbytes = strlen(b);

	if (nbytes > 64)
		return SIZE_MAX;
	for (size_t k = 0; k <= nbytes; k++)
		row[k] = k;
	for (; *a; a++) {
		size_t diagonal = row[0]++;

		for (size_t k = 1; k <= nbytes; k++) {
			size_t best = diagonal + (*a != b[k - 1]);

			diagonal = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[nbytes];
}

static const char *nearest(const flat_format *format, const char *name)
{
	size_t least = strlen(name) / 3 + 2;
	const char *found = NULL;

	for (size_t i = 0; i < flat_format_nfields(format); i++) {
		size_t far = distance(name, flat_format_field(format, i)->name);

		if (far >= least)
			continue;
		least = far;
		found = flat_format_field(format, i)->name;
	}
	return found;
}

static enum status unknown_column(const flat_format *format, const char *name)
{
	const char *like = nearest(format, name);
	size_t nfields = flat_format_nfields(format);

	fprintf(stderr, "flatload: --columns: there is no field \"%s\"; ", name);
	if (like) {
		fprintf(stderr, "did you mean \"%s\"?\n", like);
		return BAD_COMMAND;
	}
	fputs("it has", stderr);
	for (size_t i = 0; i < nfields && i < 20; i++)
		fprintf(stderr, "%s \"%s\"", i ? "," : "", flat_format_field(format, i)->name);
	fputs(nfields > 20 ? ", ...\n" : "\n", stderr);
	return BAD_COMMAND;
}

/*
 * Takes the next name off a list: a,"b, c",d.  In place; gives what follows, NULL if a quote does
 * not close.
 */
static char *next_name(char *p, char **name)
{
	char *out = p;

	*name = p;
	if (*p != '"') {
		p += strcspn(p, ",");
		if (*p)
			*p++ = '\0';
		return p;
	}
	for (p++; *p; p++) {
		if (*p == '"' && *++p != '"')
			break;
		*out++ = *p;
	}
	if (p[-1] != '"' || (*p && *p != ','))
		return NULL;
	p += *p == ',';
	*out = '\0';
	return p;
}

static enum status want(struct schema *schema, const char *name, bool *taken)
{
	size_t field = flat_format_find(schema->format, name);

	if (field == FLAT_NO_FIELD)
		return unknown_column(schema->format, name);
	if (taken[field])
		return complain(BAD_COMMAND, "--columns: field \"%s\" is there twice", name);
	taken[field] = true;
	schema->wanted[schema->nwanted++] = field;
	return DONE;
}

static enum status want_columns(struct schema *schema, const char *columns)
{
	bool *taken = calloc(flat_format_nfields(schema->format), sizeof *taken);
	char *list = strdup(columns), *p = list, *name;
	enum status status = taken && list ? DONE : complain_memory();

	while (status == DONE && p && (*p || schema->nwanted == 0)) {
		p = next_name(p, &name);
		status = p ? want(schema, name, taken)
			   : complain(BAD_COMMAND,
				      "--columns: a quote does not close, or something follows it: "
				      "%s",
				      columns);
	}
	free(taken);
	free(list);
	return status;
}

enum status schema_make(struct schema *schema, const flat_format *fields, const struct options *options)
{
	enum status status;
	size_t nfields;

	*schema = (struct schema){.format = NULL};
	status = make_format(schema, fields, options);
	if (status != DONE)
		return status;
	nfields = flat_format_nfields(schema->format);
	schema->wanted = calloc(nfields, sizeof *schema->wanted);
	if (!schema->wanted)
		return complain_memory();
	if (options->columns)
		return want_columns(schema, options->columns);
	for (size_t i = 0; i < nfields; i++)
		schema->wanted[schema->nwanted++] = i;
	return DONE;
}

enum status schema_load(struct schema *schema, const struct options *options)
{
	flat_format *fields;
	enum status status;

	*schema = (struct schema){.format = NULL};
	status = parse_schema(&fields, options->schema);
	if (status != DONE)
		return status;
	status = schema_make(schema, fields, options);
	flat_format_free(fields);
	return status;
}

void schema_free(struct schema *schema)
{
	free(schema->wanted);
	flat_format_free(schema->format);
	*schema = (struct schema){.format = NULL};
}
