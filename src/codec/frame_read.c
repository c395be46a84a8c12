/* Opening and verifying a frame: nothing in it is believed before its checksum and its place in
 * the file have been checked. */
#include <libdeflate.h>

#include "base/mem.h"
#include "codec/frame_layout.h"

static ns_status corrupt_at(const ns__frame *frame, uint64_t offset, ns_error *err, const char *why)
{
    return ns__corrupt(err, frame->path, offset, "%s", why);
}

/* Four letters for messages; what is not printable becomes '?'. */
static void spell(uint32_t name, char letters[5])
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned char letter = (unsigned char)(name >> (8 * i));
        letters[i] = (char)(letter > 0x20 && letter < 0x7f ? letter : '?');
    }
    letters[4] = 0;
}

static bool sealed(const uint8_t *bytes)
{
    return libdeflate_crc32(0, bytes, FRAME_CRC_AT) == ns__get_u32(bytes + FRAME_CRC_AT);
}

static ns_status read_header(ns__frame *frame, uint32_t kind, ns_error *err)
{
    const uint8_t *header = frame->map.data;
    if (memcmp(header, FRAME_MAGIC, FRAME_MAGIC_BYTES) != 0)
        return corrupt_at(frame, 0, err, "this is not a file of an ns index");
    if (!sealed(header))
        return corrupt_at(frame, 0, err, "the header is damaged");
    frame->kind = ns__get_u32(header + HEADER_KIND);
    frame->version = ns__get_u32(header + HEADER_VERSION);
    memcpy(frame->id.bytes, header + HEADER_ID, sizeof frame->id.bytes);
    if (frame->version > NS_FORMAT_VERSION)
        return ns__fail_at(err, NS_ERR_VERSION, frame->path, HEADER_VERSION,
                           "written by a newer ns (format %u); update ns", frame->version);
    if (frame->version == 0)
        return corrupt_at(frame, HEADER_VERSION, err, "format version 0 does not exist");
    if (frame->version < NS_FORMAT_VERSION)
        return ns__fail_at(err, NS_ERR_VERSION, frame->path, HEADER_VERSION,
                           "written by an older ns (format %u); build the index again with "
                           "'ns index --fresh'",
                           frame->version);
    if (frame->kind != kind) {
        char found[5], wanted[5];
        spell(frame->kind, found);
        spell(kind, wanted);
        return ns__corrupt(err, frame->path, HEADER_KIND,
                           "this is a file of kind '%s', not '%s' as expected", found, wanted);
    }
    return NS_OK;
}

/* The footer, and that its tables fill exactly what lies between sections and footer. */
static ns_status read_footer(ns__frame *frame, uint64_t *chunks, ns_error *err)
{
    const uint64_t at = frame->map.length - FRAME_FOOTER_BYTES;
    const uint8_t *footer = frame->map.data + at;
    if (memcmp(footer + FOOTER_MAGIC, FRAME_FOOTER_MAGIC, FRAME_MAGIC_BYTES) != 0 ||
        !sealed(footer) || ns__get_u64(footer + FOOTER_LENGTH) != frame->map.length)
        return corrupt_at(frame, at, err, "the footer is damaged or the file is cut off");
    frame->footer_crc = ns__get_u32(footer + FRAME_CRC_AT);
    frame->tables_offset = ns__get_u64(footer + FOOTER_TABLES);
    frame->section_count = ns__get_u32(footer + FOOTER_SECTIONS);
    *chunks = ns__get_u32(footer + FOOTER_CHUNKS);
    if (frame->tables_offset < FRAME_HEADER_BYTES || frame->tables_offset > at ||
        frame->tables_offset % NS_SECTION_ALIGN != 0 ||
        frame->section_count > NS_FRAME_MAX_SECTIONS ||
        *chunks != ns__frame_chunks(frame->tables_offset) ||
        ns__frame_align(frame->section_count * (uint64_t)FRAME_SECTION_BYTES + *chunks * 4) !=
            at - frame->tables_offset)
        return corrupt_at(frame, at, err, "the footer contradicts itself");
    const uint8_t *tables = frame->map.data + frame->tables_offset;
    if (libdeflate_crc32(0, tables, (size_t)(at - frame->tables_offset)) !=
        ns__get_u32(footer + FOOTER_TABLES_CRC))
        return corrupt_at(frame, frame->tables_offset, err, "the table of contents is damaged");
    return NS_OK;
}

