/* A query running over one segment: the cursors of its groups, and what all engines share.
 *
 * A *unit* is what + and - are decided on: an article, or a passage with NS_SCOPE_PASSAGE. Engines
 * are told apart by how they choose the passages they look at; match.h says who decides. */
#ifndef NS_SEARCH_EXEC_H
#define NS_SEARCH_EXEC_H

#include "search/cursor.h"
#include "search/plan.h"
#include "search/topk.h"
#include "text/fold.h"

/* A group in one segment: the lists that it is matched and scored by, and those of its terms that
 * occur there. They are the same unless the terms are so many that their lists were merged into one
 * (merged.c), which has no positions. */
typedef struct ns__lists {
    ns__cursor *cursors;
    uint32_t count;
    ns__cursor *terms;
    uint32_t term_count;
    uint64_t df; /* sum over the cursors: what reading them costs */
} ns__lists;

/* What is known of a phrase in one segment. */
typedef struct ns__phrase {
    uint32_t *order;  /* slots, those with the fewest postings first */
    uint32_t article; /* the headline of this one was looked at; UINT32_MAX for none */
    bool in_headline; /* … and holds the phrase */
} ns__phrase;

typedef struct ns__positions {
    uint32_t *items;
    size_t count, capacity;
} ns__positions;

/* What is known of an article whose words decide on its passages. */
typedef enum ns__verdict { NS__UNKNOWN = 0, NS__ALLOWED, NS__REFUSED } ns__verdict;

/* Who is given every matching passage of a live article instead of the heap: those of one article
 * one behind the other, and, where no scores are wanted, perhaps only some of them. */
typedef struct ns__exec ns__exec;
typedef struct ns__collector {
    void (*take)(ns__exec *run, const ns__hit *hit, uint32_t article);
    void (*end_segment)(ns__exec *run); /* may be NULL */
    /* How early a window of passages should be looked at: the higher the earlier; false when there
     * is nothing in it that matters by now. NULL: all matter, in any order. */
    bool (*rank_window)(ns__exec *run, uint32_t window, int64_t *rank);
    bool scores; /* hits need their scores */
} ns__collector;

/* Where operands of a proximity leaf stand, and scratch for choosing among them: see proximity.h.
 */
typedef struct ns__place {
    uint32_t start, end; /* words [start, end) */
    uint32_t operand;
} ns__place;

typedef struct ns__near_end {
    uint32_t end, mask;
    int64_t value;
} ns__near_end;

typedef struct ns__near {
    ns__place *places;
    size_t count, capacity;
    ns__near_end *open; /* chains whose last operand has not ended yet */
    size_t open_capacity;
    ns__arena facts; /* sentences of an article's passages */
    uint32_t facts_of;
    bool facts_known;
    ns__article_facts article;
} ns__near;

typedef struct ns__filter_view ns__filter_view;
typedef struct ns__next_known ns__next_known;
struct ns__strays;

/* The words of the text that literals were compared with last: see literal.h. */
typedef struct ns__literal_text {
    ns__analyzer *analyzer;
    ns__tokens tokens;
    ns__buf window;             /* stored text as it was decoded last, from a block's beginning */
    uint64_t window_start;      /* where it begins */
    const ns__frame *window_of; /* of which segment; NULL: there is none */
    ns__str text;               /* in the window */
    uint32_t passage;
    bool title, known; /* whether `text` is of that passage … */
    bool cut;          /* … and `tokens` of that text, … */
    uint32_t lang;     /* … which is in this language */
} ns__literal_text;

/* What is known of how words are written: see spelled.h. */
typedef struct ns__spelled_memo ns__spelled_memo;
typedef struct ns__spelled_text {
    ns__spelling_chunk chunk;
    ns__spelling_cursor cursor; /* in `piece` */
    uint32_t piece;             /* headline or passage: what segment/spellings.h calls a unit */
    bool chunk_known, piece_known;
    ns__spelled_memo *memo; /* made when first needed */
    ns__buf surface, raw;
    ns__folder folder;
    ns__positions places;
} ns__spelled_text;

