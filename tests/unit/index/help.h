/* What the tests of this folder share: a temporary folder, random articles, corpora. */
#ifndef TESTS_UNIT_INDEX_HELP_H
#define TESTS_UNIT_INDEX_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "codec/frame.h"
#include "ns/index.h"
#include "os/file.h"
#include "unit/quick.h"

/* ---- Checks that print what went wrong ---- */

#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        ns_status assert_status_ = (call);                                                         \
        if (assert_status_ != NS_OK)                                                               \
            fail_msg("%s: status %d: %s: %s", #call, assert_status_, (err).file, (err).message);   \
    } while (0)

/* ---- Random numbers: the same for the same NS_SEED ---- */

static uint64_t random_state;

static inline uint64_t random_u64(void)
{
    random_state += 0x9e3779b97f4a7c15u;
    uint64_t z = random_state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t random_below(uint32_t bound)
{
    return (uint32_t)(random_u64() % bound);
}

static inline void seed_random(void)
{
    const char *seed = getenv("NS_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : 1;
    print_message("NS_SEED=%llu\n", (unsigned long long)random_state);
}

/* ---- A temporary folder ---- */

static char test_folder[256];

static inline void remove_tree(const char *path)
{
    char **names;
    size_t count;
    if (ns__dir_names(path, &names, &count, NULL) != NS_OK) {
        unlink(path);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char *child = ns__path_join(path, names[i]);
        if (unlink(child) != 0)
            remove_tree(child);
        ns__free(child);
    }
    ns__dir_free_names(names, count);
    rmdir(path);
}

static inline int make_test_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(test_folder, sizeof test_folder, "%s/ns_index_XXXXXX", base ? base : "/tmp");
    seed_random();
    return mkdtemp(test_folder) == NULL;
}

static inline int remove_test_folder(void **state)
{
    (void)state;
    remove_tree(test_folder);
    return 0;
}

/* A path in the folder; good until the eighth call from now. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", test_folder, name);
    return path;
}

static inline void write_text_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Malloc'ed; NULL when there is no such file. */
static inline char *read_whole_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    bytes[*length] = '\0';
    fclose(file);
    return bytes;
}

/* Makes the checksums of an index file right again. */
static inline void seal(uint8_t *bytes, size_t length)
{
    uint8_t *footer = bytes + length - 64;
    const uint64_t tables = ns__get_u64(footer);
    uint8_t *crcs = bytes + tables + 24 * (size_t)ns__get_u32(footer + 8);
    for (uint64_t at = 0; at < tables; at += NS_FRAME_CHUNK, crcs += 4) {
        const uint64_t part = tables - at < NS_FRAME_CHUNK ? tables - at : NS_FRAME_CHUNK;
        ns__put_u32(crcs, (uint32_t)crc32(0, bytes + at, (uInt)part));
    }
    ns__put_u32(footer + 24,
                (uint32_t)crc32(0, bytes + tables, (uInt)((size_t)(footer - bytes) - tables)));
    ns__put_u32(footer + 60, (uint32_t)crc32(0, footer, 60));
}

/* The files of folder `from` in a folder `to` of their own. */
static inline void copy_index(const char *from, const char *to)
{
    ns_error err = {0};
    char **names;
    size_t count;
    remove_tree(in_folder(to));
    assert_ok(ns__dir_make(in_folder(to), &err), err);
    assert_ok(ns__dir_names(in_folder(from), &names, &count, &err), err);
    for (size_t i = 0; i < count; i++) {
        char path[600];
        size_t length = 0;
        snprintf(path, sizeof path, "%s/%s", in_folder(from), names[i]);
        char *bytes = read_whole_file(path, &length);
        snprintf(path, sizeof path, "%s/%s", in_folder(to), names[i]);
        write_text_file(path, bytes, length);
        free(bytes);
    }
    ns__dir_free_names(names, count);
}

/* ---- Random articles ---- */

