/*
 * Makes the files that loaders are timed on: the same bytes in every run.
 *
 *   data SET bytes N FILE       whole records, until there are so many bytes of them
 *   data SET records N FILE     so many records
 *   data --list                 the names of all sets
 *
 * Beside FILE, FILE.schema gets the schema, in one line.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

#include "bench.h"
#include "unit/random.h"

#define BUFFER_NBYTES ((size_t)1 << 20)
#define VALUE_NBYTES 1024 /* of the longest, with its quotes */

/* Writes one value and gives the end. */
typedef char *put_function(char *out);

static uint64_t record; /* that is being made, from 0 */

static uint64_t below(uint64_t n)
{
	return random_word() % n;
}

static double uniform(void)
{
	return (double)(random_word() >> 11) * 0x1p-53;
}

static char *put_natural(char *out, uint64_t n)
{
	char digits[20];
	size_t i = sizeof digits;

	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	memcpy(out, digits + i, sizeof digits - i);
	return out + sizeof digits - i;
}

static char *put_integer(char *out, int64_t n)
{
	if (n < 0)
		*out++ = '-';
	return put_natural(out, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

/* Just so many digits, zeros in front. */
static char *put_padded(char *out, uint64_t n, unsigned ndigits)
{
	for (unsigned i = ndigits; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
	return out + ndigits;
}

static char *put_decimal(char *out, int64_t n, unsigned places)
{
	uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n, unit = 1;

	for (unsigned i = 0; i < places; i++)
		unit *= 10;
	if (n < 0)
		*out++ = '-';
	out = put_natural(out, magnitude / unit);
	*out++ = '.';
	return put_padded(out, magnitude % unit, places);
}

/* Up to 'most' digits, each length as likely as the others. */
static uint64_t of_digits(unsigned most)
{
	uint64_t bound = 10;

	for (uint64_t i = below(most); i > 0; i--)
		bound *= 10;
	return below(bound);
}

static int64_t any_sign(uint64_t n)
{
	return random_word() >> 63 ? -(int64_t)n : (int64_t)n;
}

/* Integers. */

static char *put_record(char *out)
{
	return put_natural(out, record);
}
static char *put_bit(char *out)
{
	return put_natural(out, below(2));
}
static char *put_small(char *out)
{
	return put_natural(out, below(1000));
}
static char *put_four_digits(char *out)
{
	return put_natural(out, below(10000));
}
static char *put_nine_digits(char *out)
{
	return put_integer(out, any_sign(of_digits(9)));
}
static char *put_any_i32(char *out)
{
	return put_integer(out, any_sign(below(UINT64_C(1) << 31)));
}
static char *put_twelve_digits(char *out)
{
	return put_natural(out, of_digits(12));
}
static char *put_fifteen_digits(char *out)
{
	return put_integer(out, any_sign(of_digits(15)));
}
static char *put_eighteen_digits(char *out)
{
	return put_integer(out, any_sign(of_digits(18)));
}
static char *put_any_i64(char *out)
{
	return put_integer(out, any_sign(random_word() >> 1));
}
static char *put_any_u64(char *out)
{
	return put_natural(out, random_word());
}
static char *put_milliseconds(char *out)
{
	return put_natural(out, UINT64_C(1500000000000) + below(UINT64_C(200000000000)));
}

/* Floats: 17 digits, so that each is a double of its own. */

static char *put_double(char *out, double value)
{
	return out + snprintf(out, 32, "%.17g", value);
}
static char *put_fraction(char *out)
{
	return put_double(out, uniform());
}
static char *put_signed_fraction(char *out)
{
	return put_double(out, uniform() * 2 - 1);
}
static char *put_percent(char *out)
{
	return put_double(out, uniform() * 100);
}
static char *put_millions(char *out)
{
	return put_double(out, (uniform() - 0.5) * 2e6);
}
/* About normal: the sum of twelve, less their mean. */
static char *put_normal(char *out)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform();
	return put_double(out, sum);
}
static char *put_magnitudes(char *out)
{
	return put_double(out, ldexp(1 + uniform(), (int)below(66) - 33));
}
static char *put_all_magnitudes(char *out)
{
	return put_double(out, ldexp(1 + uniform(), (int)below(1990) - 995));
}

/* Decimals as people write them. */

static char *put_price(char *out)
{
	return put_decimal(out, (int64_t)below(100000), 2);
}
static char *put_four_places(char *out)
{
	static const uint64_t bounds[] = {100000, 1000000, 10000000, 100000000};

	return put_decimal(out, (int64_t)below(bounds[below(4)]), 4);
}

/* Trips of taxis: one value in a hundred is missing, where one may be. */

static int64_t start; /* of the trip, in seconds of 2015 */
static int64_t fare;

static bool missing(void)
{
	return below(100) == 0;
}

static char *put_instant(char *out, int64_t second)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned day = (unsigned)(second / 86400) % 365, month = 0, of_day = (unsigned)(second % 86400);

	for (; day >= days[month]; month++)
		day -= days[month];
	memcpy(out, "2015-", 5);
	out = put_padded(out + 5, month + 1, 2);
	*out++ = '-';
	out = put_padded(out, day + 1, 2);
	*out++ = ' ';
	out = put_padded(out, of_day / 3600, 2);
	*out++ = ':';
	out = put_padded(out, of_day / 60 % 60, 2);
	*out++ = ':';
	return put_padded(out, of_day % 60, 2);
}
static char *put_vendor(char *out)
{
	return put_natural(out, 1 + below(2));
}
static char *put_pickup(char *out)
{
	start = (int64_t)below(UINT64_C(364) * 86400);
	return put_instant(out, start);
}
static char *put_dropoff(char *out)
{
	return put_instant(out, start + 60 + (int64_t)below(3600));
}
static char *put_passengers(char *out)
{
	return missing() ? out : put_natural(out, 1 + below(6));
}
static char *put_distance(char *out)
{
	return missing() ? out : put_decimal(out, (int64_t)below(below(4) ? 500 : 3000), 2);
}
static char *put_longitude(char *out)
{
	return missing() ? out : put_decimal(out, -74050000 + (int64_t)below(300000), 6);
}
static char *put_latitude(char *out)
{
	return missing() ? out : put_decimal(out, 40600000 + (int64_t)below(300000), 6);
}
static char *put_rate(char *out)
{
	return put_natural(out, below(20) ? 1 : 1 + below(6));
}
static char *put_flag(char *out)
{
	if (missing())
		return out;
	*out = below(100) ? 'N' : 'Y';
	return out + 1;
}
static char *put_payment(char *out)
{
	static const char *const ways[] = {"Credit card", "Cash", "No charge", "Dispute", "Unknown"};
	uint64_t percent = below(100);
	const char *way = ways[percent < 62 ? 0 : percent < 95 ? 1 : 2 + percent % 3];

	if (missing())
		return out;
	memcpy(out, way, strlen(way));
	return out + strlen(way);
}
static char *put_fare(char *out)
{
	fare = 250 + (int64_t)below(6000);
	return put_decimal(out, fare, 2);
}
static char *put_tip(char *out)
{
	return missing() ? out : put_decimal(out, (int64_t)below(1200), 2);
}
static char *put_total(char *out)
{
	return put_decimal(out, fare + 80, 2);
}

/* Text. */

static char *put_name(char *out)
{
	for (int i = 0; i < 20; i++) {
		unsigned letter = random_below(52);

		*out++ = (char)(letter < 26 ? 'a' + letter : 'A' + letter - 26);
	}
	return out;
}

static char *put_word(char *out)
{
	static const char *const words[] = {"amber",  "birch",	 "copper", "drift",  "elm",  "flint",
					    "garnet", "harbour", "island", "jasper", "knot", "lark",
					    "meadow", "nettle",	 "oak",	   "pebble"};
	const char *word = words[below(16)];

	memcpy(out, word, strlen(word));
	return out + strlen(word);
}

/* 'n' words, with 'glue' between them. */
static char *put_words(char *out, uint64_t n, const char *glue)
{
	for (out = put_word(out); n > 1; n--) {
		memcpy(out, glue, strlen(glue));
		out = put_word(out + strlen(glue));
	}
	return out;
}

static char *put_plain_title(char *out)
{
	return put_words(out, 2 + below(3), " ");
}
static char *put_plain_body(char *out)
{
	return put_words(out, 5 + below(8), " ");
}

static char *put_in_quotes(char *out, put_function *put)
{
	*out = '"';
	out = put(out + 1);
	*out = '"';
	return out + 1;
}
static char *put_quoted_title(char *out)
{
	return put_in_quotes(out, put_plain_title);
}
static char *put_quoted_body(char *out)
{
	return put_in_quotes(out, put_plain_body);
}

static char *put_title_with_commas_inside(char *out)
{
	return put_words(out, 2 + below(3), ", ");
}
static char *put_title_with_commas(char *out)
{
	return put_in_quotes(out, put_title_with_commas_inside);
}
/* Every tenth has quotes and line breaks. */
static char *put_any_body_inside(char *out)
{
	if (below(10))
		return put_plain_body(out);
	out = put_words(out, 2 + below(4), " \"\"");
	out = put_words(out, 2 + below(4), "\n");
	return put_words(out, 2 + below(4), "\"\" ");
}
static char *put_any_body(char *out)
{
	return put_in_quotes(out, put_any_body_inside);
}

struct column {
	const char *name, *type;
	put_function *put;
};

static const struct column records[] = {
	{"x", "f64", put_fraction}, {"name", "str20", put_name}, {"id", "u64", put_any_u64}};
static const struct column integers[] = {{"row", "i32", put_record},
					 {"bit", "i32", put_bit},
					 {"small", "i32", put_small},
					 {"nine", "i32", put_nine_digits},
					 {"any", "i32", put_any_i32},
					 {"twelve", "i64", put_twelve_digits},
					 {"fifteen", "i64", put_fifteen_digits},
					 {"eighteen", "i64", put_eighteen_digits},
					 {"large", "i64", put_any_i64},
					 {"when", "i64", put_milliseconds}};
static const struct column floats[] = {{"a", "f64", put_fraction},	 {"b", "f64", put_signed_fraction},
				       {"c", "f64", put_percent},	 {"d", "f64", put_millions},
				       {"e", "f64", put_normal},	 {"f", "f64", put_magnitudes},
				       {"g", "f64", put_all_magnitudes}, {"h", "f64", put_fraction}};
static const struct column decimals[] = {{"p", "f64", put_four_places}};
static const struct column trips[] = {{"vendor", "i8", put_vendor},
				      {"pickup", "timestamp[s]", put_pickup},
				      {"dropoff", "timestamp[s]", put_dropoff},
				      {"passengers", "i8", put_passengers},
				      {"distance", "f64", put_distance},
				      {"longitude", "f64", put_longitude},
				      {"latitude", "f64", put_latitude},
				      {"rate", "i8", put_rate},
				      {"flag", "str1", put_flag},
				      {"payment", "str11", put_payment},
				      {"fare", "f64", put_fare},
				      {"tip", "f64", put_tip},
				      {"total", "f64", put_total}};
static const struct column quoted[] = {{"id", "i32", put_record},
				       {"title", "text", put_title_with_commas},
				       {"body", "text", put_any_body},
				       {"score", "f64", put_four_places}};
static const struct column text_plain[] = {{"id", "i32", put_record},
					   {"title", "text", put_plain_title},
					   {"body", "text", put_plain_body},
					   {"score", "f64", put_four_places}};
static const struct column text_quoted[] = {{"id", "i32", put_record},
					    {"title", "text", put_quoted_title},
					    {"body", "text", put_quoted_body},
					    {"score", "f64", put_four_places}};
static const struct column numbers[] = {{"n", "i32", put_nine_digits},
					{"large", "i64", put_fifteen_digits},
					{"price", "f64", put_price},
					{"share", "f64", put_fraction},
					{"when", "timestamp[s]", put_pickup}};
static const struct column columns[] = {{"n", "i32", put_four_digits}, {"p", "f64", put_price}};

/* 'columns' as often as 'times' says; if more than once, their names are numbered. */
static const struct set {
	const char *name;
	const struct column *columns;
	size_t ncolumns, times;
	bool quotes; /* around every value, that are not the column's own */
} sets[] = {
#define SET(columns) columns, sizeof(columns) / sizeof *(columns)
	{"records", SET(records), 1, false},
	{"integers", SET(integers), 1, false},
	{"floats", SET(floats), 1, false},
	{"decimals", SET(decimals), 8, false},
	{"trips", SET(trips), 1, false},
	{"quoted", SET(quoted), 1, false},
	{"text-plain", SET(text_plain), 1, false},   /* the same text without quotes, */
	{"text-quoted", SET(text_quoted), 1, false}, /* and with them: neither needs any */
	{"numbers-plain", SET(numbers), 1, false},
	{"numbers-quoted", SET(numbers), 1, true},
	{"columns-10", SET(columns), 5, false}, /* the same values in lines of other lengths */
	{"columns-1000", SET(columns), 500, false},
	{"columns-100000", SET(columns), 50000, false},
#undef SET
};

static const struct set *find_set(const char *name)
{
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		if (strcmp(sets[i].name, name) == 0)
			return &sets[i];
	must(0, "there is no such set; --list names them");
	return NULL;
}

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "wb");

	must(file != NULL, "a file cannot be made");
	return file;
}

