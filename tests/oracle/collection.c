/* Building what is searched. Both sides get the same records, one after the other. */
#include "oracle/collection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "ingest/reader.h"
#include "os/file.h"

enum {
    MAX_PIECES = 20000,
    MAX_PIECE_BYTES = 120,
    /* Where there is no real text: generated text has few words, so each takes long. Half as many
     * queries do. */
    MAX_GENERATED = 20000
};

/* ---- The index ---- */

static bool open_writer(collection *c)
{
    ns_writer_options options;
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = c->o.block;
    settings.window_passages = c->o.window;
    settings.title_weight = c->o.title_weight;
    settings.store_level = 1;
    settings.no_text = c->o.no_text;
    settings.exact = c->o.exact;
    settings.analysis.one_passage = c->o.one_passage;
    ns_writer_options_init(&options);
    options.settings = &settings;
    if (c->m.analyzer == NULL && !model_init(&c->m, &settings))
        return false;
    c->m.keep_words = c->o.language;
    return ns_writer_open(c->directory, &options, &c->writer, &c->err) == NS_OK;
}

static bool commit(collection *c)
{
    bool ok = ns_writer_commit(c->writer, NULL, &c->err) == NS_OK;
    ns_writer_close(c->writer);
    c->writer = NULL;
    c->commits++;
    return ok;
}

/* Makes one segment of all that is there, its articles in another order or, with --merge, in the
 * same. Nothing must be dead: the model counts the dead for ever. */
static bool reorder(collection *c)
{
    return (c->o.merge ? ns_writer_merge : ns_writer_reorder)(c->writer, NULL, &c->err) == NS_OK;
}

/* A new segment after each share of the passages. With tombstones the last two are for articles
 * added again. */
static bool commit_share(collection *c)
{
    size_t shares = c->o.segments > 2 && c->o.replace ? c->o.segments - 2 : c->o.segments;
    size_t share = (c->o.passages + c->o.passages / 16) / shares + 1;
    return c->again || c->m.passages < (c->commits + 1) * share || (commit(c) && open_writer(c));
}

/* ---- Pieces of text ---- */

static void keep_piece(pieces *all, const uint8_t *text, size_t length)
{
    if (all->count == all->capacity) {
        all->capacity = all->capacity * 2 + 64;
        all->items = realloc(all->items, all->capacity * sizeof *all->items);
    }
    all->items[all->count++] = strndup((const char *)text, length);
}

static void release_pieces(pieces *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->items[i]);
    free(all->items);
}

/* A character of three bytes in UTF-8 that belongs to a script without spaces. */
static bool is_wide(const uint8_t *at, const uint8_t *end)
{
    return end - at >= 3 && *at >= 0xe3 && *at <= 0xe9 && (at[1] & 0xc0) == 0x80;
}

/* Now and then some words of the text, or some characters of a run. */
static void take_pieces(collection *c, ns__str text)
{
    if (text.length < 40 || below(&c->seed, 2) == 0)
        return;
    const uint8_t *end = text.data + text.length, *at = text.data + below(&c->seed, text.length);
    while (at > text.data && (*at & 0xc0) == 0x80)
        at--;
    const uint8_t *stop = at;
    if (is_wide(at, end)) {
        /* One alone finds up to a thousand bigrams, which takes its time: few of them. */
        for (size_t n = 1 + (below(&c->seed, 8) ? 1 + below(&c->seed, 5) : 0);
             n > 0 && is_wide(stop, end); n--)
            stop += 3;
        if (c->runs.count < MAX_PIECES)
            keep_piece(&c->runs, at, (size_t)(stop - at));
        return;
    }
    while (at > text.data && at[-1] != ' ')
        at--;
    stop = at;
    for (size_t n = 1 + below(&c->seed, 5); n > 0 && stop < end; n--)
        do
            stop++;
        while (stop < end && *stop != ' ');
    if (stop - at < MAX_PIECE_BYTES && c->slices.count < MAX_PIECES)
        keep_piece(&c->slices, at, (size_t)(stop - at));
}

/* ---- Adding ---- */

