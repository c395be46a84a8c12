#!/usr/bin/env python3
"""Searches as users do: the corpus, marks, the language of queries, counts."""
import gzip
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import NS, SANITIZERS, SEED, SOURCE, Temporary, main, run


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

    def test_examples(self):
        """Commands of README and of help run on the corpus, and find something."""
        corpus, this = SOURCE / "corpus", pathlib.Path(tempfile.mkdtemp(prefix="ns-cli-"))
        self.addCleanup(shutil.rmtree, this, ignore_errors=True)
        everything = b"".join(f.read_bytes() for f in sorted(corpus.glob("*.jsonl")))
        for name in ("articles.jsonl.gz", "dump.gz"):
            (this / name).write_bytes(gzip.compress(everything, 1))
        (this / "more.jsonl").write_bytes((corpus / "languages.jsonl").read_bytes())
        for folder in ("more", "archive"):
            shutil.copytree(corpus / "texts", this / folder)
        for name, text in (("queries.tsv", "term\ttariff\n"), ("topics.tsv", "1\ttariff talks\n"),
                           ("judgments.qrels", "1 0 hw-250512-geneva 1\n"),
                           ("other.run", "1 Q0 hw-250512-geneva 1 1.0 x\n")):
            (this / name).write_text(text)
        names = {"ARTICLE-ID": "hw-250503-precursor-controls", "FILE.tsv": "queries.tsv",
                 "T.tsv": "topics.tsv", "--qrels Q ": "--qrels judgments.qrels ",
                 "delete ID": "delete hw-250512-geneva", "/srv/news.ns": "news.ns"}
        readme = (SOURCE / "README.md").read_text(encoding="utf-8").split("```")[1]
        ran = self.run_examples(readme, names, this)
        for command in ("index", "query", "similar", "count", "suggest", "show", "analyze", "stats", "check",
                        "bench", "eval", "merge", "delete"):
            told = run("help", command, cwd=this, check=0).stdout.decode().split("Examples:")[1]
            ran += self.run_examples(told, names, this)
        self.assertGreater(ran, 50)

    def run_examples(self, text, names, cwd):
        """Lines that begin with ns, or several of them in a line; a remark may stand behind."""
        lines = [command for line in text.splitlines() if re.match(" *(ns|zcat) ", line)
                 for command in re.split("    (?=ns )", re.sub(" +#.*", "", line.strip()))]
        shell = f'ns() {{ "{NS}" "$@"; }}; '
        for line in lines:
            line = "zcat dump.gz | " + line if line.startswith("ns") and line.endswith(" -") else line
            for name, meant in names.items():
                line = (line + " ").replace(name, meant).rstrip()
            done = subprocess.run(["bash", "-c", shell + line], cwd=cwd, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, check=False, env={**os.environ, **SANITIZERS})
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout[-500:]}{done.stderr[-500:]}")
            if line.startswith("ns query"):
                self.assertNotIn("note:", done.stderr, line)
        return len(lines)

    def test_forms_in_short(self):
        """Each example of the two tables of forms finds something."""
        documented = (SOURCE / "docs/query.md").read_text(encoding="utf-8").split("```")[1]
        told = run("help", "query", cwd="/", check=0).stdout.decode().split("\n\n")
        tables = documented.split("\n\n")[0] + "\n" + next(t for t in told if "  tariff talks " in t)
        forms = []
        for line in tables.strip().splitlines():
            form, gap, _ = re.fullmatch(r"(.*?)(?:(  +)(.*))?", line.strip()).groups()
            explained = gap and len(form + gap) == 25
            forms += [form] if explained else re.split("  +", line.strip())
        forms = [f for f in forms if "…" not in f and "last-" not in f]
        self.assertGreater(len(forms), 25)
        for form in forms:
            with self.subTest(form):
                self.assertNotEqual(self.ids(form), [])

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

    def test_timeout(self):
        whole = self.query("tariff talks")
        self.assertFalse(whole["partial"])
        self.assertFalse(self.query("tariff talks", "--timeout", "0")["partial"])
        hour = self.query("tariff talks", "--timeout", "3600000")
        self.assertEqual(hour["results"], whole["results"])
        self.assertFalse(hour["partial"])
        wrong = run("query", "--timeout", "soon", "tariff", cwd=self.dir)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(b"--timeout soon", wrong.stderr)

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


