/* "Did you mean": against all words of the index, compared one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "ns/ns.h"
#include "unit/quick.h"

static char directory[64];
static ns_index *test_index;

/* Words of the index with the number of articles they are in; each article has one passage. */
enum { ARTICLES = 3000, WORDS = 400, LONGEST = 12 };
static struct {
    char text[LONGEST];
    unsigned df;
} words[WORDS];
static size_t word_count;

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % below;
}

static size_t find_word(const char *text)
{
    size_t at = 0;
    while (at < word_count && strcmp(words[at].text, text) != 0)
        at++;
    return at;
}

static void add_word(const char *text, unsigned df)
{
    if (word_count == WORDS || find_word(text) < word_count)
        return;
    strcpy(words[word_count].text, text);
    words[word_count++].df = df;
}

/* Few letters, so that many words are near each other. */
static void random_word(char *out)
{
    size_t length = 3 + pick(7);
    for (size_t i = 0; i < length; i++)
        out[i] = (char)('a' + pick(i == 0 ? 4 : 3));
    out[length] = '\0';
}

/* Of the fields of each eighth article. */
static const char *const VALUES[] = {
    "\"source\":\"Reuters\",\"section\":\"World news\",",
    "\"source\":\"The Washington Herald\",",
    "\"source\":\"Neue Z\xc3\xbcrcher Zeitung\",\"author\":\"Anna Smith\",",
    "\"source\":\"Rooters\",\"section\":\"Sports\",",
    "\"source\":\"Reuters\",\"section\":\"Sport\",",
    "\"author\":\"Bart\",\"section\":\"Sport\",",
    "\"source\":\"a (b) c\",\"section\":\"Sporf\",",
};

/* Of the first articles instead. */
static const char *const SIGNS[] = {
    "\"author\":\"Smith, John\",\"section\":\"U.S. News\",",
    "\"author\":\"Jane O'Neil\",\"section\":\"Food/Drink\",",
    "\"source\":\"Agence \xe2\x80\x9cMatin\xe2\x80\x9d\",\"section\":\"Science (Health)\",",
    "\"section\":\"What*now\",\"author\":\"Ann \\\"Zizi\\\" Roth\",",
};

static const char *values_of(int article)
{
    if (article < (int)(sizeof SIGNS / sizeof *SIGNS))
        return SIGNS[article];
    if (article % 8 == 3 && article >= 1400)
        return "";
    if (article % 8 < 7)
        return VALUES[article % 8];
    if (article < 1400)
        return "\"author\":\"Bolt\",";
    return article < 2400 ? "\"author\":\"Colt\"," : "";
}

static void write_articles(ns_writer *writer, int from, int to)
{
    static char json[1 << 16];
    ns_error err = {0};
    for (int i = from; i < to; i++) {
        size_t at =
            (size_t)sprintf(json, "{\"id\":\"%d\",\"lang\":\"xx\",%s\"body\":\"", i, values_of(i));
        for (size_t w = 0; w < word_count; w++)
            if ((unsigned)((i + (int)w) % ARTICLES) < words[w].df)
                at += (size_t)sprintf(json + at, "%s ", words[w].text);
        sprintf(json + at, "0\"}");
        if (ns_writer_add_json(writer, json, strlen(json), &err) != NS_OK)
            fail_msg("%s", err.message);
    }
}

