#!/usr/bin/env python3
"""Bad input: file and line are named, the good articles around it are kept, the exit code tells.

Records: whatever can be wrong with a line. Files: whatever can be wrong with a file, its packing,
its folder or the disk. Sizes: what is too large, and what is only large.
"""
import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest
import zlib

from harness import NS, SANITIZED, SANITIZERS, SEED, Temporary, lines, main, peak_mb, run

FIRST, LAST = b'{"id": "first", "body": "zebra"}\n', b'{"id": "last", "body": "zebra"}\n'
NOBODY = 65534


class BadInput(Temporary):
    def kept(self):
        return {line["id"]: line for line in
                map(json.loads, run("show", "--all", "--json", cwd=self.dir).stdout.splitlines())}

    def between(self, bad, reason, *options, refused=True):
        """Indexes the lines `bad` between two good ones. Gives the articles and what was said."""
        shutil.rmtree(self.dir / ".ns", ignore_errors=True)
        (self.dir / "in.jsonl").write_bytes(FIRST + bad + LAST)
        result = run("index", "--rejects", "rejects", *options, "in.jsonl", cwd=self.dir,
                     check=1 if refused else 0)
        said = result.stderr.decode()
        if reason:
            self.assertRegex(said, f"(?m)^ns: in.jsonl:2: {reason}")
        self.assertEqual((self.dir / "rejects").read_bytes(), bad if refused else b"")
        kept = self.kept()
        self.assertLessEqual({"first", "last"}, set(kept))
        self.assertEqual(len(kept), 2 if refused else 3)
        self.assertEqual([r["article"] for r in self.query("--copies", "zebra", "-n", "9")["results"]
                          if r["article"] in ("first", "last")], ["first", "last"])
        run("check", cwd=self.dir, check=0)
        if refused:
            strict = run("index", "--strict", "-q", "--fresh", "in.jsonl", cwd=self.dir, check=2)
            self.assertIn(b"in.jsonl:2: ", strict.stderr)
            self.assertIn(b"--strict", strict.stderr)
            self.assertEqual(self.kept(), kept)  # the commit before it
        return kept, said


