/* Cases by hand. Comments say what is asked where the steps do not. */
#include "cases.h"

#define FIREWALL .firewall = true, .drops_invalid = true, .strict = true
const struct setup setups[BED_COUNT] = {
	[BED_ROUTER] = {.name = "firewall", .port_first = 1024, .port_last = 65535, FIREWALL},
	[BED_PLAIN] = {.name = "as it comes", .port_first = 1, .port_last = 65535},
	[BED_PLAIN_STRICT] = {.name = "as it comes, strict", .port_first = 1, .port_last = 65535, .strict = true},
	[BED_DROP] = {.name = "invalid dropped", .port_first = 1, .port_last = 65535, .drops_invalid = true},
	[BED_DROP_STRICT] = {.name = "invalid dropped, strict",
			     .port_first = 1,
			     .port_last = 65535,
			     .drops_invalid = true,
			     .strict = true},
	[BED_FOUR_PORTS] = {.name = "four ports", .port_first = 4000, .port_last = 4003, FIREWALL},
	[BED_SHORT_TIMERS] = {.name = "short timers",
			      .port_first = 1024,
			      .port_last = 65535,
			      .tcp_idle_s = 3,
			      .tcp_transitory_s = 1,
			      .tcp_reset_s = 1,
			      .udp_idle_s = 1,
			      .icmp_idle_s = 1,
			      FIREWALL},
	[BED_ENVIRONMENT] =
		{.name = "environment", .port_first = 1024, .port_last = 65535, .environment = true, FIREWALL},
};

#define ROUTER(what, ...)                                                                                              \
	{                                                                                                              \
		what, BED_ROUTER,                                                                                      \
		{                                                                                                      \
			__VA_ARGS__                                                                                    \
		}                                                                                                      \
	}
#define DROP(what, ...)                                                                                                \
	{                                                                                                              \
		what, BED_DROP,                                                                                        \
		{                                                                                                      \
			__VA_ARGS__                                                                                    \
		}                                                                                                      \
	}
#define PLAIN(what, ...)                                                                                               \
	{                                                                                                              \
		what, BED_PLAIN,                                                                                       \
		{                                                                                                      \
			__VA_ARGS__                                                                                    \
		}                                                                                                      \
	}
#define FOUR(what, ...)                                                                                                \
	{                                                                                                              \
		what, BED_FOUR_PORTS,                                                                                  \
		{                                                                                                      \
			__VA_ARGS__                                                                                    \
		}                                                                                                      \
	}
#define SHORT(what, ...)                                                                                               \
	{                                                                                                              \
		what, BED_SHORT_TIMERS,                                                                                \
		{                                                                                                      \
			__VA_ARGS__                                                                                    \
		}                                                                                                      \
	}
#define VIP(what, ...)                                                                                                 \
	{                                                                                                              \
		what, BED_ENVIRONMENT,                                                                                 \
		{                                                                                                      \
			__VA_ARGS__                                                                                    \
		}                                                                                                      \
	}

