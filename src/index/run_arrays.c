/* The arrays of a run's postings: see run.h. */
#include "index/run.h"

/* ---- Writing ---- */

bool ns__run_begin_term(ns__run_writer *writer, size_t postings, size_t positions)
{
    writer->df = writer->position_count = writer->passage = 0;
    writer->titled = true;
    return NS_RESERVE(writer->gaps, writer->gap_capacity, postings) >= 0 &&
           NS_RESERVE(writer->tfs, writer->tf_capacity, postings) >= 0 &&
           NS_RESERVE(writer->title_tfs, writer->title_capacity, postings) >= 0 &&
           NS_RESERVE(writer->positions, writer->position_capacity, positions) >= 0;
}

static uint8_t *narrow(const uint32_t *values, size_t count, unsigned width, uint8_t *at)
{
    if (width == 1)
        for (size_t i = 0; i < count; i++)
            at[i] = (uint8_t)values[i];
    else if (width == 2)
        for (size_t i = 0; i < count; i++)
            ns__put_u16(at + 2 * i, (uint16_t)values[i]);
    else if (width == 4 && count > 0)
        memcpy(at, values, 4 * count);
    return at + count * width;
}

/* Two bits that stand for the width that the values need; 0 when all are `usual`. */
static unsigned form_of(const uint32_t *values, size_t count, uint32_t usual)
{
    uint32_t any = 0, other = 0;
    for (size_t i = 0; i < count; i++) {
        any |= values[i];
        other |= values[i] ^ usual;
    }
    return other == 0 ? 0 : any <= UINT8_MAX ? 1 : any <= UINT16_MAX ? 2 : 3;
}

static void put_head(ns__buf *heads, ns__str name, uint8_t flags, const ns__run_piece *piece)
{
    if (!ns__buf_reserve(heads, 2 + 3 * NS_VARINT_MAX + name.length))
        return;
    uint8_t *at = heads->data + heads->length;
    *at++ = flags;
    at += ns__put_varint(at, name.length);
    if (name.length > 0)
        memcpy(at, name.data, name.length);
    at += name.length;
    at += ns__put_varint(at, piece->df);
    at += ns__put_varint(at, piece->positions);
    *at++ = piece->forms;
    heads->length = (size_t)(at - heads->data);
}

void ns__run_single(ns__run_writer *writer, ns__str name, uint8_t flags, uint32_t passage,
                    uint32_t position, ns__run *run)
{
    const unsigned gaps = form_of(&passage, 1, 0), positions = form_of(&position, 1, 0);
    const ns__run_piece piece = {
        1, 1, (uint8_t)(gaps << 2 * NS__RUN_GAPS | positions << 2 * NS__RUN_POSITIONS)};
    ns__buf *out = &run->bytes;
    put_head(&writer->heads, name, flags, &piece);
    if (!ns__buf_reserve(out, 2 * sizeof passage))
        return;
    uint8_t *at = out->data + out->length;
    at = narrow(&passage, 1, ns__run_width(piece.forms, NS__RUN_GAPS), at);
    at = narrow(&position, 1, ns__run_width(piece.forms, NS__RUN_POSITIONS), at);
    out->length = (size_t)(at - out->data);
}

void ns__run_end_term(ns__run_writer *writer, ns__str name, uint8_t flags, ns__run *run)
{
    const uint32_t *arrays[] = {writer->gaps, writer->tfs, writer->title_tfs, writer->positions};
    ns__run_piece piece = {writer->df, writer->position_count, 0};
    const size_t counts[] = {piece.df, piece.df, writer->titled ? piece.df : 0, piece.positions};
    for (unsigned i = NS__RUN_GAPS; i <= NS__RUN_POSITIONS; i++)
        piece.forms =
            (uint8_t)(piece.forms | form_of(arrays[i], counts[i], i == NS__RUN_TFS) << 2 * i);
    ns__buf *out = &run->bytes;
    put_head(&writer->heads, name, flags, &piece);
    const size_t bytes = (size_t)ns__run_piece_bytes(&piece);
    if (!ns__buf_reserve(out, bytes) || bytes == 0)
        return;
    uint8_t *at = out->data + out->length;
    for (unsigned i = NS__RUN_GAPS; i <= NS__RUN_POSITIONS; i++)
        at = narrow(arrays[i], counts[i], ns__run_width(piece.forms, (ns__run_array)i), at);
    out->length += bytes;
}

void ns__run_end_terms(ns__run_writer *writer, ns__run *run)
{
    run->heads_at = run->bytes.length;
    run->bytes.failed |= writer->heads.failed;
    ns__buf_append(&run->bytes, writer->heads.data, writer->heads.length);
    ns__buf_clear(&writer->heads);
}

void ns__run_writer_release(ns__run_writer *writer)
{
    ns__free(writer->gaps);
    ns__free(writer->tfs);
    ns__free(writer->title_tfs);
    ns__free(writer->positions);
    ns__buf_release(&writer->heads);
    *writer = (ns__run_writer){0};
}

/* ---- Reading ---- */

uint64_t ns__run_piece_bytes(const ns__run_piece *piece)
{
    const unsigned each = ns__run_width(piece->forms, NS__RUN_GAPS) +
                          ns__run_width(piece->forms, NS__RUN_TFS) +
                          ns__run_width(piece->forms, NS__RUN_TITLE_TFS);
    return (uint64_t)piece->df * each +
           (uint64_t)piece->positions * ns__run_width(piece->forms, NS__RUN_POSITIONS);
}

void ns__run_values(const uint8_t *at, uint8_t forms, ns__run_array array, size_t first,
                    size_t count, uint32_t *out)
{
    const unsigned width = ns__run_width(forms, array);
    at += first * width;
    if (width == 1)
        for (size_t i = 0; i < count; i++)
            out[i] = at[i];
    else if (width == 2)
        for (size_t i = 0; i < count; i++)
            out[i] = ns__get_u16(at + 2 * i);
    else if (width == 4)
        memcpy(out, at, 4 * count);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = array == NS__RUN_TFS;
}