static int make_index(void **state)
{
    (void)state;
    static const unsigned DFS[] = {1, 1, 2, 3, 4, 5, 20, 100, 300};
    const char *given = getenv("NS_SEED");
    random_state = given ? strtoull(given, NULL, 10) : 20261125;
    print_message("seed %" PRIu64 "\n", random_state);
    add_word("government", 900);
    add_word("goverment", 2);
    add_word("tariff", 100);
    add_word("tarif", 1);
    add_word("officials", 50);
    add_word("nord", 40);
    add_word("xnord", 3);
    while (word_count < WORDS) {
        char text[LONGEST];
        random_word(text);
        add_word(text, DFS[pick(9)] + pick(3));
    }
    strcpy(directory, "/tmp/ns-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    for (int part = 0; part < 2; part++) { /* two segments */
        ns_writer *writer;
        ns_error err = {0};
        assert_int_equal(ns_writer_open(directory, NULL, &writer, &err), NS_OK);
        write_articles(writer, part * ARTICLES / 3, part ? ARTICLES : ARTICLES / 3);
        assert_int_equal(ns_writer_commit(writer, NULL, &err), NS_OK);
        ns_writer_close(writer);
    }
    return ns_index_open(directory, &test_index, NULL) == NS_OK ? 0 : -1;
}

static int remove_index(void **state)
{
    (void)state;
    char command[128];
    ns_index_close(test_index);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

/* ---- The plain way ---- */

/* Optimal string alignment. */
static unsigned edits(const char *a, const char *b)
{
    unsigned rows[32][32];
    unsigned m = (unsigned)strlen(a), n = (unsigned)strlen(b);
    for (unsigned i = 0; i <= m; i++) {
        for (unsigned j = 0; j <= n; j++) {
            unsigned best = i == 0 ? j : j == 0 ? i : UINT32_MAX;
            if (i > 0 && j > 0) {
                best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
                best = rows[i - 1][j] + 1 < best ? rows[i - 1][j] + 1 : best;
                best = rows[i][j - 1] + 1 < best ? rows[i][j - 1] + 1 : best;
            }
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                rows[i - 2][j - 2] + 1 < best)
                best = rows[i - 2][j - 2] + 1;
            rows[i][j] = best;
        }
    }
    return rows[m][n];
}

/* The best word for one that may be misspelt; word_count when there is none. */
static size_t best_word(const char *text)
{
    size_t at = find_word(text), best = word_count;
    unsigned df = at < word_count ? words[at].df : 0, weight = 0;
    if (strlen(text) < 4 || df > ARTICLES / 1000)
        return word_count;
    for (size_t w = 0; w < word_count; w++) {
        unsigned away = edits(text, words[w].text);
        bool first = text[0] == words[w].text[0];
        if (away == 0 || away > (df > 0 || strlen(text) < 6 || !first ? 1 : 2))
            continue;
        unsigned here = words[w].df * 3000 / (away > 1 ? 100 : 1) / (first ? 1 : 30);
        if (words[w].df < (away > 1 ? 1 + ARTICLES / 50000 : 2) ||
            words[w].df / (first ? 1 : 30) < df * 100 || here < weight ||
            (here == weight && (best == word_count || strcmp(words[w].text, words[best].text) > 0)))
            continue;
        weight = here;
        best = w;
    }
    return best;
}

static void check_word(const char *text)
{
    ns_spelling *spelling;
    size_t best = best_word(text);
    ns_status status = ns_spell_query(test_index, text, strlen(text), NULL, &spelling, NULL);
    if (status != (best < word_count ? NS_OK : NS_NOT_FOUND))
        fail_msg("%s: %s; expected %s", text,
                 status == NS_OK ? ns_spelling_text(spelling, NULL) : ns_status_name(status),
                 best < word_count ? words[best].text : "nothing");
    if (status == NS_OK) {
        assert_string_equal(ns_spelling_text(spelling, NULL), words[best].text);
        assert_int_equal(ns_spelling_get(spelling, 0).passages, words[best].df);
    } else {
        assert_null(spelling);
    }
    ns_spelling_free(spelling);
}

