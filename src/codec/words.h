/* Frequent words as two bytes: makes text smaller and quicker to compress.
 *
 * Deflate looks back 32 KB only, and sees letters. A text in which its frequent words ("word" or
 * " word", each with the space before it) have been replaced by codes is half as long, so that
 * twice as much of it is in view (after the word replacing transform of Skibinski, Grabowski and
 * Deorowicz 2005, "Revisiting dictionary-based compression").
 *
 * The bytes of a code are ones that valid UTF-8 text hardly ever has:
 *
 *   00 b    the byte b itself, for b among 00 and the leads
 *   l b     word 256 * i + b, l being lead number i: F5..FF, C0, C1, 01..08, 0B, 0C, 0E..1F
 *   b       any other byte: itself
 */
#ifndef NS_CODEC_WORDS_H
#define NS_CODEC_WORDS_H

#include "base/buf.h"
#include "base/error.h"

enum { NS_WORDS_LEADS = 41, NS_WORDS_MAX = NS_WORDS_LEADS * 256, NS_WORD_BYTES = 16 };

/* ---- Writing ---- */

typedef struct ns__words_writer ns__words_writer;

/* Chooses the words of a sample that are worth a code. *out is NULL when there are hardly any. What
 * is chosen depends on the bytes of the sample alone. */
ns_status ns__words_choose(ns__str sample, ns__words_writer **out, ns_error *err);
/* Appends the table of the words as readers want it. */
void ns__words_table(const ns__words_writer *words, ns__buf *out);
/* Appends `text` with its words replaced. Any number of threads at a time. */
void ns__words_replace(const ns__words_writer *words, ns__str text, ns__buf *out);
void ns__words_writer_free(ns__words_writer *words);

/* ---- Reading ---- */

/* u32 count, u32 end of each word from the first, the words one behind the other. */
typedef struct ns__words {
    ns__str ends, bytes; /* point into the table */
    uint32_t count;
} ns__words;

/* The number that an index has with the table: its CRC-32. */
uint32_t ns__words_id(ns__str table);
bool ns__words_open(ns__str table, ns__words *out);
/* Puts the words back: exactly `room` bytes into `into`, which are the beginning of the text, or
 * `all` of it. False when damaged. */
bool ns__words_restore(const ns__words *words, ns__str coded, uint8_t *into, size_t room, bool all);

#endif
