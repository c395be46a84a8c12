/* Making a model: which words, which contexts, and what comes behind them. */
#include <stdlib.h>

#include "codec/huffman.h"
#include "codec/model_cuts.h"
#include "codec/model_table.h"

enum {
    MOST_SYMBOLS = 5 << 19, /* of the sample that are counted */
    MOST_OWN = 2048,        /* contexts that are symbols */
    LEAST_OWN = 64,         /* times that such a symbol comes up */
    CLASSES = 256,          /* of other words, by their last byte */
    SUCCESSOR_BITS = 16,    /* what one costs in the table */
    LEAST_SUCCESSOR = 2,
    NO_CONTEXT = 0
};

typedef struct trainer {
    ns__model_writer *model;
    unsigned scale;
    uint16_t *symbols; /* of the sample */
    size_t count, room;
    uint32_t *times;      /* that each symbol comes up: the model's */
    uint32_t *left;       /* times that it is coded without a context */
    uint16_t *context_of; /* each symbol */
    uint16_t *next;       /* symbols by the context before them */
    uint32_t *starts;     /* of each context in `next` */
    uint32_t *tally;
    ns__huffman_item *items;
    ns__huffman huffman;
    uint8_t class_bytes[CLASSES]; /* of each class */
    uint32_t own, classes;        /* contexts of either kind */
    ns__buf codes;                /* of the contexts, as they stand in the table */
    ns__buf ends;                 /* u32 each: where the codes of each context end */
} trainer;

/* ---- The sample as symbols ---- */

static bool keep_symbols(void *payload, const uint16_t *symbols, size_t count)
{
    trainer *t = payload;
    if (count > t->room - t->count)
        count = t->room - t->count;
    memcpy(t->symbols + t->count, symbols, count * sizeof *symbols);
    for (size_t i = 0; i < count; i++)
        t->times[symbols[i]]++;
    t->count += count;
    return t->count < t->room;
}

static ns_status cut(trainer *t, ns__str sample, const ns__model_cuts *cuts, ns_error *err)
{
    t->room = sample.length < MOST_SYMBOLS ? sample.length : MOST_SYMBOLS;
    t->symbols = ns__alloc(t->room + 1, sizeof *t->symbols);
    if (t->symbols == NULL)
        return ns__no_memory(err);
    if (cuts)
        ns__model_cuts_symbols(cuts, &t->model->words, sample, keep_symbols, t);
    else
        ns__model_symbols(&t->model->words, sample, keep_symbols, t);
    t->model->total = t->count;
    return NS_OK;
}

static ns_status make_room(trainer *t, ns_error *err)
{
    ns__model_writer *model = t->model;
    size_t symbols = model->symbols = model->words.count + 256;
    t->times = model->times = ns__zalloc(symbols, sizeof *t->times);
    t->left = ns__zalloc(symbols, sizeof *t->left);
    t->tally = ns__zalloc(symbols, sizeof *t->tally);
    t->items = ns__alloc(symbols + 1, sizeof *t->items);
    t->starts = ns__zalloc(MOST_OWN + CLASSES + 2, sizeof *t->starts);
    model->facts = ns__zalloc(symbols, sizeof *model->facts);
    bool good = t->times && t->left && t->tally && t->items && t->starts && model->facts;
    return good ? NS_OK : ns__no_memory(err);
}

/* ---- Contexts ---- */

static int most_first(const void *a, const void *b)
{
    const ns__huffman_item *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return (left->symbol > right->symbol) - (left->symbol < right->symbol);
}

static uint8_t last_byte(const ns__model_words *words, uint32_t symbol)
{
    uint32_t word = symbol - 256, last = words->lengths[word] - 1u;
    uint64_t half = last < 8 ? words->keys[word].low : words->keys[word].high;
    return (uint8_t)(half >> 8 * (last % 8));
}

