/* A static model of text: words coded by Huffman codes that depend on the word before.
 *
 * A text is cut into symbols: the 256 bytes, and words that were frequent in a sample of it. Each
 * symbol has a code among all symbols. A frequent symbol also is a *context*: what often comes
 * behind it has a shorter code there, and the rest is announced by an escape. (Moffat 1989, "Word-
 * based text compression", of which this is the kind with everything counted beforehand.)
 *
 * A coded text begins without a context and depends on the model alone. Nothing is adapted, so that
 * any number of threads can use a model, and a reader can begin at any block. */
#ifndef NS_CODEC_MODEL_H
#define NS_CODEC_MODEL_H

#include "base/buf.h"
#include "base/error.h"

enum {
    NS_MODEL_WORD_BYTES = 16,
    NS_MODEL_SYMBOLS = 65535, /* at most; 256 of them are bytes */
    NS_MODEL_ESCAPE = 65535,  /* stands for a symbol in contexts */
    NS_MODEL_SHORTEST = 3,    /* bits of a code among all symbols */
    NS_MODEL_LONGEST = 18,
    NS_MODEL_CONTEXT_LONGEST = 15 /* bits of a code in a context */
};

/* ---- Writing ---- */

typedef struct ns__model_writer ns__model_writer;

/* A text that was cut into words once, for what goes through it several times: model_cuts.h. */
typedef struct ns__model_cuts {
    uint32_t *words; /* of each its symbol, or that it is spelled; above that its length */
    size_t count, room;
} ns__model_cuts;

/* A place in such a text. */
typedef struct ns__cut_place {
    size_t word; /* number of a word */
    size_t at;   /* where it begins */
} ns__cut_place;

/* Makes a model for text like the sample, and `scale` times as long: words and contexts must save
 * there what they cost in the table. Depends on the bytes of the sample alone. `cuts` (empty, or
 * NULL): takes the words of the sample, some 4 bytes for 5 of text; it goes faster with them. */
ns_status ns__model_train(ns__str sample, unsigned scale, ns__model_cuts *cuts,
                          ns__model_writer **out, ns_error *err);
/* What readers need. The writer's. */
ns__str ns__model_table(const ns__model_writer *model);
/* How far a sample is from what the model was made of: the bits that its symbols would save if they
 * had codes after their own frequencies (Kullback and Leibler 1951), in thousandths of its bits.
 * Looks at parts of a long sample. */
ns_status ns__model_distance(const ns__model_writer *model, ns__str sample, unsigned *out,
                             ns_error *err);
/* Appends `text` as codes. Any number of threads at a time. */
void ns__model_encode(const ns__model_writer *model, ns__str text, ns__buf *out);
/* Appends sample[start, end), of which the words are known. *place is of the first word that begins
 * at `start` or later, and moves to that from `end` on. Same codes. */
void ns__model_encode_cuts(const ns__model_writer *model, ns__str sample,
                           const ns__model_cuts *cuts, size_t start, size_t end,
                           ns__cut_place *place, ns__buf *out);
/* Moves a place, of the first word at first, to the first word that begins at `to` or later. */
void ns__model_move(const ns__model_cuts *cuts, ns__str sample, size_t to, ns__cut_place *place);
void ns__model_cuts_release(ns__model_cuts *cuts);
/* The plain way: a symbol at a time. Same codes. */
void ns__model_encode_plain(const ns__model_writer *model, ns__str text, ns__buf *out);
void ns__model_writer_free(ns__model_writer *model); /* NULL is fine */

/* ---- Reading ---- */

enum { NS__MODEL_LENGTHS = NS_MODEL_LONGEST + 2, NS__MODEL_BEGINNINGS = 256 };

/* What is known of a model before it is used; all else is read where it stands in the table. */
typedef struct ns__model {
    const uint8_t *table;
    uint32_t length;
    uint32_t symbols, own, contexts; /* own: contexts that are symbols */
    uint32_t first_start;            /* of the words */
    uint32_t last_start;             /* where anything can begin */
    const uint8_t *sets, *pages, *groups, *context_offsets;
    uint16_t class_of[256]; /* the context of a word that is none itself, by its last byte */
    uint32_t limits[NS__MODEL_LENGTHS], bases[NS__MODEL_LENGTHS];
    uint8_t shorter[NS__MODEL_BEGINNINGS]; /* by the first 8 bits of a code: lengths that it is
                                              longer than */
} ns__model;

/* The table must outlive the model, which needs no closing. False when it is damaged where it
 * begins. */
bool ns__model_open(ns__str table, ns__model *out);
/* Exactly `room` bytes of the text into `into`, those behind the first `skip`; `all`: with them it
 * ends. False when damaged. Any number of threads at a time. */
bool ns__model_decode(const ns__model *model, ns__str coded, size_t skip, uint8_t *into,
                      size_t room, bool all);
/* Whether all of the table is as a writer makes it. */
bool ns__model_check(const ns__model *model);

#endif
