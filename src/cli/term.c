/* Terminal output. */
#include "cli/term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

bool term_init(const cli_args *args, cli_term *out)
{
    const char *when = args->value[OPT_COLOR] ? args->value[OPT_COLOR] : "auto";
    const char *no_color = getenv("NO_COLOR"), *name = getenv("TERM");
    *out = (cli_term){.tty = isatty(STDOUT_FILENO)};
    if (strcmp(when, "always") == 0) {
        out->color = true;
    } else if (strcmp(when, "auto") == 0) {
        out->color = out->tty && !(no_color && no_color[0]) && name && strcmp(name, "dumb") != 0;
    } else if (strcmp(when, "never") != 0) {
        complain("--color %s: give auto, always or never", when);
        return false;
    }
    struct winsize size;
    if (out->tty)
        out->columns =
            ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    if (out->columns && out->columns < 20)
        out->columns = 20;
    return true;
}

static const char *style_code(cli_style style)
{
    switch (style) {
    case STYLE_TITLE:
        return "\033[1m";
    case STYLE_MARK:
        return "\033[1;33m";
    case STYLE_FAINT:
        return "\033[2m";
    case STYLE_PLAIN:
        break;
    }
    return "";
}

static void set_style(const cli_term *term, cli_style style)
{
    if (term->color)
        printf("\033[0m%s", style_code(style));
}

/* Control characters and marks that turn text around: nothing a document may do to a terminal. */
static bool is_hostile(utf8proc_int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

enum { INVALID = 0xfffd }; /* what is shown for a byte that is no UTF-8 */

/* What is shown as U+FFFD: such bytes, too, which some terminals take for control characters. */
static bool is_replaced(utf8proc_int32_t c)
{
    return c == INVALID || is_hostile(c);
}

/* Line and paragraph separators of Unicode: terminals do with them what they like. */
static bool is_separator(utf8proc_int32_t c)
{
    return c == 0x2028 || c == 0x2029;
}

/* Code point at text[at]; *length its bytes (at least 1). */
static inline utf8proc_int32_t decode(const char *text, size_t left, size_t *length)
{
    utf8proc_int32_t c = (unsigned char)*text;
    if (c < 0x80) {
        *length = 1;
        return c;
    }
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)left, &c);
    if (used <= 0) {
        *length = 1;
        return INVALID;
    }
    *length = (size_t)used;
    return c;
}

/* Letters, digits and marks of ASCII: one column each, printed as they are everywhere. */
static inline bool is_plain(char c)
{
    return c > 0x20 && c < 0x7f;
}

void term_message(const char *text, size_t length)
{
    for (size_t at = 0, used; at < length; at += used)
        if (is_replaced(decode(text + at, length - at, &used)))
            fputs("\xef\xbf\xbd", stderr);
        else
            fwrite(text + at, 1, used, stderr);
}

/* What term_print prints otherwise than it is. */
static bool is_changed(utf8proc_int32_t c)
{
    return is_hostile(c) || is_separator(c);
}

bool term_is_shown(const char *text, size_t length)
{
    for (size_t at = 0, used; at < length; at += used)
        if (is_changed(decode(text + at, length - at, &used)))
            return false;
    return true;
}

char *term_shown(const char *text, size_t length)
{
    char *out = malloc(3 * length + 1), *end = out;
    for (size_t at = 0, used; out != NULL && at < length; at += used) {
        const bool changed = is_changed(decode(text + at, length - at, &used));
        const size_t bytes = changed ? 3 : used;
        memcpy(end, changed ? "\xef\xbf\xbd" : text + at, bytes);
        end += bytes;
    }
    if (out != NULL)
        *end = 0;
    return out;
}

static void put_char(const char *text, size_t length, utf8proc_int32_t c)
{
    if (is_replaced(c))
        fputs("\xef\xbf\xbd", stdout);
    else
        fwrite(text, 1, length, stdout);
}

void term_print(const cli_term *term, const char *text, size_t length, cli_style style,
                bool keep_lines)
{
    if (style != STYLE_PLAIN)
        set_style(term, style);
    for (size_t at = 0, used; at < length; at += used) {
        used = 0;
        while (at + used < length && is_plain(text[at + used]))
            used++;
        if (used > 0) {
            fwrite(text + at, 1, used, stdout);
            continue;
        }
        utf8proc_int32_t c = decode(text + at, length - at, &used);
        if (keep_lines && (c == '\n' || (c == '\t' && !term->tty)))
            putchar((int)c);
        else if (c == '\n' || c == '\t' || c == '\r' || is_separator(c))
            putchar(' ');
        else
            put_char(text + at, used, c);
    }
    if (style != STYLE_PLAIN)
        set_style(term, STYLE_PLAIN);
}

