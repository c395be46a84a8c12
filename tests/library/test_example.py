#!/usr/bin/env python3
"""Runs examples/*.c as they were built, and holds docs/api.md to them and to the headers.

Usage: test_example.py SEARCH PARTS REPOSITORY.
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def main():
    program, parts, root = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        index = folder + "/index"
        expected = (0, "a: Officials talked about tariffs again.\n", "")
        assert run(program, index, "talks") == expected, run(program, index, "talks")
        expected = (0, "b: The harbour café was closed by fog.\n", "")
        assert run(program, index, "cafe fog") == expected, run(program, index, "cafe fog")
        assert run(program, index, "volcano") == (0, "", "")
        code, out, err = run(parts, index, "AND \"talks", "en", "May 2025")
        assert code == 0 and out.endswith(" a\n") and err == "", (code, out, err)
        assert run(parts, index, "talks", "e*", "2025") == (0, "", "")  # as it is: no pattern
        assert run(parts, index, "talks", "en", "2024") == (0, "", "")
        code, out, err = run(parts, index, "talks", "en", "someday")
        assert code == 2 and "no date" in err, (code, out, err)
        code, out, err = run(program, folder + "/no/such/place", "talks")
        assert code == 2 and out == "" and "no/such/place" in err, (code, out, err)
    guide = (root / "docs/api.md").read_text("utf-8")
    example = (root / "examples/search.c").read_text("utf-8")
    assert f"```c\n{example}```" in guide, "docs/api.md does not have examples/search.c as it is"
    assert len(example.splitlines()) <= 45, "the example is to be short"
    headers = "".join(path.read_text("utf-8") for path in (root / "include/ns").glob("*.h"))
    named = set(re.findall(r"\b(?:ns|NS)_\w*[a-zA-Z]\b", guide))
    known = set(re.findall(r"\b(?:ns|NS)_\w*[a-zA-Z]\b", headers))
    assert named <= known, f"docs/api.md names what no header has: {sorted(named - known)}"
    functions = set(re.findall(r"^NS_API [^;(]*?(ns_\w+)\(", headers, re.M))
    assert len(functions) > 40 and functions <= named, (
        f"docs/api.md does not name: {sorted(functions - named)}")
    print(f"example runs; docs/api.md names all {len(functions)} functions")


if __name__ == "__main__":
    main()
