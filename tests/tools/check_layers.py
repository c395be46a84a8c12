#!/usr/bin/env python3
"""Checks that every #include of src/ points down the layers of ARCHITECTURE.md."""
import pathlib
import re
import sys

ALLOWED = {
    "base": {"base"},
    "os": {"os", "base"},
    "codec": {"codec", "os", "base"},
    "text": {"text", "os", "base"},
    "ingest": {"ingest", "os", "base"},
    "query": {"query", "text", "base"},
    "segment": {"segment", "codec", "text", "os", "base"},
    "search": {"search", "segment", "query", "codec", "text", "os", "base"},
    "index": {"index", "segment", "ingest", "codec", "text", "os", "base"},
    "cli": {"cli"},
}
# One header each where two rooms meet, written down so that it stays one.
DOORS = {
    ("ingest", "text/utf8.h"),  # replacing invalid UTF-8 is the same everywhere
    ("search", "index/snapshot.h"),  # search reads what index opened
    ("query", "os/clock.h"),  # "today" is of the system's clock, unless told otherwise
}
# What only one layer may call; the command line is outside of the library.
ONLY_IN = {
    "os": re.compile(
        r"(?<![\w.>])(open|mmap|munmap|fsync|rename|unlink|opendir|pwrite|flock|pthread_create"
        r"|clock_gettime|getentropy|getrandom)\s*\("),
    "base": re.compile(r"(?<![\w.>])(malloc|calloc|realloc|free|strdup|aligned_alloc)\s*\("),
}


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    faults, checked = [], 0
    for path in sorted((root / "src").glob("*/*.[ch]")):
        layer = path.parent.name
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r'^#include "([^"]+)"', text, flags=re.M):
            checked += 1
            folder = name.split("/")[0]
            if folder != "ns" and folder not in ALLOWED[layer] and (layer, name) not in DOORS:
                faults.append(f"{path.relative_to(root)}: {layer} must not include {name}")
        if layer == "cli":
            continue
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        code = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', code)
        for home, pattern in ONLY_IN.items():
            if layer != home:
                for match in pattern.finditer(code):
                    faults.append(
                        f"{path.relative_to(root)}: {match.group(1)}() belongs to src/{home}")
    for fault in faults:
        print(fault)
    print(f"{checked} includes checked, {len(faults)} faults")
    return 1 if faults or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
