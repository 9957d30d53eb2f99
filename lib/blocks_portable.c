/*
 * Blocks in plain C: eight bytes in a word at a time.
 */
#include "config.h"

#include "cpu.h"
#include "index_blocks.h"
#include "survey_blocks.h"

#define EACH UINT64_C(0x0101010101010101)

/*
 * Bit i tells whether byte i of the word equals 'byte'.  A byte of the difference is zero when neither its low seven
 * bits nor its high bit are set; adding 0x7f to the low seven carries into the high bit unless they are zero, and
 * never beyond.  The multiplication gathers the eight high bits in the top byte (each lands there once, without
 * carries).
 */
static inline uint64_t high_bits_of_equal(uint64_t word, char byte)
{
	uint64_t difference = word ^ EACH * (unsigned char)byte;
	uint64_t low = (difference & 0x7F * EACH) + 0x7F * EACH;

	return ~(low | difference | 0x7F * EACH);
}

static inline uint64_t equal(uint64_t word, char byte)
{
	return (high_bits_of_equal(word, byte) >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline struct fl_masks masks_of(const char *block, struct fl_bytes bytes)
{
	struct fl_masks masks = {.delimiter = 0};

	for (unsigned i = 0; i < FL_BLOCK; i += 8) {
		uint64_t word = fl_load64(block + i);

		masks.delimiter |= equal(word, bytes.delimiter) << i;
		masks.quote |= equal(word, bytes.quote) << i;
		masks.lf |= equal(word, '\n') << i;
		masks.cr |= equal(word, '\r') << i;
	}
	return masks;
}

static inline bool is_special(const char *block, struct fl_bytes bytes)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < FL_BLOCK; i += 8) {
		uint64_t word = fl_load64(block + i);

		found |= high_bits_of_equal(word, bytes.quote) | high_bits_of_equal(word, '\r');
	}
	return found != 0;
}

void fl_index_portable(struct fl_index *index, const char *text, size_t nbytes)
{
	fl_scan_blocks(index, text, nbytes, masks_of, is_special, fl_parities, fl_flatten_bits);
}

void fl_tally_portable(struct fl_tally *tally, const char *text, size_t nbytes)
{
	fl_tally_blocks(tally, text, nbytes, masks_of, fl_parities);
}
