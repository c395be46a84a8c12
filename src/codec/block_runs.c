/* Ids of dense blocks as bit sets. Those of a very frequent word follow one another but for a few
 * gaps, so that a block is a run, or exceptions of a list without low bits: a bit set is made of
 * that faster than ids are, and faster to look up in, to count and to join. */
#include "codec/block.h"

#include <string.h>

#include "base/count.h"
#include "codec/pfor.h"

enum { WORD = 64, USUAL_WORDS = 8 };

static void clear_bits(uint64_t *words, size_t from, size_t count)
{
    while (count > 0) {
        const size_t left = WORD - from % WORD, here = count < left ? count : left;
        words[from / WORD] &= ~(UINT64_MAX >> (WORD - here) << from % WORD);
        from += here;
        count -= here;
    }
}

/* Clears the gaps. False unless they stand one behind the other, before one of `count` ids each,
 * and leave so many of the `bits`. */
static bool clear_gaps(const ns__patches *gaps, size_t count, uint64_t bits, uint64_t *words)
{
    uint64_t before = 0, next = 0; /* bits of the gaps so far; the first id that may have another */
    for (uint32_t i = 0; i < gaps->count; i++) {
        const uint64_t index = gaps->indices[i], length = gaps->highs[i], from = index + before;
        const uint64_t in = from % WORD;
        if (index < next || from + length > bits)
            return false;
        if (in + length < WORD) /* nearly always; a branch that can be foreseen */
            words[from / WORD] &= ~(((UINT64_C(1) << length) - 1) << in);
        else
            clear_bits(words, from, length);
        before += length;
        next = index + 1;
    }
    return next <= count && before + count == bits;
}

static void set_all(size_t bits, uint64_t *words)
{
    const size_t last = bits / WORD;
    memset(words, 0xff, USUAL_WORDS * sizeof *words);
    for (size_t w = USUAL_WORDS; w < last; w++)
        words[w] = UINT64_MAX;
    words[last] = (UINT64_C(1) << bits % WORD) - 1;
}

size_t ns__block_make_bits(const ns__unpack_kernels *kernels, const uint8_t *in,
                           const uint8_t *in_end, size_t count, uint32_t base, uint32_t last,
                           ns__bits_room *room, ns__block_bits *out)
{
    const uint32_t first = base + 1;
    const uint64_t bits = (uint64_t)last - first + 1;
    uint8_t indices[NS_BLOCK_ROOM];
    uint32_t highs[NS_BLOCK_ROOM];
    ns__patches gaps = {indices, highs, 0};
    size_t length = 0;
    if (in >= in_end || count == 0 || count > NS_BLOCK_MAX || last < first ||
        bits > (uint64_t)NS_BITS_WORDS * WORD || *in >> 2 != 0)
        return 0;
    if (ns__block_ids_tag(in) == NS__IDS_PATCHED) {
        ns__values low;
        if (!ns__pfor_open(in + 1, in_end, count, 0, true, &low, &length))
            return 0;
        gaps = ns__pfor_patches(kernels, &low, indices, highs);
    } else if (ns__block_ids_tag(in) != NS__IDS_RUN) {
        return 0;
    }
    set_all((size_t)bits, room->words);
    if (!clear_gaps(&gaps, count, bits, room->words))
        return 0;
    NS_COUNT(BLOCK_MAKE_BITS);
    *out = (ns__block_bits){(const uint8_t *)room->words, (size_t)(bits + 7) / 8, first};
    return length + 1;
}
