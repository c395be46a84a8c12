#!/usr/bin/env python3
"""ns on a terminal: colour, bars, wrapping, and what documents may not do to it."""
import fcntl
import json
import os
import pty
import random
import re
import struct
import subprocess
import termios
import threading
import unicodedata

from harness import NS, SEED, Temporary, main, run


class Terminal(Temporary):
    END = b"end of the terminal"

    def read_to_end(self, terminal, chunks):
        while not b"".join(chunks[-len(self.END):]).endswith(self.END):
            chunks.append(os.read(terminal, 65536))

    def on_terminal(self, *args, env=None, columns=0, stderr=True):
        main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **(env or {})}
        environment.pop("NO_COLOR", None) if not env else None
        process = subprocess.Popen([NS, *args], cwd=self.dir, stdout=side,
                                   stderr=side if stderr else subprocess.DEVNULL,
                                   stdin=subprocess.DEVNULL, env=environment)
        reader = threading.Thread(target=self.read_to_end, args=(main, chunks := []))
        reader.start()
        process.wait()
        # Closing the side of a terminal may drop what was not yet read from the other: so it
        # stays open until a last line of our own has come through.
        os.write(side, self.END)
        reader.join()
        os.close(side)
        os.close(main)
        data = b"".join(chunks).removesuffix(self.END)
        return data.decode("utf-8")

    def setUp(self):
        super().setUp()
        self.index([{"id": "1", "title": "Evil \u001b[31mred\u0007 talks",
                     "body": "The talks \u001b]0;owned\u0007 went \u202eback\u009b on. " * 8}])

    def test_control_characters_stay_away(self):
        for command in (("query", "talks"), ("show", "1")):
            text = self.on_terminal(*command, env={"NO_COLOR": "1"})
            self.assertNotRegex(text, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")
        # A terminal may stand behind the pipe: | head, | less -R.
        for command in (("query", "talks"), ("query", "--color", "always", "talks"), ("show", "1"),
                        ("query", "--tsv", "talks"), ("query", "--json", "talks"),
                        ("query", "--html", "talks"), ("similar", "1"), ("count", "--by", "source")):
            done = run(*command, cwd=self.dir)
            shown = re.sub("\x1b\\[(0|1|2|1;33)m", "", done.stdout.decode() + done.stderr.decode())
            turned = "" if "--tsv" in command else "\u202e"  # lines for programs keep that one
            self.assertNotRegex(shown, f"[\x00-\x08\x0b-\x1f\x7f-\x9f{turned}]", command)
        self.assertIn("\u202e", run("show", "--json", "1", cwd=self.dir, check=0).stdout.decode())
        refused = run("query", "--strict", "\x9b\u202e sorce:x\x1b[31m", cwd=self.dir, check=2)
        self.assertNotRegex(refused.stderr.decode(), "[\x1b\x9b\u202e]")

    def test_line_ends_of_other_systems(self):
        self.index([{"id": "1", "title": "a", "body": "The talks\r\nwent on.\r\nFog."}], "--fresh")
        self.assertIn("The talks \nwent on. \nFog.\n", self.on_terminal(
            "show", "1", env={"NO_COLOR": "1"}, columns=80).replace("\r\n", "\n"))
        html = run("query", "--html", "talks", cwd=self.dir, check=0).stdout
        self.assertIn(b"talks</mark> \nwent on. \nFog.", html)

    def test_text_from_right_to_left(self):
        title = "\u200fشهدت\u200e \u061cABC"
        self.index([{"id": "1", "title": title, "body": "talks"}], "--fresh")
        self.assertIn(title, self.on_terminal("query", "talks", env={"NO_COLOR": "1"}))

    def test_noise_stays_away(self):
        random.seed(SEED)
        print(f"seed {SEED}")
        parts = ["\x1b[2J", "\x1b]0;x\x07", "\x9b31m", "\x00", "\r", "\b", "\x7f", "\u202e", "\u2066",
                 "\u200f", "\ufeff", "\u061c", "a", "b ", "水", "fog ", "\t", "\n", "é", "\x85", "\x90", " "]

        def noise():
            return "".join(random.choice(parts) for _ in range(random.randrange(40)))

        self.index([{"id": f"{i} {noise()}", "title": noise(), "body": f"{noise()} fog {noise()} 水手",
                     "source": noise(), "section": noise(), "author": noise(), "url": noise(),
                     "date": "2025-05-03"} for i in range(40)], "--fresh")
        everything = "rank,score,id,date,source,section,author,url,lang,title,passage"
        ids = run("query", "--json", "-n", "40", "--fields", "id", "fog", cwd=self.dir, check=0).stdout
        one = next(r["article"] for r in json.loads(ids)["results"] if "\x00" not in r["article"])
        for command in (["query", "--explain", "--fields", everything, "-n", "40", "fog 水"],
                        ["query", "--tsv", "--fields", everything, "-n", "40", "fog"],
                        ["query", "--html", "--fields", everything, "-n", "40", "fog"],
                        ["query", "--json", "--fields", everything, "-n", "40", "fog"], ["show", "--json", one],
                        ["query", "--explain-query", noise().replace("\x00", "") + " fog"],
                        ["query", "--snippet", "3", "fog"], ["count", "--by", "source"],
                        ["count", "--by", "source", "--tsv"], ["count", "--by", "author", "fog"],
                        ["similar", "-n", "40", one], ["similar", "--explain-query", one]):
            for columns in (30, 80):
                text = self.on_terminal(*command, env={"NO_COLOR": "1"}, columns=columns)
                shown = text.replace("\r\n", "\n")
                bad = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]", shown)
                self.assertIsNone(bad, command)
                if command[:2] == ["query", "--json"]:
                    piped = run(*command, cwd=self.dir, check=0).stdout
                    self.assertEqual(json.loads(shown)["results"], json.loads(piped)["results"])
                self.assertGreater(len(shown), 20, command)

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


    def test_every_command_fits(self):
        """No line is wider than the terminal, and a wide one is made use of."""
        words = "The talks went on at length, said officials who asked for no names. " * 12
        self.index([{"id": f"paper/2025/may/{i:02}/long-name-of-an-article", "date": "2025-05-03",
                     "source": "Harbour Wire", "section": "world", "lang": code,
                     "title": "Officials say that talks about tariffs went on through the night",
                     "body": words + "\n\n" + words} for i, code in
                    enumerate("en de fr es pt ru ar zh ja it nl sv fi da".split())])
        self.index([{"id": "zh", "title": "中美贸易谈判恢复，双方将于周五在日内瓦举行会谈",
                     "body": "中美贸易谈判恢复。谈判将于周五举行，双方表示欢迎。" * 9, "lang": "zh"}])
        (self.dir / "queries.tsv").write_text("or2\ttalks officials\nphrase\t\"the night\"\n")
        commands = [["query", "talks"], ["query", "--color", "never", "谈判"], ["show", "zh"],
                    ["show", "paper/2025/may/03/long-name-of-an-article"], ["stats"], ["check"],
                    ["help"], ["query", "--explain", "--sort", "date", "talks"],
                    ["query", "--explain-query", "(talks OR officials) AND \"the night\"~3 title:x"],
                    ["query", "--fields", "title,score", "talks"], ["count", "--by", "lang", "talks"],
                    ["count", "--by", "day", "talks"], ["count", "--by", "source"],
                    ["similar", "paper/2025/may/03/long-name-of-an-article"],
                    ["bench", "--queries", "queries.tsv", "--passes", "1", "--summary",
                     "--commands", "TOP_10,TOP_100_COUNT"]]
        commands += [["help", name] for name in
                     re.findall(r"(?m)^  (\w+) ", run("--help", check=0).stdout.decode()
                                .split("Commands:")[1].split("Examples:")[0])]
        self.assertGreater(len(commands), 14)
        for command in commands:
            widest = {}
            for columns in (40, 60, 80, 132):
                text = self.on_terminal(*command, env={"NO_COLOR": "1"}, columns=columns,
                                        stderr=False)
                widths = [sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line)
                          for line in text.splitlines()]
                widest[columns] = max(widths)
                too_wide = [line for line, width in zip(text.splitlines(), widths)
                            if width > columns and "long-name" not in line]  # ids are whole
                self.assertEqual(too_wide, [], (command, columns))
                for line in text.splitlines():
                    self.assertNotRegex(line, "^ *[。，]", command)
            if command in (["query", "talks"], ["show", "zh"]):
                self.assertGreater(widest[132], 115, command)

    def test_bytes_that_are_no_utf8(self):
        """0x9b begins a control sequence on a terminal of eight bits."""
        evil = b"no\x9b31m\x1b[31msuch\xff"
        for command in (["query", evil], ["query", "--strict", b'"' + evil], ["show", evil], ["similar", evil],
                        ["index", evil], [evil], ["query", "--" + "no\x9bsuch"], ["delete", evil],
                        ["count", "--by", evil], ["query", "--fields", evil, "x"], ["suggest", b"\x9b ta"],
                        ["query", "--tz", evil, "x"], ["bench", "--queries", evil], ["help", evil],
                        ["query", "--trec", "--topic", evil, "talks"], ["index", "--index", evil, "/dev/null"]):
            done = run(*command, cwd=self.dir)
            self.assertNotRegex((done.stdout + done.stderr).decode(), "[\x1b\x9b]", command)

    def test_long_terms(self):
        """What is cut is cut between characters."""
        for letters in ("ж", "aж"):
            word = (letters + "ж" * 150)[:126]
            self.index([{"id": "1", "title": "x", "body": word, "lang": "xx"}], "--fresh")
            for ranking in ("default", "bm25"):
                text = run("query", "--explain", "--ranking", ranking, word, cwd=self.dir, check=0).stdout
                self.assertIn(word[:90], text.decode().split("sum of")[1])
                self.assertNotIn("\ufffd", text.decode())

    def test_breaks_of_other_kinds(self):
        """Separators of Unicode are blanks, and pictures made of several stay whole."""
        family, skin = "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd"
        for before in range(5, 12):
            self.index([{"id": "1", "title": "x", "body": "fog\u2028fog\u2029" + "水" * before + family +
                         "水水" + skin + "水" * 30}], "--fresh")
            text = self.on_terminal("query", "fog", env={"NO_COLOR": "1"}, columns=40)
            self.assertIn("**fog** **fog** 水", text)
            self.assertIn(family, text)
            self.assertIn(skin, text)
            self.assertNotRegex(text, "[\u2028\u2029]")
        self.assertIn("fog fog 水", run("show", "1", cwd=self.dir, check=0).stdout.decode())

    def test_long_words_before_what_is_cut(self):
        self.index([{"id": "1", "title": "x", "body": "fog " + "a" * 16 + " talks talks"}], "--fresh")
        for columns in range(20, 26):
            text = self.on_terminal("query", "--snippet", "2", "fog", env={"NO_COLOR": "1"}, columns=columns,
                                    stderr=False)
            self.assertIn("…", text)
            self.assertLessEqual(max(map(len, text.splitlines())), columns, text)

    def test_narrow_tables(self):
        (self.dir / "queries.tsv").write_text(f"{'a' * 30}\ttalks\n{'水' * 12}\ttalks\nb\ttalks\n")
        for columns in (40, 50):
            text = self.on_terminal("bench", "--queries", "queries.tsv", "--summary", "--passes", "1",
                                    env={"NO_COLOR": "1"}, columns=columns)
            widths = [sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line)
                      for line in text.splitlines()]
            self.assertLessEqual(max(widths), columns, text)
            self.assertIn("a" * 30, text)

    def test_messages_carry_no_control_characters(self):
        evil = "no\x1b[31msuch\x07"
        for command in (["query", evil], ["show", evil], ["index", evil], [evil],
                        ["query", "--" + evil], ["delete", evil]):
            text = self.on_terminal(*command, env={"NO_COLOR": "1"})
            self.assertIn("such", text)
            self.assertNotRegex(text, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
        text = self.on_terminal("analyze", "a\u202eb \x9b", env={"NO_COLOR": "1"})
        self.assertNotRegex(text, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")


if __name__ == "__main__":
    main()
