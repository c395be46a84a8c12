/* Reading a model and text coded by it: see model.h.
 *
 * A reader may open a model for a few kilobytes of text, so opening does little. It makes the
 * words, which are written as differences, puts the symbols in the order of their codes, and finds
 * where each context stands. Contexts are used as they are written: how many codes there are of
 * each length, then the symbols. All numbers of the table are checked when it is opened, but for
 * the symbols in contexts, which are when they are used. */
#include "codec/model.h"

#include "base/mem.h"

enum { ALL_LENGTHS = NS_MODEL_LONGEST + 2, BEGINNINGS = 256 };

typedef struct symbol_info {
    uint32_t start;   /* of its bytes in `bytes` */
    uint16_t context; /* its own; or 0 */
    uint8_t length;
    uint8_t last; /* byte: what comes next is known before `bytes` are there */
} symbol_info;

/* What comes behind a symbol: offsets in the table. */
typedef struct context {
    uint32_t counts;  /* the longest length, then how many codes each length has */
    uint32_t symbols; /* u16 each, in the order of their codes */
} context;

struct ns__model {
    const uint8_t *table;
    uint32_t symbols, contexts;
    symbol_info *info;
    uint8_t *bytes;         /* of the symbols, and 16 more */
    uint16_t *ordered;      /* symbols in the order of their codes among all */
    context *context;       /* number 0 has no codes */
    uint16_t class_of[256]; /* the context of a word that is none itself, by its last byte */
    uint32_t limits[ALL_LENGTHS], bases[ALL_LENGTHS];
    uint8_t shorter[BEGINNINGS]; /* by the first 8 bits of a code: lengths that it is longer than */
};

/* ---- Opening ---- */

/* Which bytes of a word are those of the word before: 16 bytes from SHARED + 16 - shared on. */
static const uint8_t SHARED[2 * NS_MODEL_WORD_BYTES] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                        255, 255, 255, 255, 255, 255, 255, 255};

typedef struct word {
    uint64_t low, high; /* 16 bytes, the first lowest */
} word;

static inline word load_word(const uint8_t *at)
{
    return (word){ns__get_u64(at), ns__get_u64(at + 8)};
}

/* The first `shared` bytes of `before`, then those at the cursor: `more` of them at least, and
 * anything behind. At once where 16 bytes around the cursor can be read. */
static inline word next_word(word before, const ns__cur *cur, const uint8_t *begin, unsigned shared,
                             unsigned more)
{
    uint8_t padded[2 * NS_MODEL_WORD_BYTES] = {0};
    const uint8_t *at = cur->at;
    if (ns__cur_left(cur) < NS_MODEL_WORD_BYTES || at - begin < NS_MODEL_WORD_BYTES)
        at = memcpy(padded + NS_MODEL_WORD_BYTES, at, more);
    word kept = load_word(SHARED + NS_MODEL_WORD_BYTES - shared), own = load_word(at - shared);
    return (word){(before.low & kept.low) | (own.low & ~kept.low),
                  (before.high & kept.high) | (own.high & ~kept.high)};
}

static bool read_words(ns__model *model, ns__cur *cur)
{
    uint32_t end = 256;
    word last = {0, 0};
    for (uint32_t byte = 0; byte < 256; byte++) {
        model->bytes[byte] = (uint8_t)byte;
        model->info[byte] = (symbol_info){byte, 0, 1, (uint8_t)byte};
    }
    for (uint32_t symbol = 256; symbol < model->symbols; symbol++) {
        uint8_t lengths = ns__cur_u8(cur);
        unsigned shared = lengths >> 4, more = (lengths & 15u) + 1;
        if (shared + more > NS_MODEL_WORD_BYTES || ns__cur_left(cur) < more)
            return false;
        last = next_word(last, cur, model->table, shared, more);
        cur->at += more;
        ns__put_u64(model->bytes + end, last.low);
        ns__put_u64(model->bytes + end + 8, last.high);
        model->info[symbol] = (symbol_info){end, 0, (uint8_t)(shared + more), cur->at[-1]};
        end += shared + more;
    }
    return !cur->bad;
}

