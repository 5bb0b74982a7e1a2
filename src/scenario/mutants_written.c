/* DOC: keys that settings do not have one by one: those of items of lists, those that only the file has, and those that
 * a profile implies where the file has them not. The file's tree is walked by the table of keys; what a key could be
 * besides is asked as for settings. Items of lists are taken away, and change places by their priorities. Paths count
 * items as they stand in the file. */
#include "scenario/mutants.h"
#include <stdlib.h>
#include <string.h>

const char *mutants_text_of(const struct tree *map, const char *key, const char *fallback)
{
	const struct tree *node = tree_get(map, key);
	return !node || node->kind != TREE_SCALAR || !node->text ? fallback : node->text;
}

/* ---- priorities ---- */

/* The item that is asked right after this one. */
static const struct tree *next_asked(const struct item_at *at, size_t *ret_number)
{
	const struct tree *next = NULL;
	long priority = strtol(mutants_text_of(at->item, "priority", ""), NULL, 10), best = 0;
	size_t number = 0;
	for (const struct tree *item = at->list->first; item; item = item->next, number++) {
		long other = strtol(mutants_text_of(item, "priority", ""), NULL, 10);
		if (other > priority && (!next || other < best)) {
			next = item;
			best = other;
			*ret_number = number;
		}
	}
	return next;
}

const char *mutants_item_path(struct mutants *mutants, const struct item_at *at, const char *key)
{
	return mutants_text(mutants, "%s.%zu%s%s", at->path, at->number, *key ? "." : "", key);
}

void mutants_swap_priorities(struct mutants *mutants, const struct item_at *at)
{
	struct item_at other = *at;
	const struct tree *next = next_asked(at, &other.number);
	if (!next ||
	    strcmp(mutants_text_of(next, "action", "allow"), mutants_text_of(at->item, "action", "allow")) == 0)
		return; /* of two that do the same the order is nothing */
	const char *priority = mutants_text_of(at->item, "priority", "");
	struct mutant *mutant = mutants_add(mutants, mutants_item_path(mutants, at, "priority"), priority,
					    mutants_text_of(next, "priority", ""));
	mutant_also(mutants, mutant, mutants_item_path(mutants, &other, "priority"), priority);
}

/* ---- items ---- */

static bool stands_in(struct place place, const struct tree *item)
{
	for (const struct tree *key = item->first; key; key = key->next)
		if (key->key_place.file == place.file && key->key_place.line == place.line &&
		    key->key_place.column == place.column)
			return true;
	return false;
}

/* Rules that are asked together, by the collection's priority. */
static bool is_collection(enum section section)
{
	return key_find(section, "rules") && key_find(section, "priority");
}

/* The item for people. */
static const char *what_of(struct mutants *mutants, enum section section, const struct item_at *at)
{
	const struct model *model = mutants->model;
	const char *name = mutants_text_of(at->item, "name", "");
	if (section == SECTION_PACKET)
		return mutants_text(mutants, "packet %zu", at->number + 1);
	if (is_collection(section))
		return mutants_text(mutants, "collection %s", name);
	if (section != SECTION_EVENT)
		return mutants_text(mutants, "rule %s", name);
	for (size_t i = 0; i < model->n_events; i++)
		if (stands_in(model->events[i].place, at->item))
			return model->events[i].text;
	return "event";
}

/* ---- the walk ---- */

struct below {
	const char *path;
	enum section section;
	bool is_written; /* in a list, or below what only the file has: no settings */
};

static void walk(struct mutants *mutants, const struct below *below, const struct tree *map);

static const struct key *find_key(enum section section, const struct tree *map, const char *name)
{
	size_t n;
	const struct form *forms = forms_of(section, &n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; tree_get(map, forms[i].key) && k < forms[i].n_own; k++)
			if (strcmp(forms[i].own[k].name, name) == 0)
				return &forms[i].own[k];
	return key_find(section, name);
}

static void walk_list(struct mutants *mutants, const struct below *below, const struct key *key,
		      const struct tree *list)
{
	struct item_at at = {.path = below->path, .list = list};
	for (at.item = list->first; at.item; at.item = at.item->next, at.number++) {
		struct below item = {mutants_item_path(mutants, &at, ""), key->of, true};
		if (key->mutation == MUTATE_ITEMS)
			(void)mutants_add(mutants, item.path, what_of(mutants, key->of, &at), NULL);
		if (is_collection(key->of))
			mutants_swap_priorities(mutants, &at);
		if (item.path)
			walk(mutants, &item, at.item);
	}
}

static void step_down(struct mutants *mutants, const struct below *below, const struct key *key,
		      const struct tree *node)
{
	struct below named = *below;
	if (key->type == KEY_NAMED)
		for (const struct tree *item = node->first; item && node->kind == TREE_MAP; item = item->next) {
			named.path = mutants_text(mutants, "%s.%s", below->path, item->key);
			if (named.path)
				walk(mutants, &named, item);
		}
	else if (key->type == KEY_LIST && node->kind == TREE_LIST)
		walk_list(mutants, below, key, node);
	else if (key->type == KEY_SECTION || key->type == KEY_MAPPING || key->type == KEY_BLOCK)
		walk(mutants, below, node);
}

/* A value as settings print it; NULL: it is a map. */
static const char *shown(struct mutants *mutants, const struct tree *node)
{
	struct buf out = {0};
	if (node->kind == TREE_MAP)
		return NULL;
	if (node->kind == TREE_LIST)
		for (const struct tree *item = node->first; item; item = item->next)
			buf_printf(&out, "%s%s", item == node->first ? "[" : ", ", item->text ? item->text : "");
	const char *text = node->kind == TREE_SCALAR ? mutants_text(mutants, "%s", node->text ? node->text : "")
						     : mutants_text(mutants, "%s]", buf_text(&out));
	mutants->failed |= buf_failed(&out);
	buf_free(&out);
	return text;
}

/* Switches that an item has by default. */
static void flip_defaults(struct mutants *mutants, const struct below *below, const struct tree *map)
{
	size_t n;
	const struct key *keys = keys_of(below->section, &n);
	for (size_t i = 0; i < n; i++) {
		const struct key *key = &keys[i];
		if (key->mutation != MUTATE_FLIP || key->mutated_where_said || tree_get(map, key->name))
			continue;
		const struct scenario_setting setting = {mutants_text(mutants, "%s.%s", below->path, key->name),
							 key->fallback, key};
		if (setting.path)
			mutants_of_key(mutants, &setting);
	}
}

static void walk(struct mutants *mutants, const struct below *below, const struct tree *map)
{
	for (const struct tree *node = map->kind == TREE_MAP ? map->first : NULL; node && !mutants->failed;
	     node = node->next) {
		const struct key *key = find_key(below->section, map, node->key);
		if (!key)
			continue;
		struct below inner = {*below->path ? mutants_text(mutants, "%s.%s", below->path, node->key) : node->key,
				      key->of, below->is_written || key->value.form == VALUE_AS_WRITTEN};
		const char *value = shown(mutants, node);
		if (inner.path && (inner.is_written || key->mutated_where_said) &&
		    (value || key->mutation == MUTATE_AWAY)) {
			const struct scenario_setting setting = {inner.path, value ? value : "it", key};
			mutants_of_key(mutants, &setting);
		}
		if (inner.path)
			step_down(mutants, &inner, key, node);
	}
	if (below->is_written)
		flip_defaults(mutants, below, map);
}

void mutants_of_written(struct mutants *mutants)
{
	const struct below all = {"", SECTION_TOP, false};
	walk(mutants, &all, mutants->root);
}
