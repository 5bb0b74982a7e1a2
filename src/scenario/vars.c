/* DOC: variables are no language: a value that is `${NAME}` as a whole becomes what `vars` or `--var` says, a scalar, a
 * list or a map. Keys, the values of `vars` and the names of included files are left as they are; a part of a text is no
 * variable, and that is an error where one has the name. What is replaced stands at the place where the variable got its
 * value, since a mistake in it is corrected there. */
#include "scenario/vars.h"
#include "base/names.h"
#include <errno.h>
#include <string.h>

#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

struct replacing {
	struct arena *arena;
	struct diag_list *diags;
	const struct tree *root, *vars;
	size_t n_wrong;
};

/* The length of NAME where `text` is `${NAME}`, else 0. */
static size_t name_in(const char *text)
{
	if (strncmp(text, "${", 2) != 0)
		return 0;
	size_t n = strspn(text + 2, NAME_LETTERS);
	return strcmp(text + 2 + n, "}") == 0 ? n : 0;
}

const char *vars_hint(struct arena *arena, const struct tree *root, const char *name)
{
	const struct tree *vars = tree_get(root, "vars");
	size_t n = 0, n_children = vars && vars->kind == TREE_MAP ? vars->n : 0;
	const char **names = arena_array(arena, n_children ? n_children : 1, sizeof *names);
	for (const struct tree *child = names && n_children ? vars->first : NULL; child; child = child->next)
		names[n++] = child->key;
	const char *nearest = names ? name_nearest(name, names, n) : NULL;
	if (nearest)
		return arena_printf(arena, "did you mean `%s`?", nearest);
	return n > 0 ? arena_printf(arena, "declare it: `vars: {%s: VALUE}`; there is `%s`", name, names[0])
		     : arena_printf(arena, "declare it: `vars: {%s: VALUE}`", name);
}

static int replace_value(struct replacing *replacing, struct tree *node, size_t n)
{
	const char *name = arena_strndup(replacing->arena, node->text + 2, n);
	if (!name)
		return -ENOMEM;
	const struct tree *value = tree_get(replacing->vars, name);
	if (tree_is_null(value)) {
		const char *hint = value ? arena_printf(replacing->arena, "give one: --var %s=VALUE", name)
					 : vars_hint(replacing->arena, replacing->root, name);
		diag_error(replacing->diags, node->place, hint,
			   value ? "variable `%s` has no value" : "unknown variable `%s`", name);
		replacing->n_wrong++;
		return 0;
	}
	const struct tree *copy = tree_copy(replacing->arena, value);
	if (!copy)
		return -ENOMEM;
	tree_become(node, copy);
	node->place = value->place;
	return 0;
}

/* "${NAME}:443/tcp", of a variable that there is. */
static void refuse_part(struct replacing *replacing, const struct tree *node)
{
	for (const char *at = strstr(node->text, "${"); at; at = strstr(at + 2, "${")) {
		size_t n = strspn(at + 2, NAME_LETTERS);
		const char *name = n > 0 && at[2 + n] == '}' ? arena_strndup(replacing->arena, at + 2, n) : NULL;
		if (!name || !tree_get(replacing->vars, name))
			continue;
		diag_error(replacing->diags, node->place, "give the whole value to a variable",
			   "a variable stands for a whole value, and `%s` holds more than `${%s}`", node->text, name);
		replacing->n_wrong++;
		return;
	}
}

static int replace_below(struct replacing *replacing, struct tree *node)
{
	int r = 0;
	if (node->kind == TREE_SCALAR) {
		size_t n = name_in(node->text);
		if (n > 0)
			return replace_value(replacing, node, n);
		refuse_part(replacing, node);
		return 0;
	}
	for (struct tree *child = node->first; r == 0 && child; child = child->next)
		r = replace_below(replacing, child);
	return r;
}

static void check_plain(struct replacing *replacing, const struct tree *node)
{
	if (node->kind == TREE_SCALAR && name_in(node->text) > 0) {
		diag_error(replacing->diags, node->place, "write its value out",
			   "a variable's value is not another variable");
		replacing->n_wrong++;
	}
	for (const struct tree *child = node->first; child; child = child->next)
		check_plain(replacing, child);
}

static void check_vars(struct replacing *replacing)
{
	const struct tree *vars = replacing->vars;
	if (tree_is_null(vars))
		return;
	if (vars->kind != TREE_MAP) {
		diag_error(replacing->diags, vars->place, "vars: {NAME: VALUE}", "variables are a map by name");
		replacing->n_wrong++;
		return;
	}
	for (const struct tree *child = vars->first; child; child = child->next) {
		size_t n = strlen(child->key);
		if (n == 0 || n > 63 || strspn(child->key, NAME_LETTERS) != n) {
			diag_error(replacing->diags, child->key_place,
				   "names of variables are letters, digits, `_` and `-`, at most 63",
				   "`%s` is not the name of a variable", child->key);
			replacing->n_wrong++;
		}
		check_plain(replacing, child);
	}
}

int vars_replace(struct arena *arena, struct tree *root, struct diag_list *diags, bool *ret_whole)
{
	struct replacing replacing = {.arena = arena, .diags = diags, .root = root, .vars = tree_get(root, "vars")};
	int r = 0;
	check_vars(&replacing);
	for (struct tree *child = root->kind == TREE_MAP ? root->first : NULL; r == 0 && child; child = child->next)
		if (strcmp(child->key, "vars") != 0 && strcmp(child->key, "include") != 0 &&
		    strcmp(child->key, "about") != 0)
			r = replace_below(&replacing, child);
	*ret_whole = replacing.n_wrong == 0;
	return r;
}
