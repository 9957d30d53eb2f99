/*
 * The subcommands.  Each takes its own name as argv[0] and gives the exit status.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "message.h"

typedef enum status command_function(int argc, char **argv);

command_function check, convert, show, survey;

/* Prints on standard output. */
enum status help_general(void);
enum status help_check(void);
enum status help_convert(void);
enum status help_show(void);
enum status help_survey(void);
enum status help_version(void);

#endif
