#!/usr/bin/env python3
"""ns count: the counts of every facet against counting by hand what ns query finds."""
import collections
import datetime
import json
import pathlib
import random
import zoneinfo

from harness import SEED, Temporary, main, run

UTC = datetime.timezone.utc


class Count(Temporary):
    ARTICLES = 240

    def make(self, *options):
        """An index of several segments with deleted and replaced articles; its records by id."""
        random.seed(SEED)
        print(f"seed {SEED}")
        kept = {}
        for part in range(3):
            records = [self.record(part * 70 + i) for i in range(80)]
            self.index(records, *(("--language", "fr", *options) if part == 0 else ()))
            kept.update({r["id"]: r for r in records})
        for name in random.sample(sorted(kept), 20):
            run("delete", "-q", name, cwd=self.dir, check=0)
            del kept[name]
        return kept

    def record(self, number):
        day = datetime.datetime(2024, 1, 1, tzinfo=UTC) + datetime.timedelta(
            minutes=random.randrange(500 * 1440))
        zone = datetime.timezone(datetime.timedelta(minutes=random.choice([0, 120, -300, 345])))
        date = random.choice([None, "soon", day.strftime("%Y"), day.strftime("%Y-%m"),
                              day.strftime("%Y-%m-%d"), day.strftime("%Y-%m-%dT%H:%M"),
                              day.astimezone(zone).isoformat()])
        words = " ".join(random.choice("fog harbour signal night of".split()) for _ in range(300))
        record = {"id": f"a{number}", "body": words[:random.randrange(5, len(words))],
                  "date": date, "lang": random.choice(["en", "de", ""]),
                  "source": random.choice(["", "Wire", "Post\t1", "Œuvre", f"s{number % 40}"]),
                  "section": random.choice(["world", "Wire", None]),
                  "author": random.choice(["A B", ""])}
        return {key: value for key, value in record.items() if value is not None}

    @staticmethod
    def period(date, by, zone):
        length = {"year": 4, "month": 7, "day": 10}[by]
        if not date or not date[0].isdigit():
            return ""
        if len(date) > 10:
            moment = datetime.datetime.fromisoformat(date)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            date = moment.astimezone(zone).strftime("%Y-%m-%d")
        return date[:length]

    def wanted(self, found, by, zone=UTC):
        if by in ("day", "month", "year"):
            values = [self.period(r.get("date"), by, zone) for r in found]
        else:
            values = [r.get(by) or ("fr" if by == "lang" else "") for r in found]
        counts = collections.Counter(values)
        if by in ("day", "month", "year"):
            order = sorted(counts)
        else:
            order = sorted(counts, key=lambda value: (-counts[value], value.encode()))
        order = [v for v in order if v] + [v for v in order if not v]
        return [(value, counts[value]) for value in order]

    def counted(self, *args):
        text = run("count", "--json", *args, cwd=self.dir).stdout
        out = json.loads(text)
        return out, [(row["value"] or "", row["articles"]) for row in out["counts"]]

    def check_index(self, *options):
        kept = self.make(*options)
        total = 0
        for query in ("fog", "+harbour +night", '"the fog" signal', '+"fog night" of', "night -of",
                      "nowhere", "+signal harbour", "(fog OR signal) AND (night OR of)",
                      "date:2024 fog", "lang:de", "f* NEAR/2 night"):
            names = [r["article"] for r in self.query("-n", "100000", "--fields", "id", "--copies",
                                                      query)["results"]]
            found = [kept[name] for name in names]
            total += len(found)
            plain = run("count", query, cwd=self.dir, check=0 if found else 1).stdout
            self.assertEqual(int(plain), len(found))
            for by in ("day", "month", "year", "source", "section", "author", "lang"):
                more = random.choice(((), ("--no-pruning",)))
                out, rows = self.counted("--by", by, *more, query)
                self.assertEqual(rows, self.wanted(found, by), (query, by, more))
                self.assertEqual(sum(n for _, n in rows), out["hits"]["articles"])
        self.assertGreater(total, 400)
        return kept

    def test_by_hand(self):
        self.check_index()

    def test_one_passage(self):
        self.check_index("--one-passage")

    def test_languages(self):
        """Of articles that name no language the one they were analysed in counts, as lang: has it."""
        texts = {"en": "The harbour was closed by the fog and the ships had to wait for it.",
                 "de": "Der Hafen war wegen des Nebels geschlossen und die Schiffe mussten warten.",
                 "": "1 2 3"}
        self.index([{"id": f"{lang}{named}", "body": text, **({"lang": lang} if named else {})}
                    for lang, text in texts.items() for named in range(2)])
        _, rows = self.counted("--by", "lang")
        self.assertEqual(rows, [("de", 2), ("en", 2), ("", 2)])
        for lang, articles in rows[:2]:
            self.assertEqual(run("count", f"lang:{lang}", cwd=self.dir).stdout, b"%d\n" % articles)

    def test_did_you_mean(self):
        self.make()
        done = run("count", "nihgt", cwd=self.dir, check=1)
        self.assertEqual((done.stdout, done.stderr), (b"0\n", b"did you mean: night\n"))
        done = run("count", "--by", "month", "--json", "nihgt", cwd=self.dir, check=1)
        self.assertEqual((json.loads(done.stdout)["did_you_mean"], done.stderr), ("night", b""))
        self.assertIsNone(json.loads(run("count", "--json", "night", cwd=self.dir, check=0).stdout)["did_you_mean"])

    def test_zones(self):
        kept = list(self.make().values())
        found = [r for r in kept if "night" in r["body"]]
        for hours in (2, -11, 14):
            zone = datetime.timezone(datetime.timedelta(hours=hours))
            _, rows = self.counted("--by", "day", "--tz", f"{hours:+03}:00", "night")
            self.assertEqual(rows, self.wanted(found, "day", zone))
        for name in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu"):
            if not pathlib.Path("/usr/share/zoneinfo", name).exists():
                print(f"skipped: no time zone {name}")
                continue
            _, rows = self.counted("--by", "day", "--tz", name, "night")
            self.assertEqual(rows, self.wanted(found, "day", zoneinfo.ZoneInfo(name)))
            # A day of the table is what date: finds; a month begins with its first day.
            days = collections.Counter()
            for day, count in rows:
                if day:
                    days[day + "-01-01"[len(day) - 4:] if len(day) < 10 else day] += count
            for day in random.sample(sorted(days), 6):
                for narrowed in ((f"+night date:{day}",), ("--since", day, "--until", day, "night")):
                    out = json.loads(run("count", "--json", "--tz", name, *narrowed, cwd=self.dir,
                                         check=0).stdout)
                    self.assertEqual(out["hits"]["articles"], days[day], (name, day))

    def test_days_on_which_clocks_change(self):
        """At and around midnight, by an hour, by a day, and within a quarter of an hour."""
        for name, change in (("America/St_Johns", "1988-10-30T01:31"), ("Europe/Berlin", "2024-10-27T01:00"),
                             ("America/Sao_Paulo", "2018-11-04T03:00"), ("Pacific/Apia", "2011-12-30T10:00"),
                             ("Australia/Lord_Howe", "2024-04-06T15:00"), ("America/Managua", "1973-05-01T06:00"),
                             ("Africa/Tunis", "1977-09-24T23:00")):
            if not pathlib.Path("/usr/share/zoneinfo", name).exists():
                print(f"skipped: no time zone {name}")
                continue
            moment = datetime.datetime.fromisoformat(change).replace(tzinfo=UTC)
            records = [{"id": str(minute), "body": "fog",
                        "date": (moment + datetime.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%MZ")}
                       for minute in sorted({*range(-1600, 1600, 20), *range(-20, 20)})]
            self.index(records, "--fresh")
            for by in ("day", "month", "year"):
                _, rows = self.counted("--by", by, "--tz", name)
                self.assertEqual(rows, self.wanted(records, by, zoneinfo.ZoneInfo(name)), (name, by))
            if name == "America/St_Johns":  # its clocks went back over midnight: a day in two pieces
                continue
            for day, count in self.wanted(records, "day", zoneinfo.ZoneInfo(name)):
                found = run("count", "--tz", name, "--since", day, "--until", day, cwd=self.dir).stdout
                self.assertEqual(int(found), count, (name, day))

    def test_names_that_are_no_zones(self):
        """A folder of zones is none, nor is what else lies in the data base."""
        self.index([{"id": "1", "body": "fog", "date": "2025-05-03T23:00Z"}])
        data = self.dir / "zones"
        (data / "Europe").mkdir(parents=True)
        (data / "tables").write_text("Europe/Berlin\n")
        (data / "empty").write_text("")
        for name in ("Europe", "Europe/", "tables", "empty", "Europe/Nowhere", "", "../zones/tables"):
            said = run("count", "--by", "day", "--tz", name, cwd=self.dir, env={"TZDIR": str(data)},
                       check=2).stderr.decode()
            self.assertIn("no such time zone", said, name)

    def test_most_frequent(self):
        self.make()
        whole, rows = self.counted("--by", "source", "fog")
        for limit in (0, 1, 5, 1000):
            out, some = self.counted("--by", "source", "-n", str(limit), "fog")
            named = [row for row in rows if row[0]]
            self.assertEqual(some, named[:limit] + [row for row in rows if not row[0]])
            self.assertEqual(out["others"], {"values": max(0, len(named) - limit),
                                             "articles": sum(n for _, n in named[limit:])})
            self.assertEqual(out["hits"], whole["hits"])
            told = run("count", "--by", "source", "-n", limit, "--tsv", "fog", cwd=self.dir).stderr
            left = out["others"]
            self.assertEqual(told.decode(), "" if not left["values"] else
                             f"{left['values']} other{'s' * (left['values'] != 1)}: {left['articles']}\n")
        _, days = self.counted("--by", "month", "-n", "3", "fog")
        self.assertEqual(days, sorted(days[:3]) + days[3:])
        self.assertEqual(len(days), 4)
        said = run("count", "-n", "3", "fog", cwd=self.dir, check=2).stderr
        self.assertIn(b"--limit: say of what", said)

    def test_since_and_until(self):
        kept = self.make()
        dated = {n: r["date"] for n, r in kept.items() if self.period(r.get("date"), "year", UTC)}

        def seconds(date):
            date = {4: date + "-01-01", 7: date + "-01"}.get(len(date), date)
            moment = datetime.datetime.fromisoformat(date)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

        for since, until in (("2024-03", "2025-01-10"), ("2024-07-01T10:30", "2024-12"),
                             ("2025", "2030"), ("1999", "2024-01-01")):
            end = {"2025-01-10": "2025-01-11", "2024-12": "2025-01-01", "2030": "2031-01-01",
                   "2024-01-01": "2024-01-02"}[until]
            wanted = sorted(n for n, date in dated.items()
                            if seconds(since) <= seconds(date) < seconds(end))
            for query in ("*", "+night fog", "(night OR fog) AND of"):
                found = self.query("-n", "1000", "--fields", "id", "--copies", "--ranking", "bm25",
                                   query)["results"]
                matching = [r["article"] for r in found if r["article"] in wanted]
                args = ("--since", since, "--until", until, "--copies", query)
                got = self.query("-n", "1000", "--fields", "id", "--ranking", "bm25", *args)["results"]
                self.assertEqual([r["article"] for r in got], matching, args)
                _, rows = self.counted("--by", "day", *(a for a in args if a != "--copies"))
                self.assertEqual(rows, self.wanted([kept[n] for n in matching], "day"), args)
                newest = self.query("--sort", "date", "-n", "1000", "--fields", "id", *args)["results"]
                self.assertEqual(sorted(r["article"] for r in newest), sorted(matching))

    def test_text(self):
        self.index([{"id": str(i), "body": "fog", "source": s, "date": d} for i, (s, d) in enumerate(
            [("Wire\t\x1b[31m", "2025-05-03"), ("Wire\t\x1b[31m", "2025-04"), ("", "")])])
        out = run("count", "--by", "month", "fog", cwd=self.dir, check=0)
        self.assertEqual(out.stdout.decode(), "2025-04  1\n2025-05  1\n(none)   1\n")
        self.assertEqual(out.stderr.decode(), "3 articles\n")
        out = run("count", "--by", "source", "--tsv", "fog", cwd=self.dir, check=0).stdout
        self.assertEqual(out.decode(), "Wire  [31m\t2\n\t1\n")
        out = run("count", "--by", "source", "-n", "0", "fog", cwd=self.dir, check=0)
        self.assertEqual(out.stderr.decode(), "1 other: 2\n3 articles\n")
        self.assertEqual(run("count", cwd=self.dir, check=0).stdout, b"3\n")
        self.assertEqual(run("count", "gone", cwd=self.dir, check=1).stdout, b"0\n")
        for args, said in ((("--by", "mnth", "fog"), "did you mean month?"),
                           (("--tsv", "--json", "fog"), "give one of them")):
            self.assertIn(said, run("count", *args, cwd=self.dir, check=2).stderr.decode())


if __name__ == "__main__":
    main()