static void test_against_all(void **state)
{
    (void)state;
    unsigned found = 0;
    const int all = rounds(3000);
    for (int round = 0; round < all; round++) {
        char text[LONGEST + 4];
        strcpy(text, words[pick(WORDS)].text);
        for (uint32_t times = pick(3); times-- > 0;) {
            size_t length = strlen(text), at = pick((uint32_t)length);
            switch (pick(4)) {
            case 0:
                text[at] = (char)('a' + pick(4));
                break;
            case 1:
                memmove(text + at + 1, text + at, length - at + 1);
                text[at] = (char)('a' + pick(4));
                break;
            case 2:
                if (length > 2)
                    memmove(text + at, text + at + 1, length - at);
                break;
            default:
                if (at + 1 < length) {
                    char c = text[at];
                    text[at] = text[at + 1];
                    text[at + 1] = c;
                }
            }
        }
        found += best_word(text) < word_count;
        check_word(text);
    }
    print_message("%u of %d words have a better one\n", found, all);
    assert_in_range(found, all / 10, all - all / 30);
}

/* ---- Whole queries ---- */

static void check(const char *text, const char *right)
{
    ns_spelling *spelling;
    ns_error err = {0};
    size_t length = 0;
    ns_status status = ns_spell_query(test_index, text, strlen(text), NULL, &spelling, &err);
    if (right == NULL) {
        assert_int_equal(status, NS_NOT_FOUND);
        return;
    }
    if (status != NS_OK)
        fail_msg("%s: %s", text, ns_status_name(status));
    assert_string_equal(ns_spelling_text(spelling, &length), right);
    assert_int_equal(length, strlen(right));
    size_t grown = 0;
    for (size_t i = 0; i < ns_spelling_count(spelling); i++) { /* what is between stays */
        ns_spelling_word word = ns_spelling_get(spelling, i);
        assert_true(word.was_end <= strlen(text) && word.end <= length);
        assert_int_equal(word.start, word.was_start + grown);
        grown += (word.end - word.start) - (word.was_end - word.was_start);
    }
    assert_int_equal(strlen(text) + grown, length);
    ns_spelling_free(spelling);
}

static void test_queries(void **state)
{
    (void)state;
    check("goverment", "government");
    check("Goverment GOVERMENT", "Government GOVERNMENT");
    check("+goverment^2 AND (title:\"oficials\" OR tarrif~1)",
          "+government^2 AND (title:\"officials\" OR tarrif~1)");
    check("\"tarrif oficials\"~5", "\"tariff officials\"~5");
    check("goverment NEAR/3 tarrif", "government NEAR/3 tariff");
    check("SENTENCE(goverment tarrif)", "SENTENCE(government tariff)");
    check("anti-goverment, x", "anti-government, x");
    check("goverment -goverment", "government -goverment");
    check("g\xc3\xb6verment", "government");
    check("norf", "nord");  /* another letter: one edit */
    check("ynord", "nord"); /* one too many, at the beginning */
    check("xnord", NULL);   /* there, and not rare */
    check("", NULL);
    check("government tariff", NULL);
    check("-goverment", NULL);
    check("=goverment goverm* tarrif~", NULL);
    check("source:goverment date:2024", NULL);
    check("tar gov4rment 123456", NULL);
    check("\\+goverment", NULL); /* with a backslash: left alone */
    check("completelydifferent", NULL);
}

static void test_values(void **state)
{
    (void)state;
    check("source:Reutrs", "source:Reuters");
    check("source:Reters goverment", "source:Reuters government");
    check("source:ruoters", "source:Rooters");
    check("source:rewters", "source:Reuters"); /* one edit before two … */
    check("source:rouoters", "source:Rooters");
    check("section:spor", "section:Sport");
    check("section:sporg", "section:Sport"); /* … and what more articles have */
    check("section:\"Wrold News\"", "section:\"World news\"");
    check("source:\"washington hreald\"", "source:\"Washington Herald\"");
    check("source:hreald", "source:Herald");
    check("source:Zuricher", "source:Z\xc3\xbcrcher"); /* as articles have it */
    check("source:(reutrs OR hreald)", "source:(Reuters OR Herald)");
    check("author:smiht -source:reutrs", "author:Smith -source:reutrs");
    check("author:bartt", "author:Bart"); /* below six letters one edit */
    check("author:brat", "author:Bart");
    check("author:zolt", "author:Bolt"); /* in all segments */
    check("author:bxxt", NULL);
    check("source:reuters", NULL);
    check("source:washington", NULL);
    check("source:reut* source:reu", NULL);
    check("source:\"a (b) d\"", "source:\"a (b) c\"");
    check("lang:xxyy url:reutrs id:reutrs", NULL);
    check("source:something", NULL);
}

