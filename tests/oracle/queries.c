/* What can be asked: see queries.h. */
#include "oracle/queries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"

/* ---- Words ---- */

static const char *const FIELDS[] = {
    "title:", "body:", "source:", "section:", "lang:", "author:", "url:", "id:", "date:"};

/* Words as written can be like that, and are filters as parts of a query. */
static bool is_field(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        if (length >= strlen(FIELDS[i]) && strncasecmp(text, FIELDS[i], strlen(FIELDS[i])) == 0)
            return true;
    return false;
}

/* Whether a string stays one word of a query: no quotes or spaces, no operator in front. */
static bool is_word(ns__str text)
{
    if (is_field((const char *)text.data, text.length))
        return false;
    if (text.length == 0 || text.length > 60 || text.data[0] == '+' || text.data[0] == '-')
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] <= 0x20 || text.data[i] == '"' || text.data[i] == 0x7f ||
            text.data[i] == 0xc2 || (text.data[i] == 0xe2 && text.data[i + 1] == 0x80) ||
            (text.data[i] == 0xe3 && text.data[i + 1] == 0x80) || /* ideographic spaces … */
            (text.data[i] == 0xef && text.data[i + 1] == 0xbc))
            return false;
    return true;
}

void vocabulary_make(collection *c, vocabulary *v)
{
    const ns__analyzer *analyzer = c->m.analyzer;
    uint32_t forms = ns__analyzer_form_count(analyzer);
    v->common = malloc(forms * sizeof *v->common);
    v->any = malloc(forms * sizeof *v->any);
    for (uint32_t f = 0; f < forms; f++) {
        ns__form form = ns__analyzer_form(analyzer, f);
        size_t df = model_df(&c->m, form.term);
        if (df == 0 || !is_word(form.surface))
            continue;
        if (df > c->m.passages / 16)
            v->common[v->common_count++] = f;
        if (df > 3 || f % 8 == 0)
            v->any[v->any_count++] = f;
    }
    printf("%zu passages (%zu of real text), %zu articles, %u terms; %zu words for queries, %zu of "
           "them in more than a sixteenth of the passages\n",
           c->m.passages, c->real_passages, c->m.articles, ns__analyzer_term_count(analyzer),
           v->any_count, v->common_count);
}

void vocabulary_release(vocabulary *v)
{
    free(v->common);
    free(v->any);
}

static ns__str term_text(const collection *c, uint32_t term)
{
    ns__str text = ns__analyzer_term(c->m.analyzer, term);
    return is_word(text) ? text : NS_STR("echo");
}

/* A word of the text; a stem at times, as stems can be typed too. */
static ns__str random_word(collection *c, const vocabulary *v, bool common)
{
    if (common && v->common_count)
        return ns__analyzer_form(c->m.analyzer, v->common[below(&c->seed, v->common_count)])
            .surface;
    if (below(&c->seed, 3) == 0) /* as often as in text */
        return term_text(c, c->m.body[below(&c->seed, c->m.body_used)]);
    return ns__analyzer_form(c->m.analyzer, v->any[below(&c->seed, v->any_count)]).surface;
}

/* ---- Leaves ---- */

typedef struct draft {
    char text[8192];
    size_t length;
    bool quoted;
} draft;

static void append(draft *d, const void *text, size_t length)
{
    if (d->length + length + 2 > sizeof d->text)
        return;
    if (d->length > 0)
        d->text[d->length++] = ' ';
    memcpy(d->text + d->length, text, length);
    d->length += length;
    d->text[d->length] = 0;
}

static void append_term(const collection *c, draft *d, uint32_t term)
{
    ns__str text = term_text(c, term);
    append(d, text.data, text.length);
}

/* A phrase that stands somewhere, mostly: in a body, in a headline, across the border of two
 * passages; sometimes nowhere. */
