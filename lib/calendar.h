/*
 * Dates and instants between their ISO 8601 text and 64-bit counts since 1970-01-01, UTC.
 *
 * Knows the calendar and the clock; which column a count goes to, and how a null is spelled or
 * stored, is left to others.  No allocation, no locale, no time zone data.
 */
#ifndef FL_CALENDAR_H
#define FL_CALENDAR_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

/* Room for the longest text of a date: a sign, 17 digits of year, "-12-31". */
#define FL_DATE_MAX 24

/* The same for an instant, in any unit: +292278994-08-17T07:12:55.807Z, or the last one of microseconds or nanoseconds. */
#define FL_TIMESTAMP_MAX 30

/*
 * fl_parse_date() reads a whole text [p, end) as a day of the proleptic Gregorian calendar and
 * stores the number of days since 1970-01-01.  Nothing at or past 'end' is read.
 *
 *     2024-12-31         a year 0000..9999 has four digits
 *     +12345-01-01       with a sign it has 4 to 18 digits; year 0 exists (also as -0000)
 *     -0044-03-15        year -44, counted astronomically: 45 BC
 *
 * Returns FL_FINE, or without storing anything, the first of these that applies:
 *     FL_NOT_DATE        another form
 *     FL_NO_SUCH_DAY     month 13, 31 April, 29 February of a common year
 *     FL_TIME_RANGE      does not fit, would be INT64_MIN (kept for "not a time"), or has more
 *                        than 18 digits of year
 */
fl_fault fl_parse_date(const char *p, const char *end, int64_t *days);

/*
 * fl_parse_timestamp() reads a whole text [p, end) as an instant and stores the number of units
 * since 1970-01-01T00:00:00Z; 'per_second' units make a second: 1, 1000, 1000000 or 1000000000.
 * Nothing at or past 'end' is read.
 *
 *     DATE                            the day's first instant
 *     DATE?HH:MM[:SS[.FRACTION]]ZONE  ? is T, t or one blank; a comma may stand for the point
 *
 * ZONE is empty, Z or z (all mean UTC), or the offset of the clock from UTC: +HH:MM, +HHMM, +HH, or
 * with '-'.  The fraction may have any number of digits, but those below the unit have to be 0:
 * nothing is cut.
 *
 * Returns FL_FINE, or without storing anything, the first of these that applies:
 *     FL_NOT_TIME        another form
 *     FL_NO_SUCH_DAY     as above
 *     FL_NO_SUCH_TIME    an hour above 23, a minute above 59, of the offset too; a second above 60
 *     FL_LEAP_SECOND     second 60
 *     FL_TOO_FINE        a fraction with digits other than 0 below the unit
 *     FL_TIME_RANGE      as above; it is the instant in UTC that has to fit
 */
fl_fault fl_parse_timestamp(const char *p, const char *end, int64_t per_second, int64_t *ticks);

/* Like the two above, but without their short cuts, and the judge of what those may answer. */
fl_fault fl_parse_date_general(const char *p, const char *end, int64_t *days);
fl_fault fl_parse_timestamp_general(const char *p, const char *end, int64_t per_second, int64_t *ticks);

/*
 * fl_format_date() writes the text of a day and returns its length, at most FL_DATE_MAX.  No NUL
 * follows it.  'out' has room for FL_DATE_MAX bytes; those behind the text may have changed.
 *
 * fl_parse_date() reads the same day back.  INT64_MIN is the exception: it stands for a null, which
 * callers spell themselves; here it is written as the day it would be.
 */
size_t fl_format_date(char *out, int64_t days);

/*
 * Like fl_format_date(), but for an instant, and with FL_TIMESTAMP_MAX: 2024-12-31T23:59:59.5Z.
 * The seconds are always there; the fraction is as long as it needs to be, without one the point
 * goes too.
 */
size_t fl_format_timestamp(char *out, int64_t ticks, int64_t per_second);

#endif
