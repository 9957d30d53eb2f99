/*
 * Where records end, 64 bytes at a time: all that a survey wants to know.
 */
#ifndef FL_SURVEY_BLOCKS_H
#define FL_SURVEY_BLOCKS_H

#include "blocks.h"
#include "cpu.h"

/* Goes on in whole blocks as long as quotes and carriage returns are where they may be. */
FL_INLINE void fl_tally_blocks(struct fl_tally *tally, const char *text, size_t nbytes, fl_masks_function *masks_of)
{
	struct fl_carry carry = fl_carry_in(tally->state);
	/* 0 or 1: the byte before ended a line outside quotes; was a carriage return behind such a line. */
	uint64_t at_record = tally->state == FL_AT_RECORD, blank_cr = tally->state == FL_BLANK_CR;

	for (; nbytes - tally->at >= FL_BLOCK; tally->at += FL_BLOCK) {
		struct fl_masks masks = masks_of(text + tally->at, tally->bytes);
		struct fl_carry before = carry;
		struct fl_found found;
		uint64_t starts, blank_crs, ends;

		masks.quote &= tally->bytes.quotes;
		if (!fl_resolve(masks, &carry, &found)) {
			carry = before;
			break;
		}
		/*
		 * A line is blank if its line feed, or the carriage return in front of that, is where a record would
		 * start.
		 */
		starts = found.lf << 1 | at_record;
		blank_crs = found.cr >> 1 & starts;
		ends = found.lf & ~(starts | blank_crs << 1 | blank_cr);
		at_record = found.lf >> 63;
		/* Of the last byte: found.cr tells of the byte before each. */
		blank_cr = carry.cr & starts >> 63;
		tally->records += fl_count(ends);
		if (ends && tally->first == FLAT_NOWHERE)
			tally->first = tally->at + fl_low_zeros(ends) + 1;
	}
	tally->state = fl_carry_out(carry, at_record, blank_cr);
}

#endif
