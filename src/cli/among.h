/* What the stemmers in the program call in the place of libstemmer's own functions: see among.c. */
#ifndef NS_CLI_AMONG_H
#define NS_CLI_AMONG_H

#include <stdbool.h>
#include <stdint.h>

struct SN_env;
struct among;

/* The result of the longest string of the table that stands at the cursor, which moves over it, or
 * 0; the second reads backwards. */
int near_among(struct SN_env *env, const struct among *table, int count);
int near_among_b(struct SN_env *env, const struct among *table, int count);

#endif
