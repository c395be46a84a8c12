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

static ns_status add_match(ns__matches *out, ns__match match, ns_error *err)
{
    if (NS_RESERVE(out->items, out->capacity, out->count + 1) != NS_OK)
        return ns__no_memory(err);
    out->items[out->count++] = match;
    return NS_OK;
}

static bool slot_holds(const ns__plan *plan, const ns__plan_leaf *leaf, uint32_t slot,
                       const ns__analyzer *analyzer, const ns__token *token)
{
    return group_has(&plan->groups[leaf->slots[slot]], ns__analyzer_term(analyzer, token->term));
}

static ns_status find_leaf(const ns__plan *plan, const ns__plan_leaf *leaf,
                           const ns__analyzer *analyzer, ns__str text, ns__matches *out,
                           ns_error *err)
{
    const ns__tokens *tokens = &out->tokens;
    for (size_t i = 0; i + leaf->slot_count <= tokens->count; i++) {
        uint32_t slot = 0;
        while (slot < leaf->slot_count &&
               slot_holds(plan, leaf, slot, analyzer, &tokens->items[i + slot]))
            slot++;
        if (slot < leaf->slot_count ||
            (leaf->literals && !ns__literals_at(leaf->literals, slot, analyzer, text, tokens, i)))
            continue;
        size_t last = i + leaf->slot_count - 1;
        ns__match match = {tokens->items[i].start, tokens->items[last].end, (uint32_t)i,
                           (uint32_t)last + 1, leaf->slots[0]};
        if (leaf->slot_count == 1)
            narrow(&plan->groups[leaf->slots[0]],
                   ns__analyzer_term(analyzer, tokens->items[i].term), text, tokens, i, &match);
        NS_TRY(add_match(out, match, err));
    }
    return NS_OK;
}

/* ---- Proximity ---- */

typedef struct near_marks {
    const ns__plan *plan;
    const ns__plan_leaf *leaf;
    const ns__analyzer *analyzer;
    ns__str text;
    ns__near near; /* places of the operands, and scratch */
    ns__matches *out;
    ns_error *err;
} near_marks;

static ns_status find_places(near_marks *all)
{
    const ns__tokens *tokens = &all->out->tokens;
    ns__near *near = &all->near;
    for (uint32_t o = 0; o < all->leaf->operand_count; o++)
        for (uint32_t a = 0; a < all->leaf->operands[o].count; a++) {
            const ns__alternative *of = &all->leaf->operands[o].items[a];
            for (size_t i = 0; of->slot_count > 0 && i + of->slot_count <= tokens->count; i++) {
                uint32_t s = 0;
                while (s < of->slot_count &&
                       group_has(&all->plan->groups[of->slots[s]],
                                 ns__analyzer_term(all->analyzer, tokens->items[i + s].term)))
                    s++;
                if (s < of->slot_count ||
                    (of->literals &&
                     !ns__literals_at(of->literals, s, all->analyzer, all->text, tokens, i)))
                    continue;
                if (NS_RESERVE(near->places, near->capacity, near->count + 1) != NS_OK)
                    return ns__no_memory(all->err);
                near->places[near->count++] = (ns__place){(uint32_t)i, (uint32_t)i + s, o};
            }
        }
    ns__places_sort(near->places, near->count);
    return NS_OK;
}

static ns_status mark_place(near_marks *all, const ns__place *place)
{
    const ns__tokens *tokens = &all->out->tokens;
    uint32_t group = 0;
    const ns__operand *operand = &all->leaf->operands[place->operand];
    for (uint32_t a = 0; a < operand->count; a++)
        if (operand->items[a].slot_count > 0)
            group = operand->items[a].slots[0];
    return add_match(all->out,
                     (ns__match){tokens->items[place->start].start,
                                 tokens->items[place->end - 1].end, place->start, place->end,
                                 group},
                     all->err);
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
            return status == NS_ERR_MEMORY ? ns__no_memory(all->err) : status;
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

static ns_status find_near(const ns__plan *plan, const ns__plan_leaf *leaf,
                           const ns__analyzer *analyzer, ns__str text, ns__marking from,
                           ns__matches *out, ns_error *err)
{
    near_marks all = {
        .plan = plan, .leaf = leaf, .analyzer = analyzer, .text = text, .out = out, .err = err};
    ns_status status = find_places(&all);
    if (status == NS_OK)
        status = leaf->kind == NS__LEAF_UNIT ? mark_units(&all, from) : mark_near(&all);
    ns__free(all.near.places);
    ns__free(all.near.open);
    return status;
}

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
    for (uint32_t i = 0; i < plan->leaf_count; i++) {
        const ns__plan_leaf *leaf = &plan->leaves[i];
        if (leaf->occur == NS__NOT || leaf->slot_count == 0 ||
            leaf->field == (from.title ? NS__FIELD_BODY : NS__FIELD_TITLE))
            continue;
        if (leaf->kind == NS__LEAF_TERMS)
            NS_TRY(find_leaf(plan, leaf, analyzer, text, out, err));
        else
            NS_TRY(find_near(plan, leaf, analyzer, text, from, out, err));
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_place);
    return NS_OK;
}

/* How much of the query the tokens [first, end) show: the factors of the distinct groups. */
static double window_value(const ns__plan *plan, const ns__matches *matches, size_t first,
                           size_t end, size_t *count)
{
    double value = 0;
    *count = 0;
    for (size_t i = 0; i < matches->count; i++) {
        const ns__match *match = &matches->items[i];
        if (match->token < first || match->token_end > end)
            continue;
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = matches->items[j].group == match->group && matches->items[j].token >= first &&
                   matches->items[j].token_end <= end;
        if (!seen)
            value += plan->groups[match->group].factor;
        ++*count;
    }
    return value;
}

void ns__snippet_choose(const ns__plan *plan, const ns__matches *matches, size_t words,
                        size_t *first, size_t *end)
{
    size_t total = matches->tokens.count, best = 0, best_count = 0, best_span = words;
    double best_value = -1;
    *first = 0;
    *end = total;
    if (words == 0 || words >= total)
        return;
    /* A window that begins with a match shows as much as any that begins before it. */
    for (size_t i = 0; i < matches->count && i < 256; i++) {
        size_t start = matches->items[i].token, count;
        double value = window_value(plan, matches, start, start + words, &count);
        if (value > best_value || (value == best_value && count > best_count)) {
            best_value = value;
            best_count = count;
            best = start;
        }
    }
    if (matches->count > 0 && best_count == 0) { /* none fits: the shortest is shown all the same */
        best_span = SIZE_MAX;
        for (size_t i = 0; i < matches->count; i++) {
            const ns__match *match = &matches->items[i];
            if (match->token_end - match->token < best_span) {
                best_span = match->token_end - match->token;
                best = match->token;
            }
        }
        words = best_span;
    } else if (matches->count > 0) {
        best_span = 1;
        for (size_t i = 0; i < matches->count; i++)
            if (matches->items[i].token >= best && matches->items[i].token_end <= best + words &&
                matches->items[i].token_end - best > best_span)
                best_span = matches->items[i].token_end - best;
    }
    size_t before = (words - best_span) / 2;
    best = best > before ? best - before : 0;
    if (best + words > total)
        best = total - words;
    *first = best;
    *end = best + words;
}
