/* Values of a column are numbered as they are met, also those that were made to hash alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/labels.h"
#include "unit/collide.h"

static void test_numbers(void **state)
{
    (void)state;
    enum { COUNT = 4000, MOST_IN_A_ROW = 200 }; /* the table is at most half full */
    ns_index index = {0};
    ns__labels labels;
    assert_int_equal(ns__labels_open(&index, NS__COLUMN_SOURCE, &labels, NULL), NS_OK);
    char room[COLLIDE_BYTES + 1];
    uint32_t number;
    for (int times = 0; times < 2; times++)
        for (uint32_t i = 0; i < COUNT; i++) {
            assert_int_equal(ns__labels_meet(&labels, collide_id(room, i), &number, NULL), NS_OK);
            assert_int_equal(number, i + 1);
            assert_true(ns__str_equal(ns__labels_text(&labels, number), collide_id(room, i)));
        }
    assert_int_equal(ns__labels_meet(&labels, NS_STR(""), &number, NULL), NS_OK);
    assert_int_equal(number, 0);
    assert_int_equal(labels.count, COUNT + 1);
    uint32_t row = 0;
    for (uint64_t slot = 0; slot < labels.slot_count; slot++) {
        row = labels.slots[slot] != 0 ? row + 1 : 0;
        assert_true(row < MOST_IN_A_ROW);
    }
    ns__labels_release(&labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
