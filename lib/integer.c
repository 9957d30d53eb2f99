/*
 * Integers and booleans: long digit strings, and the loops over a column that write them.
 */
#include "config.h"

#include <string.h>

#include "fill.h"
#include "integer.h"

static bool all_digits(const char *p, size_t n)
{
	for (; n >= 8; p += 8, n -= 8)
		if (fl_not_digits(fl_load64(p) ^ FL_ZEROS))
			return false;
	return n == 0 || !fl_not_digits(fl_load_digits(p, n));
}

/* 17 to 20 digits; *magnitude is set only when it fits. */
static fl_fault join_digits(const char *p, size_t n, uint64_t *magnitude)
{
	uint64_t a = fl_load_head(p, n), b = fl_load_eight(p + n - 16);
	uint64_t c = fl_load_eight(p + n - 8), head, tail;

	if (fl_not_digits(a) | fl_not_digits(b) | fl_not_digits(c))
		return FL_NOT_NUMBER;
	tail = fl_digits_value(b) * FL_EIGHT + fl_digits_value(c);
	a = fl_digits_value(a);
	if (a > 1844) /* the product would not fit */
		return FL_TOO_GREAT;
	head = a * FL_EIGHT * FL_EIGHT;
	if (head > UINT64_MAX - tail)
		return FL_TOO_GREAT;
	*magnitude = head + tail;
	return FL_FINE;
}

fl_fault fl_parse_magnitude_long(const char *p, size_t n, uint64_t *magnitude)
{
	if (n - 17 <= 3)
		return join_digits(p, n, magnitude);
	if (n == 0 || !all_digits(p, n))
		return FL_NOT_NUMBER;
	while (n > 20 && *p == '0') {
		p++;
		n--;
	}
	if (n > 20)
		return FL_TOO_GREAT;
	if (n <= 16)
		return fl_parse_magnitude(p, n, magnitude);
	return join_digits(p, n, magnitude);
}

/* A column's loop: the greatest magnitude of the type decides how much of it there is. */
#define FILL_SIGNED(name, type, greatest)                                                                \
	void fl_fill_##name(const struct fl_elements *elements, struct fl_cell *cells, size_t step)      \
	{                                                                                                \
		for (size_t i = 0; i < elements->n; i++) {                                               \
			type value;                                                                      \
			uint64_t negative, magnitude;                                                    \
                                                                                                         \
			memcpy(&value, elements->base + i * elements->stride, sizeof value);             \
			negative = value < 0;                                                            \
			magnitude = ((uint64_t)value ^ (0 - negative)) + negative;                       \
			fl_put_magnitude(&cells[i * step], magnitude, negative, (uint64_t)greatest + 1); \
		}                                                                                        \
	}

#define FILL_UNSIGNED(name, type, greatest)                                                         \
	void fl_fill_##name(const struct fl_elements *elements, struct fl_cell *cells, size_t step) \
	{                                                                                           \
		for (size_t i = 0; i < elements->n; i++) {                                          \
			type value;                                                                 \
                                                                                                    \
			memcpy(&value, elements->base + i * elements->stride, sizeof value);        \
			fl_put_magnitude(&cells[i * step], value, 0, greatest);                     \
		}                                                                                   \
	}

FILL_SIGNED(i8, int8_t, INT8_MAX)
FILL_SIGNED(i16, int16_t, INT16_MAX)
FILL_SIGNED(i32, int32_t, INT32_MAX)
FILL_SIGNED(i64, int64_t, INT64_MAX)
FILL_UNSIGNED(u8, uint8_t, UINT8_MAX)
FILL_UNSIGNED(u16, uint16_t, UINT16_MAX)
FILL_UNSIGNED(u32, uint32_t, UINT32_MAX)
FILL_UNSIGNED(u64, uint64_t, UINT64_MAX)

void fl_fill_bool(const struct fl_elements *elements, struct fl_cell *cells, size_t step)
{
	static const struct fl_cell words[] = {{"false", 0, 5}, {"true", 0, 4}};

	for (size_t i = 0; i < elements->n; i++)
		cells[i * step] = words[elements->base[i * elements->stride] != 0];
}
