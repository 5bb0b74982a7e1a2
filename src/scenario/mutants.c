/* DOC: mutants, for those who want to know what their expectations notice: the list, and where each setting stands in
 * the file. */
#include "scenario/mutants.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The node that a path names, or the nearest one around it that the file has. */
static const struct tree *nearest(const struct tree *root, const char *path)
{
	const struct tree *node = root;
	while (*path) {
		char part[256];
		size_t n = tree_part(node, path);
		const struct tree *child = NULL;
		if (n >= sizeof part)
			return node;
		memcpy(part, path, n);
		part[n] = '\0';
		if (node->kind == TREE_MAP)
			child = tree_get(node, part);
		else if (node->kind == TREE_LIST) {
			child = node->first;
			for (unsigned long i = strtoul(part, NULL, 10); child && i > 0; i--)
				child = child->next;
		}
		if (!child)
			return node;
		node = child;
		path += n + (path[n] == '.');
	}
	return node;
}

const char *mutants_text(struct mutants *mutants, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(mutants->arena, format, args);
	va_end(args);
	mutants->failed |= !text;
	return text;
}

static const char *copy(struct mutants *mutants, const char *text)
{
	return !text ? NULL : mutants_text(mutants, "%s", text);
}

void mutant_also(struct mutants *mutants, struct mutant *mutant, const char *path, const char *value)
{
	if (mutant && mutant->n_overrides < MUTANT_MAX_OVERRIDES)
		mutant->overrides[mutant->n_overrides++] =
			(struct scenario_override){copy(mutants, path), copy(mutants, value)};
}

struct mutant *mutants_add(struct mutants *mutants, const char *path, const char *from, const char *to)
{
	if (mutants->n == mutants->capacity) {
		size_t capacity = mutants->capacity == 0 ? 64 : 2 * mutants->capacity;
		struct mutant *grown = arena_array(mutants->arena, capacity, sizeof *grown);
		if (!grown) {
			mutants->failed = true;
			return NULL;
		}
		if (mutants->n > 0)
			memcpy(grown, mutants->items, mutants->n * sizeof *grown);
		mutants->items = grown;
		mutants->capacity = capacity;
	}
	const struct tree *node = !path ? NULL : nearest(mutants->root, path);
	if (!node)
		return NULL;
	struct mutant *mutant = &mutants->items[mutants->n++];
	*mutant = (struct mutant){
		.path = copy(mutants, path),
		.from = copy(mutants, from),
		.to = copy(mutants, to),
		.place = node->key_place.file ? node->key_place : node->place,
	};
	mutant_also(mutants, mutant, path, to);
	return mutant;
}

/* What several keys say together, or items of lists, which settings do not have one by one. */
static const struct {
	enum mutation mutation;
	void (*find)(struct mutants *mutants);
} others[] = {
	{MUTATE_PROFILE, mutants_of_profiles}, {MUTATE_WORKERS, mutants_of_workers}, {MUTATE_PEERS, mutants_of_peers},
	{MUTATE_RULES, mutants_of_rules},      {MUTATE_HOP, mutants_of_routes},      {MUTATE_FIXED, mutants_of_fixed},
};
_Static_assert(MUTATE_PROFILE + sizeof others / sizeof *others == MUTATION_COUNT,
	       "one for each mutation from there on");

static bool some_key_has(enum mutation mutation)
{
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		size_t n;
		const struct key *keys = keys_of((enum section)section, &n);
		for (size_t i = 0; i < n; i++)
			if (keys[i].mutation == mutation)
				return true;
	}
	return false;
}

int mutants_find(struct arena *arena, const struct model *model, const struct tree *tree, struct mutants *ret)
{
	size_t n;
	*ret = (struct mutants){.arena = arena, .model = model, .root = tree};
	const struct scenario_setting *settings = scenario_settings(arena, model, &n);
	if (!settings)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		mutants_of_setting(ret, &settings[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others && !ret->failed; i++)
		if (some_key_has(others[i].mutation))
			others[i].find(ret);
	if (!ret->failed)
		mutants_of_written(ret);
	return ret->failed ? -ENOMEM : 0;
}
