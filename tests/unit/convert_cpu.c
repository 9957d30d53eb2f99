/*
 * The loops of every CPU variant that runs here fill columns as the plain loops do: the same bytes, the same number of
 * elements before the first fault, the same fault; and they read nothing behind the text, write nothing beside cells.
 */
#include "config.h"

#include "column.h"
#include "random.h"
#include "support.h"
#include "unquote.h"

#include <stdio.h>

#define TEXTS_MAX 60
#define LINE_MAX_NBYTES 8192
#define ARENA_NBYTES 8192

static const char *const schemas[] = {
	"x:bool",	   "x:i8",
	"x:i16",	   "x:i32",
	"x:i64",	   "x:u8",
	"x:u16",	   "x:u32",
	"x:u64",	   "x:f32",
	"x:f64",	   "x:date",
	"x:str1",	   "x:str2",
	"x:str5",	   "x:str8",
	"x:str11",	   "x:str16",
	"x:str20",	   "x:str31",
	"x:str32",	   "x:str33",
	"x:str63",	   "x:str64",
	"x:str65",	   "x:str100",
	"x:str70",	   "x:text",
	"x:timestamp[s]",  "x:timestamp[ms]",
	"x:timestamp[us]", "x:timestamp[ns]",
};

/* ------------------------------------------------------------------------------------------------- texts */

static char *put_digits(char *out, unsigned n)
{
	while (n-- > 0)
		*out++ = (char)('0' + random_below(10));
	return out;
}

/* Digits, with a sign and a point or without. */
static char *put_decimal(char *out)
{
	unsigned most = 1 + random_below(random_below(8) ? 20 : 45);

	if (random_below(3) == 0)
		*out++ = random_below(9) ? '-' : '+';
	if (random_below(8) == 0)
		for (unsigned zeros = random_below(20); zeros > 0; zeros--)
			*out++ = '0';
	out = put_digits(out, random_below(most + 1));
	if (random_below(2))
		*out++ = '.';
	return put_digits(out, random_below(most + 1) % 18);
}

static char *put_scientific(char *out)
{
	out = put_decimal(out);
	*out++ = random_below(4) ? 'e' : 'E';
	if (random_below(2))
		*out++ = random_below(4) ? '-' : '+';
	return put_digits(out, 1 + random_below(random_below(9) ? 3 : 6));
}

/* The greatest and least of each type, their neighbours, and what is almost a number. */
static const char *const limits[] = {
	"127",
	"128",
	"-128",
	"-129",
	"255",
	"256",
	"32767",
	"32768",
	"-32768",
	"-32769",
	"65535",
	"65536",
	"2147483647",
	"2147483648",
	"-2147483648",
	"-2147483649",
	"4294967295",
	"4294967296",
	"9223372036854775807",
	"9223372036854775808",
	"-9223372036854775808",
	"-9223372036854775809",
	"18446744073709551615",
	"18446744073709551616",
	"4503599627370495",
	"4503599627370496",
	"4503599627370497",
	"9999999999999999",
	"9007199254740992",
	"9007199254740993",
	"-9007199254740993",
	"9007199254740991",
	"900719925474099.3",
	"9219999999999999999",
	"9210000000000000000",
	"18439999999999999999",
	"18440000000000000000",
	"-0",
	"-",
	".",
	"-.",
	"+",
	"-.5",
	"5.",
	"1.2.3",
	"1..2",
	"--1",
	"1-",
	"-1-2",
	"e5",
	"1e",
	"1e+",
	"1e-400",
	"1e400",
	"4.9e-324",
	"2.4e-324",
	"1.7976931348623157e308",
	"1.7976931348623159e308",
	"00000000000000000000000000000000000000001",
	"0.00000000000000000000000000000000000000000001",
	"0.000000000000000000000000000012345",
	"16777217",
	"0.50000002980232238769531250000",
	"0.50000002980232238769531250001",
	"0.50000002980232238769531249999",
	"-9007199254740993.00000000000000",
	"9007199254740993.000000000000001",
	"9007199254740992.999999999999999",
	"9007199254740995.000000000000000",
	"1.000000000000000111022302462515",
	"-1.00000000000000011102230246252",
	"1.000000000000000111022302462516",
	"99999999999999999999999999999999",
	"9999999999999999999999999999999.",
	".0000000000000000000000000000001",
	".0000000000000009999999999999999",
	"inf",
	"-NaN",
	"--12",
	"--1.5",
	"-1-2345",
	"12-34",
	".e+00005",
	"-.e+0005",
	"-e0000005",
	"1.e000005",
	"1e00-0005",
	"0.64279904961586",
	"0.99064502120018",
	"0.15412487834692",
	"0.65995654463768",
	"0.78226038813591",
	"0.44068543612957",
	"0.99729785323143",
	"0.61587855219841",
	"-0.64279904961586",
	"00000000000000000000000000000000",
	"0000000000000000000000000000000.",
	"true",
	"F",
	"2023-02-29",
	"2024-02-29",
};

