/* Choosing the words of a model: counting those of a sample, and the pieces of those that are not
 * chosen, by which such words are spelled. */
#include <stdlib.h>

#include "base/mem.h"
#include "codec/model_cuts.h"

enum {
    MOST_COUNTED = 3 << 16, /* different words; later ones are not counted */
    BYTES = MOST_COUNTED,   /* numbers of words that are one byte, */
    UNKNOWN = BYTES + 256,  /* and of others that are not counted */
    MOST_PIECES = 4096,
    ENTRY_BITS = 44, /* what a word costs in the table, about */
    LETTER_BITS = 4, /* what a letter of a spelled word costs, about */
    LEAST_COUNT = 2,
    BYTES_A_WORD = 4 /* seldom fewer */
};

void ns__model_kinds(uint8_t kinds[256])
{
    memset(kinds, NS__OTHER, 256);
    kinds[' '] = NS__SPACE;
    for (unsigned byte = 'a'; byte <= 'z'; byte++)
        kinds[byte] = kinds[byte - 'a' + 'A'] = NS__LETTER;
    for (unsigned byte = '0'; byte <= '9'; byte++)
        kinds[byte] = NS__DIGIT;
    for (unsigned byte = 0xc3; byte <= 0xdf; byte++)
        kinds[byte] = NS__FIRST_OF_TWO;
    for (unsigned byte = 0xe0; byte <= 0xef; byte++)
        kinds[byte] = NS__FIRST_OF_THREE;
}

/* ---- Counting ---- */

typedef struct counted {
    ns__word_key key;
    uint32_t length : 8, number : 24; /* words are numbered as they come first */
    uint32_t count;                   /* 0: an empty slot */
} counted;

typedef struct word_counter {
    counted *slots;
    size_t room, used;
    uint64_t total;
} word_counter;

static ns_status grow(word_counter *counter, ns_error *err)
{
    size_t room = counter->room ? 2 * counter->room : 4096;
    counted *slots = ns__zalloc(room, sizeof *slots);
    if (slots == NULL)
        return ns__no_memory(err);
    for (size_t i = 0; i < counter->room; i++) {
        if (counter->slots[i].count == 0)
            continue;
        size_t at = ns__word_hash(counter->slots[i].key) & (room - 1);
        while (slots[at].count != 0)
            at = (at + 1) & (room - 1);
        slots[at] = counter->slots[i];
    }
    ns__free(counter->slots);
    counter->slots = slots;
    counter->room = room;
    return NS_OK;
}

/* *number is that of the word, or UNKNOWN. */
static ns_status count_word(word_counter *counter, ns__word_key key, uint32_t hash, size_t length,
                            uint32_t times, uint32_t *number, ns_error *err)
{
    *number = UNKNOWN;
    if (4 * counter->used >= 3 * counter->room && counter->used < MOST_COUNTED)
        NS_TRY(grow(counter, err));
    size_t at = hash & (counter->room - 1);
    while (counter->slots[at].count != 0 && !ns__word_equal(counter->slots[at].key, key))
        at = (at + 1) & (counter->room - 1);
    counted *slot = &counter->slots[at];
    if (slot->count == 0) {
        if (counter->used >= MOST_COUNTED)
            return NS_OK;
        *slot = (counted){key, (uint8_t)length, (uint32_t)counter->used++ & 0xffffff, 0};
    }
    *number = slot->number;
    slot->count += times;
    counter->total += times;
    return NS_OK;
}

