#!/bin/sh
# Measures building an index of the three shared corpora, and the memory that 1 GB of text takes;
# prints the tables of bench/README.md:
#
#   bench/build.sh [DIRECTORY [ROUNDS]]     for the build and the index; default build/bench, 3
#
# Needs ../shared (or $NS_SHARED), GNU time and about 4 GB of disk. Leave the machine alone meanwhile.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
shared=${NS_SHARED:-$source/../shared}/corpora
work=${1:-$source/build/bench}
rounds=${2:-3}
set -- "$shared/guardian.jsonl.gz" "$shared/chronam1916.jsonl.gz" "$shared/reuters21578.jsonl.gz"
for file in "$@"; do
  if [ ! -r "$file" ]; then
    echo "build: $file is not there; set NS_SHARED to the folder with the shared corpora" >&2
    exit 2
  fi
done
if ! [ -x /usr/bin/time ]; then
  echo "build: GNU time is missing; install the package time" >&2
  exit 2
fi
cmake -S "$source" -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release -DNS_TESTS=OFF >/dev/null
ninja -C "$work" ns >/dev/null
exec python3 "$source/bench/build.py" "$work/ns" "$work" "$rounds" "$@"
