/* DOC: the sections of the kinds of model/kinds.h. Each is a map of names; what is peculiar to a kind is asked of its
 * loader. */
#include "scenario/kinds.h"
#include <string.h>

static const struct {
	const char *section;      /* of `network` */
	const char *with_article; /* and words */
	const char *words;
	enum section keys;
	size_t item_bytes;
	const struct kind_loader *loader;
	bool stands_in_subnet;
} kinds[KIND_COUNT] = {
#define STANDS_NAT_ALONE false
#define STANDS_END_POINT true
#define STANDS_CALLED true
#define STANDS_SERVICE false
#define KIND_ROW(KIND, kind, article, words, schema, help, stands)                                                     \
	[KIND_##KIND] = {#kind "s",      article words,  words, SECTION_##KIND, sizeof(struct kind##_config),          \
			 &loader_##kind, STANDS_##stands},
	NETWORK_KINDS(KIND_ROW)};

const struct kind_loader *kind_loader(enum network_kind kind)
{
	return kinds[kind].loader;
}

bool kind_stands_in_subnet(enum network_kind kind)
{
	return kinds[kind].stands_in_subnet;
}

const char *kind_with_article(enum network_kind kind)
{
	return kinds[kind].with_article;
}

const char *kind_words(enum network_kind kind)
{
	return kinds[kind].words;
}

size_t kind_n(const struct model *model, enum network_kind kind)
{
	switch (kind) {
#define KIND_N(KIND, kind, article, words, schema, help, stands)                                                       \
	case KIND_##KIND:                                                                                              \
		return model->n_##kind##s;
		NETWORK_KINDS(KIND_N)
	case KIND_COUNT:
		break;
	}
	return 0;
}

static void *items_of(const struct model *model, enum network_kind kind)
{
	switch (kind) {
#define KIND_ITEMS(KIND, kind, article, words, schema, help, stands)                                                   \
	case KIND_##KIND:                                                                                              \
		return model->kind##s;
		NETWORK_KINDS(KIND_ITEMS)
	case KIND_COUNT:
		break;
	}
	return NULL;
}

static void set_items(struct model *model, enum network_kind kind, void *items, size_t n)
{
	switch (kind) {
#define KIND_SET(KIND, kind, article, words, schema, help, stands)                                                     \
	case KIND_##KIND:                                                                                              \
		model->kind##s = items;                                                                                \
		model->n_##kind##s = n;                                                                                \
		return;
		NETWORK_KINDS(KIND_SET)
	case KIND_COUNT:
		return;
	}
}

struct kind_item *kind_item(const struct model *model, enum network_kind kind, size_t index)
{
	return (struct kind_item *)(void *)((char *)items_of(model, kind) + index * kinds[kind].item_bytes);
}

enum network_kind kind_find(const struct model *model, const char *name, size_t *ret_index)
{
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (*ret_index = 0; *ret_index < kind_n(model, kind); (*ret_index)++)
			if (strcmp(kind_item(model, kind, *ret_index)->name, name) == 0)
				return kind;
	return KIND_COUNT;
}

static const struct tree *section_of(const struct decoder *d, enum network_kind kind)
{
	return tree_get(tree_get(d->root, "network"), kinds[kind].section);
}

void decode_kinds(struct decoder *d)
{
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++) {
		size_t n;
		const struct tree **nodes = decode_map(d, section_of(d, kind), kinds[kind].section, &n);
		void *items = decode_array(d, n, kinds[kind].item_bytes);
		if (!items)
			return;
		set_items(d->model, kind, items, n);
		for (size_t i = 0; i < n; i++) {
			struct kind_item *item = kind_item(d->model, kind, i);
			item->name = nodes[i]->key;
			item->place = nodes[i]->key_place;
		}
		for (size_t i = 0; i < n; i++) {
			struct kind_item *item = kind_item(d->model, kind, i);
			check_reserved(d, item->name, item->place);
			kinds[kind].loader->decode(d, nodes[i], item);
		}
	}
}

void decode_kinds_of_subnet(struct decoder *d, const struct tree *node, struct subnet_config *subnet)
{
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		if (kinds[kind].loader->subnet)
			kinds[kind].loader->subnet(d, node, subnet);
}

void finish_kinds(struct model *model)
{
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; kinds[kind].loader->finish && i < kind_n(model, kind); i++)
			kinds[kind].loader->finish(model, kind_item(model, kind, i));
}

void warn_kinds(struct decoder *d)
{
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; kinds[kind].loader->warn && i < kind_n(d->model, kind); i++)
			kinds[kind].loader->warn(d, kind_item(d->model, kind, i));
}

void resolve_kinds(struct decoder *d)
{
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; kinds[kind].loader->resolve && i < kind_n(d->model, kind); i++) {
			struct kind_item *item = kind_item(d->model, kind, i);
			kinds[kind].loader->resolve(d, tree_get(section_of(d, kind), item->name), item);
		}
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		if (kinds[kind].loader->check)
			kinds[kind].loader->check(d);
}
