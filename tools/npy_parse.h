/*
 * The header of a NumPy array file (.npy) read back: what type and how many elements follow.
 */
#ifndef NPY_PARSE_H
#define NPY_PARSE_H

#include "message.h"

/* Bytes that are enough to know how long a header is. */
#define NPY_START_NBYTES 12
/* 100,000 fields of records take about 3 MiB. */
#define NPY_HEADER_MAX ((size_t)64 << 20)

/* A value of an element: of a record one of several. */
struct npy_value {
	char *name; /* NULL: the element is no record */
	flat_type type;
	uint32_t width; /* of str */
	bool swapped;	/* big-endian */
	size_t offset;	/* in the element */
};

struct npy_layout {
	struct npy_value *values;
	size_t nvalues, room;
	size_t element_nbytes;
	bool records;
	bool columns_first; /* Fortran's order */
	uint64_t shape[2];
	size_t ndims; /* above 2 only counted */
};

/*
 * Gives the offset of the dict and how many bytes it has, from the first NPY_START_NBYTES of a
 * file; false if it is no .npy.
 */
bool npy_find_dict(const unsigned char *start, size_t *at, size_t *nbytes);

/*
 * Parses the dict.  'start' tells the version, 'what' stands in front of complaints.  A type that
 * has none here is a complaint that says what to do.  npy_layout_free() also after a failure.
 */
enum status npy_parse(struct npy_layout *layout, const unsigned char *start, const char *dict, size_t nbytes,
		      const char *what);
void npy_layout_free(struct npy_layout *layout);

#endif
