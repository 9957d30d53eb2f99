/*
 * lib/index.c: fields and records found in string literals, the same however the text comes, on every variant.
 */
#include "config.h"

#include "cpu.h"
#include "index.h"
#include "support.h"

#include <stdio.h>

/* ------------------------------------------------------------------------------------------- description */

/* How a text is handed over; zero is whole, with room for all. */
struct feed {
	flat_dialect dialect;
	size_t nfields;	 /* 0: as many as the first record has */
	size_t first;	 /* bytes given at first; 0: all */
	size_t step;	 /* and then at a time; 0: all */
	size_t capacity;
	size_t max_record;
	const struct fl_cpu *cpu; /* NULL: byte by byte */
	bool shift; /* drop what has been dealt with before each new piece */
};

/* Byte by byte. */
static const struct fl_cpu *reference(void)
{
	const struct fl_cpu *cpu = fl_cpus;

	while (cpu->name && cpu->index)
		cpu++;
	assert_non_null(cpu->name);
	return cpu;
}

struct scan {
	const char *text; /* all of it */
	size_t dropped;	  /* bytes of it */
	struct fl_index index;
	char *out;
	size_t room;
};

static void say(struct scan *scan, const char *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes && scan->room > 2; i++) {
		*scan->out++ = bytes[i] == '\n' ? '~' : bytes[i] == '\r' ? '^' : bytes[i];
		scan->room--;
	}
	*scan->out = '\0';
}

static const char *name_of(fl_fault fault)
{
	switch ((int)fault) {
	case FL_STRAY_QUOTE:
		return "stray";
	case FL_AFTER_QUOTE:
		return "after";
	case FL_BARE_CR:
		return "cr";
	case FL_OPEN_QUOTE:
		return "open";
	case FL_TOO_FEW:
		return "few";
	case FL_TOO_MANY:
		return "many";
	case FL_TOO_LONG:
		return "long";
	default:
		return "?";
	}
}

/* "[a][b] " for a record, "!few@9#2/1 " for a fault at byte 9, in field index 2, in a record that starts on line index 1. */
static void say_batch(struct scan *scan)
{
	const struct fl_index *index = &scan->index;
	char words[80];

	for (size_t i = 0; i < index->nrecords; i++) {
		uint32_t start = index->before[i] + 1;

		for (size_t k = 0; k < index->nfields; k++) {
			uint32_t end = index->ends[i * index->nfields + k];

			say(scan, "[", 1);
			say(scan, scan->text + scan->dropped + start, end - start);
			say(scan, "]", 1);
			start = end + 1;
		}
		say(scan, " ", 1);
	}
	if (!index->stopped)
		return;
	snprintf(words, sizeof words, "!%s@%zu#%zu/%llu ", name_of(index->fault), scan->dropped + index->fault_at,
		 index->fault_field, (unsigned long long)index->record_line);
	say(scan, words, strlen(words));
}

/* All batches there are in what is given of the text so far. */
static void scan_given(struct scan *scan, size_t given, bool final)
{
	struct fl_index *index = &scan->index;
	const size_t nbytes = given - scan->dropped;
	char *window = guarded_copy(scan->text + scan->dropped, nbytes);
	bool more = true;

	while (more) {
		fl_index_begin(index);
		fl_index_scan(index, window, nbytes, final);
		assert_true(index->nrecords * index->nfields <= index->capacity || index->nrecords == 0);
		say_batch(scan);
		more = index->nrecords > 0 || index->stopped;
		if (index->stopped)
			fl_index_pass(index);
	}
	assert_int_equal(index->at, nbytes);
	release(window, nbytes);
}

