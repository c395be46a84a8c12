/* What the scores of articles are made of: how long they are, how often they have each word. */
#include "search/cascade_parts.h"

#include <stdlib.h>

#include "base/num.h"
#include "search/collect.h"

static int by_ordinal(const void *a, const void *b)
{
    const ns__ranked_term *x = a, *y = b;
    if (x->ordinal != y->ordinal)
        return x->ordinal < y->ordinal ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

/* The terms of all words in the open segment. */
static ns_status find_terms(ns__ranker *ranker)
{
    ns__exec *run = ranker->run;
    size_t count = 0;
    for (uint32_t w = 0; w < ranker->word_count; w++)
        count += run->lists[ranker->words[w].group].term_count;
    ranker->terms = ns__arena_alloc(run->reader->arena, (count + 1) * sizeof *ranker->terms);
    if (ranker->terms == NULL)
        return ns__no_memory(run->reader->err);
    ranker->term_count = 0;
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        const ns__lists *lists = &run->lists[ranker->words[w].group];
        for (uint32_t t = 0; t < lists->term_count; t++)
            ranker->terms[ranker->term_count++] = (ns__ranked_term){lists->terms[t].ordinal, w};
    }
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        ranker->words[w].picked = NULL;
        ranker->words[w].picked_block = UINT32_MAX;
    }
    qsort(ranker->terms, ranker->term_count, sizeof *ranker->terms, by_ordinal);
    ranker->opened = true;
    return NS_OK;
}

ns_status ns__ranker_segment(ns__ranker *ranker, uint32_t segment)
{
    ns__exec *run = ranker->run;
    if (run->segment == NULL || run->segment_index != segment) {
        ns__arena_release(run->reader->arena);
        ranker->opened = false;
        NS_TRY(ns__exec_open(run, ranker->index, segment, false));
    }
    if (!ranker->opened)
        NS_TRY(find_terms(ranker));
    return run->reader->status;
}

/* ---- The article ---- */

static uint64_t sum_lengths(const ns__lengths *lengths, uint32_t first, uint32_t end)
{
    uint64_t sum = 0;
    if (lengths->width == 1)
        for (uint32_t p = first; p < end; p++)
            sum += lengths->data[p];
    else
        for (uint32_t p = first; p < end; p++)
            sum += ns__length_of(lengths, p);
    return sum;
}

static ns_status find_age(const ns__ranker *ranker, ns__ranked *entry)
{
    ns__exec *run = ranker->run;
    const ns_search_options *options = run->options;
    ns__stamp date;
    if (options->half_life == 0)
        return NS_OK;
    NS_TRY(ns__article_date(&run->segment->articles, entry->article, &date, run->reader->err));
    entry->age = ns__age_factor(date.unix_s, options->now, options->half_life);
    return NS_OK;
}

/* The article and its passages. What is read next is fetched. */
static bool find_article(ns__exec *run, ns__ranked *entry)
{
    const ns__articles *articles = &run->segment->articles;
    const ns__lengths *lengths = &run->segment->postings.lengths;
    const uint32_t passage = entry->hit.passage;
    uint64_t article = articles->order_width ? ns__article_of(articles, passage)
                                             : entry->hit.article - run->first_article;
    if (article >= articles->count)
        return ns__exec_corrupt(run);
    entry->article = (uint32_t)article;
    entry->first = ns__article_first(articles, entry->article);
    entry->end = ns__article_first(articles, entry->article + 1);
    if (passage < entry->first || passage >= entry->end || entry->end > articles->passages)
        return ns__exec_corrupt(run);
    __builtin_prefetch(lengths->data + (size_t)entry->first * lengths->width);
    return true;
}

static ns_status find_headlines(ns__ranker *ranker, ns__ranked *const *entries, size_t count)
{
    const ns__articles *articles = &ranker->run->segment->articles;
    uint32_t wanted[NS_CASCADE_BATCH] = {0};
    ns__headline headlines[NS_CASCADE_BATCH] = {0};
    for (size_t i = 0; i < count; i++)
        wanted[i] = entries[i]->article;
    if (articles->title_weight > 0)
        NS_TRY(ns__headlines_find(articles, wanted, count, headlines, ranker->run->reader->err));
    for (size_t i = 0; i < count; i++)
        entries[i]->headline = headlines[i];
    return NS_OK;
}

