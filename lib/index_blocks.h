/*
 * The index, 64 bytes at a time.
 *
 * What is rare (a fault, a blank line, a wrong number of fields, a record too long) is left, block by block, to the
 * reference in index.c.
 */
#ifndef FL_INDEX_BLOCKS_H
#define FL_INDEX_BLOCKS_H

#include "blocks.h"
#include "index.h"

/* Stores base + i for each set bit i; may store up to 64 elements, whatever the count. */
typedef void fl_flatten_function(uint32_t *out, uint32_t base, uint64_t bits);

FL_INLINE void fl_flatten_bits(uint32_t *out, uint32_t base, uint64_t bits)
{
	for (; bits; bits &= bits - 1)
		*out++ = base + fl_low_zeros(bits);
}

/*
 * Adds the records that end in the block at text + index->at, found->lf != 0.  Gives false if one of them is blank,
 * too long, or of another shape; the index is then as it was, for the reference to find the same.
 */
FL_INLINE bool fl_end_records(struct fl_index *index, const struct fl_found *found)
{
	size_t nrecords = index->nrecords, nfields = index->nfields;
	size_t last = nrecords * nfields + index->nfound - 1; /* entry of the separator before */
	uint32_t start = index->record_start;

	for (uint64_t lf = found->lf; lf; lf &= lf - 1) {
		uint64_t up_to = lf ^ (lf - 1);
		size_t entry = last + fl_count(found->separators & up_to);
		uint32_t bit = fl_low_zeros(lf), end = index->at + bit - (uint32_t)(found->cr >> bit & 1);

		if (entry + 1 != (nrecords + 1) * nfields || end == start || end - start > index->max_record)
			return false;
		index->ends[entry] = end;
		index->before[nrecords++] = start - 1;
		start = index->at + bit + 1;
	}
	if (last + 1 + fl_count(found->separators) - nrecords * nfields >= nfields)
		return false;
	index->nfound = last + 1 + fl_count(found->separators) - nrecords * nfields;
	index->nrecords = nrecords;
	index->record_start = start;
	return true;
}

/* Takes the block in; false as above. */
FL_INLINE bool fl_take_block(struct fl_index *index, const struct fl_found *found, uint64_t all_lf)
{
	unsigned nseparators = fl_count(found->separators);

	if (found->lf) {
		if (!fl_end_records(index, found))
			return false;
		/* The last record's lines end with its line feed. */
		index->record_line = index->line + fl_count(all_lf & (~UINT64_C(0) >> fl_high_zeros(found->lf)));
	} else {
		if (index->nfound + nseparators >= index->nfields)
			return false;
		index->nfound += nseparators;
	}
	if (found->separators)
		index->field_start = index->at + 64 - fl_high_zeros(found->separators);
	index->line += fl_count(all_lf);
	index->at += FL_BLOCK;
	return true;
}

/* Scans whole blocks as long as they hold nothing rare. */
FL_INLINE void fl_scan_blocks(struct fl_index *index, const char *text, size_t nbytes, fl_masks_function *masks_of,
			      fl_parities_function *parities_of, fl_flatten_function *flatten)
{
	struct fl_carry carry = fl_carry_in(index->state);

	while (nbytes - index->at >= FL_BLOCK && (index->nrecords + 1) * index->nfields + FL_BLOCK <= index->capacity) {
		struct fl_masks masks = masks_of(text + index->at, index->bytes);
		struct fl_carry before = carry;
		struct fl_found found;

		masks.quote &= index->bytes.quotes;
		if (!fl_resolve(masks, &carry, &found, parities_of)) {
			carry = before;
			break;
		}
		flatten(index->ends + index->nrecords * index->nfields + index->nfound, index->at, found.separators);
		if (!fl_take_block(index, &found, masks.lf)) {
			carry = before;
			break;
		}
	}
	index->state = fl_carry_out(carry, index->record_start == index->at, index->record_start + 1 == index->at);
}

#endif
