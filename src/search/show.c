/* Showing results: the article, its best passage or a part of it, and the marks. */
#include "search/highlight.h"
#include "search/results.h"
#include "text/utf8.h"

typedef struct mark_list {
    uint32_t (*items)[2];
    size_t count, capacity;
} mark_list;

struct ns_shown {
    ns_article *article;
    ns__buf text; /* of the passage or snippet, terminated */
    mark_list passage, title;
    bool brief;          /* of the article's text nothing but what is shown was read */
    uint64_t start, end; /* code points in the body; 0 when brief */
    bool cut_before, cut_after;
};

/* Byte ranges of matches, clipped to [from, to), as code point ranges of that part; overlapping and
 * touching ones become one. */
static ns_status make_marks(const ns__matches *matches, ns__str text, uint32_t from, uint32_t to,
                            mark_list *out, ns_error *err)
{
    uint32_t at = from, points = 0; /* code points of [from, at) */
    uint32_t open_end = 0;          /* byte end of the last mark */
    for (size_t i = 0; i < matches->count; i++) {
        const ns__match *match = &matches->items[i];
        if (match->start < from || match->end > to)
            continue;
        if (out->count > 0 && match->end <= open_end)
            continue;
        bool joins = out->count > 0 && match->start <= open_end;
        uint32_t begin = joins ? open_end : match->start;
        points += (uint32_t)ns__utf8_count((ns__str){text.data + at, begin - at});
        if (!joins) {
            if (NS_RESERVE(out->items, out->capacity, out->count + 1) != NS_OK)
                return ns__no_memory(err);
            out->items[out->count++][0] = points;
        }
        points += (uint32_t)ns__utf8_count((ns__str){text.data + begin, match->end - begin});
        out->items[out->count - 1][1] = points;
        at = open_end = match->end;
    }
    return NS_OK;
}

static ns_status mark_title(const ns_results *results, ns__analyzer *analyzer, ns__lang lang,
                            ns_shown *shown, ns__matches *matches, ns_error *err)
{
    size_t length;
    const char *title = ns_article_title(shown->article, &length);
    ns__str text = {(const uint8_t *)title, length};
    ns__marking from = {.title = true};
    NS_TRY(ns__matches_find(&results->plan, analyzer, lang, text, from, matches, err));
    return make_marks(matches, text, 0, (uint32_t)length, &shown->title, err);
}

/* The range of the passage text that is shown: whole tokens, and all of the passage's ends where
 * nothing is cut. */
static void choose_range(const ns_results *results, const ns__matches *matches, size_t words,
                         size_t length, ns_shown *shown, uint32_t *from, uint32_t *to)
{
    size_t first, end;
    ns__snippet_choose(&results->plan, matches, words, &first, &end);
    *from = 0;
    *to = (uint32_t)length;
    if (first > 0)
        *from = matches->tokens.items[first].start;
    if (end < matches->tokens.count)
        *to = matches->tokens.items[end - 1].end;
    shown->cut_before = *from > 0;
    shown->cut_after = *to < length;
}

/* The text of the passage, and how many code points of the body stand before it. */
static ns__str passage_text(const ns_shown *shown, uint32_t passage, uint64_t *before)
{
    size_t length, start, end;
    *before = 0;
    if (shown->brief)
        return ns__article_outlined(shown->article);
    const uint8_t *body = (const uint8_t *)ns_article_body(shown->article, &length);
    ns_article_passage(shown->article, passage, &start, &end);
    *before = ns__utf8_count((ns__str){body, start});
    return (ns__str){body + start, end - start};
}

static ns_status mark_passage(const ns_results *results, uint32_t passage, size_t words,
                              ns__analyzer *analyzer, const ns__article_facts *facts,
                              ns_shown *shown, ns__matches *matches, ns_error *err)
{
    uint64_t before;
    uint32_t from, to;
    const ns__str text = passage_text(shown, passage, &before);
    ns__marking from_entry = {.entry = passage < facts->passage_count ? &facts->passages[passage]
                                                                      : NULL};
    NS_TRY(ns__matches_find(&results->plan, analyzer, facts->lang, text, from_entry, matches, err));
    choose_range(results, matches, words, text.length, shown, &from, &to);
    NS_TRY(make_marks(matches, text, from, to, &shown->passage, err));
    ns__buf_append(&shown->text, text.data + from, to - from);
    ns__buf_u8(&shown->text, 0);
    if (shown->text.failed)
        return ns__no_memory(err);
    if (shown->brief)
        return NS_OK;
    shown->start = before + ns__utf8_count((ns__str){text.data, from});
    shown->end = shown->start + ns__utf8_count((ns__str){text.data + from, to - from});
    return NS_OK;
}

/* Words that several results share are analysed once: the analyser of a result shown before is used
 * again, unless another thread has it just now. */
