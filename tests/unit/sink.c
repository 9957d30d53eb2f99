/*
 * lib/sink.c: every byte handed over once and in order, whatever gets in the way, and an exact account when it cannot be.
 */
#include "config.h"

#include "sink.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#define BIG ((size_t)1 << 20) /* more than any pipe holds */

static char pattern_at(size_t i)
{
	return (char)(i * 131 + (i >> 8) * 7);
}

static char *pattern(size_t nbytes)
{
	char *bytes = malloc(nbytes);

	assert_non_null(bytes);
	for (size_t i = 0; i < nbytes; i++)
		bytes[i] = pattern_at(i);
	return bytes;
}

static struct fl_sink opened(flat_sink to)
{
	struct fl_sink sink;
	flat_error error = {.status = FLAT_OK};

	assert_int_equal(fl_sink_open(&sink, &to, &error), FLAT_OK);
	assert_int_equal(error.status, FLAT_OK);
	assert_int_equal(sink.taken, 0);
	return sink;
}

static void writes(struct fl_sink *sink, const char *text)
{
	flat_error error = {.status = FLAT_OK};

	assert_int_equal(fl_sink_write(sink, text, strlen(text), &error), FLAT_OK);
	assert_int_equal(error.status, FLAT_OK);
}

static void fails(struct fl_sink *sink, const char *bytes, size_t nbytes, int os)
{
	flat_error error = {.status = FLAT_OK};

	assert_int_equal(fl_sink_write(sink, bytes, nbytes, &error), FLAT_BAD_OUTPUT);
	assert_int_equal(error.status, FLAT_BAD_OUTPUT);
	assert_int_equal(error.os, os);
	assert_non_null(strstr(error.message, sink->to.name));
	assert_non_null(strstr(error.message, "cannot be written"));
}

static void closes(struct fl_sink *sink)
{
	flat_error error = {.status = FLAT_OK};

	assert_int_equal(fl_sink_close(sink, &error), FLAT_OK);
	assert_int_equal(error.status, FLAT_OK);
}

/* ------------------------------------------------------------------------------------------------- files */

static char path[] = "sink-test.XXXXXX";

