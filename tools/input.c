/*
 * An input whose start can be looked at before it is read; its bytes and lines are counted.
 *
 * What was looked at is kept and handed to the reader first, so that pipes are inputs like others.
 */
#include "config.h"

#include "arrays.h"
#include "files.h"
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_NBYTES ((size_t)16) /* that tells what a file is */
#define COPY_NBYTES ((size_t)64 << 10)

bool is_standard(const char *path)
{
	return strcmp(path, "-") == 0;
}

bool is_seekable(const char *path)
{
	struct stat there;

	if (is_standard(path))
		return lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0;
	return stat(path, &there) != 0 ||
	       !(S_ISFIFO(there.st_mode) || S_ISCHR(there.st_mode) || S_ISSOCK(there.st_mode));
}

bool are_seekable(const struct options *options)
{
	for (size_t i = 0; i < options->ninputs; i++)
		if (!is_seekable(options->inputs[i]))
			return false;
	return true;
}

static enum status open_path(struct input *input, const char *path, int spool)
{
	*input = (struct input){.name = path, .descriptor = STDIN_FILENO};
	if (is_standard(path)) {
		input->name = "<stdin>";
	} else if (spool < 0) {
		input->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		input->ours = input->descriptor >= 0;
	}
	if (spool >= 0)
		input->descriptor = spool;
	if (input->descriptor < 0)
		return complain_os(path, "cannot be opened");
	input->start = lseek(input->descriptor, 0, SEEK_CUR);
	input->seekable = input->start >= 0;
	return DONE;
}

void input_close(struct input *input)
{
	free(input->head);
	if (input->ours)
		close(input->descriptor);
	else if (input->seekable)
		lseek(input->descriptor, input->start, SEEK_SET);
	*input = (struct input){.descriptor = -1};
}

static ssize_t read_some(int descriptor, void *buffer, size_t nbytes)
{
	ssize_t n;

	do
		n = read(descriptor, buffer, nbytes);
	while (n < 0 && errno == EINTR);
	return n;
}

enum status input_look(struct input *input, size_t nbytes)
{
	char *larger;

	if (nbytes <= input->head_nbytes || input->head_is_all)
		return DONE;
	larger = realloc(input->head, nbytes);
	if (!larger)
		return complain_memory();
	input->head = larger;
	while (input->head_nbytes < nbytes && !input->head_is_all) {
		ssize_t n = read_some(input->descriptor, input->head + input->head_nbytes, nbytes - input->head_nbytes);

		if (n < 0)
			return complain_os(input->name, "cannot be read");
		input->head_is_all = n == 0;
		input->head_nbytes += (size_t)n;
	}
	return DONE;
}

/* What starts like this is no text that has fields: nothing that could be said of them would help. */
static const struct {
	const char *start;
	size_t nbytes;
	const char *name, *advice;
} other_files[] = {
	{"\xFF\xFE", 2, "UTF-16", "iconv -f utf-16 -t utf-8 makes UTF-8 of it"},
	{"\xFE\xFF", 2, "UTF-16", "iconv -f utf-16 -t utf-8 makes UTF-8 of it"},
	{"\x1F\x8B\x08", 3, "compressed (gzip)", "gzip -dc makes text of it, and - reads that from a pipe"},
	{"\x28\xB5\x2F\xFD", 4, "compressed (zstd)", "zstd -dc makes text of it, and - reads that from a pipe"},
	{"\xFD" "7zXZ\0", 6, "compressed (xz)", "xz -dc makes text of it, and - reads that from a pipe"},
	{"BZh91AY&SY", 10, "compressed (bzip2)", "bzip2 -dc makes text of it, and - reads that from a pipe"},
	{"PK\3\4", 4, "a zip file", "unpack it"},
	{"\x93" "NUMPY", 6, "an array of NumPy's", "give its name the ending .npy"},
};

enum status input_check_text(struct input *input)
{
	enum status status = input_look(input, START_NBYTES);

