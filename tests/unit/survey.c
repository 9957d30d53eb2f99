/*
 * lib/survey.c: whatever an input is cut into, the surveys of the parts say what the whole and a reader say.
 */
#include "config.h"

#include "cpu.h"
#include "flatload.h"
#include "grammar.h"
#include "random.h"
#include "support.h"

#include <dirent.h>
#include <stdio.h>

static const flat_dialect dialects[] = {
	{.header = FLAT_HEADER_ABSENT},
	{.header = FLAT_HEADER_ABSENT, .trim = true},
	{.header = FLAT_HEADER_ABSENT, .quote = FLAT_NONE},
	{.header = FLAT_HEADER_ABSENT, .delimiter = ';', .quote = '\''},
	{.header = FLAT_HEADER_ABSENT, .delimiter = '\t', .trim = true, .quote = FLAT_NONE},
	/* Bytes of a byte order mark, which mean something else behind it. */
	{.header = FLAT_HEADER_ABSENT, .delimiter = 0xEF, .quote = 0xBB},
	{.header = FLAT_HEADER_ABSENT, .delimiter = 0xBF, .quote = 0xEF},
};

/* ------------------------------------------------------------------------------------------ what readers say */

static flat_format *format_of(const flat_dialect *dialect, const char *name)
{
	const flat_field field = {.name = name, .type = FLAT_TEXT};
	flat_format *format = flat_format_new(dialect, &field, 1, NULL);

	assert_non_null(format);
	return format;
}

/* Records, those that are not well-formed too, without the header. */
static uint64_t records_read(const flat_format *format, const char *bytes, size_t nbytes)
{
	const flat_reader_options options = {.max_record = 1 << 16, .max_fields = 512};
	const flat_source source = flat_source_memory(bytes, nbytes, NULL);
	flat_error error;
	flat_reader *reader = flat_reader_open_source(format, &source, &options, &error);
	uint64_t records;

	if (!reader)
		fail_msg("%s", error.message);
	do
		flat_read(reader, SIZE_MAX);
	while (flat_reader_failed(reader, NULL) && flat_skip_record(reader) == FLAT_OK);
	assert_false(flat_reader_failed(reader, NULL));
	records = flat_reader_counts(reader).records;
	flat_reader_close(reader);
	return records;
}

/* What a reader finds from the middle of an input on, where three bytes are no byte order mark: behind a blank line. */
static uint64_t records_from(const flat_format *format, const char *bytes, size_t nbytes)
{
	char *copy = malloc(nbytes + 1);
	uint64_t records;

	assert_non_null(copy);
	copy[0] = '\n';
	if (nbytes)
		memcpy(copy + 1, bytes, nbytes);
	records = records_read(format, copy, nbytes + 1);
	free(copy);
	return records;
}

/* --------------------------------------------------------------------------------------------- hand-written */

static flat_survey survey(const char *text)
{
	return flat_survey_bytes(NULL, text, strlen(text));
}

static uint64_t count(const char *text)
{
	const flat_survey whole = survey(text);

	return flat_survey_records(&whole);
}

static void assert_same(const flat_survey *a, const flat_survey *b)
{
	/* Nothing but 64-bit members: no padding. */
	assert_memory_equal(a, b, sizeof *a);
}

static void records_are_counted_as_a_reader_counts_them(void **state)
{
	(void)state;
	assert_int_equal(count("a,b\n1,2\n3,4\n"), 3);
	assert_int_equal(count("a,b\n1,2\n3,4"), 3);
	assert_int_equal(count("a,b\r\n1,2\r\n"), 2);
	assert_int_equal(count("\"a\nb\",\"c\"\"\nd\"\n1,2\n"), 2);
	assert_int_equal(count("a\"b\nc\"d\n"), 2);
	assert_int_equal(count("\"a\nb\n"), 1);
	assert_int_equal(count("a\rb\n"), 1);
	assert_int_equal(count("a\rb\rc"), 1);
	assert_int_equal(count("\r"), 1);
	assert_int_equal(count("\"\"\n"), 1);
	assert_int_equal(count(",\n"), 1);
}

static void an_empty_input_has_no_records(void **state)
{
	static const char *const empty[] = {"", "\n", "\r\n\n\r\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n\n"};
	const flat_survey nothing = flat_survey_bytes(NULL, NULL, 0);

	(void)state;
	for (size_t i = 0; i < LENGTH(empty); i++)
		assert_int_equal(count(empty[i]), 0);
	assert_int_equal(flat_survey_records(&nothing), 0);
	assert_int_equal(nothing.nbytes, 0);
	assert_int_equal(nothing.lines, 0);
}

