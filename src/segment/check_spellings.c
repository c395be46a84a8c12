/* Checking how words are written: every word has a spelling and none is left over, and what it
 * makes of the term that stands there is a form that the dictionary has for that term. */
#include "segment/check_parts.h"

#include "base/limits.h"
#include "text/spelling.h"

enum { FITS = 4096 /* a power of two */ };

typedef struct fit {
    uint32_t chunk, number, ordinal;
    bool known;
} fit;

struct ns__check_spellings {
    ns__spelling_chunk chunk;
    ns__spelling_cursor cursor;
    uint32_t unit;
    bool chunk_known, unit_known, faulty; /* faulty: one fault is told, not one for each word */
    uint8_t term[256];
    size_t term_length;
    uint32_t term_ordinal;
    bool term_known, term_is_form;
    ns__buf surface, raw;
    fit fits[FITS]; /* spellings that were found to fit a term */
};

static ns_status open_chunk(ns__check *check, uint32_t unit, ns_error *error)
{
    ns__check_spellings *all = check->spellings;
    if (all->chunk_known && unit >= all->chunk.first && unit - all->chunk.first < all->chunk.units)
        return NS_OK;
    all->chunk_known = all->unit_known = false;
    NS_TRY(ns__spelling_chunk_open(&check->segment->spellings, unit, &all->chunk, error));
    all->chunk_known = true;
    return NS_OK;
}

/* ---- Words by units ---- */

/* A unit has as many spellings as words, and ends where the next begins. */
static ns_status walk_unit(ns__check *check, uint32_t unit, uint64_t words, ns_error *error)
{
    ns__check_spellings *all = check->spellings;
    ns__spelling_cursor cursor, next;
    uint32_t number;
    NS_TRY(open_chunk(check, unit, error));
    ns__spelling_cursor_start(&all->chunk, unit, &cursor);
    for (uint64_t i = 0; i < words; i++)
        NS_TRY(ns__spelling_next(&all->chunk, &cursor, &number, error));
    const bool last = unit - all->chunk.first == all->chunk.units - 1;
    if (!last)
        ns__spelling_cursor_start(&all->chunk, unit + 1, &next);
    if (cursor.bit == (last ? all->chunk.bits : next.bit))
        return NS_OK;
    return ns__frame_corrupt(all->chunk.frame, all->chunk.codes, error,
                             "a headline or passage has another number of spellings than of words");
}

static ns_status walk_article(ns__check *check, uint32_t article, ns_error *error)
{
    const ns__articles *articles = &check->segment->articles;
    const uint32_t first = ns__article_first(articles, article);
    const uint32_t end = ns__article_first(articles, article + 1);
    const uint32_t title = ns__spelling_unit(article, first, true);
    NS_TRY(walk_unit(check, title,
                     check->headline_starts[article + 1] - check->headline_starts[article], error));
    for (uint32_t p = first; p < end; p++)
        NS_TRY(walk_unit(check, ns__spelling_unit(article, p, false),
                         check->token_starts[p + 1] - check->token_starts[p], error));
    return NS_OK;
}

/* Every spelling can be read, also such as no word has. */
static ns_status walk_texts(ns__check *check, ns_error *error)
{
    ns__check_spellings *all = check->spellings;
    for (uint32_t unit = 0; unit < check->segment->spellings.units;
         unit = all->chunk.first + all->chunk.units) {
        ns__str text;
        NS_TRY(open_chunk(check, unit, error));
        for (uint32_t n = 0; n < all->chunk.count; n++)
            NS_TRY(ns__spelling_text(&all->chunk, n, &text, error));
    }
    return NS_OK;
}

/* ---- Words by terms ---- */

/* Whether the dictionary has a surface as a form of a term. */
static ns_status is_form(ns__check *check, uint32_t ordinal, bool *yes, ns_error *error)
{
    const ns__check_spellings *all = check->spellings;
    const ns__str surface = {all->surface.data, all->surface.length};
    ns__surface_cursor cursor;
    *yes = surface.length > NS_MAX_SURFACE_BYTES; /* those are not kept */
    if (*yes)
        return NS_OK;
    if (ns__str_equal(surface, (ns__str){all->term, all->term_length})) {
        *yes = all->term_is_form;
        return NS_OK;
    }
    NS_TRY(ns__surface_cursor_seek(&check->segment->terms, surface, &cursor, error));
    ns_status status = ns__surface_cursor_next(&cursor, error);
    if (status != NS_OK)
        return status == NS_DONE ? NS_OK : status;
    if (ns__str_equal(surface, (ns__str){cursor.text, cursor.length}))
        for (uint32_t i = 0; i < cursor.ordinal_count; i++)
            *yes |= cursor.ordinals[i] == ordinal;
    return NS_OK;
}

