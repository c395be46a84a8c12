/* Names of fields. */
#include "cli/fields.h"

#include <string.h>

static const char *const names[FIELD_COUNT] = {"rank",   "score",   "id",      "date",
                                               "source", "section", "author",  "url",
                                               "lang",   "title",   "passage", "copies"};

const char *field_name(cli_field field)
{
    return names[field];
}

bool fields_have(const cli_fields *fields, cli_field field)
{
    for (size_t i = 0; i < fields->count; i++)
        if (fields->list[i] == field)
            return true;
    return false;
}

static bool bad_field(const char *name, size_t length)
{
    char text[64];
    size_t bytes = length < sizeof text ? length : sizeof text - 1;
    memcpy(text, name, bytes);
    text[bytes] = 0;
    const char *near = did_you_mean(text, names, FIELD_COUNT);
    complain(
        "--fields: there is no field %s%s%s%s; there are rank, score, id, date, source, section, "
        "author, url, lang, title, passage and copies, commas between",
        length ? text : "\"\"", near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return false;
}

bool fields_read(const cli_args *args, const char *list, cli_fields *out)
{
    const char *at = args_has(args, OPT_FIELDS) ? args->value[OPT_FIELDS] : list;
    out->count = 0;
    for (;; at++) {
        at += strspn(at, " ");
        size_t width = strcspn(at, ","), length = width, field = 0;
        while (length > 0 && at[length - 1] == ' ')
            length--;
        while (field < FIELD_COUNT &&
               (strlen(names[field]) != length || memcmp(names[field], at, length) != 0))
            field++;
        if (field == FIELD_COUNT)
            return bad_field(at, length);
        if (!fields_have(out, (cli_field)field))
            out->list[out->count++] = (cli_field)field;
        at += width;
        if (*at == 0)
            return true;
    }
}