static bool add(collection *c, const ns__record *record)
{
    ns__buf json = {0}, meta = {0};
    if (c->o.reorder && !c->again && model_knows(&c->m, record->id))
        return true; /* it would be dead */
    ns__record_pack_fields(record, &meta);
    bool ok =
        ns__record_show(record, (ns__str){meta.data, meta.length}, &json) &&
        ns_writer_add_json(c->writer, (const char *)json.data, json.length, &c->err) == NS_OK &&
        model_add(&c->m, record);
    take_pieces(c, record->body);
    if (c->o.replace && !c->again && below(&c->seed, 12) == 0)
        keep_piece(&c->kept, json.data, json.length);
    if (c->o.replace && !c->again && below(&c->seed, 20) == 0)
        keep_piece(&c->doomed, record->id.data, record->id.length);
    ns__buf_release(&json);
    ns__buf_release(&meta);
    return ok && commit_share(c);
}

static bool add_json(collection *c, ns__str json)
{
    ns__record record = {0};
    bool ok = ns__jsonl_parse(json, "generated", 1, &record, &c->err) == NS_OK && add(c, &record);
    ns__record_release(&record);
    return ok;
}

/* One file of the corpora, up to `share` passages. Small collections take every eighth article, so
 * that they are mixed as well. */
static bool add_corpus(collection *c, const char *name, size_t share)
{
    char path[600];
    const char *paths[1] = {path};
    snprintf(path, sizeof path, "%s/corpora/%s.jsonl.gz", c->o.shared, name);
    ns__reader_options options = {.max_record_bytes = NS_MAX_RECORD_BYTES};
    ns__reader *reader;
    ns__record record = {0};
    size_t end = c->m.passages + share, step = c->o.passages < 50000 ? 8 : 1;
    if (end > c->o.passages)
        end = c->o.passages;
    if (ns__reader_open(paths, 1, &options, &reader, &c->err) != NS_OK)
        return false;
    ns_status status = NS_OK;
    bool ok = true;
    for (size_t n = 0; ok && c->m.passages < end; n++) {
        status = ns__reader_next(reader, &record, &c->err);
        if (status != NS_OK)
            break;
        ok = n % step != 0 || add(c, &record);
    }
    ns__record_release(&record);
    ns__reader_close(reader);
    return ok && status >= 0;
}

static bool add_shared(collection *c)
{
    const size_t all = c->o.passages;
    return add_corpus(c, "reuters21578", all / 4) && add_corpus(c, "crudrag_zh", all / 24) &&
           add_corpus(c, "wmt21_multi", all / 16) && add_corpus(c, "gnad10k_de", all / 24) &&
           add_corpus(c, "livedoor_ja", all / 48) && add_corpus(c, "guardian", all);
}

/* ---- Generated text ---- */

static void put(ns__buf *out, const char *text)
{
    ns__buf_append(out, text, strlen(text));
}

static void put_ideograph(ns__buf *out, unsigned code)
{
    const uint8_t utf8[3] = {(uint8_t)(0xe0 | code >> 12), (uint8_t)(0x80 | (code >> 6 & 63)),
                             (uint8_t)(0x80 | (code & 63))};
    ns__buf_append(out, utf8, 3);
}

/* Words with frequencies as in language (rank ~ 1 / uniform), in forms that stemmers of different
 * languages treat differently, now and then a run of ideographs. */
static void put_word(ns__buf *out, uint64_t *state)
{
    static const char *const endings[] = {"", "", "", "", "ing", "s", "en", "ungen"};
    char word[64];
    size_t rank = 20000 / (1 + below(state, 20000)) + below(state, 3);
    if (below(state, 40) == 0) {
        for (size_t n = 1 + below(state, 5); n > 0; n--)
            put_ideograph(out, 0x4e00 + (unsigned)(below(state, 30) * below(state, 30) / 20));
        return;
    }
    snprintf(word, sizeof word, "gen%c%c%s", 'a' + (int)(rank % 23), 'a' + (int)(rank / 23 % 23),
             endings[below(state, 8)]);
    put(out, word);
    if (rank >= 23 * 23) {
        snprintf(word, sizeof word, "%zu", rank);
        put(out, word);
    }
}