class Records(BadInput):
    def test_broken_json(self):
        for bad in (b'{"id": "2", "body": \n', b"{bad\n", b'{"id": "2", "body": "x"} tail\n',
                    b'{"id": "2" "body": "x"}\n', b'{"id": "2", "body": "x\n', b"{" * 50 + b"\n"):
            self.between(bad, "broken JSON: byte ")
        self.between(b"[1, 2]\n", "a JSON list, not an object")
        self.between(b"5\n", "not a JSON object")
        self.between(b'{"id": "2", "body": "x", "a": ' + b"[" * 90000 + b"]" * 90000 + b"}\n",
                     "nested too deeply")

    def test_no_text(self):
        for bad in (b'{"id": "2"}\n', b'{"id": "2", "body": ""}\n', b"{}\n",
                    b'{"id": "2", "body": null, "title": ""}\n'):
            self.between(bad, "no text: neither title nor body")

    def test_duplicate_ids(self):
        (self.dir / "in.jsonl").write_bytes(FIRST + lines([{"id": "first", "body": "lion"}]) + LAST)
        result = run("index", "in.jsonl", cwd=self.dir, check=0)
        self.assertIn("in.jsonl:2: warning: replaces an earlier article with this id: in.jsonl:1",
                      result.stderr.decode())
        self.assertEqual(self.kept()["first"]["body"], "lion")
        self.assertEqual(len(self.kept()), 2)

    def test_invalid_utf8(self):
        kept, _ = self.between(b'{"id": "x\xff", "body": "caf\xe9 zebra \xf0\x9f", "k\xc3": 1}\n',
                               "warning: invalid UTF-8 was replaced by U\\+FFFD: 4 sequences",
                               refused=False)
        self.assertEqual(kept["x\ufffd"]["body"], "caf\ufffd zebra \ufffd")
        self.assertEqual(kept["x\ufffd"]["k\ufffd"], 1)

    def test_nul_bytes(self):
        self.between(b'{"id": "2", "body": "a\0b"}\n', "broken JSON: byte ")
        self.between(b'{"id": "2",\0 "body": "a"}\n', "broken JSON: byte ")
        self.between(b"\0\0\0\n", "broken JSON: byte ")
        (self.dir / "in.jsonl").write_bytes(b"\0" * 100000)
        result = run("index", "in.jsonl", cwd=self.dir, check=1)
        self.assertIn(b"in.jsonl: a binary file", result.stderr)

    def test_u0000(self):
        kept, _ = self.between(b'{"id": "x\\u0000y", "body": "zebra\\u0000lion"}\n', "",
                               refused=False)
        self.assertEqual(kept["x\0y"]["body"], "zebra\0lion")
        self.assertEqual(self.query("lion")["results"][0]["article"], "x\0y")

    def test_lone_surrogates(self):
        kept, _ = self.between(b'{"id": "x", "body": "a\\udc00b \\ud83d\\ude00 \\ud83dx\\ud800"}\n',
                               "warning: invalid UTF-8 was replaced by U\\+FFFD: 3", refused=False)
        self.assertEqual(kept["x"]["body"], "a\ufffdb \U0001f600 \ufffdx\ufffd")

    def test_huge_integers(self):
        record = (b'{"id": ' + b"9" * 400 + b', "body": "zebra", "n": ' + b"1" * 4000 +
                  b', "e": 1e999999, "m": -0.5E-7}\n')
        self.between(record, "", refused=False)
        self.assertIn(record, run("show", "--all", "--json", cwd=self.dir).stdout)
        self.assertEqual(run("show", "--json", "9" * 400, cwd=self.dir, check=0).stdout, record)

    def test_long_id(self):
        self.between(b'{"id": "' + b"i" * 4097 + b'", "body": "x"}\n', "the id is too long")
        self.between(b'{"id": "' + b"i" * 4096 + b'", "body": "x"}\n', "", refused=False)

    def test_cut_off_in_a_character(self):
        (self.dir / "in.jsonl").write_bytes(FIRST + b'{"id": "x", "body": "caf\xc3')
        result = run("index", "in.jsonl", cwd=self.dir, check=1)
        self.assertIn(b"in.jsonl:2: broken JSON", result.stderr)
        self.assertEqual(set(self.kept()), {"first"})

    def test_causes(self):
        (self.dir / "in.jsonl").write_bytes(b'{}\n{bad\n{"id": "5"}\n[]\n{\n' + FIRST)
        said = run("index", "in.jsonl", "nothing", cwd=self.dir).stderr
        self.assertIn(b"nothing: no such file", said)
        result = run("index", "in.jsonl", cwd=self.dir, check=1)
        self.assertIn("5 records could not be read; everything else was indexed:\n"
                      "       2  no text\n       2  broken JSON\n"
                      "       1  a JSON list, not an object\n", result.stderr.decode())
        said = run("index", "-i", "other", "-", cwd=self.dir, stdin=b"{bad\n", check=1).stderr
        self.assertIn(b"1 record could not be read; nothing was indexed:\n", said)
        summary = json.loads(run("index", "--json", "in.jsonl", cwd=self.dir, check=1).stdout)
        self.assertEqual(summary["causes"], [
            {"cause": "no text", "records": 2}, {"cause": "broken JSON", "records": 2},
            {"cause": "a JSON list, not an object", "records": 1}])
        self.assertEqual(summary["rejected"], 5)


