/* "Did you mean": the words and values of a query that the index hardly has, and the query with
 * others. */
#include "ns/spell.h"

#include <stdlib.h>

#include "base/limits.h"
#include "query/characters.h"
#include "query/query.h"
#include "query/quote.h"
#include "search/glob.h"
#include "search/spell.h"
#include "text/analyzer.h"
#include "text/fold.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { SHORTEST = 4, LONG = 6, FREQUENT = 1000 };

/* Where a word stands in the query. */
typedef struct place {
    uint32_t start, end;
    const ns__misspelt *word;
    bool value;
} place;

typedef struct speller {
    const ns_index *index;
    const ns__query *query;
    ns__analyzer *analyzer;
    ns__folder folder;
    ns__lang langs[NS_MAX_LANGUAGES + 1];
    uint32_t lang_count;
    ns__tokens tokens;
    ns__misspelt words[NS_SPELL_WORDS];
    size_t word_count;
    ns__misspelt values[NS_SPELL_WORDS];
    size_t value_count;
    place *places;
    size_t place_count, place_capacity;
    ns__arena arena;
    ns_error *err;
} speller;

struct ns_spelling {
    ns__buf text; /* terminated */
    ns_spelling_word *words;
    size_t count;
};

/* ---- Words of the query ---- */

static void find_languages(speller *spell)
{
    uint8_t used[32] = {0};
    for (uint32_t s = 0; s < spell->index->manifest.segment_count; s++)
        for (size_t i = 0; i < sizeof used; i++)
            used[i] |= spell->index->segments[s].articles.langs_used[i];
    for (uint32_t lang = 0; lang < 256 && lang < ns__lang_count(); lang++)
        if ((used[lang / 8] >> (lang % 8) & 1) && spell->lang_count < NS_MAX_LANGUAGES)
            spell->langs[spell->lang_count++] = lang;
    if (spell->lang_count == 0)
        spell->langs[spell->lang_count++] = 0;
}

static ns_status add_df(speller *spell, ns__str term, uint64_t *df)
{
    uint64_t all = 0;
    for (uint32_t s = 0; s < spell->index->manifest.segment_count; s++) {
        const ns__segment *segment = &spell->index->segments[s];
        ns__term found;
        uint32_t here;
        ns_status status = ns__terms_find(&segment->terms, term, &found, spell->err);
        NS_TRY(status);
        if (status != NS_OK)
            continue;
        if (!ns__plist_df(found.value, &here))
            return ns__frame_corrupt(segment->terms.frame, found.value.data, spell->err,
                                     "a term's posting list is malformed");
        all += here;
    }
    *df = all > *df ? all : *df;
    return NS_OK;
}

/* In how many passages the word is, in the language in which it is in most. */
static ns_status find_df(speller *spell, ns__str raw, uint64_t *df)
{
    *df = 0;
    for (uint32_t l = 0; l < spell->lang_count; l++) {
        ns__tokens tokens = {0};
        ns_status status =
            ns__analyzer_run(spell->analyzer, spell->langs[l], raw, &tokens, spell->err);
        for (size_t i = 0; i < tokens.count && status == NS_OK; i++)
            status = add_df(spell, ns__analyzer_term(spell->analyzer, tokens.items[i].term), df);
        ns__tokens_release(&tokens);
        NS_TRY(status);
    }
    return NS_OK;
}

/* Letters only, and enough of them. */
static bool is_spelt(ns__str word)
{
    size_t points = 0;
    unsigned length;
    for (size_t at = 0; at < word.length; at += length, points++) {
        uint32_t c = ns__utf8_decode(word.data + at, &length);
        if ((c >= '0' && c <= '9') || ns__word_class(ns__unicode(c)) == NS_WB_NUMERIC)
            return false;
    }
    return points >= SHORTEST && word.length <= NS_MAX_SURFACE_BYTES;
}

static ns_status add_word(speller *spell, ns__str folded, ns__str raw, uint32_t *out)
{
    uint64_t df;
    for (*out = 0; *out < spell->word_count; *out += 1)
        if (ns__str_equal(spell->words[*out].word, folded))
            return NS_OK;
    *out = UINT32_MAX;
    NS_TRY(find_df(spell, raw, &df));
    if (df > spell->index->passages / FREQUENT || spell->word_count == NS_SPELL_WORDS)
        return NS_OK;
    const uint8_t *copy = ns__arena_copy(&spell->arena, folded.data, folded.length);
    if (copy == NULL)
        return ns__no_memory(spell->err);
    *out = (uint32_t)spell->word_count;
    spell->words[spell->word_count++] = (ns__misspelt){
        .word = {copy, folded.length},
        .edits =
            df > 0 || ns__utf8_count(folded) < LONG ? 1 : 2, /* what is there is rarely wrong */
        .df = df};
    return NS_OK;
}

