/*
 * Where records end, 64 bytes at a time: all that a survey wants to know.
 */
#ifndef FL_SURVEY_BLOCKS_H
#define FL_SURVEY_BLOCKS_H

#include "blocks.h"
#include "cpu.h"

/* Records end at these bytes of the block. */
FL_INLINE void fl_note_ends(struct fl_tally *tally, uint64_t ends)
{
	tally->records += fl_count(ends);
	if (ends && tally->first == FLAT_NOWHERE)
		tally->first = tally->at + fl_low_zeros(ends) + 1;
}

/* Goes on in whole blocks as long as quotes and carriage returns are where they may be. */
FL_INLINE void fl_tally_blocks(struct fl_tally *tally, const char *text, size_t nbytes, fl_masks_function *masks_of,
			       fl_parities_function *parities_of)
{
	/* A copy, which no byte of the text can be thought to be a part of: it lives in registers. */
	struct fl_tally own = *tally;
	struct fl_carry carry = fl_carry_in(own.state);
	/* 0 or 1: the byte before ended a line outside quotes; was a carriage return behind such a line. */
	uint64_t at_record = own.state == FL_AT_RECORD, blank_cr = own.state == FL_BLANK_CR;

	for (; nbytes - own.at >= FL_BLOCK; own.at += FL_BLOCK) {
		struct fl_masks masks = masks_of(text + own.at, own.bytes);
		struct fl_carry before = carry;
		struct fl_found found;
		uint64_t starts, blank_crs, ends;

		masks.quote &= own.bytes.quotes;
		if (!(masks.quote | masks.cr) && !fl_is_open(carry)) {
			/* Most blocks of most files: as below, with all that is 0 left out. */
			ends = masks.lf & ~(masks.lf << 1 | at_record);
			at_record = masks.lf >> 63;
			carry.may_open = (masks.lf | masks.delimiter) >> 63;
			fl_note_ends(&own, ends);
			own.lines += fl_count(masks.lf);
			continue;
		}
		if (!(masks.cr | carry.cr)) {
			/* Nearly all others: the same with carriage returns left out, which is most of its arithmetic. */
			masks.cr = carry.cr = 0;
			if (!fl_resolve(masks, own.bytes, &carry, &found, parities_of)) {
				carry = before;
				break;
			}
			ends = found.lf & ~(found.lf << 1 | at_record);
			at_record = found.lf >> 63;
			blank_cr = 0;
			fl_note_ends(&own, ends);
			own.lines += fl_count(masks.lf);
			continue;
		}
		if (!fl_resolve(masks, own.bytes, &carry, &found, parities_of)) {
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
		fl_note_ends(&own, ends);
		own.lines += fl_count(masks.lf);
	}
	own.state = fl_carry_out(carry, at_record, blank_cr);
	*tally = own;
}

#endif
