/* Finding the headlines of articles.
 *
 * Entries stand one behind the other, each as long as its fields, so those before it in its group
 * have to be stepped over. All that is needed of them is how many words their headlines have and
 * where they end: both lie in the first bytes, where the top bit of each byte tells the fields
 * apart. Where an entry begins is known only when the one before was looked at, and each mostly is
 * in memory of its own that has to be waited for: so several groups are walked at the same time.
 *
 * Where the headlines of the articles begin that were walked over is kept while the segment is
 * open, two bytes an article: a little later nobody has to walk any more. Each is written at once,
 * and whoever writes it writes the same, so threads need not know of each other. Who only looks for
 * those of a few results never needs that memory. */
#include "segment/articles.h"

#include "base/limits.h"
#include "base/mem.h"
#include "segment/articles_parts.h"

/* The top bits of eight bytes. A varint's bytes have it set, all but the last: what is left of the
 * complement says where the varints of a word end. */
static const uint64_t TOPS = UINT64_C(0x8080808080808080);

enum { LONGEST = 4 }; /* varint that is read from a word */

/* The varint in the lowest `bytes` bytes of a word, at most LONGEST. */
static uint32_t varint_of(uint64_t word, unsigned bytes)
{
    word &= UINT64_C(0x7f7f7f7f) >> 8 * (4 - bytes);
    return (uint32_t)((word & 0x7f) | (word >> 1 & 0x3f80) | (word >> 2 & 0x1fc000) |
                      (word >> 3 & 0xfe00000));
}

/* The byte in which the first varint of these ends; 8 when none does. */
static unsigned first_last(uint64_t lasts)
{
    return lasts ? (unsigned)__builtin_ctzll(lasts) / 8 : 8;
}

/* Passes over a map: the varint of its length, and so many bytes. False where it is not that
 * simple. Eight bytes can be read. */
static bool pass_map(const uint8_t **at, const uint8_t *end)
{
    const uint64_t word = ns__get_u64(*at);
    const unsigned bytes = first_last(~word & TOPS) + 1;
    if (bytes > LONGEST)
        return false;
    const uint32_t length = varint_of(word, bytes);
    const uint8_t *start = *at + bytes;
    if (length == 0 || length > (size_t)(end - start))
        return false;
    *at = start + length;
    return true;
}

/* The same steps as ns__entry_next, by the last bytes of the varints: eight bytes at once. False
 * where it is not that simple, or malformed; then *at has not moved.
 *
 *   flags | body, title, meta, gap: as many varints as there are | terms | language | map */
static bool step(const uint8_t **at, const uint8_t *end, uint32_t *terms)
{
    enum {
        OPTIONAL = NS__ENTRY_TITLE | NS__ENTRY_META | NS__ENTRY_GAP,
        READ = 1 + 8 + 1 + 8 /* flags, varints, language, length of the map */
    };
    static const uint8_t counts[OPTIONAL + 1] = {0, 1, 1, 2, 1, 2, 2, 3};
    if (end - *at < READ || **at > NS__ENTRY_FLAGS)
        return false;
    const unsigned flags = **at;
    const uint64_t word = ns__get_u64(*at + 1);
    uint64_t lasts = ~word & TOPS;
    for (unsigned i = counts[flags & OPTIONAL]; i > 0; i--)
        lasts &= lasts - 1;
    if (lasts == 0) /* the last of them ends behind the word */
        return false;
    const unsigned before = first_last(lasts) + 1;
    const uint8_t *next = *at + 1 + before;
    *terms = 0;
    if (flags & NS__ENTRY_TERMS) {
        lasts &= lasts - 1;
        const unsigned bytes = lasts ? first_last(lasts) + 1 - before : 8;
        if (bytes > LONGEST)
            return false;
        *terms = varint_of(word >> 8 * before, bytes);
        next += bytes;
    }
    next += (flags & NS__ENTRY_LANG) != 0;
    if ((flags & NS__ENTRY_MAP) && !pass_map(&next, end))
        return false;
    *at = next;
    return true;
}

/* ---- What is known ---- */

