/*
 * Text that grows, for what tests print and compare.
 */
#include "config.h"

#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *test_allocate(size_t nbytes)
{
	void *memory = malloc(nbytes ? nbytes : 1);

	if (!memory) {
		fprintf(stderr, "no memory for the test: %zu bytes\n", nbytes);
		abort();
	}
	return memory;
}

static void make_room(struct text *text, size_t nbytes)
{
	char *bytes;

	if (text->nbytes + nbytes < text->room)
		return;
	text->room = 2 * (text->nbytes + nbytes) + 64;
	bytes = test_allocate(text->room);
	if (text->nbytes)
		memcpy(bytes, text->bytes, text->nbytes);
	free(text->bytes);
	text->bytes = bytes;
}

void text_add(struct text *text, const char *bytes, size_t nbytes)
{
	make_room(text, nbytes);
	if (nbytes)
		memcpy(text->bytes + text->nbytes, bytes, nbytes);
	text->nbytes += nbytes;
	text->bytes[text->nbytes] = '\0';
}

void text_clear(struct text *text)
{
	text->nbytes = 0;
	if (text->bytes)
		*text->bytes = '\0';
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){.bytes = NULL};
}

bool text_equals(const struct text *a, const struct text *b)
{
	return a->nbytes == b->nbytes && (a->nbytes == 0 || memcmp(a->bytes, b->bytes, a->nbytes) == 0);
}

void text_print(struct text *text, const char *format, ...)
{
	char line[2048];
	va_list arguments;
	int nbytes;

	va_start(arguments, format);
	nbytes = vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (nbytes < 0 || (size_t)nbytes >= sizeof line)
		abort();
	text_add(text, line, (size_t)nbytes);
}

static void add_escaped(struct text *text, char c)
{
	static const struct {
		char byte;
		const char *name;
	} names[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (names[i].byte == c) {
			text_add(text, names[i].name, 2);
			return;
		}
	}
	if ((unsigned char)c < 0x20 || c == 0x7F)
		text_print(text, "\\x%02x", (unsigned)(unsigned char)c);
	else
		text_add(text, &c, 1);
}

void text_add_quoted(struct text *text, const char *bytes, size_t nbytes)
{
	text_add(text, "\"", 1);
	for (size_t i = 0; i < nbytes; i++)
		add_escaped(text, bytes[i]);
	text_add(text, "\"", 1);
}

bool text_load(struct text *text, const char *path)
{
	FILE *file = fopen(path, "rb");
	char block[4096];
	size_t n;
	bool fine;

	if (!file)
		return false;
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		text_add(text, block, n);
	fine = !ferror(file);
	fclose(file);
	return fine;
}
