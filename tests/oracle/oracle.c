/* Judges the engine by the brute-force model: random queries over real text (../shared) or, without
 * it, over generated text, must give the same articles, passages, scores to the bit, order and
 * counts.
 *
 *   oracle [--queries N] [--passages N] [--block N] [--window N] [--segments N] [--title-weight N]
 *          [--seed N] [--shared DIR] [--one-passage] [--no-text] [--exact] [--replace]
 *          [--reorder] [--merge] [--language] [--ranking] [--require-coverage]
 *
 * --language asks all that the language can say, and compares highlights too; else queries are
 * words and phrases. It wants headlines to count, as forms that stand there alone are not indexed
 * otherwise. --ranking asks for the default ranking seven times of eight. --passages counts those
 * of real text; generated ones come on top. --reorder lets the articles stand in another order than
 * they came in, before any is deleted; --merge makes one segment of them in the order of input.
 * --replace deletes articles and, with three or more segments,
 * adds a share of them again in the last two. Half of the queries hold a term of more than a
 * sixteenth of the passages. Prints its seed and, at the end, what was covered; with
 * --require-coverage all that the settings can reach must be (coverage.c). Exit status 1 at the
 * first difference. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "oracle/language.h"
#include "oracle/coverage.h"
#include "oracle/ranking.h"
#include "os/cpu.h"

static int32_t zone_of(void *trial_of, int64_t local)
{
    (void)local;
    return ((const trial *)trial_of)->zone;
}

/* Dates are meant in some time zone now and then. */
static void choose_zone(collection *c, trial *t)
{
    t->zone = 0;
    if (!c->o.language || below(&c->seed, 3) > 0)
        return;
    t->zone = 15 * ((int32_t)below(&c->seed, 2 * 14 * 4 + 1) - 14 * 4);
    t->o.utc_offset = zone_of;
    t->o.utc_offset_context = t;
}

/* Some searches are about a span of dates only: then other articles pass for deleted. */
static void choose_dates(collection *c, trial *t, saying *s)
{
    enum { YEAR = 31557600 };
    uint64_t dice = c->seed ^ 101; /* changes nothing else */
    s->since = INT64_MIN;
    s->until = INT64_MAX;
    if (below(&dice, 4) == 0)
        s->since = (int64_t)(30 + below(&dice, 30)) * YEAR;
    if (below(&dice, 8) == 0)
        s->until = (int64_t)(30 + below(&dice, 30)) * YEAR;
    t->o.since = s->since;
    t->o.until = s->until;
}

/* Mostly the parameters that the stored bounds hold for, else any, the extremes among them. */
static void choose_options(collection *c, trial *t)
{
    static const size_t limits[] = {1, 10, 1000};
    ns_index_settings settings;
    ns_index_get_settings(c->index, &settings);
    bool other = below(&c->seed, 4) == 0;
    size_t rare = below(&c->seed, 64);
    ns_search_options_init(&t->o);
    t->q.k1 = other ? (double)below(&c->seed, 30) / 10 : settings.k1;
    t->q.b = other ? (double)below(&c->seed, 11) / 10 : settings.b;
    t->q.passages = below(&c->seed, 4) == 0;
    t->q.passage_scope = below(&c->seed, 4) == 0;
    t->o.limit = rare == 0 ? 0 : rare == 1 ? 3000 : rare < 10 ? 60 : limits[below(&c->seed, 3)];
    t->o.passages = t->q.passages;
    t->o.scope = t->q.passage_scope ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
    if (other) {
        t->o.k1 = t->q.k1;
        t->o.b = t->q.b;
    }
    size_t hits = below(&c->seed, 8); /* exact counting is what takes longest */
    t->o.count = hits == 0;
    t->o.no_hits = hits >= 5;
    if (t->q.led && below(&c->seed, 4)) { /* what lets bounds rule out articles */
        t->q.passage_scope = t->o.count = false;
        t->o.scope = NS_SCOPE_ARTICLE;
        t->o.no_hits = true;
        t->o.limit = limits[below(&c->seed, 2)];
    }
    t->o.from_text = c->o.exact && below(&c->seed, 2) == 0;
    t->o.isa = (int)below(&c->seed, (size_t)ns__cpu_isa() + 1);
    ranking_choose(c, t);
    choose_zone(c, t);
}

/* A query of the whole language; marks of one of its results are compared as well. Where a lone
 * cluster stands for bigrams only half of each is marked, which is not modelled. */
