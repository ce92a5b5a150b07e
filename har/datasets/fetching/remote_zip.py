"""A zip on a server of which only parts are fetched."""

from typing import Any

import requests
from remotezip import PartialBuffer, RemoteFetcher, RemoteZip, RemoteZipError

from har.datasets.fetching.archive_entries import directory_limit
from har.datasets.fetching.http import TIMEOUT_SEC


class Server:
    """The zip on the server: its directory is read when first needed, and anew after something went wrong."""

    def __init__(self, url: str, web: requests.Session, directory_bytes: int) -> None:
        self._url, self._web, self._directory_bytes = url, web, directory_bytes
        self._opened: RemoteZip | None = None

    def zip(self) -> RemoteZip:
        """The zip, open.

        Raises:
            RemoteZipError, zipfile.BadZipFile, requests.RequestException: it cannot be read.
        """
        if self._opened is None:
            self._opened = RemoteZip(
                self._url, self._directory_bytes, session=self._web, fetcher=_Fetcher, timeout=TIMEOUT_SEC
            )
        return self._opened

    def close(self) -> None:
        """Let go: what is left of a broken answer must not be read as the beginning of the next."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


class _Fetcher(RemoteFetcher):  # type: ignore[misc]  # remotezip brings no types
    """Refuses to read more than was asked for, and a directory that no zip of so many clips can have."""

    def fetch(self, data_range: tuple[int, int | None], stream: bool = False) -> PartialBuffer:
        """A part of the remote file."""
        first, last = data_range
        if not stream and last is not None and last - first > directory_limit():
            raise RemoteZipError("a directory beyond all measure")
        return super().fetch(data_range, stream=stream)

    def _request(self, kwargs: dict[str, Any]) -> tuple[Any, str]:
        answer, content_range = super()._request(kwargs)
        first, last = self.parse_range_header(kwargs["headers"]["Range"])
        asked_bytes = -first if last is None else last - first + 1
        try:
            first, last = self.parse_range_header(content_range)
            if last is None or last - first + 1 > asked_bytes:
                raise ValueError("more than was asked for")
        except ValueError as error:
            answer.close()
            raise RemoteZipError(f"a part that was not asked for: {content_range}") from error
        return answer, content_range
