/*
 * The grammar, 64 bytes at a time: what all fast variants share.
 *
 * A variant says at which of 64 bytes there is a delimiter, a quote, a line feed, a carriage return, as four words of
 * bits, lowest bit first.  All else is arithmetic on those words.  Quote state is the running parity of quotes:
 * Langdale and Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28 (2019).  Whether quotes are in the
 * right place is seen from their neighbours in the same pass:
 *
 *	an opening quote	has a separator, or the closing quote it doubles, before it
 *	a closing quote		has a separator, a carriage return, or the opening quote that doubles it, behind it
 *
 * What breaks that is left, block by block, to whoever follows the table of the grammar, which alone knows faults.
 */
#ifndef FL_BLOCKS_H
#define FL_BLOCKS_H

#include "cpu.h"
#include "words.h"

struct fl_masks {
	uint64_t delimiter, quote, lf, cr;
};

typedef struct fl_masks fl_masks_function(const char *block, struct fl_bytes bytes);

/* Whether there is any quote or carriage return in a block: in most there is none. */
typedef bool fl_special_function(const char *block, struct fl_bytes bytes);

/* Bit i of the result is the parity of bits 0 to i. */
typedef uint64_t fl_parities_function(uint64_t bits);

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

/* Whether the block before is not done with: then there is more to a block than its separators. */
FL_INLINE bool fl_is_open(struct fl_carry carry)
{
	return (carry.inside | carry.closed | carry.cr) != 0;
}

/*
 * The state behind the last block: 'at_record' if a record starts there, 'blank_cr' if one started before its last byte, which
 * is a carriage return.
 */
FL_INLINE enum fl_state fl_carry_out(struct fl_carry carry, bool at_record, bool blank_cr)
{
	if (carry.inside)
		return FL_IN_QUOTES;
	if (carry.cr)
		return blank_cr ? FL_BLANK_CR : FL_OTHER_CR;
	if (carry.closed)
		return FL_IN_CLOSED;
	if (carry.may_open)
		return at_record ? FL_AT_RECORD : FL_AT_FIELD;
	return FL_IN_PLAIN;
}

/* For those who have no instruction for it; most blocks have no quote. */
FL_INLINE uint64_t fl_parities(uint64_t bits)
{
	if (bits == 0)
		return 0;
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

/* What one block holds, once it is known to be well-formed. */
struct fl_found {
	uint64_t separators, lf, cr; /* outside quotes */
};

/* Gives whether all quotes and carriage returns of the block are where they may be; moves 'carry' on. */
FL_INLINE bool fl_resolve(struct fl_masks masks, struct fl_bytes bytes, struct fl_carry *carry, struct fl_found *found,
			  fl_parities_function *parities_of)
{
	uint64_t quote = masks.quote & bytes.quotes, outside = ~(parities_of(quote) ^ carry->inside);
	uint64_t separators = (masks.delimiter | masks.lf) & outside, cr = masks.cr & outside;
	uint64_t opening = quote & ~outside, closing = quote & outside;
	uint64_t may_open = (separators | closing) << 1 | carry->may_open;
	uint64_t wrong = (opening & ~may_open) | ((closing << 1 | carry->closed) & ~(separators | cr | opening)) |
			 ((cr << 1 | carry->cr) & ~masks.lf);

	*found = (struct fl_found){.separators = separators, .lf = masks.lf & outside, .cr = cr << 1 | carry->cr};
	*carry = (struct fl_carry){
		.inside = (outside >> 63) - 1,
		.may_open = (separators | closing) >> 63,
		.closed = closing >> 63,
		.cr = cr >> 63,
	};
	return wrong == 0;
}

#endif
