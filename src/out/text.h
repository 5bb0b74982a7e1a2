/* Text by hand, for what is written a packet: each appends at `at`, where there is room, and returns the end. No NUL is
 * written. */
#ifndef PKTPATH_OUT_TEXT_H
#define PKTPATH_OUT_TEXT_H
#include "base/place.h"
#include "net/tuple.h"
#include <stddef.h>

#define TEXT_DECIMAL_BYTES 20
#define TEXT_END_POINT_BYTES 24 /* "255.255.255.255 id 65535" */

char *text_copy(char *at, const char *text);
/* What others wrote, without what a terminal obeys or a reader is misled by: at most UTF8_SAFE_BYTES for each byte. */
char *text_safe(char *at, const char *text);
char *text_decimal(char *at, uint64_t number);
/* "12.000450000"; as units_print_seconds(). */
char *text_seconds(char *at, int64_t ns);
char *text_addr(char *at, be32 addr);
/* "10.0.1.6:49152", "10.0.1.6 id 7" of an echo, the address alone where there is no port. */
char *text_end_point(char *at, uint8_t proto, be32 addr, be16 port);
/* As tuple_print(). */
char *text_tuple(char *at, const struct tuple *tuple);
/* "deny.yaml:25": the file without its folders, so that a text does not depend on where a run was started. Nothing for
 * PLACE_NONE. */
char *text_place(char *at, struct place place);
size_t text_place_bytes(struct place place); /* at most */
#endif
