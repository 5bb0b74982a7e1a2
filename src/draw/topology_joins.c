/* DOC: peerings, next hops and ways to the Internet. A peering joins two networks by a lane left of the regions: the
 * lane of the network that has most peerings serves all of them, then that of the next one. From its lane a line enters
 * a network at its left edge, or, where another box stands there, through the gutter below its row and up from there.
 * The others go the way that a packet would. All lines run where no box and no name is. */
#include "draw/topology.h"

#define LANE 9       /* between two lanes */
#define LANES_MAX 24 /* further peerings share the last one */
#define ENTRY_Y 24   /* below the upper edge of a network */
#define LOWERED 5    /* in a gutter: next hops below peerings */

/* ---- lanes ---- */

/* Peerings of the box that no earlier lane serves. */
static size_t count_of(const struct topology *topology, uint32_t box, const uint32_t *hubs, size_t n_hubs)
{
	size_t n = 0;
	for (size_t i = 0; i < topology->n_joins; i++) {
		const struct topology_join *join = &topology->joins[i];
		bool served = join->kind != TOPOLOGY_PEERING || (join->from != box && join->to != box);
		for (size_t k = 0; k < n_hubs && !served; k++)
			served = join->from == hubs[k] || join->to == hubs[k];
		n += !served;
	}
	return n;
}

/* The networks whose lanes serve all peerings. How many. */
static size_t find_hubs(const struct topology *topology, uint32_t hubs[LANES_MAX])
{
	size_t n = 0;
	while (n < LANES_MAX) {
		uint32_t best = TOPOLOGY_NONE;
		size_t most = 0;
		for (uint32_t i = 0; i < topology->n_boxes; i++) {
			size_t count = count_of(topology, i, hubs, n);
			if (count > most) {
				most = count;
				best = i;
			}
		}
		if (most == 0)
			break;
		hubs[n++] = best;
	}
	return n;
}

int topology_lanes_width(const struct topology *topology)
{
	uint32_t hubs[LANES_MAX];
	size_t n = find_hubs(topology, hubs);
	return n > 0 ? (int)n * LANE + LANE : 0;
}

/* Left of all regions. */
static int lane_x(const struct topology *topology, size_t lane)
{
	int left = topology->width;
	for (size_t i = 0; i < topology->n_boxes; i++)
		if (topology->boxes[i].kind == TOPOLOGY_REGION && topology->boxes[i].x < left)
			left = topology->boxes[i].x;
	return left - LANE * (int)(lane + 1);
}

int topology_row_bottom(const struct topology *topology, const struct topology_box *box)
{
	int bottom = box->y + box->height;
	for (size_t i = 0; i < topology->n_boxes; i++) {
		const struct topology_box *other = &topology->boxes[i];
		if (other->parent == box->parent && other->y == box->y && other->y + other->height > bottom)
			bottom = other->y + other->height;
	}
	return bottom;
}

/* From a lane into a network. Returns the height at which it leaves the lane. */
static int put_entry(const struct topology *topology, const struct topology_box *box, int x, struct buf *out)
{
	if (!topology_is_leaf(box)) {
		int y = box->y + ENTRY_Y;
		svg_line(out, "peering", x, y, box->x, y);
		return y;
	}
	int y = topology_row_bottom(topology, box) + TOPOLOGY_GUTTER / 2 - LOWERED;
	struct svg_point points[] = {{x, y}, {box->x + 14, y}, {box->x + 14, box->y + box->height}};
	svg_polyline(out, "peering", points, sizeof points / sizeof *points);
	return y;
}

static bool is_served_before(const struct topology_join *join, const uint32_t *hubs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (join->from == hubs[i] || join->to == hubs[i])
			return true;
	return false;
}

static void put_lane(const struct topology *topology, const uint32_t *hubs, size_t lane, struct buf *out)
{
	int x = lane_x(topology, lane);
	int y = put_entry(topology, &topology->boxes[hubs[lane]], x, out), top = y, bottom = y;
	for (size_t i = 0; i < topology->n_joins; i++) {
		const struct topology_join *join = &topology->joins[i];
		if (join->kind != TOPOLOGY_PEERING || is_served_before(join, hubs, lane) ||
		    (join->from != hubs[lane] && join->to != hubs[lane]))
			continue;
		y = put_entry(topology, &topology->boxes[join->from == hubs[lane] ? join->to : join->from], x, out);
		top = y < top ? y : top;
		bottom = y > bottom ? y : bottom;
	}
	svg_line(out, "peering", x, top, x, bottom);
}

/* ---- the others ---- */

static void put_route(const struct topology *topology, const struct topology_join *join, struct buf *out)
{
	bool hop = join->kind == TOPOLOGY_NEXT_HOP;
	struct svg_point points[TOPOLOGY_MAX_POINTS];
	size_t n = topology_route(topology, join->from, join->to, hop ? -LOWERED : 0, points);
	if (n < 2)
		return;
	svg_polyline(out, hop ? "next-hop" : "wire", points, n);
	if (!hop)
		return;
	struct svg_point tip = points[n - 1], last = points[n - 2];
	int dx = tip.x > last.x ? 1 : tip.x < last.x ? -1 : 0;
	svg_arrow_head(out, "next-hop-head", tip, dx, dx != 0 ? 0 : tip.y > last.y ? 1 : -1);
}

void topology_joins(const struct topology *topology, struct buf *out)
{
	uint32_t hubs[LANES_MAX];
	size_t n = find_hubs(topology, hubs);
	for (size_t i = 0; i < n; i++)
		put_lane(topology, hubs, i, out);
	for (size_t i = 0; i < topology->n_joins; i++)
		if (topology->joins[i].kind != TOPOLOGY_PEERING)
			put_route(topology, &topology->joins[i], out);
}
