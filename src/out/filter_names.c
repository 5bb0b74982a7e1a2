/* DOC: the names that a filter may use for ports (IANA's registry of service names, and the short forms that are usual)
 * and for protocols of IP (IANA's registry of protocol numbers). A name stands for its number alone: `port ssh` is
 * `port 22`, of TCP and UDP both, where libpcap would ask the machine which of the two. */
#include "out/filter_names.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct numbered {
	const char *name;
	uint16_t number;
};

static const struct numbered ports[] = {
	{"tcpmux", 1},
	{"echo", 7},
	{"discard", 9},
	{"systat", 11},
	{"daytime", 13},
	{"netstat", 15},
	{"qotd", 17},
	{"chargen", 19},
	{"ftp-data", 20},
	{"ftp", 21},
	{"ssh", 22},
	{"telnet", 23},
	{"smtp", 25},
	{"mail", 25},
	{"time", 37},
	{"whois", 43},
	{"nicname", 43},
	{"tacacs", 49},
	{"domain", 53},
	{"bootps", 67},
	{"bootpc", 68},
	{"tftp", 69},
	{"gopher", 70},
	{"finger", 79},
	{"http", 80},
	{"www", 80},
	{"kerberos", 88},
	{"iso-tsap", 102},
	{"pop3", 110},
	{"sunrpc", 111},
	{"portmapper", 111},
	{"auth", 113},
	{"ident", 113},
	{"nntp", 119},
	{"ntp", 123},
	{"epmap", 135},
	{"netbios-ns", 137},
	{"netbios-dgm", 138},
	{"netbios-ssn", 139},
	{"imap", 143},
	{"imap2", 143},
	{"snmp", 161},
	{"snmp-trap", 162},
	{"snmptrap", 162},
	{"xdmcp", 177},
	{"bgp", 179},
	{"irc", 194},
	{"qmtp", 209},
	{"ipx", 213},
	{"ptp-event", 319},
	{"ptp-general", 320},
	{"ldap", 389},
	{"svrloc", 427},
	{"https", 443},
	{"microsoft-ds", 445},
	{"kpasswd", 464},
	{"submissions", 465},
	{"urd", 465},
	{"isakmp", 500},
	{"ike", 500},
	{"exec", 512},
	{"biff", 512},
	{"login", 513},
	{"who", 513},
	{"shell", 514},
	{"syslog", 514},
	{"printer", 515},
	{"talk", 517},
	{"route", 520},
	{"router", 520},
	{"uucp", 540},
	{"klogin", 543},
	{"kshell", 544},
	{"dhcpv6-client", 546},
	{"dhcpv6-server", 547},
	{"rtsp", 554},
	{"nntps", 563},
	{"submission", 587},
	{"ipp", 631},
	{"ldaps", 636},
	{"ldp", 646},
	{"kerberos-adm", 749},
	{"domain-s", 853},
	{"rsync", 873},
	{"ftps-data", 989},
	{"ftps", 990},
	{"telnets", 992},
	{"imaps", 993},
	{"pop3s", 995},
	{"socks", 1080},
	{"openvpn", 1194},
	{"ms-sql-s", 1433},
	{"ms-sql-m", 1434},
	{"l2f", 1701},
	{"l2tp", 1701},
	{"pptp", 1723},
	{"radius", 1812},
	{"radius-acct", 1813},
	{"mqtt", 1883},
	{"nfs", 2049},
	{"etcd-client", 2379},
	{"etcd-server", 2380},
	{"mysql", 3306},
	{"ms-wbt-server", 3389},
	{"rdp", 3389},
	{"stun", 3478},
	{"turn", 3478},
	{"iscsi-target", 3260},
	{"svn", 3690},
	{"epmd", 4369},
	{"ipsec-nat-t", 4500},
	{"vxlan", 4789},
	{"sip", 5060},
	{"sips", 5061},
	{"sip-tls", 5061},
	{"stuns", 5349},
	{"mdns", 5353},
	{"postgresql", 5432},
	{"postgres", 5432},
	{"amqps", 5671},
	{"amqp", 5672},
	{"rfb", 5900},
	{"vnc", 5900},
	{"x11", 6000},
	{"geneve", 6081},
	{"redis", 6379},
	{"bgpd", 2605},
	{"http-alt", 8080},
	{"http-proxy", 8080},
	{"pcsync-https", 8443},
	{"secure-mqtt", 8883},
	{"git", 9418},
	{"memcache", 11211},
	{"mongodb", 27017},
};