void term_print_field(const cli_term *term, const char *text, size_t length)
{
    for (size_t at = 0, used; at < length; at += used) {
        utf8proc_int32_t c = decode(text + at, length - at, &used);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || is_separator(c))
            putchar(' ');
        else if (term->tty || c == INVALID)
            put_char(text + at, used, c);
        else
            fwrite(text + at, 1, used, stdout);
    }
}

void term_print_json(const char *text, size_t length)
{
    size_t written = 0;
    for (size_t at = 0, used; at < length; at += used) {
        used = 1;
        if (text[at] >= 0x20 && text[at] < 0x7f)
            continue;
        utf8proc_int32_t c = decode(text + at, length - at, &used);
        if (c < 0x20 || !is_hostile(c)) /* none lies beyond U+FFFF; line breaks are our own */
            continue;
        fwrite(text + written, 1, at - written, stdout);
        printf("\\u%04X", (unsigned)c);
        written = at + used;
    }
    fwrite(text + written, 1, length - written, stdout);
}

void term_print_bar(const cli_term *term, size_t eighths)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    set_style(term, STYLE_MARK);
    for (; eighths >= 8; eighths -= 8)
        fputs("█", stdout);
    fputs(parts[eighths], stdout);
    set_style(term, STYLE_PLAIN);
}

/* Where the next line may break: code points and columns of the word at text[at]. */
typedef struct word_size {
    size_t bytes, points, columns;
} word_size;

static bool is_space(utf8proc_int32_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0x3000 || is_separator(c);
}

static size_t width_of(utf8proc_int32_t c)
{
    if ((c >= 0x20 && c < 0x7f) || is_separator(c)) /* which are shown as blanks */
        return 1;
    int width = is_hostile(c) ? 1 : utf8proc_charwidth(c); /* it is shown as U+FFFD */
    return width > 0 ? (size_t)width : 0;
}

size_t term_columns(const char *text, size_t length)
{
    size_t columns = 0;
    for (size_t at = 0, used; at < length; at += used)
        columns += width_of(decode(text + at, length - at, &used));
    return columns;
}

/* Punctuation of wide scripts that may not begin a line. */
static bool is_closing(utf8proc_int32_t c)
{
    return (c >= 0x3001 && c <= 0x3002) || c == 0x3009 || c == 0x300b || c == 0x300d ||
           c == 0x300f || c == 0x3011 || c == 0xff01 || c == 0xff09 || c == 0xff0c ||
           (c >= 0xff1a && c <= 0xff1b) || c == 0xff1f;
}

/* Whether a character belongs to the picture before it: it is joined to it, or tells its skin. */
static bool is_joined(utf8proc_int32_t before, utf8proc_int32_t c)
{
    return before == 0x200d || (c >= 0x1f3fb && c <= 0x1f3ff);
}

/* A word ends before white space; a wide character (CJK) is a word of its own, with the punctuation
 * that closes it and the pictures that are joined to it. */
static word_size next_word(const char *text, size_t length)
{
    word_size out = {0};
    utf8proc_int32_t before = 0;
    bool wide = false;
    while (out.bytes < length) {
        if (!wide && is_plain(text[out.bytes])) {
            out = (word_size){out.bytes + 1, out.points + 1, out.columns + 1};
            continue;
        }
        size_t used;
        utf8proc_int32_t c = decode(text + out.bytes, length - out.bytes, &used);
        size_t width = width_of(c);
        const bool clings = is_closing(c) || is_joined(before, c);
        if (wide && width > 0 && !clings)
            break;
        if (is_space(c) || (width == 2 && out.points > 0 && !clings))
            break;
        before = c;
        out.bytes += used;
        out.points++;
        out.columns += width;
        wide = wide || width == 2;
    }
    return out;
}

/* State of printing one marked text. */
typedef struct paint_state {
    const cli_term *term;
    ns_marked text;
    cli_style base;
    size_t mark;  /* next or current mark */
    size_t point; /* code points printed so far */
} paint_state;

static void before_point(paint_state *painter)
{
    if (painter->mark < painter->text.mark_count &&
        painter->text.marks[painter->mark][0] == painter->point) {
        if (painter->term->color)
            set_style(painter->term, STYLE_MARK);
        else
            fputs("**", stdout);
    }
}

static void after_point(paint_state *painter)
{
    painter->point++;
    if (painter->mark < painter->text.mark_count &&
        painter->text.marks[painter->mark][1] == painter->point) {
        if (painter->term->color)
            set_style(painter->term, painter->base);
        else
            fputs("**", stdout);
        painter->mark++;
    }
}

/* How many bytes can be printed at once: plain ones, up to where the next mark begins or ends. */
static size_t plain_run(const paint_state *painter, const char *text, size_t bytes)
{
    size_t count = 0;
    if (painter->mark < painter->text.mark_count) {
        const uint32_t *mark = painter->text.marks[painter->mark];
        size_t next = painter->point < mark[0] ? mark[0] : mark[1];
        if (next - painter->point < bytes)
            bytes = next - painter->point;
    }
    while (count < bytes && is_plain(text[count]))
        count++;
    return count;
}

