/* Man pages and shell completions out of the tables of commands and options.
 *
 * Usage: ns_generate FOLDER. Writes FOLDER/man/ns.1, FOLDER/man/ns-COMMAND.1, FOLDER/ns.bash,
 * FOLDER/_ns (zsh) and FOLDER/ns.fish. The same tables give the same bytes: no date is written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

/* What the value of an option can be, told from its placeholder. */
typedef struct value_kind {
    const char *placeholder;
    const char *choices; /* NULL: files or folders */
    bool folders;
} value_kind;

static const value_kind KINDS[] = {
    {"DIR", NULL, true},
    {"FILE", NULL, false},
    {"WHEN", "auto always never", false},
    {"UNIT", "article passage", false},
    {"WHAT", "day month year source section author lang", false},
    {"ORDER", "score date -date", false},
    {"BY", "article source none", false},
    {"SET", "portable avx2 avx512", false},
    {"HOW", "default bm25", false},
    {"NAMES", "rank score id date source section author url lang title passage copies", false},
    {"LIST", "TOP_10 TOP_100 TOP_1000 TOP_100_COUNT COUNT", false},
};

static const value_kind *kind_of(const option_spec *spec)
{
    for (size_t i = 0; spec->value && i < sizeof KINDS / sizeof *KINDS; i++)
        if (strcmp(KINDS[i].placeholder, spec->value) == 0)
            return &KINDS[i];
    return NULL;
}

static bool takes_files(const cli_command *command)
{
    return strstr(command->usage, "PATH") != NULL;
}

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(2);
    }
    return out;
}

static void finish(FILE *out)
{
    if (fclose(out) != 0) {
        perror("ns_generate");
        exit(2);
    }
}

/* ---- Man pages ---- */

/* One UTF-8 sequence as roff's name of the character; returns its bytes. */
static int put_code(FILE *out, const char *text)
{
    unsigned char lead = (unsigned char)*text;
    int bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    unsigned code = lead & (0x7fu >> bytes);
    for (int i = 1; i < bytes; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    fprintf(out, "\\[u%04X]", code);
    return bytes;
}

static void put_roff(FILE *out, const char *text, size_t length)
{
    if (length > 0 && (*text == '.' || *text == '\''))
        fputs("\\&", out);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputs("\\e", out);
        else if (text[i] == '-')
            fputs("\\-", out);
        else if (text[i] == '\'')
            fputs("\\(aq", out);
        else if ((unsigned char)text[i] >= 0x80)
            i += (size_t)put_code(out, text + i) - 1;
        else
            fputc(text[i], out);
    }
}

/* Paragraphs between blank lines; indented lines as they are. */
static void put_text(FILE *out, const char *text)
{
    bool as_is = false;
    while (*text) {
        size_t length = strcspn(text, "\n");
        bool indented = length > 2 && strncmp(text, "  ", 2) == 0;
        if (indented != as_is)
            fputs(indented ? ".PP\n.RS 4\n.nf\n" : ".fi\n.RE\n", out);
        as_is = indented;
        if (length == 0)
            fputs(".PP\n", out);
        size_t skip = indented ? 2 : 0;
        put_roff(out, text + skip, length - skip);
        if (length > 0)
            fputc('\n', out);
        text += length + (text[length] == '\n');
    }
    if (as_is)
        fputs(".fi\n.RE\n", out);
}

static void put_line(FILE *out, const char *before, const char *text, const char *after)
{
    fputs(before, out);
    put_roff(out, text, strlen(text));
    fputs(after, out);
}

static void man_option(FILE *out, const option_spec *spec)
{
    fputs(".TP\n", out);
    if (spec->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", spec->letter);
    put_line(out, "\\fB\\-\\-", spec->name, "\\fR");
    if (spec->value)
        put_line(out, " \\fI", spec->value, "\\fR");
    put_line(out, "\n", spec->help, "\n");
}

static void man_end(FILE *out)
{
    fputs(
        ".SH ENVIRONMENT\n.TP\n\\fBNS_INDEX\\fR\nthe index, where \\fB\\-\\-index\\fR does not name"
        " one\n.TP\n\\fBNO_COLOR\\fR\nif set, no colour\n",
        out);
}

static void man_command(const char *folder, const cli_command *command)
{
    char name[128];
    snprintf(name, sizeof name, "man/ns-%s.1", command->name);
    FILE *out = create(folder, name);
    fprintf(out, ".TH \"NS\\-%s\" 1 \"\" \"ns %s\"\n", command->name, ns_version());
    put_line(out, ".SH NAME\nns\\-", command->name, " \\- ");
    put_line(out, "", command->summary, "\n.SH SYNOPSIS\n\\fBns ");
    put_line(out, "", command->name, "\\fR ");
    put_line(out, "", command->usage, "\n.SH DESCRIPTION\n");
    put_text(out, command->details);
    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0;; i++) {
        man_option(out, option_find(command->options[i]));
        if (command->options[i] == OPT_HELP)
            break;
    }
    fputs(".SH EXAMPLES\n", out);
    put_text(out, command->examples);
    man_end(out);
    fputs(".SH SEE ALSO\n.BR ns (1)\n", out);
    finish(out);
}

