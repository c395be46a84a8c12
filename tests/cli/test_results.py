#!/usr/bin/env python3
"""What ns query prints and in which order: formats, fields, sorting, grouping, dates, ages."""
import html
import json
import random
import re
import struct

from harness import SEED, Temporary, main, run

DAY = 86400


def article(number, **more):
    return {"id": f"a{number}", "lang": "en", "body": f"Fog in the harbour. Report {number}.", **more}


class Formats(Temporary):
    def setUp(self):
        super().setUp()
        self.index([article(i, title=f"Fog\t{i}\nagain\u2028", source="Wire", section="world",
                            date=f"2025-05-{i + 1:02}", author="A", url="https://example.org/x")
                    for i in range(12)])

    def rows(self, *args, check=0):
        text = run("query", *args, cwd=self.dir, check=check).stdout.decode()
        return [line.split("\t") for line in text.splitlines()]

    def said(self, *args, check=2):
        result = run("query", *args, cwd=self.dir, check=check)
        self.assertEqual(result.stdout, b"")
        return result.stderr.decode()

    def test_tsv(self):
        rows = self.rows("--tsv", "-n", "3", "fog")
        self.assertEqual([len(row) for row in rows], [8, 8, 8])
        rank, score, name, date, source, title, passage, copies = rows[0]
        self.assertEqual((rank, name, date, source, copies), ("1", "a0", "2025-05-01", "Wire", "0"))
        self.assertEqual(title, "Fog 0 again ")
        self.assertEqual(passage, "Fog in the harbour. Report 0.")
        found = self.query("-n", "3", "fog")["results"]
        self.assertEqual([float(row[1]) for row in rows], [r["score"] for r in found])
        self.assertEqual(self.rows("--tsv", "--fields", "id,rank,id,lang", "-n", "2", "fog"),
                         [["a0", "1", "en"], ["a1", "2", "en"]])

    def test_tsv_keeps_lines_whole(self):
        random.seed(SEED)
        print(f"seed {SEED}")
        letters = "ab \t\n\r\x00\x01\x1b\x7f\x85\x9b\u2028\u2029\u202e\ufeff<&\"é水😀"
        noises = ["".join(random.choice(letters) for _ in range(60)) for _ in range(30)]
        self.index([{"id": f"n{i}{noise[:9]}", "title": noise + " fog", "source": noise,
                     "body": "fog " + noise} for i, noise in enumerate(noises)])
        out = run("query", "--tsv", "-n", "100", "--fields", "id,title,source,passage,rank", "fog",
                  cwd=self.dir, check=0).stdout.decode()
        rows = [line.split("\t") for line in out.split("\n")[:-1]]
        self.assertEqual(len(rows), 42)
        self.assertTrue(all(len(row) == 5 for row in rows))
        self.assertNotRegex(out.replace("\n", "").replace("\t", ""), "[\x00-\x1f\x7f-\x9f\u2028]")

    def test_trec(self):
        text = run("query", "--trec", "--offset", "10", "-n", "5", "fog", cwd=self.dir,
                   check=0).stdout.decode()
        self.assertRegex(text, r"\A1 Q0 a10 11 \S+ ns\n1 Q0 a11 12 \S+ ns\n\Z")
        self.assertTrue(self.rows("--trec", "--topic", "T7", "fog")[0][0].startswith("T7 Q0 a0 1 "))
        for passages in (("-p",), ("--group", "none")):  # trec_eval takes each article once
            self.assertIn("each article once", self.said("--trec", *passages, "fog"))
        self.assertIn("without white space", self.said("--trec", "--topic", "a b", "fog"))
        self.index([article(0, id="two words", title="fog fog fog fog")])
        self.assertIn("white space", run("query", "--trec", "-n", "99", "fog", cwd=self.dir,
                                         check=2).stderr.decode())

    def test_offset(self):
        whole = [r["article"] for r in self.query("-n", "12", "fog")["results"]]
        for offset in (0, 1, 5, 11, 12, 40):
            part = self.query("-n", "4", "--offset", str(offset), "fog")
            self.assertEqual([r["article"] for r in part["results"]], whole[offset:offset + 4])
            self.assertEqual([r["rank"] for r in part["results"]],
                             list(range(offset + 1, offset + 1 + len(part["results"]))))
            self.assertEqual(part["offset"], offset)
        for form in ((), ("--tsv",), ("--trec",), ("--html",)):
            said = run("query", *form, "--offset", "40", "fog", cwd=self.dir, check=0).stderr.decode()
            self.assertIn("there are 12 results; --offset 40 leaves none", said)
            said = run("query", *form, "-c", "-n", "1", "fog", cwd=self.dir, check=0).stderr.decode()
            self.assertRegex(said, r"\A12 articles, 12 passages")
        self.assertIn("no more than the first", self.said("--offset", "99999", "-n", "2", "fog"))

    def test_fields(self):
        out = run("query", "--fields", "date,id", "-n", "2", "fog", cwd=self.dir, check=0).stdout
        self.assertEqual(out.decode(), "1. 2025-05-01 · a0\n2. 2025-05-02 · a1\n")
        out = run("query", "--fields", "rank", "-n", "2", "fog", cwd=self.dir, check=0).stdout
        self.assertEqual(out.decode(), "1. \n2. \n")
        out = run("query", "--fields", "title", "-n", "1", "fog", cwd=self.dir, check=0).stdout
        self.assertEqual(out.decode().split(), ["1.", "**Fog**", "0", "again"])
        out = run("query", "--fields", "passage,date,id", "-n", "2", "fog", cwd=self.dir, check=0).stdout
        self.assertEqual(out.decode(), "1. 2025-05-01 · a0\n   **Fog** in the harbour. Report 0.\n\n"
                                       "2. 2025-05-02 · a1\n   **Fog** in the harbour. Report 1.\n")
        found = self.query("--fields", "id,url", "-n", "1", "fog")["results"]
        self.assertEqual(found, [{"article": "a0", "url": "https://example.org/x"}])
        self.assertEqual(self.rows("--tsv", "--fields", " id , rank", "-n", "1", "fog"),
                         self.rows("--tsv", "--fields", "id,rank", "-n", "1", "fog"))
        self.assertIn("did you mean title?", self.said("--fields", "id,titel", "fog"))
        self.assertIn('no field ""', self.said("--fields", "", "fog"))
        self.assertIn("have their own", self.said("--trec", "--fields", "id", "fog"))
        self.assertIn("give one of them", self.said("--tsv", "--json", "fog"))

    def test_a_pipe_that_closes(self):
        """ns query … | head -1 is quiet."""
        import subprocess
        from harness import NS
        done = subprocess.run(f"{NS} query --tsv -n 100 fog | head -1", shell=True, cwd=self.dir,
                              capture_output=True, check=True)
        self.assertEqual((done.stdout.count(b"\n"), done.stderr), (1, b""))

    def test_no_index(self):
        self.assertIn(b"no index here", run("query", "--tsv", "fog", cwd="/", check=2).stderr)


