/* A segment from a few articles, through the real writers, for tests that need a whole one.
 *
 * Words are runs without a space, a final '.' ends a sentence and is dropped, '\n' ends a passage.
 * The builder can be told to lie: each lie is a way in which the structures of a segment can
 * contradict each other although each was written by its writer. */
#ifndef NS_TESTS_SEGMENT_BUILD_H
#define NS_TESTS_SEGMENT_BUILD_H

#include "segment_support.h"

#include "base/hash.h"

#include "segment/segment.h"

enum { BUILD_PASSAGES = 16, BUILD_WORDS = 1 << 16, BUILD_TERMS = 512 };

typedef struct doc {
    const char *id, *title, *body, *source, *section, *url;
    ns__stamp date;
    uint8_t lang;
} doc;

typedef enum lie {
    LIE_NONE,
    LIE_MISSING_POSTING,     /* a passage is left out of a list */
    LIE_EXTRA_POSTING,       /* a passage is added to a list */
    LIE_POSITION_BEHIND,     /* a position behind the passage */
    LIE_POSITION_TWICE,      /* a position that another term has */
    LIE_TITLE_TF,            /* one headline word too many, one body word too few */
    LIE_TITLE_MISSING,       /* headline words of a term are left out */
    LIE_HEADLINE_ORDINAL,    /* a headline names a term that is not there */
    LIE_HEADLINE_OTHER,      /* a headline names another term */
    LIE_TERM_MISSING,        /* a term is left out of the dictionary */
    LIE_TEXT_SHIFTED,        /* an entry points behind the stored text */
    LIE_MIDDLE_OF_CHARACTER, /* a passage begins inside a character */
    LIE_ORDER_SAME,          /* an input order is stored, though it is that of the articles */
    LIE_ORDER_CLASH,         /* two articles have one place in the input */
    LIE_ORDER_TURNED,        /* no lie: each article has the place behind its own */
    LIE_ORDER_IDS            /* the same, and ids stand by article */
} lie;

static inline bool tells_order(lie told)
{
    return told >= LIE_ORDER_SAME && told <= LIE_ORDER_IDS;
}

typedef struct word {
    uint32_t term; /* in terms */
    uint32_t article, position;
} word;

typedef struct builder {
    const ns_index_settings *settings;
    lie lie;
    ns__str terms[BUILD_TERMS]; /* in order of appearance, then sorted */
    uint32_t ordinal[BUILD_TERMS];
    uint32_t term_count;
    word *words, *titles;
    uint32_t word_count, title_count;
    uint32_t first[1024]; /* first passage of each article */
    uint32_t passages;
    uint32_t word_starts[4096]; /* of each passage, in words */
} builder;

static inline uint32_t build_term(builder *b, const char *text, size_t length)
{
    ns__str term = {(const uint8_t *)text, length};
    for (uint32_t i = 0; i < b->term_count; i++)
        if (ns__str_equal(b->terms[i], term))
            return i;
    assert_true(b->term_count < BUILD_TERMS);
    b->terms[b->term_count] = term;
    return b->term_count++;
}

/* The next word from *at on; false at the end of the passage. `stop`: it ends a sentence. */
static inline bool build_word(const char **at, const char *end, size_t *length, bool *stop)
{
    while (*at < end && **at == ' ')
        ++*at;
    const char *start = *at;
    while (*at < end && **at != ' ')
        ++*at;
    *length = (size_t)(*at - start);
    *stop = *length > 0 && start[*length - 1] == '.';
    *length -= *stop;
    return *at > start;
}

static inline void build_passage(builder *b, const char *body, const char *start, const char *end,
                                 uint32_t article, ns__passage_entry *out, uint32_t *sentences)
{
    const char *at = start;
    bool begins = true, stop;
    size_t length;
    *out = (ns__passage_entry){
        .start = (uint32_t)(start - body), .end = (uint32_t)(end - body), .sentences = sentences};
    while (build_word(&at, end, &length, &stop)) {
        const char *text = at - length - stop;
        if (begins)
            sentences[out->sentence_count++] = out->terms << 1 | (out->terms == 0);
        begins = stop;
        assert_true(b->word_count < BUILD_WORDS);
        b->words[b->word_count++] = (word){build_term(b, text, length), article, out->terms++};
    }
    b->word_starts[++b->passages] = b->word_count;
}

