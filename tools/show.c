/*
 * flatload show: the first records, aligned, for people; or (--json) each record as an array of
 * texts, one a line.
 *
 * Records of the shape that the input's first one has are read as texts, many at a time; one of
 * another shape is read by itself, from its bytes.
 */
#include "config.h"

#include "batch.h"
#include "commands.h"
#include "record.h"
#include "shape.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROWS_DEFAULT 10
#define CELL_COLUMNS 40 /* at most, of several */
#define CELL_NBYTES 400 /* kept of a field, of which no more is shown */

/* A field's text, cut. */
struct cell {
	char *text;
	size_t nbytes;
};

struct row {
	struct cell *cells;
	size_t ncells;
};

struct show {
	struct options options; /* completed by what was detected */
	const char *name;	/* of the input */
	struct shape shape;
	flat_format *format; /* texts */
	struct batch batch;
	uint64_t shown;
	struct row *rows; /* for people: all that will be shown */
	size_t nrows, room;
};

/* Gives the text of a field, by its index. */
typedef const char *text_function(const void *record, size_t field, size_t *nbytes);

/* ----------------------------------------------------------------------------------------- records */

static void put_json_record(const void *record, size_t nfields, text_function *text_of)
{
	putchar('[');
	for (size_t i = 0; i < nfields; i++) {
		size_t nbytes;
		const char *text = text_of(record, i, &nbytes);

		fputs(i ? "," : "", stdout);
		put_json_text(stdout, text, nbytes);
	}
	puts("]");
}

