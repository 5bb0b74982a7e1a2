/* DOC: what stands in a subnet by a name of its own and is no host. */
#include "story/explain.h"
#include "view/drawing.h"
#include <inttypes.h>

static bool stands_in(const struct element *element, uint32_t subnet)
{
	return element_is_of_kinds(element->kind) && element_is_end_point(element->kind) && element->subnet == subnet;
}

static void add(struct network *network, uint32_t parent, uint32_t node)
{
	const struct element *element = element_at(network->model, node);
	uint32_t box =
		network_add(network, TOPOLOGY_ADDRESS, parent, element->name, network_addr(network, element->addr));
	network_is_node(network, box, node);
	network_hover(network, box, "%s", element->description);
	network_line(network, box, "%s%s", element_traits[element->kind].word,
		     network_text(network, endpoint_of_whom(network->arena, network->model, node)));
	if (element->nat)
		network_pool(network, box, element->nat, element->addr);
}

void network_add_kinds(struct network *network, uint32_t parent, uint32_t subnet)
{
	uint32_t n = 0, n_left = 0;
	for (uint32_t i = 0; i < network->model->elements->n; i++) {
		if (!stands_in(element_at(network->model, i), subnet))
			continue;
		if (n++ < network->limits->hosts || network_wants(network, i))
			add(network, parent, i);
		else
			n_left++;
	}
	network_add_more(network, parent, n_left, "that are no hosts");
}

bool network_wants_kinds(const struct network *network, uint32_t subnet)
{
	for (uint32_t i = 0; i < network->model->elements->n; i++)
		if (stands_in(element_at(network->model, i), subnet) && network_wants(network, i))
			return true;
	return false;
}
