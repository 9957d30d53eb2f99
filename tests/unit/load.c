/*
 * lib/load.c: whatever the threads and ranges, the result is that of one reader, to the last byte of the message.
 */
#include "config.h"

#define SUPPORT_COUNTS_ALLOCATIONS
#include "flatload.h"
#include "random.h"
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define CAPACITY 300
#define TEXT_MOST 65536

/* ------------------------------------------------------------------------------------------------ failures */

static atomic_size_t nthreads_made, npreads;
static size_t failing_thread;			 /* from 1, and all behind it; 0: none */
static size_t failing_pread, last_failing_pread; /* from 1; 0: none */
static int shortened = -1;			 /* descriptor of a file that is cut instead */
static off_t shortened_to;

int __real_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
ssize_t __real_pread(int descriptor, void *buffer, size_t nbytes, off_t at);
ssize_t __wrap_pread(int descriptor, void *buffer, size_t nbytes, off_t at);

int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	size_t n = ++nthreads_made;

	return failing_thread && n >= failing_thread ? EAGAIN : __real_pthread_create(id, attributes, run, argument);
}

ssize_t __wrap_pread(int descriptor, void *buffer, size_t nbytes, off_t at)
{
	size_t n = ++npreads;

	if (failing_pread && n >= failing_pread && n <= last_failing_pread) {
		if (shortened < 0) {
			errno = EIO;
			return -1;
		}
		if (ftruncate(shortened, shortened_to) != 0)
			abort();
	}
	return __real_pread(descriptor, buffer, nbytes, at);
}

/* ------------------------------------------------------------------------------------------------- columns */

static const char schema[] =
	"b:bool,i:i32,j:i8,u:u64,f:f64,g:f32,s:str4,r:str3,d:date,t:timestamp[ms],x:i16,y:u16,z:u32";
#define NFIELDS 13

/* Arrays of all kinds, with canaries behind the elements asked for. */
struct cells {
	struct {
		uint8_t b;
		int32_t i;
		char between;
		double f;
	} rows[CAPACITY];
	int8_t j[CAPACITY];
	uint64_t u[CAPACITY];
	float g[CAPACITY];
	char s[CAPACITY][4], r[CAPACITY][3];
	int64_t d[CAPACITY], t[CAPACITY];
	int16_t x[CAPACITY];
	uint16_t y[CAPACITY];
	unsigned char bits[NFIELDS][CAPACITY / 8 + 1], bytes[2][CAPACITY][2], others[NFIELDS][CAPACITY];
	uint32_t lengths[CAPACITY];
};

/* Bitmaps, or bytes in their place: with those a range may start to fill anywhere. */
static bool bitmaps = true;

static void lay_columns(struct cells *cells, flat_column columns[NFIELDS])
{
	static const int16_t sentinel = -1;
	const flat_column all[NFIELDS] = {
		{.base = &cells->rows[0].b, .stride = sizeof cells->rows[0]},
		{.base = &cells->rows[0].i, .stride = sizeof cells->rows[0]},
		{.base = cells->j, .validity = FLAT_VALIDITY_BYTE, .valid = cells->bytes[0], .valid_stride = 2},
		{.base = cells->u},
		{.base = &cells->rows[0].f, .stride = sizeof cells->rows[0]},
		{.base = cells->g},
		{.base = cells->s, .lengths = cells->lengths},
		{.base = cells->r},
		{.base = cells->d},
		{.base = cells->t, .validity = FLAT_VALIDITY_BYTE, .valid = cells->bytes[1], .valid_stride = 2},
		{.base = cells->x, .validity = FLAT_VALIDITY_SENTINEL, .sentinel = &sentinel},
		{.base = cells->y},
		{.base = NULL},
	};

	memset(cells, CANARY, sizeof *cells);
	memcpy(columns, all, sizeof all);
	for (size_t k = 0; k < NFIELDS; k++)
		if (columns[k].base && columns[k].validity == FLAT_VALIDITY_NONE) {
			columns[k].validity = bitmaps ? FLAT_VALIDITY_BITMAP : FLAT_VALIDITY_BYTE;
			columns[k].valid = bitmaps ? cells->bits[k] : cells->others[k];
			columns[k].valid_stride = 1;
		}
}

static bool bit(const unsigned char *bits, size_t i)
{
	return bits[i / 8] >> i % 8 & 1;
}

/* Element i is the same in both. */
static bool same_element(const flat_format *format, const flat_column *a, const flat_column *b, size_t field, size_t i)
{
	const size_t width = flat_field_width(flat_format_field(format, field));
	const size_t stride = a->stride ? a->stride : width;
	const unsigned char *x = a->valid, *y = b->valid;

	if (!a->base)
		return true;
	if (memcmp((char *)a->base + i * stride, (char *)b->base + i * stride, width) != 0)
		return false;
	if (a->lengths && a->lengths[i] != b->lengths[i])
		return false;
	if (a->validity == FLAT_VALIDITY_BITMAP)
		return bit(x, i) == bit(y, i);
	return a->validity != FLAT_VALIDITY_BYTE || x[i * a->valid_stride] == y[i * a->valid_stride];
}

/* ------------------------------------------------------------------------------------------------- results */

struct result {
	struct cells cells;
	flat_column columns[NFIELDS];
	uint64_t stored;
	flat_error error;
};

static struct result by_reader, by_load, untouched;

static void read_with_one(const flat_format *format, const flat_source *source, const flat_reader_options *options,
			  uint64_t max_records)
{
	flat_reader *reader;

	lay_columns(&by_reader.cells, by_reader.columns);
	by_reader.stored = 0;
	reader = flat_reader_open_source(format, source, options, &by_reader.error);
	if (!reader)
		return;
	for (size_t k = 0; k < NFIELDS; k++)
		if (by_reader.columns[k].base)
			assert_int_equal(flat_bind_column(reader, k, &by_reader.columns[k]), FLAT_OK);
	by_reader.stored = flat_read(reader, max_records);
	flat_reader_failed(reader, &by_reader.error);
	flat_reader_close(reader);
}

