/* The article table on disk (file .art): ids, passages, lengths, headlines, columns.
 *
 * Sections: counts; first passage of each article (u32[articles + 1]); the bit set of passages that
 * begin an article with rank samples (passage -> article in constant time; these three are absent
 * when every article has one passage); passage lengths; entries in groups of 32 (sizes, language,
 * passage map: byte ranges and sentence starts); headlines as term ordinals; external ids
 * (front-coded) and their hash table; dates, and their range in each window of passages; columns;
 * fingerprints of the bodies; the input order of the articles, when they were put into another.
 * docs/format.md has the exact bytes. */
#ifndef NS_SEGMENT_ARTICLES_H
#define NS_SEGMENT_ARTICLES_H

#include "base/mem.h"
#include "base/num.h"
#include "codec/bitpack.h"
#include "codec/frame.h"
#include "codec/strings.h"
#include "codec/zstrings.h"
#include "segment/params.h"
#include "segment/postings.h"

typedef enum ns__column {
    NS__COLUMN_SOURCE = 0,
    NS__COLUMN_SECTION,
    NS__COLUMN_LANG, /* as given by the record */
    NS__COLUMN_AUTHOR,
    NS__COLUMN_URL,
    NS__COLUMN_COUNT
} ns__column;

/* Same meaning as ns__date of ingest; segment does not include ingest. */
typedef struct ns__stamp {
    int64_t unix_s; /* INT64_MIN: unknown */
    uint8_t precision;
    bool has_offset;
    int16_t offset_minutes;
} ns__stamp;

typedef struct ns__passage_entry {
    uint32_t start, end;       /* bytes of the body */
    uint32_t terms;            /* body terms */
    const uint32_t *sentences; /* token index << 1 | begins a paragraph; the first has token 0 */
    uint32_t sentence_count;   /* 0 when the passage has no terms */
} ns__passage_entry;

typedef struct ns__article_entry {
    ns__str id;
    ns__str columns[NS__COLUMN_COUNT];
    ns__stamp date;
    uint8_t lang;                                 /* language it was analysed in (ns__lang) */
    uint64_t text_offset;                         /* of its record in the stored text */
    uint32_t title_bytes, body_bytes, meta_bytes; /* of the stored record: title, body, meta */
    uint32_t title_terms;
    const ns__passage_entry *passages;
    uint32_t passage_count; /* >= 1 */
    uint64_t fingerprint;   /* of the body's words, less than 2^40; 0: none */
} ns__article_entry;

/* ---- Fingerprints: of the words of a body, one after the other ---- */
enum { NS__FINGERPRINT_BITS = 40, NS__FINGERPRINT_BYTES = NS__FINGERPRINT_BITS / 8 };

/* `state` is 0 at first; `hash` is ns__hash64 of the word, seed 0. */
static inline uint64_t ns__fingerprint_add(uint64_t state, uint64_t hash)
{
    state = (state ^ hash) * 0x9e3779b97f4a7c15u;
    return state ^ state >> 29;
}

/* Behind the last word, of which there is at least one. */
static inline uint64_t ns__fingerprint_end(uint64_t state)
{
    state >>= 64 - NS__FINGERPRINT_BITS;
    return state ? state : 1;
}

/* ---- Writing: articles in input order ---- */
typedef struct ns__articles_writer ns__articles_writer;
ns_status ns__articles_writer_open(const ns_index_settings *settings, ns__articles_writer **out,
                                   ns_error *err);
/* From now on what can wait is kept in the spool, which outlives the writer. */
void ns__articles_writer_spool(ns__articles_writer *writer, ns__spool *spool);
ns_status ns__articles_add(ns__articles_writer *writer, const ns__article_entry *entry,
                           ns_error *err);
uint32_t ns__articles_count(const ns__articles_writer *writer);
uint32_t ns__articles_passages(const ns__articles_writer *writer);
/* Lengths of all passages so far (width 4), and their mean. Borrowed until the next add. */
ns__lengths ns__articles_lengths(const ns__articles_writer *writer);
double ns__articles_average(const ns__articles_writer *writer);
/* Headlines, once term ordinals are known: the ordinals of all articles in order, concatenated
 * (title_terms of each). Then writes all sections into the frame and frees the writer. */
ns_status ns__articles_finish(ns__articles_writer *writer, const uint32_t *headline_ordinals,
                              ns__frame_writer *frame, ns_error *err);
void ns__articles_writer_free(ns__articles_writer *writer);
/* Before finishing, when articles were not added in input order: the place in the input of each, a
 * permutation of 0 .. count - 1 and not the identity. Borrowed until the writer is gone. Needs ids
 * that are given apart. */
void ns__articles_set_places(ns__articles_writer *writer, const uint32_t *places);
/* Ids given apart: called before the first article; ns__articles_add_id then gives, some time
 * before finishing, the id of each article in input order. */
void ns__articles_ids_apart(ns__articles_writer *writer);
ns_status ns__articles_add_id(ns__articles_writer *writer, ns__str id, ns_error *err);
/* The id of an article that was added, not apart, into *into, replacing what it held. */
ns_status ns__articles_written_id(ns__articles_writer *writer, uint32_t article, ns__buf *into,
                                  ns_error *err);

