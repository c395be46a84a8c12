#!/bin/sh
# Measures the whole process `ns query`, warm, and prints the table of bench/README.md:
#
#   bench/process.sh [DIRECTORY [ROUNDS]]     for the build and the index; default build/bench, 20
#
# Needs ../shared (or $NS_SHARED) and about 400 MB of disk. Leave the machine alone meanwhile.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
shared=${NS_SHARED:-$source/../shared}/corpora
work=${1:-$source/build/bench}
set -- "$shared/guardian.jsonl.gz" "$shared/chronam1916.jsonl.gz" "$shared/reuters21578.jsonl.gz" \
       "${2:-20}"
for file in "$1" "$2" "$3"; do
  if [ ! -r "$file" ]; then
    echo "process: $file is not there; set NS_SHARED to the folder with the shared corpora" >&2
    exit 2
  fi
done
cmake -S "$source" -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release -DNS_TESTS=OFF \
      -DNS_BENCH=ON >/dev/null
ninja -C "$work" ns ns_bench_process >/dev/null
"$work/ns" index --quiet --fresh --index "$work/process.ns" "$1" "$2" "$3"
echo "- machine: $(lscpu | sed -n 's/^Model name: *//p'), $(nproc) cores, $(uname -sr);" \
     "load at the start $(cut -d' ' -f1 /proc/loadavg)"
echo "- date: $(date +%F); library of commit $(git -C "$source" rev-parse --short HEAD 2>/dev/null ||
                                              echo unknown); $(cc --version | head -1), Release"
echo "- index: $(du -sm "$work/process.ns" | cut -f1) MB of guardian, chronam1916 and reuters21578"
echo
exec "$work/bench/ns_bench_process" "$work/ns" "$work/process.ns" "$source/bench/queries-process.tsv" "$4"
