"""HTTP sessions that retry, and failures in words that users can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urljoin, urlsplit

import requests
from remotezip import RangeNotSupported, RemoteZipError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError
from urllib3.util import Retry

from har.errors import DownloadFailed

_RETRIES = 3
TIMEOUT_SEC = (10.0, 60.0)  # to connect; between two parts of a response


class RequestRefused(DownloadFailed):
    """The server refused the request, and would refuse it again."""


class ConnectionBroken(DownloadFailed):
    """The connection broke: another attempt may succeed."""


class _WithinHost(requests.Session):  # type: ignore[misc]  # requests has no types
    """Follows redirects to the same scheme, host and port only."""

    def get_redirect_target(self, response: requests.Response) -> str | None:
        """Where a response redirects to, if it does."""
        target: str | None = super().get_redirect_target(response)
        if target is not None and _origin(urljoin(response.url, target)) != _origin(response.url):
            host, other = (urlsplit(url).hostname for url in (response.url, urljoin(response.url, target)))
            raise RequestRefused(
                f"{host} redirects to another server, {other}.",
                "The file is only downloaded from the server of its address.",
                "Check the address.",
            )
        return target


def _origin(url: str) -> tuple[str, str | None, int | None]:
    address = urlsplit(url)
    return address.scheme, address.hostname, address.port


@contextmanager
def open_session(
    retries: int | None = None, redirects: Literal["anywhere", "within host"] = "anywhere"
) -> Iterator[requests.Session]:
    """A session for http and https only, which verifies certificates and retries when a server is busy.

    By default it does so three times. With redirects 'within host', `RequestRefused` is raised for those to another
    scheme, host or port.
    """
    retry = Retry(
        _RETRIES if retries is None else retries,
        backoff_factor=0.5,
        status_forcelist=(429, 500, 502, 503, 504),
        raise_on_status=False,
    )
    with (_WithinHost if redirects == "within host" else requests.Session)() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        session.headers["User-Agent"] = "har-demo"
        yield session


@contextmanager
def raising_download_failed(url: str, remedy: str) -> Iterator[None]:
    """Turn each failure of a request in this block into `DownloadFailed`; `remedy` says what else users can do."""
    try:
        yield
    except (requests.RequestException, HTTPError, RangeNotSupported, EOFError) as error:
        raise _download_failed(error, url, remedy) from error
    except RemoteZipError as error:  # it keeps only the text of the error from requests, and the error as its context
        raise _download_failed(error.__context__, url, remedy) from error


def _download_failed(error: BaseException | None, url: str, remedy: str) -> DownloadFailed:
    host = urlsplit(url).hostname or url
    match error:
        case RangeNotSupported():
            return DownloadFailed(
                f"{host} does not support range requests.", "Downloading single classes needs them.", remedy
            )
        case requests.exceptions.SSLError():
            return DownloadFailed(
                f"The TLS certificate of {host} could not be verified.",
                "Files are only downloaded from verified servers.",
                remedy,
            )
        case requests.HTTPError() if error.response is not None:
            status = error.response.status_code
            refused = 400 <= status < 500 and status not in (408, 429)  # these two ask to try again later
            kind = RequestRefused if refused else DownloadFailed
            return kind(f"{host} answered with HTTP status {status}.", "The file was expected.", remedy)
        case requests.Timeout():
            return DownloadFailed(f"{host} did not answer in time.", "It should answer within seconds.", remedy)
        case (
            requests.exceptions.InvalidURL() | requests.exceptions.MissingSchema() | requests.exceptions.InvalidSchema()
        ):
            return DownloadFailed(
                f"{url} is not a web address.", "An address that starts with https:// was expected.", remedy
            )
        case _ if any(isinstance(getattr(of, "reason", of), NameResolutionError) for of in getattr(error, "args", ())):
            return DownloadFailed(
                f"There is no server called {host}.", "The network may be down, or the address may be wrong.", remedy
            )
        case requests.RequestException() | HTTPError() | EOFError():
            return ConnectionBroken(
                f"The connection to {host} failed.", "It is needed until the download is complete.", remedy
            )
    return DownloadFailed(f"{host} cannot be reached, or its response is invalid.", "A file was expected.", remedy)
