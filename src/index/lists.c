/* Sheaves of terms, coded by jobs: see lists.h. */
#include "index/lists.h"

#include "base/mem.h"

enum {
    LEAST_BYTES = 256 << 10, /* of the postings of a sheaf */
    MOST_BYTES = 2 << 20,
    MOST_PIECES = 32 << 10,
    MOST_TERMS = 8 << 10,
    TAKE_BYTES = 1 << 20, /* of a list that is written as it is coded */
    LEAST_WAITING = 2,    /* sheaves beside those that are coded, */
    MOST_WAITING = 8,     /* so that nobody is idle while another is filled or written */
    SHARE = 16            /* of the memory, for what waits */
};

/* How many sheaves there are. Each takes its bytes three times over: as they are and coded. */
static size_t sheaves_for(const ns__lists_options *options)
{
    uint64_t waiting = options->memory_bytes / SHARE / (3 * options->sheaf_bytes);
    waiting = waiting < LEAST_WAITING ? LEAST_WAITING : waiting;
    return ns__pool_threads(options->pool) + (waiting < MOST_WAITING ? waiting : MOST_WAITING);
}

static ns_status open_sheaf(ns__lists *lists, ns__sheaf *sheaf, ns_error *err)
{
    const ns__lists_options *options = &lists->options;
    sheaf->lists = lists;
    sheaf->starts = ns__zalloc(options->run_count, sizeof *sheaf->starts);
    sheaf->ends = ns__zalloc(options->run_count, sizeof *sheaf->ends);
    sheaf->at = ns__zalloc(options->run_count, sizeof *sheaf->at);
    if (sheaf->starts == NULL || sheaf->ends == NULL || sheaf->at == NULL)
        return ns__no_memory(err);
    return ns__coder_open(options->settings, options->lengths, options->average, &sheaf->coder,
                          err);
}

ns_status ns__lists_open(const ns__lists_options *options, ns__lists *out, ns_error *err)
{
    *out = (ns__lists){.options = *options};
    uint64_t bytes = options->memory_bytes / 128;
    bytes = bytes < LEAST_BYTES ? LEAST_BYTES : bytes > MOST_BYTES ? MOST_BYTES : bytes;
    if (out->options.sheaf_bytes == 0)
        out->options.sheaf_bytes = bytes;
    if (out->options.huge_bytes == 0)
        out->options.huge_bytes = options->memory_bytes / 32 + 2 * bytes;
    size_t count = sheaves_for(&out->options);
    out->next = ns__zalloc(options->run_count, sizeof *out->next);
    out->sheaves = ns__zalloc(count, sizeof *out->sheaves);
    ns_status status = out->next && out->sheaves ? NS_OK : ns__no_memory(err);
    out->sheaf_count = status == NS_OK ? count : 0;
    for (size_t i = 0; i < out->sheaf_count && status == NS_OK; i++)
        status = open_sheaf(out, &out->sheaves[i], err);
    if (status < 0)
        ns__lists_close(out);
    return status;
}

/* ---- Coding a sheaf ---- */

static ns_status damaged(const ns__sheaf *sheaf, ns_error *err)
{
    const ns__spool *spool = sheaf->lists->options.spool;
    return spool ? ns__spool_changed(spool, err)
                 : ns__fail(err, NS_ERR_ARGUMENT, "postings of a run contradict each other");
}

static bool is_whole(const ns__sheaf *sheaf)
{
    return sheaf->bytes <= 2 * sheaf->lists->options.sheaf_bytes;
}

/* Makes sheaf->at point to the bytes of each run; those of spilled ones are read unless they are
 * too many. */
