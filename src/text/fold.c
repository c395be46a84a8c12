/* Surface forms and terms.
 *
 *   raw   --NFKC case fold, apostrophes to '-->  --particulars (particulars.c)-->  surface
 *   surface  --Snowball stemmer, or light.c-->  --diacritics folded-->  --at most 255 bytes--> term
 *
 * All of it is a pure function of (raw, language, how, settings). */
#include "text/fold.h"

#include <libstemmer.h>
#include <utf8proc.h>

#include "base/hash.h"
#include "base/limits.h"
#include "text/english.h"
#include "text/light.h"
#include "text/particulars.h"
#include "text/unicode.h"
#include "text/utf8.h"

/* Decomposes text into folder->codes; *count code points. */
static ns_status decompose(ns__folder *folder, ns__str text, utf8proc_option_t options,
                           size_t *count, ns_error *err)
{
    *count = 0;
    for (;;) {
        utf8proc_ssize_t need =
            utf8proc_decompose(text.data, (utf8proc_ssize_t)text.length, folder->codes,
                               (utf8proc_ssize_t)folder->code_capacity, options);
        if (need < 0)
            return ns__fail(err, NS_ERR_ARGUMENT, "text is not valid UTF-8");
        *count = (size_t)need;
        if (*count <= folder->code_capacity)
            return NS_OK;
        if (NS_RESERVE(folder->codes, folder->code_capacity, *count) != NS_OK)
            return ns__no_memory(err);
    }
}

static void encode(const int32_t *codes, size_t count, ns__buf *out)
{
    if (!ns__buf_reserve(out, count * 4))
        return;
    for (size_t i = 0; i < count; i++)
        out->length += (size_t)utf8proc_encode_char(codes[i], out->data + out->length);
}

static bool is_ascii(ns__str text)
{
    uint8_t all = 0;
    for (size_t i = 0; i < text.length; i++)
        all |= text.data[i];
    return all < 0x80;
}

/* NFKC into *out; characters that are ignorable (soft hyphens, joiners) go, and all apostrophes
 * become '. */
static ns_status normalise(ns__folder *folder, ns__str raw, utf8proc_option_t more, ns__buf *out,
                           ns_error *err)
{
    const utf8proc_option_t options =
        UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_IGNORE | UTF8PROC_STABLE | more;
    size_t count;
    NS_TRY(decompose(folder, raw, options, &count, err));
    for (size_t i = 0; i < count; i++) {
        int32_t code = folder->codes[i];
        if (code == 0x2018 || code == 0x2019 || code == 0x201b || code == 0x2bb || code == 0x2bc)
            folder->codes[i] = '\'';
    }
    utf8proc_ssize_t composed =
        utf8proc_normalize_utf32(folder->codes, (utf8proc_ssize_t)count, options);
    if (composed < 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "text is not valid UTF-8");
    ns__buf_clear(out);
    encode(folder->codes, (size_t)composed, out);
    return NS_OK;
}

/* The same, and case folding. */
static ns_status case_fold(ns__folder *folder, ns__str raw, ns__buf *out, ns_error *err)
{
    if (!is_ascii(raw))
        return normalise(folder, raw, UTF8PROC_CASEFOLD, out, err);
    ns__buf_clear(out);
    ns__buf_append(out, raw.data, raw.length);
    for (size_t i = 0; i < out->length; i++)
        out->data[i] |= (uint8_t)((uint8_t)(out->data[i] - 'A') < 26 ? 0x20 : 0);
    return NS_OK;
}

/* ---- Diacritics ---- */

/* Letters that Unicode does not decompose, as those who lack the key for them write. (ß is "ss"
 * by case folding already.) */
static const struct {
    int32_t code;
    char ascii[3];
} undecomposed[] = {
    {0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},  {0xfe, "th"}, {0x111, "d"},  {0x127, "h"},
    {0x131, "i"}, {0x138, "k"}, {0x142, "l"}, {0x14b, "n"}, {0x153, "oe"}, {0x167, "t"},
    {0x180, "b"}, {0x188, "c"}, {0x199, "k"}, {0x1a5, "p"}, {0x1b4, "y"},  {0x1b6, "z"},
    {0x1e5, "g"}, {0x23c, "c"}, {0x247, "e"}, {0x249, "j"}, {0x24d, "r"},  {0x24f, "y"},
    {0x253, "b"}, {0x256, "d"}, {0x257, "d"}, {0x260, "g"}, {0x268, "i"},  {0x272, "n"},
    {0x289, "u"},
};

/* Is this mark written or left out at will? Vowel signs of Indic scripts, the voicing marks of
 * kana and the breve of Cyrillic й are letters to their readers and stay. */