struct ns__exec {
    const ns__plan *plan;
    const ns_search_options *options;
    ns__topk *top;
    ns__collector *collector; /* NULL: none */
    ns_hits *hits;
    ns__reader *reader;
    uint64_t
        deadline; /* of options->clock; UINT64_MAX: never, but cancelling is asked for; 0: none */
    const ns__segment *segment;
    uint32_t segment_index;
    uint64_t first_article; /* snapshot number of the segment's first article */
    ns__lists *lists;       /* of each group */
    ns__phrase *phrases;    /* of each leaf and run; order NULL for words */
    bool *present;          /* scratch of bounds: of each group */
    uint32_t article, article_first, article_end; /* what ns__exec_article found last */
    ns__filter_view *views;                       /* of each filter: see filter.h */
    ns__next_known *known;                        /* of each condition: see tree.c */
    const ns_analysis_settings *analysis;
    bool words_only; /* nobody will ask where in a passage its words stand */
    bool lone;       /* lone.c finds the best of this segment */

    /* What may stay for the next search: memory only. */
    ns__positions starts, slot, merged; /* scratch of phrase checks */
    ns__arena headline;                 /* scratch: a headline's term ordinals */
    ns__buf value;                      /* scratch of filters: … */
    ns__zstrings_reader ids;
    ns__folder folder;
    ns__near near; /* scratch of proximity */
    ns__literal_text literal;
    ns__spelled_text spelled;
    ns__segment masked; /* the segment with fewer articles; nothing where there are no filters */
};

/* Begins a search with scratch of the one before, or none: zeroed. */
void ns__exec_begin(ns__exec *run, const ns__plan *plan, const ns_search_options *options,
                    ns__reader *reader);
/* Ends a search: small scratch stays. */
void ns__exec_end(ns__exec *run);

/* Opens the lists of all groups in segment `index`; with `bounds`, the score bounds too. */
ns_status ns__exec_open(ns__exec *run, const ns_index *index, uint32_t segment, bool bounds);
void ns__exec_release(ns__exec *run); /* scratch only: lists live in the arena */

static inline bool ns__exec_failed(const ns__exec *run)
{
    return run->reader->status != NS_OK;
}

/* Whether the time is up: then the run has failed with NS_DONE, which ends every engine, and what
 * it has is a partial answer. Or with NS_ERR_CANCELLED, when the caller wants that. Engines ask
 * where they begin on a block, a window or an article. */
bool ns__exec_late(ns__exec *run);
static inline bool ns__exec_expired(ns__exec *run)
{
    return run->deadline != 0 && ns__exec_late(run);
}

/* Ends the run: the table of passages contradicts itself. Returns false. */
bool ns__exec_corrupt(ns__exec *run);

/* Whether hits are still being counted. */
static inline bool ns__exec_counts(const ns__exec *run)
{
    return run->hits->exact;
}

/* What a bound added up in double must reach for its passages to matter: a little less than the
 * threshold. Bounds are never below the exact parts they stand for; sums of up to 2^11 of them err
 * by less than 2^-40 of their value, and rounding a score to float by 2^-24. */
static inline double ns__exec_bar(const ns__exec *run)
{
    double threshold = (double)ns__topk_threshold(run->top);
    return threshold < 0 ? -1 : threshold * (1 - 0x1p-20);
}

/* ---- merged.c ---- */

enum { NS_MERGED_FROM = 9 }; /* lists of so many terms are merged */

/* Reads all lists of a group into one in memory, which takes their place; with `bounds`, the score
 * bounds of its blocks too. */
ns_status ns__lists_merge(ns__exec *run, ns__lists *lists, bool bounds);

/* ---- Articles, scores and bounds ---- */

/* The facts of a passage's article, until the next call; it has that passage. NULL when the run
 * failed. */
const ns__article_facts *ns__exec_facts(ns__exec *run, uint32_t passage);
/* The article of a passage, and its passages; false (and a failed run) when the table is damaged.
 */
