"""The server as a process: how it starts, stands alone, stops, and comes back after a kill."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from research_repo.core import instance, jobs, people, tokens
from research_repo.settings import Settings
from tests import make

SERVE = [sys.executable, "-m", "research_repo", "serve", "--port", "0"]

Start = Callable[..., "Server"]


class Server:
    """A running `research-repo serve` and the address that it printed."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        kept = {key: os.environ[key] for key in os.environ if not key.startswith("RESEARCH_REPO_")}
        self.process = subprocess.Popen(
            [*SERVE, *arguments],
            env={**kept, "RESEARCH_REPO_INSTANCE": str(folder), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.line = self.process.stdout.readline()
        self.address = self.line.split()[-1] if self.line else ""

    def get(self, path: str) -> int:
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return answer.status

    def end(self) -> tuple[int, str]:
        """Wait for it; its exit code and what it said on stderr."""
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, err


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Server] = []

    def start(*arguments: str, **settings: str) -> Server:
        started.append(Server(tmp_path / "instance", *arguments, **settings))
        return started[-1]

    yield start
    for server in started:
        with contextlib.suppress(ProcessLookupError):
            server.process.kill()
        server.process.communicate()


def test_the_server_prints_its_address_and_answers(start):
    server = start()
    assert server.line.startswith("Serving on http://127.0.0.1:")
    assert server.get("/healthz") == 200


def wrong_passwords(server: Server, count: int, asks: str) -> int:
    """The last answer to so many wrong passwords, each of somebody else, told to come from there."""
    token = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = token.open(server.address + "/sign-in").read().decode()
    (csrf,) = re.findall(r'name="csrf_token" value="([^"]+)"', page)[:1]
    status = 0
    for number in range(count):
        form = {"csrf_token": csrf, "email": f"{number}{asks}@example.org", "password": "wrong"}
        sent = urllib.request.Request(
            server.address + "/sign-in",
            urllib.parse.urlencode(form).encode(),
            {"X-Forwarded-For": asks},
        )
        try:
            with token.open(sent) as answer:
                status = answer.status
        except urllib.error.HTTPError as refused:
            status = refused.code
            refused.close()
    return status


@pytest.fixture
def inhabited(tmp_path: Path) -> None:
    """Without anybody the server would ask to be set up, and not for a password."""
    database = instance.open_instance(Settings(tmp_path / "instance"))
    with database.saving() as session:
        make.person(session, "Olga", "reader")
    database.close()


@pytest.mark.slow
@pytest.mark.usefixtures("inhabited")
def test_people_behind_a_proxy_that_is_trusted_do_not_share_a_limit_of_wrong_passwords(start):
    server = start("--processes", "1", RESEARCH_REPO_TRUSTED_PROXY="127.0.0.1")
    assert wrong_passwords(server, 31, "203.0.113.7") == 429
    assert wrong_passwords(server, 1, "203.0.113.8") != 429


@pytest.mark.slow
@pytest.mark.usefixtures("inhabited")
def test_nobody_escapes_the_limit_by_a_header_that_a_proxy_would_send(start):
    server = start("--processes", "1")
    assert wrong_passwords(server, 30, "203.0.113.7") != 429
    assert wrong_passwords(server, 1, "203.0.113.8") == 429


def test_a_body_that_no_page_takes_is_refused_before_it_is_kept(start):
    host, port = start().address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.putrequest("POST", "/sign-in")
    connection.putheader("Content-Length", str(2 << 30))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_second_server_on_the_same_instance_is_refused(start):
    first = start()
    code, err = start().end()
    assert code == 2
    assert err.count("\n") == 1
    assert "RESEARCH_REPO_INSTANCE" in err
    assert first.get("/healthz") == 200


def test_a_taken_port_is_named(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, err = start("--port", str(port)).end()
    assert code == 2
    assert err.count("\n") == 1
    assert f"127.0.0.1:{port}" in err
    assert "--port" in err


def beside(server: Server) -> list[int]:
    """The processes that answer beside the first one."""
    listed = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [int(number) for number in listed.split()]


def is_there(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


several = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one process answers")


@several
def test_when_the_first_process_is_killed_the_others_end_and_the_port_is_free(start):
    first = start("--processes", "3")
    others = beside(first)
    assert len(others) == 2
    first.process.kill()
    first.end()
    assert eventually(lambda: not any(map(is_there, others)), seconds=5)
    port = first.address.rpartition(":")[2]
    assert start("--port", port).get("/healthz") == 200


@several
def test_when_another_process_is_killed_the_first_goes_on_and_says_so(start):
    server = start("--processes", "2")
    (other,) = beside(server)
    os.kill(other, signal.SIGKILL)
    assert eventually(lambda: not is_there(other), seconds=5)
    assert [server.get("/healthz") for _ in range(5)] == [200] * 5
    server.process.send_signal(signal.SIGTERM)
    code, err = server.end()
    assert (code, f"Process {other} ended" in err) == (0, True)


@several
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_processes_that_are_all_asked_to_stop_do_so_without_a_word(start, how):
    server = start("--processes", "3")
    for process_id in (*beside(server), server.process.pid):
        os.kill(process_id, how)
    assert server.end() == (0, "")


# A signal strikes wherever the interpreter is: also where what is raised goes to nobody.
STRUCK_IN_A_CALLBACK = """
import signal, weakref
from waitress import wasyncore
from research_repo.cli import processes, serving

parts = {}
serving._EndOfLoop(parts, processes.Family(1))

class Thing:
    pass

thing = Thing()
seen = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM))
del thing
wasyncore.loop(timeout=5, map=parts, count=1)
print("goes on")
"""


def test_a_stop_is_heard_wherever_the_signal_strikes():
    ended = subprocess.run(
        [sys.executable, "-c", STRUCK_IN_A_CALLBACK], capture_output=True, text=True, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@several
def test_what_one_process_saved_every_other_finds_at_once(start, tmp_path):
    server = start("--processes", "3")
    database = instance.open_instance(Settings(instance=tmp_path / "instance"))
    password = people.chosen_password("correct horse battery staple")
    with database.saving() as session:
        system = people.system(session)
        by = people.add(session, system, "a@example.org", "A", "researcher", password)
        _, token = tokens.add(session, by, by.id, "test")
    database.close()
    for number in range(10):
        asked(
            server,
            token,
            "POST",
            "/api/v1/atoms",
            {"kind": "insight", "title": f"Parcel number{number} came late"},
        )
        # Each is a connection of its own: whichever process is free takes it.
        found = [
            asked(server, token, "GET", f"/api/v1/search?q=number{number}")["total"]
            for _ in range(6)
        ]
        assert found == [1] * 6


def asked(server: Server, token: str, method: str, path: str, sent: object = None) -> Any:
    request = urllib.request.Request(
        server.address + path,
        json.dumps(sent).encode() if sent else None,
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def test_a_server_that_was_killed_starts_again(start):
    first = start()
    first.process.kill()
    first.end()
    assert start().get("/healthz") == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_asked_to_stop_does_so_within_ten_seconds(start, how):
    server = start()
    # A browser that keeps its connection open must not hold the server.
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as browser:
        browser.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert browser.recv(100)
        begun = time.monotonic()
        server.process.send_signal(how)
        assert server.end() == (0, "")
    assert time.monotonic() - begun < 10


@pytest.mark.slow
def test_a_job_whose_server_was_killed_is_done_by_the_next(start, tmp_path):
    first = start()
    settings = Settings(instance=tmp_path / "instance")
    database = instance.open_instance(settings)
    with database.saving() as session:
        job_id = jobs.start(session, people.system(session), "index.rebuild").id
    first.process.kill()
    first.end()
    with database.saving() as session:
        # As it stands when the kill came in the middle and the lease ran out since.
        session.connection().exec_driver_sql(
            "UPDATE job SET status = 'running', attempts = 1, lease_until = '2026-01-01 00:00:00'"
        )
    start()
    assert eventually(lambda: status_of(database, job_id) == "done", seconds=15)
    database.close()


def test_commands_work_beside_a_running_server(start, tmp_path):
    server = start()
    environment = {**os.environ, "RESEARCH_REPO_INSTANCE": str(tmp_path / "instance")}
    failed = []

    def add(number: int) -> None:
        add = ("study", "add", f"s-{number}", "--title", "Beside")
        command = [sys.executable, "-m", "research_repo", *add]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        if ended.returncode:
            failed.append(ended.stderr)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert server.get("/healthz") == 200


def status_of(database, job_id: int) -> str:
    with database.reading() as session:
        return jobs.get(session, people.system(session), job_id).status


def eventually(is_so: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.1)
    return is_so()


POOLS_USED = """
import ctypes, threading
from research_repo.cli.processes import share_memory
share_memory()
libc = ctypes.CDLL("libc.so.6")
libc.fdopen.restype = ctypes.c_void_p
together = threading.Barrier(8)
def work():
    held = bytearray(100_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="about the C library of Linux")
def test_the_threads_of_the_server_share_what_memory_they_take() -> None:
    told = subprocess.run(
        [sys.executable, "-c", POOLS_USED], capture_output=True, text=True, check=True
    ).stdout
    assert 1 <= told.count("<heap nr=") <= 2
