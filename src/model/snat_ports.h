/* Ports that Azure preallocates to each instance behind a VIP, by the size of the pool
 * (load-balancer-outbound-connections-classic, "Ephemeral port preallocation"): up to 50 instances 1024, 100: 512, 200:
 * 256, 400: 128, 800: 64, 1000: 32. */
#ifndef PKTPATH_MODEL_SNAT_PORTS_H
#define PKTPATH_MODEL_SNAT_PORTS_H
#include <stdint.h>

#define AZURE_SNAT_FIRST_TIER 50u /* instances of the first row */
#define AZURE_SNAT_FIRST_PORTS 1024u
#define AZURE_SNAT_LAST_PORTS 32u

/* Each row has twice the instances of the one before and half the ports. */
static inline uint32_t azure_snat_ports(uint32_t n_instances)
{
	uint32_t ports = AZURE_SNAT_FIRST_PORTS;
	for (uint64_t tier = AZURE_SNAT_FIRST_TIER; n_instances > tier && ports > AZURE_SNAT_LAST_PORTS; tier *= 2)
		ports /= 2;
	return ports;
}
#endif
