/* The query language: text to trees and notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "unit/query/tree_text.h"

typedef struct row {
    const char *text, *tree;
    const char *note; /* what the only note says, in part; NULL: there is none */
} row;

static void check_row(const row *given, const ns_query_options *options)
{
    ns_query *query;
    char found[2048];
    assert_int_equal(ns_query_parse(given->text, strlen(given->text), options, &query, NULL),
                     NS_OK);
    write_tree(query, found, sizeof found);
    if (strcmp(found, given->tree) != 0)
        fail_msg("%s: found %s, expected %s", given->text, found, given->tree);
    if (ns_query_note_count(query) != (given->note != NULL))
        fail_msg("%s: %zu notes; %s", given->text, ns_query_note_count(query),
                 ns_query_note_count(query) > 0 ? ns_query_note_get(query, 0).message : "");
    if (given->note != NULL && strstr(ns_query_note_get(query, 0).message, given->note) == NULL)
        fail_msg("%s: the note says: %s", given->text, ns_query_note_get(query, 0).message);
    ns_query_free(query);
}

static void check_rows(const row *rows, size_t count, const ns_query_options *options)
{
    for (size_t i = 0; i < count; i++)
        check_row(&rows[i], options);
}
#define CHECK(rows, options) check_rows(rows, sizeof(rows) / sizeof *(rows), options)

static void test_words(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"", "", NULL},
        {" \t\n", "", NULL},
        {"one", "one", NULL},
        {" one  two\tthree ", "one two three", NULL},
        {"anti-drug C++ 3+4", "anti-drug C++ 3+4", NULL},
        {"one\xc2\xa0two\xe3\x80\x80three", "one two three", NULL},
        {"\xe6\xb0\xb4 \xd9\x85", "\xe6\xb0\xb4 \xd9\x85", NULL},
        {"don't it\xe2\x80\x99s 'so'", "don't it\xe2\x80\x99s 'so'", NULL},
        {"AT&T who? what?! 10:30 http://x/?q=1*", "AT&T who? what?! 10:30 http://x/?q=1*", NULL},
        {"5*3 (c) f(x)", "5*3 c f x", NULL},
        {":) hello :( :-) & -- ;)", "hello", "stands alone"},
        {"(hello :)", "hello", NULL},
        {"and or not near sentence(a)", "and or not near sentence a", NULL},
        {"ANDY ORB NEAR/x NEAR/ ONEARLY", "ANDY ORB NEAR/x NEAR/ ONEARLY", "want a number"},
        {"a && b", "a b", "write AND"},
        {"a || b", "a b", "write OR"},
        {"!a a!b", "!a a!b", "! is no operator"},
        {"a\xff"
         "b \xe2\x80",
         "a\xef\xbf\xbd"
         "b",
         NULL},
        {"a\x01\x7f\xc2\x9f"
         "b",
         "a b", NULL},
    };
    CHECK(ROWS, NULL);
}

static void test_prefixes(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"+one -two three", "+one -two three", NULL},
        {"one+ two-", "one+ two-", NULL},
        {"+ one", "one", "stands alone"},
        {"one -", "one", "stands alone"},
        {"--one two", "-one two", "the last one counts"},
        {"+-one two", "-one two", "the last one counts"},
        {"-+one", "+one", "the last one counts"},
        {"+AND -OR x", "+AND -OR x", NULL},
        {"-one", "-one", "only excludes"},
        {"-one -two", "-one -two", "only excludes"},
        {"-(one -two)", "-(one -two)", "only excludes"},
        {"* -one", "* -one", NULL},
        {"\\-one \\+two", "-one +two", NULL},
    };
    CHECK(ROWS, NULL);
}

static void test_phrases(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"\"one two\"", "\"one two\"", NULL},
        {"+\"one two\" -\"three\"", "+\"one two\" -\"three\"", NULL},
        {"\"one two", "\"one two\"", "never closed"},
        {"one\"two three\"four", "one \"two three\" four", NULL},
        {"x \"one\"-two", "x \"one\" -two", NULL},
        {"\"\" one", "one", "empty"},
        {"+\"\" one", "one", "empty"},
        {"\"", "", "never closed"},
        {"\"a +b -c AND (d)\"", "\"a +b -c AND (d)\"", NULL},
        {"\xe2\x80\x9cone two\xe2\x80\x9d", "\"one two\"", NULL},
        {"\xe2\x80\x9eone\xe2\x80\x9c +\xc2\xabtwo\xc2\xbb", "\"one\" +\"two\"", NULL},
        {"\xef\xbc\x82one\xef\xbc\x82", "\"one\"", NULL},
        {"\"say \\\"hi\\\" \\\\ \\x\"", "\"say \"hi\" \\ \\x\"", NULL},
        {"\"a\nb\"", "\"a b\"", NULL},
        {"\"export contr*\"", "\"export contr*\"", "ONEAR/1"},
        {"\"...\" a", "a", NULL},
        {"=\"Apple Inc\" =Apple \"x\"^2", "==\"Apple Inc\" ==Apple \"x\"^2", NULL},
        {"=(Apple OR \"Apple Inc\") b", "==Apple ==\"Apple Inc\" b", NULL},
        {"a=b =", "a=b", NULL},
    };
    CHECK(ROWS, NULL);
}

