/*
 * Random arrays of random formats in random dialects: what the writer takes reads back bit for bit, and is written the same
 * way again.  What it refuses it must have a reason for.
 *
 * Speaks TAP.  FLATLOAD_TEST_COUNT replaces the number of rounds.  FLATLOAD_TEST_STATE starts with the round whose random_state a
 * failure told.
 */
#include "config.h"

#include "flatload.h"
#include "support/text.h"
#include "unit/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MOST = 8, RECORDS_MOST = 40, NAME = 16, TEXT_MOST = 120, LONG_TEXT = 5000, OUTPUT_MOST = 1 << 21, ARENA = 1 << 18 };

static uint64_t round_state; /* of the random numbers, when the round began */

static void die(const char *what, const char *detail)
{
	printf("not ok 1 - %s\n# %s\n# random_state %llu\n", what, detail ? detail : "", (unsigned long long)round_state);
	exit(EXIT_FAILURE);
}

static bool one_in(unsigned n)
{
	return random_below(n) == 0;
}

/* ------------------------------------------------------------------------------------------------- formats */

static const char *const spellings[] = {"",    "NA",  "null", "-999", "nan", "-nan", "inf",  "0",	   "1",	   "true", "1970-01-01", "a",
					" ",   "\t",  "a,b",  "x\ny", "\r",  "-",    "1970-01-01T00:00:00Z", " NA",  "0.5",  "\xEF\xBB\xBF", "\xEF"};
#define NSPELLINGS (sizeof spellings / sizeof *spellings)

/* Characters of numbers and times.  The reader takes quotes off these only if the text is no value with them. */
static bool is_of_values(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && strchr("+-.:", c));
}

static int random_delimiter(void)
{
	static const char usual[] = ",;\t| 015.-+eEinfatruTZ:\"'";
	static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};

	if (one_in(8))
		return mark[random_below(3)];
	return one_in(3) ? (int)random_below(256) : usual[random_below(sizeof usual - 1)];
}

static int random_quote(void)
{
	static const int usual[] = {'"', '"', '"', '\'', FLAT_NONE, ' ', ',', 0xEF, 0xBB, 0xFF};
	int quote = one_in(3) ? (int)random_below(256) : usual[random_below(10)];

	return is_of_values(quote) ? '"' : quote;
}

static size_t random_nulls(const char **nulls)
{
	size_t n = one_in(2) ? 0 : 1 + random_below(3);

	for (size_t i = 0; i < n; i++)
		nulls[i] = spellings[one_in(3) ? 0 : random_below(NSPELLINGS)];
	return n;
}

static void random_name(char *name, unsigned index)
{
	static const char odd[] = ",\"' \t\n\r;|.-ab\xEF\xBB\xBF";
	size_t n = one_in(2) ? 0 : random_below(6);

	for (size_t i = 0; i < n; i++)
		name[i] = odd[random_below(sizeof odd - 1)];
	if (one_in(20))
		memcpy(name, "\xEF\xBB\xBF", n = 3);
	/* Unique in its format. */
	name[n++] = (char)('A' + index);
	if (one_in(4))
		name[n++] = ' ';
	name[n] = '\0';
}

static flat_field random_field(char *name, const char **nulls, unsigned index)
{
	flat_field field = {.name = name, .type = (flat_type)(FLAT_BOOL + random_below(FLAT_TIMESTAMP_NS))};

	random_name(name, index);
	if (field.type == FLAT_STR)
		field.width = 1 + random_below(20);
	if (one_in(4) && (field.type == FLAT_F32 || field.type == FLAT_F64))
		field.fixed = FLAT_FIXED(random_below(20));
	if (one_in(3)) {
		field.nulls = nulls;
		field.nnulls = random_nulls(nulls);
	}
	return field;
}

/* NULL: what was drawn does not go together. */
static flat_format *random_format(void)
{
	char names[FIELDS_MOST][NAME];
	const char *nulls[FIELDS_MOST][3], *dialect_nulls[3];
	flat_field fields[FIELDS_MOST];
	size_t nfields = one_in(4) ? 1 : 1 + random_below(FIELDS_MOST);
	flat_dialect dialect = {
		.delimiter = random_delimiter(),
		.quote = random_quote(),
		.header = one_in(2) ? FLAT_HEADER_ABSENT : FLAT_HEADER_NAMES,
		.newline = one_in(2) ? FLAT_CRLF : FLAT_LF,
		.trim = one_in(3),
		.nulls = dialect_nulls,
	};

	dialect.nnulls = random_nulls(dialect_nulls);
	for (unsigned i = 0; i < nfields; i++)
		fields[i] = random_field(names[i], nulls[i], i);
	return flat_format_new(&dialect, fields, nfields, NULL);
}

