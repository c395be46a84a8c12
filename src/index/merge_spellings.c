/* Spellings of a merge: those of live articles, numbered anew. */
#include "index/merge_parts.h"

#include "base/mem.h"

void ns__spelling_copier_release(ns__spelling_copier *copier)
{
    ns__free(copier->map);
    *copier = (ns__spelling_copier){0};
}

/* Opens the chunk of a unit, if it is another than that of the unit before. Then, and when the
 * writer has forgotten its numbers, none of the map holds any more. */
static ns_status open_chunk(ns__spelling_copier *copier, const ns__spellings *spellings,
                            uint32_t unit, const ns__spellings_writer *writer, ns_error *err)
{
    const ns__spelling_chunk *chunk = &copier->chunk;
    const uint32_t epoch = ns__spellings_epoch(writer);
    const bool same =
        copier->of == spellings && unit >= chunk->first && unit - chunk->first < chunk->units;
    if (same && copier->epoch == epoch)
        return NS_OK;
    copier->of = NULL;
    if (!same)
        NS_TRY(ns__spelling_chunk_open(spellings, unit, &copier->chunk, err));
    if (copier->stamp == UINT32_MAX) {
        memset(copier->map, 0, copier->zeroed * sizeof *copier->map);
        copier->stamp = 0;
    }
    copier->stamp++;
    if (NS_RESERVE(copier->map, copier->capacity, (size_t)chunk->count + 1) < 0)
        return ns__no_memory(err);
    if (chunk->count > copier->zeroed) {
        memset(copier->map + copier->zeroed, 0,
               (chunk->count - copier->zeroed) * sizeof *copier->map);
        copier->zeroed = chunk->count;
    }
    copier->of = spellings;
    copier->epoch = epoch;
    return NS_OK;
}

static ns_status copy_unit(ns__spelling_copier *copier, const ns__spellings *spellings,
                           uint32_t unit, uint32_t words, ns__spellings_writer *writer,
                           ns_error *err)
{
    ns__spelling_cursor cursor;
    NS_TRY(open_chunk(copier, spellings, unit, writer, err));
    ns__spelling_cursor_start(&copier->chunk, unit, &cursor);
    for (uint32_t i = 0; i < words; i++) {
        uint32_t number;
        NS_TRY(ns__spelling_next(&copier->chunk, &cursor, &number, err));
        ns__spelling_copied *copied = &copier->map[number];
        if (copied->stamp != copier->stamp) {
            ns__str text;
            NS_TRY(ns__spelling_text(&copier->chunk, number, &text, err));
            NS_TRY(ns__spellings_number(writer, text, &copied->number, err));
            copied->stamp = copier->stamp;
        }
        NS_TRY(ns__spellings_add(writer, copied->number, err));
    }
    return ns__spellings_end_unit(writer, err);
}

ns_status ns__merge_spellings(ns__spelling_copier *copier, const ns__segment *segment,
                              uint32_t article, const ns__article_facts *facts,
                              ns__spellings_writer *writer, ns_error *err)
{
    const uint32_t first = ns__article_first(&segment->articles, article);
    const uint32_t title = ns__spelling_unit(article, first, true);
    NS_TRY(copy_unit(copier, &segment->spellings, title, facts->title_terms, writer, err));
    for (uint32_t p = 0; p < facts->passage_count; p++)
        NS_TRY(copy_unit(copier, &segment->spellings, title + 1 + p, facts->passages[p].terms,
                         writer, err));
    return NS_OK;
}
