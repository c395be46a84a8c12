/* Columns of the article table: each distinct value once, sorted, and an ordinal an article.
 *
 *   u64  bytes of the value table
 *   the value table (codec/strings.h), sorted, entry 0 is ""
 *   the ordinal of each article, bit-packed in the bits that the last ordinal needs
 *
 * A column that is "" everywhere has no section. A url has one byte more, an ns__url_form, unless
 * it is empty. */
#include "segment/articles_parts.h"

#include <stdlib.h>

ns_status ns__interner_add(ns__interner *interner, ns__str value, ns_error *err)
{
    uint32_t number;
    uint8_t bytes[4];
    if (interner->values.count == 0)
        NS_TRY(ns__intern_add(&interner->values, NS_STR(""), &number, err)); /* always there */
    NS_TRY(ns__intern_add(&interner->values, value, &number, err));
    ns__put_u32(bytes, number);
    ns__roll_append(&interner->ordinals, bytes, sizeof bytes);
    return interner->ordinals.held.failed ? ns__no_memory(err) : NS_OK;
}

typedef struct sorted_value {
    ns__str text;
    uint32_t number;
} sorted_value;

static int compare_values(const void *a, const void *b)
{
    const sorted_value *left = a, *right = b;
    return ns__str_compare(left->text, right->text);
}

/* The rank of each article's value, packed. A chunk is a multiple of eight values: whole bytes. */
static ns_status put_ordinals(const ns__interner *interner, const uint32_t *rank, ns__buf *out,
                              ns_error *err)
{
    const unsigned width = ns__ordinal_width((uint32_t)interner->values.count);
    uint8_t room[NS__ROLL_CHUNK];
    uint32_t ordinals[512];
    ns__str chunk;
    for (uint64_t n = 0;; n++) {
        NS_TRY(ns__roll_chunk(&interner->ordinals, n, room, &chunk, err));
        if (chunk.length == 0)
            return NS_OK;
        for (size_t count; chunk.length > 0; chunk.data += 4 * count, chunk.length -= 4 * count) {
            count = chunk.length / 4 < 512 ? chunk.length / 4 : 512;
            for (size_t i = 0; i < count; i++)
                ordinals[i] = rank[ns__get_u32(chunk.data + 4 * i)];
            ns__append_packed(out, ordinals, count, width);
        }
    }
}

static ns_status write_column(ns__interner *interner, sorted_value *sorted, uint32_t *rank,
                              ns__buf *out, ns_error *err)
{
    ns__strings_writer strings = {0};
    ns__buf table = {0};
    const uint32_t count = (uint32_t)interner->values.count;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = (sorted_value){ns__intern_text(&interner->values, i), i};
    qsort(sorted, count, sizeof *sorted, compare_values);
    for (uint32_t i = 0; i < count; i++) {
        rank[sorted[i].number] = i;
        ns__strings_add(&strings, sorted[i].text);
    }
    ns__strings_finish(&strings, &table);
    bool failed = table.failed;
    ns__buf_u64(out, table.length);
    ns__buf_append(out, table.data, table.length);
    ns__buf_release(&table);
    NS_TRY(put_ordinals(interner, rank, out, err));
    return failed || out->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__interner_finish(ns__interner *interner, ns__buf *out, ns_error *err)
{
    if (interner->values.count <= 1)
        return NS_OK;
    sorted_value *sorted = ns__alloc(interner->values.count, sizeof *sorted);
    uint32_t *rank = ns__alloc(interner->values.count, sizeof *rank);
    ns_status status = NS_ERR_MEMORY;
    if (sorted != NULL && rank != NULL)
        status = write_column(interner, sorted, rank, out, err);
    else
        ns__no_memory(err);
    ns__free(sorted);
    ns__free(rank);
    return status;
}

void ns__interner_release(ns__interner *interner)
{
    ns__intern_release(&interner->values);
    ns__roll_release(&interner->ordinals);
    *interner = (ns__interner){0};
}

/* ---- Reading ---- */

bool ns__articles_have(const ns__articles *articles, uint32_t name)
{
    const ns__frame *frame = articles->frame;
    for (uint32_t i = 0; i < frame->section_count; i++)
        if (frame->sections[i].name == name)
            return true;
    return false;
}

ns_status ns__column_open(ns__articles *articles, int column, ns_error *err)
{
    ns__str section;
    ns__strings *values = &articles->columns[column].values;
    uint32_t name = NS__ART_COLUMN(column);
    if (!ns__articles_have(articles, name))
        return NS_OK;
    NS_TRY(ns__frame_find(articles->frame, name, &section, err));
    ns__cur cur = ns__cur_of(section.data, section.length);
    uint64_t table_bytes = ns__cur_u64(&cur);
    if (cur.bad || table_bytes > ns__cur_left(&cur))
        return ns__frame_corrupt(articles->frame, section.data, err,
                                 "the values of a column are longer than its section");
    const uint8_t *table = ns__cur_take(&cur, (size_t)table_bytes);
    if (!ns__strings_open((ns__str){table, (size_t)table_bytes}, values) || values->count < 2)
        return ns__frame_corrupt(articles->frame, table, err,
                                 "the values of a column are malformed");
    articles->columns[column].width = ns__ordinal_width(values->count);
    articles->columns[column].ordinals = (ns__str){cur.at, ns__cur_left(&cur)};
    if (ns__cur_left(&cur) != ns__packed_bytes(articles->count, articles->columns[column].width))
        return ns__frame_corrupt(articles->frame, cur.at, err,
                                 "a column does not have one value an article");
    return NS_OK;
}

/* Replaces the last byte, which says what follows it. */
static ns_status complete_url(const ns__articles *articles, ns__str id, ns__buf *into,
                              ns_error *err)
{
    if (into->length == 0)
        return NS_OK;
    const uint8_t form = into->data[--into->length];
    if (form == NS__URL_WHOLE)
        return NS_OK;
    if (form != NS__URL_THEN_ID)
        return ns__frame_corrupt(articles->frame, articles->columns[NS__COLUMN_URL].ordinals.data,
                                 err, "a url is of an unknown form");
    ns__buf_append(into, id.data, id.length);
    return into->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__article_column(const ns__articles *articles, uint32_t article, ns__column column,
                             ns__str id, ns__buf *into, ns_error *err)
{
    const ns__strings *values = &articles->columns[column].values;
    const ns__str *ordinals = &articles->columns[column].ordinals;
    ns__buf_clear(into);
    if (article >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", article);
    if (values->count == 0)
        return NS_OK;
    uint32_t ordinal = ns__packed_get(ordinals->data, article, articles->columns[column].width);
    if (!ns__strings_get(values, ordinal, into)) {
        if (into->failed)
            return ns__no_memory(err);
        return ns__frame_corrupt(articles->frame, ordinals->data, err,
                                 "a value of a column cannot be read");
    }
    if (column == NS__COLUMN_URL)
        return complete_url(articles, id, into, err);
    return NS_OK;
}