/* For each beginning of a code how many lengths are too short, so that a look-up skips them. */
static void find_shorter(ns__model *model)
{
    uint8_t length = 0;
    for (uint32_t i = 0; i < BEGINNINGS; i++) {
        while (length < NS_MODEL_LONGEST && i << (NS_MODEL_LONGEST - 8) >= model->limits[length])
            length++;
        model->shorter[i] = length;
    }
}

static bool read_codes(ns__model *model, ns__cur *cur)
{
    size_t packed = (model->symbols + 1) / 2;
    uint32_t pairs[256] = {0}, counts[ALL_LENGTHS] = {0};
    uint16_t places[ALL_LENGTHS];
    if (ns__cur_left(cur) < packed)
        return false;
    const uint8_t *lengths = cur->at;
    cur->at += packed;
    for (uint32_t i = 0; i < model->symbols / 2; i++)
        pairs[lengths[i]]++;
    for (unsigned pair = 0; pair < 256; pair++) {
        counts[NS_MODEL_SHORTEST + (pair & 15)] += pairs[pair];
        counts[NS_MODEL_SHORTEST + (pair >> 4)] += pairs[pair];
    }
    if (model->symbols % 2)
        counts[NS_MODEL_SHORTEST + (lengths[packed - 1] & 15)]++;
    uint32_t code = 0, place = 0;
    for (unsigned length = 1; length <= NS_MODEL_LONGEST; length++) {
        code <<= 1;
        places[length] = (uint16_t)place;
        model->bases[length - 1] = place - code;
        code += counts[length];
        place += counts[length];
        if (code > (uint32_t)1 << length)
            return false;
        model->limits[length - 1] = code << (NS_MODEL_LONGEST - length);
    }
    for (uint32_t i = 0; i < model->symbols; i++) {
        unsigned length = NS_MODEL_SHORTEST + (lengths[i / 2] >> 4 * (i % 2) & 15);
        model->ordered[places[length]++] = (uint16_t)i;
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
        uint32_t total = count_codes(cur);
        if (total == UINT32_MAX)
            return false;
        model->context[i] = (context){(uint32_t)counts, (uint32_t)symbols};
        symbols += total;
    }
    if (ns__cur_left(cur) != 2 * symbols)
        return false;
    size_t start = (size_t)(cur->at - model->table);
    for (uint32_t i = 1; i < model->contexts; i++)
        model->context[i].symbols = (uint32_t)(start + 2 * (size_t)model->context[i].symbols);
    return true;
}

