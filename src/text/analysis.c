/* The public view of the analyser: include/ns/analysis.h. */
#include "ns/analysis.h"

#include "base/buf.h"
#include "text/language.h"
#include "text/passages.h"
#include "text/utf8.h"

struct ns_tokens {
    ns__buf text; /* terminated */
    ns__analyzer *analyzer;
    ns__passages passages;
    ns__arena names; /* terms and surfaces, terminated */
    ns_token *items;
    size_t count;
    ns__lang lang;
};

void ns_analysis_settings_init(ns_analysis_settings *settings)
{
    *settings = (ns_analysis_settings){.language = "auto"};
}

static const char *terminated(ns_tokens *tokens, ns__str name)
{
    uint8_t *copy = ns__arena_alloc(&tokens->names, name.length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, name.data, name.length);
    copy[name.length] = '\0';
    return (const char *)copy;
}

static ns_status list_tokens(ns_tokens *out, ns_error *err)
{
    const ns__passages *passages = &out->passages;
    out->items = ns__alloc(passages->tokens.count, sizeof *out->items);
    if (out->items == NULL)
        return ns__no_memory(err);
    for (size_t p = 0; p < passages->count; p++) {
        const ns__passage *passage = &passages->items[p];
        for (uint32_t i = 0; i < passage->token_count; i++) {
            const ns__token *token = &passages->tokens.items[passage->first_token + i];
            ns__str term = ns__analyzer_term(out->analyzer, token->term);
            ns__str surface = ns__analyzer_form(out->analyzer, token->form).surface;
            ns_token *item = &out->items[out->count++];
            *item = (ns_token){.start = token->start,
                               .end = token->end,
                               .term = terminated(out, term),
                               .term_length = term.length,
                               .surface = terminated(out, surface),
                               .surface_length = surface.length,
                               .position = i,
                               .passage = (uint32_t)p,
                               .gram = (token->flags & NS_TOKEN_GRAM) != 0};
            if (item->term == NULL || item->surface == NULL)
                return ns__no_memory(err);
        }
    }
    return NS_OK;
}

static ns_status analyse(ns_tokens *out, const ns_analysis_settings *settings, const char *language,
                         ns__str text, ns_error *err)
{
    ns__utf8_sanitise(text, &out->text);
    ns__buf_u8(&out->text, 0);
    if (out->text.failed)
        return ns__no_memory(err);
    out->text.length--; /* the terminator stands behind it */
    text = (ns__str){out->text.data, out->text.length};
    NS_TRY(ns__analyzer_open(settings, &out->analyzer, err));
    ns__str code = NS_STR("");
    if (language != NULL && *language != '\0') {
        code = (ns__str){(const uint8_t *)language, strlen(language)};
        if (!ns__lang_parse(code, &out->lang))
            return ns__fail(err, NS_ERR_ARGUMENT, "\"%s\" is not a language code", language);
    } else if (language == NULL) {
        out->lang = ns__analyzer_record_language(out->analyzer, code, text);
    }
    NS_TRY(ns__passages_cut(out->analyzer, out->lang, text, &out->passages, err));
    return list_tokens(out, err);
}

ns_status ns_analyze(const ns_analysis_settings *settings, const char *language, const char *text,
                     size_t length, ns_tokens **out, ns_error *err)
{
    *out = NULL;
    ns_tokens *tokens = ns__zalloc(1, sizeof *tokens);
    if (tokens == NULL)
        return ns__no_memory(err);
    ns_status status =
        analyse(tokens, settings, language, (ns__str){(const uint8_t *)text, length}, err);
    if (status != NS_OK) {
        ns_tokens_free(tokens);
        return status;
    }
    *out = tokens;
    return NS_OK;
}

size_t ns_tokens_count(const ns_tokens *tokens)
{
    return tokens->count;
}

ns_token ns_tokens_get(const ns_tokens *tokens, size_t index)
{
    return tokens->items[index];
}

const char *ns_tokens_text(const ns_tokens *tokens, size_t *length)
{
    if (length != NULL)
        *length = tokens->text.length;
    return (const char *)tokens->text.data;
}

const char *ns_tokens_language(const ns_tokens *tokens)
{
    return ns__lang_code(tokens->lang);
}

void ns_tokens_free(ns_tokens *tokens)
{
    if (tokens == NULL)
        return;
    ns__analyzer_close(tokens->analyzer);
    ns__passages_release(&tokens->passages);
    ns__arena_release(&tokens->names);
    ns__buf_release(&tokens->text);
    ns__free(tokens->items);
    ns__free(tokens);
}
