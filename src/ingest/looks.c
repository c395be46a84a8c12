#include "ingest/looks.h"
#include "ingest/json_scan.h"

#include <stdio.h>
#include <strings.h>

#include "text/utf8.h"

enum { HEAD_BYTES = 8192 };

/* ---- Refused ---- */

/* A signature at a place, and what is said. Longer ones stand before those they begin with. */
static const struct {
    uint16_t at, length;
    const char *bytes, *message;
} SIGNATURES[] = {
    {0, 4, "\x28\xb5\x2f\xfd", "packed by zstd; unpack it first: zstd -dc FILE | ns index -"},
    {0, 6, "\xfd\x37zXZ\0", "packed by xz; unpack it first: xz -dc FILE | ns index -"},
    {4, 6, "1AY&SY", "packed by bzip2; unpack it first: bzip2 -dc FILE | ns index -"},
    {0, 4, "\x04\x22\x4d\x18", "packed by lz4; unpack it first: lz4 -dc FILE | ns index -"},
    {0, 4, "PK\3\4", "a zip archive; unpack it first: unzip -p FILE | ns index -"},
    {0, 6, "7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first: 7z x -so FILE | ns index -"},
    {0, 2, "\x1f\x8b", "gzip within gzip; unpack it once first: gzip -dc FILE | ns index -"},
    {257, 5, "ustar", "a tar archive; unpack it first: tar -xOf FILE | ns index -"},
    {0, 5, "%PDF-", "a PDF document; make text of it first: pdftotext FILE - | ns index -"},
    {0, 4, "\xff\xfe\0\0", "UTF-32 text; convert it first: iconv -f UTF-32 -t UTF-8"},
    {0, 4, "\0\0\xfe\xff", "UTF-32 text; convert it first: iconv -f UTF-32 -t UTF-8"},
    {0, 2, "\xff\xfe", "UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8"},
    {0, 2, "\xfe\xff", "UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8"},
};

/* Which of UTF-16 and UTF-32 a text without a mark is, by where its zeros stand: most characters of
 * a text, blanks at least, have but one byte that is not zero. */
const char *ns__looks_wide(ns__str head)
{
    size_t zeros[4] = {0}, fours = (head.length < HEAD_BYTES ? head.length : HEAD_BYTES) / 4;
    for (size_t i = 0; i < fours * 4; i++)
        zeros[i % 4] += head.data[i] == 0;
    const size_t most = fours - fours / 4; /* three quarters */
    if (fours == 0)
        return NULL;
    if (zeros[1] >= most && zeros[2] >= most && zeros[3] >= most && zeros[0] == 0)
        return "UTF-32 text without a mark; convert it first: iconv -f UTF-32LE -t UTF-8";
    if (zeros[0] >= most && zeros[1] >= most && zeros[2] >= most && zeros[3] == 0)
        return "UTF-32 text without a mark; convert it first: iconv -f UTF-32BE -t UTF-8";
    if (zeros[1] >= most && zeros[3] >= most && zeros[0] + zeros[2] == 0)
        return "UTF-16 text without a mark; convert it first: iconv -f UTF-16LE -t UTF-8";
    if (zeros[0] >= most && zeros[2] >= most && zeros[1] + zeros[3] == 0)
        return "UTF-16 text without a mark; convert it first: iconv -f UTF-16BE -t UTF-8";
    return NULL;
}

const char *ns__looks_refused(ns__str head)
{
    for (size_t i = 0; i < sizeof SIGNATURES / sizeof *SIGNATURES; i++) {
        const size_t at = SIGNATURES[i].at, length = SIGNATURES[i].length;
        if (head.length >= at + length && memcmp(head.data + at, SIGNATURES[i].bytes, length) == 0)
            return SIGNATURES[i].message;
    }
    head.length = head.length < HEAD_BYTES ? head.length : HEAD_BYTES;
    if (head.length == 0 || memchr(head.data, 0, head.length) == NULL)
        return NULL;
    const char *wide = ns__looks_wide(head);
    return wide != NULL ? wide : "a binary file";
}

/* ---- JSON ---- */

bool ns__looks_like_object(ns__str text)
{
    size_t at = ns__json_skip_blanks(text, 0);
    if (at == text.length || text.data[at] != '{')
        return false;
    at = ns__json_skip_blanks(text, at + 1);
    if (at == text.length || text.data[at] != '"')
        return false;
    for (at++; at < text.length && text.data[at] != '"'; at++)
        at += text.data[at] == '\\';
    at = ns__json_skip_blanks(text, at + 1);
    return at >= text.length || text.data[at] == ':';
}

