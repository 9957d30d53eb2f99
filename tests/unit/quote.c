/*
 * lib/quote.c: for every byte and place, whether a text needs quotes.
 */
#include "config.h"

#include "quote.h"
#include "support.h"

static struct fl_quoting quoting_of(int delimiter, int quote, bool trim)
{
	const flat_dialect dialect = {.delimiter = delimiter, .quote = quote, .trim = trim};
	struct fl_quoting quoting;

	memset(&quoting, CANARY, sizeof quoting);
	fl_quoting_open(&quoting, &dialect);
	return quoting;
}

static bool needs(const struct fl_quoting *quoting, const char *text, size_t nbytes)
{
	char *copy = guarded_copy(text, nbytes);
	bool answer = fl_needs_quotes(quoting, copy, nbytes);

	release(copy, nbytes);
	return answer;
}

static void delimiters_quotes_and_line_breaks_need_quotes_and_no_other_byte_does(void **state)
{
	static const struct {
		int delimiter, quote;
	} dialects[] = {{',', '"'}, {'\t', '\''}, {0xFF, 0x80}, {1, 2}, {'e', 'n'}, {';', FLAT_NONE}};

	(void)state;
	for (size_t i = 0; i < LENGTH(dialects); i++) {
		const struct fl_quoting quoting = quoting_of(dialects[i].delimiter, dialects[i].quote, false);

		assert_int_equal(quoting.quote, dialects[i].quote);
		for (int byte = 0; byte < 256; byte++) {
			bool special = byte == '\n' || byte == '\r' || byte == dialects[i].delimiter ||
				       byte == dialects[i].quote;
			char c = (char)byte;

			assert_int_equal(fl_needs_quotes(&quoting, &c, 1), special);
		}
	}
}

static void one_such_byte_anywhere_is_enough(void **state)
{
	const struct fl_quoting quoting = quoting_of(',', '"', false);
	char text[70];

	(void)state;
	for (size_t nbytes = 1; nbytes <= sizeof text; nbytes++) {
		memset(text, 'x', nbytes);
		assert_false(needs(&quoting, text, nbytes));
		for (size_t at = 0; at < nbytes; at++) {
			text[at] = ",\"\r\n"[at % 4];
			assert_true(needs(&quoting, text, nbytes));
			text[at] = 'x';
		}
	}
}

static void nothing_needs_no_quotes(void **state)
{
	const struct fl_quoting plain = quoting_of(',', '"', false), trimming = quoting_of(',', '"', true);

	(void)state;
	assert_false(needs(&plain, "", 0));
	assert_false(needs(&trimming, "", 0));
}

static void blanks_at_the_ends_need_quotes_only_where_they_are_trimmed(void **state)
{
	static const struct {
		const char *text;
		bool at_an_end;
	} texts[] = {{" ", true},	{"\t", true},	 {" a", true},	 {"a ", true},	  {"\ta", true},
		     {"a\t", true},	{"a b", false}, {"a\tb", false}, {"\va\f", false}, {"a", false}};
	const struct fl_quoting plain = quoting_of(',', '"', false), trimming = quoting_of(',', '"', true);

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		assert_false(needs(&plain, texts[i].text, strlen(texts[i].text)));
		assert_int_equal(needs(&trimming, texts[i].text, strlen(texts[i].text)), texts[i].at_an_end);
	}
}

static void a_zero_byte_is_a_byte_like_others(void **state)
{
	const struct fl_quoting quoting = quoting_of(',', '"', true);

	(void)state;
	assert_false(needs(&quoting, "a\0b", 3));
	assert_true(needs(&quoting, "a\0,b", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delimiters_quotes_and_line_breaks_need_quotes_and_no_other_byte_does),
		cmocka_unit_test(one_such_byte_anywhere_is_enough),
		cmocka_unit_test(nothing_needs_no_quotes),
		cmocka_unit_test(blanks_at_the_ends_need_quotes_only_where_they_are_trimmed),
		cmocka_unit_test(a_zero_byte_is_a_byte_like_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
