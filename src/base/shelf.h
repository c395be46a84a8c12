/* Things that are worth keeping from one piece of work to the next: whoever needs one takes it, so
 * that nobody else has it, and puts it back afterwards.
 *
 * Any number of threads may use a shelf; none waits for another. Who comes to an empty shelf makes
 * a thing of its own; what finds no place any more is released, so a shelf never holds more than
 * its places. */
#ifndef NS_BASE_SHELF_H
#define NS_BASE_SHELF_H

/* The first member of what can be put on a shelf. */
typedef struct ns__shelved {
    void (*release)(struct ns__shelved *item); /* frees it */
} ns__shelved;

typedef struct ns__shelf ns__shelf;

ns__shelf *ns__shelf_open(void);               /* NULL: no memory */
void ns__shelf_close(ns__shelf *shelf);        /* releases what is there; NULL is fine */
ns__shelved *ns__shelf_take(ns__shelf *shelf); /* NULL: nothing there */
void ns__shelf_put(ns__shelf *shelf, ns__shelved *item);

#endif
