/*
 * The loops that write f64 and f32, with AVX2: four values at a time to their shortest digits, and those to cells.
 *
 * Schubfach (see float_format.c) with its comparisons turned round.  In units of 10^(k+1), so that the values that round to
 * a float span 0.1 to 1 of them, a value is a whole number of 15 or 16 digits and a fraction of 64 bits:
 *
 *	fraction <= half the span		the whole number is shortest
 *	fraction + half the span >= 1		the next one is
 *	otherwise				10 x fraction, rounded, is one digit more
 *
 * The fraction is a little too small, as 32 bits of 128 of the power of ten are left out.  Where that, or a tie, could
 * decide, the value is left to the plain way, which is exact, as are those that have a rule of their own: powers of two,
 * subnormal numbers, infinities and NaNs.  Whole numbers, with 0, are written as integers are.
 */
#include "config.h"

#include "fill.h"
#include "float_cell.h"
#include "float_format.h"
#include "powers.h"

#if defined __x86_64__ && defined __GNUC__

#include "fill_avx2.h"

/* 10 x value */
AVX2 FL_INLINE __m256i ten_times(__m256i value)
{
	return _mm256_add_epi64(_mm256_slli_epi64(value, 3), _mm256_slli_epi64(value, 1));
}

/* The values that a and b - tolerance to b + tolerance lie on different sides of 0: the top bit. */
AVX2 FL_INLINE __m256i near_zero(__m256i value, __m256i tolerance)
{
	return _mm256_xor_si256(_mm256_add_epi64(value, tolerance), _mm256_sub_epi64(value, tolerance));
}

/*
 * Four finite numbers c x 2^q.  Of the other three the top bits count: those that are whole and have no digit beyond those of
 * c, and are not 0; that are 0; that are not of the kind that is computed here.
 */
struct binaries {
	__m256i c, q, whole, zero, plain;
};

/* 'bits' without the sign; how many of them are the fraction; the exponent of infinities. */
AVX2 FL_INLINE struct binaries unpack(__m256i bits, int nfraction, int infinite)
{
	const __m256i zero = _mm256_setzero_si256(), one = each(INT64_C(1) << nfraction);
	__m256i field = _mm256_srli_epi64(bits, nfraction);
	__m256i fraction = _mm256_and_si256(bits, _mm256_sub_epi64(one, each(1)));
	struct binaries v = {
		.c = _mm256_or_si256(fraction, one),
		.q = _mm256_sub_epi64(field, each(infinite / 2 + nfraction)),
		.zero = _mm256_cmpeq_epi64(bits, zero),
	};
	/* Bits behind the point; where there is none, a shift by too much gives 0 and so a mask of all. */
	__m256i behind = _mm256_sub_epi64(_mm256_sllv_epi64(each(1), _mm256_sub_epi64(zero, v.q)), each(1));

	v.whole = _mm256_cmpeq_epi64(_mm256_and_si256(v.c, behind), zero);
	v.plain = _mm256_or_si256(_mm256_cmpeq_epi64(field, zero), _mm256_cmpeq_epi64(field, each(infinite)));
	v.plain = _mm256_or_si256(v.plain, _mm256_cmpeq_epi64(fraction, zero));
	return v;
}

/* The powers of ten of four indexes: their first 64 bits, and the others. */
AVX2 FL_INLINE void load_powers(__m256i index, __m256i *high, __m256i *low)
{
	__m128i first = _mm256_castsi256_si128(index), second = _mm256_extracti128_si256(index, 1);
	const __m128i *powers = (const __m128i *)(const void *)fl_powers;
	__m128i a = _mm_loadu_si128(powers + _mm_cvtsi128_si64(first));
	__m128i b = _mm_loadu_si128(powers + _mm_extract_epi64(first, 1));
	__m128i c = _mm_loadu_si128(powers + _mm_cvtsi128_si64(second));
	__m128i d = _mm_loadu_si128(powers + _mm_extract_epi64(second, 1));
	__m256i ac = _mm256_inserti128_si256(_mm256_castsi128_si256(a), c, 1);
	__m256i bd = _mm256_inserti128_si256(_mm256_castsi128_si256(b), d, 1);

	*high = _mm256_unpacklo_epi64(ac, bd);
	*low = _mm256_unpackhi_epi64(ac, bd);
}

/*
 * n x (high + low / 2^64) / 2^64, n < 2^63: the whole number, and in *behind its fraction.  The lower half of 'low' is left
 * out, which is less than n / 2^96.
 */