bool ns__looks_like_list(ns__str text)
{
    size_t at = ns__json_skip_blanks(text, 0);
    if (at == text.length || text.data[at] != '[')
        return false;
    at = ns__json_skip_blanks(text, at + 1);
    if (at < text.length && text.data[at] == ']')
        return ns__json_skip_blanks(text, at + 1) == text.length;
    return ns__looks_like_object((ns__str){text.data + at, text.length - at});
}

enum { MOST_KEYS = 3 };

/* Behind the string whose quote is at `at`. */
static size_t skip_string(ns__str text, size_t at)
{
    for (at++; at < text.length && text.data[at] != '"'; at++)
        at += text.data[at] == '\\';
    return at < text.length ? at + 1 : text.length;
}

static bool is_plain_key(ns__str key)
{
    for (size_t i = 0; i < key.length; i++) {
        const uint8_t byte = key.data[i], lower = byte | 0x20;
        if (byte != '_' && !(lower >= 'a' && lower <= 'z') &&
            !(i > 0 && byte >= '0' && byte <= '9'))
            return false;
    }
    return key.length > 0;
}

/* Writes the keys as jq has them; false when one has a sign that means something to a shell. */
static bool write_path(const ns__str *keys, size_t count, char path[NS__PATH_BYTES])
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (keys[i].length + 5 > NS__PATH_BYTES - at)
            return false;
        for (size_t k = 0; k < keys[i].length; k++)
            if (keys[i].data[k] < ' ' || keys[i].data[k] >= 0x7f ||
                strchr("'\\", keys[i].data[k]) != NULL)
                return false;
        const char *quote = is_plain_key(keys[i]) ? "" : "\"";
        at += (size_t)snprintf(path + at, NS__PATH_BYTES - at, ".%s%.*s%s", quote,
                               (int)keys[i].length, (const char *)keys[i].data, quote);
    }
    return count > 0;
}

bool ns__looks_list_below(ns__str text, char path[NS__PATH_BYTES])
{
    ns__str keys[MOST_KEYS] = {0};
    size_t depth = 0, lists = 0, next;
    size_t at = ns__json_skip_blanks(text, 0);
    if (at == text.length || text.data[at] != '{')
        return false;
    for (; at < text.length; at = next) {
        const uint8_t byte = text.data[at];
        const bool on_path = lists == 0 && depth > 0 && depth <= MOST_KEYS;
        next = byte == '"' ? skip_string(text, at) : at + 1;
        if (on_path && (byte == '"' || byte == '[')) {
            const size_t behind = ns__json_skip_blanks(text, next);
            const uint8_t follows = behind < text.length ? text.data[behind] : 0;
            if (byte == '"' && follows == ':')
                keys[depth - 1] = (ns__str){text.data + at + 1, next - at - 2};
            if (byte == '[' && follows == '{')
                return write_path(keys, depth, path);
        }
        depth += byte == '{';
        lists += byte == '[';
        if ((byte == '}' && depth-- == 1) || (byte == ']' && lists-- == 0))
            return false;
    }
    return false;
}

bool ns__looks_like_cr_lines(ns__str head)
{
    if (head.length == 0 || memchr(head.data, '\n', head.length) != NULL)
        return false;
    for (size_t at = 0; at < head.length; at++) {
        const uint8_t *found = memchr(head.data + at, '\r', head.length - at);
        if (found == NULL)
            return false;
        at = ns__json_skip_blanks(head, (size_t)(found - head.data));
        if (at < head.length && head.data[at] == '{')
            return true;
    }
    return false;
}

/* ---- Texts ---- */

/* Nothing beyond ASCII is UTF-8, no byte is one that Windows-1252 leaves out, and, as in its
 * languages, no more than two such letters follow one another. */
bool ns__looks_like_1252(ns__str text)
{
    size_t row = 0;
    bool some = false;
    for (size_t at = 0; at < text.length; at++) {
        const uint8_t byte = text.data[at];
        row = byte < 0x80 ? 0 : row + 1;
        some |= byte >= 0x80;
        if (row > 2 || byte == 0x81 || byte == 0x8d || byte == 0x8f || byte == 0x90 || byte == 0x9d)
            return false;
        if (row == 1 && text.length - at > 1 && byte >= 0xc2 &&
            ns__utf8_valid_prefix((ns__str){text.data + at, 2}) == 2)
            return false;
    }
    return some;
}

