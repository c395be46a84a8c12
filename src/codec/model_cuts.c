/* Words cut once: see model_cuts.h. */
#include "codec/model_cuts.h"

void ns__model_cuts_release(ns__model_cuts *cuts)
{
    ns__free(cuts->words);
    *cuts = (ns__model_cuts){0};
}

void ns__model_move(const ns__model_cuts *cuts, ns__str sample, size_t to, ns__cut_place *place)
{
    uint8_t kinds[256];
    ns__model_kinds(kinds);
    while (place->at < to && place->word < cuts->count)
        place->at += ns__cut_length(cuts->words[place->word++], kinds, sample, place->at);
}
