/*
 * flatload convert: reads input after input into a fixed set of arrays for each thread, and hands them
 * to a sink whenever they are full.
 *
 * So memory does not grow with the input, but for 24 bytes a batch of an npz (or of many raw files).  What is written where is the sink's affair.
 */
#include "config.h"

#include "arrays.h"
#include "commands.h"
#include "input.h"
#include "inspect.h"
#include "options.h"
#include "output.h"
#include "schema.h"
#include "sink.h"
#include "stats.h"
#include "workers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a thread takes of an input at a time: with fewer bytes there is nothing to divide. */
#define PIECE_NBYTES ((uint64_t)512 << 10)

struct conversion {
	struct options options;
	struct schema schema;
	bool from_arrays;
	struct arrays arrays; /* of the first input, then of each */
	struct workers workers;
	struct output output;
	const struct sink *sink;
	flat_reader_options limits;
	char *surveyed; /* the schema, if none is given */
	struct stats stats;
};

static int look_at_input(const char *path, struct stat *there)
{
	return is_standard(path) ? fstat(STDIN_FILENO, there) : stat(path, there);
}

/*
 * An input must not be replaced by what is made of it, nor a pipe or terminal be read and written.
 */
static enum status check_paths(const struct options *options)
{
	struct stat output, input;

	if (is_standard(options->output) || stat(options->output, &output) != 0 ||
	    (!S_ISREG(output.st_mode) && !S_ISDIR(output.st_mode)))
		return DONE;
	for (size_t i = 0; i < options->ninputs; i++)
		if (look_at_input(options->inputs[i], &input) == 0 && input.st_dev == output.st_dev &&
		    input.st_ino == output.st_ino)
			return complain(BAD_COMMAND, "%s: it is an input and the output", options->output);
	return DONE;
}

/* ----------------------------------------------------------------------------------------- read */

static uint64_t records_left(const struct conversion *c)
{
	return c->options.rows - c->workers.records - c->workers.items[0].batch.nrecords;
}

static flat_source source_of(const struct options *options, size_t input)
{
	const char *path = options->inputs[input];
	const char *name = is_standard(path) ? "<stdin>" : path;

	if (options->spools && options->spools[input] >= 0)
		return flat_source_descriptor(options->spools[input], name);
	return is_standard(path) ? flat_source_descriptor(STDIN_FILENO, name) : flat_source_path(path);
}

/* A batch is written when it is full, or when the next text does not fit its arena. */
static enum status read_arrays(struct conversion *c, struct batch *batch)
{
	enum status status = DONE;
	uint64_t first = 0;

	while (status == DONE && records_left(c) && first < c->arrays.nrecords) {
		size_t room = batch->capacity - batch->nrecords;
		uint64_t most = c->arrays.nrecords - first;
		size_t n;

		most = records_left(c) < most ? records_left(c) : most;
		n = most < room ? (size_t)most : room;
		status = arrays_read(&c->arrays, batch, first, &n);
		if (status != DONE)
			break;
		first += n;
		batch->nrecords += n;
		progress_show(&c->workers.progress, c->workers.bytes + c->arrays.nbytes);
		if (batch->nrecords == batch->capacity || (n == 0 && batch->nrecords))
			status = workers_flush(&c->workers);
		else if (n == 0)
			status = batch_enlarge(batch, "");
	}
	return status;
}

static enum status read_array_input(struct conversion *c, const char *path)
{
	struct batch *batch = &c->workers.items[0].batch;
	enum status status = DONE;

	if (!c->arrays.path)
		status = arrays_open(&c->arrays, path);
	if (status == DONE)
		status = arrays_want(&c->arrays, batch, &c->options, c->output.directory);
	if (status == DONE)
		status = read_arrays(c, batch);
	c->workers.bytes += c->arrays.nbytes;
	c->stats.buffer_nbytes = c->arrays.block_room;
	arrays_close(&c->arrays);
	return status;
}

static enum status read_input(struct conversion *c, size_t input)
{
	flat_source source;
	enum status status;

	if (c->from_arrays)
		return read_array_input(c, c->options.inputs[input]);
	source = source_of(&c->options, input);
	status = workers_load(&c->workers, &source, &c->limits, records_left(c));
	if (status == BAD_RECORD || status == BAD_COMMAND)
		tell_if_no_text(&c->options, input);
	return status;
}

static enum status read_inputs(struct conversion *c)
{
	enum status status = DONE;

	progress_begin(&c->workers.progress, c->options.progress, total_nbytes(&c->options));
	for (size_t i = 0; i < c->options.ninputs && status == DONE; i++)
		if (i == 0 || records_left(c))
			status = read_input(c, i);
	if (status == DONE)
		status = workers_flush(&c->workers);
	progress_erase(&c->workers.progress);
	return status;
}

/* ------------------------------------------------------------------------------------------ run */

/* A survey reads its inputs, and then they are read again. */
static enum status spool_inputs(struct options *options)
{
	options->spools = malloc(options->ninputs * sizeof *options->spools);
	if (!options->spools)
		return complain_memory();
	for (size_t i = 0; i < options->ninputs; i++)
		options->spools[i] = -1;
	for (size_t i = 0; i < options->ninputs; i++) {
		if (is_seekable(options->inputs[i]))
			continue;
		if (!options->spool)
			return complain(BAD_COMMAND,
					"%s: it can be read only once, and no schema is given.  Say each "
					"field's name and type, such as\n"
					"  --schema 'x:f64,name:str20,id:u64,day:date,when:timestamp[us],ok:bool'\n"
					"or have it copied to a temporary file, to be surveyed and then "
					"read: --spool",
					is_standard(options->inputs[i]) ? "standard input" : options->inputs[i]);
		options->spools[i] = input_spool(options->inputs[i]);
		if (options->spools[i] < 0)
			return IO_FAILED;
	}
	return DONE;
}

