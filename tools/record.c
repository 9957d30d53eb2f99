/*
 * The texts of one record that lies in memory.  It is read twice: once to measure the texts, once
 * into memory of just that size.
 */
#include "config.h"

#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_MAX ((size_t)64 << 10)
#define RECORD_MAX ((size_t)1 << 30)
#define NAME_NBYTES 24

flat_format *texts_format(const flat_dialect *dialect, size_t nfields, flat_error *error)
{
	flat_dialect without = *dialect;
	flat_field *fields = calloc(nfields, sizeof *fields);
	char *names = calloc(nfields, NAME_NBYTES);
	flat_format *format = NULL;

	*error = (flat_error){.status = FLAT_NO_MEMORY, .message = "out of memory"};
	without.header = FLAT_HEADER_ABSENT;
	for (size_t i = 0; fields && names && i < nfields; i++) {
		snprintf(names + i * NAME_NBYTES, NAME_NBYTES, "c%zu", i);
		fields[i] = (flat_field){.name = names + i * NAME_NBYTES, .type = FLAT_TEXT};
	}
	if (fields && names)
		format = flat_format_new(&without, fields, nfields, error);
	free(fields);
	free(names);
	return format;
}

flat_reader_options limits_for(size_t nbytes)
{
	size_t least = nbytes < 64 ? 64 : nbytes;

	return (flat_reader_options){.window = least < WINDOW_MAX ? least : WINDOW_MAX,
				     .max_record = least < RECORD_MAX ? least : RECORD_MAX,
				     .max_fields = 1};
}

static flat_reader *open_memory(const flat_format *texts, const char *bytes, size_t nbytes, flat_error *error)
{
	flat_source source = flat_source_memory(bytes, nbytes, "record");
	flat_reader_options limits = limits_for(nbytes);

	return flat_reader_open_source(texts, &source, &limits, error);
}

static flat_status measure(const flat_format *texts, const char *bytes, size_t nbytes, flat_measure *measures,
			   flat_error *error)
{
	flat_reader *reader = open_memory(texts, bytes, nbytes, error);

	if (!reader)
		return error->status;
	for (size_t i = 0; i < flat_format_nfields(texts); i++)
		flat_bind_measure(reader, i, &measures[i]);
	flat_read(reader, 1);
	flat_reader_failed(reader, error);
	flat_reader_close(reader);
	return error->status;
}

static flat_status store(struct record *record, const flat_format *texts, const char *bytes, size_t nbytes,
			 flat_error *error)
{
	flat_reader *reader = open_memory(texts, bytes, nbytes, error);

	if (!reader)
		return error->status;
	for (size_t i = 0; i < record->nfields; i++)
		flat_bind_column(reader, i, &record->columns[i]);
	if (flat_read(reader, 1) == 0)
		record->nfields = 0;
	flat_reader_failed(reader, error);
	flat_reader_close(reader);
	return error->status;
}

/* The block that the layout wants, aligned to 64. */
static bool allocate(struct record *record, const flat_format *texts, const flat_measure *measures)
{
	size_t nbytes = flat_lay_out(texts, 1, measures, NULL, NULL);

	record->columns = calloc(record->nfields, sizeof *record->columns);
	if (!record->columns || !nbytes || posix_memalign(&record->block, 64, nbytes) != 0)
		return false;
	flat_lay_out(texts, 1, measures, record->block, record->columns);
	return true;
}

flat_status record_read(struct record *record, const flat_format *texts, const char *bytes, size_t nbytes,
			flat_error *error)
{
	flat_measure *measures = calloc(flat_format_nfields(texts), sizeof *measures);
	flat_status status;

	*record = (struct record){.nfields = flat_format_nfields(texts)};
	*error = (flat_error){.status = FLAT_NO_MEMORY, .message = "out of memory"};
	if (!measures)
		return FLAT_NO_MEMORY;
	status = measure(texts, bytes, nbytes, measures, error);
	if (status == FLAT_OK && !allocate(record, texts, measures)) {
		*error = (flat_error){.status = FLAT_NO_MEMORY, .message = "out of memory"};
		status = FLAT_NO_MEMORY;
	}
	free(measures);
	return status == FLAT_OK ? store(record, texts, bytes, nbytes, error) : status;
}

void record_free(struct record *record)
{
	free(record->columns);
	free(record->block);
	*record = (struct record){.nfields = 0};
}

const char *record_text(const struct record *record, size_t field, size_t *nbytes)
{
	const uint64_t *offsets = record->columns[field].base;

	*nbytes = (size_t)(offsets[1] - offsets[0]);
	return record->columns[field].arena + offsets[0];
}
