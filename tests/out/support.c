/* See support.h. A failure in here is a failure of the machine, hence abort(). */
#include "support.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64];

static void must(bool condition, const char *what)
{
	if (!condition) {
		perror(what);
		abort();
	}
}

struct tuple tuple_of(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port)
{
	struct tuple t = {.src_port = be16_from(src_port), .dst_port = be16_from(dst_port), .proto = PROTO_TCP};
	must(addr_parse(src, &t.src) && addr_parse(dst, &t.dst), "address");
	return t;
}

void make_packet(struct packet *p, struct arena *arena, struct tuple tuple, uint64_t id, uint32_t payload_bytes)
{
	memset(p, 0, sizeof *p);
	p->id = id;
	p->header_bytes = 14 + 20 + 20;
	struct ethernet_header *ethernet = packet_ethernet(p);
	ethernet->dst = (struct mac){{2, 0, 0, 0, 0, 1}};
	ethernet->src = (struct mac){{2, 0, 0, 0, 0, 2}};
	ethernet->type = be16_from(ETHERTYPE_IPV4);
	struct ipv4_header *ip = packet_ip(p);
	ip->version_ihl = 0x45;
	ip->flags_fragment = be16_from(IPV4_DF);
	ip->ttl = 64;
	ip->proto = PROTO_TCP;
	ip->src = tuple.src;
	ip->dst = tuple.dst;
	struct tcp_header *tcp = packet_l4(p);
	tcp->src_port = tuple.src_port;
	tcp->dst_port = tuple.dst_port;
	tcp->seq = be32_from(1000);
	tcp->data_offset = 0x50;
	tcp->flags = payload_bytes == 0 ? TCP_SYN : TCP_ACK;
	tcp->window = be16_from(65535);
	if (payload_bytes > 0) {
		p->payload =
			payload_new(arena, "begin ", 6, "all work and no play ", 21, payload_bytes / 21 + 1, "", 0);
		must(p->payload, "payload");
		p->payload_bytes = payload_bytes;
	}
	packet_finish(p);
}

const char *directory_new(void)
{
	strcpy(directory, "/tmp/check-out-XXXXXX");
	must(mkdtemp(directory), "mkdtemp");
	return directory;
}

void directory_remove(void)
{
	char command[128];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", directory);
	must(system(command) == 0, "rm");
}

const char *path_in(const char *name)
{
	static char paths[4][512];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	(void)snprintf(path, sizeof *paths, "%s/%s", directory, name);
	return path;
}

bool exists(const char *name)
{
	return access(path_in(name), F_OK) == 0;
}

void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_in(name), "w");
	must(f && fputs(text, f) >= 0 && fclose(f) == 0, name);
}

static char *slurp(FILE *f, size_t *ret_bytes)
{
	size_t capacity = 4096, n = 0, got;
	char *text = malloc(capacity);
	must(text, "malloc");
	while ((got = fread(text + n, 1, capacity - n - 1, f)) > 0) {
		n += got;
		if (capacity - n < 2) {
			text = realloc(text, capacity *= 2);
			must(text, "realloc");
		}
	}
	text[n] = '\0';
	if (ret_bytes)
		*ret_bytes = n;
	return text;
}

char *read_file(const char *name, size_t *ret_bytes)
{
	FILE *f = fopen(path_in(name), "r");
	if (!f)
		return NULL;
	char *text = slurp(f, ret_bytes);
	(void)fclose(f);
	return text;
}

bool have_program(const char *program)
{
	char command[128];
	(void)snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
	return system(command) == 0;
}

char *output_of(const char *command, int *ret_status)
{
	char line[1024];
	(void)snprintf(line, sizeof line, "cd '%s' && { %s; } 2>&1", directory, command);
	FILE *f = popen(line, "r");
	must(f, "popen");
	char *text = slurp(f, NULL);
	int status = pclose(f);
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return text;
}
