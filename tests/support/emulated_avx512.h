/*
 * The instructions of AVX-512 that lib/blocks_avx512.c uses, in C: so the tests of all variants try it on processors that
 * do not have them.  For a build of its own, in which all vector code is compiled for AVX2, which the processor needs:
 *
 *     ../configure CPPFLAGS="-include $PWD/../tests/support/emulated_avx512.h" && make check TESTS=tests/unit/cpu
 *
 * What each does is in Intel's "64 and IA-32 Architectures Software Developer's Manual", volume 2.
 */
#ifndef EMULATED_AVX512_H
#define EMULATED_AVX512_H

/* As config.h, which comes later, would have it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#if defined __x86_64__ && defined __GNUC__

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

union emulated_512 {
	unsigned char bytes[64];
	uint32_t words[16];
};

static inline union emulated_512 emulated_load(const void *p)
{
	union emulated_512 loaded;

	memcpy(&loaded, p, sizeof loaded);
	return loaded;
}

static inline union emulated_512 emulated_set1_epi8(char byte)
{
	union emulated_512 all;

	memset(&all, byte, sizeof all);
	return all;
}

static inline uint64_t emulated_cmpeq_epi8(union emulated_512 a, union emulated_512 b)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < 64; i++)
		mask |= (uint64_t)(a.bytes[i] == b.bytes[i]) << i;
	return mask;
}

static inline union emulated_512 emulated_compress_epi8(uint64_t mask, union emulated_512 from)
{
	union emulated_512 packed = {.bytes = {0}};
	unsigned n = 0;

	for (unsigned i = 0; i < 64; i++)
		if (mask >> i & 1)
			packed.bytes[n++] = from.bytes[i];
	return packed;
}

static inline __m128i emulated_extract(union emulated_512 from, unsigned part)
{
	return _mm_loadu_si128((const __m128i *)(const void *)(from.bytes + 16 * part));
}

static inline union emulated_512 emulated_set1_epi32(int word)
{
	union emulated_512 all;

	for (unsigned i = 0; i < 16; i++)
		all.words[i] = (uint32_t)word;
	return all;
}

static inline union emulated_512 emulated_widen(__m128i bytes)
{
	union emulated_512 wide;
	unsigned char each[16];

	memcpy(each, &bytes, sizeof each);
	for (unsigned i = 0; i < 16; i++)
		wide.words[i] = each[i];
	return wide;
}

static inline union emulated_512 emulated_add(union emulated_512 a, union emulated_512 b)
{
	for (unsigned i = 0; i < 16; i++)
		a.words[i] += b.words[i];
	return a;
}

static inline void emulated_store(void *p, union emulated_512 words)
{
	memcpy(p, &words, sizeof words);
}

/* Some are macros already. */
#undef _mm512_cmpeq_epi8_mask
#undef _mm512_extracti32x4_epi32

#define __m512i union emulated_512
#define _mm512_loadu_si512(p) emulated_load(p)
#define _mm512_set1_epi8(byte) emulated_set1_epi8(byte)
#define _mm512_cmpeq_epi8_mask(a, b) emulated_cmpeq_epi8(a, b)
#define _mm512_maskz_compress_epi8(mask, from) emulated_compress_epi8(mask, from)
#define _mm512_castsi512_si128(from) emulated_extract(from, 0)
#define _mm512_extracti32x4_epi32(from, part) emulated_extract(from, part)
#define _mm512_set1_epi32(word) emulated_set1_epi32(word)
#define _mm512_cvtepu8_epi32(bytes) emulated_widen(bytes)
#define _mm512_add_epi32(a, b) emulated_add(a, b)
#define _mm512_storeu_si512(p, words) emulated_store(p, words)

/* The compiler must not use them either. */
#define target(features) __target__("avx2,bmi,bmi2,lzcnt,popcnt,pclmul")
#define __builtin_cpu_supports(feature) (strncmp(feature, "avx512", 6) == 0 || __builtin_cpu_supports(feature))

#endif

#endif
