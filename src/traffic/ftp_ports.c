/* DOC: a server gives each data connection a port of its own and takes it back when the transfer is over. The front
 * ends of an environment share the ports that its VIP passes on, 10001 to 10020; any other machine has 40000 to 40999,
 * below the ports that its own calls come from.
 *
 * Ports are given out in turn, so that one is used again as late as can be. Where all are in use, one whose session has
 * been silent for as long as a caller would wait is taken for abandoned: its caller went away and its reset never came. */
#include "traffic/ftp_ports.h"
#include "host/ftp.h"
#include "model/defaults.h"

#define HOST_FIRST 40000u
#define HOST_LAST 40999u
#define ABANDONED_NS (240 * NS_PER_S)

struct holding {
	bool held;
	uint32_t holder;
	struct instant touched;
};

struct ftp_ports {
	uint16_t first;
	uint32_t n, next;
	struct holding *holding;
};

static struct ftp_ports *new_ports(struct world *world, const struct machine *machine)
{
	bool is_vip = machine->kind == ELEMENT_FRONT_END;
	struct ftp_ports *ports = arena_alloc(world->arena, sizeof *ports);
	if (!ports)
		return NULL;
	ports->first = is_vip ? DEFAULT_PASSIVE_FIRST : HOST_FIRST;
	ports->n = (is_vip ? DEFAULT_PASSIVE_LAST : HOST_LAST) - ports->first + 1u;
	ports->holding = arena_array(world->arena, ports->n, sizeof *ports->holding);
	if (!ports->holding)
		return NULL;
	/* A port on which the machine listens for something else is not given out. */
	for (uint32_t i = 0; !is_vip && i < ports->n; i++)
		if (machine_listens(world, machine, (uint16_t)(ports->first + i), PROTO_TCP))
			ports->holding[i] = (struct holding){.held = true, .holder = NONE, .touched = INSTANT_NEVER};
	return ports;
}

struct ftp_ports *ftp_ports_of(struct world *world, uint32_t index)
{
	const struct machine *machine = &world->machines[index];
	if (!world->ftp_ports)
		world->ftp_ports =
			arena_array(world->arena, world->n_machines + world->model->n_ases, sizeof *world->ftp_ports);
	if (!world->ftp_ports)
		return NULL;
	struct ftp_ports **ports =
		&world->ftp_ports[machine->kind == ELEMENT_FRONT_END ? world->n_machines + machine->owner : index];
	if (!*ports)
		*ports = new_ports(world, machine);
	return *ports;
}

static bool is_abandoned(const struct holding *holding, struct instant now)
{
	return instant_before(holding->touched, now) && instant_since(now, holding->touched) >= ABANDONED_NS;
}

uint16_t ftp_ports_take(struct ftp_ports *ports, uint32_t holder, struct instant now)
{
	uint32_t chosen = NONE;
	for (uint32_t i = 0; i < ports->n && chosen == NONE; i++)
		if (!ports->holding[(ports->next + i) % ports->n].held)
			chosen = (ports->next + i) % ports->n;
	for (uint32_t i = 0; i < ports->n && chosen == NONE; i++)
		if (is_abandoned(&ports->holding[(ports->next + i) % ports->n], now))
			chosen = (ports->next + i) % ports->n;
	if (chosen == NONE)
		return 0;
	ports->holding[chosen] = (struct holding){true, holder, now};
	ports->next = (chosen + 1) % ports->n;
	return (uint16_t)(ports->first + chosen);
}

void ftp_ports_touch(struct ftp_ports *ports, uint32_t holder, uint16_t port, struct instant now)
{
	struct holding *holding = &ports->holding[port - ports->first];
	if (holding->held && holding->holder == holder)
		holding->touched = now;
}

void ftp_ports_give_back(struct ftp_ports *ports, uint32_t holder, uint16_t port)
{
	struct holding *holding = &ports->holding[port - ports->first];
	if (holding->held && holding->holder == holder)
		holding->held = false;
}
