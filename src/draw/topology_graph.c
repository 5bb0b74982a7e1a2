/* DOC: boxes that contain others become clusters, whose heads are labels of a fixed size, empty: the words are drawn
 * later, by us. Instances and hosts become nodes of a fixed size, three in a row. What has no inside but must be passed
 * (a region, the Internet) has a hub. Ways do not take part in the order of things, so a network looks the same
 * whichever call is drawn over it. */
#include "draw/topology_graph.h"
#include <errno.h>
#include <stdlib.h>

#define IN_A_ROW 3u
#define CLUSTER_MARGIN 14

bool topology_is_hub(const struct topology_box *box)
{
	return box->kind == TOPOLOGY_REGION || box->kind == TOPOLOGY_INTERNET;
}

static bool is_node(const struct topology_box *box)
{
	return topology_is_leaf(box) || box->kind == TOPOLOGY_BACKBONE;
}

static uint32_t find(const struct topology *topology, enum topology_kind kind)
{
	for (uint32_t i = 0; i < topology->n_boxes; i++)
		if (topology->boxes[i].kind == kind)
			return i;
	return TOPOLOGY_NONE;
}

/* ---- what is joined to what ---- */

static struct topology_link *add(struct topology_graph *graph, enum topology_link_kind kind, uint32_t from, uint32_t to)
{
	if (graph->n_links == graph->capacity) {
		size_t capacity = graph->capacity ? 2 * graph->capacity : 64;
		struct topology_link *grown = realloc(graph->links, capacity * sizeof *grown);
		if (!grown) {
			graph->failed = true;
			return NULL;
		}
		graph->links = grown;
		graph->capacity = capacity;
	}
	struct topology_link *link = &graph->links[graph->n_links++];
	*link = (struct topology_link){.kind = kind, .from = from, .to = to};
	return link;
}

/* Children in rows: each is followed by the next one of its row. */
static void add_rows(const struct topology *topology, struct topology_graph *graph, uint32_t parent)
{
	uint32_t before = TOPOLOGY_NONE, n = 0;
	for (uint32_t i = parent + 1; i < topology->n_boxes; i++) {
		const struct topology_box *box = &topology->boxes[i];
		if (box->parent != parent || !topology_is_leaf(box) || box->beside != TOPOLOGY_NONE)
			continue;
		if (n++ % IN_A_ROW > 0)
			(void)add(graph, TOPOLOGY_ORDER, before, i);
		before = i;
	}
}

static bool is_private(const struct topology_box *box)
{
	return box->kind == TOPOLOGY_SITE || box->kind == TOPOLOGY_HOME;
}

/* Of a private network: its machines stand behind its NAT or its gateway. */
static void add_private(const struct topology *topology, struct topology_graph *graph, uint32_t site, uint32_t internet)
{
	uint32_t door = TOPOLOGY_NONE;
	for (uint32_t i = site + 1; i < topology->n_boxes; i++) {
		const struct topology_box *box = &topology->boxes[i];
		if (box->parent != site)
			continue;
		if (box->kind == TOPOLOGY_ADDRESS && box->joins == TOPOLOGY_NONE && internet != TOPOLOGY_NONE)
			(void)add(graph, TOPOLOGY_WIRE, i, internet);
		if (box->kind == TOPOLOGY_ADDRESS && door == TOPOLOGY_NONE)
			door = i;
		else if (door != TOPOLOGY_NONE)
			(void)add(graph, TOPOLOGY_ORDER, i, door);
	}
}

static void add_network(const struct topology *topology, struct topology_graph *graph)
{
	uint32_t internet = find(topology, TOPOLOGY_INTERNET), backbone = find(topology, TOPOLOGY_BACKBONE);
	for (uint32_t i = 0; i < topology->n_boxes; i++) {
		const struct topology_box *box = &topology->boxes[i];
		if (box->beside != TOPOLOGY_NONE) {
			(void)add(graph, TOPOLOGY_WIRE, box->beside, i);
			(void)add(graph, TOPOLOGY_WIRE, i, box->parent);
		} else if (box->joins != TOPOLOGY_NONE) {
			(void)add(graph, TOPOLOGY_WIRE, i, box->joins);
		} else if (topology_is_leaf(box) && box->parent == internet) {
			(void)add(graph, TOPOLOGY_WIRE, internet, i);
		}
		if (box->kind == TOPOLOGY_REGION && backbone != TOPOLOGY_NONE)
			(void)add(graph, TOPOLOGY_WIRE, i, backbone);
		if (box->kind == TOPOLOGY_REGION && internet != TOPOLOGY_NONE)
			(void)add(graph, TOPOLOGY_WIRE, i, internet);
		if (is_private(box))
			add_private(topology, graph, i, internet);
		else if (!is_node(box) && box->kind != TOPOLOGY_INTERNET)
			add_rows(topology, graph, i);
	}
}

static void add_ways(const struct topology *topology, struct topology_graph *graph)
{
	for (uint32_t i = 0; i < topology->n_legs; i++) {
		const struct topology_leg *leg = &topology->legs[i];
		for (size_t k = 1; k < leg->n; k++) {
			struct topology_link *link =
				leg->stops[k - 1].box == leg->stops[k].box
					? NULL
					: add(graph, TOPOLOGY_WAY, leg->stops[k - 1].box, leg->stops[k].box);
			if (!link)
				continue;
			link->leg = i;
			link->goes_on = k + 1 < leg->n;
		}
	}
}