/* ---- Reading ---- */
/* Where the headlines of a segment were found that were looked for: see articles_headlines.c. By
 * any number of threads. */
typedef struct ns__headlines_kept {
    uint16_t *places; /* of each article; NULL until many were looked for */
    uint32_t asked;   /* until then: how many */
} ns__headlines_kept;

typedef struct ns__articles {
    const ns__frame *frame;
    const ns__unpack_kernels *kernels; /* of this processor */
    uint32_t count, passages;
    uint32_t title_weight, window_passages;
    bool one_passage;            /* article == passage */
    const uint8_t *first;        /* u32[count + 1] */
    const uint8_t *bits, *ranks; /* bit p: passage p begins an article; u32 rank per 512 bits */
    ns__lengths lengths;
    double average; /* avgdl of this segment */
    uint64_t tokens, total_length;
    uint64_t headline_terms; /* of all headlines */
    ns__zstrings ids;
    ns__str id_table; /* tags, then bit-packed articles: see articles_ids.c */
    uint32_t id_slots;
    ns__str entries, groups, headlines;
    unsigned headline_width;
    ns__headlines_kept *headlines_kept; /* the opener's; NULL: nothing is kept */
    struct {
        int64_t earliest; /* values are multiples of `unit` from here */
        uint64_t unit;
        unsigned value_width; /* bits; 64 when the values stand as they are */
        unsigned kind_width;
        uint32_t kind_count;
        const uint8_t *kinds;   /* distinct (precision, offset): 4 bytes each */
        const uint8_t *kind_of; /* bit-packed, one an article */
        const uint8_t *values;  /* bit-packed or i64, one an article */
    } dates;
    const uint8_t *places, *by_place; /* bit-packed; the second only in segments of before */
    unsigned order_width;             /* bits of a place; 0: articles stand in input order */
    struct {
        const uint8_t *marks, *ranks, *back;
        uint32_t count;
    } jumps; /* to find the article of a place: see articles_order.c */
    bool ids_by_place;
    ns__str date_windows;  /* i64 earliest, i64 latest of each window of passages */
    const uint8_t *prints; /* fingerprints; NULL: there are none */
    const uint8_t
        *repeated;       /* bit a: another article has the fingerprint of a; NULL: none has, … */
    bool repeated_known; /* … if this is set */
    uint8_t langs_used[32]; /* bit l: language l occurs */
    struct {
        ns__strings values; /* distinct, sorted; entry 0 is "" */
        ns__str ordinals;   /* bit-packed */
        unsigned width;
    } columns[NS__COLUMN_COUNT]; /* no values at all when every article has "" */
} ns__articles;

/* Checks what the inline readers below rely on (first passages, bit set, ranks, section sizes).
 * The frame is borrowed and must outlive *out. Readers are thread-safe. */
ns_status ns__articles_open(const ns__frame *frame, ns__articles *out, ns_error *err);

static inline uint32_t ns__article_first(const ns__articles *articles, uint32_t article)
{
    return articles->one_passage ? article : ns__get_u32(articles->first + 4 * (size_t)article);
}

/* The article of a passage (< passages). Constant time. */
static inline uint32_t ns__article_of(const ns__articles *articles, uint32_t passage)
{
    if (articles->one_passage)
        return passage;
    const uint32_t sample = ns__get_u32(articles->ranks + 4 * (size_t)(passage / 512));
    const uint8_t *words = articles->bits + (size_t)(passage / 512) * 64;
    const uint32_t in = passage % 512;
    uint64_t last = ns__get_u64(words + 8 * (size_t)(in / 64));
    uint64_t ones = ns__ones_by_byte(last & UINT64_MAX >> (63 - in % 64));
    for (uint32_t w = 0; w < in / 64; w++)
        ones += ns__ones_by_byte(ns__get_u64(words + 8 * (size_t)w)); /* 64 a byte at most */
    return sample + ns__sum_of_bytes(ones) - 1;
}

/* The place of an article in the input: what ties are broken by, and the number it is known by. As
 * stored: damaged bytes may give one that is too large or another's. */
static inline uint32_t ns__article_place(const ns__articles *articles, uint32_t article)
{
    return articles->order_width ? ns__packed_get(articles->places, article, articles->order_width)
                                 : article;
}
/* The article of a place. NS_ERR_CORRUPT unless that is the place of the article, too. */
ns_status ns__article_at_place(const ns__articles *articles, uint32_t place, uint32_t *article,
                               ns_error *err);

/* The fingerprint of an article's body: the same for bodies of the same words in the same order,
 * whatever their case, punctuation and white space. 0: none, because the body has no words or the
 * segment is of a version that made none; that says nothing of other articles. */
static inline uint64_t ns__article_fingerprint(const ns__articles *articles, uint32_t article)
{
    if (articles->prints == NULL)
        return 0;
    const uint8_t *at = articles->prints + NS__FINGERPRINT_BYTES * (size_t)article;
    return ns__get_u32(at) | (uint64_t)at[4] << 32;
}

