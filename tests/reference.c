/*
 * Random files, read by flatload and by an obvious reader made of libcsv, strtod() and strtoull(): both must see the same
 * fields, store the same values and refuse the same records.
 *
 * The obvious reader stops at the first record that breaks the rules of quoting.  A carriage return without a line feed
 * ends a line for libcsv and is an error for flatload: there the comparison ends too.
 *
 * FLATLOAD_TEST_COUNT says how many files of each kind are made; FLATLOAD_TEST_SEED makes others.
 */
#include "config.h"

#include "support/drive.h"

#include <csv.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_POSITIONS = 4096, MAX_SCHEMA = 6 };

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

/* ------------------------------------------------------------------------------------- the obvious reader */

struct reference {
	const flat_format *format;
	flat_validity validity;
	struct text fields[MAX_POSITIONS]; /* of the record that is being read */
	bool quoted[MAX_POSITIONS];
	size_t nfields;
	bool field_is_quoted;		  /* what libcsv says of the field that it is in */
	bool header;			  /* the next record is the header */
	size_t nexpected;		  /* fields of a record */
	size_t field_of[MAX_POSITIONS];	  /* by position in the record */
	uint64_t record;
	bool ended;
	struct text lines; /* one a record: its values, or STATUS RECORD FIELD */
};

static size_t count_digits(const char **p)
{
	size_t n = 0;

	for (; **p >= '0' && **p <= '9'; ++*p)
		n++;
	return n;
}

static void skip_sign(const char **p)
{
	*p += **p == '+' || **p == '-';
}

static bool is_integer(const char *p, const char *end)
{
	skip_sign(&p);
	return count_digits(&p) > 0 && p == end;
}

static bool is_float(const char *p, const char *end)
{
	size_t ndigits;

	skip_sign(&p);
	if ((size_t)(end - p) == strlen(p) && (!strcasecmp(p, "inf") || !strcasecmp(p, "infinity") || !strcasecmp(p, "nan")))
		return true;
	ndigits = count_digits(&p);
	if (*p == '.') {
		p++;
		ndigits += count_digits(&p);
	}
	if (ndigits > 0 && (*p == 'e' || *p == 'E')) {
		p++;
		skip_sign(&p);
		ndigits = count_digits(&p);
	}
	return ndigits > 0 && p == end;
}

static flat_status print_bool(struct text *line, const char *text, size_t nbytes)
{
	static const char *const words[] = {"false", "true", "f", "t", "0", "1"};

	for (size_t i = 0; i < 6; i++) {
		if (strlen(words[i]) == nbytes && strcasecmp(words[i], text) == 0) {
			text_print(line, "%u", (unsigned)(i % 2));
			return FLAT_OK;
		}
	}
	return FLAT_BAD_VALUE;
}

static flat_status print_signed(struct text *line, const char *text, unsigned nbits)
{
	long long least = LLONG_MIN >> (64 - nbits), greatest = LLONG_MAX >> (64 - nbits), value;

	errno = 0;
	value = strtoll(text, NULL, 10);
	if (errno == ERANGE || value < least || value > greatest)
		return FLAT_OUT_OF_RANGE;
	text_print(line, "%lld", value);
	return FLAT_OK;
}

static flat_status print_unsigned(struct text *line, const char *text, unsigned nbits)
{
	unsigned long long greatest = ULLONG_MAX >> (64 - nbits), value;

	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno == ERANGE || (*text == '-' && value != 0) || value > greatest)
		return FLAT_OUT_OF_RANGE;
	text_print(line, "%llu", value);
	return FLAT_OK;
}

static flat_status print_number(struct text *line, flat_type type, const struct text *text)
{
	const char *end = text->bytes + text->nbytes;
	unsigned nbits = 8 * (unsigned)flat_field_width(&(flat_field){.type = type});

	if (type == FLAT_BOOL)
		return print_bool(line, text->bytes, text->nbytes);
	if (type == FLAT_F32 || type == FLAT_F64) {
		if (!is_float(text->bytes, end))
			return FLAT_BAD_VALUE;
		text_print(line, "%a", type == FLAT_F32 ? (double)strtof(text->bytes, NULL) : strtod(text->bytes, NULL));
		return FLAT_OK;
	}
	if (!is_integer(text->bytes, end))
		return FLAT_BAD_VALUE;
	return type < FLAT_U8 ? print_signed(line, text->bytes, nbits) : print_unsigned(line, text->bytes, nbits);
}

