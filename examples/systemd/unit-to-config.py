#!/usr/bin/env python3
"""Converts a systemd service unit into a config of pmqtt (docs/protocol.md, section config).

    unit-to-config.py /lib/systemd/system/web.service >web.json
    systemctl cat web | unit-to-config.py --name web - >web.json

The config goes to stdout. Each directive that it does not express, or not fully, goes to stderr with the reason. When
the unit has no ExecStart, the exit code is 1 and stdout is empty. Only Python's standard library is needed.
"""

import argparse
import json
import os
import re
import signal
import sys

from unit_syntax import read_directives, read_environment, seconds, split_words

RESTART_POLICIES = {"no": "never", "always": "always", "on-failure": "on_failure", "on-abnormal": "on_failure",
                    "on-abort": "on_failure", "on-watchdog": "on_failure"}
# The bounds of a config's seconds and descriptors.
LONGEST_WAIT = 86400
MOST_OPEN_FILES = 1 << 30
# Hints for directives that have a counterpart in pmqtt, but no direct equivalent.
HINTS = {
    "After": "see depends_on, which waits until the other process is up",
    "ExecReload": "see pmctl signal",
    "ExecStop": "see stop.signal",
    "Requires": "see depends_on",
    "StandardOutput": "the agent writes a log of each process",
    "WantedBy": '"persist": true starts the process with the agent',
}


class Unsupported(Exception):
    """A directive that a config cannot express; the text is the reason."""


class Converter:
    """Builds a config from the directives of a unit, and notes the directives that the config does not express."""

    def __init__(self, unit_name):
        self.notes = []
        self._unit_name = unit_name
        self._config = {}
        self._environment = {}
        self._environment_files = []
        self._commands = []

    def convert(self, directives):
        """Returns the config, or None when there is no ExecStart."""
        for section, key, value in directives:
            convert = CONVERTERS.get(key) if section == "Service" else None
            try:
                if not convert:
                    raise Unsupported(HINTS.get(key, "no field of a config expresses it"))
                convert(self, self._expand_specifiers(key, value))
            except Unsupported as reason:
                self._note(key, f"left out: {reason}")
            except ValueError:
                self._note(key, f"left out: cannot read {value!r}")
        self._read_environment_files()
        if not self._commands:
            return None
        members = {"name": self._name(), "path": self._config.pop("path", None), "command": self._command(),
                   "env": self._environment or None, **self._config}
        return {key: value for key, value in members.items() if value is not None}

    def _note(self, key, text):
        self.notes.append(f"{key}: {text}")

    def _name(self):
        """The unit's name, with a hyphen for each character that a process id cannot hold."""
        return re.sub("[^A-Za-z0-9._-]", "-", self._unit_name).lstrip("._-")[:63] or None

    def _expand_specifiers(self, key, value):
        """Replaces the specifiers that depend only on the unit's name (systemd.unit(5))."""
        prefix, _, instance = self._unit_name.partition("@")
        known = {"%%": "%", "%n": f"{self._unit_name}.service", "%N": self._unit_name, "%p": prefix, "%i": instance}

        def expand(match):
            if match[0] not in known:
                self._note(key, f"check it: the specifier {match[0]} is not replaced")
            return known.get(match[0], match[0])

        return re.sub("%[A-Za-z%]", expand, value)

    # The command

    def exec_start(self, value):
        # An empty value clears what came before, in all directives that are lists.
        self._commands = self._commands + [value] if value else []
        if len(self._commands) > 1:
            raise Unsupported("a process has one command, and this is a further one")

    def _command(self):
        prefixes, line = re.fullmatch(r"([-@:+!|]*)(.*)", self._commands[0]).groups()
        words = split_words(line)
        if ";" in words:
            self._note("ExecStart", "check it: only the command before the first ; is converted")
            words = words[:words.index(";")]
        if "@" in prefixes:
            # The word after the program is argv[0].
            del words[1:2]
        if prefixes.strip(":"):
            self._note("ExecStart", f"check it: the prefix {prefixes} has no equivalent")
        if ":" in prefixes:
            return words
        return words[:1] + [word for argument in words[1:] for word in self._expand_variables(argument)]

    def _expand_variables(self, argument):
        """Replaces variables as systemd does: $NAME must be a whole word and is split, ${NAME} is not split."""
        if argument.startswith("$") and argument[1:] in self._environment:
            return self._environment[argument[1:]].split()

        def expand(match):
            if match[0] == "$$":
                return "$"
            if match[1] not in self._environment:
                self._note("ExecStart", f"check it: the variable {match[0]} is not replaced, also not by the agent")
            return self._environment.get(match[1], match[0])

        return [re.sub(r"\$\$|\$\{(\w+)\}|^\$\w+$", expand, argument)]

    # Directory, user and priority

    def working_directory(self, value):
        path = value.removeprefix("-")
        if not path.startswith("/"):
            raise Unsupported("the path must be absolute")
        if path != value:
            self._note("WorkingDirectory", "check it: the directory must exist")
        self._config["path"] = path

    def umask(self, value):
        if not re.fullmatch("0?[0-7]{1,3}", value):
            raise ValueError(value)
        self._config["umask"] = value

    def put(self, key, value):
        self._config[key] = value

    # The environment

    def environment(self, value):
        if not value:
            self._environment = {}
        for word in split_words(value):
            name, equals, text = word.partition("=")
            if not equals or not name:
                raise ValueError(word)
            self._environment[name] = text

    def environment_file(self, value):
        self._environment_files = self._environment_files + [value] if value else []

    def _read_environment_files(self):
        """Reads the files after all Environment directives, because the files win."""
        for path in (value.removeprefix("-") for value in self._environment_files):
            try:
                with open(path, encoding="utf-8") as file:
                    self._environment.update(read_environment(file.read()))
            except OSError as error:
                self._note("EnvironmentFile", f"left out: {path}: {error.strerror}")
            else:
                self._note("EnvironmentFile", f"check it: the present variables of {path} are in env; give each secret"
                           ' a file of its own, as {"env": {"NAME": {"file": "/path"}}}')

    # Restart and stop

    def restart(self, value):
        if value not in RESTART_POLICIES:
            raise Unsupported(f"there is no policy {value}")
        if value not in ("no", "always", "on-failure"):
            self._note("Restart", "check it: on_failure is only the nearest policy")
        self._put("restart", "policy", RESTART_POLICIES[value])

    def restart_delay(self, value):
        self._put("restart", "delay", seconds(value))

    def stop_timeout(self, value):
        grace = seconds(value)
        if not 0 < grace <= LONGEST_WAIT:
            self._note("TimeoutStopSec", f"check it: the longest grace period is {LONGEST_WAIT} s")
            grace = LONGEST_WAIT
        self._put("stop", "grace", grace)

    def kill_signal(self, value):
        real_time = re.fullmatch(r"SIGRTMIN\+(\d+)", value)
        if real_time:
            self._put("stop", "signal", signal.SIGRTMIN + int(real_time[1]))
        elif value in signal.Signals.__members__:
            self._put("stop", "signal", value.removeprefix("SIG"))
        else:
            self._put("stop", "signal", int(value))

    def kill_mode(self, value):
        if value == "mixed":
            self._put("stop", "to", "main")
        elif value != "control-group":
            raise Unsupported("a stop always ends the whole tree of the process")

    # Limits

    def open_files(self, value):
        soft, _, hard = value.partition(":")
        limit = hard or soft
        if limit != soft:
            self._note("LimitNOFILE", f"check it: the soft limit is {limit}, too")
        self._put("limits", "open_files", MOST_OPEN_FILES if limit == "infinity" else int(limit))

    def memory(self, value):
        if value == "infinity":
            return
        if not re.fullmatch(r"\d+[KMGT]?", value):
            raise Unsupported("only a whole number of bytes can be converted, with or without K, M, G or T")
        self._put("limits", "memory", int(value) if value.isdigit() else value)

    def cpu(self, value):
        self._put("limits", "cpu", float(value.removesuffix("%")) / 100)

    def service_type(self, value):
        if value.startswith("notify"):
            raise Unsupported("sd_notify(3) is not supported; see ready.fd, ready.log_line and ready.tcp")
        if value == "forking":
            raise Unsupported("the agent ends the whole tree with its main process; keep the program in the foreground")
        if value not in ("simple", "exec"):
            raise Unsupported(f"the process is started as with the type exec, not {value}")

    def oom_score_adj(self, value):
        score = int(value)
        if score < 0:
            raise Unsupported("the kernel ends a process before its agent; 0 is the lowest value")
        self.put("oom_score_adj", score)

    def _put(self, group, key, value):
        is_whole = isinstance(value, float) and value.is_integer()
        self._config.setdefault(group, {})[key] = int(value) if is_whole else value


