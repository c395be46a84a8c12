/* Sentence borders of news prose, by rules.
 *
 * Only three things can end a sentence: a terminator (. ! ? … and their like in other scripts)
 * with the closing quotes and brackets behind it, a blank line, and a line break that the lengths
 * of the lines show to be more than wrapping. For a terminator the words on both sides decide;
 * what is known about words stands in sentence_words.c. Terminators of ASCII and the ellipsis
 * need white space behind them; those of Chinese, Japanese, Hindi and Amharic do not. */
#include "text/sentence.h"

#include "base/mem.h"
#include "text/classes.h"
#include "text/utf8.h"

enum {
    LONG_LINE = 120, /* bytes; text with longer lines is not wrapped: its line breaks count */
    SHORT_LINE = 60, /* a line of at most this and less than half of the next is a heading */
    WORDS_TO_VERB = 4
};

typedef struct scanner {
    ns__str text;
    ns__borders *out;
    size_t sentence; /* where the present one begins */
    size_t line;     /* where the present line begins */
} scanner;

/* ---- Looking around ---- */

static uint32_t decode(ns__str text, size_t at, unsigned *length)
{
    if (at >= text.length) {
        *length = 0;
        return 0;
    }
    return ns__utf8_decode(text.data + at, length);
}

static unsigned class_at(ns__str text, size_t at)
{
    unsigned length;
    uint32_t code = decode(text, at, &length);
    return length ? ns__sentence_class(ns__unicode(code)) : NS_SB_SEP;
}

size_t ns__skip_space(ns__str text, size_t at)
{
    unsigned length;
    for (; at < text.length; at += length) {
        length = 1;
        if (text.data[at] < 0x80 ? !(ns__byte_classes[text.data[at]] & NS_CLASS_SPACE)
                                 : !ns__is_space(ns__utf8_decode(text.data + at, &length)))
            break;
    }
    return at;
}

/* Start of the code point that ends at `at`. */
static size_t step_back(ns__str text, size_t at)
{
    do {
        at--;
    } while ((text.data[at] & 0xc0) == 0x80);
    return at;
}

size_t ns__trim_space(ns__str text, size_t start, size_t end)
{
    unsigned length;
    while (end > start) {
        uint8_t last = text.data[end - 1];
        if (last < 0x80) {
            if (!(ns__byte_classes[last] & NS_CLASS_SPACE))
                break;
            end--;
            continue;
        }
        size_t before = step_back(text, end);
        if (!ns__is_space(ns__utf8_decode(text.data + before, &length)))
            break;
        end = before;
    }
    return end;
}

static bool is_dash(uint32_t code)
{
    return code == '-' || (code >= 0x2012 && code <= 0x2015);
}

/* A quote or bracket, opening or closing: either may stand between a stop and a word. */
static bool is_close(uint32_t code)
{
    return ns__sentence_class(ns__unicode(code)) == NS_SB_CLOSE;
}

/* One that opens only: it belongs to what follows it, even where no space tells. */
static bool is_open(uint32_t code)
{
    switch (code) {
    case 0x2018: /* ‘ closes in no language that leaves out spaces */
    case 0x201c: /* “ closes in German, but with a space behind it */
    case 0x300a:
    case 0x300c:
    case 0x300e:
    case 0x3010:
    case 0xff08:
        return true;
    default:
        return false;
    }
}

static bool is_word_character(uint32_t code)
{
    unsigned properties = ns__unicode(code);
    return (properties & (NS_UNICODE_ALNUM | NS_UNICODE_MARK)) != 0;
}

static bool is_ascii_alnum(uint8_t byte)
{
    return (ns__byte_classes[byte] & NS_CLASS_WORD) && byte != '_';
}

/* The word (letters, marks, digits and full stops) that ends at `end`. */
static ns__str word_before(ns__str text, size_t start, size_t end)
{
    size_t at = end;
    unsigned length;
    while (at > start) {
        const uint8_t last = text.data[at - 1];
        if (last < 0x80) {
            if (!is_ascii_alnum(last) && last != '.')
                break;
            at--;
            continue;
        }
        size_t before = step_back(text, at);
        uint32_t code = ns__utf8_decode(text.data + before, &length);
        if (!is_word_character(code) && code != '.')
            break;
        at = before;
    }
    return (ns__str){text.data + at, end - at};
}

/* The word that begins at `at`; an apostrophe counts before a small letter only. */
static ns__str word_after(ns__str text, size_t at)
{
    size_t end = at;
    unsigned length;
    while (end < text.length) {
        if (is_ascii_alnum(text.data[end])) {
            end++;
            continue;
        }
        uint32_t code = ns__utf8_decode(text.data + end, &length);
        bool inside =
            is_word_character(code) || (code == '\'' && end + 1 < text.length &&
                                        text.data[end + 1] >= 'a' && text.data[end + 1] <= 'z');
        if (!inside)
            break;
        end += length;
    }
    return (ns__str){text.data + at, end - at};
}