static void test_operators(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"a AND b", "+a +b", NULL},
        {"a OR b", "a b", NULL},
        {"a NOT b", "+a -b", NULL},
        {"a AND NOT b", "+a -b", NULL},
        {"NOT b AND a", "-b +a", NULL},
        {"tariff talks AND china", "+(tariff talks) +china", NULL},
        {"a AND b OR c AND d", "(+a +b) (+c +d)", NULL},
        {"a AND (b OR c)", "+a +(b c)", NULL},
        {"a AND(b OR c)NOT(d)", "+a +(b c) -d", NULL},
        {"a NOT b c", "+(a c) -b", NULL},
        {"+a b AND c", "+(+a b) +c", NULL},
        {"a AND -b", "+a -b", NULL},
        {"a NOT -b", "+a -b", "one is enough"},
        {"a OR NOT b", "a -b", "excluded from all of it"},
        {"+a OR b", "a b", "single operand"},
        {"AND a", "a", "nothing before"},
        {"OR a", "a", "nothing before"},
        {"a AND", "a", "nothing behind"},
        {"a NOT", "a", "nothing behind"},
        {"a OR", "a", "nothing behind"},
        {"a OR OR b", "a b", "nothing behind"},
        {"a AND AND b", "+a +b", "one is enough"},
        {"a OR AND b", "a b", "nothing before"},
        {"NOT a", "-a", "only excludes"},
        {"\"AND\" x AND^1", "\"AND\" x AND", NULL},
    };
    CHECK(ROWS, NULL);
}

static void test_parentheses(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"(a)", "a", NULL},
        {"((a b))", "a b", NULL},
        {"(a b) c", "a b c", NULL},
        {"(a OR b) AND ((c AND d) AND e)", "+(a b) +c +d +e", NULL},
        {"+(a b) c", "+(a b) c", NULL},
        {"(+a) b", "a b", NULL},
        {"(+a b) c", "(+a b) c", NULL},
        {"x -(a b)", "x -a -b", NULL},
        {"x -(a AND b)", "x -(+a +b)", NULL},
        {"x -(-a -b)", "x +(a b)", NULL},
        {"x -(-a)", "x +a", NULL},
        {"x NOT (NOT a)", "+x +a", NULL},
        {"x NOT (-a)", "+x +a", NULL},
        {"x NOT ((NOT (NOT a)))", "+x -a", NULL},
        {"x NOT (-a -b)", "+x +(a b)", NULL},
        {"x NOT -(-a)", "+x +a", "one is enough"},
        {"x (-a -b)", "x -a -b", NULL},
        {"x AND (-a -b)", "+x -a -b", NULL},
        {"x -(a (b c) -d)", "x -(a b c -d)", NULL},
        {"(a b", "a b", "never closed"},
        {"a ) b", "a b", "no parenthesis that this one closes"},
        {"()", "", "nothing to look for"},
        {"a ( ) b", "a b", "nothing to look for"},
        {"\xef\xbc\x88"
         "a AND b\xef\xbc\x89 c",
         "(+a +b) c", NULL},
        {"\\(a b\\)", "(a b)", NULL},
    };
    CHECK(ROWS, NULL);
}

static void test_weights(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"a^3 b^0.5 c^.25", "a^3 b^0.5 c^0.25", NULL},
        {"(a OR b)^0.5 c", "a^0.5 b^0.5 c", NULL},
        {"(a^3 AND b)^2 c", "(+a^3 +b)^2 c", NULL},
        {"(a^0.001 b)^0.5 c", "(a^0.001 b)^0.5 c", NULL},
        {"(a^0.003 b)^0.5 c", "(a^0.003 b)^0.5 c", NULL}, /* 0.0015 is no weight */
        {"((a b)^2 c)^3", "a^6 b^6 c^3", NULL},
        {"a^1.23456 b^1.0004", "a^1.235 b", NULL},
        {"a^0", "a^0.001", "from 0.001 to 1000"},
        {"a^-3", "a^0.001", "from 0.001 to 1000"},
        {"a^99999999999", "a^1000", "from 0.001 to 1000"},
        {"^_^ ^ a^b", "a^b", "^ wants a weight"},
        {"a^2, b^2.", "a^2 b^2", NULL},
        {"x -a^2", "x -a", NULL},
        {"source:fox^2 b", "+source:<fox> b", "weight says nothing"},
    };
    CHECK(ROWS, NULL);
}

