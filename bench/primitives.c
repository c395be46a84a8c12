/* What the codecs cost: nanoseconds a value for each encoding and kernel, checksums, deflate.
 *
 *   ns_bench_primitives [blocks]     default 64 blocks of 256 (in the first or second level cache)
 *
 * Each figure is the best of many passes over the same blocks. */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "codec/block.h"
#include "codec/zblock.h"
#include "os/clock.h"

enum { PASSES = 400, MOST_BLOCKS = 65536 };

static uint64_t random_state = 42;
static size_t block_count = 64;
static volatile uint64_t consumed; /* keeps the compiler from leaving work out */

static uint64_t random64(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static uint32_t random_bits(unsigned width)
{
    return width == 0 ? 0 : (uint32_t)(random64() >> (64 - width));
}

/* Encoded blocks one behind the other, and where each begins. */
typedef struct blocks {
    ns__buf bytes;
    size_t *at;
    uint32_t *base;
    const char *name;
} blocks;

static void blocks_init(blocks *made)
{
    *made = (blocks){.at = calloc(block_count + 1, sizeof *made->at),
                     .base = calloc(block_count, sizeof *made->base)};
    if (made->at == NULL || made->base == NULL)
        exit(2);
}

static void blocks_release(blocks *made)
{
    ns__buf_release(&made->bytes);
    free(made->at);
    free(made->base);
}

static void pad(ns__buf *bytes)
{
    for (unsigned i = 0; i < NS_PACK_SLACK; i++)
        ns__buf_u8(bytes, 0);
}

typedef uint64_t (*pass)(const blocks *made, const ns__unpack_kernels *kernels, unsigned width);

static double best_ns(pass run, const blocks *made, const ns__unpack_kernels *kernels,
                      unsigned width)
{
    uint64_t best = UINT64_MAX;
    unsigned passes = PASSES * 64 / (unsigned)block_count;
    for (unsigned i = 0; i < (passes > 5 ? passes : 5); i++) {
        uint64_t start = ns__clock_ns();
        consumed += run(made, kernels, width);
        uint64_t took = ns__clock_ns() - start;
        if (took < best)
            best = took;
    }
    return (double)best / ((double)block_count * NS_BLOCK_MAX);
}

static uint64_t pass_unpack(const blocks *made, const ns__unpack_kernels *kernels, unsigned width)
{
    _Alignas(64) uint32_t out[NS_BLOCK_ROOM];
    uint64_t sum = 0;
    for (size_t b = 0; b < block_count; b++) {
        kernels->unpack32(made->bytes.data + b * 32 * width, NS_BLOCK_MAX, width, out);
        sum += out[NS_BLOCK_MAX - 1];
    }
    return sum;
}

static uint64_t pass_delta(const blocks *made, const ns__unpack_kernels *kernels, unsigned width)
{
    _Alignas(64) uint32_t out[NS_BLOCK_ROOM];
    uint64_t sum = 0;
    for (size_t b = 0; b < block_count; b++) {
        kernels->unpack_delta32(made->bytes.data + b * 32 * width, NS_BLOCK_MAX, width, 7, 1, out);
        sum += out[NS_BLOCK_MAX - 1];
    }
    return sum;
}

static uint64_t pass_ids(const blocks *made, const ns__unpack_kernels *kernels, unsigned unused)
{
    (void)unused;
    _Alignas(64) uint32_t out[NS_BLOCK_ROOM];
    uint64_t sum = 0;
    const uint8_t *end = made->bytes.data + made->at[block_count];
    for (size_t b = 0; b < block_count; b++) {
        if (ns__block_decode_ids(kernels, made->bytes.data + made->at[b], end, NS_BLOCK_MAX,
                                 made->base[b], out) == 0)
            abort();
        sum += out[NS_BLOCK_MAX - 1];
    }
    return sum;
}

static uint64_t pass_tfs(const blocks *made, const ns__unpack_kernels *kernels, unsigned unused)
{
    (void)unused;
    _Alignas(64) uint32_t out[NS_BLOCK_ROOM];
    uint64_t sum = 0;
    const uint8_t *end = made->bytes.data + made->at[block_count];
    for (size_t b = 0; b < block_count; b++) {
        if (ns__block_decode_tfs(kernels, made->bytes.data + made->at[b], end, NS_BLOCK_MAX, out) ==
            0)
            abort();
        sum += out[NS_BLOCK_MAX - 1];
    }
    return sum;
}

static void print_row(const char *name, double bits, pass run, const blocks *made, unsigned width)
{
    printf("%-22s %6.2f", name, bits);
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++)
        printf(" %9.3f", best_ns(run, made, ns__unpack_kernels_for((ns__isa)isa), width));
    putchar('\n');
}

