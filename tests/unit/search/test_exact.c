/* =words: what is kept of how words are written answers as stored text does, also where there is no
 * text. */
#include "unit/index/help.h"

#include "ns/ns.h"

static const char *const RECORDS[] = {
    "{\"id\": \"firm\", \"title\": \"Apple's phones\", \"body\": \"Apple sells phones. APPLE grew. "
    "The U.S. and the US buy.\", \"lang\": \"en\"}",
    "{\"id\": \"fruit\", \"title\": \"Apples\", \"body\": \"An apple a day. Two apples are more. "
    "Ask us, they told US officials.\", \"lang\": \"en\"}",
    "{\"id\": \"names\", \"body\": \"McDonald’s of the MacDonald clan; mcdonald and McDONALD. "
    "O'Neill's talks, O’Neill talked.\", \"lang\": \"en\"}",
    "{\"id\": \"marks\", \"body\": \"École, école, ÉCOLE and Ecole: the ecole. naïve Naive.\", "
    "\"lang\": \"fr\"}",
    "{\"id\": \"strasse\", \"title\": \"STRASSE\", \"body\": \"Die Straße und die Strasse, die "
    "STRASSE. Talks, talks.\", \"lang\": \"de\"}",
    "{\"id\": \"zh\", \"title\": \"北京\", \"body\": \"北京奥林匹克。 Ａｐｐｌｅ ﬁne Fine fine.\", "
    "\"lang\": \"zh\"}",
    "{\"id\": \"ru\", \"body\": \"Москва и москва. МОСКВА, в Москве.\", \"lang\": \"ru\"}",
    "{\"id\": \"caps\", \"title\": \"ASK US ABOUT APPLE PIE\", \"body\": \"TELL US MORE ABOUT "
    "APPLES TODAY. It’s IT's its It\", \"lang\": \"en\"}",
    "{\"id\": \"tr\", \"body\": \"İstanbul istanbul Istanbul ISTANBUL ılık\", \"lang\": \"tr\"}",
    "{\"id\": \"elided\", \"title\": \"L’Élysée\", \"body\": \"Le palais de l'Élysée. L'union "
    "d'Estaing l\u00a0Union.\", \"lang\": \"fr\"}",
    "{\"id\": \"union\", \"body\": \"la seule union\", \"lang\": \"fr\"}",
    "{\"id\": \"ankara\", \"body\": \"Ankara'da, ANKARA’DA.\", \"lang\": \"tr\"}",
    "{\"id\": \"aquila\", \"body\": \"Il sindaco dell'Aquila dell'aquila.\", \"lang\": \"it\"}",
    "{\"id\": \"nfd\", \"body\": \"Cafe\u0301 ne Govern\u00adment, Govern\u200dment’s\", \"lang\": "
    "\"en\"}",
    "{\"id\": \"nfc\", \"body\": \"Café, U.K. officials. Giscard d'Estaing, Ankara'da, O.K.\", "
    "\"lang\": \"en\"}",
    "{\"id\": \"small\", \"body\": \"café government uk élysée ankara union\", \"lang\": \"en\"}",
    "{\"id\": \"empty\", \"title\": \"...\", \"body\": \"-\"}",
};
enum { RECORD_COUNT = sizeof RECORDS / sizeof *RECORDS };