static void man_overview(const char *folder)
{
    FILE *out = create(folder, "man/ns.1");
    fprintf(out,
            ".TH NS 1 \"\" \"ns %s\"\n.SH NAME\nns \\- full\\-text search for news archives\n"
            ".SH SYNOPSIS\n\\fBns\\fR \\fICOMMAND\\fR [OPTION]\\[u2026] [ARGUMENT]\\[u2026]\n"
            ".SH COMMANDS\n",
            ns_version());
    for (size_t i = 0; i < command_count; i++) {
        put_line(out, ".TP\n\\fB", commands[i].name, "\\fR\n");
        put_line(out, "", commands[i].summary, "; see\n");
        put_line(out, ".BR ns\\-", commands[i].name, " (1)\n");
    }
    fputs(".TP\n\\fBhelp\\fR [\\fICOMMAND\\fR]\nshow help\n"
          ".SH EXIT STATUS\n0: found, done, sound. 1: nothing found, or some records were refused. "
          "2: error; a message says what to do. 130: interrupted.\n",
          out);
    man_end(out);
    finish(out);
}

/* ---- bash ---- */

static void put_names(FILE *out, const cli_command *command)
{
    for (size_t i = 0;; i++) {
        const option_spec *spec = option_find(command->options[i]);
        fprintf(out, "%s--%s", i ? " " : "", spec->name);
        if (spec->letter)
            fprintf(out, " -%c", spec->letter);
        if (command->options[i] == OPT_HELP)
            return;
    }
}

static void bash_value(FILE *out, const option_spec *spec)
{
    const value_kind *kind = kind_of(spec);
    fprintf(out, "    --%s", spec->name);
    if (spec->letter)
        fprintf(out, " | -%c", spec->letter);
    fputs(") ", out);
    if (kind == NULL)
        fputs("return ;;\n", out);
    else if (kind->choices)
        fprintf(out, "COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", kind->choices);
    else
        fprintf(out, "mapfile -t COMPREPLY < <(compgen -%c -- \"$cur\"); return ;;\n",
                kind->folders ? 'd' : 'f');
}