/* Joined on either side, nothing changes nothing. */
static void the_survey_of_nothing_is_neutral(void **state)
{
	const flat_survey nothing = flat_survey_bytes(NULL, NULL, 0), some = survey("\"a\n\",b\nc\r\n\"");
	const flat_survey left = flat_survey_join(&nothing, &some), right = flat_survey_join(&some, &nothing);

	(void)state;
	assert_same(&left, &some);
	assert_same(&right, &some);
	for (unsigned s = 0; s < FLAT_STATES; s++) {
		assert_int_equal(nothing.from[s].leads_to, s);
		assert_int_equal(nothing.from[s].records, 0);
		assert_true(nothing.from[s].first == FLAT_NOWHERE);
	}
}

static void blank_lines_are_no_records(void **state)
{
	(void)state;
	assert_int_equal(count("\n\na\n\n\r\nb\n\n"), 2);
	assert_int_equal(count(" \n\t\n"), 2);
	assert_int_equal(survey("\n\na\n\n\r\nb\n\n").lines, 7);
	assert_int_equal(survey("\n\na\n\n\r\nb\n\n").from[FLAT_STATE_OF_INPUT].first, 4);
}

static void blanks_alone_are_no_record_when_trimmed(void **state)
{
	const flat_dialect trim = {.trim = true};
	const flat_survey blank = flat_survey_bytes(&trim, " \n \t\n  ", 7), field = flat_survey_bytes(&trim, " \" \n\" \n", 7);

	(void)state;
	assert_int_equal(flat_survey_records(&blank), 0);
	assert_int_equal(flat_survey_records(&field), 1);
	assert_int_equal(field.from[FLAT_STATE_OF_INPUT].first, 7);
}

static void a_byte_order_mark_counts_at_the_start_alone(void **state)
{
	(void)state;
	assert_int_equal(count("\xEF\xBB\xBF\"a\nb\"\n"), 1);
	assert_int_equal(count("\n\xEF\xBB\xBF\"a\nb\"\n"), 2);
	assert_int_equal(count("\xEF\xBB\"a\nb\"\n"), 2);
	assert_int_equal(count("\xEF\"a\nb\"\n"), 2);
	assert_int_equal(count("\xEF\xBB\xBF\xEF\xBB\xBF\"a\nb\"\n"), 2);
	assert_int_equal(count("\xEF"), 1);
	assert_int_equal(count("\xEF\xBB"), 1);
	assert_int_equal(count("\xEF\n"), 1);
}

static void without_a_quote_every_line_feed_ends_a_record(void **state)
{
	const flat_dialect none = {.quote = FLAT_NONE};
	const flat_survey whole = flat_survey_bytes(&none, "\"a\nb\"\n\"\n", 8);

	(void)state;
	assert_int_equal(flat_survey_records(&whole), 3);
}

/* Entered inside quotes, the first line break is text and the second one is not. */
static void the_state_of_entry_decides(void **state)
{
	const flat_survey left = survey("x,\"y"), right = survey("1\n2\",3\n4,5\n");
	const uint64_t inside = left.from[FLAT_STATE_OF_INPUT].leads_to;

	(void)state;
	assert_int_equal(right.from[FLAT_STATE_OF_INPUT].first, 2);
	assert_int_equal(right.from[FLAT_STATE_OF_INPUT].records, 3);
	assert_int_equal(right.from[inside].first, 7);
	assert_int_equal(right.from[inside].records, 2);
}

/* A range may end with a record: its first byte behind is the next range's first one. */
static void first_may_be_the_end_of_the_range(void **state)
{
	const flat_survey whole = survey("abc\n"), none = survey("abc");

	(void)state;
	assert_int_equal(whole.from[FLAT_STATE_OF_INPUT].first, 4);
	assert_int_equal(whole.nbytes, 4);
	assert_true(none.from[FLAT_STATE_OF_INPUT].first == FLAT_NOWHERE);
	assert_int_equal(flat_survey_records(&none), 1);
}

/* ------------------------------------------------------------------------------------------------ any cutting */

struct input {
	const flat_dialect *dialect;
	const char *bytes;
	size_t nbytes;
};

