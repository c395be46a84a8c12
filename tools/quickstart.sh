#!/bin/sh
# From a fresh clone to an answer: installs packages, builds, indexes corpus/, asks a question.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
cmake --preset release -DNS_TESTS=OFF -DNS_BENCH=OFF >/dev/null
cmake --build --preset release
build/release/ns index --index build/corpus.ns --fresh corpus/
build/release/ns query --index build/corpus.ns "precursor controls"
echo
echo "Try it yourself: build/release/ns query --index build/corpus.ns 'tariff talks'"
