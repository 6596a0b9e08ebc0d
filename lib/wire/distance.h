/* How far away the other end of a TCP connection is. */
#ifndef MROOM_WIRE_DISTANCE_H
#define MROOM_WIRE_DISTANCE_H

/* The shortest way there and back that the system has seen on this socket, in microseconds; -1 where
 * nobody knows: it is no TCP, or the system does not tell. */
long distance_us(int fd);

#endif