static void describe(const char *text, size_t nbytes, const struct feed *feed, char *out, size_t room)
{
	const size_t capacity = feed->capacity ? feed->capacity : 64;
	/* The index's arrays end at a guard page as well. */
	uint32_t *before = (uint32_t *)(void *)guarded(capacity * sizeof *before);
	uint32_t *ends = (uint32_t *)(void *)guarded(capacity * sizeof *ends);
	struct scan scan = {.text = text, .out = out, .room = room};
	const flat_dialect dialect = {
		.delimiter = feed->dialect.delimiter ? feed->dialect.delimiter : ',',
		.quote = feed->dialect.quote ? feed->dialect.quote : '"',
		.trim = feed->dialect.trim,
	};
	size_t given = feed->first ? feed->first : nbytes;
	char line[40];

	*out = '\0';
	fl_index_open(&scan.index, &dialect, feed->cpu ? feed->cpu : reference(), feed->max_record ? feed->max_record : 1000,
		      before, ends, capacity);
	if (feed->nfields)
		fl_index_set_shape(&scan.index, feed->nfields);
	else
		fl_index_take_shape(&scan.index, capacity);
	for (;;) {
		if (given > nbytes)
			given = nbytes;
		scan_given(&scan, given, given == nbytes);
		if (given == nbytes)
			break;
		if (feed->shift) {
			const size_t dropped = scan.index.record_start;

			fl_index_shift(&scan.index, dropped);
			scan.dropped += dropped;
		}
		given += feed->step ? feed->step : nbytes;
	}
	snprintf(line, sizeof line, "%llu lines", (unsigned long long)scan.index.line);
	say(&scan, line, strlen(line));
	release((char *)before, capacity * sizeof *before);
	release((char *)ends, capacity * sizeof *ends);
}

static void assert_described(const char *text, size_t nbytes, const struct feed *feed, const char *expected)
{
	char found[2000];

	describe(text, nbytes, feed, found, sizeof found);
	if (strcmp(found, expected) != 0)
		fail_msg("\"%s\"\n  gives    %s\n  expected %s\n  %s, first %zu, step %zu, capacity %zu, shift %d", text,
			 found, expected, feed->cpu ? feed->cpu->name : "", feed->first, feed->step, feed->capacity, feed->shift);
}

/* The same in two pieces, in small steps, with little room: never anything else. */
static void assert_found_however_it_comes(const char *text, size_t nbytes, struct feed feed, const char *expected)
{
	assert_described(text, nbytes, &feed, expected);
	for (int shift = 0; shift <= 1; shift++) {
		feed.shift = shift;
		feed.step = 0;
		for (feed.first = 1; feed.first < nbytes; feed.first++)
			assert_described(text, nbytes, &feed, expected);
		feed.first = 1;
		for (feed.step = 1; feed.step <= 3; feed.step++)
			assert_described(text, nbytes, &feed, expected);
		for (feed.capacity = feed.nfields; feed.nfields && feed.capacity <= 3 * feed.nfields; feed.capacity++)
			for (feed.step = 1; feed.step <= 4; feed.step++)
				assert_described(text, nbytes, &feed, expected);
		feed.capacity = 0;
	}
}

struct example {
	const char *text;
	size_t nfields;
	const char *expected;
};

static void assert_examples(const struct example *examples, size_t n, struct feed feed)
{
	for (size_t i = 0; i < n; i++) {
		feed.nfields = examples[i].nfields;
		assert_found_however_it_comes(examples[i].text, strlen(examples[i].text), feed, examples[i].expected);
	}
}

/* ----------------------------------------------------------------------------------------------- records */

static void the_example_of_the_header_gives_these_offsets(void **state)
{
	static const char text[] = "ab,\"c\"\n\n1,2\n";
	uint32_t before[8], ends[8];
	const flat_dialect dialect = {.delimiter = ',', .quote = '"'};
	struct fl_index index;

	(void)state;
	fl_index_open(&index, &dialect, reference(), 100, before, ends, LENGTH(ends));
	fl_index_set_shape(&index, 2);
	fl_index_begin(&index);
	fl_index_scan(&index, text, sizeof text - 1, true);
	assert_int_equal(index.nrecords, 2);
	assert_false(index.stopped);
	assert_int_equal(before[0], UINT32_MAX);
	assert_int_equal(before[1], 7);
	assert_int_equal(ends[0], 2);
	assert_int_equal(ends[1], 6);
	assert_int_equal(ends[2], 9);
	assert_int_equal(ends[3], 11);
}

