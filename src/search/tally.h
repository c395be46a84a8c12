/* Counting without scores, for queries that are decided passage by passage, or by what stands
 * anywhere in an article.
 *
 * A window of passages at a time, every word is a bit set: + are intersections, - differences, the
 * rest unions. Blocks that are stored as bit sets are taken as they are. Where the rarest required
 * word is rare, its postings are looked up in the other lists instead, a block at a time and the
 * rarer lists first. Phrases are checked where all of their words, and all else that is required,
 * stand. */
#ifndef NS_SEARCH_TALLY_H
#define NS_SEARCH_TALLY_H

#include "search/exec.h"
#include "search/kernels.h"
#include "search/starts.h"

/* Led: passages with the group are kept or, not `wanted`, dropped. */
typedef struct ns__tally_question {
    uint32_t group;
    bool wanted;
} ns__tally_question;

typedef struct ns__tally {
    ns__exec *run;
    const ns__window_kernels *kernels;
    ns__cursor **cursors;            /* copies of those of each group */
    uint32_t window, words;          /* passages of a full window; 64 of them a word */
    uint32_t first, end;             /* passages of the window looked at */
    uint64_t *matched, *leaf, *slot; /* words + 1 each */
    uint32_t *wanted, wanted_count;  /* groups of words that are wanted and no phrases */
    uint8_t *bytes;                  /* one a passage; all 0 between uses */
    bool offers;                     /* scores what it counts and offers it to the heap */
    uint32_t article, matches;       /* what is being counted */
    bool counted;                    /* the last article was, where the next window begins */
    struct ns__tally_units *units;   /* of tally_units.c; NULL when passages decide */
    /* Led: the phrase that starts are kept for, or UINT32_MAX; of each id, its posting in the
     * leader's block and the starts, once some other word narrowed them. */
    uint32_t phrase, leader, question_count;
    ns__tally_question *questions;
    ns__starts *starts;
    uint32_t slots[NS_BLOCK_ROOM];
    /* Of each group, by such postings; NULL where scores are not made of them. Then the float sums
     * of what is left of a block, and its lengths. */
    uint32_t **tfs;
    float *sums, *lengths;
    /* Groups that are wanted, where others are required: asked about what is left of a block. */
    uint32_t *extras, extra_count;
    bool started;
    bool phrases; /* some leaf that is required or excluded is one */
    bool by_bits; /* articles are passages, none is deleted and nobody wants to know which they are:
                     bits are counted as they are */
} ns__tally;

/* ---- tally.c ---- */

/* Whether each passage tells by itself whether it matches. */
bool ns__tally_by_passage(const ns__exec *run);
/* Makes all->cursors. False without memory. */
bool ns__tally_open_cursors(ns__tally *all);

/* ---- tally_offer.c ---- */

/* Room for tfs, where every word that scores is one that is required. False without memory. */
bool ns__tally_open_tfs(ns__tally *all);
/* Remembers the tfs of a group's postings `at`, of the block that its cursor was asked about. */
void ns__tally_keep_tfs(const ns__tally *all, uint32_t group, const uint32_t *slots, uint32_t count,
                        const uint32_t *at);
/* The float sums of passages, the slots of which are all->slots, by their tfs of all words. With
 * `keep`, what may not enter the heap is dropped. Returns how many are left. */
uint32_t ns__tally_rate(ns__tally *all, uint32_t *ids, uint32_t count, bool keep);
/* Whether number i of them may enter the heap. */
bool ns__tally_may_enter(const ns__tally *all, uint32_t i);
/* Offers number i of them, or without tfs any passage, with its exact score. */
void ns__tally_offer(const ns__tally *all, uint32_t i, uint32_t passage);

/* ---- tally_sets.c ---- */

/* Adds the passages of groups to a set. False when the reader failed, here and below. */
bool ns__tally_add_groups(ns__tally *all, const uint32_t *groups, uint32_t count, uint64_t *set);
static inline bool ns__tally_add_group(ns__tally *all, uint32_t group, uint64_t *set)
{
    return ns__tally_add_groups(all, &group, 1, set);
}
bool ns__tally_is_empty(const ns__tally *all, const uint64_t *set);
/* Of `within` (NULL for all), the passages with every word of a leaf, into all->leaf. */
bool ns__tally_find_leaf(ns__tally *all, uint32_t leaf, const uint64_t *within);
/* Takes out of `set` the passages where the phrase does not stand. */
void ns__tally_verify(ns__tally *all, uint32_t leaf, uint64_t *set);

/* ---- tally_count.c ---- */

void ns__tally_count_passage(ns__tally *all, uint32_t passage); /* in order */
void ns__tally_end_article(ns__tally *all);                     /* behind the last one */
/* Counts so many passages at once, where nothing is to be asked of each. */
bool ns__tally_count_at_once(const ns__tally *all, uint64_t passages);
/* Counts so many articles and passages, as one by one. */
void ns__tally_count_articles(ns__tally *all, uint64_t articles, uint64_t passages);
/* Counts what is in all->matched. */
void ns__tally_count_matched(ns__tally *all);

/* ---- tally_led.c ---- */

bool ns__tally_has_phrases(const ns__plan *plan);
/* The rarest required group; UINT32_MAX where none can lead. *nothing is set when a required word
 * is nowhere. */
uint32_t ns__tally_find_leader(const ns__exec *run, bool *nothing);
/* Whether reading the leader's postings and looking them up in the other lists takes less than
 * making all of them bit sets, or a phrase is decided on the way. */
bool ns__tally_leads(const ns__exec *run, uint32_t leader);
/* Looks ids[0 .. count) up in the list of a group whose word need not be there: their tfs, or 0, go
 * to those of their slots. False when the reader failed. */
bool ns__tally_look_up(ns__tally *all, uint32_t group, const uint32_t *ids, uint32_t count);
void ns__tally_count_led(ns__tally *all);
/* Two words, either of which will do, one of them rare: what the other one's df lacks. False when
 * that is not so. */
bool ns__tally_count_either(ns__tally *all);

/* ---- tally_units.c ---- */

/* Whether articles can be counted in which + and - words stand anywhere. */
bool ns__tally_units_can(const ns__exec *run);
bool ns__tally_units_open(ns__tally *all);
void ns__tally_units_count(ns__tally *all); /* a window */
void ns__tally_units_end(ns__tally *all);   /* behind the last one */

static inline bool ns__tally_no_memory(ns__exec *run)
{
    if (run->reader->status == NS_OK)
        run->reader->status = ns__no_memory(run->reader->err);
    return false;
}

#endif
