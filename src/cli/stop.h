/* Ctrl-C: asks a writer to stop at its next report of progress, which leaves the last commit as it
 * was. */
#ifndef NS_CLI_STOP_H
#define NS_CLI_STOP_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM ask to stop, but for those that are ignored. The second one ends
 * the process at once: that leaves the last commit as well, and files that the next writer removes.
 */
void stop_on_signals(void);
bool stop_requested(void);

#endif