/* What encodings and borders ask for. A word that stands in every passage, so that its ids run on;
 * words of many and of very different tfs, scarce ones too; a word three times in a row; one
 * ideograph beside more others than a query's lone one stands for; and words in a given number of
 * passages, around half a block and multiples of blocks. Whether one of the last is in it: then it
 * must not be repeated. */
static bool put_special(collection *c, ns__buf *out, uint64_t *state)
{
    const size_t block = c->o.block;
    const size_t counts[] = {1,         2,         block / 2,     block / 2 + 1, block,
                             block + 1, 2 * block, 2 * block + 1, 3 * block - 1};
    static size_t used[sizeof counts / sizeof *counts * 8];
    bool counted = false;
    char word[64];
    put(out, "Everywhere"); /* a passage may begin here, */
    for (size_t n = 2 + below(state, 7); n > 0; n--)
        put(out, " manyfold");
    put(out, " loud loud nearlyone");
    for (size_t n = below(state, 8) == 0 ? below(state, 60) : 1; n > 1; n--)
        put(out, " nearlyone");
    if (below(state, 3) == 0)
        put(out, " echo echo echo");
    snprintf(word, sizeof word, " scarce%zu", below(state, 1 + below(state, 48)));
    for (size_t n = below(state, 4) == 0 ? 12 : below(state, 3); n > 0; n--)
        put(out, word);
    put(out, " ");
    put_ideograph(out, HUB);
    put_ideograph(out, HUB + 1 + (unsigned)below(state, NS_MAX_EXPANSIONS + 200));
    for (size_t i = 0; i < sizeof used / sizeof *used; i++)
        if (used[i] < counts[i / 8] && below(state, 2) == 0) {
            snprintf(word, sizeof word, " exactly%zux%zu", i / 8, i % 8);
            for (size_t n = i == 8 ? 30 : 1; n > 0; n--) /* of two passages, a long record */
                put(out, word);
            used[i]++;
            counted = true;
        }
    put(out, " everywhere. "); /* or near the end of what is a long sentence */
    return counted;
}

/* A word with signs around it now and then, a capital, and a soft hyphen within: where bytes tell
 * that it stands there, they do not for these. Its dice change no other text. */
static void put_marked_word(ns__buf *out, uint64_t *state)
{
    static const char *const before[] = {"(", "\\\"", "-", "x/", "l'"};
    static const char *const behind[] = {")", "\\\"", "-", "'s", ";"};
    uint64_t dice = *state ^ 79;
    const bool marked = below(&dice, 12) == 0;
    if (marked)
        put(out, before[below(&dice, 5)]);
    const size_t start = out->length;
    put_word(out, state);
    if (marked && below(&dice, 2) == 0 && out->data[start] < 0x80)
        out->data[start] &= 0xdf;
    if (marked && below(&dice, 3) == 0 && out->data[start] < 0x80) {
        char rest[64];
        snprintf(rest, sizeof rest, "%.*s", (int)(out->length - start - 3),
                 (const char *)out->data + start + 3);
        out->length = start + 3;
        put(out, "\u00ad");
        put(out, rest);
    }
    if (marked)
        put(out, behind[below(&dice, 5)]);
}

/* Before a word now and then one that says little. Its dice change no other text. */
static void put_stop_word(ns__buf *out, const uint64_t *state)
{
    static const char *const words[] = {"the ",   "of the ", "from ", "what has ",
                                        "isn't ", "during ", "which "};
    uint64_t dice = *state ^ 83;
    if (below(&dice, 6) == 0)
        put(out, words[below(&dice, 7)]);
}

static bool put_body(collection *c, ns__buf *out, uint64_t *state)
{
    size_t sentences = below(state, 6) == 0 ? 10 + below(state, 80) : 1 + below(state, 5);
    size_t special = below(state, sentences);
    bool counted = false;
    for (size_t s = 0; s < sentences; s++) {
        if (s == special || below(state, 16) == 0)
            counted |= put_special(c, out, state);
        put(out, "Everywhere ");
        for (size_t w = 3 + below(state, 14); w > 0; w--) {
            if (c->o.ranking)
                put_stop_word(out, state);
            if (c->o.language)
                put_marked_word(out, state);
            else
                put_word(out, state);
            put(out, w > 1 ? " " : ". ");
        }
    }
    return counted;
}

