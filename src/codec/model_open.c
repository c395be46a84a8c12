/* Opening a model, and checking a table: see model.h.
 *
 * A reader may open a model for a few kilobytes of text, so opening does nearly nothing: words and
 * contexts are found in the table when they are needed. */
#include "codec/model_read.h"

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

/* Symbols are numbered in the order of their codes. */
static bool read_lengths(ns__model *model, ns__cur *cur)
{
    uint32_t code = 0, place = 0;
    for (unsigned length = 1; length <= NS_MODEL_LONGEST; length++) {
        const uint32_t count = length < NS_MODEL_SHORTEST ? 0 : ns__cur_u16(cur);
        code <<= 1;
        model->bases[length - 1] = place - code;
        code += count;
        place += count;
        if (code > (uint32_t)1 << length)
            return false;
        model->limits[length - 1] = code << (NS_MODEL_LONGEST - length);
    }
    find_shorter(model);
    return place == model->symbols;
}

static bool read_table(ns__model *model, ns__cur *cur)
{
    const uint32_t own = model->own = ns__cur_u16(cur), classes = ns__cur_u16(cur);
    if (cur->bad || model->symbols < 256 || model->symbols > NS_MODEL_SYMBOLS ||
        classes > UINT8_MAX + 1 || !read_lengths(model, cur))
        return false;
    const uint32_t sets = ns__model_pieces(model->symbols, NS__MODEL_SET);
    const uint32_t pages = ns__model_pieces(model->symbols, NS__MODEL_PAGE);
    const uint32_t groups = ns__model_pieces(model->symbols, NS__MODEL_GROUP);
    model->contexts = own + classes;
    const uint8_t *last_bytes = ns__cur_take(cur, classes);
    model->sets = ns__cur_take(cur, (size_t)NS__MODEL_SET_BYTES * sets);
    model->pages = ns__cur_take(cur, 4 * (size_t)pages);
    model->groups = ns__cur_take(cur, 2 * (size_t)groups);
    model->context_offsets = ns__cur_take(cur, (size_t)NS__MODEL_OFFSET_BYTES * model->contexts);
    if (cur->bad || ns__cur_left(cur) < NS__MODEL_PADDING)
        return false;
    memset(model->class_of, 0, sizeof model->class_of);
    for (uint32_t i = 0; i < classes; i++)
        model->class_of[last_bytes[i]] = (uint16_t)(own + i + 1);
    return true;
}

bool ns__model_open(ns__str table, ns__model *out)
{
    ns__cur cur = ns__cur_of(table.data, table.length);
    out->table = table.data;
    out->symbols = ns__cur_u32(&cur);
    if (table.length > UINT32_MAX || !read_table(out, &cur))
        return false;
    out->first_start = (uint32_t)(cur.at - table.data);
    out->length = (uint32_t)table.length;
    out->last_start = out->length - NS__MODEL_PADDING;
    return true;
}

/* ---- Checking ---- */

/* The words one behind the other, each byte among them once. Returns where they end, or 0. */
static uint32_t check_words(const ns__model *model)
{
    bool seen[256] = {false};
    uint32_t end = model->first_start, before = 0, bytes = 0;
    for (uint32_t symbol = 0; symbol < model->symbols; symbol++) {
        const ns__model_word word = ns__model_word_of(model, symbol);
        const uint32_t start = ns__model_group_start(model, symbol);
        const uint32_t place = symbol % NS__MODEL_GROUP;
        if (word.length > NS_MODEL_WORD_BYTES || start > model->last_start)
            return 0;
        const uint32_t shared = (uint32_t)(ns__get_u64(model->table + start + 8) >> 4 * place & 15);
        if (place == 0 ? start != end || shared > 0 : shared > before)
            return 0;
        if (place == 0)
            end = start + NS__MODEL_GROUP_HEAD;
        end += word.length - shared;
        if (word.length == 1) {
            bytes += !seen[word.last];
            seen[word.last] = true;
        }
        before = word.length;
    }
    return bytes == 256 ? end : 0;
}

/* The codes of a context: bits for all of them, and no symbol that there is not. Returns where they
 * end, or 0. */
static uint32_t check_codes(const ns__model *model, uint32_t start, uint32_t end)
{
    if (start > model->last_start)
        return 0;
    const uint8_t *at = model->table + start;
    const uint32_t longest = *at & 15, escape = *at >> 4;
    at++;
    if (longest == 0)
        return escape == 0 ? start + 1 : 0;
    const uint32_t first = *at & 15, more = *at >> 4;
    uint32_t code = 0, total = 0;
    if (first >= longest || escape <= first || escape > longest)
        return 0;
    at++;
    for (uint32_t length = first + 1; length < longest; length++) {
        const uint32_t count = ns__model_next_count(&at);
        code = 2 * code + count;
        total += count;
        if (code > (uint32_t)1 << length)
            return 0;
    }
    const uint32_t head = (uint32_t)(at - model->table);
    if (head != start + 2 + (longest - first - 1) + more || end < head || (end - head) % 2 != 0)
        return 0;
    const uint32_t symbols = (end - head) / 2; /* the escape is not among them */
    if (symbols == 0 || symbols < total ||
        2 * code + (symbols + 1 - total) > (uint32_t)1 << longest)
        return 0;
    for (uint32_t i = 0; i < symbols; i++)
        if (ns__get_u16(at + 2 * (size_t)i) >= model->symbols)
            return 0;
    return end;
}

static bool check_contexts(const ns__model *model, uint32_t end)
{
    for (uint32_t context = 1; context <= model->contexts; context++) {
        const uint32_t start = end;
        end = context < model->contexts ? ns__model_context_start(model, context + 1)
                                        : model->last_start;
        if (ns__model_context_start(model, context) != start || end > model->last_start ||
            check_codes(model, start, end) != end)
            return false;
    }
    for (uint32_t i = 0; i < NS__MODEL_PADDING; i++)
        if (model->table[model->last_start + i] != 0)
            return false;
    return end == model->last_start;
}

/* Each set says how many contexts are in those before. */
static bool check_sets(const ns__model *model)
{
    const uint32_t sets = ns__model_pieces(model->symbols, NS__MODEL_SET);
    const uint32_t rest = model->symbols % NS__MODEL_SET; /* of the last one; 0: it is full */
    uint32_t own = 0;
    uint64_t bits = 0;
    for (uint32_t i = 0; i < sets; i++) {
        const uint8_t *set = model->sets + (size_t)NS__MODEL_SET_BYTES * i;
        if (ns__get_u16(set + 8) != own)
            return false;
        bits = ns__get_u64(set);
        own += ns__model_count_bits(bits);
    }
    return own == model->own && (rest == 0 || bits >> rest == 0);
}

bool ns__model_check(const ns__model *model)
{
    const uint32_t end = check_words(model);
    return end != 0 && check_sets(model) && check_contexts(model, end);
}
