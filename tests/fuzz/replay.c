/*
 * Feeds files to a fuzz target without a fuzzer, so that "make check" replays the committed corpora with
 * any compiler.  With --enable-fuzzing libFuzzer brings its own main() and this file is not built.
 *
 * Each argument is a file, or a directory of files; without arguments it is the directory of the program's
 * name in $FLATLOAD_CORPUS.  Speaks TAP, one test an argument; a file is named before it is fed, so the
 * last name in the log is the one that crashed.
 */
#include "config.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

enum { PATH_SIZE = 4096 };

/* The buffer is as long as the input to the byte: a sanitizer or valgrind sees the first read past it. */
static uint8_t *load(const char *path, size_t *nbytes)
{
	struct stat status;
	uint8_t *data = NULL;
	FILE *file = fopen(path, "rb");

	if (!file)
		return NULL;
	if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode)) {
		*nbytes = (size_t)status.st_size;
		data = malloc(*nbytes ? *nbytes : 1);
	}
	if (data && fread(data, 1, *nbytes, file) != *nbytes) {
		free(data);
		data = NULL;
	}
	fclose(file);
	return data;
}

static bool feed_file(const char *path)
{
	size_t nbytes = 0;
	uint8_t *data = load(path, &nbytes);

	printf("# %s\n", path);
	fflush(stdout);
	if (!data) {
		printf("# cannot be read\n");
		return false;
	}
	LLVMFuzzerTestOneInput(data, nbytes);
	free(data);
	return true;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In the order of the names, the same everywhere.  A directory without files tests nothing, and fails. */
static bool feed_directory(const char *path)
{
	struct dirent **entries;
	int nentries = scandir(path, &entries, is_visible, alphasort);
	bool fine = nentries > 0;

	for (int i = 0; i < nentries; i++) {
		char inside[PATH_SIZE];
		int length = snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);

		fine = length > 0 && length < PATH_SIZE && feed_file(inside) && fine;
		free(entries[i]);
	}
	if (nentries >= 0)
		free(entries);
	return fine;
}

static bool feed(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	return S_ISDIR(status.st_mode) ? feed_directory(path) : feed_file(path);
}

static bool report(int number, const char *path)
{
	bool fine = feed(path);

	printf("%s %d - %s is replayed\n", fine ? "ok" : "not ok", number, path);
	return fine;
}

static bool replay_own_corpus(const char *program)
{
	const char *corpora = getenv("FLATLOAD_CORPUS");
	const char *slash = strrchr(program, '/');
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", corpora ? corpora : "tests/fuzz/corpus",
		 slash ? slash + 1 : program);
	printf("1..1\n");
	return report(1, path);
}

int main(int argc, char **argv)
{
	bool fine = true;

	if (argc < 2)
		return replay_own_corpus(argv[0]) ? EXIT_SUCCESS : EXIT_FAILURE;
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++)
		fine = report(i, argv[i]) && fine;
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