static void records_and_fields_are_found(void **state)
{
	static const struct example examples[] = {
		{"a,b\nc,d\n", 2, "[a][b] [c][d] 2 lines"},
		{"a,b\nc,d", 2, "[a][b] [c][d] 1 lines"},
		{"a,b\r\nc,d\r\n", 2, "[a][b] [c][d] 2 lines"},
		{"a,b\r\nc,d\n", 2, "[a][b] [c][d] 2 lines"},
		{",\n,\r\n,", 2, "[][] [][] [][] 2 lines"},
		{"a,\"b \"\"c\"\"\",\n", 3, "[a][\"b \"\"c\"\"\"][] 1 lines"},
		{"\"\"\n\"\"\"\"\n\"\"\"\"\"\"\n", 1, "[\"\"] [\"\"\"\"] [\"\"\"\"\"\"] 3 lines"},
		{"\"a,b\",\"c\nd\"\n\"e\r\nf\",g\n", 2, "[\"a,b\"][\"c~d\"] [\"e^~f\"][g] 4 lines"},
		{"\"a\r\",\"\r\n\"\r\nb,c\r\n", 2, "[\"a^\"][\"^~\"] [b][c] 3 lines"},
		{"\n\r\na\n\n\r\n\nb\n\n", 1, "[a] [b] 8 lines"},
		{"\n\r\n\n", 2, "3 lines"},
		{" , \n", 2, "[ ][ ] 1 lines"},
		{" \n\t\n", 1, "[ ] [\t] 2 lines"},
		{"a\n\"\"", 1, "[a] [\"\"] 1 lines"},
		{"a,b\n\"c\",\"d\"", 2, "[a][b] [\"c\"][\"d\"] 1 lines"},
		{"x;y\n", 1, "[x;y] 1 lines"},
		{"a,b,c\n1,2,3\n4,5,6\n", 0, "[a][b][c] [1][2][3] [4][5][6] 3 lines"},
		{"\n\na\nb\n", 0, "[a] [b] 4 lines"},
	};

	(void)state;
	assert_examples(examples, LENGTH(examples), (struct feed){.nfields = 0});
}

static void faults_are_told_and_passed(void **state)
{
	static const struct example examples[] = {
		{"a,b\nc\nd,e\n", 2, "[a][b] !few@5#1/1 [d][e] 3 lines"},
		{"a,b\nc,d,e,f\ng,h\n", 2, "[a][b] !many@8#2/1 [g][h] 3 lines"},
		{"a\nb,\nc\n", 1, "[a] !many@4#1/1 [c] 3 lines"},
		{"a,b\"c\nd,e\n", 2, "!stray@3#1/0 [d][e] 2 lines"},
		{"\"a\"b,c\nd,e\n", 2, "!after@3#0/0 [d][e] 2 lines"},
		{"\"a\" ,c\nd,e\n", 2, "!after@3#0/0 [d][e] 2 lines"},
		{"a,b\rc\nd,e\n", 2, "!cr@3#1/0 [d][e] 2 lines"},
		{"a,\r\rb\nd,e\n", 2, "!cr@2#1/0 [d][e] 2 lines"},
		{"a,b\r\r\nd,e\n", 2, "!cr@3#1/0 [d][e] 2 lines"},
		{"\r,b\nd,e\n", 2, "!cr@0#0/0 [d][e] 2 lines"},
		{"a\r,b\nd,e\n", 2, "!cr@1#0/0 [d][e] 2 lines"},
		{"a,b\r", 2, "!cr@3#1/0 0 lines"},
		{"a,b\n\r", 2, "[a][b] !cr@4#0/1 1 lines"},
		{"\"a\"\r,b\nd,e\n", 2, "!cr@3#0/0 [d][e] 2 lines"},
		{"a,\"b\nc,d\n", 2, "!open@2#1/0 2 lines"},
		{"\"", 1, "!open@0#0/0 0 lines"},
		{"a\n\"\"\"", 1, "[a] !open@2#0/1 1 lines"},
		{"a,b\n\"c\nd\"e,f\ng,h\n", 2, "[a][b] !after@9#0/1 [g][h] 4 lines"},
		{"a\"b,\"c\nd\"\ne,f\n", 2, "!stray@1#0/0 [e][f] 3 lines"},
		{"a\"b,c\"d,e\rf\ng,h\n", 2, "!stray@1#0/0 [g][h] 2 lines"},
		{"a\"b\nc\"d\ne\n", 1, "!stray@1#0/0 !stray@5#0/1 [e] 3 lines"},
		{"a", 2, "!few@1#1/0 0 lines"},
		{"a,b\n\"c\"", 2, "[a][b] !few@7#1/1 1 lines"},
		{"a,b\nc\n", 0, "[a][b] !few@5#1/1 2 lines"},
		{"a,b\nc,d,e\n", 0, "[a][b] !many@8#2/1 2 lines"},
	};

	(void)state;
	assert_examples(examples, LENGTH(examples), (struct feed){.nfields = 0});
}