static enum status survey_schema(struct conversion *c)
{
	struct inspection inspection;
	enum status status = spool_inputs(&c->options);

	if (status != DONE)
		return status;
	status = inspect(&inspection, &c->options, NULL, NULL);
	if (status == DONE && !inspection.shape.nfields)
		status = complain(BAD_COMMAND, "%s: there is nothing in it; say with --schema what would be",
				  c->options.inputs[0]);
	if (status == DONE) {
		c->options = inspection.options;
		c->surveyed = inspect_schema(&inspection);
		c->options.schema = c->surveyed;
		status = c->surveyed ? DONE : complain_memory();
	}
	inspect_free(&inspection);
	return status;
}

static enum status load_schema(struct conversion *c)
{
	const struct options *options = &c->options;
	enum status status = DONE;

	c->from_arrays = arrays_are_in(options->inputs[0]);
	for (size_t i = 1; i < options->ninputs; i++)
		if (arrays_are_in(options->inputs[i]) != c->from_arrays)
			return complain(BAD_COMMAND, "%s and %s: one is text, the other holds arrays",
					options->inputs[0], options->inputs[i]);
	if (!c->from_arrays && !options->schema)
		status = survey_schema(c);
	if (!c->from_arrays)
		return status == DONE ? schema_load(&c->schema, options) : status;
	status = arrays_open(&c->arrays, options->inputs[0]);
	return status == DONE ? arrays_schema(&c->arrays, &c->schema, options) : status;
}

/* What is wrong with the output is said before an input, which may be long, is read. */
static enum status prepare(struct conversion *c)
{
	enum status status;

	c->sink = sink_choose(c->options.kind, c->options.output);
	if (!c->sink)
		return BAD_COMMAND;
	if (c->options.matrix && !c->sink->takes_matrix)
		return complain(BAD_COMMAND, "--matrix: only npy has it");
	if (c->options.out_option && !c->sink->is_text)
		return complain(BAD_COMMAND, "--%s: only csv and tsv have it", c->options.out_option);
	status = check_paths(&c->options);
	if (status == DONE)
		status = output_open(&c->output, c->options.output, !c->sink->ending, c->options.force);
	if (status == DONE)
		status = load_schema(c);
	if (status == DONE)
		status = c->sink->check(&c->schema, &c->options);
	c->limits = (flat_reader_options){.window = c->options.buffer, .max_record = c->options.max_record};
	return status;
}

static uint64_t array_nbytes(const struct batch *batch, uint64_t nrecords)
{
	uint64_t nbytes = nrecords * batch->record_nbytes + batch->text_nbytes;

	for (size_t i = 0; i < batch->ncolumns; i++) {
		const struct column *column = &batch->columns[i];

		if (column->field->type == FLAT_TEXT)
			nbytes += (nrecords + 1) * sizeof(uint64_t);
		if (column->needs_valid && column->nulls)
			nbytes += nrecords;
	}
	return nbytes;
}

/* No more than there are pieces of the input for. */
static size_t choose_threads(const struct conversion *c)
{
	uint64_t most = total_nbytes(&c->options) / PIECE_NBYTES + 1;

	if (c->from_arrays)
		return 1;
	return c->options.threads < most ? c->options.threads : (size_t)most;
}

static void sum_up(struct conversion *c, const struct batch *sum)
{
	c->stats.records = c->workers.records;
	c->stats.bytes = c->workers.bytes;
	c->stats.array_nbytes = array_nbytes(sum, c->stats.records);
	if (!c->from_arrays)
		c->stats.buffer_nbytes = flat_reader_nbytes(c->schema.format, &c->limits);
}

static enum status run(struct conversion *c)
{
	const struct batch *sum = NULL;
	enum status status = prepare(c);

	if (status == DONE)
		status = workers_open(&c->workers, &c->schema, c->sink, choose_threads(c));
	if (status == DONE)
		status = c->sink->open(&c->workers.sink_state, &c->workers.items[0].batch, &c->output, &c->options);
	if (status == DONE)
		status = read_inputs(c);
	if (status != DONE)
		return status;
	sum = workers_sum(&c->workers);
	status = c->sink->finish(c->workers.sink_state, sum, c->workers.records);
	if (status == DONE)
		status = output_publish(&c->output);
	if (status != DONE)
		return status;
	sum_up(c, sum);
	stats_print(&c->stats, c->options.stats);
	return DONE;
}

enum status convert(int argc, char **argv)
{
	struct conversion c = {
		.arrays = {.descriptor = -1}, .output = {.descriptor = -1}, .stats = {.started = stats_now()}};
	enum status status = options_parse(&c.options, argc, argv);

	if (status == DONE)
		status = c.options.help ? help_convert() : run(&c);
	if (c.sink && c.sink->close)
		c.sink->close(c.workers.sink_state);
	arrays_close(&c.arrays);
	output_close(&c.output);
	workers_close(&c.workers);
	schema_free(&c.schema);
	free(c.surveyed);
	options_free(&c.options);
	return status;
}
