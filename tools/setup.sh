#!/bin/sh
# Installs what ns needs to be built and tested on Debian 12, and nothing else.
#   tools/setup.sh         to build and use ns
#   tools/setup.sh test    also what the tests need
set -eu
build="build-essential cmake ninja-build pkg-config zlib1g-dev libutf8proc-dev libstemmer-dev
       libyajl-dev libdeflate-dev libisal-dev"
test="clang clang-format libclang-rt-14-dev libcmocka-dev python3 unicode-data valgrind
      zsh fish groff"
packages=$build
[ "${1:-}" = test ] && packages="$packages $test"
missing=
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
$as_root apt-get install -qq -y --no-install-recommends $missing
