/*
 * A JSON text (RFC 8259) taken apart from front to back.  No library: those at hand refuse the lone
 * surrogates by which names that are not UTF-8 keep their bytes.
 */
#include "config.h"

#include "json.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

static void skip_blanks(struct json *json)
{
	while (json->p < json->end && *json->p && strchr(" \t\r\n", *json->p))
		json->p++;
}

/* Takes the character if it comes next. */
static bool take(struct json *json, char wanted)
{
	skip_blanks(json);
	if (json->failed || json->p == json->end || *json->p != wanted)
		return false;
	json->p++;
	return true;
}

void json_open(struct json *json, char bracket)
{
	json->failed = !take(json, bracket);
	json->first = true;
}

bool json_more(struct json *json, char bracket)
{
	bool first = json->first;

	json->first = false;
	if (take(json, bracket))
		return false;
	if (!first && !take(json, ','))
		json->failed = true;
	return !json->failed;
}

/* -------------------------------------------------------------------------------------- strings */

/* The four digits behind \u; 0, which stands for nothing here, if they are not four. */
static unsigned take_hex(struct json *json)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	unsigned code = 0;

	if (json->end - json->p < 4)
		return 0;
	for (int i = 0; i < 4; i++) {
		char c = *json->p++;
		const char *digit = c ? strchr(digits, c) : NULL;
		unsigned value = digit ? (unsigned)(digit - digits) : 0;

		if (!digit)
			return 0;
		code = code << 4 | (value < 16 ? value : value - 6);
	}
	return code;
}

/* False if it is not one. */
static bool take_unicode(struct json *json, char **out)
{
	unsigned code = take_hex(json), low;

	if (code >= 0xDC80 && code <= 0xDCFF) {
		*(*out)++ = (char)(code - 0xDC00);
		return true;
	}
	if (code >= 0xD800 && code <= 0xDBFF) {
		if (json->end - json->p < 2 || json->p[0] != '\\' || json->p[1] != 'u')
			return false;
		json->p += 2;
		low = take_hex(json);
		if (low < 0xDC00 || low > 0xDFFF)
			return false;
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
	} else if (code >= 0xDC00 && code <= 0xDFFF) {
		return false;
	}
	*out = store_utf8(*out, code);
	return code != 0;
}

static bool take_escape(struct json *json, char **out)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	char next;

	if (json->p == json->end)
		return false;
	next = *json->p++;
	if (next == 'u')
		return take_unicode(json, out);
	letter = next ? strchr(letters, next) : NULL;
	if (letter)
		*(*out)++ = meant[letter - letters];
	return letter != NULL;
}

/* What is before the closing quote, none of which gets longer. */
static bool take_characters(struct json *json, char *out)
{
	while (json->p < json->end && *json->p != '"') {
		unsigned char c = (unsigned char)*json->p++;

		if (c < 0x20)
			return false;
		if (c != '\\')
			*out++ = (char)c;
		else if (!take_escape(json, &out))
			return false;
	}
	*out = '\0';
	return json->p < json->end;
}

char *json_string(struct json *json)
{
	const char *end;
	char *string = NULL;

	if (take(json, '"')) {
		for (end = json->p; end < json->end && *end != '"'; end++)
			end += *end == '\\' && end + 1 < json->end;
		string = malloc((size_t)(end - json->p) + 1);
	}
	if (string && take_characters(json, string)) {
		json->p++;
		return string;
	}
	free(string);
	json->failed = true;
	return NULL;
}

char *json_key(struct json *json)
{
	char *name = json_string(json);

	if (name && take(json, ':'))
		return name;
	free(name);
	json->failed = true;
	return NULL;
}

/* --------------------------------------------------------------------------------- other values */

uint64_t json_number(struct json *json)
{
	uint64_t number = 0;
	const char *start;

	skip_blanks(json);
	for (start = json->p; json->p < json->end && *json->p >= '0' && *json->p <= '9'; json->p++) {
		unsigned digit = (unsigned)(*json->p - '0');

		if (number > (UINT64_MAX - digit) / 10)
			json->failed = true;
		number = number * 10 + digit;
	}
	if (json->p == start || (*start == '0' && json->p - start > 1) ||
	    (json->p < json->end && *json->p && strchr(".eE", *json->p)))
		json->failed = true;
	return json->failed ? 0 : number;
}

/* true, null, -1.5e3: what it is does not matter. */
static void skip_word(struct json *json)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzE0123456789+-.";
	const char *start = json->p;

	while (json->p < json->end && *json->p && strchr(letters, *json->p))
		json->p++;
	if (json->p == start)
		json->failed = true;
}

static void skip_value(struct json *json, int depth)
{
	char bracket;

	skip_blanks(json);
	if (json->failed || json->p == json->end || depth > DEPTH_MAX) {
		json->failed = true;
	} else if (*json->p == '"') {
		free(json_string(json));
	} else if (*json->p == '{' || *json->p == '[') {
		bracket = *json->p == '{' ? '}' : ']';
		json_open(json, *json->p);
		while (json_more(json, bracket)) {
			if (bracket == '}')
				free(json_key(json));
			skip_value(json, depth + 1);
		}
	} else {
		skip_word(json);
	}
}

void json_skip(struct json *json)
{
	skip_value(json, 0);
}

bool json_ends(struct json *json)
{
	skip_blanks(json);
	return !json->failed && json->p == json->end;
}
