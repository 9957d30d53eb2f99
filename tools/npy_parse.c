/*
 * The header of a NumPy array file (.npy) read back: a Python dict of three keys (npy_header.c has
 * an example), of which just the literals that NumPy writes are understood.
 *
 * The file may be anyone's: every length is checked before it is used.
 */
#include "config.h"

#include "npy_parse.h"
#include "text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
	const char *p, *end;
	const char *what;
	bool latin1; /* before version 3.0; then UTF-8 */
};

bool npy_find_dict(const unsigned char *start, size_t *at, size_t *nbytes)
{
	if (memcmp(start, "\x93NUMPY", 6) != 0 || start[6] < 1 || start[6] > 3 || start[7] != 0)
		return false;
	*at = start[6] == 1 ? 10 : 12;
	*nbytes = 0;
	for (size_t i = *at; i > 8; i--)
		*nbytes = *nbytes << 8 | start[i - 1];
	return true;
}

static enum status malformed(const struct cursor *c)
{
	return complain(IO_FAILED, "%s: its header is not that of a NumPy array", c->what);
}

/* ------------------------------------------------------------------------------------- literals */

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\t' || *c->p == '\r'))
		c->p++;
}

/* Takes the character if it comes next. */
static bool take(struct cursor *c, char wanted)
{
	skip_blanks(c);
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static bool take_word(struct cursor *c, const char *word)
{
	size_t nbytes = strlen(word);

	skip_blanks(c);
	if ((size_t)(c->end - c->p) < nbytes || memcmp(c->p, word, nbytes) != 0)
		return false;
	c->p += nbytes;
	return true;
}

static bool take_number(struct cursor *c, uint64_t *number)
{
	const char *start;

	skip_blanks(c);
	*number = 0;
	for (start = c->p; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		unsigned digit = (unsigned)(*c->p - '0');

		if (*number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return c->p > start;
}

/* The hexadecimal digits of \xE4 \u65e5 \U0001f600. */
static bool take_code(struct cursor *c, size_t ndigits, unsigned long *code)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (*code = 0; ndigits > 0; ndigits--, c->p++) {
		const char *digit = c->p < c->end && *c->p ? strchr(digits, *c->p) : NULL;
		unsigned long value;

		if (!digit)
			return false;
		value = (unsigned long)(digit - digits);
		*code = *code << 4 | (value < 16 ? value : value - 6);
	}
	return *code <= 0x10FFFF && (*code < 0xD800 || *code > 0xDFFF);
}

/* What follows a backslash. */
static bool take_escape(struct cursor *c, unsigned long *code)
{
	static const char letters[] = "\\'\"ntr", meant[] = "\\'\"\n\t\r";
	const char *letter;
	char next;

	if (c->p == c->end)
		return false;
	next = *c->p++;
	if (next == 'x')
		return take_code(c, 2, code);
	if (next == 'u')
		return take_code(c, 4, code);
	if (next == 'U')
		return take_code(c, 8, code);
	letter = next ? strchr(letters, next) : NULL;
	if (letter)
		*code = (unsigned char)meant[letter - letters];
	return letter != NULL;
}

/* One character of a string, as it is in UTF-8. */
static bool take_character(struct cursor *c, char **out)
{
	unsigned long code = (unsigned char)*c->p++;

	if (code == '\\') {
		if (!take_escape(c, &code))
			return false;
		*out = store_utf8(*out, code);
	} else if (c->latin1) {
		*out = store_utf8(*out, code);
	} else {
		*(*out)++ = (char)code;
	}
	/* A name is a C string. */
	return code != 0;
}

/* A Python string, without what it stands in. Free it. */
static enum status take_string(struct cursor *c, char **string)
{
	char quote, *out;

	*string = NULL;
	skip_blanks(c);
	if (c->p == c->end || (*c->p != '\'' && *c->p != '"'))
		return malformed(c);
	quote = *c->p++;
	/* No character becomes more than twice as long: in Latin-1 one byte two, in \xE4 fewer. */
	for (const char *p = c->p;; p++) {
		if (p >= c->end)
			return malformed(c);
		if (*p == quote) {
			*string = malloc(2 * (size_t)(p - c->p) + 1);
			break;
		}
		p += *p == '\\';
	}
	if (!*string)
		return complain_memory();
	for (out = *string; c->p < c->end && *c->p != quote;)
		if (!take_character(c, &out))
			return malformed(c);
	if (c->p == c->end)
		return malformed(c);
	c->p++;
	*out = '\0';
	return DONE;
}

/* ---------------------------------------------------------------------------------------- types */

static const struct {
	const char *text; /* behind the byte order */
	flat_type type;
} types[] = {
	{"b1", FLAT_BOOL},
	{"i1", FLAT_I8},
	{"i2", FLAT_I16},
	{"i4", FLAT_I32},
	{"i8", FLAT_I64},
	{"u1", FLAT_U8},
	{"u2", FLAT_U16},
	{"u4", FLAT_U32},
	{"u8", FLAT_U64},
	{"f4", FLAT_F32},
	{"f8", FLAT_F64},
	{"M8[D]", FLAT_DATE},
	{"M8[s]", FLAT_TIMESTAMP_S},
	{"M8[ms]", FLAT_TIMESTAMP_MS},
	{"M8[us]", FLAT_TIMESTAMP_US},
	{"M8[ns]", FLAT_TIMESTAMP_NS},
};

/* What can be done in Python about types that have no place here. */
static const struct {
	char kind;
	const char *what;
} remedies[] = {
	{'U', "convert it in Python with numpy.char.encode(a, 'utf-8')"},
	{'f', "convert it in Python with a.astype('f8')"},
	{'c', "save a.real and a.imag"},
	{'M', "convert it in Python with a.astype('M8[s]')"},
	{'m', "convert it in Python with a.astype('i8')"},
	{'O', "these are objects of Python; convert them with a.astype('f8') or a.astype('S20')"},
	{'S', "a string has 1 to 16777216 bytes"},
};

static enum status complain_type(const struct cursor *c, const char *name, const char *text)
{
	const char *what = "it is none that a field can have";

	for (size_t i = 0; *text && i < sizeof remedies / sizeof *remedies; i++)
		if (text[1] == remedies[i].kind)
			what = remedies[i].what;
	if (name)
		return complain(BAD_COMMAND, "%s: field \"%s\" is of NumPy's type '%s': %s", c->what, name, text, what);
	return complain(BAD_COMMAND, "%s: it is of NumPy's type '%s': %s", c->what, text, what);
}

/* "S20" or "V4": 20, 4; 0 if it is none, or more than a string may have. */
static uint32_t width_of(const char *text, char kind)
{
	uint32_t width = 0;
	const char *p = text + 1;

	if (*text != kind)
		return 0;
	for (; *p >= '0' && *p <= '9' && width <= 1u << 24; p++)
		width = width * 10 + (uint32_t)(*p - '0');
	return *p || width > 1u << 24 ? 0 : width;
}

static bool is_order(char c)
{
	return c == '<' || c == '>' || c == '|' || c == '=';
}

/* False: there is no such type here. */
static bool find_type(struct npy_value *value, const char *text)
{
	if (!is_order(*text))
		return false;
	value->width = width_of(text + 1, 'S');
	value->swapped = *text == '>' && !value->width;
	value->type = value->width ? FLAT_STR : 0;
	for (size_t i = 0; i < sizeof types / sizeof *types && !value->type; i++)
		if (strcmp(text + 1, types[i].text) == 0)
			value->type = types[i].type;
	return value->type != 0;
}

static enum status add_value(struct npy_layout *layout, struct npy_value value)
{
	const flat_field field = {.name = "", .type = value.type, .width = value.width};
	struct npy_value *values;

	if (layout->nvalues == layout->room) {
		size_t room = layout->room ? 2 * layout->room : 16;

		values = realloc(layout->values, room * sizeof *values);
		if (!values)
			return complain_memory();
		layout->values = values;
		layout->room = room;
	}
	value.offset = layout->element_nbytes;
	layout->element_nbytes += flat_field_width(&field);
	layout->values[layout->nvalues++] = value;
	return DONE;
}

/* Takes 'name' over (NULL: no record).  Bytes without a name fill a record up to its alignment. */
static enum status take_type(struct cursor *c, struct npy_layout *layout, char *name)
{
	struct npy_value value = {.name = name};
	char *text = NULL;
	enum status status = take_string(c, &text);

	if (status == DONE && name && !*name && is_order(*text) && width_of(text + 1, 'V')) {
		layout->element_nbytes += width_of(text + 1, 'V');
		free(name);
	} else {
		if (status == DONE)
			status = find_type(&value, text) ? add_value(layout, value) : complain_type(c, name, text);
		if (status != DONE)
			free(name);
	}
	free(text);
	/* NumPy counts the bytes of an element in an int. */
	if (status == DONE && layout->element_nbytes > INT_MAX)
		return malformed(c);
	return status;
}

/* ('x', '<f8') */
static enum status take_field(struct cursor *c, struct npy_layout *layout)
{
	enum status status;
	char *name = NULL;

	if (!take(c, '('))
		return malformed(c);
	skip_blanks(c);
	if (c->p < c->end && *c->p == '(')
		return complain(BAD_COMMAND, "%s: its fields have titles; save a copy without them", c->what);
	status = take_string(c, &name);
	if (status != DONE || !take(c, ',')) {
		free(name);
		return status == DONE ? malformed(c) : status;
	}
	skip_blanks(c);
	if (c->p < c->end && *c->p == '[') {
		status = complain(BAD_COMMAND,
				  "%s: field \"%s\" is a record itself; save its fields as fields of "
				  "the array",
				  c->what, name);
		free(name);
		return status;
	}
	status = take_type(c, layout, name);
	if (status != DONE || take(c, ')'))
		return status;
	if (take(c, ',') && !take(c, ')'))
		return complain(BAD_COMMAND,
				"%s: a field is an array itself; save its elements as fields of the "
				"array",
				c->what);
	return c->p[-1] == ')' ? DONE : malformed(c);
}

static enum status take_description(struct cursor *c, struct npy_layout *layout)
{
	enum status status = DONE;

	if (!take(c, '['))
		return take_type(c, layout, NULL);
	layout->records = true;
	while (status == DONE && !take(c, ']')) {
		status = take_field(c, layout);
		if (status == DONE && !take(c, ',')) {
			status = take(c, ']') ? DONE : malformed(c);
			break;
		}
	}
	if (status == DONE && !layout->nvalues)
		return complain(BAD_COMMAND, "%s: its records have no fields", c->what);
	return status;
}

/* ----------------------------------------------------------------------------------------- dict */

/* (3,) (3, 2) () */
static enum status take_shape(struct cursor *c, struct npy_layout *layout)
{
	uint64_t length;

	if (!take(c, '('))
		return malformed(c);
	while (!take(c, ')')) {
		if (!take_number(c, &length))
			return malformed(c);
		if (layout->ndims < 2)
			layout->shape[layout->ndims] = length;
		layout->ndims++;
		if (take(c, ','))
			continue;
		return take(c, ')') && layout->ndims > 1 ? DONE : malformed(c);
	}
	return DONE;
}

static enum status take_order(struct cursor *c, struct npy_layout *layout)
{
	layout->columns_first = take_word(c, "True");
	return layout->columns_first || take_word(c, "False") ? DONE : malformed(c);
}

static const struct {
	const char *name;
	enum status (*take)(struct cursor *c, struct npy_layout *layout);
} keys[] = {
	{"descr", take_description},
	{"fortran_order", take_order},
	{"shape", take_shape},
};
#define NKEYS (sizeof keys / sizeof *keys)

/* 'seen' has a bit for each key: each is there once. */
static enum status take_item(struct cursor *c, struct npy_layout *layout, unsigned *seen)
{
	char *name = NULL;
	enum status status = take_string(c, &name);
	size_t key = 0;

	if (status != DONE) {
		free(name);
		return status;
	}
	while (key < NKEYS && strcmp(name, keys[key].name) != 0)
		key++;
	free(name);
	if (key == NKEYS || *seen & 1u << key || !take(c, ':'))
		return malformed(c);
	*seen |= 1u << key;
	return keys[key].take(c, layout);
}

enum status npy_parse(struct npy_layout *layout, const unsigned char *start, const char *dict, size_t nbytes,
		      const char *what)
{
	struct cursor c = {.p = dict, .end = dict + nbytes, .what = what, .latin1 = start[6] < 3};
	enum status status = DONE;
	unsigned seen = 0;

	*layout = (struct npy_layout){.values = NULL};
	if (!take(&c, '{'))
		return malformed(&c);
	while (status == DONE && !take(&c, '}')) {
		status = take_item(&c, layout, &seen);
		if (status == DONE && !take(&c, ',')) {
			status = take(&c, '}') ? DONE : malformed(&c);
			break;
		}
	}
	skip_blanks(&c);
	if (status == DONE && (c.p < c.end || seen != (1u << NKEYS) - 1))
		return malformed(&c);
	return status;
}

void npy_layout_free(struct npy_layout *layout)
{
	for (size_t i = 0; i < layout->nvalues; i++)
		free(layout->values[i].name);
	free(layout->values);
	*layout = (struct npy_layout){.values = NULL};
}
