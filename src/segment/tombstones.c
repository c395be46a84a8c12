/* Tombstones: which articles of a segment are deleted, as of one commit.
 *
 * One section, "bits": u32 articles, u32 deleted articles, u64 generation, then one bit an
 * article, set when it is deleted. Bits behind the last article are 0. */
#include "segment/segment.h"

#define SECTION_BITS NS_FOURCC('b', 'i', 't', 's')

enum { HEAD_BYTES = 16 };

/* Set bits of the first `articles`; UINT32_MAX when a bit behind them is set. */
static uint32_t count_bits(const uint8_t *bits, uint32_t articles)
{
    uint32_t count = 0;
    size_t bytes = ((size_t)articles + 7) / 8;
    for (size_t i = 0; i < bytes; i++)
        count += (uint32_t)__builtin_popcount(bits[i]);
    if (articles % 8 != 0 && bits[bytes - 1] >> (articles % 8) != 0)
        return UINT32_MAX;
    return count;
}

static void append_bits(ns__frame_writer *frame, const uint8_t *bits, uint32_t articles)
{
    size_t whole = articles / 8;
    ns__frame_append(frame, bits, whole);
    if (articles % 8 != 0) {
        uint8_t rest = bits[whole] & (uint8_t)((1u << articles % 8) - 1);
        ns__frame_append(frame, &rest, 1);
    }
}

static uint32_t count_deleted(const uint8_t *bits, uint32_t articles)
{
    uint32_t count = 0;
    for (uint32_t a = 0; a < articles; a++)
        count += bits[a / 8] >> (a % 8) & 1;
    return count;
}

ns_status ns__tombstones_write(const char *directory, const ns__segment_ref *ref,
                               uint64_t generation, const uint8_t *bits, uint32_t articles,
                               uint32_t *crc, ns_error *err)
{
    char name[64];
    uint8_t head[HEAD_BYTES];
    ns__frame_writer *frame;
    ns__tombstones_name(ref, generation, name);
    char *path = ns__path_join(directory, name);
    if (path == NULL)
        return ns__no_memory(err);
    ns_status status = ns__frame_create(path, NS_KIND_TOMBSTONES, &frame, err);
    ns__free(path);
    if (status < 0)
        return status;
    ns__put_u32(head, articles);
    ns__put_u32(head + 4, count_deleted(bits, articles));
    ns__put_u64(head + 8, generation);
    ns__frame_section(frame, SECTION_BITS);
    ns__frame_append(frame, head, sizeof head);
    append_bits(frame, bits, articles);
    return ns__frame_finish(frame, ref->id, true, NULL, crc, err);
}

static ns_status read_bits(ns__segment *segment, ns_error *err)
{
    const ns__frame *frame = &segment->tombstone_frame;
    const ns__segment_ref *ref = &segment->ref;
    ns__str section;
    if (memcmp(frame->id.bytes, ref->id.bytes, sizeof ref->id.bytes) != 0)
        return ns__frame_corrupt(frame, frame->map.data, err,
                                 "these tombstones belong to another segment");
    if (frame->footer_crc != ref->tombstone_crc)
        return ns__frame_corrupt(frame, frame->map.data, err,
                                 "these tombstones do not belong to this commit");
    NS_TRY(ns__frame_find(frame, SECTION_BITS, &section, err));
    ns__cur cur = ns__cur_of(section.data, section.length);
    uint32_t articles = ns__cur_u32(&cur);
    uint32_t deleted = ns__cur_u32(&cur);
    uint64_t generation = ns__cur_u64(&cur);
    if (cur.bad || generation != ref->tombstone_generation || articles != ref->articles ||
        ns__cur_left(&cur) != ((size_t)articles + 7) / 8)
        return ns__frame_corrupt(frame, section.data, err,
                                 "the tombstones are of another commit, or not one an article");
    if (deleted != ref->deleted_articles || count_bits(cur.at, articles) != deleted)
        return ns__frame_corrupt(frame, section.data, err,
                                 "the tombstones mark another number of articles than they say");
    segment->deleted = cur.at;
    return NS_OK;
}

ns_status ns__tombstones_open(const char *directory, ns__segment *segment, ns_error *err)
{
    char name[64];
    ns__frame frame;
    ns__tombstones_name(&segment->ref, segment->ref.tombstone_generation, name);
    char *path = ns__path_join(directory, name);
    if (path == NULL)
        return ns__no_memory(err);
    ns_status status = ns__frame_open(path, NS_KIND_TOMBSTONES, &frame, err);
    ns__free(path);
    if (status != NS_OK)
        return status;
    segment->tombstone_frame = frame;
    return read_bits(segment, err);
}
