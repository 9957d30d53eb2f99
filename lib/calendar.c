/*
 * ISO 8601 dates and instants from and to 64-bit counts since 1970-01-01, UTC.
 *
 * The common texts take short cuts that work on eight characters at a time; whatever those do not
 * take, bad texts included, goes to the general parsers, which alone know the faults.
 */
#include "config.h"

#include "calendar.h"
#include "days.h"
#include "digits.h"
#include "fill.h"

#include <stdbool.h>
#include <string.h>

/*
 * high * unit + low, for 0 <= low < unit, where that lies between -INT64_MAX and INT64_MAX.  Below
 * zero the sum is built from the multiple above it, as the one below may not fit when the sum does.
 */
static fl_fault combine(int64_t high, int64_t unit, int64_t low, int64_t *value)
{
	if (high >= 0) {
		if (high > (INT64_MAX - low) / unit)
			return FL_TIME_RANGE;
		*value = high * unit + low;
		return FL_FINE;
	}

	const int64_t below = unit - low;
	const int64_t multiple = -(high + 1);

	if (multiple > (INT64_MAX - below) / unit)
		return FL_TIME_RANGE;
	*value = -(multiple * unit) - below;
	return FL_FINE;
}

/* a = quotient * b + result, 0 <= result < b */
static inline int64_t floor_divide(int64_t a, int64_t b, int64_t *quotient)
{
	const int64_t rest = a % b;

	*quotient = a / b - (rest < 0);
	return rest < 0 ? rest + b : rest;
}

/* What a text says, before anybody asks whether there is such a day or time. */

#define YEAR_DIGITS 18 /* 64 bits hold such a year, and no longer its days */

struct civil {
	int64_t year;
	bool year_too_long; /* then 'year' has the last 18 digits: enough to tell leap years */
	unsigned month, day;
};

struct clock {
	unsigned hour, minute, second;
	const char *fraction, *fraction_end; /* its digits, maybe none */
	bool west;			     /* the offset is negative */
	unsigned offset_hour, offset_minute;
};

struct cursor {
	const char *p, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct cursor *at, char c)
{
	if (at->p == at->end || *at->p != c)
		return false;
	at->p++;
	return true;
}

static bool take_either(struct cursor *at, char c, char d)
{
	return take(at, c) || take(at, d);
}

static bool take_two(struct cursor *at, unsigned *value)
{
	if (at->end - at->p < 2 || !is_digit(at->p[0]) || !is_digit(at->p[1]))
		return false;
	*value = (unsigned)(at->p[0] - '0') * 10 + (unsigned)(at->p[1] - '0');
	at->p += 2;
	return true;
}

static void skip_digits(struct cursor *at)
{
	while (at->p < at->end && is_digit(*at->p))
		at->p++;
}

static bool take_year(struct cursor *at, struct civil *date)
{
	const bool negative = take(at, '-');
	const bool with_sign = negative || take(at, '+');
	const char *digit = at->p;

	skip_digits(at);
	const ptrdiff_t ndigits = at->p - digit;
	if (ndigits < 4 || (ndigits > 4 && !with_sign))
		return false;

	date->year_too_long = ndigits > YEAR_DIGITS;
	if (date->year_too_long)
		digit = at->p - YEAR_DIGITS;
	date->year = 0;
	for (; digit < at->p; digit++)
		date->year = date->year * 10 + (*digit - '0');
	if (negative)
		date->year = -date->year;
	return true;
}

static bool take_date(struct cursor *at, struct civil *date)
{
	return take_year(at, date) && take(at, '-') && take_two(at, &date->month) && take(at, '-') &&
	       take_two(at, &date->day);
}

static bool take_fraction(struct cursor *at, struct clock *clock)
{
	clock->fraction = at->p;
	skip_digits(at);
	clock->fraction_end = at->p;
	return clock->fraction_end > clock->fraction;
}

