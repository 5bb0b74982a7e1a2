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

/* At one time in the order of the interfaces, which is that of the path. */
void difference_sort_by_time(struct difference_list *list, size_t first)
{
	struct difference *items = list->items + first;
	for (size_t i = 1; i < list->n - first; i++) {
		struct difference item = items[i];
		size_t k = i;
		for (; k > 0 && items[k - 1].unix_ns > item.unix_ns; k--)
			items[k] = items[k - 1];
		items[k] = item;
	}
}
