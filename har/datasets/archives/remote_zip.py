"""A zip archive on a server, of which only parts are downloaded."""

from typing import Any

import requests
from remotezip import PartialBuffer, RemoteFetcher, RemoteZip, RemoteZipError

from har.datasets.archives.entries import max_directory_bytes
from har.downloads.http import TIMEOUT_SEC


class RemoteArchive:
    """A zip on a server: its directory is read when it is first needed, and again after a failure."""

    def __init__(self, url: str, session: requests.Session, directory_bytes: int) -> None:
        self._url, self._session, self._directory_bytes = url, session, directory_bytes
        self._zip: RemoteZip | None = None

    def zip(self) -> RemoteZip:
        """The open zip.

        Raises:
            RemoteZipError, zipfile.BadZipFile, requests.RequestException: it cannot be read.
        """
        if self._zip is None:
            self._zip = RemoteZip(
                self._url, self._directory_bytes, session=self._session, fetcher=_Fetcher, timeout=TIMEOUT_SEC
            )
        return self._zip

    def close(self) -> None:
        """Close the connection: the rest of a broken response must not be read as the start of the next."""
        if self._zip is not None:
            self._zip.close()
            self._zip = None


class _Fetcher(RemoteFetcher):  # type: ignore[misc]  # remotezip has no types
    """Refuses to read more than was requested, or a directory larger than that of the largest zip allowed."""

    def fetch(self, data_range: tuple[int, int | None], stream: bool = False) -> PartialBuffer:
        """A part of the remote file."""
        first, last = data_range
        if not stream and last is not None and last - first > max_directory_bytes():
            raise RemoteZipError("the directory is too large")
        return super().fetch(data_range, stream=stream)

    def _request(self, kwargs: dict[str, Any]) -> tuple[Any, str]:
        response, content_range = super()._request(kwargs)
        first, last = self.parse_range_header(kwargs["headers"]["Range"])
        requested_bytes = -first if last is None else last - first + 1
        try:
            first, last = self.parse_range_header(content_range)
            if last is None or last - first + 1 > requested_bytes:
                raise ValueError("more than was requested")
        except ValueError as error:
            response.close()
            raise RemoteZipError(f"not the requested part: {content_range}") from error
        return response, content_range