static bool take_zone(struct cursor *at, struct clock *clock)
{
	if (at->p == at->end || take_either(at, 'Z', 'z'))
		return true;

	clock->west = take(at, '-');
	if ((!clock->west && !take(at, '+')) || !take_two(at, &clock->offset_hour))
		return false;
	if (at->p == at->end)
		return true;
	take(at, ':');
	return take_two(at, &clock->offset_minute);
}

static bool take_clock(struct cursor *at, struct clock *clock)
{
	if (!take_two(at, &clock->hour) || !take(at, ':') || !take_two(at, &clock->minute))
		return false;
	if (take(at, ':')) {
		if (!take_two(at, &clock->second))
			return false;
		if (take_either(at, '.', ',') && !take_fraction(at, clock))
			return false;
	}
	return take_zone(at, clock);
}

/* DATE, or DATE, T and a time; 'clock' comes in as midnight, UTC. */
static bool take_timestamp(struct cursor *at, struct civil *date, struct clock *clock)
{
	if (!take_date(at, date))
		return false;
	if (at->p == at->end)
		return true;
	if (!take_either(at, 'T', 't') && !take(at, ' '))
		return false;
	return take_clock(at, clock) && at->p == at->end;
}

/*
 * The year is reduced to one of the years 0..399 of the same shape, so that the day number of any
 * year is a whole number of eras and a small rest.  The rest is made not negative for combine():
 * five eras are more than the 719528 days from 0000-01-01 to 1970-01-01.
 */
static fl_fault count_days(const struct civil *date, int64_t *days)
{
	int64_t era;
	const uint32_t year = (uint32_t)floor_divide(date->year, FL_ERA_YEARS, &era);
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year == 0);

	if (date->month > 12 || date->day < 1 || date->day > fl_last_day[leap][date->month])
		return FL_NO_SUCH_DAY;
	if (date->year_too_long)
		return FL_TIME_RANGE;

	int64_t carry;
	const int64_t rest = fl_day_number(year, date->month, date->day) + 5 * FL_ERA_DAYS;
	const int64_t low = floor_divide(rest, FL_ERA_DAYS, &carry);
	return combine(era - 5 + carry, FL_ERA_DAYS, low, days);
}

static fl_fault check_clock(const struct clock *clock)
{
	if (clock->hour > 23 || clock->minute > 59 || clock->second > 60)
		return FL_NO_SUCH_TIME;
	if (clock->offset_hour > 23 || clock->offset_minute > 59)
		return FL_NO_SUCH_TIME;
	return clock->second == 60 ? FL_LEAP_SECOND : FL_FINE;
}

static fl_fault count_fraction(const struct clock *clock, int64_t per_second, int64_t *ticks)
{
	int64_t weight = per_second;

	*ticks = 0;
	for (const char *p = clock->fraction; p < clock->fraction_end; p++) {
		weight /= 10;
		if (weight == 0 && *p != '0')
			return FL_TOO_FINE;
		*ticks += (*p - '0') * weight;
	}
	return FL_FINE;
}

/* Seconds since midnight, UTC, of the day the clock shows; they may lie in a neighbouring day. */
static int64_t count_seconds(const struct clock *clock)
{
	const int offset = (int)(clock->offset_hour * 60 + clock->offset_minute) * 60;
	const int local = (int)((clock->hour * 60 + clock->minute) * 60 + clock->second);

	return clock->west ? local + offset : local - offset;
}

fl_fault fl_parse_date_general(const char *p, const char *end, int64_t *days)
{
	struct cursor at = {p, end};
	struct civil date;

	if (!take_date(&at, &date) || at.p != end)
		return FL_NOT_DATE;
	return count_days(&date, days);
}

