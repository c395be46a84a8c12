/* Looking through the tables of libstemmer's stemmers, whose pointers are distances from where they
 * stand (tools/relative_stemmers.py): so no process has to set them when it begins.
 *
 * A table has endings (or beginnings) in their order, with the longest other one that each ends (or
 * begins) with. Of those that stand at the cursor the longest one counts whose condition holds. */
#include "cli/among.h"

/* The beginning of libstemmer's environment, and its tables. */
struct SN_env {
    unsigned char *text;
    int cursor, limit, lower_limit;
};

typedef struct among {
    int length;
    int64_t bytes; /* distance from here */
    int shorter;   /* place in the table, or -1 */
    int result;
    int64_t condition; /* distance from here, or 0 */
} among;

typedef int condition(struct SN_env *env);

_Static_assert(sizeof(among) == 32, "as the compiler of libstemmer has it");

static inline const unsigned char *bytes_of(const among *of)
{
    return (const unsigned char *)((uintptr_t)&of->bytes + (uintptr_t)of->bytes);
}

/* The result of the longest that fits; `common` bytes of `of` do, and of all that it leads to as
 * many as they have. */
static int choose(struct SN_env *env, const among *table, const among *of, int common, int sign)
{
    const int cursor = env->cursor;
    for (;; of = table + of->shorter) {
        if (common >= of->length) {
            env->cursor = cursor + sign * of->length;
            if (of->condition == 0)
                return of->result;
            condition *holds = (condition *)((uintptr_t)&of->condition + (uintptr_t)of->condition);
            const int held = holds(env);
            env->cursor = cursor + sign * of->length;
            if (held)
                return of->result;
        }
        if (of->shorter < 0)
            return 0;
    }
}

/* The last of the table that is not behind the text at the cursor, read forwards (1) or backwards
 * (-1), or the first; `room` bytes are there. */
static inline int find(struct SN_env *env, const among *table, int count, int room, int sign)
{
    const unsigned char *text = env->text + env->cursor - (sign < 0);
    int low = 0, high = count, low_common = 0, high_common = 0;
    bool looked = false; /* at the first */
    while (high - low > 1 || !looked) {
        const int middle = low + (high - low) / 2;
        const among *of = table + middle;
        const unsigned char *bytes = bytes_of(of) + (sign < 0 ? of->length - 1 : 0);
        int common = low_common < high_common ? low_common : high_common, order = 0;
        for (; common < of->length; common++) {
            order = common == room ? -1 : text[sign * common] - bytes[sign * common];
            if (order != 0)
                break;
        }
        if (order < 0) {
            high = middle;
            high_common = common;
        } else {
            low = middle;
            low_common = common;
        }
        looked = looked || middle == 0 || low > 0;
        if (high <= low)
            break;
    }
    return choose(env, table, table + low, low_common, sign);
}

int near_among(struct SN_env *env, const struct among *table, int count)
{
    return find(env, table, count, env->limit - env->cursor, 1);
}

int near_among_b(struct SN_env *env, const struct among *table, int count)
{
    return find(env, table, count, env->cursor - env->lower_limit, -1);
}
