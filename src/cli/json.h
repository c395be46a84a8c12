/* Printing one JSON object to stdout through yajl. Failures show when stdout is flushed. */
#ifndef NS_CLI_JSON_H
#define NS_CLI_JSON_H

#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct json json;

json *json_begin(void);   /* ends the program's command on failure: NULL after a message */
void json_end(json *out); /* newline, free */

void json_open(json *out, const char *key); /* {; key NULL at top level or inside an array */
void json_close(json *out);
void json_open_array(json *out, const char *key);
void json_close_array(json *out);
/* Bytes that are not UTF-8 become U+FFFD. */
void json_string(json *out, const char *key, const char *text, size_t length);
void json_text(json *out, const char *key, const char *text); /* terminated */
void json_number(json *out, const char *key, uint64_t value);
void json_double(json *out, const char *key, double value, int digits); /* significant digits */
void json_bool(json *out, const char *key, bool value);
void json_null(json *out, const char *key);

#endif
