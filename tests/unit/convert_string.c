/*
 * lib/convert_string.c: texts in place with padding, and texts in an arena with offsets.
 */
#include "config.h"

#include "column.h"
#include "support.h"

#include <stdio.h>

/* One at a time. */
static struct fl_column bind(const flat_format *format, flat_column cells)
{
	static flat_column kept;
	struct fl_column column;

	assert_int_equal(fl_column_bind(&column, &kept, format, 0, &cells, fl_cpu_choose(NULL), NULL), FLAT_OK);
	return column;
}

/* ---------------------------------------------------------------------------------------------------- str */

static void a_str_is_padded_with_zeros_and_no_byte_beside_it_is_written(void **state)
{
	static const char *const values[] = {"", "a", "abc", "abcd", "a\"b", "\"\"\"\"", "x|y"};
	flat_format *format = flat_format_parse("x:str4", NULL, NULL);
	static const size_t strides[] = {0, 4, 5, 9};

	(void)state;
	for (size_t s = 0; s < LENGTH(strides); s++) {
		for (size_t place = 0; place < 4; place++) {
			const size_t stride = strides[s] ? strides[s] : 4;
			unsigned char found[100], expected[100];
			uint32_t lengths[20];
			struct fl_column column = bind(format, (flat_column){.base = found + place, .stride = strides[s],
									      .lengths = lengths, .lengths_stride = 8});

			memset(found, CANARY, sizeof found);
			memset(expected, CANARY, sizeof expected);
			memset(lengths, CANARY, sizeof lengths);
			for (size_t i = 0; i < 6; i++) {
				memset(expected + place + (i + 1) * stride, 0, 4);
				memcpy(expected + place + (i + 1) * stride, values[i], strlen(values[i]));
			}
			fill_all(&column, 1, "|a|\"abc\"|abcd|\"a\"\"b\"|\"\"\"\"\"\"\"\"\"\"");
			assert_memory_equal(found, expected, sizeof found);
			for (size_t i = 0; i < LENGTH(lengths); i++) {
				const bool set = i % 2 == 0 && i >= 2 && i < 14;

				assert_int_equal(lengths[i], set ? strlen(values[i / 2 - 1]) : UINT32_C(0xA5A5A5A5));
			}
		}
	}
	flat_format_free(format);
}

static void a_str_longer_than_its_field_is_never_cut(void **state)
{
	static const char *const bad[] = {"abcde", "\"abcde\"", "\"a\"\"\"\"bc\"\"\"", "\"abcd\"\"\"", "\xC3\xA9\xC3\xA9\xC3"};
	flat_format *format = flat_format_parse("x:str4", NULL, NULL);

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		char *elements = guarded(8);
		struct fl_column column = bind(format, (flat_column){.base = elements});
		char texts[60];
		fl_fault fault;

		/* The bad one is the last element before a guard page. */
		snprintf(texts, sizeof texts, "ab|%s", bad[i]);
		assert_int_equal(fill(&column, 0, texts, &fault), 1);
		assert_int_equal(fault, FL_TOO_WIDE);
		assert_memory_equal(elements, "ab\0", 4);
		release(elements, 8);
	}
	flat_format_free(format);
}

static void a_str_just_as_wide_as_its_field_fits_however_it_is_quoted(void **state)
{
	flat_format *format = flat_format_parse("x:str4", NULL, NULL);
	char *elements = guarded(16);
	struct fl_column column = bind(format, (flat_column){.base = elements});

	(void)state;
	fill_all(&column, 0, "abcd|\"abcd\"|\"a\"\"\"\"d\"|\"abc\"\"\"");
	assert_memory_equal(elements, "abcdabcda\"\"dabc\"", 16);
	release(elements, 16);
	flat_format_free(format);
}

static void zero_bytes_are_bytes(void **state)
{
	static const char texts[] = "a\0b|\0|a\0\0";
	flat_format *format = flat_format_parse("x:str4", NULL, NULL);
	uint32_t lengths[3];
	char elements[12];
	struct fl_column column = bind(format, (flat_column){.base = elements, .lengths = lengths});
	fl_fault fault;

	(void)state;
	assert_int_equal(fill_bytes(&column, 0, texts, sizeof texts - 1, &fault), 3);
	assert_memory_equal(elements, "a\0b\0\0\0\0\0a\0\0\0", 12);
	assert_int_equal(lengths[0], 3);
	assert_int_equal(lengths[1], 1);
	assert_int_equal(lengths[2], 3);
	flat_format_free(format);
}

