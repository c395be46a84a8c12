/* Reading files, folders, gzip and standard input, with everything that can be wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "ingest/reader.h"
#include "os/file.h"

static char folder[64];
static ns_error err;

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/ns_test_XXXXXX");
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") != 0 || system(command);
}

static void write_bytes(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void write_text(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

static void write_packed(const char *path, const char *mode, const char *text)
{
    gzFile file = gzopen(path, mode);
    assert_non_null(file);
    gzwrite(file, text, (unsigned)strlen(text));
    gzclose(file);
}

/* What a reading gave: ids and refusals, one word or line each. */
typedef struct outcome {
    char ids[4096], refused[4096];
    unsigned records, refusals;
    uint64_t skipped;
    ns__str text; /* of the last refusal; only its length is good */
    ns_status stop;
} outcome;

static ns_status note_refusal(void *payload, const char *origin, uint64_t line, const char *reason,
                              ns__str text)
{
    outcome *all = payload;
    size_t at = strlen(all->refused);
    snprintf(all->refused + at, sizeof all->refused - at, "%s:%u: %s\n", origin, (unsigned)line,
             reason);
    all->refusals++;
    all->text = text;
    return all->stop;
}

static ns_status read_all(const char *const *paths, size_t count, uint64_t max_bytes, outcome *all)
{
    ns__reader_options options = {
        .max_record_bytes = max_bytes, .reject = note_refusal, .payload = all};
    ns__reader *reader;
    ns__record record = {0};
    assert_int_equal(ns__reader_open(paths, count, &options, &reader, &err), NS_OK);
    ns_status status;
    while ((status = ns__reader_next(reader, &record, &err)) == NS_OK) {
        size_t at = strlen(all->ids);
        snprintf(all->ids + at, sizeof all->ids - at, "%.*s ", (int)record.id.length,
                 (const char *)record.id.data);
        all->records++;
    }
    all->skipped = ns__reader_skipped(reader);
    ns__reader_close(reader);
    ns__record_release(&record);
    return status;
}

static void assert_reads(const char *path, const char *ids, const char *refused)
{
    outcome all = {.stop = NS_OK};
    assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_DONE);
    assert_string_equal(all.ids, ids);
    assert_string_equal(all.refused, refused);
}

#define GOOD(id) "{\"id\": \"" id "\", \"body\": \"b\"}"

static void test_lines(void **state)
{
    (void)state;
    write_text("a.jsonl",
               "\xef\xbb\xbf" GOOD("1") "\r\n\n  \t\n" GOOD("2") "\n{\"id\": \"3\"}\n"
                                                                 "{broken\n\n" GOOD("4"));
    assert_reads("a.jsonl", "1 2 4 ",
                 "a.jsonl:5: no text: neither title nor body\n"
                 "a.jsonl:6: broken JSON: byte 2: lexical error: invalid char in json text.\n");
    write_text("empty.jsonl", "");
    assert_reads("empty.jsonl", "", "");
    write_text("blank.json", "\n \r\n");
    assert_reads("blank.json", "", "");
    write_bytes("nul.jsonl", GOOD("1") "\n{\"body\": \"a\0b\"}\n" GOOD("2") "\n\0\n", 67);
    outcome all = {.stop = NS_OK};
    const char *path = "nul.jsonl";
    assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_DONE);
    assert_string_equal(all.ids, "1 2 ");
    assert_int_equal(all.refusals, 2);
}

static void test_stopping(void **state)
{
    (void)state;
    write_text("b.jsonl", GOOD("1") "\n{\"id\": \"2\"}\n" GOOD("3") "\n");
    const char *path = "b.jsonl";
    outcome all = {.stop = NS_ERR_CANCELLED};
    assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_ERR_CANCELLED);
    assert_string_equal(all.ids, "1 ");
    assert_string_equal(err.file, "b.jsonl");
    assert_string_equal(err.message, "line 2: no text: neither title nor body");

    ns__reader *reader;
    ns__record record = {0};
    const ns__reader_options alone = {.max_record_bytes = NS_MAX_RECORD_BYTES};
    assert_int_equal(ns__reader_open(&path, 1, &alone, &reader, &err), NS_OK);
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_OK);
    assert_string_equal(record.origin, "b.jsonl");
    assert_int_equal(record.line, 1);
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_ERR_INPUT);
    assert_string_equal(err.message, "line 2: no text: neither title nor body");
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_OK); /* it can go on */
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_DONE);
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_DONE);
    ns__reader_close(reader);
    ns__reader_close(NULL);
    ns__record_release(&record);
}

