/* What is done to a JSON line before yajl sees it. */
#ifndef NS_INGEST_MEND_H
#define NS_INGEST_MEND_H

#include "base/buf.h"

/* The line as valid UTF-8 in which no surrogate is escaped alone: the line itself when it is so
 * already, else a mended copy in *copy, where each ill-formed sequence and each lone surrogate is
 * U+FFFD. Adds their number to *replaced. The caller checks copy->failed and releases it. */
ns__str ns__mend_line(ns__str line, ns__buf *copy, size_t *replaced);

#endif
