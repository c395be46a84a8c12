/* Sentence borders against sentences marked by hand: tests/data/sentences.
 *
 * A line is a sentence, a blank line ends a paragraph. Sentences are joined by one space (by
 * nothing in the files named unspaced.*), paragraphs by a blank line. Borders that a blank line
 * gives away are not counted. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/classes.h"
#include "text/passages.h"
#include "text/sentence.h"
#include "text/sentence_lists.h"

#define DATA NS_SOURCE_DIR "/tests/data/sentences"

typedef struct tally {
    size_t sentences, marked, found, right;
} tally;

typedef struct marked {
    ns__buf text;
    uint32_t starts[4096];
    bool paragraph[4096];
    size_t count;
} marked;

static void read_marks(const char *name, marked *marks)
{
    char path[1024], line[4096];
    snprintf(path, sizeof path, "%s/%s", DATA, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bool spaced = strncmp(name, "unspaced.", 9) != 0, blank = true;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t length = strcspn(line, "\n");
        if (length == 0) {
            blank = true;
            continue;
        }
        if (marks->count > 0)
            ns__buf_append(&marks->text, blank ? "\n\n" : " ", blank ? 2 : spaced);
        marks->starts[marks->count] = (uint32_t)marks->text.length;
        marks->paragraph[marks->count++] = blank;
        ns__buf_append(&marks->text, line, length);
        blank = false;
    }
    fclose(file);
}

static void report(const char *kind, const char *name, const marked *marks, uint32_t at)
{
    size_t from = at > 40 ? at - 40 : 0;
    size_t to = at + 30 < marks->text.length ? at + 30 : marks->text.length;
    while ((marks->text.data[from] & 0xc0) == 0x80)
        from++;
    while (to < marks->text.length && (marks->text.data[to] & 0xc0) == 0x80)
        to++;
    print_message("  %s %s: %.*s|%.*s\n", name, kind, (int)(at - from), marks->text.data + from,
                  (int)(to - at), marks->text.data + at);
}

static void compare(const char *name, const marked *marks, tally *score)
{
    ns__borders borders = {0};
    ns__str text = {marks->text.data, marks->text.length};
    assert_int_equal(ns__sentences_scan(text, &borders, NULL), NS_OK);
    size_t m = 0, f = 0;
    while (m < marks->count || f < borders.count) {
        uint32_t mark = m < marks->count ? marks->starts[m] : UINT32_MAX;
        uint32_t found = f < borders.count ? borders.items[f].start : UINT32_MAX;
        if (mark == found) {
            assert_int_equal(borders.items[f].paragraph, marks->paragraph[m]);
            score->sentences++;
            if (!marks->paragraph[m]) {
                score->marked++;
                score->found++;
                score->right++;
            }
            m++;
            f++;
        } else if (mark < found) {
            report("missed", name, marks, mark);
            score->sentences++;
            score->marked++;
            m++;
        } else {
            report("wrong", name, marks, found);
            score->found++;
            f++;
        }
    }
    ns__free(borders.items);
}

static int is_text(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end != NULL && strcmp(end, ".txt") == 0;
}

static void test_sentences_marked_by_hand(void **state)
{
    (void)state;
    struct dirent **names;
    int count = scandir(DATA, &names, is_text, alphasort);
    assert_true(count > 0);
    tally score = {0};
    for (int i = 0; i < count; i++) {
        marked *marks = calloc(1, sizeof *marks);
        assert_non_null(marks);
        read_marks(names[i]->d_name, marks);
        compare(names[i]->d_name, marks, &score);
        ns__buf_release(&marks->text);
        free(marks);
        free(names[i]);
    }
    free(names);
    double precision = (double)score.right / (double)score.found;
    double recall = (double)score.right / (double)score.marked;
    double f1 = 2 * precision * recall / (precision + recall);
    print_message("%zu sentences, %zu borders within paragraphs: precision %.4f, recall %.4f, "
                  "F1 %.4f\n",
                  score.sentences, score.marked, precision, recall, f1);
    assert_true(score.sentences >= 520);
    assert_true(f1 >= .97);
}

/* ---- Lines ---- */

static void check_starts(const char *bytes, const char *const *sentences)
{
    uint32_t *starts = NULL;
    size_t count = 0, capacity = 0, i = 0;
    ns__str text = {(const uint8_t *)bytes, strlen(bytes)};
    assert_int_equal(ns__sentences_find(text, &starts, &count, &capacity, NULL), NS_OK);
    for (; sentences[i] != NULL; i++) {
        assert_true(i < count);
        assert_memory_equal(bytes + starts[i], sentences[i], strlen(sentences[i]));
    }
    assert_int_equal(count, i);
    ns__free(starts);
}

static void test_line_breaks(void **state)
{
    (void)state;
    /* Wrapped text: a line break is white space. */
    check_starts("The first line of a wrapped text goes\non in the second. A new sentence, of\n"
                 "Mr. Brown, goes on\nBerlin time.",
                 (const char *const[]){"The first", "A new", NULL});
    /* A heading is a short line before a long one. */
    check_starts("Key points\nThe minister said on Monday that nothing would change before May.",
                 (const char *const[]){"Key", "The minister", NULL});
    /* Lines that nobody wrapped end where they end. */
    check_starts("A line of more than a hundred and twenty bytes is longer than any newspaper "
                 "column or terminal ever was, so it is not wrapped\nNext line",
                 (const char *const[]){"A line", "Next", NULL});
    check_starts("one two\n \nthree", (const char *const[]){"one", "three", NULL});
    check_starts("one two\r\n\r\nthree", (const char *const[]){"one", "three", NULL});
    check_starts(" \n\n lead", (const char *const[]){" ", NULL});
    check_starts("", (const char *const[]){NULL});
    check_starts("  ", (const char *const[]){"  ", NULL});
}

