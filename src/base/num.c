/* Natural logarithm and powers of two without libm, so that idf and the factor of an age have the
 * same bits everywhere.
 *
 * ln: x = m * 2^e with m in [sqrt(1/2), sqrt(2)); ln x = e * ln 2 + 2 * atanh(s), s = (m-1)/(m+1),
 * |s| <= 0.1716, and atanh(s) = s + s^3/3 + s^5/5 + … (Abramowitz and Stegun 4.1.27). ln 2 is
 * split in two parts so that e * LN2_HIGH is exact.
 *
 * 2^x: x = whole + rest with |rest| <= 1/2, and 2^rest = e^(rest * ln 2) by its series. */
#include "base/num.h"

#include <string.h>

static const double LN2_HIGH = 0x1.62e42feep-1; /* the upper 32 bits of ln 2 */
static const double LN2_LOW = 0x1.a39ef35793c76p-33;

double ns__log(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, 8);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, 8);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent += 1;
    }
    double s = (m - 1.0) / (m + 1.0);
    double z = s * s;
    double series = 0.0;
    for (int k = 23; k >= 3; k -= 2)
        series = (series + 1.0 / k) * z;
    double log_m = 2.0 * s + 2.0 * s * series;
    return (double)exponent * LN2_HIGH + ((double)exponent * LN2_LOW + log_m);
}

double ns__exp2(double x)
{
    enum { LEAST = -1080, TERMS = 18, NORMAL = -1000 };
    if (!(x > LEAST))
        return 0;
    int whole = (int)(x - 0.5); /* x <= 0: rounds half away from 0 */
    double t = (x - (double)whole) * (LN2_HIGH + LN2_LOW), series = 0.0;
    for (int k = TERMS; k >= 1; k--)
        series = (series + 1.0) * (t / k);
    double scale, small = 1.0;
    if (whole < NORMAL) { /* in two steps, since the scale itself must be normal */
        whole -= NORMAL;
        small = 0x1p-1000;
    }
    uint64_t bits = (uint64_t)(whole + 1023) << 52;
    memcpy(&scale, &bits, 8);
    return (1.0 + series) * scale * small;
}