static flat_survey survey_part(const struct input *input, size_t from, size_t to)
{
	return flat_survey_bytes(input->dialect, input->bytes + from, to - from);
}

/* Cuts at random, down to single bytes, and joins as the cuts were made: any grouping can come of it. */
static flat_survey survey_in_pieces(const struct input *input, size_t from, size_t to, unsigned odds)
{
	flat_survey left, right;
	size_t cut;

	if (to - from < 2 || random_below(odds) == 0)
		return survey_part(input, from, to);
	cut = from + random_below((unsigned)(to - from + 1));
	if (cut == from || cut == to)
		cut = from + 1;
	left = survey_in_pieces(input, from, cut, odds);
	right = survey_in_pieces(input, cut, to, odds);
	return flat_survey_join(&left, &right);
}

static flat_survey survey_bytewise(const struct input *input, bool from_left)
{
	flat_survey all = survey_part(input, 0, 0);

	for (size_t i = 0; i < input->nbytes; i++) {
		size_t at = from_left ? i : input->nbytes - 1 - i;
		flat_survey byte = survey_part(input, at, at + 1);

		all = from_left ? flat_survey_join(&all, &byte) : flat_survey_join(&byte, &all);
	}
	return all;
}

static uint64_t count_line_feeds(const struct input *input)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < input->nbytes; i++)
		lines += input->bytes[i] == '\n';
	return lines;
}

/* The state that the left part leads to is what the right part is to be asked for. */
static void check_cut(const struct input *input, const flat_format *format, const flat_survey *whole, size_t cut, bool read)
{
	const flat_survey left = survey_part(input, 0, cut), right = survey_part(input, cut, input->nbytes);
	const flat_survey both = flat_survey_join(&left, &right);
	const struct flat_passage *before = &left.from[FLAT_STATE_OF_INPUT], *behind = &right.from[before->leads_to];
	const struct flat_passage *all = &whole->from[FLAT_STATE_OF_INPUT];
	size_t at;

	assert_same(&both, whole);
	assert_int_equal(before->records + behind->records, all->records);
	assert_int_equal(behind->leads_to, all->leads_to);
	assert_int_equal(behind->first == FLAT_NOWHERE, behind->records == 0);
	if (behind->first == FLAT_NOWHERE)
		return;
	at = cut + (size_t)behind->first;
	assert_in_range(behind->first, 1, right.nbytes);
	assert_int_equal(input->bytes[at - 1], '\n');
	if (read)
		assert_int_equal(records_from(format, input->bytes + at, input->nbytes - at) + before->records + 1,
				 flat_survey_records(whole));
}

static void explain(const struct input *input)
{
	print_message("# dialect %zu, %zu bytes:", (size_t)(input->dialect - dialects), input->nbytes);
	for (size_t i = 0; i < input->nbytes; i++)
		print_message(" %02x", (unsigned)(unsigned char)input->bytes[i]);
	print_message("\n");
}

/* Said before an assertion fails, as none comes back. */
static void check_reader(const struct input *input, const flat_format *format, const flat_survey *whole)
{
	const uint64_t read = records_read(format, input->bytes, input->nbytes);

	if (read != flat_survey_records(whole))
		explain(input);
	assert_int_equal(read, flat_survey_records(whole));
}

/* 'ncuts' random ones, or all of them if that is not less. */
static void check_cuts(const struct input *input, unsigned ncuts, bool read)
{
	flat_format *format = format_of(input->dialect, "a");
	const flat_survey whole = survey_part(input, 0, input->nbytes);
	const bool all = ncuts > input->nbytes;

	assert_int_equal(whole.nbytes, input->nbytes);
	assert_int_equal(whole.lines, count_line_feeds(input));
	check_reader(input, format, &whole);
	for (size_t i = 0; all ? i <= input->nbytes : i < ncuts; i++)
		check_cut(input, format, &whole, all ? i : random_below((unsigned)input->nbytes + 1), read);
	flat_format_free(format);
}

static void check_groupings(const struct input *input, unsigned n)
{
	const flat_survey whole = survey_part(input, 0, input->nbytes);
	flat_survey pieces = survey_bytewise(input, true);

	assert_same(&pieces, &whole);
	pieces = survey_bytewise(input, false);
	assert_same(&pieces, &whole);
	for (unsigned i = 0; i < n; i++) {
		pieces = survey_in_pieces(input, 0, input->nbytes, i % 2 ? 4 : 1000);
		assert_same(&pieces, &whole);
	}
}

