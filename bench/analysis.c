/* What text analysis costs: megabytes of text a second of processor time, best of five passes.
 *
 *   ns_bench_analysis FILE LANGUAGE
 *
 * FILE holds texts in UTF-8, each ended by a zero byte; LANGUAGE is a code such as en. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "index/inverter.h"
#include "index/run.h"
#include "text/passages.h"
#include "text/sentence.h"
#include "text/utf8.h"

enum { PASSES = 5 };

typedef struct subject {
    ns__analyzer *analyzer;
    ns__lang lang;
    ns__tokens tokens;
    ns__passages passages;
    ns__borders borders;
    ns__inverter *inverter;
    size_t batched; /* bytes of text in the inverter */
} subject;

static size_t validate(subject *with, ns__str text)
{
    (void)with;
    return ns__utf8_valid_prefix(text);
}

static size_t guess(subject *with, ns__str text)
{
    return ns__analyzer_record_language(with->analyzer, NS_STR(""), text);
}

static size_t tokens(subject *with, ns__str text)
{
    with->tokens.count = 0;
    if (ns__analyzer_run(with->analyzer, with->lang, text, &with->tokens, NULL) != NS_OK)
        exit(2);
    return with->tokens.count;
}

static size_t tokens_plain(subject *with, ns__str text)
{
    with->tokens.count = 0;
    if (ns__analyzer_run_plain(with->analyzer, with->lang, text, &with->tokens, NULL) != NS_OK)
        exit(2);
    return with->tokens.count;
}

static size_t sentences(subject *with, ns__str text)
{
    if (ns__sentences_scan(text, &with->borders, NULL) != NS_OK)
        exit(2);
    return with->borders.count;
}

static size_t passages(subject *with, ns__str text)
{
    if (ns__passages_cut(with->analyzer, with->lang, text, &with->passages, NULL) != NS_OK)
        exit(2);
    return with->passages.count;
}

/* Cuts passages and inverts them, in batches as large as ns index makes them. */
static size_t invert(subject *with, ns__str text)
{
    enum { BATCH_BYTES = 8 << 20 };
    uint64_t fingerprint;
    if (ns__passages_cut(with->analyzer, with->lang, text, &with->passages, NULL) != NS_OK ||
        ns__inverter_add(with->inverter, NULL, 0, &with->passages, &fingerprint, NULL) != NS_OK)
        exit(2);
    with->batched += text.length;
    if (with->batched < BATCH_BYTES)
        return 0;
    ns__run run = {0};
    if (ns__inverter_finish(with->inverter, &run, NULL) != NS_OK)
        exit(2);
    size_t passages_done = run.passages;
    ns__run_release(&run);
    with->batched = 0;
    return passages_done;
}

static const struct {
    const char *name;
    size_t (*step)(subject *with, ns__str text);
    bool forget; /* start with empty tables */
} steps[] = {
    {"validate UTF-8", validate, false},
    {"guess language", guess, false},
    {"tokens, new words", tokens, true},
    {"tokens, known words", tokens, false},
    {"tokens, plain way", tokens_plain, false},
    {"sentences", sentences, false},
    {"passages", passages, false},
    {"passages, inverted", invert, false},
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void measure(size_t step, subject *with, ns__str all)
{
    double best = 1e9;
    size_t count = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        if (steps[step].forget)
            ns__analyzer_clear(with->analyzer);
        double start = seconds();
        count = 0;
        for (size_t at = 0; at < all.length;) {
            const uint8_t *end = memchr(all.data + at, 0, all.length - at);
            size_t length = end ? (size_t)(end - all.data) - at : all.length - at;
            count += steps[step].step(with, (ns__str){all.data + at, length});
            at += length + 1;
        }
        double took = seconds() - start;
        if (took < best)
            best = took;
    }
    printf("%-20s %8.1f MB/s  %zu\n", steps[step].name, (double)all.length / best / 1e6, count);
}

int main(int count, char **arguments)
{
    FILE *file = count == 3 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: ns_bench_analysis FILE LANGUAGE\n");
        return 2;
    }
    ns__buf bytes = {0};
    while (ns__buf_reserve(&bytes, 1 << 20)) {
        size_t got = fread(bytes.data + bytes.length, 1, 1 << 20, file);
        bytes.length += got;
        if (got == 0)
            break;
    }
    fclose(file);
    ns_analysis_settings settings = {.language = "auto"};
    subject with = {0};
    if (bytes.failed || ns__analyzer_open(&settings, &with.analyzer, NULL) != NS_OK)
        return 2;
    if (ns__inverter_open(with.analyzer, &with.inverter, NULL) != NS_OK)
        return 2;
    with.lang = ns__analyzer_language(
        with.analyzer, (ns__str){(const uint8_t *)arguments[2], strlen(arguments[2])});
    for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
        measure(step, &with, (ns__str){bytes.data, bytes.length});
    printf("%u surface forms, %u terms, %zu bytes of tables\n",
           ns__analyzer_form_count(with.analyzer), ns__analyzer_term_count(with.analyzer),
           ns__analyzer_memory(with.analyzer));
    ns__tokens_release(&with.tokens);
    ns__passages_release(&with.passages);
    ns__free(with.borders.items);
    ns__inverter_close(with.inverter);
    ns__analyzer_close(with.analyzer);
    ns__buf_release(&bytes);
    return 0;
}
