/*
 * The table of the grammar.  What a step means for an index or a survey is their affair.
 */
#include "config.h"

#include "grammar.h"

#include <string.h>

/* FL_BLANK is a class of its own only when blanks are trimmed. */
/* clang-format off */
const struct fl_step fl_steps[FL_NSTATES][FL_NCLASSES] = {
	[FL_AT_RECORD] = {
		[FL_OTHER] = {FL_IN_PLAIN, FL_NOTHING},
		[FL_DELIMITER] = {FL_AT_FIELD, FL_END_FIELD},
		[FL_QUOTE] = {FL_IN_QUOTES, FL_NOTHING},
		[FL_CR] = {FL_BLANK_CR, FL_NOTHING},
		[FL_LF] = {FL_AT_RECORD, FL_END_BLANK},
		[FL_BLANK] = {FL_AT_RECORD, FL_NOTHING},
	},
	[FL_AT_FIELD] = {
		[FL_OTHER] = {FL_IN_PLAIN, FL_NOTHING},
		[FL_DELIMITER] = {FL_AT_FIELD, FL_END_FIELD},
		[FL_QUOTE] = {FL_IN_QUOTES, FL_NOTHING},
		[FL_CR] = {FL_OTHER_CR, FL_NOTHING},
		[FL_LF] = {FL_AT_RECORD, FL_END_RECORD},
		[FL_BLANK] = {FL_AT_FIELD, FL_NOTHING},
	},
	[FL_IN_PLAIN] = {
		[FL_OTHER] = {FL_IN_PLAIN, FL_NOTHING},
		[FL_DELIMITER] = {FL_AT_FIELD, FL_END_FIELD},
		[FL_QUOTE] = {FL_IN_PLAIN, FL_SEE_STRAY_QUOTE},
		[FL_CR] = {FL_OTHER_CR, FL_NOTHING},
		[FL_LF] = {FL_AT_RECORD, FL_END_RECORD},
		[FL_BLANK] = {FL_IN_PLAIN, FL_NOTHING},
	},
	[FL_IN_QUOTES] = {
		[FL_OTHER] = {FL_IN_QUOTES, FL_NOTHING},
		[FL_DELIMITER] = {FL_IN_QUOTES, FL_NOTHING},
		[FL_QUOTE] = {FL_IN_CLOSED, FL_NOTHING},
		[FL_CR] = {FL_IN_QUOTES, FL_NOTHING},
		[FL_LF] = {FL_IN_QUOTES, FL_END_LINE},
		[FL_BLANK] = {FL_IN_QUOTES, FL_NOTHING},
	},
	[FL_IN_CLOSED] = {
		[FL_OTHER] = {FL_IN_PLAIN, FL_SEE_AFTER_QUOTE},
		[FL_DELIMITER] = {FL_AT_FIELD, FL_END_FIELD},
		[FL_QUOTE] = {FL_IN_QUOTES, FL_NOTHING},
		[FL_CR] = {FL_OTHER_CR, FL_NOTHING},
		[FL_LF] = {FL_AT_RECORD, FL_END_RECORD},
		[FL_BLANK] = {FL_AFTER, FL_NOTHING},
	},
	[FL_AFTER] = {
		[FL_OTHER] = {FL_IN_PLAIN, FL_SEE_AFTER_QUOTE},
		[FL_DELIMITER] = {FL_AT_FIELD, FL_END_FIELD},
		[FL_QUOTE] = {FL_IN_PLAIN, FL_SEE_AFTER_QUOTE},
		[FL_CR] = {FL_OTHER_CR, FL_NOTHING},
		[FL_LF] = {FL_AT_RECORD, FL_END_RECORD},
		[FL_BLANK] = {FL_AFTER, FL_NOTHING},
	},
	/*
	 * A carriage return without a line feed is a byte of a field: what comes behind it is seen as in FL_IN_PLAIN.
	 */
	[FL_BLANK_CR] = {
		[FL_OTHER] = {FL_IN_PLAIN, FL_SEE_BARE_CR},
		[FL_DELIMITER] = {FL_AT_FIELD, FL_SEE_BARE_CR},
		[FL_QUOTE] = {FL_IN_PLAIN, FL_SEE_BARE_CR},
		[FL_CR] = {FL_OTHER_CR, FL_SEE_BARE_CR},
		[FL_LF] = {FL_AT_RECORD, FL_END_BLANK},
		[FL_BLANK] = {FL_IN_PLAIN, FL_SEE_BARE_CR},
	},
	[FL_OTHER_CR] = {
		[FL_OTHER] = {FL_IN_PLAIN, FL_SEE_BARE_CR},
		[FL_DELIMITER] = {FL_AT_FIELD, FL_SEE_BARE_CR},
		[FL_QUOTE] = {FL_IN_PLAIN, FL_SEE_BARE_CR},
		[FL_CR] = {FL_OTHER_CR, FL_SEE_BARE_CR},
		[FL_LF] = {FL_AT_RECORD, FL_END_RECORD},
		[FL_BLANK] = {FL_IN_PLAIN, FL_SEE_BARE_CR},
	},
};
/* clang-format on */

void fl_classify(unsigned char class_of[256], const flat_dialect *dialect)
{
	memset(class_of, FL_OTHER, 256);
	class_of['\n'] = FL_LF;
	class_of['\r'] = FL_CR;
	if (dialect->trim) {
		class_of[' '] = FL_BLANK;
		class_of['\t'] = FL_BLANK;
	}
	class_of[(unsigned char)dialect->delimiter] = FL_DELIMITER;
	if (dialect->quote != FLAT_NONE)
		class_of[(unsigned char)dialect->quote] = FL_QUOTE;
}

uint64_t fl_lines_in(const char *p, const char *end)
{
	uint64_t lines = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return lines;
}
