/* Judges the engine by the brute-force model: random queries over real text (../shared) or, without
 * it, over generated text, must give the same articles, passages, scores to the bit, order and
 * counts.
 *
 *   oracle --queries N --passages N [--block N] [--window N] [--seed N] [--shared DIR] [--segments
 * N]
 *
 * Half of the queries hold a term of more than a sixteenth of the passages. Prints its seed and,
 * at the end, what was covered. Exit status 1 at the first difference. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec/block.h"
#include "ingest/reader.h"
#include "oracle/model.h"
#include "os/cpu.h"
#include "os/file.h"
#include "ns/ns.h"

typedef struct settings_given {
    size_t queries, passages, segments;
    uint32_t block, window;
    uint64_t seed;
    const char *shared;
    bool one_passage;
} settings_given;

/* splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
    return (size_t)(next_random(state) % limit);
}

/* ---- The collection: indexed by ns and by the model alike ---- */

typedef struct collection {
    model m;
    ns_writer *writer;
    char directory[512];
    ns_index *index;
    settings_given o;
    uint64_t seed;
    ns_error err;
} collection;

static ns_index_settings settings_of(const settings_given *o)
{
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = o->block;
    settings.window_passages = o->window;
    settings.store_level = 1;
    settings.analysis.one_passage = o->one_passage;
    return settings;
}

static bool open_writer(collection *c)
{
    ns_writer_options options;
    ns_index_settings settings = settings_of(&c->o);
    ns_writer_options_init(&options);
    options.settings = &settings;
    return ns_writer_open(c->directory, &options, &c->writer, &c->err) == NS_OK;
}

/* A new segment after each share of the passages. */
static bool maybe_commit(collection *c, bool last)
{
    size_t share = c->o.passages / c->o.segments + 1;
    static size_t committed;
    if (!last && c->m.passages < (committed + 1) * share)
        return true;
    committed++;
    bool ok = ns_writer_commit(c->writer, NULL, &c->err) == NS_OK;
    ns_writer_close(c->writer);
    c->writer = NULL;
    return ok && (last || open_writer(c));
}

static bool add(collection *c, const ns__record *record)
{
    ns__buf json = {0}, meta = {0};
    ns__record_pack_fields(record, &meta);
    bool ok =
        ns__record_unpack_json(record->title, record->body, (ns__str){meta.data, meta.length},
                               &json) &&
        ns_writer_add_json(c->writer, (const char *)json.data, json.length, &c->err) == NS_OK &&
        model_add(&c->m, record->lang, record->title, record->body) && maybe_commit(c, false);
    ns__buf_release(&json);
    ns__buf_release(&meta);
    return ok;
}

static bool add_shared(collection *c)
{
    static const char *const names[] = {"reuters21578", "crudrag_zh", "guardian"};
    for (size_t i = 0; i < sizeof names / sizeof *names && c->m.passages < c->o.passages; i++) {
        char path[600];
        const char *paths[1] = {path};
        snprintf(path, sizeof path, "%s/corpora/%s.jsonl.gz", c->o.shared, names[i]);
        ns__reader_options options = {0};
        ns__reader *reader;
        ns__record record = {0};
        if (ns__reader_open(paths, 1, &options, &reader, &c->err) != NS_OK)
            return false;
        size_t taken = 0;
        ns_status status = NS_OK;
        while (c->m.passages < c->o.passages &&
               (status = ns__reader_next(reader, &record, &c->err)) == NS_OK) {
            if (i == 1 && taken++ == 1500)
                break; /* some Chinese is enough */
            if (!add(c, &record))
                return false;
        }
        ns__record_release(&record);
        ns__reader_close(reader);
        if (status < 0)
            return false;
    }
    return true;
}

/* Words "w<rank>" with frequencies as in language (rank ~ 1 / uniform). */
static bool add_generated(collection *c)
{
    ns__buf line = {0};
    uint64_t state = c->seed ^ 77;
    for (size_t n = 0; c->m.passages < c->o.passages; n++) {
        char text[64];
        ns__buf_clear(&line);
        int bytes = snprintf(text, sizeof text, "{\"id\": \"g%zu\", \"title\": \"w%zu head w%zu\"",
                             n, below(&state, 50), below(&state, 3000));
        ns__buf_append(&line, text, (size_t)bytes);
        ns__buf_append(&line, ", \"body\": \"", 11);
        size_t sentences = 1 + below(&state, 30);
        for (size_t s = 0; s < sentences; s++) {
            size_t words = 3 + below(&state, 20);
            for (size_t w = 0; w < words; w++) {
                size_t rank = 20000 / (1 + below(&state, 20000)) + below(&state, 3);
                bytes = snprintf(text, sizeof text, "%s%zu%s", w ? "w" : "W", rank,
                                 w + 1 < words ? " " : ". ");
                ns__buf_append(&line, text, (size_t)bytes);
            }
        }
        ns__buf_append(&line, "\"}", 2);
        ns__record record = {0};
        ns__str json = {line.data, line.length};
        bool ok = !line.failed &&
                  ns__jsonl_parse(json, "generated", n + 1, &record, &c->err) == NS_OK &&
                  add(c, &record);
        ns__record_release(&record);
        if (!ok)
            return false;
    }
    ns__buf_release(&line);
    return true;
}