static void test_patterns(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"precurs* *phobia colo?r", "/precurs*/ /*phobia/ /colo?r/", NULL},
        {"'tariff*', (tariff*). tariff*?", "/tariff*/ /tariff*/ /tariff*/", NULL},
        {"analys?^1 ?a", "/analys?/ /?a/", NULL},
        {"a** 5**3 5*x", "/a*/ /5*3/ /5*x/", NULL},
        {"a\\*b* c\\?d", "onear0(a /b*/) c?d", NULL},
        {"anti-dru* a/b*", "onear0(anti /dru*/) onear0(a /b*/)", NULL},
        {"o'br* u.s.* \xe2\x80\x99tis*", "/o'br*/ /u.s.*/ /tis*/", NULL},
        {"* ? ** ??", "*", NULL},
        {"a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*", "a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*",
         "plain characters"},
        {"=a* b", "/a*/ b", "= says nothing"},
        {"a*~1 b", "/a*/ b", "~ says nothing"},
        {"fentanly~1 a~2 abcde~ abcdef~", "fentanly~1 a~2 abcde~1 abcdef~2", NULL},
        {"a~3", "a~2", "~1 or ~2"},
        {"a~0", "a", "~1 or ~2"},
        {"a~0.8", "a~1", "~1 or ~2"},
        {"~a a~1b", "~a a~1b", "~ wants 1 or 2"},
        {"a~1^2 b^2~1 c~,", "a~1^2 b~1^2 c~1", NULL},
        {"fentan-yl~1", "onear0(fentan~1 yl~1)", NULL},
        {"=a~1", "==a", "as written"},
    };
    CHECK(ROWS, NULL);
}

static void test_near(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"a NEAR/8 b", "near7(a b)", NULL},
        {"a NEAR b ONEAR/1 c", "+near9(a b) +c", "must be the same; read as AND"},
        {"a NEAR/8 b NEAR/8 c", "near14(a b c)", NULL},
        {"a ONEAR/3 \"b c\" ONEAR/3 d*", "onear4(a \"b c\" /d*/)", NULL},
        {"(a OR b^2)^3 NEAR/2 c~1", "near1((a b^2)^3 c~1)", NULL},
        {"(a OR (b OR c)) NEAR/2 d", "near1((a b c) d)", NULL},
        {"x a NEAR/2 b y", "x near1(a b) y", NULL},
        {"+a NEAR/2 b x -c NEAR/2 d", "+near1(a b) x -near1(c d)", NULL},
        {"title:a NEAR/2 b", "title:near1(title:a title:b)", NULL},
        {"title:(a NEAR/2 b)", "title:near1(title:a title:b)", NULL},
        {"title:a NEAR/2 body:b", "+title:a +body:b", "read as AND"},
        {"a NEAR/2 (b AND c)", "+a +b +c", "read as AND"},
        {"a NEAR/2 (b NEAR/2 c)", "+a +near1(b c)", "takes no other NEAR"},
        {"a NEAR/2 source:x", "+a +source:<x>", "read as AND"},
        {"a NEAR/2 -b", "+a -b", "read as AND"},
        {"a NEAR/0 b", "near0(a b)", "read as 1"},
        {"a NEAR/99999 b", "near9999(a b)", "read as 10000"},
        {"a NEAR", "a", "nothing behind"},
        {"NEAR/3 a", "a", "nothing before"},
        {"(a NEAR/2 b)^2", "near1(a b)^2", NULL},
    };
    CHECK(ROWS, NULL);
}

static void test_slop_and_units(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"\"a b c\"~5", "near5(a b c)", NULL},
        {"\"a - b\"~0^2", "near0(a b)^2", NULL},
        {"=\"a b\"~3", "near3(==a ==b)", NULL},
        {"body:\"a b\"~3", "body:near3(body:a body:b)", NULL},
        {"\"a\"~5", "\"a\"", "2 to 8 words"},
        {"\"1 2 3 4 5 6 7 8 9\"~5", "\"1 2 3 4 5 6 7 8 9\"", "2 to 8 words"},
        {"\"a b\"~", "\"a b\"", "such as ~5"},
        {"\"a b\"~99999", "near9999(a b)", "at most 9999"},
        {"SENTENCE(a \"b c\" d*)", "sentence(a \"b c\" /d*/)", NULL},
        {"PARAGRAPH(a (b OR c) d~1)^2", "para(a (b c) d~1)^2", NULL},
        {"SENTENCE(a AND b)", "sentence(a b)", NULL},
        {"SENTENCE(a b OR c d)", "sentence(a b) sentence(c d)", NULL},
        {"SENTENCE(a)", "a", NULL},
        {"SENTENCE(a -b)", "+a -b", "SENTENCE takes words"},
        {"SENTENCE(a NOT b)", "+a -b", "SENTENCE takes words"},
        {"SENTENCE(a NOT b c)", "+a -b +c", "SENTENCE takes words"},
        {"PARAGRAPH(NOT a b)", "-a +b", "PARAGRAPH takes words"},
        {"SENTENCE(b NOT (NOT a) c)", "sentence(b a c)", NULL},
        {"SENTENCE(a b NOT c -d AND e +f)", "+a +b -c -d +e +f", "SENTENCE takes words"},
        {"SENTENCE(a source:b)", "+a +source:<b>", "SENTENCE takes words"},
        {"title:SENTENCE(a b) -PARAGRAPH(c d)", "title:sentence(title:a title:b) -para(c d)", NULL},
        {"SENTENCE()", "", "nothing to look for"},
        {"SENTENCE(a b", "sentence(a b)", "never closed"},
        {"SENTENCE (a b)", "SENTENCE a b", "directly behind SENTENCE"},
    };
    CHECK(ROWS, NULL);
}