static ns_status read_term(ns__check *check, uint32_t ordinal, ns_error *error)
{
    ns__check_spellings *all = check->spellings;
    ns__term found;
    if (all->term_known && all->term_ordinal == ordinal)
        return NS_OK;
    all->term_known = false;
    NS_TRY(ns__terms_at(&check->segment->terms, ordinal, all->term, &all->term_length, error));
    const ns__str text = {all->term, all->term_length};
    NS_TRY(ns__terms_find(&check->segment->terms, text, &found, error));
    all->term_is_form = found.is_form;
    all->term_ordinal = ordinal;
    all->term_known = true;
    return NS_OK;
}

static ns_status check_fit(ns__check *check, uint32_t number, uint32_t ordinal, ns_error *error)
{
    ns__check_spellings *all = check->spellings;
    const size_t at = (number * 31 + ordinal + all->chunk.index * 7) % FITS;
    fit *known = &all->fits[at];
    ns__str spelling;
    bool good = false;
    if (known->known && known->chunk == all->chunk.index && known->number == number &&
        known->ordinal == ordinal)
        return NS_OK;
    NS_TRY(ns__spelling_text(&all->chunk, number, &spelling, error));
    NS_TRY(read_term(check, ordinal, error));
    if (ns__spelling_apply(spelling, (ns__str){all->term, all->term_length}, &all->surface,
                           &all->raw))
        NS_TRY(is_form(check, ordinal, &good, error));
    if (all->surface.failed || all->raw.failed)
        return ns__no_memory(error);
    if (!good)
        return ns__frame_corrupt(all->chunk.frame, spelling.data, error,
                                 "a word is spelled as no form of its term");
    *known = (fit){all->chunk.index, number, ordinal, true};
    return NS_OK;
}

static ns_status check_word(ns__check *check, uint32_t unit, uint32_t word, uint32_t ordinal,
                            ns_error *error)
{
    ns__check_spellings *all = check->spellings;
    uint32_t number;
    NS_TRY(open_chunk(check, unit, error));
    if (!all->unit_known || all->unit != unit || all->cursor.next > word)
        ns__spelling_cursor_start(&all->chunk, unit, &all->cursor);
    all->unit = unit;
    all->unit_known = true;
    NS_TRY(ns__spelling_skip(&all->chunk, &all->cursor, word, error));
    NS_TRY(ns__spelling_next(&all->chunk, &all->cursor, &number, error));
    return check_fit(check, number, ordinal, error);
}

void ns__check_spelling(ns__check *check, uint32_t article, uint32_t passage, uint32_t word,
                        uint32_t ordinal, const char *name)
{
    ns__check_spellings *all = check->spellings;
    ns_error error = {.offset = NS_NO_OFFSET};
    if (all == NULL || all->faulty)
        return;
    const uint32_t unit = ns__spelling_unit(article, passage, false);
    ns_status status = check_word(check, unit, word, ordinal, &error);
    if (status < 0) {
        all->faulty = true;
        ns__check_error(check, status, &error, name);
    }
}

/* Words of headlines, whose terms stand in the article table. */
static ns_status walk_headlines(ns__check *check, ns_error *error)
{
    const ns__articles *articles = &check->segment->articles;
    ns_status status = NS_OK;
    for (uint32_t a = 0; a < articles->count && status == NS_OK; a++) {
        const uint32_t *words;
        uint32_t count = 0;
        const uint32_t title = ns__spelling_unit(a, ns__article_first(articles, a), true);
        status = ns__article_headline(articles, a, &check->arena, &words, &count, error);
        for (uint32_t w = 0; w < count && status == NS_OK; w++)
            status = check_word(check, title, w, words[w], error);
        ns__arena_release(&check->arena);
    }
    return status;
}

void ns__check_spellings_open(ns__check *check)
{
    ns_error error = {.offset = NS_NO_OFFSET};
    if (!ns__spellings_are_kept(&check->segment->spellings) || check->incomplete)
        return;
    check->spellings = ns__check_alloc(check, 1, sizeof *check->spellings);
    if (check->spellings == NULL)
        return;
    ns_status status = walk_texts(check, &error);
    for (uint32_t a = 0; a < check->segment->articles.count && status == NS_OK; a++)
        status = walk_article(check, a, &error);
    if (status == NS_OK)
        status = walk_headlines(check, &error);
    if (status < 0) {
        check->spellings->faulty = true;
        ns__check_error(check, status, &error, "how words are written");
    }
}

void ns__check_spellings_close(ns__check *check)
{
    if (check->spellings == NULL)
        return;
    ns__buf_release(&check->spellings->surface);
    ns__buf_release(&check->spellings->raw);
    ns__free(check->spellings);
}