static bool is_string(const flat_field *field)
{
	return field->type == FLAT_STR || field->type == FLAT_TEXT;
}

static bool is_float(const flat_field *field)
{
	return field->type == FLAT_F32 || field->type == FLAT_F64;
}

static bool is_time(const flat_field *field)
{
	return field->type >= FLAT_DATE;
}

/* -------------------------------------------------------------------------------------------------- arrays */

/* Columns for all fields: packed one behind the other, or members of a struct at odd addresses. */
struct arrays {
	flat_column columns[FIELDS_MOST];
	char sentinels[FIELDS_MOST][TEXT_MOST];
	char *block;
};

static char *cell_of(const flat_column *column, size_t i)
{
	return (char *)column->base + i * column->stride;
}

static uint64_t offset_of(const flat_column *column, size_t i)
{
	uint64_t offset;

	memcpy(&offset, cell_of(column, i), sizeof offset);
	return offset;
}

static uint32_t length_of(const flat_column *column, size_t i)
{
	uint32_t length;

	memcpy(&length, (const char *)column->lengths + i * column->lengths_stride, sizeof length);
	return length;
}

static void *place(char *block, size_t *at, size_t *stride, size_t width, bool packed)
{
	void *start = block + *at;

	*stride = packed ? width : 512;
	*at += packed ? (RECORDS_MOST + 1) * width + random_below(3) : width + random_below(4);
	return start;
}

static void lay_out(struct arrays *arrays, const flat_format *format)
{
	bool packed = one_in(2);
	size_t at = random_below(8);

	arrays->block = test_allocate((RECORDS_MOST + 2) * 512);
	memset(arrays->block, (int)random_below(256), (RECORDS_MOST + 2) * 512);
	for (size_t i = 0; i < flat_format_nfields(format); i++) {
		flat_column *column = &arrays->columns[i];
		const flat_field *field = flat_format_field(format, i);

		column->base = place(arrays->block, &at, &column->stride, flat_field_width(field), packed);
		if (column->validity == FLAT_VALIDITY_BYTE)
			column->valid = place(arrays->block, &at, &column->valid_stride, 1, packed);
		if (column->validity == FLAT_VALIDITY_BITMAP)
			column->valid = test_allocate(RECORDS_MOST / 8 + 1);
		if (column->lengths)
			column->lengths = place(arrays->block, &at, &column->lengths_stride, sizeof(uint32_t), packed);
		column->sentinel = arrays->sentinels[i];
		if (field->type == FLAT_TEXT) {
			column->arena = test_allocate(ARENA);
			column->arena_nbytes = ARENA;
		}
	}
}

static void release(struct arrays *arrays, size_t nfields)
{
	for (size_t i = 0; i < nfields; i++) {
		free(arrays->columns[i].arena);
		if (arrays->columns[i].validity == FLAT_VALIDITY_BITMAP)
			free(arrays->columns[i].valid);
	}
	free(arrays->block);
}

/* A NaN keeps its sign alone. */
static void random_float(char *cell, bool wide)
{
	uint64_t word = random_word();
	double f64;
	float f32;

	if (one_in(4))
		f64 = (double)(int64_t)(word % 2000000) / 100 - 10000;
	else
		memcpy(&f64, &word, sizeof f64);
	memcpy(&f32, &word, sizeof f32);
	if (one_in(4))
		f32 = (float)(int)(word % 20000) / 100;
	if (one_in(10))
		f64 = f32 = one_in(2) ? INFINITY : one_in(2) ? -0.0f : 0.0f;
	if (one_in(10) || isnan(f64))
		f64 = copysign((double)NAN, one_in(2) ? 1.0 : -1.0);
	if (one_in(10) || isnan(f32))
		f32 = copysignf(NAN, one_in(2) ? 1.0f : -1.0f);
	memcpy(cell, wide ? (const void *)&f64 : (const void *)&f32, wide ? sizeof f64 : sizeof f32);
}