static const struct numbered protocols[] = {
	{"icmp", 1},      {"igmp", 2},         {"ggp", 3},         {"ipencap", 4},    {"ipip", 4},
	{"st", 5},        {"tcp", 6},          {"egp", 8},         {"igp", 9},        {"igrp", 9},
	{"pup", 12},      {"udp", 17},         {"hmp", 20},        {"xns-idp", 22},   {"rdp", 27},
	{"iso-tp4", 29},  {"dccp", 33},        {"xtp", 36},        {"ddp", 37},       {"idpr-cmtp", 38},
	{"ipv6", 41},     {"ipv6-route", 43},  {"ipv6-frag", 44},  {"idrp", 45},      {"rsvp", 46},
	{"gre", 47},      {"esp", 50},         {"ah", 51},         {"skip", 57},      {"ipv6-icmp", 58},
	{"icmp6", 58},    {"icmpv6", 58},      {"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"rspf", 73},
	{"vmtp", 81},     {"eigrp", 88},       {"ospf", 89},       {"ospfigp", 89},   {"ax.25", 93},
	{"etherip", 97},  {"encap", 98},       {"pim", 103},       {"ipcomp", 108},   {"vrrp", 112},
	{"l2tp", 115},    {"isis", 124},       {"sctp", 132},      {"fc", 133},       {"mobility-header", 135},
	{"udplite", 136}, {"mpls-in-ip", 137}, {"hip", 139},       {"shim6", 140},    {"wesp", 141},
	{"rohc", 142},
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct numbered *find(const struct numbered *table, size_t n, struct filter_word name)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(table[i].name) == name.bytes && strncmp(table[i].name, name.text, name.bytes) == 0)
			return &table[i];
	return NULL;
}

static struct filter_word unescaped(struct filter_word word)
{
	return word.bytes > 1 && *word.text == '\\' ? (struct filter_word){word.text + 1, word.bytes - 1} : word;
}

/* One end of a range: a name or a number as it stands. */
static bool find_end(struct filter_word word, unsigned long *ret)
{
	const struct numbered *port = find(ports, COUNT(ports), word);
	char digits[6] = "", *end = digits;
	if (port) {
		*ret = port->number;
		return true;
	}
	if (word.bytes == 0 || word.bytes >= sizeof digits)
		return false;
	memcpy(digits, word.text, word.bytes);
	*ret = strtoul(digits, &end, 10);
	return *end == '\0' && *digits >= '0' && *digits <= '9' && *ret <= UINT16_MAX;
}

bool filter_port(struct filter_word name, struct buf *ret)
{
	unsigned long first, last;
	struct filter_word word = unescaped(name);
	const struct numbered *port = find(ports, COUNT(ports), word);
	if (port) {
		buf_printf(ret, "%u", port->number);
		return true;
	}
	/* Names have dashes, too: "ftp-data-ssh". */
	for (size_t i = 1; i + 1 < word.bytes; i++)
		if (word.text[i] == '-' && find_end((struct filter_word){word.text, i}, &first) &&
		    find_end((struct filter_word){word.text + i + 1, word.bytes - i - 1}, &last)) {
			buf_printf(ret, "%lu-%lu", first, last);
			return true;
		}
	return false;
}

bool filter_protocol(struct filter_word name, struct buf *ret)
{
	const struct numbered *protocol = find(protocols, COUNT(protocols), unescaped(name));
	if (protocol)
		buf_printf(ret, "%u", protocol->number);
	return protocol;
}
