/* Completing a value: source:gua, section:"wor, by the values that articles have. */
#include "base/limits.h"
#include "query/lexer.h"
#include "query/quote.h"
#include "search/glob.h"
#include "search/suggest.h"

static bool column_of(int field, ns__column *column)
{
    static const ns__column columns[] = {[NS__FIELD_SOURCE] = NS__COLUMN_SOURCE,
                                         [NS__FIELD_SECTION] = NS__COLUMN_SECTION,
                                         [NS__FIELD_LANG] = NS__COLUMN_LANG,
                                         [NS__FIELD_AUTHOR] = NS__COLUMN_AUTHOR};
    if (field < NS__FIELD_SOURCE || field > NS__FIELD_AUTHOR)
        return false;
    *column = columns[field];
    return true;
}

/* What a text ends within, read as far as the fields reach that are open. */
typedef struct reading {
    ns__lexer lexer;
    int fields[NS_MAX_QUERY_DEPTH + 1]; /* of the groups that are open: lexer.depth */
} reading;

static bool open_group(reading *all)
{
    if (all->lexer.depth == NS_MAX_QUERY_DEPTH)
        return false;
    all->fields[++all->lexer.depth] = all->lexer.field;
    return true;
}

static void close_group(reading *all)
{
    all->lexer.depth -= all->lexer.depth > 0;
    all->lexer.field = all->fields[all->lexer.depth];
}

/* Takes a lexeme that the text goes on behind, or may go on in. False when it is too deep. */
static bool pass(reading *all, const ns__lexeme *lexeme)
{
    switch (lexeme->kind) {
    case NS__LEX_FIELD:
        if (!lexeme->stray || lexeme->to == all->lexer.end)
            all->lexer.field = lexeme->field;
        return true;
    case NS__LEX_OPEN:
    case NS__LEX_WITHIN:
        return open_group(all);
    case NS__LEX_CLOSE:
        close_group(all);
        return true;
    case NS__LEX_PREFIX:
    case NS__LEX_EXACT:
        return true;
    default:
        all->lexer.field = all->fields[all->lexer.depth];
        return true;
    }
}

static ns__ending ending_of(int field, const ns__lexeme *last)
{
    ns__ending ending = {.kind = NS__ENDS_IN_WORDS, .start = last->to, .value = last->to};
    if (!ns__field_is_value(field))
        return ending;
    const bool closed =
        last->kind == NS__LEX_CLOSE || (last->kind == NS__LEX_QUOTED && !last->stray);
    const bool begun = last->kind == NS__LEX_WORD || last->kind == NS__LEX_QUOTED;
    ending.kind =
        !closed && column_of(field, &ending.column) ? NS__ENDS_IN_VALUE : NS__ENDS_OTHERWISE;
    if (begun) {
        ending.start = last->from;
        ending.value = last->start;
    }
    return ending;
}

ns_status ns__completer_ending(ns__str text, ns__ending *out, ns_error *err)
{
    ns__query query = {0};
    reading all = {.lexer = {.query = &query, .end = (uint32_t)text.length}};
    *out = (ns__ending){.kind = NS__ENDS_IN_WORDS};
    ns__buf_append(&query.text, text.data, text.length);
    ns_status status = query.text.failed ? ns__no_memory(err) : NS_OK;
    for (bool more = status == NS_OK; more;) {
        const ns__lexeme next = ns__lex(&all.lexer);
        const int field = all.lexer.field;
        more = next.kind != NS__LEX_END && pass(&all, &next);
        if (more && next.to == text.length) {
            *out = ending_of(next.kind == NS__LEX_FIELD ? next.field : field, &next);
            more = false;
        }
    }
    ns__buf_release(&query.text);
    return status;
}

/* Whether the value, folded, or one of its words begins with the prefix. */
static bool begins(ns__str value, ns__str prefix)
{
    for (size_t at = 0; at + prefix.length <= value.length; at++)
        if (memcmp(value.data + at, prefix.data, prefix.length) == 0 && ns__ends_word(value, at))
            return true;
    return false;
}

/* As it is written in a query. */
static ns_status put_written(ns__completer *all, ns__str value, ns__str *out)
{
    ns__buf text = {0};
    ns__put_value(&text, value, false);
    ns_status status = text.failed
                           ? ns__no_memory(all->err)
                           : ns__completer_copy(all, (ns__str){text.data, text.length}, out);
    ns__buf_release(&text);
    return status;
}

/* Adds up the passages of the articles that have each value of a segment. */
static ns_status count_passages(const ns__articles *articles, ns__column column, ns__arena *arena,
                                uint64_t **counts, ns_error *err)
{
    const uint8_t *ordinals = articles->columns[column].ordinals.data;
    const size_t values = articles->columns[column].values.count;
    uint64_t *sums = *counts = ns__arena_alloc(arena, values * sizeof *sums);
    if (sums == NULL)
        return ns__no_memory(err);
    memset(sums, 0, values * sizeof *sums);
    for (uint32_t a = 0; a < articles->count; a++) {
        const uint32_t value = ns__packed_get(ordinals, a, articles->columns[column].width);
        if (value < values)
            sums[value] += ns__article_first(articles, a + 1) - ns__article_first(articles, a);
    }
    return NS_OK;
}

ns_status ns__completer_fold_value(ns__completer *all, ns__str value)
{
    ns__buf small = {0}; /* in capitals US is U.S. */
    for (size_t i = 0; i < value.length; i++) {
        const uint8_t c = value.data[i];
        ns__buf_u8(&small, c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    ns_status status =
        small.failed ? ns__no_memory(all->err)
                     : ns__fold_text(&all->folder, (ns__str){small.data, small.length}, all->err);
    ns__even_blanks(&all->folder.term);
    ns__buf_release(&small);
    return status;
}

static ns_status add_value(ns__completer *all, ns__str value, uint64_t passages)
{
    NS_TRY(ns__completer_fold_value(all, value));
    if (!begins((ns__str){all->folder.term.data, all->folder.term.length}, all->prefix))
        return NS_OK;
    if (NS_RESERVE(all->list, all->capacity, all->count + 1) != NS_OK)
        return ns__no_memory(all->err);
    ns__completion *added = &all->list[all->count];
    *added = (ns__completion){.df = passages};
    NS_TRY(ns__completer_copy(all, value, &added->term));
    NS_TRY(put_written(all, value, &added->form));
    all->count++;
    return NS_OK;
}

ns_status ns__completer_values(ns__completer *all, const ns__segment *segment, ns__column column)
{
    const ns__articles *articles = &segment->articles;
    const ns__strings *values = &articles->columns[column].values;
    uint64_t *counts;
    ns__buf raw = {0};
    ns_status status = NS_OK;
    if (values->count < 2) /* all have none */
        return NS_OK;
    NS_TRY(count_passages(articles, column, &all->arena, &counts, all->err));
    for (uint32_t v = 1; v < values->count && status == NS_OK; v++) {
        if (ns__strings_get(values, v, &raw))
            status = ns__frame_blame(articles->frame, values->data,
                                     add_value(all, (ns__str){raw.data, raw.length}, counts[v]),
                                     all->err);
        else
            status = raw.failed ? ns__no_memory(all->err)
                                : ns__frame_corrupt(articles->frame, values->data, all->err,
                                                    "a value of a column cannot be read");
    }
    ns__buf_release(&raw);
    return status;
}
