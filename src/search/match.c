#include "search/match.h"
#include "search/literal.h"
#include "search/proximity.h"

#include "base/count.h"

uint32_t ns__group_seek(ns__exec *run, uint32_t group, uint32_t passage)
{
    ns__lists *lists = &run->lists[group];
    uint32_t found = NS_END;
    for (uint32_t c = 0; c < lists->count; c++) {
        uint32_t id = ns__cursor_seek(&lists->cursors[c], passage);
        found = id < found ? id : found;
    }
    return found;
}

uint32_t ns__group_tf(ns__exec *run, uint32_t group, uint32_t passage)
{
    ns__lists *lists = &run->lists[group];
    uint32_t tf = 0;
    for (uint32_t c = 0; c < lists->count; c++)
        if (ns__cursor_seek(&lists->cursors[c], passage) == passage)
            tf += ns__cursor_tf(&lists->cursors[c]);
    return tf;
}

/* As ns__leaf_seek, but looks no further than `end`: any passage at or behind it stands for none. A
 * frequent word of a phrase must not send the search for its next match through the whole segment
 * when all that is asked is whether it is here. */
static uint32_t seek_before(ns__exec *run, uint32_t leaf, uint32_t passage, uint32_t end)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    if (of->slot_count == 0)
        return NS_END;
    if (of->kind != NS__LEAF_TERMS)
        return ns__near_seek(run, leaf, passage, end);
    if (of->slot_count == 1)
        return ns__group_seek(run, of->slots[0], passage);
    const uint32_t *order = run->phrases[leaf].order;
    uint32_t agreed = 0; /* slots, in that order, that stand at `passage` */
    while (agreed < of->slot_count && passage < end) {
        uint32_t id = ns__group_seek(run, of->slots[order[agreed]], passage);
        if (id == passage) {
            agreed++;
        } else { /* try there; the first slot may have led the way */
            passage = id;
            agreed = agreed == 0;
        }
    }
    return passage;
}

uint32_t ns__leaf_seek(ns__exec *run, uint32_t leaf, uint32_t passage)
{
    return seek_before(run, leaf, passage, NS_END);
}

bool ns__slot_starts(ns__exec *run, uint32_t group, uint32_t offset, uint32_t passage, bool *titled)
{
    ns__lists *lists = &run->lists[group];
    ns__positions *out = &run->slot;
    out->count = 0;
    for (uint32_t c = 0; c < lists->term_count; c++) {
        ns__cursor *cursor = &lists->terms[c];
        if (ns__cursor_seek(cursor, passage) != passage)
            continue;
        size_t before = out->count;
        if (!ns__cursor_positions(cursor, &out->items, &out->count, &out->capacity))
            return false;
        *titled |= ns__cursor_tf(cursor) != out->count - before;
        if (before == 0 || before == out->count)
            continue;
        NS_COUNT(PHRASE_MERGED_SLOT);
        /* Another term of the same word: merge the two ascending runs. */
        ns__positions *merged = &run->merged;
        if (NS_RESERVE(merged->items, merged->capacity, out->count) != NS_OK) {
            run->reader->status = ns__no_memory(run->reader->err);
            return false;
        }
        size_t a = 0, b = before, n = 0;
        while (a < before || b < out->count) {
            bool first = b == out->count || (a < before && out->items[a] <= out->items[b]);
            merged->items[n++] = out->items[first ? a++ : b++];
        }
        memcpy(out->items, merged->items, n * sizeof *out->items);
    }
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i] >= offset)
            out->items[kept++] = out->items[i] - offset;
    out->count = kept;
    return true;
}

/* Keeps the starts that are in run->slot as well. */
static void intersect(ns__exec *run)
{
    const ns__positions *slot = &run->slot;
    ns__positions *starts = &run->starts;
    size_t kept = 0, j = 0;
    for (size_t i = 0; i < starts->count; i++) {
        while (j < slot->count && slot->items[j] < starts->items[i])
            j++;
        if (j < slot->count && slot->items[j] == starts->items[i])
            starts->items[kept++] = starts->items[i];
    }
    starts->count = kept;
}

bool ns__slot_narrow(ns__exec *run, uint32_t group, uint32_t offset, uint32_t passage, bool first,
                     bool *titled)
{
    if (!ns__slot_starts(run, group, offset, passage, titled))
        return false;
    if (first) {
        ns__positions swap = run->starts;
        run->starts = run->slot;
        run->slot = swap;
    } else {
        intersect(run);
    }
    return run->starts.count > 0;
}

/* *titled becomes false when some word is known not to be in the headline. */
static bool in_body(ns__exec *run, uint32_t leaf, uint32_t passage, bool *titled)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    for (uint32_t s = 0; s < of->slot_count; s++) {
        bool here = run->segment->postings.title_weight == 0; /* then tfs do not tell */
        uint32_t slot = of->slot_count == 1 ? 0 : run->phrases[leaf].order[s];
        bool some = ns__slot_narrow(run, of->slots[slot], slot, passage, s == 0, &here);
        *titled &= here;
        if (!some)
            return false;
    }
    return true;
}

bool ns__lists_have(const ns__lists *lists, uint32_t ordinal)
{
    for (uint32_t c = 0; c < lists->term_count; c++)
        if (lists->terms[c].ordinal == ordinal)
            return true;
    return false;
}

bool ns__exec_headline(ns__exec *run, uint32_t article, const uint32_t **ordinals, uint32_t *count)
{
    enum { SCRATCH_BYTES = 32 * 1024 };
    if (run->headline.total > SCRATCH_BYTES)
        ns__arena_release(&run->headline);
    ns_status status = ns__article_headline(&run->segment->articles, article, &run->headline,
                                            ordinals, count, run->reader->err);
    if (status < 0 && run->reader->status == NS_OK)
        run->reader->status = status;
    return status >= 0;
}

