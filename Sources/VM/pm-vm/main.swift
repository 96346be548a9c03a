import Glibc
import VMRuntime

// No atexit handlers: a thread may still be connecting to the broker.
_exit(VMCommandLine.run(CommandLine.arguments))
