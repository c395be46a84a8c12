/* Postings of one word that wait for their exact score: in float they may be among the best. Counts
 * of them by steps of what they add tell meanwhile what as many reach as are wanted, so that few
 * are scored exactly that are not among those.
 *
 * Each posting must be a result, so not where articles have several, or some are deleted. */
#ifndef NS_SEARCH_WAITING_H
#define NS_SEARCH_WAITING_H

#include "base/mem.h"
#include "search/kernels.h"

enum { NS_WAITING_STEPS = 1024 };

typedef struct ns__waiting {
    uint32_t count, room;
    uint32_t limit;                    /* results wanted */
    uint32_t *tfs, *ids;               /* with room for a block behind the last one … */
    float *parts;                      /* … what each adds … */
    float *lengths;                    /* … and the lengths */
    float scale;                       /* of a part to steps */
    uint32_t step, above;              /* `above` postings in this step and those above */
    uint32_t counts[NS_WAITING_STEPS]; /* by steps, of all that ever waited */
} ns__waiting;

/* Of at most `most` postings that each add at most `largest`. False without memory. */
bool ns__waiting_open(ns__waiting *all, uint32_t limit, uint32_t most, float largest,
                      ns__arena *arena);
/* Takes the next `count`, which stand behind the last one. */
void ns__waiting_take(ns__waiting *all, uint32_t count);
/* What as many parts reach as results are wanted, but for rounding; 0 while that is not known. */
float ns__waiting_least(const ns__waiting *all);
/* Forgets parts below `need`. */
void ns__waiting_drop(ns__waiting *all, const ns__window_kernels *kernels, float need);
/* The same where there is no more room for a block; whether there is enough then: if not, the
 * postings have to be taken out. */
bool ns__waiting_make_room(ns__waiting *all, const ns__window_kernels *kernels, float need);

#endif