static void load(const flat_format *format, const flat_source *source, const flat_load_options *options,
		 uint64_t max_records)
{
	lay_columns(&by_load.cells, by_load.columns);
	memset(&by_load.error, CANARY, sizeof by_load.error);
	by_load.stored = flat_load(format, source, by_load.columns, max_records, options, &by_load.error);
}

static void assert_same_error(const flat_error *a, const flat_error *b)
{
	assert_string_equal(a->message, b->message);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->os, b->os);
	assert_int_equal(a->record, b->record);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->byte, b->byte);
	assert_int_equal(a->field, b->field);
	assert_int_equal(a->expected, b->expected);
	assert_int_equal(a->found, b->found);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->text, b->text);
	assert_string_equal(a->reason, b->reason);
}

/* Records [0, n) are those of the reader, and nothing behind element 'max_records' was touched. */
static void assert_same_records(const flat_format *format, size_t n, size_t max_records)
{
	lay_columns(&untouched.cells, untouched.columns);
	for (size_t k = 0; k < NFIELDS; k++) {
		for (size_t i = 0; i < n; i++)
			if (!same_element(format, &by_load.columns[k], &by_reader.columns[k], k, i))
				fail_msg("element %zu of field %zu", i, k);
		for (size_t i = max_records; i < CAPACITY; i++)
			if (!same_element(format, &by_load.columns[k], &untouched.columns[k], k, i))
				fail_msg("element %zu of field %zu was touched", i, k);
	}
	for (size_t i = 0; i < CAPACITY; i++)
		assert_int_equal((unsigned char)by_load.cells.rows[i].between, CANARY);
}

static void assert_same(const flat_format *format, size_t max_records)
{
	assert_int_equal(by_load.stored, by_reader.stored);
	assert_same_error(&by_load.error, &by_reader.error);
	assert_same_records(format, by_load.stored, max_records);
}

/* --------------------------------------------------------------------------------------------- random files */

struct text {
	char bytes[TEXT_MOST];
	size_t nbytes;
};

static void add(struct text *text, const char *words)
{
	size_t nbytes = strlen(words);

	assert_true(text->nbytes + nbytes < TEXT_MOST);
	memcpy(text->bytes + text->nbytes, words, nbytes);
	text->nbytes += nbytes;
}

/* How a file is made.  The faults are one in so many; 0: none. */
struct plan {
	const flat_dialect *dialect;
	size_t nrecords;
	unsigned faults;
	bool quotes;
	bool ragged; /* may end in what is no line break */
};

#define PICK(words) words[random_below(LENGTH(words))]

static void add_value(struct text *text, const struct plan *plan, size_t field)
{
	static const char *const
		bools[] = {"true", "0", "F", ""},
		*const integers[] = {"1", "-5", "", "77", "NA"}, *const naturals[] = {"1", "65535", "", "0"},
		*const floats[] = {"1.5", "-2e10", "", "nan", "0.1234567890123456789"},
		*const strings[] = {"abc", "", "x", "NA"},
		*const quoted[] = {"\"a\nb\"", "\"\"\"\"", "\"\"", "\"\r\n,\"", "\"\n\n\n\""},
		*const dates[] = {"2024-02-29", "", "1970-01-01"}, *const faults[] = {"x\"y",	"\"a\"b",
										      "12x",	"abcdef",
										      "1\r2",	"1,2",
										      "\"open", "99999999999999999999",
										      "\n",	"1\r\n"},
		*const long_faults[] = {
			"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nbbbbbbb\""};

	if (plan->dialect->trim && random_below(4) == 0)
		add(text, random_below(2) ? "  " : "\t");
	if (plan->faults && random_below(plan->faults) == 0)
		add(text, random_below(4) ? PICK(faults) : PICK(long_faults));
	else if (field == 6 || field == 7)
		add(text, plan->quotes && random_below(3) == 0 ? PICK(quoted) : PICK(strings));
	else
		add(text, field == 0		     ? PICK(bools)
			  : field == 4 || field == 5 ? PICK(floats)
			  : field == 8 || field == 9 ? PICK(dates)
			  : field == 3 || field > 10 ? PICK(naturals)
						     : PICK(integers));
}

static void add_line_break(struct text *text)
{
	add(text, random_below(3) ? "\n" : "\r\n");
	while (random_below(20) == 0)
		add(text, random_below(2) ? "\n" : "\r\n");
}

static void make_file(struct text *text, const struct plan *plan)
{
	text->nbytes = 0;
	if (random_below(4) == 0)
		add(text, "\xEF\xBB\xBF");
	if (random_below(10) == 0)
		add_line_break(text);
	if (plan->dialect->header == FLAT_HEADER_NAMES) {
		add(text, random_below(2) ? "b,i,j,u,f,g,s,r,d,t,x,y,z" : "b,i,j,u,f,g,s,r,d,t,x,\"y\",\"z\"");
		if (plan->faults && random_below(50) == 0)
			add(text, "z");
		add_line_break(text);
	}
	for (size_t i = 0; i < plan->nrecords; i++) {
		for (size_t field = 0; field < NFIELDS; field++) {
			add_value(text, plan, field);
			if (field + 1 < NFIELDS)
				add(text, ",");
		}
		if (i + 1 < plan->nrecords || random_below(3))
			add_line_break(text);
	}
	if (plan->ragged && random_below(10) == 0)
		add(text, random_below(2) ? "\r" : "  ");
}

/* Writes the text to a file without a name, behind 'before' bytes. */
static int file_of(const struct text *text, size_t before)
{
	FILE *file = tmpfile();
	int descriptor;

	assert_non_null(file);
	descriptor = dup(fileno(file));
	fclose(file);
	assert_true(descriptor >= 0);
	assert_int_equal(pwrite(descriptor, text->bytes, text->nbytes, (off_t)before), text->nbytes);
	assert_int_equal(lseek(descriptor, (off_t)before, SEEK_SET), before);
	return descriptor;
}

/* -------------------------------------------------------------------------------------------------- runners */

static size_t most_tasks; /* that a runner was given */

