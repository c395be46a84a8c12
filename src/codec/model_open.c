/* Opening a model: see model.h.
 *
 * A reader may open a model for a few kilobytes of text, so opening does little. It makes the
 * words, which are written as differences, puts the symbols in the order of their codes, and finds
 * where each context stands. Contexts are used as they are written: how many codes there are of
 * each length, then the symbols. All numbers of the table are checked when it is opened, but for
 * the symbols in contexts, which are when they are used. */
#include <stddef.h>

#include "base/mem.h"
#include "codec/model_read.h"

/* Which bytes of a word are those of the word before: 16 bytes from SHARED + 16 - shared on. */
static const uint8_t SHARED[2 * NS_MODEL_WORD_BYTES] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                        255, 255, 255, 255, 255, 255, 255, 255};

typedef uint8_t word __attribute__((vector_size(NS_MODEL_WORD_BYTES)));

static inline word load_word(const uint8_t *at)
{
    word out;
    memcpy(&out, at, sizeof out);
    return out;
}

/* The first `shared` bytes of `before`, then what stands at `at`. */
static inline word join_words(word before, const uint8_t *at, size_t shared)
{
    word kept = load_word(SHARED + NS_MODEL_WORD_BYTES - shared);
    return (before & kept) | (load_word(at - shared) & ~kept);
}

/* What is known of a word, written at once: it begins at `start` and is no context so far. */
static inline void put_symbol(ns__model_symbol *out, uint64_t start, uint64_t length, uint64_t last)
{
    _Static_assert(sizeof *out == 8 && offsetof(ns__model_symbol, length) == 6 &&
                       offsetof(ns__model_symbol, last) == 7,
                   "written as one number");
    const uint64_t all = start | length << 48 | last << 56;
    memcpy(out, &all, sizeof all);
}

/* Near the ends of the table, where 16 bytes around the cursor cannot be read. */
static bool read_word_apart(ns__cur *cur, word *last, unsigned *length)
{
    uint8_t padded[2 * NS_MODEL_WORD_BYTES] = {0};
    uint8_t lengths = ns__cur_u8(cur);
    unsigned shared = lengths >> 4, more = (lengths & 15u) + 1;
    *length = shared + more;
    if (cur->bad || *length > NS_MODEL_WORD_BYTES || ns__cur_left(cur) < more)
        return false;
    memcpy(padded + NS_MODEL_WORD_BYTES, cur->at, more);
    *last = join_words(*last, padded + NS_MODEL_WORD_BYTES, shared);
    cur->at += more;
    return true;
}

/* Words one after the other, as long as 16 bytes around each can be read: few steps a word, as
 * there are tens of thousands for every few kilobytes that somebody reads. Returns the first that
 * is not made, after *last; UINT32_MAX when a word is too long. */
static uint32_t read_most_words(const ns__model *model, ns__cur *cur, uint32_t symbol, word *last,
                                uint32_t *end)
{
    enum { AROUND = NS_MODEL_WORD_BYTES + 1 };
    const uint8_t *at = cur->at, *const stop = cur->end - AROUND;
    ns__model_symbol *info = model->info + symbol, *const last_info = model->info + model->symbols;
    uint8_t *const bytes = model->bytes;
    uint64_t start = *end;
    word before = *last;
    for (; info < last_info && at < stop; info++) {
        const size_t lengths = *at, shared = lengths >> 4, more = lengths & 15;
        const size_t length = shared + more + 1;
        before = join_words(before, at + 1, shared);
        at += more + 2;
        memcpy(bytes + start, &before, sizeof before);
        put_symbol(info, start, length, at[-1]);
        start += length;
        if (length > NS_MODEL_WORD_BYTES)
            return UINT32_MAX;
    }
    cur->at = at;
    *last = before;
    *end = (uint32_t)start;
    return (uint32_t)(info - model->info);
}

static bool read_words(ns__model *model, ns__cur *cur)
{
    uint32_t end = 256, symbol = 256;
    word last = {0};
    for (uint32_t byte = 0; byte < 256; byte++) {
        model->bytes[byte] = (uint8_t)byte;
        put_symbol(&model->info[byte], byte, 1, byte);
    }
    while (symbol < model->symbols) {
        if (ns__cur_left(cur) > NS_MODEL_WORD_BYTES + 1 &&
            cur->at - model->table >= NS_MODEL_WORD_BYTES) {
            symbol = read_most_words(model, cur, symbol, &last, &end);
            if (symbol == UINT32_MAX)
                return false;
            continue;
        }
        unsigned length;
        if (!read_word_apart(cur, &last, &length))
            return false;
        memcpy(model->bytes + end, &last, sizeof last);
        put_symbol(&model->info[symbol++], end, length, cur->at[-1]);
        end += length;
    }
    return true;
}

/* For each beginning of a code how many lengths are too short, so that a look-up skips them. */
static void find_shorter(ns__model *model)
{
    uint8_t length = 0;
    for (uint32_t i = 0; i < NS__MODEL_BEGINNINGS; i++) {
        while (length < NS_MODEL_LONGEST && i << (NS_MODEL_LONGEST - 8) >= model->limits[length])
            length++;
        model->shorter[i] = length;
    }
}

