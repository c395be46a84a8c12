/* Libraries found when they are wanted: nobody waits for them when a process starts, and nobody has
 * to have them. */
#include "os/library.h"

#include <dlfcn.h>
#include <string.h>

bool ns__library_find(const char *file, ns__wanted_function *functions, size_t count)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL)
        return false;
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(library, functions[i].name);
        memcpy(&functions[i].found, &found, sizeof found);
        all = all && found != NULL;
    }
    dlclose(library);
    return all;
}
