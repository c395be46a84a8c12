/* Reading the article table: see articles.h, and docs/format.md for the bytes.
 *
 * Opening checks in one pass what the inline readers rely on. Entries are checked when they are
 * read: a hostile one costs at most the bytes it claims to have. */
#include "segment/articles.h"

#include "base/limits.h"
#include "segment/articles_parts.h"

static ns_status find(const ns__articles *articles, uint32_t name, uint64_t length, ns__str *out,
                      const char *why, ns_error *err)
{
    NS_TRY(ns__frame_find(articles->frame, name, out, err));
    if (out->length != length)
        return ns__frame_corrupt(articles->frame, out->data, err, why);
    return NS_OK;
}

static ns_status open_head(ns__articles *out, ns_error *err)
{
    ns__str head;
    NS_TRY(find(out, NS__ART_HEAD, NS__HEAD_BYTES, &head, "the head has another size", err));
    ns__cur cur = ns__cur_of(head.data, head.length);
    out->count = ns__cur_u32(&cur);
    out->passages = ns__cur_u32(&cur);
    out->tokens = ns__cur_u64(&cur);
    out->total_length = ns__cur_u64(&cur);
    out->headline_terms = ns__cur_u64(&cur);
    out->title_weight = ns__cur_u32(&cur);
    out->window_passages = ns__cur_u32(&cur);
    out->lengths.width = ns__cur_u8(&cur);
    uint8_t one_passage = ns__cur_u8(&cur);
    out->headline_width = ns__cur_u8(&cur);
    uint8_t zero = ns__cur_u8(&cur);
    const uint8_t *langs = ns__cur_take(&cur, sizeof out->langs_used);
    memcpy(out->langs_used, langs, sizeof out->langs_used);
    unsigned width = out->lengths.width;
    uint32_t window = out->window_passages;
    if (out->count > out->passages || out->passages > NS_MAX_PASSAGES ||
        (out->count == 0 && out->passages != 0))
        return ns__frame_corrupt(out->frame, head.data, err,
                                 "the numbers of articles and passages contradict each other");
    if ((width != 1 && width != 2 && width != 4) || one_passage != (out->count == out->passages) ||
        out->headline_width > 32 || zero != 0 || window == 0 || (window & (window - 1)) != 0 ||
        out->title_weight > 255)
        return ns__frame_corrupt(out->frame, head.data, err, "the head is malformed");
    out->one_passage = one_passage != 0;
    if (out->passages > 0)
        out->average = (double)out->total_length / (double)out->passages;
    return NS_OK;
}

static ns_status open_borders(ns__articles *out, ns_error *err)
{
    ns__str first, bits, ranks;
    uint64_t blocks = ((uint64_t)out->passages + NS__RANK_BITS - 1) / NS__RANK_BITS;
    if (out->one_passage)
        return NS_OK;
    NS_TRY(find(out, NS__ART_FIRST, 4 * ((uint64_t)out->count + 1), &first,
                "there is not one first passage for each article", err));
    NS_TRY(find(out, NS__ART_BITS, blocks * (NS__RANK_BITS / 8), &bits,
                "the bits of first passages have another size", err));
    NS_TRY(find(out, NS__ART_RANKS, 4 * blocks, &ranks, "the rank samples have another size", err));
    out->first = first.data;
    out->bits = bits.data;
    out->ranks = ranks.data;
    return ns__articles_check_borders(out, err);
}

static ns_status open_fingerprints(ns__articles *out, ns_error *err)
{
    ns__str prints;
    if (!ns__articles_have(out, NS__ART_COPIES))
        return NS_OK;
    NS_TRY(find(out, NS__ART_COPIES, NS__FINGERPRINT_BYTES * (uint64_t)out->count, &prints,
                "there is not one fingerprint for each article", err));
    out->prints = prints.data;
    return ns__repeated_open(out, err);
}

