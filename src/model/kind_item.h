/* How the config of every kind of model/kinds.h begins. */
#ifndef PKTPATH_MODEL_KIND_ITEM_H
#define PKTPATH_MODEL_KIND_ITEM_H
#include "base/arena.h"
#include "base/place.h"
#include <stddef.h>
#include <stdint.h>

struct kind_item {
	const char *name;
	struct place place;
};
struct model;
struct element;
/* What the register notes of a kind's item; false where memory is short. */
typedef bool register_item(struct arena *arena, const struct model *model, uint32_t index, struct element *ret);
#endif