fl_fault fl_parse_timestamp_general(const char *p, const char *end, int64_t per_second, int64_t *ticks)
{
	struct cursor at = {p, end};
	struct civil date;
	struct clock clock = {0};
	int64_t days = 0, fraction, carry;
	fl_fault fault;

	if (!take_timestamp(&at, &date, &clock))
		return FL_NOT_TIME;

	/* A day out of range waits: faults that do not depend on the unit come first. */
	const fl_fault day_fault = count_days(&date, &days);
	if (day_fault == FL_NO_SUCH_DAY)
		return day_fault;
	if ((fault = check_clock(&clock)) != FL_FINE)
		return fault;
	if ((fault = count_fraction(&clock, per_second, &fraction)) != FL_FINE)
		return fault;

	/* No unit holds more days than seconds do; the day the offset may add is left room for. */
	const int64_t most = INT64_MAX / FL_DAY_SECONDS + 2;
	if (day_fault != FL_FINE || days > most || days < -most)
		return FL_TIME_RANGE;

	const int64_t second = floor_divide(count_seconds(&clock), FL_DAY_SECONDS, &carry);
	return combine(days + carry, FL_DAY_SECONDS * per_second, second * per_second + fraction, ticks);
}

/*
 * The short cuts.  Eight characters are one number, the first the lowest byte on any machine.  XOR
 * with the expected form leaves the values of digits, and 0 for a right separator; adding
 * 0x7f - most to a byte sets its top bit if it was above 'most'.  A byte that carries into the next
 * had its own top bit set, so no fault hides.
 */
#define TOP_BITS UINT64_C(0x8080808080808080)

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint64_t load8(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return x;
}
#else /* everywhere right, but compilers do not reliably make one load of it */
static inline uint64_t load8(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	const uint32_t low = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	const uint32_t high = (uint32_t)b[4] | (uint32_t)b[5] << 8 | (uint32_t)b[6] << 16 | (uint32_t)b[7] << 24;

	return (uint64_t)high << 32 | low;
}
#endif

static inline bool any_above(uint64_t x, uint64_t addend)
{
	return ((x | (x + addend)) & TOP_BITS) != 0;
}

/* In every byte ten times its digit and the next one: at most 99, so no byte disturbs another. */
static inline uint64_t pair_up(uint64_t digits)
{
	return digits * 10 + (digits >> 8);
}

static inline uint32_t byte_at(uint64_t x, unsigned index)
{
	return (uint32_t)(x >> 8 * index) & 0xff;
}

/* YYYY-MM-DD, 10 bytes */
static inline bool quick_date(const char *p, int32_t *days)
{
	const uint64_t x = load8(p) ^ UINT64_C(0x2d30302d30303030);
	if (any_above(x, UINT64_C(0x7f767e7f76767676))) /* a month's tens digit is at most 1 */
		return false;

	const uint64_t pairs = pair_up(x);
	const uint32_t century = byte_at(pairs, 0);
	const uint32_t in_century = byte_at(pairs, 2);
	const uint32_t month = byte_at(pairs, 5);
	const bool leap = ((in_century != 0 ? in_century : century) & 3) == 0;

	const uint32_t tens = (uint32_t)(unsigned char)p[8] - '0';
	const uint32_t ones = (uint32_t)(unsigned char)p[9] - '0';
	if (tens > 3 || ones > 9)
		return false;
	const uint32_t day = tens * 10 + ones;
	if (day - 1 >= fl_last_day[leap][month])
		return false;

	*days = fl_day_number(century * 100 + in_century, month, day);
	return true;
}

/* HH:MM:SS, 8 bytes */
static inline bool quick_clock(const char *p, int32_t *seconds)
{
	const uint64_t x = load8(p) ^ UINT64_C(0x30303a30303a3030);
	if (any_above(x, UINT64_C(0x767a7f767a7f767d))) /* tens are at most 2, 5, 5 */
		return false;

	const uint64_t pairs = pair_up(x);
	const uint32_t hour = byte_at(pairs, 0);
	if (hour > 23)
		return false;
	*seconds = (int32_t)((hour * 60 + byte_at(pairs, 3)) * 60 + byte_at(pairs, 6));
	return true;
}

/* Eight digits, the first in the lowest byte, to their number: neighbours join three times. */
static inline uint64_t join_digits(uint64_t digits)
{
	const uint64_t twos = pair_up(digits) & UINT64_C(0x00ff00ff00ff00ff);
	const uint64_t fours = ((twos * 100) + (twos >> 16)) & UINT64_C(0x0000ffff0000ffff);

	return (fours * 10000 + (fours >> 32)) & 0xffffffff;
}

