/*
 * lib/measure.c: the class of each text, which type holds them all, and that neither order nor cuts change a measure.
 */
#include "config.h"

#include "flatload.h"
#include "random.h"
#include "support.h"

#include <math.h>
#include <stdio.h>

/* ------------------------------------------------------------------------------------------------ measuring */

/* One field "t" and a field behind it, so that no text is a blank line. */
static flat_format *format_of(const flat_dialect *dialect)
{
	const flat_field fields[] = {{.name = "t", .type = FLAT_TEXT}, {.name = "x", .type = FLAT_TEXT}};
	flat_dialect absent = dialect ? *dialect : (flat_dialect){.delimiter = 0};
	flat_format *format;

	absent.header = FLAT_HEADER_ABSENT;
	format = flat_format_new(&absent, fields, LENGTH(fields), NULL);
	assert_non_null(format);
	return format;
}

/* The records of 'input' must be well-formed; each measured text is the first field of one. */
static flat_measure measure_input(const flat_dialect *dialect, const char *input, size_t nbytes)
{
	flat_format *format = format_of(dialect);
	const flat_source source = flat_source_memory(input, nbytes, NULL);
	/* Where allocations are watched, large ones take most of the time. */
	const flat_reader_options options = {.max_record = nbytes + 1};
	flat_error error = {.status = FLAT_OK};
	flat_reader *reader = flat_reader_open_source(format, &source, &options, &error);
	flat_measure measure = {.texts = 0};

	assert_non_null(reader);
	assert_int_equal(flat_bind_measure(reader, 0, &measure), FLAT_OK);
	flat_read(reader, SIZE_MAX);
	if (flat_reader_failed(reader, &error))
		fail_msg("%s", error.message);
	flat_reader_close(reader);
	flat_format_free(format);
	return measure;
}

/* The texts between the bars of a line, as they stand in a file. */
static flat_measure measure_bytes(const flat_dialect *dialect, const char *line, size_t nbytes)
{
	char *input = malloc(2 * nbytes + 16);
	size_t used = 0;
	flat_measure measure;

	assert_non_null(input);
	for (size_t i = 0; i <= nbytes; i++) {
		if (i < nbytes && line[i] != '|') {
			input[used++] = line[i];
			continue;
		}
		memcpy(input + used, ",\n", 2);
		used += 2;
	}
	measure = measure_input(dialect, input, used);
	free(input);
	return measure;
}

static flat_measure measure_line(const char *line)
{
	return measure_bytes(NULL, line, strlen(line));
}

/* "str4", "i64": the type of the texts of a line. */
static const char *type_of(const flat_measure *measure, bool narrow)
{
	static char name[32];
	const flat_field field = flat_measure_type(measure, narrow);

	assert_null(field.name);
	assert_int_equal(field.nnulls, 0);
	snprintf(name, sizeof name, field.width ? "%s%u" : "%s", flat_type_name(field.type), (unsigned)field.width);
	return name;
}

static void assert_type(const char *line, const char *wide, const char *narrow)
{
	const flat_measure measure = measure_line(line);

	assert_string_equal(type_of(&measure, false), wide);
	assert_string_equal(type_of(&measure, true), narrow);
}

static void assert_same(const flat_measure *a, const flat_measure *b)
{
	/* Nothing but 64-bit members: no padding. */
	assert_memory_equal(a, b, sizeof *a);
}

/* -------------------------------------------------------------------------------------------------- classes */

enum class { STRING, BOOL, INTEGER, FLOAT, WORD, DATE, INSTANT, NCLASSES };

static void assert_class(const char *text, enum class class)
{
	const flat_measure measure = measure_line(text);
	const uint64_t counts[NCLASSES] = {
		[BOOL] = measure.bools, [INTEGER] = measure.integers, [FLOAT] = measure.floats,	    [WORD] = measure.words,
		[DATE] = measure.dates, [INSTANT] = measure.instants,
	};

	assert_int_equal(measure.texts, 1);
	for (int i = BOOL; i < NCLASSES; i++)
		if (counts[i] != (i == (int)class))
			fail_msg("\"%s\": %d of class %d", text, (int)counts[i], i);
	assert_int_equal(measure.nbytes, strlen(text));
	assert_int_equal(measure.greatest_nbytes, strlen(text));
	assert_int_equal(measure.empty + measure.nulls_spelled + measure.nulls_quoted, 0);
}

static void assert_classes(const char *const *texts, size_t n, enum class class)
{
	for (size_t i = 0; i < n; i++)
		assert_class(texts[i], class);
}

