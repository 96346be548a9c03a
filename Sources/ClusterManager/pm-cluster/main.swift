import ClusterRuntime
import func Glibc._exit

// _exit(2) skips atexit handlers: a thread may still be resolving the broker's name, and no output is buffered.
_exit(ClusterCommandLine.run(CommandLine.arguments))
