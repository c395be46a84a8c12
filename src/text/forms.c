/* The tables of words, forms and terms. See forms.h. */
#include "text/forms.h"

#include "base/hash.h"
#include "os/memory.h"

enum { FIRST_SLOTS = 512 };

static bool is_long(uint32_t meta)
{
    return ns__slot_length(meta) > NS_SLOT_INLINE;
}

/* ---- Words as written ---- */

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

/* ---- Names ---- */

static uint64_t hash_name(ns__str name, uint32_t number)
{
    return ns__hash64(name.data, name.length, number);
}

static ns_status grow_names(ns__names *names, ns_error *err)
{
    size_t count = names->slot_count ? names->slot_count * 2 : FIRST_SLOTS;
    uint32_t *grown = ns__zalloc(count, sizeof *grown);
    if (grown == NULL)
        return ns__no_memory(err);
    for (uint32_t i = 0; i < names->count; i++) {
        size_t at = hash_name(names->items[i].surface, names->items[i].term) & (count - 1);
        while (grown[at] != 0)
            at = (at + 1) & (count - 1);
        grown[at] = i + 1;
    }
    ns__free(names->slots);
    names->slots = grown;
    names->slot_count = count;
    return NS_OK;
}

/* The id of (name, number), new or old. */
static ns_status intern(ns__names *names, ns__arena *arena, ns__str name, uint32_t number,
                        uint32_t *id, ns_error *err)
{
    if (names->count * 2 >= names->slot_count)
        NS_TRY(grow_names(names, err));
    size_t mask = names->slot_count - 1, at = hash_name(name, number) & mask;
    for (; names->slots[at] != 0; at = (at + 1) & mask) {
        const ns__form *item = &names->items[names->slots[at] - 1];
        if (item->term == number && ns__str_equal(item->surface, name)) {
            *id = names->slots[at] - 1;
            return NS_OK;
        }
    }
    if (names->count >= UINT32_MAX - 1)
        return ns__fail(err, NS_ERR_LIMIT, "more than 4 billion distinct words in one batch");
    uint8_t *copy = ns__arena_copy(arena, name.data, name.length);
    if (copy == NULL || NS_RESERVE(names->items, names->capacity, names->count + 1) != NS_OK)
        return ns__no_memory(err);
    *id = (uint32_t)names->count;
    names->items[names->count++] = (ns__form){{copy, name.length}, number};
    names->slots[at] = *id + 1;
    return NS_OK;
}

/* ---- All together ---- */

ns_status ns__forms_init(ns__forms *forms, ns_error *err)
{
    *forms = (ns__forms){0};
    return grow_slots(forms, FIRST_SLOTS, err);
}

ns_status ns__forms_learn(ns__forms *forms, const ns__form_key *key, ns__str surface, ns__str term,
                          uint32_t flags, const ns__form_slot **out, ns_error *err)
{
    if (forms->used * 2 > forms->slot_mask)
        NS_TRY(grow_slots(forms, (forms->slot_mask + 1) * 2, err));
    ns__form_slot slot = {.low = key->low,
                          .high = key->high,
                          .meta = key->meta,
                          .form = NS_NO_FORM,
                          .term = NS_NO_FORM,
                          .flags = flags};
    if (surface.length > 0) {
        NS_TRY(intern(&forms->terms, &forms->arena, term, 0, &slot.term, err));
        NS_TRY(intern(&forms->forms, &forms->arena, surface, slot.term, &slot.form, err));
    }
    if (is_long(key->meta)) {
        const uint8_t *copy = ns__arena_copy(&forms->arena, (const void *)(uintptr_t)key->low,
                                             ns__slot_length(key->meta));
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
    ns__names *names[] = {&forms->forms, &forms->terms};
    for (size_t i = 0; i < 2; i++) {
        names[i]->count = 0;
        if (names[i]->slots != NULL)
            memset(names[i]->slots, 0, names[i]->slot_count * sizeof *names[i]->slots);
    }
    ns__arena_release(&forms->arena);
}

size_t ns__forms_memory(const ns__forms *forms)
{
    return (forms->slot_mask + 1) * sizeof *forms->slots + forms->arena.total +
           (forms->forms.slot_count + forms->terms.slot_count) * sizeof(uint32_t) +
           (forms->forms.capacity + forms->terms.capacity) * sizeof(ns__form);
}

void ns__forms_release(ns__forms *forms)
{
    ns__free(forms->slots);
    ns__free(forms->forms.items);
    ns__free(forms->forms.slots);
    ns__free(forms->terms.items);
    ns__free(forms->terms.slots);
    ns__arena_release(&forms->arena);
    *forms = (ns__forms){0};
}
