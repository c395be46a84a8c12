/* The table of bit_places.h, worked out by the preprocessor. */
#include "codec/bit_places.h"

/* Bit `i` of `b` goes behind as many bytes as bits are set below it. */
#define BELOW(b, i) ((b) & ((1 << (i)) - 1))
#define SET(b)                                                                                     \
    (((b)&1) + ((b) >> 1 & 1) + ((b) >> 2 & 1) + ((b) >> 3 & 1) + ((b) >> 4 & 1) +                 \
     ((b) >> 5 & 1) + ((b) >> 6 & 1))
#define PLACE(b, i) ((uint64_t)((b) >> (i)&1) * (i) << 8 * SET(BELOW(b, i)))
#define PLACES(b)                                                                                  \
    PLACE(b, 1) | PLACE(b, 2) | PLACE(b, 3) | PLACE(b, 4) | PLACE(b, 5) | PLACE(b, 6) | PLACE(b, 7)
#define PLACES_4(b) PLACES(b), PLACES((b) + 1), PLACES((b) + 2), PLACES((b) + 3)
#define PLACES_16(b) PLACES_4(b), PLACES_4((b) + 4), PLACES_4((b) + 8), PLACES_4((b) + 12)
#define PLACES_64(b) PLACES_16(b), PLACES_16((b) + 16), PLACES_16((b) + 32), PLACES_16((b) + 48)

const uint64_t ns__bit_places[256] = {PLACES_64(0), PLACES_64(64), PLACES_64(128), PLACES_64(192)};