static void integers_fit_64_bits_and_read_back_the_same(void **state)
{
	static const char *const texts[] = {
		"0", "7", "-1", "10", "-10", "9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775808",
		"1234567890123456789", "12345678901234567890", "-9007199254740993", "100000000", "1000000000000000",
	};

	(void)state;
	assert_classes(texts, LENGTH(texts), INTEGER);
}

static void what_is_no_number_to_be_kept_is_a_string(void **state)
{
	static const char *const texts[] = {
		/* codes */
		"007", "+49", "00", "-00", "-007", "+0", "+1.5", "00.5", "-01.5", "01e5", "+.5", "+inf", "+nan",
		/* digits beyond 64 bits */
		"18446744073709551616", "-9223372036854775809", "99999999999999999999", "123456789012345678901234567890",
		/* what an f64 turns into 0 or infinity */
		"1e400", "-1e400", "1e-400", "-1e-400", "2e308", "0.1e-323",
		/* spellings of other worlds */
		"0x10", "1_000", "1 000", "1'000", "NA", "N/A", "null", "NULL", "None", "-", "--1", "1-", ".", "-.", "e5", "1e", "1e+",
		"1.2.3", "1f", "1d", "0b1", "\302\2401", " 1", "1 ", "\t1", "infinit", "nan(1)", "NaN1", "-", "- 1", "1%", "$1",
		/* too short to be meant so */
		"t", "f", "T", "F", "y", "n", "yes", "no", "on", "tru", "falsee", "true ",
		/* no such day or time */
		"2024-13-01", "2023-02-29", "2024-1-1", "24-01-01", "20240101T120000", "2024-01-01T24:00", "2024-01-01T12:00:60",
		"2024-01-01T12", "2024/01/01", "01.02.2024", "12:30", "12:30:00", "99999999999999999999-01-01", "10000-01-01",
		"2024-01-01T12:00:00.0000000001", "2024-01-01T12:00:00+24:00", "+99999999999999-01-01T00:00", "2024-01-01  12:00", "a",
	};

	(void)state;
	assert_classes(texts, LENGTH(texts), STRING);
}

static void floats_are_all_other_numbers(void **state)
{
	static const char *const texts[] = {
		"1.5", "-1.5", ".5", "-.5", "5.", "1e5", "1E5", "1e+5", "1e-5", "-0", "-0.0", "0.0", "0e0", "0e999", "0.000e-999", "0e-400",
		"6.02e23", "1.7976931348623157e308", "5e-324", "1e-310", "0.1", "18446744073709551616.0", "123456789012345678901234.5", "1e19",
		"3.141592653589793238462643383279502884197169399375105820974944",
	};

	(void)state;
	assert_classes(texts, LENGTH(texts), FLOAT);
}

static void words_bools_dates_and_instants_are_told(void **state)
{
	static const char *const words[] = {"inf", "-inf", "INF", "Infinity", "-infinity", "nan", "NaN", "NAN", "-nan"};
	static const char *const bools[] = {"true", "false", "TRUE", "False", "tRuE"};
	static const char *const dates[] = {"2024-12-31", "0000-01-01", "9999-12-31", "+12345-01-01", "-0044-03-15", "2024-02-29", "-0000-01-01"};
	static const char *const instants[] = {
		"2024-12-31T23:59", "2024-12-31 23:59:59", "2024-12-31t23:59:59z", "2024-12-31T23:59:59.25+01:00", "2024-12-31T23:59+0100",
		"2024-12-31T23:59-01", "-0044-03-15T12:00", "+292277026596-01-01T00:00:00", "2024-12-31T23:59:59.123456789",
		"2024-12-31T23:59:59.1234567890000",
	};

	(void)state;
	assert_classes(words, LENGTH(words), WORD);
	assert_classes(bools, LENGTH(bools), BOOL);
	assert_classes(dates, LENGTH(dates), DATE);
	assert_classes(instants, LENGTH(instants), INSTANT);
}

static void quotes_change_no_class(void **state)
{
	const flat_measure measure = measure_line("\"1\"|\"1.5\"|\"true\"|\"nan\"|\"2024-01-01\"|\"2024-01-01T00:00\"|\"a\"|\"\"\"1\"\"\"");

	(void)state;
	assert_int_equal(measure.texts, 8);
	assert_int_equal(measure.integers, 1);
	assert_int_equal(measure.floats, 1);
	assert_int_equal(measure.bools, 1);
	assert_int_equal(measure.words, 1);
	assert_int_equal(measure.dates, 1);
	assert_int_equal(measure.instants, 1);
	assert_int_equal(measure.greatest_nbytes, 16);
}