static ns_status find_bytes(ns__sheaf *sheaf, ns_error *err)
{
    const ns__lists_options *options = &sheaf->lists->options;
    uint64_t spilled = 0;
    for (size_t i = 0; i < options->run_count; i++) {
        if (!options->runs[i].spilled)
            sheaf->at[i] = options->runs[i].bytes.data + sheaf->starts[i];
        else if (is_whole(sheaf))
            spilled += sheaf->ends[i] - sheaf->starts[i];
    }
    ns__buf_clear(&sheaf->data);
    if (!ns__buf_reserve(&sheaf->data, (size_t)spilled + 1))
        return ns__no_memory(err);
    uint8_t *into = sheaf->data.data;
    for (size_t i = 0; spilled > 0 && i < options->run_count; i++) {
        const ns__run *run = &options->runs[i];
        const size_t bytes = (size_t)(sheaf->ends[i] - sheaf->starts[i]);
        if (!run->spilled || bytes == 0)
            continue;
        NS_TRY(ns__spool_read(options->spool, run->at + sheaf->starts[i], into, bytes, err));
        sheaf->at[i] = into;
        into += bytes;
    }
    return NS_OK;
}

/* The bytes of the next piece of a run. */
static ns_status next_bytes(ns__sheaf *sheaf, const ns__sheaf_piece *piece, const uint8_t **out,
                            ns_error *err)
{
    const ns__lists_options *options = &sheaf->lists->options;
    const ns__run *run = &options->runs[piece->run];
    const size_t bytes = (size_t)ns__run_piece_bytes(&piece->piece);
    if (!run->spilled || is_whole(sheaf)) {
        *out = sheaf->at[piece->run];
        sheaf->at[piece->run] += bytes;
        return NS_OK;
    }
    ns__buf_clear(&sheaf->data);
    if (!ns__buf_reserve(&sheaf->data, bytes + 1))
        return ns__no_memory(err);
    *out = sheaf->data.data;
    uint64_t *start = &sheaf->starts[piece->run];
    NS_TRY(ns__spool_read(options->spool, run->at + *start, sheaf->data.data, bytes, err));
    *start += bytes;
    return NS_OK;
}

/* A piece on its way into a coder. */
typedef struct piece_reader {
    const ns__run_piece *piece;
    const uint8_t *arrays[NS__RUN_POSITIONS + 1];
    uint32_t done, positions_done, passage;
} piece_reader;

static piece_reader start_piece(const ns__run_piece *piece, const uint8_t *at, uint32_t passage)
{
    piece_reader reader = {.piece = piece, .passage = passage};
    for (unsigned i = NS__RUN_GAPS; i <= NS__RUN_POSITIONS; i++) {
        reader.arrays[i] = at;
        at += (size_t)piece->df * ns__run_width(piece->forms, (ns__run_array)i);
    }
    return reader;
}

static void read_values(const piece_reader *reader, ns__run_array array, size_t first, size_t count,
                        uint32_t *out)
{
    ns__run_values(reader->arrays[array], reader->piece->forms, array, first, count, out);
}

/* The next `count` postings, which fit the coder's block. */
static ns_status read_postings(ns__sheaf *sheaf, piece_reader *reader, uint32_t count,
                               ns_error *err)
{
    ns__list_coder *coder = sheaf->coder;
    uint32_t *ids = coder->ids + coder->held, *tfs = coder->tfs + coder->held;
    uint32_t *title_tfs = coder->title_tfs + coder->held;
    read_values(reader, NS__RUN_GAPS, reader->done, count, ids);
    read_values(reader, NS__RUN_TFS, reader->done, count, tfs);
    read_values(reader, NS__RUN_TITLE_TFS, reader->done, count, title_tfs);
    uint64_t positions = 0;
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = reader->passage += ids[i];
        positions += tfs[i];
    }
    if (positions > reader->piece->positions - reader->positions_done)
        return damaged(sheaf, err);
    if (ns__run_width(reader->piece->forms, NS__RUN_TITLE_TFS) > 0)
        for (uint32_t i = 0; i < count; i++)
            tfs[i] += coder->settings.title_weight * title_tfs[i];
    if (NS_RESERVE(coder->gaps, coder->gap_capacity, coder->gap_count + positions) < 0)
        return ns__no_memory(err);
    if (positions > 0)
        read_values(reader, NS__RUN_POSITIONS, reader->positions_done, positions,
                    coder->gaps + coder->gap_count);
    coder->gap_count += positions;
    coder->held += count;
    reader->positions_done += (uint32_t)positions;
    reader->done += count;
    return NS_OK;
}

