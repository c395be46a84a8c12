/* Articles as stored: found by id or number, copied out of the snapshot, whole or in part. */
#include <limits.h>

#include "base/mem.h"
#include "index/snapshot.h"
#include "ingest/date.h"
#include "ingest/record.h"

struct ns_article {
    ns__arena arena; /* of the facts */
    ns__article_facts facts;
    ns__buf id, json;
    /* A byte of room, then title, body and meta as in the store. At the end, see terminate_text:
     * title and body, or title and passage, each with a terminator. */
    ns__buf text;
    ns__buf columns[NS__COLUMN_COUNT];
    char date[32];
    uint32_t outline_bytes; /* of the passage that stands behind the title instead of the body */
};

/* What is read of the stored text. */
typedef struct text_wanted {
    bool whole;
    int64_t passage; /* else the title and this passage; -1: nothing */
} text_wanted;

void ns_article_free(ns_article *article)
{
    if (article == NULL)
        return;
    ns__arena_release(&article->arena);
    ns__buf_release(&article->id);
    ns__buf_release(&article->text);
    ns__buf_release(&article->json);
    for (int i = 0; i < NS__COLUMN_COUNT; i++)
        ns__buf_release(&article->columns[i]);
    ns__free(article);
}

/* Bytes of the text as it stands in the store. */
static ns__str part(const ns_article *article, size_t start, size_t length)
{
    return (ns__str){article->text.data + 1 + start, length};
}

static ns__str whole(const ns__buf *buf)
{
    return (ns__str){buf->data, buf->length};
}

/* Appends the meta of a record of which no text is kept: the keys whose values are known. */
static void list_keys(const ns__str values[NS__VALUE_KINDS], ns__buf *meta)
{
    static const char *const NAMES[NS__VALUE_KINDS] = {
        [NS__VALUE_ID] = "id",         [NS__VALUE_DATE] = "date",
        [NS__VALUE_SOURCE] = "source", [NS__VALUE_SECTION] = "section",
        [NS__VALUE_AUTHOR] = "author", [NS__VALUE_URL] = "url",
        [NS__VALUE_LANG] = "lang",
    };
    uint64_t count = 0;
    for (int i = 0; i < NS__VALUE_KINDS; i++)
        count += NAMES[i] && values[i].length > 0;
    ns__buf_varint(meta, count);
    for (int i = 0; i < NS__VALUE_KINDS; i++) {
        if (NAMES[i] == NULL || values[i].length == 0)
            continue;
        ns__buf_varint(meta, strlen(NAMES[i]));
        ns__buf_append(meta, NAMES[i], strlen(NAMES[i]));
        ns__buf_u8(meta, (uint8_t)i);
    }
}

/* Stored text is looked at once, here, so that whoever has it may take it for UTF-8. Of an outline
 * that tells also of a passage that begins or ends inside a character. */
static ns_status check_outline(const ns__segment *segment, const ns_article *article, ns_error *err)
{
    const size_t title = article->facts.title_bytes;
    NS_TRY(ns__store_check_text(&segment->store, part(article, 0, title), err));
    return ns__store_check_text(&segment->store, part(article, title, article->outline_bytes), err);
}

/* Title and body, and that passages begin and end between characters. */
static ns_status check_whole(const ns__segment *segment, const ns_article *article, ns_error *err)
{
    const ns__article_facts *facts = &article->facts;
    if (segment->no_text)
        return NS_OK;
    const ns__str body = part(article, facts->title_bytes, facts->body_bytes);
    NS_TRY(ns__store_check_text(&segment->store, part(article, 0, facts->title_bytes), err));
    NS_TRY(ns__store_check_text(&segment->store, body, err));
    for (size_t i = 0; i < facts->passage_count; i++) {
        const uint32_t start = facts->passages[i].start, end = facts->passages[i].end;
        if ((start < body.length && (body.data[start] & 0xc0) == 0x80) ||
            (end < body.length && (body.data[end] & 0xc0) == 0x80))
            return ns__frame_corrupt(segment->articles.frame, segment->articles.entries.data, err,
                                     "a passage begins or ends inside a character");
    }
    return NS_OK;
}

/* Title and one passage. A block of stored text is decoded from its beginning: when both begin in
 * the same one, what lies between comes along. */