static bool is_diacritic(int32_t mark, int32_t base)
{
    if (mark >= 0x300 && mark <= 0x36f) {
        bool cyrillic = base >= 0x400 && base <= 0x52f;
        if (cyrillic && (mark == 0x306 || (mark == 0x308 && base == 0x456)))
            return false;
        return true;
    }
    return (mark >= 0x591 && mark <= 0x5bd) || /* Hebrew points */
           mark == 0x5bf || mark == 0x5c1 || mark == 0x5c2 || (mark >= 0x64b && mark <= 0x652) ||
           mark == 0x670 || /* Arabic vowels */
           mark == 0x93c || /* Devanagari nukta */
           (mark >= 0x1ab0 && mark <= 0x1aff) || (mark >= 0x1dc0 && mark <= 0x1dff) ||
           (mark >= 0x20d0 && mark <= 0x20ff) || (mark >= 0xfe20 && mark <= 0xfe2f);
}

static const char *ascii_for(int32_t code)
{
    for (size_t i = 0; i < sizeof undecomposed / sizeof *undecomposed; i++)
        if (undecomposed[i].code == code)
            return undecomposed[i].ascii;
    return NULL;
}

/* Folds the diacritics of *text in place. */
static ns_status fold_diacritics(ns__folder *folder, ns__buf *text, ns_error *err)
{
    ns__str whole = {text->data, text->length};
    if (is_ascii(whole))
        return NS_OK;
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    size_t count, kept = 0;
    NS_TRY(decompose(folder, whole, options, &count, err));
    int32_t base = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t code = folder->codes[i];
        if (base != 0 && is_diacritic(code, base))
            continue;
        folder->codes[kept++] = code;
        if (!(ns__unicode((uint32_t)code) & NS_UNICODE_MARK))
            base = code;
    }
    utf8proc_ssize_t composed =
        utf8proc_normalize_utf32(folder->codes, (utf8proc_ssize_t)kept, options);
    if (composed < 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "text is not valid UTF-8");
    ns__buf_clear(text);
    for (size_t i = 0; i < (size_t)composed; i++) {
        const char *ascii = ascii_for(folder->codes[i]);
        if (ascii != NULL)
            ns__buf_append(text, ascii, strlen(ascii));
        else
            encode(folder->codes + i, 1, text);
    }
    return NS_OK;
}

/* ---- Terms ---- */

/* Words with digits have no stem: "1990s" and "G7s" stay as they are. */
static bool has_digit(ns__str word)
{
    for (size_t i = 0; i < word.length; i++)
        if (word.data[i] >= '0' && word.data[i] <= '9')
            return true;
    return false;
}

static ns_status stem(ns__folder *folder, ns__lang lang, ns__buf *term, ns_error *err)
{
    if (lang == 0 || lang >= NS_LANGUAGES || folder->no_stemming ||
        has_digit((ns__str){term->data, term->length}))
        return NS_OK;
    if (lang == NS_LANG_ENGLISH && ns__english_stem(term))
        return NS_OK;
    if (ns__lang_stemmer(lang) == NULL) {
        ns__light_stem(lang, term);
        return NS_OK;
    }
    if (folder->stemmers[lang] == NULL)
        folder->stemmers[lang] = sb_stemmer_new(ns__lang_stemmer(lang), NULL);
    if (folder->stemmers[lang] == NULL)
        return ns__no_memory(err);
    const sb_symbol *stemmed =
        sb_stemmer_stem(folder->stemmers[lang], term->data, (int)term->length);
    if (stemmed == NULL)
        return ns__no_memory(err);
    int length = sb_stemmer_length(folder->stemmers[lang]);
    if (length > 0) { /* a stemmer may leave nothing of a word; then the word stays */
        ns__buf_clear(term);
        ns__buf_append(term, stemmed, (size_t)length);
    }
    return NS_OK;
}

/* A term of more than 255 bytes: as many code points as fit, and 16 hexadecimal digits of the hash
 * of the whole. */
static void limit(ns__buf *term)
{
    enum { DIGITS = 16 };
    if (term->length <= NS_MAX_TERM_BYTES)
        return;
    uint64_t hash = ns__hash64(term->data, term->length, 0);
    size_t cut = NS_MAX_TERM_BYTES - DIGITS;
    while ((term->data[cut] & 0xc0) == 0x80)
        cut--;
    term->length = cut;
    for (int shift = 60; shift >= 0; shift -= 4)
        ns__buf_u8(term, (uint8_t) "0123456789abcdef"[hash >> shift & 15]);
}

bool ns__fold_depends_on_context(ns__str raw)
{
    return ns__is_capital_acronym(raw);
}

