/* Numbers that nobody can foresee. */
#include "os/random.h"

#include <unistd.h>

#include "os/clock.h"

void ns__random_key(ns__hash_key *key)
{
    if ((key->a | key->b | key->c) != 0)
        return;
    if (getentropy(key, sizeof *key) == 0)
        return;
    /* A system without it: a key that is hard to guess is better than none. */
    const uint64_t where = (uintptr_t)key, when = ns__clock_ns();
    const uint64_t seed[3] = {where, when, (uint64_t)ns__clock_unix_s()};
    key->a = ns__hash64(seed, sizeof seed, 1);
    key->b = ns__hash64(seed, sizeof seed, 2);
    key->c = ns__hash64(seed, sizeof seed, 3);
}
