#!/usr/bin/env python3
"""Runs ns as its users do: every command, good input and bad, on a terminal and in a pipe.

    test_cli.py NS SOURCE_DIR [NAME…]
"""
import fcntl
import gzip
import json
import os
import pathlib
import pty
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

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


class Corpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="ns-cli-"))
        run("index", SOURCE / "corpus", cwd=cls.dir, check=0)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir, ignore_errors=True)

    def ids(self, query, limit=3):
        result = run("query", "--json", "-n", limit, "--", query, cwd=self.dir)
        return [r["article"] for r in json.loads(result.stdout)["results"]]

    def test_first_question(self):
        result = run("query", "precursor controls", cwd=self.dir, check=0)
        text = result.stdout.decode().lower()
        self.assertIn("**precursor", text)
        self.assertIn("**control", text)

    def test_known_answers(self):
        missed = []
        table = (SOURCE / "tests/cli/corpus_queries.tsv").read_text(encoding="utf-8")
        rows = [row.split("\t") for row in table.splitlines() if row and not row.startswith("#")]
        self.assertGreaterEqual(len(rows), 60)
        for query, expected in rows:
            if expected not in self.ids(query):
                missed.append((query, expected, self.ids(query)))
        self.assertEqual(missed, [])

    def test_stats_and_check(self):
        stats = json.loads(run("stats", "--json", cwd=self.dir, check=0).stdout)
        for key in ("articles", "passages", "terms", "tokens", "segments", "bytes"):
            self.assertGreater(stats[key], 0, key)
        self.assertGreaterEqual(stats["articles"], 80)
        self.assertEqual(stats["bytes"], sum(f.stat().st_size for f in (self.dir / ".ns").iterdir()
                                             if f.name != "lock"))
        check = json.loads(run("check", "--json", cwd=self.dir, check=0).stdout)
        self.assertTrue(check["sound"])
        self.assertIn(b"sound", run("check", cwd=self.dir, check=0).stdout)
        self.assertIn(b"articles", run("stats", cwd=self.dir, check=0).stdout)

    def test_same_bytes(self):
        other = pathlib.Path(tempfile.mkdtemp(prefix="ns-cli-"))
        self.addCleanup(shutil.rmtree, other, ignore_errors=True)
        run("index", SOURCE / "corpus", "--memory", "20M", cwd=other, check=0)
        for file in sorted((self.dir / ".ns").iterdir()):
            self.assertEqual(file.read_bytes(), (other / ".ns" / file.name).read_bytes(), file.name)

    def test_highlights_are_words_of_the_query(self):
        result = run("query", "--json", "-n", "20", "precursor controls", cwd=self.dir, check=0)
        seen = 0
        for found in json.loads(result.stdout)["results"]:
            marks = [(found["passage"]["text"], m) for m in found["passage"]["highlights"]]
            marks += [(found["title"], m) for m in found["title_highlights"]]
            for text, (start, end) in marks:
                self.assertRegex(text[start:end].lower(), r"^(precursor|contr[oô]l)")
                seen += 1
            article = json.loads(run("show", "--json", found["article"], cwd=self.dir,
                                     check=0).stdout)
            passage = found["passage"]
            self.assertEqual(article["body"][passage["start"]:passage["end"]], passage["text"])
        self.assertGreater(seen, 20)

    def test_every_bit(self):
        """A flipped bit anywhere is found by check, which names the file; queries do not crash."""
        random.seed(SEED)
        print(f"seed {SEED}")
        files = [f for f in sorted((self.dir / ".ns").iterdir()) if f.name != "lock"]
        copy = self.dir / "damaged"
        for file in files:
            data = file.read_bytes()
            offsets = {0, len(data) - 1} | {random.randrange(len(data)) for _ in range(6)}
            for offset in offsets:
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.dir / ".ns", copy)
                broken = bytearray(data)
                broken[offset] ^= 1 << random.randrange(8)
                (copy / file.name).write_bytes(broken)
                result = run("check", "--index", copy)
                said = (result.stdout + result.stderr).decode()
                self.assertEqual(result.returncode, 2, (file.name, offset, said))
                self.assertIn(file.name, said)
                self.assertRegex(said, r"byte \d+")
                query = run("query", "--index", copy, "precursor talks 芬太尼")
                self.assertIn(query.returncode, (0, 1, 2), query.stderr)

    def test_truncated(self):
        copy = self.dir / "short"
        for file in sorted((self.dir / ".ns").iterdir()):
            if file.name == "lock":
                continue
            data = file.read_bytes()
            for length in (0, 1, 63, len(data) // 2, len(data) - 1):
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.dir / ".ns", copy)
                (copy / file.name).write_bytes(data[:length])
                result = run("query", "--index", copy, "precursor")
                self.assertEqual(result.returncode, 2, (file.name, length))
                self.assertIn(file.name.encode(), result.stderr)


