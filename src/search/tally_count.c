/* What is counted of the passages found. */
#include "search/tally.h"

#include "base/count.h"

void ns__tally_end_article(ns__tally *all)
{
    if (all->matches > 0 && ns__exec_counts(all->run))
        ns__exec_count(all->run, all->matches);
    all->matches = 0;
}

void ns__tally_count_passage(ns__tally *all, uint32_t passage)
{
    ns__exec *run = all->run;
    uint32_t article, first, end;
    if (all->by_bits) {
        ns__exec_count(run, 1);
        return;
    }
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return;
    if (ns__segment_deleted(run->segment, article)) {
        NS_COUNT(TALLY_DELETED);
        return;
    }
    if (article != all->article)
        ns__tally_end_article(all);
    all->article = article;
    all->matches++;
    if (run->collector)
        ns__exec_offer(run, article, passage, 0);
}

/* Counts so many passages at once, where nothing is to be asked of each. */
bool ns__tally_count_at_once(const ns__tally *all, uint64_t passages)
{
    ns__exec *run = all->run;
    if (!all->by_bits || !(run->options->count || run->hits->articles + passages <= NS_HITS_EXACT))
        return false;
    run->hits->articles += passages;
    run->hits->passages += passages;
    return true;
}

void ns__tally_count_articles(ns__tally *all, uint64_t articles, uint64_t passages)
{
    ns_hits *hits = all->run->hits;
    if (all->run->options->count || hits->articles + articles <= NS_HITS_EXACT) {
        hits->articles += articles;
        hits->passages += passages;
    } else {
        hits->articles = hits->passages = NS_HITS_EXACT + 1;
        hits->exact = false;
    }
}

/* How many articles that were not counted yet have a passage in 64 of them; `starts`: which begin
 * an article. *counted: whether the last article before them was, and then the last one of them. */
static uint32_t count_starts(uint64_t matched, uint64_t starts, bool *counted)
{
    uint64_t rest = matched;
    uint32_t articles = 0;
    if (*counted) /* on from the first start */
        rest &= starts ? ~((starts & -starts) - 1) : 0;
    while (rest != 0) {
        const uint64_t found = rest & -rest, behind = starts & ~(found | (found - 1));
        articles++;
        rest &= behind ? ~((behind & -behind) - 1) : 0;
    }
    if (starts != 0)
        *counted = matched >> (63 - __builtin_clzll(starts)) != 0;
    else
        *counted |= matched != 0;
    return articles;
}

/* Counts articles of several passages by the bits of where they begin, when none is deleted and
 * nobody wants to know which they are. */
static bool count_by_starts(ns__tally *all)
{
    ns__exec *run = all->run;
    const ns__articles *articles = &run->segment->articles;
    const size_t words = (all->end - all->first + 63) / 64;
    const uint8_t *starts = articles->bits + all->first / 8;
    uint64_t found = 0, passages = 0;
    if (articles->one_passage || run->segment->deleted != NULL || run->collector != NULL)
        return false;
    NS_COUNT(TALLY_STARTS);
    for (size_t w = 0; w < words; w++)
        found += count_starts(all->matched[w], ns__get_u64(starts + 8 * w), &all->counted);
    passages = run->reader->kernels->count_bits((const uint8_t *)all->matched, words * 64);
    ns__tally_count_articles(all, found, passages);
    return true;
}

void ns__tally_count_matched(ns__tally *all)
{
    ns__exec *run = all->run;
    if (count_by_starts(all))
        return;
    uint64_t bits = run->reader->kernels->count_bits((const uint8_t *)all->matched, all->window);
    if (ns__tally_count_at_once(all, bits)) {
        NS_COUNT(TALLY_BITS);
        return;
    }
    for (uint32_t w = 0; w < all->words && ns__exec_counts(run) && !ns__exec_failed(run); w++)
        for (uint64_t rest = all->matched[w]; rest != 0 && ns__exec_counts(run); rest &= rest - 1)
            ns__tally_count_passage(all, all->first + w * 64 + (uint32_t)__builtin_ctzll(rest));
}
