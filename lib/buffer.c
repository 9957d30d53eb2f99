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

void fl_buffer_lend(struct fl_buffer *buffer, const char *bytes, size_t nbytes)
{
	buffer->own = buffer->text;
	/* Nothing is written to the text but by fl_buffer_fill(). */
	buffer->text = (char *)(uintptr_t)bytes;
	buffer->lent = nbytes;
}

bool fl_buffer_show(struct fl_buffer *buffer)
{
	size_t left = buffer->lent - buffer->used;

	if (!buffer->lent || !left)
		return false;
	buffer->used += left < buffer->window ? left : buffer->window;
	return true;
}

void fl_buffer_show_all(struct fl_buffer *buffer)
{
	buffer->used = buffer->lent;
}

static void drop(struct fl_buffer *buffer, size_t ndropped)
{
	buffer->used -= ndropped;
	buffer->offset += ndropped;
	memmove(buffer->text, buffer->text + ndropped, buffer->used);
}

/* What was lent has been used, up to a part of a record. */
static void take_back(struct fl_buffer *buffer, size_t ndropped)
{
	buffer->used -= ndropped;
	buffer->offset += ndropped;
	memcpy(buffer->own, buffer->text + ndropped, buffer->used);
	buffer->text = buffer->own;
	buffer->lent = 0;
}

flat_status fl_buffer_fill(struct fl_buffer *buffer, struct fl_source *source, size_t ndropped, flat_error *error)
{
	ptrdiff_t n;

	if (buffer->lent)
		take_back(buffer, ndropped);
	else if (ndropped)
		drop(buffer, ndropped);
	n = fl_source_read(source, buffer->text + buffer->used, limit_of(buffer) - buffer->used);
	if (n < 0)
		return fl_error_os(error, FLAT_BAD_INPUT, errno, "cannot be read", source->from.name);
	buffer->used += (size_t)n;
	buffer->ended = n == 0;
	return FLAT_OK;
}