/* ---------------------------------------------------------------------------------------------------- types */

static void integers_take_the_narrowest_type(void **state)
{
	(void)state;
	assert_type("0", "i64", "i8");
	assert_type("127|-128", "i64", "i8");
	assert_type("128", "i64", "u8");
	assert_type("255", "i64", "u8");
	assert_type("128|-1", "i64", "i16");
	assert_type("-129", "i64", "i16");
	assert_type("256", "i64", "i16");
	assert_type("32767|-32768", "i64", "i16");
	assert_type("32768", "i64", "u16");
	assert_type("65535", "i64", "u16");
	assert_type("65536", "i64", "i32");
	assert_type("-32769", "i64", "i32");
	assert_type("2147483647|-2147483648", "i64", "i32");
	assert_type("2147483648", "i64", "u32");
	assert_type("4294967295", "i64", "u32");
	assert_type("4294967296", "i64", "i64");
	assert_type("-2147483649", "i64", "i64");
	assert_type("9223372036854775807|-9223372036854775808", "i64", "i64");
	assert_type("9223372036854775808", "u64", "u64");
	assert_type("18446744073709551615|0", "u64", "u64");
}

/* No integer type holds both; a float does if it holds each. */
static void negatives_beside_great_naturals_are_floats_or_strings(void **state)
{
	(void)state;
	assert_type("-1|9223372036854775808", "f64", "f32");
	assert_type("-1|18446744073709551615", "str20", "str20");
	assert_type("-9223372036854775808|9223372036854775808", "f64", "f32");
	assert_type("-9007199254740993|9223372036854775808", "str19", "str19");
	assert_type("-16777217|9223372036854775808", "f64", "f64");
	assert_type("18446744073709551616", "str20", "str20");
	assert_type("1|-9223372036854775809", "str20", "str20");
}

static void integers_beside_floats_must_survive_them(void **state)
{
	(void)state;
	assert_type("1|1.5", "f64", "f32");
	assert_type("9007199254740992|1.5", "f64", "f32");
	assert_type("9007199254740993|1.5", "str16", "str16");
	assert_type("-9007199254740993|0.5", "str17", "str17");
	assert_type("9007199254740994|1.5", "f64", "f64");
	assert_type("18014398509481986|1.5", "str17", "str17");
	assert_type("18014398509481988|1.5", "f64", "f64");
	assert_type("18446744073709549568|1.5", "f64", "f64");
	assert_type("18446744073709551615|1.5", "str20", "str20");
	assert_type("16777216|1.5", "f64", "f32");
	assert_type("16777217|1.5", "f64", "f64");
	assert_type("16777218|1.5", "f64", "f32");
}

static void f32_must_hold_every_value(void **state)
{
	(void)state;
	assert_type("0.5", "f64", "f32");
	assert_type("0.1", "f64", "f64");
	assert_type("0.5|0.1", "f64", "f64");
	assert_type("-0", "f64", "f32");
	assert_type("340282346638528859811704183484516925440.0", "f64", "f32");
	assert_type("340282346638528859811704183484516925441.0", "f64", "f32"); /* the same f64 */
	assert_type("3.4028235e38", "f64", "f64");
	assert_type("1e39", "f64", "f64");
	assert_type("1e300", "f64", "f64");
	assert_type("1.401298464324817e-45", "f64", "f32");
	assert_type("1.5|-2.25e6", "f64", "f32");
	assert_type("1e-45", "f64", "f64");
}

static void inf_and_nan_are_numbers_beside_numbers_alone(void **state)
{
	(void)state;
	assert_type("inf", "str3", "str3");
	assert_type("nan|-inf", "str4", "str4");
	assert_type("nan|1", "f64", "f32");
	assert_type("inf|1.5|-inf|NaN", "f64", "f32");
	assert_type("inf|0.1", "f64", "f64");
	assert_type("nan|9007199254740993", "str16", "str16");
	assert_type("nan|x", "str3", "str3");
	assert_type("inf|true", "str4", "str4");
}

static void classes_that_do_not_mix_are_strings(void **state)
{
	(void)state;
	assert_type("true|FALSE", "bool", "bool");
	assert_type("true|1", "str4", "str4");
	assert_type("t|f", "str1", "str1");
	assert_type("0|1", "i64", "i8");
	assert_type("1|2|007", "str3", "str3");
	assert_type("1.5|+49", "str3", "str3");
	assert_type("1|NA", "str2", "str2");
	assert_type("1|1e400", "str5", "str5");
	assert_type("2024-01-01|1", "str10", "str10");
	assert_type("2024-01-01T00:00|1", "str16", "str16");
	assert_type("2024-01-01|x", "str10", "str10");
}

