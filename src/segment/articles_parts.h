/* Shared by the files that make up the article table: section names, the interner, the parts of
 * the writer and reader that have files of their own. */
#ifndef NS_SEGMENT_ARTICLES_PARTS_H
#define NS_SEGMENT_ARTICLES_PARTS_H

#include "base/buf.h"
#include "base/num.h"
#include "segment/articles.h"
#include "segment/roll.h"
#include "text/intern.h"

#define NS__ART_HEAD NS_FOURCC('h', 'e', 'a', 'd')
#define NS__ART_FIRST NS_FOURCC('f', 'r', 's', 't')
#define NS__ART_BITS NS_FOURCC('b', 'i', 't', 's')
#define NS__ART_RANKS NS_FOURCC('r', 'a', 'n', 'k')
#define NS__ART_LENGTHS NS_FOURCC('l', 'e', 'n', 's')
#define NS__ART_ENTRIES NS_FOURCC('e', 'n', 't', 'r')
#define NS__ART_GROUPS NS_FOURCC('g', 'r', 'p', 's')
#define NS__ART_HEADLINES NS_FOURCC('h', 'd', 'l', 'n')
#define NS__ART_IDS NS_FOURCC('i', 'd', 's', ' ')
#define NS__ART_ID_TABLE NS_FOURCC('i', 'd', 'h', 't')
#define NS__ART_IDS_BY_PLACE NS_FOURCC('p', 'i', 'd', 's')
#define NS__ART_DATES NS_FOURCC('d', 'a', 't', 'e')
#define NS__ART_WINDOWS NS_FOURCC('d', 'w', 'i', 'n')
#define NS__ART_PLACES NS_FOURCC('p', 'l', 'a', 'c')
#define NS__ART_ORDER NS_FOURCC('o', 'r', 'd', 'r') /* read, not written */
#define NS__ART_COPIES NS_FOURCC('c', 'o', 'p', 'y')
#define NS__ART_REPEATED NS_FOURCC('r', 'e', 'p', 't')
#define NS__ART_COLUMN(column) NS_FOURCC('c', 'o', 'l', '0' + (column))

enum {
    NS__GROUP_ARTICLES = 32,
    NS__GROUP_BYTES = 24, /* u64 entry offset, u64 headline terms before, u64 text offset */
    NS__RANK_BITS = 512,
    NS__HEAD_BYTES = 76
};

/* Bits that tell `count` things apart. */
static inline unsigned ns__ordinal_width(uint32_t count)
{
    return count > 1 ? ns__bits32(count - 1) : 0;
}

/* The last byte of a value of the column url. */
typedef enum ns__url_form {
    NS__URL_WHOLE = 0,
    NS__URL_THEN_ID = 1 /* the article's id follows */
} ns__url_form;

/* ---- Borders of articles ---- */
/* Reads all of them: corrupt when first passages, bits and ranks contradict each other. */
ns_status ns__articles_check_borders(const ns__articles *articles, ns_error *err);

/* ---- Bodies that occur again ---- */
/* A bit for each article whose fingerprint another one of them has as well, appended to *out; no
 * bytes when there is none. `prints` are all fingerprints in order. */
ns_status ns__repeated_find(const ns__roll *prints, uint32_t articles, ns__buf *out, ns_error *err);
/* After the fingerprints were opened. Corrupt when the section has another size. */
ns_status ns__repeated_open(ns__articles *articles, ns_error *err);

/* ---- Values of a column ---- */
typedef struct ns__interner {
    ns__intern values; /* distinct ones; the first is "" */
    ns__roll ordinals; /* u32: value of each article */
} ns__interner;

ns_status ns__interner_add(ns__interner *interner, ns__str value, ns_error *err);
/* Appends the section: sorted values and the ordinal of each article. Nothing when all are "". */
ns_status ns__interner_finish(ns__interner *interner, ns__buf *out, ns_error *err);
void ns__interner_release(ns__interner *interner);
ns_status ns__column_open(ns__articles *articles, int column, ns_error *err);

/* ---- The hash table of ids ---- */
/* `ids`: the finished table of strings, by `places` where there are some; hashes: ns__id_hash of
 * each article's. */
ns_status ns__id_table_build(ns__str ids, const uint32_t *places, const uint64_t *hashes,
                             uint32_t count, ns__buf *out, ns_error *err);
uint64_t ns__id_hash(ns__str id);
/* The article in a slot of the table that is not empty; its id into finder->id. */
ns_status ns__id_candidate(const ns__articles *articles, ns__id_finder *finder, uint64_t slot,
                           uint32_t *candidate, ns_error *err);
/* Whether the slot is in a row that ns__id_crowd_find was asked about before. */
bool ns__id_crowd_knows(const ns__id_finder *finder, uint64_t slot);
/* The last article with this id, which has this tag, in the row around a slot that is not empty. */
ns_status ns__id_crowd_find(const ns__articles *articles, ns__id_finder *finder, uint64_t slot,
                            uint8_t tag, ns__str id, uint32_t *article, ns_error *err);
ns_status ns__id_table_open(ns__articles *articles, ns_error *err);

/* ---- Dates ---- */
typedef struct ns__dates_writer {
    ns__buf seconds; /* i64 each, INT64_MIN: unknown */
    ns__buf kinds;   /* u32 each: precision | has_offset << 8 | offset_minutes << 16 */
} ns__dates_writer;
void ns__dates_add(ns__dates_writer *writer, ns__stamp stamp);
ns_status ns__dates_finish(ns__dates_writer *writer, ns__buf *out, ns_error *err);
/* Appends the range of dates of each window; `first` holds count + 1 first passages. */
void ns__date_windows(const ns__dates_writer *writer, const uint8_t *first, uint32_t count,
                      uint32_t window_passages, ns__buf *out);
void ns__dates_release(ns__dates_writer *writer);
ns_status ns__dates_open(ns__articles *articles, ns_error *err);

/* ---- Input order ---- */
/* Writes the section. */
ns_status ns__order_write(const uint32_t *places, uint32_t count, ns__frame_writer *frame,
                          ns_error *err);
ns_status ns__order_open(ns__articles *articles, ns_error *err);

/* Whether the frame has a section that need not be there. */
bool ns__articles_have(const ns__articles *articles, uint32_t name);

/* ---- Entries ---- */
/* The first byte of an entry: which fields follow. The others are 0, or a map of zeros. */
enum {
    NS__ENTRY_TITLE = 1,
    NS__ENTRY_META = 2,
    NS__ENTRY_GAP = 4,
    NS__ENTRY_TERMS = 8,
    NS__ENTRY_LANG = 16,
    NS__ENTRY_MAP = 32,
    NS__ENTRY_FLAGS = 63
};
typedef struct ns__raw_entry {
    const uint8_t *at; /* where it stands, for messages */
    uint32_t title_bytes, body_bytes, meta_bytes, title_terms;
    uint8_t lang;
    uint64_t text_offset;
    uint64_t headline_start; /* headline terms of the articles before */
    ns__str map;             /* empty: all of it is 0 */
} ns__raw_entry;
/* Articles one after the other: cheaper than a lookup for each. */
typedef struct ns__entry_cursor {
    ns__cur cur;
    uint32_t article;
    uint64_t headline, text;
} ns__entry_cursor;
ns_status ns__entry_seek(const ns__articles *articles, uint32_t group, ns__entry_cursor *out,
                         ns_error *err);
ns_status ns__entry_next(const ns__articles *articles, ns__entry_cursor *cursor, ns__raw_entry *out,
                         ns_error *err);

#endif
