/* Plain or gzip input.
 *
 * A gzip file is a row of members (RFC 1952), each unpacked on its own; zero bytes behind the last
 * one are padding. zlib decides what a damaged file still gives and what is said of it. Where igzip
 * is there, it unpacks files that can be read twice; what it finds damaged is read once more, by
 * zlib, from the beginning. */
#include "ingest/input.h"

#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "ingest/igzip.h"
#include "os/file.h"

enum { RAW_BYTES = 128 * 1024, GZIP_WINDOW = 15 + 16 };

struct ns__input {
    ns__source_file *source;
    const char *path; /* behind the struct */
    ns__pulse pulse;
    uint64_t place, taken; /* bytes read from the file, and at most before it was read again */
    size_t start, end;     /* raw[start, end) is not used yet */
    bool raw_ended;        /* the file has no further bytes */
    bool gzip, in_member;
    uint64_t given; /* unpacked bytes */
    z_stream zlib;  /* used without igzip */
    ns__igzip *igzip;
    uint8_t raw[RAW_BYTES];
};

static void *zlib_alloc(void *context, unsigned count, unsigned size)
{
    (void)context;
    return ns__alloc(count, size);
}

static void zlib_free(void *context, void *memory)
{
    (void)context;
    ns__free(memory);
}

/* Reads until at least `want` raw bytes are there or the file ends. */
static ns_status need_raw(ns__input *input, size_t want, ns_error *err)
{
    if (input->end - input->start >= want || input->raw_ended)
        return NS_OK;
    memmove(input->raw, input->raw + input->start, input->end - input->start);
    input->end -= input->start;
    input->start = 0;
    while (input->end < want && !input->raw_ended) {
        size_t got;
        if (input->pulse.beat != NULL)
            NS_TRY(input->pulse.beat(input->pulse.payload, err));
        bool interrupted;
        NS_TRY(ns__source_read(input->source, input->raw + input->end, RAW_BYTES - input->end, &got,
                               &interrupted, err));
        if (interrupted)
            continue; /* by a signal: the next beat may know of it */
        input->end += got;
        input->place += got;
        if (input->taken < input->place)
            input->taken = input->place;
        input->raw_ended = got == 0;
    }
    return NS_OK;
}

static bool at_magic(const ns__input *input)
{
    return input->end - input->start >= 2 && input->raw[input->start] == 0x1f &&
           input->raw[input->start + 1] == 0x8b;
}

static ns_status open_zlib(ns__input *input, ns_error *err)
{
    input->zlib.zalloc = zlib_alloc;
    input->zlib.zfree = zlib_free;
    return inflateInit2(&input->zlib, GZIP_WINDOW) == Z_OK ? NS_OK : ns__no_memory(err);
}

static void begin_member(ns__input *input)
{
    if (input->igzip != NULL)
        ns__igzip_begin(input->igzip);
    else
        inflateReset(&input->zlib);
    input->in_member = true;
}

static ns_status start(ns__input *input, bool plain, ns_error *err)
{
    NS_TRY(need_raw(input, 2, err));
    if (!at_magic(input))
        return NS_OK;
    if (!plain && ns__source_repeats(input->source))
        NS_TRY(ns__igzip_open(&input->igzip, err));
    if (input->igzip == NULL)
        NS_TRY(open_zlib(input, err));
    input->gzip = true;
    begin_member(input);
    return NS_OK;
}

static ns_status open_input(const char *path, ns__pulse pulse, bool plain, ns__input **out,
                            ns_error *err)
{
    *out = NULL;
    size_t path_bytes = strlen(path) + 1;
    ns__input *input = ns__alloc(sizeof *input + path_bytes, 1);
    if (input == NULL)
        return ns__no_memory(err);
    memset(input, 0, offsetof(ns__input, raw));
    input->path = memcpy(input + 1, path, path_bytes);
    input->pulse = pulse;
    ns_status status = ns__source_open(path, &input->source, err);
    if (status == NS_OK)
        status = start(input, plain, err);
    if (status != NS_OK) {
        ns__input_close(input);
        return status;
    }
    *out = input;
    return NS_OK;
}

ns_status ns__input_open(const char *path, ns__pulse pulse, ns__input **out, ns_error *err)
{
    return open_input(path, pulse, false, out, err);
}

ns_status ns__input_open_plain(const char *path, ns__pulse pulse, ns__input **out, ns_error *err)
{
    return open_input(path, pulse, true, out, err);
}

