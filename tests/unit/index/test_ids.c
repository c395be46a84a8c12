/* The table of ids added since the last commit, with a key for which most ids hash alike. */
#include "unit/index/help.h"

#include "index/ids.h"

enum { IDS = 6, MOST = 120 };

/* With it, what follows the first eight bytes of an id makes no difference: see base/hash.c. */
static const ns__hash_key weak = {1, 0x2e2e2e2e2e2e2e2e, 3};

/* Ids 0 .. 3 collide, the others do not. */
static ns__str id_of(uint32_t number, char room[40])
{
    snprintf(room, 40, "%s%08u same for all of them", number < 4 ? "........" : "--------",
             (unsigned)number);
    return (ns__str){(const uint8_t *)room, strlen(room)};
}

/* What a builder has: the id of each article. */
typedef struct added {
    uint32_t ids[MOST];
    uint32_t count, reads;
} added;

static ns_status read_id(void *payload, uint32_t article, ns__buf *into, ns_error *err)
{
    (void)err;
    added *all = payload;
    char room[40];
    assert_true(article < all->count);
    const ns__str id = id_of(all->ids[article], room);
    all->reads++;
    ns__buf_clear(into);
    ns__buf_append(into, id.data, id.length);
    return NS_OK;
}

static void add(ns__ids *ids, added *all, uint32_t number)
{
    char room[40];
    ns_error err = {0};
    const uint32_t article = all->count++;
    all->ids[article] = number;
    assert_ok(ns__ids_add(ids, id_of(number, room), article, "file", article + 1, &err), err);
}

static ns_status take(ns__ids *ids, added *all, uint32_t number)
{
    char room[40];
    ns_error err = {0};
    const ns__id_source source = {read_id, all};
    return ns__ids_remove(ids, id_of(number, room), &source, &err);
}

/* What the commit makes of it: who is left. */
static void commit(const ns__ids *ids, const added *all, bool alive[MOST])
{
    for (uint32_t a = 0; a < all->count; a++)
        alive[a] = true;
    for (size_t i = 0; i < ids->suspect_count; i++) {
        const uint32_t earlier = ids->suspects[i].earlier.article;
        for (uint32_t a = earlier + 1; a < all->count; a++)
            if (all->ids[a] == all->ids[earlier])
                alive[earlier] = false;
    }
    ns__cur cur = ns__cur_of(ids->removals.data, ids->removals.length);
    while (ns__cur_left(&cur) > 0)
        alive[ns__cur_u32(&cur)] = false;
    assert_false(cur.bad);
}

static void test_key(void **state)
{
    (void)state;
    char room[40];
    uint64_t hashes[IDS];
    for (uint32_t i = 0; i < IDS; i++) {
        const ns__str id = id_of(i, room);
        hashes[i] = ns__hash_keyed(id.data, id.length, &weak);
        for (uint32_t before = 0; before < i; before++)
            assert_true((hashes[before] == hashes[i]) == (i < 4));
    }
    ns_error err = {0};
    ns__ids ids = {0}, others = {0};
    assert_ok(ns__ids_add(&ids, NS_STR("a"), 0, "", 0, &err), err);
    assert_ok(ns__ids_add(&others, NS_STR("a"), 0, "", 0, &err), err);
    assert_memory_not_equal(&ids.key, &others.key, sizeof ids.key); /* nobody knows them */
    ns__ids_clear(&ids);
    ns__ids_clear(&others);
}

static void test_random(void **state)
{
    (void)state;
    for (int round = rounds(2000); round > 0; round--) {
        ns__ids ids = {.key = weak};
        added all = {0};
        bool alive[MOST], wanted[MOST] = {false};
        const uint32_t steps = 1 + random_below(MOST);
        for (uint32_t step = 0; step < steps; step++) {
            const uint32_t number = random_below(IDS);
            const bool removing = random_below(3) == 0;
            bool found = false;
            for (uint32_t a = 0; a < all.count; a++)
                if (all.ids[a] == number && wanted[a]) {
                    found = true;
                    wanted[a] = false; /* it is removed, or replaced */
                }
            if (removing) {
                assert_int_equal(take(&ids, &all, number), found ? NS_OK : NS_NOT_FOUND);
                continue;
            }
            wanted[all.count] = true;
            add(&ids, &all, number);
        }
        commit(&ids, &all, alive);
        assert_memory_equal(alive, wanted, all.count * sizeof *alive);
        ns__ids_clear(&ids);
    }
}

/* Each article is read once when its id is removed, however often it was added. */
static void test_reads(void **state)
{
    (void)state;
    ns__ids ids = {0};
    added all = {0};
    for (uint32_t i = 0; i < MOST; i++)
        add(&ids, &all, 1);
    assert_int_equal(take(&ids, &all, 2), NS_NOT_FOUND);
    assert_int_equal(all.reads, 0); /* its hash is another one */
    assert_int_equal(take(&ids, &all, 1), NS_OK);
    assert_int_equal(all.reads, MOST);
    assert_int_equal(take(&ids, &all, 1), NS_NOT_FOUND);
    assert_int_equal(all.reads, MOST);
    ns__ids_clear(&ids);
}

static int start(void **state)
{
    (void)state;
    seed_random();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_reads),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