static void blanks_are_trimmed_only_if_the_dialect_says_so(void **state)
{
	static const struct example trimmed[] = {
		{" a , \"b\"\t,c \n", 3, "[ a ][ \"b\"\t][c ] 1 lines"},
		{"  \n\t \r\na\n  ", 1, "[a] 3 lines"},
		{"\"a\" \r\n \"b\"\n", 1, "[\"a\" ] [ \"b\"] 2 lines"},
		{" , \n", 2, "[ ][ ] 1 lines"},
		{"\"a\" b\nc\n", 1, "!after@4#0/0 [c] 2 lines"},
		{"\"a\" \"b\"\nc\n", 1, "!after@4#0/0 [c] 2 lines"},
		{"a \"b\"\nc\n", 1, "!stray@2#0/0 [c] 2 lines"},
		{" \"a\"\" ,\n\"\n", 1, "[ \"a\"\" ,~\"] 2 lines"},
		{"\"a\" \r b\nc\n", 1, "!cr@4#0/0 [c] 2 lines"},
		{" \" a", 1, "!open@0#0/0 0 lines"},
	};
	static const struct example kept[] = {
		{" \"a\"\nb\n", 1, "!stray@1#0/0 [b] 2 lines"},
		{"  \nb\n", 1, "[  ] [b] 2 lines"},
	};

	(void)state;
	assert_examples(trimmed, LENGTH(trimmed), (struct feed){.dialect = {.trim = true}});
	assert_examples(kept, LENGTH(kept), (struct feed){.dialect = {.trim = false}});
}

static void delimiter_and_quote_are_any_bytes(void **state)
{
	static const struct example quotes[] = {{"'a;\"';b,\"c\n", 2, "['a;\"'][b,\"c] 1 lines"}};
	static const struct example none[] = {{"\"a,b\"c\n", 2, "[\"a][b\"c] 1 lines"}};
	static const struct example high[] = {{"a\xFE\xFF" "b\xFE\xFF\n", 2, "[a][\xFF" "b\xFE\xFF] 1 lines"}};
	static const struct example tabs[] = {{" a\t \tb \n", 3, "[ a][ ][b ] 1 lines"}};

	(void)state;
	assert_examples(quotes, 1, (struct feed){.dialect = {.delimiter = ';', .quote = '\''}});
	assert_examples(none, 1, (struct feed){.dialect = {.quote = FLAT_NONE}});
	assert_examples(high, 1, (struct feed){.dialect = {.delimiter = 0xFE, .quote = 0xFF}, .capacity = 0});
	assert_examples(tabs, 1, (struct feed){.dialect = {.delimiter = '\t', .trim = true}});
}

