"""Limits of uploads, and headers, around a fake of Streamlit's server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

import pytest
from starlette.requests import ClientDisconnect
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from har.settings import settings
from ui.server import EarlyStyle, Headers, UploadLimits

KIB = 1 << 10


@dataclass
class FakeStreamlit:
    """Sessions with an open tab, and the uploads that are held."""

    open_sessions: set[str] = field(default_factory=lambda: {"a", "b"})
    uploaded_file_mgr: MemoryUploadedFileManager = field(default_factory=lambda: MemoryUploadedFileManager("/"))
    in_memory: list[int] = field(default_factory=list)  # held uploads that were in memory when one was received
    failures: list[Exception | int] = field(default_factory=list)  # of the next uploads: raised, or the answer's status

    def is_active_session(self, session_id):
        return session_id in self.open_sessions

    def held(self):
        """All uploads."""
        return [each for files in self.uploaded_file_mgr.file_storage.values() for each in files.values()]

    async def __call__(self, scope, receive, send):
        """Receive an upload as Streamlit does."""
        match self.failures.pop(0) if self.failures else None:
            case Exception() as error:
                raise error
            case int() as status:
                return await send({"type": "http.response.start", "status": status, "headers": []})
        *_, session_id, file_id = scope["path"].split("/")
        data = b""
        while True:
            message = await receive()
            data += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.in_memory.append(sum(type(each.data) is bytes for each in self.held()))
        self.uploaded_file_mgr.add_file(session_id, UploadedFileRec(file_id, "a.mp4", "video/mp4", data))
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 204, "headers": []})


@pytest.fixture(autouse=True)
def limits(override, tmp_path):
    override(
        max_session_upload_bytes=100 * KIB,
        max_upload_bytes=150 * KIB,
        max_uploads_at_once=2,
        upload_stall_sec=0.05,
        home=tmp_path,
    )


def files():
    return sorted(settings().uploads.glob("*"))


def run(coroutine):
    """Run it in a thread of its own: in this one, Playwright may have left an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def upload(
    server, session_id="a", file_id="1", size=60 * KIB, body=None, announced=None, stands_still=False, answered=None
):
    """The status of the answer, and how many parts of the body were read."""
    sent, parts = [], [bytes(size)] if body is None else list(body)
    unread = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

    async def receive():
        if unread:
            return unread.pop(0)
        if stands_still:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)
        if answered:  # and not taken
            answered.set()
            await asyncio.Event().wait()

    length = [(b"content-length", str(size if announced is None else announced).encode())] if announced != "" else []
    path = f"/_stcore/upload_file/{session_id}/{file_id}"
    await server({"type": "http", "method": "PUT", "path": path, "headers": length}, receive, send)
    return sent[0]["status"] if sent else None, len(parts) - len(unread)


def answers(streamlit, *uploads, at_once=False):
    """The statuses of the answers, and how many parts of each body were read."""

    async def all_uploads():
        server = UploadLimits(streamlit, lambda: streamlit)
        if at_once:
            return await asyncio.gather(*(upload(server, **each) for each in uploads))
        return [await upload(server, **each) for each in uploads]

    return run(all_uploads())


def statuses(streamlit, *uploads, at_once=False):
    return [status for status, _ in answers(streamlit, *uploads, at_once=at_once)]


@pytest.mark.promise("hostile", "The size of the uploads of a tab is limited")
def test_uploads_under_invented_ids_are_refused_above_the_quota_of_a_session_before_they_are_read():
    assert answers(FakeStreamlit(), {"file_id": "1"}, {"file_id": "2"}) == [(204, 1), (507, 0)]
    small = [{"file_id": str(number), "size": 1} for number in range(7)]  # which count for their records
    assert statuses(FakeStreamlit(), *small) == [204] * 6 + [507]


@pytest.mark.promise("hostile", "The size of the uploads of all tabs is limited")
def test_all_sessions_together_have_a_quota():
    streamlit = FakeStreamlit({"a", "b", "c"})
    assert statuses(streamlit, *({"session_id": session} for session in "abc")) == [204, 204, 507]


