/* The article table: what is added comes back, and hostile bytes are refused. */
#include "segment_support.h"

#include "base/limits.h"
#include "segment/articles.h"
#include "segment/articles_parts.h"
#include "unit/quick.h"

enum { MOST_PASSAGES = 40, MOST_SENTENCES = 12, MOST_TITLE = 9 };

/* A generated article, with room for what its entry points to. */
typedef struct sample {
    ns__article_entry entry;
    ns__passage_entry passages[MOST_PASSAGES];
    uint32_t sentences[MOST_PASSAGES][MOST_SENTENCES];
    uint32_t headline[MOST_TITLE];
    char id[64], columns[NS__COLUMN_COUNT][96];
} sample;

typedef struct shape {
    uint32_t articles, most_passages, duplicates; /* duplicates: ids repeat from this many on */
    uint32_t words;                               /* term ordinals are below; 0: no headlines */
    int dates;                                    /* 0 none, 1 days, 2 seconds, 3 wild */
    uint32_t long_passages;                       /* 0, or terms of a long one */
} shape;

static ns__str text_of(const char *text)
{
    return (ns__str){(const uint8_t *)text, strlen(text)};
}

static ns__stamp make_date(int kind)
{
    ns__stamp stamp = {.unix_s = INT64_MIN};
    if (kind == 0 || random_below(10) == 0)
        return stamp;
    stamp.precision = 3;
    stamp.unix_s = -1700000000 + 86400 * (int64_t)random_below(30000);
    if (kind >= 2) {
        stamp.precision = 5;
        stamp.unix_s += random_below(86400);
        stamp.has_offset = random_below(2);
        stamp.offset_minutes = stamp.has_offset ? (int16_t)(random_below(1440) - 720) : 0;
    }
    if (kind == 3)
        stamp.unix_s = (int64_t)(random_u64() | 1);
    return stamp;
}

static void make_passages(sample *s, const shape *plan)
{
    uint32_t at = 0;
    ns__article_entry *entry = &s->entry;
    for (uint32_t p = 0; p < entry->passage_count; p++) {
        ns__passage_entry *passage = &s->passages[p];
        passage->start = at + (p ? random_below(4) : 0);
        passage->terms = random_below(200);
        if (plan->long_passages && random_below(20) == 0)
            passage->terms = random_below(plan->long_passages);
        passage->end = passage->start + passage->terms * 6;
        passage->sentences = s->sentences[p];
        passage->sentence_count = 0;
        for (uint32_t token = 0; token < passage->terms && passage->sentence_count < MOST_SENTENCES;
             token += 1 + random_below(30))
            s->sentences[p][passage->sentence_count++] = token << 1 | random_below(2);
        at = passage->end;
    }
    entry->passages = s->passages;
    entry->body_bytes = at + random_below(3);
}

static void make_sample(sample *s, uint32_t number, const shape *plan, uint64_t *text)
{
    ns__article_entry *entry = &s->entry;
    memset(entry, 0, sizeof *entry);
    snprintf(s->id, sizeof s->id, "news/%u/%s",
             plan->duplicates ? number % plan->duplicates : number,
             number % 3 ? "wire" : "a-rather-long-tail");
    if (number == 5)
        s->id[0] = '\0'; /* any bytes, none too */
    entry->id = text_of(s->id);
    snprintf(s->columns[0], 48, "%s", number % 4 ? "Agency" : "");
    snprintf(s->columns[1], 48, "section %u", number % 17);
    snprintf(s->columns[2], 48, "%s", "");
    snprintf(s->columns[3], 48, "author %u", random_below(50));
    static const char *const before[] = {"", "https://example.org/", "https://example.org/?id="};
    snprintf(s->columns[4], sizeof s->columns[4], "%s%s", before[number % 3],
             number % 4 ? s->id : "x");
    for (int c = 0; c < NS__COLUMN_COUNT; c++)
        entry->columns[c] = text_of(s->columns[c]);
    entry->date = make_date(plan->dates);
    entry->lang = (uint8_t)(random_below(10) == 0 ? 200 : 3);
    entry->title_bytes = random_below(100);
    entry->meta_bytes = random_below(300);
    entry->title_terms = plan->words ? random_below(MOST_TITLE + 1) : 0;
    for (uint32_t i = 0; i < entry->title_terms; i++)
        s->headline[i] = random_below(plan->words);
    entry->passage_count = 1 + random_below(plan->most_passages);
    make_passages(s, plan);
    entry->fingerprint = number % 5 ? random_u64() >> 24 : 0;
    if (random_below(8) == 0)
        *text = random_below(2) ? *text + random_below(1000) : random_below(1000);
    entry->text_offset = *text;
    *text += (uint64_t)entry->title_bytes + entry->body_bytes + entry->meta_bytes;
}

