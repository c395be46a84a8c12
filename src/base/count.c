/* The counters of count.h: the one mutable global of the library, in test builds only. */
#include "base/count.h"

#ifdef NS_COUNT_TAGS
uint64_t ns__counts[NS_COUNT_PLACE_COUNT];
#endif