/* What is known of articles apart from the query's words. */
static ns_status find_articles(ns__ranker *ranker, ns__ranked *const *entries, size_t count)
{
    ns__exec *run = ranker->run;
    for (size_t i = 0; i < count; i++)
        if (!find_article(run, entries[i]))
            return run->reader->status;
    NS_TRY(find_headlines(ranker, entries, count));
    for (size_t i = 0; i < count; i++) {
        ns__ranked *entry = entries[i];
        double passages = entry->end - entry->first, title = entry->headline.terms;
        double length =
            (double)sum_lengths(&run->segment->postings.lengths, entry->first, entry->end);
        length -= passages * (run->segment->articles.title_weight * title);
        entry->length = length + NS_CASCADE_TITLE_WEIGHT * title;
        NS_TRY(find_age(ranker, entry));
    }
    return NS_OK;
}

/* ---- The lists ---- */

/* The postings that a block has of an article: they stand one behind the other. */
typedef struct stretch {
    uint32_t from, count;
    uint32_t best;  /* the posting of the best passage; NS_NOWHERE when it is not among them */
    uint64_t there; /* bits of the passages, as in ns__word_facts */
} stretch;

/* `count` bits from `at` on, at most 64; nine bytes from there are readable. */
static uint64_t bits_at(const uint8_t *bits, uint64_t at, uint64_t count)
{
    const unsigned shift = at % 8;
    if (count == 0)
        return 0;
    uint64_t word = ns__get_u64(bits + at / 8) >> shift;
    if (shift > 0)
        word |= (uint64_t)bits[at / 8 + 8] << (64 - shift);
    return word & UINT64_MAX >> (64 - count);
}

/* From a bit set. False when the block is none, or malformed. */
static bool stretch_of_bits(const ns__cursor *cursor, uint32_t block, const ns__ranked *entry,
                            ns__block_place *place, stretch *out)
{
    const ns__unpack_kernels *kernels = cursor->reader->kernels;
    ns__block_bits view;
    if (cursor->loaded == block || !ns__plist_bits(&cursor->list, block, &view, place))
        return false;
    const uint64_t bits = (uint64_t)view.bytes * 8, start = view.first;
    uint64_t low = entry->first > start ? entry->first - start : 0, high = entry->end - start;
    uint64_t best = (uint64_t)entry->hit.passage - start; /* huge when it stands before */
    high = high < bits ? high : bits;
    low = low < high ? low : high;
    if (high - low > NS_CASCADE_BITS)
        return false;
    const uint64_t word = bits_at(view.bits, low, high - low);
    *out = (stretch){0, ns__ones(word), NS_NOWHERE, 0};
    if (word == 0)
        return true;
    out->from = (uint32_t)kernels->count_bits(view.bits, low);
    if (best < high && word >> (best - low) & 1)
        out->best = out->from + ns__ones(word & ((UINT64_C(1) << (best - low)) - 1));
    if (entry->end - entry->first <= NS_CASCADE_BITS)
        out->there = word << (start + low - entry->first);
    return out->from + out->count <= ns__plist_count(&cursor->list, block);
}

/* Posting `at`, of a passage of the article, joins the stretch. */
static void take_id(uint32_t id, uint32_t at, const ns__ranked *entry, stretch *out)
{
    if (out->count++ == 0)
        out->from = at;
    if (id == entry->hit.passage)
        out->best = at;
    out->there |= UINT64_C(1) << (id - entry->first) % NS_CASCADE_BITS;
}

/* The first of the ids of a block at or behind `passage`: nothing waits for another, unlike in a
 * search by halves. */
static uint32_t first_from(const uint32_t *ids, uint32_t count, uint32_t passage)
{
    enum { GROUP = 16 };
    uint32_t before = 0, group = 0;
    for (uint32_t i = GROUP - 1; i < count; i += GROUP)
        group += ids[i] < passage;
    ids += group * GROUP;
    const uint32_t left = count - group * GROUP < GROUP ? count - group * GROUP : GROUP;
    for (uint32_t i = 0; i < left; i++)
        before += ids[i] < passage;
    return group * GROUP + before;
}

static void stretch_of_ids(const ns__cursor *cursor, const ns__ranked *entry, stretch *out)
{
    const uint32_t *ids = cursor->ids, count = cursor->count;
    *out = (stretch){0, 0, NS_NOWHERE, 0};
    for (uint32_t at = first_from(ids, count, entry->first); at < count && ids[at] < entry->end;
         at++)
        take_id(ids[at], at, entry, out);
}

