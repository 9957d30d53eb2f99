/*
 * Blocks with NEON, which every arm64 has.
 */
#include "config.h"

#include "cpu.h"
#include "index_blocks.h"
#include "survey_blocks.h"

#if defined __aarch64__ && defined __ARM_NEON

#include <arm_neon.h>

/*
 * There is no movemask: each byte keeps the bit of its place, and three rounds of adding neighbours gather 64 of them.
 */
FL_INLINE uint64_t equal(const uint8x16_t parts[4], char byte)
{
	static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	const uint8x16_t each = vdupq_n_u8((uint8_t)byte), place = vld1q_u8(places);
	uint8x16_t first =
		vpaddq_u8(vandq_u8(vceqq_u8(parts[0], each), place), vandq_u8(vceqq_u8(parts[1], each), place));
	uint8x16_t second =
		vpaddq_u8(vandq_u8(vceqq_u8(parts[2], each), place), vandq_u8(vceqq_u8(parts[3], each), place));
	uint8x16_t all = vpaddq_u8(first, second);

	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

FL_INLINE struct fl_masks masks_of(const char *block, struct fl_bytes bytes)
{
	uint8x16_t parts[4];

	for (unsigned i = 0; i < 4; i++)
		parts[i] = vld1q_u8((const uint8_t *)block + 16 * i);
	return (struct fl_masks){
		.delimiter = equal(parts, bytes.delimiter),
		.quote = equal(parts, bytes.quote),
		.lf = equal(parts, '\n'),
		.cr = equal(parts, '\r'),
	};
}

FL_INLINE bool is_special(const char *block, struct fl_bytes bytes)
{
	const uint8x16_t quote = vdupq_n_u8((uint8_t)bytes.quote), cr = vdupq_n_u8('\r');
	uint8x16_t found = vdupq_n_u8(0);

	for (unsigned i = 0; i < 4; i++) {
		uint8x16_t part = vld1q_u8((const uint8_t *)block + 16 * i);

		found = vorrq_u8(found, vorrq_u8(vceqq_u8(part, quote), vceqq_u8(part, cr)));
	}
	return vmaxvq_u8(found) != 0;
}

void fl_index_neon(struct fl_index *index, const char *text, size_t nbytes)
{
	fl_scan_blocks(index, text, nbytes, masks_of, is_special, fl_parities, fl_flatten_bits);
}

void fl_tally_neon(struct fl_tally *tally, const char *text, size_t nbytes)
{
	fl_tally_blocks(tally, text, nbytes, masks_of, fl_parities);
}

#endif