static char *put_limit(char *out)
{
	const char *limit = limits[random_below(LENGTH(limits))];

	memcpy(out, limit, strlen(limit));
	return out + strlen(limit);
}

static char *put_instant(char *out)
{
	static const char *const zones[] = {"",	      "",	"Z", "Z",     "+01:00", "-23:59", "+00:00",
					    "-24:00", "+12:60", "z", "+0130", "+02",	" "};

	out += sprintf(out, "%04u-%02u-%02u", random_below(10000), 1 + random_below(12), 1 + random_below(29));
	if (random_below(5) == 0)
		return out;
	out += sprintf(out, "%c%02u:%02u", random_below(2) ? 'T' : ' ', random_below(24), random_below(60));
	if (random_below(4) == 0)
		return out;
	out += sprintf(out, ":%02u", random_below(random_below(20) ? 60 : 62));
	if (random_below(3) == 0) {
		*out++ = '.';
		out = put_digits(out, random_below(11));
	}
	return out + sprintf(out, "%s", zones[random_below(LENGTH(zones))]);
}

static char *put_word(char *out)
{
	for (unsigned n = random_below(random_below(6) ? 24 : 80); n > 0; n--)
		*out++ = "abcdefgh \t,'xyz\xC3\xA4\xFF"[random_below(18)];
	return out;
}

/* The dialect's, or what might be one if it has none. */
static char quote = '"';

/* Gives what the dialect says. */
static int choose_quote(void)
{
	quote = "\"\"\"\x01"[random_below(4)];
	return random_below(6) ? quote : FLAT_NONE;
}

/* In quotes; those within are doubled, as the index has seen to. */
static char *put_quoted(char *out)
{
	*out++ = quote;
	for (unsigned n = random_below(40); n > 0; n--) {
		*out = random_below(6) ? (char)('0' + random_below(10)) : quote;
		out[1] = quote;
		out += *out == quote ? 2 : 1;
	}
	*out++ = quote;
	return out;
}

/* A number or a time in quotes, with blanks or other quotes around it at times. */
static char *put_quoted_value(char *out)
{
	static char *(*const values[])(char *) = {put_decimal, put_scientific, put_limit, put_instant};
	const unsigned odd = random_below(60);

	*out++ = quote;
	for (unsigned n = odd == 0 ? 2 : odd == 1; n > 0; n--)
		*out++ = odd ? ' ' : quote;
	out = values[random_below(LENGTH(values))](out);
	for (unsigned n = odd == 0 ? 2 : odd == 2; n > 0; n--)
		*out++ = odd ? ' ' : quote;
	*out++ = quote;
	return out;
}

/* Any text with one of its bytes changed; none of them a bar, which ends it. */
static void spoil(char *text, const char *end)
{
	char byte = (char)random_word();

	if (text < end && byte != '|' && byte != quote && *text != quote)
		text[random_below((unsigned)(end - text))] = byte;
}

typedef char *put_function(char *out);

