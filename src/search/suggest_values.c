/* Completing a value: source:gua, section:"wor, by the values that articles have. */
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

/* Where the name of the field before text[colon] begins. */
static size_t name_before(ns__str text, size_t colon)
{
    size_t start = colon;
    while (start > 0 && (text.data[start - 1] | 0x20) >= 'a' &&
           (text.data[start - 1] | 0x20) <= 'z')
        start--;
    return start;
}

/* Whether what stands behind a colon goes on to the end of the text as one value: without blanks,
 * or with a quote before it and none behind. */
static bool goes_on(ns__str value)
{
    const bool quoted = value.length > 0 && value.data[0] == '"';
    for (size_t i = quoted; i < value.length; i++)
        if (value.data[i] == '"' || (!quoted && (value.data[i] == ' ' || value.data[i] == '(')))
            return false;
    return true;
}

bool ns__completer_finds_value(ns__str text, size_t *start, ns__column *column)
{
    for (size_t colon = text.length; colon-- > 0;) {
        if (text.data[colon] != ':')
            continue;
        const size_t name = name_before(text, colon);
        *start = colon + 1;
        if (column_of(ns__field_of((ns__str){text.data + name, colon - name}), column))
            return goes_on((ns__str){text.data + *start, text.length - *start});
    }
    return false;
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
    added->df = passages;
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
