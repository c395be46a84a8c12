/* Functions of shared libraries that a system may have or not. */
#ifndef NS_OS_LIBRARY_H
#define NS_OS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

typedef void ns__any_function(void); /* to be cast to what it is */

typedef struct ns__wanted_function {
    const char *name;
    ns__any_function *found;
} ns__wanted_function;

/* Finds all of them in the library of this file name, as the loader looks for libraries. It stays
 * loaded until the process ends. False: it is not there, or one of them is not. */
bool ns__library_find(const char *file, ns__wanted_function *functions, size_t count);

#endif
