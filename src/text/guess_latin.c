/* Guessing a text's language by its frequent words: see guess_latin.h. */
#include "text/guess_latin.h"

#include "base/mem.h"
#include "text/classes.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { MIN_WORDS = 2 };

/* Words between spaces, in case-folded UTF-8. Languages without a code are those we only want to
 * tell apart. */
static const struct {
    const char *code, *words;
} frequent[] = {
    {"en", " the of and to in that is for on with was it as by from at have has be are said his "
           "he not this but they an which will who their were had been would more or we you "
           "after its about when there "},
    {"de", " der die und das den von zu mit ist im dem nicht des auf sich ein eine für auch als "
           "es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über "
           "einen so zum war haben nur oder aber vor zur bis mehr durch sein wurde sei ich "},
    {"fr", " de la le les et des en un du une que est pour dans qui par sur pas plus au avec ce "
           "se ne sont il ont été cette mais aux comme ses son a elle nous leur être fait même "
           "deux ces aussi entre était ou "},
    {"es", " de la que el en y los del se las por un con una su para es al lo como más sus le "
           "pero ha este sobre también entre desde fue años hasta está han son esta porque no "
           "cuando muy sin ya dos "},
    {"it", " di e che la il un a per è in una sono non del della con le si da dei nel al alla "
           "anche gli ha come più i lo ma delle su dal se ci questo hanno nella ai degli stato "
           "essere dopo "},
    {"pt", " de a o que e do da em um para com não uma os no se na por mais as dos como mas foi "
           "ao ele das tem à seu sua ou ser nos já também pelo pela até são está isso entre era "
           "sobre depois "},
    {"ca", " de la i el que a en els les del per un amb una és al va ha dels no com s'ha més però "
           "aquest també ser han pel són això entre aquesta fins on seva seu "},
    {"nl", " de van het een en in is dat op te zijn voor met die niet aan er om ook als dan maar "
           "bij nog uit door naar heeft hij ze wordt worden tot over werd deze meer haar hebben "
           "kan zich "},
    {"sv", " och att det i en som på är av för med till den har de inte om ett han men var jag "
           "sig från vi så kan nu när också efter man skulle vid ska eller över under "},
    {"da", " og at det i en er som på af til for med den har de ikke et der var han om men vi sig "
           "kan fra jeg også efter skal så blev bliver eller mod ud ved være nu over "},
    {"no", " og i det er på som en til at for av har med de ikke et den var han om men vi seg fra "
           "jeg kan også etter skal så ble blir eller mot ut ved være nå over sier "},
    {"fi", " ja on ei että se oli hän mutta joka ovat kun ole myös sen mukaan tai jo kuin mitä "
           "hänen vuoden niin sekä olla vain nyt jos jälkeen oli "},
    {"hu", " a az és hogy nem is egy ez meg volt de csak már vagy mint el még ezt azt kell van "
           "ki után szerint lehet amely be ha akkor "},
    {"ro", " de și în a la să cu pe care nu din o că este un pentru mai sau au fost ce se al sunt "
           "după dar prin ale fi ca va lui şi "},
    {"tr", " ve bir bu da de için ile olarak çok daha olan gibi kadar sonra ise en var ne ya "
           "olduğu değil dedi her ancak o göre tarafından "},
    {"id", " yang dan di dengan untuk dari ini itu pada tidak dalam akan adalah ke juga oleh "
           "telah sebagai karena ada bisa kata mereka tersebut saat lebih seorang para "},
    {"eu", " eta da ez du bat ere dute dira zuen baina egin hau hori izan dela izango arte baino "
           "egiten beste den batean "},
    {"ga", " an na agus ar go is a i le ag tá bhí do leis sé nach don ó faoi ach sin seo gur "
           "chun nó bhfuil "},
    {"lt", " ir kad į yra su iš tai bet buvo kaip apie po jau nuo dėl taip iki bus ne už per tik "
           "savo prie ar metų "},
    {"", " w i na z się nie do to że jest o po od za przez jak ale ze dla co są był tym może tylko "
         "który które jego "}, /* pl */
    {"cs", " a v se na je že s z do o to i ve si za jsou by ale k jako po pro jeho které který byl "
           "podle jen od také až bude už jsem má při než "},
    {"", " a v sa na je že s z do o to aj vo si za sú by ale k ako po pre jeho ktoré ktorý bol "
         "podľa len od už bude "}, /* sk */
    {"is", " að og í á sem er til um við var með fyrir en ekki það hann af þetta eru því hafa ég "
           "verið hefur eftir frá þá kom "},
    {"", " i u je da se na su za od s o a kao koji koja koje bi što ne iz ili nije biti sam samo "
         "do će "}, /* hr, bs, sr in Latin */
    {"", " da a na ya ta ne ce cewa wannan kuma shi su ba sun an yi ga don wani daga zai amma in "
         "domin wata yana kasar jihar "}, /* ha */
    {"", " na ya wa kwa katika ni la za kuwa hiyo ambayo huo yake hii baada alisema kama cha wake "
         "huyo hao kutoka lakini pia mwaka "}, /* sw */
    {"", " ní ti tí àti sí ó náà ń fún pé kò wọn bí fi tó láti jẹ ṣe ilé ọ̀rọ̀ àwọn lórí ni lo ba "
         "won awon ati fun ninu pe bi "}, /* yo */
    {"", " dey di for na wey dem dis im say go e no don make sey una wetin wia dat pipo inside "
         "sabi tori plenti "}, /* pcm */
    {"", " và của là các có được cho trong không với một người những khi đã này về tại từ "
         "theo "},                                                                   /* vi */
    {"", " dhe të në e për me një që nga është i se si ka janë tij kjo do ky por "}, /* sq */
    {"", " ja on et ei see kui ka oli mis aga või kes oma ta seda pole mida nii "},  /* et */
    {"", " un ir ka par no ar uz tas bet kas arī lai pēc nav gada tiek vai "},       /* lv */
    {"", " ng sa ang na mga ay at ni para si hindi kay ito nang siya may ko "},      /* tl */
    {"", " die van en in het is dat vir te nie op met hy om was wat sy ook aan "},   /* af */
    {"", " waa oo ka ku in iyo ay uu la soo ee ayaa ah u si aan isaga "},            /* so */
};

