/*
 * A JSON text (RFC 8259) taken apart from front to back, by a caller who knows what to expect.
 *
 *	json_open(&json, '{');
 *	while (json_more(&json, '}'))
 *		if (name = json_key(&json)) ... json_string(), json_number() or json_skip() ...
 *
 * After the first thing that is not as expected 'failed' is set, and everything gives nothing.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	const char *p, *end;
	bool failed;
	bool first; /* nothing stands yet in what was opened last */
};

/* Takes the '{' or '[' that has to come next. */
void json_open(struct json *json, char bracket);

/* Is there another member? Takes the comma before it, or the closing bracket. */
bool json_more(struct json *json, char bracket);

/*
 * A string, allocated; of a member of an object its name, with the colon.  Lone surrogates \udc80
 * to \udcff are the bytes 80 to FF; \u0000 is not taken.  NULL after a failure.
 */
char *json_string(struct json *json);
char *json_key(struct json *json);

/* A whole number, from 0. */
uint64_t json_number(struct json *json);

/* Any value, but none that is nested too deep. */
void json_skip(struct json *json);

/* Nothing but blanks follows. */
bool json_ends(struct json *json);

#endif