/* Each section begins where the one before ends, aligned; the tables follow the last. */
static ns_status read_sections(ns__frame *frame, ns_error *err)
{
    uint64_t end = FRAME_HEADER_BYTES;
    for (uint32_t i = 0; i < frame->section_count; i++) {
        const uint64_t entry = frame->tables_offset + i * (uint64_t)FRAME_SECTION_BYTES;
        const uint8_t *at = frame->map.data + entry;
        const uint32_t name = ns__get_u32(at);
        const uint64_t offset = ns__get_u64(at + 8), length = ns__get_u64(at + 16);
        bool good = ns__get_u32(at + 4) == 0 && offset == ns__frame_align(end) &&
                    offset <= frame->tables_offset && length <= frame->tables_offset - offset;
        for (uint32_t j = 0; j < i; j++)
            good &= frame->sections[j].name != name;
        if (!good)
            return corrupt_at(frame, entry, err, "a section lies in the wrong place");
        frame->sections[i].name = name;
        frame->sections[i].offset = offset;
        frame->sections[i].length = length;
        end = offset + length;
    }
    if (ns__frame_align(end) != frame->tables_offset)
        return corrupt_at(frame, frame->tables_offset, err, "the sections do not fill the file");
    return NS_OK;
}

static ns_status read_frame(ns__frame *frame, uint32_t kind, ns_error *err)
{
    uint64_t chunks;
    if (frame->map.length < FRAME_HEADER_BYTES + FRAME_FOOTER_BYTES)
        return ns__corrupt(err, frame->path, frame->map.length,
                           "the file ends after %zu bytes: it is cut off or not of an ns index",
                           frame->map.length);
    NS_TRY(read_header(frame, kind, err));
    NS_TRY(read_footer(frame, &chunks, err));
    return read_sections(frame, err);
}

ns_status ns__frame_open(const char *path, uint32_t kind, ns__frame *out, ns_error *err)
{
    *out = (ns__frame){0};
    const size_t path_bytes = strlen(path) + 1;
    char *copy = ns__alloc(path_bytes, 1);
    if (copy == NULL)
        return ns__no_memory(err);
    memcpy(copy, path, path_bytes);
    ns_status status = ns__map_open(path, NS__MAP_RANDOM, &out->map, err);
    if (status != NS_OK) {
        ns__free(copy);
        return status;
    }
    out->path = copy;
    status = read_frame(out, kind, err);
    if (status != NS_OK)
        ns__frame_close(out);
    return status;
}

void ns__frame_close(ns__frame *frame)
{
    if (frame->path != NULL)
        ns__map_close(&frame->map);
    ns__free(frame->path);
    *frame = (ns__frame){0};
}

ns_status ns__frame_find(const ns__frame *frame, uint32_t name, ns__str *out, ns_error *err)
{
    for (uint32_t i = 0; i < frame->section_count; i++)
        if (frame->sections[i].name == name) {
            *out = (ns__str){frame->map.data + frame->sections[i].offset,
                             (size_t)frame->sections[i].length};
            return NS_OK;
        }
    char letters[5];
    spell(name, letters);
    *out = (ns__str){NULL, 0};
    return ns__corrupt(err, frame->path, frame->tables_offset, "section '%s' is missing", letters);
}

enum { FORGET_BYTES = 256 * NS_FRAME_CHUNK };

ns_status ns__frame_verify(const ns__frame *frame, ns_error *err)
{
    const uint8_t *crcs =
        frame->map.data + frame->tables_offset + frame->section_count * (size_t)FRAME_SECTION_BYTES;
    for (uint64_t at = 0; at < frame->tables_offset; at += NS_FRAME_CHUNK, crcs += 4) {
        uint64_t length = frame->tables_offset - at;
        if (length > NS_FRAME_CHUNK)
            length = NS_FRAME_CHUNK;
        if (libdeflate_crc32(0, frame->map.data + at, (size_t)length) != ns__get_u32(crcs))
            return ns__corrupt(err, frame->path, at, "the %llu bytes from here on are damaged",
                               (unsigned long long)length);
        if (at % FORGET_BYTES == 0) /* a file larger than memory is verified too */
            ns__map_forget(&frame->map);
    }
    return NS_OK;
}

/* NS_NO_OFFSET for what is not of the map. */
static uint64_t offset_of(const ns__frame *frame, const void *at)
{
    uintptr_t place = (uintptr_t)at, begin = (uintptr_t)frame->map.data;
    return place >= begin && place - begin <= frame->map.length ? place - begin : NS_NO_OFFSET;
}

ns_status ns__frame_corrupt(const ns__frame *frame, const void *at, ns_error *err, const char *why)
{
    return corrupt_at(frame, offset_of(frame, at), err, why);
}

ns_status ns__frame_blame(const ns__frame *frame, const void *at, ns_status status, ns_error *err)
{
    return ns__blame(err, status, frame->path, offset_of(frame, at));
}