static void paint(paint_state *painter, const char *text, size_t bytes)
{
    for (size_t at = 0, used; at < bytes; at += used) {
        used = plain_run(painter, text + at, bytes - at);
        if (used > 1) {
            before_point(painter);
            fwrite(text + at, 1, used, stdout);
            painter->point += used - 1;
            after_point(painter);
            continue;
        }
        utf8proc_int32_t c = decode(text + at, bytes - at, &used);
        before_point(painter);
        if (is_space(c) && c != 0x3000)
            putchar(' ');
        else
            put_char(text + at, used, c);
        after_point(painter);
    }
}

/* Columns that the asterisks around marks add to a word, which begins at a code point of the text.
 */
static size_t asterisk_columns(const paint_state *painter, size_t begin, size_t points)
{
    size_t columns = 0;
    for (size_t i = painter->mark; i < painter->text.mark_count && !painter->term->color; i++) {
        uint64_t from = painter->text.marks[i][0], to = painter->text.marks[i][1];
        if (from >= begin + points)
            break;
        columns += (from >= begin ? 2 : 0) + (to > begin && to <= begin + points ? 2 : 0);
    }
    return columns;
}

/* A run of white space is one blank, unless a mark spans it. */
static void paint_space(paint_state *painter, const char *text, size_t bytes)
{
    bool printed = false;
    for (size_t at = 0, used; at < bytes; at += used) {
        decode(text + at, bytes - at, &used);
        before_point(painter);
        if (!printed)
            putchar(' ');
        printed = true;
        after_point(painter);
    }
}

/* Passes over white space that a line break stands for. Marks never begin inside white space unless
 * they span it, and then they go on behind it. */
static void skip_space(paint_state *painter, const char *text, size_t bytes)
{
    for (size_t at = 0, used; at < bytes; at += used) {
        decode(text + at, bytes - at, &used);
        after_point(painter);
    }
}

/* The white space that text begins with: bytes and code points. */
static word_size leading_space(const char *text, size_t length)
{
    word_size out = {0};
    size_t used;
    while (out.bytes < length && is_space(decode(text + out.bytes, length - out.bytes, &used))) {
        out.bytes += used;
        out.points++;
    }
    return out;
}

void term_print_marked(const cli_term *term, ns_marked text, cli_style base, size_t indent,
                       size_t begun, bool cut_before, bool cut_after)
{
    paint_state painter = {term, text, base, 0, 0};
    size_t column = begun > indent ? begun : indent;
    printf("%*s", (int)(column - begun), "");
    if (base != STYLE_PLAIN)
        set_style(term, base);
    if (cut_before) {
        fputs("… ", stdout);
        column += 2;
    }
    for (size_t at = 0; at < text.length;) {
        const word_size space = leading_space(text.text + at, text.length - at);
        const size_t start = at + space.bytes;
        word_size word = next_word(text.text + start, text.length - start);
        word.columns += asterisk_columns(&painter, painter.point + space.points, word.points);
        if (cut_after && start + word.bytes == text.length)
            word.columns += 2;
        const size_t blank = space.bytes > 0;
        const bool breaks =
            term->columns > 0 && column > indent && column + blank + word.columns > term->columns;
        if (breaks) {
            printf("\n%*s", (int)indent, "");
            skip_space(&painter, text.text + at, space.bytes);
            column = indent;
        } else if (blank) {
            paint_space(&painter, text.text + at, space.bytes);
            column += blank;
        }
        paint(&painter, text.text + start, word.bytes);
        column += word.columns;
        at = start + word.bytes;
    }
    if (cut_after && term->columns && column > term->columns) /* with its two columns */
        printf("\n%*s…", (int)indent, "");
    else if (cut_after)
        fputs(" …", stdout);
    if (base != STYLE_PLAIN || term->color)
        set_style(term, STYLE_PLAIN);
    putchar('\n');
}

void term_print_lines(const cli_term *term, const char *text, size_t length, size_t indent)
{
    while (length > 0) {
        const char *newline = memchr(text, '\n', length);
        size_t line = newline ? (size_t)(newline - text) : length;
        if (term->columns > 0 && indent + term_columns(text, line) > term->columns) {
            ns_marked plain = {text, line, NULL, 0};
            term_print_marked(term, plain, STYLE_PLAIN, indent, 0, false, false);
        } else {
            printf("%*s", line > 0 ? (int)indent : 0, "");
            term_print(term, text, line, STYLE_PLAIN, false);
            putchar('\n');
        }
        text += line + (newline != NULL);
        length -= line + (newline != NULL);
    }
}
