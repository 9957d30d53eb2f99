/*
 * Decides whether a text needs quotes.  Putting them around it is libcsv's work.
 */
#include "config.h"

#include "quote.h"

void fl_quoting_open(struct fl_quoting *quoting, const flat_dialect *dialect)
{
	*quoting = (struct fl_quoting){.quote = dialect->quote, .trim = dialect->trim};
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
	if (quoting->trim && nbytes && (is_blank(p[0]) || is_blank(p[nbytes - 1])))
		return true;
	for (size_t i = 0; i < nbytes; i++)
		if (quoting->special[(unsigned char)p[i]])
			return true;
	return false;
}
