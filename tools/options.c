/*
 * Parses the command line of a subcommand.  Each option is a line of a table and a small function that
 * takes its argument.
 */
#include "config.h"

#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The reader's own limit, 1 GiB, for a window as for a record. */
#define LIMIT_MAX ((uint64_t)1 << 30)
#define THREADS_MAX ((size_t)1024)

/*
 * Takes an option's argument (NULL: none was given); complains and returns BAD_COMMAND if it makes
 * no sense.
 */
typedef enum status take_function(struct options *options, const char *argument);

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* "," "\t" "\x01" "\\" -> the byte; 0 if it is no single byte. */
static int byte_of(const char *text)
{
	size_t nbytes = strlen(text);

	if (nbytes == 1)
		return (unsigned char)text[0];
	if (strcmp(text, "\\t") == 0)
		return '\t';
	if (strcmp(text, "\\\\") == 0)
		return '\\';
	if (nbytes == 4 && text[0] == '\\' && text[1] == 'x' && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0)
		return hex_digit(text[2]) * 16 + hex_digit(text[3]);
	return 0;
}

/* "4096" "64K" "16M" "1G" -> bytes; 0 if it is none of these or out of range. */
static size_t size_of(const char *text)
{
	static const char suffixes[] = "KMG";
	uint64_t nbytes = 0;
	const char *suffix;

	for (; *text >= '0' && *text <= '9' && nbytes <= LIMIT_MAX; text++)
		nbytes = nbytes * 10 + (uint64_t)(*text - '0');
	suffix = *text ? strchr(suffixes, *text) : NULL;
	if (suffix && nbytes <= LIMIT_MAX) {
		nbytes <<= 10 * (suffix - suffixes + 1);
		text++;
	}
	return *text || nbytes > LIMIT_MAX ? 0 : (size_t)nbytes;
}

static enum status take_help(struct options *options, const char *argument)
{
	(void)argument;
	options->help = true;
	return DONE;
}

static enum status take_schema(struct options *options, const char *argument)
{
	options->schema = argument;
	return DONE;
}

static enum status take_columns(struct options *options, const char *argument)
{
	options->columns = argument;
	return DONE;
}

static enum status take_kind(struct options *options, const char *argument)
{
	options->kind = argument;
	return DONE;
}

static enum status take_output(struct options *options, const char *argument)
{
	if (options->output)
		return complain(BAD_COMMAND, "--output: there is one output, and two were given");
	if (!*argument)
		return complain(BAD_COMMAND, "--output: it has no name");
	options->output = argument;
	return DONE;
}

static enum status take_delimiter(struct options *options, const char *argument)
{
	options->delimiter = byte_of(argument);
	if (strcmp(argument, "blank") == 0)
		return complain(BAD_COMMAND, "--delimiter blank: this version does not have it yet");
	if (!options->delimiter)
		return complain(BAD_COMMAND, "--delimiter '%s': it must be one byte, such as ';' or '\\t' or '\\x01'",
				argument);
	return DONE;
}

static enum status take_quote(struct options *options, const char *argument)
{
	options->quote = strcmp(argument, "none") == 0 ? FLAT_NONE : byte_of(argument);
	if (!options->quote)
		return complain(BAD_COMMAND, "--quote '%s': it must be one byte, or none", argument);
	return DONE;
}

static enum status take_no_header(struct options *options, const char *argument)
{
	(void)argument;
	options->no_header = true;
	return DONE;
}

static enum status take_null(struct options *options, const char *argument)
{
	options->nulls[options->nnulls++] = argument;
	return DONE;
}

static enum status take_trim(struct options *options, const char *argument)
{
	(void)argument;
	options->trim = true;
	return DONE;
}

/* Digits alone, below 2^64. */
static bool is_number(const char *text, uint64_t *number)
{
	const char *p = text;

	*number = 0;
	for (; *p >= '0' && *p <= '9' && *number <= (UINT64_MAX - 9) / 10; p++)
		*number = *number * 10 + (uint64_t)(*p - '0');
	return p > text && !*p;
}

static enum status take_rows(struct options *options, const char *argument)
{
	options->rows_given = is_number(argument, &options->rows);
	if (options->rows_given)
		return DONE;
	return complain(BAD_COMMAND, "--rows '%s': it must be a number of records", argument);
}

