/* Filters: which articles have a value or a date. */
#include "search/filter.h"

#include "search/glob.h"
#include "search/match.h"
#include "search/zone.h"
#include "text/analyzer.h"
#include "text/fold.h"

static const ns__column columns[] = {
    [NS__FIELD_SOURCE] = NS__COLUMN_SOURCE, [NS__FIELD_SECTION] = NS__COLUMN_SECTION,
    [NS__FIELD_LANG] = NS__COLUMN_LANG,     [NS__FIELD_AUTHOR] = NS__COLUMN_AUTHOR,
    [NS__FIELD_URL] = NS__COLUMN_URL,
};

static bool fail(ns__exec *run, ns_status status)
{
    if (status < 0 && run->reader->status == NS_OK)
        run->reader->status = status;
    return false;
}

/* ---- Values ---- */

/* What is left of a value without anything to see is found by another such. */
static bool text_fits(const ns__filter *filter, ns__str value)
{
    if (filter->pattern)
        return ns__glob_fits(filter->text, value);
    return filter->text.length > 0 ? ns__has_words(value, filter->text) : value.length == 0;
}

static ns_status value_fits(ns__exec *run, const ns__filter *filter, const ns__buf *value,
                            bool *yes)
{
    ns__str text = {value->data, value->length};
    *yes = false;
    if (text.length == 0)
        return NS_OK;
    NS_TRY(ns__fold_text(&run->folder, text, run->reader->err));
    ns__even_blanks(&run->folder.term);
    *yes = text_fits(filter, (ns__str){run->folder.term.data, run->folder.term.length});
    return NS_OK;
}

/* Which of a column's distinct values fit. */
static ns_status find_values(ns__exec *run, const ns__filter *filter, ns__filter_view *view)
{
    const ns__articles *articles = &run->segment->articles;
    const ns__strings *values = &articles->columns[columns[filter->field]].values;
    uint8_t *fits = ns__arena_alloc(run->reader->arena, (size_t)values->count + 1);
    if (fits == NULL)
        return ns__no_memory(run->reader->err);
    fits[0] = 0;
    for (uint32_t v = 0; v < values->count; v++) {
        bool yes = false;
        if (!ns__strings_get(values, v, &run->value))
            return run->value.failed
                       ? ns__no_memory(run->reader->err)
                       : ns__frame_corrupt(articles->frame, values->data, run->reader->err,
                                           "a value of a column cannot be read");
        NS_TRY(ns__frame_blame(articles->frame, values->data,
                               value_fits(run, filter, &run->value, &yes), run->reader->err));
        fits[v] = yes;
    }
    view->fits = fits;
    return NS_OK;
}

static ns_status find_id(ns__exec *run, const ns__filter *filter, ns__filter_view *view)
{
    view->one = true;
    view->article = UINT32_MAX;
    ns_status status =
        ns__article_lookup(&run->segment->articles, filter->text, &view->article, run->reader->err);
    if (status == NS_NOT_FOUND)
        view->article = UINT32_MAX;
    return status < 0 ? status : NS_OK;
}

/* An article that gives no language is of the one that it was analysed in. */
static ns_status language_fits(ns__exec *run, const ns__filter *filter, uint32_t article, bool *yes)
{
    uint8_t lang;
    NS_TRY(ns__article_language(&run->segment->articles, article, &lang, run->reader->err));
    const char *code = ns__lang_code(lang);
    *yes = *code != 0 && text_fits(filter, (ns__str){(const uint8_t *)code, strlen(code)});
    return NS_OK;
}

/* Ids by a pattern, and urls, of which each article has its own; headlines. */
static ns_status own_value_fits(ns__exec *run, const ns__filter *filter, uint32_t article,
                                bool *yes)
{
    const ns__articles *articles = &run->segment->articles;
    if (filter->field == NS__FIELD_TITLE)
        return ns__article_titled(articles, article, yes, run->reader->err);
    NS_TRY(ns__article_id(articles, article, &run->ids, &run->value, run->reader->err));
    if (filter->field == NS__FIELD_ID) {
        *yes = ns__glob_fits(filter->text, (ns__str){run->value.data, run->value.length});
        return NS_OK;
    }
    ns__buf url = {0};
    ns_status status =
        ns__article_column(articles, article, NS__COLUMN_URL,
                           (ns__str){run->value.data, run->value.length}, &url, run->reader->err);
    if (status == NS_OK)
        status = value_fits(run, filter, &url, yes);
    ns__buf_release(&url);
    return status;
}