CONVERTERS = {
    "CPUQuota": Converter.cpu, "Environment": Converter.environment, "EnvironmentFile": Converter.environment_file,
    "ExecStart": Converter.exec_start, "Group": lambda converter, value: converter.put("group", value or None),
    "KillMode": Converter.kill_mode, "KillSignal": Converter.kill_signal, "LimitNOFILE": Converter.open_files,
    "MemoryMax": Converter.memory, "Nice": lambda converter, value: converter.put("nice", int(value)),
    "OOMScoreAdjust": Converter.oom_score_adj, "Restart": Converter.restart, "RestartSec": Converter.restart_delay, "TimeoutStopSec": Converter.stop_timeout,
    "Type": Converter.service_type, "UMask": Converter.umask,
    "User": lambda converter, value: converter.put("user", value or None),
    "WorkingDirectory": Converter.working_directory,
}


def main():
    parser = argparse.ArgumentParser(description="Converts a systemd service unit into a config of pmqtt.")
    parser.add_argument("unit", metavar="UNIT", help="the path of the unit; - is stdin")
    parser.add_argument("--name", help="the unit's name; the default is the name of the file")
    options = parser.parse_args()
    converter = Converter((options.name or os.path.basename(options.unit)).removesuffix(".service"))
    try:
        with sys.stdin if options.unit == "-" else open(options.unit, encoding="utf-8") as file:
            config = converter.convert(read_directives(file.read()))
    except (OSError, ValueError) as error:
        sys.exit(f"unit-to-config.py: {error}")
    for note in converter.notes:
        print(f"unit-to-config.py: {note}", file=sys.stderr)
    if not config:
        sys.exit(f"unit-to-config.py: {options.unit} has no ExecStart")
    print(json.dumps(config, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