static void a_zero_byte_at_the_end_needs_lengths(void **state)
{
	static const char texts[] = "a\0b|b\0|c", quoted[] = "\"a\0\"", full[] = "abc\0";
	flat_format *format = flat_format_parse("x:str4", NULL, NULL);
	char elements[12];
	struct fl_column column = bind(format, (flat_column){.base = elements});
	fl_fault fault;

	(void)state;
	assert_int_equal(fill_bytes(&column, 0, texts, sizeof texts - 1, &fault), 1);
	assert_int_equal(fault, FL_ENDS_IN_NUL);
	assert_int_equal(fill_bytes(&column, 0, quoted, sizeof quoted - 1, &fault), 0);
	assert_int_equal(fault, FL_ENDS_IN_NUL);
	assert_int_equal(fill_bytes(&column, 0, full, sizeof full - 1, &fault), 0);
	assert_int_equal(fault, FL_ENDS_IN_NUL);
	flat_format_free(format);
}

static void a_null_str_is_spelled_without_quotes(void **state)
{
	static const char *const nulls[] = {"NA", ""};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 2};
	flat_format *format = flat_format_parse("x:str4", &dialect, NULL);
	char elements[28];
	unsigned char valid[1] = {0x80};
	uint32_t lengths[7];
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BITMAP, .valid = valid,
							      .lengths = lengths});
	const uint32_t expected[] = {1, 0, 2, 0, 0, 3, 2};

	(void)state;
	memset(elements, CANARY, sizeof elements);
	fill_all(&column, 0, "a|NA|\"NA\"||\"\"|NAN|na");
	assert_int_equal(valid[0], 0xF5);
	assert_memory_equal(elements, "a\0\0\0\0\0\0\0NA\0\0\0\0\0\0\0\0\0\0NAN\0na\0\0", 28);
	assert_memory_equal(lengths, expected, sizeof expected);
	flat_format_free(format);
}

static void an_empty_str_is_a_value_unless_spelled_null(void **state)
{
	flat_format *format = flat_format_parse("x:str2", NULL, NULL);
	char elements[4];
	unsigned char valid[2];
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BYTE, .valid = valid});

	(void)state;
	fill_all(&column, 0, "|\"\"");
	assert_memory_equal(valid, "\1\1", 2);
	assert_memory_equal(elements, "\0\0\0\0", 4);
	flat_format_free(format);
}

static void a_null_str_may_be_a_sentinel_or_empty(void **state)
{
	static const char *const nulls[] = {"NA"};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 1};
	flat_format *format = flat_format_parse("x:str3", &dialect, NULL);
	char elements[6];
	uint32_t lengths[2];
	struct fl_column column = bind(format, (flat_column){.base = elements, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = "\xFF\xFE",
							      .lengths = lengths});

	(void)state;
	fill_all(&column, 0, "ab|NA");
	assert_memory_equal(elements, "ab\0\xFF\xFE\0", 6);
	assert_int_equal(lengths[1], 0);
	memset(elements, CANARY, sizeof elements);
	column = bind(format, (flat_column){.base = elements});
	fill_all(&column, 0, "ab|NA");
	assert_memory_equal(elements, "ab\0\0\0\0", 6);
	flat_format_free(format);
}

static void blanks_belong_to_a_str_unless_trimmed(void **state)
{
	static const char *const nulls[] = {"NA"};
	const flat_dialect dialect = {.trim = true, .nulls = nulls, .nnulls = 1};
	flat_format *kept = flat_format_parse("x:str4", NULL, NULL), *trimmed = flat_format_parse("x:str4", &dialect, NULL);
	char elements[20];
	unsigned char valid[5];
	struct fl_column column = bind(kept, (flat_column){.base = elements});

	(void)state;
	fill_all(&column, 0, " a |\t");
	assert_memory_equal(elements, " a \0\t\0\0\0", 8);
	column = bind(trimmed, (flat_column){.base = elements, .validity = FLAT_VALIDITY_BYTE, .valid = valid});
	fill_all(&column, 0, "  abcd\t|\" a \" | |\tNA |a b");
	assert_memory_equal(elements, "abcd a \0\0\0\0\0\0\0\0\0a b\0", 20);
	assert_memory_equal(valid, "\1\1\1\0\1", 5);
	flat_format_free(kept);
	flat_format_free(trimmed);
}

