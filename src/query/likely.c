/* Words that look like something else: a field that is misspelled, a sign or a second field behind
 * a field, a phrase in single quotes, a weight without a number, SENTENCE apart from its
 * parenthesis, NEAR/few, near/5 and what other engines call that, ~5 apart from its phrase. They
 * stay words, because the same is written in articles; a note says what to write. */
#include "query/atoms.h"
#include "query/characters.h"
#include "query/dates.h"
#include "query/parser.h"

static bool is_letter(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Whether the name is `known` with one letter added, lost or changed, or two exchanged. */
static bool is_one_edit(ns__str name, const char *known)
{
    size_t a = name.length, b = strlen(known), same = 0;
    if (a > b + 1 || b > a + 1)
        return false;
    while (same < a && same < b && (name.data[same] | 0x20) == known[same])
        same++;
    while (a > same && b > same && (name.data[a - 1] | 0x20) == known[b - 1])
        a--, b--;
    a -= same;
    b -= same;
    return a + b == 1 || (a == 1 && b == 1) ||
           (a == 2 && b == 2 && (name.data[same] | 0x20) == known[same + 1] &&
            (name.data[same + 1] | 0x20) == known[same]);
}

static bool is_word(ns__str name, const char *known)
{
    size_t i = 0;
    while (i < name.length && known[i] != 0 && (name.data[i] | 0x20) == known[i])
        i++;
    return i == name.length && known[i] == 0;
}

/* What to write instead of the name, or NULL. Short names are as they are too often. */
static const char *field_meant(ns__str name)
{
    static const char *const FIELDS[][2] = {
        {"title", "title:"}, {"source", "source:"}, {"section", "section:"}, {"author", "author:"}};
    static const char *const OTHERS[][2] = {
        {"headline", "title:"}, {"text", "body:"},        {"language", "lang:"},
        {"paper", "source:"},   {"publisher", "source:"}, {"category", "section:"},
        {"byline", "author:"},  {"by", "author:"},        {"site", "url:"},
        {"link", "url:"},       {"before", "date:<"},     {"until", "date:<="},
        {"after", "date:>"},    {"since", "date:>="},     {"published", "date:"},
        {"dated", "date:"},     {"year", "date:"}};
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        if (is_one_edit(name, FIELDS[i][0]))
            return FIELDS[i][1];
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (is_word(name, OTHERS[i][0]))
            return OTHERS[i][1];
    return NULL;
}

/* Whether records have such keys, of which nothing is searched. Generic words of prose are none. */
static bool is_kept_only(ns__str name)
{
    static const char *const KEYS[] = {"topic",   "topics",   "tag",       "tags",   "keyword",
                                       "subject", "subjects", "keywords",  "places", "place",
                                       "people",  "country",  "countries", "genre",  "location"};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        if (is_word(name, KEYS[i]))
            return true;
    return false;
}

/* Whether something stands directly behind the colon: "Topics: grain" is prose. */
static bool has_value(const ns__parser *parse, uint32_t at)
{
    const ns__buf *text = &parse->query->text;
    unsigned length;
    return at < text->length && !ns__is_query_space(ns__peek(text->data, at, &length));
}

/* What stands behind the colon when it is a date that was meant; else the forms that dates have, as
 * nobody knows which. Nothing where it is no date that is meant. */
static ns__str date_meant(const ns__parser *parse, ns__str value, const char *meant)
{
    static const char FORMS[] = " with a date, such as 2025, 2025-05, 2025-05-03 or last-week";
    ns__span span;
    if (strncmp(meant, "date:", 5) != 0)
        return (ns__str){(const uint8_t *)FORMS, 0};
    if (ns__query_date(value, parse->options, &span) != NS__DATE_BAD)
        return value;
    return (ns__str){(const uint8_t *)FORMS, sizeof FORMS - 1};
}

static const char NO_FIELD[] =
    "is no field, so this is read as words; fields are title:, body:, source:, section:, author:, "
    "url:, lang:, date: and id:; other keys of records are kept, but not searched";

static ns_status note_kept_only(ns__parser *parse, const ns__lexeme *word, ns__str name)
{
    return ns__query_note(parse->query, word->from, word->to, parse->err, "%.*s: %s",
                          (int)name.length, (const char *)name.data, NO_FIELD);
}

/* Any other word that is written as if it had a field, such as beat:x, is told of where nothing is
 * found. Addresses, times and numbers are none. */
static ns_status note_unknown(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data;
    uint32_t colon = word->start;
    while (colon < word->end && (is_letter(text[colon]) || text[colon] == '_'))
        colon++;
    if (colon < word->start + 2 || colon == word->end || text[colon] != ':' ||
        !has_value(parse, colon + 1) || strchr("/:)0123456789", text[colon + 1]) != NULL)
        return NS_OK;
    return ns__query_note_unknown(parse->query, word->from, word->to, parse->err, "%.*s: %s",
                                  (int)(colon - word->start), (const char *)text + word->start,
                                  NO_FIELD);
}

static ns_status note_field(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data + word->start;
    size_t length = word->end - word->start, colon = 0;
    while (colon < length && is_letter(text[colon]))
        colon++;
    if (colon == 0 || colon >= length || text[colon] != ':')
        return note_unknown(parse, word);
    if (ns__field_of((ns__str){text, colon}) >= 0) /* else the lexer had taken it for one */
        return ns__query_note(parse->query, word->from, word->to, parse->err,
                              "%.*s: behind another field or = is read as a part of the word; "
                              "one field, then =, as in title:=Apple",
                              (int)colon, (const char *)text);
    const ns__str name = {text, colon};
    const char *meant = field_meant(name);
    if (ns__field_is_value(parse->lexer.field))
        return NS_OK;
    if (meant == NULL)
        return is_kept_only(name) && has_value(parse, word->start + (uint32_t)colon + 1)
                   ? note_kept_only(parse, word, name)
                   : note_unknown(parse, word);
    ns__str date = date_meant(parse, (ns__str){text + colon + 1, length - colon - 1}, meant);
    return ns__query_note(parse->query, word->from, word->to, parse->err,
                          "%.*s: is no field, so this is read as words; write %s%.*s", (int)colon,
                          (const char *)text, meant, (int)date.length, (const char *)date.data);
}

/* A sign that the lexer left in the word because it stands behind a field or =, and a ! */
static ns_status note_sign(ns__parser *parse, const ns__lexeme *word)
{
    uint8_t first = parse->query->text.data[word->start];
    if (first == '+' || first == '-')
        return ns__query_note(parse->query, word->from, word->to, parse->err,
                              "%c is read as a part of the word here; write it before the field, "
                              "as in %ctitle:steel",
                              first, first);
    if (first == '!' && !ns__field_is_value(parse->lexer.field))
        return ns__note(parse, word, "! is no operator; to exclude a word write - before it");
    return NS_OK;
}

static bool is_single_quote(uint32_t c)
{
    return c == '\'' || c == 0x2018 || c == 0x2019;
}

/* Whether a quote that begins the word is closed at the end of another one: 'export controls'. */
static bool is_quoted(const ns__parser *parse, const ns__lexeme *word)
{
    enum { FARTHEST = 256 };
    const uint8_t *text = parse->query->text.data;
    const size_t end = parse->query->text.length;
    bool spaced = false, closed = false;
    unsigned length;
    for (uint32_t at = word->start; at < end && at < word->start + FARTHEST; at += length) {
        uint32_t c = ns__peek(text, at, &length);
        const bool space = ns__is_query_space(c);
        if (closed && (space || ns__closes(c) || c == '^' || c == '~'))
            return spaced;
        if (ns__is_query_quote(c))
            return false;
        spaced |= space;
        closed = at > word->start && is_single_quote(c);
    }
    return closed && spaced && end < word->start + FARTHEST;
}

static ns_status note_quote(ns__parser *parse, const ns__lexeme *word)
{
    unsigned length;
    uint32_t first = ns__peek(parse->query->text.data, word->start, &length);
    if (!is_single_quote(first) || first == 0x2019 ||
        !(ns__field_is_value(parse->lexer.field) || is_quoted(parse, word)))
        return NS_OK;
    return ns__query_note(parse->query, word->from, word->to, parse->err,
                          "%s is read as a part of the word; quotes are \"",
                          first == 0x2018 ? "\xe2\x80\x98" : "'");
}

/* ^ and ~ that are no suffix: nothing that they can take stands behind them. */
static ns_status note_suffix(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data;
    bool value = ns__field_is_value(parse->lexer.field);
    for (uint32_t at = word->start; at < word->end; at++) {
        if (ns__is_escape(text, at, word->end))
            at++;
        else if (text[at] == '^')
            return ns__note(parse, word,
                            "^ wants a weight at the end of a word, such as tariff^2; this one is "
                            "read as a part of the word");
        else if (text[at] == '~' && at > word->start && text[at - 1] != '/')
            return ns__note(parse, word,
                            value ? "~ is read as a part of the value; values take * and ?"
                                  : "~ wants 1 or 2 at the end of a word, such as tarif~1; this "
                                    "one is read as a part of the word");
    }
    return NS_OK;
}

/* Whether the lexeme stands directly behind another: (a b)^, "a b"^. */
static bool is_behind(const ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data;
    return word->start > 0 && (text[word->start - 1] == ')' || text[word->start - 1] == '"');
}

/* A name, a slash and a number. */
static bool is_distance(ns__str word, const char *name)
{
    size_t at = strlen(name);
    if (word.length < at + 2 || !is_word((ns__str){word.data, at}, name) || word.data[at] != '/')
        return false;
    while (++at < word.length)
        if (word.data[at] < '0' || word.data[at] > '9')
            return false;
    return true;
}

/* near/5, and w/5 or pre/5 as other engines have it; in capitals the first is an operator. */
static ns_status note_distance(ns__parser *parse, const ns__lexeme *word)
{
    static const char *const NAMES[] = {"near",  "w",   "within", "adj", "n",
                                        "onear", "pre", "p",      NULL};
    enum { FIRST_ORDERED = 5 };
    ns__str written = {parse->query->text.data + word->start, word->end - word->start};
    int found = 0;
    while (NAMES[found] && !is_distance(written, NAMES[found]))
        found++;
    if (NAMES[found] == NULL)
        return NS_OK;
    int digits = (int)(written.length - strlen(NAMES[found]) - 1);
    return ns__query_note(parse->query, word->from, word->to, parse->err,
                          "%.*s is read as a word; write %s/%.*s", (int)written.length,
                          (const char *)written.data, found < FIRST_ORDERED ? "NEAR" : "ONEAR",
                          digits, (const char *)written.data + written.length - digits);
}

/* "a b" ~5 and a ~1: ~20 elsewhere is about twenty. */
static ns_status note_tilde(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data;
    uint32_t before = word->start, at = word->start + 1;
    while (before > 0 && text[before - 1] == ' ')
        before--;
    while (at < word->end && text[at] >= '0' && text[at] <= '9')
        at++;
    if (text[word->start] != '~' || at < word->end || before == word->start || before == 0)
        return NS_OK;
    bool edits = word->end == word->start + 2 && (text[at - 1] == '1' || text[at - 1] == '2');
    if (text[before - 1] != '"' && !edits)
        return NS_OK;
    return ns__note(parse, word,
                    "~ must stand directly behind the word or phrase; this is read as a word");
}

static ns_status note_operator(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data + word->start;
    size_t length = word->to - word->start;
    if (word->suffix.weighted) /* as the description of a query writes such a word */
        return NS_OK;
    if ((length > 5 && memcmp(text, "NEAR/", 5) == 0) ||
        (length > 6 && memcmp(text, "ONEAR/", 6) == 0))
        return ns__note(parse, word,
                        "NEAR/ and ONEAR/ want a number, such as NEAR/8; this is read as a word");
    if ((length == 8 && memcmp(text, "SENTENCE", 8) == 0) ||
        (length == 9 && memcmp(text, "PARAGRAPH", 9) == 0))
        return ns__is_ahead(parse, NS__LEX_OPEN)
                   ? ns__note(parse, word,
                              "the parenthesis must stand directly behind SENTENCE or PARAGRAPH; "
                              "this is read as a word")
                   : NS_OK;
    NS_TRY(note_distance(parse, word));
    return note_tilde(parse, word);
}

ns_status ns__note_likely(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data + word->start;
    ns__str written = {text, word->end - word->start};
    int field = parse->lexer.field;
    if (parse->options->words || word->start == word->to || field == NS__FIELD_ID ||
        field == NS__FIELD_URL || field == NS__FIELD_DATE)
        return NS_OK;
    if (ns__field_is_value(field) && text[0] == '=')
        return ns__note(parse, word,
                        "= is read as a part of the value; write the value directly behind the "
                        "colon");
    if (!ns__has_word_character(written) && !(text[0] == '^' && is_behind(parse, word)))
        return NS_OK;
    NS_TRY(note_quote(parse, word));
    NS_TRY(note_sign(parse, word));
    NS_TRY(note_suffix(parse, word));
    NS_TRY(note_field(parse, word));
    bool bare = field == NS__FIELD_ANY && !parse->exact; /* what is ahead is of no other field */
    return bare ? note_operator(parse, word) : NS_OK;
}
