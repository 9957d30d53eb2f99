/*
 * Reads records of arrays into a batch.  Where they lie was found out by arrays_npy.c,
 * arrays_npz.c and arrays_raw.c.
 */
#include "config.h"

#include "arrays.h"
#include "files.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read at a time, if a record is not longer. */
#define BLOCK_NBYTES ((size_t)1 << 20)

/* ----------------------------------------------------------------------------------------- open */

static bool holds_schema(const char *directory)
{
	char *path = join_path(directory, "schema.json");
	struct stat there;
	bool holds = path && stat(path, &there) == 0;

	free(path);
	return holds;
}

bool arrays_are_in(const char *path)
{
	return ends_in(path, ".npy") || ends_in(path, ".npz") || holds_schema(path);
}

enum status arrays_open(struct arrays *arrays, const char *path)
{
	*arrays = (struct arrays){.path = path, .descriptor = -1};
	if (ends_in(path, ".npy"))
		return arrays_open_npy(arrays);
	if (ends_in(path, ".npz"))
		return arrays_open_npz(arrays);
	return arrays_open_raw(arrays);
}

static void close_stretch(struct stretch *stretch)
{
	if (stretch->path && stretch->descriptor >= 0)
		close(stretch->descriptor);
	free(stretch->path);
}

void arrays_close(struct arrays *arrays)
{
	for (size_t i = 0; i < arrays->nitems; i++) {
		struct array *array = &arrays->items[i];

		free(array->name);
		close_stretch(&array->values);
		close_stretch(&array->valid);
		close_stretch(&array->offsets);
	}
	if (arrays->path && arrays->descriptor >= 0)
		close(arrays->descriptor);
	free(arrays->items);
	free(arrays->wanted);
	free(arrays->marks);
	free(arrays->block);
	*arrays = (struct arrays){.descriptor = -1};
}

struct array *arrays_add(struct arrays *arrays)
{
	if (arrays->nitems == arrays->room) {
		size_t room = arrays->room ? 2 * arrays->room : 16;
		struct array *items = realloc(arrays->items, room * sizeof *items);

		if (!items)
			return NULL;
		arrays->items = items;
		arrays->room = room;
	}
	arrays->items[arrays->nitems] =
		(struct array){.values.descriptor = -1, .valid.descriptor = -1, .offsets.descriptor = -1};
	return &arrays->items[arrays->nitems++];
}

size_t array_width(const struct array *array)
{
	const flat_field field = {.name = "", .type = array->type, .width = array->width};

	return flat_field_width(&field);
}

/* --------------------------------------------------------------------------------------- schema */

static enum status take_fields(const struct arrays *arrays, flat_format **format)
{
	flat_field *fields = calloc(arrays->nitems, sizeof *fields);
	flat_error error;

	if (!fields)
		return complain_memory();
	for (size_t i = 0; i < arrays->nitems; i++)
		fields[i] = (flat_field){.name = arrays->items[i].name,
					 .type = arrays->items[i].type,
					 .width = arrays->items[i].width,
					 .fixed = arrays->items[i].fixed};
	*format = flat_format_new(NULL, fields, arrays->nitems, &error);
	free(fields);
	if (*format)
		return DONE;
	return error.status == FLAT_NO_MEMORY ? complain_memory()
					      : complain(BAD_COMMAND, "%s: %s", arrays->path, error.message);
}

enum status arrays_schema(const struct arrays *arrays, struct schema *schema, const struct options *options)
{
	struct options given = *options;
	flat_format *fields = NULL;
	enum status status;

	*schema = (struct schema){.format = NULL};
	/* In arrays nothing is spelled. */
	given.nnulls = 0;
	if (options->delimiter || options->quote || options->no_header || options->trim)
		return complain(BAD_COMMAND,
				"%s: it holds arrays, and --delimiter, --quote, --no-header and "
				"--trim are about text",
				arrays->path);
	if (options->schema)
		return schema_load(schema, &given);
	status = take_fields(arrays, &fields);
	if (status == DONE)
		status = schema_make(schema, fields, &given);
	flat_format_free(fields);
	return status;
}

/* The next name is mostly in the next place. */
static struct array *find(const struct arrays *arrays, const char *name, size_t likely)
{
	if (likely < arrays->nitems && strcmp(arrays->items[likely].name, name) == 0)
		return &arrays->items[likely];
	for (size_t i = 0; i < arrays->nitems; i++)
		if (strcmp(arrays->items[i].name, name) == 0)
			return &arrays->items[i];
	return NULL;
}

