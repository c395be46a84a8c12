/* Models of text: whatever goes in comes back, like the sample or not; damage never harms. */
#include "codec_test.h"

#include "codec/model.h"
#include "unit/quick.h"

static const char *const WORDS[] = {
    "tariff", " Talks", " resume", " in",  " Genève", " после", " the", " envoy",  "—left",
    " a",     ".\n",    " early",  "’s",   "  ",      "関税",   "\r\n", " ÿ",      "\t",
    " 1916",  "27",     " treaty", " met", "ing",     " 한국",  "ly",   " harbour"};

enum { WORD_COUNT = sizeof WORDS / sizeof *WORDS };

static const size_t LENGTHS[] = {0, 1, 2, 3, 15, 16, 17, 33, 1000, 100000};
enum { LENGTH_COUNT = sizeof LENGTHS / sizeof *LENGTHS };

/* Text, with bytes of any value now and then, or letters. */
static void fill(ns__buf *out, size_t length, uint32_t odd_bytes)
{
    while (out->length < length) {
        const char *word = WORDS[random_below(WORD_COUNT)];
        if (random_below(100) >= odd_bytes)
            ns__buf_append(out, word, strlen(word));
        else if (random_below(2))
            ns__buf_u8(out, (uint8_t)random_below(256));
        else
            for (size_t i = random_below(30); i > 0; i--)
                ns__buf_u8(out, (uint8_t)('a' + random_below(1 + random_below(26))));
    }
}

typedef struct fixture {
    ns__model_writer *writer;
    ns__model *model;
} fixture;

static fixture train(ns__str sample, unsigned scale)
{
    fixture f = {0};
    assert_int_equal(ns__model_train(sample, scale, &f.writer, NULL), NS_OK);
    assert_int_equal(ns__model_open(ns__model_table(f.writer), &f.model, NULL), NS_OK);
    assert_non_null(f.model);
    return f;
}

static void drop(fixture *f)
{
    ns__model_close(f->model);
    ns__model_writer_free(f->writer);
}

/* Codes and text in pieces of memory that have just their length, for sanitizers to watch. */
static void check_text(const fixture *f, ns__str text)
{
    ns__buf coded = {0};
    ns__buf_append(&coded, "kept", 4);
    uint8_t *own = malloc(text.length ? text.length : 1);
    if (text.length > 0)
        memcpy(own, text.data, text.length);
    ns__model_encode(f->writer, (ns__str){own, text.length}, &coded);
    assert_false(coded.failed);
    assert_memory_equal(coded.data, "kept", 4);
    size_t length = coded.length - 4;
    ns__buf plain = {0};
    ns__model_encode_plain(f->writer, text, &plain);
    assert_int_equal(plain.length, length);
    assert_memory_equal(plain.data, coded.data + 4, length);
    ns__buf_release(&plain);
    uint8_t *codes = malloc(length ? length : 1);
    memcpy(codes, coded.data + 4, length);
    for (int i = 0; i < 20; i++) { /* all of it, and beginnings */
        size_t part = i == 0 ? text.length : random_below((uint32_t)text.length + 1);
        uint8_t *back = malloc(part ? part : 1);
        assert_true(ns__model_decode(f->model, (ns__str){codes, length}, back, part, i == 0));
        assert_memory_equal(back, text.data, part);
        free(back);
    }
    uint8_t *more = malloc(text.length + 64);
    assert_false(
        ns__model_decode(f->model, (ns__str){codes, length}, more, text.length + 64, true));
    if (length > 0) /* the last byte has bits of the last symbol */
        assert_false(
            ns__model_decode(f->model, (ns__str){codes, length - 1}, more, text.length, true));
    free(more);
    free(codes);
    free(own);
    ns__buf_release(&coded);
}

