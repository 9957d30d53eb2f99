/*
 * The command line of a subcommand, as a plain struct.  What the words mean to the schema and to the
 * files is left to others.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stats_form {
	STATS_NONE = 0,
	STATS_TEXT,
	STATS_JSON,
};

enum progress_form {
	PROGRESS_AUTO = 0,
	PROGRESS_ALWAYS,
	PROGRESS_NEVER,
};

/* The strings are those of argv, which must outlive it. */
struct options {
	bool help;
	const char *schema, *columns, *kind, *output; /* NULL: not given */
	int delimiter, quote;			      /* as in flat_dialect; 0: not given */
	bool no_header, trim, force, matrix;
	bool by_position;	/* there is a header, and its names are of no account */
	bool no_detect, narrow; /* of a survey */
	bool json, spool;
	const char *command;
	const char **nulls; /* TEXT or NAME=TEXT */
	size_t nnulls;
	uint64_t rows, max_errors; /* UINT64_MAX: all */
	bool rows_given;
	size_t threads;		   /* at most; at least 1 */
	size_t max_record, buffer; /* 0: not given */
	/* Of csv and tsv that come out; 0 and NULL: not given. */
	int out_delimiter, out_quote;
	flat_quoting out_quoting;
	bool crlf, out_no_header;
	const char *out_null;
	const char *out_option; /* one of these that is given */
	enum stats_form stats;
	enum progress_form progress;
	char **inputs;
	size_t ninputs;
	int *spools; /* by input: where it was copied to, else -1; NULL: none was */
};

/* Moves the inputs to the end of argv.  options_free() also after a failure. */
enum status options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
