#!/usr/bin/env python3
"""A client of pmqtt in Python: lists, starts and kills processes of one host, and follows the host's health.

It sends requests of the method dialect (docs/protocol.md) to pm/<host>/control over MQTT 5. The only dependency is
paho-mqtt, in Debian the package python3-paho-mqtt; its versions 1.x and 2.x both work.

    pmctl_client.py --broker 127.0.0.1:1883 --host box list
    pmctl_client.py --host box start web.json
    pmctl_client.py --host box kill web
    pmctl_client.py --host box watch
"""

import argparse
import json
import queue
import sys
import time
import urllib.parse
import uuid

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

# Health is stale when it is older than this many times the `interval` in it.
STALE_INTERVALS = 2.5


class PmqttError(Exception):
    """A request that could not be sent, was not answered, or was refused."""


class HostClient:
    """A connection to the broker that sends requests to the agent of one host.

    The client is a context manager: it connects on entry and disconnects on exit.
    """

    def __init__(self, host, broker="127.0.0.1", port=1883, user=None, password=None, ca=None, timeout=10.0):
        self.host = host
        self._address = (broker, port)
        self._timeout = timeout
        # A hardened broker lets a user receive answers only below pm/reply/<user>/.
        self._inbox = "/".join(["pm/reply", *([user] if user else []), uuid.uuid4().hex])
        self._messages = {}
        self._connections = queue.Queue()
        self._mqtt = _new_mqtt_client()
        self._mqtt.on_connect = self._on_connect
        self._mqtt.on_message = self._on_message
        if user:
            self._mqtt.username_pw_set(user, password)
        if ca:
            self._mqtt.tls_set(ca_certs=ca)

    def __enter__(self):
        self._subscribe(self._inbox)
        try:
            self._mqtt.connect(*self._address)
            self._mqtt.loop_start()
            refusal = self._connections.get(timeout=self._timeout)
        except (OSError, ValueError) as error:
            raise PmqttError(f"no connection to the broker: {error}") from error
        except queue.Empty:
            refusal = f"no answer within {self._timeout:g} s"
        if refusal:
            self.__exit__()
            raise PmqttError(f"no connection to the broker: {refusal}")
        return self

    def __exit__(self, *_):
        self._mqtt.disconnect()
        self._mqtt.loop_stop()

    def request(self, method, **arguments):
        """Sends a request and returns the `result` of its answer; raises PmqttError when the result is a failure."""
        # An agent answers a repeated id with the first answer and does nothing twice, so each id must be unique.
        request_id = uuid.uuid4().hex
        # An agent refuses a request whose timestamp is more than 60 s old.
        request = {"method": method, "args": arguments, "id": request_id, "timestamp": time.time()}
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = self._inbox
        self._mqtt.publish(f"pm/{self.host}/control", json.dumps(request), qos=1, properties=properties)
        result = self._await_answer(request_id)["result"]
        if result["status"] != "success":
            raise PmqttError(f"{result['message']}: {result['error']['detail']}")
        return result

    def processes(self):
        """Returns the entries of all processes that the agent knows."""
        return self.request("get_processes")["process"]

    def start(self, config):
        """Starts a process from a config and returns the result, which has the process id and the pid."""
        return self.request("start_process", config=config)

    def kill(self, process_id):
        """Stops a process with everything that it started.

        The answer comes when all of it has ended, so the timeout must be longer than the config's `stop.grace`.
        """
        self.request("kill_process", process_id=process_id)

    def health(self):
        """Yields each health message of the host, and None when the host has gone offline or its health is stale."""
        messages = self._subscribe(f"pm/{self.host}/health", f"pm/{self.host}/status")
        patience, was_current = self._timeout, True
        while True:
            health = None
            try:
                topic, payload = messages.get(timeout=patience)
                if topic.endswith("/health"):
                    health = json.loads(payload)
                    patience = STALE_INTERVALS * health["interval"]
                    # The topic is retained, so the first message may be an old one.
                    if time.time() - health["timestamp"] > patience:
                        health = None
                elif payload != b"offline":
                    continue
            except queue.Empty:
                pass
            if health or was_current:
                yield health
            was_current = health is not None

    def _await_answer(self, request_id):
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                _, payload = self._messages[self._inbox].get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise PmqttError(f"host {self.host} did not answer within {self._timeout:g} s") from None
            answer = json.loads(payload)
            if answer.get("id") == request_id:
                return answer

    def _subscribe(self, *topics):
        """Subscribes to topics and returns the queue of their messages."""
        messages = queue.Queue()
        for topic in topics:
            self._messages[topic] = messages
            # Without a connection, _on_connect does it.
            self._mqtt.subscribe(topic, qos=1)
        return messages

    # paho calls the functions below in a thread of its own.

    def _on_connect(self, _client, _userdata, _flags, reason, _properties):
        # The broker forgets the subscriptions of a lost connection.
        for topic in list(self._messages):
            self._mqtt.subscribe(topic, qos=1)
        self._connections.put(str(reason) if reason.value >= 0x80 else None)

    def _on_message(self, _client, _userdata, message):
        self._messages[message.topic].put((message.topic, message.payload))


