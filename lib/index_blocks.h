/*
 * The index, 64 bytes at a time: what all fast variants share.
 *
 * A variant says at which of 64 bytes there is a delimiter, a quote, a line feed, a carriage return, as four words of bits,
 * lowest bit first.  All else is arithmetic on those words.  Quote state is the running parity of quotes: Langdale and
 * Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28 (2019).  Whether quotes are in the right place is seen
 * from their neighbours in the same pass:
 *
 *	an opening quote	has a separator, or the closing quote it doubles, before it
 *	a closing quote		has a separator, a carriage return, or the opening quote that doubles it, behind it
 *
 * What breaks that, and all that is rare (a blank line, a wrong number of fields, a record too long), is left, block by block,
 * to the reference in index.c, which alone knows faults.
 */
#ifndef FL_INDEX_BLOCKS_H
#define FL_INDEX_BLOCKS_H

#include "index.h"
#include "words.h"

struct fl_masks {
	uint64_t delimiter, quote, lf, cr;
};

typedef struct fl_masks fl_masks_function(const char *block, struct fl_bytes bytes);

/* Stores base + i for each set bit i; may store up to 64 elements, whatever the count. */
typedef void fl_flatten_function(uint32_t *out, uint32_t base, uint64_t bits);

/* What a block needs to know of the one before: each is 0 or 1, 'inside' 0 or all ones. */
struct fl_carry {
	uint64_t inside, may_open, closed, cr;
};

FL_INLINE struct fl_carry fl_carry_in(enum fl_state state)
{
	return (struct fl_carry){
		.inside = state == FL_IN_QUOTES ? ~UINT64_C(0) : 0,
		.may_open = state == FL_AT_RECORD || state == FL_AT_FIELD || state == FL_IN_CLOSED,
		.closed = state == FL_IN_CLOSED,
		.cr = state == FL_BLANK_CR || state == FL_OTHER_CR,
	};
}

FL_INLINE enum fl_state fl_carry_out(const struct fl_index *index, struct fl_carry carry)
{
	if (carry.inside)
		return FL_IN_QUOTES;
	if (carry.cr)
		return index->record_start + 1 == index->at ? FL_BLANK_CR : FL_OTHER_CR;
	if (carry.closed)
		return FL_IN_CLOSED;
	if (carry.may_open)
		return index->record_start == index->at ? FL_AT_RECORD : FL_AT_FIELD;
	return FL_IN_PLAIN;
}

/* Bit i of the result is the parity of bits 0 to i. */
FL_INLINE uint64_t fl_parities(uint64_t bits)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		bits ^= bits << shift;
	return bits;
}

/* How many bits are set. */
FL_INLINE unsigned fl_count(uint64_t bits)
{
#ifdef __GNUC__
	return (unsigned)__builtin_popcountll(bits);
#else
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
#endif
}

FL_INLINE void fl_flatten_bits(uint32_t *out, uint32_t base, uint64_t bits)
{
	for (; bits; bits &= bits - 1)
		*out++ = base + fl_low_zeros(bits);
}

/* What one block holds, once it is known to be well-formed. */
struct fl_found {
	uint64_t separators, lf, cr; /* outside quotes */
};

/* Gives whether all quotes and carriage returns of the block are where they may be; moves 'carry' on. */
FL_INLINE bool fl_resolve(struct fl_masks masks, struct fl_carry *carry, struct fl_found *found)
{
	uint64_t outside = ~(masks.quote ? fl_parities(masks.quote) ^ carry->inside : carry->inside);
	uint64_t separators = (masks.delimiter | masks.lf) & outside, cr = masks.cr & outside;
	uint64_t opening = masks.quote & ~outside, closing = masks.quote & outside;
	uint64_t may_open = (separators | closing) << 1 | carry->may_open;
	uint64_t wrong = (opening & ~may_open) | ((closing << 1 | carry->closed) & ~(separators | cr | opening)) |
			 ((cr << 1 | carry->cr) & ~masks.lf);

	*found = (struct fl_found){.separators = separators, .lf = masks.lf & outside, .cr = cr << 1 | carry->cr};
	*carry = (struct fl_carry){
		.inside = outside >> 63 ? 0 : ~UINT64_C(0),
		.may_open = (separators | closing) >> 63,
		.closed = closing >> 63,
		.cr = cr >> 63,
	};
	return wrong == 0;
}

/*
 * Adds the records that end in the block at text + index->at, found->lf != 0.  Gives false if one of them is blank, too long,
 * or of another shape; the index is then as it was, for the reference to find the same.
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
			      fl_flatten_function *flatten)
{
	struct fl_carry carry = fl_carry_in(index->state);

	while (nbytes - index->at >= FL_BLOCK && (index->nrecords + 1) * index->nfields + FL_BLOCK <= index->capacity) {
		struct fl_masks masks = masks_of(text + index->at, index->bytes);
		struct fl_carry before = carry;
		struct fl_found found;

		masks.quote &= index->bytes.quotes;
		if (!fl_resolve(masks, &carry, &found)) {
			carry = before;
			break;
		}
		flatten(index->ends + index->nrecords * index->nfields + index->nfound, index->at, found.separators);
		if (!fl_take_block(index, &found, masks.lf)) {
			carry = before;
			break;
		}
	}
	index->state = fl_carry_out(index, carry);
}

#endif
