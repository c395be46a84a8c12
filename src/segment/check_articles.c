/* Checking the article table by itself, and the stored text behind it.
 *
 * On the way it keeps what the check of the lists needs: headlines, and how many body words stand
 * before each passage. */
#include "segment/check_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- One article ---- */

static int compare_u32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* Keeps the headline of the article, sorted, for the check of the lists. */
static void keep_headline(ns__check *check, uint32_t article, const char *name)
{
    ns_error error = {.offset = NS_NO_OFFSET};
    const ns__articles *articles = &check->segment->articles;
    uint64_t start = check->headline_starts[article];
    const uint32_t *ordinals = NULL;
    uint32_t count = 0;
    ns_status status =
        ns__article_headline(articles, article, &check->arena, &ordinals, &count, &error);
    if (status < 0) {
        ns__check_error(check, status, &error, name);
        count = 0;
    }
    check->headline_starts[article + 1] = start + count;
    if (count == 0)
        return;
    if (NS_RESERVE(check->headlines, check->headline_capacity, (size_t)start + count) < 0) {
        check->no_memory = true;
        return;
    }
    memcpy(check->headlines + start, ordinals, count * sizeof *ordinals);
    qsort(check->headlines + start, count, sizeof *ordinals, compare_u32);
    uint32_t last = check->headlines[start + count - 1];
    if (last >= check->segment->terms.count)
        ns__check_fault(check, articles->frame, articles->headlines.data,
                        "%s: its headline has term %u, but there are only %u terms", name, last,
                        check->segment->terms.count);
}

/* What reading strings needs. */
typedef struct string_scratch {
    ns__zstrings_reader ids;
    ns__id_finder finder;
    ns__buf id, value, before;
} string_scratch;

static void check_id(ns__check *check, uint32_t article, const char *name, string_scratch *scratch)
{
    ns__buf *id = &scratch->id;
    ns_error error = {.offset = NS_NO_OFFSET};
    const ns__articles *articles = &check->segment->articles;
    uint32_t found;
    ns_status status = ns__article_id(articles, article, &scratch->ids, id, &error);
    if (status == NS_OK)
        status = ns__id_find(articles, &scratch->finder, (ns__str){id->data, id->length}, &found,
                             &error);
    if (status < 0)
        ns__check_error(check, status, &error, name);
    else if (status == NS_NOT_FOUND)
        ns__check_fault(check, articles->frame, articles->id_table.data,
                        "%s: its id is not in the hash table of ids", name);
    else if (found < article)
        ns__check_fault(check, articles->frame, articles->id_table.data,
                        "%s: the hash table of ids leads to the older article %u", name, found);
}

static void check_columns(ns__check *check, uint32_t article, const char *name,
                          string_scratch *scratch)
{
    const ns__str id = {scratch->id.data, scratch->id.length};
    ns_error error = {.offset = NS_NO_OFFSET};
    for (int c = 0; c < NS__COLUMN_COUNT; c++) {
        ns_status status = ns__article_column(&check->segment->articles, article, (ns__column)c, id,
                                              &scratch->value, &error);
        if (status < 0)
            ns__check_error(check, status, &error, name);
    }
}

/* The date against the ranges of the windows that the article has passages in. */
static void check_date(ns__check *check, uint32_t article, const ns__stamp *date, const char *name)
{
    const ns__articles *articles = &check->segment->articles;
    if (date->unix_s == INT64_MIN)
        return;
    uint32_t from = ns__article_first(articles, article) / articles->window_passages;
    uint32_t to = (ns__article_first(articles, article + 1) - 1) / articles->window_passages;
    for (uint32_t w = from; w <= to; w++) {
        int64_t earliest, latest;
        ns__articles_window_dates(articles, w, &earliest, &latest);
        if (date->unix_s < earliest || date->unix_s > latest)
            ns__check_fault(check, articles->frame, articles->date_windows.data + 16 * (size_t)w,
                            "%s: its date lies outside of the range of window %u", name, w);
    }
}

/* A body has a fingerprint only where it has words. */
static void check_fingerprint(ns__check *check, uint32_t article, uint64_t words, const char *name)
{
    const ns__articles *articles = &check->segment->articles;
    if (words == 0 && ns__article_fingerprint(articles, article) != 0)
        ns__check_fault(check, articles->frame,
                        articles->prints + NS__FINGERPRINT_BYTES * (size_t)article,
                        "%s: its body has a fingerprint, but no words", name);
}