static void test_fields(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"source:\"Fox News\" tariff", "+source:<Fox News> tariff", NULL},
        {"source:fox OR tariff", "source:<fox> tariff", NULL},
        {"source:(fox OR \"sky news\") x", "+(source:<fox> source:<sky news>) x", NULL},
        {"source:(fox sky -bbc) x", "+(+(source:<fox> source:<sky>) -source:<bbc>) x", NULL},
        {"x -source:(fox sky)", "x -source:<fox> -source:<sky>", NULL},
        {"source:fox", "+source:<fox>", NULL},
        {"(source:fox OR lang:de) x", "+(source:<fox> lang:<de>) x", NULL},
        {"(source:fox x) y", "(+source:<fox> x) y", NULL},
        {"source:fox* author:J?ne url:a\\*b\\-c", "+source:<fox*> +author:<J?ne> +url:<a\\*b-c>",
         NULL},
        {"source:\"a\\\"b*\\*\\\\\\x\"", "+source:<a\"b*\\*\\\\\\\\x>", NULL},
        {"url:http://x.org/A_(b)?c=d id:a:b^2 section:world",
         "+url:<http://x.org/A_(b)?c=d> +id:<a:b^2> +section:<world>", NULL},
        {"x (url:http://x.org)", "x +url:<http://x.org>", NULL},
        {"re:invent x:y http:z", "re:invent x:y http:z", NULL},
        {"author:\"\" a", "a", "empty"},
        {"date:1970-01-01 a", "+[0,86400) a", NULL},
        {"date:(1970-01-01 OR 1970-01-02)", "[0,86400) [86400,172800)", NULL},
        {"-date:\"1 Jan 1970\" a", "-[0,86400) a", NULL},
        {"date:>\"1 Jan 1970\" a", "+[86400,max) a", NULL},
        {"date:2025-13 a", "+[0,0) a", "no date that can be read"},
        {"date:1970-01-02..1970-01-01 a", "+[0,172800) a", "the other way round"},
    };
    CHECK(ROWS, NULL);
}

/* Signs where they say nothing. */
static void test_misplaced_signs(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"title:a BODY:\"b c\" Title:d*", "title:a body:\"b c\" title:/d*/", NULL},
        {"title:(a b OR body:c)", "title:a title:b body:c", NULL},
        {"title:=A title:a~1^2", "title:==A title:a~1^2", NULL},
        {"title:AND title:\\-x", "title:AND title:-x", NULL},
        {"title:-x", "title:-x", "write it before the field, as in -title:steel"},
        {"source:+x y", "+source:<+x> y", "as in +title:steel"},
        {"=-x", "==-x", "write it before the field"},
        {"id:-x url:+y", "+id:<-x> +url:<+y>", NULL},
        {"title:source:fox", "title:source:fox", "one field, then ="},
        {"=title:a", "==title:a", "as in title:=Apple"},
        {"source:lang:x author:sorce:y", "+source:<lang:x> +author:<sorce:y>", "one field"},
        {"!a b", "!a b", "to exclude a word write -"},
        {"\\!a b! !? source:!c", "!a b! +source:<!c>", NULL},
        {"a^ b", "a^ b", "^ wants a weight"},
        {"a^2^3", "a^2^3", "^ wants a weight"},
        {"^2 b", "^2 b", "^ wants a weight"},
        {"(a b)^", "a b", "^ wants a weight"},
        {"\"a b\"^x", "\"a b\" ^x", "^ wants a weight"},
        {"a\\^ ^_^ ^ b^2", "a^ b^2", NULL},
        {"a~x", "a~x", "~ wants 1 or 2"},
        {"source:a~1", "+source:<a~1>", "values take * and ?"},
        {"a\\~x ~20 http://x/~a", "a~x ~20 http://x/~a", NULL},
        {"before:2025", "before:2025", "write date:<2025"},
        {"after:2019-06", "after:2019-06", "write date:>2019-06"},
        {"since:last-week x", "since:last-week x", "write date:>=last-week"},
        {"Until:x", "Until:x", "write date:<= with a date, such as 2025,"},
        {"after:lunch oil", "after:lunch oil", "write date:> with a date"},
        {"year:2019", "year:2019", "write date:2019"},
        {"by:smith", "by:smith", "write author:"},
        {"topics:grain", "topics:grain", "other keys of records are kept, but not searched"},
        {"x Country:usa", "x Country:usa", "Country: is no field"},
        {"tags:\"a b\"", "tags: \"a b\"", "tags: is no field"},
        {"topics: grain Note:this place:", "topics: grain Note:this place:", NULL},
    };
    CHECK(ROWS, NULL);
}

