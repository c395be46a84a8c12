/* Stored text with a byte changed: written anew, as compressed text that was changed in its file is
 * found by its checksum before anybody sees what it says. */
#ifndef TESTS_UNIT_SPOIL_TEXT_H
#define TESTS_UNIT_SPOIL_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "segment/manifest.h"
#include "segment/segment.h"

static inline void write_text(const char *path, ns__segment_id id, const ns__buf *text,
                              uint32_t *crc)
{
    enum { LEVEL = 1, BLOCK_BYTES = 4096 };
    ns__frame_writer *frame = NULL;
    ns__store_writer *store = NULL;
    uint64_t bytes;
    unlink(path);
    assert_int_equal(ns__frame_create(path, NS_KIND_TEXT, &frame, NULL), NS_OK);
    assert_int_equal(ns__store_writer_open(frame, LEVEL, BLOCK_BYTES, NULL, &store, NULL), NS_OK);
    assert_int_equal(ns__store_append(store, (ns__str){text->data, text->length}, NULL), NS_OK);
    assert_int_equal(ns__store_writer_finish(store, NULL), NS_OK);
    assert_int_equal(ns__frame_finish(frame, id, false, &bytes, crc, NULL), NS_OK);
}

/* Puts *byte where the first segment's text has another, and that into *byte. Returns how long the
 * text is; nothing is changed behind its end. */
static inline uint64_t spoil_text(const char *directory, size_t at, uint8_t *byte)
{
    ns__manifest manifest;
    ns__segment segment;
    ns__buf text = {0};
    char name[64], path[600];
    assert_int_equal(ns__manifest_read(directory, &manifest, NULL), NS_OK);
    ns__segment_ref *ref = &manifest.segments[0];
    assert_int_equal(ns__segment_open(directory, ref, &manifest.settings, &segment, NULL), NS_OK);
    const uint64_t length = segment.store.length;
    assert_int_equal(ns__store_read(&segment.store, 0, length, &text, NULL), NS_OK);
    const ns__segment_id id = segment.frames[NS__FILE_TEXT].id;
    ns__segment_close(&segment);
    if (at < length) {
        const uint8_t kept = text.data[at];
        text.data[at] = *byte;
        *byte = kept;
        ns__segment_file_name(ref, NS__FILE_TEXT, name);
        snprintf(path, sizeof path, "%s/%s", directory, name);
        write_text(path, id, &text, &ref->crcs[NS__FILE_TEXT]);
        ns__manifest_name(manifest.generation++, name);
        snprintf(path, sizeof path, "%s/%s", directory, name);
        assert_int_equal(ns__manifest_write(directory, &manifest, NULL), NS_OK);
        unlink(path); /* the one before */
    }
    ns__manifest_release(&manifest);
    ns__buf_release(&text);
    return length;
}

#endif
