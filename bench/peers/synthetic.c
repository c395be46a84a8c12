/* Makes as many passages as wanted that search like real ones, and copies none.
 *
 *   ns_synthetic PASSAGES COUNT SEED lines|json
 *
 * PASSAGES holds real passages, a line each. A made passage has its home at one of them. It walks
 * through the text around its home and every now and then, at the latest after MOST words, goes on
 * at another place around there where the same two words stand, or the same word: so words keep
 * their frequencies and their company, pairs and triples of words stay those of the language, and
 * nothing longer is kept. Homes go forward through the real text with a jitter, so that the made
 * text is as clustered as the real one. The same seed gives the same bytes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AROUND = 6,    /* passages on each side of a home that text is taken from */
    MEAN = 12,     /* words before a jump is tried */
    MOST = 24,     /* words after which there is one in any case */
    ARTICLE = 7,   /* passages of a made article, homes one behind the other */
    JITTER = 2000, /* passages that homes are off their place at most */
    FOUND = 64,    /* places looked at for a jump */
    STRIDE = 32    /* words looked at together */
};

typedef struct source {
    char *bytes;      /* all lines */
    uint32_t *starts; /* of words in `bytes` */
    uint32_t *words;  /* number of each word in the text */
    uint32_t *lengths;
    size_t word_count;
    uint32_t *passages; /* first word of each, and one behind the last */
    size_t passage_count;
} source;

static void die(const char *what)
{
    fprintf(stderr, "ns_synthetic: %s\n", what);
    exit(1);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        die("out of memory");
    return memory;
}

/* ---- Random numbers ---- */

static uint64_t next_random(uint64_t *state) /* splitmix64 */
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
    return (size_t)(((__uint128_t)next_random(state) * limit) >> 64);
}

/* ---- The real text ---- */

static size_t read_all(const char *path, char **out)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        die("the passages cannot be read");
    long length = ftell(file);
    if (length <= 0 || length > (long)UINT32_MAX - 1)
        die("no passages, or 4 GiB of them");
    rewind(file);
    *out = room((size_t)length + 1, 1);
    if (fread(*out, 1, (size_t)length, file) != (size_t)length)
        die("the passages cannot be read");
    fclose(file);
    return (size_t)length;
}

/* Each distinct word's number is where it stands first. */
static uint32_t number_of(uint32_t *table, size_t mask, const source *text, size_t at)
{
    const char *word = text->bytes + text->starts[at];
    size_t length = text->lengths[at];
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)word[i]) * 1099511628211u;
    for (size_t slot = (hash ^ (hash >> 32)) & mask;; slot = (slot + 1) & mask) {
        uint32_t known = table[slot];
        if (known == 0) {
            table[slot] = (uint32_t)at + 1;
            return (uint32_t)at;
        }
        if (text->lengths[known - 1] == length &&
            memcmp(text->bytes + text->starts[known - 1], word, length) == 0)
            return known - 1;
    }
}

static void cut_words(source *text, size_t length)
{
    size_t words = 1, lines = 0;
    for (size_t i = 0; i < length; i++) {
        words += text->bytes[i] == ' ' || text->bytes[i] == '\n';
        lines += text->bytes[i] == '\n';
    }
    text->starts = room(words, sizeof *text->starts);
    text->lengths = room(words, sizeof *text->lengths);
    text->words = room(words, sizeof *text->words);
    text->passages = room(lines + 2, sizeof *text->passages);
    size_t begin = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text->bytes[i];
        if (c != ' ' && c != '\n')
            continue;
        if (i > begin) {
            text->starts[text->word_count] = (uint32_t)begin;
            text->lengths[text->word_count++] = (uint32_t)(i - begin);
        }
        begin = i + 1;
        if (c == '\n')
            text->passages[++text->passage_count] = (uint32_t)text->word_count;
    }
}

static void read_source(source *text, const char *path)
{
    size_t length = read_all(path, &text->bytes);
    cut_words(text, length);
    if (text->passage_count <= 2 * AROUND + ARTICLE)
        die("too few passages");
    size_t slots = 1;
    while (slots < 2 * text->word_count)
        slots *= 2;
    uint32_t *table = room(slots, sizeof *table);
    for (size_t i = 0; i < text->word_count; i++)
        text->words[i] = number_of(table, slots - 1, text, i);
    free(table);
}

