/* The list of differences. A file has few kinds of them, so that looking for one's like is a short walk. */
#include "compare/difference.h"
#include <errno.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static struct difference *find(const struct difference_list *list, size_t from, const struct difference *like)
{
	for (size_t i = from; i < list->n; i++) {
		struct difference *item = &list->items[i];
		if (item->kind == like->kind && same_text(item->point, like->point) &&
		    same_text(item->field, like->field))
			return item;
	}
	return NULL;
}

static struct difference *append(struct difference_list *list)
{
	if (list->n == list->capacity) {
		size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
		struct difference *grown = arena_array(list->arena, capacity, sizeof *grown);
		if (!grown)
			return NULL;
		if (list->n > 0)
			memcpy(grown, list->items, list->n * sizeof *grown);
		list->items = grown;
		list->capacity = capacity;
	}
	return &list->items[list->n++];
}

int difference_add(struct difference_list *list, size_t from, const struct difference *like, struct difference **ret,
		   bool *ret_tell)
{
	struct difference *item = find(list, from, like);
	if (item) {
		item->more++;
		*ret_tell = like->unix_ns < item->unix_ns;
		*ret = item;
		return 0;
	}
	item = append(list);
	if (!item)
		return -ENOMEM;
	*item = *like;
	*ret = item;
	*ret_tell = true;
	if (like->field)
		item->field = arena_strdup(list->arena, like->field);
	return like->field && !item->field ? -ENOMEM : 0;
}
