/*
 * The command's entry: finds the subcommand and runs it.
 */
#include "config.h"

#include "commands.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	command_function *run;
	bool makes_files;
} commands[] = {
	{"check", check, false},
	{"convert", convert, true},
	{"show", show, false},
	{"survey", survey, false},
};

/*
 * With a standard descriptor closed, the next file opened would take its place.  What stands in for
 * it cannot be used the way it would be: reading standard input and writing the others still fail.
 */
static void occupy_standard_descriptors(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) < 0 && open("/dev/null", modes[i]) < 0)
			return;
}

/*
 * Where there are files to be removed, a pipe that nobody reads any more is an error to be reported, as a file grown too large
 * is.  What only tells, be it to `head`, just stops.
 */
static void choose_signals(bool makes_files)
{
	signal(SIGPIPE, makes_files ? SIG_IGN : SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);
}

static enum status run(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(word, commands[i].name) == 0) {
			choose_signals(commands[i].makes_files);
			return commands[i].run(argc - 1, argv + 1);
		}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
		return help_general();
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return help_version();
	if (!*word)
		return complain(BAD_COMMAND, "no subcommand is given; try flatload --help");
	return complain(BAD_COMMAND,
			"unknown %s '%s'; there are convert, survey, check and show; try flatload "
			"--help",
			*word == '-' ? "option" : "subcommand", word);
}

/* "help convert" is "convert --help". */
static int turn_help(int argc, char **argv)
{
	static char help[] = "--help";

	if (argc < 3 || strcmp(argv[1], "help") != 0)
		return argc;
	argv[1] = argv[2];
	argv[2] = help;
	return 3;
}

int main(int argc, char **argv)
{
	occupy_standard_descriptors();
	choose_signals(true);
	return (int)run(turn_help(argc, argv), argv);
}
