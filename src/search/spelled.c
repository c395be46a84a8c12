/* Words as they are written, without text: see spelled.h. */
#include "search/spelled.h"

#include "base/count.h"
#include "base/mem.h"
#include "search/literal.h"
#include "text/spelling.h"

enum { ANSWERS = 512, TERMS = 8 }; /* powers of two */

typedef struct answer {
    const ns__literal *literal;
    uint32_t chunk, number, ordinal, lang;
    uint32_t stamp; /* 2 * that of the memo, + 1 when the word is the literal */
} answer;

typedef struct term {
    uint8_t text[256];
    size_t length;
    uint32_t ordinal, stamp;
} term;

struct ns__spelled_memo {
    uint32_t stamp; /* of what holds; 1 at first */
    answer answers[ANSWERS];
    term terms[TERMS];
};

bool ns__spelled_can(const ns__exec *run)
{
    return ns__spellings_are_kept(&run->segment->spellings) &&
           (!run->options->from_text || run->segment->no_text);
}

void ns__spelled_forget(ns__spelled_text *scratch)
{
    scratch->chunk_known = scratch->piece_known = false;
    if (scratch->memo && ++scratch->memo->stamp == INT32_MAX) {
        ns__free(scratch->memo);
        scratch->memo = NULL;
    }
}

void ns__spelled_release(ns__spelled_text *scratch)
{
    ns__free(scratch->memo);
    ns__buf_release(&scratch->surface);
    ns__buf_release(&scratch->raw);
    ns__folder_release(&scratch->folder);
    ns__free(scratch->places.items);
    *scratch = (ns__spelled_text){0};
}

static bool fail(ns__exec *run, ns_status status)
{
    if (status < 0 && run->reader->status == NS_OK)
        run->reader->status = status;
    return false;
}

/* ---- One word ---- */

static ns_status read_term(ns__exec *run, uint32_t ordinal, ns__str *out)
{
    ns__spelled_memo *memo = run->spelled.memo;
    term *known = &memo->terms[ordinal % TERMS];
    if (known->stamp != memo->stamp || known->ordinal != ordinal) {
        known->stamp = 0;
        NS_TRY(ns__terms_at(&run->segment->terms, ordinal, known->text, &known->length,
                            run->reader->err));
        known->ordinal = ordinal;
        known->stamp = memo->stamp;
    }
    *out = (ns__str){known->text, known->length};
    return NS_OK;
}

/* Whether a spelling of a term makes the literal, in a text of that language. */
static ns_status compare(ns__exec *run, const ns__literal *literal, uint32_t number,
                         uint32_t ordinal, ns__lang lang, bool *same)
{
    ns__spelled_text *scratch = &run->spelled;
    ns__str spelling, word;
    NS_TRY(ns__spelling_text(&scratch->chunk, number, &spelling, run->reader->err));
    NS_TRY(read_term(run, ordinal, &word));
    if (!ns__spelling_apply(spelling, word, &scratch->surface, &scratch->raw)) {
        if (scratch->surface.failed || scratch->raw.failed)
            return ns__no_memory(run->reader->err);
        return ns__frame_corrupt(scratch->chunk.frame, spelling.data, run->reader->err,
                                 "a spelling does not fit its term");
    }
    const ns__str raw = {scratch->raw.data, scratch->raw.length};
    const ns__str surface = {scratch->surface.data, scratch->surface.length};
    scratch->folder.whitespace = run->analysis->whitespace;
    ns_status status =
        ns__literal_is(literal, lang, raw, surface, &scratch->folder, run->reader->err);
    *same = status == NS_OK;
    return status;
}