static bool build(collection *c, bool *real)
{
    ns_index_settings settings = settings_of(&c->o);
    char probe[600];
    snprintf(probe, sizeof probe, "%s/corpora/guardian.jsonl.gz", c->o.shared);
    *real = access(probe, R_OK) == 0;
    if (!*real)
        printf("skipped: real text (%s is not there); text is generated\n", c->o.shared);
    return model_init(&c->m, &settings) && open_writer(c) &&
           (*real ? add_shared(c) : add_generated(c)) && maybe_commit(c, true) &&
           ns_index_open(c->directory, &c->index, &c->err) == NS_OK;
}

/* ---- Random queries ---- */

/* Raw words of the text are not kept: terms are. A term that analyses to itself is a word. */
typedef struct vocabulary {
    uint32_t *common, *any; /* term ids: df > N / 16; all */
    size_t common_count, any_count;
} vocabulary;

static bool usable(collection *c, uint32_t term)
{
    ns__str text = ns__analyzer_term(c->m.analyzer, term);
    leaf l = {.slots = 1};
    if (text.length >= MAX_WORD || model_df(&c->m, term) == 0)
        return false;
    memcpy(l.words[0], text.data, text.length);
    return model_resolve(&c->m, &l);
}

static void make_vocabulary(collection *c, vocabulary *v)
{
    uint32_t count = ns__analyzer_term_count(c->m.analyzer);
    v->common = malloc(count * sizeof *v->common);
    v->any = malloc(count * sizeof *v->any);
    for (uint32_t t = 0; t < count; t++) {
        size_t df = model_df(&c->m, t);
        if (df > c->m.passages / 16 && usable(c, t))
            v->common[v->common_count++] = t;
        if (df > 0 && (df > 3 || t % 8 == 0) && usable(c, t))
            v->any[v->any_count++] = t;
    }
    printf("%zu passages, %zu articles, %u terms; %zu words for queries, %zu of them in more than "
           "a sixteenth of the passages\n",
           c->m.passages, c->m.articles, count, v->any_count, v->common_count);
}

static void set_word(collection *c, leaf *l, size_t slot, uint32_t term)
{
    ns__str text = ns__analyzer_term(c->m.analyzer, term);
    memset(l->words[slot], 0, MAX_WORD);
    memcpy(l->words[slot], text.data, text.length);
}

static uint32_t random_term(collection *c, const vocabulary *v, bool common)
{
    if (common && v->common_count)
        return v->common[below(&c->seed, v->common_count)];
    if (below(&c->seed, 3) == 0) { /* as often as in text */
        uint32_t term = c->m.body[below(&c->seed, c->m.body_used)];
        if (usable(c, term))
            return term;
    }
    return v->any[below(&c->seed, v->any_count)];
}

/* A phrase that stands somewhere, mostly; sometimes in a headline; sometimes nowhere. */
static void random_phrase(collection *c, const vocabulary *v, leaf *l)
{
    l->slots = 2 + below(&c->seed, below(&c->seed, 4) == 0 ? MAX_SLOTS - 1 : 2);
    size_t kind = below(&c->seed, 8);
    const uint32_t *terms = kind == 0 && c->m.titles_used > MAX_SLOTS ? c->m.titles : c->m.body;
    size_t used = terms == c->m.titles ? c->m.titles_used : c->m.body_used;
    size_t at = below(&c->seed, used - MAX_SLOTS);
    for (size_t s = 0; s < l->slots; s++) {
        uint32_t term = kind == 1 ? random_term(c, v, true) : terms[at + s];
        set_word(c, l, s, usable(c, term) ? term : random_term(c, v, false));
    }
}

