/* A device under test: a real NAT between two interfaces. */
#ifndef PKTPATH_CLI_DUT_H
#define PKTPATH_CLI_DUT_H
#include <pktpath/tools.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dut_options {
	const char *interfaces[2]; /* inside, outside */
	pp_addr addresses[2];      /* the device's own, of IPv4 */
	unsigned wait_ms;
	bool pace;
	bool any_id; /* the device may change the IP identification, by which its answers are known otherwise */
};

struct dut;
/* Opens both interfaces and finds the device at each, by ARP. A status; said. */
int dut_open(const struct dut_options *options, struct dut **ret);
void dut_close(struct dut *dut);
/* As pp_device: one frame in at one side, what comes out at the other. `time_ns`: virtual time, for --pace. */
int dut_pass(struct dut *dut, bool outbound, int64_t time_ns, const uint8_t *frame, size_t frame_bytes, uint8_t *ret,
	     size_t size_bytes, size_t *ret_bytes);
#endif