static void every_byte_has_its_class(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		const char text[] = {'x', (char)c, 'y', '\n'};
		const char shown = c == '\r' ? '^' : (char)c;
		char expected[40];
		size_t nbytes;

		if (c == ',')
			nbytes = (size_t)snprintf(expected, sizeof expected, "!many@2#1/0 1 lines");
		else if (c == '"')
			nbytes = (size_t)snprintf(expected, sizeof expected, "!stray@1#0/0 1 lines");
		else if (c == '\r')
			nbytes = (size_t)snprintf(expected, sizeof expected, "!cr@1#0/0 1 lines");
		else if (c == '\n')
			nbytes = (size_t)snprintf(expected, sizeof expected, "[x] [y] 2 lines");
		else
			nbytes = (size_t)snprintf(expected, sizeof expected, "[x%cy] 1 lines", c ? shown : '.');
		for (size_t first = 1; first <= 4; first++) {
			const struct feed feed = {.nfields = 1, .first = first};
			char found[80];

			describe(text, 4, &feed, found, sizeof found);
			if (c == 0)
				found[2] = '.';
			assert_memory_equal(found, expected, nbytes);
		}
	}
}

static void a_record_of_exactly_max_record_bytes_is_not_too_long(void **state)
{
	static const struct example examples[] = {
		{"12,45\n1,345\r\n1,3\n", 2, "[12][45] [1][345] [1][3] 3 lines"},
		{"12,45", 2, "[12][45] 0 lines"},
		{"12,456\n1,2\n", 2, "!long@0#0/0 [1][2] 2 lines"},
		{"12,456\r\n1,2\r\n", 2, "!long@0#0/0 [1][2] 2 lines"},
		{"1,2\n12,456", 2, "[1][2] !long@4#0/1 1 lines"},
		{"1,2\n1\"34567,,\n1,2\n", 2, "[1][2] !long@4#0/1 [1][2] 3 lines"},
		{"123456\n1,2\n", 2, "!long@0#0/0 [1][2] 2 lines"},
	};

	(void)state;
	assert_examples(examples, LENGTH(examples), (struct feed){.max_record = 5});
}

static void a_record_given_up_is_passed_without_its_bytes(void **state)
{
	/* What the reader does with a record that does not fit its buffer. */
	static const char *const pieces[] = {"\"12345", "67,\n89", "\"\",\n", "\",x\n1,2\n"};
	const flat_dialect dialect = {.delimiter = ',', .quote = '"'};
	uint32_t before[8], ends[8];
	struct fl_index index;

	(void)state;
	fl_index_open(&index, &dialect, reference(), 5, before, ends, LENGTH(ends));
	fl_index_set_shape(&index, 2);
	fl_index_begin(&index);
	fl_index_scan(&index, pieces[0], strlen(pieces[0]), false);
	assert_false(index.stopped);
	fl_index_too_long(&index);
	assert_int_equal(index.fault, FL_TOO_LONG);
	for (size_t i = 1; i < LENGTH(pieces); i++) {
		fl_index_drop(&index);
		assert_int_equal(index.record_start, index.at);
		fl_index_shift(&index, index.record_start);
		assert_int_equal(index.at, 0);
		fl_index_scan(&index, pieces[i], strlen(pieces[i]), false);
		assert_int_equal(index.stopped, i == 3);
	}
	assert_int_equal(index.at, 4);
	assert_int_equal(index.fault, FL_TOO_LONG);
	fl_index_pass(&index);
	fl_index_begin(&index);
	fl_index_scan(&index, pieces[3], strlen(pieces[3]), true);
	assert_int_equal(index.nrecords, 1);
	assert_int_equal(before[0], 3);
	assert_int_equal(ends[0], 5);
	assert_int_equal(ends[1], 7);
	assert_int_equal(index.batch_line, 3);
}