static enum status take_max_errors(struct options *options, const char *argument)
{
	if (is_number(argument, &options->max_errors) && options->max_errors)
		return DONE;
	return complain(BAD_COMMAND, "--max-errors '%s': it must be a number of records, at least 1", argument);
}

static enum status take_threads(struct options *options, const char *argument)
{
	uint64_t threads = 0;

	if (!is_number(argument, &threads) || !threads)
		return complain(BAD_COMMAND, "--threads '%s': it must be a number of threads, at least 1", argument);
	options->threads = threads < THREADS_MAX ? (size_t)threads : THREADS_MAX;
	return DONE;
}

static enum status take_by_position(struct options *options, const char *argument)
{
	(void)argument;
	options->by_position = true;
	return DONE;
}

static enum status take_no_detect(struct options *options, const char *argument)
{
	(void)argument;
	options->no_detect = true;
	return DONE;
}

static enum status take_narrow(struct options *options, const char *argument)
{
	(void)argument;
	options->narrow = true;
	return DONE;
}

static enum status take_json(struct options *options, const char *argument)
{
	(void)argument;
	options->json = true;
	return DONE;
}

static enum status take_spool(struct options *options, const char *argument)
{
	(void)argument;
	options->spool = true;
	return DONE;
}

static enum status take_max_record(struct options *options, const char *argument)
{
	options->max_record = size_of(argument);
	if (!options->max_record)
		return complain(BAD_COMMAND, "--max-record '%s': it must be from 1 to 1G bytes, such as 64K or 16M",
				argument);
	return DONE;
}

static enum status take_buffer(struct options *options, const char *argument)
{
	options->buffer = size_of(argument);
	if (!options->buffer)
		return complain(BAD_COMMAND, "--buffer '%s': it must be from 1 to 1G bytes, such as 64K or 16M",
				argument);
	return DONE;
}

static enum status take_force(struct options *options, const char *argument)
{
	(void)argument;
	options->force = true;
	return DONE;
}

static enum status take_matrix(struct options *options, const char *argument)
{
	(void)argument;
	options->matrix = true;
	return DONE;
}

static enum status take_out_delimiter(struct options *options, const char *argument)
{
	options->out_option = "out-delimiter";
	options->out_delimiter = byte_of(argument);
	if (options->out_delimiter)
		return DONE;
	return complain(BAD_COMMAND, "--out-delimiter '%s': it must be one byte, such as ';' or '\\t' or '\\x01'",
			argument);
}

static enum status take_out_quote(struct options *options, const char *argument)
{
	options->out_option = "out-quote";
	options->out_quote = strcmp(argument, "none") == 0 ? FLAT_NONE : byte_of(argument);
	if (options->out_quote)
		return DONE;
	return complain(BAD_COMMAND, "--out-quote '%s': it must be one byte, or none", argument);
}

static enum status take_out_quoting(struct options *options, const char *argument)
{
	static const char *const words[] = {
		[FLAT_QUOTE_NEEDED] = "needed", [FLAT_QUOTE_ALWAYS] = "always", [FLAT_QUOTE_NEVER] = "never"};

	options->out_option = "out-quoting";
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(argument, words[i]) != 0)
			continue;
		options->out_quoting = (flat_quoting)i;
		return DONE;
	}
	return complain(BAD_COMMAND, "--out-quoting '%s': it is needed, always or never", argument);
}

static enum status take_crlf(struct options *options, const char *argument)
{
	(void)argument;
	options->out_option = "crlf";
	options->crlf = true;
	return DONE;
}

static enum status take_out_no_header(struct options *options, const char *argument)
{
	(void)argument;
	options->out_option = "out-no-header";
	options->out_no_header = true;
	return DONE;
}

static enum status take_out_null(struct options *options, const char *argument)
{
	options->out_option = "out-null";
	options->out_null = argument;
	return DONE;
}

static enum status take_stats(struct options *options, const char *argument)
{
	options->stats = argument ? STATS_JSON : STATS_TEXT;
	if (argument && strcmp(argument, "json") != 0)
		return complain(BAD_COMMAND, "--stats=%s: it is --stats or --stats=json", argument);
	return DONE;
}

