/* Merge sort of names, from short sorted stretches up: no recursion, no allocation. */
#include "index/names.h"

enum { STRETCH = 12 }; /* names that insertion sort puts in order first */

static void insertion_sort(ns__name *names, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        ns__name name = names[i];
        size_t at = i;
        for (; at > 0 && ns__name_compare(&name, &names[at - 1]) < 0; at--)
            names[at] = names[at - 1];
        names[at] = name;
    }
}

/* Stable: of equal names the one of the left part comes first. */
static void merge_into(const ns__name *left, size_t left_count, const ns__name *right,
                       size_t right_count, ns__name *out)
{
    const ns__name *left_end = left + left_count, *right_end = right + right_count;
    while (left < left_end && right < right_end)
        *out++ = ns__name_compare(right, left) < 0 ? *right++ : *left++;
    memcpy(out, left, (size_t)(left_end - left) * sizeof *out);
    out += left_end - left;
    memcpy(out, right, (size_t)(right_end - right) * sizeof *out);
}

void ns__names_sort(ns__name *names, ns__name *scratch, size_t count)
{
    for (size_t at = 0; at < count; at += STRETCH)
        insertion_sort(names + at, count - at < STRETCH ? count - at : STRETCH);
    ns__name *from = names, *to = scratch;
    for (size_t width = STRETCH; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            size_t left = count - at < width ? count - at : width;
            size_t right = count - at - left < width ? count - at - left : width;
            merge_into(from + at, left, from + at + left, right, to + at);
        }
        ns__name *swap = from;
        from = to;
        to = swap;
    }
    if (from != names && count > 0)
        memcpy(names, from, count * sizeof *names);
}

void ns__names_merge(ns__name *names, size_t middle, size_t count, ns__name *scratch)
{
    /* From the back: the right part goes to scratch, so nothing is overwritten before it is read.
     */
    size_t right = count - middle, left = middle, out = count;
    if (right == 0)
        return;
    memcpy(scratch, names + middle, right * sizeof *names);
    while (right > 0) {
        if (left > 0 && ns__name_compare(&scratch[right - 1], &names[left - 1]) < 0)
            names[--out] = names[--left];
        else
            names[--out] = scratch[--right];
    }
}

void ns__names_sift(ns__name *heap, size_t count, size_t at)
{
    ns__name name = heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && ns__name_compare(&heap[child + 1], &heap[child]) < 0)
            child++;
        if (ns__name_compare(&name, &heap[child]) <= 0)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = name;
}
