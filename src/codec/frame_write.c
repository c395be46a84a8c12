/* Writing a frame from front to back. The header goes out as zeros and is patched at the end, as
 * the segment id is known only then; the checksum of the first chunk is put together from the
 * header's and that of the rest. Errors are kept until ns__frame_finish. */
#include <libdeflate.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/frame_layout.h"

struct ns__frame_writer {
    ns__sink *sink;
    char *path;
    uint32_t kind;
    uint32_t section_count;
    struct {
        uint32_t name;
        uint64_t offset, length;
    } sections[NS_FRAME_MAX_SECTIONS];
    ns__buf chunk_crcs;
    uint32_t crc;      /* of the current chunk (of the first: without the header) */
    size_t chunk_fill; /* bytes of the current chunk, with the header */
    size_t first_fill; /* bytes of the first chunk once it is full, or 0 */
    const char *misuse;
};

ns_status ns__frame_create(const char *path, uint32_t kind, ns__frame_writer **out, ns_error *err)
{
    *out = NULL;
    size_t path_bytes = strlen(path) + 1;
    ns__frame_writer *writer = ns__zalloc(1, sizeof *writer);
    char *copy = ns__alloc(path_bytes, 1);
    ns_status status = NS_OK;
    if (writer == NULL || copy == NULL)
        status = ns__no_memory(err);
    else
        status = ns__sink_create(path, &writer->sink, err);
    if (status != NS_OK) {
        ns__free(copy);
        ns__free(writer);
        return status;
    }
    memcpy(copy, path, path_bytes);
    writer->path = copy;
    writer->kind = kind;
    static const uint8_t header[FRAME_HEADER_BYTES];
    ns__sink_append(writer->sink, header, sizeof header);
    writer->chunk_fill = sizeof header;
    *out = writer;
    return NS_OK;
}

ns_status ns__frame_widen(ns__frame_writer *writer, ns_error *err)
{
    return ns__sink_widen(writer->sink, err);
}

void ns__frame_sync_early(ns__frame_writer *writer, uint64_t bytes)
{
    ns__sink_sync_early(writer->sink, bytes);
}

static void end_chunk(ns__frame_writer *writer)
{
    if (writer->chunk_crcs.length == 0)
        writer->first_fill = writer->chunk_fill;
    ns__buf_u32(&writer->chunk_crcs, writer->crc);
    writer->crc = 0;
    writer->chunk_fill = 0;
}

/* Appends bytes that chunks cover. */
static void put(ns__frame_writer *writer, const void *bytes, size_t length)
{
    ns__sink_append(writer->sink, bytes, length);
    for (const uint8_t *at = bytes; length > 0;) {
        size_t part = NS_FRAME_CHUNK - writer->chunk_fill;
        if (part > length)
            part = length;
        writer->crc = libdeflate_crc32(writer->crc, at, part);
        writer->chunk_fill += part;
        at += part;
        length -= part;
        if (writer->chunk_fill == NS_FRAME_CHUNK)
            end_chunk(writer);
    }
}

static void end_section(ns__frame_writer *writer)
{
    static const uint8_t zeros[NS_SECTION_ALIGN];
    if (writer->section_count > 0)
        writer->sections[writer->section_count - 1].length = ns__frame_section_offset(writer);
    uint64_t offset = ns__sink_offset(writer->sink);
    put(writer, zeros, (size_t)(ns__frame_align(offset) - offset));
}

void ns__frame_section(ns__frame_writer *writer, uint32_t name)
{
    for (uint32_t i = 0; i < writer->section_count; i++)
        if (writer->sections[i].name == name)
            writer->misuse = "a section is written twice";
    if (writer->section_count == NS_FRAME_MAX_SECTIONS)
        writer->misuse = "too many sections";
    if (writer->misuse != NULL)
        return;
    end_section(writer);
    writer->sections[writer->section_count].name = name;
    writer->sections[writer->section_count].offset = ns__sink_offset(writer->sink);
    writer->section_count++;
}

void ns__frame_append(ns__frame_writer *writer, const void *bytes, size_t length)
{
    if (writer->section_count == 0)
        writer->misuse = "bytes outside any section";
    if (writer->misuse == NULL)
        put(writer, bytes, length);
}

uint64_t ns__frame_section_offset(const ns__frame_writer *writer)
{
    if (writer->section_count == 0)
        return 0;
    return ns__sink_offset(writer->sink) - writer->sections[writer->section_count - 1].offset;
}

static uint32_t seal(uint8_t *bytes)
{
    uint32_t crc = libdeflate_crc32(0, bytes, FRAME_CRC_AT);
    ns__put_u32(bytes + FRAME_CRC_AT, crc);
    return crc;
}