static bool judge_saying(collection *c, const vocabulary *v, trial *t, saying *s)
{
    ns_results *results = NULL;
    t->number++;
    while (!saying_random(c, v, s, t->text))
        saying_release(s);
    t->q = s->q;
    choose_options(c, t);
    s->q = t->q;
    s->zone_s = (int64_t)t->zone * 60;
    choose_dates(c, t, s);
    saying_search(&c->m, s, ranking_depth(c, t), &t->want);
    ranking_apply(c, t);
    bool same = trial_compare(c, t, &results);
    if (same && t->want.count > 0 && !c->o.no_text && !s->halves)
        same = saying_check_marks(c, t, s, results, below(&c->seed, t->want.count));
    ns_results_free(results);
    if (same && below(&c->seed, 8) == 0) {
        t->o.no_pruning = true;
        t->o.from_text = !t->o.from_text;
        same = trial_compare(c, t, NULL);
    }
    saying_release(s);
    return same;
}

static bool judge(collection *c, const vocabulary *v, trial *t)
{
    t->number++;
    query_random(c, v, &t->q, t->text);
    choose_options(c, t);
    model_search(&c->m, &t->q, ranking_depth(c, t), &t->want);
    ranking_apply(c, t);
    bool same = trial_compare(c, t, NULL);
    if (same && below(&c->seed, 16) == 0) {
        t->o.no_pruning = true; /* the plain way must agree as well */
        same = trial_compare(c, t, NULL);
    }
    model_query_release(&t->q);
    return same;
}

static bool parse(int argc, char **argv, oracle_settings *o)
{
    *o = (oracle_settings){.queries = 20000,
                           .passages = 200000,
                           .segments = 1,
                           .block = 256,
                           .window = 4096,
                           .title_weight = 2,
                           .seed = 20261123,
                           .shared = NS_SOURCE_DIR "/../shared"};
    if (getenv("NS_SHARED"))
        o->shared = getenv("NS_SHARED");
    if (getenv("NS_SEED"))
        o->seed = strtoull(getenv("NS_SEED"), NULL, 0);
    for (int i = 1; i < argc; i++) {
        unsigned long long value = i + 1 < argc ? strtoull(argv[i + 1], NULL, 0) : 0;
        bool flag = true;
        if (strcmp(argv[i], "--one-passage") == 0)
            o->one_passage = true;
        else if (strcmp(argv[i], "--no-text") == 0)
            o->no_text = true;
        else if (strcmp(argv[i], "--exact") == 0)
            o->exact = true;
        else if (strcmp(argv[i], "--replace") == 0)
            o->replace = true;
        else if (strcmp(argv[i], "--reorder") == 0)
            o->reorder = true;
        else if (strcmp(argv[i], "--merge") == 0)
            o->reorder = o->merge = true;
        else if (strcmp(argv[i], "--language") == 0)
            o->language = true;
        else if (strcmp(argv[i], "--ranking") == 0)
            o->ranking = true;
        else if (strcmp(argv[i], "--require-coverage") == 0)
            o->require_coverage = true;
        else
            flag = false;
        if (flag)
            continue;
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
        else if (strcmp(argv[i], "--title-weight") == 0)
            o->title_weight = (uint32_t)value;
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

static bool run(collection *c)
{
    vocabulary v = {0};
    trial t = {.number = 0};
    size_t done = 0;
    vocabulary_make(c, &v);
    saying s = {.forms = ns__analyzer_form_count(c->m.analyzer)};
    while (done < c->o.queries && (c->o.language ? judge_saying(c, &v, &t, &s) : judge(c, &v, &t)))
        done++;
    bool covered = coverage_report(c);
    printf("%zu of %zu queries agree on %s text\n", done, c->o.queries,
           c->real_passages > 0 ? "real" : "generated");
    free(t.want.items);
    vocabulary_release(&v);
    return done == c->o.queries && covered;
}

int main(int argc, char **argv)
{
    collection c = {0};
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
    printf("seed %" PRIu64 ", block %u, window %u, title weight %u%s%s%s\n", c.o.seed, c.o.block,
           c.o.window, c.o.title_weight, c.o.one_passage ? ", one passage a record" : "",
           c.o.replace ? ", articles replaced" : "",
           c.o.merge     ? ", merged"
           : c.o.reorder ? ", reordered"
                         : "");
    bool built = collection_build(&c);
    if (!built)
        printf("the index was not built: %s: %s\n", c.err.file, c.err.message);
    bool good = built && run(&c);
    collection_release(&c);
    return good ? 0 : 1;
}
