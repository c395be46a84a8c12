/* The brute-force engine. Nothing here is fast, and nothing knows blocks, lists or heaps. */
#include "unit/search/brute.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

void brute_open(brute *all, const ns_index_settings *settings)
{
    memset(all, 0, sizeof *all);
    all->title_weight = settings->title_weight;
    if (ns__analyzer_open(&settings->analysis, &all->analyzer, NULL) != NS_OK)
        abort();
}

void brute_close(brute *all)
{
    for (uint32_t i = 0; i < all->term_count; i++)
        free((void *)(uintptr_t)all->terms[i].data);
    for (uint32_t i = 0; i < all->passage_count; i++)
        free(all->passages[i].body.terms);
    for (uint32_t i = 0; i < all->article_count; i++)
        free(all->articles[i].title.terms);
    ns__analyzer_close(all->analyzer);
}

static uint32_t number_of(brute *all, ns__str term)
{
    for (uint32_t i = 0; i < all->term_count; i++)
        if (ns__str_equal(all->terms[i], term))
            return i;
    uint8_t *copy = malloc(term.length + 1);
    if (copy == NULL || all->term_count == BRUTE_MAX_TERMS)
        abort();
    memcpy(copy, term.data, term.length);
    all->terms[all->term_count] = (ns__str){copy, term.length};
    return all->term_count++;
}

static brute_words words_of(brute *all, const ns__token *tokens, size_t count)
{
    brute_words words = {malloc((count + 1) * sizeof(uint32_t)), (uint32_t)count};
    for (size_t i = 0; i < count; i++) {
        words.terms[i] = number_of(all, ns__analyzer_term(all->analyzer, tokens[i].term));
        if ((tokens[i].flags & NS_TOKEN_GRAM) && !(tokens[i].flags & NS_TOKEN_SINGLE))
            all->gram[words.terms[i]] = true;
    }
    return words;
}

void brute_add(brute *all, const char *lang, const char *title, const char *body)
{
    ns__lang code =
        ns__analyzer_language(all->analyzer, (ns__str){(const uint8_t *)lang, strlen(lang)});
    ns__tokens tokens = {0};
    ns__passages passages = {0};
    all->langs[code] = true;
    if (ns__analyzer_run(all->analyzer, code, (ns__str){(const uint8_t *)title, strlen(title)},
                         &tokens, NULL) != NS_OK ||
        ns__passages_cut(all->analyzer, code, (ns__str){(const uint8_t *)body, strlen(body)},
                         &passages, NULL) != NS_OK)
        abort();
    brute_article *article = &all->articles[all->article_count];
    article->title = words_of(all, tokens.items, tokens.count);
    article->first = all->passage_count;
    for (size_t p = 0; p < passages.count; p++) {
        const ns__token *first = passages.tokens.items + passages.items[p].first_token;
        all->passages[all->passage_count++] = (brute_passage){
            all->article_count, words_of(all, first, passages.items[p].token_count)};
    }
    article->end = all->passage_count;
    all->article_count++;
    ns__tokens_release(&tokens);
    ns__passages_release(&passages);
}

/* One word of the query: which terms it stands for, as a set. */
typedef struct brute_word {
    bool *has;      /* by term number */
    uint32_t least; /* for the order of scores: term numbers sorted by bytes */
    uint32_t *sorted, sorted_count;
    uint32_t weight;
    double factor;
} brute_word;

typedef struct brute_phrase {
    char occur;
    uint32_t slots[64], slot_count;
} brute_phrase;

typedef struct question {
    brute *all;
    brute_word words[256];
    uint32_t word_count;
    brute_phrase leaves[256];
    uint32_t leaf_count;
    brute_phrase runs[256]; /* bigrams of wanted words, which gain where they stand together */
    uint32_t run_count;
    double c0, c1;
} question;

static brute *sorting;

static int by_bytes(const void *a, const void *b)
{
    return ns__str_compare(sorting->terms[*(const uint32_t *)a],
                           sorting->terms[*(const uint32_t *)b]);
}

static void add_term(brute_word *to, uint32_t term)
{
    if (to->has[term])
        return;
    to->has[term] = true;
    to->sorted[to->sorted_count++] = term;
}

/* The bigrams around a lone cluster. */
static void add_grams(brute *all, brute_word *to, ns__str cluster)
{
    for (uint32_t t = 0; t < all->term_count; t++) {
        ns__str term = all->terms[t];
        if (!all->gram[t] || term.length <= cluster.length)
            continue;
        size_t rest = term.length - cluster.length;
        if (memcmp(term.data, cluster.data, cluster.length) == 0 ||
            memcmp(term.data + rest, cluster.data, cluster.length) == 0)
            add_term(to, t);
    }
}