static sample *make_samples(const shape *plan)
{
    sample *samples = calloc(plan->articles, sizeof *samples);
    uint64_t text = 0;
    for (uint32_t i = 0; i < plan->articles; i++)
        make_sample(&samples[i], i, plan, &text);
    return samples;
}

/* `places`: of the articles in the input, or NULL. */
/* A permutation that is not the identity. count is no multiple of 7. */
static uint32_t *make_places(uint32_t count, bool one_round)
{
    uint32_t *places = malloc(count * sizeof *places);
    for (uint32_t a = 0; a < count; a++) {
        if (one_round) /* all come back to themselves after `count` steps */
            places[(a * 7 + 3) % count] = ((a + 1) % count * 7 + 3) % count;
        else
            places[a] = (a * 7 + 3) % count;
    }
    return places;
}

static uint32_t article_of(const uint32_t *places, uint32_t count, uint32_t place)
{
    uint32_t article = 0;
    while (article < count && places[article] != place)
        article++;
    assert_true(article < count);
    return article;
}

static void write_placed(const sample *samples, const shape *plan, const uint32_t *places,
                         const char *path)
{
    ns_index_settings settings = small_settings();
    ns__articles_writer *writer;
    ns__frame_writer *frame;
    uint32_t *headlines = calloc(plan->articles * MOST_TITLE + 1, 4);
    size_t words = 0;
    assert_fine(ns__articles_writer_open(&settings, &writer, err));
    if (places)
        ns__articles_ids_apart(writer);
    for (uint32_t i = 0; i < plan->articles; i++) {
        assert_fine(ns__articles_add(writer, &samples[i].entry, err));
        for (uint32_t w = 0; w < samples[i].entry.title_terms; w++)
            headlines[words++] = samples[i].headline[w];
    }
    assert_int_equal(ns__articles_count(writer), plan->articles);
    ns__articles_set_places(writer, places);
    for (uint32_t p = 0; p < plan->articles && places; p++)
        assert_fine(ns__articles_add_id(
            writer, samples[article_of(places, plan->articles, p)].entry.id, err));
    assert_fine(ns__frame_create(path, NS_KIND_ARTICLES, &frame, err));
    assert_fine(ns__articles_finish(writer, headlines, frame, err));
    assert_fine(ns__frame_finish(frame, (ns__segment_id){{1, 2, 3}}, false, NULL, NULL, err));
    free(headlines);
}

static void write_samples(const sample *samples, const shape *plan, const char *path)
{
    write_placed(samples, plan, NULL, path);
}

static void assert_text(const ns__buf *found, ns__str expected)
{
    assert_true(ns__str_equal((ns__str){found->data, found->length}, expected));
}

static void compare_passages(const ns__article_facts *facts, const sample *s)
{
    for (uint32_t p = 0; p < facts->passage_count; p++) {
        const ns__passage_entry *found = &facts->passages[p], *expected = &s->passages[p];
        assert_int_equal(found->start, expected->start);
        assert_int_equal(found->end, expected->end);
        assert_int_equal(found->terms, expected->terms);
        assert_int_equal(found->sentence_count, expected->sentence_count);
        for (uint32_t i = 0; i < found->sentence_count; i++)
            assert_int_equal(found->sentences[i], expected->sentences[i]);
    }
}

