/*
 * lib/buffer.c: how the window grows, moves and ends.
 */
#include "config.h"

#include "buffer.h"
#include "source.h"
#include "support.h"

#include <errno.h>

/* Hands over letters without end, and notes what it is asked. */
struct letters {
	size_t given;
	size_t most;  /* at a time; 0: as asked */
	size_t left;  /* until the end; SIZE_MAX: none */
	size_t asked; /* last time */
	size_t calls;
	int failure; /* errno of the next call */
};

static ptrdiff_t give_letters(void *context, void *buffer, size_t nbytes)
{
	struct letters *letters = context;
	size_t n = letters->most && letters->most < nbytes ? letters->most : nbytes;

	letters->calls++;
	letters->asked = nbytes;
	assert_true(nbytes > 0);
	if (letters->failure) {
		errno = letters->failure;
		return -1;
	}
	if (n > letters->left)
		n = letters->left;
	letters->left -= n;
	for (size_t i = 0; i < n; i++)
		((char *)buffer)[i] = (char)('a' + (letters->given++) % 26);
	return (ptrdiff_t)n;
}

static struct fl_source source_of(struct letters *letters)
{
	struct fl_source source;
	const flat_source from = flat_source_callback(give_letters, letters, "letters");

	*letters = (struct letters){.left = SIZE_MAX};
	assert_int_equal(fl_source_open(&source, &from, NULL), FLAT_OK);
	return source;
}

static void assert_letters(const struct fl_buffer *buffer)
{
	for (size_t i = 0; i < buffer->used; i++)
		assert_int_equal(buffer->text[i], 'a' + (int)((buffer->offset + i) % 26));
}

static void the_window_doubles_while_a_record_fills_it(void **state)
{
	static const size_t expected[] = {4, 8, 16, 32, 37};
	struct letters letters;
	struct fl_source source = source_of(&letters);
	struct fl_buffer buffer = {.text = guarded(37), .capacity = 37, .window = 4};

	(void)state;
	for (size_t i = 0; i < LENGTH(expected); i++) {
		assert_int_equal(fl_buffer_fill(&buffer, &source, 0, NULL), FLAT_OK);
		assert_int_equal(buffer.used, expected[i]);
		assert_letters(&buffer);
	}
	assert_int_equal(buffer.offset, 0);
	assert_false(buffer.ended);
	release(buffer.text, 37);
}

static void the_window_is_small_again_behind_a_long_record(void **state)
{
	struct letters letters;
	struct fl_source source = source_of(&letters);
	struct fl_buffer buffer = {.text = guarded(40), .capacity = 40, .window = 4};

	(void)state;
	for (int i = 0; i < 4; i++)
		fl_buffer_fill(&buffer, &source, 0, NULL);
	assert_int_equal(buffer.used, 32);
	assert_int_equal(fl_buffer_fill(&buffer, &source, 30, NULL), FLAT_OK);
	assert_int_equal(buffer.used, 4);
	assert_int_equal(buffer.offset, 30);
	assert_int_equal(letters.asked, 2);
	assert_letters(&buffer);
	assert_int_equal(fl_buffer_fill(&buffer, &source, 4, NULL), FLAT_OK);
	assert_int_equal(buffer.used, 4);
	assert_int_equal(buffer.offset, 34);
	assert_letters(&buffer);
	release(buffer.text, 40);
}

static void what_is_left_moves_to_the_front(void **state)
{
	(void)state;
	for (size_t window = 1; window < 20; window++) {
		for (size_t dropped = 0; dropped <= window; dropped++) {
			struct letters letters;
			struct fl_source source = source_of(&letters);
			struct fl_buffer buffer = {.text = guarded(40), .capacity = 40, .window = window};

			letters.most = 7;
			while (buffer.used < window)
				assert_int_equal(fl_buffer_fill(&buffer, &source, 0, NULL), FLAT_OK);
			assert_int_equal(buffer.used, window);
			assert_int_equal(fl_buffer_fill(&buffer, &source, dropped, NULL), FLAT_OK);
			assert_int_equal(buffer.offset, dropped);
			assert_int_equal(buffer.offset + buffer.used, letters.given);
			assert_letters(&buffer);
			release(buffer.text, 40);
		}
	}
}

static void one_call_reads_once(void **state)
{
	struct letters letters;
	struct fl_source source = source_of(&letters);
	struct fl_buffer buffer = {.text = guarded(64), .capacity = 64, .window = 32};

	(void)state;
	letters.most = 5;
	for (size_t i = 1; i <= 6; i++) {
		assert_int_equal(fl_buffer_fill(&buffer, &source, 0, NULL), FLAT_OK);
		assert_int_equal(letters.calls, i);
		assert_int_equal(buffer.used, 5 * i);
		assert_int_equal(letters.asked, 32 - 5 * (i - 1));
	}
	release(buffer.text, 64);
}