static void put_title(const collection *c, ns__buf *out, uint64_t *state, size_t least)
{
    char word[64];
    size_t words = least + below(state, 6);
    if (!c->o.language && below(state, 300) == 0) { /* more than are searchable, and a huge tf */
        for (size_t n = 0; n < 4090; n++)
            put(out, "loud ");
        words = 10;
    }
    for (size_t w = 0; w < words; w++) {
        snprintf(word, sizeof word, "head%zu ", below(state, 300) * below(state, 10));
        put(out, word);
        if (below(state, 6) == 0)
            put(out, word); /* twice */
        if (below(state, 3) == 0)
            put_word(out, state);
        put(out, " ");
    }
}

/* What filters ask about, with dice of its own so that texts do not depend on it; dates at the
 * borders of months and years are frequent. */
static void put_facts(const collection *c, ns__buf *out, const char *lang, uint64_t *dice)
{
    static const char *const sources[] = {"Gén News", "gen", "Daily Gén", "Oxygen", ""};
    static const char *const blanks[] = {" Gén  News", "gen\\n"}; /* differ in these alone */
    static const char *const sections[] = {"World", "World news", "sport", "", "World-wide"};
    char facts[200], time[16] = "";
    size_t year = below(dice, 30), month = 1 + below(dice, 12), day = 1 + below(dice, 28);
    const size_t chosen = below(dice, 5);
    const char *source = chosen < 2 && day % 2 == 0 ? blanks[chosen] : sources[chosen];
    const char *section = sections[below(dice, 5)];
    bool named = !c->o.language || below(dice, 9) > 0, dated = below(dice, 10) > 0;
    if (day % 3 == 0)
        snprintf(time, sizeof time, "T%02zu:%02zuZ", (7 * year + day) % 24, day % 4 * 15);
    snprintf(facts, sizeof facts,
             "\"lang\": \"%s\", \"%s\": \"20%02zu-%02zu-%02zu%s\", \"source\": \"%s\", "
             "\"section\": \"%s\", \"author\": \"A. %c Gen\", \"title\": \"",
             named ? lang : "", dated ? "date" : "when", year, month > 6 ? 1 : month,
             day > 14 ? 1 : day, time, source, section, (int)('B' + day % 20));
    put(out, facts);
}

/* Id and url of article `n`. Queries of the whole language ask about parts of them, so ids are not
 * all numbers behind one letter, and most urls have the id in them. */
static void put_name(const collection *c, ns__buf *out, size_t n)
{
    const size_t mixed = (size_t)((uint32_t)n * 2654435761u >> 16);
    char name[160], id[40];
    snprintf(id, sizeof id, "%c%zu", c->o.language ? "gkxq"[mixed % 4] : 'g', n);
    snprintf(name, sizeof name, "{\"id\": \"%s\", ", id);
    put(out, name);
    if (!c->o.language)
        return;
    snprintf(name, sizeof name, "\"url\": \"https://gen.example/%s%s\", ",
             mixed / 4 % 4 == 0 ? "news-" : "", mixed / 16 % 4 == 0 ? "latest" : id);
    put(out, name);
}

/* Articles of which every third repeats an earlier one, so that scores tie, and some replace an
 * earlier one. Where all text is in the headline a run of "everywhere" ends, so half of the
 * thousands of articles have none such. */