static inline uint64_t build_fingerprint(const char *body)
{
    uint64_t state = 0;
    size_t length, words = 0;
    for (const char *start = body, *end; *start; start = end + (*end != 0)) {
        bool stop;
        end = strchr(start, '\n');
        end = end ? end : start + strlen(start);
        for (const char *at = start; build_word(&at, end, &length, &stop); words++)
            state = ns__fingerprint_add(state, ns__hash64(at - length - stop, length, 0));
    }
    return words ? ns__fingerprint_end(state) : 0;
}

static inline void build_article(builder *b, ns__articles_writer *articles, ns__store_writer *store,
                                 const doc *d, uint32_t number)
{
    static uint32_t sentences[BUILD_PASSAGES][256];
    ns__passage_entry passages[BUILD_PASSAGES];
    const char *start = d->body, *end, *title = d->title, *title_end = title + strlen(title);
    uint32_t count = 0, titles = b->title_count;
    size_t length;
    bool stop;
    b->first[number] = b->passages;
    do {
        end = strchr(start, '\n');
        end = end ? end : start + strlen(start);
        build_passage(b, d->body, start, end, number, &passages[count], sentences[count]);
        count++;
        start = end + 1;
    } while (*end != '\0');
    while (build_word(&title, title_end, &length, &stop)) {
        assert_true(b->title_count < BUILD_WORDS);
        b->titles[b->title_count++] =
            (word){build_term(b, title - length - stop, length), number, 0};
    }
    if (b->lie == LIE_MIDDLE_OF_CHARACTER && number == 3)
        passages[0].start = 1;
    ns__article_entry entry = {.id = {(const uint8_t *)d->id, strlen(d->id)},
                               .date = d->date,
                               .lang = d->lang,
                               .text_offset = ns__store_length(store) +
                                              (b->lie == LIE_TEXT_SHIFTED ? 1u << 20 : 0),
                               .title_bytes = (uint32_t)strlen(d->title),
                               .body_bytes = (uint32_t)strlen(d->body),
                               .title_terms = b->title_count - titles,
                               .passages = passages,
                               .passage_count = count,
                               .fingerprint = build_fingerprint(d->body)};
    entry.columns[NS__COLUMN_SOURCE] = (ns__str){(const uint8_t *)d->source, strlen(d->source)};
    entry.columns[NS__COLUMN_SECTION] = (ns__str){(const uint8_t *)d->section, strlen(d->section)};
    entry.columns[NS__COLUMN_URL] = (ns__str){(const uint8_t *)d->url, strlen(d->url)};
    assert_fine(ns__articles_add(articles, &entry, err));
    assert_fine(
        ns__store_append(store, (ns__str){(const uint8_t *)d->title, entry.title_bytes}, err));
    assert_fine(
        ns__store_append(store, (ns__str){(const uint8_t *)d->body, entry.body_bytes}, err));
}

