/*
 * Which texts a dialect cannot carry without quotes.
 */
#ifndef FL_QUOTE_H
#define FL_QUOTE_H

#include "flatload.h"

struct fl_quoting {
	int quote;		     /* FLAT_NONE: there are none */
	bool trim;		     /* blanks at either end would be lost */
	unsigned char special[256];  /* 1 for each byte that means something outside quotes */
	uint64_t delimiters, quotes; /* eight times the delimiter, the quote; without a quote the delimiter again */
};

void fl_quoting_open(struct fl_quoting *quoting, const flat_dialect *dialect);

/*
 * Copies the text to 'out' and gives whether it needs quotes, which then were not put, and 'out' holds anything.  What a
 * dialect trims is not looked for.
 */
bool fl_copy_needs_quotes(const struct fl_quoting *quoting, char *out, const char *p, size_t nbytes);

bool fl_needs_quotes(const struct fl_quoting *quoting, const char *p, size_t nbytes);

#endif
