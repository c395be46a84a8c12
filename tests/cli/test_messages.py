#!/usr/bin/env python3
"""What ns says: mistakes at the command line, help, indexes that cannot be read."""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import zlib

from harness import NS, Temporary, lines, main, run


class Messages(Temporary):
    def said(self, *args, check=2, env=None):
        result = run(*args, cwd=self.dir, check=check, env=env)
        text = result.stderr.decode()
        text = re.sub(r"(?m)^note: .*\n", "", text)  # of a query
        self.assertTrue(text.startswith("ns: "), text)
        self.assertEqual(text.count("\n"), 1, text)
        return text

    def test_index_below(self):
        """Who names the folder around .ns is told so."""
        self.index([{"id": "1", "body": "x"}])
        told = f"ns: {self.dir}: there is no index here, but in the folder .ns: --index {self.dir}/.ns\n"
        for args in (["query", "x"], ["delete", "1"], ["merge"], ["show", "1"], ["count", "x"],
                     ["index", "-"]):
            self.assertEqual(self.said(*args, "-i", str(self.dir)), told)
        self.assertIn("there is no index here; make one",
                      self.said("query", "-i", str(self.dir / ".ns" / "more"), "x"))

    def test_ids_that_look_like_options(self):
        self.assertIn("behind -- everything is an id: ns show -- -x", self.said("show", "-x"))
        for given in (["-dash.txt"], ["-i", "-d", "x", "-dash"], ["--dash=x.txt"], ["x", "-jd"]):
            self.assertTrue(self.said("show", *given).endswith(f" ns show -- {given[-1]}\n"), given)
        self.index([{"id": "-x", "body": "x"}])
        run("show", "--", "-x", cwd=self.dir, check=0)

    def test_fields_that_there_are_not(self):
        """Told where nothing is found; a word of prose may have a colon, too."""
        self.index([{"id": "1", "title": "t", "body": "Note:this stays. beat here."}])
        for query, told in (("beat:politics", True), ("+x_y:Politics", True), ("Note:this", False),
                            ("beat: politics absent", False), ("\"beat:politics\"", False),
                            ("absent:12", False), ("http://absent/x", False), ("LANG:xx", False)):
            said = run("query", "--", query, cwd=self.dir).stderr.decode()
            self.assertEqual("is no field, so this is read as words; fields are title:" in said, told,
                             query)

    def test_no_field_in_every_format(self):
        self.index([{"id": "1", "title": "t", "body": "Note:this stays."}])
        for query, told in (("beat:politics", True), ("Note:this", False)):
            for args in (["query"], ["query", "--json"], ["query", "--tsv"], ["query", "--trec"],
                         ["query", "--html"], ["count"], ["count", "--json"],
                         ["count", "--by", "source"]):
                done = run(*args, query, cwd=self.dir, check=1 if told else 0)
                said = done.stderr.decode()
                self.assertEqual(said.count("note: beat: is no field"), told, (args, said))
                if "--json" in args:
                    notes = json.loads(done.stdout)["notes"]
                    self.assertEqual([(note["start"], note["end"]) for note in notes],
                                     [(0, 13)] if told else [])

    def test_unknown(self):
        self.assertIn("did you mean query", self.said("qeury", "x"))
        self.assertIn("did you mean help", self.said("hlep"))
        self.assertIn("did you mean stats", self.said("help", "stas"))
        self.assertIn("--json", self.said("query", "--jsno", "x"))
        self.assertIn("did you mean --max-record", self.said("index", "--max-recrod=1M", "x"))
        self.assertIn("option --json takes no value", self.said("query", "--json=yes", "x"))
        self.assertIn("did you mean --help", self.said("--hlep"))
        self.assertIn("did you mean --version", self.said("--verson"))
        self.assertIn("--query twice", self.said("delete", "--query", "x", "--query", "y"))
        self.assertIn("has no option -Z", self.said("query", "-Z", "x"))
        for command in ("query", "count"):
            self.assertIn(f"ns {command} -- WORD -WORD", self.said(command, "tariff", "-Zeal"))
        self.assertIn("--help", self.said("frobnicate"))
        self.assertIn("value", self.said("query", "--limit"))
        for number in ("ten", "", "-1", "+1", " 1", "1x", "99999999999999999999"):
            self.assertIn("whole number", self.said("query", "-n", number, "x"))
        for size in ("", "M", "0", "-1M", "1T", "1MM", "1Mx", "b", "99999999999G", "1.5M"):
            self.assertIn("500000, 64M or 2G", self.said("index", "--memory", size, "x"))
        for size in ("500000", "500000b", "2000k", "64M", "64mb", "1G", "1gB"):
            run("index", "-q", "--memory", size, "-", cwd=self.dir, check=0)

    def test_a_line_is_written_at_once(self):
        """So that what others write to the same place does not come in between."""
        for args in (["qeury"], ["query", "--index", "nowhere", "x"]):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with ours, theirs:
                subprocess.run([NS, *args], cwd=self.dir, stderr=theirs, check=False)
                theirs.close()
                writes = list(iter(lambda: ours.recv(65536), b""))
            self.assertGreater(len(writes), 0)
            for text in writes:
                self.assertTrue(text.endswith(b"\n"), writes)

    def test_no_index(self):
        self.assertIn("ns index", self.said("query", "x"))
        self.assertIn("ns index", self.said("query", "--index", "nowhere", "x"))
        self.assertIn("ns index", self.said("stats", env={"NS_INDEX": "nowhere"}))

    def test_not_an_index(self):
        (self.dir / "plain").mkdir()
        (self.dir / "plain" / "notes.txt").write_text("hello")
        self.said("query", "--index", "plain", "x")
        (self.dir / "file").write_text("hello")
        self.said("query", "--index", "file", "x")

    def test_unreadable(self):
        self.index([{"id": "1", "body": "x"}])
        if os.geteuid() == 0:
            result = subprocess.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", NS, "query",
                 "--index", str(self.dir / ".ns"), "x"], capture_output=True) \
                if shutil.which("setpriv") else None
            if result is None:
                self.skipTest("no setpriv to become another user with")
            os.chmod(self.dir, 0o755)
            os.chmod(self.dir / ".ns", 0o000)
            result = subprocess.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", NS, "query",
                 "--index", str(self.dir / ".ns"), "x"], capture_output=True)
            if b"execute" in result.stderr or b"exec" in result.stderr:
                self.skipTest("the build folder is closed to other users")
        else:
            os.chmod(self.dir / ".ns", 0o000)
            result = run("query", "--index", self.dir / ".ns", "x")
        os.chmod(self.dir / ".ns", 0o755)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn(b"ermission", result.stderr)

    def of_version(self, version):
        """What `query` says of an index of another format version."""
        self.index([{"id": "1", "body": "x"}], "--fresh")
        manifest = sorted((self.dir / ".ns").glob("manifest-*"))[-1]
        data = bytearray(manifest.read_bytes())
        struct.pack_into("<I", data, 12, version)
        struct.pack_into("<I", data, 60, zlib.crc32(bytes(data[:60])))
        manifest.write_bytes(data)
        return self.said("query", "x")

    def test_other_versions(self):
        self.assertIn("newer ns (format 999); update ns", self.of_version(999))
        said = self.of_version(1)
        self.assertIn("older ns (format 1); build the index again with 'ns index --fresh'", said)
        self.index([{"id": "1", "body": "x"}], "--fresh")  # as it says
        self.assertEqual(run("query", "x", "--index", self.dir / ".ns").returncode, 0)

    def test_help(self):
        for command in ("index", "delete", "merge", "query", "show", "analyze", "stats", "check",
                        "bench"):
            text = run(command, "--help", check=0).stdout.decode()
            self.assertIn("Examples:", text)
            self.assertEqual(text, run("help", command, check=0).stdout.decode())
        self.assertIn(b"Commands:", run("--help", check=0).stdout)
        self.assertEqual(run("help", "help", check=0).stdout, run("--help", check=0).stdout)
        self.assertIn("+tariff talks", run("help", "query", check=0).stdout.decode())
        self.assertRegex(run("--version", check=0).stdout.decode(), r"^ns \d+\.\d+\.\d+\n$")

    def test_empty_query(self):
        self.index([{"id": "1", "body": "zebra"}])
        for query in ("", " \t ", '"', '" "', "-zebra", '-"zebra lion" -x', "+", "?", "& :)", "AND", "**",
                      "-(zebra lion)", "NOT date:2025"):
            self.assertIn("the query asks for no word; for example: ns query",
                          self.said("query", "--", query, check=1), query)
        for query in ("lion", "nothing", '-zebra lion', '-"zebra lion"x', '-"zebra -lion" lion', "- lion",
                      '"-lion"', "狮", "-zebra\tlion"):
            self.assertIn("nothing found for: ", self.said("query", "--", query, check=1), query)
        self.assertIn("what should be found", self.said("query"))
        for long in ("x" * 50000, "é" * 30000):
            self.assertRegex(self.said("query", "--", long, check=1), "^ns: nothing found for: .{100,200}…\n$")

    def test_advice(self):
        self.index([{"id": "1", "body": "zebra"}])
        victim = next((self.dir / ".ns").glob("*.pst"))
        victim.chmod(0o644)
        whole = victim.read_bytes()
        victim.write_bytes(whole[:100])
        for command in (["query", "zebra"], ["stats"], ["show", "1"], ["merge"],
                        ["delete", "1"]):
            if command != ["merge"]:  # one segment, nothing deleted: nothing to do
                self.assertIn("make it anew with ns index --fresh", self.said(*command), command)
        said = run("check", cwd=self.dir, check=2)
        self.assertIn(b"1 fault in ", said.stderr)
        self.assertIn(b"rebuild it with ns index --fresh", said.stderr)

    def test_damage_that_a_merge_finds(self):
        self.index([{"id": "1", "body": "zebra"}])
        self.index([{"id": "2", "body": "lion"}])
        victim = sorted((self.dir / ".ns").glob("*.txt"))[0]
        data = bytearray(victim.read_bytes())
        data[80] ^= 1  # behind the header, which is looked at when an index is opened
        victim.chmod(0o644)
        victim.write_bytes(data)
        run("query", "lion", cwd=self.dir, check=0)
        said = self.said("merge")
        self.assertIn(victim.name + ": byte ", said)
        self.assertIn("make it anew with ns index --fresh", said)

    def test_damage_that_a_search_finds(self):
        self.index([{"id": "1", "lang": "en", "body": "talk talks zebra"}])
        victim = next((self.dir / ".ns").glob("*.trm"))
        data = victim.read_bytes()
        victim.chmod(0o644)
        victim.write_bytes(data.replace(b"zebra", b"zebr\xff"))
        for command in (["query", "ze*"], ["count", "zebrx~"], ["suggest", "ze"]):
            said = self.said(*command)
            self.assertIn(victim.name + ": byte ", said)
            self.assertIn("ns check tells more", said)

    def test_what_to_do_next(self):
        """A message says what to do, not only what is wrong."""
        (self.dir / "folder").mkdir()
        (self.dir / "empty.jsonl").touch()
        for paths, named in ((["folder"], "no articles in folder; ns help index"),
                             (["empty.jsonl"], "no articles in empty.jsonl; ns help index"),
                             (["folder", "empty.jsonl"], "no articles in folder and what else")):
            said = run("index", *paths, cwd=self.dir, check=0).stderr.decode()
            self.assertIn(named, said)
            self.assertEqual(run("index", "-q", *paths, cwd=self.dir, check=0).stderr, b"")
        self.index([{"id": "1", "body": "zebra"}])
        for words, code, advice in (
                (["index", "nowhere"], 2, "nowhere: no such file or folder; nothing was indexed"),
                (["index", "-i", "no/such", "empty.jsonl"], 2, "does not exist; make it first"),
                (["index", "--rejects", "no/file", "folder"], 2, "No such file or directory"),
                (["show", "2"], 1, "ns query prints ids"),
                (["query", "-zebra", "lion"], 2, "ns query -- WORD -WORD"),
                (["query", "--zebra", "lion"], 2, "ns query -- WORD -WORD"),
                (["query", "-n"], 2, "needs a value; ns query --help"),
                (["bench", "--queries", "no.tsv"], 2, "No such file or directory; --queries wants")):
            self.assertIn(advice, self.said(*words, check=code))
        self.assertIn(b"ns query prints ids", run("delete", "2", cwd=self.dir, check=1).stderr)

    def test_one_of_a_kind(self):
        """A number and its noun agree."""
        said = run("index", "-", cwd=self.dir, stdin=lines([{"id": "1", "body": "x"}]), check=0)
        self.assertRegex(said.stderr.decode(), r"\.ns: 1 article, 1 passage; 1 byte of text in")
        run("delete", "-q", "1", cwd=self.dir, check=0)
        run("merge", "-q", cwd=self.dir, check=0)
        self.assertIn(b": 1 file, ", run("check", cwd=self.dir, check=0).stdout)
        self.index([{"id": "1", "body": "x"}])
        self.assertIn(b"there is 1 result; ", run("query", "--offset", "3", "x", cwd=self.dir,
                                                  check=0).stderr)

    def test_which_index(self):
        """Commands that write take no index of a folder above, and say so."""
        for command, where in (("index", b"else .ns in this folder"), ("merge", b"in this folder"),
                               ("delete", b"in this folder"), ("query", b"else the nearest .ns")):
            self.assertIn(where, run(command, "--help", check=0).stdout)

    def test_nearest_index(self):
        self.index([{"id": "1", "body": "zebra"}])
        deep = self.dir / "a" / "b"
        deep.mkdir(parents=True)
        self.assertEqual(run("query", "zebra", cwd=deep).returncode, 0)
        run("index", "-q", "-", cwd=deep, stdin=lines([{"id": "2", "body": "lion"}]), check=0)
        self.assertTrue((deep / ".ns").is_dir())
        self.assertEqual(run("query", "zebra", cwd=deep).returncode, 1)

    def test_analyze(self):
        out = run("analyze", "--json", "--language", "en", "U.S. officials’ talks", cwd=self.dir,
                  check=0).stdout
        tokens = json.loads(out)["tokens"]
        self.assertEqual([t["term"] for t in tokens][1:], ["offici", "talk"])
        self.assertEqual([t["position"] for t in tokens], [0, 1, 2])
        known = run("analyze", "-l", "en", "talks", cwd=self.dir, check=0)
        self.assertIn("talks → talk", known.stdout.decode())
        self.assertEqual(known.stderr, b"")
        unsure = run("analyze", "talks", cwd=self.dir, check=0)
        self.assertNotIn("→", unsure.stdout.decode())
        self.assertIn(b"--language names one", unsure.stderr)


if __name__ == "__main__":
    main()
