/* Dates of articles: seconds since 1970 UTC, with the precision and offset that was given. */
#ifndef NS_INGEST_DATE_H
#define NS_INGEST_DATE_H

#include "base/bytes.h"

typedef enum ns__date_precision {
    NS__DATE_NONE = 0, /* unknown */
    NS__DATE_YEAR,
    NS__DATE_MONTH,
    NS__DATE_DAY,
    NS__DATE_MINUTE,
    NS__DATE_SECOND
} ns__date_precision;

typedef struct ns__date {
    int64_t unix_s; /* start of the period given; INT64_MIN when unknown */
    ns__date_precision precision;
    int32_t offset_minutes; /* east of UTC as given; 0 when none was given */
    bool has_offset;        /* false: taken as UTC */
} ns__date;

/* Reads YYYY, YYYY-MM, YYYY-MM-DD, and those with T or space and HH:MM, HH:MM:SS, HH:MM:SS.fff,
 * with Z, +HH:MM, +HHMM or nothing; t and z will do, and blanks around it. Proleptic Gregorian,
 * years 0000 to 9999, in UTC too. False (and NONE) for anything else, impossible days and times
 * included (24:00 and leap second 60 are accepted). */
bool ns__date_parse(ns__str text, ns__date *out);

/* The ISO form in the precision and offset of the date, into text[32]; "" when unknown. */
void ns__date_format(const ns__date *date, char text[32]);

#endif
