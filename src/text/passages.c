/* Cutting a body into passages.
 *
 * Sentences are analysed one at a time and gathered until the target is nearest, or until a
 * paragraph ends not far from it. A sentence of more than 255 terms is cut into pieces that are
 * passages of their own and are analysed again, each alone; so are the few tokens whose form
 * depends on what stands around them. That is why a passage analysed alone gives its tokens. */
#include "text/passages.h"

#include "base/limits.h"
#include "text/run.h"
#include "text/sentence.h"
#include "text/utf8.h"

typedef struct cutter {
    ns__analyzer *analyzer;
    ns__lang lang;
    ns__str body;
    ns__passages *out;
    ns_error *err;
    size_t target;
    size_t taken;     /* tokens found that belong to sentences added */
    bool apart;       /* the tokens found are in out->found, else they are those of out */
    ns__passage open; /* the passage being gathered */
    bool is_open;
    bool context; /* some tokens depend on their surroundings */
} cutter;

/* ---- Filling ---- */

/* Appends the tokens of body[start, end), seen alone and not looked up yet, to *tokens. */
static ns_status cut_words(const cutter *cut, size_t start, size_t end, ns__tokens *tokens)
{
    ns__run run = {.analyzer = cut->analyzer,
                   .lang = cut->lang,
                   .text = cut->body.data + start,
                   .length = end - start,
                   .base = start,
                   .out = tokens,
                   .err = cut->err};
    return cut->analyzer->settings.whitespace ? ns__run_spaced(&run) : ns__run_fast(&run);
}

/* Looks up the tokens of the body in *tokens from number `first` on. */
static ns_status look_up(cutter *cut, ns__tokens *tokens, size_t first)
{
    ns__run run = {.analyzer = cut->analyzer,
                   .lang = cut->lang,
                   .text = cut->body.data,
                   .length = cut->body.length,
                   .out = tokens,
                   .err = cut->err};
    NS_TRY(ns__run_look_up(&run, first));
    cut->context |= run.context;
    return NS_OK;
}

/* Appends the tokens of body[start, end), seen alone. */
static ns_status analyse(cutter *cut, size_t start, size_t end)
{
    size_t first = cut->out->tokens.count;
    NS_TRY(cut_words(cut, start, end, &cut->out->tokens));
    return look_up(cut, &cut->out->tokens, first);
}

/* Can no word of one sentence depend on the other, of which the one ends and the other begins here?
 * White space between them that is all ASCII separates segments whatever stands around it; behind
 * it a mark could still be taken as part of it. */
static bool is_apart(ns__str body, size_t end, size_t start)
{
    if (start == end || body.data[start] >= 0x80)
        return false;
    while (end < start)
        if (body.data[end++] >= 0x80)
            return false;
    return true;
}

static size_t sentence_end(const cutter *cut, size_t i)
{
    const ns__borders *borders = &cut->out->borders;
    size_t stop = i + 1 < borders->count ? borders->items[i + 1].start : cut->body.length;
    return ns__trim_space(cut->body, borders->items[i].start, stop);
}

/* Finds the tokens of all sentences: cut in stretches as long as can be, looked up together. */
static ns_status find_tokens(cutter *cut)
{
    ns__passages *out = cut->out;
    const ns__borders *borders = &out->borders;
    for (size_t i = 0; i < borders->count;) {
        size_t start = borders->items[i].start, end = sentence_end(cut, i);
        for (i++; i < borders->count && is_apart(cut->body, end, borders->items[i].start); i++)
            end = sentence_end(cut, i);
        NS_TRY(cut_words(cut, start, end, &out->found));
    }
    NS_TRY(look_up(cut, &out->found, 0));
    const ns__tokens room = out->tokens;
    out->tokens = out->found; /* they are those of the passages too, unless a sentence is cut */
    out->tokens.count = 0;
    out->found.items = room.items;
    out->found.capacity = room.capacity;
    return NS_OK;
}