bool ns__exec_article(ns__exec *run, uint32_t passage, uint32_t *article, uint32_t *first,
                      uint32_t *end);
/* The same for many at once: their articles, which ns__exec_enter takes and checks one by one. */
void ns__exec_articles(const ns__exec *run, const ns__window_kernels *kernels,
                       const uint32_t *passages, uint32_t count, uint32_t *out);
bool ns__exec_enter(ns__exec *run, uint32_t passage, uint32_t article);
/* The unit of a passage as a range of passages; false as above. */
bool ns__exec_unit(ns__exec *run, uint32_t passage, uint32_t *first, uint32_t *end);

/* The number in the snapshot by which an article is known, and ties are broken. */
uint64_t ns__exec_number(ns__exec *run, uint32_t article);
/* Offers a matching passage of a live article. */
void ns__exec_offer(ns__exec *run, uint32_t article, uint32_t passage, float score);
/* Counts an article with `passages` matching ones; turns counting off where it may stop. */
void ns__exec_count(ns__exec *run, uint32_t passages);

/* The exact score of a passage. */
float ns__exec_score(ns__exec *run, uint32_t passage);
/* Whether any passage of [first, end) might score enough to enter, judged by block bounds. *until
 * gets a passage >= end up to which (excluded) the same answer holds. */
bool ns__exec_may_enter(ns__exec *run, uint32_t first, uint32_t end, uint32_t *until);
/* The required leaf with the fewest postings to read, *cost of them; UINT32_MAX for none. */
uint32_t ns__exec_leader(const ns__exec *run, uint64_t *cost);

/* ---- Engines: each offers all matching passages of the segment that can enter the heap ---- */

/* exhaustive.c: any flat query. Scores every matching passage (with `score`) and counts (while
 * counting). */
void ns__search_exhaustive(ns__exec *run, bool score);
/* drive.c: flat queries without runs. Does not count. */
bool ns__drive_can(const ns__exec *run);
/* Whether its matches are decided on each passage alone, + by its words, - by its unit; else units
 * are asked about each passage that would enter. */
bool ns__drive_by_passage(const ns__exec *run);
void ns__search_drive(ns__exec *run);
/* drive_units.c: the same where units are articles and those that match are few; see units.h.
 * Counts too. False when another engine does better, and nothing was done. */
bool ns__search_units(ns__exec *run);
/* lone.c: one wanted word of one list, whose quantised bounds hold: the same, for one segment. No
 * other bounds have to be open. */
bool ns__lone_can(const ns__plan *plan, const ns_search_options *options,
                  const ns__segment *segment);
/* The same where all lists but one are strays, which are left out (strays.h). The lists are open.
 */
bool ns__lone_suits(const ns__exec *run, const struct ns__strays *strays);
void ns__search_lone(ns__exec *run, const struct ns__strays *strays); /* NULL: none */
/* tally.c: the same for counting, and only that; any number of lists a word. */
bool ns__tally_can(const ns__exec *run);
void ns__search_tally(ns__exec *run, bool offers);
/* Whether it should offer what it counts to the heap as well: hits of a phrase are few, and finding
 * them twice costs more than scoring all of them. */
bool ns__tally_offers(const ns__exec *run);
/* conjunction.c: counts what a query with a required leaf matches, article by article. */
void ns__search_conjunction(ns__exec *run);
/* intersection.c: queries decided on each passage alone, with a required leaf. Counts on the way.
 */
void ns__search_intersection(ns__exec *run);
/* tree_sets.c: trees of words. Counts too. False when another engine does better, and nothing was
 * done. */
bool ns__search_tree_sets(ns__exec *run, bool score);
/* Whether so many results are wanted that bounds would rule out too little to be worth it. */
bool ns__exec_wants_most(const ns__exec *run);
/* tree.c: any query, also such as are no flat list of words; article by article. Counts on the way;
 * without `score` only that. */
void ns__search_tree(ns__exec *run, bool score);
/* disjunction.c: any flat query; best where nothing is required or what is required is frequent.
 * Does not count. */
void ns__search_disjunction(ns__exec *run);

#endif
