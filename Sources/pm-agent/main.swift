import AgentRuntime
import Glibc

exit(AgentCommandLine.run(CommandLine.arguments))
