/*
 * The index, 64 bytes at a time.
 *
 * A run of blocks is taken in at once.  First every separator in it is noted and the line feeds among them are counted,
 * then each record is asked whether its last field ends with one.  They all do, as many as line feeds there are, and less
 * than a record is left behind them, if and only if every record has its number of fields.
 *
 * A run with anything rare in it (a fault, a blank line, a wrong number of fields, a record too long) is left to the
 * reference in index.c, as if it had not been looked at.
 */
#ifndef FL_INDEX_BLOCKS_H
#define FL_INDEX_BLOCKS_H

#include "blocks.h"
#include "index.h"

/* Stores base + i for each set bit i, of which there are 'n'; may store up to 64 elements, whatever 'n' is. */
typedef void fl_flatten_function(uint32_t *out, uint32_t base, uint64_t bits, unsigned n);

FL_INLINE void fl_flatten_bits(uint32_t *out, uint32_t base, uint64_t bits, unsigned n)
{
	(void)n;
	for (; bits; bits &= bits - 1)
		*out++ = base + fl_low_zeros(bits);
}

struct fl_run {
	struct fl_carry carry;
	size_t nseparators, nrecords; /* outside quotes: all that separates, and the line feeds of it */
	size_t nquoted;		      /* line feeds in quotes */
};

/* Notes the separators of text[at, end) in 'out'; false if a quote or a carriage return is where none may be. */
FL_INLINE bool fl_note_separators(struct fl_run *run, const char *text, uint32_t at, uint32_t end, uint32_t *out,
				  struct fl_bytes bytes, fl_masks_function *masks_of, fl_special_function *is_special,
				  fl_parities_function *parities_of, fl_flatten_function *flatten)
{
	uint32_t *const start = out;

	for (; at < end; at += FL_BLOCK) {
		struct fl_masks masks = masks_of(text + at, bytes);
		struct fl_found found = {.separators = masks.delimiter | masks.lf, .lf = masks.lf};
		unsigned n;

		if (!is_special(text + at, bytes) && !fl_is_open(run->carry))
			run->carry.may_open = found.separators >> 63;
		else if (!fl_resolve(masks, bytes, &run->carry, &found, parities_of))
			return false;
		else
			run->nquoted += fl_count(masks.lf & ~found.lf);
		n = fl_count(found.separators);
		flatten(out, at, found.separators, n);
		out += n;
		run->nrecords += fl_count(found.lf);
	}
	run->nseparators = (size_t)(out - start);
	return true;
}

/* Notes where each record of a run starts and ends; false if one is blank, too long, or of another shape. */
FL_INLINE bool fl_note_records(struct fl_index *index, const char *text, size_t nrecords)
{
	const size_t nfields = index->nfields, max_record = index->max_record;
	uint32_t *before = index->before + index->nrecords, *ends = index->ends + index->nrecords * nfields;
	uint32_t start = index->record_start;

	for (size_t i = 0; i < nrecords; i++) {
		uint32_t *last = &ends[i * nfields + nfields - 1];
		const uint32_t lf = *last, end = lf - (lf > start && text[lf - 1] == '\r');

		/* 0 bytes, less one, are more than any limit. */
		if (text[lf] != '\n' || end - start - 1 >= max_record)
			return false;
		before[i] = start - 1;
		*last = end;
		start = lf + 1;
	}
	index->record_start = start;
	return true;
}

/* Takes in 'nbytes' bytes in whole blocks; false, and all is as it was, if they hold anything rare. */
FL_INLINE bool fl_take_run(struct fl_index *index, const char *text, uint32_t nbytes, struct fl_carry *carry,
			   fl_masks_function *masks_of, fl_special_function *is_special,
			   fl_parities_function *parities_of, fl_flatten_function *flatten)
{
	struct fl_run run = {.carry = *carry};
	uint32_t *out = index->ends + index->nrecords * index->nfields + index->nfound, end = index->at + nbytes;
	uint32_t field_start = index->field_start;
	size_t nleft;

	if (!fl_note_separators(&run, text, index->at, end, out, index->bytes, masks_of, is_special, parities_of,
				flatten))
		return false;
	/* Of too few fields for so many records less than none is left: as unsigned, too many. */
	nleft = index->nfound + run.nseparators - run.nrecords * index->nfields;
	if (run.nseparators)
		field_start = out[run.nseparators - 1] + 1;
	if (nleft >= index->nfields || !fl_note_records(index, text, run.nrecords))
		return false;
	*carry = run.carry;
	index->nrecords += run.nrecords;
	index->nfound = nleft;
	index->field_start = field_start;
	index->at = end;
	index->line += run.nrecords + run.nquoted;
	if (run.nrecords)
		index->record_line = index->line;
	/* Some may have ended in the record that has not. */
	if (run.nrecords && run.nquoted)
		index->record_line -= fl_lines_in(text + index->record_start, text + end);
	return true;
}

/*
 * Scans whole blocks as long as there are any, room for them, and nothing rare in them.  Behind what is rare runs are short
 * again, down to one block, so that little around it is done twice.
 */
FL_INLINE void fl_scan_blocks(struct fl_index *index, const char *text, size_t nbytes, fl_masks_function *masks_of,
			      fl_special_function *is_special, fl_parities_function *parities_of,
			      fl_flatten_function *flatten)
{
	struct fl_carry carry = fl_carry_in(index->state);

	while (nbytes - index->at >= FL_BLOCK) {
		size_t room = index->capacity - index->nrecords * index->nfields - index->nfound;
		size_t left = nbytes - index->at, most = left < room ? left : room;
		uint32_t run = (uint32_t)(most < index->run ? most / FL_BLOCK * FL_BLOCK : index->run);

		if (run && fl_take_run(index, text, run, &carry, masks_of, is_special, parities_of, flatten)) {
			index->run = index->run < FL_RUN ? 2 * index->run : FL_RUN;
			continue;
		}
		index->run = FL_BLOCK;
		if (run > FL_BLOCK)
			continue;
		index->odd_to = index->at + FL_BLOCK;
		break;
	}
	index->state = fl_carry_out(carry, index->record_start == index->at, index->record_start + 1 == index->at);
}

#endif
