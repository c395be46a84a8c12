#!/usr/bin/env python3
"""Checks the generated man pages and completions against what ns itself says.

Usage: test_generated.py NS FOLDER. Drives bash; zsh, fish and groff only where they are installed.
"""

import pathlib
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


def bash_answers(folder, words, cwd):
    """What bash offers for the last of these words."""
    script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ns; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = output("bash", "--norc", "-c", script, str(folder / "ns.bash"), *words, cwd=cwd)
    check(not done.stderr, f"bash: {words}: {done.stderr}")
    return set(done.stdout.split("\n")) - {""}


def check_bash(folder, commands):
    folder = folder.resolve()
    check(output("bash", "-n", str(folder / "ns.bash")).returncode == 0, "ns.bash: syntax")
    with tempfile.TemporaryDirectory() as cwd:
        (pathlib.Path(cwd) / "news of may.jsonl").touch()
        (pathlib.Path(cwd) / "archive").mkdir()

        def expect(words, wanted):
            got = bash_answers(folder, words, cwd)
            check(got == wanted, f"bash: {words} gives {sorted(got)}, not {sorted(wanted)}")

        expect(["ns", ""], set(commands) | {"help", "--help", "--version"})
        expect(["ns", "qu"], {"query"})
        expect(["ns", "help", "an"], {"analyze"})
        for name, options in commands.items():
            got = bash_answers(folder, ["ns", name, "-"], cwd)
            check(set(options) <= got, f"bash: ns {name} lacks {set(options) - got}")
        expect(["ns", "query", "--sn"], {"--snippet"})
        expect(["ns", "query", "--color", ""], {"auto", "always", "never"})
        expect(["ns", "query", "--scope", "p"], {"passage"})
        expect(["ns", "query", "--limit", ""], set())
        expect(["ns", "query", "-i", ""], {"archive"})
        expect(["ns", "query", ""], set())
        expect(["ns", "index", "n"], {"news of may.jsonl"})
        expect(["ns", "index", "--rejects", ""], {"news of may.jsonl", "archive"})


def check_others(folder, commands):
    for shell, name, flag in (("zsh", "_ns", "-n"), ("fish", "ns.fish", "--no-execute")):
        text = (folder / name).read_text("utf-8")
        for command, options in commands.items():
            for option in options:
                word = option if shell == "zsh" else f"from {command}' -l {option[2:]}"
                check(word in text, f"{name}: no {option} of {command}")
        if shutil.which(shell):
            done = output(shell, flag, str(folder / name))
            check(done.returncode == 0, f"{name}: {done.stderr}")
        else:
            quotes = text.replace("'\\''", "").replace("\\'", "").count("'")
            check(quotes % 2 == 0, f"{name}: quotes do not pair")
            print(f"{shell} is not installed: {name} was looked at, not run")


def main():
    ns, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    commands = read_commands(ns)
    check(len(commands) >= 6 and all(commands.values()), f"commands of ns --help: {commands}")
    check_man(folder, commands)
    check_bash(folder, commands)
    check_others(folder, commands)
    for fault in faults:
        print(fault)
    print(f"{len(commands)} commands, {sum(map(len, commands.values()))} options, "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