static void draft_phrase(collection *c, const vocabulary *v, draft *d)
{
    const model *m = &c->m;
    size_t slots = 2 + below(&c->seed, below(&c->seed, 4) == 0 ? MAX_SLOTS - 1 : 2);
    size_t kind = below(&c->seed, 10);
    d->quoted = true;
    if (kind == 0 && m->titles_used > MAX_SLOTS) {
        size_t at = below(&c->seed, m->titles_used - MAX_SLOTS);
        for (size_t s = 0; s < slots; s++)
            append_term(c, d, m->titles[at + s]);
    } else if (kind == 1 || m->body_used < 4 * MAX_SLOTS) {
        ns__str word = random_word(c, v, true);
        for (size_t s = 0; s < slots; s++) {
            append(d, word.data, word.length);
            if (below(&c->seed, 2)) /* else the same again */
                word = random_word(c, v, true);
        }
    } else if (kind == 2) {
        size_t border = m->body_start[below(&c->seed, m->passages)];
        size_t at = border > slots / 2 ? border - slots / 2 : 0;
        for (size_t s = 0; s < slots && at + s < m->body_used; s++)
            append_term(c, d, m->body[at + s]);
    } else {
        size_t at = below(&c->seed, m->body_used - MAX_SLOTS);
        for (size_t s = 0; s < slots; s++)
            append_term(c, d, m->body[at + s]);
    }
}

/* Some of the text as it was written, quotes taken out. */
static void draft_piece(collection *c, const pieces *from, draft *d)
{
    if (from->count == 0)
        return;
    const char *text = from->items[below(&c->seed, from->count)];
    append(d, text, strlen(text));
    d->quoted = strchr(text, ' ') != NULL || below(&c->seed, 3) == 0;
    for (char *at = d->text; *at; at++)
        if (*at == '"' || (uint8_t)*at < 0x20 || *at == 0x7f || is_field(at, strlen(at)))
            *at = ' ';
}

/* Two words of the text that stand side by side, one of them of a single letter, as one word:
 * those are runs. From a seed of its own, so that other queries stay as they were. */
static void draft_joined(const collection *c, draft *d)
{
    const model *m = &c->m;
    uint64_t seed = c->seed ^ UINT64_C(0x9e3779b97f4a7c15);
    enum { TRIES = 4000 };
    if (below(&seed, 16) != 0 || m->body_used < 2 * TRIES)
        return;
    size_t at = 1 + below(&seed, m->body_used - TRIES - 2), end = at + TRIES;
    while (at < end && ns__analyzer_term(c->m.analyzer, m->body[at]).length > 1)
        at++;
    if (at == end) /* in generated text there are none */
        return;
    const size_t first = at - below(&seed, 2);
    ns__str a = term_text(c, m->body[first]), b = term_text(c, m->body[first + 1]);
    if (a.length + b.length > 60)
        return;
    d->length =
        (size_t)snprintf(d->text, sizeof d->text, "%.*s%c%.*s", (int)a.length, (const char *)a.data,
                         "-&/"[below(&seed, 3)], (int)b.length, (const char *)b.data);
}

/* A word of generated text that stands in a few passages. */
static void draft_rare(collection *c, draft *d)
{
    char word[32];
    if (below(&c->seed, 2))
        snprintf(word, sizeof word, "scarce%zu", 24 + below(&c->seed, 24));
    else
        snprintf(word, sizeof word, "exactly%zux%zu", below(&c->seed, 9), below(&c->seed, 8));
    *d = (draft){.length = 0};
    append(d, word, strlen(word));
}

/* A more frequent word of generated text with very different tfs. */
static void draft_varied(collection *c, draft *d)
{
    static const char *const words[] = {"manyfold", "nearlyone", "loud",   "scarce0",
                                        "scarce1",  "scarce2",   "scarce3"};
    const char *word = words[below(&c->seed, sizeof words / sizeof *words)];
    *d = (draft){.length = 0};
    append(d, word, strlen(word));
}

static void draft_special(collection *c, draft *d)
{
    static const char *const words[] = {"everywhere", "manyfold", "nearlyone", "echo",
                                        "zzabsent",   "head7",    "head8",     "head36"};
    char word[32];
    size_t kind = below(&c->seed, 16);
    if (kind < 8)
        append(d, words[kind], strlen(words[kind]));
    else if (kind == 8)
        append(d, "echo echo", 9);
    else if (kind == 9)
        append(d, "echo echo echo", 14);
    else if (kind == 10 && below(&c->seed, 4) == 0)
        for (int i = 0; i < NS_MAX_PHRASE_TERMS + 1; i++)
            append(d, "echo", 4);
    else if (kind == 11 && below(&c->seed, 16) == 0) /* costly, as runs are */
        append(d, (uint8_t[3]){0xe0 | HUB >> 12, 0x80 | (HUB >> 6 & 63), 0x80 | (HUB & 63)}, 3);
    else if (kind == 12) { /* one of few passages with many of it: a phrase in a short list */
        snprintf(word, sizeof word, "exactly1x%zu", below(&c->seed, 8));
        append(d, word, strlen(word));
        append(d, word, strlen(word));
    } else {
        draft_rare(c, d);
    }
    d->quoted = strchr(d->text, ' ') != NULL;
}