static bool is_null(const flat_field *field, const struct text *text, bool quoted)
{
	bool string = field->type == FLAT_STR || field->type == FLAT_TEXT;

	if (!string && text->nbytes == 0)
		return true;
	for (size_t i = 0; i < field->nnulls; i++)
		if (strlen(field->nulls[i]) == text->nbytes && memcmp(field->nulls[i], text->bytes, text->nbytes) == 0)
			return !string || !quoted;
	return false;
}

static flat_status print_null(struct text *line, flat_type type, flat_validity validity)
{
	if (validity != FLAT_VALIDITY_NONE)
		text_print(line, "null");
	else if (type == FLAT_STR || type == FLAT_TEXT)
		text_print(line, "\"\"");
	else if (type == FLAT_F32 || type == FLAT_F64)
		text_print(line, "nan");
	else
		return FLAT_BAD_NULL;
	return FLAT_OK;
}

static flat_status print_field(const struct reference *reference, const flat_field *field, size_t position, struct text *line)
{
	const struct text *text = &reference->fields[position];

	if (is_null(field, text, reference->quoted[position]))
		return print_null(line, field->type, reference->validity);
	if (field->type != FLAT_STR && field->type != FLAT_TEXT)
		return print_number(line, field->type, text);
	if (field->type == FLAT_STR && text->nbytes > field->width)
		return FLAT_OUT_OF_RANGE;
	text_add_quoted(line, text->bytes, text->nbytes);
	return FLAT_OK;
}

static void print_error(struct reference *reference, flat_status status, size_t position)
{
	text_print(&reference->lines, "%s %llu %zu\n", flat_status_name(status), (unsigned long long)reference->record,
		   reference->record ? position + 1 : 0);
}

/* The fields in the order of the format; the first bad one in the order of the record. */
static void print_record(struct reference *reference)
{
	struct text values[MAX_SCHEMA] = {{.bytes = NULL}};
	size_t n = flat_format_nfields(reference->format);
	flat_status status = FLAT_OK;

	for (size_t position = 0; position < reference->nfields && status == FLAT_OK; position++) {
		size_t field = reference->field_of[position];

		if (field == FLAT_NO_FIELD)
			continue;
		status = print_field(reference, flat_format_field(reference->format, field), position, &values[field]);
		if (status != FLAT_OK)
			print_error(reference, status, position);
	}
	for (size_t i = 0; i < n && status == FLAT_OK; i++)
		text_print(&reference->lines, "%s%s", values[i].bytes, i + 1 < n ? " " : "\n");
	for (size_t i = 0; i < n; i++)
		text_free(&values[i]);
}

static void find_names(struct reference *reference)
{
	size_t n = flat_format_nfields(reference->format), nfound = 0;
	bool twice = false, found[MAX_SCHEMA] = {false};

	for (size_t position = 0; position < reference->nfields; position++) {
		const struct text *name = &reference->fields[position];
		size_t field = FLAT_NO_FIELD;

		for (size_t i = 0; i < n; i++)
			if (strlen(name->bytes) == name->nbytes && strcmp(flat_format_field(reference->format, i)->name, name->bytes) == 0)
				field = i;
		reference->field_of[position] = field;
		if (field == FLAT_NO_FIELD)
			continue;
		twice = twice || found[field];
		nfound += !found[field];
		found[field] = true;
	}
	reference->nexpected = reference->nfields;
	if (twice || nfound < n) {
		print_error(reference, FLAT_BAD_HEADER, 0);
		reference->ended = true;
	}
}

static void take_field(void *bytes, size_t nbytes, void *context)
{
	struct reference *reference = context;
	struct text *field = &reference->fields[reference->nfields];

	text_clear(field);
	text_add(field, bytes, nbytes);
	reference->quoted[reference->nfields++] = reference->field_is_quoted;
}