static bool random_query(collection *c, const vocabulary *v, query *q, char *text, size_t room)
{
    static const size_t sizes[] = {1, 1, 2, 2, 2, 3, 3, 4, 5, 7};
    *q = (query){.count = sizes[below(&c->seed, 10)]};
    bool common = below(&c->seed, 2) == 0, plain = below(&c->seed, 3) == 0;
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < q->count; i++) {
        leaf *l = &q->leaves[i];
        *l = (leaf){.slots = 1};
        size_t dice = plain ? 0 : below(&c->seed, 8);
        l->occur = dice < 4 ? SHOULD : dice < 7 ? MUST : MUST_NOT;
        if (!plain && below(&c->seed, 5) == 0)
            random_phrase(c, v, l);
        else
            set_word(c, l, 0, random_term(c, v, common && (i == 0 || below(&c->seed, 2))));
        if (!model_resolve(&c->m, l))
            return false;
        used += (size_t)snprintf(text + used, room - used, "%s%s%s", i ? " " : "",
                                 l->occur == MUST       ? "+"
                                 : l->occur == MUST_NOT ? "-"
                                                        : "",
                                 l->slots > 1 ? "\"" : "");
        for (size_t s = 0; s < l->slots; s++)
            used += (size_t)snprintf(text + used, room - used, "%s%s", s ? " " : "", l->words[s]);
        used += (size_t)snprintf(text + used, room - used, "%s", l->slots > 1 ? "\"" : "");
    }
    return true;
}

/* ---- Comparison ---- */

static bool differ(const char *text, const query *q, const ns_search_options *o, const char *what,
                   double want, double got)
{
    printf("DIFFERENCE: %s: the model says %.9g, the engine %.9g\n  query: %s\n  limit %zu, "
           "passages %d, scope %d, k1 %g, b %g, no_pruning %d, isa %d, count %d, leaves %zu\n",
           what, want, got, text, o->limit, o->passages, (int)o->scope, o->k1, o->b, o->no_pruning,
           o->isa, o->count, q->count);
    return false;
}

static bool same_hits(const char *text, const query *q, const ns_search_options *o,
                      const answers *want, ns_hits hits)
{
    if (hits.exact) {
        if (hits.articles != want->articles)
            return differ(text, q, o, "articles hit", (double)want->articles,
                          (double)hits.articles);
        if (hits.passages != want->passages)
            return differ(text, q, o, "passages hit", (double)want->passages,
                          (double)hits.passages);
        return true;
    }
    if (o->count || want->articles <= 1000)
        return differ(text, q, o, "hits not exact though asked or few", (double)want->articles,
                      (double)hits.articles);
    if (hits.articles > want->articles || hits.passages > want->passages || hits.articles < 1000)
        return differ(text, q, o, "lower bound of hits", (double)want->articles,
                      (double)hits.articles);
    return true;
}

static bool compare(collection *c, const char *text, const query *q, const answers *want,
                    const ns_search_options *o)
{
    ns_results *results;
    ns_error err = {0};
    if (ns_search(c->index, text, strlen(text), o, &results, &err) != NS_OK) {
        printf("DIFFERENCE: the engine failed: %s\n  query: %s\n", err.message, text);
        return false;
    }
    size_t expected = want->count < o->limit ? want->count : o->limit;
    bool same = true;
    if (ns_results_count(results) != expected)
        same = differ(text, q, o, "number of results", (double)expected,
                      (double)ns_results_count(results));
    for (size_t i = 0; same && i < expected; i++) {
        ns_result got = ns_results_get(results, i);
        const answer *a = &want->items[i];
        uint32_t passage = a->passage - c->m.first_passage[a->article];
        if (memcmp(&got.score, &a->score, sizeof got.score) != 0)
            same = differ(text, q, o, "score", (double)a->score, (double)got.score);
        else if (got.article != a->article)
            same = differ(text, q, o, "article", a->article, (double)got.article);
        else if (got.passage != passage)
            same = differ(text, q, o, "passage", passage, got.passage);
        if (!same)
            printf("  at rank %zu of %zu\n", i + 1, expected);
    }
    same = same && same_hits(text, q, o, want, ns_results_hits(results));
    ns_results_free(results);
    return same;
}