static void test_forms(void **state)
{
    (void)state;
    write_text("list.json", "[\n" GOOD("1") ",\n" GOOD("2") "\n]\n");
    assert_reads("list.json", "1 2 ", "");
    write_text("list.json", "[" GOOD("1") ",\n5,\n[" GOOD("2") "]," GOOD("3") " x]");
    assert_reads("list.json", "1 3 ",
                 "list.json:2: not a JSON object\n"
                 "list.json:3: a JSON list, not an object\n"
                 "list.json:3: stray text in a JSON list; the rest of this file is passed over\n");
    write_text("list.json", "[1]");
    assert_reads("list.json", "",
                 "list.json:0: a JSON list; make JSON lines of it first: jq -c '.[]'\n");
    write_text("below.json", "{\"n\": [1], \"a\": {\"b c\": [{\"id\": 1}]}}");
    assert_reads("below.json", "",
                 "below.json:1: no text: neither title nor body; if its list is the records: jq -c "
                 "'.a.\"b c\"[]' FILE | ns index -\n");
    write_text("pretty.json", "\n{\n \"id\": 1, \"body\": \"b\"\n}\n" GOOD("2") "{\n}");
    assert_reads("pretty.json", "1 2 ", "pretty.json:5: no text: neither title nor body\n");
    write_text("named", " \n" GOOD("1"));
    assert_reads("named", "1 ", "");
    write_text("words", "Some words");
    assert_reads("words", "words ", "");
    write_bytes("binary",
                "\x7f"
                "ELF\0\0",
                6);
    assert_reads("binary", "", "binary:0: a binary file\n");
    write_bytes("binary.jsonl", "\1\0", 2);
    assert_reads("binary.jsonl", "", "binary.jsonl:0: a binary file\n");
    write_bytes("utf16.txt",
                "\xff\xfe"
                "a\0",
                4);
    assert_reads("utf16.txt", "",
                 "utf16.txt:0: UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8\n");
    write_text("empty", "");
    assert_reads("empty", "", "");
    write_text("empty.txt", " \n");
    assert_reads("empty.txt", "", "empty.txt:0: no text: the file is empty\n");
    assert_reads("missing.jsonl", "", "missing.jsonl:0: no such file or folder\n");
    assert_int_equal(symlink("nowhere", "broken.txt"), 0);
    assert_reads("broken.txt", "", "broken.txt:0: no such file or folder\n");
}

/* JSON under other names, and texts that only begin like it. */
static void test_json_names(void **state)
{
    (void)state;
    static const char LIST[] = ":0: a JSON list; make JSON lines of it first: jq -c '.[]'\n";
    static const char *const lists[] = {"[" GOOD("1") "]", " [\n" GOOD("1") ",\n" GOOD("2") "]\n",
                                        "[]\n", "[{ \"a\\\"b\" : 1}]"};
    static const char *const names[] = {"list.txt"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            char refused[128];
            snprintf(refused, sizeof refused, "%s%s", names[n], LIST);
            write_text(names[n], lists[i]);
            assert_reads(names[n], "", refused);
        }
    write_packed("list.gz", "wb", "[" GOOD("1") "]");
    assert_reads("list.gz", "1 ", "");
    write_text("list", " [\n" GOOD("1") ",\n" GOOD("2") "]\n[" GOOD("3") "]");
    assert_reads("list", "1 2 3 ", "");
    write_text("a.jsonl.txt", GOOD("1") "\n" GOOD("2") "\n");
    assert_reads("a.jsonl.txt", "1 2 ", "");
    write_text("a.txt", "{\n \"body\": \"b\"\n}");
    assert_reads("a.txt", "",
                 "a.txt:0: JSON over several lines; make JSON lines of it first: jq -c .\n");
    static const char *const texts[] = {"[1] A note.",
                                        "[] for a box",
                                        "[{x}] A note.",
                                        "[",
                                        "{x} = 1",
                                        "{ \"Quoted\", he said }",
                                        "{"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text("note.txt", texts[i]);
        assert_reads("note.txt", "note.txt ", "");
    }
    write_text("cr.jsonl", GOOD("1") "\r" GOOD("2") "\r");
    assert_reads("cr.jsonl", "",
                 "cr.jsonl:0: lines end in CR alone; convert it first: tr '\\r' '\\n'\n");
    write_text("cr.jsonl", GOOD("1") "\r");
    assert_reads("cr.jsonl", "1 ", "");
}

