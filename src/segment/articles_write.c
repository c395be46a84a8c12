/* Writing the article table: see articles.h, and docs/format.md for the bytes.
 *
 * Kept until ns__articles_finish, in memory or, if there is one, in a spool: about 25 bytes an
 * article and 12 a passage, and which values of the columns it has. Always in memory: 24 bytes an
 * article, a length a passage, the ids in compressed blocks and the different values of the
 * columns. */
#include "segment/articles.h"

#include "base/limits.h"
#include "segment/articles_parts.h"

struct ns__articles_writer {
    uint32_t title_weight, window_passages;
    uint32_t count, passages;
    uint64_t tokens, total_length, headline_terms;
    uint64_t next_text; /* where the next record begins when there is no gap */
    ns__buf first;      /* u32 each */
    ns__buf lengths;    /* of passages, in the width that all need so far */
    unsigned length_width;
    ns__roll entries;
    ns__buf groups;
    ns__buf entry, map; /* scratch for one article, and its lists of u32 */
    uint32_t *numbers;
    size_t number_capacity;
    ns__zstrings_writer ids;
    ns__buf id_hashes; /* u64 each */
    ns__dates_writer dates;
    ns__interner columns[NS__COLUMN_COUNT];
    ns__roll prints; /* fingerprints, NS__FINGERPRINT_BYTES each */
    bool any_print;
    uint8_t langs_used[32];
    const uint32_t *places; /* in the input; NULL: in this order */
    bool ids_apart;
};

ns_status ns__articles_writer_open(const ns_index_settings *settings, ns__articles_writer **out,
                                   ns_error *err)
{
    NS_TRY(ns__settings_check(settings, err));
    ns__articles_writer *writer = ns__zalloc(1, sizeof *writer);
    if (writer == NULL)
        return ns__no_memory(err);
    writer->title_weight = settings->title_weight;
    writer->window_passages = settings->window_passages;
    writer->length_width = 1;
    *out = writer;
    return NS_OK;
}

void ns__articles_writer_spool(ns__articles_writer *writer, ns__spool *spool)
{
    writer->entries.spool = spool;
    writer->prints.spool = spool;
    for (int c = 0; c < NS__COLUMN_COUNT; c++)
        writer->columns[c].ordinals.spool = spool;
}

uint32_t ns__articles_count(const ns__articles_writer *writer)
{
    return writer->count;
}

uint32_t ns__articles_passages(const ns__articles_writer *writer)
{
    return writer->passages;
}

ns__lengths ns__articles_lengths(const ns__articles_writer *writer)
{
    return (ns__lengths){writer->lengths.data, writer->length_width, writer->passages};
}

double ns__articles_average(const ns__articles_writer *writer)
{
    return writer->passages ? (double)writer->total_length / (double)writer->passages : 0;
}

/* ---- Adding ---- */

static ns_status check_entry(const ns__articles_writer *writer, const ns__article_entry *entry,
                             ns_error *err)
{
    if (entry->passage_count == 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "an article needs at least one passage");
    if (entry->passage_count > NS_MAX_PASSAGES - writer->passages)
        return ns__fail(err, NS_ERR_LIMIT, "a segment holds at most %u passages", NS_MAX_PASSAGES);
    if (entry->id.length > NS_MAX_ID_BYTES)
        return ns__fail(err, NS_ERR_LIMIT, "an id has %zu bytes; %d are allowed", entry->id.length,
                        NS_MAX_ID_BYTES);
    uint32_t end = 0;
    for (uint32_t i = 0; i < entry->passage_count; i++) {
        const ns__passage_entry *passage = &entry->passages[i];
        if (passage->start < end || passage->end < passage->start ||
            passage->end > entry->body_bytes)
            return ns__fail(err, NS_ERR_ARGUMENT,
                            "passage %u lies outside of its place in the body", i);
        end = passage->end;
        uint64_t length = passage->terms + (uint64_t)writer->title_weight * entry->title_terms;
        if (length > UINT32_MAX)
            return ns__fail(err, NS_ERR_LIMIT, "passage %u has too many words", i);
        for (uint32_t s = 0; s < passage->sentence_count; s++) {
            uint32_t token = passage->sentences[s] >> 1;
            bool in_order = s == 0 ? token == 0 : token > passage->sentences[s - 1] >> 1;
            if (!in_order || token >= passage->terms)
                return ns__fail(err, NS_ERR_ARGUMENT,
                                "sentence %u of passage %u is out of order or begins behind it", s,
                                i);
        }
    }
    return NS_OK;
}

