import func Glibc._exit
import VMRuntime

// _exit(2) skips atexit handlers, because a thread may still be connecting to the broker.
_exit(VMCommandLine.run(CommandLine.arguments))
