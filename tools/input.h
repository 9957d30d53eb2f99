/*
 * An input whose start can be looked at before it is read; its bytes and lines are counted.
 */
#ifndef INPUT_H
#define INPUT_H

#include "options.h"

#include <sys/types.h>

struct input {
	const char *name; /* for messages */
	int descriptor;
	bool ours;     /* to close */
	bool seekable; /* it can be read again */
	off_t start;   /* where it stood when it was opened */
	char *head;    /* what has been looked at */
	size_t head_nbytes;
	bool head_is_all;
	size_t replayed;	/* of the head, to the reader */
	uint64_t nbytes, lines; /* line feeds; of what readers have taken */
};

/*
 * "-" is standard input; of what was spooled, the copy is read.  input_close() also after a
 * failure; it rewinds what stays open.
 */
enum status input_open(struct input *input, const struct options *options, size_t index);
void input_close(struct input *input);

/* Has at least so many bytes in the head, unless the input ends before. */
enum status input_look(struct input *input, size_t nbytes);

/* Complains of what is compressed, in UTF-16, or otherwise starts as no text with fields does. */
enum status input_check_text(struct input *input);

/* The same after a failure to read an input as text, as advice: with a schema anything may be one. */
void tell_if_no_text(const struct options *options, size_t index);

/* The whole input as a source: once, or again after input_rewind(), if it is seekable. */
flat_source input_source(struct input *input);
bool input_rewind(struct input *input);

/* Counts what was looked at as if it had been read: of an input that is all there. */
void input_count_head(struct input *input);

/*
 * Copies what is no plain file to an unlinked file in $TMPDIR or /tmp.  Gives its descriptor, at
 * its start, or -1 after complaining.
 */
int input_spool(const char *path);

bool is_standard(const char *path);

/* Can the input be read twice?  What is not there can: the reader says more about it. */
bool is_seekable(const char *path);
bool are_seekable(const struct options *options); /* all inputs */

#endif
