/* ns: the command. Finds the command by name and runs it. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int unknown_command(const char *name)
{
    const char *names[COMMANDS_MOST + 1] = {"help"};
    for (size_t i = 0; i < command_count; i++)
        names[i + 1] = commands[i].name;
    const char *near = did_you_mean(name, names, command_count + 1);
    static const char *const options[] = {"--help", "--version"};
    if (near == NULL && name[0] == '-')
        near = did_you_mean(name, options, 2);
    if (near)
        return complain("there is no command %s; did you mean %s?", name, near);
    return complain("there is no command %s; ns --help lists them", name);
}

static int help(int argc, char **argv)
{
    bool named = argc > 2 && strcmp(argv[2], "help") != 0;
    const cli_command *command = named ? command_find(argv[2]) : NULL;
    if (named && command == NULL)
        return unknown_command(argv[2]);
    help_print(command);
    return EXIT_FOUND;
}

/* Whether a command answers from an index and is over. */
static bool answers(const cli_command *command)
{
    return command->run == run_query || command->run == run_count || command->run == run_similar ||
           command->run == run_suggest;
}

/* Where standard input, output or error is closed, the next file opened would take its place, and
 * messages would be written into an index. What stands there now cannot be read or written either.
 */
static void hold_standard_streams(void)
{
    for (int stream = 0; stream <= 2; stream++)
        if (fcntl(stream, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    signal(SIGPIPE, SIG_DFL);         /* ns query … | head ends quietly */
    signal(SIGXFSZ, SIG_IGN);         /* a file too large for ulimit is an error, with a message */
    setvbuf(stderr, NULL, _IOLBF, 0); /* a line at once, also beside what others write there */
    if (argc < 2) {
        help_print(NULL);
        return EXIT_ERROR;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("ns %s\n", ns_version());
        return flush_output(EXIT_FOUND);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return flush_output(help(argc, argv));
    const cli_command *command = command_find(name);
    if (command == NULL)
        return unknown_command(name);
    if (answers(command))
        heap_prepare();
    cli_args args;
    bool wants_help;
    int status = EXIT_ERROR;
    if (args_parse(command, argc - 1, argv + 1, &args, &wants_help)) {
        if (wants_help) {
            help_print(command);
            status = EXIT_FOUND;
        } else {
            status = command->run(&args);
        }
    }
    args_release(&args);
    return flush_output(status);
}
