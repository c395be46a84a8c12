/* The table behind the analyser: words as written -> form of the vocabulary.
 *
 * Each token of a text goes through it, so its slots are half a
 * cache line: up to 16 bytes of the word itself, zero padded (words hold no zero byte), or where a
 * longer word is kept and its hash; then length, language and flags in one number. A slot with
 * meta 0 is empty. */
#ifndef NS_TEXT_FORMS_H
#define NS_TEXT_FORMS_H

#include "text/vocabulary.h"

enum {
    NS_SLOT_INLINE = 16, /* bytes of a word that a slot holds */
    NS_SLOT_LANG_SHIFT = 17,
    NS_SLOT_GRAM = 1 << 23,
    NS_SLOT_CAPS = 1 << 24,
    NS_SLOT_USED = 1 << 25,
    NS_SLOT_CONTEXT = 1 /* slot.flags: the form depends on the capitals around it */
};

typedef struct ns__form_slot {
    uint64_t low, high;  /* the word; or its address and hash */
    uint32_t meta;       /* length | language | flags */
    uint32_t form, term; /* NS_NO_FORM: not a token after all */
    uint32_t flags;
} ns__form_slot;

typedef struct ns__forms {
    ns__hash_key key;
    ns__form_slot *slots; /* in `memory`, aligned: none lies in two cache lines */
    void *memory;
    size_t slot_mask, slot_room, used; /* room: slots that there is memory for, zeros so far */
    ns__vocabulary vocabulary;
} ns__forms;

ns_status ns__forms_init(ns__forms *forms, ns_error *err);
void ns__forms_release(ns__forms *forms);
void ns__forms_clear(ns__forms *forms);
size_t ns__forms_memory(const ns__forms *forms);
size_t ns__forms_learnt(const ns__forms *forms); /* what its words need of that */

/* A word about to be looked up: the first three fields as in a slot but for a word of more than
 * NS_SLOT_INLINE bytes, whose low is where it stands in the text. */
typedef struct ns__form_key {
    uint64_t low, high;
    uint32_t meta;
    uint64_t hash;
} ns__form_key;

/* Puts a word that ns__forms_find did not find into the table, as a form of the vocabulary or
 * NS_NO_FORM; *slot is its slot. */
ns_status ns__forms_learn(ns__forms *forms, const ns__form_key *key, uint32_t form, uint32_t flags,
                          const ns__form_slot **slot, ns_error *err);

static inline uint32_t ns__slot_meta(size_t length, ns__lang lang, uint32_t flags)
{
    return (uint32_t)length | lang << NS_SLOT_LANG_SHIFT | flags | NS_SLOT_USED;
}

/* Multiplies to 128 bits and folds, as wyhash does. */
static inline uint64_t ns__slot_hash(uint64_t low, uint64_t high, uint32_t meta,
                                     const ns__hash_key *key)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(low ^ key->a) * (high ^ key->b ^ meta);
    uint64_t mixed = (uint64_t)product ^ (uint64_t)(product >> 64);
    return mixed ^ mixed >> 29;
}

static inline size_t ns__slot_length(uint32_t meta)
{
    return meta & ((1u << NS_SLOT_LANG_SHIFT) - 1);
}

void ns__form_key_long(const uint8_t *word, uint32_t meta, const ns__hash_key *secret,
                       ns__form_key *key);

/* Makes the key of the word at text[start]; its length stands in `meta`. `length` is that of the
 * whole text: the 16 bytes from `start` on are read at once where they are there. `secret` is the
 * key of the table. */
static inline void ns__form_key_make(const uint8_t *text, size_t length, size_t start,
                                     uint32_t meta, const ns__hash_key *secret, ns__form_key *key)
{
    static const uint8_t kept[2 * NS_SLOT_INLINE] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                     255, 255, 255, 255, 255, 255, 255, 255};
    size_t word_length = ns__slot_length(meta);
    uint64_t low, high;
    if (__builtin_expect(word_length > NS_SLOT_INLINE, 0)) {
        ns__form_key_long(text + start, meta, secret, key);
        return;
    }
    if (__builtin_expect(length - start >= NS_SLOT_INLINE, 1)) {
        const uint8_t *mask = kept + NS_SLOT_INLINE - word_length;
        low = ns__get_u64(text + start) & ns__get_u64(mask);
        high = ns__get_u64(text + start + 8) & ns__get_u64(mask + 8);
    } else {
        uint8_t padded[NS_SLOT_INLINE] = {0};
        memcpy(padded, text + start, word_length);
        low = ns__get_u64(padded);
        high = ns__get_u64(padded + 8);
    }
    key->low = low;
    key->high = high;
    key->meta = meta;
    key->hash = ns__slot_hash(low, high, meta, secret);
}

static inline bool ns__slot_has(const ns__form_slot *slot, const ns__form_key *key)
{
    if (slot->meta != key->meta || slot->high != key->high)
        return false;
    if (slot->low == key->low)
        return true;
    size_t length = ns__slot_length(key->meta);
    return length > NS_SLOT_INLINE && memcmp((const void *)(uintptr_t)slot->low,
                                             (const void *)(uintptr_t)key->low, length) == 0;
}

/* The slot of a word, or NULL; good until the next word is learnt. */
static inline const ns__form_slot *ns__forms_find(const ns__form_slot *slots, size_t mask,
                                                  const ns__form_key *key)
{
    for (size_t at = key->hash & mask;; at = (at + 1) & mask) {
        const ns__form_slot *slot = &slots[at];
        if (__builtin_expect(ns__slot_has(slot, key), 1))
            return slot;
        if (slot->meta == 0)
            return NULL;
    }
}

#endif