@pytest.mark.promise("hostile", "Uploads of open tabs take no memory of the web process")
def test_held_uploads_are_on_disk_until_they_are_dropped():
    streamlit = FakeStreamlit()
    body = bytes(range(256)) * 100
    assert statuses(streamlit, {"body": [body[:9000], body[9000:]], "announced": len(body)}) == [204]
    (record,) = streamlit.uploaded_file_mgr.get_files("a", ["1"])
    assert (bytes(record.data), len(record.data)) == (b"", len(body))
    (path,) = files()
    assert path.read_bytes() == body
    assert UploadedFile(record, None).size == len(body)
    del record
    streamlit.uploaded_file_mgr.remove_file("a", "1")
    assert files() == []
    assert streamlit.uploaded_file_mgr.get_stats() == {}


def test_an_upload_that_replaces_another_removes_its_file():
    streamlit = FakeStreamlit()
    assert statuses(streamlit, {"size": 20 * KIB}, {"size": 30 * KIB}) == [204, 204]
    assert [path.stat().st_size for path in files()] == [30 * KIB]


def test_an_upload_that_is_refused_leaves_an_earlier_one_of_its_id_as_it_is():
    streamlit = FakeStreamlit()
    assert statuses(streamlit, {"size": 20 * KIB}) == [204]
    streamlit.failures.append(403)
    assert statuses(streamlit, {"size": 30 * KIB}) == [403]
    assert [path.stat().st_size for path in files()] == [20 * KIB]


def test_an_upload_that_is_removed_while_it_is_moved_stays_removed():
    class Removing(MemoryUploadedFileManager):
        def get_files(self, session_id, file_ids):
            found = super().get_files(session_id, file_ids)
            self.remove_session_files(session_id)
            return found

    streamlit = FakeStreamlit(uploaded_file_mgr=Removing("/"))
    assert statuses(streamlit, {}) == [204]
    assert (streamlit.held(), files()) == ([], [])


def test_one_upload_at_a_time_is_in_memory(override):
    override(max_uploads_at_once=32)
    streamlit = FakeStreamlit()
    four = [{"file_id": str(number), "size": 20 * KIB} for number in range(4)]
    assert answers(streamlit, *four, at_once=True) == [(204, 1)] * 4
    assert streamlit.in_memory == [0] * 4
    assert len(files()) == 4


def test_a_client_that_does_not_take_its_answer_holds_up_no_other():
    async def both():
        streamlit, answered = FakeStreamlit(), asyncio.Event()
        server = UploadLimits(streamlit, lambda: streamlit)
        stuck = asyncio.create_task(upload(server, size=20 * KIB, answered=answered))
        await answered.wait()
        result = await asyncio.wait_for(upload(server, "b"), 30)
        stuck.cancel()
        return result

    assert run(both()) == (204, 1)


def test_on_a_full_disk_uploads_stay_in_memory(tmp_path, override):
    (tmp_path / "file").touch()
    override(home=tmp_path / "file")  # in which no folder can be created
    streamlit = FakeStreamlit()
    assert statuses(streamlit, {}) == [204]
    assert [each.data for each in streamlit.held()] == [bytes(60 * KIB)]


def test_uploads_of_closed_tabs_make_room():
    streamlit = FakeStreamlit({"a", "b", "c"})
    assert statuses(streamlit, {"session_id": "a"}, {"session_id": "b"}) == [204, 204]
    streamlit.open_sessions.discard("a")
    assert statuses(streamlit, {"session_id": "c"}) == [204]
    assert set(streamlit.uploaded_file_mgr.file_storage) == {"b", "c"}


def test_upload_of_a_tab_that_is_closed_meanwhile_is_dropped():
    class Closing(MemoryUploadedFileManager):
        def add_file(self, session_id, file):
            super().add_file(session_id, file)
            streamlit.open_sessions.discard(session_id)

    streamlit = FakeStreamlit(uploaded_file_mgr=Closing("/"))
    assert statuses(streamlit, {}) == [204]
    assert streamlit.uploaded_file_mgr.file_storage == {}


@pytest.mark.promise("hostile", "Uploads of closed tabs are removed")
def test_uploads_of_a_closed_tab_are_dropped_unless_it_comes_back(override):
    override(upload_return_sec=0)
    streamlit = FakeStreamlit()

    async def close(session_id, come_back=False):
        closing = UploadLimits(lambda *_: asyncio.sleep(0), lambda: streamlit)
        streamlit.open_sessions.discard(session_id)
        await closing({"type": "websocket"}, None, None)
        if come_back:
            streamlit.open_sessions.add(session_id)
        for _ in range(3):  # the loop runs what is due
            await asyncio.sleep(0)

    assert statuses(streamlit, {"session_id": "a"}, {"session_id": "b"}) == [204, 204]
    run(close("b", come_back=True))
    run(close("a"))
    assert set(streamlit.uploaded_file_mgr.file_storage) == {"b"}


