/* DOC: mutants, for those who want to know what their expectations notice: the list, and where each setting stands in
 * the file. */
#include "facade/mutants.h"
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
		size_t n = strcspn(path, ".");
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

const char *mutants_text(struct pp_mutants *mutants, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(mutants->arena, format, args);
	va_end(args);
	mutants->failed |= !text;
	return text;
}

static const char *copy(struct pp_mutants *mutants, const char *text)
{
	return !text ? NULL : mutants_text(mutants, "%s", text);
}

void mutant_also(struct pp_mutants *mutants, struct mutant *mutant, const char *path, const char *value)
{
	if (mutant && mutant->n_overrides < MUTANT_MAX_OVERRIDES)
		mutant->overrides[mutant->n_overrides++] = (pp_override){copy(mutants, path), copy(mutants, value)};
}

struct mutant *mutants_add(struct pp_mutants *mutants, const char *path, const char *from, const char *to)
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

int pp_mutants_new(pp_scenario *scenario, pp_mutants **ret)
{
	struct arena *arena = arena_new();
	struct pp_mutants *mutants = !arena ? NULL : arena_alloc(arena, sizeof *mutants);
	*ret = NULL;
	if (!mutants) {
		arena_free(arena);
		return -ENOMEM;
	}
	*mutants = (struct pp_mutants){.arena = arena, .model = scenario->model, .root = scenario->tree};
	mutants_of_settings(mutants);
	mutants_of_rules(mutants);
	mutants_of_events(mutants);
	if (mutants->failed) {
		arena_free(arena);
		return -ENOMEM;
	}
	*ret = mutants;
	return 0;
}

size_t pp_mutants_n(const pp_mutants *mutants)
{
	return mutants->n;
}

void pp_mutants_get(const pp_mutants *mutants, size_t index, pp_mutant *ret)
{
	const struct mutant *mutant = &mutants->items[index];
	*ret = (pp_mutant){
		.path = mutant->path,
		.from = mutant->from,
		.to = mutant->to,
		.file = mutant->place.line == 0 ? NULL : mutant->place.file,
		.line = mutant->place.line,
		.overrides = mutant->overrides,
		.n_overrides = mutant->n_overrides,
	};
}

void pp_mutants_free(pp_mutants *mutants)
{
	if (mutants)
		arena_free(mutants->arena);
}