static ns_status count_words(word_counter *counter, ns__str sample, ns__model_cuts *cuts,
                             ns_error *err)
{
    uint8_t kinds[256];
    ns__cut_word batch[NS__CUT_BATCH];
    ns__model_kinds(kinds);
    NS_TRY(grow(counter, err));
    if (cuts && NS_RESERVE(cuts->words, cuts->room, sample.length / BYTES_A_WORD) < 0)
        return ns__no_memory(err);
    for (size_t at = 0;;) {
        ns__cut_target target = {counter->slots, counter->room - 1, sizeof *counter->slots};
        size_t count = ns__model_cut(kinds, sample, &target, &at, batch);
        if (count == 0)
            return NS_OK;
        if (cuts)
            NS_TRY(ns__model_cuts_room(cuts, err));
        for (size_t i = 0; i < count; i++) {
            const ns__cut_word *word = &batch[i];
            uint32_t number = UNKNOWN;
            if (word->length == 1)
                number = BYTES + (uint32_t)word->key.low;
            else if (word->length != NS__TOO_LONG)
                NS_TRY(count_word(counter, word->key, word->hash, word->length, 1, &number, err));
            if (cuts)
                ns__model_cuts_add(cuts, kinds, sample, word, number);
        }
    }
}

static ns_status count_piece(word_counter *pieces, ns__word_key key, size_t length, uint32_t times,
                             ns_error *err)
{
    uint32_t number;
    return count_word(pieces, key, (uint32_t)ns__word_hash(key), length, times, &number, err);
}

/* Every beginning of a few letters at every place of a word. */
static ns_status count_pieces(word_counter *pieces, const counted *word, ns_error *err)
{
    uint8_t bytes[NS_MODEL_WORD_BYTES];
    ns__put_u64(bytes, word->key.low);
    ns__put_u64(bytes + 8, word->key.high);
    for (size_t at = 0; at < word->length; at++)
        for (size_t length = 2; length <= NS__LONGEST_PIECE && at + length <= word->length;
             length++)
            NS_TRY(count_piece(pieces, ns__word_key_of(bytes + at, length, sizeof bytes - at),
                               length, word->count, err));
    return NS_OK;
}

/* ---- Choosing ---- */

/* How often `count`, which is not 0, must be doubled to reach `total`. */
static unsigned bits_of(uint64_t total, uint32_t count)
{
    const int more = __builtin_clzll(count) - __builtin_clzll(total | 1);
    const unsigned bits = more > 0 ? (unsigned)more : 0;
    return bits + (((uint64_t)count << bits) < total);
}

static int64_t gain(const counted *word, uint64_t total, unsigned scale)
{
    int64_t saved = (int64_t)word->length * LETTER_BITS + 2 - bits_of(total, word->count);
    return saved * word->count * scale - ENTRY_BITS;
}

static int compare_keys(ns__word_key a, ns__word_key b)
{
    uint64_t left = __builtin_bswap64(a.low), right = __builtin_bswap64(b.low);
    if (left == right) {
        left = __builtin_bswap64(a.high);
        right = __builtin_bswap64(b.high);
    }
    return (left > right) - (left < right);
}

static int by_bytes(const void *a, const void *b)
{
    return compare_keys(((const counted *)a)->key, ((const counted *)b)->key);
}

static uint64_t bytes_saved(const counted *word)
{
    return (uint64_t)word->count * (word->length - 1);
}

static int by_savings(const void *a, const void *b)
{
    uint64_t left = bytes_saved(a), right = bytes_saved(b);
    if (left != right)
        return left > right ? -1 : 1;
    return by_bytes(a, b);
}

/* Moves the slots in use to the front. */
static size_t gather(word_counter *counter)
{
    size_t used = 0;
    for (size_t i = 0; i < counter->room; i++)
        if (counter->slots[i].count > 0)
            counter->slots[used++] = counter->slots[i];
    return used;
}

/* Puts the words worth a symbol to the front. */
static size_t choose(word_counter *counter, size_t used, unsigned scale)
{
    size_t kept = 0;
    for (size_t i = 0; i < used; i++) {
        counted word = counter->slots[i];
        if (word.count >= LEAST_COUNT && gain(&word, counter->total, scale) > 0) {
            counter->slots[i] = counter->slots[kept];
            counter->slots[kept++] = word;
        }
    }
    size_t most = NS_MODEL_SYMBOLS - 256 - MOST_PIECES;
    if (kept <= most)
        return kept;
    qsort(counter->slots, kept, sizeof *counter->slots, by_savings);
    return most;
}