static ns_status read_outline(const ns__segment *segment, ns_article *article, uint32_t passage,
                              ns_error *err)
{
    const ns__article_facts *facts = &article->facts;
    const ns__store *store = &segment->store;
    if (passage >= facts->passage_count)
        return ns__fail(err, NS_ERR_ARGUMENT, "the article has no passage %u", passage);
    const uint32_t title = facts->title_bytes, start = facts->passages[passage].start;
    const uint32_t bytes = facts->passages[passage].end - start;
    const uint64_t body = facts->text_offset + title, block = store->block_bytes;
    ns__buf *text = &article->text;
    article->outline_bytes = bytes;
    if (body / block == (body + start) / block) {
        const uint64_t length = (uint64_t)title + start + bytes;
        NS_TRY(ns__store_read(store, facts->text_offset, length, text, err));
        uint8_t *behind = text->data + 1 + title;
        memmove(behind, behind + start, bytes);
        text->length = 1 + (size_t)title + bytes;
    } else {
        NS_TRY(ns__store_read(store, facts->text_offset, title, text, err));
        NS_TRY(ns__store_read(store, body + start, bytes, text, err));
    }
    return text->failed ? ns__no_memory(err) : check_outline(segment, article, err);
}

/* Reads title, body and meta; title and body go into `values` as well. */
static ns_status read_text(const ns__segment *segment, ns_article *article,
                           ns__str values[NS__VALUE_KINDS], ns_error *err)
{
    ns__article_facts *facts = &article->facts;
    if (segment->no_text) {
        list_keys(values, &article->text);
        facts->title_bytes = facts->body_bytes = 0;
        facts->meta_bytes = (uint32_t)(article->text.length - 1);
    } else {
        uint64_t length = (uint64_t)facts->title_bytes + facts->body_bytes + facts->meta_bytes;
        NS_TRY(ns__store_read(&segment->store, facts->text_offset, length, &article->text, err));
    }
    if (article->text.failed)
        return ns__no_memory(err);
    NS_TRY(check_whole(segment, article, err));
    values[NS__VALUE_TITLE] = part(article, 0, facts->title_bytes);
    values[NS__VALUE_BODY] = part(article, facts->title_bytes, facts->body_bytes);
    return NS_OK;
}

/* The record as JSON, made of the stored text and of what the table holds. */
static ns_status read_json(const ns__segment *segment, uint32_t number, ns_article *article,
                           ns_error *err)
{
    const ns__article_facts *facts = &article->facts;
    ns__str values[NS__VALUE_KINDS] = {
        [NS__VALUE_ID] = whole(&article->id),
        [NS__VALUE_DATE] = {(const uint8_t *)article->date, strlen(article->date)},
        [NS__VALUE_SOURCE] = whole(&article->columns[NS__COLUMN_SOURCE]),
        [NS__VALUE_SECTION] = whole(&article->columns[NS__COLUMN_SECTION]),
        [NS__VALUE_LANG] = whole(&article->columns[NS__COLUMN_LANG]),
        [NS__VALUE_AUTHOR] = whole(&article->columns[NS__COLUMN_AUTHOR]),
        [NS__VALUE_URL] = whole(&article->columns[NS__COLUMN_URL]),
    };
    NS_TRY(read_text(segment, article, values, err));
    size_t before = (size_t)facts->title_bytes + facts->body_bytes;
    if (ns__record_unpack_json(values, part(article, before, facts->meta_bytes), &article->json))
        return NS_OK;
    return article->json.failed
               ? ns__no_memory(err)
               : ns__corrupt(err, segment->frames[NS__FILE_TEXT].path, NS_NO_OFFSET,
                             "the keys of article %u are malformed", number);
}

/* Of the stored text what is wanted, and nothing that the article says it has beyond that. */
static ns_status read_wanted(const ns__segment *segment, uint32_t number, text_wanted want,
                             ns_article *article, ns_error *err)
{
    ns__article_facts *facts = &article->facts;
    ns__buf_u8(&article->text, 0); /* the room */
    if (article->text.failed)
        return ns__no_memory(err);
    if (want.whole)
        return read_json(segment, number, article, err);
    if (segment->no_text || want.passage < 0)
        facts->title_bytes = 0;
    else
        NS_TRY(read_outline(segment, article, (uint32_t)want.passage, err));
    facts->body_bytes = facts->meta_bytes = 0;
    return NS_OK;
}

/* Title and body get their terminators without a copy of the body: the title moves into the room
 * before it, and the meta, of which the JSON was made, gives way. */
static void terminate_text(ns_article *article)
{
    ns__buf *text = &article->text;
    const size_t title = article->facts.title_bytes;
    memmove(text->data, text->data + 1, title);
    text->data[title] = 0;
    text->length = 1 + title + article->facts.body_bytes + article->outline_bytes;
    ns__buf_u8(text, 0);
}