static uint32_t make_word(question *q, const ns__tokens *tokens, const bool *used, uint32_t at)
{
    brute *all = q->all;
    brute_word made = {calloc(BRUTE_MAX_TERMS, sizeof(bool)),
                       0,
                       calloc(BRUTE_MAX_TERMS, sizeof(uint32_t)),
                       0,
                       0,
                       0};
    for (uint32_t lang = 0; lang < 64; lang++)
        if (used[lang])
            add_term(&made,
                     number_of(all, ns__analyzer_term(all->analyzer, tokens[lang].items[at].term)));
    for (uint32_t lang = 0; lang < 64; lang++)
        if (used[lang] && (tokens[lang].items[at].flags & NS_TOKEN_SINGLE)) {
            add_grams(all, &made, ns__analyzer_term(all->analyzer, tokens[lang].items[at].term));
            break;
        }
    sorting = all;
    qsort(made.sorted, made.sorted_count, sizeof(uint32_t), by_bytes);
    for (uint32_t w = 0; w < q->word_count; w++)
        if (memcmp(q->words[w].has, made.has, BRUTE_MAX_TERMS) == 0) {
            free(made.has);
            free(made.sorted);
            return w;
        }
    q->words[q->word_count] = made;
    return q->word_count++;
}

static void add_leaf(question *q, const brute_leaf *from)
{
    brute *all = q->all;
    ns__tokens tokens[64] = {0};
    bool used[64] = {0}, any = false;
    uint32_t count = 0;
    for (uint32_t lang = 0; lang < 64; lang++)
        any |= all->langs[lang];
    for (uint32_t lang = 0; lang < 64; lang++) {
        used[lang] = all->langs[lang] || (!any && lang == 0);
        ns__str text = {(const uint8_t *)from->text, strlen(from->text)};
        if (used[lang] && ns__analyzer_run(all->analyzer, lang, text, &tokens[lang], NULL) == NS_OK)
            count = (uint32_t)tokens[lang].count;
    }
    bool phrase = from->quoted || from->occur != ' ';
    const ns__token *first = NULL;
    for (uint32_t lang = 0; lang < 64 && first == NULL; lang++)
        first = tokens[lang].items;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t w = make_word(q, tokens, used, i);
        if (!phrase && (first[i].flags & NS_TOKEN_JOINED)) { /* first[i - 1] is of the same run */
            if (!(first[i - 1].flags & NS_TOKEN_JOINED))
                q->runs[q->run_count++] = (brute_phrase){
                    .slots = {q->leaves[q->leaf_count - 1].slots[0]}, .slot_count = 1};
            brute_phrase *run = &q->runs[q->run_count - 1];
            run->slots[run->slot_count++] = w;
        }
        q->words[w].weight += from->occur != '-';
        if (i == 0 || !phrase)
            q->leaves[q->leaf_count++] = (brute_phrase){.occur = from->occur};
        brute_phrase *to = &q->leaves[q->leaf_count - 1];
        to->slots[to->slot_count++] = w;
    }
    for (uint32_t lang = 0; lang < 64; lang++)
        ns__tokens_release(&tokens[lang]);
}

static uint32_t occurrences(const brute_words *words, const brute_word *of)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < words->count; i++)
        count += of->has[words->terms[i]];
    return count;
}

static uint32_t tf_of(const brute *all, uint32_t passage, const brute_word *of)
{
    const brute_passage *p = &all->passages[passage];
    return occurrences(&p->body, of) +
           all->title_weight * occurrences(&all->articles[p->article].title, of);
}

static uint32_t length_of(const brute *all, uint32_t passage)
{
    const brute_passage *p = &all->passages[passage];
    return p->body.count + all->title_weight * all->articles[p->article].title.count;
}

static bool has_run(const question *q, const brute_phrase *of, const brute_words *words)
{
    for (uint32_t i = 0; i + of->slot_count <= words->count; i++) {
        uint32_t s = 0;
        while (s < of->slot_count && q->words[of->slots[s]].has[words->terms[i + s]])
            s++;
        if (s == of->slot_count)
            return true;
    }
    return false;
}

static bool contains(const question *q, const brute_phrase *of, uint32_t passage)
{
    const brute *all = q->all;
    if (of->slot_count == 1)
        return tf_of(all, passage, &q->words[of->slots[0]]) > 0;
    for (uint32_t s = 0; s < of->slot_count; s++)
        if (tf_of(all, passage, &q->words[of->slots[s]]) == 0)
            return false;
    const brute_passage *p = &all->passages[passage];
    return has_run(q, of, &p->body) || has_run(q, of, &all->articles[p->article].title);
}

/* Whether the passages [from, to) together meet what is required and excluded. */
static bool allowed(const question *q, uint32_t from, uint32_t to)
{
    for (uint32_t l = 0; l < q->leaf_count; l++) {
        bool found = false;
        for (uint32_t p = from; p < to; p++)
            found |= contains(q, &q->leaves[l], p);
        if ((q->leaves[l].occur == '+' && !found) || (q->leaves[l].occur == '-' && found))
            return false;
    }
    return true;
}

