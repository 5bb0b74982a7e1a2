/* Classic pcap, read by libpcap, times in nanoseconds whatever the file has. */
#include "out/reading.h"
#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

static int read_packets(pcap_t *pcap, struct reading_list *list, struct reading *ret)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	uint32_t interface;
	int r = reading_add_interface(list, "", 0, &interface), next = 1;
	while (r == 0 && (next = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		uint8_t *frame = arena_alloc(list->arena, header->caplen);
		if (!frame)
			return -ENOMEM;
		memcpy(frame, bytes, header->caplen);
		r = reading_add_record(list,
				       &(struct reading_record){
					       .unix_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec,
					       .frame = frame,
					       .captured_bytes = header->caplen,
					       .frame_bytes = header->len,
					       .interface = interface,
				       });
	}
	if (r == 0 && next == PCAP_ERROR) {
		ret->problem = arena_strdup(list->arena, pcap_geterr(pcap));
		r = !ret->problem ? -ENOMEM : 1;
	}
	return r;
}

int reading_classic(struct arena *arena, const char *path, struct reading *ret)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	struct reading_list list = {.arena = arena};
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	int r;
	if (!pcap) {
		ret->problem = arena_strdup(arena, error);
		return !ret->problem ? -ENOMEM : 1;
	}
	if (pcap_datalink(pcap) == DLT_EN10MB) {
		r = read_packets(pcap, &list, ret);
	} else {
		ret->problem = "it is not a capture of Ethernet";
		r = 1;
	}
	pcap_close(pcap);
	reading_give(&list, ret);
	return r;
}
