/* From flows that were seen to a scenario. */
#ifndef PKTPATH_IMPORT_CAPTURE_MAP_H
#define PKTPATH_IMPORT_CAPTURE_MAP_H
#include "import/flows.h"
#include "import/import.h"
#include "net/prefix.h"

/* Makes import->text. 0 or -ENOMEM; what is wrong goes to the diagnostics. */
int capture_map(struct import *import, const struct flow_table *table, const struct prefix *inside, size_t n_inside);
#endif
