/*
 * What the command says on standard error, and what it exits with.
 *
 * A function that can fail says why itself, once, and returns the status; its callers pass the
 * status on.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "flatload.h"

/* Exit statuses.  They are an interface. */
enum status {
	DONE = 0,
	SOME_BAD = 1,
	BAD_COMMAND = 2, /* the command line, or the schema */
	BAD_RECORD = 3,
	IO_FAILED = 4, /* or the input is cut off */
	LIMIT_REACHED = 5,
};

#if defined __GNUC__
#define LIKE_PRINTF(at, arguments_at) __attribute__((format(printf, at, arguments_at)))
#else
#define LIKE_PRINTF(at, arguments_at)
#endif

/* complain() prints "flatload: ..." and returns 'status'. */
enum status complain(enum status status, const char *format, ...) LIKE_PRINTF(2, 3);

/* "flatload: PATH: WHAT: " and the words of errno.  Returns IO_FAILED. */
enum status complain_os(const char *path, const char *what);

enum status complain_memory(void);

/*
 * From now on the first complaint of this thread, if any, is not printed but kept in *text, which is to be NULL, and to be
 * freed; until the thread calls this with NULL.  For threads whose complaints count only if no other has an earlier one.
 */
void complaints_hold(char **text);

/* Prints what was kept; NULL: there was no memory for it. */
void complaint_release(const char *text);

/* Standard output may be closed, or full: says so if what was printed could not be written. */
enum status finish_output(void);

/*
 * What the library found wrong, and which option may help.  Returns the exit status that stands for
 * it.
 */
enum status complain_error(const flat_error *error);

/* Like complain_error(), of what a writer found wrong. */
enum status complain_writing(const flat_error *error);

#endif