class Marks(Temporary):
    def marked(self, query, text_key="passage"):
        found = self.query(query, check=0)["results"][0]
        if text_key == "title":
            return [found["title"][s:e] for s, e in found["title_highlights"]]
        return [found["passage"]["text"][s:e] for s, e in found["passage"]["highlights"]]

    def test_forms(self):
        self.index([{"id": "1", "title": "Talks stall", "lang": "en",
                     "body": "😀 Officials talked. Talking helps; the talk’s end, an official said."}])
        self.assertEqual(self.marked("talks"), ["talked", "Talking", "talk’s"])
        self.assertEqual(self.marked("official"), ["Officials", "official"])
        self.assertEqual(self.marked("talk", "title"), ["Talks"])

    def test_phrase_only_where_it_stands(self):
        self.index([{"id": "1", "title": "", "lang": "en",
                     "body": "Export rules and controls differ. The export controls stay. Controls!"}])
        self.assertEqual(self.marked('"export controls"'), ["export controls"])
        self.assertEqual(self.marked('"export controls" rules'), ["rules", "export controls"])

    def test_accents(self):
        self.index([{"id": "1", "title": "", "body": "Başkan Erdoğan konuştu. Erdog\u0306an!",
                     "lang": "tr"}])
        self.assertEqual(self.marked("Erdogan"), ["Erdoğan", "Erdog\u0306an"])
        self.assertEqual(self.marked("erdoğan"), ["Erdoğan", "Erdog\u0306an"])

    def test_chinese(self):
        self.index([{"id": "1", "title": "贸易谈判", "body": "中美贸易谈判恢复。谈判将于周五举行。",
                     "lang": "zh"}])
        self.assertEqual(self.marked("贸易谈判"), ["贸易谈判", "谈判"])
        self.assertEqual(self.marked('"贸易谈判"'), ["贸易谈判"])
        self.assertEqual(self.marked("谈判", "title"), ["谈判"])
        self.assertEqual(self.marked("美"), ["美"])

    def test_japanese(self):
        self.index([{"id": "1", "title": "", "body": "首相は関税について協議した。", "lang": "ja"},
                    {"id": "2", "title": "", "body": "東京は晴れ。", "lang": "ja"}])
        self.assertEqual([r["article"] for r in self.query("関税")["results"]], ["1"])
        self.assertEqual(self.marked("関税"), ["関税"])

    def test_run_prefers_its_phrase(self):
        self.index([{"id": "peking", "title": "北京オリンピック", "lang": "ja",
                     "body": "北京オリンピックの記録。北京オリンピック、北京オリンピック。"},
                    {"id": "tokio", "title": "", "lang": "ja",
                     "body": "昨日、東京オリンピックの開会式があった。"}] +
                   [{"id": str(i), "title": "", "body": "天気の話", "lang": "ja"}
                    for i in range(40)])
        found = self.query("東京オリンピック")["results"]
        self.assertEqual([r["article"] for r in found], ["tokio", "peking"])
        self.assertEqual(self.marked("東京オリンピック"), ["東京オリンピック"])

    def test_excluded_words_are_not_marked(self):
        self.index([{"id": "1", "title": "", "body": "Tariff talks.", "lang": "en"}])
        self.assertEqual(self.marked("tariff -steel"), ["Tariff"])