static ns_status add_sentence(cutter *cut, size_t token, bool paragraph)
{
    ns__passages *out = cut->out;
    if (NS_RESERVE(out->sentences, out->sentence_capacity, out->sentence_count + 1) != NS_OK)
        return ns__no_memory(cut->err);
    out->sentences[out->sentence_count++] = (ns__sentence){(uint32_t)token, paragraph};
    cut->open.sentence_count++;
    return NS_OK;
}

static void open_passage(cutter *cut, size_t start, size_t first_token)
{
    cut->open = (ns__passage){.start = (uint32_t)start,
                              .end = (uint32_t)start,
                              .first_token = (uint32_t)first_token,
                              .first_sentence = (uint32_t)cut->out->sentence_count};
    cut->is_open = true;
}

/* The tokens of a passage that depend on their surroundings, seen within its bounds. */
static ns_status resolve(cutter *cut, const ns__passage *passage)
{
    ns__run run = {.analyzer = cut->analyzer,
                   .lang = cut->lang,
                   .text = cut->body.data + passage->start,
                   .length = passage->end - passage->start,
                   .err = cut->err};
    ns__token *tokens = cut->out->tokens.items + passage->first_token;
    for (size_t i = 0; i < passage->token_count; i++) {
        if (!(tokens[i].flags & NS_TOKEN_CONTEXT))
            continue;
        ns__token inner = tokens[i];
        inner.start -= passage->start;
        inner.end -= passage->start;
        NS_TRY(ns__run_resolve(&run, &inner));
        tokens[i].form = inner.form;
        tokens[i].term = inner.term;
    }
    return NS_OK;
}

static ns_status close_passage(cutter *cut)
{
    ns__passages *out = cut->out;
    if (!cut->is_open)
        return NS_OK;
    cut->is_open = false;
    cut->open.token_count = (uint32_t)(out->tokens.count - cut->open.first_token);
    if (NS_RESERVE(out->items, out->capacity, out->count + 1) != NS_OK)
        return ns__no_memory(cut->err);
    out->items[out->count++] = cut->open;
    return NS_OK;
}

/* ---- Sentences of too many terms ---- */

/* Where to cut between tokens k - 1 and k: behind white space or clause punctuation, or else
 * directly behind token k - 1. Sets *rank: 2 for a clause, 1 for a word, 0 within a run. */
static size_t cut_between(ns__str body, const ns__token *tokens, size_t k, unsigned *rank)
{
    size_t from = tokens[k - 1].end, to = tokens[k].start, at = from, cut = from;
    *rank = 0;
    if (tokens[k].flags & NS_TOKEN_JOINED)
        return from;
    while (at < to) {
        unsigned length;
        uint32_t code = ns__utf8_decode(body.data + at, &length);
        at += length;
        if (ns__sentence_class(ns__unicode(code)) == NS_SB_CONTINUE || code == ';') {
            *rank = 2;
            cut = at;
        } else if (ns__is_space(code)) {
            *rank = *rank ? *rank : 1;
            cut = at;
        }
    }
    return *rank ? cut : from;
}

/* Where the piece that begins with token `first` ends: the last clause behind the target, else
 * the last word, else the hard maximum. *next is the first token behind it. */
static size_t piece_end(const cutter *cut, const ns__token *tokens, size_t count, size_t first,
                        size_t *next)
{
    size_t ends[3] = {0}, nexts[3] = {0};
    size_t last = first + NS_MAX_PASSAGE_TERMS;
    unsigned rank;
    if (last > count)
        last = count;
    for (size_t k = first + 1; k <= last && k < count; k++) {
        size_t end = cut_between(cut->body, tokens, k, &rank);
        if (rank == 2 && k - first < cut->target)
            rank = 1;
        ends[rank] = end;
        nexts[rank] = k;
    }
    for (unsigned r = 3; r-- > 0;) {
        if (nexts[r] != 0 && (r == 2 || r == 0 || nexts[r] - first > cut->target)) {
            *next = nexts[r];
            return ends[r];
        }
    }
    *next = nexts[1];
    return ends[1];
}

