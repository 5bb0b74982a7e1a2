/* DOC: pictures of a run. The network can be drawn at any time; a flow is drawn when its run is over, from the packets that
 * were kept of one connection. */
#include "draw/topology_graph.h"
#include "view/drawing.h"
#include "view/ports.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pp_drawing {
	struct pp_run *run;
	struct arena *arena;
	struct kept_packets *kept; /* NULL: the network alone */
	struct found_call call;
	bool ladder, mermaid;
	const bool *in_focus; /* by VNet; NULL: all */
	struct ports *ports;  /* NULL: no picture of them was asked for */
	pp_ports_by by;
	struct topology topology; /* once it was made */
	bool made;
	struct topology_graph graph;
	struct buf text; /* of the graph */
	struct buf out;
};

/* ---- ports over time ---- */

static int watch_mapping(void *context, const struct world_mapping *mapping)
{
	struct pp_drawing *drawing = context;
	return ports_add(drawing->ports, mapping);
}

static int watch_drop(void *context, const struct step *step)
{
	struct pp_drawing *drawing = context;
	return ports_refuse(drawing->ports, step);
}

static int watch_ports(struct pp_drawing *drawing, pp_ports_by by)
{
	struct pp_run *run = drawing->run;
	if (run->begun)
		return -EINVAL;
	drawing->by = by;
	drawing->ports = ports_new(run);
	if (!drawing->ports)
		return -ENOMEM;
	run->watch_mapping = watch_mapping;
	run->watch_context = drawing;
	return trail_observe(world_trail(run->world),
			     (struct trail_observer){.wants = 1u << STEP_DROP, .step = watch_drop, .context = drawing});
}

/* Time ends a while behind the last packet: not where a NAT forgets what was unused for days. */
static int64_t end_of_axis(const struct pp_drawing *drawing)
{
	int64_t end_ns = world_now(drawing->run->world).ns, last_ns = ports_last_ns(drawing->ports);
	int64_t shown_ns = last_ns < INT64_MAX / 4 ? 2 * last_ns + 300 * NS_PER_S : INT64_MAX;
	return end_ns < shown_ns ? end_ns : shown_ns;
}

static int draw_ports(struct pp_drawing *drawing)
{
	static const char *const words[] = {"worker", "app", "destination"};
	struct plot_lines *plots;
	size_t n, n_left_out;
	int r = ports_plot(drawing->ports, drawing->arena, drawing->by, end_of_axis(drawing), &plots, &n, &n_left_out);
	const char *title =
		arena_printf(drawing->arena, "%s: ports in use by %s", drawing->run->model->name, words[drawing->by]);
	if (r == 0 && n_left_out > 0)
		title = arena_printf(drawing->arena, "%s; %zu more used fewer", title, n_left_out);
	if (r == 0 && title)
		plot_lines_picture(plots, n, title, &drawing->out);
	return r == 0 && !title ? -ENOMEM : r;
}

static int open_drawing(struct pp_drawing *drawing, const pp_draw_options *options)
{
	struct pp_run *run = drawing->run;
	int r = 0;
	if (options->focus) {
		r = network_focus(drawing->arena, run->model, options->focus, options->depth, &drawing->in_focus);
		if (r < 0)
			return r;
		if (!drawing->in_focus) {
			const char *nearest = element_nearest(run->model, drawing->arena, options->focus);
			drawing->call.problem =
				arena_printf(drawing->arena, "no virtual network has or joins `%s`", options->focus);
			drawing->call.hint = nearest ? arena_printf(drawing->arena, "did you mean `%s`?", nearest)
						     : "name a virtual network, a machine, an environment or a site";
			return drawing->call.problem ? 1 : -ENOMEM;
		}
	}
	drawing->ladder = options->ladder;
	drawing->mermaid = options->mermaid;
	if (!options->flow && options->ladder) {
		drawing->call.problem = "a ladder is of one flow: of which?";
		drawing->call.hint = facade_nearest_flow(drawing->arena, run, "");
		return 1;
	}
	if (options->ports)
		return watch_ports(drawing, options->by);
	if (!options->flow)
		return 0;
	if (run->begun)
		return -EINVAL;
	r = facade_find_call(drawing->arena, run, options->flow, &drawing->call);
	if (r == 0)
		r = kept_packets_new(run, &drawing->kept);
	return r == 0 ? kept_packets_add(drawing->kept, drawing->call.flow, drawing->call.index) : r;
}

int pp_drawing_new(pp_run *run, const pp_draw_options *options, pp_drawing **ret)
{
	struct pp_drawing *drawing = calloc(1, sizeof *drawing);
	*ret = NULL;
	if (!drawing)
		return -ENOMEM;
	drawing->run = run;
	drawing->arena = arena_new();
	int r = drawing->arena ? open_drawing(drawing, options) : -ENOMEM;
	if (r < 0)
		pp_drawing_free(drawing);
	else
		*ret = drawing;
	return r;
}