static size_t offset_of(ns__str text, ns__str part)
{
    return (size_t)(part.data - text.data);
}

/* ---- Deciding about a terminator ---- */

/* A stop and its surroundings. */
typedef struct terminator {
    size_t at;     /* the first terminator */
    size_t quotes; /* behind the last terminator: closing quotes and brackets follow */
    size_t behind; /* behind those */
    size_t next;   /* the next character that is not white space */
    size_t word;   /* behind opening quotes there: the next word */
    bool closed;   /* quotes or brackets follow the terminators */
    bool dash;     /* a dash stands before the next word */
    bool loud;     /* one of the terminators is ! or ? */
    bool ellipsis; /* … or more than one full stop */
    bool direct;   /* a terminator that needs no white space behind it */
} terminator;

static bool is_initialism(ns__str word)
{
    size_t letters = 0;
    for (size_t i = 0; i < word.length; i++) {
        bool letter = (word.data[i] | 0x20) >= 'a' && (word.data[i] | 0x20) <= 'z';
        if (i % 2 == 0 ? !letter : word.data[i] != '.')
            return false;
        letters += letter;
    }
    return letters >= 2;
}

/* One capital letter: "J." */
static bool is_initial(ns__str word)
{
    unsigned length;
    if (word.length == 0)
        return false;
    uint32_t code = decode(word, 0, &length);
    unsigned class = ns__sentence_class(ns__unicode(code));
    return length == word.length &&
           (class == NS_SB_UPPER || (class == NS_SB_LETTER && code < 0x800));
}

static bool all_digits(ns__str word)
{
    for (size_t i = 0; i < word.length; i++)
        if (word.data[i] < '0' || word.data[i] > '9')
            return false;
    return word.length > 0;
}

/* The word before `word`, which stands in the same sentence. */
static ns__str previous_word(const scanner *scan, ns__str word)
{
    size_t at = offset_of(scan->text, word);
    size_t end = ns__trim_space(scan->text, scan->sentence, at);
    if (end > scan->sentence && scan->text.data[end - 1] == '.')
        end--;
    return word_before(scan->text, scan->sentence, end);
}

/* Does "J." end a sentence before `next`? */
static bool initial_ends(const scanner *scan, ns__str word, ns__str next)
{
    ns__str previous = previous_word(scan, word);
    if (word.length == 1 && word.data[0] == 'I' && previous.length > 0)
        return !ns__is_lettered(previous) && class_at(previous, 0) == NS_SB_LOWER &&
               ns__begins_sentences(next);
    if (ns__is_lettered(previous) || all_digits(previous))
        return true; /* "group B.", "100 C." */
    if (class_at(word, 0) == NS_SB_LETTER)
        return false; /* Arabic "د." */
    return previous.length > 0 && ns__begins_sentences(next);
}

/* Does a number before a full stop only count things: a list item, or a German ordinal? */
static bool is_ordinal(const scanner *scan, ns__str word, ns__str next)
{
    size_t at = offset_of(scan->text, word);
    if (at == scan->sentence)
        return true;
    return word.length <= 2 && !ns__begins_sentences(next) &&
           (ns__is_month(next) || ns__precedes_ordinal(previous_word(scan, word)));
}

/* A full stop with a capital, a number or a letter without case behind it. */
static bool full_stop_ends(const scanner *scan, const terminator *stop)
{
    ns__str word = word_before(scan->text, scan->sentence, stop->at);
    ns__str next = word_after(scan->text, stop->word);
    bool number = class_at(scan->text, stop->word) == NS_SB_NUMERIC;
    if (word.length == 0 || stop->ellipsis)
        return true;
    switch (ns__abbreviation_of(word)) {
    case NS_ABBR_TITLE:
        return false;
    case NS_ABBR_NUMBER:
        return !number && !stop->dash;
    case NS_ABBR_OTHER:
        return !stop->dash && !number && ns__begins_sentences(next);
    case NS_ABBR_TIME:
        return !stop->dash && !ns__follows_time(next) && (word.length > 2 || !number);
    case NS_ABBR_NONE:
        break;
    }
    if (is_initialism(word))
        return !stop->dash && ns__begins_sentences(next);
    if (is_initial(word))
        return initial_ends(scan, word, next);
    if (all_digits(word) && !stop->closed)
        return !is_ordinal(scan, word, next);
    return true;
}

