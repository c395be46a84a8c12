/* Sheaves of postings, written by jobs: see lists.h. */
#include "index/lists.h"

#include "base/mem.h"

enum { FULL_POSITIONS = 4 * NS__SHEAF_POSTINGS }; /* a sheaf does not grow beyond for more */

static ns__sheaf *new_sheaf(ns__lists *lists)
{
    ns__sheaf *sheaf = ns__zalloc(1, sizeof *sheaf);
    if (sheaf == NULL)
        return NULL;
    sheaf->lists = lists;
    if (NS_RESERVE(sheaf->positions, sheaf->position_capacity, FULL_POSITIONS) == NS_OK)
        return sheaf;
    ns__free(sheaf);
    return NULL;
}

ns_status ns__lists_open(ns__pool *pool, ns__postings_writer *postings, ns__terms_writer *terms,
                         ns__lists *out, ns_error *err)
{
    *out = (ns__lists){.pool = pool, .postings = postings, .terms = terms};
    for (int i = 0; i < 2; i++) {
        out->sheaves[i] = new_sheaf(out);
        if (out->sheaves[i] == NULL) {
            ns__lists_close(out);
            return ns__no_memory(err);
        }
    }
    out->open = out->sheaves[0];
    return NS_OK;
}

/* ---- The job ---- */

/* Postings of one term from *first and *position on. */
static ns_status write_postings(ns__sheaf *sheaf, uint32_t first, uint32_t end, size_t position)
{
    ns__posting_batch batch = {end - first, sheaf->passages + first, sheaf->tfs + first,
                               sheaf->title_tfs + first, sheaf->positions + position};
    return ns__postings_add(sheaf->lists->postings, &batch, &sheaf->error);
}

static ns_status write_term(ns__sheaf *sheaf, ns__str name, bool is_form)
{
    ns__lists *lists = sheaf->lists;
    ns__buf_clear(&lists->value);
    NS_TRY(ns__postings_end_term(lists->postings, &lists->value, &sheaf->error));
    if (lists->value.failed)
        return ns__no_memory(&sheaf->error);
    return ns__terms_add(lists->terms, name, is_form,
                         (ns__str){lists->value.data, lists->value.length}, &sheaf->error);
}

static ns_status write_sheaf(ns__sheaf *sheaf)
{
    ns__sheaf_term before = {0};
    for (size_t i = 0; i < sheaf->term_count; i++) {
        const ns__sheaf_term *term = &sheaf->terms[i];
        ns__str name = {sheaf->names.data + before.names, term->names - before.names};
        NS_TRY(write_postings(sheaf, before.postings, term->postings, before.positions));
        NS_TRY(write_term(sheaf, name, term->is_form));
        before = *term;
    }
    return write_postings(sheaf, before.postings, sheaf->count, before.positions);
}

static void run_sheaf(ns__job *job, unsigned worker)
{
    (void)worker;
    ns__sheaf *sheaf = (ns__sheaf *)job;
    sheaf->status = write_sheaf(sheaf);
}

/* ---- Handing over ---- */

static ns__sheaf *other_sheaf(const ns__lists *lists)
{
    return lists->sheaves[lists->open == lists->sheaves[0]];
}

/* Waits for the sheaf in flight and empties it. */
static ns_status land(ns__lists *lists, ns_error *err)
{
    ns__sheaf *sheaf = other_sheaf(lists);
    if (!sheaf->flying)
        return NS_OK;
    ns__pool_wait(lists->pool, &sheaf->job);
    sheaf->flying = false;
    sheaf->count = 0;
    sheaf->position_count = sheaf->term_count = 0;
    ns__buf_clear(&sheaf->names);
    if (sheaf->status < 0 && err)
        *err = sheaf->error;
    return sheaf->status;
}

static ns_status launch(ns__lists *lists, ns_error *err)
{
    NS_TRY(land(lists, err));
    ns__sheaf *sheaf = lists->open;
    lists->open = other_sheaf(lists);
    sheaf->flying = true;
    sheaf->job.run = run_sheaf;
    ns__pool_submit(lists->pool, &sheaf->job);
    return NS_OK;
}

ns_status ns__lists_make_room(ns__lists *lists, size_t positions, ns_error *err)
{
    const ns__sheaf *full = lists->open;
    if (full->count == NS__SHEAF_POSTINGS || full->position_count >= FULL_POSITIONS / 2)
        NS_TRY(launch(lists, err));
    ns__sheaf *open = lists->open;
    if (NS_RESERVE(open->positions, open->position_capacity, open->position_count + positions) < 0)
        return ns__no_memory(err);
    return NS_OK;
}

ns_status ns__lists_end_term(ns__lists *lists, ns__str term, bool is_form, ns_error *err)
{
    ns__sheaf *open = lists->open;
    ns__buf_append(&open->names, term.data, term.length);
    if (open->names.failed ||
        NS_RESERVE(open->terms, open->term_capacity, open->term_count + 1) < 0)
        return ns__no_memory(err);
    open->terms[open->term_count++] =
        (ns__sheaf_term){open->count, is_form, open->position_count, open->names.length};
    return NS_OK;
}

ns_status ns__lists_finish(ns__lists *lists, ns_error *err)
{
    NS_TRY(launch(lists, err));
    return land(lists, err);
}

void ns__lists_close(ns__lists *lists)
{
    for (int i = 0; i < 2; i++) {
        ns__sheaf *sheaf = lists->sheaves[i];
        if (sheaf == NULL)
            continue;
        if (sheaf->flying)
            ns__pool_wait(lists->pool, &sheaf->job);
        ns__free(sheaf->positions);
        ns__free(sheaf->terms);
        ns__buf_release(&sheaf->names);
        ns__free(sheaf);
    }
    ns__buf_release(&lists->value);
    *lists = (ns__lists){0};
}
