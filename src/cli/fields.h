/* What can be printed of a result, by name: --fields. */
#ifndef NS_CLI_FIELDS_H
#define NS_CLI_FIELDS_H

#include "cli/cli.h"

typedef enum cli_field {
    FIELD_RANK,
    FIELD_SCORE,
    FIELD_ID,
    FIELD_DATE, /* from here to FIELD_LANG: columns of the article, called by their names */
    FIELD_SOURCE,
    FIELD_SECTION,
    FIELD_AUTHOR,
    FIELD_URL,
    FIELD_LANG,
    FIELD_TITLE,
    FIELD_PASSAGE,
    FIELD_COPIES,
    FIELD_COUNT
} cli_field;

/* Fields in the order they are printed in, where a format has an order. */
typedef struct cli_fields {
    cli_field list[FIELD_COUNT]; /* distinct */
    size_t count;
} cli_fields;

const char *field_name(cli_field field);
bool fields_have(const cli_fields *fields, cli_field field);
/* From --fields, or, when that was not given, from `list`. False after a message on stderr. */
bool fields_read(const cli_args *args, const char *list, cli_fields *out);

#endif
