#ifndef CBENCH_H
#define CBENCH_H

/// The yardstick for starts: spawns /bin/true and waits for it, `count` times, and notes the seconds of each spawn (until
/// exec has succeeded, which is when the agent answers). Returns the seconds of it all, or -1.
double bench_spawn_loop(int count, double *seconds_each);

/// The yardstick for answers: sends every message on `request` back on `response` at its QoS. Does not return.
int bench_echo(const char *socket_path, const char *request, const char *response);

/// The yardstick for nodes, with a start of /bin/true: seconds until a new client is connected (MQTT 5), or -1.
double bench_connect(const char *socket_path);

/// Bytes of a line of the next one: its number in nine digits, a space, filling and the newline.
enum { BENCH_LINE = 100 };

/// The load for logs: stops itself when it is ready, then writes `count` numbered lines to stdout, 64 KiB at a time;
/// 0 or 1.
int bench_write_lines(int count);

/// Keeps this process (0), or another, on one processor, or with -1 on any; 0 or -1.
int bench_pin(int pid, int processor);

#endif