#define AS_TEXT " and is taken as one article of plain text: "
static const char TABLE[] =
    "looks like a table" AS_TEXT "for one of each row, python3 -c 'import csv,json; "
    "[print(json.dumps(r)) for r in csv.DictReader(open(0, encoding=\"utf-8-sig\"))]' < FILE | "
    "ns index -";
static const char TABS[] =
    "looks like a table" AS_TEXT "for one of each row, python3 -c 'import csv,json; "
    "[print(json.dumps(r)) for r in csv.DictReader(open(0, encoding=\"utf-8-sig\"), "
    "delimiter=\"\\t\")]' < FILE | ns index -";
static const char XML[] =
    "looks like XML" AS_TEXT "for one of each item, python3 -c 'import json,sys,"
    "xml.etree.ElementTree as E; [print(json.dumps({\"title\": i.findtext(\"title\"), \"body\": "
    "i.findtext(\"description\")})) for i in E.parse(sys.stdin).iter(\"item\")]' < FILE | ns index "
    "-";
static const char HTML[] = "looks like HTML" AS_TEXT "for what it says, w3m -dump -T text/html "
                           "FILE > FILE.txt";
static const char MBOX[] =
    "looks like a mailbox" AS_TEXT "for one of each message, python3 -c 'import email.policy,json,"
    "mailbox,sys; [print(json.dumps({\"title\": str(m[\"subject\"]), \"body\": (lambda b: "
    "b.get_content() if b else \"\")(m.get_body((\"plain\", \"html\")))})) for m in "
    "mailbox.mbox(sys.argv[1], lambda f: email.message_from_binary_file(f, "
    "policy=email.policy.default))]' FILE | ns index -";
static const char CR[] = "has lines that end in CR alone: convert it first, tr '\\r' '\\n' < FILE";

/* Whether the name ends with the suffix, perhaps packed. */
static bool is_named(const char *path, const char *suffix)
{
    size_t length = strlen(path), bytes = strlen(suffix);
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0)
        length -= 3;
    return length > bytes && strncasecmp(path + length - bytes, suffix, bytes) == 0;
}

static bool begins(ns__str text, const char *with)
{
    const size_t bytes = strlen(with);
    return text.length > bytes && strncasecmp((const char *)text.data, with, bytes) == 0;
}

/* "From somebody … 10:30:00 …" and below it a line like "Date: …": not an article that begins with
 * From. */
static bool is_mailbox(ns__str text)
{
    if (!begins(text, "From ") || text.data[0] != 'F')
        return false;
    const uint8_t *end = memchr(text.data, '\n', text.length);
    size_t at = end != NULL ? (size_t)(end - text.data) + 1 : text.length, from = at, colons = 0;
    for (size_t i = 0; i < at; i++)
        colons += text.data[i] == ':';
    if (colons < 2)
        return false;
    while (at < text.length && (((text.data[at] | 0x20) >= 'a' && (text.data[at] | 0x20) <= 'z') ||
                                text.data[at] == '-'))
        at++;
    return at > from && at + 1 < text.length && text.data[at] == ':' && text.data[at + 1] == ' ';
}

static const char *name_text(const char *path, ns__str text)
{
    const size_t skipped = ns__json_skip_blanks(text, 0);
    text = (ns__str){text.data + skipped, text.length - skipped};
    if (is_named(path, ".csv"))
        return TABLE;
    if (is_named(path, ".tsv"))
        return TABS;
    if (is_named(path, ".html") || is_named(path, ".htm") || begins(text, "<html") ||
        begins(text, "<!doctype html"))
        return HTML;
    if (is_named(path, ".xml") || is_named(path, ".rss") || begins(text, "<?xml") ||
        begins(text, "<rss") || begins(text, "<!doctype"))
        return XML;
    if (is_named(path, ".mbox") || is_mailbox(text))
        return MBOX;
    if (text.length > 0 && memchr(text.data, '\n', text.length) == NULL) {
        const uint8_t *cr = memchr(text.data, '\r', text.length);
        if (cr != NULL && ns__json_skip_blanks(text, (size_t)(cr - text.data)) < text.length)
            return CR;
    }
    return NULL;
}

ns__misfit ns__looks_of_text(const char *path, ns__str text)
{
    const char *what = name_text(path, text);
    return (ns__misfit){what != NULL ? "this file" : NULL, what};
}
