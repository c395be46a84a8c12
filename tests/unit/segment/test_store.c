/* Stored text: every range comes back, and damage is refused. */
#include "segment_support.h"

#include <zlib.h>

#include "os/thread.h"
#include "segment/store_parts.h"
#include "unit/quick.h"

static const char SAMPLE[] =
    "Ministers met in the harbour town to talk about grain, fish and the price of salt. ";

static const char *const WORDS[] = {"ministers", "met",   "in",    "the",   "harbour", "town",
                                    "to",        "talk",  "about", "grain", "fish",    "and",
                                    "price",     "of",    "salt",  "while", "boats",   "waited",
                                    "outside",   "until", "night", "fell",  "again",   "slowly"};
enum { SAMPLE_WORDS = sizeof WORDS / sizeof *WORDS };

/* How to write. */
static ns__pool *pool;                        /* or NULL */
static uint64_t queue_bytes;                  /* of text that waits to be coded; 0: few */
static int level;                             /* 0: with models, in small sections */
static uint32_t section_blocks, sample_bytes; /* 0: as usual */

/* `length` bytes that compress, but not to nothing. */
static uint8_t *make_text(size_t length)
{
    uint8_t *text = malloc(length ? length : 1);
    for (size_t i = 0; i < length; i++)
        text[i] =
            random_below(8) ? (uint8_t)SAMPLE[i % (sizeof SAMPLE - 1)] : (uint8_t)random_below(256);
    return text;
}

static void write_text(const uint8_t *text, size_t length, uint32_t block_bytes, const char *path)
{
    ns__frame_writer *frame;
    ns__store_writer *writer;
    size_t at = 0;
    assert_fine(ns__frame_create(path, NS_KIND_TEXT, &frame, err));
    assert_fine(ns__store_writer_open(frame, level, block_bytes, pool, &writer, err));
    assert_fine(ns__store_writer_queue(writer, queue_bytes, err));
    if (section_blocks > 0)
        ns__store_writer_cut(writer, section_blocks, sample_bytes, 1);
    while (at < length) {
        size_t part = random_below(1000);
        if (part > length - at)
            part = length - at;
        assert_int_equal(ns__store_length(writer), at);
        assert_fine(ns__store_append(writer, (ns__str){text + at, part}, err));
        at += part;
    }
    assert_fine(ns__store_writer_finish(writer, err));
    assert_fine(ns__frame_finish(frame, (ns__segment_id){{7}}, false, NULL, NULL, err));
}

static void check_ranges(const ns__store *store, const uint8_t *text, size_t length)
{
    ns__buf buf = {0};
    const int ranges = length > 1 << 20 ? 30 : 300;
    for (int i = 0; i < ranges; i++) {
        size_t from = random_below((uint32_t)length + 1);
        size_t part = random_below((uint32_t)(length - from) + 1);
        if (i % 3 == 0)
            part = part % 50;
        if (i == 0) {
            from = 0;
            part = length;
        }
        ns__buf_clear(&buf);
        ns__buf_append(&buf, "kept", 4);
        assert_fine(ns__store_read(store, from, part, &buf, err));
        assert_int_equal(buf.length, part + 4);
        assert_memory_equal(buf.data, "kept", 4);
        assert_memory_equal(buf.data + 4, text + from, part);
    }
    assert_int_equal(ns__store_read(store, length, 1, &buf, NULL), NS_ERR_CORRUPT);
    assert_int_equal(ns__store_read(store, UINT64_MAX, 2, &buf, NULL), NS_ERR_CORRUPT);
    assert_int_equal(ns__store_read(store, 0, length + 1, &buf, NULL), NS_ERR_CORRUPT);
    ns__buf_release(&buf);
}

static void check_file(const uint8_t *text, size_t length, uint32_t block_bytes)
{
    ns__frame frame;
    ns__store store;
    assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
    assert_fine(ns__store_open(&frame, &store, err));
    assert_int_equal(store.length, length);
    assert_int_equal(store.blocks, (length + block_bytes - 1) / block_bytes);
    check_ranges(&store, text, length);
    ns__store_close(&store);
    ns__frame_close(&frame);
}

static void test_ranges(void **state)
{
    (void)state;
    for_more_threads();
    static const size_t lengths[] = {0, 1, 63, 64, 65, 128, 5000, 200000};
    static const uint32_t blocks[] = {64, 1000, 65536};
    random_start();
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++)
            for (level = 0; level <= 6; level += 6) {
                uint8_t *text = make_text(lengths[i]);
                write_text(text, lengths[i], blocks[b], in_folder("text"));
                check_file(text, lengths[i], blocks[b]);
                free(text);
                empty_folder();
            }
}