/* What is packed or in a wider encoding is refused with what unpacks or converts it. */
static void test_advice(void **state)
{
    (void)state;
    char tar[512] = "name";
    memcpy(tar + 257, "ustar", 5);
    const struct {
        const char *bytes;
        size_t length;
        const char *says;
    } rows[] = {
        {"\x28\xb5\x2f\xfd \0", 6, "zstd -dc FILE | ns index -"},
        {"\xfd\x37zXZ\0", 6, "xz -dc FILE"},
        {"BZh91AY&SY", 10, "bzip2 -dc FILE"},
        {"\x04\x22\x4d\x18", 4, "lz4 -dc FILE"},
        {"PK\3\4", 4, "unzip -p FILE"},
        {"7z\xbc\xaf\x27\x1c", 6, "7z x -so FILE"},
        {tar, sizeof tar, "tar -xOf FILE"},
        {"%PDF-1.5", 8, "pdftotext FILE -"},
        {"\xff\xfe\0\0a\0\0\0", 8, "iconv -f UTF-32 "},
        {"\0\0\xfe\xff\0\0\0a", 8, "iconv -f UTF-32 "},
        {"\xfe\xff\0a", 4, "iconv -f UTF-16 "},
        {"{\0}\0", 4, "iconv -f UTF-16LE "},
        {"a\0b\0\x39\x20\n\0", 8, "a binary file"}, /* of four, one is no zero */
        {"a\0b\0 \0c\0\n\0d\0\x39\x20.\0", 16, "iconv -f UTF-16LE "},
        {"\0a\0b\0 \0c", 8, "iconv -f UTF-16BE "},
        {"a\0\0\0b\0\0\0", 8, "iconv -f UTF-32LE "},
        {"\0\0\0a\0\0\0b", 8, "iconv -f UTF-32BE "},
        {"a\0b", 3, "a binary file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        outcome all = {.stop = NS_OK};
        const char *path = "advice";
        write_bytes(path, rows[i].bytes, rows[i].length);
        assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_DONE);
        assert_int_equal(all.records, 0);
        if (strstr(all.refused, rows[i].says) == NULL)
            fail_msg("row %zu: %s", i, all.refused);
    }
    write_packed("inner.gz", "wb", "text");
    FILE *inner = fopen("inner.gz", "rb");
    char bytes[256];
    const size_t length = fread(bytes, 1, sizeof bytes, inner);
    fclose(inner);
    gzFile outer = gzopen("outer.gz", "wb");
    gzwrite(outer, bytes, (unsigned)length);
    gzclose(outer);
    assert_reads(
        "outer.gz", "",
        "outer.gz:0: gzip within gzip; unpack it once first: gzip -dc FILE | ns index -\n");
}

/* The first record of a file; *what gets what is to be warned of, "" for nothing. */
static void read_doubts(const char *path, const char *text, char what[512])
{
    ns__reader *reader;
    ns__record record = {0};
    write_text(path, text);
    assert_int_equal(ns__reader_open(&path, 1, NULL, &reader, &err), NS_OK);
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_OK);
    what[0] = '\0';
    assert_true(record.misfit_count <= 1);
    if (record.misfit_count == 1)
        snprintf(what, 512, "%s %s", record.misfits[0].key, record.misfits[0].what);
    ns__record_release(&record);
    ns__reader_close(reader);
}