enum { LANGUAGES = sizeof frequent / sizeof *frequent, MAX_WORD = 16, SLOTS = 4096 };
_Static_assert(LANGUAGES <= 64, "a bit for each language");

/* Word -> languages that have it: open addressing, words padded with zeros. */
struct ns__guesser {
    const ns__class_kernels *kernels;
    struct {
        uint64_t low, high, languages;
    } slots[SLOTS];
};

static size_t find(const ns__guesser *guesser, uint64_t low, uint64_t high)
{
    uint64_t hash = (low ^ high * 0xff51afd7ed558ccdu) * 0x9e3779b97f4a7c15u;
    size_t at = hash >> 52;
    while (guesser->slots[at].languages != 0 &&
           (guesser->slots[at].low != low || guesser->slots[at].high != high))
        at = (at + 1) % SLOTS;
    return at;
}

ns__guesser *ns__guesser_open(void)
{
    ns__guesser *guesser = ns__zalloc(1, sizeof *guesser);
    if (guesser != NULL)
        guesser->kernels = ns__class_kernels_for(ns__cpu_isa());
    for (size_t i = 0; guesser != NULL && i < LANGUAGES; i++) {
        const char *word = frequent[i].words + 1;
        while (*word != '\0') {
            uint8_t padded[MAX_WORD] = {0};
            size_t length = strcspn(word, " ");
            memcpy(padded, word, length < MAX_WORD ? length : MAX_WORD);
            const uint64_t low = ns__get_u64(padded), high = ns__get_u64(padded + 8);
            const size_t slot = find(guesser, low, high);
            guesser->slots[slot].low = low;
            guesser->slots[slot].high = high;
            guesser->slots[slot].languages |= (uint64_t)1 << i;
            word += length + 1;
        }
    }
    return guesser;
}

void ns__guesser_close(ns__guesser *guesser)
{
    ns__free(guesser);
}

/* Small letters of Latin-1 and Latin Extended-A for capital ones, enough for function words. */
static uint32_t lower(uint32_t code)
{
    if ((code >= 'A' && code <= 'Z') || (code >= 0xc0 && code <= 0xde && code != 0xd7))
        return code + 32;
    if ((code >= 0x100 && code <= 0x137) || (code >= 0x14a && code <= 0x177))
        return code | 1;
    return code;
}

/* Appends one letter to a padded word; *length goes beyond MAX_WORD when it does not fit. */
static void append(uint8_t *word, size_t *length, uint32_t code, const uint8_t *bytes,
                   unsigned byte_count)
{
    code = lower(code);
    if (*length + byte_count > MAX_WORD) {
        *length = MAX_WORD + 1;
    } else if (code < 0x80) {
        word[(*length)++] = (uint8_t)code;
    } else if (code < 0x800) {
        word[(*length)++] = (uint8_t)(0xc0 | code >> 6);
        word[(*length)++] = (uint8_t)(0x80 | (code & 0x3f));
    } else {
        memcpy(word + *length, bytes, byte_count);
        *length += byte_count;
    }
}

/* Words of one letter or two, of which the noise of scanned pages is full, are most of what Czech
 * and Icelandic are known by. So they have to be a larger share of a text, and a tie is not theirs
 * nor that of the other. */
static bool is_like_noise(size_t language)
{
    return frequent[language].code[0] == '\0' ||
           ns__lang_of(frequent[language].code) >= NS_LANG_AMHARIC;
}

