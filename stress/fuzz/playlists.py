"""Files that make ffmpeg read other files: none may be followed. They refer to a planted file and a planted port."""

import random
import struct

from stress.fuzz.tripwire import Tripwire

_TEXTS = {
    "hls": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n{ref}\n#EXT-X-ENDLIST\n",
    "hls key": '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="{ref}"\n#EXTINF:1,\n{ref}\n',
    "hls range": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n#EXT-X-BYTERANGE:9@0\nconcat:{ref}|{ref}\n",
    "hls master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{ref}\n",
    "concat": "ffconcat version 1.0\nfile '{ref}'\nduration 1\n",
    "concat bare": "file '{ref}'\n",
    "concat option": "stream\nexact_stream_id 0\nfile '{ref}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1" bandwidth="1"><BaseURL>{ref}</BaseURL><SegmentBase/></Representation></AdaptationSet>'
    "</Period></MPD>",
    "smooth": '<SmoothStreamingMedia><StreamIndex Url="{ref}"/></SmoothStreamingMedia>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5 RTP/AVP 96\na=control:{ref}\n",
    "smil": '<smil><body><video src="{ref}"/></body></smil>',
    "asx": '<asx version="3.0"><entry><ref href="{ref}"/></entry></asx>',
    "pls": "[playlist]\nFile1={ref}\nNumberOfEntries=1\n",
    "ram": "{ref}\n",
    "reference": "[Reference]\nRef1={ref}\n",
    "rtsp text": "RTSPtext\r\n{ref}\r\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{ref}"/></svg>',
    "xml": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "{ref}">]><a>&b;</a>',
    "imf": '<?xml version="1.0"?><AssetMap><AssetList><Path>{ref}</Path></AssetList></AssetMap>',
    "avisynth": 'AviSource("{ref}")\n',
    "vapoursynth": "import vapoursynth\nopen('{ref}').read()\n",
    "image list": "{ref}\n{ref}\n",
    "webvtt": "WEBVTT\n\n00:00.000 --> 00:01.000\n{ref}\n",
}


def make(tripwire: Tripwire, seeds: dict[str, bytes], rng: random.Random) -> tuple[str, bytes]:
    """A description, and the content."""
    reference = _reference(tripwire, rng)
    if rng.random() < 0.3:
        kind, data = rng.choice((_gab2, _data_reference, _reference_movie))(reference, tripwire, seeds)
        return f"{kind} to {reference[:12]}", data
    name = rng.choice(list(_TEXTS))
    data = _TEXTS[name].format(ref=reference).encode()
    return f"{name} to {reference[:12]}", _disguise(data, seeds, rng)


def _reference(tripwire: Tripwire, rng: random.Random) -> str:
    path = rng.choice((tripwire.text, tripwire.video))
    return rng.choice(
        (
            str(path), f"file:{path}", f"file://{path}", tripwire.url, tripwire.url.replace("http", "tcp"),
            f"subfile,,start,0,end,9,,:{path}",
            f"crypto:{path}", f"concat:{path}|{path}", f"../{path.parent.name}/{path.name}", f"cache:{tripwire.url}",
            f"data:,{path}",
            f"async:{path}", f"tee:{path}", f"pipe:{path}", f"ffrtmphttp://{tripwire.url[7:]}",
            tripwire.url.replace("http", "hls+http"),
        )
    )  # fmt: skip


def _disguise(data: bytes, seeds: dict[str, bytes], rng: random.Random) -> bytes:
    """Behind blanks, byte order marks or the start of another file, or in another encoding."""
    video = rng.choice(list(seeds.values()))
    return rng.choice(
        (
            data, data, data, b"\xef\xbb\xbf" + data, b"\n \t\r\n" * 9 + data, b"\0" + data, video[:64] + data,
            data + video, video + data,
            data.upper(), data.decode().encode("utf-16"), b"#" + b" " * 9000 + b"\n" + data, data.replace(b"\n",
            b"\r\n"), b"\x0c\x0b" + data,
            b"<!-- x -->" + data, b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + data,
        )
    )  # fmt: skip


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def _gab2(reference: str, tripwire: Tripwire, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """An AVI whose subtitles are a playlist: ffmpeg probes the format of such subtitles inside the file."""
    text = _TEXTS["hls"].format(ref=reference).encode()
    captions = b"GAB2\0" + struct.pack("<HI", 2, 2) + b"x\0" + struct.pack("<HI", 4, len(text)) + text
    jpeg = seeds["jpeg.avi"]
    at = jpeg.find(b"00dc") + 8
    picture = jpeg[at : at + struct.unpack_from("<I", jpeg, at - 4)[0]]
    main = struct.pack("<14I", 100_000, 0, 0, 0x10, 1, 0, 2, 0, 48, 32, 0, 0, 0, 0)
    form = struct.pack("<IiiHH4s5I", 40, 48, 32, 1, 24, b"MJPG", 48 * 32 * 3, 0, 0, 0, 0)

    def stream(kind: bytes, handler: bytes, form: bytes) -> bytes:
        head = kind + handler + struct.pack("<IHHIIIIIIII8s", 0, 0, 0, 0, 1, 10, 0, 1, 0, 0, 0, bytes(8))
        return _chunk(b"LIST", b"strl" + _chunk(b"strh", head) + _chunk(b"strf", form))

    headers = b"hdrl" + _chunk(b"avih", main) + stream(b"vids", b"MJPG", form) + stream(b"txts", bytes(4), b"")
    movie = b"movi" + _chunk(b"01tx", captions) + _chunk(b"00dc", picture)
    return "gab2", _chunk(b"RIFF", b"AVI " + _chunk(b"LIST", headers) + _chunk(b"LIST", movie))


def _data_reference(reference: str, tripwire: Tripwire, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """An MP4 whose samples refer to another file."""
    data = seeds["mpeg4.mp4"]
    at = data.find(b"dref") - 4
    (long,) = struct.unpack_from(">I", data, at)
    entry = _box(b"url ", bytes(4) + reference.encode() + b"\0")
    new = _box(b"dref", bytes(4) + struct.pack(">I", 1) + entry)
    grown = bytearray(data[:at] + new + data[at + long :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = grown.find(name) - 4
        struct.pack_into(">I", grown, place, struct.unpack_from(">I", grown, place)[0] + len(new) - long)
    return "dref", bytes(grown)


def _reference_movie(reference: str, tripwire: Tripwire, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """A QuickTime file that only refers to another."""
    where = reference.encode() + b"\0"
    box = _box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(where)) + where)
    return "rmra", _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", _box(b"rmra", _box(b"rmda", box)))