ns_status ns__model_open(ns__str table, ns__model **out, ns_error *err)
{
    *out = NULL;
    ns__cur cur = ns__cur_of(table.data, table.length);
    uint32_t words = ns__cur_u32(&cur);
    if (cur.bad || words > NS_MODEL_SYMBOLS - 256 || ns__cur_left(&cur) < 2 * (size_t)words ||
        table.length > UINT32_MAX)
        return NS_OK;
    ns__model *model = ns__zalloc(1, sizeof *model);
    if (model == NULL)
        return ns__no_memory(err);
    model->table = table.data;
    model->symbols = words + 256;
    model->info = ns__alloc(model->symbols, sizeof *model->info);
    model->bytes = ns__alloc(256 + ((size_t)words + 1) * NS_MODEL_WORD_BYTES, 1);
    model->ordered = ns__alloc(model->symbols, sizeof *model->ordered);
    bool memory = model->info && model->bytes && model->ordered, good = false;
    if (memory && read_words(model, &cur) && read_codes(model, &cur)) {
        uint32_t own = ns__cur_u16(&cur), classes = ns__cur_u16(&cur);
        model->contexts = own + classes + 1;
        good = !cur.bad && model->contexts <= UINT16_MAX;
        model->context = good ? ns__zalloc(model->contexts, sizeof *model->context) : NULL;
        memory = !good || model->context;
        good =
            good && memory && read_owners(model, &cur, own, classes) && read_contexts(model, &cur);
    }
    if (good)
        *out = model;
    else
        ns__model_close(model);
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

/* ---- Decoding ---- */

typedef struct bit_reader {
    const uint8_t *data;
    size_t length, at; /* bytes; bits */
} bit_reader;

/* The next 57 bits or more, the first highest; zeros behind the end. */
static inline uint64_t peek(const bit_reader *in)
{
    size_t byte = in->at / 8;
    uint64_t bits = 0;
    if (in->length - byte >= 8) {
        bits = __builtin_bswap64(ns__get_u64(in->data + byte));
    } else {
        for (size_t i = 0; i < 8; i++)
            bits = bits << 8 | (byte + i < in->length ? in->data[byte + i] : 0);
    }
    return bits << in->at % 8;
}

/* A number of symbols in a context, most often one byte. Checked when the model was opened. */
static inline uint32_t next_count(const uint8_t **at)
{
    uint32_t count = *(*at)++;
    if (__builtin_expect(count < 0x80, 1))
        return count;
    count &= 0x7f;
    for (unsigned shift = 7;; shift += 7) {
        uint32_t byte = *(*at)++;
        count |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return count;
    }
}

/* The symbol of the code that `bits` begin with, in a context; *length is the code's. Length by
 * length: `code` is how far the bits are behind the first code of that length. */
static inline uint32_t symbol_in(const ns__model *model, const context *c, uint64_t bits,
                                 unsigned *length)
{
    const uint8_t *at = model->table + c->counts, *symbols = model->table + c->symbols;
    unsigned longest = *at++;
    uint32_t code = 0;
    *length = 0;
    if (longest == 0)
        return NS_MODEL_ESCAPE;
    for (*length = 1; *length <= longest; ++*length, bits <<= 1) {
        uint32_t count = next_count(&at);
        code = code << 1 | (uint32_t)(bits >> 63);
        if (code < count)
            return ns__get_u16(symbols + 2 * (size_t)code);
        code -= count;
        symbols += 2 * (size_t)count;
    }
    return NS_MODEL_SYMBOLS + 1;
}

static inline uint32_t symbol_of_all(const ns__model *model, uint64_t bits, unsigned *length)
{
    uint32_t next = (uint32_t)(bits >> (64 - NS_MODEL_LONGEST));
    unsigned shorter = model->shorter[bits >> 56];
    while (shorter < NS_MODEL_LONGEST && next >= model->limits[shorter])
        shorter++;
    *length = shorter + 1;
    if (shorter >= NS_MODEL_LONGEST)
        return NS_MODEL_SYMBOLS + 1;
    uint32_t place = model->bases[shorter] + (uint32_t)(bits >> (63 - shorter));
    return place < model->symbols ? model->ordered[place] : NS_MODEL_SYMBOLS + 1;
}

static inline uint32_t context_behind(const ns__model *model, uint32_t symbol)
{
    const symbol_info *info = &model->info[symbol];
    uint32_t class = symbol < 256 ? 0 : model->class_of[info->last];
    return info->context ? info->context : class;
}

bool ns__model_decode(const ns__model *model, ns__str coded, uint8_t *into, size_t room, bool all)
{
    bit_reader in = {coded.data, coded.length, 0};
    uint32_t behind = 0;
    uint8_t *stop = into + room;
    while (into < stop) {
        uint64_t bits = peek(&in);
        unsigned length;
        uint32_t symbol = NS_MODEL_ESCAPE;
        if (behind != 0) {
            symbol = symbol_in(model, &model->context[behind], bits, &length);
            in.at += length;
            bits <<= length;
        }
        if (symbol == NS_MODEL_ESCAPE) {
            symbol = symbol_of_all(model, bits, &length);
            in.at += length;
        }
        if (symbol >= model->symbols || in.at > 8 * in.length)
            return false;
        const symbol_info *info = &model->info[symbol];
        size_t left = (size_t)(stop - into);
        if (left >= NS_MODEL_WORD_BYTES) {
            memcpy(into, model->bytes + info->start, NS_MODEL_WORD_BYTES);
            into += info->length;
        } else if (info->length <= left) {
            memcpy(into, model->bytes + info->start, info->length);
            into += info->length;
        } else {
            if (all)
                return false;
            memcpy(into, model->bytes + info->start, left);
            break;
        }
        behind = context_behind(model, symbol);
    }
    return !all || (in.at + 7) / 8 == in.length;
}