static void bash(const char *folder)
{
    FILE *out = create(folder, "ns.bash");
    fputs("# Completion of ns in bash. Made from its tables of commands and options.\n"
          "_ns() {\n"
          "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options='' "
          "files=''\n"
          "  # bash gives the words of --option=value one by one\n"
          "  if [ \"$cur\" = = ]; then cur=''; "
          "elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
          "  local commands='help",
          out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, " %s", commands[i].name);
    fputs("'\n  COMPREPLY=()\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "    COMPREPLY=($(compgen -W \"$commands --help --version\" -- \"$cur\")); return\n"
          "  fi\n"
          "  case $prev in\n",
          out);
    for (int id = 0; id < OPT_COUNT_OF_IDS; id++) {
        const option_spec *spec = option_find((opt_id)id);
        if (spec && spec->value)
            bash_value(out, spec);
    }
    fputs("  esac\n  case ${COMP_WORDS[1]} in\n"
          "    help) COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\")); return ;;\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "    %s) options='", commands[i].name);
        put_names(out, &commands[i]);
        fprintf(out, "'%s ;;\n", takes_files(&commands[i]) ? " files=yes" : "");
    }
    fputs("  esac\n"
          "  if [[ $cur == -* ]]; then\n"
          "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
          "  elif [ \"$files\" ]; then\n"
          "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
          "  fi\n"
          "}\n"
          "complete -o filenames -F _ns ns\n",
          out);
    finish(out);
}

/* ---- zsh and fish ---- */

/* Text between single quotes; `special` are escaped by a backslash. */
static void put_quoted(FILE *out, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, "%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}

/* An option with a value: behind a blank, or of a long option also behind =. */
static void zsh_spec(FILE *out, const char *dashes, const char *name, const option_spec *spec)
{
    fprintf(out, " \\\n        '%s%s%s[", dashes, name, spec->value && dashes[1] ? "=" : "");
    put_quoted(out, spec->help, "[]:\\");
    fputs("]", out);
    const value_kind *kind = kind_of(spec);
    if (spec->value && kind == NULL)
        fprintf(out, ":%s: ", spec->value);
    else if (spec->value && kind->choices)
        fprintf(out, ":%s:(%s)", spec->value, kind->choices);
    else if (spec->value)
        fprintf(out, ":%s:_files%s", spec->value, kind->folders ? " -/" : "");
    fputs("'", out);
}

static void zsh(const char *folder)
{
    FILE *out = create(folder, "_ns");
    fputs("#compdef ns\n# Completion of ns in zsh. Made from its tables of commands and options.\n"
          "local -a commands=(\n  'help:show help'\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "  '%s:", commands[i].name);
        put_quoted(out, commands[i].summary, ":\\");
        fputs("'\n", out);
    }
    fputs(")\nif (( CURRENT == 2 )); then\n  local -a options=('--help:show help' "
          "'--version:show the version')\n"
          "  _describe command commands -- options\nelse\n  local command=$words[2]\n"
          "  shift words\n  (( CURRENT-- ))\n  case $command in\n"
          "    help) (( CURRENT == 2 )) && _describe command commands ;;\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "    %s)\n      _arguments -s", commands[i].name);
        for (size_t o = 0;; o++) {
            const option_spec *spec = option_find(commands[i].options[o]);
            const char letter[2] = {spec->letter, 0};
            zsh_spec(out, "--", spec->name, spec);
            if (spec->letter)
                zsh_spec(out, "-", letter, spec);
            if (spec->id == OPT_HELP)
                break;
        }
        fprintf(out, "%s ;;\n", takes_files(&commands[i]) ? " '*:PATH:_files'" : "");
    }
    fputs("  esac\nfi\n", out);
    finish(out);
}

static void fish_option(FILE *out, const char *command, const option_spec *spec)
{
    fprintf(out, "complete -c ns -n '__ns_runs %s' -l %s", command, spec->name);
    if (spec->letter)
        fprintf(out, " -s %c", spec->letter);
    const value_kind *kind = kind_of(spec);
    if (spec->value && kind == NULL)
        fputs(" -x", out);
    else if (spec->value && kind->choices)
        fprintf(out, " -x -a '%s'", kind->choices);
    else if (spec->value)
        fputs(kind->folders ? " -x -a '(__fish_complete_directories)'" : " -r -F", out);
    fputs(" -d '", out);
    for (const char *at = spec->help; *at; at++)
        fprintf(out, "%s%c", *at == '\'' || *at == '\\' ? "\\" : "", *at);
    fputs("'\n", out);
}

static void fish(const char *folder)
{
    FILE *out = create(folder, "ns.fish");
    fputs("# Completion of ns in fish. Made from its tables of commands and options.\n"
          "function __ns_runs # whether the command is one of these; none: is not named yet\n"
          "  set -l words (commandline -opc)\n"
          "  if test (count $argv) -eq 0\n    test (count $words) -eq 1\n"
          "  else\n    test (count $words) -gt 1; and contains -- $words[2] $argv\n  end\n"
          "end\n"
          "complete -c ns -f\n"
          "complete -c ns -n __ns_runs -l help -s h -d 'show help'\n"
          "complete -c ns -n __ns_runs -l version -s V -d 'show the version'\n"
          "complete -c ns -n __ns_runs -a help -d 'show help'\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        const cli_command *command = &commands[i];
        fprintf(out, "complete -c ns -n __ns_runs -a %s -d '%s'\n", command->name,
                command->summary);
        fprintf(out, "complete -c ns -n '__ns_runs help' -a %s -d '%s'\n", command->name,
                command->summary);
        if (takes_files(command))
            fprintf(out, "complete -c ns -n '__ns_runs %s' -F\n", command->name);
        for (size_t o = 0;; o++) {
            fish_option(out, command->name, option_find(command->options[o]));
            if (command->options[o] == OPT_HELP)
                break;
        }
    }
    finish(out);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("Usage: ns_generate FOLDER\n", stderr);
        return 2;
    }
    char man[4096];
    snprintf(man, sizeof man, "%s/man", argv[1]);
    mkdir(argv[1], 0777); /* create() says what is wrong when these fail */
    mkdir(man, 0777);
    man_overview(argv[1]);
    for (size_t i = 0; i < command_count; i++)
        man_command(argv[1], &commands[i]);
    bash(argv[1]);
    zsh(argv[1]);
    fish(argv[1]);
    return 0;
}
