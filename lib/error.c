/*
 * Turns what went wrong, and where, into a flat_error.
 *
 * All wording of the library's messages about records is in the table here.  Finding out is left to others.
 */
#include "config.h"

#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SOURCE_MAX 300 /* bytes of a message that the name of a source may take */

static const char *const status_names[] = {
	[FLAT_OK] = "FLAT_OK",
	[FLAT_BAD_ARGUMENT] = "FLAT_BAD_ARGUMENT",
	[FLAT_BAD_SCHEMA] = "FLAT_BAD_SCHEMA",
	[FLAT_NO_MEMORY] = "FLAT_NO_MEMORY",
	[FLAT_BAD_INPUT] = "FLAT_BAD_INPUT",
	[FLAT_BAD_HEADER] = "FLAT_BAD_HEADER",
	[FLAT_BAD_QUOTE] = "FLAT_BAD_QUOTE",
	[FLAT_OPEN_QUOTE] = "FLAT_OPEN_QUOTE",
	[FLAT_BAD_NEWLINE] = "FLAT_BAD_NEWLINE",
	[FLAT_BAD_SHAPE] = "FLAT_BAD_SHAPE",
	[FLAT_BAD_VALUE] = "FLAT_BAD_VALUE",
	[FLAT_OUT_OF_RANGE] = "FLAT_OUT_OF_RANGE",
	[FLAT_BAD_NULL] = "FLAT_BAD_NULL",
	[FLAT_ARENA_FULL] = "FLAT_ARENA_FULL",
	[FLAT_TOO_LONG] = "FLAT_TOO_LONG",
	[FLAT_BAD_OUTPUT] = "FLAT_BAD_OUTPUT",
	[FLAT_NEEDS_QUOTES] = "FLAT_NEEDS_QUOTES",
	[FLAT_BAD_CELL] = "FLAT_BAD_CELL",
};

/* Reasons may hold %zu twice: what was expected and what was found; and the ending of the expected things' plural. */
static const struct {
	flat_status status;
	const char *reason;
} faults[FL_NFAULTS] = {
	[FL_FINE] = {FLAT_OK, ""},
	[FL_NOT_NUMBER] = {FLAT_BAD_VALUE, "it is not a number of this type"},
	[FL_TOO_GREAT] = {FLAT_OUT_OF_RANGE, "the greatest is %s"},
	[FL_TOO_SMALL] = {FLAT_OUT_OF_RANGE, "the least is %s"},
	[FL_NOT_BOOL] = {FLAT_BAD_VALUE, "it is none of true, false, t, f, 1, 0"},
	[FL_NOT_DATE] = {FLAT_BAD_VALUE, "a date is written like 2024-12-31"},
	[FL_NOT_TIME] = {FLAT_BAD_VALUE, "a time is written like 2024-12-31T23:59:59.5+01:00"},
	[FL_NO_SUCH_DAY] = {FLAT_BAD_VALUE, "the calendar has no such day"},
	[FL_NO_SUCH_TIME] = {FLAT_BAD_VALUE, "the clock has no such time"},
	[FL_LEAP_SECOND] = {FLAT_OUT_OF_RANGE, "Unix time has no number for second 60"},
	[FL_TOO_FINE] = {FLAT_OUT_OF_RANGE, "its fraction is finer than the unit; use a finer unit"},
	[FL_TIME_RANGE] = {FLAT_OUT_OF_RANGE, "it is too far from 1970 for 64 bits; use a coarser unit"},
	[FL_TOO_WIDE] = {FLAT_OUT_OF_RANGE, "the field holds %zu bytes, the text has more; use a wider str"},
	[FL_ENDS_IN_NUL] = {FLAT_OUT_OF_RANGE, "it ends in a zero byte, which padding would hide; ask for lengths"},
	[FL_NO_NULL] = {FLAT_BAD_NULL, "it is null, and the column has no place for a null"},
	[FL_NO_ROOM] = {FLAT_ARENA_FULL, "the arena of %zu bytes is full; give a larger one and read again"},
	[FL_STRAY_QUOTE] = {FLAT_BAD_QUOTE,
			    "a quote inside a field that does not start with one; quote the whole field"},
	[FL_AFTER_QUOTE] = {FLAT_BAD_QUOTE,
			    "something follows a closing quote; double the quotes inside a quoted field"},
	[FL_BARE_CR] = {FLAT_BAD_NEWLINE,
			"a carriage return that no line feed follows; quote the field, or end lines with LF or CRLF"},
	[FL_OPEN_QUOTE] = {FLAT_OPEN_QUOTE,
			   "the input ends inside this quoted field; it is cut off, or a quote is missing"},
	[FL_TOO_FEW] = {FLAT_BAD_SHAPE, "a record has %1$zu field%3$s, this one ends after %2$zu"},
	[FL_TOO_MANY] = {FLAT_BAD_SHAPE, "a record has %1$zu field%3$s, this one has %2$zu"},
	[FL_TOO_LONG] = {FLAT_TOO_LONG,
			 "the record is longer than max_record, %zu bytes; a quote is missing, or raise the limit"},
	[FL_TOO_WIDE_HEADER] = {FLAT_TOO_LONG, "the header has more fields than max_fields, %zu; raise the limit"},
	[FL_NAME_MISSING] = {FLAT_BAD_HEADER,
			     "it is not there; mend the schema, or read without a header if there is none"},
	[FL_NAME_TWICE] = {FLAT_BAD_HEADER,
			   "it is there twice; name one of the two differently, or read without a header"},
	[FL_NEEDS_QUOTES] = {FLAT_NEEDS_QUOTES,
			     "it needs quotes, and there are none; allow them, or choose another delimiter"},
	[FL_NO_SPELLING] = {FLAT_BAD_NULL,
			    "it is null, and no spelling of null tells that from a value; give the field one"},
	[FL_LOOKS_NULL] = {FLAT_BAD_NULL, "it is spelled like a null and would read back as one"},
	[FL_BAD_LENGTH] = {FLAT_BAD_CELL, "its length is above the field's width, %zu"},
	[FL_BAD_OFFSETS] = {FLAT_BAD_CELL, "its offsets run backwards, or past the arena of %zu bytes"},
};