class Language(Temporary):
    def setUp(self):
        super().setUp()
        filler = "Other news of the day went on at length. " * 40
        self.index([
            {"id": "both", "title": "Tariff talks", "body": "Officials met. " + filler + "\n\n" +
             filler + "Steel came up.", "lang": "en"},
            {"id": "tariff", "title": "", "body": "A tariff on steel.", "lang": "en"},
            {"id": "talks", "title": "", "body": "The talks go on.", "lang": "en"},
            {"id": "near", "title": "", "body": "talks about a tariff, tariff talks", "lang": "en"}])

    def ids(self, *args):
        return sorted(r["article"] for r in self.query(*args)["results"])

    def test_operators(self):
        self.assertEqual(self.ids("tariff talks"), ["both", "near", "talks", "tariff"])
        self.assertEqual(self.ids("+tariff +talks"), ["both", "near"])
        self.assertEqual(self.ids("tariff -talks"), ["tariff"])
        self.assertEqual(self.ids('"tariff talks"'), ["both", "near"])
        self.assertEqual(self.ids("“tariff talks”"), ["both", "near"])
        self.assertEqual(self.ids("+steel +talks"), ["both"])
        self.assertEqual(self.ids("--", "-talks"), [])

    def test_scope(self):
        self.assertEqual(self.ids("+officials +steel"), ["both"])
        self.assertEqual(self.ids("+officials +steel", "--scope", "passage"), [])

    def test_passages(self):
        one = self.query("talks", "-n", "20")
        many = self.query("talks", "-n", "20", "--passages")
        self.assertEqual(len(one["results"]), 3)
        self.assertGreater(len(many["results"]), 3)
        self.assertEqual(many["hits"]["passages"], len(many["results"]))

    def test_parameters(self):
        a = self.query("tariff")["results"][0]["score"]
        b = self.query("tariff", "--k1", "2", "--b", "1")["results"][0]["score"]
        self.assertNotEqual(a, b)
        plain = self.query("tariff talks", "--no-pruning")
        pruned = self.query("tariff talks")
        self.assertEqual(plain["results"], pruned["results"])
        for kernels in ("portable",):
            self.assertEqual(self.query("tariff talks", "--kernels", kernels)["results"],
                             plain["results"])

    def test_nothing_found(self):
        result = run("query", "zebra", cwd=self.dir)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"nothing found", result.stderr)
        self.assertEqual(self.query("zebra", check=1)["results"], [])

    def test_profile(self):
        result = run("query", "--profile", "tariff", cwd=self.dir, check=0)
        for word in (b"seen", b"decoded", b"skipped", b"scored"):
            self.assertIn(word, result.stderr)

    def test_json_shape(self):
        found = self.query("tariff talks", check=0)
        self.assertEqual(found["version"], 1)
        self.assertEqual(found["query"], "tariff talks")
        self.assertIsInstance(found["took_us"], int)
        self.assertEqual(found["hits"], {"articles": 4, "passages": found["hits"]["passages"],
                                         "exact": True})
        for rank, result in enumerate(found["results"], 1):
            self.assertEqual(result["rank"], rank)
            self.assertLessEqual({"rank", "score", "article", "title", "date", "source", "passage",
                                  "title_highlights"}, set(result))
            self.assertLessEqual({"text", "start", "end", "highlights"}, set(result["passage"]))
        scores = [r["score"] for r in found["results"]]
        self.assertEqual(scores, sorted(scores, reverse=True))


class Hits(Temporary):
    def test_exact_up_to_a_thousand(self):
        def count(records):
            shutil.rmtree(self.dir / ".ns", ignore_errors=True)
            self.index([{"id": str(i), "body": "tariff"} for i in range(records)])
            return self.query("tariff")["hits"], self.query("--count", "tariff")["hits"]
        self.assertEqual(count(1000)[0], {"articles": 1000, "passages": 1000, "exact": True})
        quick, exact = count(1500)
        self.assertEqual(exact, {"articles": 1500, "passages": 1500, "exact": True})
        self.assertFalse(quick["exact"])
        self.assertTrue(1000 <= quick["articles"] <= 1500)


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