AVX2 FL_INLINE __m256i multiply(__m256i n, __m256i high, __m256i low, __m256i *behind)
{
	const __m256i mask = each(0xffffffff);
	__m256i n1 = _mm256_srli_epi64(n, 32), h1 = _mm256_srli_epi64(high, 32), l1 = _mm256_srli_epi64(low, 32);
	__m256i a = _mm256_add_epi64(_mm256_mul_epu32(n, high), _mm256_srli_epi64(_mm256_mul_epu32(n, l1), 32));
	__m256i b = _mm256_add_epi64(_mm256_mul_epu32(n1, l1), _mm256_and_si256(a, mask));
	__m256i c = _mm256_add_epi64(_mm256_mul_epu32(n, h1), _mm256_srli_epi64(a, 32));
	__m256i d = _mm256_add_epi64(_mm256_mul_epu32(n1, high), _mm256_and_si256(c, mask));

	d = _mm256_add_epi64(d, _mm256_srli_epi64(b, 32));
	c = _mm256_add_epi64(_mm256_srli_epi64(c, 32), _mm256_srli_epi64(d, 32));
	*behind = _mm256_or_si256(_mm256_slli_epi64(d, 32), _mm256_and_si256(b, mask));
	return _mm256_add_epi64(_mm256_mul_epu32(n1, h1), c);
}

/* (10 x head + last) x 10^exponent; 'plain' as above. */
struct shortest {
	__m256i head, last, exponent, plain;
};

AVX2 FL_INLINE struct shortest shortest_of(struct binaries v)
{
	const __m256i small_error = each(1 << 21), digit_error = each(1 << 22);
	/* log10_of() and fl_log2_ten(), for k + 1 */
	__m256i scaled = _mm256_add_epi64(_mm256_mul_epi32(v.q, each(1262611)), each(INT64_C(512) << 22));
	__m256i exponent = _mm256_sub_epi64(_mm256_srli_epi64(scaled, 22), each(511));
	__m256i minus = _mm256_sub_epi64(_mm256_setzero_si256(), exponent);
	__m256i log2 = _mm256_add_epi64(_mm256_mul_epi32(minus, each(217706)), each(4096 << 16));
	__m256i shift = _mm256_add_epi64(v.q, _mm256_sub_epi64(_mm256_srli_epi64(log2, 16), each(4096))); /* -4 to -1 */
	__m256i high, low, behind, product, fraction, half, below, above, digit, is_short, head;

	load_powers(_mm256_sub_epi64(minus, each(FL_POWER_MIN)), &high, &low);
	product = multiply(_mm256_sllv_epi64(v.c, _mm256_add_epi64(shift, each(11))), high, low, &behind);
	head = _mm256_srli_epi64(product, 10);
	fraction = _mm256_or_si256(_mm256_slli_epi64(product, 54), _mm256_srli_epi64(behind, 10));
	half = _mm256_srlv_epi64(high, _mm256_sub_epi64(each(1), shift)); /* in 63 bits */
	below = _mm256_sub_epi64(half, _mm256_srli_epi64(fraction, 1));	  /* not negative: it is */
	above = _mm256_add_epi64(half, _mm256_srli_epi64(fraction, 1));	  /* the top bit: it is */
	v.plain = _mm256_or_si256(v.plain, near_zero(below, small_error));
	v.plain = _mm256_or_si256(v.plain, near_zero(above, small_error));

	digit = _mm256_add_epi64(ten_times(_mm256_srli_epi64(fraction, 4)), each(INT64_C(1) << 59));
	low = _mm256_srli_epi64(_mm256_add_epi64(digit, digit_error), 60);
	high = _mm256_srli_epi64(_mm256_sub_epi64(digit, digit_error), 60);
	v.plain = _mm256_or_si256(v.plain, _mm256_xor_si256(_mm256_cmpeq_epi64(low, high), each(-1)));
	is_short = _mm256_or_si256(_mm256_xor_si256(below, each(-1)), above);
	digit = _mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(_mm256_srli_epi64(digit, 60)), _mm256_setzero_pd(),
						     _mm256_castsi256_pd(is_short)));
	head = _mm256_add_epi64(head, _mm256_srli_epi64(above, 63));

	return (struct shortest){head, digit, _mm256_sub_epi64(exponent, each(1)), v.plain};
}

/* Four numbers of 17 digits, the first not 0: 16 and one more; and the power of ten of the first. */
struct decimals {
	__m256i head, last, power;
};

/* Of an f64 'head' has 15 or 16 digits: of 15 the last one is the sixteenth. */
AVX2 FL_INLINE struct decimals decimals_of_f64(struct shortest v)
{
	__m256i small = _mm256_cmpgt_epi64(each(INT64_C(1000000000000000)), v.head);

	return (struct decimals){
		.head = _mm256_blendv_epi8(v.head, _mm256_add_epi64(ten_times(v.head), v.last), small),
		.last = _mm256_andnot_si256(small, v.last),
		.power = _mm256_add_epi64(_mm256_add_epi64(v.exponent, each(16)), small),
	};
}