static void check_facts(ns__check *check, uint32_t article, const ns__raw_entry *entry,
                        const char *name)
{
    ns_error error = {.offset = NS_NO_OFFSET};
    ns__article_facts facts;
    const ns__articles *articles = &check->segment->articles;
    uint64_t bytes = entry->title_bytes + (uint64_t)entry->body_bytes + entry->meta_bytes, end;
    bool adds = ns__add_u64(entry->text_offset, bytes, &end);
    if (!adds || (end > check->segment->store.length && !check->segment->no_text))
        ns__check_fault(check, articles->frame, entry->at,
                        "%s: its text lies outside of the stored text", name);
    if (!(articles->langs_used[entry->lang / 8] >> entry->lang % 8 & 1))
        ns__check_fault(check, articles->frame, entry->at,
                        "%s: its language %u is not among those of the segment", name, entry->lang);
    ns_status status = ns__article_facts_get(articles, article, &check->arena, &facts, &error);
    uint32_t passage = ns__article_first(articles, article);
    uint32_t last = ns__article_first(articles, article + 1);
    for (uint32_t p = passage; p < last; p++)
        check->token_starts[p + 1] =
            check->token_starts[p] + (status == NS_OK ? facts.passages[p - passage].terms : 0);
    if (status < 0)
        ns__check_error(check, status, &error, name);
    else
        check_date(check, article, &facts.date, name);
    if (status == NS_OK)
        check_fingerprint(check, article, check->token_starts[last] - check->token_starts[passage],
                          name);
}

/* ---- All articles ---- */

/* The record of a group against where the entries before it end. */
static void check_group(ns__check *check, uint32_t group, const ns__entry_cursor *cursor)
{
    const ns__articles *articles = &check->segment->articles;
    const uint8_t *record = articles->groups.data + NS__GROUP_BYTES * (size_t)group;
    uint64_t offset = (uint64_t)(cursor->cur.at - articles->entries.data);
    if (ns__get_u64(record) != offset || ns__get_u64(record + 8) != cursor->headline ||
        ns__get_u64(record + 16) != cursor->text)
        ns__check_fault(check, articles->frame, record,
                        "the record of articles %u and following contradicts the entries before",
                        group * NS__GROUP_ARTICLES);
}

static void walk_articles(ns__check *check, ns__entry_cursor *cursor, string_scratch *scratch)
{
    const ns__articles *articles = &check->segment->articles;
    for (uint32_t a = 0; a < articles->count && ns__check_goes_on(check); a++) {
        char name[32];
        ns__raw_entry entry;
        ns_error error = {.offset = NS_NO_OFFSET};
        snprintf(name, sizeof name, "article %u", a);
        if (a % NS__GROUP_ARTICLES == 0)
            check_group(check, a / NS__GROUP_ARTICLES, cursor);
        ns_status status = ns__entry_next(articles, cursor, &entry, &error);
        if (status < 0) {
            ns__check_error(check, status, &error, name);
            return;
        }
        check_facts(check, a, &entry, name);
        keep_headline(check, a, name);
        check_id(check, a, name, scratch);
        check_columns(check, a, name, scratch);
        ns__arena_release(&check->arena);
    }
    if (!ns__check_goes_on(check))
        return;
    if (ns__cur_left(&cursor->cur) != 0)
        ns__check_fault(check, articles->frame, cursor->cur.at,
                        "there are bytes behind the entry of the last article");
    if (cursor->headline != articles->headline_terms)
        ns__check_fault(check, articles->frame, articles->headlines.data,
                        "the headlines have another number of words than their articles say");
}

static void check_totals(ns__check *check)
{
    const ns__articles *articles = &check->segment->articles;
    uint64_t total = 0;
    for (uint32_t p = 0; p < articles->passages; p++)
        total += ns__length_of(&articles->lengths, p);
    if (total != articles->total_length)
        ns__check_fault(check, articles->frame, articles->lengths.data,
                        "the lengths of the passages add up to %llu, not to %llu",
                        (unsigned long long)total, (unsigned long long)articles->total_length);
    if (!check->incomplete &&
        check->token_starts[articles->passages] + articles->headline_terms != articles->tokens)
        ns__check_fault(check, articles->frame, articles->lengths.data,
                        "bodies and headlines have another number of words than %llu",
                        (unsigned long long)articles->tokens);
}

