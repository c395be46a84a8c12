/* docs/ranking.md in the plainest way: see formula.h. */
#include "oracle/formula.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum { MOST_PAIRS = 32, TITLE = 3, WITHIN = 8, BURST_ARTICLES = 100 };

size_t formula_depth(size_t limit, bool exhaustive, size_t articles)
{
    size_t depth = limit * 10 < 100 ? 100 : limit * 10;
    if (limit == 0)
        return 0;
    return exhaustive || depth > articles ? articles : depth;
}

size_t formula_near(size_t limit, bool exhaustive, size_t articles)
{
    size_t depth = limit * 10 < 100 ? 100 : limit * 10;
    return exhaustive ? articles : depth / 5;
}

bool formula_is_stop_word(const char *text, size_t length)
{
    static const char words[] =
        " a about abov above after again against all am an and ani any are aren't as at be "
        "becaus because been befor before being below between both but by can't cannot "
        "could couldn't did didn't do doe does doesn't doing don't down dure during each "
        "few for from further had hadn't has hasn't have haven't having he he'd he'll her "
        "here hers herself him himself his how i i'd i'll i'm i'v i've if in into is "
        "isn't it its itself let me more most mustn't my myself no nor not of off on onc "
        "once onli only or other ought our ours ourselv ourselves out over own same "
        "shan't she she'd she'll should shouldn't so some such than that the their theirs "
        "them themselv themselves then there these they they'd they'll they'r they're "
        "they'v they've this those through to too under until up veri very was wasn't we "
        "we'd we'll we'r we're we'v we've were weren't what when where whi which while "
        "who whom why will with won't would wouldn't you you'd you'll you'r you're you'v "
        "you've your yours yourself yourselv yourselves ";
    char spaced[16];
    if (length == 0 || length > sizeof spaced - 3 || memchr(text, ' ', length) != NULL)
        return false;
    spaced[0] = ' ';
    memcpy(spaced + 1, text, length);
    spaced[length + 1] = ' ';
    spaced[length + 2] = '\0';
    return strstr(words, spaced) != NULL;
}

static uint64_t count_in(const formula_word *word, row in)
{
    uint64_t count = 0;
    for (size_t i = 0; i < in.count; i++)
        count += word->member[in.terms[i]];
    return count;
}

/* As BM25 counts: a headline counts for each passage of its article. */
static uint64_t passage_tf(const formula *f, const formula_word *word, const formula_entry *e)
{
    return count_in(word, e->passages[e->best]) + f->title_weight * count_in(word, e->title);
}

static void weigh(formula *f, const formula_entry *entries, size_t count)
{
    bool content = false;
    for (size_t w = 0; w < f->word_count; w++) {
        formula_word *word = &f->words[w];
        double df = (double)word->df, passages = (double)f->passages;
        double idf = ns__log(1.0 + (passages - df + 0.5) / (df + 0.5));
        word->idf = word->df > 0 ? word->boost * (idf * idf / (idf + 2)) : 0;
        content |= word->df > 0 && !word->stop;
    }
    for (size_t w = 0; w < f->word_count; w++) {
        formula_word *word = &f->words[w];
        uint64_t sum = 0, having = 0;
        word->stop = word->stop && content;
        word->idf *= word->stop ? 0.25 : 1;
        for (size_t i = 0; i < count && i < BURST_ARTICLES; i++) {
            uint64_t tf = passage_tf(f, word, &entries[i]);
            sum += tf;
            having += tf > 0;
        }
        word->weight = word->idf * sqrt(having > 0 ? (double)sum / (double)having : 1);
    }
}

static double part(double tf, double length, double average)
{
    double k = 1.2 * (1 - 0.75) + 1.2 * 0.75 * length / average;
    return tf / (tf + k);
}

static double article_length(const formula_entry *e)
{
    double length = (double)TITLE * (double)e->title.count;
    for (size_t p = 0; p < e->passage_count; p++)
        length += (double)e->passages[p].count;
    return length;
}

/* Where the words stand one behind the other for the first time; SIZE_MAX: nowhere. */
static size_t find_run(const formula *f, const formula_run *run, row in)
{
    for (size_t i = 0; i + run->count <= in.count; i++) {
        size_t met = 0;
        while (met < run->count && f->words[run->words[met]].member[in.terms[i + met]])
            met++;
        if (met == run->count)
            return i;
    }
    return SIZE_MAX;
}

static double weigh_run(const formula *f, const formula_run *run)
{
    double sum = 0;
    for (size_t i = 0; i < run->count; i++)
        sum += f->words[run->words[i]].weight;
    return 0.5 * sum;
}