static void test_doubts(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *says; /* NULL: nothing */
    } rows[] = {
        {"d.csv", "id,title\n1,A\n", "csv.DictReader(open(0, "},
        {"d.CSV.gz", "id,title\n1,A\n", "csv.DictReader(open(0, "},
        {"d.tsv", "id\ttitle\n", "delimiter"},
        {"feed", "\n<?xml version='1.0'?><rss/>", "looks like XML"},
        {"feed", "<RSS version='2.0'/>", "looks like XML"},
        {"page.htm", "Hello", "looks like HTML"},
        {"page.txt", "<!DOCTYPE html><html>", "looks like HTML"},
        {"box", "From a@b.example Mon Jan 1 10:30:00 2025\nSubject: Fog\n\nFog.",
         "looks like a mailbox"},
        {"box.txt", "From the harbour\n\nNote: fog.", NULL},
        {"box.txt", "From the harbour", NULL},
        {"mac.txt", "One line\rand another\r", "tr '\\r' '\\n'"},
        {"mac.txt", "One line\r", NULL},
        {"mac.txt", "One line\r\nand another\r\n", NULL},
        {"word.txt", "caf\xe9 d\x92Orsay", "iconv -f WINDOWS-1252 -t UTF-8"},
        {"word.jsonl", "{\"body\": \"caf\xe9\"}", "iconv -f WINDOWS-1252 -t UTF-8"},
        {"word.txt", "caf\xc3\xa9 and \xe9", NULL},     /* UTF-8 with an error */
        {"word.txt", "\xcf\xf0\xe8\xe2\xe5\xf2", NULL}, /* another code page */
        {"word.txt", "caf\x81 x", NULL},                /* no character there */
        {"word.jsonl", "{\"body\": \"a \\ud800\"}", NULL},
        {"tune.txt", "Words, and a < sign", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char what[512];
        read_doubts(rows[i].path, rows[i].text, what);
        if (rows[i].says ? strstr(what, rows[i].says) == NULL : what[0] != '\0')
            fail_msg("row %zu, %s: %s", i, rows[i].path, what);
    }
    outcome all = {.stop = NS_OK}; /* once a file is enough */
    ns__reader *reader;
    ns__record record = {0};
    const char *path = "word.jsonl";
    write_text(path, "{\"body\": \"caf\xe9\"}\n{\"body\": \"caf\xe9s\"}\n");
    ns__reader_options options = {
        .max_record_bytes = 1000, .reject = note_refusal, .payload = &all};
    assert_int_equal(ns__reader_open(&path, 1, &options, &reader, &err), NS_OK);
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_OK);
    assert_int_equal(record.misfit_count, 1);
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_OK);
    assert_int_equal(record.misfit_count, 0);
    ns__record_release(&record);
    ns__reader_close(reader);
}

