// Plays the workers of one keeper, each of which knows its turn by a file: the first starts a child and dies, the second
// ends for an upgrade, the third sees the child's end.
#define _GNU_SOURCE
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LAUNCH = 77 };

// What a new worker is told until PM_READY.
struct told {
	struct pm_keeper_message hello, held;
	int output, has_holder;
};

static struct told take_over(void) {
	struct told told = {.output = -1};
	struct pm_keeper_message message;
	int first, second;
	while (pm_keeper_receive(PM_WORKER_SOCKET, &message, &first, &second, 0) > 0 && message.kind != PM_READY) {
		if (message.kind == PM_HELLO) told.hello = message;
		if (message.kind == PM_HOLDER) told.has_holder = first >= 0;
		if (message.kind == PM_HELD) told.held = message, told.output = first;
	}
	return told;
}

static void send_message(uint32_t kind, uint64_t launch, int32_t status) {
	struct pm_keeper_message message = {.kind = kind, .launch = launch, .status = status};
	(void)pm_keeper_send(PM_WORKER_SOCKET, &message, -1, -1);
}

static struct pm_keeper_message next_message(uint32_t kind) {
	struct pm_keeper_message message = {0};
	int first, second;
	while (pm_keeper_receive(PM_WORKER_SOCKET, &message, &first, &second, 0) > 0 && message.kind != kind) {}
	return message;
}

static void check_unknown_kind(void) {
	int ends[2];
	(void)!pipe(ends);
	(void)pm_keeper_send(PM_WORKER_SOCKET, &(struct pm_keeper_message){.kind = 99}, ends[1], -1);
	close(ends[1]);
	struct pollfd end = {.fd = ends[0]};
	check(poll(&end, 1, 10000) == 1 && (end.revents & POLLHUP), "a message of an unknown kind, and its descriptor is closed");
	close(ends[0]);
}

static int turn(void) {
	int file = open("/run/turns", O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)!write(file, "x", 1);
	int turn = (int)lseek(file, 0, SEEK_END);
	close(file);
	return turn;
}

static int begin(const struct told *told) {
	check(told->hello.status == PM_KEEPER_VERSION && told->hello.launch == 0, "the hello of a new keeper");
	check(told->output < 0, "nothing is held yet");
	check_unknown_kind();
	int ends[2], pidfd = -1;
	enum pm_spawn_stage stage;
	(void)pm_pipe(ends);
	struct pm_spawn_plan child = plan((char *[]){"/init", "sleep", NULL});
	child.standard_output = ends[1];
	child.parent_reaps = 1, child.birth = PM_WORKER_SOCKET, child.launch = LAUNCH;
	child.log_ends[0] = child.log_ends[1] = ends[0];
	check(pm_spawn(&child, &pidfd, &stage) > 0, "a child of the keeper");
	(void)!write(ends[1], "log", 3);
	send_message(PM_READY, 0, 0);
	kill(getpid(), SIGKILL);
	return 1;
}

static int upgrade(const struct told *told) {
	check(told->held.launch == LAUNCH && told->held.status == 1, "a held launch after the death of a worker");
	send_message(PM_READY, 0, 0);
	send_message(PM_TRY, 0, 0);
	check(next_message(PM_TRIED).status == 0, "the trial of a successor");
	return PM_WORKER_UPGRADES;
}

static int end(const struct told *told) {
	char text[4] = "";
	check(told->hello.launch == 1 && told->hello.pid == 0, "the hello of a successor");
	check(told->held.launch == LAUNCH && told->held.status == 1, "a held launch after an upgrade");
	check(read(told->output, text, 3) == 3 && strcmp(text, "log") == 0, "its log pipe");
	send_message(PM_READY, 0, 0);
	kill(told->held.pid, SIGUSR1);
	struct pm_keeper_message exit = next_message(PM_EXITED);
	while (exit.launch != LAUNCH && exit.kind == PM_EXITED) exit = next_message(PM_EXITED);
	check(exit.pid == told->held.pid && exit.status == SIGUSR1, "the end of a child");
	send_message(PM_RELEASE, LAUNCH, 0);
	return 0;
}

int work(void) {
	send_message(PM_HELLO, 0, PM_KEEPER_VERSION);
	struct told told = take_over();
	check(told.has_holder, "the pipe holder");
	switch (turn()) {
	case 1: return begin(&told);
	case 2: return upgrade(&told);
	default: return end(&told);
	}
}