/* At most CELL_NBYTES; not in the middle of a character, unless it is none. */
static size_t cut(const char *text, size_t nbytes)
{
	size_t n = CELL_NBYTES;

	if (nbytes <= CELL_NBYTES)
		return nbytes;
	while (n > CELL_NBYTES - 4 && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static bool copy_cell(struct cell *cell, const char *text, size_t nbytes)
{
	cell->nbytes = cut(text, nbytes);
	cell->text = malloc(cell->nbytes + 1);
	if (cell->text)
		memcpy(cell->text, text, cell->nbytes);
	return cell->text != NULL;
}

static enum status keep_record(struct show *show, const void *record, size_t nfields, text_function *text_of)
{
	struct row *row;

	if (show->nrows == show->room) {
		size_t room = show->room ? 2 * show->room : 16;
		struct row *larger = realloc(show->rows, room * sizeof *larger);

		if (!larger)
			return complain_memory();
		show->rows = larger;
		show->room = room;
	}
	row = &show->rows[show->nrows++];
	*row = (struct row){.cells = calloc(nfields, sizeof *row->cells)};
	if (!row->cells)
		return complain_memory();
	for (; row->ncells < nfields; row->ncells++) {
		size_t nbytes;
		const char *text = text_of(record, row->ncells, &nbytes);

		if (!copy_cell(&row->cells[row->ncells], text, nbytes))
			return complain_memory();
	}
	return DONE;
}

static enum status take_record(struct show *show, const void *record, size_t nfields, text_function *text_of)
{
	show->shown++;
	if (!show->options.json)
		return keep_record(show, record, nfields, text_of);
	put_json_record(record, nfields, text_of);
	return DONE;
}

/* A record of the batch. */
struct batched {
	const struct batch *batch;
	size_t index;
};

static const char *text_of_batched(const void *record, size_t field, size_t *nbytes)
{
	const struct batched *batched = record;
	const flat_column *cells = &batched->batch->columns[field].cells;
	const uint64_t *offsets = (const uint64_t *)cells->base + batched->index;

	*nbytes = (size_t)(offsets[1] - offsets[0]);
	return cells->arena + offsets[0];
}

static enum status take_batch(struct show *show, size_t n)
{
	struct batched batched = {.batch = &show->batch};
	enum status status = DONE;

	for (; batched.index < n && status == DONE; batched.index++)
		status = take_record(show, &batched, show->batch.ncolumns, text_of_batched);
	return status;
}

static const char *text_of_single(const void *record, size_t field, size_t *nbytes)
{
	return record_text(record, field, nbytes);
}

/*
 * Quotes in the wrong place, behind where a record has one field too many: says where in the input
 * that is.  'copy' holds the record, 'shape' is what its reader said, 'found' what reading the copy
 * said.  What the two say of the same place tells how far apart they count.
 */
static enum status complain_ragged(const struct show *show, const char *copy, size_t nbytes, const flat_error *shape,
				   const flat_error *found)
{
	flat_error placed = *found, same;
	flat_format *format = texts_format(flat_format_dialect(show->format), (size_t)shape->expected, &same);
	struct record record = {.nfields = 0};

	if (!format || !found->line)
		return complain_error(found);
	record_read(&record, format, copy, nbytes, &same);
	record_free(&record);
	flat_format_free(format);
	placed.line = shape->line + found->line - same.line;
	placed.byte = shape->byte + found->byte - same.byte;
	snprintf(placed.message, sizeof placed.message,
		 "%s:%" PRIu64 ": record %" PRIu64 ", field %" PRIu64 " (byte %" PRIu64 "): %s", show->name,
		 placed.line, shape->record, found->field, placed.byte, found->reason);
	return complain_error(&placed);
}

/*
 * A record that has another number of fields.  A line break in front, which is no record, has the
 * bytes taken as those of any record: at the very start of an input a byte order mark would not be.
 */
static enum status take_ragged(struct show *show, const flat_reader *reader, const flat_error *shape)
{
	size_t nbytes;
	const char *bytes = flat_failed_record(reader, &nbytes);
	char *copy = malloc(nbytes + 1);
	struct record record = {.nfields = 0};
	flat_error error;
	flat_format *format = texts_format(flat_format_dialect(show->format), (size_t)shape->found, &error);
	enum status status = DONE;

	if (copy && format) {
		*copy = '\n';
		memcpy(copy + 1, bytes, nbytes);
		record_read(&record, format, copy, nbytes + 1, &error);
	}
	if (!copy)
		status = complain_memory();
	else if (error.status != FLAT_OK)
		status = complain_ragged(show, copy, nbytes + 1, shape, &error);
	if (status == DONE)
		status = take_record(show, &record, record.nfields, text_of_single);
	record_free(&record);
	flat_format_free(format);
	free(copy);
	return status;
}

/* -------------------------------------------------------------------------------------------- read */

static enum status see_failure(struct show *show, flat_reader *reader, const flat_error *error, size_t n)
{
	enum status status;

	if (error->status == FLAT_BAD_SHAPE) {
		status = take_ragged(show, reader, error);
		if (status == DONE)
			flat_skip_record(reader);
		return status;
	}
	if (error->status != FLAT_ARENA_FULL)
		return complain_error(error);
	/* What was stored is shown by now, and the next read starts the arena anew. */
	status = n ? DONE : batch_enlarge(&show->batch, error->name);
	return status == DONE ? batch_bind(&show->batch, reader) : status;
}

static enum status read_records(struct show *show, flat_reader *reader)
{
	enum status status = DONE;

	while (status == DONE && show->shown < show->options.rows) {
		uint64_t left = show->options.rows - show->shown;
		size_t asked = left < show->batch.capacity ? (size_t)left : show->batch.capacity;
		size_t n = flat_read_some(reader, 0, asked);
		flat_error error;
		bool failed = flat_reader_failed(reader, &error);

		status = take_batch(show, n);
		if (status == DONE && failed)
			status = see_failure(show, reader, &error, n);
		else if (status == DONE && n == 0)
			break;
	}
	return status;
}

static enum status make_format(struct show *show)
{
	size_t n = show->shape.nfields;
	flat_dialect dialect = {.delimiter = show->options.delimiter,
				.quote = show->options.quote,
				.trim = show->options.trim,
				.header = show->options.json ? FLAT_HEADER_ABSENT : show->shape.header};
	flat_field *fields = calloc(n, sizeof *fields);
	flat_error error;

	if (!fields)
		return complain_memory();
	/* Ragged records have no names, so that those of the header are not asked for. */
	if (dialect.header == FLAT_HEADER_NAMES)
		dialect.header = FLAT_HEADER_SKIPPED;
	for (size_t i = 0; i < n; i++)
		fields[i] = (flat_field){.name = show->shape.names[i], .type = FLAT_TEXT};
	show->format = flat_format_new(&dialect, fields, n, &error);
	free(fields);
	return show->format ? DONE : complain_error(&error);
}

static enum status read_input(struct show *show, struct input *input)
{
	struct schema schema = {.nwanted = show->shape.nfields};
	flat_reader_options limits = {.window = show->options.buffer, .max_record = show->options.max_record};
	flat_source source = input_source(input);
	flat_reader *reader;
	flat_error error;
	enum status status = make_format(show);

	if (status != DONE)
		return status;
	schema.wanted = calloc(schema.nwanted, sizeof *schema.wanted);
	schema.format = show->format;
	for (size_t i = 0; schema.wanted && i < schema.nwanted; i++)
		schema.wanted[i] = i;
	status = schema.wanted ? batch_open(&show->batch, &schema, false, VALIDITY_NONE) : complain_memory();
	free(schema.wanted);
	if (status != DONE)
		return status;
	reader = flat_reader_open_source(show->format, &source, &limits, &error);
	if (!reader)
		return complain_error(&error);
	status = batch_bind(&show->batch, reader);
	if (status == DONE)
		status = read_records(show, reader);
	flat_reader_close(reader);
	return status;
}

/* ------------------------------------------------------------------------------------------- table */

/* Columns of the screen; SIZE_MAX if standard output is none. */
static size_t screen_columns(void)
{
	const char *given = getenv("COLUMNS");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return SIZE_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return given && atoi(given) > 0 ? (size_t)atoi(given) : 80;
}

static bool is_number(flat_type type)
{
	return type >= FLAT_BOOL && type <= FLAT_F64;
}

/* A column of the table: a name and a type above the cells. */
struct place {
	size_t columns;
	char type[32];
	bool right;
};

static void describe(struct place *place, const struct show *show, size_t field)
{
	const char *name = show->shape.names[field];
	flat_field type = flat_measure_type(&show->shape.sample[field], false);

	if (type.type == FLAT_STR)
		snprintf(place->type, sizeof place->type, "str%" PRIu32, type.width);
	else
		snprintf(place->type, sizeof place->type, "%s", flat_type_name(type.type));
	place->right = is_number(type.type);
	place->columns = text_columns(name, strlen(name));
	if (place->columns < strlen(place->type))
		place->columns = strlen(place->type);
	for (size_t i = 0; i < show->nrows; i++) {
		const struct row *row = &show->rows[i];
		size_t needed =
			field < row->ncells ? text_columns(row->cells[field].text, row->cells[field].nbytes) : 0;

		if (needed > place->columns)
			place->columns = needed;
	}
	if (place->columns > CELL_COLUMNS)
		place->columns = CELL_COLUMNS;
}

/* How many fields stand side by side: at least one, cut to the screen. */
static size_t fit(struct place *places, size_t n, size_t screen)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		size_t more = places[i].columns + (i ? 2 : 0);

		if (more > screen - used && i > 0)
			return i;
		if (more > screen)
			places[i].columns = screen;
		used += more > screen ? screen : more;
	}
	return n;
}