static void run_backwards(void *runner, flat_task_function *task, void *context, size_t ntasks)
{
	assert_ptr_equal(runner, &most_tasks);
	if (ntasks > most_tasks)
		most_tasks = ntasks;
	while (ntasks-- > 0)
		task(context, ntasks);
}

/* --------------------------------------------------------------------------------------------------- pieces */

#define NWORKERS 64

/* Where pieces go: all elements of the load, as if they had been stored there. */
struct taker {
	const flat_format *format;
	size_t batch;
	uint64_t refused; /* record that nobody takes */
	pthread_mutex_t lock;
	unsigned char taken[CAPACITY];
};

static struct cells cells_of[NWORKERS];
static flat_column columns_of[NWORKERS * NFIELDS];

static void copy_valid(const flat_column *from, size_t i, const flat_column *to, size_t k)
{
	unsigned char *x = to->valid;

	if (to->validity == FLAT_VALIDITY_BYTE)
		x[k * to->valid_stride] = ((unsigned char *)from->valid)[i * from->valid_stride];
	else if (to->validity == FLAT_VALIDITY_BITMAP && bit(from->valid, i))
		x[k / 8] |= (unsigned char)(1u << k % 8);
	else if (to->validity == FLAT_VALIDITY_BITMAP)
		x[k / 8] &= (unsigned char)~(1u << k % 8);
}

static void copy_element(const flat_column *from, size_t i, const flat_column *to, size_t k, size_t width)
{
	const size_t stride = to->stride ? to->stride : width;

	if (!to->base)
		return;
	memcpy((char *)to->base + k * stride, (char *)from->base + i * stride, width);
	if (to->lengths)
		to->lengths[k] = from->lengths[i];
	copy_valid(from, i, to, k);
}

static bool take(void *context, const flat_piece *piece)
{
	struct taker *taker = context;
	const flat_column *columns = columns_of + piece->worker * NFIELDS;
	const uint64_t behind = piece->first + piece->n;

	assert_true(piece->n > 0 && piece->n <= taker->batch && behind <= CAPACITY);
	assert_null(piece->error);
	if (piece->first <= taker->refused && taker->refused < behind)
		return false;
	/* Bits of two pieces share bytes. */
	pthread_mutex_lock(&taker->lock);
	for (size_t i = 0; i < piece->n; i++) {
		const size_t to = (size_t)piece->first + i;

		assert_int_equal(taker->taken[to]++, 0);
		for (size_t k = 0; k < NFIELDS; k++)
			copy_element(&columns[k], i, &by_load.columns[k], to,
				     flat_field_width(flat_format_field(taker->format, k)));
	}
	pthread_mutex_unlock(&taker->lock);
	return true;
}

/* No element past a batch was touched. */
static void assert_small(const flat_format *format, size_t nworkers, size_t batch)
{
	lay_columns(&untouched.cells, untouched.columns);
	for (size_t k = 0; k < nworkers * NFIELDS; k++)
		for (size_t i = batch; i < CAPACITY; i++)
			if (!same_element(format, &columns_of[k], &untouched.columns[k % NFIELDS], k % NFIELDS, i))
				fail_msg("element %zu of field %zu was touched", i, k % NFIELDS);
}

static void load_pieces(const flat_format *format, const flat_source *source, flat_load_options options,
			uint64_t max_records, struct taker *taker)
{
	*taker = (struct taker){.format = format,
				.batch = 1 + random_below(random_below(2) ? 5 : CAPACITY),
				.refused = taker->refused,
				.lock = PTHREAD_MUTEX_INITIALIZER};
	for (size_t i = 0; i < options.threads; i++)
		lay_columns(&cells_of[i], columns_of + i * NFIELDS);
	lay_columns(&by_load.cells, by_load.columns);
	memset(&by_load.error, CANARY, sizeof by_load.error);
	options.take = take;
	options.taker = taker;
	options.batch = taker->batch;
	by_load.stored = flat_load(format, source, columns_of, max_records, &options, &by_load.error);
	assert_small(format, options.threads, taker->batch);
	for (size_t i = 0; i < by_load.stored; i++)
		assert_int_equal(taker->taken[i], 1);
}

/* ---------------------------------------------------------------------------------------------------- tests */

static flat_format *format_of(const flat_dialect *dialect)
{
	flat_error error;
	flat_format *format = flat_format_parse(schema, dialect, &error);

	if (!format)
		fail_msg("%s", error.message);
	return format;
}

static const char *const nulls[] = {"NA"};
static const flat_dialect dialects[] = {
	{.nulls = nulls, .nnulls = 1},
	{.nulls = nulls, .nnulls = 1, .header = FLAT_HEADER_ABSENT},
	{.nulls = nulls, .nnulls = 1, .trim = true},
	{.nulls = nulls, .nnulls = 1, .header = FLAT_HEADER_ABSENT, .trim = true},
};

static void compare_ways(const flat_format *format, const struct text *text, const flat_reader_options *limits)
{
	static const unsigned threads[] = {1, 2, 3, 7, 64};
	static const size_t ranges[] = {1, 2, 3, 5, 17, 64, 100, 1000, 5000, 0};
	const uint64_t max_records = random_below(3) ? CAPACITY : random_below(CAPACITY);
	const flat_source memory = flat_source_memory(text->bytes, text->nbytes, "t.csv");

	read_with_one(format, &memory, limits, max_records);
	for (unsigned turn = 0; turn < 8; turn++) {
		const flat_load_options options = {
			.threads = PICK(threads),
			.run = random_below(4) ? NULL : run_backwards,
			.runner = &most_tasks,
			.reader = *limits,
			.range = PICK(ranges),
		};
		flat_source source = memory;

		if (turn % 2)
			source = flat_source_descriptor(file_of(text, turn), "t.csv");
		load(format, &source, &options, max_records);
		if (turn % 2)
			close(source.descriptor);
		assert_same(format, max_records);
	}
}