static bool add_generated(collection *c, size_t end)
{
    static const char *const langs[] = {"en", "de", "fr", "zh", "es"};
    uint64_t state = c->o.seed ^ 77, dice = c->o.seed ^ 78;
    pieces texts = {0};
    ns__buf line = {0};
    bool ok = true;
    for (size_t n = 0; ok && c->m.passages < end; n++) {
        ns__buf_clear(&line);
        if (texts.count > 0 && below(&state, 3) == 0) {
            put(&line, texts.items[texts.count - 1 - below(&state, texts.count) / 2]);
        } else {
            put_facts(c, &line, langs[below(&state, 5)], &dice);
            bool empty = n / 1024 % 2 == 0 && below(&state, 50) == 0;
            put_title(c, &line, &state, empty);
            put(&line, "\", \"body\": \"");
            bool counted = !empty && put_body(c, &line, &state);
            put(&line, "\"}");
            if (!counted && !empty)
                keep_piece(&texts, line.data, line.length);
        }
        ns__buf json = {0};
        bool replaces = n > 0 && below(&state, 40) == 0 && !c->o.reorder;
        put_name(c, &json, replaces ? below(&state, n) : n);
        ns__buf_append(&json, line.data, line.length);
        ok = !json.failed && add_json(c, (ns__str){json.data, json.length});
        ns__buf_release(&json);
    }
    ns__buf_release(&line);
    release_pieces(&texts);
    return ok;
}

/* Some articles go, also from segments that have lost others before. */
static bool delete_some(collection *c)
{
    for (size_t i = 0; i < c->doomed.count; i++) {
        const char *id = c->doomed.items[i];
        ns_status status = ns_writer_delete(c->writer, id, strlen(id), &c->err);
        if (status != NS_OK && status != NS_NOT_FOUND)
            return false;
        model_delete(&c->m, (ns__str){(const uint8_t *)id, strlen(id)});
    }
    return true;
}

static int by_length(const void *a, const void *b)
{
    size_t x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);
    return x < y ? -1 : x > y;
}

/* A commit that only deletes and, where there may be more than two segments, a share of the
 * articles once more under the same ids: in a small commit, whose passages are likely to be short
 * enough for lengths of one byte, and one of the rest. */
static bool make_tombstones(collection *c)
{
    c->again = true;
    if (!commit(c) || !open_writer(c) || (c->o.reorder && !reorder(c)) || !delete_some(c))
        return false;
    if (c->o.segments < 3)
        return true;
    if (!commit(c) || !open_writer(c))
        return false;
    if (c->kept.count > 0)
        qsort(c->kept.items, c->kept.count, sizeof *c->kept.items, by_length);
    for (size_t i = 0; i < c->kept.count; i++) {
        const char *json = c->kept.items[i];
        if (!add_json(c, (ns__str){(const uint8_t *)json, strlen(json)}) ||
            (i == 3 && (!commit(c) || !open_writer(c))))
            return false;
    }
    return true;
}

bool collection_build(collection *c)
{
    char probe[600];
    snprintf(probe, sizeof probe, "%s/corpora/guardian.jsonl.gz", c->o.shared);
    bool real = access(probe, R_OK) == 0;
    if (!real) {
        printf("skipped: real text (%s is not there); all text is generated\n", c->o.shared);
        if (c->o.passages > MAX_GENERATED)
            c->o.passages = MAX_GENERATED;
        if (c->o.queries > MAX_GENERATED / 2)
            c->o.queries = MAX_GENERATED / 2;
    }
    if (!open_writer(c) || (real && !add_shared(c)))
        return false;
    c->real_passages = c->m.passages;
    return add_generated(c, c->o.passages + c->o.passages / 16) &&
           (!c->o.replace || make_tombstones(c)) && commit(c) &&
           (c->o.replace || !c->o.reorder || (open_writer(c) && reorder(c) && commit(c))) &&
           ns_index_open(c->directory, &c->index, &c->err) == NS_OK;
}

void collection_release(collection *c)
{
    char **names;
    size_t count;
    ns_index_close(c->index);
    ns_writer_close(c->writer);
    model_release(&c->m);
    release_pieces(&c->slices);
    release_pieces(&c->runs);
    release_pieces(&c->kept);
    release_pieces(&c->doomed);
    if (ns__dir_names(c->directory, &names, &count, NULL) != NS_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        char file[1200];
        snprintf(file, sizeof file, "%s/%s", c->directory, names[i]);
        unlink(file);
    }
    ns__dir_free_names(names, count);
    rmdir(c->directory);
}