class Html(Temporary):
    TAG = re.compile(r"<(/?)(\w+)((?: [\w-]+=\"[^\"<>]*\")*)>")

    def marks_of(self, text):
        """Takes the output apart: only our own elements, balanced; returns the texts of marks."""
        stack, marks, at = [], [], 0
        for tag in self.TAG.finditer(text):
            between = text[at:tag.start()]
            self.assertNotRegex(between, "[<>\"']")
            self.assertNotRegex(between, r"&(?!(lt|gt|amp|quot|#39);)")
            if stack and stack[-1] == "mark":
                marks.append(html.unescape(between))
            if tag[1]:
                self.assertEqual(stack.pop(), tag[2])
            else:
                self.assertIn(tag[2], ("ol", "li", "h3", "span", "p", "mark"))
                self.assertRegex(tag[3], r'^( (class="ns-\w+"|start="\d+"))*$')
                self.assertNotIn("mark", stack)
                stack.append(tag[2])
            at = tag.end()
        self.assertEqual((stack, text[at:]), ([], "\n"))
        return marks

    def test_only_our_marks(self):
        random.seed(SEED)
        print(f"seed {SEED}")
        parts = ["<mark>", "</mark>", "<script>", "'", '"', "&", "&lt;", "<!--", "-->", "fog", " fog ",
                 "\x00", "\x1b[31m", "\u202e", "\ufffe", "é", "水手", "\n\n", "]]>", "\x85", "a"]

        def noise():
            return "".join(random.choice(parts) for _ in range(random.randrange(25)))

        for _ in range(3):
            self.index([{"id": f"{i}{noise()}", "title": noise(), "source": noise(),
                         "body": f"{noise()} fog {noise()} 水手"} for i in range(20)], "--fresh")
            fields = "rank,score,id,date,source,section,author,url,lang,title,passage"
            for query in ("fog", "水手", "mark fog script"):
                args = ("-n", "50", "--snippet", random.choice("0359"), query)
                out = run("query", "--html", "--fields", fields, *args, cwd=self.dir, check=0)
                text = out.stdout.decode()
                self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ufffe]")
                wanted = []
                for found in self.query("--fields", fields, *args)["results"]:
                    title, passage = found["title"], found["passage"]
                    wanted += [title[s:e] for s, e in found["title_highlights"]]
                    wanted += [passage["text"][s:e] for s, e in passage["highlights"]]
                self.assertGreater(len(wanted), 10)
                wanted = [re.sub("[\x00-\x08\x1b\x85\u202e\ufffe]", "\ufffd", mark) for mark in wanted]
                self.assertEqual(self.marks_of(text), wanted)


