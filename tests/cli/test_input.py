#!/usr/bin/env python3
"""Good input: files, folders, pipes, awkward strings; whole collections when they are there."""
import gzip
import json
import os

from harness import SHARED, Temporary, lines, main, run


class Input(Temporary):
    def test_files_folders_and_pipes(self):
        folder = self.dir / "news" / "deep"
        folder.mkdir(parents=True)
        (self.dir / "a.jsonl").write_bytes(lines([{"id": "a", "body": "alpha one"}]))
        (folder / "b.jsonl.gz").write_bytes(gzip.compress(lines([{"id": "b", "body": "alpha two"}]))
                                            + gzip.compress(lines([{"id": "b2", "body": "alpha"}])))
        (folder / "c.txt").write_text("Alpha headline\n\nText of three.\n")
        (folder / "d.txt.gz").write_bytes(gzip.compress(b"Alpha four\n\nText.\n"))
        (self.dir / "news" / ".hidden.jsonl").write_bytes(lines([{"id": "x", "body": "alpha"}]))
        os.symlink("..", folder / "loop")
        run("index", "a.jsonl", "news", "-", cwd=self.dir,
            stdin=lines([{"id": "e", "text": "alpha five"}]), check=0)
        found = {r["article"] for r in self.query("alpha", "-n", "50")["results"]}
        self.assertEqual(len(found), 6, found)
        self.assertLessEqual({"a", "b", "b2", "e"}, found)

    def test_bad_records_are_named_and_the_rest_is_kept(self):
        data = (lines([{"id": "1", "body": "good one"}]) + b'{"id": "2", "body": \n' +
                b'{"id": "3"}\n' + lines([{"id": "4", "body": "good four"}]))
        (self.dir / "in.jsonl").write_bytes(data)
        result = run("index", "--rejects", "bad.jsonl", "in.jsonl", cwd=self.dir, check=1)
        said = result.stderr.decode()
        self.assertIn("in.jsonl:2:", said)
        self.assertIn("in.jsonl:3:", said)
        self.assertEqual(json.loads(run("stats", "--json", cwd=self.dir).stdout)["articles"], 2)
        self.assertEqual((self.dir / "bad.jsonl").read_bytes().count(b"\n"), 2)

    def test_lists_and_records_over_lines(self):
        """Any form of the same records makes the same index, byte for byte."""
        records = [{"id": str(i), "title": f"Head {i}", "body": 'Fog ]}" over\\ [{ the é harbour.\n' * i,
                    "tags": [{"n": i}, []]} for i in range(40)]
        forms = {"lines": lines(records), "list": json.dumps(records).encode(),
                 "indented": json.dumps(records, indent=2).encode(),
                 "row": b"\r\n\n".join(json.dumps(r, indent=1).encode() for r in records),
                 "lists": json.dumps(records[:7]).encode() + json.dumps(records[7:]).encode()}
        made = {}
        for name, data in forms.items():
            (self.dir / f"{name}.json.gz").write_bytes(gzip.compress(data))
            for path, stdin in ((f"{name}.json.gz", b""), ("-", data)):
                run("index", "-q", "--fresh", path, cwd=self.dir, stdin=stdin, check=0)
                made[name, path] = {file.name: file.read_bytes()
                                    for file in (self.dir / ".ns").iterdir()
                                    if not file.name.startswith("manifest")}
        wanted = made["lines", "-"]
        self.assertGreater(len(wanted), 4)
        for form, files in made.items():
            self.assertEqual(sorted(map(hash, files.values())),
                             sorted(map(hash, wanted.values())), form)

    def test_damaged_lists(self):
        """What was read before the damage stays; --rejects keeps what was refused as it stands."""
        data = b'[{"id": "1", "body": "fog"},\n{"id":\n "2"},\n7, {"id": "3", "body": "more fog here"}'
        for rest, line, said in ((b"\n{}]", 5, "no comma before this element"), (b"\nx]", 5, "stray text"),
                                 (b',{"id": "4', 4, "the record has no end"), (b"\n", 5, "has no end")):
            done = run("index", "--fresh", "--rejects", ".bad", "-", cwd=self.dir, stdin=data + rest,
                       check=1).stderr.decode()
            self.assertRegex(done, f"ns: -:{line}: .*{said}")
            self.assertIn("ns: -:2: no text", done)
            self.assertIn("ns: -:4: not a JSON object", done)
            self.assertEqual({r["article"] for r in self.query("fog")["results"]}, {"1", "3"})
            self.assertIn(b'{"id":\n "2"}\n', (self.dir / ".bad").read_bytes())
            run("index", "--fresh", "--strict", "-", cwd=self.dir, stdin=data + rest, check=2)

    def test_strict(self):
        (self.dir / "in.jsonl").write_bytes(b'{"id": "1", "body": "x"}\n{bad\n')
        run("index", "--strict", "in.jsonl", cwd=self.dir, check=2)
        self.assertEqual(run("query", "x", cwd=self.dir).returncode, 2)

    def test_awkward_strings(self):
        records = [{"id": "nul", "body": "a\u0000b zero"}, {"id": "big", "body": "zero",
                   "n": 123456789012345678901234567890, "x": [1.50, {"k": None}], "t": True},
                   {"id": "quote\"\\/", "body": "zero \u0001 \u2028 \"q\" \\ / \t\n end"}]
        data = lines(records)
        run("index", "-q", "-", cwd=self.dir, stdin=data, check=0)
        shown = run("show", "--all", "--json", cwd=self.dir, check=0).stdout
        self.assertEqual([json.loads(x) for x in shown.splitlines()], records)
        self.assertEqual(shown, data)
        run("show", "quote\"\\/", cwd=self.dir, check=0)

    def test_values_of_other_types(self):
        """What a key cannot have is told by file, line and key, and shown as it came."""
        data = lines([{"id": "L", "title": "Head", "body": ["A zebra came.", "It left. A lion."]},
                      {"id": "T", "title": ["Zebra"], "body": "x", "date": True},
                      {"id": "S", "body": "y", "source": {"name": "Fox"}, "author": ["A", 5]}])
        refused = lines([{"id": ["a"], "body": "z"}, {"id": "B", "body": {"p": "z"}}])
        (self.dir / "in.jsonl").write_bytes(data + refused)
        said = run("index", "in.jsonl", cwd=self.dir, check=1).stderr.decode()
        for line in ("2: warning: title is a list: it counts as missing",
                     "2: warning: date is true: it counts as missing",
                     "3: warning: source is an object: it counts as missing",
                     "3: warning: author has parts that are no strings: they are passed over",
                     "4: the id is neither a string nor a number",
                     "5: no text: neither title nor body; body is an object"):
            self.assertIn(f"ns: in.jsonl:{line}\n", said)
        self.assertEqual(said.count("in.jsonl:"), 6)
        self.assertEqual(run("show", "--all", "--json", cwd=self.dir, check=0).stdout, data)
        self.assertIn(b"\n\nA zebra came.\n\nIt left. A lion.\n",
                      run("show", "L", cwd=self.dir, check=0).stdout)
        self.query("PARAGRAPH(left lion)", check=0)
        self.query("PARAGRAPH(zebra lion)", check=1)
        run("merge", "-q", cwd=self.dir, check=0)
        self.assertEqual(run("show", "--all", "--json", cwd=self.dir, check=0).stdout, data)

    def test_warnings_of_one_kind(self):
        """The first ten are told, the rest is counted; --rejects has all told."""
        date = "03/05/2025 " + 40 * "é"
        data = lines([{"id": f"{i % 28}", "body": "x", "date": date} for i in range(30)] +
                     [{"id": "z", "body": ["x", 1], "publishedAt": "2025-05-03t10:00:00z"}])
        told = ('ns: 1: warning: the date is in no form that ns reads: "03/05/2025 ' + 14 * "é" +
                '…" counts as unknown; write it as 2025-05-03 or 2025-05-03T14:30:00Z')
        said = run("index", "-", cwd=self.dir, stdin=data, check=0).stderr.decode().splitlines()
        self.assertIn(told, [line.replace("-:1:", "1:") for line in said])
        self.assertEqual(sum("form that ns reads: " in line for line in said), 10)
        self.assertEqual(sum("--rejects FILE shows all" in line for line in said), 1)
        self.assertIn("29 articles, ", said[-6])
        self.assertEqual(said[-5:], ["2 articles replaced by newer ones with the same id",
                                     "33 warnings, 20 of them not shown:",
                                     "      30  the date is in no form that ns reads",
                                     "       1  body has parts that are no strings",
                                     "       2  replaces an earlier article with this id"])
        self.assertEqual(self.query("--since", "2025", "x", check=0)["hits"]["articles"], 1)
        done = run("index", "--fresh", "-j", "--rejects", ".all", "-", cwd=self.dir, stdin=data, check=0)
        self.assertEqual(done.stderr.count(b"form that ns reads: "), 30)
        summary = json.loads(done.stdout)
        self.assertEqual([summary[key] for key in ("articles", "replaced", "warnings", "causes")],
                         [29, 2, 33, []])
        self.assertEqual(summary["warned"][0],
                         {"cause": "the date is in no form that ns reads", "records": 30})

    def test_kinds_of_warnings(self):
        """A kind is the same whatever file, place or number it names; a reason is one line."""
        for name in "abc":
            (self.dir / f"{name}.jsonl").write_bytes(
                b'{"id": "1", "body": "x\\udc00", "date": "2025\\n05: x\\u0085y"}\n'
                b'{"id": "2", "title": "\\udc00 \\udc00", "date": "2025\\t05\\u007f"}\n')
        done = run("index", "--json", "a.jsonl", "b.jsonl", "c.jsonl", cwd=self.dir, check=0)
        kinds = {each["cause"]: each["records"] for each in json.loads(done.stdout)["warned"]}
        self.assertEqual(kinds, {"the date is in no form that ns reads": 6,
                                 "invalid UTF-8 was replaced by U+FFFD": 6,
                                 "replaces an earlier article with this id": 4})
        said = done.stderr.decode().split("\n")
        for told in ("b.jsonl:1: warning: invalid UTF-8 was replaced by U+FFFD: 1 sequence",
                     "c.jsonl:2: warning: replaces an earlier article with this id: b.jsonl:2"):
            self.assertIn("ns: " + told, said)
        self.assertEqual(sum('"2025 05: x  y" counts' in line for line in said), 3)
        self.assertEqual(sum('"2025 05 " counts' in line for line in said), 3)

    def test_invalid_utf8(self):
        run("index", "-q", "-", cwd=self.dir, check=0,
            stdin=b'{"id": "1", "body": "caf\xe9 zero \xf0\x9f"}\n')
        shown = json.loads(run("show", "1", "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual(shown["body"], "caf\ufffd zero \ufffd")

    def test_empty_and_missing(self):
        (self.dir / "empty.jsonl").write_bytes(b"")
        result = run("index", "empty.jsonl", cwd=self.dir)
        self.assertIn(result.returncode, (0, 1), result.stderr)

    def test_mistyped_path_leaves_the_index_alone(self):
        self.index([{"id": "1", "body": "old words"}])
        (self.dir / "more.jsonl").write_bytes(b'{"id": "2", "body": "new words"}')
        for args in (["nowhere.jsonl"], ["--fresh", "nowhere.jsonl"], ["more.jsonl", "nowhere"]):
            result = run("index", *args, cwd=self.dir, check=2)
            self.assertIn(b"nowhere", result.stderr)
            self.assertEqual([r["article"] for r in self.query("words")["results"]], ["1"])

    def test_query_that_is_not_utf8(self):
        self.index([{"id": "1", "body": "caf words"}])
        found = json.loads(run("query", "--json", "caf\udcff \udcc3", cwd=self.dir, check=0).stdout)
        self.assertEqual(found["query"], "caf\ufffd \ufffd")
        self.assertEqual(found["hits"]["articles"], 1)

    def test_no_results_wanted(self):
        self.index([{"id": "1", "body": "words"}])
        found = self.query("-n", "0", "words")
        self.assertEqual((found["hits"]["articles"], found["results"]), (1, []))
        self.assertIn(b"1 article", run("query", "-n", "0", "words", cwd=self.dir, check=0).stderr)

    def test_replacing(self):
        self.index([{"id": "1", "body": "old words"}, {"id": "2", "body": "two words"}])
        self.index([{"id": "1", "body": "new words"}])
        found = self.query("words")
        self.assertEqual(sorted(r["article"] for r in found["results"]), ["1", "2"])
        self.assertEqual(self.query("old", check=1)["results"], [])
        self.assertEqual(json.loads(run("show", "1", "--json", cwd=self.dir).stdout)["body"],
                         "new words")
        run("check", cwd=self.dir, check=0)


class Shared(Temporary):
    """Whole collections, when they are there."""

    def round_trip(self, name):
        path = SHARED / "corpora" / f"{name}.jsonl.gz"
        if not path.exists():
            self.skipTest(f"{path} is not there")
        data = gzip.decompress(path.read_bytes())
        run("index", "-q", path, cwd=self.dir, check=0)
        shown = run("show", "--all", "--json", cwd=self.dir, check=0).stdout
        self.assertEqual(len(shown.splitlines()), len(data.splitlines()))
        self.assertEqual(shown, data)
        stats = json.loads(run("stats", "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual(stats["articles"], data.count(b"\n"))
        run("check", cwd=self.dir, check=0)

    def test_reuters(self):
        self.round_trip("reuters21578")

    def test_guardian(self):
        self.round_trip("guardian")


if __name__ == "__main__":
    main()
