/* Places that threads exchange pointers with. See shelf.h. */
#include "base/shelf.h"

#include <stdint.h>

#include "base/mem.h"

enum { PLACES = 16, STACK_SHIFT = 18 };

/* Each place has a cache line, so that threads which use different ones do not meet. */
struct ns__shelf {
    struct {
        ns__shelved *item;
        uint8_t padding[64 - sizeof(ns__shelved *)];
    } places[PLACES];
};

ns__shelf *ns__shelf_open(void)
{
    ns__shelf *shelf = ns__alloc64(sizeof *shelf);
    for (int i = 0; shelf != NULL && i < PLACES; i++)
        shelf->places[i].item = NULL;
    return shelf;
}

/* Where the calling thread looks first: threads have stacks of their own, far from each other. */
static uint32_t first_place(void)
{
    const uint8_t here = 0;
    const uint64_t stack = (uint64_t)(uintptr_t)&here >> STACK_SHIFT;
    return (uint32_t)((stack * 0x9e3779b97f4a7c15u) >> 60);
}

ns__shelved *ns__shelf_take(ns__shelf *shelf)
{
    const uint32_t first = first_place();
    for (uint32_t i = 0; i < PLACES; i++) {
        ns__shelved **place = &shelf->places[(first + i) % PLACES].item;
        if (__atomic_load_n(place, __ATOMIC_RELAXED) == NULL)
            continue;
        ns__shelved *item = __atomic_exchange_n(place, NULL, __ATOMIC_ACQUIRE);
        if (item != NULL)
            return item;
    }
    return NULL;
}

void ns__shelf_put(ns__shelf *shelf, ns__shelved *item)
{
    const uint32_t first = first_place();
    for (uint32_t i = 0; i < PLACES; i++) {
        ns__shelved **place = &shelf->places[(first + i) % PLACES].item;
        ns__shelved *none = NULL;
        if (__atomic_load_n(place, __ATOMIC_RELAXED) == NULL &&
            __atomic_compare_exchange_n(place, &none, item, false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
            return;
    }
    item->release(item);
}

void ns__shelf_close(ns__shelf *shelf)
{
    for (int i = 0; shelf != NULL && i < PLACES; i++)
        if (shelf->places[i].item != NULL)
            shelf->places[i].item->release(shelf->places[i].item);
    ns__free(shelf);
}
