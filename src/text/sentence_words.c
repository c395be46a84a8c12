/* Words that tell what a full stop means. Each list is a string of words between spaces, in small
 * letters unless it says otherwise. */
#include "text/sentence.h"

enum { MAX_LISTED = 20 };

static const char titles[] =
    " mr mrs ms mx dr drs prof profs sen sens gov govs rep reps gen lt col capt sgt cpl pvt cmdr "
    "adm maj brig insp supt det rev revd hon pres amb atty messrs mme mlle mgr msgr fr br sra "
    "srta dra ing dipl hr vs cf eg viz nr bzw sog ges verw ud uds mt pt ft asst assoc dep "
    "mons gral lic arq ";

static const char before_numbers[] =
    " no nos art arts sec secs fig figs vol vols p pp ch par para núm num pág págs abs kap s jan "
    "feb mar apr jun jul aug sep sept oct nov dec nr tel ext approx ca c max min ";

static const char others[] =
    " inc corp co cos ltd llc plc bros jr sr etc esq al assn dept univ ave blvd rd st ste hwy bldg "
    "intl natl govt mio mrd usw evtl ggf inkl str tsd zzgl mtg ed eds trans est mfg sq cu oz lb "
    "lbs mph rpm dist admin comm ph.d m.d b.a m.a ll.b d.phil ";

/* Only with a capital: "ill." and "miss." end sentences. */
static const char states[] =
    " ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb "
    "nev okla ore pa penn tenn tex va vt wash wis wyo ont que alta mon tue tues wed thu thurs fri "
    "sat sun ";

/* In their own case: what begins sentences after an abbreviation that may end one. */
static const char starters[] =
    " The A An In On At It He She They We I You This That These Those But And Or So If When While "
    "After Before As For By With From To His Her Their Its Our My There Here What Why How Who "
    "Where Which Some Many Most More Several All Both Each Not Now Then Meanwhile However Still "
    "Yet Also Although Because Since Until Under Over Between During Despite Once Only Even Just "
    "Last Two Three Four Five One Another Other Such No Shares Analysts Officials Police Investors "
    "Prosecutors Authorities Critics Experts Neither Nor Earlier Later Today Yesterday Instead "
    "Asked Nearly About Every Nobody Nothing Everyone Trading Profits Sales Lawyers Residents "
    "Scientists Researchers Doctors Firefighters Voters Its It's He's She's They're We're That's "
    "There's Der Die Das Ein Eine Er Sie Es Wir Ich Im Am Auf Mit Nach Bei Und Aber Doch Auch Dort "
    "Dies Damit Dabei Für Wie El Los Las Un Una En Se Por Para Con Pero Su Según Ella Ellos "
    "Además Le Les Il Elle Ils Dans Mais ";

static const char after_time[] =
    " Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thurs Fri Sat "
    "Sun EST EDT CST CDT MST MDT PST PDT ET CT MT PT GMT BST CET UTC Eastern Central Mountain "
    "Pacific January February March April May June July August September October November "
    "December Jan Feb Mar Apr Aug Sept Oct Nov Dec ";

static const char lettered[] =
    " group plan vitamin hepatitis type grade class schedule serie series option team terminal "
    "block pool category gate section exhibit appendix influenza model vitamins side zone tier "
    "and or ";

static const char months[] =
    " january february march april may june july august september october november december "
    "januar februar märz april mai juni juli august september oktober november dezember ";

static const char before_ordinals[] =
    " am im der die das den dem des vom zum zur beim bis ab seit und einen einem seinem ihrem "
    "seinen ihren sein ihr jeden jeder ";

static const char speech[] =
    " said says asked asks told added adds wrote writes shouted replied cried yelled wondered "
    "joked quipped tweeted declared demanded exclaimed recalled continued insisted ";

static bool listed(const char *list, ns__str word, bool fold)
{
    char spaced[MAX_LISTED + 3] = " ";
    if (word.length == 0 || word.length > MAX_LISTED)
        return false;
    for (size_t i = 0; i < word.length; i++) {
        uint8_t c = word.data[i];
        if (c == ' ')
            return false;
        spaced[i + 1] = (char)(fold && c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    spaced[word.length + 1] = ' ';
    spaced[word.length + 2] = '\0';
    return strstr(list, spaced) != NULL;
}

ns__abbreviation ns__abbreviation_of(ns__str word)
{
    if (listed(" a.m p.m am pm ", word, true))
        return NS_ABBR_TIME;
    if (listed(titles, word, true) || listed(" v z.b d.h u.a i.e e.g z.t s.o ", word, true))
        return NS_ABBR_TITLE;
    /* "p. 12", but "P. Jones" */
    if (listed(before_numbers, word, word.length > 1))
        return NS_ABBR_NUMBER;
    if (word.length > 0 && word.data[0] <= 'Z' && listed(states, word, true))
        return NS_ABBR_OTHER;
    return listed(others, word, true) ? NS_ABBR_OTHER : NS_ABBR_NONE;
}

bool ns__begins_sentences(ns__str word)
{
    return listed(starters, word, false);
}

bool ns__follows_time(ns__str word)
{
    return listed(after_time, word, false);
}

bool ns__is_lettered(ns__str word)
{
    return listed(lettered, word, true);
}

bool ns__is_month(ns__str word)
{
    return listed(months, word, true);
}

bool ns__precedes_ordinal(ns__str word)
{
    return listed(before_ordinals, word, true);
}

bool ns__is_speech_verb(ns__str word)
{
    return listed(speech, word, false);
}
