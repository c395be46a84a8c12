/* Writing the dictionary: terms stream out first, then surface forms; their indexes follow. */
#include "segment/terms_table.h"

struct ns__terms_writer {
    ns__frame_writer *frame;
    ns__table_writer terms, surfaces;
    bool terms_done; /* the section of surface forms has begun */
    bool failed;     /* memory was out when the index of the terms was made */
    uint32_t term_count;
    uint32_t last_ordinal; /* first ordinal of the surface form before, in this block */
    ns__buf tail;
};

ns_status ns__terms_writer_open(ns__frame_writer *frame, ns__terms_writer **out, ns_error *err)
{
    ns__terms_writer *writer = *out = ns__zalloc(1, sizeof *writer);
    if (!writer)
        return ns__no_memory(err);
    writer->frame = frame;
    ns__frame_section(frame, NS_SECTION_TERMS);
    return NS_OK;
}

ns_status ns__terms_add(ns__terms_writer *writer, ns__str term, bool is_form, ns__str value,
                        ns_error *err)
{
    if (writer->terms_done)
        return ns__fail(err, NS_ERR_ARGUMENT, "a term after surface forms");
    NS_TRY(ns__table_begin(&writer->terms, term, err));
    ns__buf *entry = &writer->terms.entry;
    ns__buf_varint(entry, (uint64_t)value.length << 1 | is_form);
    ns__buf_append(entry, value.data, value.length);
    ns__table_end(&writer->terms, writer->frame);
    return entry->failed ? ns__no_memory(err) : NS_OK;
}

/* Ends the terms: their index, and the section of surface forms. */
static void begin_surfaces(ns__terms_writer *writer)
{
    if (writer->terms_done)
        return;
    writer->terms_done = true;
    writer->term_count = writer->terms.count;
    writer->failed |= !ns__table_finish(&writer->terms, writer->frame, NS_SECTION_TERM_OFFSETS,
                                        NS_SECTION_TERM_PREFIXES);
    ns__frame_section(writer->frame, NS_SECTION_SURFACES);
}

static bool ordinals_are_sound(const ns__terms_writer *writer, const uint32_t *ordinals,
                               size_t count)
{
    bool good = count >= 1 && count <= NS_MAX_LANGUAGES;
    for (size_t i = 1; good && i < count; i++)
        good = ordinals[i] > ordinals[i - 1];
    return good && ordinals[count - 1] < writer->term_count;
}

/* Small for small differences of either sign. */
static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

ns_status ns__terms_add_surface(ns__terms_writer *writer, ns__str surface, const uint32_t *ordinals,
                                size_t count, ns_error *err)
{
    begin_surfaces(writer);
    if (!ordinals_are_sound(writer, ordinals, count))
        return ns__fail(err, NS_ERR_ARGUMENT, "terms of a surface form are out of order or range");
    if (writer->surfaces.count % NS_TERMS_BLOCK == 0)
        writer->last_ordinal = 0;
    NS_TRY(ns__table_begin(&writer->surfaces, surface, err));
    ns__buf *entry = &writer->surfaces.entry, *tail = &writer->tail;
    const int64_t step = (int64_t)ordinals[0] - (int64_t)writer->last_ordinal;
    ns__buf_varint(entry, zigzag(step) << 1 | (count > 1));
    if (count > 1) {
        ns__buf_clear(tail);
        for (size_t i = 1; i < count; i++)
            ns__buf_varint(tail, ordinals[i] - ordinals[i - 1] - 1);
        ns__buf_varint(entry, tail->length);
        ns__buf_append(entry, tail->data, tail->length);
    }
    writer->last_ordinal = ordinals[0];
    ns__table_end(&writer->surfaces, writer->frame);
    return entry->failed || tail->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__terms_writer_finish(ns__terms_writer *writer, ns_error *err)
{
    begin_surfaces(writer);
    uint8_t counts[8];
    ns__put_u32(counts, writer->term_count);
    ns__put_u32(counts + 4, writer->surfaces.count);
    bool good = ns__table_finish(&writer->surfaces, writer->frame, NS_SECTION_SURFACE_OFFSETS,
                                 NS_SECTION_SURFACE_PREFIXES) &&
                !writer->failed;
    ns__frame_section(writer->frame, NS_SECTION_COUNTS);
    ns__frame_append(writer->frame, counts, sizeof counts);
    ns__terms_writer_free(writer);
    return good ? NS_OK : ns__no_memory(err);
}

void ns__terms_writer_free(ns__terms_writer *writer)
{
    if (!writer)
        return;
    ns__table_release(&writer->terms);
    ns__table_release(&writer->surfaces);
    ns__buf_release(&writer->tail);
    ns__free(writer);
}
