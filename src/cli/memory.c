/* Memory of jansson, which does not always look whether it got any, and then gives a shorter answer or ends by an
 * assertion: where there is none for it, the program ends with a message and the status of a failed system. Files appear
 * whole or not at all, so that nothing half written stays. */
#include "cli/cli.h"
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static void *allocate_or_end(size_t bytes)
{
	static const char text[] = "pktpath: memory is short; nothing more was written\n";
	void *block = malloc(bytes ? bytes : 1);
	if (!block) {
		if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
			_exit(STATUS_SYSTEM);
		_exit(STATUS_SYSTEM);
	}
	return block;
}

void memory_for_json(void)
{
	json_set_alloc_funcs(allocate_or_end, free);
}
