/* The order of the second step of ranking, against qsort: by places, by scores, of which many are
 * the same. */
#include "unit/codec/codec_test.h" /* random numbers */

#include "search/cascade_parts.h"
#include "unit/quick.h"

enum { MOST = 700 };

static int by_place(const void *a, const void *b)
{
    const ns__hit *x = &(*(ns__ranked *const *)a)->hit, *y = &(*(ns__ranked *const *)b)->hit;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->passage > y->passage) - (x->passage < y->passage);
}

static int by_score(const void *a, const void *b)
{
    const ns__ranked *x = *(ns__ranked *const *)a, *y = *(ns__ranked *const *)b;
    if (x->final != y->final)
        return x->final > y->final ? -1 : 1;
    return (x->hit.article > y->hit.article) - (x->hit.article < y->hit.article);
}

/* Entries of different passages and articles, in any order. */
static void make(ns__ranked *all, ns__ranked **entries, uint32_t count)
{
    static const double scores[] = {0.0, -0.0, -1.5, 2.0, 3.5, 1e-310, 1e300};
    const uint32_t kinds = 1 + random_below(2 * sizeof scores / sizeof *scores);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t kind = random_below(kinds);
        const double score =
            kind < sizeof scores / sizeof *scores ? scores[kind] : random_below(1000) / 8.0;
        all[i] = (ns__ranked){.hit = {.segment = random_below(3), .article = i, .passage = i * 3},
                              .final = score};
        entries[i] = &all[i];
    }
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t other = random_below(i);
        ns__ranked *entry = entries[i - 1];
        entries[i - 1] = entries[other];
        entries[other] = entry;
    }
}

static void test_orders(void **state)
{
    (void)state;
    seed_random();
    static ns__ranked all[MOST];
    static ns__ranked *entries[MOST], *expected[MOST];
    ns__ranked_sort sort = {0};
    assert_int_equal(ns__ranked_sort_open(&sort, MOST, NULL), NS_OK);
    for (int round = 0; round < rounds(400); round++) {
        const bool scores = random_below(2);
        const uint32_t count = random_below(8) == 0 ? random_below(MOST + 1) : random_below(40);
        make(all, entries, count);
        memcpy(expected, entries, count * sizeof(ns__ranked *));
        if (count > 0)
            qsort(expected, count, sizeof(ns__ranked *), scores ? by_score : by_place);
        (scores ? ns__ranked_by_score : ns__ranked_by_place)(&sort, entries, count);
        for (uint32_t i = 0; i < count; i++)
            assert_ptr_equal(entries[i], expected[i]);
    }
    ns__ranked_sort_release(&sort);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