static ns_status code_piece(ns__sheaf *sheaf, const ns__sheaf_piece *piece, ns_error *err)
{
    ns__list_coder *coder = sheaf->coder;
    const ns__run *run = &sheaf->lists->options.runs[piece->run];
    const uint32_t block = coder->settings.block_postings;
    const uint8_t *at = NULL;
    NS_TRY(next_bytes(sheaf, piece, &at, err));
    piece_reader reader = start_piece(&piece->piece, at, run->first_passage);
    while (reader.done < piece->piece.df) {
        if (coder->held == block)
            NS_TRY(ns__coder_flush(coder, err));
        uint32_t room = block - coder->held, left = piece->piece.df - reader.done;
        NS_TRY(read_postings(sheaf, &reader, left < room ? left : room, err));
    }
    if (reader.positions_done != piece->piece.positions ||
        reader.passage - run->first_passage >= run->passages)
        return damaged(sheaf, err);
    return NS_OK;
}

/* `writer`: takes the bytes as they come; NULL: they stay with the coder. */
static ns_status code_sheaf(ns__sheaf *sheaf, ns__postings_writer *writer, ns_error *err)
{
    NS_TRY(find_bytes(sheaf, err));
    size_t p = 0;
    for (size_t i = 0; i < sheaf->term_count; i++) {
        const ns__sheaf_term *term = &sheaf->terms[i];
        ns__coder_begin(sheaf->coder, term->df);
        for (; p < term->pieces; p++) {
            NS_TRY(code_piece(sheaf, &sheaf->pieces[p], err));
            if (writer && sheaf->coder->lists.length + sheaf->coder->positions.length > TAKE_BYTES)
                ns__postings_take(writer, sheaf->coder);
        }
        NS_TRY(ns__coder_end(sheaf->coder, err));
    }
    return NS_OK;
}

static void run_sheaf(ns__job *job, unsigned worker)
{
    (void)worker;
    ns__sheaf *sheaf = (ns__sheaf *)job;
    sheaf->status = code_sheaf(sheaf, NULL, &sheaf->error);
}

/* ---- Handing over ---- */

static bool is_huge(const ns__sheaf *sheaf)
{
    return sheaf->bytes > sheaf->lists->options.huge_bytes;
}

static ns__sheaf *open_one(ns__lists *lists)
{
    return &lists->sheaves[(lists->oldest + lists->flying) % lists->sheaf_count];
}

static void empty_sheaf(ns__sheaf *sheaf)
{
    ns__coder_reset(sheaf->coder);
    ns__buf_clear(&sheaf->names);
    sheaf->piece_count = sheaf->term_count = 0;
    sheaf->bytes = 0;
}

/* Puts what a coder made behind what was written. */
static ns_status write_sheaf(ns__sheaf *sheaf, ns_error *err)
{
    const ns__lists_options *options = &sheaf->lists->options;
    ns__buf *value = &sheaf->lists->value;
    ns__postings_take(options->postings, sheaf->coder);
    size_t name = 0;
    for (size_t i = 0; i < sheaf->term_count; i++) {
        const ns__sheaf_term *term = &sheaf->terms[i];
        ns__buf_clear(value);
        ns__postings_value(options->postings, sheaf->coder, &sheaf->coder->coded[i], value);
        if (value->failed)
            return ns__no_memory(err);
        ns__str text = {sheaf->names.data + name, term->names - name};
        NS_TRY(ns__terms_add(options->terms, text, term->is_form,
                             (ns__str){value->data, value->length}, err));
        name = term->names;
    }
    empty_sheaf(sheaf);
    return NS_OK;
}