static put_function *const kinds[] = {put_decimal, put_scientific, put_limit,	    put_instant,
				      put_word,	   put_quoted,	   put_quoted_value};

/* Mostly texts of one kind, so that loops go on for a while. */
static size_t make_line(char *line)
{
	put_function *usual = kinds[random_below(LENGTH(kinds))];
	char *out = line;

	for (unsigned n = 1 + random_below(TEXTS_MAX - 1); n > 0; n--) {
		put_function *put = random_below(8) ? usual : kinds[random_below(LENGTH(kinds))];
		char *start = out;

		if (random_below(20))
			out = put(out);
		if (random_below(40) == 0 && put != put_quoted && put != put_quoted_value)
			spoil(start, out);
		if (n > 1)
			*out++ = '|';
	}
	return (size_t)(out - line);
}

/* ----------------------------------------------------------------------------------------------- columns */

/* All that a loop may write. */
struct filled {
	size_t stored;
	fl_fault fault;
	unsigned char valid[64];
	uint32_t lengths[64];
	size_t arena_nbytes;
	char arena[ARENA_NBYTES];
};

static fl_convert_function *inside_quotes;

/* As a column's loop: has texts without their quotes converted by the one above. */
static size_t convert_unquoted(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			       fl_fault *fault)
{
	struct fl_column inside = *column;

	inside.convert = inside_quotes;
	return fl_convert_unquoted(&inside, slices, first, n, fault);
}

static void fill_with(const struct fl_cpu *cpu, const flat_format *format, flat_column cells, const char *line,
		      size_t nbytes, bool unquoted, struct filled *filled)
{
	struct fl_column column;
	flat_column kept;

	memset(filled, CANARY, sizeof *filled);
	if (flat_format_field(format, 0)->type == FLAT_TEXT) {
		cells.arena = filled->arena;
		cells.arena_nbytes = random_state % 5 ? ARENA_NBYTES : random_state % 300;
		filled->arena_nbytes = cells.arena_nbytes;
	}
	cells.valid = filled->valid;
	if (cells.lengths)
		cells.lengths = filled->lengths;
	assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, cpu, NULL), FLAT_OK);
	if (unquoted && column.unquotes) {
		inside_quotes = column.convert;
		column.convert = convert_unquoted;
	}
	filled->stored = fill_bytes(&column, 0, line, nbytes, &filled->fault);
}

/* Elements end at a guard page.  Behind a fault they may hold anything, but no byte between them. */
static void compare(const struct fl_cpu *cpu, const flat_format *format, const char *line, size_t nbytes, bool unquoted)
{
	static const flat_validity ways[] = {FLAT_VALIDITY_BITMAP, FLAT_VALIDITY_BITMAP, FLAT_VALIDITY_BYTE,
					     FLAT_VALIDITY_SENTINEL, FLAT_VALIDITY_NONE};
	static const char sentinel[128] = "seventy";
	static const struct fl_cpu plain = {.name = "plain", .loops = &fl_loops_plain};
	static struct filled expected, found;
	static uint32_t some_lengths;
	const size_t width = flat_field_width(flat_format_field(format, 0)),
		     gap = random_below(2) * (1 + random_below(9));
	const size_t stride = width + gap, total = TEXTS_MAX * stride + width;
	const bool is_text = flat_format_field(format, 0)->type == FLAT_TEXT;
	char *a = guarded_again(1, total), *b = guarded_again(2, total);
	flat_column cells = {.stride = stride, .validity = ways[random_below(LENGTH(ways))], .sentinel = sentinel};
	size_t whole;

	if (is_text && cells.validity == FLAT_VALIDITY_SENTINEL)
		cells.validity = FLAT_VALIDITY_BITMAP;
	if (flat_format_field(format, 0)->type == FLAT_STR && random_below(2))
		cells.lengths = &some_lengths;
	memset(a, CANARY, total);
	memset(b, CANARY, total);
	cells.base = a;
	fill_with(&plain, format, cells, line, nbytes, false, &expected);
	cells.base = b;
	fill_with(cpu, format, cells, line, nbytes, unquoted, &found);
	assert_int_equal(found.stored, expected.stored);
	assert_int_equal(found.fault, expected.fault);
	whole = (expected.stored + is_text) * stride;
	assert_memory_equal(b, a, whole);
	for (size_t i = whole; i < total; i++)
		if (i - whole >= width || expected.fault == FL_FINE)
			assert_int_equal((unsigned char)b[i], CANARY);
	assert_memory_equal(found.valid, expected.valid,
			    cells.validity == FLAT_VALIDITY_BYTE ? expected.stored : expected.stored / 8);
	if (cells.lengths)
		assert_memory_equal(found.lengths, expected.lengths, expected.stored * sizeof(uint32_t));
	if (is_text) {
		uint64_t used;

		memcpy(&used, a + expected.stored * stride, sizeof used);
		assert_memory_equal(found.arena, expected.arena, used);
		for (size_t i = found.arena_nbytes; i < sizeof found.arena; i++)
			assert_int_equal((unsigned char)found.arena[i], CANARY);
	}
}

