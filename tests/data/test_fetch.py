"""Files are found, checked, fetched; damaged ones are never read; offline says what to do. No real network."""

from __future__ import annotations

import gc
import hashlib
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from westphalia.data import catalog as catalogs
from westphalia.data import fetch
from westphalia.errors import DataError

CONTENT = b"state,year\nUSA,2024\n" * 500


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A catalog of two files, served from this machine; `sends` may be changed by a test."""
    state = SimpleNamespace(sends=CONTENT, asked=0, cache=tmp_path / "cache", serves={"one", "two"})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            if self.path.rpartition("/")[2] not in state.serves:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("content-length", str(len(state.sends)))
            self.end_headers()
            self.wfile.write(state.sends)

        def log_message(self, *_: object) -> None:
            pass

    digest = hashlib.sha256(CONTENT).hexdigest()
    base = replace(catalogs.entry("weo"), sha256=digest, bytes=len(CONTENT))
    known = {name: replace(base, id=name, file=f"folder/{name}.csv", path=name) for name in ("one", "two")}
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    monkeypatch.setattr(catalogs, "ADDRESS", f"http://127.0.0.1:{http.server_port}")
    monkeypatch.setattr(fetch, "entry", known.__getitem__)
    monkeypatch.setattr(fetch, "catalog", lambda: known)
    monkeypatch.setenv("WESTPHALIA_CACHE", str(state.cache))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("WESTPHALIA_MIRROR", raising=False)
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


def kept(server: SimpleNamespace, name: str = "one") -> Path:
    return server.cache / "raw" / "folder" / f"{name}.csv"


def test_a_file_is_fetched_once_and_then_found(server: SimpleNamespace):
    assert fetch.raw_path("one").read_bytes() == CONTENT
    assert fetch.raw_path("one") == kept(server)
    assert server.asked == 1


@pytest.mark.parametrize("harm", [CONTENT[:-1], CONTENT[:-1] + b"?", b""])
def test_a_damaged_file_is_named_and_fetched_again(server: SimpleNamespace, harm: bytes):
    fetch.raw_path("one")
    kept(server).write_bytes(harm)
    assert fetch.verify(["one"]) == {"one": "damaged"}
    with pytest.warns(UserWarning, match=r"one\.csv is damaged .* fetching it again"):
        assert fetch.raw_path("one").read_bytes() == CONTENT
    assert fetch.verify() == {"one": "sound", "two": "absent"}


def test_a_wrong_answer_is_thrown_away(server: SimpleNamespace):
    server.sends = CONTENT + b"more"
    with pytest.raises(DataError, match="does not have the catalog's checksum"):
        fetch.raw_path("one")
    assert not kept(server).exists()
    assert list(kept(server).parent.iterdir()) == []


def test_offline_names_the_command(server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogs, "ADDRESS", "http://127.0.0.1:9")
    with pytest.raises(DataError, match=r"one is not on this machine .* run: westphalia data pull one\."):
        fetch.raw_path("one")


def test_a_cache_that_cannot_be_written_is_told(server: SimpleNamespace):
    server.cache.write_text("a file where a folder should be")
    with pytest.raises(
        DataError, match=r"one could not be kept in .* set WESTPHALIA_CACHE to another folder"
    ):
        fetch.raw_path("one")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # pooch leaves the broken connection open
def test_a_disk_that_fills_in_the_middle_leaves_nothing_broken(server: SimpleNamespace):
    """The system itself refuses bytes beyond a thousand: what a full disk does, at a place of our choosing."""
    fetch.raw_path("two")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    asked = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(DataError, match=r"one could not be kept in .*no part of it was\. Make room"):
            fetch.raw_path("one")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, asked)
    gc.collect()
    assert [path.name for path in kept(server).parent.iterdir()] == ["two.csv"]
    assert fetch.raw_path("one").read_bytes() == CONTENT


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # pooch leaves the broken connection open
def test_a_pull_that_broke_off_goes_on_with_what_is_missing(server: SimpleNamespace):
    server.serves = {"one"}
    with pytest.raises(DataError, match=r"1 of 2 files could not be fetched"):
        fetch.pull()
    gc.collect()
    assert fetch.verify() == {"one": "sound", "two": "absent"}
    server.serves, before = {"one", "two"}, server.asked
    assert set(fetch.pull()) == {"one", "two"}
    assert server.asked == before + 1


def test_what_is_needed_is_gathered_and_what_a_mirror_lacks_told_together(
    server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    assert fetch.absent(["one", "two"]) == ("one", "two")
    fetch.gather(["one"])
    assert fetch.absent(["one", "two"]) == ("two",)
    fetch.gather(["one"])
    assert server.asked == 1
    kept(server).unlink()
    monkeypatch.setenv("WESTPHALIA_MIRROR", str(tmp_path))
    told = r"2 files do not exist in .*: folder/one.csv, folder/two.csv, .* run: westphalia data pull one two"
    with pytest.raises(DataError, match=told):
        fetch.gather(["one", "two"])
    assert server.asked == 1


def test_processes_that_pull_at_once_leave_one_sound_file(server: SimpleNamespace):
    code = (
        "import sys\nfrom dataclasses import replace\nfrom westphalia.data import catalog, fetch\n"
        f"catalog.ADDRESS = {catalogs.ADDRESS!r}\n"
        f"one = replace(catalog.entry('weo'), id='one', path='one', file='folder/one.csv', bytes={len(CONTENT)}, "
        f"sha256={hashlib.sha256(CONTENT).hexdigest()!r})\n"
        "fetch.entry = {'one': one}.__getitem__\nfetch.pull(['one'])\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    assert fetch.verify(["one"]) == {"one": "sound"}
    assert [path.name for path in kept(server).parent.iterdir()] == ["one.csv"]


def test_the_mirror_is_read_and_nothing_is_fetched(
    server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("WESTPHALIA_MIRROR", str(mirror))
    (mirror / "one.csv").write_bytes(CONTENT)  # flat: the subfolder is optional
    assert fetch.raw_path("one") == mirror / "one.csv"
    with pytest.raises(DataError, match=r"two\.csv does not exist, and with WESTPHALIA_MIRROR set"):
        fetch.raw_path("two")
    (mirror / "one.csv").write_bytes(CONTENT[:-1])
    with pytest.raises(DataError, match=r"one\.csv is not the file the catalog pins"):
        fetch.raw_path("one")
    assert server.asked == 0


def test_a_mirror_that_is_no_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("WESTPHALIA_MIRROR", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="nowhere, which is not a folder"):
        fetch.raw_path("weo")


def test_pulling_reports_progress_and_skips_what_is_there(server: SimpleNamespace):
    moved: list[float] = []
    progress = SimpleNamespace(
        add_task=lambda _name, total: moved.append(-total),
        update=lambda _task, advance: moved.append(advance),
    )
    assert set(fetch.pull(progress=progress)) == {"one", "two"}
    assert sum(moved) == 0
    assert fetch.pull(["one", "one"], progress=progress).keys() == {"one"}
    assert server.asked == 2
    fetch.pull(["one"], again=True)
    assert server.asked == 3


def test_pulling_tells_all_failures_together(server: SimpleNamespace):
    server.sends = b"no"
    with pytest.raises(DataError, match=r"(?s)2 of 2 files could not be fetched.*pull one.*pull two"):
        fetch.pull()


def test_two_pulling_at_once_leave_one_sound_file(server: SimpleNamespace):
    threads = [threading.Thread(target=fetch.pull, args=(["one"],)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetch.verify(["one"]) == {"one": "sound"}
    assert [path.name for path in kept(server).parent.iterdir()] == ["one.csv"]