/* Words, with bytes of any value between them; from `odd` on nothing but bytes of any value. */
static uint8_t *make_words(size_t length, size_t odd)
{
    uint8_t *text = malloc(length ? length : 1);
    for (size_t i = 0; i < length; i++) {
        const char *word = WORDS[random_below(SAMPLE_WORDS)];
        while (*word && i < length && i < odd)
            text[i++] = (uint8_t)*word++;
        if (i < length)
            text[i] = (uint8_t)(i < odd && random_below(50) ? ' ' : random_below(256));
    }
    return text;
}

/* Every border of samples, sections, groups and blocks, with one byte more and less. */
static void test_sections(void **state)
{
    (void)state;
    for_more_threads();
    enum { BLOCK = 100, BLOCKS = 60, BEGINNING = 1500, SECTION = BLOCK * BLOCKS };
    static const size_t lengths[] = {
        0, 1, BEGINNING, SECTION, 2 * SECTION, SECTION + BEGINNING, 3 * SECTION, 7 * SECTION + 777};
    static const size_t models[] = {0, 1, 1, 1, 2, 2, 3, 7};
    random_start();
    level = 0;
    section_blocks = BLOCKS;
    sample_bytes = BEGINNING;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (int more = -1; more <= 1; more++) {
            ns__frame frame;
            ns__store store;
            if (lengths[i] == 0 && more < 0)
                continue;
            size_t length = lengths[i] + (size_t)more;
            uint8_t *text = make_words(length, length);
            write_text(text, length, BLOCK, in_folder("text"));
            check_file(text, length, BLOCK);
            assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
            assert_fine(ns__store_open(&frame, &store, err));
            if (more == 0)
                assert_int_equal(store.model_count, models[i]);
            ns__store_close(&store);
            ns__frame_close(&frame);
            free(text);
            empty_folder();
        }
    sample_bytes = SECTION; /* nothing but samples */
    uint8_t *text = make_words(4 * SECTION + 50, 4 * SECTION);
    write_text(text, 4 * SECTION + 50, BLOCK, in_folder("text"));
    check_file(text, 4 * SECTION + 50, BLOCK);
    free(text);
    section_blocks = 0;
}

/* A model goes on where the text does, and not where it changes. */
static void test_models_go_on(void **state)
{
    (void)state;
    for_more_threads();
    enum { BLOCK = 4096, BLOCKS = 16, SECTION = BLOCK * BLOCKS, SECTIONS = 7 };
    static const bool other[SECTIONS] = {0, 0, 1, 1, 1, 0, 0};
    static const bool own[SECTIONS] = {1, 0, 1, 0, 0, 1, 0};
    random_start();
    level = 0;
    section_blocks = BLOCKS;
    sample_bytes = SECTION;
    uint8_t *text = make_words(SECTIONS * SECTION, SIZE_MAX);
    for (size_t i = 0; i < SECTIONS * SECTION; i++)
        if (other[i / SECTION] && text[i] >= 'a' && text[i] <= 'z')
            text[i] ^= 0x20;
    write_text(text, SECTIONS * SECTION, BLOCK, in_folder("text"));
    check_file(text, SECTIONS * SECTION, BLOCK);
    ns__frame frame, changed;
    ns__store store;
    ns__buf buf = {0};
    assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
    assert_fine(ns__store_open(&frame, &store, err));
    assert_int_equal(store.model_count, SECTIONS);
    for (size_t s = 0; s < SECTIONS; s++) {
        const uint64_t item = s * (BLOCKS + 1);
        assert_int_equal(
            ns__store_item_start(&store, item) < ns__store_item_start(&store, item + 1), own[s]);
    }
    size_t first = (size_t)(store.offsets.data - frame.map.data) + 8 * (SECTIONS + 1);
    ns__store_close(&store);
    uint8_t *bytes = malloc(frame.map.length); /* the first model is gone */
    memcpy(bytes, frame.map.data, frame.map.length);
    ns__put_u32(bytes + first, 0);
    changed = frame;
    changed.map.data = bytes;
    assert_fine(ns__store_open(&changed, &store, err));
    for (size_t s = 0; s < 2; s++)
        assert_int_equal(ns__store_read(&store, s * SECTION, 1, &buf, NULL), NS_ERR_CORRUPT);
    ns__store_close(&store);
    ns__frame_close(&frame);
    ns__buf_release(&buf);
    free(bytes);
    free(text);
    section_blocks = 0;
}