static void a_value_in_the_last_record_changes_the_type(void **state)
{
	enum { N = 200000 };
	char *line = malloc(2 * N + 16);
	flat_measure measure;

	(void)state;
	assert_non_null(line);
	for (size_t i = 0; i < N; i++)
		memcpy(line + 2 * i, "7|", 2);
	memcpy(line + (size_t)2 * N, "0x7", 3);
	measure = measure_bytes(NULL, line, (size_t)2 * N - 1);
	assert_int_equal(measure.texts, N);
	assert_string_equal(type_of(&measure, true), "i8");
	measure = measure_bytes(NULL, line, (size_t)2 * N + 3);
	assert_int_equal(measure.texts, N + 1);
	assert_string_equal(type_of(&measure, true), "str3");
	free(line);
}

static void instants_take_the_coarsest_unit_that_does(void **state)
{
	(void)state;
	assert_type("2024-01-01", "date", "date");
	assert_type("2024-01-01T00:00", "timestamp[s]", "timestamp[s]");
	assert_type("2024-01-01T00:00:00.000", "timestamp[s]", "timestamp[s]");
	assert_type("2024-01-01|2024-01-01T00:00", "timestamp[s]", "timestamp[s]");
	assert_type("2024-01-01T00:00:00.1", "timestamp[ms]", "timestamp[ms]");
	assert_type("2024-01-01T00:00:00.001", "timestamp[ms]", "timestamp[ms]");
	assert_type("2024-01-01T00:00:00.0001", "timestamp[us]", "timestamp[us]");
	assert_type("2024-01-01T00:00:00.000001|2024-01-01T00:00:00.5", "timestamp[us]", "timestamp[us]");
	assert_type("2024-01-01T00:00:00.0000001", "timestamp[ns]", "timestamp[ns]");
	assert_type("2024-01-01T00:00|2024-01-01T00:00:00.000000001", "timestamp[ns]", "timestamp[ns]");
}

/* A unit that holds one of them may not hold another. */
static void far_years_need_a_unit_that_reaches_them(void **state)
{
	(void)state;
	assert_type("2262-04-11T00:00|2024-01-01T00:00:00.000000001", "timestamp[ns]", "timestamp[ns]");
	assert_type("2263-01-01T00:00|2024-01-01T00:00:00.000000001", "str29", "str29");
	assert_type("1677-01-01T00:00|2024-01-01T00:00:00.000000001", "str29", "str29");
	assert_type("2263-01-01|2024-01-01T00:00:00.000000001", "str29", "str29");
	assert_type("1677-09-01|2024-01-01T00:00:00.000000001", "str29", "str29");
	assert_type("+292277026595-01-01T00:00|2024-01-01", "timestamp[s]", "timestamp[s]");
	assert_type("+292277026595-01-01T00:00|2024-01-01T00:00:00.5", "str25", "str25");
	assert_type("+12345678901234-01-01", "date", "date");
	assert_type("+12345678901234-01-01|2024-01-01T00:00", "str21", "str21");
	assert_type("-0044-03-15|9999-12-31T23:59:59.999999", "timestamp[us]", "timestamp[us]");
}

/* ---------------------------------------------------------------------------------------------------- reach */

static void reach_is_that_of_the_values(void **state)
{
	const flat_measure integers = measure_line("5|-3|18446744073709551615|-9223372036854775808|0|-1");
	const flat_measure floats = measure_line("1.5|-2.5|1e300|nan|7");
	const flat_measure dates = measure_line("1970-01-02|1969-12-30|2000-01-01");
	const flat_measure instants = measure_line("1969-12-31T23:59:58.5|1970-01-01T00:00:01.000001|1970-01-01T01:00+01:00");

	(void)state;
	assert_int_equal(integers.negatives, 3);
	assert_true(integers.least_negative == INT64_MIN);
	assert_int_equal(integers.greatest_negative, -1);
	assert_int_equal(integers.least_natural, 0);
	assert_true(integers.greatest_natural == UINT64_MAX);
	assert_true(floats.least_float == -2.5 && floats.greatest_float == 1e300);
	assert_int_equal(floats.least_natural, 7);
	assert_int_equal(dates.least_date, -2);
	assert_int_equal(dates.greatest_date, 10957);
	assert_int_equal(instants.least_second, -2);
	assert_int_equal(instants.least_fraction, 500000000);
	assert_int_equal(instants.greatest_second, 1);
	assert_int_equal(instants.greatest_fraction, 1000);
	assert_int_equal(instants.finest, 2);
}