static void print_head(const char *title)
{
    printf("\n%-22s %6s", title, "bits");
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++)
        printf(" %9s", ns__isa_name((ns__isa)isa));
    puts("   ns a value");
}

static void bench_widths(pass run, const char *title)
{
    static const unsigned widths[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                      10, 12, 15, 16, 17, 20, 25, 28, 31, 32};
    print_head(title);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        blocks made;
        blocks_init(&made);
        for (size_t i = 0; i < block_count * 32 * widths[w]; i++)
            ns__buf_u8(&made.bytes, (uint8_t)random64());
        pad(&made.bytes);
        char name[32];
        snprintf(name, sizeof name, "width %u", widths[w]);
        print_row(name, widths[w], run, &made, widths[w]);
        blocks_release(&made);
    }
}

/* Ids drawn with a chance of `chance` in 65536, in stretches where `clustered`. */
static void make_ids(blocks *made, uint32_t chance, bool clustered)
{
    uint32_t ids[NS_BLOCK_MAX], id = 0, base = UINT32_MAX, likely = chance;
    blocks_init(made);
    for (size_t b = 0; b < block_count; b++) {
        for (size_t i = 0; i < NS_BLOCK_MAX; i++) {
            while ((random64() & 0xffff) >= likely)
                id++;
            ids[i] = id++;
            if (clustered && (random64() & 15) == 0)
                likely = likely == chance ? chance * 16 : chance;
        }
        made->at[b] = made->bytes.length;
        made->base[b] = base;
        ns__block_encode_ids(ids, NS_BLOCK_MAX, base, &made->bytes);
        base = ids[NS_BLOCK_MAX - 1];
    }
    made->at[block_count] = made->bytes.length;
    pad(&made->bytes);
}

static void tag_shares(const blocks *made, bool ids, char *text, size_t room)
{
    static const char *const names[] = {"run",  "bits", "packed", "patched",
                                        "ones", "mask", "packed", "patched"};
    size_t count[NS__BLOCK_TAGS] = {0}, most = 0;
    for (size_t b = 0; b < block_count; b++) {
        const uint8_t *in = made->bytes.data + made->at[b];
        count[ids ? ns__block_ids_tag(in) : ns__block_tfs_tag(in)]++;
    }
    for (size_t tag = 1; tag < NS__BLOCK_TAGS; tag++)
        if (count[tag] > count[most])
            most = tag;
    snprintf(text, room, "%s %zu%%", names[most], 100 * count[most] / block_count);
}

static double bits_of(const blocks *made)
{
    return 8.0 * (double)made->at[block_count] / ((double)block_count * NS_BLOCK_MAX);
}

static void bench_ids(void)
{
    print_head("ids, by density");
    static const uint32_t chances[] = {65536, 60000, 32768, 20000, 16384, 8192, 4096,
                                       2048,  1024,  512,   128,   32,    8,    2};
    for (unsigned clustered = 0; clustered < 2; clustered++)
        for (size_t c = 0; c < sizeof chances / sizeof *chances; c++) {
            blocks made;
            if (clustered && (chances[c] > 4096 || chances[c] < 32))
                continue;
            make_ids(&made, chances[c], clustered);
            char share[24], name[48];
            tag_shares(&made, true, share, sizeof share);
            snprintf(name, sizeof name, "1/%-5.0f%s %s", 65536.0 / chances[c],
                     clustered ? "c" : " ", share);
            print_row(name, bits_of(&made), pass_ids, &made, 0);
            blocks_release(&made);
        }
}

