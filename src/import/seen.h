/* An import of a capture or of flow logs: the stream, and the flows in it. */
#ifndef PKTPATH_IMPORT_SEEN_H
#define PKTPATH_IMPORT_SEEN_H
#include "import/flows.h"
#include "import/import.h"

struct seen;
struct seen *seen_new(void); /* NULL where memory is short */
void seen_free(struct seen *seen);
struct flow_table *seen_table(struct seen *seen);
/* 0 or -ENOMEM; what is wrong goes to the diagnostics. */
/* Another capture follows; that before it, if there was one, is at its end. */
int seen_begin(struct import *import, struct seen *seen);
int seen_feed(struct import *import, struct seen *seen, const void *data, size_t bytes);
int seen_finish(struct import *import, struct seen *seen);
#endif
