/* ns show: whole articles. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/term.h"

static void print_text(const cli_term *term, const ns_article *article, bool more)
{
    static const char *const names[] = {"date", "source", "section", "author", "url", "lang"};
    size_t length;
    const char *text = ns_article_title(article, &length);
    if (length && term->tty) {
        ns_marked title = {text, length, NULL, 0};
        term_print_marked(term, title, STYLE_TITLE, 0, 0, false, false);
    } else if (length) {
        term_print(term, text, length, STYLE_TITLE, false);
        putchar('\n');
    }
    text = ns_article_id(article, &length);
    printf("id: ");
    term_print(term, text, length, STYLE_FAINT, false);
    putchar('\n');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        text = ns_article_column(article, names[i], &length);
        if (length) {
            printf("%s: ", names[i]);
            term_print(term, text, length, STYLE_FAINT, false);
            putchar('\n');
        }
    }
    putchar('\n');
    text = ns_article_body(article, &length);
    if (term->tty)
        term_print_lines(term, text, length, 0);
    else
        term_print(term, text, length, STYLE_PLAIN, true);
    fputs(more && term->tty ? "\n" : more ? "\n\n" : term->tty ? "" : "\n", stdout);
}

static void print_article(const cli_args *args, const cli_term *term, const ns_article *article,
                          bool more)
{
    if (!args_has(args, OPT_JSON)) {
        print_text(term, article, more);
        return;
    }
    size_t length;
    const char *text = ns_article_json(article, &length);
    if (term->tty)
        term_print_json(text, length);
    else
        fwrite(text, 1, length, stdout); /* as it was indexed */
    putchar('\n');
}

static int show_all(const cli_args *args, const ns_index *index, const cli_term *term)
{
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    uint64_t total = stats.articles + stats.deleted_articles;
    int status = EXIT_NOTHING;
    for (uint64_t i = 0; i < total; i++) {
        ns_error err = {0};
        ns_article *article;
        ns_status got = ns_article_at(index, i, &article, &err);
        if (got == NS_NOT_FOUND)
            continue;
        if (got != NS_OK)
            return complain_error(&err);
        print_article(args, term, article, i + 1 < total);
        ns_article_free(article);
        status = EXIT_FOUND;
    }
    return status;
}

static int show_ids(const cli_args *args, const ns_index *index, const cli_term *term)
{
    int status = EXIT_FOUND;
    for (size_t i = 0; i < args->word_count; i++) {
        ns_error err = {0};
        ns_article *article;
        ns_status got =
            ns_article_find(index, args->words[i], strlen(args->words[i]), &article, &err);
        if (got == NS_NOT_FOUND) {
            complain("no article has the id %s; ns query prints ids", args->words[i]);
            status = EXIT_NOTHING;
        } else if (got != NS_OK) {
            return complain_error(&err);
        } else {
            print_article(args, term, article, i + 1 < args->word_count);
            ns_article_free(article);
        }
    }
    return status;
}

int run_show(const cli_args *args)
{
    cli_term term;
    if (!term_init(args, &term))
        return EXIT_ERROR;
    bool all = args_has(args, OPT_ALL);
    if (all ? args->word_count != 0 : args->word_count == 0)
        return complain("which article? Give its id (ns query prints them), or --all");
    ns_index *index = index_open(args);
    if (index == NULL)
        return EXIT_ERROR;
    ns_index_settings settings;
    ns_index_get_settings(index, &settings);
    if (settings.no_text) {
        ns_index_close(index);
        return complain(
            "this index keeps no text (it was made with --no-text), so there is nothing "
            "to show; ns query prints ids, dates and scores");
    }
    int status = all ? show_all(args, index, &term) : show_ids(args, index, &term);
    ns_index_close(index);
    return status;
}