/* Words of headlines before a group. */
static uint64_t group_start(const ns__articles *articles, uint32_t group)
{
    return ns__get_u64(articles->groups.data + NS__GROUP_BYTES * (size_t)group + 8);
}

static uint16_t *places_of(const ns__articles *articles)
{
    const ns__headlines_kept *kept = articles->headlines_kept;
    return kept ? __atomic_load_n(&kept->places, __ATOMIC_ACQUIRE) : NULL;
}

/* Begins to keep them once many were looked for. Of two threads that do the first wins. */
static ns_status note_asked(const ns__articles *articles, size_t count, ns_error *err)
{
    enum { MANY = 512 };
    ns__headlines_kept *kept = articles->headlines_kept;
    if (kept == NULL || articles->headline_terms == 0 || places_of(articles) != NULL)
        return NS_OK;
    const uint32_t more = count < MANY ? (uint32_t)count : MANY;
    if (__atomic_add_fetch(&kept->asked, more, __ATOMIC_RELAXED) < MANY)
        return NS_OK;
    uint16_t *none = NULL, *places = ns__zalloc((size_t)articles->count + 1, sizeof *places);
    if (places == NULL)
        return ns__no_memory(err);
    if (!__atomic_compare_exchange_n(&kept->places, &none, places, false, __ATOMIC_RELEASE,
                                     __ATOMIC_RELAXED))
        ns__free(places);
    return NS_OK;
}

void ns__headlines_forget(ns__articles *articles)
{
    if (articles->headlines_kept != NULL)
        ns__free(articles->headlines_kept->places);
    ns__free(articles->headlines_kept);
    articles->headlines_kept = NULL;
}

/* Keeps where a headline begins; 0 stands for what is not known, or too far from its group. */
static void keep(const ns__articles *articles, uint32_t article, uint64_t start)
{
    uint16_t *places = places_of(articles);
    if (places == NULL)
        return;
    const uint64_t from = start - group_start(articles, article / NS__GROUP_ARTICLES);
    if (from < UINT16_MAX)
        __atomic_store_n(&places[article], (uint16_t)(from + 1), __ATOMIC_RELAXED);
}

/* Whether it is known where a headline begins, and the next one. */
static bool recall(const ns__articles *articles, uint32_t article, ns__headline *out)
{
    const uint32_t group = article / NS__GROUP_ARTICLES, next = article + 1;
    const uint16_t *known = places_of(articles);
    uint64_t end = articles->headline_terms;
    if (known == NULL)
        return false;
    const uint16_t here = __atomic_load_n(&known[article], __ATOMIC_RELAXED);
    if (here == 0)
        return false;
    out->start = group_start(articles, group) + here - 1;
    if (next % NS__GROUP_ARTICLES == 0 && next < articles->count) {
        end = group_start(articles, group + 1);
    } else if (next < articles->count) {
        const uint16_t there = __atomic_load_n(&known[next], __ATOMIC_RELAXED);
        if (there == 0)
            return false;
        end = group_start(articles, group) + there - 1;
    }
    out->terms = (uint32_t)(end - out->start);
    return end >= out->start && end - out->start <= UINT32_MAX;
}

/* ---- Walking ---- */

/* A walk over the entries of a group. */
typedef struct walk {
    const uint8_t *at;
    uint64_t start;   /* words of the headlines before */
    uint32_t article; /* whose entry is at `at` */
    size_t index;     /* of the article that is wanted */
} walk;

/* The plain way. */
static ns_status step_plainly(const ns__articles *articles, walk *of, uint32_t *terms,
                              ns_error *err)
{
    const uint8_t *end = articles->entries.data + articles->entries.length;
    ns__entry_cursor cursor = {.cur = {of->at, end, false}};
    ns__raw_entry entry;
    NS_TRY(ns__entry_next(articles, &cursor, &entry, err));
    of->at = cursor.cur.at;
    *terms = entry.title_terms;
    return NS_OK;
}

