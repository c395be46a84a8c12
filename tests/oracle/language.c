/* Random queries of the whole language: the text grows together with the tree that it means. */
#include "oracle/language.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "text/fold.h"

typedef struct maker {
    collection *c;
    const vocabulary *v;
    saying *s;
    char *text; /* QUERY_TEXT_ROOM */
    size_t length;
    bool words; /* lists in lists of words alone, filters around them */
} maker;

/* Where a node is made. */
typedef struct where {
    occur occur;   /* its own */
    bool positive; /* what is around it */
    bool operand;  /* of NEAR and the like */
    bool excluded; /* it stands under some NOT, where weights are not kept */
    place place;
    double weight;
} where;

static size_t dice(maker *m, size_t sides)
{
    return below(&m->c->seed, sides);
}

static void say(maker *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = QUERY_TEXT_ROOM - m->length;
    int wrote = vsnprintf(m->text + m->length, room, format, args);
    va_end(args);
    if (wrote < 0 || (size_t)wrote >= room)
        m->s->failed = true;
    else
        m->length += (size_t)wrote;
}

/* ---- Words ---- */

/* Letters and digits only, and nothing that may be a quote. */
static bool is_plain(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > 40)
        return false;
    for (const uint8_t *at = (const uint8_t *)text; *at; at++)
        if (!(isalnum(*at) || (*at >= 0x80 && *at != 0xc2 && *at != 0xe2 && *at != 0xef)))
            return false;
    return true;
}

static void take_word(maker *m, char out[64])
{
    collection *c = m->c;
    for (int tries = 0; tries < 50; tries++) {
        ns__str text = {0};
        if (dice(m, 3) == 0)
            text = ns__analyzer_term(c->m.analyzer, c->m.body[dice(m, c->m.body_used)]);
        else if (dice(m, 6) == 0 && c->m.titles_used > 0)
            text = ns__analyzer_term(c->m.analyzer, c->m.titles[dice(m, c->m.titles_used)]);
        else if (dice(m, 2) && m->v->common_count)
            text =
                ns__analyzer_form(c->m.analyzer, m->v->common[dice(m, m->v->common_count)]).surface;
        else
            text = ns__analyzer_form(c->m.analyzer, m->v->any[dice(m, m->v->any_count)]).surface;
        snprintf(out, 64, "%.*s", text.length < 60 ? (int)text.length : 0, (const char *)text.data);
        if (is_plain(out))
            return;
    }
    strcpy(out, "echo");
}

/* Some words that follow each other somewhere. */
static size_t take_phrase(maker *m, size_t most, char out[512])
{
    const model *of = &m->c->m;
    size_t words = 2 + dice(m, most - 1), length = 0, kept = 0;
    bool title = dice(m, 5) == 0 && of->titles_used > 8;
    const uint32_t *terms = title ? of->titles : of->body;
    size_t at = dice(m, (title ? of->titles_used : of->body_used) - words);
    out[0] = 0;
    for (size_t i = 0; i < words; i++) {
        char word[64] = "";
        ns__str text = ns__analyzer_term(of->analyzer, terms[at + i]);
        snprintf(word, sizeof word, "%.*s", text.length < 60 ? (int)text.length : 0,
                 (const char *)text.data);
        if (!is_plain(word))
            continue;
        length += (size_t)snprintf(out + length, 512 - length, "%s%s", kept++ ? " " : "", word);
    }
    return kept;
}

static void add_leaf(maker *m, lnode *n, where at, bool quoted, const char *text)
{
    query *q = &m->s->q;
    n->form = WORDS;
    n->place = at.place;
    n->first_leaf = q->count;
    size_t expansions = q->expansions;
    occur wish = !n->positive ? MUST_NOT : at.occur == SHOULD ? SHOULD : MUST;
    if (!model_add_leaf(&m->c->m, q, wish, quoted, (ns__str){(const uint8_t *)text, strlen(text)}))
        m->s->failed = true;
    n->leaf_count = q->count - n->first_leaf;
    m->s->halves |= q->expansions > expansions;
    for (size_t l = n->first_leaf; l < q->count; l++) {
        q->leaves[l].weight = at.weight;
        q->leaves[l].joined &= at.place == ANYWHERE;
        q->leaves[l].gram &= at.place == ANYWHERE && !at.operand;
    }
}

