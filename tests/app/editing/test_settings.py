"""What a person may choose, and servers that are started in other ways than most."""

import asyncio
import subprocess
import sys
import time

import pytest
from lsprotocol import types as lsp

from spteproof.cli import main
from spteproof.editing.proofs import Proofs, Request
from spteproof.editing.settings import Settings, settings_from


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, Settings()),
        ({"prove": "save", "timeout": 5}, Settings(prove="save", timeout=5.0)),
        ({"spteproof": {"prove": "never"}}, Settings(prove="never")),
        ({"prove": "sometimes", "timeout": -1}, Settings()),
        ({"timeout": True}, Settings()),
        ({"spteproof": None}, Settings()),
        ([], Settings()),
    ],
)
def test_settings_are_read_and_nonsense_is_as_if_it_were_not_said(said, meant):
    assert settings_from(said) == meant


def test_without_its_libraries_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr("spteproof.editing.command.NEEDED", ("a_library_that_nobody_has",))
    assert main(["lsp"]) == 2
    assert "pip install 'spteproof[lsp]'" in capsys.readouterr().err


def test_other_commands_do_not_import_the_servers_libraries():
    code = "import sys, spteproof.cli; spteproof.cli.parser(); print([m for m in sys.modules if 'lsp' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


@pytest.fixture(scope="module")
def quiet_editor(start_editor):
    """Its person wants columns in bytes, no workspace, and proofs on demand only."""
    yield from start_editor(encodings=["utf-8"], options={"prove": "never", "folder": False})


def test_a_client_may_count_bytes(quiet_editor):
    assert quiet_editor.said.capabilities.position_encoding == "utf-8"
    uri = quiet_editor.open("untitled:bytes", "/* é */ layout l { W = bit 1; }\npredicate p(u64 a) = a & W;\n")
    at = {"text_document": lsp.TextDocumentIdentifier(uri), "position": lsp.Position(1, 25)}
    (found,) = quiet_editor.ask("textDocument/definition", lsp.DefinitionParams(**at))
    assert found.range.start == lsp.Position(0, 20)
    quiet_editor.close(uri)


def test_nothing_is_proved_unasked_and_all_that_is_asked_for(quiet_editor, small_text):
    uri = quiet_editor.open("untitled:asked", small_text)
    quiet_editor.diagnostics(uri)
    time.sleep(0.3)
    assert quiet_editor.hints(uri) == []
    command = lsp.ExecuteCommandParams(command="spteproof.prove", arguments=[uri, "clears"])
    quiet_editor.ask("workspace/executeCommand", command)
    quiet_editor.until(lambda: quiet_editor.hints(uri) == ["proved", "1 proved: as expected"])
    quiet_editor.close(uri)


def test_a_person_may_change_their_mind(quiet_editor, small_text):
    uri = quiet_editor.open("untitled:mind", small_text)
    quiet_editor.client.workspace_did_change_configuration(
        lsp.DidChangeConfigurationParams({"spteproof": {"prove": "type"}})
    )
    quiet_editor.until(lambda: len(quiet_editor.hints(uri)) == 4)
    quiet_editor.client.workspace_did_change_configuration(
        lsp.DidChangeConfigurationParams({"spteproof": {"prove": "save"}})
    )
    quiet_editor.type(uri, small_text.replace("spte |= A | D", "spte |= A"))
    quiet_editor.diagnostics(uri)
    time.sleep(0.2)
    assert quiet_editor.hints(uri) == []
    quiet_editor.client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
    quiet_editor.until(lambda: len(quiet_editor.hints(uri)) == 4)
    quiet_editor.close(uri)


# The worker ----------------------------------------------------------------------------------------------

DIES = "import sys; print('{\"ready\": true}', flush=True); sys.stdin.readline()"
HANGS = f"{DIES}; sys.stdin.readline(); import time; time.sleep(60)"
LIES = (
    "import sys, json; print('{\"ready\": true}', flush=True)\n"
    "for line in sys.stdin:\n"
    "    n = json.loads(line).get('prove')\n"
    "    print(json.dumps({'id': n, 'read': 'other texts', 'task': 't', 'found': [], 'whole': True}))\n"
    "    print(json.dumps({'id': n, 'done': True, 'problem': None}), flush=True)\n"
)


def asked(code, *, cancel=False, times=1):
    """What a worker that runs this code brings: tasks, and how each request ended; and how many workers it took."""
    tasks, ends = [], []

    async def run():
        proofs = Proofs(command=(sys.executable, "-c", code))
        for number in range(times):
            done = asyncio.Event()

            def ended(problem, done=done):
                ends.append(problem)
                done.set()

            proofs.prove(
                Request(
                    uri=f"u{number}", message={}, read="these", found=lambda task, *_: tasks.append(task), ended=ended
                )
            )
            if cancel:
                await asyncio.sleep(0.3)
                proofs.cancel(f"u{number}")
            await asyncio.wait_for(done.wait(), 20)
        if cancel:
            await asyncio.sleep(1.0)
        await proofs.close()
        return proofs.started

    return asyncio.run(run()), tasks, ends


def test_a_worker_that_dies_takes_one_request_with_it_and_another_is_started():
    started, tasks, ends = asked(DIES, times=2)
    assert (started, tasks) == (2, [])
    assert ends == ["the process for proofs ended before there was a verdict"] * 2


def test_a_worker_that_does_not_stop_is_ended():
    started, tasks, ends = asked(HANGS, cancel=True)
    assert (started, ends) == (2, [None])


def test_what_was_proved_of_other_texts_than_those_at_hand_is_dropped():
    assert asked(LIES) == (1, [], [None])


GIVES = (
    "import sys, json, time; print('{\"ready\": true}', flush=True)\n"
    "for line in sys.stdin:\n"
    "    said = json.loads(line)\n"
    "    for task in said.get('tasks', []):\n"
    "        print(json.dumps({'id': said['prove'], 'read': 'these', 'task': task, 'found': [], 'whole': True}), flush=True)\n"
    "        time.sleep(0.1 if task != 'c' else 0)\n"
    "    if 'prove' in said:\n"
    "        print(json.dumps({'id': said['prove'], 'done': True, 'problem': None}), flush=True)\n"
)


def test_a_request_makes_way_for_one_of_another_text_and_goes_on_later():
    async def run():
        proofs, found, done = Proofs(command=(sys.executable, "-c", GIVES)), [], asyncio.Event()

        def request(uri, tasks):
            return Request(
                uri=uri,
                message={"tasks": tasks},
                read="these",
                found=lambda task, *_: found.append(task),
                ended=lambda why: done.set() if uri == "long" else None,
            )

        proofs.prove(request("long", ["a", "b", "d"]))
        while not found:
            await asyncio.sleep(0.01)
        proofs.prove(request("short", ["c"]))
        await asyncio.wait_for(done.wait(), 20)
        await proofs.close()
        return found

    found = asyncio.run(asyncio.wait_for(run(), 30))
    assert sorted(found) == ["a", "b", "c", "d"]
    assert found.index("c") < found.index("d")


def test_a_worker_that_cannot_be_started_is_said():
    async def run():
        proofs = Proofs(command=("/nowhere/at/all",))
        ends = []
        done = asyncio.Event()
        request = Request(
            uri="u", message={}, read="", found=lambda *_: None, ended=lambda why: (ends.append(why), done.set())
        )
        proofs.prove(request)
        await asyncio.wait_for(done.wait(), 20)
        await proofs.close()
        return ends

    assert asyncio.run(run()) == ["the process for proofs cannot be started"]
