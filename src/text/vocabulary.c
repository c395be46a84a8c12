/* Strings, forms and terms by number: see vocabulary.h. */
#include "text/vocabulary.h"

#include "os/memory.h"

enum { FIRST_SLOTS = 64, ROOM_BYTES = 4096, SHORT_BYTES = 256 };

/* ---- Strings ---- */

const uint8_t *ns__vocabulary_keep(ns__vocabulary *vocabulary, ns__str text)
{
    if (text.length > SHORT_BYTES)
        return ns__arena_copy(&vocabulary->arena, text.data, text.length);
    if ((size_t)(vocabulary->room_end - vocabulary->room) < text.length) {
        vocabulary->room = ns__arena_alloc(&vocabulary->arena, ROOM_BYTES);
        if (vocabulary->room == NULL) {
            vocabulary->room_end = NULL;
            return NULL;
        }
        vocabulary->room_end = vocabulary->room + ROOM_BYTES;
    }
    uint8_t *copy = vocabulary->room;
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    vocabulary->room += text.length;
    return copy;
}

/* What a slot holds of the hash is where it belongs, too: a larger table needs no strings. */
static uint64_t slot_hash(const ns__vocabulary *vocabulary, ns__str text)
{
    return ns__hash_keyed(text.data, text.length, &vocabulary->key) >> 32;
}

static ns_status grow(ns__vocabulary *vocabulary, ns_error *err)
{
    size_t count = vocabulary->slot_count ? vocabulary->slot_count * 2 : FIRST_SLOTS;
    uint64_t *grown = ns__alloc64(count * sizeof *grown);
    if (grown == NULL)
        return ns__no_memory(err);
    ns__memory_advise_large(grown, count * sizeof *grown);
    memset(grown, 0, count * sizeof *grown);
    for (size_t i = 0; i < vocabulary->slot_count; i++) {
        uint64_t slot = vocabulary->slots[i];
        if (slot == 0)
            continue;
        size_t at = slot >> 32 & (count - 1);
        while (grown[at] != 0)
            at = (at + 1) & (count - 1);
        grown[at] = slot;
    }
    ns__free(vocabulary->slots);
    vocabulary->slots = grown;
    vocabulary->slot_count = count;
    return NS_OK;
}

ns__vocabulary_key ns__vocabulary_ask(const ns__vocabulary *vocabulary, ns__str text)
{
    const ns__vocabulary_key key = {text, slot_hash(vocabulary, text)};
    if (vocabulary->slot_count > 0)
        __builtin_prefetch(&vocabulary->slots[key.hash & (vocabulary->slot_count - 1)]);
    return key;
}

ns_status ns__vocabulary_name(ns__vocabulary *vocabulary, const ns__vocabulary_key *key,
                              uint32_t *name, ns_error *err)
{
    if (vocabulary->name_count * 2 >= vocabulary->slot_count)
        NS_TRY(grow(vocabulary, err));
    const ns__str text = key->text;
    const uint64_t hash = key->hash;
    size_t mask = vocabulary->slot_count - 1, at = hash & mask;
    for (; vocabulary->slots[at] != 0; at = (at + 1) & mask) {
        uint64_t slot = vocabulary->slots[at];
        *name = (uint32_t)slot - 1;
        if (slot >> 32 == hash && ns__str_equal(ns__vocabulary_text(vocabulary, *name), text))
            return NS_OK;
    }
    if (vocabulary->name_count >= UINT32_MAX - 1)
        return ns__fail(err, NS_ERR_LIMIT, "more than 4 billion distinct words in one batch");
    const uint8_t *copy = ns__vocabulary_keep(vocabulary, text);
    if (copy == NULL ||
        NS_RESERVE(vocabulary->names, vocabulary->name_capacity, vocabulary->name_count + 1) < 0)
        return ns__no_memory(err);
    *name = (uint32_t)vocabulary->name_count++;
    vocabulary->names[*name] =
        (ns__name_entry){copy, (uint32_t)text.length, NS_NO_FORM, NS_NO_FORM};
    vocabulary->slots[at] = hash << 32 | (*name + 1);
    return NS_OK;
}

