/* For the tests of segment files: a folder, settings, seeded random numbers. */
#ifndef NS_TESTS_SEGMENT_SUPPORT_H
#define NS_TESTS_SEGMENT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/file.h"
#include "segment/params.h"

static char folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/ns_test_XXXXXX");
    return mkdtemp(folder) == NULL;
}

static inline void empty_folder(void)
{
    char **names;
    size_t count;
    if (ns__dir_names(folder, &names, &count, NULL) != NS_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        char *path = ns__path_join(folder, names[i]);
        unlink(path);
        ns__free(path);
    }
    ns__dir_free_names(names, count);
}

static inline int remove_folder(void **state)
{
    (void)state;
    empty_folder();
    return rmdir(folder);
}

/* A path in the folder; good until the eighth call from now. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][700];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline ns_index_settings small_settings(void)
{
    ns_index_settings settings = {.title_weight = 2,
                                  .k1 = 0.9,
                                  .b = 0.4,
                                  .store_level = 6,
                                  .store_block_bytes = 256,
                                  .block_postings = 4,
                                  .window_passages = 16};
    return settings;
}

/* splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t random_state;

static inline uint64_t random_u64(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t random_below(uint32_t limit)
{
    return (uint32_t)(random_u64() % limit);
}

static inline void random_start(void)
{
    const char *seed = getenv("NS_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : 20240601;
    printf("NS_SEED=%llu\n", (unsigned long long)random_state);
}

/* Fails with the message of the error. */
#define assert_fine(expression)                                                                    \
    do {                                                                                           \
        ns_error fine_err_ = {0}, *err = &fine_err_;                                               \
        ns_status fine_status_ = (expression);                                                     \
        if (fine_status_ != NS_OK)                                                                 \
            fail_msg("%s: %d %s at %lld: %s", #expression, fine_status_, fine_err_.file,           \
                     (long long)fine_err_.offset, fine_err_.message);                              \
    } while (0)

#endif