class Messages(Temporary):
    def said(self, *args, check=2, env=None):
        result = run(*args, cwd=self.dir, check=check, env=env)
        text = result.stderr.decode()
        self.assertTrue(text.startswith("ns: "), text)
        self.assertEqual(text.count("\n"), 1, text)
        return text

    def test_unknown(self):
        self.assertIn("did you mean query", self.said("qeury", "x"))
        self.assertIn("--json", self.said("query", "--jsno", "x"))
        self.assertIn("--help", self.said("frobnicate"))
        self.assertIn("value", self.said("query", "--limit"))
        self.assertIn("whole number", self.said("query", "-n", "ten", "x"))

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

    def test_newer(self):
        self.index([{"id": "1", "body": "x"}])
        manifest = sorted((self.dir / ".ns").glob("manifest-*"))[-1]
        data = bytearray(manifest.read_bytes())
        self.assertEqual(data[:8], b"ns index")
        at = data.index(struct.pack("<I", 1), 8)
        data[at:at + 4] = struct.pack("<I", 999)
        # The header carries its own checksum: find the field that held it and renew it.
        for end in range(16, 64, 4):
            if struct.unpack_from("<I", manifest.read_bytes(), end)[0] == \
                    zlib.crc32(manifest.read_bytes()[:end]):
                struct.pack_into("<I", data, end, zlib.crc32(bytes(data[:end])))
        manifest.write_bytes(data)
        self.assertIn("newer", self.said("query", "x"))

    def test_help(self):
        for command in ("index", "delete", "merge", "query", "show", "analyze", "stats", "check"):
            text = run(command, "--help", check=0).stdout.decode()
            self.assertIn("Examples:", text)
            self.assertEqual(text, run("help", command, check=0).stdout.decode())
        self.assertIn(b"Commands:", run("--help", check=0).stdout)
        self.assertRegex(run("--version", check=0).stdout.decode(), r"^ns \d+\.\d+\.\d+\n$")

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
        self.assertIn("talks → talk", run("analyze", "-l", "en", "talks", cwd=self.dir,
                                          check=0).stdout.decode())


class Bench(Temporary):
    QUERIES = [("or2", "tariff talks"), ("and2", "+tariff +talks"), ("or2", "talks steel"),
               ("none", "zebra"), ("phrase2", '"tariff talks"'), ("not", "talks -steel")]

    def setUp(self):
        super().setUp()
        words = ["tariff", "talks", "steel", "tariff talks", "harvest"]
        random.seed(SEED)
        self.index([{"id": str(i), "title": f"Story {i}",
                     "body": " ".join(random.choice(words) for _ in range(3)) + "."}
                    for i in range(60)])
        text = "# class and query\n\n" + "".join(f"{c}\t{q}\r\n" for c, q in self.QUERIES)
        (self.dir / "queries.tsv").write_text(text)

    def bench(self, *args):
        return run("bench", "--queries", "queries.tsv", "--passes", "3", *args, cwd=self.dir,
                   check=0).stdout.decode()

    def rows(self, *args):
        return [line.split("\t") for line in self.bench(*args).splitlines()]

    def test_a_line_for_each_query(self):
        commands = "TOP_10,TOP_1000,TOP_100_COUNT,COUNT"
        hits = [str(self.query("--count", "--", q)["hits"]["articles"]) for _, q in self.QUERIES]
        self.assertEqual(hits[3], "0")
        self.assertGreater(len(set(hits)), 3)
        for more in ((), ("--no-pruning",), ("--kernels", "portable", "--k1", "1.2", "--b", "1")):
            rows = self.rows("--commands", commands, *more)
            self.assertEqual([r[0] for r in rows], [c for c in commands.split(",")
                                                    for _ in self.QUERIES])
            self.assertEqual([(r[1], r[2]) for r in rows], self.QUERIES * 4)
            self.assertEqual([r[3] for r in rows], hits * 4)
            for row in rows:
                self.assertEqual(len(row), 6)
                self.assertLess(0, float(row[4]))
                self.assertLessEqual(float(row[4]), float(row[5]))
        self.assertEqual(len(self.rows()), len(self.QUERIES))

    def test_summary(self):
        rows = self.rows("--summary", "--commands", "TOP_10,COUNT")
        classes = [("or2", "2"), ("and2", "1"), ("none", "1"), ("phrase2", "1"), ("not", "1"),
                   ("all", "6")]
        self.assertEqual([(r[0], r[1], r[2]) for r in rows],
                         [(c, *row) for c in ("TOP_10", "COUNT") for row in classes])
        for row in rows:
            self.assertLessEqual(float(row[4]), float(row[5]))

    def test_json(self):
        out = json.loads(self.bench("--json", "--no-pruning"))
        self.assertEqual((out["version"], out["passes"], out["pruning"]), (1, 3, False))
        self.assertEqual([(q["class"], q["query"]) for q in out["queries"]], self.QUERIES)
        by_class = {row["class"]: row for row in out["summary"]}
        medians = [q["median_us"] for q in out["queries"]]
        self.assertAlmostEqual(by_class["all"]["mean_us"], sum(medians) / 6, delta=0.01)
        self.assertAlmostEqual(by_class["all"]["p99_us"], max(medians), delta=0.01)
        self.assertAlmostEqual(by_class["or2"]["median_us"], (medians[0] + medians[2]) / 2,
                               delta=0.01)
        self.assertNotIn("queries", json.loads(self.bench("--json", "--summary")))

    def test_standard_input(self):
        out = run("bench", "--queries", "-", cwd=self.dir, stdin=b"x\ttalks", check=0).stdout
        self.assertEqual(out.decode().split("\t")[:3], ["TOP_10", "x", "talks"])

    def test_messages(self):
        def said(*args, stdin=b""):
            text = run("bench", *args, cwd=self.dir, stdin=stdin, check=2).stderr.decode()
            self.assertTrue(text.startswith("ns: ") and text.count("\n") == 1, text)
            return text
        for bad in (b"no tab\n", b"\tno class\n", b"no query\t\n", b"a\tb\tc\n", b"a\tb\0c\n",
                    b"a\t" + b"word " * 20000):
            self.assertIn("-:3: ", said("--queries", "-", stdin=b"# one\nx\ttalks\n" + bad),
                          bad[:20])
        self.assertIn("queries.tsv", said("--queries", "missing/queries.tsv"))
        self.assertIn("no queries", said("--queries", "-"))
        self.assertIn("--queries", said())
        self.assertIn("cannot be read", said("--queries", "."))
        for commands in ("TOP_", "TOP_0", "TOP_10,", "COUNTS", "TOP_10_COUNTS", "TOP_999999",
                         "TOP_" + "1" * 40, ",".join(["COUNT"] * 17)):
            self.assertIn("--commands", said("--queries", "queries.tsv", "--commands", commands))
        self.assertIn("--passes", said("--queries", "queries.tsv", "--passes", "0"))
        self.assertIn("--kernels", said("--queries", "queries.tsv", "--kernels", "sse"))