/* The passages of an article as five lists. Their terms follow from their lengths. */
static ns_status make_map(ns__articles_writer *writer, const ns__article_entry *entry)
{
    const size_t count = entry->passage_count;
    size_t sentences = 0, firsts = 0, others = 0;
    for (size_t i = 0; i < count; i++)
        sentences += entry->passages[i].sentence_count;
    NS_TRY(NS_RESERVE(writer->numbers, writer->number_capacity, 4 * count + sentences));
    uint32_t *gaps = writer->numbers, *bytes = gaps + count, *counts = bytes + count;
    uint32_t *begins = counts + count, *steps = begins + count, end = 0;
    for (size_t i = 0; i < count; i++) {
        const ns__passage_entry *passage = &entry->passages[i];
        gaps[i] = passage->start - end;
        bytes[i] = passage->end - passage->start;
        counts[i] = passage->sentence_count;
        end = passage->end;
        if (counts[i] > 0)
            begins[firsts++] = passage->sentences[0] & 1;
        for (uint32_t s = 1; s < counts[i]; s++) {
            uint32_t step = (passage->sentences[s] >> 1) - (passage->sentences[s - 1] >> 1);
            steps[others++] = step << 1 | (passage->sentences[s] & 1);
        }
    }
    ns__buf *map = &writer->map;
    ns__buf_clear(map);
    if (sentences == 0 && end == 0) /* no text is kept */
        return NS_OK;
    ns__values_encode(gaps, count, map);
    ns__values_encode(bytes, count, map);
    ns__values_encode(counts, count, map);
    ns__values_encode(begins, firsts, map);
    ns__values_encode(steps, others, map);
    return NS_OK;
}

/* Makes room for lengths of `width` bytes, all rewritten. */
static void widen_lengths(ns__articles_writer *writer, unsigned width)
{
    ns__buf wide = {0};
    const ns__lengths old = ns__articles_lengths(writer);
    ns__buf *narrow = &writer->lengths;
    const size_t count = narrow->length / writer->length_width;
    for (uint32_t p = 0; p < count; p++) {
        if (width == 2)
            ns__buf_u16(&wide, (uint16_t)ns__length_of(&old, p));
        else
            ns__buf_u32(&wide, ns__length_of(&old, p));
    }
    wide.failed |= narrow->failed;
    ns__buf_release(narrow);
    *narrow = wide;
    writer->length_width = width;
}

static void put_length(ns__articles_writer *writer, uint32_t length)
{
    const unsigned width = length <= UINT8_MAX ? 1 : length <= UINT16_MAX ? 2 : 4;
    if (width > writer->length_width)
        widen_lengths(writer, width);
    if (writer->length_width == 1)
        ns__buf_u8(&writer->lengths, (uint8_t)length);
    else if (writer->length_width == 2)
        ns__buf_u16(&writer->lengths, (uint16_t)length);
    else
        ns__buf_u32(&writer->lengths, length);
}

static void put_entry(ns__articles_writer *writer, const ns__article_entry *entry)
{
    ns__buf *out = &writer->entry, *map = &writer->map;
    ns__buf_clear(out);
    if (writer->count % NS__GROUP_ARTICLES == 0) {
        ns__buf_u64(&writer->groups, ns__roll_length(&writer->entries));
        ns__buf_u64(&writer->groups, writer->headline_terms);
        ns__buf_u64(&writer->groups, writer->next_text);
    }
    uint64_t gap = entry->text_offset - writer->next_text; /* modulo 2^64 */
    ns__buf_u8(out,
               (uint8_t)((entry->title_bytes ? NS__ENTRY_TITLE : 0) |
                         (entry->meta_bytes ? NS__ENTRY_META : 0) | (gap ? NS__ENTRY_GAP : 0) |
                         (entry->title_terms ? NS__ENTRY_TERMS : 0) |
                         (entry->lang ? NS__ENTRY_LANG : 0) | (map->length ? NS__ENTRY_MAP : 0)));
    ns__buf_varint(out, entry->body_bytes);
    if (entry->title_bytes)
        ns__buf_varint(out, entry->title_bytes);
    if (entry->meta_bytes)
        ns__buf_varint(out, entry->meta_bytes);
    if (gap)
        ns__buf_varint(out, gap << 1 ^ (gap >> 63 ? UINT64_MAX : 0)); /* zigzag */
    if (entry->title_terms)
        ns__buf_varint(out, entry->title_terms);
    if (entry->lang)
        ns__buf_u8(out, entry->lang);
    if (map->length) {
        ns__buf_varint(out, map->length);
        ns__buf_append(out, map->data, map->length);
    }
    ns__roll_append(&writer->entries, out->data, out->length);
    writer->next_text =
        entry->text_offset + entry->title_bytes + (uint64_t)entry->body_bytes + entry->meta_bytes;
}

