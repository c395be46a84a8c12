/* Every limit of ns in one place, with what happens beyond it. */
#ifndef NS_BASE_LIMITS_H
#define NS_BASE_LIMITS_H

/* Text. */
#define NS_MAX_TERM_BYTES 255       /* longer terms: their first bytes and a hash (see text/) */
#define NS_MAX_TOKEN_BYTES 65536    /* a longer run without a border is cut into tokens */
#define NS_MAX_PASSAGE_TERMS 255    /* a passage is cut at clause, word, cluster */
#define NS_PASSAGE_TARGET_TERMS 120 /* a passage is closed at the sentence end that is nearest */
#define NS_MAX_TITLE_TERMS 4096     /* further headline words are stored but not searchable */
#define NS_MAX_TITLE_POSTINGS                                                                      \
    (1u << 24)              /* headline words times passages of one article: likewise */
#define NS_MAX_LANGUAGES 32 /* of one index; further ones are treated as "no language" */

/* Records. */
#define NS_MAX_RECORD_BYTES (256u << 20) /* default of --max-record; larger records are refused */
#define NS_MAX_ID_BYTES 4096             /* a record with a longer id is refused */
#define NS_MAX_COLUMN_BYTES 4096 /* longer source, section, … are cut in the column only */
#define NS_MAX_JSON_DEPTH 128    /* deeper records are refused */

/* Writing. */
#define NS_DEFAULT_MEMORY (512ull << 20) /* of a writer that is given none */
#define NS_THREAD_MEMORY (32u << 20)     /* of it for each thread: there are no more than fit, */
#define NS_LEAST_THREADS 2               /* but so many always, if they are asked for, */
#define NS_MAX_THREADS 256               /* and never more than these */

/* Segments. */
#define NS_MAX_PASSAGES 0xfffffff0u /* per segment; ids are 32 bits */
#define NS_MAX_SEGMENTS 1024        /* per snapshot */
#define NS_MAX_GENERATION                                                                          \
    18446744073709551609u        /* the highest that readers look for: nothing is                  \
                                    written to an index that has it */
#define NS_MAX_SURFACE_BYTES 255 /* longer surface forms are not kept in the surface table */

/* Postings. */
#define NS_BLOCK_POSTINGS 256   /* default block size; tests use 4 */
#define NS_WINDOW_PASSAGES 4096 /* default window size; tests use 16 */
#define NS_SHORT_POSTINGS 128   /* lists up to this df have no blocks (half a block in tests) */
#define NS_MAX_BOUND_PAIRS 4    /* (tf, length) pairs a half block keeps */

/* Queries. */
#define NS_MAX_QUERY_BYTES (64u << 10) /* a longer query is refused */
#define NS_MAX_QUERY_LEAVES 1024       /* words and phrases of one query; more are refused */
#define NS_MAX_QUERY_DEPTH 64          /* of parentheses; deeper queries are refused */
#define NS_MAX_NEAR_OPERANDS 8         /* of one NEAR or slop; more are refused */
#define NS_MAX_FILTERS 64              /* values and dates of one query; more are refused */
#define NS_MAX_SPREADS 64              /* patterns and fuzzy words of one query; more are refused */
#define NS_DEFAULT_NEAR 10             /* NEAR is NEAR/10 */
#define NS_MAX_NEAR_DISTANCE 10000 /* of NEAR/k and "…"~k; a larger one is lowered, with a note */
#define NS_MAX_PATTERN_BYTES 255   /* of a word with * or ?; a longer one is read as a word */
#define NS_MAX_PATTERN_WILDCARDS 16 /* … likewise */
#define NS_MAX_QUERY_NOTES 32       /* further notes are not told */
#define NS_MIN_WEIGHT 0.001         /* of ^; smaller ones are raised to it, with a note */
#define NS_MAX_WEIGHT 1000.0        /* … larger ones lowered */
#define NS_MAX_PHRASE_TERMS 255     /* of one phrase; a longer one matches nothing in passages */
#define NS_MAX_EXPANSIONS 1024      /* terms that one query word may stand for; rest is cut */
#define NS_MAX_RESULTS 100000       /* of -n */
#define NS_HITS_EXACT 1000          /* hits are counted exactly up to here without --count */

#endif