static void any_threads_and_ranges_give_what_one_reader_gives(void **state)
{
	static struct text text;

	(void)state;
	/* A file is read in eight ways, by up to 64 threads: as much work as hundreds of other rounds. */
	for (uint64_t round = 0, n = test_count(400000) / 1000; round < n; round++) {
		const struct plan plan = {
			.dialect = &dialects[round % LENGTH(dialects)],
			.nrecords = random_below(random_below(4) ? 40 : CAPACITY),
			.faults = random_below(3) ? 0 : 1 + random_below(3000),
			.quotes = random_below(3) > 0,
			.ragged = true,
		};
		const flat_reader_options limits = {.window = 1 + random_below(random_below(2) ? 100 : 5000),
						    .max_record = random_below(3) ? 5000 : 60 + random_below(60),
						    .max_fields = 20};
		flat_format *format = format_of(plan.dialect);

		make_file(&text, &plan);
		bitmaps = random_below(2);
		compare_ways(format, &text, &limits);
		flat_format_free(format);
	}
	bitmaps = true;
}

#define WIDE_FIELDS 60
#define WIDE_RECORDS 1500

/* Arrays of numbers one behind the other, which are filled in lanes, with texts and a bitmap between. */
struct wide {
	uint64_t cells[WIDE_FIELDS][WIDE_RECORDS + 1];
	unsigned char valid[WIDE_RECORDS / 8 + 1];
	char arena[WIDE_RECORDS * 8];
	flat_column columns[WIDE_FIELDS];
};

static flat_format *wide_format(void)
{
	static const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	char line[WIDE_FIELDS * 12], *out = line;
	flat_format *format;

	for (int i = 0; i < WIDE_FIELDS; i++)
		out += sprintf(out, "%sf%d:%s", i ? "," : "", i,
			       i == 25	 ? "text"
			       : i == 40 ? "i8"
			       : i % 2	 ? "f64"
					 : "i32");
	format = flat_format_parse(line, &dialect, NULL);
	assert_non_null(format);
	return format;
}

static size_t make_wide(char *bytes)
{
	char *out = bytes;

	for (int r = 0; r < WIDE_RECORDS; r++)
		for (int i = 0; i < WIDE_FIELDS; i++) {
			if (i == 25)
				out += sprintf(out, "\"%d,\"", r);
			else if (i != 40 || r % 3)
				out += sprintf(out, i % 2 ? "%d.5" : "\"%d\"", i == 40 ? r % 100 : r * i);
			*out++ = i + 1 < WIDE_FIELDS ? ',' : '\n';
		}
	return (size_t)(out - bytes);
}

static void lay_wide(struct wide *wide)
{
	memset(wide, CANARY, sizeof *wide);
	for (int i = 0; i < WIDE_FIELDS; i++)
		wide->columns[i] = (flat_column){.base = wide->cells[i], .stride = 8};
	wide->columns[25].arena = wide->arena;
	wide->columns[25].arena_nbytes = sizeof wide->arena;
	wide->columns[40].validity = FLAT_VALIDITY_BITMAP;
	wide->columns[40].valid = wide->valid;
}

static void wide_records_are_what_one_reader_gives(void **state)
{
	static char bytes[WIDE_RECORDS * WIDE_FIELDS * 10];
	static struct wide one, several;
	static const unsigned threads[] = {1, 2, 3, 7};
	flat_format *format = wide_format();
	const size_t nbytes = make_wide(bytes);
	const flat_source source = flat_source_memory(bytes, nbytes, "t.csv");
	flat_reader *reader = flat_reader_open_source(format, &source, NULL, NULL);

	(void)state;
	assert_non_null(reader);
	lay_wide(&one);
	for (size_t i = 0; i < WIDE_FIELDS; i++)
		assert_int_equal(flat_bind_column(reader, i, &one.columns[i]), FLAT_OK);
	assert_int_equal(flat_read(reader, WIDE_RECORDS), WIDE_RECORDS);
	flat_reader_close(reader);
	for (size_t i = 0; i < LENGTH(threads); i++) {
		const flat_load_options options = {.threads = threads[i], .range = 20000};

		lay_wide(&several);
		assert_int_equal(flat_load(format, &source, several.columns, WIDE_RECORDS, &options, NULL),
				 WIDE_RECORDS);
		for (int k = 0; k < WIDE_FIELDS; k++)
			assert_memory_equal(several.cells[k], one.cells[k], sizeof one.cells[k]);
		assert_memory_equal(several.valid, one.valid, sizeof one.valid);
		assert_memory_equal(several.arena, one.arena, (size_t)one.cells[25][WIDE_RECORDS]);
	}
	flat_format_free(format);
}

/* The same in pieces, all of which are taken, or all before one. */
static void compare_pieces(const flat_format *format, const struct text *text, const flat_reader_options *limits)
{
	static const unsigned threads[] = {1, 2, 3, 7, NWORKERS};
	static const size_t ranges[] = {1, 17, 100, 1000, 5000, 0};
	const uint64_t max_records = random_below(3) ? CAPACITY : random_below(CAPACITY);
	const flat_source memory = flat_source_memory(text->bytes, text->nbytes, "t.csv");
	static struct taker taker;
	const size_t range = PICK(ranges);
	uint64_t nbytes = 0, before = 0;

	read_with_one(format, &memory, limits, max_records);
	for (unsigned turn = 0; turn < 6; turn++) {
		const flat_load_options options = {
			.threads = turn ? PICK(threads) : 1, .reader = *limits, .range = range, .nbytes = &nbytes};

		taker.refused = UINT64_MAX;
		load_pieces(format, &memory, options, max_records, &taker);
		assert_same(format, max_records);
		if (turn && by_load.error.status == FLAT_OK)
			assert_int_equal(nbytes, before);
		before = nbytes;
		taker.refused = random_below(CAPACITY);
		load_pieces(format, &memory, options, max_records, &taker);
		if (by_reader.stored <= taker.refused) {
			assert_same(format, max_records);
			continue;
		}
		assert_int_equal(by_load.error.status, FLAT_OK);
		assert_true(by_load.stored <= taker.refused && taker.refused < by_load.stored + taker.batch);
		assert_same_records(format, by_load.stored, max_records);
	}
}