/* A file has one id however its path is typed. */
static void test_ids(void **state)
{
    (void)state;
    assert_int_equal(mkdir("tx", 0777), 0);
    assert_int_equal(mkdir("tx/.b", 0777), 0);
    write_text("tx/a.txt", "text");
    write_text("tx/.b/c.txt", "text");
    static const char *const rows[][2] = {
        {"tx", "tx/a.txt "},
        {"./tx", "tx/a.txt "},
        {"tx//", "tx/a.txt "},
        {"tx/./a.txt", "tx/a.txt "},
        {".//./tx/a.txt", "tx/a.txt "},
        {"tx/.b/c.txt", "tx/.b/c.txt "},
        {"tx/../tx", "tx/../tx/a.txt "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_reads(rows[i][0], rows[i][1], "");
    char path[256], ids[256]; /* an absolute one stays so */
    snprintf(path, sizeof path, "/%s/./tx//a.txt", folder);
    snprintf(ids, sizeof ids, "%s/tx/a.txt ", folder);
    assert_reads(path, ids, "");
}

static void read_text(const char *path, const char *text, const char *title, const char *body)
{
    ns__record record = {0};
    ns__str whole = {(const uint8_t *)text, strlen(text)};
    assert_int_equal(ns__textfile_parse(whole, path, &record, &err), NS_OK);
    assert_int_equal(record.title.length, strlen(title));
    assert_memory_equal(record.title.data, title, strlen(title));
    assert_int_equal(record.body.length, strlen(body));
    assert_memory_equal(record.body.data, body, strlen(body));
    assert_int_equal(record.line, 0);
    assert_string_equal(record.origin, path);
    ns__record_release(&record);
}

static void test_text(void **state)
{
    (void)state;
    read_text("x/y.txt.gz", "One line", "y", "One line");
    read_text("y.md", "\n Title \r\n\r\n\n  Body\nmore\n", "Title", "  Body\nmore\n");
    read_text("y.x.text", "Title\n \t\nBody", "Title", "Body");
    read_text("dir/y", "Title\nBody\n\nmore", "y", "Title\nBody\n\nmore");
    read_text("y.txt", "Title\n\n \n", "y", "Title\n\n \n");
    read_text("-", "Title\n\nBody", "Title", "Body");
    read_text("-", "Body", "", "Body");
    char text[300], *at = text;
    for (size_t length = 199; length <= 200; length++) {
        memset(text, 't', length);
        at = text + length;
        strcpy(at, "\n\nBody");
        if (length < 200) {
            char title[200] = {0};
            memcpy(title, text, 199);
            read_text("y.txt", text, title, "Body");
        } else {
            read_text("y.txt", text, "y", text);
        }
    }
    ns__record record = {0};
    assert_int_equal(ns__textfile_parse(NS_STR("a\xff\xc3z"), "p\xff/n", &record, &err), NS_OK);
    assert_int_equal(record.replaced, 3);
    assert_memory_equal(record.id.data, "p\xef\xbf\xbd/n", 6);
    ns__buf meta = {0}, out = {0};
    ns__record_pack_fields(&record, &meta);
    assert_true(ns__record_show(&record, (ns__str){meta.data, meta.length}, &out));
    ns__buf_u8(&out, 0);
    assert_string_equal((char *)out.data, "{\"id\": \"p\xef\xbf\xbd/n\", \"title\": \"n\", "
                                          "\"body\": \"a\xef\xbf\xbd\xef\xbf\xbdz\"}");
    ns__buf_release(&meta);
    ns__buf_release(&out);
    ns__record_release(&record);
}

static void test_folders(void **state)
{
    (void)state;
    mkdir("f", 0777);
    mkdir("f/b", 0777);
    mkdir("f/b/c", 0777);
    mkdir("f/.ns", 0777);
    write_text("f/.hidden.txt", "x");
    write_text("f/.ns/x.txt", "x");
    write_text("f/b.txt", "x");
    write_text("f/B.TXT", "x");
    write_text("f/README.md", "x");
    write_text("f/b/c/1.jsonl", GOOD("1") "\n" GOOD("2") "\n");
    write_text("f/b/c/2.pdf", "x");
    write_text("f/z", "x");
    write_packed("f/b/a.ndjson.gz", "wb", GOOD("3") "\n");
    assert_int_equal(symlink("..", "f/b/loop"), 0);
    assert_int_equal(symlink("b", "f/twice"), 0);
    assert_int_equal(symlink("nowhere", "f/gone.txt"), 0);
    assert_int_equal(mkfifo("f/pipe.txt", 0666), 0);
    const char *paths[] = {"f", "f/z"};
    outcome all = {.stop = NS_OK};
    assert_int_equal(read_all(paths, 2, NS_MAX_RECORD_BYTES, &all), NS_DONE);
    assert_string_equal(all.ids, "f/B.TXT 3 1 2 f/b.txt 3 1 2 f/z ");
    assert_string_equal(all.refused, "f/gone.txt:0: no such file or folder\n");
    assert_int_equal(all.skipped, 7); /* 2.pdf and loop twice each, pipe.txt, z, README.md */
}

/* Root may read everything, so this runs as nobody. */
static void test_permission(void **state)
{
    (void)state;
    mkdir("p", 0777);
    mkdir("p/closed", 0777);
    write_text("p/a.txt", "x");
    write_text("p/closed/x.txt", "x");
    write_text("p/secret.txt", "x");
    write_text("p/z.txt", "x");
    chmod("p/closed", 0);
    chmod("p/secret.txt", 0);
    chmod(folder, 0755);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(2);
        static const char *const PATH[] = {"p"};
        outcome all = {.stop = NS_OK};
        bool right = read_all(PATH, 1, NS_MAX_RECORD_BYTES, &all) == NS_DONE &&
                     strcmp(all.ids, "p/a.txt p/z.txt ") == 0 &&
                     strcmp(all.refused, "p/closed:0: cannot list directory: Permission denied\n"
                                         "p/secret.txt:0: cannot open: Permission denied\n") == 0;
        _exit(right ? 0 : 1);
    }
    int code;
    waitpid(child, &code, 0);
    chmod("p/closed", 0755);
    assert_int_equal(code, 0);
}

static void test_gzip(void **state)
{
    (void)state;
    write_packed("m.jsonl.gz", "wb", GOOD("1") "\n");
    write_packed("m.jsonl.gz", "ab", "");
    write_packed("m.jsonl.gz", "ab", "{\"id\": \"2\", ");
    write_packed("m.jsonl.gz", "ab", "\"body\": \"b\"}\n");
    assert_reads("m.jsonl.gz", "1 2 ", "");
    FILE *file = fopen("m.jsonl.gz", "ab");
    fwrite("\0\0\0\0", 1, 4, file);
    fclose(file);
    assert_reads("m.jsonl.gz", "1 2 ", "");
    file = fopen("m.jsonl.gz", "ab");
    fwrite("junk", 1, 4, file);
    fclose(file);
    assert_reads("m.jsonl.gz", "1 2 ", "m.jsonl.gz:3: unknown bytes behind the gzip data\n");
    write_packed("plain.jsonl", "wb", GOOD("1")); /* the magic counts, not the name */
    assert_reads("plain.jsonl", "1 ", "");
    write_text("only.txt.gz", "not gzip");
    assert_reads("only.txt.gz", "only.txt.gz ", "");
    write_packed("t.txt.gz", "wb", "words");
    assert_reads("t.txt.gz", "t.txt.gz ", "");
}

/* Cut a packed file everywhere: whole lines are kept, the rest is refused. */
static void test_cut_gzip(void **state)
{
    (void)state;
    char text[2000] = "";
    for (unsigned i = 0; i < 20; i++)
        snprintf(text + strlen(text), 100, "{\"id\": \"%u\", \"body\": \"%u\"}\n", i, i * 7919);
    write_packed("whole.gz", "wb", text);
    uint8_t bytes[4096];
    FILE *file = fopen("whole.gz", "rb");
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    unsigned most = 0;
    const char *path = "cut.jsonl.gz";
    for (size_t cut = 2; cut < length; cut++) {
        write_bytes(path, bytes, cut);
        outcome all = {.stop = NS_OK};
        assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_DONE);
        assert_int_equal(all.refusals, 1);
        assert_non_null(strstr(all.refused, "the gzip data end too early: the file is cut off"));
        assert_true(all.records >= most);
        most = all.records;
    }
    assert_int_equal(most, 20);
    /* And damage it everywhere: never a crash, good lines may come. */
    for (size_t at = 0; at < length; at++) {
        bytes[at] ^= 0x10;
        write_bytes(path, bytes, length);
        bytes[at] ^= 0x10;
        outcome all = {.stop = NS_OK};
        assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_DONE);
        assert_true(all.records <= 20);
        if (at >= 10)
            assert_true(all.refusals > 0 || all.records == 20); /* a bit of padding */
    }
}