static void random_bytes(char *p, size_t n, const flat_dialect *dialect)
{
	const char odd[] = {(char)dialect->delimiter, (char)dialect->quote, '\n', '\r', ' ', '\t', '\0', 'a', '\xEF', '\xBB', '\xBF'};
	unsigned kind = random_below(3);

	for (size_t i = 0; i < n; i++)
		p[i] = kind == 0 || one_in(20) ? odd[random_below(sizeof odd)] : kind == 1 ? (char)random_word() : 'x';
}

static size_t random_string(char *p, size_t room, const flat_field *field, const flat_dialect *dialect)
{
	size_t nbytes = random_below((unsigned)(room < TEXT_MOST ? room : TEXT_MOST) + 1);
	const char *spelling = field->nnulls ? field->nulls[0] : "\xEF\xBB\xBF";

	if (room > LONG_TEXT && one_in(60))
		nbytes = random_below(LONG_TEXT);
	random_bytes(p, nbytes, dialect);
	if (one_in(6) && strlen(spelling) <= room)
		memcpy(p, spelling, nbytes = strlen(spelling));
	return one_in(8) ? 0 : nbytes;
}

static void random_cell(char *cell, const flat_field *field, const flat_dialect *dialect)
{
	static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, 0, -1, -719528, 2932896, 2932897};
	size_t width = flat_field_width(field);
	uint64_t word = random_word() >> random_below(64);

	if (field->type == FLAT_STR) {
		size_t nbytes = random_string(cell, width, field, dialect);

		memset(cell + nbytes, 0, width - nbytes);
		return;
	}
	if (is_float(field)) {
		random_float(cell, field->type == FLAT_F64);
		return;
	}
	if (field->type == FLAT_BOOL)
		word &= 1;
	else if (one_in(2))
		word = 0 - word;
	if (is_time(field) && one_in(4))
		word = (uint64_t)extremes[random_below(8)];
	memcpy(cell, &word, width); /* the low bytes: this is no test of a big-endian machine */
}

/* What the reader stores for a null. */
static void null_cell(char *cell, const flat_field *field, const flat_column *column)
{
	const float f32 = NAN;
	const double f64 = (double)NAN;
	const int64_t not_a_time = INT64_MIN;

	if (column->validity == FLAT_VALIDITY_SENTINEL)
		memcpy(cell, column->sentinel, flat_field_width(field));
	else if (field->type == FLAT_F32)
		memcpy(cell, &f32, sizeof f32);
	else if (field->type == FLAT_F64)
		memcpy(cell, &f64, sizeof f64);
	else if (is_time(field))
		memcpy(cell, &not_a_time, sizeof not_a_time);
	else
		memset(cell, 0, flat_field_width(field));
}

static bool has_bit(const flat_column *column, size_t i)
{
	return ((const unsigned char *)column->valid)[i / 8] >> i % 8 & 1;
}

static bool is_null(const flat_field *field, const flat_column *column, size_t i)
{
	if (column->validity == FLAT_VALIDITY_BITMAP)
		return !has_bit(column, i);
	if (column->validity == FLAT_VALIDITY_BYTE)
		return !((const char *)column->valid)[i * column->valid_stride];
	if (column->validity == FLAT_VALIDITY_SENTINEL)
		return memcmp(cell_of(column, i), column->sentinel, flat_field_width(field)) == 0;
	return is_time(field) && (int64_t)offset_of(column, i) == INT64_MIN;
}

static void set_valid(const flat_column *column, size_t i, bool valid)
{
	unsigned char *bits = column->valid;

	if (column->validity == FLAT_VALIDITY_BYTE)
		bits[i * column->valid_stride] = valid;
	if (column->validity == FLAT_VALIDITY_BITMAP)
		bits[i / 8] = (unsigned char)((bits[i / 8] & ~(1u << i % 8)) | (unsigned)valid << i % 8);
}

static void fill_text(const flat_field *field, const flat_column *column, const flat_dialect *dialect, size_t i)
{
	uint64_t start = i ? offset_of(column, i) : 0, end = start;

	if (!is_null(field, column, i))
		end += random_string(column->arena + start, LONG_TEXT + 1, field, dialect);
	memcpy(cell_of(column, i), &start, sizeof start);
	memcpy(cell_of(column, i + 1), &end, sizeof end);
}

static void fill_length(const flat_field *field, const flat_column *column, size_t i)
{
	const char *cell = cell_of(column, i);
	uint32_t length = field->width;

	while (length && cell[length - 1] == '\0')
		length--;
	length += random_below(field->width - length + 1);
	if (is_null(field, column, i))
		length = 0;
	memcpy((char *)column->lengths + i * column->lengths_stride, &length, sizeof length);
}