/* Whether no other article of the segment has this one's fingerprint, as far as is known. */
static inline bool ns__article_unrepeated(const ns__articles *articles, uint32_t article)
{
    return articles->repeated_known &&
           (articles->repeated == NULL || !(articles->repeated[article / 8] >> article % 8 & 1));
}

/* The stored facts of one article. `passages` is filled into the arena. */
typedef struct ns__article_facts {
    uint64_t text_offset;
    uint32_t title_bytes, body_bytes, meta_bytes;
    uint32_t title_terms;
    uint8_t lang;
    ns__stamp date;
    uint32_t passage_count;
    ns__passage_entry *passages;
} ns__article_facts;
ns_status ns__article_facts_get(const ns__articles *articles, uint32_t article, ns__arena *arena,
                                ns__article_facts *out, ns_error *err);
/* The language alone: what an article is in that names none. */
ns_status ns__article_language(const ns__articles *articles, uint32_t article, uint8_t *lang,
                               ns_error *err);
/* Headline as term ordinals of this segment, in order, into the arena. Ordinals are as stored: not
 * checked against the dictionary. */
ns_status ns__article_headline(const ns__articles *articles, uint32_t article, ns__arena *arena,
                               const uint32_t **ordinals, uint32_t *count, ns_error *err);
/* Where a headline's words stand. */
typedef struct ns__headline {
    uint64_t start; /* words of the headlines before it */
    uint32_t terms;
} ns__headline;
/* Those of `count` articles, any; of many in ascending order it is cheaper than to ask for each. */
ns_status ns__headlines_find(const ns__articles *articles, const uint32_t *wanted, size_t count,
                             ns__headline *out, ns_error *err);
/* Frees what was kept of them. */
void ns__headlines_forget(ns__articles *articles);
/* Its words as term ordinals, as stored; i < terms. */
static inline uint32_t ns__headline_word(const ns__articles *articles, const ns__headline *headline,
                                         uint32_t i)
{
    return ns__packed_get(articles->headlines.data, headline->start + i, articles->headline_width);
}
/* How many bytes of stored text the first `count` articles have, if these stand one behind the
 * other from its beginning on; else 0. */
ns_status ns__articles_text_bytes(const ns__articles *articles, uint32_t count, uint64_t *bytes,
                                  ns_error *err);
/* Whether an article has a headline: a word of one or, where headlines are not searched, any text.
 */
ns_status ns__article_titled(const ns__articles *articles, uint32_t article, bool *yes,
                             ns_error *err);
/* The date alone, without the rest of the entry. */
ns_status ns__article_date(const ns__articles *articles, uint32_t article, ns__stamp *out,
                           ns_error *err);
/* Earliest and latest known date (unix_s) of the articles with a passage in a window of
 * window_passages passages; window < ns__articles_windows. Earliest > latest when none is known. */
uint32_t ns__articles_windows(const ns__articles *articles);
void ns__articles_window_dates(const ns__articles *articles, uint32_t window, int64_t *earliest,
                               int64_t *latest);
/* Into *into, replacing what it held. Who reads many ids in a row gives a reader, else NULL. */
ns_status ns__article_id(const ns__articles *articles, uint32_t article,
                         ns__zstrings_reader *reader, ns__buf *into, ns_error *err);
/* The same by the article's place in the input, which is where ids stand. */
ns_status ns__article_id_at_place(const ns__articles *articles, uint32_t place,
                                  ns__zstrings_reader *reader, ns__buf *into, ns_error *err);
/* The same without any memory into id[0 .. room), for ids that count up: returns its bytes, 0 for
 * others and where it is longer than that. */
size_t ns__article_id_copy(const ns__articles *articles, uint32_t place, char *id, size_t room);
/* `id`: the article's; urls may end with it. */
ns_status ns__article_column(const ns__articles *articles, uint32_t article, ns__column column,
                             ns__str id, ns__buf *into, ns_error *err);
/* The last article with this id: NS_OK or NS_NOT_FOUND. */
ns_status ns__article_lookup(const ns__articles *articles, ns__str id, uint32_t *article,
                             ns_error *err);

/* What is kept by who looks for many ids of one table, so that also those that somebody made to
 * hash alike are found without reading all of them each time: see articles_crowd.c.
 * Zero-initialised is empty; one thread at a time. */
typedef struct ns__id_finder {
    ns__zstrings_reader reader;
    ns__buf id;              /* scratch */
    uint64_t reads;          /* of ids, so far */
    struct ns__id_row *rows; /* that have crowds */
    size_t row_count, row_capacity;
    struct ns__id_crowd *crowds;
    size_t crowd_count, crowd_capacity;
} ns__id_finder;

/* The same as ns__article_lookup. */
ns_status ns__id_find(const ns__articles *articles, ns__id_finder *finder, ns__str id,
                      uint32_t *article, ns_error *err);
void ns__id_finder_release(ns__id_finder *finder);

#endif
