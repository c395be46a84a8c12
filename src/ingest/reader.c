/* The row of records out of a row of paths. */
#include "ingest/reader.h"

#include "base/limits.h"
#include "ingest/elements.h"
#include "ingest/input.h"
#include "ingest/json_scan.h"
#include "ingest/lines.h"
#include "ingest/looks.h"
#include "ingest/walk.h"
#include "os/file.h"

struct ns__reader {
    ns__reader_options options;
    ns__walk walk;
    ns__input *input; /* the open file, NULL between files */
    ns__lines lines;
    ns__elements elements;
    bool whole;     /* the open file is one article */
    bool by_lines;  /* … JSON lines; else it has elements */
    bool told_1252; /* of the open file: it was warned of its encoding */
    uint64_t done_bytes, total_bytes;
};

/* Bytes of all files below the paths, or 0 when one of the paths is a pipe. Folders are walked once
 * more for it: names and sizes only. */
static ns_status count_bytes(const char *const *paths, size_t count, uint64_t *total, ns_error *err)
{
    ns_status status;
    *total = 0;
    ns__walk walk;
    ns__walk_init(&walk, paths, count);
    while ((status = ns__walk_next(&walk, NULL)) != NS_DONE && status != NS_ERR_MEMORY) {
        ns__file_info info = {.kind = NS__FILE_NONE};
        if (status == NS_OK && strcmp(walk.path, "-") != 0)
            status = ns__file_stat(walk.path, &info, NULL);
        if (status == NS_OK && info.kind != NS__FILE_REGULAR) {
            *total = 0;
            break;
        }
        *total += info.bytes;
    }
    ns__walk_release(&walk);
    return status == NS_ERR_MEMORY ? ns__no_memory(err) : NS_OK;
}

ns_status ns__reader_open(const char *const *paths, size_t count, const ns__reader_options *options,
                          ns__reader **out, ns_error *err)
{
    *out = NULL;
    ns__reader *reader = ns__zalloc(1, sizeof *reader);
    if (reader == NULL)
        return ns__no_memory(err);
    static const ns__reader_options USUAL = {.max_record_bytes = NS_MAX_RECORD_BYTES};
    reader->options = options != NULL ? *options : USUAL;
    ns__walk_init(&reader->walk, paths, count);
    ns_status status = count_bytes(paths, count, &reader->total_bytes, err);
    if (status != NS_OK) {
        ns__reader_close(reader);
        return status;
    }
    *out = reader;
    return NS_OK;
}

static void close_file(ns__reader *reader)
{
    if (reader->input == NULL)
        return;
    reader->done_bytes += ns__input_taken(reader->input);
    ns__input_close(reader->input);
    reader->input = NULL;
}

void ns__reader_close(ns__reader *reader)
{
    if (reader == NULL)
        return;
    close_file(reader);
    ns__lines_release(&reader->lines);
    ns__walk_release(&reader->walk);
    ns__free(reader);
}

void ns__reader_progress(const ns__reader *reader, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = reader->done_bytes + (reader->input != NULL ? ns__input_taken(reader->input) : 0);
    *total_bytes = reader->total_bytes;
}

uint64_t ns__reader_skipped(const ns__reader *reader)
{
    return reader->walk.skipped;
}

/* Tells the caller about what `why` says of the current file. NS_OK: go on. */
static ns_status refuse(ns__reader *reader, uint64_t line, const ns_error *why, ns__str text,
                        ns_error *err)
{
    const char *origin = reader->walk.path;
    if (why->status == NS_ERR_MEMORY)
        return ns__no_memory(err);
    if (why->status == NS_ERR_CANCELLED) { /* by the pulse: nothing is wrong with the file */
        if (err != NULL)
            *err = *why;
        return NS_ERR_CANCELLED;
    }
    ns_status status = why->status;
    if (reader->options.reject != NULL)
        status = reader->options.reject(reader->options.payload, origin, line, why->message, text);
    if (status >= 0)
        return NS_OK;
    if (line > 0)
        return ns__fail_at(err, status, origin, NS_NO_OFFSET, "line %llu: %s",
                           (unsigned long long)line, why->message);
    return ns__fail_at(err, status, origin, why->offset, "%s", why->message);
}