static void fill(const flat_field *field, const flat_column *column, const flat_dialect *dialect, size_t nrecords)
{
	bool never = one_in(3);

	for (size_t i = 0; i < nrecords; i++) {
		bool null = column->validity != FLAT_VALIDITY_NONE && !never && one_in(4);

		set_valid(column, i, !null);
		if (field->type == FLAT_TEXT)
			fill_text(field, column, dialect, i);
		else if (null)
			null_cell(cell_of(column, i), field, column);
		else
			random_cell(cell_of(column, i), field, dialect);
		if (column->lengths)
			fill_length(field, column, i);
	}
}

static void random_arrays(struct arrays *arrays, const flat_format *format, size_t nrecords)
{
	static uint32_t wanted;

	*arrays = (struct arrays){.block = NULL};
	for (size_t i = 0; i < flat_format_nfields(format); i++) {
		const flat_field *field = flat_format_field(format, i);
		flat_column *column = &arrays->columns[i];

		/* A text has no sentinel; a value with fixed digits may be rounded to one. */
		column->validity = (flat_validity)random_below(field->type == FLAT_TEXT || field->fixed ? 3 : 4);
		if (field->type == FLAT_STR && one_in(2))
			column->lengths = &wanted; /* its place is chosen later */
		if (field->type != FLAT_TEXT)
			random_cell(arrays->sentinels[i], field, flat_format_dialect(format));
	}
	lay_out(arrays, format);
	for (size_t i = 0; i < flat_format_nfields(format); i++)
		fill(flat_format_field(format, i), &arrays->columns[i], flat_format_dialect(format), nrecords);
}

/* Of the same kinds, laid out anew. */
static void empty_arrays(struct arrays *arrays, const struct arrays *like, const flat_format *format)
{
	*arrays = *like;
	lay_out(arrays, format);
}

/* ------------------------------------------------------------------------------------------------ refusals */

/* A text of the record, as the predicates below see it. */
struct cell {
	const flat_format *format;
	const flat_field *field;
	flat_quoting quoting;
	bool first; /* of the output */
	bool null;
	char *p;
	size_t nbytes;
};

static bool spells_null(const struct cell *cell)
{
	for (size_t i = 0; i < cell->field->nnulls; i++)
		if (strlen(cell->field->nulls[i]) == cell->nbytes && memcmp(cell->field->nulls[i], cell->p, cell->nbytes) == 0)
			return true;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool starts_like_mark(const struct cell *cell)
{
	char start[3];
	size_t n = cell->nbytes < 3 ? cell->nbytes : 2;

	/* The delimiter may be a byte of the mark. */
	memcpy(start, cell->p, cell->nbytes < 3 ? cell->nbytes : 3);
	if (cell->nbytes < 3)
		start[n] = (char)flat_format_dialect(cell->format)->delimiter;
	return cell->first && memcmp(start, "\xEF\xBB\xBF", n + 1) == 0;
}

static bool holds_byte(const struct cell *cell, int byte)
{
	return byte != FLAT_NONE && cell->nbytes && memchr(cell->p, byte, cell->nbytes);
}

static bool needs_quotes(const struct cell *cell)
{
	const flat_dialect *dialect = flat_format_dialect(cell->format);

	if (cell->nbytes == 0)
		return flat_format_nfields(cell->format) == 1 || starts_like_mark(cell);
	return holds_byte(cell, dialect->delimiter) || holds_byte(cell, dialect->quote) || holds_byte(cell, '\n') ||
	       holds_byte(cell, '\r') || starts_like_mark(cell) ||
	       (dialect->trim && (is_blank(cell->p[0]) || is_blank(cell->p[cell->nbytes - 1])));
}

/* Of a value that is no string: would the text that stands for null be read as it, were it not null? */
static bool is_value_of(const flat_field *field, const char *spelling, const char *expected)
{
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT, .delimiter = 1, .quote = FLAT_NONE};
	flat_field plain = {.name = "x", .type = field->type};
	flat_source source = flat_source_memory(spelling, strlen(spelling), NULL);
	flat_format *format = flat_format_new(&dialect, &plain, 1, NULL);
	flat_reader *reader = flat_reader_open_source(format, &source, &(flat_reader_options){.max_record = 4096}, NULL);
	char value[8];
	bool same = reader && flat_bind(reader, "x", value, 0) == FLAT_OK && flat_read(reader, 1) == 1 &&
		    memcmp(value, expected, flat_field_width(field)) == 0;

	flat_reader_close(reader);
	flat_format_free(format);
	return same;
}

