/* The wires to a device under test: libnet puts frames on them, libpcap takes what comes.
 *
 * DOC: to the device this program is the whole network on either side: it answers ARP for every address but the
 * device's own. A frame that comes out is known to be the one that went in by what NATs leave alone: protocol, length,
 * identification (azure-facts: "NAT leaves IP id alone"); whatever else the device says meanwhile is passed over. */
#include "cli/cli.h"
#include "cli/dut.h"
#include <errno.h>
#include <libnet.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAC_BYTES 6
#define ETHERNET_BYTES 14
#define ARP_FRAME_BYTES 42
#define ARP_TRIES 5
#define ARP_WAIT_MS 300
#define SNAPLEN 65535

struct side {
	const char *name;
	uint32_t device_addr;
	libnet_t *net;
	pcap_t *pcap;
	uint8_t own_mac[MAC_BYTES], device_mac[MAC_BYTES];
	bool found; /* device_mac is known */
};

struct dut {
	struct side sides[2]; /* inside, outside */
	struct dut_options options;
	int64_t began_ns; /* of the real clock: virtual time 0 */
};

struct expected {            /* what is waited for */
	const uint8_t *sent; /* the frame that went in */
	size_t sent_bytes;
	bool any_id;
	uint8_t *ret;
	size_t size_bytes, *ret_bytes;
	bool came;
};

/* ---- numbers in frames ---- */

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static int64_t real_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- ARP (RFC 826) ---- */

static int put_on_wire(struct side *side, const uint8_t *frame, size_t n)
{
	if (libnet_adv_write_link(side->net, frame, (uint32_t)n) == (int)n)
		return 0;
	fprintf(stderr, "pktpath dut: cannot send on %s: %s\n", side->name, libnet_geterror(side->net));
	return -EIO;
}

static int send_arp(struct side *side, uint8_t operation, const uint8_t *to_mac, uint32_t from_addr, uint32_t to_addr)
{
	uint8_t frame[ARP_FRAME_BYTES] = {0};
	static const uint8_t header[] = {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0};
	memcpy(frame, to_mac, MAC_BYTES);
	memcpy(frame + MAC_BYTES, side->own_mac, MAC_BYTES);
	memcpy(frame + 12, header, sizeof header);
	frame[21] = operation;
	memcpy(frame + 22, side->own_mac, MAC_BYTES);
	put32(frame + 28, from_addr);
	if (operation == 2)
		memcpy(frame + 32, to_mac, MAC_BYTES);
	put32(frame + 38, to_addr);
	return put_on_wire(side, frame, sizeof frame);
}

static int take_arp(struct side *side, const uint8_t *frame, size_t n)
{
	if (n < ARP_FRAME_BYTES)
		return 0;
	uint32_t sender = get32(frame + 28), target = get32(frame + 38);
	if (sender == side->device_addr && memcmp(frame + 22, side->own_mac, MAC_BYTES) != 0) {
		memcpy(side->device_mac, frame + 22, MAC_BYTES);
		side->found = true;
	}
	if (get16(frame + 20) != 1 || target == sender || target == side->device_addr)
		return 0;
	return send_arp(side, 2, frame + 22, target, sender);
}

/* ---- frames that come ---- */

static bool is_expected(const struct expected *expected, const uint8_t *frame, size_t n)
{
	const uint8_t *sent = expected->sent;
	if (n < ETHERNET_BYTES + 20 || get16(frame + 12) != 0x0800 || frame[23] != sent[23] ||
	    get16(frame + 16) != get16(sent + 16))
		return false;
	return expected->any_id || get16(frame + 18) == get16(sent + 18);
}

static void take_expected(struct expected *expected, const uint8_t *frame, size_t n)
{
	size_t whole = ETHERNET_BYTES + get16(frame + 16); /* Ethernet may have padded */
	n = whole < n ? whole : n;
	if (n > expected->size_bytes)
		return;
	memcpy(expected->ret, frame, n);
	*expected->ret_bytes = n;
	expected->came = true;
}