static void without_a_quote_character_quotes_are_text(void **state)
{
	flat_format *format = flat_format_parse("x:str4", &(flat_dialect){.quote = FLAT_NONE}, NULL);
	char elements[8];
	struct fl_column column = bind(format, (flat_column){.base = elements});

	(void)state;
	fill_all(&column, 0, "\"a\"|\"\"");
	assert_memory_equal(elements, "\"a\"\0\"\"\0\0", 8);
	flat_format_free(format);
}

/* --------------------------------------------------------------------------------------------------- text */

static void texts_lie_one_behind_the_other(void **state)
{
	flat_format *format = flat_format_parse("x:text", NULL, NULL);
	uint64_t offsets[6] = {9, 9, 9, 9, 9, 77};
	char arena[40];
	struct fl_column column = bind(format, (flat_column){.base = offsets, .arena = arena, .arena_nbytes = sizeof arena});
	const uint64_t expected[] = {0, 3, 3, 6, 10, 77};

	(void)state;
	memset(arena, CANARY, sizeof arena);
	fill_all(&column, 0, "abc||\"d\"\"e\"|fghi");
	assert_memory_equal(offsets, expected, sizeof expected);
	assert_memory_equal(arena, "abcd\"efghi\xA5", 11);
	flat_format_free(format);
}

static void offsets_go_on_from_the_first_element(void **state)
{
	flat_format *format = flat_format_parse("x:text", NULL, NULL);
	uint64_t offsets[6];
	char arena[40];
	struct fl_column column = bind(format, (flat_column){.base = offsets, .arena = arena, .arena_nbytes = sizeof arena});
	const uint64_t expected[] = {0, 2, 3, 5, 6}, anew[] = {0, 1, 3, 5, 6};

	(void)state;
	fill_all(&column, 0, "ab|c");
	fill_all(&column, 2, "de|f");
	assert_memory_equal(offsets, expected, sizeof expected);
	assert_memory_equal(arena, "abcdef", 6);
	fill_all(&column, 0, "x");
	assert_memory_equal(offsets, anew, sizeof anew);
	assert_memory_equal(arena, "xbcdef", 6);
	flat_format_free(format);
}

static void offsets_may_lie_anywhere_at_any_stride(void **state)
{
	flat_format *format = flat_format_parse("x:text", NULL, NULL);
	unsigned char found[60], expected[60];
	char arena[8];
	struct fl_column column = bind(format, (flat_column){.base = found + 3, .stride = 13, .arena = arena, .arena_nbytes = sizeof arena});

	(void)state;
	memset(found, CANARY, sizeof found);
	memset(expected, CANARY, sizeof expected);
	for (uint64_t i = 0; i <= 3; i++) {
		const uint64_t offset = i * 2;

		memcpy(expected + 3 + i * 13, &offset, sizeof offset);
	}
	fill_all(&column, 0, "ab|cd|ef");
	assert_memory_equal(found, expected, sizeof found);
	flat_format_free(format);
}

static void an_arena_exactly_full_is_no_failure(void **state)
{
	static const char *const texts[] = {"abc|de|\"fghi\"", "abcde|\"f\"\"hi\"", "abcdefghi", "|\"abcdefg\"\"\"||i|", "abcdefghi|\"\"|"};
	flat_format *format = flat_format_parse("x:text", NULL, NULL);

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		for (size_t short_by = 0; short_by < 2; short_by++) {
			const size_t nbytes = 9 - short_by;
			uint64_t offsets[8];
			char *arena = guarded(nbytes);
			struct fl_column column = bind(format, (flat_column){.base = offsets, .arena = arena, .arena_nbytes = nbytes});
			fl_fault fault;
			size_t n;

			if (short_by == 0) {
				fill_all(&column, 0, texts[i]);
			} else {
				n = fill(&column, 0, texts[i], &fault);
				assert_int_equal(fault, FL_NO_ROOM);
				assert_true(offsets[n] <= nbytes);
			}
			release(arena, nbytes);
		}
	}
	flat_format_free(format);
}