/* Patches the header in and completes the checksum of the first chunk with it. */
static void put_header(ns__frame_writer *writer, ns__segment_id id)
{
    uint8_t header[FRAME_HEADER_BYTES] = {0};
    memcpy(header, FRAME_MAGIC, FRAME_MAGIC_BYTES);
    ns__put_u32(header + HEADER_KIND, writer->kind);
    ns__put_u32(header + HEADER_VERSION, NS_FORMAT_VERSION);
    memcpy(header + HEADER_ID, id.bytes, sizeof id.bytes);
    seal(header);
    ns__sink_patch(writer->sink, 0, header, sizeof header);
    if (writer->chunk_crcs.failed)
        return;
    uint32_t head = libdeflate_crc32(0, header, sizeof header);
    uint32_t rest = ns__get_u32(writer->chunk_crcs.data);
    size_t rest_bytes = writer->first_fill - sizeof header;
    ns__put_u32(writer->chunk_crcs.data, (uint32_t)crc32_combine(head, rest, (z_off_t)rest_bytes));
}

static void make_tables(const ns__frame_writer *writer, ns__buf *tables)
{
    for (uint32_t i = 0; i < writer->section_count; i++) {
        ns__buf_u32(tables, writer->sections[i].name);
        ns__buf_u32(tables, 0);
        ns__buf_u64(tables, writer->sections[i].offset);
        ns__buf_u64(tables, writer->sections[i].length);
    }
    ns__buf_append(tables, writer->chunk_crcs.data, writer->chunk_crcs.length);
    while (tables->length % NS_SECTION_ALIGN != 0 && !tables->failed)
        ns__buf_u8(tables, 0);
    tables->failed |= writer->chunk_crcs.failed;
}

/* Tables and footer; the CRC of the footer. */
static uint32_t put_end(ns__frame_writer *writer, const ns__buf *tables)
{
    uint8_t footer[FRAME_FOOTER_BYTES] = {0};
    uint64_t at = ns__sink_offset(writer->sink);
    ns__put_u64(footer + FOOTER_TABLES, at);
    ns__put_u32(footer + FOOTER_SECTIONS, writer->section_count);
    ns__put_u32(footer + FOOTER_CHUNKS, (uint32_t)(writer->chunk_crcs.length / 4));
    ns__put_u64(footer + FOOTER_LENGTH, at + tables->length + sizeof footer);
    ns__put_u32(footer + FOOTER_TABLES_CRC, libdeflate_crc32(0, tables->data, tables->length));
    memcpy(footer + FOOTER_MAGIC, FRAME_FOOTER_MAGIC, FRAME_MAGIC_BYTES);
    uint32_t crc = seal(footer);
    ns__sink_append(writer->sink, tables->data, tables->length);
    ns__sink_append(writer->sink, footer, sizeof footer);
    return crc;
}

static void release(ns__frame_writer *writer)
{
    ns__buf_release(&writer->chunk_crcs);
    ns__free(writer->path);
    ns__free(writer);
}

void ns__frame_start_sync(ns__frame_writer *writer)
{
    ns__sink_start_sync(writer->sink);
}

ns_status ns__frame_finish(ns__frame_writer *writer, ns__segment_id id, bool sync, uint64_t *bytes,
                           uint32_t *footer_crc, ns_error *err)
{
    ns__buf tables = {0};
    ns_status status = NS_OK;
    if (writer->misuse == NULL) {
        end_section(writer);
        if (writer->chunk_fill > 0)
            end_chunk(writer);
        put_header(writer, id);
        make_tables(writer, &tables);
    }
    if (writer->misuse != NULL)
        status =
            ns__fail_at(err, NS_ERR_ARGUMENT, writer->path, NS_NO_OFFSET, "%s", writer->misuse);
    else if (tables.failed)
        status = ns__no_memory(err);
    if (status == NS_OK) {
        uint32_t crc = put_end(writer, &tables);
        if (bytes != NULL)
            *bytes = ns__sink_offset(writer->sink);
        if (footer_crc != NULL)
            *footer_crc = crc;
        status = ns__sink_finish(writer->sink, sync, err);
        if (status != NS_OK)
            ns__file_remove(writer->path, NULL);
    } else {
        ns__sink_abandon(writer->sink);
    }
    ns__buf_release(&tables);
    release(writer);
    return status;
}

void ns__frame_abandon(ns__frame_writer *writer)
{
    if (writer == NULL)
        return;
    ns__sink_abandon(writer->sink);
    release(writer);
}
