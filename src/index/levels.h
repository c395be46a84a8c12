/* Which of the newest segments are merged into one, so that an index to which little is added again
 * and again keeps few segments and hardly any text is written often. */
#ifndef NS_INDEX_LEVELS_H
#define NS_INDEX_LEVELS_H

#include <stdint.h>

/* A level holds segments of up to TIMES the bytes of the level below, the lowest up to LEAST bytes.
 * Where at least ALIKE of one level stand at the end, with any smaller ones between and behind
 * them, they are merged; else, where there are MOST in all, those at the end that take the fewest
 * bytes to write for each segment that goes. */
enum { NS_LEVEL_TIMES = 10, NS_LEVEL_ALIKE = 10, NS_LEVEL_MOST = 50 };
#define NS_LEVEL_LEAST (UINT64_C(1) << 20)

/* `bytes` of the files of each segment, oldest first. Those from the one returned on become one;
 * `count`: none do. What they come to may be the last that its own level was waiting for: then that
 * is merged in the same go. Segments stay in their order, so that of equal scores the same article
 * comes first. As a log-structured merge tree does it (O'Neil and others, 1996), with all that is
 * newer than what is merged taken along. `count` is at most NS_MAX_SEGMENTS. */
uint32_t ns__levels_from(const uint64_t *bytes, uint32_t count);

#endif