static void compare_all(const flat_format *format, const char *line, size_t nbytes)
{
	static const struct fl_cpu plain = {.name = "plain", .loops = &fl_loops_plain};

	compare(&plain, format, line, nbytes, true);
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		if (cpu->loops != &fl_loops_plain && cpu->runs_here()) {
			compare(cpu, format, line, nbytes, false);
			compare(cpu, format, line, nbytes, true);
		}
}

static void every_variant_fills_columns_as_the_plain_loops_do(void **state)
{
	static const char *const nulls[] = {"NA", "-"};
	static char line[LINE_MAX_NBYTES];

	(void)state;
	for (uint64_t round = 0, rounds = test_count(20000); round < rounds; round++) {
		flat_dialect dialect = {.nulls = nulls,
					.nnulls = random_below(4) ? 0 : 2,
					.trim = random_below(4) == 0,
					.quote = choose_quote()};
		flat_format *format = flat_format_parse(schemas[random_below(LENGTH(schemas))], &dialect, NULL);
		size_t nbytes = make_line(line);

		compare_all(format, line, nbytes);
		flat_format_free(format);
	}
}

static const struct fl_cpu *noting;

/* As a column's loop: notes the texts with the plain loop, and with that of a variant. */
static size_t note_both(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			fl_fault *fault)
{
	struct fl_texts expected = {.text = slices->text}, found = expected;
	struct fl_column plain = *column, other = *column;
	flat_column plain_cells = *column->cells, other_cells = *column->cells;
	uint64_t offsets[2][TEXTS_MAX];
	unsigned char valid[2][16];

	memset(valid, 0xff, sizeof valid);
	plain.texts = &expected;
	plain.base = (char *)offsets[0];
	plain.cells = &plain_cells;
	plain_cells.valid = valid[0];
	other.texts = &found;
	other.base = (char *)offsets[1];
	other.cells = &other_cells;
	other_cells.valid = valid[1];
	assert_int_equal(fl_note_text(&plain, slices, first, n, fault), n);
	assert_int_equal(noting->loops->note_text(&other, slices, first, n, fault), n);
	assert_int_equal(*fault, FL_FINE);
	assert_memory_equal(offsets[1], offsets[0], n * sizeof(uint64_t));
	assert_memory_equal(valid[1], valid[0], sizeof valid[0]);
	assert_int_equal(found.nbytes, expected.nbytes);
	return n;
}

