#include "query/lexer.h"

#include "base/limits.h"

static uint32_t peek(const ns__lexer *lexer, uint32_t at, unsigned *length)
{
    return ns__peek(lexer->query->text.data, at, length);
}

/* Nothing, white space or a closing parenthesis at `at`. */
static bool nothing_at(const ns__lexer *lexer, uint32_t at)
{
    if (at >= lexer->end)
        return true;
    unsigned length;
    uint32_t c = peek(lexer, at, &length);
    return ns__is_query_space(c) || ns__closes(c);
}

/* ---- Fields ---- */

static const char *const FIELD_NAMES[] = {
    [NS__FIELD_ANY] = "",          [NS__FIELD_TITLE] = "title",     [NS__FIELD_BODY] = "body",
    [NS__FIELD_SOURCE] = "source", [NS__FIELD_SECTION] = "section", [NS__FIELD_LANG] = "lang",
    [NS__FIELD_AUTHOR] = "author", [NS__FIELD_URL] = "url",         [NS__FIELD_ID] = "id",
    [NS__FIELD_DATE] = "date",
};

const char *ns__field_name(int field)
{
    return FIELD_NAMES[field];
}

int ns__field_of(ns__str name)
{
    for (int field = NS__FIELD_TITLE; field <= NS__FIELD_DATE; field++) {
        const char *known = FIELD_NAMES[field];
        size_t i = 0;
        while (i < name.length && known[i] != '\0' && (name.data[i] | 0x20) == known[i])
            i++;
        if (i == name.length && known[i] == '\0')
            return field;
    }
    return -1;
}

/* The field named at the lexer; *after gets the place behind the colon. */
static int field_at(const ns__lexer *lexer, uint32_t *after)
{
    const uint8_t *text = lexer->query->text.data;
    uint32_t at = lexer->at;
    while (at < lexer->end && at - lexer->at < 8 && (text[at] | 0x20) >= 'a' &&
           (text[at] | 0x20) <= 'z')
        at++;
    if (at == lexer->at || at >= lexer->end || text[at] != ':')
        return -1;
    *after = at + 1;
    return ns__field_of((ns__str){text + lexer->at, at - lexer->at});
}

/* ---- Words ---- */

/* Where the word at `at` ends: before white space, a quote or a parenthesis. With `balanced`,
 * parentheses belong to it as far as they are opened and closed within. */
static uint32_t skip_word(const ns__lexer *lexer, uint32_t at, bool balanced, bool *solid)
{
    const uint8_t *text = lexer->query->text.data;
    uint32_t inside = 0;
    *solid = false;
    while (at < lexer->end) {
        unsigned length;
        bool escaped = ns__is_escape(text, at, lexer->end);
        uint32_t c = peek(lexer, at + escaped, &length);
        if (!escaped) {
            if (ns__is_query_space(c) || ns__is_query_quote(c))
                break;
            if (ns__opens(c) && balanced)
                inside++;
            else if (ns__closes(c) && inside > 0)
                inside--;
            else if (ns__is_query_paren(c))
                break;
        }
        *solid |= ns__is_word_character(c);
        at += escaped + length;
    }
    return at;
}

/* A smiley's mouth belongs to it: the parenthesis behind a word without letters. */
static uint32_t skip_mouth(const ns__lexer *lexer, uint32_t at)
{
    if (at == lexer->at || at >= lexer->end)
        return at;
    unsigned length;
    uint32_t c = peek(lexer, at, &length);
    bool mouth = ns__opens(c) || (ns__closes(c) && lexer->depth == 0);
    if (!mouth || (at + length < lexer->end && !nothing_at(lexer, at + length)))
        return at;
    return at + length;
}

static ns__lexeme lex_word(ns__lexer *lexer)
{
    const uint8_t *text = lexer->query->text.data;
    ns__lexeme word = {.kind = NS__LEX_WORD, .from = lexer->at, .start = lexer->at};
    bool verbatim = lexer->field == NS__FIELD_URL || lexer->field == NS__FIELD_ID;
    bool solid;
    word.end = skip_word(lexer, lexer->at, verbatim, &solid);
    if (!solid)
        word.end = skip_mouth(lexer, word.end);
    word.to = word.end;
    bool suffixes = solid || text[word.start] == '*';
    for (uint32_t at = word.start; suffixes && !verbatim && at < word.to; at++) {
        if (ns__is_escape(text, at, word.to))
            at++;
        else if (at > word.start && (text[at] == '^' || text[at] == '~'))
            ns__find_suffix(text, at, word.to, !ns__field_is_value(lexer->field), &word.suffix,
                            &word.end);
        if (word.end < word.to)
            break;
    }
    return word;
}

