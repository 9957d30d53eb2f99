/*
 * The header of a NumPy array file (.npy).
 *
 * Format: NumPy Enhancement Proposal 1, and the docstring of numpy.lib.format.  Magic, version, the
 * length of what follows, and a Python dict padded with blanks to a multiple of 64 bytes:
 *
 *	{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }
 */
#include "config.h"

#include "npy_header.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64
#define SHORT_MAX 65535 /* above it version 2.0, with four bytes of length */
#define DIGITS_MAX 20	/* of a uint64_t */

static const char *const descriptions[] = {
	[FLAT_BOOL] = "|b1",
	[FLAT_I8] = "|i1",
	[FLAT_I16] = "<i2",
	[FLAT_I32] = "<i4",
	[FLAT_I64] = "<i8",
	[FLAT_U8] = "|u1",
	[FLAT_U16] = "<u2",
	[FLAT_U32] = "<u4",
	[FLAT_U64] = "<u8",
	[FLAT_F32] = "<f4",
	[FLAT_F64] = "<f8",
	[FLAT_DATE] = "<M8[D]",
	[FLAT_TIMESTAMP_S] = "<M8[s]",
	[FLAT_TIMESTAMP_MS] = "<M8[ms]",
	[FLAT_TIMESTAMP_US] = "<M8[us]",
	[FLAT_TIMESTAMP_NS] = "<M8[ns]",
};

static bool is_ascii(const char *name)
{
	while (*name && (unsigned char)*name < 0x80)
		name++;
	return !*name;
}

/* The table of RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool is_utf8(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;

	while (*p) {
		unsigned char least = 0x80, greatest = 0xBF;
		int more = *p < 0x80 ? 0 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : 3;

		if ((*p >= 0x80 && *p < 0xC2) || *p > 0xF4)
			return false;
		if (*p == 0xE0)
			least = 0xA0;
		if (*p == 0xED)
			greatest = 0x9F;
		if (*p == 0xF0)
			least = 0x90;
		if (*p == 0xF4)
			greatest = 0x8F;
		for (p++; more > 0; more--, p++) {
			if (*p < least || *p > greatest)
				return false;
			least = 0x80;
			greatest = 0xBF;
		}
	}
	return true;
}

enum status npy_check_field(const flat_field *field, const char *kind)
{
	if (field->type == FLAT_TEXT)
		return complain(BAD_COMMAND,
				"field \"%s\" is a text, and %s has no place for texts of any length, nor for a "
				"zero byte at a text's end; give it a width in the schema (str20) if it has neither, "
				"or use --to raw",
				field->name, kind);
	if (!is_utf8(field->name))
		return complain(BAD_COMMAND,
				"field \"%s\": NumPy takes only names in UTF-8; give all fields other "
				"names with --by-position and --schema, or use --to raw",
				field->name);
	return DONE;
}

static void put_numpy_type(FILE *out, const flat_field *field)
{
	if (field->type == FLAT_STR)
		fprintf(out, "'|S%zu'", flat_field_width(field));
	else
		fprintf(out, "'%s'", descriptions[field->type]);
}

/* A name as a Python string. */
static void put_name(FILE *out, const char *name)
{
	fputc('\'', out);
	for (; *name; name++) {
		if ((unsigned char)*name < 0x20 || *name == 0x7F)
			fprintf(out, "\\x%02x", (unsigned)*name);
		else if (*name == '\'' || *name == '\\')
			fprintf(out, "\\%c", *name);
		else
			fputc(*name, out);
	}
	fputc('\'', out);
}

static void put_description(FILE *out, enum npy_shape shape, const flat_field *const *fields, size_t nfields)
{
	if (shape != NPY_RECORDS) {
		put_numpy_type(out, fields[0]);
		return;
	}
	fputc('[', out);
	for (size_t i = 0; i < nfields; i++) {
		fputs(i ? ", (" : "(", out);
		put_name(out, fields[i]->name);
		fputs(", ", out);
		put_numpy_type(out, fields[i]);
		fputc(')', out);
	}
	fputc(']', out);
}

static void put_dict(FILE *out, enum npy_shape shape, const flat_field *const *fields, size_t nfields,
		     uint64_t nrecords)
{
	char digits[DIGITS_MAX + 1];

	snprintf(digits, sizeof digits, "%" PRIu64, nrecords);
	fputs("{'descr': ", out);
	put_description(out, shape, fields, nfields);
	fprintf(out, ", 'fortran_order': False, 'shape': (%s,", digits);
	if (shape == NPY_MATRIX)
		fprintf(out, " %zu", nfields);
	fputs("), }", out);
	fprintf(out, "%*s", (int)(DIGITS_MAX - strlen(digits)), "");
}

/* Magic, version and length; gives their bytes. */
static size_t put_start(char *start, int version, size_t nbytes)
{
	size_t nlength = version == 1 ? 2 : 4;

	memcpy(start, "\x93NUMPY", 6);
	start[6] = (char)version;
	start[7] = 0;
	for (size_t i = 0; i < nlength; i++)
		start[8 + i] = (char)(nbytes >> 8 * i & 0xFF);
	return 8 + nlength;
}

/* Puts magic, version, length, blanks and a line break around the dict. */
static char *wrap(const char *dict, size_t dict_nbytes, int version, size_t *nbytes)
{
	size_t start_nbytes = version == 1 ? 10 : 12;
	size_t total = (start_nbytes + dict_nbytes + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	char *header;

	if (version == 1 && total - start_nbytes > SHORT_MAX)
		return wrap(dict, dict_nbytes, 2, nbytes);
	header = malloc(total);
	if (!header)
		return NULL;
	put_start(header, version, total - start_nbytes);
	memcpy(header + start_nbytes, dict, dict_nbytes);
	memset(header + start_nbytes + dict_nbytes, ' ', total - start_nbytes - dict_nbytes - 1);
	header[total - 1] = '\n';
	*nbytes = total;
	return header;
}

char *npy_header(enum npy_shape shape, const flat_field *const *fields, size_t nfields, uint64_t nrecords,
		 size_t *nbytes)
{
	int version = 1;
	char *dict = NULL, *header = NULL;
	size_t dict_nbytes = 0;
	FILE *out = open_memstream(&dict, &dict_nbytes);

	if (!out)
		return NULL;
	put_dict(out, shape, fields, nfields, nrecords);
	/*
	 * Names that are not ASCII are UTF-8 in version 3.0; in the others the header would be
	 * Latin-1.
	 */
	for (size_t i = 0; shape == NPY_RECORDS && i < nfields; i++)
		if (!is_ascii(fields[i]->name))
			version = 3;
	close_text(out, &dict);
	if (dict)
		header = wrap(dict, dict_nbytes, version, nbytes);
	free(dict);
	return header;
}

char *npy_header_of_bools(uint64_t nrecords, size_t *nbytes)
{
	static const flat_field field = {.name = "valid", .type = FLAT_BOOL};
	const flat_field *const fields[] = {&field};

	return npy_header(NPY_VECTOR, fields, 1, nrecords, nbytes);
}