/*
 * [p, end): 1 to 9 digits of a fraction, behind at least 8 readable bytes.  The load ends where the
 * digits end, as behind them may be nothing; shifting out what was before them leaves zeros behind,
 * the digits a longer fraction would have.  In the same way, units of milli- and microseconds shift
 * in zeros before.
 */
static inline bool quick_fraction(const char *p, const char *end, int64_t per_second, int32_t *ticks)
{
	const ptrdiff_t ndigits = end - p;
	const uint32_t ninth = ndigits == 9 ? (uint32_t)(unsigned char)p[8] - '0' : 0;
	const char *first_end = ndigits == 9 ? end - 1 : end;
	const unsigned before = 8 - (unsigned)(first_end - p);
	const uint64_t x = (load8(first_end - 8) ^ UINT64_C(0x3030303030303030)) >> 8 * before;

	if (any_above(x, UINT64_C(0x7676767676767676)) || ninth > 9)
		return false;
	if (per_second == 1000000000) {
		*ticks = (int32_t)(join_digits(x) * 10 + ninth);
		return true;
	}

	const unsigned kept = per_second == 1000000 ? 6 : per_second == 1000 ? 3 : 0;
	if (x >> 8 * kept != 0 || ninth != 0)
		return false;
	*ticks = kept == 0 ? 0 : (int32_t)join_digits(x << 8 * (8 - kept));
	return true;
}

fl_fault fl_parse_date(const char *p, const char *end, int64_t *days)
{
	int32_t quick;

	if (end - p != 10 || !quick_date(p, &quick))
		return fl_parse_date_general(p, end, days);
	*days = quick;
	return FL_FINE;
}

/* +HH:MM or -HH:MM, 6 bytes, behind at least 2 readable ones */
static inline bool quick_offset(const char *p, int32_t *seconds)
{
	const uint64_t x = load8(p - 2) >> 24 ^ UINT64_C(0x30303a3030);
	if (any_above(x, UINT64_C(0x767a7f767d)) || (p[0] != '+' && p[0] != '-'))
		return false;

	const uint64_t pairs = pair_up(x);
	const uint32_t hour = byte_at(pairs, 0);
	if (hour > 23)
		return false;
	*seconds = (int32_t)(hour * 60 + byte_at(pairs, 3)) * 60;
	if (p[0] == '-')
		*seconds = -*seconds;
	return true;
}

/* YYYY-MM-DD?HH:MM:SS[.FRACTION] and Z, +HH:MM, -HH:MM or nothing */
static bool quick_timestamp(const char *p, const char *end, int64_t per_second, int64_t *ticks)
{
	/* Seconds that fit nanoseconds for certain.  Years of four digits fit all other units. */
	const int64_t safe = INT64_MAX / 1000000000;
	int32_t days, second, fraction = 0, offset = 0;

	if (end - p < 19)
		return false;
	if (!quick_date(p, &days) || !quick_clock(p + 11, &second))
		return false;
	if (p[10] != 'T' && p[10] != ' ')
		return false;

	const char *rest = p + 19;
	const char *rest_end = end - (end[-1] == 'Z');
	if (end - rest >= 6 && end[-3] == ':') {
		if (!quick_offset(end - 6, &offset))
			return false;
		rest_end = end - 6;
	}
	if (rest != rest_end) {
		if (*rest != '.' || rest_end - rest < 2 || rest_end - rest > 10)
			return false;
		if (!quick_fraction(rest + 1, rest_end, per_second, &fraction))
			return false;
	}

	const int64_t seconds = (int64_t)days * FL_DAY_SECONDS + second - offset;
	if (per_second == 1000000000 && (seconds >= safe || seconds <= -safe))
		return false;
	*ticks = seconds * per_second + fraction;
	return true;
}

