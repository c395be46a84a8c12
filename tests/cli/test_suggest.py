#!/usr/bin/env python3
"""ns suggest: completions against counting words by hand."""
import collections
import json
import random
import re

from harness import SEED, Temporary, main, run


class Suggest(Temporary):
    def suggest(self, *args, check=None):
        out = json.loads(run("suggest", "--json", *args, cwd=self.dir, check=check).stdout)
        return [(s["text"], s["passages"]) for s in out["suggestions"]]

    def test_by_hand(self):
        """Without stemming a term is its form: passages of each word, over segments."""
        random.seed(SEED)
        print(f"seed {SEED}")
        words = sorted({"".join(random.choice("abé") for _ in range(random.randrange(1, 6)))
                        for _ in range(80)})
        counts = collections.Counter()
        for part in range(3):
            records = []
            for i in range(40):
                text = [random.choice(words) for _ in range(12)]
                counts.update({w.replace("é", "e") for w in text})
                records.append({"id": f"{part}-{i}", "body": " ".join(text), "lang": "xx"})
            self.index(records, *(["--no-stemming", "--one-passage"] if part == 0 else []))
        for prefix in ("a", "b", "ab", "é", "be", "abab", "zz", "AÉ"):
            folded = prefix.lower().replace("é", "e")
            wanted = sorted((n for w, n in counts.items() if w.startswith(folded)), reverse=True)
            got = self.suggest("-n", "1000", prefix)
            self.assertEqual([n for _, n in got], wanted, prefix)
            for text, number in got:
                self.assertEqual(counts[text.replace("é", "e")], number)
            self.assertEqual([n for _, n in self.suggest("-n", "3", prefix)], wanted[:3])

    def test_segments(self):
        """Passages of a word are all that have it, also those in a segment where no form of it begins
        so: numbers and order are those of one segment."""
        records = [{"id": str(i), "lang": lang, "body": body} for i, (lang, body) in enumerate(
            [("fr", "tari"), ("de", "tari"), ("de", "pony"), ("en", "tar a"), ("en", "tar b"), ("en", "tarifs x"),
             ("en", "tarifs z"), ("en", "tarifs y"), ("en", "two poni"), ("en", "ponies"), ("en", "pony")])]
        self.index(records)
        texts = ("t", "tar", "tari", "tarif", "pon", "poni", "pony", "ponie")
        whole = [self.suggest(text) for text in texts]
        self.assertEqual(whole[2], [("tari", 3), ("tarifs", 3)])
        for cuts in ((3,), (2, 4, 10)):
            for number, (start, end) in enumerate(zip((0, *cuts), (*cuts, len(records)))):
                self.index(records[start:end], *(["--fresh"] if number == 0 else []))
            self.assertEqual([self.suggest(text) for text in texts], whole, cuts)
        values = [{"id": str(i), "lang": "en", "source": "pony", "body": "pony pony"} for i in range(2)]
        self.index(values[:1], "--fresh")
        self.index([{"id": "2", "body": "pony"}])
        self.assertEqual(self.suggest("source:po"), [("source:pony", 1)])

    def test_usual_form(self):
        """Of the forms of a word the most frequent one, not the shortest."""
        self.index([{"id": str(i), "lang": "en", "body": "Two parties met; a party left. Parties! "
                     "Running runs. People and a peopl of mistakes, people."} for i in range(9)])
        self.assertEqual(self.suggest("par"), [("parties", 9)])
        self.assertEqual(self.suggest("peo"), [("people", 9)])
        self.assertEqual(self.suggest("two pa"), [("two parties", 9)])
        self.assertEqual(self.suggest('"two pa'), [('"two parties', 9)])
        self.assertEqual(self.suggest("title:pa"), [("title:parties", 9)])

    def test_values(self):
        """Behind source: and the like values are completed, by any of their words."""
        self.index([{"id": str(i), "lang": "en", "source": source, "section": "US news",
                     "author": "Zoë \"Z\" Roth" if i < 2 else "", "body": "foxes guard"}
                    for i, source in enumerate(["Fox News", "Guardian", "The Guardian", "Fox News"])])
        self.index([{"id": "5", "lang": "de", "source": "Guardian", "body": "neu"}])
        self.assertEqual(self.suggest("source:gua"), [("source:Guardian", 2),
                                                      ('source:"The Guardian"', 1)])
        self.assertEqual(self.suggest("guard SOURCE:fo"), [('guard SOURCE:"Fox News"', 2)])
        self.assertEqual(self.suggest('+source:"fox n'), [('+source:"Fox News"', 2)])
        self.assertEqual(self.suggest("(-section:us"), [('(-section:"US news"', 4)])
        self.assertEqual(self.suggest("author:zoe"), [('author:"Zoë \\"Z\\" Roth"', 2)])
        self.assertEqual(self.suggest("lang:"), [("lang:en", 4), ("lang:de", 1)])
        self.assertEqual(len(self.suggest("-n", "2", "source:")), 2)
        self.assertEqual(self.suggest("source:nowhere"), [])
        for text in ('source:"Fox News" gua', "source:guardian gua", "source:x title:gua", "other:gua"):
            self.assertEqual(self.suggest(text), [(text + "rd", 4)])
        for text, _ in self.suggest("author:z") + self.suggest("source:"):
            self.assertGreater(self.query(text)["hits"]["articles"], 0)

    def test_passages_of_values(self):
        """A value counts the passages of its articles, as a word does."""
        body = " ".join(f"Fog lay over pier {i} and the boats stayed in." for i in range(60))
        self.index([{"id": "1", "source": "Harbour Wire", "body": body},
                    {"id": "2", "source": "Harbour Wire", "body": "Fog."}])
        passages = json.loads(run("stats", "--json", cwd=self.dir, check=0).stdout)["passages"]
        self.assertGreater(passages, 3)
        self.assertEqual(self.suggest("source:har"), [('source:"Harbour Wire"', passages)])

    def test_values_in_groups(self):
        """Within the parentheses behind a field, too; dates, ids and addresses have no words."""
        self.index([{"id": "x1", "lang": "en", "source": "Harbour Wire", "section": "World",
                     "date": "2025-05-03", "url": "http://harbour.example/x",
                     "body": "Harbour words in English, last of 2025 and 02 and world"}])
        self.assertEqual(self.suggest("source:(har"), [('source:("Harbour Wire"', 1)])
        self.assertEqual(self.suggest("section:(x OR -wo"), [("section:(x OR -World", 1)])
        self.assertEqual(self.suggest('source:("harbour w'), [('source:("Harbour Wire"', 1)])
        self.assertEqual(self.suggest("source:“harbour w"), [('source:"Harbour Wire"', 1)])
        self.assertEqual(self.suggest("lang:(e"), [("lang:(en", 1)])
        self.assertEqual(self.suggest("lang:("), [("lang:(en", 1)])
        self.assertEqual(self.suggest("(source:(har) section:wo"), [("(source:(har) section:World", 1)])
        self.assertEqual(self.suggest("source:((x) har"), [('source:((x) "Harbour Wire"', 1)])
        for text in ("date:last", "date:2025-0", "date:(2025-0", "date:\"last", "url:har", "url:(har",
                     "id:x", "id:wor", "date:>2025-0", "source:\"har\"", "source:har)"):
            self.assertEqual(self.suggest(text), [], text)
        for text in ("source:(har) wor", "source:(har wor) wor", "date:2025 wor", "source: wor",
                     "source\\:wor", "title:(wor", "date:(2025 wor) wor", "SENTENCE(wor", "'source:x' (wor",
                     "title:(source:x wor", "(" * 70 + "wor"):
            self.assertIn(text + "ds", [t for t, _ in self.suggest(text)], text)

    def test_values_with_signs(self):
        """What is suggested finds the articles that have the value, whatever signs it has."""
        values = ["Smith, John", "Jane O'Neil", "Agence “Matin”", "Food/Drink (new)", "A\\B? *stars*",
                  "„Wire", "Li OR", "AND", "+plus", "«x» y", "O’Neil", "人民日报"]
        self.index([{"id": str(i), "source": value, "body": "x"} for i, value in enumerate(values)])
        found = dict(self.suggest("-n", "99", "source:"))
        self.assertEqual(len(found), len(values))
        for text in found:
            self.assertIsNone(self.query("--strict", text, check=0).get("notes") or None, text)
            written = re.sub(r"\\(.)", r"\1", re.sub('^"|"$', "", text[len("source:"):]))
            self.assertIn(written, [r["source"] for r in self.query("--copies", text)["results"]])
        self.assertEqual(self.suggest("source:mat"), [('source:"Agence \\“Matin\\”"', 1)])
        self.assertEqual(self.suggest("source:new"), [('source:"Food/Drink (new)"', 1)])
        self.assertEqual(self.suggest("source:ew"), [])

    def test_scripts(self):
        self.index([{"id": "1", "body": "关税谈判 Erdoğan Ελλάδα U.S. AT&T"}])
        self.assertEqual(self.suggest("中美关"), [("中美关税", 1)])
        self.assertEqual(self.suggest("erdog"), [("erdoğan", 1)])
        self.assertEqual(self.suggest("ΕΛΛΑ"), [("ελλάδα", 1)])
        self.assertEqual(self.suggest("u.s"), [("u.s", 1)])

    def test_signs_within_words(self):
        """What the analyser reads as one word is completed as one."""
        self.index([{"id": "1", "lang": "en", "body": "A trade_war of 0,65 or 1,5000 points; AT&T, 60 wars, 5 x"}])
        self.assertEqual(self.suggest("trade_"), [("trade_war", 1)])
        self.assertEqual(self.suggest("a trade_w"), [("a trade_war", 1)])
        self.assertEqual(self.suggest("0,6"), [("0,65", 1)])
        self.assertEqual(self.suggest("1,5"), [("1,5000", 1)])
        self.assertEqual(self.suggest("talks,5"), [("talks,5", 1)])
        self.assertEqual(self.suggest("1, 6"), [("1, 60", 1)])
        self.assertEqual(self.suggest("1,"), [])

    def test_numbers_of_the_syntax(self):
        """A number that says how far or how much is no word."""
        self.index([{"id": "1", "lang": "en", "body": "125 tars of 2019, near/350."}])
        for text in ("tar~1", "tar^2", "tar^2.", "\"tars of\"~1", "(tar of)^2", "tar NEAR/3", "tar ONEAR/3"):
            self.assertEqual(self.suggest(text), [], text)
        for text in ("1", "tar 1", "tar ~1", "x/1", "~1", "tar~2 1"):
            self.assertEqual(self.suggest(text), [(text + "25", 1)], text)

    def test_nothing(self):
        self.index([{"id": "1", "body": "fog harbour"}])
        for text in ("x", "fog ", "", " ", "-", "fog)", "fogs", "\ud7ff"):
            done = run("suggest", text, cwd=self.dir, check=1)
            self.assertEqual((done.stdout, done.stderr), (b"", b""), text)
        self.assertIn(b"what should be completed", run("suggest", cwd=self.dir, check=2).stderr)
        self.assertIn(b"more than the 65536", run("suggest", "x" * 70000, cwd=self.dir, check=2).stderr)
        done = run("suggest", "--tsv", "f", cwd=self.dir, check=0)
        self.assertEqual(done.stdout, b"fog\t1\n")
        self.assertEqual(run("suggest", b"\xff fo", cwd=self.dir, check=0).stdout.decode(),
                         "\ufffd fog\n")
        self.index([{"id": "1", "body": "foggy fogs fogs"}], "--fresh", "--no-text")
        self.assertEqual(len(self.suggest("fog", check=0)), 2)


if __name__ == "__main__":
    main()
