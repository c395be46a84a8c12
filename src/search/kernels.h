/* The inner loops of the engines, compiled for each instruction set. They only filter:
 * their float sums may differ between instruction sets without any result depending on it. What is
 * added in double is the same on all of them. */
#ifndef NS_SEARCH_KERNELS_H
#define NS_SEARCH_KERNELS_H

#include <stdbool.h>

#include "os/cpu.h"
#include "segment/postings.h"

#define NS_NOWHERE UINT32_MAX

/* Postings of one block to be added to sums. */
typedef struct ns__add_job {
    const uint32_t *ids, *tfs;
    uint32_t count; /* <= NS_BLOCK_MAX */
    const ns__lengths *lengths;
    float factor, c0, c1;
    float *sums; /* of passage `first` on */
    uint32_t first;
} ns__add_job;

/* Postings of one block to be scored by themselves, and where those go that score enough. */
typedef struct ns__rate_job {
    const uint32_t *ids, *tfs;
    uint32_t count; /* <= NS_BLOCK_MAX */
    uint32_t slot;  /* of the first: the others follow */
    uint32_t least; /* no posting with a lower tf scores enough: the lengths of such are not read,
                       in a large index each a wait for memory */
    const ns__lengths *of;
    float factor, c0, c1, need;
    uint32_t *slots, *kept; /* of each that stays: its slot, its id, … */
    float *parts;           /* … factor * tf / (tf + c0 + c1 * length), … */
    float *lengths;         /* … and the length */
} ns__rate_job;

/* The tf that postings need of passages that are not shorter than `shortest`. Rounding leaves it
 * too low, if anything. */
static inline uint32_t ns__least_tf(const ns__rate_job *job, uint32_t shortest)
{
    const float below = 1 - 0x1p-18f, share = job->need / job->factor * below;
    if (!(share > 0 && share < 1))
        return 0;
    const float tf = (job->c0 + job->c1 * (float)shortest) * (share / (1 - share)) * below;
    if (!(tf < 0x1p24f))
        return 1u << 24;
    return (uint32_t)tf + ((float)(uint32_t)tf < tf);
}

/* Postings that were not dropped yet: of each its slot, its passage, what it has so far, and its
 * length. */
typedef struct ns__alive {
    uint32_t *slots, *ids;
    float *sums, *lengths;
} ns__alive;

typedef struct ns__window_kernels {
    /* sums[id - first] += factor * tf / (tf + c0 + c1 * length) for each posting. */
    void (*add)(const ns__add_job *job);
    /* Writes the indices in [from, to) of sums that are at least `need`, ascending; returns how
     * many. */
    uint32_t (*collect)(const float *sums, uint32_t from, uint32_t to, float need, uint32_t *out);
    /* Writes what scores at least `need`, in order, to the job's arrays, which have room for 16
     * more than that; returns how many. */
    uint32_t (*rate)(const ns__rate_job *job);
    /* sums[i] += factor * tf / (tf + c0 + c1 * length) where a tf is not 0; all three arrays can be
     * read up to a multiple of 16, and written up to a multiple of 8. */
    void (*weigh)(const uint32_t *tfs, const float *lengths, uint32_t count, float factor, float c0,
                  float c1, float *sums);
    /* sums[i] += factor * tf / (tf + ks[i]) where a tf is not 0: exactly, as score.h has it. */
    void (*score)(const uint32_t *tfs, const double *ks, uint32_t count, double factor,
                  double *sums);
    /* at[i] = the index of wanted[i] among ids[0 .. count), NS_NOWHERE when it is not there; both
     * ascend, count is 1 .. NS_BLOCK_MAX, and 16 values behind ids are readable. Returns how many
     * were found. */
    uint32_t (*find)(const uint32_t *ids, uint32_t count, const uint32_t *wanted, uint32_t n,
                     uint32_t *at);
    /* The same in a bit set; ranks: how many bits are set before each word of 64. */
    uint32_t (*find_bits)(const ns__block_bits *view, const uint16_t *ranks, const uint32_t *wanted,
                          uint32_t n, uint32_t *at);
    /* ranks[w] = how many bits are set before word w of 64; returns how many are. */
    uint32_t (*rank)(const ns__block_bits *view, uint16_t *ranks);
    /* out[i] = the article of passages[i]: of the bits of passages that begin one, and how many are
     * set before each 512th. */
    void (*articles)(const uint8_t *bits, const uint8_t *before, const uint32_t *passages,
                     uint32_t n, uint32_t *out);
    /* Keeps of `wanted` what is among ids (or, not `present`, what is not): moves it to `to`, in
     * order; all else as find and find_bits, which tell where. `to` may be `wanted` or stand before
     * it; it has room for n. Returns how many stay. */
    uint32_t (*sift)(const uint32_t *ids, uint32_t count, bool present, const uint32_t *wanted,
                     uint32_t n, uint32_t *to);
    uint32_t (*sift_bits)(const ns__block_bits *view, bool present, const uint32_t *wanted,
                          uint32_t n, uint32_t *to);
    /* Moves those of `count` that have a sum of at least `need` to the front of `to`, in order;
     * returns how many. `to` may be `from`, stand before it or elsewhere; it has room for `count`.
     */
    uint32_t (*keep)(const ns__alive *from, uint32_t count, float need, const ns__alive *to);
    /* The same for those with a posting at[i], not NS_NOWHERE; these move to the front of `at`. */
    uint32_t (*keep_found)(const ns__alive *from, uint32_t *at, uint32_t count,
                           const ns__alive *to);
    /* The same of ids and slots alone, which move to other arrays: those may stand before them. */
    uint32_t (*keep_ids)(const uint32_t *ids, const uint32_t *slots, uint32_t *at, uint32_t count,
                         uint32_t *to_ids, uint32_t *to_slots);
    /* Adds `bytes` bytes of bits to a set, the first as bit `shift` < 64 of its first word: to the
     * words that they reach. NS_PACK_SLACK bytes behind them can be read. */
    void (*or_bits)(const uint8_t *bits, size_t bytes, unsigned shift, uint64_t *set);
    /* bytes[id - first] = 1 for each id. */
    void (*mark)(const uint32_t *ids, uint32_t count, uint32_t first, uint8_t *bytes);
    /* Sets bit i of `bits` where bytes[i], 0 or 1, is 1, and clears the bytes; `count` of them, a
     * multiple of 64. */
    void (*pack)(uint8_t *bytes, uint32_t count, uint64_t *bits);
} ns__window_kernels;

/* The kernels of one instruction set, which this processor must have. */
const ns__window_kernels *ns__window_kernels_for(ns__isa isa);

#endif
