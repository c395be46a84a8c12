"""What the tests of the command share. A test file is run as

    test_WHAT.py NS SOURCE_DIR [NAME…]

and imports from here: the program, a way to run it, temporary folders.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

NS = os.path.abspath(sys.argv[1])
SOURCE = pathlib.Path(sys.argv[2]).resolve()
SHARED = pathlib.Path(os.environ.get("NS_SHARED", SOURCE / ".." / "shared"))
SEED = int(os.environ.get("NS_SEED", "1"))


# A sanitizer's finding must not look like "nothing found".
SANITIZERS = {name: os.environ.get(name, "") + ":exitcode=97"
              for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")}


def run(*args, cwd=None, stdin=b"", env=None, check=None):
    result = subprocess.run([NS, *map(str, args)], cwd=cwd, input=stdin, capture_output=True,
                            env={**os.environ, "NS_INDEX": "", "LC_ALL": "C.UTF-8", **SANITIZERS,
                                 **(env or {})})
    if result.returncode == 97 or result.returncode < 0:
        raise AssertionError(f"ns {args} crashed ({result.returncode})\n{result.stderr.decode()}")
    if check is not None and result.returncode != check:
        raise AssertionError(f"ns {args}: exit {result.returncode}, expected {check}\n"
                             f"{result.stdout.decode()}\n{result.stderr.decode()}")
    return result


def lines(records):
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()


class Temporary(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ns-cli-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def index(self, records, *options):
        run("index", "-q", *options, "-", cwd=self.dir, stdin=lines(records), check=0)

    def query(self, *args, check=None):
        result = run("query", "--json", *args, cwd=self.dir, check=check)
        return json.loads(result.stdout) if result.stdout else None


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