static void test_round_trip(void **state)
{
    (void)state;
    seed_random();
    for (uint32_t odd = 0; odd <= 100; odd += (uint32_t)(rounds(100) < 100 ? 50 : 20))
        for (unsigned scale = 1; scale <= 8; scale *= 8) {
            ns__buf sample = {0};
            fill(&sample, 50000, odd);
            fixture f = train((ns__str){sample.data, sample.length}, scale);
            check_text(&f, (ns__str){sample.data, sample.length});
            for (size_t i = 0; i < LENGTH_COUNT; i++)
                for (uint32_t other = 0; other <= 100; other += 50) {
                    ns__buf text = {0};
                    ns__buf_u8(&text, 'x');
                    fill(&text, LENGTHS[i], other);
                    check_text(&f, (ns__str){text.data, LENGTHS[i]});
                    ns__buf_release(&text);
                }
            drop(&f);
            ns__buf_release(&sample);
        }
}

/* Samples in which there is nothing to learn, or only one thing. */
static void test_odd_samples(void **state)
{
    (void)state;
    seed_random();
    ns__buf pairs = {0}, sample = {0};
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++)
            ns__buf_append(&pairs, (uint8_t[]){(uint8_t)a, (uint8_t)b, ' ', 'a', 'x', 'y'}, 6);
    for (int kind = 0; kind < 8; kind++) {
        ns__buf_clear(&sample);
        for (size_t i = 0; kind > 0 && sample.length < 70000; i++)
            switch (kind) {
            case 1: /* one letter */
                ns__buf_u8(&sample, 'a');
                break;
            case 2: /* one word */
                ns__buf_append(&sample, " word", 5);
                break;
            case 3: /* bytes that are no text */
                ns__buf_u8(&sample, (uint8_t)random_below(256));
                break;
            case 4: /* beginnings of characters without an end */
                ns__buf_u8(&sample, (uint8_t)(0xc0 + random_below(64)));
                break;
            case 5: /* Chinese */
                ns__buf_append(&sample,
                               (uint8_t[]){0xe4, (uint8_t)(0xb8 + random_below(4)),
                                           (uint8_t)(0x80 + random_below(64))},
                               3);
                break;
            case 6: /* every word once */
                ns__buf_append(&sample,
                               (uint8_t[]){' ', (uint8_t)('a' + i % 26),
                                           (uint8_t)('a' + i / 26 % 26),
                                           (uint8_t)('a' + i / 676 % 26)},
                               4);
                break;
            default: /* one word as often as all others together, and so on */
                ns__buf_u8(&sample, ' ');
                for (size_t k = (size_t)__builtin_ctzll(i + 1) + 1; k-- > 0;)
                    ns__buf_u8(&sample, (uint8_t)('a' + k));
            }
        fixture f = train((ns__str){sample.data, sample.length}, 4);
        check_text(&f, (ns__str){sample.data, sample.length});
        check_text(&f, (ns__str){pairs.data, pairs.length});
        drop(&f);
    }
    ns__buf_release(&sample);
    ns__buf_release(&pairs);
}

/* What docs/format.md says of a table, by hand: two words, of which " at" is a context and the
 * class 'x' is one. */