	if (status != DONE)
		return status;
	for (size_t i = 0; i < sizeof other_files / sizeof *other_files; i++)
		if (input->head_nbytes >= other_files[i].nbytes &&
		    memcmp(input->head, other_files[i].start, other_files[i].nbytes) == 0)
			return complain(IO_FAILED, "%s: it is %s; %s", input->name, other_files[i].name,
					other_files[i].advice);
	return DONE;
}

void tell_if_no_text(const struct options *options, size_t index)
{
	struct input input;

	if (!is_seekable(options->inputs[index]))
		return;
	if (input_open(&input, options, index) == DONE)
		input_check_text(&input);
	input_close(&input);
}

enum status input_open(struct input *input, const struct options *options, size_t index)
{
	const char *path = options->inputs[index];

	*input = (struct input){.name = path, .descriptor = -1};
	if (arrays_are_in(path))
		return complain(BAD_COMMAND,
				"%s: it holds arrays, not text; flatload convert --to csv makes "
				"text of them",
				path);
	return open_path(input, path, options->spools ? options->spools[index] : -1);
}

/* Sums of one byte each, which cannot overflow in so many steps, make compilers use vectors. */
#define LANES 32
#define STEPS 255

static uint64_t line_feeds(const char *p, size_t nbytes)
{
	const char *end = p + nbytes;
	uint64_t n = 0;

	while ((size_t)(end - p) >= LANES) {
		uint8_t sums[LANES] = {0};

		for (size_t i = 0; i < STEPS && (size_t)(end - p) >= LANES; i++, p += LANES)
			for (size_t k = 0; k < LANES; k++)
				sums[k] = (uint8_t)(sums[k] + (p[k] == '\n'));
		for (size_t k = 0; k < LANES; k++)
			n += sums[k];
	}
	for (; p < end; p++)
		n += *p == '\n';
	return n;
}

static ptrdiff_t take(void *context, void *buffer, size_t nbytes)
{
	struct input *input = context;
	size_t left = input->head_nbytes - input->replayed;
	ssize_t n;

	if (left) {
		n = (ssize_t)(left < nbytes ? left : nbytes);
		memcpy(buffer, input->head + input->replayed, (size_t)n);
		input->replayed += (size_t)n;
	} else {
		n = input->head_is_all ? 0 : read_some(input->descriptor, buffer, nbytes);
	}
	if (n <= 0)
		return n;
	input->nbytes += (uint64_t)n;
	input->lines += line_feeds(buffer, (size_t)n);
	return n;
}

flat_source input_source(struct input *input)
{
	return flat_source_callback(take, input, input->name);
}

bool input_rewind(struct input *input)
{
	if (!input->seekable)
		return false;
	input->nbytes = 0;
	input->lines = 0;
	input->replayed = 0;
	return input->head_is_all || lseek(input->descriptor, input->start + (off_t)input->head_nbytes, SEEK_SET) >= 0;
}

void input_count_head(struct input *input)
{
	input->nbytes = input->head_nbytes;
	/* No bytes may be nowhere: NULL is not added to. */
	if (input->head)
		input->lines = line_feeds(input->head, input->head_nbytes);
}

static bool copy(int from, int to, char *bytes)
{
	ssize_t n;

	while ((n = read_some(from, bytes, COPY_NBYTES)) > 0)
		if (!write_all(to, bytes, (size_t)n))
			return false;
	return n == 0 && lseek(to, 0, SEEK_SET) == 0;
}

int input_spool(const char *path)
{
	const char *set = getenv("TMPDIR"), *directory = set && *set ? set : "/tmp";
	char *bytes = malloc(COPY_NBYTES);
	struct input input;
	int spool = -1;

	if (open_path(&input, path, -1) == DONE && bytes) {
		spool = spool_open(directory);
		if (spool < 0)
			complain_os(directory, "no temporary file can be made");
	}
	if (spool >= 0 && !copy(input.descriptor, spool, bytes)) {
		complain_os(input.name, "cannot be copied to a temporary file");
		close(spool);
		spool = -1;
	}
	if (!bytes)
		complain_memory();
	input_close(&input);
	free(bytes);
	return spool;
}
