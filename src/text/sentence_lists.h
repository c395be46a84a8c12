/* Lists of words that tell what a full stop means: words between spaces, in small letters and
 * compared without regard to capitals unless it says otherwise; none has more than 16 bytes. After
 * a change: tools/gen_sentence_words.py > src/text/sentence_table.c */
#ifndef NS_TEXT_SENTENCE_LISTS_H
#define NS_TEXT_SENTENCE_LISTS_H

#include <stdint.h>

/* The lists as bits. */
enum {
    NS_IN_TIMES = 1 << 0,
    NS_IN_TITLES = 1 << 1,
    NS_IN_BEFORE_NUMBERS = 1 << 2, /* a single letter in its own case: "p. 12", but "P. Jones" */
    NS_IN_OTHERS = 1 << 3,
    NS_IN_STATES = 1 << 4,
    NS_IN_STARTERS = 1 << 5,   /* in their own case */
    NS_IN_AFTER_TIME = 1 << 6, /* in their own case */
    NS_IN_LETTERED = 1 << 7,
    NS_IN_MONTHS = 1 << 8,
    NS_IN_BEFORE_ORDINALS = 1 << 9,
    NS_IN_SPEECH = 1 << 10, /* in their own case */
};

/* One entry a word, found through ns__sentence_index by open addressing: 0 is empty, else the
 * number of the entry + 1. Words are padded with zero bytes. */
enum { NS_SENTENCE_SLOTS = 2048, NS_SENTENCE_WORD = 16 };

typedef struct ns__sentence_word {
    uint64_t low, high;
    uint16_t lists;
} ns__sentence_word;

extern const uint16_t ns__sentence_index[NS_SENTENCE_SLOTS];
extern const ns__sentence_word ns__sentence_words[];

static inline unsigned ns__sentence_hash(uint64_t low, uint64_t high)
{
    return (unsigned)((low ^ high * 0xff51afd7ed558ccdu) * 0x9e3779b97f4a7c15u >> 53);
}

#define NS_LIST_TIMES " a.m p.m am pm "

#define NS_LIST_TITLES                                                                             \
    " mr mrs ms mx dr drs prof profs sen sens gov govs rep reps gen lt col capt sgt cpl pvt "      \
    "cmdr adm maj brig insp supt det rev revd hon pres amb atty messrs mme mlle mgr msgr fr "      \
    "br sra srta dra ing dipl hr vs cf eg viz nr bzw sog ges verw ud uds mt pt ft asst assoc "     \
    "dep mons gral lic arq v z.b d.h u.a i.e e.g z.t s.o "

#define NS_LIST_BEFORE_NUMBERS                                                                     \
    " no nos art arts sec secs fig figs vol vols p pp ch par para núm num pág págs abs "        \
    "kap s jan feb mar apr jun jul aug sep sept oct nov dec nr tel ext approx ca c max min "

#define NS_LIST_OTHERS                                                                             \
    " inc corp co cos ltd llc plc bros jr sr etc esq al assn dept univ ave blvd rd st ste "        \
    "hwy bldg intl natl govt mio mrd usw evtl ggf inkl str tsd zzgl mtg ed eds trans est mfg "     \
    "sq cu oz lb lbs mph rpm dist admin comm ph.d m.d b.a m.a ll.b d.phil "

/* Only with a capital: "ill." and "miss." end sentences. */
#define NS_LIST_STATES                                                                             \
    " ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo "        \
    "mont neb nev okla ore pa penn tenn tex va vt wash wis wyo ont que alta mon tue tues wed "     \
    "thu thurs fri sat sun "

/* In their own case: what begins sentences after an abbreviation that may end one. */
#define NS_LIST_STARTERS                                                                           \
    " The A An In On At It He She They We I You This That These Those But And Or So If When "      \
    "While After Before As For By With From To His Her Their Its Our My There Here What Why "      \
    "How Who Where Which Some Many Most More Several All Both Each Not Now Then Meanwhile "        \
    "However Still Yet Also Although Because Since Until Under Over Between During Despite "       \
    "Once Only Even Just Last Two Three Four Five One Another Other Such No Shares Analysts "      \
    "Officials Police Investors Prosecutors Authorities Critics Experts Neither Nor Earlier "      \
    "Later Today Yesterday Instead Asked Nearly About Every Nobody Nothing Everyone Trading "      \
    "Profits Sales Lawyers Residents Scientists Researchers Doctors Firefighters Voters Its "      \
    "It's He's She's They're We're That's There's Der Die Das Ein Eine Er Sie Es Wir Ich Im "      \
    "Am Auf Mit Nach Bei Und Aber Doch Auch Dort Dies Damit Dabei Für Wie El Los Las Un Una "     \
    "En Se Por Para Con Pero Su Según Ella Ellos Además Le Les Il Elle Ils Dans Mais "

#define NS_LIST_AFTER_TIME                                                                         \
    " Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thurs "        \
    "Fri Sat Sun EST EDT CST CDT MST MDT PST PDT ET CT MT PT GMT BST CET UTC Eastern Central "     \
    "Mountain Pacific January February March April May June July August September October "        \
    "November December Jan Feb Mar Apr Aug Sept Oct Nov Dec "

#define NS_LIST_LETTERED                                                                           \
    " group plan vitamin hepatitis type grade class schedule serie series option team "            \
    "terminal block pool category gate section exhibit appendix influenza model vitamins "         \
    "side zone tier and or "

#define NS_LIST_MONTHS                                                                             \
    " january february march april may june july august september october november december "      \
    "januar februar märz april mai juni juli august september oktober november dezember "

#define NS_LIST_BEFORE_ORDINALS                                                                    \
    " am im der die das den dem des vom zum zur beim bis ab seit und einen einem seinem "          \
    "ihrem seinen ihren sein ihr jeden jeder "

#define NS_LIST_SPEECH                                                                             \
    " said says asked asks told added adds wrote writes shouted replied cried yelled "             \
    "wondered joked quipped tweeted declared demanded exclaimed recalled continued insisted "

#endif
