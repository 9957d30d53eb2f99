/*
 * Finds the arrays in a directory that the raw sink wrote: its schema.json says what they are, and
 * in which files they lie.
 *
 * The directory may be anyone's: only files in it are opened, and each must be as long as it should.
 */
#include "config.h"

#include "arrays.h"
#include "files.h"
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA_MAX ((uint64_t)256 << 20)
#define OPEN_MAX_FILES 256

/* ---------------------------------------------------------------------------------- schema.json */

static enum status malformed(const struct arrays *arrays)
{
	return complain(IO_FAILED, "%s/schema.json: it is not one that flatload wrote", arrays->path);
}

/* The text of schema.json, allocated. */
static enum status read_schema(const struct arrays *arrays, char **text, size_t *nbytes)
{
	char *path = join_path(arrays->path, "schema.json");
	int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
	enum status status = DONE;
	struct stat there;

	if (!path)
		return complain_memory();
	if (descriptor < 0 || fstat(descriptor, &there) != 0)
		status = complain_os(path, "cannot be opened");
	else if (!S_ISREG(there.st_mode) || (uint64_t)there.st_size > SCHEMA_MAX)
		status = malformed(arrays);
	if (status == DONE) {
		*nbytes = (size_t)there.st_size;
		*text = malloc(*nbytes + 1);
		if (!*text)
			status = complain_memory();
		else if (!read_all_at(descriptor, *text, *nbytes, 0))
			status = complain_os(path, "cannot be read");
	}
	if (descriptor >= 0)
		close(descriptor);
	free(path);
	return status;
}

/* Takes a string that may be there once. */
static void take_string(struct json *json, char **string)
{
	char *found = json_string(json);

	if (*string)
		json->failed = true;
	free(*string);
	*string = found;
}

/* {"name": "x", "file": "x.bin", ...}: the paths are file names yet. */
static void take_field(struct json *json, struct array *array)
{
	json_open(json, '{');
	while (json_more(json, '}')) {
		char *key = json_key(json);

		if (!key)
			return;
		if (strcmp(key, "name") == 0)
			take_string(json, &array->name);
		else if (strcmp(key, "file") == 0)
			take_string(json, &array->values.path);
		else if (strcmp(key, "offsets") == 0)
			take_string(json, &array->offsets.path);
		else if (strcmp(key, "valid") == 0)
			take_string(json, &array->valid.path);
		else
			json_skip(json);
		free(key);
	}
	if (!array->name || !array->values.path)
		json->failed = true;
}

static void take_fields(struct json *json, struct arrays *arrays)
{
	json_open(json, '[');
	while (json_more(json, ']')) {
		struct array *array = arrays_add(arrays);

		if (array)
			take_field(json, array);
		else
			json->failed = true;
	}
}

/* Gives the value of "schema", allocated; NULL if something is missing or wrong. */
static char *take_all(struct json *json, struct arrays *arrays)
{
	bool counted = false;
	char *schema = NULL;

	json_open(json, '{');
	while (json_more(json, '}')) {
		char *key = json_key(json);

		if (!key)
			break;
		if (strcmp(key, "records") == 0) {
			json->failed = counted;
			arrays->nrecords = json_number(json);
			counted = true;
		} else if (strcmp(key, "fields") == 0 && !arrays->nitems) {
			take_fields(json, arrays);
		} else if (strcmp(key, "schema") == 0) {
			take_string(json, &schema);
		} else {
			json_skip(json);
		}
		free(key);
	}
	/* One more, the offsets of a text, are still a number of files' bytes. */
	if (json_ends(json) && counted && arrays->nrecords < INT64_MAX && arrays->nitems && schema)
		return schema;
	free(schema);
	return NULL;
}

/* The types, with their widths and digits, are those of the schema's line. */
static enum status take_types(struct arrays *arrays, const char *schema)
{
	flat_error error;
	flat_format *format = flat_format_parse(schema, NULL, &error);
	bool fine;

	if (!format)
		return complain(IO_FAILED, "%s/schema.json: %s", arrays->path, error.message);
	fine = flat_format_nfields(format) == arrays->nitems;
	for (size_t i = 0; i < arrays->nitems && fine; i++) {
		const flat_field *field = flat_format_field(format, i);
		struct array *array = &arrays->items[i];

		array->type = field->type;
		array->width = field->width;
		array->fixed = field->fixed;
		fine = strcmp(field->name, array->name) == 0 &&
		       (field->type == FLAT_TEXT) == (array->offsets.path != NULL);
	}
	flat_format_free(format);
	return fine ? DONE : malformed(arrays);
}

/* ---------------------------------------------------------------------------------------- files */

static bool stays_inside(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Makes a path of the file's name, and says how long the file is. */
static enum status find_file(struct arrays *arrays, struct stretch *stretch, uint64_t *nbytes)
{
	char *path = stays_inside(stretch->path) ? join_path(arrays->path, stretch->path) : NULL;
	struct stat there;

	if (!path)
		return stays_inside(stretch->path) ? complain_memory() : malformed(arrays);
	free(stretch->path);
	stretch->path = path;
	if (stat(path, &there) != 0)
		return complain_os(path, "cannot be opened");
	if (!S_ISREG(there.st_mode))
		return complain(IO_FAILED, "%s: it is not a plain file", path);
	*nbytes = (uint64_t)there.st_size;
	if (!arrays->may_open)
		return DONE;
	arrays->may_open--;
	stretch->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return stretch->descriptor >= 0 ? DONE : complain_os(path, "cannot be opened");
}

/* A file of 'n' values, of which nothing else is in it. */
static enum status find_values(struct arrays *arrays, struct stretch *stretch, size_t width, uint64_t n)
{
	uint64_t nbytes = 0;
	enum status status = find_file(arrays, stretch, &nbytes);

	stretch->stride = width;
	if (status != DONE || (nbytes % width == 0 && nbytes / width == n))
		return status;
	return complain(IO_FAILED, "%s: it should hold %llu values of %zu bytes, and does not", stretch->path,
			(unsigned long long)n, width);
}

static enum status find_array(struct arrays *arrays, struct array *array)
{
	enum status status;

	if (array->type == FLAT_TEXT) {
		status = find_file(arrays, &array->values, &array->text_nbytes);
		array->values.stride = 1;
		if (status == DONE)
			status = find_values(arrays, &array->offsets, sizeof(uint64_t), arrays->nrecords + 1);
	} else {
		status = find_values(arrays, &array->values, array_width(array), arrays->nrecords);
	}
	if (status == DONE && array->valid.path)
		status = find_values(arrays, &array->valid, 1, arrays->nrecords);
	return status;
}

static size_t open_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 > OPEN_MAX_FILES)
		return OPEN_MAX_FILES;
	return (size_t)limit.rlim_cur / 4;
}

enum status arrays_open_raw(struct arrays *arrays)
{
	char *text = NULL, *schema;
	size_t nbytes = 0;
	struct json json;
	enum status status = read_schema(arrays, &text, &nbytes);

	if (status == DONE) {
		json = (struct json){.p = text, .end = text + nbytes};
		schema = take_all(&json, arrays);
		status = schema ? take_types(arrays, schema) : malformed(arrays);
		free(schema);
	}
	free(text);
	arrays->may_open = open_limit();
	for (size_t i = 0; i < arrays->nitems && status == DONE; i++)
		status = find_array(arrays, &arrays->items[i]);
	return status;
}