static bool judge(collection *c, const vocabulary *v, answers *want)
{
    static const size_t limits[] = {1, 10, 1000};
    char text[4096];
    query q;
    ns_index_settings settings;
    ns_index_get_settings(c->index, &settings);
    while (!random_query(c, v, &q, text, sizeof text))
        continue;
    bool other = below(&c->seed, 4) == 0;
    q.k1 = other ? (double)below(&c->seed, 30) / 10 : settings.k1;
    q.b = other ? (double)below(&c->seed, 11) / 10 : settings.b;
    q.passages = below(&c->seed, 4) == 0;
    q.passage_scope = below(&c->seed, 4) == 0;
    model_search(&c->m, &q, want);
    ns_search_options o;
    ns_search_options_init(&o);
    o.limit = limits[below(&c->seed, 3)];
    o.passages = q.passages;
    o.scope = q.passage_scope ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
    if (other) {
        o.k1 = q.k1;
        o.b = q.b;
    }
    o.count = below(&c->seed, 2);
    o.isa = (int)below(&c->seed, (size_t)ns__cpu_isa() + 1);
    if (!compare(c, text, &q, want, &o))
        return false;
    if (below(&c->seed, 8) != 0)
        return true;
    o.no_pruning = true; /* the plain way must agree as well */
    return compare(c, text, &q, want, &o);
}

static void remove_directory(const char *path)
{
    char **names;
    size_t count;
    if (ns__dir_names(path, &names, &count, NULL) != NS_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        char file[1200];
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        unlink(file);
    }
    ns__dir_free_names(names, count);
    rmdir(path);
}

static void print_coverage(const collection *c)
{
    static const char *const names[NS__BLOCK_TAGS] = {"run",  "bits", "packed", "patched",
                                                      "ones", "mask", "packed", "patched"};
    ns_index_stats stats;
    ns_index_get_stats(c->index, &stats);
    printf("lists: %" PRIu64 " inline, %" PRIu64 " short, %" PRIu64 " in %" PRIu64
           " blocks; %" PRIu64 " segments\n",
           stats.inline_lists, stats.short_lists, stats.block_lists, stats.blocks, stats.segments);
    printf("blocks decoded:");
    for (int i = 0; i < NS__BLOCK_TAGS; i++)
        printf(" %s %s %" PRIu64, i < NS__TFS_ONES ? "ids" : "tfs", names[i],
               ns__block_tag_counts[i]);
    printf("\n");
}

static bool parse(int argc, char **argv, settings_given *o)
{
    *o = (settings_given){20000, 200000, 1, 256, 4096, 20261123, NS_SOURCE_DIR "/../shared", false};
    if (getenv("NS_SHARED"))
        o->shared = getenv("NS_SHARED");
    if (getenv("NS_SEED"))
        o->seed = strtoull(getenv("NS_SEED"), NULL, 0);
    for (int i = 1; i < argc; i++) {
        unsigned long long value = i + 1 < argc ? strtoull(argv[i + 1], NULL, 0) : 0;
        if (strcmp(argv[i], "--one-passage") == 0) {
            o->one_passage = true;
            continue;
        }
        if (strcmp(argv[i], "--queries") == 0)
            o->queries = value;
        else if (strcmp(argv[i], "--passages") == 0)
            o->passages = value;
        else if (strcmp(argv[i], "--segments") == 0)
            o->segments = value ? value : 1;
        else if (strcmp(argv[i], "--block") == 0)
            o->block = (uint32_t)value;
        else if (strcmp(argv[i], "--window") == 0)
            o->window = (uint32_t)value;
        else if (strcmp(argv[i], "--seed") == 0)
            o->seed = value;
        else if (strcmp(argv[i], "--shared") == 0 && i + 1 < argc)
            o->shared = argv[i + 1];
        else
            return false;
        i++;
    }
    return true;
}

int main(int argc, char **argv)
{
    collection c = {0};
    vocabulary v = {0};
    answers want = {0};
    bool real;
    if (!parse(argc, argv, &c.o)) {
        fprintf(stderr, "oracle: unknown option; see the head of oracle.c\n");
        return 2;
    }
    c.seed = c.o.seed;
    const char *temp = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    snprintf(c.directory, sizeof c.directory, "%s/ns-oracle-XXXXXX", temp);
    if (mkdtemp(c.directory) == NULL || rmdir(c.directory) != 0) {
        perror("oracle: temporary directory");
        return 2;
    }
    printf("seed %" PRIu64 ", block %u, window %u%s\n", c.o.seed, c.o.block, c.o.window,
           c.o.one_passage ? ", one passage a record" : "");
    if (!build(&c, &real)) {
        printf("the index was not built: %s: %s\n", c.err.file, c.err.message);
        return 1;
    }
    make_vocabulary(&c, &v);
    size_t done = 0;
    while (done < c.o.queries && judge(&c, &v, &want))
        done++;
    print_coverage(&c);
    printf("%zu of %zu queries agree on %s text\n", done, c.o.queries, real ? "real" : "generated");
    ns_index_close(c.index);
    remove_directory(c.directory);
    free(want.items);
    free(v.common);
    free(v.any);
    model_release(&c.m);
    return done == c.o.queries ? 0 : 1;
}
