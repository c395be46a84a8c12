/* The table of words as written. See forms.h. */
#include "text/forms.h"

#include "base/hash.h"
#include "os/memory.h"

enum { FIRST_SLOTS = 64 };

static bool is_long(uint32_t meta)
{
    return ns__slot_length(meta) > NS_SLOT_INLINE;
}

void ns__form_key_long(const uint8_t *word, uint32_t meta, ns__form_key *key)
{
    uint64_t hash = ns__hash64(word, ns__slot_length(meta), meta);
    *key = (ns__form_key){(uintptr_t)word, hash, meta, hash};
}

static size_t home(const ns__form_slot *slot, size_t mask)
{
    uint64_t hash =
        is_long(slot->meta) ? slot->high : ns__slot_hash(slot->low, slot->high, slot->meta);
    return hash & mask;
}

static ns_status grow_slots(ns__forms *forms, size_t count, ns_error *err)
{
    ns__form_slot *grown = ns__alloc64(count * sizeof *grown);
    if (grown == NULL)
        return ns__no_memory(err);
    ns__memory_advise_large(grown, count * sizeof *grown);
    memset(grown, 0, count * sizeof *grown);
    for (size_t i = 0; forms->slots != NULL && i <= forms->slot_mask; i++) {
        if (forms->slots[i].meta == 0)
            continue;
        size_t at = home(&forms->slots[i], count - 1);
        while (grown[at].meta != 0)
            at = (at + 1) & (count - 1);
        grown[at] = forms->slots[i];
    }
    ns__free(forms->slots);
    forms->slots = grown;
    forms->slot_mask = count - 1;
    return NS_OK;
}

ns_status ns__forms_init(ns__forms *forms, ns_error *err)
{
    *forms = (ns__forms){0};
    return grow_slots(forms, FIRST_SLOTS, err);
}

ns_status ns__forms_learn(ns__forms *forms, const ns__form_key *key, uint32_t form, uint32_t flags,
                          const ns__form_slot **out, ns_error *err)
{
    if (forms->used * 2 > forms->slot_mask)
        NS_TRY(grow_slots(forms, (forms->slot_mask + 1) * 2, err));
    ns__form_slot slot = {key->low, key->high, key->meta, form, NS_NO_FORM, flags};
    if (form != NS_NO_FORM)
        slot.term = forms->vocabulary.forms[form].term;
    if (is_long(key->meta)) {
        ns__str raw = {(const void *)(uintptr_t)key->low, ns__slot_length(key->meta)};
        const uint8_t *copy = ns__vocabulary_keep(&forms->vocabulary, raw);
        if (copy == NULL)
            return ns__no_memory(err);
        slot.low = (uintptr_t)copy;
    }
    size_t at = home(&slot, forms->slot_mask);
    while (forms->slots[at].meta != 0)
        at = (at + 1) & forms->slot_mask;
    forms->slots[at] = slot;
    forms->used++;
    *out = &forms->slots[at];
    return NS_OK;
}

void ns__forms_clear(ns__forms *forms)
{
    memset(forms->slots, 0, (forms->slot_mask + 1) * sizeof *forms->slots);
    forms->used = 0;
    ns__vocabulary_clear(&forms->vocabulary);
}

size_t ns__forms_memory(const ns__forms *forms)
{
    return (forms->slot_mask + 1) * sizeof *forms->slots +
           ns__vocabulary_memory(&forms->vocabulary);
}

size_t ns__forms_learnt(const ns__forms *forms)
{
    return 2 * forms->used * sizeof *forms->slots + ns__vocabulary_learnt(&forms->vocabulary);
}

void ns__forms_release(ns__forms *forms)
{
    ns__free(forms->slots);
    ns__vocabulary_release(&forms->vocabulary);
    *forms = (ns__forms){0};
}