static void compare_article(const ns__articles *articles, uint32_t number, const sample *s,
                            ns__arena *arena, ns__buf *buf)
{
    const ns__article_entry *entry = &s->entry;
    ns__article_facts facts;
    assert_fine(ns__article_facts_get(articles, number, arena, &facts, err));
    assert_int_equal(facts.text_offset, entry->text_offset);
    assert_int_equal(facts.title_bytes, entry->title_bytes);
    assert_int_equal(facts.body_bytes, entry->body_bytes);
    assert_int_equal(facts.meta_bytes, entry->meta_bytes);
    assert_int_equal(facts.title_terms, entry->title_terms);
    assert_int_equal(facts.lang, entry->lang);
    assert_true(articles->langs_used[facts.lang / 8] >> facts.lang % 8 & 1);
    assert_int_equal(facts.passage_count, entry->passage_count);
    assert_true(ns__article_fingerprint(articles, number) == entry->fingerprint);
    assert_true(facts.date.unix_s == entry->date.unix_s);
    assert_int_equal(facts.date.precision, entry->date.precision);
    assert_int_equal(facts.date.has_offset, entry->date.has_offset);
    assert_int_equal(facts.date.offset_minutes, entry->date.offset_minutes);
    compare_passages(&facts, s);
    const uint32_t *ordinals;
    uint32_t count;
    assert_fine(ns__article_headline(articles, number, arena, &ordinals, &count, err));
    assert_int_equal(count, entry->title_terms);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(ordinals[i], s->headline[i]);
    assert_fine(ns__article_id(articles, number, NULL, buf, err));
    assert_text(buf, entry->id);
    for (int c = 0; c < NS__COLUMN_COUNT; c++) {
        assert_fine(ns__article_column(articles, number, (ns__column)c, entry->id, buf, err));
        assert_text(buf, entry->columns[c]);
    }
}

/* Headlines of some articles at once, in any order; what is known by then is kept in between. */
static void compare_headlines(ns__articles *articles, const sample *samples, const shape *plan)
{
    enum { MOST = 60, TURNS = 40 };
    uint32_t wanted[MOST];
    ns__headline found[MOST];
    size_t asked = 0;
    for (int turn = 0; turn < TURNS && plan->articles > 0; turn++) {
        const size_t count = random_below(MOST + 1);
        for (size_t i = 0; i < count; i++)
            wanted[i] = random_below(plan->articles);
        if (turn == TURNS / 4) /* before, nothing is kept; now it soon will be */
            articles->headlines_kept = calloc(1, sizeof *articles->headlines_kept);
        asked += turn >= TURNS / 4 ? count : 0;
        assert_fine(ns__headlines_find(articles, wanted, count, found, err));
        for (size_t i = 0; i < count; i++) {
            const sample *s = &samples[wanted[i]];
            assert_int_equal(found[i].terms, s->entry.title_terms);
            for (uint32_t w = 0; w < found[i].terms; w++)
                assert_int_equal(ns__headline_word(articles, &found[i], w), s->headline[w]);
        }
    }
    wanted[0] = plan->articles;
    assert_int_equal(ns__headlines_find(articles, wanted, 1, found, NULL), NS_ERR_ARGUMENT);
    if (plan->articles > 0 && articles->headline_terms > 0)
        assert_int_equal(articles->headlines_kept->places != NULL, asked >= 512);
    ns__headlines_forget(articles);
}

static void compare_lookups(const ns__articles *articles, const sample *samples, const shape *plan)
{
    for (uint32_t a = 0; a < plan->articles; a++) {
        uint32_t found = UINT32_MAX, last = a;
        assert_fine(ns__article_lookup(articles, samples[a].entry.id, &found, err));
        if (plan->duplicates)
            for (uint32_t later = a; later < plan->articles; later++)
                if (ns__str_equal(samples[a].entry.id, samples[later].entry.id))
                    last = later;
        assert_int_equal(found, last);
        char missing[80];
        snprintf(missing, sizeof missing, "%s?", samples[a].id);
        assert_int_equal(ns__article_lookup(articles, text_of(missing), &found, NULL),
                         NS_NOT_FOUND);
    }
}