static const struct {
	const char *least, *greatest;
} ranges[] = {
	[FLAT_I8] = {"-128", "127"},
	[FLAT_I16] = {"-32768", "32767"},
	[FLAT_I32] = {"-2147483648", "2147483647"},
	[FLAT_I64] = {"-9223372036854775808", "9223372036854775807"},
	[FLAT_U8] = {"0", "255"},
	[FLAT_U16] = {"0", "65535"},
	[FLAT_U32] = {"0", "4294967295"},
	[FLAT_U64] = {"0", "18446744073709551615"},
};

const char *flat_status_name(flat_status status)
{
	size_t index = (size_t)status;

	if (index >= sizeof status_names / sizeof *status_names)
		return "unknown status";
	return status_names[index];
}

void fl_error_clear(flat_error *error)
{
	if (error)
		*error = (flat_error){.status = FLAT_OK};
}

flat_status fl_error_set(flat_error *error, flat_status status, const char *reason, ...)
{
	va_list arguments;

	if (!error || error->status != FLAT_OK)
		return status;
	error->status = status;
	va_start(arguments, reason);
	vsnprintf(error->message, sizeof error->message, reason, arguments);
	va_end(arguments);
	snprintf(error->reason, sizeof error->reason, "%.*s", (int)sizeof error->reason - 1, error->message);
	return status;
}

/* Bytes of the well-formed UTF-8 sequence at p (RFC 3629), 0 if there is none. */
static size_t utf8_sequence(const unsigned char *p, size_t nbytes)
{
	static const struct {
		unsigned char first_least, first_greatest, second_least, second_greatest, nbytes;
	} forms[] = {
		{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
		{0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (p[0] < forms[i].first_least || p[0] > forms[i].first_greatest)
			continue;
		if (nbytes < forms[i].nbytes || p[1] < forms[i].second_least || p[1] > forms[i].second_greatest)
			return 0;
		for (size_t k = 2; k < forms[i].nbytes; k++)
			if ((p[k] & 0xC0) != 0x80)
				return 0;
		return forms[i].nbytes;
	}
	return 0;
}

void fl_printable(char *out, size_t out_nbytes, const char *text, size_t text_nbytes)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)text, *end = p + text_nbytes;
	char *stop = out + out_nbytes - sizeof "...";

	while (p < end) {
		size_t taken = *p >= 0x20 && *p < 0x7F ? 1 : *p >= 0x80 ? utf8_sequence(p, (size_t)(end - p)) : 0;
		size_t given = taken ? taken : 4;

		if ((size_t)(stop - out) < given) {
			memcpy(out, "...", 3);
			out += 3;
			break;
		}
		if (taken)
			memcpy(out, p, taken);
		else
			memcpy(out, (char[]){'\\', 'x', hex[*p >> 4], hex[*p & 15]}, 4);
		out += given;
		p += taken ? taken : 1;
	}
	*out = '\0';
}

