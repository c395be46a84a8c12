/* The input order of the articles, where it is not the order in which they stand.
 *
 * Section "plac", absent when the two are the same: the place in the input of each article, and
 * what it takes to find the article of a place in a few steps. Places are a permutation of the
 * articles, so who goes from an article to its place, takes that for an article and goes on comes
 * back to where he began; the article in front of it is the one that has that place. On longer
 * ways round every 16th article is marked and knows the marked one before: one jump back, and not
 * more than 32 steps in all. That takes an eighth of what the article of each place would.
 *
 * Segments of before have both directions in a section "ordr" and their ids by article. */
#include "segment/articles_parts.h"

enum { MARK_STEP = 16, WORD_BYTES = NS__RANK_BITS / 8 };
#define NO_MARK UINT32_MAX

/* ---- Writing ---- */

/* Follows the places from `start` until they come back to it. before[a]: of a marked article the
 * marked one before. */
static void mark_round(const uint32_t *places, uint32_t start, uint8_t *seen, uint32_t *before)
{
    uint32_t length = 0, mark = start;
    for (uint32_t a = start; !(seen[a / 8] >> a % 8 & 1); a = places[a], length++)
        seen[a / 8] |= (uint8_t)(1u << a % 8);
    if (length <= MARK_STEP)
        return;
    for (uint32_t i = 0, a = start; i < length; i++, a = places[a]) {
        if (i % MARK_STEP != 0)
            continue;
        before[a] = mark;
        mark = a;
    }
    before[start] = mark;
}

static void put_marks(const uint32_t *before, uint32_t count, ns__buf *marks, ns__buf *ranks,
                      ns__buf *jumps)
{
    for (uint32_t from = 0; from < count; from += NS__RANK_BITS) {
        uint8_t word[WORD_BYTES] = {0};
        ns__buf_u32(ranks, (uint32_t)(jumps->length / sizeof(uint32_t)));
        for (uint32_t i = 0; i < NS__RANK_BITS && i < count - from; i++) {
            if (before[from + i] == NO_MARK)
                continue;
            word[i / 8] |= (uint8_t)(1u << i % 8);
            ns__buf_u32(jumps, before[from + i]);
        }
        ns__buf_append(marks, word, sizeof word);
    }
}

ns_status ns__order_write(const uint32_t *places, uint32_t count, ns__frame_writer *frame,
                          ns_error *err)
{
    const unsigned width = ns__ordinal_width(count);
    uint32_t *before = ns__alloc(count, sizeof *before);
    uint8_t *seen = ns__zalloc((size_t)count / 8 + 1, 1);
    ns__buf section = {0}, marks = {0}, ranks = {0}, jumps = {0};
    bool failed = before == NULL || seen == NULL;
    if (!failed) {
        memset(before, 0xff, count * sizeof *before);
        for (uint32_t a = 0; a < count; a++)
            mark_round(places, a, seen, before);
        put_marks(before, count, &marks, &ranks, &jumps);
        ns__buf_u32(&section, (uint32_t)(jumps.length / sizeof(uint32_t)));
        ns__append_packed(&section, places, count, width);
        ns__buf_append(&section, marks.data, marks.length);
        ns__buf_append(&section, ranks.data, ranks.length);
        if (jumps.length > 0)
            ns__append_packed(&section, (const uint32_t *)(const void *)jumps.data,
                              jumps.length / sizeof(uint32_t), width);
        failed = section.failed || marks.failed || ranks.failed || jumps.failed;
    }
    ns__free(before);
    ns__free(seen);
    ns__frame_section(frame, NS__ART_PLACES);
    if (!failed)
        ns__frame_append(frame, section.data, section.length);
    ns__buf_release(&section);
    ns__buf_release(&marks);
    ns__buf_release(&ranks);
    ns__buf_release(&jumps);
    return failed ? ns__no_memory(err) : NS_OK;
}

/* ---- Reading ---- */

static ns_status wrong_size(const ns__articles *articles, const void *at, ns_error *err)
{
    return ns__frame_corrupt(articles->frame, at, err,
                             "the input order has another size than one place an article");
}