class Ranges(Temporary):
    def test_a_match_longer_than_the_snippet(self):
        self.index([{"id": "1", "lang": "en", "body": "Alpha beta gamma delta epsilon zeta eta theta iota."}],
                   "--fresh", "-q")
        for words in range(1, 7):
            found, = self.query("--snippet", str(words), '"gamma delta epsilon"')["results"]
            text, (mark,) = found["passage"]["text"], found["passage"]["highlights"]
            self.assertEqual(text[slice(*mark)], "gamma delta epsilon")
            self.assertEqual(len(text.split()), max(words, 3))

    def test_snippets(self):
        """A snippet is a part of the body, and its marks are where words of the query stand."""
        random.seed(SEED)
        print(f"seed {SEED}")
        words = ["fog", "Fogs", "harbour", "é", "😀", "水手", "signal,", "(night)", "a\n\nb"]
        bodies = {f"a{i}": " ".join(random.choice(words) for _ in range(random.randrange(1, 300)))
                  for i in range(30)}
        self.index([{"id": i, "title": " ".join(random.choice(words) for _ in range(5)),
                     "body": body, "lang": "en"} for i, body in bodies.items()])
        seen = 0
        for query, form in (("fog", "fogs?"), ("水手 night", "水手|night"), ('"fog harbour"', "fogs? harbour"),
                            ("fog*", "fogs?"), ("fgo~1", "fogs?"),
                            ("harbour ONEAR/2 signal", "harbour|signal|harbour \\S* ?signal")):
            for snippet in ("0", "1", "5", "40"):
                for found in self.query("-n", "30", "--snippet", snippet, query)["results"]:
                    passage, title = found["passage"], found["title"]
                    text = passage["text"]
                    body = bodies[found["article"]]
                    self.assertEqual(body[passage["start"]:passage["end"]], text)
                    marks = [text[s:e] for s, e in passage["highlights"]]
                    marks += [title[s:e] for s, e in found["title_highlights"]]
                    for mark in marks:
                        mark = mark.lower().replace("😀 ", "")  # no word
                        self.assertRegex(mark, f"^({form})( ({form}))*$", (query, text))
                    seen += len(marks)
        self.assertGreater(seen, 2000)


