/* Reading a model and text coded by it: see model.h.
 *
 * A code is looked up in two steps: how many lengths end before the next bits gives its length,
 * and the length its place among the symbols in the order of their codes. Nothing in the table of a
 * context is checked beforehand; every index is when it is used. */
#include "codec/model.h"

#include "base/mem.h"

enum { LENGTHS = 16, ALL_LENGTHS = NS_MODEL_LONGEST + 2 };

typedef struct symbol_info {
    uint32_t start; /* of its bytes in `bytes` */
    uint16_t context;
    uint16_t length;
} symbol_info;

/* What comes behind a symbol. */
typedef struct context {
    uint16_t limits[LENGTHS]; /* the next 15 bits of the first code that is longer than i + 1 */
    uint16_t bases[LENGTHS];  /* add a code of length i + 1 to have its place; modulo 2^16 */
    const uint8_t *symbols;   /* u16 each */
    uint32_t count;           /* 0: there are no codes */
} context;

struct ns__model {
    uint32_t symbols, contexts;
    symbol_info *info;
    uint8_t *bytes;    /* of the symbols, and 16 more */
    uint16_t *ordered; /* symbols in the order of their codes */
    context *context;  /* number 0 has no codes */
    uint32_t limits[ALL_LENGTHS], bases[ALL_LENGTHS];
};

/* ---- Opening ---- */

static bool read_words(ns__model *model, ns__cur *cur)
{
    uint32_t end = 0;
    for (uint32_t byte = 0; byte < 256; byte++, end++) {
        model->bytes[end] = (uint8_t)byte;
        model->info[byte] = (symbol_info){end, 0, 1};
    }
    uint8_t word[NS_MODEL_WORD_BYTES] = {0};
    for (uint32_t symbol = 256; symbol < model->symbols; symbol++) {
        uint8_t lengths = ns__cur_u8(cur);
        unsigned shared = lengths >> 4, more = (lengths & 15u) + 1;
        if (shared + more > NS_MODEL_WORD_BYTES || ns__cur_left(cur) < more)
            return false;
        memcpy(word + shared, cur->at, more);
        cur->at += more;
        model->info[symbol] = (symbol_info){end, 0, (uint16_t)(shared + more)};
        memcpy(model->bytes + end, word, NS_MODEL_WORD_BYTES);
        end += shared + more;
    }
    return !cur->bad;
}

