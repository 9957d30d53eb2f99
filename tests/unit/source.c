/*
 * lib/source.c: the same bytes from a path, a descriptor, memory and a callback, through interruptions and failures.
 */
#include "config.h"

#include "source.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

static const char text[] = "when,price\n2024-01-01,1.5\n";
#define TEXT_NBYTES (sizeof text - 1)

static void open_source(struct fl_source *source, flat_source from)
{
	flat_error error = {.status = FLAT_OK};

	if (fl_source_open(source, &from, &error) != FLAT_OK)
		fail_msg("%s", error.message);
}

/* Reads to the end, at most 'most' bytes at a time; gives how many. */
static size_t read_all(struct fl_source *source, char *out, size_t room, size_t most)
{
	size_t used = 0;
	ptrdiff_t n;

	while (used < room && (n = fl_source_read(source, out + used, most < room - used ? most : room - used)) != 0) {
		assert_true(n > 0);
		used += (size_t)n;
	}
	return used;
}

static void assert_all_read(struct fl_source *source)
{
	char out[100];

	assert_int_equal(read_all(source, out, sizeof out, 7), TEXT_NBYTES);
	assert_memory_equal(out, text, TEXT_NBYTES);
}

/* A file that is gone when it is closed. */
static int temporary_file(char *path)
{
	int descriptor;

	strcpy(path, "source-test-XXXXXX");
	descriptor = mkstemp(path);
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, TEXT_NBYTES), TEXT_NBYTES);
	return descriptor;
}

static bool is_open(int descriptor)
{
	return fcntl(descriptor, F_GETFD) >= 0;
}

/* A call that never returns ends the program, not the patience. */
static void limit_time(unsigned seconds)
{
	signal(SIGALRM, SIG_DFL);
	alarm(seconds);
}

/* --------------------------------------------------------------------------------------------- constructors */

static void each_kind_has_a_name_for_messages(void **state)
{
	(void)state;
	assert_string_equal(flat_source_path("a.csv").name, "a.csv");
	assert_string_equal(flat_source_descriptor(0, NULL).name, "<descriptor>");
	assert_string_equal(flat_source_descriptor(0, "stdin").name, "stdin");
	assert_string_equal(flat_source_memory("", 0, NULL).name, "<memory>");
	assert_string_equal(flat_source_memory("", 0, "m").name, "m");
	assert_string_equal(flat_source_callback(NULL, NULL, NULL).name, "<callback>");
	assert_string_equal(flat_source_callback(NULL, NULL, "c").name, "c");
}

/* ---------------------------------------------------------------------------------------------------- path */

static void a_path_is_opened_and_closed(void **state)
{
	char path[40];
	int file = temporary_file(path);
	struct fl_source source;

	(void)state;
	open_source(&source, flat_source_path(path));
	assert_true(source.opened);
	assert_int_not_equal(source.from.descriptor, file);
	assert_true(fcntl(source.from.descriptor, F_GETFD) & FD_CLOEXEC);
	assert_all_read(&source);
	fl_source_close(&source);
	assert_false(is_open(source.from.descriptor));
	fl_source_close(&source);
	unlink(path);
	close(file);
}

static void a_missing_file_is_told(void **state)
{
	const flat_source from = flat_source_path("no/such/file.csv");
	flat_error error = {.status = FLAT_OK};
	struct fl_source source;

	(void)state;
	assert_int_equal(fl_source_open(&source, &from, &error), FLAT_BAD_INPUT);
	assert_int_equal(error.os, ENOENT);
	assert_string_equal(error.message, "no/such/file.csv: cannot be opened: No such file or directory");
	assert_false(source.opened);
	fl_source_close(&source);
	assert_int_equal(fl_source_open(&source, &from, NULL), FLAT_BAD_INPUT);
}

static void a_directory_cannot_be_read(void **state)
{
	struct fl_source source;
	char out[10];

	(void)state;
	open_source(&source, flat_source_path("."));
	errno = 0;
	assert_int_equal(fl_source_read(&source, out, sizeof out), -1);
	assert_int_equal(errno, EISDIR);
	fl_source_close(&source);
}