/* Places in the input: one an article, and not all of them where they are anyway. */
static void check_order(ns__check *check)
{
    const ns__articles *articles = &check->segment->articles;
    bool same = articles->order_width > 0;
    for (uint32_t p = 0; p < articles->count && articles->order_width > 0; p++) {
        ns_error error = {.offset = NS_NO_OFFSET};
        uint32_t article;
        ns_status status = ns__article_at_place(articles, p, &article, &error);
        if (status < 0) {
            ns__check_error(check, status, &error, "the input order");
            return;
        }
        same = same && article == p;
    }
    if (same)
        ns__check_fault(check, articles->frame, articles->places,
                        "the input order is stored, though the articles stand in it");
}

typedef struct print {
    uint64_t fingerprint;
    uint32_t article;
} print;

static int by_fingerprint(const void *a, const void *b)
{
    const print *left = a, *right = b;
    return (left->fingerprint > right->fingerprint) - (left->fingerprint < right->fingerprint);
}

/* Whether what is said of repeated bodies is what their fingerprints say. */
static void check_repeated(ns__check *check)
{
    const ns__articles *articles = &check->segment->articles;
    const uint32_t count = articles->count;
    print *prints = NULL;
    if (articles->repeated_known && count > 0)
        prints = ns__check_alloc(check, count, sizeof *prints);
    if (prints == NULL)
        return;
    for (uint32_t a = 0; a < count; a++)
        prints[a] = (print){ns__article_fingerprint(articles, a), a};
    qsort(prints, count, sizeof *prints, by_fingerprint);
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t fingerprint = prints[i].fingerprint;
        const bool before = i > 0 && prints[i - 1].fingerprint == fingerprint,
                   behind = i + 1 < count && prints[i + 1].fingerprint == fingerprint,
                   repeated = fingerprint != 0 && (before || behind);
        if (repeated == ns__article_unrepeated(articles, prints[i].article)) {
            const uint8_t *at = articles->repeated ? articles->repeated : articles->prints;
            ns__check_fault(check, articles->frame, at,
                            "article %u: whether its body is repeated is told wrongly",
                            prints[i].article);
            break;
        }
    }
    ns__free(prints);
}

/* Values of columns: "" first, then strictly ascending. */
static void check_column_order(ns__check *check, int column, ns__buf *before, ns__buf *value)
{
    const ns__articles *articles = &check->segment->articles;
    const ns__strings *values = &articles->columns[column].values;
    for (uint32_t i = 0; i < values->count && ns__check_goes_on(check); i++) {
        ns__buf swap = *before;
        *before = *value;
        *value = swap;
        bool good = ns__strings_get(values, i, value);
        check->no_memory |= value->failed;
        if (good && i > 0)
            good = ns__str_compare((ns__str){before->data, before->length},
                                   (ns__str){value->data, value->length}) < 0;
        else if (good)
            good = value->length == 0;
        if (!good) {
            ns__check_fault(check, articles->frame, values->data,
                            "value %u of column %d cannot be read or is out of order", i, column);
            return;
        }
    }
}

void ns__check_articles(ns__check *check)
{
    const ns__articles *articles = &check->segment->articles;
    string_scratch scratch = {0};
    ns__entry_cursor cursor = {.cur = ns__cur_of(articles->entries.data, articles->entries.length)};
    check->headline_starts = ns__check_alloc(check, (uint64_t)articles->count + 1, 8);
    check->token_starts = ns__check_alloc(check, (uint64_t)articles->passages + 1, 8);
    if (ns__check_goes_on(check))
        walk_articles(check, &cursor, &scratch);
    for (int c = 0; c < NS__COLUMN_COUNT && ns__check_goes_on(check); c++)
        check_column_order(check, c, &scratch.before, &scratch.value);
    if (ns__check_goes_on(check))
        check_totals(check);
    if (ns__check_goes_on(check))
        check_order(check);
    if (ns__check_goes_on(check))
        check_repeated(check);
    ns__zstrings_reader_release(&scratch.ids);
    ns__id_finder_release(&scratch.finder);
    ns__buf_release(&scratch.id);
    ns__buf_release(&scratch.value);
    ns__buf_release(&scratch.before);
}