static void instants_are_compared_by_their_fractions_too(void **state)
{
	const char *const lines[] = {"1677-09-21T00:12:43.145224193|1970-01-01T00:00:00.25", "1970-01-01T00:00:00.2500001|1970-01-01T00:00:00.75"};
	flat_measure parts[2], both, turned;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		parts[i] = measure_line(lines[i]);
	both = flat_measure_join(&parts[0], &parts[1]);
	turned = flat_measure_join(&parts[1], &parts[0]);
	assert_memory_equal(&both, &turned, sizeof both);
	assert_true(both.least_second == -9223372037 && both.least_fraction == 145224193);
	assert_true(both.greatest_second == 0 && both.greatest_fraction == 750000000);
	assert_true(parts[1].least_fraction == 250000100);
}

static void a_zero_with_a_sign_is_below_one_without(void **state)
{
	static const char *const lines[] = {"-0|0.0", "0.0|-0"};

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		const flat_measure measure = measure_line(lines[i]);

		assert_true(signbit(measure.least_float));
		assert_false(signbit(measure.greatest_float));
	}
}

/* ---------------------------------------------------------------------------------------------------- nulls */

static void empty_texts_are_null_but_in_strings(void **state)
{
	const flat_measure numbers = measure_line("1||2|\"\""), strings = measure_line("a||\"\""), empty = measure_line("|\"\"|");

	(void)state;
	assert_int_equal(numbers.empty, 2);
	assert_string_equal(type_of(&numbers, false), "i64");
	assert_int_equal(flat_measure_nulls(&numbers, FLAT_I64), 2);
	assert_int_equal(flat_measure_nulls(&numbers, FLAT_STR), 0);
	assert_int_equal(strings.empty, 2);
	assert_string_equal(type_of(&strings, false), "str1");
	assert_string_equal(type_of(&empty, true), "str1");
	assert_int_equal(empty.empty, 3);
	assert_int_equal(empty.nbytes, 0);
}

static void no_texts_take_the_least_type(void **state)
{
	const flat_measure none = {.texts = 0};

	(void)state;
	assert_string_equal(type_of(&none, false), "str1");
	assert_string_equal(type_of(&none, true), "str1");
	assert_int_equal(flat_measure_nulls(&none, FLAT_I64), 0);
}

static flat_measure measure_with_nulls(const char *line)
{
	static const char *const nulls[] = {"NA", "-1", ""};
	const flat_dialect dialect = {.nulls = nulls, .nnulls = line[0] == '!' ? 3 : 2};

	line += line[0] == '!';
	return measure_bytes(&dialect, line, strlen(line));
}

/* In quotes a spelling is null too, unless the field turns out to be a string: then its bytes count. */
static void spelled_nulls_are_null_in_quotes_but_in_strings(void **state)
{
	const flat_measure numbers = measure_with_nulls("5|NA|\"NA\"|-1|\"-1\"|"), strings = measure_with_nulls("a|NA|\"NA\"|NA ");

	(void)state;
	assert_int_equal(numbers.nulls_spelled, 2);
	assert_int_equal(numbers.nulls_quoted, 2);
	assert_int_equal(numbers.empty, 1);
	assert_int_equal(numbers.integers, 1);
	assert_int_equal(numbers.negatives, 0);
	assert_string_equal(type_of(&numbers, true), "i8");
	assert_int_equal(flat_measure_nulls(&numbers, FLAT_I8), 5);
	assert_int_equal(flat_measure_nulls(&numbers, FLAT_TEXT), 2);
	assert_int_equal(strings.nulls_spelled, 1);
	assert_int_equal(strings.nulls_quoted, 1);
	assert_int_equal(strings.nbytes, 1 + 2 + 3);
	assert_string_equal(type_of(&strings, true), "str3");
	assert_int_equal(flat_measure_nulls(&strings, FLAT_STR), 1);
}

/* The empty text as a spelling tells nothing from two quotes, in a string field. */
static void the_empty_text_can_be_a_spelling(void **state)
{
	const flat_measure measure = measure_with_nulls("!a||\"\"");

	(void)state;
	assert_int_equal(flat_measure_nulls(&measure, FLAT_STR), 1);
	assert_int_equal(flat_measure_nulls(&measure, FLAT_I64), 2);
	assert_int_equal(measure.nulls_quoted, 0);
}

static void nulls_alone_are_strings(void **state)
{
	const flat_measure unquoted = measure_with_nulls("NA|NA"), quoted = measure_with_nulls("\"NA\"");

	(void)state;
	assert_string_equal(type_of(&unquoted, true), "str1");
	assert_string_equal(type_of(&quoted, true), "str2");
}

