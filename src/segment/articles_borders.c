/* The borders between the passages of one article and of the next: first passages, their bits, and
 * how many bits there are before each block. What the inline readers of articles.h rely on. */
#include "segment/articles.h"

#include "segment/articles_parts.h"

/* The first passages of articles from `article` on against one block of bits. Returns the article
 * behind the last of them, or count + 1 when they differ. */
static uint32_t check_block(const ns__articles *articles, size_t block, uint32_t article)
{
    const uint8_t *bits = articles->bits + block * (NS__RANK_BITS / 8);
    for (uint32_t at = 0; at < NS__RANK_BITS; at += 64) {
        uint32_t passage = (uint32_t)block * NS__RANK_BITS + at;
        for (uint64_t word = ns__get_u64(bits + at / 8); word != 0; word &= word - 1, article++)
            if (article >= articles->count || ns__get_u32(articles->first + 4 * (size_t)article) !=
                                                  passage + (uint32_t)__builtin_ctzll(word))
                return articles->count + 1;
    }
    return article;
}

/* How many of the bits of a block are set: eight words at once, byte by byte. */
static uint32_t count_block(const uint8_t *bits)
{
    uint64_t ones = 0;
    for (uint32_t at = 0; at < NS__RANK_BITS / 8; at += 8)
        ones += ns__ones_by_byte(ns__get_u64(bits + at));
    return ns__sum_of_bytes(ones);
}

/* Whether all is as walk_borders wants it, without a walk from bit to bit: the first passages
 * ascend, the bit of each is set, and there are no other bits. The index is opened for each query,
 * so this takes two steps an article that wait for nothing. */
static bool borders_agree(const ns__articles *articles)
{
    const uint8_t *first = articles->first;
    const uint32_t count = articles->count, passages = articles->passages;
    uint32_t wrong = 0, marked = 1, before = 0;
    if (ns__get_u32(first) != 0 || ns__get_u32(first + 4 * (size_t)count) != passages)
        return false;
    for (size_t i = 0; i < count; i++)
        wrong |= ns__get_u32(first + 4 * i) >= ns__get_u32(first + 4 * i + 4);
    if (wrong)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint32_t passage = ns__get_u32(first + 4 * i);
        marked &= (uint32_t)articles->bits[passage / 8] >> passage % 8;
    }
    for (size_t block = 0; block * NS__RANK_BITS < passages; block++) {
        wrong |= ns__get_u32(articles->ranks + 4 * block) ^ before;
        before += count_block(articles->bits + block * (NS__RANK_BITS / 8));
    }
    return marked && wrong == 0 && before == count;
}

/* What ns__article_first and ns__article_of rely on: the first passages are just those whose bits
 * are set, so they ascend; from 0 to the number of passages, and the ranks count them. Says what is
 * wrong where. */
static ns_status walk_borders(const ns__articles *articles, ns_error *err)
{
    uint32_t article = 0;
    size_t blocks = ((size_t)articles->passages + NS__RANK_BITS - 1) / NS__RANK_BITS;
    for (size_t block = 0; block < blocks; block++) {
        if (ns__get_u32(articles->ranks + 4 * block) != article)
            return ns__frame_corrupt(articles->frame, articles->ranks + 4 * block, err,
                                     "a rank sample contradicts the bits of first passages");
        article = check_block(articles, block, article);
        if (article > articles->count)
            return ns__frame_corrupt(articles->frame, articles->bits + block * (NS__RANK_BITS / 8),
                                     err, "the bits of first passages contradict the articles");
    }
    if (article != articles->count)
        return ns__frame_corrupt(articles->frame, articles->bits, err,
                                 "fewer passages are marked as first ones than there are articles");
    const uint8_t *last = articles->first + 4 * (size_t)articles->count;
    if (ns__get_u32(last) != articles->passages ||
        (article > 0 &&
         (ns__get_u32(articles->first) != 0 || ns__get_u32(last - 4) >= articles->passages)))
        return ns__frame_corrupt(articles->frame, last, err,
                                 "the first passages of the articles are out of order");
    return NS_OK;
}

ns_status ns__articles_check_borders(const ns__articles *articles, ns_error *err)
{
    return borders_agree(articles) ? NS_OK : walk_borders(articles, err);
}