static int make_file(void **state)
{
	int descriptor;

	(void)state;
	memcpy(path, "sink-test.XXXXXX", sizeof path);
	descriptor = mkstemp(path);
	return descriptor < 0 || close(descriptor) != 0;
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void file_holds(const char *expected)
{
	char content[256];
	FILE *file = fopen(path, "rb");
	size_t n;

	assert_non_null(file);
	n = fread(content, 1, sizeof content, file);
	fclose(file);
	assert_int_equal(n, strlen(expected));
	assert_memory_equal(content, expected, n);
}

static void a_path_is_made_written_and_closed(void **state)
{
	struct fl_sink sink;
	int descriptor;

	(void)state;
	unlink(path);
	sink = opened(flat_sink_path(path));
	descriptor = sink.to.descriptor;
	assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
	writes(&sink, "one,");
	writes(&sink, "");
	writes(&sink, "two\n");
	assert_int_equal(sink.taken, 8);
	closes(&sink);
	assert_int_equal(fcntl(descriptor, F_GETFD), -1);
	file_holds("one,two\n");
}

static void a_path_that_exists_is_emptied(void **state)
{
	struct fl_sink sink = opened(flat_sink_path(path));

	(void)state;
	writes(&sink, "something long");
	closes(&sink);
	sink = opened(flat_sink_path(path));
	closes(&sink);
	file_holds("");
}

static void a_path_that_cannot_be_made_is_told(void **state)
{
	static const struct {
		const char *path;
		int os;
	} paths[] = {{"no-such-folder/file.csv", ENOENT}, {".", EISDIR}, {"", ENOENT}};

	(void)state;
	for (size_t i = 0; i < LENGTH(paths); i++) {
		flat_sink to = flat_sink_path(paths[i].path);
		flat_error error = {.status = FLAT_OK};
		struct fl_sink sink;

		assert_int_equal(fl_sink_open(&sink, &to, &error), FLAT_BAD_OUTPUT);
		assert_int_equal(error.os, paths[i].os);
		assert_non_null(strstr(error.message, "cannot be made"));
		assert_int_equal(fl_sink_open(&sink, &to, NULL), FLAT_BAD_OUTPUT);
		closes(&sink);
	}
}

static void a_descriptor_is_written_where_it_stands_and_stays_open(void **state)
{
	int descriptor = open(path, O_RDWR);
	struct fl_sink sink;

	(void)state;
	assert_int_equal(write(descriptor, "before,", 7), 7);
	sink = opened(flat_sink_descriptor(descriptor, NULL));
	writes(&sink, "after\n");
	assert_int_equal(sink.taken, 6);
	closes(&sink);
	assert_int_equal(close(descriptor), 0);
	file_holds("before,after\n");
}

static void a_file_that_may_not_grow_takes_what_it_can(void **state)
{
	const struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		flat_sink to = flat_sink_path(path);
		char *bytes = calloc(1, 150);
		flat_error error = {.status = FLAT_OK};
		struct fl_sink sink;

		signal(SIGXFSZ, SIG_IGN);
		_exit(!(bytes && setrlimit(RLIMIT_FSIZE, &limit) == 0 && fl_sink_open(&sink, &to, &error) == FLAT_OK &&
			fl_sink_write(&sink, bytes, 150, &error) == FLAT_BAD_OUTPUT && error.os == EFBIG &&
			sink.taken == 100));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_full_disk_is_told(void **state)
{
	struct fl_sink sink;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	sink = opened(flat_sink_path("/dev/full"));
	fails(&sink, "text", 4, ENOSPC);
	assert_int_equal(sink.taken, 0);
	closes(&sink);
}

/* No file system at hand fails to close; a descriptor that is gone does. */
static void a_failure_to_close_is_told_once(void **state)
{
	struct fl_sink sink = opened(flat_sink_path(path));
	flat_error error = {.status = FLAT_OK};

	(void)state;
	assert_int_equal(close(sink.to.descriptor), 0);
	assert_int_equal(fl_sink_close(&sink, &error), FLAT_BAD_OUTPUT);
	assert_int_equal(error.os, EBADF);
	assert_non_null(strstr(error.message, "cannot be closed"));
	closes(&sink);
}

static void the_first_failure_is_the_one_told(void **state)
{
	struct fl_sink sink = opened(flat_sink_path(path));
	flat_error error = {.status = FLAT_OK};

	(void)state;
	assert_int_equal(close(sink.to.descriptor), 0);
	assert_int_equal(fl_sink_write(&sink, "a", 1, &error), FLAT_BAD_OUTPUT);
	assert_int_equal(fl_sink_close(&sink, &error), FLAT_BAD_OUTPUT);
	assert_non_null(strstr(error.message, "cannot be written"));
}

/* ------------------------------------------------------------------------------------------------- pipes */

/* Gives the end to write to; a child reads the other to its end, exits with 0 if that was the pattern. */
static int pipe_to_child(pid_t *child, int flags)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*child = fork();
	if (*child == 0) {
		char block[1000];
		ssize_t n;
		size_t at = 0;

		close(ends[1]);
		/* Long enough for the pipe to fill. */
		usleep(20000);
		while ((n = read(ends[0], block, sizeof block)) > 0)
			for (ssize_t i = 0; i < n; i++)
				if (block[i] != pattern_at(at++))
					_exit(2);
		_exit(at == BIG ? 0 : 3);
	}
	close(ends[0]);
	assert_int_equal(fcntl(ends[1], F_SETFL, flags), 0);
	return ends[1];
}

static void the_child_read_everything(pid_t child, int descriptor)
{
	int status;

	assert_int_equal(close(descriptor), 0);
	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_pipe_that_does_not_block_is_waited_for(void **state)
{
	pid_t child;
	int descriptor = pipe_to_child(&child, O_NONBLOCK);
	struct fl_sink sink = opened(flat_sink_descriptor(descriptor, "pipe"));
	char *bytes = pattern(BIG);
	flat_error error = {.status = FLAT_OK};

	(void)state;
	assert_int_equal(fl_sink_write(&sink, bytes, BIG, &error), FLAT_OK);
	assert_int_equal(sink.taken, BIG);
	closes(&sink);
	the_child_read_everything(child, descriptor);
	free(bytes);
}

static volatile sig_atomic_t interruptions;

static void interrupt(int number)
{
	(void)number;
	interruptions++;
}

static void signals_lose_nothing_with(int flags)
{
	const struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
	const struct sigaction action = {.sa_handler = interrupt}, ignored = {.sa_handler = SIG_IGN};
	char *bytes = pattern(BIG);
	pid_t child;
	int descriptor = pipe_to_child(&child, flags);
	struct fl_sink sink = opened(flat_sink_descriptor(descriptor, "pipe"));
	flat_error error = {.status = FLAT_OK};

	interruptions = 0;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(fl_sink_write(&sink, bytes, BIG, &error), FLAT_OK);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	/* One may be on its way still: valgrind delivers them late. */
	assert_int_equal(sigaction(SIGALRM, &ignored, NULL), 0);
	assert_true(interruptions > 0);
	assert_int_equal(sink.taken, BIG);
	the_child_read_everything(child, descriptor);
	free(bytes);
}

static void signals_lose_nothing(void **state)
{
	(void)state;
	signals_lose_nothing_with(0);
	signals_lose_nothing_with(O_NONBLOCK);
}

static void a_closed_pipe_is_told_if_its_signal_is_ignored(void **state)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	int ends[2];
	struct fl_sink sink;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	sink = opened(flat_sink_descriptor(ends[1], "pipe"));
	fails(&sink, "text", 4, EPIPE);
	assert_int_equal(sink.taken, 0);
	close(ends[1]);
	signal(SIGPIPE, before);
}

/* Woken up by the reader's leaving, not by room: that is no reason to try for ever. */
static void a_full_pipe_that_is_closed_is_told(void **state)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	char *bytes = pattern(BIG);
	struct fl_sink sink;
	int ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		usleep(20000);
		_exit(0);
	}
	close(ends[0]);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	sink = opened(flat_sink_descriptor(ends[1], "pipe"));
	fails(&sink, bytes, BIG, EPIPE);
	assert_true(sink.taken > 0 && sink.taken < BIG);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	signal(SIGPIPE, before);
	free(bytes);
}