static void write_long(const char *path, size_t length)
{
    /* A good line, one of `length` bytes, a good line. */
    gzFile file = gzopen(path, "wb1");
    static char block[65536];
    memset(block, 'x', sizeof block);
    gzprintf(file, GOOD("1") "\n{\"id\": \"long\", \"body\": \"");
    length -= strlen("{\"id\": \"long\", \"body\": \"\"}");
    for (size_t left = length; left > 0;) {
        size_t part = left < sizeof block ? left : sizeof block;
        gzwrite(file, block, (unsigned)part);
        left -= part;
    }
    gzprintf(file, "\"}\r\n" GOOD("2") "\n");
    gzclose(file);
}

static void test_long_lines(void **state)
{
    (void)state;
    const char *path = "long.jsonl.gz";
    /* From 8 MB on, a line's beginning is packed and brought back (lines.c). */
    static const size_t LIMITS[] = {100, 1000, 300000, 600000, 8 << 20, 16 << 20, 20000000};
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
        for (size_t length = LIMITS[i] - 1; length <= LIMITS[i] + 2; length++) {
            write_long(path, length);
            outcome all = {.stop = NS_OK};
            assert_int_equal(read_all(&path, 1, LIMITS[i], &all), NS_DONE);
            bool fits = length <= LIMITS[i];
            if (length > 1 << 20) { /* the same where the limit is far away */
                outcome far = {.stop = NS_OK};
                assert_int_equal(read_all(&path, 1, 256 << 20, &far), NS_DONE);
                assert_string_equal(far.ids, "1 long 2 ");
                assert_string_equal(far.refused, "");
            }
            assert_string_equal(all.ids, fits ? "1 long 2 " : "1 2 ");
            if (fits)
                continue;
            char wanted[128];
            snprintf(wanted, sizeof wanted, "%s:2: the record is too large: more than %zu bytes\n",
                     path, LIMITS[i]);
            assert_string_equal(all.refused, wanted);
            assert_true(all.text.length > 0 && all.text.length <= 4096);
        }
    }
    /* The lines behind one that was too long keep their numbers. */
    write_text("behind.jsonl", GOOD("1") "\n" GOOD("a longer line") "\n{\n" GOOD("2") "\n{");
    path = "behind.jsonl";
    outcome behind = {.stop = NS_OK};
    assert_int_equal(read_all(&path, 1, strlen(GOOD("1")), &behind), NS_DONE);
    assert_string_equal(behind.ids, "1 2 ");
    assert_int_equal(behind.refusals, 3);
    assert_non_null(strstr(behind.refused, "behind.jsonl:2: the record is too large"));
    assert_non_null(strstr(behind.refused, "behind.jsonl:3: "));
    assert_non_null(strstr(behind.refused, "behind.jsonl:5: "));
    /* Without an end of line at the end, and as text. */
    write_text("last.jsonl", GOOD("1") "\n" GOOD("22"));
    path = "last.jsonl";
    outcome all = {.stop = NS_OK};
    assert_int_equal(read_all(&path, 1, strlen(GOOD("1")), &all), NS_DONE);
    assert_string_equal(all.ids, "1 ");
    write_text("long.txt", "123456789 1");
    path = "long.txt";
    assert_int_equal(read_all(&path, 1, 10, &all), NS_DONE);
    assert_non_null(
        strstr(all.refused, "long.txt:0: the record is too large: more than 10 bytes\n"));
    assert_int_equal(read_all(&path, 1, 11, &all), NS_DONE);
    assert_non_null(strstr(all.ids, "long.txt "));
}