/* Writes what begins as the text in "text" does, its coded bytes copied as far as they can be: the
 * same file as without. Returns the parts that were copied. */
static uint32_t check_copy(const uint8_t *text, size_t length, size_t limit, uint32_t block_bytes)
{
    ns__frame frame;
    ns__frame_writer *out;
    ns__store store;
    ns__store_writer *writer;
    uint32_t parts;
    assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
    assert_fine(ns__store_open(&frame, &store, err));
    assert_fine(ns__frame_create(in_folder("copy"), NS_KIND_TEXT, &out, err));
    assert_fine(ns__store_writer_open(out, level, block_bytes, pool, &writer, err));
    if (section_blocks > 0)
        ns__store_writer_cut(writer, section_blocks, sample_bytes, 1);
    assert_fine(ns__store_copy_begin(writer, &store, limit, &parts, err));
    for (uint32_t i = 0; i < parts; i++)
        assert_fine(ns__store_copy_next(writer, &store, err));
    const size_t copied = (size_t)ns__store_copied(writer);
    assert_true(copied <= limit);
    for (size_t at = 0; at < length;) {
        size_t part = 1 + random_below(1000);
        if (part > length - at)
            part = length - at;
        const bool there = at + part <= copied && random_below(2);
        assert_fine(ns__store_append(writer, (ns__str){there ? NULL : text + at, part}, err));
        at += part;
    }
    assert_fine(ns__store_writer_finish(writer, err));
    assert_fine(ns__frame_finish(out, (ns__segment_id){{7}}, false, NULL, NULL, err));
    ns__store_close(&store);
    ns__frame_close(&frame);
    write_text(text, length, block_bytes, in_folder("plain"));
    ns__map one, two;
    assert_fine(ns__map_open(in_folder("copy"), NS__MAP_RANDOM, &one, err));
    assert_fine(ns__map_open(in_folder("plain"), NS__MAP_RANDOM, &two, err));
    assert_int_equal(one.length, two.length);
    assert_memory_equal(one.data, two.data, one.length);
    ns__map_close(&one);
    ns__map_close(&two);
    unlink(in_folder("copy"));
    unlink(in_folder("plain"));
    return parts;
}

/* Text that begins as another does: up to each border of sections, a byte more and less; then text
 * of the same kind or of another, long enough for a model or not. */
static void test_copied(void **state)
{
    (void)state;
    enum { BLOCK = 400, BLOCKS = 15, SECTION = BLOCK * BLOCKS };
    static const size_t limits[] = {0, SECTION - 1, SECTION, 2 * SECTION + 1, 4 * SECTION};
    static const size_t more[] = {0, 50, SECTION / 2, 3 * SECTION};
    const size_t most = 8 * SECTION;
    random_start();
    uint8_t *text = make_words(most, most);
    for (size_t i = SECTION; i < most; i++) /* another kind from the second section on */
        if (text[i] >= 'a' && text[i] <= 'z' && (i / SECTION % 4 == 1 || i / SECTION % 4 == 2))
            text[i] ^= 0x20;
    section_blocks = BLOCKS;
    sample_bytes = SECTION;
    for (level = 0; level <= 6; level += 6)
        for (size_t l = 0; l < sizeof limits / sizeof *limits; l++)
            for (size_t m = 0; m < sizeof more / sizeof *more; m++) {
                const size_t source = limits[l] + (m % 2 ? 700 : 0);
                write_text(text, source, BLOCK, in_folder("text"));
                const uint32_t parts = check_copy(text, limits[l] + more[m], limits[l], BLOCK);
                assert_int_equal(parts, limits[l] / (level ? BLOCK : SECTION));
                unlink(in_folder("text"));
            }
    level = 0;
    sample_bytes = SECTION / 2; /* as another version might have made its models */
    write_text(text, 3 * SECTION, BLOCK, in_folder("text"));
    assert_int_equal(check_copy(text, 5 * SECTION, 3 * SECTION, BLOCK), 3);
    sample_bytes = SECTION;
    assert_int_equal(check_copy(text, 5 * SECTION, 3 * SECTION, BLOCK), 0);
    section_blocks = BLOCKS + 1; /* other sections, blocks, codecs */
    assert_int_equal(check_copy(text, 5 * SECTION, 3 * SECTION, BLOCK), 0);
    section_blocks = BLOCKS;
    assert_int_equal(check_copy(text, 5 * SECTION, 3 * SECTION, BLOCK / 2), 0);
    level = 6;
    assert_int_equal(check_copy(text, 5 * SECTION, 3 * SECTION, BLOCK), 0);
    level = 0;
    section_blocks = 0;
    free(text);
}

