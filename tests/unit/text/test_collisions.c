/* Words that were made to hash alike stand as far apart in the tables of words as others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/intern.h"
#include "text/run.h"
#include "unit/collide.h"

enum {
    COUNT = 4000,
    SHORT_COUNT = 1000,
    SHORT_BITS = 10,
    MOST_IN_A_ROW = 150 /* in a table that is at most half full: seldom more than 50 */
};

/* Slots taken, and the longest row of them. */
typedef struct row {
    size_t taken, now, longest;
} row;

static void see(row *all, bool taken)
{
    all->now = taken ? all->now + 1 : 0;
    all->taken += taken;
    all->longest = all->now > all->longest ? all->now : all->longest;
}

static void test_intern(void **state)
{
    (void)state;
    char room[COLLIDE_BYTES + 1];
    uint64_t hash = 0;
    ns__intern table = {0};
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t number;
        const ns__str text = collide_id(room, i);
        assert_true(i == 0 || ns__hash64(text.data, text.length, 0) == hash);
        hash = ns__hash64(text.data, text.length, 0);
        assert_int_equal(ns__intern_add(&table, text, &number, NULL), NS_OK);
        assert_int_equal(number, i);
    }
    row all = {0};
    for (size_t s = 0; s < table.slot_count; s++)
        see(&all, table.slots[s] != 0);
    assert_int_equal(all.taken, COUNT);
    assert_true(all.longest < MOST_IN_A_ROW);
    ns__intern_release(&table);
}

/* Keys differ from table to table, or somebody could learn one from the times of another. */
static void test_keys(void **state)
{
    (void)state;
    ns__intern tables[2];
    memset(tables, 0, sizeof tables);
    for (int i = 0; i < 2; i++) {
        uint32_t number;
        assert_int_equal(ns__intern_add(&tables[i], NS_STR("word"), &number, NULL), NS_OK);
    }
    const ns__hash_key first = tables[0].key;
    assert_memory_not_equal(&first, &tables[1].key, sizeof first);
    for (uint32_t i = 0; i < 100; i++) { /* it stays while the table grows and is cleared */
        uint32_t number;
        char room[COLLIDE_BYTES + 1];
        assert_int_equal(ns__intern_add(&tables[0], collide_id(room, i), &number, NULL), NS_OK);
        if (i == 50)
            ns__intern_clear(&tables[0]);
    }
    assert_memory_equal(&first, &tables[0].key, sizeof first);
    ns__intern_release(&tables[0]);
    ns__intern_release(&tables[1]);
}

static void put(ns__buf *out, ns__str word)
{
    ns__buf_append(out, word.data, word.length);
    ns__buf_u8(out, ' ');
}

static void check_words(ns__buf *text, uint32_t count)
{
    ns_error err = {0};
    ns_analysis_settings settings;
    ns__analyzer *analyzer = NULL;
    ns__tokens tokens = {0};
    ns_analysis_settings_init(&settings);
    settings.no_stemming = true;
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, &err), NS_OK);
    for (int times = 0; times < 2; times++) { /* new words, and known ones */
        tokens.count = 0;
        assert_int_equal(
            ns__analyzer_run(analyzer, 0, (ns__str){text->data, text->length}, &tokens, &err),
            NS_OK);
        assert_int_equal(tokens.count, count);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(tokens.items[i].form, i);
    }
    const ns__forms *forms = &analyzer->forms;
    row slots = {0}, names = {0};
    for (size_t s = 0; s <= forms->slot_mask; s++)
        see(&slots, forms->slots[s].meta != 0);
    for (size_t s = 0; s < forms->vocabulary.slot_count; s++)
        see(&names, forms->vocabulary.slots[s] != 0);
    assert_int_equal(slots.taken, count);
    assert_int_equal(names.taken, count);
    assert_true(slots.longest < MOST_IN_A_ROW);
    assert_true(names.longest < MOST_IN_A_ROW);
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
    ns__buf_release(text);
}

static void test_words(void **state)
{
    (void)state;
    ns__buf text = {0};
    char room[COLLIDE_BYTES + 1];
    for (uint32_t i = 0; i < COUNT; i++)
        put(&text, collide_id(room, i));
    check_words(&text, COUNT);
    uint32_t number = 0;
    for (uint32_t i = 0; i < SHORT_COUNT; i++)
        put(&text, collide_word(room, &number, SHORT_BITS));
    check_words(&text, SHORT_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intern),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