/* ------------------------------------------------------------------------------------- memory, callbacks */

static void memory_is_filled_to_its_last_byte(void **state)
{
	char *memory = guarded(10);
	struct fl_sink sink = opened(flat_sink_memory(memory, 10, NULL));

	(void)state;
	writes(&sink, "0123456");
	writes(&sink, "789");
	assert_int_equal(sink.taken, 10);
	assert_memory_equal(memory, "0123456789", 10);
	fails(&sink, "a", 1, ENOSPC);
	assert_int_equal(sink.taken, 10);
	closes(&sink);
	release(memory, 10);
}

static void memory_too_small_takes_what_fits(void **state)
{
	(void)state;
	for (size_t room = 0; room < 10; room++) {
		char *memory = guarded(room);
		struct fl_sink sink = opened(flat_sink_memory(memory, room, "memory"));

		fails(&sink, "0123456789", 10, ENOSPC);
		assert_int_equal(sink.taken, room);
		assert_memory_equal(memory, "0123456789", room);
		release(memory, room);
	}
}

static void no_memory_takes_nothing(void **state)
{
	struct fl_sink sink = opened(flat_sink_memory(NULL, 10, NULL));

	(void)state;
	writes(&sink, "");
	fails(&sink, "a", 1, ENOSPC);
	assert_int_equal(sink.taken, 0);
}

/* Takes at most 'chunk' bytes a call; says EINTR every other time; fails at call 'failing', from 1, with 'os'. */
struct taker {
	char bytes[256];
	size_t nbytes, chunk, calls, failing;
	bool interrupted;
	int os;
};

static ptrdiff_t take(void *context, const void *buffer, size_t nbytes)
{
	struct taker *taker = context;

	assert_true(nbytes > 0);
	taker->calls++;
	if (taker->interrupted && taker->calls % 2) {
		errno = EINTR;
		return -1;
	}
	if (taker->calls == taker->failing) {
		errno = taker->os;
		return -1;
	}
	if (nbytes > taker->chunk)
		nbytes = taker->chunk;
	assert_true(taker->nbytes + nbytes <= sizeof taker->bytes);
	memcpy(taker->bytes + taker->nbytes, buffer, nbytes);
	taker->nbytes += nbytes;
	return (ptrdiff_t)nbytes;
}