/* A date: quotes are part of it, so that >"May 2025" is one. */
static ns__lexeme lex_date(ns__lexer *lexer)
{
    ns__lexeme word = {.kind = NS__LEX_WORD, .from = lexer->at, .start = lexer->at};
    uint32_t at = lexer->at;
    bool quoted = false;
    while (at < lexer->end) {
        unsigned length;
        uint32_t c = peek(lexer, at, &length);
        if (ns__is_query_quote(c))
            quoted = !quoted;
        else if (!quoted && (ns__is_query_space(c) || ns__is_query_paren(c)))
            break;
        at += length;
    }
    word.end = word.to = at;
    word.stray = quoted;
    for (uint32_t mark = word.start + 1; mark < word.to; mark++) {
        if (lexer->query->text.data[mark] != '^')
            continue;
        ns__find_suffix(lexer->query->text.data, mark, word.to, false, &word.suffix, &word.end);
        break;
    }
    return word;
}

static ns__lexeme lex_quoted(ns__lexer *lexer)
{
    const uint8_t *text = lexer->query->text.data;
    ns__lexeme quoted = {.kind = NS__LEX_QUOTED, .from = lexer->at};
    unsigned length;
    (void)peek(lexer, lexer->at, &length);
    uint32_t at = quoted.start = lexer->at + length;
    for (; at < lexer->end; at += length) {
        if (ns__is_escape(text, at, lexer->end)) {
            (void)peek(lexer, ++at, &length);
            continue;
        }
        if (ns__is_query_quote(peek(lexer, at, &length)))
            break;
    }
    quoted.end = at;
    quoted.stray = at >= lexer->end;
    if (!quoted.stray)
        at = ns__skip_suffixes(text, at + length, lexer->end, true, &quoted.suffix);
    quoted.to = at;
    return quoted;
}

/* ---- Operators ---- */

static bool spells(const ns__lexer *lexer, uint32_t end, const char *word)
{
    size_t length = strlen(word);
    return end - lexer->at == length &&
           memcmp(lexer->query->text.data + lexer->at, word, length) == 0;
}

/* NEAR, ONEAR, with /k or without. */
static bool lex_near(const ns__lexer *lexer, uint32_t end, ns__lexeme *out)
{
    const uint8_t *text = lexer->query->text.data;
    uint32_t slash = lexer->at;
    while (slash < end && text[slash] != '/')
        slash++;
    bool near = spells(lexer, slash, "NEAR"), onear = spells(lexer, slash, "ONEAR");
    if (!near && !onear)
        return false;
    out->kind = NS__LEX_NEAR;
    out->ordered = onear;
    out->distance = NS_DEFAULT_NEAR;
    if (slash == end)
        return true;
    uint32_t after = ns__skip_number(text, slash + 1, end, &out->distance);
    if (after != end || slash + 1 == end)
        return false;
    out->bad_number = out->distance == 0 || out->distance > NS_MAX_NEAR_DISTANCE;
    if (out->bad_number)
        out->distance = out->distance == 0 ? 1 : NS_MAX_NEAR_DISTANCE;
    return true;
}

/* An operator, or SENTENCE( and PARAGRAPH(. */
static bool lex_operator(const ns__lexer *lexer, ns__lexeme *out)
{
    uint8_t first = lexer->query->text.data[lexer->at];
    if (first < 'A' || first > 'S')
        return false;
    bool solid;
    uint32_t end = skip_word(lexer, lexer->at, false, &solid);
    *out = (ns__lexeme){.from = lexer->at, .to = end};
    unsigned length;
    bool call = end < lexer->end && ns__opens(peek(lexer, end, &length));
    if (call && (spells(lexer, end, "SENTENCE") || spells(lexer, end, "PARAGRAPH"))) {
        out->kind = NS__LEX_WITHIN;
        out->paragraph = first == 'P';
        out->to = end + length;
        return true;
    }
    if (lexer->headline || lexer->last == NS__LEX_FIELD || lexer->last == NS__LEX_PREFIX ||
        lexer->last == NS__LEX_EXACT)
        return false; /* a word */
    if (spells(lexer, end, "AND"))
        out->kind = NS__LEX_AND;
    else if (spells(lexer, end, "OR"))
        out->kind = NS__LEX_OR;
    else if (spells(lexer, end, "NOT"))
        out->kind = NS__LEX_NOT;
    else
        return lex_near(lexer, end, out);
    return true;
}

