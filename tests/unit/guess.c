/*
 * lib/guess.c: where a record is thought to start, in texts of which one can tell by hand.
 */
#include "config.h"

#include "guess.h"
#include "support.h"

static size_t guess_with(const flat_dialect *dialect, const char *text, size_t nbytes)
{
	unsigned char class_of[256];

	fl_classify(class_of, dialect);
	return fl_guess_start(class_of, dialect->quote, text, nbytes);
}

static size_t guess(const char *text)
{
	static const flat_dialect dialect = {.delimiter = ',', .quote = '"'};

	return guess_with(&dialect, text, strlen(text));
}

static void without_quotes_the_first_line_feed_ends_a_record(void **state)
{
	static const flat_dialect none = {.delimiter = ',', .quote = FLAT_NONE};

	(void)state;
	assert_int_equal(guess("bc\nd\ne"), 3);
	assert_int_equal(guess("\nd"), 1);
	assert_int_equal(guess("bc\r\n"), 4);
	assert_int_equal(guess("bc"), SIZE_MAX);
	assert_int_equal(guess(""), SIZE_MAX);
	assert_int_equal(guess_with(&none, "a\"\nb\"\n", 6), 3);
}

static void a_quote_that_can_only_open_was_outside(void **state)
{
	(void)state;
	assert_int_equal(guess("b\nc,\"d\"\n"), 2);
	assert_int_equal(guess("b,\"d\ne\"\nf"), 8);
	assert_int_equal(guess("\"d\ne\"\nf"), 6);
	assert_int_equal(guess("b,\"d \"\"e\"\" \n f\"\ng"), 16);
}

static void a_quote_that_can_only_close_was_inside(void **state)
{
	(void)state;
	assert_int_equal(guess("bc\",1\nd"), 6);
	assert_int_equal(guess("b\nc\",1\nd"), 7);
	assert_int_equal(guess("b\nc\"\nd"), 5);
	assert_int_equal(guess("b \"\"c\"\" d\n\"\ne"), 12);
}

static void what_both_allow_is_outside(void **state)
{
	(void)state;
	assert_int_equal(guess("\",\"\n"), 4);
	assert_int_equal(guess("a\"b\"c\n"), 6);
}

static void a_start_far_behind_is_found(void **state)
{
	static char text[2 * FL_GUESS_MOST];
	static const flat_dialect dialect = {.delimiter = ',', .quote = '"'};

	(void)state;
	memset(text, '\n', sizeof text);
	memcpy(text, "x,\"", 3);
	memcpy(text + sizeof text - 3, "\"\na", 3);
	assert_int_equal(guess_with(&dialect, text, sizeof text), sizeof text - 1);
	memcpy(text, "x\"\"", 3);
	assert_int_equal(guess_with(&dialect, text, sizeof text), sizeof text - 1);
	text[sizeof text - 3] = 'a';
	assert_int_equal(guess_with(&dialect, text, sizeof text), SIZE_MAX);
}

static void a_start_is_found_from_every_state(void **state)
{
	static const flat_dialect dialect = {.delimiter = ',', .quote = '"'};
	static const char text[] = "\n\"\na\n";
	static const size_t expected[FL_NSTATES] = {
		[FL_AT_RECORD] = SIZE_MAX, [FL_AT_FIELD] = 1, [FL_IN_PLAIN] = 1,	[FL_IN_QUOTES] = 3,
		[FL_IN_CLOSED] = 1,	   [FL_AFTER] = 1,    [FL_BLANK_CR] = SIZE_MAX, [FL_OTHER_CR] = 1,
	};
	unsigned char class_of[256];

	(void)state;
	fl_classify(class_of, &dialect);
	for (unsigned s = 0; s < FL_NSTATES; s++)
		assert_int_equal(fl_find_start(class_of, '"', (enum fl_state)s, text, sizeof text - 1), expected[s]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_quotes_the_first_line_feed_ends_a_record),
		cmocka_unit_test(a_quote_that_can_only_open_was_outside),
		cmocka_unit_test(a_quote_that_can_only_close_was_inside),
		cmocka_unit_test(what_both_allow_is_outside),
		cmocka_unit_test(a_start_far_behind_is_found),
		cmocka_unit_test(a_start_is_found_from_every_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