static void put_line(const struct place *places, size_t n, const struct cell *cells, size_t ncells)
{
	size_t last = ncells < n ? ncells : n;

	for (size_t i = 0; i < last; i++) {
		size_t needed = text_columns(cells[i].text, cells[i].nbytes);
		bool blanks_at_end = i + 1 == last && !places[i].right;

		fputs(i ? "  " : "", stdout);
		put_cell(stdout, cells[i].text, cells[i].nbytes,
			 blanks_at_end && needed < places[i].columns ? needed : places[i].columns, places[i].right);
	}
	if (ncells > n)
		fputs(" ...", stdout);
	putchar('\n');
}

static void put_places(const struct show *show, struct place *places, struct cell *heads)
{
	size_t all = show->shape.nfields, screen = screen_columns();
	/* Room for what says that there is more. */
	size_t n = fit(places, all, screen < 44 ? screen : screen - 4);

	for (size_t i = 0; i < n; i++)
		heads[i] = (struct cell){show->shape.names[i], strlen(show->shape.names[i])};
	put_line(places, n, heads, n);
	for (size_t i = 0; i < n; i++)
		heads[i] = (struct cell){places[i].type, strlen(places[i].type)};
	put_line(places, n, heads, n);
	for (size_t i = 0; i < show->nrows; i++)
		put_line(places, n, show->rows[i].cells, show->rows[i].ncells);
	if (n < all)
		printf("... and %zu more fields\n", all - n);
}

static enum status put_table(const struct show *show)
{
	size_t n = show->shape.nfields;
	struct place *places = calloc(n, sizeof *places);
	struct cell *heads = calloc(n, sizeof *heads);
	enum status status = places && heads ? DONE : complain_memory();

	for (size_t i = 0; status == DONE && i < n; i++)
		describe(&places[i], show, i);
	if (status == DONE) {
		put_places(show, places, heads);
		if (!show->shape.sample_is_all)
			complain(DONE,
				 "types are those of the first records, %" PRIu64
				 " of them; flatload survey tells those of all",
				 show->shape.nsample);
	}
	free(places);
	free(heads);
	return status;
}

/* --------------------------------------------------------------------------------------------- run */

static enum status run(struct show *show)
{
	struct input input;
	enum status status = input_open(&input, &show->options, 0);

	show->name = input.name;
	if (!show->options.rows_given && !show->options.json)
		show->options.rows = ROWS_DEFAULT;
	/* Programs get what they ask for, not what an input looks like. */
	if (show->options.json)
		show->options.no_detect = show->options.no_header = true;
	if (status == DONE)
		status = shape_find(&show->shape, &input, &show->options);
	if (status == DONE && show->shape.nfields) {
		show->options = shape_options(&show->shape, &show->options);
		status = read_input(show, &input);
		/* What was read before a failure is shown. */
		if (!show->options.json && (status == DONE || show->nrows) && put_table(show) != DONE)
			status = LIMIT_REACHED;
	}
	input_close(&input);
	return finish_output() == DONE ? status : IO_FAILED;
}

static void show_free(struct show *show)
{
	for (size_t i = 0; i < show->nrows; i++) {
		for (size_t k = 0; k < show->rows[i].ncells; k++)
			free(show->rows[i].cells[k].text);
		free(show->rows[i].cells);
	}
	free(show->rows);
	batch_free(&show->batch);
	flat_format_free(show->format);
	shape_free(&show->shape);
}

enum status show(int argc, char **argv)
{
	struct show show = {.shown = 0};
	enum status status = options_parse(&show.options, argc, argv);

	if (status == DONE)
		status = show.options.help ? help_show() : run(&show);
	show_free(&show);
	options_free(&show.options);
	return status;
}