def test_all_uploads_are_removed_when_the_server_stops():
    streamlit = FakeStreamlit()
    assert statuses(streamlit, {"session_id": "a"}, {"session_id": "b"}) == [204, 204]
    assert len(files()) == 2
    run(UploadLimits(lambda *_: asyncio.sleep(0), lambda: streamlit)({"type": "lifespan"}, None, None))
    assert files() == []


def test_uploads_without_a_size_or_a_session_are_refused():
    assert statuses(FakeStreamlit(), {"announced": ""}, {"session_id": "unknown"}) == [411, 400]


@pytest.mark.promise("hostile", "Uploads that stall are aborted, and others can start")
def test_upload_that_stands_still_is_ended_and_frees_its_room_and_its_turn():
    streamlit = FakeStreamlit()
    still = {"stands_still": True}
    assert statuses(streamlit, still, still, still, {}) == [408, 408, 408, 204]


def test_upload_that_is_broken_off_is_no_error_and_frees_its_room():
    streamlit = FakeStreamlit(failures=[ClientDisconnect()] * 5)
    assert statuses(streamlit, *[{}] * 6) == [None] * 5 + [204]


def test_unfinished_uploads_count_towards_the_quota():
    two = {"stands_still": True}, {"file_id": "2"}
    assert statuses(FakeStreamlit(), *two, at_once=True) == [408, 507]


def test_uploads_wait_for_their_turn(override):
    override(max_uploads_at_once=1)
    three = {"stands_still": True}, {"session_id": "b"}, {"session_id": "b", "file_id": "2", "size": KIB}
    assert statuses(FakeStreamlit(), *three, at_once=True) == [408, 204, 204]


def test_upload_that_trickles_is_ended(override):
    override(upload_stall_sec=30)
    streamlit, seconds = FakeStreamlit(), count()

    def status(part):
        server = UploadLimits(streamlit, lambda: streamlit, lambda: next(seconds))  # a part each second
        return run(upload(server, body=[part] * 60, announced=60))[0]

    assert (status(b"x"), status(bytes(8 << 10))) == (408, 204)


def sent_by(app, scope):
    """The messages that an app sends."""
    sent = []

    async def keep(message):
        sent.append(message)

    run(app(scope, None, keep))
    return sent


@pytest.mark.parametrize("policy", ["frame-ancestors 'self'", ""])
def test_all_answers_have_headers_against_framing_and_guessed_types(override, policy):
    override(content_security_policy=policy)
    (answer,) = sent_by(Headers(FakeStreamlit(failures=[200])), {"type": "http"})
    headers = dict(answer["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers.get(b"content-security-policy", b"").decode() == policy


def fetched(accept, kind, *parts):
    """The headers and the body of a response that goes through `EarlyStyle`, and the request's headers."""
    requested = {}

    async def answer(scope, receive, send):
        requested.update(scope["headers"])
        length = str(sum(map(len, parts))).encode()
        headers = [(b"content-type", kind), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, part in enumerate(parts, 1):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})

    scope = {"type": "http", "headers": [(b"accept", accept), (b"accept-encoding", b"gzip")]}
    start, *rest = sent_by(EarlyStyle(answer, "a { b: c }"), scope)
    return dict(start["headers"]), b"".join(message["body"] for message in rest), requested


def test_documents_bring_their_style():
    headers, body, requested = fetched(b"text/html,*/*", b"text/html", b"<head><title>x</ti", b"tle></head>", b"<body>")
    assert body == b"<head><title>x</title><style>a { b: c }</style></head><body>"
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"accept-encoding" not in requested


def test_what_is_no_document_stays_as_it_is():
    for accept, part in ((b"*/*", b"<head></head>"), (b"text/html", b"nothing to change")):
        headers, body, _ = fetched(accept, b"text/css", part)
        assert body == part
        assert headers[b"content-length"] == str(len(part)).encode()