static enum status take_progress(struct options *options, const char *argument)
{
	static const char *const forms[] = {
		[PROGRESS_AUTO] = "auto", [PROGRESS_ALWAYS] = "always", [PROGRESS_NEVER] = "never"};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (strcmp(argument, forms[i]) != 0)
			continue;
		options->progress = (enum progress_form)i;
		return DONE;
	}
	return complain(BAD_COMMAND, "--progress '%s': it is auto, always or never", argument);
}

/* 'take' is NULL for options that only later versions have: to say so helps more than "unknown". */
static const struct {
	const char *name;
	int letter, has_argument;
	take_function *take;
} table[] = {
	{"help", 'h', no_argument, take_help},
	{"schema", 's', required_argument, take_schema},
	{"columns", 'c', required_argument, take_columns},
	{"delimiter", 'd', required_argument, take_delimiter},
	{"quote", 'q', required_argument, take_quote},
	{"no-header", 'H', no_argument, take_no_header},
	{"by-position", 0, no_argument, take_by_position},
	{"no-detect", 0, no_argument, take_no_detect},
	{"narrow", 0, no_argument, take_narrow},
	{"spool", 0, no_argument, take_spool},
	{"json", 0, no_argument, take_json},
	{"null", 0, required_argument, take_null},
	{"trim", 0, no_argument, take_trim},
	{"rows", 0, required_argument, take_rows},
	{"max-record", 0, required_argument, take_max_record},
	{"buffer", 0, required_argument, take_buffer},
	{"force", 'f', no_argument, take_force},
	{"matrix", 0, no_argument, take_matrix},
	{"out-delimiter", 0, required_argument, take_out_delimiter},
	{"out-quote", 0, required_argument, take_out_quote},
	{"out-quoting", 0, required_argument, take_out_quoting},
	{"crlf", 0, no_argument, take_crlf},
	{"out-no-header", 0, no_argument, take_out_no_header},
	{"out-null", 0, required_argument, take_out_null},
	{"stats", 0, optional_argument, take_stats},
	{"progress", 0, required_argument, take_progress},
	{"to", 0, required_argument, take_kind},
	{"output", 'o', required_argument, take_output},
	{"lenient", 0, no_argument, NULL},
	{"escape", 0, required_argument, NULL},
	{"no-doublequote", 0, no_argument, NULL},
	{"comment", 0, required_argument, NULL},
	{"skip-lines", 0, required_argument, NULL},
	{"decimal", 0, required_argument, NULL},
	{"group", 0, required_argument, NULL},
	{"fixed", 0, required_argument, NULL},
	{"on-error", 0, required_argument, NULL},
	{"rejects", 0, required_argument, NULL},
	{"max-errors", 0, required_argument, take_max_errors},
	{"threads", 'j', required_argument, take_threads},
	{"color", 0, required_argument, NULL},
};
#define NOPTIONS (sizeof table / sizeof *table)

/* What the other subcommands take of it, and what convert does not. */
static const struct {
	const char *command, *options;
	bool taken;
} takers[] = {
	{"convert", " json max-errors ", false},
	{"survey",
	 " help columns delimiter quote no-header by-position no-detect narrow json null trim "
	 "max-record buffer progress threads ",
	 true},
	{"check",
	 " help schema columns delimiter quote no-header by-position no-detect narrow json null "
	 "trim rows max-record buffer max-errors progress ",
	 true},
	{"show",
	 " help delimiter quote no-header by-position no-detect json null trim rows max-record "
	 "buffer ",
	 true},
};
#define NTAKERS (sizeof takers / sizeof *takers)

static bool is_in(const char *words, const char *word)
{
	size_t nbytes = strlen(word);

	for (const char *p = words; (p = strstr(p, word)) != NULL; p++)
		if (p > words && p[-1] == ' ' && p[nbytes] == ' ')
			return true;
	return false;
}

static bool is_taken_by(const char *command, const char *option)
{
	for (size_t i = 0; i < NTAKERS; i++)
		if (strcmp(command, takers[i].command) == 0)
			return is_in(takers[i].options, option) == takers[i].taken;
	return false;
}

/* What getopt_long() gives for line i of the table: above any letter. */
#define LINE(i) ((int)(i) + 256)

