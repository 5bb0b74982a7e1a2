/* The two ends of peers.py's traffic in the kernel: peers_udp serve ADDRESS PORT PACKETS BYTES answers each datagram, then says how many sockets
 * called, and from which address; peers_udp call ADDRESS PORT SOCKETS ROUNDS BYTES calls from as many sockets at once, each again once it is answered.
 *
 * Nothing is lost where each socket has one datagram under way; either ends with status 1 where something is. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MAX_BYTES = 1400, MAX_SOCKETS = 1000, PATIENCE_S = 10, BUFFER_BYTES = 4 << 20 };

static bool number(const char *text, unsigned max, unsigned *out)
{
	char *end;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	*out = (unsigned)n;
	return errno == 0 && end != text && *end == '\0' && n > 0 && n <= max;
}

static int failed(const char *what)
{
	(void)fprintf(stderr, "peers_udp: %s: %s\n", what, strerror(errno));
	return 1;
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int buffer_bytes = BUFFER_BYTES;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Counts by the way from how many ports datagrams came, and how many had another address than the first. */
static int answer(int fd, unsigned n_packets, unsigned n_bytes)
{
	unsigned char data[MAX_BYTES];
	bool *seen = calloc(65536, sizeof *seen);
	if (!seen)
		return failed("no memory");
	struct sockaddr_in first = {0};
	unsigned n_ports = 0, strangers = 0;
	for (unsigned i = 0; i < n_packets; i++) {
		struct sockaddr_in from;
		socklen_t length = sizeof from;
		ssize_t got = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &length);
		if (got != (ssize_t)n_bytes ||
		    sendto(fd, data, (size_t)got, 0, (struct sockaddr *)&from, length) != got) {
			free(seen);
			return failed("serve");
		}
		if (i == 0)
			first = from;
		strangers += from.sin_addr.s_addr != first.sin_addr.s_addr;
		n_ports += !seen[ntohs(from.sin_port)];
		seen[ntohs(from.sin_port)] = true;
	}
	free(seen);
	char text[INET_ADDRSTRLEN];
	if (!inet_ntop(AF_INET, &first.sin_addr, text, sizeof text))
		return failed("inet_ntop");
	(void)printf("answered %u from %s ports %u others %u\n", n_packets, text, n_ports, strangers);
	return 0;
}

static int serve(const struct sockaddr_in *at, unsigned n_packets, unsigned n_bytes)
{
	int fd = open_socket();
	if (fd < 0 || bind(fd, (const struct sockaddr *)at, sizeof *at) != 0)
		return failed("bind");
	(void)puts("ready");
	(void)fflush(stdout);
	int status = answer(fd, n_packets, n_bytes);
	(void)close(fd);
	return status;
}

static int call(const struct sockaddr_in *to, unsigned n_sockets, unsigned n_rounds, unsigned n_bytes)
{
	int sockets[MAX_SOCKETS];
	unsigned char data[MAX_BYTES] = {0};
	for (unsigned i = 0; i < n_sockets; i++) {
		sockets[i] = open_socket();
		if (sockets[i] < 0 || connect(sockets[i], (const struct sockaddr *)to, sizeof *to) != 0)
			return failed("connect");
	}
	unsigned n_answers = 0;
	for (unsigned round = 0; round < n_rounds; round++) {
		for (unsigned i = 0; i < n_sockets; i++)
			if (send(sockets[i], data, n_bytes, 0) != (ssize_t)n_bytes)
				return failed("send");
		for (unsigned i = 0; i < n_sockets; i++, n_answers++)
			if (recv(sockets[i], data, sizeof data, 0) != (ssize_t)n_bytes)
				return failed("recv");
	}
	for (unsigned i = 0; i < n_sockets; i++)
		(void)close(sockets[i]);
	(void)printf("called %u\n", n_answers);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned port, n, rounds, bytes;
	struct sockaddr_in address = {.sin_family = AF_INET};
	if (argc < 6 || inet_pton(AF_INET, argv[2], &address.sin_addr) != 1 || !number(argv[3], 65535, &port))
		goto usage;
	address.sin_port = htons((uint16_t)port);
	if (strcmp(argv[1], "serve") == 0 && argc == 6 && number(argv[4], 1000000000, &n) &&
	    number(argv[5], MAX_BYTES, &bytes))
		return serve(&address, n, bytes);
	if (strcmp(argv[1], "call") == 0 && argc == 7 && number(argv[4], MAX_SOCKETS, &n) &&
	    number(argv[5], 1000000, &rounds) && number(argv[6], MAX_BYTES, &bytes))
		return call(&address, n, rounds, bytes);
usage:
	(void)fputs("usage: peers_udp serve ADDRESS PORT PACKETS BYTES | call ADDRESS PORT SOCKETS ROUNDS BYTES\n",
		    stderr);
	return 2;
}