static void test_table(void **state)
{
    (void)state;
    ns__buf table = {0};
    ns__model *model = NULL;
    ns__buf_u32(&table, 2);
    ns__buf_append(&table, "\x02 at", 4); /* symbol 256 */
    ns__buf_append(&table, "\x21ox", 3);  /* symbol 257: " aox" */
    for (int i = 0; i < 128; i++)
        ns__buf_u8(&table, 0x66); /* codes of bytes have 9 bits: 128 .. 383 */
    ns__buf_u8(&table, 0x00);     /* of words 3: 0 and 1 */
    ns__buf_u16(&table, 1);
    ns__buf_u16(&table, 1);
    ns__buf_u16(&table, 256);
    ns__buf_u8(&table, 'x');
    ns__buf_append(&table, "\x02\x01\x02", 3); /* behind " at": 0, 10, 11 */
    ns__buf_append(&table, "\x01\x02", 2);     /* behind class x: 0, 1 */
    ns__buf_u16(&table, '!');
    ns__buf_u16(&table, 257);
    ns__buf_u16(&table, NS_MODEL_ESCAPE);
    ns__buf_u16(&table, 256);
    ns__buf_u16(&table, NS_MODEL_ESCAPE);
    ns__str bytes = {table.data, table.length};
    assert_int_equal(ns__model_open(bytes, &model, NULL), NS_OK);
    assert_non_null(model);
    uint8_t back[16], packed[8] = {0};
    unsigned at = 0;
    static const char TEXT[] = " at aox at! aoxz";
    const struct {
        unsigned code, length;
    } all[] = {{0, 3}, {2, 2}, {0, 1}, {0, 1}, {1, 3}, {1, 1}, {128 + 'z', 9}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (unsigned bit = all[i].length; bit-- > 0; at++)
            packed[at / 8] |= (uint8_t)((all[i].code >> bit & 1) << (7 - at % 8));
    assert_true(ns__model_decode(model, (ns__str){packed, (at + 7) / 8}, back, 16, true));
    assert_memory_equal(back, TEXT, 16);
    ns__model_close(model);
    for (size_t length = 0; length < bytes.length; length++) {
        model = NULL;
        assert_int_equal(ns__model_open((ns__str){bytes.data, length}, &model, NULL), NS_OK);
        assert_null(model);
    }
    ns__buf_release(&table);
}

/* A model that is made anew of another table, larger or smaller, is that table's. */
static void test_anew(void **state)
{
    (void)state;
    enum { KINDS = 4 };
    static const size_t lengths[KINDS] = {30000, 500, 90000, 4000};
    ns__buf samples[KINDS] = {{0}};
    fixture all[KINDS];
    seed_random();
    for (int k = 0; k < KINDS; k++) {
        fill(&samples[k], lengths[k], 10 + 30 * (unsigned)k);
        all[k] = train((ns__str){samples[k].data, samples[k].length}, 1);
    }
    ns__model *model = NULL;
    for (int round = 0; round < 40; round++) {
        const uint32_t k = random_below(KINDS);
        ns__buf coded = {0};
        ns__str text = {samples[k].data, samples[k].length < 3000 ? samples[k].length : 3000};
        uint8_t back[3000];
        assert_int_equal(ns__model_open(ns__model_table(all[k].writer), &model, NULL), NS_OK);
        assert_non_null(model);
        ns__model_encode(all[k].writer, text, &coded);
        assert_true(
            ns__model_decode(model, (ns__str){coded.data, coded.length}, back, text.length, true));
        assert_memory_equal(back, text.data, text.length);
        ns__buf_release(&coded);
    }
    ns__model_close(model);
    for (int k = 0; k < KINDS; k++) {
        drop(&all[k]);
        ns__buf_release(&samples[k]);
    }
}

/* Tables and codes with changed bytes: refused, or some text. */
static void test_hostile(void **state)
{
    (void)state;
    seed_random();
    ns__buf sample = {0}, coded = {0};
    fill(&sample, 20000, 10);
    fixture f = train((ns__str){sample.data, sample.length}, 1);
    ns__model_encode(f.writer, (ns__str){sample.data, 5000}, &coded);
    ns__str table = ns__model_table(f.writer);
    uint8_t *bytes = malloc(table.length), *codes = malloc(coded.length), back[5000];
    const int all = rounds(4000);
    unsigned opened = 0;
    ns__model *model = NULL; /* most rounds make the one before anew */
    for (int round = 0; round < all; round++) {
        memcpy(bytes, table.data, table.length);
        memcpy(codes, coded.data, coded.length);
        for (uint32_t i = random_below(4) + 1; i > 0; i--) {
            bytes[random_below((uint32_t)table.length)] ^= (uint8_t)(1u << random_below(8));
            codes[random_below((uint32_t)coded.length)] = (uint8_t)random_below(256);
        }
        assert_int_equal(ns__model_open((ns__str){bytes, table.length}, &model, NULL), NS_OK);
        opened += model != NULL;
        if (model)
            (void)ns__model_decode(model, (ns__str){codes, coded.length}, back, sizeof back, true);
        (void)ns__model_decode(f.model, (ns__str){codes, coded.length}, back, sizeof back, false);
    }
    assert_in_range(opened, all / 40, all - 1); /* both happen */
    ns__model_close(model);
    drop(&f);
    free(bytes);
    free(codes);
    ns__buf_release(&sample);
    ns__buf_release(&coded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_odd_samples),
        cmocka_unit_test(test_table),      cmocka_unit_test(test_anew),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
