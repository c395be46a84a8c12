/* The input order of the articles, where it is not the order in which they stand.
 *
 * Section "ordr", absent when the two are the same: the place in the input of each article, then
 * the article of each place; bit-packed both, in the bits that tell the articles apart. Either part
 * follows from the other; with both, an article is named and found in constant time. */
#include "segment/articles_parts.h"

ns_status ns__order_write(const uint32_t *places, uint32_t count, ns__frame_writer *frame,
                          ns_error *err)
{
    const unsigned width = ns__ordinal_width(count);
    uint32_t *articles = ns__zalloc(count, sizeof *articles);
    if (articles == NULL)
        return ns__no_memory(err);
    for (uint32_t a = 0; a < count; a++)
        articles[places[a]] = a;
    ns__buf section = {0};
    ns__append_packed(&section, places, count, width);
    ns__append_packed(&section, articles, count, width);
    ns__free(articles);
    ns__frame_section(frame, NS__ART_ORDER);
    ns__frame_append(frame, section.data, section.length);
    bool failed = section.failed;
    ns__buf_release(&section);
    return failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__order_open(ns__articles *articles, ns_error *err)
{
    ns__str section;
    if (!ns__articles_have(articles, NS__ART_ORDER))
        return NS_OK;
    NS_TRY(ns__frame_find(articles->frame, NS__ART_ORDER, &section, err));
    const unsigned width = ns__ordinal_width(articles->count);
    const uint64_t bytes = ns__packed_bytes(articles->count, width);
    if (width == 0 || section.length != 2 * bytes)
        return ns__frame_corrupt(articles->frame, section.data, err,
                                 "the input order has another size than one place an article");
    articles->order_width = width;
    articles->places = section.data;
    articles->by_place = section.data + bytes;
    return NS_OK;
}

ns_status ns__article_at_place(const ns__articles *articles, uint32_t place, uint32_t *article,
                               ns_error *err)
{
    if (place >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", place);
    *article = place;
    if (articles->order_width == 0)
        return NS_OK;
    *article = ns__packed_get(articles->by_place, place, articles->order_width);
    if (*article < articles->count && ns__article_place(articles, *article) == place)
        return NS_OK;
    return ns__frame_corrupt(articles->frame, articles->places, err,
                             "the input order of the articles contradicts itself");
}
