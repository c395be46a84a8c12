/* Writing tables of models: see model_table.h.
 *
 * Writers number symbols as it suits coding, the bytes first. In a table they are numbered in the
 * order of their codes, and contexts in the order of the symbols that they are. */
#include "codec/model_table.h"

#include "base/mem.h"
#include "codec/model_read.h"

void ns__model_list_codes(const ns__huffman_item *items, size_t count, ns__buf *out)
{
    const unsigned longest = count > 0 ? items[count - 1].length : 0;
    if (count == 0) {
        ns__buf_u8(out, 0);
        return;
    }
    unsigned escape = 0, first = items[0].length - 1u;
    for (size_t i = 0; i < count; i++)
        if (items[i].symbol == NS_MODEL_ESCAPE)
            escape = items[i].length;
    ns__buf_u8(out, (uint8_t)(longest | escape << 4));
    const size_t head = out->length;
    ns__buf_u8(out, 0);
    size_t at = 0;
    for (unsigned length = first + 1; length < longest; length++) {
        const size_t start = at;
        while (items[at].length == length)
            at++;
        ns__buf_varint(out, at - start);
    }
    if (!out->failed) {
        const size_t more = out->length - head - 1 - (longest - first - 1);
        out->data[head] = (uint8_t)(first | more << 4);
    }
    for (size_t i = 0; i < count; i++)
        if (items[i].symbol != NS_MODEL_ESCAPE)
            ns__buf_u16(out, items[i].symbol);
}

typedef struct lister {
    const ns__model_writer *model;
    const ns__model_parts *parts;
    uint16_t *number; /* of each symbol, in the table */
    ns__buf groups;   /* of words */
    ns__buf offsets;  /* u32: of each group */
} lister;

/* ---- Words ---- */

/* The bytes of a symbol; returns how many. */
static uint8_t get_bytes(const lister *l, uint32_t symbol, uint8_t bytes[NS_MODEL_WORD_BYTES])
{
    memset(bytes, 0, NS_MODEL_WORD_BYTES);
    if (symbol < 256) {
        bytes[0] = (uint8_t)symbol;
        return 1;
    }
    ns__put_u64(bytes, l->model->words.keys[symbol - 256].low);
    ns__put_u64(bytes + 8, l->model->words.keys[symbol - 256].high);
    return l->model->words.lengths[symbol - 256];
}

/* Words without the bytes that they share with the one before, but the first of a group. */
static void list_words(lister *l)
{
    const uint32_t symbols = l->model->symbols;
    uint8_t before[NS_MODEL_WORD_BYTES], bytes[NS_MODEL_WORD_BYTES];
    for (uint32_t first = 0; first < symbols; first += NS__MODEL_GROUP) {
        const size_t head = l->groups.length;
        uint64_t lengths = 0, shares = 0;
        uint8_t before_length = 0;
        ns__buf_u32(&l->offsets, (uint32_t)head);
        ns__buf_u64(&l->groups, 0);
        ns__buf_u64(&l->groups, 0);
        for (unsigned i = 0; i < NS__MODEL_GROUP && first + i < symbols; i++) {
            const uint8_t length = get_bytes(l, l->parts->symbols[first + i].symbol, bytes);
            uint8_t shared = 0;
            while (shared + 1 < length && shared < before_length && bytes[shared] == before[shared])
                shared++;
            lengths |= (uint64_t)(length - shared - 1) << 4 * i;
            shares |= (uint64_t)shared << 4 * i;
            ns__buf_append(&l->groups, bytes + shared, length - shared);
            memcpy(before, bytes, sizeof before);
            before_length = length;
        }
        if (!l->groups.failed) {
            ns__put_u64(l->groups.data + head, lengths);
            ns__put_u64(l->groups.data + head + 8, shares);
        }
    }
}

/* ---- Contexts ---- */

static uint32_t codes_start(const ns__model_parts *parts, uint32_t context)
{
    return context > 1 ? ns__get_u32(parts->ends->data + 4 * (size_t)(context - 2)) : 0;
}

static uint32_t codes_end(const ns__model_parts *parts, uint32_t context)
{
    return ns__get_u32(parts->ends->data + 4 * (size_t)(context - 1));
}

/* Gives the symbols of a context, as the writer numbers both, their numbers in the table. */
static void number_codes(const lister *l, uint32_t context)
{
    uint8_t *at = l->parts->codes->data + codes_start(l->parts, context);
    uint8_t *const end = l->parts->codes->data + codes_end(l->parts, context);
    if (*at == 0)
        return;
    for (at += 2 + ((*at & 15) - (at[1] & 15) - 1) + (at[1] >> 4); at < end; at += 2)
        ns__put_u16(at, l->number[ns__get_u16(at)]);
}

/* The context that symbol `place` of the table is, or 0. */
static uint32_t own_context(const lister *l, uint32_t place)
{
    const uint32_t context = l->model->facts[l->parts->symbols[place].symbol].context;
    return context <= l->parts->own ? context : 0;
}