static ns_status add_place(speller *spell, uint32_t start, uint32_t end, const ns__misspelt *word,
                           bool value)
{
    if (NS_RESERVE(spell->places, spell->place_capacity, spell->place_count + 1) != NS_OK)
        return ns__no_memory(spell->err);
    spell->places[spell->place_count++] = (place){start, end, word, value};
    return NS_OK;
}

/* One token of a word or phrase, at bytes [start, end) of the query. */
static ns_status add_token(speller *spell, const ns__token *token, uint32_t start, uint32_t end)
{
    ns__str raw = {spell->query->text.data + start, end - start};
    if (token->flags & NS_TOKEN_GRAM)
        return NS_OK;
    ns__str surface = ns__analyzer_form(spell->analyzer, token->form).surface;
    NS_TRY(ns__fold_text(&spell->folder, surface, spell->err));
    ns__str folded = {spell->folder.term.data, spell->folder.term.length};
    uint32_t word;
    if (!is_spelt(folded))
        return NS_OK;
    NS_TRY(add_word(spell, folded, raw, &word));
    return word == UINT32_MAX ? NS_OK : add_place(spell, start, end, &spell->words[word], false);
}

/* A source, section or author, unless it is a pattern. */
static ns_status add_value(speller *spell, const ns__node *node)
{
    static const ns__column columns[] = {[NS__FIELD_SOURCE] = NS__COLUMN_SOURCE,
                                         [NS__FIELD_SECTION] = NS__COLUMN_SECTION,
                                         [NS__FIELD_AUTHOR] = NS__COLUMN_AUTHOR};
    const ns__str text = ns__node_text(spell->query, node);
    const bool named = node->field == NS__FIELD_SOURCE || node->field == NS__FIELD_SECTION ||
                       node->field == NS__FIELD_AUTHOR;
    if (!named || ns__glob_is_pattern(text) || memchr(text.data, '\\', text.length) != NULL ||
        spell->value_count == NS_SPELL_WORDS)
        return NS_OK;
    ns__misspelt *value = &spell->values[spell->value_count++];
    NS_TRY(ns__spell_value(spell->index, columns[node->field], text, value, &spell->arena,
                           spell->err));
    return value->form.data == NULL ? NS_OK : add_place(spell, node->start, node->end, value, true);
}

/* Words of what stands in the query as it is looked for: without backslashes, not exact. */
static ns_status add_leaf(speller *spell, const ns__node *node)
{
    if (node->end > spell->query->written)
        return NS_OK;
    if (node->kind == NS__NODE_VALUE)
        return add_value(spell, node);
    if ((node->kind != NS__NODE_WORD && node->kind != NS__NODE_PHRASE) || node->exact)
        return NS_OK;
    spell->tokens.count = 0;
    NS_TRY(ns__analyzer_run(spell->analyzer, spell->langs[0], ns__node_text(spell->query, node),
                            &spell->tokens, spell->err));
    for (size_t i = 0; i < spell->tokens.count; i++) {
        const ns__token *token = &spell->tokens.items[i];
        NS_TRY(add_token(spell, token, node->start + token->start, node->start + token->end));
    }
    return NS_OK;
}

/* What is below a node, unless it is excluded; no deeper than NS_MAX_QUERY_DEPTH. */
static ns_status add_node(speller *spell, uint32_t at)
{
    const ns__node *nodes = spell->query->nodes;
    if (nodes[at].occur == NS__NOT)
        return NS_OK;
    NS_TRY(add_leaf(spell, &nodes[at]));
    for (uint32_t n = nodes[at].child; n != NS__NO_NODE; n = nodes[n].next)
        NS_TRY(add_node(spell, n));
    return NS_OK;
}

/* ---- The query put right ---- */