flat_status fl_error_os(flat_error *error, flat_status status, int os, const char *what, const char *source)
{
	char words[128], name[SOURCE_MAX];

	/* strerror() is not for threads.  This is the strerror_r() of POSIX: _GNU_SOURCE would bring another. */
	if (strerror_r(os, words, sizeof words) != 0)
		snprintf(words, sizeof words, "error %d", os);
	if (error && error->status == FLAT_OK)
		error->os = os;
	fl_printable(name, sizeof name, source, strlen(source));
	return fl_error_set(error, status, "%s: %s: %s", name, what, words);
}

static const char *limit_of(fl_fault fault, const flat_field *field)
{
	if (!field || field->type < FLAT_I8 || field->type > FLAT_U64)
		return "another";
	return fault == FL_TOO_GREAT ? ranges[field->type].greatest : ranges[field->type].least;
}

static void reason_of(flat_error *error, fl_fault fault, const struct fl_place *place)
{
	const char *reason = faults[fault].reason;

	/* The table above is the only source of these formats. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (fault == FL_TOO_GREAT || fault == FL_TOO_SMALL)
		snprintf(error->reason, sizeof error->reason, reason, limit_of(fault, place->schema));
	else
		snprintf(error->reason, sizeof error->reason, reason, place->expected, place->found,
			 place->expected == 1 ? "" : "s");
#pragma GCC diagnostic pop
}

/* Adds to the message, as far as there is room. */
static void say(flat_error *error, const char *words, ...) FL_PRINTF(2, 3);

static void say(flat_error *error, const char *words, ...)
{
	size_t used = strlen(error->message);
	va_list arguments;

	va_start(arguments, words);
	vsnprintf(error->message + used, sizeof error->message - used, words, arguments);
	va_end(arguments);
}

void fl_error_behind(flat_error *error, uint64_t record)
{
	error->record = record;
	if (record)
		say(error, ", behind record %llu", (unsigned long long)record);
	else
		say(error, ", before the end of a first record");
}

/* trades.csv:812: record 811, or trades.csv:1: header "id;price"; what is written has no lines yet */
static void say_record(flat_error *error, const struct fl_place *place)
{
	char name[SOURCE_MAX];

	fl_printable(name, sizeof name, place->source, strlen(place->source));
	say(error, "%s:", name);
	if (place->line)
		say(error, "%llu:", (unsigned long long)place->line);
	if (place->record)
		say(error, " record %llu", (unsigned long long)place->record);
	else
		say(error, *error->text ? " header \"%s\"" : " header", error->text);
}

/* ", field 2 "price" (byte 30211)" */
static void say_field(flat_error *error, const struct fl_place *place)
{
	if (place->field || place->schema)
		say(error, ", field");
	if (place->field)
		say(error, " %llu", (unsigned long long)place->field);
	if (place->schema)
		say(error, " \"%s\"", error->name);
	if (place->line)
		say(error, " (byte %llu)", (unsigned long long)place->byte);
}

/* ""12.5.1" is not an f64"; of what is written, the text alone */
static void say_value(flat_error *error, const struct fl_place *place)
{
	const char *type = place->schema ? flat_type_name(place->schema->type) : NULL;

	say(error, ": \"%s\"", error->text);
	if (!place->line || !type || error->status == FLAT_ARENA_FULL)
		return;
	say(error, " is not %s %s", *type == 'i' || *type == 'f' ? "an" : "a", type);
	if (place->schema->type == FLAT_STR)
		say(error, "%lu", (unsigned long)place->schema->width);
}

flat_status fl_error_fault(flat_error *error, fl_fault fault, const struct fl_place *place)
{
	flat_status status = faults[fault].status;

	if (!error || error->status != FLAT_OK)
		return status;
	*error = (flat_error){.status = status,
			      .record = place->record,
			      .line = place->line,
			      .byte = place->byte,
			      .field = place->field};
	if (status == FLAT_BAD_SHAPE) {
		error->expected = place->expected;
		error->found = place->found;
	}
	reason_of(error, fault, place);
	if (place->schema)
		fl_printable(error->name, sizeof error->name, place->schema->name, strlen(place->schema->name));
	if (place->text)
		fl_printable(error->text, sizeof error->text, place->text, place->text_nbytes);
	say_record(error, place);
	say_field(error, place);
	if (place->text && place->record)
		say_value(error, place);
	say(error, ": %s", error->reason);
	return status;
}
