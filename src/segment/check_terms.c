/* Checking the dictionary: terms and surface forms in order, each found again, each list sound. */
#include "segment/check_parts.h"

#include <stdio.h>

/* "term 17 (salt)" with nothing in it that a terminal would obey. */
static void name_term(char name[320], const char *kind, uint32_t number, const uint8_t *text,
                      size_t length)
{
    char shown[260];
    for (size_t i = 0; i < length; i++) {
        bool c1 = i > 0 && text[i - 1] == 0xc2 && text[i] < 0xa0; /* U+0080 .. U+009F */
        shown[i] = text[i] < 0x20 || text[i] == 0x7f || c1 ? '?' : (char)text[i];
    }
    shown[length] = '\0';
    snprintf(name, 320, "%s %u (%s)", kind, number, shown);
}

/* Strictly above the text before; replaces it. */
static bool ascends(uint8_t *before, size_t *before_length, const uint8_t *text, size_t length)
{
    bool good = ns__str_compare((ns__str){before, *before_length}, (ns__str){text, length}) < 0;
    memcpy(before, text, length);
    *before_length = length;
    return good;
}

static void check_found(ns__check *check, const ns__term_cursor *cursor, const char *name)
{
    ns_error error = {.offset = NS_NO_OFFSET};
    ns__term found;
    ns_status status = ns__terms_find(&check->segment->terms,
                                      (ns__str){cursor->text, cursor->length}, &found, &error);
    if (status < 0)
        ns__check_error(check, status, &error, name);
    else if (status == NS_NOT_FOUND || found.ordinal != cursor->term.ordinal)
        ns__check_fault(check, check->segment->terms.frame, cursor->term.value.data,
                        "%s: looking it up does not find it: the index of blocks is wrong", name);
}

static void walk_terms(ns__check *check, ns__postings_counts *counts)
{
    ns__term_cursor cursor;
    ns_error error = {.offset = NS_NO_OFFSET};
    const ns__terms *terms = &check->segment->terms;
    uint8_t before[256];
    size_t before_length = 0;
    ns_status status = ns__term_cursor_seek(terms, NS_STR(""), &cursor, &error);
    while (status == NS_OK && ns__check_goes_on(check)) {
        char name[320];
        status = ns__term_cursor_next(&cursor, &error);
        if (status != NS_OK)
            break;
        name_term(name, "term", cursor.term.ordinal, cursor.text, cursor.length);
        if (!ascends(before, &before_length, cursor.text, cursor.length))
            ns__check_fault(check, terms->frame, cursor.term.value.data,
                            "%s: it does not come after the term before it", name);
        else
            check_found(check, &cursor, name);
        ns__check_list(check, &cursor.term, name, counts);
        ns__arena_release(&check->arena);
    }
    if (status < 0)
        ns__check_error(check, status, &error, "terms");
}

static void check_surface(ns__check *check, const ns__surface_cursor *cursor, const char *name)
{
    ns_error error = {.offset = NS_NO_OFFSET};
    ns__surface_cursor found;
    const ns__terms *terms = &check->segment->terms;
    for (uint32_t i = 1; i < cursor->ordinal_count; i++)
        if (cursor->ordinals[i] <= cursor->ordinals[i - 1])
            ns__check_fault(check, terms->frame, cursor->block.at,
                            "%s: the terms it leads to are out of order", name);
    ns_status status =
        ns__surface_cursor_seek(terms, (ns__str){cursor->text, cursor->length}, &found, &error);
    if (status == NS_OK)
        status = ns__surface_cursor_next(&found, &error);
    if (status < 0)
        ns__check_error(check, status, &error, name);
    else if (status != NS_OK || found.index != cursor->index)
        ns__check_fault(check, terms->frame, cursor->block.at,
                        "%s: looking it up does not find it: the index of blocks is wrong", name);
}

static void walk_surfaces(ns__check *check)
{
    ns__surface_cursor cursor;
    ns_error error = {.offset = NS_NO_OFFSET};
    const ns__terms *terms = &check->segment->terms;
    uint8_t before[256];
    size_t before_length = 0;
    ns_status status = ns__surface_cursor_seek(terms, NS_STR(""), &cursor, &error);
    while (status == NS_OK && ns__check_goes_on(check)) {
        char name[320];
        status = ns__surface_cursor_next(&cursor, &error);
        if (status != NS_OK)
            break;
        name_term(name, "surface form", cursor.index - 1, cursor.text, cursor.length);
        if (!ascends(before, &before_length, cursor.text, cursor.length))
            ns__check_fault(check, terms->frame, cursor.block.at,
                            "%s: it does not come after the one before it", name);
        else
            check_surface(check, &cursor, name);
    }
    if (status < 0)
        ns__check_error(check, status, &error, "surface forms");
}

static void compare_counts(ns__check *check, const ns__postings_counts *found)
{
    const ns__postings_counts *said = &check->segment->ref.counts;
    const struct {
        const char *what;
        uint64_t found, said;
    } counts[] = {
        {"postings", found->postings, said->postings},
        {"positions", found->positions, said->positions},
        {"inline lists", found->inline_lists, said->inline_lists},
        {"short lists", found->short_lists, said->short_lists},
        {"lists with blocks", found->block_lists, said->block_lists},
        {"blocks", found->blocks, said->blocks},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i].found != counts[i].said)
            ns__check_fault(check, check->segment->postings.frame, NULL,
                            "the number of %s is %llu; the manifest says %llu", counts[i].what,
                            (unsigned long long)counts[i].found,
                            (unsigned long long)counts[i].said);
}

/* A bit for each body word; without it when hostile lengths ask for more than the files are
 * worth. */
static void prepare_tokens(ns__check *check)
{
    uint64_t files = 0, tokens = check->token_starts[check->segment->articles.passages];
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        files += check->segment->frames[i].map.length;
    if (!check->incomplete && tokens / 8 <= 4 * files)
        check->tokens_seen = ns__check_alloc(check, tokens / 8 + 1, 1);
}

void ns__check_terms(ns__check *check)
{
    ns__postings_counts counts = {0};
    prepare_tokens(check);
    walk_terms(check, &counts);
    if (ns__check_goes_on(check))
        walk_surfaces(check);
    if (ns__check_goes_on(check) && !check->incomplete)
        compare_counts(check, &counts);
}