static void add_tfs(const stretch *of, const uint32_t *tfs, ns__word_facts *facts)
{
    for (uint32_t i = 0; i < of->count; i++) {
        facts->tf += tfs[i];
        facts->least = tfs[i] < facts->least ? tfs[i] : facts->least;
    }
    if (of->best != NS_NOWHERE)
        facts->best += tfs[of->best - of->from];
}

/* Reads the tfs of a stretch. `place`: where those of the block stand, when it is not loaded. */
static bool read_tfs(ns__cursor *cursor, uint32_t block, const ns__block_place *place,
                     const stretch *of, ns__word_facts *facts)
{
    uint32_t tfs[NS_BLOCK_ROOM];
    const bool loaded = place == NULL;
    if (!(loaded && cursor->tfs_loaded) &&
        ns__plist_range_tfs(&cursor->list, cursor->reader->kernels, loaded ? &cursor->place : place,
                            of->from, of->count, tfs)) {
        add_tfs(of, tfs, facts);
        return true;
    }
    if (!ns__cursor_load(cursor, block) || !ns__cursor_load_tfs(cursor))
        return false;
    add_tfs(of, cursor->tfs + of->from, facts);
    return true;
}

/* Adds a stretch, whose tfs are added elsewhere. */
static void add_stretch(const stretch *of, uint32_t list, uint32_t block, ns__word_facts *facts)
{
    facts->there |= of->there;
    facts->passages += of->count;
    facts->blocks++;
    facts->list = list;
    facts->block = block;
    facts->from = of->from;
}

/* Adds what one block has of an article. False when it is damaged. */
static bool read_block(ns__cursor *cursor, uint32_t list, uint32_t block, const ns__ranked *entry,
                       ns__word_facts *facts)
{
    ns__block_place place;
    stretch of;
    bool bits = stretch_of_bits(cursor, block, entry, &place, &of);
    if (!bits && !ns__cursor_load(cursor, block))
        return false;
    if (!bits)
        stretch_of_ids(cursor, entry, &of);
    if (of.count == 0)
        return true;
    add_stretch(&of, list, block, facts);
    return read_tfs(cursor, block, bits ? &place : NULL, &of, facts);
}

/* A list with fewer postings than there are articles: they are looked up among those. */
static void read_short_list(const ns__cursor *cursor, uint32_t list, ns__ranked *const *entries,
                            size_t count, ns__word_facts *facts)
{
    const ns__plist *of = &cursor->list;
    for (uint32_t at = 0; at < of->df;) {
        size_t low = 0, high = count; /* the first article that ends behind this passage */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (entries[middle]->end <= of->ids[at])
                low = middle + 1;
            else
                high = middle;
        }
        if (low == count)
            return;
        const ns__ranked *entry = entries[low];
        stretch here = {at, 0, NS_NOWHERE, 0};
        for (; at < of->df && of->ids[at] < entry->end; at++)
            if (of->ids[at] >= entry->first)
                take_id(of->ids[at], at, entry, &here);
        if (here.count == 0)
            continue;
        add_stretch(&here, list, 0, &facts[low]);
        add_tfs(&here, of->tfs + here.from, &facts[low]);
    }
}

/* The block in which to begin with each article. Their ids are fetched. */
static void find_blocks(const ns__cursor *cursor, ns__ranked *const *entries, size_t count,
                        uint32_t *blocks)
{
    uint32_t block = 0;
    for (size_t i = 0; i < count; i++) {
        block = ns__cursor_find(cursor, entries[i]->first, block);
        blocks[i] = block;
        if (block < cursor->list.blocks && cursor->list.ids == NULL)
            __builtin_prefetch(ns__plist_start(&cursor->list, block));
    }
}

static bool read_list(ns__cursor *cursor, uint32_t list, ns__ranked *const *entries, size_t count,
                      ns__word_facts *facts)
{
    uint32_t blocks[NS_CASCADE_BATCH];
    if (cursor->list.decoded && cursor->list.df < count) {
        read_short_list(cursor, list, entries, count, facts);
        return true;
    }
    find_blocks(cursor, entries, count, blocks);
    for (size_t i = 0; i < count; i++)
        for (uint32_t b = blocks[i];
             b < cursor->list.blocks && ns__block_first(cursor, b) < entries[i]->end; b++)
            if (!read_block(cursor, list, b, entries[i], &facts[i]))
                return false;
    return true;
}