static double score_run(const formula *f, const formula_run *run, const formula_entry *e)
{
    bool stands = find_run(f, run, e->passages[e->best]) != SIZE_MAX ||
                  find_run(f, run, e->title) != SIZE_MAX;
    return stands ? weigh_run(f, run) : 0;
}

static double score_line(const formula *f, const formula_run *line, const formula_entry *e)
{
    size_t begin = find_run(f, line, e->title) != SIZE_MAX ? 0 : find_run(f, line, e->passages[0]);
    return begin == SIZE_MAX ? 0 : weigh_run(f, line) * (1.0 + 8.0 / (8.0 + (double)begin));
}

static double score_words(const formula *f, const formula_entry *e)
{
    double score = 0, best_length = (double)e->passages[e->best].count +
                                    (double)f->title_weight * (double)e->title.count;
    for (size_t w = 0; w < f->word_count; w++) {
        const formula_word *word = &f->words[w];
        uint64_t tf = TITLE * count_in(word, e->title);
        for (size_t p = 0; p < e->passage_count; p++)
            tf += count_in(word, e->passages[p]);
        double whole = part((double)tf, article_length(e), f->article_average);
        double best = part((double)passage_tf(f, word, e), best_length, f->passage_average);
        score += word->weight * (whole + 0.25 * best);
    }
    for (size_t r = 0; r < f->run_count; r++)
        score += score_run(f, &f->runs[r], e);
    for (size_t r = 0; r < f->line_count; r++)
        score += score_line(f, &f->lines[r], e);
    return score;
}

/* ---- Pairs ---- */

typedef struct pair {
    size_t a, b;
} pair;

static size_t find_pairs(const formula *f, pair pairs[MOST_PAIRS])
{
    size_t count = 0;
    const size_t *before = NULL;
    for (size_t i = 0; i < f->order_count; i++) {
        const size_t *here = &f->order[i];
        if (f->words[*here].idf == 0 || f->words[*here].stop)
            continue;
        bool again = before == NULL || (f->joined && f->joined[i]) || *before == *here ||
                     count == MOST_PAIRS;
        for (size_t p = 0; p < count && !again; p++)
            again = pairs[p].a == *before && pairs[p].b == *here;
        if (!again)
            pairs[count++] = (pair){*before, *here};
        before = here;
    }
    return count;
}

/* Neighbours among the places of two words; at one place of both the first comes first. */
static void count_near(const formula *f, pair of, row in, double *beside, double *within)
{
    const uint8_t *member[2] = {f->words[of.a].member, f->words[of.b].member};
    int last_word = -1;
    size_t last = 0;
    for (size_t i = 0; i < in.count; i++)
        for (int word = 0; word < 2; word++) {
            if (!member[word][in.terms[i]])
                continue;
            if (last_word == !word && i - last < WITHIN) {
                *within += 1;
                *beside += word == 1 && i - last == 1;
            }
            last_word = word;
            last = i;
        }
}

static double score_near(const formula *f, const formula_entry *e)
{
    pair pairs[MOST_PAIRS];
    size_t count = find_pairs(f, pairs);
    double score = e->score;
    for (size_t p = 0; p < count; p++) {
        double beside = 0, within = 0, length = article_length(e);
        count_near(f, pairs[p], e->title, &beside, &within);
        for (size_t i = 0; i < e->passage_count; i++)
            count_near(f, pairs[p], e->passages[i], &beside, &within);
        score +=
            0.2 * ((f->words[pairs[p].a].idf + f->words[pairs[p].b].idf) / 2) *
            (part(beside, length, f->article_average) + part(within, length, f->article_average));
    }
    return score;
}

static int by_score(const void *a, const void *b)
{
    const formula_entry *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->article > y->article) - (x->article < y->article);
}

static void rank_tier(const formula *f, formula_entry *entries, size_t count, size_t near)
{
    near = near < count ? near : count;
    qsort(entries, count, sizeof *entries, by_score);
    for (size_t i = 0; i < near; i++)
        entries[i].score = score_near(f, &entries[i]);
    qsort(entries, near, sizeof *entries, by_score);
}

void formula_rank(formula *f, formula_entry *entries, size_t count, size_t tier, size_t near)
{
    size_t from = 0, end = tier;
    if (count == 0)
        return;
    weigh(f, entries, count);
    for (size_t i = 0; i < count; i++)
        entries[i].score = score_words(f, &entries[i]);
    for (; from < count; from = end, end *= 10, near = (end - from) / 5) {
        end = end < count ? end : count;
        rank_tier(f, entries + from, end - from, near);
    }
}
