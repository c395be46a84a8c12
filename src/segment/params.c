/* Settings as bytes: a fixed list of numbers, 56 bytes. docs/format.md names them. */
#include "segment/params.h"

#include <math.h>

#include "base/limits.h"

enum {
    KEEP_DIACRITICS = 1,
    NO_STEMMING = 2,
    WHITESPACE = 4,
    ONE_PASSAGE = 8,
    NO_TEXT = 16,
    EXACT = 32,
    ALL_FLAGS = 63,

    MIN_STORE_BLOCK = 16,
    MAX_STORE_BLOCK = 16 << 20,
    MIN_BLOCK_POSTINGS = 2,
    MAX_BLOCK_POSTINGS = 256,
    MIN_WINDOW = 16,
    MAX_WINDOW = 1 << 20,
    MAX_TITLE_WEIGHT = 255,
    MAX_K1 = 1000
};

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void ns__settings_pack(const ns_index_settings *settings, ns__buf *out)
{
    const ns_analysis_settings *analysis = &settings->analysis;
    uint32_t flags = (analysis->keep_diacritics ? KEEP_DIACRITICS : 0u) |
                     (analysis->no_stemming ? NO_STEMMING : 0u) |
                     (analysis->whitespace ? WHITESPACE : 0u) |
                     (analysis->one_passage ? ONE_PASSAGE : 0u) |
                     (settings->no_text ? NO_TEXT : 0u) | (settings->exact ? EXACT : 0u);
    uint8_t language[sizeof analysis->language] = {0}; /* nothing behind the first NUL */
    memcpy(language, analysis->language, strnlen(analysis->language, sizeof language));
    ns__buf_u32(out, flags);
    ns__buf_append(out, language, sizeof language);
    ns__buf_u32(out, analysis->passage_terms);
    ns__buf_u32(out, settings->title_weight);
    ns__buf_u64(out, bits_of(settings->k1));
    ns__buf_u64(out, bits_of(settings->b));
    ns__buf_u32(out, (uint32_t)settings->store_level);
    ns__buf_u32(out, settings->store_block_bytes);
    ns__buf_u32(out, settings->block_postings);
    ns__buf_u32(out, settings->window_passages);
}

bool ns__settings_unpack(ns__cur *cur, ns_index_settings *out)
{
    memset(out, 0, sizeof *out);
    uint32_t flags = ns__cur_u32(cur);
    const uint8_t *language = ns__cur_take(cur, sizeof out->analysis.language);
    if (language != NULL)
        memcpy(out->analysis.language, language, sizeof out->analysis.language);
    out->analysis.keep_diacritics = (flags & KEEP_DIACRITICS) != 0;
    out->analysis.no_stemming = (flags & NO_STEMMING) != 0;
    out->analysis.whitespace = (flags & WHITESPACE) != 0;
    out->analysis.one_passage = (flags & ONE_PASSAGE) != 0;
    out->no_text = (flags & NO_TEXT) != 0;
    out->exact = (flags & EXACT) != 0;
    out->analysis.passage_terms = ns__cur_u32(cur);
    out->title_weight = ns__cur_u32(cur);
    out->k1 = double_of(ns__cur_u64(cur));
    out->b = double_of(ns__cur_u64(cur));
    out->store_level = (int)ns__cur_u32(cur);
    out->store_block_bytes = ns__cur_u32(cur);
    out->block_postings = ns__cur_u32(cur);
    out->window_passages = ns__cur_u32(cur);
    return !cur->bad && flags <= ALL_FLAGS && ns__settings_check(out, NULL) == NS_OK;
}

static bool power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

ns_status ns__settings_check(const ns_index_settings *settings, ns_error *err)
{
    const ns_analysis_settings *analysis = &settings->analysis;
    if (strnlen(analysis->language, sizeof analysis->language) == sizeof analysis->language)
        return ns__fail(err, NS_ERR_ARGUMENT, "the setting language is longer than %zu bytes",
                        sizeof analysis->language - 1);
    if (analysis->passage_terms > NS_MAX_PASSAGE_TERMS)
        return ns__fail(err, NS_ERR_ARGUMENT, "the setting passage_terms is %u, not 0..%d",
                        analysis->passage_terms, NS_MAX_PASSAGE_TERMS);
    if (settings->title_weight > MAX_TITLE_WEIGHT)
        return ns__fail(err, NS_ERR_ARGUMENT, "the setting title_weight is %u, not 0..%d",
                        settings->title_weight, MAX_TITLE_WEIGHT);
    if (!isfinite(settings->k1) || settings->k1 < 0 || settings->k1 > MAX_K1)
        return ns__fail(err, NS_ERR_ARGUMENT, "the setting k1 is %g, not 0..%d", settings->k1,
                        MAX_K1);
    if (!isfinite(settings->b) || settings->b < 0 || settings->b > 1)
        return ns__fail(err, NS_ERR_ARGUMENT, "the setting b is %g, not 0..1", settings->b);
    if (settings->store_level < 0 || settings->store_level > 12)
        return ns__fail(err, NS_ERR_ARGUMENT, "the setting store_level is %d, not 0..12",
                        settings->store_level);
    if (settings->store_block_bytes < MIN_STORE_BLOCK ||
        settings->store_block_bytes > MAX_STORE_BLOCK)
        return ns__fail(err, NS_ERR_ARGUMENT, "the setting store_block_bytes is %u, not %d..%d",
                        settings->store_block_bytes, MIN_STORE_BLOCK, MAX_STORE_BLOCK);
    if (!power_of_two(settings->block_postings) || settings->block_postings < MIN_BLOCK_POSTINGS ||
        settings->block_postings > MAX_BLOCK_POSTINGS)
        return ns__fail(err, NS_ERR_ARGUMENT,
                        "the setting block_postings is %u, not a power of two from %d to %d",
                        settings->block_postings, MIN_BLOCK_POSTINGS, MAX_BLOCK_POSTINGS);
    if (!power_of_two(settings->window_passages) || settings->window_passages < MIN_WINDOW ||
        settings->window_passages > MAX_WINDOW)
        return ns__fail(err, NS_ERR_ARGUMENT,
                        "the setting window_passages is %u, not a power of two from %d to %d",
                        settings->window_passages, MIN_WINDOW, MAX_WINDOW);
    return NS_OK;
}

bool ns__settings_equal(const ns_index_settings *a, const ns_index_settings *b)
{
    ns__buf left = {0}, right = {0};
    ns__settings_pack(a, &left);
    ns__settings_pack(b, &right);
    bool equal =
        !left.failed && !right.failed &&
        ns__str_equal((ns__str){left.data, left.length}, (ns__str){right.data, right.length});
    ns__buf_release(&left);
    ns__buf_release(&right);
    return equal;
}