const struct conformance_case cases[] = {
	/* ---- mapping and ports ---- */
	ROUTER("a TCP port is preserved", "> t a:2000 x:80 S", "< t x:80 a:2000 SA", "> t a:2000 x:80 A"),
	ROUTER("a UDP port is preserved", "> u a:5000 x:53", "< u x:53 a:5000", "> u a:5000 x:53"),
	ROUTER("a port below the range is replaced by one of it", "> u a:500 x:53 any", "< u x:53 a:500"),
	ROUTER("an echo identifier is preserved", "> i a:77 x", "< i x a:77"),
	ROUTER("two ports to one destination", "> u a:5000 x:53", "> u a:5001 x:53", "< u x:53 a:5000",
	       "< u x:53 a:5001"),
	ROUTER("one port to two destinations is one port", "> u a:5000 x:53", "> u a:5000 y:53", "< u x:53 a:5000",
	       "< u y:53 a:5000"),
	ROUTER("one port to two ports of one host", "> u a:5000 x:53", "> u a:5000 x:54", "< u x:54 a:5000"),
	ROUTER("two hosts with one port, different destinations: both keep it", "> u a:5000 x:53", "> u b:5000 y:53",
	       "< u x:53 a:5000", "< u y:53 b:5000"),
	ROUTER("two hosts with one port and one destination: the second gets another", "> u a:5000 x:53",
	       "> u b:5000 x:53 any", "< u x:53 a:5000", "< u x:53 b:5000"),
	ROUTER("the same of TCP", "> t a:6000 x:80 S", "> t b:6000 x:80 S any", "< t x:80 a:6000 SA",
	       "< t x:80 b:6000 SA", "> t b:6000 x:80 A"),
	ROUTER("three hosts, one port", "> u a:5000 x:53", "> u b:5000 x:53 any", "> u c:5000 x:53 any",
	       "< u x:53 c:5000", "< u x:53 b:5000", "< u x:53 a:5000"),
	ROUTER("two hosts with one echo identifier", "> i a:77 x", "> i b:77 x any", "< i x a:77", "< i x b:77"),
	ROUTER("one number of UDP and of TCP are two ports", "> u a:5000 x:80", "> t b:5000 x:80 S", "< u x:80 a:5000",
	       "< t x:80 b:5000 SA"),
	ROUTER("a mapping is used again", "> u a:5000 x:53", "> u a:5000 x:53", "> u a:5000 x:53", "< u x:53 a:5000"),
	ROUTER("an empty datagram", "> u a:5000 x:53 len=0", "< u x:53 a:5000 len=0"),
	ROUTER("a large datagram", "> u a:5000 x:53 len=1400", "< u x:53 a:5000 len=1400"),
	ROUTER("an odd length", "> u a:5000 x:53 len=7", "< u x:53 a:5000 len=1"),

	/* ---- a small range ---- */
	FOUR("a port of the range is preserved", "> u a:4001 x:53", "< u x:53 a:4001"),
	FOUR("four ports, four flows", "> u a:4000 x:53", "> u a:4001 x:53", "> u a:4002 x:53", "> u a:4003 x:53",
	     "< u x:53 a:4003"),
	FOUR("a fifth to the same destination finds none", "> u a:4000 x:53", "> u a:4001 x:53", "> u a:4002 x:53",
	     "> u a:4003 x:53", "> u b:4000 x:53", "< u x:53 a:4000"),
	FOUR("a fifth to another destination does", "> u a:4000 x:53", "> u a:4001 x:53", "> u a:4002 x:53",
	     "> u a:4003 x:53", "> u b:4000 y:53", "< u y:53 b:4000"),
	FOUR("the same of TCP", "> t a:4000 x:80 S", "> t a:4001 x:80 S", "> t a:4002 x:80 S", "> t a:4003 x:80 S",
	     "> t b:4000 x:80 S"),
	FOUR("the last one that is free", "> u a:4000 x:53", "> u a:4001 x:53", "> u a:4003 x:53", "> u b:9 x:53 any",
	     "< u x:53 b:9"),

	/* ---- filtering ---- */
	ROUTER("nothing asked: TCP", "< t x:80 N:5000 S"),
	ROUTER("nothing asked: UDP", "< u x:53 N:5000"),
	ROUTER("nothing asked: echo reply", "< i x N:99"),
	ROUTER("nothing asked: SYN and ACK", "< t x:80 N:5000 SA"),
	ROUTER("nothing asked: RST", "< t x:80 N:5000 R"),
	ROUTER("another host at a mapped port", "> u a:5000 x:53", "< u y:53 [a:5000 x:53]", "< u x:53 a:5000"),
	ROUTER("another port of the same host", "> u a:5000 x:53", "< u x:54 [a:5000 x:53]", "< u x:53 a:5000"),
	ROUTER("another host at a mapped port: TCP", "> t a:5000 x:80 S", "< t x:80 a:5000 SA",
	       "< t y:80 [a:5000 x:80] S", "< t y:80 [a:5000 x:80] A"),
	ROUTER("an echo reply from someone else", "> i a:77 x", "< i y [a:77 x]"),

	/* ---- TCP ---- */
	ROUTER("a connection from SYN to FIN", "> t a:2000 x:80 S", "< t x:80 a:2000 SA", "> t a:2000 x:80 A",
	       "> t a:2000 x:80 PA len=100", "< t x:80 a:2000 A", "> t a:2000 x:80 FA", "< t x:80 a:2000 FA",
	       "> t a:2000 x:80 A"),
	ROUTER("it is closed by the other side first", "> t a:2001 x:80 S", "< t x:80 a:2001 SA", "> t a:2001 x:80 A",
	       "< t x:80 a:2001 FA", "> t a:2001 x:80 A", "> t a:2001 x:80 FA", "< t x:80 a:2001 A"),
	ROUTER("reset from inside", "> t a:2002 x:80 S", "< t x:80 a:2002 SA", "> t a:2002 x:80 A", "> t a:2002 x:80 R",
	       "< t x:80 a:2002 A"),
	ROUTER("reset from outside; the mapping is not gone at once (RFC 7857 1)", "> t a:2003 x:80 S",
	       "< t x:80 a:2003 SA", "> t a:2003 x:80 A", "< t x:80 a:2003 R", "< t x:80 a:2003 R"),
	ROUTER("refused", "> t a:2004 x:80 S", "< t x:80 a:2004 RA"),
	ROUTER("refused: it is forgotten at once", "> t a:2015 x:80 S", "< t x:80 a:2015 RA", "< t x:80 a:2015 RA",
	       "> t a:2015 x:80 A"),
	ROUTER("data before the answer: the kernel knows that they are too early", "> t a:2016 x:80 S",
	       "> t a:2016 x:80 PA"),
	ROUTER("a displaced port is kept towards others", "> u a:5000 x:53", "> u b:5000 x:53 any",
	       "> u b:5000 y:53 any", "< u y:53 b:5000"),
	ROUTER("also where the own one were free", "> u a:5000 x:53", "> u b:5000 x:53 any", "> u b:5000 y:54 any",
	       "> u b:5000 z:53 any", "< u z:53 b:5000"),
	ROUTER("SYN twice", "> t a:2005 x:80 S", "> t a:2005 x:80 S", "< t x:80 a:2005 SA", "< t x:80 a:2005 SA"),
	ROUTER("half closed: data still flow", "> t a:2006 x:80 S", "< t x:80 a:2006 SA", "> t a:2006 x:80 A",
	       "> t a:2006 x:80 FA", "< t x:80 a:2006 A", "< t x:80 a:2006 PA len=50", "> t a:2006 x:80 A"),
	ROUTER("in the middle, without a mapping: from inside", "> t a:2007 x:80 A"),
	ROUTER("in the middle, without a mapping: data", "> t a:2008 x:80 PA len=10"),
	ROUTER("in the middle, without a mapping: FIN", "> t a:2009 x:80 FA"),
	ROUTER("in the middle, without a mapping: RST", "> t a:2010 x:80 R"),
	ROUTER("SYN and ACK as the first", "> t a:2011 x:80 SA"),
	ROUTER("simultaneous open", "> t a:2012 x:80 S", "< t x:80 a:2012 S", "> t a:2012 x:80 SA",
	       "< t x:80 a:2012 SA", "> t a:2012 x:80 A"),
	ROUTER("a new SYN on a connection that is closed", "> t a:2013 x:80 S", "< t x:80 a:2013 SA",
	       "> t a:2013 x:80 A", "> t a:2013 x:80 FA", "< t x:80 a:2013 FA", "> t a:2013 x:80 A",
	       "> t a:2013 x:80 S", "< t x:80 a:2013 SA"),
	ROUTER("no flags at all", "> t a:2014 x:80 S", "< t x:80 a:2014 SA", "> t a:2014 x:80 A",
	       "> t a:2014 x:80 PA len=1460 df"),

	/* ---- ICMP errors ---- */
	ROUTER("port unreachable comes in", "> u a:5000 x:53", "< e x 3.3 u a:5000 x:53"),
	ROUTER("and ends nothing (RFC 5508 R9)", "> u a:5000 x:53", "< e x 3.3 u a:5000 x:53", "< u x:53 a:5000",
	       "> u a:5000 x:53"),
	ROUTER("host unreachable from a router on the way", "> u a:5000 x:53", "< e y 3.1 u a:5000 x:53"),
	ROUTER("time exceeded from a router on the way", "> t a:2000 x:80 S", "< e y 11.0 t a:2000 x:80"),
	ROUTER("parameter problem", "> u a:5000 x:53", "< e y 12.0 u a:5000 x:53"),
	ROUTER("fragmentation needed of TCP", "> t a:2001 x:80 S", "< t x:80 a:2001 SA", "> t a:2001 x:80 A",
	       "< e y 3.4 t a:2001 x:80", "> t a:2001 x:80 PA len=1300"),
	ROUTER("an error about an echo", "> i a:77 x", "< e y 3.1 i a:77 x"),
	ROUTER("an error about what nothing sent", "< e y 3.1 u a:5003 x:53"),
	ROUTER("an error whose inside port is another one", "> u a:500 x:53 any", "< e x 3.3 u a:500 x:53"),
	ROUTER("port unreachable goes out", "> u a:5000 x:53", "< u x:53 a:5000", "> e a 3.3 u x:53 a:5000"),
	ROUTER("fragmentation needed goes out", "> t a:2002 x:80 S", "< t x:80 a:2002 SA", "> t a:2002 x:80 A",
	       "> e a 3.4 t x:80 a:2002"),
	ROUTER("an error goes out about a mapping with another port", "> u a:5000 x:53", "> u b:5000 x:53 any",
	       "< u x:53 b:5000", "> e b 3.3 u x:53 b:5000"),
	ROUTER("an error goes out about nothing", "> e a 3.3 u x:53 a:5009"),

	/* ---- time to live ---- */
	ROUTER("TTL goes down by one", "> u a:5000 x:53 ttl=2", "< u x:53 a:5000 ttl=9"),
	ROUTER("it ends on the way out", "> u a:5000 x:53 ttl=1"),
	ROUTER("it ends on the way in: the error is about the packet as it came", "> u a:5000 x:53",
	       "< u x:53 a:5000 ttl=1"),
	ROUTER("a TCP segment whose TTL ends", "> t a:2000 x:80 S ttl=1"),

	/* ---- checksums and flags of IP ---- */
	ROUTER("no UDP checksum stays none", "> u a:5000 x:53 zero", "< u x:53 a:5000 zero", "> u a:500 x:53 zero any"),
	ROUTER("don't fragment is kept", "> u a:5000 x:53 df", "< u x:53 a:5000 df"),

	/* ---- fragments ---- */
	ROUTER("a datagram in three pieces goes out", "> u a:5000 x:53 len=3000 mtu=1500"),
	ROUTER("its pieces in another order", "> u a:5000 x:53 len=3000 mtu=1500 order=210"),
	ROUTER("the first one last but one", "> u a:5000 x:53 len=3000 mtu=1500 order=102"),
	ROUTER("pieces come in", "> u a:5000 x:53", "< u x:53 a:5000 len=3000 mtu=1500"),
	ROUTER("in another order", "> u a:5000 x:53", "< u x:53 a:5000 len=3000 mtu=1500 order=201"),
	ROUTER("pieces with another port", "> u a:500 x:53 any", "< u x:53 a:500 len=2000 mtu=1500",
	       "> u a:500 x:53 len=2000 mtu=1500 order=10"),
	ROUTER("pieces of an echo", "> i a:77 x len=2000 mtu=1500", "< i x a:77 len=2000 mtu=1500"),
	ROUTER("pieces that nothing asked for", "< u x:53 N:5000 len=2000 mtu=1500"),

	/* ---- hairpin ---- */
	ROUTER("an inside host calls another's outside port", "> u a:5000 x:53", "> u b:6000 [a:5000 x:53]"),
	ROUTER("an inside host calls a port of the NAT", "> t a:2000 N:80 S"),
	ROUTER("an echo to the NAT's outside address", "> i a:77 N"),
	ROUTER("an echo request from outside, for an identifier that is mapped", "> i a:77 x", "< I x a:77",
	       "< i x a:77"),
	ROUTER("an echo reply that nothing asked for goes out", "> r a:78 x"),

	/* ---- Linux as it comes ---- */
	PLAIN("a port below 512 stays below 512", "> u a:500 x:53", "> u b:500 x:53 any", "< u x:53 b:500"),
	PLAIN("one below 1024 stays below 1024", "> u a:700 x:53", "> u b:700 x:53 any", "< u x:53 b:700"),
	PLAIN("an echo identifier of 0 stays 0", "> i a:0 x", "< i x a:0"),
	PLAIN("a lone ACK is picked up", "> t a:2000 x:80 A", "< t x:80 a:2000 A", "> t a:2000 x:80 PA len=10"),
	PLAIN("a RST of nothing leaves untranslated", "> t a:2001 x:80 R"),
	PLAIN("so do FIN and ACK, SYN and ACK, no flags at all", "> t a:2002 x:80 FA", "> t a:2003 x:80 SA"),
	PLAIN("and an echo reply that nothing asked for", "> r a:78 x"),
	PLAIN("and an error about nothing", "> e a 3.3 u x:53 a:5009"),
	PLAIN("SYN and FIN make no mapping", "> t a:2004 x:80 SF", "< t x:80 a:2004 SA"),
	PLAIN("the router answers for itself: UDP", "< u x:53 N:5000", "< u x:53 N:5000"),
	PLAIN("TCP", "< t x:80 N:5000 S", "< t x:80 N:5001 A"),
	PLAIN("an echo", "< I x N:99", "< I x N:99"),
	PLAIN("what it refused holds the port", "< u x:53 N:5000", "> u a:5000 x:53 any", "< u x:53 a:5000"),
	PLAIN("a SYN from outside after the end is for the router itself", "> t a:2230 x:80 S", "< t x:80 a:2230 SA",
	      "> t a:2230 x:80 A", "> t a:2230 x:80 FA", "< t x:80 a:2230 FA seq=1001 ack=1002", "> t a:2230 x:80 A",
	      "< t x:80 a:2230 S seq=90000"),
	PLAIN("no hairpin", "> u a:5000 x:53", "> u b:6000 [a:5000 x:53]", "> t b:6001 N:80 S"),
	PLAIN("data beyond the window", "> t a:2005 x:80 S", "< t x:80 a:2005 SA", "> t a:2005 x:80 A",
	      "> t a:2005 x:80 PA seq=900000 len=10", "< t x:80 a:2005 PA len=10"),
	PLAIN("a reset far off does not end a connection", "> t a:2006 x:80 S", "< t x:80 a:2006 SA",
	      "> t a:2006 x:80 A", "< t x:80 a:2006 R seq=900000", "< t x:80 a:2006 PA len=10"),

	/* ---- the situations of the kernel's own tests of its connection tracking ---- */
	PLAIN("the ACK of a handshake is lost; the stall ends with the next one", "> t a:2100 x:80 S",
	      "< t x:80 a:2100 SA", "< t x:80 a:2100 SA", "> t a:2100 x:80 A", "< t x:80 a:2100 PA len=10",
	      "> t a:2100 x:80 A ack=1011"),
	PLAIN("a reset that is not exact is followed by a challenge", "> t a:2101 x:80 S", "< t x:80 a:2101 SA",
	      "> t a:2101 x:80 A", "< t x:80 a:2101 PA len=10", "> t a:2101 x:80 A ack=1011",
	      "< t x:80 a:2101 A seq=1011", "< t x:80 a:2101 R seq=1020", "> t a:2101 x:80 A ack=1011",
	      "< t x:80 a:2101 R seq=1011", "< t x:80 a:2101 A seq=1011"),
	PLAIN("a reset with an old number is invalid", "> t a:2102 x:80 S", "< t x:80 a:2102 SA", "> t a:2102 x:80 A",
	      "< t x:80 a:2102 PA len=10", "> t a:2102 x:80 A ack=1011", "< t x:80 a:2102 R seq=1001",
	      "< t x:80 a:2102 PA seq=1011 len=10"),
	PLAIN("a SYN in an old connection draws a challenge ACK", "> t a:2103 x:80 S seq=5000",
	      "< t x:80 a:2103 A seq=77 ack=99", "> t a:2103 x:80 R seq=99", "> t a:2103 x:80 S seq=5000",
	      "< t x:80 a:2103 SA seq=700 ack=5001", "> t a:2103 x:80 A seq=5001 ack=701"),
	PLAIN("SYN and ACK for an older SYN", "> t a:2104 x:80 S seq=5000", "> t a:2104 x:80 S seq=9000",
	      "< t x:80 a:2104 SA seq=700 ack=5001", "> t a:2104 x:80 R seq=5001",
	      "< t x:80 a:2104 SA seq=800 ack=9001", "> t a:2104 x:80 A seq=9001 ack=801"),
	PLAIN("SYN and ACK for a connection that is used again", "> t a:2105 x:80 S", "< t x:80 a:2105 SA",
	      "> t a:2105 x:80 A", "> t a:2105 x:80 FA", "< t x:80 a:2105 FA ack=1002",
	      "> t a:2105 x:80 A seq=1002 ack=1002", "> t a:2105 x:80 S seq=70000",
	      "< t x:80 a:2105 SA seq=80000 ack=70001", "> t a:2105 x:80 A seq=70001 ack=80001",
	      "< t x:80 a:2105 PA seq=80001 ack=70001 len=10"),

	/* ---- packets made by hand ---- */
	PLAIN("damaged checksums leave untranslated", "> t a:2200 x:80 S bad", "> u a:2201 x:53 bad", "> i a:77 x bad",
	      "> t a:2200 x:80 S"),
	PLAIN("they are not answered", "< t x:80 N:5000 S bad", "< u x:53 N:5000 bad", "< I x N:99 bad"),
	PLAIN("nor do they pass to a connection", "> u a:2202 x:53", "< u x:53 a:2202 bad", "< u x:53 a:2202"),
	PLAIN("data offsets", "> t a:2203 x:80 S off=4", "> t a:2203 x:80 S off=15", "> t a:2203 x:80 S off=6"),
	PLAIN("lengths of UDP", "> u a:2204 x:53 ulen=4", "> u a:2204 x:53 ulen=900", "> u a:2204 x:53"),
	PLAIN("flags that no TCP sends", "> t a:2205 x:80 SF", "> t a:2205 x:80 SR", "> t a:2205 x:80 F",
	      "> t a:2205 x:80 -", "> t a:2205 x:80 FSRPAU", "> t a:2205 x:80 SU"),
	PLAIN("source quench and parameter problems", "> u a:2206 x:53", "< e x 4.0 u a:2206 x:53",
	      "< e x 12.0 u a:2206 x:53"),
	PLAIN("a redirect does not pass", "> u a:2207 x:53", "< e x 5.1 u a:2207 x:53"),
	PLAIN("an error with a wrong checksum inside", "> t a:2208 x:80 S", "< e y 11.0 t a:2208 x:80 badin",
	      "< e y 11.0 t a:2208 x:80 bad"),
	PLAIN("a timestamp and its reply", "> m a:7 x", "< m x a:7", "> i a:7 x", "< i x a:7", "> m b:7 x any",
	      "< m x b:7"),
	PLAIN("a timestamp reply that nothing asked for", "> n a:8 x"),
	PLAIN("fragments that overlap", "> u a:2209 x:53 len=3000 mtu=1500 lap=1", "> u a:2209 x:53 len=3000 mtu=1500"),
	PLAIN("a fragment that comes twice", "> u a:2210 x:53 len=3000 mtu=1500 order=0012",
	      "> u a:2210 x:53 len=3000 mtu=1500 order=2201"),
	PLAIN("a fragment is missing, and comes with the next datagram's",
	      "> u a:2211 x:53 len=3000 mtu=1500 order=02"),
	PLAIN("a damaged datagram in fragments", "> u a:2212 x:53 len=3000 mtu=1500 bad"),
	DROP("damaged packets vanish", "> t a:2220 x:80 S bad", "> u a:2221 x:53 bad", "> i a:77 x bad",
	     "> t a:2220 x:80 R", "> t a:2220 x:80 SA", "> t a:2220 x:80 FA", "> r a:78 x", "> e a 3.3 u x:53 a:5009",
	     "> t a:2222 x:80 SF"),
	DROP("a lone ACK is picked up here, too", "> t a:2223 x:80 A", "< t x:80 a:2223 A"),
	DROP("and where what is invalid is dropped", "> t a:2230 x:80 S", "< t x:80 a:2230 SA", "> t a:2230 x:80 A",
	     "> t a:2230 x:80 FA", "< t x:80 a:2230 FA seq=1001 ack=1002", "> t a:2230 x:80 A",
	     "< t x:80 a:2230 S seq=90000"),
	DROP("the router answers for itself", "< t x:80 N:5000 S", "< u x:53 N:5000", "< t x:80 N:5001 RA"),

	/* ---- timers, by the tables: a case compares them at its end ---- */
	PLAIN("a SYN: 120 s", "> t a:2300 x:80 S", "> t b:2300 x:81 S"),
	PLAIN("SYN and ACK: 60 s", "> t a:2301 x:80 S", "< t x:80 a:2301 SA"),
	PLAIN("open: 5 days", "> t a:2302 x:80 S", "< t x:80 a:2302 SA", "> t a:2302 x:80 A"),
	PLAIN("data that nothing acknowledges: 300 s", "> t a:2303 x:80 S", "< t x:80 a:2303 SA", "> t a:2303 x:80 A",
	      "> t a:2303 x:80 PA len=10"),
	PLAIN("the first FIN: 120 s", "> t a:2304 x:80 S", "< t x:80 a:2304 SA", "> t a:2304 x:80 A",
	      "> t a:2304 x:80 FA"),
	PLAIN("its acknowledgment: 60 s", "> t a:2305 x:80 S", "< t x:80 a:2305 SA", "> t a:2305 x:80 A",
	      "> t a:2305 x:80 FA", "< t x:80 a:2305 A ack=1002"),
	PLAIN("the second FIN: 30 s", "> t a:2306 x:80 S", "< t x:80 a:2306 SA", "> t a:2306 x:80 A",
	      "> t a:2306 x:80 FA", "< t x:80 a:2306 FA ack=1002"),
	PLAIN("the last acknowledgment: 120 s", "> t a:2307 x:80 S", "< t x:80 a:2307 SA", "> t a:2307 x:80 A",
	      "> t a:2307 x:80 FA", "< t x:80 a:2307 FA ack=1002", "> t a:2307 x:80 A seq=1002 ack=1002"),
	PLAIN("a reset: 10 s", "> t a:2308 x:80 S", "< t x:80 a:2308 SA", "> t a:2308 x:80 A", "> t a:2308 x:80 R"),
	PLAIN("simultaneous open", "> t a:2309 x:80 S", "< t x:80 a:2309 S"),
	PLAIN("picked up: 5 days, or 300 s where nothing answers", "> t a:2310 x:80 A", "> t b:2310 x:80 A any",
	      "< t x:80 b:2310 A"),
	PLAIN("the same segment four times", "> t a:2311 x:80 S", "< t x:80 a:2311 SA", "> t a:2311 x:80 A",
	      "< t x:80 a:2311 A", "< t x:80 a:2311 A", "< t x:80 a:2311 A", "< t x:80 a:2311 A", "< t x:80 a:2311 A"),
	PLAIN("a window that closes", "> t a:2312 x:80 S", "< t x:80 a:2312 SA", "> t a:2312 x:80 A win=0"),
	PLAIN("UDP: 30 s, both ways at once too", "> u a:2313 x:53", "> u b:2314 x:53", "< u x:53 b:2314",
	      "> u b:2314 x:53"),
	PLAIN("UDP both ways, after two seconds: 120 s", "> u a:2315 x:53", "< u x:53 a:2315", "wait 2200",
	      "> u a:2315 x:53"),
	PLAIN("an echo, a timestamp: 30 s", "> i a:9 x", "> m a:9 x", "< i x a:9"),
	PLAIN("a FIN that is invalid shortens nothing, two from both sides do", "> t a:2316 x:80 S",
	      "< t x:80 a:2316 SA", "> t a:2316 x:80 A", "> t a:2316 x:80 FA seq=900000",
	      "< t x:80 a:2316 FA seq=900000"),

	/* ---- timers that run out ---- */
	SHORT("UDP lives while it is used", "> u a:5000 x:53", "wait 700", "> u a:5000 x:53", "wait 700",
	      "< u x:53 a:5000"),
	SHORT("UDP ends when it is not", "> u a:5000 x:53", "wait 1300", "< u x:53 a:5000"),
	SHORT("an answer keeps it, too", "> u a:5000 x:53", "wait 700", "< u x:53 a:5000", "wait 700",
	      "< u x:53 a:5000"),
	SHORT("its port is free again", "> u a:5000 x:53", "wait 1300", "> u b:5000 x:53", "< u x:53 b:5000"),
	SHORT("an echo's mapping ends", "> i a:77 x", "wait 1300", "< i x a:77"),
	SHORT("a SYN that nothing answers", "> t a:2010 x:80 S", "wait 1500", "> t a:2010 x:80 S", "wait 2200",
	      "< t x:80 a:2010 SA"),
	SHORT("and ends", "> t a:2011 x:80 S", "wait 3500", "< t x:80 a:2011 SA"),
	SHORT("an open connection stays", "> t a:2000 x:80 S", "< t x:80 a:2000 SA", "> t a:2000 x:80 A", "wait 1500",
	      "< t x:80 a:2000 A"),
	SHORT("an idle one ends", "> t a:2001 x:80 S", "< t x:80 a:2001 SA", "> t a:2001 x:80 A", "wait 3500",
	      "< t x:80 a:2001 A", "> t a:2001 x:80 A"),
	SHORT("after FIN from both sides it ends soon", "> t a:2002 x:80 S", "< t x:80 a:2002 SA", "> t a:2002 x:80 A",
	      "> t a:2002 x:80 FA", "< t x:80 a:2002 FA", "> t a:2002 x:80 A", "wait 1400", "< t x:80 a:2002 A"),
	SHORT("packets after both FIN keep it", "> t a:2005 x:80 S", "< t x:80 a:2005 SA", "> t a:2005 x:80 A",
	      "> t a:2005 x:80 FA", "< t x:80 a:2005 FA", "> t a:2005 x:80 A", "wait 700", "> t a:2005 x:80 A",
	      "wait 700", "< t x:80 a:2005 A"),
	SHORT("packets after RST keep it", "> t a:2006 x:80 S", "< t x:80 a:2006 SA", "> t a:2006 x:80 A",
	      "< t x:80 a:2006 R", "wait 700", "> t a:2006 x:80 A", "wait 700", "> t a:2006 x:80 A", "wait 700",
	      "< t x:80 a:2006 A"),
	SHORT("after RST it ends soon", "> t a:2003 x:80 S", "< t x:80 a:2003 SA", "> t a:2003 x:80 A",
	      "> t a:2003 x:80 R", "wait 1400", "< t x:80 a:2003 A"),
	SHORT("a new connection on the end points of one that was reset", "> t a:2004 x:80 S", "< t x:80 a:2004 SA",
	      "> t a:2004 x:80 A", "> t a:2004 x:80 R", "wait 1400", "> t a:2004 x:80 S", "< t x:80 a:2004 SA"),

	/* ---- destination NAT: the VIP of an environment ---- */
	VIP("a call to the VIP reaches the front end with the caller's address", "< t x:5000 N:443 S"),
	VIP("its answer comes from the VIP", "< t x:5001 N:443 S", "> t f:443 x:5001 SA", "< t x:5001 N:443 A",
	    "> t f:443 x:5001 PA len=100"),
	VIP("a call to a port that is closed", "< t x:5002 N:444 S"),
	VIP("a datagram to the balanced port", "< u x:5003 N:443"),
	VIP("a worker calls out", "> t w:5004 x:80 S", "< t x:80 w:5004 SA", "> t w:5004 x:80 A"),
	VIP("two callers with one port", "< t x:5005 N:443 S", "< t y:5005 N:443 S", "> t f:443 y:5005 SA",
	    "> t f:443 x:5005 SA"),
	VIP("an outside port that is another service's is left to it", "> t w:5006 x:443 S", "< t x:443 w:5006 SA",
	    "< t x:5007 N:443 S", "> t f:443 x:5007 SA"),
};
const size_t n_cases = sizeof cases / sizeof *cases;