/* The best pieces of words[0 .. count) behind the chosen ones: *chosen grows, into room that
 * `words` has. */
static ns_status add_pieces(counted *words, size_t count, unsigned scale, size_t *chosen,
                            ns_error *err)
{
    word_counter pieces = {0};
    ns_status status = NS_OK;
    for (size_t i = *chosen; i < count && status == NS_OK; i++)
        if (words[i].count >= LEAST_COUNT) /* most words that came once come never again */
            status = count_pieces(&pieces, &words[i], err);
    size_t found = gather(&pieces), kept = 0;
    for (size_t i = 0; i < found; i++) /* each byte is counted in several pieces */
        if (gain(&pieces.slots[i], pieces.total / 6, scale) > 8 * ENTRY_BITS)
            pieces.slots[kept++] = pieces.slots[i];
    if (kept > 0)
        qsort(pieces.slots, kept, sizeof *pieces.slots, by_savings);
    if (kept > MOST_PIECES)
        kept = MOST_PIECES;
    if (kept > count - *chosen)
        kept = count - *chosen;
    if (kept > 0)
        memcpy(words + *chosen, pieces.slots, kept * sizeof *words);
    *chosen += kept;
    ns__free(pieces.slots);
    return status;
}

/* ---- The table ---- */

/* The table of short words, which are pieces too. */
static ns_status fill_pieces(ns__model_words *words, ns_error *err)
{
    uint32_t room = 1024, count = 0;
    for (uint32_t i = 0; i < words->count; i++)
        count += words->lengths[i] <= NS__LONGEST_PIECE;
    while (room < 3 * count)
        room *= 2;
    words->pieces = ns__zalloc(room, sizeof *words->pieces);
    words->piece_bits = ns__zalloc(NS__PIECE_BITS / 64, sizeof *words->piece_bits);
    if (words->pieces == NULL || words->piece_bits == NULL)
        return ns__no_memory(err);
    words->piece_mask = room - 1;
    for (uint32_t i = 0; i < words->count; i++) {
        if (words->lengths[i] > NS__LONGEST_PIECE)
            continue;
        uint32_t bytes = (uint32_t)words->keys[i].low;
        uint32_t bit = ns__model_piece_bit(bytes);
        words->piece_bits[bit / 64] |= (uint64_t)1 << bit % 64;
        size_t at = ns__model_piece_slot(words, bytes);
        while (words->pieces[at] != 0)
            at = (at + 1) & words->piece_mask;
        words->pieces[at] = (uint64_t)bytes << 32 | (256 + i);
    }
    return NS_OK;
}

static void put_slot(ns__model_words *words, ns__word_key key, uint32_t symbol)
{
    size_t at = ns__word_hash(key) & words->mask;
    while (words->slots[at].fact.bits != 0)
        at = (at + 1) & words->mask;
    words->slots[at] = (ns__word_slot){key, {.symbol = (uint16_t)symbol, .bits = 1}};
}

/* The words chosen[0 .. words->count), frequent ones first. */
static ns_status fill_slots(ns__model_words *words, const counted *chosen, ns_error *err)
{
    static const uint32_t OFTEN[] = {1024, 64, 0};
    size_t room = 1024;
    while (room < 2 * ((size_t)words->count + 256))
        room *= 2;
    words->slots = ns__alloc64(room * sizeof *words->slots);
    if (words->slots == NULL)
        return ns__no_memory(err);
    memset(words->slots, 0, room * sizeof *words->slots);
    words->mask = room - 1;
    uint32_t below = UINT32_MAX;
    for (size_t i = 0; i < sizeof OFTEN / sizeof *OFTEN; below = OFTEN[i++]) {
        for (uint32_t word = 0; word < words->count; word++)
            if (chosen[word].count >= OFTEN[i] && chosen[word].count < below)
                put_slot(words, chosen[word].key, 256 + word);
        for (uint32_t byte = 0; i == 0 && byte < 256; byte++)
            put_slot(words, (ns__word_key){byte, 0}, byte);
    }
    return NS_OK;
}

