/*
 * Words of 64 and 128 bits: loads and stores of a fixed byte order, counts of zero bits, the long
 * product.
 *
 * Each has a portable form, which is the definition, and where the compiler offers better, that.
 * The unit test compares the two.
 */
#ifndef FL_WORDS_H
#define FL_WORDS_H

#include <stdint.h>
#include <string.h>

/* For what must become part of its caller, because the caller's constants decide most of it. */
#ifdef __GNUC__
#define FL_INLINE static inline __attribute__((always_inline))
#else
#define FL_INLINE static inline
#endif

/* Kept out of its caller, so that what is rare takes neither registers nor room where it is not. */
#ifdef __GNUC__
#define FL_NOINLINE __attribute__((noinline))
#else
#define FL_NOINLINE
#endif

/* Has the line that 'p' is in brought into the cache, as it is to be written to; 'p' may be anything. */
FL_INLINE void fl_fetch_to_write(const void *p)
{
#ifdef __GNUC__
	__builtin_prefetch(p, 1);
#else
	(void)p;
#endif
}

/* high x 2^64 + low */
typedef struct fl_wide {
	uint64_t high;
	uint64_t low;
} fl_wide;

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 fl_u128;
#endif

/* The byte at p is the lowest of the word, on every machine. */
static inline uint64_t fl_load64_portable(const char *p)
{
	uint64_t word = 0;

	for (unsigned i = 0; i < 8; i++)
		word |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return word;
}

static inline void fl_store64_portable(char *p, uint64_t word)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (char)(unsigned char)(word >> 8 * i & 0xff);
}

static inline uint32_t fl_load32_portable(const char *p)
{
	uint32_t word = 0;

	for (unsigned i = 0; i < 4; i++)
		word |= (uint32_t)(unsigned char)p[i] << 8 * i;
	return word;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint64_t fl_load64(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

static inline void fl_store64(char *p, uint64_t word)
{
	memcpy(p, &word, sizeof word);
}

static inline uint32_t fl_load32(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof word);
	return word;
}
#else
static inline uint64_t fl_load64(const char *p)
{
	return fl_load64_portable(p);
}

static inline void fl_store64(char *p, uint64_t word)
{
	fl_store64_portable(p, word);
}

static inline uint32_t fl_load32(const char *p)
{
	return fl_load32_portable(p);
}
#endif

/* Zero bits above the highest one, and below the lowest one.  The word is not 0. */
static inline unsigned fl_high_zeros_portable(uint64_t word)
{
	unsigned n = 0;

	for (unsigned step = 32; step > 0; step /= 2) {
		if (word >> (64 - step))
			continue;
		word <<= step;
		n += step;
	}
	return n;
}

static inline unsigned fl_low_zeros_portable(uint64_t word)
{
	return 63 - fl_high_zeros_portable(word & (0 - word));
}

#ifdef __GNUC__
static inline unsigned fl_high_zeros(uint64_t word)
{
	return (unsigned)__builtin_clzll(word);
}

static inline unsigned fl_low_zeros(uint64_t word)
{
	return (unsigned)__builtin_ctzll(word);
}
#else
static inline unsigned fl_high_zeros(uint64_t word)
{
	return fl_high_zeros_portable(word);
}

static inline unsigned fl_low_zeros(uint64_t word)
{
	return fl_low_zeros_portable(word);
}
#endif

/* a x b, all 128 bits of it, from four products of halves. */
static inline fl_wide fl_multiply_portable(uint64_t a, uint64_t b)
{
	uint64_t al = a & UINT32_MAX, ah = a >> 32;
	uint64_t bl = b & UINT32_MAX, bh = b >> 32;
	uint64_t low = al * bl;
	uint64_t one = ah * bl + (low >> 32); /* at most (2^32-1)^2 + 2^32-1: no carry is lost */
	uint64_t two = al * bh + (one & UINT32_MAX);

	return (fl_wide){ah * bh + (one >> 32) + (two >> 32), two << 32 | (low & UINT32_MAX)};
}

#ifdef __SIZEOF_INT128__
static inline fl_wide fl_multiply(uint64_t a, uint64_t b)
{
	fl_u128 product = (fl_u128)a * b;

	return (fl_wide){(uint64_t)(product >> 64), (uint64_t)product};
}
#else
static inline fl_wide fl_multiply(uint64_t a, uint64_t b)
{
	return fl_multiply_portable(a, b);
}
#endif

static inline uint64_t fl_bits_f64(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static inline uint32_t fl_bits_f32(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static inline double fl_f64_of_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline float fl_f32_of_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

#endif
