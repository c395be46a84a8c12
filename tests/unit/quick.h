/* How much is tested: tools/test.sh says what runs where. */
#ifndef TESTS_UNIT_QUICK_H
#define TESTS_UNIT_QUICK_H

#include <stdbool.h>
#include <stdlib.h>

/* Whole corpora are for optimised builds, once (tools/test.sh), and for those who ask. */
static inline bool full_tests(void)
{
#ifdef NDEBUG
    return getenv("NS_QUICK") == NULL;
#else
    return getenv("NS_FULL") != NULL;
#endif
}

/* Under sanitizers and valgrind: every path, but not every pair of settings. */
static inline bool quick_tests(void)
{
    return getenv("NS_QUICK") != NULL;
}

/* How often a test with random input goes round: a tenth as often under valgrind, which takes
 * thirty times as long. It looks for bytes never written; hostile ones are for the address
 * sanitizer. */
static inline int rounds(int all)
{
    return getenv("NS_UNDER_VALGRIND") ? all / 10 : all;
}

/* Where one thread runs: nothing for the thread sanitizer, which takes ten times as long. */
static inline void for_more_threads(void)
{
#ifdef __SANITIZE_THREAD__
    skip();
#endif
}

#endif