static void compare_windows(const ns__articles *articles, const sample *samples, const shape *plan)
{
    for (uint32_t w = 0; w < ns__articles_windows(articles); w++) {
        int64_t low = INT64_MAX, high = INT64_MIN, earliest, latest;
        uint32_t passage = 0;
        for (uint32_t a = 0; a < plan->articles; a++) {
            const ns__article_entry *entry = &samples[a].entry;
            uint32_t end = passage + entry->passage_count;
            int64_t date = entry->date.unix_s;
            if (end > w * 16 && passage < (w + 1) * 16 && date != INT64_MIN) {
                low = date < low ? date : low;
                high = date > high ? date : high;
            }
            passage = end;
        }
        ns__articles_window_dates(articles, w, &earliest, &latest);
        assert_true(earliest == low && latest == high);
    }
}

static void round_trip(const shape *plan)
{
    const char *path = in_folder("samples.art");
    sample *samples = make_samples(plan);
    write_samples(samples, plan, path);
    ns__frame frame;
    ns__articles articles;
    assert_fine(ns__frame_open(path, NS_KIND_ARTICLES, &frame, err));
    assert_fine(ns__frame_verify(&frame, err));
    assert_fine(ns__articles_open(&frame, &articles, err));
    assert_int_equal(articles.count, plan->articles);
    ns__arena arena = {0};
    ns__buf buf = {0};
    uint32_t passage = 0;
    uint64_t length = 0, tokens = 0;
    for (uint32_t a = 0; a < plan->articles; a++) {
        const ns__article_entry *entry = &samples[a].entry;
        compare_article(&articles, a, &samples[a], &arena, &buf);
        assert_int_equal(ns__article_first(&articles, a), passage);
        tokens += entry->title_terms;
        for (uint32_t p = 0; p < entry->passage_count; p++, passage++) {
            uint32_t expected = entry->passages[p].terms + 2 * entry->title_terms;
            assert_int_equal(ns__article_of(&articles, passage), a);
            assert_int_equal(ns__length_of(&articles.lengths, passage), expected);
            length += expected;
            tokens += entry->passages[p].terms;
        }
    }
    assert_int_equal(articles.passages, passage);
    assert_true(articles.total_length == length && articles.tokens == tokens);
    compare_headlines(&articles, samples, plan);
    compare_lookups(&articles, samples, plan);
    compare_windows(&articles, samples, plan);
    ns__buf_release(&buf);
    ns__arena_release(&arena);
    ns__frame_close(&frame);
    free(samples);
    unlink(path);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const shape shapes[] = {
        {0, 1, 0, 0, 0, 0},          {1, 1, 0, 0, 0, 0},         {1, 3, 0, 5, 1, 0},
        {16, 1, 0, 100, 1, 0},       {17, 5, 0, 70000, 2, 0},    {300, 40, 0, 1000, 2, 0},
        {700, 1, 0, 1u << 31, 3, 0}, {513, 9, 100, 3, 3, 70000}, {2000, 4, 0, 50000, 1, 1000},
    };
    random_start();
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        round_trip(&shapes[i]);
}

/* The same articles give the same bytes. */
static void test_deterministic(void **state)
{
    (void)state;
    shape plan = {400, 6, 90, 900, 2, 0};
    random_start();
    sample *samples = make_samples(&plan);
    write_samples(samples, &plan, in_folder("one"));
    write_samples(samples, &plan, in_folder("two"));
    ns__map one, two;
    assert_fine(ns__map_open(in_folder("one"), NS__MAP_RANDOM, &one, err));
    assert_fine(ns__map_open(in_folder("two"), NS__MAP_RANDOM, &two, err));
    assert_int_equal(one.length, two.length);
    assert_memory_equal(one.data, two.data, one.length);
    ns__map_close(&one);
    ns__map_close(&two);
    free(samples);
    empty_folder();
}

