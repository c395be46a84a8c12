/* Checking a segment: every structure against every other.
 *
 * Articles come first, because lists are compared with their lengths and headlines; then the
 * terms, each with its list; then the sums over all lists. Checksums are verified before by the
 * caller: what is found here was written wrong. */
#include "segment/check_parts.h"

#include <stdarg.h>
#include <stdio.h>

void ns__check_fault(ns__check *check, const ns__frame *frame, const void *at, const char *format,
                     ...)
{
    char message[400];
    va_list args;
    uintptr_t place = (uintptr_t)at, begin = (uintptr_t)frame->map.data;
    uint64_t offset = NS_NO_OFFSET;
    if (!ns__check_goes_on(check))
        return;
    if (at != NULL && place >= begin && place - begin <= frame->map.length)
        offset = place - begin;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    check->stopped = !check->report(check->payload, frame->path, offset, message);
}

void ns__check_error(ns__check *check, ns_status status, const ns_error *error, const char *prefix)
{
    char message[sizeof error->message + 320];
    check->incomplete = true;
    if (status == NS_ERR_MEMORY)
        check->no_memory = true;
    if (!ns__check_goes_on(check))
        return;
    snprintf(message, sizeof message, "%s: %s", prefix, error->message);
    check->stopped = !check->report(check->payload, error->file, error->offset, message);
}

void *ns__check_alloc(ns__check *check, uint64_t count, size_t size)
{
    void *memory = count <= SIZE_MAX / 16 ? ns__zalloc((size_t)count, size) : NULL;
    if (memory == NULL)
        check->no_memory = true;
    return memory;
}

/* Every posting has been seen: do they add up to what the articles say? */
static void check_sums(ns__check *check)
{
    const ns__articles *articles = &check->segment->articles;
    const ns__lengths *lengths = &articles->lengths;
    for (uint32_t p = 0; p < articles->passages && ns__check_goes_on(check); p++) {
        uint32_t a = ns__article_of(articles, p);
        uint64_t title_terms = check->headline_starts[a + 1] - check->headline_starts[a];
        const uint8_t *at = lengths->data + (size_t)p * lengths->width;
        /* Without weight, a word of a headline alone has no posting. */
        if (check->title_sums[p] != title_terms && check->settings->title_weight != 0)
            ns__check_fault(check, articles->frame, at,
                            "passage %u has %llu headline words in the posting lists, but its "
                            "headline has %llu",
                            p, (unsigned long long)check->title_sums[p],
                            (unsigned long long)title_terms);
        else if (check->length_sums[p] != ns__length_of(lengths, p))
            ns__check_fault(check, articles->frame, at,
                            "the frequencies of passage %u add up to %llu, but its length is %u", p,
                            (unsigned long long)check->length_sums[p], ns__length_of(lengths, p));
    }
}

static void release(ns__check *check)
{
    ns__arena_release(&check->arena);
    ns__check_spellings_close(check);
    ns__free(check->headline_starts);
    ns__free(check->headlines);
    ns__free(check->token_starts);
    ns__free(check->tokens_seen);
    ns__free(check->length_sums);
    ns__free(check->title_sums);
}

ns_status ns__segment_check(const ns__segment *segment, const ns_index_settings *settings,
                            bool (*report)(void *payload, const char *file, uint64_t offset,
                                           const char *message),
                            void *payload, ns_error *err)
{
    ns__check check = {
        .segment = segment, .settings = settings, .report = report, .payload = payload};
    check.length_sums = ns__check_alloc(&check, segment->articles.passages, 8);
    check.title_sums = ns__check_alloc(&check, segment->articles.passages, 8);
    if (ns__check_goes_on(&check))
        ns__check_articles(&check);
    if (ns__check_goes_on(&check))
        ns__check_text(&check);
    if (ns__check_goes_on(&check))
        ns__check_spellings_open(&check);
    if (ns__check_goes_on(&check))
        ns__check_terms(&check);
    if (ns__check_goes_on(&check) && !check.incomplete)
        check_sums(&check);
    release(&check);
    return check.no_memory ? ns__no_memory(err) : NS_OK;
}