/* As a column's loop: stores texts that were noted, all or the first, with the plain loop and with that of a variant. */
static size_t store_both(const struct fl_column *column, const struct fl_slices *slices, size_t first, size_t n,
			 fl_fault *fault)
{
	const size_t some = random_below(2) ? n : random_below((unsigned)n + 1);
	size_t before = random_below(40), behind;
	struct fl_texts expected = {
		.text = slices->text, .first = first, .behind = first + n, .is_last = random_below(2), .start = before};
	struct fl_texts found;
	struct fl_column plain = *column, other;
	flat_column plain_cells = *column->cells, other_cells;
	uint64_t offsets[2][TEXTS_MAX + 1];
	char arenas[2][ARENA_NBYTES];

	memset(arenas, CANARY, sizeof arenas);
	memset(offsets, CANARY, sizeof offsets);
	plain.texts = &expected;
	plain.base = (char *)offsets[0];
	plain.cells = &plain_cells;
	plain_cells.arena = arenas[0];
	assert_int_equal(fl_note_text(&plain, slices, first, n, fault), n);
	/* Those that were read from elsewhere are noted too. */
	expected.nbytes += random_below(2) * 40;
	behind = before + expected.nbytes;
	assert_true(behind + 64 < ARENA_NBYTES);
	found = expected;
	memcpy(offsets[1], offsets[0], sizeof offsets[0]);
	other = plain;
	other_cells = plain_cells;
	other.texts = &found;
	other.base = (char *)offsets[1];
	other.cells = &other_cells;
	other_cells.arena = arenas[1];
	fl_store_noted(&plain, some);
	noting->loops->store_noted(&other, some);
	assert_int_equal(found.first, expected.first);
	assert_int_equal(found.start, expected.start);
	assert_memory_equal(offsets[1], offsets[0], sizeof offsets[0]);
	assert_memory_equal(arenas[1], arenas[0], expected.start);
	/* Behind the texts of this range are those of the next. */
	assert_memory_equal(arenas[1] + behind, arenas[0] + behind, ARENA_NBYTES - behind);
	return n;
}

static void compare_with(fl_convert_function *both, const flat_format *format, const char *line, size_t nbytes)
{
	uint64_t offsets[TEXTS_MAX + 1];
	unsigned char valid[16];
	char arena[1];
	const flat_column cells = {.base = offsets, .arena = arena, .validity = FLAT_VALIDITY_BITMAP, .valid = valid};
	struct fl_column column;
	flat_column kept;
	fl_fault fault;

	for (noting = fl_cpus; noting->name; noting++)
		if (noting->runs_here()) {
			assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, noting, NULL), FLAT_OK);
			column.convert = both;
			fill_bytes(&column, 0, line, nbytes, &fault);
		}
}

static void every_variant_notes_and_stores_texts_as_the_plain_loops_do(void **state)
{
	static const char *const nulls[] = {"NA", "-"};
	static char line[LINE_MAX_NBYTES];

	(void)state;
	for (uint64_t round = 0, rounds = test_count(20000) / 10; round < rounds; round++) {
		flat_dialect dialect = {.nulls = nulls,
					.nnulls = random_below(4) ? 0 : 2,
					.trim = random_below(4) == 0,
					.quote = choose_quote()};
		flat_format *format = flat_format_parse("x:text", &dialect, NULL);
		char *end = line;
		size_t nbytes = make_line(line);

		compare_with(note_both, format, line, nbytes);
		compare_with(store_both, format, line, nbytes);
		*end++ = quote;
		for (size_t n = random_below(210); n > 0; n--) {
			*end = random_below(30) ? 'a' : quote;
			end[1] = quote;
			end += *end == quote ? 2 : 1;
		}
		*end++ = quote;
		compare_with(note_both, format, line, (size_t)(end - line));
		compare_with(store_both, format, line, (size_t)(end - line));
		flat_format_free(format);
	}
}

