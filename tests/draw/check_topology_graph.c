/* A network as a graph for dot: what is joined to what, and layouts that are taken or refused as a whole. That dot
 * itself takes the graph is seen in tests/cli/draw.sh. */
#include "draw/topology_graph.h"
#include "suite.h"
#include <string.h>

static struct topology_box boxes[8];
static struct topology made;
static struct topology_graph graph;
static struct buf out;

static uint32_t add(enum topology_kind kind, uint32_t parent, const char *name)
{
	boxes[made.n_boxes] = (struct topology_box){
		.kind = kind, .parent = parent, .beside = TOPOLOGY_NONE, .joins = TOPOLOGY_NONE, .name = name};
	return (uint32_t)made.n_boxes++;
}

/* 0 a site, 1 its NAT, 2 a laptop; 3 the Internet, 4 a host. */
static void setup(void)
{
	made = (struct topology){.title = "made", .boxes = boxes};
	uint32_t home = add(TOPOLOGY_HOME, TOPOLOGY_NONE, "a \"home\"");
	add(TOPOLOGY_ADDRESS, home, "home/nat");
	add(TOPOLOGY_CHIP, home, "laptop");
	uint32_t internet = add(TOPOLOGY_INTERNET, TOPOLOGY_NONE, "Internet");
	add(TOPOLOGY_CHIP, internet, "api");
	ck_assert_int_eq(topology_graph(&made, &graph, &out), 0);
}

static void teardown(void)
{
	topology_graph_free(&graph);
	buf_free(&out);
}

static bool has(const char *text)
{
	return strstr(buf_text(&out), text);
}

START_TEST(test_the_graph)
{
	ck_assert(has("subgraph cluster_0 {"));
	ck_assert(has("b1 -> h3 [id=l0]"));             /* the NAT to the Internet */
	ck_assert(has("b2 -> b1 [id=l1 style=invis]")); /* the laptop stands behind it */
	ck_assert(has("h3 -> b4 [id=l2]"));
	ck_assert(!has("home") && !has("Internet") && !has("api")); /* no names, so nothing to quote */
	ck_assert_uint_eq(graph.n_links, 3);
}
END_TEST

#define CLUSTERS "{\"name\":\"cluster_0\",\"bb\":\"8,8,208,92\"},{\"name\":\"cluster_3\",\"bb\":\"220,8,400,92\"},"
#define NODES                                                                                                          \
	"{\"name\":\"b1\",\"pos\":\"150,40.6\"},{\"name\":\"b2\",\"pos\":\"60,40\"},{\"name\":\"h3\",\"pos\":\"250,"   \
	"40\"},"
#define EDGE(id, pos) "{\"id\":\"" id "\",\"pos\":\"" pos "\"}"
#define EDGES                                                                                                          \
	EDGE("l1", "1,2 3,4 5,6 7,8.5")                                                                                \
	"," EDGE("l0", "e,9,9 1,2 3,4 5,6 7,8") "," EDGE("l2", "1,2 3,4 5,6 7,8 9,10 11,12 13,14")
#define LAYOUT(objects, edges) "{\"bb\":\"0,0,408,100\",\"objects\":[" objects "],\"edges\":[" edges "]}"

static int place(const char *json)
{
	return topology_graph_place(&made, &graph, json, strlen(json), 50);
}

START_TEST(test_a_layout_is_taken)
{
	ck_assert_int_eq(place(LAYOUT(CLUSTERS NODES "{\"name\":\"b4\",\"pos\":\"340,40\"}", EDGES)), 0);
	ck_assert(graph.placed);
	ck_assert_int_eq(made.width, 408 + 2 * TOPOLOGY_MARGIN);
	ck_assert_int_eq(made.height, 50 + 100 + TOPOLOGY_MARGIN);
	ck_assert_int_eq(boxes[0].x, 8 + TOPOLOGY_MARGIN);
	ck_assert_int_eq(boxes[0].y, 50 + 100 - 92); /* its upper edge */
	ck_assert_int_eq(boxes[0].height, 84);
	ck_assert_int_eq(boxes[1].x, 150 + TOPOLOGY_MARGIN - boxes[1].width / 2);
	ck_assert_int_eq(graph.hubs[3].y, 50 + 100 - 40);
	ck_assert_uint_eq(graph.links[0].n_points, 4); /* where an arrow would point is none of them */
	ck_assert_uint_eq(graph.links[2].n_points, 7);
	made.graph = &graph;
	buf_clear(&out);
	topology_svg(&made, false, &out);
	ck_assert(has("class=\"wire\" d=\"M21 148C23 146 25 144 27 142\""));
	ck_assert(has(">laptop</text>"));
	ck_assert(!has("class=\"internet-rail\" x=")); /* hubs instead */
}
END_TEST

START_TEST(test_what_is_no_layout_of_it_is_refused)
{
	static const char *const layouts[] = {
		"",
		"[]",
		"{",
		"{\"bb\":\"0,0,1\"}",
		LAYOUT("", ""),
		LAYOUT(CLUSTERS NODES "{\"name\":\"b7\",\"pos\":\"340,40\"}", EDGES), /* no such box */
		LAYOUT(CLUSTERS "{\"name\":\"b4\",\"pos\":\"340,40\"}", EDGES),       /* not all */
		LAYOUT(CLUSTERS NODES "{\"name\":\"b4\",\"pos\":\"340\"}", EDGES),
		LAYOUT(CLUSTERS NODES "{\"name\":\"b4\",\"pos\":\"999999999999,40\"}", EDGES),
		LAYOUT(CLUSTERS NODES "{\"name\":\"b4\",\"pos\":\"nan,40\"}", EDGES),
		LAYOUT(CLUSTERS NODES "{\"name\":\"b4\",\"pos\":\"340,40\"}", EDGE("l0", "1,2 3,4 5,6 7,8")),
		LAYOUT(CLUSTERS NODES "{\"name\":\"b4\",\"pos\":\"340,40\"}", EDGES "," EDGE("l3", "1,2 3,4 5,6 7,8")),
		LAYOUT(CLUSTERS NODES "{\"name\":\"b4\",\"pos\":\"340,40\"}",
		       EDGE("l0", "1,2") "," EDGE("l1", "1,2 3,4 5,6 7,8") "," EDGE("l2", "1,2 3,4 5,6 7,8")),
	};
	for (size_t i = 0; i < N(layouts); i++) {
		ck_assert_msg(place(layouts[i]) == 1, "%zu: %s", i, layouts[i]);
		ck_assert(!graph.placed);
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("draw/topology_graph", &tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_the_graph);
	tcase_add_test(tcase, test_a_layout_is_taken);
	tcase_add_test(tcase, test_what_is_no_layout_of_it_is_refused);
	return suite_run(suite);
}