class Files(BadInput):
    def index_of(self, name, data, code, *reasons):
        """Indexes a file between two good ones and gives the ids of its own articles."""
        shutil.rmtree(self.dir / ".ns", ignore_errors=True)
        for other, text in (("a.jsonl", FIRST), (name, data), ("z.jsonl", LAST)):
            (self.dir / other).write_bytes(text)
        result = run("index", "a.jsonl", name, "z.jsonl", cwd=self.dir, check=code)
        for reason in reasons:
            self.assertRegex(result.stderr.decode(), f"(?m)^ns: {name}:{reason}")
        run("check", cwd=self.dir, check=0)
        kept = self.kept()
        self.assertLessEqual({"first", "last"}, set(kept))
        if code == 1:
            run("index", "--strict", "-q", name, cwd=self.dir, check=2)
        return set(kept) - {"first", "last"}

    RECORDS = lines([{"id": str(i), "body": f"zebra {i * 7919}"} for i in range(9000)])

    def test_empty(self):
        self.assertEqual(self.index_of("e.jsonl", b"", 0), set())
        self.assertEqual(self.index_of("e.jsonl", b"\n \n\r\n", 0), set())
        self.assertEqual(self.index_of("e.jsonl.gz", b"", 0), set())
        self.assertEqual(self.index_of("e.jsonl.gz", gzip.compress(b""), 0), set())
        self.assertEqual(self.index_of("e.txt", b"", 1, " no text: the file is empty"), set())

    def test_truncated_gzip(self):
        packed = gzip.compress(self.RECORDS)
        for length in (len(packed) // 2, len(packed) - 9, len(packed) - 1):
            kept = self.index_of("p.jsonl.gz", packed[:length], 1,
                                 r"\d+: the gzip data end too early: the file is cut off")
            if length == len(packed) // 2:
                self.assertTrue(1000 < len(kept) < 8000, len(kept))
            else:
                self.assertLessEqual({str(i) for i in range(8000)}, kept)
            self.assertEqual(kept, {str(i) for i in range(len(kept))})
        self.assertEqual(self.index_of("p.jsonl.gz", packed[:5], 1, " the gzip data end too early"),
                         set())

    def test_damaged_gzip(self):
        packed = bytearray(gzip.compress(self.RECORDS))
        packed[-6] ^= 1  # the checksum
        kept = self.index_of("p.jsonl.gz", bytes(packed), 1, r"\d+: the gzip data are damaged")
        self.assertLessEqual({str(i) for i in range(8000)}, kept)
        kept = self.index_of("p.jsonl.gz", gzip.compress(self.RECORDS) + b"tail", 1,
                             r"\d+: unknown bytes behind the gzip data")
        self.assertEqual(len(kept), 9000)

    def test_gzip_members_in_a_row(self):
        """Members may end in the middle of a line, be empty, and have padding behind them."""
        generator = random.Random(SEED)
        packed, at = b"", 0
        while at < len(self.RECORDS):
            size = generator.choice((0, 1, 17, 5000, 70000))
            packed += gzip.compress(self.RECORDS[at:at + size], 1)
            at += size
        self.assertEqual(self.index_of("p.jsonl.gz", packed + b"\0" * 700, 0),
                         {str(i) for i in range(9000)})
        self.assertEqual(run("show", "0", "8999", "--json", cwd=self.dir).stdout,
                         self.RECORDS.splitlines(True)[0] + self.RECORDS.splitlines(True)[-1])

    def test_wrong_kinds(self):
        self.index_of("u.jsonl", "{}".encode("utf-16"), 1, " UTF-16 text; convert it first")
        self.index_of("l.txt", b'[\n{"id": "1", "body": "x"}\n]', 1, " a JSON list; make JSON lines")
        self.index_of("m.txt", b'{\n "id": "1"\n}', 1, " JSON over several lines; make JSON lines")
        self.index_of("p.png", b"\x89PNG\r\n\0\0", 1, " a binary file")

    def test_vanished(self):
        """Files that go between the listing of their folder and their turn."""
        folder = self.dir / "news"
        folder.mkdir()
        (folder / "a.jsonl").write_bytes(FIRST + b"{bad\n" * 3000)
        (folder / "b.jsonl").write_bytes(lines([{"id": "gone", "body": "zebra"}]))
        (folder / "c").mkdir()
        (folder / "c" / "d.jsonl").write_bytes(lines([{"id": "gone too", "body": "zebra"}]))
        (folder / "e.jsonl").write_bytes(LAST)
        # Messages about a.jsonl fill the pipe, and ns stops there until they are read.
        process = subprocess.Popen([NS, "index", "news"], cwd=self.dir, stderr=subprocess.PIPE,
                                   env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
        said = process.stderr.read(1)
        (folder / "b.jsonl").unlink()
        shutil.rmtree(folder / "c")
        said += process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(), 1)
        self.assertIn(b"ns: news/b.jsonl: no such file or folder\n", said)
        self.assertIn(b"3001 records or files could not be read", said)
        self.assertEqual(set(self.kept()), {"first", "last"})

    def as_nobody(self, *args, check):
        """Runs ns as a user without rights."""
        if os.geteuid() != 0:
            result = subprocess.run([NS, *args], cwd=self.dir, capture_output=True, check=False)
        else:
            program = self.dir / "ns-copy"
            if not program.exists():
                shutil.copy(NS, program)
            os.chmod(self.dir, 0o755)
            result = subprocess.run([program, *args], cwd=self.dir, capture_output=True, user=NOBODY,
                                    group=NOBODY, extra_groups=[], check=False,
                                    env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
        self.assertEqual(result.returncode, check, result.stderr)
        return result.stderr.decode()

    def test_no_permission(self):
        folder = self.dir / "news"
        (folder / "closed").mkdir(parents=True)
        (folder / "closed" / "b.jsonl").write_bytes(lines([{"id": "closed", "body": "zebra"}]))
        (folder / "a.jsonl").write_bytes(FIRST)
        (folder / "secret.jsonl").write_bytes(lines([{"id": "secret", "body": "zebra"}]))
        (folder / "z.jsonl").write_bytes(LAST)
        (folder / "closed").chmod(0)
        (folder / "secret.jsonl").chmod(0)
        self.addCleanup((folder / "closed").chmod, 0o755)
        index = self.dir / "index"
        index.mkdir()
        if os.geteuid() == 0:
            os.chown(index, NOBODY, NOBODY)
        said = self.as_nobody("index", "--index", "index", "news", check=1)
        self.assertIn("ns: news/closed: cannot list directory: Permission denied\n", said)
        self.assertIn("ns: news/secret.jsonl: cannot open: Permission denied\n", said)
        self.assertIn("2 records or files could not be read", said)
        shown = run("show", "--all", "--json", "--index", "index", cwd=self.dir, check=0).stdout
        self.assertEqual(shown, FIRST + LAST)
        said = self.as_nobody("index", "--index", "index", "--strict", "-q", "news", check=2)
        self.assertIn("news/closed", said)
        index.chmod(0)
        self.assertIn("may this user read it?",
                      self.as_nobody("query", "--index", "index", "zebra", check=2))
        index.chmod(0o555)
        (index / "lock").chmod(0o444)
        if os.geteuid() == 0:
            os.chown(index, 0, 0)
            os.chown(index / "lock", 0, 0)
        for command in (["index", "news/a.jsonl"], ["delete", "first"], ["merge"]):
            said = self.as_nobody(command[0], "--index", "index", *command[1:], check=2)
            self.assertIn("may this user write there?", said)
        self.as_nobody("query", "--index", "index", "zebra", check=0)  # readers need no more


class Disks(BadInput):
    """A disk that is full: the commit before stays, is sound, and the next run goes well."""

    MORE = lines([{"id": f"m{i}", "body": f"lion {i} " + " ".join(
        random.Random(i).choices("river bank court vote storm".split(), k=40))}
        for i in range(400)])

    def check_index(self, index, expected):
        run("check", "--index", index, check=0)
        shown = run("show", "--all", "--json", "--index", index, check=0).stdout
        self.assertEqual(shown, expected)

    @unittest.skipIf(SANITIZED, "opens files of its own")
    def test_too_many_files(self):
        """Neither rights nor another name would help."""
        run("index", "-q", "-", cwd=self.dir, stdin=FIRST, check=0)
        for command in (["index", "-q", "-"], ["delete", "first"]):
            result = subprocess.run([NS, *command], cwd=self.dir, capture_output=True, check=False, input=FIRST,
                                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4)),
                                    env={**os.environ, **SANITIZERS, "NS_INDEX": "", "LC_ALL": "C.UTF-8"})
            self.assertEqual(result.returncode, 2, result)
            self.assertTrue(result.stderr.endswith(b": Too many open files\n"), result)

    def test_full_tmpfs(self):
        mount = tempfile.mkdtemp(prefix="ns-disk-")
        self.addCleanup(shutil.rmtree, mount, ignore_errors=True)
        (self.dir / "first.jsonl").write_bytes(FIRST)
        (self.dir / "more.jsonl").write_bytes(self.MORE)
        script = """
            mount -t tmpfs -o size=$4k ns-test "$2" || exit 77
            "$1" index -q --index "$2/index" first.jsonl || exit 3
            dd if=/dev/zero of="$2/fill" bs=1024 count=$3 2>/dev/null
            "$1" index -q --index "$2/index" more.jsonl; echo "second $?"
            "$1" check --index "$2/index"; echo "check $?"
            "$1" show --all --json --index "$2/index" | wc -l
            rm "$2/fill"
            "$1" index -q --index "$2/index" more.jsonl; echo "third $?"
            "$1" check --index "$2/index"; echo "check $?"
            "$1" show --all --json --index "$2/index" | wc -l
            ls "$2/index" | grep -c tmp-
        """
        refused = 0
        for fill in (0, 40, 100, 128, 160, 200, 216, 220):
            result = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", NS, mount, str(fill),
                                     "256"], cwd=self.dir, capture_output=True, text=True,
                                    check=False, env={**os.environ, **SANITIZERS})
            if result.returncode == 77 or "unshare" in result.stderr:
                raise unittest.SkipTest("no right to mount a file system")
            out = [line for line in result.stdout.splitlines() if "sound" not in line]
            self.assertIn(out[0], ("second 0", "second 2"), result)
            if out[0] == "second 2":
                refused += 1
                self.assertIn("No space left on device; make room and run it again: the last "
                              "commit is still there", result.stderr)
                self.assertEqual(out[1:3], ["check 0", "1"], result)
            self.assertEqual(out[-4:], ["third 0", "check 0", "401", "0"], result)
        self.assertGreaterEqual(refused, 3)

    def test_file_size_limit(self):
        """The same without a file system of its own: files that may not grow beyond a size."""
        (self.dir / "more.jsonl").write_bytes(self.MORE)

        def limit(size):  # SIGXFSZ as it is for a process by itself
            return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        first = subprocess.run([NS, "index", "-q", "more.jsonl"], cwd=self.dir, preexec_fn=limit(100),
                               capture_output=True, check=False,
                               env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
        self.assertEqual(first.returncode, 2, first)
        self.assertIn(b"run it again: there is no index yet", first.stderr)
        self.assertFalse((self.dir / ".ns").exists())
        run("index", "-q", "-", cwd=self.dir, stdin=FIRST, check=0)
        refused = 0
        for size in (0, 1, 100, 4096, 9000, 20000, 1 << 22):
            result = subprocess.run([NS, "index", "-q", "more.jsonl"], cwd=self.dir,
                                    preexec_fn=limit(size), capture_output=True, check=False,
                                    env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
            if result.returncode == 0:
                break
            refused += 1
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(b"File too large; mend that and run it again", result.stderr)
            self.check_index(self.dir / ".ns", FIRST)
        self.assertGreaterEqual(refused, 4)
        self.check_index(self.dir / ".ns", FIRST + self.MORE)

    def test_rejects_that_would_be_read(self):
        """They would be refused again and kept again, without end, or replace what is read."""
        news = self.dir / "news"
        news.mkdir()
        (news / "a.jsonl").write_bytes(FIRST + b"{bad\n" * 3000)
        (self.dir / "link").symlink_to("news")
        for rejects, paths in (("news/b.jsonl", ["news"]), ("news/b.jsonl", ["."]),
                               ("link/b.txt", ["news"]), ("news/b.txt", ["link"]),
                               ("./b.jsonl", ["."]), ("news/a.jsonl", ["news/a.jsonl"]),
                               ("link/a.jsonl", ["-"])):
            with open(news / "a.jsonl", "rb") as data:
                result = subprocess.run([NS, "index", "--rejects", rejects, *paths], check=False,
                                        cwd=self.dir, stdin=data, stderr=subprocess.PIPE,
                                        env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
            self.assertEqual(result.returncode, 2, (rejects, paths))
            self.assertIn(b"is read itself; name another" if "a.j" in rejects else
                          b"is in a folder that is read; name one elsewhere", result.stderr)
            self.assertEqual(os.listdir(news), ["a.jsonl"])
        self.assertEqual((news / "a.jsonl").stat().st_size, len(FIRST) + 15000)
        for rejects in ("news/.b.jsonl", "news/b", "c.jsonl"):  # are not read
            run("index", "-q", "--rejects", rejects, "news", cwd=self.dir, check=1)
            self.assertEqual((self.dir / rejects).read_bytes(), b"{bad\n" * 3000)

    def test_rejects_stay_when_nothing_is_written(self):
        """What the last run refused is there until another run begins."""
        (self.dir / "in.jsonl").write_bytes(FIRST + b"{bad\n")
        run("index", "-q", "--rejects", "kept", "in.jsonl", cwd=self.dir, check=1)
        run("index", "-q", "--k1", "3", "--rejects", "kept", "in.jsonl", cwd=self.dir, check=2)
        self.assertEqual((self.dir / "kept").read_bytes(), b"{bad\n")
        run("index", "-q", "--rejects", "kept", "-", cwd=self.dir, stdin=FIRST, check=0)
        self.assertEqual((self.dir / "kept").read_bytes(), b"")

    def test_rejects_that_cannot_be_kept(self):
        (self.dir / "in.jsonl").write_bytes(FIRST + b"{bad\n" * 5000)
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        result = run("index", "--rejects", "/dev/full", "in.jsonl", cwd=self.dir, check=2)
        self.assertIn(b"/dev/full: cannot be written", result.stderr)
        said = run("index", "--rejects", "-", "in.jsonl", cwd=self.dir, check=2).stderr
        self.assertIn(b"/dev/stdout", said)
        self.assertFalse((self.dir / "-").exists())
        result = run("index", "--rejects", "no/such/place", "in.jsonl", cwd=self.dir, check=2)
        self.assertIn(b"no/such/place: cannot be written", result.stderr)

    def test_closed_streams(self):
        """Messages and output do not go into the files that are opened in place of a stream."""
        (self.dir / "in.jsonl").write_bytes(FIRST + b"{bad\n" * 200 + LAST)
        for closed, code in (("2>&-", 1), (">&-", 2), ("<&-", 1), ("<&- >&- 2>&-", 2)):
            shutil.rmtree(self.dir / ".ns", ignore_errors=True)
            for _ in range(2):
                result = subprocess.run(["sh", "-c", f'exec "$0" index --json in.jsonl {closed}', NS],
                                        cwd=self.dir, capture_output=True, check=False,
                                        env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
                self.assertEqual(result.returncode, code, closed)
            run("check", cwd=self.dir, check=0)
            self.assertEqual(set(self.kept()), {"first", "last"})
            self.assertEqual((self.dir / ".ns" / "lock").stat().st_size, 0)
        result = subprocess.run(["sh", "-c", 'exec "$0" index - <&-', NS], cwd=self.dir, check=False,
                                capture_output=True, env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(b"-: cannot read", result.stderr)

    def test_output_that_cannot_be_written(self):
        run("index", "-q", "-", cwd=self.dir, stdin=FIRST, check=0)
        for command in (["query", "zebra"], ["show", "first"], ["stats", "--json"], ["check"]):
            with open("/dev/full", "wb") as full:
                result = subprocess.run([NS, *command], cwd=self.dir, stdout=full, check=False,
                                        stderr=subprocess.PIPE)
            self.assertEqual(result.returncode, 2, command)
            self.assertIn(b"cannot write the output", result.stderr)


class Sizes(BadInput):
    def test_gzip_bomb(self):
        """One line of 300 MB out of 300 kB, between two articles; a bomb of text alike."""
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        member = packer.compress(b"a" * (50 << 20)) + packer.flush()
        bomb = (gzip.compress(FIRST + b'{"id": "x", "body": "') + member * 6 +
                gzip.compress(b'"}\n' + LAST))
        (self.dir / "bomb.jsonl.gz").write_bytes(bomb)
        (self.dir / "bomb.txt.gz").write_bytes(member * 6)
        peak, said = peak_mb("index", "--max-record", "16M", "--memory", "64M",
                             "bomb.jsonl.gz", cwd=self.dir, check=1)
        self.assertIn("ns: bomb.jsonl.gz:2: the record is too large: more than 16777216 bytes", said)
        self.assertEqual(set(self.kept()), {"first", "last"})
        if not SANITIZED:
            self.assertLess(peak, 80)
        peak, said = peak_mb("index", "--max-record", "16M", "--memory", "64M", "bomb.txt.gz",
                             cwd=self.dir, check=1)
        self.assertIn("ns: bomb.txt.gz: the record is too large", said)
        if not SANITIZED:
            self.assertLess(peak, 80)
        peak_mb("index", "--strict", "--max-record", "16M", "bomb.jsonl.gz", cwd=self.dir, check=2)
        # The limit that holds by itself, 256 MB, in far less memory: what was read is kept packed.
        for name in ("bomb.jsonl.gz", "bomb.txt.gz"):
            peak, said = peak_mb("index", "--rejects", "rejects", "--memory", "64M", name,
                                 cwd=self.dir, check=1)
            self.assertIn("the record is too large: more than 268435456 bytes", said)
            self.assertEqual((self.dir / "rejects").stat().st_size, 4097)
            if not SANITIZED:
                self.assertLess(peak, 80)

    def test_fifty_megabytes_on_a_line(self):
        wanted = 8e6 if SANITIZED else 50e6  # the memory, which is what so much is for, is not judged there
        generator = random.Random(SEED)
        words = [f"word{i}" for i in range(5000)]
        sentence = [" ".join(generator.choices(words, k=12)).capitalize() + "." for _ in range(500)]
        body, size = ["Zebra begins."], 0
        while size < wanted:
            body.append(generator.choice(sentence))
            size += len(body[-1]) + 1
        body.append("The lion ends it.")
        record = {"id": "big", "body": " ".join(body)}
        (self.dir / "in.jsonl").write_bytes(FIRST + lines([record]) + LAST)
        self.assertGreater((self.dir / "in.jsonl").stat().st_size, wanted)
        peak, _ = peak_mb("index", "-q", "in.jsonl", cwd=self.dir, check=0)
        if not SANITIZED:
            self.assertLess(peak, 512 * 1.25)
        self.assertEqual([r["article"] for r in self.query("lion")["results"]], ["big"])
        found = self.query("+zebra +lion")["results"][0]
        self.assertEqual(found["article"], "big")
        shown = run("show", "--json", "big", cwd=self.dir, check=0).stdout
        self.assertEqual(json.loads(shown), record)
        run("check", cwd=self.dir, check=0)

    def test_ten_megabyte_word(self):
        word = "q" * (10 << 20)
        (self.dir / "in.jsonl").write_bytes(
            FIRST + lines([{"id": "word", "body": f"zebra {word} lion", "title": word}]) + LAST)
        run("index", "-q", "in.jsonl", cwd=self.dir, check=0)
        found = {r["article"] for r in self.query("--copies", "zebra")["results"]}
        self.assertEqual(found, {"first", "word", "last"})
        self.assertEqual(self.query('"lion"')["results"][0]["article"], "word")
        shown = json.loads(run("show", "--json", "word", cwd=self.dir, check=0).stdout)
        self.assertEqual(shown["body"], f"zebra {word} lion")
        run("check", cwd=self.dir, check=0)
        # A word over 255 bytes is found whole, by its beginning and a hash, and by nothing else.
        run("index", "-q", "-", cwd=self.dir, check=0,
            stdin=lines([{"id": "long", "body": "k" * 60000}]))
        self.assertEqual(self.query("k" * 60000)["results"][0]["article"], "long")
        self.query("k" * 59999, check=1)


if __name__ == "__main__":
    main()