/* A text, in quotes or not, with so many bytes of another behind it, for which there is so much room. */
static void fill_an_arena(const struct fl_cpu *cpu, const flat_format *format, size_t nbytes, bool quoted,
			  size_t behind, size_t room)
{
	const size_t stored = behind <= room ? 2 : 1, arena_nbytes = nbytes + room;
	char line[256], expected[256], *arena = guarded(arena_nbytes);
	uint64_t offsets[3];
	flat_column cells = {.base = offsets, .arena = arena, .arena_nbytes = arena_nbytes}, kept;
	struct fl_column column;
	fl_fault fault;

	memset(expected, 'x', nbytes);
	memset(expected + nbytes, 'y', behind);
	sprintf(line, "%s%.*s%s|%.*s", quoted ? "\"" : "", (int)nbytes, expected, quoted ? "\"" : "", (int)behind,
		expected + nbytes);
	assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, cpu, NULL), FLAT_OK);
	assert_int_equal(fill_bytes(&column, 0, line, strlen(line), &fault), stored);
	assert_memory_equal(arena, expected, stored == 2 ? nbytes + behind : nbytes);
	assert_int_equal(offsets[1], nbytes);
	if (stored == 2)
		assert_int_equal(offsets[2], nbytes + behind);
	else
		assert_int_equal(fault, FL_NO_ROOM);
	release(arena, arena_nbytes);
}

static void texts_end_with_the_arena_and_with_the_window(void **state)
{
	flat_format *format = flat_format_parse("x:text", NULL, NULL);

	(void)state;
	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++) {
		if (!cpu->runs_here() || cpu->loops == &fl_loops_plain)
			continue;
		for (size_t nbytes = 0; nbytes <= 66; nbytes += nbytes % 32 > 2 && nbytes % 32 < 29 ? 9 : 1)
			for (size_t n = 0; n <= 34; n++) {
				fill_an_arena(cpu, format, nbytes, false, 40, n);
				fill_an_arena(cpu, format, nbytes, true, 40, n);
				fill_an_arena(cpu, format, nbytes, false, n, 100);
				fill_an_arena(cpu, format, nbytes, true, n, 100);
			}
	}
	flat_format_free(format);
}

/* The text alone, and as each of four, which a loop may take together. */
static void compare_among_others(const flat_format *format, const char *text, size_t nbytes)
{
	char line[256];

	compare_all(format, text, nbytes);
	for (int place = 0; place < 4; place++) {
		int n = 0;

		for (int i = 0; i < 4; i++)
			if (i == place)
				n += sprintf(line + n, "%.*s|", (int)nbytes, text);
			else
				n += sprintf(line + n, "%d|", i);
		compare_all(format, line, (size_t)n - 1);
	}
}

/* Lengths by which a loop may go another way, at each place of the point. */
static void every_length_and_place_of_the_point_is_read_alike(void **state)
{
	static const char *const types[] = {"x:f64", "x:f32", "x:i64", "x:u64", "x:i32", "x:u8"};
	char line[128];

	(void)state;
	for (size_t t = 0; t < LENGTH(types); t++) {
		flat_format *format = flat_format_parse(types[t], NULL, NULL);

		for (size_t n = 1; n <= 40; n++) {
			for (size_t point = 0; point <= n + 1; point++) {
				for (int negative = 0; negative < 2; negative++) {
					size_t at = 0;

					if (negative)
						line[at++] = '-';
					for (size_t i = 0; i < n; i++)
						line[at++] = (char)(i == point ? '.' : '1' + (char)(i % 9));
					compare_among_others(format, line, at);
				}
			}
		}
		flat_format_free(format);
	}
}

static void every_limit_is_seen_among_others(void **state)
{
	static const char *const types[] = {"x:i8",  "x:i16", "x:i32", "x:i64", "x:u8",
					    "x:u16", "x:u32", "x:u64", "x:f32", "x:f64"};

	(void)state;
	for (size_t t = 0; t < LENGTH(types); t++) {
		flat_format *format = flat_format_parse(types[t], NULL, NULL);

		for (size_t i = 0; i < LENGTH(limits); i++)
			compare_among_others(format, limits[i], strlen(limits[i]));
		flat_format_free(format);
	}
}

