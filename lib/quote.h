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

#define FL_EACH UINT64_C(0x0101010101010101)

/*
 * Not 0 if a byte of the word is 0: borrowing sets the high bit of such a byte, and of none other that had it clear
 * below it.
 */
static inline uint64_t fl_zero_bytes(uint64_t word)
{
	return (word - FL_EACH) & ~word & 0x80 * FL_EACH;
}

/* Are there special bytes among the eight?  There are four at most: the line breaks, the delimiter, the quote. */
static inline bool fl_is_special_word(const struct fl_quoting *quoting, uint64_t word)
{
	return (fl_zero_bytes(word ^ '\n' * FL_EACH) | fl_zero_bytes(word ^ '\r' * FL_EACH) |
		fl_zero_bytes(word ^ quoting->delimiters) | fl_zero_bytes(word ^ quoting->quotes)) != 0;
}

void fl_quoting_open(struct fl_quoting *quoting, const flat_dialect *dialect);

bool fl_needs_quotes(const struct fl_quoting *quoting, const char *p, size_t nbytes);

#endif