/* ---- as text ---- */

/* Graphviz counts in inches of 72 points; a pixel is a point. */
static void put_size(struct buf *out, int width, int height)
{
	buf_printf(out, "width=%d.%03d height=%d.%03d", width / 72, width % 72 * 1000 / 72, height / 72,
		   height % 72 * 1000 / 72);
}

static void put_box(const struct topology *topology, uint32_t index, struct buf *out)
{
	struct topology_box *box = &topology->boxes[index];
	if (is_node(box)) {
		topology_measure(box);
		buf_printf(out, "b%u [", index);
		put_size(out, box->width, box->height);
		buf_puts(out, "]\n");
		return;
	}
	buf_printf(out,
		   "subgraph cluster_%u {\nlabel=<<TABLE BORDER=\"0\" FIXEDSIZE=\"TRUE\" WIDTH=\"%d\" "
		   "HEIGHT=\"%d\"><TR><TD></TD></TR></TABLE>>\n",
		   index, topology_label_width(box) + CLUSTER_MARGIN, topology_head_height(box) - CLUSTER_MARGIN);
	bool empty = true;
	for (uint32_t i = index + 1; i < topology->n_boxes; i++) {
		if (topology->boxes[i].parent != index)
			continue;
		put_box(topology, i, out);
		empty = false;
	}
	if (topology_is_hub(box) || empty) {
		buf_printf(out, "h%u [", index);
		put_size(out, 2 * TOPOLOGY_HUB_RADIUS, 2 * TOPOLOGY_HUB_RADIUS);
		buf_puts(out, "]\n");
	}
	buf_puts(out, "}\n");
}

/* How many stand left of it in its row. */
static uint32_t place_in_row(const struct topology *topology, uint32_t index)
{
	uint32_t n = 0;
	for (uint32_t i = topology->boxes[index].parent + 1; i < index; i++)
		n += topology->boxes[i].parent == topology->boxes[index].parent &&
		     topology_is_leaf(&topology->boxes[i]);
	return n % IN_A_ROW;
}

static bool contains(const struct topology *topology, uint32_t outer, uint32_t inner)
{
	while (inner != TOPOLOGY_NONE && inner != outer)
		inner = topology->boxes[inner].parent;
	return inner == outer;
}

/* A link ends at a node. Where it is to end at a cluster it is cut where it meets the border: what leaves a cluster
 * comes from the node farthest to the right, what enters it goes to one at the left, so that things stand beside each
 * other. */
static void put_end(const struct topology *topology, uint32_t box, bool leaves, struct buf *out)
{
	uint32_t best = TOPOLOGY_NONE;
	if (is_node(&topology->boxes[box])) {
		buf_printf(out, "b%u", box);
		return;
	}
	for (uint32_t i = box + 1; i < topology->n_boxes && !topology_is_hub(&topology->boxes[box]); i++) {
		if (!topology_is_leaf(&topology->boxes[i]) || topology->boxes[i].beside != TOPOLOGY_NONE ||
		    !contains(topology, box, i))
			continue;
		if (best == TOPOLOGY_NONE || (leaves && place_in_row(topology, i) > place_in_row(topology, best)))
			best = i;
	}
	if (best != TOPOLOGY_NONE)
		buf_printf(out, "b%u", best);
	else
		buf_printf(out, "h%u", box);
}

static bool is_cut(const struct topology_box *box)
{
	return !is_node(box) && !topology_is_hub(box);
}

static void put_links(const struct topology *topology, const struct topology_graph *graph, struct buf *out)
{
	for (size_t i = 0; i < graph->n_links; i++) {
		const struct topology_link *link = &graph->links[i];
		put_end(topology, link->from, true, out);
		buf_puts(out, " -> ");
		put_end(topology, link->to, false, out);
		buf_printf(out, " [id=l%zu", i);
		if (link->kind == TOPOLOGY_ORDER)
			buf_puts(out, " style=invis");
		if (link->kind == TOPOLOGY_WAY)
			buf_puts(out, " constraint=false");
		if (is_cut(&topology->boxes[link->from]))
			buf_printf(out, " ltail=cluster_%u", link->from);
		if (is_cut(&topology->boxes[link->to]))
			buf_printf(out, " lhead=cluster_%u", link->to);
		buf_puts(out, "]\n");
	}
}

int topology_graph(struct topology *topology, struct topology_graph *graph, struct buf *out)
{
	add_network(topology, graph);
	add_ways(topology, graph);
	graph->hubs = calloc(topology->n_boxes + 1, sizeof *graph->hubs);
	buf_printf(out,
		   "digraph network {\nrankdir=LR compound=true nodesep=0.22 ranksep=0.5 fontsize=1\n"
		   "node [shape=box fixedsize=true label=\"\"]\nedge [arrowhead=none]\ngraph [margin=%d labeljust=l]\n",
		   CLUSTER_MARGIN);
	for (uint32_t i = 0; i < topology->n_boxes; i++)
		if (topology->boxes[i].parent == TOPOLOGY_NONE)
			put_box(topology, i, out);
	put_links(topology, graph, out);
	buf_puts(out, "}\n");
	return graph->failed || !graph->hubs || buf_failed(out) ? -ENOMEM : 0;
}

void topology_graph_free(struct topology_graph *graph)
{
	for (size_t i = 0; i < graph->n_links; i++)
		free(graph->links[i].points);
	free(graph->links);
	free(graph->hubs);
	*graph = (struct topology_graph){0};
}
