/* Flow logs as Azure writes them: of each security group (version 2), and of each virtual network (version 4). An
 * observer of the trail. */
#ifndef PKTPATH_OUT_FLOW_LOG_H
#define PKTPATH_OUT_FLOW_LOG_H
#include "net/addr.h"
#include "out/writer.h"
#include "sim/trail.h"

#define FLOW_LOG_GROUPS_FILE "flow-log-nsg.json"
#define FLOW_LOG_NETWORKS_FILE "flow-log-vnet.json"

struct flow_log_node {
	const char *vnet; /* NULL: it is in none, and is in no log */
	be32 addr;
	bool guarded; /* a group is asked for its packets */
};

struct flow_log_config {
	const char *scenario;
	int64_t start_unix_ns;
	const struct flow_log_node *nodes; /* by node; they outlive the observer, as names do */
	uint32_t n_nodes;
};

struct flow_log;
/* 0 or -ENOMEM. */
int flow_log_new(const struct flow_log_config *config, struct flow_log **ret);
struct trail_observer flow_log_observer(struct flow_log *log);
/* Writes both files. 0, -ENOMEM, or what the output gave. */
int flow_log_finish(struct flow_log *log, struct output *output);
struct flow_log *flow_log_free(struct flow_log *log);
#endif