static void pieces_are_what_one_reader_gives_and_the_least_refused_ends_them(void **state)
{
	static struct text text;

	(void)state;
	for (uint64_t round = 0, n = test_count(400000) / 4000; round < n; round++) {
		const struct plan plan = {
			.dialect = &dialects[round % LENGTH(dialects)],
			.nrecords = random_below(random_below(4) ? 40 : CAPACITY),
			.faults = random_below(3) ? 0 : 1 + random_below(3000),
			.quotes = random_below(3) > 0,
			.ragged = true,
		};
		const flat_reader_options limits = {.window = 1 + random_below(random_below(2) ? 100 : 5000),
						    .max_record = random_below(3) ? 5000 : 60 + random_below(60),
						    .max_fields = 20};
		flat_format *format = format_of(plan.dialect);

		make_file(&text, &plan);
		compare_pieces(format, &text, &limits);
		flat_format_free(format);
	}
}

/* Two columns of texts, of which a few do not fit, with all the rest. */
struct text_cells {
	uint64_t offsets[2][CAPACITY + 1];
	char arenas[2][TEXT_MOST];
	unsigned char bits[CAPACITY / 8 + 1];
	int8_t between[CAPACITY];
};

static uint64_t load_texts(struct text_cells *cells, const flat_format *format, const flat_source *source,
			   const flat_load_options *options, const size_t room[2], uint64_t max_records,
			   flat_error *error)
{
	const flat_column columns[3] = {
		{.base = cells->offsets[0], .arena = cells->arenas[0], .arena_nbytes = room[0]},
		{.base = cells->between, .validity = FLAT_VALIDITY_BITMAP, .valid = cells->bits},
		{.base = cells->offsets[1],
		 .arena = cells->arenas[1],
		 .arena_nbytes = room[1],
		 .validity = FLAT_VALIDITY_BITMAP,
		 .valid = cells->bits},
	};
	flat_column bound[3];

	memset(cells, CANARY, sizeof *cells);
	memcpy(bound, columns, sizeof bound);
	bound[1].validity = FLAT_VALIDITY_NONE;
	if (!bitmaps)
		bound[2].validity = FLAT_VALIDITY_NONE;
	return flat_load(format, source, bound, max_records, options, error);
}

static void assert_same_texts(const struct text_cells *a, const struct text_cells *b, size_t n, uint64_t max_records)
{
	assert_memory_equal(a->between, b->between, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bit(a->bits, i), bit(b->bits, i));
	for (size_t k = 0; k < 2; k++) {
		if (n > 0)
			assert_memory_equal(a->offsets[k], b->offsets[k], (n + 1) * sizeof(uint64_t));
		if (n > 0)
			assert_memory_equal(a->arenas[k], b->arenas[k], b->offsets[k][n]);
		for (size_t i = (size_t)max_records + 1; i <= CAPACITY; i++)
			assert_int_equal(a->offsets[k][i] & 0xff, CANARY);
	}
}

static void make_texts(struct text *text, size_t nrecords, unsigned faults)
{
	static const char *const words[] = {"",		"NA",
					    "a",	"\"a\nb\"",
					    "\"\"",	"abcdefghijklmnopqrstuvwxyz",
					    "\"\"\"\"", "\"x \"\"y\"\",\r\n\"",
					    "\"NA\""};
	static const char *const bad[] = {"a\"b", "\"a\"b", "x,y", "\"open", "\r."};

	text->nbytes = 0;
	for (size_t i = 0; i < nrecords; i++) {
		add(text, PICK(words));
		add(text, random_below(5) ? ",1," : ",-128,");
		add(text, faults && random_below(faults) == 0 ? PICK(bad) : PICK(words));
		if (faults && random_below(faults) == 0)
			add(text, ",1");
		if (i + 1 < nrecords || random_below(2))
			add_line_break(text);
	}
}

static void texts_are_what_one_reader_gives(void **state)
{
	static struct text text;
	static struct text_cells one, several;
	static const unsigned threads[] = {2, 3, 7, 64};
	static const size_t ranges[] = {1, 5, 17, 64, 100, 1000, 5000};
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT, .nulls = (const char *const[]){"NA"}, .nnulls = 1};
	flat_error error, other;
	flat_format *format = flat_format_parse("t:text,i:i8,u:text", &dialect, &error);

	(void)state;
	for (uint64_t round = 0, n = test_count(400000) / 1000; round < n; round++) {
		const flat_reader_options limits = {
			.window = 1 + random_below(500), .max_record = 400, .max_fields = 20};
		const uint64_t max_records = random_below(3) ? CAPACITY : random_below(CAPACITY);
		const size_t room[2] = {random_below(3) ? TEXT_MOST : random_below(3000),
					random_below(3) ? TEXT_MOST : random_below(3000)};
		flat_source source;
		uint64_t stored;

		bitmaps = random_below(2);
		make_texts(&text, random_below(CAPACITY), random_below(3) ? 0 : 1 + random_below(600));
		source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
		stored = load_texts(&one, format, &source, &(flat_load_options){.threads = 1, .reader = limits}, room,
				    max_records, &error);
		for (unsigned turn = 0; turn < 4; turn++) {
			const flat_load_options options = {
				.threads = PICK(threads), .reader = limits, .range = PICK(ranges)};

			if (turn % 2)
				source = flat_source_descriptor(file_of(&text, turn), "t.csv");
			assert_int_equal(load_texts(&several, format, &source, &options, room, max_records, &other),
					 stored);
			assert_same_error(&other, &error);
			assert_same_texts(&several, &one, (size_t)stored, max_records);
			if (turn % 2)
				close(source.descriptor);
			source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
		}
	}
	bitmaps = true;
	flat_format_free(format);
}

