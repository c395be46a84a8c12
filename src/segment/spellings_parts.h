/* Bytes of the sections of spellings, shared by writing and reading: see spellings.h. */
#ifndef NS_SEGMENT_SPELLINGS_PARTS_H
#define NS_SEGMENT_SPELLINGS_PARTS_H

#include "segment/spellings.h"

#define NS_SECTION_SPELLINGS NS_FOURCC('s', 'p', 'e', 'l')
#define NS_SECTION_SPELLING_CHUNKS NS_FOURCC('s', 'p', 'd', 'r')

enum {
    NS__SPELLING_HEAD = 24,      /* bytes in front of a chunk */
    NS__SPELLING_DIRECTORY = 12, /* bytes a chunk in the directory, behind 8 of its own */
    NS__SPELLING_STEP = 16       /* units for each of which the bits are known without adding */
};
#define NS__MAX_SPELLINGS (1u << 28) /* of a chunk: a code fits one load */

#endif
