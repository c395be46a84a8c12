/* Coding text by a model: see model.h. The tables are large: a batch of words (model_cut.h) goes
 * through one after the other, and each step asks for the memory that the next one reads. */
#include "codec/model_cuts.h"
#include "codec/model_write.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { MOST_CODE_BYTES = 5 /* of a symbol: an escape and a code have 33 bits */ };

/* ---- Bits ---- */

/* Codes on their way into bytes, the first bit highest. */
typedef struct bit_writer {
    uint8_t *into;
    uint64_t bits; /* the low `count` of them, < 8 between symbols */
    unsigned count;
} bit_writer;

static inline void put_code(bit_writer *out, uint64_t code, unsigned length)
{
    out->bits = out->bits << length | code;
    out->count += length;
}

/* The code of a symbol in its context or, when that is 0, the escape and its code among all. Which
 * of both it is cannot be foreseen: both are made, and chosen from by a mask, as compilers make a
 * branch of "marked ? …". */
static inline void put_symbol(bit_writer *out, uint32_t marked, uint32_t escape, uint32_t of_all)
{
    unsigned own = ns__marked_length(marked | 1u << 16), length = ns__sized_length(of_all);
    uint64_t both = (uint64_t)ns__sized_code(escape) << length | ns__sized_code(of_all);
    uint64_t code = ns__marked_code(marked, own);
    const uint64_t none = 0 - (((uint64_t)marked - 1) >> 63); /* all ones when it is 0 */
    length += ns__sized_length(escape);
    put_code(out, code | (both & none), own + ((length - own) & (unsigned)none));
}

/* Writes whole bytes; 8 bytes can be written. */
static inline void flush(bit_writer *out)
{
    uint64_t bytes = __builtin_bswap64(out->bits << (63 - out->count) << 1);
    ns__put_u64(out->into, bytes);
    out->into += out->count / 8;
    out->count %= 8;
}

static bool start_writing(bit_writer *writer, size_t length, ns__buf *out)
{
    if (!ns__buf_reserve(out, MOST_CODE_BYTES * length + 8))
        return false;
    *writer = (bit_writer){.into = out->data + out->length};
    return true;
}

static void end_writing(bit_writer *writer, ns__buf *out)
{
    if (writer->count > 0)
        writer->into++; /* the last bits were written by flush */
    out->length = (size_t)(writer->into - out->data);
}

/* ---- The plain way ---- */

/* The marked code of a symbol, looked for from buckets[0] on; 0: none. */
static uint32_t find_plainly(const ns__successors *buckets, uint32_t symbol)
{
    for (;; buckets++)
        for (unsigned i = 0; i < NS__BUCKET; i++)
            if (buckets->codes[i] == 0 || buckets->symbols[i] == symbol)
                return buckets->codes[i];
}

void ns__model_encode_plain(const ns__model_writer *model, ns__str text, ns__buf *out)
{
    bit_writer writer;
    if (!start_writing(&writer, text.length, out))
        return;
    const ns__model_context *context = &model->contexts[0];
    size_t rest = 0;
    for (size_t at = 0, length; at < text.length; at += length) {
        uint32_t symbol =
            ns__model_next(&model->words, text.data + at, text.length - at, &rest, &length);
        uint32_t bucket = ns__successor_bucket(context->first, context->bits, symbol);
        uint32_t marked = find_plainly(model->successors + bucket, symbol);
        uint32_t of_all = model->facts[symbol].code;
        if (marked) {
            unsigned bits = ns__marked_length(marked);
            put_code(&writer, ns__marked_code(marked, bits), bits);
        } else {
            put_code(&writer, ns__sized_code(context->escape), ns__sized_length(context->escape));
            put_code(&writer, ns__sized_code(of_all), ns__sized_length(of_all));
        }
        flush(&writer);
        context = &model->contexts[model->facts[symbol].context];
    }
    end_writing(&writer, out);
}

/* ---- In batches ---- */

enum { LINKS = 2 * NS__CUT_BATCH };

/* A symbol, and where its code is looked for: four numbers, written as two. */
typedef struct link {
    uint64_t at_escape;   /* of a bucket; above it the escape of the context before it */
    uint64_t code_symbol; /* of the symbol among all; above it the symbol */
} link;

typedef struct coder {
    const ns__model_writer *model;
    ns__str text;
    bit_writer writer;
    const ns__model_fact *before; /* the last symbol of the chain */
    size_t count;                 /* links not coded yet */
    link chain[LINKS];
    ns__cut_word batch[NS__CUT_BATCH];
} coder;

