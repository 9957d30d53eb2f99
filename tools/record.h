/*
 * The texts of one record that lies in memory, however many fields it has.
 */
#ifndef RECORD_H
#define RECORD_H

#include "message.h"

struct record {
	size_t nfields;
	flat_column *columns; /* of text, one element each */
	void *block;
};

/*
 * A format of 'nfields' texts, without a header, as 'dialect' has the rest.  NULL: no memory, or
 * the dialect contradicts itself, and 'error' says so.
 */
flat_format *texts_format(const flat_dialect *dialect, size_t nfields, flat_error *error);

/*
 * Reads the first record.  Gives FLAT_OK, or the failure: FLAT_BAD_SHAPE if it has another number
 * of fields.  record_free() also after a failure.
 */
flat_status record_read(struct record *record, const flat_format *texts, const char *bytes, size_t nbytes,
			flat_error *error);
void record_free(struct record *record);

const char *record_text(const struct record *record, size_t field, size_t *nbytes);

/* Limits for a reader of so many bytes, so that it takes no more memory than they need. */
flat_reader_options limits_for(size_t nbytes);

#endif
