/* Matching tokens against a plan, and choosing the part of a passage to show. */
#include "search/highlight.h"
#include "search/literal.h"
#include "search/proximity.h"

#include <stdlib.h>

void ns__matches_release(ns__matches *matches)
{
    ns__tokens_release(&matches->tokens);
    ns__free(matches->items);
    *matches = (ns__matches){0};
}

static bool group_has(const ns__group *group, ns__str term)
{
    uint32_t low = 0, high = group->term_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = ns__str_compare(group->terms[middle], term);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Bytes of the first or last code point cluster that two bigrams share cannot be seen from the
 * tokens alone; the neighbours tell: the next bigram of the run begins with our second cluster, the
 * one before ends with our first. Returns where the second cluster of a bigram begins. */
static uint32_t second_cluster(ns__str text, const ns__tokens *tokens, size_t i)
{
    const ns__token *token = &tokens->items[i];
    if (i + 1 < tokens->count && (tokens->items[i + 1].flags & NS_TOKEN_JOINED))
        return tokens->items[i + 1].start;
    if ((token->flags & NS_TOKEN_JOINED) && i > 0)
        return tokens->items[i - 1].end;
    /* Alone: two clusters, in nearly all cases two code points. */
    uint32_t at = token->start + 1;
    while (at < token->end && (text.data[at] & 0xc0) == 0x80)
        at++;
    return at;
}

/* A query of one cluster finds the bigrams that hold it; only that cluster is marked. */
static void narrow(const ns__group *group, ns__str term, ns__str text, const ns__tokens *tokens,
                   size_t i, ns__match *match)
{
    const ns__token *token = &tokens->items[i];
    if (!group->halves || !(token->flags & NS_TOKEN_GRAM) || (token->flags & NS_TOKEN_SINGLE))
        return;
    for (uint32_t t = 0; t < group->term_count; t++) {
        ns__str part = group->terms[t];
        if (part.length == 0 || part.length >= term.length)
            continue;
        if (memcmp(part.data, term.data, part.length) == 0) {
            match->end = second_cluster(text, tokens, i);
            return;
        }
        if (memcmp(part.data, term.data + term.length - part.length, part.length) == 0) {
            match->start = second_cluster(text, tokens, i);
            return;
        }
    }
}

/* A text in which a query's words are marked. */
typedef struct marker {
    const ns__plan *plan;
    ns__analyzer *analyzer;
    ns__lang lang;
    ns__str text;
    ns__matches *out;
    ns_error *err;
} marker;

static ns_status add_match(const marker *by, ns__match match)
{
    ns__matches *out = by->out;
    if (NS_RESERVE(out->items, out->capacity, out->count + 1) != NS_OK)
        return ns__no_memory(by->err);
    out->items[out->count++] = match;
    return NS_OK;
}

static inline ns__str term_at(const marker *by, size_t i)
{
    return ns__analyzer_term(by->analyzer, by->out->tokens.items[i].term);
}

/* Whether `count` words, written as `literals` has them if that is not NULL, stand one behind the
 * other from token `i` on: NS_OK or NS_NOT_FOUND. */
static inline ns_status words_at(const marker *by, const uint32_t *slots, uint32_t count,
                                 const ns__literal *literals, size_t i)
{
    for (uint32_t s = 0; s < count; s++)
        if (!group_has(&by->plan->groups[slots[s]], term_at(by, i + s)))
            return NS_NOT_FOUND;
    return literals == NULL ? NS_OK
                            : ns__literals_at(literals, count, by->analyzer, by->lang, by->text,
                                              &by->out->tokens, i, by->err);
}

/* Marks where a word or phrase stands. */
static ns_status find_leaf(const marker *by, const ns__plan_leaf *leaf)
{
    const ns__tokens *tokens = &by->out->tokens;
    const uint32_t count = leaf->slot_count;
    for (size_t i = 0; i + count <= tokens->count; i++) {
        const ns_status status = words_at(by, leaf->slots, count, leaf->literals, i);
        NS_TRY(status);
        if (status != NS_OK)
            continue;
        const size_t end = i + count;
        ns__match match = {tokens->items[i].start, tokens->items[end - 1].end, (uint32_t)i,
                           (uint32_t)end, leaf->slots[0]};
        if (count == 1)
            narrow(&by->plan->groups[leaf->slots[0]], term_at(by, i), by->text, tokens, i, &match);
        NS_TRY(add_match(by, match));
    }
    return NS_OK;
}

/* ---- Proximity ---- */

typedef struct near_marks {
    const marker *by;
    const ns__plan_leaf *leaf;
    ns__near near; /* places of the operands, and scratch */
} near_marks;

/* Adds the places of an alternative of an operand. */
static ns_status add_places(near_marks *all, uint32_t operand, const ns__alternative *of)
{
    const size_t tokens = all->by->out->tokens.count;
    const uint32_t count = of->slot_count;
    ns__near *near = &all->near;
    for (size_t i = 0; count > 0 && i + count <= tokens; i++) {
        const ns_status status = words_at(all->by, of->slots, count, of->literals, i);
        NS_TRY(status);
        if (status != NS_OK)
            continue;
        if (NS_RESERVE(near->places, near->capacity, near->count + 1) != NS_OK)
            return ns__no_memory(all->by->err);
        near->places[near->count++] = (ns__place){(uint32_t)i, (uint32_t)i + count, operand};
    }
    return NS_OK;
}

static ns_status find_places(near_marks *all)
{
    for (uint32_t o = 0; o < all->leaf->operand_count; o++)
        for (uint32_t a = 0; a < all->leaf->operands[o].count; a++)
            NS_TRY(add_places(all, o, &all->leaf->operands[o].items[a]));
    ns__places_sort(all->near.places, all->near.count);
    return NS_OK;
}

static ns_status mark_place(near_marks *all, const ns__place *place)
{
    const ns__token *tokens = all->by->out->tokens.items;
    uint32_t group = 0;
    const ns__operand *operand = &all->leaf->operands[place->operand];
    for (uint32_t a = 0; a < operand->count; a++)
        if (operand->items[a].slot_count > 0)
            group = operand->items[a].slots[0];
    return add_match(all->by, (ns__match){tokens[place->start].start, tokens[place->end - 1].end,
                                          place->start, place->end, group});
}

/* The words that a NEAR may span: those of its operands, and those between. */
static uint64_t reach_of(const ns__plan_leaf *leaf)
{
    uint64_t reach = leaf->distance;
    for (uint32_t o = 0; o < leaf->operand_count; o++) {
        uint32_t longest = 0;
        for (uint32_t a = 0; a < leaf->operands[o].count; a++)
            if (leaf->operands[o].items[a].slot_count > longest)
                longest = leaf->operands[o].items[a].slot_count;
        reach += longest;
    }
    return reach;
}

/* The places [from, to) that may stand together with one. */
typedef struct near_window {
    size_t from, to;
    size_t seen[NS_MAX_NEAR_OPERANDS]; /* how many there are of each operand */
} near_window;

static void window_move(near_window *window, const ns__near *near, size_t i, uint64_t reach)
{
    const ns__place *places = near->places;
    for (; places[window->from].end + reach < places[i].start; window->from++)
        window->seen[places[window->from].operand]--;
    for (; window->to < near->count && places[window->to].start <= places[i].end + reach;
         window->to++)
        window->seen[places[window->to].operand]++;
}

/* Whether place i is part of a NEAR. Most that are have the others close by: looking for them there
 * first keeps the time in proportion to the text, however far they may be apart. */
static bool is_part(near_marks *all, const near_window *window, size_t i, ns_status *status)
{
    enum { CLOSE = 16 };
    const ns__place *places = all->near.places;
    for (uint32_t o = 0; o < all->leaf->operand_count; o++)
        if (window->seen[o] == 0)
            return false;
    for (size_t width = CLOSE;; width *= 4) {
        const size_t from = i - window->from > width ? i - width : window->from;
        const size_t to = window->to - i > width ? i + width : window->to;
        if (ns__places_near(all->leaf, places + from, to - from, &places[i], &all->near, status))
            return true;
        if (*status < 0 || (from == window->from && to == window->to))
            return false;
    }
}

/* Marks the places that are part of some NEAR: only places within its reach matter. */
static ns_status mark_near(near_marks *all)
{
    const ns__near *near = &all->near;
    const uint64_t reach = reach_of(all->leaf);
    near_window window = {0};
    for (size_t i = 0; i < near->count; i++) {
        ns_status status = NS_OK;
        window_move(&window, near, i, reach);
        if (is_part(all, &window, i, &status))
            status = mark_place(all, &near->places[i]);
        if (status < 0)
            return status == NS_ERR_MEMORY ? ns__no_memory(all->by->err) : status;
    }
    return NS_OK;
}

/* Marks places [from, to) that lie within words [first, end), if all operands have one there. */
static ns_status mark_within(near_marks *all, size_t from, size_t to, uint32_t first, uint32_t end)
{
    const ns__near *near = &all->near;
    if (!ns__places_within(all->leaf, near->places + from, to - from, first, end))
        return NS_OK;
    for (size_t i = from; i < to; i++)
        if (near->places[i].start >= first && near->places[i].end <= end)
            NS_TRY(mark_place(all, &near->places[i]));
    return NS_OK;
}

static ns_status mark_units(near_marks *all, ns__marking from)
{
    const ns__near *near = &all->near;
    uint32_t start = 0;
    if (from.title || from.entry == NULL)
        return mark_within(all, 0, near->count, 0, UINT32_MAX);
    size_t place = 0;
    for (uint32_t i = 1; i <= from.entry->sentence_count; i++) {
        bool last = i == from.entry->sentence_count;
        if (!last && all->leaf->paragraph && !(from.entry->sentences[i] & 1))
            continue;
        uint32_t end = last ? UINT32_MAX : from.entry->sentences[i] >> 1;
        size_t next = ns__places_before(near->places, near->count, place, end);
        NS_TRY(mark_within(all, place, next, start, end));
        place = next;
        start = end;
    }
    return NS_OK;
}

/* Marks what stands near each other. */
static ns_status find_near(const marker *by, const ns__plan_leaf *leaf, ns__marking from)
{
    near_marks all = {.by = by, .leaf = leaf};
    ns_status status = find_places(&all);
    if (status == NS_OK)
        status = leaf->kind == NS__LEAF_WITHIN ? mark_units(&all, from) : mark_near(&all);
    ns__free(all.near.places);
    ns__free(all.near.open);
    return status;
}

/* ---- All of a text ---- */

static int by_place(const void *x, const void *y)
{
    const ns__match *a = x, *b = y;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->group < b->group ? -1 : a->group > b->group;
}

ns_status ns__matches_find(const ns__plan *plan, ns__analyzer *analyzer, ns__lang lang,
                           ns__str text, ns__marking from, ns__matches *out, ns_error *err)
{
    out->count = 0;
    out->tokens.count = 0;
    NS_TRY(ns__analyzer_run(analyzer, lang, text, &out->tokens, err));
    const marker by = {plan, analyzer, lang, text, out, err};
    for (uint32_t i = 0; i < plan->leaf_count; i++) {
        const ns__plan_leaf *leaf = &plan->leaves[i];
        if (leaf->occur == NS__NOT || leaf->slot_count == 0 ||
            leaf->field == (from.title ? NS__FIELD_BODY : NS__FIELD_TITLE))
            continue;
        if (leaf->kind == NS__LEAF_TERMS)
            NS_TRY(find_leaf(&by, leaf));
        else
            NS_TRY(find_near(&by, leaf, from));
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_place);
    return NS_OK;
}

/* ---- The part to show ---- */

/* Tokens [first, end), and how much of a query they show: the factors of its groups, each once. */
typedef struct view {
    size_t first, end;
    double value;
    size_t count; /* matches that lie in it */
} view;

static bool lies_in(const ns__match *match, size_t first, size_t end)
{
    return match->token >= first && match->token_end <= end;
}

static view view_at(const ns__plan *plan, const ns__matches *matches, size_t first, size_t words)
{
    const size_t end = first + words;
    double value = 0;
    size_t count = 0;
    for (size_t i = 0; i < matches->count; i++) {
        const ns__match *match = &matches->items[i];
        if (!lies_in(match, first, end))
            continue;
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen =
                matches->items[j].group == match->group && lies_in(&matches->items[j], first, end);
        if (!seen)
            value += plan->groups[match->group].factor;
        count++;
    }
    return (view){first, end, value, count};
}

/* The best view of so many words. One that begins with a match shows as much as any that begins
 * before it. */
static view best_view(const ns__plan *plan, const ns__matches *matches, size_t words)
{
    enum { LOOKED_AT = 256 };
    view best = {.value = -1};
    for (size_t i = 0; i < matches->count && i < LOOKED_AT; i++) {
        const view here = view_at(plan, matches, matches->items[i].token, words);
        if (here.value > best.value || (here.value == best.value && here.count > best.count))
            best = here;
    }
    return best;
}

static view shortest_match(const ns__matches *matches)
{
    view best = {.end = SIZE_MAX};
    for (size_t i = 0; i < matches->count; i++) {
        const ns__match *match = &matches->items[i];
        if (match->token_end - match->token < best.end - best.first)
            best = (view){.first = match->token, .end = match->token_end};
    }
    return best;
}

/* How many tokens from the beginning of a view on its matches take: one at least. */
static size_t shown_span(const ns__matches *matches, const view *of)
{
    size_t span = 1;
    for (size_t i = 0; i < matches->count; i++)
        if (lies_in(&matches->items[i], of->first, of->end) &&
            matches->items[i].token_end - of->first > span)
            span = matches->items[i].token_end - of->first;
    return span;
}

void ns__snippet_choose(const ns__plan *plan, const ns__matches *matches, size_t words,
                        size_t *first, size_t *end)
{
    const size_t total = matches->tokens.count;
    *first = 0;
    *end = total;
    if (words == 0 || words >= total)
        return;
    size_t start = 0, span = words;
    if (matches->count > 0) {
        view best = best_view(plan, matches, words);
        if (best.count > 0) {
            span = shown_span(matches, &best);
        } else { /* no match fits: the shortest is shown all the same */
            best = shortest_match(matches);
            words = span = best.end - best.first;
        }
        start = best.first;
    }
    /* As many words before what matches as behind it, within the text. */
    const size_t before = (words - span) / 2;
    start = start > before ? start - before : 0;
    if (start + words > total)
        start = total - words;
    *first = start;
    *end = start + words;
}
