/*
 * The grammar of records: RFC 4180's, with LF or CRLF, as states, classes of bytes, and a table.
 *
 * It is followed through broken records too, so that each byte of any input belongs to exactly one line that ends a
 * record.
 */
#ifndef FL_GRAMMAR_H
#define FL_GRAMMAR_H

#include "flatload.h"

/* Where in a record a scan stands: all that has to be handed on from one range of the input to the next. */
enum fl_state {
	FL_AT_RECORD, /* at the start of a record; with trimming, only blanks so far */
	FL_AT_FIELD,  /* at the start of a later field */
	FL_IN_PLAIN,  /* in a field without quotes */
	FL_IN_QUOTES, /* between quotes */
	FL_IN_CLOSED, /* just behind what may be a closing quote */
	FL_AFTER,     /* in blanks behind a closing quote, with trimming */
	FL_BLANK_CR,  /* behind a carriage return that came in FL_AT_RECORD */
	FL_OTHER_CR,  /* behind any other one outside quotes */
	FL_NSTATES
};

enum fl_class { FL_OTHER, FL_DELIMITER, FL_QUOTE, FL_CR, FL_LF, FL_BLANK, FL_NCLASSES };

/* What a byte does besides leading to the next state. */
enum fl_action {
	FL_NOTHING,
	FL_END_FIELD,
	FL_END_RECORD,
	FL_END_BLANK, /* a line that is no record */
	FL_END_LINE,  /* inside quotes */
	FL_SEE_STRAY_QUOTE,
	FL_SEE_AFTER_QUOTE,
	FL_SEE_BARE_CR,
};

struct fl_step {
	unsigned char next, action;
};

extern const struct fl_step fl_steps[FL_NSTATES][FL_NCLASSES];

/* Line feeds in [p, end). */
uint64_t fl_lines_in(const char *p, const char *end);

/* Fills in the class of each byte value. */
void fl_classify(unsigned char class_of[256], const flat_dialect *dialect);

#endif