/* --------------------------------------------------------------------------------------------------- widths */

static void doubled_quotes_are_one_byte(void **state)
{
	const flat_measure measure = measure_line("\"a\"\"b\"|\"\"\"\"|\"\"\"\"\"\"|\"x,\ny\"");

	(void)state;
	assert_int_equal(measure.nbytes, 3 + 1 + 2 + 4);
	assert_int_equal(measure.greatest_nbytes, 4);
	assert_int_equal(measure.empty, 0);
	assert_string_equal(type_of(&measure, false), "str4");
}

static void trimmed_blanks_have_no_width(void **state)
{
	const flat_dialect trim = {.trim = true};
	const char *line = " ab | \" c \"\t|  |\t5";
	const flat_measure measure = measure_bytes(&trim, line, strlen(line));

	(void)state;
	assert_int_equal(measure.nbytes, 2 + 3 + 0 + 1);
	assert_int_equal(measure.empty, 1);
	assert_int_equal(measure.integers, 1);
}

static void a_byte_0_at_the_end_needs_a_text(void **state)
{
	static const struct {
		const char *line;
		size_t nbytes;
		uint64_t end_in_nul;
		const char *type;
	} lines[] = {
		{"a\0b|c", 5, 0, "str3"},     {"a\0|c", 4, 1, "text"},	     {"a|\"b\0\"|c", 8, 1, "text"},
		{"\0", 1, 1, "text"},	      {"\"\"\"\0\"", 5, 1, "text"}, {"1|\0", 3, 1, "text"},
		{"\0\"\"", 0, 0, "str1"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		const flat_measure measure = measure_bytes(NULL, lines[i].line, lines[i].nbytes);

		assert_int_equal(measure.end_in_nul, lines[i].end_in_nul);
		assert_string_equal(type_of(&measure, false), lines[i].type);
	}
}

static void what_no_str_is_wide_enough_for_is_a_text(void **state)
{
	flat_measure measure = {.texts = 1, .nbytes = 1u << 24, .greatest_nbytes = 1u << 24};

	(void)state;
	assert_string_equal(type_of(&measure, false), "str16777216");
	measure.greatest_nbytes++;
	assert_string_equal(type_of(&measure, false), "text");
}

/* ---------------------------------------------------------------------------------------------------- order */

static const char *const any_text[] = {
	"0",	"1",	   "-1",   "127",  "128",   "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
	"007",	"-0",	   "0.0",  "1.5",  "-0.1",  "1e300",		   "inf",		  "nan",		  "true",
	"FALSE", "2024-01-01", "-0044-03-15", "2024-01-01T00:00", "1969-12-31T23:59:59.5", "2024-01-01T00:00:00.000000001", "x", "", "\"\"",
	"NA",	"\"NA\"",  "\"a\"\"b\"", "16777217", "9007199254740993", "1e-310", "-5e-324", "long enough to be the longest of them",
	"5.", ".5", "z\0", "\"-2\"", "-2", "1970-01-01", "+12345-01-01T00:00Z",
	"-9223372036854775809", "18446744073709551616", "01", "00.5", "-0.", "-", ".", "-.", "1e5", "123e-45678", "1.5.5", "9999999999999999999", "0.30000000000000004",
	"12345678901234567.25", "0.000000000000000000000000001", "tree", "truth", "1x", "1234-56-78", "9999-12-31 23:59:59", "2024-01-01T00:00:60", "0001-01-01",
};

static const char *const null_spellings[] = {"NA", "-2"};
static const flat_dialect with_nulls = {.nulls = null_spellings, .nnulls = LENGTH(null_spellings)};

/* The text in quotes, or as it is: if it has some, or is the one with a byte 0 at its end. */
static const char *quote(const char *text, char *room)
{
	if (strchr(text, '"') || *text == 'z')
		return text;
	sprintf(room, "\"%s\"", text);
	return room;
}

/*
 * Picks texts from a few of the list, so that some of the measures are of one class alone; none in quotes, all, or some.
 * They are there until the next are picked.
 */
static size_t pick_texts(const char **texts, size_t most)
{
	static char room[20][80];
	const unsigned n = random_below((unsigned)most), nkinds = 1 + random_below(random_below(2) ? 3 : 20);
	const unsigned quotes = random_below(4);
	const char *kinds[20];

	for (unsigned i = 0; i < nkinds; i++) {
		kinds[i] = any_text[random_below(LENGTH(any_text))];
		if (quotes == 1 || (quotes == 2 && random_below(2)))
			kinds[i] = quote(kinds[i], room[i]);
	}
	for (unsigned i = 0; i < n; i++)
		texts[i] = kinds[random_below(nkinds)];
	return n;
}

static flat_measure measure_texts(const flat_dialect *dialect, const char *const *texts, size_t n)
{
	char input[4096];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		size_t nbytes = strlen(texts[i]);

		/* The one with a byte 0 at its end. */
		nbytes += texts[i][0] == 'z';
		memcpy(input + used, texts[i], nbytes);
		memcpy(input + used + nbytes, ",\n", 2);
		used += nbytes + 2;
	}
	return measure_input(dialect, input, used);
}