/* ---- Walking ---- */

typedef struct walk {
    const source *text;
    size_t first, end; /* words around home */
    size_t at;         /* the word said last */
    uint64_t random;
} walk;

/* Places of a jump: behind the same two words, and behind the same word. */
typedef struct places {
    size_t pairs[FOUND], singles[FOUND], pair_count, single_count;
} places;

static void look_at(const walk *self, places *found, size_t i)
{
    const uint32_t *words = self->text->words;
    uint32_t before = self->at > self->first ? words[self->at - 1] : UINT32_MAX;
    if (words[i] != words[self->at] || i == self->at)
        return;
    if (words[i - 1] == before && found->pair_count < FOUND)
        found->pairs[found->pair_count++] = i;
    else if (found->single_count < FOUND)
        found->singles[found->single_count++] = i;
}

/* Another place around home where the last word stands, behind the same word if there is one. */
static size_t other_place(walk *self)
{
    const uint32_t *words = self->text->words;
    uint32_t last = words[self->at];
    places found;
    found.pair_count = found.single_count = 0;
    size_t i = self->first + 1, end = self->end - 1;
    for (; i + STRIDE <= end; i += STRIDE) {
        uint32_t any = 0; /* most strides have none: a few comparisons of vectors */
        for (size_t j = 0; j < STRIDE; j++)
            any |= words[i + j] == last;
        for (size_t j = 0; any && j < STRIDE; j++)
            look_at(self, &found, i + j);
    }
    for (; i < end; i++)
        look_at(self, &found, i);
    if (found.pair_count)
        return found.pairs[below(&self->random, found.pair_count)];
    return found.single_count ? found.singles[below(&self->random, found.single_count)] : self->at;
}

static void say(const walk *self)
{
    const source *text = self->text;
    fwrite_unlocked(text->bytes + text->starts[self->at], 1, text->lengths[self->at], stdout);
}

static void make_passage(walk *self, size_t home)
{
    const source *text = self->text;
    size_t last = text->passage_count;
    size_t length = text->passages[home + 1] - text->passages[home];
    self->first = text->passages[home > AROUND ? home - AROUND : 0];
    self->end = text->passages[home + AROUND + 1 < last ? home + AROUND + 1 : last];
    self->at = text->passages[home] + below(&self->random, length);
    for (size_t said = 0, run = 0; said < length; said++) {
        if (said > 0)
            putchar_unlocked(' ');
        say(self);
        if (++run >= MOST || below(&self->random, MEAN) == 0) {
            size_t to = other_place(self);
            run = to == self->at ? run : 0;
            if (run > MOST) { /* the word stands nowhere else */
                to = self->first + below(&self->random, self->end - self->first);
                run = 0;
            }
            self->at = to;
        }
        if (++self->at >= self->end)
            self->at = self->first;
    }
}

/* Where article `number` of `count` has its home. */
static size_t home_of(walk *self, size_t number, size_t count)
{
    size_t passages = self->text->passage_count - ARTICLE;
    size_t place = (size_t)((__uint128_t)number * passages / count);
    size_t low = place > JITTER ? place - JITTER : 0;
    size_t high = place + JITTER < passages ? place + JITTER : passages;
    return low + below(&self->random, high - low);
}

int main(int argc, char **argv)
{
    if (argc != 5 || (strcmp(argv[4], "lines") != 0 && strcmp(argv[4], "json") != 0)) {
        fprintf(stderr, "usage: ns_synthetic PASSAGES COUNT SEED lines|json\n");
        return 2;
    }
    source text = {0};
    read_source(&text, argv[1]);
    size_t count = strtoul(argv[2], NULL, 10), home = 0;
    int json = argv[4][0] == 'j';
    walk self = {.text = &text, .random = strtoul(argv[3], NULL, 10)};
    for (size_t i = 0; i < count; i++) {
        home =
            i % ARTICLE ? home + 1 : home_of(&self, i / ARTICLE, (count + ARTICLE - 1) / ARTICLE);
        if (json)
            printf("{\"id\":\"%zu\",\"body\":\"", i);
        make_passage(&self, home);
        fputs(json ? "\"}\n" : "\n", stdout);
    }
    free(text.bytes);
    free(text.starts);
    free(text.lengths);
    free(text.words);
    free(text.passages);
    return fflush(stdout) != 0;
}
