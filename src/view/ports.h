/* Ports in use over time, by worker, app or destination: what a run gathers, and the plots that are made of it. */
#ifndef PKTPATH_VIEW_PORTS_H
#define PKTPATH_VIEW_PORTS_H
#include "draw/plot_lines.h"
#include "facade/facade.h"

struct ports;
struct ports *ports_new(struct pp_run *run);
struct ports *ports_free(struct ports *ports);
/* A mapping that ended, or lives at the end. 0 or -ENOMEM. */
int ports_add(struct ports *ports, const struct world_mapping *mapping);
/* A DROP step; others than calls that found no port are passed over. 0 or -ENOMEM. */
int ports_refuse(struct ports *ports, const struct step *step);
/* Once the run is over: the plots, the fullest first, in `arena`; time ends at `end_ns`. 0 or -ENOMEM. */
int ports_plot(struct ports *ports, struct arena *arena, pp_ports_by by, int64_t end_ns, struct plot_lines **ret,
	       size_t *ret_n, size_t *ret_n_left_out);
/* When the last mapping was used, or a call found no port. */
int64_t ports_last_ns(const struct ports *ports);
#endif
