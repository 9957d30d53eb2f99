/*
 * The header of a NumPy array file (.npy): what type and how many elements follow.
 */
#ifndef NPY_HEADER_H
#define NPY_HEADER_H

#include "schema.h"

enum npy_shape {
	NPY_VECTOR,  /* of one field */
	NPY_RECORDS, /* a structured array: the fields' names and types */
	NPY_MATRIX,  /* fields of one type as the columns of a 2-D array, row after row */
};

/*
 * npy_header() gives a header, allocated; NULL: no memory.  Its size does not depend on 'nrecords',
 * so that it can be written first and once more when the number is known.
 */
char *npy_header(enum npy_shape shape, const flat_field *const *fields, size_t nfields, uint64_t nrecords,
		 size_t *nbytes);

/* Like npy_header(), of a vector of bool. */
char *npy_header_of_bools(uint64_t nrecords, size_t *nbytes);

/* Complains of a field that NumPy cannot hold: a text, or one whose name is not UTF-8. */
enum status npy_check_field(const flat_field *field, const char *kind);

#endif