/* What looks like a field, a quote or an operator. */
static void test_near_misses(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"title: foo", "title: foo", "directly behind the colon"},
        {"(title:)", "title:", "directly behind the colon"},
        {"title\\:foo", "title:foo", NULL},
        {"sorce:fox", "sorce:fox", "sorce: is no field, so this is read as words; write source:"},
        {"Titel:\"a b\"", "Titel: \"a b\"", "write title:"},
        {"+headline:fox", "+headline:fox", "write title:"},
        {"Language:de", "Language:de", "write lang:"},
        {"suthor:x auhtor\\:x sorce author", "suthor:x auhtor:x sorce author", "write author:"},
        {"hour:x titles titled:x", "hour:x titles titled:x", "write title:"},
        {"source:'Fox", "+source:<'Fox>", "quotes are \""},
        {"id:'x 'a b", "+id:<'x> 'a b", NULL},
        {"'a b'", "'a b'", "' is read as a part of the word; quotes are \""},
        {"x ('a b c'^2)", "x 'a b c'^2", "quotes are \""},
        {"title:‘a b’", "title:‘a b’", "‘ is read as a part of the word; quotes are \""},
        {"'a' 'n' b's c' d", "'a' 'n' b's c' d", NULL},
        {"\\'a b' \\‘c d’", "'a b' ‘c d’", NULL},
        {"'a \"b\" c'", "'a \"b\" c'", NULL},
        {"source:=Fox x", "+source:<=Fox> x", "= is read as a part of the value"},
        {"source:=\"Fox News\" x", "+source:<=> \"Fox News\" x", "a part of the value"},
        {"author:(a =b)", "author:<a> author:<=b>", "a part of the value"},
        {"id:=a", "+id:<=a>", NULL},
        {"a NEAR/few b", "a NEAR/few b", "want a number"},
        {"a NEAR/few^1 b", "a NEAR/few b", NULL},
        {"a near/5 b", "a near/5 b", "near/5 is read as a word; write NEAR/5"},
        {"a W/12 b", "a W/12 b", "write NEAR/12"},
        {"a pre/3 b", "a pre/3 b", "write ONEAR/3"},
        {"a w/ w/o near/5x title:w/5 x/5 w/5^1", "a w/ w/o near/5x title:w/5 x/5 w/5", NULL},
        {"\"a b\"  ~5", "\"a b\" ~5", "directly behind"},
        {"a ~2", "a ~2", "directly behind"},
        {"~2 a ~3 \\~2 (~1) b~2", "~2 a ~3 ~2 ~1 b~2", NULL},
        {"year:2025 a", "year:2025 a", "write date:"},
        {"a near/few =NEAR/x", "a near/few ==NEAR/x", NULL},
        {"title:SENTENCE (a b) SENTENCE PARAGRAPH", "title:SENTENCE a b SENTENCE PARAGRAPH", NULL},
    };
    CHECK(ROWS, NULL);
}

/* Words of prose may have a colon: no note, but one to show where nothing is found. */
static void test_unknown_field(void **state)
{
    (void)state;
    static const struct {
        const char *query, *says;
        size_t start, end;
    } ROWS[] = {
        {"x +beat:politics y_z:a", "beat: is no field, so", 3, 16},
        {"(x y_z:a\\*)", "y_z: is no field, so", 3, 10},
        {"beat:\"a b\"", "beat: is no field, so", 0, 5},
        {"beat:politics tags:x", NULL, 0, 0}, /* a note tells of another */
        {"\"beat:politics\" x:y beat: z beat:5 http://beat beat\\:x source:beat:x", NULL, 0, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        ns_error err = {0};
        ns_query *query = NULL;
        assert_int_equal(ns_query_parse(ROWS[i].query, strlen(ROWS[i].query), NULL, &query, &err),
                         NS_OK);
        const ns_query_note note = ns_query_unknown_field(query);
        assert_int_equal(note.message != NULL, ROWS[i].says != NULL);
        if (ROWS[i].says != NULL) {
            assert_non_null(strstr(note.message, ROWS[i].says));
            assert_int_equal(note.start, ROWS[i].start);
            assert_int_equal(note.end, ROWS[i].end);
            assert_int_equal(ns_query_note_count(query), 0);
        }
        ns_query_free(query);
    }
}

/* Filters that cannot all hold are read as written, also by a strict reader. */
static void test_clashes(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"date:1970-01-01 date:1970-01-02", "+[0,86400) +[86400,172800)",
         "(date:1970-01-01 OR date:1970-01-02), or a range"},
        {"date:1970-01-01 date:>=1970-01-02 a", "+[0,86400) +[86400,max) a", "has one date"},
        {"date:1970-01-01 date:1970-01 date:<1971", "+[0,86400) +[0,2678400) +[min,31536000)",
         NULL},
        {"date:1970-01-01 -date:1970-01-02", "+[0,86400) -[86400,172800)", NULL},
        {"date:1970-01-01 OR date:1970-01-02", "[0,86400) [86400,172800)", NULL},
        {"date:never date:1970-01-02", "+[0,0) +[86400,172800)", NULL},
        {"(a date:1970-01-01) AND (b date:1970-01-02)", "+(a +[0,86400)) +(b +[86400,172800))",
         "both required"},
        {"-(date:1970-01-01 date:1970-01-02) a", "-(+[0,86400) +[86400,172800)) a",
         "both required"},
        {"lang:de lang:fr", "+lang:<de> +lang:<fr>", "(lang:de OR lang:fr)"},
        {"lang:de lang:de-AT LANG:DE", "+lang:<de> +lang:<de-AT> +lang:<DE>", NULL},
        {"source:\"Fox News\" +source:Sky", "+source:<Fox News> +source:<Sky>",
         "(source:\"Fox News\" OR source:Sky)"},
        {"source:\"Fox News\" source:fox", "+source:<Fox News> +source:<fox>", NULL},
        {"source:fox* source:sky", "+source:<fox*> +source:<sky>", NULL},
        {"source:fo\\*x source:sky", "+source:<fo\\*x> +source:<sky>", "one source"},
        {"source:fox section:sky", "+source:<fox> +section:<sky>", NULL},
        {"id:a id:ab", "+id:<a> +id:<ab>", "one id"},
        {"id:a id:a", "+id:<a> +id:<a>", NULL},
        {"lang:German a", "+lang:<German> a", "as lang:de"},
        {"lang:de lang:de-latn -lang:ger* lang:zh-Hant",
         "+lang:<de> +lang:<de-latn> -lang:<ger*> +lang:<zh-Hant>", "one lang"},
        {"author:a author:b url:c url:d", "+author:<a> +author:<b> +url:<c> +url:<d>", NULL},
    };
    CHECK(ROWS, NULL);
    ns_query_options options;
    ns_query_options_init(&options);
    options.strict = true;
    CHECK(ROWS, &options);
    ns_query *query; /* the first of each field, in the order of their places */
    static const char text[] = "id:a lang:x id:b id:c lang:y";
    assert_int_equal(ns_query_parse(text, strlen(text), NULL, &query, NULL), NS_OK);
    assert_int_equal(ns_query_note_count(query), 2);
    assert_int_equal(ns_query_note_get(query, 0).start, 0);
    assert_int_equal(ns_query_note_get(query, 0).end, 16);
    assert_int_equal(ns_query_note_get(query, 1).start, 5);
    ns_query_free(query);
}

