/* Passive ports of FTP servers; for traffic/ftp.c alone. */
#ifndef PKTPATH_TRAFFIC_FTP_PORTS_H
#define PKTPATH_TRAFFIC_FTP_PORTS_H
#include "traffic/traffic.h"

struct ftp_ports; /* of one server: an environment, or another machine */

/* The ports of the server that `machine` is, or is a front end of; made where there are none yet. NULL where memory is
 * short. */
struct ftp_ports *ftp_ports_of(struct world *world, uint32_t machine);
/* A port for a session's next data connection, `holder`'s until it is given back; 0 where all are in use. */
uint16_t ftp_ports_take(struct ftp_ports *ports, uint32_t holder, struct instant now);
/* The session still needs it. */
void ftp_ports_touch(struct ftp_ports *ports, uint32_t holder, uint16_t port, struct instant now);
void ftp_ports_give_back(struct ftp_ports *ports, uint32_t holder, uint16_t port);
#endif
