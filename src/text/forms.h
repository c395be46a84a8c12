/* The tables behind the analyser: words as written -> form -> surface and term.
 *
 * The first table is the one that each token of a text goes through, so its slots are half a
 * cache line: up to 16 bytes of the word itself, zero padded (words hold no zero byte), or where a
 * longer word is kept and its hash; then length, language and flags in one number. A slot with
 * meta 0 is empty. Ids are given in order of first appearance. */
#ifndef NS_TEXT_FORMS_H
#define NS_TEXT_FORMS_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/mem.h"
#include "text/analyzer.h"

enum {
    NS_SLOT_INLINE = 16, /* bytes of a word that a slot holds */
    NS_RECENT_SLOTS = 8192,
    NS_SLOT_LANG_SHIFT = 17,
    NS_SLOT_GRAM = 1 << 23,
    NS_SLOT_CAPS = 1 << 24,
    NS_SLOT_USED = 1 << 25,
    NS_SLOT_CONTEXT = 1 /* slot.flags: the form depends on the capitals around it */
};
#define NS_NO_FORM UINT32_MAX /* not a token after all */

typedef struct ns__form_slot {
    uint64_t low, high; /* the word; or its address and hash */
    uint32_t meta;      /* length | language | flags */
    uint32_t form, term, flags;
} ns__form_slot;

/* Distinct (string, number) pairs, numbered from 0. */
typedef struct ns__names {
    ns__form *items; /* surface holds the string, term the number */
    size_t count, capacity;
    uint32_t *slots; /* item + 1; 0 is empty */
    size_t slot_count;
} ns__names;

typedef struct ns__forms {
    ns__form_slot *slots;
    ns__form_slot *recent; /* copies of slots found last, by hash: what is in the processor's cache
                              when the table is far too large for it; until then just one */
    size_t slot_mask, recent_mask, used;
    ns__names forms, terms;
    ns__arena arena;
} ns__forms;

ns_status ns__forms_init(ns__forms *forms, ns_error *err);
void ns__forms_release(ns__forms *forms);
void ns__forms_clear(ns__forms *forms);
size_t ns__forms_memory(const ns__forms *forms);

/* Puts a word that ns__forms_find did not find into the table; *slot is its slot. An empty
 * surface makes it NS_NO_FORM. */
ns_status ns__forms_learn(ns__forms *forms, ns__str raw, uint32_t meta, ns__str surface,
                          ns__str term, uint32_t flags, const ns__form_slot **slot, ns_error *err);

static inline uint32_t ns__slot_meta(size_t length, ns__lang lang, uint32_t flags)
{
    return (uint32_t)length | lang << NS_SLOT_LANG_SHIFT | flags | NS_SLOT_USED;
}

/* Multiplies to 128 bits and folds, as wyhash does. */
static inline uint64_t ns__slot_hash(uint64_t low, uint64_t high, uint32_t meta)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(low ^ 0x9e3779b97f4a7c15u) * (high ^ 0xd1b54a32d192ed03u ^ meta);
    uint64_t mixed = (uint64_t)product ^ (uint64_t)(product >> 64);
    return mixed ^ mixed >> 29;
}

/* The slot of a word of more than NS_SLOT_INLINE bytes, or NULL. */
const ns__form_slot *ns__forms_find_long(const ns__forms *forms, ns__str raw, uint32_t meta);

/* The slot of the word at text[start], or NULL; good until the next word is looked for. `length` is
 * that of the whole text: the 16 bytes from `start` on are read at once where they are there. */
static inline const ns__form_slot *ns__forms_find(const ns__forms *forms, const uint8_t *text,
                                                  size_t length, size_t start, size_t word_length,
                                                  uint32_t meta)
{
    uint64_t low = 0, high = 0;
    if (__builtin_expect(word_length > NS_SLOT_INLINE, 0))
        return ns__forms_find_long(forms, (ns__str){text + start, word_length}, meta);
    if (length - start >= NS_SLOT_INLINE) {
        low = ns__get_u64(text + start);
        high = ns__get_u64(text + start + 8);
        if (word_length <= 8) {
            high = 0;
            low &= ~(uint64_t)0 >> (64 - 8 * word_length);
        } else {
            high &= ~(uint64_t)0 >> (128 - 8 * word_length);
        }
    } else {
        uint8_t padded[NS_SLOT_INLINE] = {0};
        memcpy(padded, text + start, word_length);
        low = ns__get_u64(padded);
        high = ns__get_u64(padded + 8);
    }
    uint64_t hash = ns__slot_hash(low, high, meta);
    ns__form_slot *recent = &forms->recent[hash & forms->recent_mask];
    if (recent->low == low && recent->high == high && recent->meta == meta)
        return recent;
    size_t at = hash & forms->slot_mask;
    for (;; at = (at + 1) & forms->slot_mask) {
        const ns__form_slot *slot = &forms->slots[at];
        if (slot->low == low && slot->high == high && slot->meta == meta) {
            *recent = *slot;
            return slot;
        }
        if (slot->meta == 0)
            return NULL;
    }
}

#endif
