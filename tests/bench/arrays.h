/*
 * Arrays for the loops that a careful programmer writes by hand: as many elements as there are records, known beforehand,
 * in memory of the same kind as load.c has.
 *
 * The schema is FILE.schema, as data.c writes it.  An empty number is NaN or 0.  In C and in C++.
 */
#ifndef BENCH_ARRAYS_H
#define BENCH_ARRAYS_H

#include "bench.h"

#include <math.h>

struct array {
	char type; /* 1 i8, 4 i32, 8 i64, u u64, f f64, s str, t text, w timestamp */
	size_t width;
	char *elements; /* of text: offsets */
	char *arena;
};

struct arrays {
	size_t n, nrecords;
	struct array *of;
};

static inline char type_letter(const char *type)
{
	static const struct {
		const char *start;
		char letter;
	} types[] = {{"i8", '1'},  {"i32", '4'}, {"i64", '8'},	{"u64", 'u'},
		     {"f64", 'f'}, {"str", 's'}, {"text", 't'}, {"time", 'w'}};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strncmp(type, types[i].start, strlen(types[i].start)) == 0)
			return types[i].letter;
	must(0, "a type that the loops by hand do not know");
	return 0;
}

static inline struct array make_array(const char *type, size_t file_nbytes)
{
	struct array array = {type_letter(type), 8, NULL, NULL};

	if (array.type == 's')
		array.width = (size_t)atoi(type + 3);
	else if (array.type == '1' || array.type == '4')
		array.width = (size_t)(array.type - '0');
	if (array.type == 't')
		array.arena = (char *)fresh_memory(file_nbytes, 1);
	return array;
}

/* All arrays lie in one block. */
static inline void place_arrays(struct arrays *arrays)
{
	size_t nbytes = 0;
	char *block;

	for (size_t i = 0; i < arrays->n; i++)
		nbytes += ((arrays->nrecords + 1) * arrays->of[i].width + 63) / 64 * 64;
	block = (char *)fresh_memory(nbytes, 1);
	for (size_t i = 0; i < arrays->n; i++) {
		arrays->of[i].elements = block;
		block += ((arrays->nrecords + 1) * arrays->of[i].width + 63) / 64 * 64;
	}
}

static inline size_t nbytes_of_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	long nbytes;

	must(file != NULL && fseek(file, 0, SEEK_END) == 0 && (nbytes = ftell(file)) >= 0, "no such file");
	fclose(file);
	return (size_t)nbytes;
}

static inline char *schema_of(const char *path)
{
	char name[4096], *text;
	size_t nbytes;
	FILE *file;

	must((size_t)snprintf(name, sizeof name, "%s.schema", path) < sizeof name, "the path is too long");
	nbytes = nbytes_of_file(name);
	text = (char *)calloc(1, nbytes + 1);
	file = fopen(name, "rb");
	must(text != NULL && file != NULL && fread(text, 1, nbytes, file) == nbytes, "the schema cannot be read");
	fclose(file);
	return text;
}

static inline struct arrays make_arrays(const char *path, size_t nrecords)
{
	struct arrays arrays = {0, nrecords, NULL};
	size_t nbytes = nbytes_of_file(path);
	char *schema = schema_of(path), *colon = schema;

	for (; (colon = strchr(colon, ':')) != NULL; colon++)
		arrays.n++;
	arrays.of = (struct array *)calloc(arrays.n, sizeof *arrays.of);
	must(arrays.of != NULL, "no memory");
	colon = schema;
	for (size_t i = 0; i < arrays.n; i++, colon++) {
		colon = strchr(colon, ':');
		arrays.of[i] = make_array(colon + 1, nbytes);
	}
	free(schema);
	place_arrays(&arrays);
	return arrays;
}

static inline void store(const struct array *array, size_t i, const void *value)
{
	memcpy(array->elements + i * array->width, value, array->width);
}

static inline void store_string(const struct array *array, size_t i, const char *text, size_t nbytes)
{
	char *element = array->elements + i * array->width;

	must(nbytes <= array->width, "a string that is too long");
	memcpy(element, text, nbytes);
	memset(element + nbytes, 0, array->width - nbytes);
}

static inline void store_text(const struct array *array, size_t i, const char *text, size_t nbytes)
{
	uint64_t *offsets = (uint64_t *)array->elements;

	memcpy(array->arena + offsets[i], text, nbytes);
	offsets[i + 1] = offsets[i] + nbytes;
}

static inline int64_t two_digits(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* 2015-12-31 23:59:59 to seconds since 1970: days from March on, as then the odd day comes last. */
static inline void store_instant(const struct array *array, size_t i, const char *p, size_t nbytes)
{
	int64_t year, month, days, seconds = INT64_MIN;

	if (nbytes >= 19) {
		year = two_digits(p) * 100 + two_digits(p + 2);
		month = two_digits(p + 5);
		year -= month < 3;
		month += month < 3 ? 9 : -3;
		days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + two_digits(p + 8) -
		       719469;
		seconds = ((days * 24 + two_digits(p + 11)) * 60 + two_digits(p + 14)) * 60 + two_digits(p + 17);
	}
	store(array, i, &seconds);
}

static inline void report_load(double started, size_t nrecords)
{
	printf("{\"seconds\": %.6f, \"records\": %zu, \"peak_bytes\": %llu}\n", wall_now() - started, nrecords,
	       peak_nbytes());
}

#endif
