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

/* Decodes [from, to) of the store, behind what the window has. */
static ns_status extend_window(ns__exec *run, uint64_t from, uint64_t to)
{
    ns__literal_text *scratch = &run->literal;
    const ns__store *store = &run->segment->store;
    scratch->window_of = NULL;
    NS_TRY(ns__store_read(store, from, to - from, &scratch->window, run->reader->err));
    scratch->window_of = store->frame;
    return NS_OK;
}

/* Forgets what stands before `base`, when that is much: headlines before it may be asked for. */
static void shorten_window(ns__literal_text *scratch, uint64_t base)
{
    enum { MUCH = 64 << 10 };
    if (scratch->window.length <= MUCH)
        return;
    size_t gone = (size_t)(base - scratch->window_start);
    memmove(scratch->window.data, scratch->window.data + gone, scratch->window.length - gone);
    scratch->window.length -= gone;
    scratch->window_start = base;
}

/* Stored text [at, at + length), until the next call. A block is decoded from its beginning: first
 * as far as is needed, and where more of it or what is behind it is asked for then, all of it, and
 * all of those behind it. So each is decoded once while passages are gone through. */
static ns_status read_text(ns__exec *run, uint64_t at, uint64_t length, ns__str *out)
{
    ns__literal_text *scratch = &run->literal;
    const ns__store *store = &run->segment->store;
    if (at > store->length || length > store->length - at)
        return ns__frame_corrupt(store->frame, store->offsets.data, run->reader->err,
                                 "a record lies outside of the stored text");
    const uint64_t bytes = store->block_bytes, base = at - at % bytes, end = at + length;
    const uint64_t known = scratch->window_start + scratch->window.length;
    const bool behind = scratch->window_of == store->frame && base >= scratch->window_start &&
                        base <= known && scratch->window.length > 0;
    if (behind && end > known) {
        const uint64_t stop = end + (bytes - end % bytes) % bytes, whole = known - known % bytes;
        shorten_window(scratch, base);
        scratch->window.length = (size_t)(whole - scratch->window_start);
        NS_TRY(extend_window(run, whole, stop < store->length ? stop : store->length));
    } else if (!behind) {
        ns__buf_clear(&scratch->window);
        scratch->window_start = base;
        NS_TRY(extend_window(run, base, end));
    }
    *out = (ns__str){scratch->window.data + (at - scratch->window_start), length};
    return NS_OK;
}

/* The text of a passage, or of its article's headline. */
static ns_status find_text(ns__exec *run, const ns__article_facts *facts, uint32_t passage,
                           bool title)
{
    ns__literal_text *scratch = &run->literal;
    uint64_t at = facts->text_offset, length = facts->title_bytes;
    if (!title) {
        const ns__passage_entry *entry = &facts->passages[passage - run->article_first];
        at += facts->title_bytes + (uint64_t)entry->start;
        length = entry->end - entry->start;
    }
    NS_TRY(read_text(run, at, length, &scratch->text));
    if (ns__utf8_valid_prefix(scratch->text) != scratch->text.length)
        return ns__frame_corrupt(run->segment->store.frame, run->segment->store.data.data,
                                 run->reader->err, "stored text is not valid UTF-8");
    return NS_OK;
}

static ns_status cut_words(ns__exec *run, const ns__article_facts *facts)
{
    enum { FORGET_BYTES = 16 << 20 };
    ns__literal_text *scratch = &run->literal;
    if (scratch->analyzer && ns__analyzer_memory(scratch->analyzer) > FORGET_BYTES)
        ns__analyzer_clear(scratch->analyzer);
    scratch->tokens.count = 0;
    if (scratch->analyzer == NULL) {
        ns_analysis_settings settings = *run->analysis;
        settings.language[0] = '\0'; /* nothing is to be guessed */
        NS_TRY(ns__analyzer_open(&settings, &scratch->analyzer, run->reader->err));
    }
    return ns__analyzer_run(scratch->analyzer, facts->lang, scratch->text, &scratch->tokens,
                            run->reader->err);
}

/* Finds a text, and its words if they are wanted. Several leaves may ask about one. */
static bool open_text(ns__exec *run, uint32_t passage, bool title, bool words)
{
    ns__literal_text *scratch = &run->literal;
    const bool same = scratch->known && scratch->passage == passage && scratch->title == title;
    if (same && (scratch->cut || !words))
        return true;
    const ns__article_facts *facts = ns__exec_facts(run, passage);
    if (facts == NULL)
        return false;
    scratch->known = scratch->cut = false;
    ns_status status = same ? NS_OK : find_text(run, facts, passage, title);
    if (status == NS_OK && words)
        status = cut_words(run, facts);
    if (status < 0) {
        if (run->reader->status == NS_OK)
            run->reader->status = status;
        return false;
    }
    scratch->known = true;
    scratch->cut = words;
    scratch->passage = passage;
    scratch->title = title;
    return true;
}

/* ---- Without cutting the text into words ---- */

/* Words of two letters or more that stand between blanks are cut there in every language; what they
 * become hangs on what is around them only when all of them are capitals (U.S. and us). */
static bool is_simple(const ns__literal *literal)
{
    bool small = false;
    for (size_t i = 0; i < literal->text.length; i++) {
        const uint8_t c = literal->text.data[i], lower = c | 0x20;
        if (lower < 'a' || lower > 'z')
            return false;
        small |= c == lower;
    }
    return small && literal->text.length > 1;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n';
}

/* Whether a word that ends at `end` ends there for certain: before a blank, or a comma and the like
 * with a blank behind it. */
static bool ends_surely(ns__str text, size_t end, bool whitespace)
{
    if (end < text.length && !whitespace && memchr(",.;:!?", text.data[end], 6) != NULL)
        end++;
    return end == text.length || is_blank(text.data[end]);
}

/* Whether the word stands somewhere for certain; *there: whether its bytes do at all. */
static bool stands_surely(ns__str text, ns__str word, bool whitespace, bool *there)
{
    const uint8_t *end = text.data + text.length, *found = text.data;
    *there = false;
    for (; (found = memmem(found, (size_t)(end - found), word.data, word.length)); found++) {
        const size_t at = (size_t)(found - text.data);
        *there = true;
        if ((at == 0 || is_blank(text.data[at - 1])) &&
            ends_surely(text, at + word.length, whitespace))
            return true;
    }
    return false;
}

ns__glance ns__literal_glance(ns__exec *run, const ns__literal *literal, uint32_t passage)
{
    bool there;
    const bool simple = is_simple(literal);
    if (run->options->no_pruning || ns__spelled_can(run) || (!simple && !literal->cased) ||
        !open_text(run, passage, false, false))
        return NS__UNSURE;
    if (stands_surely(run->literal.text, literal->text, run->analysis->whitespace, &there) &&
        simple) {
        NS_COUNT(LITERAL_SEEN);
        return NS__PRESENT;
    }
    if (there || !literal->cased)
        return NS__UNSURE;
    NS_COUNT(LITERAL_UNSEEN);
    return NS__ABSENT;
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
    return open_text(run, passage, headline != NULL, true) &&
           ns__literals_at(literals, count, scratch->analyzer, scratch->text, &scratch->tokens, i);
}

void ns__literal_text_release(ns__literal_text *scratch)
{
    ns__analyzer_close(scratch->analyzer);
    ns__tokens_release(&scratch->tokens);
    ns__buf_release(&scratch->window);
    *scratch = (ns__literal_text){0};
}