/* That of segments of before. */
static ns_status open_both(ns__articles *articles, ns_error *err)
{
    ns__str section;
    NS_TRY(ns__frame_find(articles->frame, NS__ART_ORDER, &section, err));
    const unsigned width = ns__ordinal_width(articles->count);
    const uint64_t bytes = ns__packed_bytes(articles->count, width);
    if (width == 0 || section.length != 2 * bytes)
        return wrong_size(articles, section.data, err);
    articles->order_width = width;
    articles->places = section.data;
    articles->by_place = section.data + bytes;
    return NS_OK;
}

ns_status ns__order_open(ns__articles *articles, ns_error *err)
{
    ns__str section;
    if (ns__articles_have(articles, NS__ART_ORDER))
        return open_both(articles, err);
    if (!ns__articles_have(articles, NS__ART_PLACES))
        return NS_OK;
    NS_TRY(ns__frame_find(articles->frame, NS__ART_PLACES, &section, err));
    const unsigned width = ns__ordinal_width(articles->count);
    const uint64_t words = ((uint64_t)articles->count + NS__RANK_BITS - 1) / NS__RANK_BITS;
    ns__cur cur = ns__cur_of(section.data, section.length);
    const uint32_t jumps = ns__cur_u32(&cur);
    articles->places = ns__cur_take(&cur, (size_t)ns__packed_bytes(articles->count, width));
    articles->jumps.marks = ns__cur_take(&cur, (size_t)words * WORD_BYTES);
    articles->jumps.ranks = ns__cur_take(&cur, (size_t)words * 4);
    articles->jumps.back = ns__cur_take(&cur, (size_t)ns__packed_bytes(jumps, width));
    if (cur.bad || width == 0 || ns__cur_left(&cur) != 0)
        return wrong_size(articles, section.data, err);
    articles->jumps.count = jumps;
    articles->order_width = width;
    articles->ids_by_place = true;
    return NS_OK;
}

/* Whether the article is marked, and which one is before; what is no article when damaged. */
static bool is_marked(const ns__articles *articles, uint32_t article, uint32_t *back)
{
    const uint8_t *word = articles->jumps.marks + (size_t)(article / NS__RANK_BITS) * WORD_BYTES;
    const uint32_t in = article % NS__RANK_BITS;
    if (!(word[in / 8] >> in % 8 & 1))
        return false;
    uint64_t rank = ns__get_u32(articles->jumps.ranks + 4 * (size_t)(article / NS__RANK_BITS));
    for (uint32_t w = 0; w < in / 64; w++)
        rank += ns__count_ones(ns__get_u64(word + 8 * (size_t)w));
    const uint64_t last = ns__get_u64(word + 8 * (size_t)(in / 64));
    rank += ns__count_ones(last & ((1ull << in % 64) - 1));
    *back = rank < articles->jumps.count
                ? ns__packed_get(articles->jumps.back, rank, articles->order_width)
                : UINT32_MAX;
    return true;
}

/* The article whose place this is; false when it is not found in as many steps as it may take. */
static bool find_article(const ns__articles *articles, uint32_t place, uint32_t *article)
{
    bool jumped = false;
    uint32_t at = place;
    for (int step = 0; step <= 2 * MARK_STEP && at < articles->count; step++) {
        const uint32_t next = ns__article_place(articles, at);
        uint32_t back;
        *article = at;
        if (next == place)
            return true;
        if (!jumped && is_marked(articles, at, &back)) {
            jumped = true;
            at = back;
        } else {
            at = next;
        }
    }
    return false;
}

ns_status ns__article_at_place(const ns__articles *articles, uint32_t place, uint32_t *article,
                               ns_error *err)
{
    if (place >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", place);
    *article = place;
    if (articles->order_width == 0)
        return NS_OK;
    if (articles->by_place) {
        *article = ns__packed_get(articles->by_place, place, articles->order_width);
        if (*article < articles->count && ns__article_place(articles, *article) == place)
            return NS_OK;
    } else if (find_article(articles, place, article)) {
        return NS_OK;
    }
    return ns__frame_corrupt(articles->frame, articles->places, err,
                             "the input order of the articles contradicts itself");
}
