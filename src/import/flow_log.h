/* Flow logs of Azure: those of network security groups (versions 1 and 2) and of virtual networks (version 4). */
#ifndef PKTPATH_IMPORT_FLOW_LOG_H
#define PKTPATH_IMPORT_FLOW_LOG_H
#include "import/flows.h"
#include "import/import.h"

/* By its beginning: a log may be one document, or a document a line. */
bool flow_log_begins(const char *text, size_t text_bytes);
/* All inputs together: in whatever order they have them, flows are taken by their times. */
void flow_logs_read(struct import *import, struct flow_table *table);
#endif
