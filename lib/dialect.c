/*
 * Defaults and contradictions of a dialect.  What its bytes mean is the index's affair.
 */
#include "config.h"

#include "dialect.h"
#include "error.h"

#include <string.h>

flat_dialect fl_dialect_complete(const flat_dialect *dialect)
{
	flat_dialect complete = dialect ? *dialect : (flat_dialect){.delimiter = 0};

	if (complete.delimiter == 0)
		complete.delimiter = ',';
	if (complete.quote == 0)
		complete.quote = '"';
	return complete;
}

static const char value_bytes[] = "+-.:0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool is_byte(int c)
{
	return c >= 1 && c <= 255 && c != '\n' && c != '\r';
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

flat_status fl_nulls_check(const flat_dialect *dialect, const char *const *nulls, size_t nnulls, flat_error *error)
{
	if (nnulls && !nulls)
		return fl_error_set(error, FLAT_BAD_SCHEMA, "nnulls is not 0, and nulls is NULL");
	for (size_t i = 0; i < nnulls; i++)
		if (!nulls[i])
			return fl_error_set(error, FLAT_BAD_SCHEMA, "a spelling of null is NULL");
		else if (dialect->quote != FLAT_NONE && strchr(nulls[i], dialect->quote))
			return fl_error_set(error, FLAT_BAD_SCHEMA,
					    "a spelling of null holds a quote, and so can never be met");
	return FLAT_OK;
}

flat_status fl_dialect_check(const flat_dialect *dialect, flat_error *error)
{
	if (!is_byte(dialect->delimiter))
		return fl_error_set(error, FLAT_BAD_SCHEMA, "the delimiter is one byte, and no line break; it is %d",
				    dialect->delimiter);
	if (dialect->quote != FLAT_NONE && !is_byte(dialect->quote))
		return fl_error_set(error, FLAT_BAD_SCHEMA,
				    "the quote is one byte, and no line break, or none; it is %d", dialect->quote);
	if (dialect->quote == dialect->delimiter)
		return fl_error_set(error, FLAT_BAD_SCHEMA, "the quote and the delimiter are the same byte, %d",
				    dialect->quote);
	/* The text of a value is first tried as it stands. */
	if (dialect->quote != FLAT_NONE && strchr(value_bytes, dialect->quote))
		return fl_error_set(error, FLAT_BAD_SCHEMA,
				    "the quote is no byte that a number or a date can hold; it is '%c'",
				    dialect->quote);
	if (dialect->trim && (is_blank(dialect->quote) || dialect->delimiter == ' '))
		return fl_error_set(error, FLAT_BAD_SCHEMA,
				    "blanks are trimmed, so neither the quote nor the delimiter can be one, but for a "
				    "tab between fields");
	if ((unsigned)dialect->header > FLAT_HEADER_SKIPPED)
		return fl_error_set(error, FLAT_BAD_SCHEMA, "header is %d, which is no flat_header",
				    (int)dialect->header);
	if (dialect->newline != FLAT_LF && dialect->newline != FLAT_CRLF)
		return fl_error_set(error, FLAT_BAD_SCHEMA, "newline is %d, which is no flat_newline",
				    (int)dialect->newline);
	return fl_nulls_check(dialect, dialect->nulls, dialect->nnulls, error);
}
