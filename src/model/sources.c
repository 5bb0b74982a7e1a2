/* Of what the things of a scenario were made: by the place of each, the line of another file. */
#include "model/sources.h"
#include "model/model.h"
#include <stdlib.h>
#include <string.h>

int source_compare(const void *a, const void *b)
{
	const struct place *x = &((const struct source_config *)a)->at, *y = &((const struct source_config *)b)->at;
	int files = x->file == y->file ? 0 : strcmp(x->file, y->file);
	if (files != 0)
		return files;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

const char *model_source(const struct model *model, struct place place)
{
	const struct source_config wanted = {.at = place};
	if (!place.file || model->n_sources == 0)
		return NULL;
	const struct source_config *found =
		bsearch(&wanted, model->sources, model->n_sources, sizeof wanted, source_compare);
	return found ? found->text : NULL;
}
