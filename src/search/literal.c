/* Comparing words with stored text: see literal.h. */
#include "search/literal.h"

#include "base/count.h"
#include "search/spelled.h"
#include "text/spelling.h"
#include "text/unicode.h"
#include "text/utf8.h"

static bool has_capital(ns__str text)
{
    for (size_t at = 0; at < text.length;) {
        unsigned length;
        uint32_t code = ns__utf8_decode(text.data + at, &length);
        if (ns__sentence_class(ns__unicode(code)) == NS_SB_UPPER)
            return true;
        at += length;
    }
    return false;
}

ns_status ns__literal_make(ns__str text, const ns__token *token, const ns__analyzer *analyzer,
                           ns__arena *arena, ns__literal *out, ns_error *err)
{
    ns__str raw = {text.data + token->start, token->end - token->start};
    out->cased = has_capital(raw);
    ns__str kept = out->cased ? raw : ns__analyzer_form(analyzer, token->form).surface;
    const uint8_t *copy = ns__arena_copy(arena, kept.data, kept.length);
    if (copy == NULL)
        return ns__no_memory(err);
    out->text = (ns__str){copy, kept.length};
    return NS_OK;
}

static bool is_written(ns__str here, ns__str wanted)
{
    if (here.length < wanted.length || memcmp(here.data, wanted.data, wanted.length) != 0)
        return false;
    here.data += wanted.length;
    here.length -= wanted.length;
    return here.length == 0 || ns__possessive_ending(here).length == here.length;
}

bool ns__literal_is(const ns__literal *literal, ns__str raw, ns__str surface)
{
    return literal->cased ? is_written(raw, literal->text) : ns__str_equal(surface, literal->text);
}

bool ns__literals_at(const ns__literal *literals, uint32_t count, const ns__analyzer *analyzer,
                     ns__str text, const ns__tokens *tokens, size_t i)
{
    if (i + count > tokens->count)
        return false;
    for (uint32_t s = 0; s < count; s++) {
        const ns__token *token = &tokens->items[i + s];
        ns__str here = {text.data + token->start, token->end - token->start};
        ns__str surface = ns__analyzer_form(analyzer, token->form).surface;
        if (!ns__literal_is(&literals[s], here, surface))
            return false;
    }
    return true;
}

/* Stored text [at, at + length), until the next call. A block is decoded from its beginning, so
 * what was decoded is kept; the second time that a block is not known far enough, all of it. */
static ns_status read_text(ns__exec *run, uint64_t at, uint64_t length, ns__str *out)
{
    ns__literal_text *scratch = &run->literal;
    const ns__store *store = &run->segment->store;
    if (at > store->length || length > store->length - at)
        return ns__frame_corrupt(store->frame, store->offsets.data, run->reader->err,
                                 "a record lies outside of the stored text");
    uint64_t base = at - at % store->block_bytes, end = at + length;
    bool same = scratch->window_of == store->frame && base >= scratch->window_start;
    if (!same || end > scratch->window_start + scratch->window.length) {
        uint64_t stop = end;
        if (same && base == scratch->window_start) {
            stop = end + (store->block_bytes - end % store->block_bytes) % store->block_bytes;
            stop = stop < store->length ? stop : store->length;
        }
        scratch->window_of = NULL;
        ns__buf_clear(&scratch->window);
        NS_TRY(ns__store_read(store, base, stop - base, &scratch->window, run->reader->err));
        scratch->window_of = store->frame;
        scratch->window_start = base;
    }
    *out = (ns__str){scratch->window.data + (at - scratch->window_start), length};
    return NS_OK;
}

static ns_status read_words(ns__exec *run, const ns__article_facts *facts, uint32_t passage,
                            bool title)
{
    ns__literal_text *scratch = &run->literal;
    uint64_t at = facts->text_offset, length = facts->title_bytes;
    if (!title) {
        const ns__passage_entry *entry = &facts->passages[passage - run->article_first];
        at += facts->title_bytes + (uint64_t)entry->start;
        length = entry->end - entry->start;
    }
    scratch->tokens.count = 0;
    if (scratch->analyzer == NULL) {
        ns_analysis_settings settings = *run->analysis;
        settings.language[0] = '\0'; /* nothing is to be guessed */
        NS_TRY(ns__analyzer_open(&settings, &scratch->analyzer, run->reader->err));
    }
    NS_TRY(read_text(run, at, length, &scratch->text));
    ns__str text = scratch->text;
    if (ns__utf8_valid_prefix(text) != text.length)
        return ns__frame_corrupt(run->segment->store.frame, run->segment->store.data.data,
                                 run->reader->err, "stored text is not valid UTF-8");
    return ns__analyzer_run(scratch->analyzer, facts->lang, text, &scratch->tokens,
                            run->reader->err);
}

/* Several leaves may ask about one text. */
static bool open_text(ns__exec *run, uint32_t passage, bool title)
{
    enum { FORGET_BYTES = 16 << 20 };
    ns__literal_text *scratch = &run->literal;
    if (scratch->known && scratch->passage == passage && scratch->title == title)
        return true;
    const ns__article_facts *facts = ns__exec_facts(run, passage);
    if (facts == NULL)
        return false;
    if (scratch->analyzer && ns__analyzer_memory(scratch->analyzer) > FORGET_BYTES)
        ns__analyzer_clear(scratch->analyzer);
    scratch->known = false;
    ns_status status = read_words(run, facts, passage, title);
    if (status < 0) {
        if (run->reader->status == NS_OK)
            run->reader->status = status;
        return false;
    }
    scratch->known = true;
    scratch->passage = passage;
    scratch->title = title;
    return true;
}

bool ns__literals_stand(ns__exec *run, const ns__literal *literals, const uint32_t *slots,
                        uint32_t count, uint32_t passage, const uint32_t *headline, uint32_t i)
{
    const ns__literal_text *scratch = &run->literal;
    if (ns__spelled_can(run)) {
        NS_COUNT(LITERAL_SPELLED);
        return ns__spelled_stand(run, literals, slots, count, passage, headline, i);
    }
    NS_COUNT(LITERAL_TEXT);
    return open_text(run, passage, headline != NULL) &&
           ns__literals_at(literals, count, scratch->analyzer, scratch->text, &scratch->tokens, i);
}

void ns__literal_text_release(ns__literal_text *scratch)
{
    ns__analyzer_close(scratch->analyzer);
    ns__tokens_release(&scratch->tokens);
    ns__buf_release(&scratch->window);
    *scratch = (ns__literal_text){0};
}
