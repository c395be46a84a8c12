/* Shelves: what is put there comes back once, and nothing is lost or kept beyond the places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/shelf.h"

enum { ITEMS = 40, PLACES = 16 };

typedef struct item {
    ns__shelved shelved;
    int released, taken;
} item;

static void release(ns__shelved *shelved)
{
    ((item *)shelved)->released++;
}

static void test_round(void **state)
{
    (void)state;
    item items[ITEMS];
    ns__shelf *shelf = ns__shelf_open();
    assert_non_null(shelf);
    assert_null(ns__shelf_take(shelf));
    for (int i = 0; i < ITEMS; i++) {
        items[i] = (item){.shelved = {release}};
        ns__shelf_put(shelf, &items[i].shelved);
    }
    int released = 0;
    for (int i = 0; i < ITEMS; i++)
        released += items[i].released;
    assert_int_equal(released, ITEMS - PLACES);
    for (int i = 0; i < PLACES; i++) {
        item *taken = (item *)ns__shelf_take(shelf);
        assert_non_null(taken);
        assert_int_equal(taken->released + taken->taken++, 0);
    }
    assert_null(ns__shelf_take(shelf));
    for (int i = 0; i < ITEMS; i++)
        if (items[i].taken && i % 2)
            ns__shelf_put(shelf, &items[i].shelved);
    ns__shelf_close(shelf);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(items[i].released, !items[i].taken || i % 2);
}

static void test_none(void **state)
{
    (void)state;
    ns__shelf_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