static const struct {
    const char *query, *ids; /* in the order of input; NULL: only that all ways agree */
} CASES[] = {
    {"=Apple", "firm zh "},
    {"=apple", "firm fruit zh caps "},
    {"=APPLE", "firm caps "},
    {"=apples", "fruit caps "},
    {"=Apples", "fruit "},
    {"title:=Apple", "firm "},
    {"body:=Apple", "firm zh "},
    {"=US", NULL},
    {"=us", NULL},
    {"=U.S.", NULL},
    {"=\"Apple sells\"", "firm "},
    {"=\"apple sells\"", "firm "},
    {"=\"Apple Sells\"", ""},
    {"=\"sells Apple\"~3", "firm "},
    {"=Apple NEAR/3 =phones", "firm "},
    {"=Apple NEAR/3 =Phones", ""},
    {"title:(=Apple NEAR =phones)", "firm "},
    {"=McDonald", "names "},
    {"=mcdonald", NULL},
    {"=O'Neill", NULL},
    {"=talks", NULL},
    {"=Talks", "strasse "},
    {"=École", "marks "},
    {"=école", "marks "},
    {"=Ecole", "marks "},
    {"=STRASSE", "strasse "},
    {"title:=STRASSE", "strasse "},
    {"=straße", NULL},
    {"=北京", NULL},
    {"=Москва", "ru "},
    {"=МОСКВА", "ru "},
    {"=москва", "ru "},
    {"=It", NULL},
    {"=it", NULL},
    {"=İstanbul", NULL},
    {"=istanbul", NULL},
    {"=fine", NULL},
    {"=Fine -=Apple", NULL},
    {"+=apple -=Apple", "fruit caps "},
    {"apple -=apples", NULL},
    {"(=Apple OR =Fine) AND =fine", NULL},
    {"=(Apple OR Москва)", "firm zh ru "},
    {"=nowhere", ""},
    /* Capitals count, and nothing else. */
    {"=élysée", "elided small "},
    {"=Élysée", "elided "},
    {"=ÉLYSÉE", ""},
    {"=l'Élysée", "elided "},
    {"=\"de l'Élysée\"", "elided "},
    {"=\"palais l'Élysée\"~2", "elided "},
    {"=Union", "elided "},
    {"=union", "elided union small "},
    {"=l'union", "elided union "},
    {"=ankara", "ankara small "},
    {"=Ankara", "ankara "},
    {"=ANKARA", "ankara "},
    {"=Ankara'da", "ankara nfc "},
    {"=ankara'da", "ankara nfc "},
    {"=aquila", "aquila "},
    {"=Aquila", "aquila "},
    {"=AQUILA", ""},
    {"=d'Estaing", "elided nfc "},
    {"=d'estaing", "elided nfc "},
    {"=D'Estaing", "elided "},
    {"=Estaing", "elided "},
    {"=café", "nfd nfc small "},
    {"=Café", "nfd nfc "},
    {"=Cafe\u0301", "nfd nfc "},
    {"=CAFÉ", ""},
    {"=government", "nfd small "},
    {"=Government", "nfd "},
    {"=Govern\u00adment", "nfd "},
    {"=GOVERNMENT", ""},
    {"=ＡＰＰＬＥ", "firm caps "},
    {"=UK", "nfc "},
    {"=U.K.", "nfc "},
    {"=Uk", ""},
    {"=uk", "nfc small "},
    {"=Straße", "strasse "},
    {"=Strasse", "strasse "},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

static ns_index *make(const char *name, const ns_index_settings *settings, size_t commits)
{
    ns_error err = {0};
    ns_index *index;
    remove_tree(in_folder(name));
    for (size_t c = 0; c < commits; c++) {
        ns_writer_options options;
        ns_writer *writer;
        ns_writer_options_init(&options);
        options.settings = settings;
        assert_ok(ns_writer_open(in_folder(name), &options, &writer, &err), err);
        for (size_t i = c * RECORD_COUNT / commits; i < (c + 1) * RECORD_COUNT / commits; i++)
            assert_ok(ns_writer_add_json(writer, RECORDS[i], strlen(RECORDS[i]), &err), err);
        assert_ok(ns_writer_commit(writer, NULL, &err), err);
        ns_writer_close(writer);
    }
    assert_ok(ns_index_open(in_folder(name), &index, &err), err);
    return index;
}

/* Ids and scores of all results, and hits, as text. */
static void answer(const ns_index *index, const char *query, const ns_search_options *options,
                   char out[1024])
{
    ns_error err = {0};
    ns_results *results;
    assert_ok(ns_search(index, query, strlen(query), options, &results, &err), err);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ns_results_count(results); i++) {
        const ns_result result = ns_results_get(results, i);
        used += (size_t)snprintf(out + used, 1024 - used, "%u/%u %a, ", (unsigned)result.article,
                                 result.passage, (double)result.score);
    }
    snprintf(out + used, 1024 - used, "%u", (unsigned)ns_results_hits(results).passages);
    ns_results_free(results);
}

