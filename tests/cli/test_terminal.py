#!/usr/bin/env python3
"""ns on a terminal: colour, bars, wrapping, and what documents may not do to it."""
import os
import pty
import subprocess

from harness import NS, Temporary, main, run


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


if __name__ == "__main__":
    main()