/* Reads about the article of one segment what is wanted. */
static ns_status read_article(const ns__segment *segment, uint32_t number, text_wanted want,
                              ns_article *article, ns_error *err)
{
    ns__article_facts *facts = &article->facts;
    const ns__articles *articles = &segment->articles;
    NS_TRY(ns__article_facts_get(articles, number, &article->arena, facts, err));
    NS_TRY(ns__article_id(articles, number, NULL, &article->id, err));
    for (int i = 0; i < NS__COLUMN_COUNT; i++)
        NS_TRY(ns__article_column(articles, number, (ns__column)i, whole(&article->id),
                                  &article->columns[i], err));
    ns__date date = {facts->date.unix_s, (ns__date_precision)facts->date.precision,
                     facts->date.offset_minutes, facts->date.has_offset};
    ns__date_format(&date, article->date);
    NS_TRY(read_wanted(segment, number, want, article, err));
    /* Every string gets a NUL behind it, for callers who print. */
    terminate_text(article);
    ns__buf_u8(&article->id, 0);
    ns__buf_u8(&article->json, 0);
    bool failed = article->id.failed || article->json.failed || article->text.failed;
    for (int i = 0; i < NS__COLUMN_COUNT; i++) {
        ns__buf_u8(&article->columns[i], 0);
        failed = failed || article->columns[i].failed;
    }
    return failed ? ns__no_memory(err) : NS_OK;
}

static ns_status get_article(const ns__segment *segment, uint32_t number, text_wanted want,
                             ns_article **out, ns_error *err)
{
    ns_article *article = ns__zalloc(1, sizeof *article);
    if (article == NULL)
        return ns__no_memory(err);
    ns_status status = read_article(segment, number, want, article, err);
    if (status != NS_OK) {
        ns_article_free(article);
        return status;
    }
    *out = article;
    return NS_OK;
}

ns_status ns_article_find(const ns_index *index, const char *id, size_t length, ns_article **out,
                          ns_error *err)
{
    *out = NULL;
    ns__str text = {(const uint8_t *)id, length};
    for (uint32_t i = index->manifest.segment_count; i-- > 0;) {
        const ns__segment *segment = &index->segments[i];
        uint32_t number;
        ns_status status = ns__article_lookup(&segment->articles, text, &number, err);
        if (status == NS_OK && !ns__segment_deleted(segment, number))
            return get_article(segment, number, (text_wanted){.whole = true}, out, err);
        NS_TRY(status);
    }
    return NS_NOT_FOUND;
}

static ns_status get_at(const ns_index *index, uint64_t number, text_wanted want, ns_article **out,
                        ns_error *err)
{
    *out = NULL;
    const ns__segment *segment;
    uint32_t place, local;
    ns_status status = ns__snapshot_place(index, number, &segment, &place);
    if (status != NS_OK)
        return status;
    NS_TRY(ns__article_at_place(&segment->articles, place, &local, err));
    return ns__segment_deleted(segment, local) ? NS_NOT_FOUND
                                               : get_article(segment, local, want, out, err);
}

ns_status ns_article_at(const ns_index *index, uint64_t number, ns_article **out, ns_error *err)
{
    return get_at(index, number, (text_wanted){.whole = true}, out, err);
}

ns_status ns_article_facts_at(const ns_index *index, uint64_t number, ns_article **out,
                              ns_error *err)
{
    return get_at(index, number, (text_wanted){.passage = -1}, out, err);
}

ns_status ns__article_outline(const ns_index *index, uint64_t number, uint32_t passage,
                              ns_article **out, ns_error *err)
{
    return get_at(index, number, (text_wanted){.passage = passage}, out, err);
}

ns__str ns__article_outlined(const ns_article *article)
{
    return part(article, article->facts.title_bytes, article->outline_bytes);
}

static const char *give(const uint8_t *data, size_t bytes, size_t *length)
{
    if (length)
        *length = bytes;
    return bytes ? (const char *)data : "";
}

const char *ns_article_id(const ns_article *article, size_t *length)
{
    return give(article->id.data, article->id.length - 1, length);
}

const char *ns_article_title(const ns_article *article, size_t *length)
{
    return give(article->text.data, article->facts.title_bytes, length);
}

const char *ns_article_body(const ns_article *article, size_t *length)
{
    const ns__str body = part(article, article->facts.title_bytes, article->facts.body_bytes);
    return give(body.data, body.length, length);
}

const char *ns_article_json(const ns_article *article, size_t *length)
{
    return give(article->json.data, article->json.length - 1, length);
}

const char *ns_article_column(const ns_article *article, const char *name, size_t *length)
{
    static const char *const NAMES[NS__COLUMN_COUNT] = {"source", "section", "lang", "author",
                                                        "url"};
    for (int i = 0; i < NS__COLUMN_COUNT; i++)
        if (strcmp(name, NAMES[i]) == 0)
            return give(article->columns[i].data, article->columns[i].length - 1, length);
    const char *date = strcmp(name, "date") == 0 ? article->date : "";
    return give((const uint8_t *)date, strlen(date), length);
}

size_t ns_article_passages(const ns_article *article)
{
    return article->facts.passage_count;
}

void ns_article_passage(const ns_article *article, size_t i, size_t *start, size_t *end)
{
    *start = *end = 0;
    if (i >= article->facts.passage_count)
        return;
    *start = article->facts.passages[i].start;
    *end = article->facts.passages[i].end;
}
