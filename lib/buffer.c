/*
 * Moves what is left of the window to the front and reads behind it.  What the bytes mean is left to the index.
 */
#include "config.h"

#include "buffer.h"
#include "error.h"
#include "source.h"

#include <errno.h>
#include <string.h>

static size_t limit_of(const struct fl_buffer *buffer)
{
	size_t limit = buffer->window;

	/* Doubling keeps the reads large, and few, however long the record is. */
	while (limit <= buffer->used)
		limit *= 2;
	return limit < buffer->capacity ? limit : buffer->capacity;
}

flat_status fl_buffer_fill(struct fl_buffer *buffer, struct fl_source *source, size_t ndropped, flat_error *error)
{
	ptrdiff_t n;

	if (ndropped) {
		buffer->used -= ndropped;
		buffer->offset += ndropped;
		memmove(buffer->text, buffer->text + ndropped, buffer->used);
	}
	n = fl_source_read(source, buffer->text + buffer->used, limit_of(buffer) - buffer->used);
	if (n < 0)
		return fl_error_os(error, FLAT_BAD_INPUT, errno, "cannot be read", source->from.name);
	buffer->used += (size_t)n;
	buffer->ended = n == 0;
	return FLAT_OK;
}
