/*
 * Random files whose fields are measured, and then loaded as what the measures say: that never fails, and every value is the one
 * that the text says, by strtod(), strtoll() and a calendar that counts year by year; strings byte for byte.
 *
 * FLATLOAD_TEST_COUNT says how many files are made; FLATLOAD_TEST_SEED makes others.
 */
#include "config.h"

#include "flatload.h"
#include "support/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_FIELDS = 4, MOST_RECORDS = 24, MOST_RECIPES = 3, CANARY = 0xA5, GUARD = 256 };

/* ----------------------------------------------------------------------------------------------- dice */

static uint64_t dice;

/* Less than n.  xorshift64* of Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled". */
static size_t roll(size_t n)
{
	dice ^= dice >> 12;
	dice ^= dice << 25;
	dice ^= dice >> 27;
	return (size_t)((dice * UINT64_C(0x2545F4914F6CDD1D) >> 33) % n);
}

static const char *pick(const char *const *words, size_t n)
{
	return words[roll(n)];
}
#define PICK(words) pick(words, sizeof(words) / sizeof *(words))

/* ----------------------------------------------------------------------------------------------- texts */

static void add_digits(struct text *text, size_t n)
{
	while (n-- > 0)
		text_print(text, "%c", (int)('0' + roll(10)));
}

static void make_small(struct text *text)
{
	text_print(text, "%d", (int)roll(300) - 100);
}

static void make_integer(struct text *text)
{
	const uint64_t word = (uint64_t)roll(1u << 31) << 33 ^ (uint64_t)roll(1u << 31) << 10 ^ roll(1024);

	if (roll(2))
		text_print(text, "%" PRIu64, word >> roll(64));
	else
		text_print(text, "%" PRId64, (int64_t)word >> roll(63));
}

static void make_edge(struct text *text)
{
	static const char *const edges[] = {
		"127", "128", "-128", "-129", "255", "256", "32767", "32768", "-32769", "65535", "65536", "16777216", "16777217", "-16777217",
		"2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9007199254740992", "9007199254740993",
		"9007199254740994", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
		"18446744073709551615", "18446744073709551616", "18446744073709549568", "99999999999999999999",
	};

	text_print(text, "%s", PICK(edges));
}

static void make_code(struct text *text)
{
	static const char *const heads[] = {"0", "00", "+", "-0", "+0", "-00", "0.", "-0."};

	text_print(text, "%s", PICK(heads));
	add_digits(text, roll(7));
}

static void make_float(struct text *text)
{
	text_print(text, "%s", roll(4) ? "" : "-");
	add_digits(text, roll(5) ? 1 + roll(4) : 0);
	text_print(text, ".");
	add_digits(text, roll(5) ? 1 + roll(roll(4) ? 5 : 30) : 0);
	if (roll(5) == 0)
		text_print(text, "%s%d", roll(2) ? "e" : "E", (int)roll(roll(2) ? 40 : 700) - (int)roll(340));
}

/* Exact in f32, too. */
static void make_quarter(struct text *text)
{
	text_print(text, "%d.%s", (int)roll(2000) - 1000, roll(2) ? "5" : "25");
}

static void make_extreme(struct text *text)
{
	static const char *const extremes[] = {
		"-0", "0.0", "-0.0", "0e5", "1e400", "-1e400", "1e-400", "5e-324", "2.4e-324", "1e308", "1.8e308", "3.4028235e38", "1e-45",
		"340282346638528859811704183484516925440.0", "1e5", "1E+5", "16777217.0", "1e22", "1e23", ".5", "5.", "0x10", "0x1p3",
	};

	text_print(text, "%s", PICK(extremes));
}

static void make_word(struct text *text)
{
	static const char *const words[] = {"inf", "-inf", "nan", "NaN", "Infinity", "-nan", "INF", "infinite", "+inf"};

	text_print(text, "%s", PICK(words));
}

static void make_bool(struct text *text)
{
	static const char *const bools[] = {"true", "false", "TRUE", "False"};

	text_print(text, "%s", roll(20) ? PICK(bools) : roll(2) ? "t" : "1");
}

static void make_date(struct text *text)
{
	static const char *const far[] = {"0000-01-01", "9999-12-31", "-0044-03-15", "+12345-01-01", "2000-02-29", "1900-02-29", "1969-12-31",
					  "+292277026-01-01", "2262-04-12", "1677-09-20", "-0000-03-01", "+999999-12-31"};

	if (roll(6) == 0)
		text_print(text, "%s", PICK(far));
	else
		text_print(text, "%04u-%02u-%02u", (unsigned)(1900 + roll(200)), (unsigned)(1 + roll(12)), (unsigned)(1 + roll(roll(9) ? 28 : 31)));
}

