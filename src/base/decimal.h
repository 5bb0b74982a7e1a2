/* Decimal numbers as text, without the formats of printf: for what is written once a connection or once a packet. Each
 * function writes at `at`, which has the room, and returns where the text ends; it adds no NUL. */
#ifndef PKTPATH_BASE_DECIMAL_H
#define PKTPATH_BASE_DECIMAL_H
#include <stdint.h>

#define DECIMAL_MAX_BYTES 20 /* of a 64-bit number */

char *decimal_put(char *at, uint64_t value);
/* With leading zeros up to `n_digits`, at most DECIMAL_MAX_BYTES. */
char *decimal_put_padded(char *at, uint64_t value, unsigned n_digits);
char *decimal_put_text(char *at, const char *text);
#endif