/* ---- Forms and terms ---- */

uint32_t ns__vocabulary_form(const ns__vocabulary *vocabulary, uint32_t name, uint32_t key)
{
    uint32_t form = vocabulary->names[name].form;
    while (form != NS_NO_FORM && vocabulary->forms[form].key != key)
        form = vocabulary->forms[form].next;
    return form;
}

/* The term of a text, which often is the surface itself. */
static ns_status find_term(ns__vocabulary *vocabulary, uint32_t surface,
                           const ns__vocabulary_key *key, uint32_t *term, ns_error *err)
{
    uint32_t name = surface;
    if (!ns__str_equal(ns__vocabulary_text(vocabulary, surface), key->text))
        NS_TRY(ns__vocabulary_name(vocabulary, key, &name, err));
    *term = vocabulary->names[name].term;
    if (*term != NS_NO_FORM)
        return NS_OK;
    if (NS_RESERVE(vocabulary->terms, vocabulary->term_capacity, vocabulary->term_count + 1) < 0)
        return ns__no_memory(err);
    *term = vocabulary->names[name].term = (uint32_t)vocabulary->term_count;
    vocabulary->terms[vocabulary->term_count++] = name;
    return NS_OK;
}

ns_status ns__vocabulary_add(ns__vocabulary *vocabulary, uint32_t name,
                             const ns__vocabulary_key *term, uint32_t key, uint32_t *form,
                             ns_error *err)
{
    uint32_t number, first = vocabulary->names[name].form;
    NS_TRY(find_term(vocabulary, name, term, &number, err));
    for (*form = first; *form != NS_NO_FORM; *form = vocabulary->forms[*form].next)
        if (vocabulary->forms[*form].term == number)
            return NS_OK;
    if (NS_RESERVE(vocabulary->forms, vocabulary->form_capacity, vocabulary->form_count + 1) < 0)
        return ns__no_memory(err);
    *form = vocabulary->names[name].form = (uint32_t)vocabulary->form_count;
    vocabulary->forms[vocabulary->form_count++] = (ns__form_entry){name, number, key, first};
    return NS_OK;
}

/* ---- All of it ---- */

void ns__vocabulary_clear(ns__vocabulary *vocabulary)
{
    vocabulary->name_count = vocabulary->form_count = vocabulary->term_count = 0;
    if (vocabulary->slots != NULL)
        memset(vocabulary->slots, 0, vocabulary->slot_count * sizeof *vocabulary->slots);
    vocabulary->room = vocabulary->room_end = NULL;
    ns__arena_release(&vocabulary->arena);
}

size_t ns__vocabulary_memory(const ns__vocabulary *vocabulary)
{
    return vocabulary->arena.total + vocabulary->slot_count * sizeof *vocabulary->slots +
           vocabulary->name_capacity * sizeof *vocabulary->names +
           vocabulary->form_capacity * sizeof *vocabulary->forms +
           vocabulary->term_capacity * sizeof *vocabulary->terms;
}

size_t ns__vocabulary_learnt(const ns__vocabulary *vocabulary)
{
    const size_t name = sizeof *vocabulary->names + 2 * sizeof *vocabulary->slots;
    return vocabulary->arena.total + vocabulary->name_count * name +
           vocabulary->form_count * sizeof *vocabulary->forms +
           vocabulary->term_count * sizeof *vocabulary->terms;
}

void ns__vocabulary_release(ns__vocabulary *vocabulary)
{
    ns__free(vocabulary->names);
    ns__free(vocabulary->slots);
    ns__free(vocabulary->forms);
    ns__free(vocabulary->terms);
    ns__arena_release(&vocabulary->arena);
    *vocabulary = (ns__vocabulary){0};
}
