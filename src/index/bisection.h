/* An order of documents in which documents with the same terms stand together.
 *
 * Recursive graph bisection (Dhulipala, Kabiljo, Karrer, Ottaviano, Pupyrev, Shalita, "Compressing
 * Graphs and Indexes with Recursive Graph Bisection", KDD 2016; Mackenzie, Petri, Moffat, "Faster
 * Index Reordering with Bipartite Graph Partitioning", SIGIR 2021): the documents are cut into two
 * halves, pairs change sides as long as that makes the gaps of the terms' lists smaller, and each
 * half is cut again.
 *
 * All arithmetic is on integers, and nothing depends on threads or on where the lists are kept: the
 * same documents in the same order give the same result on every machine. */
#ifndef NS_INDEX_BISECTION_H
#define NS_INDEX_BISECTION_H

#include "base/error.h"
#include "os/file.h"
#include "os/pool.h"

/* The distinct terms of each document: those of document d are `lengths[d]` numbers below
 * term_count from `starts[d]` on. */
typedef struct ns__forward {
    uint32_t documents, term_count;
    uint64_t *starts;
    uint32_t *lengths;
    uint32_t *terms;        /* all lists, or NULL: they are in `spool`, */
    const ns__spool *spool; /* as u32 in the order of this machine, in the order of documents */
} ns__forward;

typedef struct ns__bisection_options {
    ns__pool *pool;
    uint64_t memory_bytes; /* that lists read from the spool may take */
    /* Called now and then by the caller's thread with a share of the work done, in 1 / 2^20; an
     * error stops. NULL is fine. */
    ns_status (*tick)(void *payload, uint32_t done, ns_error *err);
    void *payload;
} ns__bisection_options;

enum { NS__BISECTION_DONE = 1 << 20 };

/* The order into order[documents], a permutation. Lists in memory are overwritten, their
 * lengths too. About 24 bytes a document and, for each thread, 24 a term. */
ns_status ns__bisect(ns__forward *forward, const ns__bisection_options *options, uint32_t *order,
                     ns_error *err);

#endif
