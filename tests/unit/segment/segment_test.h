/* What the tests of segment files share: a folder that is made and removed, frames in it, sections
 * copied to the heap so that the address sanitizer sees every read beyond their slack. */
#ifndef NS_TESTS_SEGMENT_TEST_H
#define NS_TESTS_SEGMENT_TEST_H

#include "unit/codec/codec_test.h"

#include <unistd.h>

#include "base/buf.h"
#include "codec/frame.h"

static char test_folder[64];

static inline int make_test_folder(void **state)
{
    (void)state;
    strcpy(test_folder, "/tmp/ns_test_XXXXXX");
    return mkdtemp(test_folder) == NULL;
}

static inline int remove_test_folder(void **state)
{
    (void)state;
    return rmdir(test_folder);
}

static inline void test_path(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", test_folder, name);
}

static inline ns__frame_writer *create_frame(const char *name, uint32_t kind)
{
    char path[128];
    ns__frame_writer *writer;
    test_path(path, name);
    assert_int_equal(ns__frame_create(path, kind, &writer, NULL), NS_OK);
    return writer;
}

/* Finishes, opens, and removes the file's name: the map stays until the frame is closed. */
static inline void finish_and_open(ns__frame_writer *writer, const char *name, uint32_t kind,
                                   ns__frame *out)
{
    char path[128];
    test_path(path, name);
    assert_int_equal(ns__frame_finish(writer, (ns__segment_id){{1}}, false, NULL, NULL, NULL),
                     NS_OK);
    assert_int_equal(ns__frame_open(path, kind, out, NULL), NS_OK);
    assert_int_equal(unlink(path), 0);
}

/* Replaces a section by a heap copy, to be freed by the caller. */
static inline uint8_t *copy_section(ns__str *section)
{
    uint8_t *copy = with_slack(section->data, section->length);
    section->data = copy;
    return copy;
}

static inline const ns__unpack_kernels *random_kernels(void)
{
    return ns__unpack_kernels_for((ns__isa)random_below((uint32_t)ns__cpu_isa() + 1));
}

#endif
