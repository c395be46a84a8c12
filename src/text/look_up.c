/* From the bounds of tokens to their forms and terms. */
#include "text/run.h"

/* The entries that this many tokens need are on their way from memory at once. */
enum { AHEAD = 8 };

static inline void make_key(const ns__run *run, size_t start, size_t end, uint32_t flags,
                            ns__form_key *key)
{
    ns__lang lang = flags & NS_SLOT_GRAM ? 0 : run->lang;
    uint32_t meta = ns__slot_meta(end - start, lang, flags);
    ns__form_key_make(run->text, run->length, start, meta, &run->analyzer->forms.key, key);
}

/* The form of a word that was never met before. Its surface sometimes was ("The", "the"): then its
 * term is known too. It is made all the same, while the memory that tells comes. */
static ns_status find_form(ns__run *run, ns__str raw, uint32_t flags, uint32_t *form)
{
    ns__folder *folder = &run->analyzer->folder;
    ns__vocabulary *vocabulary = &run->analyzer->forms.vocabulary;
    ns__lang lang = flags & NS_SLOT_GRAM ? 0 : run->lang;
    unsigned how =
        (flags & NS_SLOT_GRAM ? NS_FOLD_GRAM : 0) | (flags & NS_SLOT_CAPS ? NS_FOLD_CAPS : 0);
    uint32_t key = lang | (flags & NS_SLOT_GRAM), name;
    *form = NS_NO_FORM;
    NS_TRY(ns__fold_surface(folder, lang, raw, how, run->err));
    ns__str surface = {folder->surface.data, folder->surface.length};
    if (surface.length == 0)
        return NS_OK;
    const ns__vocabulary_key asked = ns__vocabulary_ask(vocabulary, surface);
    NS_TRY(ns__fold_term(folder, lang, how, run->err));
    const ns__vocabulary_key term =
        ns__vocabulary_ask(vocabulary, (ns__str){folder->term.data, folder->term.length});
    NS_TRY(ns__vocabulary_name(vocabulary, &asked, &name, run->err));
    *form = ns__vocabulary_form(vocabulary, name, key);
    if (*form != NS_NO_FORM)
        return NS_OK;
    return ns__vocabulary_add(vocabulary, name, &term, key, form, run->err);
}

/* Makes the slot of a token that has none. */
static ns_status learn(ns__run *run, const ns__token *token, const ns__form_key *key,
                       const ns__form_slot **slot)
{
    const ns__str raw = {run->text + token->start, token->end - token->start};
    uint32_t form, flags = key->meta & (NS_SLOT_GRAM | NS_SLOT_CAPS);
    NS_TRY(find_form(run, raw, flags, &form));
    bool depends =
        !run->analyzer->folder.whitespace && flags == 0 && ns__fold_depends_on_context(raw);
    return ns__forms_learn(&run->analyzer->forms, key, form, depends ? NS_SLOT_CONTEXT : 0, slot,
                           run->err);
}

ns_status ns__run_resolve(ns__run *run, ns__token *token)
{
    const ns__form_slot *slot;
    bool capitals = ns__in_capitals((ns__str){run->text, run->length}, token->start, token->end);
    ns__form_key key;
    make_key(run, token->start, token->end, capitals ? NS_SLOT_CAPS : 0, &key);
    slot = ns__forms_find(run->analyzer->forms.slots, run->analyzer->forms.slot_mask, &key);
    if (slot == NULL)
        NS_TRY(learn(run, token, &key, &slot));
    token->form = slot->form;
    token->term = slot->term;
    return NS_OK;
}

/* Makes the keys of tokens[0 .. count) and asks for their slots. What does not change is read once:
 * a compiler cannot know that no key is part of it. */
static inline void make_keys(const ns__run *run, const ns__token *tokens, size_t count,
                             ns__form_key *keys)
{
    const ns__form_slot *slots = run->analyzer->forms.slots;
    const size_t mask = run->analyzer->forms.slot_mask, length = run->length;
    const ns__hash_key secret = run->analyzer->forms.key;
    const uint8_t *text = run->text;
    const uint32_t word = ns__slot_meta(0, run->lang, 0), gram = ns__slot_meta(0, 0, NS_SLOT_GRAM);
    for (size_t i = 0; i < count; i++) {
        const size_t start = tokens[i].start;
        const uint32_t meta =
            (tokens[i].flags & NS_TOKEN_GRAM ? gram : word) | (uint32_t)(tokens[i].end - start);
        ns__form_key_make(text, length, start, meta, &secret, &keys[i]);
        __builtin_prefetch(&slots[keys[i].hash & mask]);
    }
}

/* Looks up as many tokens as there are keys; *kept is where the next token that stays goes. */
static inline ns_status look_up_group(ns__run *run, const ns__token *tokens, size_t count,
                                      const ns__form_key *keys, ns__token **kept)
{
    const ns__forms *forms = &run->analyzer->forms;
    const ns__form_slot *slots = forms->slots; /* until a word is learnt */
    size_t mask = forms->slot_mask;
    for (size_t i = 0; i < count; i++) {
        const ns__form_slot *slot = ns__forms_find(slots, mask, &keys[i]);
        if (__builtin_expect(slot == NULL, 0)) {
            NS_TRY(learn(run, &tokens[i], &keys[i], &slot));
            slots = forms->slots;
            mask = forms->slot_mask;
        }
        const uint32_t form = slot->form, term = slot->term, flags = slot->flags;
        if (__builtin_expect(form == NS_NO_FORM, 0))
            continue;
        ns__token *token = (*kept)++; /* at or before tokens[i] */
        *token = (ns__token){tokens[i].start, tokens[i].end, form, term, tokens[i].flags};
        if (__builtin_expect(flags & NS_SLOT_CONTEXT, 0)) {
            token->flags |= NS_TOKEN_CONTEXT;
            run->context = true;
            NS_TRY(ns__run_resolve(run, token));
            slots = forms->slots;
            mask = forms->slot_mask;
        }
    }
    return NS_OK;
}

static size_t at_most(size_t count)
{
    return count < AHEAD ? count : AHEAD;
}

ns_status ns__run_look_up(ns__run *run, size_t first)
{
    ns__form_key keys[2][AHEAD];
    ns__tokens *out = run->out;
    if (out->count == first)
        return NS_OK;
    ns__token *token = out->items + first, *end = out->items + out->count, *kept = token;
    unsigned turn = 0;
    make_keys(run, token, at_most((size_t)(end - token)), keys[turn]);
    while (token < end) {
        size_t count = at_most((size_t)(end - token));
        make_keys(run, token + count, at_most((size_t)(end - token) - count), keys[!turn]);
        NS_TRY(look_up_group(run, token, count, keys[turn], &kept));
        token += count;
        turn = !turn;
    }
    out->count = (size_t)(kept - out->items);
    return NS_OK;
}