static void weigh(question *q, const ns_search_options *options)
{
    const brute *all = q->all;
    uint64_t total = 0;
    for (uint32_t p = 0; p < all->passage_count; p++)
        total += length_of(all, p);
    double average = (double)total / all->passage_count;
    double k1 = options->k1 < 0 ? 0.9 : options->k1, b = options->b < 0 ? 0.4 : options->b;
    q->c0 = k1 * (1 - b);
    q->c1 = k1 * b / average;
    for (uint32_t w = 0; w < q->word_count; w++) {
        uint32_t df = 0;
        for (uint32_t i = 0; i < q->words[w].sorted_count; i++) {
            brute_word one = {calloc(BRUTE_MAX_TERMS, sizeof(bool)), 0, NULL, 0, 0, 0};
            one.has[q->words[w].sorted[i]] = true;
            uint32_t here = 0;
            for (uint32_t p = 0; p < all->passage_count; p++)
                here += tf_of(all, p, &one) > 0;
            df = here > df ? here : df;
            free(one.has);
        }
        q->words[w].factor =
            q->words[w].weight * ns__log(1 + (all->passage_count - df + 0.5) / (df + 0.5));
    }
}

static int by_order(const void *a, const void *b)
{
    const brute_word *x = a, *y = b;
    for (uint32_t i = 0; i < x->sorted_count && i < y->sorted_count; i++)
        if (x->sorted[i] != y->sorted[i])
            return by_bytes(&x->sorted[i], &y->sorted[i]);
    return x->sorted_count < y->sorted_count ? -1 : 1;
}

static float score_of(const question *q, const brute_word *ordered, uint32_t passage)
{
    double sum = 0, length = length_of(q->all, passage);
    for (uint32_t w = 0; w < q->word_count; w++) {
        double tf = tf_of(q->all, passage, &ordered[w]);
        if (tf > 0 && ordered[w].weight > 0)
            sum += ordered[w].factor * (tf / (tf + (q->c0 + q->c1 * length)));
    }
    for (uint32_t r = 0; r < q->run_count; r++) {
        double bonus = 0;
        for (uint32_t s = 0; s < q->runs[r].slot_count; s++)
            bonus += q->words[q->runs[r].slots[s]].factor;
        if (contains(q, &q->runs[r], passage))
            sum += 0.5 * bonus;
    }
    return (float)sum;
}

static int by_rank(const void *a, const void *b)
{
    const brute_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->article != y->article)
        return x->article < y->article ? -1 : 1;
    return x->passage < y->passage ? -1 : x->passage > y->passage;
}

static void search_article(const question *q, const brute_word *ordered, uint32_t article,
                           const ns_search_options *options, brute_answer *answer)
{
    const brute_article *a = &q->all->articles[article];
    bool by_passage = options->scope == NS_SCOPE_PASSAGE, found = false;
    brute_hit best = {-1, article, 0};
    if (a->deleted || (!by_passage && !allowed(q, a->first, a->end)))
        return;
    for (uint32_t p = a->first; p < a->end; p++) {
        bool wanted = false;
        for (uint32_t l = 0; l < q->leaf_count; l++)
            wanted |= q->leaves[l].occur != '-' && contains(q, &q->leaves[l], p);
        if (!wanted || (by_passage && !allowed(q, p, p + 1)))
            continue;
        brute_hit hit = {score_of(q, ordered, p), article, p - a->first};
        found = true;
        answer->passages++;
        if (options->passages)
            answer->hits[answer->count++] = hit;
        else if (hit.score > best.score)
            best = hit;
    }
    answer->articles += found;
    if (found && !options->passages)
        answer->hits[answer->count++] = best;
}

void brute_search(brute *all, const brute_leaf *leaves, uint32_t count,
                  const ns_search_options *options, brute_answer *answer)
{
    static question q;
    static brute_word ordered[256];
    memset(&q, 0, sizeof q);
    q.all = all;
    for (uint32_t l = 0; l < count; l++)
        add_leaf(&q, &leaves[l]);
    weigh(&q, options);
    memcpy(ordered, q.words, sizeof ordered);
    qsort(ordered, q.word_count, sizeof *ordered, by_order);
    answer->count = answer->articles = answer->passages = 0;
    for (uint32_t a = 0; a < all->article_count; a++)
        search_article(&q, ordered, a, options, answer);
    qsort(answer->hits, answer->count, sizeof *answer->hits, by_rank);
    for (uint32_t w = 0; w < q.word_count; w++) {
        free(q.words[w].has);
        free(q.words[w].sorted);
    }
}