/* All of a kind, so that those behind the last four are left over. */
static void any_number_of_texts_is_read(void **state)
{
	static const char *const types[] = {"x:i8", "x:u16", "x:i32", "x:u64", "x:f32", "x:f64"};
	char line[64];

	(void)state;
	for (size_t t = 0; t < LENGTH(types); t++) {
		flat_format *format = flat_format_parse(types[t], NULL, NULL);

		for (size_t n = 1; n <= 13; n++) {
			for (size_t i = 0; i < n; i++)
				memcpy(line + 3 * i, (const char[]){'1', (char)('0' + i % 10), '|'}, 3);
			compare_all(format, line, 3 * n - 1);
		}
		flat_format_free(format);
	}
}

typedef void compare_function(const flat_format *format, const char *text, size_t nbytes);

/* Compares each text with each of the bytes in each place of it. */
static void compare_spoiled(const flat_format *format, const char *const *texts, size_t ntexts, const char *bytes,
			    size_t nbytes, compare_function *compare_text)
{
	char spoiled[64];

	for (size_t i = 0; i < ntexts; i++)
		for (size_t at = 0; at < strlen(texts[i]); at++)
			for (size_t b = 0; b < nbytes; b++) {
				memcpy(spoiled, texts[i], strlen(texts[i]));
				spoiled[at] = bytes[b];
				compare_text(format, spoiled, strlen(texts[i]));
			}
}

/* What is in no number, or is elsewhere in it, in each place; and what has no digits. */
static void every_character_of_a_number_is_looked_at(void **state)
{
	static const char *const types[] = {"x:f64", "x:i64", "x:u8"};
	static const char *const texts[] = {"1", "-1", "-1.2", "-123456789012345", "1234567890.12345"};
	static const char *const none[] = {"", "-.", "-", "."};
	static const char bytes[] = "/0:;+-.,eE \xB0\xFF";

	(void)state;
	for (size_t t = 0; t < LENGTH(types); t++) {
		flat_format *format = flat_format_parse(types[t], NULL, NULL);

		compare_spoiled(format, texts, LENGTH(texts), bytes, sizeof bytes, compare_among_others);
		for (size_t i = 0; i < LENGTH(none); i++)
			compare_among_others(format, none[i], strlen(none[i]));
		flat_format_free(format);
	}
}

static void every_character_of_an_instant_is_looked_at(void **state)
{
	static const char *const types[] = {"x:date", "x:timestamp[s]", "x:timestamp[ms]", "x:timestamp[us]",
					    "x:timestamp[ns]"};
	static const char *const texts[] = {"2024-12-31",
					    "2024-12-31 23:59",
					    "2024-12-31T23:59:59",
					    "2024-12-31 23:59:59Z",
					    "2024-12-31 23:59:59.5",
					    "2024-12-31T23:59:59.123Z",
					    "2024-12-31T23:59:59.123000+02:00",
					    "2024-12-31T23:59:59.123456789Z",
					    "1677-09-21T00:12:43.145224193-00:00",
					    "2262-04-11T23:47:16.854775807",
					    "0000-01-01T00:00:00+23:59"};
	static const char bytes[] = "/0123456789:;+-.,ZzTt \xB0";

	(void)state;
	for (size_t t = 0; t < LENGTH(types); t++) {
		flat_format *format = flat_format_parse(types[t], NULL, NULL);

		compare_spoiled(format, texts, LENGTH(texts), bytes, sizeof bytes, compare_all);
		for (size_t i = 0; i < LENGTH(texts); i++)
			for (size_t nbytes = 0; nbytes < strlen(texts[i]); nbytes++)
				compare_all(format, texts[i], nbytes);
		flat_format_free(format);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_variant_fills_columns_as_the_plain_loops_do),
		cmocka_unit_test(every_variant_notes_and_stores_texts_as_the_plain_loops_do),
		cmocka_unit_test(texts_end_with_the_arena_and_with_the_window),
		cmocka_unit_test(every_length_and_place_of_the_point_is_read_alike),
		cmocka_unit_test(every_limit_is_seen_among_others),
		cmocka_unit_test(any_number_of_texts_is_read),
		cmocka_unit_test(every_character_of_a_number_is_looked_at),
		cmocka_unit_test(every_character_of_an_instant_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
