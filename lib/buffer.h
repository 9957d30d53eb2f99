/*
 * The one buffer: a window of the input that always starts with a record.
 */
#ifndef FL_BUFFER_H
#define FL_BUFFER_H

#include "flatload.h"

struct fl_buffer {
	char *text;	 /* 'capacity' bytes, of which only those used so far were ever touched */
	size_t capacity; /* the longest record, and its line break */
	size_t window;	 /* bytes it is filled to, as long as records are shorter */
	size_t used;
	uint64_t offset; /* of text[0] in the input */
	bool ended;	 /* no bytes come after these */
	char *own;	 /* the text, while other bytes are lent in its place */
	size_t lent;	 /* how many, of which those used were shown; 0: none */
};

struct fl_source;

/*
 * Lends an empty buffer the bytes that come first, so that they need not be copied.  They must stay until another source is
 * read, and some 64 before and behind them be memory that may be looked at.
 */
void fl_buffer_lend(struct fl_buffer *buffer, const char *bytes, size_t nbytes);

/* Shows a window more of what is lent.  False if all of it was; then the buffer is to be filled. */
bool fl_buffer_show(struct fl_buffer *buffer);

/* Shows all of it at once. */
void fl_buffer_show_all(struct fl_buffer *buffer);

/*
 * Drops the first 'ndropped' bytes, moves the others to the front, and reads once behind them; when the record that
 * starts there fills the window, the window grows.  There must be room left: ndropped > 0, or used < capacity.
 */
flat_status fl_buffer_fill(struct fl_buffer *buffer, struct fl_source *source, size_t ndropped, flat_error *error);

#endif