/* Numbers the contexts: symbols of their own first, then classes. */
static void choose_contexts(trainer *t)
{
    ns__model_writer *model = t->model;
    size_t count = 0;
    for (uint32_t symbol = 0; symbol < model->symbols; symbol++)
        if (t->times[symbol] >= LEAST_OWN)
            t->items[count++] = (ns__huffman_item){t->times[symbol], (uint16_t)symbol, 0, 0};
    if (count > 0)
        qsort(t->items, count, sizeof *t->items, most_first);
    t->own = (uint32_t)(count < MOST_OWN ? count : MOST_OWN);
    uint16_t class_of[CLASSES] = {0};
    for (uint32_t i = 0; i < t->own; i++)
        model->facts[t->items[i].symbol].context = (uint16_t)(i + 1);
    uint32_t class_times[CLASSES] = {0};
    for (uint32_t symbol = 256; symbol < model->symbols; symbol++)
        if (model->facts[symbol].context == NO_CONTEXT)
            class_times[last_byte(&model->words, symbol)] += t->times[symbol];
    for (unsigned byte = 0; byte < CLASSES; byte++)
        if (class_times[byte] >= LEAST_OWN) {
            t->class_bytes[t->classes++] = (uint8_t)byte;
            class_of[byte] = (uint16_t)(t->own + t->classes);
        }
    for (uint32_t symbol = 256; symbol < model->symbols; symbol++)
        if (model->facts[symbol].context == NO_CONTEXT)
            model->facts[symbol].context = class_of[last_byte(&model->words, symbol)];
    model->context_count = (size_t)t->own + t->classes + 1;
}

/* Sorts the symbols by the context before them, by counting. All are u16 here: these tables are
 * read at random. */
static ns_status sort_successors(trainer *t, ns_error *err)
{
    const ns__model_writer *model = t->model;
    const uint16_t *symbols = t->symbols;
    uint16_t *next = t->next = ns__alloc(t->count + 1, sizeof *next);
    uint16_t *context_of = t->context_of = ns__alloc(model->symbols, sizeof *context_of);
    uint32_t *starts = t->starts;
    if (next == NULL || context_of == NULL)
        return ns__no_memory(err);
    for (uint32_t symbol = 0; symbol < model->symbols; symbol++) {
        context_of[symbol] = model->facts[symbol].context;
        starts[context_of[symbol]] += t->times[symbol];
    }
    if (t->count > 0)
        starts[context_of[symbols[t->count - 1]]]--; /* nothing comes behind the last */
    uint32_t start = 0;
    for (size_t context = 0; context <= model->context_count; context++) {
        uint32_t count = starts[context];
        starts[context] = start;
        start += count;
    }
    for (size_t i = 1; i < t->count; i++)
        next[starts[context_of[symbols[i - 1]]]++] = symbols[i];
    return NS_OK; /* starts[context] is now its end */
}

/* Logarithm to the base 2 in 1/16, to about 1/16. */
static int32_t log16(uint64_t value)
{
    unsigned whole = 63u - (unsigned)__builtin_clzll(value);
    uint64_t top = whole >= 4 ? value >> (whole - 4) : value << (4 - whole);
    return (int32_t)(16 * whole + (top & 15));
}

/* Whether a code of its own in this context saves more than it costs. */
static bool worth(const trainer *t, uint32_t times, uint32_t of, uint32_t symbol)
{
    if (times < LEAST_SUCCESSOR)
        return false;
    int64_t saved = log16((uint64_t)times * t->count) - log16((uint64_t)of * t->times[symbol]);
    return saved * times * t->scale > 16 * SUCCESSOR_BITS && saved > 6;
}

/* The buckets from the end on, in the worst case each in use but the last. */
static ns_status make_buckets(ns__model_writer *model, size_t buckets, size_t count, ns_error *err)
{
    const size_t most = buckets + count / NS__BUCKET + 1;
    if (NS_RESERVE(model->successors, model->successor_room, model->successor_count + most) < 0)
        return ns__no_memory(err);
    memset(model->successors + model->successor_count, 0, most * sizeof *model->successors);
    return NS_OK;
}

/* Puts a code into the first bucket from `at` on that has room, and returns that. */
static size_t add_successor(ns__model_writer *model, size_t at, uint16_t symbol, uint32_t marked)
{
    unsigned place = 0;
    while (ns__successors_full(&model->successors[at]))
        at++;
    ns__successors *bucket = &model->successors[at];
    while (bucket->codes[place] != 0)
        place++;
    bucket->symbols[place] = symbol;
    bucket->codes[place] = (uint16_t)marked;
    return at;
}

