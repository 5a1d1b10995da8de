#!/usr/bin/env python3
"""Checks an evidence pack of Shouhou, as the ZIP or as the unpacked folder. Needs Python 3.8 or newer and nothing else.

    python3 verify.py KS-7R4-M2X-H9F.zip
    python3 verify.py                       (in the unpacked folder)

Exit code 0: everything fits. 1: something does not; the first thing that does not is named.
"""

from __future__ import annotations

import errno
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, Iterator

FORMAT = "shouhou-evidence-pack/1"
MANIFEST = "manifest.json"
SUM = "manifest.sha256"
STAMP = "manifest.tsr"
UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, UnicodeDecodeError)
ANOTHER_VALUE = (LookupError, ValueError, TypeError, AttributeError, RecursionError)
PROVES = """\
What this shows: nothing in the pack was changed, added, taken out or put in another order since it was made, and each
original file, each message and each entry of the log is as Shouhou received or wrote it. It is about the time since
receipt. It does not show what happened before: whether a picture was edited before it was sent cannot be told from here.
Whoever made the pack could have made another one: compare the manifest's SHA-256 with the one that you were told of, or
check the time stamp, if there is one.

本检查说明：证据包自生成以来没有被修改、增加、删除或调换；每个原始文件、每条消息、每条记录都与收到或写下时一致。
它只说明收到之后的完整性，不说明拍摄之后、收到之前发生过什么。请将清单的 SHA-256 与您另外得知的值核对，或核对时间戳。"""


class Pack:
    """The files of a ZIP or of a folder, by name."""

    def __init__(self, path: Path) -> None:
        self.is_folder = path.is_dir()
        if self.is_folder:
            self._folder = path
            found = [one for one in path.rglob("*") if not one.is_dir() or one.is_symlink()]
            self.names = sorted(one.relative_to(path).as_posix() for one in found)
        else:
            self._zip = zipfile.ZipFile(str(path))
            self.names = sorted(one.filename for one in self._zip.infolist())

    def chunks(self, name: str) -> Iterator[bytes]:
        opened: Any = (self._folder / name).open("rb") if self.is_folder else self._zip.open(name)
        with opened:
            while True:
                chunk = opened.read(1 << 20)
                if not chunk:
                    return
                yield chunk

    def read(self, name: str) -> bytes:
        return b"".join(self.chunks(name))

    def measure(self, name: str) -> tuple[str, int]:
        """SHA-256 and size."""
        digest, size = hashlib.sha256(), 0
        for chunk in self.chunks(name):
            digest.update(chunk)
            size += len(chunk)
        return digest.hexdigest(), size


def why_not(error: Exception) -> str:
    """That something could not be read, in a sentence."""
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
        return f"it cannot be read: {error.strerror}"
    return "it cannot be read: the ZIP is damaged here, cut off or changed; get the pack once more"