/* Lengths are half a byte each. Both halves of them are gone through at the same time: one waits
 * for what it has just written, most of the time. */
typedef struct half {
    const uint8_t *lengths;
    uint32_t first;                     /* symbol */
    uint32_t pairs[256];                /* how many bytes of each kind */
    uint16_t places[NS__MODEL_LENGTHS]; /* of its next symbol, by length */
} half;

static void count_pairs(half halves[2], size_t bytes, size_t more)
{
    half *a = &halves[0], *b = &halves[1];
    for (size_t i = 0; i < bytes; i++) {
        a->pairs[a->lengths[i]]++;
        b->pairs[b->lengths[i]]++;
    }
    for (size_t i = bytes; i < bytes + more; i++)
        b->pairs[b->lengths[i]]++;
}

static void count_lengths(const half *of, uint32_t counts[NS__MODEL_LENGTHS])
{
    for (unsigned pair = 0; pair < 256; pair++) {
        counts[NS_MODEL_SHORTEST + (pair & 15)] += of->pairs[pair];
        counts[NS_MODEL_SHORTEST + (pair >> 4)] += of->pairs[pair];
    }
}

static inline void place_pair(half *of, size_t i, uint16_t *ordered)
{
    uint16_t *places = of->places + NS_MODEL_SHORTEST;
    const unsigned pair = of->lengths[i];
    const uint32_t symbol = of->first + 2 * (uint32_t)i;
    ordered[places[pair & 15]++] = (uint16_t)symbol;
    ordered[places[pair >> 4]++] = (uint16_t)(symbol + 1);
}

/* Symbols of one length stay in order. */
static void sort_by_length(half halves[2], size_t bytes, size_t more, uint16_t *ordered)
{
    for (size_t i = 0; i < bytes; i++) {
        place_pair(&halves[0], i, ordered);
        place_pair(&halves[1], i, ordered);
    }
    for (size_t i = bytes; i < bytes + more; i++)
        place_pair(&halves[1], i, ordered);
}

static bool read_codes(ns__model *model, ns__cur *cur)
{
    const size_t packed = (model->symbols + 1) / 2, whole = model->symbols / 2, bytes = whole / 2;
    uint32_t of_halves[2][NS__MODEL_LENGTHS] = {{0}};
    if (ns__cur_left(cur) < packed)
        return false;
    const uint8_t *lengths = cur->at;
    half halves[2] = {{.lengths = lengths},
                      {.lengths = lengths + bytes, .first = 2 * (uint32_t)bytes}};
    cur->at += packed;
    count_pairs(halves, bytes, whole - 2 * bytes);
    count_lengths(&halves[0], of_halves[0]);
    count_lengths(&halves[1], of_halves[1]);
    if (model->symbols % 2) /* the last one stands alone, in the second half */
        of_halves[1][NS_MODEL_SHORTEST + (lengths[packed - 1] & 15)]++;
    uint32_t code = 0, place = 0;
    for (unsigned length = 1; length <= NS_MODEL_LONGEST; length++) {
        const uint32_t count = of_halves[0][length] + of_halves[1][length];
        code <<= 1;
        halves[0].places[length] = (uint16_t)place;
        halves[1].places[length] = (uint16_t)(place + of_halves[0][length]);
        model->bases[length - 1] = place - code;
        code += count;
        place += count;
        if (code > (uint32_t)1 << length)
            return false;
        model->limits[length - 1] = code << (NS_MODEL_LONGEST - length);
    }
    sort_by_length(halves, bytes, whole - 2 * bytes, model->ordered);
    if (model->symbols % 2) {
        const unsigned length = NS_MODEL_SHORTEST + (lengths[packed - 1] & 15);
        model->ordered[halves[1].places[length]] = (uint16_t)(model->symbols - 1);
    }
    find_shorter(model);
    return true;
}

/* Which symbols and classes are contexts. */
static bool read_owners(ns__model *model, ns__cur *cur, uint32_t own, uint32_t classes)
{
    for (uint32_t i = 0; i < own; i++) {
        uint16_t symbol = ns__cur_u16(cur);
        if (symbol >= model->symbols)
            return false;
        model->info[symbol].context = (uint16_t)(i + 1);
    }
    for (uint32_t i = 0; i < classes; i++)
        model->class_of[ns__cur_u8(cur)] = (uint16_t)(own + i + 1);
    return !cur->bad;
}

/* Eight counts, of codes of 1 to 8 bits, the first lowest: how many codes of 8 bits they take. */
static inline uint64_t room_of_counts(uint64_t counts)
{
    static const uint64_t BYTES = 0x00ff00ff00ff00ff, PAIRS = 0x0000ffff0000ffff;
    uint64_t pairs = 2 * (counts & BYTES) + (counts >> 8 & BYTES);
    uint64_t fours = 4 * (pairs & PAIRS) + (pairs >> 16 & PAIRS);
    return 16 * (fours & UINT32_MAX) + (fours >> 32);
}