/* With fixed digits many values have one text. */
static bool looks_null(const struct cell *cell, const char *element)
{
	for (size_t i = 0; i < cell->field->nnulls; i++)
		if (cell->field->fixed || is_value_of(cell->field, cell->field->nulls[i], element))
			return true;
	return false;
}

static bool no_spelling(struct cell *cell)
{
	if (cell->field->nnulls == 0)
		return true;
	cell->p = (char *)(uintptr_t)cell->field->nulls[0];
	cell->nbytes = strlen(cell->p);
	return needs_quotes(cell);
}

/* Some byte of such a value may have a meaning in the dialect, or all is to be quoted. */
static bool value_may_need_quotes(const struct cell *cell)
{
	const flat_dialect *dialect = flat_format_dialect(cell->format);

	return cell->quoting == FLAT_QUOTE_ALWAYS || is_of_values(dialect->delimiter) || is_of_values(dialect->quote);
}

static bool no_quotes(const struct cell *cell)
{
	const flat_dialect *dialect = flat_format_dialect(cell->format);
	bool completes_mark = cell->first && dialect->quote == 0xEF && cell->nbytes >= 2 && memcmp(cell->p, "\xBB\xBF", 2) == 0;

	return dialect->quote == FLAT_NONE || cell->quoting == FLAT_QUOTE_NEVER || completes_mark;
}

static bool justifies(struct cell *cell, const flat_column *column, size_t i, flat_status status)
{
	char nothing = 0;

	cell->p = &nothing;
	cell->nbytes = 0;
	if (cell->field->type == FLAT_STR) {
		cell->p = cell_of(column, i);
		cell->nbytes = cell->field->width;
		while (cell->nbytes && !cell->p[cell->nbytes - 1])
			cell->nbytes--;
		if (column->lengths)
			cell->nbytes = length_of(column, i);
	} else if (cell->field->type == FLAT_TEXT) {
		cell->p = column->arena + offset_of(column, i);
		cell->nbytes = (size_t)(offset_of(column, i + 1) - offset_of(column, i));
	}
	if (status == FLAT_OUT_OF_RANGE)
		return is_time(cell->field) && !cell->null && (int64_t)offset_of(column, i) == INT64_MIN;
	if (status == FLAT_BAD_NULL && cell->null)
		return is_string(cell->field) && no_spelling(cell);
	if (status == FLAT_BAD_NULL)
		return !is_string(cell->field) && looks_null(cell, cell_of(column, i));
	if (status != FLAT_NEEDS_QUOTES || !no_quotes(cell))
		return false;
	if (cell->null)
		return !is_string(cell->field) && (cell->field->nnulls ? no_spelling(cell) : needs_quotes(cell));
	if (!is_string(cell->field))
		return value_may_need_quotes(cell);
	return cell->quoting == FLAT_QUOTE_ALWAYS || needs_quotes(cell) || spells_null(cell);
}

/* ------------------------------------------------------------------------------------------- there and back */

struct output {
	char *bytes;
	size_t nbytes;
};

static void bind_all(flat_writer *writer, const struct arrays *arrays, size_t nfields)
{
	for (size_t i = 0; i < nfields; i++)
		if (flat_writer_bind_column(writer, i, &arrays->columns[i]) != FLAT_OK)
			die("a column cannot be bound", NULL);
}

static void check_refusal(const flat_format *format, const struct arrays *arrays, flat_quoting quoting, size_t i, bool first,
			  const flat_error *error)
{
	size_t field = (size_t)error->field - 1;
	struct cell cell = {.format = format, .quoting = quoting};

	if (field >= flat_format_nfields(format))
		die("a refusal names no field", error->message);
	cell.field = flat_format_field(format, field);
	cell.first = first && field == 0 && flat_format_dialect(format)->header == FLAT_HEADER_ABSENT;
	cell.null = is_null(cell.field, &arrays->columns[field], i);
	if (!justifies(&cell, &arrays->columns[field], i, error->status))
		die("a value is refused without a reason", error->message);
}

