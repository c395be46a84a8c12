/* Spellings of a batch: see speller.h. */
#include "index/speller.h"

#include "os/random.h"
#include "text/forms.h"
#include "text/spelling.h"

enum {
    UNKNOWN = -1, /* as uint32_t */
    SLOT_BITS = 15
};

void ns__speller_release(ns__speller *speller)
{
    ns__free(speller->slots);
    ns__intern_release(&speller->spellings);
    ns__free(speller->local);
    ns__buf_release(&speller->scratch);
    ns__buf_release(&speller->made);
    *speller = (ns__speller){0};
}

ns_status ns__speller_begin(ns__speller *speller, bool anew, uint64_t most_bytes, ns_error *err)
{
    const size_t slots = (size_t)1 << SLOT_BITS;
    if (ns__intern_bytes(&speller->spellings) > most_bytes) {
        ns__intern_clear(&speller->spellings);
        anew = true;
    }
    ns__random_key(&speller->key);
    if (speller->slots == NULL)
        speller->slots = ns__zalloc(slots, sizeof *speller->slots);
    else if (anew)
        memset(speller->slots, 0, slots * sizeof *speller->slots);
    if (speller->slots == NULL ||
        NS_RESERVE(speller->local, speller->local_capacity, speller->spellings.count + 1) < 0)
        return ns__no_memory(err);
    memset(speller->local, 0, (speller->spellings.count + 1) * sizeof *speller->local);
    return NS_OK;
}

/* The spelling of a word. */
static ns_status find_spelling(ns__speller *speller, const ns__analyzer *analyzer, uint32_t form,
                               ns__str raw, uint32_t *spelling, ns_error *err)
{
    const ns__form of = ns__analyzer_form(analyzer, form);
    const size_t before = speller->spellings.count;
    ns__buf_clear(&speller->made);
    ns__spelling_make(ns__analyzer_term(analyzer, of.term), of.surface, raw, &speller->scratch,
                      &speller->made);
    if (speller->made.failed || NS_RESERVE(speller->local, speller->local_capacity, before + 2) < 0)
        return ns__no_memory(err);
    NS_TRY(ns__intern_add(&speller->spellings, (ns__str){speller->made.data, speller->made.length},
                          spelling, err));
    if (speller->spellings.count > before)
        speller->local[before] = 0;
    return NS_OK;
}

/* The same from the slots, when the word is short and was met before. */
static inline ns_status look_up(ns__speller *speller, const ns__analyzer *analyzer, ns__str text,
                                const ns__token *token, uint32_t *spelling, ns_error *err)
{
    const size_t length = token->end - token->start;
    const ns__str raw = {text.data + token->start, length};
    if (length > NS_SLOT_INLINE)
        return find_spelling(speller, analyzer, token->form, raw, spelling, err);
    ns__form_key key;
    ns__form_key_make(text.data, text.length, token->start, ns__slot_meta(length, 0, 0),
                      &speller->key, &key);
    const uint64_t hash = (key.hash ^ token->form) * 0x9e3779b97f4a7c15u;
    ns__speller_slot *slot = &speller->slots[hash >> (64 - SLOT_BITS)];
    if (slot->low != key.low || slot->high != key.high || slot->meta != key.meta ||
        slot->form != token->form) {
        uint32_t found;
        NS_TRY(find_spelling(speller, analyzer, token->form, raw, &found, err));
        *slot = (ns__speller_slot){key.low, key.high, key.meta, token->form, found, 0};
    }
    *spelling = slot->spelling;
    return NS_OK;
}

/* A spelling that the batch has not had. */
static ns_status add_spelling(ns__speller *speller, uint32_t spelling, ns__spelt *out,
                              ns_error *err)
{
    const ns__str text = ns__intern_text(&speller->spellings, spelling);
    ns__buf_append(&out->texts, text.data, text.length);
    if (out->texts.failed || NS_RESERVE(out->ends, out->end_capacity, out->count + 1) < 0)
        return ns__no_memory(err);
    out->ends[out->count++] = out->texts.length;
    speller->local[spelling] = (uint32_t)out->count;
    return NS_OK;
}

ns_status ns__speller_add(ns__speller *speller, const ns__analyzer *analyzer, ns__str text,
                          const ns__token *tokens, size_t count, ns__spelt *out, ns_error *err)
{
    if (NS_RESERVE(out->words, out->word_capacity, out->word_count + count + 1) < 0)
        return ns__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        uint32_t spelling;
        NS_TRY(look_up(speller, analyzer, text, &tokens[i], &spelling, err));
        if (speller->local[spelling] == 0)
            NS_TRY(add_spelling(speller, spelling, out, err));
        out->words[out->word_count++] = speller->local[spelling] - 1;
    }
    return NS_OK;
}

/* ---- Writing ---- */

/* The writer's numbers are not known, or no more. */
static ns_status start_map(ns__spelt *spelled, const ns__spellings_writer *writer, ns_error *err)
{
    if (NS_RESERVE(spelled->map, spelled->map_capacity, spelled->count + 1) < 0)
        return ns__no_memory(err);
    for (size_t i = 0; i < spelled->count; i++)
        spelled->map[i] = (uint32_t)UNKNOWN;
    spelled->epoch = ns__spellings_epoch(writer);
    spelled->mapped = true;
    return NS_OK;
}

ns_status ns__spelt_write(ns__spelt *spelled, size_t first, size_t count,
                          ns__spellings_writer *writer, ns_error *err)
{
    if (!spelled->mapped || spelled->epoch != ns__spellings_epoch(writer))
        NS_TRY(start_map(spelled, writer, err));
    for (size_t i = first; i < first + count; i++) {
        const uint32_t n = spelled->words[i];
        if (spelled->map[n] == (uint32_t)UNKNOWN) {
            const size_t start = n > 0 ? spelled->ends[n - 1] : 0;
            const ns__str text = {spelled->texts.data + start, spelled->ends[n] - start};
            NS_TRY(ns__spellings_number(writer, text, &spelled->map[n], err));
        }
        NS_TRY(ns__spellings_add(writer, spelled->map[n], err));
    }
    return ns__spellings_end_unit(writer, err);
}

void ns__spelt_release(ns__spelt *spelled)
{
    ns__free(spelled->words);
    ns__buf_release(&spelled->texts);
    ns__free(spelled->ends);
    ns__free(spelled->map);
    *spelled = (ns__spelt){0};
}