/* Records whose texts look like many records, so that it takes what lies before a range to know which they are. */
static void make_texts_like_records(struct text *text, unsigned nlines)
{
	static const char *const lines[] = {"x,1,y\n",	 "x,1,y\r\n",	   "a longer one,2,to its end\n", "\n", "\"\"",
					    "\"\",\"\"", "x,1,\"\"y\"\"\n"};
	const unsigned kinds = random_below(2) ? 4 : LENGTH(lines);

	text->nbytes = 0;
	for (size_t i = 0; i < 40; i++) {
		add(text, "\"");
		for (unsigned k = random_below(nlines); k > 0; k--)
			add(text, lines[random_below(kinds)]);
		add(text, random_below(2) ? "\",1,z\n" : "\",3,\"\"\nx,4,y\n\"\",5,\"\"\n");
	}
}

static void what_looks_like_records_in_quotes_is_none(void **state)
{
	static struct text text;
	static struct text_cells one, several;
	static const unsigned threads[] = {1, 2, 3, 7, 64};
	static const size_t ranges[] = {20, 64, 100, 250, 1000};
	const size_t room[2] = {TEXT_MOST, TEXT_MOST};
	const flat_dialect dialect = {.header = FLAT_HEADER_ABSENT};
	flat_error error, other;
	flat_format *format = flat_format_parse("t:text,i:i8,u:text", &dialect, &error);

	(void)state;
	for (uint64_t round = 0, n = test_count(400000) / 10000; round < n; round++) {
		const flat_source memory = flat_source_memory(text.bytes, 0, "t.csv");
		flat_source source = memory;
		uint64_t stored;

		bitmaps = random_below(2);
		make_texts_like_records(&text, 2 + random_below(60));
		source.nbytes = text.nbytes;
		stored = load_texts(&one, format, &source, &(flat_load_options){.threads = 1}, room, CAPACITY, &error);
		assert_true(stored >= 40 && error.status == FLAT_OK);
		for (unsigned turn = 0; turn < 2 * LENGTH(threads); turn++) {
			const flat_load_options options = {.threads = threads[turn / 2], .range = PICK(ranges)};
			const int descriptor = file_of(&text, turn);
			const flat_source file = flat_source_descriptor(descriptor, "t.csv");

			assert_int_equal(load_texts(&several, format, turn % 2 ? &file : &source, &options, room,
						    CAPACITY, &other),
					 stored);
			assert_same_error(&other, &error);
			assert_same_texts(&several, &one, (size_t)stored, CAPACITY);
			close(descriptor);
		}
	}
	bitmaps = true;
	flat_format_free(format);
}

/* 200 records without faults. */
static void make_good_file(struct text *text)
{
	const struct plan plan = {.dialect = &dialects[0], .nrecords = 200, .quotes = true};

	make_file(text, &plan);
	add(text, "\n");
}

static const flat_load_options small = {
	.threads = 4, .range = 500, .reader = {.window = 300, .max_record = 1000, .max_fields = 20}};

static void a_runner_is_given_as_many_tasks_as_threads(void **state)
{
	static struct text text;
	flat_format *format = format_of(&dialects[0]);
	flat_load_options options = small;
	flat_source source;

	(void)state;
	make_good_file(&text);
	source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
	options.run = run_backwards;
	options.runner = &most_tasks;
	most_tasks = 0;
	nthreads_made = 0;
	read_with_one(format, &source, NULL, CAPACITY);
	load(format, &source, &options, CAPACITY);
	assert_same(format, CAPACITY);
	assert_int_equal(most_tasks, 4);
	assert_int_equal(nthreads_made, 0);
	flat_format_free(format);
}

static void threads_that_cannot_be_made_are_done_without(void **state)
{
	static struct text text;
	flat_format *format = format_of(&dialects[0]);
	flat_source source;

	(void)state;
	make_good_file(&text);
	source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
	read_with_one(format, &source, NULL, CAPACITY);
	assert_int_equal(by_reader.error.status, FLAT_OK);
	for (failing_thread = 1; failing_thread <= 7; failing_thread++) {
		nthreads_made = 0;
		load(format, &source, &small, CAPACITY);
		assert_same(format, CAPACITY);
		assert_int_equal(nthreads_made, failing_thread < 3 ? failing_thread : 3);
	}
	failing_thread = 0;
	flat_format_free(format);
}

static void only_the_first_allocation_may_not_fail(void **state)
{
	static struct text text;
	flat_format *format = format_of(&dialects[0]);
	flat_source source;
	size_t failing = 0;

	(void)state;
	make_good_file(&text);
	source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
	read_with_one(format, &source, NULL, CAPACITY);
	do {
		count_allocations(++failing);
		load(format, &source, &small, CAPACITY);
		assert_int_equal(releases, allocations - (allocations >= failing));
		if (failing == 1)
			assert_int_equal(by_load.error.status, FLAT_NO_MEMORY);
		else
			assert_same(format, CAPACITY);
	} while (allocations >= failing);
	assert_int_equal(failing, 7); /* a reader, the threads, and four of them */
	count_allocations(0);
	flat_format_free(format);
}

/* What was stored is whole; fewer than all only with FLAT_BAD_INPUT. */
static void assert_all_or_bad_input(const flat_format *format)
{
	if (by_load.error.status == FLAT_OK) {
		assert_same(format, CAPACITY);
		return;
	}
	assert_int_equal(by_load.error.status, FLAT_BAD_INPUT);
	assert_true(by_load.stored <= by_reader.stored);
	assert_same_records(format, by_load.stored, CAPACITY);
}

static void a_file_that_cannot_be_read_is_bad_input(void **state)
{
	static struct text text;
	flat_format *format = format_of(&dialects[0]);
	size_t nfailed = 0, n;

	(void)state;
	make_good_file(&text);
	for (unsigned once = 0; once < 2; once++) {
		for (n = 1;; n++) {
			flat_source source = flat_source_descriptor(file_of(&text, 0), "t.csv");

			read_with_one(format, &source, NULL, CAPACITY);
			assert_int_equal(lseek(source.descriptor, 0, SEEK_SET), 0);
			npreads = 0;
			failing_pread = n;
			last_failing_pread = once ? n : SIZE_MAX;
			load(format, &source, &small, CAPACITY);
			assert_all_or_bad_input(format);
			nfailed += by_load.error.status != FLAT_OK;
			close(source.descriptor);
			if (npreads < n)
				break;
		}
		assert_int_equal(by_load.error.status, FLAT_OK);
	}
	failing_pread = 0;
	assert_true(nfailed > 50);
	flat_format_free(format);
}

