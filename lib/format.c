/*
 * Checks a dialect and fields together and copies both into one block, which then never changes.
 */
#include "config.h"

#include "dialect.h"
#include "error.h"
#include "field.h"
#include "format.h"

#include <stdlib.h>
#include <string.h>

/* The parts of the block that follow the struct, each handed out once. */
struct block {
	char *pointers; /* next free byte, aligned for pointers */
	char *chars;
};

static size_t nulls_nbytes(const char *const *nulls, size_t nnulls, size_t *chars)
{
	for (size_t i = 0; i < nnulls; i++)
		*chars += strlen(nulls[i]) + 1;
	return nnulls * sizeof *nulls;
}

static char *copy_string(struct block *block, const char *string)
{
	size_t nbytes = strlen(string) + 1;
	char *copy = memcpy(block->chars, string, nbytes);

	block->chars += nbytes;
	return copy;
}

static const char *const *copy_nulls(struct block *block, const char *const *nulls, size_t nnulls)
{
	const char **copy = (const char **)(void *)block->pointers;

	for (size_t i = 0; i < nnulls; i++)
		copy[i] = copy_string(block, nulls[i]);
	block->pointers += nnulls * sizeof *copy;
	return copy;
}

/* Gives a format with all its parts in place, and by_name not yet in order. */
static flat_format *copy(const flat_dialect *dialect, const flat_field *fields, size_t nfields)
{
	size_t chars = 0, pointers = nulls_nbytes(dialect->nulls, dialect->nnulls, &chars);
	flat_format *format;
	struct block block;

	for (size_t i = 0; i < nfields; i++) {
		chars += strlen(fields[i].name) + 1;
		pointers += nulls_nbytes(fields[i].nulls, fields[i].nnulls, &chars);
	}
	if (nfields > (SIZE_MAX - sizeof *format - pointers - chars) / (sizeof *fields + sizeof(size_t)))
		return NULL;
	format = malloc(sizeof *format + nfields * (sizeof *fields + sizeof(size_t)) + pointers + chars);
	if (!format)
		return NULL;
	*format = (flat_format){.dialect = *dialect, .nfields = nfields, .fields = (flat_field *)(void *)(format + 1)};
	format->by_name = (size_t *)(void *)(format->fields + nfields);
	block.pointers = (char *)(format->by_name + nfields);
	block.chars = block.pointers + pointers;
	format->dialect.nulls = copy_nulls(&block, dialect->nulls, dialect->nnulls);
	for (size_t i = 0; i < nfields; i++) {
		flat_field *field = &format->fields[i];

		*field = fields[i];
		field->name = copy_string(&block, fields[i].name);
		if (fields[i].nulls) {
			field->nulls = copy_nulls(&block, fields[i].nulls, fields[i].nnulls);
		} else {
			field->nulls = format->dialect.nulls;
			field->nnulls = format->dialect.nnulls;
		}
		format->by_name[i] = i;
	}
	return format;
}

/* Heap sort: in place, without allocation, and O(n log n) for any names.  qsort() takes no context. */
static void sift(flat_format *format, size_t root, size_t n)
{
	size_t *heap = format->by_name;

	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		size_t swap;

		if (child + 1 < n && strcmp(format->fields[heap[child]].name, format->fields[heap[child + 1]].name) < 0)
			child++;
		if (strcmp(format->fields[heap[root]].name, format->fields[heap[child]].name) >= 0)
			return;
		swap = heap[root];
		heap[root] = heap[child];
		heap[child] = swap;
	}
}

static void sort_by_name(flat_format *format)
{
	size_t *heap = format->by_name;

	for (size_t i = format->nfields / 2; i-- > 0;)
		sift(format, i, format->nfields);
	for (size_t n = format->nfields; n-- > 1;) {
		size_t swap = heap[0];

		heap[0] = heap[n];
		heap[n] = swap;
		sift(format, 0, n);
	}
}

static flat_status check_names(const flat_format *format, flat_error *error)
{
	for (size_t i = 1; i < format->nfields; i++) {
		size_t a = format->by_name[i - 1], b = format->by_name[i];
		char name[64];

		if (strcmp(format->fields[a].name, format->fields[b].name) != 0)
			continue;
		if (error && error->status == FLAT_OK)
			error->field = (a > b ? a : b) + 1;
		fl_printable(name, sizeof name, format->fields[a].name, strlen(format->fields[a].name));
		return fl_error_set(error, FLAT_BAD_SCHEMA, "fields %zu and %zu are both called \"%s\"",
				    (a < b ? a : b) + 1, (a > b ? a : b) + 1, name);
	}
	return FLAT_OK;
}

