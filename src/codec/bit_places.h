/* Where the set bits of a byte stand: what a mask of eight lanes keeps, moved together. */
#ifndef NS_CODEC_BIT_PLACES_H
#define NS_CODEC_BIT_PLACES_H

#include <stdint.h>

/* For each byte the numbers 0..7 of its set bits, as bytes from the lowest up; 0 behind them. */
extern const uint64_t ns__bit_places[256];

#endif