static void check_input(const struct input *input)
{
	check_cuts(input, 60, true);
	check_groupings(input, 4);
}

/* A text of a few pieces, some of them broken; 'bytes' has room for 512. */
static size_t random_input(char *bytes)
{
	static const char *const pieces[] = {
		"a", "bc", ",", ",", "\n", "\n", "\r\n", "\r", "\"", "\"", "\"\"", "\"a\n\"", "\"b\"\"\",", "\"\r\n", " ", "\t", ";", "'",
		"'x\n'", "\n\n", "\xEF\xBB\xBF", "\xEF\xBB", "\xEF", "\xBB", "\xBF", "a\"b", "\"c\"d", "\"e\" ,", " \"f\" \n",
		"0123456789", ",,,,,,,,", "a long field in quotes,", "\xFF",
	};
	const unsigned npieces = random_below(random_below(4) ? 12 : 60);
	size_t nbytes = 0;

	if (random_below(5) == 0) {
		memcpy(bytes, "\xEF\xBB\xBF", 3);
		nbytes = 1 + random_below(3);
	}
	for (unsigned i = 0; i < npieces && nbytes < 480; i++) {
		const char *piece = pieces[random_below(LENGTH(pieces))];

		memcpy(bytes + nbytes, piece, strlen(piece));
		nbytes += strlen(piece);
	}
	return nbytes;
}

static void any_cutting_of_random_inputs_joins_to_the_whole(void **state)
{
	char bytes[512];

	(void)state;
	for (uint64_t i = 0; i < test_count(2500); i++) {
		const size_t nbytes = random_input(bytes);
		char *guarded_bytes = guarded_copy(bytes, nbytes);

		check_input(&(struct input){&dialects[i % LENGTH(dialects)], guarded_bytes, nbytes});
		release(guarded_bytes, nbytes);
	}
}

/* Word n of an alphabet, in the order of their length; gives its length. */
static size_t spell(unsigned n, const char *alphabet, char *word)
{
	const unsigned nletters = (unsigned)strlen(alphabet);
	size_t nbytes = 0;

	for (; n > 0; n = (n - 1) / nletters)
		word[nbytes++] = alphabet[(n - 1) % nletters];
	return nbytes;
}

static void all_cuts_of_all_words_of_up_to_five_letters(void **state)
{
	static const char *const alphabets[] = {",\"\n\ra", " ,\"\n\ra", ",\n\r\"a", ";'\n\ra", "\t \n\ra", "\xEF\xBB\xBF\n", "\xEF\xBB\xBF\n"};

	(void)state;
	for (size_t i = 0; i < LENGTH(dialects); i++) {
		char word[16];

		for (unsigned n = 0; spell(n, alphabets[i], word) <= 5; n++)
			check_cuts(&(struct input){&dialects[i], word, spell(n, alphabets[i], word)}, 100, n % 8 == 0);
	}
}

static void three_parts_join_to_the_same_in_both_groupings(void **state)
{
	static const char text[] = "\xEF\xBB\xBF\"a\"\"\r\nb\" ,c\r\nd\"e\rf\n\n\"\"\"";
	const size_t nbytes = sizeof text - 1;

	(void)state;
	for (size_t i = 0; i < LENGTH(dialects); i++)
		for (size_t a = 0; a <= nbytes; a++)
			for (size_t b = a; b <= nbytes; b++) {
				const struct input input = {&dialects[i], text, nbytes};
				const flat_survey x = survey_part(&input, 0, a), y = survey_part(&input, a, b),
						  z = survey_part(&input, b, nbytes), whole = survey_part(&input, 0, nbytes);
				const flat_survey xy = flat_survey_join(&x, &y), yz = flat_survey_join(&y, &z);
				const flat_survey left = flat_survey_join(&xy, &z), right = flat_survey_join(&x, &yz);

				assert_same(&left, &whole);
				assert_same(&right, &whole);
			}
}