static ns_status take_analyzer(const ns_results *results, ns__analyzer **out, ns_error *err)
{
    *out = __atomic_exchange_n(results->analyzer, NULL, __ATOMIC_ACQ_REL);
    if (*out != NULL)
        return NS_OK;
    ns_analysis_settings settings = results->index->manifest.settings.analysis;
    settings.language[0] = '\0'; /* nothing is to be guessed */
    return ns__analyzer_open(&settings, out, err);
}

static void return_analyzer(const ns_results *results, ns__analyzer *analyzer)
{
    enum { KEEP_BYTES = 1 << 20 };
    if (analyzer && ns__analyzer_memory(analyzer) <= KEEP_BYTES)
        analyzer = __atomic_exchange_n(results->analyzer, analyzer, __ATOMIC_ACQ_REL);
    ns__analyzer_close(analyzer);
}

static ns_status show_text(const ns_results *results, const ns__article_facts *facts,
                           uint32_t passage, size_t words, ns_shown *shown, ns_error *err)
{
    ns__analyzer *analyzer = NULL;
    ns__matches matches = {0};
    ns_status status = take_analyzer(results, &analyzer, err);
    if (status == NS_OK)
        status = mark_title(results, analyzer, facts->lang, shown, &matches, err);
    if (status == NS_OK)
        status = mark_passage(results, passage, words, analyzer, facts, shown, &matches, err);
    ns__matches_release(&matches);
    return_analyzer(results, analyzer);
    return status;
}

static ns_status show(const ns_results *results, size_t i, size_t words, ns_shown *shown,
                      ns_error *err)
{
    const ns__hit *hit = &results->items[i];
    const ns__segment *segment = &results->index->segments[hit->segment];
    uint32_t article = ns__hit_article(results, hit);
    uint32_t passage = hit->passage - ns__article_first(&segment->articles, article);
    ns__arena arena = {0};
    ns__article_facts facts;
    ns_status status = ns__article_facts_get(&segment->articles, article, &arena, &facts, err);
    if (status == NS_OK && shown->brief)
        status = ns__frame_blame(
            segment->articles.frame, segment->articles.bits,
            ns__article_outline(results->index, hit->article, passage, &shown->article, err), err);
    else if (status == NS_OK)
        status = ns_article_at(results->index, hit->article, &shown->article, err);
    if (status == NS_OK && segment->no_text)
        ns__buf_u8(&shown->text, 0); /* nothing to mark */
    if (status == NS_OK && !segment->no_text)
        status = ns__frame_blame(segment->store.frame, segment->store.data.data,
                                 show_text(results, &facts, passage, words, shown, err), err);
    if (status == NS_OK && shown->text.failed)
        status = ns__no_memory(err);
    ns__arena_release(&arena);
    return status;
}

static ns_status show_result(const ns_results *results, size_t i, size_t snippet_words, bool brief,
                             ns_shown **out, ns_error *err)
{
    *out = NULL;
    if (i >= ns_results_count(results))
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no result %zu", i);
    ns_shown *shown = ns__zalloc(1, sizeof *shown);
    if (shown == NULL)
        return ns__no_memory(err);
    shown->brief = brief;
    ns_status status = show(results, i, snippet_words, shown, err);
    if (status != NS_OK) {
        ns_shown_free(shown);
        return status;
    }
    *out = shown;
    return NS_OK;
}

ns_status ns_results_show(const ns_results *results, size_t i, size_t snippet_words, ns_shown **out,
                          ns_error *err)
{
    return show_result(results, i, snippet_words, false, out, err);
}

ns_status ns_results_show_brief(const ns_results *results, size_t i, size_t snippet_words,
                                ns_shown **out, ns_error *err)
{
    return show_result(results, i, snippet_words, true, out, err);
}

const ns_article *ns_shown_article(const ns_shown *shown)
{
    return shown->article;
}

static ns_marked marked(const char *text, size_t length, const mark_list *marks)
{
    return (ns_marked){text, length, (const uint32_t(*)[2])marks->items, marks->count};
}

ns_marked ns_shown_passage(const ns_shown *shown)
{
    return marked((const char *)shown->text.data, shown->text.length - 1, &shown->passage);
}

void ns_shown_range(const ns_shown *shown, uint64_t *start, uint64_t *end)
{
    *start = shown->start;
    *end = shown->end;
}

void ns_shown_cut(const ns_shown *shown, bool *before, bool *after)
{
    *before = shown->cut_before;
    *after = shown->cut_after;
}

ns_marked ns_shown_title(const ns_shown *shown)
{
    size_t length;
    const char *title = ns_article_title(shown->article, &length);
    return marked(title, length, &shown->title);
}

void ns_shown_free(ns_shown *shown)
{
    if (shown == NULL)
        return;
    ns_article_free(shown->article);
    ns__buf_release(&shown->text);
    ns__free(shown->passage.items);
    ns__free(shown->title.items);
    ns__free(shown);
}
