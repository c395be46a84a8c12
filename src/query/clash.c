/* Filters that will not hold. An article has one date, one id, one source. Side by side they are
 * required all the same, and nothing is found; who wrote date:2024 date:2025 probably meant either.
 * Such is read as written, so strict reading takes it, and a note says what to write instead. */
#include "query/query.h"

#include "base/limits.h"
#include "query/lexer.h"
#include "text/utf8.h"

enum { EXCERPT = 60, LONG = 255 };

typedef struct clashes {
    ns__query *query;
    const ns__node *filters[NS_MAX_FILTERS]; /* that must hold together */
    uint32_t count;
    bool told[NS__FIELD_ID + 1]; /* by field; dates under NS__FIELD_ANY */
    ns_error *err;
} clashes;

static bool is_pattern(ns__str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '*' || text.data[i] == '?')
            return true;
    }
    return false;
}

static uint8_t small(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Whether `part` stands in `text`, case aside. */
static bool has(ns__str text, ns__str part)
{
    for (size_t at = 0; at + part.length <= text.length; at++) {
        size_t same = 0;
        while (same < part.length && small(text.data[at + same]) == small(part.data[same]))
            same++;
        if (same == part.length)
            return true;
    }
    return false;
}

/* Fields of one value. An article may have several authors in one, and urls are asked for in parts.
 */
static bool is_single(ns__field field)
{
    return field == NS__FIELD_SOURCE || field == NS__FIELD_SECTION || field == NS__FIELD_LANG ||
           field == NS__FIELD_ID;
}

static bool clash(const ns__query *query, const ns__node *a, const ns__node *b)
{
    if (a->kind != b->kind || a->field != b->field)
        return false;
    if (a->kind == NS__NODE_DATE)
        return a->date_from < a->date_to && b->date_from < b->date_to &&
               (a->date_to <= b->date_from || b->date_to <= a->date_from);
    ns__str one = ns__node_text(query, a), other = ns__node_text(query, b);
    if (!is_single(a->field) || is_pattern(one) || is_pattern(other) || one.length > LONG ||
        other.length > LONG) /* comparing takes the product of their lengths */
        return false;
    if (a->field == NS__FIELD_ID)
        return !ns__str_equal(one, other);
    return !has(one, other) && !has(other, one);
}

/* What was written for a filter, without its sign; of a long one the beginning. */
static int written(const ns__query *query, const ns__node *node, const char **text)
{
    uint32_t from = node->from;
    while (from < node->to && (query->text.data[from] == '+' || query->text.data[from] == ' '))
        from++;
    size_t length = node->to - from;
    *text = (const char *)query->text.data + from;
    if (length > EXCERPT)
        length = ns__utf8_valid_prefix((ns__str){query->text.data + from, EXCERPT});
    return (int)length;
}

static ns_status note_clash(clashes *all, const ns__node *a, const ns__node *b)
{
    const char *one, *other;
    int one_length = written(all->query, a, &one), other_length = written(all->query, b, &other);
    bool dates = a->kind == NS__NODE_DATE;
    return ns__query_note(
        all->query, a->from, b->to, all->err,
        "%.*s and %.*s are both required, and an article has one %s; for either of them write "
        "(%.*s OR %.*s)%s",
        one_length, one, other_length, other, dates ? "date" : ns__field_name((int)a->field),
        one_length, one, other_length, other, dates ? ", or a range such as date:2024..2025" : "");
}

/* A filter beside those that must hold with it; the first clash of each field is told. */
static ns_status add_filter(clashes *all, const ns__node *node)
{
    bool *told = &all->told[node->kind == NS__NODE_DATE ? NS__FIELD_ANY : node->field];
    for (uint32_t i = 0; i < all->count && !*told; i++) {
        *told = clash(all->query, all->filters[i], node);
        if (*told)
            NS_TRY(note_clash(all, all->filters[i], node));
    }
    if (all->count < NS_MAX_FILTERS)
        all->filters[all->count++] = node;
    return NS_OK;
}

/* What must hold when the list at `at` does: its own filters, and those of lists that must. No
 * deeper than NS_MAX_QUERY_DEPTH. */
static ns_status gather(clashes *all, uint32_t at)
{
    const ns__node *nodes = all->query->nodes;
    for (uint32_t n = nodes[at].child; n != NS__NO_NODE; n = nodes[n].next) {
        if (nodes[n].occur != NS__MUST)
            continue;
        if (nodes[n].kind == NS__NODE_LIST)
            NS_TRY(gather(all, n));
        else if (nodes[n].kind == NS__NODE_DATE || nodes[n].kind == NS__NODE_VALUE)
            NS_TRY(add_filter(all, &nodes[n]));
    }
    return NS_OK;
}

/* lang:german: archives name languages by codes, if not all of them do. */
static ns_status note_language(ns__query *query, const ns__node *node, ns_error *err)
{
    enum { CODE = 3 };
    ns__str text = ns__node_text(query, node);
    const char *asked;
    bool name = text.length > CODE;
    for (size_t i = 0; i < text.length && name; i++)
        name = small(text.data[i]) >= 'a' && small(text.data[i]) <= 'z';
    if (node->kind != NS__NODE_VALUE || node->field != NS__FIELD_LANG || !name)
        return NS_OK;
    int length = written(query, node, &asked);
    return ns__query_note(query, node->from, node->to, err,
                          "%.*s finds articles that name their language so; most have a code, such "
                          "as lang:de",
                          length, asked);
}

ns_status ns__query_note_headlines(ns__query *query, ns_error *err)
{
    for (uint32_t n = 0; n < query->count; n++) {
        const ns__node *node = &query->nodes[n];
        const bool words = node->kind == NS__NODE_WORD || node->kind == NS__NODE_PHRASE ||
                           node->kind == NS__NODE_PATTERN || node->kind == NS__NODE_FUZZY;
        if (words && node->field == NS__FIELD_TITLE)
            return ns__query_note(query, node->from, node->to, err,
                                  "title: finds no words in this index, whose headlines are shown "
                                  "but not searched (--title-weight 0)");
    }
    return NS_OK;
}

ns_status ns__query_note_clashes(ns__query *query, ns_error *err)
{
    clashes all = {.query = query, .err = err};
    for (uint32_t n = 0; n < query->count && query->filters > 0; n++)
        NS_TRY(note_language(query, &query->nodes[n], err));
    for (uint32_t n = 0; n < query->count && query->filters > 1; n++) {
        bool alone = n == 0 || query->nodes[n].occur != NS__MUST; /* else it is part of another */
        if (query->nodes[n].kind != NS__NODE_LIST || !alone)
            continue;
        all.count = 0;
        NS_TRY(gather(&all, n));
    }
    return NS_OK;
}
