#!/usr/bin/env python3
"""Checks that every public declaration of include/ns is documented as the house style says.

Usage: check_docs.py REPOSITORY. Prints each fault; exit 1 when there is one. The rules:
- a header begins with a comment, and one that declares functions on objects speaks of threads;
- each function, type and macro has a comment directly above it, each value of an enum and each
  field of a struct one above or behind it (or shares the line of one that has);
- parameters that have neighbours of their kind are named in the comment: all but the first object
  and err;
- a function that returns ns_status says "Returns" and lists the statuses, NS_OK first, all of them
  values of ns_status; one with an `**out` names the function that frees it;
- a returned pointer is said to be borrowed, owned or never freed.
"""

import pathlib
import re
import sys

COMMENT = r"/\*(?:[^*]|\*(?!/))*\*/"
faults = []


def check(good, where, message):
    if not good:
        faults.append(f"{where}: {message}")


def comment_above(text, at):
    """The comment that ends right above the declaration at offset `at`, or ""."""
    before = text[:at].rstrip(" \t")
    if not before.endswith("*/\n"):
        return ""
    return before[before.rindex("/*"):]


def words_of(comment):
    return re.sub(r"\s*\n \* ?", " ", comment.strip("/* \n"))


def split_parameters(text):
    """Parameters, function pointers kept whole."""
    depth, part, parts = 0, "", []
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [p.strip() for p in parts + [part] if p.strip() not in ("", "void")]


def parameter_name(parameter):
    pointer = re.search(r"\(\*(\w+)\)", parameter)
    return pointer[1] if pointer else re.search(r"(\w+)\s*$", parameter)[1]


def check_statuses(where, said, statuses):
    listed = re.findall(r"NS_(?:OK|DONE|NOT_FOUND|ERR_\w+)", said)
    check("Returns NS_OK" in said, where, "the comment does not list what it returns")
    check(any(s.startswith("NS_ERR_") for s in listed), where, "no error status is listed")
    for status in listed:
        check(status in statuses, where, f"{status} is no status")


def check_function(where, declaration, said, statuses):
    head, _, rest = declaration.partition("(")
    name = re.search(r"(\w+)$", head.strip())[1]
    where = f"{where}: {name}"
    check(said, where, "no comment above it")
    parameters = split_parameters(rest[: rest.rindex(")")])
    for place, parameter in enumerate(parameters):
        called = parameter_name(parameter)
        if called == "err" or (place == 0 and re.search(r"\bns_\w+ \*", parameter)):
            continue
        check(re.search(rf"\b{called}\b", said), where, f"parameter {called} is not spoken of")
        if "**out" in parameter:
            check(re.search(r"owned by the caller: ns_\w+_(free|close)\b", said), where,
                  "the comment does not say how *out is freed")
    if re.search(r"\bns_status\b", head):
        check_statuses(where, said, statuses)
        check(parameters and parameters[-1] == "ns_error *err", where,
              "a fallible function takes ns_error *err last")
    elif head.rstrip()[: -len(name)].rstrip().endswith("*"):
        check(re.search(r"borrowed|owned|[Nn]ever freed", said), where,
              "the comment does not say who owns what it returns")
    return name


def check_members(where, name, body):
    """Fields or values: each line of code has a comment behind it, or one that ends right above."""
    above = False
    at = 0
    for line in re.sub(COMMENT, lambda m: re.sub(r"[^\n]", " ", m[0]), body).split("\n"):
        raw = body[at:at + len(line)]
        at += len(line) + 1
        if line.strip():
            check("/*" in raw or above, where, f"{name}: no comment on: {line.strip()}")
            above = above and "/*" not in raw
        elif not behind_continues(body, at - 1 - len(line)):
            above = raw.rstrip().endswith("*/")


def behind_continues(body, at):
    """Whether offset `at` lies in a comment that began behind code."""
    for match in re.finditer(COMMENT, body):
        if match.start() < at < match.end():
            return bool(body[: match.start()].rpartition("\n")[2].strip())
    return False


def check_header(path, statuses):
    text = path.read_text("utf-8")
    where = path.name
    check(text.startswith("/*"), where, "does not begin with a comment")
    count = 0
    bare = re.sub(COMMENT, lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    if "NS_API" in bare:
        check("thread" in words_of(text[: text.index("*/")]), where, "says nothing of threads")
    for match in re.finditer(r"^NS_API\b[^;]*;", bare, re.M):
        declaration = " ".join(match[0].rstrip(";").split())
        said = words_of(comment_above(text, match.start()))
        check_function(where, declaration.replace("NS_API ", ""), said, statuses)
        count += 1
    for match in re.finditer(r"^(typedef (?:struct|enum) \w+|enum) ?(\{|\w+;)", bare, re.M):
        name = match[1].split()[-1]
        check(comment_above(text, match.start()), where, f"{name}: no comment above it")
        if match[2] == "{":
            end = bare.index("}", match.end())
            body = text[match.end():end]
            if "\n" in body:
                check_members(where, name, body)
        count += 1
    for match in re.finditer(r"^#define (NS_\w+)\b(.*)", bare, re.M):
        guard = not match[2].strip() and match[1].endswith("_H")
        family = re.match(r"NS_(API|MUST_USE)$", match[1])
        if guard or family:
            continue
        check(comment_above(text, match.start()), where, f"{match[1]}: no comment above it")
        count += 1
    return count


def main():
    headers = sorted((pathlib.Path(sys.argv[1]) / "include/ns").glob("*.h"))
    status_text = next(h for h in headers if h.name == "status.h").read_text("utf-8")
    statuses = set(re.findall(r"^    (NS_\w+) = ", status_text, re.M))
    count = sum(check_header(path, statuses) for path in headers)
    for fault in faults:
        print(fault)
    print(f"{count} declarations in {len(headers)} headers, {len(faults)} faults")
    return 1 if faults or count < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