/* The same bytes from any number of threads, of sections that are samples and of such that are not;
 * text unlike the sample does not grow. */
static void test_threads(void **state)
{
    (void)state;
    enum { LENGTH = 3 << 20, ODD = LENGTH - (512 << 10), BLOCK = 16384, SECTION = 1 << 20 };
    random_start();
    level = 0;
    uint8_t *text = make_words(LENGTH, ODD);
    const unsigned first_threads = quick_tests() ? 2 : 1, factor = quick_tests() ? 4 : 2;
    section_blocks = SECTION / BLOCK;
    for (sample_bytes = quick_tests() ? SECTION : 100000; sample_bytes > 0;
         sample_bytes = sample_bytes < SECTION ? SECTION : 0) {
        uint8_t *first = NULL;
        size_t first_length = 0;
        for (unsigned threads = 0; threads <= 8;
             threads = threads ? factor * threads : first_threads) {
            ns__frame frame;
            if (threads > 0)
                assert_fine(ns__pool_open(threads, &pool, err));
            const uint64_t room = threads < 4 ? SECTION * 3 / 2 : 4 << 20; /* for what waits */
            queue_bytes = threads < 2 ? UINT64_MAX : threads < 8 ? room : 0;
            write_text(text, LENGTH, BLOCK, in_folder("text"));
            ns__pool_close(pool);
            pool = NULL;
            check_file(text, LENGTH, BLOCK);
            assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
            if (first) {
                assert_int_equal(frame.map.length, first_length);
                assert_memory_equal(frame.map.data, first, first_length);
            } else {
                first_length = frame.map.length;
                first = malloc(first_length);
                memcpy(first, frame.map.data, first_length);
            }
            ns__frame_close(&frame);
            empty_folder();
        }
        assert_true(first_length < ODD / 4 + (LENGTH - ODD) * 101 / 100 + 20000);
        free(first);
    }
    queue_bytes = 0;
    section_blocks = 0;
    free(text);
}

static void test_readable_by_zlib(void **state)
{
    (void)state;
    for_more_threads();
    random_start();
    level = 6;
    uint8_t *text = make_text(3000), block[1024];
    write_text(text, 3000, 1024, in_folder("text"));
    ns__frame frame;
    ns__store store;
    assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
    assert_fine(ns__store_open(&frame, &store, err));
    for (uint32_t b = 0; b < store.blocks; b++) {
        uint64_t from = ns__get_u64(store.offsets.data + 8 * b);
        uint64_t to = ns__get_u64(store.offsets.data + 8 * b + 8);
        uLongf length = sizeof block;
        assert_int_equal(uncompress(block, &length, store.data.data + from, to - from), Z_OK);
        assert_memory_equal(block, text + 1024 * b, length);
    }
    ns__store_close(&store);
    ns__frame_close(&frame);
    free(text);
}

/* A changed byte: refused, or the text that was there (padding between sections, or parts of a
 * model that this text does not use: those only a checksum of the file can tell); never a crash. */
static void try_damage(const ns__frame *frame, size_t model_end, uint8_t *bytes, size_t at,
                       const uint8_t *text, size_t length)
{
    ns__frame changed = *frame;
    ns__store store;
    ns__buf buf = {0};
    ns_error error = {0};
    changed.map.data = bytes;
    ns_status status = ns__store_open(&changed, &store, &error);
    if (status == NS_OK) {
        status = ns__store_read(&store, 0, length, &buf, &error);
        ns__store_close(&store);
    }
    if (status != NS_OK)
        assert_true(status == NS_ERR_CORRUPT || status == NS_ERR_VERSION);
    else if (at >= model_end)
        assert_memory_equal(buf.data, text, length);
    ns__buf_release(&buf);
}