/* The offset of a context in the table, *at, and where the next one begins. */
static void put_context_offset(const lister *l, uint32_t context, uint32_t *at, ns__buf *table)
{
    const uint8_t bytes[] = {(uint8_t)*at, (uint8_t)(*at >> 8), (uint8_t)(*at >> 16)};
    ns__buf_append(table, bytes, sizeof bytes);
    *at += codes_end(l->parts, context) - codes_start(l->parts, context);
}

/* ---- The table ---- */

static void put_head(const lister *l, ns__buf *table)
{
    const uint32_t symbols = l->model->symbols;
    uint16_t of_length[NS_MODEL_LONGEST + 1] = {0};
    for (uint32_t i = 0; i < symbols; i++)
        of_length[l->parts->symbols[i].length]++;
    ns__buf_u32(table, symbols);
    ns__buf_u16(table, (uint16_t)l->parts->own);
    ns__buf_u16(table, (uint16_t)l->parts->classes);
    for (unsigned length = NS_MODEL_SHORTEST; length <= NS_MODEL_LONGEST; length++)
        ns__buf_u16(table, of_length[length]);
    ns__buf_append(table, l->parts->class_bytes, l->parts->classes);
}

/* Which symbols are contexts: for each 64 a bit each, and how many are before them. */
static void put_sets(const lister *l, ns__buf *table)
{
    uint16_t before = 0;
    for (uint32_t first = 0; first < l->model->symbols; first += NS__MODEL_SET) {
        uint64_t bits = 0;
        for (uint32_t i = 0; i < NS__MODEL_SET && first + i < l->model->symbols; i++)
            bits |= (uint64_t)(own_context(l, first + i) != 0) << i;
        ns__buf_u64(table, bits);
        ns__buf_u16(table, before);
        before = (uint16_t)(before + ns__model_count_bits(bits));
    }
}

/* Where the groups begin, and those behind which the contexts do. */
static void put_offsets(const lister *l, ns__buf *table)
{
    const uint32_t symbols = l->model->symbols, contexts = l->parts->own + l->parts->classes;
    const uint32_t pages = ns__model_pieces(symbols, NS__MODEL_PAGE);
    const uint32_t groups = ns__model_pieces(symbols, NS__MODEL_GROUP);
    const uint32_t per_page = NS__MODEL_PAGE / NS__MODEL_GROUP;
    const uint32_t start =
        (uint32_t)table->length + 4 * pages + 2 * groups + NS__MODEL_OFFSET_BYTES * contexts;
    const uint8_t *offsets = l->offsets.data;
    for (uint32_t page = 0; page < pages; page++)
        ns__buf_u32(table, start + ns__get_u32(offsets + 4 * (size_t)page * per_page));
    for (uint32_t group = 0; group < groups; group++)
        ns__buf_u16(table,
                    (uint16_t)(ns__get_u32(offsets + 4 * (size_t)group) -
                               ns__get_u32(offsets + 4 * (size_t)(group / per_page) * per_page)));
    uint32_t at = start + (uint32_t)l->groups.length;
    for (uint32_t place = 0, context; place < symbols; place++)
        if ((context = own_context(l, place)) != 0)
            put_context_offset(l, context, &at, table);
    for (uint32_t context = l->parts->own + 1; context <= contexts; context++)
        put_context_offset(l, context, &at, table);
}

static void put_context(const lister *l, uint32_t context, ns__buf *table)
{
    const uint32_t start = codes_start(l->parts, context);
    number_codes(l, context);
    ns__buf_append(table, l->parts->codes->data + start, codes_end(l->parts, context) - start);
}

static void put_contexts(const lister *l, ns__buf *table)
{
    for (uint32_t place = 0, context; place < l->model->symbols; place++)
        if ((context = own_context(l, place)) != 0)
            put_context(l, context, table);
    for (uint32_t context = l->parts->own + 1; context <= l->parts->own + l->parts->classes;
         context++)
        put_context(l, context, table);
}

ns_status ns__model_write_table(ns__model_writer *model, const ns__model_parts *parts,
                                ns_error *err)
{
    static const uint8_t PADDING[NS__MODEL_PADDING];
    lister l = {.model = model, .parts = parts};
    ns__buf *table = &model->table;
    l.number = ns__alloc(model->symbols, sizeof *l.number);
    if (l.number != NULL) {
        for (uint32_t place = 0; place < model->symbols; place++)
            l.number[parts->symbols[place].symbol] = (uint16_t)place;
        list_words(&l);
    }
    const bool good = l.number != NULL && !l.groups.failed && !l.offsets.failed;
    if (good) {
        put_head(&l, table);
        put_sets(&l, table);
        put_offsets(&l, table);
        ns__buf_append(table, l.groups.data, l.groups.length);
        put_contexts(&l, table);
        ns__buf_append(table, PADDING, sizeof PADDING);
    }
    ns__free(l.number);
    ns__buf_release(&l.groups);
    ns__buf_release(&l.offsets);
    return good && !table->failed ? NS_OK : ns__no_memory(err);
}