def canonical(value: Any) -> bytes:
    """The one spelling of a value that hashes are taken of."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def check_manifest(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    raw = pack.read(MANIFEST)
    if SUM not in pack.names:
        yield f"{SUM}: it is missing"
    elif pack.read(SUM) != f"{sha256(raw)}  {MANIFEST}\n".encode():
        yield f"{MANIFEST}: its SHA-256 is {sha256(raw)}, and {SUM} names another"
    if canonical(manifest) != raw:
        yield f"{MANIFEST}: it is not written as it was made"


def check_files(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    files = manifest["files"]
    received = {one["file"] for one in manifest["evidence"]}
    for name in sorted(name for name in set(pack.names) if pack.names.count(name) > 1):
        yield f"{name}: it is in the pack more than once"
    for name, known in sorted(files.items()):
        if name not in pack.names:
            yield f"{name}: it is missing"
            continue
        try:
            digest, size = pack.measure(name)
        except UNREADABLE as error:
            yield f"{name}: {why_not(error)}"
            continue
        if (digest, size) != (known["sha256"], known["size"]):
            was = "that was received" if name in received else "that was written when the pack was made"
            yield f"{name}: it is not the file {was}: SHA-256 {digest} instead of {known['sha256']}"
    expected = {MANIFEST, SUM, *files} | ({STAMP} if manifest["time_stamp"]["is_in_pack"] else set())
    for name in sorted(set(pack.names) - expected):
        yield f"{name}: it does not belong to the pack"


def check_log(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    case, before, expected = manifest["case"], "", 1
    for entry in manifest["log"]:
        position = entry["position"]
        name = f"log entry {position} ({entry['what']})"
        if position != expected:
            yield f"log entry {expected}: it is missing; {name} stands in its place"
            return
        content = [case["number"], position, entry["at"], entry["actor"], entry["what"], entry["facts"]]
        digest = sha256(before.encode() + canonical(content))
        if digest != entry["hash"]:
            yield f"{name}: it was changed, or does not follow the entry before it"
            return
        before, expected = digest, expected + 1
    if (len(manifest["log"]), before) != (case["log_length"], case["log_head"]):
        yield f"log entry {expected}: it is missing, or the last entry is another: the case names {case['log_length']} entries"


def check_decisions(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    entries = {entry["position"]: entry for entry in manifest["log"]}
    for decision in manifest["decisions"]:
        entry = entries.get(decision["entry"], {})
        for name, value in decision.items():
            if name != "entry" and value != entry.get(name):
                yield f"decision of log entry {decision['entry']}: its '{name}' is not what the log says"
                return


def check_conversations(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    """Message by message; log entries say which head the chain had when they were written."""
    anchors: dict[str, list[tuple[int, str, str]]] = {}
    for entry in manifest["log"]:
        said = entry["facts"].get("said")
        if said:
            name = f"log entry {entry['position']} ({entry['what']})"
            anchors.setdefault(said["chat"], []).append((said["position"], said["head"], name))
    for conversation in manifest["conversations"]:
        names = [conversation["chat"], *conversation["once"]]
        known = [anchor for name in names for anchor in anchors.pop(name, [])]
        yield from check_conversation(conversation, sorted(known))
    for chat in sorted(anchors):
        yield f"conversation {chat}: it is missing"


def check_conversation(conversation: dict[str, Any], anchors: list[tuple[int, str, str]]) -> Iterator[str]:
    position, head = conversation["start"]["position"], conversation["start"]["head"]
    # An empty head is a chain's beginning: what was said before it is in none.
    sure, waiting = position, [anchor for anchor in anchors if head or anchor[0] > position]
    for message in [*conversation["messages"], None]:
        until = message["position"] if message else None
        while waiting and (until is None or waiting[0][0] < until):
            place, expected, name = waiting.pop(0)
            if place < position or expected != head:
                last = max(place, position)
                which = f"message {last}" if sure + 1 >= last else f"messages {sure + 1} to {last}"
                before = " (or one before the pack's first)" if sure == conversation["start"]["position"] else ""
                yield f"{which}{before}: changed, missing or moved; not what {name} was written after"
                return
            sure = place
        if message is None:
            if position != sure:
                yield f"messages {sure + 1} to {position}: no entry of the log covers them"
            return
        if message["position"] <= position:
            yield f"message {message['position']}: it is out of order"
            return
        position = message["position"]
        digest = message["digest"] if "digest" in message else digest_of(message)
        head = sha256(head.encode() + digest.encode())


def digest_of(message: dict[str, Any]) -> str:
    names = ("position", "at", "author", "text", "buttons", "photo", "files")
    return sha256(canonical([message[name] for name in names]))


def check_evidence(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    """What the log last said of each piece is what the manifest says."""
    logged: dict[str, dict[str, Any]] = {}
    for entry in manifest["log"]:
        if entry["what"] == "evidence":
            for one in entry["facts"]["evidence"]:
                logged[one["id"]] = dict(one, entry=entry["position"])
    listed = {one["custody"]["id"]: one for one in manifest["evidence"]}
    for id_, known in sorted(logged.items()):
        entry_position = known.pop("entry")
        if id_ not in listed:
            yield f"evidence {id_}: it is missing; log entry {entry_position} has it"
        elif listed[id_]["custody"] != known:
            yield f"evidence {id_}: it is not described as in log entry {entry_position}"
    for id_, one in sorted(listed.items()):
        if id_ not in logged:
            yield f"evidence {id_}: the log does not have it"
        file, custody = one["file"], one["custody"]
        if file is None and custody["state"] == "kept":
            yield f"evidence {id_}: its file is missing"
        elif file is not None and manifest["files"].get(file) != {name: custody[name] for name in ("sha256", "size")}:
            yield f"{file}: it is not the file of evidence {id_}"


def check_stamp(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    """That the time stamp is one of this manifest. Who signed it, openssl can tell."""
    if not manifest["time_stamp"]["is_in_pack"]:
        return
    if STAMP not in pack.names:
        yield f"{STAMP}: it is missing"
        return
    try:
        digest = stamped(pack.read(STAMP))
    except (ValueError, IndexError) as error:
        yield f"{STAMP}: it is no time stamp ({error})"
        return
    if digest != sha256(pack.read(MANIFEST)):
        yield f"{STAMP}: it is the time stamp of something else"


SHA256_ID = bytes.fromhex("0609608648016503040201")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")


def stamped(response: bytes) -> str:
    """The SHA-256 that a TimeStampResp (RFC 3161, 2.4.2) is about: TSTInfo.messageImprint, found from its content type on."""
    status, token = parts(parts(response)[0][1])[:2]
    if parts(status[1])[0][1] not in (b"\x00", b"\x01"):
        raise ValueError("it was not granted")
    signed_data = parts(parts(parts(token[1])[1][1])[0][1])
    kind, content = parts(signed_data[2][1])[:2]
    if kind[1] != TST_INFO:
        raise ValueError("it holds something else")
    info = parts(parts(parts(content[1])[0][1])[0][1])
    algorithm, imprint = parts(info[2][1])[:2]
    if not algorithm[1].startswith(SHA256_ID):
        raise ValueError("it is not about a SHA-256")
    return imprint[1].hex()


def parts(der: bytes) -> list[tuple[int, bytes]]:
    """The elements of DER, each with its tag and its content."""
    found, place = [], 0
    while place < len(der):
        tag, length, place = der[place], der[place + 1], place + 2
        if length & 0x80:
            size = length & 0x7F
            length, place = int.from_bytes(der[place : place + size], "big"), place + size
        if place + length > len(der):
            raise ValueError("it is cut off")
        found.append((tag, der[place : place + length]))
        place += length
    return found


CHECKS = (
    check_files,
    check_log,
    check_conversations,
    check_evidence,
    check_decisions,
    check_stamp,
    check_manifest,
)


def problems(path: Path) -> Iterator[str]:
    """What does not fit, most telling first; nothing when all does."""
    try:
        pack = Pack(path)
    except OSError as error:
        yield f"{path.name}: {why_not(error)}"
        return
    except UNREADABLE:
        yield f"{path.name}: it is no whole ZIP: it was cut off or damaged, or is something else; get the pack once more"
        return
    if MANIFEST not in pack.names:
        yield f"{MANIFEST}: it is missing"
        return
    try:
        raw = pack.read(MANIFEST)
    except UNREADABLE as error:
        yield f"{MANIFEST}: {why_not(error)}"
        return
    try:
        manifest = json.loads(raw.decode())
        if manifest["format"] != FORMAT:
            yield f"{MANIFEST}: it is of another version, {manifest['format']!r}, and this checks {FORMAT!r}"
            return
    except ANOTHER_VALUE:
        yield f"{MANIFEST}: it is not as it was made: it is no JSON, or has no format"
        return
    for check in CHECKS:
        try:
            yield from check(pack, manifest)
        except ANOTHER_VALUE:
            yield f"{MANIFEST}: it is not as it was made: {check.__name__} misses something in it, or finds another kind of value"
        except UNREADABLE as error:
            yield f"{path.name}: {why_not(error)}"


def main(words: list[str]) -> int:
    if len(words) > 1 or words[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0 if words[:1] in (["-h"], ["--help"]) else 1
    path = Path(words[0]) if words else Path(__file__).resolve().parent
    found = list(problems(path))
    if found:
        print(f"DOES NOT FIT 不一致\n{found[0]}")
        if len(found) > 1:
            print(f"and {len(found) - 1} more after that:", *found[1:], sep="\n  ")
        return 1
    pack = Pack(path)
    raw = pack.read(MANIFEST)
    manifest = json.loads(raw.decode())
    count = sum("text" in message for one in manifest["conversations"] for message in one["messages"])
    print(f"EVERYTHING FITS 全部一致: case {manifest['case']['number']}")
    print(f"{len(manifest['files'])} files, {len(manifest['log'])} log entries, {count} messages")
    print(f"SHA-256 of {MANIFEST}: {sha256(raw)}")
    print(f"\n{PROVES}")
    if manifest["time_stamp"]["is_in_pack"]:
        print(
            f"\n{STAMP} is a time stamp of this manifest. Who gave it and when, with that authority's certificate CA.pem:"
        )
        print(f"  openssl ts -verify -data {MANIFEST} -in {STAMP} -CAfile CA.pem")
        print(f"  openssl ts -reply -in {STAMP} -text")
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