static void a_file_that_becomes_shorter_is_bad_input(void **state)
{
	static struct text text;
	flat_format *format = format_of(&dialects[0]);
	size_t nfailed = 0;

	(void)state;
	make_good_file(&text);
	for (size_t cut = 0; cut < text.nbytes; cut += text.nbytes / 9) {
		for (size_t n = 1;; n++) {
			flat_source source = flat_source_descriptor(file_of(&text, 0), "t.csv");

			read_with_one(format, &source, NULL, CAPACITY);
			assert_int_equal(lseek(source.descriptor, 0, SEEK_SET), 0);
			npreads = 0;
			failing_pread = n;
			last_failing_pread = n;
			shortened = source.descriptor;
			shortened_to = (off_t)cut;
			load(format, &source, &small, CAPACITY);
			assert_all_or_bad_input(format);
			nfailed += by_load.error.status != FLAT_OK;
			close(source.descriptor);
			if (npreads < n)
				break;
		}
	}
	shortened = -1;
	failing_pread = 0;
	assert_true(nfailed > 50);
	flat_format_free(format);
}

static void what_cannot_be_split_is_read_by_one(void **state)
{
	static struct text text;
	flat_format *format = format_of(&dialects[0]);
	flat_source source;
	int ends[2];

	(void)state;
	make_good_file(&text);
	source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
	read_with_one(format, &source, NULL, CAPACITY);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text.bytes, text.nbytes), text.nbytes);
	close(ends[1]);
	source = flat_source_descriptor(ends[0], "t.csv");
	nthreads_made = 0;
	load(format, &source, &small, CAPACITY);
	assert_same(format, CAPACITY);
	assert_int_equal(nthreads_made, 0);
	close(ends[0]);
	flat_format_free(format);
}

static void texts_are_filled_in_order(void **state)
{
	static const char input[] = "t\none\ntwo\nthree\nfour\n";
	const flat_source source = flat_source_memory(input, sizeof input - 1, "t.csv");
	const flat_load_options options = {.threads = 3, .range = 1};
	uint64_t offsets[5];
	char arena[15];
	const flat_column column = {.base = offsets, .arena = arena, .arena_nbytes = sizeof arena};
	flat_error error;
	flat_format *format = flat_format_parse("t:text", NULL, &error);

	(void)state;
	assert_int_equal(flat_load(format, &source, &column, 4, &options, &error), 4);
	assert_int_equal(error.status, FLAT_OK);
	assert_memory_equal(arena, "onetwothreefour", 15);
	assert_int_equal(offsets[4], 15);
	flat_format_free(format);
}

/* Texts of 200 records, each worker's in an arena that grows. */
struct texts {
	flat_column columns[3];
	char *together[200];
	bool unable; /* to enlarge an arena */
};

static bool take_texts(void *context, const flat_piece *piece)
{
	struct texts *texts = context;
	flat_column *column = &texts->columns[piece->worker];
	const uint64_t *offsets = column->base;

	if (!piece->n) {
		assert_int_equal(piece->error->status, FLAT_ARENA_FULL);
		assert_string_equal(piece->error->name, "t");
		assert_int_equal(piece->error->record, piece->first + 1);
		if (texts->unable)
			return false;
		column->arena_nbytes += 40;
		column->arena = realloc(column->arena, column->arena_nbytes);
		assert_non_null(column->arena);
	}
	for (size_t i = 0; i < piece->n; i++)
		texts->together[piece->first + i] =
			strndup(column->arena + offsets[i], (size_t)(offsets[i + 1] - offsets[i]));
	return true;
}

static void texts_in_pieces_are_filled_in_any_order(void **state)
{
	static char input[200 * 110];
	static uint64_t offsets[3][8];
	size_t nbytes = 0;
	flat_error error;
	flat_format *format = flat_format_parse("t:text", &(flat_dialect){.header = FLAT_HEADER_ABSENT}, &error);

	(void)state;
	for (size_t i = 0; i < 200; i++)
		nbytes += (size_t)snprintf(input + nbytes, sizeof input - nbytes, "\"%0*zu\"\"\n\"\n",
					   (int)(i % 100) + 1, i);
	for (unsigned nthreads = 1; nthreads <= 3; nthreads++) {
		static struct texts texts;
		const flat_source source = flat_source_memory(input, nbytes, "t.csv");
		const flat_load_options options = {
			.threads = nthreads, .range = 300, .take = take_texts, .taker = &texts, .batch = 7};

		for (size_t i = 0; i < 3; i++)
			texts.columns[i] = (flat_column){.base = offsets[i], .arena = malloc(5), .arena_nbytes = 5};
		texts.unable = false;
		assert_int_equal(flat_load(format, &source, texts.columns, 200, &options, &error), 200);
		assert_int_equal(error.status, FLAT_OK);
		for (size_t i = 0; i < 200; i++) {
			char wanted[110];

			snprintf(wanted, sizeof wanted, "%0*zu\"\n", (int)(i % 100) + 1, i);
			assert_string_equal(texts.together[i], wanted);
			free(texts.together[i]);
		}
		texts.unable = true;
		memset(texts.together, 0, sizeof texts.together);
		for (size_t i = 0; i < 3; i++)
			texts.columns[i].arena_nbytes = 5;
		assert_int_equal(flat_load(format, &source, texts.columns, 200, &options, &error), 3);
		assert_int_equal(error.status, FLAT_OK);
		for (size_t i = 0; i < 3; i++)
			free(texts.columns[i].arena);
		for (size_t i = 0; i < 200; i++)
			free(texts.together[i]);
	}
	flat_format_free(format);
}

static bool count_taken(void *taker, const flat_piece *piece)
{
	atomic_fetch_add((atomic_size_t *)taker, piece->n);
	return true;
}