static bool any_failed(const ns__articles_writer *writer)
{
    return writer->first.failed || writer->lengths.failed || writer->entries.held.failed ||
           writer->prints.held.failed || writer->entry.failed || writer->groups.failed ||
           writer->map.failed || writer->id_hashes.failed || writer->dates.seconds.failed ||
           writer->dates.kinds.failed;
}

static void put_fingerprint(ns__articles_writer *writer, uint64_t fingerprint)
{
    uint8_t bytes[8];
    ns__put_u64(bytes, fingerprint);
    ns__roll_append(&writer->prints, bytes, NS__FINGERPRINT_BYTES);
    writer->any_print |= fingerprint != 0;
}

/* Most urls end with the id: then only what stands before is a value of the column. */
static ns_status add_column(ns__articles_writer *writer, const ns__article_entry *entry, int column,
                            ns_error *err)
{
    ns__str text = entry->columns[column], id = entry->id;
    if (column != NS__COLUMN_URL || text.length == 0)
        return ns__interner_add(&writer->columns[column], text, err);
    bool ends = id.length > 0 && text.length >= id.length &&
                memcmp(text.data + text.length - id.length, id.data, id.length) == 0;
    ns__buf *value = &writer->map;
    ns__buf_clear(value);
    ns__buf_append(value, text.data, text.length - (ends ? id.length : 0));
    ns__buf_u8(value, ends ? NS__URL_THEN_ID : NS__URL_WHOLE);
    if (value->failed)
        return ns__no_memory(err);
    return ns__interner_add(&writer->columns[column], (ns__str){value->data, value->length}, err);
}

ns_status ns__articles_add(ns__articles_writer *writer, const ns__article_entry *entry,
                           ns_error *err)
{
    NS_TRY(check_entry(writer, entry, err));
    if (make_map(writer, entry) < 0)
        return ns__no_memory(err);
    put_entry(writer, entry);
    ns__buf_u32(&writer->first, writer->passages);
    uint32_t title_length = writer->title_weight * entry->title_terms;
    for (uint32_t i = 0; i < entry->passage_count; i++) {
        uint32_t length = entry->passages[i].terms + title_length;
        put_length(writer, length);
        writer->total_length += length;
        writer->tokens += entry->passages[i].terms;
    }
    if (!writer->ids_apart)
        NS_TRY(ns__zstrings_add(&writer->ids, entry->id, err));
    ns__buf_u64(&writer->id_hashes, ns__id_hash(entry->id));
    ns__dates_add(&writer->dates, entry->date);
    put_fingerprint(writer, entry->fingerprint);
    for (int c = 0; c < NS__COLUMN_COUNT; c++)
        NS_TRY(add_column(writer, entry, c, err));
    writer->tokens += entry->title_terms;
    writer->headline_terms += entry->title_terms;
    writer->langs_used[entry->lang / 8] |= (uint8_t)(1u << entry->lang % 8);
    writer->passages += entry->passage_count;
    writer->count++;
    return any_failed(writer) ? ns__no_memory(err) : NS_OK;
}

void ns__articles_set_places(ns__articles_writer *writer, const uint32_t *places)
{
    writer->places = places;
}

void ns__articles_ids_apart(ns__articles_writer *writer)
{
    writer->ids_apart = true;
}

