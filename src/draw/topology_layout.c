/* DOC: where things stand. Three columns: private networks on the left, Azure's regions in the middle, the Internet on
 * the right. A region has its virtual networks one above the other, and right of them a column of the public addresses
 * behind which they stand, each beside its own. What contains something is as high as its rows; instances and hosts
 * stand in rows, everything else has a row to itself. Below each row a gutter stays free, and between columns a
 * channel: ways run there, so that they cross borders and never boxes. Whole numbers only: the same picture
 * everywhere. */
#include "draw/svg.h"
#include "draw/topology.h"

#define PAD 14
#define GAP 12
#define CHIP_MIN 92
#define CHANNEL 54
#define RAIL_ROOM 34

bool topology_is_leaf(const struct topology_box *box)
{
	return box->kind == TOPOLOGY_CHIP || box->kind == TOPOLOGY_ADDRESS || box->kind == TOPOLOGY_MORE;
}

uint32_t topology_root(const struct topology *topology, uint32_t box)
{
	while (topology->boxes[box].parent != TOPOLOGY_NONE)
		box = topology->boxes[box].parent;
	return box;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* ---- sizes ---- */

int topology_label_width(const struct topology_box *box)
{
	int width = svg_text_width(box->name, SVG_BOLD, TOPOLOGY_NAME_PX);
	int note = box->note ? svg_text_width(box->note, SVG_MONO, TOPOLOGY_SMALL_PX) : 0;
	width = topology_is_leaf(box) ? larger(width, note) : width + (note > 0 ? note + 12 : 0);
	for (size_t i = 0; i < box->n_lines; i++)
		width = larger(width, svg_text_width(box->lines[i], SVG_PLAIN, TOPOLOGY_SMALL_PX));
	return width;
}

void topology_measure(struct topology_box *box)
{
	if (box->kind == TOPOLOGY_BACKBONE) {
		box->width = topology_label_width(box) + 2 * PAD;
		box->height = TOPOLOGY_HEAD;
		return;
	}
	box->width = larger(topology_label_width(box) + 18, CHIP_MIN);
	box->height = 26 + (box->note ? TOPOLOGY_LINE : 0) + (int)box->n_lines * TOPOLOGY_LINE;
}

int topology_head_height(const struct topology_box *box)
{
	return TOPOLOGY_HEAD + (int)box->n_lines * TOPOLOGY_LINE + (box->n_lines > 0 ? 6 : 0);
}

/* Where the next child goes, relative to what contains it. */
struct pen {
	int x, y, row_height, width;
	int row_width;
};

static void new_row(struct pen *pen)
{
	if (pen->row_height == 0)
		return;
	pen->y += pen->row_height + TOPOLOGY_GUTTER;
	pen->x = PAD;
	pen->row_height = 0;
}

/* A gateway or a NAT of a site has a row to itself: what joins it to the rest runs beside it. */
static void put_child(struct pen *pen, struct topology_box *child, bool in_site)
{
	bool alone = !topology_is_leaf(child) || (child->kind == TOPOLOGY_ADDRESS && in_site);
	if (alone || (pen->x > PAD && pen->x + child->width > pen->row_width))
		new_row(pen);
	child->x = pen->x;
	child->y = pen->y;
	pen->x += child->width + GAP;
	pen->row_height = larger(pen->row_height, child->height);
	pen->width = larger(pen->width, child->x + child->width);
	if (alone)
		new_row(pen);
}

/* Those of a region beside its networks have a column of their own. */
static bool is_in_rows(const struct topology_box *box)
{
	return box->beside == TOPOLOGY_NONE;
}

static void measure(struct topology *topology, uint32_t index)
{
	struct topology_box *box = &topology->boxes[index];
	if (topology_is_leaf(box)) {
		topology_measure(box);
		return;
	}
	int row_width = box->kind == TOPOLOGY_REGION && topology->row_width ? topology->row_width : TOPOLOGY_ROW_WIDTH;
	struct pen pen = {.x = PAD, .y = topology_head_height(box), .row_width = row_width};
	for (uint32_t i = index + 1; i < topology->n_boxes; i++) {
		if (topology->boxes[i].parent != index || !is_in_rows(&topology->boxes[i]))
			continue;
		measure(topology, i);
		put_child(&pen, &topology->boxes[i], box->kind == TOPOLOGY_SITE || box->kind == TOPOLOGY_HOME);
	}
	new_row(&pen);
	box->width = larger(pen.width, PAD + topology_label_width(box)) + PAD;
	box->height = pen.y + (pen.y == topology_head_height(box) ? 0 : 2);
}

/* ---- places ---- */

static void move(struct topology *topology, uint32_t index, int x, int y)
{
	struct topology_box *box = &topology->boxes[index];
	box->x += x;
	box->y += y;
	for (uint32_t i = index + 1; i < topology->n_boxes; i++)
		if (topology->boxes[i].parent == index && is_in_rows(&topology->boxes[i]))
			move(topology, i, box->x, box->y);
}

/* What contains something is as wide as what contains it allows. */
static void stretch(struct topology *topology, uint32_t index, int width)
{
	topology->boxes[index].width = width;
	for (uint32_t i = index + 1; i < topology->n_boxes; i++)
		if (topology->boxes[i].parent == index && !topology_is_leaf(&topology->boxes[i]))
			stretch(topology, i, width - 2 * PAD);
}

/* The addresses of a region, each at the height of the box whose it is, below the one before. Returns the width of
 * their column, 0: there are none. */
static int put_addresses(struct topology *topology, uint32_t region, int x)
{
	int width = 0, free_from = topology->boxes[region].y + TOPOLOGY_HEAD;
	for (uint32_t i = region + 1; i < topology->n_boxes; i++) {
		struct topology_box *box = &topology->boxes[i];
		if (box->parent != region || is_in_rows(box))
			continue;
		topology_measure(box);
		width = larger(width, box->width);
	}
	for (uint32_t i = region + 1; i < topology->n_boxes; i++) {
		struct topology_box *box = &topology->boxes[i];
		if (box->parent != region || is_in_rows(box))
			continue;
		const struct topology_box *own = &topology->boxes[box->beside];
		box->x = x;
		box->width = width;
		box->y = larger(own->y + (own->height - box->height) / 2, free_from);
		free_from = box->y + box->height + TOPOLOGY_GUTTER;
	}
	int bottom = free_from - TOPOLOGY_GUTTER + PAD - topology->boxes[region].y;
	if (width > 0)
		topology->boxes[region].height = larger(topology->boxes[region].height, bottom);
	return width;
}

/* Returns the height that it took. */
static int put_region(struct topology *topology, uint32_t region, int x, int y)
{
	struct topology_box *box = &topology->boxes[region];
	measure(topology, region);
	stretch(topology, region, box->width);
	box->x = box->y = 0;
	move(topology, region, x, y);
	int column = put_addresses(topology, region, x + box->width + CHANNEL - PAD);
	box->width += column > 0 ? CHANNEL + column : 0;
	box->width += RAIL_ROOM;
	return box->height;
}

static int put_other(struct topology *topology, uint32_t index, int x, int y)
{
	struct topology_box *box = &topology->boxes[index];
	measure(topology, index);
	box->x = box->y = 0;
	if (box->kind == TOPOLOGY_INTERNET) { /* room for its rail, and for ways beside it */
		for (uint32_t i = index + 1; i < topology->n_boxes; i++)
			if (topology->boxes[i].parent == index)
				topology->boxes[i].x += RAIL_ROOM;
		box->width += RAIL_ROOM;
	}
	move(topology, index, x, y);
	return box->height;
}

/* All boxes at the top of these two kinds, one below the other; *ret_width is that of the widest, all get it. */
static int put_column(struct topology *topology, enum topology_kind first, enum topology_kind second, int x, int y,
		      int *ret_width)
{
	int top = y;
	*ret_width = 0;
	for (unsigned turn = 0; turn < (first == second ? 1u : 2u); turn++) {
		for (uint32_t i = 0; i < topology->n_boxes; i++) {
			struct topology_box *box = &topology->boxes[i];
			if (box->parent != TOPOLOGY_NONE || box->kind != (turn == 0 ? first : second))
				continue;
			int height = box->kind == TOPOLOGY_REGION ? put_region(topology, i, x, y)
								  : put_other(topology, i, x, y);
			*ret_width = larger(*ret_width, box->width);
			y += height + 2 * TOPOLOGY_GUTTER;
		}
	}
	for (uint32_t i = 0; i < topology->n_boxes; i++) {
		struct topology_box *box = &topology->boxes[i];
		if (box->parent == TOPOLOGY_NONE && (box->kind == first || box->kind == second))
			box->width = *ret_width;
	}
	return y > top ? y - 2 * TOPOLOGY_GUTTER : y;
}

static struct topology_box *find(struct topology *topology, enum topology_kind kind)
{
	for (size_t i = 0; i < topology->n_boxes; i++)
		if (topology->boxes[i].kind == kind)
			return &topology->boxes[i];
	return NULL;
}

void topology_layout(struct topology *topology, int top)
{
	int x = TOPOLOGY_MARGIN, width, bottom = top;
	bottom = larger(bottom, put_column(topology, TOPOLOGY_SITE, TOPOLOGY_SITE, x, top, &width));
	x += width > 0 ? width + CHANNEL : 0;
	x += topology_lanes_width(topology);
	int azure_bottom = put_column(topology, TOPOLOGY_REGION, TOPOLOGY_REGION, x, top, &width);
	bottom = larger(bottom, azure_bottom);
	x += width > 0 ? width + CHANNEL : 0;
	struct topology_box *backbone = find(topology, TOPOLOGY_BACKBONE),
			    *internet = find(topology, TOPOLOGY_INTERNET);
	if (backbone) {
		backbone->x = x;
		backbone->y = top;
		backbone->width = 40;
		backbone->height = azure_bottom - top;
		x += backbone->width + CHANNEL;
	}
	if (x == TOPOLOGY_MARGIN && find(topology, TOPOLOGY_HOME))
		x += CHANNEL / 2; /* ways of home networks run left of them */
	bottom = larger(bottom, put_column(topology, TOPOLOGY_INTERNET, TOPOLOGY_HOME, x, top, &width));
	/* The Internet is as high as Azure, so that ways go straight; not where home networks stand below it. */
	if (internet && !find(topology, TOPOLOGY_HOME) && internet->y + internet->height < azure_bottom)
		internet->height = azure_bottom - internet->y;
	topology->width = x + width + TOPOLOGY_MARGIN - (width > 0 ? 0 : CHANNEL);
	topology->height = bottom + TOPOLOGY_MARGIN;
}
