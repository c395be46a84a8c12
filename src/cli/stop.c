/* Stopping at a signal. */
#include "cli/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t requested;

static void on_signal(int number)
{
    (void)number;
    requested = 1;
}

/* Who started ns with a signal ignored, as nohup and scripts do for what runs beside them, does not
 * want it to stop. */
static void stop_on(int number, const struct sigaction *action)
{
    struct sigaction old;
    if (sigaction(number, NULL, &old) != 0 || old.sa_handler != SIG_IGN)
        sigaction(number, action, NULL);
}

void stop_on_signals(void)
{
    /* No SA_RESTART: a read that waits for a pipe ends, and the writer asks whether to go on. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    stop_on(SIGINT, &action);
    stop_on(SIGTERM, &action);
}

bool stop_requested(void)
{
    return requested != 0;
}
