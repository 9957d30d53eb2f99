/*
 * Bytes of an input, names and types as text: for programs (JSON, a line of schema) and for people.
 */
#include "config.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t utf8_sequence(const char *text, const char *end)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t nbytes = *p >= 0xC2 && *p <= 0xDF ? 2 : *p >= 0xE0 && *p <= 0xEF ? 3 : *p >= 0xF0 && *p <= 0xF4 ? 4 : 0;

	if (nbytes > (size_t)(end - text))
		return 0;
	for (size_t i = 1; i < nbytes; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) || (*p == 0xF0 && p[1] < 0x90) ||
	    (*p == 0xF4 && p[1] > 0x8F))
		return 0;
	return nbytes;
}

char *store_utf8(char *out, unsigned long code)
{
	if (code < 0x80) {
		*out++ = (char)code;
	} else if (code < 0x800) {
		*out++ = (char)(0xC0 | code >> 6);
		*out++ = (char)(0x80 | (code & 0x3F));
	} else if (code < 0x10000) {
		*out++ = (char)(0xE0 | code >> 12);
		*out++ = (char)(0x80 | (code >> 6 & 0x3F));
		*out++ = (char)(0x80 | (code & 0x3F));
	} else {
		*out++ = (char)(0xF0 | code >> 18);
		*out++ = (char)(0x80 | (code >> 12 & 0x3F));
		*out++ = (char)(0x80 | (code >> 6 & 0x3F));
		*out++ = (char)(0x80 | (code & 0x3F));
	}
	return out;
}

/* ----------------------------------------------------------------------------------------- JSON */

static void put_json_byte(FILE *out, unsigned char c)
{
	if (c >= 0x80)
		fprintf(out, "\\udc%02x", (unsigned)c);
	else if (c == '"' || c == '\\')
		fprintf(out, "\\%c", c);
	else
		fprintf(out, "\\u%04x", (unsigned)c);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void put_json_text(FILE *out, const char *text, size_t nbytes)
{
	const char *p = text, *end = text + nbytes;

	fputc('"', out);
	while (p < end) {
		const char *run = p;
		size_t sequence = 1;

		while (p < end && sequence) {
			sequence = is_plain((unsigned char)*p) ? 1 : utf8_sequence(p, end);
			p += sequence;
		}
		fwrite(run, 1, (size_t)(p - run), out);
		if (p < end)
			put_json_byte(out, (unsigned char)*p++);
	}
	fputc('"', out);
}

void put_json_string(FILE *out, const char *string)
{
	put_json_text(out, string, strlen(string));
}

void put_json_number(FILE *out, double value)
{
	char digits[40];

	if (!isfinite(value)) {
		fputs("null", out);
		return;
	}
	for (int n = 15; n <= 17; n++) {
		snprintf(digits, sizeof digits, "%.*g", n, value);
		if (strtod(digits, NULL) == value)
			break;
	}
	fputs(digits, out);
}

/* --------------------------------------------------------------------------------------- schema */

void put_type(FILE *out, const flat_field *field)
{
	fputs(flat_type_name(field->type), out);
	if (field->type == FLAT_STR)
		fprintf(out, "%" PRIu32, field->width);
	if (field->fixed)
		fprintf(out, "[.%u]", field->fixed - FLAT_FIXED(0));
}

/* An '@' in front would make the schema the name of a file. */
static bool needs_quotes(const char *name)
{
	size_t nbytes = strlen(name);

	return *name == '@' || strpbrk(name, ",:\"") || strchr(" \t\r\n", name[0]) ||
	       strchr(" \t\r\n", name[nbytes - 1]);
}

void put_schema_name(FILE *out, const char *name)
{
	bool quotes = needs_quotes(name);

	if (quotes)
		fputc('"', out);
	for (const char *p = name; *p; p++) {
		if (*p == '"')
			fputc('"', out);
		fputc(*p, out);
	}
	if (quotes)
		fputc('"', out);
}

/* --------------------------------------------------------------------------------------- screen */

static uint32_t code_point(const char *text, size_t nbytes)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t code = nbytes == 2 ? p[0] & 0x1Fu : nbytes == 3 ? p[0] & 0x0Fu : p[0] & 0x07u;

	for (size_t i = 1; i < nbytes; i++)
		code = code << 6 | (p[i] & 0x3Fu);
	return code;
}