static void shuffle(const char **texts, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		const size_t k = random_below((unsigned)i);
		const char *swap = texts[k];

		texts[k] = texts[i - 1];
		texts[i - 1] = swap;
	}
}

static void the_order_of_texts_is_of_no_account(void **state)
{
	const char *texts[40];

	(void)state;
	for (uint64_t i = 0; i < test_count(400000) / 100; i++) {
		const size_t n = pick_texts(texts, LENGTH(texts));
		const flat_measure measure = measure_texts(&with_nulls, texts, n);
		flat_measure shuffled;

		shuffle(texts, n);
		shuffled = measure_texts(&with_nulls, texts, n);
		assert_same(&measure, &shuffled);
	}
}

/* Texts of one kind in a row are measured many at a time, unless a spelling of null may be among them. */
static void texts_in_a_row_are_measured_as_each_by_itself(void **state)
{
	static const char *const words[] = {"NA", "x", "true"}, *const nothing[] = {""};
	static const flat_dialect dialects[] = {
		{.nnulls = 0}, {.nulls = words, .nnulls = LENGTH(words)}, {.nulls = nothing, .nnulls = 1}, {.nulls = null_spellings, .nnulls = LENGTH(null_spellings)}};
	const char *texts[40];

	(void)state;
	for (uint64_t i = 0; i < test_count(400000) / 25; i++) {
		const flat_dialect *dialect = &dialects[i % LENGTH(dialects)];
		const size_t n = pick_texts(texts, LENGTH(texts));
		const flat_measure whole = measure_texts(dialect, texts, n);
		flat_measure sum = {.texts = 0};

		for (size_t k = 0; k < n; k++) {
			const flat_measure one = measure_texts(dialect, texts + k, 1);

			sum = flat_measure_join(&sum, &one);
		}
		assert_same(&whole, &sum);
	}
}

static void as_many_as_there_are_in_quotes_are_measured(void **state)
{
	char plain[16384], quoted[16384], *p = plain, *q = quoted;
	flat_measure expected, found;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		const int value = i == 900 ? 77777 : i % 100;

		p += sprintf(p, "%d,\n", value);
		q += sprintf(q, "\"%d\",\n", value);
	}
	expected = measure_input(NULL, plain, (size_t)(p - plain));
	found = measure_input(NULL, quoted, (size_t)(q - quoted));
	assert_same(&found, &expected);
	assert_int_equal(found.greatest_natural, 77777);
}

static void measures_of_parts_join_to_the_measure_of_the_whole(void **state)
{
	const char *texts[40];

	(void)state;
	for (uint64_t i = 0; i < test_count(400000) / 100; i++) {
		const size_t n = pick_texts(texts, LENGTH(texts));
		const size_t first = random_below((unsigned)n + 1), second = first + random_below((unsigned)(n - first) + 1);
		const flat_measure whole = measure_texts(&with_nulls, texts, n), a = measure_texts(&with_nulls, texts, first),
				   b = measure_texts(&with_nulls, texts + first, second - first), c = measure_texts(&with_nulls, texts + second, n - second);
		const flat_measure ab = flat_measure_join(&a, &b), ba = flat_measure_join(&b, &a), bc = flat_measure_join(&b, &c);
		const flat_measure left = flat_measure_join(&ab, &c), right = flat_measure_join(&a, &bc);

		assert_same(&ab, &ba);
		assert_same(&left, &right);
		assert_same(&left, &whole);
	}
}

static void the_measure_of_nothing_is_neutral(void **state)
{
	const flat_measure none = {.texts = 0}, some = measure_line("-1.5|-7|1960-01-01|1960-01-01T00:00|x");
	const flat_measure left = flat_measure_join(&none, &some), right = flat_measure_join(&some, &none);
	const flat_measure twice = flat_measure_join(&none, &none);

	(void)state;
	assert_same(&left, &some);
	assert_same(&right, &some);
	assert_same(&twice, &none);
}