ns_status ns__articles_open(const ns__frame *frame, ns__articles *out, ns_error *err)
{
    *out = (ns__articles){.frame = frame, .kernels = ns__unpack_kernels_for(ns__cpu_isa())};
    NS_TRY(open_head(out, err));
    NS_TRY(open_borders(out, err));
    ns__str lengths;
    NS_TRY(find(out, NS__ART_LENGTHS, (uint64_t)out->passages * out->lengths.width, &lengths,
                "there is not one length for each passage", err));
    out->lengths.data = lengths.data;
    out->lengths.count = out->passages;
    uint64_t groups = ((uint64_t)out->count + NS__GROUP_ARTICLES - 1) / NS__GROUP_ARTICLES;
    NS_TRY(find(out, NS__ART_GROUPS, groups * NS__GROUP_BYTES, &out->groups,
                "there is not one record for each group of articles", err));
    NS_TRY(ns__frame_find(frame, NS__ART_ENTRIES, &out->entries, err));
    NS_TRY(ns__frame_find(frame, NS__ART_HEADLINES, &out->headlines, err));
    if (out->headline_terms > UINT64_MAX / 64 ||
        out->headlines.length != (out->headline_terms * out->headline_width + 7) / 8)
        return ns__frame_corrupt(frame, out->headlines.data, err,
                                 "the headlines have another size than their number of words");
    NS_TRY(ns__dates_open(out, err));
    NS_TRY(ns__order_open(out, err));
    NS_TRY(ns__id_table_open(out, err));
    for (int c = 0; c < NS__COLUMN_COUNT; c++)
        NS_TRY(ns__column_open(out, c, err));
    return open_fingerprints(out, err);
}

/* ---- Entries ---- */

ns_status ns__entry_seek(const ns__articles *articles, uint32_t group, ns__entry_cursor *out,
                         ns_error *err)
{
    const uint8_t *record = articles->groups.data + NS__GROUP_BYTES * (size_t)group;
    uint64_t offset = ns__get_u64(record);
    if (offset > articles->entries.length)
        return ns__frame_corrupt(articles->frame, record, err,
                                 "a group of articles begins behind the last entry");
    out->cur =
        ns__cur_of(articles->entries.data + offset, (size_t)(articles->entries.length - offset));
    out->article = group * NS__GROUP_ARTICLES;
    out->headline = ns__get_u64(record + 8);
    out->text = ns__get_u64(record + 16);
    return NS_OK;
}

ns_status ns__entry_next(const ns__articles *articles, ns__entry_cursor *cursor, ns__raw_entry *out,
                         ns_error *err)
{
    ns__cur *cur = &cursor->cur;
    out->at = cur->at;
    const unsigned flags = ns__cur_u8(cur);
    out->body_bytes = ns__cur_varint32(cur);
    out->title_bytes = flags & NS__ENTRY_TITLE ? ns__cur_varint32(cur) : 0;
    out->meta_bytes = flags & NS__ENTRY_META ? ns__cur_varint32(cur) : 0;
    uint64_t zigzag = flags & NS__ENTRY_GAP ? ns__cur_varint(cur) : 0;
    out->title_terms = flags & NS__ENTRY_TERMS ? ns__cur_varint32(cur) : 0;
    out->lang = flags & NS__ENTRY_LANG ? ns__cur_u8(cur) : 0;
    out->map = flags & NS__ENTRY_MAP ? ns__cur_str(cur) : (ns__str){0};
    if (cur->bad || flags > NS__ENTRY_FLAGS || (flags & NS__ENTRY_MAP && out->map.length == 0))
        return ns__frame_corrupt(articles->frame, out->at, err,
                                 "the entry of an article is malformed or cut short");
    out->text_offset = cursor->text + (zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0));
    out->headline_start = cursor->headline;
    cursor->text =
        out->text_offset + out->title_bytes + (uint64_t)out->body_bytes + out->meta_bytes;
    cursor->headline += out->title_terms;
    cursor->article++;
    return NS_OK;
}