/* 256 MB in one line, with a limit of 16 MB: within 64 MB above what the test already has. */
static void test_bomb(void **state)
{
    (void)state;
    const char *path = "bomb.jsonl.gz";
    write_long(path, 1u << 28);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    outcome all = {.stop = NS_OK};
    assert_int_equal(read_all(&path, 1, 16 << 20, &all), NS_DONE);
    getrusage(RUSAGE_SELF, &after);
    assert_string_equal(all.ids, "1 2 ");
#ifdef __SANITIZE_THREAD__
    print_message("skipped: the thread sanitizer's own memory hides what the reader takes\n");
#else
    assert_true(after.ru_maxrss - before.ru_maxrss < 64 << 10);
#endif
}

static void test_large_article(void **state)
{
    (void)state;
    const char *path = "large.jsonl.gz";
    write_long(path, 50 << 20);
    outcome all = {.stop = NS_OK};
    assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_DONE);
    assert_string_equal(all.ids, "1 long 2 ");
}

static void test_standard_input(void **state)
{
    (void)state;
    int before = dup(STDIN_FILENO);
    write_packed("in.gz", "wb", "\n" GOOD("1") "\n" GOOD("2"));
    write_text("in.txt", "Words");
    write_text("in.jsonl", "{\"body\": 1");
    static const char *const NAMES[] = {"in.gz", "in.txt", "/dev/null", "in.jsonl"};
    static const char *const IDS[] = {"1 2 ", NULL, "", ""};
    const char *path = "-";
    for (size_t i = 0; i < 4; i++) {
        int file = open(NAMES[i], O_RDONLY);
        dup2(file, STDIN_FILENO);
        close(file);
        outcome all = {.stop = NS_OK};
        assert_int_equal(read_all(&path, 1, NS_MAX_RECORD_BYTES, &all), NS_DONE);
        if (IDS[i] != NULL)
            assert_string_equal(all.ids, IDS[i]);
        else
            assert_int_equal(strlen(all.ids), 17); /* made of the text */
        assert_string_equal(
            all.refused, i == 3 ? "-:1: broken JSON: byte 10: parse error: premature EOF\n" : "");
    }
    dup2(before, STDIN_FILENO);
    close(before);
}