/* ---- Exact words ---- */

static bool is_operator(const char *word)
{
    static const char words[] = " AND OR NOT NEAR ONEAR SENTENCE PARAGRAPH ";
    char spaced[64];
    snprintf(spaced, sizeof spaced, " %.60s ", word);
    return strstr(words, spaced) != NULL;
}

/* Some words as they are written somewhere, of one or two now and then with another case. */
static size_t take_written(maker *m, size_t most, char out[512])
{
    const model *of = &m->c->m;
    bool title = dice(m, 4) == 0 && of->titles_used > 8;
    const written *from = title ? &of->title_words : &of->body_words;
    size_t words = 1 + dice(m, most), at = dice(m, from->count - words), length = 0, kept = 0;
    out[0] = 0;
    for (size_t i = at; i < at + words; i++) {
        char word[64] = "";
        uint32_t bytes = from->ends[i] - from->starts[i];
        snprintf(word, sizeof word, "%.*s", bytes < 40 ? (int)bytes : 0,
                 (const char *)of->said + from->starts[i]);
        char letters[64];
        strcpy(letters, word);
        if (letters[0] == 'l' && letters[1] == '\'') /* l'Union */
            memmove(letters, letters + 2, strlen(letters + 2) + 1);
        if (!is_plain(letters) || is_operator(word))
            continue;
        if (dice(m, 4) == 0)
            word[0] = (char)((uint8_t)word[0] < 0x80 ? toupper((uint8_t)word[0]) : word[0]);
        else if (dice(m, 4) == 0)
            word[0] = (char)((uint8_t)word[0] < 0x80 ? tolower((uint8_t)word[0]) : word[0]);
        length += (size_t)snprintf(out + length, 512 - length, "%s%s", kept++ ? " " : "", word);
    }
    return kept;
}

/* What the slots of the leaf made last have to look like in texts of a language. */
static void take_forms(maker *m, leaf *l, ns__str text, ns__lang lang)
{
    const model *of = &m->c->m;
    ns__tokens tokens = {0};
    if (ns__analyzer_run(of->analyzer, lang, text, &tokens, NULL) != NS_OK)
        m->s->failed = true;
    for (size_t s = 0; s < l->slots && s < tokens.count; s++) {
        const ns__token *token = &tokens.items[s];
        const ns__str raw = {text.data + token->start, token->end - token->start};
        l->words[s].cased = has_capital(raw);
        m->s->failed |=
            !exact_form(of, raw, token->form, l->words[s].cased, l->words[s].wanted[lang]);
    }
    ns__tokens_release(&tokens);
}

/* =word or ="some words". */
static void make_exact(maker *m, lnode *n, where at)
{
    char text[512];
    size_t words = take_written(m, dice(m, 3) == 0 ? 3 : 1, text);
    if (words == 0) {
        strcpy(text, "echo");
        words = 1;
    }
    bool quoted = words > 1 || dice(m, 4) == 0;
    say(m, "=%s%s%s", quoted ? "\"" : "", text, quoted ? "\"" : "");
    at.occur = MUST;
    add_leaf(m, n, at, true, text);
    if (n->leaf_count != 1 || m->s->failed)
        return;
    leaf *l = &m->s->q.leaves[n->first_leaf];
    l->words = calloc(MAX_SLOTS, sizeof *l->words);
    for (ns__lang lang = 0; lang < sizeof m->c->m.langs; lang++)
        if (m->c->m.langs[lang])
            take_forms(m, l, (ns__str){(const uint8_t *)text, strlen(text)}, lang);
}

