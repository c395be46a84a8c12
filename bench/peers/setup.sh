#!/bin/sh
# Installs and builds the engines that bench/compare compares, into WORK:
#   bench/peers/setup.sh WORK
# Debian's packages, Maven's and Cargo's registries are all that is asked. An engine that cannot be
# had leaves WORK/missing/ENGINE with the reason, and the others go on.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$1
mkdir -p "$work/missing" "$work/bin" "$work/log"
rm -f "$work"/missing/*
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive

missing() { # ENGINE REASON
    echo "bench/peers/setup.sh: $1: $2" >&2
    echo "$2" >"$work/missing/$1"
}

have() { # PACKAGE…: all of them, installed now if need be
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' && continue
        [ -n "${updated:-}" ] || { $as_root apt-get update -qq >/dev/null 2>&1; updated=1; }
        $as_root apt-get install -qq -y --no-install-recommends "$package" \
            >>"$work/log/apt.log" 2>&1 || return 1
    done
}

# The newest Java compiler of at least 21 that is on the machine; empty when there is none.
java_home() {
    best=0 found=
    for javac in ${JAVA_HOME:+"$JAVA_HOME/bin/javac"} /usr/lib/jvm/*/bin/javac; do
        [ -x "$javac" ] || continue
        version=$("$javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
        [ "${version:-0}" -ge 21 ] && [ "$version" -gt "$best" ] &&
            best=$version found=${javac%/bin/javac}
    done
    echo "$found"
}

build_ns() {
    "$root/tools/setup.sh" >>"$work/log/ns.log" 2>&1
    cmake -S "$root" -B "$work/ns" -G Ninja -DCMAKE_BUILD_TYPE=Release -DNS_TESTS=OFF -DNS_LTO=ON \
        >>"$work/log/ns.log" 2>&1 &&
        cmake --build "$work/ns" >>"$work/log/ns.log" 2>&1 ||
        { missing ns "cannot be built; see log/ns.log"; return; }
    for name in ns_peer ns_passages ns_synthetic; do
        cp "$work/ns/bench/$name" "$work/bin/" 2>/dev/null
    done
    cp "$work/ns/ns" "$work/bin/"
    git -C "$root" describe --always --dirty >"$work/bin/ns.commit" 2>/dev/null ||
        echo unknown >"$work/bin/ns.commit"
}

build_lucene() {
    have maven || { missing lucene "Maven cannot be installed"; return; }
    home=$(java_home)
    if [ -z "$home" ]; then
        have openjdk-25-jdk-headless || have openjdk-21-jdk-headless
        home=$(java_home)
    fi
    [ -n "$home" ] || { missing lucene "there is no JDK of at least 21"; return; }
    JAVA_HOME=$home mvn -q -B -f "$here/lucene/pom.xml" package -Dpeer.output="$work/lucene" \
        >"$work/log/lucene.log" 2>&1 ||
        { missing lucene "cannot be built; see log/lucene.log"; return; }
    ln -sf "$home/bin/java" "$work/bin/java"
    ln -sfn "$home" "$work/java-home"
}

build_tantivy() {
    command -v cargo >/dev/null || have cargo || { missing tantivy "there is no cargo"; return; }
    RUSTFLAGS="-C target-cpu=native" cargo build --quiet --release \
        --manifest-path "$here/tantivy/Cargo.toml" --target-dir "$work/tantivy" \
        >"$work/log/tantivy.log" 2>&1 ||
        { missing tantivy "cannot be built; see log/tantivy.log"; return; }
    cp "$work/tantivy/release/tantivy-peer" "$work/bin/tantivy_peer"
}

build_xapian() {
    have g++ libxapian-dev xapian-tools || { missing xapian "cannot be installed"; return; }
    g++ -O2 -march=native "$here/xapian.cc" -o "$work/bin/xapian_peer" -lxapian \
        >"$work/log/xapian.log" 2>&1 || missing xapian "cannot be built; see log/xapian.log"
}

build_fts5() {
    have gcc libsqlite3-dev sqlite3 || { missing fts5 "cannot be installed"; return; }
    gcc -O2 -march=native "$here/fts5.c" -o "$work/bin/fts5_peer" -lsqlite3 \
        >"$work/log/fts5.log" 2>&1 || missing fts5 "cannot be built; see log/fts5.log"
}

build_ns
build_xapian
build_fts5
build_tantivy
build_lucene
exit 0
