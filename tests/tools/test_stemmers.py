#!/usr/bin/env python3
"""The stemmers whose tables have no pointers (tools/relative_stemmers.py) stem as libstemmer's do: the
program against one that is linked with the library as it is, on words made of the tables' own strings.

Use: test_stemmers.py NS PLAIN_NS LIBSTEMMER_ARCHIVE TOOLS
"""
import pathlib
import random
import subprocess
import sys

CODES = {"arabic": "ar", "armenian": "hy", "basque": "eu", "catalan": "ca", "danish": "da",
         "dutch": "nl", "english": "en", "finnish": "fi", "french": "fr", "german": "de",
         "greek": "el", "hindi": "hi", "hungarian": "hu", "indonesian": "id", "irish": "ga",
         "italian": "it", "lithuanian": "lt", "nepali": "ne", "norwegian": "no",
         "portuguese": "pt", "romanian": "ro", "russian": "ru", "serbian": "sr", "spanish": "es",
         "swedish": "sv", "tamil": "ta", "turkish": "tr", "yiddish": "yi"}
WORDS = 4000


def words_of(stemmers, body, rnd):
    """Some letters, and pieces of the strings of the tables."""
    row = stemmers.sections(body)[b".rodata"]
    text = "".join(c for c in body[row[4]:row[4] + row[5]].decode("utf-8", "ignore") if c.isalpha())
    letters = sorted(set(text))
    for _ in range(WORDS):
        word = "".join(rnd.choice(letters) for _ in range(rnd.randrange(6)))
        for _ in range(rnd.randrange(1, 3)):
            at = rnd.randrange(len(text))
            word += text[at:at + rnd.randrange(1, 7)]
        yield word


def main():
    ns, plain, archive, tools = sys.argv[1:]
    sys.path.insert(0, tools)
    import relative_stemmers as stemmers
    rnd = random.Random(20241126)
    done = 0
    for name, body in stemmers.members(pathlib.Path(archive).read_bytes()):
        code = CODES.get(name[len("stem_UTF_8_"):-len(".o")]) if "UTF_8" in name else None
        if code is None:
            continue
        text = " ".join(words_of(stemmers, body, rnd)).encode()
        one, two = (subprocess.run([program, "analyze", "--language", code], input=text,
                                   capture_output=True, check=True).stdout for program in (ns, plain))
        if one != two or one.count(b"\n") < WORDS:
            sys.exit(f"{name}: other stems than those of the library")
        done += 1
    if done != len(CODES):
        sys.exit(f"{done} stemmers, {len(CODES)} expected")


if __name__ == "__main__":
    main()
