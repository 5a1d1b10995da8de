"""Makes evidence packs, and copies of a case's files for agents."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from bot.model.checklist import Checklist
from bot.model.evidence import Evidence, EvidenceState
from bot.pack import archive, verify
from bot.pack.gather import Gathered, gather
from bot.pack.manifest import Stamp, manifest
from bot.pack.names import names
from bot.pack.stamp import stamp
from bot.pack.summary import Summary
from bot.pack.whose import Chat, chats
from bot.store import evidence
from bot.store.database import Database
from bot.store.errands import Errand
from bot.store.log import Entry
from bot.store.objects import Objects, sha256_of
from bot.store.values import canonical_json
from bot.wording import Wording

FOLDER = "packs"
LARGEST_BYTES = 50_000_000
"""What Telegram takes of a bot (Bot API, sendDocument: 50 MB); larger ones are not offered to customers at all."""
SUMMARY = "summary.html"
VERIFY = "verify.py"
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Built:
    """`places`: the files of which we know that they tell where they were taken.

    `problem`: the first thing that does not fit, as verify.py names it. It is a fault in what is kept, and goes out as it is.
    """

    file: Path
    sha256: str
    size: int
    manifest_sha256: str
    stamp: Stamp
    places: Sequence[str]
    problem: str

    @property
    def facts(self) -> dict[str, Any]:
        """What the case's log keeps of it."""
        return {
            "sha256": self.sha256,
            "size": self.size,
            "manifest": self.manifest_sha256,
            "time_stamp": self.stamp.is_in_pack,
        }


class Packs:
    """Called with an errand `pack`, whose subject is a case's number, it makes the customer's."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        wording: Wording,
        checklist: Checklist,
        folder: Path,
        timestamp_url: str,
    ) -> None:
        self._database = database
        self._objects = objects
        self._wording = wording
        self._checklist = checklist
        self._folder = folder
        self._timestamp_url = timestamp_url

    async def __call__(self, errand: Errand) -> Mapping[str, Any]:
        """The log's facts of the pack, which is in the object store; `too_large` where it cannot be sent."""
        gathered = await gather(self._database, errand.subject)
        made = last_made(gathered.mine.entries)
        if made and await self._objects.size(made["sha256"]) == made["size"]:
            return made
        built = await self.build(errand.subject)
        try:
            if built.size > LARGEST_BYTES:
                return {"too_large": built.size}
            await self._objects.put_file(built.file, built.sha256)
        finally:
            shutil.rmtree(built.file.parent)
        return built.facts

    async def build(self, number: str) -> Built:
        """In a folder of its own, which the caller takes away. Raises LookupError when there is no such case."""
        gathered = await gather(self._database, number)
        folder = self._new_folder()
        try:
            return await self._build(gathered, folder)
        except BaseException:
            shutil.rmtree(folder)
            raise

    async def _build(self, gathered: Gathered, folder: Path) -> Built:
        named, said = names(gathered.mine.evidence), chats(gathered)
        kept = {one.id: one for one in gathered.mine.evidence if one.id in named}
        files = [(named[id_], folder / named[id_]) for id_ in kept]
        there = {id_: await self._fetch(one.sha256, folder / named[id_]) for id_, one in kept.items()}
        views = {id_: view for id_, one in kept.items() if (view := await self._view(one))}

        parts = Parts(self._wording, self._checklist, gathered, said, named, views)
        asked = self._timestamp_url
        contents = await asyncio.to_thread(parts.contents, Stamp(asked, is_in_pack=bool(asked)))
        token = await stamp(asked, contents[verify.MANIFEST]) if asked else None
        if token:
            contents[verify.STAMP] = token
        elif asked:  # nothing in the pack says that there is one
            contents = await asyncio.to_thread(parts.contents, Stamp(asked))

        pack = folder / f"{gathered.mine.case.number}.zip"
        paths = [(name, path) for (name, path), id_ in zip(files, kept, strict=True) if there[id_]]
        await asyncio.to_thread(archive.write, pack, contents, paths)
        problem = await asyncio.to_thread(lambda: next(verify.problems(pack), ""))
        if problem:
            logger.error("pack_does_not_fit", case=gathered.mine.case.number)
        return Built(
            pack,
            await asyncio.to_thread(sha256_of, pack),
            pack.stat().st_size,
            verify.sha256(contents[verify.MANIFEST]),
            Stamp(asked, is_in_pack=token is not None),
            [named[id_] for id_, one in kept.items() if one.found.get("has_place")],
            problem,
        )

    async def copy(self, number: str, ids: Sequence[str], *, originals: bool) -> tuple[Path, list[dict[str, Any]]]:
        """These files, or for pictures the small copies without metadata, in a folder that the caller takes away.

        With each its id, its name there, and what the customer called it.
        """
        async with self._database.reading() as connection:
            found = await evidence.of_case(connection, number)
        folder, named = self._new_folder(), names(found)
        listed = []
        for one in found:
            if one.id not in ids or one.id not in named:
                continue
            is_view = not originals and one.is_picture and bool(one.view_sha256)
            name = f"{Path(named[one.id]).stem}.view.jpg" if is_view else named[one.id]
            digest = one.view_sha256 if is_view else one.sha256
            path = folder / name
            is_there = await self._fetch(digest, path)
            fits = is_there and await asyncio.to_thread(sha256_of, path) == digest
            listed.append({"id": one.id, "file": name, "called": one.name, "is_there": is_there, "fits": fits})
        return folder, listed

    def _new_folder(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._folder))

    async def _fetch(self, digest: str, file: Path) -> bool:
        """False when the store does not have it."""
        try:
            with file.open("wb") as opened:
                async for chunk in self._objects.open(digest):
                    opened.write(chunk)
        except FileNotFoundError:
            await asyncio.to_thread(file.unlink)
            return False
        return True

    async def _view(self, one: Evidence) -> bytes | None:
        """Only as it was made: what else stands in its place may be anything."""
        try:
            view = await self._objects.read(one.view_sha256) if one.view_sha256 else b""
        except FileNotFoundError:
            return None
        return view if view and verify.sha256(view) == one.view_sha256 else None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a pack is made of, besides the originals."""

    wording: Wording
    checklist: Checklist
    gathered: Gathered
    chats: Sequence[Chat]
    names: Mapping[str, str]
    views: Mapping[str, bytes]

    def contents(self, stamp: Stamp) -> dict[str, bytes]:
        page = Summary(self.wording, self.checklist, self.gathered, self.chats, self.names, self.views, stamp).page()
        made = {SUMMARY: page, VERIFY: Path(verify.__file__).read_bytes()}
        files = {name: archive.measure(content) for name, content in made.items()}
        for one in self.gathered.mine.evidence:
            if one.state is EvidenceState.KEPT:
                files[self.names[one.id]] = {"sha256": one.sha256, "size": one.size}
        raw = canonical_json(manifest(self.gathered, self.chats, self.names, files, stamp))
        total = f"{verify.sha256(raw)}  {verify.MANIFEST}\n".encode()
        return {**made, verify.MANIFEST: raw, verify.SUM: total}


def last_made(entries: Sequence[Entry]) -> dict[str, Any] | None:
    """The facts of the customer's last pack, if nothing but asking for it again has happened since."""
    for entry in reversed(entries):
        if entry.what == "packed" and entry.actor == "bot":
            return {name: value for name, value in entry.facts.items() if name != "said"}
        if (entry.what, entry.actor) != ("downloaded", "customer"):
            return None
    return None