/* The marked code of a symbol in a bucket, or 0. */
#if defined(__SSE2__)
static inline uint32_t find_in_bucket(const ns__successors *bucket, uint32_t symbol)
{
    const __m128i symbols = _mm_load_si128((const __m128i *)(const void *)bucket->symbols);
    const __m128i codes = _mm_load_si128((const __m128i *)(const void *)bucket->codes);
    __m128i found = _mm_and_si128(_mm_cmpeq_epi16(symbols, _mm_set1_epi16((short)symbol)), codes);
    found = _mm_or_si128(found, _mm_srli_si128(found, 8));
    found = _mm_or_si128(found, _mm_srli_epi64(found, 32));
    const uint32_t two = (uint32_t)_mm_cvtsi128_si32(found);
    return (two | two >> 16) & 0xffff;
}
#else
static inline uint32_t find_in_bucket(const ns__successors *bucket, uint32_t symbol)
{
    uint32_t found = 0;
    for (unsigned i = 0; i < NS__BUCKET; i++)
        found |= bucket->symbols[i] == symbol ? bucket->codes[i] : 0u;
    return found;
}
#endif

/* As find_plainly. Full buckets are few; whether the symbol has a code is not asked before. */
static inline uint32_t find_successor(const ns__successors *bucket, uint32_t symbol)
{
    uint32_t found = find_in_bucket(bucket, symbol);
    while (__builtin_expect(ns__successors_full(bucket), 0) && found == 0)
        found = find_in_bucket(++bucket, symbol);
    return found;
}

static void code_links(coder *c)
{
    const ns__successors *successors = c->model->successors;
    bit_writer writer = c->writer;
    for (size_t i = 0; i < c->count; i++) {
        const link *l = &c->chain[i];
        const ns__successors *bucket = successors + (uint32_t)l->at_escape;
        put_symbol(&writer, find_successor(bucket, (uint32_t)(l->code_symbol >> 32)),
                   (uint32_t)(l->at_escape >> 32), (uint32_t)l->code_symbol);
        flush(&writer);
    }
    c->writer = writer;
    c->count = 0;
}

/* Appends the link to a symbol, and asks for the bucket of its code. */
static inline void add_link(const ns__successors *successors, const ns__model_fact *before,
                            const ns__model_fact *fact, link *out)
{
    uint32_t at = ns__successor_bucket(before->first, before->bits, fact->symbol);
    __builtin_prefetch(successors + at);
    out->at_escape = at | (uint64_t)before->escape << 32;
    out->code_symbol = fact->code | (uint64_t)fact->symbol << 32;
}

static void link_one(coder *c, const ns__model_fact *fact)
{
    add_link(c->model->successors, c->before, fact, &c->chain[c->count++]);
    c->before = fact;
}

/* A word at text[at] of `rest` bytes that the model does not know. There is room for a batch of
 * links behind it. */
static void spell(coder *c, size_t at, size_t rest)
{
    const ns__model_words *words = &c->model->words;
    ns__str text = {c->text.data + at, c->text.length - at};
    size_t longest, length;
    for (longest = rest - 1; rest > 0; longest = rest -= length) {
        uint32_t symbol = ns__model_piece(words, text.data, text.length, longest, &length);
        if (c->count >= LINKS - NS__CUT_BATCH)
            code_links(c);
        link_one(c, &c->model->pieces[symbol]);
        text.data += length;
        text.length -= length;
    }
}

/* Links a word that is not in the slot where it would be best. */
static void link_other(coder *c, const ns__cut_word *word)
{
    const ns__word_slot *slot = ns__model_find(&c->model->words, word->key, word->hash);
    size_t length = word->length;
    if (slot->fact.bits != 0) {
        link_one(c, &slot->fact);
        return;
    }
    if (length == NS__TOO_LONG)
        length =
            ns__word_at(c->model->words.kinds, c->text.data + word->at, c->text.length - word->at);
    spell(c, word->at, length);
}