static void a_first_record_wider_than_the_room_is_a_fault(void **state)
{
	const struct feed feed = {.capacity = 3};

	(void)state;
	assert_described("a,b,c\n", 6, &feed, "[a][b][c] 1 lines");
	assert_described("a,b,c,d\n", 8, &feed, "!many@6#3/0 1 lines");
}

static void a_byte_order_mark_is_no_part_of_the_first_record(void **state)
{
	static const char text[] = "\xEF\xBB\xBF\"a\",b\n";
	const flat_dialect dialect = {.delimiter = ',', .quote = '"'};
	uint32_t before[8], ends[8];
	struct fl_index index;

	(void)state;
	fl_index_open(&index, &dialect, reference(), 100, before, ends, LENGTH(ends));
	fl_index_take_shape(&index, LENGTH(ends));
	fl_index_start(&index, 3);
	fl_index_begin(&index);
	fl_index_scan(&index, text, sizeof text - 1, true);
	assert_int_equal(index.nrecords, 1);
	assert_int_equal(index.nfields, 2);
	assert_int_equal(before[0], 2);
	assert_int_equal(ends[0], 6);
	assert_int_equal(ends[1], 8);
}

static void a_batch_ends_where_its_room_ends(void **state)
{
	static const char text[] = "1\n2\n3\n4\n";
	const flat_dialect dialect = {.delimiter = ',', .quote = '"'};
	uint32_t before[3], ends[3];
	struct fl_index index;

	(void)state;
	fl_index_open(&index, &dialect, reference(), 100, before, ends, LENGTH(ends));
	fl_index_set_shape(&index, 1);
	fl_index_begin(&index);
	fl_index_scan(&index, text, 8, true);
	assert_int_equal(index.nrecords, 3);
	assert_int_equal(index.at, 6);
	fl_index_scan(&index, text, 8, true);
	assert_int_equal(index.nrecords, 3);
	fl_index_begin(&index);
	fl_index_scan(&index, text, 8, true);
	assert_int_equal(index.nrecords, 1);
	assert_int_equal(before[0], 5);
	assert_int_equal(index.batch_start, 6);
	assert_int_equal(index.batch_line, 3);
}

/* ---------------------------------------------------------------------------------------------- variants */

/* A text of the bytes that matter; the same for the same seed. */
static void make_text(char *text, size_t nbytes, unsigned seed)
{
	static const char bytes[] = "aaaaaaa,,,,\n\n\n\"\"\r b";

	for (size_t i = 0; i < nbytes; i++) {
		seed = seed * 1664525u + 1013904223u;
		text[i] = seed >> 28 < 3 ? bytes[(seed >> 16) % (sizeof bytes - 1)] : i % 5 == 4 ? ',' : i % 15 == 7 ? '\n' : 'a';
	}
}

static unsigned below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % n;
}

/* In quotes or not; the longest has 14 bytes. */
static char *put_field(char *out, unsigned *seed, bool quotes)
{
	static const char *const within[] = {"a", "b ", ",", "\"\"", "\n", "\r\n"};
	const bool quoted = quotes && below(seed, 4) == 0;

	if (quoted)
		*out++ = '"';
	for (unsigned n = below(seed, quoted ? 5 : 8); n > 0; n--)
		out = stpcpy(out, quoted ? within[below(seed, LENGTH(within))] : "x");
	if (quoted)
		*out++ = '"';
	return out;
}

