/* pcap-filter expressions on packets that were never on a wire.
 *
 * DOC: libpcap compiles an expression for a dead Ethernet handle into a BPF program, and its interpreter runs the
 * program on the bytes that a capture would have held. libpcap would look up host and network names in the real world's
 * DNS, ports and protocols in files of the machine; a simulation has no business there, and the answer would differ
 * from machine to machine. So names of hosts and networks are refused before libpcap sees them, and those of ports and
 * protocols become numbers by a table of ours (filter_names.h). */
#include "out/filter.h"
#include "base/buf.h"
#include "out/filter_names.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPLEN 262144
#define FRAME_MAX_BYTES (14 + 65535) /* Ethernet and the longest IPv4 packet */
_Static_assert(PCAP_ERRBUF_SIZE == 256, "as filter.h promises");

struct filter {
	struct bpf_program program;
};

/* ---- names ---- */

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || strchr("._-:\\/", c);
}

/* The next word, or a single other character; no bytes at the end. */
static struct filter_word next_word(const char **at)
{
	while (isspace((unsigned char)**at))
		(*at)++;
	struct filter_word word = {*at, 0};
	while (word.text[word.bytes] != '\0' && is_word_char(word.text[word.bytes]))
		word.bytes++;
	if (word.bytes == 0 && *word.text != '\0')
		word.bytes = 1;
	*at += word.bytes;
	return word;
}

static bool word_is_one_of(struct filter_word word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(list[i]) == word.bytes && strncmp(list[i], word.text, word.bytes) == 0)
			return true;
	}
	return false;
}
#define IS_ONE_OF(word, list) word_is_one_of(word, list, sizeof(list) / sizeof((list)[0]))

/* All that libpcap's grammar knows of Ethernet, IP and what is above. Any other word is a name of something. */
static const char *const keywords[] = {
	"aarp",      "ah",        "and",    "arp",     "atalk",      "broadcast", "byte",     "carp",  "clnp",
	"csnp",      "decnet",    "dst",    "es-is",   "esis",       "esp",       "ether",    "fddi",  "gateway",
	"geneve",    "greater",   "host",   "icmp",    "icmp6",      "igmp",      "igrp",     "iih",   "inbound",
	"ip",        "ip6",       "ipx",    "is-is",   "isis",       "iso",       "l1",       "l2",    "lat",
	"len",       "length",    "less",   "link",    "llc",        "lsp",       "mask",     "mopdl", "moprc",
	"mpls",      "multicast", "net",    "netbeui", "not",        "or",        "outbound", "pim",   "port",
	"portrange", "pppoed",    "pppoes", "proto",   "protochain", "psnp",      "rarp",     "sca",   "sctp",
	"snp",       "src",       "stp",    "subtype", "tcp",        "tr",        "type",     "udp",   "vlan",
	"vrrp",      "vxlan",
};

/* The constants of tcp[] and icmp[]: tcp-syn, tcpflags, icmp-echo, icmptype, icmp6code. */
static bool is_constant(struct filter_word word)
{
	static const char *const begins[] = {"tcp-",     "tcpflags", "icmp-",     "icmptype",
					     "icmpcode", "icmp6-",   "icmp6type", "icmp6code"};
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (word.bytes >= strlen(begins[i]) && strncmp(begins[i], word.text, strlen(begins[i])) == 0)
			return true;
	return false;
}

/* "0a:0:0:0:0:1", and with dashes. */
static bool is_mac(struct filter_word word)
{
	size_t n_groups = 1, n_digits = 0;
	for (size_t i = 0; i < word.bytes; i++) {
		if (isxdigit((unsigned char)word.text[i])) {
			if (++n_digits > 2)
				return false;
		} else if ((word.text[i] == ':' || word.text[i] == '-') && n_digits > 0) {
			n_groups++;
			n_digits = 0;
		} else {
			return false;
		}
	}
	return n_groups == 6 && n_digits > 0;
}

static bool is_ipv6(struct filter_word word)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	const char *slash = memchr(word.text, '/', word.bytes);
	size_t n = !slash ? word.bytes : (size_t)(slash - word.text);
	if (n >= sizeof text)
		return false;
	memcpy(text, word.text, n);
	text[n] = '\0';
	return inet_pton(AF_INET6, text, &addr) == 1;
}

static bool consists_of(const char *text, size_t bytes, const char *chars)
{
	size_t n = 0;
	while (n < bytes && strchr(chars, text[n]))
		n++;
	return n == bytes;
}

/* Numbers, ranges, addresses, prefixes; "10/8" and "127.1" are libpcap's way too. "3com" is a name. */
static bool is_number(struct filter_word word)
{
	if (word.bytes > 2 && strncmp(word.text, "0x", 2) == 0)
		return consists_of(word.text + 2, word.bytes - 2, "0123456789abcdefABCDEF");
	return consists_of(word.text, word.bytes, "0123456789./-") || is_mac(word) || is_ipv6(word);
}

/* What a word that is neither keyword nor number stands for: what the last qualifier says. */
enum meaning { MEANS_NOTHING, MEANS_HOST, MEANS_PORT, MEANS_IP_PROTOCOL, MEANS_LIBPCAPS };

