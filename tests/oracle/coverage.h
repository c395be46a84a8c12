/* What the oracle's queries entered: see coverage.c. */
#ifndef NS_TESTS_ORACLE_COVERAGE_H
#define NS_TESTS_ORACLE_COVERAGE_H

#include "oracle/collection.h"

/* Prints how often each place was entered. With --require-coverage: false when one that the
 * settings reach was not. */
bool coverage_report(const collection *c);

#endif
