/*
 * The loops that fill columns of strings: in place with padding (str), or into the caller's arena (text).
 *
 * A quoted field loses its quotes, and doubled quotes become one, on the way to its final address.
 */
#include "config.h"

#include "column.h"

#include <string.h>

/* What a field's text is, once quotes and blanks around it are understood. */
struct content {
	const char *p, *end;
	bool quoted; /* and so may hold doubled quotes */
	bool null;
};

static inline struct content content_of(const struct fl_column *column, const struct fl_slices *slices, size_t i)
{
	struct content content = {.p = fl_slice_start(slices, i), .end = fl_slice_end(slices, i)};

	if (column->trim)
		fl_trim(&content.p, &content.end);
	if (fl_is_quoted(column, content.p, content.end)) {
		content.quoted = true;
		content.p++;
		content.end--;
	} else if (column->field->nnulls) {
		content.null = fl_is_null(column->field, content.p, content.end);
	}
	return content;
}

/*
 * Copies the text to out[0, room).  Gives its bytes, or more than 'room' if it does not fit; then out holds anything.
 *
 * Quotes come in pairs in there, or the record would not be well-formed.
 */
static size_t unquote(char *out, size_t room, struct content content, int quote)
{
	size_t used = 0;

	while (content.p < content.end) {
		size_t left = (size_t)(content.end - content.p);
		const char *found = memchr(content.p, quote, left);
		size_t run = found ? (size_t)(found - content.p) + 1 : left;

		if (run > room - used)
			return room + 1;
		memcpy(out + used, content.p, run);
		used += run;
		content.p += found ? run + 1 : run;
	}
	return used;
}

static size_t copy(char *out, size_t room, struct content content, int quote)
{
	size_t nbytes = (size_t)(content.end - content.p);

	if (content.quoted)
		return unquote(out, room, content, quote);
	if (nbytes <= room)
		memcpy(out, content.p, nbytes);
	return nbytes;
}

static void store_length(const struct fl_column *column, size_t element, size_t nbytes)
{
	uint32_t length = (uint32_t)nbytes;

	memcpy((char *)column->cells->lengths + element * column->cells->lengths_stride, &length, sizeof length);
}

static inline fl_fault store_str(const struct fl_column *column, struct content content, size_t element)
{
	char *cell = fl_element(column, element);
	size_t nbytes = 0;

	if (content.null) {
		fl_fault fault = fl_column_store_null(column, element);

		if (fault != FL_FINE)
			return fault;
	} else {
		nbytes = copy(cell, column->width, content, column->quote);
		if (nbytes > column->width)
			return FL_TOO_WIDE;
		if (nbytes && cell[nbytes - 1] == '\0' && !column->cells->lengths)
			return FL_ENDS_IN_NUL;
		memset(cell + nbytes, 0, column->width - nbytes);
	}
	if (column->cells->lengths)
		store_length(column, element, nbytes);
	return FL_FINE;
}

size_t fl_convert_str(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
		      fl_fault *fault)
{
	for (size_t i = 0; i < n; i++) {
		fl_fault found = store_str(column, content_of(column, slices, i), first + i);

		if (found != FL_FINE) {
			*fault = found;
			return i;
		}
	}
	return n;
}

/* The offsets are the only account of what the arena holds, so that a failed record leaves no trace. */
size_t fl_convert_text(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
		       fl_fault *fault)
{
	uint64_t used = fl_texts_begin(column, first);

	if (used > column->cells->arena_nbytes) {
		*fault = FL_NO_ROOM;
		return 0;
	}
	fl_store_offset(column, first, used);
	for (size_t i = 0; i < n; i++) {
		struct content content = content_of(column, slices, i);
		size_t room = column->cells->arena_nbytes - (size_t)used, nbytes = 0;

		if (content.null)
			fl_column_store_null(column, first + i);
		else
			nbytes = copy(column->cells->arena + used, room, content, column->quote);
		if (nbytes > room) {
			*fault = FL_NO_ROOM;
			return i;
		}
		used += nbytes;
		fl_texts_end(column, first + i + 1, used);
	}
	return n;
}

/* ------------------------------------------------------------------------------------------------ notes */

static size_t count_quotes(struct content content, int quote)
{
	size_t n = 0;

	while (content.p < content.end &&
	       (content.p = memchr(content.p, quote, (size_t)(content.end - content.p))) != NULL) {
		n++;
		content.p++;
	}
	return n;
}

static uint64_t note(struct fl_texts *texts, struct content content, int quote)
{
	return fl_note(texts, content.p, content.end, content.quoted ? count_quotes(content, quote) : 0);
}

/* Of texts that are not where notes count from, the notes mean nothing. */
size_t fl_note_text(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
		    fl_fault *fault)
{
	(void)fault;
	for (size_t i = 0; i < n; i++) {
		struct content content = content_of(column, slices, i);

		if (content.null)
			fl_column_store_null(column, first + i);
		fl_store_offset(column, first + i, content.null ? 0 : note(column->texts, content, column->quote));
	}
	return n;
}

/* Should the input have become another since it was noted, what does not fit is cut: others' texts lie behind. */
void fl_store_noted(const struct fl_column *column, size_t n)
{
	struct fl_texts rest = *column->texts;

	for (size_t i = 0; i < n; i++) {
		uint64_t noted = fl_load_offset(column, (size_t)rest.first);
		struct content content = {.p = fl_noted_start(&rest, noted),
					  .end = fl_noted_end(&rest, noted),
					  .quoted = fl_is_doubled(noted)};
		size_t room = (size_t)rest.nbytes, nbytes;

		nbytes = copy(column->cells->arena + rest.start, room, content, column->quote);
		nbytes = nbytes < room ? nbytes : room;
		fl_store_offset(column, (size_t)rest.first++, rest.start);
		rest.start += nbytes;
		rest.nbytes -= nbytes;
	}
	fl_texts_end(column, (size_t)rest.first, rest.start);
	*column->texts = rest;
}