/* ---- Patterns and fuzzy words ---- */

static bool fits_pattern(const uint8_t *pattern, const uint8_t *text)
{
    if (*pattern == 0)
        return *text == 0;
    if (*pattern == '*')
        return fits_pattern(pattern + 1, text) || (*text && fits_pattern(pattern, text + 1));
    if (*pattern == '?' && *text) {
        text++;
        while ((*text & 0xc0) == 0x80)
            text++;
        return fits_pattern(pattern + 1, text);
    }
    return *pattern == *text && fits_pattern(pattern + 1, text + 1);
}

static size_t codes_of(const char *text, uint32_t *codes)
{
    size_t count = 0;
    for (const uint8_t *at = (const uint8_t *)text; *at && count < 256; at++)
        if ((*at & 0xc0) != 0x80)
            codes[count++] = *at;
        else
            codes[count - 1] = codes[count - 1] << 6 | (*at & 0x3f);
    return count;
}

/* Edits between two words, exchanges of neighbours included, in a whole table. */
static uint32_t edits_between(const char *a, const char *b)
{
    static uint32_t x[256], y[256], table[258][258];
    size_t m = codes_of(a, x), n = codes_of(b, y);
    for (size_t i = 0; i <= m; i++)
        for (size_t j = 0; j <= n; j++) {
            uint32_t least = i == 0 ? (uint32_t)j : j == 0 ? (uint32_t)i : UINT32_MAX;
            if (i > 0 && j > 0) {
                least = table[i - 1][j - 1] + (x[i - 1] != y[j - 1]);
                least = table[i - 1][j] + 1 < least ? table[i - 1][j] + 1 : least;
                least = table[i][j - 1] + 1 < least ? table[i][j - 1] + 1 : least;
                if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1] &&
                    table[i - 2][j - 2] + 1 < least)
                    least = table[i - 2][j - 2] + 1;
            }
            table[i][j] = least;
        }
    return table[m][n];
}

typedef struct counted {
    uint32_t term;
    size_t df;
    ns__str text;
} counted;

static int by_df(const void *x, const void *y)
{
    const counted *a = x, *b = y;
    if (a->df != b->df)
        return a->df > b->df ? -1 : 1;
    return ns__str_compare(a->text, b->text);
}

/* The terms of all forms of the text that fit, the most frequent if they are too many. */
static void spread(maker *m, group *g, const char *text, uint32_t edits)
{
    const model *of = &m->c->m;
    ns__folder folder = {0};
    uint8_t *taken = calloc(of->term_capacity + 1, 1);
    counted *found = malloc((of->term_capacity + 1) * sizeof *found);
    size_t count = 0, room = 8 * NS_MAX_EXPANSIONS - m->s->q.expansions;
    for (uint32_t f = 0; f < m->s->forms; f++) {
        ns__form of_text = ns__analyzer_form(of->analyzer, f);
        if (of_text.term >= of->term_capacity || taken[of_text.term] ||
            of->terms[of_text.term].count == 0)
            continue;
        char have[300];
        bool good = ns__fold_text(&folder, of_text.surface, NULL) == NS_OK &&
                    folder.term.length < sizeof have;
        snprintf(have, sizeof have, "%.*s", good ? (int)folder.term.length : 0,
                 (const char *)folder.term.data);
        if (!good || !(edits ? edits_between(text, have) <= edits
                             : fits_pattern((const uint8_t *)text, (const uint8_t *)have)))
            continue;
        taken[of_text.term] = 1;
        found[count++] = (counted){of_text.term, of->terms[of_text.term].count,
                                   ns__analyzer_term(of->analyzer, of_text.term)};
    }
    if (count > 0)
        qsort(found, count, sizeof *found, by_df);
    room = room < NS_MAX_EXPANSIONS ? room : NS_MAX_EXPANSIONS;
    count = count < room ? count : room;
    for (size_t i = 0; i < count; i++)
        model_insert_term(of, g, found[i].term);
    m->s->q.expansions += count;
    ns__folder_release(&folder);
    free(found);
    free(taken);
}