/* For each state a text that leads to it: behind it, a survey's answer for that state is what a reader finds. */
static void every_state_is_answered_for(void **state)
{
	static const char *const ways[] = {"", "\xEF", "\xEF\xBB", "\xEF\xBB\xBF", "a,", "a", "\"", "\"\"", "\"\" ", "\r", "a\r"};
	const flat_dialect *dialect = &dialects[1];
	flat_format *format = format_of(dialect, "a");
	bool seen[FLAT_STATES] = {false};

	(void)state;
	assert_int_equal(LENGTH(ways), FLAT_STATES);
	for (size_t w = 0; w < LENGTH(ways); w++) {
		const flat_survey way = flat_survey_bytes(dialect, ways[w], strlen(ways[w]));
		const uint64_t s = way.from[FLAT_STATE_OF_INPUT].leads_to;
		char bytes[600];

		assert_in_range(s, 0, FLAT_STATES - 1);
		assert_false(seen[s]);
		seen[s] = true;
		memcpy(bytes, ways[w], strlen(ways[w]));
		for (int i = 0; i < 300; i++) {
			const size_t nbytes = random_input(bytes + strlen(ways[w]));
			const flat_survey rest = flat_survey_bytes(dialect, bytes + strlen(ways[w]), nbytes);
			const flat_survey both = flat_survey_join(&way, &rest);

			assert_int_equal(both.from[FLAT_STATE_OF_INPUT].records, rest.from[s].records);
			assert_int_equal(flat_survey_records(&both), records_read(format, bytes, strlen(ways[w]) + nbytes));
		}
	}
	flat_format_free(format);
}

static void the_header_is_a_record(void **state)
{
	const flat_dialect headers[] = {{.delimiter = 0}, {.trim = true}, {.quote = FLAT_NONE}};
	char bytes[600];

	(void)state;
	for (size_t i = 0; i < LENGTH(headers); i++) {
		flat_format *format = format_of(&headers[i], "name");

		for (int n = 0; n < 300; n++) {
			const char *header = n % 2 ? "\xEF\xBB\xBF\r\nother,name\n" : "name,other\r\n";
			size_t nbytes;
			flat_survey whole;

			memcpy(bytes, header, strlen(header));
			nbytes = strlen(header) + random_input(bytes + strlen(header));
			whole = flat_survey_bytes(&headers[i], bytes, nbytes);
			assert_int_equal(flat_survey_records(&whole), 1 + records_read(format, bytes, nbytes));
		}
		flat_format_free(format);
	}
}

static void an_input_longer_than_a_window_is_counted_right(void **state)
{
	const size_t nbytes = 300000;
	char *bytes = malloc(nbytes);
	size_t at = 0;

	(void)state;
	assert_non_null(bytes);
	while (at + 512 < nbytes)
		at += random_input(bytes + at);
	for (size_t i = 0; i < LENGTH(dialects); i++)
		check_cuts(&(struct input){&dialects[i], bytes, at}, 20, false);
	free(bytes);
}

/* ------------------------------------------------------------------------------------------------ variants */

/* Well-formed but for a byte now and then, as blocks go on only as long as an input is; 'bytes' has room for 2048. */
static size_t regular_input(char *bytes)
{
	static const char *const pieces[] = {
		"a,", "bc,", ",", "\n", "\n", "\r\n", "a\n", "\"\"\n", "\"\",", "\"a\n\",", "\"b\"\"\"\r\n", "\"\r\n\r\n\"\n", "\n\n\n", "\r\n\r\n",
		"0123456789,", "\"a longer field, in quotes\"\n", ",,,,\r\n", "\"\"\"\"\"\"\"\",", "x\r\n", "abcdefghijklmnopqrstuvwxyz\n",
	};
	static const char faults[] = "\"\r, a;\n";
	const unsigned npieces = random_below(random_below(3) ? 60 : 160), nkinds = 2 + random_below(LENGTH(pieces) - 2);
	const unsigned start = random_below(LENGTH(pieces));
	size_t nbytes = 0;

	for (unsigned i = 0; i < npieces && nbytes < 2000; i++) {
		const char *piece = pieces[(start + random_below(nkinds)) % LENGTH(pieces)];

		memcpy(bytes + nbytes, piece, strlen(piece));
		nbytes += strlen(piece);
	}
	for (unsigned n = nbytes && random_below(3) == 0 ? 1 + random_below(2) : 0; n > 0; n--)
		bytes[random_below((unsigned)nbytes)] = faults[random_below(sizeof faults - 1)];
	return nbytes;
}

static void use_variant(const char *name)
{
	assert_int_equal(name ? setenv("FLATLOAD_CPU", name, 1) : unsetenv("FLATLOAD_CPU"), 0);
}