/* Lets *payload beats pass, then stops the reading. */
static ns_status beat(void *payload, ns_error *at)
{
    size_t *left = payload;
    return (*left)-- > 0 ? NS_OK : ns__fail(at, NS_ERR_CANCELLED, "enough");
}

static void test_progress(void **state)
{
    (void)state;
    write_text("p1.jsonl", GOOD("1") "\n");
    write_text("p2.jsonl", GOOD("2") "\n");
    assert_int_equal(mkdir("p3", 0755), 0);
    write_text("p3/a.jsonl", GOOD("3"));
    write_text("p3/unknown.bin", "not counted");
    const char *paths[] = {"p1.jsonl", "p2.jsonl", "p3", "-"};
    const uint64_t totals[] = {2 * strlen(GOOD("1") "\n"),
                               2 * strlen(GOOD("1") "\n") + strlen(GOOD("3")), 0};
    for (size_t count = 2; count <= 4; count++) {
        size_t beats = SIZE_MAX;
        ns__reader_options options = {.max_record_bytes = NS_MAX_RECORD_BYTES,
                                      .pulse = {beat, &beats}};
        ns__reader *reader;
        ns__record record = {0};
        uint64_t done, total;
        assert_int_equal(ns__reader_open(paths, count, &options, &reader, &err), NS_OK);
        ns__reader_progress(reader, &done, &total);
        assert_int_equal(done, 0);
        assert_int_equal(total, totals[count - 2]);
        assert_int_equal(ns__reader_next(reader, &record, &err), NS_OK);
        assert_int_equal(ns__reader_next(reader, &record, &err), NS_OK);
        ns__reader_progress(reader, &done, &total);
        assert_int_equal(done, 2 * strlen(GOOD("1") "\n"));
        ns__reader_close(reader);
        ns__record_release(&record);
    }
}

/* A long line is thrown away in many pieces: the reading must stop between two of them. */
static void test_pulse(void **state)
{
    (void)state;
    const size_t size = 4 << 20;
    char *text = malloc(size);
    memset(text, 'a', size);
    write_bytes("pulse.jsonl", text, size);
    free(text);
    const char *path = "pulse.jsonl";
    size_t beats = 3;
    ns__reader_options options = {.max_record_bytes = 1000, .pulse = {beat, &beats}};
    ns__reader *reader;
    ns__record record = {0};
    assert_int_equal(ns__reader_open(&path, 1, &options, &reader, &err), NS_OK);
    assert_int_equal(ns__reader_next(reader, &record, &err),
                     NS_ERR_LIMIT); /* refused, and nobody is there to be told */
    assert_int_equal(ns__reader_next(reader, &record, &err), NS_ERR_CANCELLED);
    assert_string_equal(err.message, "enough");
    ns__reader_close(reader);
    ns__record_release(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),         cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_forms),         cmocka_unit_test(test_text),
        cmocka_unit_test(test_json_names),    cmocka_unit_test(test_advice),
        cmocka_unit_test(test_doubts),        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_folders),       cmocka_unit_test(test_permission),
        cmocka_unit_test(test_gzip),          cmocka_unit_test(test_cut_gzip),
        cmocka_unit_test(test_long_lines),    cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_large_article), cmocka_unit_test(test_standard_input),
        cmocka_unit_test(test_progress),      cmocka_unit_test(test_pulse),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
