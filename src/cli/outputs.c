/* Which kinds of long work there are. */
#include "cli/cover.h"
#include "cli/mutate.h"
#include "cli/suite.h"
#include "cli/sweep.h"
#include <string.h>

const struct work_kind *work_kind_named(const char *kind)
{
	static const struct work_kind *const kinds[] = {&cover_kind, &mutate_kind, &suite_kind, &sweep_kind};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i]->kind, kind) == 0)
			return kinds[i];
	return NULL;
}
