/* Bytes of the sections of spellings, shared by writing and reading: see spellings.h. */
#ifndef NS_SEGMENT_SPELLINGS_PARTS_H
#define NS_SEGMENT_SPELLINGS_PARTS_H

#include "segment/spellings.h"

#define NS_SECTION_SPELLINGS NS_FOURCC('s', 'p', 'e', 'l')
#define NS_SECTION_SPELLING_CHUNKS NS_FOURCC('s', 'p', 'd', 'r')

enum {
    NS__SPELLING_STEP = 16 /* units of which one has its place without adding to that of another */
};
#define NS__MAX_SPELLINGS (1u << 28) /* of a chunk: a code fits one load */

#endif