/* What is known of the least tf: 0 where some passage has none; of several lists no more. */
static void settle_least(const ns__lists *lists, const ns__ranked *entry, ns__word_facts *facts)
{
    const uint32_t passages = entry->end - entry->first;
    bool all = lists->count > 0 && facts->passages >= passages;
    if (passages <= NS_CASCADE_BITS)
        all = facts->there == UINT64_MAX >> (64 - passages);
    if (!all)
        facts->least = 0;
    else if (lists->count > 1)
        facts->least = UINT32_MAX;
}

static bool read_word(ns__ranker *ranker, uint32_t word, ns__ranked *const *entries, size_t count,
                      ns__word_facts *facts)
{
    ns__exec *run = ranker->run;
    ns__lists *lists = &run->lists[ranker->words[word].group];
    for (size_t i = 0; i < count; i++)
        facts[i] = (ns__word_facts){.least = UINT32_MAX};
    for (uint32_t c = 0; c < lists->count; c++) {
        if (ns__exec_expired(run) || !read_list(&lists->cursors[c], c, entries, count, facts))
            return false;
        lists->cursors[c].id = lists->cursors[c].asked = NS_END; /* it stands anywhere */
    }
    for (size_t i = 0; i < count; i++)
        settle_least(lists, entries[i], &facts[i]);
    return true;
}

/* ---- Headlines ---- */

/* A headline counts for each passage: so a word that some passage has not is not in it. */
static bool may_be_titled(const ns__ranker *ranker, size_t at)
{
    const uint32_t weight = ranker->run->segment->articles.title_weight;
    for (uint32_t w = 0; w < ranker->word_count; w++)
        if (ns__ranker_facts(ranker, w)[at].least >= weight)
            return true;
    return false;
}

/* Counts the words of a headline, and takes them out of the text, whose passages have it each. */
static void read_headline(const ns__ranker *ranker, const ns__ranked *entry, size_t at)
{
    const ns__articles *articles = &ranker->run->segment->articles;
    const ns__ranked_term *terms = ranker->terms;
    for (uint32_t i = 0; i < entry->headline.terms; i++) {
        const uint32_t ordinal = ns__headline_word(articles, &entry->headline, i);
        uint32_t low = 0, high = ranker->term_count;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (terms[middle].ordinal < ordinal)
                low = middle + 1;
            else
                high = middle;
        }
        uint32_t word = UINT32_MAX;
        for (; low < ranker->term_count && terms[low].ordinal == ordinal; low++) {
            if (terms[low].word != word)
                ns__ranker_facts(ranker, terms[low].word)[at].title++;
            word = terms[low].word;
        }
    }
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        ns__word_facts *facts = &ns__ranker_facts(ranker, w)[at];
        uint64_t passages = entry->end - entry->first;
        uint64_t counted = passages * articles->title_weight * facts->title;
        facts->tf = facts->tf > counted ? facts->tf - counted : 0;
        facts->tf += (uint64_t)NS_CASCADE_TITLE_WEIGHT * facts->title;
    }
}

/* ---- All of it ---- */

/* Entries of the segment that is open, from `at` of the batch on. */
static ns_status gather(ns__ranker *ranker, ns__ranked *const *entries, size_t count, size_t at)
{
    ns__exec *run = ranker->run;
    if (ns__exec_expired(run))
        return run->reader->status;
    for (size_t i = 0; i < count; i++)
        entries[i]->slot = (uint32_t)(at + i);
    NS_TRY(find_articles(ranker, entries, count));
    for (uint32_t w = 0; w < ranker->word_count; w++)
        if (!read_word(ranker, w, entries, count, ns__ranker_facts(ranker, w) + at))
            return run->reader->status;
    for (size_t i = 0; i < count; i++)
        if (entries[i]->headline.terms > 0 && may_be_titled(ranker, at + i))
            read_headline(ranker, entries[i], at + i);
    for (uint32_t r = 0; r < run->plan->run_count; r++)
        for (size_t i = 0; i < count; i++)
            ranker->runs[(size_t)r * NS_CASCADE_BATCH + at + i] =
                ns__run_holds(run, r, entries[i]->hit.passage);
    return run->reader->status;
}

ns_status ns__ranker_gather(ns__ranker *ranker, ns__ranked *const *entries, size_t count)
{
    ranker->batches++;
    for (size_t from = 0, end; from < count; from = end) {
        const uint32_t segment = entries[from]->hit.segment;
        for (end = from + 1; end < count && entries[end]->hit.segment == segment;)
            end++;
        NS_TRY(ns__ranker_segment(ranker, segment));
        NS_TRY(gather(ranker, entries + from, end - from, from));
    }
    return NS_OK;
}