/* Headlines as they are printed. */
static void test_capitals(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"OLD PORT DOES NOT CLOSE YET", "OLD PORT DOES NOT CLOSE YET", "NOT is a word here"},
        {"OLD PORT DOES NOT CLOSE YET", "OLD PORT DOES NOT CLOSE YET", "as in A NOT (B)"},
        {"PORT AND PIER CLOSE & NOT FOR LONG", "PORT AND PIER CLOSE NOT FOR LONG",
         "AND is a word here"},
        {"SHIP SINKS NEAR PORT OF CALL", "SHIP SINKS NEAR PORT OF CALL", "NEAR is a word here"},
        {"\xc3\x89TAT 1916: A B NOT \xd0\x9f\xd0\x9e\xd0\xa0\xd0\xa2",
         "\xc3\x89TAT 1916: A B NOT \xd0\x9f\xd0\x9e\xd0\xa0\xd0\xa2", "NOT is a word here"},
        {"PORT NOT PIER", "+PORT -PIER", "NOT excludes the word behind it"},
        {"PORT DUES NOT PIER", "+(PORT DUES) -PIER", "NOT excludes the word behind it"},
        {"PORT DUES UP NOT PIER", "+(PORT DUES UP) -PIER", "NOT excludes the word behind it"},
        {"PORT NOT PIER NOT SHIP DUES", "+(PORT DUES) -PIER -SHIP", NULL},
        {"PORT OR PIER DUES", "PORT PIER DUES", NULL},
        {"A OR B OR C OR D OR E", "A B C D E", NULL},
        {"PORT AND PIER", "+PORT +PIER", NULL},
        {"PORT AND PIER OR SHIP NOT BOAT", "(+PORT +PIER) (+SHIP -BOAT)", NULL},
        {"PORT NEAR PIER", "near9(PORT PIER)", NULL},
        {"A B PORT DOES NOT close", "+(A B PORT DOES) -close", NULL},
        {"A B PORT DOES NOT (CLOSE)", "+(A B PORT DOES) -CLOSE", NULL},
        {"\"PORT\" A B DOES NOT CLOSE", "+(\"PORT\" A B DOES) -CLOSE", NULL},
        {"+PORT A B DOES NOT CLOSE", "+(+PORT A B DOES) -CLOSE", NULL},
        {"TITLE:PORT A B DOES NOT CLOSE", "+(title:PORT A B DOES) -CLOSE", NULL},
        {"A B PORT DO* NOT CLOSE", "+(A B PORT /DO*/) -CLOSE", NULL},
        {"A B PORT DOES NOT CLOSE^2", "+(A B PORT DOES) -CLOSE", NULL},
        {"A B PORT SHIP NEAR/3 PIER", "A B PORT near2(SHIP PIER)", NULL},
        {"\xe6\xb0\xb4 A PORT DOES NOT CLOSE", "+(\xe6\xb0\xb4 A PORT DOES) -CLOSE", NULL},
        {"\xc3\xa9 A PORT DOES NOT CLOSE", "+(\xc3\xa9 A PORT DOES) -CLOSE", NULL},
        {"1 2 3 4 NOT 5", "+(1 2 3 4) -5", NULL},
    };
    CHECK(ROWS, NULL);
    ns_query_options options;
    ns_query *query;
    ns_error err;
    ns_query_options_init(&options);
    options.strict = true; /* refuses what is read other than written, as ever */
    assert_int_equal(ns_query_parse("A B PORT DOES NOT CLOSE", 23, &options, &query, &err),
                     NS_ERR_QUERY);
    assert_non_null(strstr(err.message, "character 15"));
    assert_int_equal(ns_query_parse("PORT NOT PIER", 13, &options, &query, &err), NS_OK);
    ns_query_free(query);
}