/* Hosts and networks are looked up, and `src` and `dst` alone stand for them. What follows `proto` is a protocol of IP,
 * but behind `ether` or `iso`, whose names libpcap has in tables of its own. "and", "or" and "not" pass the meaning on:
 * in "host 10.0.0.1 or api" the api is a host. */
static enum meaning meaning_after(struct filter_word word, enum meaning before, bool *within_link)
{
	static const char *const hosts[] = {"host", "net", "gateway", "src", "dst"};
	static const char *const ports[] = {"port", "portrange"};
	static const char *const protocols[] = {"proto", "protochain"};
	static const char *const links[] = {"ether", "link", "fddi", "tr", "iso", "isis", "is-is"};
	static const char *const types[] = {"type", "subtype"};
	static const char *const ips[] = {"ip", "ip6", "tcp", "udp", "sctp", "and", "or", "not"};
	if (IS_ONE_OF(word, links))
		*within_link = true;
	else if (IS_ONE_OF(word, ips))
		*within_link = false;
	if (IS_ONE_OF(word, hosts))
		return MEANS_HOST;
	if (IS_ONE_OF(word, ports))
		return MEANS_PORT;
	if (IS_ONE_OF(word, protocols))
		return *within_link ? MEANS_LIBPCAPS : MEANS_IP_PROTOCOL;
	return IS_ONE_OF(word, types) ? MEANS_LIBPCAPS : before;
}

static bool is_name(struct filter_word word)
{
	return (isalnum((unsigned char)*word.text) || *word.text == '\\') && !IS_ONE_OF(word, keywords) &&
	       !is_constant(word) && !is_number(word);
}

/* The number in place of a name; false where the name is unknown, with the reason. */
static bool put_name(struct filter_word name, enum meaning meaning, struct buf *text, char *errbuf)
{
	int shown = (int)(name.bytes < 128 ? name.bytes : 128);
	switch (meaning) {
	case MEANS_NOTHING:
	case MEANS_LIBPCAPS:
		buf_append(text, name.text, name.bytes);
		return true;
	case MEANS_HOST:
		(void)snprintf(errbuf, PCAP_ERRBUF_SIZE, "'%.*s' is a name: names are not looked up, write the address",
			       shown, name.text);
		return false;
	case MEANS_PORT:
		if (filter_port(name, text))
			return true;
		(void)snprintf(errbuf, PCAP_ERRBUF_SIZE, "unknown port '%.*s': write its number", shown, name.text);
		return false;
	case MEANS_IP_PROTOCOL:
		if (filter_protocol(name, text))
			return true;
		(void)snprintf(errbuf, PCAP_ERRBUF_SIZE, "unknown protocol '%.*s': write its number", shown, name.text);
		return false;
	}
	return false;
}

/* The expression with numbers in place of names, but in brackets, where arithmetic stands. */
static bool resolve_names(const char *expression, struct buf *text, char *errbuf)
{
	enum meaning meaning = MEANS_NOTHING;
	bool within_link = false;
	size_t depth = 0;
	const char *done = expression;
	for (struct filter_word word = next_word(&expression); word.bytes > 0; word = next_word(&expression)) {
		buf_append(text, done, (size_t)(word.text - done));
		done = expression;
		if (*word.text == '[')
			depth++;
		else if (*word.text == ']' && depth > 0)
			depth--;
		if (depth == 0 && is_name(word)) {
			if (!put_name(word, meaning, text, errbuf))
				return false;
			continue;
		}
		if (depth == 0)
			meaning = meaning_after(word, meaning, &within_link);
		buf_append(text, word.text, word.bytes);
	}
	return true;
}

/* ---- programs ---- */

int filter_new(const char *expression, struct filter **ret, char *errbuf)
{
	*ret = NULL;
	struct buf text = {0};
	if (!resolve_names(expression, &text, errbuf)) {
		buf_free(&text);
		return 1;
	}
	struct filter *filter = calloc(1, sizeof *filter);
	const char *resolved = buf_text(&text);
	pcap_t *dead = !filter || buf_failed(&text) ? NULL : pcap_open_dead(DLT_EN10MB, SNAPLEN);
	if (!dead) {
		buf_free(&text);
		free(filter);
		return -ENOMEM;
	}
	int r = 0;
	if (pcap_compile(dead, &filter->program, resolved, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		(void)snprintf(errbuf, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(dead));
		free(filter);
		filter = NULL;
		r = 1;
	}
	pcap_close(dead);
	buf_free(&text);
	*ret = filter;
	return r;
}

struct filter *filter_free(struct filter *filter)
{
	if (filter) {
		pcap_freecode(&filter->program);
		free(filter);
	}
	return NULL;
}

bool filter_matches(const struct filter *filter, const struct packet *packet)
{
	uint8_t frame[FRAME_MAX_BYTES];
	uint32_t bytes = packet_frame_bytes(packet);
	if (bytes > sizeof frame)
		return false;
	packet_copy(packet, frame);
	struct pcap_pkthdr header = {.caplen = bytes, .len = bytes};
	return pcap_offline_filter(&filter->program, &header, frame) != 0;
}