/* All that has come on this side; `expected` may be NULL. 0 or negative errno. */
static int take_all(struct side *side, struct expected *expected)
{
	struct pcap_pkthdr *header;
	const u_char *frame;
	int r, next;
	while ((next = pcap_next_ex(side->pcap, &header, &frame)) == 1) {
		if (header->caplen < ETHERNET_BYTES || memcmp(frame + MAC_BYTES, side->own_mac, MAC_BYTES) == 0)
			continue; /* our own */
		if (get16(frame + 12) == 0x0806) {
			r = take_arp(side, frame, header->caplen);
			if (r < 0)
				return r;
		} else if (expected && !expected->came && is_expected(expected, frame, header->caplen)) {
			take_expected(expected, frame, header->caplen);
		}
	}
	if (next >= 0)
		return 0;
	fprintf(stderr, "pktpath dut: %s: %s\n", side->name, pcap_geterr(side->pcap));
	return -EIO;
}

/* Until it came, the device is found (`until_found`), or time is over. */
static int wait_for(struct dut *dut, struct side *side, struct expected *expected, const bool *until_found,
		    unsigned wait_ms)
{
	int64_t deadline_ns = real_ns() + (int64_t)wait_ms * 1000000;
	for (;;) {
		for (int i = 0; i < 2; i++) {
			int r = take_all(&dut->sides[i], &dut->sides[i] == side ? expected : NULL);
			if (r < 0)
				return r;
		}
		if ((expected && expected->came) || (until_found && *until_found))
			return 1;
		int64_t left_ns = deadline_ns - real_ns();
		if (left_ns <= 0 || signals_caught())
			return signals_caught() ? -EINTR : 0;
		struct pollfd polled[2] = {{pcap_get_selectable_fd(dut->sides[0].pcap), POLLIN, 0},
					   {pcap_get_selectable_fd(dut->sides[1].pcap), POLLIN, 0}};
		if (poll(polled, 2, (int)(left_ns / 1000000) + 1) < 0 && errno != EINTR)
			return -errno;
	}
}

/* ---- interfaces ---- */

static int refuse(const char *interface, const char *problem, int error)
{
	fprintf(stderr, "pktpath dut: %s: %s\n", interface, problem);
	if (error == PCAP_ERROR_PERM_DENIED)
		fputs("hint: sending and capturing need CAP_NET_RAW: run it as root, or in a network namespace of your "
		      "own\n",
		      stderr);
	else if (error == PCAP_ERROR_NO_SUCH_DEVICE)
		fputs("hint: ip link lists the interfaces\n", stderr);
	else if (error == PCAP_ERROR_IFACE_NOT_UP)
		fprintf(stderr, "hint: ip link set %s up\n", interface);
	return error == PCAP_ERROR_NO_SUCH_DEVICE ? STATUS_USAGE : STATUS_SYSTEM;
}

static int open_capture(struct side *side)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	side->pcap = pcap_create(side->name, error);
	if (!side->pcap)
		return refuse(side->name, error, 0);
	(void)pcap_set_snaplen(side->pcap, SNAPLEN);
	(void)pcap_set_promisc(side->pcap, 1);
	(void)pcap_set_immediate_mode(side->pcap, 1);
	(void)pcap_set_timeout(side->pcap, 1);
	int r = pcap_activate(side->pcap);
	if (r < 0)
		return refuse(side->name, *pcap_geterr(side->pcap) ? pcap_geterr(side->pcap) : pcap_statustostr(r), r);
	if (pcap_datalink(side->pcap) != DLT_EN10MB)
		return refuse(side->name, "it is no Ethernet interface", 0);
	if (pcap_setnonblock(side->pcap, 1, error) < 0)
		return refuse(side->name, error, 0);
	return STATUS_OK;
}