static inline void build_sort(builder *b, uint32_t *order)
{
    for (uint32_t i = 0; i < b->term_count; i++) {
        uint32_t at = i;
        for (; at > 0 && ns__str_compare(b->terms[order[at - 1]], b->terms[i]) > 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t i = 0; i < b->term_count; i++)
        b->ordinal[order[i]] = i;
}

/* One posting; false when the term is not in the passage. */
static inline bool build_posting(const builder *b, uint32_t term, uint32_t passage,
                                 uint32_t article, uint32_t *tf, uint32_t *title_tf,
                                 uint32_t *positions)
{
    uint32_t count = 0;
    *title_tf = 0;
    for (uint32_t i = b->word_starts[passage]; i < b->word_starts[passage + 1]; i++)
        if (b->words[i].term == term)
            positions[count++] = b->words[i].position;
    for (uint32_t i = 0; i < b->title_count; i++)
        *title_tf += b->titles[i].article == article && b->titles[i].term == term;
    if (b->lie == LIE_TITLE_MISSING && passage == 5)
        *title_tf = 0;
    if (b->lie == LIE_TITLE_TF && *title_tf == 0 && count > b->settings->title_weight) {
        *title_tf = 1;
        count -= b->settings->title_weight;
    }
    if (b->lie == LIE_POSITION_BEHIND && passage == 7 && count > 0)
        positions[count - 1] = 200;
    if (b->lie == LIE_POSITION_TWICE && passage == 7 && count == 1)
        positions[0] = 0;
    if (b->lie == LIE_EXTRA_POSTING && passage == 9 && count == 0 && *title_tf == 0)
        positions[count++] = 0;
    *tf = count + b->settings->title_weight * *title_tf;
    return *tf > 0 &&
           !(b->lie == LIE_MISSING_POSTING && passage == 4 && count == 1 && *title_tf == 0);
}

static inline void build_list(const builder *b, ns__postings_writer *postings, uint32_t term,
                              ns__buf *value)
{
    uint32_t positions[256], tf, title_tf, article = 0, df = 0;
    for (uint32_t passage = 0; passage < b->passages; passage++) {
        while (passage >= b->first[article + 1])
            article++;
        if (!build_posting(b, term, passage, article, &tf, &title_tf, positions))
            continue;
        ns__posting_batch batch = {1, &passage, &tf, &title_tf, positions};
        assert_fine(ns__postings_add(postings, &batch, err));
        df++;
    }
    if (df > 0)
        assert_fine(ns__postings_end_term(postings, value, err));
}

static inline void build_lists(builder *b, const uint32_t *order, ns__articles_writer *articles,
                               ns__frame_writer **frames, ns__segment_ref *ref)
{
    ns__lengths lengths = ns__articles_lengths(articles);
    ns__postings_writer *postings;
    ns__terms_writer *terms;
    ns__buf value = {0};
    uint32_t written = 0;
    assert_fine(ns__postings_writer_open(b->settings, &lengths, ns__articles_average(articles),
                                         frames[NS__FILE_POSTINGS], frames[NS__FILE_POSITIONS],
                                         &postings, err));
    assert_fine(ns__terms_writer_open(frames[NS__FILE_TERMS], &terms, err));
    for (uint32_t i = 0; i < b->term_count; i++) {
        ns__buf_clear(&value);
        if (b->lie == LIE_TERM_MISSING && i == b->term_count - 1)
            break;
        build_list(b, postings, order[i], &value);
        if (value.length == 0)
            continue;
        assert_fine(ns__terms_add(terms, b->terms[order[i]], i % 3 != 0,
                                  (ns__str){value.data, value.length}, err));
        written++;
    }
    ref->terms = written;
    for (uint32_t i = 0; i < written && written > 5; i += 3) {
        char surface[300];
        uint32_t targets[2] = {i, i + 2 < written ? i + 2 : i};
        snprintf(surface, sizeof surface, "%.*s!", (int)b->terms[order[i]].length,
                 (const char *)b->terms[order[i]].data);
        assert_fine(ns__terms_add_surface(terms, (ns__str){(uint8_t *)surface, strlen(surface)},
                                          targets, targets[1] > i ? 2 : 1, err));
        ref->surfaces++;
    }
    assert_fine(ns__terms_writer_finish(terms, err));
    assert_fine(ns__postings_writer_finish(postings, &ref->counts, err));
    ns__buf_release(&value);
}

static inline void build_order(const builder *b, ns__articles_writer *articles, const doc *docs,
                               uint32_t *places, uint32_t count)
{
    const bool turned = b->lie == LIE_ORDER_TURNED || b->lie == LIE_ORDER_IDS;
    for (uint32_t i = 0; i < count; i++)
        places[i] = turned ? (i + 1) % count : i;
    if (b->lie == LIE_ORDER_CLASH)
        places[1] = 0;
    for (uint32_t p = 0; p < count; p++) {
        const char *id = docs[b->lie == LIE_ORDER_TURNED ? (p + count - 1) % count : p].id;
        assert_fine(ns__articles_add_id(articles, (ns__str){(const uint8_t *)id, strlen(id)}, err));
    }
    ns__articles_set_places(articles, places);
}

static inline void build_headlines(const builder *b, uint32_t *ordinals)
{
    for (uint32_t i = 0; i < b->title_count; i++)
        ordinals[i] = b->ordinal[b->titles[i].term];
    if (b->lie == LIE_HEADLINE_ORDINAL)
        ordinals[b->title_count / 2] = b->term_count;
    if (b->lie == LIE_HEADLINE_OTHER)
        ordinals[b->title_count / 2] ^= 1;
}

/* The files of one segment, and the ref that a manifest would have. */
static inline void build_segment(const char *directory, const doc *docs, uint32_t count,
                                 const ns_index_settings *settings, lie lie_told,
                                 ns__segment_ref *ref)
{
    static const uint32_t kinds[NS__SEGMENT_FILES] = {
        NS_KIND_ARTICLES, NS_KIND_TERMS, NS_KIND_POSTINGS, NS_KIND_POSITIONS, NS_KIND_TEXT};
    builder *b = calloc(1, sizeof *b);
    uint32_t order[BUILD_TERMS];
    ns__frame_writer *frames[NS__SEGMENT_FILES];
    ns__articles_writer *articles;
    ns__store_writer *store;
    b->words = malloc(BUILD_WORDS * sizeof *b->words);
    b->titles = malloc(BUILD_WORDS * sizeof *b->titles);
    b->settings = settings;
    b->lie = lie_told;
    *ref = (ns__segment_ref){.generation = 1, .articles = count};
    for (int i = 0; i < 16; i++)
        ref->id.bytes[i] = (uint8_t)(0x10 + i);
    for (int i = 0; i < NS__SEGMENT_FILES; i++) {
        char name[64];
        ns__segment_file_name(ref, i, name);
        char *path = ns__path_join(directory, name);
        assert_fine(ns__frame_create(path, kinds[i], &frames[i], err));
        ns__free(path);
    }
    assert_fine(ns__articles_writer_open(settings, &articles, err));
    if (tells_order(b->lie))
        ns__articles_ids_apart(articles);
    assert_fine(ns__store_writer_open(frames[NS__FILE_TEXT], settings->store_level,
                                      settings->store_block_bytes, NULL, &store, err));
    for (uint32_t i = 0; i < count; i++) {
        build_article(b, articles, store, &docs[i], i);
        ref->text_bytes += strlen(docs[i].title) + strlen(docs[i].body);
    }
    b->first[count] = b->passages;
    ref->passages = b->passages;
    ref->tokens = (uint64_t)b->word_count + b->title_count;
    ns__lengths lengths = ns__articles_lengths(articles);
    for (uint32_t p = 0; p < b->passages; p++)
        ref->total_length += ns__length_of(&lengths, p);
    build_sort(b, order);
    build_lists(b, order, articles, frames, ref);
    uint32_t *headlines = calloc(b->title_count + 1, sizeof *headlines);
    build_headlines(b, headlines);
    assert_fine(ns__store_writer_finish(store, err));
    uint32_t *places = malloc((count + 1) * sizeof *places);
    if (tells_order(b->lie))
        build_order(b, articles, docs, places, count);
    assert_fine(ns__articles_finish(articles, headlines, frames[NS__FILE_ARTICLES], err));
    free(places);
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        assert_fine(
            ns__frame_finish(frames[i], ref->id, false, &ref->bytes[i], &ref->crcs[i], err));
    free(headlines);
    free(b->words);
    free(b->titles);
    free(b);
}

/* ---- Generated articles ---- */

typedef struct doc_texts {
    char id[32], title[200], body[3000], source[32], section[16], url[64];
} doc_texts;

static inline size_t append_words(char *out, size_t room, uint32_t words, uint32_t vocabulary)
{
    size_t length = 0;
    for (uint32_t w = 0; w < words; w++) {
        uint32_t rank = random_below(random_below(vocabulary) + 1); /* low ones are frequent */
        const char *form = rank % 7 == 3 ? "%sé%u%s" : "%sw%u%s";
        length += (size_t)snprintf(out + length, room - length, form, w ? " " : "", rank,
                                   random_below(6) == 0 ? "." : "");
    }
    return length;
}

/* `count` articles into docs; texts must live as long. */
static inline void make_docs(doc *docs, doc_texts *texts, uint32_t count, uint32_t vocabulary)
{
    for (uint32_t i = 0; i < count; i++) {
        doc_texts *t = &texts[i];
        size_t length = 0;
        uint32_t passages = 1 + random_below(4);
        snprintf(t->id, sizeof t->id, "id/%u", i * 7);
        append_words(t->title, sizeof t->title, random_below(7), vocabulary);
        for (uint32_t p = 0; p < passages; p++) {
            if (p > 0)
                t->body[length++] = '\n';
            length += append_words(t->body + length, sizeof t->body - length, 5 + random_below(50),
                                   vocabulary);
        }
        if (i == 3) /* a body that begins with a long character */
            snprintf(t->body, sizeof t->body, "éclair w1 w2 w1.");
        snprintf(t->source, sizeof t->source, "source %u", i % 5);
        snprintf(t->section, sizeof t->section, "%s", i % 2 ? "world" : "");
        snprintf(t->url, sizeof t->url, "https://example.org/%u", i);
        docs[i] =
            (doc){t->id,
                  t->title,
                  t->body,
                  t->source,
                  t->section,
                  t->url,
                  {.unix_s = 1000000000 + 3600 * (int64_t)random_below(100000), .precision = 4},
                  (uint8_t)(1 + i % 2)};
    }
}

#endif
