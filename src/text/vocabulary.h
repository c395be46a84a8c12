/* Distinct surface forms and terms, numbered from 0 in order of first appearance.
 *
 * Each distinct string is kept once, be it a surface, a term or both. A form is a surface with the
 * term it leads to; the same surface may have several, one for each language that stems it
 * differently. */
#ifndef NS_TEXT_VOCABULARY_H
#define NS_TEXT_VOCABULARY_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/mem.h"
#include "text/analyzer.h"

#define NS_NO_FORM UINT32_MAX /* also: no term, no name */

/* A string. */
typedef struct ns__name_entry {
    const uint8_t *text;
    uint32_t length;
    uint32_t form; /* the first form with this surface; NS_NO_FORM: none */
    uint32_t term; /* its number as a term; NS_NO_FORM: none */
} ns__name_entry;

typedef struct ns__form_entry {
    uint32_t name, term;
    uint32_t key;  /* what folded it to this term: see ns__vocabulary_form */
    uint32_t next; /* another form with the same surface, or NS_NO_FORM */
} ns__form_entry;

/* Empty with all but the key zero. */
typedef struct ns__vocabulary {
    ns__hash_key key;
    ns__name_entry *names;
    size_t name_count, name_capacity;
    uint64_t *slots; /* half a hash, number + 1; 0 is empty */
    size_t slot_count;
    ns__form_entry *forms;
    size_t form_count, form_capacity;
    uint32_t *terms; /* their names */
    size_t term_count, term_capacity;
    ns__arena arena;
    uint8_t *room, *room_end; /* of the arena, for short strings */
} ns__vocabulary;

void ns__vocabulary_release(ns__vocabulary *vocabulary);
void ns__vocabulary_clear(ns__vocabulary *vocabulary);
size_t ns__vocabulary_memory(const ns__vocabulary *vocabulary);
/* What its strings need of that: 0 once it is cleared, though the tables stay. */
size_t ns__vocabulary_learnt(const ns__vocabulary *vocabulary);

/* A string about to be looked up. */
typedef struct ns__vocabulary_key {
    ns__str text;
    uint64_t hash;
} ns__vocabulary_key;

/* Makes the key of a string, and asks for the memory where it is looked for: it comes while other
 * work is done. */
ns__vocabulary_key ns__vocabulary_ask(const ns__vocabulary *vocabulary, ns__str text);
/* The number of a string, new or old. */
ns_status ns__vocabulary_name(ns__vocabulary *vocabulary, const ns__vocabulary_key *key,
                              uint32_t *name, ns_error *err);
/* A copy that lives until the vocabulary is cleared, or NULL. */
const uint8_t *ns__vocabulary_keep(ns__vocabulary *vocabulary, ns__str text);

/* The form of a surface that was made with this key (a language and the like: what decides, besides
 * the surface, which term it leads to), or NS_NO_FORM. */
uint32_t ns__vocabulary_form(const ns__vocabulary *vocabulary, uint32_t name, uint32_t key);
/* The form of a surface and a term, new or old; a new one gets the key. */
ns_status ns__vocabulary_add(ns__vocabulary *vocabulary, uint32_t name,
                             const ns__vocabulary_key *term, uint32_t key, uint32_t *form,
                             ns_error *err);

static inline ns__str ns__vocabulary_text(const ns__vocabulary *vocabulary, uint32_t name)
{
    return (ns__str){vocabulary->names[name].text, vocabulary->names[name].length};
}

#endif