/* ‘“We won!” Mr Smith said.’: do a name and a verb of speaking follow a quote? */
static bool is_attributed(const scanner *scan, const terminator *stop)
{
    ns__str word = word_after(scan->text, stop->word);
    if (stop->word != stop->next || ns__begins_sentences(word))
        return false;
    for (unsigned i = 0; i < WORDS_TO_VERB && word.length > 0; i++) {
        if (ns__is_speech_verb(word))
            return i > 0;
        size_t at = offset_of(scan->text, word) + word.length;
        if (at < scan->text.length && scan->text.data[at] == '.')
            at++;
        word = word_after(scan->text, ns__skip_space(scan->text, at));
    }
    return false;
}

/* Hiragana behind a Japanese quote ("。」と述べた"): the sentence goes on. */
static bool is_particle(ns__str text, size_t at)
{
    unsigned length;
    uint32_t code = decode(text, at, &length);
    return code >= 0x3041 && code <= 0x309f;
}

static bool ends_sentence(const scanner *scan, const terminator *stop)
{
    ns__str text = scan->text;
    if (stop->behind == text.length || stop->next == text.length)
        return true;
    if (stop->direct)
        return !(stop->closed && is_particle(text, stop->next)) &&
               class_at(text, stop->next) != NS_SB_LOWER;
    if (stop->next == stop->behind)
        return false; /* no white space */
    unsigned class = class_at(text, stop->word);
    if (class == NS_SB_LOWER || class == NS_SB_CONTINUE || class == NS_SB_STERM ||
        class == NS_SB_ATERM)
        return false;
    if (stop->loud)
        return !(stop->quotes != stop->behind && is_attributed(scan, stop));
    return full_stop_ends(scan, stop);
}

/* ---- Terminators ---- */

static bool is_terminator(uint32_t code)
{
    unsigned class = ns__sentence_class(ns__unicode(code));
    return class == NS_SB_STERM || class == NS_SB_ATERM || code == 0x2026;
}

static void read_stop(ns__str text, size_t at, terminator *stop)
{
    unsigned length, count = 0;
    uint32_t code;
    stop->at = at;
    for (; code = decode(text, at, &length), length && is_terminator(code); at += length) {
        stop->loud |= code == '!' || code == '?' || code == 0x203c || code == 0x61f;
        stop->direct |=
            code >= 0x900 && code != 0x2026 && code != 0x203c && code != 0xff0e && code != 0x2024;
        stop->ellipsis |= code == 0x2026;
        count++;
    }
    stop->ellipsis |= count > 1 && !stop->loud && !stop->direct;
    stop->quotes = at;
    for (; code = decode(text, at, &length), length && is_close(code); at += length) {
        if (stop->direct && is_open(code))
            break;
        stop->closed = true;
    }
    stop->behind = at;
    stop->next = at = ns__skip_space(text, at);
    for (; code = decode(text, at, &length), length; at += length) {
        bool dash = is_dash(code) || code == 0x2022;
        if (!is_close(code) && !dash && code != 0xbf && code != 0xa1 && !ns__is_space(code))
            break;
        stop->dash |= dash;
    }
    stop->word = at;
}

/* ---- Lines ---- */

static size_t line_end(ns__str text, size_t at)
{
    const uint8_t *newline =
        at < text.length ? memchr(text.data + at, '\n', text.length - at) : NULL;
    return newline ? (size_t)(newline - text.data) : text.length;
}

/* Does the line break at `at`, with `next` the first character behind, end a sentence by itself?
 * Lines of a wrapped text are of like length; others end where their author ended them. */
static bool break_counts(const scanner *scan, size_t at, size_t next)
{
    size_t length = at - scan->line;
    if (length > LONG_LINE)
        return true;
    unsigned class = class_at(scan->text, next);
    if (class == NS_SB_LOWER || length > SHORT_LINE)
        return false;
    return length * 2 < line_end(scan->text, next) - next;
}

/* ---- Borders ---- */

static ns_status add_border(scanner *scan, size_t start, bool paragraph, ns_error *err)
{
    ns__borders *out = scan->out;
    if (NS_RESERVE(out->items, out->capacity, out->count + 1) != NS_OK)
        return ns__no_memory(err);
    out->items[out->count++] = (ns__border){(uint32_t)start, paragraph};
    scan->sentence = start;
    return NS_OK;
}

/* White space from `at` (a line break or behind a terminator) to `next`: is there a blank line, or
 * a line break that counts? scan->line becomes the start of the last line in it. */
static bool is_paragraph_break(scanner *scan, size_t at, size_t next)
{
    size_t breaks = 0, first = 0;
    for (size_t i = at; i < next; i++) {
        if (scan->text.data[i] == '\n' && breaks++ == 0)
            first = i;
        if (scan->text.data[i] == 0xa9 && i >= 2 && scan->text.data[i - 1] == 0x80 &&
            scan->text.data[i - 2] == 0xe2)
            breaks = 2; /* U+2029, paragraph separator */
    }
    if (breaks == 0)
        return false;
    bool counts = breaks > 1 || break_counts(scan, first, next);
    while (next > at && scan->text.data[next - 1] != '\n')
        next--;
    scan->line = next;
    return counts;
}

