/* Collapsing copies: see copies.h. */
#include "search/copies.h"

/* What is known of one fingerprint; in a table of open addressing, empty where it is 0. */
typedef struct known {
    uint64_t fingerprint;
    uint64_t article; /* the first one met */
    uint32_t count;
    uint32_t only_in; /* the index and 1 of a segment that has one such article, a result; or 0 */
} known;

typedef struct table {
    known *items;
    size_t mask;
} table;

static ns_status make_table(ns_results *results, table *out, ns_error *err)
{
    size_t size = 16;
    while (size < 2 * results->count)
        size *= 2;
    out->items = ns__zalloc(size, sizeof *out->items);
    out->mask = size - 1;
    return out->items ? NS_OK : ns__no_memory(err);
}

/* The place of a fingerprint, or the empty one for it. Fingerprints are hashes already. */
static known *find(const table *all, uint64_t fingerprint)
{
    size_t at = (size_t)(fingerprint ^ fingerprint >> 20) & all->mask;
    while (all->items[at].fingerprint != 0 && all->items[at].fingerprint != fingerprint)
        at = (at + 1) & all->mask;
    return &all->items[at];
}

static uint64_t print_of(const ns_results *results, const ns__hit *hit)
{
    const ns__articles *articles = &results->index->segments[hit->segment].articles;
    return ns__article_fingerprint(articles, ns__hit_article(results, hit));
}

ns_status ns__copies_leave_out(ns_results *results, size_t want, ns_error *err)
{
    table all;
    ns__hit *kept = ns__arena_alloc(&results->arena, (results->count + 1) * sizeof *kept);
    if (kept == NULL)
        return ns__no_memory(err);
    NS_TRY(make_table(results, &all, err));
    size_t count = 0;
    for (size_t i = 0; i < results->count && count < want; i++) {
        const ns__hit *hit = &results->items[i];
        uint64_t fingerprint = print_of(results, hit);
        if (fingerprint != 0) {
            known *of = find(&all, fingerprint);
            if (of->fingerprint == 0)
                *of = (known){fingerprint, hit->article, 0, 0};
            else if (of->article != hit->article)
                continue;
        }
        kept[count++] = *hit;
    }
    ns__free(all.items);
    results->items = kept;
    results->count = count;
    return NS_OK;
}

/* Which fingerprints are looked for, by some of their bits: almost all others are seen not to be by
 * one look each. */
enum { SIEVE = 1 << 14 };

static inline uint32_t sieve_of(const uint8_t *fingerprint)
{
    return ns__get_u16(fingerprint) % SIEVE;
}

/* A segment that is searched for copies. */
typedef struct searched {
    const ns__segment *segment;
    uint32_t number; /* its index and 1 */
    const table *all;
    uint8_t *sieve;
} searched;

/* Counts the live articles from `a` to `end` that have one of the fingerprints. */
static void count_range(const searched *in, uint32_t a, uint32_t end)
{
    for (; a < end; a++) {
        uint64_t fingerprint = ns__article_fingerprint(&in->segment->articles, a);
        if (fingerprint == 0)
            continue;
        known *of = find(in->all, fingerprint);
        if (of->fingerprint != 0 && of->only_in != in->number &&
            !ns__segment_deleted(in->segment, a))
            of->count++;
    }
}

/* Makes the sieve; false when nothing has to be looked for in the segment. */
static bool fill_sieve(const searched *in)
{
    bool any = false;
    memset(in->sieve, 0, SIEVE);
    for (size_t i = 0; i <= in->all->mask; i++) {
        const known *of = &in->all->items[i];
        uint8_t low[2];
        if (of->fingerprint == 0 || of->only_in == in->number)
            continue;
        ns__put_u16(low, (uint16_t)of->fingerprint);
        in->sieve[sieve_of(low)] = 1;
        any = true;
    }
    return any;
}

static void count_segment(const searched *in)
{
    enum { TOGETHER = 16 };
    const uint8_t *at = in->segment->articles.prints;
    const uint32_t count = in->segment->articles.count;
    uint32_t a = 0;
    if (at == NULL || !fill_sieve(in))
        return;
    for (; a + TOGETHER <= count; a += TOGETHER, at += TOGETHER * NS__FINGERPRINT_BYTES) {
        uint8_t seen = 0;
        for (uint32_t i = 0; i < TOGETHER; i++)
            seen |= in->sieve[sieve_of(at + NS__FINGERPRINT_BYTES * i)];
        if (seen)
            count_range(in, a, a + TOGETHER);
    }
    count_range(in, a, count);
}

static ns_status count_all(const ns_results *results, const table *all, ns_error *err)
{
    uint8_t *sieve = ns__alloc(SIEVE, 1);
    if (sieve == NULL)
        return ns__no_memory(err);
    for (uint32_t s = 0; s < results->index->manifest.segment_count; s++)
        count_segment(&(searched){&results->index->segments[s], s + 1, all, sieve});
    ns__free(sieve);
    return NS_OK;
}

/* What is looked for. Where a segment knows that it has no other copy of a result, it is not
 * searched for it. */
static void look_for(const ns_results *results, const ns__hit *hit, const table *all)
{
    const uint64_t fingerprint = print_of(results, hit);
    const ns__articles *articles = &results->index->segments[hit->segment].articles;
    if (fingerprint == 0)
        return;
    known *of = find(all, fingerprint);
    of->fingerprint = fingerprint;
    if (of->only_in == 0 && ns__article_unrepeated(articles, ns__hit_article(results, hit))) {
        of->only_in = hit->segment + 1;
        of->count++;
    }
}

ns_status ns__copies_count(ns_results *results, ns_error *err)
{
    table all;
    if (results->count == 0)
        return NS_OK;
    uint32_t *copies = ns__arena_alloc(&results->arena, results->count * sizeof *copies);
    if (copies == NULL)
        return ns__no_memory(err);
    NS_TRY(make_table(results, &all, err));
    for (size_t i = 0; i < results->count; i++)
        look_for(results, &results->items[i], &all);
    ns_status status = count_all(results, &all, err);
    for (size_t i = 0; i < results->count; i++) {
        uint64_t fingerprint = print_of(results, &results->items[i]);
        uint32_t count = fingerprint ? find(&all, fingerprint)->count : 0;
        copies[i] = count > 0 ? count - 1 : 0;
    }
    ns__free(all.items);
    results->copies = copies;
    return status;
}
