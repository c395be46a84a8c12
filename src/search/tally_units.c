/* Counting articles by what stands anywhere in them: each + word in some passage, no - word in any.
 *
 * Of each such word there is a set of the window's passages. The rarest + word of the window leads
 * from article to article; one that is cut by the window's border is carried over to the next. */
#include "search/tally.h"

#include "base/count.h"

enum { MOST_WORDS = 32 };

/* The article at the border of two windows, as far as it was seen. */
typedef struct carried {
    uint32_t seen; /* bit w: word w is in it */
    uint64_t passages;
} carried;

typedef struct ns__tally_units {
    uint32_t count;
    uint32_t wanted; /* bit w: word w is required, else excluded */
    uint32_t groups[MOST_WORDS];
    uint64_t *sets[MOST_WORDS];
    carried last;
} ns__tally_units;

bool ns__tally_units_can(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    if (run->segment->articles.one_passage || run->options->scope != NS_SCOPE_ARTICLE ||
        run->segment->deleted != NULL || run->collector != NULL || plan->musts == 0 ||
        plan->musts + plan->nots > MOST_WORDS)
        return false;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].slot_count != 1)
            return false;
    return true;
}

bool ns__tally_units_open(ns__tally *all)
{
    ns__exec *run = all->run;
    ns__arena *arena = run->reader->arena;
    ns__tally_units *units = ns__arena_alloc(arena, sizeof *units);
    if (units == NULL)
        return ns__tally_no_memory(run);
    *units = (ns__tally_units){0};
    for (uint32_t l = 0; l < run->plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &run->plan->leaves[l];
        if (leaf->occur == NS__SHOULD)
            continue;
        uint64_t *set = ns__arena_alloc(arena, ((size_t)all->words + 1) * sizeof *set);
        if (set == NULL)
            return ns__tally_no_memory(run);
        units->wanted |= (uint32_t)(leaf->occur == NS__MUST) << units->count;
        units->groups[units->count] = leaf->slots[0];
        units->sets[units->count++] = set;
    }
    all->units = units;
    return true;
}

/* The bits of a word that lie in [from, to) of the set. */
static uint64_t bits_in(const uint64_t *set, uint32_t word, uint32_t from, uint32_t to)
{
    uint64_t bits = set[word];
    if (from / 64 == word)
        bits &= UINT64_MAX << (from % 64);
    if (to / 64 == word)
        bits &= (UINT64_C(1) << (to % 64)) - 1;
    return bits;
}

static bool any_in(const uint64_t *set, uint32_t from, uint32_t to)
{
    uint64_t any = 0;
    for (uint32_t w = from / 64; w * 64 < to; w++)
        any |= bits_in(set, w, from, to);
    return any != 0;
}

/* The first bit at or behind `from`, `to` for none before that. */
static uint32_t next_in(const uint64_t *set, uint32_t from, uint32_t to)
{
    for (uint32_t w = from / 64; w * 64 < to; w++) {
        const uint64_t bits = bits_in(set, w, from, to);
        if (bits != 0)
            return w * 64 + (uint32_t)__builtin_ctzll(bits);
    }
    return to;
}

/* What the passages [from, to) of the window add to an article. */
static void look_at(const ns__tally *all, uint32_t from, uint32_t to, carried *article)
{
    const ns__tally_units *units = all->units;
    for (uint32_t w = 0; w < units->count; w++)
        article->seen |= (uint32_t)any_in(units->sets[w], from, to) << w;
    for (uint32_t w = from / 64; w * 64 < to; w++)
        article->passages += ns__count_ones(bits_in(all->matched, w, from, to));
}

static bool is_hit(const ns__tally_units *units, const carried *article)
{
    return article->seen == units->wanted;
}

/* Fills the sets, and all->matched with the passages that have a + word or a wanted one. Returns
 * the + word with the fewest passages in the window; UINT32_MAX when the reader failed. */
static uint32_t find_sets(ns__tally *all)
{
    const ns__exec *run = all->run;
    const ns__tally_units *units = all->units;
    const size_t bytes = ((size_t)all->words + 1) * sizeof(uint64_t);
    uint32_t lead = 0;
    uint64_t fewest = UINT64_MAX;
    memset(all->matched, 0, bytes);
    for (uint32_t l = 0; l < run->plan->leaf_count; l++)
        if (run->plan->leaves[l].occur == NS__SHOULD &&
            !ns__tally_add_group(all, run->plan->leaves[l].slots[0], all->matched))
            return UINT32_MAX;
    for (uint32_t w = 0; w < units->count; w++) {
        uint64_t *set = units->sets[w];
        memset(set, 0, bytes);
        if (!ns__tally_add_group(all, units->groups[w], set))
            return UINT32_MAX;
        if (!(units->wanted >> w & 1))
            continue;
        uint64_t here = run->reader->kernels->count_bits((const uint8_t *)set, all->window);
        lead = here < fewest ? w : lead;
        fewest = here < fewest ? here : fewest;
        for (uint32_t i = 0; i < all->words; i++)
            all->matched[i] |= set[i];
    }
    return lead;
}

void ns__tally_units_count(ns__tally *all)
{
    ns__tally_units *units = all->units;
    const ns__articles *articles = &all->run->segment->articles;
    const uint32_t size = all->end - all->first, lead = find_sets(all);
    uint64_t found = 0, passages = 0;
    if (lead == UINT32_MAX)
        return;
    NS_COUNT(TALLY_UNITS);
    /* Articles that begin in the window, from the first to the one that its end cuts. */
    uint32_t article = all->first > 0 ? ns__article_of(articles, all->first - 1) + 1 : 0;
    uint32_t begin = ns__article_first(articles, article) - all->first;
    look_at(all, 0, begin < size ? begin : size, &units->last);
    for (uint32_t at = begin, to; at < size; at = to) {
        carried here = {0, 0};
        if (is_hit(units, &units->last)) {
            found++;
            passages += units->last.passages;
        }
        units->last = here;
        at = next_in(units->sets[lead], at, size);
        const uint32_t last = ns__article_of(articles, all->first + (at < size ? at : size - 1));
        const uint32_t from = ns__article_first(articles, last) - all->first;
        to = ns__article_first(articles, last + 1) - all->first;
        look_at(all, from, to < size ? to : size, &units->last);
        if (to > size)
            break; /* goes on in the next window */
    }
    if (found > 0)
        ns__tally_count_articles(all, found, passages);
}

void ns__tally_units_end(ns__tally *all)
{
    if (is_hit(all->units, &all->units->last))
        ns__tally_count_articles(all, 1, all->units->last.passages);
}
