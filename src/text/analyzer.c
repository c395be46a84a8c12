/* The analyser: opening, languages, and tokens by Unicode's rules (the plain path).
 *
 * A token is a segment of UAX #29 that holds a letter or a number; symbols, emoji and lone marks
 * are none. Letters of scripts without spaces are never part of such a token: they make runs of
 * their own (grams.c). A segment of more than NS_MAX_TOKEN_BYTES is cut there as if the text ended,
 * and goes on as if it began. */
#include "text/analyzer.h"

#include <stdio.h>
#include <stdlib.h>

#include <libstemmer.h>
#include <utf8proc.h>

#include "base/limits.h"
#include "text/run.h"
#include "text/utf8.h"
#include "text/words.h"

void ns__tokens_release(ns__tokens *tokens)
{
    ns__free(tokens->items);
    *tokens = (ns__tokens){0};
}

ns_status ns__analyzer_open(const ns_analysis_settings *settings, ns__analyzer **out, ns_error *err)
{
    *out = NULL;
    size_t length = strnlen(settings->language, sizeof settings->language);
    ns__str code = {(const uint8_t *)settings->language, length};
    bool guess = ns__str_equal(code, NS_STR("auto"));
    ns__lang lang = 0;
    if (!guess && length > 0 && !ns__lang_parse(code, &lang))
        return ns__fail(err, NS_ERR_ARGUMENT,
                        "\"%.*s\" is not a language code; give one such as en, or auto",
                        (int)length, settings->language);
    ns__analyzer *analyzer = ns__zalloc(1, sizeof *analyzer);
    if (analyzer == NULL)
        return ns__no_memory(err);
    analyzer->settings = *settings;
    analyzer->fixed_language = lang;
    analyzer->folder.keep_diacritics = settings->keep_diacritics;
    analyzer->folder.no_stemming = settings->no_stemming;
    analyzer->folder.whitespace = settings->whitespace;
    analyzer->kernels = ns__class_kernels_for(ns__cpu_isa());
    ns_status status = ns__forms_init(&analyzer->forms, err);
    if (status == NS_OK && guess && (analyzer->guesser = ns__guesser_open()) == NULL)
        status = ns__no_memory(err);
    if (status != NS_OK) {
        ns__analyzer_close(analyzer);
        return status;
    }
    *out = analyzer;
    return NS_OK;
}

void ns__analyzer_close(ns__analyzer *analyzer)
{
    if (analyzer == NULL)
        return;
    ns__forms_release(&analyzer->forms);
    ns__folder_release(&analyzer->folder);
    ns__guesser_close(analyzer->guesser);
    ns__free(analyzer);
}

void ns__analyzer_clear(ns__analyzer *analyzer)
{
    ns__forms_clear(&analyzer->forms);
}

size_t ns__analyzer_memory(const ns__analyzer *analyzer)
{
    return sizeof *analyzer + ns__forms_memory(&analyzer->forms) +
           analyzer->folder.code_capacity * sizeof *analyzer->folder.codes;
}

size_t ns__analyzer_learnt(const ns__analyzer *analyzer)
{
    return ns__forms_learnt(&analyzer->forms);
}

const ns_analysis_settings *ns__analyzer_settings(const ns__analyzer *analyzer)
{
    return &analyzer->settings;
}

ns__lang ns__analyzer_language(const ns__analyzer *analyzer, ns__str code)
{
    (void)analyzer; /* all analysers know the same languages */
    ns__lang lang;
    ns__lang_parse(code, &lang);
    return lang;
}

ns__lang ns__analyzer_record_language(const ns__analyzer *analyzer, ns__str code, ns__str text)
{
    ns__lang lang;
    if (analyzer->settings.whitespace)
        return 0;
    if (ns__lang_parse(code, &lang))
        return lang;
    return analyzer->guesser ? ns__guesser_guess(analyzer->guesser, text)
                             : analyzer->fixed_language;
}

/* libstemmer does not tell its version. Releases 2.x share their algorithms but for additions. The
 * number behind ns counts changes of our own: 2 has Amharic, Czech and Icelandic, which 1 analysed
 * as no language, and so an index of it says. */
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)
#define DATA_VERSIONS                                                                              \
    "unicode " NS_UNICODE_VERSION ", utf8proc " TEXT_OF(UTF8PROC_VERSION_MAJOR) "." TEXT_OF(       \
        UTF8PROC_VERSION_MINOR) "." TEXT_OF(UTF8PROC_VERSION_PATCH) ", snowball 2, "

const char *ns__analyzer_versions(void)
{
    return DATA_VERSIONS "ns 2";
}

bool ns__analyzer_can_read(const char *versions)
{
    return strcmp(versions, DATA_VERSIONS "ns 2") == 0 ||
           strcmp(versions, DATA_VERSIONS "ns 1") == 0;
}

struct ns__folder *ns__analyzer_folder(ns__analyzer *analyzer)
{
    return &analyzer->folder;
}

uint32_t ns__analyzer_form_count(const ns__analyzer *analyzer)
{
    return (uint32_t)analyzer->forms.vocabulary.form_count;
}

uint32_t ns__analyzer_term_count(const ns__analyzer *analyzer)
{
    return (uint32_t)analyzer->forms.vocabulary.term_count;
}

ns__form ns__analyzer_form(const ns__analyzer *analyzer, uint32_t form)
{
    const ns__vocabulary *vocabulary = &analyzer->forms.vocabulary;
    const ns__form_entry *entry = &vocabulary->forms[form];
    return (ns__form){ns__vocabulary_text(vocabulary, entry->name), entry->term};
}