/* Calls everything; crashing or hanging is the only failure. */
static void exercise(const ns__articles *articles, uint32_t count, const sample *samples)
{
    ns__arena arena = {0};
    ns__buf buf = {0};
    for (uint32_t a = 0; a < articles->count && a < count + 20; a++) {
        ns__article_facts facts;
        const uint32_t *ordinals;
        uint32_t words, found;
        (void)ns__article_facts_get(articles, a, &arena, &facts, NULL);
        (void)ns__article_headline(articles, a, &arena, &ordinals, &words, NULL);
        (void)ns__article_id(articles, a, NULL, &buf, NULL);
        (void)ns__article_place(articles, a);
        if (ns__article_at_place(articles, a, &found, NULL) == NS_OK)
            assert_true(found < articles->count && ns__article_place(articles, found) == a);
        for (int c = 0; c < NS__COLUMN_COUNT; c++)
            (void)ns__article_column(articles, a, (ns__column)c, NS_STR("id"), &buf, NULL);
        if (a < count)
            (void)ns__article_lookup(articles, samples[a].entry.id, &found, NULL);
        assert_true(ns__article_first(articles, a) < articles->passages);
    }
    for (uint32_t p = 0; p < articles->passages && p < 5000; p++)
        assert_true(ns__article_of(articles, p) < articles->count);
    assert_true(arena.total < 1u << 20);
    ns__buf_release(&buf);
    ns__arena_release(&arena);
}

/* The frame is believed (its checksums are not verified here), so changing bytes in the map's copy
 * is what a file with right checksums and hostile contents would be. */
static void test_hostile(void **state)
{
    (void)state;
    static const uint8_t VALUES[] = {0, 1, 0x7f, 0x80, 0xff};
    shape plan = {40, 5, 30, 300, 2, 0};
    random_start();
    sample *samples = make_samples(&plan);
    uint32_t *places = make_places(plan.articles, true);
    write_placed(samples, &plan, places, in_folder("hostile"));
    free(places);
    ns__frame frame, changed;
    assert_fine(ns__frame_open(in_folder("hostile"), NS_KIND_ARTICLES, &frame, err));
    uint8_t *bytes = malloc(frame.map.length);
    changed = frame;
    changed.map.data = bytes;
    size_t opened = 0, refused = 0;
    for (size_t at = 64; at < frame.tables_offset; at++) {
        for (size_t v = 0; v <= sizeof VALUES; v++) {
            if (quick_tests() && (at + v) % 2 > 0) /* the byte beside it gets the others */
                continue;
            ns__articles articles;
            ns_error error = {0};
            size_t run = v < sizeof VALUES ? 1 : 8; /* eight bytes of ones too */
            memcpy(bytes, frame.map.data, frame.map.length);
            memset(bytes + at, v < sizeof VALUES ? VALUES[v] : 0xff, run);
            if (ns__articles_open(&changed, &articles, &error) == NS_OK) {
                exercise(&articles, plan.articles, samples);
                opened++;
            } else {
                assert_int_equal(error.status, NS_ERR_CORRUPT);
                assert_true(error.offset < frame.map.length && error.message[0]);
                refused++;
            }
        }
    }
    printf("hostile bytes: %zu opened, %zu refused\n", opened, refused);
    assert_true(refused > 100);
    free(bytes);
    ns__frame_close(&frame);
    free(samples);
    empty_folder();
}

/* Returns how many ids could be copied. */
static uint32_t check_placed(const sample *samples, const shape *plan, const uint32_t *places,
                             const char *path)
{
    ns__frame frame;
    ns__articles articles;
    ns__buf id = {0};
    char copy[64];
    uint32_t copies = 0;
    uint32_t article;
    assert_fine(ns__frame_open(path, NS_KIND_ARTICLES, &frame, err));
    assert_fine(ns__articles_open(&frame, &articles, err));
    assert_true(articles.order_width > 0);
    for (uint32_t a = 0; a < plan->articles; a++) {
        const ns__str own = samples[a].entry.id;
        assert_int_equal(ns__article_place(&articles, a), places[a]);
        assert_fine(ns__article_at_place(&articles, places[a], &article, err));
        assert_int_equal(article, a);
        assert_fine(ns__article_id(&articles, a, NULL, &id, err));
        assert_text(&id, own);
        assert_fine(ns__article_id_at_place(&articles, places[a], NULL, &id, err));
        assert_text(&id, own);
        const size_t copied = ns__article_id_copy(&articles, places[a], copy, sizeof copy);
        if (copied > 0)
            assert_true(ns__str_equal(own, (ns__str){(const uint8_t *)copy, copied}));
        copies += copied > 0;
        assert_fine(ns__article_lookup(&articles, own, &article, err));
        assert_true(article >= a && ns__str_equal(samples[article].entry.id, own));
    }
    assert_int_equal(ns__article_at_place(&articles, plan->articles, &article, NULL),
                     NS_ERR_ARGUMENT);
    assert_int_equal(ns__article_id_at_place(&articles, plan->articles, NULL, &id, NULL),
                     NS_ERR_ARGUMENT);
    ns__buf_release(&id);
    ns__frame_close(&frame);
    return copies;
}

