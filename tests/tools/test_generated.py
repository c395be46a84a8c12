#!/usr/bin/env python3
"""Checks the generated man pages and completions, and docs/cli.md, against what ns itself says.

Usage: test_generated.py NS FOLDER. Asks each shell what it offers behind the same words, where it is
installed; renders the pages where groff is.
"""

import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile

faults = []


def check(good, message):
    if not good:
        faults.append(message)


def output(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def read_commands(ns):
    """Command name -> the options of its help."""
    listing = output(ns, "--help").stdout
    names = re.findall(r"^  (\w+) ", listing.split("Commands:")[1].split("Examples:")[0], re.M)
    found = {}
    for name in names:
        text = output(ns, "help", name).stdout
        found[name] = re.findall(r"^  (?:-\w, |    )(--[\w-]+)", text, re.M)
    return found


def check_man(folder, commands):
    pages = {path.name for path in (folder / "man").iterdir()}
    check(pages == {"ns.1"} | {f"ns-{name}.1" for name in commands}, f"pages: {sorted(pages)}")
    groff = shutil.which("groff")
    if groff is None:
        print("groff is not installed: pages are not rendered")
    for page in sorted((folder / "man").iterdir()):
        source = page.read_bytes()
        check(max(source) < 0x80, f"{page.name}: not ASCII")
        requests = set(re.findall(rb"^(\.\w+)", source, re.M))
        known = {b".TH", b".SH", b".TP", b".PP", b".RS", b".RE", b".nf", b".fi", b".BR"}
        check(requests <= known, f"{page.name}: requests {requests - known}")
        check(source.count(b".nf") == source.count(b".fi"), f"{page.name}: .nf without .fi")
        if groff is None:
            continue
        done = output(groff, "-man", "-Tutf8", "-ww", "-P-c", "-rLL=100n", str(page))
        check(not done.stderr, f"{page.name}: {done.stderr}")
        text = re.sub(r".\x08", "", done.stdout).replace("−", "-").replace("‐", "-")
        options = commands.get(page.name[3:-2], [])
        for option in options:
            check(option in text, f"{page.name}: no {option}")
        check("\\[u" not in text and "\\-" not in text, f"{page.name}: roff shows through")
    query = (folder / "man/ns-query.1").read_text()
    check("+tariff talks" in query and "\\-\\-snippet" in query, "ns-query.1 lacks the language")


def check_guide(commands):
    """Each option stands in docs/cli.md where its command is told of, or before all commands."""
    guide = pathlib.Path(__file__).resolve().parents[2] / "docs/cli.md"
    everywhere, *parts = re.split(r"^## ns (\w+)", guide.read_text("utf-8"), flags=re.M)
    told = dict(zip(parts[::2], parts[1::2]))
    check(set(told) == set(commands), f"docs/cli.md tells of {sorted(told)}")
    for name, options in commands.items():
        words = set(re.findall(r"--[\w-]+", everywhere + told.get(name, "")))
        check(set(options) <= words, f"docs/cli.md: ns {name} lacks {set(options) - words}")


FILES = ("news of may.jsonl", "archive")


def bash_answers(folder, words, cwd):
    """What bash offers for the last of these words. Readline cuts at = as well."""
    words = [part for word in words for part in re.split("(=)", word)]
    words = words[:-1] if words[-2:] == ["=", ""] else words
    script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ns; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = output("bash", "--norc", "-c", script, str(folder / "ns.bash"), *words, cwd=cwd)
    check(not done.stderr, f"bash: {words}: {done.stderr}")
    return set(done.stdout.split("\n")) - {""}


def fish_answers(folder, words, cwd):
    done = output("fish", "-N", "-c", 'source $argv[1]; complete -C "$argv[2]"',
                  str(folder / "ns.fish"), " ".join(words), cwd=cwd,
                  env={**os.environ, "HOME": cwd, "LC_ALL": "C.UTF-8"})
    check(not done.stderr, f"fish: {words}: {done.stderr}")
    answers = {line.split("\t")[0].rstrip("/") for line in done.stdout.splitlines()}
    return {answer.split("=", 1)[1] if "=" in answer else answer for answer in answers}


class Zsh:
    """A zsh on a terminal of its own. Tab completes, clears the line and says so; what completion
    adds goes into a file."""

    SETUP = """
PROMPT= RPROMPT= LISTMAX=1000
unsetopt zle_bracketed_paste beep prompt_cr
fpath=({folder} $fpath)
autoload -Uz compinit
compinit -u -D
compadd() {{
  if [[ ${{@[1,(i)(-|--)]}} != *-(O|A|D)\\ * ]]; then
    local -a found
    builtin compadd -A found "$@"
    print -rl -- "${{(Q)found[@]}}" >>{out}
  fi
  builtin compadd "$@"
}}
ask() {{ zle complete-word; BUFFER=; print -r -- ans''wered >$TTY }}
zle -N ask
bindkey '^I' ask
print -r -- re''ady
"""

    def __init__(self, folder, cwd):
        self.out = pathlib.Path(cwd) / ".found"
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(cwd)
            os.execvpe("zsh", ["zsh", "-f", "-i"],
                       {**os.environ, "TERM": "dumb", "HOME": cwd, "LC_ALL": "C.UTF-8"})
        self.type(self.SETUP.format(folder=folder, out=self.out), b"ready")

    def type(self, keys, answer):
        os.write(self.terminal, keys.encode())
        seen = b""
        while answer not in seen:
            seen += os.read(self.terminal, 65536)

    def answers(self, words):
        self.out.write_text("")
        self.type(" ".join(words) + "\t", b"answered")
        return set(self.out.read_text("utf-8").split("\n")) - {""}

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


def check_answers(shell, answers, commands):
    """What is offered behind words, whichever the shell."""
    def expect(words, wanted):
        got = answers(words)
        check(got == wanted, f"{shell}: {words} gives {sorted(got)}, not {sorted(wanted)}")

    got = answers(["ns", ""])
    check(set(commands) | {"help"} <= got, f"{shell}: ns gives {sorted(got)}")
    expect(["ns", "qu"], {"query"})
    expect(["ns", "--v"], {"--version"})
    expect(["ns", "help", "an"], {"analyze"})
    for name, options in commands.items():
        got = answers(["ns", name, "-" if shell == "bash" else "--"])
        check(set(options) <= got, f"{shell}: ns {name} lacks {set(options) - got}")
        others = {option for every in commands.values() for option in every} - set(options)
        check(not others & got, f"{shell}: ns {name} has not {others & got}")
    expect(["ns", "query", "--sn"], {"--snippet"})
    expect(["ns", "query", "index", "--fr"], set())
    expect(["ns", "query", "--color", ""], {"auto", "always", "never"})
    expect(["ns", "query", "--color="], {"auto", "always", "never"})
    expect(["ns", "query", "--color=al"], {"always"})
    expect(["ns", "query", "--scope", "p"], {"passage"})
    expect(["ns", "query", "--ranking", "b"], {"bm25"})
    expect(["ns", "query", "--fields", "s"], {"score", "source", "section"})
    expect(["ns", "query", "--fields", "c"], {"copies"})
    expect(["ns", "query", "--limit", ""], set())
    expect(["ns", "query", "-i", ""], {"archive"})
    if shell != "zsh":  # which offers options where nothing else is wanted
        expect(["ns", "query", ""], set())
    expect(["ns", "index", "n"], {FILES[0]})
    expect(["ns", "index", "--rejects", ""], set(FILES))


def check_shells(folder, commands):
    folder = folder.resolve()
    for shell, name, flag in (("bash", "ns.bash", "-n"), ("zsh", "_ns", "-n"),
                              ("fish", "ns.fish", "--no-execute")):
        if not shutil.which(shell):
            print(f"{shell} is not installed: {name} is not run")
            continue
        done = output(shell, flag, str(folder / name))
        check(done.returncode == 0, f"{name}: {done.stderr}")
        with tempfile.TemporaryDirectory() as cwd:
            (pathlib.Path(cwd) / FILES[0]).touch()
            (pathlib.Path(cwd) / FILES[1]).mkdir()
            if shell == "zsh":
                zsh = Zsh(folder, cwd)
                check_answers(shell, zsh.answers, commands)
                zsh.close()
            else:
                ask = bash_answers if shell == "bash" else fish_answers
                check_answers(shell, lambda words, ask=ask, cwd=cwd: ask(folder, words, cwd),
                              commands)


def main():
    ns, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    commands = read_commands(ns)
    check(len(commands) >= 6 and all(commands.values()), f"commands of ns --help: {commands}")
    check_man(folder, commands)
    check_guide(commands)
    check_shells(folder, commands)
    for fault in faults:
        print(fault)
    print(f"{len(commands)} commands, {sum(map(len, commands.values()))} options, "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
