/*
 * The loop that copies short strings to cells, a word at a time.
 */
#include "config.h"

#include "fill.h"
#include "quote.h"
#include "words.h"

/* The last 'n' bytes before p + n, n < 8, as the first ones of a word. */
static inline uint64_t load_few(const char *p, size_t n)
{
	uint64_t word = 0;

	if (n >= 4)
		return fl_load32(p) | (uint64_t)fl_load32(p + n - 4) << 8 * (n - 4);
	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return word;
}

/* Of what has several words the last overlaps the one before. */
void fl_fill_str(const struct fl_elements *elements, struct fl_cell *cells, size_t step)
{
	const struct fl_quoting *quoting = elements->quoting;
	size_t width = elements->width;

	for (size_t k = 0; k < elements->n; k++, cells += step) {
		const char *p = elements->base + k * elements->stride;
		bool special = false;
		size_t nbytes = 0;

		for (size_t i = 0; i < width; i += 8) {
			size_t at = i + 8 <= width || width < 8 ? i : width - 8;
			uint64_t word = width < 8 ? load_few(p, width) : fl_load64(p + at);

			fl_store64(cells->text + at, word);
			special |= fl_is_special_word(quoting, word);
			nbytes = word ? at + 8 - fl_high_zeros(word) / 8 : nbytes;
		}
		cells->begin = 0;
		cells->nbytes = special ? FL_CELL_NONE : (uint8_t)nbytes;
	}
}
