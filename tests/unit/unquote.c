/*
 * lib/unquote.c: texts lose the quotes around them, and only these; a column of such texts is filled to its end.
 */
#include "config.h"

#include "support.h"
#include "unquote.h"

#include <stdio.h>

/* Texts one behind another, with a comma behind each; positions stand two apart, as if of two fields. */
struct line {
	char bytes[FL_MARGIN + 32768]; /* text from FL_MARGIN on */
	uint32_t before[2048], end[2048];
	size_t nbytes, n;
};

static void add(struct line *line, const char *text)
{
	const size_t nbytes = strlen(text);

	assert_true(line->nbytes + nbytes < sizeof line->bytes - FL_MARGIN && 2 * line->n < LENGTH(line->before));
	line->before[2 * line->n] = (uint32_t)line->nbytes - 1;
	memcpy(line->bytes + FL_MARGIN + line->nbytes, text, nbytes);
	line->nbytes += nbytes;
	line->end[2 * line->n++] = (uint32_t)line->nbytes;
	line->bytes[FL_MARGIN + line->nbytes++] = ',';
}

static struct fl_slices slices_of(const struct line *line)
{
	return (struct fl_slices){.text = line->bytes + FL_MARGIN,
				  .before = line->before,
				  .end = line->end,
				  .before_step = 2,
				  .end_step = 2};
}

static void texts_lose_the_quotes_around_them(void **state)
{
	static const struct {
		const char *text, *inside;
	} texts[] = {{"\"12\"", "12"}, {"12", "12"},	     {"", ""},
		     {"\"\"", ""},     {" \"1\"", " \"1\""}, {"\"\"\"1\"\"\"", "\"\"1\"\""},
		     {"'1'", "'1'"},   {"\"-1.5\"", "-1.5"}};
	static struct line line;
	struct fl_slices slices;
	struct fl_unquoted unquoted;

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		add(&line, texts[i].text);
	slices = slices_of(&line);
	for (size_t first = 0; first < LENGTH(texts); first++) {
		const size_t n = LENGTH(texts) - first;

		fl_unquote(&unquoted, &slices, first, n, '"');
		for (size_t i = 0; i < n; i++) {
			const char *p = fl_slice_start(&unquoted.slices, i), *end = fl_slice_end(&unquoted.slices, i);

			assert_int_equal(end - p, strlen(texts[first + i].inside));
			assert_memory_equal(p, texts[first + i].inside, (size_t)(end - p));
		}
	}
}

/* Fills an i32 with n texts, of which one, if there are as many, is none. */
static void fill_quoted(size_t n, size_t bad)
{
	static struct line line;
	static int32_t elements[1000];
	flat_format *format = flat_format_parse("x:i32", NULL, NULL);
	const flat_column cells = {.base = elements};
	struct fl_slices slices;
	struct fl_column column;
	flat_column kept;
	fl_fault fault = FL_FINE;
	char text[32];

	line.n = line.nbytes = 0;
	memset(elements, 0, sizeof elements);
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "\"%zu%s\"", i + 1, i == bad ? "x" : "");
		add(&line, text);
	}
	slices = slices_of(&line);
	assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, fl_cpu_choose(NULL), NULL), FLAT_OK);
	assert_true(fl_seem_quoted(&column, &slices, n));
	assert_int_equal(fl_fill_column(&column, &slices, 0, n, &fault), bad < n ? bad : n);
	assert_int_equal(fault, bad < n ? FL_NOT_NUMBER : FL_FINE);
	for (size_t i = 0; i < n && i < bad; i++)
		assert_int_equal(elements[i], i + 1);
	flat_format_free(format);
}

static void as_many_as_there_are_are_filled(void **state)
{
	static const size_t sizes[] = {1, 2, 255, 256, 257, 511, 512, 513, 1000};

	(void)state;
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		fill_quoted(sizes[i], SIZE_MAX);
		fill_quoted(sizes[i], sizes[i] - 1);
		fill_quoted(sizes[i], sizes[i] / 2);
	}
}

/* A quote is no value, and not nothing either, which would be null. */
static void a_doubled_quote_is_not_nothing(void **state)
{
	static const char *const schemas[] = {"x:f64", "x:i32", "x:date"};
	static struct line line;
	struct fl_slices slices;
	char element[8];
	unsigned char valid;
	const flat_column cells = {.base = element, .validity = FLAT_VALIDITY_BYTE, .valid = &valid};

	(void)state;
	line.n = line.nbytes = 0;
	add(&line, "\"\"\"\"");
	slices = slices_of(&line);
	for (size_t i = 0; i < LENGTH(schemas); i++) {
		flat_format *format = flat_format_parse(schemas[i], NULL, NULL);
		struct fl_column column;
		flat_column kept;
		fl_fault fault = FL_FINE;

		assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, fl_cpu_choose(NULL), NULL), FLAT_OK);
		assert_int_equal(fl_convert_unquoted(&column, &slices, 0, 1, &fault), 0);
		assert_int_not_equal(fault, FL_FINE);
		flat_format_free(format);
	}
}

/* Which columns may be, and that no others seem to be. */
static void strings_and_trimmed_fields_keep_their_quotes(void **state)
{
	static const struct {
		const char *schema;
		flat_dialect dialect;
		bool unquotes;
	} fields[] = {{"x:f64", {.quote = 0}, true},	      {"x:bool", {.quote = 0}, true},
		      {"x:date", {.quote = '\''}, true},      {"x:str5", {.quote = 0}, false},
		      {"x:f64", {.quote = FLAT_NONE}, false}, {"x:f64", {.trim = true}, false}};
	char element[8];
	const flat_column cells = {.base = element};

	(void)state;
	for (size_t i = 0; i < LENGTH(fields); i++) {
		flat_format *format = flat_format_parse(fields[i].schema, &fields[i].dialect, NULL);
		struct fl_column column;
		flat_column kept;

		assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, fl_cpu_choose(NULL), NULL), FLAT_OK);
		assert_int_equal(column.unquotes, fields[i].unquotes);
		flat_format_free(format);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_lose_the_quotes_around_them),
		cmocka_unit_test(as_many_as_there_are_are_filled),
		cmocka_unit_test(a_doubled_quote_is_not_nothing),
		cmocka_unit_test(strings_and_trimmed_fields_keep_their_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
