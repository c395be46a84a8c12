/* The query language: any text whatever gives a tree that keeps the rules of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "unit/query/tree_text.h"
#include "unit/quick.h"

static uint64_t next_random(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *random >> 33;
}

static bool is_leaf(ns__node_kind kind)
{
    return kind != NS__NODE_LIST && kind != NS__NODE_NEAR && kind != NS__NODE_WITHIN;
}

static void check_operands(const ns__query *query, const ns__node *node)
{
    uint32_t count = 0;
    for (uint32_t n = node->child; n != NS__NO_NODE; n = query->nodes[n].next, count++) {
        const ns__node *operand = &query->nodes[n];
        assert_int_equal(operand->occur, NS__MUST);
        if (operand->kind != NS__NODE_LIST) {
            assert_true(operand->kind >= NS__NODE_WORD && operand->kind <= NS__NODE_FUZZY);
            assert_int_equal(operand->field, node->field);
            continue;
        }
        for (uint32_t c = operand->child; c != NS__NO_NODE; c = query->nodes[c].next) {
            assert_int_equal(query->nodes[c].occur, NS__SHOULD);
            assert_int_equal(query->nodes[c].field, node->field);
            assert_true(query->nodes[c].kind >= NS__NODE_WORD &&
                        query->nodes[c].kind <= NS__NODE_FUZZY);
        }
    }
    assert_in_range(count, 2, NS_MAX_NEAR_OPERANDS);
}

/* What holds of any list below the root. */
static void check_inner_list(const ns__query *query, const ns__node *node)
{
    uint32_t children = 0, not = 0;
    for (uint32_t n = node->child; n != NS__NO_NODE; n = query->nodes[n].next) {
        children++;
        not += query->nodes[n].occur == NS__NOT;
    }
    assert_true(children >= 2 && not < children);
}

static uint32_t check_node(const ns__query *query, uint32_t at, unsigned depth)
{
    const ns__node *node = &query->nodes[at];
    uint32_t reached = 1;
    assert_true(depth <= NS_MAX_QUERY_DEPTH);
    assert_true(node->from <= node->to && node->start <= node->end);
    assert_true(node->end <= query->text.length && node->to <= query->text.length);
    assert_true(node->weight >= NS_MIN_WEIGHT && node->weight <= NS_MAX_WEIGHT);
    assert_true(node->occur != NS__NOT || node->weight == 1);
    if (is_leaf(node->kind))
        assert_int_equal(node->child, NS__NO_NODE);
    bool texted = is_leaf(node->kind) && node->kind != NS__NODE_ALL;
    assert_true(!texted || node->end > node->start);
    const bool titled = node->kind == NS__NODE_VALUE && node->field == NS__FIELD_TITLE;
    assert_true(!titled || ns__str_equal(ns__node_text(query, node), NS_STR("*"))); /* title:* */
    assert_int_equal(node->field > NS__FIELD_BODY || titled, node->kind == NS__NODE_VALUE);
    if (node->kind == NS__NODE_FUZZY)
        assert_in_range(node->distance, 1, 2);
    if (node->kind == NS__NODE_DATE)
        assert_true(node->date_from <= node->date_to);
    if (node->kind == NS__NODE_NEAR || node->kind == NS__NODE_WITHIN)
        check_operands(query, node);
    if (node->kind == NS__NODE_LIST && depth > 0)
        check_inner_list(query, node);
    for (uint32_t n = node->child, last = at; n != NS__NO_NODE; n = query->nodes[n].next) {
        assert_true(n > last && n < query->count); /* in pre-order, so without cycles */
        last = n;
        reached += check_node(query, n, depth + 1);
    }
    return reached;
}

static void check_query(const ns__query *query, size_t length)
{
    assert_int_equal(query->nodes[0].kind, NS__NODE_LIST);
    assert_int_equal(query->nodes[0].occur, NS__MUST);
    assert_int_equal(query->nodes[0].next, NS__NO_NODE);
    assert_int_equal(check_node(query, 0, 0), query->count);
    for (size_t i = 0; i < ns_query_note_count(query); i++) {
        ns_query_note note = ns_query_note_get(query, i);
        assert_true(note.start <= note.end && note.end <= 3 * length);
        assert_true(i == 0 || ns_query_note_get(query, i - 1).start <= note.start);
        assert_true(note.message[0] != '\0');
    }
}

static void try_text(const char *text, size_t length, uint64_t random)
{
    ns_query *query;
    ns_error err = {0};
    ns_query_options options;
    ns_query_options_init(&options);
    options.all = random % 4 == 0;
    options.words = random % 16 == 1;
    ns_status status = ns_query_parse(text, length, &options, &query, &err);
    if (status == NS_ERR_LIMIT)
        return;
    if (status != NS_OK)
        fail_msg("%.*s: %s", (int)length, text, err.message);
    check_query(query, length);
    bool noted = ns_query_note_count(query) > 0;
    ns_query_free(query);
    options.strict = true;
    status = ns_query_parse(text, length, &options, &query, &err);
    if (status == NS_OK) /* notes on what is read as written stay */
        assert_int_equal(ns_query_note_count(query) > 0, noted);
    else
        assert_true(status == NS_ERR_QUERY && noted);
    ns_query_free(query);
}

static uint64_t seed(void)
{
    const char *given = getenv("NS_SEED");
    uint64_t value = given ? strtoull(given, NULL, 10) : 20261125;
    print_message("seed %" PRIu64 "\n", value);
    return value;
}

static void test_random_tokens(void **state)
{
    (void)state;
    static const char *const PIECES[] = {"+",
                                         "-",
                                         "\"",
                                         " ",
                                         " ",
                                         " ",
                                         "a",
                                         "bc",
                                         "\xff",
                                         "AND",
                                         " OR ",
                                         "NOT ",
                                         "(",
                                         ")",
                                         "*",
                                         "?",
                                         "~1",
                                         "^2",
                                         "NEAR/3 ",
                                         " NEAR ",
                                         "ONEAR ",
                                         "title:",
                                         "source:",
                                         "date:",
                                         "2024",
                                         "..",
                                         "=",
                                         "\\",
                                         "/",
                                         "\xe4\xb8\xad",
                                         "SENTENCE(",
                                         "PARAGRAPH(",
                                         "id:",
                                         "^0.5",
                                         "~",
                                         "'",
                                         "\xe2\x80\x9c",
                                         "\xef\xbc\x88",
                                         "x",
                                         " y ",
                                         ",",
                                         " z",
                                         "5*3",
                                         "NOT",
                                         " AND ",
                                         ")^3",
                                         "~5"};
    uint64_t random = seed();
    for (int round = 0; round < rounds(60000); round++) {
        char text[512] = "";
        size_t count = next_random(&random) % 24;
        for (size_t i = 0; i < count; i++)
            strcat(text, PIECES[next_random(&random) % (sizeof PIECES / sizeof *PIECES)]);
        try_text(text, strlen(text), next_random(&random));
    }
}

static void test_random_bytes(void **state)
{
    (void)state;
    uint64_t random = seed();
    for (int round = 0; round < rounds(20000); round++) {
        char text[64];
        size_t length = next_random(&random) % sizeof text;
        for (size_t i = 0; i < length; i++) {
            uint64_t byte = next_random(&random);
            text[i] = (char)(byte % 3 ? 0x20 + byte / 3 % 0x60 : byte / 3 % 256);
        }
        try_text(text, length, next_random(&random));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_tokens),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests_name("random queries", tests, NULL, NULL);
}