static int open_side(struct side *side)
{
	char error[LIBNET_ERRBUF_SIZE] = "";
	int status = open_capture(side);
	if (status != STATUS_OK)
		return status;
	side->net = libnet_init(LIBNET_LINK_ADV, side->name, error);
	const struct libnet_ether_addr *mac = side->net ? libnet_get_hwaddr(side->net) : NULL;
	if (!mac)
		return refuse(side->name, side->net ? libnet_geterror(side->net) : error, 0);
	memcpy(side->own_mac, mac->ether_addr_octet, MAC_BYTES);
	return STATUS_OK;
}

/* An ARP probe (RFC 5227): it asks without claiming an address. */
static int find_device(struct dut *dut, struct side *side, const char *which)
{
	static const uint8_t broadcast[MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	char text[PP_ADDR_TEXT_BYTES];
	for (int i = 0; i < ARP_TRIES && !side->found; i++)
		if (send_arp(side, 1, broadcast, 0, side->device_addr) < 0 ||
		    wait_for(dut, side, NULL, &side->found, ARP_WAIT_MS) < 0)
			return STATUS_SYSTEM;
	if (side->found)
		return STATUS_OK;
	fprintf(stderr,
		"pktpath dut: on %s no machine answers for %s\nhint: --%s-address gives the device's address on this "
		"side\n",
		side->name, pp_addr_print(dut->options.addresses[side - dut->sides], text), which);
	return STATUS_SYSTEM;
}

int dut_open(const struct dut_options *options, struct dut **ret)
{
	static const char *const which[2] = {"inside", "outside"};
	struct dut *dut = calloc(1, sizeof *dut);
	*ret = dut;
	if (!dut)
		return STATUS_SYSTEM;
	dut->options = *options;
	int status = STATUS_OK;
	for (int i = 0; i < 2 && status == STATUS_OK; i++) {
		dut->sides[i].name = options->interfaces[i];
		dut->sides[i].device_addr = get32(options->addresses[i].bytes);
		status = open_side(&dut->sides[i]);
	}
	for (int i = 0; i < 2 && status == STATUS_OK; i++)
		status = find_device(dut, &dut->sides[i], which[i]);
	dut->began_ns = real_ns();
	return status;
}

void dut_close(struct dut *dut)
{
	for (int i = 0; dut && i < 2; i++) {
		if (dut->sides[i].pcap)
			pcap_close(dut->sides[i].pcap);
		if (dut->sides[i].net)
			libnet_destroy(dut->sides[i].net);
	}
	free(dut);
}

static int keep_pace(struct dut *dut, int64_t time_ns)
{
	int64_t left_ns = dut->began_ns + time_ns - real_ns();
	if (!dut->options.pace || left_ns <= 0)
		return 0;
	int r = wait_for(dut, NULL, NULL, NULL, (unsigned)(left_ns / 1000000));
	return r < 0 ? r : 0;
}

int dut_pass(struct dut *dut, bool outbound, int64_t time_ns, const uint8_t *frame, size_t frame_bytes, uint8_t *ret,
	     size_t size_bytes, size_t *ret_bytes)
{
	struct side *from = &dut->sides[outbound ? 0 : 1], *to = &dut->sides[outbound ? 1 : 0];
	uint8_t *sent = malloc(frame_bytes);
	if (!sent)
		return -ENOMEM;
	memcpy(sent, frame, frame_bytes);
	memcpy(sent, from->device_mac, MAC_BYTES);
	memcpy(sent + MAC_BYTES, from->own_mac, MAC_BYTES);
	struct expected expected = {.sent = sent,
				    .sent_bytes = frame_bytes,
				    .any_id = dut->options.any_id,
				    .ret = ret,
				    .size_bytes = size_bytes,
				    .ret_bytes = ret_bytes};
	int r = keep_pace(dut, time_ns);
	if (r == 0)
		r = wait_for(dut, NULL, NULL, NULL, 0); /* what came late is nothing to this frame */
	if (r == 0)
		r = put_on_wire(from, sent, frame_bytes);
	if (r == 0)
		r = wait_for(dut, to, &expected, NULL, dut->options.wait_ms);
	free(sent);
	return r < 0 ? r : expected.came;
}
