/* What load balancers have in a world, an environment's VIP and the frontends of load balancers alike: rules, machines,
 * and what probes say of these. For network/balance*.c and vip.c. */
#ifndef PKTPATH_NETWORK_BALANCE_H
#define PKTPATH_NETWORK_BALANCE_H
#include "network/drive.h"

/* A machine behind a rule. */
struct backend {
	uint32_t machine;
	bool answers;         /* what a probe finds since the network changed last */
	bool is_in;           /* at `synced` */
	uint32_t n_run;       /* probes in a row that found otherwise, at `synced` */
	struct instant since; /* when `is_in` turned last; NEVER: it has been so from the beginning */
};

struct balancing {
	const char *name;                           /* as the trail names it */
	bool all_ports, floating, resets, by_power; /* by_power: what is stopped is out at once, without a probe */
	uint8_t proto;
	uint16_t port, to;
	enum balancer_affinity affinity;
	uint32_t lane; /* of the flows */
	struct backend *backends;
	uint32_t n_backends;
	int64_t every_ns; /* 0: no probe */
	uint32_t count;
	uint16_t probe_port;
	struct instant synced;  /* probes before it are counted in backends[] */
	struct instant all_out; /* the last instant before `synced` at which all were out; NEVER: none */
	struct place place;
};

struct balance {
	struct balancing *rules;
	uint32_t n_rules;
	bool is_internal, is_standard;
	uint64_t seed;        /* of the choice of a machine; an environment's has none */
	struct instant armed; /* of the one event for flows whose ends are reset */
};

/* That a machine stands behind a rule. */
struct membership {
	uint32_t machine, translator, rule;
};

/* ---- balance_build.c ---- */
int balance_build_vip(struct world *world, uint32_t translator);
int balance_build(struct world *world); /* of load balancers, once all elements are there */

/* ---- balance_probe.c ---- */
bool balance_is_in(const struct world *world, const struct balancing *rule, uint32_t backend);
/* When that turned last; NEVER: it has been so from the beginning. */
struct instant balance_since(const struct world *world, const struct balancing *rule, uint32_t backend);
/* What a probe of this machine would meet now. */
void balance_probe_fate(const struct world *world, const struct balancing *rule, uint32_t machine,
			struct world_fate *ret);
/* Whether a flow that this machine has, used last at that instant, is still there. */
bool balance_keeps(const struct world *world, const struct balance *balance, const struct balancing *rule,
		   const struct balanced_flow *flow);

/* ---- balance_choice.c ---- */
/* The rule for what arrives with this tuple; NULL. */
const struct balancing *balance_rule(const struct world *world, const struct translator *translator,
				     const struct tuple *arriving);
/* Under what a flow is known: what arrives, or of an HA-ports rule that packets pass through both ways one order. */
struct tuple balance_key(const struct translator *translator, const struct tuple *arriving);
/* The machine for a new flow; NONE where no machine is in. */
uint32_t balance_choose(const struct world *world, const struct translator *translator, const struct balancing *rule,
			const struct tuple *arriving);
/* The answer of a machine, or an error about its connection, that belongs to a flow of a frontend. */
struct balanced_answer {
	uint32_t translator;
	const struct balancing *rule;
	struct tuple key;
	bool is_error;
	be16 port; /* of the frontend */
};
bool balance_find_answer(const struct ask *ask, const struct machine *machine, struct balanced_answer *ret);

/* ---- balance_reset.c ---- */
void balance_arm(struct world *world, struct translator *translator);
#endif