static ns__lang best_of(const unsigned *scores, unsigned words)
{
    size_t best = 0;
    for (size_t i = 1; i < LANGUAGES; i++)
        if (scores[i] > scores[best])
            best = i;
    if (scores[best] < MIN_WORDS || scores[best] * (is_like_noise(best) ? 8 : 30) < words)
        return 0;
    for (size_t i = best + 1; i < LANGUAGES; i++)
        if (scores[i] == scores[best] && is_like_noise(i))
            return 0; /* as likely a language without a stemmer */
    return frequent[best].code[0] ? ns__lang_of(frequent[best].code) : 0;
}

/* ---- Words of a text ---- */

typedef struct counter {
    const ns__guesser *guesser;
    ns__str text;
    unsigned scores[LANGUAGES], words;
} counter;

static void count_word(counter *c, uint64_t low, uint64_t high)
{
    uint64_t left = c->guesser->slots[find(c->guesser, low, high)].languages;
    for (; left != 0; left &= left - 1)
        c->scores[__builtin_ctzll(left)]++;
}

/* Takes the word that begins at `at`, if one does, by one character after the other; returns where
 * the text goes on. */
static size_t take_plainly(counter *c, size_t at)
{
    uint8_t word[MAX_WORD + 4] = {0};
    size_t length = 0;
    while (at < c->text.length) {
        unsigned bytes;
        uint32_t code = ns__utf8_decode(c->text.data + at, &bytes);
        if (!(ns__unicode(code) & (NS_UNICODE_ALNUM | NS_UNICODE_MARK))) {
            at += length == 0 ? bytes : 0;
            break;
        }
        append(word, &length, code, c->text.data + at, bytes);
        at += bytes;
    }
    c->words += length > 0;
    if (length > 0 && length <= MAX_WORD)
        count_word(c, ns__get_u64(word), ns__get_u64(word + 8));
    return at;
}

#define R4(value) value, value, value, value
#define R16(value) R4(value), R4(value), R4(value), R4(value)

/* Takes ASCII letters and digits, text[at, end). */
static void take_ascii(counter *c, size_t at, size_t end)
{
    static const uint8_t kept[2 * MAX_WORD] = {R16(255)}, small[2 * MAX_WORD] = {R16(0x20)};
    const size_t length = end - at;
    c->words++;
    if (length > MAX_WORD)
        return;
    const uint8_t *text = c->text.data + at, *mask = kept + MAX_WORD - length,
                  *case_bit = small + MAX_WORD - length; /* digits have it */
    uint8_t padded[MAX_WORD] = {0};
    if (c->text.length - at < MAX_WORD)
        text = memcpy(padded, text, length);
    count_word(c, (ns__get_u64(text) & ns__get_u64(mask)) | ns__get_u64(case_bit),
               (ns__get_u64(text + 8) & ns__get_u64(mask + 8)) | ns__get_u64(case_bit + 8));
}

enum { BLOCK = NS_CLASS_BLOCK, BLOCKS = NS_GUESS_BYTES / BLOCK + 1 };

/* A bit a byte; the one behind the text is set in both. */
typedef struct borders {
    uint64_t starts[BLOCKS]; /* letters and digits of ASCII, and all beyond it */
    uint64_t stops[BLOCKS];  /* all but letters and digits of ASCII */
} borders;

static void find_borders(const ns__guesser *guesser, ns__str text, borders *out)
{
    ns__word_masks masks[BLOCKS];
    uint8_t padded[BLOCK];
    const size_t whole = text.length / BLOCK, left = text.length % BLOCK;
    guesser->kernels->words(text.data, whole, masks);
    guesser->kernels->words(ns__class_tail(text.data + whole * BLOCK, left, padded), 1,
                            masks + whole);
    for (size_t b = 0; b <= whole; b++) {
        const uint64_t word = masks[b].word & ~masks[b].under;
        out->starts[b] = word | masks[b].beyond;
        out->stops[b] = ~word;
    }
    out->starts[whole] |= (uint64_t)1 << left;
}

/* The first bit from `at` on that is set; there is one. */
static inline size_t next_bit(const uint64_t *bits, size_t at)
{
    size_t block = at / BLOCK;
    uint64_t left = bits[block] >> at % BLOCK << at % BLOCK;
    while (left == 0)
        left = bits[++block];
    return block * BLOCK + (size_t)__builtin_ctzll(left);
}

ns__lang ns__guess_latin(const ns__guesser *guesser, ns__str text)
{
    counter c = {.guesser = guesser, .text = text};
    borders of;
    find_borders(guesser, text, &of);
    for (size_t at = 0, end; (at = next_bit(of.starts, at)) < text.length; at = end) {
        end = next_bit(of.stops, at);
        if (end < text.length && text.data[end] >= 0x80)
            end = take_plainly(&c, at); /* it may go on there */
        else
            take_ascii(&c, at, end);
    }
    return best_of(c.scores, c.words);
}

ns__lang ns__guess_latin_plainly(const ns__guesser *guesser, ns__str text)
{
    counter c = {.guesser = guesser, .text = text};
    for (size_t at = 0; at < text.length;)
        at = take_plainly(&c, at);
    return best_of(c.scores, c.words);
}
