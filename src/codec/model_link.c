/* The tables that text is coded by: each word in one place with the code and the context that
 * model_train.c gave it. */
#include "base/mem.h"
#include "codec/model_write.h"

/* Words that come up so often find their best slots free. */
static const uint32_t OFTEN[] = {1024, 64, 0};

static void put_slot(ns__model_writer *model, ns__word_key key, uint32_t symbol)
{
    size_t at = ns__word_hash(key) & model->slot_mask;
    while (model->slots[at].fact.code != 0)
        at = (at + 1) & model->slot_mask;
    model->slots[at] = (ns__model_slot){key, model->pieces[symbol]};
}

static ns__word_key key_of(const ns__model_writer *model, uint32_t symbol)
{
    return symbol < 256 ? (ns__word_key){symbol, 0} : model->words.keys[symbol - 256];
}

static void fill_pieces(ns__model_writer *model)
{
    for (uint32_t symbol = 0; symbol < model->symbols; symbol++) {
        const ns__model_symbol *facts = &model->facts[symbol];
        const ns__model_context *context = &model->contexts[facts->context];
        model->pieces[symbol] = (ns__model_fact){context->first, context->escape, facts->code,
                                                 (uint16_t)symbol, (uint16_t)context->bits};
    }
}

ns_status ns__model_link(ns__model_writer *model, ns_error *err)
{
    size_t room = 1024;
    while (room < 2 * (size_t)model->symbols)
        room *= 2;
    model->slot_mask = room - 1;
    model->slots = ns__alloc64(room * sizeof *model->slots);
    model->pieces = ns__alloc(model->symbols, sizeof *model->pieces);
    if (model->slots == NULL || model->pieces == NULL)
        return ns__no_memory(err);
    memset(model->slots, 0, room * sizeof *model->slots);
    fill_pieces(model);
    uint32_t below = UINT32_MAX;
    for (size_t i = 0; i < sizeof OFTEN / sizeof *OFTEN; below = OFTEN[i++])
        for (uint32_t symbol = 0; symbol < model->symbols; symbol++)
            if (model->times[symbol] >= OFTEN[i] && model->times[symbol] < below)
                put_slot(model, key_of(model, symbol), symbol);
    return NS_OK;
}