class Reading(Temporary):
    """How the query is read, and what is said about it."""

    def setUp(self):
        super().setUp()
        self.index([{"id": "a", "body": "fog harbour", "date": "2025-05-03T23:30:00Z"},
                    {"id": "b", "body": "fog", "date": "2025-05-04"}, {"id": "c", "body": "night"}])

    def ids(self, *args):
        return sorted(r["article"] for r in self.query(*args)["results"])

    def test_notes(self):
        done = run("query", "--fields", "id", "fog AND", cwd=self.dir, check=0)
        first, *rest = done.stderr.decode().splitlines()
        self.assertRegex(first, "^note: AND ")
        self.assertEqual(len(rest), 1)
        note, = self.query("fog AND")["notes"]
        self.assertEqual((note["start"], note["end"]), (4, 7))
        self.assertEqual("note: " + note["message"], first)
        self.assertEqual(self.query("fog")["notes"], [])
        for command in ("query", "count"):
            done = run(command, "--strict", "fog AND", cwd=self.dir, check=2)
            self.assertEqual(done.stdout, b"")
            self.assertRegex(done.stderr.decode(), r"^ns: at character 5 of the query.*AND")
            done = run(command, "--strict", "жжж “fog", cwd=self.dir, check=2)
            self.assertRegex(done.stderr.decode(), "^ns: at character 5 of the query, \"“fog\"")
            done = run(command, "--strict", 'fog "fog', cwd=self.dir, check=2)
            self.assertRegex(done.stderr.decode(), "^ns: at character 5 of the query, '\"fog': ")
            run(command, "--strict", "fog AND harbour", cwd=self.dir, check=0)

    def test_spelling_is_told_in_all_forms(self):
        for form in ((), ("--tsv",), ("--trec",), ("--html",)):
            done = run("query", *form, "harbuor", cwd=self.dir, check=1)
            self.assertIn(b"did you mean: harbour\n", done.stderr)

    def test_cut_patterns_are_told(self):
        words = " ".join(f"q{i:04}" for i in range(1100))
        self.index([{"id": "1", "body": words}], "--fresh", "-q")
        for form in ((), ("--tsv",), ("--trec",), ("--html",)):
            self.assertIn(b"more than 1,024", run("query", *form, "q*", cwd=self.dir, check=0).stderr)
            self.assertNotIn(b"1,024", run("query", *form, "q00*", cwd=self.dir, check=0).stderr)
        self.assertTrue(self.query("q*")["cut"])
        self.assertFalse(self.query("q00*")["cut"])

    def test_all(self):
        self.assertEqual(self.ids("fog harbour"), ["a", "b"])
        self.assertEqual(self.ids("--all", "fog harbour"), ["a"])
        self.assertEqual(self.ids("-a", "fog", "-i", ".ns", "harbour"), ["a"])
        self.assertEqual(run("count", "--all", "fog harbour", cwd=self.dir, check=0).stdout, b"1\n")

    def test_did_you_mean(self):
        self.index([{"id": f"d{i}", "lang": "en", "body": f"The harbour authority spoke of fentanyl {i}."}
                    for i in range(30)])
        for query, meant in (("fentanly", "fentanyl"), ("harbuor AND fentanly", "harbour AND fentanyl"),
                             ('"habour authority"', '"harbour authority"')):
            done = run("query", query, cwd=self.dir, check=1)
            self.assertEqual(done.stdout, b"")
            self.assertEqual(done.stderr.decode().splitlines()[-1], f"did you mean: {meant}")
            self.assertEqual(self.query(query)["did_you_mean"], meant)
            found = run("query", meant, cwd=self.dir, check=0).stderr.decode()
            self.assertNotIn("did you mean", found)
            self.assertIsNone(self.query(meant)["did_you_mean"])
        done = run("query", "night fentanly", cwd=self.dir, check=0)  # little is found
        self.assertTrue(done.stderr.decode().endswith("did you mean: night fentanyl\n"))
        # Few are found: only what finds ten times as many is suggested.
        self.index([{"id": f"t{i}", "lang": "en", "body": "Talks on a tarriff" if i < 4 else
                     "A tariff on steel" if i < 500 else "No news"} for i in range(4000)])
        self.assertEqual(self.query("tarriff")["did_you_mean"], "tariff")
        self.assertEqual(self.query("tarriff AND steel")["did_you_mean"], "tariff AND steel")
        self.assertIsNone(self.query("tarriff AND talks")["did_you_mean"])  # 4, and none of the other
        self.assertIsNone(self.query("tarriff id:t?")["did_you_mean"])  # 4, and 6 of the other
        self.assertIsNone(self.query("+tarriff zeppelin -steel")["did_you_mean"])
        self.assertIsNone(self.query("tarriff talks fog harbour")["did_you_mean"])  # enough is found
        self.assertIsNone(self.query("tariff -steel")["did_you_mean"])
        for query in ("zzzzqqqq", "", "-fentanly"):
            self.assertNotIn(b"did you mean", run("query", "--", query, cwd=self.dir, check=1).stderr)

    def test_explain_query(self):
        done = run("query", "--explain-query", "-a", "fog (a OR b)", cwd="/", check=0)
        self.assertEqual(done.stdout.decode().split("\n\n")[0], "fog AND (a OR b)")
        self.assertIn('required: word "fog"', done.stdout.decode())
        done = run("query", "--explain-query", "--tz", "-04:00", "date:2025-05", cwd="/", check=0).stdout
        told = "2025-05-01T00:00-04:00..2025-05-31T23:59-04:00"
        self.assertIn(f"date:{told}\n", done.decode())
        self.assertIn(f"dated {told}\n", done.decode())
        again = run("query", "--explain-query", f"date:{told}", cwd="/", check=0).stdout.decode()
        self.assertIn("2025-05-01T04:00Z..2025-06-01T03:59Z (UTC)", again)
        done = run("similar", "--explain-query", "b", cwd=self.dir, check=0).stdout.decode()
        self.assertRegex(done, r"\Afog\^0.2 -id:b\n")

    def test_times(self):
        self.assertEqual(self.ids("fog date:2025-05-03"), ["a"])
        self.assertEqual(self.ids("--tz", "+02:00", "fog date:2025-05-03"), [])
        self.assertEqual(self.ids("--now", "2025-05-05", "fog date:yesterday"), ["b"])
        for relative in (("--since", "24h", "--now", "2025-05-05"), ("--since", "2025-05-04")):
            self.assertEqual(self.ids(*relative, "fog"), ["b"])
        self.assertEqual(self.ids("--until", "2025-05-03", "*"), ["a"])
        self.assertEqual(self.ids("--until", "2025-05-03", "--tz", "+02:00", "*"), [])
        self.assertEqual(self.ids("--until", "2025-05", "*"), ["a", "b"])
        done = run("query", "--since", "2030", "fog", cwd=self.dir, check=1).stderr
        self.assertEqual(done, b"ns: nothing found for: fog (dated within --since and --until)\n")
        self.assertEqual(self.ids("--since", "2025-05-03T23:30:01", "--until", "2026", "*"), ["b"])
        for day in ("yesterday", "4 May 2025", "May 4, 2025", "2025/5/4", "last-1-days"):
            self.assertEqual(self.ids("--now", "5 May 2025", "--since", day, "*"), ["b"], day)
        self.assertEqual(self.ids("--now", "2025-05-04", "--until", "yesterday", "*"), ["a"])
        self.assertEqual(self.ids("--now", "2025-05-04", "--until", "yesterday", "--tz", "+02:00", "*"),
                         [])
        for none in ("2024..2025", ">2024", "never", "2025-02-30", "soon", ""):
            said = run("query", "--since", none, "fog", cwd=self.dir, check=2).stderr
            self.assertIn(b"give a date such as", said, none)