flat_format *flat_format_new(const flat_dialect *dialect, const flat_field *fields, size_t nfields, flat_error *error)
{
	flat_dialect complete = fl_dialect_complete(dialect);
	flat_format *format;

	fl_error_clear(error);
	if (fl_dialect_check(&complete, error) != FLAT_OK)
		return NULL;
	if (nfields == 0 || !fields) {
		fl_error_set(error, FLAT_BAD_SCHEMA, "a format has at least one field");
		return NULL;
	}
	for (size_t i = 0; i < nfields; i++)
		if (fl_field_check(&fields[i], i, error) != FLAT_OK ||
		    fl_nulls_check(&complete, fields[i].nulls, fields[i].nnulls, error) != FLAT_OK)
			return NULL;
	format = copy(&complete, fields, nfields);
	if (!format) {
		fl_error_set(error, FLAT_NO_MEMORY, "no memory for a format of %zu fields", nfields);
		return NULL;
	}
	sort_by_name(format);
	if (check_names(format, error) != FLAT_OK) {
		flat_format_free(format);
		return NULL;
	}
	return format;
}

/* A fault of a field that only shows when all are looked at together: where in the schema does the field start? */
static void locate(flat_error *error, const char *schema, char *names)
{
	const char *at = schema;
	flat_field field;

	if (!error || error->field == 0)
		return;
	for (size_t i = 0; i + 1 < error->field; i++)
		if (fl_field_parse(schema, &at, i, &field, names, &names, NULL) != FLAT_OK)
			return;
	error->byte = (uint64_t)(at - schema) + strspn(at, " \t\r\n");
}

flat_format *flat_format_parse(const char *schema, const flat_dialect *dialect, flat_error *error)
{
	size_t nbytes = strlen(schema), most = 1, nfields = 0;
	const char *at = schema;
	flat_format *format = NULL;
	flat_field *fields;
	char *names, *name;

	fl_error_clear(error);
	for (const char *p = schema; *p; p++)
		most += *p == ',';
	fields = malloc(most * sizeof *fields);
	/* A name needs a terminator, and gives up at least its colon for it. */
	names = malloc(nbytes + 1);
	if (!fields || !names) {
		fl_error_set(error, FLAT_NO_MEMORY, "no memory for a schema of %zu bytes", nbytes);
		goto done;
	}
	name = names;
	do {
		if (fl_field_parse(schema, &at, nfields, &fields[nfields], name, &name, error) != FLAT_OK)
			goto done;
		nfields++;
	} while (*at);
	format = flat_format_new(dialect, fields, nfields, error);
	if (!format)
		locate(error, schema, names);
done:
	free(names);
	free(fields);
	return format;
}

void flat_format_free(flat_format *format)
{
	free(format);
}

size_t flat_format_nfields(const flat_format *format)
{
	return format->nfields;
}

const flat_field *flat_format_field(const flat_format *format, size_t index)
{
	return index < format->nfields ? &format->fields[index] : NULL;
}

const flat_dialect *flat_format_dialect(const flat_format *format)
{
	return &format->dialect;
}

static int compare(const char *a, size_t a_nbytes, const char *b)
{
	size_t b_nbytes = strlen(b), shorter = a_nbytes < b_nbytes ? a_nbytes : b_nbytes;
	int order = memcmp(a, b, shorter);

	return order ? order : (a_nbytes > b_nbytes) - (a_nbytes < b_nbytes);
}

size_t fl_format_find(const flat_format *format, const char *name, size_t name_nbytes, size_t likely)
{
	size_t first = 0, last = format->nfields;

	if (likely < last && compare(name, name_nbytes, format->fields[likely].name) == 0)
		return likely;
	while (first < last) {
		size_t middle = first + (last - first) / 2, index = format->by_name[middle];
		int order = compare(name, name_nbytes, format->fields[index].name);

		if (order == 0)
			return index;
		if (order < 0)
			last = middle;
		else
			first = middle + 1;
	}
	return FLAT_NO_FIELD;
}

size_t flat_format_find(const flat_format *format, const char *name)
{
	return fl_format_find(format, name, strlen(name), FLAT_NO_FIELD);
}