/* Nearly all counts are less than 128, of one byte: those of a context at once, or UINT32_MAX for
 * anything that is not as it should be or has longer ones. */
static inline uint32_t count_small_codes(ns__cur *cur)
{
    static const uint64_t LONGER = 0x8080808080808080, BYTES = 0x00ff00ff00ff00ff;
    const uint8_t *at = cur->at;
    if (ns__cur_left(cur) <= 16 || *at > NS_MODEL_CONTEXT_LONGEST)
        return UINT32_MAX;
    uint64_t low = ns__get_u64(at + 1) & ns__get_u64(SHARED + 16 - *at);
    uint64_t high = ns__get_u64(at + 9) & ns__get_u64(SHARED + 24 - *at);
    if (((low | high) & LONGER) || (room_of_counts(low) << 8) + room_of_counts(high) > 1 << 16)
        return UINT32_MAX;
    cur->at += 1 + *at;
    low += high; /* less than 256 each */
    return (uint32_t)((((low & BYTES) + (low >> 8 & BYTES)) * 0x0001000100010001) >> 48);
}

/* How many codes a context has; there must be bits for them. UINT32_MAX when there are not. */
static uint32_t count_codes(ns__cur *cur)
{
    uint32_t code = 0, total = 0;
    unsigned longest = ns__cur_u8(cur);
    if (longest > NS_MODEL_CONTEXT_LONGEST)
        return UINT32_MAX;
    for (unsigned length = 1; length <= longest; length++) {
        uint64_t count = ns__cur_varint(cur);
        code <<= 1;
        if (count > ((uint32_t)1 << length) - code)
            return UINT32_MAX;
        code += (uint32_t)count;
        total += (uint32_t)count;
    }
    return cur->bad ? UINT32_MAX : total;
}

static bool read_contexts(ns__model *model, ns__cur *cur)
{
    uint64_t symbols = 0; /* of the contexts before */
    for (uint32_t i = 1; i < model->contexts; i++) {
        size_t counts = (size_t)(cur->at - model->table);
        uint32_t total = count_small_codes(cur);
        if (total == UINT32_MAX)
            total = count_codes(cur);
        if (total == UINT32_MAX)
            return false;
        model->context[i] = (ns__model_context){(uint32_t)counts, (uint32_t)symbols};
        symbols += total;
    }
    if (ns__cur_left(cur) != 2 * symbols)
        return false;
    size_t start = (size_t)(cur->at - model->table);
    for (uint32_t i = 1; i < model->contexts; i++)
        model->context[i].symbols = (uint32_t)(start + 2 * (size_t)model->context[i].symbols);
    return true;
}

/* Whether the table could be read; *memory says whether there was enough. */
static bool read_table(ns__model *model, ns__cur *cur, bool *memory)
{
    const size_t symbols = model->symbols, bytes = (symbols - 255) * NS_MODEL_WORD_BYTES + 256;
    *memory = NS_RESERVE(model->info, model->info_room, symbols) == NS_OK &&
              NS_RESERVE(model->bytes, model->bytes_room, bytes) == NS_OK &&
              NS_RESERVE(model->ordered, model->ordered_room, symbols) == NS_OK;
    if (!*memory || !read_words(model, cur) || !read_codes(model, cur))
        return false;
    uint32_t own = ns__cur_u16(cur), classes = ns__cur_u16(cur);
    model->contexts = own + classes + 1;
    if (cur->bad || model->contexts > UINT16_MAX)
        return false;
    *memory = NS_RESERVE(model->context, model->context_room, model->contexts) == NS_OK;
    if (!*memory)
        return false;
    model->context[0] = (ns__model_context){0};
    memset(model->class_of, 0, sizeof model->class_of);
    return read_owners(model, cur, own, classes) && read_contexts(model, cur);
}

ns_status ns__model_open(ns__str table, ns__model **model, ns_error *err)
{
    ns__cur cur = ns__cur_of(table.data, table.length);
    uint32_t words = ns__cur_u32(&cur);
    bool memory = true, good = !cur.bad && words <= NS_MODEL_SYMBOLS - 256 &&
                               ns__cur_left(&cur) >= 2 * (size_t)words &&
                               table.length <= UINT32_MAX;
    if (good && *model == NULL)
        memory = (*model = ns__zalloc(1, sizeof **model)) != NULL;
    if (good && memory) {
        (*model)->table = table.data;
        (*model)->symbols = words + 256;
        good = read_table(*model, &cur, &memory);
    }
    if (!good || !memory) {
        ns__model_close(*model);
        *model = NULL;
    }
    return memory ? NS_OK : ns__no_memory(err);
}

void ns__model_close(ns__model *model)
{
    if (model == NULL)
        return;
    ns__free(model->info);
    ns__free(model->bytes);
    ns__free(model->ordered);
    ns__free(model->context);
    ns__free(model);
}
