/* Why a packet was lost: the cause behind the reason, and what helps. Made once, here; explanations, failures, notes of
 * captures, reports and pages take it from here.
 *
 * DOC: a verdict has a reason ("no-mapping"); a reader wants the event behind it: the mapping that was, when and by which
 * timer it ended; who holds the ports of a range that is used up; which route sends an answer another way. Much of that
 * is over when a run ends, so causes are made when a packet is lost, by the first observer of the trail (causes.c),
 * from the network as it is at that instant. Of a connection the cause is kept of the loss that decided its outcome: the
 * latest one before the outcome was known, where chance (a lossy link, a full queue) does not take the place of a
 * decision. Each cause names the keys of the scenario that change it. */
#ifndef PKTPATH_CAUSE_CAUSE_H
#define PKTPATH_CAUSE_CAUSE_H
#include "base/arena.h"
#include "network/world.h"

#define CAUSE_MAX_SETTINGS 6u

struct cause {
	const char *what;  /* one or more sentences: "The mapping ... ended at 240 s: ..." */
	const char *helps; /* what to do, naming keys of the scenario */
	const char
		*settings[CAUSE_MAX_SETTINGS]; /* their paths as --set takes them, or of the map that would have them */
	size_t n_settings;
	/* the packet that was lost, by the number that captures show, and its flow, which may be another one; of health,
	 * which sends none, packet 0 and flow NONE */
	uint64_t packet;
	uint32_t flow, index;
};

struct causes;
/* Observes the trail of a world that has not run yet, ahead of all other observers. 0 or a negative errno. */
int causes_new(struct arena *arena, const struct model *model, struct world *world, struct causes **ret);
struct causes *causes_free(struct causes *causes);
/* A mapping ended. 0 or -ENOMEM. */
int causes_mapping(struct causes *causes, const struct world_mapping *mapping);
/* The run is over: looks for the causes of calls that failed and lost no packet. 0 or -ENOMEM. */
int causes_finish(struct causes *causes);
/* While a DROP step is observed: its cause; NULL where memory is short. *ret_like: the number of an earlier packet of the
 * connection that was lost in the same way; 0 where this is the first. */
const struct cause *causes_of_step(const struct causes *causes, const struct step *step, uint64_t *ret_like);
/* What decided the fate of a connection; NULL where it lost nothing. */
const struct cause *causes_of_connection(const struct causes *causes, uint32_t flow, uint32_t index);
/* Why an environment is not well, of what world_health() found just now: for each need that fails (enum need) the cause
 * of its loss, in one. NULL where memory is short. */
const struct cause *causes_of_health(struct causes *causes, uint32_t failing,
				     const struct world_need_loss losses[N_NEEDS]);
/* The same of a change that the world found (world_health_changes()), by its index; NULL where all is well. */
const struct cause *causes_of_change(const struct causes *causes, size_t change);
/* Of the first packet that found no port at a NAT; NULL where each found one. */
const struct cause *causes_of_exhaustion(const struct causes *causes, uint32_t node);
/* The general words of a reason: never NULL, but for REASON_NONE. */
const char *cause_of_reason(enum reason reason);
const char *cause_help_of_reason(enum reason reason);
/* The keys that a reason names, "network.nsgs" or "flows.*.send", ended by NULL. */
const char *const *cause_settings_of_reason(enum reason reason);
#endif
