/* What kind of NAT is it? Found out by probes from inside and outside, as RFC 5780 does it. */
#ifndef PKTPATH_RULE_CLASSIFY_H
#define PKTPATH_RULE_CLASSIFY_H
#include "rule/nat.h"

enum classify_ports { CLASSIFY_PRESERVES, CLASSIFY_SEQUENTIAL, CLASSIFY_OTHER };

struct classification {
	/* RFC 5780 4.3 and 4.4, for UDP and for TCP */
	enum nat_depends udp_mapping, tcp_mapping, udp_filtering, tcp_filtering;
	enum nat_depends udp_contended, tcp_contended; /* the mapping where others use the same ports */
	bool hairpins;                                 /* 4.5: an inside host reaches another by its outside address, */
	bool hairpin_outside;                          /* and sees it come from the outside one (RFC 4787 R9) */
	enum classify_ports ports;
	/* two inside hosts have one outside port at once, towards different destinations (RFC 4787 4.2.1) */
	bool overloads;
	bool parity;                    /* an even port stays even, an odd one odd (R4) */
	bool paired;                    /* an inside address keeps one outside address (R2); true where there is one */
	uint32_t n_addresses;           /* of the outside that were seen */
	uint16_t port_first, port_last; /* lowest and highest outside port that was seen */
	bool icmp;                      /* echo passes, and errors about packets of a mapping come back (R12) */
	/* The shortest silence after which the other side gets in no more, found by trying; 0 where it never does. */
	int64_t udp_idle_ns, udp_stream_ns, icmp_idle_ns, tcp_opening_ns, tcp_idle_ns, tcp_transitory_ns, tcp_reset_ns;
};

/* Each probe goes through a NAT of its own that is made by these rules. 0 or -ENOMEM. */
int nat_classify(const struct nat_rules *rules, struct classification *ret);
#endif
