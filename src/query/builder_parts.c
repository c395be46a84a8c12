/* Parts of a query that is built. Each becomes the lexeme that the language would have for it, with
 * backslashes where its text would mean something, and goes the way that a lexeme goes. */
#include "query/builder.h"
#include "query/dates.h"
#include "text/utf8.h"

/* ---- Text ---- */

static ns_status too_long(ns_query_builder *builder)
{
    return ns__fail(&builder->err, NS_ERR_LIMIT, "the query has more than %u bytes",
                    NS_MAX_QUERY_BYTES);
}

/* Appends text with a backslash before each of `special`, and a space behind it all. */
static ns_status append_text(ns_query_builder *builder, ns__str text, const char *special,
                             ns__lexeme *out)
{
    ns__buf *all = &builder->query->text, clean = {0};
    if (text.length > NS_MAX_QUERY_BYTES || all->length > NS_MAX_QUERY_BYTES)
        return too_long(builder);
    ns__utf8_sanitise(text, &clean);
    out->from = out->start = (uint32_t)all->length;
    for (size_t i = 0; i < clean.length; i++) {
        if (clean.data[i] != 0 && strchr(special, clean.data[i]) != NULL)
            ns__buf_u8(all, '\\');
        ns__buf_u8(all, clean.data[i]);
    }
    out->end = (uint32_t)all->length;
    ns__buf_u8(all, ' ');
    out->to = (uint32_t)all->length;
    bool failed = clean.failed || all->failed;
    ns__buf_release(&clean);
    return failed ? ns__no_memory(&builder->err) : NS_OK;
}

/* Adds the lexeme made of the text. */
static void add_text(ns_query_builder *builder, const ns_query_part *part, ns__lexeme lexeme,
                     const char *text, size_t length, const char *special)
{
    ns__str bytes = {(const uint8_t *)text, length};
    ns__setting setting = {(int)part->field, part->exact, &builder->options};
    ns__suffix weight = ns__part_weight(part);
    uint32_t node = NS__NO_NODE;
    lexeme.suffix.weighted = weight.weighted;
    lexeme.suffix.weight = weight.weight;
    builder->status = append_text(builder, bytes, special, &lexeme);
    if (builder->status == NS_OK && lexeme.end > lexeme.start)
        builder->status = ns__atom(builder->query, &lexeme, &setting, &node, &builder->err);
    if (builder->status == NS_OK)
        ns__part_add(builder, part, node);
}

static const char NO_FIELD_OF_WORDS[] =
    "words and phrases are looked for in the title and the body; values are added by "
    "ns_query_add_value";

/* The part of a word or phrase; values have a function of their own. */
static const ns_query_part *begin_text(ns_query_builder *builder, const ns_query_part *given,
                                       ns_query_part *room)
{
    const ns_query_part *part = ns__part_begin(builder, given, room);
    if (part == NULL || part->field <= NS_QUERY_BODY)
        return part;
    ns__part_fail(builder, NO_FIELD_OF_WORDS);
    return NULL;
}

void ns_query_add_words(ns_query_builder *builder, const ns_query_part *part, const char *text,
                        size_t length)
{
    ns_query_part room;
    part = begin_text(builder, part, &room);
    if (part == NULL)
        return;
    ns__lexeme all = {.kind = NS__LEX_WORD};
    builder->status = append_text(builder, (ns__str){(const uint8_t *)text, length}, "", &all);
    ns__lexer lexer = {.query = builder->query, .at = all.start, .end = all.end};
    ns_query_options as_words = builder->options;
    as_words.words = true;
    const ns__setting setting = {(int)part->field, part->exact, &as_words};
    while (builder->status == NS_OK) {
        uint32_t node;
        ns__lexeme word = ns__lex_plain(&lexer);
        if (word.kind == NS__LEX_END)
            return;
        word.suffix = ns__part_weight(part);
        builder->status = ns__atom(builder->query, &word, &setting, &node, &builder->err);
        if (builder->status == NS_OK)
            ns__part_add(builder, part, node);
    }
}