/* For every state of entry, and from any byte on, so that the ends of blocks fall everywhere. */
static void every_variant_says_what_the_reference_says(void **state)
{
	const char *given = getenv("FLATLOAD_CPU");
	char bytes[2048];

	(void)state;
	given = given ? strdup(given) : NULL;
	for (uint64_t i = 0; i < test_count(12000); i++) {
		const size_t nbytes = regular_input(bytes), skipped = nbytes ? random_below(nbytes < 70 ? (unsigned)nbytes : 70) : 0;
		char *input = guarded_copy(bytes + skipped, nbytes - skipped);
		const flat_dialect *dialect = &dialects[i % 4 ? 0 : i / 4 % LENGTH(dialects)];
		flat_survey reference;

		use_variant("reference");
		reference = flat_survey_bytes(dialect, input, nbytes - skipped);
		for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++) {
			flat_survey own;

			if (!cpu->runs_here())
				continue;
			use_variant(cpu->name);
			own = flat_survey_bytes(dialect, input, nbytes - skipped);
			if (memcmp(&own, &reference, sizeof own) != 0)
				explain(&(struct input){dialect, input, nbytes - skipped});
			assert_same(&own, &reference);
		}
		release(input, nbytes - skipped);
	}
	use_variant(given);
	free((char *)(uintptr_t)given);
}

static void any_cutting_of_regular_inputs_joins_to_the_whole(void **state)
{
	char bytes[2048];

	(void)state;
	for (uint64_t i = 0; i < test_count(1500); i++) {
		const struct input input = {&dialects[i % 4 ? 0 : i / 4 % LENGTH(dialects)], bytes, regular_input(bytes)};

		check_cuts(&input, 30, true);
		check_groupings(&input, 2);
	}
}

/* --------------------------------------------------------------------------------------------- tests/cases */

static size_t load(const char *path, char *bytes, size_t room)
{
	FILE *file = fopen(path, "rb");
	size_t nbytes;

	if (!file)
		return 0;
	nbytes = fread(bytes, 1, room, file);
	fclose(file);
	return nbytes;
}

static void all_cuts_of_the_inputs_of_cases(void **state)
{
	const char *source = getenv("srcdir");
	char folder[2048], path[4096], bytes[4096];
	struct dirent *entry;
	size_t ncases = 0;
	DIR *cases;

	(void)state;
	snprintf(folder, sizeof folder, "%s/tests/cases", source ? source : ".");
	cases = opendir(folder);
	if (!cases)
		skip();
	while ((entry = readdir(cases)) != NULL) {
		size_t nbytes;

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "README.md") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s/input", folder, entry->d_name);
		nbytes = load(path, bytes, sizeof bytes);
		check_cuts(&(struct input){&dialects[ncases % LENGTH(dialects)], bytes, nbytes}, 400, false);
		for (size_t i = 0; i < LENGTH(dialects); i++)
			check_cuts(&(struct input){&dialects[i], bytes, nbytes}, 100, i == 0);
		check_groupings(&(struct input){&dialects[0], bytes, nbytes}, 2);
		ncases++;
	}
	closedir(cases);
	assert_true(ncases > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_counted_as_a_reader_counts_them),
		cmocka_unit_test(an_empty_input_has_no_records),
		cmocka_unit_test(the_survey_of_nothing_is_neutral),
		cmocka_unit_test(blank_lines_are_no_records),
		cmocka_unit_test(blanks_alone_are_no_record_when_trimmed),
		cmocka_unit_test(a_byte_order_mark_counts_at_the_start_alone),
		cmocka_unit_test(without_a_quote_every_line_feed_ends_a_record),
		cmocka_unit_test(the_state_of_entry_decides),
		cmocka_unit_test(first_may_be_the_end_of_the_range),
		cmocka_unit_test(any_cutting_of_random_inputs_joins_to_the_whole),
		cmocka_unit_test(all_cuts_of_all_words_of_up_to_five_letters),
		cmocka_unit_test(three_parts_join_to_the_same_in_both_groupings),
		cmocka_unit_test(every_state_is_answered_for),
		cmocka_unit_test(the_header_is_a_record),
		cmocka_unit_test(an_input_longer_than_a_window_is_counted_right),
		cmocka_unit_test(every_variant_says_what_the_reference_says),
		cmocka_unit_test(any_cutting_of_regular_inputs_joins_to_the_whole),
		cmocka_unit_test(all_cuts_of_the_inputs_of_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
