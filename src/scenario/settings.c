/* DOC: every setting of a scenario as it was in force, defaults filled in: path and value as --set takes them. A reader
 * of a report must not need to know the defaults of the version that wrote it. */
#include "scenario/values.h"
#include <string.h>

struct settings {
	struct arena *arena;
	struct scenario_setting *items;
	size_t n, capacity;
	struct buf value;
	bool failed;
};

void values_print(struct buf *out, const struct resolved *value)
{
	if (value->kind == TREE_SCALAR) {
		buf_printf(out, value->is_quoted ? "\"%s\"" : "%s", value->text);
		return;
	}
	buf_putc(out, value->kind == TREE_MAP ? '{' : '[');
	for (const struct resolved *item = value->first; item; item = item->next) {
		if (item != value->first)
			buf_puts(out, ", ");
		if (item->name)
			buf_printf(out, "%s: ", item->name);
		values_print(out, item);
	}
	buf_putc(out, value->kind == TREE_MAP ? '}' : ']');
}

static void put(struct settings *settings, const char *path, const struct resolved *value)
{
	if (settings->n == settings->capacity) {
		size_t capacity = settings->capacity ? settings->capacity * 2 : 64;
		struct scenario_setting *items = arena_array(settings->arena, capacity, sizeof *items);
		if (!items) {
			settings->failed = true;
			return;
		}
		for (size_t i = 0; i < settings->n; i++)
			items[i] = settings->items[i];
		settings->items = items;
		settings->capacity = capacity;
	}
	buf_clear(&settings->value);
	values_print(&settings->value, value);
	const char *text = arena_strdup(settings->arena, buf_text(&settings->value));
	settings->failed = settings->failed || !path || !text || buf_failed(&settings->value);
	settings->items[settings->n++] = (struct scenario_setting){path, text, value->key};
}

static void walk(struct settings *settings, const char *path, const struct resolved *node);

static void step(struct settings *settings, const char *path, const struct resolved *node)
{
	if (node->is_no_setting || settings->failed)
		return;
	const char *below = *path ? arena_printf(settings->arena, "%s.%s", path, node->name)
				  : arena_strdup(settings->arena, node->name);
	settings->failed = settings->failed || !below;
	if (below && node->kind == TREE_MAP)
		walk(settings, below, node);
	else if (below)
		put(settings, below, node);
}

/* Subnets stand behind all VNets, as reports have always had them. */
static bool comes_later(const struct resolved *node)
{
	return node->key && node->key->value.form == VALUE_SUBNETS;
}

static void walk(struct settings *settings, const char *path, const struct resolved *node)
{
	bool are_vnets = node->key && node->key->of == SECTION_VNET && node->key->type == KEY_NAMED;
	for (const struct resolved *child = node->first; child; child = child->next)
		if (!comes_later(child))
			step(settings, path, child);
	for (const struct resolved *vnet = are_vnets ? node->first : NULL; vnet; vnet = vnet->next)
		for (const struct resolved *child = vnet->first; child; child = child->next)
			if (comes_later(child))
				step(settings, arena_printf(settings->arena, "%s.%s", path, vnet->name), child);
}

const struct scenario_setting *scenario_settings(struct arena *arena, const struct model *model, size_t *ret_n)
{
	struct settings settings = {.arena = arena};
	const struct resolved *root = values_resolve(arena, model, NULL);
	if (root)
		walk(&settings, "", root);
	buf_free(&settings.value);
	*ret_n = settings.n;
	return root && !settings.failed ? settings.items : NULL;
}