void ns_query_add_phrase(ns_query_builder *builder, const ns_query_part *part, const char *text,
                         size_t length)
{
    ns_query_part room;
    part = begin_text(builder, part, &room);
    if (part != NULL)
        add_text(builder, part, (ns__lexeme){.kind = NS__LEX_QUOTED}, text, length, "\\*");
}

void ns_query_add_slop(ns_query_builder *builder, const ns_query_part *part, uint32_t distance,
                       const char *text, size_t length)
{
    ns_query_part room;
    part = begin_text(builder, part, &room);
    if (part == NULL)
        return;
    ns__lexeme lexeme = {.kind = NS__LEX_QUOTED};
    lexeme.suffix = (ns__suffix){.tilde = true, .numbered = true, .number = distance};
    if (distance >= NS_MAX_NEAR_DISTANCE)
        ns__part_fail(builder, "a distance is at most 9999 words");
    size_t notes = builder->query->note_count;
    if (builder->status == NS_OK)
        add_text(builder, part, lexeme, text, length, "\\*");
    if (builder->status == NS_OK && builder->query->note_count > notes)
        ns__part_fail(builder, "a phrase with a distance has 2 to 8 words");
}

/* A single word: white space cannot be in it. */
static bool check_word(ns_query_builder *builder, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (ns__is_query_space((uint8_t)text[i]) && (uint8_t)text[i] < 0x80) {
            ns__part_fail(builder, "a pattern or an inexact word is one word, without white space");
            return false;
        }
    }
    return true;
}

void ns_query_add_pattern(ns_query_builder *builder, const ns_query_part *part, const char *text,
                          size_t length)
{
    ns_query_part room;
    part = begin_text(builder, part, &room);
    if (part == NULL || !check_word(builder, text, length))
        return;
    room.exact = false;
    size_t notes = builder->query->note_count;
    add_text(builder, part, (ns__lexeme){.kind = NS__LEX_WORD}, text, length, "");
    if (builder->status == NS_OK && builder->query->note_count > notes)
        ns__part_fail(builder, "a pattern has at most 16 wildcards and 255 bytes");
}

void ns_query_add_fuzzy(ns_query_builder *builder, const ns_query_part *part, uint32_t edits,
                        const char *text, size_t length)
{
    ns_query_part room;
    part = begin_text(builder, part, &room);
    if (part == NULL || !check_word(builder, text, length))
        return;
    ns__lexeme lexeme = {.kind = NS__LEX_WORD};
    lexeme.suffix = (ns__suffix){.tilde = true, .numbered = edits > 0, .number = edits};
    room.exact = false;
    if (edits > 2)
        ns__part_fail(builder, "a word may differ by 1 or 2 letters");
    else
        add_text(builder, part, lexeme, text, length, "\\*?");
}

void ns_query_add_value(ns_query_builder *builder, const ns_query_part *part, bool wildcards,
                        const char *text, size_t length)
{
    ns_query_part room;
    part = ns__part_begin(builder, part, &room);
    if (part == NULL)
        return;
    if (part->field < NS_QUERY_SOURCE) {
        ns__part_fail(builder, "a value wants a field that has values, such as NS_QUERY_SOURCE");
        return;
    }
    room.weight = 1;
    add_text(builder, part, (ns__lexeme){.kind = NS__LEX_QUOTED}, text, length,
             wildcards ? "" : "\\*?");
}

/* ---- Nodes without text ---- */

static void add_plain(ns_query_builder *builder, const ns_query_part *part, ns__node node)
{
    ns__suffix weight = ns__part_weight(part);
    uint32_t made;
    node.from = node.to = (uint32_t)builder->query->text.length;
    builder->status = ns__tree_node(builder->query, node, &made, &builder->err);
    if (builder->status != NS_OK)
        return;
    if (weight.weighted)
        ns__tree_weigh(builder->query, made, weight.weight);
    ns__part_add(builder, part, made);
}