/* ---- Stored text ---- */

/* A part of the stored text, read ahead: articles follow one another. */
typedef struct text_window {
    uint64_t start;
    ns__buf bytes;
} text_window;

enum { READ_AHEAD = 4 << 20 };

/* Bytes [offset, offset + length) of the stream, or NULL: then *error says why. */
static const uint8_t *window_get(text_window *window, const ns__store *store, uint64_t offset,
                                 uint64_t length, ns_status *status, ns_error *error)
{
    *status = NS_OK;
    if (offset < window->start || offset + length > window->start + window->bytes.length) {
        uint64_t part = length > READ_AHEAD ? length : READ_AHEAD;
        if (part > store->length - offset)
            part = store->length - offset;
        ns__buf_clear(&window->bytes);
        window->start = offset;
        *status = ns__store_read(store, offset, part, &window->bytes, error);
        if (*status < 0)
            return NULL;
    }
    return window->bytes.data + (offset - window->start);
}

/* Passages begin and end between characters. */
static void check_borders(ns__check *check, uint32_t article, const ns__article_facts *facts,
                          const uint8_t *body)
{
    const ns__articles *articles = &check->segment->articles;
    for (uint32_t p = 0; p < facts->passage_count; p++) {
        const uint32_t borders[2] = {facts->passages[p].start, facts->passages[p].end};
        for (int i = 0; i < 2; i++)
            if (borders[i] < facts->body_bytes && (body[borders[i]] & 0xc0) == 0x80)
                ns__check_fault(check, articles->frame, articles->entries.data,
                                "article %u: passage %u begins or ends inside a character", article,
                                p);
    }
}

static void check_bodies(ns__check *check, text_window *window)
{
    const ns__articles *articles = &check->segment->articles;
    uint64_t text_bytes = 0;
    for (uint32_t a = 0; a < articles->count && ns__check_goes_on(check); a++) {
        ns_error error = {.offset = NS_NO_OFFSET};
        ns__article_facts facts;
        ns_status status = ns__article_facts_get(articles, a, &check->arena, &facts, &error);
        const uint8_t *body = NULL;
        if (status == NS_OK && !check->segment->no_text)
            body = window_get(window, &check->segment->store, facts.text_offset + facts.title_bytes,
                              facts.body_bytes, &status, &error);
        if (status < 0) {
            ns__check_error(check, status, &error, "the text of an article");
            return;
        }
        if (facts.body_bytes > 0 && !check->segment->no_text)
            check_borders(check, a, &facts, body);
        text_bytes += (uint64_t)facts.title_bytes + facts.body_bytes;
        ns__arena_release(&check->arena);
    }
    if (ns__check_goes_on(check) && text_bytes != check->segment->ref.text_bytes)
        ns__check_fault(check, articles->frame, NULL,
                        "titles and bodies have %llu bytes; the manifest says %llu",
                        (unsigned long long)text_bytes,
                        (unsigned long long)check->segment->ref.text_bytes);
}

void ns__check_text(ns__check *check)
{
    const ns__store *store = &check->segment->store;
    text_window window = {0};
    ns_error damage = {.offset = NS_NO_OFFSET};
    const ns_status models = ns__store_check_models(store, &damage);
    if (models < 0)
        ns__check_error(check, models, &damage, "stored text");
    for (uint32_t block = 0; block < store->blocks && ns__check_goes_on(check); block++) {
        ns_error error = {.offset = NS_NO_OFFSET};
        uint64_t start = (uint64_t)block * store->block_bytes, left = store->length - start;
        ns__buf_clear(&window.bytes);
        ns_status status =
            ns__store_read(store, start, left < store->block_bytes ? left : store->block_bytes,
                           &window.bytes, &error);
        if (status < 0)
            ns__check_error(check, status, &error, "stored text");
    }
    ns__buf_clear(&window.bytes);
    if (ns__check_goes_on(check) && !check->incomplete)
        check_bodies(check, &window);
    ns__buf_release(&window.bytes);
}