static void put_packed(ns__frame_writer *frame, const uint32_t *values, uint32_t count)
{
    ns__buf packed = {0};
    ns__append_packed(&packed, values, count, ns__ordinal_width(count));
    ns__frame_append(frame, packed.data, packed.length);
    ns__buf_release(&packed);
}

/* The same articles as an earlier version wrote them: ids by article, both directions. */
static void write_as_before(const sample *samples, const shape *plan, const uint32_t *places,
                            const char *from, const char *to)
{
    ns__frame frame;
    ns__frame_writer *out;
    ns__zstrings_writer ids = {0};
    ns__buf table = {0};
    uint32_t *by_place = malloc(plan->articles * sizeof *by_place);
    for (uint32_t a = 0; a < plan->articles; a++) {
        by_place[places[a]] = a;
        assert_fine(ns__zstrings_add(&ids, samples[a].entry.id, err));
    }
    assert_fine(ns__zstrings_finish(&ids, &table, err));
    assert_fine(ns__frame_open(from, NS_KIND_ARTICLES, &frame, err));
    assert_fine(ns__frame_create(to, NS_KIND_ARTICLES, &out, err));
    for (uint32_t s = 0; s < frame.section_count; s++) {
        const uint32_t name = frame.sections[s].name;
        const bool is_ids = name == NS__ART_IDS_BY_PLACE, is_order = name == NS__ART_PLACES;
        ns__frame_section(out, is_ids ? NS__ART_IDS : is_order ? NS__ART_ORDER : name);
        if (is_ids) {
            ns__frame_append(out, table.data, table.length);
        } else if (is_order) {
            put_packed(out, places, plan->articles);
            put_packed(out, by_place, plan->articles);
        } else {
            ns__str bytes;
            assert_fine(ns__frame_find(&frame, name, &bytes, err));
            ns__frame_append(out, bytes.data, bytes.length);
        }
    }
    assert_fine(ns__frame_finish(out, frame.id, false, NULL, NULL, err));
    ns__frame_close(&frame);
    ns__buf_release(&table);
    free(by_place);
}

/* Ids that count up by article or in the input. */
static void count_up(sample *samples, uint32_t count, const uint32_t *places)
{
    for (uint32_t a = 0; a < count; a++) {
        snprintf(samples[a].id, sizeof samples[a].id, "n-%05u", places ? places[a] : a);
        samples[a].entry.id = text_of(samples[a].id);
    }
}

/* Articles that do not stand in input order. */
static void test_input_order(void **state)
{
    (void)state;
    static const uint32_t counts[] = {2, 3, 16, 17, 18, 256, 257, 1600};
    for (size_t i = 0; i < 6 * (sizeof counts / sizeof *counts); i++) {
        shape plan = {counts[i / 6], 3, 10, 100, 1, 0};
        random_start();
        sample *samples = make_samples(&plan);
        uint32_t *places = make_places(plan.articles, i % 2 == 1);
        if (i % 6 >= 2)
            count_up(samples, plan.articles, i % 6 >= 4 ? places : NULL);
        write_placed(samples, &plan, places, in_folder("order"));
        uint32_t copies = check_placed(samples, &plan, places, in_folder("order"));
        if (i % 6 >= 4)
            assert_int_equal(copies, plan.articles);
        write_as_before(samples, &plan, places, in_folder("order"), in_folder("before"));
        assert_int_equal(check_placed(samples, &plan, places, in_folder("before")), 0);
        free(places);
        free(samples);
        empty_folder();
    }
}