static void test_options(void **state)
{
    (void)state;
    ns_query_options options;
    ns_query_options_init(&options);
    options.all = true;
    static const row ALL[] = {
        {"a b", "+a +b", NULL},
        {"+a b -c", "+a +b -c", NULL},
        {"a b OR c d", "(+a +b) (+c +d)", NULL},
        {"(a b) c", "+a +b +c", NULL},
        {"(a OR b) c", "+(a b) +c", NULL},
        {"x -(a b)", "+x -(+a +b)", NULL},
        {"source:(a b) c", "+(source:<a> source:<b>) +c", NULL},
        {"(a OR b) NEAR/2 c", "near1((a b) c)", NULL},
        {"(a b) NEAR/2 c", "+a +b +c", "read as AND"},
        {"SENTENCE(a b)", "sentence(a b)", NULL},
        {"PORT OR PIER DUES", "PORT (+PIER +DUES)", NULL},
        {"A B OR C D E", "(+A +B) (+C +D +E)", NULL},
        {"A B AND C D E", "+A +B +AND +C +D +E", "AND is a word here"},
    };
    CHECK(ALL, &options);
    options.all = false;
    options.words = true;
    static const row WORDS[] = {
        {"+a \"b c\" AND (d) title:x e* f~1 g^2 \\-h", "+a \"b c\" AND (d) title:x e* f~1 g^2 \\-h",
         NULL},
        {"- & a", "a", NULL},
    };
    CHECK(WORDS, &options);
    options.all = true;
    static const row BOTH[] = {{"a OR b", "+a +OR +b", NULL}};
    CHECK(BOTH, &options);
}

static void test_strict(void **state)
{
    (void)state;
    ns_query_options options;
    ns_query_options_init(&options);
    options.strict = true;
    ns_query *query;
    ns_error err = {0};
    assert_int_equal(ns_query_parse("a AND (b)", 9, &options, &query, &err), NS_OK);
    ns_query_free(query);
    assert_int_equal(ns_query_parse("a (b AND", 8, &options, &query, &err), NS_ERR_QUERY);
    assert_null(query);
    assert_non_null(strstr(err.message, "character 3"));
    assert_non_null(strstr(err.message, "never closed"));
    assert_non_null(strstr(err.message, "(b AND"));
    assert_int_equal(ns_query_parse("a \x1b[2J\" b", 9, &options, &query, &err), NS_ERR_QUERY);
    for (const char *at = err.message; *at != '\0'; at++)
        assert_true((uint8_t)*at >= 0x20 && *at != 0x7f);
}

static void test_notes(void **state)
{
    (void)state;
    ns_query *query;
    assert_int_equal(ns_query_parse("(a + \"b", 7, NULL, &query, NULL), NS_OK);
    assert_int_equal(ns_query_note_count(query), 3);
    static const size_t PLACES[][2] = {{0, 1}, {3, 4}, {5, 7}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ns_query_note_get(query, i).start, PLACES[i][0]);
        assert_int_equal(ns_query_note_get(query, i).end, PLACES[i][1]);
    }
    ns_query_free(query);
    char many[1000];
    memset(many, ')', sizeof many);
    assert_int_equal(ns_query_parse(many, sizeof many, NULL, &query, NULL), NS_OK);
    assert_int_equal(ns_query_note_count(query), NS_MAX_QUERY_NOTES);
    ns_query_free(query);
}

/* ---- Limits ---- */

static char *repeat(const char *piece, size_t count)
{
    size_t length = strlen(piece);
    char *text = malloc(length * count + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, piece, length);
    text[length * count] = '\0';
    return text;
}

static void check_status(const char *piece, size_t count, ns_status expected, const char *message)
{
    ns_query *query;
    ns_error err = {0};
    char *text = repeat(piece, count);
    ns_status status = ns_query_parse(text, strlen(text), NULL, &query, &err);
    if (status != expected)
        fail_msg("%zu x %s: %s, %s", count, piece, ns_status_name(status), err.message);
    assert_true(message == NULL || strstr(err.message, message) != NULL);
    ns_query_free(query);
    free(text);
}