static bool is_prefix(uint32_t c)
{
    return c == '+' || c == '-';
}

/* + and -, all that stand in a row; the last one counts. */
static ns__lexeme lex_prefix(ns__lexer *lexer)
{
    const uint8_t *text = lexer->query->text.data;
    ns__lexeme prefix = {.kind = NS__LEX_PREFIX, .from = lexer->at, .to = lexer->at};
    while (prefix.to < lexer->end && is_prefix(text[prefix.to]))
        prefix.to++;
    prefix.occur = text[prefix.to - 1] == '+' ? NS__MUST : NS__NOT;
    prefix.stray = nothing_at(lexer, prefix.to);
    prefix.several = prefix.to > prefix.from + 1;
    return prefix;
}

/* Is the = at the lexer the one of =word, ="phrase" and =( )? */
static bool is_exact(const ns__lexer *lexer)
{
    if (lexer->query->text.data[lexer->at] != '=' || ns__field_is_value(lexer->field) ||
        lexer->last == NS__LEX_EXACT || lexer->at + 1 >= lexer->end)
        return false;
    unsigned length;
    uint32_t c = peek(lexer, lexer->at + 1, &length);
    bool solid;
    (void)skip_word(lexer, lexer->at + 1, false, &solid);
    return solid || ns__is_query_quote(c) || ns__opens(c);
}

static bool lex_field(const ns__lexer *lexer, ns__lexeme *out)
{
    if (lexer->last == NS__LEX_FIELD || lexer->last == NS__LEX_EXACT)
        return false;
    uint32_t after;
    int field = field_at(lexer, &after);
    if (field < 0)
        return false;
    *out = (ns__lexeme){.kind = NS__LEX_FIELD, .from = lexer->at, .to = after, .field = field};
    out->stray = nothing_at(lexer, after);
    return true;
}

static ns__lexeme lex(ns__lexer *lexer)
{
    unsigned length;
    uint32_t c = peek(lexer, lexer->at, &length);
    bool begun = lexer->last == NS__LEX_FIELD || lexer->last == NS__LEX_EXACT;
    ns__lexeme out = {.from = lexer->at, .to = lexer->at + length};
    if (ns__opens(c)) {
        out.kind = NS__LEX_OPEN;
        return out;
    }
    if (ns__closes(c)) {
        out.kind = NS__LEX_CLOSE;
        out.to = ns__skip_suffixes(lexer->query->text.data, out.to, lexer->end, true, &out.suffix);
        return out;
    }
    if (is_prefix(c) && !begun)
        return lex_prefix(lexer);
    if (lex_operator(lexer, &out) || lex_field(lexer, &out))
        return out;
    if (lexer->field == NS__FIELD_DATE)
        return lex_date(lexer);
    if (ns__is_query_quote(c))
        return lex_quoted(lexer);
    if (is_exact(lexer)) {
        out = (ns__lexeme){.kind = NS__LEX_EXACT, .from = lexer->at, .to = lexer->at + 1};
        return out;
    }
    return lex_word(lexer);
}

static void skip_space(ns__lexer *lexer)
{
    while (lexer->at < lexer->end) {
        unsigned length;
        if (!ns__is_query_space(peek(lexer, lexer->at, &length)))
            return;
        lexer->at += length;
        lexer->last = NS__LEX_END;
    }
}

ns__lexeme ns__lex(ns__lexer *lexer)
{
    skip_space(lexer);
    ns__lexeme out = {.kind = NS__LEX_END, .from = lexer->end, .to = lexer->end};
    if (lexer->at < lexer->end)
        out = lex(lexer);
    lexer->at = out.to;
    lexer->last = out.kind;
    return out;
}

ns__lexeme ns__lex_plain(ns__lexer *lexer)
{
    skip_space(lexer);
    uint32_t at = lexer->at;
    for (unsigned length; at < lexer->end; at += length) {
        if (ns__is_query_space(peek(lexer, at, &length)))
            break;
    }
    ns__lexeme out = {.kind = at > lexer->at ? NS__LEX_WORD : NS__LEX_END,
                      .from = lexer->at,
                      .to = at,
                      .start = lexer->at,
                      .end = at};
    lexer->at = at;
    return out;
}