static void link_words(coder *c, size_t count)
{
    const ns__word_slot *slots = c->model->words.slots;
    const ns__successors *successors = c->model->successors;
    const size_t mask = c->model->words.mask;
    const ns__model_fact *before = c->before;
    link *next = c->chain + c->count;
    for (size_t i = 0; i < count; i++) {
        const ns__cut_word *word = &c->batch[i];
        const ns__word_slot *slot = &slots[word->hash & mask];
        if (__builtin_expect(ns__word_equal(slot->key, word->key), 1)) {
            add_link(successors, before, &slot->fact, next++);
            before = &slot->fact;
            continue;
        }
        c->before = before;
        c->count = (size_t)(next - c->chain);
        link_other(c, word);
        before = c->before;
        next = c->chain + c->count;
    }
    c->before = before;
    c->count = (size_t)(next - c->chain);
}

/* Codes a text behind what was coded before. */
static void code_text(coder *c, ns__str text)
{
    const ns__model_words *words = &c->model->words;
    const ns__cut_target target = {words->slots, words->mask, sizeof *words->slots};
    size_t at = 0, count;
    c->text = text;
    while ((count = ns__model_cut(words->kinds, text, &target, &at, c->batch)) > 0) {
        link_words(c, count);
        code_links(c);
    }
}

static bool start_coding(coder *c, const ns__model_writer *model, const ns__model_fact *before,
                         size_t length, ns__buf *out)
{
    c->model = model;
    c->before = before;
    c->count = 0;
    return start_writing(&c->writer, length, out);
}

void ns__model_encode(const ns__model_writer *model, ns__str text, ns__buf *out)
{
    coder c;
    const ns__model_fact none = ns__model_no_fact(model);
    if (!start_coding(&c, model, &none, text.length, out))
        return;
    code_text(&c, text);
    end_writing(&c.writer, out);
}

/* ---- Words that are known ---- */

/* Links known words from *place on, as far as they end at `end` and are no more than a batch.
 * Returns how many. */
static size_t link_cuts(coder *c, const ns__model_cuts *cuts, size_t end, ns__cut_place *place)
{
    enum { AHEAD = 12 };
    const ns__successors *successors = c->model->successors;
    const uint32_t *words = cuts->words + place->word;
    const ns__model_fact *pieces = c->model->pieces, *before = c->before;
    link *next = c->chain;
    const size_t left = cuts->count - place->word;
    const size_t most = left < NS__CUT_BATCH ? left : NS__CUT_BATCH;
    size_t i = 0, at = place->at;
    for (; i < most; i++) {
        const uint32_t word = words[i], length = word >> NS__CUT_LENGTH;
        if (__builtin_expect(word & NS__CUT_SPELLED || length > end - at, 0))
            break;
        if (left > AHEAD + i)
            __builtin_prefetch(&pieces[words[i + AHEAD] & (NS__CUT_SPELLED - 1)]);
        const ns__model_fact *fact = &pieces[word & (NS__CUT_SPELLED - 1)];
        add_link(successors, before, fact, next++);
        before = fact;
        at += length;
    }
    c->before = before;
    c->count = (size_t)(next - c->chain);
    *place = (ns__cut_place){place->word + i, at};
    return i;
}

/* Codes words from *place on, as far as they end at `end`. */
static void code_cuts(coder *c, ns__str sample, const ns__model_cuts *cuts, size_t end,
                      ns__cut_place *place)
{
    c->text = sample;
    while (place->word < cuts->count) {
        const bool full = link_cuts(c, cuts, end, place) == NS__CUT_BATCH;
        const uint32_t word = cuts->words[place->word];
        if (!full && place->word < cuts->count) {
            const size_t length = ns__cut_length(word, c->model->words.kinds, sample, place->at);
            if (!(word & NS__CUT_SPELLED) || length > end - place->at)
                break;
            spell(c, place->at, length);
            *place = (ns__cut_place){place->word + 1, place->at + length};
        }
        code_links(c);
    }
    code_links(c);
}

/* A word that stands across a border is another one on either side of it, and cut there. */
void ns__model_encode_cuts(const ns__model_writer *model, ns__str sample,
                           const ns__model_cuts *cuts, size_t start, size_t end,
                           ns__cut_place *place, ns__buf *out)
{
    coder c;
    const ns__model_fact none = ns__model_no_fact(model);
    if (!start_coding(&c, model, &none, end - start, out))
        return;
    const size_t first = place->at < end ? place->at : end;
    if (start < first)
        code_text(&c, (ns__str){sample.data + start, first - start});
    if (first < end) {
        code_cuts(&c, sample, cuts, end, place);
        if (place->at < end)
            code_text(&c, (ns__str){sample.data + place->at, end - place->at});
        ns__model_move(cuts, sample, end, place);
    }
    end_writing(&c.writer, out);
}
