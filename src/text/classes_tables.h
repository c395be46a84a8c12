/* The kinds of bytes as two tables, by the low and the high half of a byte: the kinds of a byte are
 * the bits that both have. For byte shuffles, which look sixteen bytes up at once. */
#ifndef NS_TEXT_CLASSES_TABLES_H
#define NS_TEXT_CLASSES_TABLES_H

/* Words. 1: A-O and a-o. 2: P-Z and p-z. 4: digits. 8: the underscore. 16: ' , and the full stop.
 * 32: : and ; */
enum { NS_WORD_BITS = 1 | 2 | 4 | 8, NS_UNDER_BIT = 8, NS_JOIN_BITS = 16 | 32 };
#define NS_WORD_LOW                                                                                \
    2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 4 | 16,       \
        1 | 2 | 4, 1 | 2 | 4, 1 | 2 | 32, 1 | 32, 1 | 16, 1, 1 | 16, 1 | 8
#define NS_WORD_HIGH 0, 0, 16, 4 | 32, 1, 2 | 8, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0

/* White space. 1: 09 to 0D. 2: 20. */
#define NS_SPACE_LOW 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0
#define NS_SPACE_HIGH 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

/* Stops. 1: line feed. 2: ! and the full stop. 4: ?. 8: D6, D8, DB, DC. 16: E0 to E3, EF. */
#define NS_STOP_LOW 16, 2 | 16, 16, 16, 0, 0, 8, 0, 8, 0, 1, 8, 8, 0, 2, 4 | 16
#define NS_STOP_HIGH 1, 0, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 16, 0

#endif