/* Waits for the oldest sheaf and writes it. */
static ns_status land(ns__lists *lists, ns_error *err)
{
    ns__sheaf *sheaf = &lists->sheaves[lists->oldest];
    if (is_huge(sheaf))
        sheaf->status = code_sheaf(sheaf, lists->options.postings, &sheaf->error);
    else
        ns__pool_wait(lists->options.pool, &sheaf->job);
    lists->oldest = (lists->oldest + 1) % lists->sheaf_count;
    lists->flying--;
    if (sheaf->status < 0 && err)
        *err = sheaf->error;
    NS_TRY(sheaf->status);
    return write_sheaf(sheaf, err);
}

static ns_status launch(ns__lists *lists, ns_error *err)
{
    ns__sheaf *sheaf = open_one(lists);
    const size_t runs = lists->options.run_count;
    memcpy(sheaf->ends, lists->next, runs * sizeof *sheaf->ends);
    sheaf->job.run = run_sheaf;
    if (!is_huge(sheaf))
        ns__pool_submit(lists->options.pool, &sheaf->job);
    lists->flying++;
    if (lists->flying == lists->sheaf_count)
        NS_TRY(land(lists, err));
    memcpy(open_one(lists)->starts, lists->next, runs * sizeof *sheaf->starts);
    return NS_OK;
}

ns_status ns__lists_add(ns__lists *lists, uint32_t run, const ns__run_piece *piece, ns_error *err)
{
    ns__sheaf *open = open_one(lists);
    const uint64_t bytes = ns__run_piece_bytes(piece);
    if (bytes > lists->options.runs[run].heads_at - lists->next[run] || piece->df == 0)
        return damaged(open, err);
    if (NS_RESERVE(open->pieces, open->piece_capacity, open->piece_count + 1) < 0)
        return ns__no_memory(err);
    open->pieces[open->piece_count++] = (ns__sheaf_piece){run, *piece};
    open->bytes += bytes;
    lists->next[run] += bytes;
    lists->df += piece->df;
    return NS_OK;
}

ns_status ns__lists_end_term(ns__lists *lists, ns__str term, bool is_form, ns_error *err)
{
    ns__sheaf *open = open_one(lists);
    ns__buf_append(&open->names, term.data, term.length);
    if (open->names.failed ||
        NS_RESERVE(open->terms, open->term_capacity, open->term_count + 1) < 0)
        return ns__no_memory(err);
    open->terms[open->term_count++] =
        (ns__sheaf_term){open->piece_count, open->names.length, (uint32_t)lists->df, is_form};
    lists->df = 0;
    if (open->bytes < lists->options.sheaf_bytes && open->piece_count < MOST_PIECES &&
        open->term_count < MOST_TERMS)
        return NS_OK;
    return launch(lists, err);
}

ns_status ns__lists_finish(ns__lists *lists, ns_error *err)
{
    NS_TRY(launch(lists, err));
    while (lists->flying > 0)
        NS_TRY(land(lists, err));
    return NS_OK;
}

static void close_sheaf(ns__sheaf *sheaf)
{
    ns__coder_close(sheaf->coder);
    ns__free(sheaf->pieces);
    ns__free(sheaf->terms);
    ns__buf_release(&sheaf->names);
    ns__free(sheaf->starts);
    ns__free(sheaf->ends);
    ns__free(sheaf->at);
    ns__buf_release(&sheaf->data);
}

void ns__lists_close(ns__lists *lists)
{
    for (; lists->flying > 0; lists->flying--) {
        ns__sheaf *sheaf = &lists->sheaves[lists->oldest];
        if (!is_huge(sheaf))
            ns__pool_wait(lists->options.pool, &sheaf->job);
        lists->oldest = (lists->oldest + 1) % lists->sheaf_count;
    }
    for (size_t i = 0; lists->sheaves && i < lists->sheaf_count; i++)
        close_sheaf(&lists->sheaves[i]);
    ns__free(lists->sheaves);
    ns__free(lists->next);
    ns__buf_release(&lists->value);
    *lists = (ns__lists){0};
}