static void test_hostile(void **state)
{
    (void)state;
    for_more_threads();
    enum { LENGTH = 900 };
    random_start();
    section_blocks = 4;
    sample_bytes = 300;
    for (level = 0; level <= 6; level += 6) {
        uint8_t *text = level ? make_text(LENGTH) : make_words(LENGTH, 700);
        write_text(text, LENGTH, 128, in_folder("text"));
        ns__frame frame;
        ns__store store;
        assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
        assert_fine(ns__store_open(&frame, &store, err));
        assert_int_equal(store.model_count, level ? 0 : 2);
        size_t models = level ? 0 : ns__store_item_start(&store, 1) + 64;
        size_t second = level ? 0 : ns__store_item_start(&store, 5) + 64;
        size_t second_end = level ? 0 : ns__store_item_start(&store, 6) + 64;
        ns__store_close(&store);
        uint8_t *bytes = malloc(frame.map.length);
        for (size_t at = 64; at < frame.tables_offset; at++)
            for (unsigned bit = 0; bit < 8; bit++) {
                size_t end = at < models ? models : at >= second ? second_end : 0;
                memcpy(bytes, frame.map.data, frame.map.length);
                bytes[at] ^= (uint8_t)(1u << bit);
                try_damage(&frame, end, bytes, at, text, LENGTH);
            }
        ns__frame_close(&frame);
        free(bytes);
        free(text);
        empty_folder();
    }
    section_blocks = 0;
}

/* Reads all but the first byte, which passes over some of a part, and then all. */
static ns_status read_twice(const ns__store *store, size_t length, ns__buf *buf)
{
    ns__buf_clear(buf);
    ns_status status = ns__store_read(store, 1, length - 1, buf, NULL);
    ns__buf_clear(buf);
    ns_status other = ns__store_read(store, 0, length, buf, NULL);
    assert_int_equal(status, other);
    return status;
}

/* Sizes of parts that are not theirs, in a block whose checksum is right: refused. */
static void check_sizes(const ns__store *store, const uint8_t *text, size_t length)
{
    static const int changes[] = {1, -1, 300, -300, 0x7fff, -0x7fff};
    const uint64_t start = ns__store_item_start(store, 1), end = ns__store_item_start(store, 2);
    uint8_t *bytes = malloc(store->data.length);
    uint8_t *block = bytes + start, *size = block + BLOCK_HEAD;
    ns__buf buf = {0};
    ns__store changed = *store;
    memcpy(bytes, store->data.data, store->data.length);
    changed.data.data = bytes;
    assert_int_equal(block[0], BLOCK_MODEL);
    const uint32_t parts = (store->block_bytes + PART_BYTES - 1) / PART_BYTES;
    for (uint32_t part = 0; part + 1 < parts; part++, size += 2)
        for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
            const uint16_t old = ns__get_u16(size);
            ns__put_u16(size, (uint16_t)(old + changes[i]));
            const size_t coded = (size_t)(end - start) - BLOCK_HEAD;
            ns__put_u32(block + 1, (uint32_t)crc32(0, block + BLOCK_HEAD, (uInt)coded));
            assert_int_equal(read_twice(&changed, length, &buf), NS_ERR_CORRUPT);
            const uint64_t behind = (part + 1) * (uint64_t)PART_BYTES + 1;
            const ns_status status = ns__store_read(&changed, behind, 1, &buf, NULL);
            assert_true(status == NS_OK || status == NS_ERR_CORRUPT); /* passes over the part */
            ns__put_u16(size, old);
            ns__put_u32(block + 1, (uint32_t)crc32(0, block + BLOCK_HEAD, (uInt)coded));
        }
    assert_int_equal(read_twice(&changed, length, &buf), NS_OK);
    assert_memory_equal(buf.data, text, length);
    ns__buf_release(&buf);
    free(bytes);
}

/* A block that ends among its sizes, at the end of the file. */
static void check_short(const ns__store *store)
{
    const size_t start = (size_t)ns__store_item_start(store, 1), left = BLOCK_HEAD + 4;
    uint8_t *bytes = malloc(start + left), *offsets = malloc(store->offsets.length);
    uint8_t *second = offsets + 8 * (store->model_count + (size_t)1) + 4;
    ns__buf buf = {0};
    ns__store changed = *store;
    memcpy(bytes, store->data.data, start + left);
    memcpy(offsets, store->offsets.data, store->offsets.length);
    ns__put_u32(bytes + start + 1, (uint32_t)crc32(0, bytes + start + BLOCK_HEAD, 4));
    ns__put_u32(second, (uint32_t)(start + left));
    changed.data = (ns__str){bytes, start + left};
    changed.offsets.data = offsets;
    assert_int_equal(ns__store_read(&changed, 0, 100, &buf, NULL), NS_ERR_CORRUPT);
    ns__buf_release(&buf);
    free(offsets);
    free(bytes);
}