static bool is_capital(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_operator(ns__str word)
{
    return ns__str_equal(word, NS_STR("and")) || ns__str_equal(word, NS_STR("or")) ||
           ns__str_equal(word, NS_STR("not")) || ns__str_equal(word, NS_STR("near")) ||
           ns__str_equal(word, NS_STR("onear"));
}

/* Appends the form with the capitals of what was written. */
static void append_form(ns__buf *text, ns__str form, ns__str was)
{
    bool first = is_capital(was.data[0]), all = first && !is_operator(form);
    for (size_t i = 0; i < was.length; i++)
        all &= !(was.data[i] >= 'a' && was.data[i] <= 'z');
    for (size_t i = 0; i < form.length; i++) {
        uint8_t c = form.data[i];
        bool raise = (all || (first && i == 0)) && c >= 'a' && c <= 'z';
        ns__buf_u8(text, raise ? (uint8_t)(c & 0xdf) : c);
    }
}

/* Whether text[at] is a quote, or beyond the end, which closes one. */
static bool is_quote_at(const speller *spell, uint32_t at)
{
    unsigned length;
    return at >= spell->query->written ||
           ns__is_query_quote(ns__peek(spell->query->text.data, at, &length));
}

static bool is_quoted(const speller *spell, const place *at)
{
    const uint8_t *text = spell->query->text.data;
    uint32_t before = at->start;
    while (before > 0 && (text[--before] & 0xc0) == 0x80) {
    }
    return at->start > 0 && is_quote_at(spell, before) && is_quote_at(spell, at->end);
}

/* As an article has it, else with the capitals of what was written. */
static ns_status append_value(const speller *spell, ns__buf *text, const place *at)
{
    const ns__misspelt *value = at->word;
    ns__buf form = {0};
    if (value->shown.data != NULL)
        ns__buf_append(&form, value->shown.data, value->shown.length);
    else
        append_form(&form, value->form,
                    (ns__str){spell->query->text.data + at->start, (size_t)(at->end - at->start)});
    ns_status status = form.failed ? ns__no_memory(spell->err) : NS_OK;
    if (status == NS_OK)
        ns__put_value(text, (ns__str){form.data, form.length}, is_quoted(spell, at));
    ns__buf_release(&form);
    return status;
}

static int by_place(const void *x, const void *y)
{
    const place *a = x, *b = y;
    return a->start < b->start ? -1 : a->start > b->start;
}

static ns_status put_right(speller *spell, ns_spelling *out)
{
    const ns__buf *text = &spell->query->text;
    uint32_t done = 0;
    out->words = ns__alloc(spell->place_count + 1, sizeof *out->words);
    if (out->words == NULL)
        return ns__no_memory(spell->err);
    if (spell->place_count > 1)
        qsort(spell->places, spell->place_count, sizeof *spell->places, by_place);
    for (size_t i = 0; i < spell->place_count; i++) {
        const place *at = &spell->places[i];
        const ns__misspelt *word = at->word;
        if (word->form.data == NULL || at->start < done)
            continue;
        ns__buf_append(&out->text, text->data + done, at->start - done);
        size_t start = out->text.length;
        if (at->value)
            NS_TRY(append_value(spell, &out->text, at));
        else
            append_form(&out->text, word->form,
                        (ns__str){text->data + at->start, at->end - at->start});
        out->words[out->count++] = (ns_spelling_word){.start = start,
                                                      .end = out->text.length,
                                                      .was_start = at->start,
                                                      .was_end = at->end,
                                                      .passages = word->form_df,
                                                      .was_passages = word->df};
        done = at->end;
    }
    ns__buf_append(&out->text, text->data + done, spell->query->written - done);
    ns__buf_u8(&out->text, 0);
    return out->text.failed ? ns__no_memory(spell->err) : NS_OK;
}

static ns_status spell_all(speller *spell, ns_spelling *out)
{
    ns_analysis_settings settings = spell->index->manifest.settings.analysis;
    settings.language[0] = '\0'; /* nothing is to be guessed here */
    NS_TRY(ns__analyzer_open(&settings, &spell->analyzer, spell->err));
    spell->folder.keep_diacritics = settings.keep_diacritics;
    spell->folder.whitespace = settings.whitespace;
    find_languages(spell);
    NS_TRY(add_node(spell, 0));
    if (spell->place_count == 0)
        return NS_NOT_FOUND;
    if (spell->word_count > 0)
        NS_TRY(ns__spell_forms(spell->index, spell->words, spell->word_count, &spell->arena,
                               spell->err));
    NS_TRY(put_right(spell, out));
    const bool fits = out->text.length - 1 <= NS_MAX_QUERY_BYTES; /* else nobody could ask it */
    return out->count > 0 && fits ? NS_OK : NS_NOT_FOUND;
}

ns_status ns_spell_query(const ns_index *index, const char *text, size_t length,
                         const ns_query_options *options, ns_spelling **out, ns_error *err)
{
    ns_query *query;
    ns_query_options lenient;
    *out = NULL;
    ns_query_options_init(&lenient);
    if (options != NULL)
        lenient = *options;
    lenient.strict = false;
    NS_TRY(ns_query_parse(text, length, &lenient, &query, err));
    speller spell = {.index = index, .query = query, .err = err};
    ns_spelling *spelling = ns__zalloc(1, sizeof *spelling);
    ns_status status = spelling == NULL ? ns__no_memory(err) : spell_all(&spell, spelling);
    if (status == NS_OK)
        *out = spelling;
    else
        ns_spelling_free(spelling);
    ns__tokens_release(&spell.tokens);
    ns__folder_release(&spell.folder);
    ns__free(spell.places);
    ns__arena_release(&spell.arena);
    ns__analyzer_close(spell.analyzer);
    ns_query_free(query);
    return status;
}

const char *ns_spelling_text(const ns_spelling *spelling, size_t *length)
{
    if (length != NULL)
        *length = spelling->text.length - 1;
    return (const char *)spelling->text.data;
}

size_t ns_spelling_count(const ns_spelling *spelling)
{
    return spelling->count;
}

ns_spelling_word ns_spelling_get(const ns_spelling *spelling, size_t i)
{
    return spelling->words[i];
}

void ns_spelling_free(ns_spelling *spelling)
{
    if (spelling == NULL)
        return;
    ns__buf_release(&spelling->text);
    ns__free(spelling->words);
    ns__free(spelling);
}
