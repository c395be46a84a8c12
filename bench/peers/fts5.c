/* SQLite FTS5 as one of the engines of bench/compare; bench/peers/README.md has the protocol.
 *
 *   fts5_peer version | build INPUT FILE none|text | serve FILE QUERIES K1 B
 *
 * FTS5 has k1 1.2 and b 0.75 only. A wanted word beside required ones has no operator of its own:
 * `+a +b c` is asked as a AND b AND (a OR c), which finds the same and counts a twice. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROOM = 4096 };

typedef struct engine {
    sqlite3 *db;
    sqlite3_stmt *top, *count;
    char **queries;
    size_t query_count;
} engine;

static void die(sqlite3 *db, const char *what)
{
    fprintf(stderr, "fts5_peer: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
    exit(1);
}

static void execute(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        die(db, sql);
    return statement;
}

static void build(const char *input, const char *path, int stored)
{
    sqlite3 *db = NULL;
    FILE *in = fopen(input, "re");
    if (in == NULL || sqlite3_open(path, &db) != SQLITE_OK)
        die(NULL, input);
    execute(db, "PRAGMA journal_mode=off; PRAGMA synchronous=off; PRAGMA cache_size=-524288");
    execute(db, stored ? "CREATE VIRTUAL TABLE t USING fts5(body, detail=full, tokenize=ascii)"
                       : "CREATE VIRTUAL TABLE t USING fts5(body, content='', detail=full, "
                         "tokenize=ascii)");
    execute(db, "BEGIN");
    sqlite3_stmt *insert = prepare(db, "INSERT INTO t(rowid, body) VALUES (?, ?)");
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    for (sqlite3_int64 number = 0; (got = getline(&line, &room, in)) > 0; number++) {
        sqlite3_bind_int64(insert, 1, number);
        sqlite3_bind_text(insert, 2, line, (int)(got - (line[got - 1] == '\n')), SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
            die(db, "insert");
    }
    sqlite3_finalize(insert);
    execute(db, "INSERT INTO t(t) VALUES ('optimize')");
    execute(db, "COMMIT");
    execute(db, "VACUUM");
    free(line);
    fclose(in);
    sqlite3_close(db);
}

/* ---- Queries ---- */

typedef struct text {
    char bytes[ROOM];
    size_t length;
} text;

static void append(text *out, const char *between, const char *word, size_t length)
{
    size_t gap = out->length ? strlen(between) : 0;
    if (out->length + gap + length + 3 > ROOM)
        die(NULL, "a query is too long");
    memcpy(out->bytes + out->length, between, gap);
    out->length += gap;
    out->bytes[out->length++] = '"';
    memcpy(out->bytes + out->length, word, length);
    out->length += length;
    out->bytes[out->length++] = '"';
    out->bytes[out->length] = 0;
}

/* Words and "phrases", each with + (must), - (must not) or nothing, as FTS5 asks for them. */
static void translate(const char *query, char out[3 * ROOM])
{
    text must = {.length = 0}, should = {.length = 0}, must_not = {.length = 0}, first = must;
    while (*query) {
        if (*query == ' ') {
            query++;
            continue;
        }
        char kind = *query;
        query += kind == '+' || kind == '-';
        int quoted = *query == '"';
        query += quoted;
        size_t length = strcspn(query, quoted ? "\"" : " ");
        if (kind == '+') {
            append(&must, " AND ", query, length);
            if (first.length == 0)
                append(&first, "", query, length);
        } else if (kind == '-') {
            append(&must_not, " OR ", query, length);
        } else {
            append(&should, " OR ", query, length);
        }
        query += length + (query[length] != 0);
    }
    int used;
    if (must.length && should.length)
        used =
            snprintf(out, 3 * ROOM, "(%s AND (%s OR %s))", must.bytes, first.bytes, should.bytes);
    else
        used = snprintf(out, 3 * ROOM, "(%s)", must.length ? must.bytes : should.bytes);
    if (must_not.length)
        snprintf(out + used, (size_t)(3 * ROOM - used), " NOT (%s)", must_not.bytes);
}

/* COUNT, TOP_k or TOP_k_COUNT: the hits where they are asked for, and the ids. With `print`, ids
 * and scores go to standard output. */