static void make_instant(struct text *text)
{
	static const char *const zones[] = {"", "", "Z", "z", "+01:00", "-0530", "+14", "-23:59"};

	make_date(text);
	text_print(text, "%s%02u:%02u", roll(3) ? "T" : " ", (unsigned)roll(24), (unsigned)roll(60));
	if (roll(6)) {
		text_print(text, ":%02u", (unsigned)roll(60));
		if (roll(2)) {
			text_print(text, ".");
			add_digits(text, 1 + roll(roll(8) ? 9 : 11));
		}
	}
	text_print(text, "%s", PICK(zones));
}

static void make_string(struct text *text)
{
	static const char bytes[] = "ab\"',;|\t \n\r\xC3\xA9\x01-.0\0";

	for (size_t n = roll(roll(4) ? 6 : 60); n > 0; n--)
		text_add(text, &bytes[roll(sizeof bytes - 1)], 1);
}

static void make_nasty(struct text *text)
{
	static const char *const nasty[] = {"NA", "null", "-", "+", ".", "1_000", "1 ", " 1", "1,5", "\"", "\"\"", "1-2", "2024-01-01 ", "12:30",
					    "2024-13-01", "T", "1\n", "\r\n", "1e", "--1", "1.2.3", "  ", "\t"};

	text_print(text, "%s", PICK(nasty));
}

static void make_nothing(struct text *text)
{
	(void)text;
}

typedef void recipe(struct text *text);

static recipe *const recipes[] = {make_small, make_integer, make_edge, make_code,    make_float,  make_quarter, make_extreme, make_word,
				  make_bool,  make_date,    make_date, make_instant, make_string, make_nasty,   make_nothing};

/* ----------------------------------------------------------------------------------------------- files */

struct cell {
	struct text text;
	bool quoted, null; /* null: spelled so, quoted or not */
};

struct file {
	flat_dialect dialect;
	const char *nulls[2];
	size_t nfields, nrecords;
	bool narrow;
	struct cell cells[MOST_RECORDS][MOST_FIELDS];
	struct text bytes;
};

static const char *const names[MOST_FIELDS] = {"a", "b", "c", "d"};