static void test_stops_at_the_end(void **state)
{
    (void)state;
    check_starts("The end.", (const char *const[]){"The", NULL});
    check_starts("The end. ", (const char *const[]){"The", NULL});
    check_starts("...", (const char *const[]){"...", NULL});
    check_starts("完。”", (const char *const[]){"完", NULL});
    check_starts("Wait.... What?!  No", (const char *const[]){"Wait", "What", "No", NULL});
}

/* ---- Words ---- */

/* The plain way: is the word, in small letters with `fold`, in a list between spaces? */
static bool listed(const char *list, const char *word, bool fold)
{
    char spaced[64];
    int length = snprintf(spaced, sizeof spaced, " %s ", word);
    for (int i = 0; fold && i < length; i++)
        if (spaced[i] >= 'A' && spaced[i] <= 'Z')
            spaced[i] |= 0x20;
    return strstr(list, spaced) != NULL;
}

static void check_word(const char *word)
{
    ns__str text = {(const uint8_t *)word, strlen(word)};
    assert_int_equal(ns__begins_sentences(text), listed(NS_LIST_STARTERS, word, false));
    assert_int_equal(ns__follows_time(text), listed(NS_LIST_AFTER_TIME, word, false));
    assert_int_equal(ns__is_lettered(text), listed(NS_LIST_LETTERED, word, true));
    assert_int_equal(ns__is_month(text), listed(NS_LIST_MONTHS, word, true));
    assert_int_equal(ns__precedes_ordinal(text), listed(NS_LIST_BEFORE_ORDINALS, word, true));
    assert_int_equal(ns__is_speech_verb(text), listed(NS_LIST_SPEECH, word, false));
    ns__abbreviation kind = NS_ABBR_NONE;
    if (listed(NS_LIST_TIMES, word, true))
        kind = NS_ABBR_TIME;
    else if (listed(NS_LIST_TITLES, word, true))
        kind = NS_ABBR_TITLE;
    else if (listed(NS_LIST_BEFORE_NUMBERS, word, text.length > 1))
        kind = NS_ABBR_NUMBER;
    else if (listed(NS_LIST_OTHERS, word, true) ||
             (text.data[0] <= 'Z' && listed(NS_LIST_STATES, word, true)))
        kind = NS_ABBR_OTHER;
    assert_int_equal(ns__abbreviation_of(text), kind);
}

/* The word, its like in other letters, and its neighbours. */
static void check_variants(const char *word)
{
    char changed[64];
    size_t length = strlen(word);
    check_word(word);
    for (size_t i = 0; i < length; i++) {
        snprintf(changed, sizeof changed, "%s", word);
        changed[i] ^= 0x20;
        if (changed[i] != ' ' && changed[i] != '\0')
            check_word(changed);
        changed[i] = 'q';
        check_word(changed);
        snprintf(changed, sizeof changed, "%.*s", (int)i + 1, word);
        check_word(changed);
    }
    snprintf(changed, sizeof changed, "%ss", word);
    check_word(changed);
}

static void test_words_are_looked_up_as_listed(void **state)
{
    (void)state;
    static const char *const lists[] = {
        NS_LIST_TIMES,  NS_LIST_TITLES,   NS_LIST_BEFORE_NUMBERS,  NS_LIST_OTHERS,
        NS_LIST_STATES, NS_LIST_STARTERS, NS_LIST_AFTER_TIME,      NS_LIST_LETTERED,
        NS_LIST_MONTHS, NS_LIST_SPEECH,   NS_LIST_BEFORE_ORDINALS,
    };
    size_t words = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (const char *at = lists[i] + 1; *at != '\0'; words++) {
            char word[64];
            size_t length = strcspn(at, " ");
            snprintf(word, sizeof word, "%.*s", (int)length, at);
            check_variants(word);
            at += length + 1;
        }
    }
    assert_true(words > 500);
    check_variants("a word that is far longer than any");
}

/* Of the characters that begin like a terminator, none that ends sentences is passed over. */
static void test_every_terminator_is_considered(void **state)
{
    (void)state;
    size_t found = 0;
    for (uint32_t code = 0x80; code < 0x10000; code++) {
        unsigned class = ns__sentence_class(ns__unicode(code));
        uint8_t lead = code < 0x800 ? (uint8_t)(0xc0 | code >> 6) : (uint8_t)(0xe0 | code >> 12);
        if ((class != NS_SB_STERM && class != NS_SB_ATERM) || code == 0x2024 || code == 0xff0e ||
            code == 0xfe52 || !(ns__byte_classes[lead] & NS_CLASS_STOP))
            continue;
        char text[16];
        int length = code < 0x800
                         ? snprintf(text, sizeof text, "ab%c%c Cd", lead, 0x80 | (code & 0x3f))
                         : snprintf(text, sizeof text, "ab%c%c%c Cd", lead,
                                    0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f));
        ns__borders borders = {0};
        ns__str whole = {(const uint8_t *)text, (size_t)length};
        assert_int_equal(ns__sentences_scan(whole, &borders, NULL), NS_OK);
        if (borders.count != 2)
            fail_msg("U+%04X ends no sentence", code);
        ns__free(borders.items);
        found++;
    }
    assert_true(found > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_looked_up_as_listed),
        cmocka_unit_test(test_every_terminator_is_considered),
        cmocka_unit_test(test_sentences_marked_by_hand),
        cmocka_unit_test(test_line_breaks),
        cmocka_unit_test(test_stops_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
