/* DOC: environments, sites, hosts, load balancers and the kinds of kinds.h share one name space: each is a point of the network by its name.
 * Azure's names differ by more than case. The thing that comes later in the list below has the error, for two of one
 * name; for two that differ in case the one that stands later in the file. */
#include "scenario/kinds.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct owner {
	const char *name;
	const char *article; /* "an environment" */
	size_t number;       /* in the order of the list */
	struct place place;
};
struct owners {
	struct owner *items;
	size_t n;
};

#define ADD_ALL(owners, array, n_array, what)                                                                          \
	for (size_t i = 0; i < (n_array); i++, (owners)->n++)                                                          \
		(owners)->items[(owners)->n] = (struct owner){(array)[i].name, (what), (owners)->n, (array)[i].place};

static void collect(struct decoder *d, struct owners *ret)
{
	const struct model *model = d->model;
	size_t n = model->n_ases + model->n_sites + model->n_hosts + model->n_balancers;
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		n += kind_n(model, kind);
	*ret = (struct owners){.items = decode_array(d, n, sizeof *ret->items)};
	if (!ret->items)
		return;
	ADD_ALL(ret, model->ases, model->n_ases, "an environment");
	ADD_ALL(ret, model->sites, model->n_sites, "a site");
	ADD_ALL(ret, model->hosts, model->n_hosts, "a host");
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; i < kind_n(model, kind); i++, ret->n++) {
			const struct kind_item *item = kind_item(model, kind, i);
			ret->items[ret->n] = (struct owner){item->name, kind_with_article(kind), ret->n, item->place};
		}
	ADD_ALL(ret, model->balancers, model->n_balancers, "a load balancer");
}

static int compare(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int order = strcasecmp(x->name, y->name);
	return order != 0 ? order : x->number < y->number ? -1 : x->number > y->number;
}

static void clash(struct decoder *d, const struct owner *first, const struct owner *second)
{
	if (strcmp(first->name, second->name) == 0)
		diag_error(d->diags, second->place, "choose another name", "%s is called `%s` too", first->article,
			   first->name);
	else if (model_stands_before(d->model, second->place, first->place))
		report_case(d, first->name, first->place, second->name, second->place);
	else
		report_case(d, second->name, second->place, first->name, first->place);
}

void check_name_space(struct decoder *d)
{
	struct owners owners;
	collect(d, &owners);
	if (!owners.items || owners.n < 2)
		return;
	qsort(owners.items, owners.n, sizeof *owners.items, compare);
	for (size_t i = 1; i < owners.n; i++) {
		const struct owner *a = &owners.items[i - 1], *b = &owners.items[i];
		bool is_one_map = a->article == b->article; /* decode_map() has looked at it */
		if (strcasecmp(a->name, b->name) == 0 && !is_one_map)
			clash(d, a, b);
	}
}