/* Frequent words, inflected ones, capitals, accents, hyphens, scripts without spaces. */
static const char *const TEST_WORDS[] = {"the",
                                         "of",
                                         "and",
                                         "a",
                                         "to",
                                         "in",
                                         "said",
                                         "trade",
                                         "traders",
                                         "trading",
                                         "Trade",
                                         "port",
                                         "ports",
                                         "The",
                                         "harbour",
                                         "U.S.",
                                         "US",
                                         "talks",
                                         "talk",
                                         "control",
                                         "controls",
                                         "exports",
                                         "officials’",
                                         "tariff",
                                         "tariffs",
                                         "café",
                                         "Erdoğan",
                                         "2,000",
                                         "2019",
                                         "wire-tapped",
                                         "mother-in-law",
                                         "don't",
                                         "ＡＢＣ",
                                         "Straße",
                                         "日本経済新聞",
                                         "关税",
                                         "谈判代表团",
                                         "ท่าเรือ",
                                         "обзор",
                                         "обзоры",
                                         "naïve",
                                         "x",
                                         "y",
                                         "NATO",
                                         "e-mail",
                                         "@handle",
                                         "#topic",
                                         "running",
                                         "runs",
                                         "ran",
                                         "quay",
                                         "quays",
                                         "customs",
                                         "declared",
                                         "declaration",
                                         "ship",
                                         "ships",
                                         "shipping",
                                         "shipped",
                                         "over",
                                         "under",
                                         "after",
                                         "before",
                                         "news"};
enum { TEST_WORD_COUNT = sizeof TEST_WORDS / sizeof *TEST_WORDS };

/* Words of a text: low ones of the list much more often. Sometimes one that occurs nowhere else. */
static inline void random_words(ns__buf *out, uint32_t count, bool sentences)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            ns__buf_append(out, " ", 1);
        uint32_t pick = random_below(TEST_WORD_COUNT) * random_below(1000) / 1000;
        char rare[32];
        const char *word = TEST_WORDS[pick];
        if (random_below(60) == 0) {
            snprintf(rare, sizeof rare, "q%uz", random_below(5000));
            word = rare;
        }
        ns__buf_append(out, word, strlen(word));
        if (!sentences || random_below(9) != 0)
            continue;
        if (random_below(6) == 0)
            ns__buf_append(out, ".\n\nThe", 6);
        else
            ns__buf_append(out, ". And", 5);
    }
}

typedef struct test_article {
    char id[32];
    ns__buf title, body;
} test_article;

static inline void make_article(test_article *article, uint32_t number)
{
    *article = (test_article){0};
    snprintf(article->id, sizeof article->id, "news/%u", number);
    uint32_t kind = random_below(20);
    random_words(&article->title, kind == 0 ? 0 : random_below(9), false);
    random_words(&article->body, kind == 1 ? 0 : kind == 2 ? 3000 : random_below(500), true);
    if (article->title.length + article->body.length == 0) /* such a record would be refused */
        ns__buf_append(&article->title, "...", 3);
    ns__buf_reserve(&article->title, 1);
    ns__buf_reserve(&article->body, 1);
}

static inline void release_article(test_article *article)
{
    ns__buf_release(&article->title);
    ns__buf_release(&article->body);
}

static inline void append_json_string(ns__buf *out, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    ns__buf_append(out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        char escape[8];
        if (at[i] == '"' || at[i] == '\\')
            snprintf(escape, sizeof escape, "\\%c", at[i]);
        else if (at[i] == '\n')
            snprintf(escape, sizeof escape, "\\n");
        else
            snprintf(escape, sizeof escape, "%c", at[i]);
        ns__buf_append(out, escape, strlen(escape));
    }
    ns__buf_append(out, "\"", 1);
}

/* One JSON object, terminated; in the spelling that ns shows. */
static inline void article_json(const test_article *article, ns__buf *out)
{
    ns__buf_clear(out);
    ns__buf_append(out, "{\"id\": ", 7);
    append_json_string(out, article->id, strlen(article->id));
    ns__buf_append(out, ", \"title\": ", 11);
    append_json_string(out, article->title.data, article->title.length);
    ns__buf_append(out, ", \"body\": ", 10);
    append_json_string(out, article->body.data, article->body.length);
    ns__buf_append(out, "}", 2);
    out->length--;
}

/* ---- Corpora that may be there ---- */

/* Path of a shared corpus, or NULL when it is absent. */
static inline const char *corpus_path(const char *name)
{
    static char path[512];
    const char *shared = getenv("NS_SHARED");
    snprintf(path, sizeof path, "%s/corpora/%s", shared ? shared : NS_SOURCE_DIR "/../shared",
             name);
    return access(path, R_OK) == 0 ? path : NULL;
}

#endif
