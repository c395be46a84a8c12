/* The batch inverter: analysed articles in, a run out.
 *
 * Words go as term ids into one stream with passage borders; a full batch is inverted at once by a
 * counting sort over term ids (after the single-pass in-memory inversion of Heinz and Zobel 2003,
 * but sorting a batch instead of growing a list per term). What it makes depends on the articles of
 * the batch alone. */
#ifndef NS_INDEX_INVERTER_H
#define NS_INDEX_INVERTER_H

#include "index/run.h"
#include "text/passages.h"

typedef struct ns__inverter ns__inverter;

/* The analyser that all tokens come from is borrowed. */
ns_status ns__inverter_open(ns__analyzer *analyzer, ns__inverter **out, ns_error *err);
void ns__inverter_close(ns__inverter *inverter); /* NULL is fine */

/* Adds one article: the first title_count tokens of the headline, and all passages. *fingerprint is
 * that of the body (fingerprint.h). */
ns_status ns__inverter_add(ns__inverter *inverter, const ns__token *title, size_t title_count,
                           const ns__passages *passages, uint64_t *fingerprint, ns_error *err);
uint32_t ns__inverter_articles(const ns__inverter *inverter); /* in the batch */
uint32_t ns__inverter_passages(const ns__inverter *inverter);
size_t ns__inverter_tokens(const ns__inverter *inverter);

/* Inverts the batch into *run (zeroed before; first_passage is the caller's) and empties it. A
 * surface form is written with the first run after ns__inverter_forget that has it. */
ns_status ns__inverter_finish(ns__inverter *inverter, ns__run *run, ns_error *err);

/* To be called, on an empty batch, right after ns__analyzer_clear. */
void ns__inverter_forget(ns__inverter *inverter);

#endif
