/* Who sits at the console, for what is written down about who did what. */
#ifndef MROOM_ROOM_ACTOR_H
#define MROOM_ROOM_ACTOR_H

/* The user's name; under sudo that of the one who called it. The caller frees it. */
char *actor_user(void);

#endif