/* Names with the types behind them, or alone. */
static void write_names(FILE *file, const struct set *set, bool types)
{
	for (size_t i = 0; i < set->ncolumns * set->times; i++) {
		const struct column *column = &set->columns[i % set->ncolumns];

		fputs(i ? "," : "", file);
		fputs(column->name, file);
		if (set->times > 1)
			fprintf(file, "%zu", i / set->ncolumns);
		if (types)
			fprintf(file, ":%s", column->type);
	}
	fputc('\n', file);
}

/* Hands what there is to the file, once there is enough of it. */
static char *flush(FILE *file, char *buffer, char *out, size_t enough)
{
	size_t nbytes = (size_t)(out - buffer);

	if (nbytes < enough)
		return out;
	must(fwrite(buffer, 1, nbytes, file) == nbytes, "the file cannot be written");
	return buffer;
}

static char *put_value(const struct set *set, size_t i, char *out)
{
	const struct column *column = &set->columns[i % set->ncolumns];

	if (!set->quotes)
		return column->put(out);
	*out = '"';
	out = column->put(out + 1);
	*out = '"';
	return out + 1;
}

static void write_records(FILE *file, const struct set *set, uint64_t nbytes, uint64_t nrecords)
{
	static char buffer[BUFFER_NBYTES + VALUE_NBYTES];
	uint64_t written = 0;
	char *out = buffer;

	for (record = 0; record < nrecords && written < nbytes; record++)
		for (size_t i = 0; i < set->ncolumns * set->times; i++) {
			char *start_of_value = out;

			out = put_value(set, i, out);
			*out++ = i + 1 < set->ncolumns * set->times ? ',' : '\n';
			written += (uint64_t)(out - start_of_value);
			out = flush(file, buffer, out, BUFFER_NBYTES);
		}
	flush(file, buffer, out, 1);
}

static void write_schema(const struct set *set, const char *path)
{
	char name[4096];
	FILE *file;

	must((size_t)snprintf(name, sizeof name, "%s.schema", path) < sizeof name, "the path is too long");
	file = create(name);
	write_names(file, set, true);
	must(fclose(file) == 0, "the schema cannot be written");
}

static int list(void)
{
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		puts(sets[i].name);
	return 0;
}

int main(int argc, char **argv)
{
	const struct set *set;
	uint64_t n;
	FILE *file;
	bool bytes;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	must(argc == 5, "usage: data SET bytes|records N FILE, or data --list");
	set = find_set(argv[1]);
	bytes = strcmp(argv[2], "bytes") == 0;
	n = strtoull(argv[3], NULL, 10);
	write_schema(set, argv[4]);
	file = create(argv[4]);
	write_names(file, set, false);
	write_records(file, set, bytes ? n : UINT64_MAX, bytes ? UINT64_MAX : n);
	must(fclose(file) == 0, "the file cannot be written");
	return 0;
}
