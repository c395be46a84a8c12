/* What a query asks of an index: its words as groups of terms, its leaves over them, and the
 * conditions over those.
 *
 * A *group* is one word of the query: the terms that it leads to in any language of the index,
 * scored as one (tf summed, the largest df). A *leaf* wants, requires or excludes a word (one slot)
 * or a phrase (several slots that must stand one behind the other); slots are groups. Groups are
 * distinct and stand in byte order of their terms, which is the order scores are added in.
 *
 * Most queries are *flat*: one list of words and phrases, which the leaves' occurs say all about,
 * and filters that hold for the whole query, which become a mask of articles. Whatever else there
 * is (nesting, proximity, fields, filters inside of OR) is a tree of conditions that one engine
 * (tree.c) goes through, or of words alone, another (tree_sets.c).
 *
 * A *run* is a wanted word of a script without spaces that analysis cut into two or more bigrams,
 * or all of a query that it cut into parts of which one is a single character, such as AT&T. Each
 * of them is a leaf; the run itself only adds a bonus to passages where it stands as a phrase. Runs
 * are kept as leaves behind those that decide what matches.
 *
 * A *line* is words of such scripts that stand one behind the other in the query, whatever signs
 * and spaces are between them: the second step of ranking asks whether an article begins with it.
 * Lines are kept as leaves behind the runs. */
#ifndef NS_SEARCH_PLAN_H
#define NS_SEARCH_PLAN_H

#include "base/mem.h"
#include "index/snapshot.h"
#include "ns/search.h"
#include "query/query.h"
#include "search/score.h"
#include "search/watch.h"

typedef struct ns__group {
    const ns__str *terms; /* ascending, distinct; not all of them need be in the index */
    uint32_t term_count;
    uint32_t weight; /* occurrences in leaves that are wanted or required; 0: only excluded */
    double boost;    /* the sum of their weights: `weight` itself unless the query says otherwise */
    uint64_t df;     /* the largest of its terms' */
    bool halves;     /* a lone cluster and the bigrams that begin or end with it */
    bool looked_up;  /* of one term, in the only segment: it is `found`, or nowhere when df is 0 */
    ns__term found;
    double factor; /* boost * idf */
} ns__group;

typedef enum ns__leaf_kind {
    NS__LEAF_TERMS, /* a word, or words one behind the other */
    NS__LEAF_NEAR,  /* operands within a distance */
    NS__LEAF_WITHIN /* operands within a sentence or paragraph */
} ns__leaf_kind;

/* What a word becomes in texts of a language: case folded, and with its capitals. */
typedef struct ns__literal_form {
    uint32_t lang; /* ns__lang */
    ns__str surface, written;
} ns__literal_form;

/* A word that must stand as it is written. */
typedef struct ns__literal {
    const ns__literal_form *forms;
    uint32_t count; /* 1: it is the same in all languages */
    bool cased;     /* it has a capital: capitals count */
} ns__literal;

/* One way to meet an operand: slots one behind the other. */
typedef struct ns__alternative {
    const uint32_t *slots;
    uint32_t slot_count;         /* 0: cannot be met */
    const ns__literal *literals; /* of each slot, when it is to stand as written; else NULL */
} ns__alternative;

typedef struct ns__operand {
    ns__alternative *items;
    uint32_t count;
} ns__operand;

typedef struct ns__plan_leaf {
    ns__occur occur;       /* of a tree: NS__NOT when it adds nothing to scores, else NS__SHOULD */
    const uint32_t *slots; /* group indices; of all operands */
    uint32_t slot_count;   /* 1: a word; 0: a phrase too long to match anything */
    double bonus;          /* of a run; see score.h */
    bool joined;           /* a bigram or part of a run, and not its first */
    const ns__literal
        *literals; /* TERMS: of each slot, when it is to stand as written; else NULL */
    ns__leaf_kind kind;
    ns__field field; /* ANY, TITLE or BODY: where it must stand */
    bool ordered, paragraph;
    uint32_t distance; /* NEAR: see query.h */
    const ns__operand *operands;
    uint32_t operand_count;
} ns__plan_leaf;

/* Something that holds for an article or not, whatever its words. */
typedef struct ns__filter {
    ns__node_kind kind; /* VALUE, DATE or ALL */
    ns__field field;
    ns__str text; /* VALUE: folded; of ids as written */
    bool pattern; /* … it has * or ? */
    int64_t from, to;
    ns__occur occur; /* NS__NOT under an odd number of NOTs */
} ns__filter;

typedef enum ns__cond_kind { NS__COND_LIST, NS__COND_LEAF, NS__COND_FILTER } ns__cond_kind;

/* A condition: a leaf, a filter, or a list of conditions as query.h describes it. */
typedef struct ns__cond {
    ns__cond_kind kind;
    ns__occur occur;      /* in its list */
    uint32_t index;       /* of the leaf or filter */
    uint32_t child, next; /* indices or NS__NO_NODE */
    bool wants;           /* LIST: one of its SHOULD children must hold */
} ns__cond;

typedef struct ns__plan {
    ns__bm25 bm25;
    ns__group *groups;
    uint32_t group_count;
    ns__plan_leaf *leaves;
    uint32_t leaf_count;
    uint32_t run_count;            /* runs: leaves[leaf_count .. leaf_count + run_count) */
    uint32_t line_count;           /* lines: the leaves behind them */
    uint32_t musts, shoulds, nots; /* leaves of each kind; of a tree: no musts */
    bool phrases;                  /* some wanted or required leaf is a phrase */
    ns__cond *conds;               /* the root first: a list; without filters that mask */
    uint32_t cond_count;
    ns__filter *filters;
    uint32_t filter_count;
    bool tree; /* the conditions are more than the leaves' occurs say */
    uint32_t
        masks; /* conditions of filters alone that hold for the whole query: a chain by `next` */
    bool by_filter; /* some filter is not excluded: an article without a wanted leaf may match */
    bool cut;       /* some pattern or fuzzy word stands for more terms than are allowed */
} ns__plan;

/* The bigrams of an index that begin or end with `cluster`, the term of a word of one grapheme
 * cluster in a script without spaces: at most `room` of them, those of the highest df, ties in
 * byte order. Terms are copied to the arena. */
ns_status ns__expand_cluster(const ns_index *index, ns__str cluster, size_t room, ns__arena *arena,
                             ns__str **terms, size_t *count, ns_error *err);

/* A pattern (words with * and ?) or a fuzzy word as the terms it leads to. */
typedef struct ns__spread {
    ns__str text;   /* folded: ns__fold_text */
    bool fuzzy;     /* else a pattern */
    uint32_t edits; /* of a fuzzy word: insertions, deletions, changes, exchanges of neighbours */
    ns__str *terms; /* out: ascending, distinct */
    size_t count;   /* out: at most NS_MAX_EXPANSIONS */
    bool cut;       /* out: there were more; those of the highest df were kept */
} ns__spread;

/* Finds the terms of all of them, at most `room` in all. Terms live in the arena. NS_DONE when the
 * time was up first: then they stand for nothing. */
ns_status ns__expand_forms(const ns_index *index, const ns__watch *watch, ns__spread *spreads,
                           size_t count, size_t room, ns__arena *arena, ns_error *err);

#endif
