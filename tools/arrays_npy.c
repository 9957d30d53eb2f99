/*
 * Finds the arrays in a .npy: one, the fields of its records, or the columns of a matrix.
 */
#include "config.h"

#include "arrays.h"
#include "files.h"
#include "npy_parse.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COLUMNS_MAX 1000000

static enum status open_file(struct arrays *arrays, uint64_t *nbytes)
{
	struct stat there;

	if (stat(arrays->path, &there) != 0)
		return complain_os(arrays->path, "cannot be opened");
	if (!S_ISREG(there.st_mode))
		return complain(IO_FAILED, "%s: it is not a plain file", arrays->path);
	arrays->descriptor = open(arrays->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (arrays->descriptor < 0)
		return complain_os(arrays->path, "cannot be opened");
	*nbytes = (uint64_t)there.st_size;
	return DONE;
}

static enum status cut_off(const struct arrays *arrays)
{
	return complain(IO_FAILED, "%s: it is cut off, or not a NumPy array", arrays->path);
}

/* *at becomes where the values start. */
static enum status read_header(struct arrays *arrays, uint64_t file_nbytes, struct npy_layout *layout, size_t *at)
{
	unsigned char start[NPY_START_NBYTES];
	enum status status;
	size_t nbytes;
	char *dict;

	if (file_nbytes < sizeof start)
		return cut_off(arrays);
	if (!read_all_at(arrays->descriptor, start, sizeof start, 0))
		return complain_os(arrays->path, "cannot be read");
	if (!npy_find_dict(start, at, &nbytes) || nbytes > NPY_HEADER_MAX)
		return complain(IO_FAILED, "%s: it is not a NumPy array", arrays->path);
	if (nbytes > file_nbytes - *at)
		return cut_off(arrays);
	dict = malloc(nbytes + 1);
	if (!dict)
		return complain_memory();
	status = read_all_at(arrays->descriptor, dict, nbytes, *at)
			 ? npy_parse(layout, start, dict, nbytes, arrays->path)
			 : complain_os(arrays->path, "cannot be read");
	free(dict);
	*at += nbytes;
	return status;
}

static enum status check_shape(const struct arrays *arrays, const struct npy_layout *layout)
{
	const char *path = arrays->path;

	if (layout->ndims == 0)
		return complain(BAD_COMMAND, "%s: it is a single value, not an array", path);
	if (layout->ndims > 2 || (layout->ndims == 2 && layout->records))
		return complain(BAD_COMMAND,
				"%s: it has %zu dimensions; save it with a.reshape(len(a), -1), or "
				"records as a.ravel()",
				path, layout->ndims);
	if (layout->ndims == 1)
		return DONE;
	if (layout->columns_first && layout->shape[0] > 1 && layout->shape[1] > 1)
		return complain(BAD_COMMAND,
				"%s: its columns lie one after the other (Fortran's order); save it "
				"with numpy.ascontiguousarray(a)",
				path);
	if (layout->shape[1] == 0)
		return complain(BAD_COMMAND, "%s: it has no columns", path);
	if (layout->shape[1] > COLUMNS_MAX)
		return complain(LIMIT_REACHED, "%s: it has more than %d columns", path, COLUMNS_MAX);
	return DONE;
}

/* As long as the header says, to the byte. */
static enum status check_size(const struct arrays *arrays, uint64_t nbytes, size_t stride)
{
	if (nbytes / stride < arrays->nrecords)
		return complain(IO_FAILED, "%s: it is cut off: its header says %llu records of %zu bytes", arrays->path,
				(unsigned long long)arrays->nrecords, stride);
	if (nbytes != arrays->nrecords * stride)
		return complain(IO_FAILED, "%s: something follows its last record", arrays->path);
	return DONE;
}

/* dir/points.npy is "points". */
static char *stem(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t nbytes = strlen(name) - strlen(".npy");

	return nbytes ? strndup(name, nbytes) : strdup("value");
}

static char *column_name(size_t index)
{
	char name[sizeof "c" + 20];

	snprintf(name, sizeof name, "c%zu", index);
	return strdup(name);
}

static enum status add(struct arrays *arrays, const struct npy_value *value, char *name, struct stretch values)
{
	struct array *array = name ? arrays_add(arrays) : NULL;

	if (!array) {
		free(name);
		return complain_memory();
	}
	array->name = name;
	array->type = value->type;
	array->width = value->width;
	array->swapped = value->swapped;
	array->values = values;
	return DONE;
}

static enum status add_all(struct arrays *arrays, const struct npy_layout *layout, size_t at)
{
	bool matrix = layout->ndims == 2;
	size_t n = matrix ? (size_t)layout->shape[1] : layout->nvalues;
	struct stretch values = {.stride = layout->element_nbytes * (matrix ? n : 1), .start = at, .descriptor = -1};
	enum status status = DONE;

	for (size_t i = 0; i < n && status == DONE; i++) {
		const struct npy_value *value = &layout->values[matrix ? 0 : i];

		values.offset = matrix ? i * layout->element_nbytes : value->offset;
		status = add(arrays, value,
			     matrix	   ? column_name(i)
			     : value->name ? strdup(value->name)
					   : stem(arrays->path),
			     values);
	}
	arrays->nrecords = layout->shape[0];
	return status;
}

enum status arrays_open_npy(struct arrays *arrays)
{
	struct npy_layout layout = {.values = NULL};
	uint64_t nbytes = 0;
	size_t at = 0;
	enum status status = open_file(arrays, &nbytes);

	if (status == DONE)
		status = read_header(arrays, nbytes, &layout, &at);
	if (status == DONE)
		status = check_shape(arrays, &layout);
	/* A million columns of 2^24 bytes still fit 64 bits, if not 32. */
	if (status == DONE && layout.ndims == 2 && layout.element_nbytes > SIZE_MAX / layout.shape[1])
		status = complain_memory();
	if (status == DONE)
		status = add_all(arrays, &layout, at);
	if (status == DONE)
		status = check_size(arrays, nbytes - at, arrays->items[0].values.stride);
	npy_layout_free(&layout);
	return status;
}