static ns_status fill(ns__model_words *words, counted *chosen, size_t count, ns_error *err)
{
    uint32_t kept = 0;
    if (count > 0)
        qsort(chosen, count, sizeof *chosen, by_bytes);
    words->keys = ns__alloc(count + 1, sizeof *words->keys);
    words->lengths = ns__alloc(count + 1, sizeof *words->lengths);
    if (words->keys == NULL || words->lengths == NULL)
        return ns__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && ns__word_equal(chosen[i].key, chosen[kept - 1].key))
            continue; /* a word and a piece */
        words->keys[kept] = chosen[i].key;
        words->lengths[kept] = (uint8_t)chosen[i].length;
        chosen[kept++] = chosen[i];
    }
    words->count = kept;
    NS_TRY(fill_slots(words, chosen, err));
    return fill_pieces(words, err);
}

/* ---- The words of the sample ---- */

/* The keys of words by their numbers. */
static ns__word_key *number_keys(const word_counter *counter, size_t used)
{
    ns__word_key *keys = ns__alloc(used + 1, sizeof *keys);
    for (size_t i = 0; keys && i < used; i++)
        keys[counter->slots[i].number] = counter->slots[i].key;
    return keys;
}

static uint32_t symbol_of(const ns__model_words *words, ns__word_key key)
{
    const ns__word_slot *slot = ns__model_find(words, key, (uint32_t)ns__word_hash(key));
    return slot->fact.bits != 0 ? slot->fact.symbol : NS__CUT_SPELLED;
}

/* From numbers of words to symbols. */
static ns_status name_cuts(const ns__model_words *words, const ns__word_key *keys, size_t used,
                           ns__str sample, ns__model_cuts *cuts, ns_error *err)
{
    uint32_t *symbols = ns__alloc(used + 1, sizeof *symbols);
    if (symbols == NULL)
        return ns__no_memory(err);
    for (size_t i = 0; i < used; i++)
        symbols[i] = symbol_of(words, keys[i]);
    for (size_t i = 0, at = 0; i < cuts->count; i++) {
        const uint32_t word = cuts->words[i], number = word & NS__CUT_NUMBER;
        const size_t length = ns__cut_length(word, words->kinds, sample, at);
        uint32_t symbol = NS__CUT_SPELLED;
        if (number < used)
            symbol = symbols[number];
        else if (number != UNKNOWN)
            symbol = number - BYTES;
        else if (length <= NS_MODEL_WORD_BYTES)
            symbol =
                symbol_of(words, ns__word_key_of(sample.data + at, length, sample.length - at));
        cuts->words[i] = symbol | (word & ~(uint32_t)NS__CUT_NUMBER);
        at += length;
    }
    ns__free(symbols);
    return NS_OK;
}

/* ---- All of it ---- */

ns_status ns__model_choose(ns__str sample, unsigned scale, ns__model_cuts *cuts,
                           ns__model_words *out, ns_error *err)
{
    word_counter counter = {0};
    ns__word_key *keys = NULL;
    *out = (ns__model_words){0};
    ns__model_kinds(out->kinds);
    ns_status status = count_words(&counter, sample, cuts, err);
    size_t used = gather(&counter), chosen = 0;
    if (status == NS_OK && cuts && (keys = number_keys(&counter, used)) == NULL)
        status = ns__no_memory(err);
    if (status == NS_OK && used > 0) {
        chosen = choose(&counter, used, scale);
        status = add_pieces(counter.slots, used, scale, &chosen, err);
    }
    if (status == NS_OK)
        status = fill(out, counter.slots, chosen, err);
    ns__free(counter.slots);
    if (status == NS_OK && cuts)
        status = name_cuts(out, keys, used, sample, cuts, err);
    ns__free(keys);
    if (status < 0)
        ns__model_words_release(out);
    return status;
}

void ns__model_words_release(ns__model_words *words)
{
    ns__free(words->keys);
    ns__free(words->lengths);
    ns__free(words->slots);
    ns__free(words->pieces);
    ns__free(words->piece_bits);
    *words = (ns__model_words){0};
}