static void measures_of_threads_join_to_those_of_one(void **state)
{
	static struct text text;
	static flat_measure one[NFIELDS], several[7 * NFIELDS];

	(void)state;
	for (uint64_t round = 0; round < 200; round++) {
		flat_format *format = format_of(&dialects[round % LENGTH(dialects)]);
		const struct plan plan = {.dialect = &dialects[round % LENGTH(dialects)],
					  .nrecords = random_below(CAPACITY),
					  .quotes = true,
					  .faults = round % 2 ? 0 : 100000};
		uint64_t nlines, nlines_of_one, expected_nlines = 0, stored;
		atomic_size_t taken = 0;
		flat_load_options options = {.threads = 1, .measures = one, .nlines = &nlines_of_one};
		flat_source source;
		flat_error error, other;

		make_file(&text, &plan);
		source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
		for (size_t i = 0; i < text.nbytes; i++)
			expected_nlines += text.bytes[i] == '\n';
		memset(one, 0, sizeof one);
		memset(several, 0, sizeof several);
		stored = flat_load(format, &source, NULL, UINT64_MAX, &options, &error);
		options = (flat_load_options){.threads = 7,
					      .measures = several,
					      .nlines = &nlines,
					      .range = 1 + random_below(3000),
					      .take = random_below(2) ? count_taken : NULL,
					      .taker = &taken,
					      .batch = 10};
		assert_int_equal(flat_load(format, &source, NULL, UINT64_MAX, &options, &other), stored);
		assert_same_error(&other, &error);
		/* Behind an error others may have been taken before it was known. */
		if (options.take && error.status == FLAT_OK)
			assert_int_equal(atomic_load(&taken), stored);
		else if (options.take)
			assert_true(atomic_load(&taken) >= stored);
		if (error.status == FLAT_OK) {
			assert_int_equal(nlines_of_one, expected_nlines);
			assert_int_equal(nlines, expected_nlines);
		}
		for (size_t k = NFIELDS; k < 7 * NFIELDS && error.status == FLAT_OK; k++)
			several[k % NFIELDS] = flat_measure_join(&several[k % NFIELDS], &several[k]);
		if (error.status == FLAT_OK)
			assert_memory_equal(several, one, sizeof one);
		flat_format_free(format);
	}
}

static void a_load_needs_columns_and_a_piece_room_for_a_record(void **state)
{
	const flat_source source = flat_source_memory("b\n1\n", 4, "t.csv");
	const flat_load_options options = {.take = take};
	const flat_column column = {.base = &by_load.cells.rows[0].b};
	flat_error error;
	flat_format *format = flat_format_parse("b:bool", NULL, &error);

	(void)state;
	assert_int_equal(flat_load(format, &source, &column, 4, &options, &error), 0);
	assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
	assert_string_equal(error.message, "a piece has to have room for a record: batch is 0");
	assert_int_equal(flat_load(format, &source, NULL, 4, NULL, &error), 0);
	assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
	assert_string_equal(error.message, "there are no columns to load");
	flat_format_free(format);
}

static void a_path_is_opened_and_closed(void **state)
{
	static struct text text;
	char path[] = "/tmp/flatload-load-XXXXXX";
	const int descriptor = mkstemp(path);
	const flat_source source = flat_source_path(path);
	flat_format *format = format_of(&dialects[0]);

	(void)state;
	assert_true(descriptor >= 0);
	make_good_file(&text);
	assert_int_equal(write(descriptor, text.bytes, text.nbytes), text.nbytes);
	close(descriptor);
	read_with_one(format, &source, NULL, CAPACITY);
	load(format, &source, &small, CAPACITY);
	assert_same(format, CAPACITY);
	unlink(path);
	assert_int_equal(dup(0), descriptor); /* the lowest that is free */
	close(descriptor);
	load(format, &source, &small, CAPACITY);
	assert_int_equal(by_load.stored, 0);
	assert_int_equal(by_load.error.status, FLAT_BAD_INPUT);
	flat_format_free(format);
}

static void a_column_that_cannot_be_bound_is_told(void **state)
{
	static struct text text;
	flat_format *format = format_of(&dialects[0]);
	flat_source source;
	flat_error error;

	(void)state;
	make_good_file(&text);
	source = flat_source_memory(text.bytes, text.nbytes, "t.csv");
	lay_columns(&by_load.cells, by_load.columns);
	by_load.columns[3].stride = 1;
	assert_int_equal(flat_load(format, &source, by_load.columns, CAPACITY, &small, &error), 0);
	assert_int_equal(error.status, FLAT_BAD_ARGUMENT);
	assert_string_equal(error.message, "column of field 4 \"u\": the stride is less than the width of an element");
	assert_int_equal(flat_load(format, &source, by_load.columns, CAPACITY, NULL, NULL), 0);
	flat_format_free(format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_threads_and_ranges_give_what_one_reader_gives),
		cmocka_unit_test(wide_records_are_what_one_reader_gives),
		cmocka_unit_test(a_runner_is_given_as_many_tasks_as_threads),
		cmocka_unit_test(threads_that_cannot_be_made_are_done_without),
		cmocka_unit_test(only_the_first_allocation_may_not_fail),
		cmocka_unit_test(a_file_that_cannot_be_read_is_bad_input),
		cmocka_unit_test(a_file_that_becomes_shorter_is_bad_input),
		cmocka_unit_test(what_cannot_be_split_is_read_by_one),
		cmocka_unit_test(texts_are_filled_in_order),
		cmocka_unit_test(texts_are_what_one_reader_gives),
		cmocka_unit_test(what_looks_like_records_in_quotes_is_none),
		cmocka_unit_test(pieces_are_what_one_reader_gives_and_the_least_refused_ends_them),
		cmocka_unit_test(texts_in_pieces_are_filled_in_any_order),
		cmocka_unit_test(measures_of_threads_join_to_those_of_one),
		cmocka_unit_test(a_load_needs_columns_and_a_piece_room_for_a_record),
		cmocka_unit_test(a_path_is_opened_and_closed),
		cmocka_unit_test(a_column_that_cannot_be_bound_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
