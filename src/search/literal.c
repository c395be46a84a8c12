/* Comparing words with stored text: see literal.h. */
#include "search/literal.h"

#include "base/count.h"
#include "search/spelled.h"
#include "text/fold.h"
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

static ns_status copy(ns__arena *arena, ns__str text, ns__str *out, ns_error *err)
{
    *out = (ns__str){ns__arena_copy(arena, text.data, text.length), text.length};
    return out->data == NULL ? ns__no_memory(err) : NS_OK;
}

ns_status ns__literal_make(const ns__literal_word *word, ns__folder *folder, ns__arena *arena,
                           ns__literal *out, ns_error *err)
{
    ns__literal_form *forms = ns__arena_alloc(arena, word->count * sizeof *forms);
    bool alike = true;
    if (forms == NULL)
        return ns__no_memory(err);
    for (uint32_t f = 0; f < word->count; f++) {
        const ns__str surface = word->forms[f].surface;
        forms[f].lang = word->forms[f].lang;
        NS_TRY(copy(arena, surface, &forms[f].surface, err));
        NS_TRY(ns__fold_written(folder, word->raw, surface, err));
        const ns__str written = {folder->written.data, folder->written.length};
        NS_TRY(copy(arena, written, &forms[f].written, err));
        alike &= ns__str_equal(surface, forms[0].surface);
    }
    *out = (ns__literal){forms, alike ? 1 : word->count, has_capital(word->raw)};
    return NS_OK;
}

/* A language in which the word is cut otherwise takes no part: any form will do. */
static const ns__literal_form *form_in(const ns__literal *literal, ns__lang lang)
{
    for (uint32_t f = 1; f < literal->count; f++)
        if (literal->forms[f].lang == lang)
            return &literal->forms[f];
    return literal->forms;
}

ns_status ns__literal_is(const ns__literal *literal, ns__lang lang, ns__str raw, ns__str surface,
                         ns__folder *folder, ns_error *err)
{
    const ns__literal_form *form = form_in(literal, lang);
    if (!ns__str_equal(surface, form->surface))
        return NS_NOT_FOUND;
    if (!literal->cased)
        return NS_OK;
    NS_TRY(ns__fold_written(folder, raw, surface, err));
    const ns__str written = {folder->written.data, folder->written.length};
    return ns__str_equal(written, form->written) ? NS_OK : NS_NOT_FOUND;
}

ns_status ns__literals_at(const ns__literal *literals, uint32_t count, ns__analyzer *analyzer,
                          ns__lang lang, ns__str text, const ns__tokens *tokens, size_t i,
                          ns_error *err)
{
    ns_status status = i + count <= tokens->count ? NS_OK : NS_NOT_FOUND;
    for (uint32_t s = 0; s < count && status == NS_OK; s++) {
        const ns__token *token = &tokens->items[i + s];
        const ns__str here = {text.data + token->start, token->end - token->start};
        const ns__str surface = ns__analyzer_form(analyzer, token->form).surface;
        status =
            ns__literal_is(&literals[s], lang, here, surface, ns__analyzer_folder(analyzer), err);
    }
    return status;
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
    const ns__store *store = &run->segment->store;
    uint64_t at = facts->text_offset, length = facts->title_bytes;
    if (!title) {
        const ns__passage_entry *entry = &facts->passages[passage - run->article_first];
        at += facts->title_bytes + (uint64_t)entry->start;
        length = entry->end - entry->start;
    }
    NS_TRY(read_text(run, at, length, &scratch->text));
    return ns__store_check_text(store, scratch->text, run->reader->err);
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
    scratch->lang = facts->lang;
    return ns__analyzer_run(scratch->analyzer, scratch->lang, scratch->text, &scratch->tokens,
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
static bool is_simple(ns__str word)
{
    bool small = false;
    for (size_t i = 0; i < word.length; i++) {
        const uint8_t c = word.data[i], lower = c | 0x20;
        if (lower < 'a' || lower > 'z')
            return false;
        small |= c == lower;
    }
    return small && word.length > 1;
}

/* Whether all of a word are letters of ASCII. */
static bool is_lettered(ns__str word)
{
    for (size_t i = 0; i < word.length; i++)
        if ((word.data[i] | 0x20) < 'a' || (word.data[i] | 0x20) > 'z')
            return false;
    return true;
}

/* Whether each run of letters of ASCII that a word of the text may be or have stands there as such:
 * no acronym has dots within, and of other characters there are only Latin letters with marks,
 * ideographs and signs of typography, which become no letters of ASCII and do not vanish. */
static bool is_as_it_seems(ns__str text)
{
    for (size_t i = 0; i < text.length; i++) {
        const uint8_t c = text.data[i], next = i + 1 < text.length ? text.data[i + 1] : ' ';
        if (c < 0x80) {
            if (c == '.' && ((next | 0x20) >= 'a' && (next | 0x20) <= 'z'))
                return false;
        } else if ((c == 0xc3 && next != 0x9f) || /* À to ÿ, but ß */
                   (c == 0xc2 && next >= 0xa0 && next != 0xaa && next != 0xad && next != 0xba)) {
            i++;
        } else if (c >= 0xe4 && c <= 0xe9) { /* ideographs */
            i += 2;
        } else if (c == 0xe2 && next == 0x80 && text.data[i + 2] >= 0x90 &&
                   text.data[i + 2] <= 0xa6 && text.data[i + 2] != 0xa4) { /* ‐ to …, but ․ */
            i += 2;
        } else {
            return false;
        }
    }
    return true;
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
    const ns__literal_form *form = literal->forms;
    const ns__str word = literal->cased ? form->written : form->surface;
    const bool simple = is_simple(word), lettered = literal->cased && is_lettered(word);
    bool there;
    if (run->options->no_pruning || ns__spelled_can(run) || literal->count > 1 ||
        (!simple && !lettered) || !open_text(run, passage, false, false))
        return NS__UNSURE;
    const ns__str text = run->literal.text;
    if (stands_surely(text, word, run->analysis->whitespace, &there) && simple) {
        NS_COUNT(LITERAL_SEEN);
        return NS__PRESENT;
    }
    if (there || !lettered || !is_as_it_seems(text))
        return NS__UNSURE;
    NS_COUNT(LITERAL_UNSEEN);
    return NS__ABSENT;
}

static bool stands(ns__exec *run, ns_status status)
{
    if (status < 0 && run->reader->status == NS_OK)
        run->reader->status = status;
    return status == NS_OK;
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
           stands(run, ns__literals_at(literals, count, scratch->analyzer, scratch->lang,
                                       scratch->text, &scratch->tokens, i, run->reader->err));
}

void ns__literal_text_release(ns__literal_text *scratch)
{
    ns__analyzer_close(scratch->analyzer);
    ns__tokens_release(&scratch->tokens);
    ns__buf_release(&scratch->window);
    *scratch = (ns__literal_text){0};
}
