/* Configurations as their own programs have them, taken into a profile. */
#ifndef MROOM_ROOM_TUNNEL_IMPORT_H
#define MROOM_ROOM_TUNNEL_IMPORT_H

#include "lib/room/tunnel.h"

/*
 * Fills type, server and the sealed field `config` from the text of a wg-quick file, or of an .ovpn
 * file, whose ca, cert, key, tls-auth and so on, read from `dir`, become part of it. The name is
 * not set. Appends to `notes` what the file would do besides (commands that it runs as root).
 */
struct list;
int tunnel_import_wireguard(struct tunnel *tunnel, const char *text, struct list *notes, struct err *err);
int tunnel_import_openvpn(struct tunnel *tunnel, const char *text, const char *dir, struct list *notes,
		   struct err *err);

/* The next line of a text, without its end and without blanks around it; *at moves on. False at the
 * end. */
bool tunnel_import_line(const char **at, struct buf *line);

#endif
