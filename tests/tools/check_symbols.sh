#!/bin/sh
# The shared library exports what the public headers declare and nothing else; the static library
# defines only names that begin with ns_.
#   check_symbols.sh LIBNS.SO LIBNS.A INCLUDE_DIR
set -eu
shared=$1 static=$2 headers=$3
exported=$(nm -D --defined-only "$shared" | awk '{print $3}' | sed 's/@.*//' |
           grep -v '^__\(asan\|odr_asan\|ubsan\|tsan\)' | sort)
declared=$(cat "$headers"/*.h | tr '\n' ' ' | grep -oE 'NS_API[^;]*;' |
           grep -oE 'ns_[a-z0-9_]+\(' | tr -d '(' | sort -u)
[ "$exported" = "$declared" ] || {
    echo "exported and declared differ (left: exported only, right: declared only):"
    a=$(mktemp) b=$(mktemp)
    echo "$exported" >"$a"
    echo "$declared" >"$b"
    comm -3 "$a" "$b"
    rm -f "$a" "$b"
    exit 1
}
others=$(nm --defined-only "$static" 2>/dev/null | awk '$2 ~ /^[TDBRVW]$/ {print $3}' |
         grep -v '^ns_' | grep -v '^__\(asan\|odr_asan\|ubsan\|tsan\)\|^_sub_\|^\.' || true)
[ -z "$others" ] || { echo "names in the static library without ns_: $others"; exit 1; }
# tests/library refuses every call that changes the disk, one after the other: there must be no others.
# sync_file_range only asks the system to begin: its answer is not looked at, fsync gives the errors.
injected="open write pwrite fsync rename close mkdir unlink rmdir sync_file_range"
for call in $(nm -D --undefined-only "$shared" | awk '{print $2}' | sed 's/@.*//' | sort -u |
              grep -xE '(f|fd|p|)?(write(v2?)?|open(at2?|64)?|sync.*|truncate(64)?|datasync|allocate(64)?)|pwritev?(64)?(v2)?|fopen.*|fwrite|fput.*|rename.*|unlink.*|remove|rmdir|mkdir.*|mkstemp.*|tmpfile|link.*|symlink.*|copy_file_range|sendfile|splice|creat|posix_fallocate|msync|chmod|fchmod'); do
    case " $injected " in
    *" $call "*) ;;
    *) echo "the library calls $call, which tests/library/test_io_faults.c does not refuse"; exit 1 ;;
    esac
done
echo "$(echo "$exported" | wc -l) symbols exported, all public"