/* Whether the open file, which begins with a brace, has records over several lines. What was read
 * at once has no say in it. */
static ns_status look_over_lines(ns__reader *reader, ns__str text, bool *over, ns_error *err)
{
    if (memchr(text.data, '\n', text.length - 1) == NULL) {
        NS_TRY(ns__lines_peek(&reader->lines, NS__MOST_PEEK_BYTES, &text, err));
        text.length = text.length < NS__MOST_PEEK_BYTES ? text.length : NS__MOST_PEEK_BYTES;
        const size_t skipped = ns__json_skip_blanks(text, 0);
        text = (ns__str){text.data + skipped, text.length - skipped};
    }
    *over = ns__elements_over_lines(text);
    return NS_OK;
}

/* Tells what JSON the open file is; `text` is its beginning, a bracket or a brace. */
static ns_status recognise_json(ns__reader *reader, ns__str text, ns_error *err)
{
    const bool list = text.data[0] == '[';
    const bool as_text = ns__walk_suffix_of(reader->walk.path) == NS__SUFFIX_TEXT;
    const size_t next = ns__json_skip_blanks(text, 1);
    const bool of_records = next == text.length || text.data[next] == '{' || text.data[next] == ']';
    if (list && (as_text || !of_records))
        return ns__fail(err, NS_ERR_INPUT, "a JSON list; make JSON lines of it first: jq -c '.[]'");
    if (!list && ns__looks_like_cr_lines(text))
        return ns__fail(err, NS_ERR_INPUT,
                        "lines end in CR alone; convert it first: tr '\\r' '\\n'");
    bool over = list;
    if (!list)
        NS_TRY(look_over_lines(reader, text, &over, err));
    if (as_text && over)
        return ns__fail(err, NS_ERR_INPUT,
                        "JSON over several lines; make JSON lines of it first: jq -c .");
    reader->by_lines = !over;
    ns__elements_start(&reader->elements, list);
    return NS_OK;
}

/* Tells by name and first bytes what the open file is. */
static ns_status recognise(ns__reader *reader, ns_error *err)
{
    ns__str head;
    NS_TRY(ns__lines_peek(&reader->lines, NS__PEEK_BYTES, &head, err));
    ns__walk_suffix suffix = ns__walk_suffix_of(reader->walk.path);
    size_t skipped = ns__json_skip_blanks(head, 0);
    ns__str text = {head.data + skipped, head.length - skipped};
    uint8_t first = text.length > 0 ? text.data[0] : 0;
    const char *refused = first != '{' ? ns__looks_refused(head) : ns__looks_wide(head);
    reader->told_1252 = false;
    if (refused != NULL)
        return ns__fail(err, NS_ERR_INPUT, "%s", refused);
    /* A list is never an article; in a file for text it has to look like one. */
    const bool list = suffix == NS__SUFFIX_JSONL ? first == '[' : ns__looks_like_list(text);
    if (suffix == NS__SUFFIX_TEXT)
        reader->whole = !list && !ns__looks_like_object(text); /* as browsers save JSON lines */
    else
        reader->whole = suffix == NS__SUFFIX_OTHER && !list && first != '{' && head.length > 0;
    reader->by_lines = true;
    if (reader->whole || (first != '{' && !list))
        return NS_OK;
    return recognise_json(reader, text, err);
}

