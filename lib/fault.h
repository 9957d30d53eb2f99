/*
 * What can be wrong with the text of one field, as the smallest value that says so.
 *
 * Parsers return a fault; they know neither positions nor messages.  error.c turns a fault, with the place
 * the reader knows, into words.
 */
#ifndef FL_FAULT_H
#define FL_FAULT_H

typedef enum fl_fault {
	FL_FINE = 0,

	/* A value that cannot be stored. */
	FL_NOT_NUMBER,	 /* not a number at all, or a number with something behind it */
	FL_TOO_GREAT,	 /* an integer above the greatest of its type */
	FL_TOO_SMALL,	 /* an integer below the least of its type */
	FL_NOT_BOOL,	 /* none of true, false, t, f, 1, 0 */
	FL_NOT_DATE,	 /* not of the form 2024-12-31 */
	FL_NOT_TIME,	 /* not of the form 2024-12-31T23:59:59.5+01:00 */
	FL_NO_SUCH_DAY,	 /* right form, but the calendar has no such day: 2023-02-29 */
	FL_NO_SUCH_TIME, /* right form, but the clock has no such time: 24:00, an offset above 23:59 */
	FL_LEAP_SECOND,	 /* second 60: Unix time has no number for it */
	FL_TOO_FINE,	 /* a fraction with digits other than 0 below the unit */
	FL_TIME_RANGE,	 /* a day or an instant that 64 bits of the unit cannot hold */
	FL_TOO_WIDE,	 /* a string longer than its field */
	FL_ENDS_IN_NUL,	 /* a string that ends in a zero byte, and no lengths to tell it from padding */
	FL_NO_NULL,	 /* a null, and the column has no place to say so */
	FL_NO_ROOM,	 /* the arena of a text column is full */

	/* A record that is not well-formed. */
	FL_STRAY_QUOTE,	    /* a quote inside a field that did not start with one */
	FL_AFTER_QUOTE,	    /* something between a closing quote and the next delimiter */
	FL_BARE_CR,	    /* a carriage return outside quotes that no line feed follows */
	FL_OPEN_QUOTE,	    /* the input ends inside quotes */
	FL_TOO_FEW,	    /* fewer fields than the format or the header has */
	FL_TOO_MANY,	    /* more fields */
	FL_TOO_LONG,	    /* a record longer than max_record */
	FL_TOO_WIDE_HEADER, /* a header with more fields than max_fields */
	FL_NAME_MISSING,    /* a field of the format that the header does not name */
	FL_NAME_TWICE,	    /* ... or names twice */

	/* A value that cannot be written. */
	FL_NEEDS_QUOTES, /* it would break the record apart, or change, without quotes */
	FL_NO_SPELLING,	 /* a null string, and no spelling of null */
	FL_LOOKS_NULL,	 /* a value spelled like a null */
	FL_BAD_LENGTH,	 /* a string's length above its field's width */
	FL_BAD_OFFSETS,	 /* a text's offsets run backwards, or past the arena */

	FL_NFAULTS
} fl_fault;

#endif