/* Values with signs of all kinds, in quotes where they need some. */
static void test_signs(void **state)
{
    (void)state;
    check("author:\"Smyth, John\"", "author:\"Smith, John\"");
    check("author:\"Smith, Jhon\"", "author:\"Smith, John\"");
    check("author:o'niel", "author:O'Neil");
    check("author:janeo'neil", "author:\"Jane O'Neil\"");
    check("author:(janeo'neil OR x)^2", "author:(\"Jane O'Neil\" OR x)^2");
    check("section:\"U.S. Newz\"", "section:\"U.S. News\"");
    check("section:Food/Drimk", "section:\"Food/Drink\"");
    check("section:\xe2\x80\x9e"
          "Food/Drimk\xe2\x80\x9c",
          "section:\xe2\x80\x9e"
          "Food/Drink\xe2\x80\x9c");
    check("section:\"Food/Drimk", "section:\"Food/Drink"); /* closed by the end */
    check("source:matim", "source:Matin");                 /* without what is around it */
    check("source:\"agence matim\"", "source:\"Agence \\\xe2\x80\x9cMatin\"");
    check("author:(zizzi)", "author:(Zizi)");
    check("source:agence-matin", "source:\"Agence \\\xe2\x80\x9cMatin\"");
    check("section:helth", "section:Health");
    check("section:\"b\\c news\"", NULL); /* with a backslash: left alone */
    check("section:wat?now", NULL);
}

/* ---- Forms of one word, and stop words ---- */

static const struct {
    const char *body;
    int articles;
} FORMS[] = {{"The government of the district spoke, because a %d being there was of use.", 30},
             {"A governent of %d.", 2},
             {"Beijing %d talks.", 3},
             {"It became %d later.", 9},
             {"Governments of %d.", 5},
             {"A Thein of %d.", 1},
             {"A tier of %d.", 5},
             {"They %d.", 1200},
             {"Theys %d.", 2},
             {"Their %d of them.", 1200}};

