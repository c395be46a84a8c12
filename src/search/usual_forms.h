/* Which forms of a word are usual, told by a few passages: the dictionary knows how many passages
 * have a word in any form, but not in which. */
#ifndef NS_SEARCH_USUAL_FORMS_H
#define NS_SEARCH_USUAL_FORMS_H

#include "index/snapshot.h"
#include "text/fold.h"

enum { NS_USUAL_FORMS = 64 };

/* A form and how often it stands in the passages. */
typedef struct ns__usual_form {
    ns__str form; /* in the arena */
    uint32_t times;
} ns__usual_form;

typedef struct ns__usual_forms {
    ns__usual_form forms[NS_USUAL_FORMS];
    size_t count;
} ns__usual_forms;

/* Counts the forms of the word that `form` is one of, in so many of the best passages for it. There
 * are none where the index has no text. */
ns_status ns__usual_forms_count(const ns_index *index, ns__str form, size_t passages,
                                ns__folder *folder, ns__arena *arena, ns__usual_forms *out,
                                ns_error *err);

#endif
