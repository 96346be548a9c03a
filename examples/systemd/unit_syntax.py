"""The syntax of systemd's unit files: directives, words with quotes, time spans and environment files."""

import re

SECONDS = {"us": 1e-6, "ms": 1e-3, "": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hr": 3600, "d": 86400}
ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}


def read_directives(text):
    """Yields section, key and value of each directive of a unit (systemd.syntax(7))."""
    section, line = "", ""
    for part in text.splitlines():
        if part.lstrip().startswith(("#", ";")):
            continue
        line += part.strip()
        if line.endswith("\\"):
            line = line[:-1] + " "
            continue
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line:
            key, _, value = line.partition("=")
            yield section, key.strip(), value.strip()
        line = ""


def read_environment(text):
    """Returns the variables of an EnvironmentFile: lines NAME=value, with or without quotes around the value."""
    lines = re.findall(r"^\s*([A-Za-z_]\w*)=(.*)$", text.replace("\\\n", ""), re.MULTILINE)
    return {name: re.sub(r"^(['\"])(.*)\1$", r"\2", value.strip()) for name, value in lines}


def split_words(text):
    """Splits a line into words, with the quotes and escapes of systemd.syntax(7)."""
    words, word, quote = [], None, None
    for match in re.finditer(r"\\(?:x(?P<hex>[0-9A-Fa-f]{2})|(?P<octal>[0-7]{3})|(?P<escape>.))|(?P<plain>.)", text):
        plain = match["plain"]
        if plain is None:
            code = int(match["hex"] or "0", 16) or int(match["octal"] or "0", 8)
            word = (word or "") + (chr(code) if code else ESCAPES.get(match["escape"], match["escape"] or ""))
        elif plain == quote:
            quote = None
        elif quote is None and plain.isspace():
            words += [] if word is None else [word]
            word = None
        elif quote is None and word is None and plain in "'\"":
            quote, word = plain, ""
        else:
            word = (word or "") + plain
    if quote:
        raise ValueError(text)
    return words if word is None else words + [word]


def seconds(text):
    """Reads a time span such as 90, 1min 30s or infinity (systemd.time(7))."""
    if text == "infinity":
        return float("inf")
    span = r"(\d+(?:\.\d+)?)\s*([a-z]*)\s*"
    parts = re.findall(span, text)
    if not re.fullmatch(f"(?:{span})+", text) or any(unit not in SECONDS for _, unit in parts):
        raise ValueError(text)
    return sum(float(number) * SECONDS[unit] for number, unit in parts)