/* ---- Candidates ---- */

enum { CHUNK_BLOCKS = 32 };

/* Where the first bytes of what may end a sentence stand (NS_CLASS_STOP), chunk by chunk. */
typedef struct candidates {
    ns__str text;
    const ns__class_kernels *kernels;
    size_t base, count; /* blocks whose masks are at hand, from text.data[base] on */
    uint64_t masks[CHUNK_BLOCKS];
} candidates;

/* Makes the masks from `at` on; at < text.length. */
static void make_masks(candidates *all, size_t at)
{
    size_t left = all->text.length - at, whole = left / NS_CLASS_BLOCK;
    const uint8_t *from = all->text.data + at;
    all->base = at;
    all->count = whole < CHUNK_BLOCKS ? whole : CHUNK_BLOCKS;
    all->kernels->stops(from, all->count, all->masks);
    if (all->count == CHUNK_BLOCKS || left % NS_CLASS_BLOCK == 0)
        return;
    uint8_t padded[NS_CLASS_BLOCK];
    from = ns__class_tail(from + whole * NS_CLASS_BLOCK, left % NS_CLASS_BLOCK, padded);
    all->kernels->stops(from, 1, all->masks + all->count++);
}

/* The next candidate at or behind `at`; text.length when there is none. */
static size_t find_candidate(candidates *all, size_t at)
{
    while (at < all->text.length) {
        if (at - all->base >= all->count * NS_CLASS_BLOCK)
            make_masks(all, at);
        size_t block = (at - all->base) / NS_CLASS_BLOCK;
        uint64_t mask = all->masks[block] >> (at - all->base) % NS_CLASS_BLOCK;
        if (mask != 0)
            return at + (size_t)__builtin_ctzll(mask);
        while (++block < all->count)
            if (all->masks[block] != 0)
                return all->base + block * NS_CLASS_BLOCK +
                       (size_t)__builtin_ctzll(all->masks[block]);
        at = all->base + all->count * NS_CLASS_BLOCK;
    }
    return all->text.length;
}

/* Does the candidate at `at` end nothing for sure, by the byte behind it? A full stop before a
 * letter or digit; quotes and dashes (E2 80 90 to 9F), frequent in prose; ideographic letters (the
 * one terminator is E3 80 82). */
static bool is_idle(ns__str text, size_t at)
{
    const uint8_t *byte = text.data + at;
    switch (*byte) {
    case '.':
        return at + 1 < text.length && (ns__byte_classes[byte[1]] & NS_CLASS_WORD) &&
               byte[1] != '_';
    case 0xe2:
        return byte[1] == 0x80 && byte[2] <= 0x9f;
    case 0xe3:
        return byte[1] != 0x80;
    default:
        return false;
    }
}

/* The next place that may end a sentence. */
static size_t next_candidate(candidates *all, size_t at)
{
    while ((at = find_candidate(all, at)) < all->text.length && is_idle(all->text, at))
        at++;
    return at;
}

/* ---- The walk ---- */

/* Handles what stands at `at`; returns where to go on. */
static size_t consider(scanner *scan, size_t at, ns_status *status, ns_error *err)
{
    ns__str text = scan->text;
    unsigned length;
    uint32_t code = ns__utf8_decode(text.data + at, &length);
    bool ends = false;
    size_t next;
    if (code == '\n' || code == 0x2029) {
        next = ns__skip_space(text, at);
    } else if (is_terminator(code)) {
        terminator stop = {0};
        read_stop(text, at, &stop);
        ends = ends_sentence(scan, &stop);
        at = stop.behind;
        next = stop.next;
    } else {
        return at + length;
    }
    bool paragraph = is_paragraph_break(scan, at, next);
    if ((ends || paragraph) && next < text.length)
        *status = add_border(scan, next, paragraph, err);
    return next > at ? next : at;
}

ns_status ns__sentences_scan(ns__str text, ns__borders *out, ns_error *err)
{
    out->count = 0;
    scanner scan = {text, out, 0, 0};
    candidates all = {.text = text, .kernels = ns__class_kernels_for(ns__cpu_isa())};
    size_t at = ns__skip_space(text, 0);
    if (at == text.length)
        return NS_OK;
    scan.line = at;
    ns_status status = add_border(&scan, at, true, err);
    while (status == NS_OK && (at = next_candidate(&all, at)) < text.length)
        at = consider(&scan, at, &status, err);
    return status;
}
