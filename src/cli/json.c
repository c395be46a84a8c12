/* JSON output. */
#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <yajl/yajl_gen.h>

#include "cli/term.h"

struct json {
    yajl_gen gen;
};

static void print(void *payload, const char *text, size_t length)
{
    (void)payload;
    term_print_json(text, length);
}

json *json_begin(void)
{
    json *out = malloc(sizeof *out);
    if (out != NULL)
        out->gen = yajl_gen_alloc(NULL);
    if (out == NULL || out->gen == NULL) {
        free(out);
        complain("out of memory");
        return NULL;
    }
    yajl_gen_config(out->gen, yajl_gen_print_callback, print, NULL);
    return out;
}

void json_end(json *out)
{
    yajl_gen_free(out->gen);
    free(out);
    putchar('\n');
}

static void put_key(json *out, const char *key)
{
    if (key != NULL)
        yajl_gen_string(out->gen, (const unsigned char *)key, strlen(key));
}

void json_open(json *out, const char *key)
{
    put_key(out, key);
    yajl_gen_map_open(out->gen);
}

void json_close(json *out)
{
    yajl_gen_map_close(out->gen);
}

void json_open_array(json *out, const char *key)
{
    put_key(out, key);
    yajl_gen_array_open(out->gen);
}

void json_close_array(json *out)
{
    yajl_gen_array_close(out->gen);
}

/* The length of the valid UTF-8 that text begins with. */
static size_t valid_prefix(const char *text, size_t length)
{
    utf8proc_int32_t c;
    size_t at = 0;
    while (at < length) {
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                 (utf8proc_ssize_t)(length - at), &c);
        if (used <= 0)
            break;
        at += (size_t)used;
    }
    return at;
}

/* A string with U+FFFD for each byte that is not UTF-8: text of an index always is, but words of
 * the command line and names of files need not be. */
static void put_mended(json *out, const char *text, size_t length)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    char *mended = malloc(3 * length);
    if (mended == NULL) {
        yajl_gen_null(out->gen);
        return;
    }
    size_t bytes = 0;
    while (length > 0) {
        size_t valid = valid_prefix(text, length);
        memcpy(mended + bytes, text, valid);
        bytes += valid;
        if (valid == length)
            break;
        memcpy(mended + bytes, replacement, 3);
        bytes += 3;
        text += valid + 1;
        length -= valid + 1;
    }
    yajl_gen_string(out->gen, (const unsigned char *)mended, bytes);
    free(mended);
}

void json_string(json *out, const char *key, const char *text, size_t length)
{
    put_key(out, key);
    if (valid_prefix(text, length) == length)
        yajl_gen_string(out->gen, (const unsigned char *)text, length);
    else
        put_mended(out, text, length);
}

void json_text(json *out, const char *key, const char *text)
{
    json_string(out, key, text, strlen(text));
}

void json_number(json *out, const char *key, uint64_t value)
{
    char text[24];
    put_key(out, key);
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    yajl_gen_number(out->gen, text, (size_t)length);
}

void json_double(json *out, const char *key, double value, int digits)
{
    char text[40];
    put_key(out, key);
    int length = snprintf(text, sizeof text, "%.*g", digits, value);
    yajl_gen_number(out->gen, text, (size_t)length);
}

void json_bool(json *out, const char *key, bool value)
{
    put_key(out, key);
    yajl_gen_bool(out->gen, value);
}

void json_null(json *out, const char *key)
{
    put_key(out, key);
    yajl_gen_null(out->gen);
}
