/* Keeping runs in memory or in a temporary file. */
#include "index/run.h"

#include "base/mem.h"

void ns__run_spill(ns__run *run, ns__spool *spool)
{
    run->at = ns__spool_append(spool, run->bytes.data, run->bytes.length);
    run->spilled = true;
    ns__buf_release(&run->bytes);
}

void ns__run_release(ns__run *run)
{
    ns__buf_release(&run->bytes);
    *run = (ns__run){0};
}

static void open_stream(const ns__run_reader *reader, ns__run_stream *stream, uint64_t start,
                        uint64_t end)
{
    const ns__run *run = reader->run;
    *stream = (ns__run_stream){.spool = reader->spool, .buffer_bytes = reader->buffer_bytes};
    if (run->spilled) {
        stream->next = run->at + start;
        stream->end = run->at + end;
    } else {
        stream->cur = ns__cur_of(run->bytes.data + start, (size_t)(end - start));
    }
}

void ns__run_open(const ns__run *run, const ns__spool *spool, size_t buffer_bytes,
                  ns__run_reader *out)
{
    *out = (ns__run_reader){.run = run, .spool = spool, .buffer_bytes = buffer_bytes};
    open_stream(out, &out->heads, run->heads_at, run->surfaces_at);
    open_stream(out, &out->surfaces, run->surfaces_at, run->headlines_at);
    open_stream(out, &out->headlines, run->headlines_at, run->length);
}

static bool make_room(ns__run_stream *stream, size_t bytes, size_t left)
{
    if (bytes <= stream->room) {
        if (left > 0)
            memmove(stream->buffer, stream->cur.at, left);
        return true;
    }
    size_t room = bytes < stream->buffer_bytes ? stream->buffer_bytes : bytes + bytes / 2;
    uint8_t *buffer = ns__alloc(room, 1);
    if (buffer == NULL)
        return false;
    if (left > 0)
        memcpy(buffer, stream->cur.at, left);
    ns__free(stream->buffer);
    stream->buffer = buffer;
    stream->room = room;
    return true;
}

ns_status ns__run_fill(ns__run_stream *stream, size_t bytes, ns_error *err)
{
    size_t left = ns__cur_left(&stream->cur);
    if (bytes - left > stream->end - stream->next)
        bytes = left + (size_t)(stream->end - stream->next);
    if (!make_room(stream, bytes, left))
        return ns__no_memory(err);
    size_t more = stream->room - left;
    if (more > stream->end - stream->next)
        more = (size_t)(stream->end - stream->next);
    stream->cur = (ns__cur){stream->buffer, stream->buffer + left, stream->cur.bad};
    NS_TRY(ns__spool_read(stream->spool, stream->next, stream->buffer + left, more, err));
    stream->cur.end += more;
    stream->next += more;
    return NS_OK;
}

void ns__run_replace_surfaces(ns__run_reader *reader, ns__buf *bytes, ns__spool *spool)
{
    ns__run_stream *stream = &reader->surfaces;
    ns__run_stream_release(stream);
    if (spool) {
        stream->next = ns__spool_append(spool, bytes->data, bytes->length);
        stream->end = stream->next + bytes->length;
        return;
    }
    stream->buffer = bytes->data;
    stream->cur = ns__cur_of(bytes->data, bytes->length);
    *bytes = (ns__buf){0};
}

void ns__run_stream_release(ns__run_stream *stream)
{
    ns__free(stream->buffer);
    stream->buffer = NULL;
    stream->cur = (ns__cur){0};
    stream->room = 0;
}

void ns__run_reader_close(ns__run_reader *reader)
{
    ns__run_stream_release(&reader->heads);
    ns__run_stream_release(&reader->surfaces);
    ns__run_stream_release(&reader->headlines);
    *reader = (ns__run_reader){0};
}
