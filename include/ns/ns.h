/* libns: full-text search for news archives. Includes every public header. */
#ifndef NS_NS_H
#define NS_NS_H

#include "ns/analysis.h"
#include "ns/index.h"
#include "ns/search.h"
#include "ns/status.h"
#include "ns/writer.h"

#endif