/* Of an f32 there are 7 to 9 digits in all. */
AVX2 FL_INLINE struct decimals decimals_of_f32(struct shortest v)
{
	__m256i digits = _mm256_add_epi64(ten_times(v.head), v.last);
	__m256i eight = _mm256_cmpgt_epi64(digits, each(9999999)), nine = _mm256_cmpgt_epi64(digits, each(99999999));
	__m256i zeros = _mm256_blendv_epi8(_mm256_blendv_epi8(each(1000000000), each(100000000), eight), each(10000000), nine);

	return (struct decimals){
		.head = _mm256_mul_epu32(digits, zeros),
		.last = _mm256_setzero_si256(),
		.power = _mm256_sub_epi64(_mm256_sub_epi64(_mm256_add_epi64(v.exponent, each(6)), eight), nine),
	};
}

/* How 16 digits stand in a cell, by the power of ten of the first: see struct place in float_format.c. */
struct place {
	unsigned char from[16]; /* with room for the point */
	uint8_t begin, point, whole, more;
};

#define FROM(power, i) (unsigned char)((i) - ((power) >= 0 && (i) > (power)))
#define PLACE(power, begin, point, whole, more)                                                                            \
	{{FROM(power, 0), FROM(power, 1), FROM(power, 2), FROM(power, 3), FROM(power, 4), FROM(power, 5), FROM(power, 6),  \
	  FROM(power, 7), FROM(power, 8), FROM(power, 9), FROM(power, 10), FROM(power, 11), FROM(power, 12),               \
	  FROM(power, 13), FROM(power, 14), FROM(power, 15)},                                                              \
	 begin,                                                                                                            \
	 point,                                                                                                            \
	 whole,                                                                                                            \
	 more}
#define SMALL(power) PLACE(power, FL_FLOAT_FIRST - 1 + (power), FL_FLOAT_FIRST + (power), 0, 1 - (power))
#define GREAT(power) PLACE(power, FL_FLOAT_FIRST, FL_FLOAT_FIRST + 1 + (power), 1 + (power), 1)

static const struct place places[FL_PLAIN_COUNT] = {
	SMALL(-4), SMALL(-3), SMALL(-2), SMALL(-1), GREAT(0),  GREAT(1),  GREAT(2),  GREAT(3),  GREAT(4),  GREAT(5),
	GREAT(6),  GREAT(7),  GREAT(8),	 GREAT(9),  GREAT(10), GREAT(11), GREAT(12), GREAT(13), GREAT(14), GREAT(15),
};

/* 'ndigits' of 17 are not 0 or before one that is not. */
AVX2 FL_INLINE void put_plain(struct fl_cell *cell, __m128i digits, unsigned last, unsigned ndigits, int power, unsigned negative)
{
	const struct place *place = &places[power - FL_PLAIN_LEAST];
	__m128i from = _mm_loadu_si128((const __m128i *)(const void *)place->from);
	unsigned sixteenth = (unsigned)_mm_extract_epi8(digits, 15), end = (sixteenth | last << 8) >> (power < 0 ? 8 : 0);

	fl_store64(cell->text, FL_ZEROS);
	_mm_storeu_si128((__m128i *)(void *)(cell->text + FL_FLOAT_FIRST), _mm_shuffle_epi8(digits, from));
	cell->text[FL_FLOAT_FIRST + 16] = (char)(end & 0xff);
	cell->text[FL_FLOAT_FIRST + 17] = (char)(end >> 8);
	cell->text[place->point] = '.';
	cell->text[place->begin - 1] = '-';
	cell->begin = (uint8_t)(place->begin - negative);
	cell->nbytes = (uint8_t)(negative + (ndigits > place->whole ? ndigits + place->more : place->whole));
}

AVX2 FL_INLINE void put_scientific(struct fl_cell *cell, __m128i digits, unsigned last, unsigned ndigits, int power,
				   unsigned negative)
{
	size_t n = ndigits + (ndigits > 1);

	_mm_storeu_si128((__m128i *)(void *)(cell->text + 2), digits);
	cell->text[0] = '-';
	cell->text[1] = (char)_mm_extract_epi8(digits, 0);
	cell->text[2] = '.';
	cell->text[18] = (char)last;
	n += fl_put_exponent(cell->text + 1 + n, power);
	cell->begin = (uint8_t)(1 - negative);
	cell->nbytes = (uint8_t)(n + negative);
}