ns_status ns__articles_add_id(ns__articles_writer *writer, ns__str id, ns_error *err)
{
    return ns__zstrings_add(&writer->ids, id, err);
}

ns_status ns__articles_written_id(ns__articles_writer *writer, uint32_t article, ns__buf *into,
                                  ns_error *err)
{
    if (ns__zstrings_peek(&writer->ids, article, into))
        return NS_OK;
    return into->failed ? ns__no_memory(err)
                        : ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", article);
}

/* ---- Finishing ---- */

/* Writes the section and empties the buffer. */
static ns_status put_section(ns__frame_writer *frame, uint32_t name, ns__buf *bytes, ns_error *err)
{
    if (bytes->failed)
        return ns__no_memory(err);
    ns__frame_section(frame, name);
    ns__frame_append(frame, bytes->data, bytes->length);
    ns__buf_clear(bytes);
    return NS_OK;
}

static ns_status put_roll(ns__frame_writer *frame, uint32_t name, const ns__roll *roll,
                          ns_error *err)
{
    uint8_t room[NS__ROLL_CHUNK];
    ns__str chunk;
    ns__frame_section(frame, name);
    for (uint64_t n = 0;; n++) {
        NS_TRY(ns__roll_chunk(roll, n, room, &chunk, err));
        if (chunk.length == 0)
            return NS_OK;
        ns__frame_append(frame, chunk.data, chunk.length);
    }
}

static void put_head(const ns__articles_writer *writer, unsigned headline_width, ns__buf *out)
{
    ns__buf_u32(out, writer->count);
    ns__buf_u32(out, writer->passages);
    ns__buf_u64(out, writer->tokens);
    ns__buf_u64(out, writer->total_length);
    ns__buf_u64(out, writer->headline_terms);
    ns__buf_u32(out, writer->title_weight);
    ns__buf_u32(out, writer->window_passages);
    ns__buf_u8(out, (uint8_t)writer->length_width);
    ns__buf_u8(out, writer->count == writer->passages);
    ns__buf_u8(out, (uint8_t)headline_width);
    ns__buf_u8(out, 0);
    ns__buf_append(out, writer->langs_used, sizeof writer->langs_used);
}

static ns_status put_borders(ns__articles_writer *writer, ns__frame_writer *frame, ns__buf *scratch,
                             ns_error *err)
{
    size_t blocks = ((size_t)writer->passages + NS__RANK_BITS - 1) / NS__RANK_BITS;
    uint8_t *bits = ns__zalloc(blocks, NS__RANK_BITS / 8);
    if (bits == NULL)
        return ns__no_memory(err);
    uint32_t article = 0;
    for (size_t block = 0; block < blocks; block++) {
        ns__buf_u32(scratch, article);
        for (; article < writer->count; article++) {
            uint32_t passage = ns__get_u32(writer->first.data + 4 * (size_t)article);
            if (passage / NS__RANK_BITS != block)
                break;
            bits[passage / 8] |= (uint8_t)(1u << passage % 8);
        }
    }
    ns__frame_section(frame, NS__ART_BITS);
    ns__frame_append(frame, bits, blocks * (NS__RANK_BITS / 8));
    ns__free(bits);
    NS_TRY(put_section(frame, NS__ART_RANKS, scratch, err));
    ns__frame_section(frame, NS__ART_FIRST);
    ns__frame_append(frame, writer->first.data, writer->first.length);
    return NS_OK;
}

static ns_status put_ids(ns__articles_writer *writer, ns__frame_writer *frame, ns__buf *scratch,
                         ns_error *err)
{
    ns__buf ids = {0};
    if (writer->ids.count != writer->count || (writer->places && !writer->ids_apart))
        return ns__fail(err, NS_ERR_ARGUMENT, "there is not one id for each article");
    ns_status status = ns__zstrings_finish(&writer->ids, &ids, err);
    if (status == NS_OK && ns__buf_reserve(&ids, NS_PACK_SLACK)) /* is read again here */
        memset(ids.data + ids.length, 0, NS_PACK_SLACK);
    if (status == NS_OK)
        status = ns__id_table_build((ns__str){ids.data, ids.length}, writer->places,
                                    (const uint64_t *)(const void *)writer->id_hashes.data,
                                    writer->count, scratch, err);
    if (status == NS_OK)
        status = put_section(frame, writer->places ? NS__ART_IDS_BY_PLACE : NS__ART_IDS, &ids, err);
    if (status == NS_OK)
        status = put_section(frame, NS__ART_ID_TABLE, scratch, err);
    ns__buf_release(&ids);
    return status;
}