static void a_text_without_room_leaves_the_offsets_as_they_are(void **state)
{
	flat_format *format = flat_format_parse("x:text", NULL, NULL);
	uint64_t offsets[4] = {7, 7, 7, 7};
	char small[5], large[9];
	struct fl_column column = bind(format, (flat_column){.base = offsets, .arena = small, .arena_nbytes = sizeof small});
	fl_fault fault;

	(void)state;
	assert_int_equal(fill(&column, 0, "abc|def|g", &fault), 1);
	assert_int_equal(fault, FL_NO_ROOM);
	assert_int_equal(offsets[1], 3);
	assert_int_equal(offsets[2], 7);
	memcpy(large, small, sizeof small);
	column = bind(format, (flat_column){.base = offsets, .arena = large, .arena_nbytes = sizeof large});
	fill_all(&column, 1, "def|g");
	assert_memory_equal(large, "abcdefg", 7);
	assert_int_equal(offsets[3], 7);
	flat_format_free(format);
}

static void an_offset_beyond_the_arena_is_never_followed(void **state)
{
	flat_format *format = flat_format_parse("x:text", NULL, NULL);
	uint64_t offsets[3] = {0, 6, 0};
	char arena[5];
	struct fl_column column = bind(format, (flat_column){.base = offsets, .arena = arena, .arena_nbytes = sizeof arena});
	fl_fault fault;

	(void)state;
	assert_int_equal(fill(&column, 1, "a", &fault), 0);
	assert_int_equal(fault, FL_NO_ROOM);
	offsets[1] = UINT64_MAX;
	assert_int_equal(fill(&column, 1, "", &fault), 0);
	assert_int_equal(fault, FL_NO_ROOM);
	offsets[1] = 5;
	assert_int_equal(fill(&column, 1, "", &fault), 1);
	flat_format_free(format);
}

static void a_null_text_is_empty_and_marked(void **state)
{
	static const char *const nulls[] = {""};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = 1};
	flat_format *format = flat_format_parse("x:text", &dialect, NULL);
	uint64_t offsets[4];
	unsigned char valid[1];
	char arena[4];
	struct fl_column column = bind(format, (flat_column){.base = offsets, .arena = arena, .arena_nbytes = sizeof arena,
							      .validity = FLAT_VALIDITY_BITMAP, .valid = valid});
	const uint64_t expected[] = {0, 0, 0, 1};

	(void)state;
	fill_all(&column, 0, "|\"\"|a");
	assert_int_equal(valid[0] & 7, 6);
	assert_memory_equal(offsets, expected, sizeof expected);
	flat_format_free(format);
}

static void zero_bytes_and_trimming_in_texts(void **state)
{
	static const char texts[] = " a\0b |\" \0\"\t";
	flat_format *format = flat_format_parse("x:text", &(flat_dialect){.trim = true}, NULL);
	uint64_t offsets[3];
	char arena[5];
	struct fl_column column = bind(format, (flat_column){.base = offsets, .arena = arena, .arena_nbytes = sizeof arena});
	fl_fault fault;

	(void)state;
	assert_int_equal(fill_bytes(&column, 0, texts, sizeof texts - 1, &fault), 2);
	assert_memory_equal(arena, "a\0b \0", 5);
	assert_int_equal(offsets[1], 3);
	assert_int_equal(offsets[2], 5);
	flat_format_free(format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_str_is_padded_with_zeros_and_no_byte_beside_it_is_written),
		cmocka_unit_test(a_str_longer_than_its_field_is_never_cut),
		cmocka_unit_test(a_str_just_as_wide_as_its_field_fits_however_it_is_quoted),
		cmocka_unit_test(zero_bytes_are_bytes),
		cmocka_unit_test(a_zero_byte_at_the_end_needs_lengths),
		cmocka_unit_test(a_null_str_is_spelled_without_quotes),
		cmocka_unit_test(an_empty_str_is_a_value_unless_spelled_null),
		cmocka_unit_test(a_null_str_may_be_a_sentinel_or_empty),
		cmocka_unit_test(blanks_belong_to_a_str_unless_trimmed),
		cmocka_unit_test(without_a_quote_character_quotes_are_text),
		cmocka_unit_test(texts_lie_one_behind_the_other),
		cmocka_unit_test(offsets_go_on_from_the_first_element),
		cmocka_unit_test(offsets_may_lie_anywhere_at_any_stride),
		cmocka_unit_test(an_arena_exactly_full_is_no_failure),
		cmocka_unit_test(a_text_without_room_leaves_the_offsets_as_they_are),
		cmocka_unit_test(an_offset_beyond_the_arena_is_never_followed),
		cmocka_unit_test(a_null_text_is_empty_and_marked),
		cmocka_unit_test(zero_bytes_and_trimming_in_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
