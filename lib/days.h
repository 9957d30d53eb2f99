/*
 * The number of a day, for all that reads dates.
 */
#ifndef FL_DAYS_H
#define FL_DAYS_H

#include <stdint.h>

#define FL_DAY_SECONDS 86400
#define FL_ERA_YEARS 400
#define FL_ERA_DAYS 146097 /* of 400 Gregorian years, after which the calendar repeats */

/* Days from 0000-03-01 to 1970-01-01.  Years that begin in March end with their leap day. */
#define FL_MARCH_TO_EPOCH 719468

/*
 * The last day of each month, by leap year.  Month 0 and 13..19 have none, so that a tens digit of
 * at most 1 is all that has to be known of a month before it is looked up.
 */
static const uint8_t fl_last_day[2][20] = {
	{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
	{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
};

/*
 * The number of a day of the years 0..9999 since 1970-01-01, without tables, branches or loops:
 * Cassio Neri, Lorenz Schneider, "Euclidean affine functions and their application to calendar
 * algorithms", Software: Practice and Experience 53 (2023).  January and February belong to the
 * March year before; one era is added so that those of year 0 have one.
 */
static inline int32_t fl_day_number(uint32_t year, uint32_t month, uint32_t day)
{
	const uint32_t early = month <= 2;
	const uint32_t y = year + FL_ERA_YEARS - early;
	const uint32_t m = month + 12 * early;
	const uint32_t century = y / 100;
	const uint32_t before_year = 1461 * y / 4 - century + century / 4;
	const uint32_t before_month = (979 * m - 2919) / 32;

	return (int32_t)(before_year + before_month + day - 1) - (FL_MARCH_TO_EPOCH + FL_ERA_DAYS);
}

#endif