/* Regular records, but for one of 'rarity', so that blocks have long runs; gives the bytes. */
static size_t make_records(char *text, size_t room, size_t nfields, unsigned seed, unsigned rarity)
{
	static const char *const odd[] = {"\n", "\r\n", ",", "\"x", "x\r", "x\"", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
	const bool quotes = seed % 3 > 0, crs = seed % 4 == 3;
	char *out = text;

	while ((size_t)(out - text) + nfields * 15 + 50 < room) {
		for (size_t i = 0; i < nfields; i++) {
			if (below(&seed, rarity) == 0)
				out = stpcpy(out, odd[below(&seed, LENGTH(odd))]);
			else
				out = put_field(out, &seed, quotes);
			*out++ = ',';
		}
		out = stpcpy(out - 1, crs && below(&seed, 9) ? "\r\n" : "\n");
	}
	return (size_t)(out - text);
}

static void assert_every_variant_finds_the_same(const char *text, size_t nbytes, struct feed feed, size_t step, unsigned way)
{
	static char expected[20000], found[20000];

	describe(text, nbytes, &feed, expected, sizeof expected);
	for (feed.cpu = fl_cpus; feed.cpu->name; feed.cpu++) {
		if (!feed.cpu->runs_here())
			continue;
		feed.first = feed.step = step;
		feed.shift = way % 2;
		feed.capacity = way / 2 ? 2000 : feed.nfields + FL_BLOCK;
		describe(text, nbytes, &feed, found, sizeof found);
		if (strcmp(found, expected) != 0)
			fail_msg("%s, step %zu, shift %d, capacity %zu:\n%s\n%s", feed.cpu->name, feed.step, feed.shift, feed.capacity,
				 found, expected);
	}
}

static void every_variant_finds_what_the_reference_finds(void **state)
{
	static const size_t steps[] = {1, 7, 0, 63, 64, 65, 100};
	char text[700];

	(void)state;
	for (unsigned seed = 0; seed < 60; seed++) {
		const size_t nbytes = 1 + seed * 131 % sizeof text;
		struct feed feed = {.nfields = 1 + seed % 3, .capacity = 2000, .max_record = seed % 2 ? 40 : 1000};

		make_text(text, nbytes, seed);
		feed.dialect.quote = seed % 5 == 4 ? FLAT_NONE : 0;
		feed.dialect.trim = seed % 7 == 6;
		for (size_t i = seed < 8 ? 0 : 2; i < LENGTH(steps); i++)
			for (unsigned way = 0; way < 4; way++)
				assert_every_variant_finds_the_same(text, nbytes, feed, steps[i], way);
	}
}

static void every_variant_finds_the_same_in_records_that_are_mostly_regular(void **state)
{
	static const size_t steps[] = {0, 64, 500, 577, 1500};
	static char text[4000];

	(void)state;
	for (unsigned seed = 0; seed < 300; seed++) {
		const size_t nfields = 1 + seed % 11 * (seed % 5);
		const unsigned rarity = seed % 6 ? 30u << seed % 6 : 1000000u;
		const size_t nbytes = make_records(text, sizeof text, nfields, seed, rarity);
		struct feed feed = {.nfields = nfields, .capacity = 2000, .max_record = seed % 2 ? 12 + nfields * 5 : 1000};

		feed.dialect.quote = seed % 7 == 6 ? FLAT_NONE : 0;
		for (size_t i = 0; i < LENGTH(steps); i++)
			for (unsigned way = 0; way < 4; way++)
				assert_every_variant_finds_the_same(text, nbytes, feed, steps[i], way);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_header_gives_these_offsets),
		cmocka_unit_test(records_and_fields_are_found),
		cmocka_unit_test(faults_are_told_and_passed),
		cmocka_unit_test(blanks_are_trimmed_only_if_the_dialect_says_so),
		cmocka_unit_test(delimiter_and_quote_are_any_bytes),
		cmocka_unit_test(every_byte_has_its_class),
		cmocka_unit_test(a_record_of_exactly_max_record_bytes_is_not_too_long),
		cmocka_unit_test(a_record_given_up_is_passed_without_its_bytes),
		cmocka_unit_test(a_first_record_wider_than_the_room_is_a_fault),
		cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_first_record),
		cmocka_unit_test(a_batch_ends_where_its_room_ends),
		cmocka_unit_test(every_variant_finds_what_the_reference_finds),
		cmocka_unit_test(every_variant_finds_the_same_in_records_that_are_mostly_regular),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