fl_fault fl_parse_timestamp(const char *p, const char *end, int64_t per_second, int64_t *ticks)
{
	int32_t days;

	if (quick_timestamp(p, end, per_second, ticks))
		return FL_FINE;
	if (end - p == 10 && quick_date(p, &days))
		return combine(days, FL_DAY_SECONDS * per_second, 0, ticks);
	return fl_parse_timestamp_general(p, end, per_second, ticks);
}

static const char two_digits[200] = {"0001020304050607080910111213141516171819"
				     "2021222324252627282930313233343536373839"
				     "4041424344454647484950515253545556575859"
				     "6061626364656667686970717273747576777879"
				     "8081828384858687888990919293949596979899"};

/* Days of the years before 1970, and of 0000 to 9999. */
#define DAYS_TO_EPOCH 719528u
#define DAYS_OF_FOUR_DIGITS 3652425u

/* Two digits, in two bytes. */
static inline uint64_t pair_of(uint32_t value)
{
	const uint32_t tens = value * 103 >> 10; /* / 10, below 100 */

	return tens | (value - tens * 10) << 8;
}

static char *put2(char *out, uint32_t value)
{
	memcpy(out, two_digits + 2 * value, 2);
	return out + 2;
}

static char *put4(char *out, uint32_t value)
{
	return put2(put2(out, value / 100), value % 100);
}

static char *put8(char *out, uint32_t value)
{
	fl_store64(out, fl_digits_of(value) | FL_ZEROS);
	return out + 8;
}

/* A year outside 0..9999 has a sign, and no zeros before its last four digits. */
static char *put_year(char *out, int64_t year)
{
	char digits[24];
	const char *first = digits;

	if (year >= 0 && year <= 9999)
		return put4(out, (uint32_t)year);

	const uint64_t magnitude = (uint64_t)(year < 0 ? -year : year);
	put8(digits, (uint32_t)(magnitude / 10000000000000000));
	put8(digits + 8, (uint32_t)(magnitude / 100000000 % 100000000));
	put8(digits + 16, (uint32_t)(magnitude % 100000000));
	while (*first == '0' && first < digits + 20)
		first++;

	const size_t length = (size_t)(digits + sizeof digits - first);
	*out++ = year < 0 ? '-' : '+';
	memcpy(out, first, length);
	return out + length;
}

/*
 * Neri and Schneider, as above, backwards: year, month and day of a day counted from 1 March of year 0.
 */
static inline struct civil civil_of(uint32_t days)
{
	const uint32_t quarters = 4 * days + 3;
	const uint32_t century = quarters / FL_ERA_DAYS;
	const uint32_t of_century = quarters % FL_ERA_DAYS / 4;
	const uint64_t scaled = UINT64_C(2939745) * (4 * of_century + 3);
	const uint32_t of_year = (uint32_t)scaled / 2939745 / 4;
	const uint32_t month_day = 2141 * of_year + 197913;
	const uint32_t early = of_year >= 306; /* January and February */

	return (struct civil){
		.year = 100 * century + (uint32_t)(scaled >> 32) + early,
		.month = (month_day >> 16) - 12 * early,
		.day = (month_day & 0xffff) / 2141 + 1,
	};
}

/* -MM-DD */
static inline char *put_month_and_day(char *out, const struct civil *date)
{
	*out++ = '-';
	out = put2(out, date->month);
	*out++ = '-';
	return put2(out, date->day);
}

/*
 * A day of any year.  The era is divided off first and in 64 bits, so that any day at all goes through 32-bit steps from
 * there.
 */
static FL_NOINLINE char *put_any_date(char *out, int64_t days)
{
	int64_t era, carry;
	const int64_t since_era = floor_divide(days, FL_ERA_DAYS, &era);
	/* 135080 days of era 4, which begins on 1600-03-01, are over on 1970-01-01. */
	const uint32_t of_era =
		(uint32_t)floor_divide(since_era + FL_MARCH_TO_EPOCH % FL_ERA_DAYS, FL_ERA_DAYS, &carry);
	const struct civil date = civil_of(of_era);

	era += FL_MARCH_TO_EPOCH / FL_ERA_DAYS + carry;
	return put_month_and_day(put_year(out, era * FL_ERA_YEARS + date.year), &date);
}

