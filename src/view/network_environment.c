/* DOC: an environment: its apps in small print, its front ends and workers in rows. Instances that the timeline adds
 * later have a broken line; where it moves an app, a line says from when on. */
#include "base/units.h"
#include "view/drawing.h"
#include <inttypes.h>

#define CHANGES 3 /* of one thing, that are listed */

static const char *workers(struct network *network, const uint32_t *on, size_t n)
{
	struct buf text = {0};
	for (size_t i = 0; i < n && i < 6; i++)
		buf_printf(&text, "%sworker-%" PRIu32, i > 0 ? ", " : "", on[i]);
	if (n > 6)
		buf_printf(&text, " and %zu more", n - 6);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(network->arena, buf_text(&text));
	buf_free(&text);
	return network_text(network, made);
}

static void add_moves(struct network *network, uint32_t box, uint32_t app)
{
	unsigned reported = 0;
	for (size_t i = 0; i < network->model->n_events; i++) {
		const struct event_config *event = &network->model->events[i];
		char at[UNITS_TEXT_BYTES];
		if (event->kind == EVENT_MOVE && event->app == app && reported++ < CHANGES)
			network_line(network, box, "from %s on %s runs on %s", units_print_duration(event->at_ns, at),
				     network->model->apps[app].name, workers(network, event->on, event->n_on));
	}
	if (reported > CHANGES)
		network_line(network, box, "and moves %u times more", reported - CHANGES);
}

static void add_instance(struct network *network, uint32_t parent, uint32_t ase, bool front, uint32_t number)
{
	const struct ase_config *config = &network->model->ases[ase];
	const char *name = network_text(
		network, arena_printf(network->arena, "%s-%" PRIu32, front ? "front-end" : "worker", number));
	be32 addr = config->addresses[front ? number : config->front_ends + number];
	uint32_t box = network_add(network, TOPOLOGY_CHIP, parent, name, network_addr(network, addr));
	uint32_t node =
		front ? element_front_end(network->model, ase, number) : element_worker(network->model, ase, number);
	network_is_node(network, box, node);
	network_hover(network, box, "%s", element_at(network->model, node)->description);
	if (!front && number >= config->workers && !network->failed) {
		network->boxes[box].later = true;
		network_hover(network, box, "not there at the start: the timeline adds it");
	}
}

static void add_instances(struct network *network, uint32_t parent, uint32_t ase, bool front)
{
	const struct ase_config *config = &network->model->ases[ase];
	uint32_t n = front ? config->front_ends : config->max_workers, n_left = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (i < network->limits->instances ||
		    network_wants(network, front ? element_front_end(network->model, ase, i)
						 : element_worker(network->model, ase, i)))
			add_instance(network, parent, ase, front, i);
		else
			n_left++;
	}
	network_add_more(network, parent, n_left, front ? "front ends" : "workers");
}

uint32_t network_add_environment(struct network *network, uint32_t parent, uint32_t ase)
{
	const struct ase_config *config = &network->model->ases[ase];
	uint32_t box = network_add(network, TOPOLOGY_ENVIRONMENT, parent, config->name, "environment");
	for (uint32_t i = 0; i < config->n_apps && i < 6; i++) {
		const struct app_config *app = &network->model->apps[config->app_first + i];
		network_line(network, box, "app %s on %s, %s", app->name,
			     app->on_all ? "all workers" : workers(network, app->on, app->n_on),
			     network_services(network, app->listen, app->n_listen));
		add_moves(network, box, config->app_first + i);
		network_hover(network, box, "app %s is known as %s", app->name, app->dns);
	}
	if (config->n_apps > 6)
		network_line(network, box, "and %" PRIu32 " more apps", config->n_apps - 6);
	add_instances(network, box, ase, true);
	add_instances(network, box, ase, false);
	return box;
}

bool network_wants_environment(const struct network *network, uint32_t ase)
{
	const struct ase_config *config = &network->model->ases[ase];
	bool wanted = network_wants(network, network->model->elements->vip[ase]);
	for (uint32_t i = 0; i < config->front_ends && !wanted; i++)
		wanted = network_wants(network, element_front_end(network->model, ase, i));
	for (uint32_t i = 0; i < config->max_workers && !wanted; i++)
		wanted = network_wants(network, element_worker(network->model, ase, i));
	return wanted;
}