static bool value_holds(ns__exec *run, uint32_t f, uint32_t article)
{
    const ns__filter *filter = &run->plan->filters[f];
    const ns__filter_view *view = &run->views[f];
    bool yes = false;
    if (view->one)
        return view->article == article;
    if (view->fits == NULL) {
        ns_status status = own_value_fits(run, filter, article, &yes);
        return status < 0 ? fail(run, status) : yes;
    }
    const ns__articles *articles = &run->segment->articles;
    ns__column column = columns[filter->field];
    uint32_t value = 0;
    if (articles->columns[column].values.count > 0)
        value = ns__packed_get(articles->columns[column].ordinals.data, article,
                               articles->columns[column].width);
    if (value >= articles->columns[column].values.count && value > 0)
        return fail(run,
                    ns__frame_corrupt(articles->frame, articles->columns[column].ordinals.data,
                                      run->reader->err, "a column has a value that is not there"));
    if (value == 0 && filter->field == NS__FIELD_LANG) {
        ns_status status = language_fits(run, filter, article, &yes);
        return status < 0 ? fail(run, status) : yes;
    }
    return view->fits[value];
}

/* ---- Dates ---- */

/* The zone is asked only where it may matter. */
static bool date_is_within(const ns_search_options *options, const ns__filter *filter,
                           const ns__stamp *date)
{
    int64_t least = ns__zone_earliest(options, date->unix_s);
    int64_t most = ns__zone_latest(options, date->unix_s);
    if (least >= filter->from && most < filter->to)
        return true;
    if (most < filter->from || least >= filter->to)
        return false;
    int64_t begins = ns__date_begins(options, date);
    return begins >= filter->from && begins < filter->to;
}

static bool date_holds(ns__exec *run, const ns__filter *filter, uint32_t article)
{
    ns__stamp stamp;
    ns_status status = ns__article_date(&run->segment->articles, article, &stamp, run->reader->err);
    if (status < 0)
        return fail(run, status);
    return stamp.unix_s != INT64_MIN && date_is_within(run->options, filter, &stamp);
}

bool ns__filter_holds(ns__exec *run, uint32_t f, uint32_t article)
{
    const ns__filter *filter = &run->plan->filters[f];
    if (filter->kind == NS__NODE_ALL)
        return true;
    run->reader->profile->filtered++;
    return filter->kind == NS__NODE_DATE ? date_holds(run, filter, article)
                                         : value_holds(run, f, article);
}

/* ---- The mask ---- */

static bool is_out(const uint8_t *mask, uint32_t article)
{
    return mask[article / 8] >> (article % 8) & 1;
}

static void leave_out(uint8_t *mask, uint32_t from, uint32_t to)
{
    for (uint32_t a = from; a < to; a++)
        mask[a / 8] |= (uint8_t)(1u << a % 8);
}

/* Whether no article with a passage in the window can be dated within the filter. */
static bool window_is_out(const ns__exec *run, const ns__filter *filter, uint32_t window)
{
    int64_t earliest, latest;
    ns__articles_window_dates(&run->segment->articles, window, &earliest, &latest);
    if (earliest > latest)
        return true; /* there are none */
    return ns__zone_latest(run->options, latest) < filter->from ||
           ns__zone_earliest(run->options, earliest) >= filter->to;
}

/* Whether a condition of filters alone holds. No deeper than the query. */
static bool cond_holds(ns__exec *run, uint32_t cond, uint32_t article)
{
    const ns__cond *conds = run->plan->conds, *of = &conds[cond];
    bool met = false;
    if (of->kind == NS__COND_FILTER)
        return ns__filter_holds(run, of->index, article);
    for (uint32_t c = of->child; c != NS__NO_NODE; c = conds[c].next) {
        bool holds = cond_holds(run, c, article);
        if (conds[c].occur != NS__SHOULD && holds != (conds[c].occur == NS__MUST))
            return false;
        met |= conds[c].occur == NS__SHOULD && holds;
    }
    return met || !of->wants;
}

