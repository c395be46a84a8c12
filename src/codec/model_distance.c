/* Whether text is still of the kind that a model was made of. Codes for each context fit their
 * sample better than any other text, so that lengths of codes tell little; frequencies of symbols
 * tell it well: they differ by 4 to 12 thousandths where only the days differ, and by 15 and more
 * where the subject or the paper does. */
#include "base/mem.h"
#include "base/num.h"
#include "codec/model_cut.h"
#include "codec/model_write.h"

enum { PARTS = 8, PART_BYTES = 64 << 10 };

static const double LOG_OF_2 = 0.69314718055994530942;

typedef struct symbol_counter {
    uint32_t *times;
    uint64_t total;
} symbol_counter;

static bool count(void *payload, const uint16_t *symbols, size_t count)
{
    symbol_counter *c = payload;
    for (size_t i = 0; i < count; i++)
        c->times[symbols[i]]++;
    c->total += count;
    return true;
}

/* Bits that the symbols save by codes of their own, each of which the model knows once more. A
 * small sample fits its own frequencies too well, on the average by half a unit for each different
 * symbol (Miller 1955, of entropy): without these a small sample tells as much as a large one. */
static double bits_saved(const ns__model_writer *model, const symbol_counter *c)
{
    double before = (double)(model->total + model->symbols), sum = 0;
    for (uint32_t symbol = 0; symbol < model->symbols; symbol++) {
        double times = c->times[symbol], known = (double)model->times[symbol] + 1;
        if (times > 0)
            sum += times * ns__log(times * before / (known * (double)c->total)) - 0.5;
    }
    return sum > 0 ? sum / LOG_OF_2 : 0;
}

ns_status ns__model_distance(const ns__model_writer *model, ns__str sample, unsigned *out,
                             ns_error *err)
{
    symbol_counter c = {ns__zalloc(model->symbols, sizeof *c.times), 0};
    size_t part = sample.length / PARTS, bytes = part < PART_BYTES ? part : PART_BYTES;
    *out = 0;
    if (c.times == NULL)
        return ns__no_memory(err);
    for (size_t i = 0; i < PARTS; i++)
        ns__model_symbols(&model->words, (ns__str){sample.data + i * part, bytes}, count, &c);
    if (c.total > 0)
        *out = (unsigned)(bits_saved(model, &c) * 1000 / (8.0 * (double)(PARTS * bytes)));
    ns__free(c.times);
    return NS_OK;
}
