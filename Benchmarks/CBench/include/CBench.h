#ifndef CBENCH_H
#define CBENCH_H

/// The yardstick for starts: spawns /bin/true and waits for it, `count` times. `seconds_each` gets the seconds of each
/// spawn until exec has succeeded, which is when the agent answers. Returns the seconds of the whole loop, or -1.
double bench_spawn_loop(int count, double *seconds_each);

/// The yardstick for answers: sends every message on `request` back on `response` at its QoS. Returns only on failure.
int bench_echo(const char *socket_path, const char *request, const char *response);

/// Part of the yardstick for nodes: seconds until a new client is connected (MQTT 5), or -1.
double bench_connect(const char *socket_path);

/// Bytes of a line of `bench_write_lines`: its number in nine digits, a space, padding and the newline.
enum { BENCH_LINE = 100 };

/// The load for logs: stops itself with SIGSTOP when it is ready. Once continued, it writes `count` numbered lines to
/// stdout, 64 KiB at a time. Returns 0, or 1 on failure.
int bench_write_lines(int count);

/// Restricts a process (0: this one) to one processor (-1: to none in particular). Returns 0 or -1.
int bench_pin(int pid, int processor);

/// The bytes of a TCP connection so far, both ways, with the headers of IP and TCP; -1 on failure.
double bench_traffic(int socket);

#endif