/*
 * Characters that take no column or two, as most terminals have it: the combining marks, and the
 * blocks that Unicode's EastAsianWidth.txt calls wide.  wcwidth() would ask the locale.
 */
static const struct {
	uint32_t first, last;
	size_t columns;
} widths[] = {
	{0x0300, 0x036F, 0},   {0x1100, 0x115F, 2},   {0x200B, 0x200F, 0}, {0x202A, 0x202E, 0}, {0x2060, 0x2064, 0},
	{0x20D0, 0x20FF, 0},   {0x2E80, 0x303E, 2},   {0x3041, 0xA4CF, 2}, {0xAC00, 0xD7A3, 2}, {0xF900, 0xFAFF, 2},
	{0xFE00, 0xFE0F, 0},   {0xFE30, 0xFE6F, 2},   {0xFF00, 0xFF60, 2}, {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1F64F, 2},
	{0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2},
};

static size_t columns_of(uint32_t code)
{
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
		if (code >= widths[i].first && code <= widths[i].last)
			return widths[i].columns;
	return 1;
}

/* One character as it is shown: its bytes and columns.  What moves the cursor is not. */
struct shown {
	size_t taken, nbytes, columns;
	char escape[5];
	const char *bytes;
};

static struct shown show(const char *p, const char *end)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)*p;
	size_t sequence = c >= 0x80 ? utf8_sequence(p, end) : 0;
	uint32_t code = sequence ? code_point(p, sequence) : 0;
	struct shown shown = {.taken = 1, .nbytes = 1, .columns = 1, .bytes = p};

	if (c >= 0x20 && c < 0x7F)
		return shown;
	if (sequence && code >= 0xA0 && (code < 0x202A || code > 0x202E)) {
		shown.taken = shown.nbytes = sequence;
		shown.columns = columns_of(code);
		return shown;
	}
	shown.bytes = NULL;
	memcpy(shown.escape, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15], '\0'}, 5);
	shown.nbytes = shown.columns = 4;
	if (c == '\n' || c == '\t' || c == '\r') {
		shown.escape[1] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
		shown.nbytes = shown.columns = 2;
	}
	return shown;
}

size_t text_columns(const char *text, size_t nbytes)
{
	const char *end = text + nbytes;
	size_t columns = 0;

	for (const char *p = text; p < end;) {
		struct shown shown = show(p, end);

		columns += shown.columns;
		p += shown.taken;
	}
	return columns;
}

static void put_blanks(FILE *out, size_t n)
{
	while (n-- > 0)
		fputc(' ', out);
}

void put_cell(FILE *out, const char *text, size_t nbytes, size_t columns, bool right)
{
	const char *p = text, *end = text + nbytes;
	size_t needed = text_columns(text, nbytes), used = 0;
	size_t dots = needed <= columns ? 0 : columns < 3 ? columns : 3;

	if (right && needed < columns)
		put_blanks(out, columns - needed);
	while (p < end) {
		struct shown shown = show(p, end);

		if (used + shown.columns > columns - dots)
			break;
		fwrite(shown.bytes ? shown.bytes : shown.escape, 1, shown.nbytes, out);
		used += shown.columns;
		p += shown.taken;
	}
	for (; dots > 0; dots--, used++)
		fputc('.', out);
	if (!right)
		put_blanks(out, columns - used);
}

void close_text(FILE *out, char **text)
{
	bool fine = !ferror(out);

	fine = fclose(out) == 0 && fine;
	if (fine)
		return;
	free(*text);
	*text = NULL;
}