static sqlite3_int64 run(engine *self, const char *query, const char *command, int print)
{
    char match[3 * ROOM];
    translate(query, match);
    sqlite3_int64 sum = 0;
    if (strstr(command, "COUNT")) {
        sqlite3_bind_text(self->count, 1, match, -1, SQLITE_STATIC);
        if (sqlite3_step(self->count) != SQLITE_ROW)
            die(self->db, match);
        sum = sqlite3_column_int64(self->count, 0);
        sqlite3_reset(self->count);
    }
    if (strncmp(command, "TOP_", 4) == 0) {
        sqlite3_bind_text(self->top, 1, match, -1, SQLITE_STATIC);
        sqlite3_bind_int64(self->top, 2, atoi(command + 4));
        int status;
        while ((status = sqlite3_step(self->top)) == SQLITE_ROW) {
            sqlite3_int64 id = sqlite3_column_int64(self->top, 0);
            double score = -sqlite3_column_double(self->top, 1) / 2.2; /* k1 + 1 */
            sum += id + (score > 0);
            if (print)
                printf("%lld:%.9g ", (long long)id, score);
        }
        if (status != SQLITE_DONE)
            die(self->db, match);
        sqlite3_reset(self->top);
    }
    return sum;
}

static unsigned long long now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (unsigned long long)time.tv_sec * 1000000000u + (unsigned long long)time.tv_nsec;
}

static void answer(engine *self, const char *what, const char *command)
{
    static volatile sqlite3_int64 sink;
    for (size_t i = 0; i < self->query_count; i++) {
        int print = strcmp(what, "results") == 0;
        unsigned long long start = now_ns();
        sqlite3_int64 sum = run(self, self->queries[i], command, print);
        unsigned long long took = now_ns() - start;
        sink += sum;
        (void)sink;
        if (print)
            putchar('\n');
        else
            printf("%lld ", strcmp(what, "count") == 0 ? (long long)sum : (long long)took);
    }
    if (strcmp(what, "results") != 0)
        putchar('\n');
}

static void open_engine(engine *self, const char *path, const char *queries)
{
    FILE *file = fopen(queries, "re");
    if (file == NULL || sqlite3_open_v2(path, &self->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(self->db, path);
    execute(self->db, "PRAGMA mmap_size=17179869184; PRAGMA cache_size=-524288");
    self->top =
        prepare(self->db, "SELECT rowid, rank FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?");
    self->count = prepare(self->db, "SELECT count(*) FROM t WHERE t MATCH ?");
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = 0;
        self->queries = realloc(self->queries, (self->query_count + 1) * sizeof *self->queries);
        if (strchr(line, '\t') == NULL || self->queries == NULL)
            die(NULL, queries);
        self->queries[self->query_count++] = strdup(strchr(line, '\t') + 1);
    }
    free(line);
    fclose(file);
}

static void serve(engine *self)
{
    /* The table of sizes has a row for each; a contentless table counts no faster. */
    sqlite3_stmt *size = prepare(self->db, "SELECT count(*) FROM t_docsize");
    sqlite3_step(size);
    printf("ready %lld\n", (long long)sqlite3_column_int64(size, 0));
    sqlite3_finalize(size);
    fflush(stdout);
    char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        char *space = strchr(line, ' ');
        if (space)
            *space = 0;
        if (strcmp(line, "pass") != 0 && strcmp(line, "results") != 0 && strcmp(line, "count") != 0)
            break;
        answer(self, line, space ? space + 1 : "COUNT");
        fflush(stdout);
    }
    for (size_t i = 0; i < self->query_count; i++)
        free(self->queries[i]);
    free(self->queries);
    sqlite3_finalize(self->top);
    sqlite3_finalize(self->count);
    sqlite3_close(self->db);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        printf("SQLite FTS5 %s\n", sqlite3_libversion());
    } else if (argc == 5 && strcmp(argv[1], "build") == 0) {
        build(argv[2], argv[3], strcmp(argv[4], "none") != 0);
    } else if (argc == 6 && strcmp(argv[1], "serve") == 0) {
        engine self = {.db = NULL};
        open_engine(&self, argv[2], argv[3]);
        serve(&self);
    } else {
        fprintf(stderr, "usage: version | build INPUT FILE none|text | serve FILE QUERIES K1 B\n");
        return 2;
    }
    return 0;
}