static ns_status put_dates(ns__articles_writer *writer, ns__frame_writer *frame, ns__buf *scratch,
                           ns_error *err)
{
    ns__date_windows(&writer->dates, writer->first.data, writer->count, writer->window_passages,
                     scratch);
    NS_TRY(put_section(frame, NS__ART_WINDOWS, scratch, err));
    NS_TRY(ns__dates_finish(&writer->dates, scratch, err));
    return put_section(frame, NS__ART_DATES, scratch, err);
}

static ns_status put_columns(ns__articles_writer *writer, ns__frame_writer *frame, ns__buf *scratch,
                             ns_error *err)
{
    for (int c = 0; c < NS__COLUMN_COUNT; c++) {
        NS_TRY(ns__interner_finish(&writer->columns[c], scratch, err));
        if (scratch->length > 0)
            NS_TRY(put_section(frame, NS__ART_COLUMN(c), scratch, err));
    }
    return NS_OK;
}

static ns_status finish(ns__articles_writer *writer, const uint32_t *headline_ordinals,
                        ns__frame_writer *frame, ns__buf *scratch, ns_error *err)
{
    uint32_t all = 0;
    if (writer->entries.spool)
        NS_TRY(ns__spool_flush(writer->entries.spool, err));
    for (uint64_t i = 0; i < writer->headline_terms; i++)
        all |= headline_ordinals[i];
    unsigned width = ns__bits32(all);
    put_head(writer, width, scratch);
    NS_TRY(put_section(frame, NS__ART_HEAD, scratch, err));
    ns__buf_u32(&writer->first, writer->passages);
    if (writer->first.failed)
        return ns__no_memory(err);
    if (writer->count != writer->passages)
        NS_TRY(put_borders(writer, frame, scratch, err));
    NS_TRY(put_section(frame, NS__ART_LENGTHS, &writer->lengths, err));
    NS_TRY(put_section(frame, NS__ART_GROUPS, &writer->groups, err));
    NS_TRY(put_roll(frame, NS__ART_ENTRIES, &writer->entries, err));
    ns__append_packed(scratch, headline_ordinals, (size_t)writer->headline_terms, width);
    NS_TRY(put_section(frame, NS__ART_HEADLINES, scratch, err));
    NS_TRY(put_dates(writer, frame, scratch, err));
    NS_TRY(put_ids(writer, frame, scratch, err));
    NS_TRY(put_columns(writer, frame, scratch, err));
    if (writer->any_print) {
        NS_TRY(put_roll(frame, NS__ART_COPIES, &writer->prints, err));
        NS_TRY(ns__repeated_find(&writer->prints, writer->count, scratch, err));
        NS_TRY(put_section(frame, NS__ART_REPEATED, scratch, err));
    }
    return writer->places ? ns__order_write(writer->places, writer->count, frame, err) : NS_OK;
}

ns_status ns__articles_finish(ns__articles_writer *writer, const uint32_t *headline_ordinals,
                              ns__frame_writer *frame, ns_error *err)
{
    ns__buf scratch = {0};
    ns_status status = finish(writer, headline_ordinals, frame, &scratch, err);
    ns__buf_release(&scratch);
    ns__articles_writer_free(writer);
    return status;
}

void ns__articles_writer_free(ns__articles_writer *writer)
{
    if (writer == NULL)
        return;
    ns__buf_release(&writer->first);
    ns__buf_release(&writer->lengths);
    ns__roll_release(&writer->entries);
    ns__roll_release(&writer->prints);
    ns__buf_release(&writer->entry);
    ns__buf_release(&writer->groups);
    ns__buf_release(&writer->map);
    ns__buf_release(&writer->id_hashes);
    ns__zstrings_release(&writer->ids);
    ns__free(writer->numbers);
    ns__dates_release(&writer->dates);
    for (int c = 0; c < NS__COLUMN_COUNT; c++)
        ns__interner_release(&writer->columns[c]);
    ns__free(writer);
}