/* Blocks of more than one part: whole ones, and a byte more and less. */
static void test_parts(void **state)
{
    (void)state;
    for_more_threads();
    enum { LENGTH = 20000, PART = PART_BYTES };
    static const uint32_t blocks[] = {PART - 1, PART, PART + 1, 4 * PART, 4 * PART + 1};
    random_start();
    level = 0;
    section_blocks = 3;
    uint8_t *text = make_words(LENGTH, LENGTH);
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
        for (unsigned whole = 0; whole < 2; whole++) { /* the sample is the section */
            const uint32_t section = section_blocks * blocks[b];
            sample_bytes = whole ? section : section / 2;
            write_text(text, LENGTH, blocks[b], in_folder("text"));
            check_file(text, LENGTH, blocks[b]);
            ns__frame frame;
            ns__store store;
            assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
            assert_fine(ns__store_open(&frame, &store, err));
            check_sizes(&store, text, LENGTH);
            if (blocks[b] > 3 * PART)
                check_short(&store);
            ns__store_close(&store);
            ns__frame_close(&frame);
            empty_folder();
        }
    section_blocks = 0;
    free(text);
}

/* Models of an earlier codec are refused; damage in a model shows when it is checked, also where no
 * text needs it. */
static void test_models_checked(void **state)
{
    (void)state;
    enum { LENGTH = 20000 };
    random_start();
    level = 0;
    section_blocks = 1000;
    sample_bytes = LENGTH;
    uint8_t *text = make_words(LENGTH, LENGTH);
    write_text(text, LENGTH, 200, in_folder("text"));
    ns__frame frame, changed;
    ns__store store;
    ns_error error = {0};
    ns__str head;
    assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
    assert_fine(ns__frame_find(&frame, SECTION_HEAD, &head, err));
    assert_fine(ns__store_open(&frame, &store, err));
    assert_fine(ns__store_check_models(&store, err));
    const size_t model = (size_t)(store.data.data - frame.map.data);
    const size_t model_bytes = ns__store_item_start(&store, 1);
    uint8_t *bytes = malloc(frame.map.length);
    memcpy(bytes, frame.map.data, frame.map.length);
    changed = frame;
    changed.map.data = bytes;
    for (uint8_t old = CODEC_OLD_MODEL; old <= CODEC_OLD_BLOCKS; old++) {
        bytes[head.data - frame.map.data + 16] = old;
        assert_int_equal(ns__store_open(&changed, &store, &error), NS_ERR_VERSION);
        assert_non_null(strstr(error.message, "index anew"));
    }
    bytes[head.data - frame.map.data + 16] = CODEC_MODEL;
    unsigned found = 0;
    for (size_t at = 0; at < model_bytes; at++) {
        bytes[model + at] ^= (uint8_t)(1u << at % 8);
        assert_fine(ns__store_open(&changed, &store, err));
        found += ns__store_check_models(&store, &error) == NS_ERR_CORRUPT;
        bytes[model + at] ^= (uint8_t)(1u << at % 8);
    }
    assert_in_range(found, model_bytes / 2, model_bytes - 1); /* other letters are another word */
    ns__frame_close(&frame);
    free(bytes);
    free(text);
    section_blocks = 0;
}

static void read_all(void *payload)
{
    const ns__store *store = payload;
    ns__buf buf = {0};
    for (int round = 0; round < 20; round++) {
        ns__buf_clear(&buf);
        if (ns__store_read(store, 0, store->length, &buf, NULL) != NS_OK)
            abort();
    }
    ns__buf_release(&buf);
}

static void test_readers(void **state)
{
    (void)state;
    enum { LENGTH = 20000, READERS = 4 };
    random_start();
    level = 0;
    section_blocks = 20;
    sample_bytes = 1000;
    uint8_t *text = make_words(LENGTH, LENGTH);
    write_text(text, LENGTH, 200, in_folder("text"));
    for (int round = 0; round < 5; round++) {
        ns__frame frame;
        ns__store store;
        ns__thread threads[READERS];
        assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
        assert_fine(ns__store_open(&frame, &store, err));
        for (int i = 0; i < READERS; i++)
            assert_fine(ns__thread_start(&threads[i], read_all, &store, err));
        for (int i = 0; i < READERS; i++)
            ns__thread_join(threads[i]);
        check_ranges(&store, text, LENGTH);
        ns__store_close(&store);
        ns__frame_close(&frame);
    }
    section_blocks = 0;
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ranges, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_sections, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_models_go_on, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_copied, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_threads, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_parts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_models_checked, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_readers, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_readable_by_zlib, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_hostile, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