/* Curly and other quotes end a phrase, so a text that holds some is not used; nor is one without
 * quotes that begins a group or may be a pattern. */
static bool is_askable(const draft *d)
{
    const uint8_t *text = (const uint8_t *)d->text;
    if (d->length == 0 || (!d->quoted && (text[0] == '(' || !is_word((ns__str){text, d->length}))))
        return false;
    if (!d->quoted && strpbrk(d->text, "*?~^") != NULL)
        return false;
    for (size_t i = 0; i < d->length; i++)
        if ((text[i] == 0xc2 && (text[i + 1] == 0xab || text[i + 1] == 0xbb)) ||
            (text[i] == 0xe2 && text[i + 1] == 0x80 && text[i + 2] >= 0x9c &&
             text[i + 2] <= 0x9f) ||
            (text[i] == 0xef && text[i + 1] == 0xbc && text[i + 2] == 0x82))
            return false;
    return true;
}

static void draft_leaf(collection *c, const vocabulary *v, bool common, bool plain, draft *d)
{
    size_t dice = plain ? 99 : below(&c->seed, 100);
    *d = (draft){.length = 0};
    if (dice < 15) {
        draft_phrase(c, v, d);
    } else if (dice < 22) {
        draft_piece(c, &c->slices, d);
    } else if (dice < 29) {
        draft_piece(c, &c->runs, d);
    } else if (dice < 38) {
        draft_special(c, d);
    } else {
        ns__str word = random_word(c, v, common);
        append(d, word.data, word.length);
        draft_joined(c, d);
    }
}

/* ---- Queries ---- */

static bool try_query(collection *c, const vocabulary *v, query *q, char *text, draft *last)
{
    static const size_t sizes[] = {1, 1, 2, 2, 2, 3, 3, 4, 5, 7};
    size_t leaves = sizes[below(&c->seed, 10)], used = 0;
    bool common = below(&c->seed, 2) == 0, plain = below(&c->seed, 3) == 0;
    bool led = leaves > 1 && below(&c->seed, 8) == 0; /* +rare and frequent words */
    *q = (query){.led = led};
    text[0] = 0;
    for (size_t i = 0; i < leaves; i++) {
        size_t dice = plain ? 0 : below(&c->seed, 8);
        occur wish = dice < 4 ? SHOULD : dice < 7 ? MUST : MUST_NOT;
        if (led) {
            wish = i == 0 ? MUST : SHOULD;
            if (i == 0 && below(&c->seed, 2)) /* also rarer than any word of text */
                draft_rare(c, last);
            else if (i > 0 && below(&c->seed, 2))
                draft_varied(c, last);
            else
                draft_leaf(c, v, i > 0, true, last);
        } else if (i == 0 || below(&c->seed, 12) != 0) /* else the one before once more */
            draft_leaf(c, v, common && (i == 0 || below(&c->seed, 2)), plain, last);
        if (!is_askable(last) || used + last->length + 8 > QUERY_TEXT_ROOM ||
            !model_add_leaf(&c->m, q, wish, last->quoted,
                            (ns__str){(const uint8_t *)last->text, last->length}))
            return false;
        used += (size_t)snprintf(text + used, QUERY_TEXT_ROOM - used, "%s%s%s%s%s", i ? " " : "",
                                 wish == MUST       ? "+"
                                 : wish == MUST_NOT ? "-"
                                                    : "",
                                 last->quoted ? "\"" : "", last->text, last->quoted ? "\"" : "");
    }
    return true;
}

void query_random(collection *c, const vocabulary *v, query *q, char text[QUERY_TEXT_ROOM])
{
    draft last;
    while (!try_query(c, v, q, text, &last))
        model_query_release(q);
}