/* The same, remembered. */
static bool is_literal(ns__exec *run, const ns__literal *literal, uint32_t number, uint32_t ordinal,
                       uint32_t article)
{
    ns__spelled_text *scratch = &run->spelled;
    uint8_t lang = 0; /* asked for where it makes a difference */
    bool same = false;
    if (literal->count > 1) {
        ns_status found =
            ns__article_language(&run->segment->articles, article, &lang, run->reader->err);
        if (found < 0)
            return fail(run, found);
    }
    if (scratch->memo == NULL) {
        scratch->memo = ns__zalloc(1, sizeof *scratch->memo);
        if (scratch->memo == NULL)
            return fail(run, ns__no_memory(run->reader->err));
        scratch->memo->stamp = 1;
    }
    const uint32_t chunk = scratch->chunk.index, stamp = scratch->memo->stamp;
    const size_t at = (number + 31 * ordinal + 7 * chunk + ((uintptr_t)literal >> 4)) % ANSWERS;
    answer *known = &scratch->memo->answers[at];
    if (known->stamp / 2 == stamp && known->literal == literal && known->chunk == chunk &&
        known->number == number && known->ordinal == ordinal && known->lang == lang) {
        NS_COUNT(LITERAL_REMEMBERED);
        return known->stamp & 1;
    }
    ns_status status = compare(run, literal, number, ordinal, lang, &same);
    if (status < 0)
        return fail(run, status);
    *known = (answer){literal, chunk, number, ordinal, lang, 2 * stamp + same};
    return same;
}

/* ---- Words of a text ---- */

/* The term of a group that stands at a place of a passage; UINT32_MAX when the run failed. */
static uint32_t term_at(ns__exec *run, uint32_t group, uint32_t passage, uint32_t place)
{
    ns__lists *lists = &run->lists[group];
    ns__positions *places = &run->spelled.places;
    for (uint32_t c = 0; c < lists->term_count; c++) {
        ns__cursor *cursor = &lists->terms[c];
        if (lists->term_count == 1)
            return cursor->ordinal;
        places->count = 0;
        if (ns__cursor_seek(cursor, passage) != passage)
            continue;
        if (!ns__cursor_positions(cursor, &places->items, &places->count, &places->capacity))
            return UINT32_MAX;
        const uint32_t count = (uint32_t)places->count;
        const uint32_t at = ns__lower_bound(places->items, 0, count, place);
        if (at < count && places->items[at] == place) {
            if (c > 0)
                NS_COUNT(LITERAL_SECOND_TERM);
            return cursor->ordinal;
        }
    }
    if (!ns__exec_failed(run))
        ns__exec_corrupt(run);
    return UINT32_MAX;
}

/* Moves to a word of a piece. */
static ns_status seek(ns__exec *run, uint32_t piece, uint32_t word)
{
    ns__spelled_text *scratch = &run->spelled;
    const ns__spelling_chunk *chunk = &scratch->chunk;
    if (!scratch->chunk_known || piece < chunk->first || piece - chunk->first >= chunk->units) {
        scratch->chunk_known = scratch->piece_known = false;
        NS_TRY(ns__spelling_chunk_open(&run->segment->spellings, piece, &scratch->chunk,
                                       run->reader->err));
        scratch->chunk_known = true;
    }
    if (!scratch->piece_known || scratch->piece != piece || scratch->cursor.next > word) {
        ns__spelling_cursor_start(chunk, piece, &scratch->cursor);
        scratch->piece = piece;
        scratch->piece_known = true;
    }
    return ns__spelling_skip(chunk, &scratch->cursor, word, run->reader->err);
}

bool ns__spelled_stand(ns__exec *run, const ns__literal *literals, const uint32_t *slots,
                       uint32_t count, uint32_t passage, const uint32_t *headline, uint32_t i)
{
    ns__spelled_text *scratch = &run->spelled;
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return false;
    const bool title = headline != NULL;
    ns_status status = seek(run, ns__spelling_unit(article, title ? first : passage, title), i);
    for (uint32_t s = 0; s < count && status == NS_OK; s++) {
        uint32_t number;
        status = ns__spelling_next(&scratch->chunk, &scratch->cursor, &number, run->reader->err);
        if (status < 0)
            break;
        const uint32_t ordinal = title ? headline[i + s] : term_at(run, slots[s], passage, i + s);
        if (ns__exec_failed(run) || !is_literal(run, &literals[s], number, ordinal, article))
            return false;
    }
    return status == NS_OK || fail(run, status);
}
