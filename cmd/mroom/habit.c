/*
 * The words of the first MachineRoom, for those who still type them. Where it wanted the name of a
 * roster file, the room that was made of it is meant.
 */
#include <string.h>
#include <unistd.h>

#include "cmd/mroom/mroom.h"
#include "lib/base/mem.h"

static const struct {
	const char *words;   /* separated by blanks */
	const char *command; /* what they stand for */
	bool rooms;	     /* operands may be names of roster files */
} habits[] = {
    {"ls show list tell", "inventory ls", true},
    {"import update_file update_conf updateconfig updateconfiguration updateconfigurations",
     "inventory import", false},
    {"retire retires retired", "inventory retire", true},
    {"off-cert takeoff stripcert takeout removecert certremove", "cert off", true},
    {"add-cert addingcert makecert cert-on on-cert customcert certificatessh sshcertifcate "
     "sshcertificate",
     "cert install", true},
    {"remove-custom-cert", "cert remove", true},
    {"generateprofile gen-profile watch-profile watch_file watchscan scanport scanports scan_port "
     "scan_ports",
     "health ports", true},
    {"scan_docker scandocker validation valid", "docker doctor -w", true},
    {"set-home sethome startpath loginstart loginat", "inventory home", false},
    {"v ver version versions", "--version", false},
};
#define HABIT_COUNT (sizeof(habits) / sizeof(*habits))

/* The habit that has the word; HABIT_COUNT when there is none. */
static size_t find(const char *word)
{
	for (size_t i = 0; *word && i < HABIT_COUNT; i++) {
		struct list words = LIST_INIT;
		bool found;

		list_split(&words, habits[i].words, ' ');
		found = list_has(&words, word);
		list_finish(&words);
		if (found)
			return i;
	}
	return HABIT_COUNT;
}

const char *habit_meaning(const char *word)
{
	size_t at = find(word);

	return at < HABIT_COUNT ? habits[at].command : NULL;
}

static bool is_file(char *path)
{
	bool found = !access(path, R_OK);

	free(path);
	return found;
}

/* "production.txt", or "production" where there is such a file: malloc'ed "@production"; else NULL.
 */
static char *room_word(const struct home *home, const char *word)
{
	const char *slash = strrchr(word, '/');
	const char *base = slash ? slash + 1 : word;
	size_t size = strlen(base);

	if (*word == '-' || *word == '@' || !*base)
		return NULL;
	if (size > 4 && !strcmp(base + size - 4, ".txt"))
		return mem_format("@%.*s", (int)(size - 4), base);
	if (is_file(mem_format("%s.txt", word)) ||
	    is_file(mem_format("%s/%s.txt", home->dir, word)))
		return mem_format("@%s", base);
	return NULL;
}

bool habit_expand(const struct home *home, char ***argv, struct list *keep)
{
	size_t at = find(**argv);
	struct list words = LIST_INIT;
	size_t count = 0;
	char **made;

	if (at == HABIT_COUNT)
		return false;
	list_split(&words, habits[at].command, ' ');
	while ((*argv)[count])
		count++;
	made = mem_zero(words.count + count, sizeof(*made));
	list_take(keep, (char *)made);
	for (size_t i = 0; i < words.count; i++) {
		made[i] = words.at[i];
		list_take(keep, made[i]);
	}
	for (size_t i = 1; i < count; i++) {
		char *room = habits[at].rooms ? room_word(home, (*argv)[i]) : NULL;

		if (room)
			list_take(keep, room);
		made[words.count + i - 1] = room ? room : (*argv)[i];
	}
	free(words.at); /* the words are kept */
	*argv = made;
	return true;
}