/* Writes what it can; gives how many, and which in 'kept'. */
static size_t write_some(flat_writer *writer, const flat_format *format, const struct arrays *arrays, flat_quoting quoting,
			 size_t nrecords, size_t *kept)
{
	size_t n = 0;
	flat_error error;

	bind_all(writer, arrays, flat_format_nfields(format));
	for (size_t i = 0; i < nrecords; i++) {
		size_t taken = flat_write_at(writer, i, nrecords - i);

		while (taken-- > 0)
			kept[n++] = i++;
		if (flat_writer_failed(writer, &error))
			check_refusal(format, arrays, quoting, i, n == 0, &error);
		else if (i < nrecords)
			die("records were not taken, and nothing failed", NULL);
	}
	return n;
}

/* NULL: the header cannot be written. */
static flat_writer *open_writer(const flat_format *format, const struct output *output, flat_quoting quoting)
{
	flat_sink sink = flat_sink_memory(output->bytes, OUTPUT_MOST, NULL);
	const flat_writer_options options = {.quoting = quoting, .buffer = one_in(2) ? 4096 : 0};
	flat_error error;
	flat_writer *writer = flat_writer_open_sink(format, &sink, &options, &error);

	if (!writer && error.status != FLAT_NEEDS_QUOTES)
		die("a writer cannot be opened", error.message);
	if (!writer && quoting != FLAT_QUOTE_NEVER && flat_format_dialect(format)->quote != FLAT_NONE &&
	    flat_format_dialect(format)->quote != 0xEF)
		die("a header is refused without a reason", error.message);
	return writer;
}

static void close_writer(flat_writer *writer, struct output *output)
{
	flat_error error;

	flat_writer_flush(writer);
	output->nbytes = (size_t)flat_writer_counts(writer).bytes;
	if (flat_writer_close(writer, &error) != FLAT_OK)
		die("a writer cannot be closed", error.message);
}

static void read_all(const flat_format *format, const struct output *output, const struct arrays *arrays, size_t nrecords)
{
	static const size_t windows[] = {0, 1, 64, 4096};
	const flat_reader_options options = {.window = windows[random_below(4)], .max_record = 1 << 17, .max_fields = 64};
	flat_source source = flat_source_memory(output->bytes, output->nbytes, "output");
	flat_error error;
	flat_reader *reader = flat_reader_open_source(format, &source, &options, &error);

	if (!reader)
		die("what was written cannot be opened", error.message);
	for (size_t i = 0; i < flat_format_nfields(format); i++)
		if (flat_bind_column(reader, i, &arrays->columns[i]) != FLAT_OK)
			die("a column cannot be bound", NULL);
	if (flat_read(reader, nrecords) != nrecords) {
		flat_reader_failed(reader, &error);
		die("what was written cannot be read", error.message);
	}
	if (flat_read_at(reader, nrecords, 1) != 0 || flat_reader_failed(reader, &error))
		die("more can be read than was written", NULL);
	flat_reader_close(reader);
}

static bool same_text(const flat_column *a, size_t i, const flat_column *b, size_t k)
{
	uint64_t nbytes = offset_of(a, i + 1) - offset_of(a, i);

	return nbytes == offset_of(b, k + 1) - offset_of(b, k) &&
	       memcmp(a->arena + offset_of(a, i), b->arena + offset_of(b, k), (size_t)nbytes) == 0;
}

static bool same_cell(const flat_field *field, const flat_column *a, size_t i, const flat_column *b, size_t k)
{
	bool null = is_null(field, a, i);

	if (null != is_null(field, b, k))
		return false;
	if (field->type == FLAT_TEXT)
		return same_text(a, i, b, k);
	if (a->lengths && length_of(a, i) != length_of(b, k))
		return false;
	return (field->fixed && !null) || memcmp(cell_of(a, i), cell_of(b, k), flat_field_width(field)) == 0;
}

static void tell_difference(const flat_field *field, const char *before, const char *after)
{
	printf("# field \"%s\", %s, before and after:", field->name, flat_type_name(field->type));
	for (size_t i = 0; i < 2 * flat_field_width(field); i++)
		printf("%s%02x", i % flat_field_width(field) ? "" : " ",
		       (unsigned)(unsigned char)(i < flat_field_width(field) ? before : after - flat_field_width(field))[i]);
	printf("\n");
	die("an element reads back as another", NULL);
}

