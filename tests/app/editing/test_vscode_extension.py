"""The VS Code extension's own code, run by node with an editor and a client that only write down what happens."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

EXTENSION = Path(__file__).resolve().parents[3] / "editors/vscode/src/extension.js"
NODE = shutil.which("node")
STAND_IN = """
const Module = require("module");
const log = [], config = { command: ["good", "lsp"], prove: "type", timeout: 10 };
let alive = 0, onConfig, restart, made;
const wait = setTimeout;
globalThis.setTimeout = (action, ms, ...rest) => wait(action, ms / 500, ...rest);
const later = (ms) => new Promise((resolve) => wait(resolve, ms));
class LanguageClient {
    constructor(id, name, server, options) {
        this.server = server; this.state = "initial"; this.handler = options.errorHandler; made = this;
    }
    createDefaultErrorHandler() { return { error: () => ({ action: 1 }), closed: () => ({ action: 2 }) }; }
    async start() {
        this.state = "starting";
        try {
            this.command = (await this.server()).command;
        } catch (error) {
            this.state = "failed";
            throw error;
        }
        if (this.command === "silent") await new Promise(() => {});
        this.state = "running"; alive += 1; log.push(`start ${this.command}`);
    }
    needsStop() { return this.state === "starting" || this.state === "running"; }
    isRunning() { return this.state === "running"; }
    async stop() {
        if (this.state !== "running") throw new Error(`cannot be stopped while ${this.state}`);
        this.state = "stopped"; alive -= 1; log.push(`stop ${this.command}`);
        if (this.command === "dying") throw new Error("write after end");
    }
    async sendNotification(method, what) { log.push(`${method} ${JSON.stringify(what)}`); }
}
const spawn = (command) => {
    const child = new (require("events"))();
    child.command = command;
    child.kill = () => { if (command === "silent") log.push("end silent", `then ${made.handler.closed().action}`); };
    wait(() => (command === "bad" ? child.emit("error", new Error("spawn bad ENOENT")) : child.emit("spawn")), 5);
    return child;
};
const vscode = {
    workspace: {
        getConfiguration: () => ({ get: (name) => config[name] }),
        createFileSystemWatcher: () => ({ dispose() {} }),
        onDidChangeConfiguration: (action) => { onConfig = action; return {}; },
    },
    window: { showErrorMessage: (text) => log.push(`error ${text}`) },
    commands: { registerCommand: (name, action) => { restart = action; return {}; } },
};
const client = { LanguageClient, CloseAction: { DoNotRestart: 1, Restart: 2 } };
const load = Module._load;
Module._load = (name, ...rest) =>
    name === "child_process" ? { spawn } : name === "vscode" ? vscode : name === "vscode-languageclient/node" ? client : load(name, ...rest);
const change = (name, value) => {
    config[name] = value;
    return onConfig({ affectsConfiguration: (which) => `spteproof.${name}`.startsWith(which) });
};
(async () => {
    const { activate, deactivate } = require(EXTENSION);
    await activate({ subscriptions: [] });
    STORY
    console.log(JSON.stringify({ log, alive }));
})();
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def told(story: str) -> tuple[list[str], int]:
    """What happened in a story, and how many servers run at its end."""
    script = STAND_IN.replace("EXTENSION", json.dumps(str(EXTENSION))).replace("STORY", story)
    ran = subprocess.run([NODE, "-e", script], capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    return said["log"], said["alive"]


def test_a_server_is_started_and_stopped():
    assert told("await deactivate();") == (["start good", "stop good"], 0)


def test_the_command_restarts_it():
    assert told("await restart();") == (["start good", "stop good", "start good"], 1)


def test_other_settings_are_sent():
    log, alive = told('await change("timeout", 3);')
    assert log[1:] == ['workspace/didChangeConfiguration {"settings":{"spteproof":{"prove":"type","timeout":3}}}']
    assert alive == 1


def test_where_it_does_not_start_a_message_says_why_and_what_to_do():
    log, alive = told('await change("command", ["bad"]);')
    assert log[:2] == ["start good", "stop good"]
    assert "does not start (spawn bad ENOENT)" in log[2] and "pip install" in log[2]
    assert alive == 0


def test_settings_that_change_twice_at_once_leave_the_last_server_running():
    log, alive = told(
        'const one = change("command", ["bad"]); const two = change("command", ["new"]); await one; await two;'
    )
    assert (log[-1], alive) == ("start new", 1)


def test_a_failed_start_is_followed_by_a_good_one():
    log, alive = told(
        'const one = change("command", ["bad"]); await later(2); await change("command", ["new"]); await one;'
    )
    assert (log[-1], alive) == ("start new", 1)
    assert sum(each.startswith("error") for each in log) == 1


def test_a_server_that_dies_while_it_is_stopped_is_replaced():
    log, alive = told('await change("command", ["dying"]); await change("command", ["new"]);')
    assert (log[-1], alive) == ("start new", 1)


def test_a_server_that_never_answers_is_ended_with_a_message_and_not_started_again():
    log, alive = told('await change("command", ["silent", "lsp"]);')
    assert log[:4] == ["start good", "stop good", "end silent", "then 1"]
    assert "`silent lsp` gives no answer in 30 seconds, and was ended" in log[4]
    assert alive == 0 and len(log) == 5


def test_after_one_that_never_answers_another_can_be_started():
    log, alive = told('const one = change("command", ["silent"]); await change("command", ["new"]); await one;')
    assert (log[-1], alive) == ("start new", 1)
    log, alive = told('await change("command", ["silent"]); config.command = ["good"]; await restart();')
    assert (log[-1], alive) == ("start good", 1)


def test_a_server_that_answers_and_dies_is_started_again_by_the_client():
    log, _ = told("log.push(`then ${made.handler.closed().action}`);")
    assert log == ["start good", "then 2"]
