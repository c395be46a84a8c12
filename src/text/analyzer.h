/* The analyser: text to tokens, with a table of the forms it has met.
 *
 * An analyser remembers each distinct (word as written, language) once: its surface form
 * (case-folded) and its term. Surfaces and terms get dense ids in order of first appearance, so
 * that an indexer can work on ids alone and sort the names at the end. The table lives until
 * ns__analyzer_clear. Not thread-safe: one analyser a thread. */
#ifndef NS_TEXT_ANALYZER_H
#define NS_TEXT_ANALYZER_H

#include "base/bytes.h"
#include "base/error.h"
#include "ns/analysis.h"

typedef struct ns__analyzer ns__analyzer;

/* A language by its index in the analyser's table of languages; 0 is "none" (no stemming). */
typedef uint32_t ns__lang;

enum {
    NS_TOKEN_GRAM = 1,   /* a bigram (or lone cluster) of a script without spaces */
    NS_TOKEN_SINGLE = 2, /* with GRAM: a run of one cluster */
    NS_TOKEN_JOINED = 4, /* with GRAM: overlaps the token before it (same run) */
    NS_TOKEN_CONTEXT =
        8 /* its form depends on the capitals around it ("US"): see docs/analysis.md */
};

/* Tokens of one or more texts, in order. The token's position in its field is its index there:
 * there are no gaps. Byte ranges refer to the text passed to the call that appended them, of the
 * original characters (a bigram covers both clusters). */
typedef struct ns__token {
    uint32_t start, end; /* bytes */
    uint32_t form;       /* id for ns__analyzer_form */
    uint32_t term;       /* id for ns__analyzer_term: two forms may lead to one term */
    uint32_t flags;
} ns__token;

typedef struct ns__tokens {
    ns__token *items;
    size_t count, capacity;
} ns__tokens;
void ns__tokens_release(ns__tokens *tokens);

typedef struct ns__form {
    ns__str surface; /* case-folded NFKC; borrowed until ns__analyzer_clear */
    uint32_t term;
} ns__form;

ns_status ns__analyzer_open(const ns_analysis_settings *settings, ns__analyzer **out,
                            ns_error *err);
void ns__analyzer_close(ns__analyzer *analyzer); /* NULL is fine */
/* Forgets all forms and terms: ids start from 0 again. */
void ns__analyzer_clear(ns__analyzer *analyzer);
const ns_analysis_settings *ns__analyzer_settings(const ns__analyzer *analyzer);
/* Bytes of memory the tables take. */
size_t ns__analyzer_memory(const ns__analyzer *analyzer);
/* What the words that it knows need of that. Its tables stay when they are forgotten, so that this,
 * not their size, tells when it is time to forget: else it would be always, once they have grown.
 */
size_t ns__analyzer_learnt(const ns__analyzer *analyzer);

/* The language for a code such as "en" or "en-GB" (case-insensitive, region ignored, three-letter
 * codes and English names accepted); 0 when there is no stemmer for it. */
ns__lang ns__analyzer_language(const ns__analyzer *analyzer, ns__str code);
const char *ns__lang_code(ns__lang lang); /* "en"; "" for 0 */
/* Number of languages known, 0 included: codes run from 0 to this - 1, the same in every run of
 * this version. */
uint32_t ns__lang_count(void);
/* The language a text seems to be in, by script and by frequent words; 0 when unsure. */
ns__lang ns__lang_guess(ns__str text);
/* The language to analyse a record in: that of its own code (0 when there is no stemmer for it),
 * or the setting's when it names none. */
ns__lang ns__analyzer_record_language(const ns__analyzer *analyzer, ns__str code, ns__str text);

/* Appends the tokens of `text` (valid UTF-8, < 4 GiB) to *out. */
ns_status ns__analyzer_run(ns__analyzer *analyzer, ns__lang lang, ns__str text, ns__tokens *out,
                           ns_error *err);
/* The plain way: Unicode rules for every byte, no ASCII fast path. Same tokens. */
ns_status ns__analyzer_run_plain(ns__analyzer *analyzer, ns__lang lang, ns__str text,
                                 ns__tokens *out, ns_error *err);

/* Its scratch memory for folding, which is overwritten by the next run. */
struct ns__folder *ns__analyzer_folder(ns__analyzer *analyzer);

uint32_t ns__analyzer_form_count(const ns__analyzer *analyzer);
uint32_t ns__analyzer_term_count(const ns__analyzer *analyzer);
ns__form ns__analyzer_form(const ns__analyzer *analyzer, uint32_t form);
ns__str ns__analyzer_term(const ns__analyzer *analyzer, uint32_t term);
/* Ask for the memory that ns__analyzer_term will look at: first for the term's number, of which the
 * second takes the place of its name. */
void ns__analyzer_prefetch_far(const ns__analyzer *analyzer, uint32_t term);
void ns__analyzer_prefetch(const ns__analyzer *analyzer, uint32_t term);

/* Versions of Unicode data, utf8proc and Snowball in use, as one line stored in the index. */
const char *ns__analyzer_versions(void);
/* Does this analyser give the terms of an index made with these, for each language in it? */
bool ns__analyzer_can_read(const char *versions);

#endif