static ns_status entry_at(const ns__articles *articles, uint32_t article, ns__raw_entry *out,
                          ns_error *err)
{
    ns__entry_cursor cursor = {0};
    if (article >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", article);
    NS_TRY(ns__entry_seek(articles, article / NS__GROUP_ARTICLES, &cursor, err));
    do
        NS_TRY(ns__entry_next(articles, &cursor, out, err));
    while (cursor.article <= article);
    return NS_OK;
}

/* The lists of an article's map, and where they have been read to. */
typedef struct map_lists {
    uint32_t *gaps, *bytes, *counts; /* of each passage */
    uint32_t *begins;                /* 1: the first sentence of a passage begins a paragraph */
    uint32_t *steps; /* words from one sentence to the next << 1 | begins a paragraph */
    uint32_t *sentences;
    size_t first_count, step_count;
} map_lists;

static const char CUT_SHORT[] = "the passages of an article are cut short";

/* The values of one list, `count` of them. NULL when they do not fit, or memory is out. */
static uint32_t *read_values(const ns__articles *articles, ns__cur *cur, size_t count,
                             ns__arena *arena, bool *no_memory)
{
    ns__values values;
    size_t taken = count > 0 ? ns__values_open(cur->at, cur->end, count, &values) : 0;
    if (taken == 0 && count > 0)
        return NULL;
    uint32_t *out = ns__arena_alloc(arena, (count + 1) * sizeof *out);
    if (out == NULL)
        *no_memory = true;
    else if (count > 0)
        ns__values_get(articles->kernels, &values, 0, count, out);
    cur->at += taken;
    return out;
}

/* Reads the map of `count` passages. NULL, or what is wrong. */
static const char *read_lists(const ns__articles *articles, ns__cur *cur, size_t count,
                              map_lists *out, ns__arena *arena, bool *no_memory)
{
    *out = (map_lists){0};
    out->gaps = read_values(articles, cur, count, arena, no_memory);
    if (out->gaps != NULL)
        out->bytes = read_values(articles, cur, count, arena, no_memory);
    if (out->bytes != NULL)
        out->counts = read_values(articles, cur, count, arena, no_memory);
    if (out->counts == NULL)
        return CUT_SHORT;
    uint64_t sentences = 0;
    for (size_t i = 0; i < count; i++) {
        sentences += out->counts[i];
        out->first_count += out->counts[i] > 0;
    }
    /* A step is at least 1 << 1 and takes two bits: no more memory than the bytes justify. */
    if (sentences - out->first_count > 4 * (uint64_t)ns__cur_left(cur))
        return CUT_SHORT;
    out->step_count = (size_t)sentences - out->first_count;
    out->begins = read_values(articles, cur, out->first_count, arena, no_memory);
    if (out->begins != NULL)
        out->steps = read_values(articles, cur, out->step_count, arena, no_memory);
    out->sentences = ns__arena_alloc(arena, ((size_t)sentences + 1) * sizeof *out->sentences);
    *no_memory |= out->sentences == NULL;
    return out->steps == NULL || *no_memory ? CUT_SHORT : NULL;
}

/* Passage i of the lists, which move on behind it. NULL, or what is wrong. */
static const char *take_passage(map_lists *lists, size_t i, uint32_t body_bytes, uint32_t *end,
                                ns__passage_entry *out)
{
    uint64_t start = (uint64_t)*end + lists->gaps[i], stop = start + lists->bytes[i];
    const uint32_t count = lists->counts[i];
    uint64_t token = 0;
    if (stop > body_bytes)
        return "a passage ends behind the body of its article";
    if (count > out->terms)
        return "a passage has more sentences than words";
    out->start = (uint32_t)start;
    out->end = *end = (uint32_t)stop;
    out->sentences = lists->sentences;
    out->sentence_count = count;
    if (count > 0)
        *lists->sentences++ = *lists->begins++ & 1;
    for (uint32_t s = 1; s < count; s++) {
        const uint32_t step = *lists->steps++;
        token += step >> 1;
        if (step >> 1 == 0 || token >= out->terms)
            return "a sentence begins out of order or behind the last word of its passage";
        *lists->sentences++ = (uint32_t)token << 1 | (step & 1);
    }
    return NULL;
}

static ns_status read_map(const ns__articles *articles, const ns__raw_entry *entry, uint32_t first,
                          ns__arena *arena, ns__article_facts *out, ns_error *err)
{
    uint64_t title_length = (uint64_t)articles->title_weight * entry->title_terms;
    ns__cur cur = ns__cur_of(entry->map.data, entry->map.length);
    map_lists lists = {0};
    bool no_memory = false;
    const char *why = NULL;
    if (entry->map.length > 0)
        why = read_lists(articles, &cur, out->passage_count, &lists, arena, &no_memory);
    if (why != NULL && !no_memory)
        return ns__frame_corrupt(articles->frame, entry->at, err, why);
    out->passages = ns__arena_alloc(arena, out->passage_count * sizeof *out->passages);
    if (no_memory || out->passages == NULL)
        return ns__no_memory(err);
    uint32_t end = 0;
    for (uint32_t i = 0; i < out->passage_count; i++) {
        uint32_t length = ns__length_of(&articles->lengths, first + i);
        if (length < title_length)
            return ns__frame_corrupt(articles->frame, entry->at, err,
                                     "a passage is shorter than the headline that it includes");
        out->passages[i] = (ns__passage_entry){.terms = (uint32_t)(length - title_length)};
        if (entry->map.length == 0)
            continue;
        why = take_passage(&lists, i, entry->body_bytes, &end, &out->passages[i]);
        if (why != NULL)
            return ns__frame_corrupt(articles->frame, entry->at, err, why);
    }
    if (ns__cur_left(&cur) != 0)
        return ns__frame_corrupt(articles->frame, entry->at, err,
                                 "an article's entry has bytes behind its last passage");
    return NS_OK;
}

ns_status ns__article_facts_get(const ns__articles *articles, uint32_t article, ns__arena *arena,
                                ns__article_facts *out, ns_error *err)
{
    ns__raw_entry entry;
    NS_TRY(entry_at(articles, article, &entry, err));
    NS_TRY(ns__article_date(articles, article, &out->date, err));
    uint32_t first = ns__article_first(articles, article);
    out->text_offset = entry.text_offset;
    out->title_bytes = entry.title_bytes;
    out->body_bytes = entry.body_bytes;
    out->meta_bytes = entry.meta_bytes;
    out->title_terms = entry.title_terms;
    out->lang = entry.lang;
    out->passage_count = ns__article_first(articles, article + 1) - first;
    return read_map(articles, &entry, first, arena, out, err);
}

ns_status ns__article_language(const ns__articles *articles, uint32_t article, uint8_t *lang,
                               ns_error *err)
{
    ns__raw_entry entry;
    NS_TRY(entry_at(articles, article, &entry, err));
    *lang = entry.lang;
    return NS_OK;
}

ns_status ns__article_titled(const ns__articles *articles, uint32_t article, bool *yes,
                             ns_error *err)
{
    ns__raw_entry entry;
    NS_TRY(entry_at(articles, article, &entry, err));
    *yes = articles->title_weight > 0 ? entry.title_terms > 0 : entry.title_bytes > 0;
    return NS_OK;
}

ns_status ns__articles_text_bytes(const ns__articles *articles, uint32_t count, uint64_t *bytes,
                                  ns_error *err)
{
    ns__entry_cursor cursor = {0};
    ns__raw_entry entry;
    *bytes = 0;
    for (uint32_t a = 0; a < count; a++) {
        if (a % NS__GROUP_ARTICLES == 0)
            NS_TRY(ns__entry_seek(articles, a / NS__GROUP_ARTICLES, &cursor, err));
        NS_TRY(ns__entry_next(articles, &cursor, &entry, err));
        if (entry.text_offset != *bytes) {
            *bytes = 0;
            return NS_OK;
        }
        *bytes += entry.title_bytes + (uint64_t)entry.body_bytes + entry.meta_bytes;
    }
    return NS_OK;
}
