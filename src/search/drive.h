/* The engine for queries that are decided passage by passage: a list drives, a block of its
 * postings at a time, and the others are asked only about what is left of the block.
 *
 *   - Nothing is decoded of a block whose bounds, with those of the other lists over the same
 *     passages, stay below the bar. Blocks of high bounds go first.
 *   - The block's postings are scored in float; those that cannot reach the bar with all that the
 *     other lists may add here are dropped. Of a phrase, where that would drop none, only what has
 *     the phrase is scored.
 *   - The others are asked in turn, required ones first; each answer drops more.
 *   - What is left is scored exactly and, if it enters the heap, asked for phrases and exclusions.
 *
 * Wanted lists drive once each, those of the highest bounds first: in the pass of a list only
 * passages count that none of the lists before holds, so the passes end as soon as the lists that
 * are left cannot reach the bar together. This is MaxScore (Turtle and Flood, 1995) turned around:
 * a list that is not essential never drives. With required words, whatever the wanted ones leave is
 * left to the rarest required one; only wanted lists that are rarer than it drive before.
 *
 * A word of several terms has several lists, its mates, and what it adds goes by the sum of their
 * tfs. Until the exact score what they add is added up: tf / (tf + K) of a sum is never above the
 * sum of what each gives. Bounds of mates are joined more closely: see drive_bounds.c. Of a
 * required word one list or another has to hold the passage. */
#ifndef NS_SEARCH_DRIVE_H
#define NS_SEARCH_DRIVE_H

#include "search/exec.h"
#include "search/kernels.h"
#include "search/starts.h"
#include "search/strays.h"

enum { NS_DRIVE_LISTS = 64 };    /* more lists are left to the other engines */
#define NS_DRIVE_NONE UINT32_MAX /* no list drives: drive_units.c */

typedef struct ns__drive_list {
    ns__cursor cursor; /* its own: questions about phrases move those of the groups */
    uint32_t group;
    bool required;       /* the word is, and this is its only list */
    bool of_required;    /* the word is */
    bool last;           /* of the lists of its word, which stand together */
    bool in_phrase;      /* a slot of the phrase that starts are kept for */
    bool driven;         /* drove already: whoever holds a posting of it was looked at */
    float factor;        /* not below the group's */
    const int32_t *tops; /* bounds of its blocks as bits: floats that are not negative compare so */
    float most;          /* what it adds at most, anywhere */
    float after; /* what the words behind its own add at most, over the driving block, … */
    float more;  /* … the mates behind it, once it was asked, … */
    float here;  /* … and it and they together, before; may be less than its block's bound says */
    uint32_t peeked; /* a block near the one looked at last */
    uint32_t *tfs;   /* of the slots that are alive: 0 where the list has no posting */
} ns__drive_list;

typedef struct ns__drive {
    ns__exec *run;
    const ns__window_kernels *kernels;
    ns__drive_list *lists;  /* in the order in which they are asked */
    uint32_t count, driver; /* driver: NS_DRIVE_NONE, or which list */
    uint32_t leaders;       /* lists of the rarest required word: the first ones */
    uint32_t *canonical;    /* lists in the order of their groups: that of adding exact scores */
    float *totals; /* of each block of the driver: the most that a passage there can have */
    float *odds;   /* scratch, as many */
    float slack;   /* what float sums may be too low by, as a factor */
    /* Postings of the driving block that were not dropped yet, ascending: its slots (indices in the
     * block), passages, lengths, and the sums of what lists gave so far. */
    uint32_t alive;
    uint32_t slots[NS_BLOCK_ROOM], ids[NS_BLOCK_ROOM];
    uint32_t numbers[NS_BLOCK_MAX]; /* 0, 1, 2, … */
    float lengths[NS_BLOCK_ROOM], sums[NS_BLOCK_ROOM];
    uint32_t phrase;          /* the leaf that starts are kept for; UINT32_MAX for none */
    ns__starts *starts;       /* of each slot that is alive, once `started` */
    bool started;             /* the driver and some other list narrowed them */
    bool late;                /* what is alive is not rated yet: no sums and lengths are known */
    bool settled;             /* only passages of articles that match are looked at, … */
    const uint64_t *mask;     /* … by these bits, of all passages, or as they are given: NULL */
    const ns__strays *strays; /* lists that are left out, and their passages; NULL: none */
    bool excludes;            /* it is known whether words of one list each are all that is
                                 excluded; their lists: */
    ns__cursor *excluded;
    uint32_t excluded_count;
    bool free;       /* what is alive of the block has no excluded word */
    uint32_t judged; /* the article whose verdict is known; UINT32_MAX for none */
    bool verdict;
    bool in_vain;      /* the best of a block did not suffice to fill the heap: see drive_best.c */
    uint8_t *verdicts; /* ns__verdict of each article, where units are asked; else NULL */
} ns__drive;