/* ---------------------------------------------------------------------------------------------- descriptor */

static void a_descriptor_is_read_from_where_it_stands_and_stays_open(void **state)
{
	char path[40], out[100];
	int file = temporary_file(path);
	struct fl_source source;

	(void)state;
	unlink(path);
	assert_int_equal(lseek(file, 11, SEEK_SET), 11);
	open_source(&source, flat_source_descriptor(file, NULL));
	assert_int_equal(read_all(&source, out, sizeof out, 4), TEXT_NBYTES - 11);
	assert_memory_equal(out, text + 11, TEXT_NBYTES - 11);
	fl_source_close(&source);
	assert_true(is_open(file));
	close(file);
}

static void a_closed_descriptor_fails(void **state)
{
	struct fl_source source;
	char out[10];

	(void)state;
	open_source(&source, flat_source_descriptor(-1, NULL));
	assert_int_equal(fl_source_read(&source, out, sizeof out), -1);
	assert_int_equal(errno, EBADF);
}

static void a_pipe_hands_over_what_there_is(void **state)
{
	int ends[2];
	struct fl_source source;
	char out[100];

	(void)state;
	limit_time(60);
	assert_int_equal(pipe(ends), 0);
	open_source(&source, flat_source_descriptor(ends[0], NULL));
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(fl_source_read(&source, out, sizeof out), 3);
	assert_int_equal(write(ends[1], "de", 2), 2);
	assert_int_equal(fl_source_read(&source, out, 1), 1);
	assert_int_equal(fl_source_read(&source, out + 1, 1), 1);
	assert_memory_equal(out, "de", 2);
	close(ends[1]);
	assert_int_equal(fl_source_read(&source, out, sizeof out), 0);
	close(ends[0]);
	alarm(0);
}

static void rest(long milliseconds)
{
	struct timespec time = {.tv_sec = 0, .tv_nsec = milliseconds * 1000000};

	nanosleep(&time, NULL);
}

/* In a child: the text in pieces, with pauses, interrupting the parent each time. */
static pid_t write_slowly(const int ends[2], bool interrupt)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child != 0)
		return child;
	for (size_t i = 0; i < TEXT_NBYTES; i += 5) {
		const size_t n = TEXT_NBYTES - i < 5 ? TEXT_NBYTES - i : 5;

		rest(15);
		if (interrupt)
			kill(getppid(), SIGUSR1);
		rest(15);
		if (write(ends[1], text + i, n) != (ptrdiff_t)n)
			_exit(1);
	}
	_exit(0);
}

static void a_descriptor_that_does_not_block_is_waited_for(void **state)
{
	int ends[2], status;
	struct fl_source source;
	clock_t start, used;
	pid_t child;

	(void)state;
	limit_time(60);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	child = write_slowly(ends, false);
	close(ends[1]);
	open_source(&source, flat_source_descriptor(ends[0], NULL));
	start = clock();
	assert_all_read(&source);
	used = clock() - start;
	/* Asleep, not trying again and again: the pauses take 180 ms. */
	assert_true(used < CLOCKS_PER_SEC / 12);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ends[0]);
	alarm(0);
}

static volatile sig_atomic_t interruptions;

static void interrupted(int number)
{
	(void)number;
	interruptions++;
}

static void interruptions_are_gone_through(void **state)
{
	struct sigaction action = {.sa_handler = interrupted}, before;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
	limit_time(60);
	for (int nonblocking = 0; nonblocking < 2; nonblocking++) {
		int ends[2], status;
		struct fl_source source;
		pid_t child;

		interruptions = 0;
		assert_int_equal(pipe(ends), 0);
		if (nonblocking)
			assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
		child = write_slowly(ends, true);
		close(ends[1]);
		open_source(&source, flat_source_descriptor(ends[0], NULL));
		assert_all_read(&source);
		while (waitpid(child, &status, 0) < 0)
			assert_int_equal(errno, EINTR);
		assert_int_equal(status, 0);
		assert_true(interruptions > 0);
		close(ends[0]);
	}
	alarm(0);
	sigaction(SIGUSR1, &before, NULL);
}