static ns_status damaged(const ns__input *input, const char *what, ns_error *err)
{
    uint64_t offset = input->place - (input->end - input->start);
    return ns__fail_at(err, NS_ERR_INPUT, input->path, offset, "%s", what);
}

/* Between two members: another one, padding or the end. */
static ns_status next_member(ns__input *input, bool *ended, ns_error *err)
{
    *ended = false;
    for (;;) {
        NS_TRY(need_raw(input, 2, err));
        if (at_magic(input)) {
            begin_member(input);
            return NS_OK;
        }
        if (input->start == input->end) {
            *ended = true;
            return NS_OK;
        }
        if (input->raw[input->start] != 0)
            return damaged(input, "unknown bytes behind the gzip data", err);
        input->start++;
    }
}

/* One step of zlib; *got may be 0 before the end. */
static ns_status zlib_step(ns__input *input, uint8_t *into, size_t room, size_t *got, ns_error *err)
{
    NS_TRY(need_raw(input, 1, err));
    z_stream *zlib = &input->zlib;
    zlib->next_in = input->raw + input->start;
    zlib->avail_in = (unsigned)(input->end - input->start);
    zlib->next_out = into;
    zlib->avail_out = room > UINT32_MAX ? UINT32_MAX : (unsigned)room;
    int result = inflate(zlib, Z_NO_FLUSH);
    bool stuck = result == Z_BUF_ERROR && input->start == input->end;
    input->start = input->end - zlib->avail_in;
    *got = (size_t)(zlib->next_out - into);
    if (result == Z_STREAM_END)
        input->in_member = false;
    else if (result == Z_MEM_ERROR)
        return ns__no_memory(err);
    else if (stuck)
        return damaged(input, "the gzip data end too early: the file is cut off", err);
    else if (result != Z_OK && result != Z_BUF_ERROR && *got == 0)
        return damaged(input, "the gzip data are damaged", err);
    return NS_OK;
}

/* Goes back to the beginning of the file, and with zlib to where igzip came. */
static ns_status read_again(ns__input *input, uint8_t *into, size_t room, ns_error *err)
{
    ns__igzip_close(input->igzip);
    input->igzip = NULL;
    input->gzip = input->in_member = input->raw_ended = false;
    input->start = input->end = 0;
    input->place = 0;
    NS_TRY(ns__source_rewind(input->source, err));
    NS_TRY(start(input, true, err));
    for (uint64_t left = input->given; left > 0;) {
        size_t got;
        NS_TRY(ns__input_read(input, into, left < room ? (size_t)left : room, &got, err));
        if (got == 0)
            break; /* the file is shorter than it was */
        left -= got;
    }
    return NS_OK;
}

/* One step of igzip, or what makes it one of zlib. */
static ns_status unpack(ns__input *input, uint8_t *into, size_t room, size_t *got, ns_error *err)
{
    if (input->igzip == NULL)
        return zlib_step(input, into, room, got, err);
    NS_TRY(need_raw(input, 1, err));
    ns__str in = {input->raw + input->start, input->end - input->start};
    ns__igzip_state state = ns__igzip_step(input->igzip, &in, into, room, got);
    bool stuck = *got == 0 && input->start == input->end;
    input->start = input->end - in.length;
    if (state == NS__IGZIP_ENDED) {
        input->in_member = false;
    } else if (state == NS__IGZIP_DAMAGED || stuck) {
        *got = 0;
        return read_again(input, into, room, err);
    }
    input->given += *got;
    return NS_OK;
}

ns_status ns__input_read(ns__input *input, uint8_t *into, size_t room, size_t *got, ns_error *err)
{
    *got = 0;
    if (!input->gzip) {
        NS_TRY(need_raw(input, 1, err));
        size_t left = input->end - input->start;
        *got = left < room ? left : room;
        memcpy(into, input->raw + input->start, *got);
        input->start += *got;
        return NS_OK;
    }
    while (*got == 0) {
        bool ended = false;
        if (!input->in_member)
            NS_TRY(next_member(input, &ended, err));
        if (ended)
            return NS_OK;
        NS_TRY(unpack(input, into, room, got, err));
    }
    return NS_OK;
}

uint64_t ns__input_taken(const ns__input *input)
{
    return input->taken;
}

void ns__input_close(ns__input *input)
{
    if (input == NULL)
        return;
    if (input->gzip && input->igzip == NULL)
        inflateEnd(&input->zlib);
    ns__igzip_close(input->igzip);
    ns__source_close(input->source);
    ns__free(input);
}
