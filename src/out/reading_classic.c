/* Classic pcap, read by libpcap, times in nanoseconds whatever the file has. */
#include "out/reading.h"
#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

#define RECORD_BYTES 16u

static int failed(struct reading_source *source, struct reading *ret, const char *problem)
{
	source->is_over = true;
	ret->problem = arena_strdup(source->list.arena, problem);
	return !ret->problem ? -ENOMEM : 1;
}

static int open_capture(struct reading_source *source, struct reading *ret)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	uint32_t interface;
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(source->path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap)
		return failed(source, ret, error);
	source->pcap = pcap;
	if (pcap_datalink(pcap) != DLT_EN10MB)
		return failed(source, ret, "it is not a capture of Ethernet");
	return reading_add_interface(&source->list, "", 0, &interface);
}

int reading_classic(struct reading_source *source, size_t limit_bytes, struct reading *ret)
{
	struct reading_list *list = &source->list;
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int next = 1, r = source->pcap ? 0 : open_capture(source, ret);
	for (size_t n_bytes = 0; r == 0 && n_bytes < limit_bytes; n_bytes += RECORD_BYTES + header->caplen) {
		next = pcap_next_ex(source->pcap, &header, &bytes);
		if (next != 1)
			break;
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
				       });
	}
	if (r != 0 || next == 1)
		return r;
	source->is_over = true;
	return next == PCAP_ERROR ? failed(source, ret, pcap_geterr(source->pcap)) : 0;
}

void reading_classic_close(struct reading_source *source)
{
	if (source->pcap)
		pcap_close(source->pcap);
	source->pcap = NULL;
}
