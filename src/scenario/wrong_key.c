/* DOC: a key that is unknown where it stands, or does not go with the keys beside it. One typo is one error: what the key
 * may mean is taken for it, and where that is not clear, nothing is said about what the map then lacks. */
#include "scenario/decode.h"
#include <errno.h>

/* What is meant by a wrong key is taken, so that what refers to its value is no second error. */
static void take_as(struct decoder *d, struct tree *child, const char *name)
{
	if (!name || tree_get(child->parent, name))
		return;
	child->key = name;
	child->is_guessed = true;
	if (tree_sort(d->arena, child->parent) < 0)
		d->error = -ENOMEM;
}

/* A value in the place of its key: `delivered: true` is `outcome: delivered`. */
static void take_as_value(struct decoder *d, struct tree *child, const struct key *key)
{
	if (tree_get(child->parent, key->name))
		return;
	child->kind = TREE_SCALAR;
	child->text = child->key;
	child->first = child->last = NULL;
	child->n = 0;
	take_as(d, child, key->name);
}

void unknown_key(struct decoder *d, struct tree *child, enum section section)
{
	size_t n;
	const struct key *keys = keys_of(section, &n);
	const char **names = decode_array(d, n, sizeof *names);
	if (!names)
		return;
	for (size_t i = 0; i < n; i++)
		names[i] = keys[i].name;
	const char *nearest = name_nearest(child->key, names, n);
	const char *hint = nearest ? arena_printf(d->arena, "did you mean `%s`?", nearest)
			   : n > 0 ? NULL
				   : "it has none";
	const struct key *other = hint ? NULL : key_of_value(section, child->key);
	if (other)
		hint = arena_printf(d->arena, "write `%s: %s`, of which it is a value", other->name, child->key);
	if (!hint) {
		hint = arena_printf(d->arena, "known here: %s", names[0]);
		for (size_t i = 1; hint && i < n; i++)
			hint = arena_printf(d->arena, "%s, %s", hint, names[i]);
	}
	diag_error(d->diags, child->key_place, hint, "unknown key `%s` in %s", child->key, section_name(section));
	child->parent->has_wrong_key |= !nearest || tree_get(child->parent, nearest); /* not taken for it */
	take_as(d, child, nearest);
	if (other)
		take_as_value(d, child, other);
}

static const char *nearest_of_form(struct decoder *d, enum section section, const struct form *form, const char *key)
{
	size_t n, n_names = 0;
	const struct key *keys = keys_of(section, &n);
	const char **names = decode_array(d, n, sizeof *names);
	for (size_t i = 0; names && i < n; i++)
		if (form_takes(form, keys[i].name))
			names[n_names++] = keys[i].name;
	return names ? did_you_mean(d, key, names, n_names) : NULL;
}

void only_of_form(struct decoder *d, const struct tree *node, enum section section, const struct form *form,
		  const char *otherwise)
{
	for (const struct tree *child = node->first; child; child = child->next) {
		if (!key_find(section, child->key) || form_takes(form, child->key))
			continue;
		child->parent->has_wrong_key = true;
		if (child->is_guessed)
			continue;
		const char *hint = nearest_of_form(d, section, form, child->key);
		diag_error(d->diags, child->key_place, hint ? hint : otherwise, "`%s` does not go with `%s`",
			   child->key, form->key);
	}
}

void lacks(struct decoder *d, const struct tree *node, const char *hint, const char *what)
{
	if (!node->has_wrong_key)
		diag_error(d->diags, node->place, hint, "%s", what);
}
