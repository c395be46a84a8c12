/* Values as they are written in a query. */
#ifndef NS_QUERY_QUOTE_H
#define NS_QUERY_QUOTE_H

#include "base/buf.h"
#include "base/bytes.h"

/* Appends a value (valid UTF-8) so that it is read as it is: between quotes where it needs some, or
 * the text before and behind has them already. */
void ns__put_value(ns__buf *out, ns__str value, bool has_quotes);

#endif