static enum status want(struct arrays *arrays, const struct column *column)
{
	const flat_field *field = column->field;
	struct array *array = find(arrays, field->name, column->index);
	flat_field found = {.type = 0};

	if (!array)
		return complain(BAD_COMMAND, "%s: it has no array \"%s\"", arrays->path, field->name);
	found.type = array->type;
	found.width = array->width;
	if (found.type != field->type || flat_field_width(&found) != flat_field_width(field))
		return complain(BAD_COMMAND,
				"%s: array \"%s\" is of type %s and %zu bytes wide; it was to be %s "
				"and %zu bytes wide",
				arrays->path, field->name, flat_type_name(found.type), flat_field_width(&found),
				flat_type_name(field->type), flat_field_width(field));
	arrays->wanted[arrays->nwanted++] = array;
	return DONE;
}

/* "nan" or "NAME=nan" */
static enum status take_null(struct arrays *arrays, const char *null)
{
	const char *sign = strrchr(null, '=');
	bool found = false;

	if (strcmp(sign ? sign + 1 : null, "nan") != 0)
		return complain(BAD_COMMAND,
				"--null %s: in arrays only nan can stand for null (and a time that is "
				"none always does); how null is written is said by --out-null",
				null);
	for (size_t i = 0; i < arrays->nitems; i++) {
		struct array *array = &arrays->items[i];

		if (sign && (strlen(array->name) != (size_t)(sign - null) ||
			     memcmp(array->name, null, (size_t)(sign - null)) != 0))
			continue;
		array->nan_is_null = true;
		found = true;
	}
	return found ? DONE : complain(BAD_COMMAND, "--null %s: there is no such array in %s", null, arrays->path);
}

enum status arrays_want(struct arrays *arrays, const struct batch *batch, const struct options *options,
			const char *directory)
{
	enum status status = DONE;

	arrays->wanted = calloc(batch->ncolumns, sizeof(struct array *));
	arrays->marks = malloc(batch->capacity);
	if (!arrays->wanted || !arrays->marks)
		return complain_memory();
	for (size_t i = 0; i < options->nnulls && status == DONE; i++)
		status = take_null(arrays, options->nulls[i]);
	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++)
		status = want(arrays, &batch->columns[i]);
	if (status == DONE && arrays->nmembers)
		status = arrays_spool_npz(arrays, directory);
	return status;
}

/* ---------------------------------------------------------------------------------------- bytes */

static enum status read_bytes(struct arrays *arrays, const struct stretch *stretch, void *bytes, size_t nbytes,
			      uint64_t at)
{
	const char *path = stretch->path ? stretch->path : arrays->path;
	int descriptor = stretch->path ? stretch->descriptor : arrays->descriptor;
	bool fine;

	if (descriptor < 0)
		descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (descriptor < 0)
		return complain_os(path, "cannot be opened");
	fine = read_all_at(descriptor, bytes, nbytes, at);
	arrays->nbytes += nbytes;
	if (stretch->path && stretch->descriptor < 0)
		close(descriptor);
	return fine ? DONE : complain_os(path, "cannot be read");
}

/* What the records [first, first + n) of a stretch take, into the block. */
static enum status fetch(struct arrays *arrays, const struct stretch *stretch, uint64_t first, size_t n)
{
	size_t nbytes = n * stretch->stride;

	if (nbytes > arrays->block_room) {
		char *block = realloc(arrays->block, nbytes);

		if (!block)
			return complain_memory();
		arrays->block = block;
		arrays->block_room = nbytes;
	}
	return read_bytes(arrays, stretch, arrays->block, nbytes, stretch->start + first * stretch->stride);
}

/* --------------------------------------------------------------------------------------- values */

/* Where the values of a piece are to go. */
struct place {
	char *base;
	size_t stride, width;
	size_t n;
};

static void copy_values(struct place to, const char *from, size_t stride)
{
	if (to.stride == to.width && stride == to.width) {
		memcpy(to.base, from, to.n * to.width);
		return;
	}
	/* A copy of constant size takes an instruction, not a call. */
	for (size_t i = 0; i < to.n && to.width == 8; i++)
		memcpy(to.base + i * to.stride, from + i * stride, 8);
	for (size_t i = 0; i < to.n && to.width == 4; i++)
		memcpy(to.base + i * to.stride, from + i * stride, 4);
	for (size_t i = 0; i < to.n && to.width != 8 && to.width != 4; i++)
		memcpy(to.base + i * to.stride, from + i * stride, to.width);
}

