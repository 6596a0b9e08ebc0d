#include "lib/room/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"

/* A server with more to tell is not telling facts. */
#define FACTS_MAX 20000

/* Text alone: TAB and newline take the answer apart later. */
static char *clean(const char *bytes, size_t count)
{
	char *text = mem_alloc(count + 1);
	size_t to = 0;
	uint32_t point;

	for (size_t at = 0, step; at < count; at += step) {
		unsigned char byte = (unsigned char)bytes[at];

		step = utf8_read(bytes + at, count - at, &point);
		if (!step || (byte < ' ' && byte != '\t' && byte != '\n') || byte == 0x7f) {
			step = 1;
			text[to++] = '?';
		} else {
			memcpy(text + to, bytes + at, step);
			to += step;
		}
	}
	text[to] = '\0';
	return text;
}

static void take_line(struct fact *fact, char *line)
{
	char *tab = strchr(line, '\t');

	fact->word = line;
	for (size_t i = 0; i < FACT_FIELDS; i++) {
		fact->field[i] = "";
		if (!tab)
			continue;
		*tab = '\0';
		fact->field[i] = tab + 1;
		tab = strchr(tab + 1, '\t');
	}
	if (tab)
		*tab = '\0';
}

void facts_parse(struct facts *facts, const char *bytes, size_t count)
{
	size_t cap = 0;
	char *next;

	memset(facts, 0, sizeof(*facts));
	facts->text = clean(bytes, count);
	for (char *line = facts->text; *line && facts->count < FACTS_MAX; line = next) {
		char *end = strchr(line, '\n');

		next = end ? end + 1 : line + strlen(line);
		if (!end) /* cut off: half a fact is none */
			break;
		*end = '\0';
		if (facts->count == cap) {
			cap = cap ? cap * 2 : 64;
			facts->at = mem_resize(facts->at, cap, sizeof(*facts->at));
		}
		take_line(&facts->at[facts->count++], line);
	}
	facts->whole = facts->count && !strcmp(facts->at[facts->count - 1].word, "end");
}

void facts_finish(struct facts *facts)
{
	free(facts->text);
	free(facts->at);
	memset(facts, 0, sizeof(*facts));
}

const struct fact *facts_find(const struct facts *facts, const char *word, const struct fact *after)
{
	size_t i = after ? (size_t)(after - facts->at) + 1 : 0;

	for (; i < facts->count; i++)
		if (!strcmp(facts->at[i].word, word))
			return &facts->at[i];
	return NULL;
}

bool fact_number(const struct fact *fact, size_t field, double *value)
{
	char *end;

	if (!fact || !strchr("0123456789.-", fact->field[field][0]))
		return false;
	*value = strtod(fact->field[field], &end);
	return end > fact->field[field] && !*end && fabs(*value) <= FACT_LARGEST;
}