/* Chance in 256 that a tf is above one, and that one above one goes on growing. */
static void bench_tfs(void)
{
    static const uint32_t shapes[][2] = {{0, 0},     {20, 40},   {60, 60},  {100, 100},
                                         {160, 140}, {220, 200}, {240, 240}};
    print_head("tfs, share above one");
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        blocks made;
        blocks_init(&made);
        for (size_t b = 0; b < block_count; b++) {
            uint32_t tfs[NS_BLOCK_MAX];
            for (size_t i = 0; i < NS_BLOCK_MAX; i++) {
                tfs[i] = 1;
                if (random_bits(8) < shapes[s][0])
                    for (tfs[i] = 2; random_bits(8) < shapes[s][1];)
                        tfs[i]++;
            }
            made.at[b] = made.bytes.length;
            ns__block_encode_tfs(tfs, NS_BLOCK_MAX, &made.bytes);
        }
        made.at[block_count] = made.bytes.length;
        pad(&made.bytes);
        char share[24], name[48];
        tag_shares(&made, false, share, sizeof share);
        snprintf(name, sizeof name, "%3.0f%%  %s", (double)shapes[s][0] / 2.56, share);
        print_row(name, bits_of(&made), pass_tfs, &made, 0);
        blocks_release(&made);
    }
}

static void bench_encode(void)
{
    enum { COUNT = 256 * 64 };
    static uint32_t ids[COUNT], tfs[COUNT];
    uint32_t id = 0;
    for (size_t i = 0; i < COUNT; i++) {
        do
            id++;
        while ((random64() & 255) >= 8);
        ids[i] = id;
        tfs[i] = 1 + (random_bits(2) == 0) + (random_bits(5) == 0);
    }
    ns__buf out = {0};
    uint64_t best_ids = UINT64_MAX, best_tfs = UINT64_MAX;
    for (unsigned i = 0; i < 50; i++) {
        ns__buf_clear(&out);
        uint64_t start = ns__clock_ns();
        for (size_t b = 0; b < COUNT; b += 256)
            ns__block_encode_ids(ids + b, 256, b == 0 ? UINT32_MAX : ids[b - 1], &out);
        uint64_t middle = ns__clock_ns();
        for (size_t b = 0; b < COUNT; b += 256)
            ns__block_encode_tfs(tfs + b, 256, &out);
        uint64_t end = ns__clock_ns();
        best_ids = middle - start < best_ids ? middle - start : best_ids;
        best_tfs = end - middle < best_tfs ? end - middle : best_tfs;
    }
    printf("\nencode: ids %.2f, tfs %.2f ns a value\n", (double)best_ids / COUNT,
           (double)best_tfs / COUNT);
    ns__buf_release(&out);
}

static void bench_values(void)
{
    enum { COUNT = 1024, TRIES = 4096 };
    static const unsigned sizes[] = {1, 2, 4, 8, 16, 32, 64, 256};
    uint32_t values[COUNT], out[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        values[i] = random_bits(random_bits(4) == 0 ? 9 : 6);
    ns__buf buf = {0};
    ns__values_encode(values, COUNT, &buf);
    const size_t length = buf.length;
    pad(&buf);
    ns__values list;
    if (ns__values_open(buf.data, buf.data + length, COUNT, &list) == 0)
        abort();
    printf("\n%-22s %6.2f bits, %u exceptions of %d\n", "values at random places",
           8.0 * (double)length / COUNT, list.exception_count, COUNT);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        printf("%3u values, ns a call  ", sizes[s]);
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            const ns__unpack_kernels *kernels = ns__unpack_kernels_for((ns__isa)isa);
            uint64_t best = UINT64_MAX;
            for (unsigned round = 0; round < 20; round++) {
                uint64_t start = ns__clock_ns(), place = 1;
                for (unsigned i = 0; i < TRIES; i++) {
                    place = place * 2862933555777941757 + 3037000493;
                    ns__values_get(kernels, &list, (place >> 40) % (COUNT - sizes[s]), sizes[s],
                                   out);
                    consumed += out[0];
                }
                uint64_t took = ns__clock_ns() - start;
                best = took < best ? took : best;
            }
            printf(" %9.1f", (double)best / TRIES);
        }
        putchar('\n');
    }
    ns__buf_release(&buf);
}