class Orders(Temporary):
    def setUp(self):
        super().setUp()
        dates = ["2025-05-03", "2024-01-01T12:00:00Z", None, "2025-05-03T00:00:00+02:00", "2023",
                 "not a date"]
        self.index([article(i, source=("Wire", "Post", "")[i % 3],
                            title="fog" if i == 4 else "", **({"date": d} if d else {}))
                    for i, d in enumerate(dates)])

    def ids(self, *args, check=0):
        return [r["article"] for r in self.query(*args, "fog", check=check)["results"]]

    def test_sort(self):
        self.assertEqual(self.ids()[0], "a4")
        self.assertEqual(self.ids("--sort", "date"), ["a0", "a3", "a1", "a4", "a2", "a5"])
        self.assertEqual(self.ids("--sort=-date"), ["a4", "a1", "a3", "a0", "a2", "a5"])
        self.assertEqual(self.ids("--sort", "date", "-n", "2", "--offset", "1"), ["a3", "a1"])
        # there 3 May begins three hours earlier than in UTC, or four hours later
        self.assertEqual(self.ids("--sort", "date", "--tz", "+03:00"), ["a3", "a0", "a1", "a4", "a2", "a5"])
        self.assertEqual(self.ids("--sort", "date", "--tz", "-04:00"), ["a0", "a3", "a1", "a4", "a2", "a5"])
        said = run("query", "--sort", "new", "fog", cwd=self.dir, check=2).stderr
        self.assertIn(b"give score, date or -date", said)

    def test_dates_in_text(self):
        """To the minute, with the offset that was given."""
        out = run("query", "--sort", "date", "--fields", "date,id", "fog", cwd=self.dir, check=0).stdout
        self.assertEqual(out.decode().splitlines(), [
            "1. 2025-05-03 · a0", "2. 2025-05-03T00:00+02:00 · a3", "3. 2024-01-01T12:00 · a1",
            "4. 2023 · a4", "5. a2", "6. a5"])

    def test_group(self):
        self.assertEqual(self.ids("--group", "source"), ["a4", "a0", "a2"])
        self.assertEqual(self.ids("--group", "source", "--sort", "date"), ["a0", "a1", "a2"])
        self.assertEqual(self.ids("--group", "none"), self.ids("--passages"))
        said = run("query", "-p", "--group", "source", "fog", cwd=self.dir, check=2).stderr
        self.assertIn(b"give one of them", said)

    def test_recency(self):
        plain = {r["article"]: r["score"] for r in self.query("fog")["results"]}
        now = ("--now", "2025-05-04", "--recency", "1d")
        aged = {r["article"]: r["score"] for r in self.query(*now, "fog")["results"]}
        self.assertAlmostEqual(aged["a0"], plain["a0"] / 2, delta=plain["a0"] * 1e-7)  # a day old
        self.assertAlmostEqual(aged["a2"], plain["a2"] / 2, delta=plain["a2"] * 1e-7)  # unknown
        self.assertAlmostEqual(aged["a3"], plain["a3"] * 2 ** -(26 / 24), 6)
        self.assertEqual(self.ids(*now)[:2], ["a0", "a2"])
        zoned = ("--now", "2025-05-04T00:00Z", "--recency", "1d", "--tz", "+12:00")
        aged = {r["article"]: r["score"] for r in self.query(*zoned, "fog")["results"]}
        self.assertAlmostEqual(aged["a0"], plain["a0"] * 2 ** -1.5, 6)  # it began half a day earlier
        self.assertAlmostEqual(aged["a3"], plain["a3"] * 2 ** -(26 / 24), 6)
        early = ("--now", "2020", "--recency", "1d")  # all dates are in the future
        self.assertEqual(self.query(*early, "fog")["results"][0]["score"], plain["a4"])
        said = run("query", "--recency", "soon", "fog", cwd=self.dir, check=2).stderr
        self.assertIn(b"give a time such as 12h, 30d", said)

    def test_many_words_within_dates(self):
        """Of a query of many words not every passage that the dates leave is scored."""
        rng = random.Random(SEED)
        words = [f"w{i}" for i in range(80)]
        self.index([{"id": str(n), "date": "2024-05-03", "body": "\n\n".join(
            " ".join(rng.sample(words, 20 + n % 60)) + "." for _ in range(8))} for n in range(150)],
            "--passage-words", "60", "--fresh")
        args = ("--ranking", "bm25", "-n", "3", "--json", "--since", "2024", " ".join(words))
        done = run("query", "--profile", *args, cwd=self.dir, check=0)
        plain = json.loads(run("query", "--no-pruning", *args, cwd=self.dir, check=0).stdout)
        scored = int(re.search(rb"candidates +(\d+)", done.stderr).group(1))
        self.assertLess(2 * scored, plain["hits"]["passages"])
        self.assertEqual(json.loads(done.stdout)["results"], plain["results"])

    def test_explained(self):
        for more in (("--ranking", "bm25"), ("--recency", "9d", "--now", "2025-06")):
            for found in self.query("--explain", *more, "fog harbour report")["results"]:
                parts = found["explain"]["parts"]
                total = 0.0
                for part in parts:
                    total += part["value"]
                self.assertEqual(struct.pack("f", total), struct.pack("f", found["score"]))
                self.assertEqual([p["terms"] for p in parts if p["kind"] == "word"],
                                 ["fog", "harbour", "report"])
        # A word that the article has, but not in its best passage, is named as well.
        far = "Storm in the harbour. " * 60 + "\n\n" + "The night was long. " * 60 + "Then fog."
        self.index([{"id": "far", "title": "", "lang": "en", "body": far}])
        found = [r for r in self.query("--explain", "-n", "99", "storm^9 fog")["results"] if r["article"] == "far"]
        self.assertEqual([(p["terms"], p["tf"] > 0) for p in found[0]["explain"]["parts"]],
                         [("fog", False), ("storm", True)])
        text = run("query", "--explain", "-n", "1", "fog", cwd=self.dir, check=0).stdout.decode()
        self.assertRegex(text, r"= the sum of\n   \S+ fog: weight 1, idf \S+, 3 in its best")
        text = run("query", "--explain", "-n", "1", "--ranking", "bm25", "fog", cwd=self.dir,
                   check=0).stdout.decode()
        self.assertRegex(text, r"= the sum of\n   \S+ fog: weight 1 × idf \S+ × 3 / \(3 \+ ")
        said = run("query", "--explain", "--tsv", "fog", cwd=self.dir, check=2).stderr
        self.assertIn(b"--explain goes with text and --json", said)
        for command, form in (("query", "--tsv"), ("query", "--html"), ("count", "--tsv")):
            said = run(command, "--explain-query", form, "fog", cwd=self.dir, check=2).stderr
            self.assertIn(b"--explain-query goes with text and --json", said)
        said = run("similar", "--explain-query", "--trec", "far", cwd=self.dir, check=2).stderr
        self.assertIn(b"--explain-query goes with text and --json", said)

    def test_dates_that_are_none(self):
        for option in ("--since", "--until", "--now"):
            for bad in ("", "yesteryear", "2025-13", "2025-02-29", "2025-05-01T25:00",
                        "2025-05-01T10:00+2", "5x", "1e99d", "-3d"):
                said = run("query", f"{option}={bad}", "fog", cwd=self.dir, check=2).stderr.decode()
                self.assertIn(f"{option} {bad}: give a date such as 2025", said)
        said = run("query", "--since", "2025", "--until", "2024-12-31", "fog", cwd=self.dir, check=2)
        self.assertIn(b"--since 2025 is behind --until 2024-12-31", said.stderr)

    def test_zones_that_are_none(self):
        for bad in ("", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "+25:00", "Europe/Berlin;x"):
            said = run("query", "--tz", bad, "fog", cwd=self.dir, check=2).stderr.decode()
            self.assertIn(f"--tz {bad}: there is no such time zone here", said)
        for good in ("UTC", "local", "+02:00", "-0330", "+05"):
            run("query", "--tz", good, "fog", cwd=self.dir, check=0)


if __name__ == "__main__":
    main()
