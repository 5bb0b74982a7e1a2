/* Flow records: what makes security groups stateful. A machine's record of a flow is opened by the packet that a group
 * allowed; later packets of the flow, either way, pass without a look at the rules, so that a rule that changes touches
 * new flows alone (azure: network-security-groups-overview, "flow records").
 *
 * DOC: a record belongs to (machine, its address and port, the far address and port, protocol). It ends four minutes
 * after the last packet, as Azure's do (virtual-network: flow timeout), and nothing needs to happen for it to end:
 * the next look-up finds it due. Expired ones make room when the table would grow. A SYN that opens is for the rules each
 * time; the caller of this module sees to that. */
#ifndef PKTPATH_RULE_RECORD_H
#define PKTPATH_RULE_RECORD_H
#include "base/time.h"
#include "net/tuple.h"
#include <stddef.h>

#define RECORD_IDLE_NS (240 * NS_PER_S)

struct records;
int records_new(struct records **ret); /* 0 or -ENOMEM */
struct records *records_free(struct records *records);

/* `local` is the flow as the machine would send it: its own address and port are src. True where there is a live
 * record: it is used now. */
bool record_use(struct records *records, uint32_t machine, const struct tuple *local, struct instant now);
/* The same without using it. */
bool record_is_live(const struct records *records, uint32_t machine, const struct tuple *local, struct instant now);
/* The same in two steps, for a caller that decides first: a handle, RECORD_NONE where there is no live record; it serves
 * until the next call that opens or forgets one. */
#define RECORD_NONE UINT32_MAX
uint32_t record_find(const struct records *records, uint32_t machine, const struct tuple *local, struct instant now);
void record_touch(struct records *records, uint32_t handle, struct instant now);
/* Opens a record, or uses the one there is. 0 or -ENOMEM. */
int record_open(struct records *records, uint32_t machine, const struct tuple *local, struct instant now);
/* All of a machine's end: it is gone. */
void records_forget(struct records *records, uint32_t machine);
size_t records_n(const struct records *records); /* expired ones that were not removed yet included */
#endif
