/* What the two files of pktpath-extcap share. */
#ifndef PKTPATH_CLI_EXTCAP_H
#define PKTPATH_CLI_EXTCAP_H
#include "cli/cli.h"

#define EXTCAP_PROGRAM "pktpath-extcap"
#define EXTCAP_EVERY_FLOW "*" /* no flow can be called so */
struct extcap_options { /* NULL: not given, or empty, which is what a field of a dialogue is that is not filled in */
	const char *interface, *reload, *fifo, *filter;
	const char *scenario, *flow, *at;
	uint64_t pace_milli;
	struct overrides overrides;
};

int extcap_wrong(const char *problem, const char *hint); /* STATUS_USAGE; the hint may be NULL */
/* Says what is wrong, and nothing where all is well: Wireshark shows whatever comes as an error. A status. */
int extcap_load(const struct extcap_options *options, pp_scenario **ret);
/* Runs the scenario into the FIFO. A status. */
int extcap_capture(const struct extcap_options *options);
#endif
