"""Asking servers: sessions that try again, and failures told so that somebody can act on them."""

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
TIMEOUT_SEC = (10.0, 60.0)  # to connect; between two pieces of an answer
BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, HTTPError, EOFError)


class Refused(DownloadFailed):
    """The server answered, and will answer the same again."""


class Broken(DownloadFailed):
    """The connection failed on the way: perhaps it holds the next time."""


@contextmanager
def session() -> Iterator[requests.Session]:
    """A session for http and https alone, which verifies certificates and asks again when a server is busy."""
    retry = Retry(_RETRIES, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False)
    with requests.Session() as opened:
        for scheme in ("http://", "https://"):
            opened.mount(scheme, HTTPAdapter(max_retries=retry))
        opened.headers["User-Agent"] = "har-demo"
        yield opened


@contextmanager
def told(url: str, way_out: str) -> Iterator[None]:
    """Turns what can go wrong on the way to a server into DownloadFailed.

    Args:
        url: who is asked.
        way_out: a sentence: what else somebody can do.
    """
    host = urlsplit(url).hostname or url
    try:
        yield
    except RangeNotSupported as error:
        raise DownloadFailed(
            f"{host} does not send parts of a file.", "Single classes can be fetched only in parts.", way_out
        ) from error
    except requests.exceptions.SSLError as error:
        raise _unverified(host, way_out) from error
    except requests.HTTPError as error:
        raise _refused(host, error.response.status_code, way_out) from error
    except requests.Timeout as error:
        raise DownloadFailed(f"{host} did not answer in time.", "An answer takes seconds.", way_out) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema) as e:
        raise DownloadFailed(f"{url} is no address of a web server.", "https://… is expected.", way_out) from e
    except BROKEN as error:
        if _is_unknown(error):
            raise _unknown(host, way_out) from error
        raise Broken(
            f"The connection to {host} failed or broke off.", "It must hold while a file comes.", way_out
        ) from error
    except RemoteZipError as error:
        raise _remote(host, error, way_out) from error


def _remote(host: str, error: RemoteZipError, way_out: str) -> DownloadFailed:
    """`remotezip` keeps only the text of what requests raised, and the original as its context."""
    cause = error.__context__
    if isinstance(cause, requests.exceptions.SSLError):
        return _unverified(host, way_out)
    if isinstance(cause, requests.HTTPError) and cause.response is not None:
        return _refused(host, cause.response.status_code, way_out)
    if _is_unknown(cause):
        return _unknown(host, way_out)
    return DownloadFailed(f"{host} cannot be reached, or answers with nonsense.", "A file was expected.", way_out)


def _refused(host: str, status: int, way_out: str) -> DownloadFailed:
    kind = Refused if 400 <= status < 500 and status not in (408, 429) else DownloadFailed  # those two mean: later
    return kind(f"{host} answered {status}.", "The file was expected.", way_out)


def _is_unknown(error: BaseException | None) -> bool:
    """Whether a server's name could not be looked up."""
    return error is not None and any(isinstance(getattr(of, "reason", of), NameResolutionError) for of in error.args)


def _unknown(host: str, way_out: str) -> DownloadFailed:
    return DownloadFailed(
        f"The address {host} is not known.", "Perhaps there is no network, or the address is wrong.", way_out
    )


def _unverified(host: str, way_out: str) -> DownloadFailed:
    return DownloadFailed(
        f"{host} could not prove that it is {host} (its TLS certificate does not verify).",
        "Nothing is fetched from a server that cannot.",
        way_out,
    )