/* -------------------------------------------------------------------------------------------------- binding */

static void reading_goes_on_adding_to_the_measure(void **state)
{
	flat_format *format = format_of(NULL);
	const flat_source source = flat_source_memory("1,\n2,\n3,\n4,\n", 12, NULL);
	flat_reader *reader = flat_reader_open_source(format, &source, NULL, NULL);
	flat_measure first = {.texts = 0}, second = {.texts = 0};

	(void)state;
	assert_non_null(reader);
	assert_int_equal(flat_bind_measure(reader, 0, &first), FLAT_OK);
	assert_int_equal(flat_read(reader, 1), 1);
	assert_int_equal(flat_read(reader, 1), 1);
	assert_int_equal(first.texts, 2);
	assert_int_equal(flat_bind_measure(reader, 0, &second), FLAT_OK);
	assert_int_equal(flat_read(reader, 1), 1);
	assert_int_equal(flat_bind_column(reader, 0, NULL), FLAT_OK);
	assert_int_equal(flat_read(reader, 9), 1);
	assert_int_equal(first.greatest_natural, 2);
	assert_int_equal(second.least_natural, 3);
	assert_int_equal(second.texts, 1);
	flat_reader_close(reader);
	flat_format_free(format);
}

static void a_measure_of_no_field_or_nowhere_is_a_bad_argument(void **state)
{
	for (int nowhere = 0; nowhere < 2; nowhere++) {
		flat_format *format = format_of(NULL);
		const flat_source source = flat_source_memory("1,\n", 3, NULL);
		flat_reader *reader = flat_reader_open_source(format, &source, NULL, NULL);
		flat_measure measure = {.texts = 0};
		flat_error error;

		(void)state;
		assert_non_null(reader);
		assert_int_equal(flat_bind_measure(reader, nowhere ? 0 : 2, nowhere ? NULL : &measure), FLAT_BAD_ARGUMENT);
		assert_int_equal(flat_read(reader, 9), 0);
		assert_true(flat_reader_failed(reader, &error));
		assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
		flat_reader_close(reader);
		flat_format_free(format);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_fit_64_bits_and_read_back_the_same),
		cmocka_unit_test(what_is_no_number_to_be_kept_is_a_string),
		cmocka_unit_test(floats_are_all_other_numbers),
		cmocka_unit_test(words_bools_dates_and_instants_are_told),
		cmocka_unit_test(quotes_change_no_class),
		cmocka_unit_test(integers_take_the_narrowest_type),
		cmocka_unit_test(negatives_beside_great_naturals_are_floats_or_strings),
		cmocka_unit_test(integers_beside_floats_must_survive_them),
		cmocka_unit_test(f32_must_hold_every_value),
		cmocka_unit_test(inf_and_nan_are_numbers_beside_numbers_alone),
		cmocka_unit_test(classes_that_do_not_mix_are_strings),
		cmocka_unit_test(a_value_in_the_last_record_changes_the_type),
		cmocka_unit_test(instants_take_the_coarsest_unit_that_does),
		cmocka_unit_test(far_years_need_a_unit_that_reaches_them),
		cmocka_unit_test(reach_is_that_of_the_values),
		cmocka_unit_test(instants_are_compared_by_their_fractions_too),
		cmocka_unit_test(a_zero_with_a_sign_is_below_one_without),
		cmocka_unit_test(empty_texts_are_null_but_in_strings),
		cmocka_unit_test(no_texts_take_the_least_type),
		cmocka_unit_test(spelled_nulls_are_null_in_quotes_but_in_strings),
		cmocka_unit_test(the_empty_text_can_be_a_spelling),
		cmocka_unit_test(nulls_alone_are_strings),
		cmocka_unit_test(doubled_quotes_are_one_byte),
		cmocka_unit_test(trimmed_blanks_have_no_width),
		cmocka_unit_test(a_byte_0_at_the_end_needs_a_text),
		cmocka_unit_test(what_no_str_is_wide_enough_for_is_a_text),
		cmocka_unit_test(the_order_of_texts_is_of_no_account),
		cmocka_unit_test(texts_in_a_row_are_measured_as_each_by_itself),
		cmocka_unit_test(as_many_as_there_are_in_quotes_are_measured),
		cmocka_unit_test(measures_of_parts_join_to_the_measure_of_the_whole),
		cmocka_unit_test(the_measure_of_nothing_is_neutral),
		cmocka_unit_test(reading_goes_on_adding_to_the_measure),
		cmocka_unit_test(a_measure_of_no_field_or_nowhere_is_a_bad_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
