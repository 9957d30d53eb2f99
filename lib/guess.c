/*
 * Guesses where a record starts from what would be a fault: two states are followed, outside quotes and inside, and the
 * first to meet a quote in a place where none may be is the wrong one.
 */
#include "config.h"

#include "guess.h"

#include <stdint.h>
#include <string.h>

/* One of the two. */
struct lane {
	enum fl_state state;
	size_t start; /* of the first record behind the end of another; SIZE_MAX: not seen yet */
	bool wrong;
};

static void step(struct lane *lane, const unsigned char class_of[256], const char *text, size_t at)
{
	const struct fl_step step = fl_steps[lane->state][class_of[(unsigned char)text[at]]];

	lane->state = (enum fl_state)step.next;
	if (step.action == FL_END_RECORD && lane->start == SIZE_MAX)
		lane->start = at + 1;
	lane->wrong |= step.action == FL_SEE_STRAY_QUOTE || step.action == FL_SEE_AFTER_QUOTE;
}

/* In quotes nothing counts but the next quote. */
static size_t go_to_start(struct lane *lane, const unsigned char class_of[256], int quote, const char *text, size_t at,
			  size_t nbytes)
{
	while (at < nbytes && lane->start == SIZE_MAX) {
		if (lane->state == FL_IN_QUOTES) {
			const char *found = memchr(text + at, quote, nbytes - at);

			if (!found)
				break;
			at = (size_t)(found - text);
		}
		step(lane, class_of, text, at++);
	}
	return lane->start;
}

size_t fl_find_start(const unsigned char class_of[256], int quote, enum fl_state state, const char *text, size_t nbytes)
{
	struct lane lane = {.state = state, .start = SIZE_MAX};

	return go_to_start(&lane, class_of, quote, text, 0, nbytes);
}

static size_t start_of_line(const char *text, size_t nbytes)
{
	const char *found = memchr(text, '\n', nbytes);

	return found ? (size_t)(found - text) + 1 : SIZE_MAX;
}

/* What lies before the first quote decides nothing, but for the byte in front of it. */
size_t fl_guess_start(const unsigned char class_of[256], int quote, const char *text, size_t nbytes)
{
	size_t most = nbytes < FL_GUESS_MOST ? nbytes : FL_GUESS_MOST;
	const char *found = quote == FLAT_NONE ? NULL : memchr(text, quote, most);
	size_t at = found ? (size_t)(found - text) : 0;
	struct lane outside = {.state = at ? FL_IN_PLAIN : FL_AT_FIELD};
	struct lane inside = {.state = FL_IN_QUOTES, .start = SIZE_MAX};

	if (!found)
		return start_of_line(text, nbytes);
	outside.start = start_of_line(text, at);
	for (at -= at > 0; at < most && !inside.wrong && !outside.wrong; at++) {
		step(&outside, class_of, text, at);
		step(&inside, class_of, text, at);
	}
	return go_to_start(outside.wrong && !inside.wrong ? &inside : &outside, class_of, quote, text, at, nbytes);
}