static void swap_values(struct place at)
{
	for (size_t i = 0; i < at.n; i++) {
		char *p = at.base + i * at.stride;

		for (size_t k = 0; k < at.width / 2; k++) {
			char c = p[k];

			p[k] = p[at.width - 1 - k];
			p[at.width - 1 - k] = c;
		}
	}
}

/* Any byte but 0 is true in NumPy, and 1 is here. */
static void make_bools(struct place at)
{
	for (size_t i = 0; i < at.n; i++)
		at.base[i * at.stride] = at.base[i * at.stride] != 0;
}

static bool is_time(flat_type type)
{
	return type >= FLAT_DATE && type <= FLAT_TIMESTAMP_NS;
}

static bool is_float(flat_type type)
{
	return type == FLAT_F32 || type == FLAT_F64;
}

static void mark_times(struct place at, unsigned char *marks)
{
	for (size_t i = 0; i < at.n; i++) {
		int64_t value;

		memcpy(&value, at.base + i * at.stride, sizeof value);
		if (value == INT64_MIN)
			marks[i] = 0;
	}
}

static void mark_floats(struct place at, unsigned char *marks)
{
	for (size_t i = 0; i < at.n; i++) {
		float value32;
		double value;

		if (at.width == sizeof value32) {
			memcpy(&value32, at.base + i * at.stride, sizeof value32);
			value = (double)value32;
		} else {
			memcpy(&value, at.base + i * at.stride, sizeof value);
		}
		if (isnan(value))
			marks[i] = 0;
	}
}

/* What a null's value is to the sinks that cannot say it otherwise. */
static void put_null(char *at, const struct array *array, size_t width)
{
	const int64_t no_time = INT64_MIN;
	const double nan64 = (double)NAN;
	const float nan32 = NAN;

	if (is_time(array->type))
		memcpy(at, &no_time, sizeof no_time);
	else if (array->type == FLAT_F64)
		memcpy(at, &nan64, sizeof nan64);
	else if (array->type == FLAT_F32)
		memcpy(at, &nan32, sizeof nan32);
	else
		memset(at, 0, width);
}

static enum status mark(struct arrays *arrays, const struct array *array, struct place at, uint64_t first)
{
	enum status status = DONE;

	memset(arrays->marks, 1, at.n);
	if (array->valid.stride)
		status = fetch(arrays, &array->valid, first, at.n);
	for (size_t i = 0; i < at.n && array->valid.stride && status == DONE; i++)
		arrays->marks[i] = arrays->block[i * array->valid.stride] != 0;
	if (status == DONE && is_time(array->type))
		mark_times(at, arrays->marks);
	if (status == DONE && is_float(array->type) && array->nan_is_null)
		mark_floats(at, arrays->marks);
	return status;
}

static enum status put_marks(const struct arrays *arrays, const struct array *array, const struct column *column,
			     struct place at, uint64_t first, size_t filled)
{
	if (column->valid)
		memcpy(column->valid + filled, arrays->marks, at.n);
	for (size_t i = 0; i < at.n; i++) {
		if (arrays->marks[i])
			continue;
		if (column->needs_valid && !column->valid)
			return complain(BAD_RECORD,
					"%s: record %llu, field \"%s\": it is null, and this output "
					"has no place for it\n"
					"  Try --to npz or --to raw, which say beside a field what is "
					"null; or --columns, to leave the field out.",
					arrays->path, (unsigned long long)(first + i + 1), array->name);
		if (array->type != FLAT_TEXT)
			put_null(at.base + i * at.stride, array, at.width);
	}
	return DONE;
}

/* ---------------------------------------------------------------------------------------- texts */

/*
 * Offsets of the file never lead back, nor out of it: checked here, where all of them come by.  *n
 * becomes as many records as the arena has room for.
 */
static enum status look_at_texts(struct arrays *arrays, const struct array *array, const struct column *column,
				 size_t filled, uint64_t first, size_t *n)
{
	uint64_t used = ((const uint64_t *)column->cells.base)[filled];
	enum status status = fetch(arrays, &array->offsets, first, *n + 1);
	uint64_t start, before, next;
	size_t fit = 0;

	if (status != DONE)
		return status;
	memcpy(&start, arrays->block, sizeof start);
	before = start;
	for (size_t i = 0; i < *n; i++) {
		memcpy(&next, arrays->block + (i + 1) * sizeof next, sizeof next);
		if (next < before || next > array->text_nbytes)
			return complain(IO_FAILED, "%s: record %llu, field \"%s\": its offsets lead out of its text",
					arrays->path, (unsigned long long)(first + i + 1), array->name);
		if (next - start <= column->cells.arena_nbytes - used)
			fit = i + 1;
		before = next;
	}
	if (start > array->text_nbytes)
		return complain(IO_FAILED, "%s: field \"%s\": its offsets lead out of its text", arrays->path,
				array->name);
	*n = fit;
	return DONE;
}

