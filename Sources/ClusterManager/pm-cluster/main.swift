import ClusterRuntime
import Glibc

// No atexit handlers: a thread may still be looking up the broker's name, and nothing here waits to be written.
_exit(ClusterCommandLine.run(CommandLine.arguments))