/* Articles [from, to) by a condition that must hold, or must not. */
static void mask_range(ns__exec *run, uint32_t cond, uint8_t *mask, uint32_t from, uint32_t to)
{
    bool wanted = run->plan->conds[cond].occur != NS__NOT;
    for (uint32_t a = from; a < to; a++) {
        if (a % 4096 == 0 && ns__exec_expired(run))
            return;
        if (!is_out(mask, a) && cond_holds(run, cond, a) != wanted)
            leave_out(mask, a, a + 1);
    }
}

/* Articles [from, to) by a date that they must have, or must not. */
static void mask_dated(ns__exec *run, const ns__filter *filter, bool wanted, uint8_t *mask,
                       uint32_t from, uint32_t to)
{
    for (uint32_t a = from; a < to; a++)
        if (!is_out(mask, a) && date_holds(run, filter, a) != wanted)
            leave_out(mask, a, a + 1);
}

/* Dates of whole windows of passages tell much of them at once. */
static void mask_dates(ns__exec *run, const ns__filter *filter, bool wanted, uint8_t *mask)
{
    const ns__articles *articles = &run->segment->articles;
    uint32_t windows = ns__articles_windows(articles), from = 0;
    for (uint32_t w = 0; w < windows && !ns__exec_failed(run); w++) {
        uint64_t next = ((uint64_t)w + 1) * articles->window_passages;
        uint32_t to =
            next < articles->passages ? ns__article_of(articles, (uint32_t)next) : articles->count;
        to = to > articles->count ? articles->count : to;
        if (!window_is_out(run, filter, w))
            mask_dated(run, filter, wanted, mask, from, to);
        else if (wanted)
            leave_out(mask, from < to ? from : to, to);
        from = to > from ? to : from;
    }
}

static bool is_dated(const ns_search_options *options)
{
    return options->since != INT64_MIN || options->until != INT64_MAX;
}

static ns_status make_mask(ns__exec *run, uint32_t *left)
{
    uint32_t count = run->segment->articles.count;
    size_t bytes = (size_t)count / 8 + 1;
    uint8_t *mask = ns__arena_alloc(run->reader->arena, bytes);
    if (mask == NULL)
        return ns__no_memory(run->reader->err);
    memset(mask, 0, bytes);
    if (run->segment->deleted)
        memcpy(mask, run->segment->deleted, ((size_t)count + 7) / 8);
    const ns__cond *conds = run->plan->conds;
    const ns__filter span = {.from = run->options->since, .to = run->options->until};
    if (is_dated(run->options))
        mask_dates(run, &span, true, mask);
    for (uint32_t c = run->plan->masks; c != NS__NO_NODE; c = conds[c].next) {
        const ns__filter *filter = &run->plan->filters[conds[c].index];
        if (conds[c].kind == NS__COND_FILTER && filter->kind == NS__NODE_DATE)
            mask_dates(run, filter, conds[c].occur != NS__NOT, mask);
        else
            mask_range(run, c, mask, 0, count);
    }
    *left = 0;
    for (uint32_t a = 0; a < count; a++)
        *left += !is_out(mask, a);
    run->masked = *run->segment;
    run->masked.deleted = mask;
    run->segment = &run->masked;
    return run->reader->status;
}

ns_status ns__filters_open(ns__exec *run, uint32_t *left)
{
    const ns__plan *plan = run->plan;
    *left = run->segment->articles.count;
    if (plan->filter_count == 0)
        return is_dated(run->options) ? make_mask(run, left) : NS_OK;
    run->views = ns__arena_alloc(run->reader->arena, plan->filter_count * sizeof *run->views);
    if (run->views == NULL)
        return ns__no_memory(run->reader->err);
    for (uint32_t f = 0; f < plan->filter_count; f++) {
        const ns__filter *filter = &plan->filters[f];
        run->views[f] = (ns__filter_view){0};
        if (filter->kind != NS__NODE_VALUE || filter->field == NS__FIELD_URL ||
            filter->field == NS__FIELD_TITLE)
            continue;
        if (filter->field != NS__FIELD_ID)
            NS_TRY(find_values(run, filter, &run->views[f]));
        else if (!filter->pattern)
            NS_TRY(find_id(run, filter, &run->views[f]));
    }
    return plan->masks != NS__NO_NODE || is_dated(run->options) ? make_mask(run, left) : NS_OK;
}

void ns__filters_release(ns__exec *run)
{
    ns__folder_release(&run->folder);
    ns__buf_release(&run->value);
    ns__zstrings_reader_release(&run->ids);
}
