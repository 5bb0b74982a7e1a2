/* JSON written straight into a buffer, member by member: no tree stands in memory, so a long document costs its text.
 *
 * Two spaces a level, "key": value, {} and [] where nothing stands inside. Text is escaped so that neither a terminal
 * nor a reader of JSON takes it for anything else: control characters and marks of the writing direction become \u....,
 * and each byte that is no UTF-8 becomes U+FFFD. The caller opens and closes in pairs and gives each key once. */
#ifndef PKTPATH_BASE_JSON_PUT_H
#define PKTPATH_BASE_JSON_PUT_H
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_put {
	struct buf *out; /* short memory shows there */
	uint32_t depth;
	bool has_items; /* the innermost object or array */
};

void json_put_open(struct json_put *json, char bracket); /* { or [ */
void json_put_close(struct json_put *json, char bracket);
void json_put_key(struct json_put *json, const char *key);   /* its value is put next */
void json_put_item(struct json_put *json);                   /* of an array; its value is put next */
void json_put_text(struct json_put *json, const char *text); /* NULL is null */
void json_put_bytes(struct json_put *json, const char *text, size_t bytes);
void json_put_number(struct json_put *json, uint64_t value); /* what exceeds a signed number is its largest */
void json_put_signed(struct json_put *json, int64_t value);
void json_put_word(struct json_put *json, const char *word); /* true, false, null */
#endif