/* Cuts the sentence body[start, end), whose tokens are those from `first` on, into passages. The
 * last piece stays open. */
static ns_status cut_sentence(cutter *cut, size_t start, size_t end, size_t first, bool paragraph)
{
    ns__tokens *all = &cut->out->tokens;
    size_t count = all->count - first, at = 0;
    ns__token *tokens = ns__alloc(count, sizeof *tokens);
    if (tokens == NULL)
        return ns__no_memory(cut->err);
    memcpy(tokens, all->items + first, count * sizeof *tokens);
    all->count = first;
    ns_status status = NS_OK;
    while (status == NS_OK && start < end) {
        size_t stop = end, next = count;
        if (count - at > NS_MAX_PASSAGE_TERMS)
            stop = piece_end(cut, tokens, count, at, &next);
        size_t trimmed = ns__trim_space(cut->body, start, stop);
        open_passage(cut, start, all->count);
        status = analyse(cut, start, trimmed);
        if (status == NS_OK && all->count > cut->open.first_token)
            status = add_sentence(cut, 0, at == 0 && paragraph);
        cut->open.end = (uint32_t)trimmed;
        start = ns__skip_space(cut->body, stop);
        at = next;
        if (status == NS_OK && start < end)
            status = close_passage(cut);
    }
    ns__free(tokens);
    return status;
}

/* ---- Sentences ---- */

/* Is it better to close a passage of `have` terms than to add a sentence of `more`? */
static bool is_full(const cutter *cut, size_t have, size_t more, bool paragraph)
{
    if (have + more > NS_MAX_PASSAGE_TERMS)
        return true;
    if (more == 0)
        return false;
    if (paragraph && have * 10 >= cut->target * 7)
        return true;
    if (have + more <= cut->target)
        return false;
    return have >= cut->target || have + more - cut->target > cut->target - have;
}

static const ns__token *found_tokens(const cutter *cut)
{
    return cut->apart ? cut->out->found.items : cut->out->tokens.items;
}

/* Copies the tokens found: those of the passages will be others. */
static ns_status set_apart(cutter *cut)
{
    ns__tokens *found = &cut->out->found;
    if (cut->apart)
        return NS_OK;
    if (NS_RESERVE(found->items, found->capacity, found->count) != NS_OK)
        return ns__no_memory(cut->err);
    memcpy(found->items, cut->out->tokens.items, found->count * sizeof *found->items);
    cut->apart = true;
    return NS_OK;
}

/* Gives the next `count` tokens found to the passage that is open or about to be. */
static ns_status take_tokens(cutter *cut, size_t count)
{
    ns__tokens *tokens = &cut->out->tokens;
    if (!cut->apart) { /* they stand there */
        tokens->count += count;
        cut->taken += count;
        return NS_OK;
    }
    if (NS_RESERVE(tokens->items, tokens->capacity, tokens->count + count) != NS_OK)
        return ns__no_memory(cut->err);
    if (count > 0)
        memcpy(tokens->items + tokens->count, cut->out->found.items + cut->taken,
               count * sizeof *tokens->items);
    tokens->count += count;
    cut->taken += count;
    return NS_OK;
}

