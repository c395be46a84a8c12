/* Advice about memory. */
#ifndef NS_OS_MEMORY_H
#define NS_OS_MEMORY_H

#include <stddef.h>

/* That a large table is read here and there: the system may back it by large pages, which spares
 * the processor most of its address translation. Only advice; small memory is left alone. */
void ns__memory_advise_large(void *memory, size_t bytes);

#endif
