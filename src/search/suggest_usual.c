/* Which form of a word is the usual one: the most frequent in the best passages for it. */
#include "search/suggest.h"
#include "search/usual_forms.h"

enum { PASSAGES = 8 };

/* Puts the most frequent form in the best passages for a form in its place, if one fits. */
static ns_status usual_form(ns__completer *all, ns__str *form)
{
    ns__usual_forms found;
    const ns__usual_form *best = NULL;
    NS_TRY(ns__usual_forms_count(all->index, *form, PASSAGES, &all->folder, &all->arena, &found,
                                 all->err));
    for (size_t i = 0; i < found.count; i++) {
        const ns__usual_form *here = &found.forms[i];
        bool fits;
        NS_TRY(ns__completer_fits(all, here->form, &fits));
        if (fits && (best == NULL || here->times > best->times ||
                     (here->times == best->times && ns__form_is_shorter(here->form, best->form))))
            best = here;
    }
    if (best != NULL)
        *form = best->form;
    return NS_OK;
}

ns_status ns__completer_usual(ns__completer *all, size_t limit)
{
    for (size_t i = 0; i < all->count && i < limit; i++)
        NS_TRY(usual_form(all, &all->list[i].form));
    return NS_OK;
}