/* Text with the word frequencies of nothing in particular: a Zipf-like draw of made-up words. */
static void make_text(uint8_t *text, size_t length)
{
    static const char *const parts[] = {"ka", "men", "to", "ris", "el", "on", "tar", "iff",
                                        "su", "per", "vi", "sor", "al", "in", "gen", "e"};
    for (size_t at = 0; at < length;) {
        uint64_t word = random64() % (1 + random64() % 20000);
        uint64_t mixed = (word + 1) * 0x9e3779b97f4a7c15;
        for (unsigned i = 0; i < 1 + mixed % 4; i++)
            for (const char *c = parts[(mixed >> (8 + 4 * i)) & 15]; *c != 0 && at < length; c++)
                text[at++] = (uint8_t)*c;
        if (at < length)
            text[at++] = random_bits(4) == 0 ? '.' : ' ';
    }
}

static void bench_bytes(void)
{
    enum { TEXT = 4 << 20, BLOCK = 65536 };
    uint8_t *text = malloc(TEXT), *back = malloc(BLOCK);
    if (text == NULL || back == NULL)
        exit(2);
    make_text(text, TEXT);
    uint64_t start = ns__clock_ns();
    for (unsigned i = 0; i < 10; i++)
        consumed += libdeflate_crc32(0, text, TEXT);
    uint64_t middle = ns__clock_ns();
    for (unsigned i = 0; i < 10; i++)
        consumed += crc32(0, text, TEXT);
    uint64_t end = ns__clock_ns();
    printf("\nCRC-32: %.1f GB/s (zlib's own %.1f)\n", 10.0 * TEXT / (double)(middle - start),
           10.0 * TEXT / (double)(end - middle));
    static const int levels[] = {1, 3, 6, 9};
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
        ns__deflater *deflater;
        ns__inflater *inflater;
        ns__buf out = {0};
        size_t ends[TEXT / BLOCK];
        if (ns__deflater_open(levels[l], &deflater, NULL) != NS_OK ||
            ns__inflater_open(&inflater, NULL) != NS_OK)
            exit(2);
        start = ns__clock_ns();
        for (size_t b = 0; b < TEXT / BLOCK; b++) {
            ns__deflater_run(deflater, (ns__str){text + b * BLOCK, BLOCK}, &out, NULL);
            ends[b] = out.length;
        }
        middle = ns__clock_ns();
        for (size_t b = 0; b < TEXT / BLOCK; b++) {
            size_t from = b == 0 ? 0 : ends[b - 1];
            if (!ns__inflater_run(inflater, (ns__str){out.data + from, ends[b] - from}, back,
                                  BLOCK))
                abort();
        }
        end = ns__clock_ns();
        printf("deflate level %d: %.0f MB/s, ratio %.2f; inflate %.0f MB/s\n", levels[l],
               1e3 * TEXT / (double)(middle - start), (double)TEXT / (double)out.length,
               1e3 * TEXT / (double)(end - middle));
        ns__buf_release(&out);
        ns__deflater_close(deflater);
        ns__inflater_close(inflater);
    }
    free(text);
    free(back);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        block_count = (size_t)strtoul(argv[1], NULL, 10);
    if (block_count < 1 || block_count > MOST_BLOCKS) {
        fprintf(stderr, "usage: ns_bench_primitives [blocks 1..%d]\n", MOST_BLOCKS);
        return 2;
    }
    printf("this processor: %s; %zu blocks of %d\n", ns__isa_name(ns__cpu_isa()), block_count,
           NS_BLOCK_MAX);
    bench_widths(pass_unpack, "unpack");
    bench_widths(pass_delta, "unpack + sum");
    bench_ids();
    bench_tfs();
    bench_encode();
    bench_values();
    bench_bytes();
    return 0;
}