static ns_status add(cutter *cut, size_t start, size_t end, bool paragraph)
{
    ns__tokens *tokens = &cut->out->tokens;
    const size_t left = cut->out->found.count - cut->taken;
    const ns__token *next = left > 0 ? found_tokens(cut) + cut->taken : NULL;
    size_t first = tokens->count, more = 0;
    while (more < left && next[more].start < end)
        more++;
    bool one = cut->analyzer->settings.one_passage;
    if (more > NS_MAX_PASSAGE_TERMS && !one)
        NS_TRY(set_apart(cut));
    if (cut->is_open && !one && is_full(cut, first - cut->open.first_token, more, paragraph))
        NS_TRY(close_passage(cut));
    NS_TRY(take_tokens(cut, more));
    if (more > NS_MAX_PASSAGE_TERMS && !one)
        return cut_sentence(cut, start, end, first, paragraph);
    if (!cut->is_open)
        open_passage(cut, start, first);
    if (more > 0)
        NS_TRY(add_sentence(cut, first - cut->open.first_token, paragraph));
    cut->open.end = (uint32_t)end;
    return NS_OK;
}

/* A last passage of a few words goes to the one before it. (Never the last piece of a cut
 * sentence: together with the piece before it is over the maximum.) */
static void join_last(cutter *cut)
{
    ns__passages *out = cut->out;
    if (out->count < 2)
        return;
    ns__passage *last = &out->items[out->count - 1], *before = last - 1;
    size_t together = before->token_count + last->token_count;
    if (last->token_count * 4 >= cut->target || together > NS_MAX_PASSAGE_TERMS ||
        together * 2 > cut->target * 3)
        return;
    for (size_t i = 0; i < last->sentence_count; i++)
        out->sentences[last->first_sentence + i].token += before->token_count;
    before->end = last->end;
    before->token_count += last->token_count;
    before->sentence_count += last->sentence_count;
    out->count--;
}

static ns_status cut_all(cutter *cut)
{
    const ns__borders *borders = &cut->out->borders;
    NS_TRY(find_tokens(cut));
    for (size_t i = 0; i < borders->count; i++)
        NS_TRY(
            add(cut, borders->items[i].start, sentence_end(cut, i), borders->items[i].paragraph));
    if (borders->count == 0)
        open_passage(cut, 0, 0);
    NS_TRY(close_passage(cut));
    join_last(cut);
    for (size_t i = 0; cut->context && i < cut->out->count; i++)
        NS_TRY(resolve(cut, &cut->out->items[i]));
    return NS_OK;
}

ns_status ns__passages_cut(ns__analyzer *analyzer, ns__lang lang, ns__str body, ns__passages *out,
                           ns_error *err)
{
    out->count = out->tokens.count = out->found.count = out->sentence_count = 0;
    if (body.length > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "a text of 4 GiB or more");
    size_t target = analyzer->settings.passage_terms;
    if (target == 0)
        target = NS_PASSAGE_TARGET_TERMS;
    if (target > NS_MAX_PASSAGE_TERMS)
        target = NS_MAX_PASSAGE_TERMS;
    cutter cut = {
        .analyzer = analyzer, .lang = lang, .body = body, .out = out, .err = err, .target = target};
    NS_TRY(ns__sentences_scan(body, &out->borders, err));
    return cut_all(&cut);
}

void ns__passages_release(ns__passages *passages)
{
    ns__free(passages->items);
    ns__free(passages->sentences);
    ns__free(passages->borders.items);
    ns__tokens_release(&passages->tokens);
    ns__tokens_release(&passages->found);
    *passages = (ns__passages){0};
}

ns_status ns__sentences_find(ns__str text, uint32_t **starts, size_t *count, size_t *capacity,
                             ns_error *err)
{
    ns__borders borders = {0};
    ns_status status = ns__sentences_scan(text, &borders, err);
    *count = 0;
    if (status == NS_OK && NS_RESERVE(*starts, *capacity, borders.count + 1) != NS_OK)
        status = ns__no_memory(err);
    for (size_t i = 0; status == NS_OK && i < borders.count; i++)
        (*starts)[(*count)++] = i == 0 ? 0 : borders.items[i].start;
    if (status == NS_OK && *count == 0 && text.length > 0)
        (*starts)[(*count)++] = 0;
    ns__free(borders.items);
    return status;
}