/* YYYY-MM-DD, of which all but the day is a word; one era more keeps what is counted from 1 March positive */
static inline char *put_date(char *out, int64_t days)
{
	if ((uint64_t)days + DAYS_TO_EPOCH >= DAYS_OF_FOUR_DIGITS)
		return put_any_date(out, days);

	const struct civil date = civil_of((uint32_t)(days + FL_MARCH_TO_EPOCH + FL_ERA_DAYS));
	const uint64_t word = fl_four_digits_of((uint32_t)date.year - FL_ERA_YEARS) | pair_of(date.month) << 40;

	fl_store64(out, word | UINT64_C(0x2d30302d30303030));
	return put2(out + 8, date.day);
}

/* THH:MM:SS, of which all but the last byte is a word */
static inline char *put_clock(char *out, uint32_t second)
{
	const uint64_t seconds = pair_of(second % 60);
	const uint64_t word = pair_of(second / 3600) << 8 | pair_of(second / 60 % 60) << 32 | (seconds & 0xff) << 56;

	fl_store64(out, word | UINT64_C(0x303a30303a303054));
	out[8] = (char)('0' + (seconds >> 8));
	return out + 9;
}

/* As many digits as the unit has, of which those that are 0 at the end are taken back. */
static char *put_fraction(char *out, uint32_t ticks, int64_t per_second)
{
	if (ticks == 0)
		return out;
	*out++ = '.';
	if (per_second == 1000) {
		*out++ = (char)('0' + ticks / 100);
		out = put2(out, ticks % 100);
	} else if (per_second == 1000000) {
		out = put2(out, ticks / 10000);
		out = put4(out, ticks % 10000);
	} else {
		*out++ = (char)('0' + ticks / 100000000);
		out = put8(out, ticks % 100000000);
	}
	while (out[-1] == '0')
		out--;
	return out;
}

size_t fl_format_date(char *out, int64_t days)
{
	return (size_t)(put_date(out, days) - out);
}

/* Whole seconds, and the rest.  Division by a constant is multiplication. */
static int64_t split_seconds(int64_t ticks, int64_t per_second, int64_t *seconds)
{
	if (per_second == 1000000000)
		return floor_divide(ticks, 1000000000, seconds);
	if (per_second == 1000000)
		return floor_divide(ticks, 1000000, seconds);
	if (per_second == 1000)
		return floor_divide(ticks, 1000, seconds);
	*seconds = ticks;
	return 0;
}

size_t fl_format_timestamp(char *out, int64_t ticks, int64_t per_second)
{
	int64_t seconds, days;
	const uint32_t rest = (uint32_t)split_seconds(ticks, per_second, &seconds);
	const int64_t second = floor_divide(seconds, FL_DAY_SECONDS, &days);
	char *at = put_date(out, days);

	at = put_clock(at, (uint32_t)second);
	at = put_fraction(at, rest, per_second);
	*at++ = 'Z';
	return (size_t)(at - out);
}

static inline int64_t element_at(const struct fl_elements *elements, size_t i)
{
	int64_t value;

	memcpy(&value, elements->base + i * elements->stride, sizeof value);
	return value;
}

void fl_fill_date(const struct fl_elements *elements, struct fl_cell *cells, size_t step)
{
	for (size_t i = 0; i < elements->n; i++, cells += step) {
		cells->begin = 0;
		cells->nbytes = (uint8_t)fl_format_date(cells->text, element_at(elements, i));
	}
}

void fl_fill_timestamp(const struct fl_elements *elements, struct fl_cell *cells, size_t step)
{
	for (size_t i = 0; i < elements->n; i++, cells += step) {
		cells->begin = 0;
		cells->nbytes =
			(uint8_t)fl_format_timestamp(cells->text, element_at(elements, i), elements->per_second);
	}
}
