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
    ns__model model;
} fixture;

/* Training that keeps the words of its sample makes the same model, and coding parts of the sample
 * by them gives the same codes. */
static void check_cuts(const ns__model_writer *model, ns__str sample, unsigned scale)
{
    ns__model_cuts cuts = {0};
    ns__model_writer *other;
    ns__cut_place place = {0};
    ns__buf codes = {0}, plain = {0};
    assert_int_equal(ns__model_train(sample, scale, &cuts, &other, NULL), NS_OK);
    assert_true(ns__str_equal(ns__model_table(other), ns__model_table(model)));
    const uint32_t most = 1u << random_below(14);
    size_t start = random_below(2) ? random_below((uint32_t)sample.length + 1) : 0;
    size_t end = start;
    ns__model_move(&cuts, sample, start, &place);
    for (int pieces = rounds(100); start < sample.length && pieces > 0; pieces--, start = end) {
        end = start + 1 + random_below(most);
        end = end < sample.length ? end : sample.length;
        ns__buf_clear(&codes);
        ns__buf_clear(&plain);
        ns__model_encode_cuts(other, sample, &cuts, start, end, &place, &codes);
        ns__model_encode_plain(model, (ns__str){sample.data + start, end - start}, &plain);
        assert_int_equal(codes.length, plain.length);
        assert_memory_equal(codes.data, plain.data, plain.length);
        assert_true(place.at >= end);
    }
    ns__buf_release(&codes);
    ns__buf_release(&plain);
    ns__model_cuts_release(&cuts);
    ns__model_writer_free(other);
}

static fixture train(ns__str sample, unsigned scale)
{
    fixture f = {0};
    assert_int_equal(ns__model_train(sample, scale, NULL, &f.writer, NULL), NS_OK);
    check_cuts(f.writer, sample, scale);
    assert_true(ns__model_open(ns__model_table(f.writer), &f.model));
    assert_true(ns__model_check(&f.model));
    return f;
}

static void drop(fixture *f)
{
    ns__model_writer_free(f->writer);
}

/* Codes and text in pieces of memory that have just their length, for sanitizers to watch. */
static void check_text(fixture *f, ns__str text)
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
    for (int i = 0; i < rounds(20) + 2; i++) { /* all of it, and beginnings */
        size_t part = i == 0 ? text.length : random_below((uint32_t)text.length + 1);
        uint8_t *back = malloc(part ? part : 1);
        assert_true(ns__model_decode(&f->model, (ns__str){codes, length}, 0, back, part, i == 0));
        assert_memory_equal(back, text.data, part);
        free(back);
        if (text.length == 0)
            continue;
        const size_t skip = random_below((uint32_t)text.length);
        part = i % 2 ? text.length - skip : 1 + random_below((uint32_t)(text.length - skip));
        back = malloc(part);
        assert_true(ns__model_decode(&f->model, (ns__str){codes, length}, skip, back, part,
                                     skip + part == text.length));
        assert_memory_equal(back, text.data + skip, part);
        free(back);
    }
    uint8_t *more = malloc(text.length + 64);
    assert_false(
        ns__model_decode(&f->model, (ns__str){codes, length}, 0, more, text.length + 64, true));
    if (length > 0) /* the last byte has bits of the last symbol */
        assert_false(
            ns__model_decode(&f->model, (ns__str){codes, length - 1}, 0, more, text.length, true));
    free(more);
    free(codes);
    free(own);
    ns__buf_release(&coded);
}

