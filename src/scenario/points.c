/* DOC: the names by which expectations, taps and the timeline call elements, and pairs of them that a link joins. The
 * register knows the names (model/elements.h); here a name that it does not know becomes a message. */
#include "model/elements.h"
#include "scenario/decode.h"
#include <string.h>

bool parse_point(struct decoder *d, const char *text, struct place place, uint32_t *ret)
{
	*ret = element_find(d->model, text);
	if (*ret != NONE)
		return true;
	const char *nearest = element_nearest(d->model, d->arena, text);
	diag_error(d->diags, place,
		   nearest ? arena_printf(d->arena, "did you mean `%s`?", nearest)
			   : "points are HOST, ASE/vip, ASE/worker-N, ASE/front-end-N, gateway/SITE, SITE/nat, "
			     "region/NAME, backbone, "
			     "internet",
		   "unknown point `%s`", text);
	return false;
}

/* A name may hold two hyphens, too: the first division that gives two points counts. */
bool parse_edge(struct decoder *d, const char *text, struct place place, uint32_t ret[2])
{
	const char *dashes = strstr(text, "--");
	if (!dashes) {
		const char *classes[LINK_CLASS_COUNT];
		for (size_t i = 0; i < LINK_CLASS_COUNT; i++)
			classes[i] = link_class_name((enum link_class)i);
		const char *hint = did_you_mean(d, text, classes, LINK_CLASS_COUNT);
		diag_error(d->diags, place,
			   hint ? hint
				: "subnet, vnet, region, backbone, gateway, internet, or A--B with two neighbouring "
				  "points",
			   "`%s` is no link", text);
		return false;
	}
	for (const char *at = dashes; at; at = strstr(at + 1, "--")) {
		char *first = arena_strndup(d->arena, text, (size_t)(at - text));
		if (!first)
			return false;
		ret[0] = element_find(d->model, first);
		ret[1] = element_find(d->model, at + 2);
		if (ret[0] == NONE || ret[1] == NONE)
			continue;
		if (elements_are_neighbours(d->model, ret[0], ret[1]))
			return true;
		diag_error(d->diags, place,
			   "a VIP's neighbour is its region/NAME, an Internet host's is internet, and machines of a "
			   "VNet, and of its peers in the region, are each other's",
			   "`%s` and `%s` are not neighbours", first, at + 2);
		return false;
	}
	char *first = arena_strndup(d->arena, text, (size_t)(dashes - text));
	if (first) {
		(void)parse_point(d, first, place, &ret[0]);
		(void)parse_point(d, dashes + 2, place, &ret[1]);
	}
	return false;
}