AVX2 FL_INLINE void put(struct fl_cell *cell, struct sixteen head, uint64_t last, int64_t power, unsigned negative)
{
	unsigned ndigits = 32 - _lzcnt_u32(head.not_zero | (last ? 0x10000 : 0)), character = (unsigned)last | '0';

	if ((uint64_t)(power - FL_PLAIN_LEAST) < FL_PLAIN_COUNT)
		put_plain(cell, head.digits, character, ndigits, (int)power, negative);
	else
		put_scientific(cell, head.digits, character, ndigits, (int)power, negative);
}

AVX2 FL_INLINE void put_four(struct fl_cell *cells, size_t step, struct decimals decimals, unsigned negative)
{
	struct sixteen head[4];
	uint64_t last[4];
	int64_t power[4];

	digits_of(decimals.head, head);
	_mm256_storeu_si256((__m256i *)(void *)last, decimals.last);
	_mm256_storeu_si256((__m256i *)(void *)power, decimals.power);
	put(cells, head[0], last[0], power[0], negative & 1);
	put(cells + step, head[1], last[1], power[1], negative >> 1 & 1);
	put(cells + 2 * step, head[2], last[2], power[2], negative >> 2 & 1);
	put(cells + 3 * step, head[3], last[3], power[3], negative >> 3);
}

/* Of the four those whose bits are set: whole numbers below 2^53, or 0. */
AVX2 FL_INLINE void put_whole(struct fl_cell *cells, size_t step, struct binaries v, unsigned which, unsigned negative)
{
	__m256i value = _mm256_srlv_epi64(v.c, _mm256_sub_epi64(_mm256_setzero_si256(), v.q));
	struct sixteen digits[4];

	digits_of(_mm256_andnot_si256(v.zero, value), digits);
	if (which & 1)
		put_integer(cells, digits[0], 0, 16, negative & 1);
	if (which & 2)
		put_integer(cells + step, digits[1], 0, 16, negative >> 1 & 1);
	if (which & 4)
		put_integer(cells + 2 * step, digits[2], 0, 16, negative >> 2 & 1);
	if (which & 8)
		put_integer(cells + 3 * step, digits[3], 0, 16, negative >> 3);
}

/* Fills four cells; gives a bit for each that is left to the plain way. */
AVX2 FL_INLINE unsigned fill_four(struct fl_cell *cells, size_t step, struct binaries v, unsigned negative, bool is_f64)
{
	unsigned whole = top_bits(_mm256_or_si256(v.whole, v.zero)), plain = top_bits(v.plain);

	if ((whole | plain) != 15) {
		struct shortest shortest = shortest_of(v);

		plain |= top_bits(shortest.plain);
		put_four(cells, step, is_f64 ? decimals_of_f64(shortest) : decimals_of_f32(shortest), negative);
	}
	if (whole)
		put_whole(cells, step, v, whole, negative);
	return plain & ~whole;
}

#define LOAD(type, name)               \
	type name;                     \
                                       \
	memcpy(&name, p, sizeof name); \
	p += elements->stride

#define FILL(name, type, nfraction, infinite)                                                                             \
	AVX2 void fl_fill_##name##_avx2(const struct fl_elements *elements, struct fl_cell *cells, size_t step)          \
	{                                                                                                                 \
		const char *p = elements->base;                                                                           \
		struct fl_elements rest = *elements;                                                                      \
		const type sign = (type)1 << (8 * sizeof(type) - 1);                                                      \
                                                                                                                          \
		for (; rest.n >= 4; rest.n -= 4, cells += 4 * step) {                                                     \
			LOAD(type, a);                                                                                    \
			LOAD(type, b);                                                                                    \
			LOAD(type, c);                                                                                    \
			LOAD(type, d);                                                                                    \
			__m256i bits = _mm256_set_epi64x((int64_t)d, (int64_t)c, (int64_t)b, (int64_t)a);                 \
			unsigned negative = top_bits(_mm256_slli_epi64(bits, 64 - 8 * sizeof(type)));                     \
			__m256i magnitude = _mm256_andnot_si256(each((int64_t)sign), bits);                               \
			unsigned plain = fill_four(cells, step, unpack(magnitude, nfraction, infinite), negative,         \
						   sizeof(type) == 8);                                                    \
                                                                                                                          \
			for (; plain; plain &= plain - 1)                                                                 \
				fl_put_##name(cells + fl_low_zeros(plain) * step,                                         \
					      p - (4 - fl_low_zeros(plain)) * elements->stride);                          \
		}                                                                                                         \
		rest.base = p;                                                                                            \
		fl_fill_##name(&rest, cells, step);                                                                       \
	}

FILL(f64, uint64_t, 52, 2047)
FILL(f32, uint32_t, 23, 255)

#endif
