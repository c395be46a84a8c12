/* The civil calendar: days since 1970 and year, month, day; proleptic Gregorian. */
#ifndef NS_BASE_CALENDAR_H
#define NS_BASE_CALENDAR_H

#include <stdint.h>

enum { NS_DAY_S = 86400 };

/* Days from 1970-01-01 to that day; month 1 to 12. */
int64_t ns__days_from_civil(int64_t year, int month, int day);
void ns__civil_from_days(int64_t days, int64_t *year, int *month, int *day);
int ns__days_in_month(int64_t year, int month);
/* The day a second is in, and the day of its week: 0 is Monday. */
int64_t ns__day_of(int64_t seconds);
int ns__weekday(int64_t days);

#endif
