/* DOC: a file in the house style, for `pktpath fmt`. The file need not be a whole scenario, nor a right one: YAML is all
 * that is asked of it. */
#include "facade/facade.h"
#include "pktpath/tools.h"
#include "scenario/layout.h"
#include "scenario/values.h"
#include <errno.h>

/* `from->text` NULL: the file is read. */
static int format(const struct source *from, pp_scenario **ret, const char **ret_text, size_t *ret_bytes)
{
	struct pp_scenario *scenario = facade_scenario_new();
	struct source source, formatted = {0};
	*ret = NULL;
	if (!scenario)
		return -ENOMEM;
	int r = facade_take_text(scenario, from, &source);
	if (r == 0)
		r = scenario_format(scenario->arena, &source, &scenario->diags, &formatted);
	if (r < 0) {
		pp_scenario_free(scenario);
		return r;
	}
	*ret = scenario;
	*ret_text = formatted.text;
	*ret_bytes = formatted.text_bytes;
	return r;
}

int pp_format(const char *path, pp_scenario **ret, const char **ret_text, size_t *ret_bytes)
{
	struct source source = {.file = path};
	return format(&source, ret, ret_text, ret_bytes);
}

const char *pp_scenario_print(const pp_scenario *scenario, size_t *ret_bytes)
{
	return scenario_print(scenario->arena, scenario->model, scenario->tree, ret_bytes);
}

int pp_format_text(const char *name, const char *text, size_t text_bytes, pp_scenario **ret, const char **ret_text,
		   size_t *ret_bytes)
{
	struct source source = {name, text, text_bytes};
	return format(&source, ret, ret_text, ret_bytes);
}
