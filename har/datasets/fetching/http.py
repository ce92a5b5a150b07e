"""HTTP sessions that retry, and failures in words that users can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from remotezip import RangeNotSupported, RemoteZipError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError
from urllib3.util import Retry

from har.errors import DownloadFailed

_RETRIES = 3
TIMEOUT_SEC = (10.0, 60.0)  # to connect; between two parts of a response
_BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, HTTPError, EOFError)
_BAD_URL = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)


class RequestRefused(DownloadFailed):
    """The server refused the request, and would refuse it again."""


class ConnectionBroken(DownloadFailed):
    """The connection broke: another attempt may succeed."""


@contextmanager
def open_session() -> Iterator[requests.Session]:
    """A session for http and https only, which verifies certificates and retries when a server is busy."""
    retry = Retry(_RETRIES, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False)
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        session.headers["User-Agent"] = "har-demo"
        yield session


@contextmanager
def raising_download_failed(url: str, remedy: str) -> Iterator[None]:
    """Turns every failure of a request in this block into `DownloadFailed`.

    Args:
        url: of the request.
        remedy: a sentence: what else users can do.
    """
    host = urlsplit(url).hostname or url
    try:
        yield
    except RangeNotSupported as error:
        raise DownloadFailed(
            f"{host} does not send parts of a file.", "Single classes need partial downloads.", remedy
        ) from error
    except requests.exceptions.SSLError as error:
        raise _unverified(host, remedy) from error
    except requests.HTTPError as error:
        raise _http_error(host, error.response.status_code, remedy) from error
    except requests.Timeout as error:
        raise DownloadFailed(f"{host} did not answer in time.", "A response takes seconds.", remedy) from error
    except _BAD_URL as error:
        raise _bad_url(url, remedy) from error
    except _BROKEN as error:
        if _is_unknown_host(error):
            raise _unknown_host(host, remedy) from error
        raise ConnectionBroken(
            f"The connection to {host} failed or broke.", "It must hold during the download.", remedy
        ) from error
    except RemoteZipError as error:
        raise _remote_zip_error(url, host, error, remedy) from error


def _remote_zip_error(url: str, host: str, error: RemoteZipError, remedy: str) -> DownloadFailed:
    """`remotezip` keeps only the text of the error from requests, and the original as its context."""
    cause = error.__context__
    if isinstance(cause, _BAD_URL):
        return _bad_url(url, remedy)
    if isinstance(cause, requests.exceptions.SSLError):
        return _unverified(host, remedy)
    if isinstance(cause, requests.HTTPError) and cause.response is not None:
        return _http_error(host, cause.response.status_code, remedy)
    if _is_unknown_host(cause):
        return _unknown_host(host, remedy)
    return DownloadFailed(f"{host} cannot be reached, or its response is invalid.", "A file was expected.", remedy)


def _bad_url(url: str, remedy: str) -> DownloadFailed:
    return DownloadFailed(f"{url} is not a web address.", "https://… is expected.", remedy)


def _http_error(host: str, status: int, remedy: str) -> DownloadFailed:
    refused = 400 <= status < 500 and status not in (408, 429)  # these two ask to try again later
    kind = RequestRefused if refused else DownloadFailed
    return kind(f"{host} answered with HTTP status {status}.", "The file was expected.", remedy)


def _is_unknown_host(error: BaseException | None) -> bool:
    return error is not None and any(isinstance(getattr(of, "reason", of), NameResolutionError) for of in error.args)


def _unknown_host(host: str, remedy: str) -> DownloadFailed:
    return DownloadFailed(
        f"There is no server called {host}.", "The network may be down, or the address wrong.", remedy
    )


def _unverified(host: str, remedy: str) -> DownloadFailed:
    return DownloadFailed(
        f"The TLS certificate of {host} could not be verified.",
        "Files are downloaded from verified servers only.",
        remedy,
    )