static void plan_file(struct file *file)
{
	static const int delimiters[] = {',', ';', '\t', '|'}, quotes[] = {'"', '"', '\'', FLAT_NONE};
	static const char *const spellings[] = {"NA", "", "-", "0", "nan", "1", "true", "2000-01-01", "-1"};

	file->nfields = 1 + roll(MOST_FIELDS);
	file->nrecords = roll(roll(3) ? 6 : MOST_RECORDS + 1);
	file->narrow = roll(2);
	file->nulls[0] = PICK(spellings);
	file->nulls[1] = PICK(spellings);
	file->dialect = (flat_dialect){
		.delimiter = delimiters[roll(2) ? 0 : roll(4)],
		.quote = quotes[roll(4)],
		.header = roll(2) ? FLAT_HEADER_NAMES : FLAT_HEADER_ABSENT,
		.trim = roll(4) == 0,
		.nulls = file->nulls,
		.nnulls = roll(3) ? 0 : 1 + roll(2),
	};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool needs_quotes(const struct file *file, const struct text *text)
{
	const int quote = file->dialect.quote;

	if (file->nfields == 1 && text->nbytes == 0)
		return true;
	if (file->dialect.trim && text->nbytes && (is_blank(text->bytes[0]) || is_blank(text->bytes[text->nbytes - 1])))
		return true;
	for (size_t i = 0; i < text->nbytes; i++) {
		const char c = text->bytes[i];

		if (c == '\n' || c == '\r' || c == (char)file->dialect.delimiter || (quote != FLAT_NONE && c == (char)quote))
			return true;
	}
	return false;
}

static bool is_spelled(const struct file *file, const struct text *text)
{
	for (size_t i = 0; i < file->dialect.nnulls; i++)
		if (strlen(file->nulls[i]) == text->nbytes && memcmp(file->nulls[i], text->bytes, text->nbytes) == 0)
			return true;
	return false;
}

/* Without quotes not every text can be said. */
static void make_cell(const struct file *file, struct cell *cell, recipe *const *some, size_t nsome)
{
	text_clear(&cell->text);
	text_add(&cell->text, "", 0);
	if (file->dialect.nnulls && roll(5) == 0)
		text_print(&cell->text, "%s", file->nulls[roll(file->dialect.nnulls)]);
	else
		some[roll(nsome)](&cell->text);
	if (file->dialect.quote == FLAT_NONE && needs_quotes(file, &cell->text)) {
		text_clear(&cell->text);
		text_print(&cell->text, "%d", (int)roll(100));
	}
	cell->quoted = file->dialect.quote != FLAT_NONE && (needs_quotes(file, &cell->text) || roll(8) == 0);
	cell->null = is_spelled(file, &cell->text);
}

static void add_blanks(struct file *file)
{
	if (file->dialect.trim && roll(4) == 0)
		text_print(&file->bytes, "%s", roll(2) && file->dialect.delimiter != '\t' ? "\t " : " ");
}

static void write_cell(struct file *file, const struct cell *cell)
{
	const char quote = (char)file->dialect.quote;

	add_blanks(file);
	if (!cell->quoted)
		text_add(&file->bytes, cell->text.bytes, cell->text.nbytes);
	for (size_t i = 0; cell->quoted && i < cell->text.nbytes + 2; i++) {
		const char c = i == 0 || i > cell->text.nbytes ? quote : cell->text.bytes[i - 1];

		text_add(&file->bytes, &c, 1);
		if (i > 0 && i <= cell->text.nbytes && c == quote)
			text_add(&file->bytes, &quote, 1);
	}
	add_blanks(file);
}

static void end_field(struct file *file, size_t field, bool last)
{
	const char delimiter = (char)file->dialect.delimiter;

	if (field + 1 < file->nfields)
		text_add(&file->bytes, &delimiter, 1);
	else if (!last || roll(3))
		text_print(&file->bytes, "%s", roll(4) ? "\n" : "\r\n");
}

/* Most columns are of one or two classes, so that not all are strings; and one text may come late. */
static void make_file(struct file *file)
{
	recipe *some[MOST_FIELDS][MOST_RECIPES];
	size_t nsome[MOST_FIELDS];

	text_clear(&file->bytes);
	text_add(&file->bytes, "", 0);
	for (size_t field = 0; field < file->nfields; field++) {
		nsome[field] = 1 + roll(MOST_RECIPES);
		for (size_t i = 0; i < nsome[field]; i++)
			some[field][i] = recipes[roll(sizeof recipes / sizeof *recipes)];
		if (file->dialect.header == FLAT_HEADER_NAMES) {
			text_print(&file->bytes, "%s", names[field]);
			end_field(file, field, false);
		}
	}
	for (size_t record = 0; record < file->nrecords; record++)
		for (size_t field = 0; field < file->nfields; field++) {
			bool late = record + 1 == file->nrecords;

			make_cell(file, &file->cells[record][field], some[field], late ? nsome[field] : (nsome[field] + 1) / 2);
			write_cell(file, &file->cells[record][field]);
			end_field(file, field, late);
		}
}

/* --------------------------------------------------------------------------------------------- complaints */

/* What went wrong first, or empty. */
static char complaint[1200];

static void complain(const char *what, const char *detail)
{
	if (!*complaint)
		snprintf(complaint, sizeof complaint, "%s%s%s", what, *detail ? ": " : "", detail);
}

static void check(bool fine, const char *what)
{
	if (!fine)
		complain(what, "");
}

/* ------------------------------------------------------------------------------------------------ reading */

static flat_format *make_format(const struct file *file, const flat_field *fields)
{
	flat_error error;
	flat_format *format = flat_format_new(&file->dialect, fields, file->nfields, &error);

	if (!format)
		complain("no format", error.message);
	return format;
}

static flat_reader *open_file(const struct file *file, const flat_format *format)
{
	const flat_reader_options options = {.window = roll(2) ? 1 + roll(200) : 0, .max_record = 1 << 14, .max_fields = 64};
	const flat_source source = flat_source_memory(file->bytes.bytes, file->bytes.nbytes, "file");
	flat_error error;
	flat_reader *reader = flat_reader_open_source(format, &source, &options, &error);

	if (!reader)
		complain("the file cannot be opened", error.message);
	return reader;
}

static void check_reading(const flat_reader *reader, size_t stored, size_t expected)
{
	flat_error error;

	if (flat_reader_failed(reader, &error))
		complain("reading failed", error.message);
	else
		check(stored == expected, "another number of records was read than was written");
}

/* Bound anew in the middle, the parts are joined: the type must not depend on it. */
static void measure_file(const struct file *file, flat_measure *measures)
{
	flat_field fields[MOST_FIELDS] = {{.name = NULL}};
	flat_measure parts[2][MOST_FIELDS] = {{{.texts = 0}}};
	const size_t cut = roll(file->nrecords + 1);
	flat_format *format;
	flat_reader *reader;
	size_t stored = 0;

	for (size_t i = 0; i < file->nfields; i++)
		fields[i] = (flat_field){.name = names[i], .type = FLAT_TEXT};
	format = make_format(file, fields);
	reader = format ? open_file(file, format) : NULL;
	for (size_t part = 0; reader && part < 2; part++) {
		for (size_t i = 0; i < file->nfields; i++)
			check(flat_bind_measure(reader, i, &parts[part][i]) == FLAT_OK, "a measure cannot be bound");
		stored += flat_read(reader, part ? SIZE_MAX : cut);
	}
	if (reader)
		check_reading(reader, stored, file->nrecords);
	for (size_t i = 0; i < file->nfields; i++) {
		measures[i] = roll(2) ? flat_measure_join(&parts[0][i], &parts[1][i]) : flat_measure_join(&parts[1][i], &parts[0][i]);
		check(measures[i].texts == file->nrecords, "another number of texts was measured than was written");
	}
	flat_reader_close(reader);
	flat_format_free(format);
}

/* ----------------------------------------------------------------------------------------------- loading */

struct block {
	unsigned char *bytes; /* GUARD canaries, what was asked for, and canaries again */
	size_t nbytes;
	flat_column columns[MOST_FIELDS];
};

static void open_block(struct block *block, const flat_format *format, size_t nrecords, const flat_measure *measures)
{
	block->nbytes = flat_lay_out(format, nrecords, measures, NULL, NULL);
	check(block->nbytes > 0, "the columns cannot be laid out");
	block->bytes = aligned_alloc(64, block->nbytes + 2 * GUARD);
	if (!block->bytes)
		abort();
	memset(block->bytes, CANARY, block->nbytes + 2 * GUARD);
	check(flat_lay_out(format, nrecords, measures, block->bytes + GUARD, block->columns) == block->nbytes,
	      "another number of bytes is laid out than was told");
}

static void check_canaries(const struct block *block)
{
	for (size_t i = 0; i < GUARD; i++)
		check(block->bytes[i] == CANARY && block->bytes[GUARD + block->nbytes + i] == CANARY, "something outside the block was written");
}

static void load_file(const struct file *file, const flat_format *format, struct block *block)
{
	flat_reader *reader = open_file(file, format);

	if (!reader)
		return;
	for (size_t i = 0; i < file->nfields; i++)
		check(flat_bind_column(reader, i, &block->columns[i]) == FLAT_OK, "a column cannot be bound");
	check_reading(reader, flat_read(reader, SIZE_MAX), file->nrecords);
	check_canaries(block);
	flat_reader_close(reader);
}

/* ------------------------------------------------------------------------------------------- other readers */

/* Days since 1970 of the first of a month, counted in steps of 400, 100, 4 and 1 years. */
static int64_t count_days(int64_t year, unsigned month, unsigned day)
{
	static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t cycles = year / 400 - (year % 400 < 0), y = year - 400 * cycles, days = cycles * 146097 - 719528;

	for (int64_t i = 0; i < y; i++)
		days += i % 4 == 0 && (i % 100 != 0 || i == 0) ? 366 : 365;
	days += before[month - 1] + (month > 2 && y % 4 == 0 && (y % 100 != 0 || y == 0));
	return days + day - 1;
}

/* The text is known to be a date, maybe with a time behind it. */
static const char *read_date(const char *p, int64_t *days)
{
	unsigned month, day;
	char *end;
	const long long year = strtoll(p, &end, 10);

	if (sscanf(end, "-%2u-%2u", &month, &day) != 2 || month < 1 || month > 12)
		complain("a date was taken for one", p);
	else
		*days = count_days(year, month, day);
	return end + 6;
}

static int64_t read_offset(const char *p)
{
	unsigned hours, minutes = 0;

	if (*p != '+' && *p != '-')
		return 0;
	sscanf(p + 1, "%2u", &hours);
	if (p[3])
		sscanf(p + 3 + (p[3] == ':'), "%2u", &minutes);
	return (*p == '-' ? -60 : 60) * (int64_t)(hours * 60 + minutes);
}

static int64_t read_instant(const char *p, int64_t per_second)
{
	unsigned hour = 0, minute = 0, second = 0;
	int64_t days = 0, ticks = 0, scale = per_second;
	uint64_t seconds;

	p = read_date(p, &days);
	if (*p) {
		sscanf(p + 1, "%2u:%2u", &hour, &minute);
		p += 6;
	}
	if (*p == ':') {
		sscanf(p + 1, "%2u", &second);
		p += 3;
	}
	for (p += *p == '.'; *p >= '0' && *p <= '9'; p++) {
		scale /= 10;
		ticks += scale * (*p - '0');
		check(scale > 0 || *p == '0', "a fraction was cut");
	}
	seconds = (uint64_t)days * 86400 + (uint64_t)((hour * 60 + minute) * 60 + second) - (uint64_t)read_offset(p);
	return (int64_t)(seconds * (uint64_t)per_second + (uint64_t)ticks);
}

static bool is_integer_text(const char *p)
{
	p += *p == '-';
	return *p && strspn(p, "0123456789") == strlen(p);
}

/* A code must not have become a number, nor must a number that its type cannot hold. */
static void check_number_text(const char *p, double value)
{
	char exact[400];
	const char *digits = p + (*p == '-');

	check(*p != '+', "a number with a '+' was not kept as it is");
	check(!(digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9'), "leading zeros were lost");
	check(!isinf(value) || !strpbrk(p, "0123456789"), "a number became infinite");
	check(value != 0 || strcspn(p, "123456789") >= strcspn(p, "eE"), "a number became 0");
	snprintf(exact, sizeof exact, "%.0f", value);
	check(!is_integer_text(p) || strcmp(exact, p) == 0, "an integer was rounded");
}

/* ------------------------------------------------------------------------------------------------ values */

/* The least and greatest of what was loaded, and how many. */
struct reach {
	uint64_t n, nulls;
	int64_t least_signed, greatest_signed;
	uint64_t least_unsigned, greatest_unsigned;
	double least, greatest;
	size_t widest; /* bytes of a string */
};

static int64_t load_signed(const void *element, size_t width)
{
	int64_t wide;
	int32_t i32;
	int16_t i16;

	switch (width) {
	case 1:
		return *(const signed char *)element;
	case 2:
		memcpy(&i16, element, 2);
		return i16;
	case 4:
		memcpy(&i32, element, 4);
		return i32;
	default:
		memcpy(&wide, element, 8);
		return wide;
	}
}

static uint64_t load_unsigned(const void *element, size_t width)
{
	const uint64_t mask = UINT64_MAX >> (64 - 8 * width);

	return (uint64_t)load_signed(element, width) & mask;
}

static double load_float(const void *element, size_t width)
{
	double f64;
	float f32;

	if (width == 8) {
		memcpy(&f64, element, 8);
		return f64;
	}
	memcpy(&f32, element, 4);
	return (double)f32;
}

static void reach_signed(struct reach *reach, int64_t value)
{
	if (!reach->n || value < reach->least_signed)
		reach->least_signed = value;
	if (!reach->n || value > reach->greatest_signed)
		reach->greatest_signed = value;
	reach->n++;
}

static void reach_unsigned(struct reach *reach, uint64_t value)
{
	if (!reach->n || value < reach->least_unsigned)
		reach->least_unsigned = value;
	if (!reach->n || value > reach->greatest_unsigned)
		reach->greatest_unsigned = value;
	reach->n++;
}

static void reach_float(struct reach *reach, double value)
{
	if (!isfinite(value))
		return;
	if (!reach->n || value < reach->least)
		reach->least = value;
	if (!reach->n || value > reach->greatest)
		reach->greatest = value;
	reach->n++;
}

static void compare_integer(flat_type type, const char *text, const void *element, size_t width, struct reach *reach)
{
	errno = 0;
	if (type >= FLAT_U8) {
		check(load_unsigned(element, width) == strtoull(text, NULL, 10) && errno == 0, "an integer has another value");
		reach_unsigned(reach, load_unsigned(element, width));
	} else {
		check(load_signed(element, width) == strtoll(text, NULL, 10) && errno == 0, "an integer has another value");
		reach_signed(reach, load_signed(element, width));
	}
}

static void compare_float(const char *text, const void *element, size_t width, struct reach *reach)
{
	const double value = load_float(element, width), expected = strtod(text, NULL);

	check((isnan(value) && isnan(expected)) || (value == expected && !signbit(value) == !signbit(expected)), "a float has another value");
	check_number_text(text, value);
	reach_float(reach, value);
}

static void compare_value(const flat_field *field, const char *text, const void *element, struct reach *reach)
{
	static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
	const size_t width = flat_field_width(field);
	int64_t days = 0;

	if (field->type == FLAT_BOOL) {
		check(*(const unsigned char *)element == (strcasecmp(text, "true") == 0), "a bool has another value");
		check(strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0, "what is no bool was taken for one");
	} else if (field->type <= FLAT_U64) {
		compare_integer(field->type, text, element, width, reach);
	} else if (field->type <= FLAT_F64) {
		compare_float(text, element, width, reach);
	} else if (field->type == FLAT_DATE) {
		check(*read_date(text, &days) == '\0' && load_signed(element, 8) == days, "a date has another value");
		reach_signed(reach, days);
	} else {
		check(load_signed(element, 8) == read_instant(text, per_second[field->type - FLAT_TIMESTAMP_S]), "an instant has another value");
		reach_signed(reach, load_signed(element, 8));
	}
}

static bool is_string(flat_type type)
{
	return type == FLAT_STR || type == FLAT_TEXT;
}

static bool is_null(const struct cell *cell, flat_type type)
{
	return is_string(type) ? cell->null && !cell->quoted : cell->null || cell->text.nbytes == 0;
}

static void compare_string(const flat_field *field, const flat_column *column, size_t i, const struct text *expected)
{
	const char *cell = (const char *)column->base + i * field->width;
	const uint64_t *offsets = column->base;
	size_t nbytes = expected->nbytes;

	if (field->type == FLAT_TEXT) {
		check(offsets[i + 1] - offsets[i] == nbytes && memcmp(column->arena + offsets[i], expected->bytes, nbytes) == 0,
		      "a text has other bytes");
		return;
	}
	check(nbytes <= field->width && memcmp(cell, expected->bytes, nbytes) == 0, "a string has other bytes");
	for (; nbytes < field->width; nbytes++)
		check(cell[nbytes] == '\0', "a string is not padded with zeros");
}

/* What stands for null where there is a bitmap, and where there is none. */
static void compare_null(const flat_field *field, const flat_column *column, size_t i)
{
	const char *element = (const char *)column->base + i * flat_field_width(field);
	const unsigned char *valid = column->valid;

	if (field->type <= FLAT_U64)
		check(valid && !(valid[i / 8] >> i % 8 & 1), "a null is not marked as one");
	else if (field->type <= FLAT_F64)
		check(isnan(load_float(element, flat_field_width(field))), "a null is not NaN");
	else
		check(load_signed(element, 8) == INT64_MIN, "a null is not NaT");
}

static void compare_cell(const flat_field *field, const flat_column *column, const struct cell *cell, size_t i, struct reach *reach)
{
	char nothing[] = "";
	const struct text empty = {.bytes = nothing};
	const unsigned char *valid = column->valid;
	const bool null = is_null(cell, field->type);

	reach->nulls += null;
	if (is_string(field->type)) {
		compare_string(field, column, i, null ? &empty : &cell->text);
		if (!null && cell->text.nbytes > reach->widest)
			reach->widest = cell->text.nbytes;
	} else if (null) {
		compare_null(field, column, i);
	} else {
		check(!valid || valid[i / 8] >> i % 8 & 1, "a value is marked as null");
		compare_value(field, cell->text.bytes, (const char *)column->base + i * flat_field_width(field), reach);
	}
}

/* ------------------------------------------------------------------------------------------------- reach */

static void check_reach_of_integers(const flat_measure *measure, flat_type type, const struct reach *reach)
{
	const bool naturals = measure->integers > measure->negatives;

	check(reach->n == measure->integers, "another number of integers was loaded than measured");
	if (type >= FLAT_U8) {
		check(naturals && !measure->negatives, "negatives are in an unsigned column");
		check(reach->least_unsigned == measure->least_natural && reach->greatest_unsigned == measure->greatest_natural,
		      "the measured reach is not that of the values");
		return;
	}
	check(reach->least_signed == (measure->negatives ? measure->least_negative : (int64_t)measure->least_natural) &&
		      reach->greatest_signed == (naturals ? (int64_t)measure->greatest_natural : measure->greatest_negative),
	      "the measured reach is not that of the values");
}

static void widen(struct reach *reach, double least, double greatest)
{
	reach_float(reach, least);
	reach_float(reach, greatest);
}

static void check_reach_of_floats(const flat_measure *measure, const struct reach *reach)
{
	struct reach measured = {.n = 0};

	check(reach->n == measure->integers + measure->floats, "another number of numbers was loaded than measured");
	if (measure->floats)
		widen(&measured, measure->least_float, measure->greatest_float);
	if (measure->negatives)
		widen(&measured, (double)measure->least_negative, (double)measure->greatest_negative);
	if (measure->integers > measure->negatives)
		widen(&measured, (double)measure->least_natural, (double)measure->greatest_natural);
	check(measured.least == reach->least && measured.greatest == reach->greatest, "the measured reach is not that of the values");
}

static int64_t floor_of(int64_t value, int64_t unit)
{
	return value / unit - (value % unit < 0);
}

static void check_reach_of_instants(const flat_measure *measure, flat_type type, const struct reach *reach)
{
	static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
	const int64_t unit = per_second[type - FLAT_TIMESTAMP_S];
	int64_t least = measure->least_second, greatest = measure->greatest_second;

	check(measure->instants > 0, "dates alone are no instants");
	check(measure->finest == (uint64_t)(type - FLAT_TIMESTAMP_S), "the unit is not the coarsest that does");
	if (measure->dates && measure->least_date * 86400 < least)
		least = measure->least_date * 86400;
	if (measure->dates && measure->greatest_date * 86400 > greatest)
		greatest = measure->greatest_date * 86400;
	check(floor_of(reach->least_signed, unit) == least && floor_of(reach->greatest_signed, unit) == greatest,
	      "the measured reach is not that of the values");
}

static void check_reach(const flat_measure *measure, flat_type type, const struct reach *reach)
{
	check(flat_measure_nulls(measure, type) == reach->nulls, "another number of nulls was loaded than measured");
	if (type == FLAT_BOOL || is_string(type))
		return;
	if (type <= FLAT_U64)
		check_reach_of_integers(measure, type, reach);
	else if (type <= FLAT_F64)
		check_reach_of_floats(measure, reach);
	else if (type == FLAT_DATE)
		check(reach->least_signed == measure->least_date && reach->greatest_signed == measure->greatest_date,
		      "the measured reach is not that of the values");
	else
		check_reach_of_instants(measure, type, reach);
}

/* No type that comes before it would do, and no narrower string. */
static void check_narrowness(const flat_field *field, bool narrow, const struct reach *reach)
{
	const flat_type type = field->type;

	if (type == FLAT_STR)
		check(field->width == (reach->widest ? reach->widest : 1), "a string is wider than need be");
	else if (type == FLAT_U64)
		check(reach->greatest_unsigned > INT64_MAX, "an i64 would do");
	else if (!narrow && type <= FLAT_U64 && type != FLAT_BOOL)
		check(type == FLAT_I64, "narrow was not asked for");
	else if (!narrow)
		check(type != FLAT_F32, "narrow was not asked for");
	else if (type == FLAT_I64)
		check(reach->least_signed < INT32_MIN || (reach->least_signed < 0 && reach->greatest_signed > INT32_MAX) ||
			      reach->greatest_signed > UINT32_MAX,
		      "less than an i64 would do");
	else if (type == FLAT_I16)
		check(reach->least_signed < INT8_MIN || (reach->least_signed < 0 && reach->greatest_signed > INT8_MAX) ||
			      reach->greatest_signed > UINT8_MAX,
		      "less than an i16 would do");
}

/* ------------------------------------------------------------------------------------------------ writing */

/* A column of integers, written alone, has the texts that it was read from. */
static void write_back(const struct file *file, size_t i, const flat_field *field, const flat_column *column)
{
	flat_dialect dialect = {.header = FLAT_HEADER_ABSENT, .nulls = file->nulls, .nnulls = file->dialect.nnulls};
	struct text expected = {.bytes = NULL};
	char written[MOST_RECORDS * 32];
	const flat_sink sink = flat_sink_memory(written, sizeof written, "column");
	flat_error error = {.status = FLAT_OK};
	flat_format *format = flat_format_new(&dialect, field, 1, &error);
	flat_writer *writer = format ? flat_writer_open_sink(format, &sink, NULL, &error) : NULL;
	flat_written counts = {.bytes = 0};

	if (!writer) {
		complain("the column cannot be written", error.message);
		flat_format_free(format);
		return;
	}
	for (size_t k = 0; k < file->nrecords; k++) {
		const struct cell *cell = &file->cells[k][i];
		const char *null = dialect.nnulls && *file->nulls[0] ? file->nulls[0] : "\"\"";

		text_print(&expected, "%s\n", is_null(cell, field->type) ? null : cell->text.bytes);
	}
	check(flat_writer_bind_column(writer, 0, column) == FLAT_OK, "the column cannot be bound for writing");
	if (flat_write(writer, file->nrecords) != file->nrecords && flat_writer_failed(writer, &error))
		complain("writing failed", error.message);
	check(flat_writer_flush(writer) == FLAT_OK, "what was written cannot be flushed");
	counts = flat_writer_counts(writer);
	check(counts.bytes == expected.nbytes && (!expected.nbytes || memcmp(written, expected.bytes, expected.nbytes) == 0),
	      "an integer is written differently");
	check(flat_writer_close(writer, NULL) == FLAT_OK, "the writer failed late");
	flat_format_free(format);
	text_free(&expected);
}

/* -------------------------------------------------------------------------------------------------- files */

/* How many columns were of each type, so that a generator that makes but strings is seen. */
static uint64_t seen[FLAT_TIMESTAMP_NS + 1];

static void check_columns(const struct file *file, const flat_field *fields, const flat_measure *measures, const struct block *block)
{
	for (size_t i = 0; i < file->nfields && !*complaint; i++) {
		const flat_type type = fields[i].type;
		struct reach reach = {.n = 0};

		seen[type]++;
		for (size_t k = 0; k < file->nrecords; k++)
			compare_cell(&fields[i], &block->columns[i], &file->cells[k][i], k, &reach);
		check_reach(&measures[i], type, &reach);
		check_narrowness(&fields[i], file->narrow, &reach);
		if (type <= FLAT_U64 && type != FLAT_BOOL)
			write_back(file, i, &fields[i], &block->columns[i]);
		if (type == FLAT_TEXT)
			check(((const uint64_t *)block->columns[i].base)[file->nrecords] <= measures[i].nbytes, "more bytes of text than measured");
	}
}

static void explain(const struct file *file, const flat_field *fields, uint64_t seed)
{
	struct text quoted = {.bytes = NULL};

	printf("# file %" PRIu64 ": %s\n", seed, complaint);
	printf("# delimiter %d, quote %d%s%s\n", file->dialect.delimiter, file->dialect.quote, file->dialect.trim ? ", trim" : "",
	       file->narrow ? ", narrow" : "");
	for (size_t i = 0; i < file->dialect.nnulls; i++)
		printf("# null \"%s\"\n", file->nulls[i]);
	for (size_t i = 0; i < file->nfields; i++)
		printf("# %s: %s %u\n", names[i], flat_type_name(fields[i].type), (unsigned)fields[i].width);
	text_add_quoted(&quoted, file->bytes.bytes, file->bytes.nbytes);
	printf("# %s\n", quoted.bytes);
	text_free(&quoted);
}

static bool try_file(struct file *file, uint64_t seed)
{
	flat_measure measures[MOST_FIELDS] = {{.texts = 0}};
	flat_field fields[MOST_FIELDS] = {{.name = NULL}};
	struct block block = {.bytes = NULL};
	flat_format *format;

	/* The generator must not start at 0, and near seeds should not give near files. */
	dice = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
	roll(1);
	*complaint = '\0';
	plan_file(file);
	make_file(file);
	measure_file(file, measures);
	for (size_t i = 0; i < file->nfields; i++) {
		fields[i] = flat_measure_type(&measures[i], file->narrow);
		fields[i].name = names[i];
	}
	format = make_format(file, fields);
	if (format) {
		open_block(&block, format, file->nrecords, measures);
		load_file(file, format, &block);
		if (!*complaint)
			check_columns(file, fields, measures, &block);
	}
	if (*complaint)
		explain(file, fields, seed);
	free(block.bytes);
	flat_format_free(format);
	return !*complaint;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
	const char *value = getenv(variable);

	return value && *value ? strtoull(value, NULL, 10) : otherwise;
}

static void free_file(struct file *file)
{
	for (size_t i = 0; i < MOST_RECORDS; i++)
		for (size_t k = 0; k < MOST_FIELDS; k++)
			text_free(&file->cells[i][k].text);
	text_free(&file->bytes);
}

int main(void)
{
	static struct file file;
	uint64_t most = number_from("FLATLOAD_TEST_MOST", UINT64_MAX), count = number_from("FLATLOAD_TEST_COUNT", 250000);
	uint64_t first = number_from("FLATLOAD_TEST_SEED", 0);
	bool fine = true, all = true;

	count = count < most ? count : most;
	printf("1..2\n");
	for (uint64_t i = 0; i < count && fine; i++)
		fine = try_file(&file, first + i);
	printf("%s 1 - what a survey says loads, without error, and is what the texts say\n", fine ? "ok" : "not ok");
	for (int type = FLAT_BOOL; type <= FLAT_TIMESTAMP_NS; type++) {
		printf("# %s: %" PRIu64 "\n", flat_type_name((flat_type)type), seen[type]);
		all = all && (seen[type] > 0 || count < 10000);
	}
	printf("%s 2 - the files have fields of all types\n", all ? "ok" : "not ok");
	free_file(&file);
	return fine && all ? EXIT_SUCCESS : EXIT_FAILURE;
}