/* Where the character at or before `at` begins. */
static size_t whole(const char *text, size_t at)
{
    while (at > 0 && ((uint8_t)text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static void make_spread(maker *m, lnode *n, where at)
{
    query *q = &m->s->q;
    char word[64], pattern[130], folded[300];
    take_word(m, word);
    size_t length = strlen(word), cut = whole(word, dice(m, length));
    uint32_t edits = 0;
    size_t kind = strpbrk(word, "0123456789") ? 5 : dice(m, 5); /* 5*3 is no pattern */
    if (kind == 0 && cut > 0)
        snprintf(pattern, sizeof pattern, "%.*s*", (int)cut, word);
    else if (kind == 1 && length > 3)
        snprintf(pattern, sizeof pattern, "*%s", word + whole(word, length / 2));
    else if (kind == 2 && cut > 0 && (uint8_t)word[cut] < 0x80 && word[cut + 1])
        snprintf(pattern, sizeof pattern, "%.*s?%s", (int)cut, word, word + cut + 1);
    else if (kind == 3 && cut > 0 && cut + 1 < length)
        snprintf(pattern, sizeof pattern, "%.*s*%s", (int)cut, word,
                 word + whole(word, length - 1));
    else
        edits = 1 + (uint32_t)(length > 4 && dice(m, 3) == 0);
    if (q->count == MAX_LEAVES) {
        m->s->failed = true;
        return;
    }
    n->form = WORDS;
    n->place = at.place;
    n->first_leaf = q->count++;
    n->leaf_count = 1;
    leaf *l = &q->leaves[n->first_leaf];
    *l = (leaf){.occur = n->positive ? MUST : MUST_NOT, .weight = at.weight, .slots = 1};
    l->groups[0].terms = malloc(sizeof *l->groups[0].terms);
    if (edits)
        snprintf(pattern, sizeof pattern, "%s", word);
    ns__folder folder = {0};
    if (ns__fold_text(&folder, (ns__str){(const uint8_t *)pattern, strlen(pattern)}, NULL) != NS_OK)
        m->s->failed = true;
    snprintf(folded, sizeof folded, "%.*s", (int)folder.term.length,
             (const char *)folder.term.data);
    ns__folder_release(&folder);
    spread(m, &l->groups[0], folded, edits);
    if (edits)
        say(m, "%s~%u", pattern, edits);
    else
        say(m, "%s", pattern);
}

/* ---- What stands in a list ---- */

/* A word, phrase, pattern or fuzzy word, with a weight now and then. */
static void make_words(maker *m, lnode *n, where at, bool operand)
{
    static const double weights[] = {0.5, 2, 3, 1.25};
    char text[512];
    size_t kind = dice(m, m->words ? 20 : 10);
    double own = !operand && !at.excluded && dice(m, 8) == 0 ? weights[dice(m, 4)] : 1;
    at.weight *= own;
    if (!operand && !m->words && at.place == ANYWHERE && dice(m, 8) == 0) {
        at.place = dice(m, 2) ? TITLE : BODY;
        say(m, "%s:", at.place == TITLE ? "title" : "body");
    }
    if (kind < 2) {
        make_spread(m, n, at);
    } else if (kind == 2 && !m->words && (!m->c->o.no_text || m->c->o.exact) &&
               m->c->m.body_words.count > 8) {
        make_exact(m, n, at);
    } else if (kind < 4 && !m->words && take_phrase(m, 4, text) > 0) {
        say(m, "\"%s\"", text);
        at.occur = MUST;
        add_leaf(m, n, at, true, text);
    } else {
        take_word(m, text);
        say(m, "%s", text);
        add_leaf(m, n, at, false, text);
    }
    if (own < 1 || own > 1)
        say(m, "^%g", own);
}

static lnode *children(lnode *n, size_t count)
{
    n->children = calloc(count, sizeof *n->children);
    n->count = count;
    return n->children;
}

/* An operand of NEAR, SENTENCE, PARAGRAPH. */
static void make_operand(maker *m, lnode *n, where at, bool alternatives)
{
    n->occur = at.occur = MUST;
    n->positive = at.positive;
    if (!alternatives || dice(m, 5) != 0) {
        make_words(m, n, at, true);
        return;
    }
    n->form = LIST;
    children(n, 2 + dice(m, 2));
    say(m, "(");
    for (size_t i = 0; i < n->count; i++) {
        n->children[i].positive = n->positive;
        say(m, i > 0 ? " OR " : "");
        make_words(m, &n->children[i], at, true);
    }
    say(m, ")");
}

static void make_slop(maker *m, lnode *n, where at)
{
    char text[512], *rest = text;
    size_t words = take_phrase(m, 4, text);
    n->distance = (uint32_t)dice(m, 7);
    if (words < 2) {
        strcpy(text, "echo everywhere");
        words = 2;
    }
    say(m, "\"%s\"~%u", text, n->distance);
    children(n, words);
    for (size_t i = 0; i < words; i++) {
        char *word = strsep(&rest, " ");
        n->children[i].positive = n->positive;
        n->children[i].occur = MUST;
        add_leaf(m, &n->children[i], at, false, word);
    }
}

static void make_near(maker *m, lnode *n, where at)
{
    at.positive = n->positive;
    at.occur = MUST;
    at.operand = true;
    n->form = NEAR;
    if (dice(m, 3) == 0) {
        make_slop(m, n, at);
        return;
    }
    uint32_t k = 1 + (uint32_t)dice(m, 12);
    n->ordered = dice(m, 2);
    children(n, 2 + (dice(m, 4) == 0));
    n->distance = (k - 1) * ((uint32_t)n->count - 1);
    say(m, "(");
    for (size_t i = 0; i < n->count; i++) {
        if (i > 0)
            say(m, " %s/%u ", n->ordered ? "ONEAR" : "NEAR", k);
        make_operand(m, &n->children[i], at, true);
    }
    say(m, ")");
}

static void make_unit(maker *m, lnode *n, where at)
{
    at.positive = n->positive;
    at.operand = true;
    n->form = UNIT;
    n->paragraph = dice(m, 2);
    children(n, 2 + (dice(m, 4) == 0));
    say(m, "%s(", n->paragraph ? "PARAGRAPH" : "SENTENCE");
    for (size_t i = 0; i < n->count; i++) {
        say(m, i > 0 ? " " : "");
        make_operand(m, &n->children[i], at, false);
    }
    say(m, ")");
}

/* ---- Filters ---- */

static void make_date(maker *m, lnode *n, size_t article)
{
    int64_t date = m->c->m.facts[article].date;
    time_t seconds = (time_t)(date == INT64_MIN ? 946684800 : date);
    struct tm at, from = {0}, to = {0};
    gmtime_r(&seconds, &at);
    int year = at.tm_year + 1900, month = at.tm_mon + 1;
    n->form = DATE;
    n->from = INT64_MIN;
    n->to = INT64_MAX;
    if (dice(m, 12) == 0) {
        say(m, "date:*");
        return;
    }
    from.tm_year = to.tm_year = at.tm_year;
    from.tm_mday = to.tm_mday = 1;
    switch (dice(m, 5)) {
    case 0:
        say(m, "date:%04d", year);
        to.tm_year++;
        break;
    case 1:
        say(m, "date:%04d-%02d", year, month);
        from.tm_mon = at.tm_mon;
        to.tm_mon = at.tm_mon + 1;
        break;
    case 2:
        say(m, "date:%04d-%02d-%02d", year, month, at.tm_mday);
        from.tm_mon = to.tm_mon = at.tm_mon;
        from.tm_mday = at.tm_mday;
        to.tm_mday = at.tm_mday + 1;
        break;
    case 3:
        say(m, "date:%04d-%02d..%04d", year, month, year + 1);
        from.tm_mon = at.tm_mon;
        to.tm_year += 2;
        break;
    default:
        say(m, "date:>=%04d", year);
        n->from = timegm(&from);
        return;
    }
    n->from = timegm(&from);
    n->to = timegm(&to);
}

static void make_value(maker *m, lnode *n, size_t article)
{
    static const char *const names[] = {"source", "section", "author", "lang", "id", "", "url"};
    const article_facts *facts = &m->c->m.facts[article];
    uint64_t own = m->c->seed ^ 97; /* changes nothing else */
    char value[64] = "";
    n->form = VALUE;
    n->field = dice(m, 8) == 0 ? TITLED : (value_field)dice(m, 5);
    if (n->field == TITLED) {
        say(m, "title:*");
        return;
    }
    if (n->field == AUTHOR && below(&own, 2) == 0)
        n->field = URL;
    const char *from = n->field == SOURCE    ? facts->source
                       : n->field == URL     ? facts->url
                       : n->field == SECTION ? facts->section
                       : n->field == AUTHOR  ? facts->author
                       : n->field == ID      ? m->c->m.ids[article]
                       : *facts->lang        ? facts->lang
                                             : ns__lang_code(facts->analysed_as);
    snprintf(value, sizeof value, "%s", strlen(from) < 60 ? from : "");
    if (value[0] == 0 || strpbrk(value, "\"\\*?") != NULL || strstr(value, "\xe2\x80") ||
        strstr(value, "\xc2"))
        strcpy(value, "nobody");
    if (n->field != ID && n->field != LANG && dice(m, 3) == 0) { /* a word of it */
        char *space = strrchr(value, n->field == URL ? '/' : ' ');
        if (space != NULL)
            memmove(value, space + 1, strlen(space));
    }
    if (n->field == ID && below(&own, 2) == 0 && is_plain(value)) {
        value[whole(value, 1 + below(&own, strlen(value)))] = 0;
        strcat(value, "*");
        say(m, "id:%s", value);
    } else if (n->field != ID && n->field != LANG && dice(m, 4) == 0 && is_plain(value)) {
        value[whole(value, strlen(value) / 2)] = 0;
        strcat(value, "*"); /* at least the star */
        if (strlen(value) == 1)
            strcpy(value, "a*");
        say(m, "%s:%s", names[n->field], value);
    } else {
        say(m, "%s:\"%s\"", names[n->field], value);
    }
    snprintf(n->value, sizeof n->value, "%s", value);
}

static void make_filter(maker *m, lnode *n, bool all)
{
    size_t article = dice(m, m->c->m.articles), kind = dice(m, 7);
    if (all) {
        n->form = ALL;
        say(m, "*");
    } else if (kind < 3) {
        make_date(m, n, article);
    } else {
        make_value(m, n, article);
    }
    m->s->by_filter |= n->positive;
}

/* ---- Lists ---- */

enum { SIDE_BY_SIDE, ANDS, ORS };

static void make_list(maker *m, lnode *n, where at, size_t depth, int kind);

/* One child; its operator was said already. */
static void make_child(maker *m, lnode *n, where at, size_t depth)
{
    size_t kind = m->words ? 3 * dice(m, 2) : dice(m, 20);
    n->occur = at.occur;
    n->positive = at.positive != (at.occur == MUST_NOT);
    at.excluded |= at.occur == MUST_NOT;
    if (kind < 3 && depth < 3) {
        say(m, "(");
        make_list(m, n, at, depth + 1, (int)dice(m, 3));
        say(m, ")");
    } else if (kind < 5 && !m->words) {
        make_near(m, n, at);
    } else if (kind == 5 && !m->c->o.no_text) {
        make_unit(m, n, at);
    } else {
        at.positive = n->positive;
        make_words(m, n, at, false);
    }
}

static void make_item(maker *m, lnode *n, where at, size_t depth, int kind, size_t i)
{
    bool filter = dice(m, 8) == 0 && at.place == ANYWHERE && (depth == 0 || !m->words),
         all = filter && dice(m, 8) == 0;
    at.occur = kind == ANDS ? (i > 0 && dice(m, 5) == 0 ? MUST_NOT : MUST) : SHOULD;
    if (kind == ANDS && i > 0)
        say(m, at.occur == MUST_NOT ? (dice(m, 2) ? " NOT " : " AND NOT ") : " AND ");
    if (kind == ORS && i > 0)
        say(m, " OR ");
    if (kind == SIDE_BY_SIDE) {
        size_t sign = dice(m, 6);
        say(m, i > 0 ? " " : "");
        if (filter && !all && sign > 0)
            at.occur = MUST;
        else if (sign < 2)
            at.occur = sign == 0 && i > 0 ? MUST_NOT : MUST; /* not all are excluded */
        say(m, at.occur == MUST_NOT ? "-" : at.occur == MUST && (all || !filter) ? "+" : "");
    }
    if (filter) {
        n->occur = at.occur;
        n->positive = at.positive != (at.occur == MUST_NOT);
        make_filter(m, n, all);
    } else {
        make_child(m, n, at, depth);
    }
}

/* Values, dates, and lists of nothing else, but for what is excluded. */
static bool is_narrowing(const lnode *n)
{
    if (n->form != LIST)
        return n->form == VALUE || n->form == DATE;
    for (size_t i = 0; i < n->count; i++)
        if (n->children[i].occur != MUST_NOT && !is_narrowing(&n->children[i]))
            return false;
    return true;
}

static void make_list(maker *m, lnode *n, where at, size_t depth, int kind)
{
    n->form = LIST;
    at.positive = n->positive;
    children(n, 2 + dice(m, 2));
    for (size_t i = 0; i < n->count && !m->s->failed; i++)
        make_item(m, &n->children[i], at, depth, kind, i);
    for (size_t i = 0; i < n->count && kind == SIDE_BY_SIDE; i++)
        if (n->children[i].occur == SHOULD && is_narrowing(&n->children[i]))
            n->children[i].occur = MUST;
}

/* Whether the query may be taken for a headline in capitals, whose operators are words. */
static bool is_in_capitals(const char *text)
{
    bool capital = false, operator= false;
    char word[QUERY_TEXT_ROOM];
    for (int taken = 0; sscanf(text, "%s%n", word, &taken) == 1; text += taken) {
        operator|= is_operator(word);
        for (const char *at = word; !is_operator(word) && *at != 0; at++) {
            capital |= *at >= 'A' && *at <= 'Z';
            if ((*at >= 'a' && *at <= 'z') || strchr("+-=:()\"^~*", *at) != NULL)
                return false;
        }
    }
    return capital && operator;
}

bool saying_random(collection *c, const vocabulary *v, saying *s, char text[QUERY_TEXT_ROOM])
{
    uint32_t forms = s->forms;
    *s = (saying){.forms = forms, .root = {.occur = MUST, .positive = true}};
    maker m = {.c = c, .v = v, .s = s, .text = text, .words = below(&c->seed, 4) == 0};
    where at = {.occur = MUST, .positive = true, .place = ANYWHERE, .weight = 1};
    text[0] = 0;
    if (below(&c->seed, 5) == 0) { /* a list of one, which may be excluded */
        s->root.form = LIST;
        make_item(&m, children(&s->root, 1), at, 0, SIDE_BY_SIDE, 1);
    } else {
        make_list(&m, &s->root, at, 0, (int)below(&c->seed, 3));
    }
    return !s->failed && !is_in_capitals(text);
}

static void release_node(lnode *n)
{
    for (size_t i = 0; i < n->count; i++)
        release_node(&n->children[i]);
    free(n->children);
}

void saying_release(saying *s)
{
    model_query_release(&s->q);
    release_node(&s->root);
    s->root = (lnode){0};
}
