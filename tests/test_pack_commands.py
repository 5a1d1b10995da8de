"""The command line for packs, through a running server and without one; and time stamps of a real authority."""

import json
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot import event_loop
from bot.pack import verify
from tests.machine import needed
from tests.packing import Bench, two_cases
from tests.servers import running, shouhou

OPENSSL = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
accuracy = secs:1
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
"""


def openssl(*words: str, content: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *words], input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Authority(BaseHTTPRequestHandler):
    """Answers as RFC 3161, 3.4 says, with what `openssl ts -reply` makes."""

    folder: Path
    wrong: str = ""

    def do_POST(self) -> None:
        query = self.folder / "query.tsq"
        query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        if self.wrong == "silent":
            self.send_error(503)
            return
        if self.wrong == "other":
            openssl("ts", "-query", "-data", str(self.folder / "tsa.cnf"), "-sha256", "-cert", "-out", str(query))
        reply = openssl("ts", "-reply", "-config", str(self.folder / "tsa.cnf"), "-queryfile", str(query))
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(b"\x30\x03no" if self.wrong == "rubbish" else reply)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed("openssl")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(OPENSSL.format(folder=folder))
    ca, key = str(folder / "ca.pem"), str(folder / "ca.key")
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-sha256")
    openssl(*new, "-x509", "-days", "3650", "-subj", "/CN=Test CA", "-keyout", key, "-out", ca)
    request, own = str(folder / "tsa.csr"), str(folder / "tsa.key")
    openssl(*new, "-subj", "/CN=Test TSA", "-keyout", own, "-out", request)
    openssl(
        "x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-CAcreateserial", "-days", "3650", "-sha256",
        "-extfile", str(folder / "tsa.cnf"), "-extensions", "stamps", "-out", str(folder / "tsa.pem"),
    )  # fmt: skip
    return folder


@contextmanager
def authority(keys: Path, wrong: str = "") -> Iterator[str]:
    handler = type("Ours", (Authority,), {"folder": keys, "wrong": wrong})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def case_in(folder: Path) -> str:
    async with Bench(folder) as bench:
        kettle, _ = await two_cases(bench)
        return kettle


@pytest.mark.parametrize("with_server", [True, False])
def test_pack_get_and_verify(with_server: bool, tmp_path: Path) -> None:
    data = tmp_path / "data"
    number = event_loop.run(case_in(data))

    def run(*words: str) -> str:
        done = shouhou("evidence", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def act() -> None:
        made = run("pack", number, "-o", "pack.zip", "--agent", "wang", "--data", str(data))
        got = run("get", number.lower(), "-o", "views", "--agent", "wang", "--data", str(data))
        run("get", number, "-o", "originals", "--original", "--agent", "wang", "--data", str(data))
        assert verify.sha256((tmp_path / "pack.zip").read_bytes()) in made
        assert "The originals in it are untouched: they may tell where a photo was taken. These do: 01-" in made
        assert "views/01-" in got
        assert "\u202e" not in got
        again = shouhou("evidence", "get", number, "-o", "views", "--data", str(data), cwd=tmp_path)
        assert "is there already" in again.stderr

    if with_server:
        with running(data):
            act()
    else:
        act()

    assert f"case {number}" in run("verify", "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as opened:
        opened.extractall(tmp_path / "unpacked")
        log = json.loads(opened.read("manifest.json"))["log"]
    assert (log[-1]["what"], log[-1]["actor"]) == ("downloaded", "agent:wang")
    assert "EVERYTHING FITS" in run("verify", "unpacked")
    assert sorted(file.suffix for file in (tmp_path / "views").iterdir()) == [".jpg", ".jpg", ".mp4"]
    assert sorted(file.suffix for file in (tmp_path / "originals").iterdir()) == [".heic", ".jpg", ".mp4"]
    assert not [file for file in (tmp_path / "views").iterdir() if b"GPS" in file.read_bytes()]
    assert list((data / "packs").iterdir()) == []
    shown = json.loads(shouhou("case", "show", number, "--json", "--data", str(data), cwd=tmp_path).stdout)
    whats = [[what, actor] for _, actor, what, _ in shown["log"]]
    wang = "agent:wang"
    assert whats[-6:-1] == [
        ["approved", "agent:li"],
        ["downloaded", wang],
        ["packed", wang],
        *[["downloaded", wang]] * 2,
    ]
    assert shown["evidence"][0]["id"]
    assert "said" not in shown["log"][-1][3]
    (tmp_path / "unpacked" / "summary.html").write_text("all is well")
    refused = shouhou("evidence", "verify", "unpacked", cwd=tmp_path)
    assert refused.returncode == 1
    assert "summary.html: it is not the file that was written when the pack was made" in refused.stdout


def test_whoever_asks_how_a_pack_is_made_reads_what_its_originals_may_tell(tmp_path: Path) -> None:
    told = " ".join(shouhou("evidence", "pack", "--help", cwd=tmp_path).stdout.split())

    assert "The originals in it are untouched: they may tell where a photo was taken." in told


async def test_a_time_stamp_is_in_the_pack_and_openssl_says_whose(keys: Path, tmp_path: Path) -> None:
    with authority(keys) as url:
        async with Bench(tmp_path / "data", evidence={"read_text": False, "timestamp_url": url}) as bench:
            kettle, _ = await two_cases(bench)
            done = await bench.pack(kettle)

    assert (done["problem"], done["time_stamp"]) == ("", True)
    with zipfile.ZipFile(done["file"]) as opened:
        opened.extractall(tmp_path / "unpacked")
        contents = {name: opened.read(name) for name in opened.namelist()}
    assert "manifest.tsr" in contents["summary.html"].decode()
    folder = tmp_path / "unpacked"
    stamp = ("ts", "-verify", "-data", str(folder / verify.MANIFEST), "-in", str(folder / verify.STAMP))
    openssl(*stamp, "-CAfile", str(keys / "ca.pem"))
    checked = subprocess.run(["python3", str(folder / "verify.py")], capture_output=True, text=True, check=True)
    assert "openssl ts -verify -data manifest.json -in manifest.tsr -CAfile CA.pem" in checked.stdout

    other = tmp_path / "other.json"
    other.write_bytes(b"{}")
    assert verify.stamped(contents[verify.STAMP]) == verify.sha256(contents[verify.MANIFEST])
    (folder / verify.STAMP).write_bytes(reply_about(other, keys))
    assert next(verify.problems(folder)) == "manifest.tsr: it is the time stamp of something else"
    for rubbish in (b"", b"\x30\x80", contents[verify.STAMP][:200], b"\x30\x05\x30\x03\x02\x01\x02", bytes(500)):
        (folder / verify.STAMP).write_bytes(rubbish)
        assert next(verify.problems(folder)).startswith("manifest.tsr: it is no time stamp")
    (folder / verify.STAMP).unlink()
    assert next(verify.problems(folder)) == "manifest.tsr: it is missing"


def reply_about(file: Path, keys: Path) -> bytes:
    query = keys / "other.tsq"
    openssl("ts", "-query", "-data", str(file), "-sha256", "-cert", "-out", str(query))
    return openssl("ts", "-reply", "-config", str(keys / "tsa.cnf"), "-queryfile", str(query))


@pytest.mark.parametrize("wrong", ["silent", "rubbish", "other"])
async def test_an_authority_that_gives_none_stops_nothing(keys: Path, tmp_path: Path, wrong: str) -> None:
    with authority(keys, wrong) as url:
        async with Bench(tmp_path, evidence={"read_text": False, "timestamp_url": url}) as bench:
            kettle, _ = await two_cases(bench)
            done = await bench.pack(kettle)

    assert (done["problem"], done["time_stamp"], done["asked"]) == ("", False, url)
    with zipfile.ZipFile(done["file"]) as opened:
        assert verify.STAMP not in opened.namelist()
        assert f"A time stamp was asked for, but {url} gave none" in opened.read("summary.html").decode()


async def test_nobody_at_the_address_stops_nothing_either(tmp_path: Path) -> None:
    async with Bench(tmp_path, evidence={"read_text": False, "timestamp_url": "http://127.0.0.1:9/"}) as bench:
        kettle, _ = await two_cases(bench)
        done = await bench.pack(kettle)

    assert (done["problem"], done["time_stamp"]) == ("", False)