static ns_status add_buckets(ns__model_writer *model, ns__model_context *context,
                             const ns__huffman_item *items, size_t count, ns_error *err)
{
    enum { MOST_BITS = 14, FULL = 2 /* on the average a third: few have no room */ };
    unsigned bits = 1;
    while (bits < MOST_BITS && ((size_t)NS__BUCKET << bits) / 2 < FULL * count)
        bits++;
    const size_t buckets = (size_t)1 << (bits - 1);
    NS_TRY(make_buckets(model, buckets, count, err));
    *context = (ns__model_context){(uint32_t)model->successor_count, bits, 0};
    size_t last = model->successor_count + buckets - 1;
    for (size_t i = 0; i < count; i++) { /* the most frequent first: they are found at once */
        if (items[i].symbol == NS_MODEL_ESCAPE) {
            context->escape = ns__sized(items[i].code, items[i].length);
            continue;
        }
        const size_t at =
            add_successor(model, ns__successor_bucket(context->first, bits, items[i].symbol),
                          items[i].symbol, ns__marked(items[i].code, items[i].length));
        last = at > last ? at : last;
    }
    if (ns__successors_full(&model->successors[last]))
        last++; /* searches end there */
    model->successor_count = last + 1;
    return NS_OK;
}

/* A context with what comes behind it, next[0 .. of). */
static ns_status make_context(trainer *t, size_t number, const uint16_t *next, uint32_t of,
                              ns_error *err)
{
    enum { MOST_CODES = 16384 }; /* half of what the longest code has room for */
    size_t count = 0;
    uint32_t escapes = 1;
    for (uint32_t i = 0; i < of; i++)
        t->tally[next[i]]++;
    for (uint32_t i = 0; i < of; i++) {
        uint32_t times = t->tally[next[i]];
        if (times == 0)
            continue;
        t->tally[next[i]] = 0;
        if (count < MOST_CODES && worth(t, times, of, next[i])) {
            t->items[count++] = (ns__huffman_item){times, next[i], 0, 0};
        } else {
            t->left[next[i]] += times;
            escapes += times;
        }
    }
    if (count > 0) {
        t->items[count++] = (ns__huffman_item){escapes, NS_MODEL_ESCAPE, 0, 0};
        NS_TRY(ns__huffman_make(&t->huffman, t->items, count, 1, NS_MODEL_CONTEXT_LONGEST, err));
    }
    ns__model_list_codes(t->items, count, &t->codes);
    ns__buf_u32(&t->ends, (uint32_t)t->codes.length);
    return add_buckets(t->model, &t->model->contexts[number], t->items, count, err);
}

static ns_status make_contexts(trainer *t, ns_error *err)
{
    ns__model_writer *model = t->model;
    choose_contexts(t);
    NS_TRY(sort_successors(t, err));
    ns__free(t->symbols); /* they make room for the table */
    t->symbols = NULL;
    model->contexts = ns__zalloc(model->context_count, sizeof *model->contexts);
    if (model->contexts == NULL)
        return ns__no_memory(err);
    NS_TRY(add_buckets(model, &model->contexts[NO_CONTEXT], NULL, 0, err));
    for (uint32_t i = 0; i < t->starts[0]; i++)
        t->left[t->next[i]]++;
    for (size_t i = 1; i < model->context_count; i++)
        NS_TRY(
            make_context(t, i, t->next + t->starts[i - 1], t->starts[i] - t->starts[i - 1], err));
    return NS_OK;
}

/* ---- Codes among all symbols ---- */

