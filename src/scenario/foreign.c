/* Files that are no scenarios but that `pktpath import` reads: one error instead of one for each of their keys. */
#include "scenario/decode.h"

static const struct {
	const char *key, *beside; /* both at the top; NULL: any */
	const char *what;
} kinds[] = {
	{"$schema", "resources", "an ARM template"},
	{"$schema", "parameters", "a file of parameters of ARM"},
	{"terraform_version", NULL, "a state or plan of Terraform"},
	{"planned_values", NULL, "a plan of Terraform"},
	{"effectiveRoutes", NULL, "an answer of Azure about effective routes"},
	{"networkSecurityGroups", NULL, "an answer of Azure about effective rules"},
	{"value", NULL, "an answer of Azure's REST interface"},
	{"records", NULL, "a file of flow logs"},
	{"resources", NULL, "a list of Azure's resources"},
	{"id", "type", "a resource of Azure"},
};

bool is_foreign(struct decoder *d, const struct tree *root)
{
	if (root->kind == TREE_LIST && root->first && root->first->kind == TREE_MAP && tree_get(root->first, "id")) {
		diag_error(d->diags, root->place,
			   arena_printf(d->arena, "`pktpath import %s` makes a scenario of it", d->file),
			   "this is a list of Azure's resources, no scenario");
		return true;
	}
	for (size_t i = 0; root->kind == TREE_MAP && !tree_get(root, "scenario") && i < sizeof kinds / sizeof *kinds;
	     i++) {
		if (!tree_get(root, kinds[i].key) || (kinds[i].beside && !tree_get(root, kinds[i].beside)))
			continue;
		diag_error(d->diags, root->place,
			   arena_printf(d->arena, "`pktpath import %s` makes a scenario of it", d->file),
			   "this is %s, no scenario", kinds[i].what);
		return true;
	}
	return false;
}