static void fill_getopt(struct option *longs, char *shorts)
{
	*shorts++ = ':';
	for (size_t i = 0; i < NOPTIONS; i++) {
		longs[i] = (struct option){.name = table[i].name, .has_arg = table[i].has_argument, .val = LINE(i)};
		if (!table[i].letter)
			continue;
		*shorts++ = (char)table[i].letter;
		if (table[i].has_argument == required_argument)
			*shorts++ = ':';
	}
	longs[NOPTIONS] = (struct option){.name = NULL};
	*shorts = '\0';
}

static size_t line_of(int found)
{
	if (found >= LINE(0))
		return (size_t)(found - LINE(0));
	for (size_t i = 0; i < NOPTIONS; i++)
		if (table[i].letter == found)
			return i;
	return NOPTIONS;
}

static enum status bad_option(const char *command, int found, const char *word)
{
	bool is_long = strncmp(word, "--", 2) == 0;
	size_t line = optopt ? line_of(optopt) : NOPTIONS;

	if (found == ':' && line < NOPTIONS)
		return complain(BAD_COMMAND, "--%s: it needs an argument; see flatload %s --help", table[line].name,
				command);
	if (line < NOPTIONS)
		return complain(BAD_COMMAND, "--%s: it takes no argument; see flatload %s --help", table[line].name,
				command);
	if (is_long || !optopt)
		return complain(BAD_COMMAND, "unknown option '%s'; see flatload %s --help", word, command);
	return complain(BAD_COMMAND, "unknown option '-%c'; see flatload %s --help", optopt, command);
}

static enum status parse_options(struct options *options, int argc, char **argv)
{
	struct option longs[NOPTIONS + 1];
	char shorts[2 * NOPTIONS + 2];
	int found;

	fill_getopt(longs, shorts);
	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t line = line_of(found);
		enum status status;

		if (found == '?' || found == ':')
			return bad_option(options->command, found, argv[optind - 1]);
		if (!table[line].take)
			return complain(BAD_COMMAND, "--%s: this version of flatload does not have it yet",
					table[line].name);
		if (!is_taken_by(options->command, table[line].name))
			return complain(BAD_COMMAND, "--%s: flatload %s does not take it", table[line].name,
					options->command);
		status = table[line].take(options, optarg);
		if (status != DONE)
			return status;
	}
	return DONE;
}

static enum status check_inputs(const struct options *options)
{
	size_t nstandard = 0;

	if (!options->ninputs)
		return complain(BAD_COMMAND, "%s: no input is given; - is standard input", options->command);
	for (size_t i = 0; i < options->ninputs; i++)
		nstandard += strcmp(options->inputs[i], "-") == 0;
	if (nstandard > 1)
		return complain(BAD_COMMAND, "%s: standard input (-) can be read once only", options->command);
	return DONE;
}

static enum status check(const struct options *options)
{
	if (check_inputs(options) != DONE)
		return BAD_COMMAND;
	if (options->no_header && options->by_position)
		return complain(BAD_COMMAND, "--by-position is about a header, and --no-header "
					     "says that there is none");
	if (strcmp(options->command, "show") == 0 && options->ninputs > 1)
		return complain(BAD_COMMAND, "show: it takes one input");
	if (strcmp(options->command, "convert") != 0)
		return DONE;
	if (!options->output)
		return complain(BAD_COMMAND, "convert: no output is given; -o FILE, or --to KIND -o - for standard output");
	return DONE;
}

static size_t nprocessors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (size_t)n < THREADS_MAX ? (size_t)n : THREADS_MAX;
}

enum status options_parse(struct options *options, int argc, char **argv)
{
	enum status status;

	*options = (struct options){.command = argv[0],
				    .rows = UINT64_MAX,
				    .max_errors = UINT64_MAX,
				    .threads = nprocessors(),
				    .nulls = calloc((size_t)argc + 1, sizeof *options->nulls)};
	if (!options->nulls)
		return complain_memory();
	status = parse_options(options, argc, argv);
	if (status != DONE || options->help)
		return status;
	options->inputs = argv + optind;
	options->ninputs = (size_t)(argc - optind);
	return check(options);
}

void options_free(struct options *options)
{
	free(options->nulls);
	free(options->spools);
	options->nulls = NULL;
	options->spools = NULL;
}
