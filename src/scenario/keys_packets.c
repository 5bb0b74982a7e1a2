/* DOC: the keys of packets that a flow makes by hand, see keys.c. */
#include "scenario/keys_internal.h"

static const struct key packet[] = {
	{AS_WRITTEN_KEY("at"), .type = KEY_DURATION, .fallback = "0s", .max = MAX_TIME,
	 .help = "When, from the flow's `at` on."},
	{WRITTEN_KEY("from_end", MUTATE_OTHERS), .type = KEY_ENUM, .fallback = "caller", .values = "caller|called",
	 .help = "Which end sends it. The called end sends to where the caller's last packet came from."},
	{AS_WRITTEN_KEY("fields"), .type = KEY_SECTION, .of = SECTION_PACKET_FIELDS,
	 .help = "What it says; the rest is as a host would fill it in."},
	{AS_WRITTEN_KEY("hex"), .type = KEY_TEXT,
	 .help = "The IP packet, byte by byte, in place of `fields`; blanks do not matter."},
	SOURCE_KEY,
};
static const struct key packet_fields[] = {
	{WRITTEN_KEY("proto", MUTATE_OTHERS), .type = KEY_ENUM, .values = "tcp|udp|icmp",
	 .help = "Default: that of the flow's `to`; icmp where `icmp` is given."},
	{WRITTEN_KEY("src_port", MUTATE_NUMBER), .type = KEY_INT, .max = 65535,
	 .help = "Source port; of an echo its identifier. Default: the sender's own."},
	{WRITTEN_KEY("dst_port", MUTATE_NUMBER), .type = KEY_INT, .max = 65535,
	 .help = "Destination port. Default: the flow's, or the port from which the caller's last packet came."},
	{WRITTEN_KEY("flags", MUTATE_AWAY), .type = KEY_FLAGS,
	 .help = "Of TCP: letters such as SA, or words such as [syn, ack]; \"\" or none for none. Default: S, the "
		 "caller's "
		 "first; else A."},
	{WRITTEN_KEY("seq", MUTATE_NUMBER), .type = KEY_INT, .max = UINT32_MAX,
	 .help = "Sequence number; of an echo its number. Default: 0."},
	{WRITTEN_KEY("ack", MUTATE_NUMBER), .type = KEY_INT, .max = UINT32_MAX,
	 .help = "Acknowledgment number. Default: 0."},
	{WRITTEN_KEY("ttl", MUTATE_NUMBER), .type = KEY_INT, .min = 1, .max = 255,
	 .help = "Time to live. Default: the sender's."},
	{WRITTEN_KEY("df", MUTATE_FLIP), .type = KEY_BOOL,
	 .help = "Don't fragment. Default: true, but for fragments and ICMP errors."},
	{WRITTEN_KEY("payload", MUTATE_AWAY), .type = KEY_TEXT,
	 .help = "A size such as 100B, or the text itself. Default: none."},
	{WRITTEN_KEY("bad_checksum", MUTATE_FLIP), .type = KEY_BOOL, .fallback = "false",
	 .help = "The checksum of TCP, UDP or ICMP is wrong."},
	{WRITTEN_KEY("fragment", MUTATE_AWAY), .type = KEY_SECTION, .of = SECTION_PACKET_FRAGMENT,
	 .help = "A piece of a datagram, to which all fragments of the flow from this end belong."},
	{AS_WRITTEN_KEY("icmp"), .type = KEY_SECTION, .of = SECTION_PACKET_ICMP,
	 .help = "What the ICMP message is. Default: an echo request of the caller, a reply of the called end."},
};
static const struct key packet_fragment[] = {
	{WRITTEN_KEY("offset", MUTATE_EIGHTS), .type = KEY_BYTES, .fallback = "0", .max = 65528,
	 .help = "Where it begins, in bytes behind the IP header: a multiple of 8. The piece at 0 has the ports."},
	{WRITTEN_KEY("more", MUTATE_FLIP), .type = KEY_BOOL, .fallback = "false",
	 .help = "Whether more pieces follow."},
};
static const struct key packet_icmp[] = {
	{WRITTEN_KEY("type", MUTATE_NUMBER), .type = KEY_INT, .required = true, .max = 255,
	 .help = "Type: 3 unreachable, 4 source quench, 8 echo, 11 time exceeded, 13 timestamp, ..."},
	{WRITTEN_KEY("code", MUTATE_NUMBER), .type = KEY_INT, .fallback = "0", .max = 255, .help = "Code."},
	{WRITTEN_KEY("about", MUTATE_NUMBER), .type = KEY_INT, .min = 1, .max = UINT32_MAX,
	 .help = "Of an error: the number of the packet in this list that it is about, from 1."},
};

KEY_LIST_OF(packet);
KEY_LIST_OF(packet_fields);
KEY_LIST_OF(packet_fragment);
KEY_LIST_OF(packet_icmp);