static void found_ids(const ns_index *index, const char *query, char out[256])
{
    ns_search_options options;
    ns_results *results;
    bool found[RECORD_COUNT] = {false};
    ns_search_options_init(&options);
    assert_int_equal(ns_search(index, query, strlen(query), &options, &results, NULL), NS_OK);
    for (size_t i = 0; i < ns_results_count(results); i++)
        found[ns_results_get(results, i).article] = true;
    out[0] = '\0';
    for (size_t a = 0; a < RECORD_COUNT; a++) {
        ns_article *article;
        if (!found[a])
            continue;
        assert_int_equal(ns_article_facts_at(index, a, &article, NULL), NS_OK);
        strcat(strcat(out, ns_article_id(article, NULL)), " ");
        ns_article_free(article);
    }
    ns_results_free(results);
}

static void compare(const ns_index_settings *base, size_t commits)
{
    ns_index_settings settings = *base;
    ns_index *text = make("text", &settings, commits);
    settings.exact = true;
    ns_index *both = make("both", &settings, commits);
    settings.no_text = true;
    ns_index *bare = make("bare", &settings, commits);
    for (size_t c = 0; c < CASE_COUNT; c++)
        for (int mode = 0; mode < 8; mode++) {
            ns_search_options options;
            char want[1024], got[1024];
            ns_search_options_init(&options);
            options.count = true;
            options.no_pruning = mode & 1;
            options.passages = mode & 2;
            options.isa = mode & 4 ? 0 : -1;
            answer(text, CASES[c].query, &options, want);
            for (int way = 0; way < 4; way++) {
                options.from_text = way & 1;
                answer(way & 2 ? bare : both, CASES[c].query, &options, got);
                if (strcmp(want, got) != 0)
                    fail_msg("%s, mode %d, way %d, %zu commits: %s, not %s", CASES[c].query, mode,
                             way, commits, got, want);
            }
        }
    ns_index_close(text);
    ns_index_close(both);
    ns_index_close(bare);
}

static void test_same_answers(void **state)
{
    (void)state;
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    compare(&settings, 1);
    settings.block_postings = 2;
    settings.window_passages = 16;
    compare(&settings, 3);
    settings.analysis.passage_terms = 4;
    settings.analysis.keep_diacritics = true;
    compare(&settings, 2);
    settings.analysis.no_stemming = true;
    settings.analysis.one_passage = true;
    compare(&settings, 1);
    settings.analysis.whitespace = true;
    settings.title_weight = 0;
    compare(&settings, 1);
}

static void test_answers(void **state)
{
    (void)state;
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.exact = settings.no_text = true;
    ns_index *index = make("bare", &settings, 2);
    for (size_t c = 0; c < CASE_COUNT; c++) {
        char got[256];
        if (CASES[c].ids == NULL)
            continue;
        found_ids(index, CASES[c].query, got);
        if (strcmp(got, CASES[c].ids) != 0)
            fail_msg("%s finds %s, not %s", CASES[c].query, got, CASES[c].ids);
    }
    ns_index_close(index);
}

/* Without text nor this, =words are refused, and it is said what helps. */
static void test_refused(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index_settings settings;
    ns_results *results;
    ns_index_settings_init(&settings);
    settings.no_text = true;
    ns_index *index = make("bare", &settings, 1);
    assert_int_equal(ns_search(index, "=Apple", 6, NULL, &results, &err), NS_ERR_QUERY);
    assert_non_null(strstr(err.message, "--exact"));
    ns_index_close(index);
    /* An index keeps the settings that it was made with. */
    ns_writer_options options;
    ns_writer *writer;
    settings.exact = true;
    ns_writer_options_init(&options);
    options.settings = &settings;
    assert_int_equal(ns_writer_open(in_folder("bare"), &options, &writer, &err), NS_ERR_SETTINGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_answers),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
