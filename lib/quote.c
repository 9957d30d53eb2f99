/*
 * Decides whether a text needs quotes.  Putting them around it is libcsv's work.
 */
#include "config.h"

#include "quote.h"
#include "words.h"

void fl_quoting_open(struct fl_quoting *quoting, const flat_dialect *dialect)
{
	*quoting = (struct fl_quoting){.quote = dialect->quote, .trim = dialect->trim};
	quoting->delimiters = (unsigned char)dialect->delimiter * FL_EACH;
	quoting->quotes = dialect->quote == FLAT_NONE ? quoting->delimiters : (unsigned char)dialect->quote * FL_EACH;
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

bool fl_needs_quotes(const struct fl_quoting *quoting, const char *p, size_t nbytes)
{
	size_t i = 0;

	if (quoting->trim && nbytes && (is_blank(p[0]) || is_blank(p[nbytes - 1])))
		return true;
	for (; nbytes - i >= 8; i += 8)
		if (fl_is_special_word(quoting, fl_load64(p + i)))
			return true;
	/* The last word may overlap the one before. */
	if (i && i < nbytes)
		return fl_is_special_word(quoting, fl_load64(p + nbytes - 8));
	for (; i < nbytes; i++)
		if (quoting->special[(unsigned char)p[i]])
			return true;
	return false;
}
