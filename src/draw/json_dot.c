/* DOC: what `dot -Tjson0` says of a graph, read with jansson: the middle of each node, the frame of each cluster, the
 * curve of each edge. Fractions of a point are left off, and dot's upward axis is turned. A layout that does not place
 * everything is refused as a whole: what was read before is of no use, and the owner lays out itself. */
#include "draw/topology_graph.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST 200000 /* of a coordinate: a picture beyond that is no picture */

struct reader {
	struct topology *topology;
	struct topology_graph *graph;
	bool *seen; /* boxes, then hubs */
	int height, top;
};

/* "12.75", "1.2e+03": the whole part; dot writes no exponent below 10^6. Moves *at behind it. */
static bool read_number(const char **at, int *ret)
{
	bool negative = **at == '-';
	long value = 0;
	*at += negative;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; ++*at)
		if ((value = value * 10 + (**at - '0')) > LARGEST)
			return false;
	if (**at == '.')
		for (++*at; **at >= '0' && **at <= '9'; ++*at)
			;
	*ret = (int)(negative ? -value : value);
	return true;
}

/* Numbers with commas between. */
static bool read_numbers(const char **at, int *ret, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && *(*at)++ != ',')
			return false;
		if (!read_number(at, &ret[i]))
			return false;
	}
	return true;
}

static struct svg_point turned(const struct reader *reader, int x, int y)
{
	return (struct svg_point){x + TOPOLOGY_MARGIN, reader->top + reader->height - y};
}

/* The number in "b12", "h12", "cluster_12", "l12", behind `prefix`. */
static bool read_index(const char *name, const char *prefix, size_t n, size_t *ret)
{
	size_t length = strlen(prefix);
	int index;
	if (strncmp(name, prefix, length) != 0)
		return false;
	name += length;
	if (!read_number(&name, &index) || *name != '\0' || index < 0 || (size_t)index >= n)
		return false;
	*ret = (size_t)index;
	return true;
}

/* ---- nodes and clusters ---- */

static bool read_object(struct reader *reader, json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "name")),
		   *at = json_string_value(json_object_get(object, "pos"));
	const char *frame = json_string_value(json_object_get(object, "bb"));
	size_t n = reader->topology->n_boxes, index;
	int v[4];
	if (name && at && read_index(name, "b", n, &index) && read_numbers(&at, v, 2)) {
		struct topology_box *box = &reader->topology->boxes[index];
		struct svg_point middle = turned(reader, v[0], v[1]);
		box->x = middle.x - box->width / 2;
		box->y = middle.y - box->height / 2;
		reader->seen[index] = true;
	} else if (name && at && read_index(name, "h", n, &index) && read_numbers(&at, v, 2)) {
		reader->graph->hubs[index] = turned(reader, v[0], v[1]);
		reader->seen[n + index] = true;
	} else if (name && frame && read_index(name, "cluster_", n, &index) && read_numbers(&frame, v, 4)) {
		struct topology_box *box = &reader->topology->boxes[index];
		struct svg_point corner = turned(reader, v[0], v[3]);
		box->x = corner.x;
		box->y = corner.y;
		box->width = v[2] - v[0];
		box->height = v[3] - v[1];
		reader->seen[index] = true;
	} else {
		return false;
	}
	return true;
}

static bool all_seen(const struct reader *reader)
{
	const struct topology *topology = reader->topology;
	for (size_t i = 0; i < topology->n_boxes; i++)
		if (!reader->seen[i] || (topology_is_hub(&topology->boxes[i]) && !reader->seen[topology->n_boxes + i]))
			return false;
	return true;
}

/* ---- edges ---- */

/* "e,144,54 108,54 116,54 125,54 134,54": where an arrow would point, which is not here, and the points of the
 * curve. */
static bool read_curve(const struct reader *reader, const char *at, struct topology_link *link)
{
	size_t n = 1;
	for (const char *c = at; *c != '\0'; c++)
		n += *c == ' ';
	struct svg_point *points = calloc(n, sizeof *points);
	free(link->points);
	link->points = points;
	link->n_points = 0;
	while (points) {
		int v[2];
		bool end = (*at == 'e' || *at == 's') && at[1] == ',';
		at += end ? 2 : 0;
		if (!read_numbers(&at, v, 2))
			return false;
		if (!end)
			points[link->n_points++] = turned(reader, v[0], v[1]);
		if (*at == '\0')
			return link->n_points >= 4 && link->n_points % 3 == 1;
		if (*at++ != ' ')
			return false;
	}
	reader->graph->failed = true;
	return false;
}

static bool read_edges(const struct reader *reader, json_t *edges)
{
	struct topology_graph *graph = reader->graph;
	size_t i, n = 0;
	json_t *edge;
	json_array_foreach(edges, i, edge)
	{
		const char *id = json_string_value(json_object_get(edge, "id")),
			   *at = json_string_value(json_object_get(edge, "pos"));
		size_t index;
		if (!id || !at || !read_index(id, "l", graph->n_links, &index) ||
		    !read_curve(reader, at, &graph->links[index]))
			return false;
		n++;
	}
	return n == graph->n_links;
}

/* ---- all of it ---- */

static bool read_layout(struct reader *reader, json_t *root)
{
	const char *frame = json_string_value(json_object_get(root, "bb"));
	json_t *objects = json_object_get(root, "objects"), *object;
	int v[4];
	size_t i;
	if (!frame || !read_numbers(&frame, v, 4))
		return false;
	reader->height = v[3];
	json_array_foreach(objects, i, object) if (!read_object(reader, object)) return false;
	if (!all_seen(reader) || !read_edges(reader, json_object_get(root, "edges")))
		return false;
	reader->topology->width = v[2] + 2 * TOPOLOGY_MARGIN;
	reader->topology->height = reader->top + v[3] + TOPOLOGY_MARGIN;
	return true;
}

int topology_graph_place(struct topology *topology, struct topology_graph *graph, const char *json, size_t bytes,
			 int top)
{
	struct reader reader = {.topology = topology,
				.graph = graph,
				.top = top,
				.seen = calloc(2 * topology->n_boxes + 1, sizeof *reader.seen)};
	if (!reader.seen)
		return -ENOMEM;
	json_error_t error = {0};
	json_t *root = json_loadb(json, bytes, 0, &error);
	/* jansson may call short memory an invalid token: what is damaged is so the second time, too. */
	if (!root && error.text[0] != '\0')
		root = json_loadb(json, bytes, 0, &error);
	if (!root && error.text[0] == '\0')
		graph->failed = true;
	graph->placed = root && read_layout(&reader, root);
	json_decref(root);
	free(reader.seen);
	return graph->failed ? -ENOMEM : graph->placed ? 0 : 1;
}
