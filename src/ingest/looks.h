/* What a file looks like by its first bytes, where it is not what ns reads; and what to do with it.
 * Messages and misfits are constants. */
#ifndef NS_INGEST_LOOKS_H
#define NS_INGEST_LOOKS_H

#include "ingest/record.h"

/* Why a file that begins with `head` is refused: compressed, in another encoding or binary. NULL:
 * it is text. */
const char *ns__looks_refused(ns__str head);
/* … because it is UTF-16 or UTF-32 without a mark. */
const char *ns__looks_wide(ns__str head);
/* Whether the text begins as a JSON object does, blanks apart: with a brace, a key and a colon, as
 * far as it goes. */
bool ns__looks_like_object(ns__str text);
/* … as a JSON list of objects, or an empty one. */
bool ns__looks_like_list(ns__str text);
enum { NS__PATH_BYTES = 128 };
/* Where below the keys of a JSON object a list of objects stands first, as far as the text goes: a
 * path of jq (".response.results"). False: nowhere, or where it cannot be written in short. */
bool ns__looks_list_below(ns__str object, char path[NS__PATH_BYTES]);
/* Whether JSON lines end in CR alone; `head` begins with the first one. */
bool ns__looks_like_cr_lines(ns__str head);
/* Whether bytes that are no UTF-8 are letters and signs of Windows-1252 (so, of Latin-1). */
bool ns__looks_like_1252(ns__str text);
/* What a text that becomes one article is really, by its name and beginning; key NULL: text. */
ns__misfit ns__looks_of_text(const char *path, ns__str text);

#endif
