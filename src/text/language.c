/* The table of languages. An index stores their numbers: a new one goes at the end. */
#include "text/language.h"

static const struct {
    const char *code, *three, *three_b; /* ISO 639-1, 639-2/T, 639-2/B where it differs */
    const char *stemmer;                /* the English name, which is also Snowball's */
} languages[NS_LANGUAGES] = {
    {"", "", "", NULL},
    {"ar", "ara", "", "arabic"},
    {"hy", "hye", "arm", "armenian"},
    {"eu", "eus", "baq", "basque"},
    {"ca", "cat", "", "catalan"},
    {"da", "dan", "", "danish"},
    {"nl", "nld", "dut", "dutch"},
    {"en", "eng", "", "english"},
    {"fi", "fin", "", "finnish"},
    {"fr", "fra", "fre", "french"},
    {"de", "deu", "ger", "german"},
    {"el", "ell", "gre", "greek"},
    {"hi", "hin", "", "hindi"},
    {"hu", "hun", "", "hungarian"},
    {"id", "ind", "", "indonesian"},
    {"ga", "gle", "", "irish"},
    {"it", "ita", "", "italian"},
    {"lt", "lit", "", "lithuanian"},
    {"ne", "nep", "", "nepali"},
    {"no", "nor", "nob", "norwegian"},
    {"pt", "por", "", "portuguese"},
    {"ro", "ron", "rum", "romanian"},
    {"ru", "rus", "", "russian"},
    {"sr", "srp", "", "serbian"},
    {"es", "spa", "", "spanish"},
    {"sv", "swe", "", "swedish"},
    {"ta", "tam", "", "tamil"},
    {"tr", "tur", "", "turkish"},
    {"yi", "yid", "", "yiddish"},
    {"am", "amh", "", "amharic"},
    {"cs", "ces", "cze", "czech"},
    {"is", "isl", "ice", "icelandic"},
};

static const struct {
    const char *alias, *code;
} aliases[] = {{"nb", "no"}, {"nn", "no"}, {"nno", "no"}, {"mo", "ro"}, {"in", "id"}, {"ji", "yi"}};

/* Language codes of ISO 639-1 without a stemmer: known, so never guessed. */
static const char others[] =
    "aa ab ae af ak an as av ay az ba be bg bh bi bm bn bo br bs ce ch co cr cu cv cy dv dz "
    "ee eo et fa ff fj fo fy gd gl gn gu gv ha he ho hr ht hz ia ie ig ii ik io iu ja jv ka kg "
    "ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lu lv mg mh mi mk ml mn mr ms mt my "
    "na nd ng nr nv ny oc oj om or os pa pi pl ps qu rm rn rw sa sc sd se sg sh si sk sl sm sn so "
    "sq ss st su sw te tg th ti tk tl tn to ts tt tw ty ug uk ur uz ve vi vo wa wo xh yo za zh zu";

/* Codes that say that the language is not known. */
static const char *const nothings[] = {"", "und", "mis", "mul", "zxx", "xx", "n/a", "none"};

uint32_t ns__lang_count(void)
{
    return NS_LANGUAGES;
}

const char *ns__lang_code(ns__lang lang)
{
    return lang < NS_LANGUAGES ? languages[lang].code : "";
}

const char *ns__lang_stemmer(ns__lang lang)
{
    return lang < NS_LANG_AMHARIC ? languages[lang].stemmer : NULL;
}

ns__lang ns__lang_of(const char *code)
{
    for (ns__lang lang = 1; lang < NS_LANGUAGES; lang++)
        if (strcmp(languages[lang].code, code) == 0)
            return lang;
    return 0;
}

static bool is_other(const char *code, size_t length)
{
    if (length == 3)
        return true; /* 639-2 and 639-3 have thousands */
    if (length != 2)
        return false;
    for (const char *at = others; *at != '\0'; at += at[2] ? 3 : 2)
        if (memcmp(at, code, 2) == 0)
            return true;
    return false;
}

bool ns__lang_parse(ns__str code, ns__lang *lang)
{
    char name[16];
    size_t length = 0;
    *lang = 0;
    while (length < code.length && code.data[length] != '-' && code.data[length] != '_') {
        uint8_t c = code.data[length];
        if (length == sizeof name - 1)
            return false;
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        else if ((c < 'a' || c > 'z') && c != '/')
            return false;
        name[length++] = (char)c;
    }
    name[length] = '\0';
    for (size_t i = 0; i < sizeof nothings / sizeof *nothings; i++)
        if (strcmp(nothings[i], name) == 0)
            return false;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].alias, name) == 0)
            *lang = ns__lang_of(aliases[i].code);
    for (ns__lang i = 1; i < NS_LANGUAGES && *lang == 0; i++)
        if (strcmp(languages[i].code, name) == 0 || strcmp(languages[i].three, name) == 0 ||
            strcmp(languages[i].three_b, name) == 0 || strcmp(languages[i].stemmer, name) == 0)
            *lang = i;
    return *lang != 0 || is_other(name, length);
}
