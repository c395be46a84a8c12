/* Highlights by brute force: which bytes of a shown text a query marks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/language.h"

typedef struct marker {
    const model *m;
    const saying *s;
    bool title;
    words_row row; /* of the text */
    const ns__token *tokens;
    const uint32_t *sentences;
    size_t sentence_count;
    uint8_t *marked; /* by byte */
} marker;

static void mark(marker *k, span at)
{
    for (uint32_t b = k->tokens[at.start].start; b < k->tokens[at.end - 1].end; b++)
        k->marked[b] = 1;
}

static void mark_words(marker *k, const lnode *n)
{
    uint32_t *starts = malloc((k->row.count + 1) * sizeof *starts);
    for (size_t l = n->first_leaf; l < n->first_leaf + n->leaf_count; l++) {
        const leaf *of = &k->s->q.leaves[l];
        size_t found = leaf_starts(k->m, of, &k->row, starts, k->row.count);
        for (size_t i = 0; i < found; i++)
            mark(k, (span){starts[i], starts[i] + (uint32_t)of->slots});
    }
    free(starts);
}

static void mark_unit(marker *k, const lnode *n, const spans *of, uint32_t start, uint32_t end)
{
    for (size_t i = 0; i < n->count; i++) {
        bool met = false;
        for (size_t j = 0; j < of[i].count; j++)
            met |= of[i].items[j].start >= start && of[i].items[j].end <= end;
        if (!met)
            return;
    }
    for (size_t i = 0; i < n->count; i++)
        for (size_t j = 0; j < of[i].count; j++)
            if (of[i].items[j].start >= start && of[i].items[j].end <= end)
                mark(k, of[i].items[j]);
}

static void mark_near(marker *k, const lnode *n)
{
    static spans of[MAX_OPERANDS];
    static bool used[MAX_OPERANDS * MAX_SPANS];
    memset(used, 0, sizeof used);
    for (size_t i = 0; i < n->count; i++)
        operand_spans(k->m, k->s, &n->children[i], &k->row, &of[i]);
    if (n->form == NEAR) {
        near_holds(n, of, used);
        for (size_t i = 0; i < n->count; i++)
            for (size_t j = 0; j < of[i].count; j++)
                if (used[i * MAX_SPANS + j])
                    mark(k, of[i].items[j]);
        return;
    }
    uint32_t start = 0;
    for (size_t u = 1; u <= k->sentence_count; u++) {
        if (u < k->sentence_count && n->paragraph && !(k->sentences[u] & 1))
            continue;
        uint32_t end = u < k->sentence_count ? k->sentences[u] >> 1 : UINT32_MAX;
        mark_unit(k, n, of, start, end);
        start = end;
    }
}

static void mark_node(marker *k, const lnode *n)
{
    if (n->form == LIST)
        for (size_t i = 0; i < n->count; i++)
            mark_node(k, &n->children[i]);
    if (!n->positive || n->place == (k->title ? BODY : TITLE))
        return;
    if (n->form == WORDS)
        mark_words(k, n);
    else if (n->form == NEAR || n->form == UNIT)
        mark_near(k, n);
}

/* Marks in code points as bytes. */
static void unfold(ns_marked text, uint8_t *marked)
{
    size_t point = 0, mark = 0;
    for (size_t b = 0; b < text.length; b++) {
        if (b > 0 && ((uint8_t)text.text[b] & 0xc0) != 0x80)
            point++;
        while (mark < text.mark_count && text.marks[mark][1] <= point)
            mark++;
        marked[b] = mark < text.mark_count && text.marks[mark][0] <= point;
    }
}

static bool check_text(collection *c, const trial *t, const saying *s, ns_marked text,
                       uint32_t passage, bool title)
{
    static const uint32_t one[1] = {1};
    const model *m = &c->m;
    ns__tokens tokens = {0};
    ns__lang lang = m->facts[m->article_of[passage]].analysed_as;
    uint8_t *want = calloc(text.length + 1, 1), *got = calloc(text.length + 1, 1);
    bool good =
        ns__analyzer_run(m->analyzer, lang, (ns__str){(const uint8_t *)text.text, text.length},
                         &tokens, NULL) == NS_OK;
    uint32_t *room = calloc(4 * tokens.count + 1, sizeof *room);
    uint32_t *forms = room + tokens.count, *starts = forms + tokens.count;
    uint32_t *ends = starts + tokens.count;
    for (size_t i = 0; i < tokens.count; i++) {
        room[i] = tokens.items[i].term;
        forms[i] = tokens.items[i].form;
        starts[i] = tokens.items[i].start;
        ends[i] = tokens.items[i].end;
    }
    words_row row = {room, forms, starts, ends, (const uint8_t *)text.text, tokens.count, lang};
    marker k = {m, s, title, row, tokens.items, one, 1, want};
    if (!title) {
        k.sentences = m->sentences + m->sentence_start[passage];
        k.sentence_count = m->sentence_count[passage];
    }
    mark_node(&k, &s->root);
    unfold(text, got);
    /* A huge headline has more places than the model keeps. */
    for (size_t b = 0; good && tokens.count <= MAX_SPANS && b < text.length; b++)
        if (want[b] != got[b]) {
            printf("  in the %s: %.*s\n", title ? "headline" : "passage",
                   (int)(text.length < 800 ? text.length : 800), text.text);
            good = trial_differs(
                t, title ? "byte of the headline is marked" : "byte of the passage is marked",
                want[b], got[b]);
        }
    ns__tokens_release(&tokens);
    free(room);
    free(want);
    free(got);
    return good;
}

bool saying_check_marks(collection *c, const trial *t, const saying *s, const ns_results *results,
                        size_t rank)
{
    ns_shown *shown;
    ns_error err = {0};
    if (ns_results_show(results, rank, 0, &shown, &err) != NS_OK) {
        printf("DIFFERENCE in query %zu: a result cannot be shown: %s\n", t->number, err.message);
        return false;
    }
    const answer *want = &t->want.items[rank];
    const uint32_t passage = want->passage;
    const char *id = ns_article_id(ns_shown_article(shown), NULL), *own = c->m.ids[want->article];
    if (strcmp(id, own) != 0) {
        printf("DIFFERENCE in query %zu: the id of a result is %s, not %s\n", t->number, id, own);
        ns_shown_free(shown);
        return false;
    }
    ns_marked title = ns_shown_title(shown), text = ns_shown_passage(shown);
    bool good = check_text(c, t, s, text, passage, false) &&
                (c->m.title_weight == 0 || check_text(c, t, s, title, passage, true));
    ns_shown_free(shown);
    return good;
}
