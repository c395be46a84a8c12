/* Cuts the articles of an index into passages of plain words, for all engines alike.
 *
 *   ns_passages INDEX bodies|titles > passages.txt
 *
 * Each line is one passage (or headline): words of [a-z0-9], one space between them, in the order
 * of the index. ns cuts the passages and folds the words; what stands between runs of [a-z0-9] then
 * is left out, and so are words of more than 64 letters, which some engine would cut or drop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ns/ns.h"

enum { LONGEST = 64 };

static int fail(const char *what, const ns_error *err)
{
    fprintf(stderr, "ns_passages: %s: %s\n", what, err ? err->message : "out of memory");
    return 1;
}

static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Prints the runs of plain letters of one word. Returns whether the line has a word now. */
static bool print_word(const char *word, size_t length, bool begun)
{
    size_t i = 0;
    while (i < length) {
        size_t start = i;
        while (i < length && plain(word[i]))
            i++;
        if (i > start && i - start <= LONGEST) {
            if (begun)
                putchar(' ');
            fwrite(word + start, 1, i - start, stdout);
            begun = true;
        }
        i += i == start;
    }
    return begun;
}

static bool print_text(const ns_analysis_settings *settings, const char *text, size_t length,
                       ns_error *err)
{
    ns_tokens *tokens;
    if (ns_analyze(settings, "en", text, length, &tokens, err) != NS_OK)
        return false;
    uint32_t passage = 0;
    bool begun = false;
    for (size_t i = 0; i < ns_tokens_count(tokens); i++) {
        ns_token token = ns_tokens_get(tokens, i);
        if (token.passage != passage && begun) {
            putchar('\n');
            begun = false;
        }
        passage = token.passage;
        begun = print_word(token.term, token.term_length, begun);
    }
    if (begun)
        putchar('\n');
    ns_tokens_free(tokens);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[2], "bodies") != 0 && strcmp(argv[2], "titles") != 0)) {
        fprintf(stderr, "usage: ns_passages INDEX bodies|titles\n");
        return 2;
    }
    bool titles = argv[2][0] == 't';
    ns_error err = {0};
    ns_index *index;
    if (ns_index_open(argv[1], &index, &err) != NS_OK)
        return fail(argv[1], &err);
    ns_analysis_settings settings;
    ns_analysis_settings_init(&settings);
    settings.no_stemming = true;
    settings.one_passage = titles;
    ns_status status = NS_OK;
    bool fine = true;
    for (uint64_t i = 0; fine && status == NS_OK; i++) {
        ns_article *article;
        status = ns_article_at(index, i, &article, &err);
        if (status != NS_OK)
            break;
        size_t length;
        const char *text =
            titles ? ns_article_title(article, &length) : ns_article_body(article, &length);
        fine = print_text(&settings, text, length, &err);
        ns_article_free(article);
    }
    ns_index_close(index);
    if (!fine || status != NS_NOT_FOUND)
        return fail(argv[1], &err);
    return fflush(stdout) != 0 || ferror(stdout) ? fail("standard output", NULL) : 0;
}