/* Opens the next file that can be read. */
static ns_status open_next(ns__reader *reader, ns_error *err)
{
    for (;;) {
        ns_error why = {.offset = NS_NO_OFFSET};
        ns_status status = ns__walk_next(&reader->walk, &why);
        if (status == NS_DONE)
            return NS_DONE;
        if (status == NS_OK)
            status = ns__input_open(reader->walk.path, reader->options.pulse, &reader->input, &why);
        if (status == NS_OK) {
            ns__lines_start(&reader->lines, reader->input, reader->options.max_record_bytes);
            status = recognise(reader, &why);
        }
        if (status == NS_OK)
            return NS_OK;
        close_file(reader);
        NS_TRY(refuse(reader, 0, &why, (ns__str){NULL, 0}, err));
    }
}

/* Warns of a text in another encoding, once a file. */
static void note_1252(ns__reader *reader, ns__str text, ns__record *record)
{
    if (record->replaced == 0 || reader->told_1252 || record->misfit_count == NS__MOST_MISFITS ||
        !ns__looks_like_1252(text))
        return;
    reader->told_1252 = true;
    record->misfits[record->misfit_count++] = (ns__misfit){
        "this text",
        "looks like Windows-1252: convert the file first, iconv -f WINDOWS-1252 -t UTF-8"};
}

/* The open file as one record; NS_DONE when it is refused. */
static ns_status read_whole(ns__reader *reader, ns__record *record, ns_error *err)
{
    ns_error why = {.offset = NS_NO_OFFSET};
    ns__str text;
    ns_status status = ns__lines_rest(&reader->lines, &text, &why);
    if (status == NS_OK)
        status = ns__textfile_parse(text, reader->walk.path, record, &why);
    close_file(reader);
    if (status != NS_OK) {
        NS_TRY(refuse(reader, 0, &why, text, err));
        return NS_DONE;
    }
    const ns__misfit looks = ns__looks_of_text(reader->walk.path, text);
    if (looks.key != NULL)
        record->misfits[record->misfit_count++] = looks;
    note_1252(reader, text, record);
    return NS_OK;
}

/* Says of what is too large where its records stand. */
static void advise(ns__str beginning, ns_error *why)
{
    char path[NS__PATH_BYTES], message[sizeof why->message];
    if (!ns__looks_list_below(beginning, path))
        return;
    snprintf(message, sizeof message, "%s", why->message);
    (void)ns__fail(why, NS_ERR_LIMIT,
                   "%s; if its list is the records: jq -c '%s[]' FILE | ns index -", message, path);
}

/* The next good line or element of the open file; NS_DONE when it has no more. */
static ns_status read_record(ns__reader *reader, ns__record *record, ns_error *err)
{
    for (;;) {
        ns_error why = {.offset = NS_NO_OFFSET};
        ns__str line;
        ns_status status = reader->by_lines
                               ? ns__lines_next(&reader->lines, &line, &why)
                               : ns__elements_next(&reader->elements, &reader->lines, &line, &why);
        bool readable = status == NS_OK || status == NS_ERR_LIMIT;
        if (status == NS_OK && ns__json_skip_blanks(line, 0) < line.length)
            status = ns__jsonl_parse(line, reader->walk.path, reader->lines.number, record, &why);
        else if (status == NS_OK)
            continue;
        if (status == NS_DONE) {
            close_file(reader);
            return NS_DONE;
        }
        if (status == NS_OK) {
            note_1252(reader, line, record);
            return NS_OK;
        }
        if (status == NS_ERR_LIMIT)
            advise(line, &why);
        ns_status told = refuse(reader, reader->lines.number, &why, line, err);
        if (!readable)
            close_file(reader);
        NS_TRY(told);
        if (!readable)
            return NS_DONE;
    }
}

ns_status ns__reader_next(ns__reader *reader, ns__record *record, ns_error *err)
{
    for (;;) {
        if (reader->input == NULL) {
            ns_status status = open_next(reader, err);
            if (status != NS_OK)
                return status;
        }
        ns_status status =
            reader->whole ? read_whole(reader, record, err) : read_record(reader, record, err);
        if (status != NS_DONE)
            return status;
    }
}