static bool read_codes(ns__model *model, ns__cur *cur)
{
    size_t packed = (model->symbols + 1) / 2;
    uint32_t counts[ALL_LENGTHS] = {0}, places[ALL_LENGTHS];
    if (ns__cur_left(cur) < packed)
        return false;
    const uint8_t *lengths = cur->at;
    cur->at += packed;
    for (uint32_t i = 0; i < model->symbols; i++)
        counts[NS_MODEL_SHORTEST + (lengths[i / 2] >> 4 * (i % 2) & 15)]++;
    uint32_t code = 0, place = 0;
    for (unsigned length = 1; length <= NS_MODEL_LONGEST; length++) {
        code <<= 1;
        places[length] = place;
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
    return true;
}

/* Which symbols and classes are contexts. */
static bool read_owners(ns__model *model, ns__cur *cur, uint32_t own, uint32_t classes)
{
    uint16_t class_of[256] = {0};
    for (uint32_t i = 0; i < own; i++) {
        uint16_t symbol = ns__cur_u16(cur);
        if (symbol >= model->symbols)
            return false;
        model->info[symbol].context = (uint16_t)(i + 1);
    }
    for (uint32_t i = 0; i < classes; i++)
        class_of[ns__cur_u8(cur)] = (uint16_t)(own + i + 1);
    for (uint32_t symbol = 256; symbol < model->symbols; symbol++) {
        symbol_info *info = &model->info[symbol];
        if (info->context == 0)
            info->context = class_of[model->bytes[info->start + info->length - 1]];
    }
    return !cur->bad;
}

static bool read_context(context *into, ns__cur *cur)
{
    uint32_t code = 0, place = 0;
    unsigned longest = ns__cur_u8(cur);
    if (longest > NS_MODEL_CONTEXT_LONGEST)
        return false;
    for (unsigned length = 1; length <= NS_MODEL_CONTEXT_LONGEST; length++) {
        uint64_t count = length <= longest ? ns__cur_varint(cur) : 0;
        code <<= 1;
        into->bases[length - 1] = (uint16_t)(place - code);
        if (count > ((uint32_t)1 << length) - code)
            return false;
        code += (uint32_t)count;
        place += (uint32_t)count;
        into->limits[length - 1] = (uint16_t)(code << (NS_MODEL_CONTEXT_LONGEST - length));
    }
    into->limits[LENGTHS - 1] = UINT16_MAX;
    into->count = place;
    return !cur->bad;
}

static bool read_contexts(ns__model *model, ns__cur *cur)
{
    for (uint32_t i = 1; i < model->contexts; i++)
        if (!read_context(&model->context[i], cur))
            return false;
    for (uint32_t i = 1; i < model->contexts; i++) {
        size_t bytes = 2 * (size_t)model->context[i].count;
        if (ns__cur_left(cur) < bytes)
            return false;
        model->context[i].symbols = cur->at;
        cur->at += bytes;
    }
    return ns__cur_left(cur) == 0;
}

ns_status ns__model_open(ns__str table, ns__model **out, ns_error *err)
{
    *out = NULL;
    ns__cur cur = ns__cur_of(table.data, table.length);
    uint32_t words = ns__cur_u32(&cur);
    if (cur.bad || words > NS_MODEL_SYMBOLS - 256 || ns__cur_left(&cur) < 2 * (size_t)words)
        return NS_OK;
    ns__model *model = ns__zalloc(1, sizeof *model);
    if (model == NULL)
        return ns__no_memory(err);
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

/* The symbol of the code that `bits` begin with, in a context; *length is the code's. */
static inline uint32_t symbol_in(const context *c, uint64_t bits, unsigned *length)
{
    uint16_t next = (uint16_t)(bits >> (64 - NS_MODEL_CONTEXT_LONGEST)), shorter = 0;
    for (unsigned i = 0; i < LENGTHS; i++)
        shorter += next >= c->limits[i];
    *length = shorter + 1u;
    if (shorter >= NS_MODEL_CONTEXT_LONGEST)
        return NS_MODEL_SYMBOLS + 1;
    uint16_t place = (uint16_t)(c->bases[shorter] + (bits >> (63 - shorter)));
    return place < c->count ? ns__get_u16(c->symbols + 2 * (size_t)place) : NS_MODEL_SYMBOLS + 1;
}

static inline uint32_t symbol_of_all(const ns__model *model, uint64_t bits, unsigned *length)
{
    uint32_t next = (uint32_t)(bits >> (64 - NS_MODEL_LONGEST));
    unsigned shorter = 0;
    while (shorter < NS_MODEL_LONGEST && next >= model->limits[shorter])
        shorter++;
    *length = shorter + 1;
    if (shorter >= NS_MODEL_LONGEST)
        return NS_MODEL_SYMBOLS + 1;
    uint32_t place = model->bases[shorter] + (uint32_t)(bits >> (63 - shorter));
    return place < model->symbols ? model->ordered[place] : NS_MODEL_SYMBOLS + 1;
}

bool ns__model_decode(const ns__model *model, ns__str coded, uint8_t *into, size_t room, bool all)
{
    bit_reader in = {coded.data, coded.length, 0};
    const context *c = &model->context[0];
    uint8_t *stop = into + room;
    while (into < stop) {
        uint64_t bits = peek(&in);
        unsigned length;
        uint32_t symbol = NS_MODEL_ESCAPE;
        if (c->count > 0) {
            symbol = symbol_in(c, bits, &length);
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
        c = &model->context[info->context];
    }
    return !all || (in.at + 7) / 8 == in.length;
}