/* ---- drive.c ---- */

/* Opens the lists of the run, without strays. `settled`: only passages of articles that match will
 * be asked about. False when nothing matches, or the run failed. */
bool ns__drive_open(ns__drive *drive, ns__exec *run, bool settled, const ns__strays *strays);
/* Lets one list after the other drive, behind a mask or NULL. */
void ns__drive_search(ns__exec *run, bool settled, const uint64_t *mask);

/* ---- drive_strays.c ---- */

/* Looks at passages of strays; all lists are open. */
void ns__drive_strays(ns__drive *drive, const ns__strays *strays);

/* ---- drive_block.c ---- */

/* Scores what can enter of block `block` of the driver. */
void ns__drive_block(ns__drive *drive, uint32_t block);
/* Asks all lists about drive->ids[0 .. count), at most NS_BLOCK_MAX, and offers what is left. */
void ns__drive_passages(ns__drive *drive, uint32_t count);
/* Asks all lists about what is alive, and offers what is left. */
void ns__drive_ask(ns__drive *drive);

static inline float ns__drive_float(int32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Whether a list is asked in the pass of the driver. */
static inline bool ns__drive_asks(const ns__drive *drive, uint32_t list)
{
    return list != drive->driver && !drive->lists[list].driven;
}

/* ---- drive_ask.c ---- */

/* Asks all lists that are asked about what is alive, and drops what cannot enter or match any more.
 * A word of several lists is there if one of them holds it. */
void ns__drive_ask_all(ns__drive *drive);
/* Drops what cannot begin the phrase, where it is the driver's word again and again, so that no
 * list was asked for places. */
void ns__drive_start_phrase(ns__drive *drive);

static inline ns__alive ns__drive_alive(ns__drive *drive, uint32_t i)
{
    return (ns__alive){drive->slots + i, drive->ids + i, drive->sums + i, drive->lengths + i};
}

/* Moves what is alive at `i` to `kept`. */
static inline void ns__drive_keep(ns__drive *drive, uint32_t kept, uint32_t i)
{
    drive->slots[kept] = drive->slots[i];
    drive->ids[kept] = drive->ids[i];
    drive->sums[kept] = drive->sums[i];
    drive->lengths[kept] = drive->lengths[i];
}

/* ---- drive_exclude.c ---- */

/* Drops what is alive and has an excluded word, where that takes less time than to ask one by one.
 */
void ns__drive_exclude(ns__drive *drive);

/* ---- drive_judge.c ---- */

/* Puts into the heap what is alive, enters it, matches and is allowed. */
void ns__drive_judge(ns__drive *drive, const uint32_t *articles, const float *scores);

/* ---- drive_best.c ---- */

/* Does that with the best of what is alive of a block first, whose passages are first..last, and
 * then with the rest. False where that does not help, and nothing was done. */
bool ns__drive_best_first(ns__drive *drive, uint32_t first, uint32_t last);

/* ---- drive_score.c ---- */

/* The exact scores of what is alive. */
void ns__drive_score(const ns__drive *drive, float *scores);

/* ---- drive_bounds.c ---- */

/* The most that all lists that did not drive yet add to a passage. */
float ns__drive_left(const ns__drive *drive);
/* The most that a passage of each block of the driver can have, into totals; returns the largest of
 * them. */
float ns__drive_totals(ns__drive *drive);
/* The most that each of `count` passages, ascending, at most NS_BLOCK_MAX, can have of all lists.
 */
void ns__drive_totals_at(ns__drive *drive, const uint32_t *passages, uint32_t count, float *totals);
/* What the lists that are asked can add to passages first..last, into each of them, and what the
 * driver's part must be at least, into *need. False when some required word holds nothing there. */
bool ns__drive_needs(ns__drive *drive, uint32_t first, uint32_t last, float *need);

/* ---- drive_prime.c ---- */

/* Raises the bar to what, by the bounds of some list, as many passages reach as are wanted: where a
 * passage of each posting is a result. */
void ns__drive_prime(ns__drive *drive);

/* The bar for float sums. */
static inline float ns__drive_bar(const ns__drive *drive)
{
    float threshold = ns__topk_threshold(drive->run->top);
    return threshold < 0 ? -1.0f : threshold / drive->slack;
}

#endif
