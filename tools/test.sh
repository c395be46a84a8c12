#!/usr/bin/env bash
# Sets up, builds and runs every test: gcc and clang with warnings as errors, sanitizers, valgrind.
#   tools/test.sh           all of it (under 20 minutes on 2 cores)
#   tools/test.sh quick     the release build only
# Tests on real text run when ../shared holds it and say so when they are skipped.
#
# Each check runs where it can find something, and once:
#   release  everything but failing allocations and disks; the oracle and whole corpora at full size
#   clang    the unit tests as clang compiles them, and once more under valgrind, which looks for bytes
#            that were never written (and reads no newer DWARF than 4); gzip by zlib alone
#   asan     all but the largest (label "release"): address, undefined behaviour, leaks
#   tsan     where more than one thread runs (label "threads"); every seventh fault of memory and disk,
#            and none of the cases in which one thread is all there is
# NS_QUICK in the last three: each way of working is tested, but not every pair of settings.
set -uo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh test || exit 1

passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# build NAME TARGET CMAKE_ARGUMENTS…: into build/test-NAME
build() {
    local name=$1 target=$2
    shift 2
    echo "== $name: build"
    if ! { cmake -S . -B "build/test-$name" -G Ninja "$@" &&
        cmake --build "build/test-$name" --target "$target"; } \
        >"$log" 2>&1; then
        tail -n 40 "$log"
        echo "== $name: does not build"
        failed=$((failed + 1))
        return 1
    fi
}

# run NAME CTEST_ARGUMENTS…: counts the cases
run() {
    local name=$1
    shift
    echo "== $name: tests"
    ctest --test-dir "build/test-$name" --output-on-failure -j2 "$@" 2>&1 | tee "$log" |
        grep -vE '^ *Start |^Test project|^ *$|^Internal ctest'
    local total bad
    total=$(sed -nE 's/.*tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\2/p' "$log")
    bad=$(sed -nE 's/.*tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1/p' "$log")
    if [ -z "$total" ]; then
        failed=$((failed + 1))
        return
    fi
    passed=$((passed + total - bad))
    failed=$((failed + bad))
}

twice=() # what the address sanitizer does again, and sees more
[ "${1:-}" = quick ] || twice=(-E '^library/test_(memory|io)_faults$')
build release all -DCMAKE_BUILD_TYPE=Release -DNS_COUNT_TAGS=ON && run release "${twice[@]}"
if [ "${1:-}" != quick ]; then
    export NS_QUICK=1
    # Hundreds of programs are linked: with gold, where it is, asan is built in three quarters of the time.
    linker=()
    command -v ld.gold >/dev/null && linker=(-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold)
    build clang all -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS=-gdwarf-4 \
        -DNS_VALGRIND=ON -DNS_ISAL=OFF "${linker[@]}" && run clang -L 'unit|valgrind'
    export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    build asan all -DCMAKE_BUILD_TYPE=Debug -DNS_SANITIZE=address,undefined -DCMAKE_C_FLAGS=-O1 \
        -DNS_BENCH=OFF "${linker[@]}" && run asan -LE release
    export TSAN_OPTIONS=halt_on_error=1
    build tsan ns_thread_tests -DCMAKE_BUILD_TYPE=Debug -DNS_SANITIZE=thread \
        -DCMAKE_C_FLAGS=-O1 -DNS_BENCH=OFF "${linker[@]}" && run tsan -L threads -LE release
fi
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
