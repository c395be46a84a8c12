/* Queries from parts: the builder, its groups, and the query of it all. */
#include "query/builder.h"
#include "query/describe.h"

void ns_query_part_init(ns_query_part *part)
{
    *part = (ns_query_part){.weight = 1};
}

/* ---- What is added to ---- */

static void clear(ns_query_builder *builder)
{
    ns_query_free(builder->query);
    builder->query = NULL;
    builder->status = NS_OK;
    builder->err = (ns_error){0};
    builder->depth = 0;
    builder->groups[0] = (ns__group_draft){.kind = NS_QUERY_LIST, .items = NS__NO_ITEMS};
    ns_query_part_init(&builder->groups[0].part);
}

ns_status ns_query_builder_open(ns_query_builder **out, ns_error *err)
{
    *out = ns__zalloc(1, sizeof **out);
    if (*out == NULL)
        return ns__no_memory(err);
    ns_query_options_init(&(*out)->options);
    clear(*out);
    return NS_OK;
}

void ns_query_builder_free(ns_query_builder *builder)
{
    if (builder == NULL)
        return;
    ns_query_free(builder->query);
    ns__free(builder);
}

void ns__part_fail(ns_query_builder *builder, const char *message)
{
    builder->status = ns__fail(&builder->err, NS_ERR_ARGUMENT, "%s", message);
}

const ns_query_part *ns__part_begin(ns_query_builder *builder, const ns_query_part *given,
                                    ns_query_part *room)
{
    if (builder->status != NS_OK)
        return NULL;
    if (builder->query == NULL)
        builder->query = ns__zalloc(1, sizeof *builder->query);
    if (builder->query == NULL) {
        builder->status = ns__no_memory(&builder->err);
        return NULL;
    }
    ns_query_part_init(room);
    if (given != NULL)
        *room = *given;
    if (!(room->weight >= NS_MIN_WEIGHT && room->weight <= NS_MAX_WEIGHT)) {
        ns__part_fail(builder, "a part's weight is from 0.001 to 1000");
        return NULL;
    }
    if ((unsigned)room->occur > NS_QUERY_EXCLUDED || (unsigned)room->field > NS_QUERY_ID) {
        ns__part_fail(builder, "a part has an occur or a field that there is not");
        return NULL;
    }
    if (room->field == NS_QUERY_ANYWHERE)
        room->field = builder->groups[builder->depth].part.field;
    return room;
}

ns__suffix ns__part_weight(const ns_query_part *part)
{
    return (ns__suffix){.weighted = part->weight != 1,
                        .weight = ns__tree_thousandths(part->weight)};
}

void ns__part_add(ns_query_builder *builder, const ns_query_part *part, uint32_t node)
{
    ns__tree_prefix(builder->query, node, (ns__occur)part->occur);
    ns__items_add(builder->query, &builder->groups[builder->depth].items, node);
}

/* ---- Groups ---- */

void ns_query_begin(ns_query_builder *builder, const ns_query_part *part, ns_query_group kind,
                    uint32_t distance)
{
    ns_query_part room;
    part = ns__part_begin(builder, part, &room);
    if (part == NULL)
        return;
    bool near = kind == NS_QUERY_NEAR || kind == NS_QUERY_ONEAR;
    if ((unsigned)kind > NS_QUERY_PARAGRAPH) {
        ns__part_fail(builder, "there is no such kind of group");
    } else if (near && (distance < 1 || distance > NS_MAX_NEAR_DISTANCE)) {
        ns__part_fail(builder, "the distance of a group is from 1 to 10000");
    } else if (builder->depth == NS_MAX_QUERY_DEPTH) {
        builder->status =
            ns__fail(&builder->err, NS_ERR_LIMIT,
                     "the query has more than %d groups inside each other", NS_MAX_QUERY_DEPTH);
    } else {
        builder->groups[++builder->depth] = (ns__group_draft){
            .kind = kind, .part = *part, .distance = distance, .items = NS__NO_ITEMS};
    }
}

/* One NEAR or WITHIN of the items. */
static ns_status make_near(ns_query_builder *builder, const ns__group_draft *from, uint32_t *out)
{
    bool within = from->kind == NS_QUERY_SENTENCE || from->kind == NS_QUERY_PARAGRAPH;
    ns__node form = {.kind = within ? NS__NODE_WITHIN : NS__NODE_NEAR};
    form.ordered = from->kind == NS_QUERY_ONEAR;
    form.paragraph = from->kind == NS_QUERY_PARAGRAPH;
    if (!within && from->items.count > 0)
        form.distance = (from->distance - 1) * (from->items.count - 1);
    if (!ns__tree_are_operands(builder->query, from->items, &form.field))
        return ns__fail(&builder->err, NS_ERR_ARGUMENT,
                        "near each other can be words, phrases, patterns and NS_QUERY_ANY of such, "
                        "in one field and not excluded");
    return ns__tree_near(builder->query, form, from->items, out, &builder->err);
}

static ns_status make_group(ns_query_builder *builder, const ns__group_draft *from, uint32_t *out)
{
    switch (from->kind) {
    case NS_QUERY_LIST:
        return ns__tree_side(builder->query, from->items, false, out, &builder->err);
    case NS_QUERY_ALL:
        return ns__tree_all(builder->query, from->items, out, &builder->err);
    case NS_QUERY_ANY:
        return ns__tree_any(builder->query, from->items, out, &builder->err);
    default:
        return make_near(builder, from, out);
    }
}

void ns_query_end(ns_query_builder *builder)
{
    if (builder->status != NS_OK)
        return;
    if (builder->depth == 0) {
        ns__part_fail(builder, "there is no group to end");
        return;
    }
    const ns__group_draft *ended = &builder->groups[builder->depth--];
    uint32_t node;
    builder->status = make_group(builder, ended, &node);
    if (builder->status != NS_OK || node == NS__NO_NODE)
        return;
    ns__tree_prefix(builder->query, node, NS__SHOULD);
    if (ended->part.weight != 1)
        ns__tree_weigh(builder->query, node, ns__tree_thousandths(ended->part.weight));
    ns__part_add(builder, &ended->part, node);
}

/* The query of it all, in builder->query. */
static ns_status finish(ns_query_builder *builder)
{
    ns_query_part room;
    uint32_t top;
    if (builder->status == NS_OK && builder->depth > 0)
        ns__part_fail(builder, "a group that was begun has not been ended");
    (void)ns__part_begin(builder, NULL, &room); /* there is a query even when nothing was added */
    if (builder->status != NS_OK)
        return builder->status;
    NS_TRY(make_group(builder, &builder->groups[0], &top));
    builder->query->written = (uint32_t)builder->query->text.length;
    NS_TRY(ns__tree_finish(builder->query, top, &builder->err));
    return ns__query_check_line(builder->query, &builder->err);
}

ns_status ns_query_builder_finish(ns_query_builder *builder, ns_query **out, ns_error *err)
{
    ns_status status = finish(builder);
    *out = NULL;
    if (status == NS_OK) {
        *out = builder->query;
        builder->query = NULL;
    } else if (err != NULL) {
        *err = builder->err;
    }
    clear(builder);
    return status;
}
