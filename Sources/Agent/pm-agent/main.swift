import AgentRuntime
import func Glibc._exit

// Skips atexit handlers: a thread may still be resolving the broker's name, and no buffered output is pending.
_exit(AgentCommandLine.run(CommandLine.arguments))
