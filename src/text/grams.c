/* Scripts without spaces: a run of them becomes overlapping pairs of grapheme clusters.
 *
 * A run may mix such scripts: in Japanese, kanji and kana make up one word. It ends before the
 * first code point that is neither a letter of such a script nor extends the one before it. */
#include <utf8proc.h>

#include "text/run.h"
#include "text/utf8.h"

enum { MAX_CLUSTER_BYTES = 1024 }; /* a run ends within a longer one */

/* Letters that are a cluster each among their like: kana and the common ideographs. */
static bool stands_alone(uint32_t code)
{
    return (code >= 0x4e00 && code <= 0x9fff) || (code >= 0x3041 && code <= 0x3096) ||
           (code >= 0x30a1 && code <= 0x30fc) || (code >= 0x3400 && code <= 0x4dbf);
}

static bool continues_run(unsigned properties)
{
    unsigned class = ns__word_class(properties);
    return (properties & NS_UNICODE_GRAM) || class == NS_WB_EXTEND || class == NS_WB_ZWJ ||
           class == NS_WB_FORMAT;
}

/* The end of the cluster at `at`; *more when the run goes on behind it. */
static size_t cluster_end(const ns__run *run, size_t at, bool *more)
{
    unsigned length;
    uint32_t before = ns__utf8_decode(run->text + at, &length);
    size_t start = at;
    int32_t state = 0;
    *more = false;
    for (at += length; at < run->length; at += length) {
        uint32_t next = ns__utf8_decode(run->text + at, &length);
        unsigned properties = ns__unicode(next);
        if (!continues_run(properties) || at - start > MAX_CLUSTER_BYTES)
            return at;
        bool letter = properties & NS_UNICODE_GRAM; /* marks stay, even where UAX #29 differs */
        bool apart = (stands_alone(before) && stands_alone(next)) ||
                     utf8proc_grapheme_break_stateful((int32_t)before, (int32_t)next, &state);
        if (letter && apart) {
            *more = true;
            return at;
        }
        before = next;
    }
    return at;
}

ns_status ns__run_grams(ns__run *run, size_t *at)
{
    bool more;
    size_t first = *at, second = cluster_end(run, first, &more);
    *at = second;
    if (!more)
        return ns__run_emit(run, first, second, NS_TOKEN_GRAM | NS_TOKEN_SINGLE);
    uint32_t flags = NS_TOKEN_GRAM;
    while (more) {
        size_t end = cluster_end(run, second, &more);
        NS_TRY(ns__run_emit(run, first, end, flags));
        flags = NS_TOKEN_GRAM | NS_TOKEN_JOINED;
        first = second;
        second = end;
    }
    *at = second;
    return NS_OK;
}
