#!/bin/sh
# Installs into a temporary prefix, builds examples/search.c against what was installed, by
# pkg-config and as a CMake project, and runs it. Usage: test_install.sh BUILD SOURCE CC
set -eu
build=$1 source=$(cd "$2" && pwd) cc=$3
root=$(mktemp -d "${TMPDIR:-/tmp}/ns_install_XXXXXX")
trap 'rm -rf "$root"' EXIT
fail() { echo "$*" >&2; exit 1; }

cmake --install "$build" --prefix "$root/usr" >"$root/log" || { cat "$root/log"; exit 1; }
libdir=$(dirname "$(find "$root/usr" -name libns.so)")
cmp "$source/include/ns/ns.h" "$root/usr/include/ns/ns.h"
"$root/usr/bin/ns" --version | grep -q '^ns [0-9]' || fail "the installed ns does not run"
for file in man/man1/ns.1 man/man1/ns-query.1 bash-completion/completions/ns \
    zsh/site-functions/_ns fish/vendor_completions.d/ns.fish; do
    test -s "$root/usr/share/$file" || fail "$file is not installed"
done

runs() { # the program finds the marked word and nothing for another
    out=$("$1" "$root/index-$2" talks) || fail "$2 failed"
    test "$out" = "a: Officials talked about tariffs again." || fail "$2 printed: $out"
    test -z "$("$1" "$root/index-$2" volcano)" || fail "$2 found what is not there"
    echo "$2: good"
}

# The shared library needs no other package: none is to be found here, and none adds flags.
shared=$(PKG_CONFIG_LIBDIR="$libdir/pkgconfig" pkg-config --cflags --libs ns) || fail "needs other packages"
for flag in $shared; do
    case $flag in "-I$libdir"/*/include | "-L$libdir"/* | -lns) ;; *) fail "a foreign flag: $flag" ;; esac
done
export PKG_CONFIG_PATH="$libdir/pkgconfig"
test "$(pkg-config --modversion ns)" = "$("$root/usr/bin/ns" --version | cut -d' ' -f2)"
# shellcheck disable=SC2046 # the flags are words
"$cc" -std=c17 -Wall -Wextra -Werror "$source/examples/search.c" -o "$root/by-pkg-config" \
    $(pkg-config --cflags --libs ns)
LD_LIBRARY_PATH=$libdir runs "$root/by-pkg-config" pkg-config
"$cc" -std=c17 "$source/examples/search.c" -o "$root/by-static" $(pkg-config --cflags ns) \
    "$libdir/libns.a" $(pkg-config --static --libs-only-l ns | sed 's/-lns //')
runs "$root/by-static" pkg-config-static

unset PKG_CONFIG_PATH
cmake -S "$source/tests/library/consumer" -B "$root/consumer" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_PREFIX_PATH="$root/usr" -DEXAMPLE="$source/examples/search.c" >"$root/log" 2>&1 &&
    cmake --build "$root/consumer" >>"$root/log" 2>&1 || { cat "$root/log"; exit 1; }
runs "$root/consumer/with_shared" find_package
runs "$root/consumer/with_static" find_package-static