static enum status read_texts(struct arrays *arrays, const struct array *array, const struct column *column,
			      size_t filled, uint64_t first, size_t n)
{
	uint64_t *offsets = (uint64_t *)column->cells.base + filled;
	enum status status = fetch(arrays, &array->offsets, first, n + 1);
	uint64_t start, next;

	if (status != DONE)
		return status;
	memcpy(&start, arrays->block, sizeof start);
	for (size_t i = 1; i <= n; i++) {
		memcpy(&next, arrays->block + i * sizeof next, sizeof next);
		/* The file may have changed since it was looked at. */
		if (next < start || next - start > column->cells.arena_nbytes - offsets[0])
			return complain(IO_FAILED, "%s: it changed while it was read", arrays->path);
		offsets[i] = offsets[0] + (next - start);
	}
	return read_bytes(arrays, &array->values, column->cells.arena + offsets[0], (size_t)(offsets[n] - offsets[0]),
			  array->values.start + start);
}

/* -------------------------------------------------------------------------------------- records */

static struct place place_of(const struct column *column, size_t filled, size_t n)
{
	struct place at = {.stride = column->cells.stride, .width = column->width, .n = n};

	if (column->field->type != FLAT_TEXT)
		at.base = (char *)column->cells.base + filled * at.stride;
	return at;
}

static enum status finish_column(struct arrays *arrays, const struct array *array, const struct column *column,
				 size_t filled, uint64_t first, struct place at)
{
	enum status status;

	if (array->swapped)
		swap_values(at);
	if (array->type == FLAT_BOOL)
		make_bools(at);
	status = mark(arrays, array, at, first);
	return status == DONE ? put_marks(arrays, array, column, at, first, filled) : status;
}

static enum status read_column(struct arrays *arrays, const struct array *array, const struct column *column,
			       size_t filled, uint64_t first, size_t n)
{
	struct place at = place_of(column, filled, n);
	enum status status;

	if (array->type == FLAT_TEXT) {
		status = read_texts(arrays, array, column, filled, first, n);
	} else {
		status = fetch(arrays, &array->values, first, n);
		if (status == DONE)
			copy_values(at, arrays->block + array->values.offset, array->values.stride);
	}
	return status == DONE ? finish_column(arrays, array, column, filled, first, at) : status;
}

/* Records of one file: what it has of them is read once. */
static enum status read_records(struct arrays *arrays, const struct batch *batch, uint64_t first, size_t n)
{
	enum status status = fetch(arrays, &arrays->wanted[0]->values, first, n);

	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++) {
		const struct array *array = arrays->wanted[i];
		const struct column *column = &batch->columns[i];
		struct place at = place_of(column, batch->nrecords, n);

		copy_values(at, arrays->block + array->values.offset, array->values.stride);
		status = finish_column(arrays, array, column, batch->nrecords, first, at);
	}
	return status;
}

/* As many records as a block holds of the widest array. */
static size_t block_records(const struct arrays *arrays)
{
	size_t widest = 1;

	for (size_t i = 0; i < arrays->nwanted; i++)
		if (arrays->wanted[i]->values.stride > widest)
			widest = arrays->wanted[i]->values.stride;
	return widest < BLOCK_NBYTES ? BLOCK_NBYTES / widest : 1;
}

/* Do all arrays lie in one another's gaps, and no marks beside them? */
static bool are_records(const struct arrays *arrays)
{
	const struct stretch *values = &arrays->wanted[0]->values;

	return !values->path && !arrays->nmembers;
}

enum status arrays_read(struct arrays *arrays, struct batch *batch, uint64_t first, size_t *n)
{
	size_t most = block_records(arrays);
	enum status status = DONE;

	if (*n > most)
		*n = most;
	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++)
		if (arrays->wanted[i]->type == FLAT_TEXT)
			status =
				look_at_texts(arrays, arrays->wanted[i], &batch->columns[i], batch->nrecords, first, n);
	if (status != DONE || *n == 0)
		return status;
	if (are_records(arrays))
		return read_records(arrays, batch, first, *n);
	for (size_t i = 0; i < batch->ncolumns && status == DONE; i++)
		status = read_column(arrays, arrays->wanted[i], &batch->columns[i], batch->nrecords, first, *n);
	return status;
}