ns_status ns__fold_surface(ns__folder *folder, ns__lang lang, ns__str raw, unsigned how,
                           ns_error *err)
{
    ns__buf *surface = &folder->surface;
    folder->is_acronym = false;
    if (folder->whitespace) {
        ns__buf_clear(surface);
        ns__buf_append(surface, raw.data, raw.length);
    } else if (how & NS_FOLD_GRAM) {
        NS_TRY(case_fold(folder, raw, surface, err));
    } else if (!(how & NS_FOLD_CAPS) && ns__is_capital_acronym(raw)) {
        ns__buf_clear(surface);
        ns__capital_acronym(raw, surface);
        folder->is_acronym = true;
    } else {
        NS_TRY(case_fold(folder, raw, surface, err));
        folder->is_acronym = ns__particulars(lang, surface);
    }
    return surface->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__fold_term(ns__folder *folder, ns__lang lang, unsigned how, ns_error *err)
{
    const ns__buf *surface = &folder->surface;
    ns__buf *term = &folder->term;
    ns__buf_clear(term);
    ns__buf_append(term, surface->data, surface->length);
    if (!folder->whitespace && !(how & NS_FOLD_GRAM) && surface->length > 0) {
        if (!folder->is_acronym)
            NS_TRY(stem(folder, lang, term, err));
        if (!folder->keep_diacritics)
            NS_TRY(fold_diacritics(folder, term, err));
    }
    limit(term);
    return term->failed ? ns__no_memory(err) : NS_OK;
}

/* ---- As it is written ---- */

/* Case folding of all but capitals: ß becomes ss, and a Z stays. */
static void fold_small(ns__str raw, ns__buf *out)
{
    enum { MOST = 8 };
    unsigned length;
    for (size_t at = 0; at < raw.length; at += length) {
        const uint32_t code = ns__utf8_decode(raw.data + at, &length);
        int32_t folded[MOST];
        utf8proc_ssize_t count = 0;
        if (code >= 0x80 && ns__sentence_class(ns__unicode(code)) != NS_SB_UPPER)
            count = utf8proc_decompose_char((int32_t)code, folded, MOST, UTF8PROC_CASEFOLD, NULL);
        if (count > 0 && count <= MOST)
            encode(folded, (size_t)count, out);
        else
            ns__buf_append(out, raw.data + at, length);
    }
}

/* Replaces *out by the normalised word with its capitals, not cut yet. */
static ns_status keep_capitals(ns__folder *folder, ns__str raw, ns__buf *out, ns_error *err)
{
    ns__buf *folded = &folder->surface;
    ns__buf_clear(folded);
    if (is_ascii(raw)) {
        ns__buf_clear(out);
        ns__buf_append(out, raw.data, raw.length);
        return NS_OK;
    }
    fold_small(raw, folded);
    if (folded->failed)
        return ns__no_memory(err);
    return normalise(folder, (ns__str){folded->data, folded->length}, 0, out, err);
}

/* US -> U.S, where that is what the surface was made of. */
static bool dot_capitals(ns__str raw, ns__str surface, ns__buf *out)
{
    if (!ns__is_capital_acronym(raw) || memchr(surface.data, '.', surface.length) == NULL)
        return false;
    ns__capital_acronym(raw, out);
    for (size_t i = 0; i < out->length; i++)
        if (out->data[i] >= 'a' && out->data[i] <= 'z')
            out->data[i] &= 0xdf;
    return true;
}

/* Cuts folder->term into folder->written as the surface was cut: not at all, or by the rules of the
 * first language that gives it. Where two do, they have cut off the same. */
static ns_status cut_alike(ns__folder *folder, ns__str surface, ns_error *err)
{
    const ns__buf *kept = &folder->term;
    ns__buf *out = &folder->written;
    const bool apostrophe = kept->length > 0 && memchr(kept->data, '\'', kept->length) != NULL;
    const ns__lang ways = apostrophe ? 1 + ns__lang_count() : 2;
    for (ns__lang way = 0; way < ways; way++) {
        ns__buf_clear(out);
        ns__buf_append(out, kept->data, kept->length);
        if (way > 0)
            ns__particulars(way - 1, out);
        NS_TRY(case_fold(folder, (ns__str){out->data, out->length}, &folder->surface, err));
        if (out->failed || folder->surface.failed)
            return ns__no_memory(err);
        if (ns__str_equal((ns__str){folder->surface.data, folder->surface.length}, surface))
            return NS_OK;
    }
    ns__buf_clear(out);
    ns__buf_append(out, kept->data, kept->length);
    return out->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__fold_written(ns__folder *folder, ns__str raw, ns__str surface, ns_error *err)
{
    ns__buf *out = &folder->written;
    ns__buf_clear(out);
    if (folder->whitespace || ns__str_equal(raw, surface))
        ns__buf_append(out, raw.data, raw.length);
    else if (!dot_capitals(raw, surface, out)) {
        NS_TRY(keep_capitals(folder, raw, &folder->term, err));
        if (folder->term.failed)
            return ns__no_memory(err);
        return cut_alike(folder, surface, err);
    }
    return out->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__fold_text(ns__folder *folder, ns__str text, ns_error *err)
{
    ns__buf *out = &folder->term;
    if (folder->whitespace) {
        ns__buf_clear(out);
        ns__buf_append(out, text.data, text.length);
    } else {
        NS_TRY(case_fold(folder, text, out, err));
        if (!folder->keep_diacritics)
            NS_TRY(fold_diacritics(folder, out, err));
    }
    return out->failed ? ns__no_memory(err) : NS_OK;
}

void ns__folder_release(ns__folder *folder)
{
    for (size_t i = 0; i < NS_LANGUAGES; i++)
        sb_stemmer_delete(folder->stemmers[i]);
    ns__free(folder->codes);
    ns__buf_release(&folder->surface);
    ns__buf_release(&folder->term);
    ns__buf_release(&folder->written);
    *folder = (ns__folder){0};
}
