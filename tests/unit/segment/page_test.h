/* Bytes that a test makes and that the pages on the format show: both are held to the same text. */
#ifndef NS_TESTS_PAGE_TEST_H
#define NS_TESTS_PAGE_TEST_H

#include "unit/codec/codec_test.h"

/* Whether a line of the format pages shows these bytes. */
static inline bool page_shows(const char *hex)
{
    static const char *const pages[] = {NS_SOURCE_DIR "/docs/format-postings.md",
                                        NS_SOURCE_DIR "/docs/format.md"};
    bool found = false;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        FILE *page = fopen(pages[i], "rb");
        char line[400];
        while (page && fgets(line, sizeof line, page))
            found |= strstr(line, hex) != NULL;
        if (page)
            fclose(page);
    }
    return found;
}

/* That bytes are those, and stand so on a page. */
static inline void expect_bytes(const uint8_t *bytes, size_t length, const char *hex)
{
    char got[400] = "";
    assert_true(3 * length < sizeof got);
    for (size_t i = 0; i < length; i++)
        sprintf(got + strlen(got), i ? " %02x" : "%02x", bytes[i]);
    assert_string_equal(got, hex);
    assert_true(page_shows(hex));
}

#endif