class Lines(Temporary):
    def parts(self, query):
        """Of each article: the lines and pairs that its score has a part for, in the order of ranks."""
        return [(r["article"], [p["terms"] for p in r["explain"]["parts"] if p["kind"] == "line"],
                 [p["terms"] for p in r["explain"]["parts"] if p["kind"] == "near"])
                for r in self.query("--explain", query)["results"]]

    def test_lines(self):
        filler = "今天天气很好。" * 60
        self.index([
            {"id": "apart", "title": "", "body": "花鼓很美。灯会今晚开幕，花鼓今晚开幕。" + filler},
            {"id": "late", "title": "", "body": filler + "\n\n灯会“花鼓”今晚开幕。"},
            {"id": "first", "title": "", "body": "灯会 “花鼓”今晚开幕。" + filler},
            {"id": "titled", "title": "灯会-花鼓·今晚开幕", "body": filler + filler}])
        line = "灯会 花鼓 今晚 晚开 开幕"
        for query in ("灯会“花鼓”今晚开幕", "灯会 花鼓 今晚开幕", '"灯会" +花鼓 今晚开幕'):
            told = {article: lines for article, lines, _ in self.parts(query)}
            self.assertEqual(told["first"], [line], query)
            self.assertEqual(told["titled"], [line], query)
            self.assertEqual(told["late"], [], query)
            self.assertEqual(told.get("apart", []), [], query)
        for query in ("灯会 a 花鼓 今晚开幕", "灯会^2 花鼓 今晚开幕", "灯会 -b 花鼓 今晚开幕"):
            told = {article: lines for article, lines, _ in self.parts(query)}
            self.assertNotIn(line, told["first"], query)

    def test_where_a_line_begins(self):
        """Counts up to twice, the earlier the more; in a headline as at the very beginning."""
        filler = "雨雪风云。" * 3  # nine words
        begins = {"first": 0, "second": 9, "third": 18, "titled": 0}
        self.index([
            {"id": "first", "title": "", "body": "灯会“花鼓”。" + filler},
            {"id": "second", "title": "", "body": filler + "灯会，花鼓。灯会花鼓。灯会，花鼓。"},
            {"id": "third", "title": "", "body": filler + filler + "灯会-花鼓。"},
            {"id": "titled", "title": "灯会-花鼓", "body": filler + "灯会、花鼓。"}])
        for query in ("灯会 花鼓", "灯会，花鼓"):
            values = {r["article"]: p["value"] for r in self.query("--explain", query)["results"]
                      for p in r["explain"]["parts"] if p["kind"] == "line"}
            self.assertEqual(sorted(values), sorted(begins), query)
            for article, begin in begins.items():
                self.assertAlmostEqual(values[article] / values["first"],
                                       (1 + 8 / (8 + begin)) / 2, 6, f"{query} {article}")

    def test_pairs(self):
        """Bigrams of a run are no pairs, those of two words are."""
        self.index([{"id": "a", "title": "", "body": "灯会“花鼓”今晚开幕。"}])
        self.assertEqual(self.parts("花鼓 今晚开幕")[0][2], ["花鼓 今晚"])


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
        self.assertEqual((quick["articles"], quick["passages"]), (1001, 1001))
        run("delete", "-q", *map(str, range(1001, 1500)), cwd=self.dir, check=0)  # 1,001 are left
        self.assertIn(b"\nmore than 1000 articles, 1000 passages, " , b"\n" + run(
            "query", "-n", "0", "tariff", cwd=self.dir, check=0).stderr)
        self.assertIn(b"\nat least 1001 articles, 1001 passages, " , b"\n" + run(
            "query", "--copies", "-n", "2000", "tariff", cwd=self.dir, check=0).stderr)


if __name__ == "__main__":
    main()
