/* The account of properties, as it is listed. */
#ifndef PKTPATH_IMPORT_PROPERTIES_H
#define PKTPATH_IMPORT_PROPERTIES_H
#include "import/import.h"

/* `fate`: "mapped", "not-modelled", "no-influence"; "lost" never. `reason`: of the third; else NULL. */
typedef void property_fn(void *context, const struct resource *resource, const struct js *leaf, const char *path,
			 const char *fate, const char *reason);
void properties_each(struct import *import, property_fn *each, void *context);
#endif
