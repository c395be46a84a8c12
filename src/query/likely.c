/* Words that look like something else: a field that is misspelled, SENTENCE apart from its
 * parenthesis, NEAR/few. They stay words, because the same is written in articles; a note says what
 * to write. */
#include "query/characters.h"
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

/* The field that the name was meant to be, or NULL. Short names are as they are too often. */
static const char *field_meant(ns__str name)
{
    static const char *const FIELDS[] = {"title", "source", "section", "author"};
    static const char *const OTHERS[][2] = {{"headline", "title"},   {"text", "body"},
                                            {"language", "lang"},    {"paper", "source"},
                                            {"category", "section"}, {"byline", "author"}};
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        if (is_one_edit(name, FIELDS[i]))
            return FIELDS[i];
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (is_word(name, OTHERS[i][0]))
            return OTHERS[i][1];
    return NULL;
}

static ns_status note_field(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data + word->start;
    size_t length = word->end - word->start, colon = 0;
    while (colon < length && is_letter(text[colon]))
        colon++;
    if (colon == 0 || colon >= length || text[colon] != ':')
        return NS_OK;
    const char *meant = field_meant((ns__str){text, colon});
    if (meant == NULL)
        return NS_OK;
    return ns__query_note(parse->query, word->from, word->to, parse->err,
                          "%.*s: is no field, so this is read as words; write %s:", (int)colon,
                          (const char *)text, meant);
}

static ns_status note_operator(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data + word->start;
    size_t length = word->to - word->start;
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
    return NS_OK;
}

ns_status ns__note_likely(ns__parser *parse, const ns__lexeme *word)
{
    const uint8_t *text = parse->query->text.data + word->start;
    int field = parse->lexer.field;
    if (parse->options->words || word->start == word->to)
        return NS_OK;
    if (ns__field_is_value(field))
        return text[0] == '\'' && field != NS__FIELD_ID && field != NS__FIELD_URL
                   ? ns__note(parse, word, "' is read as a part of the word; quotes are \"")
                   : NS_OK;
    NS_TRY(note_field(parse, word));
    bool bare = field == NS__FIELD_ANY && !parse->exact; /* what is ahead is of no other field */
    return bare ? note_operator(parse, word) : NS_OK;
}