static void short_writes_are_gone_on_with(void **state)
{
	(void)state;
	for (size_t chunk = 1; chunk < 20; chunk++) {
		for (int interrupted = 0; interrupted < 2; interrupted++) {
			struct taker taker = {.chunk = chunk, .interrupted = interrupted};
			struct fl_sink sink = opened(flat_sink_callback(take, &taker, NULL));

			writes(&sink, "0123456789");
			writes(&sink, "abcdef");
			assert_int_equal(sink.taken, 16);
			assert_int_equal(taker.nbytes, 16);
			assert_memory_equal(taker.bytes, "0123456789abcdef", 16);
			closes(&sink);
		}
	}
}

static void a_failure_of_any_call_is_told_with_what_was_taken(void **state)
{
	(void)state;
	for (size_t failing = 1; failing <= 10; failing++) {
		struct taker taker = {.chunk = 1, .failing = failing, .os = EDQUOT};
		struct fl_sink sink = opened(flat_sink_callback(take, &taker, "callback"));

		fails(&sink, "0123456789", 10, EDQUOT);
		assert_int_equal(sink.taken, failing - 1);
		assert_memory_equal(taker.bytes, "0123456789", failing - 1);
		assert_int_equal(taker.calls, failing);
	}
}

static ptrdiff_t returns(void *context, const void *buffer, size_t nbytes)
{
	(void)buffer;
	(void)nbytes;
	errno = ENOTTY; /* not to be believed unless -1 comes back */
	return *(const ptrdiff_t *)context;
}

static void a_callback_that_takes_nothing_or_too_much_is_a_failure(void **state)
{
	static ptrdiff_t answers[] = {0, 5, PTRDIFF_MAX};

	(void)state;
	for (size_t i = 0; i < LENGTH(answers); i++) {
		struct fl_sink sink = opened(flat_sink_callback(returns, &answers[i], "callback"));

		fails(&sink, "text", 4, EIO);
		assert_int_equal(sink.taken, 0);
	}
}

static void a_sink_without_a_name_has_one_for_messages(void **state)
{
	(void)state;
	assert_string_equal(flat_sink_descriptor(1, NULL).name, "<descriptor>");
	assert_string_equal(flat_sink_memory(NULL, 0, NULL).name, "<memory>");
	assert_string_equal(flat_sink_callback(take, NULL, NULL).name, "<callback>");
	assert_string_equal(flat_sink_descriptor(1, "out").name, "out");
	assert_string_equal(flat_sink_path("a.csv").name, "a.csv");
}

int main(void)
{
#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)
	const struct CMUnitTest tests[] = {
		WITH_FILE(a_path_is_made_written_and_closed),
		WITH_FILE(a_path_that_exists_is_emptied),
		cmocka_unit_test(a_path_that_cannot_be_made_is_told),
		WITH_FILE(a_descriptor_is_written_where_it_stands_and_stays_open),
		WITH_FILE(a_file_that_may_not_grow_takes_what_it_can),
		cmocka_unit_test(a_full_disk_is_told),
		WITH_FILE(a_failure_to_close_is_told_once),
		WITH_FILE(the_first_failure_is_the_one_told),
		cmocka_unit_test(a_pipe_that_does_not_block_is_waited_for),
		cmocka_unit_test(signals_lose_nothing),
		cmocka_unit_test(a_closed_pipe_is_told_if_its_signal_is_ignored),
		cmocka_unit_test(a_full_pipe_that_is_closed_is_told),
		cmocka_unit_test(memory_is_filled_to_its_last_byte),
		cmocka_unit_test(memory_too_small_takes_what_fits),
		cmocka_unit_test(no_memory_takes_nothing),
		cmocka_unit_test(short_writes_are_gone_on_with),
		cmocka_unit_test(a_failure_of_any_call_is_told_with_what_was_taken),
		cmocka_unit_test(a_callback_that_takes_nothing_or_too_much_is_a_failure),
		cmocka_unit_test(a_sink_without_a_name_has_one_for_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
