/* DOC: a path walks the tree by keys, and by numbers in lists; what it names becomes the value, at the place "--set
 * PATH", or "--var NAME" where it is a variable. A path may end in a key that the file does not have, and make the maps on its way: `--set
 * network.links.internet.loss=0.1` needs no section `links`. */
#include "scenario/override.h"
#include "scenario/vars.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct tree *child_of(struct tree *node, const char *part)
{
	if (node->kind == TREE_MAP)
		return tree_get(node, part);
	if (node->kind != TREE_LIST || part[0] == '\0' || strspn(part, "0123456789") != strlen(part))
		return NULL;
	unsigned long index = strtoul(part, NULL, 10);
	struct tree *child = node->first;
	while (child && index-- > 0)
		child = child->next;
	return child;
}

static void set_places(struct tree *node, struct place place)
{
	node->place = node->key_place = place;
	for (struct tree *child = node->first; child; child = child->next)
		set_places(child, place);
}

/* Nothing at all takes the key's value away. */
static int read_value(struct arena *arena, const char *where, const char *text, struct diag_list *diags,
		      struct tree **ret)
{
	size_t n_errors = diags->n_errors;
	int r = tree_read(arena, where, text, strlen(text), diags, ret);
	if (r < 0 || *ret || diags->n_errors > n_errors)
		return r;
	*ret = tree_add(arena, NULL, TREE_SCALAR, NULL, (struct place){where, 0, 0});
	if (!*ret)
		return -ENOMEM;
	(*ret)->text = "";
	return 0;
}

/* The child that `part` names; in a map one is made where there is none, and an empty value on the way becomes a map.
 * NULL: there is no such item. */
static int step_into(struct arena *arena, struct tree *node, const char *part, bool is_last, struct place place,
		     struct tree **ret)
{
	*ret = child_of(node, part);
	if (*ret || (node->kind != TREE_MAP && !tree_is_null(node)))
		return 0;
	node->kind = TREE_MAP;
	*ret = tree_add(arena, node, is_last ? TREE_SCALAR : TREE_MAP, part, place);
	if (!*ret)
		return -ENOMEM;
	(*ret)->text = "";
	return tree_sort(arena, node);
}

static int take_away(struct arena *arena, struct tree *node)
{
	struct tree *parent = node->parent, *before = NULL;
	for (struct tree *child = parent->first; child != node; child = child->next)
		before = child;
	if (before)
		before->next = node->next;
	else
		parent->first = node->next;
	if (parent->last == node)
		parent->last = before;
	parent->n--;
	return parent->kind == TREE_MAP ? tree_sort(arena, parent) : 0;
}

const char *override_variable(const struct scenario_override *override)
{
	return strncmp(override->path, "vars.", 5) == 0 ? override->path + 5 : NULL;
}

/* What cannot be set: a variable that the scenario has not, and the files that it is made of. */
static bool is_refused(struct arena *arena, const struct tree *root, const struct scenario_override *override,
		       struct place place, struct diag_list *diags)
{
	const char *variable = override_variable(override);
	if (variable && !tree_get(tree_get(root, "vars"), variable)) {
		diag_error(diags, place, vars_hint(arena, root, variable), "unknown variable `%s`", variable);
		return true;
	}
	if (strcmp(override->path, "include") == 0 || strncmp(override->path, "include.", 8) == 0) {
		diag_error(diags, place, "set the values themselves: --set seed=2",
			   "what a scenario includes is read before anything is set");
		return true;
	}
	return false;
}

int override_apply(struct arena *arena, struct tree *root, const struct scenario_override *override,
		   struct diag_list *diags)
{
	const char *variable = override_variable(override);
	const char *where =
		variable ? arena_printf(arena, "--var %s", variable) : arena_printf(arena, "--set %s", override->path);
	char *path = arena_strdup(arena, override->path);
	if (!where || !path)
		return -ENOMEM;
	struct place place = {where, 0, 0};
	if (is_refused(arena, root, override, place, diags))
		return 0;
	struct tree *value = NULL;
	int r = override->value ? read_value(arena, where, override->value, diags, &value) : 0;
	if (r < 0 || (override->value && !value))
		return r;
	struct tree *node = root;
	for (char *part = path; part;) {
		char *end = part + tree_part(node, part), *dot = *end ? end : NULL;
		*end = '\0';
		struct tree *child;
		r = step_into(arena, node, part, !dot, place, &child);
		if (r < 0)
			return r;
		if (!child) {
			diag_error(diags, place,
				   "give keys divided by dots, items of lists by number: network.ases.ase-one.workers, "
				   "expect.0.src",
				   "the scenario has no `%s` there", part);
			return 0;
		}
		node = child;
		part = dot ? dot + 1 : NULL;
	}
	if (!value)
		return node == root ? 0 : take_away(arena, node);
	tree_become(node, value);
	set_places(node, place);
	return 0;
}