static void the_end_is_when_nothing_comes(void **state)
{
	struct letters letters;
	struct fl_source source = source_of(&letters);
	struct fl_buffer buffer = {.text = guarded(64), .capacity = 64, .window = 8};

	(void)state;
	letters.left = 5;
	assert_int_equal(fl_buffer_fill(&buffer, &source, 0, NULL), FLAT_OK);
	assert_int_equal(buffer.used, 5);
	assert_false(buffer.ended);
	assert_int_equal(fl_buffer_fill(&buffer, &source, 2, NULL), FLAT_OK);
	assert_true(buffer.ended);
	assert_int_equal(buffer.used, 3);
	assert_int_equal(buffer.offset, 2);
	assert_letters(&buffer);
	release(buffer.text, 64);
}

static void a_failure_keeps_what_there_is(void **state)
{
	struct letters letters;
	struct fl_source source = source_of(&letters);
	struct fl_buffer buffer = {.text = guarded(64), .capacity = 64, .window = 8};
	flat_error error = {.status = FLAT_OK};

	(void)state;
	fl_buffer_fill(&buffer, &source, 0, NULL);
	letters.failure = EIO;
	assert_int_equal(fl_buffer_fill(&buffer, &source, 3, &error), FLAT_BAD_INPUT);
	assert_int_equal(error.status, FLAT_BAD_INPUT);
	assert_int_equal(error.os, EIO);
	assert_string_equal(error.message, "letters: cannot be read: Input/output error");
	assert_int_equal(buffer.used, 5);
	assert_int_equal(buffer.offset, 3);
	assert_false(buffer.ended);
	assert_letters(&buffer);
	release(buffer.text, 64);
}

static void offsets_go_beyond_32_bits(void **state)
{
	struct letters letters;
	struct fl_source source = source_of(&letters);
	struct fl_buffer buffer = {.text = guarded(26), .capacity = 26, .window = 26, .offset = UINT32_MAX - 3};

	(void)state;
	fl_buffer_fill(&buffer, &source, 0, NULL);
	fl_buffer_fill(&buffer, &source, 26, NULL);
	assert_true(buffer.offset == (uint64_t)UINT32_MAX + 23);
	release(buffer.text, 26);
}

static void what_is_lent_is_used_where_it_is_and_the_rest_of_it_moves(void **state)
{
	static const char lent[] = "abcdefghij";
	struct letters letters;
	struct fl_source source = source_of(&letters);
	char *own = guarded(26);
	struct fl_buffer buffer = {.text = own, .capacity = 26, .window = 4};

	(void)state;
	letters.given = 10;
	fl_buffer_lend(&buffer, lent, 10);
	for (size_t shown = 4; shown <= 12; shown += 4) {
		assert_true(fl_buffer_show(&buffer));
		assert_int_equal(buffer.used, shown < 10 ? shown : 10);
		assert_ptr_equal(buffer.text, lent);
	}
	assert_false(fl_buffer_show(&buffer));
	assert_int_equal(letters.calls, 0);
	assert_int_equal(fl_buffer_fill(&buffer, &source, 8, NULL), FLAT_OK);
	assert_ptr_equal(buffer.text, own);
	assert_int_equal(buffer.offset, 8);
	assert_int_equal(buffer.used, 4);
	assert_letters(&buffer);
	assert_false(fl_buffer_show(&buffer));
	release(own, 26);
}

static void what_is_lent_can_be_shown_at_once(void **state)
{
	char own[16];
	struct fl_buffer buffer = {.text = own, .capacity = 16, .window = 4};

	(void)state;
	fl_buffer_lend(&buffer, "abcdefghij", 10);
	fl_buffer_show_all(&buffer);
	assert_int_equal(buffer.used, 10);
	assert_false(fl_buffer_show(&buffer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_doubles_while_a_record_fills_it),
		cmocka_unit_test(the_window_is_small_again_behind_a_long_record),
		cmocka_unit_test(what_is_left_moves_to_the_front),
		cmocka_unit_test(one_call_reads_once),
		cmocka_unit_test(the_end_is_when_nothing_comes),
		cmocka_unit_test(a_failure_keeps_what_there_is),
		cmocka_unit_test(offsets_go_beyond_32_bits),
		cmocka_unit_test(what_is_lent_is_used_where_it_is_and_the_rest_of_it_moves),
		cmocka_unit_test(what_is_lent_can_be_shown_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
