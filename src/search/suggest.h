/* Completing a word: the parts of suggest.c that have files of their own. */
#ifndef NS_SEARCH_SUGGEST_H
#define NS_SEARCH_SUGGEST_H

#include "base/buf.h"
#include "base/error.h"
#include "index/snapshot.h"
#include "text/fold.h"

/* A term and one of its forms; both stand in the arena. */
typedef struct ns__completion {
    ns__str term, form; /* form.data NULL: none that fits stands in the segment */
    uint64_t df;
    uint32_t segment; /* the one that it was found in */
} ns__completion;

typedef struct ns__completer {
    const ns_index *index;
    ns__folder folder;
    ns__str prefix; /* folded */
    ns__arena arena;
    ns__completion *list;
    size_t count, capacity;
    ns_error *err;
} ns__completer;

static inline bool ns__form_is_shorter(ns__str a, ns__str b)
{
    return a.length != b.length ? a.length < b.length : ns__str_compare(a, b) < 0;
}

/* The same where there may be none: data NULL. */
static inline bool ns__form_is_better(ns__str a, ns__str b)
{
    return a.data != NULL && (b.data == NULL || ns__form_is_shorter(a, b));
}

/* Whether a form begins with the prefix, folded as that is. NS_ERR_ARGUMENT: it is not UTF-8. */
ns_status ns__completer_fits(ns__completer *all, ns__str form, bool *yes);
/* A copy in the arena. */
ns_status ns__completer_copy(ns__completer *all, ns__str text, ns__str *out);
/* Adds the terms of a segment that a form with the prefix leads to, each with the shortest, and
 * without one all other terms that begin with the prefix. */
ns_status ns__completer_walk(ns__completer *all, uint32_t segment);
/* Adds to the first entry of a term, of which there is one a segment that was found to have it, its
 * passages in the other segments: where it begins with the prefix, none has it. */
ns_status ns__completer_elsewhere(ns__completer *all, ns__completion *first, size_t entries);
/* suggest_usual.c: puts in place of the forms of the first few, `limit` at most, the most frequent
 * ones where they stand. */
ns_status ns__completer_usual(ns__completer *all, size_t limit);

/* What a text ends within: words; a value of a field whose values are few, which begins at `value`,
 * with its quote at `start`; or a date, an id, an address, a value that is closed: nothing that
 * could be completed. */
typedef struct ns__ending {
    enum { NS__ENDS_IN_WORDS, NS__ENDS_IN_VALUE, NS__ENDS_OTHERWISE } kind;
    size_t start, value;
    ns__column column;
} ns__ending;

/* suggest_values.c: reads the text (valid UTF-8) as a query is read. */
ns_status ns__completer_ending(ns__str text, ns__ending *out, ns_error *err);
/* Folds a value, or the beginning of one, into the folder's term. */
ns_status ns__completer_fold_value(ns__completer *all, ns__str value);
/* Adds the values of a segment's articles of which a word begins with the prefix, as they are
 * written in a query. */
ns_status ns__completer_values(ns__completer *all, const ns__segment *segment, ns__column column);

#endif
