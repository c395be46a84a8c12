/* A thread that brings a file to the disk while more of it is written.
 *
 * What a program wrote stays in memory until it is synced, and then everybody waits for the disk:
 * for 140 MB a fifth of a second. Asked every few megabytes, a thread that sleeps in fsync most of
 * the time leaves little for the end. */
#ifndef NS_OS_SYNCER_H
#define NS_OS_SYNCER_H

#include "base/error.h"

/* fsync, once more where a signal ended it. */
int ns__sync(int descriptor);

typedef struct ns__syncer ns__syncer;

/* Starts the thread; the descriptor must stay open until the syncer is closed. */
ns_status ns__syncer_open(int descriptor, ns__syncer **out, ns_error *err);
/* Asks for a sync of what is written by now; does not wait. */
void ns__syncer_ask(ns__syncer *syncer);
/* Waits for what was asked and ends the thread. Returns the errno of the first sync that failed, or
 * 0: the system tells of a failure once, so a later sync of the file may succeed. NULL is fine. */
int ns__syncer_close(ns__syncer *syncer);

#endif