static ns_index *make_forms(char folder[64], bool no_text)
{
    ns_writer_options options;
    ns_index_settings settings;
    ns_writer *writer;
    ns_error err = {0};
    ns_index *index;
    strcpy(folder, "/tmp/ns-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    ns_index_settings_init(&settings);
    settings.no_text = no_text;
    ns_writer_options_init(&options);
    options.settings = &settings;
    assert_int_equal(ns_writer_open(folder, &options, &writer, &err), NS_OK);
    for (size_t f = 0; f < sizeof FORMS / sizeof *FORMS; f++)
        for (int i = 0; i < FORMS[f].articles; i++) {
            char json[256];
            int at =
                snprintf(json, sizeof json, "{\"lang\":\"en\",\"id\":\"%zu-%d\",\"body\":\"", f, i);
            at += snprintf(json + at, sizeof json - (size_t)at, FORMS[f].body, i);
            snprintf(json + at, sizeof json - (size_t)at, "\"}");
            assert_int_equal(ns_writer_add_json(writer, json, strlen(json), &err), NS_OK);
        }
    assert_int_equal(ns_writer_commit(writer, NULL, &err), NS_OK);
    ns_writer_close(writer);
    assert_int_equal(ns_index_open(folder, &index, &err), NS_OK);
    return index;
}

static void check_forms(bool no_text, const char *const (*cases)[2], size_t count)
{
    char folder[64], command[128];
    ns_index *index = make_forms(folder, no_text);
    for (size_t c = 0; c < count; c++) {
        ns_spelling *spelling;
        ns_status status =
            ns_spell_query(index, cases[c][0], strlen(cases[c][0]), NULL, &spelling, NULL);
        assert_int_equal(status, cases[c][1] ? NS_OK : NS_NOT_FOUND);
        if (cases[c][1])
            assert_string_equal(ns_spelling_text(spelling, NULL), cases[c][1]);
        ns_spelling_free(spelling);
    }
    ns_index_close(index);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* Of two forms of one word the one that stands there, not the first; a word rather than a stop word
 * that is as near, unless that is a thousand times as frequent, or two letters of it were
 * exchanged; but no farther one. */
static void test_forms_and_stop_words(void **state)
{
    (void)state;
    static const char *const text[][2] = {
        {"goverment", "government"},
        {"Govermnent", "Government"},
        {"goverments", "governments"},
        {"Bejing", "Beijing"},
        {"becuase", "because"},
        {"bieng", "being"},
        {"thier", "their"},
        {"theyy", "they"},
    };
    static const char *const none[][2] = {{"goverment", "governent"},
                                          {"Bejing", "Beijing"},
                                          {"becuase", "because"},
                                          {"theyy", "they"}};
    check_forms(false, text, sizeof text / sizeof *text);
    check_forms(true, none, sizeof none / sizeof *none); /* nothing tells forms apart */
}

/* What is suggested can be asked: it is as long as a query may be, at most. */
static void test_longest(void **state)
{
    (void)state;
    static char text[NS_MAX_QUERY_BYTES];
    static const char word[] = "goverment"; /* put right, it has a byte more */
    for (size_t less = 0; less < 2; less++) {
        const size_t length = sizeof text - less;
        ns_spelling *spelling = NULL;
        memset(text, ' ', length);
        memcpy(text, "talks", 5);
        memcpy(text + length - (sizeof word - 1), word, sizeof word - 1);
        const ns_status status = ns_spell_query(test_index, text, length, NULL, &spelling, NULL);
        assert_int_equal(status, less ? NS_OK : NS_NOT_FOUND);
        if (less) {
            size_t bytes;
            (void)ns_spelling_text(spelling, &bytes);
            assert_int_equal(bytes, NS_MAX_QUERY_BYTES);
        }
        ns_spelling_free(spelling);
    }
}

static void test_options_and_limits(void **state)
{
    (void)state;
    ns_query_options options;
    ns_query_options_init(&options);
    options.strict = options.words = true;
    ns_spelling *spelling;
    assert_int_equal(ns_spell_query(test_index, "(goverment", 10, &options, &spelling, NULL),
                     NS_OK);
    assert_string_equal(ns_spelling_text(spelling, NULL), "(government");
    ns_spelling_free(spelling);
    assert_int_equal(ns_spell_query(test_index, "\xff goverment", 11, NULL, &spelling, NULL),
                     NS_OK);
    assert_string_equal(ns_spelling_text(spelling, NULL), "\xef\xbf\xbd government");
    ns_spelling_free(spelling);
    static char many[70000];
    memset(many, 'a', sizeof many);
    assert_int_equal(ns_spell_query(test_index, many, sizeof many, NULL, &spelling, NULL),
                     NS_ERR_LIMIT);
    assert_null(spelling);
    for (size_t i = 0; i + 10 <= 10000; i += 10) /* many words, few of them looked for */
        sprintf(many + i, "gov%06zu ", i / 10);
    for (size_t i = 0; i < 10000; i++)
        if (many[i] >= '0' && many[i] <= '9')
            many[i] = (char)(many[i] - '0' + 'a');
    assert_int_equal(ns_spell_query(test_index, many, 10000, NULL, &spelling, NULL), NS_NOT_FOUND);
    ns_spelling_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_against_all),
        cmocka_unit_test(test_forms_and_stop_words),
        cmocka_unit_test(test_options_and_limits),
        cmocka_unit_test(test_longest),
    };
    return cmocka_run_group_tests(tests, make_index, remove_index);
}
