/* What a lone cluster of a script without spaces also finds: the bigrams around it.
 *
 * Those that begin with it are a range of the dictionary; those that end with it are found by
 * reading all terms of such scripts. */
#include <stdlib.h>

#include "base/limits.h"
#include "search/plan.h"
#include "text/analyzer.h"
#include "text/utf8.h"

typedef struct found {
    ns__str term;
    uint64_t df;
} found;

typedef struct expansion {
    const ns_index *index;
    ns__str cluster;
    ns__arena *arena;
    ns__analyzer *analyzer;
    ns__tokens tokens;
    uint32_t analysed; /* halves looked at */
    found *items;
    size_t count, capacity;
    ns_error *err;
} expansion;

/* The first script without spaces begins at U+0E00 (Thai); none has a character before it. */
#define FIRST_CHARACTER "\xe0\xb8\x80"

/* Whether `text` is one cluster of such a script and nothing else. */
static ns_status is_cluster(expansion *all, ns__str text, bool *yes)
{
    enum { FORGET = 4096 }; /* forgetting what it knows costs more than some of these */
    all->tokens.count = 0;
    if (++all->analysed % FORGET == 0)
        ns__analyzer_clear(all->analyzer);
    NS_TRY(ns__analyzer_run(all->analyzer, 0, text, &all->tokens, all->err));
    *yes = all->tokens.count == 1 && (all->tokens.items[0].flags & NS_TOKEN_SINGLE) &&
           all->tokens.items[0].start == 0 && all->tokens.items[0].end == text.length;
    return NS_OK;
}

/* Last bytes first: those of characters differ far more often than their first ones do. */
static bool same(const uint8_t *a, const uint8_t *b, size_t length)
{
    return a[length - 1] == b[length - 1] && memcmp(a, b, length) == 0;
}

/* Keeps the term when it is a bigram of which the cluster is one half. */
static ns_status consider(expansion *all, const ns__segment *segment, ns__str term, ns__str value)
{
    size_t half = all->cluster.length;
    if (term.length <= half)
        return NS_OK;
    bool begins = same(term.data, all->cluster.data, half);
    bool ends = same(term.data + term.length - half, all->cluster.data, half);
    bool kept = false;
    if (!begins && !ends)
        return NS_OK;
    if (ns__utf8_valid_prefix(term) != term.length)
        return ns__frame_corrupt(segment->terms.frame, segment->terms.table.data.data, all->err,
                                 "a term is not valid UTF-8");
    if (begins)
        NS_TRY(is_cluster(all, (ns__str){term.data + half, term.length - half}, &kept));
    if (ends && !kept)
        NS_TRY(is_cluster(all, (ns__str){term.data, term.length - half}, &kept));
    if (!kept)
        return NS_OK;
    uint32_t df;
    if (!ns__plist_df(value, &df))
        return ns__frame_corrupt(segment->terms.frame, value.data, all->err,
                                 "a term's posting list is malformed");
    const uint8_t *copy = ns__arena_copy(all->arena, term.data, term.length);
    if (copy == NULL || NS_RESERVE(all->items, all->capacity, all->count + 1) != NS_OK)
        return ns__no_memory(all->err);
    all->items[all->count++] = (found){{copy, term.length}, df};
    return NS_OK;
}

static ns_status scan(expansion *all, const ns__segment *segment)
{
    ns__term_cursor cursor;
    NS_TRY(ns__term_cursor_seek(&segment->terms, NS_STR(FIRST_CHARACTER), &cursor, all->err));
    for (;;) {
        ns_status status = ns__term_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_DONE)
            return NS_OK;
        NS_TRY(consider(all, segment, (ns__str){cursor.text, cursor.length}, cursor.term.value));
    }
}

static int by_term(const void *a, const void *b)
{
    return ns__str_compare(((const found *)a)->term, ((const found *)b)->term);
}

static int by_df(const void *a, const void *b)
{
    const found *x = a, *y = b;
    if (x->df != y->df)
        return x->df > y->df ? -1 : 1;
    return ns__str_compare(x->term, y->term);
}

/* Sums the df of terms found in several segments. */
static void merge(expansion *all)
{
    if (all->count == 0)
        return;
    qsort(all->items, all->count, sizeof *all->items, by_term);
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (kept > 0 && ns__str_equal(all->items[kept - 1].term, all->items[i].term))
            all->items[kept - 1].df += all->items[i].df;
        else
            all->items[kept++] = all->items[i];
    }
    all->count = kept;
    qsort(all->items, all->count, sizeof *all->items, by_df);
}

static ns_status expand(expansion *all, size_t room, ns__str **terms, size_t *count)
{
    ns_analysis_settings settings = all->index->manifest.settings.analysis;
    settings.language[0] = '\0'; /* nothing is to be guessed */
    NS_TRY(ns__analyzer_open(&settings, &all->analyzer, all->err));
    for (uint32_t s = 0; s < all->index->manifest.segment_count; s++)
        NS_TRY(scan(all, &all->index->segments[s]));
    merge(all);
    *count = all->count < room ? all->count : room;
    *terms = ns__arena_alloc(all->arena, *count * sizeof **terms);
    if (*terms == NULL)
        return ns__no_memory(all->err);
    for (size_t i = 0; i < *count; i++)
        (*terms)[i] = all->items[i].term;
    return NS_OK;
}

ns_status ns__expand_cluster(const ns_index *index, ns__str cluster, size_t room, ns__arena *arena,
                             ns__str **terms, size_t *count, ns_error *err)
{
    *terms = NULL;
    *count = 0;
    if (room == 0)
        return NS_OK;
    expansion all = {.index = index, .cluster = cluster, .arena = arena, .err = err};
    ns_status status = expand(&all, room, terms, count);
    ns__tokens_release(&all.tokens);
    ns__free(all.items);
    ns__analyzer_close(all.analyzer);
    return status;
}
