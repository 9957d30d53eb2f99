/*
 * An output that appears whole or not at all.
 *
 * Until it is published it lies beside its place under a temporary name, and is removed if the
 * command fails or is stopped by a signal.  A stream (standard output, a device, a named pipe) is
 * written from an unlinked file at the end.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "message.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum output_form {
	OUTPUT_FILE,
	OUTPUT_DIRECTORY,
	OUTPUT_STREAM,
};

struct output {
	enum output_form form;
	bool force;
	mode_t mode;	 /* of what is replaced; 0: nothing is */
	char *path;	 /* where it is to appear; for messages also of a stream */
	char *directory; /* where temporary files go: beside the path; of a stream $TMPDIR or /tmp
			  */
	char *temporary; /* the path it has until it is published */
	bool exists;	 /* 'temporary' is there, and ours to remove */
	int descriptor;	 /* a file open for reading and writing, or the temporary directory */
	char **names;	 /* the files in the directory */
	size_t nnames, names_room;
};

/*
 * output_open() checks that the output may be written, and makes its temporary file or directory.
 *
 * "-" is standard output.  Without 'force' a file or directory already there is an error, now and
 * when publishing. One output at a time.  Close it in either case.
 */
enum status output_open(struct output *output, const char *path, bool is_directory, bool force);

/*
 * Makes a file in a directory output.  Gives its descriptor, to be closed by the caller, or -1 with
 * errno set.
 */
int output_add_file(struct output *output, const char *name);

enum status output_publish(struct output *output);

/* Removes what was not published. */
void output_close(struct output *output);

#endif