void ns_query_add_dates(ns_query_builder *builder, const ns_query_part *part, int64_t from,
                        int64_t to)
{
    ns_query_part room;
    part = ns__part_begin(builder, part, &room);
    if (part == NULL)
        return;
    ns__span span = ns__span_within((ns__span){from, to});
    add_plain(builder, part,
              (ns__node){.kind = NS__NODE_DATE, .date_from = span.from, .date_to = span.to});
}

void ns_query_add_everything(ns_query_builder *builder, const ns_query_part *part)
{
    ns_query_part room;
    part = ns__part_begin(builder, part, &room);
    if (part != NULL)
        add_plain(builder, part, (ns__node){.kind = NS__NODE_ALL});
}

/* ---- Queries in queries ---- */

typedef struct graft {
    ns_query_builder *builder;
    const ns__query *from;
    ns_query_field field; /* of words that have none */
    bool exact;           /* words and phrases become so */
    uint32_t shift;       /* bytes that its text moves */
} graft;

/* Is it looked for in the title, the body or anywhere? The operands of a NEAR have its field. */
static bool is_of_words(ns__node_kind kind)
{
    return kind != NS__NODE_LIST && kind != NS__NODE_VALUE && kind != NS__NODE_DATE &&
           kind != NS__NODE_ALL;
}

/* Gives words without a field that of the part, as title:( ) does, and makes them exact, as =( ).
 */
static ns_status set_meaning(const graft *task, ns__node *node)
{
    if (node->kind == NS__NODE_WORD || node->kind == NS__NODE_PHRASE)
        node->exact |= task->exact;
    if (!is_of_words(node->kind) || node->field != NS__FIELD_ANY)
        return NS_OK;
    if (task->field > NS_QUERY_BODY)
        return ns__fail(&task->builder->err, NS_ERR_ARGUMENT, "%s", NO_FIELD_OF_WORDS);
    node->field = (ns__field)task->field;
    return NS_OK;
}

/* Copies the node and all below it. */
static ns_status copy_tree(const graft *task, uint32_t at, uint32_t *out)
{
    ns__node node = task->from->nodes[at];
    ns__items children = NS__NO_ITEMS;
    NS_TRY(set_meaning(task, &node));
    for (uint32_t n = node.child; n != NS__NO_NODE; n = task->from->nodes[n].next) {
        uint32_t child;
        NS_TRY(copy_tree(task, n, &child));
        ns__items_add(task->builder->query, &children, child);
    }
    node.child = children.first;
    node.start += task->shift;
    node.end += task->shift;
    node.from += task->shift;
    node.to += task->shift;
    return ns__tree_node(task->builder->query, node, out, &task->builder->err);
}

void ns_query_add_query(ns_query_builder *builder, const ns_query_part *part, const ns_query *query)
{
    ns_query_part room;
    part = ns__part_begin(builder, part, &room);
    if (part == NULL || query->nodes[0].child == NS__NO_NODE)
        return;
    ns__buf *text = &builder->query->text;
    graft task = {builder, query, part->field, part->exact, (uint32_t)text->length};
    uint32_t top;
    if (text->length > NS_MAX_QUERY_BYTES) {
        builder->status = too_long(builder);
        return;
    }
    ns__buf_append(text, query->text.data, query->text.length);
    builder->status = text->failed ? ns__no_memory(&builder->err) : copy_tree(&task, 0, &top);
    if (builder->status != NS_OK)
        return;
    ns__node *root = &builder->query->nodes[top];
    if (builder->query->nodes[root->child].next == NS__NO_NODE)
        top = root->child; /* only a root is a list of one */
    else
        root->occur = NS__SHOULD;
    ns__tree_prefix(builder->query, top, NS__SHOULD);
    if (part->weight != 1)
        ns__tree_weigh(builder->query, top, ns__tree_thousandths(part->weight));
    ns__part_add(builder, part, top);
}
