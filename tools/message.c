/*
 * What the command says on standard error, and what it exits with.  The words about records are the
 * library's.
 */
#include "config.h"

#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct outcome {
	enum status status;
	const char *try; /* in the words of the command's options; NULL: the library's words are
			    enough */
};

static const struct outcome outcomes[] = {
	[FLAT_BAD_ARGUMENT] = {BAD_COMMAND, NULL},
	[FLAT_BAD_SCHEMA] = {BAD_COMMAND, NULL},
	[FLAT_NO_MEMORY] = {LIMIT_REACHED, "a lower --max-record takes less memory"},
	[FLAT_BAD_INPUT] = {IO_FAILED, NULL},
	[FLAT_BAD_HEADER] = {BAD_COMMAND, "--no-header, if the first record is data; --delimiter, "
					  "if fields are not where they should be"},
	[FLAT_BAD_QUOTE] = {BAD_RECORD, "--quote none, if quotes mean nothing in this file"},
	[FLAT_OPEN_QUOTE] = {IO_FAILED, "--quote none, if quotes mean nothing in this file"},
	[FLAT_BAD_NEWLINE] = {BAD_RECORD, NULL},
	[FLAT_BAD_SHAPE] = {BAD_RECORD, "--delimiter, if fields are not where they should be; without a header the schema "
					"names all of them, and --columns chooses"},
	[FLAT_BAD_VALUE] = {BAD_RECORD, "--null TEXT, if that stands for no value; or another type in the schema, "
					"such as str20"},
	[FLAT_OUT_OF_RANGE] = {BAD_RECORD, NULL},
	[FLAT_BAD_NULL] = {BAD_RECORD, "--to npz or --to raw, which say beside a field what is "
				       "null; --columns, to leave the field out; or a float type"},
	[FLAT_ARENA_FULL] = {LIMIT_REACHED, NULL},
	[FLAT_TOO_LONG] = {LIMIT_REACHED, "--max-record BYTES, if records are that long"},
	[FLAT_BAD_OUTPUT] = {IO_FAILED, NULL},
	[FLAT_NEEDS_QUOTES] = {BAD_RECORD, "--out-quoting needed, with an --out-quote; or another "
					   "--out-delimiter"},
	[FLAT_BAD_CELL] = {BAD_RECORD, NULL},
};

static const struct outcome null_that_cannot_be_written = {BAD_RECORD,
							   "--out-null TEXT, with a text that stands for nothing else"};

/* Where the thread's next complaint is kept; NULL: it is printed. */
static _Thread_local char **held;
static _Thread_local size_t held_nbytes;

void complaints_hold(char **text)
{
	held = text;
}

void complaint_release(const char *text)
{
	if (text)
		fputs(text, stderr);
	else
		complain_memory();
}

static FILE *begin_complaint(void)
{
	FILE *out = held && !*held ? open_memstream(held, &held_nbytes) : NULL;

	return out ? out : stderr;
}

static void end_complaint(FILE *out)
{
	if (out != stderr)
		fclose(out);
}

/* Names come from files: what would steer a terminal is shown as \x1b. */
static void put_printable(FILE *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if ((*p < 0x20 && *p != '\n') || *p == 0x7f)
			fprintf(out, "\\x%02x", (unsigned)*p);
		else
			fputc(*p, out);
	}
}

enum status complain(enum status status, const char *format, ...)
{
	FILE *to = begin_complaint();
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);
	va_list arguments;

	fputs("flatload: ", to);
	va_start(arguments, format);
	vfprintf(out ? out : to, format, arguments);
	va_end(arguments);
	if (out && fclose(out) == 0)
		put_printable(to, text ? text : "out of memory");
	free(text);
	fputc('\n', to);
	end_complaint(to);
	return status;
}

enum status complain_os(const char *path, const char *what)
{
	return complain(IO_FAILED, "%s: %s: %s", path, what, strerror(errno));
}

enum status complain_memory(void)
{
	return complain(LIMIT_REACHED, "out of memory");
}

enum status finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return DONE;
	return complain_os("standard output", "cannot be written");
}

/* 'text' is as a message shows it. */
static bool has_blanks_around(const char *text)
{
	static const char *const blanks[] = {" ", "\\x09"};
	size_t nbytes = strlen(text);

	for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
		size_t n = strlen(blanks[i]);

		if (nbytes >= n && (memcmp(text, blanks[i], n) == 0 || memcmp(text + nbytes - n, blanks[i], n) == 0))
			return true;
	}
	return false;
}

static const char *advice(const flat_error *error)
{
	if (error->status == FLAT_BAD_VALUE && has_blanks_around(error->text))
		return "--trim, if blanks around a field, outside quotes, do not count";
	/* Too many fields in a header is no matter of the length of records. */
	if (error->status == FLAT_TOO_LONG && strstr(error->reason, "max_fields"))
		return NULL;
	return outcomes[error->status].try;
}

static enum status complain_with(const flat_error *error, enum status status, const char *try)
{
	FILE *to = begin_complaint();

	/* A message with a place starts with it, as compilers' do, so that editors find it. */
	if (!error->line)
		fputs("flatload: ", to);
	fprintf(to, "%s\n", error->message);
	if (try)
		fprintf(to, "  Try %s.\n", try);
	end_complaint(to);
	return status;
}

enum status complain_error(const flat_error *error)
{
	if ((size_t)error->status >= sizeof outcomes / sizeof *outcomes)
		return complain(BAD_COMMAND, "%s", error->message);
	return complain_with(error, outcomes[error->status].status, advice(error));
}

enum status complain_writing(const flat_error *error)
{
	const struct outcome *outcome =
		error->status == FLAT_BAD_NULL ? &null_that_cannot_be_written : &outcomes[error->status];

	/* A name that cannot stand in the header is the schema's. */
	if (error->status == FLAT_NEEDS_QUOTES && !error->record)
		return complain_with(error, BAD_COMMAND, outcome->try);
	return complain_with(error, outcome->status, outcome->try);
}