static void test_limits(void **state)
{
    (void)state;
    check_status("a", NS_MAX_QUERY_BYTES, NS_OK, NULL);
    check_status("a", NS_MAX_QUERY_BYTES + 1, NS_ERR_LIMIT, "bytes");
    check_status("(", 1000000, NS_ERR_LIMIT, "bytes");
    check_status("a ", NS_MAX_QUERY_LEAVES, NS_OK, NULL);
    check_status("a ", NS_MAX_QUERY_LEAVES + 1, NS_ERR_LIMIT, "words and phrases");
    check_status("\"a b c d e f g h\"~5 ", NS_MAX_QUERY_LEAVES / 8, NS_OK, NULL);
    check_status("\"a b c d e f g h\"~5 ", NS_MAX_QUERY_LEAVES / 8 + 1, NS_ERR_LIMIT, NULL);
    check_status("lang:de ", NS_MAX_FILTERS, NS_OK, NULL);
    check_status("lang:de ", NS_MAX_FILTERS + 1, NS_ERR_LIMIT, "values and dates");
    check_status("date:2024 ", NS_MAX_FILTERS + 1, NS_ERR_LIMIT, "values and dates");
    check_status("a* ", NS_MAX_SPREADS, NS_OK, NULL);
    check_status("a* ", NS_MAX_SPREADS + 1, NS_ERR_LIMIT, "64 patterns and inexact words");
    check_status("abc~1 b ", NS_MAX_SPREADS, NS_OK, NULL);
    check_status("abc~1 b ", NS_MAX_SPREADS + 1, NS_ERR_LIMIT, "patterns and inexact words");
    check_status("(c* NEAR d~) ", NS_MAX_SPREADS / 2, NS_OK, NULL);
    check_status("(c* NEAR d~) ", NS_MAX_SPREADS / 2 + 1, NS_ERR_LIMIT, "inexact words");
    check_status("anti-dru*~1 ", NS_MAX_SPREADS + 1, NS_ERR_LIMIT, "inexact words");
    check_status("(a ", NS_MAX_QUERY_DEPTH, NS_OK, NULL);
    check_status("(a ", NS_MAX_QUERY_DEPTH + 1, NS_ERR_LIMIT, "parentheses");
    check_status("SENTENCE(a ", NS_MAX_QUERY_DEPTH + 1, NS_ERR_LIMIT, "parentheses");
    check_status("+(a ", NS_MAX_QUERY_DEPTH, NS_OK, NULL);
    check_status("a AND (b OR ", NS_MAX_QUERY_DEPTH, NS_ERR_LIMIT, "nested");
    check_status("a NEAR ", NS_MAX_NEAR_OPERANDS, NS_OK, NULL);
    check_status("a NEAR ", NS_MAX_NEAR_OPERANDS + 1, NS_ERR_LIMIT, "operands");
}

/* As long as a query may be: none of it takes more than linear time or much stack. */
static void test_hostile(void **state)
{
    (void)state;
    static const char *const PIECES[] = {
        "(",      ")",        "()",     "+",     "-",    "\"",           "*",
        "?",      "~",        "^",      "~1",    "^1",   "\\",           "a*",
        "a?",     "a~",       "a^",     "+-",    "=",    "=(",           "*a",
        "-(",     "AND ",     "a AND ", "OR ",   "NOT ", "NEAR ",        "a NEAR/2 ",
        "title:", "title:(",  "date:",  "a-",    "a*-",  ":)",           "5*",
        "\"\"",   "\"a\"~2 ", "^1~1",   "( ",    ") ",   "NOT(",         "SENTENCE(",
        "a(",     "url:(",    "\\(",    "id:a(", ",^1,", "\xe2\x80\x9c", "\xff"};
    for (size_t i = 0; i < sizeof PIECES / sizeof *PIECES; i++) {
        ns_query *query;
        ns_error err = {0};
        char *text = repeat(PIECES[i], NS_MAX_QUERY_BYTES / strlen(PIECES[i]));
        ns_status status = ns_query_parse(text, strlen(text), NULL, &query, &err);
        assert_true(status == NS_OK || status == NS_ERR_LIMIT);
        ns_query_free(query);
        free(text);
    }
    check_status("(", 30000, NS_ERR_LIMIT, "parentheses");
    check_status("a*", 20000, NS_OK, NULL);
    check_status("a*", 30000, NS_ERR_LIMIT, "spelled out, the query has 90000 bytes");
    check_status("* ", 30000, NS_ERR_LIMIT, "words and phrases");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),           cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_phrases),         cmocka_unit_test(test_operators),
        cmocka_unit_test(test_parentheses),     cmocka_unit_test(test_weights),
        cmocka_unit_test(test_patterns),        cmocka_unit_test(test_near),
        cmocka_unit_test(test_slop_and_units),  cmocka_unit_test(test_fields),
        cmocka_unit_test(test_misplaced_signs), cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_options),         cmocka_unit_test(test_strict),
        cmocka_unit_test(test_capitals),        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_unknown_field),   cmocka_unit_test(test_clashes),
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
