/*
 * An output that appears whole or not at all.  What is written to it is left to the sinks.
 *
 * Without --force nothing that is there is ever replaced, even if it appears while the command
 * runs: link() and mkdir() fail if the name is taken.  (rename() alone would replace it;
 * renameat2() would not, but only on Linux.)
 */
#include "config.h"

#include "files.h"
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_NBYTES ((size_t)64 << 10)

/* -------------------------------------------------------------------------------------- signals */

/*
 * All that end a program and are sent on purpose: by people, timers, limits (ulimit -t) and the queues of
 * clusters, which warn with SIGUSR1 and SIGUSR2.
 */
static const int deadly[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM, SIGPROF};
#define NDEADLY (sizeof deadly / sizeof *deadly)

/* What the handler removes.  Changed only while the deadly signals are blocked. */
static struct output *unpublished;

static sigset_t block_signals(void)
{
	sigset_t block, before;

	sigemptyset(&block);
	for (size_t i = 0; i < NDEADLY; i++)
		sigaddset(&block, deadly[i]);
	sigprocmask(SIG_BLOCK, &block, &before);
	return before;
}

static void unblock_signals(sigset_t before)
{
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Only what a signal handler may call. */
static void remove_temporary(struct output *output)
{
	if (!output->exists)
		return;
	output->exists = false;
	if (output->form == OUTPUT_DIRECTORY) {
		for (size_t i = 0; i < output->nnames; i++)
			unlinkat(output->descriptor, output->names[i], 0);
		rmdir(output->temporary);
	} else {
		unlink(output->temporary);
	}
}

/*
 * The signal's own action is back in force (SA_RESETHAND), so that the caller sees what ended the
 * command.
 */
static void clean_up_and_die(int number)
{
	if (unpublished)
		remove_temporary(unpublished);
	raise(number);
}

static void catch_signals(void)
{
	for (size_t i = 0; i < NDEADLY; i++) {
		struct sigaction action, before;

		/* nohup(1) and shells without job control have some ignored: they stay so. */
		if (sigaction(deadly[i], NULL, &before) != 0 || before.sa_handler == SIG_IGN)
			continue;
		memset(&action, 0, sizeof action);
		action.sa_handler = clean_up_and_die;
		action.sa_flags = (int)SA_RESETHAND;
		sigfillset(&action.sa_mask);
		sigaction(deadly[i], &action, NULL);
	}
}

/* ----------------------------------------------------------------------------------------- open */

static bool is_schema_or_bin(const char *name)
{
	size_t nbytes = strlen(name);

	return strcmp(name, "schema.json") == 0 || (nbytes > 4 && strcmp(name + nbytes - 4, ".bin") == 0);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * --force replaces a directory only if nothing is in it but what the command itself writes: "-f -o
 * ." must do no harm.  Files that end in .bin are ours only if schema.json stands beside them.
 */
static bool holds_only_arrays(const char *path)
{
	DIR *directory = opendir(path);
	bool only = directory != NULL, is_empty = true, has_schema = false;
	struct dirent *entry;

	while (only && (entry = readdir(directory)) != NULL) {
		if (is_dots(entry->d_name))
			continue;
		only = is_schema_or_bin(entry->d_name);
		is_empty = false;
		has_schema |= strcmp(entry->d_name, "schema.json") == 0;
	}
	if (directory)
		closedir(directory);
	return only && (is_empty || has_schema);
}

static enum status check_replaceable(const struct output *output, const struct stat *there)
{
	bool is_directory = S_ISDIR(there->st_mode);

	if (!output->force)
		return complain(IO_FAILED, "%s: it exists; --force (-f) replaces it", output->path);
	if (is_directory && output->form != OUTPUT_DIRECTORY)
		return complain(IO_FAILED, "%s: it is a directory; a file is to be written", output->path);
	if (!is_directory && output->form == OUTPUT_DIRECTORY)
		return complain(IO_FAILED, "%s: it is a file; a directory is to be written", output->path);
	if (is_directory && !holds_only_arrays(output->path))
		return complain(IO_FAILED, "%s: it holds other files than arrays, and is not replaced", output->path);
	return DONE;
}

/* The file a link leads to is what is replaced, not the link. */
static bool follow_link(struct output *output)
{
	char *target = realpath(output->path, NULL);

	if (!target)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	free(output->path);
	output->path = target;
	return true;
}

static enum status look(struct output *output)
{
	struct stat there;

	if (strcmp(output->path, "-") == 0) {
		output->form = OUTPUT_STREAM;
		return DONE;
	}
	if (stat(output->path, &there) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return complain_os(output->path, "cannot be written");
		/* A link to nothing takes the name too. */
		return output->force || lstat(output->path, &there) != 0 ? DONE : check_replaceable(output, &there);
	}
	if (S_ISCHR(there.st_mode) || S_ISFIFO(there.st_mode)) {
		output->form = OUTPUT_STREAM;
		return DONE;
	}
	if (output->force && !follow_link(output))
		return complain_os(output->path, "cannot be written");
	output->mode = (there.st_mode & 0777) | (S_ISDIR(there.st_mode) ? 0700 : 0);
	return check_replaceable(output, &there);
}

/* What replaces a private file is as private. */
static mode_t permissions(const struct output *output, mode_t all)
{
	mode_t mask;

	if (output->mode)
		return output->mode;
	mask = umask(0);
	umask(mask);
	return all & ~mask;
}

static bool make_file(struct output *output)
{
	sigset_t before = block_signals();

	output->descriptor = mkstemp(output->temporary);
	output->exists = output->descriptor >= 0;
	unblock_signals(before);
	/* Some file systems have no permissions to set; that is no reason to fail. */
	if (output->exists && fchmod(output->descriptor, permissions(output, 0666)) != 0)
		errno = 0;
	return output->exists;
}

static bool make_directory(struct output *output)
{
	sigset_t before = block_signals();

	if (mkdtemp(output->temporary)) {
		output->exists = true;
		output->descriptor = open(output->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	unblock_signals(before);
	if (output->exists && chmod(output->temporary, permissions(output, 0777)) != 0)
		errno = 0;
	return output->descriptor >= 0;
}

static const char *directory_of_spools(void)
{
	const char *directory = getenv("TMPDIR");

	return directory && *directory ? directory : "/tmp";
}

enum status output_open(struct output *output, const char *path, bool is_directory, bool force)
{
	bool made;
	enum status status;

	*output = (struct output){
		.form = is_directory ? OUTPUT_DIRECTORY : OUTPUT_FILE, .force = force, .descriptor = -1};
	output->path = strdup(path);
	if (!output->path)
		return complain_memory();
	for (size_t n = strlen(path); n > 1 && output->path[n - 1] == '/'; n--)
		output->path[n - 1] = '\0';
	status = look(output);
	if (status != DONE)
		return status;
	if (!is_directory && strlen(path) > strlen(output->path))
		return complain(BAD_COMMAND, "%s: the slash at its end says that it is a directory, and this kind is a file", path);
	if (is_directory && output->form == OUTPUT_STREAM)
		return complain(BAD_COMMAND, "%s: raw is a directory of files, and does not go into a stream",
				output->path);
	output->directory = output->form == OUTPUT_STREAM ? strdup(directory_of_spools()) : directory_of(output->path);
	if (!output->directory)
		return complain_memory();
	if (output->form == OUTPUT_STREAM) {
		output->descriptor = spool_open(output->directory);
		return output->descriptor >= 0 ? DONE : complain_os(output->directory, "no temporary file can be made");
	}
	output->temporary = join_path(output->directory, ".flatload-XXXXXX");
	if (!output->temporary)
		return complain_memory();
	unpublished = output;
	catch_signals();
	made = is_directory ? make_directory(output) : make_file(output);
	return made ? DONE : complain_os(output->path, "cannot be written");
}

/* The name must be known to the signal handler before the file is there. */
static bool remember(struct output *output, const char *name)
{
	char **names;

	if (output->nnames == output->names_room) {
		size_t room = output->names_room ? 2 * output->names_room : 64;

		names = realloc(output->names, room * sizeof *names);
		if (!names)
			return false;
		output->names = names;
		output->names_room = room;
	}
	output->names[output->nnames] = strdup(name);
	if (!output->names[output->nnames])
		return false;
	output->nnames++;
	return true;
}

int output_add_file(struct output *output, const char *name)
{
	sigset_t before = block_signals();
	bool remembered = remember(output, name);

	unblock_signals(before);
	if (!remembered)
		return -1;
	return openat(output->descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* -------------------------------------------------------------------------------------- publish */

static enum status copy_out(const struct output *output)
{
	bool is_standard_output = strcmp(output->path, "-") == 0;
	const char *name = is_standard_output ? "standard output" : output->path;
	int to = is_standard_output ? STDOUT_FILENO : open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	off_t end = lseek(output->descriptor, 0, SEEK_END);
	char *bytes = malloc(COPY_NBYTES);
	bool fine = to >= 0 && end >= 0 && bytes;
	enum status status;

	for (off_t at = 0; fine && at < end;) {
		size_t n = end - at < (off_t)COPY_NBYTES ? (size_t)(end - at) : COPY_NBYTES;

		fine = read_all_at(output->descriptor, bytes, n, (uint64_t)at) && write_all(to, bytes, n);
		at += (off_t)n;
	}
	if (fine)
		fine = close(to) == 0;
	status = fine ? DONE : complain_os(name, "cannot be written");
	free(bytes);
	return status;
}

/* A file system without hard links: an empty file claims the name, then is replaced. */
static bool claim_and_rename(const struct output *output)
{
	int claim = open(output->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int saved;

	if (claim < 0)
		return false;
	close(claim);
	if (rename(output->temporary, output->path) == 0)
		return true;
	saved = errno;
	unlink(output->path);
	errno = saved;
	return false;
}

static bool publish_file(struct output *output)
{
	int descriptor = output->descriptor;

	/* Some file systems report only now that the disk is full. */
	output->descriptor = -1;
	if (close(descriptor) != 0)
		return false;
	if (output->force)
		return rename(output->temporary, output->path) == 0;
	if (link(output->temporary, output->path) == 0) {
		unlink(output->temporary);
		return true;
	}
	return errno != EEXIST && claim_and_rename(output);
}

static void remove_arrays(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)) != NULL)
		if (is_schema_or_bin(entry->d_name))
			unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
	rmdir(path);
}

/*
 * Moves the directory that is there out of the way, puts ours in its place, and only then removes
 * the old one.
 */
static bool replace_directory(const struct output *output)
{
	char *aside = join_path(output->directory, ".flatload-XXXXXX");
	bool fine = aside && mkdtemp(aside);
	int saved;

	if (fine && rename(output->path, aside) != 0) {
		saved = errno;
		rmdir(aside);
		errno = saved;
		fine = false;
	} else if (fine && rename(output->temporary, output->path) != 0) {
		saved = errno;
		if (rename(aside, output->path) != 0)
			complain_os(aside, "the old directory is left here");
		errno = saved;
		fine = false;
	} else if (fine) {
		remove_arrays(aside);
	}
	free(aside);
	return fine;
}

/* rename() replaces an empty directory and no other: the one that claims the name. */
static bool publish_directory(const struct output *output)
{
	int saved;

	if (mkdir(output->path, 0777) != 0)
		return errno == EEXIST && output->force && replace_directory(output);
	if (rename(output->temporary, output->path) == 0)
		return true;
	saved = errno;
	rmdir(output->path);
	errno = saved;
	return false;
}

enum status output_publish(struct output *output)
{
	sigset_t before;
	bool fine;
	int saved;

	if (output->form == OUTPUT_STREAM)
		return copy_out(output);
	before = block_signals();
	fine = output->form == OUTPUT_FILE ? publish_file(output) : publish_directory(output);
	saved = errno;
	if (fine)
		output->exists = false;
	unblock_signals(before);
	if (fine)
		return DONE;
	if (saved == EEXIST)
		return complain(IO_FAILED, "%s: it appeared meanwhile; --force (-f) replaces it", output->path);
	errno = saved;
	return complain_os(output->path, "cannot be written");
}

void output_close(struct output *output)
{
	sigset_t before = block_signals();

	remove_temporary(output);
	unpublished = NULL;
	unblock_signals(before);
	if (output->descriptor >= 0)
		close(output->descriptor);
	for (size_t i = 0; i < output->nnames; i++)
		free(output->names[i]);
	free(output->names);
	free(output->temporary);
	free(output->directory);
	free(output->path);
	*output = (struct output){.descriptor = -1};
}