/* -------------------------------------------------------------------------------------------------- memory */

static void memory_is_read_to_its_last_byte_and_no_further(void **state)
{
	char *bounded = guarded_copy(text, TEXT_NBYTES), out[100];
	struct fl_source source;

	(void)state;
	for (size_t most = 1; most < 40; most++) {
		open_source(&source, flat_source_memory(bounded, TEXT_NBYTES, NULL));
		assert_int_equal(read_all(&source, out, sizeof out, most), TEXT_NBYTES);
		assert_memory_equal(out, text, TEXT_NBYTES);
		assert_int_equal(fl_source_read(&source, out, 1), 0);
		fl_source_close(&source);
	}
	release(bounded, TEXT_NBYTES);
}

static void no_memory_at_all_is_an_empty_input(void **state)
{
	struct fl_source source;
	char out[1];

	(void)state;
	open_source(&source, flat_source_memory(NULL, 0, NULL));
	assert_int_equal(fl_source_read(&source, out, 1), 0);
	open_source(&source, flat_source_memory("", 0, NULL));
	assert_int_equal(fl_source_read(&source, out, 1), 0);
}

/* ------------------------------------------------------------------------------------------------ callback */

struct calls {
	const ptrdiff_t *results; /* -1: fails with the next errno */
	const int *failures;
	size_t ncalls;
	void *buffer;
	size_t nbytes;
};

static ptrdiff_t scripted(void *context, void *buffer, size_t nbytes)
{
	struct calls *calls = context;
	const ptrdiff_t n = calls->results[calls->ncalls];

	calls->buffer = buffer;
	calls->nbytes = nbytes;
	if (n < 0)
		errno = calls->failures[calls->ncalls];
	calls->ncalls++;
	return n;
}

static void a_callback_gets_the_buffer_and_is_called_again_after_eintr(void **state)
{
	static const ptrdiff_t results[] = {3, -1, -1, 1, -1, -1, 0};
	static const int failures[] = {0, EINTR, EINTR, 0, EINTR, EIO, 0};
	struct calls calls = {.results = results, .failures = failures};
	struct fl_source source;
	char out[8];

	(void)state;
	open_source(&source, flat_source_callback(scripted, &calls, NULL));
	assert_int_equal(fl_source_read(&source, out + 1, 5), 3);
	assert_ptr_equal(calls.buffer, out + 1);
	assert_int_equal(calls.nbytes, 5);
	assert_int_equal(fl_source_read(&source, out, 8), 1);
	assert_int_equal(calls.ncalls, 4);
	assert_int_equal(fl_source_read(&source, out, 8), -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(calls.ncalls, 6);
	assert_int_equal(fl_source_read(&source, out, 8), 0);
}

static void a_callback_that_would_block_is_its_own_affair(void **state)
{
	static const ptrdiff_t results[] = {-1};
	static const int failures[] = {EAGAIN};
	struct calls calls = {.results = results, .failures = failures};
	struct fl_source source;
	char out[8];

	(void)state;
	open_source(&source, flat_source_callback(scripted, &calls, NULL));
	assert_int_equal(fl_source_read(&source, out, 8), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(calls.ncalls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_a_name_for_messages),
		cmocka_unit_test(a_path_is_opened_and_closed),
		cmocka_unit_test(a_missing_file_is_told),
		cmocka_unit_test(a_directory_cannot_be_read),
		cmocka_unit_test(a_descriptor_is_read_from_where_it_stands_and_stays_open),
		cmocka_unit_test(a_closed_descriptor_fails),
		cmocka_unit_test(a_pipe_hands_over_what_there_is),
		cmocka_unit_test(a_descriptor_that_does_not_block_is_waited_for),
		cmocka_unit_test(interruptions_are_gone_through),
		cmocka_unit_test(memory_is_read_to_its_last_byte_and_no_further),
		cmocka_unit_test(no_memory_at_all_is_an_empty_input),
		cmocka_unit_test(a_callback_gets_the_buffer_and_is_called_again_after_eintr),
		cmocka_unit_test(a_callback_that_would_block_is_its_own_affair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
