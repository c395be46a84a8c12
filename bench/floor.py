#!/usr/bin/env python3
"""The least room that posting lists with positions can take, each coded by itself.

    bench/floor.py FILE        a passage a line, words between spaces (bench/compare makes one)

Where words stand at random, a list that is coded without looking at others takes at least

    log2 C(passages, df)              for the passages that have the word,
    log2 C(cf - 1, df - 1)            for how often each has it (cf in all),
    log2 C(words of the passage, tf)  for where it stands in each.

Real lists are not quite random: words come in clusters, which a coder can use for a little more.
Bytes below the sum need a model of the text itself, which words follow which. Dictionaries, bounds
and places to skip to are not in it.
"""
import collections
import functools
import math
import sys


@functools.lru_cache(maxsize=1 << 16)
def choices(n, k):
    """log2 of the ways to choose k of n."""
    return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) / math.log(2)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    passages, words, bits = 0, 0, 0.0
    df, cf = collections.Counter(), collections.Counter()
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        for line in file:
            counts = collections.Counter(line.split())
            length = sum(counts.values())
            passages, words = passages + 1, words + length
            cf.update(counts)
            df.update(counts.keys())
            bits += sum(choices(length, tf) for tf in counts.values())
    ids = sum(choices(passages, n) for n in df.values())
    tfs = sum(choices(cf[word] - 1, df[word] - 1) for word in df)
    print(f"{passages:,} passages, {words:,} words, {len(df):,} terms, {sum(df.values()):,} postings")
    print(f"passages {ids / 8e6:.2f} MB, tfs {tfs / 8e6:.2f}, positions {bits / 8e6:.2f}, "
          f"all {(ids + tfs + bits) / 8e6:.2f} MB")


main()
