// Starts `spteproof lsp` and joins it with the editor. Nothing is sent anywhere but over the pipes to that process.
"use strict";

const { spawn } = require("child_process");
const vscode = require("vscode");
const { CloseAction, LanguageClient } = require("vscode-languageclient/node");

const PATIENCE_SECONDS = 30;
const STOPPING_SECONDS = 2;

let client;
let watcher;
let server;
let turn = Promise.resolve();

function settings() {
    const chosen = vscode.workspace.getConfiguration("spteproof");
    return { prove: chosen.get("prove"), timeout: chosen.get("timeout") };
}

// The process is ours, so that it can be ended: a client that is packed lacks the script by which it would do so itself.
function launched(command, args) {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    server = spawn(command, args, { cwd: folder?.scheme === "file" ? folder.fsPath : undefined });
    return new Promise((resolve, reject) => {
        const child = server;
        child.on("error", reject);
        child.once("spawn", () => resolve(child));
    });
}

async function start() {
    watcher = vscode.workspace.createFileSystemWatcher("**/*.spte");
    const [command, ...args] = vscode.workspace.getConfiguration("spteproof").get("command");
    let gaveUp = false;
    const made = new LanguageClient(
        "spteproof",
        "spteproof",
        () => launched(command, args),
        {
            documentSelector: [
                { scheme: "file", language: "spte" },
                { scheme: "untitled", language: "spte" },
            ],
            initializationOptions: settings(),
            synchronize: { fileEvents: watcher },
            initializationFailedHandler: () => false, // what went wrong is said below
            errorHandler: {
                error: (...seen) => usual.error(...seen),
                closed: () => (gaveUp ? { action: CloseAction.DoNotRestart, handled: true } : usual.closed()),
            },
        },
    );
    const usual = made.createDefaultErrorHandler();
    client = made;
    let timer;
    const late = new Promise((resolve) => {
        timer = setTimeout(resolve, PATIENCE_SECONDS * 1000, true);
    });
    try {
        gaveUp = (await Promise.race([made.start(), late])) === true;
        if (gaveUp) {
            client = undefined;
            server?.kill("SIGKILL");
            vscode.window.showErrorMessage(
                `spteproof: \`${[command, ...args].join(" ")}\` gives no answer in ${PATIENCE_SECONDS} seconds, and was ` +
                    "ended. Is the setting spteproof.command right? `spteproof: Restart the language server` tries again.",
            );
        }
    } catch (error) {
        vscode.window.showErrorMessage(
            `spteproof: the language server does not start (${error?.message ?? error}). ` +
                "Install it by `pip install 'spteproof[lsp]'`, or say in the setting spteproof.command where it is.",
        );
    } finally {
        clearTimeout(timer);
    }
}

async function stop() {
    const old = client;
    const child = server;
    client = undefined;
    watcher?.dispose();
    if (old !== undefined && old.needsStop()) {
        await old.stop().catch(() => {}); // a server that has ended by itself
    }
    setTimeout(() => child?.kill("SIGKILL"), STOPPING_SECONDS * 1000);
}

// One after the other: a client that is starting cannot be stopped, and settings may change twice at once.
function inTurn(action) {
    turn = turn.catch(() => {}).then(action);
    return turn;
}

async function restart() {
    await stop();
    await start();
}

async function changed(event) {
    if (event.affectsConfiguration("spteproof.command")) {
        await inTurn(restart);
    } else if (event.affectsConfiguration("spteproof") && client !== undefined && client.isRunning()) {
        await client.sendNotification("workspace/didChangeConfiguration", { settings: { spteproof: settings() } });
    }
}

async function activate(context) {
    context.subscriptions.push(
        vscode.workspace.onDidChangeConfiguration(changed),
        vscode.commands.registerCommand("spteproof.restart", () => inTurn(restart)),
    );
    await inTurn(start);
}

module.exports = { activate, deactivate: () => inTurn(stop) };