ns__str ns__analyzer_term(const ns__analyzer *analyzer, uint32_t term)
{
    const ns__vocabulary *vocabulary = &analyzer->forms.vocabulary;
    return ns__vocabulary_text(vocabulary, vocabulary->terms[term]);
}

void ns__analyzer_prefetch_far(const ns__analyzer *analyzer, uint32_t term)
{
    __builtin_prefetch(&analyzer->forms.vocabulary.terms[term]);
}

void ns__analyzer_prefetch(const ns__analyzer *analyzer, uint32_t term)
{
    const ns__vocabulary *vocabulary = &analyzer->forms.vocabulary;
    __builtin_prefetch(&vocabulary->names[vocabulary->terms[term]]);
}

/* ---- Tokens ---- */

static bool is_ascii_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* A letter stands before the stop: no sentence ends between it and the s. */
bool ns__run_lone_possessive(const ns__run *run, size_t start)
{
    const uint8_t *text = run->text;
    if ((text[start] | 0x20) != 's' || start < 2)
        return false;
    size_t before = start - 1;
    if (text[before] != '\'') {
        if (start < 4 || memcmp(text + start - 3, "\xe2\x80\x99", 3) != 0)
            return false;
        before = start - 3;
    }
    if (text[before - 1] == '.')
        return before >= 2 && is_ascii_alnum(text[before - 2]);
    return text[before - 1] >= '0' && text[before - 1] <= '9';
}

ns_status ns__run_emit(ns__run *run, size_t start, size_t end, uint32_t flags)
{
    if (end - start == 1 && ns__run_lone_possessive(run, start))
        return NS_OK;
    ns__tokens *out = run->out;
    if (out->count == out->capacity &&
        NS_RESERVE(out->items, out->capacity, out->count + 1) != NS_OK)
        return ns__no_memory(run->err);
    out->items[out->count++] = (ns__token){
        .start = (uint32_t)(run->base + start), .end = (uint32_t)(run->base + end), .flags = flags};
    return NS_OK;
}

size_t ns__run_limit(const ns__run *run, size_t at)
{
    if (run->length - at <= NS_MAX_TOKEN_BYTES)
        return run->length;
    size_t end = at + NS_MAX_TOKEN_BYTES;
    while ((run->text[end] & 0xc0) == 0x80)
        end--;
    return end;
}

ns_status ns__run_plain(ns__run *run, size_t *at)
{
    unsigned length, seen;
    size_t start = *at;
    if (ns__unicode(ns__utf8_decode(run->text + start, &length)) & NS_UNICODE_GRAM)
        return ns__run_grams(run, at);
    ns__str text = {run->text, ns__run_limit(run, start)};
    size_t end = ns__word_end(text, start, &seen);
    if (seen & NS_UNICODE_GRAM) {
        /* "カ" joins "_" under UAX #29; here it begins a run. */
        size_t cut = start;
        while (!(ns__unicode(ns__utf8_decode(run->text + cut, &length)) & NS_UNICODE_GRAM))
            cut += length;
        end = cut;
    }
    *at = end;
    if (!(seen & NS_UNICODE_ALNUM))
        return NS_OK;
    while (start < end) { /* the token begins with its first letter or number */
        if (ns__unicode(ns__utf8_decode(run->text + start, &length)) & NS_UNICODE_ALNUM)
            return ns__run_emit(run, start, end, 0);
        start += length;
    }
    return NS_OK;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static ns_status run_spaced_plain(ns__run *run)
{
    size_t at = 0;
    for (;;) {
        while (at < run->length && is_space(run->text[at]))
            at++;
        if (at == run->length)
            return NS_OK;
        size_t start = at, limit = ns__run_limit(run, at);
        while (at < limit && !is_space(run->text[at]))
            at++;
        NS_TRY(ns__run_emit(run, start, at, 0));
    }
}

static ns_status start_run(ns__run *run)
{
    if (run->length > UINT32_MAX)
        return ns__fail(run->err, NS_ERR_LIMIT, "a text of 4 GiB or more");
    return NS_OK;
}

ns_status ns__analyzer_run(ns__analyzer *analyzer, ns__lang lang, ns__str text, ns__tokens *out,
                           ns_error *err)
{
    ns__run run = {.analyzer = analyzer,
                   .lang = lang,
                   .text = text.data,
                   .length = text.length,
                   .out = out,
                   .err = err};
    size_t first = out->count;
    NS_TRY(start_run(&run));
    NS_TRY(analyzer->settings.whitespace ? ns__run_spaced(&run) : ns__run_fast(&run));
    return ns__run_look_up(&run, first);
}

ns_status ns__analyzer_run_plain(ns__analyzer *analyzer, ns__lang lang, ns__str text,
                                 ns__tokens *out, ns_error *err)
{
    ns__run run = {.analyzer = analyzer,
                   .lang = lang,
                   .text = text.data,
                   .length = text.length,
                   .out = out,
                   .err = err};
    size_t first = out->count;
    NS_TRY(start_run(&run));
    if (analyzer->settings.whitespace)
        NS_TRY(run_spaced_plain(&run));
    for (size_t at = 0; at < text.length && !analyzer->settings.whitespace;)
        NS_TRY(ns__run_plain(&run, &at));
    return ns__run_look_up(&run, first);
}
