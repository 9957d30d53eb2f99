/*
 * Decides whether a text needs quotes.  Putting them around it is libcsv's work.
 */
#include "config.h"

#include "quote.h"
#include "words.h"

#define EACH UINT64_C(0x0101010101010101)

void fl_quoting_open(struct fl_quoting *quoting, const flat_dialect *dialect)
{
	*quoting = (struct fl_quoting){.quote = dialect->quote, .trim = dialect->trim};
	quoting->delimiters = (unsigned char)dialect->delimiter * EACH;
	quoting->quotes = dialect->quote == FLAT_NONE ? quoting->delimiters : (unsigned char)dialect->quote * EACH;
	quoting->special['\n'] = 1;
	quoting->special['\r'] = 1;
	quoting->special[(unsigned char)dialect->delimiter] = 1;
	if (dialect->quote != FLAT_NONE)
		quoting->special[(unsigned char)dialect->quote] = 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Not 0 if a byte of the word is 0: borrowing sets the high bit of such a byte, and of none other that had it clear
 * below it.
 */
static inline uint64_t zero_bytes(uint64_t word)
{
	return (word - EACH) & ~word & 0x80 * EACH;
}

/* Are there special bytes among the eight?  There are four at most: the line breaks, the delimiter, the quote. */
static inline bool is_special_word(const struct fl_quoting *quoting, uint64_t word)
{
	return (zero_bytes(word ^ '\n' * EACH) | zero_bytes(word ^ '\r' * EACH) |
		zero_bytes(word ^ quoting->delimiters) | zero_bytes(word ^ quoting->quotes)) != 0;
}

bool fl_copy_needs_quotes(const struct fl_quoting *quoting, char *out, const char *p, size_t nbytes)
{
	bool special = false;
	size_t i = 0;

	for (; nbytes - i >= 8; i += 8) {
		uint64_t word = fl_load64(p + i);

		fl_store64(out + i, word);
		special |= is_special_word(quoting, word);
	}
	for (; i < nbytes; i++) {
		out[i] = p[i];
		special |= quoting->special[(unsigned char)p[i]];
	}
	return special;
}

bool fl_needs_quotes(const struct fl_quoting *quoting, const char *p, size_t nbytes)
{
	size_t i = 0;

	if (quoting->trim && nbytes && (is_blank(p[0]) || is_blank(p[nbytes - 1])))
		return true;
	for (; nbytes - i >= 8; i += 8)
		if (is_special_word(quoting, fl_load64(p + i)))
			return true;
	/* The last word may overlap the one before. */
	if (i && i < nbytes)
		return is_special_word(quoting, fl_load64(p + nbytes - 8));
	for (; i < nbytes; i++)
		if (quoting->special[(unsigned char)p[i]])
			return true;
	return false;
}