static void compare(const flat_format *format, const struct arrays *before, const size_t *kept, const struct arrays *after, size_t n)
{
	for (size_t i = 0; i < flat_format_nfields(format); i++) {
		const flat_field *field = flat_format_field(format, i);
		const flat_column *a = &before->columns[i], *b = &after->columns[i];

		for (size_t k = 0; k < n; k++)
			if (!same_cell(field, a, kept[k], b, k))
				tell_difference(field, cell_of(a, kept[k]), cell_of(b, k));
	}
}

/* Arrays, text, arrays; and from these the same text again. */
static size_t go_round(const flat_format *format, struct output *first, struct output *second)
{
	static const flat_quoting quotings[] = {FLAT_QUOTE_NEEDED, FLAT_QUOTE_NEEDED, FLAT_QUOTE_ALWAYS, FLAT_QUOTE_NEVER};
	size_t nfields = flat_format_nfields(format), nrecords = random_below(RECORDS_MOST + 1), kept[RECORDS_MOST], n;
	flat_quoting quoting = quotings[random_below(4)];
	flat_writer *writer = open_writer(format, first, quoting);
	struct arrays before, after;

	if (!writer)
		return 0;
	random_arrays(&before, format, nrecords);
	n = write_some(writer, format, &before, quoting, nrecords, kept);
	close_writer(writer, first);
	empty_arrays(&after, &before, format);
	read_all(format, first, &after, n);
	compare(format, &before, kept, &after, n);
	writer = open_writer(format, second, quoting);
	bind_all(writer, &after, nfields);
	if (flat_write(writer, n) != n)
		die("what was read cannot be written again", NULL);
	close_writer(writer, second);
	if (first->nbytes != second->nbytes || memcmp(first->bytes, second->bytes, first->nbytes) != 0)
		die("the second text is not the first", NULL);
	release(&before, nfields);
	release(&after, nfields);
	return n;
}

static void random_arrays_of_random_formats_come_back(void)
{
	struct output first = {.bytes = test_allocate(OUTPUT_MOST)}, second = {.bytes = test_allocate(OUTPUT_MOST)};
	uint64_t rounds = test_count(60000), nrecords = 0;
	const char *state = getenv("FLATLOAD_TEST_STATE");

	if (state)
		random_state = strtoull(state, NULL, 10);
	for (uint64_t i = 0; i < rounds; i++) {
		flat_format *format;

		round_state = random_state;
		format = random_format();
		if (format)
			nrecords += go_round(format, &first, &second);
		flat_format_free(format);
	}
	free(first.bytes);
	free(second.bytes);
	printf("# %llu rounds, %llu records\n", (unsigned long long)rounds, (unsigned long long)nrecords);
}

/* ------------------------------------------------------------------------------------------------- numbers */

enum { BLOCK = 10000 };

static void a_block_of_floats(const flat_format *format, struct output *output)
{
	static double f64[2][BLOCK];
	static float f32[2][BLOCK];
	flat_writer *writer = open_writer(format, output, FLAT_QUOTE_NEEDED);
	struct arrays arrays = {.columns = {{.base = f64[1]}, {.base = f32[1]}}};

	for (size_t i = 0; i < BLOCK; i++) {
		random_float((char *)&f64[0][i], true);
		random_float((char *)&f32[0][i], false);
	}
	flat_writer_bind(writer, "x", f64[0], 0);
	flat_writer_bind(writer, "y", f32[0], 0);
	if (flat_write(writer, BLOCK) != BLOCK)
		die("floats cannot be written", NULL);
	close_writer(writer, output);
	read_all(format, output, &arrays, BLOCK);
	if (memcmp(f64[0], f64[1], sizeof f64[0]) != 0 || memcmp(f32[0], f32[1], sizeof f32[0]) != 0)
		die("a float reads back as another", NULL);
}

static void random_floats_come_back(void)
{
	flat_format *format = flat_format_parse("x:f64,y:f32", NULL, NULL);
	struct output output = {.bytes = test_allocate(OUTPUT_MOST)};
	uint64_t blocks = test_count(1000000) / BLOCK;

	for (uint64_t i = 0; i < blocks + 1; i++)
		a_block_of_floats(format, &output);
	free(output.bytes);
	flat_format_free(format);
}

int main(void)
{
	printf("1..2\n");
	random_arrays_of_random_formats_come_back();
	printf("ok 1 - random arrays of random formats come back\n");
	random_floats_come_back();
	printf("ok 2 - random floats come back\n");
	return EXIT_SUCCESS;
}
