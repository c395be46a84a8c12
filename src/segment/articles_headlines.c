/* Finding the headline of an article.
 *
 * Entries stand one behind the other, each as long as its fields, so those before it in its group
 * have to be stepped over. All that is needed of them is how many words their headlines have and
 * where they end: both lie in the first bytes, where the top bit of each byte tells the fields
 * apart. */
#include "segment/articles.h"

#include "base/limits.h"
#include "segment/articles_parts.h"

/* Bytes of a varint that lie in `word` from byte `from` to `last`, at most four of them. */
static uint32_t varint_in(uint64_t word, unsigned from, unsigned last)
{
    const uint64_t bytes = word >> 8 * from & UINT64_C(0x7f7f7f7f) >> 8 * (3 - (last - from));
    return (uint32_t)((bytes & 0x7f) | (bytes >> 1 & 0x3f80) | (bytes >> 2 & 0x1fc000) |
                      (bytes >> 3 & 0xfe00000));
}

/* The same steps as ns__entry_next, by the last bytes of the varints: eight bytes at once. False
 * where it is not that simple, or malformed; then *at has not moved. */
static bool step(const uint8_t **at, const uint8_t *end, uint32_t *terms)
{
    enum { FIELDS = NS__ENTRY_TITLE | NS__ENTRY_META | NS__ENTRY_GAP, LONGEST = 4 };
    static const uint8_t counts[FIELDS + 1] = {0, 1, 1, 2, 1, 2, 2, 3};
    static const uint64_t TOPS = UINT64_C(0x8080808080808080);
    if (end - *at < 9 || **at > NS__ENTRY_FLAGS)
        return false;
    const unsigned flags = **at;
    const uint64_t word = ns__get_u64(*at + 1);
    uint64_t lasts = ~word & TOPS;
    for (unsigned i = counts[flags & FIELDS]; i > 0; i--)
        lasts &= lasts - 1;
    if (lasts == 0)
        return false;
    unsigned next = (unsigned)__builtin_ctzll(lasts) / 8 + 1, last;
    lasts &= lasts - 1;
    *terms = 0;
    if (flags & NS__ENTRY_TERMS) {
        last = lasts ? (unsigned)__builtin_ctzll(lasts) / 8 : 8;
        if (last == 8 || last - next >= LONGEST)
            return false;
        *terms = varint_in(word, next, last);
        next = last + 1;
    }
    next += (flags & NS__ENTRY_LANG) != 0;
    uint32_t map = 0;
    if (flags & NS__ENTRY_MAP) {
        lasts = next < 8 ? ~word & TOPS & UINT64_MAX << 8 * next : 0;
        last = lasts ? (unsigned)__builtin_ctzll(lasts) / 8 : 8;
        if (last == 8 || last - next >= LONGEST)
            return false;
        map = varint_in(word, next, last);
        next = last + 1;
    }
    if (next > 8 || map > (size_t)(end - *at) - 1 - next || (flags & NS__ENTRY_MAP && map == 0))
        return false;
    *at += 1 + next + map;
    return true;
}

/* The plain way. */
static ns_status step_plainly(const ns__articles *articles, ns__headline_reader *reader,
                              uint32_t *terms, ns_error *err)
{
    const uint8_t *end = articles->entries.data + articles->entries.length;
    ns__entry_cursor cursor = {.cur = {reader->at, end, false}};
    ns__raw_entry entry;
    NS_TRY(ns__entry_next(articles, &cursor, &entry, err));
    reader->at = cursor.cur.at;
    *terms = entry.title_terms;
    return NS_OK;
}

ns_status ns__headline_find(const ns__articles *articles, ns__headline_reader *reader,
                            uint32_t article, ns__headline *out, ns_error *err)
{
    const uint8_t *end = articles->entries.data + articles->entries.length;
    const uint32_t group = article / NS__GROUP_ARTICLES;
    if (article >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", article);
    if (reader->at == NULL || article < reader->article ||
        reader->article / NS__GROUP_ARTICLES != group) {
        ns__entry_cursor cursor;
        NS_TRY(ns__entry_seek(articles, group, &cursor, err));
        *reader = (ns__headline_reader){cursor.cur.at, cursor.headline, cursor.article};
    }
    const uint8_t *at;
    uint32_t terms;
    do {
        at = reader->at;
        if (!step(&reader->at, end, &terms))
            NS_TRY(step_plainly(articles, reader, &terms, err));
        *out = (ns__headline){reader->start, terms};
        reader->start += terms;
        reader->article++;
    } while (reader->article <= article);
    if (out->start > articles->headline_terms || out->terms > articles->headline_terms - out->start)
        return ns__frame_corrupt(articles->frame, at, err,
                                 "a headline lies behind the last headline word");
    /* Words of width 0 take no bytes: this cap keeps a hostile entry from asking for gigabytes. */
    if (articles->headline_width == 0 && out->terms > NS_MAX_TITLE_TERMS)
        return ns__frame_corrupt(articles->frame, at, err, "a headline has too many words");
    return NS_OK;
}

ns_status ns__article_headline(const ns__articles *articles, uint32_t article, ns__arena *arena,
                               const uint32_t **ordinals, uint32_t *count, ns_error *err)
{
    ns__headline_reader reader = {0};
    ns__headline headline;
    NS_TRY(ns__headline_find(articles, &reader, article, &headline, err));
    uint32_t *words = ns__arena_alloc(arena, (size_t)headline.terms * sizeof *words);
    if (words == NULL)
        return ns__no_memory(err);
    for (uint32_t i = 0; i < headline.terms; i++)
        words[i] = ns__headline_word(articles, &headline, i);
    *ordinals = words;
    *count = headline.terms;
    return NS_OK;
}