static void test_round_trip(void **state)
{
    (void)state;
    seed_random();
    for (uint32_t odd = 0; odd <= 100; odd += (uint32_t)(rounds(100) < 100 ? 100 : 20))
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
    const size_t enough = (size_t)rounds(70000);
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++)
            ns__buf_append(&pairs, (uint8_t[]){(uint8_t)a, (uint8_t)b, ' ', 'a', 'x', 'y'}, 6);
    for (int kind = 0; kind < 8; kind++) {
        ns__buf_clear(&sample);
        for (size_t i = 0; kind > 0 && sample.length < enough; i++)
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
static void put_table(ns__buf *table)
{
    enum { GROUPS = 17, WORDS_AT = 40 + 1 + 5 * 10 + 2 * 4 + 2 * GROUPS + 2 * 3 };
    ns__buf_u32(table, 258);
    ns__buf_u16(table, 1);
    ns__buf_u16(table, 1);
    for (int length = 3; length <= 18; length++) /* words have codes of 3 bits, bytes of 9 */
        ns__buf_u16(table, length == 3 ? 2 : length == 9 ? 256 : 0);
    ns__buf_u8(table, 'x');
    for (int set = 0; set < 5; set++) {
        ns__buf_u64(table, set == 0); /* symbol 0 */
        ns__buf_u16(table, set > 0);
    }
    uint32_t at = 0, starts[GROUPS + 1]; /* two words of 3 and 2 bytes, 256 of 1 byte */
    for (uint32_t group = 0; group < GROUPS; group++) {
        starts[group] = at;
        at += 16 + (group == 0 ? 3 + 2 + 14 : group < 16 ? 16 : 2);
    }
    ns__buf_u32(table, WORDS_AT);
    ns__buf_u32(table, WORDS_AT + starts[16]);
    for (int group = 0; group < GROUPS; group++)
        ns__buf_u16(table, (uint16_t)(group < 16 ? starts[group] : 0));
    const uint32_t contexts[] = {WORDS_AT + at, WORDS_AT + at + 2 + 1 + 4};
    for (int i = 0; i < 2; i++)
        ns__buf_append(table, (uint8_t[]){(uint8_t)contexts[i], (uint8_t)(contexts[i] >> 8), 0}, 3);
    assert_int_equal(table->length, WORDS_AT);
    unsigned byte = 0;
    for (int group = 0; group < GROUPS; group++) {
        ns__buf_u64(table, group == 0 ? 0x12 : 0); /* bytes that follow - 1 */
        ns__buf_u64(table, group == 0 ? 0x20 : 0); /* bytes shared with the word before */
        if (group == 0)
            ns__buf_append(table, " atox", 5); /* " at", " aox" */
        for (unsigned end = group == 0 ? 14 : byte + 16; byte < end && byte < 256; byte++)
            ns__buf_u8(table, (uint8_t)byte);
    }
    ns__buf_append(table, "\x22\x00\x01", 3); /* behind " at": 0, then the escape 10, and 11 */
    ns__buf_u16(table, 2 + '!');
    ns__buf_u16(table, 1);
    ns__buf_append(table, "\x11\x00", 2); /* behind class x: the escape 0, and 1 */
    ns__buf_u16(table, 0);
    for (int i = 0; i < 272; i++)
        ns__buf_u8(table, 0);
}

static void test_table(void **state)
{
    (void)state;
    ns__buf table = {0};
    ns__model model;
    put_table(&table);
    ns__str bytes = {table.data, table.length};
    assert_true(ns__model_open(bytes, &model));
    assert_true(ns__model_check(&model));
    uint8_t back[16], packed[8] = {0};
    unsigned at = 0;
    static const char TEXT[] = " at aox at! aoxz";
    const struct {
        unsigned code, length;
    } all[] = {{0, 3}, {3, 2}, {1, 1}, {0, 1}, {1, 3}, {0, 1}, {128 + 'z', 9}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (unsigned bit = all[i].length; bit-- > 0; at++)
            packed[at / 8] |= (uint8_t)((all[i].code >> bit & 1) << (7 - at % 8));
    assert_true(ns__model_decode(&model, (ns__str){packed, (at + 7) / 8}, 0, back, 16, true));
    assert_memory_equal(back, TEXT, 16);
    for (size_t length = 0; length < bytes.length; length++) {
        uint8_t *part = malloc(length ? length : 1);
        memcpy(part, bytes.data, length);
        if (ns__model_open((ns__str){part, length}, &model)) {
            assert_false(ns__model_check(&model));
            (void)ns__model_decode(&model, (ns__str){packed, sizeof packed}, 5, back, 11, false);
        }
        free(part);
    }
    ns__buf_release(&table);
}

/* Tables with a changed byte: a check finds all but another spelling, and whatever is decoded by
 * them, nothing is read that is not theirs. */
static void test_damaged_table(void **state)
{
    (void)state;
    ns__buf table = {0};
    seed_random();
    put_table(&table);
    uint8_t *bytes = malloc(table.length), codes[64], back[256];
    const size_t words = 40 + 1 + 5 * 10 + 2 * 4 + 2 * 17 + 2 * 3, padding = table.length - 272;
    for (size_t at = 0; at < padding; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            ns__model model;
            memcpy(bytes, table.data, table.length);
            bytes[at] ^= (uint8_t)(1u << bit);
            for (size_t i = 0; i < sizeof codes; i++)
                codes[i] = (uint8_t)random_below(256);
            if (!ns__model_open((ns__str){bytes, table.length}, &model))
                continue;
            (void)ns__model_decode(&model, (ns__str){codes, sizeof codes}, 0, back, sizeof back, 0);
            (void)ns__model_decode(&model, (ns__str){codes, sizeof codes}, 99, back, 1, 0);
            if (at < words && at != 40) /* which is the class, and can be another one */
                assert_false(ns__model_check(&model));
            else
                (void)ns__model_check(&model);
        }
    free(bytes);
    ns__buf_release(&table);
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
    unsigned opened = 0, sound = 0;
    for (int round = 0; round < all; round++) {
        ns__model model;
        memcpy(bytes, table.data, table.length);
        memcpy(codes, coded.data, coded.length);
        for (uint32_t i = random_below(4) + 1; i > 0; i--) {
            /* every third time where a table begins */
            const size_t part = round % 3 ? table.length : 300;
            bytes[random_below((uint32_t)part)] ^= (uint8_t)(1u << random_below(8));
            codes[random_below((uint32_t)coded.length)] = (uint8_t)random_below(256);
        }
        if (ns__model_open((ns__str){bytes, table.length}, &model)) {
            opened++;
            sound += ns__model_check(&model);
            (void)ns__model_decode(&model, (ns__str){codes, coded.length}, 0, back, sizeof back,
                                   true);
            (void)ns__model_decode(&model, (ns__str){codes, coded.length}, 4000, back, 1000, true);
        }
        (void)ns__model_decode(&f.model, (ns__str){codes, coded.length}, 0, back, sizeof back,
                               false);
    }
    assert_in_range(opened, all / 40, all - 1); /* both happen */
    assert_in_range(sound, 1, opened - 1);
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
        cmocka_unit_test(test_table),      cmocka_unit_test(test_damaged_table),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
