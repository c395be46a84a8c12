#!/bin/sh
# Measures building and searching an index of the guardian corpus and prints the tables of
# bench/README.md:
#
#   bench/first-figures.sh [DIRECTORY]     for the build and the index; default build/bench
#
# Needs ../shared (or $NS_SHARED) and about 300 MB of disk. Leave the machine alone meanwhile.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
shared=${NS_SHARED:-$source/../shared}
work=${1:-$source/build/bench}
for file in guardian.jsonl.gz queries-dev.tsv; do
  if [ ! -r "$shared/corpora/$file" ]; then
    echo "first-figures: $shared/corpora/$file is not there; set NS_SHARED to the folder with" \
         "the shared corpora" >&2
    exit 2
  fi
done
cmake -S "$source" -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release -DNS_TESTS=OFF \
      -DNS_BENCH=OFF >/dev/null
ninja -C "$work" ns >/dev/null
exec python3 "$source/bench/first_figures.py" "$work/ns" "$shared/corpora" "$work/guardian.ns"
