/* The only door to clocks. */
#ifndef NS_OS_CLOCK_H
#define NS_OS_CLOCK_H

#include <stdint.h>

uint64_t ns__clock_ns(void);    /* monotonic, from an arbitrary start */
int64_t ns__clock_unix_s(void); /* seconds since 1970 UTC, for messages only: never written */

#endif
