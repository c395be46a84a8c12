/* Numbers that nobody can foresee. */
#ifndef NS_OS_RANDOM_H
#define NS_OS_RANDOM_H

#include "base/hash.h"

/* Gives a table its key; one that it has already stays. */
void ns__random_key(ns__hash_key *key);

#endif
