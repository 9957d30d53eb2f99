/*
 * lib/grammar.c: the table, byte by byte, for texts whose steps can be told by hand.
 */
#include "config.h"

#include "grammar.h"
#include "support.h"

static const flat_dialect plain = {.delimiter = ',', .quote = '"'};
static const flat_dialect trimmed = {.delimiter = ',', .quote = '"', .trim = true};

/* What each byte of a text does, a letter for each action. */
static void follow(const flat_dialect *dialect, const char *text, char *actions, unsigned *state)
{
	static const char letters[] = {
		[FL_NOTHING] = '.',	    [FL_END_FIELD] = 'f',	[FL_END_RECORD] = 'R', [FL_END_BLANK] = 'b', [FL_END_LINE] = 'l',
		[FL_SEE_STRAY_QUOTE] = 's', [FL_SEE_AFTER_QUOTE] = 'q', [FL_SEE_BARE_CR] = 'c',
	};
	unsigned char class_of[256];

	fl_classify(class_of, dialect);
	*state = FL_AT_RECORD;
	for (; *text; text++) {
		const struct fl_step step = fl_steps[*state][class_of[(unsigned char)*text]];

		assert_in_range(step.action, 0, sizeof letters - 1);
		*actions++ = letters[step.action];
		*state = step.next;
	}
	*actions = '\0';
}

struct walk {
	const char *text, *actions;
	enum fl_state end;
};

static void assert_walks(const flat_dialect *dialect, const struct walk *walks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char actions[64];
		unsigned state;

		follow(dialect, walks[i].text, actions, &state);
		assert_string_equal(actions, walks[i].actions);
		assert_int_equal(state, walks[i].end);
	}
}

static void fields_and_records_end_where_rfc_4180_says(void **state)
{
	const struct walk walks[] = {
		{"", "", FL_AT_RECORD},
		{"a,b\n", ".f.R", FL_AT_RECORD},
		{"a,b\r\n", ".f..R", FL_AT_RECORD},
		{"a,", ".f", FL_AT_FIELD},
		{",,\n", "ffR", FL_AT_RECORD},
		{",\r\n", "f.R", FL_AT_RECORD},
		{"ab", "..", FL_IN_PLAIN},
		{"\"a,\n\r\n\"\n", "...l.l.R", FL_AT_RECORD},
		{"\"a\"\"b\",c\n", "......f.R", FL_AT_RECORD},
		{"\"\"\"\"\r\n", ".....R", FL_AT_RECORD},
		{"\"\"", "..", FL_IN_CLOSED},
		{"\"a\"\"", "....", FL_IN_QUOTES},
		{"a\n\"", ".R.", FL_IN_QUOTES},
		{" \t", "..", FL_IN_PLAIN},
		{" \n", ".R", FL_AT_RECORD},
	};

	(void)state;
	assert_walks(&plain, walks, LENGTH(walks));
}

static void lines_without_a_byte_are_blank(void **state)
{
	const struct walk walks[] = {
		{"\n\r\n\n", "b.bb", FL_AT_RECORD},
		{"a\n\n", ".Rb", FL_AT_RECORD},
		{"\r", ".", FL_BLANK_CR},
		{"\r\r\n", ".cR", FL_AT_RECORD},
	};

	(void)state;
	assert_walks(&plain, walks, LENGTH(walks));
}

/* A quote that is out of place is seen once, and is a byte like any other from then on. */
static void quotes_out_of_place_are_seen(void **state)
{
	const struct walk walks[] = {
		{"a\"b\n", ".s.R", FL_AT_RECORD},
		{"a\",\"\n\"\n", ".sf.l.R", FL_AT_RECORD},
		{"\"a\"b\"\n", "...qsR", FL_AT_RECORD},
		{"\"a\" \n", "...qR", FL_AT_RECORD},
		{" \"a\n", ".s.R", FL_AT_RECORD},
	};

	(void)state;
	assert_walks(&plain, walks, LENGTH(walks));
}

static void a_carriage_return_without_line_feed_is_seen_one_byte_later(void **state)
{
	const struct walk walks[] = {
		{"a\rb\n", "..cR", FL_AT_RECORD},
		{"a\r,b\n", "..c.R", FL_AT_RECORD},
		{"a\r\"b\n", "..c.R", FL_AT_RECORD},
		{"a\r\r\r\n", "..ccR", FL_AT_RECORD},
		{"\r,\n", ".cR", FL_AT_RECORD},
		{"\r,\"", ".c.", FL_IN_QUOTES},
		{"\"a\"\rb", "....c", FL_IN_PLAIN},
		{"a\r b", "..c.", FL_IN_PLAIN},
		{"a\r", "..", FL_OTHER_CR},
	};

	(void)state;
	assert_walks(&plain, walks, LENGTH(walks));
}