/* Leaves the items in the order of their codes. */
static ns_status make_codes(trainer *t, ns_error *err)
{
    ns__model_writer *model = t->model;
    for (uint32_t symbol = 0; symbol < model->symbols; symbol++)
        t->items[symbol] = (ns__huffman_item){t->left[symbol] + 1, (uint16_t)symbol, 0, 0};
    NS_TRY(ns__huffman_make(&t->huffman, t->items, model->symbols, NS_MODEL_SHORTEST,
                            NS_MODEL_LONGEST, err));
    for (uint32_t i = 0; i < model->symbols; i++) {
        const ns__huffman_item *item = &t->items[i];
        model->facts[item->symbol].code = ns__sized(item->code, item->length);
    }
    return NS_OK;
}

/* Moves the successors a little, to where no bucket lies in two cache lines. */
static ns_status align_successors(ns__model_writer *model, ns_error *err)
{
    const size_t size = sizeof *model->successors;
    if (NS_RESERVE(model->successors, model->successor_room, model->successor_count + 1) < 0)
        return ns__no_memory(err);
    uint8_t *memory = model->successor_memory = (uint8_t *)model->successors;
    uint8_t *aligned = memory + (-(uintptr_t)memory & (size - 1));
    memmove(aligned, memory, model->successor_count * size);
    model->successors = (void *)aligned;
    return NS_OK;
}

/* Puts what coding takes beside each word. */
static ns_status link_words(ns__model_writer *model, ns_error *err)
{
    model->pieces = ns__alloc(model->symbols, sizeof *model->pieces);
    if (model->pieces == NULL)
        return ns__no_memory(err);
    for (uint32_t symbol = 0; symbol < model->symbols; symbol++) {
        const ns__model_symbol *facts = &model->facts[symbol];
        const ns__model_context *context = &model->contexts[facts->context];
        model->pieces[symbol] = (ns__model_fact){context->first, context->escape, facts->code,
                                                 (uint16_t)symbol, (uint16_t)context->bits};
    }
    for (size_t at = 0; at <= model->words.mask; at++) {
        ns__model_fact *fact = &model->words.slots[at].fact;
        if (fact->bits != 0)
            *fact = model->pieces[fact->symbol];
    }
    return NS_OK;
}

static ns_status train(trainer *t, ns__str sample, ns__model_cuts *cuts, ns_error *err)
{
    ns__model_writer *model = t->model;
    NS_TRY(ns__model_choose(sample, t->scale, cuts, &model->words, err));
    NS_TRY(make_room(t, err));
    NS_TRY(cut(t, sample, cuts, err));
    NS_TRY(make_contexts(t, err));
    ns__free(t->next);
    t->next = NULL;
    NS_TRY(align_successors(model, err));
    NS_TRY(make_codes(t, err));
    if (t->codes.failed || t->ends.failed)
        return ns__no_memory(err);
    const ns__model_parts parts = {t->items,       t->own,    t->classes,
                                   t->class_bytes, &t->codes, &t->ends};
    NS_TRY(ns__model_write_table(model, &parts, err));
    return link_words(model, err);
}

ns_status ns__model_train(ns__str sample, unsigned scale, ns__model_cuts *cuts,
                          ns__model_writer **out, ns_error *err)
{
    trainer t = {.scale = scale};
    t.model = ns__zalloc(1, sizeof *t.model);
    ns_status status = t.model ? train(&t, sample, cuts, err) : ns__no_memory(err);
    ns__free(t.symbols);
    ns__free(t.left);
    ns__free(t.next);
    ns__free(t.context_of);
    ns__free(t.starts);
    ns__free(t.tally);
    ns__free(t.items);
    ns__huffman_release(&t.huffman);
    ns__buf_release(&t.codes);
    ns__buf_release(&t.ends);
    if (status < 0) {
        ns__model_writer_free(t.model);
        t.model = NULL;
    }
    *out = t.model;
    return status;
}

ns__str ns__model_table(const ns__model_writer *model)
{
    return (ns__str){model->table.data, model->table.length};
}

void ns__model_writer_free(ns__model_writer *model)
{
    if (model == NULL)
        return;
    ns__model_words_release(&model->words);
    ns__free(model->facts);
    ns__free(model->times);
    ns__free(model->contexts);
    ns__free(model->successor_memory ? model->successor_memory : (void *)model->successors);
    ns__free(model->pieces);
    ns__buf_release(&model->table);
    ns__free(model);
}
