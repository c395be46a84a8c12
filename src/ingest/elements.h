/* Elements of a JSON list, or of JSON values one behind the other, in bounded memory.
 *
 * The input is cut at brackets and quotes alone; whoever parses an element finds what else is wrong
 * with it. Bytes, limits and what is put away are those of lines.h. */
#ifndef NS_INGEST_ELEMENTS_H
#define NS_INGEST_ELEMENTS_H

#include "ingest/lines.h"

typedef enum ns__elements_place {
    NS__ELEMENTS_ROW,     /* between values that stand one behind the other */
    NS__ELEMENTS_OUTSIDE, /* before a list or behind it */
    NS__ELEMENTS_OPENED,  /* behind its bracket */
    NS__ELEMENTS_BEHIND,  /* behind an element */
    NS__ELEMENTS_COMMA    /* behind a comma */
} ns__elements_place;

typedef struct ns__elements {
    uint64_t line; /* of the next byte, from 1 */
    ns__elements_place place;
    bool inside; /* an element: its end is still to come */
    bool scalar, in_string, escaped;
    uint8_t opened, closed; /* the element's first byte and its last bracket */
    uint64_t depth;         /* open brackets of the element */
} ns__elements;

/* Before the first byte of an input: of elements of lists, or of values in a row. */
void ns__elements_start(ns__elements *elements, bool lists);

/* The next element as its bytes stand, good until the next call; lines->number is the line on which
 * it begins. NS_DONE at the end, NS_ERR_LIMIT when it is too long (*out is its beginning; the next
 * call goes on behind it). After another error, as NS_ERR_INPUT for what is no element, *out is
 * what stands there, and there is no way on. */
ns_status ns__elements_next(ns__elements *elements, ns__lines *lines, ns__str *out, ns_error *err);

/* Whether an object that begins with `text` goes on behind its first line, so that what stands
 * there is no JSON lines. Lines that are only broken (inside a string, or with another object below
 * them) are none of that. */
bool ns__elements_over_lines(ns__str text);

#endif