def _new_mqtt_client():
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho-mqtt 2.x
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    return mqtt.Client(protocol=mqtt.MQTTv5)


def list_processes(client, _options):
    entries = client.processes()
    line = "{:<20} {:<9} {:>8}  {}"
    print(line.format("PROCESS", "STATE", "PID", "COMMAND"))
    for entry in entries:
        print(line.format(entry["process_id"], entry["state"], entry.get("pid", "-"), entry["command"]))


def start_process(client, options):
    with sys.stdin if options.file == "-" else open(options.file, encoding="utf-8") as file:
        config = json.load(file)
    result = client.start(config)
    # A process with a schedule has no pid before its first run.
    print(f"started {result['process_id']}, pid {result.get('pid', '-')}")


def kill_process(client, options):
    client.kill(options.id)
    print(f"killed {options.id}")


def watch(client, _options):
    for health in client.health():
        if health is None:
            print(f"{client.host} is offline, or its health is stale", flush=True)
            continue
        processes = health["processes"]
        clock = time.strftime("%H:%M:%S", time.localtime(health["timestamp"]))
        counts = f"{processes['running']} running, {processes['failed']} failed"
        print(" ".join([clock, health["health"], counts, *(f"({reason})" for reason in health["reasons"])]), flush=True)


def broker_address(text):
    """Splits HOST[:PORT], in which an IPv6 address stands in brackets."""
    parts = urllib.parse.urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(text)
    return parts.hostname, parts.port


def parse_arguments():
    parser = argparse.ArgumentParser(description="Manages the processes of one host of a pmqtt fleet.")
    parser.add_argument("--broker", type=broker_address, default=("127.0.0.1", None), metavar="HOST[:PORT]",
                        help="the broker; the default is 127.0.0.1, port 1883, or 8883 with --ca")
    parser.add_argument("--host", required=True, metavar="NAME", help="the host whose agent is asked")
    parser.add_argument("--user", metavar="NAME", help="the user name for the broker")
    parser.add_argument("--password-file", metavar="FILE", help="a file with the password in its first line")
    parser.add_argument("--timeout", type=float, default=10, metavar="SECONDS",
                        help="how long to wait for an answer; the default is 10")
    parser.add_argument("--ca", metavar="FILE", help="a PEM file of the authority that signed the broker's certificate")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("list", help="list all processes").set_defaults(run=list_processes)
    start = commands.add_parser("start", help="start a process from a config")
    start.add_argument("file", metavar="FILE", help="a JSON file with the config; - is stdin")
    start.set_defaults(run=start_process)
    kill = commands.add_parser("kill", help="stop a process and everything that it started")
    kill.add_argument("id", metavar="ID", help="the process id")
    kill.set_defaults(run=kill_process)
    commands.add_parser("watch", help="print each health message until interrupted").set_defaults(run=watch)
    return parser.parse_args()


def main():
    options = parse_arguments()
    try:
        password = None
        if options.password_file:
            with open(options.password_file, encoding="utf-8") as file:
                password = file.readline().rstrip("\n")
        broker, port = options.broker
        port = port or (8883 if options.ca else 1883)
        with HostClient(options.host, broker, port, options.user, password, options.ca, options.timeout) as client:
            options.run(client, options)
    except KeyboardInterrupt:
        pass
    except (PmqttError, OSError, ValueError) as error:
        sys.exit(f"pmctl_client.py: {error}")


if __name__ == "__main__":
    main()
