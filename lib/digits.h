/*
 * Eight decimal digits in a word: out of text, into a number, and back into text.
 *
 * A word of digits holds one digit a byte as 0..9, not as a character, the most significant in the
 * lowest byte: loaded from "12345678" it is 0x0807060504030201.  What the text means is for
 * integer.h and float_parse.h.
 */
#ifndef FL_DIGITS_H
#define FL_DIGITS_H

#include <stddef.h>
#include <stdint.h>

#include "words.h"

#define FL_ZEROS UINT64_C(0x3030303030303030) /* "00000000" */
#define FL_TOPS UINT64_C(0x8080808080808080)

static inline uint64_t fl_byte(const char *p)
{
	return (unsigned char)*p;
}

/*
 * The 'n' characters at p as the last n digits of a word whose other digits are 0.  Only those n
 * are read, and no loop or jump depends on n: two loads that overlap meet in the word.
 */
FL_INLINE uint64_t fl_load_4_to_8(const char *p, size_t n)
{
	unsigned shift = 8 * (8 - (unsigned)n);
	uint64_t text = (uint64_t)fl_load32(p) << shift | (uint64_t)fl_load32(p + n - 4) << 32;

	return text ^ FL_ZEROS << shift;
}

/* Three bytes, that may coincide. */
FL_INLINE uint64_t fl_load_1_to_3(const char *p, size_t n)
{
	unsigned shift = 8 * (8 - (unsigned)n), half = 8 * (unsigned)(n / 2);
	uint64_t text = fl_byte(p) << shift | fl_byte(p + n / 2) << (shift + half) | fl_byte(p + n - 1) << 56;

	return text ^ FL_ZEROS << shift;
}

FL_INLINE uint64_t fl_load_digits(const char *p, size_t n)
{
	return n < 4 ? fl_load_1_to_3(p, n) : fl_load_4_to_8(p, n);
}

/*
 * The first characters of n > 8 that are not in whole words of eight at its end, in the same way:
 * of 19 the first 3, of 24 the first 8.  Eight can be read, so one load does.
 */
FL_INLINE uint64_t fl_load_head(const char *p, size_t n)
{
	return (fl_load64(p) ^ FL_ZEROS) << ((0 - 8 * (unsigned)n) & 63);
}

FL_INLINE uint64_t fl_load_eight(const char *p)
{
	return fl_load64(p) ^ FL_ZEROS;
}

/*
 * Top bits of bytes that are no digits; 0 when all are digits.  A byte from 0x8a on carries into
 * its neighbour, so only the lowest bit set is sure to be right.
 */
static inline uint64_t fl_not_digits(uint64_t word)
{
	return ((word + UINT64_C(0x7676767676767676)) | word) & FL_TOPS;
}

/* Neighbours are joined, to pairs, to fours, to all eight, each step one multiplication for all of
 * them. */
static inline uint64_t fl_digits_value(uint64_t word)
{
	word = word * (1 + (10 << 8)) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
	word = word * (1 + (100 << 16)) >> 16 & UINT64_C(0x0000ffff0000ffff);
	return word * (1 + (UINT64_C(10000) << 32)) >> 32;
}

/* Of four digits, in a word half as wide. */
static inline uint32_t fl_four_digits_value(uint32_t word)
{
	word = word * (1 + (10 << 8)) >> 8 & 0x00ff00ff;
	return word * (1 + (100 << 16)) >> 16;
}

/*
 * The way back, for value < 10^8.  A quotient by a constant is a product and a shift: x / 10000 = x
 * * 3518437209 >> 45 for 8 digits, x / 100 = x * 5243 >> 19 for 4, x / 10 = x * 103 >> 10 for 2;
 * the masks cut off what the shift brings in from the neighbour above.
 */
static inline uint64_t fl_digits_of(uint32_t value)
{
	uint64_t high = value * UINT64_C(3518437209) >> 45;
	uint64_t word = high | (value - high * 10000) << 32;

	high = (word * 5243 >> 19) & UINT64_C(0x0000007f0000007f);
	word = high | (word - high * 100) << 16;
	high = (word * 103 >> 10) & UINT64_C(0x000f000f000f000f);
	return high | (word - high * 10) << 8;
}

/* The same for value < 10^4, in a word of four digits. */
static inline uint32_t fl_four_digits_of(uint32_t value)
{
	uint32_t high = value * 5243 >> 19;
	uint32_t word = high | (value - high * 100) << 16;

	high = (word * 103 >> 10) & 0x000f000f;
	return high | (word - high * 10) << 8;
}

#endif
