#!/usr/bin/env python3
"""Makes of libstemmer's archive one whose tables need nothing set when a process begins.

The stemmers' tables are full of pointers, 5000 of them on 58 pages, which the loader sets in every
process though it stems a few words of one language. Here each becomes the distance from where it
stands, which the linker knows; the functions that look through the tables are called by other names,
and are in src/cli/among.c.

Use: relative_stemmers.py ARCHIVE OBJECT_FOLDER   (x86-64 objects for ELF)
Writes the objects of the stemmers for UTF-8, and fails when they are not as expected.
"""
import pathlib
import struct
import sys

ABSOLUTE, RELATIVE = 1, 24  # R_X86_64_64, R_X86_64_PC64
SHT_RELA = 4
NAMES = {b"find_among": b"near_among", b"find_among_b": b"near_among_b"}


def members(archive):
    """Names and contents."""
    if archive[:8] != b"!<arch>\n":
        sys.exit("not an archive")
    at, long_names = 8, b""
    while at + 60 <= len(archive):
        name, size = archive[at:at + 16].rstrip(), int(archive[at + 48:at + 58])
        body = archive[at + 60:at + 60 + size]
        if name == b"//":
            long_names = body
        elif name not in (b"/", b"/SYM64/"):
            if name[:1] == b"/":
                start = int(name[1:])
                name = long_names[start:long_names.index(b"/", start)]
            yield name.rstrip(b"/").decode(), body
        at += 60 + size + size % 2


def sections(elf):
    if elf[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<HH", elf, 16) != (1, 62):
        sys.exit("not an object for x86-64")
    offset, = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    rows = [struct.unpack_from("<IIQQQQIIQQ", elf, offset + i * size) for i in range(count)]
    start = rows[names][4]
    return {elf[start + row[0]:elf.index(b"\0", start + row[0])]: row for row in rows}


def relative(elf):
    """The object with distances for pointers, and how many there are."""
    out, changed = bytearray(elf), 0
    rows = sections(elf)
    for name, row in rows.items():
        if row[1] != SHT_RELA or not name.startswith(b".rela.data"):
            continue
        for at in range(row[4], row[4] + row[5], 24):
            kind, = struct.unpack_from("<I", elf, at + 8)
            if kind != ABSOLUTE:
                sys.exit("another relocation than expected")
            struct.pack_into("<I", out, at + 8, RELATIVE)
            changed += 1
    start, length = rows[b".strtab"][4:6]
    names = bytes(out[start:start + length])
    for old, new in NAMES.items():
        names = names.replace(b"\0" + old + b"\0", b"\0" + new + b"\0")
    out[start:start + length] = names
    return bytes(out), changed


def main():
    archive, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, body in members(archive.read_bytes()):
        if name.startswith("stem_UTF_8_") and name != "stem_UTF_8_porter.o":
            body, changed = relative(body)
            total += changed
            (folder / name).write_bytes(body)
    if total < 1000:
        sys.exit("the archive has no tables of stemmers")


if __name__ == "__main__":
    main()
