#!/usr/bin/env python3
"""The query language as a user meets it: every form finds what docs/query.md says."""
import json

from harness import Temporary, main, run

ARTICLES = [
    {"id": "a", "date": "2024-05-03", "source": "Fox News", "section": "World news", "lang": "en",
     "author": "Ann Smith", "title": "Tariff talks",
     "body": "Export controls on fentanyl precursors were tightened. China objected strongly."},
    {"id": "b", "date": "2025-05-03T14:30:00Z", "source": "CNN", "section": "world", "lang": "en-GB",
     "author": "Bob Jones", "title": "Harbour closed",
     "body": "Controls of all exports came late. The colour of fog was grey. Mexico waits."},
    {"id": "c", "date": "2025-06-01", "source": "Sky News", "section": "sport", "lang": "de",
     "title": "Zölle", "body": "Die Verhandlungen über Zölle gehen weiter, sagte ein Sprecher."},
    {"id": "d", "source": "", "lang": "en", "title": "",
     "body": "Arachnophobia is common.\n\nA tariff was proposed by China. Talks began in Mexico."},
]


class Forms(Temporary):
    def setUp(self):
        super().setUp()
        self.index(ARTICLES)

    def ids(self, query, *options):
        return sorted(r["article"] for r in self.query(*options, "--", query)["results"])

    def finds(self, query, expected, *options):
        self.assertEqual("".join(self.ids(query, *options)), expected, query)

    def test_boolean(self):
        self.finds("tariff AND china", "ad")
        self.finds("tariff NOT talks", "")
        self.finds("harbour OR tariff", "abd")
        self.finds("(tariff OR harbour) AND mexico", "bd")
        self.finds("mexico AND NOT (fog OR arachnophobia)", "")
        self.finds("tariff mexico", "d", "--all")

    def test_only_excluded(self):
        """What only excludes finds nothing, also where it excludes from that; the outline agrees."""
        for query in ("-tariff", "-(fog -tariff)", "-(fog AND mexico NOT tariff)", "-fog -(mexico -tariff)",
                      "-(fog -(tariff NEAR/3 china))", "-(fog -title:tariff)", "-(fog -source:fox)",
                      "-(fog -date:2025)", "-(source:fox -tariff)"):
            for options in ((), ("--no-pruning",), ("--count",), ("--scope", "passage"), ("--all",)):
                answer = self.query(*options, "--", query)
                self.assertEqual((answer["results"], answer["hits"]["articles"]), ([], 0), query)
                self.assertIn("only excludes", answer["notes"][-1]["message"], query)
            self.assertIn(b"only excludes", run("query", "--strict", "--", query, cwd=self.dir, check=2).stderr)
            outline = run("query", "--explain-query", "--", query, cwd=self.dir).stdout
            self.assertIn(b"nothing, because all is excluded", outline, query)
        self.finds("* -(fog -tariff)", "acd")
        self.finds("mexico -(tariff -talks)", "bd")
        self.finds("date:2025 -(fog -tariff)", "c")
        self.finds("-(-tariff)", "ad")
        self.finds("-(-tariff -fog)", "abd")
        self.finds("-(-(tariff -fog))", "ad")

    def test_proximity(self):
        self.finds('"export controls"', "a")
        self.finds('"controls exports"~5', "ab")
        self.finds("controls NEAR/3 export", "ab")
        self.finds("export ONEAR/3 controls", "a")
        self.finds("export NEAR/2 controls", "a")
        self.finds("SENTENCE(tariff china)", "d")
        self.finds("SENTENCE(tariff mexico)", "")
        self.finds("PARAGRAPH(tariff mexico)", "d")
        self.finds("PARAGRAPH(arachnophobia mexico)", "")
        self.finds("(tariff OR fog) NEAR/5 (china OR grey)", "bd")

    def test_words_that_are_not_known_exactly(self):
        self.finds("precurs*", "a")
        self.finds("*phobia", "d")
        self.finds("colo?r", "b")
        self.finds("co*r", "b")
        self.finds("colou?r", "")
        self.finds("fentanly~1", "a")
        self.finds("ZOLL*", "c")
        self.finds("zolle~", "c")

    def test_ids_and_urls_of_segments(self):
        """A pattern of ids and a url mean the articles of their own segment, also where a filter around
        them leaves out others."""
        for names in ("ax ay", "cz cy", "bx"):
            self.index([{"id": name, "date": "2025", "url": "https://n.example/" + name, "body": name + " words."}
                        for name in names.split()], *(["--fresh"] if names[0] == "a" else []))
        for query, found in {"nothing OR id:ax*": "ax", "nothing OR id:c*": "cycz", "nothing OR url:*cz": "cz",
                             "words -(nothing OR id:?y)": "axbxcz", "nothing OR url:n.example/bx": "bx",
                             "+words -url:cy +(nothing OR id:*y)": "ay"}.items():
            self.finds(query, found)
            self.finds(query, found, "--since", "2024")
            self.finds("date:2025 (%s)" % query, found)
        run("delete", "-q", "--query", "date:2025 (nothing OR id:ax*)", cwd=self.dir, check=0)
        self.finds("*", "aybxcycz")

    def test_fields(self):
        self.finds("title:tariff", "a")
        self.finds("body:tariff", "d")
        self.finds('source:"Fox News"', "a")
        self.finds("source:news", "ac")
        self.finds("source:(fox OR cnn)", "ab")
        self.finds("section:world", "ab")
        self.finds("section:world*", "ab")
        self.finds("author:smith", "a")
        self.finds("lang:en", "abd")
        self.finds("lang:de", "c")
        self.finds("id:b", "b")
        self.finds("-source:news controls", "b")
        self.finds("controls source:fox", "a")
        self.finds("*", "abcd")
        self.finds("* -source:news", "bd")

    def test_blanks_in_values(self):
        """Blanks in a row are one, those at the ends none; a value without anything to see is one, too."""
        self.index([{"id": name, "source": source, "body": "Word " + name} for name, source in {
            "a": "Fox ", "b": "The  Fox", "c": "Fox", "d": "Fox\n", "e": " \t Fox\u00a0News", "f": "\u00ad", "g": " ",
            "h": "The\u3000\nFox", "i": "The *  Fox", "j": "", "k": "Foxes"}.items()], "--fresh")
        for query, found in {
                'source:"The Fox"': "bh", 'source:"the   FOX "': "bh", 'source:"fox "': "abcdehi",
                'source:" fox\n"': "abcdehi", 'source:"Fox  news"': "e", 'source:"the f*"': "bh", 'source:"the  f*"': "bh",
                'source:" fox"': "abcdehi", 'source:"fox*"': "acdek", 'source:"f* "': "acdek", 'source:"The \\*  Fox"': "i",
                'source:"\u00ad"': "fg", 'source:"  "': "fg"}.items():
            self.finds(query, found)
        suggested = json.loads(run("suggest", "--json", 'source:"the  f', cwd=self.dir, check=0).stdout)
        self.assertEqual(len(suggested["suggestions"]), 2)
        run("suggest", 'source:"fox  ', cwd=self.dir, check=0)
        suggested = json.loads(run("suggest", "--json", 'source:"fox ', cwd=self.dir, check=0).stdout)
        self.assertEqual([s["text"] for s in suggested["suggestions"]], ['source:" \t Fox\u00a0News"'])
        self.assertIn(b'source:"The Fox"', run("query", 'source:"the foy"', cwd=self.dir).stderr)

    def test_headlines_that_are_not_searched(self):
        """title:* is where a headline is; that words are not found in one is said, and refused if strict."""
        self.index(ARTICLES, "--fresh", "--title-weight", "0")
        self.finds("title:*", "abc")
        self.finds("* -title:*", "d")
        self.assertEqual(self.query("title:*")["notes"], [])
        for query in ("fog OR title:(harbour OR tariff)", "title:\"harbour closed\"", "title:harb*"):
            notes = self.query(query)["notes"]
            self.assertEqual(len(notes), 1, query)
            self.assertIn("--title-weight 0", notes[0]["message"])
            for command in (["query", "--strict", query], ["count", "--strict", query], ["delete", "--query", query]):
                self.assertIn(b"--title-weight 0", run(*command, cwd=self.dir, check=2).stderr)
        self.assertIn(b"note: title: finds no", run("query", "title:fog", cwd=self.dir, check=1).stderr)

    def test_dates(self):
        self.finds("date:2025", "bc")
        self.finds("date:2025-05", "b")
        self.finds("date:2024-01..2025-05", "ab")
        self.finds("date:>2024", "bc")
        self.finds('date:"3 May 2025"', "b")
        self.finds("date:last-30-days", "c", "--now", "2025-06-15")
        self.finds("controls date:2024", "a")
        self.finds("controls NOT date:2024", "b")

    def test_exact(self):
        self.finds("=controls", "ab")
        self.finds("=control", "")
        self.finds("=Controls", "b")
        self.finds('="Export controls"', "a")
        self.finds('="export controls"', "a")
        self.finds("=Harbour", "b")
        self.finds("title:=harbour", "b")
        self.finds("=precursors -=Precursors", "a")
        self.finds("=zölle", "c")
        self.finds("=zolle", "")
        self.finds("=exports OR =talks", "abd")
        self.finds("export NOT =exports", "a")

    def test_exact_near(self):
        self.finds("controls NEAR/4 exports", "ab")
        self.finds("=Controls NEAR/4 exports", "b")
        self.finds("=controls NEAR/4 =export", "a")
        self.finds('="controls export"~3', "a")
        self.finds('(="Export controls" OR =mexico) NEAR/3 (fentanyl OR =waits)', "ab")
        self.finds("SENTENCE(=tariff =China)", "d")
        self.finds("SENTENCE(=Tariff china)", "")
        self.finds("title:(=Harbour NEAR =closed)", "b")
        self.finds("title:(harbours NEAR close)", "b")
        self.finds("title:(=harbour NEAR =close)", "")
        self.index([{"id": "e", "lang": "en", "title": "", "body": "China bought china in bulk."}])
        self.finds("=China NEAR/5 china", "e")  # unlike places of the same word
        self.finds("=bought NEAR/5 =China", "e")

    def test_exact_by_bytes(self):
        """Bytes tell of most texts whether a word is written there, and must tell the same as words."""
        bodies = ["The end. Only the end, The-end and theThe TheThe", "Trump’s and Trump's plans", "Trumps, (Trump)",
                  "Trump", "said Trump.", "a Trump\u0301 b", "Tru\u00admp", "LEAVE US ALONE NOW PLEASE", "Us, us and US.",
                  "bbc.co.uk The.End", "The\u00a0end", "The_End", "The", "ends with The", "Uk U.K. uk UK", "l’Union Union",
                  "Union\nnews", "Ünion Unıon union", "The7 7The", "the 7The and theThe x", "LEAVE US ALONE NOW PLEASE SAYS U.S. TV", "It IT it's It's", "Тhe The", "水The水",
                  "Cafe\u0301 Café", "café", "Ｔｒｕｍｐ", "É Trump", "Stra\u00dfe", "Strasse", "E.nd e.nd", "T\u200dhe", "En\u0064\u0327",
                  "« Union »", "“Union” … – Trump", "ﬁne", "Fine", "l’É.T.", "dell’Union’s"]
        self.index([{"id": str(i), "lang": lang, "title": title, "body": body}
                    for i, (body, lang, title) in enumerate(
                        (body, lang, title) for body in bodies for lang in ("en", "fr", "tr")
                        for title in ("", "The Trump Union"))], "--fresh")
        words = ["The", "the", "Trump", "trump", "trumps", "Us", "us", "US", "uk", "Uk", "UK", "U.K.", "Union", "union",
                 "It", "it", "End", "end", "ends", "alone", "ALONE", "Alone", "bbc.co.uk", "plans", "Plans", "said",
                 "Café", "Strasse", "Fine", "L'Union"]
        for word in words + [f"body:={word}" for word in words]:
            query = word if ":" in word else "=" + word
            both = [self.query("-n", "200", "--count", *more, query) for more in ([], ["--no-pruning"])]
            for found in both:
                del found["took_us"]
            self.assertEqual(*both, query)

    def test_exact_needs_text(self):
        self.index(ARTICLES, "--fresh", "--no-text")
        done = run("query", "=Talks", cwd=self.dir)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"keeps neither text nor how words are written", done.stderr)
        done = run("query", "=Talks NEAR began", cwd=self.dir)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"keeps neither text nor how words are written", done.stderr)
        self.finds("talks", "ad")

    def test_feedback(self):
        more = [{"id": f"m{i}", "lang": "en", "title": "", "body": text} for i, text in enumerate([
            "The embargo on fentanyl precursors.", "Fentanyl precursors under embargo.",
            "An embargo was lifted.", "Harvest in the fog."])]
        self.index(more)
        self.finds("fentanyl", "am0m1")
        wider = self.query("--feedback", "fentanyl")
        self.assertIn("m2", [r["article"] for r in wider["results"]])  # shares a word of theirs
        self.assertIn(wider["results"][0]["article"], ("m0", "m1"))
        self.finds("+fentanyl", "am0m1", "--feedback")
        self.finds("zzznothing", "", "--feedback")
        self.finds("source:fox", "a", "--feedback")

    def test_weights(self):
        plain = self.query("--", "fog")["results"][0]["score"]
        heavy = self.query("--", "fog^3")["results"][0]["score"]
        self.assertAlmostEqual(heavy, 3 * plain, places=5)
        self.assertEqual(self.query("--", "(fog OR precursors)^0.5")["hits"]["articles"], 2)

    def test_marks(self):
        def marked(query):
            passage = self.query("--snippet", "0", "--", query)["results"][0]["passage"]
            return [passage["text"][a:b] for a, b in passage["highlights"]]
        self.assertEqual(marked('"export controls"'), ["Export controls"])
        self.assertEqual(marked("controls NEAR/4 exports source:cnn"), ["Controls", "exports"])
        self.assertEqual(marked("SENTENCE(tariff china)"), ["tariff", "China"])
        self.assertEqual(marked("fentanly~1"), ["fentanyl"])
        self.assertEqual(marked("precurs*"), ["precursors"])

    def test_marks_of_stems(self):
        """Languages without a stemmer of Snowball: what is found is marked as it is written."""
        self.index([{"id": "cs", "lang": "cs", "body": "Vláda jednala v Praze o ministrech."},
                    {"id": "is", "lang": "is", "body": "Fundur var í löndunum um lögregluna."},
                    {"id": "am", "lang": "am", "body": "ሰላም በኢትዮጵያ ተማሪዎቹ"}], "--fresh")
        for query, article, words in [("Praha ministr", "cs", ["Praze", "ministrech"]),
                                      ("land lögregla", "is", ["löndunum", "lögregluna"]),
                                      ("ኢትዮጵያን ተማሪ", "am", ["በኢትዮጵያ", "ተማሪዎቹ"])]:
            found = self.query("--all", "--", query)["results"]
            self.assertEqual([r["article"] for r in found], [article], query)
            passage = found[0]["passage"]
            self.assertEqual([passage["text"][a:b] for a, b in passage["highlights"]], words)

    def test_notes_and_strict(self):
        answer = self.query("--", '"export controls')
        self.assertEqual(len(answer["notes"]), 1)
        self.assertEqual(answer["results"][0]["article"], "a")
        done = run("query", "--strict", "--", "(tariff", cwd=self.dir)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, b"")

    def test_hostile(self):
        """Each is refused for what it is, or answered as what is left of it."""
        refused = {"(" * 30000 + "a": b"64 parentheses", "a " * 2000: b"1024 words",
                   "*a* " * 100: b"64 patterns and inexact words",
                   "x" * 70000: b"65536 allowed",
                   "a NEAR/2 " * 9 + "a": b"8", "date:2025 " * 65: b"64"}
        for query, reason in refused.items():
            done = run("query", "--json", "--", query, cwd=self.dir)
            self.assertEqual((done.returncode, done.stdout), (2, b""), query[:40])
            self.assertIn(reason, done.stderr, query[:40])
            self.assertLess(len(done.stderr), 2000)
        answered = {"(" * 60 + "fog" + ")" * 60: "b", '"' * 5000 + "fog": "b", "- + " * 5000 + "fog": "b",
                    "fog" + " NEAR/3" * 3000: "b", "fog" + "^" * 9000: None, "fog" + "~" * 20000: None,
                    "source:" * 5000 + "fog": None, "date:9999999999999999999999 fog": "",
                    "date:2024..2025..2026 fog": "", "fog " + "\\" * 3001: "b"}
        for query, expected in answered.items():
            done = run("query", "--json", "--", query, cwd=self.dir)
            self.assertIn(done.returncode, (0, 1), query[:40])
            found = json.loads(done.stdout)
            self.assertLessEqual(len(found["notes"]), 32)
            if expected is not None:
                self.assertEqual("".join(r["article"] for r in found["results"]), expected, query[:40])


    def test_a_passage_of_many_sentences(self):
        """What stands in one sentence, or near, where they are so many that nobody would wait for their square."""
        fog, talks = "The fog harbour came today. ", "Talks went on again. "
        body = (fog + talks) * 15000 + "Fog and talks. " + (fog + talks) * 15000
        self.index([{"id": "1", "lang": "en", "body": body}], "--fresh", "--one-passage")
        for query in ("SENTENCE(fog talks)", "PARAGRAPH(fog talks)", "SENTENCE(fog came)",
                      "fog NEAR/10000 again NEAR/10000 harbour"):
            passage = self.query(query)["results"][0]["passage"]
            marked = [passage["text"][a:b] for a, b in passage["highlights"]]
            if query == "SENTENCE(fog talks)":
                start = body.index("Fog and")
                self.assertEqual(passage["highlights"], [[start, start + 3], [start + 8, start + 13]])
            elif query == "PARAGRAPH(fog talks)":
                self.assertEqual(marked, ["fog", "Talks"] * 15000 + ["Fog", "talks"] + ["fog", "Talks"] * 15000)
            elif query == "SENTENCE(fog came)":
                self.assertEqual(marked, ["fog", "came"] * 30000)
            else:
                self.assertEqual(marked.count("again"), 30000)


if __name__ == "__main__":
    main()