/* Headline words that take no bytes, all of them the first term: more than a headline can have are
 * refused, or an entry of a few bytes could ask for gigabytes. */
static void test_words_without_bytes(void **state)
{
    (void)state;
    static const uint32_t words[NS_MAX_TITLE_TERMS + 1];
    for (uint32_t terms = NS_MAX_TITLE_TERMS; terms <= NS_MAX_TITLE_TERMS + 1; terms++) {
        const ns_index_settings settings = small_settings();
        const uint32_t wanted = 0;
        ns__articles_writer *writer;
        ns__frame_writer *out;
        ns__frame frame;
        ns__articles articles;
        ns__headline found;
        ns_error error = {0};
        ns__passage_entry passage = {.start = 0, .end = 10, .terms = 2};
        ns__article_entry entry = {.id = NS_STR("a"),
                                   .body_bytes = 10,
                                   .title_terms = terms,
                                   .passages = &passage,
                                   .passage_count = 1};
        assert_fine(ns__articles_writer_open(&settings, &writer, err));
        assert_fine(ns__articles_add(writer, &entry, err));
        assert_fine(ns__frame_create(in_folder("words"), NS_KIND_ARTICLES, &out, err));
        assert_fine(ns__articles_finish(writer, words, out, err));
        assert_fine(ns__frame_finish(out, (ns__segment_id){{1}}, false, NULL, NULL, err));
        assert_fine(ns__frame_open(in_folder("words"), NS_KIND_ARTICLES, &frame, err));
        assert_fine(ns__articles_open(&frame, &articles, err));
        assert_int_equal(articles.headline_width, 0);
        ns_status status = ns__headlines_find(&articles, &wanted, 1, &found, &error);
        assert_int_equal(status, terms > NS_MAX_TITLE_TERMS ? NS_ERR_CORRUPT : NS_OK);
        if (status != NS_OK)
            assert_non_null(strstr(error.message, "too many words"));
        ns__headlines_forget(&articles);
        ns__frame_close(&frame);
        empty_folder();
    }
}

static void test_refused_entries(void **state)
{
    (void)state;
    ns_index_settings settings = small_settings();
    ns__articles_writer *writer;
    ns_error error = {0};
    uint32_t sentences[2] = {0, 0};
    ns__passage_entry passage = {0, 10, 2, sentences, 1};
    ns__article_entry good = {
        .id = NS_STR("a"), .body_bytes = 10, .passages = &passage, .passage_count = 1};
    ns__article_entry bad = good;
    assert_fine(ns__articles_writer_open(&settings, &writer, err));
    bad.passage_count = 0;
    assert_int_equal(ns__articles_add(writer, &bad, &error), NS_ERR_ARGUMENT);
    bad = good;
    bad.body_bytes = 9;
    assert_int_equal(ns__articles_add(writer, &bad, &error), NS_ERR_ARGUMENT);
    bad = good;
    static uint8_t long_id[NS_MAX_ID_BYTES + 1];
    bad.id = (ns__str){long_id, sizeof long_id};
    assert_int_equal(ns__articles_add(writer, &bad, &error), NS_ERR_LIMIT);
    bad.id.length--;
    assert_int_equal(ns__articles_add(writer, &bad, &error), NS_OK);
    passage.sentence_count = 2; /* the same word twice */
    assert_int_equal(ns__articles_add(writer, &good, &error), NS_ERR_ARGUMENT);
    sentences[1] = 2 << 1; /* behind the passage */
    assert_int_equal(ns__articles_add(writer, &good, &error), NS_ERR_ARGUMENT);
    sentences[1] = 1 << 1;
    assert_int_equal(ns__articles_add(writer, &good, &error), NS_OK);
    assert_int_equal(ns__articles_count(writer), 2);
    ns__articles_writer_free(writer);
    ns__articles_writer_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_deterministic, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_hostile, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_input_order, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_words_without_bytes, make_folder, remove_folder),
        cmocka_unit_test(test_refused_entries),
    };
    return cmocka_run_group_tests_name("articles", tests, NULL, NULL);
}