static bool in_headline(ns__exec *run, uint32_t leaf, uint32_t article)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    const uint32_t *ordinals;
    uint32_t count;
    if (of->kind != NS__LEAF_TERMS)
        return ns__near_headline(run, leaf, article);
    if (!ns__exec_headline(run, article, &ordinals, &count))
        return false;
    for (uint32_t i = 0; count >= of->slot_count && i <= count - of->slot_count; i++) {
        uint32_t s = 0;
        while (s < of->slot_count && ns__lists_have(&run->lists[of->slots[s]], ordinals[i + s]))
            s++;
        if (s == of->slot_count &&
            (of->literals == NULL ||
             ns__literals_stand(run, of->literals, of->slots, s, run->article_first, ordinals, i)))
            return true;
    }
    return false;
}

/* Whether the headline of the passage's article has the leaf; remembered for the article. */
static bool in_title(ns__exec *run, uint32_t leaf, uint32_t passage)
{
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return false;
    ns__phrase *phrase = &run->phrases[leaf];
    if (phrase->article != article) {
        phrase->article = article;
        phrase->in_headline = in_headline(run, leaf, article);
    }
    return phrase->in_headline;
}

static bool in_text(ns__exec *run, uint32_t leaf, uint32_t passage, bool *titled)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    if (of->kind != NS__LEAF_TERMS)
        return ns__near_body(run, leaf, passage);
    if (!in_body(run, leaf, passage, titled))
        return false;
    if (of->literals && of->slot_count == 1) {
        ns__glance glance = ns__literal_glance(run, of->literals, passage);
        if (glance != NS__UNSURE)
            return glance == NS__PRESENT;
    }
    bool found = of->literals == NULL;
    for (size_t i = 0; i < run->starts.count && !found && !ns__exec_failed(run); i++)
        found = ns__literals_stand(run, of->literals, of->slots, of->slot_count, passage, NULL,
                                   run->starts.items[i]);
    return found;
}

bool ns__leaf_holds(ns__exec *run, uint32_t leaf, uint32_t passage)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    bool titled = true;
    if (of->kind == NS__LEAF_TERMS && of->field == NS__FIELD_ANY && of->slot_count == 1 &&
        of->literals == NULL)
        return true;
    run->reader->profile->phrase_checks++;
    if (of->field != NS__FIELD_TITLE && in_text(run, leaf, passage, &titled)) {
        NS_COUNT(PHRASE_BODY);
        return true;
    }
    if (!titled)
        NS_COUNT(PHRASE_UNTITLED);
    if (!titled || of->field == NS__FIELD_BODY)
        return false;
    bool found = in_title(run, leaf, passage);
    if (found)
        NS_COUNT(PHRASE_HEADLINE);
    else
        NS_COUNT(PHRASE_NOWHERE);
    return found;
}

bool ns__leaf_within(ns__exec *run, uint32_t leaf, uint32_t first, uint32_t end)
{
    for (uint32_t p = first; p < end; p++) {
        p = seek_before(run, leaf, p, end);
        if (p >= end)
            return false;
        if (ns__leaf_holds(run, leaf, p))
            return true;
    }
    return false;
}

/* Whether every word of a run or line is in the passage. */
static bool has_words(ns__exec *run, uint32_t leaf, uint32_t passage)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    for (uint32_t s = 0; s < of->slot_count; s++)
        if (ns__group_seek(run, of->slots[run->phrases[leaf].order[s]], passage) != passage)
            return false;
    return true;
}

bool ns__run_holds(ns__exec *run, uint32_t r, uint32_t passage)
{
    const uint32_t leaf = run->plan->leaf_count + r;
    return has_words(run, leaf, passage) && ns__leaf_holds(run, leaf, passage);
}

uint32_t ns__run_begins(ns__exec *run, uint32_t r, uint32_t passage)
{
    const uint32_t leaf = run->plan->leaf_count + r;
    uint32_t place = NS_END;
    bool titled = true;
    if (!has_words(run, leaf, passage))
        return NS_END;
    run->reader->profile->phrase_checks++;
    if (in_text(run, leaf, passage, &titled))
        place = run->starts.items[0];
    if (place > 0 && titled && in_title(run, leaf, passage))
        place = 0;
    return place;
}

bool ns__passage_matches(ns__exec *run, uint32_t passage)
{
    const ns__plan *plan = run->plan;
    if (!plan->phrases)
        return true;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur != NS__NOT && ns__leaf_within(run, l, passage, passage + 1))
            return true;
    return false;
}

bool ns__unit_free(ns__exec *run, uint32_t passage)
{
    uint32_t first, end;
    if (!ns__exec_unit(run, passage, &first, &end))
        return false;
    for (uint32_t l = 0; l < run->plan->leaf_count; l++)
        if (run->plan->leaves[l].occur == NS__NOT && ns__leaf_within(run, l, first, end))
            return false;
    return true;
}

bool ns__unit_allowed(ns__exec *run, uint32_t passage)
{
    uint32_t first, end;
    if (!ns__exec_unit(run, passage, &first, &end))
        return false;
    for (uint32_t l = 0; l < run->plan->leaf_count; l++) {
        ns__occur occur = run->plan->leaves[l].occur;
        if (occur != NS__SHOULD && ns__leaf_within(run, l, first, end) != (occur == NS__MUST))
            return false;
    }
    return true;
}