class Updates(Temporary):
    """Adding, replacing, deleting, merging, and what a killed writer leaves."""

    def shown(self, folder=None):
        return run("show", "--all", "--json", cwd=folder or self.dir, check=0).stdout

    def stats(self, folder=None):
        return json.loads(run("stats", "--json", cwd=folder or self.dir, check=0).stdout)

    def files(self, folder=None):
        """The files of the segments without generation, which stands in their names."""
        return {f.name.split("-")[1]: f.read_bytes() for f in (folder or self.dir).glob(".ns/*-*")
                if not f.name.startswith("manifest")}

    def records(self, count, first=0):
        words = "harbour talks tariff envoy storm market vote court river bank".split()
        generator = random.Random(SEED * 1000 + first)
        return [{"id": f"a{i}", "title": " ".join(generator.choices(words, k=4)),
                 "body": ". ".join(" ".join(generator.choices(words, k=9)).capitalize()
                                   for _ in range(generator.randrange(1, 40)))}
                for i in range(first, first + count)]

    def test_merged_is_a_fresh_index(self):
        self.index(self.records(30))
        self.index(self.records(20, 25))  # five are replaced
        self.index(self.records(9, 60))
        run("delete", "a3", "a61", "nobody", cwd=self.dir, check=0)
        run("delete", "--query", "+storm +envoy +bank", cwd=self.dir, check=0)
        before = self.shown()
        queries = ["storm", "envoy vote", "+river +court", '"talks tariff"', "market -storm"]
        result = run("merge", cwd=self.dir, check=0)
        self.assertIn(b"3 segments merged", result.stderr)
        self.assertEqual(self.shown(), before)
        run("check", cwd=self.dir, check=0)
        fresh = self.dir / "fresh"
        fresh.mkdir()
        run("index", "-q", "-", cwd=fresh, stdin=before, check=0)
        self.assertEqual(self.files(), self.files(fresh))
        for query in queries:
            answers = [json.loads(run("query", "--json", "--count", "--", query, cwd=where).stdout)
                       for where in (self.dir, fresh)]
            for answer in answers:
                del answer["took_us"]
            self.assertEqual(answers[0], answers[1])
        self.assertIn(b"nothing to merge", run("merge", cwd=self.dir, check=0).stderr)
        summary = json.loads(run("merge", "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual((summary["merged"], summary["segments"]), (False, 1))

    def test_delete(self):
        self.index([{"id": "1", "body": "zebra lion"}, {"id": "2", "body": "zebra"},
                    {"id": "3", "body": "lion"}])
        dry = run("delete", "--dry-run", "--query", "zebra", cwd=self.dir, check=0)
        self.assertEqual(sorted(dry.stdout.split()), [b"1", b"2"])
        self.assertIn(b"2 articles would be deleted", dry.stderr)
        self.assertEqual(self.stats()["articles"], 3)
        result = run("delete", "3", "4", "--query", "+zebra +lion", "--json", cwd=self.dir, check=0)
        self.assertEqual(json.loads(result.stdout), {"version": 1, "deleted": 2, "dry_run": False,
                                                     "not_found": ["4"]})
        self.assertIn(b"no article has the id 4", result.stderr)
        self.assertEqual(self.stats()["articles"], 1)
        self.assertEqual(self.stats()["deleted_articles"], 2)
        self.assertEqual(run("show", "3", cwd=self.dir).returncode, 1)
        generation = self.stats()["generation"]
        run("delete", "3", cwd=self.dir, check=1)
        run("delete", "--query", "giraffe", cwd=self.dir, check=1)
        run("delete", "--query", '"', cwd=self.dir)
        self.assertEqual(self.stats()["generation"], generation)  # nothing was committed
        run("delete", "2", cwd=self.dir, check=0)
        run("merge", cwd=self.dir, check=0)
        self.assertEqual(self.stats()["segments"], 0)
        run("check", cwd=self.dir, check=0)
        run("query", "zebra", cwd=self.dir, check=1)
        self.index([{"id": "2", "body": "zebra again"}])
        self.assertEqual(self.query("zebra")["results"][0]["article"], "2")

    def test_no_index(self):
        for command in (["delete", "1"], ["merge"], ["delete", "--dry-run", "1"]):
            result = run(*command, cwd=self.dir, check=2)
            self.assertIn(b"no index", result.stderr)
            self.assertFalse((self.dir / ".ns").exists())
        self.assertIn(b"--query", run("delete", cwd=self.dir, check=2).stderr)
        self.index([{"id": "1", "body": "zebra"}])
        self.assertIn(b"no arguments", run("merge", "here", cwd=self.dir, check=2).stderr)

    def test_delete_more_than_a_query_can_list(self):
        self.index([{"id": str(i), "body": "yak" if i % 50 else "gnu"} for i in range(105000)],
                   "--store-level", "1")
        run("delete", "--query", "yak", cwd=self.dir, check=0)
        self.assertEqual(self.stats()["articles"], 2100)
        run("query", "yak", cwd=self.dir, check=1)

    def test_last_of_equal_ids_wins(self):
        one, two = self.dir / "one.jsonl", self.dir / "two.jsonl"
        one.write_bytes(lines([{"id": "x", "body": "first"}, {"id": "y", "body": "other"},
                               {"id": "x", "body": "second"}]))
        two.write_bytes(b"\n" + lines([{"id": "x", "body": "third"}]))
        result = run("index", "one.jsonl", "two.jsonl", cwd=self.dir, check=0)
        said = result.stderr.decode().splitlines()
        self.assertIn("ns: one.jsonl:3: warning: replaces the article with the same id of "
                      "one.jsonl:1", said)
        self.assertIn("ns: two.jsonl:2: warning: replaces the article with the same id of "
                      "one.jsonl:3", said)
        self.assertEqual(self.stats()["articles"], 2)
        self.assertEqual(json.loads(run("show", "--json", "x", cwd=self.dir).stdout)["body"],
                         "third")

    def test_fresh(self):
        self.index(self.records(5))
        self.index(self.records(3, 100), "--fresh")
        self.assertEqual((self.stats()["articles"], self.stats()["segments"]), (3, 1))

    def test_second_writer(self):
        self.index(self.records(3))
        before = self.shown()
        with open(self.dir / ".ns" / "lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for command in (["index", "-"], ["delete", "a1"], ["merge"], ["index", "--fresh", "-"]):
                result = run(*command, cwd=self.dir, stdin=lines(self.records(1)), check=2)
                self.assertIn(b"another", result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1)
            self.assertEqual(self.shown(), before)  # readers do not care
        run("delete", "a1", cwd=self.dir, check=0)

    def test_killed(self):
        """Whenever a writer is killed, the index is as before or as after, and the next writer
        clears away what was left."""
        generator = random.Random(SEED)
        print(f"seed {SEED}")
        base, work, more = self.dir / "base", self.dir / "work", self.dir / "more.jsonl"
        base.mkdir()
        more.write_bytes(lines(self.records(60, 20)))
        for first in (0, 15, 30):
            run("index", "-q", "-", cwd=base, stdin=lines(self.records(25, first)), check=0)
        run("delete", "-q", "a4", "a33", cwd=base, check=0)
        commands = [["index", "-q", "--memory", "1M", str(more)], ["merge", "-q"],
                    ["delete", "-q", "--query", "storm"], ["index", "-q", "--fresh", str(more)]]
        after, took = [], []
        for command in commands:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(base, work)
            start = time.monotonic()
            run(*command, cwd=work, check=0)
            took.append(time.monotonic() - start)
            after.append((self.shown(work), sorted(os.listdir(work / ".ns"))))
        before = self.shown(base)
        for turn in range(52):
            which = turn % len(commands)
            shutil.rmtree(work)
            shutil.copytree(base, work)
            process = subprocess.Popen([NS, *commands[which]], cwd=work, stderr=subprocess.DEVNULL)
            try:
                process.wait(generator.uniform(0, 1.1 * took[which]))
            except subprocess.TimeoutExpired:
                process.kill()
            process.wait()
            run("check", cwd=work, check=0)
            shown = self.shown(work)
            self.assertIn(shown, (before, after[which][0]), commands[which])
            result = run(*commands[which], cwd=work)  # recovers, and does it now
            self.assertIn(result.returncode, (0, 1), result.stderr)
            self.assertEqual(self.shown(work), after[which][0])
            run("check", cwd=work, check=0)
            if shown == before and which != 1:
                self.assertEqual(sorted(os.listdir(work / ".ns")), after[which][1])
            self.assertFalse([n for n in os.listdir(work / ".ns") if n.startswith("tmp-")])


class Terminal(Temporary):
    def on_terminal(self, *args, env=None):
        main, side = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **(env or {})}
        environment.pop("NO_COLOR", None) if not env else None
        process = subprocess.Popen([NS, *args], cwd=self.dir, stdout=side, stderr=side,
                                   stdin=subprocess.DEVNULL, env=environment)
        os.close(side)
        data = b""
        while True:
            try:
                chunk = os.read(main, 65536)
            except OSError:
                break
            if not chunk:
                break
            data += chunk
        process.wait()
        os.close(main)
        return data.decode("utf-8")

    def setUp(self):
        super().setUp()
        self.index([{"id": "1", "title": "Evil \u001b[31mred\u0007 talks",
                     "body": "The talks \u001b]0;owned\u0007 went \u202eback\u009b on. " * 8}])

    def test_control_characters_stay_away(self):
        for command in (("query", "talks"), ("show", "1")):
            text = self.on_terminal(*command, env={"NO_COLOR": "1"})
            self.assertNotRegex(text, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")
        piped = run("query", "talks", cwd=self.dir, check=0).stdout.decode()
        self.assertIn("\u202e", piped)

    def test_bench_bars(self):
        (self.dir / "queries.tsv").write_text("a\ttalks\nnews\tevil red\n")
        args = ("bench", "--queries", "queries.tsv", "--summary")
        text = self.on_terminal(*args)
        self.assertIn("█", text)
        self.assertIn("\x1b[", text)
        plain = self.on_terminal(*args, env={"NO_COLOR": "1"})
        self.assertIn("█", plain)
        self.assertNotIn("\x1b", plain)
        self.assertLessEqual(max(map(len, plain.splitlines())), 80)

    def test_colour(self):
        self.assertIn("\x1b[", self.on_terminal("query", "talks"))
        self.assertNotIn("\x1b[", self.on_terminal("query", "talks", env={"NO_COLOR": "1"}))
        self.assertNotIn(b"\x1b[1;33m", run("query", "talks", cwd=self.dir).stdout)
        self.assertIn(b"\x1b[1;33m", run("query", "--color", "always", "talks",
                                         cwd=self.dir).stdout)
        self.assertNotIn("\x1b[1;33m", self.on_terminal("query", "--color", "never", "talks"))

    def test_wrapping(self):
        text = self.on_terminal("query", "talks", env={"NO_COLOR": "1"})
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 100)


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
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