/* Goes on to the next headline. */
static ns_status go_on(const ns__articles *articles, walk *of, uint32_t *terms, ns_error *err)
{
    const uint8_t *end = articles->entries.data + articles->entries.length;
    if (!step(&of->at, end, terms))
        NS_TRY(step_plainly(articles, of, terms, err));
    keep(articles, of->article++, of->start);
    of->start += *terms;
    if (of->article % NS__GROUP_ARTICLES != 0 && of->article < articles->count)
        keep(articles, of->article, of->start);
    __builtin_prefetch(of->at);
    return NS_OK;
}

static ns_status begin(const ns__articles *articles, const uint32_t *wanted, size_t index,
                       walk *out, ns_error *err)
{
    ns__entry_cursor cursor;
    NS_TRY(ns__entry_seek(articles, wanted[index] / NS__GROUP_ARTICLES, &cursor, err));
    *out = (walk){cursor.cur.at, cursor.headline, cursor.article, index};
    return NS_OK;
}

/* ---- Finding ---- */

/* Says so when a headline is not one. Else its words will be wanted. */
static ns_status check(const ns__articles *articles, const ns__headline *headline, ns_error *err)
{
    const uint64_t start = headline->start, all = articles->headline_terms;
    const char *why = NULL;
    if (start > all || headline->terms > all - start)
        why = "a headline lies behind the last headline word";
    /* Words of width 0 take no bytes: this cap keeps a hostile entry from asking for gigabytes. */
    else if (articles->headline_width == 0 && headline->terms > NS_MAX_TITLE_TERMS)
        why = "a headline has too many words";
    if (why != NULL)
        return ns__frame_corrupt(articles->frame, articles->entries.data, err, why);
    __builtin_prefetch(articles->headlines.data + start * articles->headline_width / 8);
    return NS_OK;
}

/* The next article that has to be walked to; `count` when there is none. Finds those before it. */
static ns_status next_unknown(const ns__articles *articles, const uint32_t *wanted, size_t count,
                              size_t *next, ns__headline *out, ns_error *err)
{
    for (; *next < count; (*next)++) {
        if (wanted[*next] >= articles->count)
            return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", wanted[*next]);
        if (!recall(articles, wanted[*next], &out[*next]))
            return NS_OK;
        NS_TRY(check(articles, &out[*next], err));
    }
    return NS_OK;
}

ns_status ns__headlines_find(const ns__articles *articles, const uint32_t *wanted, size_t count,
                             ns__headline *out, ns_error *err)
{
    enum { WALKS = 16 };
    walk walks[WALKS];
    size_t next = 0, live = 0;
    NS_TRY(note_asked(articles, count, err));
    NS_TRY(next_unknown(articles, wanted, count, &next, out, err));
    for (; live < WALKS && next < count; live++) {
        NS_TRY(begin(articles, wanted, next++, &walks[live], err));
        NS_TRY(next_unknown(articles, wanted, count, &next, out, err));
    }
    for (size_t w = 0; live > 0; w = w + 1 < live ? w + 1 : 0) {
        walk *of = &walks[w];
        uint32_t terms;
        const uint64_t start = of->start;
        NS_TRY(go_on(articles, of, &terms, err));
        if (of->article <= wanted[of->index])
            continue;
        out[of->index] = (ns__headline){start, terms};
        NS_TRY(check(articles, &out[of->index], err));
        if (next < count) {
            NS_TRY(begin(articles, wanted, next++, of, err));
            NS_TRY(next_unknown(articles, wanted, count, &next, out, err));
        } else {
            *of = walks[--live];
        }
    }
    return NS_OK;
}

ns_status ns__article_headline(const ns__articles *articles, uint32_t article, ns__arena *arena,
                               const uint32_t **ordinals, uint32_t *count, ns_error *err)
{
    ns__headline headline;
    NS_TRY(ns__headlines_find(articles, &article, 1, &headline, err));
    uint32_t *words = ns__arena_alloc(arena, (size_t)headline.terms * sizeof *words);
    if (words == NULL)
        return ns__no_memory(err);
    for (uint32_t i = 0; i < headline.terms; i++)
        words[i] = ns__headline_word(articles, &headline, i);
    *ordinals = words;
    *count = headline.terms;
    return NS_OK;
}