const char *pp_drawing_problem(const pp_drawing *drawing)
{
	return drawing->call.problem ? drawing->call.problem : "";
}

const char *pp_drawing_hint(const pp_drawing *drawing)
{
	return drawing->call.hint;
}

static int make_topology(struct pp_drawing *drawing)
{
	struct pp_run *run = drawing->run;
	struct topology *topology = &drawing->topology;
	const struct recorded_call *call =
		drawing->kept ? kept_packets_of(drawing->kept, drawing->call.flow, drawing->call.index) : NULL;
	struct network network;
	bool *wanted = arena_array(drawing->arena, world_n_nodes(run->world), sizeof *wanted);
	*topology = (struct topology){.title = run->model->name};
	if (!wanted)
		return -ENOMEM;
	call_nodes(call, wanted);
	int r = network_draw(&network, drawing->arena, run, wanted, drawing->in_focus);
	topology->boxes = network.boxes;
	topology->n_boxes = network.n;
	topology->joins = network.joins;
	topology->n_joins = network.n_joins;
	topology->row_width = network.limits->row_width;
	if (r == 0 && call) {
		topology->subtitle = call_subtitle(drawing->arena, run, call->flow, call->index);
		r = topology->subtitle ? call_verdict(drawing->arena, run, call->flow, call->index, &topology->verdict)
				       : -ENOMEM;
		r = r < 0 ? r : call_legs(drawing->arena, run, &network, call, topology);
	}
	drawing->made = r == 0;
	return r;
}

static int draw_network(struct pp_drawing *drawing)
{
	int r = drawing->made ? 0 : make_topology(drawing);
	if (r < 0)
		return r;
	drawing->topology.graph = drawing->graph.placed ? &drawing->graph : NULL;
	if (drawing->mermaid)
		topology_mermaid(&drawing->topology, &drawing->out);
	else
		topology_svg(&drawing->topology, false, &drawing->out);
	return 0;
}

static int draw_ladder(struct pp_drawing *drawing)
{
	struct ladder ladder;
	int r = call_ladder(drawing->arena, drawing->run,
			    kept_packets_of(drawing->kept, drawing->call.flow, drawing->call.index), &ladder);
	if (r < 0)
		return r;
	if (!drawing->mermaid)
		return ladder_svg(&ladder, false, &drawing->out);
	ladder_mermaid(&ladder, &drawing->out);
	return 0;
}

int pp_drawing_finish(pp_drawing *drawing, const char **ret_text, size_t *ret_bytes)
{
	if ((drawing->kept && !drawing->run->over) || (drawing->ports && !drawing->run->finished))
		return -EINVAL;
	buf_clear(&drawing->out);
	int r = drawing->ports ? draw_ports(drawing) : drawing->ladder ? draw_ladder(drawing) : draw_network(drawing);
	if (r < 0)
		return r;
	*ret_text = buf_text(&drawing->out);
	*ret_bytes = drawing->out.size_bytes;
	return buf_failed(&drawing->out) ? -ENOMEM : 0;
}

/* ---- laid out elsewhere ---- */

int pp_drawing_graph(pp_drawing *drawing, const char **ret_text, size_t *ret_bytes)
{
	if (drawing->ladder || drawing->mermaid || drawing->ports || (drawing->kept && !drawing->run->over))
		return -EINVAL;
	topology_graph_free(&drawing->graph);
	buf_clear(&drawing->text);
	int r = drawing->made ? 0 : make_topology(drawing);
	r = r < 0 ? r : topology_graph(&drawing->topology, &drawing->graph, &drawing->text);
	if (r < 0)
		return r;
	*ret_text = buf_text(&drawing->text);
	*ret_bytes = drawing->text.size_bytes;
	return buf_failed(&drawing->text) ? -ENOMEM : 0;
}

int pp_drawing_place(pp_drawing *drawing, const char *layout, size_t bytes)
{
	if (drawing->text.size_bytes == 0)
		return -EINVAL;
	return topology_graph_place(&drawing->topology, &drawing->graph, layout, bytes,
				    topology_top(&drawing->topology, false));
}

void pp_drawing_free(pp_drawing *drawing)
{
	if (!drawing)
		return;
	topology_graph_free(&drawing->graph);
	buf_free(&drawing->text);
	kept_packets_free(drawing->kept);
	if (drawing->ports)
		drawing->run->watch_mapping = NULL;
	ports_free(drawing->ports);
	buf_free(&drawing->out);
	arena_free(drawing->arena);
	free(drawing);
}