static void trimmed_blanks_do_not_count_around_fields(void **state)
{
	const struct walk walks[] = {
		{" \t\n", "..b", FL_AT_RECORD},
		{" \r\n", "..b", FL_AT_RECORD},
		{" \"a\nb\" ,\t\"c\"\n", "...l...f....R", FL_AT_RECORD},
		{"\"a\" ", "....", FL_AFTER},
		{"\"a\" \r\n", ".....R", FL_AT_RECORD},
		{"\"a\" b\n", "....qR", FL_AT_RECORD},
		{"\"a\" \"\n", "....qR", FL_AT_RECORD},
		{"a \"b\n", "..s.R", FL_AT_RECORD},
		{" a ,\n", "...fR", FL_AT_RECORD},
		{", \n", "f.R", FL_AT_RECORD},
		{"\r \n", ".cR", FL_AT_RECORD},
	};

	(void)state;
	assert_walks(&trimmed, walks, LENGTH(walks));
}

static void a_line_feed_outside_quotes_always_ends_the_line(void **state)
{
	(void)state;
	for (unsigned s = 0; s < FL_NSTATES; s++) {
		const struct fl_step step = fl_steps[s][FL_LF];
		const bool blank = s == FL_AT_RECORD || s == FL_BLANK_CR;

		assert_int_equal(step.next, s == FL_IN_QUOTES ? FL_IN_QUOTES : FL_AT_RECORD);
		assert_int_equal(step.action, s == FL_IN_QUOTES ? FL_END_LINE : blank ? FL_END_BLANK : FL_END_RECORD);
		for (unsigned c = 0; c < FL_NCLASSES; c++) {
			const unsigned action = fl_steps[s][c].action;

			assert_in_range(fl_steps[s][c].next, 0, FL_NSTATES - 1);
			if (c != FL_LF)
				assert_true(action != FL_END_RECORD && action != FL_END_BLANK && action != FL_END_LINE);
		}
	}
}

static void only_a_quote_leads_out_of_quotes(void **state)
{
	(void)state;
	for (unsigned c = 0; c < FL_NCLASSES; c++)
		assert_int_equal(fl_steps[FL_IN_QUOTES][c].next, c == FL_QUOTE ? FL_IN_CLOSED : FL_IN_QUOTES);
}

static void every_byte_is_of_the_class_of_its_dialect(void **state)
{
	const struct {
		flat_dialect dialect;
		int blank, tab;
	} dialects[] = {
		{plain, FL_OTHER, FL_OTHER},
		{trimmed, FL_BLANK, FL_BLANK},
		{{.delimiter = '\t', .quote = '\'', .trim = true}, FL_BLANK, FL_DELIMITER},
		{{.delimiter = ' ', .quote = FLAT_NONE}, FL_DELIMITER, FL_OTHER},
		{{.delimiter = 255, .quote = 254}, FL_OTHER, FL_OTHER},
		{{.delimiter = 254, .quote = FLAT_NONE}, FL_OTHER, FL_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(dialects); i++) {
		const flat_dialect *dialect = &dialects[i].dialect;
		unsigned char class_of[256];

		memset(class_of, CANARY, sizeof class_of);
		fl_classify(class_of, dialect);
		for (int c = 0; c < 256; c++) {
			const int expected = c == '\n'		       ? FL_LF
					     : c == '\r'	       ? FL_CR
					     : c == ' '		       ? dialects[i].blank
					     : c == '\t'	       ? dialects[i].tab
					     : c == dialect->delimiter ? FL_DELIMITER
					     : c == dialect->quote     ? FL_QUOTE
								       : FL_OTHER;

			assert_int_equal(class_of[c], expected);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_and_records_end_where_rfc_4180_says),
		cmocka_unit_test(lines_without_a_byte_are_blank),
		cmocka_unit_test(quotes_out_of_place_are_seen),
		cmocka_unit_test(a_carriage_return_without_line_feed_is_seen_one_byte_later),
		cmocka_unit_test(trimmed_blanks_do_not_count_around_fields),
		cmocka_unit_test(a_line_feed_outside_quotes_always_ends_the_line),
		cmocka_unit_test(only_a_quote_leads_out_of_quotes),
		cmocka_unit_test(every_byte_is_of_the_class_of_its_dialect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