static void take_record(int c, void *context)
{
	struct reference *reference = context;

	(void)c;
	if (reference->ended)
		return;
	if (reference->header) {
		find_names(reference);
		reference->header = false;
	} else if (reference->nfields != reference->nexpected) {
		print_error(reference, FLAT_BAD_SHAPE,
			    reference->nfields < reference->nexpected ? reference->nfields : reference->nexpected);
	} else {
		print_record(reference);
	}
	reference->nfields = 0;
	reference->record++;
}

/* Of the faults of a record the first is told: one field too many may have been it. */
static void take_fault(struct reference *reference, flat_status status)
{
	if (reference->ended)
		return;
	if (!reference->header && reference->nfields > reference->nexpected)
		print_error(reference, FLAT_BAD_SHAPE, reference->nexpected);
	else
		print_error(reference, status, reference->nfields);
	reference->ended = true;
}

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

/* Byte by byte: only between calls does libcsv tell whether a field is quoted. */
static void read_obviously(struct reference *reference, const char *input, size_t nbytes)
{
	const flat_dialect *dialect = flat_format_dialect(reference->format);
	struct csv_parser parser;
	size_t at = nbytes >= 3 && memcmp(input, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	reference->header = dialect->header == FLAT_HEADER_NAMES;
	reference->record = !reference->header;
	reference->nexpected = flat_format_nfields(reference->format);
	for (size_t i = 0; i < reference->nexpected; i++)
		reference->field_of[i] = i;
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		abort();
	csv_set_delim(&parser, (unsigned char)dialect->delimiter);
	csv_set_quote(&parser, (unsigned char)dialect->quote);
	csv_set_space_func(&parser, no_space);
	for (; at < nbytes && !reference->ended; at++) {
		reference->field_is_quoted = parser.quoted;
		if (csv_parse(&parser, input + at, 1, take_field, take_record, reference) != 1)
			take_fault(reference, FLAT_BAD_QUOTE);
	}
	reference->field_is_quoted = parser.quoted;
	if (!reference->ended && csv_fini(&parser, take_field, take_record, reference) != 0)
		take_fault(reference, FLAT_OPEN_QUOTE);
	csv_free(&parser);
}

/* ------------------------------------------------------------------------------------------------- files */

struct plan {
	flat_field fields[MAX_SCHEMA];
	size_t nfields;
	flat_dialect dialect;
	const char *nulls[2];
};

static const char *const names[MAX_SCHEMA] = {"a", "b", "c c", "d", "e\"e", "f"};

static void plan_file(struct plan *plan)
{
	static const char *const spellings[] = {"NA", "", "-", "0", "nan", "null", "1"};
	static const int delimiters[] = {0, ';', '\t', '|', ' '};

	*plan = (struct plan){.nfields = 1 + roll(MAX_SCHEMA)};
	plan->dialect.delimiter = delimiters[roll(2) ? 0 : roll(5)];
	plan->dialect.quote = roll(4) ? 0 : '\'';
	plan->dialect.header = roll(2) ? FLAT_HEADER_NAMES : FLAT_HEADER_ABSENT;
	plan->nulls[0] = PICK(spellings);
	plan->nulls[1] = PICK(spellings);
	plan->dialect.nulls = plan->nulls;
	plan->dialect.nnulls = roll(3);
	for (size_t i = 0; i < plan->nfields; i++) {
		flat_field *field = &plan->fields[i];

		field->name = names[i];
		field->type = (flat_type)(FLAT_BOOL + roll(FLAT_TEXT));
		field->width = field->type == FLAT_STR ? 1 + (uint32_t)roll(9) : 0;
	}
}

static void add_digits(struct text *text, size_t most)
{
	for (size_t n = 1 + roll(most); n > 0; n--)
		text_print(text, "%c", (int)('0' + roll(10)));
}

static void add_integer(struct text *text)
{
	static const char *const edges[] = {"127", "128", "-128", "-129", "255", "256", "32767", "32768", "65535", "65536",
					    "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296",
					    "9223372036854775807", "9223372036854775808", "-9223372036854775808",
					    "-9223372036854775809", "18446744073709551615", "18446744073709551616"};

	if (roll(8) == 0) {
		text_print(text, "%s", PICK(edges));
		return;
	}
	if (roll(6) == 0)
		text_print(text, "%s", roll(2) ? "-" : "+");
	add_digits(text, roll(10) ? 3 : 25);
}

static void add_float(struct text *text)
{
	static const char *const words[] = {"inf", "-INF", "nan", "NaN", "Infinity", "+infinity", "infinit", ".", "-", "1e", "-nan"};

	if (roll(10) == 0) {
		text_print(text, "%s", PICK(words));
		return;
	}
	if (roll(4) == 0)
		text_print(text, "-");
	if (roll(8))
		add_digits(text, roll(6) ? 4 : 30);
	if (roll(3)) {
		text_print(text, ".");
		if (roll(8))
			add_digits(text, roll(6) ? 6 : 30);
	}
	if (roll(4) == 0) {
		text_print(text, "%s%s", roll(2) ? "e" : "E", roll(2) ? "-" : roll(2) ? "+" : "");
		add_digits(text, roll(4) ? 2 : 3);
	}
}

static void add_string(struct text *text, bool tame)
{
	static const char wild[] = "\"',;|\t \n\r\n\"\"ab\xC3\xA9\x01";

	for (size_t n = roll(roll(4) ? 5 : 40); n > 0; n--)
		text_print(text, "%c", tame ? (int)('a' + roll(26)) : wild[roll(sizeof wild - 1)]);
}

static void add_value(struct text *text, const struct plan *plan, flat_type type)
{
	static const char *const bools[] = {"true", "FALSE", "t", "F", "1", "0", "True", "yes", "2"};

	if (roll(10) == 0)
		text_print(text, "%s", plan->dialect.nnulls && roll(2) ? plan->nulls[0] : "");
	else if (roll(60) == 0)
		add_string(text, false);
	else if (type == FLAT_BOOL)
		text_print(text, "%s", PICK(bools));
	else if (type <= FLAT_U64)
		add_integer(text);
	else if (type <= FLAT_F64)
		add_float(text);
	else
		add_string(text, roll(2));
}

/* Quoted where it has to be, and now and then where not. */
static void add_field(struct text *out, const struct plan *plan, const struct text *value)
{
	char quote = plan->dialect.quote ? (char)plan->dialect.quote : '"';
	char delimiter = plan->dialect.delimiter ? (char)plan->dialect.delimiter : ',';
	char special[] = {quote, delimiter, '\n', '\r', '\0'};
	bool needed = strpbrk(value->bytes, special) != NULL;

	if (!needed && roll(5)) {
		text_add(out, value->bytes, value->nbytes);
		return;
	}
	text_add(out, &quote, 1);
	for (size_t i = 0; i < value->nbytes; i++) {
		text_add(out, value->bytes + i, 1);
		if (value->bytes[i] == quote)
			text_add(out, &quote, 1);
	}
	text_add(out, &quote, 1);
}

static void end_line(struct text *out)
{
	text_print(out, "%s", roll(3) ? "\n" : "\r\n");
	while (roll(12) == 0)
		text_print(out, "%s", roll(2) ? "\n" : "\r\n");
}

/* Position k of a record has field order[k]; what is no field of the format is an extra column. */
static void add_record(struct text *out, const struct plan *plan, const size_t *order, size_t n, bool header)
{
	char delimiter = plan->dialect.delimiter ? (char)plan->dialect.delimiter : ',';
	struct text value = {.bytes = NULL};

	if (!header && roll(50) == 0)
		n = 1 + roll(n + 2);
	for (size_t i = 0; i < n; i++) {
		size_t field = i < MAX_SCHEMA + 2 ? order[i] : MAX_SCHEMA;

		text_clear(&value);
		text_add(&value, "", 0);
		if (header)
			text_print(&value, "%s", field < plan->nfields ? names[field] : "extra");
		else
			add_value(&value, plan, field < plan->nfields ? plan->fields[field].type : FLAT_TEXT);
		if (i > 0)
			text_add(out, &delimiter, 1);
		add_field(out, plan, &value);
	}
	text_free(&value);
}

static void make_file(struct text *out, const struct plan *plan)
{
	size_t order[MAX_SCHEMA + 2], n = plan->nfields;
	bool header = plan->dialect.header == FLAT_HEADER_NAMES;

	for (size_t i = 0; i < MAX_SCHEMA + 2; i++)
		order[i] = i;
	if (header) {
		n += roll(3);
		for (size_t i = n; i > 1; i--) {
			size_t k = roll(i), swap = order[k];

			order[k] = order[i - 1];
			order[i - 1] = swap;
		}
	}
	if (roll(10) == 0)
		text_print(out, "\xEF\xBB\xBF");
	if (header) {
		add_record(out, plan, order, n, true);
		end_line(out);
	}
	for (size_t left = roll(12); left > 0; left--) {
		add_record(out, plan, order, n, false);
		if (left > 1 || roll(3))
			end_line(out);
	}
}

static void damage(struct text *out)
{
	static const char bytes[] = "\"\"\"',,;\n\n\r \t.-0a\0\xEF\xFF";

	for (size_t n = 1 + roll(3); n > 0 && out->nbytes > 0; n--)
		out->bytes[roll(out->nbytes)] = bytes[roll(sizeof bytes - 1)];
	if (roll(4) == 0 && out->nbytes > 0)
		out->nbytes = roll(out->nbytes);
}

static void make_noise(struct text *out, const struct plan *plan)
{
	static const char bytes[] = "\"\"\",,,\n\n1a.-'; \r";

	if (plan->dialect.header == FLAT_HEADER_NAMES) {
		const size_t order[MAX_SCHEMA + 2] = {0, 1, 2, 3, 4, 5, 6, 7};

		add_record(out, plan, order, plan->nfields, true);
		end_line(out);
	}
	for (size_t n = roll(40); n > 0; n--)
		text_add(out, &bytes[roll(sizeof bytes - 1)], 1);
}

/* ------------------------------------------------------------------------------------------- comparison */

/* Lines of the reference's kind, from records and errors in the order of their numbers. */
static void merge(const struct outcome *outcome, struct text *lines)
{
	const char *record = outcome->records.bytes ? outcome->records.bytes : "";
	const char *error = outcome->errors.bytes ? outcome->errors.bytes : "";

	for (unsigned long long number = 1; *record || *error; number++) {
		char status[32];
		unsigned long long bad = 0, line, field, byte;
		size_t n = strcspn(record, "\n") + 1;

		if (*error && sscanf(error, "%31s %llu %llu %llu %llu", status, &bad, &line, &field, &byte) != 5)
			abort();
		if (*error && (bad == number || bad == 0 || !*record)) {
			text_print(lines, "%s %llu %llu\n", status, bad, bad ? field : 0);
			error += strcspn(error, "\n");
			error += *error == '\n';
		} else {
			text_add(lines, record, n);
			record += n;
		}
	}
}

static bool starts_with(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

/*
 * Line by line, up to where the reference ended, or flatload met a carriage return that libcsv takes for a line's end; that may
 * be in a record that is already too long or too short.
 */
static bool agree(const struct reference *reference, const struct text *lines, bool bare_return)
{
	const char *a = reference->lines.bytes ? reference->lines.bytes : "";
	const char *b = lines->bytes ? lines->bytes : "";

	while (*a || *b) {
		size_t n = strcspn(a, "\n") + 1;

		if (bare_return && (starts_with(b, "FLAT_BAD_NEWLINE") || starts_with(b, "FLAT_BAD_SHAPE")))
			return true;
		if (!*a)
			return reference->ended;
		if (strncmp(a, b, n) != 0)
			return false;
		a += n;
		b += n;
	}
	return true;
}

static bool has_bare_return(const struct text *input)
{
	for (size_t i = 0; i < input->nbytes; i++)
		if (input->bytes[i] == '\r' && (i + 1 == input->nbytes || input->bytes[i + 1] != '\n'))
			return true;
	return false;
}

static void choose_way(struct drive *way, const struct text *input)
{
	static const flat_validity validities[] = {FLAT_VALIDITY_NONE, FLAT_VALIDITY_BITMAP, FLAT_VALIDITY_BYTE};

	*way = (struct drive){
		.source = (enum drive_source)roll(2),
		.mode = (enum drive_mode)roll(NMODES),
		.chunk = 1 + roll(40),
		.cpu = drive_cpu((unsigned)roll(8)),
		.options = {.window = roll(3) ? roll(100) : 0, .max_record = 8192, .max_fields = MAX_POSITIONS},
		.table = {.layout = (enum layout)roll(2),
			  .validity = validities[roll(3)],
			  .lengths = true,
			  .arena_nbytes = input->nbytes},
	};
}

static void show(const char *what, const struct text *text)
{
	const char *p = text->bytes ? text->bytes : "";

	printf("# %s:\n", what);
	while (*p) {
		size_t n = strcspn(p, "\n");

		printf("#     %.*s\n", (int)n, p);
		p += n + (p[n] == '\n');
	}
}

static void explain(const struct text *input, const struct reference *reference, const struct text *lines, const char *broken)
{
	struct text quoted = {.bytes = NULL};

	text_add_quoted(&quoted, input->bytes, input->nbytes);
	printf("# delimiter %d, quote %d\n", flat_format_dialect(reference->format)->delimiter,
	       flat_format_dialect(reference->format)->quote);
	for (size_t i = 0; i < flat_format_nfields(reference->format); i++)
		printf("# field %s %s\n", flat_format_field(reference->format, i)->name,
		       flat_type_name(flat_format_field(reference->format, i)->type));
	show("input", &quoted);
	show("the obvious reader", &reference->lines);
	show("flatload", lines);
	if (broken)
		printf("# %s\n", broken);
	text_free(&quoted);
}

static bool compare(const struct plan *plan, const struct text *input)
{
	static struct reference reference;
	struct outcome outcome = {.broken = NULL};
	struct text lines = {.bytes = NULL}, kept = reference.lines;
	struct drive way;
	bool fine;

	text_clear(&kept);
	reference.format = flat_format_new(&plan->dialect, plan->fields, plan->nfields, NULL);
	if (!reference.format)
		abort();
	choose_way(&way, input);
	reference.validity = way.table.validity;
	reference.lines = kept;
	reference.nfields = 0;
	reference.ended = false;
	drive(reference.format, input->bytes, input->nbytes, &way, &outcome);
	read_obviously(&reference, input->bytes, input->nbytes);
	merge(&outcome, &lines);
	fine = !outcome.broken && agree(&reference, &lines, has_bare_return(input));
	if (!fine)
		explain(input, &reference, &lines, outcome.broken);
	flat_format_free((flat_format *)(uintptr_t)reference.format);
	outcome_free(&outcome);
	text_free(&lines);
	return fine;
}

/* ------------------------------------------------------------------------------------------------- kinds */

enum kind { WELL_FORMED, DAMAGED, NOISE };

static bool try_file(enum kind kind, uint64_t seed)
{
	struct text input = {.bytes = NULL};
	struct plan plan;
	bool fine;

	/* The generator must not start at 0, and near seeds should not give near files. */
	dice = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
	roll(1);
	text_add(&input, "", 0);
	plan_file(&plan);
	if (kind == NOISE)
		make_noise(&input, &plan);
	else
		make_file(&input, &plan);
	if (kind == DAMAGED)
		damage(&input);
	fine = compare(&plan, &input);
	if (!fine)
		printf("# file %llu\n", (unsigned long long)seed);
	text_free(&input);
	return fine;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
	const char *value = getenv(variable);

	return value && *value ? strtoull(value, NULL, 10) : otherwise;
}

int main(void)
{
	static const char *const kinds[] = {"well-formed files", "damaged files", "files of noise"};
	uint64_t most = number_from("FLATLOAD_TEST_MOST", UINT64_MAX), count = number_from("FLATLOAD_TEST_COUNT", 40000);
	uint64_t first = number_from("FLATLOAD_TEST_SEED", 0);
	bool all = true;

	count = count < most ? count : most;
	printf("1..3\n");
	for (int kind = WELL_FORMED; kind <= NOISE; kind++) {
		bool fine = true;

		for (uint64_t i = 0; i < count && fine; i++)
			fine = try_file((enum kind)kind, first + i);
		printf("%s %d - %s are read as the obvious reader reads them\n", fine ? "ok" : "not ok", kind + 1, kinds[kind]);
		all = all && fine;
	}
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
