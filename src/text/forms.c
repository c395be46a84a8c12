/* The table of words as written. See forms.h. */
#include "text/forms.h"

#include "os/memory.h"
#include "os/random.h"

enum { FIRST_SLOTS = 64, LARGE_SLOTS = 1 << 14, LARGE_PAGE = 2 << 20 };

static bool is_long(uint32_t meta)
{
    return ns__slot_length(meta) > NS_SLOT_INLINE;
}

void ns__form_key_long(const uint8_t *word, uint32_t meta, const ns__hash_key *secret,
                       ns__form_key *key)
{
    uint64_t hash = ns__hash_keyed(word, ns__slot_length(meta), secret) ^ meta;
    *key = (ns__form_key){(uintptr_t)word, hash, meta, hash};
}

static size_t home(const ns__form_slot *slot, size_t mask, const ns__hash_key *key)
{
    uint64_t hash =
        is_long(slot->meta) ? slot->high : ns__slot_hash(slot->low, slot->high, slot->meta, key);
    return hash & mask;
}

/* Brings what stands in slots[0 .. count) to its places among twice as many, of which the others
 * are empty. It begins behind an empty slot, so that whatever has to stand before a slot is there
 * when its turn comes. */
static void spread_slots(ns__form_slot *slots, size_t count, const ns__hash_key *key)
{
    size_t empty = 0, mask = 2 * count - 1;
    while (slots[empty].meta != 0)
        empty++;
    for (size_t i = 1; i < count; i++) {
        const size_t from = (empty + i) & (count - 1);
        const ns__form_slot slot = slots[from];
        if (slot.meta == 0)
            continue;
        slots[from].meta = 0;
        size_t at = home(&slot, mask, key);
        while (slots[at].meta != 0)
            at = (at + 1) & mask;
        slots[at] = slot;
    }
}

/* Room for `room` slots, all empty, of which the first are those there were. */
static ns_status make_room(ns__forms *forms, size_t room, ns_error *err)
{
    uint8_t *memory = ns__zalloc(room * sizeof *forms->slots + 63, 1);
    if (memory == NULL)
        return ns__no_memory(err);
    ns__form_slot *slots = (void *)(memory + (-(uintptr_t)memory & 63));
    ns__memory_advise_large(slots, room * sizeof *slots);
    if (forms->slots != NULL)
        memcpy(slots, forms->slots, (forms->slot_mask + 1) * sizeof *slots);
    ns__free(forms->memory);
    forms->memory = memory;
    forms->slots = slots;
    forms->slot_room = room;
    return NS_OK;
}

/* Writes to every large page of slots[from, to), which are zeros: were one read first, it would be
 * the system's page of zeros, and taking that away again later stops all threads. */
static void touch_slots(ns__form_slot *slots, size_t from, size_t to)
{
    for (; from < to; from += LARGE_PAGE / sizeof *slots)
        *(volatile uint32_t *)&slots[from].meta = 0;
}

/* Twice as many slots. A large table grows where it is: memory that nobody touched yet takes no
 * room, and is zeroed once instead of once for each size. */
static ns_status grow_slots(ns__forms *forms, ns_error *err)
{
    const size_t count = forms->slot_mask + 1, ahead = count < LARGE_SLOTS ? 2 : 4;
    if (2 * count > forms->slot_room)
        NS_TRY(make_room(forms, ahead * count, err));
    touch_slots(forms->slots, count, 2 * count);
    spread_slots(forms->slots, count, &forms->key);
    forms->slot_mask = 2 * count - 1;
    return NS_OK;
}

ns_status ns__forms_init(ns__forms *forms, ns_error *err)
{
    *forms = (ns__forms){.slot_mask = FIRST_SLOTS - 1};
    ns__random_key(&forms->key);
    ns__random_key(&forms->vocabulary.key);
    return make_room(forms, FIRST_SLOTS, err);
}

ns_status ns__forms_learn(ns__forms *forms, const ns__form_key *key, uint32_t form, uint32_t flags,
                          const ns__form_slot **out, ns_error *err)
{
    if (forms->used * 2 > forms->slot_mask)
        NS_TRY(grow_slots(forms, err));
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
    size_t at = home(&slot, forms->slot_mask, &forms->key);
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
    ns__free(forms->memory);
    ns__vocabulary_release(&forms->vocabulary);
    *forms = (ns__forms){0};
}
